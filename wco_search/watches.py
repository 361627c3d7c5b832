"""Watches: stored queries, asked of documents as these are added.

    watch    --needs-->   terms, forms and names of which a document must have one to match      once a process
    new documents  --their terms, forms and names-->  watches that may match  --evaluated-->  alerts

The new documents are asked as an index of their own, so what an alert tells is what a search in it would find. That a
watch needs a term which none of them has is told without looking at the watch (percolation: the queries are indexed,
and the document looks them up), so thousands of watches cost little.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.analysis.analyzer import language_of_form
from wco_search.engine.compile import TEXT_SCOPES
from wco_search.engine.crossing import Crossing, Mode
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.snapshot import Snapshot
from wco_search.languages import NameTable, Source, latin_readings, name_codes
from wco_search.languages.rows import words_of
from wco_search.query import (
    AndMaybeQuery,
    AndQuery,
    ExactQuery,
    NothingQuery,
    OrQuery,
    PhraseQuery,
    Query,
    WordQuery,
    parse,
)
from wco_search.results import Alert
from wco_search.understanding import Switch, Understanding

SETTING = "watches"
"""Where the settings of an index keep its watches."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A stored query, in the query language, with the options of `Index.search` that it was given."""

    name: str
    query: str
    filter: str | None = None
    translate: str = "auto"
    dates: Switch = "auto"

    def to_dict(self) -> dict[str, Any]:
        """The watch as plain JSON values."""
        return {"name": self.name, **self.to_setting()}

    def to_setting(self) -> dict[str, Any]:
        """What the settings of an index keep under the name of the watch."""
        return {"query": self.query, "filter": self.filter, "translate": self.translate, "dates": self.dates}


def watches_of(settings: Mapping[str, Any]) -> dict[str, Watch]:
    """The watches in the settings of an index, by name, sorted."""
    stored = settings.get(SETTING, {})
    return {name: Watch(name, **stored[name]) for name in sorted(stored)}


def with_watches(settings: Mapping[str, Any], watches: Iterable[Watch]) -> dict[str, Any]:
    """*settings* with these watches in place of those it had."""
    return {**settings, SETTING: {watch.name: watch.to_setting() for watch in watches}}


@dataclass(frozen=True, slots=True)
class Needs:
    """What a document must have one of to match.

    Attributes:
        terms: Terms.
        forms: Folded forms.
        names: Folded forms of the query; a word of the other language that sounds like one of them will do.
    """

    terms: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        return Needs(self.terms | other.terms, self.forms | other.forms, self.names | other.names)

    def __len__(self) -> int:
        return len(self.terms) + len(self.forms) + len(self.names)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Tells what queries need; None where that cannot be told.

    Attributes:
        analyzer: What analyses the documents.
        source: What translates; None where nothing does.
    """

    analyzer: Analyzer
    source: Source | None

    def needs(self, query: Query) -> Needs | None:
        """What *query* needs: never less than it does."""
        match query:
            case NothingQuery():
                return Needs()
            case OrQuery(clauses=clauses):
                return self._any(clauses)
            case AndQuery(clauses=clauses):
                told = [needs for needs in map(self.needs, clauses) if needs is not None]
                return min(told, key=len, default=None)
            case AndMaybeQuery(required=required):
                return self.needs(required)
            case WordQuery(text=text, field=name) if name in TEXT_SCOPES:
                return self._word(text)
            case PhraseQuery(text=text, field=name) if name in TEXT_SCOPES:
                tokens = [token for token in self.analyzer.tokens(text) if token.kind in ("word", "part")]
                longest = max(tokens, key=lambda token: len(token.form), default=None)
                return Needs() if longest is None else Needs(terms=frozenset(longest.terms))
            case ExactQuery(text=text, field=name) if name in TEXT_SCOPES:
                return Needs(forms=frozenset(token.form for token in self.analyzer.tokens(text)))
        return None  # values of other fields, patterns, and what must not be there

    def _any(self, clauses: Sequence[Query]) -> Needs | None:
        needs = Needs()
        for clause in clauses:
            more = self.needs(clause)
            if more is None:
                return None
            needs |= more
        return needs | self._phrases(clauses)

    def _phrases(self, clauses: Sequence[Query]) -> Needs:
        """What entries of several words among *clauses* are in the other language."""
        needs = Needs()
        for is_word, run in groupby(clauses, lambda clause: isinstance(clause, WordQuery) and clause.field is None):
            if self.source is not None and is_word:
                texts = [clause.text for clause in run if isinstance(clause, WordQuery)]
                tokens = [token for text in texts for token in self.analyzer.tokens(text)]
                forms = [token.form for token in tokens if token.kind in ("word", "part")]
                for match in self.source.phrases(forms):
                    needs |= self._terms(translation.text for translation in match.translations)
        return needs

    def _word(self, text: str) -> Needs:
        needs = Needs()
        for token in self.analyzer.tokens(text):
            needs |= Needs(terms=frozenset(token.terms))
            if self.source is not None and token.kind in ("word", "part"):
                needs |= self._renderings(token.form, self.source)
        return needs

    def _renderings(self, form: str, source: Source) -> Needs:
        """What documents may have in place of *form*, in the other language."""
        translations = source.translations(form)
        needs = Needs(names=frozenset({form})) | self._terms(translation.text for translation in translations)
        if not translations:  # it may be Russian in Latin letters: a word that a document has, or a dictionary
            readings = latin_readings(form)
            needs |= Needs(forms=frozenset(readings)) | self._terms(readings)
            needs |= self._terms(one.text for reading in readings for one in source.translations(reading))
        return needs

    def _terms(self, texts: Iterable[str]) -> Needs:
        terms = self.analyzer.terms
        return Needs(terms=frozenset(term for text in texts for form in words_of(text) for term in terms(form)))


@dataclass(slots=True)
class Percolator:
    """The watches of an index, indexed by what they need; made once and used for every addition.

    Attributes:
        watches: The watches, by name.
        analyzer: What analyses the documents.
        source: Gives what translates, when it is first needed.
        fields: The names of the index's fields.
    """

    watches: Mapping[str, Watch]
    analyzer: Analyzer
    source: Callable[[], Source]
    fields: tuple[str, ...]
    _always: set[str] = field(default_factory=set)
    _by_term: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_form: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _by_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _names_by_code: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for watch in self.watches.values():
            self._index(watch)
        for name in self._by_name:
            for code in name_codes(name):
                self._names_by_code[code].add(name)

    def _index(self, watch: Watch) -> None:
        reader = _Reader(self.analyzer, None if watch.translate == "off" else self.source())
        needs = reader.needs(parse(watch.query, fields=self.fields, dates=watch.dates == "auto").query)
        if needs is None:
            self._always.add(watch.name)
            return
        for index, keys in (
            (self._by_term, needs.terms),
            (self._by_form, needs.forms),
            (self._by_name, needs.names),
        ):
            for key in keys:
                index[key].add(watch.name)

    def alerts(self, added: Snapshot, today: dt.date) -> list[Alert]:
        """Which documents of *added* match which watch, by the names of the watches."""
        crossings: dict[str, Crossing | None] = {"off": None}
        alerts = []
        for name in sorted(self.candidates(added)):
            watch = self.watches[name]
            if watch.translate not in crossings:
                crossings[watch.translate] = self._crossing(added, watch.translate)
            found = self._matches(watch, added, crossings[watch.translate], today)
            if len(found):
                alerts.append(Alert(name, tuple(map(added.id_of, found.tolist()))))
        return alerts

    def _crossing(self, added: Snapshot, translate: str) -> Crossing:
        mode: Mode = "only" if translate == "only" else "auto"
        return Crossing(added, added.knowing(self.analyzer), self.source(), mode)

    def _matches(self, watch: Watch, added: Snapshot, crossing: Crossing | None, today: dt.date) -> Any:
        understanding = Understanding(
            added, self.analyzer, crossing, None, today, watch.dates, layout="off", is_standing=True
        )
        plans = [understanding.query(watch.query, strict=False).compiled.plan]
        if watch.filter is not None:
            plans.append(understanding.filter(watch.filter).plan)
        return np.flatnonzero(np.logical_and.reduce([Evaluation(added, plan).matches.mask for plan in plans]))

    def candidates(self, added: Snapshot) -> set[str]:
        """The names of the watches that documents of *added* may match."""
        found = set(self._always)
        for one in added.slices:
            for index, table in ((self._by_term, one.segment.terms), (self._by_form, one.segment.forms)):
                if index:
                    found.update(*(index[key] for key in table if key in index))
        for name in self._names_in(added):
            found |= self._by_name[name]
        return found

    def _names_in(self, added: Snapshot) -> Iterator[str]:
        """The names that some word of the other language in *added* sounds like."""
        if not self._by_name:
            return
        vocabulary = added.vocabulary()
        for language, other in (("ru", "en"), ("en", "ru")):
            words = [(form, count) for form, count in vocabulary.items() if language_of_form(form) == other]
            table = NameTable.build(words)
            codes = (self._names_by_code.get(code, ()) for code in table.codes)
            for name in {name for names in codes for name in names}:
                if language_of_form(name) == language and table.candidates(name):
                    yield name
