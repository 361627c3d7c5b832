"""Newsroom pages saved as text: a date alone on its line, a few lines of text, "read more", and again.

    30 октября 2020
    The WCO has published the 93rd edition of WCO News.
    read more

Every line of text ends up in a document: text before the first date, or after a "read more" without a date behind it,
becomes a document without a date.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from wco_search.errors import ReadError
from wco_search.readers.encodings import iter_lines, text_chunks
from wco_search.readers.items import RECORD_LIMIT, Item, Options, ReadProblem, make_item, too_long, written_day
from wco_search.readers.sources import WHOLE_FILE_LIMIT, ByteStream

READ_MORE = re.compile(r"(?:read more|читать далее|подробнее)\s*(?:…|\.{3}|»|>{1,2}|→)?", re.IGNORECASE)
"""The link under an item, in both languages of the site."""

_LONGEST_DATE_LINE = 60  # characters: "в понедельник, 30 сентября 2020 года, в 14:05:00 МСК"
_PADDING = " \t\n\f\v\u00a0\u2007\u202f\ufeff\u200b\u200e\u200f"
# White space and marks that web pages and glued files leave around a line: no-break spaces, byte order marks.


def date_line(line: str) -> dt.date | None:
    """The day of a line that is a date and nothing else.

    Example:
        >>> date_line("09 октября 2020\u00a0"), date_line("On 9 October 2020 Spanish Customs")
        (datetime.date(2020, 10, 9), None)
    """
    text = line.strip(_PADDING)
    return written_day(text) if 0 < len(text) <= _LONGEST_DATE_LINE and any(map(str.isdigit, text)) else None


def is_read_more(line: str) -> bool:
    """Whether a line is nothing but the link to the whole article.

    Example:
        >>> is_read_more("Читать далее…"), is_read_more("Read more about fossils")
        (True, False)
    """
    return READ_MORE.fullmatch(line.strip(_PADDING)) is not None


def is_newsroom(head: str) -> bool:
    r"""Whether a text begins as a newsroom page does: with a date line, and some text under it.

    Example:
        >>> is_newsroom("30 октября 2020\nWCO News is out.\nread more\n"), is_newsroom("30 октября 2020\n")
        (True, False)
    """
    lines = (line for line in head.split("\n") if line.strip(_PADDING))
    return date_line(next(lines, "")) is not None and next(lines, None) is not None


@dataclass(slots=True)
class _Entry:
    """One item while it is read; `line` is that of its date, or of its first text."""

    line: int
    day: dt.date | None = None
    text: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, line: str) -> None:
        self.length += len(line) + 1
        if self.length <= RECORD_LIMIT:
            self.text.append(line)
        else:
            self.text.clear()

    def has_text(self) -> bool:
        return self.length > RECORD_LIMIT or any(line.strip(_PADDING) for line in self.text)


def read_newsroom(stream: ByteStream, options: Options) -> Iterator[Item]:
    """One document for each item of the page; its body is the item's lines as they are written, its title empty.

    A date with nothing under it is a problem at its line.

    Raises:
        ReadError: The file cannot be decoded, or is too long.
    """
    entry: _Entry | None = None
    before = ""
    for number, line, after in _with_next(stream, options):
        if (day := date_line(line)) and _starts_item(entry, before, after):
            yield from _finished(stream.label, entry, options)
            entry = _Entry(number, day)
        elif is_read_more(line):
            yield from _finished(stream.label, entry, options)
            entry = None
        elif entry or line.strip(_PADDING):
            entry = entry or _Entry(number)
            entry.add(line)
        before = line
    yield from _finished(stream.label, entry, options)


def _starts_item(entry: _Entry | None, before: str, after: str | None) -> bool:
    """A date right under text and right above another date, or above nothing, is the last line of that text."""
    if entry is None or not entry.has_text() or not before.strip(_PADDING):
        return True
    return after is not None and date_line(after) is None


def _finished(label: str, entry: _Entry | None, options: Options) -> Iterator[Item]:
    if entry is None:
        return
    if entry.length > RECORD_LIMIT:
        yield too_long(label, entry.line)
    elif entry.has_text():
        yield make_item(label, entry.line, options, body="\n".join(entry.text).strip(_PADDING), date=entry.day)
    elif entry.day:
        yield ReadProblem(label, entry.line, f"the date {entry.day} has no text under it")


def _with_next(stream: ByteStream, options: Options) -> Iterator[tuple[int, str, str | None]]:
    """Number, line, and the line after it, None at the end."""
    waiting: tuple[int, str] | None = None
    try:
        for number, line in iter_lines(text_chunks(stream, options.encoding, limit=WHOLE_FILE_LIMIT)):
            checked = _checked_line(stream.label, number, line)
            if waiting:
                yield *waiting, checked
            waiting = number, checked
    except ReadError:
        if waiting:
            yield *waiting, None
        raise
    if waiting:
        yield *waiting, None


def _checked_line(label: str, number: int, line: str | None) -> str:
    if line is None or "\0" in line:
        reason = "a line of more characters than a record may have" if line is None else "a NUL character"
        raise ReadError(label, number, f"{reason}: this is no newsroom page")
    return line
