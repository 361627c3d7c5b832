"""Text to the tokens that dates are made of: numbers, words, and single other characters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wco_search.text import fold

DASHES = "-‐‑–—−"

_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|[^\s\x00-\x1f\x7f-\x9f]")
_MOST_DIGITS = 9  # longer numbers are no amounts of anything that a calendar holds


@dataclass(frozen=True, slots=True)
class Token:
    """A number, a word or a character.

    Attributes:
        text: It, folded.
        start, end: Its place.
        number: The value of a number, else None.
        is_spaced: Whether a space stands before it.
        is_capitalised: Whether it begins with a capital letter.
    """

    text: str
    start: int
    end: int
    number: int | None
    is_spaced: bool
    is_capitalised: bool

    @property
    def is_year(self) -> bool:
        """Whether it can be a year: four digits, 1000 to 2999."""
        return self.number is not None and len(self.text) == 4 and self.text[0] in "12"

    @property
    def is_short(self) -> bool:
        """Whether it is a number of one or two digits."""
        return self.number is not None and len(self.text) <= 2


END = Token("", -1, -1, None, is_spaced=True, is_capitalised=False)
"""What stands behind the last token."""


def tokenize(text: str) -> list[Token]:
    """The tokens of *text*.

    Example:
        >>> [token.text for token in tokenize("19-23 Октября")]
        ['19', '-', '23', 'октября']
    """
    tokens = []
    before = -1
    for match in _TOKEN.finditer(text):
        raw = match[0]
        number = int(raw[:_MOST_DIGITS]) if raw.isascii() and raw.isdigit() else None
        word = raw if number is not None or not raw.isalpha() else fold(raw)
        is_spaced = match.start() != before
        tokens.append(Token(word, *match.span(), number, is_spaced, raw[0].isupper()))
        before = match.end()
    return tokens
