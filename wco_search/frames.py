"""`Table`: rows with typed columns, for whatever works with tables: pandas, polars, Arrow, Parquet, CSV.

One kind of a column is one type in each of them, and a missing value is missing in each:

| kind | pandas | polars | Arrow |
|---|---|---|---|
| keyword | string | String | string |
| keywords | object, a list or None | List(String) | list of string |
| integer | Int64 | Int64 | int64 |
| float | Float64 | Float64 | double |
| boolean | boolean | Boolean | bool |
| date | datetime64[s] | Date | date32 |

pandas has no type for days; seconds, not its usual nanoseconds, hold every day of the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wco_search.documents import FieldKind, MetadataValue, plain_value
from wco_search.errors import MissingExtraError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

Cell = MetadataValue | None

_PANDAS: Mapping[FieldKind, str] = {
    "keyword": "string",
    "keywords": "object",
    "integer": "Int64",
    "float": "Float64",
    "boolean": "boolean",
    "date": "datetime64[s]",
}
_ARROW: Mapping[FieldKind, str] = {
    "keyword": "string",
    "integer": "int64",
    "float": "float64",
    "boolean": "bool_",
    "date": "date32",
}
_POLARS: Mapping[FieldKind, str] = {
    "keyword": "String",
    "integer": "Int64",
    "float": "Float64",
    "boolean": "Boolean",
    "date": "Date",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of named values; the columns are there also where there are no rows.

    Attributes:
        kinds: The kind of each column by its name, in order.
        rows: The values by column; a value that is not given is None.

    Example:
        >>> table = Table({"source": "keyword", "count": "integer"}, [{"source": "WCO", "count": 3}])
        >>> table.columns, list(table.cells())
        (('source', 'count'), [('WCO', 3)])
    """

    kinds: Mapping[str, FieldKind]
    rows: Sequence[Mapping[str, Cell]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.kinds)

    def __len__(self) -> int:
        return len(self.rows)

    def cells(self) -> Iterator[tuple[Cell, ...]]:
        """The values of each row, in the order of the columns."""
        return (tuple(row.get(name) for name in self.kinds) for row in self.rows)

    def column(self, name: str) -> list[Any]:
        """The values of one column, several keywords as a list.

        Example:
            >>> Table({"tags": "keywords"}, [{"tags": ("ports", "drugs")}, {}]).column("tags")
            [['ports', 'drugs'], None]
        """
        values = [row.get(name) for row in self.rows]
        return [list(value) if isinstance(value, tuple) else value for value in values]

    def to_pandas(self) -> pd.DataFrame:
        """A data frame of pandas.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        pandas = _needed("pandas", "pandas", "to_pandas")
        columns = {
            name: pandas.Series(self.column(name), dtype=_PANDAS[kind], name=name) for name, kind in self.kinds.items()
        }
        return pandas.DataFrame(columns, columns=list(self.kinds))

    def to_polars(self) -> pl.DataFrame:
        """A data frame of polars.

        Raises:
            MissingExtraError: polars is not installed.
        """
        polars = _needed("polars", "polars", "to_polars")

        def dtype(kind: FieldKind) -> Any:
            return polars.List(polars.String) if kind == "keywords" else getattr(polars, _POLARS[kind])

        columns = {name: polars.Series(name, self.column(name), dtype(kind)) for name, kind in self.kinds.items()}
        return polars.DataFrame(columns)

    def to_arrow(self) -> pa.Table:
        """A table of Arrow.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        arrow = _needed("pyarrow", "parquet", "to_arrow")

        def field(name: str, kind: FieldKind) -> Any:
            return arrow.field(
                name, arrow.list_(arrow.string()) if kind == "keywords" else getattr(arrow, _ARROW[kind])()
            )

        schema = arrow.schema([field(name, kind) for name, kind in self.kinds.items()])
        return arrow.table({name: self.column(name) for name in self.kinds}, schema=schema)

    def to_parquet(self, path: str | Path) -> None:
        """Write a Parquet file to *path*, over what is there.

        Raises:
            MissingExtraError: pyarrow is not installed.
            OSError: The file cannot be written.
        """
        table = self.to_arrow()
        import_module("pyarrow.parquet").write_table(table, str(path))


def _needed(package: str, extra: str, feature: str) -> Any:
    """A package that only an extra brings.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingExtraError(package, extra, feature) from error


def distinct_names(names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Names of columns for *names*: each as it is, or with `_` behind it as long as that column is taken.

    Example:
        >>> distinct_names(["section", "rank"], ["rank", "score"])
        {'section': 'section', 'rank': 'rank_'}
    """
    used = set(taken)
    given = {}
    for name in names:
        column = name
        while column in used:
            column += "_"
        used.add(column)
        given[name] = column
    return given


def to_cell(value: Cell) -> str:
    """*value* as text that a field of its kind reads back.

    Example:
        >>> to_cell(("ports", "drugs")), to_cell(True), to_cell(None)
        ('ports, drugs', 'true', '')
    """
    plain = plain_value(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, list):
        return ", ".join(plain)
    return "" if plain is None else str(plain)
