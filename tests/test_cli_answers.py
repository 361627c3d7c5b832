"""The command `search` for people who work with data: files of queries, Parquet, references."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.test_cli import Outcome, Run, make_archive, make_run
from wco_search import Index
from wco_search.cli import ExitCode

QUERIES = 'кость\tбивень слона\nnothing\tqwertyuiop\nwindow\t"единое окно"\n'


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in an empty folder, with a file of queries, and an English locale."""
    (tmp_path / "queries.tsv").write_text(QUERIES, encoding="utf-8")
    return make_run(capsys, monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the sample archive, with its metadata."""
    return make_archive(tmp_path_factory.mktemp("cli") / "archive")


def asked(run: Run, archive: Path, *args: str | Path, stdin: str | None = None) -> Outcome:
    """The file of queries, or standard input, two hits each."""
    source = "-" if stdin else "queries.tsv"
    return run("search", "--queries", source, "--index", archive, "--limit", "2", *args, stdin=stdin)


def test_a_file_of_queries_gives_one_table(run: Run, archive: Path) -> None:
    """The same hits in every form, as the library gives them."""
    queries = dict(line.split("\t") for line in QUERIES.splitlines())
    with Index.open(archive) as index:
        batch = index.search_many(queries, limit=2)
        expected = [(row["query"], str(row["total"]), row["id"] or "") for row in batch.rows()]
        whole = batch.to_dict()
    table = asked(run, archive, "--csv")
    assert (table.code, table.err) == (ExitCode.FOUND, "")
    rows = list(csv.DictReader(io.StringIO(table.out)))
    assert [(row["query"], row["total"], row["id"]) for row in rows] == expected
    lines = [json.loads(line) for line in asked(run, archive, "--nl").out.splitlines()]
    told = [(one["query"], str(one["total"]), one.get("document", {}).get("id", "")) for one in lines]
    assert told == expected
    data = asked(run, archive, "--json").data
    assert [(one["name"], one["hits"]) for one in data["queries"]] == [
        (one["name"], json.loads(json.dumps(one["hits"]))) for one in whole["queries"]
    ]


def test_a_file_of_queries_for_people(run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each query above what it found, also where that is nothing."""
    lines = asked(run, archive).out.splitlines()
    assert [line for line in lines if line in ("кость", "nothing", "window", "nothing found")] == [
        "кость",
        "nothing",
        "nothing found",
        "window",
    ]
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    assert "ничего не найдено" in asked(run, archive).out


def test_queries_from_standard_input_one_a_line(run: Run, archive: Path) -> None:
    """Blank lines are none, the same query may come twice, and a line of Windows has no more letters."""
    outcome = asked(run, archive, "--json", stdin="\ufeffбивень\r\n\r\nбивень\r\n")
    assert [one["name"] for one in outcome.data["queries"]] == ["бивень", "бивень"]
    nothing = asked(run, archive, "--csv", stdin="qwertyuiop\n")
    assert (nothing.code, len(nothing.out.splitlines())) == (ExitCode.NOTHING_FOUND, 2)


def test_warnings_of_all_queries_are_told_once(run: Run, archive: Path) -> None:
    """They have no place in a table."""
    outcome = asked(run, archive, "--csv", stdin="sorce:a\nsorce:a\n")
    assert outcome.err.count("sorce") == len([line for line in outcome.err.splitlines() if "sorce" in line]) == 1


BAD_FILES = [
    ("", "queries.tsv: there are no queries"),
    ("a\tx\na\ty\n", "queries.tsv:2: the name 'a' is there already"),
    (b"ok\n\xff\n", "queries.tsv:2: not UTF-8"),
    ("a\tfossils AND\n", "query 'a': "),
]


@pytest.mark.parametrize(("content", "told"), BAD_FILES)
def test_a_file_of_queries_that_is_none(run: Run, archive: Path, content: str | bytes, told: str) -> None:
    """One message that tells the line or the query, and exit code 2."""
    Path("queries.tsv").write_bytes(content if isinstance(content, bytes) else content.encode())
    outcome = asked(run, archive, "--csv", "--strict")
    assert (outcome.code, outcome.out) == (ExitCode.BAD_INPUT, "")
    assert told in outcome.err


def test_parquet_has_the_rows_of_csv(run: Run, archive: Path) -> None:
    """Typed, of one query or many; nothing is written to standard output."""
    parquet = pytest.importorskip("pyarrow.parquet")
    one = run("search", "seized", "--index", archive, "--parquet", "one.parquet")
    assert (one.code, one.out) == (ExitCode.FOUND, "")
    with Index.open(archive) as index:
        expected = index.search("seized").to_arrow()
    assert parquet.read_table("one.parquet").equals(expected)
    assert "table written in one.parquet" in one.err
    assert isinstance(expected["date"][0].as_py(), date)
    asked(run, archive, "--parquet", "many.parquet")
    assert parquet.read_table("many.parquet").column_names[:3] == ["query", "total", "rank"]
    none = run("search", "qwertyuiop", "--index", archive, "--parquet", "none.parquet")
    assert (none.code, parquet.read_table("none.parquet").num_rows) == (ExitCode.NOTHING_FOUND, 0)


def test_parquet_that_cannot_be_written(run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is not there, and a package that is not."""
    pytest.importorskip("pyarrow")
    outcome = run("search", "seized", "--index", archive, "--parquet", "no/such/folder.parquet")
    assert (outcome.code, "no/such/folder.parquet" in outcome.err) == (ExitCode.BAD_INPUT, True)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    missing = run("search", "seized", "--index", archive, "--parquet", "x.parquet")
    assert (missing.code, "wco-search[parquet]" in missing.err) == (ExitCode.BAD_INPUT, True)


def test_references(run: Run, archive: Path) -> None:
    """One a line in GOST, entries in BibTeX, with the day that was given."""
    gost = run("search", "тарбозавр", "--index", archive, "--cite", "gost", "--accessed", "2020-11-15")
    assert gost.code == ExitCode.FOUND
    assert gost.out.startswith(
        "Кости динозавра нашли среди садового камня [Электронный ресурс] // Таможенный вестник. 2023. 16 марта"
    )
    with Index.open(archive) as index:
        hits = index.search("тарбозавр")
        entries = "".join(f"{hit.cite('bibtex', accessed=date(2020, 11, 15))}\n" for hit in hits)
    bibtex = run("search", "тарбозавр", "--index", archive, "--cite", "bibtex", "--accessed", "15 ноября 2020")
    assert bibtex.out == entries
    assert len(gost.out.splitlines()) == len(hits)
    assert run("search", "qwertyuiop", "--index", archive, "--cite", "gost") == Outcome(ExitCode.NOTHING_FOUND, "", "")


def test_today_is_the_day_of_access(run: Run, tmp_path: Path) -> None:
    """Where none is given."""
    (tmp_path / "news.jsonl").write_text(
        '{"title": "Fossils", "body": "Fossils.", "url": "https://e.org/1"}\n', encoding="utf-8"
    )
    run("index", "news.jsonl", "--into", "ix")
    before = date.today()
    outcome = run("search", "fossils", "--index", "ix", "--cite", "bibtex")
    assert any(f"urldate = {{{day}}}" in outcome.out for day in (before, date.today()))
