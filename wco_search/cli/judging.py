"""The command `judge`: options of searches as text, and the measures in the form that was asked for."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from wco_search.cli.exports import write_csv, write_json
from wco_search.cli.options import to_day
from wco_search.cli.terminal import make_console
from wco_search.frames import Cell, Table
from wco_search.index import Index
from wco_search.judging import MEASURES, Judgement, compare, judge, read_judgements

_NO_SETTINGS = {"self", "query", "limit", "offset", "after", "facets", "explain", "strict"}  # they rank nothing


def judgements(
    file: Path, folder: Path, settings: Mapping[str, str], against: Mapping[str, str]
) -> tuple[Judgement, Judgement | None]:
    """How the queries of *file* fare with *settings*, and with those of *against* if there are any."""
    mine, others = search_options(settings), search_options(against)
    queries = read_judgements(file)
    with Index.open(folder) as index:
        try:
            return judge(index, queries, **mine), judge(index, queries, **others) if others else None
        except ValueError as error:
            raise click.UsageError(str(error)) from error


def search_options(settings: Mapping[str, str]) -> dict[str, Any]:
    """Options of `Index.search` from text.

    Raises:
        click.UsageError: There is no such option, or a value is none of it.

    Example:
        >>> search_options({"translate": "off", "today": "2020-11-15"})
        {'translate': 'off', 'today': datetime.date(2020, 11, 15)}
    """
    known = inspect.signature(Index.search).parameters
    names = [name for name in known if name not in _NO_SETTINGS]
    for name in settings:
        if name not in names:
            raise click.UsageError(f"there is no option {name!r} of a search; there are: {', '.join(names)}")
    return {name: _converted(name, value, str(known[name].annotation)) for name, value in settings.items()}


def _converted(name: str, value: str, kind: str) -> Any:
    if kind.startswith("dt.date"):
        return to_day(None, None, value)
    if not kind.startswith(("float", "int")):
        return value
    try:
        return float(value)
    except ValueError as error:
        raise click.UsageError(f"{name}={value}: {value!r} is not a number") from error


def write_judgements(mine: Judgement, other: Judgement | None, *, as_json: bool, as_csv: bool) -> None:
    """Write the measures to standard output."""
    if as_csv:
        write_csv(mine.table() if other is None else _side_by_side(mine, other))
    elif as_json:
        compared = {} if other is None else compare(mine, other)
        against = {} if other is None else {"against": other.to_dict()}
        comparison = {"comparison": {measure: one.to_dict() for measure, one in compared.items()}} if compared else {}
        write_json({**mine.to_dict(), **against, **comparison})
    else:
        from wco_search.cli.render import print_judgement

        print_judgement(mine, other, make_console())


def _side_by_side(mine: Judgement, other: Judgement) -> Table:
    """One row a query, with the measures of both ways of searching."""
    rows: list[Mapping[str, Cell]] = [
        {**one, **{f"{measure}_against": its[measure] for measure in MEASURES}}
        for one, its in zip(mine.table().rows, other.table().rows, strict=True)
    ]
    kinds = mine.table().kinds
    return Table({**kinds, **{f"{measure}_against": kinds[measure] for measure in MEASURES}}, rows)
