"""Watches: what they find is what a search in the new documents finds, however few of them are looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import archives
from wco_search import Alert, Document, Index, QuerySyntaxError, Synonyms, UnknownFieldError, UnknownWatchError, Watch
from wco_search.engine.compile import Compiled, compile_query
from wco_search.engine.synonymy import SynonymTable
from wco_search.languages import Lexicon
from wco_search.languages.rows import Row
from wco_search.query import Query
from wco_search.watches import Percolator, watches_of

DAY = dt.date(2020, 11, 15)
YESTERDAY = dt.date(2020, 11, 14)


def found(index: Index, *documents: Document, **options: Any) -> dict[str, tuple[str, ...]]:
    """Which watches of *index* the documents match as they are added."""
    return {alert.watch: alert.ids for alert in index.add(documents, today=DAY, **options).alerts}


def test_watches_are_kept_told_and_forgotten() -> None:
    """By name; a second one of a name replaces the first, and that is told."""
    index = Index.memory()
    assert index.watch("b", "fossils") == ()
    assert index.watch("a", "timber", filter="source:WCO", translate="off", dates="off") == ()
    assert index.watches() == [Watch("a", "timber", "source:WCO", "off", "off"), Watch("b", "fossils")]
    assert index.watch("b", "fossils") == ()
    assert index.watch("b", "tariffs") == ("the watch 'b' was 'fossils' before",)
    index.unwatch("a")
    assert [watch.to_dict()["query"] for watch in index.watches()] == ["tariffs"]
    with pytest.raises(UnknownWatchError, match="no watch 'a'"):
        index.unwatch("a")


@pytest.mark.parametrize(
    ("query", "options", "error"),
    [
        ("fossils AND", {}, QuerySyntaxError),
        ("sorce:WCO", {}, QuerySyntaxError),
        ("fossils", {"filter": "(a"}, QuerySyntaxError),
        ("", {}, ValueError),
        ("fossils", {"translate": "maybe"}, ValueError),
        ("fossils", {"dates": "maybe"}, ValueError),
        ("fossils", {"layout": "maybe"}, ValueError),
    ],
)
def test_a_watch_that_cannot_be_is_refused(query: str, options: Mapping[str, Any], error: type[Exception]) -> None:
    """And nothing is committed."""
    index = Index.memory()
    with pytest.raises(error):
        index.watch("w", query, **options)
    with pytest.raises(ValueError, match="name"):
        index.watch(" ", "fossils")
    assert (index.watches(), index.stats().generation) == ([], 0)


def test_a_tree_with_a_field_that_the_index_lacks_is_refused() -> None:
    """As in a search."""
    from wco_search.query import WordQuery

    with pytest.raises(UnknownFieldError):
        Index.memory().watch("w", WordQuery("x", "nowhere"))


NEWS = [
    Document(id="fossils", title="Valencia", body="Spanish Customs seized fossils.", date=YESTERDAY, source="WCO"),
    Document(id="timber", body="Таможня изъяла древесину.", date=DAY, source="ТАСС"),
    Document(id="undated", body="Mikuriya spoke of COVID-19 in the port."),
]


@pytest.mark.parametrize(
    ("query", "options", "expected"),
    [
        ("fossil", {}, ["fossils"]),
        ("окаменелость", {}, ["fossils"]),
        ("окаменелость", {"translate": "off"}, []),
        ("timber", {"translate": "only"}, ["timber"]),
        ("Микурия", {}, ["undated"]),
        ("Микурия", {"translate": "off"}, []),
        ("tamozhnya", {}, ["timber"]),
        ("ащыышды", {}, ["fossils"]),
        ("ащыышды", {"layout": "off"}, []),
        ("fossils timber", {}, ["fossils", "timber"]),
        ("fossils AND timber", {}, []),
        ("fossils -seized", {}, []),
        ("seized NOT timber", {}, ["fossils", "timber"]),
        ("seized NOT древесина", {}, ["fossils"]),
        ("-fossils", {}, ["timber", "undated"]),
        ("+port fossils", {}, ["undated"]),
        ('"spanish customs"', {}, ["fossils"]),
        ('"customs spanish"', {}, []),
        ('"customs spanish"~2', {}, ["fossils"]),
        ("=fossils", {}, ["fossils"]),
        ("=fossil", {}, []),
        ("fos*", {}, ["fossils"]),
        ("fosils~", {}, ["fossils"]),
        ("COVID-19", {}, ["undated"]),
        ("title:valencia", {}, ["fossils"]),
        ("body:valencia", {}, []),
        ("source:WCO", {}, ["fossils"]),
        ("customs", {"filter": "source:ТАСС"}, ["timber"]),
        ("*", {}, ["fossils", "timber", "undated"]),
        ("customs yesterday", {}, ["fossils"]),
        ("таможня вчера", {}, ["fossils"]),
        ("customs yesterday", {"dates": "off", "translate": "off"}, ["fossils"]),
        ("date:today", {}, ["timber"]),
        ("customs last year", {}, []),  # none of these days: a watch does not read them as words
    ],
)
def test_what_a_watch_finds(query: str, options: Mapping[str, Any], expected: list[str]) -> None:
    """Dates are seen from the day of adding; languages and layouts as in a search."""
    index = Index.memory([Document(body="Something else on fossils and timber, long ago.", date=dt.date(2000, 1, 1))])
    index.watch("w", query, **options)
    assert found(index, *NEWS) == ({"w": tuple(expected)} if expected else {})


def test_alerts_are_of_what_a_commit_adds() -> None:
    """Updated documents count, unchanged ones and those deleted again do not, nor those in the index before."""
    index = Index.memory([Document(id="old", body="Fossils.")])
    index.watch("w", "fossil")
    index.watch("never", "timber")
    assert found(index, Document(id="old", body="Fossils.")) == {}
    assert found(index, Document(id="old", body="More fossils.")) == {"w": ("old",)}
    assert index.add([Document(id="new", body="Fossils!")]).alerts == [Alert("w", ("new",))]
    with index.writer() as writer:
        report = writer.add([Document(id="x", body="Fossils?"), Document(id="y", body="Fossils…")])
        writer.delete("x")
        assert report.alerts == []
    assert report.alerts == [Alert("w", ("y",))]
    assert report.alerts[0].to_dict() == {"watch": "w", "ids": ["y"]}


def test_watches_live_as_long_as_the_index(tmp_path: Path) -> None:
    """Through merges, optimizing, copies, opening anew and analysing anew; each change is one commit."""
    index = Index.create(tmp_path / "a")
    index.watch("w", "fossil")
    assert index.stats().generation == 1
    for number in range(6):
        assert found(Index.open(tmp_path / "a"), Document(body=f"Fossils {number}."))
    index.optimize()
    copy = index.copy(tmp_path / "b")
    copy.unwatch("w")
    assert [len(one.watches()) for one in (Index.open(tmp_path / "a"), Index.open(tmp_path / "b"))] == [1, 0]
    again = Index.reanalyze(tmp_path / "a")
    assert again.watches() == [Watch("w", "fossil")]
    assert again.check().ok


def test_watches_honour_the_users_synonyms() -> None:
    """Of one word and of several, unless a watch is to go without."""
    synonyms = Synonyms.parse(["ammonite => fossil", "WCO, ВТамО, Всемирная таможенная организация"])
    index = Index.memory(synonyms=synonyms)
    index.watch("word", "ammonite", translate="off")
    index.watch("as typed", "ammonite", translate="off", synonyms=False)
    index.watch("name", "WCO AND port", translate="off")
    index.watch("names", "Всемирная таможенная организация", translate="off")
    meeting = Document(id="meeting", body="Всемирная таможенная организация в Port Vila.")
    assert found(index, *NEWS, meeting) == {"word": ("fossils",), "name": ("meeting",), "names": ("meeting",)}
    assert found(index, Document(id="втамо", body="ВТамО port")) == {"name": ("втамо",), "names": ("втамо",)}
    assert [watch.synonyms for watch in index.watches()] == [False, True, True, True]


LEXICON = Lexicon.from_rows(
    [
        Row("таможня", 3, ("customs",)),
        Row("контрабанда", 2, ("smuggling", "illicit trade")),
        Row("онлайн семинар", 2, ("workshop fossils", "webinar")),
        Row("окаменелость", 3, ("fossil",)),
    ]
)
SYNONYMS = Synonyms.parse(
    ["сталь, fossil, сталь трубы", "whatsapp => вотсап, онлайн контрабанда", "онлайн семинар, 2020"]
)
leaf = st.sampled_from(
    "таможня контрабанда стали fossil customs smuggling the и COVID-19 HSC/66 =fossils =сталь foss* fosil~ whatsapp "
    "kontrabanda stali вотсап source:ТАСС source:Reuters date:2020-01 title:fossil body:таможня section:trade views:>2 "
    "онлайн семинар".split()
) | st.sampled_from(['"контрабанда стали"', '"fossils customs"~3', "онлайн семинар", "*", "2020"])


def joined(parts: list[str]) -> str:
    """Parts side by side."""
    return f"({' '.join(parts)})"


queries = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(joined),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} AND {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"(+{pair[0]} {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} AND NOT {pair[1]})"),
    ),
    max_leaves=4,
)
FIELDS = {"section": str, "views": int, "rate": float, "urgent": bool, "seen": dt.date, "tags": list}


def percolator_of(watches: Mapping[str, Watch], index: Index, table: SynonymTable | None = None) -> Percolator:
    """One that has registered *watches*."""
    percolator = Percolator(index._analyzer, lambda: LEXICON, table)
    percolator.register(watches, index.snapshot)
    return percolator


@settings(max_examples=60)
@given(
    archives(max_size=4),
    st.lists(queries, min_size=1, max_size=6),
    st.sampled_from(["auto", "only", "off"]),
    st.booleans(),
)
def test_percolation_equals_searching_the_new_documents(
    documents: list[Document], texts: list[str], translate: str, synonyms: bool
) -> None:
    """With each query, in an index of these documents alone."""
    index = Index.memory(documents, metadata=FIELDS, lexicon=LEXICON, synonyms=SYNONYMS)
    watches = {
        f"w{place}": Watch(f"w{place}", text, None, translate, synonyms=synonyms) for place, text in enumerate(texts)
    }
    table = SynonymTable(index._analyzer, SYNONYMS)
    percolator = percolator_of(watches, index, table)
    alerts = {alert.watch: set(alert.ids) for alert in percolator.alerts(index.snapshot, DAY)}
    for name, watch in watches.items():
        hits = index.search(
            watch.query,
            limit=100,
            translate=translate,  # type: ignore[arg-type]
            synonyms=synonyms,
            layout="off",
            today=DAY,
        )
        assert alerts.get(name, set()) == {hit.document.id for hit in hits}, watch.query


@settings(max_examples=30)
@given(
    archives(max_size=4),
    st.lists(st.dictionaries(st.sampled_from("abcde"), queries, max_size=5), min_size=2, max_size=4),
    st.sampled_from(["auto", "only", "off"]),
)
def test_watches_that_come_change_and_go(
    documents: list[Document], stages: list[dict[str, str]], translate: str
) -> None:
    """One percolator that follows them tells what a new one does."""
    index = Index.memory(documents, metadata=FIELDS, lexicon=LEXICON)
    following = percolator_of({}, index)
    for texts in stages:
        watches = {name: Watch(name, text, None, translate) for name, text in texts.items()}
        following.register(watches, index.snapshot)
        fresh = percolator_of(watches, index)
        assert following.alerts(index.snapshot, DAY) == fresh.alerts(index.snapshot, DAY)


def test_large_additions_are_asked_as_small_ones_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many documents only the terms that watches ask for are put together."""
    index = Index.memory(NEWS)
    texts = ["fossils AND seized", "Микурия port", "tamozhnya", "COVID-19", "-fossils", "древесина OR Valencia"]
    percolator = percolator_of({text: Watch(text, text) for text in texts}, index)
    few = percolator.alerts(index.snapshot, DAY)
    monkeypatch.setattr("wco_search.watches._FEW", 0)
    assert percolator.alerts(index.snapshot, DAY) == few
    assert len(few) == len(texts)


def test_the_engine_is_not_asked_where_words_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a thousand watches of words none is; phrases, patterns and values are where the words beside them are met."""
    asked: list[str] = []

    def asking(query: Query, *arguments: Any, **options: Any) -> Compiled:
        asked.append(query.to_text())
        return compile_query(query, *arguments, **options)

    monkeypatch.setattr("wco_search.watches.compile_query", asking)
    index = Index.memory(NEWS)
    texts = [f"name{number} AND fossils{number}" for number in range(1000)]
    texts += ["fossils", "Микурия", "spanish -x", "timber AND NOT port", "COVID-19", "nowhere AND fo*", '"no customs"']
    percolator = percolator_of({text: Watch(text, text) for text in texts}, index)
    percolator.alerts(index.snapshot, DAY)
    assert asked == []
    percolator = percolator_of({text: Watch(text, text) for text in ("fossils AND fo*", "seized AND fo*")}, index)
    percolator.alerts(index.snapshot, DAY)
    assert asked == ["fo*"]


def test_a_word_that_documents_have_in_latin_letters_is_no_russian_one() -> None:
    """Only where no new document has it is it read as Russian."""
    russian, latin = Document(id="russian", body="Человек пришёл."), Document(id="latin", body="The magazine Lyudi.")
    watches = {"w": Watch("w", "lyudi")}
    for documents, expected in (([russian], "russian"), ([russian, latin], "latin")):
        index = Index.memory(documents)
        assert percolator_of(watches, index).alerts(index.snapshot, DAY) == [Alert("w", (expected,))]
        assert [hit.document.id for hit in index.search("lyudi")] == [expected]


def test_several_watches_in_one_commit() -> None:
    """All or none, each checked as `watch` does."""
    index = Index.memory()
    index.watch("b", "fossils")
    generation = index.stats().generation
    notes = index.watch_many(iter([Watch("a", "timber", translate="off"), Watch("b", "tariffs"), Watch("c", "port")]))
    assert notes == ("the watch 'b' was 'fossils' before",)
    assert index.stats().generation == generation + 1
    assert [(watch.name, watch.query) for watch in index.watches()] == [
        ("a", "timber"),
        ("b", "tariffs"),
        ("c", "port"),
    ]
    for wrong, error in (
        (Watch("d", "("), QuerySyntaxError),
        (Watch("", "x"), ValueError),
        (Watch("d", "x", "sorce:WCO"), QuerySyntaxError),
        (Watch("d", "x", translate="maybe"), ValueError),
    ):
        with pytest.raises(error):
            index.watch_many([Watch("new", "fossils"), wrong])
    assert [watch.name for watch in index.watches()] == ["a", "b", "c"]


def test_settings_without_watches() -> None:
    """Of an index that never had any."""
    assert watches_of({}) == {}


def test_watches_are_those_of_the_last_commit() -> None:
    """Also where one is forgotten and kept again, or changed."""
    index = Index.memory()
    other = Watch("other", "timber")

    def told(*bodies: str) -> list[str]:
        return [alert.watch for alert in index.add(Document(body=body) for body in bodies).alerts]

    index.watch("stones", "fossils")
    assert told("Fossils one.") == ["stones"]
    index.unwatch("stones")
    assert told("Fossils two.") == []
    index.watch("stones", "fossils")
    assert told("Fossils three.") == ["stones"]
    index.watch_many([Watch("stones", "ivory"), other])
    assert told("Fossils four.", "Ivory and timber.") == ["other", "stones"]
    index.unwatch("stones")
    assert told("Fossils five, ivory and timber.") == ["other"]
