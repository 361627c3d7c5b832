"""Records to documents: which column is which field, and the readers of JSON and JSONL.

A column is recognised by its name in any case (`FIELDS`), or named by the caller: `columns={"body": "article_text"}`.
What no field takes goes to the document's metadata under its own name. What `Document.to_dict` gave, written as JSONL,
is read back as an equal document.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from wco_search.documents import Document
from wco_search.errors import ReadError
from wco_search.readers.encodings import iter_lines, text_chunks
from wco_search.readers.items import (
    RECORD_LIMIT,
    Item,
    Options,
    ReadProblem,
    UnknownColumnError,
    day_of,
    make_item,
    too_long,
)
from wco_search.readers.sources import WHOLE_FILE_LIMIT, ByteStream

FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id",),
    "title": ("title", "headline", "заголовок"),
    "date": ("date", "published", "pubdate", "дата"),
    "body": ("body", "text", "content", "текст"),
    "url": ("url", "link"),
    "source": ("source", "источник"),
    "language": ("language", "lang", "язык"),
}
"""Names of columns, in lower case, that fill each field of a document; the first one that is there does."""

OBJECT_LIMIT = 64 * 1024 * 1024
"""Most characters of a JSON file that is one object: it has to be in memory as a whole, at some five times its size."""

_REPORTED_LIMIT = 1000  # names of bad keys that are remembered, so that each is reported once; beyond, each time
_SHOWN_NAMES = 20  # names of columns in a message


class RecordMapper:
    """Turns the records of one file into documents.

    Example:
        >>> mapper = RecordMapper("news.jsonl", Options(columns={"body": "abstract"}))
        >>> [item] = mapper.items(1, {"Headline": "WCO News", "abstract": "The 93rd edition.", "issue": 93})
        >>> item.title, item.body, item.metadata
        ('WCO News', 'The 93rd edition.', {'issue': 93})
    """

    def __init__(self, path: str, options: Options) -> None:
        self._path = path
        self._options = options
        self._named = {field: _folded(column) for field, column in options.columns.items()}
        self._missing = dict(options.columns)
        self._names: dict[str, None] = {}
        self._reported: set[str] = set()
        self._last: tuple[tuple[str, ...], Mapping[str, str]] = (), {}

    def takes(self, names: Iterable[str]) -> Mapping[str, str]:
        """Which of the column *names* fills which field."""
        key = tuple(names)
        if key != self._last[0]:  # the records of a file are mostly alike
            self._last = key, self._matched(key)
        return self._last[1]

    def _matched(self, names: tuple[str, ...]) -> Mapping[str, str]:
        there: dict[str, str] = {}
        for name in names:
            there.setdefault(_folded(name), name)
        named = {field: there[column] for field, column in self._named.items() if column in there}
        rest = {folded: name for folded, name in there.items() if name not in named.values()}
        for field, usual in FIELDS.items():
            if field not in self._named and (found := next((name for name in usual if name in rest), None)):
                named[field] = rest[found]
        return named

    def check_header(self, names: Iterable[str]) -> None:
        """Refuses a table in which no column can be indexed, or a column that the caller named is not there.

        Raises:
            ReadError: There is neither a title nor a body; the message lists the columns.
            UnknownColumnError: A column of `columns=` is not among *names*.
        """
        names = list(names)
        taken = self.takes(names)
        self._note_names(names, taken)
        self.check_columns()
        if "title" not in taken and "body" not in taken:
            reason = 'no column is called title or body; name them with columns={"body": "..."}; there are: '
            raise ReadError(self._path, 1, reason + _shown(names))

    def check_columns(self) -> None:
        """After the last record: a column that the caller named and no record had is a mistake in the call.

        Raises:
            UnknownColumnError: There is such a column.
        """
        if self._missing and self._names:
            field, column = next(iter(self._missing.items()))
            reason = f"no column {column!r} for {field}, as columns= says; there are: {_shown(self._names)}"
            raise UnknownColumnError(self._path, None, reason)

    def _note_names(self, names: Iterable[str], taken: Mapping[str, str]) -> None:
        if self._missing:
            self._missing = {field: column for field, column in self._missing.items() if field not in taken}
            if len(self._names) <= _SHOWN_NAMES:
                self._names.update(dict.fromkeys(names))

    def items(self, line: int | None, record: object) -> Iterator[Item]:
        """The document of one record, behind the problems of its parts; or the problem why there is none."""
        if not isinstance(record, Mapping):
            yield ReadProblem(self._path, line, f"{_kind(record)} where a record was expected")
            return
        taken = self.takes(record)
        self._note_names(record, taken)
        fields = {field: record[name] for field, name in taken.items()}
        metadata: dict[str, Any] = {}
        for name, value in self._left_over(record, set(taken.values())):
            try:
                metadata[_encodable(name)] = _metadata_value(value)
            except ValueError as error:
                yield from self._report(line, name, str(error))
        yield self._document(line, fields, metadata)

    def _left_over(self, record: Mapping[str, object], taken: set[str]) -> Iterator[tuple[str, object]]:
        """What becomes metadata; an object called `metadata` last, so that its values win."""
        inner = record.get("metadata")
        for name, value in record.items():
            if name not in taken and not (name == "metadata" and isinstance(value, Mapping)):
                yield name, value
        if isinstance(inner, Mapping):
            yield from inner.items()

    def _report(self, line: int | None, name: str, reason: str) -> Iterator[ReadProblem]:
        if name in self._reported:
            return
        if len(self._reported) < _REPORTED_LIMIT:
            self._reported.add(name)
        yield ReadProblem(self._path, line, f"{name!r:.80} {reason}; it is left out, here and below", is_lost=False)

    def _document(self, line: int | None, fields: dict[str, Any], metadata: dict[str, Any]) -> Item:
        try:
            fields["date"] = day_of(fields.get("date"))
        except ValueError as error:
            return ReadProblem(self._path, line, str(error))
        identity = fields.get("id")
        if isinstance(identity, int) and not isinstance(identity, bool):
            fields["id"] = str(identity)
        for name in ("id", "title", "body"):
            if fields.get(name) is None:
                fields[name] = ""
        return make_item(self._path, line, self._options, metadata=metadata, **fields)


def _folded(name: str) -> str:
    return name.strip().casefold()


def _shown(names: Iterable[str]) -> str:
    listed = [f"{name:.60}" for name in names]
    more = ", ..." if len(listed) > _SHOWN_NAMES else ""
    return ", ".join(listed[:_SHOWN_NAMES]) + more


def _kind(value: object) -> str:
    kinds = {
        list: "a list",
        str: "a string",
        bool: "true or false",
        int: "a number",
        float: "a number",
        type(None): "null",
    }
    return kinds.get(type(value), type(value).__name__)


def _encodable(text: str) -> str:
    text.encode()  # half of a surrogate pair raises UnicodeEncodeError, a ValueError
    return text


def _metadata_value(value: object) -> object:
    """*value* if a document's metadata can hold it.

    Raises:
        ValueError: It cannot.
    """
    if isinstance(value, str):
        return _encodable(value)
    if value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, dt.datetime | dt.time):
        return value.isoformat()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return [_encodable(part) for part in value]
    what = "an object" if isinstance(value, Mapping) else f"of type {type(value).__name__}"
    raise ValueError(f"is {what}, not text, a number, true or false, or a list of texts")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _decode(text: str, start: int = 0) -> tuple[object, int]:
    """The JSON value at *start* and where it ends.

    Raises:
        ValueError: It is no JSON, or nested too deep to be read.
    """
    try:
        return _DECODER.raw_decode(text, start)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def read_jsonl(stream: ByteStream, options: Options) -> Iterator[Item]:
    """One document for each line, which is a JSON object; empty lines mean nothing.

    A bad line is a problem, and reading goes on behind it.

    Raises:
        ReadError: The file cannot be decoded from some line on.
        UnknownColumnError: No record has a column that the caller named.
    """
    mapper = RecordMapper(stream.label, options)
    for number, line in iter_lines(text_chunks(stream, options.encoding)):
        if line is None:
            yield too_long(stream.label, number)
        elif line.strip():
            yield from _line_items(mapper, stream.label, number, line.strip())
    mapper.check_columns()


def _line_items(mapper: RecordMapper, label: str, number: int, line: str) -> Iterator[Item]:
    try:
        record, end = _decode(line)
        if end < len(line):
            raise json.JSONDecodeError("text behind the record", line, end)
    except ValueError as error:
        yield ReadProblem(label, number, f"not valid JSON: {_json_reason(error)}")
        return
    yield from mapper.items(number, record)


def _json_reason(error: ValueError) -> str:
    return f"{error.msg} (column {error.colno})" if isinstance(error, json.JSONDecodeError) else str(error)


def read_json(stream: ByteStream, options: Options) -> Iterator[Item]:
    """The documents of an array of objects, of an object with one list of objects in it, or of one object.

    An array is read record by record, whatever its length.

    Raises:
        ReadError: The file is no such JSON from some line on, is too long, or cannot be decoded.
        UnknownColumnError: No record has a column that the caller named.
    """
    mapper = RecordMapper(stream.label, options)
    window = _Window(stream.label, text_chunks(stream, options.encoding, limit=WHOLE_FILE_LIMIT))
    first = window.peek()
    if first == "[":
        yield from _array_items(window, mapper)
    elif first == "{":
        yield from _object_items(window, mapper)
    else:
        raise ReadError(stream.label, window.line, "not JSON: it begins neither with [ nor with {")
    mapper.check_columns()


class _Window:
    """A piece of a long JSON text, moved on from value to value.

    Attributes:
        line: The line number of the place where it stands.
    """

    _SPACE = re.compile(r"[ \t\n]*")

    def __init__(self, label: str, chunks: Iterator[str]) -> None:
        self.label = label
        self.line = 1
        self._chunks = chunks
        self._text = ""
        self._at = 0

    def _grow(self) -> bool:
        """Makes the text ahead at least twice as long, so that trying again costs no more than twice the work."""
        ahead = self._text[self._at :]
        parts, length = [ahead], 0
        while length <= len(ahead) and (part := next(self._chunks, None)) is not None:
            parts.append(part)
            length += len(part)
        self._text, self._at = "".join(parts), 0
        return length > 0

    def _move(self, to: int) -> None:
        self.line += self._text.count("\n", self._at, to)
        self._at = to

    def peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        while True:
            space = self._SPACE.match(self._text, self._at)
            self._move(space.end() if space else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._grow():
                return ""

    def take(self) -> str:
        """The next character that is not white space, left behind."""
        sign = self.peek()
        self._move(self._at + len(sign))
        return sign

    def value(self, limit: int) -> object:
        """The next JSON value, left behind.

        Raises:
            ReadError: It is not valid, or has more than *limit* characters.
        """
        self.peek()
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except ValueError as error:
                problem: ValueError | None = error
            else:
                problem = None
                if end < len(self._text):  # else a number might go on in the next piece
                    return self._left(value, end)
            if len(self._text) - self._at > limit:
                raise self._error(
                    problem or ValueError("too long"), f" within the {limit:,} characters that it may have"
                )
            if not self._grow():
                if problem:
                    raise self._error(problem, "")
                return self._left(value, len(self._text))

    def _left(self, value: object, end: int) -> object:
        self._move(end)
        return value

    def _error(self, error: ValueError, where: str) -> ReadError:
        line = self.line
        if isinstance(error, json.JSONDecodeError):
            line += self._text.count("\n", self._at, error.pos)
        return ReadError(self.label, line, f"not valid JSON{where}: {_json_reason(error)}")


def _array_items(window: _Window, mapper: RecordMapper) -> Iterator[Item]:
    window.take()
    if window.peek() == "]":
        window.take()
    else:
        sign = ","
        while sign == ",":
            window.peek()
            line = window.line
            yield from mapper.items(line, window.value(RECORD_LIMIT))
            sign = window.take()
        if sign != "]":
            raise ReadError(
                window.label, window.line, "not valid JSON: , or ] must follow a record; the file may be cut off"
            )
    if window.peek():
        raise ReadError(
            window.label, window.line, "text behind the end of the array; for one record a line, pass format='jsonl'"
        )


def _object_items(window: _Window, mapper: RecordMapper) -> Iterator[Item]:
    whole: Any = window.value(OBJECT_LIMIT)  # it begins with {, so it is an object
    if window.peek():
        raise ReadError(
            window.label, window.line, "text behind the end of the object; for one record a line, pass format='jsonl'"
        )
    lists = [name for name, value in whole.items() if _is_list_of_records(value)]
    if isinstance(whole.get(mapper.takes(whole).get("body", "")), str) or not lists:
        yield from mapper.items(1, whole)
    elif len(lists) > 1:
        raise ReadError(window.label, None, f"several lists of records ({_shown(lists)}); keep one in the file")
    else:
        for number, record in enumerate(whole[lists[0]], 1):
            for item in mapper.items(None, record):
                yield (
                    item if isinstance(item, Document) else replace(item, reason=f"{lists[0]}[{number}]: {item.reason}")
                )


def _is_list_of_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(part, Mapping) for part in value)
