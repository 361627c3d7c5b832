"""The commands that look for documents and words: `search`, `timeline`, `similar` and others."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from wco_search.cli.exports import write_json
from wco_search.cli.failures import ExitCode
from wco_search.cli.messages import current_messages
from wco_search.cli.options import (
    WholeNumber,
    color_option,
    dates_option,
    filter_option,
    finite,
    folder_argument,
    folder_option,
    json_option,
    layout_option,
    read_queries,
    refuse_together,
    synonyms_option,
    text_of,
    to_day,
    to_facets,
    translate_option,
)
from wco_search.cli.terminal import make_console, safe_line, tell

if TYPE_CHECKING:
    import datetime as dt

    from wco_search.citations import Style
    from wco_search.languages import Synonyms
    from wco_search.timeline import Unit

_UNITS = ["auto", "day", "week", "month", "quarter", "year"]  # as the library's, known here without importing it
MOST_HITS = 10_000  # the library's limit, known here without importing the library


@click.command()
@click.argument("query", nargs=-1, metavar="QUERY...")
@folder_option("index", "Folder of the index.")
@click.option(
    "--queries",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Ask each line of this file, or of standard input (-); a line may be: name TAB query.",
)
@click.option("--limit", type=WholeNumber(0, MOST_HITS), default=10, show_default=True, help="Most hits to show.")
@click.option("--offset", type=WholeNumber(0), default=0, help="How many of the best to pass over.")
@click.option("--after", metavar="CURSOR", help="Go on behind the page whose JSON had this `after`.")
@click.option("--sort", multiple=True, metavar="KEY", help="relevance, date (newest first), views, -views; repeatable.")
@filter_option
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
    type=click.Choice(_UNITS),
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
    callback=finite,
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


@click.command()
@click.argument("query", nargs=-1, required=True, metavar="QUERY...")
@folder_option("index", "Folder of the index.")
@click.option("--by", type=click.Choice(_UNITS), default="auto", show_default=True, help="What to count by.")
@filter_option
@click.option("--relative", is_flag=True, help="The part that they are of all documents of the time.")
@click.option(
    "--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw it: .svg, .png or .pdf (extra `plot`)."
)
@translate_option
@layout_option
@dates_option
@click.option("--today", callback=to_day, metavar="DAY", help="The day that `yesterday` counts from, as 2020-11-15.")
@synonyms_option
@click.option("--strict", is_flag=True, help="Refuse a query that is not well formed.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV to standard output.")
@click.option("--nl", "as_lines", is_flag=True, help="Write one JSON object a unit and line.")
@click.option("--parquet", type=click.Path(path_type=Path), metavar="FILE", help="Write a Parquet file.")
@color_option
def timeline(
    *,
    query: tuple[str, ...],
    folder: Path,
    by: Unit | Literal["auto"],
    relative: bool,
    plot: Path | None,
    synonyms: Synonyms | None,
    as_json: bool,
    as_csv: bool,
    as_lines: bool,
    parquet: Path | None,
    no_color: bool,
    **options: Any,
) -> None:
    """How many documents match in each month, week or other unit of the calendar, with the query that leads to them.

    \b
    Examples:
      wco-search timeline контрабанда --by month
      wco-search timeline fossils --by year --relative --csv > fossils.csv
    """  # noqa: D301  # \b tells click to keep the lines below it
    refuse_together(json=as_json, csv=as_csv, nl=as_lines, parquet=parquet)
    from wco_search.cli.answers import Output, write_timeline
    from wco_search.index import Index

    output = Output(as_json, as_csv, as_lines, parquet, None, None, no_color, relative=relative, plot=plot)
    with Index.open(folder, synonyms=synonyms) as opened:
        has_found = write_timeline(opened.search(text_of(query), limit=0, **options), output, by)
    if not has_found:
        raise click.exceptions.Exit(ExitCode.NOTHING_FOUND)


@click.command()
@click.argument("document_id", metavar="ID")
@folder_option("index", "Folder of the index.")
@click.option("--limit", type=WholeNumber(0, MOST_HITS), default=10, show_default=True, help="Most hits to show.")
@filter_option
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


@click.command()
@click.argument("word", nargs=-1, required=True, metavar="WORD...")
@folder_option("index", "Folder of the index.")
@click.option("--limit", type=WholeNumber(1, MOST_HITS), default=10, show_default=True, help="Most words to show.")
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


@click.command()
@click.argument("prefix")
@folder_option("index", "Folder of the index.")
@click.option("--limit", type=WholeNumber(1, MOST_HITS), default=10, show_default=True, help="Most words to show.")
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


@click.command()
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
