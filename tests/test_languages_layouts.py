"""Wrong keyboard layouts and Russian in Latin letters: tables, and laws for every query."""

from __future__ import annotations

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search.languages import corrected, dictionary, from_latin, latin_readings, layouts, swapped, trigram_score
from wco_search.languages.layouts import Correction
from wco_search.sample import sample_path
from wco_search.text import fold

KNOWN = dictionary()


def correct(query: str) -> Correction | None:
    """The correction with dictionary and trigrams, after checking what holds of any."""
    found = corrected(query, KNOWN, trigram_score())
    if found is not None:
        assert found.text != query
        assert len(found.text) == len(query)  # a key is a character on both layouts
        assert found.swapped
        spans = [place for start, end in found.swapped for place in range(start, end)]
        assert spans == sorted(set(spans))
        for place, (typed, meant) in enumerate(zip(query, found.text, strict=True)):
            assert typed == meant or place in spans
        for start, end in found.swapped:
            assert swapped(query[start:end]) == found.text[start:end]
    return found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ghbdtn", "привет"),
        ("ащыышды", "fossils"),
        ("njhujdkz", "торговля"),
        ("hf,jnf", "работа"),
        (".hbcn", "юрист"),
        ("'rcgjhn", "экспорт"),
        ("Njhujdkz", "Торговля"),
        ("NFVJ:YZ", "ТАМОЖНЯ"),
        ("ghbdtn, vbh!", "привет, мир!"),
        ('"rjynhf,fylf"', '"контрабанда"'),
        ("rjynhf,fylf yfhrjnbrjd d gjhne", "контрабанда наркотиков в порту"),
        ("еру ыьгппдштп ща ащыышды", "the smuggling of fossils"),
        ("ghbdtn vs", "привет мы"),  # vs is known, and says nothing
        ("jykfqy-rehc", "онлайн-курс"),
        ("lheu covid-19", "друг covid-19"),
        ("Vbrehbz ujdjhbn", "Микурия говорит"),  # an unknown name follows where its letters are likelier
        ("ghbdtn xkcd", "привет xkcd"),  # and does not where they are not
        ("DNFVJ njhujdkz", "ВТАМО торговля"),
        ("CCCH njhujdkz", "СССР торговля"),  # capitals follow their neighbours
    ],
)
def test_swapped(query: str, expected: str) -> None:
    """Nothing votes against: the other layout was meant."""
    found = correct(query)
    assert found is not None
    assert (found.text, found.is_certain) == (expected, True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cltkrb office", "сделки office"),
        ("customs njhujdkz", "customs торговля"),
        ("таможня ыьгппдштп", "таможня smuggling"),
    ],
)
def test_suggested(query: str, expected: str) -> None:
    """Typed half right: only the words unknown as typed are swapped, and it is not certain."""
    found = correct(query)
    assert found is not None
    assert (found.text, found.is_certain) == (expected, False)


@pytest.mark.parametrize(
    "query",
    [
        "WCO", "HSC", "BBC", "DDC", "nginx", "xkcd", "ВТамО", "СНГ", "WCO HSC BBC nginx xkcd ВТамО СНГ",
        "таможня", "smuggling of fossils", "don't stop", "e.g. this", "контрабанда, изъятие", "Mikuriya", "Шеремет",
        "GThe", "x", "ъэ", "2020", "HSC/66", "30.10.2020", "税関", "", "   ", "...", "covid-19 tsqlили",
    ],
)  # fmt: skip
def test_left_alone(query: str) -> None:
    """Words known as typed, names, abbreviations, codes, other scripts."""
    assert correct(query) is None


def test_sample_titles_are_left_alone_and_come_back() -> None:
    """Real titles: none is swapped as it stands; typed on the other layout nearly all are read."""
    lines = sample_path().read_text(encoding="utf-8").splitlines()
    titles = [str(json.loads(line)["title"]) for line in lines]
    words = [" ".join(word for word in title.split() if word.isalpha()) for title in titles]
    assert [title for title in titles if correct(title)] == []
    back = [found.text == title for title in words if (found := correct(swapped(title)))]
    assert len(back) == len(titles)
    assert sum(back) / len(titles) > 0.85


@given(st.text("abcxyz[];',.`йцукенхъжэбюё ABCЖЭ19-", max_size=30))
def test_any_query(query: str) -> None:
    """Every query is answered, and what is certain has nothing left to swap."""
    correct(query)


@given(st.text("йцукенгшщзхъфывапролджэячсмитьбюёЙЖЭБЮЁ", min_size=1))
def test_there_and_back(text: str) -> None:
    """A Russian text comes back from the other layout, where a Latin letter is left to tell the way."""
    typed = swapped(text)
    assert swapped(typed) == (text if any(char.isalpha() for char in typed) else typed)


def test_without_trigrams() -> None:
    """Unknown words follow the others; on their own they stay."""
    known = {"привет"}.__contains__
    assert corrected("ghbdtn vbrehbz", known) == Correction("привет микурия", ((0, 6), (7, 14)), is_certain=True)
    assert corrected("vbrehbz", known) is None


def test_more_words_must_be_for_it_than_against() -> None:
    """Longer words known on both layouts count as known as typed."""
    known = {"мир", "дом", "glass", "пдфыы", "wordy"}.__contains__
    assert corrected("vbh glass ljv", known) == Correction("мир пдфыы дом", ((0, 3), (4, 9), (10, 13)), is_certain=True)
    assert corrected("vbh glass", known) == Correction("мир пдфыы", ((0, 3), (4, 9)), is_certain=False)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("kontrabanda", "контрабанда"),
        ("tamozhnya", "таможня"),
        ("tamojnya", "таможня"),
        ("narkotikov", "наркотиков"),
        ("opublikovat", "опубликовать"),
        ("podjezd", "подъезд"),
        ("rossiya", "россия"),
        ("zhizn", "жизнь"),
        ("yaschik", "ящик"),
        ("olimpiyskiy", "олимпийский"),
        ("customs", None),
        ("smuggling", None),
        ("houston", None),
        ("nginx", None),
        ("kubernetes", None),
        ("eto", None),  # too short to tell
        ("таможня", None),
        ("covid-19", None),
    ],
)
def test_from_latin(form: str, expected: str | None) -> None:
    """A Latin word that is none, and a Russian one in other letters."""
    assert from_latin(form, KNOWN) == expected


@pytest.mark.parametrize("form", ["tsar", "mashi", "juri", "zhena", "konec"])
def test_readings(form: str) -> None:
    """Every way to read each spelling, those with fewer changes first."""
    choices = layouts._choices(form)
    ways = product(*map(enumerate, choices))
    changes = {"".join(letters for _, letters in way): sum(place > 0 for place, _ in way) for way in ways}
    found = latin_readings(form)
    assert sorted(found) == sorted(changes)
    assert [changes[reading] for reading in found] == sorted(changes.values())


def test_from_latin_asks_the_index_too() -> None:
    """A name that only the index has."""
    assert from_latin("sheremet", KNOWN) is None
    assert from_latin("sheremet", lambda form: form == "шеремет") == "шеремет"
    assert from_latin("sheremet", {"шеремет", "sheremet"}.__contains__) is None


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("таможней", True),
        ("the", True),
        ("смагглинг", False),
        ("smuggled", True),
        ("ghbdtn", False),
        ("блокчейном", True),
    ],
)
def test_dictionary(form: str, expected: bool) -> None:
    """Both languages, inflected."""
    assert KNOWN(fold(form)) is expected
