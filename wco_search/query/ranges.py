"""Ranges of values: `[a TO b]`, `a..b`, `>=a`."""

from __future__ import annotations

import re

from wco_search.query.syntax import END_PUNCTUATION, MAX_VALUE, QUOTED, QUOTES, RANGE_WORDS, SPACE, unescape, unquote
from wco_search.query.tree import RangeQuery

_MAX = f"{{0,{MAX_VALUE}}}"
_QUOTED = rf'"(?:[^"\\]|\\.){_MAX}"|«[^»]{_MAX}»|“[^”]{_MAX}”|„[^“”]{_MAX}[“”]'
_IN_BRACKETS = rf"{_QUOTED}|(?![{SPACE}])(?:\\.|[^{QUOTES}\\\[\]{{}}]){{1,{MAX_VALUE}}}?"  # `[1 мая 2020 TO *]`
_BARE = rf"{_QUOTED}|(?:\\.|\.(?!\.)|[^{SPACE}{QUOTES}()^.\\]){{1,{MAX_VALUE}}}?"
_END = rf"(?=[{END_PUNCTUATION}?]*(?:[{SPACE})^]|\Z))"
_TO = "|".join(sorted(RANGE_WORDS))

_BRACKETED = re.compile(
    rf"([\[{{])[{SPACE}]*(?:({_IN_BRACKETS})[{SPACE}]+)?(?:{_TO})(?:[{SPACE}]+({_IN_BRACKETS}))?[{SPACE}]*([\]}}])",
    re.DOTALL,
)
_DOTTED = re.compile(rf"({_BARE})?\.\.(?!\.)({_BARE})?{_END}", re.DOTALL)
_COMPARED = re.compile(rf"(>=|<=|>|<)([{SPACE}]*)({_BARE}){_END}", re.DOTALL)
_SECOND_TO = re.compile(rf"(?<![^{SPACE}])(?:{_TO})(?![^{SPACE}])")


def read_range(text: str, pos: int, field: str, *, spaced: bool) -> RangeQuery | None:
    """The range of *field* that stands at *pos* in *text*, its span from there; None where none does.

    With *spaced*, there may be a space between `>` and its value.

    Example:
        >>> read_range('"1 октября 2020"..2021', 0, "date", spaced=True).to_text()
        'date:["1 октября 2020" TO 2021]'
    """
    found = _read_bracketed(text, pos, field) or _read_dotted(text, pos, field)
    return found or _read_compared(text, pos, field, spaced=spaced)


def is_bracketed(text: str, pos: int) -> bool:
    """Whether a range in brackets stands at *pos*.

    Example:
        >>> is_bracketed("[2019 ПО 2020]", 0), is_bracketed("[sic]", 0)
        (True, False)
    """
    return _read_bracketed(text, pos, "") is not None


def _read_bracketed(text: str, pos: int, field: str) -> RangeQuery | None:
    match = _BRACKETED.match(text, pos)
    if match is None:
        return None
    opening, low, high, closing = match.groups()
    if high and high[0] not in QUOTED and _SECOND_TO.search(high):
        return None
    return RangeQuery(field, _value(low), _value(high), opening == "[", closing == "]", span=match.span())


def _read_dotted(text: str, pos: int, field: str) -> RangeQuery | None:
    match = _DOTTED.match(text, pos)
    if match is None or match[0] == "..":
        return None
    return RangeQuery(field, _value(match[1]), _value(match[2]), span=match.span())


def _read_compared(text: str, pos: int, field: str, *, spaced: bool) -> RangeQuery | None:
    match = _COMPARED.match(text, pos)
    if match is None or (match[2] and not spaced):
        return None
    value, inclusive = _value(match[3]), "=" in match[1]
    if match[1][0] == ">":
        return RangeQuery(field, value, None, includes_low=inclusive, span=match.span())
    return RangeQuery(field, None, value, includes_high=inclusive, span=match.span())


def _value(raw: str | None) -> str | None:
    if raw is None or raw == "*":
        return None
    quoted = QUOTED[raw[0]].fullmatch(raw) if raw[0] in QUOTED else None
    return (unquote(quoted) if quoted else unescape(raw)[0]) or None
