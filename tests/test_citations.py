"""References to documents: GOST R 7.0.5-2008 and BibTeX, Russian and English, whole and with gaps, hostile ones."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wco_search import Document, Fragment, Index
from wco_search.citations import cite

SEEN = date(2020, 11, 15)
FULL = {"title": "Окно", "body": "Введено единое окно.", "source": "Вестник", "url": "https://e.org/1"}
GOST = [
    (FULL | {"date": date(2020, 10, 9)},
     "Окно [Электронный ресурс] // Вестник. 2020. 9 окт. URL: https://e.org/1 (дата обращения: 15.11.2020)."),
    (FULL, "Окно [Электронный ресурс] // Вестник. URL: https://e.org/1 (дата обращения: 15.11.2020)."),
    ({"title": "Window.", "body": "A window.", "date": date(2021, 5, 1)},
     "Window. [Электронный ресурс]. 2021. 1 May."),
    ({"title": "Window", "body": "A window.", "date": date(2021, 9, 30), "source": "WCO Inc."},
     "Window [Электронный ресурс] // WCO Inc. 2021. 30 Sept."),
    ({"body": "Введено единое окно."}, "[Введено единое окно] [Электронный ресурс]."),
    ({"body": "слово " * 40}, f"[{('слово ' * 13).strip()}…] [Электронный ресурс]."),
    ({"body": "x" * 200}, f"[{'x' * 80}…] [Электронный ресурс]."),
    ({"title": " Two\n lines\t", "body": "x", "source": "a\x1b[2J"}, "Two lines [Электронный ресурс] // a\ufffd[2J."),
    ({"title": "T", "body": "x", "url": "https://e.org/a b"},
     "T [Электронный ресурс]. URL: https://e.org/a%20b (дата обращения: 15.11.2020)."),
]  # fmt: skip
MONTHS = [
    ("ru", "янв. февр. марта апр. мая июня июля авг. сент. окт. нояб. дек."),
    ("en", "Jan. Feb. March Apr. May June July Aug. Sept. Oct. Nov. Dec."),
]


@pytest.mark.parametrize(("fields", "reference"), GOST)
def test_gost(fields: dict[str, Any], reference: str) -> None:
    """What the document does not tell is left out; no full stop stands twice."""
    assert cite(Document(**fields), accessed=SEEN) == reference


@pytest.mark.parametrize(("language", "months"), MONTHS, ids=["ru", "en"])
def test_months_are_shortened_in_the_language_of_the_document(language: str, months: str) -> None:
    """As the standards of abbreviations have them."""
    for number, month in enumerate(months.split(), start=1):
        document = Document(title="T", body="x", date=date(2020, number, 2), language=language)
        assert cite(document) == f"T [Электронный ресурс]. 2020. 2 {month}" + ("" if month.endswith(".") else ".")


def test_without_a_day_of_access_none_is_told() -> None:
    """Neither today nor an empty bracket."""
    assert cite(Document(**FULL)).endswith("URL: https://e.org/1.")
    assert "urldate" not in cite(Document(**FULL), "bibtex")


def test_bibtex_of_a_page_and_of_a_document_without_address() -> None:
    """`@online` of biblatex, `@misc` of every BibTeX."""
    page = Document(**FULL, id="a", date=date(2020, 10, 9))
    assert re.sub(r"-[0-9a-f]{8},", "-KEY,", cite(page, "bibtex", accessed=SEEN)).splitlines() == [
        "@online{document2020-KEY,",
        "  title = {{Окно}},",
        "  organization = {{Вестник}},",
        "  date = {2020-10-09},",
        "  url = {https://e.org/1},",
        "  urldate = {2020-11-15},",
        "  langid = {russian},",
        "}",
    ]
    plain = Document(title="Windows", body="x", id="a", date=date(2020, 10, 9), source="WCO News")
    assert re.sub(r"-[0-9a-f]{8},", "-KEY,", cite(plain, "bibtex", accessed=SEEN)).splitlines() == [
        "@misc{wconews2020-KEY,",
        "  title = {{Windows}},",
        "  howpublished = {{WCO News}},",
        "  year = {2020},",
        '  month = oct # "~9",',
        "  langid = {english},",
        "}",
    ]


def test_a_key_is_the_document_and_nothing_else() -> None:
    """The same each time, whatever is quoted; another one for another document."""
    first, second = (Document(id=name, title="T", body="x y", source="WCO") for name in ("a", "b"))
    key = cite(first, "bibtex").partition(",")[0]
    assert cite(first, "bibtex", accessed=SEEN, fragment=Fragment("body", "x", 0, 1, ())).startswith(f"{key},")
    assert not cite(second, "bibtex").startswith(f"{key},")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(alphabet='a/{}\\%# \n"^', min_size=1))
def test_bibtex_stays_well_formed_whatever_the_document_says(text: str, url: str) -> None:
    """Braces balance at every place, and nothing of the text is a command of TeX."""
    entry = cite(Document(title=f"T{text}", body="x", source=text, url=f"u{url}"), "bibtex", accessed=SEEN)
    depth = 0
    for place, sign in enumerate(entry):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth > 0 or place in range(len("@online")) or place == len(entry) - 1
    assert depth == 0
    title = re.search(r"title = \{\{(.*)\}\},$", entry, re.MULTILINE)
    assert title is not None
    left = re.sub(r"\\[&%$#_]|\\text[a-z]+\{\}", "", title[1])
    assert not re.search(r"[&%$#_~^\\{}]", left)
    address = re.search(r"^  url = \{(.*)\},$", entry, re.MULTILINE)
    assert address is not None
    assert not re.search(r'[{}\\ "^]', address[1])


def test_a_quoted_fragment_with_its_place() -> None:
    """Offsets are of the text, half-open, so that the words can be found there again."""
    document = Document(title="Окно в Гвинее", body="Таможня ввела единое окно & сроки.")
    body = Fragment("body", document.body[14:33], 14, 33, ())
    assert cite(document, fragment=body).endswith("Цит.: «единое окно & сроки» [14:33].")
    assert r"  note = {\enquote{единое окно \& сроки} [14:33]}," in cite(document, "bibtex", fragment=body)
    title = Fragment("title", "Окно", 0, 4, ())
    assert cite(document, fragment=title).endswith("Цит.: «Окно» title[0:4].")


def test_hits_cite_themselves_and_their_snippets() -> None:
    """The fragment that shows why a document was found is one that can be quoted."""
    document = Document(id="1", title="Корсар", body="Таможня изъяла окаменелости.", date=date(2020, 10, 9))
    hit = Index.memory([document]).search("окаменелость")[0]
    fragment = next(part for part in hit.snippet.fragments if part.field == "body")
    reference = hit.cite("gost", fragment=fragment)
    assert reference == cite(document, fragment=fragment)
    span = re.search(r"«(.*)» \[(\d+):(\d+)\]", reference)
    assert span is not None
    assert document.body[int(span[2]) : int(span[3])] == span[1]


def test_wrong_styles_and_fragments_of_other_documents() -> None:
    """A quotation that is not there would be a forgery."""
    document = Document(body="Таможня.")
    with pytest.raises(ValueError, match="style must be one of 'gost', 'bibtex', not 'apa'"):
        cite(document, "apa")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"the fragment \[0:4\] is not of document"):
        cite(document, fragment=Fragment("body", "Порт", 0, 4, ()))
