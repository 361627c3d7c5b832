"""The exhaustive evaluator: every document that a plan matches, with its exact score.

It reads positions and nothing derived from them, so it is slow and plainly right: what a quicker evaluator answers is
tested against it, bit for bit. Scores are sums in double precision in a fixed order: the leaves of a node by ascending
document frequency, then by their terms, then its other branches as written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from wco_search.engine.nearness import side_by_side, stands_near, windows
from wco_search.engine.plan import (
    AllOf,
    AnyOf,
    Condition,
    Everything,
    Given,
    Group,
    Nothing,
    Plan,
    Preferring,
    Without,
    Words,
    positive_words,
)
from wco_search.engine.score import PROXIMITY_REACH, PROXIMITY_WEIGHT, PROXIMITY_WINDOW, TITLE_WEIGHT, idf
from wco_search.engine.segment import Scope
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.results import Explanation


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """What a plan matches: for each document of the index whether it does, and the score it gets."""

    mask: Array
    scores: Array


@dataclass(frozen=True, slots=True, eq=False)
class _Leaf:
    """A `Words` leaf worked out: its documents, ascending, and what it adds to each."""

    words: Words
    positions: Array
    documents: Array
    impacts: Array
    doc_freq: int
    idf: float
    scores: Array


class Population(Protocol):
    """The documents that a word is rare or frequent among, where these are more than the snapshot has."""

    @property
    def size(self) -> int:
        """How many there are."""

    def doc_freq(self, group: Group, scope: Scope) -> int:
        """How many of them have a word."""


class Evaluation:
    """One plan over one snapshot. What a leaf matches is worked out once, for matching, ranking and explaining."""

    def __init__(
        self,
        snapshot: Snapshot,
        plan: Plan,
        neighbours: Sequence[tuple[Words, Words]] = (),
        population: Population | None = None,
    ) -> None:
        self.snapshot = snapshot
        self._population = population
        self._size = snapshot.size if population is None else population.size
        self.plan = plan
        self.neighbours = neighbours
        self._leaves: dict[Words, _Leaf] = {}

    @cached_property
    def matches(self) -> Matches:
        """All that the plan matches and that is not deleted, without the proximity bonus."""
        found = self._evaluate(self.plan)
        return found if self.snapshot.live is None else Matches(found.mask & self.snapshot.live, found.scores)

    def _evaluate(self, plan: Plan) -> Matches:
        size = self.snapshot.size
        if isinstance(plan, Words):
            return self._scatter(self.leaf(plan))
        if isinstance(plan, Condition):
            return Matches(plan.mask, np.zeros(size))
        if isinstance(plan, Given):
            return Matches(plan.mask, plan.scores)
        if isinstance(plan, AllOf | AnyOf):
            return self._combine(plan)
        if isinstance(plan, Preferring):
            required, optional = self._evaluate(plan.required), self._evaluate(plan.optional)
            return Matches(required.mask, np.where(required.mask, required.scores + optional.scores, 0.0))
        if isinstance(plan, Without):
            return Matches(~self._evaluate(plan.branch).mask, np.zeros(size))
        return Matches(np.full(size, isinstance(plan, Everything)), np.zeros(size))

    def _combine(self, plan: AllOf | AnyOf) -> Matches:
        mask = np.full(self.snapshot.size, isinstance(plan, AllOf))
        scores = np.zeros(self.snapshot.size)
        for branch in self._in_order(plan.branches):
            found = self._evaluate(branch)
            scores += found.scores
            mask = mask & found.mask if isinstance(plan, AllOf) else mask | found.mask
        return Matches(mask, np.where(mask, scores, 0.0))

    def _in_order(self, branches: Sequence[Plan]) -> list[Plan]:
        leaves = [branch for branch in branches if isinstance(branch, Words)]
        leaves.sort(key=lambda words: (self.leaf(words).doc_freq, words.key))
        return [*leaves, *(branch for branch in branches if not isinstance(branch, Words))]

    def _scatter(self, leaf: _Leaf) -> Matches:
        mask, scores = np.zeros(self.snapshot.size, np.bool_), np.zeros(self.snapshot.size)
        mask[leaf.documents], scores[leaf.documents] = True, leaf.scores
        return Matches(mask, scores)

    def leaf(self, words: Words) -> _Leaf:
        """The documents and scores of one leaf."""
        found = self._leaves.get(words)
        if found is None:
            found = self._leaves[words] = self._work_out(words)
        return found

    def _work_out(self, words: Words) -> _Leaf:
        lists = [self._positions(group, words.scope) for group in words.groups]
        positions = lists[0] if len(lists) == 1 else self._together(lists, words.slop)
        documents, impacts = self.snapshot.impacts(positions, words.scope)
        doc_freqs = self._doc_freqs(words, lists)
        doc_freq = len(documents) if len(lists) > 1 else doc_freqs[0]
        rarity = sum(idf(self._size, one) for one in doc_freqs)  # of a phrase, whatever its own
        if len(lists) == 1 and words.groups[0].weights:
            impacts = self._largest_impacts(words.groups[0], words.scope)[documents]
        if words.among is not None:
            wanted = self.snapshot.among(words.among)
            positions = positions[wanted[self.snapshot.fields_of(positions) >> 1]]
            documents, impacts = documents[wanted[documents]], impacts[wanted[documents]]
        scores = (words.weight * rarity) * impacts.astype(np.float64)
        return _Leaf(words, positions, documents, impacts, doc_freq, rarity, scores)

    def _largest_impacts(self, group: Group, scope: Scope) -> Array:
        """For each document the largest impact of a term of *group* times its weight."""
        largest = np.zeros(self.snapshot.size, np.float32)
        for term, weight in zip(group.terms, group.weights, strict=True):
            found, impacts = self.snapshot.impacts(self.snapshot.occurrences((term,), scope), scope)
            largest[found] = np.maximum(largest[found], impacts * np.float32(weight))
        return largest

    def _doc_freqs(self, words: Words, lists: Sequence[Array]) -> list[int]:
        """How many documents have each of the words of a leaf, which stand at the positions *lists*."""
        if self._population is not None:
            return [self._population.doc_freq(group, words.scope) for group in words.groups]
        return [len(self.snapshot.impacts(positions, words.scope)[0]) for positions in lists]

    def _positions(self, group: Group, scope: Scope) -> Array:
        if group.terms:
            return self.snapshot.occurrences(group.terms, scope)
        return self.snapshot.form_occurrences(group.forms, scope)

    def _together(self, lists: Sequence[Array], slop: int) -> Array:
        """The first position of each occurrence of a phrase; all its words are in one field."""
        starts, ends = side_by_side(lists) if slop == 0 else windows(lists, len(lists) + slop)
        fields = self.snapshot.fields_of
        return np.unique(starts[fields(starts) == fields(ends)])

    def ranking(self, mask: Array, factors: Array | None = None) -> tuple[Array, Array]:
        """The documents of *mask*, best first, and their scores with the bonus; ties by document number.

        *factors* multiply the scores of all documents of the commit, before the best get the bonus and behind it.
        """
        documents = np.flatnonzero(mask)
        factor = np.ones(len(documents)) if factors is None else factors[documents]
        plain = self.matches.scores[documents]
        order = np.lexsort((documents, -(plain * factor)))
        documents, plain, factor = documents[order], plain[order], factor[order]
        scores = plain * factor
        head = documents[:PROXIMITY_WINDOW]
        better = (plain[: len(head)] + self.bonuses(head)) * factor[: len(head)]
        order = np.lexsort((head, -better))
        documents[: len(head)], scores[: len(head)] = head[order], better[order]
        return documents, scores

    def bonuses(self, documents: Array) -> Array:
        """The proximity bonus of each of *documents*."""
        bonus = np.zeros(len(documents))
        for first, second in self.neighbours:
            bonus += self._bonus(first, second, documents)
        return bonus

    def _bonus(self, first: Words, second: Words, documents: Array) -> Array:
        one, other = self.leaf(first), self.leaf(second)
        near = one.positions[stands_near(one.positions, other.positions, PROXIMITY_REACH)]
        found, near_impacts = self.snapshot.impacts(near, first.scope)
        impacts = np.zeros(self.snapshot.size)
        impacts[found] = near_impacts
        rarity = min(one.idf * first.weight, other.idf * second.weight)
        return PROXIMITY_WEIGHT * rarity * impacts[documents]

    def explain(self, document: int) -> Explanation:
        """How *document* came to its score."""
        parts = [self._explain(self.plan, document)]
        for first, second in self.neighbours:
            if value := float(self._bonus(first, second, np.array([document]))[0]):
                pair = f"{first.groups[0].label} {second.groups[0].label}"
                parts.append(Explanation(value, f"proximity of “{pair}” (for the best {PROXIMITY_WINDOW} documents)"))
        return Explanation(sum(part.value for part in parts), "sum of", tuple(parts)) if len(parts) > 1 else parts[0]

    def _explain(self, plan: Plan, document: int) -> Explanation:
        if isinstance(plan, Words):
            return self._explain_words(plan, document)
        if isinstance(plan, Condition):
            return Explanation(
                0.0, f"{plan.label} {'holds' if plan.mask[document] else 'does not hold'}; adds no score"
            )
        if isinstance(plan, Given):
            return Explanation(plan.scores[document].item(), plan.label)
        if isinstance(plan, Everything | Nothing):
            return Explanation(0.0, "matches everything" if isinstance(plan, Everything) else "matches nothing")
        if isinstance(plan, Without):
            return Explanation(0.0, "adds no score: does not match", (self._explain(plan.branch, document),))
        branches = (plan.required, plan.optional) if isinstance(plan, Preferring) else plan.branches
        parts = tuple(self._explain(branch, document) for branch in branches if self._evaluate(branch).mask[document])
        return Explanation(sum(part.value for part in parts), "sum of", parts)

    def _explain_words(self, words: Words, document: int) -> Explanation:
        leaf = self.leaf(words)
        label = " ".join(group.label for group in words.groups)
        place = int(np.searchsorted(leaf.documents, document))
        if place == len(leaf.documents) or leaf.documents[place] != document:
            return Explanation(0.0, f"“{label}” is not in the {words.scope}")
        terms = ", ".join(term for group in words.groups for term in _weighed(group))
        return Explanation(
            leaf.scores[place].item(),
            f"“{label}”{f' ({terms})' if terms else ''}: weight × idf × impact",
            (
                Explanation(words.weight, "weight"),
                Explanation(leaf.idf, f"idf: in {leaf.doc_freq} of {self._size} documents"),
                self._explain_impact(leaf, document, leaf.impacts[place].item()),
            ),
        )

    def _explain_impact(self, leaf: _Leaf, document: int, impact: float) -> Explanation:
        weights = leaf.words.groups[0].weights
        if not weights:
            return Explanation(impact, "impact: sum of", tuple(self._explain_fields(leaf, document)))
        group = leaf.words.groups[0]
        parts = []
        for term, weight in zip(group.terms, weights, strict=True):
            one = self.leaf(replace(leaf.words, groups=(Group(term, (term,)),)))
            place = np.flatnonzero(one.documents == document)
            if len(place):
                parts.append(
                    Explanation(weight * one.impacts[place[0]].item(), f"{term}: weight {weight:.2g} × impact")
                )
        return Explanation(impact, "impact: largest of", tuple(parts))

    def _explain_fields(self, leaf: _Leaf, document: int) -> Iterator[Explanation]:
        fields, frequencies = self.snapshot.term_freqs(leaf.positions)
        for field, frequency in zip(fields.tolist(), frequencies.tolist(), strict=True):
            name = "body" if field & 1 else "title"
            if field >> 1 == document:
                norm = self.snapshot.norms.item(field)
                weight = TITLE_WEIGHT if (leaf.words.scope, name) == ("text", "title") else 1.0
                factor = "" if weight == 1.0 else f"{weight} × "
                description = f"{name}: {factor}tf {frequency:g} / (tf {frequency:g} + K {norm:.4g})"
                yield Explanation(weight * frequency / (frequency + norm), description)

    def rarities(self) -> dict[Words, float]:
        """For each scoring leaf its weight times its idf: how much it tells when it is found."""
        return {words: words.weight * self.leaf(words).idf for words in positive_words(self.plan)}


def _weighed(group: Group) -> Iterator[str]:
    """The terms of *group*, each with its weight where they differ."""
    if not group.weights:
        yield from group.terms
    for term, weight in zip(group.terms, group.weights, strict=False):
        yield f"{term} × {weight:.2g}"
