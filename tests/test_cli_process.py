"""The terminal command as a process of its own: signals, pipes, terminals, locales, rights, other processes."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from wco_search import Document, Index, read
from wco_search.cli import ExitCode
from wco_search.sample import sample_path

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-m", "wco_search"]
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("LC_", "COV_", "WCO_"))},
    "PYTHONPATH": str(ROOT),
    "LANG": "C.UTF-8",
    "TERM": "xterm-256color",
}
for unwanted in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
    ENVIRONMENT.pop(unwanted, None)
PATIENCE_S = 60  # for what takes a second on an idle machine


def run(*args: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    environ = {**ENVIRONMENT, **options.pop("env", {})}
    streams = {"capture_output": True, "encoding": "utf-8", "timeout": PATIENCE_S, **options}
    return subprocess.run([*COMMAND, *map(str, args)], env=environ, check=False, **streams)


def run_on_terminal(*args: str | Path, columns: int = 60, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run the command with a terminal for all of its streams; gives its exit code and all that came to the screen."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    streams = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    process = subprocess.Popen([*COMMAND, *map(str, args)], env={**ENVIRONMENT, **(env or {})}, **streams)  # type: ignore[call-overload]
    os.close(terminal)
    screen = b"".join(iter(lambda: _read_terminal(controller), b""))
    os.close(controller)
    return process.wait(PATIENCE_S), screen.decode().replace("\r\n", "\n")


def _read_terminal(controller: int) -> bytes:
    try:
        return os.read(controller, 65536)
    except OSError as error:
        if error.errno != errno.EIO:  # Linux's way to say that the last writer has gone
            raise
        return b""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the sample archive."""
    folder = tmp_path_factory.mktemp("process") / "archive"
    with Index.create(folder, metadata={"section": str, "tags": list}) as index:
        index.add(read(sample_path()))
    return folder


def test_help_loads_nothing_heavy() -> None:
    """`--help` is there at once, because the library, its dictionaries and rich are not loaded for it."""
    heavy = ("numpy", "rich", "whoosh", "pymorphy3", "nltk", "lxml", "babel", "wco_search.index")
    code = f"import sys, wco_search.cli; print([name for name in {heavy} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, check=True)
    assert loaded.stdout == b"[]\n"


def test_index_then_search_with_files_pipes_and_exit_codes(tmp_path: Path) -> None:
    """The plain way through: standard input in, JSON out; found is 0, nothing is 1, wrong usage is 2."""
    page = "30 октября 2020\nOperation Corsair stopped the smuggling of fossils.\nread more\n"
    indexed = run("index", "-", "--into", "news", input=page, cwd=tmp_path)
    assert (indexed.returncode, indexed.stdout.splitlines()[0]) == (0, "1 added, 0 updated, 0 unchanged, 0 skipped")
    assert "\x1b" not in indexed.stdout + indexed.stderr  # no progress bar where no terminal is
    found = run("search", "fossil", 'дата:"30 октября 2020"', "--index", "news", "--json", cwd=tmp_path)
    assert (found.returncode, json.loads(found.stdout)["total"]) == (ExitCode.FOUND, 1)
    assert run("search", "биткойн", "--index", "news", cwd=tmp_path).returncode == ExitCode.NOTHING_FOUND
    assert run("search", "fossil", "--index", "elsewhere", cwd=tmp_path).returncode == ExitCode.BAD_INPUT


def test_a_damaged_index_ends_with_3(archive: Path, tmp_path: Path) -> None:
    """One message, no traceback."""
    folder = tmp_path / "damaged"
    shutil.copytree(archive, folder)
    for manifest in folder.glob("manifest-*.json"):
        manifest.write_text("{}", encoding="utf-8")
    outcome = run("search", "fossils", "--index", folder)
    assert outcome.returncode == ExitCode.DAMAGED
    assert outcome.stderr.startswith(f"wco-search: {folder}: damaged: ")
    assert "Traceback" not in outcome.stderr


def test_a_writer_waits_for_another_process_and_gives_up_with_4(tmp_path: Path) -> None:
    """The message names the process that holds the index."""
    with Index.create(tmp_path / "busy") as index, index.writer():
        outcome = run("index", sample_path(), "--into", tmp_path / "busy", "--timeout", "0.3")
    assert outcome.returncode == ExitCode.LOCKED
    assert str(os.getpid()) in outcome.stderr


def test_writers_queue_when_they_start_together_on_a_new_index(tmp_path: Path) -> None:
    """Nobody's documents are lost, and nobody fails."""
    processes = []
    for number in range(3):
        page = tmp_path / f"{number}.jsonl"
        page.write_text(
            "".join(json.dumps({"body": f"Item {number} {i}."}) + "\n" for i in range(50)), encoding="utf-8"
        )
        command = [*COMMAND, "index", str(page), "--into", str(tmp_path / "all"), "-q"]
        processes.append(subprocess.Popen(command, env=ENVIRONMENT))
    assert [process.wait(PATIENCE_S) for process in processes] == [0, 0, 0]
    with Index.open(tmp_path / "all") as index:
        assert (len(index), index.check().ok) == (150, True)


def test_ctrl_c_while_a_slow_input_is_read_leaves_the_last_commit(tmp_path: Path) -> None:
    """Documents that had already arrived are not half in: the index is what it was, and sound."""
    with Index.create(tmp_path / "index") as index:
        index.add(Document(id="old", body="Operation Corsair."))
    # In the background of a shell, where these tests may run, Ctrl-C is ignored and programs inherit that.
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = [sys.executable, "-c", f"{listening}; from wco_search.cli import main; main()"]
    command = [*program, "index", "-", "--format", "jsonl", "--into", str(tmp_path / "index")]
    process = subprocess.Popen(
        command, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin
    process.stdin.write(b"".join(b'{"body": "Item %d."}\n' % number for number in range(20_000)))
    process.stdin.flush()
    _wait_until_locked(tmp_path / "index", process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == ExitCode.INTERRUPTED
    assert (out, err) == (b"", b"wco-search: stopped; the last commit stands\n")
    with Index.open(tmp_path / "index") as index:
        assert [document.id for document in index.documents()] == ["old"]
        assert index.check().ok


def _wait_until_locked(folder: Path, pid: int) -> None:
    """Wait until process *pid* holds the write lock, and so is reading."""
    deadline = time.monotonic() + PATIENCE_S
    while not (folder / "write.lock").read_text(encoding="ascii").startswith(f"{pid} "):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_reader_that_has_enough_ends_the_command_without_a_word(archive: Path) -> None:
    """As with `| head -1`: by the signal of a broken pipe."""
    command = [*COMMAND, "search", "*", "--index", str(archive), "--limit", "64", "--nl"]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (-signal.SIGPIPE, b"")


def test_a_full_disk_is_told(archive: Path) -> None:
    """Output that is lost is a failure with one message."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        outcome = run("search", "fossils", "--index", archive, "--json", capture_output=False, stdout=full, stderr=-1)
    assert outcome.returncode == ExitCode.BAD_INPUT
    assert outcome.stderr == "wco-search: No space left on device; make room and run the command again\n"


def test_closed_streams_are_no_reason_to_fail(tmp_path: Path) -> None:
    """Jobs without a terminal may close all three."""
    command = f"{' '.join(COMMAND)} index {sample_path()} --into {tmp_path / 'index'} <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], env=ENVIRONMENT, check=False).returncode == 0
    with Index.open(tmp_path / "index") as index:
        assert (len(index), index.check().ok) == (64, True)


def test_an_index_without_the_right_to_write_is_searched_and_not_written(archive: Path, tmp_path: Path) -> None:
    """Searching takes no lock; indexing is refused in one message."""
    folder = tmp_path / "archive"
    shutil.copytree(archive, folder)
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = sorted(folder.rglob("*"))
    found = run("search", "fossils", "--index", folder, "--translate", "off", preexec_fn=_obey_modes_of_files)
    assert (found.returncode, found.stderr) == (0, "")
    page = '{"body": "Fresh news."}\n'
    refused = run("index", "-", "--into", folder, input=page, preexec_fn=_obey_modes_of_files)
    assert refused.returncode == ExitCode.BAD_INPUT
    assert refused.stderr.endswith("write.lock: Permission denied; check the rights of this user there\n")
    assert sorted(folder.rglob("*")) == before


def _obey_modes_of_files() -> None:
    """Give up root's right to write what nobody may write (capabilities(7)), as a test in a container has it."""
    drop_from_bounding_set, dac_override = 24, 1
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(drop_from_bounding_set, dac_override, 0, 0, 0)


def test_output_is_utf8_in_a_locale_that_knows_only_ascii(archive: Path) -> None:
    """Whatever the machine was set up for, letters come out right, and nothing crashes."""
    ascii_only = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    outcome = run("search", "бивень слона", "--index", archive, env=ascii_only)
    told = "understood: бивень = tusk, ivory; слона = elephant; бивень слона = elephant tusk\n"
    assert (outcome.returncode, outcome.stderr) == (0, told)
    assert "слоновой кости · Торговый обозреватель" in outcome.stdout


def test_messages_follow_the_locale_and_keys_do_not(archive: Path) -> None:
    """Words are Russian, data are the same."""
    russian = {"LANG": "ru_RU.UTF-8"}
    nothing = run("search", "биткойн", "--index", archive, env=russian)
    assert (nothing.returncode, nothing.stderr) == (ExitCode.NOTHING_FOUND, "ничего не найдено\n")
    stats = run("stats", archive, "--json", env=russian)
    assert json.loads(stats.stdout)["documents"] == 64


def test_a_terminal_gets_colours_and_its_own_width(archive: Path) -> None:
    """Marks are bold and yellow; no line is wider than the screen."""
    code, screen = run_on_terminal("search", "fossils", "--index", archive, columns=50)
    assert code == 0
    assert "\x1b[1;33mfossils\x1b[0m" in screen
    plain = re.sub(r"\x1b\[[\d;]*m", "", screen)
    assert max(map(len, plain.splitlines())) <= 50


def test_no_color_on_a_terminal_gives_plain_text(archive: Path) -> None:
    """As https://no-color.org asks."""
    code, screen = run_on_terminal("search", "fossils", "--index", archive, env={"NO_COLOR": "1"})
    assert code == 0
    assert "\x1b" not in screen


def test_progress_is_shown_on_a_terminal(tmp_path: Path) -> None:
    """Documents and rate, and the time left for a file; gone at the end, the report stays."""
    page = tmp_path / "news.jsonl"
    with page.open("w", encoding="utf-8") as lines:
        for number in range(3000):
            lines.write(
                json.dumps({"body": f"Item {number}: customs officers seized {number} crates of fossils."}) + "\n"
            )
    code, screen = run_on_terminal(
        "index", page, "--into", tmp_path / "index", env={"LANG": "ru_RU.UTF-8"}, columns=100
    )
    assert code == 0
    assert re.search(r"документов: [\d\xa0]+, ", screen)
    last = screen.rpartition("\x1b[2K")[2]
    assert "добавлено 3\xa0000, обновлено 0" in last
    quiet = run_on_terminal("index", page, "--into", tmp_path / "index", "-q")
    assert quiet == (0, "")


def test_demo_shows_its_queries_within_ten_seconds(tmp_path: Path) -> None:
    """In Russian here; its index is gone afterwards, and the last lines say how to go on."""
    started = time.monotonic()
    outcome = run("demo", cwd=tmp_path, env={"LANG": "ru_RU.UTF-8", "TMPDIR": str(tmp_path)})
    assert time.monotonic() - started < 10
    assert outcome.returncode == 0
    assert len(re.findall(r"^найдено: [1-9]", outcome.stdout, re.MULTILINE)) >= 5
    assert "wco-search index ФАЙЛЫ" in outcome.stdout.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_check_analyze_suggest_and_version_run(archive: Path) -> None:
    """The remaining commands as processes, one after the other in one shell."""
    script = " && ".join(
        f"{' '.join(COMMAND)} {command}"
        for command in (f"check {archive}", "analyze Изъятие", f"suggest Окамен --index {archive}", "--version")
    )
    outcome = subprocess.run(["sh", "-c", script], env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=False)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert outcome.stdout.startswith("no damage; documents checked: 64\n")
    assert "окаменелостями  1\nwco-search " in outcome.stdout


def test_the_build_script_builds_and_asks(tmp_path: Path) -> None:
    """With no page it takes the sample; again, it changes nothing; a wrong page is one message."""
    script = [sys.executable, str(ROOT / "indexes" / "build_newsroom.py")]

    def build(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*script, *args], env=ENVIRONMENT, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
        )

    first = build("--into", "index")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("64 added, 0 updated, 0 unchanged, 0 skipped\nindex: 64 documents\n")
    assert "\nконтрабанда окаменелостей: " in first.stdout
    assert "dinosaur *fossils*" in first.stdout
    (tmp_path / "more.jsonl").write_text('{"body": "Fresh news.", "views": 7}\n{\n', encoding="utf-8")
    second = build("more.jsonl", "--into", "index")
    assert second.stdout.startswith("1 added, 0 updated, 0 unchanged, 1 skipped\nindex: 65 documents\n")
    assert "more.jsonl:2: not valid JSON" in second.stderr
    assert "views: left out of 1 documents" in second.stderr
    wrong = build("none.txt", "--into", "index")
    assert (wrong.returncode, wrong.stderr) == (1, "build_newsroom: none.txt: no such file or folder\n")
