"""`ClusterIndex`: an index in a cluster of OpenSearch, used like one in a folder."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

from wco_search.analysis import default_analyzer
from wco_search.archive import (
    IndexStats,
    LazyHighlighter,
    RelatedWord,
    Suggestion,
    Translate,
    about,
    ask_many,
    check_page,
    check_switches,
    markers_of,
    no_suggestion,
    note_problems,
    nothing_of_these_days,
    seen_on,
    sort_keys,
    told_by,
)
from wco_search.batch import Batch, Queries
from wco_search.cluster.clauses import Clauses
from wco_search.cluster.company import Company
from wco_search.cluster.conditions import Clause, ClusterValues
from wco_search.cluster.connection import Connection
from wco_search.cluster.keeping import Kept, Loader
from wco_search.cluster.layout import Json, key_of, to_document
from wco_search.cluster.ranking import Ranking
from wco_search.cluster.reading import documents_of, groups_of_near
from wco_search.cluster.view import View, ViewLostError
from wco_search.cluster.watching import drop_watch, put_watch, read_watches
from wco_search.documents import Document, FieldKind, MetadataSchema
from wco_search.engine import plan
from wco_search.engine.association import associations, telling_words
from wco_search.engine.compile import Compiled, compile_query
from wco_search.engine.completion import completions
from wco_search.engine.crossing import Crossing
from wco_search.engine.ranking import Request, identity_of
from wco_search.engine.recency import Recency
from wco_search.engine.synonymy import SynonymTable, Synonymy
from wco_search.engine.values import requested_facets
from wco_search.engine.writer import AddReport
from wco_search.errors import ClusterBusyError, IndexClosedError, NotOfferedError, UnknownWatchError
from wco_search.languages import Source, Synonyms, default_lexicon
from wco_search.query import Query
from wco_search.readers import Reading
from wco_search.results import Group, Hit, Interpretation, Results, Watch
from wco_search.snippets import Highlighter
from wco_search.understanding import Filter, Switch, Understanding, Understood
from wco_search.watches import Percolator, new_watch, told_of_before

_ELSEWHERE: Final = frozenset("absorb check copy repair snapshot storage whoosh writer".split())
"""What `wco_search.index.Index` offers and a cluster does not."""

_T = TypeVar("_T")


class ClusterIndex:
    """An index in a cluster of OpenSearch.

    Made by `create` or `connect` (`Index.connect` is the same); a context manager that closes itself. Searches see the
    documents that were there when it was opened, refreshed, or written through this object, as long as it is used once
    every ten minutes and no node is lost; then they see those that are there by then. Threads may share one.

    Its answers are those of an `Index`: the same matches, order, marks, counts and interpretations. What differs:
    writing is not all or nothing (every document is durable when `add` comes back; an `add` that failed may be done
    again), and what is in `NotOfferedError` is not there.
    """

    def __init__(self, connection: Connection, lexicon: Source | None = None, synonyms: Synonyms | None = None) -> None:
        """Open the index that *connection* names; see `connect`."""
        self._connection = connection
        self._analyzer = default_analyzer()
        self._source = lexicon
        self._synonyms = None if synonyms is None else SynonymTable(self._analyzer, synonyms)
        self._synonymy: Synonymy | None = None
        self._crossings: dict[str, Crossing] = {}
        self._percolator = Percolator(self._analyzer, self._translations, self._synonyms)
        self._closed = False
        self._kept = Kept.read(connection, self._analyzer)
        self._view = self._open_view(None)

    @classmethod
    def create(
        cls,
        address: str,
        *,
        metadata: Mapping[str, type] | None = None,
        shards: int = 1,
        replicas: int = 1,
        lexicon: Source | None = None,
        synonyms: Synonyms | None = None,
        **access: Any,
    ) -> Self:
        """Make a new, empty index.

        Args:
            address: As for `connect`.
            metadata: The index's own fields, as for `Index.create`.
            shards: Parts that documents are spread over; fixed for the life of an index, `wco-search copy` makes
                another.
            replicas: Copies of each part, on other nodes.
            lexicon: As for `Index.create`.
            synonyms: The same.
            access: Credentials and patience, as `wco_search.cluster.connection.Connection.open` takes them.

        Raises:
            IndexExistsError: There is an index of that name.
            ClusterError: The cluster cannot be reached, or refuses.
        """
        connection = Connection.open(address, **access)
        kept = Kept.new(MetadataSchema.of(metadata or {}), default_analyzer())
        kept.create(connection, shards=shards, replicas=replicas)
        return cls(connection, lexicon, synonyms)

    @classmethod
    def connect(
        cls, address: str, *, lexicon: Source | None = None, synonyms: Synonyms | None = None, **access: Any
    ) -> Self:
        """Open an index in a cluster.

        Args:
            address: `opensearch://HOST:PORT,HOST:PORT/NAME`, or `opensearchs://` for TLS.
            lexicon: As for `Index.open`.
            synonyms: The same.
            access: Credentials and patience, as `wco_search.cluster.connection.Connection.open` takes them.

        Raises:
            IndexNotFoundError: There is none of that name.
            IndexFormatError, AnalyzerMismatchError: Another version made it, or another program.
            ClusterError: The cluster cannot be reached, or refuses.
        """
        return cls(Connection.open(address, **access), lexicon, synonyms)

    @classmethod
    def build(
        cls,
        address: str,
        documents: Iterable[Document],
        *,
        metadata: Mapping[str, FieldKind] | None = None,
        means: Mapping[str, float] | None = None,
        shards: int = 1,
        replicas: int = 1,
        replace: bool = False,
        check: Callable[[Iterator[str]], None] = lambda _: None,
        **access: Any,
    ) -> Self:
        """Make an index of *documents* under a name of its own, then give it the name of *address*, in one step.

        Until then, searches for that name see what was there before; if something goes wrong, they go on to. Documents
        are sent once, without copies, and copied when all are there.

        Args:
            address: As for `connect`.
            documents: The documents, no id twice.
            metadata: The kinds of the index's own fields.
            means: Mean lengths that scores know (`Snapshot.means`); by default those of the first thousand documents.
            shards: As for `create`.
            replicas: The same.
            replace: Whether there may be an index of that name, which is deleted at the end.
            check: Is called with the ids of all documents that are there; what it raises stops it all.
            access: As for `connect`.

        Raises:
            IndexExistsError: There is an index of that name, and *replace* does not allow for it.
            ClusterError: The cluster cannot be reached, or refuses.
        """
        connection = Connection.open(address, **access)
        schema, analyzer = MetadataSchema(dict(metadata or {})), default_analyzer()
        kept = Kept.new(schema, analyzer, means)
        if not replace:
            kept.require_absent(connection)
        made = kept.make(connection, shards=shards, replicas=0)
        try:
            made.tune(connection, refresh_interval="-1")
            loader = Loader(connection, made, analyzer, is_empty=True)
            loader.add(documents, strict=True)
            made = loader.kept
            made.flush(connection)
            made.tune(connection, refresh_interval="1s", number_of_replicas=replicas)
            made.refresh(connection)
            check(made.ids(connection))
        except BaseException:
            made.drop(connection)
            raise
        made.publish(connection, connection.address.index)
        return cls(connection)

    # -- life cycle

    @property
    def path(self) -> str:
        """The address of the index, without credentials."""
        return str(self._connection.address)

    @property
    def means(self) -> Mapping[str, float]:
        """The mean lengths of titles and bodies that scores know."""
        return self._kept.means

    def close(self) -> None:
        """End the use of this object; the index stays. Closing twice is no error."""
        if not self._closed:
            self._closed = True
            self._view.close()
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def refresh(self) -> bool:
        """Go over to the documents that are there now; gives whether there was any change."""
        before = self._open()
        self._kept = Kept.read(self._connection, self._analyzer)
        self._renew()
        return self._view.state != before.state

    def _open(self) -> View:
        if self._closed:
            raise IndexClosedError(self.path)
        return self._view

    def _open_view(self, before: View | None) -> View:
        kept = self._kept
        lexicon = None if before is None or before.index != kept.index else before.words
        return View.open(self._connection, kept.index, kept.manifest, kept.schema, self._analyzer, lexicon)

    def _renew(self) -> None:
        before, self._view = self._view, self._open_view(self._view)
        self._crossings, self._synonymy = {}, None
        before.close()

    def _asked(self, ask: Callable[[View], _T]) -> _T:
        """What *ask* gives; of a new view, where the cluster has lost the present one.

        Where a node was lost, it may take the cluster some seconds to see that itself.
        """
        for pause_s in chain((0.0,), self._connection.pauses()):
            try:
                return ask(self._open())
            except ViewLostError:
                time.sleep(pause_s)
                self.refresh()
        try:
            return ask(self._open())
        except ViewLostError as error:
            raise ClusterBusyError(self.path, error.status, error.reason) from error

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{len(self):,} documents"
        return f"<ClusterIndex {self.path!r}: {state}>"

    def __getattr__(self, name: str) -> Any:
        """Tell what only other indexes offer."""
        if name in _ELSEWHERE:
            raise NotOfferedError(f"{name!r}")
        raise AttributeError(f"a ClusterIndex has no {name!r}")

    # -- documents

    def __len__(self) -> int:
        return self._open().size

    def __contains__(self, document_id: object) -> bool:
        return isinstance(document_id, str) and self.get(document_id) is not None

    def get(self, document_id: str) -> Document | None:
        """The document with that id, or None."""
        if not document_id:  # which none has, and which OpenSearch does not take
            return None
        own = {"size": 1, "query": {"ids": {"values": [key_of(document_id)]}}, "_source": ["document"]}
        hits = self._asked(lambda view: view.search(own))["hits"]["hits"]
        return to_document(hits[0]["_source"]["document"], self._kept.schema) if hits else None

    def documents(self) -> Iterator[Document]:
        """All documents, in the order they were added."""
        return documents_of(self._open(), self._kept.schema, self.path)

    def add(
        self, documents: Document | Iterable[Document], *, strict: bool = False, today: dt.date | None = None
    ) -> AddReport:
        """Add *documents*, each in place of the one with its id.

        They go to the cluster by the thousand, and are durable there when this comes back. Where it raises, some may
        be there already; to add them all again does no harm, but there are no alerts of those.

        Args:
            documents: Documents; what `wco_search.read` gives is reported on together with them.
            strict: Raise where a document's metadata is not of its field's kind, in place of leaving that document out.
            today: The day from which watches see "yesterday"; by default the present one.

        Returns:
            How many were added, updated, unchanged and skipped, and why; and which watches they match (`watch`). Where
            there are watches, some 3 KB of each document are kept here until all are added.

        Raises:
            InvalidDocumentError, ReadError: Under *strict*.
            ClusterError: The cluster cannot be reached, or refuses.
        """
        is_empty = self._open().size == 0
        watches = read_watches(self._connection, self._kept.index)
        loader = Loader(self._connection, self._kept, self._analyzer, is_empty=is_empty, is_watched=bool(watches))
        report = loader.add(documents, strict=strict)
        self._kept = loader.kept
        if isinstance(documents, Reading):
            note_problems(report, documents)
        self._kept.refresh(self._connection)
        self._renew()
        if watches:
            self._percolator.register(watches, self._view.lexicon)
            report.alerts[:] = self._percolator.alerts(loader.added(), seen_on(today))
        return report

    def upsert(self, documents: Document | Iterable[Document], *, strict: bool = False) -> AddReport:
        """`add`, by the name that others have for it."""
        return self.add(documents, strict=strict)

    def delete(self, target: str | Iterable[str] | Query) -> int:
        """Delete one id, several ids, or all that match a parsed query; gives how many there were.

        Raises:
            ClusterError: The cluster cannot be reached, or refuses; some may be deleted then.
        """
        self._open()
        if isinstance(target, Query):
            self.refresh()
            compiled = compile_query(target, self._view.lexicon, self._analyzer, values=self._values(self._view))
            deleted = self._kept.delete_matching(self._connection, Clauses().of(compiled.plan))
        else:
            ids = [target] if isinstance(target, str) else list(dict.fromkeys(target))
            deleted = self._kept.delete(self._connection, ids)
        self._kept.refresh(self._connection)
        self._renew()
        return deleted

    # -- watches

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
        """Keep a query in the index: from now on `AddReport.alerts` tells which documents match it as they are added.

        See `wco_search.index.Index.watch`. It is asked of documents that any program adds, and of all that one call of
        `add` adds together.

        Raises:
            QuerySyntaxError, UnknownFieldError, ValueError: As there.
            ClusterError: The cluster cannot be reached, or refuses.
        """
        check_switches(translate, layout, dates, None)

        def ask(view: View) -> tuple[Watch, list[str]]:
            understanding = self._understanding(view, translate, None, dates, layout, synonyms=False, is_standing=True)
            return new_watch(understanding, name, query, filter, translate, synonyms=synonyms)

        watch, notes = self._asked(ask)
        notes += told_of_before(read_watches(self._connection, self._kept.index).get(name), watch)
        put_watch(self._connection, self._kept.index, watch)
        return tuple(notes)

    def unwatch(self, name: str) -> None:
        """Forget a watch.

        Raises:
            UnknownWatchError: There is none of that name.
            ClusterError: The cluster cannot be reached, or refuses.
        """
        self._open()
        if not drop_watch(self._connection, self._kept.index, name):
            raise UnknownWatchError(name, read_watches(self._connection, self._kept.index))

    def watches(self) -> list[Watch]:
        """The watches that the index has now, by name."""
        self._open()
        return list(read_watches(self._connection, self._kept.index).values())

    def optimize(self) -> None:
        """Take the mean lengths that scores know anew, from all documents, and put the tables of words together.

        The index cannot be searched or written meanwhile, some seconds long. For an archive that has grown much since
        its first documents, which the means were taken from.
        """
        self.refresh()
        self._kept = self._kept.with_present_means(self._connection)
        self._renew()

    def drop(self) -> None:
        """Delete the index from the cluster, all documents with it, and close this object."""
        self._open()
        self._kept.drop(self._connection)
        self.close()

    # -- search

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
        """Rank the documents that match *query*, best first: see `wco_search.index.Index.search`.

        A page begins at most 10,000 documents from the start; further ones are read with *after*, but for those of
        *group*, which are all among the first 10,000.

        Raises:
            NotOfferedError: *query* is a tree of Whoosh.
            QuerySyntaxError, UnknownFieldError, CursorError, ValueError: As `Index.search`.
            ClusterError: The cluster cannot be reached, or refuses.
        """
        if not isinstance(query, str | Query):
            raise NotOfferedError("a query tree of Whoosh")
        check_switches(translate, layout, dates, group)
        started = time.perf_counter()
        check_page(limit, offset, after)
        keys = sort_keys(sort)
        counted = requested_facets(facets)

        def ask(view: View) -> Results:
            understanding = self._understanding(view, translate, today, dates, layout, synonyms=synonyms)
            understood = understanding.query(query, strict=strict)
            filters = [] if filter is None else [understanding.filter(filter)]
            told = told_by(understood.compiled, filters)
            resolved = [part for part in told if part.kind == "date"]
            fresh = None if recency is None else Recency(recency, understanding.today)
            switches = (translate, synonyms, layout, dates, group, resolved, fresh)
            identity = partial(identity_of, understood.text, filter, keys, *switches)
            request = Request(
                understood.compiled, filters, keys, limit, offset, after, counted, explain, fresh, group is not None,
                identity,
            )  # fmt: skip
            return self._results(understanding, query, understood, request, told, started)

        return self._asked(ask)

    def _results(
        self,
        understanding: Understanding,
        query: str | Query,
        understood: Understood,
        request: Request,
        told: tuple[Interpretation, ...],
        started: float,
    ) -> Results:
        ranking = Ranking(self._view, self._analyzer, request)
        warnings = [*understood.warnings]
        for one in (request.compiled, *request.filters):
            warnings += one.warnings
        if understanding.taken and not ranking.total:
            warnings += nothing_of_these_days(understanding.taken, told)
        return Results(
            query_text=understood.text,
            total=lambda: ranking.total,
            size=len(ranking.hits),
            hits=partial(self._hits, ranking),
            facets=ranking.facets(),
            warnings=tuple(dict.fromkeys(warnings)),
            interpretation=told,
            after=ranking.after,
            timeline=partial(ranking.timeline, partial(understanding.narrower, query, understood)),
            suggestion=partial(understanding.suggestion, understood) if isinstance(query, str) else no_suggestion,
            took_s=time.perf_counter() - started,
            metadata=self._kept.schema.kinds,
        )

    def _hits(self, ranking: Ranking) -> list[Hit]:
        highlighter = LazyHighlighter(
            lambda: Highlighter(markers_of(ranking.rarities()), self._analyzer, forms_of=ranking.lexicon.forms_of)
        )
        return [
            Hit(rank, one.score, one.document, explanation, highlighter, group)
            for rank, one, explanation, group in zip(
                ranking.ranks, ranking.hits, ranking.explanations(), ranking.groups, strict=True
            )
        ]

    def _understanding(
        self,
        view: View,
        translate: Translate,
        today: dt.date | None,
        dates: Switch,
        layout: Switch,
        *,
        synonyms: bool,
        is_standing: bool = False,
    ) -> Understanding:
        return Understanding(
            snapshot=view.lexicon,
            analyzer=self._analyzer,
            crossing=self._crossing(view, translate),
            synonymy=self._synonymy_of(view) if synonyms else None,
            today=seen_on(today),
            dates=dates,
            layout=layout,
            is_standing=is_standing,
            values=self._values(view),
        )

    def _values(self, view: View) -> ClusterValues:
        return ClusterValues(view.lexicon, Clauses().of, view.count)

    def _crossing(self, view: View, translate: Translate) -> Crossing | None:
        """What translates for *view*; kept as long as that is the newest."""
        if translate == "off":
            return None
        crossing = self._crossings.get(translate)
        if crossing is None or crossing.snapshot is not view.lexicon:
            known = view.lexicon.knowing(self._analyzer)
            crossing = Crossing(view.lexicon, known, self._translations(), translate)
            self._crossings[translate] = crossing
        return crossing

    def _translations(self) -> Source:
        return default_lexicon() if self._source is None else self._source

    def _synonymy_of(self, view: View) -> Synonymy | None:
        """What finds synonyms for *view*; kept as long as that is the newest."""
        if self._synonyms is None:
            return None
        if self._synonymy is None or self._synonymy.snapshot is not view.lexicon:
            self._synonymy = Synonymy(view.lexicon, view.lexicon.knowing(self._analyzer), self._synonyms)
        return self._synonymy

    def search_many(
        self, queries: Queries, *, limit: int = 10, today: dt.date | None = None, **search_options: Any
    ) -> Batch:
        """Rank the documents that match each of several queries: see `wco_search.index.Index.search_many`.

        Raises:
            NotOfferedError, QuerySyntaxError, TypeError, ValueError: As there, and as `search`.
            ClusterError: The cluster cannot be reached, or refuses.
        """
        options = {"limit": limit, "today": today, **search_options}
        return ask_many(self.search, queries, options, self._kept.schema.kinds)

    def similar(self, target: str | Document, *, limit: int = 10, filter: Filter | None = None) -> Results:
        """Rank the documents that are about what *target* is about: see `wco_search.index.Index.similar`.

        Raises:
            InvalidDocumentError, QuerySyntaxError, UnknownFieldError, ValueError: As there.
            ClusterError: The cluster cannot be reached, or refuses.
        """
        started = time.perf_counter()
        check_page(limit, 0, None)
        document = target if isinstance(target, Document) else self.get(target) or Document(body=target)
        is_known = document.id in self
        least_df = 2 if is_known else 1  # a word that only the document has finds no other

        def ask(view: View) -> Results:
            words = telling_words(
                view.lexicon, self._analyzer, document, least_df=least_df, doc_freqs=partial(_doc_freqs, view)
            )
            query, understood = about(target, document, words)
            understanding = self._understanding(view, "off", None, "auto", "off", synonyms=False)
            filters = [] if filter is None else [understanding.filter(filter)]
            if is_known:
                itself = {"ids": {"values": [key_of(document.id)]}}
                filters.append(Compiled(Clause("another document", query={"bool": {"must_not": [itself]}})))
            request = Request(
                understood.compiled, filters, (), limit,
                identity=partial(identity_of, "similar", document.id, understood.text, filter),
            )  # fmt: skip
            told = told_by(understood.compiled, filters)
            return self._results(understanding, query, understood, request, told, started)

        return self._asked(ask)

    def duplicates(self) -> Iterator[Group]:
        """The groups of two or more near-duplicates in the whole index, in the order of their earliest documents.

        See `wco_search.index.Index.duplicates`. What tells them is read from the cluster, 64 bytes of each document,
        and the texts of those that may be near-duplicates.

        Raises:
            ClusterError: The cluster cannot be reached, or refuses.
        """
        yield from self._asked(groups_of_near)

    def related(self, word: str, *, limit: int = 10) -> list[RelatedWord]:
        """Words that stand in the documents of *word* more often than chance would have it.

        See `wco_search.index.Index.related`. Where more than 200 documents have the word, another sample of them is
        read than there.

        Raises:
            ClusterError: The cluster cannot be reached, or refuses.
        """

        def ask(view: View) -> list[RelatedWord]:
            found = associations(view.lexicon, self._analyzer, word, limit, partial(Company.of, view))
            return [RelatedWord(one.text, one.score, one.documents) for one in found]

        return self._asked(ask)

    def suggest(self, prefix: str, *, limit: int = 10) -> list[Suggestion]:
        """What *prefix* may become: see `wco_search.index.Index.suggest`."""

        def ask(view: View) -> list[Suggestion]:
            found = completions(view.lexicon, self._analyzer, prefix, limit, partial(_together, view))
            return [Suggestion(one.text, one.count) for one in found]

        return self._asked(ask)

    # -- health

    def stats(self) -> IndexStats:
        """Facts about the documents that this object sees, and about the room that the index takes now."""
        view = self._open()
        counted = self._asked(lambda one: one.search({"size": 0, "aggs": _STATISTICS}))["aggregations"]
        room = self._kept.room(self._connection)
        lexicon = view.lexicon
        days = [counted[name].get("value_as_string") for name in ("first", "last")]
        first, last = (None if day is None else dt.date.fromisoformat(day[:10]) for day in days)
        return IndexStats(
            path=self.path,
            documents=view.size,
            deleted=room.deleted,
            words=sum(int(one.segment.form_counts.sum()) for one in lexicon.slices),
            forms=len({form for one in lexicon.slices for form in one.segment.forms}),
            terms=len({term for one in lexicon.slices for term in one.segment.terms}),
            segments=room.segments,
            bytes=room.bytes,
            generation=room.operations,
            first_date=first,
            last_date=last,
            languages={bucket["key"]: bucket["doc_count"] for bucket in counted["languages"]["buckets"]},
            sources={bucket["key"]: bucket["doc_count"] for bucket in counted["sources"]["buckets"]},
            metadata=dict(self._kept.schema.kinds),
            analyzer=self._analyzer.fingerprint,
        )


_STATISTICS: Final[Json] = {
    "first": {"min": {"field": "values.date"}},
    "last": {"max": {"field": "values.date"}},
    "languages": {"terms": {"field": "raw.language", "size": 1000}},
    "sources": {"terms": {"field": "raw.source", "size": 10_000}},
}


def _doc_freqs(view: View, groups: Sequence[plan.Group]) -> list[int]:
    """How many documents have each of *groups*."""
    view.learn([plan.Words((group,)) for group in groups])
    return [view.doc_freq(group, "text") for group in groups]


def _together(view: View, before: list[plan.Group], families: Mapping[int, plan.Group]) -> dict[int, int]:
    """How many documents have all of the words *before* and each of *families*."""
    make = Clauses().of
    context = [plan.Words((group,)) for group in before]
    counts = view.counts([make(plan.AllOf((*context, plan.Words((group,))))) for group in families.values()])
    return dict(zip(families, counts, strict=True))
