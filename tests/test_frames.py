"""Tables with typed columns: the same rows and types in pandas, polars, Arrow and Parquet."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wco_search import Document, Index, MissingExtraError, Table
from wco_search.frames import distinct_names

KINDS = {
    "word": "keyword",
    "words": "keywords",
    "count": "integer",
    "weight": "float",
    "holds": "boolean",
    "day": "date",
}
VALUES = {
    "word": st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    "words": st.lists(st.sampled_from(["порт", "ivory", ""]), min_size=1, max_size=3).map(tuple),
    "count": st.integers(-(2**63), 2**63 - 1),
    "weight": st.floats(allow_nan=False),
    "holds": st.booleans(),
    "day": st.dates(),
}
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()}), max_size=4)
EXTRAS = {"pandas": "to_pandas", "polars": "to_polars", "pyarrow": "to_arrow"}


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as frames give them back: several keywords as a list."""
    return [{name: list(one) if isinstance(one, tuple) else one for name, one in row.items()} for row in rows]


@settings(max_examples=40)
@given(ROWS)
def test_polars_gives_back_every_value(rows: list[dict[str, Any]]) -> None:
    """Missing ones and days of any year included."""
    polars = pytest.importorskip("polars")
    frame = Table(KINDS, rows).to_polars()
    assert frame.to_dicts() == plain(rows)
    types = [polars.String, polars.List(polars.String), polars.Int64, polars.Float64, polars.Boolean, polars.Date]
    assert list(frame.schema.values()) == types


@settings(max_examples=40)
@given(ROWS)
def test_arrow_gives_back_every_value(rows: list[dict[str, Any]]) -> None:
    """Types do not depend on what is in the rows."""
    pytest.importorskip("pyarrow")
    table = Table(KINDS, rows).to_arrow()
    assert table.to_pylist() == plain(rows)
    types = ["string", "list<item: string>", "int64", "double", "bool", "date32[day]"]
    assert [str(field.type).replace("element", "item") for field in table.schema] == types


@settings(max_examples=40)
@given(ROWS)
def test_pandas_gives_back_every_value(rows: list[dict[str, Any]]) -> None:
    """Days as timestamps of seconds, the only ones that hold the whole calendar."""
    pandas = pytest.importorskip("pandas")
    frame = Table(KINDS, rows).to_pandas()
    types = ["string", "object", "Int64", "Float64", "boolean", "datetime64[s]"]
    assert list(map(str, frame.dtypes)) == types
    for name in KINDS:
        found = [None if one is None or one is pandas.NA or one is pandas.NaT else one for one in frame[name]]
        expected = [row[name] for row in plain(rows)]
        assert [one.date() if name == "day" and one is not None else one for one in found] == expected


def test_parquet_reads_back(tmp_path: Path) -> None:
    """Written by pyarrow, over what is there."""
    parquet = pytest.importorskip("pyarrow.parquet")
    row = {"word": "Таможня", "words": ("a", "b"), "count": 3, "weight": 0.5, "holds": True, "day": date(2020, 10, 9)}
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"old")
    Table(KINDS, [row, {}]).to_parquet(path)
    assert parquet.read_table(path).to_pylist() == plain([row, dict.fromkeys(KINDS)])


@pytest.mark.parametrize(("package", "method"), EXTRAS.items(), ids=EXTRAS)
def test_a_missing_package_is_named_with_its_extra(package: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And how to install it."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"{method} needs {package}; .*'wco-search\["):
        getattr(Table(KINDS, []), method)()


METADATA = {"section": str, "tags": list, "views": int, "share": float, "urgent": bool, "seen": date, "rank": str}


@pytest.fixture(scope="module")
def index() -> Index:
    """One full document and one that has nothing but its text."""
    metadata = {
        "section": "trade",
        "tags": ["ports"],
        "views": 7,
        "share": 0.5,
        "urgent": True,
        "seen": date(2020, 10, 9),
        "rank": "B",
    }
    full = Document(id="1", title="Порт", body="Fossils, fossils.", date=date(1600, 1, 1), metadata=metadata)
    return Index.memory([full, Document(id="2", body="Old fossils in a long text of customs.")], metadata=METADATA)


def test_tables_of_hits_have_the_same_columns_whatever_was_found(index: Index) -> None:
    """Every field of the index has one, of its own kind; one that is called like a column of ours gets `_`."""
    found, nothing = index.search("fossils").table(), index.search("timber").table()
    assert found.kinds == nothing.kinds
    assert list(found.kinds.values())[-7:] == ["keyword", "keywords", "integer", "float", "boolean", "date", "keyword"]
    assert (found.columns[-1], found.column("rank"), found.column("rank_")) == ("rank_", [1, 2], ["B", None])
    assert len(nothing) == 0


def test_all_frames_of_hits_agree(index: Index) -> None:
    """Including a day that no nanoseconds can tell."""
    for package in EXTRAS:
        pytest.importorskip(package)
    results = index.search("fossils")
    expected = [(row["id"], row["date"], row["views"]) for row in results.rows()]
    polars, arrow, pandas = results.to_polars(), results.to_arrow(), results.to_pandas()
    assert [(row["id"], row["date"], row["views"]) for row in polars.to_dicts()] == expected
    assert [(row["id"], row["date"], row["views"]) for row in arrow.to_pylist()] == expected
    assert (pandas["date"].dt.year.tolist()[0], pandas["views"].tolist()[0]) == (1600, 7)


def test_facets_as_a_table(index: Index) -> None:
    """One row a value, of whatever kind, as text."""
    table = index.search("fossils", facets=["urgent", "seen"]).facet_table()
    assert list(table.cells()) == [("urgent", "true", 1), ("seen", "2020-10-09", 1)]
    assert list(index.search("fossils").facet_table().cells()) == []


@given(st.lists(st.sampled_from(["a", "a_", "a__", "b", "c"]), unique=True), st.sets(st.sampled_from(["a", "a_", "b"])))
def test_columns_get_names_of_their_own(names: list[str], taken: set[str]) -> None:
    """No two are the same, and none is taken."""
    given_names = distinct_names(names, taken)
    assert list(given_names) == names
    assert len(set(given_names.values())) == len(names)
    assert not set(given_names.values()) & taken
    assert all(column.startswith(name) for name, column in given_names.items())
