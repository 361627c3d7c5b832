"""Hostile and huge files: bounded memory, no waiting, nothing raised but `ReadError`."""

from __future__ import annotations

import gzip
import io
import os
import resource
import signal
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import wco_search.readers
from wco_search.documents import Document
from wco_search.errors import ReadError
from wco_search.readers import FORMATS, Reading, read, sources
from wco_search.readers.items import RECORD_LIMIT

DATA = Path(__file__).parent / "data" / "readers"
MEBIBYTE = 1024 * 1024

PROGRAM = """
import resource, sys
from wco_search.readers import read
list(read("small.jsonl"))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
reading = read(sys.argv[1])
count = sum(1 for document in reading)
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
print(grown, count, reading.skipped, reading.problems)
"""


def measured(folder: Path, name: str) -> tuple[int, int, int, str]:
    """MB that reading took in a process of its own, documents, records skipped, and the problems."""
    (folder / "small.jsonl").write_text('{"body": "А", "date": "2020-10-09"}', encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(wco_search.readers.__file__).parents[2])}
    environment.pop("COVERAGE_PROCESS_START", None)  # it takes memory of its own, and as much time again
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, name], capture_output=True, text=True, env=environment, cwd=folder, check=True
    )
    grown, count, skipped, problems = done.stdout.split(maxsplit=3)
    return int(grown), int(count), int(skipped), problems


@pytest.fixture
def deadline() -> Iterator[None]:
    """A test that hangs fails after a minute."""

    def fail(number: int, frame: FrameType | None) -> None:
        raise AssertionError("the reader hangs")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


# Memory.


def test_line_of_100_mb_is_not_held_in_memory(tmp_path: Path) -> None:
    """It is a problem, the lines around it are read, and the process grows by a fraction of it."""
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.write(b'{"body": "before"}\n{"body": "')
        for _ in range(100):
            file.write(b"x" * MEBIBYTE)
        file.write(b'"}\n{"body": "after"}\n')
    grown, count, skipped, problems = measured(tmp_path, "a.jsonl")
    assert (count, skipped) == (2, 1)
    assert "line=2, reason='a record of more than 16,777,216 characters" in problems
    assert grown < 60


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json", "a.jsonl.gz", "a.xml", "a.txt"])
def test_memory_does_not_grow_with_the_archive(tmp_path: Path, name: str) -> None:
    """40 MB of records, of every format that is read record by record."""
    text = "Customs stopped cargo. " * 400
    record = {
        ".jsonl": f'{{"body": "{text}"}}\n',
        ".csv": f"1,{text}\n",
        ".json": f'{{"body": "{text}"}},\n',
        ".gz": f'{{"body": "{text}"}}\n',
        ".xml": f"<item><description>{text}</description></item>\n",
        ".txt": f"30 октября 2020\n{text}\nread more\n",
    }[Path(name).suffix]
    first = {".csv": "id,body\n", ".json": "[\n", ".xml": "<rss><channel>"}.get(Path(name).suffix, "")
    last = {".json": '{"body": "end"}]', ".xml": "</channel></rss>"}.get(Path(name).suffix, "")
    count = 40 * MEBIBYTE // len(record)
    with (
        gzip.open(tmp_path / name, "wt", compresslevel=1)
        if name.endswith("gz")
        else (tmp_path / name).open("w") as file
    ):
        file.write(first)
        for number in range(count):
            file.write(record if number % 100 else record.replace("cargo", str(number)))
        file.write(last)
    grown, read_count, skipped, _ = measured(tmp_path, name)
    assert (read_count, skipped) == (count + (name == "a.json"), 0)
    assert grown < 30


@pytest.mark.parametrize("name", ["a.json", "a.txt", "a.xml"])
def test_whole_files_have_a_longest_length(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it they are to be written as JSONL."""
    for module in ("newsroom", "records", "feeds"):
        monkeypatch.setattr(f"wco_search.readers.{module}.WHOLE_FILE_LIMIT", MEBIBYTE)
    start = {"a.json": "[", "a.txt": "30 октября 2020\nГруз.\n", "a.xml": "<rss>"}[name]
    (tmp_path / name).write_text(start + " \n" * MEBIBYTE, encoding="utf-8")
    [problem] = [problem for reading in [read(tmp_path)] for problem in (list(reading), reading.problems)[1]]
    assert problem.reason == "longer than 1 MB; use JSONL, one record a line, which may have any length"


def test_packed_parquet_has_a_longest_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is unpacked to the disk as a whole."""
    monkeypatch.setattr(sources, "WHOLE_FILE_LIMIT", MEBIBYTE)
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress(os.urandom(2 * MEBIBYTE)))
    reading = read(tmp_path)
    assert list(reading) == []
    assert reading.problems[0].reason.startswith("longer than 1 MB")


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_one_document_has_a_longest_length(tmp_path: Path, name: str) -> None:
    """As any record."""
    (tmp_path / name).write_bytes(b"cargo \n" * (RECORD_LIMIT // 7 + 10))
    reading = read(tmp_path)
    assert list(reading) == []
    assert reading.problems[0].reason == "one document of more than 16,777,216 characters; split it"


def test_newsroom_item_of_too_many_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A problem at its date; the other items are read."""
    monkeypatch.setattr("wco_search.readers.newsroom.RECORD_LIMIT", 100)
    long = "Груз.\n" * 50
    (tmp_path / "a.txt").write_text(f"30 октября 2020\n{long}read more\n29 октября 2020\nСклад.\n", encoding="utf-8")
    reading = read(tmp_path)
    assert [document.body for document in reading] == ["Склад."]
    assert [(problem.line, problem.reason[:25]) for problem in reading.problems] == [(1, "a record of more than 16,")]


def test_newsroom_line_too_long(tmp_path: Path) -> None:
    """No page has one; reading of the file ends."""
    (tmp_path / "a.txt").write_bytes("30 октября 2020\nГруз.\nread more\n".encode() + b"x" * (RECORD_LIMIT + 1))
    reading = read(tmp_path)
    assert len(list(reading)) == 1
    assert [problem.line for problem in reading.problems] == [4]


# Packed files.


def test_bomb_in_a_gz(tmp_path: Path, deadline: None) -> None:
    """A thousand bytes out of one: refused after the first 64 MB."""
    data = gzip.compress(b" " * 100 * MEBIBYTE)
    (tmp_path / "a.jsonl.gz").write_bytes(data)
    reading = read(tmp_path)
    assert list(reading) == []
    assert reading.problems[0].reason == "looks like a decompression bomb: more than 200 bytes out of each packed one"


def test_bomb_in_a_zip(tmp_path: Path, deadline: None) -> None:
    """In one member, or in many that are harmless each."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.jsonl", b" " * 100 * MEBIBYTE)
        for number in range(4):
            archive.writestr(f"{number}.jsonl", b" " * 20 * MEBIBYTE)
    reading = read(tmp_path)
    assert list(reading) == []
    found = [problem.reason.split(":")[0] for problem in reading.problems]
    assert found[0] == found[-1] == "looks like a decompression bomb"


def test_much_out_of_one_packed_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an end to it, whatever the ratio."""
    monkeypatch.setattr(sources, "UNPACKED_LIMIT", MEBIBYTE)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(os.urandom(2 * MEBIBYTE).hex().encode()))
    reading = read(tmp_path)
    assert list(reading) == []
    assert reading.problems[0].reason == "more than 1 MB when unpacked; unpack and split it"


def test_well_packed_archive_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Repetitive but honest: 30 bytes out of one, far beyond what is harmless anyway."""
    monkeypatch.setattr(sources, "INFLATION_FREE", 1000)
    lines = "".join(f'{{"body": "Customs stopped cargo number {number}."}}\n' for number in range(20_000))
    data = gzip.compress(lines.encode())
    assert len(lines) > 10 * len(data)
    (tmp_path / "a.jsonl.gz").write_bytes(data)
    assert sum(1 for _ in read(tmp_path, strict=True)) == 20_000


def test_zip_of_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, and measured before the directory is read."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20):
            archive.writestr(f"{number}.jsonl", '{"body": "А"}')
    monkeypatch.setattr(sources, "MEMBERS_LIMIT", 10)
    reading = read(path)
    assert list(reading) == [] and reading.problems[0].reason == "more than 10 members; split it"
    monkeypatch.setattr(sources, "_DIRECTORY_LIMIT", 100)
    reading = read(path)
    assert list(reading) == []
    assert reading.problems[0].reason == "damaged zip file: a directory of more than 10 members"


def test_zip_that_claims_a_huge_directory(tmp_path: Path) -> None:
    """It is not believed: the memory is not asked for."""
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 0x7FFFFFFF, 0, 0)
    (tmp_path / "a.zip").write_bytes(b"\0" * 100 + end)
    reading = read(tmp_path)
    assert list(reading) == [] and reading.problems[0].reason.startswith("damaged zip file: ")


# Anything at all.


def outcome(path: Path, **options: str) -> Reading:
    """Reads it; whatever is neither a document nor a problem fails the test."""
    reading = read(path, **options)  # type: ignore[arg-type]
    for document in reading:
        assert isinstance(document, Document)
    assert reading.read or reading.problems, "an unreadable file is told"
    return reading


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.binary(max_size=2000))
@example(data=b"\x1f\x8b\x08\x00")
@example(data=b"PAR1" + b"\0" * 40 + b"PAR1")
@settings(max_examples=60)
def test_random_bytes(tmp_path_factory: pytest.TempPathFactory, name: str, data: bytes) -> None:
    """As any format: documents or problems, nothing else."""
    path = tmp_path_factory.getbasetemp() / f"random-{name}"
    path.write_bytes(data)
    outcome(path, format=name)


FILES = [file for file in sorted(DATA.iterdir()) if file.suffix != ".txt"] + [DATA / "newsroom-ru.txt"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
@given(
    changes=st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=4), st.integers(0, 4)), min_size=1, max_size=8),
    keep=st.integers(1, 5000),
)
@settings(max_examples=60)
def test_damaged_files(
    tmp_path_factory: pytest.TempPathFactory, file: Path, changes: list[tuple[int, bytes, int]], keep: int
) -> None:
    """Good files with bytes changed, lost, put in, or cut off."""
    data = bytearray(file.read_bytes())
    for at, new, old in changes:
        place = at % len(data) if data else 0
        data[place : place + old] = new
    path = tmp_path_factory.getbasetemp() / f"damaged-{file.name}"
    path.write_bytes(data[:keep])
    outcome(path)


@pytest.mark.parametrize("kind", ["zip", "gz", "parquet"])
@given(changes=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=100)
def test_damaged_binary_files(
    tmp_path_factory: pytest.TempPathFactory, kind: str, changes: list[tuple[int, int]]
) -> None:
    """A flipped byte of an archive ends in documents or problems."""
    path = tmp_path_factory.getbasetemp() / {"zip": "d.zip", "gz": "d.csv.gz", "parquet": "d.parquet"}[kind]
    data = bytearray(binary(kind))
    for at, value in changes:
        data[at % len(data)] = value
    path.write_bytes(data)
    outcome(path)


def binary(kind: str) -> bytes:
    """A good file of that kind."""
    text = (DATA / "news.csv").read_bytes()
    out = io.BytesIO()
    if kind == "gz":
        return gzip.compress(text, mtime=0)
    if kind == "zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("таможня/a.csv", text)
            archive.writestr("b.jsonl", (DATA / "news.jsonl").read_bytes())
        return out.getvalue()
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pa.table({"body": ["Груз", "Склад"], "date": ["2020-10-09", ""]}), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", "<a " + "x='1' " * 200_000 + ">Груз</a>"),
        ("a.html", "<p>" * 200_000 + "Груз"),
        ("a.html", "<!--" * 200_000),
        ("a.html", "".join(f"<p><i>{n % 28 + 1}.10.2020</i> Груз {n}.</p>" for n in range(20_000))),
        ("a.xml", "<?x " * 100_000),
        ("a.xml", "<!-- x -->" * 100_000 + "<rss/>"),
        ("a.md", "#" * 500_000),
        ("a.md", "# " + "x #" * 200_000),
        ("a.md", "---\n" + "a: b\n" * 100_000 + "---\n"),
        ("a.txt", "30 октября 2020\n" * 50_000),
        ("a.txt", "9" * 1_000_000),
        ("a.json", "[" + "1," * 50_000),
        ("a.json", '["' + '\\"' * 500_000),
        ("a.csv", "body," * 100_000),
        ("a.csv", 'body\n"' + '""' * 500_000),
    ],
    ids=lambda value: value[:12],
)
def test_texts_that_make_slow_parsers_slow(tmp_path: Path, deadline: None, name: str, text: str) -> None:
    """A megabyte of what costs the square of its length elsewhere."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    outcome(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 30


def test_strict_raises_nothing_but_read_errors(tmp_path: Path) -> None:
    """For every good file cut in two."""
    for file in DATA.iterdir():
        path = tmp_path / file.name
        path.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        try:
            list(read(path, strict=True))
        except ReadError as error:
            assert error.path == str(path)
