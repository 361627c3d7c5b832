"""The commands `watch`, `unwatch` and `watches`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from wco_search.cli.exports import write_json
from wco_search.cli.messages import current_messages
from wco_search.cli.options import (
    dates_option,
    folder_argument,
    json_option,
    layout_option,
    text_of,
    translate_option,
)
from wco_search.cli.terminal import make_console, safe_line, tell


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("name")
@click.argument("query", nargs=-1, required=True, metavar="QUERY...")
@click.option("--filter", metavar="TEXT", help="A query that documents must meet as well.")
@translate_option
@layout_option
@dates_option
@json_option
def watch(*, folder: Path, name: str, query: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Keep a query in an index under NAME; `index` then tells which new documents match it.

    The query must be well formed; its options are those of `search`. A watch of the same name is replaced.

    \b
    Example:
      wco-search watch indexes/newsroom fossils 'контрабанда AND окаменелости'
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.index import Index

    named = text_of([name])
    with Index.open(folder) as opened:
        try:
            notes = opened.watch(named, text_of(query), **options)
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        kept = {one.name: one for one in opened.watches()}.get(named)
    if kept is None:
        return  # another process has forgotten it meanwhile
    if as_json:
        write_json({**kept.to_dict(), "warnings": notes})
        return
    from wco_search.cli.render import told_watch

    for note in notes:
        tell(current_messages().note.format(text=safe_line(note)))
    click.echo(current_messages().watching.format(watch=safe_line(named), query=safe_line(told_watch(kept))))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("name")
def unwatch(*, folder: Path, name: str) -> None:
    """Forget the watch NAME.

    \b
    Example:
      wco-search unwatch indexes/newsroom fossils
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.index import Index

    with Index.open(folder) as opened:
        opened.unwatch(text_of([name]))


@click.command()
@folder_argument
@json_option
def watches(*, folder: Path, as_json: bool) -> None:
    """The watches of an index: names and queries.

    \b
    Example:
      wco-search watches indexes/newsroom
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.index import Index

    with Index.open(folder) as opened:
        found = opened.watches()
    if as_json:
        write_json({"watches": [one.to_dict() for one in found]})
    elif found:
        from wco_search.cli.render import print_watches

        print_watches(found, make_console())
    else:
        tell(current_messages().no_watches)
