"""Words and phrases of one language to those of the other: `Lexicon`, and several of them as one.

    >>> lexicon = Lexicon.from_rows([Row("контрабанда", 3, ("smuggling", "contraband"))])
    >>> lexicon.translations("контрабандой")[0], lexicon.translations("smuggling")[0].text
    (Translation(text='smuggling', weight=1.0), 'контрабанда')

The translation at place n weighs 1/sqrt(n) of the first. In the other direction the frequency of the Russian word joins
in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from wco_search.analysis import default_analyzer, russian
from wco_search.analysis.analyzer import Language, language_of_form
from wco_search.analysis.english import LONGEST_STEMMED
from wco_search.analysis.stemming import TELLING_STEM, english_stem, russian_stem
from wco_search.errors import ReadError
from wco_search.languages.packed import ENOUGH, SAME_STEM, Entries, Packed, indexed_words, pack, phrase_keys
from wco_search.languages.rows import Row, read_rows
from wco_search.languages.trigrams import Trigrams

MAX_ENGLISH, MAX_RUSSIAN = 10, 8  # translations of one word; more of them let a rare sense outweigh the word itself
_MOST_KNOWN = 50_000  # words kept with the answer whether a phrase begins with them; some 5 MB
LONGEST_PHRASE = 6  # words of a phrase that are looked for

WORDS, NAMES = "lexicon.pack", "names.pack"
VOCABULARY = files(__name__.rpartition(".")[0]) / "vocabulary"


class Translation(NamedTuple):  # made by the dozen for every word of a query
    """One translation.

    Attributes:
        text: A word, or several, in basic form, as a dictionary writes it.
        weight: From 0 to 1; the best translation of a word has 1, or less where only a relative of the word is known.
    """

    text: str
    weight: float


Indexed = tuple[str, float, str]
"""A translation, its weight, and what texts that have it are found by: its words, separated by spaces, the terms of one
by commas; of a stop word there is none. Plain tuples, which are made in a quarter of the time."""


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """Several words of a query that are one entry.

    Attributes:
        start, end: Half-open span in the sequence of forms that was asked for.
        translations: Of the whole, best first.
    """

    start: int
    end: int
    translations: tuple[Translation, ...]


class Source(Protocol):
    """What translates: a lexicon, or several as one."""

    def translations(self, form: str) -> tuple[Translation, ...]:
        """Translations of a folded word form, best first; none where it is unknown."""
        ...

    def phrases(self, forms: Sequence[str]) -> tuple[PhraseMatch, ...]:
        """Entries of several words in a sequence of folded forms, longest first taken, none overlapping."""
        ...

    def knows(self, form: str) -> bool:
        """Whether a folded form is a word of the source, inflected or not."""
        ...


class Lexicon:
    """Translations in both directions, looked up by a word in any form. Threads may share one.

    A Russian form is taken for all its lemmas; an English one for itself, and where that has not two translations of
    its own, for the words of its stem too.
    """

    def __init__(self, packed: Packed) -> None:
        self._packed = packed
        self._beginnings: dict[str, bool] = {}

    @classmethod
    def from_rows(cls, rows: Iterable[Row]) -> Lexicon:
        """A lexicon of *rows*, packed in about a second for every 20,000 of them."""
        return cls(Packed(pack(rows)))

    @classmethod
    def read_tsv(cls, path: str | Path) -> Lexicon:
        """The user's own lexicon: a UTF-8 file of lines `head TAB translation|translation|...`, the head Russian.

        Raises:
            ReadError: The file cannot be read or a line is no row: `path:line: reason`.
        """
        return cls.from_rows(read_rows(path))

    @classmethod
    def open(cls, path: str | Path) -> Lexicon:
        """A lexicon that `save` wrote; nothing is worked out again.

        Raises:
            ReadError: The file cannot be read, or is none of this version.
        """
        try:
            return cls(Packed(Path(path).read_bytes()))
        except (OSError, ValueError) as error:
            raise ReadError(path, None, str(error)) from error

    def save(self, path: str | Path) -> None:
        """Write the lexicon as it is in memory, for `open`."""
        Path(path).write_bytes(self._packed.data)

    @classmethod
    def bundled(cls) -> Lexicon:
        """The words that come with this package, read when first asked for.

        Example:
            >>> [translation.text for translation in Lexicon.bundled().translations("контрабандистами")]
            ['smuggler']
        """
        return _bundled(WORDS)

    @classmethod
    def names(cls) -> Lexicon:
        """Names of countries, languages, currencies and cities from Unicode CLDR, read when first asked for.

        Example:
            >>> [translation.text for translation in Lexicon.names().translations("гватемалой")]
            ['Guatemala']
        """
        return _bundled(NAMES)

    @property
    def origin(self) -> str:
        """What the lexicon was made of: for a bundled one a checksum of its sources or CLDR's version, else empty."""
        return self._packed.origin

    def translations(self, form: str) -> tuple[Translation, ...]:
        """Translations of a folded word form into the language of the other script, best first; none if unknown.

        At most ten English ones or eight Russian ones. Several words in one translation are separated by spaces.
        """
        return tuple([Translation(text, weight) for text, weight, _ in self._best_of(form, language_of_form(form))])

    def indexed(self, form: str, language: Language) -> Sequence[Indexed]:
        """The same of a form of that language, with their words."""
        found = self._best_of(form, language)
        return found if self._packed.tells_terms else [(text, weight, indexed_words(text)) for text, weight, _ in found]

    def _best_of(self, form: str, language: Language) -> list[Indexed]:
        if language == "ru":
            return _best(self._of_russian(form), MAX_ENGLISH)
        exact = self._packed.entries("e", (form,))
        if len(exact) >= ENOUGH:
            return _best(exact, MAX_RUSSIAN)
        others = [word for word in self._words_of_stem(form) if word != form]
        related = [(text, weight * SAME_STEM, words) for text, weight, words in self._packed.entries("e", others)]
        return _best([*exact, *related], MAX_RUSSIAN, top=1.0 if exact else SAME_STEM)

    def phrases(self, forms: Sequence[str]) -> tuple[PhraseMatch, ...]:
        """Entries of several words in a sequence of folded forms, none overlapping, the longest at each place.

        Example:
            >>> lexicon = Lexicon.from_rows([Row("железная дорога", 3, ("railway",))])
            >>> lexicon.phrases(["по", "железным", "дорогам"])
            (PhraseMatch(start=1, end=3, translations=(Translation(text='railway', weight=1.0),)),)
        """
        starts = [start for start in range(len(forms) - 1) if self._begins_phrase(forms[start])]
        if not starts:  # as mostly
            return ()
        places = (self._phrases_at(start, forms[start : start + LONGEST_PHRASE]) for start in starts)
        return _without_overlaps(match for found in places for match in found)

    def knows(self, form: str) -> bool:
        """Whether a folded form is a word of this lexicon, on either side, in its basic form or inflected."""
        if language_of_form(form) == "ru":
            return bool(self._of_russian(form))
        return self._packed.find("s", _english_stem(form)) is not None

    def trigrams(self, language: Language) -> Trigrams:
        """Letter trigrams of the words of this lexicon in `ru` or `en`."""
        return self._trigrams[language]

    @cached_property
    def _trigrams(self) -> dict[Language, Trigrams]:
        languages: tuple[Language, ...] = ("ru", "en")
        return {language: Trigrams.from_text(self._packed.find("g", language) or "") for language in languages}

    def _of_russian(self, form: str) -> Entries:
        found = self._packed.entries("r", dict.fromkeys((*russian.lemmas(form), form)))
        if found or not self._packed.may_hold("x", form):  # no stem is worked out that is no key
            return found
        stem = russian_stem()(form)
        heads = self._packed.find("x", stem) if len(stem) >= TELLING_STEM else None
        return [] if heads is None else self._packed.entries("r", heads.split("|"))

    def _words_of_stem(self, form: str) -> list[str]:
        words = self._packed.find("s", _english_stem(form))
        return words.split("|") if words else []

    def _begins_phrase(self, form: str) -> bool:
        """Whether any entry of several words begins with this one; every word of every query is asked about."""
        found = self._beginnings.get(form)
        if found is None:
            if len(self._beginnings) >= _MOST_KNOWN:
                self._beginnings.clear()
            found = any(self._packed.has_beginning("p", f"{first} ") for first in phrase_keys([form]))
            self._beginnings[form] = found
        return found

    def _phrases_at(self, start: int, forms: Sequence[str]) -> Iterable[PhraseMatch]:
        if not any(self._packed.has_beginning("p", first_two) for first_two in phrase_keys(list(forms[:2]))):
            return  # as mostly: most words with which some phrase begins stand beside another one
        for length in range(len(forms), 1, -1):
            found = self._packed.entries("p", phrase_keys(list(forms[:length])))
            if found:
                limit = MAX_ENGLISH if language_of_form(forms[0]) == "ru" else MAX_RUSSIAN
                best = tuple(Translation(text, weight) for text, weight, _ in _best(found, limit))
                yield PhraseMatch(start, start + length, best)


def _english_stem(form: str) -> str:
    """The stem of an English form; of a word of a query it is known already, as that is its term."""
    if form.isascii() and form.isalpha() and len(form) <= LONGEST_STEMMED:
        (stem,) = default_analyzer().terms(form)
        return stem
    return english_stem()(form)


@cache
def _bundled(name: str) -> Lexicon:
    return Lexicon(Packed((VOCABULARY / name).read_bytes()))


class Lexicons:
    """Several sources as one: what any of them says counts, and at equal weight the earlier one comes first.

    Put the user's own lexicon first: `Lexicons([own, Lexicon.bundled(), Lexicon.names()])`.

    Example:
        >>> own = Lexicon.from_rows([Row("вал", 3, ("swell",))])
        >>> general = Lexicon.from_rows([Row("вал", 3, ("shaft", "rampart"))])
        >>> [translation.text for translation in Lexicons([own, general]).translations("вал")]
        ['swell', 'shaft', 'rampart']
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = tuple(sources)

    def translations(self, form: str) -> tuple[Translation, ...]:
        """Translations of a folded word form by all sources, best first."""
        limit = MAX_ENGLISH if language_of_form(form) == "ru" else MAX_RUSSIAN
        return tuple(_united([source.translations(form) for source in self._sources], limit))

    def indexed(self, form: str, language: Language) -> Sequence[Indexed]:
        """The same of a form of that language, with their words."""
        limit = MAX_ENGLISH if language == "ru" else MAX_RUSSIAN
        return _united([indexed(source, form, language) for source in self._sources], limit)

    def phrases(self, forms: Sequence[str]) -> tuple[PhraseMatch, ...]:
        """Entries of several words by all sources, none overlapping, the longest at each place."""
        spans: dict[tuple[int, int], list[tuple[Translation, ...]]] = {}
        for source in self._sources:
            for match in source.phrases(forms):
                spans.setdefault((match.start, match.end), []).append(match.translations)
        if not spans:  # as mostly
            return ()
        united = ((span, tuple(_united(found, MAX_ENGLISH))) for span, found in spans.items())
        return _without_overlaps(PhraseMatch(*span, translations) for span, translations in united)

    def knows(self, form: str) -> bool:
        """Whether any source has the word."""
        return any(source.knows(form) for source in self._sources)


_INDEXING = (Lexicon, Lexicons)  # to join them by | for every word takes as long as to find it


def indexed(source: Source, form: str, language: Language) -> Sequence[Indexed]:
    """The translations of a folded form of that language by *source*, best first, with their words.

    Example:
        >>> indexed(Lexicon.from_rows([Row("груз", 3, ("bill of lading", "goods"))]), "грузы", "ru")[0]
        ('bill of lading', 1.0, 'bill  lade')
    """
    if isinstance(source, _INDEXING):
        return source.indexed(form, language)
    return [(text, weight, indexed_words(text)) for text, weight in source.translations(form)]


_WEIGHT = itemgetter(1)
_Entry = TypeVar("_Entry", bound=tuple[Any, ...])


def _best(found: Entries, limit: int, top: float = 1.0) -> list[Indexed]:
    """Each text once with its greatest weight, heaviest first, scaled so that the first has *top*."""
    if not found:  # as mostly among names
        return []
    ranked = _distinct(found, limit)
    most = ranked[0][1]
    if most == top == 1.0:  # as of every Russian word
        return ranked
    return [(text, top * weight / most, words) for text, weight, words in ranked]


def _united(found: Iterable[Sequence[_Entry]], limit: int) -> Sequence[_Entry]:
    several = [translations for translations in found if translations]
    if len(several) == 1:
        return several[0]
    return _distinct([one for translations in several for one in translations], limit)


def _distinct(found: Iterable[_Entry], limit: int) -> list[_Entry]:
    """Each text once with its greatest weight, heaviest first; of one weight, the first that was found."""
    kept: dict[str, _Entry] = {}
    for one in found:
        before = kept.setdefault(one[0], one)
        if one[1] > before[1]:
            kept[one[0]] = one
    return sorted(kept.values(), key=_WEIGHT, reverse=True)[:limit]  # stable, also in reverse


def _without_overlaps(matches: Iterable[PhraseMatch]) -> tuple[PhraseMatch, ...]:
    """From left to right the longest match that begins after the last one taken."""
    taken: list[PhraseMatch] = []
    for match in sorted(matches, key=lambda match: (match.start, -match.end)):
        if not taken or match.start >= taken[-1].end:
            taken.append(match)
    return tuple(taken)
