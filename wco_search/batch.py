"""`Batch`: what a list of queries found, as one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from wco_search.documents import FieldKind
from wco_search.frames import Cell, Table, distinct_names
from wco_search.results import HIT_KINDS, Results

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

Queries = Iterable[str] | Mapping[str, str]
"""Texts of queries, or texts by the name under which each is asked for."""

_OWN_KINDS: Mapping[str, FieldKind] = {"query": "keyword", "total": "integer"}


@dataclass(frozen=True, slots=True)
class Answered:
    """One query of a batch, and what it found.

    Attributes:
        name: Its name, or its text where it was given none.
        results: What it found.
    """

    name: str
    results: Results


class Batch(Sequence[Answered]):
    """What each of several queries found, in the order in which they were asked; made by `Index.search_many`.

    Example:
        >>> from wco_search import Document, Index
        >>> index = Index.memory([Document(id="1", body="Customs seized fossils.")])
        >>> batch = index.search_many({"old": "fossil", "new": "timber"})
        >>> [(row["query"], row["total"], row["rank"], row["id"]) for row in batch.rows()]
        [('old', 1, 1, '1'), ('new', 0, None, None)]
    """

    def __init__(self, answered: Iterable[Answered], metadata: Mapping[str, FieldKind]) -> None:
        self._answered = tuple(answered)
        self._metadata = metadata

    def __len__(self) -> int:
        return len(self._answered)

    @overload
    def __getitem__(self, place: int) -> Answered: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Answered, ...]: ...

    def __getitem__(self, place: int | slice) -> Answered | tuple[Answered, ...]:
        return self._answered[place]

    def __iter__(self) -> Iterator[Answered]:
        return iter(self._answered)

    def __repr__(self) -> str:
        found = sum(bool(one.results.total) for one in self)
        return f"<Batch of {len(self):,} queries: {found:,} found something>"

    def rows(self) -> list[dict[str, Any]]:
        """One flat mapping a hit: `query`, `total` of all that match it, and the columns of `Results.rows`.

        A query that found nothing has one row, whose total is 0 and whose other columns are None: no query gets lost.
        """
        columns = self._kinds()
        return [dict(zip(columns, row, strict=True)) for row in self._cells()]

    def _kinds(self) -> dict[str, FieldKind]:
        own = distinct_names(self._metadata, [*_OWN_KINDS, *HIT_KINDS])
        return {**_OWN_KINDS, **HIT_KINDS, **{column: self._metadata[name] for name, column in own.items()}}

    def _cells(self) -> Iterator[tuple[Cell, ...]]:
        nothing = (None,) * (len(self._kinds()) - len(_OWN_KINDS))
        for one in self:
            for hit in list(one.results.table().cells()) or [nothing]:
                yield one.name, one.results.total, *hit

    def table(self) -> Table:
        """`rows()` as a table whose columns have types."""
        return Table(self._kinds(), self.rows())

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values: under `queries` for each its `name` and all of `Results.to_dict`.

        Example:
            >>> from wco_search import Index
            >>> [one["name"] for one in Index.memory().search_many(["fossils"]).to_dict()["queries"]]
            ['fossils']
        """
        return {"queries": [{"name": one.name, **one.results.to_dict()} for one in self]}

    def to_pandas(self) -> pd.DataFrame:
        """`rows()` as a data frame of pandas.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return self.table().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """`rows()` as a data frame of polars.

        Raises:
            MissingExtraError: polars is not installed.
        """
        return self.table().to_polars()

    def to_arrow(self) -> pa.Table:
        """`rows()` as a table of Arrow.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        return self.table().to_arrow()


def named(queries: Queries) -> list[tuple[str, str]]:
    """Names and texts of *queries*.

    Raises:
        TypeError: Something is no text.
    """
    if isinstance(queries, str):
        raise TypeError(f"queries must be several texts; for one, write [{queries!r}], or call search")
    if not isinstance(queries, Iterable):
        raise TypeError(f"queries must be several texts, or texts by their names, not {queries!r}")
    pairs = list(queries.items()) if isinstance(queries, Mapping) else [(text, text) for text in queries]
    for pair in pairs:
        for text in pair:
            if not isinstance(text, str):
                raise TypeError(f"a query and its name must be text, not {type(text).__name__}")
    return pairs
