"""Which positions stand side by side, in one window, near each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wco_search.engine.strings import Array


def side_by_side(lists: Sequence[Array]) -> tuple[Array, Array]:
    """First and last positions of the places where one position of each list stands after the other.

    Example:
        >>> side_by_side([np.array([3, 10]), np.array([4, 20]), np.array([5])])
        (array([3]), array([5]))
    """
    starts = lists[0]
    for shift, positions in enumerate(lists[1:], start=1):
        starts = np.intersect1d(starts, positions - shift, assume_unique=True)
    return starts, starts + (len(lists) - 1)


def windows(lists: Sequence[Array], width: int) -> tuple[Array, Array]:
    """First and last positions of the smallest windows, at most *width* positions wide, that hold one of each list.

    Example:
        >>> windows([np.array([3, 10]), np.array([1, 5])], 3)
        (array([1, 3]), array([3, 5]))
    """
    if any(len(positions) == 0 for positions in lists):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    ends = np.unique(np.concatenate(lists))
    starts = ends
    for positions in lists:  # the last one of each list that is not behind the end
        place = np.searchsorted(positions, ends, side="right") - 1
        starts = np.minimum(starts, np.where(place >= 0, positions[place], -width))
    fits = (starts >= 0) & (ends - starts < width)
    starts, first = np.unique(starts[fits], return_index=True)
    return starts, ends[fits][first]


def stands_near(positions: Array, others: Array, reach: int) -> Array:
    """For each of *positions* whether one of *others* stands within *reach* of it, but not on it."""
    below = np.searchsorted(others, positions - reach, side="left")
    here, above = (np.searchsorted(others, positions, side=side) for side in ("left", "right"))
    end = np.searchsorted(others, positions + reach, side="right")
    near: Array = (below < here) | (above < end)
    return near
