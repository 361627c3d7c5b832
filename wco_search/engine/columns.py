"""Columns: a value a document, for filters, sorting and counting.

`NumberColumn` holds dates (as day numbers), integers, floats and booleans; `KeywordColumn` holds any number of words a
document, as numbers into a sorted table of the distinct ones. A column is built from Python values, becomes a few named
arrays, and is read back from them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from wco_search.documents import FieldKind, MetadataValue
from wco_search.engine.strings import Array, StringTable, ragged_ranges
from wco_search.text import fold

_DTYPES: Mapping[str, type] = {"date": np.int32, "integer": np.int64, "float": np.float64, "boolean": np.bool_}


class Column(Protocol):
    """What filters, sorting, counting and merging ask of a column of either kind."""

    kind: FieldKind

    def __getitem__(self, document: int) -> MetadataValue | None:
        """The document's value, or None."""

    def known(self) -> Array:
        """For each document whether it has a value."""

    def sort_keys(self) -> Array:
        """For each document a number in the order of its value; meaningless where there is none."""

    def counts(self, mask: Array) -> dict[MetadataValue, int]:
        """How many documents of *mask* have each value."""

    def take(self, documents: Array) -> Column:
        """The column of *documents*, in that order."""

    def arrays(self) -> dict[str, Array]:
        """The column as named arrays."""


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Dates, integers, floats or booleans."""

    kind: FieldKind
    values: Array
    present: Array

    @classmethod
    def of(cls, kind: FieldKind, values: Sequence[MetadataValue | None]) -> NumberColumn:
        """A column of one value or None a document."""
        present = np.fromiter((value is not None for value in values), np.bool_, len(values))
        numbers = [0 if value is None else _to_number(value) for value in values]
        return cls(kind, np.array(numbers, dtype=_DTYPES[kind]), present)

    def __getitem__(self, document: int) -> MetadataValue | None:
        return self._value(self.values.item(document)) if self.present.item(document) else None

    def _value(self, number: Any) -> MetadataValue:
        return dt.date.fromordinal(number) if self.kind == "date" else number

    def known(self) -> Array:
        """See `Column.known`."""
        return self.present

    def sort_keys(self) -> Array:
        """See `Column.sort_keys`."""
        return self.values

    def counts(self, mask: Array) -> dict[MetadataValue, int]:
        """See `Column.counts`."""
        values, counts = np.unique(self.values[mask & self.present], return_counts=True)
        return {self._value(value): count for value, count in zip(values.tolist(), counts.tolist(), strict=True)}

    def in_range(self, low: MetadataValue | None, high: MetadataValue | None, *, closed: tuple[bool, bool]) -> Array:
        """The documents with a value from *low* to *high*; None is open, *closed* says which ends belong to it."""
        mask = self.present.copy()
        if low is not None:
            bound = _to_number(low)
            mask &= self.values >= bound if closed[0] else self.values > bound
        if high is not None:
            bound = _to_number(high)
            mask &= self.values <= bound if closed[1] else self.values < bound
        return mask

    def take(self, documents: Array) -> NumberColumn:
        """See `Column.take`."""
        return NumberColumn(self.kind, self.values[documents], self.present[documents])

    def arrays(self) -> dict[str, Array]:
        """See `Column.arrays`."""
        return {"values": self.values, "present": self.present}


def _to_number(value: MetadataValue) -> int | float:
    if isinstance(value, dt.date):
        return value.toordinal()
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} has no place in a column of numbers")
    return value


@dataclass(frozen=True, slots=True)
class KeywordColumn:
    """Any number of keywords a document: those of document `d` are `words[codes[starts[d]:starts[d + 1]]]`."""

    kind: FieldKind
    words: StringTable
    codes: Array
    starts: Array

    @classmethod
    def of(cls, kind: FieldKind, values: Sequence[MetadataValue | None]) -> KeywordColumn:
        """A column of a string, a sequence of strings or None a document."""
        lists = [_to_words(value) for value in values]
        distinct = sorted({word for words in lists for word in words})
        number = {word: code for code, word in enumerate(distinct)}
        starts = np.zeros(len(lists) + 1, np.int64)
        np.cumsum([len(words) for words in lists], out=starts[1:])
        codes = np.array([number[word] for words in lists for word in words], np.int32)
        return cls(kind, StringTable.of(distinct), codes, starts)

    @classmethod
    def of_pairs(cls, owners: Sequence[int], words: Sequence[str], size: int) -> KeywordColumn:
        """A column of *size* documents, of which number `owners[i]` has the keyword `words[i]`; owners ascend.

        Example:
            >>> column = KeywordColumn.of_pairs([1, 1], ["MV", "FR"], 3)
            >>> column[0], column[1], column[2]
            (None, ('MV', 'FR'), None)
        """
        distinct = sorted(set(words))
        number = dict(zip(distinct, range(len(distinct)), strict=True))
        codes = np.fromiter(map(number.__getitem__, words), np.int32, len(words))
        starts = np.zeros(size + 1, np.int64)
        np.cumsum(np.bincount(np.asarray(owners, np.int64), minlength=size), out=starts[1:])
        return cls("keywords", StringTable.of(distinct), codes, starts)

    def __getitem__(self, document: int) -> MetadataValue | None:
        codes = self.codes[self.starts.item(document) : self.starts.item(document + 1)].tolist()
        if self.kind == "keywords":
            return tuple(self.words[code] for code in codes) if codes else None
        return self.words[codes[0]] if codes else None

    def known(self) -> Array:
        """See `Column.known`."""
        return np.diff(self.starts) > 0

    def sort_keys(self) -> Array:
        """See `Column.sort_keys`; of several keywords the first counts."""
        keys = np.zeros(len(self.starts) - 1, np.int64)
        known = self.known()
        keys[known] = self._alphabetical()[self.codes[self.starts[:-1][known]]]
        return keys

    def _alphabetical(self) -> Array:
        """The place of each word when case and ё are disregarded."""
        order = sorted(range(len(self.words)), key=lambda code: fold(self.words[code]))
        places = np.zeros(len(order), np.int64)
        places[order] = np.arange(len(order))
        return places

    def counts(self, mask: Array) -> dict[MetadataValue, int]:
        """See `Column.counts`."""
        codes = self.codes[np.repeat(mask, np.diff(self.starts))]
        counts = np.bincount(codes, minlength=len(self.words)).tolist()
        return {self.words[code]: count for code, count in enumerate(counts) if count}

    def having(self, fits: Callable[[str], bool]) -> Array:
        """The documents with a keyword whose folded form *fits*."""
        return self.having_as_written(lambda word: fits(fold(word)))

    def having_as_written(self, fits: Callable[[str], bool]) -> Array:
        """The documents with a keyword that *fits*."""
        return self._with_codes(np.fromiter(map(fits, self.words), np.bool_, len(self.words)))

    def having_word(self, word: str) -> Array:
        """The documents with the keyword *word*, case and ё aside."""
        wanted = fold(word)
        return self.having(lambda folded: folded == wanted)

    def _with_codes(self, fitting: Array) -> Array:
        fits = fitting.take(self.codes)
        if self.kind == "keyword" and len(fits) == len(self.starts) - 1:  # one in each document
            return fits
        before = np.zeros(len(fits) + 1, np.int32)
        np.cumsum(fits, out=before[1:])
        bounds = before.take(self.starts)
        mask: Array = bounds[1:] != bounds[:-1]
        return mask

    def take(self, documents: Array) -> KeywordColumn:
        """See `Column.take`; words that no document has any more are dropped."""
        lengths = np.diff(self.starts)[documents]
        starts = np.zeros(len(documents) + 1, np.int64)
        np.cumsum(lengths, out=starts[1:])
        codes = self.codes[ragged_ranges(self.starts[:-1][documents], lengths)]
        used, codes = np.unique(codes, return_inverse=True)
        return KeywordColumn(self.kind, self.words.take(used), codes.astype(np.int32), starts)

    def arrays(self) -> dict[str, Array]:
        """See `Column.arrays`."""
        return {"blob": self.words.blob, "offsets": self.words.offsets, "codes": self.codes, "starts": self.starts}


def _to_words(value: MetadataValue | None) -> Sequence[str]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Sequence):
        return value
    raise TypeError(f"{value!r} has no place in a column of keywords")


def build_column(kind: FieldKind, values: Sequence[MetadataValue | None]) -> NumberColumn | KeywordColumn:
    """A column of *kind* over *values*, one a document.

    Example:
        >>> column = build_column("keywords", [("customs", "fossils"), None, ("customs",)])
        >>> column[0], column[1], column.counts(np.array([True, True, True]))
        (('customs', 'fossils'), None, {'customs': 2, 'fossils': 1})
    """
    if kind in _DTYPES:
        return NumberColumn.of(kind, values)
    return KeywordColumn.of(kind, values)


def column_types(kind: FieldKind) -> dict[str, type | None]:
    """The arrays of a column of *kind* and their types; None where it is the smallest unsigned one that does."""
    if kind in _DTYPES:
        return {"values": _DTYPES[kind], "present": np.bool_}
    return {"blob": np.uint8, "offsets": None, "codes": None, "starts": None}


def column_from(kind: FieldKind, arrays: Mapping[str, Array]) -> NumberColumn | KeywordColumn:
    """The column that `Column.arrays` took apart."""
    if kind in _DTYPES:
        return NumberColumn(kind, arrays["values"], arrays["present"])
    return KeywordColumn(kind, StringTable(arrays["blob"], arrays["offsets"]), arrays["codes"], arrays["starts"])


def concatenate_columns(columns: Sequence[NumberColumn | KeywordColumn]) -> NumberColumn | KeywordColumn:
    """One column over the documents of all *columns*, in their order; all are of one kind."""
    first = columns[0]
    if isinstance(first, NumberColumn):
        numbers = [column for column in columns if isinstance(column, NumberColumn)]
        values, present = (
            np.concatenate(arrays) for arrays in ([c.values for c in numbers], [c.present for c in numbers])
        )
        return NumberColumn(first.kind, values, present)
    words = [column for column in columns if isinstance(column, KeywordColumn)]
    table = StringTable.sorted_of({word for column in words for word in column.words})
    number = {word: code for code, word in enumerate(table)}
    renumbered = [np.array([number[word] for word in column.words], np.int32)[column.codes] for column in words]
    codes = np.concatenate(renumbered).astype(np.int32)
    shifts = np.cumsum([0, *(len(column.codes) for column in words)])
    starts = [column.starts[:-1] + shift for column, shift in zip(words, shifts, strict=False)]
    return KeywordColumn(first.kind, table, codes, np.concatenate([*starts, shifts[-1:]]).astype(np.int64))
