"""The exhaustive evaluator against an oracle that shares nothing with it but the analyzer."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.conftest import sample_documents
from tests.oracle import Oracle, lucene_length
from tests.snapshots import snapshot_of
from tests.strategies import WORDS, archives
from wco_search.analysis import default_analyzer
from wco_search.documents import Document
from wco_search.engine.compile import compile_plain, compile_query
from wco_search.engine.crossing import Crossing, Mode
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.expansion import edit_distances, expand_fuzzy, expand_pattern, expand_range, pattern_test
from wco_search.engine.nearness import side_by_side, stands_near, windows
from wco_search.engine.plan import Among, Group, Plan, Words
from wco_search.engine.score import decode_length, encode_length, encode_lengths
from wco_search.engine.segment import Scope
from wco_search.engine.snapshot import Snapshot
from wco_search.languages import Lexicon
from wco_search.query import parse, plain_query

SINGLE_PRECISION = 2e-7  # impacts are kept in 24 bits


def plain(documents: list[Document]) -> list[Document]:
    """*documents* without metadata, which scores know nothing of."""
    return [Document(id=d.id, title=d.title, body=d.body, date=d.date) for d in documents]


def scored(snapshot: Snapshot, plan: Plan) -> dict[int, float]:
    """The matches of *plan* by document number."""
    matches = Evaluation(snapshot, plan).matches
    return {n: matches.scores[n].item() for n in np.flatnonzero(matches.mask).tolist()}


def terms_of(word: str) -> tuple[str, ...]:
    """The terms of the first token of *word*."""
    return next(default_analyzer().tokens(word)).terms


@cache
def sample() -> Snapshot:
    """The sample archive."""
    return snapshot_of(sample_documents())


@pytest.mark.parametrize("mode", [None, "auto", "only"])
@given(
    st.lists(st.sampled_from(["fossils", "таможня", "the", "WhatsApp", "HSC_66", "of", "контрабанда"]), min_size=1),
    st.sampled_from([("{}", " "), ("{}", " AND "), ('"{}"', " ")]),
)
def test_plain_queries_mean_what_their_trees_do(mode: Mode | None, words: list[str], form: tuple[str, str]) -> None:
    """The short way to a plan and the long way, as typed and across languages."""
    shape, between = form
    text = shape.format(between.join(words))
    snapshot, analyzer = sample(), default_analyzer()
    crossing = None if mode is None else Crossing(snapshot, snapshot.knowing(analyzer), Lexicon.bundled(), mode)
    query = plain_query(text)
    assume(query is not None)  # where all is in capitals, AND may be a word
    assert query is not None
    expected = compile_query(parse(f"{text} ").query, snapshot, analyzer, crossing)  # a space asks for the long way
    assert compile_plain(query, snapshot, analyzer, crossing) == expected


@pytest.mark.parametrize("scope", ["text", "title", "body"])
@given(documents=archives(), word=st.sampled_from(WORDS))
def test_words_score_as_the_formula_says(documents: list[Document], word: str, scope: Scope) -> None:
    """Matches and BM25 of one group, in the whole text and in each field."""
    documents = plain(documents)
    found = scored(snapshot_of(documents), Words((Group(word, terms_of(word)),), scope=scope))
    assert found == pytest.approx(
        Oracle(documents, default_analyzer()).word(terms_of(word), scope), rel=SINGLE_PRECISION
    )


@settings(max_examples=150)
@given(archives(), st.lists(st.sampled_from(WORDS), min_size=2, max_size=4), st.sampled_from([0, 0, 1, 3, 20]))
def test_phrases_score_as_the_formula_says(documents: list[Document], phrase: list[str], slop: int) -> None:
    """Side by side, and in any order within a window."""
    documents = plain(documents)
    groups = [terms_of(word) for word in phrase]
    if slop:
        groups = list(dict.fromkeys(groups))
        if len(groups) == 1:
            return
    plan = Words(tuple(Group(" ".join(terms), terms) for terms in groups), slop)
    expected = Oracle(documents, default_analyzer()).phrase(groups, slop)
    assert scored(snapshot_of(documents), plan) == pytest.approx(expected, rel=SINGLE_PRECISION)


@given(archives(), st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True), st.sampled_from(["ru", "en"]))
def test_weighted_words_score_as_the_formula_says(documents: list[Document], words: list[str], outside: str) -> None:
    """The largest of weight times impact, under the idf of all; documents of one language are left out."""
    documents = plain(documents)
    weight_of = {term: weight for word, weight in zip(words, (1.0, 0.5, 0.25), strict=False) for term in terms_of(word)}
    terms = tuple(sorted(weight_of))
    weights = tuple(weight_of[term] for term in terms)
    found = scored(
        snapshot_of(documents), Words((Group("x", terms, weights=weights),), among=Among(outside, is_of_it=False))
    )
    oracle = Oracle(documents, default_analyzer())
    alone = {term: oracle.word((term,), "text") for term in terms}
    left_out = {number for number, document in enumerate(documents) if document.language == outside}
    has_any = {number for scores in alone.values() for number in scores}
    rarity = idf_of(len(documents), len(has_any))
    expected = {
        number: rarity
        * max(
            weight_of[term] * scores[number] / idf_of(len(documents), len(scores))
            for term, scores in alone.items()
            if number in scores
        )
        for number in has_any - left_out
    }
    assert found == pytest.approx(expected, rel=2 * SINGLE_PRECISION)


def idf_of(documents: int, doc_freq: int) -> float:
    """The published formula."""
    return math.log(1 + (documents - doc_freq + 0.5) / (doc_freq + 0.5))


def test_an_index_without_documents_matches_nothing() -> None:
    """Also an empty commit can be asked."""
    assert scored(snapshot_of([]), Words((Group("fossil", ("fossil",)),))) == {}


def test_phrases_do_not_cross_fields_or_documents() -> None:
    """A title's last word and a body's first stand together only for the eye."""
    documents = [Document(id="1", title="customs", body="fossils"), Document(id="2", body="customs")]
    for slop in (0, 100):
        plan = Words((Group("customs", ("custom",)), Group("fossils", ("fossil",))), slop)
        assert scored(snapshot_of(documents), plan) == {}


def test_lengths_are_kept_as_one_byte() -> None:
    """Exact to 40, and at most an eighth too small."""
    for length in [*range(3000), 10**6, 2**31 - 1]:
        kept = decode_length(encode_length(length))
        assert kept == lucene_length(length)
        assert kept <= length <= kept * 1.125 + 1
        assert encode_lengths(np.array([length])).item() == encode_length(length)
    assert [encode_length(decode_length(code)) for code in range(256)] == list(range(256))


@given(
    st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=8, unique=True), min_size=2, max_size=3),
    st.integers(2, 9),
)
def test_windows_are_the_smallest(lists: list[list[int]], width: int) -> None:
    """Against all pairs of a start and an end."""
    arrays = [np.array(sorted(positions)) for positions in lists]
    expected = []
    for start in range(41):
        for end in range(start, start + width):
            inside = [[p for p in positions if start <= p <= end] for positions in lists]
            later = all(any(start < p <= end for p in ps) for ps in inside)
            sooner = all(any(start <= p < end for p in ps) for ps in inside)
            if all(inside) and not later and not sooner:
                expected.append((start, end))
    starts, ends = windows(arrays, width)
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == expected


def test_side_by_side_is_one_after_the_other() -> None:
    """One position of each list, in order."""
    starts, ends = side_by_side([np.array([1, 5, 9]), np.array([2, 6]), np.array([3, 7, 11])])
    assert (starts.tolist(), ends.tolist()) == ([1, 5], [3, 7])


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)), st.integers(1, 4))
def test_nearness_is_within_reach_and_not_on_the_spot(positions: set[int], others: set[int], reach: int) -> None:
    """Against all pairs."""
    found = stands_near(np.array(sorted(positions), np.int64), np.array(sorted(others), np.int64), reach)
    assert found.tolist() == [any(0 < abs(p - q) <= reach for q in others) for p in sorted(positions)]


@pytest.mark.parametrize(
    ("pattern", "fitting", "not_fitting"),
    [
        ("контр*", "контрабанда контроль контр", "конт протоконтроль"),
        ("*граф", "граф телеграф", "графа"),
        ("т?м*", "таможня том темы", "тм дом"),
        ("wom?n", "woman women", "womn womaan"),
        ("*та*жн*", "таможня", "таможил"),
        ("*", "что угодно", ""),
    ],
)
def test_patterns(pattern: str, fitting: str, not_fitting: str) -> None:
    """`*` is any run, `?` any one character."""
    fits = pattern_test(pattern)
    assert all(map(fits, fitting.split()))
    assert not any(map(fits, not_fitting.split()))


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_patterns_agree_with_regular_expressions(pattern: str, word: str) -> None:
    """The matcher that cannot blow up against the one that can."""
    import re

    expression = "".join({"*": ".*", "?": "."}.get(sign, sign) for sign in pattern)
    assert pattern_test(pattern)(word) == bool(re.fullmatch(expression, word))


def test_a_pattern_made_to_be_slow_is_not() -> None:
    """Two hundred stars against a word of as many letters take no time worth measuring: this test ends."""
    assert not pattern_test("*a" * 200 + "b")("a" * 250)


@given(st.text("абвг", max_size=6), st.lists(st.text("абвг", max_size=6), max_size=5))
def test_edit_distance_is_that_of_the_definition(word: str, candidates: list[str]) -> None:
    """Against the recursive definition of optimal string alignment."""
    from functools import cache

    def distance(a: str, b: str) -> int:
        @cache
        def d(i: int, j: int) -> int:
            if not i or not j:
                return i + j
            best = min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                best = min(best, d(i - 2, j - 2) + 1)
            return best

        return d(len(a), len(b))

    assert edit_distances(word, candidates).tolist() == [distance(word, candidate) for candidate in candidates]


def test_expansions_run_over_words_as_written() -> None:
    """Prefixes, inner wildcards, misspellings, ranges: folded forms, never stems."""
    snapshot = snapshot_of(plain(sample_documents()))
    everything = set(snapshot.segment.forms)
    assert set(expand_pattern(snapshot, "тамож*").forms) == {f for f in everything if f.startswith("тамож")}
    assert set(expand_pattern(snapshot, "*ing").forms) == {f for f in everything if f.endswith("ing")}
    assert "smuggling" in set(expand_fuzzy(snapshot, "smugling", 1).forms)
    assert set(expand_fuzzy(snapshot, "2024", 1).forms) == set()
    assert set(expand_range(snapshot, "а", "б", closed=(True, False)).forms) == {
        f for f in everything if "а" <= f < "б"
    }
    assert set(expand_range(snapshot, "customs", "customs", closed=(True, True)).forms) == {"customs"}
    assert set(expand_range(snapshot, "customs", "customs", closed=(False, True)).forms) == set()


def test_explanations_add_up() -> None:
    """The parts of an explanation give the score that ranked the document."""
    documents = [
        Document(id="1", body="customs fossils"),
        Document(id="2", body="fossils of the customs"),
    ]
    pair = Words((Group("customs", ("custom",)),)), Words((Group("fossils", ("fossil",)),))
    from wco_search.engine.plan import AnyOf

    evaluation = Evaluation(snapshot_of(plain(documents)), AnyOf(pair), [pair])
    numbers, scores = evaluation.ranking(evaluation.matches.mask)
    for number, score in zip(numbers.tolist(), scores.tolist(), strict=True):
        assert evaluation.explain(number).value == pytest.approx(score, rel=SINGLE_PRECISION)
