"""What a reader yields for each record: a `Document`, or a `ReadProblem` that says why there is none."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

from wco_search.dates import parse_day
from wco_search.documents import Document
from wco_search.errors import InvalidDocumentError, ReadError

RECORD_LIMIT = 16 * 1024 * 1024
"""Most characters in one record: five times the longest novel, and small enough to hold a few of them in memory."""

# What may follow a day: "14:05", ", 14:05 МСК", " в 14:05", "T14:05:00Z", " 14:05:00 +0300 (MSK)", " at 2:05 p.m. GMT".
_CLOCK = re.compile(
    r"(?:[,\s]+|(?<=\d)T)(?:(?:в|at)\s+)?\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s*[ap]\.?m\b\.?)?"
    r"(?:\s*(?:[+-]\d\d(?::?\d\d)?|(?:Z|UTC|UT|GMT|МСК|M[SDE]K|[ECMPB][ES]?T|EEST|CEST|[ECMP]DT)\b))?(?:\s*\(\w+\))?\s*",
    re.IGNORECASE,
)
_MAIL_1982 = re.compile(
    r"\s*(?:[A-Z]{3},\s*)?\d{1,2}\s+[A-Z]{3}\s+\d\d\s+\d\d:\d\d(?::\d\d)?\s+\S{1,5}\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ReadProblem:
    """Something that could not be read.

    Attributes:
        path: The file, with `!member` behind it for a member of an archive.
        line: Line number from 1 (the record's number in Parquet), or None where the whole file is meant.
        reason: What is wrong, and where possible what to do.
        is_lost: Whether a record, or the rest of a file, is missing because of it; else only a part of a record is.

    Example:
        >>> print(ReadProblem("news.csv", 7, "2 values for 3 columns"))
        news.csv:7: 2 values for 3 columns
    """

    path: str
    line: int | None
    reason: str
    is_lost: bool = True

    def __str__(self) -> str:
        return str(self.to_error())

    def to_error(self) -> ReadError:
        """The same as an exception."""
        return ReadError(self.path, self.line, self.reason)

    @classmethod
    def from_error(cls, error: ReadError) -> ReadProblem:
        """An exception that ended a file, as a problem to report."""
        return cls(error.path, error.line, error.reason)


Item: TypeAlias = Document | ReadProblem


class UnknownColumnError(ReadError):
    """A column that the caller named is nowhere in the file: a mistake in the call, raised even if not strict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller of `read` said about the content of the files.

    Attributes:
        columns: The file's name for a field of ours, where it is not a usual one.
        encoding: The encoding of text files, or None to recognise it.
        source, language: Given to every document whose file does not name its own.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    source: str | None = None
    language: str | None = None


def make_item(path: str, line: int | None, options: Options, **fields: Any) -> Item:
    """The document with these *fields*, or the reason why there cannot be one.

    Example:
        >>> print(make_item("news.txt", 3, Options(), body=" "))
        news.txt:3: body is empty, and so is the title: there is nothing to index
    """
    fields["source"] = fields.get("source") or options.source
    fields["language"] = fields.get("language") or options.language
    length = sum(len(value) for value in fields.values() if isinstance(value, str))
    if length > RECORD_LIMIT:
        return too_long(path, line)
    try:
        return Document(**fields)
    except InvalidDocumentError as error:
        return ReadProblem(path, line, f"{error.field} {error.reason}")


def too_long(path: str, line: int | None) -> ReadProblem:
    """The problem of a record of more than `RECORD_LIMIT` characters."""
    return ReadProblem(path, line, f"a record of more than {RECORD_LIMIT:,} characters; split it into several")


def day_of(value: object) -> dt.date | None:
    """The day that a date field means; None for an empty one. A time of day behind it is left out.

    Raises:
        ValueError: *value* is no day, with what to write instead.

    Example:
        >>> day_of("Fri, 30 Oct 2020 14:05:00 +0300"), day_of("30 октября 2020, 14:05"), day_of("")
        (datetime.date(2020, 10, 30), datetime.date(2020, 10, 30), None)
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if value is None or isinstance(value, dt.date):
        return value
    if not isinstance(value, str) or re.fullmatch(r"\s*-?\d{5,}(?:\.\d+)?\s*", value):
        raise ValueError(f"the date is a number ({value!r:.40}) of unknown unit; write it as 2020-10-30")
    day = written_day(value)
    if day is None and value.strip():
        raise ValueError(f"the date {value!r:.60} is not a day; write it as 2020-10-30")
    return day


def written_day(text: str) -> dt.date | None:
    """The day that *text* writes, perhaps with a time of day, as news sites and feeds do; None where it is none.

    Example:
        >>> written_day("30.10.2020 14:05"), written_day("30 Oct 20 14:05 GMT"), written_day("in October")
        (datetime.date(2020, 10, 30), datetime.date(2020, 10, 30), None)
    """
    if ":" not in text:
        return parse_day(text)
    if clock := _CLOCK.search(text):
        if day := parse_day(text[: clock.start()] + " " + text[clock.end() :]):
            return day
        if _MAIL_1982.fullmatch(text):  # RFC 822 before it got years of four digits
            return _mail_day(text)
    return None


def _mail_day(text: str) -> dt.date | None:
    try:
        return parsedate_to_datetime(text).date()
    except ValueError:
        return None
