"""Arguments of odd types: a typed error that says what belongs there, never one from deep inside."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from wco_search import Document, FilterValueError, Index, QuerySyntaxError

TODAY = dt.date(2020, 11, 15)


@pytest.fixture(scope="module")
def archive() -> Index:
    """Two documents."""
    return Index.memory(
        [Document(id="a", body="Fossils.", date=dt.date(2020, 10, 30)), Document(id="b", body="Fossils seized.")]
    )


@pytest.mark.parametrize(
    ("options", "kind", "told"),
    [
        ({"facets": [None]}, TypeError, "facets are fields named by text"),
        ({"facets": {1: 2}}, TypeError, "facets are fields named by text"),
        ({"facets": 5}, TypeError, "facets are a list of fields"),
        ({"facets": {"source": "x"}}, TypeError, "the most values of the facet source must be a whole number"),
        ({"facets": {"source": 1.0}}, TypeError, "the most values of the facet source must be a whole number"),
        ({"facets": {"source": np.int64(0)}}, ValueError, "the facet source must be 1 or more, not 0"),
        ({"facets": "source"}, ValueError, "facets are a list of fields"),
        ({"translate": [None]}, ValueError, "translate must be one of 'auto', 'only', 'off', not"),
        ({"dates": {}}, ValueError, "dates must be one of"),
        ({"layout": None}, ValueError, "layout must be one of"),
        ({"filter": {None: "x"}}, TypeError, "a filter names fields by text"),
        ({"filter": {1: 2}}, TypeError, "a filter names fields by text"),
        ({"filter": {"source": None}}, TypeError, "a filter compares a field with text"),
        ({"filter": {"source": [{}]}}, TypeError, "a filter compares a field with text"),
        ({"filter": 5}, TypeError, "a filter is text"),
        ({"filter": {"date": "xyz"}}, FilterValueError, "not a date"),
        ({"today": "2020-11-15"}, TypeError, "today must be a day"),
        ({"today": 0}, TypeError, "today must be a day"),
        ({"recency": "x"}, TypeError, "recency is a half-life in days"),
        ({"sort": None}, TypeError, "sort is a field"),
        ({"limit": "5"}, TypeError, "limit must be a whole number"),
    ],
)
def test_an_odd_option_is_told(archive: Index, options: dict[str, Any], kind: type[Exception], told: str) -> None:
    """Whatever the query is."""
    with pytest.raises(kind, match=told):
        archive.search("fossils", **options)


@pytest.mark.parametrize(
    ("options", "plain"),
    [
        ({"limit": np.int64(1)}, {"limit": 1}),
        ({"limit": np.uint8(1), "offset": np.int32(1)}, {"limit": 1, "offset": 1}),
        ({"facets": {"price": np.int64(1)}}, {"facets": {"price": 1}}),
        ({"recency": np.int64(30)}, {"recency": 30}),
        ({"recency": np.float32(30)}, {"recency": 30.0}),
        ({"filter": {"views": np.int64(3)}}, {"filter": {"views": 3}}),
        ({"filter": {"views": (np.int64(3), None)}}, {"filter": {"views": (3, None)}}),
        ({"filter": {"views": [np.int16(3)]}}, {"filter": {"views": [3]}}),
        ({"filter": {"paid": np.True_}}, {"filter": {"paid": True}}),
        ({"filter": {"price": np.float32(0.5)}}, {"filter": {"price": 0.5}}),
    ],
)
def test_numbers_of_numpy_are_numbers(options: dict[str, Any], plain: dict[str, Any]) -> None:
    """Wherever those of Python are."""
    index = Index.memory(
        [
            Document(id="a", body="Fossils.", date=TODAY, metadata={"views": np.int64(3), "paid": np.True_}),
            Document(id="b", body="Fossils seized.", metadata={"views": 1, "price": np.float32(0.5)}),
        ],
        metadata={"views": int, "paid": bool, "price": float},
    )
    found, wanted = (index.search("fossils", today=TODAY, **each).to_dict() for each in (options, plain))
    assert {**found, "took_s": 0, "after": None} == {**wanted, "took_s": 0, "after": None}
    assert wanted["hits"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda index: index.search_many(None), "queries must be several texts"),
        (lambda index: index.search_many(["a"], today="x"), "today must be a day"),
        (lambda index: index.watch(None, "fossils"), "the name of a watch must be text"),
        (lambda index: index.watch("x", None), "a query is text"),
        (lambda index: index.search(None), "a query is text"),
        (lambda index: index.similar(None), "similar takes an id"),
        (lambda index: index.suggest(None), "a prefix must be text"),
        (lambda index: index.related(None), "a word must be text"),
        (lambda one: one.delete(5), "delete takes an id, several ids or a parsed query, not 5"),
        (lambda one: one.search("fossils")[0].diff("b"), "diff compares with another hit, not with 'b'"),
        (lambda _: Index.memory(synonyms="syn.txt"), "synonyms are what wco_search.Synonyms.read makes of a file"),
    ],
)
def test_an_odd_argument_is_told(archive: Index, call: Any, told: str) -> None:
    """Of the other calls."""
    with pytest.raises(TypeError, match=told):
        call(archive)


@pytest.mark.parametrize(
    ("query", "marked", "told"),
    [
        ("fossils date:2020-13-45", "date:2020-13-45", "date: '2020-13-45' is not a date"),
        ("country:Narnia", "country:Narnia", "country: 'Narnia' is not a country"),
        ("fossils (date:FY2020)", "date:FY2020", "date: 'FY2020' is not a date"),
    ],
)
def test_a_strict_query_has_values_that_can_be(archive: Index, query: str, marked: str, told: str) -> None:
    """Else it is searched as words, and so a watch would wait for ever."""
    with pytest.raises(QuerySyntaxError, match=told) as caught:
        archive.search(query, strict=True)
    assert query[caught.value.start : caught.value.end] == marked
    assert "searched as" not in str(caught.value)
    with pytest.raises(QuerySyntaxError, match=told):
        archive.watch("never", query)
    assert archive.watches() == []
    assert "searched as words" in archive.search(query).warnings[0]


@pytest.mark.parametrize("query", ["date:2021..2020", "date:[2021 TO 2020]", "fossils date:вчера..2019"])
def test_a_range_that_ends_before_it_begins_is_told(archive: Index, query: str) -> None:
    """It finds nothing, and nobody would see why."""
    results = archive.search(query, today=TODAY)
    assert results.total == 0
    assert "ends before it begins" in results.warnings[0]
    for days in (("2020-10-31", "2020-10-01"), (dt.date(2020, 10, 31), dt.date(2020, 10, 1))):
        assert archive.search("fossils", filter={"date": days}).warnings
