"""The spelling of the query language: operators, fields, limits and special characters, and how to write text safely.

Reading (`wco_search.query.lexer`) and writing (`Query.to_text`) both follow this module, so that each undoes the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Operator = Literal["and", "or", "not"]

OPERATORS: Mapping[str, Operator] = {"AND": "and", "И": "and", "OR": "or", "ИЛИ": "or", "NOT": "not", "НЕ": "not"}
"""The operator words; only in capitals, because in small letters they are ordinary words of a sentence."""

RANGE_WORDS = frozenset({"TO", "ПО"})
"""The words between the ends of a range in brackets."""

DOCUMENT_FIELDS = frozenset({"title", "body", "date", "url", "source", "language", "id"})
"""The fields that every document has."""

FIELD_ALIASES: Mapping[str, str] = {
    "заголовок": "title",
    "текст": "body",
    "дата": "date",
    "источник": "source",
    "язык": "language",
    "страна": "country",
    "люди": "people",
    "организации": "organisations",
    "organizations": "organisations",
}
"""Russian names of fields, and one that Americans spell otherwise. A metadata field of the same name wins."""

WEEKDAY = "weekday"
PARTS_OF_DAYS = ("year", "quarter", "month", WEEKDAY)
"""Of a field of days `x`, `x.weekday` is a field as well; so are the others, which mean the same as `x`."""

MAX_CHARS = 10_000  # a page and a half of text; whoever pastes more wants similar documents, not these words
MAX_LEAVES = 1_024  # each leaf is one or more postings lists to walk through, and no person types so many
MAX_DEPTH = 50  # parentheses; a tree so deep stays far from the interpreter's recursion limit (1,000)
MAX_SLOP = 1_000  # words between the words of a phrase; more is "in the same article", which AND says better
MAX_EDITS = 2  # with three, words of five letters match a third of the dictionary
MIN_BOOST, MAX_BOOST = 0.01, 100.0  # outside, one word would silence all others, which AND and NOT say better
MAX_WARNINGS = 20  # more would not be read
MAX_VALUE = 200  # characters of one end of a range; the longest written date takes 30

SPACE = r"\s\x00-\x1f\x7f-\x9f"
"""Inside a character class: what separates words. Control characters do, for they reach queries by copy and paste."""

INVISIBLE = "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
"""Inside a character class: direction marks and the like, unseen before words; inside words folding drops them."""

QUOTED: Mapping[str, re.Pattern[str]] = {
    '"': re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL),
    "«": re.compile("«([^»]*)»"),
    "“": re.compile("“([^”]*)”"),
    "„": re.compile("„([^“”]*)[“”]"),
}
"""A quoted text by its opening quote. Only in straight quotes a backslash escapes."""

QUOTES = '"«»“”„'

END_PUNCTUATION = ",;:!…"
"""What may trail a word and is no part of it, as in "fossils, smuggling"; a full stop is one ("U.S.")."""

_PART = "|".join(PARTS_OF_DAYS)
FIELD = re.compile(rf"(?!(?:https?|ftp|mailto):)([^\W\d]\w{{0,63}}(?:\.(?:{_PART}))?):(?!:|//)", re.IGNORECASE)
"""A field's name and its colon; not the scheme of an address, nor `std::vector`, nor, for its digits, a time of day."""

_ANY_NAME = re.compile(rf"[^\W\d]\w*(?:\.(?:{_PART}))?:", re.IGNORECASE)
_BRACKET = re.compile(r"[\[\]{}]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL = re.compile(
    rf"[\\{QUOTES}()*?~^{SPACE}]"
    r"|&(?=&)|\|(?=\|)|\.(?=\.)"  # one `&`, `|` or `.` means nothing
    r"|\A\W"  # signs, brackets and comparisons have a meaning before a word only
    rf"|[{END_PUNCTUATION}\]}}]\Z"
)
_SPECIAL_IN_PATTERN = re.compile(rf"(?P<kept>\\.|[*?])|{_SPECIAL.pattern}", re.DOTALL)


def quote(text: str) -> str:
    r"""*text* in double quotes, with `"` and `\` inside escaped by `\`.

    Example:
        >>> print(quote('say "yes"'))
        "say \"yes\""
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquote(quoted: re.Match[str]) -> str:
    """The text of a match of one of `QUOTED`.

    Example:
        >>> unquote(QUOTED['"'].match(quote('say "yes"')))
        'say "yes"'
    """
    return re.sub(r'\\(["\\])', r"\1", quoted[1]) if quoted[0][0] == '"' else quoted[1]


def quote_word(text: str) -> str:
    r"""*text* as one word of the query language, with a backslash before whatever would be read as syntax.

    Quotes would not do, because they make a phrase.

    Example:
        >>> print(quote_word("COVID-19"), quote_word("AND"), quote_word("foo:bar"), quote_word("smuggling?"))
        COVID-19 \AND foo\:bar smuggling\?
    """
    return _escape_colon(_quote_characters(text), FIELD)


def quote_fuzzy(text: str) -> str:
    r"""*text* as the word before a `~`; an address is hidden, because in one `~` is an ordinary character.

    Example:
        >>> print(quote_fuzzy("Mikuria"), quote_fuzzy("http://wcoomd.org"))
        Mikuria http\://wcoomd.org
    """
    return _escape_colon(_quote_characters(text), _ANY_NAME)


def quote_pattern(pattern: str) -> str:
    r"""A wildcard pattern as one word of the query language; its `*`, `?` and backslashes stay as they are.

    Example:
        >>> print(quote_pattern("контр*"), quote_pattern("(a*"))
        контр* \(a*
    """
    quoted = _SPECIAL_IN_PATTERN.sub(lambda special: special["kept"] or f"\\{special[0]}", pattern)
    return _escape_colon(quoted, _ANY_NAME)  # in an address, `?` is an ordinary character


def quote_value(text: str) -> str:
    """*text* as one end of a range: bare where that is safe, else in quotes.

    Example:
        >>> print(quote_value("2020-10-01"), quote_value("1 октября 2020"))
        2020-10-01 "1 октября 2020"
    """
    is_bare = is_plain_word(text) and text not in RANGE_WORDS and not _BRACKET.search(text)
    return text if is_bare else quote(text)


def is_plain_word(text: str) -> bool:
    """Whether *text* typed as it is reads as just that word.

    Example:
        >>> is_plain_word("HSC/66"), is_plain_word("НЕ"), is_plain_word("wom?n")
        (True, False, False)
    """
    return text != "" and quote_word(text) == text


def unescape(raw: str) -> tuple[str, str]:
    r"""The text of a word, and its *shape*: the same with escaped characters masked by `\0`, which no rule knows.

    Rules look at the shape, so that none takes an escaped character for syntax; both have the same length.

    Example:
        >>> unescape(r"C\*-algebra*")
        ('C*-algebra*', 'C\x00-algebra*')
    """
    if "\\" not in raw:
        return raw, raw
    return _ESCAPE.sub(r"\1", raw), _ESCAPE.sub("\0", raw)


def write_boost(boost: float) -> str:
    """The suffix that multiplies a leaf's score by *boost*; nothing for 1.

    Example:
        >>> write_boost(2.0), write_boost(0.5), write_boost(1.0)
        ('^2', '^0.5', '')
    """
    return "" if boost == 1.0 else f"^{boost!r}".removesuffix(".0")


def _quote_characters(text: str) -> str:
    return f"\\{text}" if text in OPERATORS else _SPECIAL.sub(r"\\\g<0>", text)


def _escape_colon(word: str, name_and_colon: re.Pattern[str]) -> str:
    name = name_and_colon.match(word)
    return f"{word[: name.end() - 1]}\\{word[name.end() - 1 :]}" if name else word
