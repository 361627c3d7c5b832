"""`PostingList`: the documents of one word in one segment with their impacts, and quick questions to them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock, local
from typing import Any, Final

import numpy as np

from wco_search.engine import loops
from wco_search.engine.columns import KeywordColumn
from wco_search.engine.nearness import windows
from wco_search.engine.occurrences import union
from wco_search.engine.plan import Among, Group, Words
from wco_search.engine.postings import padded_size
from wco_search.engine.score import TITLE_WEIGHT, saturated_impacts
from wco_search.engine.segment import Segment
from wco_search.engine.strings import Array

MERGED_KEPT: Final = 256  # lists of groups and phrases kept a segment, the last used: a newsroom's daily vocabulary
POSTINGS_KEPT: Final = 1 << 22  # of alternatives kept a segment, the last used; 32 MB where all have been put together
_PUT_TOGETHER: Final = 1 << 15  # postings of alternatives that are made one list; a tenth of a millisecond
NUMBERS_KEPT: Final = 65_536  # numbers of terms kept a segment: some 8 MB
SINGLES_KEPT: Final = 8192  # views of single terms kept a segment: some 10 MB
_UNKNOWN: Any = object()
_OF_TERMS: Final = ("max_impacts", "tenth_impacts", "bit_terms", "bits", "bit_ranks")
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
        counted: How many documents have the group where that is more than are listed, as it is not sought in all.
        among: The documents that it is sought in; None for all.
        source: The same for compiled loops; None where they are not built.
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
    counted: int = 0
    among: Among | None = None
    source: Any = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if loops.IS_BUILT:
            source = loops.compiled.Source.of_list(
                self.docs, self.impacts, self.words, self.ranks, self.levels, self.largest, self.tenth, self.frozen_idf
            )
            object.__setattr__(self, "source", source)

    def __len__(self) -> int:
        return len(self.docs)

    @property
    def doc_freq(self) -> int:
        """How many documents have the group, those included that it is not sought in."""
        return self.counted or len(self.docs)

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


class Alternatives:
    """The documents of weighted terms, of which the largest impact counts (`Group.weights`).

    Nothing is put together beforehand, as the terms of a translation may be in most documents: look-ups and walks ask
    each term. What it is asked for is worked out once. Those of few documents become a `PostingList` instead.

    Attributes:
        largest, tenth, doc_freq, source, among: As of `PostingList`.
        postings: How many the members have; 0 where no document is left of them.
    """

    levels: Array | None = None
    frozen_idf: float = 0.0
    largest: float
    tenth: float
    doc_freq: int
    postings: int
    source: Any

    def __init__(
        self,
        members: Callable[[], Sequence[tuple[float, PostingList]]],
        left_out: Array | None,
        scratch: Scratch,
        among: Among | None = None,
    ) -> None:
        self.among = among if left_out is not None else None
        self._members = members
        self._left_out = left_out
        self._scratch = scratch

    @classmethod
    def of(
        cls,
        members: Sequence[tuple[float, PostingList]],
        left_out: Array | None,
        scratch: Scratch,
        doc_freq: int,
        among: Among | None = None,
    ) -> Alternatives:
        """Those of some lists, which *doc_freq* documents have any of."""
        made = cls(lambda: members, left_out, scratch, among)
        made.largest = max(_weighed(weight, one.largest) for weight, one in members)
        made.tenth = 0.0 if left_out is not None else max(_weighed(weight, one.tenth) for weight, one in members)
        made.doc_freq = doc_freq
        made.postings = sum([len(one) for _, one in members])
        made.source = None
        if loops.IS_BUILT:
            sources = [(weight, one.source) for weight, one in members]
            made.source = loops.compiled.Source.of_members(sources, left_out, made.largest, made.tenth)
        return made

    @classmethod
    def of_numbers(
        cls, weighted: list[tuple[float, int]], left_out: Array | None, among: Among | None, lists: Lists
    ) -> Alternatives:
        """Those of terms by their numbers, for the compiled loops: no list is made of a term before it is asked for."""
        scratch = lists.scratch
        made = cls(lambda: [(weight, lists.of_number(term)) for weight, term in weighted], left_out, scratch, among)
        found = lists.by_number.alternatives(scratch.rows, weighted, left_out)
        made.source, made.largest, made.tenth, made.doc_freq, made.postings = found
        return made

    @cached_property
    def members(self) -> Sequence[tuple[float, PostingList]]:
        """The terms' lists and weights."""
        return self._members()

    def __len__(self) -> int:
        return self.doc_freq

    @cached_property
    def docs(self) -> Array:
        """Its documents, ascending."""
        docs = union([one.docs for _, one in self.members])
        return docs if self._left_out is None else docs.compress(~self._left_out.take(docs))

    @cached_property
    def impacts(self) -> Array:
        """The impact in each of `docs`."""
        row = self._scratch.impacts
        docs = self.docs.astype(np.intp)
        for weight, one in self.members:
            own = one.docs.astype(np.intp)
            row[own] = np.maximum(row.take(own), one.impacts * np.float32(weight))
        found = row.take(docs)
        for _, one in self.members:
            row[one.docs] = 0
        return found

    def impacts_of(self, documents: Array, scratch: Array) -> Array:
        """As `PostingList.impacts_of`."""
        (weight, first), *others = self.members
        found = first.impacts_of(documents, scratch) * np.float32(weight)
        for weight, one in others:
            np.maximum(found, one.impacts_of(documents, scratch) * np.float32(weight), out=found)
        if self._left_out is not None:
            found *= ~self._left_out.take(documents)
        return found

    def mark(self, seen: Array) -> None:
        """As `PostingList.mark`."""
        if self._left_out is None:
            for _, one in self.members:
                one.mark(seen)
            return
        own = np.zeros(len(seen), np.bool_)
        for _, one in self.members:
            one.mark(own)
        own &= ~self._left_out
        seen |= own

    def at_least(self, need: float) -> tuple[Array, Array]:
        """As `PostingList.at_least`."""
        if need <= 0:
            return self.docs, self.impacts
        docs = union([one.at_least(need / weight * (1 - 1e-6))[0] for weight, one in self.members])
        impacts = self.impacts_of(docs.astype(np.intp), self._scratch.impacts)
        good = impacts.nonzero()[0]
        return docs.take(good), impacts.take(good)


Postings = PostingList | Alternatives
"""The documents of a word of a query in one segment."""


class Scratch(local):
    """Rows of a number a document, zero between uses; each thread has its own.

    Attributes:
        rows: Those of the compiled loops; None where they are not built.
    """

    def __init__(self, size: int, documents: int) -> None:
        self.rows: Any = loops.compiled.Rows(documents, size) if loops.IS_BUILT else None
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
        self.scratch = Scratch(self.padded, len(segment))
        self.places: Any = None  # what the compiled loops read positions from; None where they are not built
        self.by_number: Any = None  # and what they make alternatives of
        if loops.IS_BUILT:
            self.by_number = loops.compiled.Members(
                segment.doc_offsets, segment.docs, segment.impacts, *(segment.arrays[name] for name in _OF_TERMS)
            )
            self.places = loops.compiled.Places(
                segment.positions, segment.term_offsets, segment.field_starts, norms, TITLE_WEIGHT
            )
        self._bitmaps = {term: row for row, term in enumerate(segment.arrays["bit_terms"].tolist())}
        self._rows = {term: row for row, term in enumerate(segment.arrays["row_terms"].tolist())}
        self._bits = segment.arrays["bits"].reshape(-1, self.padded // 64)
        self._ranks = segment.arrays["bit_ranks"].reshape(-1, self.padded // 64)
        self._levels = segment.arrays["row_levels"].reshape(-1, self.padded)
        self._singles: dict[str, PostingList | None] = {}
        self._numbers: dict[str, int | None] = {}
        self._merged: OrderedDict[Hashable, tuple[PostingList | None, Array]] = OrderedDict()
        self._chosen: OrderedDict[Hashable, Postings | None] = OrderedDict()
        self._postings_chosen = 0
        self._among: dict[Among, Array] = {}
        self._left: dict[Among, Array | None] = {}
        self._lock = Lock()

    def of_words(self, words: Words) -> Postings | None:
        """The list of a leaf, a phrase as if it were a word; None where it is in no document."""
        if len(words.groups) > 1:
            return self._kept(words.key, lambda: self._phrase(words))[0]
        group = words.groups[0]
        if not group.weights and (words.among is None or self._left_out(words.among) is None):
            return self.of(group)
        return self._alternatives(words, group)

    def of(self, group: Group) -> PostingList | None:
        """The list of *group*, which has no weights, or None where it is in no document."""
        if not group.terms:
            return self._of_many(group)[0]
        if len(group.terms) == 1:
            return self.term(group.terms[0])
        present = [term for term in group.terms if self.term(term) is not None]
        if len(present) < 2:
            return self.term(present[0]) if present else None
        return self._of_many(group)[0]

    def _alternatives(self, words: Words, group: Group) -> Postings | None:
        """Those of *words*, whose only group is *group*; of one member where it has no weights. The last are kept.

        Asked for again, those of few documents are put together as one list: a word is often asked for only once.
        """
        key = words.key
        before = self._chosen.get(key, _UNKNOWN)
        if before is _UNKNOWN:
            found = self._made_of(group, words.among)
            with self._lock:
                kept = self._chosen.setdefault(key, found)  # a key takes a while to hash: as few times as may be
                if kept is found:
                    self._postings_chosen += _size(found)
                self._forget_chosen()
            return kept
        with self._lock:
            if key in self._chosen:
                self._chosen.move_to_end(key)
        if not isinstance(before, Alternatives) or not loops.COMPILED or not 0 < before.postings <= _PUT_TOGETHER:
            return before
        found = self._put_together(before)
        with self._lock:
            if key in self._chosen:
                self._postings_chosen += _size(found) - _size(self._chosen[key])
                self._chosen[key] = found
        return found

    def _forget_chosen(self) -> None:
        while self._postings_chosen > POSTINGS_KEPT and len(self._chosen) > 1:
            _, oldest = self._chosen.popitem(last=False)
            self._postings_chosen -= _size(oldest)

    def _made_of(self, group: Group, among: Among | None) -> Postings | None:
        left_out = None if among is None else self._left_out(among)
        if loops.COMPILED and (group.weights or len(group.terms) == 1):
            numbers = zip(group.weights or (1.0,), map(self.number, group.terms), strict=True)
            weighted = [(weight, number) for weight, number in numbers if number is not None]
            return Alternatives.of_numbers(weighted, left_out, among, self) if weighted else None
        found = (
            zip(group.weights, map(self.term, group.terms), strict=True) if group.weights else [(1.0, self.of(group))]
        )
        members = [(weight, one) for weight, one in found if one is not None]
        if not members:
            return None
        lists = [one for _, one in members]
        if loops.COMPILED:
            doc_freq = loops.compiled.count_any(self.scratch.rows, lists, None)
        else:
            doc_freq = count_any(self.scratch.seen, lists)
        return Alternatives.of(members, left_out, self.scratch, doc_freq, among)

    def _put_together(self, several: Alternatives) -> Postings:
        docs, impacts, largest, tenth = loops.compiled.put_together(self.scratch.rows, several.source)
        if not len(docs):
            several.postings = 0
            return several
        return PostingList(docs, impacts, largest, tenth, counted=several.doc_freq, among=several.among)

    def _left_out(self, among: Among) -> Array | None:
        """For each document whether it is none of *among*; None where all are."""
        if among not in self._left:
            inside = self.among(among)
            self._left[among] = None if inside.all() else ~inside
        return self._left[among]

    def among(self, among: Among) -> Array:
        """For each document whether it is one of *among*."""
        found = self._among.get(among)
        if found is None:
            column = self.segment.columns["language"]
            assert isinstance(column, KeywordColumn)
            found = self._among[among] = column.having_word(among.language) == among.is_of_it
        return found

    def term(self, term: str) -> PostingList | None:
        """The list of a term; what was asked for is kept, as finding a term takes as long as a short list."""
        try:
            return self._singles[term]
        except KeyError:
            if len(self._singles) >= SINGLES_KEPT:
                self._singles.clear()
            number = self.number(term)
            found = self._singles[term] = None if number is None else self.of_number(number)
            return found

    def number(self, term: str) -> int | None:
        """The number of a term in the segment, or None; what was asked for is kept."""
        found = self._numbers.get(term, -1)
        return self._known(term, self.segment.terms.find(term)) if found == -1 else found

    def _known(self, term: str, number: int | None) -> int | None:
        if len(self._numbers) >= NUMBERS_KEPT:
            self._numbers.clear()
        self._numbers[term] = number
        return number

    def name_of(self, number: int) -> str:
        """Term number *number*, which is asked for by its name next."""
        name = self.segment.terms[number]
        self._known(name, number)
        return name

    def _phrase(self, words: Words) -> Array:
        """The first position of each occurrence of a phrase, all of whose words are in one field."""
        lists = [self._places(group) for group in words.groups]
        if words.slop == 0 and loops.COMPILED:
            found = loops.compiled.phrase(self.places, lists)
            return found if words.among is None else self._those_among(found, words.among)
        if any(len(positions) == 0 for positions in lists):
            return self.segment.positions[:0]
        if words.slop == 0:
            starts = phrase_starts(lists)
            ends = starts + np.uint32(len(lists) - 1)
        else:
            starts, ends = windows([np.unique(one).astype(np.int64) for one in lists], len(lists) + words.slop)
        fields = self.segment.fields_of
        found = np.unique(starts[fields(starts) == fields(ends)])
        return found if words.among is None else self._those_among(found, words.among)

    def _those_among(self, positions: Array, among: Among) -> Array:
        kept: Array = positions[self.among(among)[self.segment.fields_of(positions) >> 1]]
        return kept

    def _places(self, group: Group) -> Array:
        """Where *group* stands, ascending; a place may come twice."""
        if len(group.terms) == 1:
            found = self.positions_of(group.terms)
            return found[0] if found else self.segment.positions[:0]
        return self._of_many(group)[1]

    def positions(self, group: Group) -> list[Array]:
        """Ascending lists of the places where *group* stands; a place may come twice."""
        return self.positions_of(group.terms) if group.terms else [self._of_many(group)[1]]

    def spans(self, group: Group) -> list[int | Array]:
        """The same for the compiled loops, which take the places of a term by its number."""
        if not group.terms:
            return [self._of_many(group)[1]]
        return [number for term in group.terms if (number := self.number(term)) is not None]

    def positions_of(self, terms: Iterable[str]) -> list[Array]:
        """For each of *terms* that the segment has, where it stands; a place may come twice."""
        return [self.segment.term_positions(number) for number in map(self.number, terms) if number is not None]

    def of_number(self, term: int) -> PostingList:
        """The list of a term by its number."""
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

    def _kept(self, key: Hashable, find: Callable[[], Array]) -> tuple[PostingList | None, Array]:
        """The list of the positions that *find* gives, and they; kept for the next query."""
        with self._lock:
            if key in self._merged:
                self._merged.move_to_end(key)
                return self._merged[key]
        positions = find()
        found = (self._from_positions(positions), positions)
        with self._lock:
            self._merged[key] = found
            if len(self._merged) > MERGED_KEPT:
                self._merged.popitem(last=False)
        return found

    def _union(self, group: Group) -> Array:
        segment = self.segment
        if group.terms:
            return union(self.positions_of(group.terms))
        forms = [number for form in group.forms if (number := segment.forms.find(form)) is not None]
        return union(segment.positions_of_forms(forms))

    def _from_positions(self, positions: Array) -> PostingList | None:
        if not len(positions):
            return None
        if loops.COMPILED:
            return PostingList(*loops.compiled.impacts_at(self.places, positions))
        docs, impacts = self.impacts_at(positions)
        tenth = np.partition(impacts, len(impacts) - 10)[len(impacts) - 10].item() if len(impacts) >= 10 else 0.0
        return PostingList(docs.astype(np.int32), impacts, impacts.max().item(), tenth)

    def impacts_at(self, positions: Array) -> tuple[Array, Array]:
        """The documents of *positions* (ascending, each once) in title and body together, and their impacts."""
        fields = self.segment.fields_of(positions)
        starts = np.flatnonzero(np.concatenate([[True], fields[1:] != fields[:-1]])[: len(fields)])
        counts = np.diff(np.append(starts, len(fields)))
        fields = fields[starts]
        docs, impacts, _ = saturated_impacts(fields >> 1, fields, counts, self.norms)
        return docs, impacts


def _weighed(weight: float, impact: float) -> float:
    """An impact times a weight, rounded as impacts are: bounds that are not are a hair too small or too large."""
    return float(np.float32(impact) * np.float32(weight))


def _size(alternatives: Postings | None) -> int:
    return 1 if alternatives is None else 1 + alternatives.doc_freq


def count_any(seen: Array, postings: Sequence[PostingList]) -> int:
    """How many documents are in any of the lists, exactly; *seen* is false for every document and is left so."""
    if len(postings) == 1:
        return len(postings[0])
    words: Array | None = None
    for one in postings:
        if one.words is not None:
            words = one.words if words is None else words | one.words
    total = 0 if words is None else int(np.bitwise_count(words).sum())
    marked: list[Array] = []
    for one in postings:
        if one.words is None:
            docs = one.docs.astype(np.intp)
            if words is not None:
                docs = docs.compress((words.take(docs >> 6) >> (docs & 63).astype(np.uint64)) & np.uint64(1) == 0)
            total += len(docs) - (int(np.count_nonzero(seen.take(docs))) if marked else 0)
            seen[docs] = True
            marked.append(docs)
    for docs in marked:
        seen[docs] = False
    return total


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
