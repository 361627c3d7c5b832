"""The report of a run: all figures as JSON, and tables in Markdown made from them.

    python -m benchmarks.report DIR            write the tables and pictures of DIR/speed.json anew

The JSON has the time of every single query, so that other statistics can be made of it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import targets
from benchmarks.classes import PLAIN
from benchmarks.figures import PERCENTS, Latency, matches_ratio, ratio_of
from benchmarks.rivals import OURS
from benchmarks.speed import Engine, Outcome

FORMAT = 2  # of the JSON; raised when a field changes its meaning
_PROTOCOL = """All engines on one core, in turn; each round asks queries of its own, after one set for warming up
that is not timed. Where a text has fewer different queries of a class than are wanted, its rounds are shorter.
A ratio is ours over theirs within a round: the figure is the median over the rounds, in brackets the least and the
greatest. `tie` where 1 is between them: nobody has won. Times are medians over the rounds."""
_TOLD = ("command", "machine", "plan", "engines", "skipped")


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found out.

    Attributes:
        command: How it was started.
        machine: See `benchmarks.machine`.
        plan: The numbers of rounds, queries, builds and so on.
        engines: For each engine, its versions and settings.
        skipped: Engines that were not run, and why.
        outcomes: The figures of each corpus.
    """

    command: str
    machine: Mapping[str, str]
    plan: Mapping[str, Any]
    engines: Mapping[str, Mapping[str, Mapping[str, str]]]
    skipped: Mapping[str, str]
    outcomes: Sequence[Outcome]

    def to_plain(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        verdicts = [asdict(one) | {"verdict": one.to_text()} for one in targets.judge(self.outcomes)]
        outcomes = [outcome.to_plain() for outcome in self.outcomes]
        rest = {name: getattr(self, name) for name in _TOLD}
        return {"format": FORMAT, **rest, "verdicts": verdicts, "outcomes": outcomes}

    @classmethod
    def load(cls, path: Path) -> Report:
        """The report that `write` wrote.

        Raises:
            ValueError: It is of another format.
        """
        plain = json.loads(path.read_text(encoding="utf-8"))
        if plain["format"] != FORMAT:
            raise ValueError(f"{path} has format {plain['format']}, not {FORMAT}; run the benchmark again")
        outcomes = [Outcome.load(one) for one in plain["outcomes"]]
        return cls(outcomes=outcomes, **{name: plain[name] for name in _TOLD})

    def write(self, folder: Path) -> None:
        """Write `speed.json` and `speed.md` into *folder*."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "speed.json").write_text(json.dumps(self.to_plain(), ensure_ascii=False), encoding="utf-8")
        (folder / "speed.md").write_text(self.to_markdown(), encoding="utf-8")

    def to_markdown(self) -> str:
        """The report for a reader."""
        parts = [_head(self), _targets(self.outcomes)]
        parts += [part for outcome in self.outcomes for part in _of_corpus(outcome)]
        return "\n\n".join([*parts, _settings(self)]) + "\n"


def short_form(report: Report) -> str:
    """Where a report is from, its targets, and its queries, under headings of a page."""
    parts = [_head(report)]
    if targets.judge(report.outcomes):
        parts.append(_targets(report.outcomes))
    for outcome in report.outcomes:
        parts += [part for part in _of_corpus(outcome) if part.startswith(("## ", "### Queries", "### Building"))]
    return re.sub("^#", "##", "\n\n".join(parts), flags=re.MULTILINE)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; all but the first column stand to the right.

    Example:
        >>> print(table(["engine", "ms"], [["ours", 0.08]]))
        | engine | ms |
        |---|--:|
        | ours | 0.08 |
    """
    lines = [columns, ["---", *["--:"] * (len(columns) - 1)], *rows]
    return "\n".join(_row(line, ruled=number == 1) for number, line in enumerate(lines))


def _row(cells: Sequence[object], *, ruled: bool) -> str:
    return f"|{'|'.join(map(str, cells))}|" if ruled else f"| {' | '.join(map(str, cells))} |"


def _head(report: Report) -> str:
    sizes = [f"{outcome.corpus.documents:,}" for outcome in report.outcomes]
    lines = [f"# Speed: {', '.join(dict.fromkeys(sizes))} documents", "", f"`{report.command}`", ""]
    lines += [f"- {name}: {value}" for name, value in report.machine.items()]
    lines += [f"- {name}: {value}" for name, value in report.plan.items()]
    lines += [f"- not run: {name}, {reason}" for name, reason in report.skipped.items()]
    return "\n".join([*lines, "", _PROTOCOL])


def _targets(outcomes: Sequence[Outcome]) -> str:
    verdicts = targets.judge(outcomes)
    if not verdicts:
        return f"## Targets\n\nThey are set for {targets.SMALL:,} and {targets.LARGE:,} documents: none here."
    rows = [
        (one.what, f"{one.limit:g} {one.unit}", f"{one.value:.3g} [{one.low:.3g}..{one.high:.3g}]", one.to_text())
        for one in verdicts
    ]
    return "## Targets\n\n" + table(["target", "at most", "measured", "verdict"], rows)


def _of_corpus(outcome: Outcome) -> Iterator[str]:
    corpus = outcome.corpus
    left_out = f" Not given to {', '.join(outcome.left_out)}." if outcome.left_out else ""
    yield (
        f"## {corpus.documents:,} documents, {outcome.protocol}\n\n{corpus.text_bytes:,} bytes of text "
        f"({corpus.source}, stride {corpus.stride}), hash `{corpus.digest}`.{left_out}"
    )
    yield "### Queries, milliseconds\n\n" + _queries(outcome.engines)
    yield "### Building\n\n" + _building(outcome)
    yield "### Opening and adding, milliseconds; memory, MB\n\n" + _opening(outcome.engines)
    if any(engine.rates for engine in outcome.engines.values()):
        yield "### Several processes at once, queries a second of `sample`\n\n" + _rates(outcome.engines)


def _queries(engines: Mapping[str, Engine]) -> str:
    columns = [
        "class, engine",
        *(f"p{percent}" for percent in PERCENTS),
        "ours/its p50",
        "ours/its p99",
        "matches",
        "answers",
    ]
    ours = engines[OURS]
    rows = []
    for class_, mine in ours.latency.items():
        shown = {name: engine.latency[class_] for name, engine in engines.items() if class_ in engine.latency}
        shown |= {PLAIN: ours.plain[class_]} if class_ in ours.plain else {}
        rows += [(f"{class_}, {name}", *_told(name, mine, latency)) for name, latency in shown.items()]
    return table(columns, rows)


def _told(name: str, ours: Latency, latency: Latency) -> list[str]:
    times = [f"{latency.typical(percent):.3f}" for percent in PERCENTS]
    return [*times, *_compared(name, ours, latency), f"`{latency.digests[0][:6]}`"]


def _compared(name: str, ours: Latency, theirs: Latency) -> list[str]:
    if name == OURS:
        return ["", "", ""]
    matches = matches_ratio(ours, theirs)
    return [
        *(ratio_of(ours, theirs, percent).to_text() for percent in (50, 99)),
        "not counted" if matches is None else f"{matches:.2f}",
    ]


def _building(outcome: Outcome) -> str:
    columns = ["engine", "s", "documents/s", "MB/s", "peak MB", "bytes a byte of text", "ours/its time", "segments"]
    text, ours = outcome.corpus.text_bytes, outcome.engines[OURS]
    rows = []
    for name, engine in outcome.engines.items():
        seconds = median(engine.build("build_s"))
        rows.append((
            name + (" (built before)" if engine.reused else ""),
            f"{seconds:.2f}",
            f"{outcome.corpus.documents / seconds:,.0f}",
            f"{text / seconds / 1e6:.1f}",
            f"{max(engine.build('peak_bytes')) / 1e6:,.0f}",
            f"{engine.build('index_bytes')[-1] / text:.2f}",
            "" if name == OURS else targets.build_ratio(ours, engine, "build_s").to_text(),
            engine.segments,
        ))  # fmt: skip
    return table(columns, rows)


def _opening(engines: Mapping[str, Engine]) -> str:
    columns = ["engine", "import", "open", "first query", "add ten", "memory opened", "after a query", "after all"]
    rows = [
        (
            name,
            *(f"{engine.probe(field) * 1e3:.1f}" for field in ("import_s", "open_s", "first_s")),
            f"{median(engine.adds_ns) / 1e6:.1f}" if engine.adds_ns else "",
            *(f"{engine.probe(field) / 1e6:.0f}" for field in ("open_bytes", "first_bytes")),
            f"{engine.searched_bytes / 1e6:.0f}",
        )
        for name, engine in engines.items()
        if engine.probes
    ]
    return table(columns, rows)


def _rates(engines: Mapping[str, Engine]) -> str:
    rows = [
        (
            f"{name}, {rate.readers} reading{', one writing' if rate.adds_per_s else ''}",
            f"{median(rate.per_s):,.0f}",
            f"{min(rate.per_s):,.0f}..{max(rate.per_s):,.0f}",
            f"{median(rate.adds_per_s):.1f}" if rate.adds_per_s else "",
        )
        for name, engine in engines.items()
        for rate in engine.rates
    ]
    return table(["engine, processes", "queries/s", "spread", "commits of ten documents/s"], rows)


def _settings(report: Report) -> str:
    lines = ["## Engines: versions and every setting that is no default"]
    for name, about in report.engines.items():
        versions = ", ".join(f"{package} {version}" for package, version in about["versions"].items())
        lines += ["", f"**{name}**: {versions}", ""]
        lines += [f"- {key}: {value}" for key, value in about["settings"].items()]
    return "\n".join(lines)


def main(folder: str) -> None:
    """Write tables and pictures anew."""
    from benchmarks import plots

    report = Report.load(Path(folder) / "speed.json")
    report.write(Path(folder))
    plots.draw(report, Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
