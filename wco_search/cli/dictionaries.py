"""The command `dictionary`: bilingual dictionaries of the user's own, which every search of this user translates by."""

from __future__ import annotations

from pathlib import Path

import click

from wco_search.cli.exports import write_json
from wco_search.cli.failures import CommandGroup, ExitCode
from wco_search.cli.messages import current_messages
from wco_search.cli.options import json_option
from wco_search.cli.terminal import tell


@click.group(cls=CommandGroup)
def dictionary() -> None:
    """Dictionaries of your own, which words of queries are translated by, before those that come with the program.

    \b
    Examples:
      wco-search dictionary add customs-terms.tsv           lines of: таможня TAB customs|customs house
      wco-search dictionary add /usr/share/dictd/mueller7.index
      wco-search dictionary list
      wco-search dictionary remove customs-terms
    """  # noqa: D301  # \b tells click to keep the lines below it


@dictionary.command()
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--name", metavar="NAME", help="What to call it; the file's name if not given.")
def add(*, path: Path, name: str | None) -> None:
    """Add a dictionary: lines of `head TAB translation|translation`, a dictd .index or a StarDict .ifo file."""
    from wco_search.languages.installed import install_dictionary

    try:
        added = install_dictionary(path, name)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    tell(current_messages().dictionary_added.format(name=added.name, path=added.path))


@dictionary.command(name="list")
@json_option
def list_(*, as_json: bool) -> None:
    """The dictionaries that were added."""
    from wco_search.languages.installed import installed_dictionaries

    found = installed_dictionaries()
    if as_json:
        write_json([{"name": one.name, "path": str(one.path)} for one in found])
        return
    for one in found:
        click.echo(one.name)


@dictionary.command()
@click.argument("name")
def remove(*, name: str) -> None:
    """Remove a dictionary that was added."""
    from wco_search.languages.installed import remove_dictionary

    if not remove_dictionary(name):
        tell(current_messages().dictionary_unknown.format(name=name))
        raise click.exceptions.Exit(ExitCode.NOTHING_FOUND)
