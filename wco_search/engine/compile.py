"""A query tree to a plan: its words analysed, its patterns expanded, its values tested against one snapshot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np

from wco_search.analysis import Analyzer, Token
from wco_search.analysis.stopwords import is_stop_word
from wco_search.engine import conditions
from wco_search.engine.conditions import NotAValueError, Outcome
from wco_search.engine.expansion import MAX_EXPANSIONS, Expansion, expand_fuzzy, expand_pattern, expand_range
from wco_search.engine.plan import (
    Condition,
    Everything,
    Group,
    Nothing,
    Plan,
    Preferring,
    Without,
    Words,
    all_of,
    any_of,
)
from wco_search.engine.score import STOP_WORD_WEIGHT
from wco_search.engine.segment import Scope
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.errors import UnknownFieldError
from wco_search.query import (
    AndMaybeQuery,
    AndQuery,
    EverythingQuery,
    ExactQuery,
    FuzzyQuery,
    NotQuery,
    OrQuery,
    PhraseQuery,
    Query,
    RangeQuery,
    WildcardQuery,
    WordQuery,
)
from wco_search.results import Interpretation
from wco_search.text import fold

TEXT_SCOPES: dict[str | None, Scope] = {None: "text", "title": "title", "body": "body"}

Leaf = WordQuery | ExactQuery | PhraseQuery | WildcardQuery | FuzzyQuery | RangeQuery


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan and what was noticed on the way.

    Attributes:
        plan: The plan.
        neighbours: Pairs of words that get the proximity bonus.
        warnings: What could not be taken as meant.
        interpretation: How values and patterns were understood.
    """

    plan: Plan
    neighbours: tuple[tuple[Words, Words], ...]
    warnings: tuple[str, ...]
    interpretation: tuple[Interpretation, ...]


def compile_query(
    query: Query, snapshot: Snapshot, analyzer: Analyzer, *, today: dt.date | None = None, typed: str = ""
) -> Compiled:
    """The plan of *query* for *snapshot*; relative dates are seen on the day *today*, by default the present one.

    Args:
        query: The query.
        snapshot: What is searched.
        analyzer: What analysed it.
        today: The day that "yesterday" is before.
        typed: The text that *query* was read from, where there is one.

    Raises:
        UnknownFieldError: A leaf names a field that the index does not have.
    """
    compiler = _Compiler(snapshot, snapshot.knowing(analyzer), today or dt.date.today(), typed)
    plan = compiler.compile(query, required=isinstance(query, WordQuery))  # one word alone: COVID-19 asks for all of it
    neighbours = tuple(
        (first, second)
        for first, second in zip(compiler.content, compiler.content[1:], strict=False)
        if first.scope == second.scope and first.key != second.key
    )
    return Compiled(plan, neighbours, tuple(dict.fromkeys(compiler.warnings)), tuple(compiler.interpretation))


@dataclass
class _Compiler:
    snapshot: Snapshot
    analyzer: Analyzer
    today: dt.date
    typed: str
    content: list[Words] = field(default_factory=list)  # the words that tell what is sought, in the order of the query
    warnings: list[str] = field(default_factory=list)
    interpretation: list[Interpretation] = field(default_factory=list)

    def compile(self, query: Query, *, required: bool) -> Plan:
        """The plan of one node; *required* asks a word of several parts to have all of them."""
        match query:
            case OrQuery(clauses=clauses):
                return any_of([self.compile(clause, required=False) for clause in clauses])
            case AndQuery(clauses=clauses):
                return all_of([self.compile(clause, required=True) for clause in clauses])
            case AndMaybeQuery(required=must, optional=may):
                return Preferring(self.compile(must, required=True), self.compile(may, required=False))
            case NotQuery(clause=clause):
                return Without(self._apart(clause))
            case EverythingQuery():
                return Everything()
            case WordQuery() | ExactQuery() | PhraseQuery() | WildcardQuery() | FuzzyQuery() | RangeQuery():
                return self._leaf(query, required=required)
        return Nothing()

    def _apart(self, clause: Query) -> Plan:
        """The plan of a clause whose words are not sought: they take no part in proximity."""
        before = list(self.content)
        plan = self.compile(clause, required=True)
        self.content = before
        return plan

    def _leaf(self, leaf: Leaf, *, required: bool) -> Plan:
        if leaf.field in TEXT_SCOPES:
            return self._text_leaf(leaf, TEXT_SCOPES[leaf.field], required=required)
        try:
            return self._condition(leaf)
        except NotAValueError as error:
            text = leaf_text(leaf)
            self.warnings.append(f"{leaf.field}: {error}; searched as words")
            return self.compile(WordQuery(text), required=required) if text else Nothing()

    def _text_leaf(self, leaf: Leaf, scope: Scope, *, required: bool) -> Plan:
        match leaf:
            case WordQuery(text=text, boost=boost):
                return self._word(text, scope, boost, required=required)
            case PhraseQuery(text=text, slop=slop, boost=boost):
                return self._phrase(text, slop, scope, boost)
            case ExactQuery(text=text, boost=boost):
                return self._exact(text, scope, boost)
            case WildcardQuery(pattern=pattern, boost=boost):
                return self._expanded(pattern, expand_pattern(self.snapshot, fold(pattern)), scope, boost)
            case FuzzyQuery(text=text, distance=distance, boost=boost):
                return self._fuzzy(text, distance, scope, boost)
            case RangeQuery():
                return self._text_range(leaf, scope)

    def _word(self, text: str, scope: Scope, boost: float, *, required: bool) -> Plan:
        main: list[Plan] = []
        extra: list[Plan] = []
        for group, is_main, is_stop in _groups(self.analyzer, text):
            weight = boost * STOP_WORD_WEIGHT if is_stop else boost
            words = Words((group,), 0, scope, weight, telling=not is_stop)
            if not is_main:
                extra.append(words)
                continue
            main.append(words)
            if not is_stop:
                self.content.append(words)
        if not required:
            return main[0] if len(main) == 1 and not extra else any_of([*main, *extra])
        return Preferring(all_of(main), any_of(extra)) if extra else all_of(main)

    def _phrase(self, text: str, slop: int, scope: Scope, boost: float) -> Plan:
        groups = tuple(_group(token) for token in self.analyzer.tokens(text) if token.kind in ("word", "part"))
        if slop:  # in any order, so a word given twice asks nothing more
            groups = tuple({group.terms: group for group in groups}.values())
        return Words(groups, slop if len(groups) > 1 else 0, scope, boost) if groups else Nothing()

    def _exact(self, text: str, scope: Scope, boost: float) -> Plan:
        tokens = list(self.analyzer.tokens(text))
        wholes = [token for token in tokens if token.kind == "whole"]
        if len(wholes) == 1 and wholes[0].surface == text.strip():
            tokens = wholes  # one word of several parts: COVID-19
        else:
            tokens = [token for token in tokens if token.kind in ("word", "part")]
        groups = []
        for token in tokens:
            if not self.snapshot.has_form(token.form):
                return Nothing()
            groups.append(Group(token.surface, forms=(token.form,)))
        return Words(tuple(groups), 0, scope, boost) if groups else Nothing()

    def _fuzzy(self, text: str, distance: int, scope: Scope, boost: float) -> Plan:
        branches = []
        for token in self.analyzer.tokens(text):
            if token.kind in ("word", "part"):
                found = expand_fuzzy(self.snapshot, token.form, distance)
                branches.append(self._expanded(f"{token.surface}~{distance}", found, scope, boost, kind="fuzzy"))
        return any_of(branches)

    def _text_range(self, leaf: RangeQuery, scope: Scope) -> Plan:
        if leaf.low is None and leaf.high is None:
            return Condition(f"{leaf.field}:*", self._has_text(scope))
        low, high = (None if end is None else fold(end) for end in (leaf.low, leaf.high))
        found = expand_range(self.snapshot, low, high, closed=(leaf.includes_low, leaf.includes_high))
        return self._expanded(leaf.to_text(), found, scope, 1.0)

    def _has_text(self, scope: Scope) -> Array:
        lengths = self.snapshot.field_lengths
        return (lengths[0::2] if scope == "title" else lengths[1::2]) > 0

    def _expanded(self, label: str, found: Expansion, scope: Scope, boost: float, *, kind: str = "pattern") -> Plan:
        if found.left_out:
            self.warnings.append(
                f"{label} fits {found.left_out + MAX_EXPANSIONS} words; "
                f"the {MAX_EXPANSIONS} most frequent were searched"
            )
        if not found.forms:
            return Nothing()
        shown = ", ".join(found.forms[:5])
        more = f" and {len(found.forms) - 5} more" if len(found.forms) > 5 else ""
        self.interpretation.append(Interpretation(kind, label, f"{shown}{more}"))
        return Words((Group(label, forms=found.forms),), 0, scope, boost)

    def _condition(self, leaf: Leaf) -> Plan:
        tested = self._test(leaf)
        if tested.meaning:
            column = self.snapshot.columns.get(leaf.field or "")
            if column is not None and column.kind == "date":
                as_typed = self.typed[slice(*leaf.span)] or leaf.to_text()
                self.interpretation.append(Interpretation("date", as_typed, tested.meaning))
        if tested.remark:
            self.warnings.append(f"“{leaf_text(leaf)}” {tested.remark}")
        return Condition(leaf.to_text(), tested.mask)

    def _test(self, leaf: Leaf) -> Outcome:
        if leaf.field == "id":
            return self._has_id(leaf)
        column = self.snapshot.columns.get(leaf.field or "")
        if column is None:
            raise UnknownFieldError(leaf.field or "", known_fields(self.snapshot))
        match leaf:
            case WordQuery(text=text) | PhraseQuery(text=text):
                return conditions.has_value(column, text, today=self.today)
            case ExactQuery(text=text):
                return conditions.has_value(column, text, today=self.today, exact=True)
            case WildcardQuery(pattern=pattern):
                return conditions.fits_pattern(column, pattern)
            case FuzzyQuery(text=text, distance=distance):
                return conditions.is_near(column, text, distance)
            case RangeQuery(low=low, high=high):
                closed = (leaf.includes_low, leaf.includes_high)
                return conditions.in_range(column, low, high, today=self.today, closed=closed)

    def _has_id(self, leaf: Leaf) -> Outcome:
        mask = np.zeros(self.snapshot.size, np.bool_)
        if isinstance(leaf, RangeQuery):
            mask[:] = leaf.low is None and leaf.high is None
        elif (number := self.snapshot.number_of(leaf_text(leaf))) is not None:
            mask[number] = True
        return Outcome(mask, "")


_KNOWN: WeakKeyDictionary[Analyzer, dict[str, tuple[tuple[Group, bool, bool], ...]]] = WeakKeyDictionary()
_MOST_KNOWN = 20_000  # words of queries kept with their groups; some 10 MB


def _groups(analyzer: Analyzer, text: str) -> tuple[tuple[Group, bool, bool], ...]:
    """The groups of one word as typed, and of each whether it is the word or a part, and whether a function word."""
    known = _KNOWN.setdefault(analyzer, {})
    found = known.get(text)
    if found is None:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        found = known[text] = tuple(
            (_group(token), token.kind in ("word", "part"), is_stop_word(token.form)) for token in analyzer.tokens(text)
        )
    return found


def _group(token: Token) -> Group:
    return Group(token.surface, terms=token.terms)


def leaf_text(leaf: Leaf) -> str:
    """The words of a leaf as typed, without its syntax."""
    if isinstance(leaf, RangeQuery):
        return " ".join(end for end in (leaf.low, leaf.high) if end is not None)
    return leaf.pattern.replace("*", "").replace("?", "") if isinstance(leaf, WildcardQuery) else leaf.text


def known_fields(snapshot: Snapshot) -> tuple[str, ...]:
    """The names that a query may use as fields, sorted."""
    return snapshot.field_names
