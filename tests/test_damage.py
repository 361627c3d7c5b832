"""Any damage to any file: a typed error, the commit before with a warning, or the right answer; nothing else, ever."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from wco_search import Document, Index, SearchIndexError
from wco_search.engine import array_files
from wco_search.engine.array_files import write_arrays

ROOT = Path(__file__).parents[1]
BEFORE = {f"{number}": ("", f"Customs seized fossils, story {number}.") for number in range(10, 22)}
NEWEST = {name: texts for name, texts in BEFORE.items() if name != "12"} | {"30": ("Новость", "Окаменелости, fossils.")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of two segments, with a deleted document."""
    index = Index.create(tmp_path_factory.mktemp("damage") / "ix", metadata={"tags": list, "views": int})
    index.add([Document(id=name, body=body, metadata={"tags": ["a"]}) for name, (_, body) in BEFORE.items()])
    with index.writer() as writer:
        writer.delete("12")
        writer.add(Document(id="30", title="Новость", body="Окаменелости, fossils.", metadata={"views": 3}))
    (Path(index.path) / "write.lock").unlink()
    return Path(index.path)


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "ix")


def outcome(folder: Path) -> str:
    """`refused`, `before` or `right`; anything else is an error of this test."""
    try:
        index = Index.open(folder, verify=True)
    except SearchIndexError:
        return "refused"
    found = {document.id: (document.title, document.body) for document in index.documents()}
    results = index.search("fossil", limit=100)
    assert {hit.document.id for hit in results} == set(found)
    if found == BEFORE:
        assert any("is damaged" in warning for warning in results.warnings)
        return "before"
    assert found == NEWEST
    assert results.warnings == ()
    return "right"


def is_noticed(folder: Path) -> bool:
    """Whether opening refuses it, or `check` finds it."""
    try:
        return not Index.open(folder).check().ok
    except SearchIndexError:
        return True


def flip_all(folder: Path, places: Iterator[tuple[str, int]]) -> int:
    """Flip one bit at each of *places*, alone; gives how many were tried."""
    tried = 0
    for name, place in places:
        path = folder / name
        good = path.read_bytes()
        path.write_bytes(good[:place] + bytes([good[place] ^ 1 << place % 8]) + good[place + 1 :])
        needed = name != "manifest-0000000001.json"
        try:
            assert outcome(folder) == (
                "before" if needed and not is_of_both(name) else "refused" if needed else "right"
            )
            if tried % 8 == 0:  # it takes as long again
                assert is_noticed(folder) == needed
        except AssertionError as error:
            raise AssertionError(f"{name}, byte {place}") from error
        path.write_bytes(good)
        tried += 1
    return tried


def is_of_both(name: str) -> bool:
    """Whether both commits need a file."""
    return name == "segment-0000000001-0.npys"  # without it neither can be shown


def places_of(folder: Path, first: int, every: int) -> Iterator[tuple[str, int]]:
    """Every so many bytes of all files, one behind the other."""
    number = first
    for path in sorted(folder.iterdir()):
        size = path.stat().st_size
        while number < size:
            yield path.name, number
            number += every
        number -= size


def test_a_flipped_bit_is_noticed(folder: Path) -> None:
    """A sample of all bytes, those of headers and of bytes between arrays included."""
    assert flip_all(folder, places_of(folder, 0, 211)) > 100


@pytest.mark.slow
@pytest.mark.parametrize("part", range(16))
def test_every_flipped_bit_is_noticed(folder: Path, part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bit of every byte of every file."""
    header = cache(array_files._header)  # of a kind and a length: written anew it takes a quarter of the time
    monkeypatch.setattr(array_files, "_header", header)
    assert flip_all(folder, places_of(folder, part, 16)) > 1000


def lengths_of(path: Path) -> set[int]:
    """Nothing, parts of a header, of an array, all but a byte, more."""
    size = path.stat().st_size
    around = [0, 64, 128, 4096, size // 2, size]
    return {length + shift for length in around for shift in (-1, 0, 1)} & set(range(size + 2)) - {size}


def test_files_of_another_length(folder: Path) -> None:
    """Each file, cut and extended."""
    for path in sorted(folder.iterdir()):
        good = path.read_bytes()
        for length in lengths_of(path):
            path.write_bytes((good + b"\0")[:length])
            expected = {"refused"} if is_of_both(path.name) else {"before", "right"}
            assert outcome(folder) in expected, (path.name, length)
        path.write_bytes(good)
    assert outcome(folder) == "right"


def test_files_in_place_of_others(folder: Path) -> None:
    """Each file with the content of each other."""
    contents = {path: path.read_bytes() for path in sorted(folder.iterdir())}
    for path, good in contents.items():
        for other, content in contents.items():
            if other != path:
                path.write_bytes(content)
                assert outcome(folder) in ({"refused"} if is_of_both(path.name) else {"before", "right"}), (path, other)
                assert is_noticed(folder) or path.name == "manifest-0000000001.json"
        path.write_bytes(good)
    assert outcome(folder) == "right"


def test_other_things_in_place_of_files(folder: Path, tmp_path: Path) -> None:
    """A folder, a pipe, links: to nothing, to itself, to another file; a link to the very same content is no damage."""
    for path in sorted(folder.iterdir()):
        expected = {"refused"} if is_of_both(path.name) else {"before", "right"}
        good = shutil.move(path, tmp_path / "good")
        puts: list[Callable[[Path], None]] = [
            Path.mkdir, os.mkfifo, lambda place: place.symlink_to(place), lambda place: place.symlink_to("no")
        ]  # fmt: skip
        for put in puts:
            put(path)
            assert outcome(folder) in expected, path.name
            assert is_noticed(folder) or path.name == "manifest-0000000001.json"
            path.rmdir() if path.is_dir() else path.unlink()
        path.symlink_to(good)
        assert outcome(folder) == "right"
        path.unlink()
        shutil.move(good, path)


def sign(folder: Path, generation: int, change: Mapping[str, Any]) -> None:
    """The manifest of a commit with other content, under a right checksum."""
    path = folder / f"manifest-{generation:010d}.json"
    content = {**json.loads(path.read_bytes()), **change}
    content.pop("checksum")
    checksum = zlib.crc32(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
    path.write_text(json.dumps({**content, "checksum": checksum}), encoding="utf-8")


HOSTILE = (2**31, 2**40, 2**62, 2**63, 2**64, 10**30, -1, -(2**62), 1.5, "1", None, [], {}, True)


def test_hostile_numbers_in_a_manifest_take_no_memory(folder: Path) -> None:
    """Each number of an array, and each part of the manifest, in a process that may not take more."""
    run_limited("hostile_manifests", folder)


def hostile_manifests(folder: Path) -> None:
    """What the process does."""
    good = json.loads((folder / "manifest-0000000002.json").read_bytes())
    name = next(file for file in good["files"] if file.startswith("segment-0000000002"))
    for array, facts in list(good["files"][name].items())[::9]:
        for key in facts:
            for value in HOSTILE:
                if value != facts[key]:
                    files = {**good["files"], name: {**good["files"][name], array: {**facts, key: value}}}
                    sign(folder, 2, {"files": files})
                    assert outcome(folder) in {"before", "refused"}, (array, key, value)
    for key in ("generation", "settings", "statistics", "segments", "files"):
        for value in HOSTILE:
            sign(folder, 2, {"files": good["files"], key: value})
            open_and_check(folder)


def test_hostile_numbers_in_arrays_take_no_memory(folder: Path) -> None:
    """Under right checksums, so that `check` is what notices."""
    run_limited("hostile_arrays", folder)


def hostile_arrays(folder: Path) -> None:
    """What the process does."""
    import numpy as np

    from wco_search.engine.storage import FolderStorage

    good = json.loads((folder / "manifest-0000000002.json").read_bytes())
    name = next(file for file in good["files"] if file.startswith("segment-0000000002"))
    arrays = {key: np.array(array) for key, array in FolderStorage(folder).load().files[name].items()}
    for key, array in arrays.items():
        if array.dtype.kind == "u" and len(array):
            for value in (2**31, 2**40, 2**62):
                changed = array.astype(np.uint64)
                changed[-1] = value
                facts = write_arrays(folder / name, {**arrays, key: changed})
                sign(folder, 2, {"files": {**good["files"], name: facts}})
                assert not Index.open(folder).check().ok, (key, value)


def open_and_check(folder: Path) -> None:
    """Whatever comes of it, if it is told."""
    with suppress(SearchIndexError):
        Index.open(folder).check()


def run_limited(role: str, folder: Path) -> None:
    """Run a function of this file in a process of its own, with 256 MB beside what the library takes by itself."""
    code = (
        "import resource, pathlib, sys; from tests import test_damage; from wco_search import Index, Document;"
        "Index.memory([Document(body='x')]).search('x');"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize();"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 2**28, used + 2**28));"
        "getattr(test_damage, sys.argv[1])(pathlib.Path(sys.argv[2]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code, role, str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
