"""Files of arrays: how they are written, checked and mapped; and arrays put aside in files until they are needed.

A file of arrays is one array in NumPy's `.npy` format after the other, each starting at a multiple of 64 bytes; the
manifest names them and tells where each starts. (`numpy.load` on the file, opened and moved to that place, reads one.)
"""

from __future__ import annotations

import io
import itertools
import mmap
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import DTypeLike

from wco_search.engine.disk import remove
from wco_search.engine.strings import Array

Arrays = Mapping[str, Array]
ArrayFacts = Mapping[str, Any]
"""What a manifest tells of an array: `start`, `bytes`, `dtype`, `length`, `crc32`."""

ALIGNMENT = 64
"""Bytes that arrays are aligned to: what NumPy's own headers align data to, a cache line."""
_LARGE = 16 * 2**20  # bytes of an array that is better written to a file than held; a small commit has none


def write_arrays(path: Path, arrays: Arrays) -> dict[str, dict[str, Any]]:
    """Write *arrays* to *path* and sync it; gives where each starts, its size in bytes and its checksum."""
    remove(path)  # never written over: readers may have mapped it, where its commit has been damaged since
    with path.open("x+b") as file:
        facts = _write(file, arrays)
        file.flush()
        os.fsync(file.fileno())
        for one in facts.values():
            file.seek(one["start"])
            one["crc32"] = checksum_of_next(file, one["bytes"])
    return facts


def _write(file: BinaryIO, arrays: Arrays) -> dict[str, dict[str, Any]]:
    facts: dict[str, dict[str, Any]] = {}
    for name, array in arrays.items():
        start = -(-file.tell() // ALIGNMENT) * ALIGNMENT
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
        content = map_file(self.path)
        remove(self.path)
        return {name: array_in(content, facts) for name, facts in self.facts.items()}


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
        remove(path)
        raise


def _scratch_path(folder: Path) -> Path:
    path = folder / f"scratch-{os.getpid()}-{next(_scratch_numbers)}.npys"
    remove(path)  # of a dead process that had the same number
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
            remove(path)
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


def map_file(path: Path) -> Array:
    """The bytes of a file, read when they are needed."""
    return np.memmap(path, np.uint8, mode="r").view(np.ndarray)  # np.memmap itself costs on every slice


def array_in(content: Array, facts: ArrayFacts) -> Array:
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


def checksum_of_next(file: BinaryIO, size: int) -> int:
    """The checksum of the next *size* bytes of a file, or of what is left of it where that is less."""
    checksum = 0
    while size > 0 and (block := file.read(min(size, 1 << 20))):
        checksum = zlib.crc32(block, checksum)
        size -= len(block)
    return checksum
