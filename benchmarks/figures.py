"""From times to figures that can be trusted on a noisy machine: percentiles, medians of ratios, their spread.

Two engines are timed in turn, round by round, so that what slows the machine down slows both. A ratio is taken within
a round; what is reported is the median over the rounds, with the least and the greatest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

PERCENTS = (50, 95, 99)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of *values* that *percent* of them do not exceed (nearest rank).

    Example:
        >>> percentile([4, 1, 3, 2], 50), percentile([4, 1, 3, 2], 99)
        (2, 4)
    """
    ordered = sorted(values)
    return ordered[max(1, math.ceil(percent / 100 * len(ordered))) - 1]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours over theirs, of several rounds: below 1 is faster or smaller.

    Example:
        >>> Ratio.of([1.0, 2.0, 3.0], [2.0, 2.0, 2.0])
        Ratio(median=1.0, low=0.5, high=1.5)
    """

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
        """The ratios of rounds that were run in turn.

        Raises:
            ValueError: There are no rounds, or not the same number of both.
        """
        if not ours:
            raise ValueError("no rounds to compare; run at least one")
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        return cls(median(ratios), min(ratios), max(ratios))

    @property
    def is_tie(self) -> bool:
        """Whether some round went the other way: then neither may claim to have won."""
        return self.low <= 1.0 <= self.high

    def to_text(self) -> str:
        """The ratio as tables show it.

        Example:
            >>> Ratio(0.45, 0.41, 0.52).to_text(), Ratio(0.98, 0.9, 1.1).to_text()
            ('0.45 [0.41..0.52]', '0.98 [0.90..1.10] tie')
        """
        return f"{self.median:.2f} [{self.low:.2f}..{self.high:.2f}]{' tie' if self.is_tie else ''}"


@dataclass(frozen=True, slots=True)
class Latency:
    """What one engine took for the queries of one class.

    Attributes:
        rounds: For each round, nanoseconds of each query.
        totals: For each round, how many documents each query matched; None from an engine that does not count.
        digests: For each round, a hash of all answers: two runs that show the same gave the same ids and totals.
    """

    rounds: tuple[tuple[int, ...], ...]
    totals: tuple[tuple[int | None, ...], ...]
    digests: tuple[str, ...] = ()

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> Latency:
        """The figures that `asdict` made plain JSON of."""
        return cls(tuple(map(tuple, plain["rounds"])), tuple(map(tuple, plain["totals"])), tuple(plain["digests"]))

    def percentiles(self, percent: float) -> list[float]:
        """Milliseconds at *percent* of each round."""
        return [percentile(one, percent) / 1e6 for one in self.rounds]

    def typical(self, percent: float) -> float:
        """The median over the rounds of `percentiles`."""
        return median(self.percentiles(percent))


def ratio_of(ours: Latency, theirs: Latency, percent: float) -> Ratio:
    """Ours over theirs at *percent* of each round."""
    return Ratio.of(ours.percentiles(percent), theirs.percentiles(percent))


def seconds_ratio(ours: Latency, theirs: Latency) -> Ratio:
    """Ours over theirs, in the time of all queries of a round: the inverse of the ratio of query rates."""
    return Ratio.of([sum(one) for one in ours.rounds], [sum(one) for one in theirs.rounds])


def matches_ratio(ours: Latency, theirs: Latency) -> float | None:
    """How many documents we matched for each that they did, in all queries; None if that is not known.

    Analyses differ, so the ratio is not 1: who finds more forms of a word has more to rank.
    """
    mine = sum(total or 0 for one in ours.totals for total in one)
    other = sum(total or 0 for one in theirs.totals for total in one)
    return mine / other if other else None
