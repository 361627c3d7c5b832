"""The compiled loops of marking against the Python ones: the same snippets to the character, for any text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise, product
from string import ascii_lowercase
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_seeker import FOUND, LETTERS
from tests.test_snippets import MARKERS, NEWS, PIECES, SENTENCES, TEXTS, exact, forms_in
from wco_search import compiled
from wco_search.analysis import default_analyzer, tokenizer
from wco_search.analysis.seeker import Seeker, _needles
from wco_search.fragments import Fragment, Mark, Snippet
from wco_search.snippets import Highlighter, Marker, WordTest
from wco_search.text import fold

pytestmark = pytest.mark.skipif(not compiled.MARKING, reason="the loops are not compiled, or not wanted")

WORDS = """
груз Груза таможня таможне COVID-19 U.S. т.е т.д г ул руб Mr no стр А 2020 5 Straße ŉ ǅ ﬁ ª ² ٣ हिन्दी 税関 𝒳 😀
👩\u200d✈️ за\u0301мок та\u00adмож\u00adня раи\u0306он тaможня слово_слово
""".split()
SIGNS = """. . . ! ? … .. ?! ." .» .) ’ “ ” [ ] _ - – , ; « ( — \u0301 \u200d \ufeff \x00 \x85 < & '""".split(" ")
SPACES = [" ", " ", " ", " ", "  ", "\n", "\r\n", "\n\n", "\r\r", "\u2028", "\u2029", "\u00a0", "\x1c", "\u3000", "\t"]
ANY = st.lists(st.sampled_from(WORDS + SIGNS + SPACES), max_size=50).map("".join) | TEXTS
SOME = st.text(alphabet="груз ГРУЗ.\n-5", max_size=40)


@contextmanager
def plain() -> Iterator[None]:
    """Python does the work."""
    with patch.object(compiled, "MARKING", False):
        yield


def both_ways(markers: list[Marker], title: str, body: str, fragments: int, length: int, *, seeking: bool) -> Snippet:
    """Compare the snippets and marks of both ways, and give the snippet."""
    forms_of = forms_in(title, body) if seeking else None
    found = Highlighter(markers, default_analyzer(), forms_of=forms_of)
    snippet, marks = found.snippet(title, body, fragments=fragments, length=length), found.marks(body, "body")
    shown = snippet.to_html(), snippet.to_text(marks=("[", "]"))
    with plain():
        expected = Highlighter(markers, default_analyzer(), forms_of=forms_of)
        assert snippet == expected.snippet(title, body, fragments=fragments, length=length)
        assert marks == expected.marks(body, "body")
        assert shown == (snippet.to_html(), snippet.to_text(marks=("[", "]")))
    return snippet


@given(ANY, ANY, MARKERS, st.integers(1, 4), st.integers(1, 80), st.booleans())
def test_any_text_gives_the_same_snippet(
    title: str, body: str, markers: list[Marker], fragments: int, length: int, seeking: bool
) -> None:
    """Words, phrases, titles and bodies, cut or whole."""
    both_ways(markers, title, body, fragments, length, seeking=seeking)


ENDS = ["груз", "Груз, ", "г", "ул", "Mr", "т.д", "сt", "5", "1", "ёл"]  # an abbreviation in letters of two alphabets


@given(st.lists(st.sampled_from([*ENDS, *SIGNS, *SPACES]), max_size=60), st.data())
def test_any_ends_of_sentences_are_found_the_same(parts: list[str], data: st.DataObject) -> None:
    """A mark in every other word shows nearly every unit."""
    body = "".join(parts)
    both_ways([exact("груз"), exact("mr", "ул")], "", body, 40, data.draw(st.integers(1, 60)), seeking=True)


@pytest.mark.parametrize("text", [*(line.replace("|", "") for line in SENTENCES), NEWS, *(row[0] for row in PIECES)])
def test_written_sentences_are_cut_the_same(text: str) -> None:
    """Those that the tables of the Python loops tell."""
    words = {form for word in text.split() for form in (word.lower().strip(".,;:!?«»()"),) if form}
    for length in (20, 60, 240):
        for form in sorted(words):
            both_ways([exact(form)], "", text, 3, length, seeking=True)


@pytest.mark.parametrize("text", [row[1] for row in FOUND])
@pytest.mark.parametrize("form", [row[0] for row in FOUND])
def test_written_chunks_are_found_the_same(form: str, text: str) -> None:
    """Any form of the table in any text of it."""
    same_chunks([form], text)


@given(LETTERS | SOME | ANY | st.text(max_size=40), st.data())
def test_any_chunks_are_found_the_same(text: str, data: st.DataObject) -> None:
    """Forms from the text, and others."""
    size = st.integers(1, 6)
    cuts = st.integers(0, max(0, len(text) - 1)).flatmap(lambda a: size.map(lambda n: text[a : a + n].casefold()))
    same_chunks(data.draw(st.lists(cuts | st.sampled_from(["груз", "5", "us", "a", "税"]), max_size=4)), text)


@given(st.text(alphabet="aBstTh1дЖё-./_,&@–’' ", min_size=1, max_size=30), st.integers(0, 2))
def test_any_chunk_is_cut_into_the_same_forms(text: str, slop: int) -> None:
    """Every form of a text is marked there, and every two neighbours: joined words, names in programs, numbers."""
    forms = list(dict.fromkeys(token.form for token in default_analyzer().tokens(text)))[:20]
    phrases = [Marker(exact(*pair).words, slop=slop) for pair in pairwise(forms)]
    both_ways(phrases, "", text, 3, 20, seeking=True)
    for form in forms:
        both_ways([exact(form)], "", text, 3, 20, seeking=True)


@pytest.mark.parametrize("parts", [14, 15, 16, 17, 18])
@pytest.mark.parametrize("part", ["aB1", "и", "и-", "Ab.", "1,"])
def test_limits_of_a_chunk_are_kept(part: str, parts: int) -> None:
    """Of its pieces, its joiners and its length."""
    text = f"груз {part * parts}Ab1 груз {'ab' * parts * 8} груз {'a' * (238 + parts)} груз"
    forms = list(dict.fromkeys(token.form for token in default_analyzer().tokens(text)))
    both_ways([exact("груз", "груз"), *map(exact, forms)], "", text, 3, 20, seeking=True)
    both_ways([Marker(exact("груз", "груз").words, slop=2 * parts)], "", text, 3, 20, seeking=True)


@pytest.mark.parametrize("longer", [-1, 0, 1, 2])
@pytest.mark.parametrize(
    ("limit", "chunk_of"),
    [
        (tokenizer.MAX_JOINERS, lambda size: "-".join("и" * (size + 1))),
        (tokenizer.MAX_FORM, lambda size: "Ж" * size),
        (tokenizer.MAX_WHOLE, lambda size: f"и-{'о' * (size - 2)}"),
        (tokenizer._MAX_PIECES, lambda size: f"{'1ab' * (size // 2)}{'1' * (size % 2)}"),
    ],
)
def test_both_ways_have_the_same_limits(limit: int, chunk_of: Callable[[int], str], longer: int) -> None:
    """The tokenizer's, which the compiled loops repeat."""
    chunk = chunk_of(limit + longer)
    forms = {token.form for token in default_analyzer().tokens(chunk)} | {fold(chunk), "1", "ab"}
    for form in forms:  # each alone: the mark of a whole is that of its parts together
        both_ways([exact(form)], "", f"Ab {chunk} 1", 3, 20, seeking=True)


def test_both_ways_know_the_same_endings_of_numbers() -> None:
    """The tokenizer's, which are no pieces."""
    endings = list(map("".join, product(ascii_lowercase, repeat=2)))
    text = " ".join(f"1{ending}" for ending in endings)
    both_ways(list(map(exact, endings)), "", text, 3, 20, seeking=True)


@given(
    st.lists(st.text(alphabet="груз ёus5-é", max_size=20) | st.text(max_size=5) | st.sampled_from(WORDS), max_size=20)
)
def test_the_same_beginnings_are_sought(forms: list[str]) -> None:
    """Of any forms, also those that need no search."""
    found = _needles(forms)
    with plain():
        assert found == _needles(forms)


def same_chunks(forms: list[str], text: str) -> None:
    """Compare the chunks of both ways."""
    found = Seeker(forms).chunks(text)
    with plain():
        assert found == Seeker(forms).chunks(text)


@given(ANY | st.text(max_size=30), st.lists(st.integers(-3, 40), max_size=8), st.integers(-2, 5))
def test_any_fragment_is_shown_the_same(text: str, places: list[int], start: int) -> None:
    """Also one whose marks are not where they should be."""
    marks = tuple(Mark(first, last) for first, last in zip(places[::2], places[1::2], strict=False))
    snippet = Snippet((Fragment("body", text, start, start + len(text), marks),))
    shown = snippet.to_html(), snippet.to_text(marks=("[", "]"))
    with plain():
        assert shown == (snippet.to_html(), snippet.to_text(marks=("[", "]")))


@pytest.mark.parametrize("count", [1, 63, 64, 90])
def test_many_markers_choose_the_same(count: int) -> None:
    """Their sets do not fit into a machine word from 64 on."""
    markers = [Marker((WordTest(forms=frozenset({f"w{n}"})),), weight=1 + n % 7 / 3) for n in range(count)]
    body = " ".join(f"A w{n} and W{n * 7 % count} or w{n * n % count}." for n in range(count))
    for fragments in (1, 3, 200):
        both_ways(markers, "", body, fragments, 30, seeking=False)


def test_a_text_may_be_of_a_class_of_its_own() -> None:
    """As `Document` takes it."""

    class Text(str):
        __slots__ = ()

    body = Text("Изъят груз. Снова. Дело о новых грузах и прочем! Изъят груз. " * 5)
    snippet = both_ways([exact("груз")], Text("Груз"), body, 3, 40, seeking=True)
    assert [one.field for one in snippet.fragments] == ["title", "body", "body"]


def test_there_may_be_room_without_end() -> None:
    """Numbers larger than a machine word."""
    body = "Изъят груз. " * 30
    assert len(both_ways([exact("груз")], "", body, 10**30, 40, seeking=True).fragments) == 1
    assert both_ways([exact("груз")], "", body, 1, 10**30, seeking=True).fragments[0].text == body.strip()


def test_values_are_filled_in_the_same() -> None:
    """Of a frozen class; neither way takes too few values or too many."""
    names = ("start", "field")
    rows = [(3, "title"), (0, "body")]
    found = compiled.filled(Fragment, names, rows)
    with plain():
        expected = compiled.filled(Fragment, names, rows)
    for made in (found, expected):
        assert [type(one) for one in made] == [Fragment, Fragment]
        assert [(one.start, one.field) for one in made] == rows
        assert not hasattr(made[0], "text")
    for row in ((1,), (1, "body", 2)):
        with pytest.raises(ValueError, match=r"."):
            compiled.filled(Fragment, names, [row])
        with plain(), pytest.raises(ValueError, match=r"."):
            compiled.filled(Fragment, names, [row])
