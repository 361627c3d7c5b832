"""`Lists`: the posting lists of a segment by what is sought, made when they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from threading import Lock, local
from typing import Any, Final, Generic, NamedTuple, TypeVar

import numpy as np

from wco_search.engine import loops
from wco_search.engine.columns import KeywordColumn
from wco_search.engine.nearness import windows
from wco_search.engine.occurrences import union
from wco_search.engine.plan import Among, Group, Words
from wco_search.engine.posting_lists import PostingList, TermArrays, TermList
from wco_search.engine.postings import Norms, packed, padded_size
from wco_search.engine.score import LENGTHS, TITLE_WEIGHT, saturated_impacts
from wco_search.engine.segment import FIELD_GAP, Part, Parts, Segment
from wco_search.engine.strings import Array

_Value = TypeVar("_Value")

MERGED_KEPT: Final = 256  # lists of groups and phrases kept a segment, the last used: a newsroom's daily vocabulary
POSTINGS_KEPT: Final = 1 << 22  # of alternatives kept a segment, the last used; 32 MB
_BY_ITSELF: Final = 256  # postings that take as much memory as alternatives that have not been put together
_UNKNOWN: Any = object()
_PUT_TOGETHER: Final = 1 << 15  # postings of alternatives that are made one list; a tenth of a millisecond
_OFTEN: Final = 3  # times that alternatives were asked for, from which they are made one list
SINGLES_KEPT: Final = 8192  # views of single terms kept a segment: some 10 MB


class LeftOut(NamedTuple):
    """Documents in which a word is not sought.

    Attributes:
        mask: For each document whether it is one.
        bits: Their bitmap, which compiled loops read.
        side: The number of the documents that remain (`Among.side`).
    """

    mask: Array
    bits: Array
    side: int

    @classmethod
    def of(cls, mask: Array, side: int) -> LeftOut:
        """Those of a mask."""
        return cls(mask, packed(mask), side)


class Alternatives:
    """The documents of weighted terms, of which the largest impact counts (`Group.weights`).

    Nothing is put together beforehand, as the terms of a translation may be in most documents: look-ups and walks ask
    each term. Those of few documents become a `PostingList` instead.

    Attributes:
        members: The terms' lists and weights.
        largest, tenth, doc_freq, source: As of `PostingList`.
        postings: How many the members have; 0 where no document is left of them.
        times: How often they were asked for.
    """

    levels: Array | None = None
    frozen_idf: float = 0.0
    times: int = 1

    def __init__(
        self,
        members: Sequence[tuple[float, PostingList]],
        left_out: LeftOut | None,
        scratch: Scratch,
        doc_freq: int | None = None,
    ) -> None:
        """*left_out* are documents that do not count; *doc_freq* None has them counted."""
        self.members = members
        self._left_out = None if left_out is None else left_out.mask
        self._scratch = scratch
        self.source: Any = None
        if loops.IS_BUILT:
            rows = scratch.rows if doc_freq is None else None
            sources = [(weight, one.source) for weight, one in members]
            bits, side = (None, 0) if left_out is None else (left_out.bits, left_out.side)
            self.source, counted = loops.compiled.alternatives(rows, sources, bits, side)
            self.largest, self.tenth, self.postings = self.source.largest, self.source.tenth, self.source.size
            self.doc_freq = counted if doc_freq is None else doc_freq
            return
        self.largest = max(_weighed(weight, one.largest) for weight, one in members)
        self.tenth = 0.0 if left_out is not None else max(_weighed(weight, one.tenth) for weight, one in members)
        self.postings = sum([len(one) for _, one in members])
        self.doc_freq = count_any(scratch.seen, [one for _, one in members]) if doc_freq is None else doc_freq

    def __len__(self) -> int:
        return self.doc_freq

    @property
    def docs(self) -> Array:
        """Its documents, ascending."""
        docs = union([one.docs for _, one in self.members])
        return docs if self._left_out is None else docs.compress(~self._left_out.take(docs))

    @property
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


class _Latest(Generic[_Value]):
    """What was made last, to be had again; threads may share it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, _Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """What was made for *key*, or is made of it now."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            if len(self._kept) > MERGED_KEPT:
                self._kept.popitem(last=False)
        return made


class Lists:
    """The posting lists of a segment, by group."""

    def __init__(self, segment: Segment, norms: Norms) -> None:
        self.segment = segment
        self.norms = norms
        self.padded = padded_size(len(segment))
        self.unit = segment.arrays["row_unit"].item(0)
        self.scratch = Scratch(self.padded, len(segment))
        self.places: Any = None  # what the compiled loops read positions from; None where they are not built
        self._terms = TermArrays(segment)
        if loops.IS_BUILT:
            self.places = loops.compiled.Places(
                segment.positions, segment.term_offsets, norms.starts, norms.tables, LENGTHS, FIELD_GAP, TITLE_WEIGHT
            )
        self._singles: dict[str, PostingList | None] = {}
        self._numbers: dict[str, int] = {}
        self._merged: _Latest[PostingList | None] = _Latest()
        self._positions: _Latest[Array] = _Latest()
        self._chosen: OrderedDict[Hashable, Postings | None] = OrderedDict()
        self._postings_chosen = 0
        self._among: dict[Among, Array] = {}
        self._left: dict[Among, LeftOut | None] = {}
        self._lock = Lock()

    def of_words(self, words: Words) -> Postings | None:
        """The list of a leaf, a phrase as if it were a word; None where it is in no document."""
        if len(words.groups) > 1:
            return self._merged.get(words.key, lambda: self._of_phrase(words))
        group = words.groups[0]
        if not group.weights and (words.among is None or self._left_out(words.among) is None):
            return self.of(group)
        return self._alternatives(words, group)

    def of(self, group: Group) -> PostingList | None:
        """The list of *group*, which has no weights, or None where it is in no document."""
        if not group.terms:
            return self._united(group)
        if len(group.terms) == 1:
            return self.term(group.terms[0])
        present = [term for term in group.terms if self.term(term) is not None]
        if len(present) < 2:
            return self.term(present[0]) if present else None
        return self._united(group)

    def _alternatives(self, words: Words, group: Group) -> Postings | None:
        """Those of *words*, whose only group is *group*; of one member where it has no weights. The last are kept.

        Asked for often, those of few documents are put together as one list: that costs as much as two or three
        searches gain by it.
        """
        key = words.key
        before: Postings | None = self._chosen.get(key, _UNKNOWN)
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
        if not isinstance(before, Alternatives) or not loops.COMPILED:
            return before
        before.times += 1  # where threads meet, one time less
        if before.times < _OFTEN or len(before.members) < 2 or not 0 < before.postings <= _PUT_TOGETHER:
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
        found = (
            zip(group.weights, map(self.term, group.terms), strict=True) if group.weights else [(1.0, self.of(group))]
        )
        members = [(weight, one) for weight, one in found if one is not None]
        if not members:
            return None
        return Alternatives(members, left_out, self.scratch)

    def _put_together(self, several: Alternatives) -> Postings:
        docs, impacts, largest, tenth = loops.compiled.put_together(self.scratch.rows, several.source)
        if not len(docs):
            several.postings = 0
            return several
        return PostingList(docs, impacts, largest, tenth, counted=several.doc_freq, side=several.source.side)

    def _left_out(self, among: Among) -> LeftOut | None:
        """The documents that are none of *among*; None where all are."""
        if among not in self._left:
            inside = self.among(among)
            self._left[among] = None if inside.all() else LeftOut.of(~inside, among.side)
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
        found: PostingList | None = self._singles.get(term, _UNKNOWN)
        if found is _UNKNOWN:
            if len(self._singles) >= SINGLES_KEPT:
                self._singles.clear()
            number = self._numbers.pop(term, None)
            if number is None:
                number = self.segment.terms.find(term)
            found = self._singles[term] = None if number is None else TermList(self._terms, number)
        return found

    def terms_of(self, form: str) -> tuple[str, ...] | None:
        """The terms of a folded form that stands somewhere, sorted; None where it does not.

        They are asked for by name next: their numbers are kept until then.
        """
        found = self.segment.terms_of_form(form)
        if found is None:
            return None
        if len(self._numbers) >= SINGLES_KEPT:
            self._numbers.clear()
        self._numbers.update(found)
        return tuple(sorted(found))

    def doc_freq(self, group: Group) -> int:
        """How many documents have *group*."""
        if not group.terms:
            found = self.of(group)
            return 0 if found is None else len(found)
        lists = [one for term in group.terms if (one := self.term(term)) is not None]
        if len(lists) < 2:
            return len(lists[0]) if lists else 0
        return self._count_any(lists)

    def _count_any(self, lists: Sequence[PostingList]) -> int:
        """How many documents are in any of some lists."""
        if loops.COMPILED:
            return loops.compiled.count_any(self.scratch.rows, lists, None)
        return count_any(self.scratch.seen, lists)

    def _of_phrase(self, words: Words) -> PostingList | None:
        if words.slop or not loops.COMPILED:
            return self._from_positions(self._phrase(words))
        allowed = None if words.among is None else self.among(words.among)
        found = loops.compiled.phrase(
            self.scratch.rows, self.places, list(map(self._word_of_phrase, words.groups)), allowed
        )
        return PostingList(*found, side=0 if words.among is None else words.among.side) if len(found[0]) else None

    def _word_of_phrase(self, group: Group) -> list[tuple[Any, Any]]:
        """Where a word of a phrase stands and in which documents, as the compiled loops take it."""
        if not group.terms:
            return [(positions, None) for positions in self.segment.positions_of(self._parts(group))]
        return [(one.term, one.source) for term in group.terms if (one := self.term(term)) is not None]

    def _phrase(self, words: Words) -> Array:
        """The first position of each occurrence of a phrase, all of whose words are in one field."""
        lists = [self._places(group) for group in words.groups]
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
        return self._many_places(group)

    def positions(self, group: Group) -> list[Array]:
        """Ascending lists of the places where *group* stands; a place may come twice."""
        return self.positions_of(group.terms) if group.terms else [self._many_places(group)]

    def spans(self, group: Group) -> list[int | Array]:
        """The same for the compiled loops, which take the places of a term by its number."""
        if not group.terms:
            return [self._many_places(group)]
        return [one.term for term in group.terms if (one := self.term(term)) is not None]

    def positions_of(self, terms: Iterable[str]) -> list[Array]:
        """For each of *terms* that the segment has, where it stands; a place may come twice."""
        found = map(self.term, terms)
        return [self.segment.term_positions(one.term) for one in found if one is not None]

    def _united(self, group: Group) -> PostingList | None:
        """The list of a group of several terms or forms, which scores as one term."""
        return self._merged.get(group.key, lambda: self._unite(group))

    def _unite(self, group: Group) -> PostingList | None:
        parts = self._parts(group)
        if len(parts.whole) == 1 and not parts.some:
            return TermList(self._terms, parts.whole[0])
        if not loops.COMPILED:
            return self._from_positions(union(self.segment.positions_of(parts)))
        known = [*parts.whole, *map(self._for_loops, parts.some)]
        if not known:
            return None
        return PostingList(*loops.compiled.united(self.scratch.rows, self.places, self._terms.compiled, known))

    def _parts(self, group: Group) -> Parts:
        """The places of a group of several terms or forms."""
        segment = self.segment
        if group.terms:
            return segment.parts_of_terms([one.term for term in group.terms if (one := self.term(term)) is not None])
        return segment.parts_of_forms(segment.forms.find_all(group.forms))

    def _for_loops(self, part: Part) -> Any:
        """A part of a term for the compiled loops: by the term's list, or where little is left of that, by its own."""
        if part.others is None or len(part.positions) > len(part.others):
            return part
        return PostingList(*loops.compiled.impacts_at(self.places, part.positions)).source, part.positions

    def _many_places(self, group: Group) -> Array:
        """The places of a group of several terms or forms put together."""
        return self._positions.get(group.key, lambda: union(self.segment.positions_of(self._parts(group))))

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
        docs, impacts, _ = saturated_impacts(fields >> 1, fields, counts, self.norms.at(fields))
        return docs, impacts


def _weighed(weight: float, impact: float) -> float:
    """An impact times a weight, rounded as impacts are: bounds that are not are a hair too small or too large."""
    return float(np.float32(impact) * np.float32(weight))


def _size(kept: Postings | None) -> int:
    """How many postings take as much memory."""
    return _BY_ITSELF + (len(kept) if isinstance(kept, PostingList) else 0)


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
