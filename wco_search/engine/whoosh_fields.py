"""The fields of an index as a Whoosh schema: Whoosh's own field types, with what they get wrong put right.

    id, url, source, language   ID        one exact keyword
    title, body                 TEXT      the library's analysis; words of several terms are sought by any of them
    date                        DayField  one term a day
    metadata: str, list         ID, KEYWORD
              int, float        NumberField
              bool, date        FlagField, DayField

All are stored, and all but `body` can be sorted and grouped by. A metadata field whose name begins with an underscore
is left out, since Whoosh keeps such names for itself.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from wco_search.dates import Period, parse_period
from wco_search.documents import FieldKind, MetadataSchema
from wco_search.engine.whoosh_analyzer import ANALYZER, whoosh

MISSING = 2**64
"""The column value of a document without a number: above all others, so that it sorts last."""

_LAST_MOMENT_US = (dt.datetime.max - dt.datetime.min) // dt.timedelta(microseconds=1)
_MIDNIGHT = dt.time()
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)?(?:\d\d){0,3}")  # 202010, 20201030, 20201030120000


def day_of(value: object) -> dt.date:
    """The calendar day of a date, a naive datetime, or a written day (of a written month or year the first).

    Raises:
        ValueError: *value* has a time zone, so that its day depends on who asks; or is no written date.
        TypeError: *value* is of another type.

    Example:
        >>> day_of(dt.datetime(2020, 10, 30, 18, 5)), day_of("30 октября 2020")
        (datetime.date(2020, 10, 30), datetime.date(2020, 10, 30))
    """
    if isinstance(value, dt.datetime):
        refuse_zone(value)
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        period = _period(value)
        if period is None or period.start is None:
            raise ValueError(f"{value!r} is not a date; write it like 2020-10-30 or give a datetime.date")
        return period.start
    raise TypeError(f"{value!r} is not a date")


def refuse_zone(value: object) -> None:
    """Raise ValueError if *value* is a datetime with a time zone."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        raise ValueError(
            f"{value.isoformat()} has a time zone, but the index holds calendar days; give the day that is meant, as "
            "value.date() in the zone of your readers"
        )


def _period(text: str) -> Period | None:
    if match := _COMPACT.fullmatch(text.strip()):
        text = "-".join(part for part in match.groups() if part)
    return parse_period(text)


def midnight(day: dt.date) -> dt.datetime:
    """The day as Whoosh has it: a datetime."""
    return dt.datetime.combine(day, _MIDNIGHT)


class DayField(whoosh.fields.DATETIME):  # type: ignore[misc]  # Whoosh has no types
    """A calendar day.

    Takes `datetime.date`, naive `datetime.datetime` (its time is dropped) and dates written in Russian or English;
    gives back `datetime.datetime` at midnight.

    Raises:
        ValueError: A value has a time zone, or is no written date.
    """

    def __init__(self, *, stored: bool = False, unique: bool = False, sortable: bool = True) -> None:
        super().__init__(stored=stored, unique=unique, sortable=sortable)
        self.shift_step = 0  # one term a day; Whoosh's coarser terms speed up ranges over millions of moments

    def prepare_datetime(self, value: object) -> int | bytes:
        """The day in microseconds since the year 1."""
        if isinstance(value, bytes):
            return value
        return (midnight(day_of(value)) - dt.datetime.min) // dt.timedelta(microseconds=1)

    def from_column_value(self, value: int) -> dt.datetime | None:
        """The day that a column holds, or None."""
        return None if value > _LAST_MOMENT_US else dt.datetime.min + dt.timedelta(microseconds=value)

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> Any:
        """The query for a written day, month or year."""
        if qstring == "*":
            return whoosh.query.Every(fieldname, boost=boost)
        period = _period(qstring)
        if period is None:
            return whoosh.query.error_query(f"{qstring!r} is not a date")
        return self._range(fieldname, period.start, period.end, boost=boost)

    def parse_range(
        self,
        fieldname: str,
        start: str | None,
        end: str | None,
        startexcl: bool,
        endexcl: bool,
        boost: float = 1.0,
    ) -> Any:
        """The query for a written range: an end includes all of its period, or none of it where the end is open."""
        low, high = (None if text is None else _period(text) for text in (start, end))
        for text, period in ((start, low), (end, high)):
            if text is not None and period is None:
                raise whoosh.qparser.common.QueryParserError(f"{text!r} is not a date")
        first = None if low is None else low.end if startexcl else low.start
        last = None if high is None else high.start if endexcl else high.end
        return self._range(fieldname, first, last, startexcl=startexcl, endexcl=endexcl, boost=boost)

    def _range(self, fieldname: str, first: dt.date | None, last: dt.date | None, **options: Any) -> Any:
        if first is None and last is None:
            return whoosh.query.Every(fieldname, boost=options["boost"])
        ends = (None if day is None else midnight(day) for day in (first, last))
        return whoosh.query.DateRange(fieldname, *ends, **options)


class NumberField(whoosh.fields.NUMERIC):  # type: ignore[misc]
    """A 64-bit integer or a float, one term a number."""

    def __init__(self, numtype: type) -> None:
        super().__init__(numtype, 64, stored=True, shift_step=0, sortable=True)

    def default_column(self) -> Any:
        """The column of sortable numbers; Whoosh's own cannot be written for floats."""
        return whoosh.columns.NumericColumn(self.sortable_typecode, default=MISSING - 1)

    def from_column_value(self, value: int) -> Any:
        """The number that a column holds, or None."""
        return None if value >= MISSING else super().from_column_value(value)


class FlagField(whoosh.fields.BOOLEAN):  # type: ignore[misc]
    """A truth value that can be sorted and grouped by."""

    def __init__(self) -> None:
        super().__init__(stored=True)
        self.column_type = whoosh.columns.BitColumn()

    def to_column_value(self, value: object) -> bool:
        """The value as a column holds it."""
        return bool(self._obj_to_bool(value))

    def from_column_value(self, value: int) -> bool | None:
        """The truth value that a column holds, or None."""
        return None if value >= MISSING else bool(value)


def _keyword() -> Any:
    return whoosh.fields.ID(stored=True, sortable=True)


def _field(kind: FieldKind) -> Any:
    match kind:
        case "keyword":
            return _keyword()
        case "keywords":
            return whoosh.fields.KEYWORD(stored=True, commas=True, sortable=True)
        case "integer":
            return NumberField(int)
        case "float":
            return NumberField(float)
        case "boolean":
            return FlagField()
        case "date":
            return DayField(stored=True)


def whoosh_schema(metadata: MetadataSchema) -> Any:
    """The `whoosh.fields.Schema` of an index with these metadata fields.

    Example:
        >>> whoosh_schema(MetadataSchema.of({"views": int})).names()
        ['body', 'date', 'id', 'language', 'source', 'title', 'url', 'views']
    """
    text = {"analyzer": ANALYZER, "stored": True, "multitoken_query": "or"}
    schema = whoosh.fields.Schema(
        id=whoosh.fields.ID(stored=True, unique=True, sortable=True),
        title=whoosh.fields.TEXT(**text, sortable=True),
        body=whoosh.fields.TEXT(**text),
        date=DayField(stored=True),
        url=_keyword(),
        source=_keyword(),
        language=_keyword(),
    )
    for name, kind in metadata.kinds.items():
        if not name.startswith("_"):
            schema.add(name, _field(kind))
    return schema
