"""All matches at once: masks, orders by fields, counts, exclusions and recency, against the exhaustive way."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.snapshots import snapshot_of
from tests.strategies import SCHEMA_TYPES, WORDS, archives
from tests.test_engine_topk import both, large, query_of
from wco_search import Document, Index, UnknownFieldError
from wco_search.analysis import default_analyzer
from wco_search.documents import FieldKind, MetadataSchema, MetadataValue
from wco_search.engine import search
from wco_search.engine.columns import KeywordColumn
from wco_search.engine.compile import Compiled, compile_query
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.matching import matching
from wco_search.engine.plan import Among, Group, Words
from wco_search.engine.ranking import Answer, Request, SortKey, answer
from wco_search.engine.recency import RECENCY_WEIGHT, Recency
from wco_search.engine.search import Ranking, shape_of
from wco_search.engine.snapshot import Snapshot
from wco_search.query import AndQuery, NotQuery, OrQuery, Query, WordQuery, parse
from wco_search.text import fold

__all__ = ["large"]  # a fixture

TODAY = dt.date(2021, 1, 1)
FIELDS = ("title", "body", "date", "source", "id", *SCHEMA_TYPES)


def excluding(words: list[str], chance: random.Random) -> Query:
    """Some words, without documents that have others; sometimes within some days too."""
    kept = query_of(words[:2], chance, needs_all=chance.random() < 0.5)
    unwanted: list[Query] = [WordQuery(words[2]), OrQuery((WordQuery(words[2]), WordQuery(words[3])))]
    clauses: list[Query] = [kept, NotQuery(chance.choice(unwanted))]
    if chance.random() < 0.5:
        clauses.append(parse("date:2019..2020-03 OR date:2021", fields=FIELDS).query)
    return AndQuery(tuple(clauses))


def searched(snapshot: Snapshot, compiled: Compiled, sort: list[str], recency: Recency | None) -> Answer:
    """The answer of the quicker way, where there is one."""
    facets = {"source": None, "date.month": 5}
    keys = [SortKey.parse(key) for key in sort]
    return answer(
        snapshot,
        Request(compiled, sort=keys, limit=7, offset=3, facets=facets, recency=recency),
    )


def test_exclusions_rank_as_by_the_exhaustive_way(large: tuple[Snapshot, list[str]]) -> None:
    """Words without other words, in one segment and several, with filters."""
    snapshot, words = large
    chance = random.Random(4)
    randoms = np.random.default_rng(5)
    for turn in range(60):
        query = excluding(chance.sample(words[: chance.choice([8, 60])], 4), chance)
        compiled = compile_query(query, snapshot, default_analyzer())
        both(snapshot, compiled, chance.choice([1, 10, 60]), [randoms.random(snapshot.size) < 0.5] * (turn % 3 == 0))


@pytest.mark.parametrize("most_fetched", [5000, 0])
def test_recency_ranks_as_by_the_exhaustive_way(
    large: tuple[Snapshot, list[str]], most_fetched: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By fetching the best by plain score, and by looking at all matches."""
    monkeypatch.setattr(search, "_MOST_FETCHED", most_fetched)
    snapshot, words = large
    chance = random.Random(6)
    for _ in range(60):
        chosen = chance.sample(words[: chance.choice([8, 60, 400])], chance.randint(1, 4))
        query = query_of(chosen, chance, needs_all=chance.random() < 0.3)
        compiled = compile_query(query, snapshot, default_analyzer())
        recency = Recency(chance.choice([3.0, 90.0, 5000.0]), TODAY)
        evaluation = Evaluation(snapshot, compiled.plan, compiled.neighbours)
        factors = recency.factors(snapshot, np.arange(snapshot.size))
        documents, scores = evaluation.ranking(evaluation.matches.mask, factors)
        shape = shape_of(compiled.plan, [])
        assert shape is not None
        for count in (0, 1, 10, 70):
            found, found_scores = Ranking(snapshot, compiled, shape).best(count, recency)
            assert found.tolist() == documents[:count].tolist()
            assert found_scores.tolist() == scores[:count].tolist()


SORTS = [["date"], ["+date"], ["source", "date"], ["-source", "relevance"], ["source", "+relevance"], ["+relevance"]]


@pytest.mark.parametrize("sort", SORTS, ids=",".join)
@pytest.mark.parametrize("recency", [None, Recency(30, TODAY)], ids=["plain", "recency"])
def test_orders_and_counts_are_those_of_all_documents(
    large: tuple[Snapshot, list[str]], sort: list[str], recency: Recency | None
) -> None:
    """A page of an order is cut out of the whole order; facets count every match."""
    snapshot, words = large
    chance = random.Random(len(sort[0]))
    for _ in range(6):
        query = excluding(chance.sample(words[:60], 4), chance)
        compiled = compile_query(query, snapshot, default_analyzer())
        evaluation = Evaluation(snapshot, compiled.plan)
        numbers = np.flatnonzero(evaluation.matches.mask)
        scores = evaluation.matches.scores[numbers]
        if recency is not None:
            scores = scores * recency.factors(snapshot, numbers)
        score = dict(zip(numbers.tolist(), scores.tolist(), strict=True))
        order = sorted(score, key=lambda number: sort_key(snapshot.document(number), score[number], sort))
        found = searched(snapshot, compiled, sort, recency)
        assert found.documents == order[3:10]
        assert found.scores == [score[number] for number in order[3:10]]
        assert found.total() == len(order)
        matched = [snapshot.document(number) for number in order]
        sources = Counter(document.source for document in matched if document.source)
        assert [(c.value, c.count) for c in found.facets["source"]] == sorted(
            sources.items(), key=lambda p: (-p[1], p[0])
        )
        months = Counter(f"{document.date:%Y-%m}" for document in matched if document.date)
        expected = sorted(months.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
        assert [(c.value, c.count) for c in found.facets["date.month"]] == expected


def sort_key(document: Document, score: float, sort: list[str]) -> tuple[object, ...]:
    """What the order of *sort* compares, with what has no value last."""
    made: list[object] = []
    for key in sort:
        if key.endswith("relevance"):
            made.append(score if key[0] == "+" else -score)
        elif key.endswith("date"):
            day = document.date.toordinal() if document.date else None
            made += [day is None, 0 if day is None else day if key[0] == "+" else -day]
        else:
            rank = int(document.source[1:]) if document.source else None
            made += [rank is None, 0 if rank is None else -rank if key[0] == "-" else rank]
    return tuple(made)


QUERIES = [
    "таможня fossils",
    "title:таможня customs",
    'body:"в таможня" OR title:"of customs"~3',
    "smuggl* -fossil",
    "NOT customs",
    "* -date:2020",
    "+fossils customs smuggling",
    "(date:2020-01 OR source:reuters) fossils",
    "COVID-19 NOT (title:fossils customs)",
    '"of customs" OR HSC/66',
    "customs~1 date:*",
    "нетникакого",
]


@settings(max_examples=60)
@given(archives(), st.sampled_from(QUERIES), st.lists(st.sampled_from(WORDS), max_size=2), st.data())
def test_masks_are_those_of_the_exhaustive_way(
    documents: list[Document], text: str, words: list[str], data: st.DataObject
) -> None:
    """Every kind of plan, cut anywhere, deleted anywhere."""
    size = len(documents)
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=2))) if size else []
    deleted = data.draw(st.lists(st.integers(0, size - 1), max_size=3, unique=True)) if size else []
    snapshot = snapshot_of(documents, MetadataSchema.of(SCHEMA_TYPES), cuts=cuts, deleted=deleted)
    query = parse(" ".join([text, *words]), fields=FIELDS).query
    plan = compile_query(query, snapshot, default_analyzer(), today=TODAY).plan
    live = np.ones(snapshot.size, np.bool_) if snapshot.live is None else snapshot.live
    assert (matching(snapshot, plan) & live).tolist() == Evaluation(snapshot, plan).matches.mask.tolist()


@pytest.mark.parametrize("scope", ["text", "title", "body"])
def test_masks_of_weighted_groups(large: tuple[Snapshot, list[str]], scope: str) -> None:
    """Words of some languages' documents, also where only one field is searched."""
    snapshot, words = large
    group = Group("x", (words[5], words[60]), weights=(1.0, 0.5))
    plan = Words((group,), scope=scope, among=Among("ru", is_of_it=False))  # type: ignore[arg-type]
    live = True if snapshot.live is None else snapshot.live
    assert (matching(snapshot, plan) & live).tolist() == Evaluation(snapshot, plan).matches.mask.tolist()


def dated(*days: dt.date | None) -> Index:
    """An index of one document a day, all about fossils."""
    return Index.memory(Document(id=str(n), body="Fossils.", date=day) for n, day in enumerate(days))


def test_recency_is_the_published_factor() -> None:
    """1 - w + w·2^(-age / half-life); later days count as today, none as the oldest."""
    index = dated(TODAY, TODAY - dt.timedelta(30), TODAY + dt.timedelta(5), None)
    plain = index.search("fossils").hits[0].score
    found = index.search("fossils", recency=30, today=TODAY, explain=True)
    scores = {hit.document.id: hit.score for hit in found}
    assert [hit.document.id for hit in found] == ["0", "2", "1", "3"]
    assert scores == pytest.approx(
        {"0": plain, "1": plain * (1 - RECENCY_WEIGHT / 2), "2": plain, "3": plain * (1 - RECENCY_WEIGHT)}
    )
    assert [hit.explanation.value for hit in found if hit.explanation] == [hit.score for hit in found]
    assert "age 30 days" in found[2].explanation.to_text()  # type: ignore[union-attr]
    assert "no date" in found[3].explanation.to_text()  # type: ignore[union-attr]


@pytest.mark.parametrize("days", [0, -1, float("inf"), float("nan")])
def test_a_half_life_is_positive(days: float) -> None:
    """Anything else is told."""
    with pytest.raises(ValueError, match="half-life"):
        dated(TODAY).search("fossils", recency=days)


def test_pages_by_recency_agree() -> None:
    """A cursor goes on in the same order, and belongs to it."""
    index = dated(*(TODAY - dt.timedelta(7 * n % 40) for n in range(40)))
    options = {"recency": 10, "today": TODAY}
    whole = [hit.document.id for hit in index.search("fossils", limit=40, **options)]  # type: ignore[arg-type]
    first = index.search("fossils", limit=15, **options)  # type: ignore[arg-type]
    second = index.search("fossils", limit=25, after=first.after, **options)  # type: ignore[arg-type]
    assert [hit.document.id for page in (first, second) for hit in page] == whole


def test_facets_of_parts_of_dates() -> None:
    """Year, quarter, month and day of the week; what has no date is not counted."""
    index = dated(dt.date(2020, 10, 30), dt.date(2020, 12, 31), dt.date(1969, 12, 31), None)
    facets = index.search("fossils", facets=["date.year", "date.quarter", "date.month", "date.weekday", "date"]).facets
    assert {name: [(c.value, c.count) for c in counts] for name, counts in facets.items()} == {
        "date.year": [(2020, 2), (1969, 1)],
        "date.quarter": [("2020-Q4", 2), ("1969-Q4", 1)],
        "date.month": [("1969-12", 1), ("2020-10", 1), ("2020-12", 1)],
        "date.weekday": [(3, 1), (4, 1), (5, 1)],
        "date": [(dt.date(1969, 12, 31), 1), (dt.date(2020, 10, 30), 1), (dt.date(2020, 12, 31), 1)],
    }
    assert [count.label("ru") for count in facets["date.weekday"]] == ["среда", "четверг", "пятница"]
    for count in facets["date.quarter"] + facets["date.month"] + facets["date.year"]:
        assert index.search(f"date:{count.value}").total == count.count


def test_facet_limits_and_mistakes() -> None:
    """The most frequent first; nonsense is told."""
    index = dated(dt.date(2020, 10, 30), dt.date(2020, 12, 31), dt.date(2020, 12, 30))
    (count,) = index.search("fossils", facets={"date.month": 1}).facets["date.month"]
    assert (count.value, count.count) == ("2020-12", 2)
    for facets in ({"date": 0}, "date"):
        with pytest.raises(ValueError, match="facet"):
            index.search("fossils", facets=facets)  # type: ignore[arg-type]
    for name in ("date.hour", "source.year", "year"):
        with pytest.raises(UnknownFieldError, match="weekday"):
            index.search("fossils", facets=[name])


def test_a_filter_of_days_is_that_of_its_text() -> None:
    """A mapping of days means what its text means, and is told alike."""
    index = dated(*(dt.date(2020, 1, 1) + dt.timedelta(40 * n) for n in range(20)), None)
    low, high = dt.date(2020, 2, 10), dt.date(2021, 1, 1)
    pairs = [((low, high), f"[{low} TO {high}]"), ((None, high), f"[* TO {high}]"), ((low, None), f"[{low} TO *]")]
    for value, text in [*pairs, (low, str(low)), ((high, low), f"[{high} TO {low}]")]:
        by_value = index.search("fossils", limit=30, filter={"date": value})
        by_text = index.search("fossils", limit=30, filter=f"date:{text}")
        assert [hit.document.id for hit in by_value] == [hit.document.id for hit in by_text]
        assert by_value.interpretation == by_text.interpretation


@given(st.lists(st.lists(st.sampled_from(["ТАСС", "Ёлка", "елка", "Reuters"]), max_size=3, unique=True), max_size=12))
def test_documents_with_a_keyword(lists: list[list[str]]) -> None:
    """Of several keywords each, of one or none, and of one in each document."""
    kinds: list[tuple[FieldKind, list[MetadataValue | None]]] = [
        ("keywords", [tuple(words) or None for words in lists]),
        ("keyword", [words[0] if words else None for words in lists]),
        ("keyword", [words[0] for words in lists if words]),
    ]
    for kind, values in kinds:
        column = KeywordColumn.of(kind, values)
        for word in ("ТАСС", "тасс", "елка", "AP"):
            spelt = [(value,) if isinstance(value, str) else value or () for value in values]
            assert column.having_word(word).tolist() == [fold(word) in map(fold, words) for words in spelt]
