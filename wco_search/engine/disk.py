"""What storage asks of the disk: a file replaced whole, a name made durable, the lock of the one who writes."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from wco_search.errors import CorruptIndexError, IndexLockedError

LOCK = "write.lock"
"""The file that the one process that writes holds; its number is inside."""
_POLL_S = 0.02  # how often a waiting writer asks for the lock: short beside a commit, long beside the question


def size_of(path: Path) -> int:
    """The size of a regular file.

    Raises:
        CorruptIndexError: Something else has its name: a folder, a pipe, a link to itself.
        FileNotFoundError: There is nothing.
    """
    try:
        facts = path.stat()
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise CorruptIndexError(path.parent, f"{path.name} is a link to itself") from error
    if not stat.S_ISREG(facts.st_mode):
        raise CorruptIndexError(path.parent, f"{path.name} is not a file")
    return facts.st_size


def name_in(folder: Path, source: Path) -> Path:
    """A name in *folder* for *source*: one that is free, or that it has there already."""
    names = (f"{source.name}.{number}" if number else source.name for number in itertools.count())
    there = source.stat() if source.is_file() else None
    return next(
        target
        for target in map(folder.joinpath, names)
        if not os.path.lexists(target) or (there and target.exists() and os.path.samestat(there, target.stat()))
    )


def replace_file(path: Path, data: bytes) -> None:
    """Make *data* the content of *path*, durably: whatever happens, the old content is there or the new one."""
    draft = path.with_name(f"{path.name}.new")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* durable, as fsync(2) asks after a file was created or renamed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove what is at *path*, if anything."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def holding(folder: Path, *, timeout_s: float) -> Iterator[None]:
    """The write lock of *folder*: a lock of the kernel, so that it ends with its holder, however that ends."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _wait_for_lock(descriptor, folder, timeout_s)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {time.time():.3f}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)  # ends the lock as well


def _wait_for_lock(descriptor: int, folder: Path, timeout_s: float) -> None:
    started = time.monotonic()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = time.monotonic() - started
            if waited >= timeout_s:
                pid, since = _holder(descriptor)
                held = None if since is None else max(0.0, time.time() - since)
                raise IndexLockedError(folder, holder_pid=pid, held_s=held, waited_s=waited) from None
            time.sleep(_POLL_S)
        else:
            return


def _holder(descriptor: int) -> tuple[int | None, float | None]:
    """Process id and time that the holder of the lock wrote into it, as far as they can be read."""
    match = re.fullmatch(rb"(\d+) (\d+\.\d+)\n", os.pread(descriptor, 100, 0))
    return (int(match[1]), float(match[2])) if match else (None, None)
