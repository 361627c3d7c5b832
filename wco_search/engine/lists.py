"""`PostingList`: the documents of one word in one segment with their impacts, and quick questions to them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from threading import Lock, local
from typing import Final

import numpy as np

from wco_search.engine.nearness import windows
from wco_search.engine.occurrences import Occurrences, union
from wco_search.engine.plan import Group, Words
from wco_search.engine.postings import padded_size
from wco_search.engine.score import saturated_impacts
from wco_search.engine.segment import Segment
from wco_search.engine.strings import Array

MERGED_KEPT: Final = 256  # lists of groups and phrases kept a segment, the last used: a newsroom's daily vocabulary
SINGLES_KEPT: Final = 8192  # views of single terms kept a segment: some 10 MB
_WIPE_COST, _WIPE_FIXED = (
    12,
    3000,
)  # a look-up by scatter costs a list's length and a fixed part, in look-ups by bisection


@dataclass(frozen=True, slots=True, eq=False)
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
    """

    docs: Array
    impacts: Array
    largest: float
    tenth: float
    words: Array | None = None
    ranks: Array | None = None
    levels: Array | None = None
    frozen_idf: float = 0.0
    term: int = -1

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


class Scratch(local):
    """Rows of a number a document, zero between uses; each thread has its own."""

    def __init__(self, size: int) -> None:
        self.sums = np.zeros(size)
        self.impacts = np.zeros(size, np.float32)
        self.seen = np.zeros(size, np.bool_)
        self.levels = np.zeros(size, np.uint8)
        self.many_levels = np.zeros(size, np.uint16)


class Lists:
    """The posting lists of a segment, by group."""

    def __init__(self, segment: Segment, norms: Array) -> None:
        self.segment = segment
        self.norms = norms
        self.padded = padded_size(len(segment))
        self.unit = segment.arrays["row_unit"].item(0)
        self.scratch = Scratch(self.padded)
        self._bitmaps = {term: row for row, term in enumerate(segment.arrays["bit_terms"].tolist())}
        self._rows = {term: row for row, term in enumerate(segment.arrays["row_terms"].tolist())}
        self._bits = segment.arrays["bits"].reshape(-1, self.padded // 64)
        self._ranks = segment.arrays["bit_ranks"].reshape(-1, self.padded // 64)
        self._levels = segment.arrays["row_levels"].reshape(-1, self.padded)
        self._singles: dict[str, PostingList | None] = {}
        self._merged: OrderedDict[Hashable, tuple[PostingList | None, Array]] = OrderedDict()
        self._lock = Lock()

    def of(self, group: Group) -> PostingList | None:
        """The list of *group*, or None where it is in no document."""
        if not group.terms or group.weights or group.unless:
            return self._of_many(group)[0]
        if len(group.terms) == 1:
            return self._single(group.terms[0])
        present = [term for term in group.terms if self._single(term) is not None]
        if len(present) < 2:
            return self._single(present[0]) if present else None
        return self._of_many(group)[0]

    def _single(self, term: str) -> PostingList | None:
        """The list of a term; what was asked for is kept, as finding a term takes as long as a short list."""
        try:
            return self._singles[term]
        except KeyError:
            if len(self._singles) >= SINGLES_KEPT:
                self._singles.clear()
            number = self.segment.terms.find(term)
            found = self._singles[term] = None if number is None else self._of_term(number)
            return found

    def of_words(self, words: Words) -> PostingList | None:
        """The list of a leaf, a phrase as if it were a word; None where it is in no document."""
        if len(words.groups) == 1:
            return self.of(words.groups[0])
        return self._kept(words.key, lambda: self._phrase(words))[0]

    def _phrase(self, words: Words) -> Occurrences:
        """The first position of each occurrence of a phrase, all of whose words are in one field."""
        lists = [self.positions(group) for group in words.groups]
        if any(len(positions) == 0 for positions in lists):
            return Occurrences(self.segment.positions[:0])
        if words.slop == 0:
            starts = phrase_starts(lists)
            ends = starts + np.uint32(len(lists) - 1)
        else:
            starts, ends = windows([np.unique(one).astype(np.int64) for one in lists], len(lists) + words.slop)
        fields = self.segment.fields_of
        return Occurrences(np.unique(starts[fields(starts) == fields(ends)]))

    def positions(self, group: Group) -> Array:
        """Where *group* stands, ascending; a place may come twice."""
        if len(group.terms) == 1 and not group.unless:
            found = self._single(group.terms[0])
            return self.segment.positions[:0] if found is None else self.segment.term_positions(found.term)
        return self._of_many(group)[1]

    def _of_term(self, term: int) -> PostingList:
        segment = self.segment
        place = slice(segment.doc_offsets.item(term), segment.doc_offsets.item(term + 1))
        bitmap, row = self._bitmaps.get(term), self._rows.get(term)
        return PostingList(
            segment.docs[place],
            segment.impacts[place],
            segment.arrays["max_impacts"].item(term),
            segment.arrays["tenth_impacts"].item(term),
            None if bitmap is None else self._bits[bitmap],
            None if bitmap is None else self._ranks[bitmap],
            None if row is None else self._levels[row],
            0.0 if row is None else segment.arrays["row_idfs"].item(row),
            term,
        )

    def _of_many(self, group: Group) -> tuple[PostingList | None, Array]:
        """A group of several terms or forms: its places put together."""
        return self._kept(group.key, lambda: self._union(group))

    def _kept(self, key: Hashable, find: Callable[[], Occurrences]) -> tuple[PostingList | None, Array]:
        """The list of the occurrences that *find* gives, and their positions; kept for the next query."""
        with self._lock:
            if key in self._merged:
                self._merged.move_to_end(key)
                return self._merged[key]
        occurrences = find()
        found = (self._from_occurrences(occurrences), occurrences.positions)
        with self._lock:
            self._merged[key] = found
            if len(self._merged) > MERGED_KEPT:
                self._merged.popitem(last=False)
        return found

    def _union(self, group: Group) -> Occurrences:
        segment = self.segment
        if not group.terms:
            forms = [number for form in group.forms if (number := segment.forms.find(form)) is not None]
            return union([segment.form_positions(number) for number in forms])
        present = [(place, one) for place, term in enumerate(group.terms) if (one := self._single(term)) is not None]
        weights = [group.weights[place] for place, _ in present] if group.weights else []
        found = union([segment.term_positions(one.term) for _, one in present], weights)
        if group.unless:
            seen = np.zeros(len(segment), np.bool_)
            for term in group.unless:
                if (one := self._single(term)) is not None:
                    seen[one.docs] = True
            found = found.at(~seen[segment.fields_of(found.positions) >> 1])
        return found

    def _from_occurrences(self, found: Occurrences) -> PostingList | None:
        if not len(found):
            return None
        docs, impacts = self.impacts_at(found)
        tenth = np.partition(impacts, len(impacts) - 10)[len(impacts) - 10].item() if len(impacts) >= 10 else 0.0
        return PostingList(docs.astype(np.int32), impacts, impacts.max().item(), tenth)

    def impacts_at(self, found: Occurrences) -> tuple[Array, Array]:
        """The documents of *found* in title and body together, and their impacts."""
        fields = self.segment.fields_of(found.positions)
        starts = np.flatnonzero(np.concatenate([[True], fields[1:] != fields[:-1]])[: len(fields)])
        fields = fields[starts]
        docs, impacts, _ = saturated_impacts(fields >> 1, fields, found.sums(starts), self.norms)
        return docs, impacts


def phrase_starts(lists: Sequence[Array]) -> Array:
    """Where one position of each list stands after the other; rare words first, so that little is looked up.

    Lists are of unsigned numbers and ascend. A start before the first position wraps round to one that no list has.

    Example:
        >>> phrase_starts([np.array(one, np.uint32) for one in ([3, 10], [4, 20], [5])]).tolist()
        [3]
    """
    order = sorted(range(len(lists)), key=lambda place: len(lists[place]))
    starts = lists[order[0]] - np.uint32(order[0])
    for place in order[1:]:
        wanted = starts + np.uint32(place)
        found = lists[place].take(lists[place].searchsorted(wanted), mode="clip") == wanted
        starts = starts.compress(found)
    return starts
