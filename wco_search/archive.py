"""What an index offers wherever its documents are kept, and what all kinds of index do alike.

Archive      the Protocol: documents in and out, searches, counts
|-- Index          arrays in a folder or in memory          (wco_search.index)
'-- ClusterIndex   shards of an OpenSearch cluster          (wco_search.cluster)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import product
from textwrap import shorten
from types import TracebackType
from typing import Any, Final, Literal, Protocol, Self, SupportsIndex

from wco_search.batch import Answered, Batch, Queries, named
from wco_search.documents import Document, FieldKind, plain_value
from wco_search.engine import plan
from wco_search.engine.compile import Compiled
from wco_search.engine.ranking import SortKey
from wco_search.engine.writer import AddReport
from wco_search.errors import QuerySyntaxError
from wco_search.fragments import Snippet
from wco_search.query import OrQuery, Query, WordQuery
from wco_search.readers import Reading
from wco_search.results import Group, Interpretation, Results, Watch
from wco_search.snippets import Highlighter, Marker, WordTest
from wco_search.understanding import Filter, Switch, Understood

MAX_LIMIT = 10_000  # hits of one page; more are read page by page with `after`

_LONGEST_NAME = 100  # characters of a title or text that are told: a line

Translate = Literal["auto", "only", "off"]
"""Whether words are sought in both languages, in the other one only, or as typed."""

_CHOICES: Final[Mapping[str, tuple[str | None, ...]]] = {
    "translate": ("auto", "only", "off"),
    "layout": ("auto", "off"),
    "dates": ("auto", "off"),
    "group": ("near", None),
}
_ALLOWED: Final = tuple(product(*_CHOICES.values()))  # no set: what a caller gives may have no hash


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a prefix may become.

    Attributes:
        text: A word of the index, behind the words that were typed before it.
        count: At how many places the word stands in any of its forms; behind other words, how many documents have all.
    """

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class RelatedWord:
    """A word that stands in the documents of another more often than chance would have it.

    Attributes:
        text: The word.
        score: How surely the two belong together: the log-likelihood ratio; 11 is one chance in a thousand.
        documents: How many documents have both.
    """

    text: str
    score: float
    documents: int


@dataclass(frozen=True, slots=True)
class IndexStats:
    """Facts about an index.

    Attributes:
        path: Its folder.
        documents: How many documents.
        deleted: How many deleted ones still take room, until their segment is merged.
        words: How many words in all texts.
        forms: How many different words as written.
        terms: How many different terms they are found by.
        segments: How many segments hold them.
        bytes: What it takes on disk (or in memory).
        generation: Number of its commits so far.
        first_date, last_date: The earliest and the latest day of a document.
        languages, sources: Number of documents of each.
        metadata: Kinds of the index's own fields.
        analyzer: Fingerprint of the analysis.
    """

    path: str
    documents: int
    deleted: int
    words: int
    forms: int
    terms: int
    segments: int
    bytes: int
    generation: int
    first_date: dt.date | None
    last_date: dt.date | None
    languages: Mapping[str, int]
    sources: Mapping[str, int]
    metadata: Mapping[str, str]
    analyzer: str

    def to_dict(self) -> dict[str, Any]:
        """The facts as plain JSON values."""
        plain = asdict(self)
        return plain | {name: plain_value(plain[name]) for name in ("first_date", "last_date")}


class Archive(Protocol):
    """What a program may rely on without knowing where an index is kept; each class tells its own limits and errors."""

    @property
    def path(self) -> str:
        """The folder, `:memory:`, or the address of the cluster."""

    def add(
        self, documents: Document | Iterable[Document], *, strict: bool = False, today: dt.date | None = None
    ) -> AddReport:
        """Add *documents*, each in place of the one with its id."""

    def delete(self, target: str | Iterable[str] | Query) -> int:
        """Delete one id, several ids, or all that match a parsed query; gives how many there were."""

    def get(self, document_id: str) -> Document | None:
        """The document with that id, or None."""

    def documents(self) -> Iterator[Document]:
        """All documents, in the order they were added."""

    def refresh(self) -> bool:
        """Go over to the newest state; gives whether there was a newer one."""

    def search(
        self,
        query: str | Query,
        *,
        limit: int = 10,
        offset: int = 0,
        after: str | None = None,
        filter: Filter | None = None,
        sort: str | Sequence[str] = "relevance",
        facets: Sequence[str] | Mapping[str, int | None] = (),
        recency: float | None = None,
        translate: Translate = "auto",
        synonyms: bool = True,
        layout: Switch = "auto",
        dates: Switch = "auto",
        today: dt.date | None = None,
        strict: bool = False,
        explain: bool = False,
        group: Literal["near"] | None = None,
    ) -> Results:
        """Rank the documents that match *query*, best first."""

    def search_many(
        self, queries: Queries, *, limit: int = 10, today: dt.date | None = None, **search_options: Any
    ) -> Batch:
        """Rank the documents that match each of several queries."""

    def similar(self, target: str | Document, *, limit: int = 10, filter: Filter | None = None) -> Results:
        """Rank the documents that are about what *target* is about, best first."""

    def duplicates(self) -> Iterator[Group]:
        """The groups of two or more near-duplicates in the whole index, in the order of their earliest documents."""

    def watch(
        self,
        name: str,
        query: str | Query,
        *,
        filter: str | None = None,
        translate: Translate = "auto",
        synonyms: bool = True,
        layout: Switch = "auto",
        dates: Switch = "auto",
    ) -> tuple[str, ...]:
        """Keep a query: from now on `AddReport.alerts` tells which documents match it as they are added."""

    def unwatch(self, name: str) -> None:
        """Forget the watch of that name."""

    def watches(self) -> list[Watch]:
        """The watches of the index, by name."""

    def suggest(self, prefix: str, *, limit: int = 10) -> list[Suggestion]:
        """What *prefix* may become."""

    def related(self, word: str, *, limit: int = 10) -> list[RelatedWord]:
        """Words that stand in the documents of *word* more often than chance would have it, the surest first."""

    def stats(self) -> IndexStats:
        """Facts about the index."""

    def close(self) -> None:
        """End the use of this object; the index stays."""

    def __len__(self) -> int: ...

    def __contains__(self, document_id: object) -> bool: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LazyHighlighter:
    """A highlighter that is made when the first snippet is asked for."""

    def __init__(self, make: Callable[[], Highlighter]) -> None:
        self._make = make

    @cached_property
    def _highlighter(self) -> Highlighter:
        return self._make()

    def snippet(self, title: str, body: str) -> Snippet:
        """See `wco_search.snippets.Highlighter`."""
        return self._highlighter.snippet(title, body)


def note_problems(report: AddReport, reading: Reading) -> None:
    """Count in *report* what *reading* could not read."""
    for problem in reading.problems:
        report.skip(str(problem))
    report.skipped += reading.skipped - len(reading.problems)


def no_suggestion() -> None:
    """A query that was not typed has no slips."""


def ask_many(
    ask: Callable[..., Results], queries: Queries, options: Mapping[str, Any], kinds: Mapping[str, FieldKind]
) -> Batch:
    """What *ask* answers to each of *queries* under the same options.

    Raises:
        QuerySyntaxError: As *ask* does; tells which query it was.
        TypeError: *queries* is one text, or something in it is none.
        ValueError: `after`, which belongs to one query; and as *ask*.
    """
    if options.get("after") is not None:
        raise ValueError("after belongs to one query; page through a batch with offset")
    same = {**options, "today": seen_on(options.get("today"))}
    return Batch([_answered(ask, name, text, same) for name, text in named(queries)], kinds)


def _answered(ask: Callable[..., Results], name: str, text: str, options: Mapping[str, Any]) -> Answered:
    try:
        return Answered(name, ask(text, **options))
    except QuerySyntaxError as error:
        if error.query_text != text:  # it is the filter's, which all queries share
            raise
        raise QuerySyntaxError(text, error.start, error.end, f"query {name!r}: {error.hint}") from error


def about(target: str | Document, document: Document, words: Sequence[plan.Words]) -> tuple[Query, Understood]:
    """The query for documents that are about the same as *document*, of which *words* tell that.

    It is told by its title, else by the id or the text that *target* is, else by its own id.
    """
    labels = [one.groups[0].label for one in words]
    query = OrQuery(tuple(WordQuery(label) for label in labels))
    named = document.title or (target if isinstance(target, str) else document.id)
    told = (Interpretation("similar", shorten(named, _LONGEST_NAME, placeholder="…"), ", ".join(labels)),)
    return query, Understood(query.to_text(), Compiled(plan.any_of(words), interpretation=told if words else ()))


def check_limit(limit: int, advice: str = "") -> None:
    """Tell whether a call can give so many things at once; *advice* tells what to do where it cannot.

    Raises:
        TypeError: *limit* is no whole number.
        ValueError: It is out of bounds.
    """
    _require_whole("limit", limit)
    if not 0 <= limit <= MAX_LIMIT:
        raise ValueError(f"limit must be 0 to {MAX_LIMIT}, not {limit}{advice}")


def check_page(limit: int, offset: int, after: str | None) -> None:
    """Tell whether there can be such a page.

    Raises:
        TypeError: One of its numbers is no whole number, or *after* no text.
        ValueError: One is out of bounds, or two places are said at once.
    """
    check_limit(limit, "; read further pages with after=")
    _require_whole("offset", offset)
    if offset < 0:
        raise ValueError(f"offset must not be negative, like {offset}")
    if after is not None and not isinstance(after, str):
        raise TypeError(f"after is the cursor that a page of results gave, not {after!r}")
    if after is not None and offset:
        raise ValueError("offset and after say two different places; give one of them")


def _require_whole(name: str, value: object) -> None:
    if type(value) is not int and not isinstance(value, SupportsIndex):  # the latter alone takes a microsecond
        raise TypeError(f"{name} must be a whole number, not {value!r}")


def require_text(name: str, value: object) -> None:
    """Raise TypeError where the argument *name* is no text."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text, not {value!r}")


def sort_keys(sort: str | Sequence[str]) -> tuple[SortKey, ...]:
    """The order that `search` was asked for.

    Raises:
        TypeError: It is neither a text nor several.
    """
    if sort == "relevance":
        return ()
    keys: Any = (sort,) if isinstance(sort, str) else sort  # a caller without types may give anything
    if not isinstance(keys, Iterable) or not all(isinstance(key, str) for key in keys):
        raise TypeError(f"sort is a field or a list of fields, as 'date' or ['-views', 'date'], not {sort!r}")
    return tuple(map(SortKey.parse, keys))


def seen_on(today: dt.date | None) -> dt.date:
    """The day that "yesterday" is before: *today*, or the present one.

    Raises:
        TypeError: *today* is no day.
    """
    if today is None:
        return dt.date.today()
    if not isinstance(today, dt.date):
        raise TypeError(f"today must be a day, as datetime.date(2020, 11, 15), not {today!r}")
    return today


def nothing_of_these_days(taken: Sequence[str], told: Iterable[Interpretation]) -> tuple[str, ...]:
    """The warning of a search that found nothing with some of its words taken for dates.

    None of those that were searched as words in the end, of which nothing is *told* as dates.
    """
    dates = {part.text for part in told if part.kind == "date"}
    shown = ", ".join(f"“{text}”" for text in dict.fromkeys(taken) if text in dates)
    hint = 'to search for the words, quote them or give dates="off"'
    return (f"nothing was found with {shown} taken for a date; {hint}",) if shown else ()


def check_switches(*values: str | None) -> None:
    """Compare the values of *translate*, *layout*, *dates* and *group* with those they may have.

    Raises:
        ValueError: One has none of them.
    """
    if values in _ALLOWED:
        return
    for (name, choices), value in zip(_CHOICES.items(), values, strict=True):
        if value not in choices:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, not {value!r}")


def told_by(compiled: Compiled, filters: Sequence[Compiled]) -> tuple[Interpretation, ...]:
    """How the parts of a query and of its filters were understood."""
    told = compiled.interpretation
    for one in filters:
        told += one.interpretation
    return told


def markers_of(rarities: Mapping[plan.Words, float]) -> list[Marker]:
    """What to mark in texts: every word that scored, function words only in phrases or where there is nothing else."""
    telling = [words for words in rarities if words.telling]
    return [
        Marker(
            tuple(_word_test(group) for group in words.groups),
            slop=words.slop,
            field=None if words.scope == "text" else words.scope,
            weight=rarities[words],
        )
        for words in telling or rarities
    ]


def _word_test(group: plan.Group) -> WordTest:
    return WordTest(terms=frozenset(group.terms), forms=frozenset(group.forms))
