"""The command `search` inside this process: queries, pages, and the four kinds of output."""

from __future__ import annotations

import csv
import io
import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.test_cli import Outcome, Run, make_archive, make_run, news_file
from wco_search import Index
from wco_search.cli import ExitCode


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in an empty folder and an English locale."""
    return make_run(capsys, monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the sample archive, with its metadata."""
    return make_archive(tmp_path_factory.mktemp("cli") / "archive")


FOUND_BY = [
    (["бивень", "слона"], ["sample-031", "sample-032"]),
    (["elephant", "tusk"], ["sample-031", "sample-032"]),
    (['"единое окно"'], ["sample-020"]),
    (['дата:"16 марта 2023"'], ["sample-004"]),
    (["контрабандист*", "И", "сигареты"], ["sample-063"]),
    (["--filter", "language:ru", "HSC/71"], ["sample-006"]),
    (["--sort", "date", "HSC/71"], ["sample-006", "sample-005"]),
    (["--sort", "+date", "HSC/71"], ["sample-005", "sample-006"]),
    (["--sort", "-language", "--sort", "+date", "HSC/71"], ["sample-006", "sample-005"]),
    (["--sort", "date", "--", "HSC/71", "-кольцах"], ["sample-005"]),
]


@pytest.mark.parametrize(("args", "ids"), FOUND_BY, ids=[" ".join(args) for args, _ in FOUND_BY])
def test_queries_find_their_documents(run: Run, archive: Path, args: list[str], ids: list[str]) -> None:
    """Words need no quotes around them all, and options work before and behind the query."""
    outcome = run("search", "--index", archive, "--json", *args)
    assert outcome.code == ExitCode.FOUND
    assert [hit["document"]["id"] for hit in outcome.data["hits"]] == ids


def test_json_is_what_the_library_gives(run: Run, archive: Path) -> None:
    """The keys are those of `Results.to_dict`, whatever the locale, and letters stay letters."""
    outcome = run("search", "таможня", "--index", archive, "--limit", "3", "--facet", "section", "--explain", "--json")
    with Index.open(archive) as index:
        expected = index.search("таможня", limit=3, facets=["section"], explain=True).to_dict()
    assert {**outcome.data, "took_s": 0} == {**json.loads(json.dumps(expected)), "took_s": 0}
    assert sorted(outcome.data) == [
        *("after", "facets", "hits", "interpretation", "query", "suggestion", "took_s", "total", "warnings"),
    ]
    assert sorted(outcome.data["hits"][0]) == ["document", "explanation", "rank", "score", "snippet"]
    assert "таможня" in outcome.out


def test_csv_reads_back_as_the_rows_of_the_library(run: Run, archive: Path) -> None:
    """One row a hit under a header; keywords joined by commas, as a list field takes them."""
    outcome = run("search", "seized", "--index", archive, "--csv")
    rows = list(csv.DictReader(io.StringIO(outcome.out)))
    with Index.open(archive) as index:
        expected = index.search("seized").rows()
    assert [row["id"] for row in rows] == [row["id"] for row in expected]
    assert [float(row["score"]) for row in rows] == [row["score"] for row in expected]
    assert [row["tags"].split(", ") for row in rows] == [list(row["tags"]) for row in expected]
    assert (rows[0]["date"], rows[0]["url"]) == (expected[0]["date"].isoformat(), "")


def test_csv_has_its_header_when_nothing_is_found(run: Run, archive: Path) -> None:
    """Programs read an empty table, not an empty file."""
    outcome = run("search", "биткойн", "--index", archive, "--csv")
    header = "rank,score,id,date,title,snippet,url,source,language,section,tags,views\n"
    assert outcome == Outcome(ExitCode.NOTHING_FOUND, header, "")


def test_lines_are_one_hit_each(run: Run, archive: Path) -> None:
    """`--nl` is for `jq`, `grep` and the like."""
    outcome = run("search", "seized", "--index", archive, "--nl")
    hits = [json.loads(line) for line in outcome.out.splitlines()]
    assert hits == run("search", "seized", "--index", archive, "--json").data["hits"]


def test_pages_follow_each_other_by_offset_and_by_cursor(run: Run, archive: Path) -> None:
    """Both ways give the whole ranking once, in order."""

    def page(*args: str) -> Any:
        return run("search", "customs", "--index", archive, "--limit", "9", "--json", *args).data

    whole = run("search", "customs", "--index", archive, "--limit", "100", "--json").data["hits"]
    assert len(whole) > 9
    by_cursor, by_offset = [], []
    after: str | None = ""
    while after is not None:
        found = page("--after", after) if after else page()
        by_cursor += found["hits"]
        after = found["after"]
    for offset in range(0, len(whole), 9):
        by_offset += page("--offset", str(offset))["hits"]
    assert by_cursor == by_offset == whole


def test_people_see_rank_date_title_source_and_snippet(run: Run, archive: Path) -> None:
    """Without a terminal there are no colours, and a line is never broken."""
    outcome = run("search", "окаменелость тарбозавра", "--index", archive, "--limit", "1")
    lines = outcome.out.splitlines()
    assert re.fullmatch(r"\d+ found in [\d.]+ ms", lines[0])
    assert re.fullmatch(
        r"  1\. [\d.]+  2023-03-16  Кости динозавра нашли среди садового камня · Таможенный вестник", lines[2]
    )
    assert re.match("    (… )?[А-Я]", lines[3])
    assert "окаменелостями" in lines[3]
    assert lines[4] == "    sample-004"
    assert len(lines) == 5


def test_warnings_meaning_and_the_next_page_are_told_beside_the_hits(run: Run, archive: Path) -> None:
    """Words go to standard error, so that a pipe gets hits alone."""
    outcome = run("search", "sorce:customs", "дата:2023", "--index", archive, "--limit", "2")
    assert "note: " in outcome.err
    assert "sorce" in outcome.err
    assert "дата:2023 = 2023-01-01..2023-12-31" in outcome.err
    assert re.search(r"\d+ more; the next page: --offset 2\n", outcome.err)
    assert "sorce" not in outcome.out
    exported = run("search", "sorce:customs", "--index", archive, "--limit", "2", "--nl")
    assert "note: " in exported.err


def test_facets_count_all_matches_and_explanations_add_up(run: Run, archive: Path) -> None:
    """Facets stand behind the hits, an explanation below its hit."""
    outcome = run("search", "HSC/71", "--index", archive, "--facet", "section", "--facet", "tags", "--explain")
    assert "\nsection: trade 2\n" in outcome.out
    assert "\ntags: classification 2, harmonized-system 2\n" in outcome.out
    assert re.search(r"\n    \d\.\d{4}  ", outcome.out)


def test_many_values_of_a_facet_are_cut(run: Run, archive: Path) -> None:
    """Fifteen of them are shown, the rest counted."""
    shown = run("search", "*", "--index", archive, "--limit", "0", "--facet", "tags").out
    values = shown.splitlines()[-1].removeprefix("tags: ").split(", ")
    assert len(values) == 16
    assert re.fullmatch(r"and \d+ more", values[-1])


@pytest.mark.parametrize(
    ("by", "bar"),
    [("day", "2023-03-16  1"), ("week", "2023-03-13  1"), ("month", "2023-04  1"), ("quarter", "2023-Q2  2")],
)
def test_a_timeline_is_bars(run: Run, archive: Path, by: str, bar: str) -> None:
    """A line a bucket, and the same in JSON; shares only where they are asked for."""
    args = ("search", "контрабанда", "--index", archive, "--limit", "0", "--timeline", by)
    shown = run(*args).out
    assert any(line.startswith(bar) and line.endswith("█") for line in shown.splitlines())
    timeline = run(*args, "--relative", "--json").data["timeline"]
    assert (timeline["by"], sum(bucket["count"] for bucket in timeline["buckets"])) == (by, 3)
    lines = [line for line in run(*args, "--relative").out.splitlines() if "%" in line]
    assert len({line.index("%") for line in lines}) == 1  # one below the other
    assert all("█" not in line or line.index("%") < line.index("█") for line in lines)


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("suggest", "cus", "--limit", "0"), "0 is not a whole number of 1 to 10000"),
        (("related", "customs", "--limit", "0"), "0 is not a whole number of 1 to 10000"),
        (("search", "customs", "--limit", "-1"), "-1 is not a whole number of 0 to 10000"),
        (("search", "customs", "--limit", "ten"), "ten is not a whole number of 0 to 10000"),
        (("search", "customs", "--offset", "-1"), "-1 is not a whole number of 0 or more"),
    ],
)
def test_a_number_out_of_bounds_is_told_with_them(run: Run, archive: Path, args: tuple[str, ...], told: str) -> None:
    """In words."""
    outcome = run(*args, "--index", archive)
    assert (outcome.code, told in outcome.err) == (ExitCode.BAD_INPUT, True)


def test_a_timeline_is_data(run: Run, archive: Path, tmp_path: Path) -> None:
    """The command `timeline` counts as `search --timeline` does, and writes every kind of data."""
    args = ("timeline", "контрабанда", "--index", archive, "--by", "quarter", "--relative")
    whole = run(*args, "--json").data
    searched = run("search", *args[1:4], "--timeline", "quarter", "--relative", "--json").data
    assert {name: whole[name] for name in ("by", "undated", "buckets")} == searched["timeline"]
    assert (whole["query"], whole["total"], whole["warnings"]) == ("контрабанда", searched["total"], [])
    rows = list(csv.DictReader(run(*args, "--csv").out.splitlines()))
    assert [row["start"] for row in rows] == [bucket["start"] for bucket in whole["buckets"]]
    assert [int(row["count"]) for row in rows] == [bucket["count"] for bucket in whole["buckets"]]
    assert rows[0]["query"] == whole["buckets"][0]["query"]
    assert [json.loads(line) for line in run(*args, "--nl").out.splitlines()] == whole["buckets"]
    if find_spec("pyarrow") is not None:
        assert run(*args, "--parquet", tmp_path / "t.parquet").code == 0
        assert (tmp_path / "t.parquet").read_bytes()[:4] == b"PAR1"
    shown = run(*args).out
    assert "3 found in " in shown and "█" in shown


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["биткойн"], ExitCode.NOTHING_FOUND),
        (["биткойн", "--csv"], ExitCode.NOTHING_FOUND),
        (["customs", "--csv", "--json"], ExitCode.BAD_INPUT),
        (["customs", "--by", "hour"], ExitCode.BAD_INPUT),
        (["customs", "--plot", "x.txt"], ExitCode.BAD_INPUT),
        ([], ExitCode.BAD_INPUT),
    ],
)
def test_a_timeline_of_nothing(run: Run, archive: Path, args: list[str], code: ExitCode) -> None:
    """Ends with 1 as a search does, wrong usage with 2."""
    assert run("timeline", *args, "--index", archive).code == code


def test_facets_are_limited_and_named_in_the_language_of_the_reader(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The locale decides about names; JSON has both."""
    args = ("search", "страна:Грузия", "--index", archive, "--limit", "0", "--facet", "country:1")
    assert "country: Georgia 6\n" in run(*args).out
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert "country: Грузия 6\n" in run(*args).out
    (count,) = run(*args, "--json").data["facets"]["country"]
    names = {"en": "Georgia", "ru": "Грузия"}
    assert count == {"value": "GE", "count": 6, "query": 'country:="GE"', "names": names}
    assert run(*args, "--filter", count["query"], "--json").data["total"] == 6


def test_recency_moves_newer_documents_up(run: Run, archive: Path) -> None:
    """And is explained."""
    args = ("search", "customs", "--index", archive, "--limit", "1", "--today", "2024-07-20", "--explain")
    assert "recency: 0.7 + 0.3 × 2^(-age / 30), age" in run(*args, "--recency", "30").out


@pytest.mark.parametrize(
    "args",
    [
        ["--facet", "country:x"],
        ["--relative"],
        ["--plot", "x.svg"],
        ["--timeline", "hour"],
        ["--recency", "0"],
        ["--recency", "nan"],
        ["--recency", "inf"],
        ["--timeline", "--csv"],
    ],
    ids=" ".join,
)
def test_options_that_make_no_sense_are_refused(run: Run, archive: Path, args: list[str]) -> None:
    """As wrong usage."""
    assert run("search", "customs", "--index", archive, *args).code == ExitCode.BAD_INPUT


@pytest.mark.parametrize("output", [[], ["--json"], ["--csv"], ["--nl"]])
def test_nothing_found_ends_with_1(run: Run, archive: Path, output: list[str]) -> None:
    """In every kind of output, so that a script can ask `if wco-search search …`."""
    assert run("search", "биткойн", "--index", archive, *output).code == ExitCode.NOTHING_FOUND


def test_nothing_found_is_said_to_people_beside_the_output(run: Run, archive: Path) -> None:
    """Standard output stays empty."""
    assert run("search", "биткойн", "--index", archive) == Outcome(ExitCode.NOTHING_FOUND, "", "nothing found\n")


@pytest.mark.parametrize("args", [["--limit", "0"], ["--offset", "60"]])
def test_a_page_without_hits_is_no_failure_while_documents_match(run: Run, archive: Path, args: list[str]) -> None:
    """The total is what counts."""
    outcome = run("search", "customs", "--translate", "off", "--index", archive, *args)
    assert outcome.code == ExitCode.FOUND
    assert re.match(r"\d+ found in", outcome.out)
    assert outcome.err == "none of them on this page\n"


def test_a_query_that_is_not_well_formed_is_refused_only_under_strict(run: Run, archive: Path) -> None:
    """The place is shown below the query."""
    assert run("search", "customs AND", "--index", archive).code == ExitCode.FOUND
    outcome = run("search", "customs AND", "--index", archive, "--strict")
    assert outcome.code == ExitCode.BAD_INPUT
    assert outcome.err.splitlines()[1:] == ["  customs AND", "          ^^^"]


BAD_SEARCHES = [
    (["--sort", "vievs"], "did you mean 'views'?"),
    (["--facet", "colour"], "no field 'colour'"),
    (["--after", "nonsense"], "the cursor cannot be used"),
]


@pytest.mark.parametrize(("args", "told"), BAD_SEARCHES)
def test_a_search_that_cannot_be_made_ends_with_2(run: Run, archive: Path, args: list[str], told: str) -> None:
    """The library's message is the command's."""
    outcome = run("search", "customs", "--index", archive, *args)
    assert (outcome.code, outcome.out) == (ExitCode.BAD_INPUT, "")
    assert outcome.err.startswith("wco-search: ")
    assert told in outcome.err


@pytest.mark.parametrize("command", [["search", "fossils"], ["suggest", "fos"], ["stats"], ["check"]])
def test_a_missing_index_is_told_with_the_command_that_builds_one(run: Run, command: list[str]) -> None:
    """Newcomers read how to begin."""
    outcome = run(*command)
    assert (outcome.code, outcome.out) == (ExitCode.BAD_INPUT, "")
    assert "`wco-search index FILES --into indexes/newsroom`" in outcome.err


def test_the_environment_names_another_default_index(
    run: Run, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All commands follow the variable; an option is stronger; an empty variable is none."""
    monkeypatch.setenv("WCO_SEARCH_INDEX", str(archive))
    assert run("search", "fossils").code == ExitCode.FOUND
    assert run("suggest", "fos").code == ExitCode.FOUND
    assert run("stats", "--json").data["documents"] == 64
    assert run("check").code == ExitCode.FOUND
    assert run("search", "fossils", "--index", tmp_path / "none").code == ExitCode.BAD_INPUT
    monkeypatch.setenv("WCO_SEARCH_INDEX", str(tmp_path / "mine"))
    assert "mine: 1\n" in run("index", news_file(tmp_path, "Operation Corsair.")).out
    monkeypatch.setenv("WCO_SEARCH_INDEX", "")
    assert "indexes/newsroom" in run("search", "fossils").err


@pytest.mark.parametrize(
    ("variable", "args", "has_colour"), [("", [], True), ("1", [], False), ("", ["--no-color"], False)]
)
def test_colours_obey_no_color(
    run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch, variable: str, args: list[str], has_colour: bool
) -> None:
    """Both the variable and the option give plain text, even where colours are forced."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", variable)
    out = run("search", "fossils", "--index", archive, *args).out
    assert ("\x1b[1;33mfossils\x1b[0m" in out) == has_colour
    assert ("\x1b" in out) == has_colour


def test_lines_are_as_wide_as_columns_say(run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text is broken between words and hangs below its beginning."""
    monkeypatch.setenv("COLUMNS", "40")
    lines = run("search", "seized", "--index", archive).out.splitlines()
    assert max(map(len, lines)) <= 40
    assert sum(line.startswith("    ") for line in lines) > 10
    assert not any(line.endswith(" ") for line in lines)


def test_bytes_that_are_no_utf8_are_a_legal_query(run: Run, archive: Path) -> None:
    """As any other string is; what cannot be shown is shown as U+FFFD."""
    outcome = run("search", "fossils\udcff", "бивень", "--index", archive, "--json")
    assert outcome.data["query"] == "fossils\ufffd бивень"


def test_a_misspelt_query_is_asked_back(run: Run, archive: Path) -> None:
    """However many documents the other words find."""
    outcome = run("search", "окаменелостяи", "--index", archive)
    assert "did you mean “окаменелостями”?" in outcome.err
    assert "did you mean" not in run("search", "таможня", "--index", archive).err
    many = run("search", "таможня окаменелостяим", "--index", archive)
    assert "did you mean “таможня окаменелостями”?" in many.err


def test_synonyms_come_from_a_file(run: Run, archive: Path, tmp_path: Path) -> None:
    """A fault in it is told with its line."""
    synonyms = tmp_path / "synonyms.txt"
    synonyms.write_text("зубище => бивень\n", encoding="utf-8")
    found = run("search", "зубище", "--index", archive, "--synonyms", synonyms, "--json").data
    assert found["interpretation"] == [{"kind": "synonym", "text": "зубище", "meaning": "бивень"}]
    assert found["total"] > 0
    synonyms.write_text("зубище\n", encoding="utf-8")
    refused = run("search", "зубище", "--index", archive, "--synonyms", synonyms)
    assert refused.code == ExitCode.BAD_INPUT
    assert f"{synonyms}:1: " in refused.err


def test_similar_and_related(run: Run, archive: Path) -> None:
    """Both as the library gives them; an id that is not there is told."""
    with Index.open(archive) as index:
        expected = [hit.document.id for hit in index.similar("sample-031", limit=3)]
        words = [word.text for word in index.related("таможня")]
    data = run("similar", "sample-031", "--index", archive, "--limit", "3", "--json").data
    assert [hit["document"]["id"] for hit in data["hits"]] == expected
    assert run("similar", "sample-031", "--index", archive).code == ExitCode.FOUND
    absent = run("similar", "nowhere", "--index", archive)
    assert absent.code == ExitCode.BAD_INPUT
    assert "nowhere" in absent.err
    outcome = run("related", "таможня", "--index", archive, "--json")
    assert [word["text"] for word in outcome.data["related"]] == words
    assert (outcome.code == ExitCode.FOUND) == bool(words)
    assert run("related", "щщщ", "--index", archive).code == ExitCode.NOTHING_FOUND
