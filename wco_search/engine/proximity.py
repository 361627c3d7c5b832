"""The bonus of documents in which neighbouring words of the query stand near each other.

    bonus(d) = sum over pairs of neighbours of  PROXIMITY_WEIGHT · min(weight · idf) · impact

The impact is that of the places where the first word of a pair stands within `PROXIMITY_REACH` of the second. Only the
best `PROXIMITY_WINDOW` documents get it; they hold some hundred places of a query's words. That is too few for arrays,
of which every operation costs a microsecond, so places are plain numbers here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import chain

import numpy as np

from wco_search.engine.lists import Lists
from wco_search.engine.plan import Group
from wco_search.engine.score import PROXIMITY_REACH, TITLE_WEIGHT
from wco_search.engine.strings import Array

Pair = tuple[Group, Group, float, frozenset[str]]
"""Two neighbours, what the impact of their nearness is multiplied by, and in which languages' documents it is 0."""


def bonuses(source: Lists, pairs: Sequence[Pair], docs: Array) -> list[float]:
    """The bonus of each of *docs*, documents of one segment."""
    starts = source.segment.field_starts
    bounds = np.concatenate((starts.take(2 * docs), starts.take(2 * docs + 2))).astype(source.segment.positions.dtype)
    groups = {group for one, other, _, _ in pairs for group in (one, other)}
    places = {group: _Places(source, group, bounds) for group in groups}
    totals = [0.0] * len(docs)
    for one, other, factor, outside in pairs:
        first, second = places[one], places[other]
        left_out = [source.of_language(language) for language in outside]
        for row, doc in enumerate(docs.tolist()):
            if any(languages[doc] for languages in left_out):
                continue
            if (here := first.of(row)) and (there := second.of(row)) and (near := _near(here, there)):
                totals[row] += factor * _impact(source, doc, near)
    return totals


class _Places:
    """Where one group stands in each of some documents."""

    def __init__(self, source: Lists, group: Group, bounds: Array) -> None:
        self._members = [_Spans(positions, bounds) for positions in source.positions(group)]
        self._known: dict[int, list[int]] = {}

    def of(self, row: int) -> list[int]:
        """The positions in document number *row* of them, ascending; a place may come twice."""
        found = self._known.get(row)
        if found is None:
            if len(self._members) == 1:
                found = self._members[0].of(row)
            else:
                found = sorted(chain.from_iterable(member.of(row) for member in self._members))
            self._known[row] = found
        return found


class _Spans:
    """The part of a list of positions that lies in each of some documents."""

    def __init__(self, positions: Array, bounds: Array) -> None:
        self._positions = positions
        ends = positions.searchsorted(bounds).tolist()
        self._starts, self._ends = ends[: len(ends) // 2], ends[len(ends) // 2 :]

    def of(self, row: int) -> list[int]:
        start, end = self._starts[row], self._ends[row]
        return self._positions[start:end].tolist() if start < end else []


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
    impact = TITLE_WEIGHT * (in_title / (in_title + source.norms.item(2 * doc)))
    impact += in_body / (in_body + source.norms.item(2 * doc + 1))
    return float(np.float32(impact))
