"""`Index` as its users see it: documents in and out, searches, order, pages, filters, life cycle."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import sample_documents
from tests.strategies import SCHEMA_TYPES, archives
from wco_search import (
    CursorError,
    Document,
    FilterValueError,
    Index,
    IndexClosedError,
    IndexExistsError,
    IndexLockedError,
    IndexNotFoundError,
    InvalidDocumentError,
    QuerySyntaxError,
    UnknownFieldError,
    parse,
)
from wco_search.query import Query, WordQuery

SAMPLE_METADATA: dict[str, type] = {"section": str, "tags": list}


@pytest.fixture(scope="module")
def sample() -> Index:
    """The packaged sample archive in memory; not to be changed."""
    return Index.memory(sample_documents(), metadata=SAMPLE_METADATA)


def ids(index: Index, query: str, **options: object) -> list[str]:
    """Ids of the hits, best first."""
    return [hit.document.id for hit in index.search(query, **options)]  # type: ignore[arg-type]


def small(**bodies: str) -> Index:
    """An index of one document a keyword, with that id and body."""
    return Index.memory(Document(id=name, body=body) for name, body in bodies.items())


# -- documents


def test_what_is_added_comes_back(tmp_path: Path) -> None:
    """By id, in order, after closing and opening again."""
    documents = sample_documents()
    with Index.create(tmp_path / "ix", metadata=SAMPLE_METADATA) as index:
        report = index.add(documents)
        assert (report.added, report.updated, report.unchanged, report.skipped) == (len(documents), 0, 0, 0)
    with Index.open(tmp_path / "ix") as index:
        assert list(index.documents()) == documents
        assert index.get(documents[3].id) == documents[3]
        assert documents[3].id in index
        assert index.get("nobody") is None
        assert "nobody" not in index
        assert 3 not in index


def test_adding_again_changes_nothing(tmp_path: Path) -> None:
    """Not even the commit."""
    index = Index.create(tmp_path / "ix", metadata=SAMPLE_METADATA)
    index.add(sample_documents())
    before = index.stats()
    assert index.add(sample_documents()).unchanged == before.documents
    assert index.stats() == before


def test_a_document_replaces_the_one_with_its_id() -> None:
    """Also within one batch, where the last one stands."""
    index = Index.memory([Document(id="1", body="Fossils were seized.")])
    report = index.add(
        [Document(id="1", body="Timber."), Document(id="1", body="Ivory."), Document(id="1", body="Ivory.")]
    )
    assert (report.added, report.updated, report.unchanged) == (0, 2, 1)
    assert ids(index, "fossils timber") == []
    assert ids(index, "ivory") == ["1"]
    assert len(index) == 1


def test_ids_are_made_from_date_and_text() -> None:
    """The same blurb read twice is one document; the same words on another day are another."""
    blurb = "The WCO concluded its session."
    monday = Document(body=blurb, date=dt.date(2020, 10, 26))
    assert monday.id == Document(body=f"  {blurb} \n", date=dt.date(2020, 10, 26)).id
    assert monday.id != Document(body=blurb, date=dt.date(2020, 10, 27)).id
    assert monday.id != Document(body=blurb + "!", date=dt.date(2020, 10, 26)).id
    assert Document(body="a", url="https://x/1").id == Document(body="b", url="https://x/1").id


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"body": ""}, "body"),
        ({"body": " \n"}, "body"),
        ({"body": b"bytes"}, "body"),
        ({"body": "x", "date": "2020-10-30"}, "date"),
        ({"body": "x\ud800"}, "body"),
        ({"body": "x", "url": 3}, "url"),
        ({"body": "x", "metadata": [1]}, "metadata"),
    ],
)
def test_a_document_that_cannot_be_says_which_field(fields: dict[str, object], at_fault: str) -> None:
    """A typed error at once, not at the commit."""
    with pytest.raises(InvalidDocumentError) as caught:
        Document(**fields)  # type: ignore[arg-type]
    assert caught.value.field == at_fault


def test_metadata_is_typed_and_what_is_undeclared_is_told() -> None:
    """A value of the wrong kind leaves its document out; a field nobody declared is counted."""
    index = Index.memory(metadata={"views": int, "tags": list})
    report = index.add(
        [
            Document(id="1", body="a", metadata={"views": 7, "tags": ["x", "y"], "mood": "good"}),
            Document(id="2", body="b", metadata={"views": "12", "tags": "x, z"}),
            Document(id="3", body="c", metadata={"views": "many"}),
            Document(id="4", body="d", metadata={"views": 2**63}),
            Document(id="5", body="e", metadata={"views": True}),
        ]
    )
    assert (report.added, report.skipped, dict(report.undeclared)) == (2, 3, {"mood": 1})
    assert "'many' is not a value of kind integer" in report.problems[0]
    assert [d.metadata for d in index.documents()] == [
        {"views": 7, "tags": ("x", "y")},
        {"views": 12, "tags": ("x", "z")},
    ]
    with pytest.raises(InvalidDocumentError, match="views"):
        index.add([Document(id="6", body="f"), Document(id="7", body="g", metadata={"views": "many"})], strict=True)
    assert len(index) == 2


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"date": str}, ValueError),
        ({"дата": str}, ValueError),
        ({"a b": str}, ValueError),
        ({"1a": str}, ValueError),
        ({"x": dict}, TypeError),
        ({"x": "str"}, TypeError),
    ],
)
def test_metadata_fields_that_cannot_be(metadata: dict[str, type], error: type[Exception]) -> None:
    """Names that clash or cannot be typed, types that are none."""
    with pytest.raises(error, match="metadata"):
        Index.memory(metadata=metadata)


def test_only_documents_can_be_added() -> None:
    """A mapping is told how to become one."""
    with pytest.raises(TypeError, match=r"Document, not dict"):
        Index.memory([{"body": "x"}])  # type: ignore[list-item]


# -- changes


def test_deleting_by_id_and_by_query(sample: Index, tmp_path: Path) -> None:
    """Gives how many there were; others stay."""
    index = sample.copy(tmp_path / "ix")
    size = len(index)
    assert index.delete("sample-001") == 1
    assert index.delete(["sample-001", "sample-002", "nobody"]) == 1
    english = index.search("language:en").total
    assert index.delete(parse("language:en").query) == english
    assert len(index) == size - 2 - english
    assert index.search("language:en").total == 0


def test_a_writer_is_one_commit_and_sees_its_own_changes(tmp_path: Path) -> None:
    """A query deletes what the same writer added a moment ago."""
    index = Index.create(tmp_path / "ix")
    with index.writer() as writer:
        writer.add(Document(id="1", body="Fossils."))
        writer.add([Document(id="2", body="Timber.")])
        assert writer.delete(parse("fossils").query) == 1
        writer.add(Document(id="3", body="Ivory."))
        assert len(index) == 0
    assert [document.id for document in index.documents()] == ["2", "3"]
    assert index.stats().generation == 1


def test_an_exception_rolls_a_writer_back(tmp_path: Path) -> None:
    """Nothing of the block is committed, and the lock is free."""
    index = Index.create(tmp_path / "ix")
    with pytest.raises(ZeroDivisionError), index.writer() as writer:
        writer.add(Document(id="1", body="Fossils."))
        _ = 1 / 0
    assert index.add(Document(id="2", body="Timber.")).added == 1
    assert [document.id for document in index.documents()] == ["2"]


@settings(max_examples=40)
@given(
    archives(max_size=5),
    st.lists(st.tuples(st.sampled_from(["add", "delete", "replace"]), st.integers(0, 4)), max_size=12),
)
def test_any_history_equals_adding_what_is_left(documents: list[Document], history: list[tuple[str, int]]) -> None:
    """Add, replace and delete in any order: the index is the one of its documents, searches included."""
    index = Index.memory(metadata=SCHEMA_TYPES)
    model: dict[str, Document] = {}
    for action, number in history:
        if number >= len(documents):
            continue
        document = documents[number]
        if action == "delete":
            assert index.delete(document.id) == (document.id in model)
            model.pop(document.id, None)
            continue
        if action == "replace":
            document = Document(id=document.id, body=document.body + " fossils")
        if model.get(document.id) != document:
            model.pop(document.id, None)
        index.add(document)
        model.setdefault(document.id, document)
    fresh = Index.memory(model.values(), metadata=SCHEMA_TYPES)
    assert list(index.documents()) == list(model.values())
    assert index.check().ok
    for query in ("fossils таможня", '"the customs"', "tags:a", "контр*"):
        assert sorted(ids(index, query)) == sorted(ids(fresh, query))
    index.optimize()
    assert index.check().ok
    assert list(index.documents()) == list(model.values())
    for query in ("fossils таможня", '"the customs"', "tags:a", "контр*"):
        assert [(h.document.id, h.score) for h in index.search(query)] == [
            (h.document.id, h.score) for h in fresh.search(query)
        ]


# -- searches


@pytest.mark.parametrize(
    ("query", "bodies", "found"),
    [
        ("fossils", {"a": "A fossil.", "b": "Timber."}, "a"),
        ("таможня", {"a": "На таможнях Гвинеи.", "b": "В порту."}, "a"),
        ("елка", {"a": "Ёлки вывезли.", "b": "Сосны."}, "a"),
        ("customs AND ivory", {"a": "Customs seized ivory.", "b": "Customs."}, "a"),
        ("таможня И кость", {"a": "Таможня нашла кость.", "b": "Таможня."}, "a"),
        ("ivory OR fossils", {"a": "Ivory.", "b": "Fossils.", "c": "Timber."}, "a b"),
        ("customs NOT ivory", {"a": "Customs seized ivory.", "b": "Customs."}, "b"),
        ("таможня НЕ кость", {"a": "Таможня нашла кость.", "b": "Таможня."}, "b"),
        ("+customs -ivory fossils", {"a": "Customs, ivory.", "b": "Customs.", "c": "Fossils."}, "b"),
        ("-ivory", {"a": "Customs seized ivory.", "b": "Customs."}, "b"),
        ('"seized ivory"', {"a": "They seized the ivory.", "b": "Seizing ivory."}, "b"),
        ('"ivory seized"~2', {"a": "They seized all the ivory.", "b": "Ivory. It was then taken and seized."}, "a"),
        ('="fossils"', {"a": "A fossil.", "b": "Fossils."}, "b"),
        ('="ёлки"', {"a": "Елки.", "b": "Ёлка."}, "a"),
        ('="COVID-19"', {"a": "COVID-19.", "b": "Covid 19."}, "a"),
        ('="fossils seized"', {"a": "Fossils seized.", "b": "Fossil seized."}, "a"),
        ("+COVID-19", {"a": "COVID-19.", "b": "Covid.", "c": "On 19 May."}, "a"),
        ("HSC/66", {"a": "The HSC-66 session.", "b": "HSC met."}, "a"),
        ("HSC/66 session", {"a": "The HSC-66.", "b": "HSC met.", "c": "A session."}, "a b c"),
        ("контр*", {"a": "Контрабанда.", "b": "Контроль.", "c": "Порт."}, "a b"),
        ("wom?n", {"a": "A woman.", "b": "Women.", "c": "Men."}, "a b"),
        ("Mikuria~", {"a": "Dr. Mikuriya.", "b": "Mercury."}, "a"),
        ("2020~", {"a": "In 2021.", "b": "In 2020."}, ""),
        ("*", {"a": "x", "b": "y"}, "a b"),
        ("id:b", {"a": "x", "b": "y"}, "b"),
        ("body:[fossil TO ivory]", {"a": "Fossils.", "b": "Ivory.", "c": "Timber."}, "a b"),
        ("", {"a": "x"}, ""),
        ("???", {"a": "x"}, ""),
    ],
)
def test_the_query_language(query: str, bodies: dict[str, str], found: str) -> None:
    """Each form, on the smallest archive that tells it apart."""
    assert sorted(ids(small(**bodies), query)) == found.split()


def test_fields_dates_and_metadata() -> None:
    """Conditions on columns narrow the words beside them."""
    index = Index.memory(
        [
            Document(id="1", title="Fossils", body="Ivory.", date=dt.date(2020, 10, 30), source="Reuters"),
            Document(id="2", body="Fossils.", date=dt.date(2020, 10, 9), metadata={"views": 5, "section": "Право"}),
            Document(id="3", body="Fossils.", metadata={"views": 50, "tags": ["a", "b"], "urgent": True, "rate": 0.5}),
        ],
        metadata={"views": int, "section": str, "tags": list, "urgent": bool, "rate": float},
    )
    for query, found in {
        "title:fossils": "1",
        "body:fossils": "2 3",
        "title:*": "1",
        'дата:"30 октября 2020"': "1",
        "date:30.10.2020": "1",
        "date:2020-10": "1 2",
        "date:2020": "1 2",
        "date:[2020-10-01 TO 2020-10-15]": "2",
        "date:2020-10-09..": "1 2",
        "date:>2020-10-09": "1",
        "date:<2020-10-30": "2",
        "date:*": "1 2",
        "NOT date:*": "3",
        "views:5": "2",
        "views:[1 TO 50}": "2",
        "views:>=5": "2 3",
        "section:право": "2",
        "section:пр*": "2",
        "section:прово~": "2",
        "tags:b": "3",
        "urgent:true": "3",
        "urgent:да": "3",
        "rate:<0.7": "3",
        "source:reuters": "1",
        'source:="reuters"': "",
        'source:="Reuters"': "1",
        "language:en": "1 2 3",
        "fossils date:2020-10-09": "2",
        "ivory fossils source:reuters": "1",
        "fossils OR date:2020-10-30": "1 2 3",
        "views:5 views:50": "2 3",
    }.items():
        assert sorted(ids(index, query)) == found.split(), query


@pytest.mark.parametrize("query", ["views:many", "date:вчерашний", "urgent:maybe", "date:cus*", "views:[a TO b]"])
def test_a_value_that_is_none_is_searched_as_words_and_told(query: str) -> None:
    """Never silently nothing."""
    index = Index.memory([Document(id="1", body="many a b maybe")], metadata={"views": int, "urgent": bool})
    results = index.search(query)
    assert any("searched as words" in warning for warning in results.warnings)


@pytest.mark.parametrize(
    "restriction",
    ["views:many", "fossils urgent:maybe", {"views": "many"}, {"date": ("x", None)}, WordQuery("вчерашний", "date")],
)
def test_a_filter_by_a_value_that_is_none_is_an_error(restriction: str | Query | dict[str, object]) -> None:
    """No hit shows what it let through."""
    index = Index.memory([Document(id="1", body="many x maybe")], metadata={"views": int, "urgent": bool})
    with pytest.raises(FilterValueError, match=r"filter by (views|urgent|date): '.*' is not") as caught:
        index.search("many", filter=restriction)
    assert caught.value.field in {"views", "urgent", "date"}


def test_broken_syntax_is_words_or_under_strict_an_error(sample: Index) -> None:
    """With the place, and a caret."""
    assert sample.search("fossils AND (").warnings
    with pytest.raises(QuerySyntaxError) as caught:
        sample.search("fossils AND (", strict=True)
    assert "^" in str(caught.value)
    with pytest.raises(QuerySyntaxError):
        sample.search("fossils", filter="date:[", strict=True)


def test_interpretation_tells_dates_and_patterns(sample: Index) -> None:
    """What a written date and a wildcard were taken for."""
    results = sample.search('дата:"март 2024" тамож*')
    told = {part.kind: part.meaning for part in results.interpretation}
    assert told["date"] == "2024-03-01..2024-03-31"
    assert all(form.startswith("тамож") for form in told["pattern"].split(", ")[:3])


@given(st.text(max_size=60))
def test_every_string_is_a_query(text: str) -> None:
    """Nothing a person can type raises, and the answer can be told as JSON."""
    index = _ANY
    results = index.search(text)
    json.dumps(results.to_dict())
    assert results._repr_html_()
    assert results.total >= len(results)


_ANY = Index.memory([Document(id="1", body="Таможня: fossils AND (timber)", title="Заметка")])


def test_ranking_prefers_rare_words_and_words_together() -> None:
    """idf, stop words, proximity."""
    index = small(
        a="The session of the committee on customs.",
        b="Fossils were mentioned by customs.",
        c="Customs met the the the the.",
        d="A committee heard of customs valuation far from here and of many other long and dull matters of the day.",
        e="A customs committee.",
    )
    assert ids(index, "the fossils")[0] == "b"
    assert ids(index, "customs committee")[0] == "e"


def test_ties_are_in_the_order_of_adding() -> None:
    """Equal texts score equally."""
    index = small(z="Fossils.", a="Fossils.", m="Fossils.")
    assert ids(index, "fossil") == ["z", "a", "m"]


def test_sorting(sample: Index) -> None:
    """By date, newest first unless asked otherwise; by metadata; missing values last either way."""
    days = [hit.document.date for hit in sample.search("customs", sort="date", limit=100)]
    assert days == sorted(days, reverse=True)  # type: ignore[type-var]
    assert [hit.document.date for hit in sample.search("customs", sort="+date", limit=100)] == days[::-1]
    index = Index.memory(
        [
            Document(id=n, body="x", metadata=m)
            for n, m in (("a", {"v": 2}), ("b", {}), ("c", {"v": 1}), ("d", {"v": 2}))
        ],
        metadata={"v": int},
    )
    assert ids(index, "x", sort="v") == ["c", "a", "d", "b"]
    assert ids(index, "x", sort="-v") == ["a", "d", "c", "b"]
    assert ids(index, "x", sort=["-v", "date", "relevance"]) == ["a", "d", "c", "b"]
    assert ids(index, "x", sort="+relevance") == ["a", "b", "c", "d"]
    with pytest.raises(UnknownFieldError, match="did you mean 'date'"):
        index.search("x", sort="dte")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"limit": "10"}, "limit must be a whole number, not '10'"),
        ({"limit": None}, "limit must be a whole number"),
        ({"limit": 1.5}, "limit must be a whole number"),
        ({"offset": "1"}, "offset must be a whole number"),
        ({"after": 5}, "after is the cursor"),
        ({"sort": 5}, "sort is a field or a list of fields"),
        ({"sort": [None]}, "sort is a field or a list of fields"),
        ({"filter": 5}, "a filter is text, a parsed query or a mapping"),
        ({"filter": ["language:en"]}, "not list"),
    ],
    ids=str,
)
def test_an_argument_of_another_type_is_told(sample: Index, options: dict[str, Any], told: str) -> None:
    """It is never taken for something that finds nothing."""
    with pytest.raises(TypeError, match=told):
        sample.search("customs", **options)


def test_a_whole_number_of_numpy_is_one(sample: Index) -> None:
    """Limits that were computed need not be converted."""
    assert len(sample.search("customs", limit=np.int64(3), offset=np.int32(1))) == 3


def test_a_range_of_a_filter_has_two_ends(sample: Index) -> None:
    """A tuple is a range; several values are a list."""
    with pytest.raises(ValueError, match="a range of section is"):
        sample.search("customs", filter={"section": ("trade", "law", "crime")})


@pytest.mark.parametrize("text", ["\ud800", "customs\udfff", "\ud83d\ude00\ud83d"])
def test_half_of_a_surrogate_pair_is_found_nowhere(sample: Index, text: str) -> None:
    """No document can hold it."""
    assert sample.get(text) is None
    assert text not in sample
    assert sample.suggest(text) == []
    found = {query: sample.search(query).total for query in (f"{text}*", f"title:[{text} TO {text}]")}
    assert found == dict.fromkeys(found, 0)


@pytest.mark.parametrize("call", ["get", "suggest", "related", "similar"])
def test_what_is_no_text_is_told(sample: Index, call: str) -> None:
    """An id is not looked up as something else."""
    with pytest.raises(TypeError, match="text"):
        getattr(sample, call)(5)


@pytest.mark.parametrize("call", ["suggest", "related"])
def test_limits_of_words_are_bounded(sample: Index, call: str) -> None:
    """As those of hits are."""
    with pytest.raises(ValueError, match="limit must be 0 to 10000, not -1"):
        getattr(sample, call)("customs", limit=-1)


@pytest.mark.parametrize(
    "use",
    [
        Index.refresh,
        Index.check,
        Index.stats,
        lambda index: index.add(Document(body="x")),
        lambda index: index.delete("1"),
    ],
    ids=["refresh", "check", "stats", "add", "delete"],
)
def test_a_folder_that_was_removed_is_told(tmp_path: Path, use: Callable[[Index], object]) -> None:
    """What was read stays searchable; what needs the folder says that it is gone, and makes no new one."""
    path = tmp_path / "index"
    with Index.create(path) as index:
        index.add(Document(id="1", body="Fossils."))
        shutil.rmtree(path)
        assert ids(index, "fossil") == ["1"]
        with pytest.raises(IndexNotFoundError, match="there is no such folder"):
            use(index)
    assert not path.exists()


def test_filters_restrict_without_scoring(sample: Index) -> None:
    """As text, as a mapping, as a parsed query."""
    everything = {hit.document.id: hit.score for hit in sample.search("customs", limit=100)}
    for restriction in (
        "language:en section:trade",
        {"language": "en", "section": ["trade"]},
        {"language": ["en"], "section": "trade", "date": (None, dt.date(2030, 1, 1))},
        parse("language:en AND section:trade").query,
    ):
        found = {hit.document.id: hit.score for hit in sample.search("customs", filter=restriction, limit=100)}
        assert found
        assert len(found) < len(everything)
        assert all(document.metadata["section"] == "trade" for name in found if (document := sample.get(name)))
    with pytest.raises(UnknownFieldError):
        sample.search("x", filter={"sektion": "trade"})


def test_facets_count_all_matches(sample: Index) -> None:
    """Not only those of the page."""
    results = sample.search("customs", limit=1, facets=["section", "tags", "date"])
    assert sum(count.count for count in results.facets["section"]) == results.total
    counts = [count.count for count in results.facets["section"]]
    assert counts == sorted(counts, reverse=True)
    with pytest.raises(UnknownFieldError):
        sample.search("x", facets=["body"])


@pytest.mark.parametrize("sort", ["relevance", "date", ["section", "-date"]])
def test_pages_by_offset_and_by_cursor_make_the_whole(sample: Index, sort: str | list[str]) -> None:
    """Nothing twice, nothing missed, ranks going on."""
    whole = sample.search("customs таможня", limit=100, sort=sort)
    by_offset = [
        hit for offset in range(0, 64, 7) for hit in sample.search("customs таможня", limit=7, offset=offset, sort=sort)
    ]
    by_cursor, after = [], None
    while True:
        page = sample.search("customs таможня", limit=7, after=after, sort=sort)
        by_cursor += list(page)
        if (after := page.after) is None:
            break
    for pages in (by_offset, by_cursor):
        assert [(h.rank, h.document.id, h.score) for h in pages] == [(h.rank, h.document.id, h.score) for h in whole]


def test_a_cursor_survives_a_commit(sample: Index, tmp_path: Path) -> None:
    """The next page starts behind the same document, or behind its score where it has gone."""
    index = sample.copy(tmp_path / "ix")
    whole = ids(index, "customs", limit=100, translate="off")
    after = index.search("customs", limit=5, translate="off").after
    index.add(Document(id="new", body="Nothing about it."))
    assert ids(index, "customs", limit=3, after=after, translate="off") == whole[5:8]
    index.delete(whole[4])
    assert ids(index, "customs", limit=3, after=after, translate="off") == whole[5:8]


def test_cursors_that_cannot_be_used(sample: Index) -> None:
    """Of another search, or no cursor at all."""
    after = sample.search("customs", limit=1).after
    with pytest.raises(CursorError, match="another query"):
        sample.search("fossils", after=after)
    for nonsense in ("", "abc", "é", "W10=", "[" * 4000):
        with pytest.raises(CursorError):
            sample.search("customs", after=nonsense)


@pytest.mark.parametrize("options", [{"limit": -1}, {"limit": 10_001}, {"offset": -1}, {"offset": 1, "after": "x"}])
def test_pages_out_of_bounds(sample: Index, options: dict[str, object]) -> None:
    """Say what is allowed."""
    with pytest.raises(ValueError, match=r"limit|offset"):
        sample.search("customs", **options)  # type: ignore[arg-type]


def test_explanations_give_the_score(sample: Index) -> None:
    """For every hit, as text and as JSON."""
    for query in (
        "таможенный груз",
        '"customs officers" of',
        "+customs fossils",
        "тамож* -груз",
        "language:en customs",
    ):
        for hit in sample.search(query, explain=True, limit=50):
            assert hit.explanation is not None
            assert hit.explanation.value == pytest.approx(hit.score, rel=1e-6)
            assert "\n" in hit.explanation.to_text() or not hit.explanation.parts
            json.dumps(hit.to_dict(), default=str)


def test_results_are_a_sequence(sample: Index) -> None:
    """Length, index, slices, representation, rows."""
    results = sample.search("customs", limit=5)
    assert len(results) == len(results.hits) == 5
    assert results[-1].rank == 5
    assert [hit.rank for hit in results[1:3]] == [2, 3]
    assert results[0] is results[0]
    assert "customs" in repr(results)
    assert results.rows()[0]["id"] == results[0].document.id
    for query in (
        "customs",
        "A-CIP",
        '"the customs" AND the',
        "customs 2020-10-30",
        "customs AND c*",
        "customs октябрь 2020",
    ):
        assert len(sample.search(query, limit=0)) == 0
        assert sample.search(query, limit=0).total == sample.search(query).total


def test_results_as_a_data_frame(sample: Index) -> None:
    """Columns typed, also without hits."""
    pytest.importorskip("pandas")
    frame = sample.search("customs", limit=3).to_pandas()
    assert frame["rank"].tolist() == [1, 2, 3]
    assert str(frame["date"].dtype).startswith("datetime64")
    assert sample.search("qwertyuiop").to_pandas().empty


def test_notebooks_show_hostile_documents_harmlessly() -> None:
    """A body and a title full of markup are escaped."""
    index = Index.memory(
        [Document(id="1", title="<script>fossil</script>", body="<img src=x onerror=alert(1)> fossil")]
    )
    html = index.search("fossil <b>")._repr_html_()
    assert "<script>" not in html
    assert "<img" not in html
    assert "<b>'" not in html


def test_snippets_mark_what_matched_in_the_original_text(sample: Index) -> None:
    """Every mark is an inflected form of a word of the query."""
    for hit in sample.search("таможенники окаменелости", limit=20, translate="off"):
        texts = {"title": hit.document.title, "body": hit.document.body}
        for fragment in hit.snippet.fragments:
            assert texts[fragment.field][fragment.start : fragment.end] == fragment.text
            for mark in fragment.marks:
                word = texts[fragment.field][mark.start : mark.end].lower()
                assert word.startswith(("таможенник", "окаменел"))


def test_suggestions_are_words_of_the_index(sample: Index) -> None:
    """By prefix, most frequent first."""
    found = sample.suggest("Тамож", limit=5)
    assert all(suggestion.text.startswith("тамож") for suggestion in found)
    assert [s.count for s in found] == sorted((s.count for s in found), reverse=True)
    assert sample.suggest("qqqq") == []


# -- life cycle


def test_paths_that_are_no_index(tmp_path: Path) -> None:
    """Absent, empty, a file, taken."""
    with pytest.raises(IndexNotFoundError, match="wco-search index"):
        Index.open(tmp_path / "absent")
    with pytest.raises(IndexNotFoundError):
        Index.open(tmp_path)
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(IndexNotFoundError):
        Index.open(file)
    with pytest.raises(IndexExistsError, match="file"):
        Index.create(file)
    with pytest.raises(IndexExistsError, match="not empty"):
        Index.create(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
    Index.create(tmp_path / "ix")
    with pytest.raises(IndexExistsError, match="already"):
        Index.create(tmp_path / "ix")


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    """Whatever is asked of it."""
    index = Index.create(tmp_path / "ix")
    index.close()
    index.close()
    calls: list[Callable[[], object]] = [
        index.__len__, index.stats, index.check, index.refresh, lambda: index.add([]), lambda: index.search("x"),
        lambda: index.get("x"), lambda: index.suggest("x"), lambda: index.delete("x"),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(IndexClosedError):
            call()
    assert "closed" in repr(index)


def test_readers_keep_their_commit_until_they_refresh(tmp_path: Path) -> None:
    """Even while the files under them are swept away."""
    writer = Index.create(tmp_path / "ix")
    writer.add(Document(id="0", body="Fossils of day 0."))
    reader = Index.open(tmp_path / "ix")
    for day in range(1, 6):
        writer.add(Document(id=str(day), body=f"Fossils of day {day}."))
    assert ids(reader, "fossils") == ["0"]
    assert reader.refresh()
    assert len(ids(reader, "fossils")) == 6
    assert not reader.refresh()


def test_the_folder_does_not_grow(tmp_path: Path) -> None:
    """Two commits are kept, whatever the number of writes."""
    index = Index.create(tmp_path / "ix")
    sizes = []
    for turn in range(12):
        index.add(Document(id="1", body=f"Turn {turn % 10}."))
        sizes.append(len(list((tmp_path / "ix").iterdir())))
    assert max(sizes) <= 8


def test_segments_merge_by_themselves(tmp_path: Path) -> None:
    """A hundred additions leave a handful of segments; a replaced document takes room only until a merge."""
    index = Index.create(tmp_path / "ix")
    index.add(Document(id=f"first-{n}", body=f"Fossils {n}.") for n in range(50))
    most = 0
    for turn in range(100):
        index.add(Document(id=f"turn-{turn % 40}", body=f"Timber {turn}."))
        most = max(most, index.stats().segments)
        assert index.stats().deleted <= len(index)
    assert most <= 5
    assert index.search("timber").total == 40
    assert index.check().ok
    index.optimize()
    assert (index.stats().segments, index.stats().deleted, index.search("timber").total) == (1, 0, 40)


def test_an_index_in_memory_can_be_saved(sample: Index, tmp_path: Path) -> None:
    """And is the same then."""
    saved = sample.copy(tmp_path / "ix")
    assert list(saved.documents()) == list(sample.documents())
    assert ids(saved, "таможня") == ids(sample, "таможня")
    assert saved.check().ok
    with pytest.raises(IndexExistsError):
        sample.copy(tmp_path / "ix")


def test_stats_tell_what_there_is(sample: Index) -> None:
    """As facts and as JSON."""
    stats = sample.stats()
    assert stats.documents == 64
    assert stats.languages == {"en": 32, "ru": 32}
    assert stats.first_date is not None
    assert json.loads(json.dumps(stats.to_dict()))["documents"] == 64
    assert Index.memory().stats().documents == 0


def test_an_empty_index_works(tmp_path: Path) -> None:
    """Open, search, check, suggest: nothing, and no error."""
    Index.create(tmp_path / "ix")
    index = Index.open(tmp_path / "ix")
    assert index.search("fossils").total == 0
    assert index.search("*").total == 0
    assert index.search("date:2020", sort="date", facets=["source"]).total == 0
    assert index.suggest("a") == []
    assert index.check().ok
    index.add(Document(id="1", body="x"))
    assert index.delete("1") == 1
    assert len(index) == 0
    assert index.check().ok


# -- writers and readers of other processes and threads

_HOLD = """
import sys, time
from wco_search import Index
with Index.open(sys.argv[1]).writer():
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_writers_queue_and_tell_who_holds_the_lock(tmp_path: Path) -> None:
    """A second process waits; one that will not wait is told the first one's number."""
    index = Index.create(tmp_path / "ix")
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "ix"), "1.5"], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(IndexLockedError) as caught, index.writer(timeout=0):
            pass
        assert caught.value.holder_pid == holder.pid
        assert caught.value.held_s is not None
        assert index.add(Document(id="1", body="x")).added == 1


def test_a_killed_writer_leaves_the_last_commit_and_no_lock(tmp_path: Path) -> None:
    """The kernel ends the lock with its holder."""
    index = Index.create(tmp_path / "ix")
    index.add(Document(id="1", body="x"))
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path / "ix"), "60"], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
    assert index.add(Document(id="2", body="y")).added == 1
    assert len(Index.open(tmp_path / "ix")) == 2


def test_threads_write_one_after_the_other(tmp_path: Path) -> None:
    """No document is lost."""
    index = Index.create(tmp_path / "ix")

    def add(number: int) -> None:
        index.add(Document(id=str(number), body=f"Fossil {number}."))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(12)))
    assert len(Index.open(tmp_path / "ix")) == 12


def test_threads_share_an_index(sample: Index) -> None:
    """Eight threads get what one gets."""
    queries = ["таможня", "customs fossils", '"customs officers"', "тамож*", "date:2024", "Mikuria~"] * 4
    expected = [ids(sample, query) for query in queries]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(lambda query: ids(sample, query), queries)) == expected


def test_readers_search_while_a_writer_commits(tmp_path: Path) -> None:
    """Every answer is that of a whole commit: document n comes only after all before it."""
    path = tmp_path / "ix"
    writer = Index.create(path)
    stop = threading.Event()
    failures: list[str] = []

    def read() -> None:
        while not stop.is_set():
            found = sorted(int(name) for name in ids(Index.open(path), "fossil", limit=100))
            if found != list(range(len(found))):
                failures.append(str(found))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(15):
        writer.add(Document(id=str(number), body="Fossil."))
        time.sleep(0.01)
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/usr/bin/setpriv").exists(), reason="root may write anywhere")
def test_an_index_on_read_only_media_opens(tmp_path: Path) -> None:
    """As another user, who may not write there."""
    index = Index.create(tmp_path / "ix")
    index.add(Document(id="1", body="Fossils."))
    for path in [*(tmp_path / "ix").rglob("*"), tmp_path / "ix"]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in [tmp_path, *tmp_path.parents][:4]:
        if os.access(parent, os.W_OK) and parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o055)
    code = "import sys; from wco_search import Index; print(Index.open(sys.argv[1]).search('fossil').total)"
    command = [sys.executable, "-c", code, str(tmp_path / "ix")]
    if os.geteuid() == 0:
        command = ["/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for path in [tmp_path / "ix", *(tmp_path / "ix").rglob("*")]:
        path.chmod(0o755)
    assert done.stdout == "1\n", done.stderr
