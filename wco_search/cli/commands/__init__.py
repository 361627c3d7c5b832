"""The commands, by what they are for. What they need is imported when they run, so that `--help` is there at once."""

from __future__ import annotations

from importlib import metadata as distribution

import click

from wco_search.cli.commands.indexing import index
from wco_search.cli.commands.keeping import absorb, check, copy, repair, stats
from wco_search.cli.commands.searching import duplicates, related, search, similar, suggest, timeline
from wco_search.cli.commands.trying import analyze, demo, judge
from wco_search.cli.commands.watching import unwatch, watch, watches
from wco_search.cli.failures import CommandGroup


def _show_version(ctx: click.Context, _param: click.Parameter, is_asked: bool) -> None:
    if not is_asked:
        return
    try:
        version = distribution.version("wco-search")
    except distribution.PackageNotFoundError:
        version = "(not installed: run from its sources)"
    click.echo(f"wco-search {version}")
    ctx.exit()


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show it.")
def cli() -> None:
    """Full-text search in Russian and English over news archives.

    \b
    Start here:
      wco-search demo                             try it on a small sample
      wco-search index october-2020.txt           a file into the index indexes/newsroom
      wco-search search контрабанда окаменелостей             finds smuggling of fossils as well
      wco-search search ащыышды --translate off

    Data go to standard output, words to standard error. Messages are in Russian where the locale is. The variable
    WCO_SEARCH_INDEX names another default index; NO_COLOR forbids colours.

    \b
    Exit codes:
      0    done; for search, timeline, similar, suggest and related: something was found
      1    the same: nothing was found
      2    wrong usage, or something that cannot be read or written
      3    the index is damaged
      4    another process has been writing to the index for longer than --timeout
      130  stopped by Ctrl-C; the last commit stands
    """  # noqa: D301  # \b tells click to keep the lines below it


for _command in (
    index,
    search,
    timeline,
    judge,
    duplicates,
    watch,
    unwatch,
    watches,
    stats,
    check,
    repair,
    copy,
    absorb,
    analyze,
    suggest,
    similar,
    related,
    demo,
):
    cli.add_command(_command)

__all__ = ["cli"]
