"""Watches: stored queries, asked of documents as these are added.

    watch          --parsed-->  a tree of words, and of what is no plain word               once a process
    new documents  --their terms-->  for each word the documents that have it, a bit each   once an addition
    tree           --and, or, not of these bits-->  the documents that match the watch

The new documents are asked as an index of their own, so what an alert tells is what a search in it would find. A word
that several watches share is looked for once; what is no plain word (a phrase, a pattern, a value) is asked only where
the words beside it leave documents to ask. So thousands of watches cost little.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.analysis.analyzer import Language, language_of_form
from wco_search.engine.compile import (
    TEXT_SCOPES,
    compile_query,
    language_of_query,
    phrase_of,
    runs_of_words,
    typed_word,
)
from wco_search.engine.crossing import Crossing, Mode, sounding_like, terms_of_translations
from wco_search.engine.matching import matching
from wco_search.engine.plan import Nothing, Words, outside
from wco_search.engine.snapshot import Slice, Snapshot
from wco_search.engine.strings import Array
from wco_search.engine.synonymy import SynonymTable, Synonymy
from wco_search.engine.value_tests import known_fields
from wco_search.languages import Source, dictionary, latin_readings, name_codes
from wco_search.languages.lexicon import Indexed, indexed
from wco_search.query import (
    AndMaybeQuery,
    AndQuery,
    EverythingQuery,
    NothingQuery,
    NotQuery,
    OrQuery,
    PhraseQuery,
    Query,
    WordQuery,
    parse,
)
from wco_search.results import Alert, Watch
from wco_search.understanding import Understanding

SETTING = "watches"
"""Where the settings of an index keep its watches."""


def new_watch(
    understanding: Understanding, name: str, query: str | Query, filter: str | None, translate: str, *, synonyms: bool
) -> tuple[Watch, list[str]]:
    """A watch for *query*, as *understanding* reads it, and what there is to tell of how it was read.

    Raises:
        QuerySyntaxError, UnknownFieldError, ValueError: As `wco_search.index.Index.watch`.
    """
    if not isinstance(name, str):
        raise TypeError(f"the name of a watch must be text, not {name!r}")
    if not name.strip():
        raise ValueError("a watch needs a name")
    understood = understanding.query(query, strict=True)
    if filter is not None:
        understanding.filter(filter)
    if isinstance(understood.compiled.plan, Nothing) and not understood.text.strip():
        raise ValueError(f"the watch {name!r} has no query")
    read = [told.meaning for told in understood.compiled.interpretation if told.kind == "layout"]
    watch = Watch(name, read[0] if read else understood.text, filter, translate, understanding.dates, synonyms)
    return watch, [f"“{understood.text}” was read as “{text}”" for text in read]


def told_of_before(before: Watch | None, watch: Watch) -> list[str]:
    """What there is to tell where *watch* takes the place of another of its name."""
    if before is None or before == watch:
        return []
    return [f"the watch {watch.name!r} was {before.query!r} before"]


def watches_of(settings: Mapping[str, Any]) -> dict[str, Watch]:
    """The watches in the settings of an index, by name, sorted."""
    stored = settings.get(SETTING, {})
    return {name: Watch(name, **stored[name]) for name in sorted(stored)}


def with_watches(settings: Mapping[str, Any], watches: Iterable[Watch]) -> dict[str, Any]:
    """*settings* with these watches in place of those it had."""
    return {**settings, SETTING: {watch.name: watch.to_setting() for watch in watches}}


_EVERY: Final = -1  # as a number of bits: of all documents
_FEW = 1000  # documents: of more, which come at night, the terms that no watch asks for would take gigabytes


class _Node(Protocol):
    """A part of a watch."""

    def documents(self, added: _Added) -> int:
        """The new documents that match it, a bit each."""


@dataclass(frozen=True, slots=True)
class _Renderings:
    """What a word is in the other language.

    Attributes:
        translations: The text and the terms of each of its translations.
        terms: The terms of all of them, and of the word itself where it was written in Latin letters.
    """

    translations: tuple[tuple[str, tuple[str, ...]], ...] = ()
    terms: frozenset[str] = frozenset()

    @classmethod
    def of(cls, translations: Sequence[Indexed], own: Iterable[str] = ()) -> _Renderings:
        """Those of *translations*, with *own* terms."""
        found = tuple([(text, tuple(terms)) for text, _, terms in terms_of_translations(translations)])
        return cls(found, frozenset([*own, *(term for _, terms in found for term in terms)]))


_NONE: Final = _Renderings()


@dataclass(frozen=True, slots=True, eq=False)
class _Word:
    """A word of watches, with what documents may have of it; worked out once for all of them.

    Attributes:
        form: Its folded form.
        terms: Its own terms.
        mode: Whether its renderings are sought beside it or in place of it; None where it is sought as typed.
        language: Its language: renderings are sought in documents of others.
        renderings: What it is in the other language; what its reading in Latin letters is, if a dictionary knows one.
        unknown_readings: Russian words, no dictionary's, that it may be in Latin letters, likelier than the one below.
        reading: The first that a dictionary knows; empty where there is none.
        codes: The codes of names that sound like it.
    """

    form: str
    terms: tuple[str, ...]
    mode: Mode | None = None
    language: Language = "other"
    renderings: _Renderings = _NONE
    unknown_readings: tuple[str, ...] = ()
    reading: str = ""
    codes: frozenset[int] = frozenset()

    def documents(self, added: _Added) -> int:
        """See `_Node`; as `Crossing.word` has it."""
        own = added.having(self.terms)
        if self.mode is None:
            return own
        renderings = added.in_latin_letters(self) if self.has_readings else self.renderings
        abroad = added.having(renderings.terms & added.terms) | added.sounding_like(self, renderings)
        if self.mode == "only" and (abroad or (self.has_readings and renderings.terms)):
            return abroad & added.outside(self.language)
        return own | abroad & added.outside(self.language) if abroad else own

    @property
    def has_readings(self) -> bool:
        """Whether it may be a Russian word in Latin letters."""
        return bool(self.unknown_readings or self.reading)


@dataclass(frozen=True, slots=True)
class _All:
    """What matches all of some parts, those first that cost least."""

    parts: tuple[_Node, ...]

    def documents(self, added: _Added) -> int:
        """See `_Node`."""
        found = _EVERY
        for part in self.parts:
            found &= added.matching(part)
            if not found:
                break
        return found


@dataclass(frozen=True, slots=True)
class _Any:
    """What matches any of some parts."""

    parts: tuple[_Node, ...]

    def documents(self, added: _Added) -> int:
        """See `_Node`."""
        found = 0
        for part in self.parts:
            found |= added.matching(part)
        return found


@dataclass(frozen=True, slots=True)
class _Not:
    """What does not match a part."""

    part: _Node

    def documents(self, added: _Added) -> int:
        """See `_Node`."""
        return ~added.matching(self.part)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How the parts of a watch are understood.

    Attributes:
        mode: How its words are rendered in the other language; None where they are not.
        has_synonyms: Whether they are sought with their synonyms.
        language: That whose words are rendered.
        mentioned: Spans of its text that are dates among the words.
    """

    mode: Mode | None = None
    has_synonyms: bool = False
    language: Language = "other"
    mentioned: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A part that is no plain word: the engine is asked.

    Attributes:
        query: The part.
        manner: How it is understood.
    """

    query: Query
    manner: _Manner

    def documents(self, added: _Added) -> int:
        """See `_Node`."""
        return added.asked(self.query, self.manner)


@dataclass(frozen=True, slots=True, eq=False)
class _Phrase:
    """Words that stand together, which are sought as typed: asked where a document has all of them."""

    words: Words

    def documents(self, added: _Added) -> int:
        """See `_Node`."""
        may_match = _EVERY
        for group in self.words.groups:
            may_match &= added.having(group.terms)
            if not may_match:
                return 0
        return added.together(self.words)


class Percolator:
    """The watches of an index, ready to be asked.

    Kept for every addition: a watch that is new or changed is registered by itself. So a newsroom of thousands waits
    once a process, a fraction of a millisecond a watch.

    Attributes:
        analyzer: What analyses the documents.
        synonyms: What else the user calls things; None where that is not asked.
    """

    def __init__(self, analyzer: Analyzer, source: Callable[[], Source], synonyms: SynonymTable | None) -> None:
        """*source* gives what translates, when it is first needed."""
        self.analyzer = analyzer
        self.synonyms = synonyms
        self._source = source
        self._watches: dict[str, tuple[Watch, _Node]] = {}
        self._parts: dict[Hashable, _Node] = {}
        self._stored: object = None

    @cached_property
    def source(self) -> Source:
        """What translates."""
        return self._source()

    @cached_property
    def _is_known(self) -> Callable[[str], bool]:
        return dictionary(self.source)

    def register(self, watches: Mapping[str, Watch], archive: Snapshot) -> None:
        """Let *watches* be those that are asked; *archive* tells which fields there are."""
        if any(name not in watches for name in self._watches):
            self._parts.clear()  # of watches that stay the words are not worked out again
        fields = known_fields(archive)
        before, self._watches = self._watches, {}
        for name in sorted(watches):
            watch = watches[name]
            known = before.get(name)
            is_known = known is not None and known[0] == watch
            self._watches[name] = known if known is not None and is_known else (watch, self._node_of(watch, fields))

    def register_stored(self, settings: Mapping[str, Any], archive: Snapshot) -> None:
        """`register` those in the *settings* of an index, where they are others than the last time."""
        stored = settings.get(SETTING)
        if stored != self._stored:
            self.register(watches_of(settings), archive)
            self._stored = stored

    def alerts(self, snapshot: Snapshot, today: dt.date) -> list[Alert]:
        """Which documents of *snapshot* match which watch, by the names of the watches."""
        added = _Added(self, snapshot, today)
        found = ((name, node.documents(added) & added.live) for name, (_, node) in self._watches.items())
        return [Alert(name, added.ids(bits)) for name, bits in found if bits]

    def _node_of(self, watch: Watch, fields: Sequence[str]) -> _Node:
        parsed = parse(watch.query, fields=fields, dates=watch.dates == "auto")
        language = language_of_query(parsed.query, self.analyzer)
        mode: Mode | None = "auto" if watch.translate == "auto" else "only" if watch.translate == "only" else None
        has_synonyms = self.synonyms is not None and watch.synonyms and mode != "only"
        manner = _Manner(mode, has_synonyms, language, frozenset(parsed.dates))
        node = self._node(parsed.query, manner, required=isinstance(parsed.query, WordQuery))
        if watch.filter is None:
            return node
        tested = parse(watch.filter, fields=fields, strict=True, dates=watch.dates == "auto").query
        return _all([node, self._node(tested, _Manner(), required=isinstance(tested, WordQuery))])

    def _node(self, query: Query, manner: _Manner, *, required: bool) -> _Node:
        """The node of a query; *required* asks a word of several parts to have all of them."""
        match query:
            case EverythingQuery():
                return _All(())
            case NothingQuery():
                return _Any(())
            case NotQuery(clause=clause):
                return _Not(self._node(clause, _Manner(), required=True))
            case AndMaybeQuery(required=needed):
                return self._node(needed, manner, required=True)
            case AndQuery(clauses=clauses) if clauses:
                return _all([self._node(clause, manner, required=True) for clause in clauses])
            case OrQuery(clauses=clauses) if clauses and not self._has_entries(clauses, manner):
                return _Any(tuple([self._node(clause, manner, required=False) for clause in clauses]))
            case WordQuery(text=text, field=None):
                return self._word(query, text, manner, required=required)
            case PhraseQuery(field=name) if name in TEXT_SCOPES:
                words = phrase_of(query, self.analyzer)
                return _Any(()) if words is None else self._parts.setdefault(words.key, _Phrase(words))
        return self._asked(query, manner, required=required)

    def _has_entries(self, clauses: Sequence[Query], manner: _Manner) -> bool:
        """Whether words side by side are an entry of several words, which is sought as well."""
        for run in runs_of_words(clauses):
            forms = [form for word in run for form in typed_word(self.analyzer, word).forms]
            if manner.mode is not None and self.source.phrases(forms):
                return True
            if manner.has_synonyms and self.synonyms is not None and self.synonyms.within(forms):
                return True
        return False

    def _word(self, query: Query, text: str, manner: _Manner, *, required: bool) -> _Node:
        typed = typed_word(self.analyzer, text)
        if manner.has_synonyms and any(map(self._has_synonyms, typed.main)):
            return self._asked(query, manner, required=required)
        parts = [
            self._part(form, words.groups[0].terms, manner, telling=words.telling)
            for form, words in zip(typed.forms, typed.main, strict=True)
        ]
        if not required:
            parts += [self._part("", words.groups[0].terms, _Manner(), telling=False) for words in typed.extra]
        if len(parts) == 1:
            return parts[0]
        return _All(tuple(parts)) if required else _Any(tuple(parts))

    def _has_synonyms(self, words: Words) -> bool:
        return self.synonyms is not None and any(self.synonyms.texts([words.groups[0].terms]))

    def _part(self, form: str, terms: tuple[str, ...], manner: _Manner, *, telling: bool) -> _Node:
        is_rendered = manner.mode is not None and telling and language_of_form(form) == manner.language != "other"
        key = (form, manner.mode) if is_rendered else (terms, None)
        if key not in self._parts:
            self._parts[key] = self._rendered(form, terms, manner) if is_rendered else _Word(form, terms)
        return self._parts[key]

    def _rendered(self, form: str, terms: tuple[str, ...], manner: _Manner) -> _Word:
        language = manner.language
        translations = indexed(self.source, form, language)
        unknown: list[str] = []
        known = ""
        if not translations and language == "en" and not self._is_known(form):
            for reading in latin_readings(form):
                if self._is_known(reading):
                    known = reading
                    break
                unknown.append(reading)
        renderings = self.renderings_of_reading(known) if known else _Renderings.of(translations)
        codes = frozenset(name_codes(form))
        return _Word(form, terms, manner.mode, language, renderings, tuple(unknown), known, codes)

    def renderings_of_reading(self, reading: str) -> _Renderings:
        """What a Russian word is that was written in Latin letters."""
        return _Renderings.of(indexed(self.source, reading, "ru"), self.analyzer.terms(reading))

    def _asked(self, query: Query, manner: _Manner, *, required: bool) -> _Node:
        span = getattr(query, "span", None)
        mentioned = manner.mentioned & {span}
        key = (query.to_text(), mentioned, required, manner.mode, manner.has_synonyms, manner.language)
        if key not in self._parts:
            own = replace(manner, mentioned=mentioned)
            self._parts[key] = _Asked(AndQuery((query,)) if required else OrQuery((query,)), own)
        return self._parts[key]


def _all(parts: Sequence[_Node]) -> _Node:
    return _All(tuple(sorted(parts, key=lambda part: not isinstance(part, _Word))))


class _Added:
    """New documents that watches are asked of, as an index of their own; each part of a watch is asked once.

    Attributes:
        live: The documents that are not deleted, a bit each.
    """

    def __init__(self, percolator: Percolator, snapshot: Snapshot, today: dt.date) -> None:
        self._percolator = percolator
        self._snapshot = snapshot
        self._today = today
        self._known: dict[int, int] = {}
        self._outside: dict[Language, int] = {}
        self._crossings: dict[Mode, Crossing] = {}
        self._ids: dict[int, str] = {}
        self.live = (1 << snapshot.size) - 1 if snapshot.live is None else _packed(snapshot.live)

    @cached_property
    def terms(self) -> set[str]:
        """Their terms."""
        return {term for one in self._snapshot.slices for term in one.segment.terms}

    @cached_property
    def _rows(self) -> dict[str, int]:
        """The documents of terms: of all of them at once where the documents are few, else of those asked so far."""
        rows: dict[str, int] = {}
        for one in self._snapshot.slices if self._snapshot.size <= _FEW else ():
            for term, bits in zip(one.segment.terms, _documents_of_terms(one), strict=True):
                rows[term] = rows.get(term, 0) | bits
        return rows

    def _row(self, term: str) -> int:
        if self._snapshot.size > _FEW and term in self.terms:
            mask = np.zeros(self._snapshot.size, np.bool_)
            mask[self._snapshot.fields_of(self._snapshot.occurrences((term,))) >> 1] = True
            return self._rows.setdefault(term, _packed(mask))
        return 0

    def matching(self, part: _Node) -> int:
        """The documents that match a part, which is asked once."""
        key = id(part)  # parts live as long as the watches
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = part.documents(self)
        return found

    def having(self, terms: Iterable[str]) -> int:
        """The documents that have any of *terms*."""
        rows = self._rows
        found = 0
        for term in terms:
            found |= rows[term] if term in rows else self._row(term)
        return found

    def outside(self, language: Language) -> int:
        """The documents that are not in *language*."""
        if language not in self._outside:
            self._outside[language] = _packed(self._snapshot.among(outside(language)))
        return self._outside[language]

    def in_latin_letters(self, word: _Word) -> _Renderings:
        """Those of the Russian word that *word* is in Latin letters; none where it is a word of the documents."""
        if not word.has_readings or word.form in self._forms:
            return _NONE
        if not self._forms.isdisjoint(word.unknown_readings):
            reading = next(filter(self._forms.__contains__, word.unknown_readings))
            return self._percolator.renderings_of_reading(reading)
        return word.renderings if word.reading else _NONE

    def sounding_like(self, word: _Word, renderings: _Renderings) -> int:
        """The documents that have a word of the other alphabet that sounds like *word*."""
        if self._codes.isdisjoint(word.codes):
            return 0
        terms_of = self._snapshot.knowing(self._percolator.analyzer).terms
        names = sounding_like(self._snapshot, word.form, [text for text, _ in renderings.translations])
        return self.having(term for match in names for term in terms_of(match.form))

    def asked(self, query: Query, manner: _Manner) -> int:
        """The documents that match *query*."""
        percolator, mode = self._percolator, manner.mode
        if mode is not None and mode not in self._crossings:
            analyzer = self._snapshot.knowing(percolator.analyzer)
            self._crossings[mode] = Crossing(self._snapshot, analyzer, percolator.source, mode)
        compiled = compile_query(
            query,
            self._snapshot,
            percolator.analyzer,
            None if mode is None else self._crossings[mode],
            self._synonymy if manner.has_synonyms else None,
            today=self._today,
            mentioned=manner.mentioned,
            is_standing=True,
            rendered=manner.language,
        )
        return _packed(matching(self._snapshot, compiled.plan))

    def together(self, words: Words) -> int:
        """The documents that have a phrase."""
        return _packed(matching(self._snapshot, words))

    def ids(self, bits: int) -> tuple[str, ...]:
        """The ids of some documents, in order."""
        found = []
        while bits:
            lowest = bits & -bits
            number = lowest.bit_length() - 1
            if number not in self._ids:
                self._ids[number] = self._snapshot.id_of(number)
            found.append(self._ids[number])
            bits ^= lowest
        return tuple(found)

    @cached_property
    def _forms(self) -> set[str]:
        return {form for one in self._snapshot.slices for form in one.segment.forms}

    @cached_property
    def _codes(self) -> set[int]:
        return {code for one in self._snapshot.slices for code in one.segment.names.codes}

    @cached_property
    def _synonymy(self) -> Synonymy | None:
        table, snapshot = self._percolator.synonyms, self._snapshot
        return None if table is None else Synonymy(snapshot, snapshot.knowing(self._percolator.analyzer), table)


def _packed(mask: Array) -> int:
    """A mask as a number of a bit a document: thousands of watches join a few of these, for which arrays are slow."""
    return int.from_bytes(np.packbits(mask, bitorder="little").tobytes(), "little")


def _documents_of_terms(one: Slice) -> Iterator[int]:
    """For each term of a segment the documents that have it, numbered as in the commit, a bit each."""
    segment = one.segment
    offsets = segment.term_offsets.astype(np.int64)
    size = (len(segment) + 7) // 8
    documents = segment.fields_of(segment.positions) >> 1
    starts = np.repeat(np.arange(len(offsets) - 1) * size, np.diff(offsets))
    rows = np.zeros((len(offsets) - 1) * size, np.uint8)
    np.bitwise_or.at(rows, starts + (documents >> 3), (1 << (documents & 7)).astype(np.uint8))
    data = rows.tobytes()
    for start in range(0, len(data), size):
        yield int.from_bytes(data[start : start + size], "little") << one.first_document
