"""The commands. What they need is imported when they run, so that `--help` is there at once."""

from __future__ import annotations

import sys
import tempfile
from importlib import metadata as distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wco_search.cli.exports import write_csv, write_json, write_lines
from wco_search.cli.failures import CommandGroup, ExitCode
from wco_search.cli.messages import current_messages, format_count
from wco_search.cli.options import (
    TYPES,
    color_option,
    folder_argument,
    folder_option,
    json_option,
    refuse_together,
    text_of,
    to_columns,
    to_day,
    to_metadata,
)
from wco_search.cli.terminal import make_console, safe_line, tell
from wco_search.errors import CorruptIndexError

if TYPE_CHECKING:
    from wco_search.index import CheckReport
    from wco_search.results import Results

MOST_HITS = 10_000  # the library's limit, known here without importing the library


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
      0    done; for search and suggest: something was found
      1    search, suggest: nothing was found
      2    wrong usage, or something that cannot be read or written
      3    the index is damaged
      4    another process has been writing to the index for longer than --timeout
      130  stopped by Ctrl-C; the last commit stands
    """  # noqa: D301  # \b tells click to keep the lines below it


@cli.command()
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
@click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Longest wait for another writer.  [default: 60]"
)
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes that analyse; 0 for one a core.",
)
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
    workers: int,
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
    """  # noqa: D301  # \b tells click to keep the lines below it
    refuse_together(quiet=quiet, json=as_json)
    if reanalyze:
        others = {"PATH": paths, "metadata": metadata, "strict": strict, "timeout": timeout, **reading}
        for name, value in others.items():
            refuse_together(reanalyze=reanalyze, **{name: value})
        _reanalyze(folder, quiet=quiet, as_json=as_json)
        return
    if not paths:
        raise click.UsageError("Missing argument 'PATH...'.")
    from wco_search.cli.indexing import add_files, tell_problems
    from wco_search.readers import read

    try:
        documents = read(paths, strict=strict, **reading)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    followed = paths if sys.stderr.isatty() and not quiet else ()
    added = add_files(
        documents, folder, metadata=metadata, timeout_s=timeout, workers=workers, strict=strict, followed=followed
    )
    tell_problems(added.report)
    if as_json:
        write_json(added.to_dict())
    elif not quiet:
        added.print_report()
    if added.is_fruitless:
        raise click.exceptions.Exit(ExitCode.BAD_INPUT)


def _reanalyze(folder: Path, *, quiet: bool, as_json: bool) -> None:
    from wco_search.cli.indexing import print_place
    from wco_search.index import Index

    with Index.reanalyze(folder) as made:
        if as_json:
            write_json({"reanalyzed": len(made), "documents": len(made), "path": str(folder)})
        elif not quiet:
            tell(current_messages().reanalyzed)
            print_place(folder, len(made))


@cli.command()
@click.argument("query", nargs=-1, required=True, metavar="QUERY...")
@folder_option("index", "Folder of the index.")
@click.option("--limit", type=click.IntRange(0, MOST_HITS), default=10, show_default=True, help="Most hits to show.")
@click.option("--offset", type=click.IntRange(0), default=0, help="How many of the best to pass over.")
@click.option("--after", metavar="CURSOR", help="Go on behind the page whose JSON had this `after`.")
@click.option("--sort", multiple=True, metavar="KEY", help="relevance, date (newest first), views, -views; repeatable.")
@click.option("--filter", metavar="TEXT", help="A query that documents must meet without being ranked by it.")
@click.option("--facet", "facets", multiple=True, metavar="FIELD", help="Count the values of this field; repeatable.")
@click.option(
    "--translate",
    type=click.Choice(["auto", "only", "off"]),
    default="auto",
    show_default=True,
    help="Whether words are sought in the other language too, in that one only, or as typed.",
)
@click.option(
    "--layout",
    type=click.Choice(["auto", "off"]),
    default="auto",
    show_default=True,
    help="Whether a query typed on the wrong keyboard layout is read on the other one.",
)
@click.option(
    "--dates",
    type=click.Choice(["auto", "off"]),
    default="auto",
    show_default=True,
    help="Whether dates among the words, such as last week or октябрь 2020, are when documents must be from.",
)
@click.option(
    "--group", type=click.Choice(["near"]), help="Show of near-duplicates, such as reprints, the best hit only."
)
@click.option("--today", callback=to_day, metavar="DAY", help="The day that `yesterday` counts from, as 2020-11-15.")
@click.option("--strict", is_flag=True, help="Refuse a query that is not well formed.")
@click.option("--explain", is_flag=True, help="Show how each score came about.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV to standard output.")
@click.option("--nl", "as_lines", is_flag=True, help="Write one JSON object a hit and line.")
@color_option
def search(
    *,
    query: tuple[str, ...],
    folder: Path,
    sort: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    as_lines: bool,
    no_color: bool,
    **options: Any,
) -> None:
    """Search an index, best hits first.

    Words in either language find all their forms. "in quotes" is a phrase, контр* a beginning, title:fossils a field,
    date:2020-10 or дата:"30 октября 2020" a date; AND, OR, NOT (И, ИЛИ, НЕ), +must -without, parentheses. What is
    clearly a date among the words says when documents must be from, unless it is in quotes.

    \b
    Examples:
      wco-search search контрабанда окаменелостей
      wco-search search '"единое окно" дата:2020' --limit 3
      wco-search search таможня на прошлой неделе
      wco-search search fossils --filter 'date:2020-10..' --facet source --json
      wco-search search --sort date -- fossils -smuggling     words that begin with - go behind --
    """  # noqa: D301  # \b tells click to keep the lines below it
    refuse_together(json=as_json, csv=as_csv, nl=as_lines)
    refuse_together(offset=options["offset"], after=options["after"])
    for name in ("facets", "explain"):
        refuse_together(csv=as_csv, **{name.removesuffix("s"): options[name]})
    refuse_together(nl=as_lines, facet=options["facets"])
    from wco_search.index import Index

    with Index.open(folder) as opened:
        results = opened.search(text_of(query), sort=sort or "relevance", **options)
        if as_json:
            write_json(results.to_dict())
        elif as_csv or as_lines:
            _export(results, as_csv=as_csv)
        else:
            from wco_search.cli.render import print_results

            print_results(results, make_console(no_color=no_color))
    if not results.total:
        raise click.exceptions.Exit(ExitCode.NOTHING_FOUND)


def _export(results: Results, *, as_csv: bool) -> None:
    for warning in results.warnings:  # which have no place in the data
        tell(current_messages().note.format(text=safe_line(warning)))
    if as_csv:
        write_csv(results)
    else:
        write_lines(results)


@cli.command()
@folder_argument
@json_option
def duplicates(*, folder: Path, as_json: bool) -> None:
    """The groups of near-duplicate documents, the earliest of each first, and what changed from it.

    \b
    Example:
      wco-search duplicates indexes/newsroom
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.index import Index

    with Index.open(folder) as opened:
        groups = list(opened.duplicates())
        if as_json:
            write_json({"groups": [group.to_dict() for group in groups]})
        elif groups:
            from wco_search.cli.render import print_groups

            print_groups(groups, make_console())
        else:
            tell(current_messages().no_duplicates)
    if not groups:
        raise click.exceptions.Exit(ExitCode.NOTHING_FOUND)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("name")
@click.argument("query", nargs=-1, required=True, metavar="QUERY...")
@click.option("--filter", metavar="TEXT", help="A query that documents must meet as well.")
@click.option("--translate", type=click.Choice(["auto", "only", "off"]), default="auto", show_default=True)
@click.option("--layout", type=click.Choice(["auto", "off"]), default="auto", show_default=True)
@click.option("--dates", type=click.Choice(["auto", "off"]), default="auto", show_default=True)
def watch(*, folder: Path, name: str, query: tuple[str, ...], **options: Any) -> None:
    """Keep a query in an index under NAME; `index` then tells which new documents match it.

    The query must be well formed; its options are those of `search`. A watch of the same name is replaced.

    \b
    Example:
      wco-search watch indexes/newsroom fossils 'контрабанда AND окаменелости'
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.index import Index

    with Index.open(folder) as opened:
        try:
            notes = opened.watch(text_of([name]), text_of(query), **options)
        except ValueError as error:
            raise click.UsageError(str(error)) from error
    for note in notes:
        tell(current_messages().note.format(text=safe_line(note)))


@cli.command()
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


@cli.command()
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


@cli.command()
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


@cli.command()
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


@cli.command()
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@json_option
def analyze(*, text: tuple[str, ...], as_json: bool) -> None:
    """Show how a text is cut into words and by which terms each is found.

    \b
    Example:
      wco-search analyze Изъятие окаменелостей, HSC/66
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.analysis import default_analyzer

    whole = text_of(text)
    traces = default_analyzer().explain(whole)
    if as_json:
        write_json({"text": whole, "tokens": [trace.to_dict() for trace in traces]})
    elif not traces:
        tell(current_messages().no_words)
    else:
        from wco_search.cli.render import print_traces

        print_traces(traces, make_console())


@cli.command()
@click.argument("prefix")
@folder_option("index", "Folder of the index.")
@click.option("--limit", type=click.IntRange(1, MOST_HITS), default=10, show_default=True, help="Most words to show.")
@json_option
def suggest(*, prefix: str, folder: Path, limit: int, as_json: bool) -> None:
    """Words of the index that begin with PREFIX, the most frequent first.

    \b
    Example:
      wco-search suggest контр
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.index import Index

    beginning = text_of([prefix])
    with Index.open(folder) as opened:
        found = opened.suggest(beginning, limit=limit)
    if as_json:
        write_json({"prefix": beginning, "suggestions": [{"text": word.text, "count": word.count} for word in found]})
    elif found:
        from wco_search.cli.render import print_suggestions

        print_suggestions(found, make_console())
    else:
        tell(current_messages().nothing_begins.format(prefix=safe_line(beginning)))
    if not found:
        raise click.exceptions.Exit(ExitCode.NOTHING_FOUND)


@cli.command()
@click.option("--into", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Keep the index in this folder.")
@color_option
def demo(*, folder: Path | None, no_color: bool) -> None:
    """Index a small sample archive and show what can be asked of it.

    \b
    Examples:
      wco-search demo
      wco-search demo --into indexes/demo
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.cli.demo import run_demo

    console = make_console(no_color=no_color)
    if folder:
        run_demo(folder, console, is_kept=True)
        return
    with tempfile.TemporaryDirectory(prefix="wco-search-") as scratch:
        run_demo(Path(scratch, "index"), console, is_kept=False)
