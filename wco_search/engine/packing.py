"""`Packing`: which form of its term stands at each posting, in as few bits as the term needs.

A term of one form needs none, one of two forms a bit a posting, of up to 4, 16 and 256 forms two, four and eight, of
more 16 or 32. Those of a term start at a whole byte, lower bits first, and follow those of the term before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wco_search.engine.strings import Array, blocks, ragged_ranges

_WIDTHS = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True, eq=False)
class Packing:
    """Where the ordinals of each term lie.

    Attributes:
        starts: The first posting of each term; last, how many postings there are.
        widths: The bits of an ordinal.
        offsets: The first byte of each term; last, how many bytes there are.

    Example:
        >>> packing = Packing.of(np.array([0, 2, 5]), np.array([0, 1, 1]))  # two postings of a form, three of two forms
        >>> packed = packing.pack(np.array([0, 0, 1, 0, 1]))
        >>> packed.tolist(), packing.unpack(packed, 0, 2).tolist()
        ([5], [0, 0, 1, 0, 1])
    """

    starts: Array
    widths: Array
    offsets: Array

    @classmethod
    def of(cls, term_offsets: Array, form_terms: Array) -> Packing:
        """The packing of the terms of a segment (`wco_search.engine.segment`)."""
        starts = term_offsets.astype(np.int64)
        forms = np.bincount(form_terms, minlength=len(starts) - 1)
        widths = np.select([forms <= 1, *(forms <= 1 << width for width in _WIDTHS[:-1])], [0, *_WIDTHS[:-1]], 32)
        return cls(starts, widths, np.concatenate([[0], np.cumsum((widths * np.diff(starts) + 7) // 8)]))

    def pack(self, ordinals: Array) -> Array:
        """The bytes of *ordinals*, one for each posting."""
        packed = np.empty(self.offsets.item(-1), np.uint8)
        for first, last in blocks(self.starts, 0, len(self.widths)):
            for width, terms in self._by_width(first, last):
                counts = self.starts[terms + 1] - self.starts[terms]
                own = ordinals[ragged_ranges(self.starts[terms], counts)]
                sizes = self.offsets[terms + 1] - self.offsets[terms]
                packed[ragged_ranges(self.offsets[terms], sizes)] = _packed(own, counts, sizes, width)
        return packed

    def unpack(self, packed: Array, first: int, last: int) -> Array:
        """The ordinal of each posting of terms number *first* to *last*, which is not included."""
        start = self.starts.item(first)
        found = np.zeros(self.starts.item(last) - start, np.uint32)
        for width, terms in self._by_width(first, last):
            counts = self.starts[terms + 1] - self.starts[terms]
            sizes = self.offsets[terms + 1] - self.offsets[terms]
            own = packed[ragged_ranges(self.offsets[terms], sizes)]
            found[ragged_ranges(self.starts[terms] - start, counts)] = _unpacked(own, counts, sizes, width)
        return found

    def _by_width(self, first: int, last: int) -> list[tuple[int, Array]]:
        """The terms from *first* to *last* that have ordinals, by their width."""
        widths = self.widths[first:last]
        return [(width, terms + first) for width in _WIDTHS if len(terms := np.flatnonzero(widths == width))]


def _packed(ordinals: Array, counts: Array, sizes: Array, width: int) -> Array:
    """The bytes of ordinals of one width, *counts* of each term in *sizes* bytes."""
    if width >= 8:
        return ordinals.astype(f"<u{width // 8}").view(np.uint8)
    a_byte = 8 // width
    places = np.zeros(int(sizes.sum()) * a_byte, np.uint8)
    places[ragged_ranges((np.cumsum(sizes) - sizes) * a_byte, counts)] = ordinals
    packed = places[::a_byte]
    for place in range(1, a_byte):
        packed |= places[place::a_byte] << (place * width)
    return packed


def _unpacked(packed: Array, counts: Array, sizes: Array, width: int) -> Array:
    """What `_packed` took."""
    if width >= 8:
        return packed.view(f"<u{width // 8}")
    a_byte = 8 // width
    places = np.empty((len(packed), a_byte), np.uint8)
    for place in range(a_byte):
        places[:, place] = packed >> (place * width)
    places &= (1 << width) - 1
    return places.ravel()[ragged_ranges((np.cumsum(sizes) - sizes) * a_byte, counts)]
