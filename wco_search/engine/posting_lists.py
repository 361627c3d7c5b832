"""`PostingList`: the documents of one word in one segment with their impacts, and quick questions to them."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import numpy as np

from wco_search.engine import loops
from wco_search.engine.postings import padded_size
from wco_search.engine.segment import Segment
from wco_search.engine.strings import Array

_WIPE_COST: Final = 12  # a look-up by scatter costs a list's length, and a fixed part, in look-ups by bisection
_WIPE_FIXED: Final = 3000
_CUT: Final = frozenset({"docs", "impacts", "largest", "tenth", "words", "ranks", "levels", "frozen_idf"})


class PostingList:
    """The documents of one group in one segment.

    Attributes:
        docs: Their numbers, ascending.
        impacts: The group's impact in each.
        largest: The largest impact.
        tenth: The tenth largest, or 0 where there are fewer.
        words, ranks: The bitmap of `docs`, and how many lie before each of its words; None for a short list.
        levels, frozen_idf: See `wco_search.engine.postings`; None where there is no row.
        term: The number of its term in the segment; -1 where it is not that of one term.
        doc_freq: How many documents have the group, those included that it is not sought in.
        source: The same for compiled loops; None where they are not built.
    """

    docs: Array
    impacts: Array
    words: Array | None
    ranks: Array | None
    levels: Array | None
    term = -1

    def __init__(
        self,
        docs: Array,
        impacts: Array,
        largest: float,
        tenth: float,
        words: Array | None = None,
        ranks: Array | None = None,
        levels: Array | None = None,
        frozen_idf: float = 0.0,
        *,
        counted: int = 0,
        side: int = 0,
    ) -> None:
        """*counted* is how many documents have the group where that is more than are listed, *side* the number of those
        that it is sought in (`wco_search.engine.plan.Among.side`).
        """
        self.docs, self.impacts, self.largest, self.tenth = docs, impacts, largest, tenth
        self.words, self.ranks, self.levels, self.frozen_idf = words, ranks, levels, frozen_idf
        self.doc_freq = counted or len(docs)
        self.source: Any = None
        if loops.IS_BUILT:
            self.source = loops.compiled.Source.of_list(
                docs, impacts, words, ranks, levels, largest, tenth, frozen_idf, side
            )

    def __len__(self) -> int:
        return len(self.docs)

    def impacts_of(self, documents: Array, scratch: Array) -> Array:
        """The impact in each of *documents* (of type intp), 0 where the group is not; by the way that costs least.

        *scratch* is zero for every document of the segment and is left so.
        """
        if self.words is not None and self.ranks is not None:
            place = documents >> 6
            below = self.words.take(place) << (63 - (documents & 63)).astype(np.uint64)
            rank = self.ranks.take(place).astype(np.intp)
            rank += np.bitwise_count(below)
            found = self.impacts.take(rank - 1, mode="clip")
            found *= (below >> np.uint64(63)).astype(np.float32)
            return found
        if _WIPE_COST * len(documents) > len(self) + _WIPE_FIXED:
            docs = self.docs.astype(np.intp)
            scratch[docs] = self.impacts
            found = scratch.take(documents)
            scratch[docs] = 0
            return found
        place = self.docs.searchsorted(documents)
        np.minimum(place, len(self) - 1, out=place)
        found = self.impacts.take(place)
        found *= self.docs.take(place) == documents
        return found

    def mark(self, seen: Array) -> None:
        """Set its documents in *seen*."""
        if self.words is None:
            seen[self.docs] = True
        else:
            seen |= np.unpackbits(self.words.view(np.uint8), count=len(seen), bitorder="little").view(np.bool_)

    def at_least(self, need: float) -> tuple[Array, Array]:
        """The documents of at least so much impact, and their impacts."""
        if need <= 0:
            return self.docs, self.impacts
        good = (self.impacts >= np.float32(need)).nonzero()[0]
        return self.docs.take(good), self.impacts.take(good)


class TermList(PostingList):
    """The documents of one term.

    Its arrays are cut out of those of the segment when they are asked for: compiled loops need none of them, and to
    cut them takes longer than to find a word among a million.
    """

    def __init__(self, terms: TermArrays, term: int) -> None:  # its arrays come later
        self._terms = terms
        self.term = term
        if loops.IS_BUILT:
            self.source = terms.compiled.source(term)
            self.doc_freq = self.source.size
        else:
            self.source = None
            self.doc_freq = terms.doc_freq(term)

    def __len__(self) -> int:
        return self.doc_freq

    def __getattr__(self, name: str) -> Any:
        """Cut out its arrays when the first of them is asked for; what is there already does not come here."""
        if name not in _CUT:
            raise AttributeError(f"a TermList has no {name!r}")
        self.__dict__.update(self._terms.cut(self.term))
        return self.__dict__[name]


class TermArrays:
    """The documents of all terms of a segment, as `wco_search.engine.postings` lays them out.

    Attributes:
        docs, impacts: Of all terms, one after the other.
        largest, tenth: Of each term.
        bits, ranks: A row for each term that has a bitmap.
        levels, idfs: A row, and a number, for each term that has a row of levels.
        compiled: The same for compiled loops; None where they are not built.
    """

    def __init__(self, segment: Segment) -> None:
        arrays, padded = segment.arrays, padded_size(len(segment))
        self._offsets = segment.doc_offsets
        self._bit_terms, self._row_terms = arrays["bit_terms"], arrays["row_terms"]
        self.docs, self.impacts = segment.docs, segment.impacts
        self.largest, self.tenth = arrays["max_impacts"], arrays["tenth_impacts"]
        self.bits = arrays["bits"].reshape(-1, padded // 64)
        self.ranks = arrays["bit_ranks"].reshape(-1, padded // 64)
        self.levels = arrays["row_levels"].reshape(-1, padded)
        self.idfs = arrays["row_idfs"]
        self.compiled: Any = None
        if loops.IS_BUILT:
            self.compiled = loops.compiled.Terms(
                (self._offsets, self.docs, self.impacts, self.largest, self.tenth),
                (self._bit_terms, arrays["bits"], arrays["bit_ranks"]),
                (self._row_terms, arrays["row_levels"], self.idfs),
                tuple(arrays[f"champion_{name}"] for name in ("terms", "offsets", "docs", "rests")),
                padded,
            )

    def doc_freq(self, term: int) -> int:
        """How many documents have a term."""
        return int(self._offsets.item(term + 1) - self._offsets.item(term))

    def cut(self, term: int) -> dict[str, Any]:
        """What `PostingList` tells of a term, cut out of the arrays of all."""
        place = slice(self._offsets.item(term), self._offsets.item(term + 1))
        bitmap, row = self._bitmaps.get(term), self._rows.get(term)
        return {
            "docs": self.docs[place],
            "impacts": self.impacts[place],
            "largest": self.largest.item(term),
            "tenth": self.tenth.item(term),
            "words": None if bitmap is None else self.bits[bitmap],
            "ranks": None if bitmap is None else self.ranks[bitmap],
            "levels": None if row is None else self.levels[row],
            "frozen_idf": 0.0 if row is None else self.idfs.item(row),
        }

    @cached_property
    def _bitmaps(self) -> dict[int, int]:
        """The row of each term that has a bitmap."""
        return {term: row for row, term in enumerate(self._bit_terms.tolist())}

    @cached_property
    def _rows(self) -> dict[int, int]:
        """The row of each term that has one of levels."""
        return {term: row for row, term in enumerate(self._row_terms.tolist())}
