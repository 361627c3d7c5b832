"""Dates in queries: beside the rest of the query language, in searches, and on the command line."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_cli import Run, make_run
from wco_search import CursorError, Document, Index
from wco_search.cli import ExitCode
from wco_search.query import leaves, parse

TODAY = dt.date(2020, 11, 15)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("workshop 19-23 October 2020", 'workshop AND date:"19-23 October 2020"'),
        ("workshop, 19-23 October 2020, Valencia", '(workshop OR Valencia) AND date:"19-23 October 2020"'),
        ("таможня с 28 сентября по 1 октября 2020 г.", 'таможня AND date:"с 28 сентября по 1 октября 2020 г."'),
        ("fossils yesterday", "fossils AND date:yesterday"),
        ("last week", 'date:"last week"'),
        ("вчера", "date:вчера"),
        ("(last week)", 'date:"last week"'),
        ("(вчера OR сегодня) fossils", "date:вчера OR date:сегодня OR fossils"),
        ("fossils OR last week", 'fossils OR date:"last week"'),
        ("fossils AND last week", 'fossils AND date:"last week"'),
        ("fossils NOT last week", 'fossils AND NOT date:"last week"'),
        ("fossils НЕ вчера", "fossils AND NOT date:вчера"),
        ("fossils -вчера", "fossils AND NOT date:вчера"),
        ("ископаемые май 2020 -июнь", 'ископаемые AND date:"май 2020" AND NOT июнь'),
        ("+fossils last week customs", '+fossils +date:"last week" customs'),
        ("fossils +вчера", "+date:вчера fossils"),
        ('fossils "last week"', 'fossils OR "last week"'),
        ("«на прошлой неделе»", '"на прошлой неделе"'),
        ("title:(last week)", "title:last OR title:week"),
        ("title:fossils last week", 'title:fossils AND date:"last week"'),
        ("source:WCO вчера", "source:WCO AND date:вчера"),
        ("дата:вчера", "date:вчера"),
        ("дата:на прошлой неделе таможня", 'таможня AND date:"на прошлой неделе"'),
        ("fossils date:30 октября 2020", 'fossils AND date:"30 октября 2020"'),
        ("date:2020 fossils", "fossils AND date:2020"),
        ("date:(may OR 5 june) fossils", 'fossils AND (date:may OR date:"5 june")'),
        ("date:2019..2020", "date:[2019 TO 2020]"),
        ("date:[вчера TO сегодня]", "date:[вчера TO сегодня]"),
        ("between 1 AND 5 May 2020", 'between OR 1 AND date:"5 May 2020"'),
        ("SEIZURES BETWEEN 1 AND 5 MAY 2020", 'SEIZURES AND date:"BETWEEN 1 AND 5 MAY 2020"'),
        ("fossils вчера 5 мая 2020", 'fossils AND (date:вчера OR date:"5 мая 2020")'),
        ("fossils 31 июня 2020", "fossils OR 31 OR июня OR 2020"),
        ("HSC/66 вчера 8.3 fossils", "(HSC/66 OR 8.3 OR fossils) AND date:вчера"),
    ],
)
def test_dates_beside_the_rest_of_the_language(text: str, tree: str) -> None:
    """A date is a value of the date field, wherever the language allows a word."""
    query = parse(text, dates=True).query
    assert query.to_text() == tree
    assert parse(query.to_text()).query == query


def test_dates_are_words_unless_asked_for() -> None:
    """`parse` alone takes none, so that what a tree writes reads back; nor where there is no date field."""
    assert parse("last week").query.to_text() == "last OR week"
    assert parse("last week", dates=True, fields=["title"]).query == parse("last week").query


def test_spans_show_what_was_taken() -> None:
    """In the text as typed, of the tree and of the list of dates."""
    text = "fossils  с 28 сентября по 1 октября 2020 г., Гвинея"
    parsed = parse(text, dates=True)
    assert [text[slice(*span)] for span in parsed.dates] == ["с 28 сентября по 1 октября 2020 г."]
    typed = [text[slice(*leaf.span)] for leaf in leaves(parsed.query)]
    assert typed == ["fossils", "Гвинея", "с 28 сентября по 1 октября 2020 г."]
    assert parse("title:x date:last week", dates=True).dates == ()


@given(st.one_of(st.text(), st.lists(st.sampled_from(
    'вчера last week 5 мая 2020 с по - .. ( ) " + - NOT AND title: date: дата: , ^2 ~ * \\ в Q1 31 июня [ TO ]'.split()
), max_size=12).map(" ".join)))  # fmt: skip
def test_every_text_is_a_query_with_dates_too(text: str) -> None:
    """Nothing raises, spans lie in the text, and the tree written as text is the same tree."""
    parsed = parse(text, dates=True)
    for start, end in parsed.dates:
        assert 0 <= start < end <= len(text)
    assert parse(parsed.query.to_text()).query == parsed.query


@pytest.mark.parametrize(
    "piece",
    ["конец ", "end of the ", "с ", "the ", "пт, ", "1 ", "1-", "may ", "2020-", "до с ", "5.", "октябрь, ", "5 мая, ",
     "вчера, ", "в пятницу и ", "before or after 5 May, "],
)  # fmt: skip
def test_hostile_texts_take_no_more_time(piece: str) -> None:
    """Every rule looks a few words ahead and no further, so the steps grow with the length."""
    counts = []
    for length in (1_600, 6_400):
        text = (piece * length)[:length] + " 5 мая 2020"
        steps = 0

        def count(frame: FrameType, event: str, argument: Any) -> None:
            nonlocal steps
            steps += 1

        sys.setprofile(count)
        try:
            parse(text, dates=True)
        finally:
            sys.setprofile(None)
        counts.append(steps)
    assert counts[1] < 6 * counts[0]


def test_texts_without_dates_read_as_ever_and_import_no_babel() -> None:
    """Babel takes a tenth of a second to import."""
    code = (
        "import sys; from wco_search.query import parse\n"
        "for text in ('fossils in Valencia', 'market 2020', 'HSC/66', 'this is may', 'с 1С 8.3 по 2.10', 'mayor 5'):\n"
        "    assert parse(text, dates=True) == parse(text), text\n"
        "assert 'babel' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Searches


@pytest.fixture(scope="module")
def archive() -> Index:
    """Five documents of which one speaks of another day than its own."""
    return Index.memory([
        Document(id="september", body="Customs seized fossils.", date=dt.date(2020, 9, 30)),
        Document(id="october", body="Workshop on fossils, 19-23 October 2020.", date=dt.date(2020, 10, 30)),
        Document(id="sunday", body="Customs seized timber and fossils.", date=dt.date(2020, 11, 8)),
        Document(id="yesterday", body="Таможня изъяла окаменелости.", date=dt.date(2020, 11, 14)),
        Document(id="undated", body="Fossils of last week."),
    ])  # fmt: skip


def ids(index: Index, query: str, **options: object) -> list[str]:
    """Ids of the hits, sorted."""
    plain: dict[str, Any] = {"today": TODAY, "translate": "off", **options}
    return sorted(hit.document.id for hit in index.search(query, **plain))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("fossils last week", ["sunday"]),
        ("last week", ["sunday"]),
        ("вчера", ["yesterday"]),
        ("дата:вчера", ["yesterday"]),
        ('date:"last week"', ["sunday"]),
        ('date:["last week" TO вчера]', ["sunday", "yesterday"]),
        ('date:{"last week" TO *]', ["yesterday"]),
        ("date:>=вчера", ["yesterday"]),
        ("fossils с 28 сентября по 1 октября 2020 г.", ["september"]),
        ("customs after October 2020", ["sunday"]),
        ("customs до октября 2020 года", ["september"]),
        ("fossils осень 2020", ["october", "september", "sunday"]),
        ("fossils NOT осень 2020", ["undated"]),
        ("за последние 60 дней", ["october", "september", "sunday", "yesterday"]),
        ("workshop 19-23 October 2020", ["october"]),  # which speaks of these days
        ("fossils 19-23 October 2020", ["october"]),
        ("fossils 8-9 ноября 2020", ["sunday"]),
        ("fossils autumn 1999", ["october", "september", "sunday", "undated"]),  # of which the archive has nothing
        ("autumn 1999", []),
        ('workshop "19-23 October 2020"', ["october"]),
        ('"last week"', ["undated"]),
        ("fossils 31 июня", ["october", "september", "sunday", "undated"]),
    ],
)
def test_dates_narrow_the_other_words(archive: Index, query: str, found: list[str]) -> None:
    """To the days that documents are of; quotes search the words."""
    assert ids(archive, query) == found


@pytest.mark.parametrize(
    ("query", "word", "name"),
    [
        ("fossils за две недели до 5 ноября 2020", "недели", "ноября"),
        ("fossils the two weeks before 5 November 2020", "weeks", "November"),
        ("fossils первая неделя ноября 2020", "неделя", "ноября"),
        ("fossils 5 ноября 2020 и позже", "позже", "ноября"),
        ("fossils since the end of October 2020", "end", "October"),
    ],
)
def test_words_of_a_date_that_name_no_day_lift_no_text(query: str, word: str, name: str) -> None:
    """Those that do lift what speaks of the day above what is only of it."""
    day = dt.date(2020, 11, 1) if "до 5" in query or "before" in query else dt.date(2020, 11, 5)
    texts = {"plain": "Fossils and timber", "measured": f"Fossils and {word}", "named": f"Fossils and {name}"}
    archive = Index.memory(Document(id=key, body=text, date=day) for key, text in texts.items())
    hits = archive.search(query, today=TODAY, translate="off")
    scores = {hit.document.id: hit.score for hit in hits}
    assert scores["measured"] == scores["plain"] < scores["named"]


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("5 мая AND 9 мая", 'date:"5 мая" AND date:"9 мая"'),
        ("5 мая and 9 мая", 'date:"5 мая and 9 мая"'),
        ("last week OR this week", 'date:"last week" OR date:"this week"'),
        ("5 МАЯ И 9 МАЯ", 'date:"5 МАЯ И 9 МАЯ"'),
        ("until 5 May OR fossils", 'date:"until 5 May" OR fossils'),
    ],
)
def test_no_date_goes_across_an_operator(query: str, tree: str) -> None:
    """In capitals the words are operators, but where all is in capitals."""
    assert parse(query, dates=True).query.to_text() == tree


def test_dates_off_searches_the_words(archive: Index) -> None:
    """Only those among the words: a value of the date field stays a date."""
    assert "october" in ids(archive, "workshop 19-23 October 2020", dates="off")
    assert ids(archive, "last week", dates="off") == ["undated"]
    assert ids(archive, "окаменелости дата:вчера", dates="off") == ["yesterday"]


def test_what_was_taken_is_told(archive: Index) -> None:
    """As typed, with its days; also what a filter was taken for."""
    results = archive.search("fossils с 28 сентября по 1 октября 2020 г.", today=TODAY, translate="off")
    assert [part.to_dict() for part in results.interpretation] == [
        {"kind": "date", "text": "с 28 сентября по 1 октября 2020 г.", "meaning": "2020-09-28..2020-10-01"}
    ]
    assert results.warnings == ()
    results = archive.search("fossils", filter="last week", today=TODAY, translate="off")
    assert [hit.document.id for hit in results] == ["sunday"]
    assert [(part.text, part.meaning) for part in results.interpretation] == [("last week", "2020-11-02..2020-11-08")]


def test_a_date_that_leaves_nothing_tells_the_way_out(archive: Index) -> None:
    """Also where no hits were wanted; never where something was found, or no date was taken."""
    for options in ({}, {"limit": 0}):
        (warning,) = archive.search("ivory last week", today=TODAY, **options).warnings
        assert "“last week”" in warning
        assert 'dates="off"' in warning
    assert archive.search("fossils last week", today=TODAY, limit=0).warnings == ()
    assert archive.search("ivory", today=TODAY).warnings == ()
    assert archive.search('ivory "last week"', today=TODAY, dates="off", filter="date:1999").warnings == ()


def test_a_date_on_which_the_archive_has_nothing_is_words(archive: Index) -> None:
    """An old archive is not emptied by "Linux Today"; it is told."""
    results = archive.search("fossils today", today=dt.date(2030, 1, 1), translate="off")
    assert len(results) == 4
    told = "“today” is 2030-01-01, and no document is of these days or speaks of them; searched as words"
    assert results.warnings == (told,)
    nowhere = archive.search("ivory AND today", today=dt.date(2030, 1, 1), translate="off")
    assert (len(nowhere), nowhere.warnings) == (0, (told,))  # it was not taken for a date in the end
    assert ids(archive, "fossils NOT today", today=dt.date(2030, 1, 1)) == ["october", "september", "sunday", "undated"]
    undated = Index.memory([Document(body="Linux today.")])
    assert len(undated.search("linux today")) == 1
    assert undated.search("linux today").warnings == ()


def test_impossible_and_cut_dates_warn(archive: Index) -> None:
    """A day that does not exist, among words and as a value; an amount that leaves the calendar."""
    assert archive.search("fossils 31 июня").warnings == ("“31 июня” is no possible date; read as words",)
    (warning,) = archive.search('fossils date:"31 июня"').warnings
    assert "is not a date" in warning
    results = archive.search("fossils за последние 5000 лет", today=TODAY, translate="off")
    (warning,) = results.warnings
    assert "1000-01-01..2020-11-15" in warning
    assert len(results) == 3


def test_today_is_the_present_day_by_default(archive: Index) -> None:
    """And a given one decides."""
    index = Index.memory([Document(body="Fossils.", date=dt.date.today())])
    assert len(index.search("сегодня")) == 1
    assert ids(archive, "today") == []
    assert len(archive.search("today", today=dt.date(2020, 11, 14))) == 1


def test_a_cursor_belongs_to_its_dates(archive: Index) -> None:
    """A page of "last week" does not go on in another week, nor with dates off."""
    first = archive.search("осень 2020", limit=2, today=TODAY)
    assert len(archive.search("осень 2020", limit=2, after=first.after, today=dt.date(2021, 1, 1))) == 2
    cursor = archive.search("за последние 60 дней", limit=1, today=TODAY).after
    for options in ({"today": dt.date(2020, 11, 16)}, {"today": TODAY, "dates": "off"}):
        with pytest.raises(CursorError):
            archive.search("за последние 60 дней", limit=1, after=cursor, **options)


def test_dates_takes_two_words(archive: Index) -> None:
    """Anything else is a mistake in the call."""
    with pytest.raises(ValueError, match="dates must be"):
        archive.search("fossils", dates="on")  # type: ignore[arg-type]


# Command line


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command in an empty folder and an English locale."""
    return make_run(capsys, monkeypatch, tmp_path)


def test_the_command_takes_dates(run: Run, archive: Index, tmp_path: Path) -> None:
    """`--today` and `--dates`, and what was understood."""
    archive.copy(tmp_path / "ix")
    found = run("search", "--index", "ix", "--today", "15 ноября 2020", "fossils", "last", "week")
    assert found.code == ExitCode.FOUND
    assert "last week = 2020-11-02..2020-11-08" in found.err
    nothing = run("search", "--index", "ix", "--today", "2020-11-15", "ivory", "last week")
    assert nothing.code == ExitCode.NOTHING_FOUND
    assert 'dates="off"' in nothing.err
    off = run(
        "search", "--index", "ix", "--dates", "off", "--translate", "off", "--json", "workshop", "19-23 October 2020"
    )
    assert off.data["hits"][0]["document"]["id"] == "october"
    assert off.data["interpretation"] == []
    wrong = run("search", "--index", "ix", "--today", "soon", "fossils")
    assert wrong.code == ExitCode.BAD_INPUT
    assert "write it as 2020-11-15" in wrong.err


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("fossils 21 October", ["of", "speaks"]),
        ("fossils 21 октября", ["of", "speaks"]),
        ("fossils 21 October 2020", ["of", "speaks"]),
        ("fossils 1 April", ["april", "of", "other", "speaks"]),  # searched as words
    ],
)
def test_a_text_speaks_of_a_day_without_its_year(query: str, found: list[str]) -> None:
    """Where documents are of that day; else the words are sought, as of most days some text speaks."""
    index = Index.memory([
        Document(id="of", body="Fossils.", date=dt.date(2020, 10, 21)),
        Document(id="speaks", body="Fossils seized on 21 October 2020.", date=dt.date(2020, 10, 30)),
        Document(id="april", body="Fossils of 1 April 2004.", date=dt.date(2004, 4, 3)),
        Document(id="other", body="Fossils in October.", date=dt.date(2020, 11, 1)),
    ])  # fmt: skip
    results = index.search(query, today=TODAY)
    assert sorted(hit.document.id for hit in results) == found
    assert bool(results.warnings) == ("April" in query)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("fossils 30.10.2020", ["day", "digits", "iso"]),
        ("fossils 2020-10-30", ["day", "digits", "iso"]),
        ("fossils mid-October 2020", ["mid"]),
        ("fossils 19-23 October 2020", ["days"]),
        ("fossils last month", ["day"]),
    ],
)
def test_a_text_speaks_of_all_of_a_date(query: str, found: list[str]) -> None:
    """Not only of its year, or its month: of days with a dash between, of one of them."""
    texts = {
        "day": "Fossils.",
        "year": "Fossils of 2020.",
        "month": "Fossils seized in October 2020.",
        "digits": "Fossils seized on 30.10.2020.",
        "iso": "Fossils seized on 2020-10-30.",
        "mid": "Fossils seized in mid-October 2020.",
        "days": "Fossils seized on 19 October.",
    }
    days = {"day": dt.date(2020, 10, 30)}
    index = Index.memory(
        Document(id=name, body=text, date=days.get(name, dt.date(2021, 3, 1))) for name, text in texts.items()
    )
    assert sorted(hit.document.id for hit in index.search(query, today=TODAY)) == found
