"""The terminal command inside this process: help, usage, smaller commands, failures, messages, hostile documents."""

from __future__ import annotations

import csv
import io
import json
import re
import string
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click
import pytest

from wco_search import Document, Index
from wco_search.archive import MAX_LIMIT
from wco_search.cli import ExitCode, cli
from wco_search.cli.commands.searching import MOST_HITS
from wco_search.cli.demo import STEPS
from wco_search.cli.messages import ENGLISH, RUSSIAN, Messages, format_count, messages_for
from wco_search.readers import read
from wco_search.sample import sample_path

METADATA = {"section": str, "tags": list, "views": int}
UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
HOSTILE = "fossils \x1b[2J\x07 from\x9b \u202eValencia"


@dataclass(frozen=True)
class Outcome:
    """How a run ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output read as JSON."""
        return json.loads(self.out)


Run = Callable[..., Outcome]


def make_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path) -> Run:
    """What runs the command in *folder* and an English locale."""
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "WCO_SEARCH_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.chdir(folder)

    def run(*args: str | Path, stdin: str | None = None) -> Outcome:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli([str(arg) for arg in args], prog_name="wco-search")
        written = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), written.out, written.err)

    return run


def make_archive(folder: Path) -> Path:
    """The index of the sample archive in *folder*, with its metadata."""
    with Index.create(folder, metadata=METADATA) as index:
        index.add(read(sample_path()))
    return folder


def lines_of(*records: dict[str, Any]) -> str:
    """Records as JSON Lines."""
    return "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records)


def news_file(folder: Path, *bodies: str, **common: Any) -> Path:
    """A JSONL file of documents with these texts."""
    path = folder / "news.jsonl"
    path.write_text(lines_of(*({"body": body, **common} for body in bodies)), encoding="utf-8")
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in an empty folder and an English locale."""
    return make_run(capsys, monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the sample archive, with its metadata."""
    return make_archive(tmp_path_factory.mktemp("cli") / "archive")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of one document all of whose fields try to drive the terminal."""
    folder = tmp_path_factory.mktemp("cli") / "hostile"
    document = Document(
        id=f"id\x1b]0;{HOSTILE}",
        title=HOSTILE,
        body=f"{HOSTILE}. Customs seized them.",
        url=f"https://example.org/{HOSTILE}",
        source=HOSTILE,
        metadata={"section": HOSTILE},
    )
    with Index.create(folder, metadata={"section": str}) as index:
        index.add(document)
    return folder


# -- help and usage


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_help_of_each_command_has_an_example_and_explains_every_option(run: Run, name: str) -> None:
    """`-h` and `--help` both work, show how to call the command, and leave no option without a word."""
    short, long = run(name, "-h"), run(name, "--help")
    assert short == long
    assert short.code == ExitCode.FOUND
    assert f"  wco-search {name}" in short.out
    options = [param for param in cli.commands[name].params if isinstance(param, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_the_main_help_tells_every_command_and_exit_code(run: Run) -> None:
    """Whoever writes a shell script finds the codes there."""
    text = run("--help").out
    assert all(f"\n  {name} " in text for name in cli.commands)
    assert [code for code in ExitCode if not re.search(rf"\n    {code.value} ", text)] == []


def test_version(run: Run) -> None:
    """The version is told alone on a line."""
    assert re.fullmatch(r"wco-search \S.*\n", run("--version").out)


WRONG_USAGE = [
    (["serach", "fossils"], "No such command"),
    (["index"], "PATH"),
    (["search"], "QUERY"),
    (["search", "fossils", "--limit", "10001"], "--limit"),
    (["search", "fossils", "--offset", "-1"], "--offset"),
    (["search", "fossils", "--json", "--csv"], "--json and --csv exclude each other"),
    (["search", "fossils", "--json", "--csv", "--nl"], "--json and --csv and --nl"),
    (["search", "fossils", "--offset", "5", "--after", "x"], "--offset and --after"),
    (["search", "fossils", "--csv", "--facet", "source"], "--csv and --facet"),
    (["search", "fossils", "--csv", "--explain"], "--csv and --explain"),
    (["search", "fossils", "--nl", "--facet", "source"], "--nl and --facet"),
    (["search", "fossils", "--csv", "--parquet", "x"], "--csv and --parquet"),
    (["search", "fossils", "--parquet", "x", "--facet", "source"], "--parquet and --facet"),
    (["search", "fossils", "--cite", "gost", "--json"], "--json and --cite"),
    (["search", "fossils", "--cite", "apa"], "gost"),
    (["search", "fossils", "--accessed", "2020-11-15"], "--accessed goes with --cite"),
    (["search", "fossils", "--cite", "gost", "--accessed", "soon"], "'soon' is not a day"),
    (["search", "fossils", "--queries", "x"], "QUERY and --queries"),
    (["search", "--queries", "x", "--after", "y"], "--queries and --after"),
    (["search", "--queries", "x", "--cite", "gost"], "--queries and --cite"),
    (["judge"], "FILE"),
    (["judge", "x", "--json", "--csv"], "--json and --csv"),
    (["judge", "x", "--against", "translate"], "option=value"),
    (["judge", "x", "--options", "limit=3"], "there is no option 'limit'"),
    (["judge", "x", "--against", "today=soon"], "'soon' is not a day"),
    (["index", "-", "--follow"], "standard input"),
    (["index", "x", "--every", "5"], "--every goes with --follow"),
    (["index", "x", "--changed", "--every", "5"], "--every goes with --follow"),
    (["index", "x", "--prune"], "--prune goes with"),
    (["index", "x", "--follow", "--every", "0"], "--every"),
    (["index", "--reanalyze", "--follow"], "--reanalyze and --follow"),
    (["index", "x", "--quiet", "--json"], "--quiet and --json"),
    (["index", "x", "--metadata", "section"], "name:type"),
    (["index", "x", "--metadata", "section:text"], "the types are str, list, int, float, bool, date"),
    (["index", "x", "--metadata", "date:date"], "a field of every document already"),
    (["index", "x", "--metadata", "views:int", "--metadata", "views:str"], "given twice"),
    (["index", "x", "--columns", "body"], "field=column"),
    (["index", "x", "--timeout", "-1"], "--timeout"),
    (["index", "x", "--reanalyze"], "--reanalyze and PATH"),
    (["index", "--reanalyze", "--metadata", "section:str"], "--reanalyze and --metadata"),
    (["index", "--reanalyze", "--encoding", "cp1251"], "--reanalyze and --encoding"),
]


@pytest.mark.parametrize(("args", "told"), WRONG_USAGE, ids=[" ".join(args) for args, _ in WRONG_USAGE])
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(run: Run, args: list[str], told: str) -> None:
    """Contradictions and impossible values are never guessed at, and nothing is made of them."""
    outcome = run(*args)
    assert (outcome.code, outcome.out) == (ExitCode.BAD_INPUT, "")
    assert told in outcome.err.replace("\n", " ")
    assert list(Path().iterdir()) == []


def test_limits_are_those_of_the_library() -> None:
    """They are repeated in the command, because importing the library would delay its help."""
    assert MOST_HITS == MAX_LIMIT


# -- documents do not drive the terminal


@pytest.mark.parametrize(
    "args",
    [
        ["search", "fossils"],
        ["search", "fossils", "--explain", "--facet", "section", "--facet", "source"],
        ["search", "fossils", "--json"],
        ["search", "fossils", "--nl"],
        ["search", f'section:"{HOSTILE}"'],
        ["suggest", "", "--json"],
        ["suggest", ""],
        ["analyze", HOSTILE],
        ["analyze", HOSTILE, "--json"],
    ],
    ids=lambda args: " ".join(args).encode("unicode_escape").decode(),
)
def test_control_characters_never_reach_the_terminal(run: Run, hostile: Path, args: list[str]) -> None:
    """Neither from any field of a document nor from the query."""
    index = [] if args[0] == "analyze" else ["--index", str(hostile)]
    outcome = run(*args, *index)
    assert outcome.code == ExitCode.FOUND
    assert UNSAFE.findall(outcome.out + outcome.err) == []


def test_json_keeps_control_characters_as_data(run: Run, hostile: Path) -> None:
    """Escaped, not lost."""
    document = run("search", "fossils", "--index", hostile, "--json").data["hits"][0]["document"]
    assert (document["title"], document["source"]) == (HOSTILE, HOSTILE)


def test_errors_do_not_drive_the_terminal(run: Run) -> None:
    """A path comes from somewhere, too."""
    outcome = run("index", f"news{HOSTILE}.txt")
    assert outcome.code == ExitCode.BAD_INPUT
    assert UNSAFE.findall(outcome.err) == []


def test_csv_keeps_the_letter_in_a_pipe_and_is_safe_on_a_terminal(
    run: Run, hostile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CSV has no escapes, so that it depends on who reads it."""
    piped = run("search", "fossils", "--index", hostile, "--csv").out
    assert next(csv.DictReader(io.StringIO(piped)))["title"] == HOSTILE
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True, raising=False)
    assert UNSAFE.findall(run("search", "fossils", "--index", hostile, "--csv").out) == []


# -- stats, check, analyze, suggest, demo


def test_stats_tell_the_facts_in_both_ways(run: Run, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON is `IndexStats.to_dict`; people read the same, in their language."""
    with Index.open(archive) as index:
        facts = index.stats().to_dict()
    assert run("stats", archive, "--json").data == facts
    shown = run("stats", archive).out
    assert re.search(r"^documents +64$", shown, re.MULTILINE)
    assert re.search(r"^languages +en 32, ru 32$", shown, re.MULTILINE)
    assert re.search(rf"^bytes +{format_count(facts['bytes'], ENGLISH)}$", shown, re.MULTILINE)
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert re.search(r"^документов +64$", run("stats", archive).out, re.MULTILINE)


def test_stats_of_an_empty_index(run: Run, tmp_path: Path) -> None:
    """No dates, no languages, no sources: a dash, not a fault."""
    Index.create(tmp_path / "empty").close()
    shown = run("stats", "empty").out
    assert re.search(r"^documents +0$", shown, re.MULTILINE)
    assert re.search(r"^dates +—$", shown, re.MULTILINE)


def test_a_sound_index_passes_the_check(run: Run, archive: Path) -> None:
    """For people and for programs."""
    assert run("check", archive) == Outcome(ExitCode.FOUND, "no damage; documents checked: 64\n", "")
    assert run("check", archive, "--json").data == {"ok": True, "documents": 64, "problems": []}


def _damaged(folder: Path, archive: Path, damage: Callable[[Path], None]) -> Path:
    with Index.open(archive) as index:
        index.copy(folder).close()
    damage(folder)
    return folder


def _overwrite_a_piece(folder: Path) -> None:
    largest = max(filter(Path.is_file, folder.rglob("*")), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    middle = slice(len(content) // 2, len(content) // 2 + 200)
    content[middle] = bytes(byte ^ 0xFF for byte in content[middle])
    largest.write_bytes(content)


def _cut_the_manifests(folder: Path) -> None:
    for manifest in folder.glob("manifest-*.json"):
        manifest.write_bytes(manifest.read_bytes()[:-20])


@pytest.mark.parametrize("damage", [_overwrite_a_piece, _cut_the_manifests])
def test_a_damaged_index_fails_the_check_with_3(
    run: Run, tmp_path: Path, archive: Path, damage: Callable[[Path], None]
) -> None:
    """Whether it can still be opened or not, there is a report, also as JSON."""
    folder = _damaged(tmp_path / "damaged", archive, damage)
    outcome = run("check", folder)
    assert outcome.code == ExitCode.DAMAGED
    assert outcome.out
    assert f"restore a copy of {folder}" in outcome.err
    report = run("check", folder, "--json")
    assert (report.code, report.data["ok"]) == (ExitCode.DAMAGED, False)
    assert report.data["problems"]


def _damage_the_last_segment(folder: Path) -> None:
    with Index.open(folder) as index:
        index.add(Document(id="late", body="Late fossils."))
    last = max(folder.glob("segment-*"))
    last.write_bytes(last.read_bytes()[:-1] + b"\xff")


def test_repair_keeps_the_rest_and_names_what_is_lost(run: Run, tmp_path: Path, archive: Path) -> None:
    """The ids to standard output, all else to standard error; a dry run changes nothing and ends with 3."""
    folder = _damaged(tmp_path / "damaged", archive, _damage_the_last_segment)
    plan = run("repair", folder, "--dry-run")
    assert (plan.code, plan.out) == (ExitCode.DAMAGED, "late\n")
    assert plan.err.endswith("nothing was changed\n")
    assert run("check", folder).code == ExitCode.DAMAGED
    outcome = run("repair", folder)
    assert (outcome.code, outcome.out) == (ExitCode.FOUND, "late\n")
    assert "documents kept: 64\ndocuments lost: 1\n" in outcome.err
    assert f"files put aside in {folder}/damaged: 2\n" in outcome.err
    assert run("check", folder).code == ExitCode.FOUND
    report = run("repair", folder, "--json")
    assert (report.code, report.data["problems"], report.data["documents"]) == (ExitCode.FOUND, [], 64)


def test_repair_of_a_sound_index_removes_what_killed_writers_left(run: Run, tmp_path: Path, archive: Path) -> None:
    """And tells how much."""
    folder = _damaged(tmp_path / "ix", archive, lambda made: None)
    (folder / "scratch-99999-0.npys").write_bytes(bytes(1234))
    removed = "files of killed writers removed: 1; bytes: 1,234\n"
    assert run("repair", folder) == Outcome(ExitCode.FOUND, "", f"documents kept: 64\n{removed}")


def test_ids_that_cannot_be_read_are_counted(run: Run, tmp_path: Path, archive: Path) -> None:
    """By the number that the manifest tells."""
    folder = _damaged(tmp_path / "damaged", archive, _damage_the_last_segment)
    max(folder.glob("segment-*")).write_bytes(b"")
    outcome = run("repair", folder)
    assert outcome.out == ""
    assert "documents whose ids cannot be read: 1\n" in outcome.err


def test_nothing_whole_ends_with_3(run: Run, tmp_path: Path, archive: Path) -> None:
    """And is left as it was."""
    folder = _damaged(tmp_path / "damaged", archive, _cut_the_manifests)
    outcome = run("repair", folder)
    assert (outcome.code, outcome.out) == (ExitCode.DAMAGED, "")
    assert "nothing in it is whole" in outcome.err


def test_a_search_in_an_index_beyond_opening_ends_with_3(run: Run, tmp_path: Path, archive: Path) -> None:
    """The message tells what to do."""
    folder = _damaged(tmp_path / "damaged", archive, _cut_the_manifests)
    outcome = run("search", "fossils", "--index", folder)
    assert (outcome.code, outcome.out) == (ExitCode.DAMAGED, "")
    assert f"see `wco-search check {folder}`" in outcome.err


def test_analyze_shows_the_way_from_text_to_terms(run: Run) -> None:
    """A row a token: Russian with its lemma, English, a code with its parts and its whole."""
    text = ("окаменелостей", "из", "fossils,", "HSC/66")
    rows = [line.split() for line in run("analyze", *text).out.splitlines()]
    assert rows[1] == ["окаменелостей", "word", "окаменелостей", "ru", "окаменелость", "окаменел", "0"]
    assert rows[2][-3:] == ["2", "stop", "word"] or rows[2][-2:] == ["stop", "word"]
    data = run("analyze", *text, "--json").data
    assert data["text"] == "окаменелостей из fossils, HSC/66"
    assert [token["surface"] for token in data["tokens"]] == ["окаменелостей", "из", "fossils", "HSC", "66", "HSC/66"]
    assert sorted(data["tokens"][0]) == [
        *("end", "form", "kind", "language", "lemmas", "position", "start", "stop_word", "surface", "terms"),
    ]


def test_analyze_of_no_words_says_so(run: Run) -> None:
    """An empty table would look like a fault."""
    assert run("analyze", "…!") == Outcome(ExitCode.FOUND, "", "there are no words in this text\n")


def test_suggest_completes_words_of_the_index(run: Run, archive: Path) -> None:
    """The most frequent first; none is told like an empty search."""
    data = run("suggest", "Окамен", "--index", archive, "--json").data
    assert data["prefix"] == "Окамен"
    assert data["suggestions"] == [{"text": "окаменелостями", "count": 1}]
    assert run("suggest", "Окамен", "--index", archive).out == "окаменелостями  1\n"
    assert len(run("suggest", "", "--index", archive, "--limit", "4").out.splitlines()) == 4
    nothing = run("suggest", "щщщ", "--index", archive)
    assert nothing == Outcome(ExitCode.NOTHING_FOUND, "", "no word of the index begins with “щщщ”\n")
    assert run("suggest", "щщщ", "--index", archive, "--json").code == ExitCode.NOTHING_FOUND


def test_demo_keeps_its_index_where_it_is_told(run: Run) -> None:
    """Every query of it finds something, and the commands that it shows work."""
    outcome = run("demo", "--into", "indexes/demo")
    assert outcome.code == ExitCode.FOUND
    assert [step.command("indexes/demo") in outcome.out for step in STEPS] == [True] * len(STEPS)
    assert len(re.findall(r"^\d+ found in", outcome.out, re.MULTILINE)) == len(STEPS)
    assert "stays in indexes/demo" in outcome.out
    assert run("search", STEPS[0].query, "--index", "indexes/demo").code == ExitCode.FOUND
    assert run("demo", "--into", "indexes/demo", "--no-color").code == ExitCode.FOUND


# -- failures


def test_a_bug_shows_its_traceback(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not expected is not dressed up as a message."""

    def fail(_: Path, **__: Any) -> Index:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Index, "open", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        cli(["search", "fossils", "--index", str(archive)], prog_name="wco-search")


def test_an_interruption_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In either language."""

    def interrupt(_: Path, **__: Any) -> Index:
        raise KeyboardInterrupt

    monkeypatch.setattr(Index, "open", interrupt)
    outcome = run("search", "fossils")
    assert outcome == Outcome(ExitCode.INTERRUPTED, "", "wco-search: stopped; the last commit stands\n")
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    assert run("search", "fossils").err == "wco-search: остановлено; последнее сохранение цело\n"


def test_the_operating_system_is_quoted(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the path and, where there is one, the remedy."""

    def refuse(_: Path, **__: Any) -> Index:
        raise PermissionError(13, "Permission denied", str(tmp_path / "index"))

    monkeypatch.setattr(Index, "open", refuse)
    told = f"wco-search: {tmp_path}/index: Permission denied; check the rights of this user there\n"
    assert run("search", "fossils") == Outcome(ExitCode.BAD_INPUT, "", told)


# -- messages


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("name", [field.name for field in fields(Messages)])
def test_each_message_is_complete_in_both_languages(name: str) -> None:
    """The same facts go into both, and the Russian one is Russian unless it has no words."""
    english, russian = getattr(ENGLISH, name), getattr(RUSSIAN, name)
    assert english
    assert _placeholders(english) == _placeholders(russian)
    words = re.sub(r"\{\w+\}", "", russian)
    assert re.search("[а-яё]", words, re.IGNORECASE) or not re.search(r"\w", words)


LOCALES = [
    ({}, ENGLISH),
    ({"LANG": "C.UTF-8"}, ENGLISH),
    ({"LANG": "ru_RU.UTF-8"}, RUSSIAN),
    ({"LANG": "ru"}, RUSSIAN),
    ({"LC_MESSAGES": "ru_RU", "LANG": "en_GB.UTF-8"}, RUSSIAN),
    ({"LC_ALL": "C", "LC_MESSAGES": "ru_RU", "LANG": "ru_RU"}, ENGLISH),
    ({"LC_ALL": "", "LANG": "ru_RU.KOI8-R"}, RUSSIAN),
    ({"LANG": "run_BI.UTF-8"}, ENGLISH),
]


@pytest.mark.parametrize(("environ", "messages"), LOCALES, ids=[str(environ) for environ, _ in LOCALES])
def test_the_locale_chooses_the_language(environ: dict[str, str], messages: Messages) -> None:
    """As POSIX orders the variables; `run` is Rundi."""
    assert messages_for(environ) is messages
