"""The commands to learn and to measure by: `demo`, `analyze`, `judge`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wco_search.cli.exports import write_json
from wco_search.cli.messages import current_messages, format_count
from wco_search.cli.options import (
    color_option,
    folder_option,
    json_option,
    refuse_together,
    text_of,
    to_settings,
)
from wco_search.cli.terminal import make_console, tell

if TYPE_CHECKING:
    from wco_search.judging import Judgement


@click.command()
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


@click.command()
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


@click.command()
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
