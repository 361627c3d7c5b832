"""Newer documents first, within bounds: a factor of the score that halves its effect every so many days.

    factor(d) = 1 - w + w · 2^(-age / half-life),  w = RECENCY_WEIGHT

Age is in days up to `today`; documents of later days have age 0, those without a date the least factor, 1 - w. So age
takes at most w of a score: of two documents the one that fits much better stays ahead, however old it is.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from numbers import Real
from typing import Final

import numpy as np

from wco_search.engine.columns import NumberColumn
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.results import Explanation

RECENCY_WEIGHT: Final = 0.3  # what age can take of a score; more lets what is new and hardly fits win


@dataclass(frozen=True, slots=True)
class Recency:
    """The factor for documents by their dates.

    Attributes:
        half_life: Days in which the part that depends on age falls to one half.
        today: The day from which age counts.

    Raises:
        TypeError: The half-life is no number.
        ValueError: It is no positive number of days.
    """

    half_life: float
    today: dt.date

    def __post_init__(self) -> None:
        if not isinstance(self.half_life, Real):  # also one of NumPy
            raise TypeError(f"recency is a half-life in days, as 30; not {self.half_life!r}")
        if not 0 < self.half_life < math.inf:
            raise ValueError(f"recency is a half-life in days, more than 0, as 30; not {self.half_life}")

    def factors(self, snapshot: Snapshot, documents: Array) -> Array:
        """The factor of each of *documents*, from 1 - `RECENCY_WEIGHT` to 1."""
        found = np.full(len(documents), 1 - RECENCY_WEIGHT)
        start = 0
        ends = [one.first_document + len(one.segment) for one in snapshot.slices]
        for one, end in zip(snapshot.slices, ends, strict=True):
            own = slice(None) if len(ends) == 1 else ((documents >= start) & (documents < end)).nonzero()[0]
            column = one.segment.columns["date"]
            assert isinstance(column, NumberColumn)
            found[own] = self._of(column, documents[own] - one.first_document)
            start = end
        return found

    def _of(self, column: NumberColumn, documents: Array) -> Array:
        ages = np.maximum(0, self.today.toordinal() - column.values.take(documents).astype(np.int64))
        kept = np.exp2(ages / -self.half_life) * column.present.take(documents)
        factors: Array = (1 - RECENCY_WEIGHT) + RECENCY_WEIGHT * kept
        return factors

    def explain(self, snapshot: Snapshot, document: int, score: Explanation) -> Explanation:
        """How the factor changes *score*."""
        factor = self.factors(snapshot, np.array([document])).item()
        day = snapshot.columns["date"][document]
        age = "no date" if not isinstance(day, dt.date) else f"age {max(0, (self.today - day).days)} days"
        weight = f"{1 - RECENCY_WEIGHT:g} + {RECENCY_WEIGHT:g} × 2^(-age / {self.half_life:g})"
        recency = Explanation(factor, f"recency: {weight}, {age}")
        return Explanation(score.value * factor, "product of", (score, recency))
