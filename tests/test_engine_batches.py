"""Batches: the same index to the byte however it is built, whatever goes wrong on the way."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import sample_documents
from wco_search import Document, Index, WorkerDiedError
from wco_search.engine import writer
from wco_search.engine.array_files import drop_pages, put_aside

ROOT = Path(__file__).parents[1]


def many_documents(copies: int) -> Iterator[Document]:
    """The sample archive several times over, under ids of their own; every fifth is given once more, changed."""
    for copy in range(copies):
        for number, document in enumerate(sample_documents()):
            body = f"{document.body} Выпуск {copy}, issue {number}."
            yield Document(id=f"{copy}-{number}", title=document.title, date=document.date, body=body)
            if number % 5 == 0:
                yield Document(id=f"{copy}-{number // 2}", body=f"{body} Исправлено.")


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of an index, but for the lock."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "write.lock"}


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "BATCH_CHARACTERS", 8_000)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of many batches, built by this process alone."""
    folder = tmp_path_factory.mktemp("one") / "ix"
    with pytest.MonkeyPatch.context() as patched, Index.create(folder) as index:
        patched.setattr(writer, "BATCH_CHARACTERS", 8_000)
        report = index.add(many_documents(6))
        assert report.updated > 10
        assert index.check().ok
    return folder


SLOW = pytest.mark.slow  # starting a process takes seconds


@pytest.mark.parametrize("workers", [2, pytest.param(3, marks=SLOW)])
def test_the_number_of_workers_changes_no_byte(built: Path, tmp_path: Path, workers: int) -> None:
    """Every file of the commit is the same, and nothing else is left in the folder."""
    with Index.create(tmp_path / "ix") as index:
        index.add(many_documents(6), workers=workers)
    assert files_of(tmp_path / "ix") == files_of(built)
    assert multiprocessing.active_children() == []


@SLOW
def test_workers_serve_an_index_in_memory(built: Path) -> None:
    """There is no folder for scratch files there."""
    index = Index.memory()
    index.add(many_documents(6), workers=2)
    with Index.open(built) as expected:
        assert list(index.documents()) == list(expected.documents())


def test_a_deletion_reaches_batches_that_are_at_work(tmp_path: Path) -> None:
    """What was just added can be deleted, replaced and found unchanged in the same commit."""
    documents = list(many_documents(4))
    with Index.create(tmp_path / "ix") as index:
        with index.writer(workers=2) as changes:
            changes.add(documents)
            assert changes.delete("0-3") == 1
            assert changes.delete("0-3") == 0
            before = changes.add(()).unchanged
            assert changes.add(documents[-1]).unchanged == before + 1
        assert index.get("0-3") is None
        assert len(index) == len({document.id for document in documents}) - 1


def test_few_documents_start_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One batch is built here: a process would take longer to start than it takes to build."""
    monkeypatch.setattr("wco_search.engine.batches.ProcessPoolExecutor", None)
    with Index.create(tmp_path / "ix") as index:
        assert index.add(sample_documents()[:5], workers=8).added == 5


@SLOW
def test_an_error_between_batches_undoes_all(tmp_path: Path) -> None:
    """The documents' own error comes out, the commit before it stands, no process and no scratch file is left."""

    def failing() -> Iterator[Document]:
        yield from many_documents(4)
        raise RuntimeError("the source broke off")

    with Index.create(tmp_path / "ix") as index:
        before = files_of(tmp_path / "ix")
        with pytest.raises(RuntimeError, match="broke off"):
            index.add(failing(), workers=2)
    assert files_of(tmp_path / "ix") == before
    assert multiprocessing.active_children() == []


def test_a_negative_number_of_workers_is_refused() -> None:
    """And the message says what there may be."""
    with pytest.raises(ValueError, match="or more, not -1"):
        Index.memory().add((), workers=-1)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="tells what memory is mapped from files")
def test_dropped_pages_are_read_again(tmp_path: Path) -> None:
    """Memory is given back, the values stay; arrays that are not mapped are left alone."""

    def shared_pages() -> int:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[2])

    numbers = np.arange(4_000_000)
    arrays = put_aside(tmp_path, {"numbers": numbers, "few": np.arange(3)}).take()
    assert np.array_equal(arrays["numbers"], numbers)
    before = shared_pages()
    drop_pages(arrays.values())
    drop_pages([numbers])
    assert (before - shared_pages()) * os.sysconf("SC_PAGE_SIZE") > numbers.nbytes * 0.9
    assert np.array_equal(arrays["numbers"], numbers)
    assert arrays["few"].tolist() == [0, 1, 2]


def test_what_a_killed_writer_put_aside_is_swept(tmp_path: Path) -> None:
    """Its scratch files go with the next commit; a reader does not mind them."""
    with Index.create(tmp_path / "ix") as index:
        aside = put_aside(tmp_path / "ix", {"numbers": np.arange(3)})
        assert aside.path is not None
        assert aside.path.exists()
        assert index.check().ok
        index.add(sample_documents()[0])
        assert not aside.path.exists()


SCRIPT = """
import sys
from wco_search import Document, Index
from wco_search.engine import writer

writer.BATCH_CHARACTERS = 20_000

def documents():
    for number in range(10**5):
        if number == {announced}:
            print("at work", flush=True)
        yield Document(id=str(number), body=f"Таможня изъяла груз {{number}}. " * 20)

if {guarded}:
    {before}
    Index.create(sys.argv[1]).add(documents(), workers=2)
"""


def start(folder: Path, *, announced: int = 400, guarded: str = '__name__ == "__main__"', before: str = "pass") -> Any:
    """A program that adds more documents than a test waits for."""
    script = folder / "program.py"
    script.write_text(SCRIPT.format(announced=announced, guarded=guarded, before=before), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(script), str(folder / "ix")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


def members(session: int) -> list[int]:
    """The living processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, own = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:  # it has just ended
            continue
        if int(own) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=SLOW)])
def test_no_process_outlives_its_writer(tmp_path: Path, how: signal.Signals) -> None:
    """Ctrl-C, which a terminal sends to all of them, and a kill of the writer alone."""
    # What a shell starts in the background ignores Ctrl-C, and so do the programs that it starts.
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    with start(tmp_path, before=listening) as program:
        assert program.stdout.readline() == "at work\n"
        assert len(members(program.pid)) >= 3
        if how is signal.SIGINT:
            os.killpg(program.pid, how)
        else:
            program.send_signal(how)
        errors = program.communicate(timeout=60)[1]
        assert program.returncode != 0
        # A worker that is still importing has not learnt to leave Ctrl-C to its parent: it may tell of that as well.
        assert errors.count("Traceback") == errors.count("\nKeyboardInterrupt")
    deadline = time.monotonic() + 30
    while members(program.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with Index.open(tmp_path / "ix") as index:
        assert len(index) == 0


@SLOW
def test_the_error_of_a_worker_comes_out_as_it_was(tmp_path: Path) -> None:
    """Here files may not grow: the worker that meets the limit fails, and its error is the caller's."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))"
    with start(tmp_path, announced=-1, before=limit) as program:
        errors = program.communicate(timeout=60)[1]
    assert errors.splitlines()[-1].startswith("OSError: ")
    assert sorted(path.name for path in (tmp_path / "ix").iterdir()) == ["manifest-0000000000.json", "write.lock"]


@SLOW
def test_a_program_that_starts_itself_again_is_told_what_to_do(tmp_path: Path) -> None:
    """Without the guard each worker would add the documents itself; multiprocessing forbids it, we say the remedy."""
    guarded = '__name__ == "__main__" or sys.exit()'
    with start(tmp_path, announced=-1, guarded=guarded) as program:
        errors = program.communicate(timeout=60)[1]
    assert f"{WorkerDiedError.__name__}: a worker process ended" in errors
    assert "__main__" in errors.splitlines()[-1]
