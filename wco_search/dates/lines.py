"""A line that is one date and nothing else: `parse_day`, `parse_period`.

Strict, because it decides which lines of a file are dates: it reads whole days, months and years, with their year.
"""

from __future__ import annotations

import datetime as dt
import re

from wco_search.dates.period import YEARS, Period, period_of
from wco_search.dates.vocabulary import month_number

_TIME = r"[t ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:z|utc|gmt|[+-]\d{2}:?\d{2})?"  # read over: a day is wanted
_ISO = re.compile(rf"(\d{{4}})-(\d{{1,2}})(?:-(\d{{1,2}}))?(?:{_TIME})?")
_NUMERIC = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})")
_MONTH_AND_YEAR_IN_NUMBERS = re.compile(r"(\d{1,2})[./](\d{4})")
_WORD = re.compile(r"\d+|[^\W\d]+")
_ORDINAL = frozenset({"st", "nd", "rd", "th", "го", "е"})
_FILLER = frozenset({"г", "гг", "год", "года", "году", "of", "the", "on", "in", "в", "от", "за"})
_WEEKDAYS = re.compile(
    r"(?:понедельник|вторник|сред[аыу]|четверг|пятниц[аыу]|суббот[аыу]|воскресенье|пн|вт|ср|чт|пт|сб|вс"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun)"
)


def parse_day(text: str) -> dt.date | None:
    """The day that *text* writes, or None where it is no single day.

    Example:
        >>> parse_day("30 октября 2020"), parse_day("October 2020")
        (datetime.date(2020, 10, 30), None)
    """
    period = parse_period(text)
    return period.start if period and period.start == period.end else None


def parse_period(text: str) -> Period | None:
    """The day, month or year that *text* writes and nothing else; None where it is none, or does not exist.

    Reads `2020-10-30`, `30.10.2020`, `30/10/2020` (day first), `30 октября 2020 г.`, `October 30th, 2020`, `2020-10`,
    `10.2020`, `октябрь 2020`, `Oct 2020`, `2020`.

    Example:
        >>> str(parse_period("октябрь 2020 г.")), str(parse_period("2020")), parse_period("31 июня 2020")
        ('2020-10-01..2020-10-31', '2020-01-01..2020-12-31', None)
    """
    folded = " ".join(text.split()).casefold()
    if match := _ISO.fullmatch(folded):
        return _period(int(match[1]), int(match[2]), int(match[3]) if match[3] else None)
    if match := _NUMERIC.fullmatch(folded):
        return _period(int(match[4]), int(match[3]), int(match[1]))
    if match := _MONTH_AND_YEAR_IN_NUMBERS.fullmatch(folded):
        return _period(int(match[2]), int(match[1]), None)
    return _parse_words(folded)


def _parse_words(text: str) -> Period | None:
    if re.search(r"[^\w\s.,]", text):  # a sign between the words makes it something else: a range, a code
        return None
    day = month = year = None
    for word in _WORD.findall(text):
        if word.isdecimal():
            if len(word) == 4 and year is None:
                year = int(word)
            elif len(word) <= 2 and day is None:
                day = int(word)
            else:
                return None
        elif (number := month_number(word)) is not None and month is None:
            month = number
        elif not (word in _FILLER or (word in _ORDINAL and day is not None) or _WEEKDAYS.fullmatch(word)):
            return None
    if year is None or (day is not None and month is None):
        return None
    return _period(year, month, day)


def _period(year: int, month: int | None, day: int | None) -> Period | None:
    if year not in YEARS or not 1 <= (1 if month is None else month) <= 12:
        return None
    if month is None:
        return period_of("year", year)
    if day is None:
        return period_of("month", year, month)
    try:
        return period_of("day", year, month, day)
    except ValueError:
        return None
