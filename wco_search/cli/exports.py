"""Results for programs: JSON, one JSON object a line, CSV. Keys and columns are the same in every locale."""

from __future__ import annotations

import csv
import json
import re
import sys
from typing import TYPE_CHECKING

import click

from wco_search.cli.terminal import safe_block
from wco_search.documents import MetadataValue, plain_value

if TYPE_CHECKING:
    from wco_search.results import Results

COLUMNS = ("rank", "score", "id", "date", "title", "snippet", "url", "source", "language")
"""The columns that every CSV has, metadata behind them: they stand in the header also when nothing was found."""

# What JSON leaves as it is, but a terminal obeys or a reader of lines takes for the end of one.
_LEFT_BY_JSON = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def to_json(value: object, *, indent: int | None = 2) -> str:
    r"""*value* as JSON in which letters stay letters and control characters of any kind are escaped.

    Example:
        >>> print(to_json({"title": "Таможня\x9b"}, indent=None))
        {"title": "Таможня\u009b"}
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _LEFT_BY_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def write_json(value: object) -> None:
    """Write *value* to standard output as indented JSON."""
    click.echo(to_json(value))


def write_lines(results: Results) -> None:
    """Write each hit to standard output as JSON on a line of its own."""
    for hit in results:
        click.echo(to_json(hit.to_dict(), indent=None))


def write_csv(results: Results) -> None:
    """Write the hits to standard output as CSV; to a terminal without control characters, else to the letter."""
    rows = results.rows()
    columns = list(dict.fromkeys([*COLUMNS, *(name for row in rows for name in row)]))
    guard = safe_block if sys.stdout.isatty() else str
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([guard(to_cell(row.get(column))) for column in columns] for row in rows)


def to_cell(value: MetadataValue | None) -> str:
    """*value* as text that a field of its kind reads back.

    Example:
        >>> to_cell(("ports", "drugs")), to_cell(True), to_cell(None)
        ('ports, drugs', 'true', '')
    """
    plain = plain_value(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, list):
        return ", ".join(plain)
    return "" if plain is None else str(plain)
