"""`read`: which files a path means, what is inside archives, and the account of what could not be read."""

from __future__ import annotations

import gzip
import io
import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import wco_search.readers
from wco_search.documents import Document
from wco_search.errors import ReadError
from wco_search.readers import FORMATS, Reading, ReadProblem, read
from wco_search.readers.reading import PROBLEMS_KEPT, SUFFIXES

DATA = Path(__file__).parent / "data" / "readers"
TEXT = "30 октября 2020\nТаможня задержала груз.\nread more\n"
LINE = '{"body": "Таможня задержала груз."}\n'


def jsonl(*bodies: str) -> str:
    """Records with these bodies."""
    return "".join(f'{{"body": "{body}"}}\n' for body in bodies)


def bodies(documents: Iterable[Document]) -> list[str]:
    """The texts in their order."""
    return [document.body for document in documents]


def reasons(reading: Reading) -> dict[str, str]:
    """The reason of the problem of each file, once all has been read."""
    list(reading)
    return {problem.path: problem.reason for problem in reading.problems}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive of a few files in the current folder, with the names of the files as texts."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "news/2020/b.jsonl",
        "news/2020/a.jsonl",
        "news/2019/z.jsonl",
        "news/c.jsonl",
        "d.jsonl",
        "news/[1].jsonl",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(jsonl(name), encoding="utf-8")
    for name in ("news/.hidden.jsonl", "news/.cache/x.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(jsonl("hidden"), encoding="utf-8")
    return tmp_path


# Paths.


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("d.jsonl", ["d.jsonl"]),
        ("./d.jsonl", ["d.jsonl"]),
        ("news", ["news/2019/z.jsonl", "news/2020/a.jsonl", "news/2020/b.jsonl", "news/[1].jsonl", "news/c.jsonl"]),
        ("news/2020/", ["news/2020/a.jsonl", "news/2020/b.jsonl"]),
        ("news/2020/*", ["news/2020/a.jsonl", "news/2020/b.jsonl"]),
        ("news/20*", ["news/2019/z.jsonl", "news/2020/a.jsonl", "news/2020/b.jsonl"]),
        ("news/*/?.jsonl", ["news/2019/z.jsonl", "news/2020/a.jsonl", "news/2020/b.jsonl"]),
        ("*/c.jsonl", ["news/c.jsonl"]),
        ("**/[ab].jsonl", ["news/2020/a.jsonl", "news/2020/b.jsonl"]),
        ("**/2020/**", ["news/2020/a.jsonl", "news/2020/b.jsonl"]),
        ("news/**/c.jsonl", ["news/c.jsonl"]),
        ("./*.jsonl", ["d.jsonl"]),
        ("news/[1].jsonl", ["news/[1].jsonl"]),
        (["d.jsonl", Path("news/2019")], ["d.jsonl", "news/2019/z.jsonl"]),
    ],
    ids=str,
)
def test_what_a_path_means(folder: Path, path: str, names: list[str]) -> None:
    """Files, folders with all below them, patterns; always in the order of names, never hidden files."""
    assert bodies(read(path, strict=True)) == names


def test_absolute_patterns(folder: Path) -> None:
    """From anywhere."""
    assert bodies(read(f"{folder}/news/*/a.jsonl", strict=True)) == ["news/2020/a.jsonl"]


def test_whole_current_folder(folder: Path) -> None:
    """`.` and `**` are the same files."""
    assert bodies(read(".", strict=True)) == bodies(read("**", strict=True)) == bodies(read(folder, strict=True))
    assert len(bodies(read("."))) == 6


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("new.jsonl", "no such file or folder"),
        ("nowhere/x", "no such file or folder"),
        ("", "no such file or folder"),
        ("news\0", "no such file or folder"),
        ("news/*.txt", "no file matches this pattern"),
        ("nowhere/*.txt", "no file matches this pattern"),
        ("news/**/*.txt", "no file matches this pattern"),
        ("broken", "no such file or folder"),
    ],
)
def test_nothing_at_a_path_is_raised_at_once(folder: Path, path: str, reason: str) -> None:
    """A typo must not read as an empty archive, even where other paths are right."""
    (folder / "broken").symlink_to("nowhere")
    with pytest.raises(ReadError) as caught:
        read(["d.jsonl", path])
    assert (caught.value.path, caught.value.reason) == (path, reason)


def test_folder_without_files_is_a_problem(tmp_path: Path) -> None:
    """So is one with hidden files only."""
    (tmp_path / ".hidden.txt").write_text(TEXT, encoding="utf-8")
    assert reasons(read(tmp_path)) == {str(tmp_path): "no files in this folder"}


def test_wrong_arguments() -> None:
    """They are raised before anything is read."""
    with pytest.raises(ValueError, match="no paths to read"):
        read([])
    with pytest.raises(ValueError, match="format 'pdf' is unknown; it is one of: newsroom, text"):
        read(DATA, format="pdf")
    with pytest.raises(ValueError, match="columns: 'text' is no field of a document; those are: id, title"):
        read(DATA, columns={"text": "body"})
    with pytest.raises(TypeError, match="columns: the column for 'body' must be a string, not int"):
        read(DATA, columns={"body": 2})  # type: ignore[dict-item]
    for encoding in ("cp12510", "hex", "utf\0"):
        with pytest.raises(ValueError, match="is unknown to Python"):
            read(DATA, encoding=encoding)
    with pytest.raises(TypeError, match="a path must be str or Path, not bytes"):
        read([b"news"])  # type: ignore[list-item]


def test_links(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Inside the folder they are followed once, in circles too; out of it they are not, and that is said."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.jsonl").write_text(jsonl("secret"), encoding="utf-8")
    links = {"a-link.jsonl": "2020/a.jsonl", "circle": "..", "again": "2020", "out": str(outside), "self": "self"}
    for name, target in links.items():
        (folder / "news" / name).symlink_to(target)
    (folder / "news" / "secret.jsonl").symlink_to(outside / "secret.jsonl")
    reading = read("news")
    assert bodies(reading) == [
        "news/2019/z.jsonl",
        "news/2020/a.jsonl",
        "news/2020/b.jsonl",
        "news/[1].jsonl",
        "news/2020/a.jsonl",
        "news/c.jsonl",
    ]
    refused = "a link that leads out of the folder is not followed; name its target itself"
    assert {problem.path: problem.reason for problem in reading.problems} == {
        "news/circle": refused,
        "news/out": refused,
        "news/secret.jsonl": refused,
        "news/self": "a broken link",
    }


def test_link_in_a_circle_inside_the_folder(folder: Path) -> None:
    """A folder that holds itself is read once."""
    (folder / "news" / "2020" / "news").symlink_to(folder / "news")
    assert len(bodies(read("news", strict=True))) == 5
    assert len(bodies(read("news/**/*.jsonl", strict=True))) == 5


def test_link_named_by_itself_is_followed(folder: Path) -> None:
    """The user said so."""
    (folder / "link").symlink_to("news/2020")
    assert len(bodies(read("link", strict=True))) == 2


@pytest.mark.parametrize("pattern", [".", "pipe.jsonl", "socket.jsonl"])
def test_pipes_and_sockets_are_not_waited_for(folder: Path, pattern: str) -> None:
    """A pipe that nobody writes to would hang for ever."""
    os.mkfifo("pipe.jsonl")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.jsonl")
        found = reasons(read(pattern))
    assert set(found) == ({"pipe.jsonl", "socket.jsonl"} if pattern == "." else {pattern})
    assert set(found.values()) == {"a pipe or a device, not a file; pass its content to standard input (`-`)"}


def test_device_is_not_read() -> None:
    """It has no end."""
    assert reasons(read("/dev/zero", format="text"))["/dev/zero"].startswith("a pipe or a device")


def test_file_that_cannot_be_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is that of the operating system."""

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    assert reasons(read("d.jsonl")) == {"d.jsonl": "cannot be read: Permission denied"}


def test_file_that_cannot_be_read() -> None:
    """It opens and then fails, as a broken disk does."""
    path = "/proc/self/mem"
    if not Path(path).exists():
        pytest.skip("no /proc here")
    assert reasons(read(path, format="text")) == {path: "cannot be read: Input/output error"}


def test_folder_that_cannot_be_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are read."""
    iterdir = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:
        if path.name == "2019":
            raise PermissionError(13, "Permission denied", str(path))
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    reading = read("news")
    assert len(bodies(reading)) == 4
    assert reasons(reading) == {"news/2019": "cannot be read: Permission denied"}


def test_names_that_are_no_unicode(tmp_path: Path) -> None:
    """Old archives have names in KOI8-R."""
    path = os.fsdecode(os.fsencode(tmp_path) + "/груз.jsonl".encode("koi8_r"))
    Path(path).write_text(LINE, encoding="utf-8")
    assert len(bodies(read(tmp_path, strict=True))) == len(bodies(read(path, strict=True))) == 1


# Formats by name, by content, by word.


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_suffix_has_a_format(tmp_path: Path, suffix: str) -> None:
    """In capitals too: an empty file is told by its reader, not refused as unknown."""
    path = tmp_path / f"A{suffix.upper()}"
    path.write_bytes(b"")
    assert SUFFIXES[suffix] in FORMATS
    assert reasons(read(path)) == {str(path): "is empty"}


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.gz", "a.txt.bak", "jsonl"])
def test_unknown_formats(tmp_path: Path, name: str) -> None:
    """Named or met in a folder, they are a problem that says what to do; `format=` reads them."""
    path = tmp_path / name
    path.write_bytes(gzip.compress(LINE.encode()) if name.endswith(".gz") else LINE.encode())
    for where in (path, tmp_path):
        reading = read(where)
        [reason] = reasons(reading).values()
        assert reason.startswith("not a format I know; pass format=, one of: newsroom, text, markdown, html, feed")
        assert reading.skipped == 1
    with pytest.raises(ReadError, match="not a format I know"):
        list(read(path, strict=True))
    assert len(bodies(read(path, format="jsonl", strict=True))) == 1


def test_text_files_are_newsroom_pages_if_they_begin_like_one(tmp_path: Path) -> None:
    """And `format=` decides otherwise."""
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    assert bodies(read(path)) == ["Таможня задержала груз."]
    assert bodies(read(path, format="text")) == [TEXT.strip()]


STANDARD_INPUT = {
    "newsroom": TEXT,
    "text": "Таможня задержала груз.",
    "html": "<!DOCTYPE html>\n<p>Таможня задержала груз.</p>",
    "xhtml": "<?xml version='1.0'?>\n<html><body><p>Таможня задержала груз.</p></body></html>",
    "rss": "<!-- x -->\n<rss><channel><item><description>Таможня задержала груз.</description></item></channel></rss>",
    "atom": "<?xml version='1.0'?>\n<feed><entry><summary>Таможня задержала груз.</summary></entry></feed>",
    "piece of a page": "<div><p>Таможня задержала груз.</p></div>",
    "json array": '\ufeff [{"body": "Таможня задержала груз."}]',
    "json object": '{\n"body": "Таможня задержала груз."\n}',
    "jsonl": LINE + LINE,
    "csv": "Дата;Текст\n2020-10-09;Таможня задержала груз.",
}


@pytest.mark.parametrize("kind", STANDARD_INPUT)
@pytest.mark.parametrize("is_packed", [False, True])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, kind: str, is_packed: bool) -> None:
    """Its format is seen from how it begins, packed or not."""
    data = STANDARD_INPUT[kind].encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(data) if is_packed else data)))
    assert set(bodies(read("-", strict=True))) == {"Таможня задержала груз."}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04" + b"\0" * 99, "a zip file, which cannot be read from standard input; save it and pass its path"),
        (b"\x00\x01\x02\x03" * 9, "looks like binary data, not text; name its encoding if it is text after all"),
        (b"<?xml version='1.0'?>\n<urlset/>", "XML, but neither RSS nor Atom: its root is <urlset>"),
        (b"PAR1" + b"\0" * 99, "damaged Parquet file"),
        (b"\x1f\x8b\x08", "damaged: Compressed file ended before the end-of-stream marker was reached"),
    ],
)
def test_bad_standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes, reason: str) -> None:
    """Its path in messages is `-`."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert reasons(read("-"))["-"].startswith(reason)


def test_standard_input_with_a_format(monkeypatch: pytest.MonkeyPatch) -> None:
    """The word of the caller counts."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LINE.encode())))
    assert bodies(read("-", format="text")) == [LINE.strip()]


# Archives.


def pack(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Writes a zip file."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_every_format_in_gz_and_zip(tmp_path: Path) -> None:
    """The same documents as unpacked."""
    files = sorted(DATA.iterdir())
    plain = list(read(files, strict=True))
    packed = pack(tmp_path / "all.zip", {f"news/{file.name}": file.read_bytes() for file in files})
    for file in files:
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
    assert len(plain) > 20
    assert list(read(packed, strict=True)) == plain
    assert list(read([tmp_path / f"{file.name}.gz" for file in files], strict=True)) == plain


def test_parquet_in_gz(tmp_path: Path) -> None:
    """It is unpacked to a file, because it is read from its end."""
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pa.table({"body": ["Груз"]}), tmp_path / "a.parquet")
    (tmp_path / "b.parquet.gz").write_bytes(gzip.compress((tmp_path / "a.parquet").read_bytes()))
    assert bodies(read(tmp_path, strict=True)) == ["Груз", "Груз"]


def test_members_of_a_zip(tmp_path: Path) -> None:
    """In the order of the archive, packed ones too; hidden ones and folders are left out; each has its own label."""
    members = {
        "b.jsonl": jsonl("б").encode(),
        "a/": b"",
        "a/a.jsonl.gz": gzip.compress(jsonl("а").encode()),
        "__MACOSX/b.jsonl": b"junk",
        ".git/config.txt": b"junk",
        "bad.jsonl": b"{",
        "inner.zip": b"PK",
        "inner.zip.gz": b"PK",
        "photo.jpg": b"\xff",
    }
    path = pack(tmp_path / "a.zip", members)
    reading = read(path)
    assert bodies(reading) == ["б", "а"]
    nested = "an archive inside another one is not opened; unpack it first"
    found = reasons(reading)
    assert found.pop(f"{path}!photo.jpg").startswith("not a format I know")
    assert found == {
        f"{path}!bad.jsonl": "not valid JSON: Expecting property name enclosed in double quotes (column 2)",
        f"{path}!inner.zip": nested,
        f"{path}!inner.zip.gz": nested,
    }
    assert str(reading.problems[0]).startswith(f"{path}!bad.jsonl:1: not valid JSON")


def test_zip_without_files(tmp_path: Path) -> None:
    """It is told."""
    path = pack(tmp_path / "a.zip", {"a/": b""})
    assert reasons(read(path)) == {str(path): "no files in this archive"}


def test_refused_members(tmp_path: Path) -> None:
    """Encrypted ones, links, and methods that take memory at the file's word."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.jsonl")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "target")
        archive.writestr("lzma.jsonl", LINE, zipfile.ZIP_LZMA)
        archive.writestr("secret.jsonl", LINE)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 8] |= 1  # the flag of encryption
    path.write_bytes(data)
    assert reasons(read(path)) == {
        f"{path}!link.jsonl": "a link, not a file",
        f"{path}!lzma.jsonl": "packed by method 14; only plain and deflated members are read",
        f"{path}!secret.jsonl": "encrypted; unpack the archive first",
    }


def test_damaged_gz_gives_what_is_before_the_damage(tmp_path: Path) -> None:
    """Half a file is half an archive, and a problem."""
    lines = jsonl(*(f"груз {number} {number * 7919 % 1000}" for number in range(20_000)))
    path = tmp_path / "a.jsonl.gz"
    data = gzip.compress(lines.encode())
    path.write_bytes(data[: len(data) // 2])
    reading = read(path)
    assert 5_000 < len(bodies(reading)) < 15_000
    assert reading.problems[-1].reason == "damaged: Compressed file ended before the end-of-stream marker was reached"


@pytest.mark.parametrize("damage", ["cut", "flip", "directory", "not a zip"])
def test_damaged_zip_is_a_problem(tmp_path: Path, damage: str) -> None:
    """Never an exception of zipfile or zlib, and never a wrong text."""
    path = pack(tmp_path / "a.zip", {"a.jsonl": jsonl("а" * 500, "б" * 500).encode(), "b.jsonl": LINE.encode()})
    data = bytearray(path.read_bytes())
    changed = {
        "cut": data[:-30],
        "flip": data[:60] + bytes([data[60] ^ 0xFF]) + data[61:],
        "directory": data.replace(b"PK\x01\x02", b"PK\x01\x03"),
        "not a zip": b"PK nothing",
    }
    path.write_bytes(changed[damage])
    reading = read(path)
    assert set(bodies(reading)) <= {"а" * 500, "б" * 500, "Таможня задержала груз."}
    assert reading.problems and all("damaged" in problem.reason for problem in reading.problems)


# The account.


def test_counts_grow_while_reading(tmp_path: Path) -> None:
    """They tell how far it is."""
    path = tmp_path / "a.jsonl"
    path.write_text(jsonl("а") + "{\n" + jsonl("б"), encoding="utf-8")
    reading = read(path)
    assert (reading.read, reading.skipped, repr(reading)) == (0, 0, "<Reading: 0 read, 0 skipped>")
    assert next(reading).body == "а"
    assert (reading.read, reading.skipped) == (1, 0)
    assert next(reading).body == "б"
    assert (reading.read, reading.skipped, len(reading.problems), reading.problems_more) == (2, 1, 1, 0)
    assert list(reading) == []
    assert repr(reading) == "<Reading: 2 read, 1 skipped>"


def test_problems_beyond_the_limit_are_counted(tmp_path: Path) -> None:
    """A million bad lines must not fill the memory."""
    path = tmp_path / "a.jsonl"
    path.write_text("{\n" * (PROBLEMS_KEPT + 5), encoding="utf-8")
    reading = read(path)
    assert list(reading) == []
    assert (len(reading.problems), reading.problems_more, reading.skipped) == (PROBLEMS_KEPT, 5, PROBLEMS_KEPT + 5)


def test_strict_raises_the_first_problem_and_ends(tmp_path: Path) -> None:
    """With the same facts as the problem."""
    path = tmp_path / "a.jsonl"
    path.write_text(jsonl("а") + "{\n" + jsonl("б"), encoding="utf-8")
    reading = read(path, strict=True)
    assert next(reading).body == "а"
    with pytest.raises(ReadError) as caught:
        next(reading)
    assert (caught.value.path, caught.value.line) == (str(path), 2)
    assert list(reading) == [] and reading.skipped == 1


@pytest.mark.parametrize(
    ("problem", "text"),
    [(ReadProblem("a.csv", 7, "bad"), "a.csv:7: bad"), (ReadProblem("a.zip!b.txt", None, "bad"), "a.zip!b.txt: bad")],
)
def test_problems_as_text(problem: ReadProblem, text: str) -> None:
    """As compilers write them, so that editors find the place."""
    assert str(problem) == str(problem.to_error()) == text
    assert ReadProblem.from_error(problem.to_error()) == problem


def run(code: str) -> str:
    """What a program prints in a process of its own."""
    root = str(Path(wco_search.readers.__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root, "PYTHONHASHSEED": "random"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    return done.stdout


def test_ids_are_the_same_in_every_process() -> None:
    """Else reading a page twice would double it in an index."""
    code = f"from wco_search.readers import read\nprint([document.id for document in read({str(DATA)!r})])"
    here = [document.id for document in read(DATA)]
    assert run(code).strip() == run(code).strip() == str(here)
    assert len(set(here)) >= 20


def test_import_is_light() -> None:
    """Parsers are loaded when a file needs them."""
    code = (
        "import sys, wco_search.readers\nprint(sorted({'lxml', 'trafilatura', 'pyarrow', 'babel'} & set(sys.modules)))"
    )
    assert run(code).strip() == "[]"


def test_files_are_read_lazily(folder: Path) -> None:
    """The first document is there before the last file is looked at."""
    reading = read(["d.jsonl", "news/c.jsonl"])
    assert next(reading).body == "d.jsonl"
    (folder / "news" / "c.jsonl").write_text(jsonl("новое"), encoding="utf-8")
    assert bodies(reading) == ["новое"]
