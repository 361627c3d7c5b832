"""The commands that look after an index: `stats`, `check`, `repair`, `copy`, `absorb`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wco_search.cli.exports import write_json
from wco_search.cli.failures import ExitCode
from wco_search.cli.messages import current_messages, format_count
from wco_search.cli.options import (
    WholeNumber,
    folder_argument,
    folder_option,
    json_option,
    timeout_option,
)
from wco_search.cli.terminal import make_console, safe_line, tell
from wco_search.errors import CorruptIndexError

if TYPE_CHECKING:
    from wco_search.index import CheckReport, RepairReport


@click.command()
@folder_argument
@json_option
def stats(*, folder: Path, as_json: bool) -> None:
    """Facts about an index: documents, words, dates, languages, sources, size.

    \b
    Example:
      wco-search stats indexes/newsroom --json
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.index import Index

    with Index.open(folder) as opened:
        facts = opened.stats()
    if as_json:
        write_json(facts.to_dict())
        return
    from wco_search.cli.render import print_stats

    print_stats(facts, make_console())


@click.command()
@folder_argument
@json_option
def check(*, folder: Path, as_json: bool) -> None:
    """Verify every byte of an index; exit code 3 if it is damaged.

    \b
    Example:
      wco-search check indexes/newsroom && cp -r indexes/newsroom /backup
    """  # noqa: D301  # \b tells click to keep the lines below it
    report = _checked(folder)
    if as_json:
        write_json(report.to_dict())
    else:
        _print_report(report, folder)
    if not report.ok:
        raise click.exceptions.Exit(ExitCode.DAMAGED)


def _checked(folder: Path) -> CheckReport:
    """The report on the index; an index that is too damaged to be opened has one, too."""
    from wco_search.index import CheckReport, Index

    try:
        with Index.open(folder) as opened:
            return opened.check()
    except CorruptIndexError as error:
        return CheckReport(0, (error.detail,))


def _print_report(report: CheckReport, folder: Path) -> None:
    say = current_messages()
    if report.ok:
        click.echo(say.check_ok.format(documents=format_count(report.documents, say)))
        return
    for problem in report.problems:
        click.echo(safe_line(problem))
    tell(say.check_damaged.format(path=folder))


@click.command()
@folder_argument
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing; exit code 3 if it is damaged.")
@json_option
def repair(*, folder: Path, dry_run: bool, as_json: bool) -> None:
    """Keep what is whole of a damaged index; exit code 3 if nothing is.

    The ids of documents that are lost go to standard output. Damaged files are moved to the folder `damaged` of the
    index, and files of killed writers removed.

    \b
    Example:
      wco-search repair indexes/newsroom > lost-ids.txt
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.index import Index

    report = Index.repair(folder, dry_run=dry_run)
    if as_json:
        write_json(report.to_dict())
    else:
        _print_repair(report)
    if dry_run and report.problems:
        raise click.exceptions.Exit(ExitCode.DAMAGED)


def _print_repair(report: RepairReport) -> None:
    say = current_messages()
    for problem in report.problems:
        tell(safe_line(problem))
    for loss in report.losses:
        for name in loss.ids:
            click.echo(safe_line(name))
        if not loss.ids:
            tell(say.repair_unnamed.format(file=loss.file, documents=format_count(loss.documents, say)))
    tell(say.repair_kept.format(documents=format_count(report.documents, say)))
    if report.lost:
        tell(say.repair_lost.format(documents=format_count(report.lost, say)))
    if report.set_aside:
        tell(say.repair_aside.format(path=report.path, files=len(report.set_aside)))
    if report.removed:
        size = format_count(report.removed_bytes, say)
        tell(say.repair_removed.format(files=len(report.removed), bytes=size))
    if report.dry_run:
        tell(say.repair_dry)


@click.command()
@click.argument("source", metavar="SOURCE")
@click.argument("target", metavar="TARGET")
@click.option("--shards", type=WholeNumber(1), default=1, show_default=True, help="Parts of an index in a cluster.")
@click.option("--replicas", type=WholeNumber(0), default=1, show_default=True, help="Copies of each part.")
@click.option("--replace", is_flag=True, help="Replace an index of that name in a cluster, in one step at the end.")
@json_option
def copy(*, source: str, target: str, shards: int, replicas: int, replace: bool, as_json: bool) -> None:
    """Copy an index: from a folder, or an address of an index in an OpenSearch cluster, to one of these.

    What arrived is compared with what was sent, by number and a checksum of ids, before it takes the place of TARGET.
    Credentials: WCO_SEARCH_USER and WCO_SEARCH_PASSWORD, or WCO_SEARCH_API_KEY.

    \b
    Examples:
      wco-search copy indexes/newsroom opensearch://localhost:9200/newsroom --shards 3
      wco-search copy opensearch://localhost:9200/newsroom indexes/copy
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search import copying
    from wco_search.cli.progress import counted_progress

    with counted_progress() as told:
        done = copying.copy(source, target, shards=shards, replicas=replicas, replace=replace, told=told)
    if as_json:
        write_json(done.to_dict())
        return
    say = current_messages()
    tell(
        say.copied.format(target=safe_line(target), documents=format_count(done.documents, say), checksum=done.checksum)
    )


@click.command()
@click.argument("sources", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path))
@folder_option("into", "Folder of the index; made if absent, else added to.")
@timeout_option
@json_option
def absorb(*, sources: tuple[Path, ...], folder: Path, timeout: float | None, as_json: bool) -> None:
    """Add all documents of other indexes to an index, without analysing them again.

    So many processes or machines build one: each indexes a part, one absorbs them all. A document replaces the one with
    its id. A new index gets the fields of the first DIR, and all must have the same.

    \b
    Example:
      wco-search absorb parts/1 parts/2 parts/3 --into indexes/all
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.cli.indexing import absorb_indexes

    added = absorb_indexes(sources, folder, timeout_s=timeout)
    if as_json:
        write_json(added.to_dict())
    else:
        added.print_report()
