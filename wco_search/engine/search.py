"""Plans that need not be evaluated exhaustively: words joined by OR or AND, narrowed by conditions.

    fossils smuggling                  any of some words
    fossils smuggling date:2020        the same within some documents
    fossils AND smuggling              all of some words
    fossils NOT smuggling              any of the above without what another plan matches
    COVID-19                           all of some words, others only lifting the score
    "smuggling of fossils" customs     a phrase stands for a word in each of these

Answers are those of the exhaustive evaluator, to the bit. Everything else goes to that for its scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from wco_search.engine.compile import Compiled
from wco_search.engine.lists import Lists, Postings
from wco_search.engine.matching import matching_in, span_of
from wco_search.engine.plan import AllOf, AnyOf, Condition, Everything, Nothing, Plan, Preferring, Without, Words
from wco_search.engine.proximity import Pair, bonuses, lifted, reordered
from wco_search.engine.recency import Recency
from wco_search.engine.score import PROXIMITY_WEIGHT, PROXIMITY_WINDOW, idf
from wco_search.engine.selection import Selection, bits_of
from wco_search.engine.snapshot import Slice, Snapshot
from wco_search.engine.strings import Array
from wco_search.engine.topk import Best, Weighted, added_up, best_and_total, best_of_all, count_any_of, ranked

_MOST_FETCHED = 5000  # best documents by plain score beyond which it costs less to look at the dates of all matches


class Shape(NamedTuple):
    """A plan of one of the kinds above.

    Attributes:
        words: Its words and phrases, all in the whole text.
        clauses: Numbers of words: a document must have any of each clause.
        preferred: Numbers of words that only raise the score.
        masks: What documents must meet besides.
        demands: Plans that documents must match and that add nothing to the score: conditions, exclusions.
    """

    words: tuple[Words, ...]
    clauses: tuple[range, ...]
    preferred: range = range(0)
    masks: tuple[Array, ...] = ()
    demands: tuple[Plan, ...] = ()


def shape_of(plan: Plan, masks: Sequence[Array]) -> Shape | None:
    """The shape of *plan* restricted to *masks*, or None where it has none."""
    if (shape := _plain_shape(plan.branches if isinstance(plan, AllOf) else (plan,), masks)) is not None:
        return shape
    demands: list[Plan] = []
    rest: list[Plan] = [plan]
    while len(rest) == 1 and isinstance(rest[0], AllOf):  # the only branch that scores adds up as if it were the whole
        branches = rest[0].branches
        demands += filter(_adds_nothing, branches)
        rest = [branch for branch in branches if not _adds_nothing(branch)]
    preferred: Sequence[Plan] = ()
    if len(rest) == 1 and isinstance(rest[0], Preferring):
        preferred = _alternatives(rest[0].optional)
        rest = list(rest[0].required.branches) if isinstance(rest[0].required, AllOf) else [rest[0].required]
    parts = [*map(_alternatives, rest), preferred]
    flat = [leaf for part in parts for leaf in part]
    words = _plain_words(flat)
    if not rest or words is None:
        return None
    ends = list(accumulate(map(len, parts), initial=0))
    *clauses, last = (range(start, end) for start, end in pairwise(ends))
    return Shape(words, tuple(clauses), last, tuple(masks), tuple(demands))


def _plain_shape(branches: Sequence[Plan], masks: Sequence[Array]) -> Shape | None:
    """The shape of an intersection of nothing but words and unions of words, as most queries are."""
    words: list[Words] = []
    clauses = []
    for branch in branches:
        first = len(words)
        for leaf in branch.branches if isinstance(branch, AnyOf) else (branch,):
            if not isinstance(leaf, Words) or leaf.scope != "text":
                return None
            words.append(leaf)
        clauses.append(range(first, len(words)))
    return Shape(tuple(words), tuple(clauses), masks=tuple(masks))


def _plain_words(plans: Sequence[Plan]) -> tuple[Words, ...] | None:
    """*plans*, where all of them are words or phrases in the whole text."""
    words = [plan for plan in plans if isinstance(plan, Words) and plan.scope == "text"]
    return tuple(words) if len(words) == len(plans) else None


def _adds_nothing(plan: Plan) -> bool:
    """Whether *plan* gives every document the score 0."""
    if isinstance(plan, AllOf | AnyOf):
        return all(map(_adds_nothing, plan.branches))
    return isinstance(plan, Condition | Without | Everything | Nothing)


def _alternatives(plan: Plan) -> Sequence[Plan]:
    return plan.branches if isinstance(plan, AnyOf) else (plan,)


class Ranking:
    """The ranking of one plan, as far as it is asked for."""

    def __init__(self, snapshot: Snapshot, compiled: Compiled, shape: Shape) -> None:
        self._snapshot = snapshot
        self._shape = shape
        self._neighbours = compiled.neighbours
        self._found = [_Found(lists, list(map(lists.of_words, shape.words))) for lists in snapshot.all_lists]
        self._totals: dict[int, int] = {}
        self._allowed = list(map(self._allowed_in, snapshot.slices))
        self._doc_freqs = [0] * len(shape.words)
        for found in self._found:
            for number, postings in enumerate(found.lists):
                if postings is not None:
                    self._doc_freqs[number] += postings.doc_freq
        self._clauses = self._in_order(shape.clauses)
        self._preferred = self._by_rarity(shape.preferred) if shape.preferred else []
        self._needs_all = len(self._clauses) > 1 or bool(self._preferred)
        self._idfs = list(map(self._idf, shape.words, self._doc_freqs))
        self._weights = [words.weight * own for words, own in zip(shape.words, self._idfs, strict=True)]

    def _by_rarity(self, numbers: Sequence[int]) -> list[int]:
        """Words in the order in which their scores are added."""
        if len(numbers) < 2:
            return list(numbers)
        return sorted(numbers, key=lambda i: (self._doc_freqs[i], self._shape.words[i].key))

    def _in_order(self, clauses: Sequence[range]) -> list[list[int]]:
        """Clauses in the order in which their scores are added: single words first."""
        if len(clauses) == 1:
            return [self._by_rarity(clauses[0])]
        singles = self._by_rarity([clause[0] for clause in clauses if len(clause) == 1])
        return [*([i] for i in singles), *(self._by_rarity(clause) for clause in clauses if len(clause) > 1)]

    def _idf(self, words: Words, doc_freq: int) -> float:
        """The idf of a word; of a phrase, the sum of its words' idf."""
        size = self._snapshot.size
        if len(words.groups) == 1:
            return idf(size, doc_freq)
        return sum(idf(size, sum(found.source.doc_freq(group) for found in self._found)) for group in words.groups)

    def _allowed_in(self, one: Slice) -> Array | None:
        """The documents of a segment that may be found; None where all may."""
        if one.live is None and not self._shape.masks and not self._shape.demands:
            return None
        masks = [mask[span_of(one)] for mask in self._shape.masks]
        masks += [matching_in(self._snapshot, one, plan) for plan in self._shape.demands]
        if one.live is not None:
            masks.append(one.live)
        allowed = masks[0]
        for mask in masks[1:]:
            allowed = allowed & mask
        return np.ascontiguousarray(allowed)

    def total(self) -> int:
        """How many documents match, exactly."""
        if "selection" in self.__dict__:  # they are counted already
            return self.selection.size
        return sum(map(self._count, range(len(self._found))))

    def _count(self, place: int) -> int:
        if self._needs_all and place not in self._totals:
            self._best_of_all(place, 1)
        if place in self._totals:
            return self._totals[place]
        found, allowed = self._found[place], self._allowed[place]
        lists = [one for one in found.lists if one is not None]
        return count_any_of(found.source, lists, allowed) if lists else 0

    @cached_property
    def selection(self) -> Selection:
        """The documents of the commit that match."""
        return Selection.of(self._snapshot, map(self._bits, range(len(self._found))))

    def _bits(self, place: int) -> Array:
        found = self._found[place]
        clauses = [
            [one for one in found.lists[clause.start : clause.stop] if one is not None]
            for clause in self._shape.clauses
        ]
        return bits_of(found.source, clauses, self._allowed[place])

    def scores(self, documents: Array) -> Array:
        """The scores of *documents*, all of which match, without the proximity bonus."""
        scores = np.zeros(len(documents))
        for place, one in enumerate(self._snapshot.slices):
            span = span_of(one)
            own = ((documents >= span.start) & (documents < span.stop)).nonzero()[0]
            if len(own):
                scores[own] = self._scores(place, documents.take(own) - span.start)
        return scores

    def _scores(self, place: int, documents: Array) -> Array:
        source = self._found[place].source
        first, *others = [
            added_up(source, documents, self._weighted(self._found[place], clause)) for clause in self._clauses
        ]
        for other in others:
            first = first + other
        lifts = self._weighted(self._found[place], self._preferred)
        return first + added_up(source, documents, lifts) if lifts else first

    def _weighted(self, found: _Found, order: Sequence[int]) -> list[Weighted]:
        """The lists of one segment, in the order in which scores are added."""
        lists, weights = found.lists, self._weights
        return [(weights[i], postings) for i in order if (postings := lists[i]) is not None]

    def _best_of_all(self, place: int, count: int) -> Best:
        """The best documents of one segment that have any word of each clause; keeps how many there are."""
        found = self._found[place]
        clauses = [self._weighted(found, clause) for clause in self._clauses]
        lifts = self._weighted(found, self._preferred)
        docs, scores, total = best_of_all(found.source, clauses, lifts, count, self._allowed[place])
        self._totals[place] = total
        return docs, scores

    def _best_of_any(self, place: int, count: int) -> Best:
        """The best documents of one segment that have any word; keeps how many there are where that is known."""
        found = self._found[place]
        weighted = self._weighted(found, self._clauses[0])
        docs, scores, total = best_and_total(found.source, weighted, count, self._allowed[place])
        if total is not None:
            self._totals[place] = total
        return docs, scores

    def best(self, count: int, recency: Recency | None = None) -> tuple[Array, Array]:
        """The *count* best documents and their scores, the proximity bonus and the factor of recency included."""
        if recency is not None:
            return self._best_with_factors(count, recency)
        if not self._neighbours:
            return self._best_without_bonus(count)
        return self._lifted(*self._best_without_bonus(max(count, PROXIMITY_WINDOW)), count)

    def _lifted(self, docs: Array, scores: Array, count: int) -> Best:
        """The first *count* of a ranking, once the best have got their bonus."""
        if len(self._found) == 1:
            return lifted(self._found[0].source, self._pairs(), docs, scores, count)
        return reordered(docs, scores, self.bonuses(docs[:PROXIMITY_WINDOW]), count)

    def _best_with_factors(self, count: int, recency: Recency) -> Best:
        docs, plain, factors = self._best_of_late(max(count, PROXIMITY_WINDOW), recency)
        scores = plain * factors
        head = docs[:PROXIMITY_WINDOW]
        better = (plain[: len(head)] + self.bonuses(head)) * factors[: len(head)]
        order = np.lexsort((head, -better))
        docs[: len(head)], scores[: len(head)] = head.take(order), better.take(order)
        return docs[:count], scores[:count]

    def _best_of_late(self, count: int, recency: Recency) -> tuple[Array, Array, Array]:
        """The *count* best documents by score times factor, without the bonus; their scores and factors.

        No factor is more than 1: once the worst of these is better than the plain score of the worst document that was
        fetched, none that was not can be among them.
        """
        fetched = 4 * count
        while fetched <= _MOST_FETCHED:
            docs, plain = self._best_without_bonus(fetched)
            factors = recency.factors(self._snapshot, docs)
            weighed = plain * factors
            order = np.lexsort((docs, -weighed))[:count]
            if len(docs) < fetched or weighed.item(order[-1]) > plain.item(-1):
                return docs.take(order), plain.take(order), factors.take(order)
            fetched *= 8
        docs = self.selection.documents()
        docs, _ = ranked(docs, self.scores(docs) * recency.factors(self._snapshot, docs), count)
        return docs, self.scores(docs), recency.factors(self._snapshot, docs)

    def _best_without_bonus(self, count: int) -> tuple[Array, Array]:
        parts = []
        for place, one in enumerate(self._snapshot.slices):
            docs, scores = (self._best_of_all if self._needs_all else self._best_of_any)(place, count)
            parts.append((docs + one.first_document if one.first_document else docs, scores))
        if len(parts) == 1:
            return parts[0]
        docs = np.concatenate([np.zeros(0, np.intp), *(docs for docs, _ in parts)])
        return ranked(docs, np.concatenate([np.zeros(0), *(scores for _, scores in parts)]), count)

    # -- proximity

    def bonuses(self, docs: Array) -> Array:
        """The proximity bonus of each of *docs*."""
        pairs = self._pairs()
        slices = self._snapshot.slices
        if len(slices) == 1:
            return np.asarray(bonuses(self._found[0].source, pairs, docs))
        found = np.zeros(len(docs))
        for place, one in enumerate(slices):
            own = np.flatnonzero((docs >= one.first_document) & (docs < one.first_document + len(one.segment)))
            if len(own):
                found[own] = bonuses(self._found[place].source, pairs, docs.take(own) - one.first_document)
        return found

    def _pairs(self) -> list[Pair]:
        """The neighbours."""
        idfs = {words.key: own for words, own in zip(self._shape.words, self._idfs, strict=True)}
        return [
            (
                first.groups[0],
                second.groups[0],
                PROXIMITY_WEIGHT * min(idfs[first.key] * first.weight, idfs[second.key] * second.weight),
                tuple(among for among in (first.among, second.among) if among is not None),
            )
            for first, second in self._neighbours
        ]

    def rarities(self) -> dict[Words, float]:
        """For each word its weight times its idf."""
        return dict(zip(self._shape.words, self._weights, strict=True))


class _Found(NamedTuple):
    """The lists of a plan's words in one segment."""

    source: Lists
    lists: list[Postings | None]
