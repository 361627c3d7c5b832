"""Words of dates as tokens, and what is made of them wherever it stands: numbers, ordinals, lengths of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from wco_search.dates.period import Unit
from wco_search.dates.tokens import DASHES, END, Token
from wco_search.dates.vocabulary import (
    AMOUNTS,
    BEFORE_PREVIOUS,
    CURRENT,
    FEW,
    FORTNIGHTS,
    HALF_OF,
    HALVES,
    HOURS,
    LAST,
    MOST_OF_A_FEW,
    NEXT,
    OF_ONE,
    ONE_AND_A_HALF,
    ONE_OF,
    ORDINAL_ENDINGS,
    ORDINALS,
    PREVIOUS,
    SHORTENED,
    TENS,
    UNITS,
    WHOLE_TENS,
)

_HOURS_OF_A_DAY = 24
_AND_A_HALF = (("and", "a", "half"), ("с", "половиной"))


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time.

    Attributes:
        unit, amount: So many units; of a few, the most that can be meant.
        end: The place behind it.
        is_bare: Whether no number is written, as in `год назад`.
        is_few: Whether it is said to be several.
    """

    unit: Unit
    amount: int
    end: int
    is_bare: bool = False
    is_few: bool = False


class Words:
    """The tokens of a text in which dates are read, as seen on the day *today*."""

    def __init__(self, tokens: Sequence[Token], today: dt.date) -> None:
        self._tokens = tokens
        self._today = today

    def _at(self, i: int) -> Token:
        return self._tokens[i] if 0 <= i < len(self._tokens) else END

    def _reads(self, i: int, words: Sequence[str]) -> bool:
        return all(self._at(i + place).text == word for place, word in enumerate(words))

    def _behind_article(self, i: int) -> int:
        return i + (self._at(i).text == "the")

    def _amount(self, i: int) -> tuple[int | None, int]:
        """7, семь, двадцать пять, twenty-five."""
        token = self._at(i)
        if token.text in WHOLE_TENS:
            behind = i + 1 + (self._at(i + 1).text == "-")
            ones = AMOUNTS.get(self._at(behind).text, 0)
            return WHOLE_TENS[token.text] + ones % 10, behind + 1 if 0 < ones < 10 else i + 1
        amount = AMOUNTS.get(token.text) if token.number is None else token.number
        return amount, i if amount is None else i + 1

    def _behind_unit(self, i: int) -> int:
        """The place behind the name of a unit, and the dot that shortens it: мес."""
        dot = self._at(i + 1)
        return i + 1 + (self._at(i).text in SHORTENED and dot.text == "." and not dot.is_spaced)

    def _step(self, i: int) -> int | None:
        """How many units of the calendar a word leads on: прошлая, this, следующая."""
        word = self._at(i).text
        if word in BEFORE_PREVIOUS:
            return -2
        if word in PREVIOUS:
            return -1
        return 0 if word in CURRENT else 1 if word in NEXT else None

    def _span(self, i: int) -> Span | None:
        """A length of time: 3 дня, год, полгода, half a year, полтора месяца, two and a half years, a few weeks."""
        return self._half_span(i) or self._few(i) or self._counted_span(i)

    def _few(self, i: int) -> Span | None:
        i += self._at(i).text == "a"
        unit = UNITS.get(self._at(i + 1).text)
        is_few = self._at(i).text in FEW and unit is not None and self._at(i + 1).text not in ONE_OF
        return Span(unit, MOST_OF_A_FEW, self._behind_unit(i + 1), is_few=True) if unit and is_few else None

    def _span_compared(self, i: int) -> Span | None:
        """The same behind `около` and `более`, where one unit is in the genitive: около года."""
        unit = UNITS.get(self._at(i).text)
        return Span(unit, 1, i + 1) if unit and self._at(i).text in OF_ONE else self._span(i)

    def _half_span(self, i: int) -> Span | None:
        word = self._at(i).text
        if word in HALVES:
            return Span(*HALVES[word], i + 1)
        if word not in ONE_AND_A_HALF and word != "half":
            return None
        i += 1 + (word == "half" and (self._at(i + 1).text in {"a", "an"} or self._at(i + 1).text in DASHES))
        unit = UNITS.get(self._at(i).text)
        half = HALF_OF.get(unit) if unit else None
        if half is None:
            return None
        return Span(half[0], half[1] * (3 if word in ONE_AND_A_HALF else 1), i + 1)

    def _counted_span(self, i: int) -> Span | None:
        i += self._at(i).text in {"a", "an"} and self._at(i + 1).text == "couple"
        is_couple = self._at(i).text == "couple"
        amount, i = self._amount(i)
        i += is_couple and self._at(i).text == "of"
        halves, i = self._and_a_half(i)
        word = self._at(i).text
        if word in FORTNIGHTS:
            unit, size = FORTNIGHTS[word]
            return Span(unit, size * (1 if amount is None else amount), i + 1)
        if word in HOURS and amount is not None and amount % _HOURS_OF_A_DAY == 0:
            return Span("day", amount // _HOURS_OF_A_DAY, i + 1)
        named = UNITS.get(word)
        if named is None or (amount is None and word not in ONE_OF):
            return None
        again, behind = self._and_a_half(i + 1)
        number = 1 if amount is None else amount
        if not halves and not again:
            return Span(named, number, self._behind_unit(i), is_bare=amount is None)
        half = HALF_OF.get(named)
        return None if half is None else Span(half[0], half[1] * (2 * number + 1), behind if again else i + 1)

    def _and_a_half(self, i: int) -> tuple[bool, int]:
        words = next((words for words in _AND_A_HALF if self._reads(i, words)), ())
        return bool(words), i + len(words)

    def _span_turned_round(self, i: int) -> Span | None:
        """Года два, недели три: about so many."""
        unit = UNITS.get(self._at(i).text)
        amount, behind = self._amount(i + 1)
        return None if unit is None or amount is None or self._at(i).text.isascii() else Span(unit, amount, behind)

    def _behind_ending(self, i: int) -> int:
        """The place behind the ending of an ordinal number in digits: 1-й, 1st."""
        token, following = self._at(i), self._at(i + 1)
        if token.text in ORDINAL_ENDINGS and not token.is_spaced:
            return i + 1
        is_joined = not token.is_spaced and not following.is_spaced
        return i + 2 if token.text == "-" and is_joined and following.text in ORDINAL_ENDINGS else i

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

    def _place_in_row(self, i: int) -> tuple[int | None, int]:
        """The number of an ordinal from 0, or -1 for the last; None where none is written."""
        token = self._at(i)
        if token.text in LAST:
            return -1, i + 1
        if token.text in ORDINALS and self._at(i - 1).text not in WHOLE_TENS:
            return ORDINALS[token.text] - 1, i + 1
        behind = self._behind_ending(i + 1)
        if token.is_short and token.number and behind > i + 1:
            return token.number - 1, behind
        return None, i
