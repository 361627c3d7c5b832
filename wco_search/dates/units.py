"""Days, months, quarters, seasons, years and decades as written, in names and in numbers."""

from __future__ import annotations

from dataclasses import replace

from wco_search.dates.period import MOST_IN, Unit
from wco_search.dates.points import Point, Sign
from wco_search.dates.tokens import DASHES, Token
from wco_search.dates.vocabulary import (
    DECADE_ENDINGS,
    DECADES,
    HALF_WORDS,
    HALF_YEARS,
    MONTH_LIKE,
    ORDINALS,
    PLAIN_MONTHS,
    ROMAN,
    SEASONS,
    UNITS,
    YEAR_WORDS,
    month_number,
)
from wco_search.dates.words import Words

Parsed = tuple[Point, int]
"""What was read, and the place behind it."""

UNITS_IN_A_YEAR = {"quarter": 4, "half": 2}
"""How many of them a year has."""

_SHORT_UNITS: dict[str, Unit] = {"q": "quarter", "h": "half"}
_YEAR_LETTERS = {"с": 0, "т": 0, "п": 1}
_LAST_CENTURY = 1900
_APOSTROPHES = frozenset("'’ʼ")  # October '20
_FIRST_SHORT_YEAR = 69  # two digits are of 1969 to 2068, as POSIX reads %y
_LIKELY_YEARS = range(1900, 2100)  # of other bare numbers between `from` and `to`, most are amounts


def _full_year(digits: int) -> int:
    return digits + _LAST_CENTURY + (100 if digits < _FIRST_SHORT_YEAR else 0)


class CalendarUnits(Words):
    """Reads one unit of the calendar."""

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

    def _numbered_week(self, i: int) -> Parsed | None:
        """Week 42 of 2020, 42-я неделя 2020 года, 2020-W42: weeks as ISO 8601 numbers them."""
        if self._at(i).is_year:
            i += 1 + (self._at(i + 1).text == "-")
            number = self._at(i + 1)
            found = (self._at(i - 1 - (self._at(i - 1).text == "-")).number or 0, i + 2)
            is_week = self._at(i).text == "w" and number.is_short and not number.is_spaced
        elif self._at(i).text in {"week", "неделя"}:
            number, year = self._at(i + 1), self._year_behind(i + 2)
            found, is_week = year or (0, i), year is not None and number.is_short
        else:
            number, behind = self._at(i), self._behind_ending(i + 1)
            year = self._year_behind(behind + 1) if UNITS.get(self._at(behind).text) == "week" else None
            found, is_week = year or (0, i), year is not None and number.is_short
            is_week = is_week and (behind > i + 1 or self._at(behind).text == "неделя")  # 42 недели is a length of time
        if not is_week or not 1 <= (number.number or 0) <= MOST_IN["year", "week"]:
            return None
        return Point("week", Sign.STRONG, found[0], number=number.number), found[1]

    def _day_first(self, i: int) -> Parsed | None:
        """30.10.2020, 30/10/2020, 30-10-2020; 10.2020, 10/2020; as a value 30.10.20."""
        numbers, sign = self._in_numbers(i)
        is_short = len(numbers) == 3 and sign == "." and len(numbers[-1].text) == 2
        if len(numbers) < 2 or not (numbers[-1].is_year or is_short):
            return None
        if not all(number.is_short for number in numbers[:-1]):
            return None
        *day, month, year = (number.number or 0 for number in numbers)
        year = _full_year(year) if is_short else year
        if not 1 <= month <= 12 or not all(1 <= number <= 31 for number in day) or (sign == "-" and not day):
            return None
        behind = self._behind_year_word(i + 2 * len(numbers) - 1)
        if day:
            return Point("day", Sign.WEAK if is_short else Sign.STRONG, year, month, day[0]), behind
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
        return token.text in PLAIN_MONTHS and not token.is_capitalised

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
        apart = self._written_year(i + 1) if self._at(i).text in {"in", "в"} and self._at(i + 1).is_year else None
        if apart and (self._at(i).text == "in" or apart[1] > i + 2):  # 9 October in 2019, 9 октября в 2019 году
            return apart
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
        token, digits = self._at(i), self._at(i + 1)
        if token.text in _APOSTROPHES and digits.number is not None and len(digits.text) == 2 and not digits.is_spaced:
            return _full_year(digits.number), i + 2
        if not token.is_year or self._is_glued(i):
            return None
        return token.number or 0, self._behind_year_word(self._behind_ending(i + 1))

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
        if (
            unit is None
            or tokens[1].is_spaced
            or not 1 <= (digit.number or 0) <= UNITS_IN_A_YEAR[unit]
            or len(digit.text) > 1
        ):
            return None
        return Point(unit, Sign.WEAK, number=digit.number), i + 2

    def _numbered_unit(self, i: int) -> Parsed | None:
        """1 квартал, 1-й кв., I квартал, first quarter, первое полугодие, first half, первая половина."""
        token = self._at(i)
        number = ROMAN.get(token.text) or ORDINALS.get(token.text) or (token.number if token.is_short else None)
        behind = self._behind_ending(i + 1) if token.number is not None else i + 1
        behind += self._at(behind).text == "-" and not self._at(behind + 1).is_spaced and token.text in ORDINALS
        named = self._at(behind)
        unit: Unit | None = "half" if named.text in HALF_WORDS | HALF_YEARS else UNITS.get(named.text)
        if unit is None or unit not in UNITS_IN_A_YEAR or number is None or not 1 <= number <= UNITS_IN_A_YEAR[unit]:
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
        behind = self._behind_year_word(self._behind_ending(i + 1))
        likely = Sign.YEAR if token.number in _LIKELY_YEARS else Sign.WEAK
        return Point("year", Sign.NAMED if behind > i + 1 else likely, token.number), behind
