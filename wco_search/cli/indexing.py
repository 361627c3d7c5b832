"""Files into an index: what the commands `index` and `demo` do."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from wco_search.cli.messages import current_messages, format_count
from wco_search.cli.terminal import safe_line, tell
from wco_search.documents import KINDS, MetadataSchema
from wco_search.engine.writer import AddReport
from wco_search.errors import IndexExistsError, IndexLockedError, IndexNotFoundError
from wco_search.index import LOCK_TIMEOUT_S, Index
from wco_search.languages import Synonyms
from wco_search.readers import Reading

_TYPES = {kind: python for python, kind in KINDS.items()}
_DOCUMENTS_TOLD = 10  # of an alert: some lines of a terminal; `--json` has the ids of all
PROBLEMS_TOLD = 20  # a screen; the count of the rest follows
_POLL_S = 0.02  # how often to look whether another process is done with making the same index


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the documents, and how many the index holds now.

    Attributes:
        report: The account of the library.
        documents: How many the index holds.
        folder: Where it is.
        alerts: The lines that tell which watches new documents match.
    """

    report: AddReport
    documents: int
    folder: Path
    alerts: Sequence[str]

    @classmethod
    def to(cls, index: Index, report: AddReport, folder: Path) -> Added:
        """What *report* tells of *index*, which is in *folder*."""
        return cls(report, len(index), folder, tuple(_alert_lines(report, index)))

    @property
    def is_fruitless(self) -> bool:
        """Whether there was something to read and not one document came of it."""
        report = self.report
        return report.skipped > 0 and not (report.added or report.updated or report.unchanged)

    def to_dict(self) -> dict[str, Any]:
        """The account as plain JSON values."""
        report = asdict(self.report)
        undeclared = dict(self.report.undeclared)
        alerts = [alert.to_dict() for alert in self.report.alerts]
        return {
            **report,
            "undeclared": undeclared,
            "alerts": alerts,
            "documents": self.documents,
            "path": str(self.folder),
        }

    def print_report(self) -> None:
        """Say how many documents there were and where they are."""
        self.print_counts()
        print_place(self.folder, self.documents)

    def print_counts(self) -> None:
        """Say how many documents there were, and which watches they match."""
        say, report = current_messages(), self.report
        names = ("added", "updated", "unchanged", "skipped")
        click.echo(say.report.format(**{name: format_count(getattr(report, name), say) for name in names}))
        for line in self.alerts:
            click.echo(line)


def _alert_lines(report: AddReport, index: Index) -> Iterator[str]:
    """Which watches new documents of *index* match: below each the date, the title and the id of these."""
    say = current_messages()
    for alert in report.alerts:
        yield say.alert.format(watch=safe_line(alert.watch), count=format_count(len(alert.ids), say))
        for own in alert.ids[:_DOCUMENTS_TOLD]:
            document = index.get(own)
            title = f"{safe_line(document.title)} · {safe_line(own)}" if document and document.title else safe_line(own)
            yield f"    {document.date}  {title}" if document and document.date else f"    {title}"
        if len(alert.ids) > _DOCUMENTS_TOLD:
            yield f"    {say.and_more.format(count=format_count(len(alert.ids) - _DOCUMENTS_TOLD, say))}"


def print_place(folder: Path, documents: int) -> None:
    """Say how many documents an index holds, and to people how to search it."""
    say = current_messages()
    click.echo(say.documents_in.format(documents=format_count(documents, say), path=safe_line(str(folder))))
    tell(say.search_next.format(path=shlex.quote(str(folder))))


def tell_problems(report: AddReport) -> None:
    """Say on standard error what is missing from the index, and why."""
    say = current_messages()
    for problem in report.problems[:PROBLEMS_TOLD]:
        tell(safe_line(problem))
    more = max(report.skipped, len(report.problems)) - PROBLEMS_TOLD
    if more > 0:
        tell(say.and_more.format(count=format_count(more, say)))
    if report.undeclared:
        told = report.undeclared.most_common(PROBLEMS_TOLD)
        fields = ", ".join(f"{safe_line(name)} ({format_count(count, say)})" for name, count in told)
        options = " ".join(shlex.quote(f"--metadata={safe_line(name)}:str") for name, _ in told)
        tell(say.undeclared.format(fields=fields, options=options))


def add_files(
    reading: Reading,
    folder: Path,
    *,
    metadata: Mapping[str, type],
    timeout_s: float | None = None,
    workers: int = 1,
    strict: bool = False,
    followed: Sequence[str] = (),
    synonyms: Synonyms | None = None,
) -> Added:
    """Add what *reading* gives to the index in *folder*, which is made if there is none, as one commit.

    Args:
        reading: The documents.
        folder: The index's folder.
        metadata: Fields for a new index; an index that is there must have them.
        timeout_s: Seconds to wait for other writers; the library's default if not given.
        workers: How many processes analyse, 0 for one a core.
        strict: Whether the first problem ends it all.
        followed: The paths that are read, if progress is to be shown.
        synonyms: Words that mean the same to watches.
    """
    wait_s = LOCK_TIMEOUT_S if timeout_s is None else timeout_s
    with open_or_make(folder, metadata, wait_s, synonyms) as index:
        with _progress(reading, followed) as begin_commit, index.writer(timeout=wait_s, workers=workers) as writer:
            report = writer.add(reading, strict=strict)
            begin_commit()
        return Added.to(index, report, folder)


def absorb_indexes(sources: Sequence[Path], folder: Path, *, timeout_s: float | None = None) -> Added:
    """Add the documents of *sources* to the index in *folder*, which is made with the fields of the first one if there
    is none, as one commit; as `add_files`.
    """
    wait_s = LOCK_TIMEOUT_S if timeout_s is None else timeout_s
    with Index.open(sources[0]) as first:
        metadata = {name: _TYPES[kind] for name, kind in first.snapshot.schema.kinds.items()}
    try:
        index = Index.open(folder)
    except IndexNotFoundError:
        index = _made(folder, metadata, wait_s, None)
    with index:
        report = index.absorb(*sources, timeout=wait_s)
        return Added.to(index, report, folder)


def open_or_make(folder: Path, metadata: Mapping[str, type], wait_s: float, synonyms: Synonyms | None = None) -> Index:
    """The index in *folder*, which is made if there is none.

    Raises:
        click.UsageError: There is one, and it has not the fields of *metadata*.
    """
    try:
        index = Index.open(folder, synonyms=synonyms)
    except IndexNotFoundError:
        return _made(folder, metadata, wait_s, synonyms)
    missing = MetadataSchema.of(metadata).kinds.items() - index.stats().metadata.items() if metadata else ()
    if missing:
        wanted = ", ".join(f"{name}: {kind}" for name, kind in missing)
        raise click.UsageError(f"--metadata: the index in {folder} has no {wanted}; only a new index gets fields")
    return index


def _made(folder: Path, metadata: Mapping[str, type], wait_s: float, synonyms: Synonyms | None) -> Index:
    """A new index, or the one that another process made meanwhile."""
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return Index.create(folder, metadata=metadata, synonyms=synonyms)
        except IndexLockedError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_POLL_S)
        except IndexExistsError as error:
            try:
                return Index.open(folder, synonyms=synonyms)
            except IndexNotFoundError:
                raise error from None  # it is no index that is there


@contextmanager
def _progress(reading: Reading, followed: Sequence[str]) -> Iterator[Callable[[], None]]:
    if not followed:
        yield lambda: None
        return
    from wco_search.cli.progress import shown_progress

    with shown_progress(reading, list(followed)) as column:
        yield column.begin_commit
