"""One contract for every kind of index: the same calls, the same answers, embedded and in a cluster."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from tests.conftest import sample_documents
from wco_search import (
    Archive,
    ClusterIndex,
    CursorError,
    Document,
    Index,
    IndexClosedError,
    IndexExistsError,
    IndexNotFoundError,
    InvalidDocumentError,
    NotOfferedError,
    QuerySyntaxError,
    Results,
    Synonyms,
    UnknownFieldError,
    parse,
)
from wco_search.cluster.connection import Connection

METADATA: dict[str, type] = {
    "section": str,
    "tags": list,
    "views": int,
    "weight": float,
    "checked": bool,
    "seen": dt.date,
}
TODAY = dt.date(2020, 11, 15)
_NUMBERS = itertools.count()

Make = Callable[..., Archive]


class Embedded:
    """Indexes in memory."""

    def make(self, documents: object = (), **options: Any) -> Archive:
        """An index of some documents."""
        return Index.memory(documents, **options)  # type: ignore[arg-type]


class InCluster:
    """Indexes of three shards."""

    def __init__(self, addresses: list[str], stack: ExitStack) -> None:
        self._hosts = ",".join(addresses)
        self._stack = stack

    def address(self) -> str:
        """Of an index that is not there yet."""
        return f"opensearch://{self._hosts}/contract-{next(_NUMBERS)}"

    def make(self, documents: object = (), **options: Any) -> ClusterIndex:
        """An index of some documents."""
        index = self._stack.enter_context(ClusterIndex.create(self.address(), shards=3, replicas=0, **options))
        self._stack.callback(index.drop)
        index.add(documents)  # type: ignore[arg-type]
        return index


@pytest.fixture(scope="module")
def in_cluster(addresses: list[str]) -> Iterator[InCluster]:
    """Indexes in the cluster that tests share."""
    with ExitStack() as stack:
        yield InCluster(addresses, stack)


@pytest.fixture(scope="module", params=["embedded", pytest.param("cluster", marks=pytest.mark.cluster)])
def make(request: pytest.FixtureRequest) -> Make:
    """What makes an index of the kind under test."""
    kind = Embedded() if request.param == "embedded" else request.getfixturevalue("in_cluster")
    made: Make = kind.make
    return made


def rich_documents() -> list[Document]:
    """The sample archive, with values of every kind."""
    return [
        Document(
            **{name: getattr(document, name) for name in ("id", "title", "body", "date", "source", "language")},
            url=f"https://example.org/{number}",
            metadata={
                **document.metadata,
                **({"views": number * 7 % 11, "weight": number / 4, "checked": number % 3 == 0} if number % 5 else {}),
                **({"seen": dt.date(2020, 1, 1) + dt.timedelta(days=number)} if number % 4 else {}),
            },
        )
        for number, document in enumerate(sample_documents())
    ]


@pytest.fixture(scope="module")
def sample(make: Make) -> Archive:
    """The sample archive; not to be changed."""
    return make(rich_documents(), metadata=METADATA)


def ids(results: Results) -> list[str]:
    """Of the hits, best first."""
    return [hit.document.id for hit in results]


# -- documents


def test_what_is_added_comes_back(sample: Archive) -> None:
    """Whole, by id and in order."""
    documents = rich_documents()
    assert list(sample.documents()) == documents
    assert sample.get(documents[3].id) == documents[3]
    assert sample.get("no such id") is None
    assert sample.get("") is None
    assert len(sample) == len(documents)
    assert documents[0].id in sample
    assert "no such id" not in sample


def test_adding_replacing_and_deleting_are_counted(make: Make) -> None:
    """A document of the same id is replaced if it differs."""
    archive = make([Document(id="1", body="Fossils."), Document(id="2", body="Timber.")])
    report = archive.add(
        [Document(id="2", body="Timber!"), Document(id="1", body="Fossils."), Document(id="3", body="x")]
    )
    assert (report.added, report.updated, report.unchanged, report.skipped) == (1, 1, 1, 0)
    assert archive.delete("1") == 1
    assert archive.delete(["1", "3", "nothing"]) == 1
    assert [document.body for document in archive.documents()] == ["Timber!"]
    assert ids(archive.search("timber")) == ["2"]
    assert ids(archive.search("fossils")) == []


def test_deleting_by_query(make: Make) -> None:
    """What a query matches is deleted, and nothing else."""
    archive = make([Document(id=str(n), body="Fossils." if n % 2 else "Timber.", date=TODAY) for n in range(5)])
    assert archive.delete(parse("fossil AND date:2020").query) == 2
    assert [document.id for document in archive.documents()] == ["0", "2", "4"]


def test_a_bad_document_is_left_out_and_told(make: Make) -> None:
    """Or raised, under strict."""
    archive = make([], metadata={"views": int})
    bad = Document(id="1", body="x", metadata={"views": "many"})
    report = archive.add([bad, Document(id="2", body="y", metadata={"views": "3", "other": 1})])
    assert (report.added, report.skipped, dict(report.undeclared)) == (1, 1, {"other": 1})
    assert "many" in report.problems[0]
    with pytest.raises(InvalidDocumentError):
        archive.add(bad, strict=True)
    second = archive.get("2")
    assert second is not None
    assert second.metadata == {"views": 3}


def test_long_ids_and_odd_texts_survive(make: Make) -> None:
    """Ids longer than a cluster takes, letters of all planes, separators."""
    documents = [
        Document(id="ы" * 700, body="Длинный идентификатор."),
        Document(id="a|b c/d", body="Pipes | and\x1fseparators \N{NO-BREAK SPACE}stay as typed 😀"),
        Document(id="title only", title="Заголовок", body=""),
    ]
    archive = make(documents)
    assert list(archive.documents()) == documents
    assert ids(archive.search("идентификаторы")) == ["ы" * 700]
    assert ids(archive.search("separator")) == ["a|b c/d"]
    assert ids(archive.search("title:заголовками")) == ["title only"]
    assert archive.delete("ы" * 700) == 1


# -- queries: the embedded index is the oracle of the cluster


@pytest.fixture(scope="module")
def clustered(in_cluster: InCluster) -> Archive:
    """The sample archive in three shards; not to be changed."""
    return in_cluster.make(rich_documents(), metadata=METADATA)


@pytest.fixture(scope="module")
def oracle() -> Index:
    """The sample archive in memory."""
    return Index.memory(rich_documents(), metadata=METADATA)


QUERIES = """
    контрабанда наркотиков
    fossil
    customs
    стали
    что такое таможня и почему она нужна
    title:customs OR body:таможня
    title:таможенники
    customs AND drugs
    customs NOT drugs
    +customs drugs -wine
    (wine OR вино) AND customs
    COVID-19
    "paperless habits"
    "ports keep the paperless"
    ="Customs"
    ="таможенники"
    custom*
    covid*
    e*
    онлайн*
    т*моженн?ки
    custms~
    таможн~2
    customs^3 wine
    ghbdtn
    ащыышды
    kontrabanda
    fossils yesterday
    таможня октябрь 2020
    date:2023
    date:[2022-06-01 TO 2023-02-01]
    date:[2022 TO *}
    дата:2023 таможня
    source:"Border Review"
    source:border*
    source:"Border Reviev"~
    language:ru таможня
    section:enforcement
    tags:wine OR tags:recovery
    views:[3 TO 7]
    views:{3 TO 7}
    views:5 customs
    weight:[2.5 TO *]
    checked:yes
    checked:no AND section:health
    seen:[2020-01-05 TO 2020-02]
    country:Moldova
    country:*
    country:RU таможня
    title:*
    id:sample-001
    *
    NOT customs
    (customs AND date:2023) OR wine
    customs AND NOT (wine OR drugs)
    нет такого слова
    views:many
    "unbalanced (
""".strip().splitlines()


@pytest.mark.parametrize("text", [line.strip() for line in QUERIES])
@pytest.mark.parametrize("translate", ["auto", "off", "only"])
@pytest.mark.cluster
def test_a_query_is_answered_as_by_the_oracle(clustered: Archive, oracle: Index, text: str, translate: Any) -> None:
    """Matches, order, scores, marks, interpretation, warnings, suggestion, explanation."""
    found, expected = (
        one.search(text, limit=30, translate=translate, today=TODAY, explain=True) for one in (clustered, oracle)
    )
    assert found.total == expected.total
    assert ids(found) == ids(expected)
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], rel=1e-4)
    assert [hit.snippet for hit in found] == [hit.snippet for hit in expected]
    assert found.interpretation == expected.interpretation
    assert found.warnings == expected.warnings
    assert found.suggestion == expected.suggestion
    assert [hit.explanation for hit in found] == [hit.explanation for hit in expected]


@pytest.mark.cluster
def test_a_phrase_with_slop_finds_the_same(clustered: Archive, oracle: Index) -> None:
    """Its score in a cluster is another, which `wco_search.cluster.clauses` tells."""
    for text in ('"customs invoices"~8', '"пошлина вино"~9', '"administrations survey"~3', 'title:"pandemic ports"~6'):
        assert sorted(ids(clustered.search(text))) == sorted(ids(oracle.search(text)))
    assert ids(clustered.search('"administrations survey"~3', translate="off")) == ["sample-001"]


AMBIGUOUS = [
    "Те города, т.е. те дома, где мыла мыло.",
    "Т. е. стали те, что стали из стали: т.е. те города.",
    "Мыла раму; города мыла из стали стали чище. " + "Город и дом. " * 30,
    "Город стали и мыла. Т.е. город.",
    "Те же, те же; и т.д., и т.п., т.е. всё.",
    "Он был с теми, что стали мыть города.",
]


@pytest.mark.cluster
def test_a_word_of_several_lemmas_counts_once_at_a_place(in_cluster: InCluster) -> None:
    """Whatever forms and lemmas stand there, alone or in a phrase; in a shard that lacks some of them, too."""
    documents = [Document(id=f"{number}", title=body[:9], body=body) for number, body in enumerate(AMBIGUOUS)]
    clustered, oracle = in_cluster.make(documents), Index.memory(documents)
    for text in ("те", "т.е.", "т. е. те", "стали мыла", '"мыла раму"', '"те города" стали', '"стали те"', '="т.е."'):
        found, expected = clustered.search(text), oracle.search(text)
        assert expected.total > 0
        assert ids(found) == ids(expected)
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], rel=1e-6)


FILTERS: list[Any] = [
    "date:2023",
    "section:enforcement OR section:health",
    {"date": (dt.date(2022, 6, 1), None)},
    {"date": dt.date(2023, 1, 26)},
    {"source": "border review", "views": (3, 9)},
    {"tags": ["wine", "recovery"]},
    {"checked": True},
    parse("title:customs").query,
]


@pytest.mark.parametrize("filter", FILTERS, ids=str)
@pytest.mark.cluster
def test_a_filter_narrows_without_ranking(clustered: Archive, oracle: Index, filter: Any) -> None:
    """The scores stay those of the query."""
    found, expected = (one.search("таможня customs", filter=filter, limit=50) for one in (clustered, oracle))
    assert ids(found) == ids(expected)
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], rel=1e-4)
    assert found.interpretation == expected.interpretation


@pytest.mark.parametrize(
    "sort",
    [
        "date", "+date", "-views", "views", ["section", "-views"], "source", ["tags", "relevance"], "+relevance",
        "-seen", "weight", ["checked", "date"], "url",
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.cluster
def test_orders(clustered: Archive, oracle: Index, sort: Any) -> None:
    """Documents without a value come last; equals stay in the order in which they were added."""
    assert ids(clustered.search("customs таможня", sort=sort, limit=60)) == ids(
        oracle.search("customs таможня", sort=sort, limit=60)
    )


@pytest.mark.parametrize("sort", ["relevance", "date", "-views", ["section", "seen"], "tags"], ids=str)
@pytest.mark.parametrize("limit", [1, 7, 25])
def test_pages_follow_each_other(sample: Archive, sort: Any, limit: int) -> None:
    """By cursor and by offset, every match once, in the order of one long page."""
    query = "customs таможня wine"
    whole = sample.search(query, sort=sort, limit=100)
    by_cursor: list[str] = []
    after = None
    while True:
        page = sample.search(query, sort=sort, limit=limit, after=after)
        assert [hit.rank for hit in page] == list(range(len(by_cursor) + 1, len(by_cursor) + 1 + len(page)))
        by_cursor += ids(page)
        after = page.after
        if after is None:
            break
    assert by_cursor == ids(whole)
    pages = (sample.search(query, sort=sort, limit=limit, offset=offset) for offset in range(0, whole.total, limit))
    assert [own for page in pages for own in ids(page)] == ids(whole)


def test_a_cursor_goes_on_behind_its_document_when_others_came(make: Make) -> None:
    """Also where the document it stands behind is gone."""
    documents = [Document(id=f"{n:02}", body="fossils " * (40 - n)) for n in range(40)]
    archive = make(documents[1:])
    first = archive.search("fossils", limit=25)
    after = first.after
    archive.add(documents[0])
    best = [hit.score for hit in first]
    assert best == sorted(best, reverse=True)
    rest = ids(archive.search("fossils", limit=25, after=after))
    assert rest == [document.id for document in documents[26:]]
    with pytest.raises(CursorError):
        archive.search("timber", after=after)
    with pytest.raises(CursorError):
        archive.search("fossils", after="nonsense")


FACETS = [
    "source", "language", "section", "tags", "views", "weight", "checked", "seen", "date", "date.year", "date.quarter",
    "date.month", "date.weekday", "seen.month", "country", "people", "organisations",
]  # fmt: skip


@pytest.mark.cluster
def test_facets_count_all_matches(clustered: Archive, oracle: Index) -> None:
    """Whatever the page; most frequent first."""
    for query in ("*", "customs таможня", "nothing like it"):
        found, expected = (one.search(query, facets=FACETS, limit=1) for one in (clustered, oracle))
        assert found.facets == expected.facets
        names = [
            [one.names for field in ("country", "organisations") for one in results.facets[field]]
            for results in (found, expected)
        ]
        assert names[0] == names[1]
    assert (
        clustered.search("*", facets={"source": 2, "date.month": 3}).facets
        == oracle.search("*", facets={"source": 2, "date.month": 3}).facets
    )


@pytest.mark.parametrize("by", ["auto", "day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.cluster
def test_timelines(clustered: Archive, oracle: Index, by: Any, relative: bool) -> None:
    """Counts, shares and the query of each bucket."""
    timelines = [one.search("customs таможня").timeline(by, relative=relative) for one in (clustered, oracle)]
    assert timelines[0] == timelines[1]


@pytest.mark.cluster
def test_recency(clustered: Archive, oracle: Index) -> None:
    """Lifts what is new; explained."""
    found, expected = (
        one.search("customs duty", recency=30, today=dt.date(2023, 6, 1), limit=40, explain=True)
        for one in (clustered, oracle)
    )
    assert ids(found) == ids(expected)
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], rel=1e-4)
    assert [hit.explanation for hit in found] == [hit.explanation for hit in expected]


@pytest.mark.parametrize("prefix", ["cus", "та", "customs s", "таможня в", "zzz", "", "title:cus"])
@pytest.mark.cluster
def test_completions(clustered: Archive, oracle: Index, prefix: str) -> None:
    """Of one word by frequency, behind others by documents that have all."""
    assert clustered.suggest(prefix, limit=8) == oracle.suggest(prefix, limit=8)


SIMILAR: list[Any] = [
    "sample-001",
    "sample-040",
    "Customs officers seized counterfeit wine and cigarettes in the port",
    "Таможня пресекла контрабанду наркотиков",
    Document(id="new", title="Paperless customs", body="Digital declarations in the time of the pandemic."),
    "qwertyuiop",
]


@pytest.mark.parametrize("target", SIMILAR, ids=str)
@pytest.mark.parametrize("filter", [None, "section:enforcement", {"language": "ru"}], ids=str)
@pytest.mark.cluster
def test_similar_documents(clustered: Archive, oracle: Index, target: Any, filter: Any) -> None:
    """Are the same, for the same words; a document is not similar to itself."""
    found, expected = (one.similar(target, limit=30, filter=filter) for one in (clustered, oracle))
    assert found.total == expected.total
    assert ids(found) == ids(expected)
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], rel=1e-4)
    assert found.interpretation == expected.interpretation
    assert [hit.snippet for hit in found] == [hit.snippet for hit in expected]


def test_a_text_is_not_similar_to_itself(make: Make) -> None:
    """Where the archive has it, by whatever name; an empty one is similar to none."""
    archive = make([Document(body="Fossils and timber."), Document(id="2", body="Fossils and wine.")])
    assert ids(archive.similar("Fossils and timber.")) == ["2"]
    assert len(archive.similar("Fossils and silk.")) == 2
    with pytest.raises(InvalidDocumentError):
        archive.similar("")
    with pytest.raises(ValueError, match="limit"):
        archive.similar("2", limit=-1)


@pytest.mark.parametrize("word", ["customs", "таможня", "wine", "наркотики", "customs drugs", "WCO", "qwerty", ""])
@pytest.mark.cluster
def test_related_words(clustered: Archive, oracle: Index, word: str) -> None:
    """Are as sure, and counted in as many documents."""
    found, expected = (one.related(word, limit=15) for one in (clustered, oracle))
    assert [(one.text, one.documents) for one in found] == [(one.text, one.documents) for one in expected]
    assert [one.score for one in found] == pytest.approx([one.score for one in expected])


def test_related_words_of_many_documents(make: Make) -> None:
    """Are sought in a sample of them."""
    news = [Document(id=f"{n}", body=f"The customs of port {n} seized a cargo of timber.") for n in range(240)]
    others = [Document(id=f"other-{n}", body=f"The weather of day {n} is of interest.") for n in range(240)]
    found = make([*news, *others]).related("customs", limit=5)
    assert {one.text for one in found} == {"port", "seized", "cargo", "timber"}
    assert {one.documents for one in found} == {240}


def test_many_queries_at_once(make: Make) -> None:
    """One table of all, named, of one day; what belongs to one query alone is refused."""
    archive = make([Document(id="1", body="Fossils.", date=TODAY), Document(id="2", body="Timber and fossils.")])
    batch = archive.search_many({"old": "fossil", "wood": "timber", "none": "wine"}, limit=1, facets=["date"])
    rows = [(row["query"], row["total"], row["rank"], row["id"]) for row in batch.rows()]
    assert rows == [("old", 2, 1, "1"), ("wood", 1, 1, "2"), ("none", 0, None, None)]
    assert ids(archive.search_many(["fossils date:today"], today=TODAY)[0].results) == ["1"]
    with pytest.raises(ValueError, match="after belongs to one query"):
        archive.search_many(["fossil"], after="x")
    with pytest.raises(TypeError, match="several texts"):
        archive.search_many("fossil")
    with pytest.raises(QuerySyntaxError, match="query 'bad'"):
        archive.search_many({"bad": "views:("}, strict=True)


def test_synonyms(make: Make) -> None:
    """Of one word and of several."""
    synonyms = Synonyms.parse(["wco, втамо, всемирная таможенная организация"])
    archive = make(
        [
            Document(id="1", body="Заявление ВТамО."),
            Document(id="2", body="Всемирная таможенная организация заявила."),
            Document(id="3", body="Организация труда."),
        ],
        synonyms=synonyms,
    )
    assert sorted(ids(archive.search("wco"))) == ["1", "2"]
    assert ids(archive.search("wco", synonyms=False, translate="off")) == []


def test_words_of_a_language_rank_as_typed_in_its_documents(make: Make) -> None:
    """And what a word is in the other language is found."""
    archive = make(
        [Document(id="ru", body="Испанская таможня изъяла окаменелости."), Document(id="en", body="Smuggled fossils.")]
    )
    assert ids(archive.search("окаменелость")) == ["ru", "en"]
    assert ids(archive.search("окаменелость", translate="off")) == ["ru"]
    assert ids(archive.search("окаменелость", translate="only")) == ["en"]
    assert [hit.snippet.to_text(marks=("[", "]")) for hit in archive.search("окаменелость")] == [
        "Испанская таможня изъяла [окаменелости].",
        "Smuggled [fossils].",
    ]


ERRORS: list[tuple[type[Exception], Mapping[str, Any]]] = [
    (UnknownFieldError, {"query": "x", "sort": "sorce"}),
    (UnknownFieldError, {"query": "x", "facets": ["sorce"]}),
    (UnknownFieldError, {"query": "x", "facets": ["section.year"]}),
    (UnknownFieldError, {"query": "x", "filter": {"sorce": "x"}}),
    (QuerySyntaxError, {"query": "fossils AND", "strict": True}),
    (QuerySyntaxError, {"query": "x", "filter": "fossils AND"}),
    (ValueError, {"query": "x", "limit": -1}),
    (ValueError, {"query": "x", "offset": 1, "after": "y"}),
    (ValueError, {"query": "x", "recency": 0}),
    (ValueError, {"query": "x", "translate": "yes"}),
    (ValueError, {"query": "x", "facets": {"source": 0}}),
]


@pytest.mark.parametrize(("kind", "asked"), ERRORS, ids=str)
def test_what_cannot_be_asked(sample: Archive, kind: type[Exception], asked: Mapping[str, Any]) -> None:
    """Is told by the same errors."""
    with pytest.raises(kind):
        sample.search(**asked)


@pytest.mark.cluster
def test_facts(clustered: Archive, oracle: Index) -> None:
    """What does not depend on where an index is kept is the same."""
    names = (
        "documents", "deleted", "words", "forms", "terms", "first_date", "last_date", "languages", "sources",
        "metadata", "analyzer",
    )  # fmt: skip
    found, expected = clustered.stats(), oracle.stats()
    assert {name: getattr(found, name) for name in names} == {name: getattr(expected, name) for name in names}
    assert found.bytes > 0
    assert found.path == clustered.path


def test_a_reader_keeps_what_it_saw_until_it_is_refreshed(make: Make) -> None:
    """And a closed one says so."""
    archive = make([Document(id="1", body="Fossils.")])
    with open_again(archive) as reader:
        archive.add(Document(id="2", body="More fossils."))
        assert ids(reader.search("fossils")) == ["1"]
        assert reader.refresh() is True
        assert reader.refresh() is False
        assert sorted(ids(reader.search("fossils"))) == ["1", "2"]
        assert ids(reader.search("more")) == ["2"]
    with pytest.raises(IndexClosedError):
        reader.search("fossils")


def open_again(archive: Archive) -> Archive:
    """The same index as another program would open it."""
    return Index(archive.storage, archive._analyzer) if isinstance(archive, Index) else Index.connect(archive.path)


# -- the cluster alone


@pytest.mark.cluster
def test_what_only_an_embedded_index_offers_is_named(in_cluster: InCluster) -> None:
    """By one error, which is an AttributeError too."""
    from whoosh.query import Term

    index = in_cluster.make([Document(id="1", body="Fossils.")])
    with pytest.raises(NotOfferedError, match="Whoosh"):
        index.search(Term("text", "fossil"))  # type: ignore[arg-type]
    with pytest.raises(NotOfferedError, match="group"):
        index.search("fossil", group="near")  # type: ignore[arg-type]
    with pytest.raises(NotOfferedError, match="duplicates"):
        index.duplicates()
    assert not hasattr(index, "whoosh")
    with pytest.raises(ValueError, match="10,000"):
        index.search("fossil", offset=10_000)


@pytest.mark.cluster
def test_names_are_taken_once(in_cluster: InCluster) -> None:
    """To make one twice or to open one that is not there is told."""
    address = in_cluster.address()
    with pytest.raises(IndexNotFoundError):
        Index.connect(address)
    with ClusterIndex.create(address) as index:
        with pytest.raises(IndexExistsError):
            ClusterIndex.create(address)
        index.drop()
    with pytest.raises(IndexNotFoundError):
        Index.connect(address)


@pytest.mark.cluster
def test_a_lost_view_is_opened_again(in_cluster: InCluster) -> None:
    """As after ten minutes without a search, or when a node is gone."""
    index = in_cluster.make([Document(id="1", body="Fossils.")])
    index._view.close()
    assert ids(index.search("fossil")) == ["1"]


@pytest.mark.cluster
def test_means_are_taken_anew(in_cluster: InCluster) -> None:
    """Then scores are those of an index made of all documents at once."""
    documents = sample_documents()
    index = in_cluster.make(documents[:5], metadata={"section": str, "tags": list})
    index.add(documents[5:])
    index.optimize()
    oracle = Index.memory(documents, metadata={"section": str, "tags": list})
    found, expected = (one.search("customs таможня", limit=40) for one in (index, oracle))
    assert ids(found) == ids(expected)
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], rel=1e-4)
    assert index.suggest("cus") == oracle.suggest("cus")


@pytest.mark.cluster
def test_words_are_counted_once_at_every_moment(in_cluster: InCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """By whoever opens the index while its words are put together, whatever the cluster shows by then."""
    documents = sample_documents()
    index = in_cluster.make(documents[:30])
    index.add(documents[30:])
    expected = Index.memory(documents).suggest("cus")
    assert index.suggest("cus") == expected
    ask = Connection.ask
    seen: list[object] = []

    def watched(connection: Connection, method: str, path: str, *rest: Any, **given: Any) -> Any:
        """An answer, after which another reader comes; the cluster shows at once what was written."""
        answer = ask(connection, method, path, *rest, **given)
        if connection is index._connection and path.endswith(("-words/_bulk", "-words/_refresh")):
            ask(connection, "POST", path.rpartition("/")[0] + "/_refresh")
            with Index.connect(index.path) as reader:
                seen.append(reader.suggest("cus"))
        return answer

    monkeypatch.setattr(Connection, "ask", watched)
    index.optimize()
    assert len(seen) >= 3
    assert all(one == expected for one in seen)
    assert index.suggest("cus") == expected
