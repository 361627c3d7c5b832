"""An index kept in step with files: `index --changed`, once, and `index --follow`, until Ctrl-C."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any, NoReturn

import click

from wco_search.cli.exports import to_json, write_json
from wco_search.cli.failures import ExitCode
from wco_search.cli.indexing import Added, open_or_make, print_place, tell_problems
from wco_search.cli.messages import current_messages, format_count
from wco_search.cli.terminal import tell
from wco_search.engine.writer import AddReport
from wco_search.following import Follower, Update
from wco_search.index import LOCK_TIMEOUT_S, Index
from wco_search.languages import Synonyms

EVERY_S = 30.0
"""Seconds between two looks at the files: a look at 100,000 files takes one."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be kept in step with what, and how it is told: the options of the command."""

    folder: Path
    paths: Sequence[str]
    metadata: Mapping[str, type]
    timeout_s: float | None
    workers: int
    strict: bool
    prune: bool
    reading: Mapping[str, Any]
    synonyms: Synonyms | None
    quiet: bool
    as_json: bool

    @contextmanager
    def started(self) -> Iterator[tuple[Index, Follower]]:
        """The index and what follows the files."""
        wait_s = LOCK_TIMEOUT_S if self.timeout_s is None else self.timeout_s
        with open_or_make(self.folder, self.metadata, wait_s, self.synonyms) as index:
            yield (
                index,
                Follower(
                    index,
                    self.paths,
                    prune=self.prune,
                    timeout=wait_s,
                    workers=self.workers,
                    strict=self.strict,
                    **dict(self.reading),
                ),
            )


def update_files(step: Step) -> None:
    """Read what is new or has changed, and say what came of it."""
    with step.started() as (index, follower):
        update = follower.update()
        added = Added.to(index, update.report, step.folder)
    tell_problems(update.report)
    if step.as_json:
        write_json(_account(update, added))
    elif not step.quiet:
        _print_update(update, added)
        print_place(step.folder, added.documents)
    if added.is_fruitless and not update.passed:
        raise click.exceptions.Exit(ExitCode.BAD_INPUT)


def follow_files(step: Step, *, every_s: float | None) -> NoReturn:
    """Read what is new or has changed, say what came of it, and so on; what stays as it is, is told once."""
    pause_s = EVERY_S if every_s is None else every_s
    with _interrupts() as interrupted, step.started() as (index, follower):
        if not step.quiet:
            tell(current_messages().following.format(seconds=f"{pause_s:g}"))
        told: set[str] = set()
        undeclared: set[str] = set()
        while True:
            problems: set[str] = set()
            for update in follower.commits():
                problems.update(update.report.problems)
                for name in undeclared & update.report.undeclared.keys():
                    del update.report.undeclared[name]
                undeclared.update(update.report.undeclared)
                _tell_new(update.report, told)
                if not update.has_changed or step.quiet:
                    continue
                added = Added.to(index, update.report, step.folder)
                if step.as_json:
                    click.echo(to_json(_account(update, added), indent=None))
                else:
                    _print_update(update, added)
            told = problems
            if interrupted.is_set():
                raise KeyboardInterrupt
            time.sleep(pause_s)


@contextmanager
def _interrupts() -> Iterator[Event]:
    """Is set by Ctrl-C, which also raises KeyboardInterrupt as ever.

    Libraries that catch everything while they are imported, as NLTK does, swallow that: then the next pause ends it.
    """
    interrupted = Event()

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        interrupted.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _account(update: Update, added: Added) -> dict[str, Any]:
    """An update as plain JSON values."""
    return {**added.to_dict(), "files": update.files, "passed": update.passed, "deleted": update.deleted}


def _print_update(update: Update, added: Added) -> None:
    say = current_messages()
    added.print_counts()
    counts = {name: format_count(getattr(update, name), say) for name in ("files", "passed", "deleted")}
    tell(say.files_read.format(**counts))


def _tell_new(report: AddReport, told: set[str]) -> None:
    new = [problem for problem in report.problems if problem not in told]
    more = report.skipped - len(report.problems) if new else 0  # those beyond the thousand that a report lists
    tell_problems(AddReport(skipped=len(new) + max(0, more), problems=new, undeclared=report.undeclared))
