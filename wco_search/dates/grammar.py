"""The grammar of written dates: each rule reads tokens from a place on, and gives what it read and the next place.

As a grammar (`x?` is optional)::

    expression   = introduction? (framed | bounded | joined | single)
    framed       = "с" end "по" end | "от" end "до" end | "between" end "and" end | "from" end "to" end ...
                 | ("с" | "from" ...) joined
    bounded      = bound (("и" | "and")? bound)? | both_sides
    both_sides   = ("до" | "before") ("и" | "or" ...) bound | bound ("и" | "or" ...) ("после" | "after")
    bound        = ("с" | "после" | "до" | "по" | "since" | "after" | "before" | "until" ...) single
    joined       = end ("-" | ".." | "to" | "through" | "по") end | end ("," end)* ("и" | "or" ... | ",") end
    end          = single | day "." month | day ("," year)?           what is left out stands in the other end
    single       = weekday? point ("onwards" | "и позже" | "or earlier" ...)?
    point        = away | relative | part | numbers | day month year? | month day year? | month year? | quarter year?
                 | half year? | season years? | decade | year | weekday
                 | year (month | day month) | day ("числа" | "of") month
    relative     = "вчера" | ("прошлая" | "эта" | "следующая") unit | "последние" span | "ближайшие" span
                 | ("более" | "около" | "less than" ...)? span ("назад" | "from now") | unit "to date"
                 | ("earlier" | "later") "this" unit | weekday ("на" | "of")? relative | relative "в"? weekday ...
    away         = span ("до" | "после" | "before" | "after" | "ended" ...) day | ("накануне" | "eve of") day
    span         = amount? unit | "несколько" unit | "полгода" | "полтора" unit | amount? unit "and a half"
                 | "fortnight" ...
    part         = ("начало" | "середина" | "конец" | "early" | "mid" | "late" | "end of" ...) (point | unit)
    piece        = (ordinal | "last") amount? (unit | "half") "of"? point | amount months "of"? year

Here are expressions, parts and pieces. The rest is read one floor below each: `relative`, then the points of the
calendar (`units`), then amounts, ordinals and spans (`words`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from wco_search.dates.period import FIRST_DAY, MOST_IN, Part, Period, Unit, shifted, unit_around
from wco_search.dates.points import Point, Sign, completed
from wco_search.dates.relative import RelativeDates
from wco_search.dates.tokens import DASHES, Token
from wco_search.dates.units import UNITS_IN_A_YEAR, Parsed
from wco_search.dates.vocabulary import (
    BEFORE,
    BEHIND,
    BOUNDS,
    BY,
    CURRENT,
    DAYS_OF_A_MONTH,
    FROM,
    HALF_WORDS,
    INTRODUCTIONS,
    LONG_INTRODUCTIONS,
    NEXT,
    OF_ONE,
    ONE_OF,
    PARTS,
    PARTS_OF_A_DAY,
    PARTS_WITHOUT_OF,
    SHORT_WEEKDAYS,
    TEN_DAYS,
    TENS_OF_DAYS,
    UNITS,
    UP_TO,
    WEEKDAYS,
)
from wco_search.dates.words import Span

_FRAMES: dict[str, tuple[frozenset[str], Sign]] = {  # what follows the first end, and how sure an end must be
    "с": (frozenset({"по", "до"}), Sign.YEAR),
    "со": (frozenset({"по", "до"}), Sign.YEAR),
    "от": (frozenset({"до", "по"}), Sign.NAMED),  # от 1900 до 2000 рублей
    "между": (frozenset({"и"}), Sign.NAMED),
    "from": (frozenset({"to", "till", "until", "through"}), Sign.YEAR),
    "between": (frozenset({"and"}), Sign.YEAR),
}
_ONTO = frozenset({"на"})  # в ночь с 4 на 5 мая
_JOINING_WORDS = frozenset({"to", "through", "till", "until", "по"})
_NEGATED_BOUNDS = {  # не позднее 10 октября, no earlier than 2020
    **dict.fromkeys(("позднее", "позже", "later"), "по"),
    **dict.fromkeys(("ранее", "раньше", "earlier"), "с"),
}
_ONWARDS = frozenset({"onward", "onwards"})
_TAILS = {
    **dict.fromkeys((*_ONWARDS, "later", "далее", "позже", "позднее"), "с"),
    **dict.fromkeys(("earlier", "ранее", "раньше"), "по"),
}
_SURE_BEFORE_A_YEAR = frozenset({"since", "after", "before", "until", "till"})
_LONG_BOUNDS: dict[tuple[str, ...], str] = {
    ("позже",): "after",
    ("позднее",): "after",
    ("later", "than"): "after",
    ("раньше",): "before",
    ("ранее",): "before",
    ("earlier", "than"): "before",
    ("starting",): "since",
    ("beginning",): "since",
    ("prior", "to"): "before",
    ("on", "or", "after"): "since",
    ("on", "or", "before"): "until",
    ("up", "to"): "until",
    ("up", "until"): "until",
    ("starting", "from"): "since",
    ("начиная", "с"): "с",
    ("начиная", "со"): "с",
    ("вплоть", "до"): "до",
}
_INCLUSIVE = frozenset({"включительно", "inclusive"})
_WHOLE = frozenset("весь всю все whole entire".split())
_WEEK_OF = frozenset("of commencing beginning starting ending ended".split())
_ENDING = frozenset("ended ending закончившийся закончившихся закончившиеся завершившихся".split())
_BEFORE = (("до",), ("before",), ("prior", "to"))
_AFTER = (("после",), ("after",), ("спустя", "после"))
_THROUGHOUT = frozenset("за the within during течение протяжении".split())  # all of a length of time
_AND = frozenset({"и", "and"})
_OR = frozenset({"или", "or"})
_SIDES = {**dict.fromkeys(UP_TO | BEFORE, "before"), **dict.fromkeys(FROM | BEHIND, "behind")}
_SAME_DAY = frozenset({"", "него", "нее", "этого", "it", "that"})  # до 5 мая и после него
_PERIOD_WORDS = frozenset({"период", "периода", "period"})
_END_PART = Part("third", 2)
_MOST_LISTED = 31  # dates side by side, as many as a month has: each word of a longer list would read it to its end
_SOME_DAYS = 10  # первые числа мая: no more than its beginning


@dataclass(frozen=True, slots=True)
class Match:
    """What an expression means.

    Attributes:
        period: Its days; None if there are no such days.
        end: The place behind its last token.
        sign: How sure it is that it is a date.
        is_cut: Whether an end of the calendar cut it short.
        is_relative: Whether it has an end that is seen from today, so that there may be such days on another day.
        is_any_day: Whether there are no such days because it leaves out none: до и после 5 октября.
    """

    period: Period | None
    end: int
    sign: Sign
    is_cut: bool
    is_relative: bool = False
    is_any_day: bool = False


class Grammar(RelativeDates):
    """Reads dates in *tokens*, the relative ones as seen on the day *today*."""

    def __init__(self, tokens: Sequence[Token], today: dt.date) -> None:
        super().__init__(tokens, today)
        self._points: dict[int, Parsed | None] = {}  # by place: several rules begin with one
        self._wholes: tuple[Callable[[int], Parsed | None], ...] = (
            self._away_from_day,
            self._behind_its_year,
            self._relative,
            self._week_of,
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
        self._days_in_full = (self._year_first, self._day_first, self._day_of_month, self._month_and_day)
        self._rules = (
            self._day_of_some_month, self._weekday_of_month, self._weekday_of_week, self._numbered_week,
            self._tens_of_days, self._piece,
            self._piece_of_present_unit, self._part, *self._wholes,
        )  # fmt: skip

    def expression(self, i: int) -> Match | None:
        """The date that begins at token *i*."""
        for start in dict.fromkeys((i, self._behind_introduction(i))):
            for rule in (self._framed, self._bounded, self._joined, self._alone):
                if found := rule(start):
                    return replace(found, end=self._behind_additions(found))
        return None

    def _behind_additions(self, found: Match) -> int:
        """The place behind what changes nothing of a date: до 5 мая включительно, вчера вечером."""
        is_day = found.period is not None and found.period.start == found.period.end
        return found.end + (self._at(found.end).text in (_INCLUSIVE | PARTS_OF_A_DAY if is_day else _INCLUSIVE))

    def _behind_introduction(self, i: int) -> int:
        for words in LONG_INTRODUCTIONS:
            if self._reads(i, words):
                return self._behind_article(i + len(words))
        if self._at(i).text in INTRODUCTIONS:
            i = self._behind_article(i + 1)
            i += self._at(i).text in _WHOLE
        i = self._behind_article(i)
        return i + (self._at(i).text in _PERIOD_WORDS)

    # Ranges

    def _framed(self, i: int) -> Match | None:
        closing, least = _FRAMES.get(self._at(i).text, (frozenset(), Sign.STRONG))
        first = self._end(i + 1) if closing else None
        if first is None:
            return None
        joint = self._at(first[1]).text
        last = self._end(first[1] + 1) if joint in closing | _ONTO else None
        if last and joint in _ONTO:
            return self._range(first[0], last, least) if self._meet(first[0], last[0]) else None
        if last is None:
            return self._joined(i + 1)  # from 19-23 October
        return self._range(first[0], last, least)

    def _listed(self, first: Parsed, *, is_month_first: bool) -> Match | None:
        """Three or more: 2, 3 и 4 ноября, in January, February and March 2020; with commas alone also two sure ones."""
        points: list[Point] = []
        last = first
        while len(points) < _MOST_LISTED - 1 and self._reads_on(last[1]):
            following = self._end(last[1] + 1)
            if following is None:
                break
            points.append(last[0])
            last = following
        place = last[1] + (self._at(last[1]).text == ",")
        following = self._end(place + 1) if points and self._at(place).text in _AND | _OR else None
        if following:
            return self._both([*points, last[0]], following, is_month_first=is_month_first)
        are_enough = len(points) > 1 or (points and self._are_sure([*points, last[0]]))
        return self._both(points, last, is_month_first=is_month_first) if are_enough else None

    def _reads_on(self, i: int) -> bool:
        return self._at(i).text == "," and self._at(i + 1).text not in _AND | _OR

    def _are_sure(self, points: Sequence[Point]) -> bool:
        return all(point.sign == Sign.STRONG for point in points)

    def _both(self, points: Sequence[Point], last: Parsed, *, is_month_first: bool) -> Match | None:
        """From the first of *points* to *last*, where one is behind the other, or all of them share a month or year, or
        each is sure by itself; where the month stands first, the others may be numbers: October 3 and 4.

        Then what lies between is taken in: of `5 и 9 мая` the last alone would leave out the first, and no document is
        of both 5 May and 9 June.
        """
        points = self._with_months(points)
        days = [point.day or 0 for point in (*points, last[0])]
        if is_month_first and all(one.is_number_only for one in (*points[1:], last[0])) and days == sorted(set(days)):
            return self._range(points[0], last, Sign.NAMED)
        if self._are_sure([*points, last[0]]):
            return self._all_of(points, last)
        is_shared = all(point.sign < Sign.STRONG and point.unit == last[0].unit for point in points)
        are_met = len(points) == 1 and self._meet(points[0], last[0])
        if not are_met and not is_shared:
            return None
        whole = self._range(points[0], last, Sign.NAMED)
        return whole if are_met or (whole and whole.period and self._are_in_order(points, last[0])) else None

    def _with_months(self, points: Sequence[Point]) -> list[Point]:
        """Numbers before a later day of a written year, whose month they share: 5, 6 октября 2020 и 7 ноября 2020."""
        named = list(points)
        for place in range(len(named) - 2, -1, -1):
            number, day = named[place], named[place + 1]
            if number.is_number_only and day.unit == "day" and day.year and (number.day or 0) < (day.day or 0):
                named[place] = replace(day, day=number.day)
        return named

    def _all_of(self, points: Sequence[Point], last: Parsed) -> Match:
        """From the earliest to the latest of some sure ones, which need not be in order: today and yesterday."""
        whole: Period | None = None
        try:
            pairs = [completed(point, last[0]) or (point, last[0]) for point in points]
            end = pairs[0][1].dated(self._today)
            periods = [*(point.dated_until(end).period() for point, _ in pairs), end.period()]
            starts, ends = [one.start for one in periods if one.start], [one.end for one in periods if one.end]
            whole = Period(
                min(starts) if len(starts) == len(periods) else None, max(ends) if len(ends) == len(periods) else None
            )
        except ValueError:  # there is no such day
            whole = None
        is_cut, is_relative = ([getattr(point, name) for point in (*points, last[0])] for name in ("is_cut", "fixed"))
        return Match(whole, last[1], Sign.STRONG, any(is_cut), any(is_relative))

    def _are_in_order(self, points: Sequence[Point], last: Point) -> bool:
        """Whether each begins behind the one before it."""
        pairs = [completed(point, last) for point in points]
        try:
            end = last.dated(self._today)
            starts = [pair[0].dated_until(end).period().start or FIRST_DAY for pair in pairs if pair]
        except ValueError:
            return False
        starts.append(end.period().start or FIRST_DAY)
        return len(starts) > len(points) and all(before < after for before, after in pairwise(starts))

    def _joined(self, i: int) -> Match | None:
        first = self._end(i)
        if first is None:
            return None
        if self._at(first[1]).text == ",":
            return self._listed(first, is_month_first=self._is_month_first(i))
        if self._at(first[1]).text in _AND | _OR:
            last = self._end(first[1] + 1)
            return self._both([first[0]], last, is_month_first=self._is_month_first(i)) if last else None
        joint = self._joint(first[1])
        last = self._end(joint[0]) if joint else None
        return self._range(first[0], last, joint[1]) if joint and last else None

    def _is_month_first(self, i: int) -> bool:
        """Whether a day is written there in the American way: October 3."""
        return self._month_and_day(self._behind_article(i)) is not None

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
        is_cut, is_relative = (point.is_cut for point in ends), (point.fixed is not None for point in ends)
        return Match(self._period_between(*ends), end[1], sign, any(is_cut), any(is_relative))

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
        if self._are_both_sides(i, i + 2):
            both = self._bound(i + 2)
            return self._any_day(both, both.end) if both else None
        one = self._bound(i)
        if one is None:
            return None
        if self._are_both_sides(i, one.end + 1) and self._at(one.end + 2).text in _SAME_DAY:
            return self._any_day(one, one.end + 2)
        behind = self._tail(one.end)[1]
        if behind > one.end and one.period and one.period.end is None:
            return replace(one, end=behind)  # с 5 мая и далее
        other = self._bound(one.end + (self._at(one.end).text in _AND))
        if other is None or one.period is None or other.period is None:
            return one
        start, end = one.period.start or other.period.start, one.period.end or other.period.end
        if start is None or end is None:
            return one
        period = Period(start, end) if start <= end else None
        is_relative = one.is_relative or other.is_relative
        return Match(period, other.end, max(one.sign, other.sign), one.is_cut or other.is_cut, is_relative)

    def _are_both_sides(self, i: int, k: int) -> bool:
        """Whether the one word bounds days from before, the other from behind: до и после, after or before."""
        is_joined = self._at(k - 1).text in _AND | _OR
        return is_joined and {_SIDES.get(self._at(place).text) for place in (i, k)} == {"before", "behind"}

    def _any_day(self, bound: Match, end: int) -> Match:
        return bound if bound.period is None else replace(bound, period=None, end=end, is_any_day=True)

    def _bound(self, i: int) -> Match | None:
        word = self._at(i).text
        if word in {"не", "no", "not"}:
            word, i = _NEGATED_BOUNDS.get(self._at(i + 1).text, ""), i + 1
            i += self._at(i + 1).text == "than"
        else:
            longest: tuple[str, ...] = max((one for one in _LONG_BOUNDS if self._reads(i, one)), key=len, default=())
            word, i = (_LONG_BOUNDS[longest], i + len(longest) - 1) if longest else (word, i)
        if word not in BOUNDS:
            return None
        if word in FROM and (begun := self._unit_begun(i + 1)):
            return begun
        if word in UP_TO | BEFORE and (ended := self._unit_ended(i + 1)):
            return ended
        found = self._single(i + 1)
        if found is None:
            return None
        point, behind = found
        is_year = point.unit == "year"
        if word in BY or not is_year or point.part is not None:
            least = Sign.STRONG
        else:
            least = Sign.YEAR if word in _SURE_BEFORE_A_YEAR else Sign.NAMED
        sign = Sign.STRONG if point.sign >= least else Sign.WEAK
        return Match(self._open_period(word, point), behind, sign, point.is_cut, point.fixed is not None)

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
        if word in FROM:
            return Period(period.start, None)
        if word in BEHIND:
            return Period(shifted(period.end, "day", 1), None)
        is_inclusive = word in UP_TO or (word == "до" and point.unit == "day") or point.part == _END_PART
        return Period(None, period.end if is_inclusive else shifted(period.start, "day", -1))

    # One point in time

    def _alone(self, i: int) -> Match | None:
        found = self._single(i)
        if found is None:
            return None
        point, behind = found
        bound, end = self._tail(behind)
        days = self._whole(point) if bound is None else self._open_period(bound, point)
        is_sure = bound and point.sign >= Sign.NAMED
        return Match(days, end, Sign.STRONG if is_sure else point.sign, point.is_cut, point.fixed is not None)

    def _tail(self, i: int) -> tuple[str | None, int]:
        """The bound that stands behind its day: 5 мая 2020 и позже, May 2020 onwards; and the place behind it."""
        place = i + (self._at(i).text in _AND | _OR)
        bound = _TAILS.get(self._at(place).text)
        return (bound, place + 1) if bound and (place > i or self._at(i).text in _ONWARDS) else (None, i)

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
        if i not in self._points:
            rules = self._rules if self._at(i).text else ()
            self._points[i] = next(filter(None, (rule(i) for rule in rules)), None)
        return self._points[i]

    def _behind_its_year(self, i: int) -> Parsed | None:
        """2019, October 9; в 2019 году 9 октября, last year in October: the year stands first."""
        whole = self._relative(i) or self._year(i)
        if whole is None or whole[0].unit != "year" or whole[0].part is not None:
            return None
        place = whole[1] + (self._at(whole[1]).text in {",", "в", "in", "on"})
        found = self._day_of_month(place) or self._month_and_day(place) or self._month(place)
        start = self._whole(whole[0])
        if found is None or found[0].year is not None or start is None or start.start is None:
            return None
        is_sure = found[0].unit == "day" or found[0].sign >= Sign.NAMED
        return replace(found[0], year=start.start.year, sign=Sign.STRONG if is_sure else Sign.WEAK), found[1]

    def _day_of_some_month(self, i: int) -> Parsed | None:
        """1-го числа прошлого месяца, 5 числа октября 2020, the 1st of last month."""
        found = self._day_number(i)
        if found is None:
            return None
        day, place = found
        is_one = self._at(i).number is not None or self._at(place - 1).text.endswith("го")  # not первые числа
        if not (self._at(place).text == "of" or (self._at(place).text == "числа" and is_one)):
            return None
        whole = self._relative(place + 1) or (self._month(place + 1) if self._at(place).text == "числа" else None)
        month = self._whole(whole[0]) if whole and whole[0].unit == "month" and whole[0].part is None else None
        if whole is None or month is None or month.start is None or month.end is None:
            return None
        if day > month.end.day or (month.start.year, month.start.month) != (month.end.year, month.end.month):
            return None
        own = month.start.replace(day=day)
        if whole[0].fixed is None:
            return replace(whole[0], unit="day", day=day, sign=Sign.STRONG), whole[1]
        return Point("day", Sign.STRONG, fixed=Period(own, own)), whole[1]

    # As far from a day as is said

    def _away_from_day(self, i: int) -> Parsed | None:
        """Два дня спустя после 5 мая, the week before 5 May, накануне 5 мая, the three months ended 5 May."""
        is_eve = self._at(i).text == "накануне" or self._reads(i, ("eve", "of"))
        if is_eve and (day := self._day_behind(i + 1 + (self._at(i).text == "eve"))):
            return self._up_to(day[0], "day", 1), day[1]
        is_through = self._at(i).text in {"через", "спустя"}
        is_next = self._at(i).text in NEXT and self._at(i + 1).text in ONE_OF
        span = self._span_compared(i + (is_through or is_next))
        if span is None:
            return None
        place = span.end + (self._at(span.end).text == ",")
        is_ending = self._at(place).text in _ENDING or (self._at(place).text == "to" and self._at(i - 1).text == "the")
        if is_ending and span.unit != "week" and (day := self._day_behind(place + 1)):
            return self._up_to(shifted(day[0], "day", 1), span.unit, span.amount), day[1]
        is_around = self._at(span.end).text == "of" and self._at(i - 1).text == "within"
        if is_around and (day := self._day_behind(span.end + 1)):
            start, end = (shifted(day[0], span.unit, sign * span.amount) for sign in (-1, 1))
            return self._between(start, end), day[1]
        for words in _BEFORE + _AFTER:
            if self._reads(span.end, words) and (day := self._day_behind(span.end + len(words))):
                is_whole = self._at(i - 1).text in _THROUGHOUT and not is_next
                return self._away(day[0], span, is_before=words in _BEFORE, is_whole=is_whole), day[1]
        return None

    def _day_behind(self, i: int) -> tuple[dt.date, int] | None:
        """The day that is written at *i* with its month."""
        found = next(filter(None, (rule(i) for rule in self._days_in_full)), None)
        period = self._whole(found[0]) if found and found[0].unit == "day" else None
        return (period.start, found[1]) if found and period and period.start else None

    def _away(self, day: dt.date, span: Span, *, is_before: bool, is_whole: bool) -> Point:
        """The unit of the calendar so far from *day*, or all of the time between."""
        if not is_whole:
            return self._unit_away(span, -1 if is_before else 1, day)
        if is_before:
            return self._up_to(day, span.unit, span.amount)
        return self._between(shifted(day, "day", 1), shifted(day, span.unit, span.amount))

    def _up_to(self, day: dt.date, unit: Unit, amount: int) -> Point:
        return self._between(shifted(day, unit, -amount), shifted(day, "day", -1))

    # Parts of one

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
        return self._latest(unit, Part("third", place), is_sure=self._is_introduced(i)), behind

    def _week_of(self, i: int) -> Parsed | None:
        """The week in which a day lies: the week of 5 October 2020, неделя с 5 октября."""
        is_english = self._at(i).text == "week" and self._at(i + 1).text in _WEEK_OF
        if not is_english and not (UNITS.get(self._at(i).text) == "week" and self._at(i + 1).text == "с"):
            return None
        found = self._single(i + 2)
        if found is None or found[0].unit != "day" or found[0].number is None or found[0].part:
            return None
        if not is_english and (self._at(found[1]).text in {"по", "до"} or self._joint(found[1])):
            return None  # на неделе с 5 по 11 октября
        return replace(found[0], part=Part("week", 0)), found[1]

    def _tens_of_days(self, i: int) -> Parsed | None:
        """В двадцатых числах октября."""
        first = TENS_OF_DAYS.get(self._at(i).text)
        found = self._month(i + 2) if first and self._at(i + 1).text in {"числа", "числах"} else None
        if first is None or found is None:
            return None
        sign = Sign.STRONG if found[0].sign >= Sign.NAMED else Sign.WEAK
        return replace(found[0], part=Part("day", first - 1, _SOME_DAYS), sign=sign), found[1]

    def _piece_of_present_unit(self, i: int) -> Parsed | None:
        """В первой половине года, the last day of the month: the latest that has begun."""
        place, behind = self._place_in_row(i)
        amount, behind = self._amount(behind)
        unit = self._unit_of_pieces(self._at(behind))
        if place is None or unit is None:
            return None
        has_of = self._at(behind + 1).text == "of"
        named = self._behind_article(behind + 1 + has_of)
        whole = UNITS.get(self._at(named).text) if self._at(named).text in OF_ONE or has_of else None
        if whole is None or self._at(named + 1).is_year or (has_of and not self._reads(named - 1, ("the",))):
            return None
        part = self._part_of(whole, unit, place, amount, self._at(behind).text)
        part = part or (Part(unit, place) if unit in UNITS_IN_A_YEAR and whole == "year" and amount is None else None)
        if part is None or whole == "decade":
            return None
        return self._latest(whole, part, is_sure=self._is_introduced(i)), named + 1

    def _is_introduced(self, i: int) -> bool:
        before = i - 1 - (self._at(i - 1).text == "the")
        return self._at(before).text in INTRODUCTIONS

    def _latest(self, unit: Unit, part: Part, *, is_sure: bool) -> Point:
        """That part of the present unit, or of the last one where it has not begun."""
        point = Point(unit, Sign.STRONG if is_sure else Sign.WEAK, fixed=unit_around(unit, self._today), part=part)
        if (point.period().start or self._today) > self._today:
            point = replace(point, fixed=unit_around(unit, shifted(self._today, unit, -1)))
        return point

    def _piece(self, i: int) -> Parsed | None:
        """Units of a longer time by their number: первая неделя октября, the last three months of 2019."""
        place, behind = self._place_in_row(i)
        amount, behind = self._amount(behind)
        named = self._at(behind)
        unit = self._unit_of_pieces(named)
        if unit is None or (place is None and (amount is None or unit != "month" or named.text in ONE_OF)):
            return None
        behind = self._behind_unit(behind)
        has_of = self._at(behind).text == "of"
        found = self._whole_point(behind + has_of) if has_of or not named.text.isascii() else None
        if found is None or not self._is_divided(found[0], place):
            return None
        whole, end = found
        part = self._part_of(whole.unit, unit, place or 0, amount, named.text)
        if part is None:
            return None
        is_sure = whole.sign >= Sign.NAMED or (whole.unit == "year" and whole.sign >= Sign.YEAR)
        return replace(whole, part=part, sign=Sign.STRONG if is_sure else Sign.WEAK), end

    def _weekday_of_month(self, i: int) -> Parsed | None:
        """The last Monday of October 2020, первая пятница ноября."""
        place, behind = self._place_in_row(i)
        weekday = WEEKDAYS.get(self._at(behind).text)
        if place is None or weekday is None:
            return None
        found = self._month(self._behind_article(behind + 1 + (self._at(behind + 1).text in {"of", "in"})))
        month = self._whole(found[0]) if found else None
        if found is None or month is None or month.start is None or month.end is None:
            return None
        first = shifted(month.start, "day", (weekday - month.start.weekday()) % 7)
        day = shifted(first, "day", 7 * place)
        if place < 0:
            day = shifted(month.end, "day", -((month.end.weekday() - weekday) % 7))
        if day > month.end:
            return None
        sign = Sign.STRONG if found[0].sign >= Sign.NAMED else Sign.WEAK
        return Point("day", sign, fixed=Period(day, day)), found[1]

    def _unit_of_pieces(self, named: Token) -> Unit | None:
        if named.text in TEN_DAYS:
            return "month"  # see `_part_of`
        if named.text in HALF_WORDS:
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
            is_named_itself = unit in UNITS_IN_A_YEAR and whole == "year" and place >= 0  # I квартал 2020
            amount = 1 if not is_named_itself and (word in ONE_OF or word in HALF_WORDS) else None
        most = MOST_IN.get((whole, unit), 0)
        if amount is None or amount < 1 or (place + 1) * amount > most or amount > most:
            return None
        return Part(unit, place * amount, amount)
