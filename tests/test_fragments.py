"""Snippets as values: what they show as text, in a terminal, as HTML and as JSON."""

from __future__ import annotations

import copy
import dataclasses
import html
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search.fragments import Fragment, Mark, Snippet


def fragment(marked: str, *, field: str = "body", start: int = 0, cut: str = "") -> Fragment:
    """A fragment from text with its marks in [brackets]; `cut` has `<` where text goes on before it, `>` behind it."""
    marks, text = [], ""
    for part in re.split(r"(\[[^\]]*\])", marked):
        if part.startswith("["):
            marks.append(Mark(start + len(text), start + len(text) + len(part) - 2))
        text += part.strip("[]")
    before, after = "<" in cut, ">" in cut
    return Fragment(field, text, start, start + len(text), tuple(marks), cut_before=before, cut_after=after)


SHOWN = [
    # fragments, the line that is read
    ([], ""),
    ([fragment("ФТС изъяла [окаменелости].")], "ФТС изъяла [окаменелости]."),
    ([fragment("[Customs] seized [fossils]", cut="<>")], "… [Customs] seized [fossils] …"),
    ([fragment("One [fossil].", cut=">"), fragment("Two.", start=90, cut="<")], "One [fossil]. … Two."),
    ([fragment("A", cut="<>"), fragment("B", start=9, cut="<>"), fragment("C", start=20, cut="<>")], "… A … B … C …"),
    ([fragment("[WCO] News", field="title"), fragment("The 93rd edition.")], "[WCO] News — The 93rd edition."),
    ([fragment("[WCO]", field="title", cut=">"), fragment("edition", start=9, cut="<")], "[WCO] … — … edition"),
    ([fragment("[WCO] News", field="title")], "[WCO] News"),
    ([fragment("Пошлины:\r\n\t5\u00a0% \u2028 и [10]\u202f%")], "Пошлины: 5 % и [10] %"),
    ([fragment("[за́мок] и [COVID-19] 🇷🇺👩\u200d✈️")], "[за́мок] и [COVID-19] 🇷🇺👩\u200d✈️"),
]


@pytest.mark.parametrize(("fragments", "line"), SHOWN)
def test_a_snippet_is_one_line(fragments: list[Fragment], line: str) -> None:
    """Text, terminal and HTML show the same line, each with its own marks."""
    snippet = Snippet(tuple(fragments))
    assert snippet.to_text(marks=("[", "]")) == line
    assert snippet.to_text() == str(snippet) == line.replace("[", "").replace("]", "")
    assert snippet.to_ansi() == line.replace("[", "\x1b[1m").replace("]", "\x1b[0m")
    assert snippet.to_html() == line.replace("[", "<mark>").replace("]", "</mark>")


HOSTILE = [
    # text of an archive, the same as it may be shown
    ("\x1b[2J\x1b]0;title\x07 груз", "\ufffd[2J\ufffd]0;title\ufffd груз"),
    ("\x9b31m груз", "\ufffd31m груз"),
    ("\x00\x08\x7f груз", "\ufffd\ufffd\ufffd груз"),
    ("счёт \u202excod.exe\u202c", "счёт \ufffdxcod.exe\ufffd"),
    ("\u2066груз\u2069", "\ufffdгруз\ufffd"),
    ("строка\x85строка\x1cстрока\x0bстрока", "строка строка строка строка"),
]


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_control_characters_never_reach_the_reader(text: str, shown: str) -> None:
    """Escape sequences and turns of direction are disarmed in every rendering."""
    snippet = Snippet((Fragment("body", text, 0, len(text), ()),))
    assert snippet.to_text() == snippet.to_ansi() == snippet.to_html() == shown


def test_a_marked_control_character_is_disarmed_too() -> None:
    """The inside of a mark is text like any other."""
    assert Snippet((Fragment("body", "\x1b[0m", 0, 4, (Mark(0, 4),)),)).to_ansi() == "\x1b[1m\ufffd[0m\x1b[0m"


def test_html_of_a_page_stays_text() -> None:
    """Scripts, entities and quotes of the archive are shown, not run."""
    text = """<script>alert("груз & 'тара'")</script> &amp;"""
    start = text.index("груз")
    shown = Snippet((Fragment("body", text, 0, len(text), (Mark(start, start + 4),)),)).to_html()
    assert shown == (
        "&lt;script&gt;alert(&quot;<mark>груз</mark> &amp; &#x27;тара&#x27;&quot;)&lt;/script&gt; &amp;amp;"
    )


def test_the_dict_is_plain_json_with_absolute_marks() -> None:
    """A program gets the spans in the original text, and the line to show."""
    snippet = Snippet((fragment("[WCO] News", field="title"), fragment("the [WCO]\nmet", start=40, cut="<")))
    plain = snippet.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain == {
        "text": "WCO News — … the WCO met",
        "fragments": [
            {"field": "title", "text": "WCO News", "start": 0, "end": 8, "marks": [[0, 3]]},
            {"field": "body", "text": "the WCO\nmet", "start": 40, "end": 51, "marks": [[44, 47]]},
        ],
    }


@pytest.mark.parametrize("value", [Mark(0, 1), fragment("груз"), Snippet(())])
def test_values_do_not_change(value: Mark | Fragment | Snippet) -> None:
    """They can be kept in sets, and shared between threads."""
    name = "start" if isinstance(value, Mark) else dataclasses.fields(value)[0].name
    with pytest.raises(AttributeError):
        setattr(value, name, None)
    assert hash(value) == hash(copy.copy(value))


ANY_TEXT = st.text(st.characters(exclude_categories=["Co", "Cs"]), max_size=30)
HOSTILE_TEXT = st.text("<>&'\"\x1b\x9b\n\u202e a[m;", max_size=30)


@st.composite
def snippets(draw: st.DrawFn) -> Snippet:
    """Any text under any marks that are ascending and apart."""
    fragments = []
    for field in ("title", "body", "body"):
        text = draw(ANY_TEXT | HOSTILE_TEXT)
        places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
        pairs = zip(places[::2], places[1::2], strict=False)
        marks = tuple(Mark(start + 7, end + 7) for start, end in pairs)
        cut_before, cut_after = draw(st.booleans()), draw(st.booleans())
        fragments.append(Fragment(field, text, 7, 7 + len(text), marks, cut_before=cut_before, cut_after=cut_after))
    return Snippet(tuple(fragments[draw(st.integers(0, 3)) :]))


@given(snippets())
def test_renderings_differ_in_marks_alone(snippet: Snippet) -> None:
    """The terminal's line and the browser's are the marked text with marks of their own; nothing else is markup."""
    marked = snippet.to_text(marks=("\ue000", "\ue001"))
    assert snippet.to_ansi() == marked.replace("\ue000", "\x1b[1m").replace("\ue001", "\x1b[0m")
    shown = snippet.to_html()
    tagged = re.sub("</mark>", "\ue001", re.sub("<mark>", "\ue000", shown))
    assert not set(tagged) & set("<>\"'")
    assert html.unescape(tagged) == marked
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", marked)
