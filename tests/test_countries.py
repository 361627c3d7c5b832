"""Countries that texts name: what the sample archive's do, by hand; pitfalls; the table against Unicode CLDR."""

from __future__ import annotations

from collections import Counter

import pytest
from babel import Locale
from pymorphy3 import MorphAnalyzer

from tests.conftest import sample_documents
from wco_search import Document, Index
from wco_search.languages import countries, country_code
from wco_search.text import fold

LABELS = """
002 FR MD; 003 BE MN US; 004 BE MN US; 005 BE; 006 BE; 007 RW; 010 TG; 011 TG; 012 AM; 013 GR; 014 SD TD; 015 SD TD
016 KZ; 017 CI GH TG; 018 JP; 019 KG TJ UZ; 020 KG TJ UZ; 021 TM; 022 AT; 023 JP KZ LV; 024 JP KZ LV; 025 RU
026 BR GE TH; 027 BR GE TH; 029 CN KZ UZ; 030 GE PL; 031 KE; 032 KE; 033 LS; 034 AL MK; 035 AL MK; 036 KZ; 037 CO
038 VN; 040 KR; 041 KR; 042 GE; 043 NA; 044 FI; 045 PL; 046 EC NL; 047 EC NL; 048 SG; 049 KZ; 050 MY; 051 MY; 052 UG
053 AZ GE; 054 AZ GE; 055 KG; 056 DE JP VN; 057 PT; 058 RU; 059 KZ RS; 060 KZ RS; 061 KG; 062 MG; 063 PL; 064 BE NZ
"""
"""The countries that a reader finds in each item of the sample, by their places such as Vladivostok too."""


@pytest.fixture(scope="module")
def sample() -> Index:
    """The packaged sample archive."""
    return Index.memory(sample_documents(), metadata={"section": str, "tags": list})


def named(text: str) -> set[str]:
    """The countries of one text."""
    index = Index.memory([Document(body=text)])
    return {str(count.value) for count in index.search("*", facets=["country"]).facets["country"]}


def test_precision_and_recall_on_the_sample(sample: Index) -> None:
    """Nothing is found that is not there; what is missed are places that only a gazetteer knows."""
    expected = {
        (f"sample-{number}", code)
        for line in LABELS.strip().replace("\n", ";").split(";")
        for number, *codes in [line.split()]
        for code in codes
    }
    found = {
        (hit.document.id, code)
        for code in countries()
        for hit in sample.search("*", filter={"country": code}, limit=100)
    }
    right = len(found & expected)
    assert right / len(found) >= 0.97, sorted(found - expected)
    assert right / len(expected) >= 0.93, sorted(expected - found)


def test_facets_and_filters_agree(sample: Index) -> None:
    """In both languages and by code, in one segment and several, deleted documents aside."""
    facets = sample.search("*", facets=["country"]).facets["country"]
    assert len(facets) > 30
    for count in facets:
        for name in (str(count.value), count.label("ru"), count.label("en")):
            assert sample.search("*", filter={"country": name}).total == count.count, name
    parts = Index.memory()
    for start in range(0, 64, 20):
        parts.add(Document(id=d.id, title=d.title, body=d.body) for d in sample_documents()[start : start + 20])
    parts.delete("sample-003")
    left = Counter({str(c.value): c.count for c in facets}) - Counter(["BE", "MN"])
    assert {str(c.value): c.count for c in parts.search("*", facets=["country"]).facets["country"]} == dict(left)


@pytest.mark.parametrize(
    "text", ["country:Georgia", "страна:Грузия", "страна:Грузии", 'country:"georgian"', "country:ge"]
)
def test_a_field_of_queries(sample: Index, text: str) -> None:
    """By any of its expressions, in any form; told in the interpretation."""
    results = sample.search(text)
    assert results.total == 6
    assert results.interpretation[0].meaning == "GE (Georgia)"


def test_what_is_no_country_is_told(sample: Index) -> None:
    """And searched as words."""
    results = sample.search("country:Narnia")
    assert "not a country" in results.warnings[0]
    each = [{hit.document.id for hit in sample.search(f"country:{code}", limit=100)} for code in countries()]
    assert {hit.document.id for hit in sample.search("country:*", limit=100)} == set().union(*each)


def test_a_metadata_field_of_that_name_wins() -> None:
    """An archive that knows its countries is asked for those."""
    index = Index.memory([Document(body="Ghana.", metadata={"country": "Togo"})], metadata={"country": str})
    assert [count.value for count in index.search("*", facets=["country"]).facets["country"]] == ["Togo"]
    assert (index.search("country:togo").total, index.search("country:ghana").total) == (1, 0)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Мальдивы и Maldives", "MV"),
        ("таможня Мальдив", "MV"),
        ("Нигер", "NE"),
        ("в Нигере", "NE"),
        ("в Нигерии", "NG"),
        ("Гана, делегация из Ганы", "GH"),
        ("Гвинея", "GN"),
        ("Папуа — Новая Гвинея", "PG"),
        ("Papua New Guinea", "PG"),
        ("Guinea and Guinea-Bissau", "GN GW"),
        ("Экваториальной Гвинеи", "GQ"),
        ("North Korea", "KP"),
        ("Republic of Korea", "KR"),
        ("the Democratic Republic of the Congo", "CD"),
        ("the Republic of the Congo", "CG"),
        ("the Congo basin", ""),
        ("South Sudan’s Customs", "SS"),
        ("Côte d’Ivoire, Cote d'Ivoire, Кот-д’Ивуар", "CI"),
        ("Latin American customs", ""),
        ("the Indian Ocean, Индийском океане", ""),
        ("available in French and Spanish", ""),
        ("на французском языке", ""),
        ("French officers in Spanish ports", "FR"),
        ("кроме того", ""),
        ("самой, самое", ""),
        ("гавани и гаваней, манили", ""),
        ("в Гаване, из Гаваны", "CU"),
        ("Республика Того", "TG"),
        ("polish the table", ""),
        ("Египта, Египтом", "EG"),
        ("Саудовской Аравии", "SA"),
        ("Соединённых Штатов Америки; США; the U.S. and USA; let us go", "US"),
        ("российские коллеги", "RU"),
        ("русский язык", ""),
        ("into Catalan, French, German, Japanese and Swedish", ""),
        ("переведено на испанский, японский и чешский", ""),
        ("a Swedish journalist", "SE"),
        ("news.example.co.uk; the UK", "GB"),
        ("Kigali Amendment, Nairobi Convention", ""),
    ],
)
def test_pitfalls(text: str, codes: str) -> None:
    """Names within names, languages, seas, words that look like names."""
    assert named(text) == set(codes.split())


@pytest.mark.parametrize("language", ["en", "ru"])
def test_names_are_those_of_cldr(language: str) -> None:
    """But for asides and abbreviations, which no text has; the state of the table is that of the bundled Babel."""
    own = Locale(language).territories
    pairs = {code: (fold(one.names[language]), fold(own[code]).replace("’", "'")) for code, one in countries().items()}
    differing = {code for code, (ours, theirs) in pairs.items() if ours != theirs}
    assert differing <= {"CD", "CF", "CG", "CI", "HK", "MH", "MM", "PS", "SB", "SC", "TR", "VA"}
    for code, one in countries().items():
        assert country_code(one.names[language]) == code


CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")


def test_russian_forms_are_those_of_the_dictionary() -> None:
    """Every case that the dictionary has of a country's name in one word is found."""
    morph = MorphAnalyzer(lang="ru")
    missing = []
    for one in countries().values():
        name = one.names["ru"]
        if not name.isalpha() or one.code == "TG":
            continue
        place = next((p for p in morph.parse(name) if "Geox" in p.tag and p.normal_form == name.lower()), None)
        inflected = [] if place is None else [place.inflect({case}) for case in CASES]
        missing += [form.word for form in inflected if form and country_code(form.word) != one.code]
    assert missing == []
