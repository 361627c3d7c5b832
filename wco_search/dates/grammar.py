"""The grammar of written dates: each rule reads tokens from a place on, and gives what it read and the next place.

As a grammar (`x?` is optional)::

    expression   = introduction? (framed | bounded | joined | single)
    framed       = "с" end "по" end | "от" end "до" end | "between" end "and" end | "from" end "to" end ...
                 | ("с" | "from" ...) joined
    bounded      = bound (("и" | "and")? bound)?
    bound        = ("с" | "после" | "до" | "по" | "since" | "after" | "before" | "until" ...) single
    joined       = end ("-" | ".." | "to" | "through" | "по") end | end ("и" | "and") end, one behind the other
    end          = single | day "." month | day ("," year)?           what is left out stands in the other end
    single       = weekday? point
    point        = relative | part | numbers | day month year? | month day year? | month year? | quarter year?
                 | half year? | season years? | decade | year | weekday
    relative     = "вчера" | ("прошлая" | "эта" | "следующая") unit | "последние" span | "ближайшие" span
                 | span ("назад" | "from now") | unit "to date" | ("earlier" | "later") "this" unit ...
    span         = amount? unit | "полгода" | "полтора" unit | amount? unit "and a half" | "fortnight" ...
    part         = ("начало" | "середина" | "конец" | "early" | "mid" | "late" | "end of" ...) (point | unit)
    piece        = (ordinal | "last") amount? (unit | "half") "of"? point | amount months "of"? year
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wco_search.dates.period import FIRST_DAY, LAST_DAY, MOST_IN, Part, Period, Unit, period_of, shifted, unit_around
from wco_search.dates.points import Point, Sign, completed
from wco_search.dates.tokens import DASHES, END, Token
from wco_search.dates.vocabulary import (
    AGO,
    AMOUNTS,
    BEFORE_PREVIOUS,
    COMING,
    CURRENT,
    DAYS_AGO,
    DAYS_AHEAD,
    DAYS_OF_A_MONTH,
    DECADE_ENDINGS,
    DECADES,
    EARLIER,
    FORTNIGHTS,
    HALF_OF,
    HALVES,
    INTRODUCTIONS,
    LAST,
    LATER,
    LONG_INTRODUCTIONS,
    MONTH_LIKE,
    NEXT,
    ONE_AND_A_HALF,
    ORDINAL_ENDINGS,
    ORDINALS,
    PARTS,
    PARTS_WITHOUT_OF,
    PREVIOUS,
    RECENT,
    ROMAN,
    SEASONS,
    SHORT_WEEKDAYS,
    SPANS,
    TEN_DAYS,
    TENS,
    UNITS,
    WEEKDAYS,
    WEEKEND,
    YEAR_WORDS,
    month_number,
)

_FRAMES: dict[str, tuple[frozenset[str], Sign]] = {  # what follows the first end, and how sure an end must be
    "с": (frozenset({"по", "до"}), Sign.YEAR),
    "со": (frozenset({"по", "до"}), Sign.YEAR),
    "от": (frozenset({"до", "по"}), Sign.NAMED),  # от 1900 до 2000 рублей
    "между": (frozenset({"и"}), Sign.NAMED),
    "from": (frozenset({"to", "till", "until", "through"}), Sign.YEAR),
    "between": (frozenset({"and"}), Sign.YEAR),
}
_JOINING_WORDS = frozenset({"to", "through", "till", "until", "по"})
_FROM = frozenset({"с", "со", "from", "since"})
_BEHIND = frozenset({"после", "after"})
_BY = frozenset({"к", "ко", "by"})  # a year behind it is what a forecast is about
_UP_TO = frozenset({"по", "until", "till", "through"}) | _BY
_BEFORE = frozenset({"до", "before"})
_BOUNDS = _FROM | _BEHIND | _UP_TO | _BEFORE
_NEGATED_BOUNDS = {  # не позднее 10 октября, no earlier than 2020
    **dict.fromkeys(("позднее", "позже", "later"), "по"),
    **dict.fromkeys(("ранее", "раньше", "earlier"), "с"),
}
_SURE_BEFORE_A_YEAR = frozenset({"since", "after", "before", "until", "till"})
_AND = frozenset({"и", "and"})
_PERIOD_WORDS = frozenset({"период", "периода", "period"})
_HALF_WORDS = frozenset("половина половины половине половину половиной half".split())
_SHORT_UNITS: dict[str, Unit] = {"q": "quarter", "h": "half"}
_YEAR_LETTERS = {"с": 0, "т": 0, "п": 1}
_MOST = {"quarter": 4, "half": 2}
_ONE_OF = frozenset(  # units in the singular, which need no number: неделю назад, за последний год
    "день сутки неделя неделю неделе месяц месяце квартал квартале полугодие полугодии год году десятилетие".split()
    + "десятилетии".split()
    + "day week month quarter year decade".split()
)
_ON_A_WEEKDAY = frozenset(  # not `в среде`, which is most often no Wednesday
    "понедельник вторник среду четверг пятницу субботу воскресенье".split()
    + "monday tuesday wednesday thursday friday saturday sunday".split()
)
_SEVERAL = frozenset("weeks months quarters years decades лет годов месяцев кварталов десятилетий".split())
_PLURAL_ENDINGS = ("ие", "ые", "их", "ых", "ими", "ыми", "эти")
_SURROUNDINGS = frozenset({"среде", "средой"})  # most often no Wednesday
_LAST_CENTURY = 1900
_LIKELY_YEARS = range(1900, 2100)  # of other bare numbers between `from` and `to`, most are amounts
_SHORTEST_FULL_MONTH = 4  # june, июня; what is shorter is an abbreviation, or may, which is another word as well

_END_PART = Part("third", 2)
_AND_A_HALF = (("and", "a", "half"), ("с", "половиной"))
_SATURDAY = 5
_SOME_DAYS = 10  # первые числа мая: no more than its beginning

Parsed = tuple[Point, int]


@dataclass(frozen=True, slots=True)
class _Span:
    """A length of time: so many units; `is_bare` where no number is written, as in `год назад`; `end` is behind it."""

    unit: Unit
    amount: int
    end: int
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """What an expression means.

    Attributes:
        period: Its days; None if there are no such days.
        end: The place behind its last token.
        sign: How sure it is that it is a date.
        is_cut: Whether an end of the calendar cut it short.
    """

    period: Period | None
    end: int
    sign: Sign
    is_cut: bool


class Grammar:
    """Reads dates in *tokens*, the relative ones as seen on the day *today*."""

    def __init__(self, tokens: Sequence[Token], today: dt.date) -> None:
        self._tokens = tokens
        self._today = today
        self._wholes: tuple[Callable[[int], Parsed | None], ...] = (
            self._relative,
            self._year_first,
            self._day_first,
            self._day_of_month,
            self._month_and_day,
            self._month,
            self._quarter_or_half,
            self._season,
            self._decade,
            self._year,
            self._weekday,
        )
        self._rules = (self._piece, self._part, *self._wholes)

    def expression(self, i: int) -> Match | None:
        """The date that begins at token *i*."""
        for start in dict.fromkeys((i, self._behind_introduction(i))):
            for rule in (self._framed, self._bounded, self._joined, self._alone):
                if found := rule(start):
                    return found
        return None

    def _at(self, i: int) -> Token:
        return self._tokens[i] if 0 <= i < len(self._tokens) else END

    def _behind_introduction(self, i: int) -> int:
        for words in LONG_INTRODUCTIONS:
            if self._reads(i, words):
                return self._behind_article(i + len(words))
        i += self._at(i).text in INTRODUCTIONS
        i = self._behind_article(i)
        return i + (self._at(i).text in _PERIOD_WORDS)

    def _reads(self, i: int, words: Sequence[str]) -> bool:
        return all(self._at(i + place).text == word for place, word in enumerate(words))

    def _behind_article(self, i: int) -> int:
        return i + (self._at(i).text == "the")

    # Ranges

    def _framed(self, i: int) -> Match | None:
        closing, least = _FRAMES.get(self._at(i).text, (frozenset(), Sign.STRONG))
        first = self._end(i + 1) if closing else None
        if first is None:
            return None
        if self._at(first[1]).text not in closing:
            return self._joined(i + 1)  # from 19-23 October
        last = self._end(first[1] + 1)
        return self._range(first[0], last, least) if last else None

    def _joined(self, i: int) -> Match | None:
        first = self._end(i)
        if first is None:
            return None
        if self._at(first[1]).text in _AND:
            last = self._end(first[1] + 1)
            return self._range(first[0], last, Sign.NAMED) if last and self._meet(first[0], last[0]) else None
        joint = self._joint(first[1])
        last = self._end(joint[0]) if joint else None
        return self._range(first[0], last, joint[1]) if joint and last else None

    def _meet(self, first: Point, last: Point) -> bool:
        """Whether one ends where the other begins, whatever day it is: 5 и 6 мая, summer and autumn 2020."""
        ends = None if first.fixed or last.fixed else completed(first, last)
        if ends is None:
            return False
        if last.year is None:
            return first.is_number_only and last.unit == "day" and (first.day or 0) + 1 == last.day
        try:
            end, start = ends[0].dated_until(ends[1]).period().end, ends[1].period().start
        except ValueError:
            return False
        return end is not None and start is not None and shifted(end, "day", 1) == start

    def _joint(self, i: int) -> tuple[int, Sign] | None:
        """The place behind what joins two ends, and how sure one of them must be."""
        token, following = self._at(i), self._at(i + 1)
        if token.text in DASHES and token.text:
            is_sign = token.is_spaced and not following.is_spaced  # `май 2020 -июнь` excludes a word
            return None if is_sign else (i + 1, Sign.NAMED)
        if token.text == "." and following.text == "." and not following.is_spaced:
            return i + 2, Sign.YEAR
        return (i + 1, Sign.NAMED) if token.text in _JOINING_WORDS else None

    def _range(self, written: Point, end: Parsed, least: Sign) -> Match | None:
        ends = completed(written, end[0])
        if ends is None:
            return None
        sign = Sign.STRONG if max(written.sign, end[0].sign) >= least else Sign.WEAK
        return Match(self._period_between(*ends), end[1], sign, any(point.is_cut for point in ends))

    def _period_between(self, first: Point, last: Point) -> Period | None:
        try:
            if not last.is_undated:
                first = first.dated_until(last)
            else:
                first = first.dated(self._today)
                last = last.dated_from(first)
            period = Period(first.period().start, last.period().end)
        except ValueError:
            return None
        is_forward = period.start is None or period.end is None or period.start <= period.end
        return period if is_forward else None

    def _end(self, i: int) -> Parsed | None:
        """One end of a range."""
        return self._single(i) or self._day_and_month_in_numbers(i) or self._day_only(i)

    def _day_and_month_in_numbers(self, i: int) -> Parsed | None:
        day, dot, month = (self._at(i + k) for k in range(3))
        is_date = day.is_short and dot.text == "." and month.is_short and not (dot.is_spaced or month.is_spaced)
        if not is_date or not 1 <= (day.number or 0) <= 31 or not 1 <= (month.number or 0) <= 12:
            return None
        return Point("day", Sign.WEAK, number=month.number, day=day.number), i + 3

    def _day_only(self, i: int) -> Parsed | None:
        found = self._day_number(self._behind_article(i))
        if found is None:
            return None
        day, i = found
        year = self._written_year(i)
        return Point("day", Sign.WEAK, year[0] if year else None, day=day), year[1] if year else i

    # Open ends

    def _bounded(self, i: int) -> Match | None:
        one = self._bound(i)
        if one is None:
            return None
        other = self._bound(one.end + (self._at(one.end).text in _AND))
        if other is None or one.period is None or other.period is None:
            return one
        start, end = one.period.start or other.period.start, one.period.end or other.period.end
        if start is None or end is None:
            return one
        period = Period(start, end) if start <= end else None
        return Match(period, other.end, max(one.sign, other.sign), one.is_cut or other.is_cut)

    def _bound(self, i: int) -> Match | None:
        word = self._at(i).text
        if word in {"не", "no", "not"}:
            word, i = _NEGATED_BOUNDS.get(self._at(i + 1).text, ""), i + 1
            i += self._at(i + 1).text == "than"
        if word not in _BOUNDS:
            return None
        if word in _FROM and (begun := self._unit_begun(i + 1)):
            return begun
        if word in _UP_TO | _BEFORE and (ended := self._unit_ended(i + 1)):
            return ended
        found = self._single(i + 1)
        if found is None:
            return None
        point, behind = found
        is_year = point.unit == "year"
        if word in _BY or not is_year or point.part is not None:
            least = Sign.STRONG
        else:
            least = Sign.YEAR if word in _SURE_BEFORE_A_YEAR else Sign.NAMED
        sign = Sign.STRONG if point.sign >= least else Sign.WEAK
        return Match(self._open_period(word, point), behind, sign, point.is_cut)

    def _unit_begun(self, i: int) -> Match | None:
        """From the first day of the unit that is now: с начала года, since the beginning of the month."""
        found = self._end_of_a_unit(i, 0)
        return found and Match(
            Period(unit_around(found[0], self._today).start, None), found[1], Sign.STRONG, is_cut=False
        )

    def _unit_ended(self, i: int) -> Match | None:
        """Up to the last day of the unit that is now: до конца года, by the end of this month."""
        found = self._end_of_a_unit(i, 2)
        return found and Match(
            Period(None, unit_around(found[0], self._today).end), found[1], Sign.STRONG, is_cut=False
        )

    def _end_of_a_unit(self, i: int, place: int) -> tuple[Unit, int] | None:
        """A unit named alone, of which the beginning or end is spoken of: начала года, the end of this month."""
        i = self._behind_article(i)
        if PARTS.get(self._at(i).text) != place or self._at(i).text in PARTS_WITHOUT_OF:
            return None
        i += 1 + (self._at(i + 1).text == "of")
        has_article = self._at(i).text in {"the", *CURRENT}
        i = self._behind_article(i)
        i += self._at(i).text in CURRENT
        unit = UNITS.get(self._at(i).text)
        is_other = self._at(i + 1).is_year or self._at(i).text in {"лет", "г"}
        if unit is None or unit == "day" or is_other or (self._at(i).text.isascii() and not has_article):
            return None
        return unit, i + 1

    def _open_period(self, word: str, point: Point) -> Period | None:
        """The days that *word* sets apart; `до` a day or end includes it, as in offers; до 2020 года ends with 2019."""
        try:
            period = point.dated(self._today).period()
        except ValueError:
            return None
        if period.start is None or period.end is None:
            return None
        if word in _FROM:
            return Period(period.start, None)
        if word in _BEHIND:
            return Period(shifted(period.end, "day", 1), None)
        is_inclusive = word in _UP_TO or (word == "до" and point.unit == "day") or point.part == _END_PART
        return Period(None, period.end if is_inclusive else shifted(period.start, "day", -1))

    # One point in time

    def _alone(self, i: int) -> Match | None:
        found = self._single(i)
        if found is None:
            return None
        point, behind = found
        return Match(self._whole(point), behind, point.sign, point.is_cut)

    def _whole(self, point: Point) -> Period | None:
        try:
            return point.dated(self._today).period()
        except ValueError:
            return None

    def _single(self, i: int) -> Parsed | None:
        token = self._at(i)
        if token.text in WEEKDAYS or token.text in SHORT_WEEKDAYS:
            day = self._point(i + 1 + (self._at(i + 1).text in {",", "."}))
            if day and day[0].unit == "day" and day[0].number:
                return day
        return self._point(i)

    def _point(self, i: int) -> Parsed | None:
        i = self._behind_article(i)
        if not self._at(i).text:
            return None
        for rule in self._rules:
            if found := rule(i):
                return found
        return None

    def _relative(self, i: int) -> Parsed | None:
        rules = (
            self._days_ago, self._neighbour, self._recent, self._ago, self._coming, self._ahead, self._weekend,
            self._to_date, self._earlier_or_later, self._week_of,
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

    def _step(self, i: int) -> int | None:
        """How many units of the calendar a word leads on: прошлая, this, следующая."""
        word = self._at(i).text
        if word in BEFORE_PREVIOUS:
            return -2
        if word in PREVIOUS:
            return -1
        return 0 if word in CURRENT else 1 if word in NEXT else None

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
            is_sure = self._at(i).text.isascii() or self._at(i - 1).text in INTRODUCTIONS | _BOUNDS  # выходные данные
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

    def _week_of(self, i: int) -> Parsed | None:
        """The week in which a day lies: the week of 5 October 2020."""
        if not self._reads(i, ("week", "of")):
            return None
        found = self._single(i + 2)
        if found is None or found[0].unit != "day" or found[0].number is None or found[0].part:
            return None
        return replace(found[0], part=Part("week", 0)), found[1]

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

    def _unit_away(self, span: _Span, amount: int) -> Point:
        day = shifted(self._today, span.unit, amount)
        return Point(span.unit, Sign.STRONG, fixed=unit_around(span.unit, day), is_cut=day in {FIRST_DAY, LAST_DAY})

    def _span(self, i: int) -> _Span | None:
        """A length of time: 3 дня, год, полгода, half a year, полтора месяца, two and a half years, a fortnight."""
        return self._half_span(i) or self._counted_span(i)

    def _half_span(self, i: int) -> _Span | None:
        word = self._at(i).text
        if word in HALVES:
            return _Span(*HALVES[word], i + 1)
        if word not in ONE_AND_A_HALF and word != "half":
            return None
        i += 1 + (word == "half" and (self._at(i + 1).text in {"a", "an"} or self._at(i + 1).text in DASHES))
        unit = UNITS.get(self._at(i).text)
        half = HALF_OF.get(unit) if unit else None
        if half is None:
            return None
        return _Span(half[0], half[1] * (3 if word in ONE_AND_A_HALF else 1), i + 1)

    def _counted_span(self, i: int) -> _Span | None:
        i += self._at(i).text in {"a", "an"} and self._at(i + 1).text == "couple"
        is_couple = self._at(i).text == "couple"
        amount, i = self._amount(i)
        i += is_couple and self._at(i).text == "of"
        halves, i = self._and_a_half(i)
        word = self._at(i).text
        if word in FORTNIGHTS:
            unit, size = FORTNIGHTS[word]
            return _Span(unit, size * (1 if amount is None else amount), i + 1)
        named = UNITS.get(word)
        if named is None or (amount is None and word not in _ONE_OF):
            return None
        again, behind = self._and_a_half(i + 1)
        number = 1 if amount is None else amount
        if not halves and not again:
            return _Span(named, number, i + 1, is_bare=amount is None)
        half = HALF_OF.get(named)
        return None if half is None else _Span(half[0], half[1] * (2 * number + 1), behind if again else i + 1)

    def _and_a_half(self, i: int) -> tuple[bool, int]:
        words = next((words for words in _AND_A_HALF if self._reads(i, words)), ())
        return bool(words), i + len(words)

    def _span_turned_round(self, i: int) -> _Span | None:
        """Года два, недели три: about so many."""
        unit = UNITS.get(self._at(i).text)
        amount, behind = self._amount(i + 1)
        return None if unit is None or amount is None or self._at(i).text.isascii() else _Span(unit, amount, behind)

    def _amount(self, i: int) -> tuple[int | None, int]:
        token = self._at(i)
        amount = AMOUNTS.get(token.text) if token.number is None else token.number
        return amount, i if amount is None else i + 1

    def _part(self, i: int) -> Parsed | None:
        word = self._at(i).text
        if word not in PARTS:
            return None
        following = self._at(i + 1)
        is_dashed = following.text in DASHES and not following.is_spaced and not self._at(i + 2).is_spaced
        if word in PARTS_WITHOUT_OF:
            behind = i + 1 + (following.text == "of" or following.text in DASHES)
        elif word.isascii() and not is_dashed and following.text != "of":
            return None
        else:
            behind = i + 1 + (following.text == "of" or (word.isascii() and is_dashed))
        is_part_again = self._at(self._behind_article(behind)).text in PARTS  # which would nest without end
        found = None if is_part_again else self._point(behind)
        if found is None or found[0].unit == "day" or found[0].part is not None:
            return self._part_of_present_unit(i)
        point = found[0]
        is_sure = point.sign >= (Sign.YEAR if point.unit == "year" else Sign.STRONG)
        return replace(point, part=Part("third", PARTS[word]), sign=Sign.STRONG if is_sure else Sign.WEAK), found[1]

    def _part_of_present_unit(self, i: int) -> Parsed | None:
        """В конце года, at the start of the month: the latest that has begun."""
        place = PARTS[self._at(i).text]
        found = self._end_of_a_unit(i, place)
        if found is None or found[0] == "decade":
            return None
        unit, behind = found
        before = self._behind_article(i) - 1
        before -= self._at(before).text == "the"
        part = Part("third", place)
        point = Point(unit, Sign.STRONG, fixed=unit_around(unit, self._today), part=part)
        if (point.period().start or self._today) > self._today:
            point = replace(point, fixed=unit_around(unit, shifted(self._today, unit, -1)))
        return (point if self._at(before).text in INTRODUCTIONS else replace(point, sign=Sign.WEAK)), behind

    def _piece(self, i: int) -> Parsed | None:
        """Units of a longer time by their number: первая неделя октября, the last three months of 2019."""
        place, behind = self._place_in_row(i)
        amount, behind = self._amount(behind)
        named = self._at(behind)
        unit = self._unit_of_pieces(named)
        if unit is None or (place is None and (amount is None or unit != "month" or named.text in _ONE_OF)):
            return None
        has_of = self._at(behind + 1).text == "of"
        found = self._whole_point(behind + 1 + has_of) if has_of or not named.text.isascii() else None
        if found is None or not self._is_divided(found[0], place):
            return None
        whole, end = found
        part = self._part_of(whole.unit, unit, place or 0, amount, named.text)
        if part is None:
            return None
        is_sure = whole.sign >= Sign.NAMED or (whole.unit == "year" and whole.sign >= Sign.YEAR)
        return replace(whole, part=part, sign=Sign.STRONG if is_sure else Sign.WEAK), end

    def _place_in_row(self, i: int) -> tuple[int | None, int]:
        """The number of an ordinal from 0, or -1 for the last; None where none is written."""
        token = self._at(i)
        if token.text in LAST:
            return -1, i + 1
        if token.text in ORDINALS:
            return ORDINALS[token.text] - 1, i + 1
        behind = self._behind_ending(i + 1)
        if token.is_short and token.number and behind > i + 1:
            return token.number - 1, behind
        return None, i

    def _unit_of_pieces(self, named: Token) -> Unit | None:
        if named.text in TEN_DAYS:
            return "month"  # see `_part_of`
        if named.text in _HALF_WORDS:
            return "half"
        return "day" if named.text in DAYS_OF_A_MONTH else UNITS.get(named.text)

    def _whole_point(self, i: int) -> Parsed | None:
        i = self._behind_article(i)
        return next(filter(None, (rule(i) for rule in self._wholes)), None)

    def _is_divided(self, whole: Point, place: int | None) -> bool:
        """Whether units of it can be meant; where it is not said which, of a year only: за девять месяцев 2020 года."""
        return whole.part is None and not whole.is_number_only and (place is not None or whole.unit == "year")

    def _part_of(self, whole: Unit, unit: Unit, place: int, amount: int | None, word: str) -> Part | None:
        if word in TEN_DAYS:
            return Part("third", place % 3) if whole == "month" and amount is None and place < 3 else None
        if amount is None and word in DAYS_OF_A_MONTH:
            amount = _SOME_DAYS if place in {0, -1} and whole == "month" else None
        elif amount is None:
            is_named_itself = unit in _MOST and whole == "year" and place >= 0  # I квартал 2020
            amount = 1 if not is_named_itself and (word in _ONE_OF or word in _HALF_WORDS) else None
        most = MOST_IN.get((whole, unit), 0)
        if amount is None or amount < 1 or (place + 1) * amount > most or amount > most:
            return None
        return Part(unit, place * amount, amount)

    # Numbers alone

    def _in_numbers(self, i: int) -> tuple[list[Token], str]:
        """Up to three numbers with one sign between them, not spaced, and that sign."""
        numbers, sign = [self._at(i)], self._at(i + 1).text
        while len(numbers) < 3 and sign and sign in "-./":
            mark, number = self._at(i + 2 * len(numbers) - 1), self._at(i + 2 * len(numbers))
            if mark.text != sign or mark.is_spaced or number.number is None or number.is_spaced:
                break
            numbers.append(number)
        return numbers, sign

    def _year_first(self, i: int) -> Parsed | None:
        """2020-10-30, 2020.10.30, 2020/10/30, 2020-10, 2020 Q1."""
        if not self._at(i).is_year:
            return None
        numbers, sign = self._in_numbers(i)
        year, *rest = (number.number or 0 for number in numbers)
        if not all(number.is_short for number in numbers[1:]) or (rest and not 1 <= rest[0] <= 12):
            return None
        if len(rest) == 2 and 1 <= rest[1] <= 31:
            return Point("day", Sign.STRONG, year, rest[0], rest[1]), i + 5
        if len(rest) == 1 and sign == "-":
            return Point("month", Sign.YEAR, year, rest[0]), i + 3
        short = None if rest else self._short_unit(i + 1 + (sign == "-"))
        return (replace(short[0], year=year, sign=Sign.STRONG), short[1]) if short else None

    def _day_first(self, i: int) -> Parsed | None:
        """30.10.2020, 30/10/2020, 30-10-2020; 10.2020, 10/2020."""
        numbers, sign = self._in_numbers(i)
        if len(numbers) < 2 or not numbers[-1].is_year or not all(number.is_short for number in numbers[:-1]):
            return None
        *day, month, year = (number.number or 0 for number in numbers)
        if not 1 <= month <= 12 or not all(1 <= number <= 31 for number in day) or (sign == "-" and not day):
            return None
        behind = self._behind_year_word(i + 2 * len(numbers) - 1)
        if day:
            return Point("day", Sign.STRONG, year, month, day[0]), behind
        return Point("month", Sign.YEAR, year, month), behind

    # Days and months with names

    def _month_name(self, i: int) -> tuple[int, int] | None:
        token = self._at(i)
        number = month_number(token.text) if token.text in MONTH_LIKE else None
        if number is None:
            return None
        dot = self._at(i + 1)
        has_dot = dot.text == "." and not dot.is_spaced and len(token.text) <= 4
        is_range = has_dot and self._at(i + 2).text == "." and not self._at(i + 2).is_spaced  # мая..июня
        return number, i + 1 + (has_dot and not is_range)

    def _is_plain_word(self, token: Token) -> bool:
        """Whether the name of a month is most often another word: may, march, dec."""
        is_other = len(token.text) < _SHORTEST_FULL_MONTH or token.text in {"march", "sept"}
        return token.text.isascii() and is_other and not token.is_capitalised

    def _day_number(self, i: int) -> tuple[int, int] | None:
        """30, 30th, 30-го, тридцатого, двадцать первого."""
        token = self._at(i)
        tens = TENS.get(token.text, 0)
        if tens:
            i += 1 + (self._at(i + 1).text in DASHES)
            token = self._at(i)
        day = token.number if token.is_short and not tens else ORDINALS.get(token.text)
        if day is None or not 1 <= tens + day <= 31 or (tens and day > 9):
            return None
        return tens + day, self._behind_ending(i + 1) if token.number is not None else i + 1

    def _behind_ending(self, i: int) -> int:
        """The place behind the ending of an ordinal number in digits: 1-й, 1st."""
        token, following = self._at(i), self._at(i + 1)
        if token.text in ORDINAL_ENDINGS and not token.is_spaced:
            return i + 1
        is_joined = not token.is_spaced and not following.is_spaced
        return i + 2 if token.text == "-" and is_joined and following.text in ORDINAL_ENDINGS else i

    def _day_of_month(self, i: int) -> Parsed | None:
        """30 октября 2020 г., the 30th of October, первого октября."""
        found = self._day_number(i)
        if found is None:
            return None
        day, place = found
        place += self._at(place).text == "of"
        month = self._month_name(place) or self._month_behind_dash(place)
        return self._with_day(place, day, *month) if month else None

    def _month_behind_dash(self, i: int) -> tuple[int, int] | None:
        """The `-Oct-` of 15-Oct-2020."""
        signs = self._at(i), self._at(i + 2)
        if [sign.text for sign in signs] != ["-", "-"] or any(sign.is_spaced for sign in signs):
            return None
        month = self._month_name(i + 1) if self._at(i + 3).is_year else None
        return (month[0], i + 3) if month else None

    def _month_and_day(self, i: int) -> Parsed | None:
        """October 30th, 2020; English only, since in Russian `март 8` is no day."""
        month = self._month_name(i) if self._at(i).text.isascii() else None
        found = self._day_number(self._behind_article(month[1])) if month and not self._is_glued(month[1]) else None
        return self._with_day(i, found[0], month[0], found[1]) if month and found else None

    def _with_day(self, place: int, day: int, month: int, behind: int) -> Parsed:
        """The day; *place* is that of the month's name."""
        year = self._year_behind(behind)
        is_sure = year is not None or not self._is_plain_word(self._at(place))
        point = Point("day", Sign.STRONG if is_sure else Sign.WEAK, year[0] if year else None, month, day)
        return point, year[1] if year else behind

    def _month(self, i: int) -> Parsed | None:
        found = self._month_name(i)
        if found is None:
            return None
        number, behind = found
        year = self._year_behind(behind)
        if year:
            return Point("month", Sign.STRONG, year[0], number), year[1]
        return Point("month", Sign.WEAK if self._is_plain_word(self._at(i)) else Sign.NAMED, None, number), behind

    def _year_behind(self, i: int) -> tuple[int, int] | None:
        """The year that a date ends with: 2020 г., of 2020, прошлого года, last year."""
        written = self._written_year(i)
        if written:
            return written
        i += self._at(i).text == "of"
        step = self._step(i)
        if step is not None and UNITS.get(self._at(i + 1).text) == "year":
            return self._today.year + step, i + 2
        return self._year_in_letters(i)

    def _year_in_letters(self, i: int) -> tuple[int, int] | None:
        """С.г., т.г. and п.г.: this year and the last one."""
        back = _YEAR_LETTERS.get(self._at(i).text)
        dot, letter, last = (self._at(i + place) for place in (1, 2, 3))
        if back is None or (dot.text, letter.text) != (".", "г") or dot.is_spaced:
            return None
        return self._today.year - back, i + 3 + (last.text == "." and not last.is_spaced)

    def _written_year(self, i: int) -> tuple[int, int] | None:
        i += self._at(i).text in {"of", ","}
        token = self._at(i)
        if not token.is_year or self._is_glued(i):
            return None
        return token.number or 0, self._behind_year_word(i + 1)

    def _is_glued(self, i: int) -> bool:
        """Whether the number hangs on a word, as in the code MAY2020."""
        return not self._at(i).is_spaced and self._at(i - 1).text.isalpha()

    def _behind_year_word(self, i: int) -> int:
        token, dot = self._at(i), self._at(i + 1)
        if token.text not in YEAR_WORDS:
            return i
        is_abbreviated = token.text in {"г", "гг"} and dot.text == "." and not dot.is_spaced
        return i + 1 + is_abbreviated

    # Parts of the year, and years

    def _quarter_or_half(self, i: int) -> Parsed | None:
        found = self._short_unit(i) or self._numbered_unit(i)
        if found is None:
            return None
        point, behind = found
        behind += self._at(behind).text in "-/" and self._at(behind + 1).is_year  # Q1/2020
        year = self._year_behind(behind)
        return (replace(point, year=year[0], sign=Sign.STRONG), year[1]) if year else (point, behind)

    def _short_unit(self, i: int) -> Parsed | None:
        """Q1, 1Q, H2, 2H."""
        tokens = [self._at(i), self._at(i + 1)]
        letter, digit = tokens if tokens[1].number is not None else tokens[::-1]
        unit = _SHORT_UNITS.get(letter.text)
        if unit is None or tokens[1].is_spaced or not 1 <= (digit.number or 0) <= _MOST[unit] or len(digit.text) > 1:
            return None
        return Point(unit, Sign.WEAK, number=digit.number), i + 2

    def _numbered_unit(self, i: int) -> Parsed | None:
        """1 квартал, 1-й кв., I квартал, first quarter, первое полугодие, first half, первая половина."""
        token = self._at(i)
        number = ROMAN.get(token.text) or ORDINALS.get(token.text) or (token.number if token.is_short else None)
        behind = self._behind_ending(i + 1) if token.number is not None else i + 1
        behind += self._at(behind).text == "-" and not self._at(behind + 1).is_spaced and token.text in ORDINALS
        named = self._at(behind)
        unit: Unit | None = "half" if named.text in _HALF_WORDS else UNITS.get(named.text)
        if unit is None or unit not in _MOST or number is None or not 1 <= number <= _MOST[unit]:
            return None
        dot = self._at(behind + 1)
        has_dot = named.text == "кв" and dot.text == "." and not dot.is_spaced
        return Point(unit, Sign.WEAK, number=number), behind + 1 + has_dot

    def _season(self, i: int) -> Parsed | None:
        """Зима 2019-2020, winter 2019/20, весной 2020 года; the winter of one year is the one that ends in it."""
        number = SEASONS.get(self._at(i).text)
        if number is None:
            return None
        winter = self._two_years(i + 1)
        if winter and number != 1:
            return None
        if year := winter or self._year_behind(i + 1):
            return Point("season", Sign.STRONG, year[0], number), year[1]
        return Point("season", Sign.WEAK, number=number), i + 1

    def _two_years(self, i: int) -> tuple[int, int] | None:
        """The second of two years in a row, as 2019-2020 or 2019/20."""
        i += self._at(i).text == "of"
        first, mark, second = (self._at(i + k) for k in range(3))
        if not first.is_year or not mark.text or mark.text not in DASHES + "/" or len(second.text) not in {2, 4}:
            return None
        following = (first.number or 0) + 1
        return (following, self._behind_year_word(i + 3)) if str(following).endswith(second.text) else None

    def _decade(self, i: int) -> Parsed | None:
        """2010-е, 1990-х годов, 2010s; 90-е годы, девяностые, the nineties: of the last century."""
        token = self._at(i)
        if token.text in DECADES:
            return Point("decade", Sign.WEAK, _LAST_CENTURY + DECADES[token.text]), self._behind_year_word(i + 1)
        number = token.number or 0
        is_short = len(token.text) == 2 and number in DECADES.values()
        if number % 10 or not (token.is_year or is_short):
            return None
        i += 1 + (self._at(i + 1).text == "-" and not self._at(i + 1).is_spaced)
        ending, behind = self._at(i), self._behind_year_word(i + 1)
        if ending.text not in DECADE_ENDINGS or ending.is_spaced or (is_short and behind == i + 1):
            return None
        return Point("decade", Sign.WEAK, _LAST_CENTURY + number if is_short else number), behind

    def _year(self, i: int) -> Parsed | None:
        token = self._at(i)
        if not token.is_year:
            return None
        behind = self._behind_year_word(i + 1)
        likely = Sign.YEAR if token.number in _LIKELY_YEARS else Sign.WEAK
        return Point("year", Sign.NAMED if behind > i + 1 else likely, token.number), behind

    def _weekday(self, i: int) -> Parsed | None:
        """The last such day, today included; sure as `в понедельник`, `on Monday`."""
        word = self._at(i).text
        if word not in WEEKDAYS:
            return None
        point = self._days_back((self._today.weekday() - WEEKDAYS[word]) % 7)
        is_sure = self._at(i - 1).text in {"в", "во", "on"} and word in _ON_A_WEEKDAY
        return (point if is_sure else replace(point, sign=Sign.WEAK)), i + 1
