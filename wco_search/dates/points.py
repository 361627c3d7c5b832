"""A written date before it is a period: what it leaves out may stand in the other end of its range."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import IntEnum

from wco_search.dates.period import YEARS, Part, Period, Unit, period_of, shifted

_LEAP_CYCLE = 8  # years from one 29 February to the next, at most


class Sign(IntEnum):
    """How sure it is that words are meant as a date."""

    WEAK = 0  # may, 2525, 1 квартал
    YEAR = 1  # 2020: a number, too
    NAMED = 2  # 2020 год, октябрь: a date, but perhaps what a text is about
    STRONG = 3  # 30 октября, на прошлой неделе


@dataclass(frozen=True, slots=True)
class Point:
    """A day, month, season ... as written.

    Attributes:
        unit: What it is; a day without a month is only the number of one.
        sign: How sure it is that it is a date.
        year, number, day: What was written; `number` is that of the month, quarter, half or season in its year.
        part: What part of it; None for all of it.
        fixed: The period of a relative date, which needs nothing more.
        weekday: Of a weekday whose week is not named, 0 for Monday; `fixed` is the last such day.
        is_cut: Whether an end of the calendar cut it short.
    """

    unit: Unit
    sign: Sign
    year: int | None = None
    number: int | None = None
    day: int | None = None
    part: Part | None = None
    fixed: Period | None = None
    weekday: int | None = None
    is_cut: bool = False

    @property
    def is_number_only(self) -> bool:
        """Whether it is just a number, as `28` in `с 28 по 30 сентября`."""
        return self.unit == "day" and self.number is None and self.fixed is None

    @property
    def is_undated(self) -> bool:
        """Whether its year is not written."""
        return self.year is None and self.fixed is None

    def period(self) -> Period:
        """Its days, where its year is known.

        Raises:
            ValueError: There is no such day.
        """
        whole = self.fixed or period_of(self.unit, self.year or 0, self.number or 1, self.day or 1)
        return whole if self.part is None else self.part.of(whole, self.unit)

    def dated(self, today: dt.date) -> Point:
        """With a year: where none is written, the latest in which it has begun by *today*.

        Raises:
            ValueError: There is no such day in any year.
        """
        if not self.is_undated:
            return self
        for year in range(today.year + 1, today.year - _LEAP_CYCLE - 1, -1):  # a winter begins in the year before
            point = self._in_year(year)
            if point and (point.period().start or today) <= today:
                return point
        raise ValueError("no year has this day")

    def dated_from(self, first: Point) -> Point:
        """With a year: where none is written, the first in which it is not before *first*; of one month, the same.

        Raises:
            ValueError: There is no such day in any year.
        """
        start = first.period().start
        if not self.is_undated or start is None:
            return self
        for year in range(start.year, start.year + _LEAP_CYCLE + 2):
            point = self._in_year(year)
            if point and (self._is_beside(first) or (point.period().start or start) >= start):
                return point
        raise ValueError("no year has this day")

    def dated_until(self, last: Point) -> Point:
        """With a year: where none is written, that of *last*, or the one before if its month would be after that.

        Raises:
            ValueError: There is no such day in that year.
        """
        end = last.period()
        if not self.is_undated or end.start is None:
            return self
        point = replace(self, year=last.year or end.start.year)
        if not self._is_beside(last) and (point.period().start or end.start) > end.start:
            point = replace(point, year=(point.year or 0) - 1)
        return point

    def _is_beside(self, other: Point) -> bool:
        """Whether both are of one month, so that `23-19 октября` is a slip, and not most of a year."""
        return self.unit == other.unit and self.number == other.number

    def beside(self, other: Point, *, is_before: bool) -> Point:
        """A weekday of no named week as the last one up to another day, or the first one from it on."""
        day = other.fixed.start if other.fixed and other.unit == "day" else None
        if day is None or self.weekday is None:
            return self
        days = -((day.weekday() - self.weekday) % 7) if is_before else (self.weekday - day.weekday()) % 7
        own = shifted(day, "day", days)
        return replace(self, fixed=Period(own, own))

    def _in_year(self, year: int) -> Point | None:
        point = replace(self, year=year)
        try:
            _ = point.period() if year in YEARS else None
        except ValueError:
            return None
        return point if year in YEARS else None


def completed(first: Point, last: Point) -> tuple[Point, Point] | None:
    """The ends of a range, each with what only the other one says of month, week or unit; None where they do not fit.

    Example:
        >>> first, last = Point("day", Sign.WEAK, day=28), Point("day", Sign.STRONG, 2020, 9, 30)
        >>> completed(first, last)[0].number
        9
    """
    if first.is_number_only and last.is_number_only:
        return None
    if first.is_number_only:
        if last.fixed or last.part is not None:
            return None
        if last.unit == "day":
            return replace(first, number=last.number), last
        if last.unit in ("quarter", "half"):
            return replace(first, unit=last.unit, number=first.day, day=None), last
        return None
    if last.is_number_only:
        is_day = first.unit == "day" and first.fixed is None
        return (first, replace(last, number=first.number)) if is_day else None
    if first.weekday is not None:
        return first.beside(last, is_before=True), last
    return first, last.beside(first, is_before=False)
