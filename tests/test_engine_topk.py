"""The quick ways against the exhaustive one: the same documents and the same bits of every score."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.snapshots import snapshot_of
from tests.strategies import WORDS, archives
from wco_search.analysis import default_analyzer
from wco_search.documents import Document
from wco_search.engine import postings, topk
from wco_search.engine.compile import Compiled, compile_query
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.merge import Part
from wco_search.engine.plan import Among, Group, Plan, Words, all_of, any_of
from wco_search.engine.search import Ranking, shape_of
from wco_search.engine.snapshot import Snapshot
from wco_search.query import AndQuery, OrQuery, PhraseQuery, Query, WordQuery


def both(snapshot: Snapshot, compiled: Compiled, count: int, masks: Sequence[np.ndarray] = ()) -> None:  # type: ignore[type-arg]
    """Rank by both ways and compare: documents, scores to the bit, and the total."""
    evaluation = Evaluation(snapshot, compiled.plan, compiled.neighbours)
    mask = evaluation.matches.mask
    for one in masks:
        mask = mask & one
    documents, scores = evaluation.ranking(mask)
    shape = shape_of(compiled.plan, masks)
    assert shape is not None
    ranking = Ranking(snapshot, compiled, shape)
    found, found_scores = ranking.best(count)
    assert found.tolist() == documents[:count].tolist()
    assert found_scores.tolist() == scores[:count].tolist()
    assert ranking.total() == len(documents)


def vocabulary(count: int, chance: random.Random) -> list[str]:
    """Invented words that no rule of English changes."""
    made = {"".join(chance.choices("bdfgklmnprtvz", k=6)): None for _ in range(2 * count)}
    return list(made)[:count]


def zipf_archive(size: int, chance: random.Random) -> tuple[list[Document], list[str]]:
    """Documents of words whose frequencies fall as in real text: a few in nearly all, most in a few."""
    words = vocabulary(400, chance)
    weights = [1 / (rank + 1) ** 0.8 for rank in range(len(words))]
    documents = [
        Document(
            id=str(n),
            title=" ".join(chance.choices(words, weights, k=chance.randrange(5))),
            body=" ".join(chance.choices(words, weights, k=chance.randint(1, 40))),
            language=("ru", "en", "de")[n % 3],
            date=None if n % 11 == 0 else dt.date(2019, 1, 1) + dt.timedelta(n * 7919 % 900),
            source=None if n % 13 == 0 else f"S{n * 31 % 7}",
        )
        for n in range(size)
    ]
    return documents, words


@pytest.fixture(scope="module", params=["one segment", "three segments", "three with deletions"])
def large(request: pytest.FixtureRequest) -> tuple[Snapshot, list[str]]:
    """Six thousand documents, with bitmaps and byte rows for words of far less documents than in real life."""
    patch = pytest.MonkeyPatch()
    patch.setattr(postings, "_FEWEST_BITS", 60)
    patch.setattr(postings, "_FEWEST_ROW", 200)
    patch.setattr(postings, "_FEWEST_CHAMPIONS", 2)
    documents, words = zipf_archive(6000, random.Random(7))
    deleted = range(0, 6000, 5) if request.param == "three with deletions" else ()
    cuts = () if request.param == "one segment" else (3500, 5000)
    snapshot = snapshot_of(documents, cuts=cuts, deleted=deleted)
    patch.undo()
    return snapshot, words


def query_of(words: Sequence[str], chance: random.Random, *, needs_all: bool) -> OrQuery | AndQuery:
    """Some words, some of them boosted, some joined to phrases with the next."""
    clauses: tuple[Query, ...] = tuple(WordQuery(word, boost=chance.choice([1, 1, 1, 0.5, 3])) for word in words)
    if len(words) > 2 and chance.random() < 0.4:
        phrase = PhraseQuery(" ".join(words[:2]), slop=chance.choice([0, 0, 3]), boost=chance.choice([1, 2]))
        clauses = (phrase, *clauses[2:])
    return AndQuery(clauses) if needs_all else OrQuery(clauses)


@pytest.mark.parametrize("kind", ["any", "all"])
@pytest.mark.parametrize("direct", [8000, 50])
def test_random_queries(
    large: tuple[Snapshot, list[str]], kind: str, direct: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One to eight words of any frequency, boosts, filters, 1 to 500 hits; also where hardly any list is short."""
    monkeypatch.setattr(topk, "_DIRECT", direct)
    snapshot, words = large
    chance = random.Random(hash((kind == "any", direct)))
    randoms = np.random.default_rng(3)
    for turn in range(250):
        pool = words[: chance.choice([8, 30, 400])]
        chosen = chance.sample(pool, chance.randint(1, min(8, len(pool)) if kind == "any" else 3))
        compiled = compile_query(query_of(chosen, chance, needs_all=kind == "all"), snapshot, default_analyzer())
        masks = [randoms.random(snapshot.size) < chance.choice([0.001, 0.03, 0.5])] if turn % 3 == 0 else []
        both(snapshot, compiled, chance.choice([1, 2, 5, 10, 11, 60, 500]), masks)


@settings(max_examples=150)
@given(archives(), st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), st.booleans(), st.data())
def test_small_archives(documents: list[Document], words: list[str], needs_all: bool, data: st.DataObject) -> None:
    """Words of several terms, of several parts, cut anywhere, deleted anywhere."""
    documents = [Document(id=d.id, title=d.title, body=d.body) for d in documents]
    size = len(documents)
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=2))) if size else []
    deleted = data.draw(st.lists(st.integers(0, size - 1), max_size=3, unique=True)) if size else []
    snapshot = snapshot_of(documents, cuts=cuts, deleted=deleted)
    chance = random.Random(len(words))
    query = WordQuery(words[0]) if len(words) == 1 else query_of(words, chance, needs_all=needs_all)
    compiled = compile_query(query, snapshot, default_analyzer())
    if shape_of(compiled.plan, []) is not None:
        both(snapshot, compiled, data.draw(st.sampled_from([1, 3, 10])))


def among_of(chance: random.Random) -> Among | None:
    """All documents, those of a language, or all others."""
    return chance.choice(
        [None, None, Among("ru", is_of_it=True), Among("ru", is_of_it=False), Among("en", is_of_it=True)]
    )


def weighted_groups(words: Sequence[str], chance: random.Random, count: int) -> list[Words]:
    """Words of several weighted terms, some of them for documents of some languages only."""
    made = []
    for _ in range(count):
        terms = chance.sample(words, chance.randint(1, 4))
        weights = tuple(chance.choice([1, 0.7, 0.5]) for _ in terms)
        group = Group("x", tuple(terms), weights=weights)
        made.append(Words((group,), weight=chance.choice([1, 0.5]), among=among_of(chance)))
    return list({words.key: words for words in made}.values())


@pytest.mark.parametrize("needs_all", [False, True])
def test_weighted_groups_rank_as_by_the_exhaustive_way(large: tuple[Snapshot, list[str]], needs_all: bool) -> None:
    """Alone, beside plain words and phrases, and as neighbours; any of them or all."""
    snapshot, words = large
    chance = random.Random(5)
    randoms = np.random.default_rng(3)
    for turn in range(120):
        pool = words[: chance.choice([20, 400])]
        chosen = chance.sample(pool, chance.randint(0, 3))
        plain = [Words((Group(word, (word,)),), among=among_of(chance)) for word in chosen]
        leaves = [*plain, *weighted_groups(pool, chance, chance.randint(1, 3))]
        if chance.random() < 0.3:
            phrase = tuple(Group(word, (word,)) for word in chance.sample(pool, 2))
            leaves.append(Words(phrase, chance.choice([0, 3]), among=Among("ru", is_of_it=False)))
        chance.shuffle(leaves)
        leaves = list({leaf.key: leaf for leaf in leaves}.values())
        plan: Plan = any_of(leaves)
        if needs_all:
            plan = all_of([any_of(leaves[start : start + 2]) for start in range(0, len(leaves), 2)])
        singles = [leaf for leaf in leaves if len(leaf.groups) == 1]
        compiled = Compiled(plan, tuple(pairwise(singles)), (), ())
        masks = [randoms.random(snapshot.size) < 0.5] if turn % 3 == 0 else []
        both(snapshot, compiled, chance.choice([1, 10, 60]), masks)


def test_a_word_of_several_parts_has_a_shape() -> None:
    """All of its parts; the whole only lifts."""
    snapshot = snapshot_of([Document(body="COVID-19 and the covid 19 of 19"), Document(body="Covid, in 19 lines, 19.")])
    compiled = compile_query(WordQuery("COVID-19"), snapshot, default_analyzer())
    assert shape_of(compiled.plan, []) is not None
    both(snapshot, compiled, 10)


@settings(max_examples=150)
@given(archives(), st.lists(st.sampled_from(WORDS), min_size=2, max_size=3), st.sampled_from([0, 0, 1, 4]), st.data())
def test_phrases_in_small_archives(documents: list[Document], words: list[str], slop: int, data: st.DataObject) -> None:
    """A phrase alone, of words of several terms, at the start of a segment and anywhere."""
    documents = [Document(id=d.id, title=d.title, body=d.body) for d in documents]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(documents)), max_size=2))) if documents else []
    snapshot = snapshot_of(documents, cuts=cuts)
    both(snapshot, compile_query(PhraseQuery(" ".join(words), slop), snapshot, default_analyzer()), 5)


@given(st.lists(st.floats(0, 10, width=32), min_size=1, max_size=3000), st.integers(1, 50))
def test_lower_bounds_are_reached_by_so_many(values: list[float], k: int) -> None:
    """At least k values reach the bound."""
    array = np.array(values)
    bound = topk.lower_bound(array, k)
    assert np.count_nonzero(array >= bound) >= min(k, len(values))


def test_derived_postings_are_those_of_the_positions(large: tuple[Snapshot, list[str]]) -> None:
    """Documents, impacts, bounds, bitmaps and rows of every term, against the exhaustive evaluator's impacts."""
    snapshot, _ = large
    for one in snapshot.slices:
        segment, lists = one.segment, snapshot.lists(one)
        single = Snapshot(snapshot.manifest, [Part(segment)], snapshot.schema)
        for term in list(segment.terms)[::7]:
            expected_docs, expected_impacts = single.impacts(single.occurrences([term]), "text")
            found = lists.of(Group(term, terms=(term,)))
            assert found is not None
            assert found.docs.tolist() == expected_docs.tolist()
            assert found.impacts.tolist() == expected_impacts.tolist()
            assert found.largest == expected_impacts.max()
            every = np.arange(len(segment))
            spread = np.zeros(len(segment), np.float32)
            spread[expected_docs] = expected_impacts
            assert found.impacts_of(every, lists.scratch.impacts).tolist() == spread.tolist()
            few = every[:: len(segment) // 3 + 1]
            assert found.impacts_of(few, lists.scratch.impacts).tolist() == spread[few].tolist()
        assert not lists.scratch.impacts.any()
