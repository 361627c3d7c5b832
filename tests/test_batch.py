"""Many queries at once: the same answers as one by one, in one table."""

from __future__ import annotations

from datetime import date

import pytest

from tests.conftest import sample_documents
from wco_search import Document, Index, QuerySyntaxError
from wco_search import index as index_module

QUERIES = {"кость": "бивень слона", "nothing": "qwertyuiop", "window": '"единое окно"', "again": "бивень слона"}


@pytest.fixture(scope="module")
def index() -> Index:
    """The packaged sample archive."""
    return Index.memory(sample_documents(), metadata={"section": str, "total": int})


def test_a_batch_answers_as_its_queries_one_by_one(index: Index) -> None:
    """In order, under their names, with the same options."""
    batch = index.search_many(QUERIES, limit=3, translate="off")
    assert [one.name for one in batch] == list(QUERIES)
    for one, query in zip(batch, QUERIES.values(), strict=True):
        alone = index.search(query, limit=3, translate="off")
        assert one.results.rows() == alone.rows()
        assert one.results.total == alone.total
    assert (len(batch), batch[1].name, [one.name for one in batch[2:]]) == (4, "nothing", ["window", "again"])
    assert repr(batch) == "<Batch of 4 queries: 3 found something>"


def test_rows_lose_no_query(index: Index) -> None:
    """One a hit, and one for a query without any; a field of the index gives way to a column of the batch."""
    batch = index.search_many(QUERIES, limit=2)
    rows = batch.rows()
    expected = [(one.name, one.results.total, hit.rank, hit.document.id) for one in batch for hit in one.results]
    assert [(row["query"], row["total"], row["rank"], row["id"]) for row in rows if row["rank"]] == expected
    lonely = [row for row in rows if row["query"] == "nothing"]
    assert lonely == [{**dict.fromkeys(batch.table().columns), "query": "nothing", "total": 0}]
    assert batch.table().columns[-2:] == ("section", "total_")


def test_texts_are_their_own_names_and_may_come_twice(index: Index) -> None:
    """And no texts are an empty table with all columns."""
    batch = index.search_many(text for text in ("бивень", "бивень"))
    assert [one.name for one in batch] == ["бивень", "бивень"]
    assert batch.to_dict()["queries"][0]["total"] == batch[0].results.total
    assert len(index.search_many([]).table()) == 0
    assert index.search_many([]).table().columns[:3] == ("query", "total", "rank")


def test_a_batch_as_frames(index: Index) -> None:
    """Totals of all, ranks of those that found something."""
    batch = index.search_many(QUERIES, limit=1)
    for package in ("pandas", "polars", "pyarrow"):
        pytest.importorskip(package)
    ranks = [1, None, 1, 1]
    assert batch.to_polars()["rank"].to_list() == batch.to_arrow()["rank"].to_pylist() == ranks
    assert batch.to_pandas()["total"].tolist() == batch.to_polars()["total"].to_list()


def test_an_ill_formed_query_is_named_under_strict(index: Index) -> None:
    """A filter is not: it belongs to all."""
    with pytest.raises(QuerySyntaxError, match=r"(?s)^query 'second': .*\n  fossils AND\n") as raised:
        index.search_many({"first": "fossils", "second": "fossils AND"}, strict=True)
    assert raised.value.query_text == "fossils AND"
    with pytest.raises(QuerySyntaxError) as raised:
        index.search_many(["fossils"], filter="(")
    assert "query 'fossils'" not in str(raised.value)
    assert len(index.search_many({"second": "fossils AND"})) == 1


WRONG = [("fossils", {}, TypeError, "several texts"), ([3], {}, TypeError, "not int"), ([], {"limit": -1}, None, "")]
WRONG += [(["x"], {"after": "abc"}, ValueError, "belongs to one query"), (["x"], {"limit": -1}, ValueError, "limit")]


@pytest.mark.parametrize(("queries", "options", "error", "told"), WRONG)
def test_wrong_arguments(index: Index, queries: object, options: object, error: type | None, told: str) -> None:
    """One text would be taken for its letters; a cursor is one query's; where there is no query, nothing is asked."""
    if error is None:
        assert len(index.search_many(queries, **options)) == 0  # type: ignore[arg-type]
        return
    with pytest.raises(error, match=told):
        index.search_many(queries, **options)  # type: ignore[arg-type]


def test_all_queries_are_asked_of_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though midnight may pass between them."""
    days = iter([15, 16, 17])

    class Clock(date):
        @classmethod
        def today(cls) -> date:
            return cls(2020, 11, next(days))

    index = Index.memory([Document(body="Customs seized fossils.", date=date(2020, 11, 14))])
    monkeypatch.setattr(index_module.dt, "date", Clock)
    batch = index.search_many(["fossils yesterday", "customs yesterday"])
    assert [one.results.total for one in batch] == [1, 1]
