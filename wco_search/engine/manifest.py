"""`Manifest`: what one commit holds, and how its files are named."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from wco_search.engine.array_files import ArrayFacts
from wco_search.errors import CorruptIndexError, IndexFormatError

INDEX_FORMAT = 5
"""Number of the layout of files; moves apart from the version of the library."""

MANIFEST = re.compile(r"manifest-(\d{10})\.json")
"""The name of a manifest, and the number of its commit."""
ARRAYS = re.compile(r"(?:segment|deleted)-(\d{10})-\d+\.npys")
"""The name of a file of arrays, and the number of the commit that wrote it."""
_MOST_BYTES = 2**62  # of a file, or values of an array: what still adds up in 64 bits
_KINDS = {"generation": int, "settings": dict, "statistics": dict, "segments": list, "files": dict}


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
            strange = [name for name in found.file_names() if not ARRAYS.fullmatch(name) or name not in found.files]
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
    for name, kind in _KINDS.items():
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
    match = ARRAYS.fullmatch(name)
    return None if match is None else int(match[1])
