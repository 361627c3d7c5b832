"""Plans: what a query asks of one index, with its words analysed. A compiled `Query`; evaluated by `exhaustive`.

A plan is a tree. Its leaves either score (`Words`) or only test a column (`Condition`); its inner nodes combine the
sets of their branches and add the scores of those that match.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, NamedTuple, get_args

from wco_search.analysis.analyzer import Language
from wco_search.engine.segment import Scope
from wco_search.engine.strings import Array

_LANGUAGES = ("", *get_args(Language))
_EVERYWHERE = ("", False)  # as a key: in documents of any language


class Among(NamedTuple):  # hashed for every list of a query
    """The documents of a language, as their field `language` says, or all others.

    Attributes:
        language: The language.
        is_of_it: Whether the documents are of it.
    """

    language: Language
    is_of_it: bool

    @property
    def side(self) -> int:
        """Its number: those of a language have an even one, which is not 0, and all others the next.

        No document is on both sides of a language.

        Example:
            >>> inside("ru").side, outside("ru").side, inside("en").side
            (2, 3, 4)
        """
        return 2 * _LANGUAGES.index(self.language) + (not self.is_of_it)


@cache  # one object a language, which the keys of lists are compared by
def inside(language: Language) -> Among:
    """The documents of a language."""
    return Among(language, is_of_it=True)


@cache
def outside(language: Language) -> Among:
    """All others."""
    return Among(language, is_of_it=False)


@dataclass(slots=True, unsafe_hash=True)  # nobody changes one; made for every word, a frozen one takes thrice as long
class Group:
    """One word of the query: the places where any of its terms, or any of its forms, stands.

    Attributes:
        label: The word as typed.
        terms: Its terms; empty for a word that is sought by forms.
        forms: The folded forms it is sought by; only where `terms` is empty.
        weights: Makes the terms alternatives: the impact of the group in a document is the largest of its terms' there,
            each times its weight. Empty where all terms are one word, whose places count alike.
        key: What it matches, the label aside.
    """

    label: str
    terms: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    key: tuple[Any, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.key = (self.terms, self.forms, self.weights)


@dataclass(slots=True, unsafe_hash=True)  # as above
class Words:
    """A leaf that scores: one group, or several that stand together.

    Attributes:
        groups: The groups; with more than one this is a phrase.
        slop: For a phrase, how many other words may stand between; 0 means side by side in order.
        scope: In which text.
        weight: Factor of the score.
        telling: Whether it tells what is sought; function words do not.
        among: The documents that it is sought in; None for all.
        key: What it matches, weights and labels aside: leaves with one key match the same places.
    """

    groups: tuple[Group, ...]
    slop: int = 0
    scope: Scope = "text"
    weight: float = 1.0
    telling: bool = True
    among: Among | None = None
    key: tuple[Any, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        sought_in = _EVERYWHERE if self.among is None else self.among
        groups = self.groups
        keys = (groups[0].key,) if len(groups) == 1 else tuple([group.key for group in groups])
        self.key = (self.scope, self.slop, sought_in, *keys)


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A leaf that tests a column and adds nothing to the score.

    Attributes:
        label: The condition as typed.
        mask: For each document whether it holds.
    """

    label: str
    mask: Array


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A leaf that was worked out elsewhere.

    Attributes:
        label: What it asks.
        mask: For each document whether it matches.
        scores: What it adds to each document's score.
        words: What to mark in the texts.
    """

    label: str
    mask: Array
    scores: Array
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Everything:
    """Every document."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No document."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """Documents that match all branches."""

    branches: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Documents that match at least one branch."""

    branches: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Preferring:
    """Documents that match `required`; those that match `optional` too score higher."""

    required: Plan
    optional: Plan


@dataclass(frozen=True, slots=True)
class Without:
    """Documents that do not match the branch."""

    branch: Plan


Plan = Words | Condition | Given | Everything | Nothing | AllOf | AnyOf | Preferring | Without


def any_of(branches: Iterable[Plan]) -> Plan:
    """The union of *branches*, unions among them opened.

    Leaves that match the same places become one. Their weights add up, so that a word that a long question repeats
    counts for more; function words count once.
    """
    kept = list(branches)
    if len(kept) == 1:
        return kept[0]
    merged: dict[Any, Plan] = {}
    for branch in _opened(kept):
        size = len(merged)
        key = branch.key if isinstance(branch, Words) else size
        before = merged.setdefault(key, branch)  # a key takes a while to hash: once where nothing comes again
        if len(merged) == size and isinstance(before, Words) and isinstance(branch, Words):
            merged[key] = _joined(before, branch)
    if len(merged) == 1:
        return next(iter(merged.values()))
    return AnyOf(tuple(merged.values())) if merged else Nothing()


def _opened(branches: Iterable[Plan]) -> Iterator[Plan]:
    for branch in branches:
        if isinstance(branch, AnyOf):
            yield from branch.branches
        elif not isinstance(branch, Nothing):
            yield branch


def _joined(one: Words, other: Words) -> Words:
    weight = one.weight + other.weight if one.telling else max(one.weight, other.weight)
    return replace(one, weight=weight)


def all_of(branches: Sequence[Plan]) -> Plan:
    """The intersection of *branches*."""
    if len(branches) == 1:
        return branches[0]
    return AllOf(tuple(branches)) if branches else Nothing()


def positive_words(plan: Plan) -> Iterator[Words]:
    """The leaves that can add to a score, in the order of the query."""
    if isinstance(plan, Words):
        yield plan
    elif isinstance(plan, Given):
        yield from plan.words
    elif isinstance(plan, AllOf | AnyOf):
        for branch in plan.branches:
            yield from positive_words(branch)
    elif isinstance(plan, Preferring):
        yield from positive_words(plan.required)
        yield from positive_words(plan.optional)
