"""Files of an index: damage, leftovers, other formats. Always a typed error, the commit before, or the right answer."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest

from wco_search import (
    AnalyzerMismatchError,
    CorruptIndexError,
    Document,
    Index,
    IndexFormatError,
    IndexNotFoundError,
    SearchIndexError,
)
from wco_search.engine.manifest import INDEX_FORMAT
from wco_search.engine.storage import FolderStorage

ANSWERS = {1: ["1"], 2: ["1", "2"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index of two commits."""
    index = Index.create(tmp_path / "ix", metadata={"views": int, "tags": list})
    index.add(Document(id="1", body="Fossils.", metadata={"views": 3, "tags": ["a"]}))
    index.add(Document(id="2", body="Окаменелости, fossils.", title="Новость"))
    return tmp_path / "ix"


def answers(folder: Path) -> list[str]:
    """What a fresh reader finds."""
    return sorted(hit.document.id for hit in Index.open(folder).search("fossil"))


def manifest_of(folder: Path, generation: int) -> Path:
    """The file of one commit."""
    return folder / f"manifest-{generation:010d}.json"


def segment_of(folder: Path, generation: int) -> Path:
    """The segment that a commit wrote."""
    return folder / f"segment-{generation:010d}-0.npys"


def test_two_commits_are_kept_and_nothing_else(folder: Path) -> None:
    """The newest, and the one before in case it is damaged."""
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest-0000000001.json",
        "manifest-0000000002.json",
        "segment-0000000001-0.npys",
        "segment-0000000002-0.npys",
        "write.lock",
    ]


def test_every_damaged_byte_of_a_manifest_is_noticed(folder: Path) -> None:
    """The commit before is shown, with a warning that names the damage."""
    path = manifest_of(folder, 2)
    good = path.read_bytes()
    for place in range(0, len(good), 7):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x20]) + good[place + 1 :])
        index = Index.open(folder)
        found = sorted(hit.document.id for hit in index.search("fossil"))
        warned = any("damaged" in warning for warning in index.search("fossil").warnings)
        assert (found == ANSWERS[1] and warned) or (
            found == ANSWERS[2] and json.loads(path.read_bytes()) == json.loads(good)
        )


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"nonsense", b"[" * 100_000, b'{"checksum": 1}', b"\xff\xfe"])
def test_manifests_that_are_none(folder: Path, content: bytes) -> None:
    """Fall back; and where there is nothing to fall back to, a typed error."""
    manifest_of(folder, 2).write_bytes(content)
    assert answers(folder) == ANSWERS[1]
    manifest_of(folder, 1).write_bytes(content)
    with pytest.raises((CorruptIndexError, IndexFormatError)):
        Index.open(folder)


def test_a_segment_of_another_length_or_kind_is_noticed_at_open(folder: Path) -> None:
    """Cut, emptied, extended, gone, a folder, another commit's."""
    path = segment_of(folder, 2)
    good = path.read_bytes()
    for damaged in (b"", good[:100], good[:-1], good + b"\0"):
        path.write_bytes(damaged)
        assert answers(folder) == ANSWERS[1]
    path.unlink()
    assert answers(folder) == ANSWERS[1]
    shutil.copy(segment_of(folder, 1), path)
    assert answers(folder) == ANSWERS[1]
    path.unlink()
    path.mkdir()
    assert answers(folder) == ANSWERS[1]


def test_check_finds_every_damaged_byte_of_a_segment(folder: Path) -> None:
    """Data and headers; opening may refuse it as well, but never crash or answer from other data unnoticed."""
    path = segment_of(folder, 2)
    good = path.read_bytes()
    for place in range(0, len(good), 37):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x01]) + good[place + 1 :])
        assert not Index.open(folder).check().ok, place
    path.write_bytes(good)
    assert Index.open(folder).check().ok


def test_arrays_can_be_read_with_numpy_alone(folder: Path) -> None:
    """The layout is plain: a place from the manifest, then `numpy.load`."""
    facts = json.loads(manifest_of(folder, 2).read_bytes())["files"]["segment-0000000002-0.npys"]
    with segment_of(folder, 2).open("rb") as file:
        file.seek(facts["ids.blob"]["start"])
        blob = np.load(file, allow_pickle=False)
    assert blob.tobytes().decode() == "12"
    assert all(one["start"] % 64 == 0 for one in facts.values())


def test_a_manifest_that_lies_about_arrays_is_corrupt(folder: Path) -> None:
    """Even with a right checksum: places outside the file, missing arrays, wrong lengths."""
    good = json.loads(manifest_of(folder, 2).read_bytes())
    manifest_of(folder, 1).unlink()

    def write(change: dict[str, object]) -> None:
        content = {**good, **change}
        content.pop("checksum")
        checksum = zlib.crc32(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
        manifest_of(folder, 2).write_text(json.dumps({**content, "checksum": checksum}), encoding="utf-8")

    write({})
    assert answers(folder) == ANSWERS[2]
    file, arrays = next(iter(good["files"].items()))
    name, facts = next(iter(arrays.items()))
    for lie in (
        {**facts, "start": 2**62},
        {**facts, "bytes": 2**62},
        {**facts, "start": facts["start"] + 1},
        {**facts, "bytes": facts["bytes"] - 1},
        {**facts, "dtype": "|O"},
        {**facts, "dtype": "nonsense"},
        {**facts, "length": 2**62},
        {**facts, "length": -1},
        {"start": 0},
    ):
        write({"files": {file: {**arrays, name: lie}}})
        with pytest.raises(CorruptIndexError):
            Index.open(folder)
    write({"files": {file: {other: one for other, one in arrays.items() if other != name}}})
    with pytest.raises(CorruptIndexError, match="no array"):
        Index.open(folder)
    for segments in ([["../../etc/passwd", None]], [["segment-0000000009-0.npys", None]], [[1]], "x", None):
        write({"segments": segments})
        with pytest.raises(CorruptIndexError):
            Index.open(folder)


@pytest.mark.parametrize(("found", "remedy"), [(INDEX_FORMAT + 1, "upgrade"), (0, "build the index again")])
def test_other_formats_are_refused_with_the_remedy(folder: Path, found: object, remedy: str) -> None:
    """Newer and older."""
    for generation in (1, 2):
        content = json.loads(manifest_of(folder, generation).read_bytes())
        del content["checksum"]
        content["format"] = found
        checksum = zlib.crc32(json.dumps(content, ensure_ascii=False, sort_keys=True).encode())
        manifest_of(folder, generation).write_text(json.dumps({**content, "checksum": checksum}), encoding="utf-8")
    with pytest.raises(IndexFormatError, match=remedy) as caught:
        Index.open(folder)
    assert caught.value.supported == INDEX_FORMAT


def test_an_index_analysed_otherwise_is_refused_and_brought_up_to_date(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From its own stored text, keeping everything."""
    documents = list(Index.open(folder).documents())
    with monkeypatch.context() as patched:
        patched.setattr("wco_search.analysis.russian.dictionary_version", lambda: "9.9")
        patched.setattr("wco_search.index.default_analyzer", __import__("wco_search").Analyzer)
        with pytest.raises(AnalyzerMismatchError, match="reanalyze"):
            Index.open(folder)
        assert list(Index.reanalyze(folder).documents()) == documents
        assert answers(folder) == ANSWERS[2]
    with pytest.raises(AnalyzerMismatchError):
        Index.open(folder)


def test_readers_keep_their_commit_while_it_is_analysed_anew(folder: Path) -> None:
    """No file under a reader is ever written over."""
    reader = Index.open(folder)
    before = list(reader.documents())
    Index.reanalyze(folder)
    assert list(reader.documents()) == before
    assert sorted(hit.document.id for hit in reader.search("fossil")) == ANSWERS[2]
    assert reader.search("fossil").total == 2


def test_leftovers_of_dead_writers_are_swept_by_the_next(folder: Path) -> None:
    """A half-written segment and a manifest that was never renamed; files of others stay."""
    segment_of(folder, 7).write_bytes(b"half")
    (folder / "manifest-0000000007.json.new").write_bytes(b"half")
    (folder / "notes.txt").write_text("mine")
    assert answers(folder) == ANSWERS[2]
    Index.open(folder).add(Document(id="3", body="x"))
    names = {path.name for path in folder.iterdir()}
    assert "notes.txt" in names
    assert not {"segment-0000000007-0.npys", "manifest-0000000007.json.new", "segment-0000000001-0.npys"} & names


@pytest.mark.parametrize("step", ["write_arrays", "sync_folder", "_publish"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError(5, "Input/output error")])
def test_a_failed_commit_leaves_the_old_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: OSError
) -> None:
    """Whatever fails, readers see the last commit, and the next write succeeds."""

    def fail(*_: object) -> None:
        raise error

    index = Index.open(folder)
    with monkeypatch.context() as patched:
        patched.setattr(f"wco_search.engine.storage.{step}", fail)
        with pytest.raises(OSError, match=str(error.strerror)):
            index.add(Document(id="3", body="fossils"))
    assert answers(folder) == ANSWERS[2]
    index.add(Document(id="3", body="fossils"))
    assert sorted(answers(folder)) == ["1", "2", "3"]


def test_a_commit_is_synced_in_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Segment, folder, manifest, folder: the name of a commit never is durable before what it names."""
    synced: list[str] = []
    real = os.fsync

    def record(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    Index.open(folder).add(Document(id="3", body="x"))
    assert synced == ["segment-0000000003-0.npys", "ix", "manifest-0000000003.json.new", "ix"]


def test_every_error_of_an_index_is_of_one_family(tmp_path: Path) -> None:
    """So that a program can catch them together."""
    with pytest.raises(SearchIndexError) as caught:
        FolderStorage(tmp_path / "absent")
    assert isinstance(caught.value, IndexNotFoundError)
    assert caught.value.path == str(tmp_path / "absent")
