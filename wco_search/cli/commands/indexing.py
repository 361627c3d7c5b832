"""The command `index`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wco_search.cli.exports import write_json
from wco_search.cli.failures import ExitCode
from wco_search.cli.messages import current_messages
from wco_search.cli.options import (
    TYPES,
    WholeNumber,
    folder_option,
    json_option,
    refuse_together,
    synonyms_option,
    timeout_option,
    to_columns,
    to_metadata,
)
from wco_search.cli.terminal import tell

if TYPE_CHECKING:
    from wco_search.languages import Synonyms


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@folder_option("into", "Folder of the index; made if absent, else added to.")
@click.option(
    "--metadata",
    multiple=True,
    metavar="NAME:TYPE",
    callback=to_metadata,
    help=f"A field that a new index has beside a document's own; repeatable. Types: {', '.join(TYPES)}.",
)
@click.option("--format", metavar="NAME", help="Format of the files, where their names do not tell.")
@click.option("--encoding", metavar="NAME", help="Encoding of the files; recognised if not given.")
@click.option(
    "--columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    callback=to_columns,
    help="The column or key of the files that a document's field is taken from; repeatable.",
)
@click.option("--source", metavar="TEXT", help="Source of the documents whose file names none.")
@click.option("--language", metavar="CODE", help="Language of the documents whose file names none, such as ru.")
@click.option("--strict", is_flag=True, help="End at the first problem and commit nothing.")
@timeout_option
@click.option(
    "--changed", is_flag=True, help="Read only files that are new or have changed since --changed or --follow."
)
@click.option("--follow", is_flag=True, help="The same again and again, until Ctrl-C.")
@click.option(
    "--every",
    type=click.FloatRange(min=0.05),
    metavar="SECONDS",
    help="Pause between two looks of --follow.  [default: 30]",
)
@click.option("--prune", is_flag=True, help="With these: delete documents that are no longer in any file.")
@click.option(
    "--workers",
    type=WholeNumber(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes that analyse; 0 for one a core.",
)
@synonyms_option
@click.option("--reanalyze", is_flag=True, help="Bring an index of another version up to date; takes no PATH.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but problems and errors.")
@json_option
def index(
    *,
    paths: tuple[str, ...],
    folder: Path,
    metadata: dict[str, type],
    strict: bool,
    timeout: float | None,
    changed: bool,
    follow: bool,
    every: float | None,
    prune: bool,
    workers: int,
    synonyms: Synonyms | None,
    reanalyze: bool,
    quiet: bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Read documents from files, folders and patterns into an index.

    PATH is a file, a folder, a quoted pattern, or - for standard input: text, Markdown, HTML, RSS and Atom, JSON, JSON
    Lines, CSV, TSV or Parquet, each also in .gz and .zip. A document that is there already is not added again.

    \b
    Examples:
      wco-search index october-2020.txt
      wco-search index archive/ 'feeds/**/*.xml' --into indexes/news
      wco-search index news.csv --columns body=article_text --metadata section:str --metadata tags:list
      zcat dump.jsonl.gz | wco-search index - --format jsonl
      wco-search index archive/ --follow --every 60
    """  # noqa: D301  # \b tells click to keep the lines below it
    refuse_together(quiet=quiet, json=as_json)
    if reanalyze:
        others = {"PATH": paths, "metadata": metadata, "strict": strict, "timeout": timeout, **reading}
        others |= {"synonyms": synonyms, "changed": changed, "follow": follow, "every": every, "prune": prune}
        for name, value in others.items():
            refuse_together(reanalyze=reanalyze, **{name: value})
        _reanalyze(folder, quiet=quiet, as_json=as_json)
        return
    if not paths:
        raise click.UsageError("Missing argument 'PATH...'.")
    _refuse_idle_options(is_stepwise=changed or follow, is_following=follow, every=every, prune=prune, paths=paths)
    from wco_search.cli.indexing import add_files, tell_problems
    from wco_search.readers import read

    try:
        documents = read(paths, strict=strict, **reading)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if changed or follow:
        from wco_search.cli.following import Step, follow_files, update_files

        step = Step(folder, paths, metadata, timeout, workers, strict, prune, reading, synonyms, quiet, as_json)
        if follow:
            follow_files(step, every_s=every)
        update_files(step)
        return
    followed = paths if sys.stderr.isatty() and not quiet else ()
    added = add_files(
        documents, folder, metadata=metadata, timeout_s=timeout, workers=workers, strict=strict, followed=followed,
        synonyms=synonyms,
    )  # fmt: skip
    tell_problems(added.report)
    if as_json:
        write_json(added.to_dict())
    elif not quiet:
        added.print_report()
    if added.is_fruitless:
        raise click.exceptions.Exit(ExitCode.BAD_INPUT)


def _refuse_idle_options(
    *, is_stepwise: bool, is_following: bool, every: float | None, prune: bool, paths: tuple[str, ...]
) -> None:
    if every is not None and not is_following:
        raise click.UsageError("--every goes with --follow")
    if prune and not is_stepwise:
        raise click.UsageError("--prune goes with --changed or --follow")
    if is_stepwise and "-" in paths:
        raise click.UsageError("standard input has no files that could change; give paths with --changed and --follow")


def _reanalyze(folder: Path, *, quiet: bool, as_json: bool) -> None:
    from wco_search.cli.indexing import print_place
    from wco_search.index import Index

    with Index.reanalyze(folder) as made:
        if as_json:
            write_json({"reanalyzed": len(made), "documents": len(made), "path": str(folder)})
        elif not quiet:
            tell(current_messages().reanalyzed)
            print_place(folder, len(made))
