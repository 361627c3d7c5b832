"""A query tree to a plan: its words analysed, its patterns expanded, its values tested against one snapshot."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from wco_search.analysis import Analyzer, Token
from wco_search.analysis.analyzer import Language, language_of_form
from wco_search.analysis.stopwords import is_stop_word
from wco_search.analysis.tokenizer import forms_of_word
from wco_search.dates import YEARS, Period, WrittenDate, names_days, read_date
from wco_search.engine.columns import NumberColumn
from wco_search.engine.conditions import NotAValueError
from wco_search.engine.crossing import Crossing, rendered_language
from wco_search.engine.expansion import Expansion, expand_fuzzy, expand_pattern, expand_range
from wco_search.engine.plan import (
    AllOf,
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
    inside,
)
from wco_search.engine.score import STOP_WORD_WEIGHT
from wco_search.engine.segment import Scope
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.synonymy import Alternatives, Synonymy
from wco_search.engine.value_tests import ColumnValues, Leaf, Values, leaf_text
from wco_search.errors import FilterValueError, QuerySyntaxError
from wco_search.query import (
    AndMaybeQuery,
    AndQuery,
    EverythingQuery,
    ExactQuery,
    FuzzyQuery,
    NotQuery,
    OrQuery,
    PhraseQuery,
    PlainQuery,
    Query,
    RangeQuery,
    WildcardQuery,
    WordQuery,
)
from wco_search.query import leaves as leaves_of
from wco_search.results import Interpretation
from wco_search.text import fold

TEXT_SCOPES: dict[str | None, Scope] = {None: "text", "title": "title", "body": "body"}


class Compiled(NamedTuple):  # made at every search; a tuple costs a third of a frozen dataclass
    """A plan and what was noticed on the way.

    Attributes:
        plan: The plan.
        neighbours: Pairs of words that get the proximity bonus.
        warnings: What could not be taken as meant.
        interpretation: How values and patterns were understood.
        unknown: Words that the index has in no form, nor anything that they are in the other language.
    """

    plan: Plan
    neighbours: tuple[tuple[Words, Words], ...] = ()
    warnings: tuple[str, ...] = ()
    interpretation: tuple[Interpretation, ...] = ()
    unknown: tuple[str, ...] = ()


def compile_query(
    query: Query,
    snapshot: Snapshot,
    analyzer: Analyzer,
    crossing: Crossing | None = None,
    synonymy: Synonymy | None = None,
    *,
    today: dt.date | None = None,
    typed: str = "",
    mentioned: Collection[tuple[int, int]] = (),
    is_standing: bool = False,
    values: Values | None = None,
    rendered: Language | None = None,
    is_filter: bool = False,
    is_strict: bool = False,
) -> Compiled:
    """The plan of *query* for *snapshot*.

    Args:
        query: The query.
        snapshot: What is searched.
        analyzer: What analysed it.
        crossing: Renders words in the other language; None leaves them as typed.
        synonymy: Finds synonyms of words, to be searched beside them.
        today: The day that "yesterday" is before; by default the present one.
        typed: The text that *query* was read from, where there is one.
        mentioned: Spans of *typed* that are dates among the words: documents that speak of these days count as well as
            those that are of these days.
        is_standing: Whether it is asked of documents as they come: a date of which there is none stays a date then.
        values: What tests values; by default the columns of *snapshot*.
        rendered: The language whose words are sought in the other one as well, where *query* is a part of another one;
            by default that of its words.
        is_filter: Whether no hit will show what it took for what: a value that is none is an error then.
        is_strict: Whether it is an error in a query, too.

    Raises:
        FilterValueError: A field of a filter cannot have the value that is asked for.
        QuerySyntaxError: The same of a strict query.
        UnknownFieldError: A leaf names a field that the index does not have.
    """
    day = today or dt.date.today()
    compiler = _Compiler(
        snapshot,
        snapshot.knowing(analyzer),
        crossing,
        synonymy,
        day,
        typed,
        frozenset(mentioned),
        values or ColumnValues(snapshot),
        is_standing=is_standing,
        is_filter=is_filter,
        is_strict=is_strict,
    )
    if crossing is not None:
        compiler.rendered = rendered or language_of_query(query, compiler.analyzer)
    plan = compiler.compile(query, required=isinstance(query, WordQuery))  # one word alone: COVID-19 asks for all of it
    return compiler.compiled(_with_lifts(plan, compiler.lifts))


def language_of_query(query: Query, analyzer: Analyzer) -> Language:
    """The language of whose words a query seeks what they are in the other one."""
    leaves = (leaf for leaf in leaves_of(query) if isinstance(leaf, WordQuery) and leaf.field in TEXT_SCOPES)
    return rendered_language(form for leaf in leaves for form in typed_word(analyzer, leaf.text).forms)


def _with_lifts(plan: Plan, lifts: Sequence[Words]) -> Plan:
    """*plan*, its words lifted by others that a document need not have; conditions stay beside them."""
    if lifts and isinstance(plan, Everything | Nothing):
        return any_of(lifts)
    if not lifts or isinstance(plan, Condition):
        return plan
    if not isinstance(plan, AllOf):
        return Preferring(plan, any_of(lifts))
    conditions = [branch for branch in plan.branches if isinstance(branch, Condition)]
    rest = [branch for branch in plan.branches if not isinstance(branch, Condition)]
    return all_of([*conditions, Preferring(all_of(rest), any_of(lifts))]) if rest else plan


def compile_values(values: Mapping[str, Any], snapshot: Snapshot) -> Compiled | None:
    """The plan of a mapping of fields to Python values of their kinds, and to pairs of them; None for other values.

    It is what `compile_query` makes of the query that says the same, but no value is written as text and read again.
    """
    plans: list[Plan] = []
    told: list[Interpretation] = []
    for name, value in values.items():
        column = snapshot.columns.get(name)
        ends = value if isinstance(value, tuple) else (value, value)
        if not isinstance(column, NumberColumn) or column.kind != "date" or len(ends) != 2 or ends == (None, None):
            return None
        low, high = ends
        if not all(end is None or (type(end) is dt.date and end.year in YEARS) for end in ends):
            return None
        if low is not None and high is not None and low > high:
            return None  # what there is to tell of it is told of the query
        label = f"{name}:{low}" if low == high else f"{name}:[{low or '*'} TO {high or '*'}]"
        plans.append(Condition(label, column.in_range(low, high, closed=(True, True))))
        told.append(Interpretation("date", label, str(Period(low, high))))
    return Compiled(all_of(plans), interpretation=tuple(told)) if plans else None


def compile_plain(
    query: PlainQuery,
    snapshot: Snapshot,
    analyzer: Analyzer,
    crossing: Crossing | None = None,
    synonymy: Synonymy | None = None,
) -> Compiled:
    """The plan of some words, which are no prefix: what `compile_query` makes of them, sooner."""
    if query.joined == "phrase":  # means what is typed
        typed = [typed_word(snapshot.knowing(analyzer), word) for word in query.words]
        return Compiled(Words(tuple(group for one in typed for leaf in one.main for group in leaf.groups)))
    if crossing is None or synonymy is not None:
        return _compile_plain(query, snapshot, analyzer, crossing, synonymy)
    return crossing.query(
        (query.joined, *query.words), lambda: _compile_plain(query, snapshot, analyzer, crossing, synonymy)
    )


def _compile_plain(
    query: PlainQuery, snapshot: Snapshot, analyzer: Analyzer, crossing: Crossing | None, synonymy: Synonymy | None
) -> Compiled:
    knowing, words = snapshot.knowing(analyzer), query.words
    is_required = query.joined == "all" or len(words) == 1
    if crossing is None and synonymy is None:
        return _compile_as_typed(words, snapshot, knowing, is_required=is_required)
    day, values = dt.date.min, ColumnValues(snapshot)  # not asked: no word is a date or a value
    compiler = _Compiler(snapshot, knowing, crossing, synonymy, day, "", frozenset(), values)
    compiler.prepare(words)
    if is_required:
        return compiler.compiled(all_of([compiler.word(word, required=True) for word in words]))
    leaves = [leaf for word in words for leaf in compiler.leaves(word)]
    return compiler.compiled(any_of([*leaves, *compiler.phrases(words)]))


def _compile_as_typed(words: Sequence[str], snapshot: Snapshot, analyzer: Analyzer, *, is_required: bool) -> Compiled:
    """The plan of some words that are sought in no other ones."""
    typed = [typed_word(analyzer, word) for word in words]
    content = [leaf for one in typed for leaf in one.content]
    unknown = [leaf.groups[0].label for leaf in content if not _is_known(leaf.groups[0], snapshot)]
    if is_required:
        plan = all_of([one.required() for one in typed])
    else:
        plan = any_of([leaf for one in typed for leaf in (*one.main, *one.extra)])
    return Compiled(plan, _neighbours(content), unknown=tuple(unknown))


def _is_known(group: Group, snapshot: Snapshot) -> bool:
    for term in group.terms:  # noqa: SIM110  # `any` would take longer than the look-ups
        if snapshot.has_term(term):
            return True
    return False


def _neighbours(content: Sequence[Words]) -> tuple[tuple[Words, Words], ...]:
    if len(content) < 2:
        return ()
    return tuple(
        [
            (first, second)
            for first, second in pairwise(content)
            if first.scope == second.scope and first.key != second.key
        ]
    )


@dataclass(slots=True)
class _Compiler:
    snapshot: Snapshot
    analyzer: Analyzer
    crossing: Crossing | None
    synonymy: Synonymy | None
    today: dt.date
    typed: str
    mentioned: frozenset[tuple[int, int]]
    values: Values
    is_standing: bool = False
    is_filter: bool = False
    is_strict: bool = False
    content: list[Words] = field(default_factory=list)  # the words that tell what is sought, in the order of the query
    crossed: list[Words] = field(default_factory=list)  # the same, each in the other language where it has a rendering
    warnings: list[str] = field(default_factory=list)
    interpretation: list[Interpretation] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    lifts: list[Words] = field(default_factory=list)  # words of dates, for documents that speak of them
    rendered: Language = "other"  # the language whose words are rendered in the other one

    def prepare(self, words: Iterable[str]) -> None:
        """See which language the query is in."""
        if self.crossing is not None:
            typed = (typed_word(self.analyzer, word) for word in words)
            self.rendered = rendered_language(form for word in typed for form in word.forms)

    def compiled(self, plan: Plan) -> Compiled:
        """What was compiled, with what was noticed on the way."""
        neighbours = _neighbours(self.content)
        if self.crossing is not None:
            typed = {(id(one), id(other)) for one, other in neighbours}  # words of no rendering are in both lists
            pairs = _neighbours(self.crossed)
            neighbours += tuple((one, other) for one, other in pairs if (id(one), id(other)) not in typed)
        return Compiled(
            plan,
            neighbours,
            tuple(dict.fromkeys(self.warnings)),
            tuple(dict.fromkeys(self.interpretation)),
            tuple(self.unknown),
        )

    def compile(self, query: Query, *, required: bool) -> Plan:
        """The plan of one node; *required* asks a word of several parts to have all of them."""
        match query:
            case OrQuery(clauses=clauses):
                branches = [self.compile(clause, required=False) for clause in clauses]
                return any_of([*branches, *(leaf for run in runs_of_words(clauses) for leaf in self.phrases(run))])
            case AndQuery(clauses=clauses):
                branches = [self.compile(clause, required=True) for clause in clauses]
                return all_of([branch for branch in branches if not isinstance(branch, Everything)] or branches)
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
        """The plan of a clause whose words are not sought: they take no part in proximity, and mean what is typed."""
        apart = replace(self, crossing=None, synonymy=None, mentioned=frozenset(), content=[], crossed=[], unknown=[])
        return apart.compile(clause, required=True)

    def _leaf(self, leaf: Leaf, *, required: bool) -> Plan:
        if leaf.field in TEXT_SCOPES:
            return self._text_leaf(leaf, TEXT_SCOPES[leaf.field], required=required)
        try:
            return self._condition(leaf, required=required)
        except NotAValueError as error:
            text = leaf_text(leaf)
            if self.is_filter:
                raise FilterValueError(leaf.field or "", text, str(error)) from error
            if self.is_strict:
                raise QuerySyntaxError(self.typed, *leaf.span, f"{leaf.field}: {error}") from error
            self.warnings.append(f"{leaf.field}: {error}; searched as words")
            return self.compile(WordQuery(text), required=required) if text else Nothing()

    def _text_leaf(self, leaf: Leaf, scope: Scope, *, required: bool) -> Plan:
        match leaf:
            case WordQuery(text=text, boost=boost):
                return self.word(text, scope, boost, required=required)
            case PhraseQuery():
                return phrase_of(leaf, self.analyzer) or Nothing()
            case ExactQuery(text=text, boost=boost):
                return self._exact(text, scope, boost)
            case WildcardQuery(pattern=pattern, boost=boost):
                return self._expanded(pattern, expand_pattern(self.snapshot, fold(pattern)), scope, boost)
            case FuzzyQuery(text=text, distance=distance, boost=boost):
                return self._fuzzy(text, distance, scope, boost)
            case RangeQuery():
                return self._text_range(leaf, scope)

    def word(self, text: str, scope: Scope = "text", boost: float = 1.0, *, required: bool) -> Plan:
        """The plan of one word as typed; *required* asks a word of several parts to have all of them."""
        if not required:
            return any_of(self.leaves(text, scope, boost))
        typed = self._typed(text, scope, boost)
        parts = [any_of(self._renderings(words, form)) for words, form in zip(typed.main, typed.forms, strict=True)]
        main = all_of(parts)
        return Preferring(main, any_of(typed.extra)) if typed.extra else main

    def leaves(self, text: str, scope: Scope = "text", boost: float = 1.0) -> list[Words]:
        """The leaves of one word as typed, any of which will do."""
        typed = self._typed(text, scope, boost)
        found = []
        for words, form in zip(typed.main, typed.forms, strict=True):
            found += self._renderings(words, form)
        return [*found, *typed.extra]

    def _typed(self, text: str, scope: Scope, boost: float) -> TypedWord:
        typed = typed_word(self.analyzer, text)
        return typed if scope == "text" and boost == 1.0 else typed.scored(scope, boost)

    def _renderings(self, words: Words, form: str) -> list[Words]:
        """A word as typed with its synonyms, its rendering, or all of these, as the query was asked."""
        if not words.telling:
            return [words]
        is_rendered = self.crossing is not None and language_of_form(form) == self.rendered
        rendering = self.crossing.word(words.groups[0], form) if self.crossing is not None and is_rendered else None
        synonyms = self._synonyms(words)
        if self.crossing is None or rendering is None:
            if synonyms is None and not _is_known(words.groups[0], self.snapshot):
                self.unknown.append(words.groups[0].label)
            words, *phrases = [words] if synonyms is None else synonyms.beside(words)
            self.content.append(words)
            self.crossed.append(words)
            return [words, *phrases]
        self.interpretation += rendering.told
        other = rendering.words
        if words.scope != "text" or words.weight != 1.0:
            other = replace(other, scope=words.scope, weight=other.weight * words.weight)
        words, *phrases = [words] if synonyms is None else synonyms.beside(words)
        other, *_ = [other] if synonyms is None else synonyms.beside(other)
        self.crossed.append(other)
        if self.crossing.mode == "only":
            return [other]
        if synonyms is None and rendering.typed is not None and words.scope == "text" and words.weight == 1.0:
            words = rendering.typed
        else:
            words = replace(words, among=inside(self.rendered))
        self.content.append(words)
        return [words, other, *phrases]

    def _synonyms(self, words: Words) -> Alternatives | None:
        """What the user says that a word is as well; nothing where the word itself is not searched."""
        if self.synonymy is None or (self.crossing is not None and self.crossing.mode == "only"):
            return None
        found = self.synonymy.word(words.groups[0])
        if found is not None:
            self.interpretation.append(found.told)
        return found

    def phrases(self, words: Sequence[str]) -> list[Words]:
        """The renderings and synonyms of entries of several words among *words*, typed side by side."""
        if (self.crossing is None and self.synonymy is None) or len(words) < 2:
            return []
        forms = [form for word in words for form in typed_word(self.analyzer, word).forms]
        leaves = []
        for rendering in self.crossing.phrases(forms) if self.crossing is not None else ():
            self.interpretation += rendering.told
            leaves.append(rendering.words)
        if self.synonymy is not None and (self.crossing is None or self.crossing.mode != "only"):
            for found in self.synonymy.phrases(forms):
                self.interpretation.append(found.told)
                leaves += found.leaves()
        return leaves

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
            return self.values.has_text(f"{leaf.field}:*", scope)
        low, high = (None if end is None else fold(end) for end in (leaf.low, leaf.high))
        found = expand_range(self.snapshot, low, high, closed=(leaf.includes_low, leaf.includes_high))
        return self._expanded(leaf.to_text(), found, scope, 1.0)

    def _expanded(self, label: str, found: Expansion, scope: Scope, boost: float, *, kind: str = "pattern") -> Plan:
        if found.left_out:
            self.warnings.append(
                f"{label} fits {found.left_out + len(found.forms)} words; "
                f"the {len(found.forms)} most frequent were searched"
            )
        if not found.forms:
            return Nothing()
        shown = ", ".join(found.forms[:5])
        more = f" and {len(found.forms) - 5} more" if len(found.forms) > 5 else ""
        self.interpretation.append(Interpretation(kind, label, f"{shown}{more}"))
        return Words((Group(label, forms=found.forms),), 0, scope, boost)

    def _condition(self, leaf: Leaf, *, required: bool) -> Plan:
        tested = self.values.test(leaf, self.today)
        condition = tested.condition
        self.interpretation += tested.told
        if leaf.span in self.mentioned and isinstance(leaf, WordQuery | PhraseQuery):
            written, long_ago = self._read_twice(leaf.text)
            has_year = written == long_ago  # many a text speaks of some 1 April
            if has_year or self.is_standing or self.values.is_found(condition):
                condition = self.values.joined(condition, self._speaking_of(leaf.text))
            if not (self.values.is_found(condition) or self.is_standing):
                return self._words_of_date(leaf.text, tested.meaning, required=required)
        if tested.meaning:
            name = leaf.field or ""
            column = self.snapshot.columns.get(name) or self.snapshot.columns.get(name.partition(".")[0])
            if column is not None and column.kind == "date":
                as_typed = self.typed[slice(*leaf.span)] or leaf.to_text()
                self.interpretation.append(Interpretation("date", as_typed, tested.meaning))
        if tested.remark:
            self.warnings.append(f"“{leaf_text(leaf)}” {tested.remark}")
        return condition

    def _words_of_date(self, date: str, meaning: str, *, required: bool) -> Plan:
        """What is asked of documents by a date among the words on which the archive has nothing: its words."""
        self.warnings.append(
            f"“{date}” is {meaning}, and no document is of these days or speaks of them; searched as words"
        )
        self.lifts += [leaf for word in date.split() for leaf in self.leaves(word)]
        return Everything() if required else Nothing()

    def _read_twice(self, date: str) -> tuple[WrittenDate | None, WrittenDate | None]:
        """What a date means today, and what it meant long ago."""
        return read_date(date, today=self.today), read_date(date, today=self.today.replace(year=1990, day=1))

    def _speaking_of(self, date: str) -> Plan:
        """What finds the documents whose text has the words of a date, the year aside where there are others.

        Of a date in digits it has all of them, of `19-23 October` one of the days.
        A date that means other days tomorrow, such as "last week", is nothing that a text speaks of, but for a day of
        which only the year is left out. Of the words only those that name days lift a text: in `за две недели до 5 мая`
        weeks are not what is asked about.
        """
        written, long_ago = self._read_twice(date)
        if written != long_ago and _day_of_any_year(written) != _day_of_any_year(long_ago):
            return Nothing()
        apart = replace(self, content=[], crossed=[], unknown=[], interpretation=[])
        words = [
            word
            for word in date.split()
            if (form := fold(word).strip(".,")) not in _WORDS_OF_YEARS and not is_stop_word(form)
        ]
        apart.prepare(words)
        leaves = {word: apart.leaves(word) for word in words}
        self.lifts += [leaf for word, several in leaves.items() if names_days(word) for leaf in several]
        telling = [word for word in words if not _YEAR.search(word)]
        needed = telling if len(words) > 2 and telling else words
        return all_of(
            [any_of(leaves[word]) if _DAYS.fullmatch(word) else apart.word(word, required=True) for word in needed]
        )


def _day_of_any_year(written: WrittenDate | None) -> object:
    """The day and month of a date that is one day; of others, what equals nothing."""
    day = written.period.start if written and written.period.start == written.period.end else None
    return (day.day, day.month) if day else object()


def phrase_of(leaf: PhraseQuery, analyzer: Analyzer) -> Words | None:
    """What a phrase in the text, the title or the body is searched by; None where it has no word."""
    groups = tuple(_group(token) for token in analyzer.tokens(leaf.text) if token.kind in ("word", "part"))
    if leaf.slop:  # in any order, so a word given twice asks nothing more
        groups = tuple({group.terms: group for group in groups}.values())
    slop = leaf.slop if len(groups) > 1 else 0
    return Words(groups, slop, TEXT_SCOPES[leaf.field], leaf.boost) if groups else None


class TypedWord(NamedTuple):
    """What one word of a query is searched by.

    Attributes:
        main: The word, or the parts of a word such as COVID-19.
        forms: The folded form of each of `main`.
        extra: Its whole and its pieces, which raise the score.
        content: Those of `main` that tell what is sought.
    """

    main: tuple[Words, ...]
    forms: tuple[str, ...]
    extra: tuple[Words, ...]
    content: tuple[Words, ...]

    def required(self) -> Plan:
        """The plan that asks for all of it."""
        main = all_of(self.main)
        return Preferring(main, any_of(self.extra)) if self.extra else main

    def scored(self, scope: Scope, boost: float) -> TypedWord:
        """The same in another text and with another weight."""
        main, extra = (
            tuple(replace(words, scope=scope, weight=words.weight * boost) for words in several)
            for several in (self.main, self.extra)
        )
        return TypedWord(main, self.forms, extra, tuple(words for words in main if words.telling))


_YEAR = re.compile(r"\d{4}")
_DAYS = re.compile("[0-9]{1,2}[-‐‑–—−][0-9]{1,2}")  # dashes of every length
_WORDS_OF_YEARS = frozenset({"г", "гг", "год", "года", "году", "годы", "годов", "годах", "year"})
_KNOWN: WeakKeyDictionary[Analyzer, dict[str, TypedWord]] = WeakKeyDictionary()
_MOST_KNOWN = 20_000  # words of queries kept with what they are searched by; some 20 MB


def typed_word(analyzer: Analyzer, text: str) -> TypedWord:
    """What a word as typed is searched by; what was asked for is kept."""
    known = _KNOWN.get(analyzer)
    if known is None:
        known = _KNOWN.setdefault(analyzer, {})
    found = known.get(text)
    if found is None:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        found = known[text] = _analysed(analyzer, text)
    return found


def _analysed(analyzer: Analyzer, text: str) -> TypedWord:
    forms_at_once = forms_of_word(text)
    if forms_at_once is not None and len(forms_at_once) == 1:  # an ordinary word: what the rules below would give
        (form,) = forms_at_once
        is_stop = is_stop_word(form)
        groups = (Group(text, analyzer.terms(form)),)
        main = (Words(groups, weight=STOP_WORD_WEIGHT if is_stop else 1.0, telling=not is_stop),)
        return TypedWord(main, (form,), (), () if is_stop else main)
    parts: list[Words] = []
    forms: list[str] = []
    extra: list[Words] = []
    for token in analyzer.tokens(text):
        is_stop = is_stop_word(token.form)
        words = Words((_group(token),), weight=STOP_WORD_WEIGHT if is_stop else 1.0, telling=not is_stop)
        if token.kind in ("word", "part"):
            parts.append(words)
            forms.append(token.form)
        else:
            extra.append(words)
    return TypedWord(tuple(parts), tuple(forms), tuple(extra), tuple(words for words in parts if words.telling))


def runs_of_words(clauses: Iterable[Query]) -> Iterator[list[str]]:
    """The texts of plain words that stand side by side among *clauses*."""
    for is_word, run in groupby(clauses, lambda clause: isinstance(clause, WordQuery) and clause.field is None):
        if is_word:
            yield [clause.text for clause in run if isinstance(clause, WordQuery)]


def _group(token: Token) -> Group:
    return Group(token.surface, terms=token.terms)
