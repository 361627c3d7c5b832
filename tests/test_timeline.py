"""Timelines: every unit of the calendar, gaps, shares, and queries that lead back to the documents."""

from __future__ import annotations

import datetime as dt
import pickle
import sys
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wco_search import Document, Index, MissingExtraError
from wco_search.dates.period import unit_around
from wco_search.query import AndMaybeQuery, Query, WordQuery
from wco_search.query.tree import MAX_LEVELS
from wco_search.timeline import MAX_BUCKETS, UNITS, Timeline, Unit, make_timeline

PLACES: dict[Unit, Callable[[dt.date], int]] = {
    "day": dt.date.toordinal,
    "week": lambda day: (day.toordinal() - 1) // 7,
    "month": lambda day: 12 * day.year + day.month,
    "quarter": lambda day: 4 * day.year + (day.month - 1) // 3,
    "year": lambda day: day.year,
}
days = st.dates(dt.date(1001, 1, 1), dt.date(2900, 1, 1)) | st.dates(dt.date(1969, 11, 1), dt.date(1970, 3, 1))


@given(st.lists(days, min_size=1, max_size=6), st.sampled_from(UNITS))
@example([dt.date(1191, 1, 1), dt.date(2834, 1, 1)], "month")
def test_buckets_are_units_of_the_calendar(dates: list[dt.date], by: Unit) -> None:
    """Each day is counted once, in its unit; units follow each other without a gap."""
    ordinals = [day.toordinal() for day in dates]
    if PLACES[by](max(dates)) - PLACES[by](min(dates)) >= MAX_BUCKETS:
        with pytest.raises(ValueError, match="larger unit"):
            make_timeline(ordinals, 0, by)
        return
    buckets = make_timeline(ordinals, 0, by).buckets
    expected = Counter(unit_around(by, day) for day in dates)
    assert {(b.start, b.end): b.count for b in buckets if b.count} == {(p.start, p.end): n for p, n in expected.items()}
    for one, other in pairwise(buckets):
        assert other.start - one.end == dt.timedelta(1)
    assert buckets[0].count
    assert buckets[-1].count


@pytest.mark.parametrize(
    ("span", "by"),
    [(0, "day"), (35, "day"), (36, "week"), (250, "week"), (300, "month"), (1200, "quarter"), (9999, "year")],
)
def test_auto_takes_the_finest_unit_that_can_be_shown(span: int, by: str) -> None:
    """At most 36 buckets, but for years."""
    first = dt.date(2001, 1, 1).toordinal()  # a Monday
    assert make_timeline([first, first + span], 0, "auto").by == by


def archive() -> Index:
    """Fossils in two months of three, other news in all of them."""
    rows = [("Fossils", 2020, 10, 2), ("Fossils", 2020, 10, 30), ("Timber", 2020, 10, 5), ("Timber", 2020, 11, 1)]
    rows += [("Fossils seized last week", 2020, 12, 31), ("Timber", 2021, 1, 1)]
    documents = [Document(id=str(n), body=f"{text}.", date=dt.date(*day)) for n, (text, *day) in enumerate(rows)]
    return Index.memory([*documents, Document(id="undated", body="Fossils.")])


def test_a_timeline_is_kept_with_its_queries() -> None:
    """Buckets write their queries when they are asked for them, also those that were pickled."""
    timeline = archive().search("fossils").timeline(by="month")
    again = pickle.loads(pickle.dumps(timeline))
    assert again == timeline
    assert [bucket.query for bucket in again.buckets] == [bucket.query for bucket in timeline.buckets]
    assert again.buckets[0].query == "fossils AND date:[2020-10-01 TO 2020-10-31]"
    assert make_timeline([1], 0, "day").buckets[0].query is None


def test_shares_and_gaps() -> None:
    """The part of all documents of the same time; what is undated is told apart; deleted ones do not count."""
    index = archive()
    index.add(Document(id="gone", body="Fossils.", date=dt.date(2020, 10, 3)))
    index.delete("gone")
    timeline = index.search("fossils", limit=0).timeline("month", relative=True)
    assert [(str(b.start), b.count, b.share) for b in timeline.buckets] == [
        ("2020-10-01", 2, 2 / 3),
        ("2020-11-01", 0, 0.0),
        ("2020-12-01", 1, 1.0),
    ]
    assert timeline.undated == 1
    assert timeline.sparkline() == "▆▁█"


def test_a_bucket_leads_to_its_documents() -> None:
    """Its query finds as many documents as it counts, whatever the query was."""
    index = archive()
    today = dt.date(2021, 1, 6)
    for text in (
        "fossils", "fossils timber", "fossils OR (timber", "fossils -timber", "+fossils week", "*", "NOT timber",
        "fossils last week", '"last week"', "date:2020", "ащыышды", "fossils AND", "title:x OR fossils",
    ):  # fmt: skip
        timeline = index.search(text, today=today).timeline("month")
        assert timeline.buckets, text
        for bucket in timeline.buckets:
            assert bucket.query is not None
            assert index.search(bucket.query, today=today).total == bucket.count, bucket.query


def test_what_a_filter_leaves_out_is_not_counted() -> None:
    """Nor what the order is."""
    index = archive()
    timeline = index.search("fossils", filter="date:2020-10", sort="date").timeline("day")
    assert sum(bucket.count for bucket in timeline.buckets) == 2


@pytest.mark.parametrize("query", ["fossils октябрь 2020", "октябрь 2020", "FOSSILS OCTOBER 2020", "fossils 2020"])
def test_buckets_lead_to_documents_that_speak_of_a_date_as_well(query: str) -> None:
    """They are found by a date among the words, and are of other days."""
    texts = {"Fossils.": (2020, 10, 2), "Fossils of октябрь 2020, October 2020.": (2020, 12, 1), "Bones": (2019, 1, 1)}
    index = Index.memory(Document(body=text, date=dt.date(*day)) for text, day in texts.items())
    timeline = index.search(query).timeline("month")
    assert sum(bucket.count for bucket in timeline.buckets) >= 2
    for bucket in timeline.buckets:
        assert bucket.query
        assert index.search(bucket.query).total == bucket.count, bucket


def test_queries_of_whoosh_have_no_text() -> None:
    """They are counted all the same."""
    import whoosh.query

    timeline = archive().search(whoosh.query.Term("body", "fossil")).timeline("year")
    assert [(bucket.count, bucket.query) for bucket in timeline.buckets] == [(3, None)]


@pytest.mark.parametrize(("levels", "has_query"), [(MAX_LEVELS, False), (MAX_LEVELS - 1, True)])
def test_a_query_as_deep_as_may_be_is_counted(levels: int, has_query: bool) -> None:
    """With no room for the days in its text, its buckets have no query."""
    tree: Query = WordQuery("fossils")
    for _ in range(levels):
        tree = AndMaybeQuery(tree, WordQuery("timber"))
    timeline = archive().search(tree).timeline("year")
    assert [(bucket.count, bucket.query is not None) for bucket in timeline.buckets] == [(3, has_query)]


def test_an_empty_timeline() -> None:
    """Nothing found, nothing drawn."""
    timeline = archive().search("nowhere").timeline()
    assert timeline == Timeline("year", (), 0)
    assert timeline.sparkline() == ""
    assert timeline.to_dict() == {"by": "year", "undated": 0, "buckets": []}


def test_an_unknown_unit_is_told() -> None:
    """With those that there are."""
    with pytest.raises(ValueError, match="quarter"):
        archive().search("fossils").timeline("hour")  # type: ignore[arg-type]


def test_frames_and_html() -> None:
    """A row a bucket; what is drawn is escaped."""
    timeline = archive().search('fossils -"<b>"').timeline("month")
    for package, make in (("polars", timeline.to_polars), ("pyarrow", timeline.to_arrow)):
        counts = pytest.importorskip(package) and make()["count"]
        assert list(map(int, counts)) == [2, 0, 1]
    assert timeline.table().columns == ("start", "end", "count", "share", "query")
    frame = pytest.importorskip("pandas") and timeline.to_pandas()
    assert frame["count"].tolist() == [2, 0, 1]
    assert str(frame["start"].dtype).startswith("datetime64")
    assert "<b>" not in timeline._repr_html_()
    assert timeline._repr_html_().count("<tr") == 3


@settings(max_examples=20)
@given(st.lists(st.none() | st.dates(dt.date(2019, 1, 1), dt.date(2021, 1, 1)), max_size=8), st.sampled_from(UNITS))
def test_counts_add_up(dates: list[dt.date | None], by: Unit) -> None:
    """Buckets and what is undated are all that matches."""
    results = Index.memory(Document(id=str(n), body="Fossils.", date=day) for n, day in enumerate(dates)).search(
        "fossil"
    )
    timeline = results.timeline(by)
    assert sum(bucket.count for bucket in timeline.buckets) + timeline.undated == results.total


PLOTS = [("month", "en", "picture.svg"), ("day", "ru", "picture.png"), ("week", "ru", "picture.pdf")]


@pytest.mark.parametrize(("by", "language", "name"), PLOTS)
def test_pictures(by: Unit, language: Any, name: str, tmp_path: Path) -> None:
    """Each bar has its height; the same timeline makes the same file; formulas and tags in titles are text."""
    pytest.importorskip("matplotlib")
    timeline = archive().search("fossils").timeline(by)
    figure = timeline.plot(tmp_path / name, title="fossils $x <b>", language=language)
    (axes,) = figure.axes
    if axes.containers:
        assert [bar.get_height() for bar in axes.containers[0]] == timeline.heights()
    else:
        assert axes.patches[0].get_data().values.tolist() == timeline.heights()
    first = (tmp_path / name).read_bytes()
    timeline.plot(tmp_path / name, title="fossils $x <b>", language=language)
    assert (tmp_path / name).read_bytes() == first


def test_what_stands_on_a_picture() -> None:
    """Words and months in the language, counts of what has no date, years where only Januaries are named."""
    pytest.importorskip("matplotlib")
    days = [dt.date(2000, 1, 1), *(dt.date(2020, month, 1) for month in (10, 11, 12)), None]
    index = Index.memory(Document(id=str(n), body="Fossils.", date=day) for n, day in enumerate(days))
    results = index.search("fossils")
    (axes,) = results.timeline("month").plot(language="ru").axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2000", "2004", "2008", "2012", "2016", "2020"]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("документов", "без даты: 1")
    narrow = index.search("fossils", filter="date:2020").timeline("month", relative=True).plot(language="ru")
    assert [label.get_text() for label in narrow.axes[0].get_xticklabels()] == ["окт. 2020", "нояб. 2020", "дек. 2020"]
    assert narrow.axes[0].get_ylabel() == "доля всех документов"
    assert index.search("nowhere").timeline("month").plot().axes


def test_pictures_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an unknown kind or language, or without matplotlib: told, and nothing is written."""
    timeline = archive().search("fossils").timeline("month")
    with pytest.raises(ValueError, match="language"):
        timeline.plot(language="de")  # type: ignore[arg-type]
    if find_spec("matplotlib"):
        with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf"):
            timeline.plot(tmp_path / "picture.gif")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"'wco-search\[plot\]'"):
        timeline.plot(tmp_path / "picture.svg")
    assert not list(tmp_path.iterdir())
