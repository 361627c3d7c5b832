"""Tables: CSV and TSV, a header and one record a row; and Parquet, with the extra `parquet`."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import IO, Any

from wco_search.errors import MissingExtraError, ReadError
from wco_search.readers.encodings import iter_lines, text_chunks
from wco_search.readers.items import RECORD_LIMIT, Item, Options, ReadProblem, too_long
from wco_search.readers.records import RecordMapper
from wco_search.readers.sources import MEBIBYTE, ByteStream

DELIMITERS = ",;\t|"
"""What may stand between the values of a row; Russian Excel writes `;`."""

ROW_GROUP_LIMIT = 512 * MEBIBYTE
"""Most bytes of one row group of a Parquet file, which is unpacked as a whole; writers make groups of 1 to 128 MB."""

_BATCH_ROWS = 32  # rows of Parquet at a time: few enough for rows of 16 MB, many enough to cost 5 µs each


class RowError(csv.Error):
    """A row that cannot be read; the rows behind it can."""


class _Lines:
    """The lines of a table for `csv.reader`, with a limit to how much one row may take.

    Attributes:
        number: The number of the line given last.
    """

    def __init__(self, lines: Iterator[tuple[int, str | None]]) -> None:
        self._lines = lines
        self._length = 0
        self._is_quoted = False
        self.number = 0

    def start_row(self) -> None:
        self._length = 0
        self._is_quoted = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        if line is None:
            raise RowError(too_long("", None).reason)
        self._note(line)
        if self._length > RECORD_LIMIT or "\0" in line:
            reason = "a NUL character; the file is damaged here" if "\0" in line else too_long("", None).reason
            self._skip_row()
            raise RowError(reason)
        return line + "\n"

    def _note(self, line: str) -> None:
        self._length += len(line) + 1
        self._is_quoted ^= line.count('"') % 2 == 1

    def _skip_row(self) -> None:
        """Goes on to the end of a row that is given up: what is left of a long text in quotes is no rows."""
        while self._is_quoted and (ahead := next(self._lines, None)):
            self.number, line = ahead
            self._note(line or "")


def read_csv(stream: ByteStream, options: Options) -> Iterator[Item]:
    """One document for each row under the header; the delimiter is the one of `DELIMITERS` that splits the header best.

    A row of another length than the header, or with a quote that is never closed, is a problem at its line.

    Raises:
        ReadError: The file cannot be decoded, or its header names neither a title nor a body.
        UnknownColumnError: The header lacks a column that the caller named.
    """
    yield from _read_table(stream, options, DELIMITERS)


def read_tsv(stream: ByteStream, options: Options) -> Iterator[Item]:
    """As `read_csv`, with tabs between the values.

    Raises:
        ReadError: As `read_csv`.
        UnknownColumnError: As `read_csv`.
    """
    yield from _read_table(stream, options, "\t")


def _read_table(stream: ByteStream, options: Options, delimiters: str) -> Iterator[Item]:
    mapper = RecordMapper(stream.label, options)
    numbered = iter_lines(text_chunks(stream, options.encoding))
    number, first = next(((number, line) for number, line in numbered if line is None or line.strip()), (1, ""))
    delimiter = _delimiter(first or "", mapper, delimiters)
    lines = _Lines(chain([(number, first)], numbered))
    rows = _rows(stream.label, lines, delimiter)
    header = next(rows, None)
    if header is None or isinstance(header, ReadProblem):
        raise ReadError(stream.label, number, header.reason if header else "no header")
    names = _named(stream.label, header[1])
    mapper.check_header(names)
    for row in rows:
        if isinstance(row, ReadProblem):
            yield row
        elif any(row[1]):  # a spreadsheet leaves rows of empty cells behind
            yield from _row_items(stream.label, mapper, names, *row)


def _delimiter(header: str, mapper: RecordMapper, delimiters: str) -> str:
    def fitness(delimiter: str) -> tuple[int, int]:
        names = _cells(header, delimiter)
        return len(mapper.takes(names)), len(names)

    return max(delimiters, key=fitness)


def is_header(line: str, options: Options) -> bool:
    """Whether a line names the columns of a table, a title or a body among them.

    Example:
        >>> is_header("Дата;Заголовок;Текст", Options()), is_header("Title of the article", Options())
        (True, False)
    """
    mapper = RecordMapper("", options)
    names = _cells(line, _delimiter(line, mapper, DELIMITERS))
    return len(names) > 1 and not {"title", "body"}.isdisjoint(mapper.takes(names))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _rows(label: str, lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str]] | ReadProblem]:
    """Rows with the number of their first line; a problem in place of each that cannot be read."""
    if csv.field_size_limit() < RECORD_LIMIT:
        csv.field_size_limit(RECORD_LIMIT)  # one for the whole process, so it is only ever raised
    reader = csv.reader(
        lines, delimiter=delimiter, strict=True
    )  # strict: else a quote that is never closed eats the file
    while True:
        lines.start_row()
        start = lines.number + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield ReadProblem(label, start, _row_reason(error))
        else:
            if row:
                yield start, row


def _row_reason(error: csv.Error) -> str:
    if isinstance(error, RowError):
        return str(error)
    if "unexpected end of data" in str(error):
        return "a quote that opens in this row is never closed, so that the rest of the file went into it"
    return f"not a row of this table: {error}"


def _named(label: str, header: Sequence[str]) -> list[str]:
    names = [name.strip() or f"column_{number}" for number, name in enumerate(header, 1)]
    met: set[str] = set()
    for name in names:
        if name in met:
            raise ReadError(label, 1, f"two columns are called {name!r:.60}; rename one")
        met.add(name)
    return names


def _row_items(label: str, mapper: RecordMapper, names: Sequence[str], line: int, row: list[str]) -> Iterator[Item]:
    if len(row) != len(names):
        yield ReadProblem(label, line, f"{len(row)} values for {len(names)} columns")
        return
    yield from mapper.items(line, dict(zip(names, row, strict=True)))


def read_parquet(stream: ByteStream, options: Options) -> Iterator[Item]:
    """One document for each row of a Parquet file; its problems are numbered by row.

    Raises:
        MissingExtraError: pyarrow is not installed.
        ReadError: The file is damaged, has too large row groups, or no column for a title or a body.
        UnknownColumnError: The file lacks a column that the caller named.
    """
    mapper = RecordMapper(stream.label, options)
    with stream.seekable() as file:
        records = _parquet_records(stream.label, file)
        mapper.check_header(_named(stream.label, next(records)))
        for number, record in enumerate(records, 1):
            yield from mapper.items(number, record)


def _parquet_records(label: str, file: IO[bytes]) -> Iterator[Any]:
    """The names of the columns, then each row."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "parquet", "reading Parquet files") from error
    try:
        table = parquet.ParquetFile(file)
        _check_groups(label, table.metadata)
        yield table.schema_arrow.names
        for batch in table.iter_batches(batch_size=_BATCH_ROWS):
            yield from _batch_records(batch, pa)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:  # OverflowError: a day before the year 1
        raise ReadError(label, None, f"damaged Parquet file: {str(error).partition(chr(10))[0]}") from error


def _check_groups(label: str, metadata: Any) -> None:
    for group in range(metadata.num_row_groups):
        if metadata.row_group(group).total_byte_size > ROW_GROUP_LIMIT:
            reason = f"a row group of more than {ROW_GROUP_LIMIT // MEBIBYTE} MB; write the file with smaller ones"
            raise ReadError(label, None, reason)


def _batch_records(batch: Any, pa: Any) -> list[dict[str, Any]]:
    columns = {
        name: _plain_times(column, pa).to_pylist()
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain_times(column: Any, pa: Any) -> Any:
    """Times without nanoseconds, which Python's datetime does not have."""
    if not pa.types.is_timestamp(column.type):
        return column
    return column.cast(pa.timestamp("us", column.type.tz), safe=False)
