"""Dates as values (`read_date`) and in free text (`DateFinder`)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from wco_search.dates.grammar import Grammar
from wco_search.dates.lines import parse_period
from wco_search.dates.period import FIRST_DAY, LAST_DAY, Period
from wco_search.dates.points import Sign
from wco_search.dates.tokens import tokenize
from wco_search.dates.units import UNITS_IN_A_YEAR
from wco_search.dates.vocabulary import (
    AGO,
    BEFORE_PREVIOUS,
    COMING,
    CURRENT,
    DAY_OF,
    DAYS_AGO,
    DAYS_OF_A_MONTH,
    DECADES,
    FORTNIGHTS,
    HALVES,
    HOURS,
    LAST,
    MONTH_LIKE,
    NEXT,
    NIGHTS,
    ORDINALS,
    PARTS,
    PARTS_OF_TODAY,
    PLAIN_MONTHS,
    PREVIOUS,
    RECENT,
    SEASONS,
    UNITS,
    WEEKDAYS,
    WEEKEND,
)

_WORD = re.compile(r"[^\W\d_]+")
_SURE = frozenset({*AGO, *DAYS_AGO, *DAY_OF, *WEEKDAYS, *WEEKEND, "tomorrow"})
_NEARNESS = frozenset(
    {*BEFORE_PREVIOUS, *PREVIOUS, *CURRENT, *RECENT, *NEXT, *COMING, *PARTS, *ORDINALS}
    | {"now", "date", "на", "other", "recent", "г"}
)
_WITHOUT_DIGITS = _SURE | _NEARNESS | MONTH_LIKE
_BESIDE_A_MONTH = frozenset({*PREVIOUS, *NEXT, *LAST, *ORDINALS, *SEASONS, "past", "г"})
_NAMED = frozenset({*UNITS, *DAYS_OF_A_MONTH, *SEASONS, *HALVES, *FORTNIGHTS, *HOURS, *NIGHTS, *PARTS_OF_TODAY})
_BESIDE_A_YEAR = frozenset({"г", "гг", "half", "половина", "половине", "половины", *PARTS, *_NAMED}) | frozenset(
    "с со от до по после между from since after before between until till w".split()
    + "позже позднее раньше ранее later earlier starting beginning".split()
)
_NAMES = frozenset({*MONTH_LIKE, *SEASONS, *WEEKDAYS, *DECADES})
_DIGIT = re.compile("[0-9]")
_YEAR = re.compile(r"[12][0-9]{3}(?![0-9])|['’ʼ][0-9]{2}(?![0-9])")
_FULL_DATE = re.compile(r"[0-9]{4}([./-])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([./-])[0-9]{1,2}\2[0-9]{4}")
_SHORT_UNIT = re.compile(r"(?:q[1-4]|h[12])(?![0-9])|[1-4]q|[12]h")
_BEHIND = re.compile(r"[,;:!?….]*(?:[\s\x00-\x1f\x7f-\x9f()\"«»“”„]|\Z)")
_ANY_DAY = dt.date(2000, 1, 1)  # which words are a date does not depend on what day it is, see `Match.is_relative`


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """What a written date means.

    Attributes:
        period: Its days.
        is_cut: Whether an end of the calendar (years 1000 to 2999) cut it short.
    """

    period: Period
    is_cut: bool = False


def read_date(text: str, *, today: dt.date) -> WrittenDate | None:
    """The date that *text* writes and nothing else; None where it is none, or there are no such days.

    Reads all that `parse_period` does, and ranges, seasons, relative dates and the rest of the package's table.

    Example:
        >>> today = dt.date(2020, 11, 15)
        >>> for text in ("с 28 сентября по 1 октября", "winter 2019/20", "на прошлой неделе", "31 июня"):
        ...     written = read_date(text, today=today)
        ...     print(text, "=", written and written.period)
        с 28 сентября по 1 октября = 2020-09-28..2020-10-01
        winter 2019/20 = 2019-12-01..2020-02-29
        на прошлой неделе = 2020-11-02..2020-11-08
        31 июня = None
    """
    period = parse_period(text)
    if period:
        return WrittenDate(period)
    tokens = tokenize(text)
    match = Grammar(tokens, today).expression(0)
    if match is None or match.period is None or match.end != len(tokens):
        return None
    return WrittenDate(_within_calendar(match.period), match.is_cut)


def _within_calendar(period: Period) -> Period:
    """An open side stays open; `today` may be any day, so that a relative date may lie outside."""
    start, end = (None if day is None else max(FIRST_DAY, min(day, LAST_DAY)) for day in (period.start, period.end))
    return Period(start, end)


def may_hold_date(text: str) -> bool:
    """Whether *text* may hold a date that `DateFinder` finds; costs microseconds, and few texts pass in vain.

    Example:
        >>> [may_hold_date(text) for text in ("fossils last week", "5 мая", "HSC/66 and the 1С 8.3", "may 2020")]
        [True, True, False, True]
    """
    lowered = text.lower().replace("ё", "е")
    if text.replace(" ", "").isalpha():  # most queries
        words = lowered.split()
        return not _WITHOUT_DIGITS.isdisjoint(words) and _is_dated_by_words(words)
    words = _WORD.findall(lowered)
    return _is_dated_by_words(words) or (_DIGIT.search(text) is not None and _is_dated_by_digits(text, words))


def _is_dated_by_words(words: Sequence[str]) -> bool:
    if not _SURE.isdisjoint(words):
        return True
    if not (_NEARNESS.isdisjoint(words) or _NAMED.isdisjoint(words)):
        return True
    months = sum([word in MONTH_LIKE for word in words])
    if months != 1:
        return months > 1
    return not _BESIDE_A_MONTH.isdisjoint(words) or (PLAIN_MONTHS.isdisjoint(words) and not CURRENT.isdisjoint(words))


def _is_dated_by_digits(text: str, words: Sequence[str]) -> bool:
    if not MONTH_LIKE.isdisjoint(words):
        return True
    if not _YEAR.search(text):
        return False
    if ".." in text or not _BESIDE_A_YEAR.isdisjoint(words):
        return True
    return _FULL_DATE.search(text) is not None or _SHORT_UNIT.search(text.lower()) is not None


def names_days(word: str) -> bool:
    """Whether a word of a date says of itself which days are meant, not how many, nor on which side of them.

    Example:
        >>> [word for word in "за две недели до 5 ноября 2020".split() if names_days(word)]
        ['5', 'ноября', '2020']
    """
    form = word.lower().replace("ё", "е").strip(".,")
    return form in _NAMES or UNITS.get(form) in UNITS_IN_A_YEAR or _DIGIT.search(form) is not None


class DateFinder:
    """Finds dates in a text of words, only where they are unmistakable.

    Example:
        >>> finder = DateFinder("workshop 19-23 October 2020 in May")
        >>> finder.at(9), finder.at(31), DateFinder("31 июня").at(0)
        ((27, ''), None, (7, 'is no possible date'))
    """

    def __init__(self, text: str, barriers: Collection[str] = ()) -> None:
        """*barriers* are words, as written, that no date goes across."""
        self._text = text
        tokens = tokenize(text)
        if barriers:
            tokens = [replace(one, text="") if text[one.start : one.end] in barriers else one for one in tokens]
        self._ends = [token.end for token in tokens]
        self._places = {token.start: place for place, token in enumerate(tokens)}
        self._grammar = Grammar(tokens, _ANY_DAY)

    def at(self, start: int, *, is_value: bool = False) -> tuple[int, str] | None:
        """Where the date that begins at *start* ends, and why it is none to search by; None where none begins.

        Of one to search by the reason is empty. With *is_value* any date will do, since it was said that one comes.
        """
        place = self._places.get(start)
        match = None if place is None else self._grammar.expression(place)
        if match is None or (match.sign < Sign.STRONG and not is_value):
            return None
        end = self._ends[match.end - 1]
        if not _BEHIND.match(self._text, end):
            return None
        if match.is_any_day:
            return end, "leaves out no day"
        return end, "" if match.period or match.is_relative else "is no possible date"
