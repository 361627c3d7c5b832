"""What is sent to a cluster: tokens at their positions, values, words, clauses. No cluster is needed."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import sample_documents
from tests.strategies import SCHEMA_TYPES, archives
from wco_search import Document, Index, InvalidDocumentError, NotOfferedError, UnknownFieldError, parse
from wco_search.analysis import default_analyzer
from wco_search.cluster import words as word_tables
from wco_search.cluster.clauses import Clauses, Scoring
from wco_search.cluster.conditions import ClusterValues
from wco_search.cluster.layout import digest_of, key_of, mapping, to_document, to_signatures, to_source, to_stored
from wco_search.cluster.lexicon import Lexicon
from wco_search.documents import MetadataSchema
from wco_search.engine.compile import compile_query
from wco_search.engine.manifest import Manifest
from wco_search.engine.plan import Group, Words
from wco_search.engine.score import K1, B
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.value_tests import known_fields
from wco_search.engine.whoosh_search import compile_whoosh

ANALYZER = default_analyzer()
SCHEMA = MetadataSchema.of(SCHEMA_TYPES)
TODAY = dt.date(2020, 11, 15)


def source_of(document: Document, order: int = 1) -> dict[str, Any]:
    """What is sent for a document of the schema, through JSON."""
    sent: dict[str, Any] = json.loads(json.dumps(to_source(document, ANALYZER, SCHEMA, order, (), bytes(64))))
    return sent


def finite(document: Document) -> Document:
    """A document without infinite numbers."""
    kept = {name: value for name, value in document.metadata.items() if value not in (math.inf, -math.inf)}
    return replace(document, metadata=kept)


@settings(max_examples=30)
@given(archives())
def test_a_document_comes_back_equal(documents: list[Document]) -> None:
    """And its digest tells it from every other."""
    with Index.memory(map(finite, documents), metadata=SCHEMA_TYPES) as index:
        kept = list(index.documents())
    back = [to_document(source_of(document)["document"], SCHEMA) for document in kept]
    assert back == kept
    assert len({digest_of(to_stored(document)) for document in kept}) == len(kept)


@settings(max_examples=30)
@given(archives(max_size=4))
def test_tokens_stand_where_a_commit_has_them(documents: list[Document]) -> None:
    """A group of tokens a position, none empty, as many as the field is long; none holds a separator."""
    with Index.memory(map(finite, documents), metadata=SCHEMA_TYPES) as index:
        snapshot = index.snapshot.whole
        segment = snapshot.segment
        at: dict[int, set[str]] = {}
        for number, own in enumerate(segment.terms):
            for position in segment.term_positions(number).tolist():
                at.setdefault(position, set()).add(own)
        for number in range(snapshot.size):
            sent = source_of(snapshot.document(number))
            for place, field in enumerate(("title", "body")):
                length = snapshot.field_lengths.item(2 * number + place)
                first = snapshot.field_starts.item(2 * number + place)
                assert sent.get(f"{field}_length", 0) == length
                groups = sent[f"{field}_terms"].split(" ") if length else []
                assert [set(group.split("|")) for group in groups] == [at[first + shift] for shift in range(length)]


def test_values_are_sent_as_they_are_sought() -> None:
    """Keywords as written and folded; the first of several, to sort by; dates as days."""
    document = Document(
        id="1", body="x", source="Ёж Новости", date=TODAY, metadata={"tags": ("Вино", "Ёлка"), "views": 3, "price": 0.5}
    )
    schema = MetadataSchema.of({"tags": list, "views": int, "price": float, "seen": dt.date})
    sent = to_source(document, ANALYZER, schema, 7, ["MD"], bytes(64))
    assert sent["raw"] == {"source": ["Ёж Новости"], "language": ["en"], "tags": ["Вино", "Ёлка"]}
    assert sent["folded"] == {"source": ["еж новости"], "language": ["en"], "tags": ["вино", "елка"]}
    assert sent["first"] == {"source": ["еж новости"], "language": ["en"], "tags": ["вино"]}
    assert sent["values"] == {"date": "2020-11-15", "views": 3, "price": 0.5}
    assert (sent["order"], sent["countries"], sent["title_length" if "title_length" in sent else "body_length"]) == (
        7,
        ["MD"],
        1,
    )
    assert set(sent) <= set(mapping(schema, {})["properties"])


def test_signatures_come_back_as_a_column_holds_them() -> None:
    """Without the signs that fill base64 up."""
    sent = [bytes(range(number, number + 64)) for number in range(3)]
    document = Document(id="1", body="x")
    written = [to_source(document, ANALYZER, SCHEMA, 1, (), signature)["signature"].rstrip("=") for signature in sent]
    assert [row.tobytes() for row in to_signatures(written)] == sent
    assert to_signatures([]).shape == (0, 64)


def test_an_infinite_number_is_refused() -> None:
    """JSON has none."""
    document = Document(id="1", body="x", metadata={"price": float("inf")})
    with pytest.raises(InvalidDocumentError, match="infinite"):
        to_source(document, ANALYZER, MetadataSchema.of({"price": float}), 1, (), bytes(64))


@given(st.text(max_size=600))
def test_keys_are_short_and_differ(text: str) -> None:
    """An id that fits is its own key."""
    encoded = text.encode(errors="replace").decode()
    assert len(key_of(encoded).encode()) <= 512
    assert key_of(encoded) != key_of(encoded + "!")
    assert key_of(encoded) == encoded or len(encoded.encode()) > 512


# -- words


def lexicon_of(documents: list[Document]) -> Lexicon:
    """The words of documents, as they come back from a cluster: each document a table."""
    schema = MetadataSchema.of({"section": str, "tags": list})
    segments = [word_tables.segment_of([document], ANALYZER, schema) for document in documents]
    stored = [json.loads(json.dumps(word_tables.to_stored(word_tables.table_of(segment)))) for segment in segments]
    half = len(stored) // 2
    made = [
        word_tables.to_segment(word_tables.joined(some), ANALYZER, schema) for some in (stored[:half], stored[half:])
    ]
    manifest = Manifest(0, {"analyzer": ANALYZER.fingerprint, "metadata": dict(schema.kinds)})
    return Lexicon(manifest, made, schema, frozenset()).numbered(size=len(documents), has_dates=True)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """The words of the sample archive."""
    return lexicon_of(sample_documents())


def vocabulary(snapshot: Snapshot) -> dict[str, int]:
    """All folded forms, and at how many places each stands."""
    counts: Counter[str] = Counter()
    for one in snapshot.slices:
        counts.update(dict(zip(one.segment.forms, one.segment.form_counts.tolist(), strict=True)))
    return dict(counts)


def test_words_are_those_of_a_commit(lexicon: Lexicon) -> None:
    """Forms, counts, terms, families."""
    snapshot = Index.memory(sample_documents(), metadata={"section": str, "tags": list}).snapshot
    assert vocabulary(lexicon) == vocabulary(snapshot)
    for form in ("customs", "таможня", "стали", "no-such-form"):
        assert lexicon.terms_of(form) == snapshot.terms_of(form)
        terms = ANALYZER.terms(form)
        assert lexicon.forms_of(terms) == snapshot.forms_of(terms)
        assert [lexicon.has_term(term) for term in terms] == [snapshot.has_term(term) for term in terms]
    sounding = [
        {one.segment.forms[number] for one in words.slices for number in one.segment.sounding_like("вина")}
        for words in (lexicon, snapshot)
    ]
    assert sounding[0] == sounding[1] != set()
    assert (lexicon.size, len(lexicon)) == (64, 64)


def test_a_table_has_one_name(lexicon: Lexicon) -> None:
    """Whatever the order of its words."""
    stored = {"customs": [2, "custom"], "fossils": [1, "fossil"]}
    assert word_tables.name_of(stored) == word_tables.name_of(dict(reversed(stored.items())))
    assert word_tables.name_of(stored) != word_tables.name_of({**stored, "fossils": [2, "fossil"]})


# -- clauses


def clause_of(lexicon: Lexicon, text: str) -> Any:
    """The clause of a query, every word of weight 2."""
    clauses = Clauses(Scoring(lambda _: 2.0, MEANS))
    values = ClusterValues(lexicon, Clauses().of, lambda _: 1)
    plan = compile_query(
        parse(text, fields=known_fields(lexicon)).query, lexicon, ANALYZER, today=TODAY, values=values
    ).plan
    return clauses.of(plan)


def term(field: str, value: str, boost: float = 2.0) -> Any:
    """A term in one text."""
    return {"term": {f"{field}_terms": {"value": value, "boost": boost}}}


def either(*clauses: Any) -> Any:
    """Any of some clauses."""
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}


def condition(query: Any) -> Any:
    """A condition."""
    return {"bool": {"filter": [query]}}


NEAR_RIDGE = {"value": "ridge", "fuzziness": 2, "max_expansions": 1024}
CLAUSES: list[tuple[str, Any]] = [
    ("customs", either(term("title", "custom"), term("body", "custom"))),
    ("title:customs", term("title", "custom")),
    ("title:customs AND body:wine", {"bool": {"must": [term("title", "custom"), term("body", "wine")]}}),
    (
        "title:customs AND NOT body:wine",
        {"bool": {"must": [
            term("title", "custom"), {"bool": {"filter": [{"match_all": {}}], "must_not": [term("body", "wine")]}}
        ]}},
    ),
    ('title:="customs"', {"match": {"title_forms": {"query": "customs", "boost": 2.0}}}),
    ("*", {"bool": {"filter": [{"match_all": {}}]}}),
    ("title:qqq*", {"match_none": {}}),
    ("date:2020-10", condition({"range": {"values.date": {"gte": "2020-10-01", "lte": "2020-10-31"}}})),
    ("date:yesterday", condition({"range": {"values.date": {"gte": "2020-11-14", "lte": "2020-11-14"}}})),
    ("date:{2020 TO *]", condition({"range": {"values.date": {"gte": "2021-01-01"}}})),
    ("date:*", condition({"exists": {"field": "values.date"}})),
    ("source:Ёж", condition({"term": {"folded.source": "еж"}})),
    ('source:="Ёж"', condition({"term": {"raw.source": "Ёж"}})),
    ("source:b*r?", condition({"wildcard": {"folded.source": {"value": "b*r?"}}})),
    ("source:ridge~2", condition({"fuzzy": {"folded.source": NEAR_RIDGE}})),
    ("source:[a TO b}", condition({"range": {"folded.source": {"gte": "a", "lt": "b"}}})),
    ("tags:*", condition({"exists": {"field": "raw.tags"}})),
    ("id:sample-001", condition({"term": {"id": "sample-001"}})),
    ("title:*", condition({"exists": {"field": "title_length"}})),
    ("country:Moldova", condition({"term": {"countries": "MD"}})),
    ("country:*", condition({"exists": {"field": "countries"}})),
]  # fmt: skip


@pytest.mark.parametrize(("text", "clause"), CLAUSES, ids=[text for text, _ in CLAUSES])
def test_a_query_as_a_clause(lexicon: Lexicon, text: str, clause: Any) -> None:
    """What OpenSearch is asked."""
    assert clause_of(lexicon, text) == clause


MEANS = {"mean_title_length": 10.0, "mean_body_length": 200.0}


def any_of(*tokens: str) -> Any:
    """Places where any of some tokens stands."""
    return {"any_of": {"intervals": [{"match": {"query": token}} for token in tokens]}}


def test_a_word_of_several_terms_counts_once_at_a_place() -> None:
    """Whichever of them stand there; of translations the best counts."""
    group = Group("стали", ("стал", "стат"))
    assert Clauses().of(Words((group,), scope="body")) == {"terms": {"body_terms": ["стал", "стат"]}}
    found = Clauses(Scoring(lambda _: 2.0, MEANS)).of(Words((group,), scope="body"))["script_score"]
    assert found["query"] == {"intervals": {"body_terms": any_of("стал", "стат")}}
    expected = {"is_whole": True, "length": "body_length", "weight": 2.0, "flat": K1 * (1 - B), "slope": K1 * B / 200}
    assert found["script"]["params"] == expected
    weighed = Clauses().of(Words((Group("x", ("a", "b"), weights=(1.0, 0.5)),), scope="body"))
    assert weighed == {"dis_max": {"queries": [term("body", "a", 1.0), term("body", "b", 0.5)]}}


def test_phrases_are_windows() -> None:
    """In order, side by side, or with other words between in any order."""
    words = Words((Group("customs", ("custom",)), Group("стали", ("стал", "стат"))), scope="title")
    sought = [any_of("custom"), any_of("стал", "стат")]
    for slop, mode in ((0, "ordered"), (3, "unordered")):
        windows = {"all_of": {"intervals": sought, "mode": mode, "max_gaps": slop}}
        phrase = replace(words, slop=slop)
        assert Clauses().of(phrase) == {"intervals": {"title_terms": windows}}
        scored = Clauses(Scoring(lambda _: 1.0, MEANS)).of(phrase)["script_score"]
        assert scored["query"] == {"intervals": {"title_terms": windows}}
        assert scored["script"]["params"]["is_whole"] is (slop == 0)


def test_a_value_that_cannot_be_is_searched_as_words(lexicon: Lexicon) -> None:
    """And a field that is not there is told."""
    assert clause_of(lexicon, "date:customs~") == clause_of(lexicon, "customs")
    with pytest.raises(UnknownFieldError):
        compile_query(
            parse("x:y", fields=["x"]).query, lexicon, ANALYZER,
            values=ClusterValues(lexicon, Clauses().of, lambda _: 0),
        )  # fmt: skip


def test_a_tree_of_whoosh_is_refused() -> None:
    """What it matches was worked out over arrays."""
    from whoosh.query import Prefix

    snapshot = Index.memory([Document(body="Fossils.")]).snapshot
    plan = compile_whoosh(Prefix("body", "f"), snapshot).plan
    with pytest.raises(NotOfferedError, match="Whoosh"):
        Clauses().of(plan)
