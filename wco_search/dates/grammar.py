"""The grammar of written dates: each rule reads tokens from a place on, and gives what it read and the next place.

As a grammar (`x?` is optional)::

    expression   = introduction? (framed | bounded | joined | single)
    framed       = "с" end "по" end | "от" end "до" end | "between" end "and" end | "from" end "to" end ...
                 | ("с" | "from" ...) joined
    bounded      = bound (("и" | "and")? bound)?
    bound        = ("с" | "после" | "до" | "по" | "since" | "after" | "before" | "until" ...) single
    joined       = end ("-" | ".." | "to" | "through" | "по") end
    end          = single | day "." month | day ("," year)?           what is left out stands in the other end
    single       = weekday? point
    point        = relative | part | numbers | day month year? | month day year? | month year? | quarter year?
                 | half year? | season years? | decade | year | weekday
    relative     = "вчера" | "прошлая" unit | "эта" unit | "последние" amount? unit | amount? unit "назад" ...
    part         = ("начало" | "середина" | "конец" | "early" | "mid" | "late" | "end of" ...) point
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from wco_search.dates.period import FIRST_DAY, Period, Unit, period_of, shifted, unit_around
from wco_search.dates.points import Point, Sign, completed
from wco_search.dates.tokens import DASHES, END, Token
from wco_search.dates.vocabulary import (
    AGO,
    AMOUNTS,
    BEFORE_PREVIOUS,
    CURRENT,
    DAYS_AGO,
    DECADE_ENDINGS,
    INTRODUCTIONS,
    MONTH_LIKE,
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
    TENS,
    UNITS,
    WEEKDAYS,
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
_UP_TO = frozenset({"по", "until", "till", "through"})
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
_MOST = {"quarter": 4, "half": 2}
_ONE_OF = frozenset(  # units in the singular, which need no number: неделю назад, за последний год
    "день сутки неделя неделю неделе месяц месяце квартал квартале полугодие год году десятилетие десятилетии".split()
    + "day week month quarter year decade".split()
)
_ON_A_WEEKDAY = frozenset(  # not `в среде`, which is most often no Wednesday
    "понедельник вторник среду четверг пятницу субботу воскресенье".split()
    + "monday tuesday wednesday thursday friday saturday sunday".split()
)
_LIKELY_YEARS = range(1900, 2100)  # of other bare numbers between `from` and `to`, most are amounts
_SHORTEST_FULL_MONTH = 4  # june, июня; what is shorter is an abbreviation, or may, which is another word as well

Parsed = tuple[Point, int]


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
        self._rules: tuple[Callable[[int], Parsed | None], ...] = (
            self._relative,
            self._part,
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
        i += self._at(i).text in INTRODUCTIONS
        i = self._behind_article(i)
        return i + (self._at(i).text in _PERIOD_WORDS)

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
        joint = self._joint(first[1]) if first else None
        if first is None or joint is None:
            return None
        behind, least = joint
        last = self._end(behind)
        return self._range(first[0], last, least) if last else None

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
        found = self._single(i + 1)
        if found is None:
            return None
        point, behind = found
        is_year = point.unit == "year"
        least = Sign.YEAR if word in _SURE_BEFORE_A_YEAR and is_year else Sign.NAMED if is_year else Sign.STRONG
        sign = Sign.STRONG if point.sign >= least else Sign.WEAK
        return Match(self._open_period(word, point), behind, sign, point.is_cut)

    def _unit_begun(self, i: int) -> Match | None:
        """From the first day of the unit that is now: с начала года, since the beginning of the month."""
        i = self._behind_article(i)
        if self._at(i).text not in {"начала", "beginning", "start"}:
            return None
        i = self._behind_article(i + 1 + (self._at(i + 1).text == "of"))
        i += self._at(i).text in CURRENT
        unit = UNITS.get(self._at(i).text)
        if unit is None or unit == "day" or self._at(i + 1).is_year or self._at(i).text in {"лет", "г"}:
            return None
        return Match(Period(unit_around(unit, self._today).start, None), i + 1, Sign.STRONG, is_cut=False)

    def _open_period(self, word: str, point: Point) -> Period | None:
        """The days that *word* sets apart; `до` a day includes it, as in offers; до 2020 года ends with 2019."""
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
        is_inclusive = word in _UP_TO or (word == "до" and point.unit == "day")
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
        return self._days_ago(i) or self._neighbour(i) or self._recent(i) or self._ago(i)

    def _days_ago(self, i: int) -> Parsed | None:
        days = DAYS_AGO.get(self._at(i).text)
        if days is None and [self._at(i + k).text for k in range(3)] == ["day", "before", "yesterday"]:
            days, i = 2, i + 2
        return None if days is None else (self._days_back(days), i + 1)

    def _days_back(self, days: int) -> Point:
        day = shifted(self._today, "day", -days)
        return Point("day", Sign.STRONG, fixed=Period(day, day))

    def _neighbour(self, i: int) -> Parsed | None:
        """The unit of the calendar that is now, or the one before: прошлая неделя, this year, last May, last Monday."""
        token, named = self._at(i), self._at(i + 1)
        if token.text in BEFORE_PREVIOUS:
            return self._unit_before_previous(i + 1)
        is_previous = token.text in PREVIOUS
        if not is_previous and token.text not in CURRENT:
            return None
        if named.text in WEEKDAYS and is_previous:
            days = (self._today.weekday() - WEEKDAYS[named.text] - 1) % 7 + 1
            return self._days_back(days), i + 2
        unit = UNITS.get(named.text)
        if unit and unit != "day":
            is_numbered = self._at(i + 2).is_year or self._at(i + 2).text == "of"  # the last quarter of 2020
            return None if is_numbered else (self._unit_here(unit, is_previous=is_previous), i + 2)
        return self._last_of_its_name(i + 1) if is_previous else self._season_here(i + 1)

    def _unit_before_previous(self, i: int) -> Parsed | None:
        unit = UNITS.get(self._at(i).text)
        if unit is None or unit == "day" or self._at(i + 1).is_year:
            return None
        return Point(unit, Sign.STRONG, fixed=unit_around(unit, shifted(self._today, unit, -2))), i + 1

    def _unit_here(self, unit: Unit, *, is_previous: bool) -> Point:
        here = unit_around(unit, self._today)
        if is_previous and here.start:
            here = unit_around(unit, shifted(here.start, "day", -1))
        return Point(unit, Sign.STRONG, fixed=here)

    def _last_of_its_name(self, i: int) -> Parsed | None:
        """The last month or season of that name which is over."""
        found = self._season(i) or self._month(i)
        if found is None or not found[0].is_undated:
            return None
        point, behind = found
        unit, number = point.unit, point.number or 1
        of_years = (period_of(unit, self._today.year - back, number) for back in range(2))
        over = next((period for period in of_years if period.end and period.end < self._today), None)
        sign = Sign.STRONG if unit == "season" or point.sign >= Sign.NAMED else Sign.WEAK
        return (Point(unit, sign, fixed=over), behind) if over else None

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
        if token.text not in RECENT and not is_signed:
            return None
        amount, behind = self._amount(i + 1)
        word = self._at(behind).text
        unit = UNITS.get(word)
        if unit is None or amount == 0 or (amount is None and word not in _ONE_OF):
            return None
        is_sure = amount is not None or token.text == "past" or self._at(i - 1).text in SPANS
        back = shifted(self._today, unit, -(amount or 1))
        point = Point(
            "day",
            Sign.STRONG if is_sure and not is_signed else Sign.WEAK,
            fixed=Period(back if back == FIRST_DAY else shifted(back, "day", 1), self._today),
            is_cut=back == FIRST_DAY,
        )
        return point, behind + 1

    def _ago(self, i: int) -> Parsed | None:
        """The unit of the calendar so many back: 3 дня назад is a day, 2 weeks ago a week, год назад a year."""
        amount, behind = self._amount(i)
        word = self._at(behind).text
        unit = UNITS.get(word)
        if unit is None or self._at(behind + 1).text not in AGO or (amount is None and word not in _ONE_OF):
            return None
        day = shifted(self._today, unit, -(1 if amount is None else amount))
        return Point(unit, Sign.STRONG, fixed=unit_around(unit, day), is_cut=day == FIRST_DAY), behind + 2

    def _amount(self, i: int) -> tuple[int | None, int]:
        token = self._at(i)
        amount = AMOUNTS.get(token.text) if token.number is None else token.number
        return amount, i if amount is None else i + 1

    def _part(self, i: int) -> Parsed | None:
        word = self._at(i).text
        if word not in PARTS:
            return None
        is_followed_by_of = self._at(i + 1).text == "of"
        if word in PARTS_WITHOUT_OF:
            behind = i + 1 + (is_followed_by_of or self._at(i + 1).text in DASHES)
        elif word.isascii() and not is_followed_by_of:
            return None
        else:
            behind = i + 1 + is_followed_by_of
        is_part_again = self._at(self._behind_article(behind)).text in PARTS  # which would nest without end
        found = None if is_part_again else self._point(behind)
        if found is None or found[0].unit in {"day", "week"}:
            return None
        point = found[0]
        is_sure = point.sign >= (Sign.YEAR if point.unit == "year" else Sign.STRONG)
        return replace(point, part=PARTS[word], sign=Sign.STRONG if is_sure else Sign.WEAK), found[1]

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
        word = self._at(i).text
        is_relative = (word in PREVIOUS or word in CURRENT) and UNITS.get(self._at(i + 1).text) == "year"
        return (self._today.year - (word in PREVIOUS), i + 2) if is_relative else None

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
        """2010-е, 1990-х годов, 2010s."""
        token = self._at(i)
        if not token.is_year or (token.number or 0) % 10:
            return None
        i += 1 + (self._at(i + 1).text == "-" and not self._at(i + 1).is_spaced)
        ending = self._at(i)
        if ending.text not in DECADE_ENDINGS or ending.is_spaced:
            return None
        return Point("decade", Sign.WEAK, token.number), self._behind_year_word(i + 1)

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
