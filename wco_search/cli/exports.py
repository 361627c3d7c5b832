"""Results for programs: JSON, JSON Lines, CSV, Parquet, references. Keys and columns are the same in every locale."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from wco_search.cli.terminal import safe_block, safe_line
from wco_search.frames import Table, to_cell

if TYPE_CHECKING:
    import datetime as dt

    from wco_search.batch import Batch
    from wco_search.citations import Style
    from wco_search.results import Results

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


def write_lines(values: Iterable[object]) -> None:
    """Write each value to standard output as JSON on a line of its own."""
    for value in values:
        click.echo(to_json(value, indent=None))


def batch_lines(batch: Batch) -> Iterator[dict[str, Any]]:
    """One object a hit, with the query's name and total; one for a query that found nothing."""
    for one in batch:
        facts = {"query": one.name, "total": one.results.total}
        hits = [hit.to_dict() for hit in one.results]
        yield from ({**facts, **hit} for hit in hits or [{}])


def write_csv(table: Table) -> None:
    """Write *table* to standard output as CSV; to a terminal without control characters, else to the letter."""
    guard = safe_block if sys.stdout.isatty() else str
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([guard(to_cell(value)) for value in row] for row in table.cells())


def write_references(results: Results, style: Style, accessed: dt.date) -> None:
    """Write a reference to each hit to standard output: GOST one a line, BibTeX one after the other."""
    show = safe_block if style == "bibtex" else safe_line
    for hit in results:
        click.echo(show(hit.cite(style, accessed=accessed)))
