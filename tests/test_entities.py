"""People and organisations that texts name, and counts of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from pymorphy3 import MorphAnalyzer

from tests.conftest import sample_documents
from wco_search import Document, Index
from wco_search.analysis import batch
from wco_search.analysis.russian import is_given_name, nominative_name, nominative_surnames
from wco_search.errors import UnknownFieldError
from wco_search.languages.entities import names_in, organisation_names, organisations, people
from wco_search.text import fold

MORPH = MorphAnalyzer(lang="ru")

PEOPLE = [
    ("WCO Secretary General Kunio Mikuriya spoke.", ["Kunio Mikuriya"]),
    ("Dr. Kunio Mikuriya and Mr. Hassan Sobir", ["Kunio Mikuriya", "Hassan Sobir"]),
    ("by Martin F. Krafft and Olaf van der Spek", ["Martin F. Krafft", "Olaf van der Spek"]),
    ("Ambassador José Luis Cancela, of Uruguay", ["José Luis Cancela"]),
    ("Ian Murdock's message", ["Ian Murdock"]),
    ("Francesco De Vita", ["Francesco De Vita"]),
    ("Theodore Ts'o", []),  # cut short it would be another
    ("President of the Republic", []),
    ("Director General Customs Service", []),
    ("Robert Bosch Foundation", ["Robert Bosch"]),
    ("MARTIN SCHULZE", []),
    ("the San Diego Zoo", []),  # who stands behind a capitalised word may be a part of a place
    ("Vice-President John Smith", ["John Smith"]),
    ("К-Иванов, Пётр Петров/Анна Смирнова", ["Пётр Петров", "Анна Смирнова"]),
    ("in New York and Buenos Aires on Monday Morning", []),
    ("Ивана Петрова наградили", ["Иван Петров"]),
    ("Петрову Ивану", ["Иван Петров"]),
    ("с Анной Смирновой", ["Анна Смирнова"]),
    ("Юлией Тимошенко и Борисом Ельциным", ["Юлия Тимошенко", "Борис Ельцин"]),
    ("Новая Вера. Красная Площадь", []),
    ("Иван. Петров пришёл", []),
    ("Ивану Петровой", []),  # they do not agree
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), PEOPLE)
def test_people(text: str, expected: list[str]) -> None:
    """By titles, given names and agreement."""
    assert people(text) == expected


ORGANISATIONS = [
    ("The World Customs Organization (WCO), the ВТамО", ["World Customs Organization"]),
    ("Всемирной таможенной организации", ["World Customs Organization"]),
    ("who said it to us: WHO", []),
    ("the un-named UN", ["United Nations"]),
    ("Организацией Объединённых Наций", ["United Nations"]),
    ("Ghana Revenue Authority (GRA)", ["Ghana Revenue Authority"]),
    ("the Ministry of Finance of the Republic of Indonesia.", ["Ministry of Finance of the Republic of Indonesia"]),
    ("Massachusetts Institute of Technology", ["Massachusetts Institute of Technology"]),
    ("the Bureau of Customs", ["Bureau of Customs"]),
    ("United Nations Office on Drugs and Crime", ["United Nations Office on Drugs and Crime"]),
    ("This Agency", []),
    ("the National Bank", []),
    ("Free and Open Source Software Society", []),  # it may begin before
    ("Commonwealth Scientific and Industrial Research Organization", []),
    ("the organization of customs", []),
    ("Министерством финансов", ["Министерство финансов"]),
    ("One Two Three Four Five Ghana Revenue Authority", ["Three Four Five Ghana Revenue Authority"]),
    ("WCO/UN", ["World Customs Organization", "United Nations"]),
    ("Anti-WCO", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), ORGANISATIONS)
def test_organisations(text: str, expected: list[str]) -> None:
    """Known ones in both languages as one, others by the words that they are called by."""
    assert organisations(text) == expected


def test_names_of_organisations() -> None:
    """In both languages, of those that are known."""
    names = {"en": "World Customs Organization", "ru": "Всемирная таможенная организация"}
    assert organisation_names("World Customs Organization") == names
    assert organisation_names("Ghana Revenue Authority") == {}


def test_many_texts_name_what_each_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether their runs are told or not; texts that name nobody are passed over."""
    texts = [text for text, _ in (*PEOPLE, *ORGANISATIONS)]
    each = {number: (people(text), organisations(text)) for number, text in enumerate(texts)}
    expected = {number: names for number, names in each.items() if any(names)}
    assert {number: tuple(names) for number, names in names_in(texts)} == expected
    monkeypatch.setattr(batch, "_FEW_CHARACTERS", 0)
    assert {number: tuple(names) for number, names in names_in(texts, batch.find_runs(texts))} == expected


def test_words_that_are_no_names() -> None:
    """Nor are names of which one has a common word's form."""
    assert nominative_name("Большой", "Театр") is None
    assert nominative_name("Иван", "Иван") is None


def public_readings(word: str, grammeme: str) -> list[Any]:
    """The readings of a word as a name in the singular, by the public interface of the dictionary."""
    readings = [one for one in MORPH.parse(word) if one.is_known]
    is_name = all(any(name in one.tag for name in ("Name", "Surn", "Patr", "Geox", "Poss")) for one in readings)
    return [one for one in readings if is_name and grammeme in one.tag and one.tag.number == "sing"]


def public_nominative(first: str, second: str) -> str | None:
    """A person's name in the nominative, by the same."""
    for given, surname in ((first, second), (second, first)):
        for name, family in product(public_readings(given, "Name"), public_readings(surname, "Surn")):
            if name.tag.case == family.tag.case and len({name.tag.gender, family.tag.gender} - {None, "ms-f"}) < 2:
                both = [reading.inflect({"nomn"}) for reading in (name, family)]
                if all(both):
                    return " ".join(one.word.title() for one in both)
    return None


GIVEN = "Иван Пётр Анна Мария Илья Любовь Саша Евгений Евгения Валя Лев Игорь Никита Вера Фёдор Юлия Олег Наталья"
FAMILY = "Петров Смирнова Толстой Бондаренко Черных Дюма Пушкин Шевчук Майский Белая Королёв Гусь Живаго Лермонтов"


def test_names_are_inflected_as_the_dictionary_does() -> None:
    """Every case of given names and surnames, in either order, also of those that do not agree."""
    cases = ("nomn", "gent", "datv", "accs", "ablt", "loct")

    def forms(words: str, grammeme: str) -> list[str]:
        readings = [one for word in words.split() for one in MORPH.parse(word) if grammeme in one.tag]
        return sorted({one.word.title() for reading in readings for c in cases if (one := reading.inflect({c}))})

    given, family = forms(GIVEN, "Name"), forms(FAMILY, "Surn")
    assert [is_given_name(name.lower()) for name in given] == [bool(public_readings(name, "Name")) for name in given]
    pairs = [(first, second) for first, second in product(given, family)]
    pairs = [*pairs[::7], *((second, first) for first, second in pairs[3::11])]
    expected = [public_nominative(first, second) for first, second in pairs]
    assert [nominative_name(first, second) for first, second in pairs] == expected
    assert sum(name is not None for name in expected) > 50
    for word in family:
        readings = [one for one in MORPH.parse(word) if one.is_known and "Surn" in one.tag]
        both = [one.inflect({"nomn", "sing", gender}) for one in readings for gender in ("masc", "femn")]
        assert nominative_surnames(word) == tuple(sorted({fold(one.word) for one in both if one})), word


def test_counts_of_documents() -> None:
    """Over the matches, of titles too, in several segments; a field of the name takes their place."""
    documents = [
        Document(id="1", title="ВТамО", body="Dr. Kunio Mikuriya of the WCO. Kunio Mikuriya said: fossils."),
        Document(id="2", body="Kunio Mikuriya, the Ghana Revenue Authority and fossils."),
        Document(id="3", body="Ivan Petrov. Timber."),
    ]
    index = Index.memory(documents[:2])
    index.add(documents[2])
    for _ in range(2):  # the second time from what is kept
        facets = index.search("fossils", facets={"people": None, "organisations": 1}).facets
        assert [(one.value, one.count) for one in facets["people"]] == [("Kunio Mikuriya", 2)]
        assert [(one.value, one.count) for one in facets["organisations"]] == [("Ghana Revenue Authority", 1)]
    (first, *_) = index.search("mikuriya", facets=["organisations"], filter="title:втамо").facets["organisations"]
    assert (first.value, first.names["ru"]) == ("World Customs Organization", "Всемирная таможенная организация")
    own = Index.memory([Document(body="Ivan Petrov", metadata={"people": "me"})], metadata={"people": str})
    assert [one.value for one in own.search("petrov", facets=["people"]).facets["people"]] == ["me"]


ARCHIVE = [
    Document(
        id="1", title="ВТамО", body="Dr. Kunio Mikuriya of the WCO.", date=dt.date(2020, 10, 30), source="Reuters"
    ),
    Document(id="2", body="Kunio Mikuriya's deputy, the Ghana Revenue Authority.", date=dt.date(2020, 11, 2)),
    Document(id="3", body="Ивану Петрову с Анной Смирновой; K-Mikuriya.", date=dt.date(2019, 2, 28), source="reuters"),
    Document(id="4", body="Анна Смирнова, Всемирной таможенной организации, O'Brien. Ivan O'Brien", source="ТАСС"),
    Document(id="5", body="Министерством финансов; Смирнова без имени; Иван", metadata={"tags": ('say "yes"', "b\\")}),
    Document(
        id="6", body="Mr. Hassan\nSobir, WCO", metadata={"tags": ("b\\",), "pages": -5, "paid": True, "rate": 0.25}
    ),
]
TYPES = {"tags": list, "pages": int, "paid": bool, "rate": float}
COUNTED = [
    "people", "organisations", "country", "source", "language", "date", "date.year", "date.quarter", "date.month",
    "date.weekday", *TYPES,
]  # fmt: skip


@pytest.fixture(scope="module")
def archive() -> Index:
    """Two segments, one document deleted."""
    index = Index.memory(ARCHIVE[:3], metadata=TYPES)
    index.add([*ARCHIVE[3:], Document(id="gone", body="Kunio Mikuriya")])
    index.delete(["gone"])
    return index


@pytest.mark.parametrize("query", ["*", "kunio OR иван OR смирнова", "wco"])
def test_what_is_counted_can_be_asked_for(archive: Index, query: str) -> None:
    """As a filter and in the query, with the same count."""
    facets = archive.search(query, facets=COUNTED).facets
    assert sum(map(len, facets.values())) > 5
    for counts in facets.values():
        for one in counts:
            assert archive.search(query, filter=one.query).total == one.count, one.query
            assert archive.search(f"({query}) AND {one.query}", dates="off").total == one.count
            assert one.to_dict()["query"] == one.query


NAMES = [
    ('people:"Kunio Mikuriya"', "1 2"),
    ("people:KUNIO\\ mikuriya", "1 2"),
    ("people:*mikuriya", "1 2"),
    ('люди:"Анны Смирновой"', "3 4"),
    ('people:="Анна Смирнова"', "3 4"),
    ('people:="анна смирнова"', ""),
    ("people:Смирнова", "3 4"),
    ("люди:Смирновой", "3 4"),
    ("люди:СМИРНОВ", "3 4"),
    ("people:mikuriya", "1 2"),
    ("люди:Микурии", "1 2"),
    ('люди:"Кунио Микурия"', "1 2"),
    ('люди:"Ивана Микурия"', ""),
    ('people:"Anna Smirnova"', "3 4"),
    ("people:Smirnova", "3 4"),
    ("people:Kunio", ""),
    ("people:Анна", ""),
    ("people:*", "1 2 3 4 6"),
    ("organisations:ВТамО", "1 4 6"),
    ('организации:"world customs organization"', "1 4 6"),
    ('organizations:"Ghana Revenue Authority"', "2"),
    ("organisations:минист*", "5"),
    ("date.weekday:Friday", "1"),
    ("date.weekday:понедельник", "2"),
    ("date.weekday:[4 TO 5]", "1 3"),
    ("date.weekday:*", "1 2 3"),
    ("date.month:2020-10", "1"),
    ("date.year:2020", "1 2"),
    ('date.quarter:"4 квартал 2020"', "1 2"),
    ("date.year:[2019 TO 2019]", "3"),
]


@pytest.mark.parametrize(("query", "ids"), NAMES)
def test_names_in_queries(archive: Index, query: str, ids: str) -> None:
    """Whole names and surnames in any case and either language, patterns of them, and days of the week."""
    assert {hit.document.id for hit in archive.search(query)} == set(ids.split())
    assert {hit.document.id for hit in archive.search("*", filter=query)} == set(ids.split())
    if query == "date.weekday:Friday":
        assert archive.search("*", filter={"date.weekday": "пятница"}).total == 1
        assert archive.search("*", filter={"people": ["Kunio Mikuriya", "Иван Петров"]}).total == 3


@pytest.mark.parametrize(
    "query", ["people:mikurya~2", "people:[a TO b]", "date.weekday:8", "date.weekday:Doomsday", "date.month:May-be"]
)
def test_what_is_no_name_is_told(archive: Index, query: str) -> None:
    """And searched as words."""
    assert "searched as words" in archive.search(query).warnings[0]


def test_parts_of_days_are_told_as_dates(archive: Index) -> None:
    """As the field of days itself is; a part that there is not, and one of another field, is told."""
    told = archive.search("wco date.month:2020-10").interpretation
    assert ("date", "date.month:2020-10", "2020-10-01..2020-10-31") in [(t.kind, t.text, t.meaning) for t in told]
    assert archive.search("*", filter={"date.month": "2020-10"}).total == 1
    with pytest.raises(UnknownFieldError, match=r"date\.month"):
        archive.search("*", filter={"pages.month": "2020-10"})


def test_names_of_the_sample() -> None:
    """Documents that are found by the words of a name are all that have it."""
    sample = Index.memory(sample_documents(), metadata={"section": str, "tags": list})
    everyone = sample.search("*", facets=["people", "organisations", "country"]).facets
    assert everyone["organisations"]
    for counts in everyone.values():
        for one in counts:
            assert sample.search("*", filter=one.query).total == one.count, one.query


@pytest.mark.parametrize("step", ["as added", "reopened", "merged", "optimised"])
def test_names_are_kept_with_the_documents(tmp_path: Path, step: str) -> None:
    """In files, through deletions and merges: each step counts what one addition of the same documents would."""
    with Index.create(tmp_path / "ix", metadata=TYPES) as index:
        for document in (*ARCHIVE, Document(id="gone", body="Kunio Mikuriya of Ghana; the WCO")):
            index.add([document])
        index.delete(["gone", "2"])
        if step == "merged":
            index.add([replace(document, url="https://example.org") for document in ARCHIVE if document.id != "2"])
        if step == "optimised":
            index.optimize()
    kept = Index.open(tmp_path / "ix", verify=step != "as added")
    once = Index.memory([document for document in ARCHIVE if document.id != "2"], metadata=TYPES)
    fields = ["people", "organisations", "country"]
    assert kept.search("*", facets=fields).facets == once.search("*", facets=fields).facets
    assert kept.check().problems == ()
