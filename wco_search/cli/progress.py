"""The progress line of indexing: documents, their rate, and the time that is left where the files tell it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task
from rich.text import Text

from wco_search.cli.messages import current_messages, format_count
from wco_search.cli.terminal import make_console
from wco_search.readers import Reading
from wco_search.readers.sources import STDIN, find_files

_FILES_LIMIT = 100_000  # files that are looked at beforehand to learn how many bytes there are: a second's work
_FILES_OPEN = Path("/proc/self/fd")
_POSITION = Path("/proc/self/fdinfo")


class FileMeter:
    """How far this process has read through *paths*, whose files are read in order.

    The kernel tells where each open file stands (proc(5), `/proc/self/fdinfo`), so that the readers need not count.
    Packed files are measured in packed bytes.

    Attributes:
        total: Bytes of all files; 0 where that cannot be known.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.total = 0
        self._done = 0
        self._starts: dict[str, int] = {}
        if _FILES_OPEN.is_dir() and STDIN not in paths:
            self._measure(paths)

    def _measure(self, paths: Sequence[str]) -> None:
        total = 0
        for path in find_files(paths):
            if len(self._starts) >= _FILES_LIMIT:
                return
            if isinstance(path, Path):
                with suppress(OSError):  # gone meanwhile; the reader will report it
                    self._starts.setdefault(str(path.resolve()), total)
                    total += path.stat().st_size
        self.total = total

    def done(self) -> int:
        """Bytes that lie behind; never fewer than the last time."""
        for entry in _FILES_OPEN.iterdir() if self.total else ():
            with suppress(OSError):  # files are closed while we look
                start = self._starts.get(str(entry.readlink()))
                if start is not None:
                    self._done = max(self._done, start + _position(entry.name))
        return self._done


def _position(number: str) -> int:
    first_line, _, _ = (_POSITION / number).read_text(encoding="ascii").partition("\n")
    return int(first_line.removeprefix("pos:"))


class ReadingColumn(ProgressColumn):
    """Documents read so far, how many a second, and the time left or else the time passed."""

    def __init__(self, reading: Reading, meter: FileMeter) -> None:
        super().__init__()
        self._reading = reading
        self._meter = meter
        self._is_committing = False

    def begin_commit(self) -> None:
        """From now on the documents are being written."""
        self._is_committing = True

    def render(self, task: Task) -> Text:
        """See `rich.progress.ProgressColumn`."""
        say, elapsed_s = current_messages(), task.elapsed or 0.0
        documents = format_count(self._reading.read, say)
        if self._is_committing:
            return Text(say.progress_commit.format(documents=documents))
        rate = format_count(self._reading.read / elapsed_s if elapsed_s else 0, say)
        done = self._meter.done()
        time = say.progress_elapsed.format(time=_clock(elapsed_s))
        if done:
            time = say.progress_left.format(time=_clock(elapsed_s * (self._meter.total - done) / done))
        return Text(f"{say.progress.format(documents=documents, rate=rate)}, {time}")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


@contextmanager
def shown_progress(reading: Reading, paths: Sequence[str]) -> Iterator[ReadingColumn]:
    """A line on standard error that follows *reading* of *paths* and goes away at the end."""
    column = ReadingColumn(reading, FileMeter(paths))
    with Progress(SpinnerColumn(), column, console=make_console(sys.stderr), transient=True) as bar:
        bar.add_task("")
        yield column


class CountColumn(ProgressColumn):
    """How many documents there were so far, and how many a second."""

    def render(self, task: Task) -> Text:
        """See `rich.progress.ProgressColumn`."""
        say, elapsed_s = current_messages(), task.elapsed or 0.0
        rate = format_count(task.completed / elapsed_s if elapsed_s else 0, say)
        return Text(say.progress.format(documents=format_count(task.completed, say), rate=rate))


@contextmanager
def counted_progress() -> Iterator[Callable[[int], None]]:
    """A line on standard error that is told how many documents there were so far, and goes away at the end."""
    with Progress(SpinnerColumn(), CountColumn(), console=make_console(sys.stderr), transient=True) as bar:
        task = bar.add_task("")
        yield lambda documents: bar.update(task, completed=documents)
