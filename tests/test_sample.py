"""The archive and the judged queries that ship inside the package: well-formed, balanced, cleanly spelt."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import wco_search.sample
from wco_search.documents import Document
from wco_search.sample import queries_path, sample_path
from wco_search.text import CYRILLIC, LATIN, fold

SOURCES = {
    "en": {"Customs Herald", "Border Review"},
    "ru": {"Таможенный вестник", "Торговый обозреватель"},
}
SECTIONS = {"enforcement", "trade", "technology", "people", "health", "environment"}
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
LETTERS = re.compile(r"[^\W\d_]+")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


ITEMS = _lines(sample_path())
QUERIES = _lines(queries_path())
BY_ID = {item["id"]: item for item in ITEMS}

each_item = pytest.mark.parametrize("item", ITEMS, ids=[item["id"] for item in ITEMS])
each_query = pytest.mark.parametrize("query", QUERIES, ids=[query["id"] for query in QUERIES])


def _text(item: dict[str, Any]) -> str:
    return f"{item['title']} {item['body']}"


def _words(text: str) -> set[str]:
    return {fold(word) for word in LETTERS.findall(text)}


def test_there_are_64_items_in_order_of_date_with_running_ids() -> None:
    """The ids count the items, and the items run from January 2023 to June 2025."""
    assert [item["id"] for item in ITEMS] == [f"sample-{number:03}" for number in range(1, 65)]
    dates = [date.fromisoformat(item["date"]) for item in ITEMS]
    assert dates == sorted(dates)
    assert (dates[0].strftime("%Y-%m"), dates[-1].strftime("%Y-%m")) == ("2023-01", "2025-06")


def test_both_languages_and_all_sources_and_sections_have_their_share() -> None:
    """No facet of the sample is empty or a token."""
    assert Counter(item["language"] for item in ITEMS) == {"ru": 32, "en": 32}
    for counts, names in (
        (Counter(item["source"] for item in ITEMS), SOURCES["en"] | SOURCES["ru"]),
        (Counter(item["metadata"]["section"] for item in ITEMS), SECTIONS),
    ):
        assert set(counts) == names
        assert min(counts.values()) >= 4


@each_item
def test_keys_are_exact(item: dict[str, Any]) -> None:
    """Every item has the same fields, and its source writes in its language."""
    assert list(item) == ["id", "title", "date", "body", "source", "language", "metadata"]
    assert list(item["metadata"]) == ["section", "tags"]
    assert item["source"] in SOURCES[item["language"]]
    tags = item["metadata"]["tags"]
    assert 1 <= len(tags) <= 3
    assert len(set(tags)) == len(tags)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", tag) for tag in tags)


@each_item
def test_every_item_makes_a_document(item: dict[str, Any]) -> None:
    """`Document` takes the fields as they are, and finds by the letters the language that the item declares."""
    document = Document(**{**item, "date": date.fromisoformat(item["date"])})
    assert document.to_dict() == item
    assert Document(title=item["title"], body=item["body"]).language == item["language"]


@each_item
def test_titles_and_bodies_have_the_length_of_news_in_brief(item: dict[str, Any]) -> None:
    """4 to 12 words, and 40 to 140 words in 2 to 6 sentences."""
    assert 4 <= len(item["title"].split()) <= 12
    assert 40 <= len(item["body"].split()) <= 140
    assert 2 <= len(SENTENCE_END.split(item["body"])) <= 6


@each_item
def test_no_word_mixes_cyrillic_and_latin_letters(item: dict[str, Any]) -> None:
    """A Latin letter inside a Russian word cannot be seen, and hides the word from other engines."""
    words = LETTERS.findall(f"{_text(item)} {item['source']}")
    assert [word for word in words if CYRILLIC.search(word) and LATIN.search(word)] == []


@each_item
def test_typography_is_that_of_a_newspaper(item: dict[str, Any]) -> None:
    """Typographic quotes, apostrophes and dashes; no doubled blank or mark, no doubled word; a full stop at the end."""
    text = _text(item)
    assert not re.search(r"[\"'`]|--| - |\s\s|\s[,.;:!?%]|,,|\.\.|[А-Яа-яёЁ][“”’]", text)
    assert not re.search(r"\b([^\W\d_]+) \1\b", text, re.IGNORECASE)
    assert re.search(r"[.!?]”?$", item["body"])
    assert not re.search(r"[.!?]$", item["title"])
    assert text.count("“") == text.count("”")
    assert text.count("«") == text.count("»")


def test_no_sentence_is_said_twice() -> None:
    """Titles count as sentences."""
    said = Counter(
        " ".join(LETTERS.findall(sentence)).casefold()
        for item in ITEMS
        for sentence in (item["title"], *SENTENCE_END.split(item["body"]))
    )
    assert [sentence for sentence, times in said.items() if times > 1] == []


@pytest.mark.parametrize(
    "material",
    [
        *("ё", "онлайн-семинар", "таможенно-тарифн", "71-я", "93rd", "HSC/71", "A-CIP", "HS 2022", "COVID-19"),
        *("ISO 18185", "1.4 million", "1,4 миллиона", "EUR 420,000", "%", "Haiphong", "Ulaanbaatar"),
        *("Алтынколь", "N’Djamena", "«", "»", "“", "”", "’", "—"),
    ],
)
def test_what_analysis_must_cope_with_occurs(material: str) -> None:
    """Codes, joined words, numbers, transliterated names and typographic marks are in the sample to be searched."""
    assert any(material in _text(item) for item in ITEMS)


def test_fourteen_events_are_reported_in_both_languages() -> None:
    """Each pair shares section and tags and lies within three days; no item has two partners."""
    pairs = [
        (english["id"], russian["id"])
        for english in ITEMS
        for russian in ITEMS
        if (english["language"], russian["language"]) == ("en", "ru")
        and english["metadata"] == russian["metadata"]
        and abs(date.fromisoformat(english["date"]) - date.fromisoformat(russian["date"])) <= timedelta(days=3)
    ]
    assert len(pairs) == 14
    assert len({document_id for pair in pairs for document_id in pair}) == 28


def test_queries_are_balanced_and_named_in_order() -> None:
    """About thirty, as many in one language as in the other, none asked twice."""
    assert [query["id"] for query in QUERIES] == [f"query-{number:02}" for number in range(1, len(QUERIES) + 1)]
    counts = Counter(query["lang"] for query in QUERIES)
    assert set(counts) == {"ru", "en"}
    assert min(counts.values()) >= 15
    assert len({fold(query["text"]) for query in QUERIES}) == len(QUERIES)


@each_query
def test_relevant_items_exist_and_are_in_the_language_of_the_query(query: dict[str, Any]) -> None:
    """Judgements are within one language, so that they measure inflection and not translation."""
    assert list(query) == ["id", "text", "lang", "relevant"]
    assert query["relevant"]
    assert len(set(query["relevant"])) == len(query["relevant"])
    assert {BY_ID[document_id]["language"] for document_id in query["relevant"]} == {query["lang"]}


@each_query
def test_relevant_items_have_a_word_of_the_query_in_another_inflection(query: dict[str, Any]) -> None:
    """Some word of the query begins like a word of the item (four letters) and does not occur there as it stands."""
    asked = {word for word in _words(query["text"]) if len(word) >= 4}
    for document_id in query["relevant"]:
        found = _words(_text(BY_ID[document_id]))
        beginnings = {word[:4] for word in found}
        assert {word for word in asked - found if word[:4] in beginnings}, document_id


def test_the_sample_can_be_read_from_a_zipped_package(tmp_path: Path) -> None:
    """Imported from an archive, the paths lead to copies on disk, which are gone when the program has ended."""
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("wco_search/__init__.py", "")
        for name in ("__init__.py", "news.jsonl", "queries.jsonl"):
            package.write(Path(wco_search.sample.__file__).with_name(name), f"wco_search/sample/{name}")
    program = (
        "from wco_search.sample import queries_path, sample_path\n"
        "assert sample_path() is sample_path()\n"
        "for path in (sample_path(), queries_path()):\n"
        "    print(path, len(path.read_bytes()))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(archive)},
        capture_output=True,
        text=True,
        check=True,
    )
    copies = [line.rsplit(" ", 1) for line in run.stdout.splitlines()]
    assert [int(size) for _, size in copies] == [sample_path().stat().st_size, queries_path().stat().st_size]
    assert not any(Path(copy).exists() for copy, _ in copies)
