"""Durability: power cuts at every step, each sync left out, a disk that fails at every call, any order of anything."""

from __future__ import annotations

import errno
import gc
import itertools
import math
import os
import random
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.crash import (
    NEWS,
    WAYS,
    Watched,
    change,
    content_of,
    documents_at,
    index_of_five_changes,
    step_of,
    watching,
    write_on,
)
from wco_search import CorruptIndexError, DamagedCommitError, Document, Index, IndexNotFoundError, parse
from wco_search.engine import storage
from wco_search.engine.storage import DAMAGED

# -- the disk, recorded


@dataclass(frozen=True, slots=True)
class Step:
    """What was done to the folder, or `ack`: that the caller was told a commit is durable."""

    kind: Literal["create", "write", "sync", "rename", "link", "unlink", "sync_folder", "ack"]
    name: str = ""
    data: bytes = b""
    target: str = ""


def _name_of(path: str) -> str:
    """A name as the log has it, from the folder of the index on."""
    inside = Path(path)
    return f"{DAMAGED}/{inside.name}" if inside.parent.name == DAMAGED else inside.name


class Recorder(Watched):
    """Writes a log of steps."""

    def __init__(self) -> None:
        self.log: list[Step] = []

    def before(self, kind: str, path: str) -> None:
        """The bytes of a file are taken when it is synced; those of an unlinked file are of no interest."""
        if kind == "fsync" and Path(path).is_file():
            self.log.append(Step("write", _name_of(path), Path(path).read_bytes()))
        if kind == "unlink" and Path(path).exists():
            self.log.append(Step("unlink", _name_of(path)))

    def after(self, kind: str, path: str, target: str = "") -> None:
        """Calls that change what a crash leaves."""
        name = _name_of(path)
        if kind == "create":
            self.log.append(Step("create", name))
        elif kind == "rename":
            self.log.append(Step("rename", name, target=_name_of(target)))
        elif kind == "link":
            self.log.append(Step("link", name, target=_name_of(target)))
        elif kind == "fsync" and Path(path).is_dir():
            self.log.append(Step("sync_folder", DAMAGED if name == DAMAGED else ""))
        elif kind == "fsync":
            self.log.append(Step("sync", name))


# -- what a crash may leave


@dataclass(slots=True)
class Inode:
    """A file without its name: what was written, and whether it was synced since."""

    data: bytes = b""
    synced: bool = True

    def left(self) -> list[bytes]:
        """What may be found in it after a crash: all, nothing, a sector, half, zeros."""
        if self.synced:
            return [self.data]
        whole = self.data
        return list(dict.fromkeys([whole, b"", whole[:512], whole[: len(whole) // 2], bytes(len(whole))]))


NameChange = tuple[str | None, str | None, Inode]
"""A name that goes, a name that comes, and what bears it."""


@dataclass(slots=True)
class Crashed:
    """A folder as the disk may have it when the power fails: synced names, and changes that may be there or not."""

    synced: dict[str, Inode] = field(default_factory=dict)
    names: dict[str, Inode] = field(default_factory=dict)
    pending: list[NameChange] = field(default_factory=list)

    def do(self, step: Step) -> None:
        """Go one step further."""
        match step.kind:
            case "create":
                self._rename(None, step.name, Inode())
            case "write":
                inode = self.names[step.name]
                inode.data, inode.synced = step.data, False
            case "sync":
                self.names[step.name].synced = True
            case "rename":
                self._rename(step.name, step.target, self.names[step.name])
            case "link":
                self._rename(None, step.target, self.names[step.name])
            case "unlink":
                self._rename(step.name, None, self.names[step.name])
            case "sync_folder":
                for one in self.pending:
                    if _folder_of(one) == step.name:
                        _apply(self.synced, one)
                self.pending = [one for one in self.pending if _folder_of(one) != step.name]

    def _rename(self, old: str | None, new: str | None, inode: Inode) -> None:
        self.pending.append((old, new, inode))
        _apply(self.names, self.pending[-1])

    def choices(self) -> int:
        """How many states the disk may be in, some of them equal."""
        return (1 << len(self.pending)) * math.prod(len(inode.left()) for inode in self._inodes())

    def _inodes(self) -> list[Inode]:
        several = [*self.synced.values(), *(inode for _, _, inode in self.pending)]
        return list({id(inode): inode for inode in several if not inode.synced}.values())

    def states(self, rng: random.Random, at_most: int) -> Iterator[dict[str, bytes]]:
        """All states, or where there are more than *at_most* that many drawn, the two extremes among them."""
        inodes = self._inodes()
        lefts = [inode.left() for inode in inodes]
        if self.choices() <= at_most:
            kept_sets: Iterable[Any] = itertools.product((True, False), repeat=len(self.pending))
            pairs: Iterable[Any] = itertools.product(kept_sets, list(itertools.product(*lefts)))
        else:
            pairs = [(tuple(keep for _ in self.pending), [left[0] for left in lefts]) for keep in (True, False)]
            pairs += [
                ([rng.random() < 0.5 for _ in self.pending], [rng.choice(left) for left in lefts])
                for _ in range(at_most - 2)
            ]
        for kept, contents in pairs:
            found = {id(inode): data for inode, data in zip(inodes, contents, strict=True)}
            names = dict(self.synced)
            for change_of_name in itertools.compress(self.pending, kept):
                _apply(names, change_of_name)
            yield {name: found.get(id(inode), inode.data) for name, inode in names.items()}


def _apply(names: dict[str, Inode], change_of_name: NameChange) -> None:
    old, new, inode = change_of_name
    if old is not None and names.get(old) is inode:
        del names[old]
    if new is not None:
        names[new] = inode


def _folder_of(change_of_name: NameChange) -> str:
    """The folder whose sync makes a change of names durable; none goes from one to another."""
    old, new, _ = change_of_name
    return (old or new or "").rpartition("/")[0]


def states_of(log: Iterable[Step], at_most: int, since: int = 0) -> Iterator[tuple[int, dict[str, bytes]]]:
    """How many commits were acknowledged, and what a crash leaves: each state at each step of *log* from *since* on."""
    rng, crashed, acknowledged = random.Random(1), Crashed(), 0
    seen: set[tuple[int, frozenset[tuple[str, bytes]]]] = set()
    for number, step in enumerate(log):
        crashed.do(step)
        acknowledged += step.kind == "ack"
        for state in crashed.states(rng, at_most) if number >= since else ():
            key = (acknowledged, frozenset(state.items()))
            if key not in seen:
                seen.add(key)
                yield acknowledged, state


def lay_out(folder: Path, state: Mapping[str, bytes]) -> Path:
    """The folder as a crash left it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in state.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


Model = tuple[int, dict[str, str]] | None
"""The generation and the documents of a commit; None where there is no index yet."""


def problem_of(folder: Path, acknowledged: int, models: list[Model]) -> str | None:
    """What is wrong with an index after a crash: it must be whole, and hold the acknowledged commit or the next."""
    try:
        index = Index.open(folder)
        found: Model = (index.stats().generation, content_of(index))
        problems = index.check().problems
    except IndexNotFoundError:
        found, problems = None, ()
    except (CorruptIndexError, AssertionError) as error:
        return f"{type(error).__name__}: {error}"
    if found not in models[acknowledged : acknowledged + 2]:
        return f"not commit {acknowledged} or the next: {found}"
    return str(problems) if problems else None


@dataclass(frozen=True, slots=True)
class History:
    """A log, and the documents after each acknowledged commit; None before the index was made."""

    log: tuple[Step, ...]
    models: list[Model]


@pytest.fixture(scope="module")
def absorbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that others absorb: one document that they have, one deleted, one new."""
    index = Index.create(tmp_path_factory.mktemp("absorbed") / "ix")
    index.add(Document(id=f"news-{number}", body=NEWS[1]) for number in (0, 5, 99))
    index.delete("news-5")
    return Path(index.path)


@pytest.fixture(scope="module")
def history(absorbed: Path, tmp_path_factory: pytest.TempPathFactory) -> History:
    """An index made, added to, replaced in, deleted from by id and by query, absorbing, optimised and analysed anew."""
    folder, disk = tmp_path_factory.mktemp("log") / "ix", Recorder()
    models: list[Model] = [None]

    def acknowledge(index: Index) -> None:
        models.append((index.stats().generation, content_of(index)))
        disk.log.append(Step("ack"))

    with watching(disk):
        index = Index.create(folder)
        acknowledge(index)
        for step in range(WAYS - 1):
            change(index, step)
            acknowledge(index)
        index.absorb(absorbed)
        acknowledge(index)
        index.optimize()
        acknowledge(index)
        acknowledge(Index.reanalyze(folder))
    made = disk.log.index(Step("create", "manifest-0000000000.json.new"))
    return History(tuple(disk.log[made:]), models)  # the folder itself was there


def test_the_log_tells_all_that_was_done(history: History, tmp_path: Path) -> None:
    """Without a crash it gives the folder as it is: nothing was written behind its back."""
    crashed = Crashed()
    for step in history.log:
        crashed.do(step)
    assert all(inode.synced for inode in crashed.names.values())
    folder = lay_out(tmp_path / "ix", {name: inode.data for name, inode in crashed.names.items()})
    assert problem_of(folder, len(history.models) - 1, history.models) is None
    assert {step.kind for step in history.log} == {"create", "write", "sync", "rename", "unlink", "sync_folder", "ack"}
    assert any(step.name.startswith("deleted-") for step in history.log)


@pytest.mark.parametrize("at_most", [40, pytest.param(2**13, marks=pytest.mark.slow)])
def test_a_power_cut_at_any_step_leaves_the_acknowledged_commit_or_the_next(
    history: History, tmp_path: Path, at_most: int
) -> None:
    """Whatever of the unsynced reached the disk; and the next writer works on it and leaves nothing behind."""
    tried = 0
    for number, (acknowledged, state) in enumerate(states_of(history.log, at_most)):
        folder = lay_out(tmp_path / "ix", state)
        assert problem_of(folder, acknowledged, history.models) is None, sorted(state)
        tried += 1
        if number % 10 == 0:
            write_on(folder)
    assert tried > 200


def syncs(history: History) -> list[int]:
    """Where in the log the syncs of the commits after the first stand."""
    first = history.log.index(Step("ack"))
    return [n for n, step in enumerate(history.log) if n > first and step.kind in {"sync", "sync_folder"}]


@pytest.mark.parametrize(
    "commits", [[6], pytest.param([*range(1, 10)], marks=pytest.mark.slow)], ids=["one commit", "all commits"]
)
def test_every_sync_is_needed(history: History, tmp_path: Path, commits: list[int]) -> None:
    """Without any one of them some crash loses an acknowledged commit or leaves a damaged one: the proof can fail."""
    tried = 0
    for place in syncs(history):
        acknowledged = sum(step.kind == "ack" for step in history.log[:place])
        if acknowledged not in commits:
            continue
        tried += 1
        mutated = (*history.log[:place], *history.log[place + 1 :])
        states = states_of(mutated, at_most=2**7, since=place)
        found = (problem_of(lay_out(tmp_path / "ix", state), count, history.models) for count, state in states)
        assert any(problem is not None for problem in found), history.log[place]
    assert tried >= 4 * len(commits)


# -- a disk that fails


class Failing(Watched):
    """Fails at call number *at*, or from there on; counts the calls."""

    def __init__(self, at: int, fault: int | Literal["short"], *, for_ever: bool = False) -> None:
        self.calls: list[str] = []
        self._at, self._fault, self._for_ever = at, fault, for_ever

    def _is_due(self) -> bool:
        return len(self.calls) >= self._at if self._for_ever else len(self.calls) == self._at

    def before(self, kind: str, path: str) -> None:
        """Raise where it is time."""
        self.calls.append(kind)
        if self._fault != "short" and self._is_due():
            raise OSError(self._fault, os.strerror(self._fault), path)

    def written(self, size: int) -> int:
        """Half of it, where a short write is due."""
        return max(1, size // 2) if self._fault == "short" and self._is_due() else size


@pytest.fixture(scope="module")
def before_fault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of five changes."""
    return index_of_five_changes(tmp_path_factory.mktemp("fault") / "ix")


def descriptors() -> int:
    """How many descriptors this process has open, those of forgotten objects closed."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


FAULTS = list(itertools.product([errno.ENOSPC, errno.EIO, errno.EMFILE, "short"], [False, True]))


@pytest.mark.parametrize("is_absorbing", [False, True], ids=["changing", "absorbing"])
@pytest.mark.parametrize(
    ("fault", "for_ever"), [FAULTS[0], *(pytest.param(*each, marks=pytest.mark.slow) for each in FAULTS[1:])]
)
def test_a_fault_at_any_call_leaves_the_old_commit_and_a_free_lock(
    before_fault: Path,
    absorbed: Path,
    tmp_path: Path,
    fault: int | Literal["short"],
    for_ever: bool,
    is_absorbing: bool,
) -> None:
    """One after the other, until a commit meets none; a descriptor is never left open.

    What fails once the commit is durable, when old files are removed, is left to the next commit and is no error.
    """
    old, new = documents_at(5), documents_at(6)
    if is_absorbing:
        new = {**old, **content_of(Index.open(absorbed))}
    forgiven: set[str] = set()
    opened = descriptors()
    for at in itertools.count(1):
        folder = tmp_path / "ix"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(before_fault, folder)
        disk, index, error = Failing(at, fault, for_ever=for_ever), Index.open(folder), None
        with watching(disk):
            try:
                if is_absorbing:
                    index.absorb(absorbed)
                else:
                    change(index, 5)
            except OSError as caught:
                error = caught.errno  # the error itself would hold on to files in its traceback
        if error is None:
            assert content_of(Index.open(folder)) == new
            forgiven.update(disk.calls[at - 1 : at])
        else:
            assert error == fault
            assert content_of(index) == old
            assert content_of(Index.open(folder)) in (old, new)
            assert index.check().ok
        write_on(folder)
        del index
        if len(disk.calls) < at:
            break
    assert at > 15
    assert descriptors() <= opened
    assert fault == "short" or forgiven <= {"scandir", "unlink"}


def test_too_many_open_files_is_no_damage(before_fault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that cannot open the newest commit says so; it must not go on from the commit before."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    folder = shutil.copytree(before_fault, tmp_path / "ix")
    index = Index.open(folder)
    with monkeypatch.context() as patched:
        patched.setattr(np, "memmap", fail)
        with pytest.raises(OSError, match="Too many open files"):
            Index.open(folder)
        with pytest.raises(OSError, match="Too many open files"):
            change(index, 5)
    change(index, 5)
    assert step_of(Index.open(folder)) == 6


def test_a_manifest_removed_under_a_reader_is_no_damage(
    before_fault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two commits between the listing of a folder and the reading of it: the reader looks again."""
    folder = shutil.copytree(before_fault, tmp_path / "ix")
    reader, writer = storage.FolderStorage(folder), Index.open(folder)
    real, listed = storage.FolderStorage.generations, iter([5, 6])

    def slow(self: storage.FolderStorage) -> list[int]:
        found = real(self)
        if self is reader:
            for step in listed:
                change(writer, step)
        return found

    monkeypatch.setattr(storage.FolderStorage, "generations", slow)
    commit = reader.load()
    assert commit.warnings == ()
    assert commit.manifest.generation == writer.stats().generation


def test_a_file_that_readers_have_mapped_is_never_written_over(before_fault: Path, tmp_path: Path) -> None:
    """Not even where its commit was damaged and repaired meanwhile."""
    folder = shutil.copytree(before_fault, tmp_path / "ix")
    reader = Index.open(folder)
    (folder / f"manifest-{reader.stats().generation:010d}.json").write_bytes(b"damaged")
    with pytest.raises(DamagedCommitError):
        Index.open(folder).add(Document(id="x", body="Short."))
    Index.repair(folder)
    Index.open(folder).add(Document(id="x", body="Short."))
    assert step_of(reader) == 5


def test_a_power_cut_at_any_step_of_a_repair_loses_nothing(before_fault: Path, tmp_path: Path) -> None:
    """The index is as it was or repaired; all that was damaged is in its place or put aside; a repair then succeeds."""
    folder = shutil.copytree(before_fault, tmp_path / "ix")
    newest = max(folder.glob("manifest-*.json"))
    newest.write_bytes(newest.read_bytes()[:-9])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    disk = Recorder()
    with watching(disk):
        aside = Index.repair(folder).set_aside
    names = {name: Inode(data) for name, data in before.items()}
    crashed, rng, tried = Crashed(dict(names), dict(names)), random.Random(3), 0
    for step in disk.log:
        crashed.do(step)
        for state in crashed.states(rng, 12):
            left = lay_out(tmp_path / "left", state)
            index = Index.open(left)
            assert {one.id: one.body for one in index.documents()} == documents_at(4)
            assert index.check().ok or newest.name in state
            for name in aside:
                assert before[name] in (state.get(name), state.get(f"{DAMAGED}/{name}")), (step, name)
            Index.repair(left)
            assert step_of(Index.open(left)) == 4
            tried += 1
    assert tried > 30


def test_the_files_of_an_index_analysed_anew_have_names_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Analysing anew an index of one commit must not touch the files of that commit before there is a new one."""
    index = Index.create(tmp_path / "ix")
    change(index, 0)

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(np.lib.format, "write_array", fail)
        with pytest.raises(OSError, match="Input/output error"):
            Index.reanalyze(tmp_path / "ix")
    assert step_of(Index.open(tmp_path / "ix")) == 1
    assert index.check().ok
    assert step_of(Index.reanalyze(tmp_path / "ix")) == 1


def test_a_create_that_was_cut_short_can_be_done_again(tmp_path: Path) -> None:
    """What it may have left is a lock and a manifest that was never renamed."""
    (tmp_path / "manifest-0000000000.json.new").write_bytes(b"half")
    (tmp_path / "write.lock").touch()
    assert len(Index.create(tmp_path)) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest-0000000000.json", "write.lock"]


# -- any order of anything


class AnyOrder(RuleBasedStateMachine):
    """An index in a folder against a dict, through any order of changes, refusals, searches and reopenings."""

    ids = st.sampled_from([f"news-{number}" for number in range(8)])
    bodies = st.sampled_from(NEWS)

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"crash-{os.getpid()}-{id(self)}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.index = Index.create(self.folder)
        self.reader = Index.open(self.folder)
        self.held: dict[str, str] = {}
        self.model: dict[str, str] = {}

    def teardown(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder)

    @rule(items=st.dictionaries(ids, bodies, max_size=4))
    def add(self, items: dict[str, str]) -> None:
        """Add and replace."""
        report = self.index.add(Document(id=name, body=body) for name, body in items.items())
        assert report.added == len(items.keys() - self.model.keys())
        assert report.unchanged == len(items.items() & self.model.items())
        self.model |= items

    @rule(names=st.sets(ids, max_size=4))
    def delete(self, names: set[str]) -> None:
        """Delete by id."""
        assert self.index.delete(names) == len(names & self.model.keys())
        for name in names:
            self.model.pop(name, None)

    @rule(word=st.sampled_from(["fossils", "окаменелость", "grain", "зерно", "absent"]))
    def delete_by_query(self, word: str) -> None:
        """Delete what a word finds."""
        gone = self._found(self.model, word)
        assert self.index.delete(parse(word).query) == len(gone)
        for name in gone:
            del self.model[name]

    @rule(items=st.dictionaries(ids, bodies, max_size=4), names=st.sets(ids, max_size=2))
    def roll_back(self, items: dict[str, str], names: set[str]) -> None:
        """An exception in the block undoes all of it."""
        with suppress(ZeroDivisionError), self.index.writer() as writer:
            writer.add(Document(id=name, body=body) for name, body in items.items())
            writer.delete(names)
            raise ZeroDivisionError

    @rule()
    def optimize(self) -> None:
        """Merge all."""
        self.index.optimize()
        assert self.index.stats().segments <= 1

    @rule()
    def reopen(self) -> None:
        """Another object on the same folder."""
        self.index.close()
        self.index = Index.open(self.folder)

    @precondition(lambda self: self.held != self.model)
    @rule()
    def refresh(self) -> None:
        """The reader goes over to the newest commit."""
        assert self.reader.refresh()
        self.held = dict(self.model)

    @rule(word=st.sampled_from(["fossils", "окаменелость", "grain", "зерно", "absent"]))
    def search(self, word: str) -> None:
        """The writer's object sees the newest commit, the reader the one that it holds."""
        for index, content in ((self.index, self.model), (self.reader, self.held)):
            found = index.search(word, translate="off")
            assert {hit.document.id for hit in found} == self._found(content, word)

    @staticmethod
    def _found(content: Mapping[str, str], word: str) -> set[str]:
        told = {"fossils": NEWS[1], "окаменелость": NEWS[0], "grain": NEWS[3], "зерно": NEWS[2]}.get(word)
        return {name for name, body in content.items() if body == told}

    @invariant()
    def all_is_there(self) -> None:
        """Nothing more, nothing less, and every byte right."""
        assert {one.id: one.body for one in self.index.documents()} == self.model
        assert {one.id: one.body for one in self.reader.documents()} == self.held
        assert self.index.check().ok


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=15, stateful_step_count=15)


@pytest.mark.slow
class TestAnyOrderAtLength(AnyOrder.TestCase):  # type: ignore[misc, valid-type]
    """The same for longer."""

    settings = settings(max_examples=300, stateful_step_count=40)
