"""Paths to bytes: folders, patterns, `-`, what is inside `.gz` and `.zip`, and the limits that hostile files run into.

Nothing here waits for a pipe, follows a link out of the folder that was named, or unpacks without measure.
"""

from __future__ import annotations

import gzip
import os
import stat
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path
from typing import IO, Protocol, TypeAlias

from wco_search.errors import ReadError
from wco_search.readers.items import ReadProblem

STDIN = "-"
"""The path that stands for standard input."""

MEBIBYTE = 1024 * 1024
HEAD_BYTES = 256 * 1024
"""What is looked at to recognise a format and an encoding: some hundred articles."""
WHOLE_FILE_LIMIT = 256 * MEBIBYTE
"""Longest file, in bytes, of a format that is not read line by line: ten years of a daily paper."""
INFLATION_LIMIT = 200
"""Most bytes out of one packed byte: text packs 3 to 20 to one, a file of nothing but zeros 1,000 to one."""
INFLATION_FREE = 64 * MEBIBYTE
"""Unpacked bytes that harm nobody, whatever the ratio."""
UNPACKED_LIMIT = 64 * 1024 * MEBIBYTE
"""Most unpacked bytes of one packed file: more than any archive of news, and an end to what would fill hours."""
MEMBERS_LIMIT = 100_000
"""Most members of one zip file, whose whole directory has to fit in memory."""

_DIRECTORY_LIMIT = MEMBERS_LIMIT * 1024  # bytes of a zip file's directory, where a member takes 46 and its name
_CHUNK = 64 * 1024
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the other ones let the file say how much memory to take
_ZIP_ENCRYPTED, _ZIP_PATCHED = 0x1, 0x20  # flag bits
_ZIP_ERRORS = (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError, EOFError)
_MAGIC = "*?["

AnyPath: TypeAlias = str | os.PathLike[str]


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class ByteStream:
    """The bytes of one file, or of one member of an archive, from start to end.

    Attributes:
        label: How messages name it.
        name: Its file name without folders and without `.gz`, whose suffix tells the format; empty for standard input.
        head: Its first `HEAD_BYTES`, which `read` gives as well.
    """

    def __init__(
        self, label: str, name: str, file: _Readable, *, meters: Sequence[_Meter] = (), plain: IO[bytes] | None = None
    ) -> None:
        self.label = label
        self.name = name
        self._read_some = getattr(file, "read1", file.read)  # read1 hands out what there is before it meets the damage
        self._meters = meters
        self._plain = plain
        self._damage: ReadError | None = None
        self._position = 0
        self.head = b"".join(self._parts(HEAD_BYTES))

    def _parts(self, size: int) -> Iterator[bytes]:
        """*size* bytes behind the head; fewer at the end, or before damage."""
        while self._damage is None and size > 0 and (part := self._part(size)):
            yield part
            size -= len(part)

    def _part(self, size: int) -> bytes:
        try:
            part: bytes = self._read_some(size)
            for meter in self._meters:
                meter.add(len(part), self.label)
        except ReadError as error:
            self._damage = error
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            self._damage = ReadError(self.label, None, why(error))
        else:
            return part
        return b""

    def check_not_empty(self) -> None:
        """Refuses a file without a byte.

        Raises:
            ReadError: It is empty, or its first byte cannot be read.
        """
        if not self.head:
            raise self._damage or ReadError(self.label, None, "is empty")

    def read(self, size: int = _CHUNK) -> bytes:
        """The next *size* bytes; fewer at the end or before damage, none at the end.

        Raises:
            ReadError: The file is damaged here, cannot be read, or is refused for its size.
        """
        part = self.head[self._position : self._position + size]
        self._position += len(part)
        part = part or b"".join(self._parts(size))
        if self._damage and not part:
            raise self._damage
        return part

    def chunks(self, limit: int | None = None) -> Iterator[bytes]:
        """Every byte, piece by piece.

        Raises:
            ReadError: As `read`, or there are more than *limit* bytes.
        """
        total = 0
        while chunk := self.read():
            total += len(chunk)
            if limit is not None and total > limit:
                reason = f"longer than {limit // MEBIBYTE} MB; use JSONL, one record a line, which may have any length"
                raise ReadError(self.label, None, reason)
            yield chunk

    @contextmanager
    def seekable(self) -> Iterator[IO[bytes]]:
        """The same bytes as a file to jump about in: the file itself, or a copy of what was packed."""
        if self._plain:
            self._plain.seek(0)
            yield self._plain
            return
        with tempfile.TemporaryFile() as copy:
            for chunk in self.chunks(WHOLE_FILE_LIMIT):
                copy.write(chunk)
            copy.seek(0)
            yield copy


class _Meter:
    """Counts what came out of a packed file against what went in."""

    def __init__(self, packed: Callable[[], int]) -> None:
        self._packed = packed
        self._unpacked = 0

    def add(self, count: int, label: str) -> None:
        self._unpacked += count
        if self._unpacked > UNPACKED_LIMIT:
            raise ReadError(
                label, None, f"more than {UNPACKED_LIMIT // MEBIBYTE:,} MB when unpacked; unpack and split it"
            )
        if self._unpacked > INFLATION_FREE and self._unpacked > INFLATION_LIMIT * self._packed():
            reason = f"looks like a decompression bomb: more than {INFLATION_LIMIT} bytes out of each packed one"
            raise ReadError(label, None, reason)


class _Counted:
    """A file that counts what was read of it."""

    def __init__(self, file: _Readable) -> None:
        self._file = file
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.count += len(data)
        return data


class _ZipBytes:
    """A zip file that refuses to be read in huge pieces, as its directory would be whatever size it claims to have."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _DIRECTORY_LIMIT:
            raise zipfile.BadZipFile(f"a directory of more than {MEMBERS_LIMIT:,} members")
        return self._file.read(size)


def why(error: Exception) -> str:
    """What the operating system or a decompressor said, as the reason of a problem."""
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    return f"damaged: {error}"


def open_streams(path: Path | None) -> Iterator[ByteStream | ReadProblem]:
    """The byte streams of one file: itself, what is packed in a `.gz`, or the members of a `.zip` in its order.

    None is standard input. A stream can be read until the next one is asked for.
    """
    if path is None:
        yield from _standard_input()
        return
    label = str(path)
    try:
        if not path.is_file():
            yield ReadProblem(label, None, "a pipe or a device, not a file; pass its content to standard input (`-`)")
            return
        with path.open("rb") as file:
            if path.suffix.lower() == ".zip":
                yield from _members(label, file)
            else:
                yield from _unpacked(label, path.name, file, plain=file)
    except OSError as error:
        yield ReadProblem(label, None, why(error))


def _standard_input() -> Iterator[ByteStream | ReadProblem]:
    stream = ByteStream(STDIN, "", sys.stdin.buffer)
    if stream.head.startswith(b"\x1f\x8b"):
        yield from _unpacked(STDIN, ".gz", stream)
    elif stream.head.startswith(b"PK\x03\x04"):
        yield ReadProblem(
            STDIN, None, "a zip file, which cannot be read from standard input; save it and pass its path"
        )
    else:
        yield stream


def _unpacked(
    label: str, name: str, file: _Readable, *, meters: Sequence[_Meter] = (), plain: IO[bytes] | None = None
) -> Iterator[ByteStream | ReadProblem]:
    if not name.lower().endswith(".gz"):
        yield ByteStream(label, name, file, meters=meters, plain=plain)
        return
    if name.lower().endswith(".zip.gz"):
        yield ReadProblem(label, None, "an archive inside another one is not opened; unpack it first")
        return
    counted = _Counted(file)
    with gzip.GzipFile(fileobj=counted, mode="rb") as unpacked:  # type: ignore[call-overload]  # it never seeks
        yield ByteStream(label, name[:-3], unpacked, meters=(*meters, _Meter(lambda: counted.count)))


def _members(path: str, file: IO[bytes]) -> Iterator[ByteStream | ReadProblem]:
    size = os.fstat(file.fileno()).st_size
    try:
        archive = zipfile.ZipFile(_ZipBytes(file))
    except _ZIP_ERRORS as error:
        yield ReadProblem(path, None, f"damaged zip file: {error}")
        return
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir() and not _is_hidden(member.filename)]
        if len(members) > MEMBERS_LIMIT:
            yield ReadProblem(path, None, f"more than {MEMBERS_LIMIT:,} members; split it")
            return
        if not members:
            yield ReadProblem(path, None, "no files in this archive")
        whole = _Meter(lambda: size)
        for member in members:
            yield from _member(f"{path}!{member.filename}", archive, member, whole)


def _member(
    label: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, whole: _Meter
) -> Iterator[ByteStream | ReadProblem]:
    if refusal := _refusal(member):
        yield ReadProblem(label, None, refusal)
        return
    try:
        unpacked = archive.open(member)
    except _ZIP_ERRORS as error:
        yield ReadProblem(label, None, f"damaged: {error}")
        return
    with unpacked:
        meters = (whole, _Meter(lambda: member.compress_size))
        yield from _unpacked(label, member.filename.rpartition("/")[2], unpacked, meters=meters)


def _refusal(member: zipfile.ZipInfo) -> str | None:
    if member.flag_bits & _ZIP_ENCRYPTED:
        return "encrypted; unpack the archive first"
    if member.flag_bits & _ZIP_PATCHED or member.compress_type not in _ZIP_METHODS:
        return f"packed by method {member.compress_type}; only plain and deflated members are read"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a link, not a file"
    if member.filename.lower().endswith(".zip"):
        return "an archive inside another one is not opened; unpack it first"
    return None


def _is_hidden(member: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in member.split("/"))


def find_files(paths: AnyPath | Iterable[AnyPath]) -> Iterator[Path | ReadProblem | None]:
    """The files that *paths* mean, each folder in the order of names without its hidden files; None for `-`.

    Raises:
        ReadError: There is nothing at a path, or nothing matches a pattern; at once, not when the files are asked for.
        ValueError: No path at all.
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not given:
        raise ValueError("no paths to read: the list is empty")
    return chain.from_iterable([_found(_checked(path)) for path in given])


def _checked(path: AnyPath) -> str:
    text = os.fspath(path)
    if not isinstance(text, str):
        raise TypeError(f"a path must be str or Path, not {type(text).__name__}")
    return text


def _found(text: str) -> Iterable[Path | ReadProblem | None]:
    if text == STDIN:
        return [None]
    path = Path(text)
    if text and path.is_dir():
        return _walk(path, None)
    if text and path.exists():
        return [path]
    if not any(sign in text for sign in _MAGIC):
        raise ReadError(text, None, "no such file or folder")
    matches = _matches(path)
    first = next(matches, None)
    if first is None:
        raise ReadError(text, None, "no file matches this pattern")
    return chain([first], matches)


def _matches(pattern: Path) -> Iterator[Path | ReadProblem]:
    """The files that a pattern matches, and those in folders that it matches."""
    parts = pattern.parts
    fixed = next(number for number, part in enumerate(parts) if any(sign in part for sign in _MAGIC))
    root = Path(*parts[:fixed])
    return _walk(root, parts[fixed:]) if root.is_dir() else iter(())


def _walk(root: Path, wanted: Sequence[str] | None) -> Iterator[Path | ReadProblem]:
    """The files in a folder and below it, depth first by name; only those that *wanted* matches, if it is given."""
    true_root = root.resolve()
    entered: set[tuple[int, int]] = set()  # by device and inode, so that links in a circle come to an end
    pending: list[tuple[str, ...]] = [()]
    is_empty = True
    while pending:
        names = pending.pop()
        path = root.joinpath(*names)
        is_folder = path.is_dir()
        if wanted is not None and not _fits(names, wanted, is_folder=is_folder):
            continue
        if refusal := _link_refusal(path, true_root) if names else None:
            yield ReadProblem(str(path), None, refusal)
        elif is_folder:
            try:
                pending.extend((*names, name) for name in _entered(path, entered))
            except OSError as error:
                yield ReadProblem(str(path), None, why(error))
            continue
        else:
            yield path
        is_empty = False
    if is_empty and wanted is None:
        yield ReadProblem(str(root), None, "no files in this folder")


def _entered(folder: Path, entered: set[tuple[int, int]]) -> list[str]:
    """The names in a folder, the last one first, for a stack; none if the folder was entered by another way before."""
    status = folder.stat()
    key = (status.st_dev, status.st_ino)
    if key in entered:
        return []
    entered.add(key)
    return sorted((path.name for path in folder.iterdir() if not path.name.startswith(".")), reverse=True)


def _link_refusal(path: Path, root: Path) -> str | None:
    if not path.is_symlink():
        return None
    if not path.exists():
        return "a broken link"
    if not path.resolve().is_relative_to(root):
        return "a link that leads out of the folder is not followed; name its target itself"
    return None


def _fits(names: Sequence[str], wanted: Sequence[str], *, is_folder: bool) -> bool:
    """Whether a pattern means a path: it matches, lies in a folder that matches, or is a folder on the way to one.

    Example:
        >>> [_fits(names, ["**", "*.txt"], is_folder=False) for names in (["a.txt"], ["b", "a.txt"], ["b", "a.csv"])]
        [True, True, False]
    """
    if not wanted:
        return True
    if not names:
        return is_folder or all(part == "**" for part in wanted)
    if wanted[0] == "**":
        return _fits(names[1:], wanted, is_folder=is_folder) or _fits(names, wanted[1:], is_folder=is_folder)
    return fnmatchcase(names[0], wanted[0]) and _fits(names[1:], wanted[1:], is_folder=is_folder)
