"""Which documents match a plan, without their scores: what counts, orders by date and exclusions need.

Any plan has an answer. Words in the whole text are unions of posting lists and bitmaps, one segment after the other;
words in one field are looked up by their positions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wco_search.engine.lists import Lists, Postings
from wco_search.engine.nearness import side_by_side, windows
from wco_search.engine.plan import (
    AllOf,
    AnyOf,
    Condition,
    Everything,
    Given,
    Group,
    Nothing,
    Plan,
    Preferring,
    Without,
    Words,
)
from wco_search.engine.posting_lists import PostingList
from wco_search.engine.snapshot import Slice, Snapshot
from wco_search.engine.strings import Array


def matching(snapshot: Snapshot, plan: Plan) -> Array:
    """For each document of the commit whether *plan* matches it, deleted ones included; not to be written to.

    The mask is that of `wco_search.engine.exhaustive.Evaluation`, sooner.
    """
    if isinstance(plan, Condition | Given):
        return plan.mask
    return joined([matching_in(snapshot, one, plan) for one in snapshot.slices])


def joined(masks: Sequence[Array]) -> Array:
    """One mask over the commit from those of its segments."""
    return masks[0] if len(masks) == 1 else np.concatenate([np.zeros(0, np.bool_), *masks])


def matching_in(snapshot: Snapshot, one: Slice, plan: Plan) -> Array:
    """The same for one segment."""
    return _Segment(snapshot, one).mask(plan)


def span_of(one: Slice) -> slice:
    """Where the documents of a segment lie in an array over the commit."""
    return slice(one.first_document, one.first_document + len(one.segment))


def mask_of_any(lists: Sequence[Postings | None], size: int) -> Array:
    """The documents that are in any of *lists*, of a segment of *size* documents.

    Bitmaps are joined before they are unpacked, so that very frequent words cost a few microseconds each.
    """
    mask = np.zeros(size, np.bool_)
    bits: Array | None = None
    for one in lists:
        if isinstance(one, PostingList) and one.words is not None:
            bits = one.words if bits is None else bits | one.words
        elif one is not None:
            one.mark(mask)
    if bits is not None:
        mask |= np.unpackbits(bits.view(np.uint8), count=size, bitorder="little").view(np.bool_)
    return mask


class _Segment:
    """One segment that is asked for the matches of plans."""

    def __init__(self, snapshot: Snapshot, one: Slice) -> None:
        self._lists: Lists = snapshot.lists(one)
        self._segment = one.segment
        self._span = span_of(one)
        self._size = len(one.segment)

    def mask(self, plan: Plan) -> Array:
        """For each document of the segment whether *plan* matches it."""
        match plan:
            case Words():
                return self._any_of([plan])
            case Condition(mask=mask) | Given(mask=mask):
                return mask[self._span]
            case AnyOf(branches=branches):
                leaves = [branch for branch in branches if isinstance(branch, Words)]
                found = self._any_of(leaves)
                for branch in branches:
                    if not isinstance(branch, Words):
                        found = found | self.mask(branch)
                return found
            case AllOf(branches=branches):
                first, *others = map(self.mask, branches)
                for other in others:
                    first = first & other
                return first
            case Preferring(required=required):
                return self.mask(required)
            case Without(branch=branch):
                return ~self.mask(branch)
            case Everything() | Nothing():
                return np.full(self._size, isinstance(plan, Everything))

    def _any_of(self, leaves: Sequence[Words]) -> Array:
        whole = [leaf for leaf in leaves if leaf.scope == "text"]
        mask = mask_of_any([self._lists.of_words(leaf) for leaf in whole], self._size)
        for leaf in leaves:
            if leaf.scope != "text":
                mask[self._documents(leaf)] = True
        return mask

    def _documents(self, leaf: Words) -> Array:
        """The documents of a leaf in one field; a document may come twice."""
        lists = [self._places(group, leaf.scope == "body") for group in leaf.groups]
        if len(lists) > 1:
            starts, ends = side_by_side(lists) if leaf.slop == 0 else windows(lists, len(lists) + leaf.slop)
            lists = [starts[self._segment.fields_of(starts) == self._segment.fields_of(ends)]]
        documents = self._segment.fields_of(lists[0]) >> 1
        if leaf.among is not None:
            documents = documents[self._lists.among(leaf.among)[documents]]
        return documents

    def _places(self, group: Group, parity: bool) -> Array:
        """Where a group stands in the titles or the bodies, ascending, each place once."""
        positions = np.unique(np.concatenate([np.zeros(0, np.int64), *self._lists.positions(group)]))
        kept: Array = positions[self._segment.fields_of(positions) & 1 == parity]
        return kept
