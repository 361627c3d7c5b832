"""`Follower`: keeps an index in step with files, reading only those that are new or have changed.

    with Index.open("indexes/newsroom") as index:
        follower = Follower(index, ["archive/"])
        while True:
            print(follower.update())
            time.sleep(30)

What is known of each file (its size, time of change, options of reading, ids of its documents) is a note beside the
commits of the index, written after the commit that holds the documents. So whatever stops the process, a file is either
known and its documents are there, or it is read again; and since documents have ids that stay, reading a file again
adds nothing twice. Where the index has fallen behind the note, as when its newest commit was damaged, the note counts
for nothing and everything is read again.

A file that was changed within two seconds before it was read is read once more later: its next change could bear the
same time (the clocks of file systems tick every few milliseconds to every 2 seconds, on FAT).
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wco_search.archive import note_problems
from wco_search.engine.writer import AddReport
from wco_search.errors import ReadError
from wco_search.index import LOCK_TIMEOUT_S, Index, IndexWriter
from wco_search.readers import Reading, read
from wco_search.readers.sources import STDIN, AnyPath, find_files
from wco_search.results import Alert

NOTE = "sources"
"""The name of the note beside the commits."""

COMMIT_EVERY_S = 30.0
"""How long files are read before they are committed: what is lost at most when the process is killed."""

_FORMAT = 1  # of the note, and of what the readers make of a file; another one counts for nothing
_TICK_NS = 2_000_000_000  # see above
_UNSETTLED = -1  # the time of change that no file has


@dataclass(slots=True)
class Update:
    """What became of files.

    Attributes:
        report: What became of their documents.
        files: How many were read.
        passed: How many were not, because they have not changed.
        deleted: How many documents were deleted, because they are in no file any more.
    """

    report: AddReport = field(default_factory=AddReport)
    files: int = 0
    passed: int = 0
    deleted: int = 0

    @property
    def has_changed(self) -> bool:
        """Whether the index is another one than before."""
        return bool(self.report.added or self.report.updated or self.deleted)

    def __str__(self) -> str:
        return f"{self.files} files read, {self.passed} passed over: {self.report}, {self.deleted} deleted"

    def include(self, other: Update) -> None:
        """Add the figures of *other*."""
        mine, its = self.report, other.report
        mine.added += its.added
        mine.updated += its.updated
        mine.unchanged += its.unchanged
        mine.undeclared.update(its.undeclared)
        skipped = mine.skipped + its.skipped
        for problem in its.problems:
            mine.skip(problem)
        mine.skipped = skipped
        matched = {alert.watch: alert.ids for alert in mine.alerts}
        for alert in its.alerts:
            matched[alert.watch] = tuple(dict.fromkeys([*matched.get(alert.watch, ()), *alert.ids]))
        mine.alerts = [Alert(watch, ids) for watch, ids in sorted(matched.items())]
        self.files += other.files
        self.passed += other.passed
        self.deleted += other.deleted


@dataclass(frozen=True, slots=True)
class _Source:
    """What is remembered of a file.

    Attributes:
        root: The path that led to it.
        size: Bytes.
        mtime_ns: Nanoseconds since 1970 of its last change.
        options: How it was read.
        ids: The documents that came of it.
    """

    root: str
    size: int
    mtime_ns: int
    options: str
    ids: tuple[str, ...]

    def is_fresh(self, stamp: _Stamp, options: str) -> bool:
        return (self.size, self.mtime_ns, self.options) == (stamp.size, stamp.mtime_ns, options)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """How a file is found in its folder."""

    path: str
    root: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class _Scan:
    """The files that there are.

    Attributes:
        files: By path.
        whole: The roots below which no file can have been overlooked.
        problems: What could not be looked at.
    """

    files: Mapping[str, _Stamp]
    whole: frozenset[str]
    problems: tuple[str, ...]


class Follower:
    """Keeps *index* in step with the files at *paths*. For one thread; other processes may write to the index as well.

    Args:
        index: The index.
        paths: Files, folders and patterns, as for `wco_search.read`, but not standard input.
        prune: Delete documents that are no longer in any file: of files that were removed, and of records that are gone
            from a file. Below a path that is missing, empty or cannot be looked through, nothing is deleted: more often
            than not that is a disk which is not there.
        timeout: Seconds to wait for writers of other processes.
        workers: Processes that analyse, as for `Index.writer`.
        strict: Raise the first problem in place of reporting it.
        reading: Other options of `wco_search.read`.

    Raises:
        ValueError: Standard input is among *paths*, or there is no path.

    Example:
        >>> import tempfile, pathlib
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "a.txt").write_text("Customs seized fossils.", encoding="utf-8")
        >>> index = Index.memory()
        >>> print(Follower(index, [folder]).update())
        1 files read, 0 passed over: 1 added, 0 updated, 0 unchanged, 0 skipped, 0 deleted
    """

    def __init__(
        self,
        index: Index,
        paths: Sequence[AnyPath],
        *,
        prune: bool = False,
        timeout: float = LOCK_TIMEOUT_S,
        workers: int = 1,
        strict: bool = False,
        **reading: Any,
    ) -> None:
        if not paths:
            raise ValueError("no paths to follow: the list is empty")
        if STDIN in paths:
            raise ValueError("standard input has no files that could change; give paths")
        self._index = index
        self._paths = [os.fspath(path) for path in paths]
        self._prune = prune
        self._timeout = timeout
        self._workers = workers
        self._strict = strict
        self._reading = reading
        self._options = json.dumps([strict, reading], sort_keys=True, default=str)
        self._is_first = True

    def update(self) -> Update:
        """Read what is new or has changed since the last time, in this process or another; gives what came of it.

        Raises:
            ReadError: The first time, there is nothing at a path; under `strict`, the first problem.
            IndexLockedError: Another writer was not done in time.
        """
        whole = Update()
        for update in self.commits():
            whole.include(update)
        return whole

    def commits(self) -> Iterator[Update]:
        """The same as `update`, and an account of each commit when it has been made; of what was passed over, first."""
        scan = self._scan()
        self._index.refresh()
        known = self._known()
        changed = deque(stamp for path, stamp in scan.files.items() if not self._is_fresh(known.get(path), stamp))
        yield self._begun(scan, len(scan.files) - len(changed))
        holders = Counter(document for source in known.values() for document in source.ids)
        while changed:
            yield self._read_some(changed, known, holders)
        removed = [path for path, one in known.items() if path not in scan.files and one.root in scan.whole]
        if removed and self._prune:
            yield self._forget(removed, known, holders)

    def _is_fresh(self, source: _Source | None, stamp: _Stamp) -> bool:
        return source is not None and source.is_fresh(stamp, self._options)

    def _begun(self, scan: _Scan, passed: int) -> Update:
        update = Update(passed=passed)
        for problem in scan.problems:
            update.report.skip(problem)
        return update

    # -- files

    def _scan(self) -> _Scan:
        files: dict[str, _Stamp] = {}
        whole: set[str] = set()
        problems: list[str] = []
        for path in self._paths:
            root = str(Path(path).absolute())
            found, wrong = self._files_at(path)
            for file in found:
                with suppress(FileNotFoundError):  # removed just now
                    status = Path(file).stat()
                    files.setdefault(file, _Stamp(file, root, status.st_size, status.st_mtime_ns))
            problems += wrong
            if not wrong:
                whole.add(root)
        self._is_first = False
        return _Scan(files, frozenset(whole), tuple(problems))

    def _files_at(self, path: str) -> tuple[list[str], list[str]]:
        """The files that a path means, and what is wrong with it. The index is no file, even if it lies among them."""
        try:
            found = list(find_files(path))
        except ReadError as error:
            if self._is_first:
                raise
            return [], [str(error)]
        own = f"{Path(self._index.path).absolute()}{os.sep}"
        files = [str(file.absolute()) for file in found if isinstance(file, Path)]
        problems = [problem for problem in found if problem is not None and not isinstance(problem, Path)]
        if problems and self._strict:
            raise problems[0].to_error()
        return [file for file in files if not file.startswith(own)], [str(problem) for problem in problems]

    # -- documents

    def _read_some(self, changed: deque[_Stamp], known: dict[str, _Source], holders: Counter[str]) -> Update:
        """Read from the front of *changed* until it is time for a commit, and make it."""
        update = Update()
        done: dict[str, _Source] = {}
        with self._index.writer(timeout=self._timeout, workers=self._workers) as writer:
            update.report = writer.add([])
            until = time.monotonic() + COMMIT_EVERY_S
            while changed and (not done or time.monotonic() < until):
                stamp = changed.popleft()
                before = known.get(stamp.path)
                source = self._read_one(writer, stamp, before, update)
                if source is None:
                    continue
                self._hold(stamp.path, source, known, holders)
                if self._prune and before is not None:
                    update.deleted += writer.delete(_orphans(before.ids, holders))
                done[stamp.path] = source
            update.files = len(done)
        self._remember(done)
        return update

    def _read_one(self, writer: IndexWriter, stamp: _Stamp, before: _Source | None, update: Update) -> _Source | None:
        """What is to be remembered of a file, now that the *writer* has its documents; None if the file has gone."""
        is_settled = abs(time.time_ns() - stamp.mtime_ns) > _TICK_NS
        try:
            reading = read(stamp.path, strict=self._strict, **self._reading)
        except ReadError:  # it was there a moment ago
            return None
        ids: list[str] = []
        writer.add(_noting(reading, ids), strict=self._strict)
        note_problems(update.report, reading)
        # A file of which nothing came may have been out of reach, which its time of change does not tell.
        is_known = is_settled and not (reading.skipped and not reading.read)
        kept = () if before is None or (self._prune and not reading.skipped) else before.ids
        return _Source(
            stamp.root,
            stamp.size,
            stamp.mtime_ns if is_known else _UNSETTLED,
            self._options,
            tuple(dict.fromkeys([*ids, *kept])),
        )

    def _forget(self, removed: Sequence[str], known: dict[str, _Source], holders: Counter[str]) -> Update:
        """Delete the documents that came of the *removed* files alone."""
        update = Update()
        ids = [document for path in removed for document in known[path].ids]
        for path in removed:
            self._hold(path, None, known, holders)
        with self._index.writer(timeout=self._timeout) as writer:
            update.deleted = writer.delete(_orphans(ids, holders))
        self._remember(dict.fromkeys(removed))
        return update

    @staticmethod
    def _hold(path: str, source: _Source | None, known: dict[str, _Source], holders: Counter[str]) -> None:
        """Take *source* for what is known of a file; None for nothing."""
        if before := known.pop(path, None):
            holders.subtract(before.ids)
        if source:
            known[path] = source
            holders.update(source.ids)

    # -- the note

    def _known(self) -> dict[str, _Source]:
        return _sources_in(self._index.storage.read_note(NOTE), self._index.snapshot.manifest.generation)[1]

    def _remember(self, done: Mapping[str, _Source | None]) -> None:
        """Bring the note up to date, which others may have written to meanwhile."""
        storage, own = self._index.storage, self._index.snapshot.manifest.generation
        with storage.lock(self._timeout):
            newest = storage.load().manifest.generation
            generation, sources = _sources_in(storage.read_note(NOTE), newest)
            if all(sources.get(path) == source for path, source in done.items()):
                return
            for path, source in done.items():
                sources.pop(path, None)
                if source:
                    sources[path] = source
            storage.write_note(NOTE, _note_of(sources, max(generation, own)))


def _noting(reading: Reading, ids: list[str]) -> Iterator[Any]:
    for document in reading:
        ids.append(document.id)
        yield document


def _orphans(ids: Iterable[str], holders: Counter[str]) -> list[str]:
    """Those of *ids* that no file holds."""
    return [document for document in dict.fromkeys(ids) if holders[document] <= 0]


def _note_of(sources: Mapping[str, _Source], generation: int) -> bytes:
    files = {path: [one.root, one.size, one.mtime_ns, one.options, one.ids] for path, one in sources.items()}
    return json.dumps({"format": _FORMAT, "generation": generation, "files": files}).encode()


def _sources_in(note: bytes | None, newest: int) -> tuple[int, dict[str, _Source]]:
    """The commit that a note was written after, and what it tells; nothing if that is not of the commit *newest*.

    A note that cannot be read counts for nothing as well: all that it can cause is that files are read again.
    """
    try:
        content = json.loads(note or b"{}")
        if content.get("format") != _FORMAT or not 0 <= content["generation"] <= newest:
            return 0, {}
        sources = {
            path: _Source(root, size, mtime_ns, options, tuple(ids))
            for path, (root, size, mtime_ns, options, ids) in content["files"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return 0, {}
    return content["generation"], sources


__all__ = ["COMMIT_EVERY_S", "NOTE", "Follower", "Update"]
