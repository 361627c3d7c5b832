"""What `search` and `timeline` found, written in the form that was asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from wco_search.batch import Batch
from wco_search.citations import Style
from wco_search.cli.exports import batch_lines, write_csv, write_json, write_lines, write_references
from wco_search.cli.messages import RUSSIAN, current_messages
from wco_search.cli.terminal import make_console, safe_line, tell
from wco_search.frames import Table
from wco_search.results import Results
from wco_search.timeline import Timeline, Unit


@dataclass(frozen=True, slots=True)
class Output:
    """The form that was asked for, at most one; else it is for people."""

    as_json: bool
    as_csv: bool
    as_lines: bool
    parquet: Path | None
    cite: Style | None
    accessed: dt.date | None
    no_color: bool
    by: Unit | Literal["auto"] | None = None
    relative: bool = False
    plot: Path | None = None


def write_results(results: Results, output: Output) -> bool:
    """Write what one query found; gives whether it found anything."""
    timeline = None if output.by is None else _timeline(results, output.by, relative=output.relative)
    if timeline is not None and output.plot is not None:
        _draw(timeline, output.plot, results.query_text)
    if output.as_json:
        write_json(results.to_dict() | ({} if timeline is None else {"timeline": timeline.to_dict()}))
    elif output.as_csv or output.as_lines or output.parquet or output.cite:
        _tell_warnings([results])
        _export(results, output)
    else:
        from wco_search.cli.render import print_results

        print_results(results, make_console(no_color=output.no_color), timeline)
    return bool(results.total)


def write_timeline(results: Results, output: Output, by: Unit | Literal["auto"]) -> bool:
    """Write how many documents a query found in each unit of the calendar; gives whether it found anything."""
    timeline = _timeline(results, by, relative=output.relative)
    if output.plot is not None:
        _draw(timeline, output.plot, results.query_text)
    if output.as_json:
        understood = [part.to_dict() for part in results.interpretation]
        facts = {"query": results.query_text, "total": results.total, **timeline.to_dict()}
        write_json({**facts, "interpretation": understood, "warnings": list(results.warnings)})
    elif output.as_csv or output.as_lines or output.parquet:
        _tell_warnings([results])
        if output.as_lines:
            write_lines(bucket.to_dict() for bucket in timeline.buckets)
        else:
            _write_table(timeline.table(), output)
    else:
        from wco_search.cli.render import print_counts

        print_counts(results, timeline, make_console(no_color=output.no_color))
    return bool(results.total)


def _timeline(results: Results, by: Unit | Literal["auto"], *, relative: bool) -> Timeline:
    try:
        return results.timeline(by, relative=relative)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _draw(timeline: Timeline, path: Path, title: str) -> None:
    say = current_messages()
    try:
        timeline.plot(path, title=title, language="ru" if say is RUSSIAN else "en")
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    tell(say.drawn.format(path=safe_line(str(path))))


def _export(results: Results, output: Output) -> None:
    if output.as_lines:
        write_lines(hit.to_dict() for hit in results)
    elif output.cite:
        write_references(results, output.cite, output.accessed or dt.date.today())
    else:
        _write_table(results.table(), output)


def _write_table(table: Table, output: Output) -> None:
    """As a Parquet file where that was asked for, else as CSV."""
    if output.parquet is None:
        write_csv(table)
        return
    table.to_parquet(output.parquet)
    tell(current_messages().table_written.format(path=safe_line(str(output.parquet))))


def write_batch(batch: Batch, output: Output) -> bool:
    """Write what several queries found; gives whether any found anything."""
    if output.as_json:
        write_json(batch.to_dict())
    elif output.as_csv or output.as_lines or output.parquet:
        _tell_warnings(one.results for one in batch)
        if output.as_lines:
            write_lines(batch_lines(batch))
        else:
            _write_table(batch.table(), output)
    else:
        from wco_search.cli.render import print_batch

        print_batch(batch, make_console(no_color=output.no_color))
    return any(one.results.total for one in batch)


def _tell_warnings(several: Iterable[Results]) -> None:
    """Say what has no place in the data."""
    warnings = dict.fromkeys(warning for results in several for warning in results.warnings)
    for warning in warnings:
        tell(current_messages().note.format(text=safe_line(warning)))
