"""Watches: stored queries, asked of documents as these are added.

    watch    --needs-->   terms, forms and names of which a document must have one to match      once a process
    new documents  --their terms, forms and names-->  watches that may match  --evaluated-->  alerts

The new documents are asked as an index of their own, so what an alert tells is what a search in it would find. That a
watch needs a term which none of them has is told without looking at the watch (percolation: the queries are indexed,
and the document looks them up), so thousands of watches cost little.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.engine.compile import TEXT_SCOPES
from wco_search.engine.crossing import Crossing, Rendering
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.plan import Group
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.languages import Source, latin_readings, name_codes
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
    """Tells what queries need.

    Attributes:
        analyzer: What analyses the documents.
        source: What translates; None where nothing does.
        renderings: For each word met so far what documents may have in place of it, in the other language.
    """

    analyzer: Analyzer
    source: Source | None
    renderings: dict[str, Needs]

    def needs(self, query: Query) -> list[Needs]:
        """What a document must have something of each of to match *query*; never more than it must.

        None at all where that cannot be told: of values of other fields, patterns, and what must not be there.
        """
        match query:
            case NothingQuery():
                return [Needs()]
            case OrQuery(clauses=clauses):
                return self._any(clauses)
            case AndQuery(clauses=clauses):
                return [needs for clause in clauses for needs in self.needs(clause)]
            case AndMaybeQuery(required=required):
                return self.needs(required)
            case WordQuery(text=text, field=name) if name in TEXT_SCOPES:
                return [self._word(text)]
            case PhraseQuery(text=text, field=name) if name in TEXT_SCOPES:
                tokens = [token for token in self.analyzer.tokens(text) if token.kind in ("word", "part")]
                return [Needs(terms=frozenset(token.terms)) for token in tokens] or [Needs()]
            case ExactQuery(text=text, field=name) if name in TEXT_SCOPES:
                return [Needs(forms=frozenset(token.form for token in self.analyzer.tokens(text)))]
        return []

    def _any(self, clauses: Sequence[Query]) -> list[Needs]:
        several = list(map(self.needs, clauses))
        if not all(several):
            return []
        return [reduce(or_, (min(needs, key=len) for needs in several), self._phrases(clauses))]

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
                if token.form not in self.renderings:
                    self.renderings[token.form] = self._rendered(token.form, self.source)
                needs |= self.renderings[token.form]
        return needs

    def _rendered(self, form: str, source: Source) -> Needs:
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


_Need = tuple[str, int]
"""A watch, and which of its needs."""


class _Present:
    """What new documents have.

    Attributes:
        terms, forms: Their terms and folded forms.
        may_sound_like: The names of watches that some word of the other language may sound like.
    """

    def __init__(self, added: Snapshot, names_by_code: Mapping[int, set[str]]) -> None:
        self.terms = {term for one in added.slices for term in one.segment.terms}
        self.forms = {form for one in added.slices for form in one.segment.forms}
        self.may_sound_like: set[str] = set()
        self._segments = [one.segment for one in added.slices if names_by_code]
        self._known: dict[str, bool] = {}
        for segment in self._segments:
            self.may_sound_like.update(*(names_by_code.get(code, ()) for code in segment.names.codes))

    def sounds_like(self, name: str) -> bool:
        """Whether some word of the other language does; worked out once for each name."""
        if name not in self._known:
            is_likely = name in self.may_sound_like
            self._known[name] = is_likely and any(segment.sounding_like(name) for segment in self._segments)
        return self._known[name]

    def has_any(self, needs: Needs) -> bool:
        """Whether they have any of *needs*."""
        is_there = not (needs.terms.isdisjoint(self.terms) and needs.forms.isdisjoint(self.forms))
        return is_there or any(map(self.sounds_like, needs.names))


class _QuickCrossing(Crossing):
    """Renders words as `Crossing` does, but asks no lexicon for those that the new documents have no rendering of."""

    def __init__(self, added: Snapshot, analyzer: Analyzer, source: Source, is_there: Callable[[str], bool]) -> None:
        super().__init__(added, analyzer, source)
        self._is_there = is_there

    def word(self, group: Group, form: str) -> Rendering | None:
        """See `Crossing.word`."""
        return super().word(group, form) if self._is_there(form) else None


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
    _needed: dict[str, int] = field(default_factory=dict)  # of how many needs of a watch a document must have something
    _by_term: dict[str, set[_Need]] = field(default_factory=lambda: defaultdict(set))
    _by_form: dict[str, set[_Need]] = field(default_factory=lambda: defaultdict(set))
    _by_name: dict[str, set[_Need]] = field(default_factory=lambda: defaultdict(set))
    _renderings: dict[str, Needs] = field(default_factory=dict)
    _names_by_code: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for watch in self.watches.values():
            self._index(watch)
        for name in self._by_name:
            for code in name_codes(name):
                self._names_by_code[code].add(name)

    def _index(self, watch: Watch) -> None:
        reader = _Reader(self.analyzer, None if watch.translate == "off" else self.source(), self._renderings)
        several = reader.needs(parse(watch.query, fields=self.fields, dates=watch.dates == "auto").query)
        self._needed[watch.name] = len(several)
        for number, needs in enumerate(several):
            for index, keys in (
                (self._by_term, needs.terms),
                (self._by_form, needs.forms),
                (self._by_name, needs.names),
            ):
                for key in keys:
                    index[key].add((watch.name, number))

    def alerts(self, added: Snapshot, today: dt.date) -> list[Alert]:
        """Which documents of *added* match which watch, by the names of the watches."""
        present = _Present(added, self._names_by_code)
        crossings: dict[str, Crossing | None] = {"off": None}
        alerts = []
        for name in sorted(self._candidates(present)):
            watch = self.watches[name]
            if watch.translate not in crossings:
                crossings[watch.translate] = self._crossing(added, watch.translate, present)
            found = self._matches(watch, added, crossings[watch.translate], today)
            if len(found):
                alerts.append(Alert(name, tuple(map(added.id_of, found.tolist()))))
        return alerts

    def _crossing(self, added: Snapshot, translate: str, present: _Present) -> Crossing:
        analyzer = added.knowing(self.analyzer)
        if translate == "only":  # then it matters whether a word has a rendering that no document has
            return Crossing(added, analyzer, self.source(), "only")
        known = self._renderings  # words of dates are not among them, nor those that need not be there

        def is_there(form: str) -> bool:
            return form not in known or present.has_any(known[form])

        return _QuickCrossing(added, analyzer, self.source(), is_there)

    def _matches(self, watch: Watch, added: Snapshot, crossing: Crossing | None, today: dt.date) -> Array:
        understanding = Understanding(
            added, self.analyzer, crossing, None, today, watch.dates, layout="off", is_standing=True
        )
        plans = [understanding.query(watch.query, strict=False).compiled.plan]
        if watch.filter is not None:
            plans.append(understanding.filter(watch.filter).plan)
        masks = [Evaluation(added, plan).matches.mask for plan in plans]
        return np.flatnonzero(np.logical_and.reduce(masks))

    def candidates(self, added: Snapshot) -> set[str]:
        """The names of the watches that documents of *added* may match."""
        return self._candidates(_Present(added, self._names_by_code))

    def _candidates(self, present: _Present) -> set[str]:
        met: set[_Need] = set()
        for index, keys in ((self._by_term, present.terms), (self._by_form, present.forms)):
            met.update(*(index[key] for key in keys if key in index))
        sounding: dict[_Need, list[str]] = defaultdict(list)
        for name in present.may_sound_like:
            for need in self._by_name[name] - met:
                sounding[need].append(name)
        counts = Counter(watch for watch, _ in (*met, *sounding))
        found = {watch for watch, needed in self._needed.items() if counts[watch] == needed}
        for need, names in sounding.items():  # few are left for which the sound must be compared
            if need[0] in found and not any(map(present.sounds_like, names)):
                found.remove(need[0])
        return found
