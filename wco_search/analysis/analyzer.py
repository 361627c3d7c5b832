"""`Analyzer`: text to terms, the same for documents and queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from wco_search.analysis import english, russian
from wco_search.analysis.stopwords import is_stop_word
from wco_search.analysis.tokenizer import CHUNK, Chunk, EntryKind, cut
from wco_search.text import CYRILLIC, LATIN

RECIPE = 1
"""Number of the recipe as a whole: raised with every change that gives any text other terms."""

_CACHE_LIMIT = 500_000  # distinct chunks kept: twice the vocabulary of a million short news items; some 150 MB at most

Language = Literal["ru", "en", "other"]

_CYRILLIC_FORM, _LATIN_FORM = (
    re.compile(f"[-']*{script.pattern}{script.pattern[:-1]}'-]*") for script in (CYRILLIC, LATIN)
)


@dataclass(frozen=True, slots=True)
class Token:
    """One form of a text at its place.

    Attributes:
        surface: What is written: `text[start:end]`.
        start, end: Half-open span in code points of the text.
        position: Number of the word in the text, from 0; a whole and pieces share the position of their word.
        form: The folded surface.
        kind: `word`, `part`, `whole` or `piece` (see `wco_search.analysis.tokenizer`).
        terms: What it is indexed by; several where a Russian form has several lemmas.
    """

    surface: str
    start: int
    end: int
    position: int
    form: str
    kind: EntryKind
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenTrace:
    """How one token came about, for `Analyzer.explain`.

    Attributes:
        token: The token.
        language: By which language's rules its terms were made: `ru`, `en`, or `other` (numbers, codes, other scripts).
        lemmas: Dictionary forms, likeliest first; none where the dictionary does not have the form.
        is_stop_word: Whether it weighs little in a query.
    """

    token: Token
    language: Language
    lemmas: tuple[str, ...]
    is_stop_word: bool

    def to_dict(self) -> dict[str, object]:
        """The trace as plain JSON values."""
        token = self.token
        return {
            "surface": token.surface,
            "start": token.start,
            "end": token.end,
            "position": token.position,
            "kind": token.kind,
            "form": token.form,
            "language": self.language,
            "lemmas": list(self.lemmas),
            "terms": list(token.terms),
            "stop_word": self.is_stop_word,
        }


class Analyzer:
    """Cuts text into tokens and gives each its terms, by script, so that one text may mix both languages.

    Holds nothing but caches: threads may share one, and `default_analyzer()` is enough for a program. The dictionaries
    are loaded when the first word of their language is met.

    Example:
        >>> analyzer = Analyzer()
        >>> [(token.surface, token.terms) for token in analyzer.tokens("Изъятие окаменелостей, HSC/66")][:2]
        [('Изъятие', ('изъят',)), ('окаменелостей', ('окаменел',))]
        >>> [token.form for token in analyzer.tokens("HSC/66")]
        ['hsc', '66', 'hsc-66']
    """

    def __init__(self) -> None:
        self._chunks: dict[str, Chunk] = {}
        self._terms: dict[str, tuple[str, ...]] = {}
        self._known: Callable[[str], tuple[str, ...] | None] | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Names everything that the terms depend on; kept in each index, so that the two never drift apart.

        The stemmers' version is left out: the Snowball algorithms are frozen, and tests pin their output.
        """
        return f"recipe {RECIPE}, pymorphy3-dicts-ru {russian.dictionary_version()}"

    def tokens(self, text: str) -> Iterator[Token]:
        """The tokens of *text*, in order of position."""
        base = 0
        for match in CHUNK.finditer(text):
            chunk, origin = self.chunk(match.group()), match.start()
            for entry in chunk.entries:
                start, end = origin + entry.start, origin + entry.end
                position = base + entry.position
                yield Token(text[start:end], start, end, position, entry.form, entry.kind, self.terms(entry.form))
            base += chunk.width

    def chunk(self, text: str) -> Chunk:
        """The entries of one chunk (a match of `CHUNK`), cut once for each distinct one."""
        found = self._chunks.get(text)
        if found is None:
            if len(self._chunks) >= _CACHE_LIMIT:
                self._chunks.clear()
            found = self._chunks[text] = cut(text)
        return found

    def terms(self, form: str) -> tuple[str, ...]:
        """The terms of a folded form, sorted; worked out once for each distinct one."""
        found = self._terms.get(form)
        if found is None:
            if len(self._terms) >= _CACHE_LIMIT:
                self._terms.clear()
            known = None if self._known is None else self._known(form)
            found = self._terms[form] = _make_terms(form) if known is None else known
        return found

    def knowing(self, known: Callable[[str], tuple[str, ...] | None]) -> Analyzer:
        """An analyzer that asks *known* for the terms of a form before it works them out.

        *known* gives the terms that this analyzer gives, or None. An index tells those of every form in it, so that a
        query of such words loads neither dictionary nor stemmer.
        """
        other = Analyzer()
        other._chunks, other._terms, other._known = self._chunks, self._terms, known
        return other

    def explain(self, text: str) -> tuple[TokenTrace, ...]:
        """How *text* is understood, token by token.

        Example:
            >>> for trace in Analyzer().explain("окаменелостей из WCO"):
            ...     print(trace.token.surface, trace.language, trace.lemmas, trace.token.terms, trace.is_stop_word)
            окаменелостей ru ('окаменелость',) ('окаменел',) False
            из ru ('из', 'иза') ('из',) True
            WCO en () ('wco',) False
        """
        return tuple(_trace(token) for token in self.tokens(text))


@cache
def default_analyzer() -> Analyzer:
    """The analyzer that all indexes of a program share."""
    return Analyzer()


def language_of_form(form: str) -> Language:
    """By which language's rules a folded form is analysed; a form with digits or of mixed scripts by neither.

    Example:
        >>> [language_of_form(form) for form in ("таможня", "wco's", "онлайн-курс", "covid-19", "tsqlили", "税関")]
        ['ru', 'en', 'ru', 'other', 'other', 'other']
    """
    if form.isascii() and form.isalpha():  # what the patterns would give, sooner
        return "en"
    if _CYRILLIC_FORM.fullmatch(form):
        return "ru"
    return "en" if _LATIN_FORM.fullmatch(form) else "other"


def _make_terms(form: str) -> tuple[str, ...]:
    language = language_of_form(form)
    if language == "ru":
        return russian.terms(form)
    return english.terms(form) if language == "en" else (form,)


def _trace(token: Token) -> TokenTrace:
    language = language_of_form(token.form)
    lemmas = russian.lemmas(token.form) if language == "ru" else ()
    return TokenTrace(token, language, lemmas, is_stop_word(token.form))
