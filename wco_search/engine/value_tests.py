"""What a query asks of values, which are no text: days, numbers, keywords, ids, and what texts name.

`Values` is the seam: the columns of a commit answer here, and another engine in its own way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from wco_search.engine import conditions
from wco_search.engine.columns import NumberColumn
from wco_search.engine.conditions import NotAValueError, Outcome
from wco_search.engine.entities import ENTITIES, surnames, values_of
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.expansion import pattern_test
from wco_search.engine.mentions import COUNTRY, PEOPLE
from wco_search.engine.plan import Condition, Plan
from wco_search.engine.segment import Scope
from wco_search.engine.snapshot import Snapshot
from wco_search.errors import UnknownFieldError
from wco_search.languages import countries, country_code
from wco_search.languages.entities import surname_of
from wco_search.query import ExactQuery, FuzzyQuery, PhraseQuery, RangeQuery, WildcardQuery, WordQuery
from wco_search.query.syntax import PARTS_OF_DAYS, WEEKDAY
from wco_search.results import Interpretation
from wco_search.text import fold

Leaf = WordQuery | ExactQuery | PhraseQuery | WildcardQuery | FuzzyQuery | RangeQuery


@dataclass(frozen=True, slots=True)
class Tested:
    """A value in a query as it was understood.

    Attributes:
        condition: What tests it.
        meaning: What it was taken for.
        remark: What had to be changed in it.
        told: More to tell of it.
    """

    condition: Condition
    meaning: str
    remark: str = ""
    told: tuple[Interpretation, ...] = ()


class Values(Protocol):
    """What tests the values of documents, wherever these are kept."""

    def test(self, leaf: Leaf, today: dt.date) -> Tested:
        """The condition of a leaf that names a field other than title and body; dates are seen on the day *today*.

        Raises:
            NotAValueError: The field cannot hold such a value.
            UnknownFieldError: There is no such field.
        """

    def has_text(self, label: str, scope: Scope) -> Condition:
        """The documents that have a title, or a body."""

    def joined(self, condition: Condition, plan: Plan) -> Condition:
        """The documents that meet *condition* or match *plan*."""

    def is_found(self, condition: Condition) -> bool:
        """Whether any document meets *condition*."""


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """`Values` of a commit, by its columns, and by what its texts name."""

    snapshot: Snapshot

    def test(self, leaf: Leaf, today: dt.date) -> Tested:
        """See `Values.test`."""
        if leaf.field == COUNTRY and COUNTRY not in self.snapshot.columns:
            code, told = country_of(leaf)
            mask = self.snapshot.named[COUNTRY].having_as_written(lambda one: code in (None, one))
            return Tested(Condition(leaf.to_text(), mask), "any" if code is None else "", told=told)
        if (name := leaf.field or "") in ENTITIES and name not in self.snapshot.columns:
            return self._names(leaf, name)
        found = self._has_id(leaf) if leaf.field == "id" else self._has_value(leaf, today)
        return Tested(Condition(leaf.to_text(), found.mask), found.meaning, found.remark)

    def _names(self, leaf: Leaf, name: str) -> Tested:
        if (word := surname_asked(leaf, name)) is not None:
            wanted = surnames(self.snapshot, word)
            mask = self.snapshot.named[name].having_as_written(lambda value: surname_of(value) in wanted)
            return Tested(Condition(leaf.to_text(), mask), "")
        values = named_values(leaf, name)
        fits = value_test(leaf, values)
        if name == PEOPLE and values and not isinstance(leaf, ExactQuery):
            fits = self._person_test(values[-1], fits)
        mask = self.snapshot.named[name].having_as_written(fits)
        told = (Interpretation(name, leaf_text(leaf), values[-1]),) if values and len(values) > 1 else ()
        return Tested(Condition(leaf.to_text(), mask), "", told=told)

    def _person_test(self, name: str, fits: Callable[[str], bool]) -> Callable[[str], bool]:
        """Whether a value is the person of that name, in the other alphabet as well: Кунио Микурия, Kunio Mikuriya."""
        words = [surnames(self.snapshot, word) for word in name.split()]

        def is_meant(value: str) -> bool:
            own = fold(value).split()
            return fits(value) or (
                len(own) == len(words) and all(word in several for word, several in zip(own, words, strict=True))
            )

        return is_meant

    def has_text(self, label: str, scope: Scope) -> Condition:
        """See `Values.has_text`."""
        lengths = self.snapshot.field_lengths
        return Condition(label, (lengths[0::2] if scope == "title" else lengths[1::2]) > 0)

    def joined(self, condition: Condition, plan: Plan) -> Condition:
        """See `Values.joined`."""
        return replace(condition, mask=condition.mask | Evaluation(self.snapshot, plan).matches.mask)

    def is_found(self, condition: Condition) -> bool:
        """See `Values.is_found`."""
        live = self.snapshot.live
        return bool((condition.mask if live is None else condition.mask & live).any())

    def _has_value(self, leaf: Leaf, today: dt.date) -> Outcome:
        column = self.snapshot.columns.get(leaf.field or "")
        if column is None:
            name, _, part = (leaf.field or "").partition(".")
            days = self.snapshot.columns.get(name)
            if part not in PARTS_OF_DAYS or not isinstance(days, NumberColumn) or days.kind != "date":
                raise UnknownFieldError(leaf.field or "", known_fields(self.snapshot))
            if part == WEEKDAY:
                return conditions.on_weekdays(days, *weekdays_of(leaf))
            column = days  # 2020-10 says itself that it is a month
        match leaf:
            case WordQuery(text=text) | PhraseQuery(text=text):
                return conditions.has_value(column, text, today=today)
            case ExactQuery(text=text):
                return conditions.has_value(column, text, today=today, exact=True)
            case WildcardQuery(pattern=pattern):
                return conditions.fits_pattern(column, pattern)
            case FuzzyQuery(text=text, distance=distance):
                return conditions.is_near(column, text, distance)
            case RangeQuery(low=low, high=high):
                closed = (leaf.includes_low, leaf.includes_high)
                return conditions.in_range(column, low, high, today=today, closed=closed)

    def _has_id(self, leaf: Leaf) -> Outcome:
        mask = np.zeros(self.snapshot.size, np.bool_)
        if isinstance(leaf, RangeQuery):
            mask[:] = leaf.low is None and leaf.high is None
        elif (number := self.snapshot.number_of(leaf_text(leaf))) is not None:
            mask[number] = True
        return Outcome(mask, "")


def weekdays_of(leaf: Leaf) -> tuple[str, str]:
    """The first and the last day of the week that a leaf names."""
    if isinstance(leaf, RangeQuery):
        return leaf.low or "1", leaf.high or "7"
    return leaf_text(leaf), leaf_text(leaf)


def named_values(leaf: Leaf, name: str) -> tuple[str, ...] | None:
    """The people or organisations, as field *name* tells, that a leaf asks for; None where it asks for a pattern.

    Raises:
        NotAValueError: It asks for what is like a name, or for a range of them.
    """
    match leaf:
        case ExactQuery(text=text):
            return (text,)
        case WordQuery(text=text) | PhraseQuery(text=text):
            return values_of(name, text)
        case WildcardQuery() | RangeQuery(low=None, high=None):
            return None
    raise NotAValueError(f"{leaf_text(leaf)!r} is not a name: write all of it, or a pattern of * and ?")


def surname_asked(leaf: Leaf, name: str) -> str | None:
    """The surname by which a leaf asks for people, whatever their given names; None where it asks otherwise."""
    is_surname = name == "people" and isinstance(leaf, WordQuery | PhraseQuery) and len(leaf.text.split()) == 1
    return leaf_text(leaf) if is_surname else None


def value_test(leaf: Leaf, values: Sequence[str] | None) -> Callable[[str], bool]:
    """Whether a value is one of *values*, what `named_values` gave, or fits the pattern of the leaf."""
    if isinstance(leaf, WildcardQuery):
        fits = pattern_test(fold(leaf.pattern))
        return lambda value: fits(fold(value))
    if isinstance(leaf, ExactQuery):
        return lambda value: value == leaf.text
    wanted = None if values is None else set(map(fold, values))
    return lambda value: wanted is None or fold(value) in wanted


def country_of(leaf: Leaf) -> tuple[str | None, tuple[Interpretation, ...]]:
    """The ISO code of the country that a leaf names, None for any, and what to tell of it.

    Raises:
        NotAValueError: It names none.
    """
    if isinstance(leaf, RangeQuery) and leaf.low is None and leaf.high is None:
        return None, ()
    text = leaf_text(leaf)
    code = country_code(text) if isinstance(leaf, WordQuery | ExactQuery | PhraseQuery) else None
    if code is None:
        raise NotAValueError(f"{text!r} is not a country (its name in Russian or English, or its ISO code)")
    return code, (Interpretation(COUNTRY, text, f"{code} ({countries()[code].names['en']})"),)


def leaf_text(leaf: Leaf) -> str:
    """The words of a leaf as typed, without its syntax."""
    if isinstance(leaf, RangeQuery):
        return " ".join(end for end in (leaf.low, leaf.high) if end is not None)
    return leaf.pattern.replace("*", "").replace("?", "") if isinstance(leaf, WildcardQuery) else leaf.text


def known_fields(snapshot: Snapshot) -> tuple[str, ...]:
    """The names that a query may use as fields, sorted."""
    days = [name for name, kind in snapshot.schema.kinds.items() if kind == "date"]
    return tuple(
        sorted(
            {*snapshot.field_names, COUNTRY, *ENTITIES}
            | {f"{name}.{part}" for name in ("date", *days) for part in PARTS_OF_DAYS}
        )
    )
