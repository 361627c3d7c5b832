"""Processes: writers that are killed, disks that are full, readers beside a writer."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.crash import CLOCK, WAYS, change, content_of, index_of_five_changes, no_leftovers, step_of, write_on
from wco_search import Document, Index

ROOT = Path(__file__).parents[1]
DEADLINE_S = 300  # for what takes a second where nothing else runs


@pytest.fixture(scope="module")
def before_fault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of five changes."""
    return index_of_five_changes(tmp_path_factory.mktemp("fault") / "ix")


CHILD = "import sys; from tests import test_crash_processes as roles; getattr(roles, sys.argv[1])(*sys.argv[2:])"


def start(role: Callable[..., None], *args: object) -> subprocess.Popen[str]:
    """A process that runs function *role* of this file."""
    command = [sys.executable, "-c", CHILD, role.__name__, *map(str, args)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def tell(*words: object) -> None:
    """Tell the process that started this one, at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def said_until_killed(after_s: float, role: Callable[..., None], *args: object) -> list[int]:
    """What a process that runs *role* tells until SIGKILL ends it, so many seconds after its first word.

    It is forked off a process that has imported all: starting anew would take ten times as long as what is proven.
    """
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["tests.crash"])
    hears, tells = forks.Pipe(duplex=False)
    child = forks.Process(target=role, args=(tells, *args))
    child.start()
    tells.close()
    with hears:
        said = [hears.recv()]
        time.sleep(after_s)
        child.kill()
        with suppress(EOFError):
            while True:
                said.append(hears.recv())
    child.join()
    assert child.exitcode == -signal.SIGKILL
    return said


def write_for_ever(told: Connection, folder: Path) -> None:
    """Change after change, each told when it is acknowledged."""
    index = Index.open(folder)
    step = step_of(index)
    told.send(step)
    while True:
        change(index, step)
        step += 1
        told.send(step)


@pytest.mark.parametrize("times", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_a_killed_writer_loses_nothing_that_was_acknowledged(tmp_path: Path, times: int) -> None:
    """SIGKILL at a random moment of a commit, again and again on the same index."""
    rng, folder = random.Random(2), tmp_path / "ix"
    Index.create(folder)
    reached = 0
    for _ in range(times):
        acknowledged = said_until_killed(rng.uniform(0, 0.1), write_for_ever, folder)[-1]
        index = Index.open(folder)
        found = step_of(index)
        assert found in {acknowledged, acknowledged + 1}
        assert index.check().ok
        change(index, found)
        no_leftovers(folder)
        reached = step_of(Index.open(folder))
        assert reached == found + 1
    assert reached > times


def absorb_for_ever(told: Connection, folder: Path, *parts: Path) -> None:
    """One part after the other, each told when that is acknowledged."""
    index = Index.open(folder)
    told.send(-1)
    while True:
        for number, part in enumerate(parts):
            index.absorb(part)
            told.send(number)


@pytest.mark.parametrize("times", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_a_killed_writer_has_absorbed_all_or_nothing(tmp_path: Path, times: int) -> None:
    """SIGKILL at a random moment: the documents are those of the part acknowledged last, or of the next one."""
    rng, folder = random.Random(4), tmp_path / "ix"
    parts, models = [tmp_path / "one", tmp_path / "other"], []
    for word, path in zip(("fossils", "grain"), parts, strict=True):
        models.append({f"news-{number}": f"Customs and {word}, № {number}." for number in range(40)})
        Index.create(path).add(Document(id=name, body=body) for name, body in models[-1].items())
    with Index.create(folder) as index:
        index.absorb(parts[1])
    held = 1
    for _ in range(times):
        last = said_until_killed(rng.uniform(0, 0.1), absorb_for_ever, folder, *parts)[-1]
        index = Index.open(folder)
        content = content_of(index)
        assert content in ([models[held], models[0]] if last < 0 else [models[last], models[1 - last]])
        held = models.index(content)
        assert index.check().ok


def write_within(folder: str, limit: str) -> None:
    """One change, of which no file may be longer than *limit* bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    index = Index.open(folder)
    step = step_of(index)
    for most in range(0, int(limit), 701):
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
        try:
            change(index, step)
        except OSError as error:
            tell(errno.errorcode[error.errno or 0], step_of(Index.open(folder)) - step)
        else:
            tell("done", step_of(Index.open(folder)) - step)
            return


def test_files_that_may_not_grow(before_fault: Path, tmp_path: Path) -> None:
    """The kernel cuts a write short at one length after the other: an error, the old commit, at last success."""
    folder = shutil.copytree(before_fault, tmp_path / "ix")
    with start(write_within, folder, 10**6) as child:
        assert child.stdout is not None
        said = child.stdout.read().split("\n")
    assert child.returncode == 0
    assert said[-2:] == ["done 1", ""]
    assert set(said[:-2]) == {"EFBIG 0"}
    assert len(said) > 5
    write_on(folder)


def test_a_disk_that_is_full(before_fault: Path, tmp_path: Path) -> None:
    """Commits until there is no room: the last that was acknowledged stays, and with room again the next succeeds."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no right to mount a small disk: {mounted.stderr.strip()}")
    try:
        folder = shutil.copytree(before_fault, small / "ix")
        index = Index.open(folder)
        with pytest.raises(OSError, match="No space left") as caught:
            for number in range(100):
                index.add(Document(id=f"long-{number}", body=f"слово{number} " * 3000))
        assert caught.value.errno == errno.ENOSPC
        fresh = Index.open(folder)
        assert content_of(fresh) == content_of(index)
        assert fresh.check().ok
        del index, fresh
        subprocess.run(["mount", "-o", "remount,size=16m", str(small)], check=True)
        write_on(folder)
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def read_until(commits: str, deadline_s: str, folder: str) -> None:
    """Open, refresh and search without rest until so many commits were seen; tells the step of each."""
    index, end = Index.open(folder), time.monotonic() + float(deadline_s)
    seen: dict[int, int] = {}
    last, turn = -1, 0
    while len(seen) < int(commits) and time.monotonic() < end:
        turn += 1
        if turn % 3:
            index.refresh()
        else:
            index = Index.open(folder)
        generation, step = index.stats().generation, step_of(index)
        assert generation >= last
        assert seen.setdefault(generation, step) == step
        last = generation
    tell(json.dumps(seen))


@pytest.mark.parametrize(("readers", "commits"), [(2, 5), pytest.param(8, 150, marks=pytest.mark.slow)])
def test_readers_beside_a_writer_see_whole_commits_only(tmp_path: Path, readers: int, commits: int) -> None:
    """Each answer is that of the commit which the reader holds, and all readers agree on what each commit holds."""
    index = Index.create(tmp_path / "ix")
    held: dict[str, int] = {"0": 0}
    children = [start(read_until, commits, DEADLINE_S, tmp_path / "ix") for _ in range(readers)]
    step = 0
    while any(child.poll() is None for child in children):
        if step % WAYS == WAYS - 1:
            index.optimize()
            held[str(index.stats().generation)] = step
        if step < 150:  # models grow with steps, and with them the work of a reader
            change(index, step)
            step += 1
            held[str(index.stats().generation)] = step
        else:
            change_back_and_forth(index)
    for child in children:
        with child:
            assert child.stdout is not None
            facts = json.loads(child.stdout.read() or "null")
        assert child.returncode == 0
        assert all(held.get(generation, 150) == at for generation, at in facts.items())
        assert len(facts) >= commits


def change_back_and_forth(index: Index) -> None:
    """Commits without end that leave the documents as they are."""
    time.sleep(0.01)
    document = index.get(CLOCK)
    assert document is not None
    with index.writer() as writer:
        writer.delete(CLOCK)
        writer.add(document)
