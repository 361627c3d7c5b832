"""People and organisations that texts name, and counts of them."""

from __future__ import annotations

import pytest

from wco_search import Document, Index
from wco_search.analysis.russian import nominative_name
from wco_search.languages.entities import organisation_names, organisations, people

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


def test_words_that_are_no_names() -> None:
    """Nor are names of which one has a common word's form."""
    assert nominative_name("Большой", "Театр") is None
    assert nominative_name("Иван", "Иван") is None


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
