"""`StringTable`: many strings as two plain arrays, without a Python object for each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wco_search.engine import loops

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class StringTable:
    """Strings number 0 to n-1, in UTF-8: string `i` is `blob[offsets[i]:offsets[i + 1]]`.

    A table made by `sorted_of` is in the order of its bytes, which is the order of code points; `find`, `prefix_range`
    and `bisect` want such a table.

    Example:
        >>> table = StringTable.sorted_of(["тариф", "quota", "тарифы"])
        >>> list(table), table.find("тариф"), table.find("fossil"), table.prefix_range("тар")
        (['quota', 'тариф', 'тарифы'], 1, None, (1, 3))
    """

    blob: Array
    offsets: Array

    @classmethod
    def of(cls, strings: Iterable[str]) -> StringTable:
        """A table of *strings* as they come."""
        return cls.of_bytes(string.encode() for string in strings)

    @classmethod
    def of_bytes(cls, strings: Iterable[bytes]) -> StringTable:
        """A table of *strings*, which are in UTF-8."""
        encoded = list(strings)
        offsets = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    @classmethod
    def sorted_of(cls, strings: Iterable[str]) -> StringTable:
        """A table of distinct *strings*, sorted."""
        return cls.of(sorted(strings))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, number: int) -> str:
        offsets = self.offsets
        return self.blob[offsets.item(number) : offsets.item(number + 1)].tobytes().decode()

    def at(self, numbers: Iterable[int]) -> list[str]:
        """Strings *numbers*."""
        if loops.COMPILED:
            found: list[str] = loops.compiled.strings_at(self.blob, self.offsets, numbers)
            return found
        blob, offsets = self.blob.data, self.offsets.data  # single numbers come quicker from memoryviews
        return [str(blob[offsets[number] : offsets[number + 1]], "utf-8") for number in numbers]

    def __iter__(self) -> Iterator[str]:
        blob, offsets = self.blob.tobytes(), self.offsets.tolist()
        return (blob[a:b].decode() for a, b in pairwise(offsets))

    def encoded(self) -> list[bytes]:
        """All strings in UTF-8."""
        blob, offsets = self.blob.tobytes(), self.offsets.tolist()
        return [blob[a:b] for a, b in pairwise(offsets)]

    def bytes_at(self, number: int) -> bytes:
        """String *number* in UTF-8."""
        return self.blob[self.offsets.item(number) : self.offsets.item(number + 1)].tobytes()

    def bisect(self, key: bytes) -> int:
        """Number of the first string that is not less than *key*."""
        return self._bisect(key, 0, len(self))

    def _bisect(self, key: bytes, low: int, high: int) -> int:
        while low < high:
            middle = (low + high) // 2
            if self.bytes_at(middle) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def find(self, string: str) -> int | None:
        """Number of *string*, or None."""
        key = string.encode()
        place = self.bisect(key)
        return place if place < len(self) and self.bytes_at(place) == key else None

    def find_all(self, strings: Iterable[str]) -> list[int]:
        """The numbers of those of *strings* that it has."""
        return [number for string in strings if (number := self.find(string)) is not None]

    def prefix_range(self, prefix: str) -> tuple[int, int]:
        """Half-open range of the strings that begin with *prefix*."""
        key = prefix.encode()
        return self.bisect(key), self.bisect(key + b"\xff")  # no UTF-8 text holds the byte FF

    def between(self, first: int, last: int) -> list[str]:
        """The strings from number *first* to *last*, which is not included."""
        offsets = self.offsets[first : last + 1].tolist()
        start = offsets[0]
        blob = self.blob[start : offsets[-1]].tobytes()
        return [blob[a - start : b - start].decode() for a, b in pairwise(offsets)]

    def take(self, numbers: Array) -> StringTable:
        """A table of the strings *numbers*, in that order."""
        starts = self.offsets[numbers]
        lengths = self.offsets[numbers + 1] - starts
        offsets = np.zeros(len(numbers) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        return StringTable(self.blob[ragged_ranges(starts, lengths)], offsets)


class Dictionary(StringTable):
    """A sorted table that is asked for many strings.

    Where the loops are compiled, a search takes less than a microsecond. Else it keeps every 64th string as a Python
    object, so that a search in a million of them reads six from the table, not twenty. They are read when the first
    string is sought, some three milliseconds a million.
    """

    __slots__ = ("_compiled", "_samples")

    _EVERY = 64
    _samples: list[bytes]
    _compiled: Any

    @property
    def _table(self) -> Any:
        """The same for the compiled loops."""
        try:
            return self._compiled
        except AttributeError:
            object.__setattr__(self, "_compiled", loops.compiled.Table(self.blob, self.offsets))
            return self._compiled

    def find(self, string: str) -> int | None:
        """As `StringTable.find`."""
        if loops.COMPILED:
            found: int | None = self._table.find(string.encode())
            return found
        return super().find(string)

    def find_all(self, strings: Iterable[str]) -> list[int]:
        """As `StringTable.find_all`."""
        if loops.COMPILED:
            found: list[int] = self._table.find_all(strings)
            return found
        return super().find_all(strings)

    def prefix_range(self, prefix: str) -> tuple[int, int]:
        """As `StringTable.prefix_range`."""
        if loops.COMPILED:
            low, high = self._table.prefix_range(prefix.encode())
            return low, high
        return super().prefix_range(prefix)

    def _bisect(self, key: bytes, low: int, high: int) -> int:
        if loops.COMPILED:
            place: int = self._table.bisect(key)
            return min(max(place, low), high)
        try:
            samples = self._samples
        except AttributeError:
            starts, ends = (self.offsets[first :: self._EVERY].tolist() for first in (0, 1))
            blob = self.blob.data
            samples = [bytes(blob[start:end]) for start, end in zip(starts, ends, strict=False)]
            object.__setattr__(self, "_samples", samples)
        block = bisect_left(samples, key)
        return super()._bisect(key, max(low, (block - 1) * self._EVERY), min(high, block * self._EVERY))


def ragged_ranges(starts: Array, lengths: Array) -> Array:
    """The numbers of many ranges, one range after the other.

    Example:
        >>> ragged_ranges(np.array([5, 0]), np.array([2, 3])).tolist()
        [5, 6, 0, 1, 2]
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    shifts = np.asarray(starts).astype(np.int64) - (ends - lengths)
    numbers: Array = np.arange(total, dtype=np.int64) + np.repeat(shifts, lengths)
    return numbers


def narrow(numbers: Array) -> Array:
    """*numbers*, none of them negative, in the smallest unsigned type that holds them: what a segment file keeps.

    Example:
        >>> [narrow(np.array([0, largest])).dtype.str for largest in (255, 256, 65_536)]
        ['|u1', '<u2', '<u4']
    """
    largest = int(numbers.max()) if len(numbers) else 0
    fitting: Array = numbers.astype(np.min_scalar_type(largest), copy=False)
    return fitting


_BLOCK = 1 << 20  # entries worked on at once: some 50 MB of arrays


def blocks(offsets: Array, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Ranges of terms that together are *first* to *last*, each of a bounded number of entries (or of one term).

    Example:
        >>> list(blocks(np.array([0, 2, 5, 2**21, 2**21 + 1]), 0, 4))
        [(0, 2), (2, 3), (3, 4)]
    """
    while first < last:
        end = int(np.searchsorted(offsets, offsets.item(first) + _BLOCK, side="right")) - 1
        end = min(max(end, first + 1), last)
        yield first, end
        first = end


def concatenate(tables: Iterable[StringTable]) -> StringTable:
    """One table after the other."""
    kept = list(tables)
    sizes = [int(table.offsets[-1]) for table in kept]
    shifts = np.cumsum([0, *sizes])
    offsets = [table.offsets[:-1].astype(np.int64) + shift for table, shift in zip(kept, shifts, strict=False)]
    return StringTable(
        np.concatenate([table.blob[:size] for table, size in zip(kept, sizes, strict=True)] or [np.zeros(0, np.uint8)]),
        np.concatenate([*offsets, [shifts[-1]]]).astype(np.int64),
    )
