"""Values in a query to tests of a column: `date:2020-10`, `views:[10 TO 20]`, `source:reuters`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from wco_search.dates import WEEKDAYS, Period, WrittenDate, read_date
from wco_search.documents import FieldKind, MetadataSchema, MetadataValue
from wco_search.engine.columns import KeywordColumn, NumberColumn
from wco_search.engine.expansion import edit_distances, pattern_test
from wco_search.engine.strings import Array
from wco_search.errors import InvalidDocumentError
from wco_search.text import fold


class NotAValueError(ValueError):
    """A value cannot be one of the column's; the message says what the column holds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The documents for which a condition holds, what its value was taken for, and what had to be changed in it."""

    mask: Array
    meaning: str
    remark: str = ""


WHAT: dict[FieldKind, str] = {
    "date": 'a date (2020-10-30, 30.10.2020, "30 октября 2020", 2020-10, 2020, "last week")',
    "integer": "a whole number",
    "float": "a number",
    "boolean": "yes or no",
    "keyword": "a word or phrase",
    "keywords": "a word or phrase",
}
"""What a field of each kind holds, as messages say it."""


def has_value(column: NumberColumn | KeywordColumn, text: str, *, today: dt.date, exact: bool = False) -> Outcome:
    """The documents whose value is *text*: for a date, lies in the period that it writes, seen on the day *today*.

    Raises:
        NotAValueError: The column cannot hold *text*.
    """
    if isinstance(column, KeywordColumn):
        return Outcome(column.having_word(text) if not exact else _having_exactly(column, text), f"“{text}”")
    if column.kind == "date":
        written = to_date(text, today)
        return _in_period(column, written.period, [written])
    value = to_number(column.kind, text)
    return Outcome(column.in_range(value, value, closed=(True, True)), str(value))


def on_weekdays(column: NumberColumn, low: str, high: str) -> Outcome:
    """The documents of a field of days on the weekdays from *low* to *high*: 1 to 7, from Monday, or their names.

    Raises:
        NotAValueError: They are none.
    """
    numbers = first, last = _weekday(low), _weekday(high)
    own = (column.values.astype(np.int64) - 1) % 7 + 1  # day 1, 1 January of year 1, is a Monday
    return Outcome(column.present & (own >= first) & (own <= last), "..".join(map(str, dict.fromkeys(numbers))))


def _weekday(text: str) -> int:
    word = fold(text).strip()
    number = int(word) if word in set("1234567") else WEEKDAYS.get(word, -1) + 1
    if not number:
        raise NotAValueError(f"{text!r} is not a day of the week (1 to 7, from Monday, or its name)")
    return number


def _in_period(column: NumberColumn, period: Period, written: list[WrittenDate]) -> Outcome:
    mask = column.in_range(period.start, period.end, closed=(True, True))
    return Outcome(mask, str(period), remark_on(period, written))


def remark_on(period: Period, written: Iterable[WrittenDate]) -> str:
    """What there is to tell of the days that *written* dates make up."""
    if period.start is not None and period.end is not None and period.start > period.end:
        return "ends before it begins, so that no day is in it"
    is_cut = any(date.is_cut for date in written)
    return f"goes beyond the calendar (years 1000 to 2999); taken as {period}" if is_cut else ""


def _having_exactly(column: KeywordColumn, text: str) -> Array:
    folded = fold(text)
    return column.having(lambda word: word == folded) & _spelled(column, text)


def _spelled(column: KeywordColumn, text: str) -> Array:
    number = column.words.find(text)
    owners = np.repeat(np.arange(len(column.starts) - 1), np.diff(column.starts))
    mask = np.zeros(len(column.starts) - 1, np.bool_)
    mask[owners[column.codes == (-1 if number is None else number)]] = True
    return mask


def fits_pattern(column: NumberColumn | KeywordColumn, pattern: str) -> Outcome:
    """The documents with a keyword that fits *pattern* of `*` and `?`.

    Raises:
        NotAValueError: The column holds numbers or dates.
    """
    return Outcome(_keywords(column).having(pattern_test(fold(pattern))), f"“{pattern}”")


def is_near(column: NumberColumn | KeywordColumn, text: str, distance: int) -> Outcome:
    """The documents with a keyword within *distance* edits of *text*.

    Raises:
        NotAValueError: The column holds numbers or dates.
    """
    folded = fold(text)
    near = _keywords(column).having(lambda word: edit_distances(folded, [word]).item() <= distance)
    return Outcome(near, f"“{text}” or nearly so")


def _keywords(column: NumberColumn | KeywordColumn) -> KeywordColumn:
    if not isinstance(column, KeywordColumn):
        raise NotAValueError(f"the field holds {WHAT[column.kind]}; * ? and ~ are for words")
    return column


def in_range(
    column: NumberColumn | KeywordColumn,
    low: str | None,
    high: str | None,
    *,
    today: dt.date,
    closed: tuple[bool, bool],
) -> Outcome:
    """The documents with a value from *low* to *high*; None is open. Dates are seen on the day *today*.

    A date may be a period: a range includes all of the periods at its ends, or none of them where the end is open.

    Raises:
        NotAValueError: The column cannot hold an end.
    """
    if low is None and high is None:
        return Outcome(column.known(), "any")
    meaning = f"{'' if low is None else low}..{'' if high is None else high}"
    if isinstance(column, KeywordColumn):
        return Outcome(column.having(_between(low, high, closed=closed)), meaning)
    if column.kind == "date":
        first, last = (None if end is None else to_date(end, today) for end in (low, high))
        period = date_range(first, last, closed=closed)
        return _in_period(column, period, [end for end in (first, last) if end])
    low_value = None if low is None else to_number(column.kind, low)
    high_value = None if high is None else to_number(column.kind, high)
    return Outcome(column.in_range(low_value, high_value, closed=closed), meaning)


def _between(low: str | None, high: str | None, *, closed: tuple[bool, bool]) -> Callable[[str], bool]:
    bottom, top = (None if end is None else fold(end) for end in (low, high))

    def fits(word: str) -> bool:
        above = bottom is None or word > bottom or (closed[0] and word == bottom)
        below = top is None or word < top or (closed[1] and word == top)
        return above and below

    return fits


def date_range(low: WrittenDate | None, high: WrittenDate | None, *, closed: tuple[bool, bool]) -> Period:
    """The days from one written date to another: all days of the periods at its ends, or none where an end is open."""
    start = end = None
    one_day = dt.timedelta(days=1)
    if low is not None:
        period = low.period
        start = period.start if closed[0] or period.end is None else period.end + one_day
    if high is not None:
        period = high.period
        end = period.end if closed[1] or period.start is None else period.start - one_day
    return Period(start, end)


def to_date(text: str, today: dt.date) -> WrittenDate:
    """The date that *text* writes, seen on the day *today*.

    Raises:
        NotAValueError: It writes none.
    """
    written = read_date(text, today=today)
    if written is None:
        raise NotAValueError(f"{text!r} is not {WHAT['date']}")
    return written


def to_number(kind: FieldKind, text: str) -> MetadataValue:
    """The value of *kind* that *text* writes.

    Raises:
        NotAValueError: It writes none.
    """
    try:
        value = MetadataSchema({"value": kind}).coerce("value", text, document_id=None)
    except InvalidDocumentError:
        value = None
    if value is None:
        raise NotAValueError(f"{text!r} is not {WHAT[kind]}")
    return value
