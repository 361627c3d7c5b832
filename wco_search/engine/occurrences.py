"""`Occurrences`: where a group of terms stands, and how much each place counts for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wco_search.engine.strings import Array


@dataclass(frozen=True, slots=True, eq=False)
class Occurrences:
    """Places of a text, ascending, each once.

    Attributes:
        positions: The places.
        weights: What each counts for; None where all count 1.
    """

    positions: Array
    weights: Array | None = None

    def __len__(self) -> int:
        return len(self.positions)

    def at(self, places: Array) -> Occurrences:
        """Those at *places*, a mask."""
        return Occurrences(
            self.positions.compress(places), None if self.weights is None else self.weights.compress(places)
        )

    def sums(self, starts: Array) -> Array:
        """How much runs of places that begin at *starts* count for: term frequencies."""
        if self.weights is None:
            return np.diff(starts, append=len(self.positions))
        return np.add.reduceat(self.weights, starts) if len(starts) else np.zeros(0)


def union(lists: Sequence[Array], weights: Sequence[float] = ()) -> Occurrences:
    """The places of some ascending lists; where several have one, it counts for the largest of their *weights*.

    By a sort, as numpy.unique takes ten times as long.

    Example:
        >>> both = union([np.array([3, 9]), np.array([3, 5])], [0.5, 1.0])
        >>> both.positions.tolist(), both.weights.tolist()
        ([3, 5, 9], [1.0, 1.0, 0.5])
    """
    if not lists:
        return Occurrences(np.zeros(0, np.int64))
    positions: Array = np.concatenate(lists)
    if not weights:
        if len(lists) > 1:
            positions.sort(kind="stable")  # merges what is sorted already
        return Occurrences(positions.compress(_firsts(positions)))
    own = np.repeat(np.array(weights), [len(one) for one in lists])
    order = np.lexsort((-own, positions))
    positions, own = positions[order], own[order]
    return Occurrences(positions, own).at(_firsts(positions))


def _firsts(positions: Array) -> Array:
    """For each of ascending *positions* whether it is not that before."""
    firsts = np.ones(len(positions), np.bool_)
    np.not_equal(positions[1:], positions[:-1], out=firsts[1:])
    return firsts
