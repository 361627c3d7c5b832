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
from pathlib import Path
from typing import NamedTuple, Protocol

from wco_search.analysis import russian
from wco_search.analysis.analyzer import Language, language_of_form
from wco_search.analysis.stemming import english_stem, russian_stem
from wco_search.errors import ReadError
from wco_search.languages.packed import Packed, Weighted, pack, phrase_keys, read_weights
from wco_search.languages.rows import Row, read_rows
from wco_search.languages.trigrams import Trigrams

MAX_ENGLISH, MAX_RUSSIAN = 10, 8  # translations of one word; more of them let a rare sense outweigh the word itself
_SAME_STEM = 0.7  # of the weight where only the stem of an English word is known: "smugglers" for "smuggler"
_ENOUGH = 2  # translations of the very word that make those of its stem needless: "customs" is no "custom"
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
        if language_of_form(form) == "ru":
            return _best(self._of_russian(form), MAX_ENGLISH)
        exact = self._weights("e", form)
        if len(exact) >= _ENOUGH:
            return _best(exact, MAX_RUSSIAN)
        words = (word for word in self._words_of_stem(form) if word != form)
        related = [(text, weight * _SAME_STEM) for word in words for text, weight in self._weights("e", word)]
        return _best([*exact, *related], MAX_RUSSIAN, top=1.0 if exact else _SAME_STEM)

    def phrases(self, forms: Sequence[str]) -> tuple[PhraseMatch, ...]:
        """Entries of several words in a sequence of folded forms, none overlapping, the longest at each place.

        Example:
            >>> lexicon = Lexicon.from_rows([Row("железная дорога", 3, ("railway",))])
            >>> lexicon.phrases(["по", "железным", "дорогам"])
            (PhraseMatch(start=1, end=3, translations=(Translation(text='railway', weight=1.0),)),)
        """
        places = (self._phrases_at(start, forms[start : start + LONGEST_PHRASE]) for start in range(len(forms)))
        return _without_overlaps(match for found in places for match in found)

    def knows(self, form: str) -> bool:
        """Whether a folded form is a word of this lexicon, on either side, in its basic form or inflected."""
        if language_of_form(form) == "ru":
            return bool(self._of_russian(form))
        return self._packed.find("s", english_stem()(form)) is not None

    def trigrams(self, language: Language) -> Trigrams:
        """Letter trigrams of the words of this lexicon in `ru` or `en`."""
        return self._trigrams[language]

    @cached_property
    def _trigrams(self) -> dict[Language, Trigrams]:
        languages: tuple[Language, ...] = ("ru", "en")
        return {language: Trigrams.from_text(self._packed.find("g", language) or "") for language in languages}

    def _of_russian(self, form: str) -> Weighted:
        lemmas = dict.fromkeys((*russian.lemmas(form), form))
        found = [pair for lemma in lemmas for pair in self._weights("r", lemma)]
        if found:
            return found
        heads = self._packed.find("x", russian_stem()(form))
        return [] if heads is None else [pair for head in heads.split("|") for pair in self._weights("r", head)]

    def _words_of_stem(self, form: str) -> list[str]:
        words = self._packed.find("s", english_stem()(form))
        return words.split("|") if words else []

    def _weights(self, kind: str, key: str) -> Weighted:
        payload = self._packed.find(kind, key)
        return [] if payload is None else read_weights(payload)

    def _begins_phrase(self, form: str) -> bool:
        """Whether any entry of several words begins with this one; every word of every query is asked about."""
        found = self._beginnings.get(form)
        if found is None:
            if len(self._beginnings) >= _MOST_KNOWN:
                self._beginnings.clear()
            found = any(any(self._packed.beginning("p", f"{first} ")) for first in phrase_keys([form]))
            self._beginnings[form] = found
        return found

    def _phrases_at(self, start: int, forms: Sequence[str]) -> Iterable[PhraseMatch]:
        if len(forms) < 2 or not self._begins_phrase(forms[0]):
            return
        for length in range(len(forms), 1, -1):
            keys = phrase_keys(list(forms[:length]))
            found = [pair for key in keys for pair in self._weights("p", key)]
            if found:
                limit = MAX_ENGLISH if language_of_form(forms[0]) == "ru" else MAX_RUSSIAN
                yield PhraseMatch(start, start + length, _best(found, limit))


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
        return _united((source.translations(form) for source in self._sources), limit)

    def phrases(self, forms: Sequence[str]) -> tuple[PhraseMatch, ...]:
        """Entries of several words by all sources, none overlapping, the longest at each place."""
        spans: dict[tuple[int, int], list[tuple[Translation, ...]]] = {}
        for source in self._sources:
            for match in source.phrases(forms):
                spans.setdefault((match.start, match.end), []).append(match.translations)
        return _without_overlaps(PhraseMatch(*span, _united(found, MAX_ENGLISH)) for span, found in spans.items())

    def knows(self, form: str) -> bool:
        """Whether any source has the word."""
        return any(source.knows(form) for source in self._sources)


def _best(found: Iterable[tuple[str, float]], limit: int, top: float = 1.0) -> tuple[Translation, ...]:
    """Each text once with its greatest weight, heaviest first, scaled so that the first has *top*."""
    weights: dict[str, float] = {}
    for text, weight in found:
        weights[text] = max(weight, weights.get(text, 0.0))
    ranked = sorted(weights.items(), key=lambda pair: -pair[1])[:limit]  # stable: an earlier lemma wins a tie
    return tuple(Translation(text, top * weight / ranked[0][1]) for text, weight in ranked)


def _united(found: Iterable[tuple[Translation, ...]], limit: int) -> tuple[Translation, ...]:
    several = [translations for translations in found if translations]
    if len(several) == 1:
        return several[0]
    weights: dict[str, float] = {}
    for translations in several:
        for translation in translations:
            weights[translation.text] = max(translation.weight, weights.get(translation.text, 0.0))
    ranked = sorted(weights.items(), key=lambda pair: -pair[1])[:limit]
    return tuple(Translation(text, weight) for text, weight in ranked)


def _without_overlaps(matches: Iterable[PhraseMatch]) -> tuple[PhraseMatch, ...]:
    """From left to right the longest match that begins after the last one taken."""
    taken: list[PhraseMatch] = []
    for match in sorted(matches, key=lambda match: (match.start, -match.end)):
        if not taken or match.start >= taken[-1].end:
            taken.append(match)
    return tuple(taken)
