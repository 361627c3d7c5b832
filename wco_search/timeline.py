"""`Timeline`: how many matching documents there are in each month, week or other unit of the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from wco_search.compiled import filled
from wco_search.documents import FieldKind
from wco_search.frames import Table
from wco_search.text import escape_html

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from matplotlib.figure import Figure

    from wco_search.pictures import Language

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)
"""The units of a timeline; weeks begin on Monday (ISO 8601)."""

_MOST_BY_ITSELF = 36  # buckets that `auto` makes at most: three years of months, a screenful of bars
MAX_BUCKETS = 20_000  # fifty years of days; more is a mistyped year, not a picture
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_EPOCH = dt.date(1970, 1, 1).toordinal()  # what numpy counts days from
_LEVELS = "▁▂▃▄▅▆▇█"
_KINDS: Mapping[str, FieldKind] = {
    "start": "date",
    "end": "date",
    "count": "integer",
    "share": "float",
    "query": "keyword",
}


def no_query(_start: dt.date, _end: dt.date) -> str | None:
    """Of a search that cannot be written so."""
    return None


@dataclass(frozen=True, slots=True)
class Bucket:
    """One unit of the calendar.

    Attributes:
        start, end: Its first and last day.
        count: How many matching documents are of these days.
        share: Which part of all documents of these days they are, 0 to 1; None where there are none, and where the
            timeline was not asked to be relative.
        to_query: Writes the search narrowed to some days; of ten years of days, that takes longer than to count them.
    """

    start: dt.date
    end: dt.date
    count: int
    share: float | None = None
    to_query: Callable[[dt.date, dt.date], str | None] = field(default=no_query, repr=False, compare=False)

    @property
    def query(self) -> str | None:
        """The search narrowed to these days, in the query language; None where it was not made of text, or is nested
        as deep as a query may be.
        """
        return self.to_query(self.start, self.end)

    def to_dict(self) -> dict[str, Any]:
        """The bucket as plain JSON values."""
        plain: dict[str, Any] = {"start": self.start.isoformat(), "end": self.end.isoformat(), "count": self.count}
        return plain | {"share": self.share, "query": self.query}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Counts of matching documents, from the first day that one is of to the last; units without any count 0.

    Made by `Results.timeline`.

    Attributes:
        by: The unit.
        buckets: The units, in order.
        undated: How many matching documents have no date.

    Example:
        >>> from wco_search import Document, Index
        >>> days = [dt.date(2020, 10, 30), dt.date(2020, 10, 2), dt.date(2020, 12, 1), None]
        >>> index = Index.memory([Document(id=str(n), body="Fossils.", date=day) for n, day in enumerate(days)])
        >>> timeline = index.search("fossils").timeline(by="month")
        >>> [(str(bucket.start), bucket.count) for bucket in timeline.buckets], timeline.undated
        ([('2020-10-01', 2), ('2020-11-01', 0), ('2020-12-01', 1)], 1)
        >>> timeline.buckets[0].query, timeline.sparkline()
        ('fossils AND date:[2020-10-01 TO 2020-10-31]', '█▁▅')
    """

    by: Unit
    buckets: tuple[Bucket, ...]
    undated: int

    def sparkline(self) -> str:
        """The counts (of a relative timeline, the shares) as a line of bars, a character a bucket."""
        heights = self.heights()
        top = max(heights, default=0.0) or 1.0
        return "".join(_LEVELS[round(height / top * (len(_LEVELS) - 1) + 0.01)] for height in heights)

    def heights(self) -> list[float]:
        """What a picture shows of each bucket: its share where the timeline is relative, else its count."""
        is_relative = self.is_relative
        return [(bucket.share or 0.0) if is_relative else float(bucket.count) for bucket in self.buckets]

    @property
    def is_relative(self) -> bool:
        """Whether shares are told."""
        return any(bucket.share is not None for bucket in self.buckets)

    def to_dict(self) -> dict[str, Any]:
        """The timeline as plain JSON values."""
        return {"by": self.by, "undated": self.undated, "buckets": [bucket.to_dict() for bucket in self.buckets]}

    def rows(self) -> list[dict[str, Any]]:
        """One flat mapping a bucket: start, end, count, share, query."""
        return [{name: getattr(bucket, name) for name in _KINDS} for bucket in self.buckets]

    def table(self) -> Table:
        """`rows()` as a table of typed columns, which is also written as Parquet.

        Example:
            >>> Timeline("day", (Bucket(dt.date(2020, 10, 2), dt.date(2020, 10, 2), 7),), 0).table().column("count")
            [7]
        """
        return Table(_KINDS, self.rows())

    def to_pandas(self) -> pd.DataFrame:
        """A data frame of pandas; `wco_search.frames` tells the types of its columns.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return self.table().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """A data frame of polars.

        Raises:
            MissingExtraError: polars is not installed.
        """
        return self.table().to_polars()

    def to_arrow(self) -> pa.Table:
        """A table of Arrow.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        return self.table().to_arrow()

    def plot(
        self,
        path: str | Path | None = None,
        *,
        title: str = "",
        language: Language = "en",
        size: tuple[float, float] = (6.0, 2.4),
    ) -> Figure:
        """The counts (of a relative timeline, the shares) as a picture, readable small and in grey.

        Args:
            path: Where to save it; the name ends with .svg, .png or .pdf.
            title: What stands above it.
            language: Of its words and months: `en` or `ru`.
            size: Its width and height in inches.

        Returns:
            A `matplotlib.figure.Figure`, which notebooks show.

        Raises:
            MissingExtraError: matplotlib is not installed.
            ValueError: There is no such language, or no such kind of picture.
            OSError: The file cannot be written.
        """
        if language not in ("en", "ru"):
            raise ValueError(f'language must be "en" or "ru", not {language!r}')
        from wco_search.pictures import draw_bars, save

        figure = draw_bars(
            [bucket.start for bucket in self.buckets],
            self.heights(),
            by=self.by,
            is_share=self.is_relative,
            undated=self.undated,
            title=title,
            language=language,
            size=size,
        )
        if path is not None:
            save(figure, path)
        return figure

    def _repr_html_(self) -> str:
        """The counts as bars, for notebooks."""
        heights = self.heights()
        top = max(heights, default=0.0) or 1.0
        rows = "".join(
            f"<tr title='{escape_html(bucket.query or '')}'><td>{bucket.start}</td><td>{bucket.count}</td>"
            f"<td><div style='background:#4a7ebb;height:.8em;width:{20 * height / top:.1f}em'></div></td></tr>"
            for bucket, height in zip(self.buckets, heights, strict=True)
        )
        return f"<table>{rows}</table>"


def make_timeline(
    days: Sequence[int] | np.ndarray[Any, Any],
    undated: int,
    by: Unit | Literal["auto"],
    *,
    counts: Sequence[int] | np.ndarray[Any, Any] | None = None,
    all_days: np.ndarray[Any, Any] | None = None,
    all_counts: Sequence[int] | np.ndarray[Any, Any] | None = None,
    query: Callable[[dt.date, dt.date], str | None] = no_query,
) -> Timeline:
    """The timeline of documents.

    Args:
        days: The day of each that has one, as `datetime.date.toordinal` counts.
        undated: How many have none.
        by: The unit; `auto` takes the finest that makes at most 36 buckets, else years.
        counts: For how many documents each of *days* stands; one each where None.
        all_days: The days of all documents, matching or not; makes the timeline relative.
        all_counts: The same of *all_days*.
        query: Tells the query that narrows the search to some days.

    Raises:
        ValueError: There is no such unit, or it makes more than 20,000 buckets.
    """
    if by not in (*UNITS, "auto"):
        raise ValueError(f"by must be one of {', '.join((*UNITS, 'auto'))}, not {by!r}")
    ordinals = np.asarray(days, np.int64)
    unit = _fitting(ordinals) if by == "auto" else by
    if not len(ordinals):
        return Timeline(unit, (), undated)
    numbers = _numbers(ordinals, unit)
    first, last = numbers.min().item(), numbers.max().item()
    size = last - first + 1
    if size > MAX_BUCKETS:
        raise ValueError(f'by="{unit}" makes {size:,} buckets; take a larger unit, or narrow the search by date')
    found = np.bincount(numbers - first, counts, minlength=size).astype(np.int64).tolist()
    shares = [None] * size if all_days is None else _shares(found, _numbers(all_days, unit) - first, all_counts)
    starts = _starts(np.arange(first, last + 2), unit)
    begins, ends = ((ordinals - _EPOCH).astype("M8[D]").tolist() for ordinals in (starts[:-1], starts[1:] - 1))
    rows = zip(begins, ends, found, shares, repeat(query, size), strict=True)
    return Timeline(unit, tuple(filled(Bucket, ("start", "end", "count", "share", "to_query"), rows)), undated)


def _fitting(ordinals: np.ndarray[Any, Any]) -> Unit:
    for unit in UNITS if len(ordinals) else ():
        numbers = _numbers(np.array([ordinals.min(), ordinals.max()]), unit)
        if numbers[1] - numbers[0] < _MOST_BY_ITSELF:
            return unit
    return "year"


def _numbers(ordinals: np.ndarray[Any, Any], unit: Unit) -> np.ndarray[Any, Any]:
    """The number of each day's unit; days, weeks from the calendar's first Monday, others from 1970."""
    numbers = ordinals.astype(np.int64)
    if unit == "day":
        return numbers
    if unit == "week":
        return (numbers - 1) // 7  # day 1, 1 January of year 1, is a Monday
    months = (numbers - _EPOCH).astype("M8[D]").astype("M8[M]").astype(np.int64)
    return months // _MONTHS[unit]


def _starts(numbers: np.ndarray[Any, Any], unit: Unit) -> np.ndarray[Any, Any]:
    """The first days of units, as `datetime.date.toordinal` counts."""
    if unit == "day":
        return numbers
    if unit == "week":
        return 7 * numbers + 1
    months = (numbers * _MONTHS[unit]).astype("M8[M]")
    return months.astype("M8[D]").astype(np.int64) + _EPOCH


def _shares(
    counts: Sequence[int], numbers: np.ndarray[Any, Any], weights: Sequence[int] | np.ndarray[Any, Any] | None
) -> list[float | None]:
    """The part that each count is of the documents of its unit, *numbers* being those units from the first on.

    Each number stands for as many documents as *weights* say, or for one.
    """
    inside = (numbers >= 0) & (numbers < len(counts))
    known = None if weights is None else np.asarray(weights)[inside]
    wholes = np.bincount(numbers[inside], known, minlength=len(counts)).tolist()
    return [count / whole if whole else None for count, whole in zip(counts, wholes, strict=True)]
