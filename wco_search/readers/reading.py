"""`read`: from paths to documents, one format's reader for each file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from wco_search.documents import Document
from wco_search.errors import ReadError
from wco_search.readers.encodings import codec_name, head_text
from wco_search.readers.feeds import PROLOG, read_feed
from wco_search.readers.html import read_html
from wco_search.readers.items import Item, Options, ReadProblem, UnknownColumnError
from wco_search.readers.newsroom import is_newsroom, read_newsroom
from wco_search.readers.plain import read_markdown, read_text
from wco_search.readers.records import FIELDS, read_json, read_jsonl
from wco_search.readers.sources import AnyPath, ByteStream, find_files, open_streams
from wco_search.readers.tables import is_header, read_csv, read_parquet, read_tsv

Reader: TypeAlias = Callable[[ByteStream, Options], Iterator[Item]]

FORMATS: Mapping[str, Reader] = {
    "newsroom": read_newsroom,
    "text": read_text,
    "markdown": read_markdown,
    "html": read_html,
    "feed": read_feed,
    "json": read_json,
    "jsonl": read_jsonl,
    "csv": read_csv,
    "tsv": read_tsv,
    "parquet": read_parquet,
}
"""The formats by the name that `format=` takes."""

SUFFIXES: Mapping[str, str] = {
    ".txt": "text",  # or newsroom, if it begins like one
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
}
"""The format that the end of a file's name tells."""

_ROOT = re.compile(PROLOG + r"<(!doctype\s+html|html|rss|feed|rdf:)", re.DOTALL | re.IGNORECASE)

PROBLEMS_KEPT = 1000
"""Most problems that a `Reading` keeps: as many as anybody looks through."""


class Reading(Iterator[Document]):
    r"""The documents of `read`, one after the other and once, and the account of what could not be read.

    Attributes:
        read: Documents given so far.
        skipped: Records, or whole files, that are missing because they could not be read.
        problems: What was wrong, in the order of reading; the first `PROBLEMS_KEPT`.
        problems_more: How many problems came after those.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "news.jsonl")
        >>> _ = path.write_text('{"body": "Operation Corsair"}\n{"title":\n', encoding="utf-8")
        >>> reading = read(path)
        >>> [document.body for document in reading], reading
        (['Operation Corsair'], <Reading: 1 read, 1 skipped>)
        >>> print(reading.problems[0].line, reading.problems[0].reason)
        2 not valid JSON: Expecting value (column 10)
    """

    def __init__(self, items: Iterator[Item], *, strict: bool) -> None:
        self._items = items
        self._strict = strict
        self.read = 0
        self.skipped = 0
        self.problems: list[ReadProblem] = []
        self.problems_more = 0

    def __next__(self) -> Document:
        for item in self._items:
            if isinstance(item, Document):
                self.read += 1
                return item
            self._note(item)
        raise StopIteration

    def _note(self, problem: ReadProblem) -> None:
        self.skipped += problem.is_lost
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(problem)
        else:
            self.problems_more += 1
        if self._strict:
            self._items = iter(())  # which closes the file
            raise problem.to_error()

    def __repr__(self) -> str:
        return f"<Reading: {self.read:,} read, {self.skipped:,} skipped>"


def read(
    paths: AnyPath | Iterable[AnyPath],
    *,
    format: str | None = None,
    strict: bool = False,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    source: str | None = None,
    language: str | None = None,
) -> Reading:
    r"""Read documents from files, folders and patterns, lazily and in a fixed order.

    Args:
        paths: A file, a folder (with all below it, but hidden files), a pattern (`news/**/*.jsonl`), `-` for standard
            input, or several of these. `.gz` and `.zip` are opened.
        format: One of `FORMATS`, where the names of the files do not tell.
        strict: Raise the first problem instead of noting it in the `Reading`.
        columns: Names of columns or keys for fields of a document: `{"body": "article_text", "date": "day"}`.
        encoding: Encoding of text files; recognised if not given.
        source: Source of the documents whose file names none.
        language: ISO 639-1 code of the documents whose file names none; told by the alphabet if not given.

    Returns:
        An iterator of documents, with counts and problems.

    Raises:
        ReadError: At once if a path does not exist or a pattern matches nothing; while reading if the file lacks a
            column of *columns*, or at the first problem under *strict*.
        MissingExtraError: While reading a Parquet file without pyarrow.
        ValueError: No path, or an unknown format, field in *columns*, or encoding.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "october.txt")
        >>> text = "09 октября 2020\nSpanish Customs stopped fossils.\nread more\n"
        >>> _ = path.write_text(text, encoding="utf-8")
        >>> [(str(document.date), document.body) for document in read(path)]
        [('2020-10-09', 'Spanish Customs stopped fossils.')]
    """
    if format is not None and format not in FORMATS:
        raise ValueError(f"format {format!r} is unknown; it is one of: {', '.join(FORMATS)}")
    options = Options(
        columns=_checked_columns(columns or {}),
        encoding=None if encoding is None else codec_name(encoding),
        source=source,
        language=language,
    )
    return Reading(_items(find_files(paths), format, options), strict=strict)


def _checked_columns(columns: Mapping[str, str]) -> Mapping[str, str]:
    for field, column in columns.items():
        if field not in FIELDS:
            raise ValueError(f"columns: {field!r} is no field of a document; those are: {', '.join(FIELDS)}")
        if not isinstance(column, str):
            raise TypeError(f"columns: the column for {field!r} must be a string, not {type(column).__name__}")
    return dict(columns)


def _items(files: Iterator[Path | ReadProblem | None], chosen: str | None, options: Options) -> Iterator[Item]:
    for file in files:
        if isinstance(file, ReadProblem):
            yield file
            continue
        for stream in open_streams(file):
            if isinstance(stream, ReadProblem):
                yield stream
            else:
                yield from _stream_items(stream, chosen, options)


def _stream_items(stream: ByteStream, chosen: str | None, options: Options) -> Iterator[Item]:
    is_barren = True
    try:
        for item in _reader(stream, chosen, options)(stream, options):
            yield item
            is_barren = False
    except UnknownColumnError:
        raise
    except ReadError as error:
        yield ReadProblem.from_error(error)
    else:
        if is_barren:
            yield ReadProblem(stream.label, None, "holds no documents")


def _reader(stream: ByteStream, chosen: str | None, options: Options) -> Reader:
    stream.check_not_empty()
    if chosen:
        return FORMATS[chosen]
    if not stream.name:
        return FORMATS[_recognised(stream, options)]
    suffix = re.search(r"\.[^.]*$", stream.name.lower())
    found = SUFFIXES.get(suffix[0] if suffix else "")
    if found is None:
        raise ReadError(stream.label, None, f"not a format I know; pass format=, one of: {', '.join(FORMATS)}")
    if found == "text" and is_newsroom(head_text(stream, options.encoding)):
        return read_newsroom
    return FORMATS[found]


def _recognised(stream: ByteStream, options: Options) -> str:
    """The format of standard input, by how it begins."""
    if stream.head.startswith(b"PAR1"):
        return "parquet"
    text = head_text(stream, options.encoding).lstrip()
    first, _, _ = text.partition("\n")
    if text.startswith("<"):
        root = _ROOT.match(text)
        is_feed = root[1].lower() in ("rss", "feed", "rdf:") if root else text.startswith("<?xml")
        return "feed" if is_feed else "html"
    if text.startswith("["):
        return "json"
    if text.startswith("{"):
        return "jsonl" if first.rstrip().endswith("}") else "json"
    if is_newsroom(text):
        return "newsroom"
    return "csv" if is_header(first, options) else "text"
