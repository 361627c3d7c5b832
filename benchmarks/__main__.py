"""Measure speed beside other engines.

    python -m benchmarks                       10,000, 100,000 and 1,000,000 documents: over an hour
    python -m benchmarks --quick               the same small: under five minutes
    python -m benchmarks --targets             60,000 and 950,000 documents, what targets need: under twenty minutes
    python -m benchmarks --sizes 60000 --classes sample,medium --rivals tantivy --builds 1 --reuse tantivy

README.md in this folder tells the protocol.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import machine, rivals, speed, targets
from benchmarks.classes import CLASSES
from benchmarks.plots import draw
from benchmarks.report import Report
from benchmarks.rivals import OURS, PROTOCOLS, Rival
from benchmarks.rivals.remote import Remote
from benchmarks.speed import Outcome, Plan
from benchmarks.worker import CLOCKS

ALL_CLASSES = tuple(CLASSES)
RIVALS = tuple(name for name in rivals.HOMES if name != OURS)
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "quick": {"sizes": [500, 2000], "engine_sizes": [2000], "queries": 30, "probes": 1, "adds": 3, "loops": 1,
              "loop_seconds": 0.5},
    "targets": {"sizes": [targets.SMALL, targets.LARGE], "loops": 0, "protocol": "end-to-end",
                "rivals": ("tantivy", "whoosh"), "sample_only": ("whoosh",)},
}  # fmt: skip
"""What an option that stands for many sets."""


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    option = made.add_argument
    preset = made.add_mutually_exclusive_group().add_argument
    preset("--quick", action="store_true", help="500 and 2,000 documents, few queries; other options still count")
    preset("--targets", action="store_true", help="what targets are set for; other options still count")
    option("--sizes", type=_from(1), nargs="+", default=[10_000, 100_000, 1_000_000], metavar="N", help="documents")
    option("--classes", type=some_of(ALL_CLASSES), default=ALL_CLASSES, metavar="A,B", help=", ".join(ALL_CLASSES))
    option("--rivals", type=some_of(RIVALS), default=RIVALS, metavar="A,B", help=f"{', '.join(RIVALS)}; '' for none")
    option("--rounds", type=_from(1), default=3, help="times each class is asked, each time other queries")
    option("--queries", type=_from(1), default=100, help="queries of a class in one round")
    option(
        "--builds", type=_from(1), default=1, help="times that our index and tantivy's are built; others are built once"
    )
    option("--probes", type=_from(1), default=3, help="fresh processes that open an index and ask one query")
    option("--adds", type=_from(0), default=5, help="additions of ten documents")
    option("--loops", type=_from(0), default=3, help="times that one and two processes read at once; 0 for never")
    option("--loop-seconds", type=float, default=5.0, metavar="S", help="of each time")
    option("--protocol", choices=(*PROTOCOLS, "both"), default="both", help="text in, or the same tokens for all")
    option("--engine-sizes", type=_from(1), nargs="*", metavar="N", help="sizes for protocol engine; all if not given")
    option("--sample-only", type=some_of(RIVALS), default=(), metavar="A,B", help="engines asked class sample alone")
    option("--reuse", type=some_of((OURS, *RIVALS)), default=(), metavar="A,B", help="take these indexes as they are")
    option("--source", choices=("auto", "bulk", "invented"), default="auto", help="what documents are cut from")
    option("--core", type=int, default=max(os.sched_getaffinity(0)), help="the core that every engine is bound to")
    option(
        "--clock", choices=tuple(CLOCKS), default="wall", help="cpu counts no neighbours (and no waiting for the disk)"
    )
    work = Path(tempfile.gettempdir()) / "wco-search-benchmarks"
    option("--work", type=Path, default=work, metavar="DIR", help=f"corpora and indexes, some GB (default {work})")
    option("--out", type=Path, metavar="DIR", help="write speed.json, speed.md and pictures here")
    return made


def _from(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} on")
        return int(text)

    return number


def some_of(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    """What reads names with commas between them, each of which must be known, or `all`."""

    def split(text: str) -> tuple[str, ...]:
        names = tuple(known) if text == "all" else tuple(filter(None, text.split(",")))
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"there is no {name!r}; known are {', '.join(known)}")
        return names

    return split


def _plan(arguments: Sequence[str]) -> tuple[Plan, Path | None, dict[str, str]]:
    """What to measure, where to report it, and which engines are skipped."""
    options = parser()
    given = options.parse_args(arguments)
    for name, values in PRESETS.items():
        if getattr(given, name):
            options.set_defaults(**values)
    asked = options.parse_args(arguments)
    skipped = rivals.skipped(asked.rivals)
    if asked.clock != "wall":
        skipped |= {name: "its own process has a clock of the wall only"
                    for name in asked.rivals if issubclass(rivals.engine_class(name), Remote)}  # fmt: skip
    plan = Plan(
        sizes=tuple(asked.sizes),
        classes=tuple(asked.classes),
        rivals=tuple(name for name in asked.rivals if name not in skipped),
        work=asked.work,
        rounds=asked.rounds,
        per_round=asked.queries,
        builds=asked.builds,
        probes=asked.probes,
        adds=asked.adds,
        core=asked.core,
        clock=asked.clock,
        reuse=tuple(asked.reuse),
        source=asked.source,
        loops=asked.loops,
        loop_s=asked.loop_seconds,
        protocols=PROTOCOLS if asked.protocol == "both" else (asked.protocol,),
        engine_sizes=None if asked.engine_sizes is None else tuple(asked.engine_sizes),
        sample_only=tuple(asked.sample_only),
    )
    return plan, asked.out, skipped


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the report."""
    plan, out, skipped = _plan(arguments)
    where = machine.facts()
    if {*plan.rivals, *skipped} == set(RIVALS):  # who asks for one rival knows what is not run
        skipped |= rivals.ABSENT
    for name, reason in skipped.items():
        _say(f"{name} is not run: {reason}")
    outcomes: list[Outcome] = []
    report = Report(
        command=shlex.join(["python", "-m", "benchmarks", *arguments]),
        machine=where,
        plan={name: _listed(value) for name, value in asdict(plan).items() if name != "work"},
        engines={
            name: {"versions": one.versions(), "settings": all_settings(one)}
            for name in (OURS, *plan.rivals)
            for one in [rivals.engine_class(name)]
        },
        skipped=skipped,
        outcomes=outcomes,
    )
    for outcome in speed.measure(plan, _say):
        outcomes.append(outcome)
        if out is not None:
            report.write(out)  # after each size: the next one may take hours, and fail
    _say("\n" + report.to_markdown())
    if out is not None:
        _say(f"written: {', '.join(map(str, [out / 'speed.json', out / 'speed.md', *_pictures(report, out)]))}")
    return 0


def all_settings(one: type[Rival]) -> dict[str, str]:
    """Those of both protocols."""
    return {**one.settings, **{f"engine protocol: {key}": value for key, value in one.token_settings.items()}}


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _pictures(report: Report, out: Path) -> list[Path]:
    """The pictures; without matplotlib, none, and that is said."""
    try:
        return draw(report, out)
    except ModuleNotFoundError as error:
        _say(f"no pictures: package {error.name} is not installed")
        return []


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
