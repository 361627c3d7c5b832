"""`Period`, and the calendar: which days a month, a season or a decade has."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Literal

Unit = Literal["day", "week", "month", "quarter", "half", "season", "year", "decade"]

YEARS = range(1000, 3000)
"""Four digits that a news archive can mean by a year; others are numbers."""

FIRST_DAY, LAST_DAY = dt.date(YEARS[0], 1, 1), dt.date(YEARS[-1], 12, 31)

MONTHS_OF: dict[Unit, int] = {"month": 1, "quarter": 3, "season": 3, "half": 6, "year": 12, "decade": 120}
"""How many months a unit has."""

DAYS_OF: dict[Unit, int] = {"day": 1, "week": 7}
"""How many days a unit has."""

_MOST_MONTHS = 12 * (YEARS[-1] - YEARS[0] + 1)
_MOST_DAYS = (LAST_DAY - FIRST_DAY).days + 1


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


def months(year: int, month: int, count: int) -> Period:
    """The *count* months from *month* of *year* on, cut at the ends of the calendar; *month* may lie outside 1 to 12.

    Example:
        >>> str(months(2020, 0, 3))  # the winter that ends in 2020
        '2019-12-01..2020-02-29'
    """
    first = max(12 * year + month - 1, 12 * YEARS[0])
    last = min(max(12 * year + month - 2 + count, first), 12 * YEARS[-1] + 11)
    first = min(first, last)
    end_year, end_month = last // 12, last % 12 + 1
    last_day = calendar.monthrange(end_year, end_month)[1]
    return Period(dt.date(first // 12, first % 12 + 1, 1), dt.date(end_year, end_month, last_day))


def period_of(unit: Unit, year: int, number: int = 1, day: int = 1) -> Period:
    """The *number*-th *unit* of *year*; a decade, and a year, by its (first) year; a day by its month and day.

    Seasons are those of meteorology, whole months: 1 is the winter that ends in *year*, then spring, summer, autumn.
    Weeks are numbered as in ISO 8601; most years have 52.

    Raises:
        ValueError: There is no such day or week.

    Example:
        >>> str(period_of("quarter", 2020, 4)), str(period_of("day", 2020, 2, 29))
        ('2020-10-01..2020-12-31', '2020-02-29')
    """
    if unit == "day":
        only = dt.date(year, number, day)
        return Period(only, only)
    if unit == "week":
        return unit_around("week", dt.date.fromisocalendar(year, number, 1))
    count = MONTHS_OF[unit]
    return months(year, (number - 1) * count + (0 if unit == "season" else 1), count)


def unit_around(unit: Unit, day: dt.date) -> Period:
    """The whole unit of the calendar in which *day* lies; a week begins on Monday (ISO 8601).

    Example:
        >>> str(unit_around("week", dt.date(2020, 11, 15))), str(unit_around("season", dt.date(2020, 12, 1)))
        ('2020-11-09..2020-11-15', '2020-12-01..2021-02-28')
    """
    if unit in DAYS_OF:
        start = shifted(day, "day", -day.weekday()) if unit == "week" else day
        return Period(start, shifted(start, "day", DAYS_OF[unit] - 1))
    if unit == "decade":
        return period_of(unit, day.year - day.year % 10)
    offset = 1 if unit == "season" else 0  # December belongs to the winter of the next year
    place = 12 * day.year + day.month - 1 + offset
    count = MONTHS_OF[unit]
    return months(0, place - place % count - offset + 1, count)


def shifted(day: dt.date, unit: Unit, amount: int) -> dt.date:
    """*day* moved by so many units, to the same day of the month or its last one; cut at the ends of the calendar.

    Example:
        >>> str(shifted(dt.date(2020, 3, 31), "month", -1)), str(shifted(dt.date(2020, 11, 15), "year", -5000))
        ('2020-02-29', '1000-01-01')
    """
    if unit in DAYS_OF:
        move = max(-_MOST_DAYS, min(amount * DAYS_OF[unit], _MOST_DAYS))
        return dt.date.fromordinal(max(FIRST_DAY.toordinal(), min(day.toordinal() + move, LAST_DAY.toordinal())))
    move = max(-_MOST_MONTHS, min(amount * MONTHS_OF[unit], _MOST_MONTHS))
    year, month = divmod(12 * day.year + day.month - 1 + move, 12)
    if year not in YEARS:
        return FIRST_DAY if move < 0 else LAST_DAY
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def third(period: Period, unit: Unit, place: int) -> Period:
    """The beginning (0), middle (1) or end (2) of a period: a third of its months, of a month days 1-10, 11-20, 21-,
    of a week Monday and Tuesday, Wednesday and Thursday, the rest.

    Example:
        >>> year, month = period_of("year", 2019), period_of("month", 2020, 5)
        >>> str(third(year, "year", 2)), str(third(month, "month", 2))
        ('2019-09-01..2019-12-31', '2020-05-21..2020-05-31')
    """
    start, end = period.start or FIRST_DAY, period.end or LAST_DAY
    if unit == "week":
        return Period(shifted(start, "day", 2 * place), end if place == 2 else shifted(start, "day", 2 * place + 1))
    if unit == "month":
        return Period(start.replace(day=1 + 10 * place), end if place == 2 else end.replace(day=10 + 10 * place))
    count = MONTHS_OF[unit] // 3
    return months(start.year, start.month + place * count, count)


MOST_IN: dict[tuple[Unit, Unit], int] = {
    ("week", "day"): 7,
    ("month", "day"): 31, ("month", "week"): 5, ("month", "half"): 2,
    ("quarter", "day"): 92, ("quarter", "week"): 14, ("quarter", "month"): 3,
    ("season", "day"): 92, ("season", "week"): 14, ("season", "month"): 3,
    ("half", "day"): 184, ("half", "week"): 27, ("half", "month"): 6, ("half", "quarter"): 2,
    ("year", "day"): 366, ("year", "week"): 53, ("year", "month"): 12, ("year", "quarter"): 4, ("year", "half"): 2,
    ("decade", "half"): 2, ("decade", "year"): 10,
}  # fmt: skip
"""How many of the second unit the first has, at most; a half of a month or decade is half of its days or years."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a longer time, by its number: its first week, its last three months, its end.

    Weeks are counted from its first day on (or back from its last), seven days each; months and longer ones are those
    of the calendar. Halves of a month end with day 15.

    Attributes:
        unit: What is counted; `third` for its beginning, middle and end, see `third`.
        first: The first of them, from 0; from the end where it is negative, so that -1 is the last.
        count: How many.
    """

    unit: Unit | Literal["third"]
    first: int
    count: int = 1

    def of(self, whole: Period, unit: Unit) -> Period:
        """The days of this part of *whole*, which is a *unit*; what there is not is its last day.

        Example:
            >>> october = period_of("month", 2020, 10)
            >>> [str(part.of(october, "month")) for part in (Part("week", 0), Part("day", -2, 2), Part("half", 1))]
            ['2020-10-01..2020-10-07', '2020-10-30..2020-10-31', '2020-10-16..2020-10-31']
            >>> str(Part("month", 0, 9).of(period_of("year", 2020), "year"))
            '2020-01-01..2020-09-30'
            >>> str(Part("week", 0).of(Period(dt.date(2020, 10, 7), dt.date(2020, 10, 7)), "day"))  # the week of a day
            '2020-10-05..2020-10-11'
        """
        if self.unit == "third":
            return third(whole, unit, self.first)
        start, end = whole.start or FIRST_DAY, whole.end or LAST_DAY
        if unit == "day":
            return unit_around(self.unit, start)
        if (unit, self.unit) == ("month", "half"):
            is_first, is_last = self.first in {0, -2}, self.first + self.count in {0, 2}
            return Period(start if is_first else start.replace(day=16), end if is_last else start.replace(day=15))
        if self.unit in DAYS_OF:
            origin = start if self.first >= 0 else shifted(end, "day", 1)
            found = shifted(origin, self.unit, self.first), shifted(origin, self.unit, self.first + self.count)
            first, last = found[0], shifted(found[1], "day", -1)
        else:
            size = MONTHS_OF[unit] // 2 if self.unit == "half" else MONTHS_OF[self.unit]
            place = self.first * size + (MONTHS_OF[unit] if self.first < 0 else 0)
            found_months = months(start.year, start.month + place, self.count * size)
            first, last = found_months.start or start, found_months.end or end
        return Period(min(max(first, start), end), min(last, end))
