"""The values of fields, prepared for counting and ordering, and kept as long as their commit is open.

A field that is counted is a number of a value for each document. Where it has few values and many documents are
counted, each value is a bitmap of its documents instead. Besides columns these can be counted:

    date.year  date.quarter  date.month  date.weekday   parts of a field of days: 2020, 2020-Q4, 2020-10, 1 for Monday
    country  people  organisations                      what texts name (`wco_search.engine.mentions`)

A metadata field of one of these names takes its place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import repeat
from operator import index
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np

from wco_search.compiled import filled
from wco_search.documents import MetadataValue
from wco_search.engine.columns import KeywordColumn, NumberColumn
from wco_search.engine.drilling import query_for
from wco_search.engine.mentions import COUNTRY, ORGANISATIONS
from wco_search.engine.postings import packed
from wco_search.engine.segment import NAMED
from wco_search.engine.selection import Selection, count_in_each
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.errors import UnknownFieldError
from wco_search.languages import countries
from wco_search.languages.entities import organisation_names
from wco_search.query.syntax import PARTS_OF_DAYS
from wco_search.results import FacetCount
from wco_search.timeline import Timeline, Unit, make_timeline

_MONDAY = dt.date(2024, 1, 1).toordinal()  # any Monday
_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
}
_EPOCH = dt.date(1970, 1, 1).toordinal()  # what numpy counts days from
_MOST_ROWS = 64  # values that have a bitmap each: of a million documents these are 8 MB a field
_ROWS_PAY = 2  # to go through so many words of bitmaps costs as much as to look up the value of a document


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """A field that is counted.

    Attributes:
        size: How many different values there are.
        value: The value of a number; numbers are in the order of values.
        codes: For each document the number of its value, `size` where it has none.
        starts: Where documents have any number of values: those of document `d` are `codes[starts[d]:starts[d + 1]]`.
        names: What a value is called, by language, where that is not the value itself.
        distinct: The values, of a field of numbers or days.
        rows: The bitmaps of all values in a segment, by its first document, once they were worth making.
        known: Where documents have any number of values, the bitmap of those in a segment that have one.
    """

    size: int
    value: Callable[[int], MetadataValue]
    codes: Array
    starts: Array | None = None
    names: Callable[[int], Mapping[str, str]] = lambda _: {}
    distinct: Array | None = None
    rows: dict[int, Array] = field(default_factory=dict)
    known: dict[int, Array] = field(default_factory=dict)

    def counts(self, selection: Selection) -> Array:
        """How many of some documents have each value."""
        if self.starts is None and self.size <= _MOST_ROWS and self._rows_pay(selection):
            parts = zip(selection.firsts, selection.bits, strict=True)
            counts: Array = np.add.reduce([count_in_each(bits, self._rows(first, bits)) for first, bits in parts])
            return counts
        if self.starts is not None:  # few texts name an organisation: the others need not be looked at
            selection = selection.among(map(self._known, selection.firsts, selection.bits))
        return selection.tally(self.codes, self.starts, self.size + 1)[: self.size]

    def _rows_pay(self, selection: Selection) -> bool:
        """Whether going through the bitmaps of all values costs less than looking up the value of each document."""
        words = self.size * sum(map(len, selection.bits))
        return 0 < words < _ROWS_PAY * selection.size

    def _rows(self, first: int, bits: Array) -> Array:
        found = self.rows.get(first)
        if found is None:
            own = self.codes[first : first + 64 * len(bits)]  # of the next segment as well, which no bit asks for
            found = self.rows[first] = np.concatenate([packed(own == code) for code in range(self.size)])
        return found

    def _known(self, first: int, bits: Array) -> Array:
        found = self.known.get(first)
        if found is None:
            assert self.starts is not None
            own = self.starts[first : first + 64 * len(bits) + 1]
            found = self.known[first] = packed(own[1:] > own[:-1])
        return found


_TABLES: WeakKeyDictionary[Snapshot, dict[str, _Table]] = WeakKeyDictionary()
_PLACES: WeakKeyDictionary[Snapshot, dict[str, Array]] = WeakKeyDictionary()


def count(snapshot: Snapshot, name: str, selection: Selection, limit: int | None = None) -> tuple[FacetCount, ...]:
    """The values of a field in some documents, the most frequent first, equally frequent ones in their order.

    Args:
        snapshot: The commit.
        name: A column, a part of a field of days, `country`, `people` or `organisations`.
        selection: The documents.
        limit: Most values to give; None gives all.

    Raises:
        UnknownFieldError: There is no such field to count.
    """
    table = _table(snapshot, name)
    return _most_frequent(name, table, table.counts(selection), limit)


def _most_frequent(name: str, table: _Table, counts: Array, limit: int | None) -> tuple[FacetCount, ...]:
    present = counts.nonzero()[0]
    best = present.take(np.argsort(-counts.take(present), kind="stable")[:limit])
    codes = best.tolist()
    numbers, names = counts.take(best).tolist(), map(table.names, codes)
    rows = zip(map(table.value, codes), numbers, names, repeat(query_for(name), len(codes)), strict=True)
    return tuple(filled(FacetCount, ("value", "count", "names", "to_query"), rows))


def count_days(days: Sequence[int], counts: Sequence[int], name: str, limit: int | None) -> tuple[FacetCount, ...]:
    """The years, quarters, months or weekdays of *days*, each of which stands for so many documents; as `count`.

    Example:
        >>> days = [dt.date(2020, 10, 30).toordinal(), dt.date(2020, 11, 2).toordinal()]
        >>> [(one.value, one.count) for one in count_days(days, [2, 5], "date.month", None)]
        [('2020-11', 5), ('2020-10', 2)]
    """
    column = NumberColumn("date", np.asarray(days, np.int32), np.ones(len(days), np.bool_))
    table = _of_days(column, name.rpartition(".")[2])
    return _most_frequent(name, table, np.bincount(table.codes, counts, minlength=table.size).astype(np.int64), limit)


def countable(snapshot: Snapshot) -> list[str]:
    """The names that `count` takes."""
    names = {*snapshot.columns, *NAMED}
    days = [name for name, column in snapshot.columns.items() if column.kind == "date"]
    return sorted(names | {f"{name}.{part}" for name in days for part in PARTS_OF_DAYS})


def _table(snapshot: Snapshot, name: str) -> _Table:
    kept = _TABLES.setdefault(snapshot, {})
    table = kept.get(name)
    if table is None:
        table = kept[name] = _made(snapshot, name)
    return table


def _made(snapshot: Snapshot, field: str) -> _Table:
    column = snapshot.columns.get(field)
    if isinstance(column, KeywordColumn):
        return _of_keywords(column)
    if column is not None:
        return _of_numbers(column)
    if field in NAMED:
        return _of_named(snapshot.named[field], _NAMES_OF.get(field, _no_names))
    name, _, part = field.partition(".")
    days = snapshot.columns.get(name)
    if part not in PARTS_OF_DAYS or not isinstance(days, NumberColumn) or days.kind != "date":
        raise UnknownFieldError(field, countable(snapshot))
    return _of_days(days, part)


def _of_keywords(column: KeywordColumn) -> _Table:
    size = len(column.words)
    lengths = np.diff(column.starts.astype(np.int64))
    if (lengths > 1).any():
        return _Table(size, cache(column.words.__getitem__), column.codes, column.starts)
    each = np.full(len(lengths), size, np.min_scalar_type(size))
    each[lengths == 1] = column.codes
    return _Table(size, cache(column.words.__getitem__), each)


def _of_numbers(column: NumberColumn) -> _Table:
    values, codes = _numbered(column.values, column.present)
    value = (lambda code: dt.date.fromordinal(values.item(code))) if column.kind == "date" else values.item
    return _Table(len(values), value, codes, distinct=values)


def _numbered(values: Array, present: Array) -> tuple[Array, Array]:
    """The distinct values, ascending, and for each document the number of its own, or how many there are."""
    own = values[present]
    if own.dtype.kind == "i" and len(own) and (span := int(own.max()) - (low := int(own.min())) + 1) <= len(own):
        places = own - low  # days and years are few: to sort them all would take twenty times as long
        distinct = np.bincount(places, minlength=span).nonzero()[0]
        numbers = np.zeros(span, np.intp)
        numbers[distinct] = np.arange(len(distinct))
        found, distinct = numbers.take(places), distinct + low
    else:
        distinct, found = np.unique(own, return_inverse=True)
    codes = np.full(len(values), len(distinct), np.min_scalar_type(len(distinct)))
    codes[present] = found
    return distinct, codes


def _of_days(column: NumberColumn, part: str) -> _Table:
    if part == "weekday":
        distinct, codes = _numbered((column.values - _MONDAY) % 7, column.present)
        return _Table(
            len(distinct), lambda code: distinct.item(code) + 1, codes, names=lambda code: _weekday(distinct.item(code))
        )
    months = (column.values.astype(np.int64) - _EPOCH).astype("M8[D]").astype("M8[M]").astype(np.int64)
    size = {"month": 1, "quarter": 3, "year": 12}[part]
    distinct, codes = _numbered(months // size, column.present)
    return _Table(len(distinct), cache(lambda code: _unit(part, size, distinct.item(code))), codes)


def _weekday(number: int) -> Mapping[str, str]:
    return {language: names[number] for language, names in _WEEKDAYS.items()}


def _unit(part: str, size: int, number: int) -> int | str:
    """A month, quarter or year by its number, counted from 1970."""
    years, place = divmod(number, 12 // size)
    year = 1970 + years
    if part == "year":
        return year
    return f"{year}-{place + 1:02}" if part == "month" else f"{year}-Q{place + 1}"


def _of_named(column: KeywordColumn, names: Callable[[str], Mapping[str, str]]) -> _Table:
    return replace(_of_keywords(column), names=cache(lambda code: names(column.words[code])))


def _no_names(_: str) -> Mapping[str, str]:
    return {}


_NAMES_OF: Mapping[str, Callable[[str], Mapping[str, str]]] = {
    COUNTRY: lambda code: countries()[code].names if code in countries() else {},  # the index may know more of them
    ORGANISATIONS: organisation_names,
}
"""What values of such a field are called, by language."""


def places(snapshot: Snapshot, field: str) -> Array:
    """For each document the place of its value among all of the field, from 0; -1 where it has none.

    Raises:
        UnknownFieldError: *field* is no column.
    """
    kept = _PLACES.setdefault(snapshot, {})
    found = kept.get(field)
    if found is None:
        column = snapshot.columns.get(field)
        if column is None:
            raise UnknownFieldError(field, ["relevance", *snapshot.columns])
        known = column.known()
        found = np.full(snapshot.size, -1)
        _, found[known] = np.unique(column.sort_keys()[known], return_inverse=True)
        kept[field] = found
    return found


def requested_facets(facets: Sequence[str] | Mapping[str, int | None]) -> Mapping[str, int | None]:
    """The fields of `Index.search(facets=...)`, each with the most values to give.

    Raises:
        TypeError: They are no fields, or no numbers.
        ValueError: A number is less than 1, or one field is given where a list of them belongs.
    """
    if isinstance(facets, str):
        raise ValueError(f"facets are a list of fields, as [{facets!r}], not a text")  # noqa: TRY004  # a slip, told so
    if not isinstance(facets, Iterable):
        raise TypeError(f"facets are a list of fields, as ['source'], not {facets!r}")
    names = list(facets)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"facets are fields named by text, as ['source'], not {names!r}")
    given = facets if isinstance(facets, Mapping) else dict.fromkeys(names)
    return {name: _most_values(name, limit) for name, limit in given.items()}


def _most_values(name: str, limit: int | None) -> int | None:
    if limit is None:
        return None
    try:
        most = index(limit)
    except TypeError:
        raise TypeError(f"the most values of the facet {name} must be a whole number or None, not {limit!r}") from None
    if most < 1:
        raise ValueError(f"the most values of the facet {name} must be 1 or more, not {limit}; None gives all")
    return most


def timeline(
    snapshot: Snapshot,
    selection: Callable[[], Selection],
    query: Callable[[], Callable[[dt.date, dt.date], str | None]],
    by: Unit | Literal["auto"],
    relative: bool,
) -> Timeline:
    """The timeline of some documents; *query* gives what writes the search for some days.

    Raises:
        ValueError: See `Timeline.make_timeline`.
    """
    table = _table(snapshot, "date")
    assert table.distinct is not None
    found = selection()
    counts = table.counts(found)
    there = counts.nonzero()[0]
    everything = {}
    if relative:
        live = np.ones(snapshot.size, np.bool_) if snapshot.live is None else snapshot.live
        everything["all_days"] = table.distinct
        everything["all_counts"] = table.counts(Selection.of_mask(snapshot, live))
    undated = found.size - int(counts.sum())
    days, counts = table.distinct.take(there), counts.take(there)
    return make_timeline(days, undated, by, counts=counts, query=query(), **everything)
