"""What programs written for Whoosh do with a searcher and its results, on our arrays and on Whoosh's own index."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.whoosh_archive import make_documents, read_articles, snapshot_of, stock_index
from wco_search.engine.whoosh_analyzer import Word, whoosh
from wco_search.engine.whoosh_reader import ArrayReader
from wco_search.engine.whoosh_search import ArraySearcher

from whoosh import collectors, highlight, scoring, sorting  # isort: skip  # after the door, which deals with its warnings
from whoosh.qparser import MultifieldParser, QueryParser  # isort: skip
from whoosh.query import And, AndNot, DateRange, Every, NumericRange, Or, Phrase, Prefix, Require, Term  # isort: skip

DOCUMENTS = make_documents()
ARTICLES = read_articles(DOCUMENTS)
SOME = Or([Term("body", "custom"), Term("body", "таможн"), Term("title", "порт")])
WITH_VIEWS = And([SOME, Every("views")])
FREQUENCY = scoring.Frequency()


@pytest.fixture(scope="module")
def reader() -> ArrayReader:
    """A reader over our arrays."""
    return ArrayReader(snapshot_of(DOCUMENTS))


@pytest.fixture(scope="module")
def searcher(reader: ArrayReader) -> ArraySearcher:
    """A searcher over our arrays that scores as simply as the other one."""
    return ArraySearcher(reader, weighting=FREQUENCY)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Whoosh's searcher over Whoosh's own index of the same documents."""
    index = stock_index(DOCUMENTS, Path(tmp_path_factory.mktemp("stock")))
    with index.searcher(weighting=FREQUENCY) as found:
        yield found


def shown(results: Any) -> list[tuple[str, float | None]]:
    """Ids and scores in order."""
    return [(hit["id"], hit.score) for hit in results]


def groups(results: Any) -> dict[Any, list[int]]:
    """The documents of each group, in order."""
    return {key: sorted(numbers) for key, numbers in results.groups().items()}


def parsed(text: str, searcher: Any, field: str = "body") -> Any:
    """A query as Whoosh's parser reads it."""
    return QueryParser(field, searcher.schema).parse(text)


def first_half() -> set[int]:
    """Numbers of the first half of the documents."""
    return set(range(len(DOCUMENTS) // 2))


def facts_of(page: Any) -> tuple[Any, ...]:
    """What a page shows and says of itself."""
    return shown(page), page.total, len(page), page.pagenum, page.pagecount, page.offset, page.is_last_page()


def changed(searcher: Any, method: str, query: Any) -> tuple[list[str], int]:
    """Results changed by those of another query."""
    results = searcher.search(SOME, limit=None)
    getattr(results, method)(searcher.search(query, limit=None))
    return [hit["id"] for hit in results], len(results)


def steps(cursor: Any, start: str) -> tuple[Any, ...]:
    """Where a cursor goes from a text on, and back."""
    here, info = cursor.find(start), cursor.term_info()
    valid = cursor.is_valid()
    return here, info and info.doc_frequency(), valid, cursor.text(), cursor.next() if valid else None, cursor.first()


VIEWS = sorting.FieldFacet("views")
SAME: dict[str, Callable[[Any], Any]] = {
    # order
    "best first": lambda s: shown(s.search(SOME)),
    "all": lambda s: shown(s.search(SOME, limit=None)),
    "worst first": lambda s: shown(s.search(SOME, reverse=True, limit=None)),
    "without scores": lambda s: sorted(shown(s.search(SOME, scored=False, limit=None))),
    "by number": lambda s: shown(s.search(WITH_VIEWS, sortedby="views", limit=30)),
    "by number, reversed": lambda s: shown(s.search(WITH_VIEWS, sortedby="views", reverse=True, limit=30)),
    "by a reversed facet": lambda s: shown(s.search(WITH_VIEWS, sortedby=sorting.FieldFacet("views", reverse=True))),
    "by date": lambda s: [hit["id"] for hit in s.search(SOME, sortedby="date", limit=None)],
    "by date, newest first": lambda s: shown(s.search(And([SOME, Every("date")]), sortedby="date", reverse=True)),
    "by keyword": lambda s: shown(s.search(SOME, sortedby="source", limit=None)),
    "by a reversed keyword": lambda s: shown(
        s.search(SOME, sortedby=sorting.FieldFacet("source", reverse=True), limit=None)
    ),
    "by title": lambda s: shown(s.search(SOME, sortedby="title", limit=None)),
    "by id": lambda s: shown(s.search(SOME, sortedby="id", limit=None)),
    "by float": lambda s: shown(s.search(And([SOME, Every("rate")]), sortedby="rate", limit=None)),
    "by two fields": lambda s: shown(s.search(WITH_VIEWS, sortedby=["section", "views"], limit=None)),
    "by score, then id": lambda s: shown(
        s.search(SOME, sortedby=[sorting.ScoreFacet(), sorting.FieldFacet("id")], limit=None)
    ),
    # groups
    "groups of a keyword": lambda s: groups(s.search(SOME, groupedby="section", limit=None)),
    "groups of several keywords": lambda s: groups(
        s.search(SOME, groupedby=sorting.FieldFacet("tags", allow_overlap=True), limit=None)
    ),
    "groups of a date": lambda s: groups(s.search(SOME, groupedby="date", limit=None)),
    "groups of numbers": lambda s: groups(s.search(WITH_VIEWS, groupedby="views", limit=None)),
    "groups of ranges": lambda s: groups(s.search(SOME, groupedby=sorting.RangeFacet("views", 0, 60, 20), limit=None)),
    "groups of weeks": lambda s: groups(
        s.search(
            SOME,
            groupedby=sorting.DateRangeFacet("date", dt.datetime(2020, 1, 1), dt.datetime(2020, 3, 1), dt.timedelta(7)),
            limit=None,
        )
    ),
    "groups of queries": lambda s: groups(
        s.search(
            SOME,
            groupedby=sorting.QueryFacet({"cargo": Term("body", "cargo"), "порт": Term("body", "порт")}),
            limit=None,
        )
    ),
    "groups of a stored field": lambda s: groups(
        s.search(SOME, groupedby=sorting.StoredFieldFacet("section"), limit=None)
    ),
    "counts of groups": lambda s: dict(s.search(SOME, groupedby="section", maptype=sorting.Count).groups()),
    "best of groups": lambda s: dict(s.search(SOME, groupedby="section", maptype=sorting.Best).groups()),
    "collapsed": lambda s: shown(s.search(SOME, collapse="section", limit=None)),
    "collapsed to two": lambda s: shown(s.search(SOME, collapse="section", collapse_limit=2, limit=None)),
    "collapsed, best by number": lambda s: shown(
        s.search(WITH_VIEWS, collapse="section", collapse_order=VIEWS, limit=None)
    ),
    # restrictions
    "filter by a query": lambda s: shown(s.search(SOME, filter=Term("section", "trade"), limit=None)),
    "filter by results": lambda s: shown(
        s.search(SOME, filter=s.search(Term("section", "trade"), limit=None), limit=None)
    ),
    "filter by numbers": lambda s: shown(s.search(SOME, filter=first_half(), limit=None)),
    "mask by a query": lambda s: shown(s.search(SOME, mask=Term("section", "trade"), limit=None)),
    "mask by numbers": lambda s: shown(s.search(SOME, mask=first_half(), limit=None)),
    "filter, mask, order": lambda s: shown(
        s.search(SOME, filter=Every("date"), mask=first_half(), sortedby=["date", "id"], limit=15)
    ),
    # terms and texts; Whoosh picks among equally good fragments by chance, so all are asked for
    "matched terms": lambda s: s.search(SOME, terms=True, limit=None).matched_terms(),
    "matched terms of hits": lambda s: [sorted(hit.matched_terms()) for hit in s.search(SOME, terms=True)],
    "highlights": lambda s: [hit.highlights("body", top=99) for hit in s.search(SOME, limit=20)],
    "highlights of a phrase": lambda s: [
        h.highlights("body", top=99) for h in s.search(Phrase("body", ["един", "окн"]), limit=20)
    ],
    "highlights of a pattern": lambda s: [
        hit.highlights("body", top=99) for hit in s.search(Prefix("body", "smug"), limit=20)
    ],
    "highlights of the title": lambda s: [hit.highlights("title", minscore=0) for hit in s.search(SOME, limit=20)],
    "fields": lambda s: [hit["title"] if "title" in hit.fields() else "" for hit in s.search(SOME)],
    "a stored document": lambda s: s.document(id="made-011"),
    "stored documents": lambda s: list(s.documents(section="trade")),
    "document number": lambda s: s.document_number(id="made-011"),
    "document numbers": lambda s: list(s.document_numbers(section="trade", urgent=True)),
    "key term of a text": lambda s: s.key_terms_from_text("body", "Порты и таможня: груз, груз, груз", numterms=1)[0][
        0
    ],
    "find": lambda s: shown(s.find("body", "customs OR таможня")),
    # pages and results
    "a page": lambda s: facts_of(s.search_page(SOME, 3, pagelen=7)),
    "the last page": lambda s: facts_of(s.search_page(SOME, 99, pagelen=50)),
    "the total": lambda s: len(s.search(SOME)),
    "the total of a filtered search": lambda s: len(s.search(SOME, filter=Term("section", "trade"), limit=3)),
    "the numbers": lambda s: sorted(s.search(SOME).docs()),
    "a slice": lambda s: [hit["id"] for hit in s.search(SOME)[2:5]],
    "ranks and numbers": lambda s: [(hit.rank, hit.docnum) for hit in s.search(SOME)],
    "extended": lambda s: changed(s, "extend", Term("body", "cargo")),
    "upgraded": lambda s: changed(s, "upgrade", Term("body", "in")),
    "upgraded and extended": lambda s: changed(s, "upgrade_and_extend", Term("body", "cargo")),
    "narrowed": lambda s: changed(s, "filter", Term("body", "in")),
    # weights
    "TF_IDF": lambda s: shown(s.__class__(s.reader(), weighting=scoring.TF_IDF(), closereader=False).search(SOME)),
    "weights by field": lambda s: shown(
        s.__class__(
            s.reader(), weighting=scoring.MultiWeighting(scoring.Frequency(), title=scoring.TF_IDF()), closereader=False
        ).search(SOME)
    ),
    "a weighting of one's own": lambda s: shown(
        s.__class__(
            s.reader(),
            weighting=scoring.FunctionWeighting(lambda searcher, field, text, m: m.weight() ** 2 + m.id()),
            closereader=False,
        ).search(SOME)
    ),
    "final scores of one's own": lambda s: shown(
        s.__class__(s.reader(), weighting=_ByNumber(), closereader=False).search(SOME)
    ),
    # parsing
    "parsed words": lambda s: shown(s.search(parsed("COVID-19 OR fossils", s), limit=None)),
    "parsed phrase": lambda s: shown(s.search(parsed('"единое окно"', s), limit=None)),
    "parsed fields": lambda s: shown(
        s.search(parsed("customs title:ports source:Reuters views:[0 TO 50]", s), limit=None)
    ),
    "parsed date": lambda s: shown(s.search(parsed("date:2020-02 customs", s), limit=None)),
    "parsed Russian date": lambda s: shown(s.search(parsed("date:'3 февраля 2020'", s), limit=None)),
    "parsed wildcard": lambda s: shown(s.search(parsed("СМ*гл OR Контр*", s), limit=None)),
    "parsed over fields": lambda s: shown(
        s.search(MultifieldParser(["title", "body"], s.schema).parse("ports NOT fossils"), limit=None)
    ),
}


class _ByNumber(scoring.Frequency):  # type: ignore[misc]  # Whoosh has no types
    use_final = True

    def final(self, searcher: Any, docnum: int, score: float) -> float:
        return score * 1000 - docnum


@pytest.mark.parametrize("name", SAME)
def test_whoosh_over_its_own_index_shows_the_same(name: str, searcher: ArraySearcher, stock: Any) -> None:
    """Each way to search and to read results gives the same over our arrays as over Whoosh's files."""
    ours, theirs = SAME[name](searcher), SAME[name](stock)
    assert ours == theirs
    assert ours  # the archive has something to show for each


# -- the reader


def test_every_term_and_posting_is_that_of_whooshs_own_index(reader: ArrayReader, stock: Any) -> None:
    """The whole index, term by term: documents, frequencies, positions, facts."""
    other = stock.reader()
    assert list(reader.all_terms()) == list(other.all_terms())
    for field, text in other.all_terms():
        mine, theirs = reader.postings(field, text), other.postings(field, text)
        kinds = ["weight", "positions"] if field in ("title", "body") else ["weight"]
        for kind in kinds:
            assert list(mine.copy().items_as(kind)) == list(other.postings(field, text).items_as(kind)), (field, text)
        assert list(mine.all_ids()) == list(theirs.all_ids())
        facts, others = reader.term_info(field, text), other.term_info(field, text)
        for fact in ("weight", "doc_frequency", "max_weight", "min_id", "max_id"):
            assert getattr(facts, fact)() == getattr(others, fact)(), (field, text, fact)
        assert reader.doc_frequency(field, text) == other.doc_frequency(field, text)
        assert reader.frequency(field, text) == other.frequency(field, text)


@pytest.mark.parametrize(
    "ask",
    [
        lambda r: list(r.lexicon("body")),
        lambda r: list(r.field_terms("date")),
        lambda r: list(r.field_terms("views")),
        lambda r: list(r.expand_prefix("body", "с")),
        lambda r: list(r.expand_prefix("section", "")),
        lambda r: list(r.terms_from("section", "e")),
        lambda r: [(text, info.doc_frequency()) for text, info in r.iter_prefix("body", "sm")],
        lambda r: r.most_frequent_terms("body", 8),
        lambda r: r.most_distinctive_terms("title", 8, "т"),
        lambda r: sorted(r.terms_within("body", "custmo", 2)),
        lambda r: r.first_id("section", "trade"),
        lambda r: ("body", "таможн") in r,
        lambda r: ("body", "zebra") in r,
        lambda r: ("nofield", "zebra") in r,
        lambda r: sorted(r.indexed_field_names()),
        lambda r: list(r.iter_docs()),
        lambda r: list(r.all_doc_ids()),
        lambda r: (r.doc_count(), r.doc_count_all(), r.has_deletions(), r.is_deleted(3)),
        lambda r: [r.has_column(name) for name in ("title", "date", "views", "tags", "source")],
        lambda r: list(r.column_reader("source")),
        lambda r: list(r.column_reader("date")),
        lambda r: [m.id() for m in [r.postings("body", b"custom")]],
        lambda r: r.has_vector(0, "body"),
        lambda r: steps(r.cursor("body"), "порт"),
        lambda r: steps(r.cursor("body"), "\uffff"),
    ],
)
def test_the_reader_answers_as_whooshs_own(ask: Callable[[Any], Any], reader: ArrayReader, stock: Any) -> None:
    """Vocabulary, documents, columns and cursors."""
    assert ask(reader) == ask(stock.reader())


def test_lengths_are_numbers_of_words(reader: ArrayReader) -> None:
    """Exact, where Whoosh rounds them to a byte."""
    lengths = [1 + max((p for places in article.body.values() for p in places), default=-1) for article in ARTICLES]
    assert [reader.doc_field_length(n, "body") for n in range(len(DOCUMENTS))] == lengths
    assert reader.field_length("body") == sum(lengths)
    assert (reader.min_field_length("body"), reader.max_field_length("body")) == (min(lengths), max(lengths))
    assert reader.doc_field_length(0, "source", 1) == 1
    assert reader.field_length("source") == 0


def test_whooshs_bm25f_counts_with_exact_lengths(reader: ArrayReader) -> None:
    """A weighting of the user's choice gets our statistics."""
    searcher = ArraySearcher(reader, weighting=scoring.BM25F(B=0.5, K1=1.5))
    term = ("body", "custom")
    mean = reader.field_length("body") / reader.doc_count()
    rarity = searcher.weighting.idf(searcher, *term)
    for number, score in searcher.search(Term(*term), limit=None).items():
        length, freq = reader.doc_field_length(number, "body"), len(ARTICLES[number].body["custom"])
        assert score == pytest.approx(scoring.bm25(rarity, freq, length, mean, 0.5, 1.5))


@pytest.mark.parametrize("model", [scoring.BM25F, scoring.PL2, scoring.DebugModel, scoring.ReverseWeighting(FREQUENCY)])
def test_other_weightings_find_the_same_documents(model: Any, reader: ArrayReader, searcher: ArraySearcher) -> None:
    """Their scores differ by lengths alone."""
    other = ArraySearcher(reader, weighting=model)
    assert sorted(other.search(SOME, limit=None).docs()) == sorted(searcher.search(SOME, limit=None).docs())


def test_missing_things_are_told(reader: ArrayReader) -> None:
    """No term, no field, no column, no vector: each as Whoosh tells it."""
    not_found = whoosh.reading.TermNotFound
    with pytest.raises(not_found, match="no document has 'zebra' in its body"):
        reader.postings("body", "zebra")
    with pytest.raises(not_found):
        reader.term_info("body", "zebra")
    with pytest.raises(not_found, match="no field 'subject'"):
        reader.doc_frequency("subject", "zebra")
    assert reader.doc_frequency("body", "zebra") == reader.frequency("body", "zebra") == 0
    with pytest.raises(KeyError, match="no column"):
        reader.column_reader("body")
    with pytest.raises(KeyError, match="no vectors"):
        reader.vector(0, "body")


def test_a_term_of_the_title_alone_is_no_term_of_the_body() -> None:
    """Both share a vocabulary; each field shows its own words."""
    from wco_search.documents import Document

    reader = ArrayReader(
        snapshot_of([Document(id="1", title="Fossils", body="Customs."), Document(id="2", body="Ports.")])
    )
    assert list(reader.lexicon("title")) == [b"fossil"]
    assert list(reader.lexicon("body")) == [b"custom", b"port"]
    assert ("body", "fossil") not in reader
    assert reader.doc_frequency("title", "port") == 0


def test_an_index_without_documents_is_searched_in_vain() -> None:
    """Every method has an answer over nothing."""
    reader = ArrayReader(snapshot_of([]))
    searcher = ArraySearcher(reader)
    for query in (SOME, Every(), Every("body"), Prefix("body", "c"), NumericRange("views", 1, 2)):
        assert len(searcher.search(query)) == 0
    assert list(reader.all_terms()) == []
    assert (reader.field_length("body"), reader.min_field_length("body"), reader.max_field_length("body")) == (0, 0, 0)
    assert reader.most_frequent_terms("body") == []
    assert searcher.suggest("body", "customs") == []


# -- the matcher


def test_a_matcher_steps_skips_and_ends(reader: ArrayReader) -> None:
    """The protocol, to its end."""
    matcher = reader.postings("body", "custom")
    ids = list(matcher.all_ids())
    assert (matcher.id(), matcher.term(), matcher.is_active()) == (ids[0], ("body", b"custom"), True)
    matcher.next()
    other = matcher.copy()
    other.skip_to(ids[5] - 1 if ids[5] - 1 > ids[4] else ids[5])
    assert (matcher.id(), other.id()) == (ids[1], ids[5])
    other.skip_to(0)
    assert other.id() == ids[5]
    other.skip_to(10**9)
    assert not other.is_active()
    assert other.id() > len(DOCUMENTS)
    for step in (other.next, lambda: other.skip_to(3)):
        with pytest.raises(whoosh.matching.ReadTooFar):
            step()
    other.reset()
    assert other.id() == ids[0]
    assert not other.supports_block_quality()
    assert other.max_quality() == other.block_quality() == float("inf")
    assert [span.start for span in other.spans()] == ARTICLES[ids[0]].body["custom"]


def test_what_a_field_does_not_keep_is_refused(reader: ArrayReader) -> None:
    """Keywords have no positions, words no characters."""
    assert not reader.postings("source", "Reuters").supports("positions")
    with pytest.raises(ValueError, match="keeps no positions"):
        reader.postings("source", "Reuters").value_as("positions")
    with pytest.raises(ValueError, match="keeps no characters"):
        reader.postings("body", "custom").value_as("characters")


def test_values_encode_as_the_format_does(reader: ArrayReader) -> None:
    """What `iter_postings` hands on can be decoded by the field's format."""
    matcher = reader.postings("body", "custom")
    decode = reader.schema["body"].format.decoder("positions")
    assert list(decode(matcher.value())) == matcher.value_as("positions")
    assert reader.postings("source", "Reuters").value() == b""


# -- columns


def test_documents_without_a_value_sort_last_and_group_under_none(searcher: ArraySearcher) -> None:
    """Numbers, dates and truth values; the largest number is not taken for none."""
    results = searcher.search(Every(), sortedby="views", limit=None)
    views = [hit.fields().get("views") for hit in results]
    known = [value for value in views if value is not None]
    assert views == [*sorted(known), *[None] * (len(views) - len(known))]
    assert known[-1] == 2**63 - 1
    for field in ("views", "urgent", "date", "rate"):
        found = searcher.search(Every(), groupedby=field, limit=None).groups()
        missing = {n for n in range(len(DOCUMENTS)) if searcher.stored_fields(n).get(field) is None}
        assert set(found[None]) == missing, field


def test_truth_values_sort_and_group(searcher: ArraySearcher) -> None:
    """False before true."""
    results = searcher.search(Every("urgent"), sortedby="urgent", limit=None)
    values = [hit["urgent"] for hit in results]
    assert values == sorted(values)
    assert set(values) == {False, True}
    reverse = searcher.search(Every("urgent"), sortedby=sorting.FieldFacet("urgent", reverse=True), limit=None)
    assert [hit["urgent"] for hit in reverse] == sorted(values, reverse=True)


def test_a_hit_shows_plain_values(searcher: ArraySearcher) -> None:
    """Strings, numbers, lists and datetimes, in a dictionary of its own, and numbers that JSON takes."""
    hit = next(iter(searcher.search(And([Every("tags"), Every("date"), Every("views")]))))
    assert type(hit["tags"]) is list
    assert hit["date"] == dt.datetime.combine(DOCUMENTS[hit.docnum].date, dt.time())
    assert json.loads(json.dumps([hit.docnum, hit.score, hit["views"]])) == [hit.docnum, hit.score, hit["views"]]
    hit.fields()["id"] = "changed"
    assert searcher.stored_fields(hit.docnum)["id"] == DOCUMENTS[hit.docnum].id


# -- totals and restrictions


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"filter": Term("section", "trade")},
        {"mask": Term("section", "trade")},
        {"terms": True},
        {"filter": Every("date"), "mask": Term("section", "trade"), "terms": True},
        {"groupedby": "section"},
        {"collapse": "section"},
    ],
    ids=str,
)
def test_totals_are_exact_under_any_limit(options: dict[str, Any], searcher: ArraySearcher) -> None:
    """`len(results)` never depends on how many are shown, whatever is combined."""
    query = Or([whoosh.query.ConstantScoreQuery(Term("body", "in")), Term("body", "custom"), Term("body", "таможн")])
    everything = searcher.search(query, limit=None, **options)
    for limit in (1, 3, 10):
        some = searcher.search(query, limit=limit, **options)
        assert len(some) == len(everything)
        assert sorted(some.docs()) == sorted(everything.docs()) or "collapse" in options


def test_an_empty_filter_lets_nothing_through(searcher: ArraySearcher) -> None:
    """Whoosh takes empty results for no filter at all."""
    nothing = searcher.search(Term("body", "zebra"))
    assert len(searcher.search(SOME, filter=nothing)) == 0
    assert len(searcher.search(SOME, filter=set())) == 0
    assert len(searcher.search(SOME, mask=nothing)) == len(searcher.search(SOME))


def test_require_keeps_the_scores_of_its_first_clause(searcher: ArraySearcher) -> None:
    """So does AndNot: the second clause decides, and adds nothing."""
    alone = dict(searcher.search(Term("body", "custom"), limit=None).items())
    for query in (
        Require(Term("body", "custom"), Term("body", "in")),
        AndNot(Term("body", "custom"), Term("body", "in")),
    ):
        found = dict(searcher.search(query, limit=None).items())
        assert found
        assert found == {number: alone[number] for number in found}


def test_filters_and_deletions_are_put_right_too(searcher: ArraySearcher) -> None:
    """A wrong matcher in a filter would restrict to the wrong documents."""
    seizure, customs = Term("body", "seizur"), Term("body", "custom")
    wanted = {a.number for a in ARTICLES if "seizur" in a.body and "custom" not in a.body}
    assert searcher.search(Every(), filter=AndNot(seizure, customs), limit=None).docs() == wanted
    assert set(searcher.docs_for_query(AndNot(seizure, customs), for_deletion=True)) == wanted
    both = {a.number for a in ARTICLES if "seizur" in a.body and "custom" in a.body}
    assert (
        searcher.search(Every(), mask=Require(seizure, customs), limit=None).docs() == set(range(len(DOCUMENTS))) - both
    )


def test_the_given_tree_stays_as_it_is(searcher: ArraySearcher) -> None:
    """A program may use its tree again, elsewhere."""
    tree = Or(
        [AndNot(Term("body", "cargo"), Term("body", "custom")), Require(Term("body", "in"), Term("body", "of"))],
        scale=0.5,
    )
    before = repr(tree)
    searcher.search(tree)
    assert repr(tree) == before
    assert type(tree.subqueries[0]) is AndNot


def test_a_tree_put_right_stays_right(searcher: ArraySearcher) -> None:
    """The query that results hold may be searched again."""
    for query in (
        AndNot(SOME, Term("body", "in")),
        Require(SOME, Term("body", "in")),
        Every("title"),
        parsed('"стали в"', searcher),
    ):
        results = searcher.search(query, limit=None)
        assert shown(searcher.search(results.q, limit=None)) == shown(results)


def test_zones_are_refused_wherever_they_stand(searcher: ArraySearcher) -> None:
    """Whoosh would drop the zone in silence, and search another day."""
    moment = dt.datetime(2020, 10, 30, 1, tzinfo=dt.UTC)
    for query in (Term("date", moment), And([SOME, Term("date", moment)]), DateRange("date", moment, None)):
        with pytest.raises(ValueError, match="has a time zone"):
            searcher.search(query)
        with pytest.raises(ValueError, match="has a time zone"):
            list(searcher.docs_for_query(query))


def test_a_tree_too_deep_for_whoosh_is_told(searcher: ArraySearcher) -> None:
    """Not a RecursionError from inside Whoosh; a hundred levels are fine."""
    deep = shallow = Or([Term("body", "custom"), Term("body", "cargo")])
    for _ in range(60):
        shallow = And([Or([shallow, Term("body", "порт")]), Every()])
    assert len(searcher.search(shallow)) == sum(bool({"custom", "cargo", "порт"} & a.body.keys()) for a in ARTICLES)
    for _ in range(3000):
        deep = Or([deep, Term("body", "cargo")])
    for run in (lambda: searcher.search(deep), lambda: list(searcher.docs_for_query(deep))):
        with pytest.raises(ValueError, match="nested too deeply"):
            run()


# -- words for people


def test_suggestions_are_words_as_they_are_written(searcher: ArraySearcher) -> None:
    """Not stems; of the field that is asked."""
    assert "контрабанда" in searcher.suggest("body", "контробанда")
    assert "окаменелости" in searcher.suggest("body", "Окоменелости")
    assert searcher.suggest("body", "smugler")[0] == "smuggler"
    assert searcher.suggest("body", "cutsoms", maxdist=1) == ["customs"]
    assert searcher.suggest("body", "customs", maxdist=0) == []
    assert searcher.suggest("section", "trad") == ["trade"]
    assert searcher.suggest("views", "7") == []
    assert all(word.startswith("ка") for word in searcher.suggest("body", "карго", prefix=2))


def test_a_corrected_query_finds_what_it_shows(searcher: ArraySearcher) -> None:
    """The string has the word, the query its terms."""
    text = "smugler OR портти"
    correction = searcher.correct_query(parsed(text, searcher), text)
    assert correction.string == "smuggler OR порты" or correction.string.startswith("smuggler OR порт")
    found = searcher.search(correction.query, limit=None).docs()
    assert found == {a.number for a in ARTICLES if {"smuggler", "порт"} & a.body.keys()}


def test_misspellings_are_found_at_any_distance(reader: ArrayReader) -> None:
    """Letters swapped count one edit; the first letters may be fixed."""
    assert list(reader.terms_within("body", "acrgo", 1)) == ["cargo"]
    assert list(reader.terms_within("body", "kargo", 1, prefix=1)) == []
    assert {"custom", "of"} <= set(reader.terms_within("body", "custo", 5))
    assert list(reader.terms_within("date", "2020", 2)) == []


def test_a_word_of_several_terms_goes_through_the_parser_whole(searcher: ArraySearcher) -> None:
    """«стали» is steel and became: a phrase with it finds both, and marks both."""
    query = parsed('"стали в"', searcher)
    assert any(isinstance(word, Word) for word in query.words)
    hits = searcher.search(query, limit=None)
    wanted = {
        a.number for a in ARTICLES for t in ("стал", "стат") if any(p + 1 in a.at("в") for p in a.body.get(t, []))
    }
    assert hits.docs() == wanted
    assert all('class="match' in hit.highlights("body") for hit in hits)
    either = searcher.search(parsed("стали", searcher), limit=None).docs()
    assert either == {a.number for a in ARTICLES if {"стал", "стат"} & a.body.keys()}


def test_highlights_take_whooshs_fragmenters_and_formatters(searcher: ArraySearcher) -> None:
    """The marks stand on the words, whatever cuts and paints them."""
    results = searcher.search(Or([Term("body", "custom"), Term("body", "таможн")]), terms=True, limit=5)
    for fragmenter in (
        highlight.SentenceFragmenter(),
        highlight.WholeFragmenter(),
        highlight.ContextFragmenter(40, 10),
    ):
        results.fragmenter = fragmenter
        results.formatter = highlight.UppercaseFormatter()
        for hit in results:
            assert "CUSTOMS" in hit.highlights("body") or "ТАМОЖ" in hit.highlights("body")
    text = DOCUMENTS[2].body
    marked = highlight.highlight(
        text, {"custom"}, searcher.schema["body"].analyzer, highlight.WholeFragmenter(), highlight.HtmlFormatter()
    )
    assert marked.count("<strong") == len(ARTICLES[2].body["custom"])


def test_similar_documents_and_key_terms(searcher: ArraySearcher) -> None:
    """From the stored text, in our terms."""
    number = searcher.document_number(id="sample-002")
    assert number == 1
    terms = dict(searcher.key_terms([number], "body", numterms=8))
    assert terms.keys() <= set(ARTICLES[number].body)
    hit = searcher.search(Term("id", "sample-002"))[0]
    similar = hit.more_like_this("body", top=5)
    assert 0 < len(list(similar)) <= 5
    assert "sample-002" not in [other["id"] for other in similar]
    assert searcher.search(SOME).key_terms("body")
    assert len(searcher.more_like(number, "tags")) == len(
        searcher.more_like(number, "tags", text=DOCUMENTS[1].metadata["tags"])
    )


# -- collectors and life cycle


def test_collectors_of_whoosh_and_of_ones_own_work(searcher: ArraySearcher) -> None:
    """A time limit that is not reached, and a collector that only counts."""

    class Counting(collectors.Collector):  # type: ignore[misc]  # Whoosh has no types
        total = 0

        def collect(self, sub_docnum: int) -> None:
            self.total += 1

    counting = Counting()
    searcher.search_with_collector(SOME, counting)
    limited = collectors.TimeLimitCollector(searcher.collector(limit=5), timelimit=60)
    searcher.search_with_collector(SOME, limited)
    assert counting.total == len(searcher.search(SOME))
    assert shown(limited.results()) == shown(searcher.search(SOME, limit=5))


def test_closing_twice_is_no_error_and_results_stay_readable(reader: ArrayReader) -> None:
    """Nothing is held open, so nothing is lost."""
    with ArraySearcher(reader) as searcher:
        results = searcher.search(SOME)
    searcher.close()
    reader.close()
    assert reader.is_closed
    assert results[0]["id"]
    assert len(ArraySearcher(reader).search(SOME)) == len(results)


def test_threads_share_a_reader(reader: ArrayReader) -> None:
    """Eight threads, each with its own searcher, get what one gets."""
    queries = [SOME, Phrase("body", ["един", "окн"]), Prefix("body", "с"), NumericRange("views", 0, 9), Every("title")]
    alone = [shown(ArraySearcher(reader).search(query)) for query in queries]
    fresh = ArrayReader(snapshot_of(DOCUMENTS))
    found: list[list[Any]] = []

    def search() -> None:
        found.append([shown(ArraySearcher(fresh).search(query)) for query in queries])

    threads = [threading.Thread(target=search) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 8


def test_facts_about_terms_are_kept_in_bounds(reader: ArrayReader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that asks for every term of a large index does not fill the memory."""
    monkeypatch.setattr("wco_search.engine.whoosh_reader._TERM_INFOS_KEPT", 10)
    fresh = ArrayReader(snapshot_of(DOCUMENTS))
    words = list(fresh.lexicon("body"))[:50]
    assert [fresh.doc_frequency("body", word) for word in words] == [
        reader.doc_frequency("body", word) for word in words
    ]
    assert len(fresh._shared._infos) <= 10
    assert repr(fresh) == "<ArrayReader of commit 1: 400 documents>"


def test_readers_of_a_snapshot_share_what_they_work_out() -> None:
    """And what they share goes when the snapshot goes."""
    import gc
    import weakref

    snapshot = snapshot_of(DOCUMENTS[:5])
    one, other = ArrayReader(snapshot), ArrayReader(snapshot)
    assert one.schema is other.schema
    gone = weakref.ref(snapshot)
    del snapshot, one, other
    gc.collect()
    assert gone() is None
