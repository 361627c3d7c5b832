"""Dates as seen from today: yesterday, last week, the past three days, so long ago."""

from __future__ import annotations

from dataclasses import replace

from wco_search.dates.period import FIRST_DAY, LAST_DAY, Period, Unit, period_of, shifted, unit_around
from wco_search.dates.points import Point, Sign
from wco_search.dates.units import CalendarUnits, Parsed
from wco_search.dates.vocabulary import (
    AGO,
    BOUNDS,
    COMING,
    CURRENT,
    DAYS_AGO,
    DAYS_AHEAD,
    EARLIER,
    INTRODUCTIONS,
    LATER,
    NEXT,
    RECENT,
    SPANS,
    UNITS,
    WEEKDAYS,
    WEEKEND,
)
from wco_search.dates.words import Span

_ON_A_WEEKDAY = frozenset(  # not `в среде`, which is most often no Wednesday
    "понедельник вторник среду четверг пятницу субботу воскресенье".split()
    + "monday tuesday wednesday thursday friday saturday sunday".split()
)
_SEVERAL = frozenset("weeks months quarters years decades лет годов месяцев кварталов десятилетий".split())
_PLURAL_ENDINGS = ("ие", "ые", "их", "ых", "ими", "ыми", "эти")
_SURROUNDINGS = frozenset({"среде", "средой"})  # most often no Wednesday
_SATURDAY = 5


class RelativeDates(CalendarUnits):
    """Reads one point in time that is named by how far it is from today."""

    def _relative(self, i: int) -> Parsed | None:
        rules = (
            self._days_ago, self._neighbour, self._recent, self._ago, self._coming, self._ahead, self._weekend,
            self._to_date, self._earlier_or_later,
        )  # fmt: skip
        return next(filter(None, (rule(i) for rule in rules)), None)

    def _days_ago(self, i: int) -> Parsed | None:
        """Вчера, the day before yesterday; завтра, which is another word as well."""
        if self._reads(i, ("day", "before", "yesterday")):
            return self._days_back(2), i + 3
        if self._reads(i, ("day", "after", "tomorrow")):
            return self._days_back(-2), i + 3
        word = self._at(i).text
        if word in DAYS_AHEAD:
            return replace(self._days_back(-DAYS_AHEAD[word]), sign=Sign.WEAK), i + 1
        return (self._days_back(DAYS_AGO[word]), i + 1) if word in DAYS_AGO else None

    def _days_back(self, days: int) -> Point:
        day = shifted(self._today, "day", -days)
        return Point("day", Sign.STRONG, fixed=Period(day, day))

    def _weekday(self, i: int) -> Parsed | None:
        """The last such day, today included; sure as `в понедельник`, `on Monday`."""
        word = self._at(i).text
        if word not in WEEKDAYS:
            return None
        point = self._days_back((self._today.weekday() - WEEKDAYS[word]) % 7)
        is_sure = self._at(i - 1).text in {"в", "во", "on"} and word in _ON_A_WEEKDAY
        return (point if is_sure else replace(point, sign=Sign.WEAK)), i + 1

    def _neighbour(self, i: int) -> Parsed | None:
        """A unit of the calendar beside the present one, or that: прошлая неделя, this year, last May, next Monday."""
        step, named = self._step(i), self._at(i + 1)
        if step is None:
            return None
        if named.text in WEEKDAYS and step in {-1, 1}:
            if named.text in _SURROUNDINGS:
                return None
            return self._weekday_beside(WEEKDAYS[named.text], step), i + 2
        unit = UNITS.get(named.text)
        if unit and unit != "day":
            is_numbered = self._at(i + 2).is_year or self._at(i + 2).text == "of"  # the last quarter of 2020
            is_plural = named.text in _SEVERAL or self._at(i).text.endswith(_PLURAL_ENDINGS)  # эти годы, coming weeks
            return None if is_numbered or is_plural else (self._unit_here(unit, step), i + 2)
        if step == 0:
            return self._season_here(i + 1)
        return None if step == -2 else self._of_its_name(i + 1, is_over=step == -1)

    def _weekday_beside(self, weekday: int, step: int) -> Point:
        days = (
            (self._today.weekday() - weekday - 1) % 7 + 1
            if step < 0
            else -((weekday - self._today.weekday() - 1) % 7) - 1
        )
        return self._days_back(days)

    def _unit_here(self, unit: Unit, step: int) -> Point:
        return Point(
            unit,
            Sign.STRONG,
            fixed=unit_around(unit, shifted(unit_around(unit, self._today).start or FIRST_DAY, unit, step)),
        )

    def _of_its_name(self, i: int, *, is_over: bool) -> Parsed | None:
        """The last month or season of that name which is over, or the next one to begin."""
        found = self._season(i) or self._month(i)
        if found is None or not found[0].is_undated:
            return None
        point, behind = found
        unit, number = point.unit, point.number or 1
        years = (
            range(self._today.year, self._today.year - 2, -1)
            if is_over
            else range(self._today.year, self._today.year + 3)
        )
        of_years = [period_of(unit, year, number) for year in years]
        fitting = (
            one
            for one in of_years
            if one.start and one.end and (one.end < self._today if is_over else one.start > self._today)
        )
        fixed = next(fitting, None)
        sign = Sign.STRONG if unit == "season" or point.sign >= Sign.NAMED else Sign.WEAK
        return (Point(unit, sign, fixed=fixed), behind) if fixed else None

    def _season_here(self, i: int) -> Parsed | None:
        found = self._season(i)
        if found is None or not found[0].is_undated:
            return None
        year = self._today.year + (self._today.month == 12 and found[0].number == 1)
        return replace(found[0], year=year, sign=Sign.STRONG), found[1]

    def _weekend(self, i: int) -> Parsed | None:
        """Saturday and Sunday: last weekend, в эти выходные, over the weekend, which is the latest that has begun."""
        i = self._behind_article(i)
        step = self._step(i)
        place = i if step is None else i + 1
        is_other = self._at(place + 1).text in {"дни", "дней", "днях", "of", "from"}  # выходные дни, weekend of 5-6 May
        if self._at(place).text not in WEEKEND or is_other or step == -2:
            return None
        if step is None:
            step = -1 if self._today.weekday() < _SATURDAY else 0
            is_sure = self._at(i - 1).text == "the" and self._at(i - 2).text in {"over", "on", "at", "during"}
        else:
            is_sure = self._at(i).text.isascii() or self._at(i - 1).text in INTRODUCTIONS | BOUNDS  # выходные данные
        monday = unit_around("week", shifted(self._today, "week", step)).start or FIRST_DAY
        days = Period(shifted(monday, "day", _SATURDAY), shifted(monday, "day", _SATURDAY + 1))
        return Point("day", Sign.STRONG if is_sure else Sign.WEAK, fixed=days), place + 1

    def _to_date(self, i: int) -> Parsed | None:
        """Year to date, month-to-date."""
        unit = UNITS.get(self._at(i).text)
        words = [self._at(i + k).text for k in range(1, 5) if self._at(i + k).text != "-"][:2]
        if unit is None or unit == "day" or words != ["to", "date"]:
            return None
        is_joined = self._at(i + 1).text == "-"
        if is_joined and not self._reads(i + 1, ("-", "to", "-", "date")):
            return None
        so_far = Period(unit_around(unit, self._today).start, self._today)
        return Point("day", Sign.STRONG, fixed=so_far), i + (5 if is_joined else 3)

    def _earlier_or_later(self, i: int) -> Parsed | None:
        """What is over of the present unit, or left of it: earlier this month, позднее в этом году."""
        word = self._at(i).text
        if word not in EARLIER and word not in LATER:
            return None
        place = i + 1 + (self._at(i + 1).text in INTRODUCTIONS)
        unit = UNITS.get(self._at(place + 1).text)
        if self._at(place).text not in CURRENT or unit is None or unit == "day":
            return None
        here = unit_around(unit, self._today)
        days = Period(here.start, self._today) if word in EARLIER else Period(self._today, here.end)
        return Point("day", Sign.STRONG, fixed=days), place + 2

    def _recent(self, i: int) -> Parsed | None:
        """So many units up to today: за последние 7 дней, the past year; as a value also -7 days."""
        token = self._at(i)
        is_signed = token.text == "-" and self._at(i + 1).number is not None
        found = self._span(i + 1) if token.text in RECENT or is_signed else None
        if found is None or found.amount == 0:
            return None
        is_sure = not found.is_bare or token.text == "past" or self._at(i - 1).text in SPANS
        back = shifted(self._today, found.unit, -found.amount)
        point = Point(
            "day",
            Sign.STRONG if is_sure and not is_signed else Sign.WEAK,
            fixed=Period(back if back == FIRST_DAY else shifted(back, "day", 1), self._today),
            is_cut=back == FIRST_DAY,
        )
        return point, found.end

    def _coming(self, i: int) -> Parsed | None:
        """So many units from today on: в ближайшие три дня, in the next two weeks."""
        token = self._at(i)
        found = self._span(i + 1) if token.text in COMING else None
        if found is None or found.amount == 0 or (found.is_bare and token.text in NEXT):
            return None
        is_sure = not found.is_bare or self._at(i - 1).text in SPANS
        ahead = shifted(self._today, found.unit, found.amount)
        days = Period(self._today, ahead if ahead == LAST_DAY else shifted(ahead, "day", -1))
        return Point("day", Sign.STRONG if is_sure else Sign.WEAK, fixed=days, is_cut=ahead == LAST_DAY), found.end

    def _ago(self, i: int) -> Parsed | None:
        """The unit of the calendar so many back: 3 дня назад is a day, 2 weeks ago a week, полгода назад a month."""
        found = self._span(i) or self._span_turned_round(i)
        if found is None:
            return None
        behind = found.end + (self._at(found.end).text == "тому")
        if self._at(behind).text not in AGO:
            return None
        return self._unit_away(found, -found.amount), behind + 1

    def _ahead(self, i: int) -> Parsed | None:
        """The unit so many ahead: two weeks from now; через неделю, which may be one behind anything."""
        is_through = self._at(i).text == "через"
        found = self._span(i + is_through)
        if found is None or not (is_through or self._reads(found.end, ("from", "now"))):
            return None
        point = self._unit_away(found, found.amount)
        return (replace(point, sign=Sign.WEAK), found.end) if is_through else (point, found.end + 2)

    def _unit_away(self, span: Span, amount: int) -> Point:
        day = shifted(self._today, span.unit, amount)
        return Point(span.unit, Sign.STRONG, fixed=unit_around(span.unit, day), is_cut=day in {FIRST_DAY, LAST_DAY})
