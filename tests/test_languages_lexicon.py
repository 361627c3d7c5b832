"""Translations in both directions: rows, the packed form, look-up by any form, several sources as one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search import compiled
from wco_search.analysis import default_analyzer
from wco_search.analysis.analyzer import language_of_form
from wco_search.analysis.stemming import english_stem
from wco_search.analysis.stopwords import is_stop_word
from wco_search.errors import ReadError
from wco_search.languages import Lexicon, Lexicons, Translation, cldr
from wco_search.languages.inflections import irregular_forms
from wco_search.languages.lexicon import MAX_ENGLISH, MAX_RUSSIAN, indexed
from wco_search.languages.packed import Packed, head_weight, pack, place_weight, read_entries
from wco_search.languages.rows import Row, interleave, parse_row, words_of
from wco_search.languages.trigrams import Trigrams
from wco_search.text import fold

ROWS = [
    Row("контрабанда", 3, ("smuggling", "contraband")),
    Row("контрабандист", 4, ("smuggler",)),
    Row("сталь", 3, ("steel",)),
    Row("стать", 0, ("become", "grow")),
    Row("таможенный", 2, ("customs",)),
    Row("таможня", 3, ("customs", "customs house")),
    Row("обычай", 4, ("custom",)),
    Row("железная дорога", 3, ("railway", "railroad")),
    Row("железный", 3, ("iron",)),
    Row("отмывание денег", 4, ("money laundering",)),
    Row("блокчейн", 5, ("blockchain",)),
    Row("ВТамО", 6, ("WCO", "World Customs Organization")),
    Row("ископаемые остатки", 5, ("fossils",)),
    Row("окаменелость", 6, ("fossil",)),
    Row("актёр", 2, ("actor",)),
]
LEXICON = Lexicon.from_rows(ROWS)

needs_loops = pytest.mark.skipif(not compiled.LINES, reason="the loops are not compiled, or not wanted")


def texts(found: tuple[Translation, ...]) -> list[str]:
    """The translations without their weights, after checking what holds of all of them."""
    weights = [translation.weight for translation in found]
    assert weights == sorted(weights, reverse=True)
    assert all(0 < weight <= 1 for weight in weights)
    assert len({translation.text for translation in found}) == len(found)
    return [translation.text for translation in found]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("контрабандой", ["smuggling", "contraband"]),
        ("стали", ["become", "steel", "grow"]),  # both lemmas
        ("таможне", ["customs", "customs house"]),
        ("блокчейнами", ["blockchain"]),  # in no dictionary: by its stem
        ("втамо", ["WCO", "World Customs Organization"]),
        ("актера", ["actor"]),
        ("smuggling", ["контрабанда"]),
        ("smugglers", ["контрабандист"]),  # by its stem
        ("customs", ["таможенный", "таможня"]),  # and not обычай, which is "custom"
        ("fossils", ["ископаемые остатки", "окаменелость"]),  # one translation is few: the stem's join
        ("wco", ["ВТамО"]),
        ("ghbdtn", []),
        ("микурия", []),
        ("covid-19", []),
        ("", []),
    ],
)
def test_translations(form: str, expected: list[str]) -> None:
    """The dictionary form is found from any form, best first."""
    assert texts(LEXICON.translations(form)) == expected


def test_weights() -> None:
    """1/sqrt(place) one way; the other way the frequency of the Russian word counts too, as in the formula."""
    assert LEXICON.translations("контрабанда") == (Translation("smuggling", 1.0), Translation("contraband", 0.71))
    assert place_weight(0) == 1.0
    assert place_weight(3) == 0.5
    (steel,) = LEXICON.translations("steel")
    assert steel == Translation("сталь", 1.0)
    customs = LEXICON.translations("customs")
    assert customs[1].weight == pytest.approx(head_weight(3) / head_weight(2), abs=0.01)
    assert LEXICON.translations("smugglers")[0].weight == 0.7


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("на железной дороге", [(1, 3, ["railway", "railroad"])]),
        ("железную дорогу отмыванием денег", [(0, 2, ["railway", "railroad"]), (2, 4, ["money laundering"])]),
        ("железный занавес", []),
        ("дорога железная", []),
        ("money laundering", [(0, 2, ["отмывание денег"])]),
        ("the world customs organizations", [(1, 4, ["ВТамО"])]),  # longer than "customs house" would be
        ("customs", []),
        ("", []),
    ],
)
def test_phrases(query: str, expected: list[tuple[int, int, list[str]]]) -> None:
    """Entries of several words are found in any form, as one."""
    found = LEXICON.phrases(query.split())
    assert [(match.start, match.end, texts(match.translations)) for match in found] == expected


@given(st.lists(st.sampled_from("железной дорогой отмывание денег customs house money laundering порт".split())))
def test_phrases_lie_side_by_side(forms: list[str]) -> None:
    """No two overlap, each is an entry on its own, and words between entries stay out."""
    ends = 0
    for match in LEXICON.phrases(forms):
        assert ends <= match.start < match.end <= len(forms)
        assert LEXICON.phrases(forms[match.start : match.end])[0].translations == match.translations
        ends = match.end


@pytest.mark.parametrize("is_compiled", [False, pytest.param(True, marks=needs_loops)])
@given(
    entries=st.dictionaries(
        st.text("абвгде", min_size=1), st.lists(st.text("stuvw", min_size=1), min_size=1, max_size=6)
    )
)
def test_every_packed_line_is_found_and_nothing_else(is_compiled: bool, entries: dict[str, list[str]]) -> None:
    """Against a plain table; also what begins so, and the entries of some keys."""
    with patch.object(compiled, "LINES", is_compiled):
        check_against_a_table(entries)


def check_against_a_table(entries: dict[str, list[str]]) -> None:
    """All that is asked of a pack."""
    rows = [Row(head, 3, tuple(dict.fromkeys(translations))) for head, translations in entries.items()]
    packed = Packed(pack(rows))
    lines = [line.partition("\t") for line in packed.data.decode().split("\n")[1:-1]]
    table = {key: payload for key, _, payload in lines}
    assert len(table) == len(lines)
    for key, payload in table.items():
        assert packed.find(key[0], key[2:]) == payload
        assert packed.find(key[0], key[2:] + "z") == table.get(key + "z")
        assert packed.find(key[0], key[2:-1]) == table.get(key[:-1])
        for prefix in (key[2:4], key[2:] + "z", key[2:-1]):
            assert packed.has_beginning(key[0], prefix) == any(other.startswith(key[:2] + prefix) for other in table)
        for form in (key[2:], key[2:] + "z", key[2:-1], "z" + key[2:]):
            beginnings = [f"{key[0]} {form[:size]}" for size in range(1, len(form) + 1)]
            assert packed.may_hold(key[0], form) == any(other in table for other in beginnings)
    heads = [key[2:] for key in table if key[0] == "r"]
    several = [*heads[:3], "z", *heads[:1]]
    payloads = [table[f"r {head}"] for head in several if f"r {head}" in table]
    expected = [entry for payload in payloads for entry in read_entries(payload)]
    assert packed.entries("r", several) == expected
    assert {row.head for row in rows} == {key[2:] for key in table if key[0] == "r"}


@pytest.mark.parametrize("payload", ["steel", "steel=100", "steel=x=steel", "steel==steel"])
@pytest.mark.parametrize("is_compiled", [False, pytest.param(True, marks=needs_loops)])
def test_entries_of_a_damaged_file_are_refused(payload: str, is_compiled: bool) -> None:
    """Not taken for something else."""
    good = pack([Row("сталь", 3, ("steel",))])
    packed = Packed(good.replace(b"steel=100=steel", payload.encode()))
    with patch.object(compiled, "LINES", is_compiled), pytest.raises(ValueError):
        packed.entries("r", ["сталь"])


@pytest.mark.parametrize("form", "контрабандой стали таможни втамо smugglers customs железный wco стал unknown".split())
def test_the_words_of_translations_are_those_of_texts(form: str) -> None:
    """What a pack tells is what analysis gives, also where the pack is of another analyzer."""
    language = language_of_form(form)
    found = indexed(LEXICON, form, language)
    assert [(text, weight) for text, weight, _ in found] == [tuple(one) for one in LEXICON.translations(form)]
    terms, stem = default_analyzer().terms, english_stem()
    for text, _, told in found:
        forms = [word for word in words_of(text) if not is_stop_word(word)]
        expected = [",".join(dict.fromkeys([*terms(word), *map(stem, irregular_forms(word))])) for word in forms]
        assert [word for word in told.split(" ") if word] == expected
    first, _, rest = pack(ROWS).partition(b"\n")
    strange = (
        first.replace(default_analyzer().fingerprint.encode(), b"another") + b"\n" + rest.replace(b"=smuggl", b"=?")
    )
    assert indexed(Lexicon(Packed(strange)), form, language) == found
    assert indexed(_Plain(), form, language) == found
    assert indexed(Lexicons([_Plain(), LEXICON]), form, language) == found


class _Plain:
    """A source of the user's own, which tells no words."""

    translations = LEXICON.translations
    phrases = LEXICON.phrases
    knows = LEXICON.knows


def test_limits() -> None:
    """Homonyms and common English words are cut at ten and eight."""
    lemmas = ["стать", "сталь"]
    english = [f"word{letter}" for letter in "abcdefghijkl"]
    lexicon = Lexicon.from_rows(
        [
            *(Row(lemma, 3, tuple(english[place * 6 : place * 6 + 6])) for place, lemma in enumerate(lemmas)),
            *(
                Row(head, 3, ("thing",))
                for head in "вещь дело предмет штука штуковина нечто изделие товар груз".split()
            ),
        ]
    )
    assert len(lexicon.translations("стали")) == MAX_ENGLISH
    assert len(lexicon.translations("thing")) == MAX_RUSSIAN


def test_several_sources() -> None:
    """All count; at equal weight the earlier is first; phrases of all, the longest taken."""
    own = Lexicon.from_rows([Row("таможня", 3, ("custom-house",)), Row("отмывание", 3, ("washing",))])
    both = Lexicons([own, LEXICON])
    assert texts(both.translations("таможней")) == ["custom-house", "customs", "customs house"]
    assert texts(both.translations("customs")) == texts(LEXICON.translations("customs"))
    assert both.phrases(["отмывания", "денег"]) == LEXICON.phrases(["отмывания", "денег"])
    assert both.knows("washings")
    assert both.knows("стали")
    assert not both.knows("ghbdtn")
    assert Lexicons([]).translations("таможня") == ()


def test_kept_and_opened_again(tmp_path: Path) -> None:
    """A saved lexicon is the same; another file is refused with its name."""
    LEXICON.save(tmp_path / "own.pack")
    assert Lexicon.open(tmp_path / "own.pack").translations("стали") == LEXICON.translations("стали")
    (tmp_path / "other").write_bytes(b"PK\x03\x04\xff")
    for name in ("other", "absent"):
        with pytest.raises(ReadError, match=name):
            Lexicon.open(tmp_path / name)


def test_own_file(tmp_path: Path) -> None:
    """Comments, empty lines, a byte order mark and Windows line ends are read over; the class may be left out."""
    path = tmp_path / "own.tsv"
    path.write_bytes("\ufeff# own words\r\nТС ВТ\tHS|Harmonized System\r\n\r\nвал\t2\tshaft\r\n".encode())
    lexicon = Lexicon.read_tsv(path)
    assert texts(lexicon.translations("валы")) == ["shaft"]
    assert lexicon.phrases(["тс", "вт"])[0].translations[0].text == "HS"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("таможня", "want `head TAB translation"),
        ("таможня customs", "want `head TAB translation"),
        ("customs\tтаможня", "has no Russian letter"),
        ("таможня\tтаможня", "has no Latin letter"),
        ("таможня\tcustoms||house", "has no Latin letter"),
        ("таможня\t8\tcustoms", "from 0 to 7"),
        ("таможня\ta|b|c|d|e|f|g", "keep the best 6"),
    ],
)
def test_bad_rows(tmp_path: Path, line: str, reason: str) -> None:
    """File, line and reason are told."""
    path = tmp_path / "own.tsv"
    path.write_text(f"вал\tshaft\n{line}\n", encoding="utf-8")
    with pytest.raises(ReadError, match=reason) as caught:
        Lexicon.read_tsv(path)
    assert caught.value.line == 2
    assert str(caught.value).startswith(f"{path}:2: ")


def test_unreadable_file(tmp_path: Path) -> None:
    """A missing file and one in another encoding."""
    with pytest.raises(ReadError, match="No such file"):
        Lexicon.read_tsv(tmp_path / "absent.tsv")
    (tmp_path / "old.tsv").write_bytes("вал\tshaft".encode("cp1251"))
    with pytest.raises(ReadError, match="UTF-8"):
        Lexicon.read_tsv(tmp_path / "old.tsv")


@given(st.text("абв", min_size=1), st.integers(0, 7), st.lists(st.text("xyz", min_size=1), min_size=1, max_size=6))
def test_a_row_reads_back(head: str, frequency: int, translations: list[str]) -> None:
    """What `str` writes `parse_row` reads."""
    row = Row(head, frequency, tuple(translations))
    assert parse_row(str(row)) == row


def test_interleave() -> None:
    """By turns, each once, at most the limit."""
    assert interleave([["a", "b"], ["b", "c", "d"], []], 3) == ("a", "b", "c")
    assert interleave([], 3) == ()


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("гватемалой", "Guatemala"),
        ("испанского", "Spanish"),
        ("бразильскую", "Brazilian"),
        ("каире", "Cairo"),
        ("бирма", "Burma"),
        ("цюрихе", "Zurich"),
        ("moscow", "Москва"),
        ("yen", None),  # a currency has two words
    ],
)
def test_names(form: str, expected: str | None) -> None:
    """Countries, languages, adjectives of nationality and cities, in any case and both directions."""
    assert next(iter(texts(Lexicon.names().translations(form))), None) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("новой зеландии", ["New Zealand"]),
        ("японской иеной", ["Japanese Yen"]),
        ("new zealand", ["Новая Зеландия"]),
        ("фарерских островах", ["Faroe Islands", "Faroe"]),
    ],
)
def test_names_of_several_words(query: str, expected: list[str]) -> None:
    """Abbreviated words (о-ва) are written out."""
    assert [texts(match.translations) for match in Lexicon.names().phrases(query.split())] == [expected]


def test_rows_of_cldr() -> None:
    """No comment, no year, no mixed alphabet is left in a name."""
    rows = cldr.rows()
    assert len(rows) > 1_400
    assert rows == sorted(rows, key=lambda row: row.head)
    for row in rows:
        assert not set("()[]0123456789") & set(row.head + "".join(row.translations))
        assert parse_row(str(row)) == row


def test_bundled_words() -> None:
    """The words of the archive's trade are there, both ways."""
    lexicon = Lexicon.bundled()
    assert "seizure" in texts(lexicon.translations("изъятия"))
    assert "контрабанда" in texts(lexicon.translations("smuggling"))
    assert "money laundering" in texts(lexicon.phrases(["отмывание", "денег"])[0].translations)
    assert lexicon.knows("seized")
    assert not lexicon.knows("ghbdtn")


def test_irregular_forms() -> None:
    """A form has the translations of its lemmas, lighter ones beside its own; texts are found by it."""
    rows = [
        Row("продать", 3, ("sell",)),
        Row("красть", 3, ("steal",)),
        Row("краденый", 3, ("stolen",)),
        Row("найти", 2, ("find",)),
        Row("основать", 3, ("found",)),
        Row("учредить", 3, ("found",)),
        Row("лист", 3, ("leaf",)),
        Row("покидать", 3, ("leave",)),
    ]
    lexicon = Lexicon.from_rows(rows)
    assert lexicon.translations("sold") == lexicon.translations("sell") == (Translation("продать", 1.0),)
    assert lexicon.translations("stolen") == (
        Translation("краденый", 1.0),
        Translation("красть", pytest.approx(0.7, abs=0.005)),
    )
    assert sorted(texts(lexicon.translations("found"))[:2]) == ["основать", "учредить"]
    assert texts(lexicon.translations("found"))[2:] == ["найти"]
    assert sorted(texts(lexicon.translations("leaves"))) == ["лист", "покидать"]
    assert not lexicon.knows("wove")
    assert [words for _, _, words in lexicon.indexed("найти", "ru")] == ["find,found"]
    assert [words for _, _, words in lexicon.indexed("покидать", "ru")] == ["leav,left"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [("bought", "купить"), ("knives", "нож"), ("mice", "мышь"), ("sacrificed", "жертвовать"), ("largest", "крупный")],
)
def test_bundled_forms(form: str, expected: str) -> None:
    """Verbs, plurals, comparatives, and regular forms of another stem than their lemma."""
    assert expected in texts(Lexicon.bundled().translations(form))


def test_loaded_only_when_asked_for() -> None:
    """Neither the library nor this package reads a lexicon, a dictionary or a stemmer on import."""
    program = """
import sys, wco_search, wco_search.languages
from wco_search.languages import lexicon
assert lexicon._bundled.cache_info().currsize == 0
assert not {"pymorphy3", "nltk", "babel"} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_trigrams() -> None:
    """Counts by hand; what was written reads back; letters beyond the alphabet are left out."""
    model = Trigrams.learn(["ab", "ab", "b"], "ab")
    assert model.score("ab") == pytest.approx((-1.386 / 1 + 0) / 3 + (-0.916 * 2 + 0) / 3, abs=0.6)
    assert model.score("ab") > model.score("ba")
    again = Trigrams.from_text(model.to_text())
    assert again.score("aba") == model.score("aba")
    assert model.score("a-b") == model.score("ab")


@given(st.text("абвгдежз", min_size=1, max_size=8))
def test_any_form_is_answered(form: str) -> None:
    """No form raises, and what is translated is known."""
    found = LEXICON.translations(fold(form))
    assert not found or LEXICON.knows(fold(form))
