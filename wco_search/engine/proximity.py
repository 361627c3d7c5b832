"""The bonus of documents in which neighbouring words of the query stand near each other.

    bonus(d) = sum over pairs of neighbours of  PROXIMITY_WEIGHT · min(weight · idf) · impact

The impact is that of the places where the first word of a pair stands within `PROXIMITY_REACH` of the second. Only the
best `PROXIMITY_WINDOW` documents get it; they hold some hundred places of a query's words. That is too few for arrays,
of which every operation costs a microsecond, so places are plain numbers here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np

from wco_search.engine import loops
from wco_search.engine.lists import Lists
from wco_search.engine.plan import Among, Group
from wco_search.engine.score import PROXIMITY_REACH, PROXIMITY_WINDOW, TITLE_WEIGHT
from wco_search.engine.strings import Array

Pair = tuple[Group, Group, float, tuple[Among, ...]]
"""Two neighbours, what the impact of their nearness is multiplied by, and the documents that both are sought in."""


def bonuses(source: Lists, pairs: Sequence[Pair], docs: Array) -> Array | list[float]:
    """The bonus of each of *docs*, documents of one segment."""
    if loops.COMPILED:
        return loops.compiled.bonuses(source.places, places_of(source, pairs), docs, PROXIMITY_REACH)
    starts = source.segment.field_starts
    bounds = np.concatenate((starts.take(2 * docs), starts.take(2 * docs + 2))).astype(source.segment.positions.dtype)
    groups = {group for one, other, _, _ in pairs for group in (one, other)}
    places = {group: _Places(source.positions(group), bounds) for group in groups}
    numbers = docs.tolist()
    totals = [0.0] * len(numbers)
    for one, other, factor, sought_in in pairs:
        first, second = places[one], places[other]
        for row in first.rows & second.rows:
            if sought_in and not all(source.among(among)[numbers[row]] for among in sought_in):
                continue
            if near := _near(first.of(row), second.of(row)):
                totals[row] += factor * _impact(source, numbers[row], near)
    return totals


def lifted(source: Lists, pairs: Sequence[Pair], docs: Array, scores: Array, count: int) -> tuple[Array, Array]:
    """The first *count* of a ranking in one segment, once the best have got their bonus."""
    if loops.COMPILED:
        known = places_of(source, pairs)
        return loops.compiled.lifted(source.places, known, docs, scores, PROXIMITY_REACH, PROXIMITY_WINDOW, count)
    return reordered(docs, scores, np.asarray(bonuses(source, pairs, docs[:PROXIMITY_WINDOW])), count)


def reordered(docs: Array, scores: Array, gains: Array, count: int) -> tuple[Array, Array]:
    """The first *count* of a ranking, once the best have gained something; *docs* and *scores* are written to."""
    head = docs[: len(gains)]
    better = scores[: len(gains)] + gains
    order = np.lexsort((head, -better))
    docs[: len(gains)], scores[: len(gains)] = head.take(order), better.take(order)
    return docs[:count], scores[:count]


def places_of(
    source: Lists, pairs: Sequence[Pair]
) -> list[tuple[list[int | Array], list[int | Array], float, list[Array]]]:
    """*pairs* for the compiled loops, which look once for a word that is in a pair and in the next one."""
    found = []
    second: list[int | Array] = []
    before = None
    for one, other, factor, sought_in in pairs:
        first = second if one is before else source.spans(one)
        before, second = other, source.spans(other)
        found.append((first, second, factor, [source.among(among) for among in sought_in]))
    return found


class _Places:
    """Where one group stands in each of some documents.

    Attributes:
        rows: Which of the documents have it.
    """

    def __init__(self, lists: Sequence[Array], bounds: Array) -> None:
        self._spans = [(positions, *_spans(positions, bounds)) for positions in lists]
        self.rows = {
            row
            for _, starts, ends in self._spans
            for row, (start, end) in enumerate(zip(starts, ends, strict=True))
            if start < end
        }
        self._known: dict[int, list[int]] = {}

    def of(self, row: int) -> list[int]:
        """The positions in document number *row* of them, ascending; a place may come twice."""
        found = self._known.get(row)
        if found is None:
            found = [
                place
                for positions, starts, ends in self._spans
                for place in positions[starts[row] : ends[row]].tolist()
            ]
            if len(self._spans) > 1:
                found.sort()
            self._known[row] = found
        return found


def _spans(positions: Array, bounds: Array) -> tuple[list[int], list[int]]:
    """Where in *positions* the part of each document begins and ends."""
    ends = positions.searchsorted(bounds).tolist()
    return ends[: len(ends) // 2], ends[len(ends) // 2 :]


def _near(places: list[int], others: list[int]) -> list[int]:
    """Those of *places*, each once, that have one of *others* within reach, but not on it.

    Example:
        >>> _near([3, 3, 10, 20], [4, 10, 17])
        [3]
    """
    near = []
    last = -1
    for place in places:
        if place == last:
            continue
        last = place
        at = bisect_left(others, place - PROXIMITY_REACH)
        if at < len(others) and others[at] == place:
            at = bisect_right(others, place, at)
        if at < len(others) and others[at] <= place + PROXIMITY_REACH:
            near.append(place)
    return near


def _impact(source: Lists, doc: int, places: list[int]) -> float:
    """The impact of a word that stands at *places* of *doc*, rounded as impacts are kept."""
    in_title = bisect_left(places, source.segment.field_starts.item(2 * doc + 1))
    in_body = len(places) - in_title
    title, body = source.norms.at(np.array([2 * doc, 2 * doc + 1])).tolist()
    impact = TITLE_WEIGHT * (in_title / (in_title + title))
    impact += in_body / (in_body + body)
    return float(np.float32(impact))
