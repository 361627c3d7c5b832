"""The files of an index; only this module and what it stands on (`manifest`, `array_files`, `disk`) touch them.

    DIR/manifest-0000000002.json       the newest commit: what there is, with places, sizes and checksums
    DIR/manifest-0000000001.json       the commit before it, in case the newest is damaged
    DIR/segment-0000000002-0.npys      arrays of documents, never changed once written
    DIR/deleted-0000000002-1.npys      which documents of a segment are deleted
    DIR/NAME.note                      what another part of the library wants to remember beside the commits
    DIR/scratch-4711-0.npys            arrays that process 4711 has put aside, until the writer maps them
    DIR/damaged/                       files that a repair has put aside
    DIR/write.lock                     held by the one process that writes; its number is inside

A commit writes and syncs new files, syncs the folder, then writes the manifest under another name, syncs it, renames it
into place and syncs the folder: whatever stops the machine, the folder holds the old commit or the new one. Readers
take no lock and write nothing. They map all files of a commit when they open it, so that later commits may remove them.

`FolderStorage` keeps an index in a folder, `MemoryStorage` in the process; both are a `Storage`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np

from wco_search.engine.array_files import ALIGNMENT, Arrays, array_in, checksum_of_next, map_file, write_arrays
from wco_search.engine.disk import LOCK, holding, name_in, remove, replace_file, size_of, sync_folder
from wco_search.engine.manifest import ARRAYS, MANIFEST, Manifest, manifest_name
from wco_search.errors import (
    CorruptIndexError,
    DamagedCommitError,
    IndexExistsError,
    IndexFormatError,
    IndexLockedError,
    IndexNotFoundError,
)

Files = Mapping[str, Arrays]

_SCRATCH = re.compile(r"scratch-\d+-\d+\.npys")
DAMAGED = "damaged"
"""The folder in an index that `FolderStorage.repair` puts files aside in."""
_OPEN_ATTEMPTS = 10  # a commit may vanish while it is opened only if two newer ones are made meanwhile
_MANIFEST_LIMIT = 64 * 2**20  # bytes; a manifest holds names and numbers, a larger one is not ours


@dataclass(frozen=True, slots=True, eq=False)
class Commit:
    """A commit, opened.

    Attributes:
        manifest: What it holds.
        files: The arrays of each of its files.
        warnings: What was wrong, where an older commit had to stand in for a newer one.
        path: Where it is.
    """

    manifest: Manifest
    files: Files
    warnings: tuple[str, ...] = ()
    path: str = ":memory:"

    def require_newest(self) -> None:
        """Make sure that nothing newer is damaged, as what builds on this commit must.

        Raises:
            DamagedCommitError: This one stands in for a newer one.
        """
        if self.warnings:
            raise DamagedCommitError(self.path, self.warnings[0])


class Storage(Protocol):
    """Where the commits of one index are kept."""

    path: str
    scratch: Path | None
    """The folder for `put_aside`; None where all is in memory."""

    def load(self) -> Commit:
        """The newest commit that is whole."""

    def commit(self, manifest: Manifest, new_files: Files) -> Manifest:
        """Make *manifest* the newest commit, durably; *new_files* are those that no commit had. Only under the lock."""

    def lock(self, timeout_s: float) -> contextlib.AbstractContextManager[None]:
        """Hold the right to write; IndexLockedError after *timeout_s*."""

    def size_bytes(self) -> int:
        """Bytes that the newest commit takes."""

    def read_note(self, name: str) -> bytes | None:
        """What `write_note` kept under *name*; None if nothing."""

    def write_note(self, name: str, data: bytes) -> None:
        """Keep *data* under *name*, whole and durably, in place of what was there. Only under the lock."""


class MemoryStorage:
    """Commits in the memory of this process."""

    path = ":memory:"
    scratch: Path | None = None

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._lock = Lock()
        self._newest = Commit(Manifest(0, settings), {})
        self._notes: dict[str, bytes] = {}

    def load(self) -> Commit:
        """See `Storage.load`."""
        return self._newest

    def commit(self, manifest: Manifest, new_files: Files) -> Manifest:
        """See `Storage.commit`."""
        files = {**self._newest.files, **new_files}
        self._newest = Commit(manifest, {name: files[name] for name in manifest.file_names()})
        return manifest

    @contextlib.contextmanager
    def lock(self, timeout_s: float) -> Iterator[None]:
        """See `Storage.lock`."""
        if not self._lock.acquire(timeout=max(0.0, timeout_s)):
            raise IndexLockedError(self.path, holder_pid=os.getpid(), held_s=None, waited_s=timeout_s)
        try:
            yield
        finally:
            self._lock.release()

    def size_bytes(self) -> int:
        """See `Storage.size_bytes`."""
        return sum(array.nbytes for arrays in self._newest.files.values() for array in arrays.values())

    def read_note(self, name: str) -> bytes | None:
        """See `Storage.read_note`."""
        return self._notes.get(name)

    def write_note(self, name: str, data: bytes) -> None:
        """See `Storage.write_note`."""
        self._notes[name] = data


@dataclass(frozen=True, slots=True, eq=False)
class _Mapped:
    """A file of arrays, mapped, and what told it from others."""

    identity: tuple[object, ...]
    arrays: Arrays


class FolderStorage:
    """Commits in a folder.

    What has been read and mapped is kept for the next `load`, which is then quick after a small commit and gives the
    same objects for files that are the same.

    Raises:
        IndexNotFoundError: The folder holds no index.
    """

    def __init__(self, path: Path, *, verify: bool = False) -> None:
        """Under *verify* every byte of a file is read and compared with its checksum before it is used."""
        self.path = str(path)
        self.scratch: Path | None = path
        self._verify = verify
        self._folder = path
        self._mapped: Mapping[str, _Mapped] = {}
        self._read: tuple[bytes, Manifest] | None = None
        self._require_folder()
        if not self.generations():
            raise IndexNotFoundError(path)

    @classmethod
    def create(cls, path: Path, settings: Mapping[str, Any]) -> FolderStorage:
        """A new, empty index in folder *path*, which must be absent or empty.

        Raises:
            IndexExistsError: There is something at *path*.
        """
        if path.exists() and not path.is_dir():
            raise IndexExistsError(path, why="there is a file of that name; remove it")
        path.mkdir(parents=True, exist_ok=True)
        sync_folder(path.absolute().parent)
        _require_empty(path)  # before a lock is left in a folder of others
        with holding(path, timeout_s=0.0):
            _require_empty(path)
            _publish(path, Manifest(0, settings))
        return cls(path)

    def load(self) -> Commit:
        """See `Storage.load`.

        Raises:
            CorruptIndexError: No commit in the folder is whole.
            IndexFormatError: The newest is of another format.
            IndexNotFoundError: The folder was removed.
        """
        for _ in range(_OPEN_ATTEMPTS):
            with contextlib.suppress(FileNotFoundError):  # a writer was quicker: what is there has changed
                return self._load_newest()
        return self._load_newest()

    def _require_folder(self) -> None:
        if not self._folder.is_dir():
            raise IndexNotFoundError(self._folder, why="there is no such folder")

    def _load_newest(self) -> Commit:
        self._require_folder()  # it may have been removed since it was opened, and no try would find it again
        generations = self.generations()
        if not generations:
            raise IndexNotFoundError(self._folder)
        warnings: list[str] = []
        for generation in generations:
            try:
                manifest = self.manifest(generation)
                mapped = {name: self._map(name, manifest) for name in manifest.file_names()}
                self._mapped = mapped
                files = {name: one.arrays for name, one in mapped.items()}
                return Commit(manifest, files, tuple(warnings), self.path)
            except CorruptIndexError as error:
                damage = error
            except FileNotFoundError as error:
                if self.generations() != generations:
                    raise  # removed by a writer just now
                damage = CorruptIndexError(self.path, f"{Path(error.filename).name} is missing")
            warnings.append(f"commit {generation} is damaged ({damage.detail}); the commit before it is shown")
        raise damage

    def generations(self) -> list[int]:
        """The numbers of the commits in the folder, damaged ones included, the newest first."""
        found = (MANIFEST.fullmatch(entry.name) for entry in os.scandir(self._folder))
        return sorted((int(match[1]) for match in found if match), reverse=True)

    def manifest(self, generation: int) -> Manifest:
        """What a commit holds.

        Raises:
            CorruptIndexError: Its manifest is damaged.
            IndexFormatError: It is of another format.
            FileNotFoundError: There is no such commit.
        """
        path = self._folder / manifest_name(generation)
        if size_of(path) > _MANIFEST_LIMIT:
            raise CorruptIndexError(self.path, f"{path.name} is not a manifest")
        data = path.read_bytes()
        read = self._read
        if read is None or read[0] != data:
            self._read = read = (data, Manifest.from_bytes(data, self.path))
        if read[1].generation != generation:
            raise CorruptIndexError(self.path, f"{path.name} is that of commit {read[1].generation}")
        return read[1]

    def _map(self, name: str, manifest: Manifest) -> _Mapped:
        path, arrays = self._folder / name, manifest.files[name]
        size = size_of(path)
        facts_of_file = path.stat()
        identity = (facts_of_file.st_dev, facts_of_file.st_ino, facts_of_file.st_mtime_ns, size, arrays)
        known = self._mapped.get(name)
        if known is not None and known.identity == identity:
            return known
        try:
            expected = max(facts["start"] + facts["bytes"] for facts in arrays.values())
            if size != expected:
                raise CorruptIndexError(self.path, f"{name} has {size} bytes, not {expected}")
            if self._verify and (problems := self.examine(manifest, name)[1]):
                raise CorruptIndexError(self.path, problems[0])
            content = map_file(path)
            return _Mapped(identity, {array: array_in(content, facts) for array, facts in arrays.items()})
        except (ValueError, TypeError, KeyError) as error:  # no OSError, such as too many open files, tells of damage
            raise CorruptIndexError(self.path, f"{name} holds no such arrays: {error}") from error

    def examine(self, manifest: Manifest, name: str) -> tuple[Arrays, list[str]]:
        """Read every byte of a file of *manifest*: the arrays that fit their checksums, and what is wrong with it.

        Raises:
            FileNotFoundError: It is missing.
        """
        path, places, problems, whole, end = self._folder / name, manifest.files[name], [], [], 0
        try:
            size = size_of(path)
            with path.open("rb") as file:
                for array, facts in sorted(places.items(), key=lambda item: item[1]["start"]):
                    gap = facts["start"] - end
                    if not 0 <= gap < ALIGNMENT or any(file.read(gap)):
                        problems.append(f"{name}: there is something before array {array}")
                    file.seek(facts["start"])
                    if checksum_of_next(file, facts["bytes"]) == facts["crc32"]:
                        whole.append(array)
                    else:
                        problems.append(f"{name}: array {array} does not fit its checksum")
                    end = facts["start"] + facts["bytes"]
            if size != end:
                problems.append(f"{name} has {size} bytes, not {end}")
            content = map_file(path) if whole else np.zeros(0, np.uint8)
            return {array: array_in(content, places[array]) for array in whole}, problems
        except (ValueError, TypeError, KeyError) as error:
            return {}, [f"{name} holds no such arrays: {error}"]
        except CorruptIndexError as error:
            return {}, [error.detail]
        except OSError as error:
            if error.errno != errno.EIO:  # others tell of this process, or that the file is gone
                raise
            return {}, [f"{name} cannot be read: {error.strerror}"]

    def _make_newest(self, manifest: Manifest, new_files: Files) -> Manifest:
        written = {name: write_arrays(self._folder / name, arrays) for name, arrays in new_files.items()}
        sync_folder(self._folder)
        facts = {**manifest.files, **written}
        whole = replace(manifest, files={name: facts[name] for name in manifest.file_names()})
        _publish(self._folder, whole)
        return whole

    def repair(self, manifest: Manifest, new_files: Files, aside: Iterable[str]) -> Manifest:
        """Make *manifest* the newest commit as `commit` does, and put files that are named *aside* into `damaged/`.

        They get their second names before there is the new commit and lose their first ones after it: whatever stops
        the machine, they are in one place or both, and the folder holds the old commits or the new one.
        """
        moves = self._second_names(aside)
        whole = self._make_newest(manifest, new_files)
        for source, target in moves.items():
            if target.exists():
                remove(source)
            else:
                source.rename(target)
        if moves:
            sync_folder(self._folder / DAMAGED)
        self.sweep(keep=whole)
        sync_folder(self._folder)
        return whole

    def _second_names(self, names: Iterable[str]) -> dict[Path, Path]:
        """Where each of these files is put aside; where the file system has links, it has that name already."""
        sources = [path for name in names if os.path.lexists(path := self._folder / name)]
        if not sources:
            return {}
        aside = self._folder / DAMAGED
        aside.mkdir(exist_ok=True)
        moves = {source: name_in(aside, source) for source in sources}
        for source, target in moves.items():
            if source.is_file() and not source.is_symlink() and not target.exists():
                with contextlib.suppress(PermissionError):  # what a file system without links says
                    os.link(source, target)
        sync_folder(aside)
        sync_folder(self._folder)
        return moves

    def leftovers(self, keep: Manifest, besides: Collection[str] = ()) -> dict[str, int]:
        """The files in the folder, *besides* some, that neither *keep* nor the commit before it needs; their bytes."""
        before = [g for g in self.generations() if g < keep.generation and manifest_name(g) not in besides]
        generations = [*before[:1], keep.generation]
        needed = {*map(manifest_name, generations), *keep.file_names(), *besides}
        for generation in generations[:-1]:
            with contextlib.suppress(CorruptIndexError, IndexFormatError):
                needed |= set(self.manifest(generation).file_names())
        found: dict[str, int] = {}
        for entry in os.scandir(self._folder):
            kinds = (MANIFEST, entry.name.removesuffix(".new")), (ARRAYS, entry.name), (_SCRATCH, entry.name)
            if any(pattern.fullmatch(name) for pattern, name in kinds) and entry.name not in needed:
                found[entry.name] = entry.stat(follow_symlinks=False).st_size
        return found

    def sweep(self, keep: Manifest) -> None:
        """Remove `leftovers`, those of dead writers included. Only under the lock."""
        for name in self.leftovers(keep):
            remove(self._folder / name)

    def commit(self, manifest: Manifest, new_files: Files) -> Manifest:
        """See `Storage.commit`."""
        whole = self._make_newest(manifest, new_files)
        with contextlib.suppress(OSError):  # the commit stands; what could not be removed, the next one removes
            self.sweep(keep=whole)
        return whole

    @contextlib.contextmanager
    def lock(self, timeout_s: float) -> Iterator[None]:
        """See `Storage.lock`.

        Raises:
            IndexNotFoundError: The folder was removed.
        """
        self._require_folder()
        with holding(self._folder, timeout_s=timeout_s):
            yield

    def size_bytes(self) -> int:
        """See `Storage.size_bytes`."""
        manifest = self.load().manifest
        facts = [one for arrays in manifest.files.values() for one in arrays.values()]
        return len(manifest.to_bytes()) + sum(int(one["bytes"]) for one in facts)

    def read_note(self, name: str) -> bytes | None:
        """See `Storage.read_note`."""
        with contextlib.suppress(FileNotFoundError):
            return self._note(name).read_bytes()
        return None

    def write_note(self, name: str, data: bytes) -> None:
        """See `Storage.write_note`."""
        replace_file(self._note(name), data)

    def existing(self, names: Iterable[str]) -> list[str]:
        """Those of *names* that the folder has."""
        return [name for name in names if os.path.lexists(self._folder / name)]

    def notes(self) -> list[str]:
        """The names of the files of all notes, sorted."""
        return sorted(path.name for path in self._folder.glob("*.note"))

    def _note(self, name: str) -> Path:
        return self._folder / f"{name}.note"


def _require_empty(folder: Path) -> None:
    left_by_a_dead_create = {LOCK, f"{manifest_name(0)}.new"}
    there = {entry.name for entry in folder.iterdir()} - left_by_a_dead_create
    if any(map(MANIFEST.fullmatch, there)):
        raise IndexExistsError(folder)
    if there:
        raise IndexExistsError(folder, why=f"the folder is not empty (it has {min(there)!r}); empty it")


def _publish(folder: Path, manifest: Manifest) -> None:
    """The step that makes a commit: its manifest appears under its name, whole."""
    replace_file(folder / manifest_name(manifest.generation), manifest.to_bytes())
