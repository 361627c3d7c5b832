"""Watches: stored queries, asked of documents as these are added.

    watch          --needs-->  sets of terms, forms and names; a match has something of each     once a process
    new documents  --their terms, forms and names-->  watches whose rarest need one of them meets
                   --words that any of these ask for, once each-->  what watches of nothing but words match
                   --document by document-->  other watches of which one meets all needs, evaluated

The new documents are asked as an index of their own, so what an alert tells is what a search in it would find. That a
watch needs a term which none of them has is told without looking at the watch (percolation: the queries are indexed,
each by its rarest need, and the document looks them up), so thousands of watches cost little.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any, Final

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.analysis.analyzer import Language, language_of_form
from wco_search.analysis.stopwords import is_stop_word
from wco_search.analysis.tokenizer import forms_of_word
from wco_search.engine.compile import TEXT_SCOPES, known_fields
from wco_search.engine.crossing import Crossing, Rendering, rendered_language
from wco_search.engine.matching import matching
from wco_search.engine.plan import Among, Group, Nothing
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array
from wco_search.engine.synonymy import SynonymTable, Synonymy
from wco_search.languages import Source, dictionary, latin_readings, name_codes
from wco_search.languages.lexicon import PhraseMatch, Translation
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
    synonyms: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The watch as plain JSON values."""
        return {"name": self.name, **self.to_setting()}

    def to_setting(self) -> dict[str, Any]:
        """What the settings of an index keep under the name of the watch."""
        return {
            "query": self.query,
            "filter": self.filter,
            "translate": self.translate,
            "dates": self.dates,
            "synonyms": self.synonyms,
        }


def new_watch(
    understanding: Understanding, name: str, query: str | Query, filter: str | None, translate: str, *, synonyms: bool
) -> tuple[Watch, list[str]]:
    """A watch for *query*, as *understanding* reads it, and what there is to tell of how it was read.

    Raises:
        QuerySyntaxError, UnknownFieldError, ValueError: As `wco_search.index.Index.watch`.
    """
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


@dataclass(frozen=True, slots=True)
class Needs:
    """What a document must have one of to match.

    Attributes:
        terms: Terms.
        forms: Folded forms; where some new document has one of them, any form of the same word will do in others.
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
        synonyms: What else the user calls things; None where that is not asked.
        is_known: Whether a folded form is in a dictionary: only then has it translations.
        renderings: For each word met so far what documents may have in place of it, in the other language.
    """

    analyzer: Analyzer
    source: Source | None
    synonyms: SynonymTable | None
    is_known: Callable[[str], bool]
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

    def plain(self, query: Query) -> _Plain | None:
        """*query* as words that match each for itself, or None where it is more than these."""
        clauses = query.clauses if isinstance(query, OrQuery | AndQuery) else (query,)
        words = [one for one in clauses if isinstance(one, WordQuery) and one.field is None]
        forms: list[Sequence[str]] = [forms_of_word(one.text) or () for one in words]
        if len(words) < len(clauses) or any(len(own) != 1 or is_stop_word(own[0]) for own in forms):
            return None
        if isinstance(query, OrQuery) and len(self._phrases(clauses)):
            return None
        flat = [own[0] for own in forms]
        rendered = rendered_language(flat)
        made = [
            _PlainWord(
                one.text,
                self._word(one.text),
                self.analyzer.terms(form),
                self._single_words(form),
                rendered if language_of_form(form) == rendered else None,
            )
            for one, form in zip(words, flat, strict=True)
        ]
        return _Plain(tuple(made), needs_all=not isinstance(query, OrQuery))

    def _single_words(self, form: str) -> frozenset[str]:
        """The terms of its translations of one word: any of them will do in a document of the other language."""
        translations = () if self.source is None else self.source.translations(form)
        several = [words_of(one.text) for one in translations]
        single = [words[0] for words in several if len(words) == 1 and not is_stop_word(words[0])]
        return frozenset(term for word in single for term in self.analyzer.terms(word))

    def _any(self, clauses: Sequence[Query]) -> list[Needs]:
        several = list(map(self.needs, clauses))
        if not all(several):
            return []
        return [reduce(or_, (min(needs, key=len) for needs in several), self._phrases(clauses))]

    def _phrases(self, clauses: Sequence[Query]) -> Needs:
        """What entries of several words among *clauses* are in the other language, or are called as well."""
        needs = Needs()
        for is_word, run in groupby(clauses, lambda clause: isinstance(clause, WordQuery) and clause.field is None):
            texts = [clause.text for clause in run if isinstance(clause, WordQuery)] if is_word else []
            tokens = [token for text in texts for token in self.analyzer.tokens(text)]
            forms = [token.form for token in tokens if token.kind in ("word", "part")]
            for match in self.source.phrases(forms) if self.source is not None else ():
                needs |= self._terms(translation.text for translation in match.translations)
            if self.synonyms is not None:
                needs |= self._terms(self.synonyms.within(forms))
        return needs

    def _word(self, text: str) -> Needs:
        needs = Needs()
        for token in self.analyzer.tokens(text):
            needs |= Needs(terms=frozenset(token.terms))
            if token.kind in ("word", "part"):
                if self.source is not None:
                    if token.form not in self.renderings:
                        self.renderings[token.form] = self._rendered(token.form, self.source)
                    needs |= self.renderings[token.form]
                if self.synonyms is not None:
                    needs |= self._terms(self.synonyms.texts([tuple(token.terms)]))
        return needs

    def _rendered(self, form: str, source: Source) -> Needs:
        """What documents may have in place of *form*, in the other language."""
        translations = source.translations(form)
        needs = Needs(names=frozenset({form})) | self._terms(translation.text for translation in translations)
        if not translations:  # it may be Russian in Latin letters: a word that a document has, or a dictionary
            readings = latin_readings(form)
            known = [reading for reading in readings if self.is_known(reading)]
            needs |= Needs(forms=frozenset(readings)) | self._terms(known)
            needs |= self._terms(one.text for reading in known for one in source.translations(reading))
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
        self._added = added
        self._segments = [one.segment for one in added.slices if names_by_code]
        self._sounding: dict[str, tuple[str, ...]] = {}
        self._documents: dict[str, Array] = {}
        self._abroad: dict[Language, Array] = {}
        for segment in self._segments:
            self.may_sound_like.update(*(names_by_code.get(code, ()) for code in segment.names.codes))

    def _sounding_like(self, name: str) -> tuple[str, ...]:
        """The words of the other language that do; worked out once for each name."""
        if name not in self._sounding:
            found: dict[str, None] = {}
            for segment in self._segments if name in self.may_sound_like else ():
                found.update(dict.fromkeys(map(segment.forms.__getitem__, segment.sounding_like(name))))
            self._sounding[name] = tuple(found)
        return self._sounding[name]

    def has_any(self, needs: Needs) -> bool:
        """Whether they have any of *needs*."""
        is_there = not (needs.terms.isdisjoint(self.terms) and needs.forms.isdisjoint(self.forms))
        return is_there or any(map(self._sounding_like, needs.names))

    def one_has_all(self, several: Sequence[Needs]) -> bool:
        """Whether one document has something of each of *several*."""
        if len(several) == 1:
            return self.has_any(several[0])
        if not all(map(self._may_have, several)):
            return False
        written = list(map(self._having_in_writing, several))
        if np.logical_and.reduce(written).any():  # no sound need be compared, which costs most
            return True
        having = np.ones(self._added.size, np.bool_)
        for needs, there in zip(several, written, strict=True):
            sounding = (form for name in needs.names for form in self._sounding_like(name))
            having &= there | self._having(term for form in sounding for term in self._added.terms_of(form) or ())
            if not having.any():
                return False
        return True

    def having(self, needs: Needs, certain: Iterable[str]) -> tuple[Array, Array]:
        """For each document whether it has any of the terms *certain*, and whether it has any of *needs*."""
        least = self._having(certain)
        if not self._may_have(needs):
            return least, least
        sounding = (form for name in needs.names for form in self._sounding_like(name))
        heard = self._having(term for form in sounding for term in self._added.terms_of(form) or ())
        return least, least | self._having_in_writing(needs) | heard

    def having_abroad(self, terms: frozenset[str], language: Language) -> Array:
        """For each document whether it has any of *terms*, and is not in *language*."""
        there = terms & self.terms
        if not there:
            return np.zeros(self._added.size, np.bool_)
        if language not in self._abroad:
            self._abroad[language] = self._added.among(Among(language, is_of_it=False))
        return self._having(there) & self._abroad[language]

    def _may_have(self, needs: Needs) -> bool:
        parts = ((needs.terms, self.terms), (needs.forms, self.forms), (needs.names, self.may_sound_like))
        return not all(wanted.isdisjoint(there) for wanted, there in parts)

    def _having_in_writing(self, needs: Needs) -> Array:
        """For each document whether it has any of the terms or forms of *needs*."""
        terms = set(needs.terms & self.terms)
        for form in needs.forms & self.forms:
            terms.update(self._added.terms_of(form) or ())
        return self._having(terms)

    def _having(self, terms: Iterable[str]) -> Array:
        """For each document whether it has any of *terms*."""
        having = np.zeros(self._added.size, np.bool_)
        for term in terms:
            if term not in self._documents:
                places = self._added.occurrences((term,))
                self._documents[term] = self._added.fields_of(places) >> 1
            having[self._documents[term]] = True
        return having


@dataclass(frozen=True, slots=True)
class _Remembering:
    """A source that looks up each word of the watches once: the same ones are asked for at every addition."""

    source: Source
    known: dict[str, tuple[Translation, ...]]

    def translations(self, form: str) -> tuple[Translation, ...]:
        """See `Source.translations`."""
        if form not in self.known:
            self.known[form] = self.source.translations(form)
        return self.known[form]

    def phrases(self, forms: Sequence[str]) -> tuple[PhraseMatch, ...]:
        """See `Source.phrases`."""
        return self.source.phrases(forms)

    def knows(self, form: str) -> bool:
        """See `Source.knows`."""
        return self.source.knows(form)


class _QuickCrossing(Crossing):
    """Renders words as `Crossing` does, but asks no lexicon for those that the new documents have no rendering of."""

    def __init__(self, added: Snapshot, analyzer: Analyzer, source: Source, is_there: Callable[[str], bool]) -> None:
        super().__init__(added, analyzer, source)
        self._is_there = is_there

    def word(self, group: Group, form: str) -> Rendering | None:
        """See `Crossing.word`."""
        return super().word(group, form) if self._is_there(form) else None


@dataclass(frozen=True, slots=True)
class _PlainWord:
    """A word of a watch that is nothing but words.

    Attributes:
        text: The word.
        needs: What a document needs to have it.
        terms: Its own terms.
        renderings: The terms of its translations that are single words.
        language: Its language, where it is of the one whose words are sought in the other one as well.
    """

    text: str
    needs: Needs
    terms: tuple[str, ...]
    renderings: frozenset[str]
    language: Language | None


@dataclass(frozen=True, slots=True)
class _Plain:
    """A watch of nothing but words, of which a document must have all, or any.

    What one of them matches does not depend on the others, so it is worked out once for all such watches.
    """

    words: tuple[_PlainWord, ...]
    needs_all: bool


@dataclass(frozen=True, slots=True)
class _Registered:
    """A watch, and what is told of it once.

    Attributes:
        watch: The watch.
        needs: What a document must have something of each of.
        rarest: The one of these by which it is found; None where no need can be told.
        plain: The watch as words, where it is no more than these.
    """

    watch: Watch
    needs: list[Needs]
    rarest: Needs | None
    plain: _Plain | None


class Percolator:
    """The watches of an index, each indexed by the rarest of its needs.

    Kept for every addition: a watch that is new or changed is registered by itself. So a newsroom of thousands waits
    once a process, some millisecond a watch.

    Attributes:
        analyzer: What analyses the documents.
    """

    def __init__(self, analyzer: Analyzer, source: Callable[[], Source], synonyms: SynonymTable | None) -> None:
        """*source* gives what translates, when it is first needed; *synonyms*, what else the user calls things."""
        self.analyzer = analyzer
        self._source = source
        self._synonyms = synonyms
        self._registered: dict[str, _Registered] = {}
        self._undemanding: set[str] = set()
        self._by_term: dict[str, set[str]] = defaultdict(set)
        self._by_form: dict[str, set[str]] = defaultdict(set)
        self._by_name: dict[str, set[str]] = defaultdict(set)
        self._renderings: dict[str, Needs] = {}
        self._names_by_code: dict[int, set[str]] = defaultdict(set)
        self._translations: dict[str, tuple[Translation, ...]] = {}

    def register(self, watches: Mapping[str, Watch], archive: Snapshot) -> None:
        """Let *watches* be those that are asked; *archive* tells its fields, and which needs are rare."""
        for name in self._registered.keys() - watches.keys():
            self._forget(name)
        fields = known_fields(archive)
        rarity = _Rarity(archive)
        for name, watch in watches.items():
            before = self._registered.get(name)
            if before is not None and before.watch == watch:
                continue
            if before is not None:
                self._forget(name)
            self._register(watch, fields, rarity)

    def _register(self, watch: Watch, fields: tuple[str, ...], rarity: _Rarity) -> None:
        source = None if watch.translate == "off" else self._remembering()
        synonyms = self._synonyms if watch.synonyms and watch.translate != "only" else None
        reader = _Reader(self.analyzer, source, synonyms, dictionary(source), self._renderings)
        parsed = parse(watch.query, fields=fields, dates=watch.dates == "auto")
        needs = reader.needs(parsed.query)
        is_plain = watch.filter is None and not parsed.dates
        plain = reader.plain(parsed.query) if is_plain else None
        one = _Registered(watch, needs, min(needs, key=rarity) if needs else None, plain)
        self._registered[watch.name] = one
        if one.rarest is None:
            self._undemanding.add(watch.name)
        for index, keys in self._indexed(one):
            for key in keys:
                index[key].add(watch.name)
        for name in {name for several in needs for name in several.names}:
            for code in name_codes(name):
                self._names_by_code[code].add(name)

    def _forget(self, name: str) -> None:
        """Codes of names are kept, as other watches may have them; one too many costs a comparison."""
        one = self._registered.pop(name)
        self._undemanding.discard(name)
        for index, keys in self._indexed(one):
            for key in keys:
                index[key].discard(name)

    def _indexed(self, one: _Registered) -> Iterator[tuple[dict[str, set[str]], frozenset[str]]]:
        """The indexes, and under which keys the watch is in each."""
        needs = one.rarest or Needs()
        yield self._by_term, needs.terms
        yield self._by_form, needs.forms
        yield self._by_name, needs.names

    def alerts(self, added: Snapshot, today: dt.date) -> list[Alert]:
        """Which documents of *added* match which watch, by the names of the watches."""
        present = _Present(added, self._names_by_code)
        asking = _Asking(self, added, present, today)
        alerts = []
        for name in sorted(self._met(present)):
            one = self._registered[name]
            if one.plain is not None:
                found = asking.plain(one.watch, one.plain)
            else:
                found = asking.any_kind(one.watch) if present.one_has_all(one.needs) else []
            if found:
                alerts.append(Alert(name, tuple(map(added.id_of, found))))
        return alerts

    def _remembering(self) -> Source:
        return _Remembering(self._source(), self._translations)

    def synonymy(self, added: Snapshot) -> Synonymy | None:
        """What finds the user's synonyms in *added*."""
        return None if self._synonyms is None else Synonymy(added, added.knowing(self.analyzer), self._synonyms)

    def crossing(self, added: Snapshot, translate: str, present: _Present) -> Crossing:
        """What renders the words of watches, as *translate* tells, for documents of *added*."""
        analyzer = added.knowing(self.analyzer)
        if translate == "only":  # then it matters whether a word has a rendering that no document has
            return Crossing(added, analyzer, self._remembering(), "only")
        known = self._renderings  # words of dates are not among them, nor those that need not be there

        def is_there(form: str) -> bool:
            return form not in known or present.has_any(known[form])

        return _QuickCrossing(added, analyzer, self._remembering(), is_there)

    def candidates(self, added: Snapshot) -> set[str]:
        """The names of the watches that documents of *added* may match."""
        present = _Present(added, self._names_by_code)
        return {name for name in self._met(present) if present.one_has_all(self._registered[name].needs)}

    def _met(self, present: _Present) -> set[str]:
        """The watches of which something has the rarest need, and those of which no need can be told."""
        met = set(self._undemanding)
        for index, keys in (
            (self._by_term, present.terms),
            (self._by_form, present.forms),
            (self._by_name, present.may_sound_like),
        ):
            met.update(*(index[key] for key in index.keys() & keys))
        return met


class _Asking:
    """The watches that are asked of some new documents, the same words once."""

    def __init__(self, percolator: Percolator, added: Snapshot, present: _Present, today: dt.date) -> None:
        self._percolator = percolator
        self._added = added
        self._present = present
        self._today = today
        self._synonymy = percolator.synonymy(added)
        self._crossings: dict[str, Crossing | None] = {"off": None}
        self._words: dict[tuple[str, str, bool], int] = {}
        self._live = _EVERY if added.live is None else _packed(added.live)

    def any_kind(self, watch: Watch) -> list[int]:
        """The documents that match *watch*, ascending."""
        synonymy = self._synonymy if watch.synonyms else None
        understanding = self._understanding(watch.translate, synonymy, watch.dates)
        plans = [understanding.query(watch.query, strict=False).compiled.plan]
        if watch.filter is not None:
            plans.append(understanding.filter(watch.filter).plan)
        masks = [matching(self._added, plan) for plan in plans]
        return _documents(self._live & _packed(np.logical_and.reduce(masks)))

    def plain(self, watch: Watch, plain: _Plain) -> list[int]:
        """The same of one that is nothing but words."""
        found = self._live if plain.needs_all else 0
        for word in plain.words:
            translate = "off" if word.language is None else watch.translate
            synonymy = self._synonymy if watch.synonyms and watch.translate != "only" else None
            key = word.text, translate, synonymy is not None
            having = self._words.get(key)
            if having is None:
                having = self._words[key] = self._having(word, translate, synonymy)
            found = found & having if plain.needs_all else found | having
            if not found and plain.needs_all:
                return []
        return _documents(found & self._live)

    def _having(self, word: _PlainWord, translate: str, synonymy: Synonymy | None) -> int:
        """The documents that match a word: those that have it, where no others have what it needs; else it is asked."""
        least, most = self._present.having(word.needs, word.terms if translate != "only" else ())
        if word.language is not None and translate != "off":
            least = least | self._present.having_abroad(word.renderings, word.language)
        is_told = (translate == "off" and synonymy is None) or (least == most).all()
        if is_told:
            return _packed(least)
        understanding = self._understanding(translate, synonymy)
        return _packed(matching(self._added, understanding.query(WordQuery(word.text), strict=False).compiled.plan))

    def _understanding(self, translate: str, synonymy: Synonymy | None, dates: Switch = "off") -> Understanding:
        if translate not in self._crossings:
            self._crossings[translate] = self._percolator.crossing(self._added, translate, self._present)
        return Understanding(
            self._added,
            self._percolator.analyzer,
            self._crossings[translate],
            synonymy,
            self._today,
            dates,
            layout="off",
            is_standing=True,
        )


_EVERY: Final = -1  # as a number of bits: of all documents


def _packed(mask: Array) -> int:
    """A mask as a number of a bit a document: thousands of watches join a few of these, for which arrays are slow."""
    return int.from_bytes(np.packbits(mask, bitorder="little").tobytes(), "little")


def _documents(bits: int) -> list[int]:
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found


class _Rarity:
    """How many places of an archive meet some needs, about: a new document meets the rarest of several least often."""

    def __init__(self, archive: Snapshot) -> None:
        self._archive = archive
        self._known: dict[str, int] = {}

    def __call__(self, needs: Needs) -> int:
        """The places of its terms, and one for each of its keys, so that of unknown ones the fewest are taken."""
        return sum(map(self._places, needs.terms)) + len(needs)

    def _places(self, term: str) -> int:
        if term not in self._known:
            segments = [one.segment for one in self._archive.slices]
            numbers = [(segment, segment.terms.find(term)) for segment in segments]
            self._known[term] = sum(len(one.term_positions(number)) for one, number in numbers if number is not None)
        return self._known[term]
