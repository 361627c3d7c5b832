"""Results for people: hits with marked words, facts as aligned columns. Nothing of a document is written unguarded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from wco_search.analysis.analyzer import TokenTrace
from wco_search.batch import Batch
from wco_search.cli.messages import RUSSIAN, Messages, current_messages, format_count
from wco_search.cli.terminal import safe_block, safe_line, tell
from wco_search.differences import Diff
from wco_search.fragments import Fragment, Snippet
from wco_search.frames import to_cell
from wco_search.index import IndexStats, RelatedWord, Suggestion
from wco_search.judging import DEPTH, MEASURES, Judgement, Measure, compare
from wco_search.results import FacetCount, Group, Hit, Results, Watch, document_diff
from wco_search.timeline import Bucket, Timeline, Unit

_MARK, _TITLE, _FAINT = "bold yellow", "bold", "dim"
_NARROWEST = 20  # columns; below that, text is unreadable anyway and wrapping costs a line a word
_VALUES_SHOWN = 15  # of a facet, a field's sources and the like: two lines of a terminal
_MARGIN = 4
_MEASURES: Mapping[Measure, str] = {"mrr": "MRR", "recall": "R", "ndcg": "nDCG"}
_SMALLEST_P = 0.0001  # that is told
_BAR, _BAR_WIDTH = "cyan", 30  # columns; with a day and a count before it, it fits a terminal of 60


def print_results(results: Results, console: Console, timeline: Timeline | None = None) -> None:
    """How the query was understood, the page of hits, its counts, and whether there is more."""
    tell_understanding(results)
    print_page(results, console)
    if timeline is not None and results.total:
        print_timeline(timeline, console)
    _tell_rest(results)


def print_counts(results: Results, timeline: Timeline, console: Console) -> None:
    """How the query was understood, how many documents match, and when they are of."""
    tell_understanding(results)
    if results.total:
        _print_found(results, console)
        print_timeline(timeline, console)
    else:
        tell(current_messages().nothing_found)


def _print_found(results: Results, console: Console) -> None:
    say = current_messages()
    found = say.found.format(total=format_count(results.total, say), ms=f"{results.took_s * 1000:.1f}")
    _print(console, Text(found, _FAINT))


def tell_understanding(results: Results) -> None:
    """Say on standard error what the query was taken for, and what in it could not be read as meant."""
    say = current_messages()
    for warning in results.warnings:
        tell(say.note.format(text=safe_line(warning)))
    parts = [f"{safe_line(part.text)} = {safe_line(part.meaning)}" for part in results.interpretation]
    if parts:
        tell(say.understood.format(parts="; ".join(parts)))
    if (meant := results.suggestion) is not None:
        tell(say.did_you_mean.format(text=safe_line(meant)))


def print_page(results: Results, console: Console) -> None:
    """How many documents match, the hits of this page, and the facets."""
    if not results.total:
        return
    _print_found(results, console)
    for hit in results:
        console.print()
        print_hit(hit, console)
    _print_facets(results.facets, console, current_messages())


def print_batch(batch: Batch, console: Console) -> None:
    """Each query, and below it how it was understood and what it found."""
    say = current_messages()
    for number, one in enumerate(batch):
        if number:
            console.print()
        _print(console, Text(safe_line(one.name), _TITLE))
        tell_understanding(one.results)
        if one.results.total:
            print_page(one.results, console)
        else:
            _print(console, Text(say.nothing_found, _FAINT))


def _tell_rest(results: Results) -> None:
    say = current_messages()
    if not results.total:
        tell(say.nothing_found)
    elif not len(results):
        tell(say.empty_page)
    elif results.after:
        last = results[-1].rank
        tell(say.next_page.format(rest=format_count(results.total - last, say), offset=last))


def print_hit(hit: Hit, console: Console) -> None:
    """Rank, score, date, title and source; the snippet; where the document is; how the score came about."""
    document = hit.document
    title, snippet = _split(hit.snippet, document.title)
    head = Text(f"{hit.rank:>3}. ").append(f"{hit.score:.2f}  ", _FAINT)
    if document.date:
        head.append(f"{document.date}  ", "cyan")
    head.append_text(title)
    if document.source:
        head.append(f" · {safe_line(document.source)}" if document.title else safe_line(document.source), _FAINT)
    head.rstrip()
    _print(console, head)
    if snippet.fragments:
        _print(console, _marked(snippet), indent=_MARGIN)
    _print(console, Text(" · ".join(map(safe_line, filter(None, (document.id, document.url)))), _FAINT), indent=_MARGIN)
    if hit.group is not None and len(hit.group) > 1:
        others = [own for own in hit.group.ids if own != document.id]
        told = current_messages().near.format(ids=", ".join(map(safe_line, others)))
        _print(console, Text(told, _FAINT), indent=_MARGIN)
    if hit.explanation:
        for line in safe_block(hit.explanation.to_text()).split("\n"):
            _print(console, Text(line, _FAINT), indent=_MARGIN)


def _split(snippet: Snippet, title: str) -> tuple[Text, Snippet]:
    """The title, with its marks where the snippet shows all of it, and the fragments that are not told by it."""
    whole = [part for part in snippet.fragments if part.field == "title" and not (part.cut_before or part.cut_after)]
    if not whole:
        whole = [Fragment("title", title, 0, len(title), ())]
    shown = _marked(Snippet(tuple(whole)))
    shown.stylize_before(_TITLE)
    return shown, Snippet(tuple(part for part in snippet.fragments if part not in whole))


def _marked(snippet: Snippet) -> Text:
    """The snippet with its marks as a style: a NUL, which no snippet shows, stands at either end of each."""
    text = Text()
    for place, piece in enumerate(snippet.to_text(marks=("\0", "\0")).split("\0")):
        text.append(piece, _MARK if place % 2 else "")
    return text


def _print(console: Console, text: Text, *, indent: int = 0) -> None:
    for line in text.wrap(console, max(_NARROWEST, console.width - _MARGIN)):
        line.rstrip()
        console.print(Text(" " * indent).append_text(line), soft_wrap=True)
        indent = _MARGIN  # what goes on hangs below its beginning


def _print_facets(facets: Mapping[str, Sequence[FacetCount]], console: Console, say: Messages) -> None:
    if facets:
        console.print()
    language = "ru" if say is RUSSIAN else "en"
    for field, counts in facets.items():
        values = [(count.names.get(language) or to_cell(count.value), count.count) for count in counts]
        _print(console, Text(f"{safe_line(field)}: ", _TITLE).append(_counted(values, say) or "—", "none"))


def print_timeline(timeline: Timeline, console: Console) -> None:
    """A line a bucket: its first day (week), month, quarter or year, its count, its share if told, and a bar."""
    say = current_messages()
    console.print()
    _print(console, Text(f"{say.timeline}:", _TITLE))
    heights = timeline.heights()
    top = max(heights, default=0.0) or 1.0
    counts = [format_count(bucket.count, say) for bucket in timeline.buckets]
    width = max(map(len, counts), default=0)
    for bucket, count, height in zip(timeline.buckets, counts, heights, strict=True):
        share = f"{'—' if bucket.share is None else f'{bucket.share:.1%}':>6}  " if timeline.is_relative else ""
        row = Text(f"{_named(bucket, timeline.by)}  {count:>{width}}  {share}").append(_bar(height / top), _BAR)
        row.rstrip()
        console.print(row, soft_wrap=True)
    if timeline.undated:
        _print(console, Text(say.undated.format(count=format_count(timeline.undated, say)), _FAINT))


def _named(bucket: Bucket, by: Unit) -> str:
    if by == "year":
        return f"{bucket.start.year}"
    if by == "quarter":
        return f"{bucket.start.year}-Q{(bucket.start.month + 2) // 3}"
    return f"{bucket.start:%Y-%m}" if by == "month" else f"{bucket.start}"


def _bar(part: float) -> str:
    """A bar in eighths of a column.

    Example:
        >>> _bar(0.05), _bar(0.0)
        ('█▌', '')
    """
    eighths = round(part * 8 * _BAR_WIDTH) or (1 if part > 0 else 0)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def _counted(values: Iterable[tuple[str, int]], say: Messages) -> str:
    """`enforcement 12, trade 3`, the most frequent first."""
    ranked = [f"{safe_line(value)} {format_count(count, say)}" for value, count in sorted(values, key=lambda v: -v[1])]
    if len(ranked) > _VALUES_SHOWN:
        ranked[_VALUES_SHOWN:] = [say.and_more.format(count=format_count(len(ranked) - _VALUES_SHOWN, say))]
    return ", ".join(ranked)


def print_stats(stats: IndexStats, console: Console) -> None:
    """The facts about an index, one a line."""
    say = current_messages()
    facts = {
        say.stats_path: stats.path,
        say.stats_documents: format_count(stats.documents, say),
        say.stats_words: format_count(stats.words, say),
        say.stats_forms: format_count(stats.forms, say),
        say.stats_terms: format_count(stats.terms, say),
        say.stats_segments: format_count(stats.segments, say),
        say.stats_bytes: format_count(stats.bytes, say),
        say.stats_generation: format_count(stats.generation, say),
        say.stats_dates: f"{stats.first_date} … {stats.last_date}" if stats.first_date else "—",
        say.stats_languages: _counted(stats.languages.items(), say) or "—",
        say.stats_sources: _counted(stats.sources.items(), say) or "—",
        say.stats_metadata: ", ".join(f"{name}: {kind}" for name, kind in stats.metadata.items()) or "—",
        say.stats_analyzer: stats.analyzer,
    }
    _print_pairs(facts.items(), console)


def _print_pairs(pairs: Iterable[tuple[str, str]], console: Console) -> None:
    """Names and values, the values below each other."""
    lines = [(safe_line(name), safe_line(value)) for name, value in pairs]
    width = max(cell_len(name) for name, _ in lines)
    for name, value in lines:
        _print(console, Text(set_cell_size(name, width)).append(f"  {value}", _FAINT))


def print_groups(groups: Sequence[Group], console: Console) -> None:
    """Each group as lines of date, id and source, and of the later ones what changed since the earliest."""
    for place, group in enumerate(groups):
        if place:
            console.print()
        for document in group.documents:
            facts = filter(None, (str(document.date or ""), document.id, document.source))
            _print(console, Text(" · ".join(map(safe_line, facts))))
            changes = [p for p in document_diff(group.documents[0], document).pieces if p.change != "same"]
            if changes:
                _print(
                    console, Text(f"… {' … '.join(Diff((p,)).to_text() for p in changes)} …", _FAINT), indent=_MARGIN
                )


def print_watches(watches: Sequence[Watch], console: Console) -> None:
    """Names and queries, with the options that are not as by default."""
    _print_pairs([(watch.name, told_watch(watch)) for watch in watches], console)


def told_watch(watch: Watch) -> str:
    """The query, with the options that are not as by default.

    Example:
        >>> told_watch(Watch("stones", "fossils", filter="port"))
        'fossils --filter port'
    """
    plain = Watch(watch.name, watch.query)
    given = (name for name in ("filter", "translate", "dates") if getattr(watch, name) != getattr(plain, name))
    return " ".join([watch.query, *(f"--{name} {getattr(watch, name)}" for name in given)])


def print_suggestions(suggestions: Sequence[Suggestion], console: Console) -> None:
    """Words and how often each stands in the index."""
    say = current_messages()
    _print_pairs([(suggestion.text, format_count(suggestion.count, say)) for suggestion in suggestions], console)


def print_related(words: Sequence[RelatedWord], console: Console) -> None:
    """Words and how many documents each shares with the word asked for."""
    say = current_messages()
    _print_pairs([(word.text, format_count(word.documents, say)) for word in words], console)


def print_judgement(judgement: Judgement, other: Judgement | None, console: Console) -> None:
    """The means of the measures; of two ways of searching, and by how much they differ."""
    say = current_messages()
    table = Table(box=None, header_style=_FAINT, padding=(0, 2, 0, 0))
    for header in ("", *(f"{_MEASURES[measure]}@{DEPTH}" for measure in MEASURES)):
        table.add_column(header, justify="right" if header else "left")

    def add(name: str, cells: Iterable[str]) -> None:
        table.add_row(name, *cells)

    count = say.judged_queries.format(queries=format_count(len(judgement.queries), say))
    add(count, (f"{judgement.means.to_dict()[measure]:.4f}" for measure in MEASURES))
    if other:
        compared = list(compare(judgement, other).values())
        add(say.judged_against, (f"{other.means.to_dict()[measure]:.4f}" for measure in MEASURES))
        add(say.judged_difference, (f"{one.difference:+.4f}" for one in compared))
        add(say.judged_p, (_p(one.p_value) for one in compared))
        add(say.judged_wins, (f"{one.wins}/{one.ties}/{one.losses}" for one in compared))
    console.print(table)


def _p(value: float) -> str:
    """No p-value is 0.

    Example:
        >>> _p(0.03), _p(0.00001)
        ('0.0300', '<0.0001')
    """
    return f"{value:.4f}" if value >= _SMALLEST_P else f"<{_SMALLEST_P:.4f}"


def print_traces(traces: Sequence[TokenTrace], console: Console) -> None:
    """How a text is understood, one token a row."""
    say = current_messages()
    table = Table(box=None, header_style=_FAINT, padding=(0, 2, 0, 0))
    headers = (
        say.word_surface,
        say.word_kind,
        say.word_form,
        say.word_language,
        say.word_lemmas,
        say.word_terms,
        say.word_position,
        say.word_stop_word,
    )
    for header in headers:
        table.add_column(header, overflow="fold")
    for trace in traces:
        token = trace.token
        cells = (
            token.surface,
            token.kind,
            token.form,
            trace.language,
            " ".join(trace.lemmas),
            " ".join(token.terms),
            str(token.position),
            say.word_stop_word if trace.is_stop_word else "",
        )
        table.add_row(*(Text(safe_line(cell)) for cell in cells))
    console.print(table)
