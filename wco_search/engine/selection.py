"""`Selection`: the documents that match, as bitmaps, for whatever is counted over them.

A bit a document is little even where a commit has a million of them: 119 kB, which the processor's cache holds. So
bitmaps of words are joined, met and counted by whole words of 64 documents, and no list or mask of documents is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from wco_search.engine import loops
from wco_search.engine.lists import Lists, Postings
from wco_search.engine.matching import mask_of_any, span_of
from wco_search.engine.postings import packed
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array, ragged_ranges


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Some documents of a commit.

    Attributes:
        size: How many they are.
        firsts: The number of the first document of each segment.
        bits: The bitmap of each segment: words of 64 bits, the lowest bit first, room for `padded_size` documents.
    """

    size: int
    firsts: tuple[int, ...]
    bits: tuple[Array, ...]

    @classmethod
    def of(cls, snapshot: Snapshot, bits: Iterable[Array]) -> Selection:
        """The documents of a bitmap for each segment."""
        own = tuple(bits)
        return cls(sum(map(_count_bits, own)), tuple([one.first_document for one in snapshot.slices]), own)

    @classmethod
    def of_mask(cls, snapshot: Snapshot, mask: Array) -> Selection:
        """The documents of a mask over the commit."""
        return cls.of(snapshot, [packed(mask[span_of(one)]) for one in snapshot.slices])

    def among(self, bits: Iterable[Array]) -> Selection:
        """Those of them that are in a bitmap of each segment, too."""
        own = tuple([one & other for one, other in zip(self.bits, bits, strict=True)])
        return Selection(sum(map(_count_bits, own)), self.firsts, own)

    def documents(self) -> Array:
        """Their numbers, ascending."""
        parts = [_documents(bits, first) for bits, first in zip(self.bits, self.firsts, strict=True)]
        return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, np.intp), *parts])

    def tally(self, codes: Array, starts: Array | None, size: int) -> Array:
        """How many documents have each of *size* codes.

        Args:
            codes: The code of each document of the commit.
            starts: Where documents have any number of them: those of document `d` are `codes[starts[d]:starts[d + 1]]`.
            size: All codes are less.
        """
        counts = np.zeros(size, np.int64)
        for first, bits in zip(self.firsts, self.bits, strict=True):
            tally(bits, codes, starts, first, counts)
        return counts


def bits_of(lists: Lists, clauses: Sequence[Sequence[Postings]], allowed: Array | None) -> Array:
    """The bitmap of the documents of a segment, of *allowed* where that is given, that any list of each clause has."""
    if loops.COMPILED:
        return loops.compiled.bits_of(lists.scratch.rows, clauses, allowed)
    size = len(lists.segment)
    mask = np.full(size, bool(clauses)) if allowed is None or not clauses else allowed
    for clause in clauses:
        mask = mask & mask_of_any(clause, size)
    return packed(mask)


def _count_bits(bits: Array) -> int:
    """How many documents a bitmap has."""
    return loops.compiled.count_bits_of(bits) if loops.COMPILED else int(np.bitwise_count(bits).sum())


def _documents(bits: Array, first: int) -> Array:
    if loops.COMPILED:
        return loops.compiled.documents_of(bits, first)
    return np.unpackbits(bits.view(np.uint8), bitorder="little").nonzero()[0] + first


def tally(bits: Array, codes: Array, starts: Array | None, first: int, counts: Array) -> None:
    """Add to *counts* those of the documents of a bitmap, as `Selection.tally`; its document 0 is *first* there."""
    if loops.COMPILED:
        loops.compiled.tally(bits, codes, starts, first, counts)
        return
    documents = _documents(bits, first)
    found = documents
    if starts is not None:
        begins = starts.take(documents).astype(np.int64)
        found = ragged_ranges(begins, starts.take(documents + 1) - begins)
    counts += np.bincount(codes.take(found), minlength=len(counts))


def count_in_each(bits: Array, rows: Array) -> Array:
    """How many documents each of some bitmaps has in common with one; *rows* has one behind the other."""
    if loops.COMPILED:
        return loops.compiled.count_in_each(bits, rows)
    shared: Array = np.bitwise_count(rows.reshape(-1, len(bits)) & bits)
    counts: Array = shared.sum(axis=1, dtype=np.int64)
    return counts
