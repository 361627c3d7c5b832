"""The compiled loops against their NumPy twins: the same documents, the same bits; and arrays of damaged files."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.snapshots import snapshot_of
from tests.test_engine_topk import both, query_of, weighted_groups, zipf_archive
from wco_search.analysis import default_analyzer
from wco_search.documents import Document, MetadataSchema
from wco_search.engine import loops, postings, proximity, topk
from wco_search.engine.build import build_segment
from wco_search.engine.compile import Compiled, compile_query
from wco_search.engine.lists import Alternatives, LeftOut, Lists, Postings, phrase_starts
from wco_search.engine.merge import place_runs
from wco_search.engine.occurrences import union
from wco_search.engine.plan import Among, Group, Words, any_of, inside, outside
from wco_search.engine.posting_lists import PostingList
from wco_search.engine.postings import Norms, field_norms, padded_size
from wco_search.engine.score import LENGTHS, TITLE_WEIGHT, saturated_impacts
from wco_search.engine.segment import FIELD_GAP, Segment
from wco_search.engine.selection import bits_of
from wco_search.engine.signatures import signatures_of
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Dictionary, StringTable
from wco_search.languages import NameTable, romanised
from wco_search.languages.names import SOUNDS, keys_to_ask

SCHEMA = MetadataSchema({})
NO_CHAMPIONS = (np.zeros(0, np.uint8), np.zeros(1, np.uint8), np.zeros(0, np.uint8), np.zeros(0, np.float32))
LENGTHS_OF_ONE = (np.ones(512), LENGTHS, FIELD_GAP, 1.0)
"""What `Places` is told of lengths, where they do not matter."""

pytestmark = pytest.mark.skipif(not loops.IS_BUILT, reason="the loops are not compiled here")


@pytest.fixture(autouse=True)
def _compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment asks for."""
    monkeypatch.setattr(loops, "COMPILED", True)


@pytest.fixture(scope="module")
def lists() -> Lists:
    """Those of three thousand documents, with bitmaps and rows for words of far less documents than in real life."""
    patch = pytest.MonkeyPatch()
    patch.setattr(postings, "_FEWEST_BITS", 60)
    patch.setattr(postings, "_FEWEST_ROW", 200)
    patch.setattr(postings, "_FEWEST_CHAMPIONS", 2)
    documents, _ = zipf_archive(3000, random.Random(11))
    snapshot = snapshot_of(documents)
    patch.undo()
    return snapshot.lists(snapshot.slices[0])


def both_ways(call: Callable[[], Any]) -> tuple[Any, Any]:
    """What a function gives with compiled loops, and without."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "COMPILED", True)
        compiled = call()
        patch.setattr(loops, "COMPILED", False)
        return compiled, call()


def some_of(lists: Lists, chance: random.Random, most: int) -> list[tuple[float, Postings]]:
    """Weighted lists of any frequency, some of them alternatives, some of these not in all documents."""
    terms = list(lists.segment.terms)
    terms.sort(key=lambda term: -len(lists.of(Group(term, (term,))) or ()))
    chosen: list[tuple[float, Postings]] = []
    for term in chance.sample(terms[: chance.choice([8, 40, len(terms)])], chance.randint(1, most)):
        found = lists.term(term)
        assert found is not None
        one: Postings = found
        if chance.random() < 0.3:
            others = [lists.term(other) for other in chance.sample(terms, 2)]
            members = [(1.0, found), *((chance.choice([0.5, 0.7]), other) for other in others if other is not None)]
            left_out = LeftOut.of(np.random.default_rng(chance.randrange(99)).random(len(lists.segment)) < 0.5, 0)
            size = len(np.unique(np.concatenate([own.docs for _, own in members])))
            one = Alternatives(members, left_out if chance.random() < 0.5 else None, lists.scratch, size)
        chosen.append((chance.choice([0.3, 1.0, 2.5, 6.25]), one))
    return sorted(chosen, key=lambda pair: len(pair[1]))


def mask_of(lists: Lists, chance: random.Random) -> np.ndarray | None:  # type: ignore[type-arg]
    """All documents, or some."""
    share = chance.choice([None, 0.002, 0.1, 0.6])
    return None if share is None else np.random.default_rng(chance.randrange(99)).random(len(lists.segment)) < share


def listed(found: Sequence[Any]) -> list[Any]:
    """Arrays as lists."""
    return [one.tolist() if isinstance(one, np.ndarray) else one for one in found]


def go(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have lists read that way, whatever it costs."""
    monkeypatch.setattr(topk, "_is_rarest_first", lambda *_: way == "rarest first")
    if way != "rarest first":
        windows = partial(loops.compiled.best_in_windows, is_marked=way == "by bitmaps")
        monkeypatch.setattr(loops.compiled, "best_in_windows", windows)


def never_give_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have documents left out even where to read all lists would cost less, as it does in a small segment."""
    monkeypatch.setattr(loops.compiled, "best_of_any", partial(loops.compiled.best_of_any, gives_up=False))


@pytest.mark.parametrize(
    ("direct", "way", "gives_up", "is_told"),
    [
        (8000, "rarest first", False, True),
        (600, "rarest first", False, False),
        (40, "rarest first", False, False),
        (600, "rarest first", True, True),
        (40, "rarest first", True, True),
        (8000, "in windows", True, True),
        (8000, "by bitmaps", True, True),
    ],
)
def test_the_best_of_any(
    lists: Lists, direct: int, way: str, gives_up: bool, is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents, scores, and the total where it is told; also where hardly any list is added up whole, or each is."""
    monkeypatch.setattr(topk, "_DIRECT", direct)
    go(way, monkeypatch)
    if not gives_up:
        never_give_up(monkeypatch)
    chance = random.Random(direct)
    told = 0
    for _ in range(250):
        weighted, allowed, k = (
            some_of(lists, chance, 7),
            mask_of(lists, chance),
            chance.choice([1, 3, 10, 20, 200, 9000]),
        )
        docs, scores, total = topk.best_and_total(lists, weighted, k, allowed)
        expected, same_scores = topk._best_of_any(lists, weighted, k, allowed)
        assert (docs.tolist(), scores.tolist()) == (expected.tolist(), same_scores.tolist())
        count, expected_count = both_ways(lambda: topk.count_any_of(lists, [one for _, one in weighted], allowed))  # noqa: B023
        assert count == expected_count
        told += total is not None
        assert total in (None, count)
    assert (told > 100, told == 250) == (is_told, way != "rarest first")
    assert lists.scratch.rows.is_clean()


@pytest.mark.parametrize("most", [1, 3])
def test_the_best_of_all(lists: Lists, most: int) -> None:
    """One to four clauses of one or more lists, with lifting words and without."""
    chance = random.Random(3)
    for _ in range(150):
        clauses = [some_of(lists, chance, most) for _ in range(chance.randint(1, 4))]
        lifts = some_of(lists, chance, 2) if chance.random() < 0.3 else []
        allowed, k = mask_of(lists, chance), chance.choice([1, 10, 5000])
        found, expected = both_ways(lambda: topk.best_of_all(lists, clauses, lifts, k, allowed))  # noqa: B023
        assert listed(found) == listed(expected)
        groups = [[one for _, one in clause] for clause in clauses]
        bits, expected_bits = both_ways(lambda: bits_of(lists, groups[: k % 4], allowed))  # noqa: B023
        assert bits.tolist() == expected_bits.tolist()
    assert lists.scratch.rows.is_clean()


@pytest.mark.parametrize("pool", [12, 60, 400])
def test_the_best_of_all_single_lists(lists: Lists, pool: int) -> None:
    """Where all lists have bitmaps, some, or hardly any."""
    chance = random.Random(pool)
    terms = sorted(lists.segment.terms, key=lambda term: -len(lists.of(Group(term, (term,))) or ()))[:pool]
    matches = 0
    for _ in range(60):
        found_lists = [lists.term(term) for term in chance.sample(terms, chance.randint(2, 3))]
        clauses = [[(chance.choice([0.3, 1.0, 2.5]), one)] for one in found_lists if one is not None]
        allowed, k = mask_of(lists, chance), chance.choice([1, 10, 5000])
        found, expected = both_ways(lambda: topk.best_of_all(lists, clauses, [], k, allowed))  # noqa: B023
        assert listed(found) == listed(expected)
        matches += found[2]
    assert matches > 60


def test_bonuses(lists: Lists) -> None:
    """Of any documents, for words of one term and of several; and the order that they bring a ranking in."""
    chance = random.Random(5)
    terms = sorted(lists.segment.terms, key=lambda term: -len(lists.of(Group(term, (term,))) or ()))
    positive = 0
    for _ in range(200):
        pool = terms[: chance.choice([6, 60])]
        groups = [Group("x", tuple(chance.sample(pool, chance.choice([1, 1, 3])))) for _ in range(4)]
        pairs = [(one, other, chance.random(), ()) for one, other in pairwise(groups)]
        docs = np.array(chance.sample(range(len(lists.segment)), chance.randint(0, 40)), np.intp)
        found, expected = both_ways(lambda: list(map(float, proximity.bonuses(lists, pairs, docs))))  # noqa: B023
        assert found == expected
        positive += any(found)
        scores, count = (
            np.sort(np.array([chance.choice([0.5, chance.random()]) for _ in docs]))[::-1],
            chance.randint(1, 50),
        )
        ranking = [(docs.copy(), scores.copy()) for _ in range(2)]
        found, expected = both_ways(lambda: proximity.lifted(lists, pairs, *ranking.pop(), count))  # noqa: B023
        assert [one.tolist() for one in found] == [one.tolist() for one in expected]
    assert positive > 20


def test_phrases(lists: Lists) -> None:
    """The lists of phrases of words of one term and of several, also where they are not sought in all documents."""
    chance = random.Random(7)
    terms = sorted(lists.segment.terms, key=lambda term: -len(lists.of(Group(term, (term,))) or ()))
    hits = 0
    for _ in range(200):
        pool = terms[: chance.choice([5, 30])]
        groups = tuple(
            Group("x", tuple(chance.sample(pool, chance.choice([1, 1, 2])))) for _ in range(chance.randint(2, 3))
        )
        words = Words(groups, among=chance.choice([None, Among("ru", is_of_it=True)]))
        made, same = both_ways(lambda: lists._of_phrase(words))  # noqa: B023
        assert (made is None) == (same is None)
        if made is not None:
            hits += 1
            assert listed([made.docs, made.impacts, made.largest, made.tenth]) == listed(
                [same.docs, same.impacts, same.largest, same.tenth]
            )
    assert hits > 50


@given(
    st.lists(st.tuples(*[st.integers(1, 300) | st.integers(4000, 5000) | st.integers(1, 2**24)] * 2), min_size=1),
    st.floats(1, 5000),
)
def test_norms_of_fields_of_any_length(lengths: list[tuple[int, int]], mean: float) -> None:
    """Those worked out one by one are those of them all, also in the compiled loops."""
    means = {"mean_title_length": mean / 8, "mean_body_length": mean}
    flat = np.array(lengths).ravel()
    starts = np.concatenate([[0], np.cumsum(flat + FIELD_GAP)]).astype(np.uint32)
    norms, all_norms = Norms.of(starts, means), field_norms(flat, means)
    fields = np.arange(len(flat))
    assert norms.at(fields).tolist() == all_norms.tolist() == [norms.item(field) for field in fields.tolist()]
    places = loops.compiled.Places(
        starts, np.zeros(1, np.uint8), norms.starts, norms.tables, LENGTHS, FIELD_GAP, TITLE_WEIGHT
    )
    docs, impacts, _, _ = loops.compiled.impacts_at(places, starts[:-1])
    expected = saturated_impacts(fields >> 1, fields, np.ones(len(fields)), all_norms)
    assert (docs.tolist(), impacts.tolist()) == (expected[0].tolist(), expected[1].tolist())


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30)), min_size=1, max_size=12),
    st.lists(st.lists(st.integers(0, 10**6), max_size=40), max_size=8),
    st.floats(1, 50),
)
def test_impacts_of_any_positions_and_their_signatures(
    widths: list[tuple[int, int]], places: list[list[int]], mean: float
) -> None:
    """Several at one place, fields without a word, terms without a place; and signatures of any forms."""
    lengths = np.array(widths).ravel()
    starts = np.concatenate([[0], np.cumsum(lengths + FIELD_GAP)])
    inside = np.concatenate([np.arange(start, start + n) for start, n in zip(starts[:-1], lengths, strict=True)])
    terms = [np.sort(inside[np.array(one, np.int64) % len(inside)]) if len(inside) else inside for one in places]
    counts = np.array([len(one) for one in terms], np.int64)
    positions = np.concatenate([np.zeros(0, np.int64), *terms]).astype(np.uint32)
    norms = field_norms(lengths, {"mean_title_length": mean / 4, "mean_body_length": mean})
    table = postings.FieldTable.of(starts)
    made, same = both_ways(lambda: postings.document_impacts(positions, counts, table, norms))
    assert [one.tolist() for one in made] == [one.tolist() for one in same]
    assert [one.dtype for one in made] == [one.dtype for one in same]
    forms = StringTable.of([f"form{number}" for number in range(7)])
    at_place = (np.arange(starts[-1]) * 2654435761 % 7).astype(np.uint32)
    signed, too = both_ways(lambda: signatures_of(at_place, forms, starts))
    assert signed.tolist() == too.tolist()


@given(st.lists(st.lists(st.integers(0, 200), max_size=6), max_size=12), st.randoms(use_true_random=False))
def test_runs_of_any_sizes_are_placed_in_any_order(runs: list[list[int]], rng: random.Random) -> None:
    """Empty ones and values of another type as well; what lies between them is left."""
    order = rng.sample(range(len(runs)), len(runs))
    begins, free = np.zeros(len(runs), np.int64), 1
    for number in order:
        begins[number], free = free, free + len(runs[number]) + rng.randrange(2)
    values = np.array([value for run in runs for value in run], np.int64)

    def placed() -> list[int]:
        into = np.full(free, 255, np.uint8)
        place_runs(into, values, begins, np.array([len(run) for run in runs], np.int64))
        return into.tolist()

    expected = [255] * free
    for begin, run in zip(begins.tolist(), runs, strict=True):
        expected[begin : begin + len(run)] = run
    assert both_ways(placed) == (expected, expected)


@pytest.mark.parametrize(
    ("begins", "counts"),
    [([4], [2]), ([-1], [2]), ([0], [1]), ([0], [3]), ([0, 2], [2]), ([0, 9], [1, 1]), ([0], [-1])],
)
def test_runs_that_do_not_fit_are_refused(begins: list[int], counts: list[int]) -> None:
    """Outside of the array; more or fewer values than are counted."""
    with pytest.raises(IndexError, match="run"):
        loops.compiled.place_runs(np.zeros(5, np.int64), np.array([1, 2]), np.array(begins), np.array(counts))


def test_positions_and_forms_that_do_not_fit_are_refused() -> None:
    """Of no field, more or fewer than are counted; of no form, behind the last."""
    starts, norms = np.array([0, 12, 40]), np.ones(2)
    table = postings.FieldTable.of(starts)
    impacts, signatures = loops.compiled.document_impacts, loops.compiled.signatures
    for positions, counts in (([3, 45], [2]), ([3, 4000], [2]), ([3], [2]), ([3, 4, 5], [1])):
        with pytest.raises(IndexError, match="positions do not fit"):
            impacts(np.array(positions, np.uint32), np.array(counts), table.starts, table.started, norms, 1.0)
    with pytest.raises(IndexError, match="1 items, not 2"):
        impacts(starts, starts, table.starts, table.started, np.ones(1), 1.0)
    hashes, forms = np.arange(3, dtype=np.uint64), np.array([0, 1, 2, 3], np.uint32)
    for start, pairs in ((0, 3), (2, 2), (4, 9), (-1, 1), (0, -1)):
        with pytest.raises(IndexError, match="bodies do not fit"):
            signatures(hashes, forms, np.array([start]), np.array([pairs]))


def test_impacts_of_positions(lists: Lists) -> None:
    """The list of any positions."""
    chance = np.random.default_rng(3)
    for size in (1, 9, 10, 400):
        positions = np.unique(chance.choice(lists.segment.positions, size))
        made, same = both_ways(lambda: lists._from_positions(positions))  # noqa: B023
        assert listed([made.docs, made.impacts, made.largest, made.tenth]) == listed(
            [same.docs, same.impacts, same.largest, same.tenth]
        )


FORMS = (
    "стали стать стал сталь сталью столбцов столбец столбцы столбцу данным данных данные дан дать даст этом этот эта "
    "эту для длить об о его он ему типа тип мыла мыл мыло dates date dated data can cans canned"
).split()


@pytest.fixture(scope="module")
def inflected() -> Lists:
    """Those of documents of few words in many forms, several of which have terms in common."""
    chance = random.Random(13)
    documents = [
        Document(
            id=str(n),
            title=" ".join(chance.choices(FORMS, k=chance.randrange(4))),
            body=" ".join(chance.choices(FORMS, k=chance.choice([1, 5, 60]))),
        )
        for n in range(300)
    ]
    snapshot = snapshot_of(documents)
    return snapshot.lists(snapshot.slices[0])


@pytest.mark.parametrize("way", ["terms of a form", "any terms", "forms"])
def test_words_of_several_terms_are_united(inflected: Lists, way: str) -> None:
    """The bits of what the places of all of them give, be they all of a term's places or some."""
    chance = random.Random(9)
    segment = inflected.segment
    forms, terms = list(segment.forms), list(segment.terms)
    many = 0
    for n in range(100):
        group = Group("x", tuple(chance.sample(terms, chance.choice([2, 3, 9]))))
        if way == "terms of a form":
            group = Group("x", default_analyzer().terms(FORMS[n % len(FORMS)]))
        elif way == "forms":
            group = Group("x", forms=tuple(sorted(chance.sample(forms, chance.choice([1, 2, 3, 20])))))
        found, plain = both_ways(lambda: inflected._unite(group))  # noqa: B023
        if group.terms:
            numbers = [number for term in group.terms if (number := segment.terms.find(term)) is not None]
            places = [segment.term_positions(number) for number in numbers]
        else:
            places = [segment.form_positions(number) for number in segment.forms.find_all(group.forms)]
        expected = inflected._from_positions(union(places))
        assert expected is not None
        for made in (found, plain):
            assert listed([made.docs, made.impacts, made.largest, made.tenth]) == listed(
                [expected.docs, expected.impacts, expected.largest, expected.tenth]
            )
        many += len(places) > 1
    assert many > (20 if way == "terms of a form" else 60)
    assert inflected.scratch.rows.is_clean()


@given(st.lists(st.sets(st.integers(0, 60), max_size=40), min_size=2, max_size=4))
def test_phrases_of_any_positions(places: list[set[int]]) -> None:
    """One field that holds them all; also at its start."""
    arrays = [np.array(sorted(one), np.uint32) for one in places]
    loose = loops.compiled.Places(
        np.zeros(0, np.uint32), np.zeros(1, np.uint8), np.array([0, 8, 100], np.uint8), *LENGTHS_OF_ONE
    )
    expected = [
        start
        for start in range(61)
        if all(start + shift in one for shift, one in enumerate(places)) and (start >= 8 or start + len(places) <= 8)
    ]
    docs, impacts, _, _ = loops.compiled.phrase(
        loops.compiled.Rows(1, 64), loose, [[(array, None)] for array in arrays], None
    )
    in_title = sum(start < 8 for start in expected)
    in_body = len(expected) - in_title
    assert docs.tolist() == [0] * bool(expected)
    assert impacts.tolist() == [np.float32(in_title / (in_title + 1) + in_body / (in_body + 1))] * bool(expected)
    assert set(expected) <= set(phrase_starts(arrays).tolist())


@given(st.sets(st.text("abcя\U0001f600", max_size=5)), st.lists(st.text("abcя\U0001f600", max_size=5)))
def test_strings_are_found(strings: set[str], sought: list[str]) -> None:
    """Those that are there and those that are not; ranges of prefixes."""
    plain = StringTable.sorted_of(strings)
    table = Dictionary(plain.blob, plain.offsets)
    for one in [*strings, *sought]:
        assert table.find(one) == plain.find(one)
        assert table.prefix_range(one) == plain.prefix_range(one)
        assert table.bisect(one.encode()) == plain.bisect(one.encode())
    assert table.find_all([*strings, *sought]) == plain.find_all([*strings, *sought])
    read, same = both_ways(lambda: plain.at(range(len(plain))))
    assert read == same == sorted(strings)


@pytest.mark.parametrize(
    ("offsets", "number", "reason"),
    [([0, 2, 4], 2, "no string 2"), ([0, 2, 4], -1, "no string -1"), ([0, 9], 0, "outside"), ([3, 1], 0, "outside")],
)
def test_strings_that_are_not_there_are_refused(offsets: list[int], number: int, reason: str) -> None:
    """Behind the last, before the first, and of a table that does not fit its text."""
    with pytest.raises(IndexError, match=reason):
        loops.compiled.strings_at(np.frombuffer(b"abcd", np.uint8), np.array(offsets), [number])


def test_terms_of_forms(lists: Lists) -> None:
    """Those of every form; of none that does not stand anywhere."""
    segment = lists.segment
    for form in [*segment.forms, "", "нетакой", "zzz"]:
        found, expected = both_ways(lambda form=form: segment.terms_of_form(form))
        assert found == expected
        assert (found is None) == (segment.forms.find(form) is None)


def test_lists_of_terms(lists: Lists) -> None:
    """A term's list is what the arrays of the segment say, the one of the compiled loops as well."""
    segment, rows = lists.segment, lists.scratch.rows
    with_bitmap = with_row = 0
    for number, term in enumerate(segment.terms):
        found = lists.term(term)
        assert found is not None
        place = slice(segment.doc_offsets.item(number), segment.doc_offsets.item(number + 1))
        same = PostingList(
            segment.docs[place], segment.impacts[place], found.largest, found.tenth, found.words, found.ranks,
            found.levels, found.frozen_idf,
        )  # fmt: skip
        assert (found.term, len(found), found.doc_freq) == (number, len(same), len(same))
        assert found.docs.tolist() == same.docs.tolist()
        assert found.impacts.tolist() == same.impacts.tolist()
        assert found.largest == found.impacts.max()
        with_bitmap += found.words is not None
        with_row += found.levels is not None
        for direct in (0, 8000):
            one, other = (
                loops.compiled.best_of_any(
                    rows, [(0.7, each), (0.9, each)], 10, None, lists.unit, direct, gives_up=False
                )
                for each in (found, same)
            )
            assert one is not None
            assert other is not None
            assert listed(one) == listed(other)
    assert with_bitmap > with_row > 3
    assert not hasattr(lists.term(segment.terms[0]), "size")


@given(st.data())
def test_any_numbers_of_terms_are_an_error_or_an_answer(data: st.DataObject) -> None:
    """Offsets and numbers of anything: never more than an IndexError."""
    numbers = st.lists(st.integers(0, 9), min_size=2, max_size=5).map(lambda one: np.array(one, np.uint8))
    offsets, starts, of_forms = data.draw(numbers), data.draw(numbers), data.draw(numbers)
    size = data.draw(st.integers(0, 9))
    docs, impacts = np.zeros(size, np.uint8), np.zeros(size, np.float32)
    each = np.zeros(len(offsets) - 1, np.float32)
    none = np.zeros(0, np.uint8)
    cuts = data.draw(numbers)
    champions = np.arange(len(cuts) - 1, dtype=np.uint8), cuts, docs, np.zeros(len(cuts) - 1, np.float32)
    terms = loops.compiled.Terms(
        (offsets, docs, impacts, each, each),
        (none, np.zeros(0, np.uint64), none),
        (none, none, np.zeros(0)),
        champions,
        64,
    )
    table = StringTable.sorted_of("abcdefghi"[: len(offsets)])
    known = (table.blob, table.offsets)
    forms = loops.compiled.Forms(known, (table.blob, offsets), starts, of_forms)
    for number in range(-1, 6):
        with suppress(IndexError):
            assert terms.source(number).size <= size
        with suppress(IndexError):
            found = forms.terms_of(b"abcdefghi"[number : number + 1])
            assert found is None or set("".join(found)) <= set("abcdefghi")


def test_arrays_of_terms_that_do_not_fit_are_refused() -> None:
    """Bitmaps and rows for more or fewer terms than have them."""
    offsets, docs, one = np.array([0, 1], np.uint8), np.zeros(1, np.uint8), np.zeros(1, np.float32)
    none, lists = np.zeros(0, np.uint8), (offsets, docs, one, one, one)
    with pytest.raises(IndexError, match="0 items, not 2"):
        loops.compiled.Terms(lists, (docs, np.zeros(0, np.uint64), none), (none, none, np.zeros(0)), NO_CHAMPIONS, 128)
    with pytest.raises(IndexError, match="1 ranks"):
        loops.compiled.Terms(lists, (docs, np.zeros(2, np.uint64), docs), (none, none, np.zeros(0)), NO_CHAMPIONS, 128)
    bitmaps, levels = (none, np.zeros(0, np.uint64), none), (none, none, np.zeros(0))
    with pytest.raises(IndexError, match="1 offsets of the champions of 1 terms"):
        loops.compiled.Terms(lists, bitmaps, levels, (docs, docs, docs, one), 128)
    with pytest.raises(IndexError, match="outside of all champions"):
        loops.compiled.Terms(lists, bitmaps, levels, (docs, np.array([0, 9], np.uint8), docs, one), 128).source(0)
    with pytest.raises(IndexError, match="0 items, not 128"):
        loops.compiled.Terms(lists, (none, np.zeros(0, np.uint64), none), (docs, none, np.zeros(1)), NO_CHAMPIONS, 128)


@given(st.lists(st.text("abdeiklmnrstu", min_size=3, max_size=9), max_size=12), st.text("абдеиклмнгрсту", max_size=9))
def test_names_are_found(words: list[str], form: str) -> None:
    """Words of both alphabets; some are said as the name is."""
    spoken = [romanised(form), *words, romanised(form)[1:], romanised(form)[:-1], form]
    segment = Segment(build_segment([Document(body=" ".join(["-", *spoken]))], default_analyzer(), SCHEMA), SCHEMA)
    for asked in (form, *words[:3]):
        compiled, plain = both_ways(lambda asked=asked: segment.sounding_like(asked))
        assert compiled == plain


@pytest.mark.parametrize("masked", [False, True])
def test_alternatives_are_put_together(lists: Lists, masked: bool) -> None:
    """The list has the documents of the alternatives, the bits of their impacts, and what bounds these."""
    chance = random.Random(5)
    terms = list(lists.segment.terms)
    for most in (1, 2, 5, 10) * 5:
        chosen = [one for term in chance.sample(terms, most) if (one := lists.term(term)) is not None]
        members = [(chance.choice([1.0, 0.71, 0.3]), one) for one in chosen]
        mask = np.array([chance.random() < 0.5 for _ in range(len(lists.segment))])
        lazy = Alternatives(members, LeftOut.of(mask, 2) if masked else None, lists.scratch, 777)
        found = lists._put_together(lazy)
        assert (found is lazy) == (not len(lazy.docs))
        assert found.docs.tolist() == lazy.docs.tolist()
        assert found.impacts.tobytes() == lazy.impacts.tobytes()
        assert found.doc_freq == 777
        best = sorted(lazy.impacts.tolist(), reverse=True)
        if found is not lazy:
            assert (found.largest, found.tenth) == (best[0], best[9] if len(best) > 9 else 0.0)
        assert lists.scratch.rows.is_clean()


def test_alternatives_that_are_asked_for_often_become_one_list(lists: Lists) -> None:
    """Of the same documents and impacts; what is kept is counted as it is then."""
    terms = tuple(sorted(random.Random(7).sample(list(lists.segment.terms), 3)))
    words = Words((Group("", terms, weights=(1.0, 0.5, 0.25)),))
    first, second, third, fourth = (lists.of_words(words) for _ in range(4))
    assert isinstance(first, Alternatives)
    assert isinstance(third, PostingList)
    assert (second, fourth) == (first, third)
    assert (third.docs.tolist(), third.impacts.tobytes()) == (first.docs.tolist(), first.impacts.tobytes())
    assert lists._postings_chosen == sum(
        256 + (len(one) if isinstance(one, PostingList) else 0) for one in lists._chosen.values()
    )


@pytest.mark.parametrize("among", [None, inside("ru"), outside("ru")])
def test_bounds_of_alternatives(lists: Lists, among: Among | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many documents as are counted, no impact above the largest, ten of at least the tenth; the twin's the same."""
    chance = random.Random(repr(among))
    terms = list(lists.segment.terms)
    left_out = None if among is None else LeftOut.of(~lists.among(among), among.side)
    for most in (1, 1, 1, 2, 5, 10) * 4:
        chosen = [one for term in chance.sample(terms, most) if (one := lists.term(term)) is not None]
        members = [(chance.choice([1.0, 0.71, 0.3]), one) for one in chosen]
        found = Alternatives(members, left_out, lists.scratch)
        with monkeypatch.context() as patch:
            patch.setattr(loops, "IS_BUILT", False)
            twin = Alternatives(members, left_out, lists.scratch)
        assert found.doc_freq == twin.doc_freq == topk.count_any_of(lists, chosen)
        assert (found.largest, found.postings) == (twin.largest, twin.postings)
        best = sorted(found.impacts.tolist(), reverse=True)
        assert twin.tenth <= found.tenth <= (best[9] if len(best) > 9 else 0.0)
        assert not best or best[0] <= found.largest
        weighted: list[tuple[float, Postings]] = [(2.0, found)]
        assert (
            listed(topk._best_of_any(lists, weighted, 10, None)) == listed(topk.best_and_total(lists, weighted, 10))[:2]
        )


@pytest.mark.parametrize(
    ("direct", "way"),
    [(8000, "rarest first"), (300, "rarest first"), (40, "rarest first"), (0, "in windows"), (0, "by bitmaps")],
)
def test_words_of_one_language_and_of_all_others(
    lists: Lists, direct: int, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No document has words of both sides; words of all documents are on both."""
    go(way, monkeypatch)
    never_give_up(monkeypatch)
    monkeypatch.setattr(topk, "_DIRECT", direct)
    chance = random.Random(direct)
    terms = list(lists.segment.terms)
    for _ in range(120):
        weighted: list[tuple[float, Postings]] = []
        for among in chance.choices([inside("ru"), outside("ru"), None], [3, 3, 1], k=chance.randint(2, 7)):
            own = sorted(chance.sample(terms, chance.choice([1, 3])))
            words = Words((Group("", tuple(own), weights=(0.7, *[1.0] * (len(own) - 1))),), among=among)
            found = lists.of_words(words)
            weighted += [] if found is None else [(chance.choice([0.3, 1.0, 2.5]), found)]
        weighted.sort(key=lambda pair: pair[1].doc_freq)
        allowed, k = mask_of(lists, chance), chance.choice([1, 10, 20, 300, 9000])
        docs, scores, total = topk.best_and_total(lists, weighted, k, allowed)
        expected, same_scores = topk._best_of_any(lists, weighted, k, allowed)
        assert (docs.tolist(), scores.tolist()) == (expected.tolist(), same_scores.tolist())
        count, expected_count = both_ways(lambda: topk.count_any_of(lists, [one for _, one in weighted], allowed))  # noqa: B023
        assert count == expected_count
        assert total in (None, count)
    assert lists.scratch.rows.is_clean()


def test_a_word_of_several_frequent_terms_has_a_bitmap() -> None:
    """As a term of as many documents has: its documents, and how many lie before each of its words."""
    words = ["fossils", "timber", "fossils timber", "rifle"]
    snapshot = snapshot_of([Document(id=str(number), body=words[number % 4]) for number in range(24_000)])
    lists = snapshot.lists(snapshot.slices[0])
    found = lists._unite(Group("", ("fossil", "timber")))
    assert found is not None
    assert len(found) == 18_000
    assert found.words is not None
    assert found.ranks is not None
    mask = np.unpackbits(found.words.view(np.uint8), bitorder="little")
    assert np.flatnonzero(mask).tolist() == found.docs.tolist()
    assert found.ranks.tolist() == [np.count_nonzero(mask[:end]) for end in range(0, len(mask), 64)]
    rifle = lists.term("rifl")
    assert rifle is not None
    weighted: list[tuple[float, Postings]] = [(2.0, rifle), (0.5, found)]
    for is_marked in (True, False):
        best = loops.compiled.best_in_windows(lists.scratch.rows, weighted, 10, None, is_marked)
        assert best is not None
        assert best[0].tolist() == list(range(3, 43, 4))
        assert best[2] == 24_000


def test_alternatives_of_documents_that_are_not_there_are_refused(lists: Lists) -> None:
    """Nothing is left in the rows."""
    beyond = PostingList(np.array([1, len(lists.segment)], np.int32), np.ones(2, np.float32), 1.0, 0.0)
    with pytest.raises(IndexError):
        lists._put_together(Alternatives([(1.0, beyond)], None, lists.scratch, 2))
    with pytest.raises(IndexError, match="names a document"):
        Alternatives([(1.0, beyond), (0.5, beyond)], None, lists.scratch)
    with pytest.raises(IndexError, match="another size"):
        loops.compiled.alternatives(
            loops.compiled.Rows(64, 64),
            [(1.0, one.source) for one in map(lists.term, lists.segment.terms) if one],
            None,
            0,
        )
    assert lists.scratch.rows.is_clean()


@pytest.mark.parametrize("name", ["letters", "lengths", "owners", "skeletons", "firsts", "shorter", "buckets"])
def test_any_numbers_in_a_table_of_names_are_an_error_or_an_answer(name: str) -> None:
    """Nothing is read that lies beyond the table."""
    arrays = NameTable.build(["mikuriya", "customs", "houston", "guatemala", "smith", "smyth", "микурия"]).to_arrays()
    chance = random.Random(name)
    alphabet, (key,) = keys_to_ask("микурия")
    for _ in range(300):
        damaged = arrays[name].copy()
        damaged[chance.randrange(len(damaged))] = chance.choice([0, 1, 7, 24, 25, 200, 255])
        if chance.random() < 0.1:
            damaged = damaged[:-1]
        with suppress(IndexError):
            loops.compiled.Names(**{**arrays, name: damaged}, sounds=SOUNDS).similar(key, alphabet, {})


@pytest.mark.parametrize("width", [np.uint8, np.uint16, np.uint32, np.uint64, np.int32])
def test_document_numbers_of_any_width(width: type) -> None:
    """As narrow as a file keeps them; from read-only memory as well."""
    docs, impacts = np.array([0, 5, 99], width), np.array([0.5, 0.25, 0.75], np.float32)
    docs.flags.writeable = impacts.flags.writeable = False
    one = PostingList(docs, impacts, 0.75, 0.0)
    rows = loops.compiled.Rows(100, 128)
    other = Alternatives([(1.0, one), (0.5, one)], None, None, 3)  # type: ignore[arg-type]
    for found in (
        loops.compiled.best_of_any(rows, [(2.0, one), (1.0, one)], 2, None, 1.0, 8000),
        *(
            loops.compiled.best_in_windows(rows, [(2.0, one), (1.0, second)], 2, None, by_bitmaps)
            for second in (one, other)
            for by_bitmaps in (False, True)
        ),
    ):
        assert found is not None
        assert listed(found) == [[99, 0], [2.25, 1.5], 3]


@pytest.mark.parametrize("size", [1024, 1025, 4096, 4097, 16_384, 16_385, 31_743, 31_744, 31_745, 60_000])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("by_bitmaps", "share"), [(False, 0.05), (False, 0.3), (True, 0.05)])
def test_documents_of_several_windows(size: int, masked: bool, by_bitmaps: bool, share: float) -> None:
    """The best sums over all documents, of single lists and of alternatives, with the last document of a window."""
    randoms = np.random.default_rng(size)
    rows = loops.compiled.Rows(size, padded_size(size))
    left_out, allowed = randoms.random(size) < 0.3, randoms.random(size) < 0.5 if masked else None
    sums = np.zeros(size)
    weighted: list[tuple[float, Postings]] = []
    for number, weight in enumerate((2.5, 0.3, 1.0, 0.7)):
        largest = np.zeros(size, np.float32)
        members = []
        for own_weight in (1.0, 0.5)[: 1 + number % 2]:
            docs = np.flatnonzero(randoms.random(size) < share).astype(np.int32)
            docs = np.union1d(docs, np.int32(size - 1))
            impacts = randoms.random(len(docs), np.float32) + np.float32(0.1)
            members.append((own_weight, PostingList(docs, impacts, 2.0, 0.0)))
            np.maximum.at(largest, docs, impacts * np.float32(own_weight))
        one = Alternatives(members, LeftOut.of(left_out, 2), None, 9) if number else members[0][1]  # type: ignore[arg-type]
        sums += weight * (largest * (1 - left_out) if number else largest).astype(np.float64)
        weighted.append((weight, one))
    sums[:] = sums if allowed is None else sums * allowed
    best = np.lexsort((np.arange(size), -sums))[:50]
    found = loops.compiled.best_in_windows(rows, weighted, 50, allowed, by_bitmaps)
    assert listed(found) == [best.tolist(), sums[best].tolist(), int(np.count_nonzero(sums))]
    assert rows.is_clean()


@pytest.mark.parametrize("k", [1, 20])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_lists_of_two_sides_in_windows(k: int, masked: bool, seed: int) -> None:
    """The best sums over all documents, where few have large impacts and no document is on both sides."""
    size, randoms = 400_000, np.random.default_rng(seed)
    rows = loops.compiled.Rows(size, padded_size(size))
    inside_one, allowed = randoms.random(size) < 0.6, randoms.random(size) < 0.5 if masked else None
    sums = np.zeros(size)
    weighted: list[tuple[float, Postings]] = []
    for number in range(int(randoms.integers(2, 8))):
        side = int(randoms.integers(0, 3))  # all documents, those of a language, all others
        left_out = [None, ~inside_one, inside_one][side]
        members = []
        largest = np.zeros(size, np.float32)
        for own_weight in (1.0, 0.5, 0.25)[: 1 + number % 3]:
            docs = np.flatnonzero(randoms.random(size) < randoms.choice([0.002, 0.02, 0.1])).astype(np.int32)
            impacts = (0.05 + randoms.random(len(docs)) ** randoms.choice([1, 6])).astype(np.float32)
            members.append((own_weight, PostingList(docs, impacts, float(impacts.max()), 0.0)))
            np.maximum.at(largest, docs, impacts * np.float32(own_weight))
        bits = None if left_out is None else LeftOut.of(left_out, side + 1)
        weight = float(randoms.choice([0.5, 2.0, 7.0]))
        weighted.append((weight, Alternatives(members, bits, None, 9)))  # type: ignore[arg-type]
        sums += weight * (largest if left_out is None else largest * ~left_out).astype(np.float64)
    sums *= 1 if allowed is None else allowed
    best = np.lexsort((np.arange(size), -sums))[:k]
    for is_marked in (True, False):
        found = loops.compiled.best_in_windows(rows, weighted, k, allowed, is_marked)
        assert listed(found) == [best.tolist(), sums[best].tolist(), int(np.count_nonzero(sums))]
    assert rows.is_clean()


@pytest.mark.parametrize("impact", [0.0, -0.5, float("nan")])
@pytest.mark.parametrize("by_bitmaps", [False, True])
def test_impacts_that_are_none_note_no_document(impact: float, by_bitmaps: bool) -> None:
    """As a damaged file may have them: what is noted of a window stays within its room, whatever the lists."""
    size, width = 400_000, 16_384  # so few postings that documents are noted
    rows = loops.compiled.Rows(size, padded_size(size))
    impacts = np.full(width, impact, np.float32)
    impacts[-1] = 0.75
    one = PostingList(np.arange(width, dtype=np.int32), impacts, 0.75, 0.0)
    several = Alternatives([(1.0, one), (0.5, one)], None, None, 9)  # type: ignore[arg-type]
    weighted: list[tuple[float, Postings]] = [(1.0, one)] * 5 + [(1.0, several)]
    found = loops.compiled.best_in_windows(rows, weighted, 3, None, by_bitmaps)
    assert found is not None
    assert listed(found)[:2] == [[width - 1], [4.5]]
    assert found[2] == 1 or by_bitmaps  # bitmaps hold what a list names, whatever its impact
    assert rows.is_clean()


def bad_list(docs: Sequence[int], kind: type = np.int32) -> PostingList:
    """A list of documents as a damaged file may have it."""
    return PostingList(np.array(docs, kind), np.full(len(docs), 0.5, np.float32), 0.5, 0.0)


@pytest.mark.parametrize("number", [100, 127, 128, 2**31 - 1, -1, -(2**31)])
@pytest.mark.parametrize("masked", [False, True])
def test_numbers_of_no_document_are_refused(number: int, masked: bool) -> None:
    """By every loop; the rows stay clean."""
    rows = loops.compiled.Rows(100, 128)
    allowed = np.ones(100, np.bool_) if masked else None
    one, good = bad_list([3, number]), bad_list([3, 4])
    other = Alternatives([(0.5, good), (1.0, one)], LeftOut.of(np.zeros(100, np.bool_), 2), None, 3)  # type: ignore[arg-type]
    for bad in (one, other):
        for direct in (8000, 0):
            with pytest.raises(IndexError, match="document"):
                loops.compiled.best_of_any(rows, [(1.0, good), (1.0, bad)], 5, allowed, 1.0, direct, gives_up=False)
        for by_bitmaps in (False, True):
            with pytest.raises(IndexError, match="document"):
                loops.compiled.best_in_windows(rows, [(1.0, good), (1.0, bad)], 5, allowed, by_bitmaps)
        with pytest.raises(IndexError, match="document"):
            loops.compiled.all_of(rows, [[(1.0, bad)], [(1.0, bad), (1.0, good)]], [], 5, allowed)
        with pytest.raises(IndexError, match="document"):
            loops.compiled.count_any(rows, [bad, good], allowed)
        with pytest.raises(IndexError, match="document"):
            loops.compiled.bits_of(rows, [[good], [bad]], allowed)
        assert rows.is_clean()


def test_arrays_that_do_not_fit_are_refused() -> None:
    """Sizes, types and places that a damaged file may have."""
    impacts = np.ones(2, np.float32)
    docs = np.array([1, 2], np.uint8)
    of_list = loops.compiled.Source.of_list
    words, ranks = np.full(2, 6, np.uint64), np.zeros(2, np.uint8)
    with pytest.raises(IndexError, match="1 items, not 2"):
        of_list(docs, impacts[:1], None, None, None, 1.0, 0.0, 0.0)
    with pytest.raises(TypeError, match="array of 'd'"):
        of_list(docs, impacts.astype(np.float64), None, None, None, 1.0, 0.0, 0.0)
    with pytest.raises(TypeError, match="array of 'f'"):
        of_list(impacts, impacts, None, None, None, 1.0, 0.0, 0.0)
    with pytest.raises(IndexError, match="1 ranks for 2 words"):
        of_list(docs, impacts, words, ranks[:1], None, 1.0, 0.0, 0.0)
    with pytest.raises(IndexError, match="64 levels for 128 documents"):
        of_list(docs, impacts, words, ranks, np.zeros(64, np.uint8), 1.0, 0.0, 0.0)
    rows = loops.compiled.Rows(100, 128)
    with pytest.raises(IndexError, match="another size than the segment"):
        loops.compiled.count_any(rows, [PostingList(docs, impacts, 1.0, 0.0, words[:1], ranks[:1])], None)
    with pytest.raises(IndexError, match="a mask of 99, not 100"):
        loops.compiled.count_any(rows, [bad_list([1]), bad_list([2])], np.ones(99, np.bool_))
    lying = PostingList(docs, impacts, 1.0, 0.0, words, np.full(2, 200, np.uint8))
    for clauses in ([[(1.0, bad_list([1]))], [(1.0, lying)]], [[(1.0, bad_list([1, 2]))], [(1.0, lying)]]):
        with pytest.raises(IndexError, match="document"):
            loops.compiled.all_of(rows, clauses, [], 5, None)


def test_positions_that_do_not_fit_are_refused() -> None:
    """Behind all fields, of terms that are not there, outside of the positions."""
    positions, starts = np.array([3, 4, 90], np.uint32), np.array([0, 10, 30], np.uint8)
    places = loops.compiled.Places(positions, np.array([0, 2, 9], np.uint8), starts, *LENGTHS_OF_ONE)
    docs = np.zeros(1, np.intp)
    ones, none = np.ones(2, np.float32), np.zeros(0, np.uint8)
    terms = loops.compiled.Terms(
        (np.array([0, 1, 9], np.uint8), np.array([0, 7], np.uint8), ones, ones, ones),
        (none, np.zeros(0, np.uint64), none),
        (none, none, np.zeros(0)),
        NO_CHAMPIONS,
        64,
    )
    docs, rows = np.zeros(1, np.intp), loops.compiled.Rows(1, 64)
    with pytest.raises(IndexError, match="does not have"):
        loops.compiled.united(rows, places, terms, [(bad_list([7]).source, positions)])
    with pytest.raises(IndexError, match="does not have"):
        loops.compiled.united(rows, places, terms, [(0, positions, positions)])
    for where in (positions, positions[2:]):
        with pytest.raises(IndexError, match="in no document of its term"):
            loops.compiled.united(rows, places, terms, [(0, where, None)])
    with pytest.raises(IndexError, match="behind all fields"):
        loops.compiled.impacts_at(places, positions)
    with pytest.raises(IndexError, match="no document"):
        loops.compiled.phrase(rows, places, [[(positions, None)], [(positions + 1, None)]], None)
    with pytest.raises(IndexError, match="no document"):
        loops.compiled.phrase(rows, places, [[(0, bad_list([1]).source)], [(0, None)]], None)
    with pytest.raises(IndexError, match="another segment"):
        loops.compiled.phrase(loops.compiled.Rows(2, 64), places, [[(0, None)]], None)
    for term, message in ((1, "outside of the positions"), (2, "no term 2"), (-1, "no term -1")):
        with pytest.raises(IndexError, match=message):
            loops.compiled.phrase(rows, places, [[(0, None)], [(term, None)]], None)
        with pytest.raises(IndexError, match=message.replace("the positions", "all documents")):
            loops.compiled.united(rows, places, terms, [term])
        with pytest.raises(IndexError, match=message):
            loops.compiled.bonuses(places, [([0], [term], 1.0, [])], docs, 2)
    for number in (1, -1):
        with pytest.raises(IndexError, match=f"no document {number}"):
            loops.compiled.bonuses(places, [([0], [0], 1.0, [])], docs + number, 2)
    with pytest.raises(IndexError, match="another size"):
        loops.compiled.bonuses(places, [([0], [0], 1.0, [np.ones(2, np.bool_)])], docs, 2)
    with pytest.raises(IndexError, match="511 items, not 512"):
        loops.compiled.Places(positions, starts, starts, np.ones(511), LENGTHS, FIELD_GAP, 1.0)


def test_terms_of_forms_that_do_not_fit_are_refused() -> None:
    """Of forms and terms that are not there, and ordinals of no form."""
    offsets, terms, starts = (np.array(numbers, np.uint8) for numbers in ([0, 1, 3], [0, 0, 1], [0, 2, 3]))
    assert loops.compiled.by_first_term(offsets, terms, starts, [0, 1]) == ([0], {})
    for forms, given_terms, message in (
        ([2], terms, "no form 2"),
        ([-1], terms, "no form -1"),
        ([1], terms[:1], "terms of form 1"),
        ([0], terms + 2, "terms of form 0"),
    ):
        with pytest.raises(IndexError, match=message):
            loops.compiled.by_first_term(offsets, given_terms, starts, forms)
    found, forms_of = loops.compiled.forms_by_term(offsets, terms, 2)
    assert (found.tolist(), forms_of.tolist()) == ([0, 2, 3], [0, 1, 1])
    for bad_offsets, count in ((offsets, 1), (offsets + 1, 2), (offsets[:2], 2)):
        with pytest.raises(IndexError, match="do not fit"):
            loops.compiled.forms_by_term(bad_offsets, terms, count)
    positions = np.arange(9, dtype=np.uint32)
    for size, width, message in ((1, 1, "1 bytes for 9"), (9, 3, "of 3 bits"), (9, 8, "does not have")):
        for cut in (loops.compiled.split, loops.compiled.chosen):
            with pytest.raises(IndexError, match=message):
                cut(positions, np.full(size, 7, np.uint8), width, np.ones(2, np.bool_))


@pytest.mark.parametrize("width", [0, 1, 2, 4, 8, 16, 32])
def test_places_are_split_by_their_forms(width: int) -> None:
    """By ordinals of any width."""
    chance = np.random.default_rng(width)
    forms = min(1 << width, 300) if width else 1
    for size, share in ((50, 0.5), (49, 0.1), (1, 0.9), (0, 0.5)):
        ordinals = chance.integers(0, forms, size)
        bits = (ordinals[:, None] >> np.arange(width)) & 1
        packed = np.packbits(bits.ravel().astype(np.uint8), bitorder="little")
        positions = np.arange(size, dtype=np.uint32) * 7
        wanted = chance.random(forms) < share
        kept, others = loops.compiled.split(positions, packed, width, wanted)
        assert kept.tolist() == positions[wanted[ordinals]].tolist()
        assert others.tolist() == positions[~wanted[ordinals]].tolist()
        assert loops.compiled.chosen(positions, packed, width, wanted).tolist() == kept.tolist()


@settings(max_examples=60)
@given(st.data())
def test_any_numbers_in_files_are_an_error_or_an_answer(data: st.DataObject) -> None:
    """Lists that do not ascend, bitmaps and ranks of anything: never more than an IndexError, and clean rows."""
    rows = loops.compiled.Rows(100, 128)
    made: list[tuple[float, Postings]] = []
    for _ in range(data.draw(st.integers(1, 4))):
        docs = np.array(
            data.draw(st.lists(st.integers(0, data.draw(st.sampled_from([99, 130]))), min_size=1)), np.uint8
        )
        impacts = np.array(data.draw(st.lists(st.floats(width=32), min_size=len(docs), max_size=len(docs))), np.float32)
        words = ranks = levels = None
        if data.draw(st.booleans()):
            words = np.array(data.draw(st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=2)), np.uint64)
            ranks = np.array(data.draw(st.lists(st.integers(0, 255), min_size=2, max_size=2)), np.uint8)
            levels = np.frombuffer(data.draw(st.binary(min_size=128, max_size=128)), np.uint8)
        made.append((1.0, PostingList(docs, impacts, 1.0, 0.5, words, ranks, levels, 1.0)))
    numbers = st.lists(st.integers(0, 500), min_size=1, max_size=30)
    starts = np.array(data.draw(st.lists(st.integers(0, 400), min_size=201, max_size=201)), np.uint16)
    places = loops.compiled.Places(np.zeros(0, np.uint32), np.zeros(1, np.uint8), starts, *LENGTHS_OF_ONE)
    places_of = [np.array(data.draw(numbers), np.uint32) for _ in made]
    ends = np.cumsum([0, *(len(one.docs) for _, one in made)]).astype(np.uint8)
    terms = loops.compiled.Terms(
        (ends, *(np.concatenate(several) for several in zip(*((o.docs, o.impacts) for _, o in made), strict=True)),
         *np.ones((2, len(made)), np.float32)),
        (ends[:0], np.zeros(0, np.uint64), ends[:0]), (ends[:0], ends[:0], np.zeros(0)), NO_CHAMPIONS, 128,
    )  # fmt: skip
    calls: list[Callable[[], Any]] = [
        lambda: loops.compiled.best_of_any(
            rows, made, 200, None, 0.1, data.draw(st.sampled_from([0, 50, 8000])), gives_up=data.draw(st.booleans())
        ),
        lambda: loops.compiled.best_in_windows(rows, made, data.draw(st.sampled_from([2, 200])), None, True),
        lambda: loops.compiled.best_in_windows(rows, made, 200, None, False),
        lambda: loops.compiled.all_of(rows, [made, made[:1]], made, 200, None),
        lambda: loops.compiled.all_of(rows, [[one] for one in made], [], 200, None),
        lambda: loops.compiled.count_any(rows, [one for _, one in made], None),
        lambda: loops.compiled.phrase(
            rows, places, [[(places_of[n], one.source)] for n, (_, one) in enumerate(made)], None
        ),
        lambda: loops.compiled.united(
            rows, places, None, list(zip([o.source for _, o in made], places_of, strict=True))
        ),
        lambda: loops.compiled.united(rows, places, terms, [(n, one, None) for n, one in enumerate(places_of)]),
    ]
    for call in calls:
        try:
            call()
        except IndexError as error:
            assert str(error)
        assert rows.is_clean()


@pytest.fixture
def small() -> tuple[Snapshot, list[str]]:
    """Eight hundred documents in two segments."""
    documents, words = zipf_archive(800, random.Random(9))
    return snapshot_of(documents, cuts=[500], deleted=range(0, 800, 9)), words


@pytest.mark.parametrize("compiled", [False, True])
def test_the_oracle_agrees_with_either(
    small: tuple[Snapshot, list[str]], compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words joined by OR and AND, phrases, alternatives, neighbours, masks."""
    monkeypatch.setattr(loops, "COMPILED", compiled)
    snapshot, words = small
    chance = random.Random(2)
    for turn in range(60):
        pool = words[: chance.choice([20, 400])]
        query = query_of(chance.sample(pool, chance.randint(1, 4)), chance, needs_all=turn % 2 == 0)
        masks = [np.random.default_rng(turn).random(snapshot.size) < 0.4] if turn % 3 == 0 else []
        both(snapshot, compile_query(query, snapshot, default_analyzer()), chance.choice([1, 10, 60]), masks)
        leaves = weighted_groups(pool, chance, 3)
        both(snapshot, Compiled(any_of(leaves), tuple(pairwise(leaves)), (), ()), 10, masks)


@pytest.mark.parametrize(("value", "expected"), [("numpy", "False"), ("compiled", "True"), ("", "True")])
def test_the_environment_names_the_loops(value: str, expected: str) -> None:
    """By `WCO_SEARCH_KERNEL`."""
    command = [sys.executable, "-c", "from wco_search.engine import loops; print(loops.COMPILED)"]
    environment = {**os.environ, loops.VARIABLE: value}
    assert (
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip() == expected
    )
