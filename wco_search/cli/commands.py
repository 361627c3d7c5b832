"""The commands. What they need is imported when they run, so that `--help` is there at once."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict
from importlib import metadata as distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from wco_search.cli.exports import write_json
from wco_search.cli.failures import CommandGroup, ExitCode
from wco_search.cli.messages import current_messages, format_count
from wco_search.cli.options import (
    TYPES,
    color_option,
    dates_option,
    folder_argument,
    folder_option,
    json_option,
    layout_option,
    read_queries,
    refuse_together,
    synonyms_option,
    text_of,
    to_columns,
    to_day,
    to_facets,
    to_metadata,
    to_settings,
    translate_option,
)
from wco_search.cli.terminal import make_console, safe_line, tell
from wco_search.errors import CorruptIndexError

if TYPE_CHECKING:
    import datetime as dt

    from wco_search.citations import Style
    from wco_search.index import CheckReport, RepairReport
    from wco_search.judging import Judgement
    from wco_search.languages import Synonyms
    from wco_search.timeline import Unit

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
      0    done; for search, similar, suggest and related: something was found
      1    the same: nothing was found
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
    type=click.IntRange(min=0),
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


@cli.command()
@click.argument("query", nargs=-1, metavar="QUERY...")
@folder_option("index", "Folder of the index.")
@click.option(
    "--queries",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Ask each line of this file, or of standard input (-); a line may be: name TAB query.",
)
@click.option("--limit", type=click.IntRange(0, MOST_HITS), default=10, show_default=True, help="Most hits to show.")
@click.option("--offset", type=click.IntRange(0), default=0, help="How many of the best to pass over.")
@click.option("--after", metavar="CURSOR", help="Go on behind the page whose JSON had this `after`.")
@click.option("--sort", multiple=True, metavar="KEY", help="relevance, date (newest first), views, -views; repeatable.")
@click.option("--filter", metavar="TEXT", help="A query that documents must meet without being ranked by it.")
@click.option(
    "--facet",
    "facets",
    multiple=True,
    metavar="FIELD[:MOST]",
    callback=to_facets,
    help="Count the values of this field, country, people, organisations, date.year, date.quarter, date.month or "
    "date.weekday; repeatable.",
)
@click.option(
    "--timeline",
    "by",
    type=click.Choice(["auto", "day", "week", "month", "quarter", "year"]),
    is_flag=False,
    flag_value="auto",
    help="Count matches along the calendar; put it behind the words, or give the unit.",
)
@click.option("--relative", is_flag=True, help="With --timeline: the part that they are of all documents of the time.")
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --timeline: draw it into this file, .svg, .png or .pdf (extra `plot`).",
)
@click.option(
    "--recency",
    type=click.FloatRange(min=0, min_open=True),
    metavar="DAYS",
    help="Newer first where others do not fit much better; what age takes of a score halves in so many days.",
)
@translate_option
@layout_option
@dates_option
@click.option(
    "--group", type=click.Choice(["near"]), help="Show of near-duplicates, such as reprints, the best hit only."
)
@click.option("--today", callback=to_day, metavar="DAY", help="The day that `yesterday` counts from, as 2020-11-15.")
@synonyms_option
@click.option("--strict", is_flag=True, help="Refuse a query that is not well formed.")
@click.option("--explain", is_flag=True, help="Show how each score came about.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV to standard output.")
@click.option("--nl", "as_lines", is_flag=True, help="Write one JSON object a hit and line.")
@click.option("--parquet", type=click.Path(path_type=Path), metavar="FILE", help="Write a Parquet file.")
@click.option("--cite", type=click.Choice(["gost", "bibtex"]), help="Write a reference to each hit.")
@click.option("--accessed", callback=to_day, metavar="DAY", help="The day of access for --cite.  [default: today]")
@color_option
def search(
    *,
    query: tuple[str, ...],
    queries: Path | None,
    folder: Path,
    sort: tuple[str, ...],
    synonyms: Synonyms | None,
    by: Unit | Literal["auto"] | None,
    relative: bool,
    plot: Path | None,
    as_json: bool,
    as_csv: bool,
    as_lines: bool,
    parquet: Path | None,
    cite: Style | None,
    accessed: dt.date | None,
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
      wco-search search --queries names.txt --csv > found.csv
      wco-search search окаменелости --cite gost
      wco-search search контрабанда --facet country:5 --timeline month
      wco-search search --sort date -- fossils -smuggling     words that begin with - go behind --
    """  # noqa: D301  # \b tells click to keep the lines below it
    if not query and queries is None:
        raise click.UsageError("Missing argument 'QUERY...'.")
    refuse_together(QUERY=query, queries=queries is not None)
    refuse_together(json=as_json, csv=as_csv, nl=as_lines, parquet=parquet, cite=cite)
    refuse_together(offset=options["offset"], after=options["after"])
    refuse_together(queries=queries is not None, after=options["after"], timeline=by)
    refuse_together(queries=queries is not None, cite=cite)
    for name, value in (("facet", options["facets"]), ("timeline", by), ("explain", options["explain"])):
        refuse_together(csv=as_csv, parquet=parquet, cite=cite, **{name: value})
    for name, value in (("facet", options["facets"]), ("timeline", by)):
        refuse_together(nl=as_lines, **{name: value})
    if relative and not by:
        raise click.UsageError("--relative is for --timeline; give both")
    if plot and not by:
        raise click.UsageError("--plot is for --timeline; give both")
    if accessed and not cite:
        raise click.UsageError("--accessed goes with --cite")
    from wco_search.cli.answers import Output, write_batch, write_results
    from wco_search.index import Index

    output = Output(as_json, as_csv, as_lines, parquet, cite, accessed, no_color, by, relative, plot)
    options["sort"] = sort or "relevance"
    asked = None if queries is None else read_queries(queries)
    with Index.open(folder, synonyms=synonyms) as opened:
        if asked is None:
            has_found = write_results(opened.search(text_of(query), **options), output)
        else:
            has_found = write_batch(opened.search_many(asked, **options), output)
    if not has_found:
        raise click.exceptions.Exit(ExitCode.NOTHING_FOUND)


@cli.command()
@click.argument("judged", type=click.Path(path_type=Path), metavar="FILE")
@folder_option("index", "Folder of the index.")
@click.option(
    "--options",
    "settings",
    multiple=True,
    callback=to_settings,
    metavar="OPTION=VALUE,...",
    help="Options of the searches, such as translate=off.",
)
@click.option(
    "--against",
    multiple=True,
    callback=to_settings,
    metavar="OPTION=VALUE,...",
    help="Options of other searches that are compared with the first.",
)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Write the measures of each query as CSV to standard output.")
def judge(
    *,
    judged: Path,
    folder: Path,
    settings: dict[str, str],
    against: dict[str, str],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Ask queries whose answers are known, and tell how well an index answers.

    A line of FILE is: query TAB document id, with TAB grade where documents answer better and worse; or JSON:
    {"query": "...", "relevant": {"document id": grade}}. Measured are the ten best hits: the reciprocal rank of the
    first relevant document (MRR), the share of relevant ones found (R), and the discounted cumulative gain (nDCG), each
    the mean over the queries. Of two ways of searching, p tells how often chance alone makes means differ as much.

    \b
    Examples:
      wco-search judge judged.tsv
      wco-search judge judged.tsv --against translate=off
      wco-search judge judged.jsonl --options dates=off --csv > queries.csv
    """  # noqa: D301  # \b tells click to keep the lines below it
    refuse_together(json=as_json, csv=as_csv)
    from wco_search.cli.judging import judgements, write_judgements

    mine, other = judgements(judged, folder, settings, against)
    _tell_unjudged(mine)
    write_judgements(mine, other, as_json=as_json, as_csv=as_csv)


def _tell_unjudged(judgement: Judgement) -> None:
    say = current_messages()
    if judgement.left_out:
        tell(say.judged_left_out.format(count=format_count(len(judgement.left_out), say)))
    if judgement.absent:
        tell(say.judged_absent.format(count=format_count(len(judgement.absent), say)))


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
@translate_option
@layout_option
@dates_option
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


@cli.command()
@click.argument("source", metavar="SOURCE")
@click.argument("target", metavar="TARGET")
@click.option("--shards", type=click.IntRange(1), default=1, show_default=True, help="Parts of an index in a cluster.")
@click.option("--replicas", type=click.IntRange(0), default=1, show_default=True, help="Copies of each part.")
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
    """Words of the index that begin with PREFIX, the most frequent first; of several words, the last is completed.

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
@click.argument("document_id", metavar="ID")
@folder_option("index", "Folder of the index.")
@click.option("--limit", type=click.IntRange(0, MOST_HITS), default=10, show_default=True, help="Most hits to show.")
@click.option("--filter", metavar="TEXT", help="A query that documents must meet without being ranked by it.")
@json_option
@color_option
def similar(*, document_id: str, folder: Path, limit: int, filter: str | None, as_json: bool, no_color: bool) -> None:
    """Documents that are about what the document ID is about, best first.

    \b
    Example:
      wco-search similar sample-031 --filter 'date:2023..'
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.index import Index

    named = text_of([document_id])
    with Index.open(folder) as opened:
        if named not in opened:
            tell(current_messages().no_document.format(id=safe_line(named), path=folder))
            raise click.exceptions.Exit(ExitCode.BAD_INPUT)
        results = opened.similar(named, limit=limit, filter=filter)
        if as_json:
            write_json(results.to_dict())
        else:
            from wco_search.cli.render import print_results

            print_results(results, make_console(no_color=no_color))
    if not results.total:
        raise click.exceptions.Exit(ExitCode.NOTHING_FOUND)


@cli.command()
@click.argument("word", nargs=-1, required=True, metavar="WORD...")
@folder_option("index", "Folder of the index.")
@click.option("--limit", type=click.IntRange(1, MOST_HITS), default=10, show_default=True, help="Most words to show.")
@json_option
def related(*, word: tuple[str, ...], folder: Path, limit: int, as_json: bool) -> None:
    """Words that stand in the documents of WORD more often than by chance, the surest first.

    \b
    Example:
      wco-search related контрабанда
    """  # noqa: D301  # \b tells click to keep the lines below it
    from wco_search.index import Index

    text = text_of(word)
    with Index.open(folder) as opened:
        found = opened.related(text, limit=limit)
    if as_json:
        write_json({"word": text, "related": [asdict(one) for one in found]})
    elif found:
        from wco_search.cli.render import print_related

        print_related(found, make_console())
    else:
        tell(current_messages().nothing_related.format(word=safe_line(text)))
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
