"""The library's analysis as a Whoosh analyzer, and the one place where Whoosh is imported.

`ANALYZER` goes wherever Whoosh takes an analyzer, in this library's schema or in any other:

    >>> field = whoosh.fields.TEXT(analyzer=ANALYZER, multitoken_query="or")
    >>> list(field.process_text("Окаменелости в порту"))
    ['окаменел', 'в', 'порт']

Other modules take `whoosh` from here, so that its warnings are dealt with once.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any, Self

from wco_search.analysis import Token, default_analyzer
from wco_search.text import fold

with warnings.catch_warnings():
    # Whoosh 2.7.4 writes regular expressions in plain strings, of which Python warns when it compiles them.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)  # the same, until Python 3.12
    import whoosh.analysis
    import whoosh.codec.base
    import whoosh.collectors
    import whoosh.columns
    import whoosh.fields
    import whoosh.index
    import whoosh.matching
    import whoosh.qparser
    import whoosh.query
    import whoosh.reading
    import whoosh.scoring
    import whoosh.searching
    import whoosh.sorting
    import whoosh.spelling
    import whoosh.writing

_Entry = tuple[str, int, int, int]
"""What a token is indexed by or sought by, its position, and its half-open span."""

_POSITION = attrgetter("position")


class Word(str):
    """A word of a query that has several terms, as a string.

    Whoosh's parser and its spelling corrector hand words on as strings; this one carries its terms with it, for the
    searcher to seek any of them. What does not know of it sees a plain string.

    Attributes:
        terms: The terms.

    Example:
        >>> word = Word("стали", ["стал", "стат"])
        >>> word, word.terms
        ('стали', ('стал', 'стат'))
    """

    __slots__ = ("terms",)

    terms: tuple[str, ...]

    def __new__(cls, text: str, terms: Iterable[str]) -> Self:
        """A word shown as *text* and sought by *terms*."""
        self = super().__new__(cls, text)
        self.terms = tuple(terms)
        return self

    def __getnewargs__(self) -> tuple[str, tuple[str, ...]]:  # type: ignore[override]  # str has one argument, this has two
        return str(self), self.terms


class TextAnalyzer(whoosh.analysis.Analyzer):  # type: ignore[misc]  # Whoosh has no types
    """Yields one Whoosh token for each term at each position, in order of position; use the instance `ANALYZER`.

    Options of Whoosh that change what comes out:

    - `tokenize=False`, asked for the texts of prefixes and patterns: the whole value, folded.
    - `mode="query"` with `chars`, asked for phrases: one token a position, since the words of a phrase must follow each
      other. Where a word has several terms its text is a `Word`, whose first term alone counts on other indexes.
    - `no_morph`, asked for spelling: the folded words as written.
    """

    is_morph = True

    def __call__(
        self,
        value: str,
        *,
        positions: bool = False,
        chars: bool = False,
        keeporiginal: bool = False,
        removestops: bool = True,
        start_pos: int = 0,
        start_char: int = 0,
        mode: str = "",
        **options: Any,
    ) -> Iterator[Any]:
        """The tokens of *value*.

        Raises:
            TypeError: *value* is no string.
        """
        if not isinstance(value, str):
            raise TypeError(f"expected a string, not {type(value).__name__}")
        of_phrase = mode == "query" and chars and removestops  # Whoosh's highlighting asks to keep stop words
        for text, position, start, end in _entries(value, of_phrase=of_phrase, options=options):
            token = whoosh.analysis.Token(positions, chars, removestops, mode)
            token.text = text
            if keeporiginal:
                token.original = value[start:end]
            if positions:
                token.pos = start_pos + position
            if chars:
                token.startchar, token.endchar = start_char + start, start_char + end
            yield token

    def __reduce__(self) -> str:
        return "ANALYZER"  # a schema pickles the name, and no dictionary with it


ANALYZER = TextAnalyzer()
"""The analyzer of all indexes of this library; dictionaries are loaded when it is first used."""


def _entries(value: str, *, of_phrase: bool, options: dict[str, Any]) -> Iterator[_Entry]:
    if not options.get("tokenize", True):
        return iter([(fold(value), 0, 0, len(value))])
    tokens = default_analyzer().tokens(value)
    if options.get("no_morph") or options.get("nomorph"):  # Whoosh 2.7.4 spells it both ways
        return ((token.form, token.position, token.start, token.end) for token in tokens if _is_word(token))
    if of_phrase:
        return ((_word(token), token.position, token.start, token.end) for token in tokens if _is_word(token))
    return _terms(tokens)


def _terms(tokens: Iterable[Token]) -> Iterator[_Entry]:
    """Each term at each position once, which is what lengths and frequencies of an index count."""
    for position, group in groupby(sorted(tokens, key=_POSITION), key=_POSITION):
        found: dict[str, Token] = {}
        for token in group:
            for term in token.terms:
                found.setdefault(term, token)
        yield from ((term, position, token.start, token.end) for term, token in found.items())


def _is_word(token: Token) -> bool:
    return token.kind in ("word", "part")


def _word(token: Token) -> str:
    return Word(token.terms[0], token.terms) if len(token.terms) > 1 else token.terms[0]


__all__ = ["ANALYZER", "TextAnalyzer", "Word", "whoosh"]
