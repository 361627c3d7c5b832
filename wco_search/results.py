"""What a search gives back: frozen values, and `Results`, whose hits are read when they are looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

from wco_search.citations import Style, cite
from wco_search.compiled import filled
from wco_search.differences import Diff, word_diff
from wco_search.documents import Document, FieldKind, MetadataValue, plain_value
from wco_search.fragments import Fragment, Snippet
from wco_search.frames import Cell, Table, distinct_names, to_cell
from wco_search.text import escape_html
from wco_search.timeline import Timeline, Unit


class Highlighter(Protocol):
    """What makes the snippet of a hit."""

    def snippet(self, title: str, body: str) -> Snippet:
        """The fragments of a document's title and body that show why it was found."""


if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

HIT_KINDS: Mapping[str, FieldKind] = {
    "rank": "integer",
    "score": "float",
    "id": "keyword",
    "date": "date",
    "title": "keyword",
    "snippet": "keyword",
    "url": "keyword",
    "source": "keyword",
    "language": "keyword",
}
"""The columns that every table of hits has; the index's own fields stand behind them."""

_SHOWN_IN_NOTEBOOK = 10  # more hits than a screen holds hide the next cell


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a score came about, as a tree of sums and products.

    Example:
        >>> print(Explanation(3.0, "sum of", (Explanation(1.0, "“a”"), Explanation(2.0, "“b”"))).to_text())
        3.0000  sum of
          1.0000  “a”
          2.0000  “b”
    """

    value: float
    description: str
    parts: tuple[Explanation, ...] = ()

    def to_text(self, *, indent: int = 0) -> str:
        """The tree, one node a line, parts indented below what they make."""
        line = f"{' ' * indent}{self.value:.4f}  {self.description}"
        return "\n".join([line, *(part.to_text(indent=indent + 2) for part in self.parts)])

    def to_dict(self) -> dict[str, Any]:
        """The tree as plain JSON values."""
        plain: dict[str, Any] = {"value": self.value, "description": self.description}
        return plain | ({"parts": [part.to_dict() for part in self.parts]} if self.parts else {})


@dataclass(frozen=True, slots=True)
class Interpretation:
    """How one part of a query was understood.

    Attributes:
        kind: What was recognised: `synonym`, `similar`, `date`, `pattern`, `fuzzy`.
        text: The part as typed.
        meaning: What it was taken for.
    """

    kind: str
    text: str
    meaning: str

    def to_dict(self) -> dict[str, str]:
        """The interpretation as plain JSON values."""
        return {"kind": self.kind, "text": self.text, "meaning": self.meaning}


@dataclass(frozen=True, slots=True)
class Watch:
    """A stored query, in the query language, with the options of `Index.search` that it was given."""

    name: str
    query: str
    filter: str | None = None
    translate: str = "auto"
    dates: Literal["auto", "off"] = "auto"
    synonyms: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The watch as plain JSON values."""
        return {"name": self.name, **self.to_setting()}

    def to_setting(self) -> dict[str, Any]:
        """What the settings of an index keep under the name of the watch."""
        return {
            "query": self.query,
            "filter": self.filter,
            "translate": self.translate,
            "dates": self.dates,
            "synonyms": self.synonyms,
        }


@dataclass(frozen=True, slots=True)
class Alert:
    """Documents that were added and match a watch (`Index.watch`).

    Attributes:
        watch: The name of the watch.
        ids: The ids of the documents, in the order in which they were added.
    """

    watch: str
    ids: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The alert as plain JSON values."""
        return {"watch": self.watch, "ids": list(self.ids)}


def _no_query(_: MetadataValue) -> str:
    """Of a count that no search made."""
    return ""


@dataclass(frozen=True, slots=True)
class FacetCount:
    """A value of a field, and how many of all matching documents have it.

    Attributes:
        value: The value; of `country` its ISO code, of `date.weekday` 1 for Monday.
        count: Of how many documents.
        names: What the value is called, by language (`en`, `ru`), where that is not the value itself.
        to_query: Writes the query for a value.
    """

    value: MetadataValue
    count: int
    names: Mapping[str, str] = field(default_factory=dict, compare=False)
    to_query: Callable[[MetadataValue], str] = field(default=_no_query, repr=False, compare=False)

    @property
    def query(self) -> str:
        """The query that finds the documents with the value: as a filter of the same search, *count* of them.

        Example:
            >>> from wco_search import Document, Index
            >>> index = Index.memory([Document(body="Fossils", source="Reuters"), Document(body="A fossil")])
            >>> (one,) = index.search("fossils", facets=["source"]).facets["source"]
            >>> one.query, index.search("fossils", filter=one.query).total
            ('source:="Reuters"', 1)
        """
        return self.to_query(self.value)

    def label(self, language: str = "en") -> str:
        """The value as a reader of that language calls it.

        Example:
            >>> FacetCount("MV", 2, {"en": "Maldives", "ru": "Мальдивы"}).label("ru"), FacetCount(2020, 7).label()
            ('Мальдивы', '2020')
        """
        return self.names.get(language) or str(plain_value(self.value))

    def to_dict(self) -> dict[str, Any]:
        """The count as plain JSON values."""
        plain = {"value": plain_value(self.value), "count": self.count, "query": self.query}
        return plain | ({"names": dict(self.names)} if self.names else {})


@dataclass(frozen=True, slots=True)
class Group:
    """Documents that are near-duplicates: a text and its reprints, the earliest first, those without a date last.

    Attributes:
        documents: The documents.
        leading: The one that the others are near to: of a search the best ranked, of a whole index the earliest.
    """

    documents: tuple[Document, ...]
    leading: Document

    @classmethod
    def of(cls, leading: Document, others: Iterable[Document]) -> Group:
        """The group of *leading* and *others*; of one day, the document that is given first comes first."""
        in_order = sorted([leading, *others], key=lambda document: document.date or dt.date.max)
        return cls(tuple(in_order), leading)

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def ids(self) -> tuple[str, ...]:
        """The id of each."""
        return tuple(document.id for document in self.documents)

    @property
    def dates(self) -> tuple[dt.date | None, ...]:
        """The date of each."""
        return tuple(document.date for document in self.documents)

    @property
    def sources(self) -> tuple[str | None, ...]:
        """The source of each."""
        return tuple(document.source for document in self.documents)

    def diff(self, document_id: str | None = None) -> Diff:
        """What changed from the earliest text to the one of that id.

        Without an id, to the leading one; where that is the earliest itself, to the latest.

        Raises:
            KeyError: None of the documents has the id.

        Example:
            >>> early = Document(id="a", body="Fossils seized.", date=dt.date(2020, 1, 1))
            >>> group = Group.of(Document(id="b", body="Fossils found."), [early])
            >>> group.diff().to_text(), group.diff("a").to_text()
            ('Fossils [-seized-]{+found+}.', 'Fossils seized.')
        """
        earliest, latest = self.documents[0], self.documents[-1]
        if document_id is None:
            return document_diff(earliest, latest if self.leading is earliest else self.leading)
        for document in self.documents:
            if document.id == document_id:
                return document_diff(earliest, document)
        raise KeyError(f"no document of the group has the id {document_id!r}; it has {', '.join(self.ids)}")

    def to_dict(self) -> dict[str, Any]:
        """Id, date and source of each as plain JSON values; `leading` is an id."""
        rows = zip(self.ids, map(plain_value, self.dates), self.sources, strict=True)
        documents = [{"id": own, "date": date, "source": source} for own, date, source in rows]
        return {"leading": self.leading.id, "documents": documents}


def document_diff(earlier: Document, later: Document) -> Diff:
    """What changed from the title and body of one document to those of another."""
    texts = ("\n".join(filter(None, (document.title, document.body))) for document in (earlier, later))
    return word_diff(*texts)


@dataclass(frozen=True, slots=True)
class Hit:
    """One document that a search found.

    Attributes:
        rank: 1 for the best.
        score: Unitless; comparable only within one search.
        document: The document.
        explanation: How the score came about; None unless the search was made with `explain=True`.
        group: The matching documents that it is a near-duplicate of, itself among them; None unless the search was
            made with `group="near"`.
    """

    rank: int
    score: float
    document: Document
    explanation: Explanation | None
    _highlighter: Highlighter = field(repr=False, compare=False)
    group: Group | None = None

    @classmethod
    def page(
        cls,
        ranks: Sequence[int],
        scores: Sequence[float],
        documents: Sequence[Document],
        explanations: Sequence[Explanation | None],
        groups: Sequence[Group | None],
        highlighter: Highlighter,
    ) -> list[Hit]:
        """The hits of a page, of which the sequences tell one attribute each."""
        names = ("rank", "score", "document", "explanation", "group", "_highlighter")
        rows = zip(ranks, scores, documents, explanations, groups, repeat(highlighter, len(ranks)), strict=True)
        return filled(cls, names, rows)

    @property
    def snippet(self) -> Snippet:
        """The fragments of the document's text that show why it was found, made anew each time it is asked for."""
        return self._highlighter.snippet(self.document.title, self.document.body)

    def diff(self, other: Hit) -> Diff:
        """What changed from the text of *other* to that of this hit.

        Raises:
            TypeError: *other* is no hit.
        """
        if not isinstance(other, Hit):
            raise TypeError(f"diff compares with another hit, not with {other!r}; of a group, Group.diff takes an id")
        return document_diff(other.document, self.document)

    def to_dict(self) -> dict[str, Any]:
        """The hit as plain JSON values."""
        plain = {
            "rank": self.rank,
            "score": self.score,
            "document": self.document.to_dict(),
            "snippet": self.snippet.to_dict(),
        }
        if self.explanation:
            plain["explanation"] = self.explanation.to_dict()
        return plain | ({"group": self.group.to_dict()} if self.group else {})

    def cite(self, style: Style = "gost", *, accessed: dt.date | None = None, fragment: Fragment | None = None) -> str:
        """A reference to the document, with a quoted *fragment* of it if one is given; see `wco_search.citations`.

        Example:
            >>> from wco_search import Index
            >>> index = Index.memory([Document(body="Fossils.", date=dt.date(2020, 11, 14), source="WCO")])
            >>> print(index.search("fossils")[0].cite())
            [Fossils] [Электронный ресурс] // WCO. 2020. 14 Nov.
        """
        return cite(self.document, style, accessed=accessed, fragment=fragment)


class Results(Sequence[Hit]):
    """The hits of one search, best first, and what is known about all matches.

    A sequence of `Hit`: iterate over it, index it, slice it.

    Attributes:
        query_text: The query in the query language.
        facets: For each field asked for, its values with the number of matching documents, most frequent first.
        warnings: What in the query could not be read as meant, and what was left out.
        interpretation: How parts of the query were understood.
        took_s: Seconds that the search took, without reading hits or counting all matches.
    """

    def __init__(
        self,
        *,
        query_text: str,
        total: Callable[[], int],
        size: int,
        hits: Callable[[], list[Hit]],
        facets: Mapping[str, tuple[FacetCount, ...]],
        warnings: tuple[str, ...],
        interpretation: tuple[Interpretation, ...],
        after: Callable[[int], str | None],
        suggestion: Callable[[], str | None],
        timeline: Callable[[Unit | Literal["auto"], bool], Timeline],
        took_s: float,
        metadata: Mapping[str, FieldKind],
    ) -> None:
        self.query_text = query_text
        self.facets = facets
        self.warnings = warnings
        self.interpretation = interpretation
        self.took_s = took_s
        self._count = total
        self._total: int | None = None
        self._after = after
        self._suggest = suggestion
        self._timeline = timeline
        self._size = size
        self._read = hits
        self._page: list[Hit] | None = None
        self._metadata = metadata

    @property
    def total(self) -> int:
        """How many documents match, exactly; counted when first asked for."""
        if self._total is None:  # a cached property takes a lock in Python 3.11, which costs more than some searches
            self._total = self._count()
        return self._total

    @cached_property
    def after(self) -> str | None:
        """Cursor of the next page for `Index.search(after=...)`; None on the last page."""
        return self._after(self.total)

    def timeline(self, by: Unit | Literal["auto"] = "auto", *, relative: bool = False) -> Timeline:
        """How many of all matching documents are of each day, week, month, quarter or year.

        Args:
            by: The unit; `auto` takes the finest that makes at most 36 buckets.
            relative: Tell too which part of all documents of the index of the same days they are: an archive that
                grows has more about everything each year.

        Raises:
            ValueError: There is no such unit, or it makes more than 20,000 buckets.

        Example:
            >>> from wco_search import Document, Index
            >>> import datetime as dt
            >>> index = Index.memory([Document(body="Fossils.", date=dt.date(2020, 10, 30))])
            >>> [bucket.query for bucket in index.search("fossils").timeline(by="month").buckets]
            ['fossils AND date:[2020-10-01 TO 2020-10-31]']
        """
        return self._timeline(by, relative)

    @cached_property
    def suggestion(self) -> str | None:
        """The query with misspelt words as the index has them; the rest is as typed. None where no word is misspelt.

        Example:
            >>> from wco_search import Document, Index
            >>> index = Index.memory([Document(body="Customs seized fossils.")])
            >>> index.search('Custms "custms"').suggestion
            'Customs "custms"'
        """
        return self._suggest()

    @property
    def _hits(self) -> list[Hit]:
        if self._page is None:
            self._page = self._read()
        return self._page

    @property
    def hits(self) -> list[Hit]:
        """All hits of this page."""
        return list(self._hits)

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> Hit: ...

    @overload
    def __getitem__(self, place: slice) -> list[Hit]: ...

    def __getitem__(self, place: int | slice) -> Hit | list[Hit]:
        return self._hits[place]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self._hits)

    def __repr__(self) -> str:
        return f"<Results for {self.query_text!r}: {len(self)} of {self.total} in {self.took_s * 1000:.1f} ms>"

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values.

        Example:
            >>> from wco_search import Index
            >>> sorted(Index.memory().search("fossils").to_dict())
            ['after', 'facets', 'hits', 'interpretation', 'query', 'suggestion', 'took_s', 'total', 'warnings']
        """
        return {
            "query": self.query_text,
            "total": self.total,
            "took_s": self.took_s,
            "after": self.after,
            "warnings": list(self.warnings),
            "suggestion": self.suggestion,
            "interpretation": [part.to_dict() for part in self.interpretation],
            "facets": {name: [count.to_dict() for count in counts] for name, counts in self.facets.items()},
            "hits": [hit.to_dict() for hit in self],
        }

    def rows(self) -> list[dict[str, Any]]:
        """One flat mapping a hit: rank, score, the document's fields, the snippet as text, all fields of the index.

        Example:
            >>> from wco_search import Index
            >>> index = Index.memory([Document(body="Fossils.", metadata={"views": 7})], metadata={"views": int})
            >>> index.search("fossils").rows()[0]["views"]
            7
        """
        names = self._metadata_columns()
        return [
            {
                "rank": hit.rank,
                "score": hit.score,
                "id": hit.document.id,
                "date": hit.document.date,
                "title": hit.document.title,
                "snippet": hit.snippet.to_text(),
                "url": hit.document.url,
                "source": hit.document.source,
                "language": hit.document.language,
                **{column: hit.document.metadata.get(name) for name, column in names.items()},
            }
            for hit in self
        ]

    def _metadata_columns(self) -> dict[str, str]:
        return distinct_names(self._metadata, HIT_KINDS)

    def table(self) -> Table:
        """`rows()` as a table whose columns have types and are the same for every search of an index.

        Example:
            >>> from wco_search import Index
            >>> Index.memory(metadata={"views": int}).search("fossils").table().columns[-2:]
            ('language', 'views')
        """
        own = {column: self._metadata[name] for name, column in self._metadata_columns().items()}
        return Table({**HIT_KINDS, **own}, self.rows())

    def facet_table(self) -> Table:
        """The facets as a table of `field`, `value` (as text) and `count`.

        Example:
            >>> from wco_search import Index
            >>> index = Index.memory([Document(body="Fossils.", source="WCO")])
            >>> list(index.search("fossils", facets=["source"]).facet_table().cells())
            [('source', 'WCO', 1)]
        """
        rows: list[Mapping[str, Cell]] = [
            {"field": name, "value": to_cell(one.value), "count": one.count}
            for name, counts in self.facets.items()
            for one in counts
        ]
        return Table({"field": "keyword", "value": "keyword", "count": "integer"}, rows)

    def to_pandas(self) -> pd.DataFrame:
        """The hits as a data frame of pandas; `wco_search.frames` tells the types of its columns.

        Raises:
            MissingExtraError: pandas is not installed.

        Example:
            >>> from wco_search import Index
            >>> index = Index.memory([Document(body="Customs seized fossils.", date=dt.date(2020, 11, 14))])
            >>> frame = index.search("fossils").to_pandas()
            >>> frame["date"].dt.year.tolist()
            [2020]
        """
        return self.table().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """The hits as a data frame of polars.

        Raises:
            MissingExtraError: polars is not installed.

        Example:
            >>> from wco_search import Index
            >>> frame = Index.memory([Document(id="1", body="Fossils.")]).search("fossils").to_polars()
            >>> frame["id"].to_list()
            ['1']
        """
        return self.table().to_polars()

    def to_arrow(self) -> pa.Table:
        """The hits as a table of Arrow.

        Raises:
            MissingExtraError: pyarrow is not installed.

        Example:
            >>> from wco_search import Index
            >>> frame = Index.memory([Document(id="1", body="Fossils.")]).search("fossils").to_arrow()
            >>> frame["id"].to_pylist()
            ['1']
        """
        return self.table().to_arrow()

    def _repr_html_(self) -> str:
        """The first hits as HTML, for notebooks; everything from documents is escaped."""
        items = "".join(
            f"<li value='{hit.rank}'><b>{escape_html(hit.document.title or hit.document.id)}</b> "
            f"<small>{hit.document.date or ''} · {hit.score:.2f}</small><br>{hit.snippet.to_html()}</li>"
            for hit in self[:_SHOWN_IN_NOTEBOOK]
        )
        notes = "".join(f"<div><small>{escape_html(warning)}</small></div>" for warning in self.warnings)
        return f"<div>{self.total} × <code>{escape_html(self.query_text)}</code></div>{notes}<ol>{items}</ol>"
