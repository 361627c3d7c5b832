"""Dates as seen from today: yesterday, last week, the past three days, so long ago."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import islice

from wco_search.dates.period import FIRST_DAY, LAST_DAY, Period, Unit, period_of, shifted, unit_around
from wco_search.dates.points import Point, Sign
from wco_search.dates.units import CalendarUnits, Parsed
from wco_search.dates.vocabulary import (
    ABOUT,
    AGO,
    BOUNDS,
    COMING,
    CURRENT,
    DAY_OF,
    DAYS_AGO,
    DAYS_AHEAD,
    EARLIER,
    INTRODUCTIONS,
    LAST,
    LATER,
    LESS_THAN,
    MORE_THAN,
    MOST_OF_A_FEW,
    NEAREST,
    NEXT,
    NIGHTS,
    NOW,
    PARTS_OF_TODAY,
    PLAIN_MONTHS,
    PREVIOUS,
    RECENT,
    SEASONS,
    SPANS,
    UNITS,
    UP_TO_NOW,
    WEEKDAYS,
    WEEKEND,
)
from wco_search.dates.words import Span

_ON_A_WEEKDAY = frozenset(  # not `в среде`, which is most often no Wednesday
    "понедельник вторник среду четверг пятницу субботу воскресенье".split()
    + "monday tuesday wednesday thursday friday saturday sunday".split()
)
_JOINING = frozenset("и или and or".split())
_SEVERAL = frozenset("weeks months quarters years decades лет годов месяцев кварталов десятилетий".split())
_PLURAL_ENDINGS = ("ие", "ые", "их", "ых", "ими", "ыми", "эти")
_IN_A_SEASON = frozenset("зимой весной летом осенью".split())  # of other forms, most are of titles: последнее лето
_SURROUNDINGS = frozenset({"среде", "средой"})  # most often no Wednesday
_SATURDAY = 5
_NOW_IN_TWO_WORDS = {("настоящее", "время"), ("настоящего", "времени"), ("сей", "день")}
_FEW_UNITS: dict[str, Unit] = {  # not years, of which one says so where no days are meant
    "дни": "day", "недели": "week", "месяцы": "month", "days": "day", "weeks": "week", "months": "month",
}  # fmt: skip


class RelativeDates(CalendarUnits):
    """Reads one point in time that is named by how far it is from today."""

    def _relative(self, i: int) -> Parsed | None:
        rules = (
            self._days_ago, self._night, self._weekend, self._neighbour, self._recent, self._these_days, self._ago,
            self._coming, self._ahead, self._to_date, self._earlier_or_later, self._this_past, self._before_last,
        )  # fmt: skip
        return next(filter(None, (rule(i) for rule in rules)), None)

    def _days_ago(self, i: int) -> Parsed | None:
        """Вчера, the day before yesterday; завтра, which is another word as well."""
        if self._reads(i, ("day", "before", "yesterday")):
            return self._days_back(2), i + 3
        if self._reads(i, ("day", "after", "tomorrow")):
            return self._days_back(-2), i + 3
        word = self._at(i).text
        is_now = word in NOW or (word == "date" and self._at(i - 1).text == "to")
        if is_now or (word, self._at(i + 1).text) in _NOW_IN_TWO_WORDS:
            return replace(self._days_back(0), sign=Sign.WEAK), i + (1 if is_now else 2)
        if word in DAY_OF and UNITS.get(self._at(i + 1).text) == "day":  # of yesterday one speaks otherwise as well
            day = self._days_back(DAY_OF[word])
            return (day if self._at(i - 1).text in BOUNDS else replace(day, sign=Sign.WEAK)), i + 2
        if word in DAYS_AHEAD:
            return replace(self._days_back(-DAYS_AHEAD[word]), sign=Sign.WEAK), i + 1
        return (self._days_back(DAYS_AGO[word]), i + 1) if word in DAYS_AGO else None

    def _night(self, i: int) -> Parsed | None:
        """Last night, прошлой ночью, which is of two days; this morning."""
        step, named = self._step(i), self._at(i + 1).text
        if step == 0 and named in PARTS_OF_TODAY:
            return self._days_back(0), i + 2
        is_night = named in NIGHTS and (step == -1 or (step == 0 and not named.isascii()))
        if not is_night or self._at(i + 2).text == "of":  # the last night of the festival
            return None
        return self._between(shifted(self._today, "day", -1), self._today), i + 2

    def _between(self, start: dt.date, end: dt.date, sign: Sign = Sign.STRONG) -> Point:
        is_cut = start == FIRST_DAY or end == LAST_DAY
        return Point("day", sign, fixed=Period(start, end), is_cut=is_cut)

    def _days_back(self, days: int) -> Point:
        day = shifted(self._today, "day", -days)
        return Point("day", Sign.STRONG, fixed=Period(day, day))

    def _weekday(self, i: int) -> Parsed | None:
        """The last such day, today included; sure as `в понедельник`, `on Monday`."""
        word = self._at(i).text
        if word not in WEEKDAYS:
            return None
        weekday = WEEKDAYS[word]
        point = replace(self._days_back((self._today.weekday() - weekday) % 7), weekday=weekday)
        is_listed = self._at(i - 1).text in _JOINING and self._at(i - 2).text in _ON_A_WEEKDAY  # on Monday and Tuesday
        before = self._at(i - 3 if is_listed else i - 1).text
        is_sure = before in {"в", "во", "on"} and word in _ON_A_WEEKDAY
        return (point if is_sure else replace(point, sign=Sign.WEAK)), i + 1

    def _neighbour(self, i: int) -> Parsed | None:
        """A unit of the calendar beside the present one, or that: прошлая неделя, this year, last May, next Monday."""
        step, named = self._step(i), self._at(i + 1)
        if named.text in WEEKDAYS and self._at(i).text in NEAREST:
            step = 1
        if step is None:
            is_last = self._at(i).text in LAST and named.text in _IN_A_SEASON
            return self._of_its_name(i + 1, is_over=True) if is_last else None
        if named.text in WEEKDAYS:
            if named.text in _SURROUNDINGS:
                return None
            day = self._weekday_beside(WEEKDAYS[named.text], step)
            is_sure = step != 0 or (named.text in _ON_A_WEEKDAY and named.text != "среду")
            return (day if is_sure else replace(day, sign=Sign.WEAK)), i + 2
        if named.text == "сутки" and step == -1:
            return self._days_back(0), i + 2
        unit = UNITS.get(named.text)
        if unit and unit != "day":
            is_longer = self._reads(i + 2, ("and", "a", "half"))
            is_other = is_longer or self._at(i + 2).is_year or self._at(i + 2).text == "of"  # the last quarter of 2020
            is_plural = named.text in _SEVERAL or self._at(i).text.endswith(_PLURAL_ENDINGS)  # эти годы, coming weeks
            return None if is_other or is_plural else (self._unit_here(unit, step), i + 2)
        if step == 0:
            return self._season_here(i + 1) or self._month_here(i + 1)
        return self._of_its_name(i + 1, is_over=step < 0, others=1 if step == -2 else 0)

    def _weekday_beside(self, weekday: int, step: int) -> Point:
        if not step:  # of this week
            return self._days_back(self._today.weekday() - weekday)
        if step > 0:
            return self._days_back(-((weekday - self._today.weekday() - 1) % 7) - 1)
        return self._days_back((self._today.weekday() - weekday - 1) % 7 + 1 + 7 * (-step - 1))

    def _weekday_of_week(self, i: int) -> Parsed | None:
        """Such a day of a week that is told from today: в четверг на прошлой неделе, last week on Thursday."""
        if self._at(i).text in WEEKDAYS:
            named = self._at(i).text
            found = self._week_here(i + 1 + (self._at(i + 1).text in {"на", "of"}))
            behind = found[1] if found else 0
        else:
            found = self._week_here(i)
            place = found[1] + (self._at(found[1]).text in {"в", "во", "on"}) if found else 0
            named, behind = self._at(place).text, place + 1
        monday = found[0].period().start if found else None
        if monday is None or named not in WEEKDAYS or named in _SURROUNDINGS:
            return None
        day = shifted(monday, "day", WEEKDAYS[named])
        return Point("day", Sign.STRONG, fixed=Period(day, day)), behind

    def _week_here(self, i: int) -> Parsed | None:
        i = self._behind_article(i)
        found = self._neighbour(i) or self._before_last(i) or self._this_past(i)
        return found if found and found[0].unit == "week" else None

    def _unit_here(self, unit: Unit, step: int) -> Point:
        return Point(
            unit,
            Sign.STRONG,
            fixed=unit_around(unit, shifted(unit_around(unit, self._today).start or FIRST_DAY, unit, step)),
        )

    def _of_its_name(self, i: int, *, is_over: bool, others: int = 0) -> Parsed | None:
        """The last month or season of that name which is over, or the next one to begin; *others* lie between."""
        found = self._season(i) or self._month(i)
        if found is None or not found[0].is_undated:
            return None
        point, behind = found
        unit, number = point.unit, point.number or 1
        years = (
            range(self._today.year, self._today.year - 2 - others, -1)
            if is_over
            else range(self._today.year, self._today.year + 3)
        )
        of_years = [period_of(unit, year, number) for year in years]
        fitting = (
            one
            for one in of_years
            if one.start and one.end and (one.end < self._today if is_over else one.start > self._today)
        )
        fixed = next(islice(fitting, others, None), None)
        sign = Sign.STRONG if unit == "season" or point.sign >= Sign.NAMED else Sign.WEAK
        return (Point(unit, sign, fixed=fixed), behind) if fixed else None

    def _season_here(self, i: int) -> Parsed | None:
        found = self._season(i)
        if found is None or not found[0].is_undated:
            return None
        year = self._today.year + (self._today.month == 12 and found[0].number == 1)
        return replace(found[0], year=year, sign=Sign.STRONG), found[1]

    def _month_here(self, i: int) -> Parsed | None:
        """В нынешнем октябре, this October."""
        found = self._month(i)
        if found is None or not found[0].is_undated:
            return None
        sign = Sign.WEAK if self._at(i).text in PLAIN_MONTHS else Sign.STRONG  # this march, this May be
        return replace(found[0], year=self._today.year, sign=sign), found[1]

    def _weekend(self, i: int) -> Parsed | None:
        """Saturday and Sunday: last weekend, в эти выходные, over the weekend, which is the latest that has begun.

        The coming one is that of this week, as long as it has not begun.
        """
        i = self._behind_article(i)
        step = -1 if self._at(i).text == "past" else self._step(i)
        if self._at(i).text in NEAREST:
            step = 0 if self._today.weekday() < _SATURDAY else 1
        place = i if step is None else i + 1
        is_other = self._at(place + 1).text in {"дни", "дней", "днях", "of", "from"}  # выходные дни, weekend of 5-6 May
        is_before_last = step == -2 or self._reads(place + 1, ("before", "last"))
        if self._at(place).text not in WEEKEND or is_other or is_before_last:
            return None
        if step is None:
            step = -1 if self._today.weekday() < _SATURDAY else 0
            is_sure = self._at(i - 1).text == "the" and self._at(i - 2).text in {"over", "on", "at", "during"}
        else:
            is_sure = self._at(i).text.isascii() or self._at(i - 1).text in INTRODUCTIONS | BOUNDS  # выходные данные
        return self._weekend_beside(step, Sign.STRONG if is_sure else Sign.WEAK), place + 1

    def _weekend_beside(self, step: int, sign: Sign) -> Point:
        monday = unit_around("week", shifted(self._today, "week", step)).start or FIRST_DAY
        days = Period(shifted(monday, "day", _SATURDAY), shifted(monday, "day", _SATURDAY + 1))
        return Point("day", sign, fixed=days)

    def _this_past(self, i: int) -> Parsed | None:
        """This past summer, этой прошедшей зимой, this coming Monday: what they are without `this`."""
        beside = self._at(i + 1).text
        if self._at(i).text not in CURRENT or beside not in PREVIOUS | NEAREST | {"past"}:
            return None
        if beside == "past" and self._at(i + 2).text in WEEKDAYS:
            return self._weekday_beside(WEEKDAYS[self._at(i + 2).text], -1), i + 3
        named = None if beside in NEAREST else self._of_its_name(i + 2, is_over=True)
        return named or self._weekend(i + 1) or self._neighbour(i + 1) or self._recent(i + 1)

    def _before_last(self, i: int) -> Parsed | None:
        """The week before last, the Friday before last, the weekend before last."""
        word = self._at(i).text
        unit = UNITS.get(word)
        if not self._reads(i + 1, ("before", "last")):
            return None
        if word in WEEKEND:
            return self._weekend_beside(-2, Sign.STRONG), i + 3
        if (unit is None and word not in WEEKDAYS) or unit == "day":
            return None
        is_other = UNITS.get(self._at(i + 3).text) is not None or self._at(i + 3).text in SEASONS  # before last summer
        point = self._weekday_beside(WEEKDAYS[word], -2) if unit is None else self._unit_here(unit, -2)
        return None if is_other else (point, i + 3)

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
        found = self._span(i + 1) if token.text in UP_TO_NOW or is_signed else None
        if found is None or found.amount == 0 or (found.is_bare and token.text not in RECENT):
            return None
        if found.is_bare and (UNITS.get(self._at(found.end).text) or self._at(found.end).text == "of"):
            return None  # в последний день месяца
        is_other = self._at(i + 1).text in {"день", "day"} and self._at(i - 1).text in {"в", "in"}  # the last of a row
        is_sure = not found.is_bare or token.text == "past" or (self._at(i - 1).text in SPANS and not is_other)
        sign = Sign.STRONG if is_sure and not is_signed else Sign.WEAK
        return self._up_to_now(found.unit, found.amount, sign), found.end

    def _up_to_now(self, unit: Unit, amount: int, sign: Sign) -> Point:
        back = shifted(self._today, unit, -amount)
        return self._between(back if back == FIRST_DAY else shifted(back, "day", 1), self._today, sign)

    def _these_days(self, i: int) -> Parsed | None:
        """A few units up to today, their number left out: the other day, на днях, in recent weeks, за последние дни."""
        if self._reads(i, ("other", "day")) and self._at(i - 1).text == "the":
            return self._up_to_now("day", MOST_OF_A_FEW, Sign.STRONG), i + 2
        if self._at(i).text == "днях" and self._at(i - 1).text == "на":  # на днях открытых дверей
            sign = Sign.WEAK if self._at(i + 1).text.isalpha() else Sign.STRONG
            return self._up_to_now("day", MOST_OF_A_FEW, sign), i + 1
        word, before = self._at(i).text, self._at(i - 1).text
        unit = _FEW_UNITS.get(self._at(i + 1).text) if word == "recent" or word in RECENT else None
        if unit is None or (word.isascii() and word != "recent") or UNITS.get(self._at(i + 2).text):
            return None
        is_sure = word == "recent" or before == "за"  # в последние дни войны
        return self._up_to_now(unit, MOST_OF_A_FEW, Sign.STRONG if is_sure else Sign.WEAK), i + 2

    def _coming(self, i: int) -> Parsed | None:
        """So many units from today on: в ближайшие три дня, in the next two weeks."""
        token = self._at(i)
        found = self._span(i + 1) if token.text in COMING else None
        if found is None or found.amount == 0 or (found.is_bare and token.text in NEXT):
            return None
        is_sure = not found.is_bare or self._at(i - 1).text in SPANS
        ahead = shifted(self._today, found.unit, found.amount)
        last = ahead if ahead == LAST_DAY else shifted(ahead, "day", -1)
        return self._between(self._today, last, Sign.STRONG if is_sure else Sign.WEAK), found.end

    def _ago(self, i: int) -> Parsed | None:
        """The unit of the calendar so many back: 3 дня назад is a day, 2 weeks ago a week, полгода назад a month.

        More than so long ago is before that day, less is behind it up to today.
        """
        word = self._at(i).text
        is_compared = word in ABOUT | MORE_THAN | LESS_THAN
        place = i + is_compared
        place += is_compared and self._at(place).text in {"than", "чем"}
        found = self._span_compared(place) if is_compared else self._span(place) or self._span_turned_round(place)
        if found is None:
            return None
        behind = found.end + (self._at(found.end).text == "тому")
        if self._at(behind).text not in AGO:
            return None
        if word in LESS_THAN:
            return self._up_to_now(found.unit, found.amount, Sign.STRONG), behind + 1
        if word in MORE_THAN:
            last = shifted(shifted(self._today, found.unit, -found.amount), "day", -1)
            return Point("day", Sign.STRONG, fixed=Period(None, last), is_cut=last == FIRST_DAY), behind + 1
        return self._unit_away(found, -1), behind + 1

    def _ahead(self, i: int) -> Parsed | None:
        """The unit so many ahead: two weeks from now; через неделю, which may be one behind anything."""
        is_through = self._at(i).text == "через"
        found = self._span(i + is_through)
        if found is None or not (is_through or self._reads(found.end, ("from", "now"))):
            return None
        point = self._unit_away(found, 1)
        return (replace(point, sign=Sign.WEAK), found.end) if is_through else (point, found.end + 2)

    def _unit_away(self, span: Span, direction: int, origin: dt.date | None = None) -> Point:
        """The unit so far from *origin*, or today; of a few, all that can be meant."""
        start = origin or self._today
        amounts = (2, span.amount) if span.is_few else (span.amount, span.amount)
        first, last = sorted(shifted(start, span.unit, direction * amount) for amount in amounts)
        days = Period(unit_around(span.unit, first).start, unit_around(span.unit, last).end)
        is_cut = not {first, last}.isdisjoint({FIRST_DAY, LAST_DAY})
        return Point("day" if span.is_few else span.unit, Sign.STRONG, fixed=days, is_cut=is_cut)
