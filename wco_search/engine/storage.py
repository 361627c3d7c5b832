"""The files of an index, and the only place that touches them.

    DIR/manifest-0000000002.json       the newest commit: what there is, with places, sizes and checksums
    DIR/manifest-0000000001.json       the commit before it, in case the newest is damaged
    DIR/segment-0000000002-0.npys      arrays of documents, never changed once written
    DIR/deleted-0000000002-1.npys      which documents of a segment are deleted
    DIR/NAME.note                      what another part of the library wants to remember beside the commits
    DIR/scratch-4711-0.npys            arrays that process 4711 has put aside, until the writer maps them
    DIR/damaged/                       files that a repair has put aside
    DIR/write.lock                     held by the one process that writes; its number is inside

A file of arrays is one array in NumPy's `.npy` format after the other, each starting at a multiple of 64 bytes; the
manifest names them and tells where each starts. (`numpy.load` on the file, opened and moved to that place, reads one.)

A commit writes and syncs new files, syncs the folder, then writes the manifest under another name, syncs it, renames it
into place and syncs the folder: whatever stops the machine, the folder holds the old commit or the new one. Readers
take no lock and write nothing. They map all files of a commit when they open it, so that later commits may remove them.

`FolderStorage` keeps an index in a folder, `MemoryStorage` in the process; both are a `Storage`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import itertools
import json
import mmap
import os
import re
import shutil
import stat
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Literal, Protocol

import numpy as np
from numpy.typing import DTypeLike

from wco_search.engine.strings import Array
from wco_search.errors import (
    CorruptIndexError,
    DamagedCommitError,
    IndexExistsError,
    IndexFormatError,
    IndexLockedError,
    IndexNotFoundError,
)

INDEX_FORMAT = 3
"""Number of the layout of files; moves apart from the version of the library."""

Arrays = Mapping[str, Array]
Files = Mapping[str, Arrays]
ArrayFacts = Mapping[str, Any]
"""What a manifest tells of an array: `start`, `bytes`, `dtype`, `length`, `crc32`."""

_MANIFEST = re.compile(r"manifest-(\d{10})\.json")
_ARRAYS = re.compile(r"(?:segment|deleted)-(\d{10})-\d+\.npys")
_SCRATCH = re.compile(r"scratch-\d+-\d+\.npys")
DAMAGED = "damaged"
"""The folder in an index that `FolderStorage.repair` puts files aside in."""
_LOCK = "write.lock"
_POLL_S = 0.02  # how often a waiting writer asks for the lock: short beside a commit, long beside the question
_OPEN_ATTEMPTS = 10  # a commit may vanish while it is opened only if two newer ones are made meanwhile
_ALIGNMENT = 64  # bytes; what NumPy's own headers align data to, a cache line
_MOST_BYTES = 2**62  # of a file, or values of an array: what still adds up in 64 bits
_LARGE = 16 * 2**20  # bytes of an array that is better written to a file than held; a small commit has none
_MANIFEST_LIMIT = 64 * 2**20  # bytes; a manifest holds names and numbers, a larger one is not ours

_KINDS_OF_MANIFEST = {"generation": int, "settings": dict, "statistics": dict, "segments": list, "files": dict}


@dataclass(frozen=True, slots=True)
class SegmentFiles:
    """The files of one segment: its arrays, and its deletions where there are any."""

    arrays: str
    deleted: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one commit holds.

    Attributes:
        generation: Number of the commit, from 0 for the empty index.
        settings: What holds for the index as a whole: the analyzer's fingerprint, the metadata fields, the watches.
        statistics: Numbers that scores depend on.
        segments: The segments, in the order of their documents.
        files: For each file of them its arrays.
    """

    generation: int
    settings: Mapping[str, Any]
    statistics: Mapping[str, float] = field(default_factory=dict)
    segments: tuple[SegmentFiles, ...] = ()
    files: Mapping[str, Mapping[str, ArrayFacts]] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The manifest as JSON, with a checksum of itself."""
        content = {
            "format": INDEX_FORMAT,
            "generation": self.generation,
            "settings": self.settings,
            "statistics": self.statistics,
            "segments": [[segment.arrays, segment.deleted] for segment in self.segments],
            "files": self.files,
        }
        whole = {**content, "checksum": _checksum_of(content)}
        lines = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in whole.items())
        return ("{" + ",\n".join(lines) + "}\n").encode()  # `indent` would take ten times as long

    @classmethod
    def from_bytes(cls, data: bytes, path: str) -> Manifest:
        """The manifest in *data*.

        Raises:
            CorruptIndexError: It is not what `to_bytes` wrote.
            IndexFormatError: It is of another format.
        """
        try:
            content = json.loads(data)
            checksum = content.pop("checksum")
        except (ValueError, RecursionError, KeyError, AttributeError, TypeError) as error:
            raise CorruptIndexError(path, "the manifest is not one of ours") from error
        if not isinstance(content.get("format"), int):
            raise CorruptIndexError(path, "the manifest tells no format")
        if content["format"] != INDEX_FORMAT and checksum != _checksum_of({**content, "format": INDEX_FORMAT}):
            # else it is ours, and its number was damaged
            raise IndexFormatError(path, found=content["format"], supported=INDEX_FORMAT)
        if checksum != _checksum_of(content):
            raise CorruptIndexError(path, "the manifest does not fit its checksum")
        try:
            _require_kinds(content)
            segments = tuple(SegmentFiles(arrays, deleted) for arrays, deleted in content["segments"])
            found = cls(content["generation"], content["settings"], content["statistics"], segments, content["files"])
            strange = [name for name in found.file_names() if not _ARRAYS.fullmatch(name) or name not in found.files]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CorruptIndexError(path, f"the manifest lacks something: {error}") from error
        if strange:
            raise CorruptIndexError(path, f"the manifest names a file that is none of ours: {strange[0]!r}")
        return found

    def file_names(self) -> list[str]:
        """The files that the commit needs."""
        names = [name for segment in self.segments for name in (segment.arrays, segment.deleted)]
        return [name for name in names if name is not None]


def _require_kinds(content: Mapping[str, Any]) -> None:
    for name, kind in _KINDS_OF_MANIFEST.items():
        if not isinstance(content[name], kind):
            raise TypeError(f"{name} is {content[name]!r:.60}")
    for facts in (one for arrays in content["files"].values() for one in arrays.values()):
        numbers = [facts[name] for name in ("start", "bytes", "length", "crc32")]
        if not all(type(number) is int and 0 <= number <= _MOST_BYTES for number in numbers):
            raise ValueError(f"an array of {numbers}")
        if not isinstance(facts["dtype"], str):
            raise TypeError(f"an array of {facts['dtype']!r:.60}")


def _checksum_of(content: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())


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
            raise IndexExistsError(path, why="there is a file of that name")
        path.mkdir(parents=True, exist_ok=True)
        sync_folder(path.absolute().parent)
        _require_empty(path)  # before a lock is left in a folder of others
        with _holding(path, timeout_s=0.0):
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
        found = (_MANIFEST.fullmatch(entry.name) for entry in os.scandir(self._folder))
        return sorted((int(match[1]) for match in found if match), reverse=True)

    def manifest(self, generation: int) -> Manifest:
        """What a commit holds.

        Raises:
            CorruptIndexError: Its manifest is damaged.
            IndexFormatError: It is of another format.
            FileNotFoundError: There is no such commit.
        """
        path = self._folder / manifest_name(generation)
        if _size_of(path) > _MANIFEST_LIMIT:
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
        size = _size_of(path)
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
            content = _map_file(path)
            return _Mapped(identity, {array: _array_in(content, facts) for array, facts in arrays.items()})
        except (ValueError, TypeError, KeyError) as error:  # no OSError, such as too many open files, tells of damage
            raise CorruptIndexError(self.path, f"{name} holds no such arrays: {error}") from error

    def examine(self, manifest: Manifest, name: str) -> tuple[Arrays, list[str]]:
        """Read every byte of a file of *manifest*: the arrays that fit their checksums, and what is wrong with it.

        Raises:
            FileNotFoundError: It is missing.
        """
        path, places, problems, whole, end = self._folder / name, manifest.files[name], [], [], 0
        try:
            size = _size_of(path)
            with path.open("rb") as file:
                for array, facts in sorted(places.items(), key=lambda item: item[1]["start"]):
                    gap = facts["start"] - end
                    if not 0 <= gap < _ALIGNMENT or any(file.read(gap)):
                        problems.append(f"{name}: there is something before array {array}")
                    file.seek(facts["start"])
                    if _checksum_of_next(file, facts["bytes"]) == facts["crc32"]:
                        whole.append(array)
                    else:
                        problems.append(f"{name}: array {array} does not fit its checksum")
                    end = facts["start"] + facts["bytes"]
            if size != end:
                problems.append(f"{name} has {size} bytes, not {end}")
            content = _map_file(path) if whole else np.zeros(0, np.uint8)
            return {array: _array_in(content, places[array]) for array in whole}, problems
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
                _remove(source)
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
        moves = {source: _name_in(aside, source) for source in sources}
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
            kinds = (_MANIFEST, entry.name.removesuffix(".new")), (_ARRAYS, entry.name), (_SCRATCH, entry.name)
            if any(pattern.fullmatch(name) for pattern, name in kinds) and entry.name not in needed:
                found[entry.name] = entry.stat(follow_symlinks=False).st_size
        return found

    def sweep(self, keep: Manifest) -> None:
        """Remove `leftovers`, those of dead writers included. Only under the lock."""
        for name in self.leftovers(keep):
            _remove(self._folder / name)

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
        with _holding(self._folder, timeout_s=timeout_s):
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
        _replace(self._note(name), data)

    def existing(self, names: Iterable[str]) -> list[str]:
        """Those of *names* that the folder has."""
        return [name for name in names if os.path.lexists(self._folder / name)]

    def notes(self) -> list[str]:
        """The names of the files of all notes, sorted."""
        return sorted(path.name for path in self._folder.glob("*.note"))

    def _note(self, name: str) -> Path:
        return self._folder / f"{name}.note"


def _size_of(path: Path) -> int:
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


def _name_in(folder: Path, source: Path) -> Path:
    """A name in *folder* for *source*: one that is free, or that it has there already."""
    names = (f"{source.name}.{number}" if number else source.name for number in itertools.count())
    there = source.stat() if source.is_file() else None
    return next(
        target
        for target in map(folder.joinpath, names)
        if not os.path.lexists(target) or (there and target.exists() and os.path.samestat(there, target.stat()))
    )


def _require_empty(folder: Path) -> None:
    left_by_a_dead_create = {_LOCK, f"{manifest_name(0)}.new"}
    there = {entry.name for entry in folder.iterdir()} - left_by_a_dead_create
    if any(map(_MANIFEST.fullmatch, there)):
        raise IndexExistsError(folder)
    if there:
        raise IndexExistsError(folder, why=f"the folder is not empty (it has {min(there)!r})")


def write_arrays(path: Path, arrays: Arrays) -> dict[str, dict[str, Any]]:
    """Write *arrays* to *path* and sync it; gives where each starts, its size in bytes and its checksum."""
    _remove(path)  # never written over: readers may have mapped it, where its commit has been damaged since
    with path.open("x+b") as file:
        facts = _write(file, arrays)
        file.flush()
        os.fsync(file.fileno())
        for one in facts.values():
            file.seek(one["start"])
            one["crc32"] = _checksum_of_next(file, one["bytes"])
    return facts


def _write(file: BinaryIO, arrays: Arrays) -> dict[str, dict[str, Any]]:
    facts: dict[str, dict[str, Any]] = {}
    for name, array in arrays.items():
        start = -(-file.tell() // _ALIGNMENT) * _ALIGNMENT
        file.seek(start)
        np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
        drop_pages([array])
        facts[name] = {"start": start, "bytes": file.tell() - start, "dtype": array.dtype.str, "length": len(array)}
    return facts


@dataclass(frozen=True, slots=True, eq=False)
class PutAside:
    """Arrays that wait to become part of a commit; made by `put_aside`, in this process or another."""

    arrays: Arrays
    path: Path | None = None
    facts: Mapping[str, ArrayFacts] = field(default_factory=dict)

    def take(self) -> Arrays:
        """The arrays, once: a file is mapped and its name removed, so that it is gone when they are."""
        if self.path is None:
            return self.arrays
        content = _map_file(self.path)
        _remove(self.path)
        return {name: _array_in(content, facts) for name, facts in self.facts.items()}


_scratch_numbers = itertools.count()


def put_aside(folder: Path | None, arrays: Arrays) -> PutAside:
    """Write *arrays* to a scratch file in *folder*, neither synced nor checked; where None, they stay in memory."""
    if folder is None:
        return PutAside(arrays)
    path = _scratch_path(folder)
    try:
        with path.open("xb") as file:
            return PutAside({}, path, _write(file, arrays))
    except BaseException:
        _remove(path)
        raise


def _scratch_path(folder: Path) -> Path:
    path = folder / f"scratch-{os.getpid()}-{next(_scratch_numbers)}.npys"
    _remove(path)  # of a dead process that had the same number
    return path


def room_for(size: int, dtype: DTypeLike, scratch: Path | None) -> Array:
    """An array of *size* values that are still to be written.

    A large one is a file in the folder *scratch*, if there is one, that has no name any more: it takes no more memory
    than its writer leaves to it (`drop_pages`), and is gone when the array is.

    Raises:
        OSError: The disk has no room for it.
    """
    kind = np.dtype(dtype)
    if scratch is None or size * kind.itemsize < _LARGE:
        return np.empty(size, kind)
    path = _scratch_path(scratch)
    with path.open("x+b") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, size * kind.itemsize)  # else a full disk would kill the process later
            content = mmap.mmap(file.fileno(), size * kind.itemsize)
        finally:
            _remove(path)
    return np.ndarray(size, kind, content)


def drop_pages(arrays: Iterable[Array]) -> None:
    """Give back the memory that mapped *arrays* take; they are read from their file again when they are needed.

    For one who goes through a large file once, piece by piece: what was read or written would count as memory of the
    process.
    """
    owners = {}
    for array in arrays:
        owner: object = array
        while isinstance(owner, np.ndarray):
            owner = owner.base
        if isinstance(owner, mmap.mmap):
            owners[id(owner)] = owner
    for mapped in owners.values():
        mapped.madvise(mmap.MADV_DONTNEED)


def _map_file(path: Path) -> Array:
    """The bytes of a file, read when they are needed."""
    return np.memmap(path, np.uint8, mode="r").view(np.ndarray)  # np.memmap itself costs on every slice


def _array_in(content: Array, facts: ArrayFacts) -> Array:
    """The array that *facts* tell of, without copying it.

    Its header is not read but compared with the one it must have, so a damaged one can do nothing.

    Raises:
        ValueError, KeyError, TypeError: There is no such array.
    """
    dtype = np.dtype(facts["dtype"])
    if dtype.kind not in "biuf":
        raise ValueError(f"an array of {dtype}")
    header = _header(dtype, facts["length"])
    place = content[facts["start"] : facts["start"] + facts["bytes"]]
    if place[: len(header)].tobytes() != header:
        raise ValueError("a header is not that of its array")
    values: Array = place[len(header) :].view(dtype)
    if len(values) != facts["length"]:
        raise ValueError(f"an array has {len(values)} values, not {facts['length']}")
    return values


def _header(dtype: np.dtype[Any], length: int) -> bytes:
    """The header of a list of numbers in the `.npy` format, version 1.0."""
    head = io.BytesIO()
    description = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (length,)}
    np.lib.format.write_array_header_1_0(head, description)
    return head.getvalue()


def _checksum_of_next(file: BinaryIO, size: int) -> int:
    checksum = 0
    while size > 0 and (block := file.read(min(size, 1 << 20))):
        checksum = zlib.crc32(block, checksum)
        size -= len(block)
    return checksum


def _publish(folder: Path, manifest: Manifest) -> None:
    """The step that makes a commit: its manifest appears under its name, whole."""
    _replace(folder / manifest_name(manifest.generation), manifest.to_bytes())


def _replace(path: Path, data: bytes) -> None:
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


def _remove(path: Path) -> None:
    """Remove what is at *path*, if anything."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _holding(folder: Path, *, timeout_s: float) -> Iterator[None]:
    """The write lock of *folder*: a lock of the kernel, so that it ends with its holder, however that ends."""
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
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


def manifest_name(generation: int) -> str:
    """The name of the manifest of a commit."""
    return f"manifest-{generation:010d}.json"


def file_name(kind: Literal["segment", "deleted"], generation: int, number: int) -> str:
    """The name of a file of arrays that commit *generation* writes."""
    return f"{kind}-{generation:010d}-{number}.npys"


def generation_of(name: str) -> int | None:
    """The number of the commit that wrote a file of that name; None for other files.

    Example:
        >>> generation_of("segment-0000000007-0.npys"), generation_of("write.lock")
        (7, None)
    """
    match = _ARRAYS.fullmatch(name)
    return None if match is None else int(match[1])
