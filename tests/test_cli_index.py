"""The command `index` inside this process: reports, options, problems, locks, and the real page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from rich.progress import Progress

from tests.conftest import SHARED_DATA
from tests.test_cli import Outcome, Run, lines_of, make_run, news_file
from wco_search import Index, IndexExistsError, IndexLockedError
from wco_search.analysis import default_analyzer
from wco_search.cli import ExitCode
from wco_search.cli.options import TYPES
from wco_search.cli.progress import FileMeter, ReadingColumn
from wco_search.readers import read


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in an empty folder and an English locale."""
    return make_run(capsys, monkeypatch, tmp_path)


def test_indexing_tells_what_became_of_the_documents_and_where_they_are(run: Run, tmp_path: Path) -> None:
    """The same page twice adds nothing, a changed document replaces the old one; indexes/newsroom is the default."""
    page = news_file(tmp_path, "Испанская таможня изъяла окаменелости.", "Guinea launched a single window.")
    first = run("index", page)
    assert first.code == ExitCode.FOUND
    assert first.out == "2 added, 0 updated, 0 unchanged, 0 skipped\ndocuments in indexes/newsroom: 2\n"
    assert first.err == "search them: wco-search search WORDS --index indexes/newsroom\n"
    assert run("index", page).out.startswith("0 added, 0 updated, 2 unchanged, 0 skipped\n")
    page.write_text(lines_of({"id": "a", "body": "Draft."}), encoding="utf-8")
    run("index", page)
    page.write_text(lines_of({"id": "a", "body": "Final."}), encoding="utf-8")
    assert run("index", page).out.startswith("0 added, 1 updated, 0 unchanged, 0 skipped\n")


def test_indexing_reports_in_russian_where_the_locale_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report, the place and the hint are translated; what to type is not."""
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    outcome = run("index", news_file(tmp_path, "Таможня Гвинеи."), "--into", "мой архив")
    assert outcome.out == "добавлено 1, обновлено 0, без изменений 0, пропущено 0\nдокументов в мой архив: 1\n"
    assert outcome.err == "искать в них: wco-search search СЛОВА --index 'мой архив'\n"


def test_indexing_reports_as_json(run: Run, tmp_path: Path) -> None:
    """The report for programs has the same facts, and the hint for people is left out."""
    page = news_file(tmp_path, "Operation Corsair.", section="enforcement")
    page.write_text(page.read_text(encoding="utf-8") + "{\n", encoding="utf-8")
    outcome = run("index", page, "--json")
    problem = outcome.data["problems"][0]
    assert outcome.data == {
        "added": 1,
        "updated": 0,
        "unchanged": 0,
        "skipped": 1,
        "problems": [problem],
        "undeclared": {"section": 1},
        "alerts": [],
        "documents": 1,
        "path": "indexes/newsroom",
    }
    assert problem.startswith(f"{page}:2: not valid JSON")
    assert problem in outcome.err


def test_quiet_says_nothing_but_problems(run: Run, tmp_path: Path) -> None:
    """A job that runs every night writes only what somebody must read."""
    assert run("index", news_file(tmp_path, "Operation Corsair."), "-q") == Outcome(ExitCode.FOUND, "", "")
    (tmp_path / "bad.jsonl").write_text("{\n", encoding="utf-8")
    assert "bad.jsonl:1: not valid JSON" in run("index", "bad.jsonl", "--quiet").err


def test_the_first_twenty_problems_are_listed_and_the_rest_counted(run: Run, tmp_path: Path) -> None:
    """A file of garbage does not fill the screen, and the good records in it are added."""
    page = news_file(tmp_path, "Operation Corsair.")
    page.write_text(page.read_text(encoding="utf-8") + "{\n" * 25, encoding="utf-8")
    outcome = run("index", page)
    assert outcome.code == ExitCode.FOUND
    assert outcome.out.startswith("1 added, 0 updated, 0 unchanged, 25 skipped\n")
    told = outcome.err.splitlines()
    assert [line.startswith(f"{page}:{number}: ") for number, line in enumerate(told[:20], 2)] == [True] * 20
    assert told[20] == "and 5 more"


def test_input_without_a_single_document_ends_with_2(run: Run, tmp_path: Path) -> None:
    """Somebody who named the wrong file should not be told that all is well."""
    (tmp_path / "image.png").write_bytes(bytes(range(256)))
    outcome = run("index", "image.png")
    assert outcome.code == ExitCode.BAD_INPUT
    assert "image.png: not a format I know" in outcome.err


def test_strict_commits_nothing_when_a_record_is_bad(run: Run, tmp_path: Path) -> None:
    """The first problem is the one message, and what was read before it is not kept."""
    page = news_file(tmp_path, "Operation Corsair.")
    run("index", page)
    page.write_text(lines_of({"body": "Fresh news."}) + "{\n", encoding="utf-8")
    outcome = run("index", page, "--strict")
    assert (outcome.code, outcome.out) == (ExitCode.BAD_INPUT, "")
    assert outcome.err.startswith(f"wco-search: {page}:2: not valid JSON")
    assert run("stats", "indexes/newsroom", "--json").data["documents"] == 1


def test_metadata_is_declared_once_and_an_index_keeps_its_fields(run: Run, tmp_path: Path) -> None:
    """Every type can be declared; the same command runs again, another declaration is refused."""
    values = {"str": "enforcement", "list": ["ports"], "int": 7, "float": 0.5, "bool": True, "date": "2020-10-30"}
    page = news_file(tmp_path, "Operation Corsair.", **{f"my_{name}": value for name, value in values.items()})
    declared = [part for name in TYPES for part in ("--metadata", f"my_{name}:{name}")]
    assert run("index", page, *declared).err.startswith("search them")
    assert run("index", page, *declared).out.startswith("0 added, 0 updated, 1 unchanged")
    refused = run("index", page, "--metadata", "my_int:str")
    assert refused.code == ExitCode.BAD_INPUT
    assert "has no my_int: keyword" in refused.err
    found = run("search", "corsair", "--filter", "my_int:7", "--json").data
    assert found["hits"][0]["document"]["metadata"] == {f"my_{name}": value for name, value in values.items()}


def test_metadata_without_a_field_is_told_with_the_remedy(run: Run, tmp_path: Path) -> None:
    """Nothing is lost silently: the fields, in how many documents, and what to type to have them."""
    page = news_file(tmp_path, "Operation Corsair.", "Single window.", section="trade")
    outcome = run("index", page)
    assert outcome.out.startswith("2 added, 0 updated, 0 unchanged, 0 skipped\n")
    assert "section (2)" in outcome.err
    assert "--metadata=section:str" in outcome.err
    assert "left out" not in run("index", page, "--into", "other", "--metadata=section:str").err


def test_options_of_reading_reach_the_reader(run: Run, tmp_path: Path) -> None:
    """Columns, encoding, format, source and language are what the reader gets."""
    text = "article_text;day\nТаможня Гвинеи запустила единое окно;30.10.2020\n"
    (tmp_path / "dump").write_bytes(text.encode("koi8_r"))
    run(
        *("index", "dump", "--format", "csv", "--encoding", "koi8_r", "--columns", "body=article_text"),
        *("--columns", "date=day", "--source", "WCO", "--language", "uk"),
    )
    document = run("search", "окна", "--json").data["hits"][0]["document"]
    assert (document["body"], document["date"]) == ("Таможня Гвинеи запустила единое окно", "2020-10-30")
    assert (document["source"], document["language"]) == ("WCO", "uk")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--format", "docx"], "format 'docx' is unknown"),
        (["--encoding", "koi9"], "encoding 'koi9' is unknown"),
        (["--columns", "text=body"], "'text' is no field"),
    ],
)
def test_values_that_the_reader_refuses_are_wrong_usage(run: Run, tmp_path: Path, args: list[str], told: str) -> None:
    """They are told like every other wrong option, before an index is made."""
    outcome = run("index", news_file(tmp_path, "Operation Corsair."), *args)
    assert outcome.code == ExitCode.BAD_INPUT
    assert told in outcome.err
    assert not Path("indexes").exists()


def test_a_path_without_anything_makes_no_index(run: Run) -> None:
    """A slip of the pen in the path leaves nothing behind."""
    outcome = run("index", "octobr-2020.txt")
    assert outcome == Outcome(ExitCode.BAD_INPUT, "", "wco-search: octobr-2020.txt: no such file or folder\n")
    assert not Path("indexes").exists()


def test_standard_input_is_read(run: Run) -> None:
    """`-` takes what another command writes, and recognises its format."""
    page = "30 октября 2020\nOperation Corsair stopped the smuggling of fossils.\nread more\n"
    assert run("index", "-", stdin=page).out.startswith("1 added")
    assert run("search", "fossil", "--json").data["hits"][0]["document"]["date"] == "2020-10-30"


def test_a_folder_that_is_no_index_is_refused(run: Run, tmp_path: Path) -> None:
    """Files of others are not mixed with an index."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "port.jpg").write_bytes(b"x")
    outcome = run("index", news_file(tmp_path, "Operation Corsair."), "--into", "photos")
    assert outcome.code == ExitCode.BAD_INPUT
    assert "the folder is not empty (it has 'port.jpg')" in outcome.err


def test_an_index_that_another_writer_holds_ends_with_4(run: Run, tmp_path: Path) -> None:
    """The holder is named, and nothing is added."""
    page = news_file(tmp_path, "Operation Corsair.")
    with Index.create(tmp_path / "busy") as index, index.writer():
        outcome = run("index", page, "--into", "busy", "--timeout", "0")
    assert (outcome.code, outcome.out) == (ExitCode.LOCKED, "")
    assert outcome.err.startswith("wco-search: busy: ")
    assert run("index", page, "--into", "busy").out.startswith("1 added")


@pytest.mark.parametrize("hindrance", [IndexExistsError("new"), None], ids=["made already", "being made"])
def test_two_processes_may_make_the_same_index(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hindrance: Exception | None
) -> None:
    """The later one adds to the index that the earlier one has made in the meantime."""
    create = Index.create.__func__  # type: ignore[attr-defined]
    tries: list[Path] = []

    def create_late(cls: type[Index], path: Path, /, **options: Any) -> Index:
        tries.append(path)
        if len(tries) > 1:
            return create(cls, path, **options)  # type: ignore[no-any-return]
        if hindrance is None:
            raise IndexLockedError(path, holder_pid=1, held_s=0.1, waited_s=0.0)
        create(cls, path, **options)
        raise hindrance

    monkeypatch.setattr(Index, "create", classmethod(create_late))
    outcome = run("index", news_file(tmp_path, "Operation Corsair."), "--into", "new")
    assert outcome.out == "1 added, 0 updated, 0 unchanged, 0 skipped\ndocuments in new: 1\n"
    assert len(tries) == (1 if hindrance else 2)


def test_an_index_being_made_for_too_long_ends_with_4(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting for the other process has the same end as waiting for its commit."""

    def refuse(path: Path, **_: Any) -> Index:
        raise IndexLockedError(path, holder_pid=1, held_s=9.0, waited_s=0.0)

    monkeypatch.setattr(Index, "create", refuse)
    outcome = run("index", news_file(tmp_path, "Operation Corsair."), "--into", "new", "--timeout", "0.05")
    assert outcome.code == ExitCode.LOCKED


def test_an_index_of_another_version_is_refused_with_the_remedy_that_works(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the command that brings the index up to date from its own text."""
    with monkeypatch.context() as older:
        older.setitem(default_analyzer().__dict__, "fingerprint", "recipe 0")
        run("index", news_file(tmp_path, "Operation Corsair stopped fossils."))
    refused = run("search", "fossil")
    assert refused.code == ExitCode.BAD_INPUT
    assert "`wco-search index --reanalyze --into indexes/newsroom`" in refused.err
    assert run("index", "--reanalyze", "--into", "indexes/newsroom").out == "documents in indexes/newsroom: 1\n"
    assert run("search", "fossil").code == ExitCode.FOUND
    again = run("index", "--reanalyze", "--json")
    assert again.data == {"reanalyzed": 1, "documents": 1, "path": "indexes/newsroom"}
    assert run("index", "--reanalyze", "-q") == Outcome(ExitCode.FOUND, "", "")


def test_the_meter_follows_the_files_that_are_being_read(tmp_path: Path) -> None:
    """Bytes behind us grow from file to file up to the total, which is known beforehand."""
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text(
            lines_of(*({"body": f"{name} {i} {'x' * 500}"} for i in range(2000))), encoding="utf-8"
        )
    meter = FileMeter([str(tmp_path)])
    assert meter.total == sum(path.stat().st_size for path in tmp_path.iterdir())
    seen = [meter.done() for number, _ in enumerate(read(tmp_path)) if number % 100 == 99]
    assert seen == sorted(seen)
    assert 0 < seen[0] < meter.total / 2 < seen[-1] <= meter.total
    assert FileMeter(["-"]).total == 0


def test_the_progress_line_tells_documents_rate_and_the_time_left(tmp_path: Path) -> None:
    """The time left for files, the time passed for standard input, and in the end that the index is being built."""
    reading = read(news_file(tmp_path, *(f"Item {number}: {'x' * 500}." for number in range(2000))))
    column = ReadingColumn(reading, FileMeter([str(tmp_path)]))
    unmeasured = ReadingColumn(reading, FileMeter(["-"]))
    clock = iter([0.0, *[4.0] * 10])
    bar = Progress(column, get_time=lambda: next(clock))
    bar.add_task("")
    documents = list(islice(reading, 1000))
    assert len(documents) == 1000
    assert re.fullmatch(r"documents: 1,000, 250/s, 0:00:0[1-5] left", column.render(bar.tasks[0]).plain)
    assert unmeasured.render(bar.tasks[0]).plain == "documents: 1,000, 250/s, 0:00:04"
    column.begin_commit()
    assert column.render(bar.tasks[0]).plain == "documents: 1,000, building the index"


# -- the real page


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Sequence[Path]]:
    """The real newsroom page."""
    pages = sorted((SHARED_DATA / "seed").glob("*.txt"))
    if not pages:
        pytest.skip("the real newsroom page is not there")
    yield pages


def test_the_real_newsroom_page_is_indexed_and_found(run: Run, newsroom: Sequence[Path]) -> None:
    """41 items; a Russian date finds four of them; any form of an English word finds Operation Corsair."""
    assert run("index", *newsroom).out.startswith("41 added, 0 updated, 0 unchanged, 0 skipped\n")
    assert run("index", *newsroom).out.startswith("0 added, 0 updated, 41 unchanged, 0 skipped\n")
    dated = run("search", 'дата:"30 октября 2020"', "--json").data
    assert dated["total"] == 4
    assert {date.fromisoformat(hit["document"]["date"]) for hit in dated["hits"]} == {date(2020, 10, 30)}
    for query in ("fossils", "fossil", "smuggling of fossils"):
        assert "codenamed Corsair" in run("search", query, "--json").data["hits"][0]["document"]["body"]


# -- absorb


def test_indexes_are_absorbed_into_a_new_one_with_the_fields_of_the_first(run: Run, tmp_path: Path) -> None:
    """And into one that is there; a document replaces the one with its id."""
    page = news_file(tmp_path, "Operation Corsair.", "Fossils.", section="ports")
    for part in ("1", "2"):
        run("index", page, "--into", part, "--metadata", "section:str")
        page.write_text(lines_of({"id": "a", "body": "Draft.", "section": "law"}), encoding="utf-8")
    outcome = run("absorb", "1", "2", "--into", "all")
    assert outcome.code == ExitCode.FOUND
    assert outcome.out == "3 added, 0 updated, 0 unchanged, 0 skipped\ndocuments in all: 3\n"
    again = run("absorb", "2", "--into", "all", "--json").data
    assert {name: again[name] for name in ("added", "updated", "documents", "path")} == {
        "added": 0,
        "updated": 1,
        "documents": 3,
        "path": "all",
    }
    with Index.open("all") as whole:
        assert [one.metadata["section"] for one in whole.documents()] == ["ports", "ports", "law"]
        assert whole.check().ok


def test_what_cannot_be_absorbed_changes_nothing(run: Run, tmp_path: Path) -> None:
    """No such index, other fields, damage: told as by every command."""
    page = news_file(tmp_path, "Operation Corsair.")
    run("index", page, "--into", "all")
    run("index", page, "--into", "other", "--metadata", "section:str")
    run("index", page, "--into", "damaged")
    (segment,) = Path("damaged").glob("segment-*")
    segment.write_bytes(segment.read_bytes()[:-1] + b"x")
    for part, code, message in (
        ("absent", ExitCode.BAD_INPUT, "no such folder"),
        ("other", ExitCode.BAD_INPUT, "has the fields section: keyword, not (none)"),
        ("damaged", ExitCode.DAMAGED, "does not fit its checksum"),
    ):
        outcome = run("absorb", part, "--into", "all")
        assert (outcome.code, outcome.out) == (code, "")
        assert message in outcome.err
    assert run("stats", "all", "--json").data["generation"] == 1
