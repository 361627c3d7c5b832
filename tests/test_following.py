"""An index kept in step with files: what is read again, what stays, what is pruned, and what survives a kill."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_cli import Run, make_run
from tests.test_cli_process import COMMAND, ENVIRONMENT
from wco_search import Document, Index, ReadError
from wco_search import following as following_module
from wco_search.cli import ExitCode
from wco_search.following import NOTE, Follower

PATIENCE_S = 60.0
LONG_AGO_NS = 10**18
_times = iter(range(1, 10**9))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in an empty folder and an English locale."""
    return make_run(capsys, monkeypatch, tmp_path)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """A folder of two files with two documents each."""
    folder = tmp_path / "news"
    folder.mkdir()
    write(folder / "a.jsonl", a1="Fossils.", a2="Timber.")
    write(folder / "b.jsonl", b1="Таможня.", b2="Порт.")
    return folder


def write(path: Path, **bodies: str) -> None:
    """A file of documents with these ids and texts, changed at another time than any before, and long ago."""
    lines = [json.dumps({"id": name, "body": body}) for name, body in bodies.items()]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    settle(path)


def settle(path: Path) -> None:
    """Give a file a time of change that is its own, and long ago."""
    when = LONG_AGO_NS + next(_times)
    os.utime(path, ns=(when, when))


def ids(index: Index) -> list[str]:
    """The ids of all documents."""
    return sorted(document.id for document in index.documents())


def counts(follower: Follower) -> tuple[int, int, int, int]:
    """Files read and passed over by an update, and documents added and deleted."""
    update = follower.update()
    return update.files, update.passed, update.report.added, update.deleted


def test_only_new_and_changed_files_are_read_again(news: Path, tmp_path: Path) -> None:
    """By this follower and by one of another process later."""
    with Index.create(tmp_path / "ix") as index:
        follower = Follower(index, [news])
        assert counts(follower) == (2, 0, 4, 0)
        assert counts(follower) == (0, 2, 0, 0)
        write(news / "b.jsonl", b1="Таможня.", b2="Порт.", b3="Граница.")
        write(news / "c.jsonl", c1="Ivory.")
        assert counts(follower) == (2, 1, 2, 0)
    with Index.open(tmp_path / "ix") as index:
        assert counts(Follower(index, [str(news)])) == (0, 3, 0, 0)
        assert ids(index) == ["a1", "a2", "b1", "b2", "b3", "c1"]
        assert index.check().ok


def test_alerts_of_all_commits_are_told(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By watch, each document once, however many commits the files took."""
    monkeypatch.setattr(following_module, "COMMIT_EVERY_S", 0)
    index = Index.memory()
    index.watch("everything", "*")
    index.watch("none", "qwertyuiop")
    follower = Follower(index, [news])
    alerts = follower.update().report.alerts
    assert [(alert.watch, set(alert.ids)) for alert in alerts] == [
        ("everything", {one.id for one in index.documents()})
    ]
    assert follower.update().report.alerts == []


def test_an_index_in_memory_is_followed_as_well(news: Path) -> None:
    """Its note is in memory, too."""
    follower = Follower(Index.memory(), [news])
    assert [counts(follower), counts(follower)] == [(2, 0, 4, 0), (0, 2, 0, 0)]


CHANGES = {
    "size": lambda path: path.write_text('{"id": "a1", "body": "Fossils!!!"}\n', encoding="utf-8"),
    "time alone": settle,
    "other content of the same size": lambda path: write(path, a1="Fossiks.", a2="Timber."),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_counts_as_changed(news: Path, change: object) -> None:
    """Size or time of change."""
    follower = Follower(Index.memory(), [news])
    follower.update()
    change(news / "a.jsonl")  # type: ignore[operator]
    assert follower.update().files == 1


def test_files_read_with_other_options_are_read_again(news: Path) -> None:
    """Their documents may be other ones."""
    index = Index.memory()
    Follower(index, [news]).update()
    assert Follower(index, [news], source="WCO").update().report.updated == 4
    assert Follower(index, [news], source="WCO").update().files == 0


def test_a_file_changed_just_now_is_read_once_more(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its next change may bear the same time and size."""
    follower = Follower(Index.memory(), [news])
    path = news / "a.jsonl"
    path.write_text('{"id": "a1", "body": "Draft."}\n', encoding="utf-8")
    follower.update()
    same = path.stat().st_mtime_ns
    path.write_text('{"id": "a1", "body": "Final."}\n', encoding="utf-8")
    os.utime(path, ns=(same, same))
    assert follower.update().report.updated == 1
    later = time.time_ns() + 3 * 10**9
    monkeypatch.setattr(following_module.time, "time_ns", lambda: later)
    assert [follower.update().files, follower.update().files] == [1, 0]


GONE = {
    "a file": lambda news: (news / "b.jsonl").unlink(),
    "records of a file": lambda news: write(news / "b.jsonl", b0="Новое."),
    "a file renamed": lambda news: (news / "b.jsonl").rename(news / "z.jsonl"),
    "a record moved to a file read before": lambda news: (
        write(news / "a.jsonl", a1="Fossils.", a2="Timber.", b1="Таможня."),
        write(news / "b.jsonl", b2="Порт."),
    ),
    "a record moved to a file read later": lambda news: (
        write(news / "a.jsonl", a1="Fossils."),
        write(news / "b.jsonl", b1="Таможня.", b2="Порт.", a2="Timber."),
    ),
    "records of a damaged file": lambda news: (
        (news / "b.jsonl").write_text('{"id": "b1", "body": "Таможня."}\n{"id": "b2", "bo', encoding="utf-8"),
        settle(news / "b.jsonl"),
    ),
    "the whole folder": shutil.rmtree,
    "all files": lambda news: [path.unlink() for path in news.iterdir()],
}
LEFT = {  # after pruning; without it, everything stays
    "a file": ["a1", "a2"],
    "records of a file": ["a1", "a2", "b0"],
    "a file renamed": ["a1", "a2", "b1", "b2"],
    "a record moved to a file read before": ["a1", "a2", "b1", "b2"],
    "a record moved to a file read later": ["a1", "a2", "b1", "b2"],
    "records of a damaged file": ["a1", "a2", "b1", "b2"],
    "the whole folder": ["a1", "a2", "b1", "b2"],
    "all files": ["a1", "a2", "b1", "b2"],
}


@pytest.mark.parametrize("prune", [True, False], ids=["prune", "keep"])
@pytest.mark.parametrize("case", GONE)
def test_documents_that_are_in_no_file_any_more(news: Path, case: str, prune: bool) -> None:
    """They stay, unless they are to be pruned; and nothing is pruned on the word of a folder that is not there."""
    index = Index.memory()
    follower = Follower(index, [news], prune=prune)
    follower.update()
    before = ids(index)
    GONE[case](news)
    follower.update()
    assert ids(index) == (LEFT[case] if prune else sorted({*before, *LEFT[case]}))
    assert follower.update().deleted == 0


def test_pruning_leaves_other_documents_alone(news: Path, tmp_path: Path) -> None:
    """Those of other paths, those that were added by other means, and those that another file holds as well."""
    other = tmp_path / "other"
    other.mkdir()
    write(other / "o.jsonl", o1="Ivory.", a1="Fossils.")
    index = Index.memory([Document(id="own", body="Added by a program.")])
    Follower(index, [other]).update()
    Follower(index, [news]).update()
    (news / "a.jsonl").unlink()
    (other / "o.jsonl").unlink()
    assert Follower(index, [news], prune=True).update().deleted == 1
    assert ids(index) == ["a1", "b1", "b2", "o1", "own"]


def test_what_was_kept_is_pruned_when_that_is_asked_for_later(news: Path) -> None:
    """The note remembers what came of a file that has gone."""
    index = Index.memory()
    follower = Follower(index, [news])
    follower.update()
    (news / "a.jsonl").unlink()
    write(news / "b.jsonl", b2="Порт.")
    follower.update()
    assert ids(index) == ["a1", "a2", "b1", "b2"]
    settle(news / "b.jsonl")
    Follower(index, [news], prune=True).update()
    assert ids(index) == ["b2"]


def test_the_index_itself_is_not_followed(news: Path) -> None:
    """Though it lies in the folder that is."""
    with Index.create(news / "index") as index:
        follower = Follower(index, [news])
        assert counts(follower) == (2, 0, 4, 0)
        assert counts(follower) == (0, 2, 0, 0)


DAMAGE = {
    "gone": lambda path, _: path.unlink(),
    "cut": lambda path, note: path.write_bytes(note[:-9]),
    "no object": lambda path, _: path.write_bytes(b"[1]"),
    "another format": lambda path, note: path.write_bytes(note.replace(b'"format": 1', b'"format": 0')),
    "ahead of the index": lambda path, note: path.write_bytes(note.replace(b'"generation": 1', b'"generation": 9')),
    "wrong entries": lambda path, _: path.write_bytes(b'{"format": 1, "generation": 1, "files": {"x": 3}}'),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_note_that_cannot_be_trusted_counts_for_nothing(news: Path, tmp_path: Path, damage: object) -> None:
    """Everything is read again, and nothing is added twice."""
    with Index.create(tmp_path / "ix") as index:
        Follower(index, [news]).update()
        path = tmp_path / "ix" / f"{NOTE}.note"
        damage(path, path.read_bytes())  # type: ignore[operator]
        update = Follower(index, [news]).update()
        assert (update.files, update.report.unchanged, len(index)) == (2, 4, 4)
        assert Follower(index, [news]).update().files == 0


def test_an_index_that_fell_back_to_an_older_commit_gets_its_documents_again(news: Path, tmp_path: Path) -> None:
    """Nothing is lost that the note says was there."""
    with Index.create(tmp_path / "ix") as index:
        follower = Follower(index, [news])
        follower.update()
        write(news / "c.jsonl", c1="Ivory.")
        follower.update()
    (tmp_path / "ix" / "manifest-0000000002.json").write_bytes(b"{}")
    Index.repair(tmp_path / "ix")
    with Index.open(tmp_path / "ix") as index:
        assert "c1" not in index
        Follower(index, [news]).update()
        assert ids(index) == ["a1", "a2", "b1", "b2", "c1"]


def test_several_commits_are_made_of_a_long_pass(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that little is lost when it is stopped; the accounts add up."""
    monkeypatch.setattr(following_module, "COMMIT_EVERY_S", 0.0)
    index = Index.memory()
    commits = list(Follower(index, [news]).commits())
    assert [update.report.added for update in commits] == [0, 2, 2]
    assert index.stats().generation == 2


def test_a_file_of_which_nothing_came_is_tried_again(news: Path) -> None:
    """It may have been out of reach; a file with a bad record among good ones is not."""
    (news / "bad.jsonl").write_text("{\n", encoding="utf-8")
    with (news / "a.jsonl").open("a", encoding="utf-8") as lines:
        lines.write("{\n")
    settle(news / "bad.jsonl")
    settle(news / "a.jsonl")
    follower = Follower(Index.memory(), [news])
    assert follower.update().report.skipped == 2
    again = follower.update()
    assert (again.files, again.report.skipped) == (1, 1)


def test_a_path_must_be_there_at_first_and_may_go_later(news: Path) -> None:
    """A slip of the pen is told at once; a disk that goes away is a problem that passes."""
    follower = Follower(Index.memory(), [news], prune=True)
    with pytest.raises(ReadError, match="no such file"):
        Follower(Index.memory(), [news / "none"]).update()
    follower.update()
    news.rename(news.with_name("away"))
    assert follower.update().report.problems == [f"{news}: no such file or folder"]
    news.with_name("away").rename(news)
    assert counts(follower) == (0, 2, 0, 0)


def test_what_cannot_be_followed() -> None:
    """Standard input, and nothing."""
    with pytest.raises(ValueError, match="standard input"):
        Follower(Index.memory(), ["-"])
    with pytest.raises(ValueError, match="no paths"):
        Follower(Index.memory(), [])


def test_strict_commits_nothing_of_a_pass_with_a_problem(news: Path) -> None:
    """And remembers nothing of it."""
    (news / "b.jsonl").write_text("{\n", encoding="utf-8")
    index = Index.memory()
    with pytest.raises(ReadError):
        Follower(index, [news], strict=True).update()
    assert len(index) == 0


@pytest.mark.parametrize("prune", [True, False], ids=["prune", "keep"])
def test_a_follower_stopped_between_a_commit_and_its_note(
    news: Path, tmp_path: Path, prune: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the note does not tell is done again, to the same end."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with Index.create(tmp_path / "ix") as index:
        Follower(index, [news]).update()
        write(news / "a.jsonl", a1="Fossils, more of them.", a3="Ivory.")
        (news / "b.jsonl").unlink()
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(index.storage, "write_note", stop)
            Follower(index, [news], prune=prune).update()
        update = Follower(index, [news], prune=prune).update()
        assert (update.files, update.report.unchanged, update.report.added) == (1, 2, 0)
        assert ids(index) == (["a1", "a3"] if prune else ["a1", "a2", "a3", "b1", "b2"])
        assert index.check().ok


# -- the command


def test_changed_reads_once_and_tells(run: Run, news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In either language, and as JSON."""
    first = run("index", news, "--into", "ix", "--changed")
    assert first.code == ExitCode.FOUND
    assert first.out == "4 added, 0 updated, 0 unchanged, 0 skipped\ndocuments in ix: 4\n"
    assert first.err.startswith("files: 2 read, 0 passed over as unchanged; documents deleted: 0\n")
    (news / "b.jsonl").unlink()
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    second = run("index", news, "--into", "ix", "--changed", "--prune")
    assert second.err.startswith("файлов прочитано: 0, не изменились: 1; документов удалено: 2\n")
    third = run("index", news, "--into", "ix", "--changed", "--json").data
    assert {name: third[name] for name in ("added", "documents", "files", "passed", "deleted")} == {
        "added": 0,
        "documents": 2,
        "files": 0,
        "passed": 1,
        "deleted": 0,
    }


def test_changed_ends_with_2_when_nothing_came_of_it(run: Run, tmp_path: Path) -> None:
    """As without it."""
    (tmp_path / "bad.jsonl").write_text("{\n", encoding="utf-8")
    outcome = run("index", "bad.jsonl", "--into", "ix", "--changed", "-q")
    assert (outcome.code, outcome.out) == (ExitCode.BAD_INPUT, "")
    assert "bad.jsonl:1: not valid JSON" in outcome.err


def started(news: Path, folder: Path, *options: str) -> subprocess.Popen[str]:
    """The command that follows *news*, looking every tenth of a second."""
    command = [*COMMAND, "index", str(news), "--into", str(folder), "--follow", "--every", "0.1", *options]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def wait_for(folder: Path, wanted: set[str]) -> None:
    """Wait until the index in *folder* holds the documents with these ids, and no others."""
    deadline = time.monotonic() + PATIENCE_S
    found: set[str] = set()
    while time.monotonic() < deadline:
        if any(folder.glob("manifest-*.json")):
            with Index.open(folder) as index:
                found = set(ids(index))
            if found == wanted:
                return
        time.sleep(0.05)
    raise AssertionError(f"{sorted(found)} is not {sorted(wanted)}")


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are ended with the test."""
    begun: list[subprocess.Popen[str]] = []
    yield begun
    for process in begun:
        process.kill()
        process.communicate()


def test_follow_takes_in_changes_until_ctrl_c(
    news: Path, tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    """One line of JSON for each change; a problem is told once; the last commit stands."""
    folder = tmp_path / "ix"
    process = started(news, folder, "--prune", "--json")
    processes.append(process)
    wait_for(folder, {"a1", "a2", "b1", "b2"})
    write(news / "c.jsonl", c1="Ivory.")
    (news / "bad.jsonl").write_text("{\n", encoding="utf-8")
    wait_for(folder, {"a1", "a2", "b1", "b2", "c1"})
    (news / "b.jsonl").unlink()
    wait_for(folder, {"a1", "a2", "c1"})
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(3)]  # a commit is there before it is told
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    out = "".join(told) + out
    assert process.returncode == ExitCode.INTERRUPTED
    accounts = [json.loads(line) for line in out.splitlines()]
    assert [(one["added"], one["deleted"]) for one in accounts] == [(4, 0), (1, 0), (0, 2)]
    assert err.count("bad.jsonl:1: not valid JSON") == 1
    assert err.endswith("wco-search: stopped; the last commit stands\n")
    with Index.open(folder) as index:
        assert index.check().ok


def test_a_follower_killed_at_any_time_loses_and_doubles_nothing(
    news: Path, tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    """Whenever it is killed, the next one goes on, while files are added all the time."""
    chance = random.Random(7)
    folder = tmp_path / "ix"
    wanted = {"a1", "a2", "b1", "b2"}
    for turn in range(2):
        process = started(news, folder)
        processes.append(process)
        assert process.stderr is not None
        assert process.stderr.readline() == "looking for changes every 0.1 s; Ctrl-C ends it\n"
        for number in range(8):
            name = f"t{turn}n{number}"
            write(news / f"{name}.jsonl", **{name: f"Shipment {name}."})
            wanted.add(name)
            time.sleep(chance.uniform(0.0, 0.07))
        process.kill()
        process.communicate()
    last = started(news, folder)
    processes.append(last)
    wait_for(folder, wanted)
    last.send_signal(signal.SIGINT)
    last.communicate(timeout=PATIENCE_S)
    with Index.open(folder) as index:
        assert (index.check().ok, len(index)) == (True, len(wanted))
        assert Follower(index, [news]).update().report.added == 0


@pytest.mark.parametrize("step", ["os.fsync", "Path.rename", "sync_folder"])
def test_a_note_is_replaced_whole_or_not_at_all(tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails, the old note is there or the new one; an index goes on, and a writer does not sweep it away."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with Index.create(tmp_path / "ix") as index:
        assert index.storage.read_note("x") is None
        index.storage.write_note("x", b"old")
        with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
            patched.setattr(f"wco_search.engine.disk.{step}", fail)
            index.storage.write_note("x", b"new, and longer")
        assert index.storage.read_note("x") == (b"new, and longer" if step == "sync_folder" else b"old")
        index.storage.write_note("x", b"last")
        index.add(Document(body="Fossils."))
        index.optimize()
        assert (index.storage.read_note("x"), index.check().ok) == (b"last", True)
