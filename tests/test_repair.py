"""`Index.repair`: what is whole stays, what is lost is named, and nothing gets worse whenever it is stopped."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.crash import Watched, watching
from wco_search import (
    BeyondRepairError,
    CorruptIndexError,
    DamagedCommitError,
    Document,
    Index,
    IndexFormatError,
    IndexLockedError,
)
from wco_search.engine.manifest import INDEX_FORMAT
from wco_search.engine.storage import FolderStorage

TEXTS = {f"{number:02}": f"Fossils, story {number}." for number in range(40)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of three segments (24, 4 and 1 documents; of the first two are deleted) in two commits."""
    index = Index.create(tmp_path_factory.mktemp("repair") / "ix")
    index.add(Document(id=name, body=body) for name, body in list(TEXTS.items())[:24])
    index.delete(["03", "05"])
    index.add(Document(id=name, body=body) for name, body in list(TEXTS.items())[24:28])
    index.add(Document(id="28", body=TEXTS["28"]))
    assert index.stats().segments == 3
    return Path(index.path)


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "ix")


OLD = {name for name in list(TEXTS)[:24] if name not in ("03", "05")}
MIDDLE = set(list(TEXTS)[24:28])
BEFORE, ALL = OLD | MIDDLE, OLD | MIDDLE | {"28"}


def ids_of(folder: Path) -> set[str]:
    """The ids of all documents, found by their word as well; texts are those that were added."""
    index = Index.open(folder)
    found = {document.id: document.body for document in index.documents()}
    assert found == {name: TEXTS[name] for name in found}
    assert {hit.document.id for hit in index.search("fossil", limit=100)} == set(found)
    return set(found)


def file_of(folder: Path, segment: int, kind: str = "arrays") -> Path:
    """A file of the newest commit."""
    return folder / str(getattr(FolderStorage(folder).load().manifest.segments[segment], kind))


def flip(path: Path, array: str = "docs") -> None:
    """One bit of an array."""
    manifests = sorted(path.parent.glob("manifest-*.json"), reverse=True)
    facts = next(files[path.name] for m in manifests if path.name in (files := json.loads(m.read_bytes())["files"]))
    place = facts[array]["start"] + facts[array]["bytes"] - 1
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def damage_manifest(folder: Path, back: int = 0) -> None:
    """The newest, or one before it."""
    path = sorted(folder.glob("manifest-*.json"), reverse=True)[back]
    path.write_bytes(path.read_bytes()[:-9])


Damage = Callable[[Path], None]

CASES: dict[str, tuple[Damage, set[str], list[tuple[int, set[str]]]]] = {
    "the last segment": (lambda f: flip(file_of(f, 2)), BEFORE, [(1, {"28"})]),
    "a segment between": (lambda f: flip(file_of(f, 1)), OLD | {"28"}, [(4, MIDDLE)]),
    "the first segment": (lambda f: flip(file_of(f, 0)), MIDDLE | {"28"}, [(22, OLD)]),
    "its ids": (lambda f: flip(file_of(f, 1), "ids.blob"), OLD | {"28"}, [(4, set())]),
    "a segment emptied": (lambda f: file_of(f, 1).write_bytes(b"") and None, OLD | {"28"}, [(4, set())]),
    "a segment gone": (lambda f: file_of(f, 1).unlink(), OLD | {"28"}, [(4, set())]),
    "deletions": (
        lambda f: flip(file_of(f, 0, "deleted"), "deleted"), MIDDLE | {"28"}, [(24, OLD | {"03", "05"})]
    ),
    "the newest manifest": (damage_manifest, BEFORE, []),
    "bytes between arrays": (lambda f: pad(file_of(f, 1)), ALL, []),
    "a segment made longer": (lambda f: longer(file_of(f, 1)), ALL, []),
}  # fmt: skip


def pad(path: Path) -> None:
    """Something where nothing should be."""
    manifest = FolderStorage(path.parent).load().manifest
    places = sorted((one["start"], one["start"] + one["bytes"]) for one in manifest.files[path.name].values())
    gap = next(end for (_, end), (start, _) in itertools.pairwise(places) if end < start)
    content = bytearray(path.read_bytes())
    content[gap] = 1
    path.write_bytes(content)


def longer(path: Path) -> None:
    """Bytes at the end."""
    path.write_bytes(path.read_bytes() + b"more")


@pytest.mark.parametrize("case", CASES)
def test_what_is_whole_is_kept_and_what_is_lost_is_named(folder: Path, case: str) -> None:
    """The report tells beforehand what the repair then does; afterwards the index is sound and can be written."""
    damage, kept, losses = CASES[case]
    damage(folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    plan = Index.repair(folder, dry_run=True)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    report = Index.repair(folder)
    assert {**report.to_dict(), "dry_run": True} == plan.to_dict()
    assert report.problems
    assert ids_of(folder) == kept
    assert report.documents == len(kept)
    assert [(loss.documents, set(loss.ids)) for loss in report.losses] == losses
    assert report.lost == sum(count for count, _ in losses)
    index = Index.open(folder)
    assert index.check().ok
    assert index.search("fossil").warnings == ()
    assert {path.name for path in (folder / "damaged").iterdir()} == {
        name for name in report.set_aside if folder / name in before
    }
    assert all(path.read_bytes() == before[folder / path.name] for path in (folder / "damaged").iterdir())
    again = Index.repair(folder)
    assert (again.problems, again.documents, again.removed) == ((), len(kept), {})
    index.add(Document(id="29", body=TEXTS["29"]))
    assert ids_of(folder) == kept | {"29"}
    assert Index.open(folder).check().ok


def test_the_commit_before_may_hold_more(folder: Path) -> None:
    """Where all was merged into one segment, and that is damaged."""
    Index.open(folder).optimize()
    flip(file_of(folder, 0))
    report = Index.repair(folder)
    assert ids_of(folder) == ALL
    assert (report.documents, report.losses) == (len(ALL), ())


def test_files_that_only_a_damaged_manifest_named_are_put_aside(folder: Path) -> None:
    """Nobody can say what they held, and they may be all that is left of it."""
    newest = file_of(folder, 2)
    content = newest.read_bytes()
    damage_manifest(folder)
    assert newest.name in Index.repair(folder).set_aside
    assert (folder / "damaged" / newest.name).read_bytes() == content


def test_a_sound_index_is_only_swept(folder: Path) -> None:
    """What killed writers left is removed, and told; no commit is made. Damage of the commit before is no matter."""
    generation = Index.open(folder).stats().generation
    leftovers = {"scratch-99999-0.npys": 700, "segment-0000000099-0.npys": 30, "manifest-0000000099.json.new": 4}
    for name, size in leftovers.items():
        (folder / name).write_bytes(bytes(size))
    (folder / "notes.txt").write_text("mine")
    damage_manifest(folder, back=1)
    assert Index.repair(folder, dry_run=True).removed == leftovers
    assert all((folder / name).exists() for name in leftovers)
    report = Index.repair(folder)
    assert (report.problems, report.removed, report.removed_bytes) == ((), leftovers, 734)
    assert not any((folder / name).exists() for name in leftovers)
    assert (folder / "notes.txt").exists()
    assert Index.open(folder).stats().generation == generation
    assert ids_of(folder) == ALL


def test_nothing_whole_is_refused_and_left_alone(folder: Path) -> None:
    """Neither commit can be read; or no segment of any."""
    for segment in range(3):
        flip(file_of(folder, segment))
    before = {path: path.read_bytes() for path in folder.iterdir() if path.name != "write.lock"}
    with pytest.raises(BeyondRepairError, match="nothing in it is whole"):
        Index.repair(folder)
    assert {path: path.read_bytes() for path in folder.iterdir() if path.name != "write.lock"} == before
    damage_manifest(folder)
    damage_manifest(folder, back=1)
    with pytest.raises(BeyondRepairError):
        Index.repair(folder)


def test_an_empty_index_is_sound(tmp_path: Path) -> None:
    """There is nothing to lose in it."""
    Index.create(tmp_path / "ix")
    assert Index.repair(tmp_path / "ix").problems == ()


def test_an_index_of_another_format_is_left_alone(folder: Path) -> None:
    """A newer version may know better."""
    path = max(folder.glob("manifest-*.json"))
    present, newer = (b'"format": %d' % number for number in (INDEX_FORMAT, INDEX_FORMAT + 5))
    path.write_bytes(path.read_bytes().replace(present, newer).replace(b'"generation": 4', b'"gen": 4'))
    with pytest.raises(IndexFormatError, match="upgrade"):
        Index.repair(folder)


def test_a_writer_at_work_is_waited_for(folder: Path) -> None:
    """But not for ever; a dry run does not wait."""
    with Index.open(folder).writer():
        with pytest.raises(IndexLockedError):
            Index.repair(folder, timeout=0.0)
        assert Index.repair(folder, dry_run=True).problems == ()


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: Index.open(folder).add(Document(body="New.")),
        lambda folder: Index.open(folder).delete("01"),
        lambda folder: Index.open(folder).optimize(),
        Index.reanalyze,
        lambda folder: Index.open(folder).whoosh.writer().commit(),
    ],
    ids=["add", "delete", "optimize", "reanalyze", "whoosh"],
)
def test_nothing_is_written_on_top_of_a_damaged_commit(folder: Path, write: Callable[[Path], object]) -> None:
    """Readers are shown the commit before, and told; writers are told what to do."""
    damage_manifest(folder)
    before = {path: path.read_bytes() for path in folder.iterdir() if path.name != "write.lock"}
    assert ids_of(folder) == BEFORE
    assert any("is damaged" in warning for warning in Index.open(folder).search("fossil").warnings)
    with pytest.raises(DamagedCommitError, match=f"wco-search repair {folder}"):
        write(folder)
    assert {path: path.read_bytes() for path in folder.iterdir() if path.name != "write.lock"} == before
    Index.repair(folder)
    write(folder)
    assert issubclass(DamagedCommitError, CorruptIndexError)


def test_files_of_the_same_name_are_all_kept(folder: Path, made: Path) -> None:
    """When a copy was restored and is damaged again."""
    damage_manifest(folder)
    Index.repair(folder)
    aside = folder / "damaged"
    names = {path.name for path in aside.iterdir()}
    for path in folder.glob("*-*"):
        path.unlink()
    shutil.copytree(made, folder, dirs_exist_ok=True)
    damage_manifest(folder)
    Index.repair(folder)
    assert {path.name for path in aside.iterdir()} == names | {f"{name}.1" for name in names}
    assert ids_of(folder) == BEFORE


class Killed(BaseException):
    """The end of the process; nothing in the library may catch it."""


class Killing(Watched):
    """Ends the process at call number *at*."""

    def __init__(self, at: int) -> None:
        self.calls = 0
        self._at = at

    def before(self, kind: str, path: str) -> None:
        """Count, and end it where it is time."""
        self.calls += 1
        if self.calls == self._at:
            raise Killed


def is_sound(folder: Path) -> bool:
    """Whether the index opens and nothing is wrong with it."""
    try:
        return Index.open(folder).check().ok
    except CorruptIndexError:
        return False


@pytest.mark.parametrize(
    "case",
    ["a segment between", *(pytest.param(one, marks=pytest.mark.slow) for one in CASES if one != "a segment between")],
)
def test_killed_at_any_call_it_leaves_the_index_as_it_was_or_repaired(made: Path, tmp_path: Path, case: str) -> None:
    """One call after the other; a damaged file is in its place, put aside, or both; the next repair ends the work."""
    damage, kept, _ = CASES[case]
    for at in itertools.count(1):
        shutil.rmtree(tmp_path / "ix", ignore_errors=True)
        folder = shutil.copytree(made, tmp_path / "ix")
        damage(folder)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        aside = Index.repair(folder, dry_run=True).set_aside
        disk = Killing(at)
        with watching(disk), suppress(Killed):
            Index.repair(folder)
        is_as_it_was = all((folder / name).exists() for name in before)
        repaired = is_sound(folder)
        assert is_as_it_was or repaired
        if repaired:
            assert ids_of(folder) == kept
        for name in aside:
            places = [path for path in (folder / name, folder / "damaged" / name) if path.exists()]
            assert places
            assert all(path.read_bytes() == before[name] for path in places)
        Index.repair(folder)
        assert ids_of(folder) == kept
        assert Index.open(folder).check().ok
        if disk.calls < at:
            break
    assert at > 10


def test_where_there_are_no_links_files_are_moved_after_the_commit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems have none."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    path = file_of(folder, 1)
    flip(path)
    content = path.read_bytes()
    Index.repair(folder)
    assert not path.exists()
    assert (folder / "damaged" / path.name).read_bytes() == content
    assert ids_of(folder) == OLD | {"28"}
