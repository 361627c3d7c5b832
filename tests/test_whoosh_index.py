"""An index as a `whoosh.index.Index`: schema, commits, the writer and its lock, Whoosh's queries in `Index.search`."""

from __future__ import annotations

import copy
import datetime as dt
import multiprocessing
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.whoosh_archive import METADATA, SCHEMA, Article, make_documents, read_articles, snapshot_of
from wco_search import Document, Index
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.plan import AnyOf, Given, Group, Nothing, Words
from wco_search.engine.segment import Scope
from wco_search.engine.whoosh_analyzer import ANALYZER, Word, whoosh
from wco_search.engine.whoosh_fields import DayField, whoosh_schema
from wco_search.engine.whoosh_index import NoSuchFieldError, WriterLockedError
from wco_search.engine.whoosh_reader import ArrayReader
from wco_search.engine.whoosh_search import ArraySearcher, compile_whoosh
from wco_search.errors import (
    IndexClosedError,
    IndexLockedError,
    InvalidDocumentError,
    UnknownFieldError,
    WcoSearchError,
)

from whoosh.qparser import QueryParser  # isort: skip  # after the door, which deals with its warnings
from whoosh.query import (  # isort: skip
    And, AndMaybe, AndNot, DisjunctionMax, Every, FuzzyTerm, Not, NullQuery, NumericRange, Or, Phrase, Prefix, Require,
    SpanNear, SpanNot, Term,
)  # fmt: skip

DOCUMENTS = make_documents(120)
ARTICLES = read_articles(DOCUMENTS)
SNAPSHOT = snapshot_of(DOCUMENTS)
FOSSILS = Document(
    id="1", title="Окаменелости в порту", body="Таможня изъяла груз окаменелостей.", date=dt.date(2020, 10, 30)
)
SINGLE_WINDOW = Document(id="2", body="Guinea launched a single window at the port.", source="Reuters")


@pytest.fixture
def index() -> Index:
    """An index of two documents in memory."""
    return Index.memory([FOSSILS, SINGLE_WINDOW], metadata=METADATA)


def ids(index: Index) -> list[str]:
    """The ids of its documents, in order."""
    return [document.id for document in index.documents()]


def found(index: Index, query: Any) -> list[str]:
    """The ids that Whoosh's searcher finds, best first."""
    with index.whoosh.searcher() as searcher:
        return [hit["id"] for hit in searcher.search(query)]


# -- reading


def test_a_program_written_for_whoosh_reads_the_index(index: Index) -> None:
    """The first page of Whoosh's documentation, on our index."""
    ix = index.whoosh
    assert ix.doc_count() == ix.doc_count_all() == 2
    with ix.searcher() as searcher:
        query = QueryParser("body", schema=ix.schema).parse("таможня")
        results = searcher.search(query, terms=True)
        assert [hit["title"] for hit in results] == ["Окаменелости в порту"]
        assert results[0].highlights("body").startswith('<b class="match term0">Таможня</b>')
        assert results[0]["date"] == dt.datetime(2020, 10, 30)
    assert not ix.is_empty()
    assert "Index" in repr(ix)
    assert ix.last_modified() == -1


def test_the_parser_seeks_title_and_body_with_or(index: Index) -> None:
    """Any of the words, in either field; or in one."""
    parser = index.whoosh.parser()
    assert isinstance(parser, QueryParser)
    assert sorted(found(index, parser.parse("окаменелость window"))) == ["1", "2"]
    assert found(index, index.whoosh.parser("title").parse("таможня")) == []
    assert found(index, index.whoosh.parser("title").parse("порт")) == ["1"]
    with pytest.raises(ValueError, match="1001 characters"):
        parser.parse("x" * 1001)


def test_fields_are_whooshs_own_types() -> None:
    """Each with what it keeps; names that Whoosh keeps for itself are left out."""
    schema = whoosh_schema(SCHEMA)
    assert schema.names() == sorted(["id", "title", "body", "date", "url", "source", "language", *METADATA])
    assert all(field.stored for _, field in schema.items())
    assert [name for name, field in schema.items() if field.unique] == ["id"]
    assert schema["body"].format.supports("positions")
    from wco_search.documents import MetadataSchema

    assert "_note" not in whoosh_schema(MetadataSchema.of({"_note": str})).names()
    assert pickle.loads(pickle.dumps(schema)).names() == schema.names()


def test_each_searcher_is_of_the_newest_commit(tmp_path: Path) -> None:
    """As in Whoosh: one that is open keeps its commit, and tells that there is a newer one."""
    path = tmp_path / "news"
    index, other = Index.create(path), Index.open(path)
    ix = index.whoosh
    searcher = ix.searcher()
    assert searcher.up_to_date()
    assert ix.latest_generation() == searcher.reader().generation() == 0
    other.add(FOSSILS)
    assert not searcher.up_to_date()
    assert not ix.up_to_date()
    assert searcher.doc_count() == 0
    assert ix.searcher().doc_count() == 1
    assert searcher.refresh().doc_count() == 1
    assert ix.up_to_date()
    other.add(SINGLE_WINDOW)
    assert ix.refresh().doc_count() == 2
    assert ix.up_to_date()
    same = ix.searcher()
    assert same.refresh() is same


def test_a_closed_index_says_so(index: Index) -> None:
    """Readers that were taken before go on."""
    ix = index.whoosh
    searcher = ix.searcher()
    index.close()
    assert searcher.doc_count() == 2
    with pytest.raises(IndexClosedError):
        ix.searcher()
    with pytest.raises(IndexClosedError):
        ix.writer()


# -- writing


def test_documents_are_added_updated_and_deleted_in_one_commit(index: Index) -> None:
    """All of it is seen at once, after the block."""
    before = index.stats().generation
    with index.whoosh.writer() as writer:
        writer.add_document(
            id="3", title="Quotas", body="New quotas.", date=dt.datetime(2021, 5, 1, 12), tags=["quota", "HS"]
        )
        writer.update_document(id="2", body="Guinea closed its single window.", views=12, urgent=True)
        assert writer.delete_by_term("id", "1") == 1
        assert ids(index) == ["1", "2"]
    assert sorted(ids(index)) == ["2", "3"]
    assert index.stats().generation == before + 1
    added, updated = index.get("3"), index.get("2")
    assert added is not None
    assert updated is not None
    assert (added.date, added.metadata["tags"]) == (dt.date(2021, 5, 1), ("quota", "HS"))
    assert (updated.body, updated.metadata) == ("Guinea closed its single window.", {"views": 12, "urgent": True})


def test_values_are_taken_as_whoosh_programs_give_them(index: Index) -> None:
    """Written dates, keywords with commas, numbers as text, None for nothing; what has an underscore is ignored."""
    with index.whoosh.writer() as writer:
        writer.add_document(
            body="Quotas.",
            date="2021-05-01",
            tags="quota, single window",
            views="12",
            rate=1,
            checked=dt.datetime(2021, 5, 2, 9),
            source=None,
            _stored_body="other text",
            _body_boost=2.0,
            _boost=3.0,
        )
    (document,) = [document for document in index.documents() if document.body == "Quotas."]
    assert document.id
    assert document.date == dt.date(2021, 5, 1)
    assert document.source is None
    expected = {"tags": ("quota", "single window"), "views": 12, "rate": 1.0, "checked": dt.date(2021, 5, 2)}
    assert document.metadata == expected


def test_stored_fields_can_be_added_again(index: Index) -> None:
    """What a hit shows is what a writer takes."""
    other = Index.memory(metadata=METADATA)
    documents = make_documents(40)[64:]
    index.add(documents)
    with index.whoosh.reader() as reader, other.whoosh.writer() as writer:
        writer.add_reader(reader)
    assert list(other.documents()) == list(index.documents())


BAD = [
    ("no such field", {"body": "x", "subject": "y"}, whoosh.fields.UnknownFieldError, "no field 'subject'"),
    ("no text", {"source": "Reuters"}, InvalidDocumentError, "nothing to index"),
    ("bytes", {"body": b"x"}, InvalidDocumentError, "must be a string"),
    ("no number", {"body": "x", "views": "many"}, InvalidDocumentError, "not a value of kind integer"),
    ("a zone", {"body": "x", "date": dt.datetime(2020, 10, 30, tzinfo=dt.UTC)}, ValueError, "has a time zone"),
    (
        "a zone in metadata",
        {"body": "x", "checked": dt.datetime(2020, 10, 30, tzinfo=dt.UTC)},
        ValueError,
        "has a time zone",
    ),
    ("no date", {"body": "x", "date": "yesterday"}, ValueError, "'yesterday' is not a date"),
    ("no date at all", {"body": "x", "date": 20201030}, TypeError, "is not a date"),
]


@pytest.mark.parametrize(("fields", "error", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_bad_document_is_refused_whole_and_the_writer_goes_on(
    fields: dict[str, Any], error: type[Exception], message: str, index: Index
) -> None:
    """It leaves no trace; the next one is taken."""
    with index.whoosh.writer() as writer:
        with pytest.raises(error, match=message):
            writer.add_document(id="1", **fields)
        writer.add_document(id="3", body="Fine.")
    assert index.get("1") == FOSSILS
    assert len(index) == 3


@pytest.mark.parametrize(("fields", "error", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_an_error_in_the_block_undoes_all_and_frees_the_lock(
    fields: dict[str, Any], error: type[Exception], message: str, index: Index
) -> None:
    """What was added before it as well."""
    with pytest.raises(error, match=message), index.whoosh.writer() as writer:
        writer.add_document(id="3", body="Fine.")
        writer.delete_by_term("id", "2")
        writer.add_document(**fields)
    assert writer.is_closed
    assert ids(index) == ["1", "2"]
    with index.whoosh.writer() as other:
        other.add_document(id="4", body="Later.")
    assert len(index) == 3


def test_errors_are_of_both_trees() -> None:
    """Whoosh's programs catch Whoosh's, ours the library's."""
    assert issubclass(NoSuchFieldError, WcoSearchError)
    assert issubclass(NoSuchFieldError, UnknownFieldError)
    assert issubclass(WriterLockedError, IndexLockedError)
    assert issubclass(WriterLockedError, whoosh.index.LockError)


def test_a_second_writer_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    """At once, as Whoosh does; or it waits."""
    ix = Index.create(tmp_path / "news").whoosh
    first = ix.writer()
    with pytest.raises(whoosh.index.LockError, match="has been writing") as caught:
        ix.writer()
    assert isinstance(caught.value, IndexLockedError)
    assert caught.value.holder_pid == multiprocessing.current_process().pid
    with pytest.raises(WriterLockedError):
        ix.writer(timeout=0.05)
    first.cancel()
    ix.writer(procs=4, limitmb=512, multisegment=True).cancel()


def test_cancelling_undoes_all(index: Index) -> None:
    """And a writer that is done with refuses more."""
    writer = index.whoosh.writer()
    writer.add_document(id="3", body="Draft.")
    writer.delete_by_query(Every())
    writer.cancel(fast=True)
    assert ids(index) == ["1", "2"]
    for use in (
        lambda: writer.add_document(body="x"),
        lambda: writer.delete_by_term("id", "1"),
        lambda: writer.delete_document(0),
        writer.commit,
        writer.cancel,
    ):
        with pytest.raises(whoosh.writing.IndexingError, match="committed or cancelled"):
            use()


def test_commit_takes_whooshs_options_and_may_stand_in_the_block(index: Index) -> None:
    """`merge`, `optimize` and `mergetype` have no use, and do no harm."""
    with index.whoosh.writer() as writer:
        writer.add_document(id="3", body="Third.")
        with writer.group():
            writer.add_document(id="4", body="Fourth.")
        writer.commit(merge=False, optimize=True, mergetype=whoosh.writing.CLEAR)
    assert ids(index) == ["1", "2", "3", "4"]
    index.whoosh.optimize()


def test_a_commit_that_fails_frees_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is as it was, and the next writer writes."""
    index = Index.create(tmp_path / "news")
    writer = index.whoosh.writer()
    writer.add_document(id="1", body="Lost.")

    def fail(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(type(index._storage), "commit", fail)
        with pytest.raises(OSError, match="No space left"):
            writer.commit()
    assert writer.is_closed
    with index.whoosh.writer() as other:
        other.add_document(id="2", body="Kept.")
    assert ids(index) == ["2"]


def test_a_writer_forgotten_frees_its_lock(tmp_path: Path) -> None:
    """Nothing of it is committed."""
    index = Index.create(tmp_path / "news")
    writer = index.whoosh.writer()
    writer.add_document(body="Lost.")
    del writer
    with index.whoosh.writer() as other:
        other.add_document(body="Kept.")
    assert [document.body for document in index.documents()] == ["Kept."]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (Term("body", "port"), ["1"]),
        (Term("source", "Reuters"), ["1"]),
        (Term("date", dt.date(2020, 10, 30)), ["2"]),
        (Every(), []),
        (Term("id", "no such"), ["1", "2"]),
        (AndNot(Every(), Term("body", "port")), ["2"]),
    ],
    ids=str,
)
def test_documents_are_deleted_by_query(query: Any, left: list[str], index: Index) -> None:
    """By the writer and by the index, which count them."""
    with index.whoosh.writer() as writer:
        assert writer.delete_by_query(query) == 2 - len(left)
        assert [writer.is_deleted(n) for n in range(2)] == [name not in left for name in ("1", "2")]
    assert ids(index) == left
    again = Index.memory([FOSSILS, SINGLE_WINDOW], metadata=METADATA)
    assert again.whoosh.delete_by_query(query) == 2 - len(left)
    assert ids(again) == left


def test_deleting_looks_at_what_is_committed_and_spares_what_the_writer_adds(index: Index) -> None:
    """As Whoosh's writer does; by id it reaches both."""
    with index.whoosh.writer() as writer:
        writer.update_document(id="2", body="Guinea has no port.")
        writer.add_document(id="3", body="Another port.")
        assert writer.searcher().doc_count() == writer.reader().doc_count() == 2
        assert writer.delete_by_term("body", "port") == 0
        writer.add_document(id="4", body="A fourth.")
        assert writer.delete_by_term("id", "4") == 1
        assert writer.delete_by_term("id", b"1") == 1
        assert writer.is_deleted(0)
        assert writer.delete_by_term("id", "1") == 0
    assert ids(index) == ["2", "3"]
    assert index.whoosh.delete_by_term("body", "fourth") == 0


def test_documents_are_deleted_by_number(index: Index) -> None:
    """The numbers are those of the writer's reader; a deletion is not taken back alone."""
    with index.whoosh.writer() as writer:
        writer.delete_document(1)
        writer.delete_document(1)
        assert (writer.is_deleted(0), writer.is_deleted(1)) == (False, True)
        with pytest.raises(ValueError, match="not taken back"):
            writer.delete_document(1, delete=False)
    assert ids(index) == ["1"]


def test_a_searcher_of_the_callers_own_says_what_to_delete(index: Index) -> None:
    """Its numbers may be of another commit; ids are not."""
    old = index.whoosh.searcher()
    index.add(Document(id="0", body="First of all."))
    index.delete("1")
    with index.whoosh.writer() as writer:
        assert writer.delete_by_query(Term("body", "port"), searcher=old) == 1
    assert ids(index) == ["0"]


def test_fields_are_fixed(index: Index) -> None:
    """Adding or removing one tells what to do, and leaves no lock behind."""
    ix = index.whoosh
    for change in (
        lambda: ix.add_field("subject", whoosh.fields.TEXT),
        lambda: ix.remove_field("views"),
    ):
        with pytest.raises(whoosh.writing.IndexingError, match=r"Index\.create"):
            change()
    with ix.writer() as writer:
        with pytest.raises(whoosh.writing.IndexingError, match="fixed when it is made"):
            writer.add_field("subject", whoosh.fields.TEXT)
        with pytest.raises(whoosh.writing.IndexingError):
            writer.remove_field("views")
    ix.schema.add("subject", whoosh.fields.TEXT())
    assert "subject" not in ix.schema


def test_whooshs_writers_over_ours(index: Index) -> None:
    """The one that waits in a thread, and the one that collects in memory."""
    held = index.whoosh.writer()
    waiting = whoosh.writing.AsyncWriter(index.whoosh, delay=0.01)
    waiting.add_document(id="3", body="Third.")
    waiting.commit()
    held.cancel()
    waiting.join(10)
    assert ids(index) == ["1", "2", "3"]
    buffered = whoosh.writing.BufferedWriter(index.whoosh, period=None, limit=2)
    buffered.add_document(id="4", body="Fourth.", views=4, tags=["a, b"])
    buffered.add_document(id="5", body="Fifth.", date=dt.datetime(2020, 1, 1))
    buffered.close()
    assert sorted(ids(index)) == ["1", "2", "3", "4", "5"]
    fourth, fifth = index.get("4"), index.get("5")
    assert fourth is not None
    assert fifth is not None
    assert (fourth.metadata, fifth.date) == ({"views": 4, "tags": ("a, b",)}, dt.date(2020, 1, 1))


# -- the analyzer


def test_the_analyzer_gives_each_term_at_each_place_once() -> None:
    """Positions never go back; spans point into the text."""
    text = "COVID-19: стали U.S. WhatsApp"
    tokens = list(ANALYZER(text, positions=True, chars=True, keeporiginal=True, start_pos=5, start_char=100))
    assert [(t.text, t.pos) for t in tokens] == [
        ("covid", 5), ("covid-19", 5), ("19", 6), ("стал", 7), ("стат", 7), ("u", 8), ("us", 8), ("s", 9),
        ("whatsapp", 10), ("what", 10), ("app", 10),
    ]  # fmt: skip
    assert all(text[t.startchar - 100 : t.endchar - 100] == t.original for t in tokens)
    with pytest.raises(TypeError, match="expected a string"):
        list(ANALYZER(b"bytes"))


def test_the_analyzer_knows_what_it_is_asked_for() -> None:
    """A phrase: one word a place. A pattern: the text, folded. Spelling: words as written."""
    assert [t.text for t in ANALYZER("COVID-19 стали", mode="query", chars=True)] == ["covid", "19", "стал"]
    assert [t.text for t in ANALYZER("Контр*", tokenize=False)] == ["контр*"]
    assert [t.text for t in ANALYZER("Стали трубы", no_morph=True)] == ["стали", "трубы"]
    field = whoosh.fields.TEXT(analyzer=ANALYZER, spelling=True)
    assert field.separate_spelling()
    assert list(field.spellable_words("Порты и порт")) == ["и", "порт", "порты"]
    assert (ANALYZER | whoosh.analysis.LowercaseFilter())("Таможня") is not None


def test_the_analyzer_pickles_as_a_name_and_copies_as_itself() -> None:
    """A schema of Whoosh's own index holds it."""
    assert pickle.loads(pickle.dumps(ANALYZER)) is ANALYZER
    assert len(pickle.dumps(ANALYZER)) < 100
    assert copy.deepcopy(ANALYZER) is ANALYZER
    word = Word("стали", ["стал", "стат"])
    again = pickle.loads(pickle.dumps(word))
    assert (again, again.terms) == (word, word.terms)
    assert copy.deepcopy(word).terms == word.terms


# -- dates


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2020-10-30", (2020, 10, 30), (2020, 10, 30)),
        ("30.10.2020", (2020, 10, 30), (2020, 10, 30)),
        ("октябрь 2020", (2020, 10, 1), (2020, 10, 31)),
        ("2020", (2020, 1, 1), (2020, 12, 31)),
        ("202010", (2020, 10, 1), (2020, 10, 31)),
        ("20201030", (2020, 10, 30), (2020, 10, 30)),
        ("20201030120000", (2020, 10, 30), (2020, 10, 30)),
    ],
)
def test_dates_are_read_as_people_and_whoosh_write_them(text: str, first: Any, last: Any) -> None:
    """A day, a month, a year."""
    query = DayField().parse_query("date", text)
    assert (query.startdate.date(), query.enddate.date()) == (dt.date(*first), dt.date(*last))


def test_what_is_no_date_gives_an_error_query() -> None:
    """Whoosh's parser hands on why."""
    query = DayField().parse_query("date", "2020-13-45")
    assert query == NullQuery
    assert "not a date" in str(query.error)
    with pytest.raises(whoosh.qparser.common.QueryParserError, match="'soon' is not a date"):
        DayField().parse_range("date", "2020", "soon", False, False)
    assert DayField().parse_query("date", "*") == Every("date")
    assert DayField().parse_range("date", None, None, False, False) == Every("date")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("[20200101 TO 20200103]", [1, 2, 3]),
        ("{20200101 TO 20200103]", [2, 3]),
        ("[20200101 TO 20200103}", [1, 2]),
        ("{20200101 TO 20200103}", [2]),
        ("[20200103 TO]", [3, 4]),
        ("[TO 20200102]", [1, 2]),
        ("{2019 TO 20200102]", [1, 2]),
        ("2020-01", [1, 2, 3, 4]),
        ("'2 января 2020'", [2]),
    ],
)
def test_ranges_of_dates_mind_their_brackets(text: str, days: list[int]) -> None:
    """Whoosh itself takes an open end for a closed one."""
    index = Index.memory([Document(id=str(day), body="x", date=dt.date(2020, 1, day)) for day in range(1, 5)])
    ix = index.whoosh
    query = QueryParser("body", ix.schema).parse(f"date:{text}")
    assert sorted(found(index, query)) == [str(day) for day in days]


# -- plans


@pytest.mark.parametrize("scope", ["title", "body"])
def test_scores_are_those_of_the_library(scope: Scope) -> None:
    """One word of a field scores the same to the bit, in Whoosh's searcher and in ours."""
    searcher = ArraySearcher(ArrayReader(SNAPSHOT))
    terms = {term for article in ARTICLES for term in getattr(article, scope)}
    for term in sorted(terms):
        plan = Words((Group(term, terms=(term,)),), 0, scope)
        matches = Evaluation(SNAPSHOT, plan).matches
        scores = np.zeros(len(SNAPSHOT))
        for number, score in searcher.search(Term(scope, term), limit=None).items():
            scores[number] = score
        assert np.array_equal(scores, matches.scores), term


def test_sums_are_those_of_the_library_but_for_their_order() -> None:
    """Several words add up in Whoosh's order, so the last bits may differ."""
    words = [Words((Group(term, terms=(term,)),), 0, "body") for term in ("custom", "таможн", "in", "и", "cargo")]
    query = Or([Term("body", words_.groups[0].label) for words_ in words])
    plan = compile_whoosh(query, SNAPSHOT).plan
    assert isinstance(plan, Given)
    matches = Evaluation(SNAPSHOT, AnyOf(tuple(words))).matches
    assert np.array_equal(plan.mask, matches.mask)
    assert plan.scores == pytest.approx(matches.scores, rel=1e-12)


def marked(query: Any) -> list[tuple[Any, ...]]:
    """What a compiled query marks: terms of each group, slop, field."""
    plan = compile_whoosh(query, SNAPSHOT).plan
    assert isinstance(plan, Given)
    return [([group.terms for group in words.groups], words.slop, words.scope) for words in plan.words]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Term("body", "custom"), [([("custom",)], 0, "body")]),
        (Or([Term("title", "port"), Term("body", "custom")]), [([("port",)], 0, "title"), ([("custom",)], 0, "body")]),
        (And([Term("body", "custom"), Not(Term("body", "cargo"))]), [([("custom",)], 0, "body")]),
        (AndNot(Term("body", "custom"), Term("body", "cargo")), [([("custom",)], 0, "body")]),
        (SpanNot(Term("body", "custom"), Term("body", "cargo")), [([("custom",)], 0, "body")]),
        (Not(Term("body", "custom")), []),
        (
            SpanNear(Term("body", "custom"), Term("body", "cargo")),
            [([("custom",)], 0, "body"), ([("cargo",)], 0, "body")],
        ),
        (Phrase("body", ["един", "окн"]), [([("един",), ("окн",)], 0, "body")]),
        (Phrase("body", ["един", "окн"], slop=3), [([("един",), ("окн",)], 2, "body")]),
        (Phrase("body", [Word("стал", ["стал", "стат"]), "в"]), [([("стал", "стат"), ("в",)], 0, "body")]),
        (Prefix("body", "smuggl"), [([("smuggl", "smuggler")], 0, "body")]),
        (FuzzyTerm("body", "custam"), [([("custom",)], 0, "body")]),
        (Term("body", "zebra"), []),
        (Term("source", "Reuters"), []),
        (NumericRange("views", 1, 5), []),
        (Every(), []),
    ],
    ids=str,
)
def test_a_plan_marks_what_was_sought(query: Any, expected: list[Any]) -> None:
    """Words of title and body, phrases whole, patterns with all that they found, and nothing that was excluded."""
    assert marked(query) == expected


def test_function_words_are_not_telling() -> None:
    """Unless they stand in a phrase."""
    plan = compile_whoosh(Or([Term("body", "in"), Term("body", "custom")]), SNAPSHOT).plan
    assert isinstance(plan, Given)
    assert [words.telling for words in plan.words] == [False, True]


def test_a_query_that_whoosh_did_not_understand_finds_nothing_and_says_so() -> None:
    """With the parser's reason where it gave one."""
    compiled = compile_whoosh(NullQuery, SNAPSHOT)
    assert isinstance(compiled.plan, Nothing)
    assert "not understood" in compiled.warnings[0]
    parsed = QueryParser("body", whoosh_schema(SCHEMA)).parse("views:many")
    assert "many" in compile_whoosh(parsed, SNAPSHOT).warnings[0]


def test_what_is_no_query_and_what_is_no_field_is_told() -> None:
    """With what there is."""
    with pytest.raises(TypeError, match="not list"):
        compile_whoosh(["customs"], SNAPSHOT)
    with pytest.raises(TypeError, match="not str"):
        ArraySearcher(ArrayReader(SNAPSHOT)).search("customs")
    with pytest.raises(UnknownFieldError, match="did you mean 'source'"):
        compile_whoosh(And([Term("body", "custom"), Prefix("sorce", "R")]), SNAPSHOT)


def test_the_index_searches_with_whoosh_queries() -> None:
    """The library's own results, snippets and filters for a tree of Whoosh's."""
    index = Index.memory(DOCUMENTS, metadata=METADATA)
    query = Or([Phrase("body", ["един", "окн"]), Term("body", "таможн")])
    results = index.search(query, limit=5, filter="source:Reuters", facets=["section"])
    wanted = {a.number for a in ARTICLES if "таможн" in a.body or any(p + 1 in a.at("окн") for p in a.at("един"))}
    wanted = {n for n in wanted if (DOCUMENTS[n].source or "").casefold() == "reuters"}
    assert results.total == len(wanted) > 0
    with index.whoosh.searcher() as searcher:
        best = searcher.search(query, filter=Or([Term("source", "Reuters"), Term("source", "reuters")]), limit=5)
        assert [hit.document.id for hit in results.hits] == [hit["id"] for hit in best]
        assert [hit.score for hit in results.hits] == [hit.score for hit in best]
    assert all(fragment.marks for hit in results.hits for fragment in hit.snippet.fragments[:1])


# -- random trees

TERMS = ["custom", "cargo", "port", "таможн", "и", "в", "стал", "zebra"]
leaves = st.one_of(
    st.sampled_from(TERMS).map(lambda term: Term("body", term)),
    st.sampled_from(TERMS[:4]).map(lambda term: Term("title", term)),
    st.tuples(st.integers(-30, 60), st.integers(-30, 60)).map(lambda ends: NumericRange("views", *sorted(ends))),
    st.just(Every()),
    st.sampled_from(["с", "ca", "порт"]).map(lambda head: Prefix("body", head)),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(And),
        st.lists(inner, min_size=1, max_size=5).map(Or),
        st.lists(inner, min_size=1, max_size=3).map(DisjunctionMax),
        inner.map(Not),
        st.tuples(inner, inner).map(lambda pair: AndNot(*pair)),
        st.tuples(inner, inner).map(lambda pair: Require(*pair)),
        st.tuples(inner, inner).map(lambda pair: AndMaybe(*pair)),
    ),
    max_leaves=8,
)


def holds(query: Any, article: Article) -> bool:
    """Whether a tree matches a document, by its words alone."""
    match query:
        case AndNot():
            return holds(query.a, article) and not holds(query.b, article)
        case Require():
            return holds(query.a, article) and holds(query.b, article)
        case AndMaybe():
            return holds(query.a, article)
        case And():
            return all(holds(clause, article) for clause in query)
        case Or() | DisjunctionMax():
            return any(holds(clause, article) for clause in query)
        case Not():
            return not holds(query.query, article)
        case Prefix():
            return any(term.startswith(query.text) for term in article.body)
        case Term():
            return query.text in getattr(article, query.fieldname)
        case NumericRange():
            views = article.get("views")
            return views is not None and query.start <= views <= query.end
    return isinstance(query, Every)


@given(trees, st.integers(1, 12))
def test_any_tree_finds_what_its_words_say(tree: Any, limit: int) -> None:
    """Hits, totals, and the head under a limit."""
    searcher = ArraySearcher(ArrayReader(SNAPSHOT))
    expected = [article.number for article in ARTICLES if holds(tree, article)]
    assert list(searcher.docs_for_query(tree)) == expected
    everything, best = searcher.search(tree, limit=None), searcher.search(tree, limit=limit)
    assert sorted(everything.docs()) == expected
    assert len(best) == len(expected)
    assert list(best.items()) == list(everything.items())[:limit]
    plan = compile_whoosh(tree, SNAPSHOT).plan
    assert isinstance(plan, Given)
    assert np.flatnonzero(plan.mask).tolist() == expected


# -- imports


def test_whoosh_comes_in_without_warnings() -> None:
    """Its own syntax warnings are not ours to show."""
    code = "import wco_search.engine.whoosh_index, sys; print('whoosh.reading' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-B", "-X", "pycache_prefix=/nonexistent/cache", "-c", code],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert (run.returncode, run.stdout.strip(), run.stderr) == (0, "True", "")
