"""What speed and size are meant to be, and whether they are.

Most targets are shares of what tantivy takes in the same run, text in and ids out; some are shares of what this library
itself takes when it is asked less. They are set for two sizes of corpus; a run of others
judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.figures import Latency, Ratio, ratio_of, seconds_ratio
from benchmarks.rivals import OURS
from benchmarks.speed import Engine, Outcome

BAR = "tantivy"
SMALL, LARGE = 60_000, 950_000

QUERY_SHARES: Mapping[int, Mapping[tuple[str, int], float]] = {
    SMALL: {("sample", 50): 0.6, ("sample", 99): 0.8, ("snippets", 50): 0.45},
    LARGE: {("sample", 50): 0.35, ("sample", 99): 0.4, ("snippets", 50): 0.4},
}
"""By corpus, class and percentile: at most this share of tantivy's time."""

NO_SLOWER = (
    *("rare", "medium", "frequent", "mixed", "and", "and_frequent", "phrase", "phrase_frequent"),
    *("prefix", "dated", "facets"),
)
"""Classes that take at most tantivy's time, at p50 and p99."""

PLAIN_TIMES = {("translated", 50): 2.0, ("translated_again", 50): 2.0}
"""By class and percentile: at most so many times what `search` of our own takes for the same queries."""

BUILD_SHARE = 0.9
SIZE_SHARE = 2.0
GROWTH = 4.0  # times that p50 of `sample` may grow from SMALL to LARGE
OPEN_BYTES = 100e6  # resident memory of a process that has opened LARGE and searched nothing
FIRST_S = 0.010  # the first query of a process
ADD_S = 0.050  # ten documents more, durable, at LARGE
WHOOSH_TIMES = 100  # queries of ours for each of stock Whoosh's, at SMALL


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target and what was measured.

    Attributes:
        what: What is measured, of which corpus.
        limit: What it may be at most.
        value: What it is: the median.
        low, high: Its spread over the rounds.
        unit: Of all three; empty for a ratio.
    """

    what: str
    limit: float
    value: float
    low: float
    high: float
    unit: str = ""

    @property
    def passed(self) -> bool:
        """Whether the median is within the limit."""
        return self.value <= self.limit

    @property
    def is_close(self) -> bool:
        """Whether some round says otherwise."""
        return self.low <= self.limit < self.high

    def to_text(self) -> str:
        """The verdict in a word or two.

        Example:
            >>> Verdict("p50", 0.6, 0.5, 0.4, 0.7).to_text(), Verdict("p50", 0.6, 0.8, 0.7, 0.9).to_text()
            ('pass, within the spread', 'fail')
        """
        return ("pass" if self.passed else "fail") + (", within the spread" if self.is_close else "")


def judge(outcomes: Sequence[Outcome]) -> list[Verdict]:
    """A verdict on every target that this run has the figures for."""
    found: list[Verdict] = []
    outcomes = [outcome for outcome in outcomes if outcome.protocol == "end-to-end"]
    for outcome in outcomes:
        size = outcome.corpus.documents
        if size in QUERY_SHARES:
            found += _of_size(outcome, size)
        if size == SMALL and "whoosh" in outcome.engines:
            found += _against_whoosh(outcome, size)
    return found + list(_growth({outcome.corpus.documents: outcome.engines[OURS] for outcome in outcomes}))


def _of_size(outcome: Outcome, size: int) -> Iterator[Verdict]:
    ours = outcome.engines[OURS]
    if BAR in outcome.engines:
        yield from _shares(ours, outcome.engines[BAR], size)
    for (name, percent), limit in PLAIN_TIMES.items():
        if name in ours.plain:
            ratio = ratio_of(ours.latency[name], ours.plain[name], percent)
            yield _of_ratio(f"{size:,}: {name} p{percent}, times of our own plain search", limit, ratio)
    if ours.probes:
        firsts = [probe["first_s"] * 1e3 for probe in ours.probes]
        yield _spread(f"{size:,}: first query after opening", FIRST_S * 1e3, firsts, "ms")
    if size == LARGE and ours.probes:
        opened = [probe["open_bytes"] / 1e6 for probe in ours.probes]
        yield _spread(f"{size:,}: memory after opening", OPEN_BYTES / 1e6, opened, "MB")
    if size == LARGE and ours.adds_ns:
        yield _spread(f"{size:,}: ten documents more", ADD_S * 1e3, [ns / 1e6 for ns in ours.adds_ns], "ms")


def _shares(ours: Engine, bar: Engine, size: int) -> Iterator[Verdict]:
    limits = dict(QUERY_SHARES[size]) | {(name, percent): 1.0 for name in NO_SLOWER for percent in (50, 99)}
    for (name, percent), limit in limits.items():
        if name in ours.latency and name in bar.latency:
            ratio = ratio_of(ours.latency[name], bar.latency[name], percent)
            yield _of_ratio(f"{size:,}: {name} p{percent}, share of {BAR}'s", limit, ratio)
    if ours.builds and bar.builds:
        if not (ours.reused or bar.reused):  # times of two runs are not comparable
            build = build_ratio(ours, bar, "build_s")
            yield _of_ratio(f"{size:,}: time to build, share of {BAR}'s", BUILD_SHARE, build)
        disk = build_ratio(ours, bar, "index_bytes")
        yield _of_ratio(f"{size:,}: bytes on disk, share of {BAR}'s", SIZE_SHARE, disk)


def _against_whoosh(outcome: Outcome, size: int) -> Iterator[Verdict]:
    ours, whoosh = outcome.engines[OURS].latency, outcome.engines["whoosh"].latency
    if "sample" in ours and "sample" in whoosh:
        ratio = seconds_ratio(ours["sample"], whoosh["sample"])
        yield _of_ratio(f"{size:,}: sample, share of stock Whoosh's time", 1 / WHOOSH_TIMES, ratio)


def _growth(ours: Mapping[int, Engine]) -> Iterator[Verdict]:
    small, large = (_sample(ours.get(size)) for size in (SMALL, LARGE))
    if small is not None and large is not None:
        rounds = min(len(small.rounds), len(large.rounds))
        ratio = Ratio.of(large.percentiles(50)[:rounds], small.percentiles(50)[:rounds])
        yield _of_ratio(f"growth of sample p50 from {SMALL:,} to {LARGE:,}", GROWTH, ratio)


def _sample(engine: Engine | None) -> Latency | None:
    return None if engine is None else engine.latency.get("sample")


def build_ratio(ours: Engine, theirs: Engine, field: str) -> Ratio:
    """Ours over theirs in a figure of building: build by build if both were built as often, else of the medians."""
    mine, other = ours.build(field), theirs.build(field)
    return Ratio.of(mine, other) if len(mine) == len(other) else Ratio.of([median(mine)], [median(other)])


def _of_ratio(what: str, limit: float, ratio: Ratio) -> Verdict:
    return Verdict(what, limit, ratio.median, ratio.low, ratio.high)


def _spread(what: str, limit: float, values: Iterable[float], unit: str) -> Verdict:
    known = list(values)
    return Verdict(what, limit, median(known), min(known), max(known), unit)
