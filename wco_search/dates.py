"""Calendar days as people write them, in Russian and English.

`parse_period` reads one written day, month or year; readers use it for date lines, the query language for `date:`
values. A period is a pair of days, both inclusive. Days have no time zone: a newspaper's date is the date printed on
it.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from wco_search.text import fold

_YEARS = range(1000, 3000)  # four digits that a news archive can mean by a year; others are numbers

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


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both inclusive; None is open.

    Example:
        >>> period = Period(dt.date(2020, 10, 1), dt.date(2020, 10, 31))
        >>> dt.date(2020, 10, 31) in period, str(period)
        (True, '2020-10-01..2020-10-31')
    """

    start: dt.date | None
    end: dt.date | None

    def __contains__(self, day: dt.date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def __str__(self) -> str:
        if self.start == self.end:
            return str(self.start)
        return f"{self.start or ''}..{self.end or ''}"


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
    if year not in _YEARS:
        return None
    try:
        first = dt.date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return None
    if day is not None:
        return Period(first, first)
    last_month = 12 if month is None else month
    return Period(first, dt.date(year, last_month, calendar.monthrange(year, last_month)[1]))


def month_number(word: str) -> int | None:
    """1 to 12 for a month's name in Russian or English, in any case form, whole or shortened as CLDR shortens it.

    Example:
        >>> [month_number(word) for word in ("октябрь", "Октября", "октябре", "окт.", "Sept", "May", "март", "марток")]
        [10, 10, 10, 10, 9, 5, 3, None]
    """
    return _months().get(fold(word).rstrip("."))


@cache
def _months() -> Mapping[str, int]:
    """Every spelling of a month's name, from CLDR's names of the months (Unicode CLDR, through Babel)."""
    from babel.dates import get_month_names  # babel takes .1 s to import, and most programs never read a date

    names: dict[str, int] = {"sept": 9, "сен": 9}  # used everywhere, in neither CLDR list
    for locale in ("ru", "en"):
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale).items():
                    names[fold(name).rstrip(".")] = number
    for number, name in get_month_names("wide", "stand-alone", "ru").items():
        stem = fold(name).rstrip("ьй")
        for ending in ("е", "ю", "у", "ем", "ом"):  # prepositional, dative, instrumental
            names[stem + ending] = number
    return names
