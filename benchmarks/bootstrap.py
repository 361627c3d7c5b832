"""Confidence intervals of a mean difference, by the paired bootstrap.

The queries are drawn anew, with replacement, as many as there are, a great many times; the middle of the means so found
is the interval (the percentile method: Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13; for
retrieval: Sakai 2006, Evaluating Evaluation Metrics Based on the Bootstrap). A query's two figures stay together, so
that easy and hard queries do not widen the interval. Several collections are strata: each is drawn from by itself and
counts the same, whatever its number of queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

LEVEL = 0.95
SAMPLES = 10_000  # the ends of an interval then vary by some hundredths of its width
_BLOCK = 1 << 22  # numbers drawn at a time: 32 MB


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean difference, and where the true one lies with a confidence of `LEVEL`."""

    mean: float
    low: float
    high: float

    @property
    def has_zero(self) -> bool:
        """Whether no difference is among what is likely."""
        return self.low <= 0.0 <= self.high

    def to_text(self) -> str:
        """As tables show it.

        Example:
            >>> Interval(0.012, 0.004, 0.02).to_text(), Interval(0.001, -0.002, 0.004).to_text()
            ('+0.0120 [+0.0040..+0.0200]', '+0.0010 [-0.0020..+0.0040] tie')
        """
        return f"{self.mean:+.4f} [{self.low:+.4f}..{self.high:+.4f}]{' tie' if self.has_zero else ''}"

    def to_plain(self) -> dict[str, float]:
        """Plain JSON values."""
        return asdict(self)


def interval(strata: Sequence[Sequence[float]], *, samples: int = SAMPLES, seed: int = 0) -> Interval:
    """The interval of the mean over *strata* of the mean difference in each.

    Args:
        strata: For each collection, ours less theirs for each query.
        samples: How many times queries are drawn.
        seed: Of the drawing; the same gives the same interval.

    Raises:
        ValueError: There is no query.

    Example:
        >>> interval([[0.5, 0.5, 0.5]])
        Interval(mean=0.5, low=0.5, high=0.5)
    """
    if not strata or not all(strata):
        raise ValueError("no queries to draw from; ask at least one of each collection")
    random = np.random.default_rng(seed)
    drawn = np.mean([_means(np.asarray(one, float), samples, random) for one in strata], axis=0)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(float(np.mean([np.mean(one) for one in strata])), float(low), float(high))


def _means(
    differences: np.ndarray[tuple[int], np.dtype[np.float64]], samples: int, random: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The mean of each of *samples* drawings, block by block."""
    count = len(differences)
    rows = max(1, _BLOCK // count)
    sizes = [min(rows, samples - start) for start in range(0, samples, rows)]
    return np.concatenate([differences[random.integers(0, count, (size, count))].mean(axis=1) for size in sizes])
