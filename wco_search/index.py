"""`Index`: the door of the library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, cast

import numpy as np

from wco_search.analysis import Analyzer, default_analyzer
from wco_search.archive import (
    IndexStats,
    RelatedWord,
    Suggestion,
    Translate,
    ask_many,
    check_limit,
    check_switches,
    note_problems,
    require_text,
    seen_on,
)
from wco_search.batch import Batch, Queries
from wco_search.documents import Document, MetadataSchema
from wco_search.engine.array_files import Arrays
from wco_search.engine.association import associations
from wco_search.engine.check import commit_problems, examine
from wco_search.engine.compile import compile_query
from wco_search.engine.completion import completions
from wco_search.engine.copies import groups_of_copies
from wco_search.engine.exhaustive import Evaluation
from wco_search.engine.manifest import SegmentFiles, file_name
from wco_search.engine.repair import RepairReport, repair
from wco_search.engine.snapshot import Snapshot, schema_of
from wco_search.engine.storage import Commit, FolderStorage, MemoryStorage, Storage
from wco_search.engine.synonymy import SynonymTable
from wco_search.engine.writer import AddReport, Writer
from wco_search.errors import (
    AnalyzerMismatchError,
    CorruptIndexError,
    FieldsMismatchError,
    IndexClosedError,
    UnknownWatchError,
)
from wco_search.languages import Source, Synonyms, default_lexicon
from wco_search.query import Query
from wco_search.readers import Reading
from wco_search.results import Alert, Group, Interpretation, Results, Watch
from wco_search.searching import Options, Searcher
from wco_search.understanding import Filter, Switch
from wco_search.watches import SETTING, Percolator, new_watch, told_of_before, watches_of, with_watches

if TYPE_CHECKING:
    from wco_search.cluster.index import ClusterIndex
    from wco_search.engine.whoosh_index import WhooshIndex
    from wco_search.engine.whoosh_search import WhooshQuery

LOCK_TIMEOUT_S = 60.0  # how long a writer waits for another by default: longer than most commits


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What `Index.check` found.

    Attributes:
        documents: How many documents were checked.
        problems: One line for each thing that is wrong.
    """

    documents: int
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {"ok": self.ok, "documents": self.documents, "problems": list(self.problems)}


class Index:
    """An index of documents, in a folder or in memory.

    Made by `create`, `open` or `memory`; a context manager that closes itself. Searches see the commit that was newest
    when the index was opened, refreshed, or written through this object. Threads may share one; each process opens its
    own, and any number of them may read while one writes.

    Example:
        >>> from wco_search import Document, Index
        >>> index = Index.memory()
        >>> print(index.add([Document(body="Spanish Customs stopped a shipment of fossils in Valencia.")]))
        1 added, 0 updated, 0 unchanged, 0 skipped
        >>> [hit.snippet.to_text(marks=("[", "]")) for hit in index.search("fossil shipments")]
        ['Spanish Customs stopped a [shipment] of [fossils] in Valencia.']
    """

    def __init__(
        self, storage: Storage, analyzer: Analyzer, lexicon: Source | None = None, synonyms: Synonyms | None = None
    ) -> None:
        self._storage = storage
        self._analyzer = analyzer
        self._lexicon = lexicon
        self._synonyms = None if synonyms is None else SynonymTable(analyzer, synonyms)
        self._percolator: Percolator | None = None
        self._closed = False
        self._newest = self._load(None)

    def _load(self, before: Snapshot | None) -> Searcher:
        commit = self._storage.load()
        found, expected = commit.manifest.settings.get("analyzer"), self._analyzer.fingerprint
        if found != expected:
            raise AnalyzerMismatchError(self._storage.path, found=str(found), expected=expected)
        try:
            schema = schema_of(commit.manifest, self._storage.path)
            snapshot = Snapshot.of(commit, schema, before)
        except KeyError as error:
            raise CorruptIndexError(self._storage.path, f"the commit has no array {error.args[0]}") from error
        return Searcher(snapshot, self._analyzer, schema.kinds, self._source, self._synonyms)

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        metadata: Mapping[str, type] | None = None,
        lexicon: Source | None = None,
        synonyms: Synonyms | None = None,
    ) -> Self:
        """Make a new, empty index in folder *path*, which must be absent or empty.

        Args:
            path: The folder; parents are made as well.
            metadata: The index's own fields, by name: `str` (one keyword), `list` (several), `int`, `float`, `bool`,
                `datetime.date`. They can be filtered, sorted and counted by.
            lexicon: What translates the words of queries, in place of `wco_search.languages.default_lexicon()`.
            synonyms: The user's words that mean the same; they belong to this object, not to the index.

        Raises:
            IndexExistsError: There is something at *path*.
            ValueError, TypeError: A metadata name or type that cannot be.
        """
        analyzer = default_analyzer()
        return cls(FolderStorage.create(Path(path), _settings(analyzer, metadata)), analyzer, lexicon, synonyms)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        lexicon: Source | None = None,
        synonyms: Synonyms | None = None,
        verify: bool = False,
    ) -> Self:
        """Open the index in folder *path*. Takes no lock and writes nothing, so read-only media will do.

        Args:
            path: The folder.
            lexicon: As for `create`.
            synonyms: The same.
            verify: Compare every byte with its checksum first, here and in `refresh`, some second a gigabyte: then no
                damage can make an answer wrong. By default what is read at open is verified, and the rest by `check`.

        Raises:
            IndexNotFoundError: There is none.
            IndexFormatError, AnalyzerMismatchError: Another version made it; the message tells the remedy.
            CorruptIndexError: No commit in the folder is whole.
        """
        return cls(FolderStorage(Path(path), verify=verify), default_analyzer(), lexicon, synonyms)

    @staticmethod
    def connect(
        address: str, *, lexicon: Source | None = None, synonyms: Synonyms | None = None, **access: Any
    ) -> ClusterIndex:
        """Open an index in a cluster of OpenSearch: `wco_search.cluster.index.ClusterIndex.connect`.

        Example:
            >>> with Index.connect("opensearch://localhost:9200/newsroom") as index:  # doctest: +SKIP
            ...     index.search("контрабанда наркотиков").total
            41
        """
        from wco_search.cluster.index import ClusterIndex

        return ClusterIndex.connect(address, lexicon=lexicon, synonyms=synonyms, **access)

    @classmethod
    def memory(
        cls,
        documents: Iterable[Document] = (),
        *,
        metadata: Mapping[str, type] | None = None,
        lexicon: Source | None = None,
        synonyms: Synonyms | None = None,
    ) -> Self:
        """Make an index in the memory of this process, of *documents*; `copy` saves it.

        Example:
            >>> from wco_search import Document
            >>> len(Index.memory([Document(body="Таможня Гвинеи запустила единое окно.")]))
            1
        """
        analyzer = default_analyzer()
        index = cls(MemoryStorage(_settings(analyzer, metadata)), analyzer, lexicon, synonyms)
        index.add(documents)
        return index

    @classmethod
    def reanalyze(cls, path: str | Path) -> Self:
        """Bring the index at *path*, analysed by another version, up to date from its own stored text, in one commit.

        Raises:
            IndexNotFoundError, IndexFormatError, CorruptIndexError: As `open`.
            IndexLockedError: Another writer holds it.
        """
        storage, analyzer = FolderStorage(Path(path)), default_analyzer()
        with storage.lock(LOCK_TIMEOUT_S):
            commit = storage.load()
            commit.require_newest()
            schema = schema_of(commit.manifest, storage.path)
            fresh = MemoryStorage({**commit.manifest.settings, "analyzer": analyzer.fingerprint})
            with closing(Writer(fresh, analyzer, schema)) as writer:
                writer.add(Snapshot.of(commit, schema).documents(), strict=True)
                writer.commit()
            made = fresh.load()
            _save(made, storage, generation=commit.manifest.generation + 1)
        return cls(storage, analyzer)

    # -- life cycle

    @property
    def path(self) -> str:
        """The index's folder, or `:memory:`."""
        return self._storage.path

    @property
    def snapshot(self) -> Snapshot:
        """The commit that this object sees, as the other parts of the library take it.

        Raises:
            IndexClosedError: This object is closed.
        """
        return self._searcher.snapshot

    @property
    def _searcher(self) -> Searcher:
        if self._closed:
            raise IndexClosedError(self.path)
        return self._newest

    @property
    def storage(self) -> Storage:
        """Where the commits are kept, as the other parts of the library take it."""
        return self._storage

    def close(self) -> None:
        """End the use of this object; the index stays. Closing twice is no error."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def refresh(self) -> bool:
        """Go over to the newest commit; gives whether there was a newer one."""
        before = self.snapshot
        self._newest = self._load(before)
        return self._newest.snapshot.manifest.generation != before.manifest.generation

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{len(self._newest.snapshot):,} documents"
        return f"<Index {self.path!r}: {state}>"

    # -- documents

    def __len__(self) -> int:
        return len(self.snapshot)

    def __contains__(self, document_id: object) -> bool:
        return isinstance(document_id, str) and self.snapshot.number_of(document_id) is not None

    def get(self, document_id: str) -> Document | None:
        """The document with that id, or None."""
        require_text("an id", document_id)
        snapshot = self.snapshot
        number = snapshot.number_of(document_id)
        return None if number is None else snapshot.document(number)

    def documents(self) -> Iterator[Document]:
        """All documents, in the order they were added."""
        return self.snapshot.documents()

    @contextmanager
    def writer(
        self, *, timeout: float = LOCK_TIMEOUT_S, workers: int = 1, today: dt.date | None = None
    ) -> Iterator[IndexWriter]:
        """Several changes as one durable commit, made at the end of the block; an exception in it undoes them all.

        Args:
            timeout: Seconds to wait for writers of other processes and threads.
            workers: How many processes analyse documents, 0 for one a core; the index is the same whatever the number.
                They are started when there are more documents than go into one batch (50 million characters), some
                60,000 pages, and each imports the program, so a script needs `if __name__ == "__main__":`.
            today: The day from which watches see "yesterday"; by default the present one.

        Raises:
            IndexLockedError: Another writer was not done in time; tells its process.
            WorkerDiedError: A worker was killed or could not start.
            ValueError: *workers* is negative.

        Example:
            >>> from wco_search import Document
            >>> index = Index.memory([Document(id="1", body="Draft.")])
            >>> with index.writer() as writer:
            ...     deleted = writer.delete("1")
            ...     report = writer.add(Document(id="2", body="Final."))
            >>> [document.id for document in index.documents()]
            ['2']
        """
        _ = self.snapshot  # a closed index says so before it waits
        with self._storage.lock(timeout), closing(self._writer(workers)) as inner:
            yield IndexWriter(inner, self._analyzer)
            if inner.settings.get(SETTING):
                inner.report.alerts[:] = self._alerts(inner.settings, inner.added(), seen_on(today))
            inner.commit()
        self.refresh()

    def _writer(self, workers: int) -> Writer:
        snapshot = self._newest.snapshot
        return Writer(self._storage, self._analyzer, snapshot.schema, snapshot, workers=workers)

    def _alerts(self, settings: Mapping[str, Any], added: Snapshot, today: dt.date) -> list[Alert]:
        if self._percolator is None:
            self._percolator = Percolator(self._analyzer, self._source, self._synonyms)
        self._percolator.register_stored(settings, self.snapshot)
        return self._percolator.alerts(added, today)

    def _source(self) -> Source:
        return default_lexicon() if self._lexicon is None else self._lexicon

    def add(
        self,
        documents: Document | Iterable[Document],
        *,
        strict: bool = False,
        workers: int = 1,
        today: dt.date | None = None,
    ) -> AddReport:
        """Add *documents* in one durable commit, all or nothing; each replaces the one with its id.

        Args:
            documents: Documents; what `wco_search.read` gives is reported on together with them.
            strict: Raise where a document's metadata is not of its field's kind, in place of leaving that document out.
            workers: How many processes analyse them, 0 for one a core; see `writer`.
            today: The day from which watches see "yesterday"; by default the present one.

        Returns:
            How many were added, updated, unchanged and skipped, and why; and which watches they match (`watch`).

        Raises:
            InvalidDocumentError, ReadError: Under *strict*; nothing is committed then.
            IndexLockedError: Another writer was not done in time.
            WorkerDiedError: A worker was killed or could not start.
        """
        with self.writer(workers=workers, today=today) as writer:
            return writer.add(documents, strict=strict)

    def absorb(self, *paths: str | Path, timeout: float = LOCK_TIMEOUT_S, today: dt.date | None = None) -> AddReport:
        """Add all documents of other indexes in one durable commit, all or nothing, without analysing them again.

        So an archive is built by many processes or machines at once: each indexes a part, one absorbs them all. The
        result finds and ranks as an index to which the same documents were added, in the order of *paths*: each
        replaces the one with its id. An absorbed index stays as it is; it may be searched and written meanwhile, and is
        taken as of its newest commit. Its watches are not taken over; those of this index are asked of all documents
        that come.

        Args:
            paths: Folders of indexes, made by the same version and with the same `metadata`.
            timeout: As for `writer`.
            today: As for `add`.

        Returns:
            How many documents were added and how many replaced others, compared or not; and which watches they match.

        Raises:
            IndexNotFoundError: There is none at one of *paths*.
            IndexFormatError, AnalyzerMismatchError: Another version made it, or analysed it.
            FieldsMismatchError: It has other fields.
            CorruptIndexError: It is damaged; every byte is compared with its checksum.
            IndexLockedError: Another writer was not done in time.
            ValueError: It is this index itself.

        Example:
            >>> import tempfile
            >>> from wco_search import Document
            >>> folder = tempfile.mkdtemp()
            >>> with Index.create(folder) as part:
            ...     report = part.add(Document(id="2", body="Customs seized fossils."))
            >>> index = Index.memory([Document(id="1", body="Timber.")])
            >>> print(index.absorb(folder))
            1 added, 0 updated, 0 unchanged, 0 skipped
            >>> [hit.document.id for hit in index.search("fossil")]
            ['2']
        """
        with self.writer(timeout=timeout, today=today) as writer:
            return writer.absorb(*paths)

    def delete(self, target: str | Iterable[str] | Query) -> int:
        """Delete documents in one durable commit: one id, several ids, or all that match a parsed query.

        Returns:
            How many there were.

        Example:
            >>> from wco_search import Document, parse
            >>> index = Index.memory([Document(id="1", body="Fossils."), Document(id="2", body="Timber.")])
            >>> index.delete(parse("fossil").query), index.delete("no such id")
            (1, 0)
        """
        if not isinstance(target, str | Query | Iterable):
            raise TypeError(f"delete takes an id, several ids or a parsed query, not {target!r}")
        with self.writer() as writer:
            return writer.delete(target)

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

        It is asked of the documents of one commit as of an index of their own: what a search there would find. Side by
        side, any of its words will do, as in a search; join them with AND, or by quotes, to ask for all. "Yesterday" is
        the day before documents are added.

        Args:
            name: Its name; a watch that has it is replaced.
            query: As for `search`, but query text must be well formed.
            filter: Query text that documents must meet as well.
            translate: As for `search`.
            synonyms: As for `search`; those of the `Index` through which documents are added count.
            layout: As for `search`; what was typed on the wrong layout is put right now, once.
            dates: As for `search`, but a date stays one although no document is of it.

        Returns:
            What there is to tell: that a watch was replaced, or the text read on the other layout.

        Raises:
            QuerySyntaxError: The text of *query* or *filter* is not well formed; tells where.
            UnknownFieldError: The query names a field that the index lacks.
            ValueError: *name* or *query* is empty, or a switch has none of its values.
            IndexLockedError: Another writer was not done in time.

        Example:
            >>> from wco_search import Document
            >>> index = Index.memory()
            >>> index.watch("smuggled fossils", "контрабанда AND окаменелости")
            ()
            >>> index.add(Document(id="1", body="Customs seized smuggled fossils.")).alerts
            [Alert(watch='smuggled fossils', ids=('1',))]
        """
        watch, notes = self._read_watch(Watch(name, "", filter, translate, dates, synonyms), query, layout)
        return (*notes, *self._add_watches([watch]))

    def watch_many(self, watches: Iterable[Watch]) -> tuple[str, ...]:
        """Keep several queries, as `watch` does, in one durable commit: all of them, or none.

        Args:
            watches: The watches, as `watches` of another index gives them; queries are not read on the other keyboard
                layout. One that has the name of an earlier one replaces it.

        Returns:
            Which watches were replaced.

        Raises:
            QuerySyntaxError, UnknownFieldError, ValueError, IndexLockedError: As `watch`.

        Example:
            >>> from wco_search import Watch
            >>> index = Index.memory()
            >>> index.watch_many([Watch("fossils", "окаменелости"), Watch("Asia", "смартфон", filter="country:KR")])
            ()
            >>> [watch.name for watch in index.watches()]
            ['Asia', 'fossils']
        """
        return self._add_watches([self._read_watch(watch, watch.query, "off")[0] for watch in watches])

    def _read_watch(self, watch: Watch, query: str | Query, layout: Switch) -> tuple[Watch, list[str]]:
        """See `new_watch`; of *watch* all but the query is taken."""
        check_switches(watch.translate, layout, watch.dates, None)
        translate = cast("Translate", watch.translate)
        understanding = self._searcher.understanding(
            translate=translate, dates=watch.dates, layout=layout, is_standing=True
        )
        return new_watch(understanding, watch.name, query, watch.filter, translate, synonyms=watch.synonyms)

    def _add_watches(self, added: Sequence[Watch]) -> tuple[str, ...]:
        with self._storage.lock(LOCK_TIMEOUT_S), closing(self._writer(workers=1)) as inner:
            watches = watches_of(inner.settings)
            notes = [note for watch in added for note in told_of_before(watches.get(watch.name), watch)]
            self._keep(inner, watches | {watch.name: watch for watch in added})
        self.refresh()
        return tuple(notes)

    def unwatch(self, name: str) -> None:
        """Forget a watch, in one durable commit.

        Raises:
            UnknownWatchError: There is none of that name.
            IndexLockedError: Another writer was not done in time.
        """
        _ = self.snapshot  # a closed index says so before it waits
        with self._storage.lock(LOCK_TIMEOUT_S), closing(self._writer(workers=1)) as inner:
            watches = watches_of(inner.settings)
            if name not in watches:
                raise UnknownWatchError(name, watches)
            self._keep(inner, {other: watch for other, watch in watches.items() if other != name})
        self.refresh()

    def watches(self) -> list[Watch]:
        """The watches of the index, by name."""
        return list(watches_of(self.snapshot.manifest.settings).values())

    @staticmethod
    def _keep(inner: Writer, watches: Mapping[str, Watch]) -> None:
        inner.change_settings(with_watches(inner.settings, watches.values()))
        inner.commit()

    def optimize(self) -> None:
        """Merge all segments into one, in one durable commit, and take the mean lengths that scores know anew.

        Segments merge by themselves as an index grows; this is for an archive that will not change for long.
        """
        with self._storage.lock(LOCK_TIMEOUT_S), closing(self._writer(workers=1)) as inner:
            inner.optimize()
            inner.commit()
        self.refresh()

    def copy(self, to: str | Path) -> Index:
        """Save the commit that this object sees as a new index in folder *to*.

        Raises:
            IndexExistsError: There is something at *to*.
        """
        commit = self.snapshot.as_commit()
        storage = FolderStorage.create(Path(to), commit.manifest.settings)
        with storage.lock(LOCK_TIMEOUT_S):
            _save(commit, storage, generation=1)
        return Index(storage, self._analyzer)

    # -- search

    def search(
        self,
        query: str | Query | WhooshQuery,
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
        """Rank the documents that match *query*, best first.

        Args:
            query: Query text (the language is described in `wco_search.query`), a parsed `Query`, or any
                `whoosh.query.Query`.
            limit: Most hits to return, 0 to 10,000.
            offset: How many of the best to pass over.
            after: Cursor of a page before (`Results.after`), in place of *offset*.
            filter: What documents must meet without being ranked by it: query text, a `Query`, or a mapping of fields
                to a value, a list of values of which one must hold, or a pair (from, to) with None for open.
            sort: `relevance`, or fields, most important first: `date` is newest first, `views` ascends, `-views`
                descends. Documents without a value come last.
            facets: Fields to count the values of, over all matches, or a mapping of them to the most values to give.
                Besides fields: `date.year`, `date.quarter`, `date.month` and `date.weekday`, and `country`, the
                countries that titles and texts name in either language (`wco_search.languages.countries`), and
                `people` and `organisations`, those that the form of their names tells
                (`wco_search.languages.entities`). `FacetCount.query` is the filter that leads to a value's documents.
            recency: Days in which what age takes of a score falls by half: newer documents first, where others do not
                fit much better (`wco_search.engine.recency`). None leaves scores as they are.
            translate: `auto` finds words in the other language too, by a lexicon and, for names, by sound; documents
                that have a word as typed rank as without. `only` looks for what a word is in the other language in
                place of the word; `off` for what is typed. Told in `Results.interpretation`. What is quoted, a
                pattern, or a `Query` of Whoosh means what is typed.
            synonyms: Whether the synonyms that the index was opened with are searched beside the words typed; told in
                `Results.interpretation`.
            layout: `auto` reads a query whose words are unknown as typed and known on the other keyboard layout, like
                `ghbdtn` and `ащыышды`, as that, and tells it in `Results.interpretation`; `off` never does.
            dates: `auto` takes unmistakable dates among the words of query text, and of a filter's, for the days that
                documents must be of (`wco_search.dates` tells which; `interpretation` tells what was taken); such words
                are then not searched for, unless they are in quotes; documents that speak of these days are found as
                well. `off` searches for them.
            today: The day on which "yesterday" is said; by default the present one.
            strict: Raise where the query text is not well formed, in place of reading it as words.
            explain: Say of each hit how it came to its score.
            group: `near` shows of documents that are near-duplicates, such as reprints, the best ranked one, with the
                others in `Hit.group` (`wco_search.engine.copies` tells what a copy is). *limit* is then the most
                groups of a page; `Results.total`, `Hit.rank` and *offset* count documents as ever, and `Results.after`
                goes on behind the last document shown, past those in groups of it and of what was shown before.
                Copies that rank far behind their group's page are shown nowhere.

        Returns:
            `Results`. Equal scores are in the order in which documents were added.

        Raises:
            FilterValueError: *filter* asks a field for what it cannot have.
            QuerySyntaxError: The text of *filter*, or under *strict* that of *query*, is not well formed; tells where.
            UnknownFieldError: A mapping, a parsed query, *sort* or *facets* name a field that the index lacks.
            CursorError: *after* belongs to another search.
            TypeError: An argument is of another type than these.
            ValueError: *limit*, *offset*, *recency* or the most values of a facet out of bounds, *offset* and *after*
                together, or a switch has none of its values.

        Example:
            >>> from wco_search import Document
            >>> index = Index.memory([Document(body="Customs seized fossils.", date=dt.date(2020, 11, 14))])
            >>> results = index.search("fossils yesterday", today=dt.date(2020, 11, 15))
            >>> len(results), results.interpretation[0].meaning
            (1, '2020-11-14')
            >>> index.search("fossils", facets=["date.month"]).facets["date.month"]
            (FacetCount(value='2020-11', count=1, names={}),)
        """
        options = Options(
            limit, offset, after, filter, sort, facets, recency, translate, synonyms, layout, dates, today, strict,
            explain, group,
        )  # fmt: skip
        return self._searcher.search(query, options)

    def similar(self, target: str | Document, *, limit: int = 10, filter: Filter | None = None) -> Results:
        """Rank the documents that are about what *target* is about, best first; *target* itself is left out.

        Its most telling words, at most 25, are searched for, each by tf · idf; words in the title count threefold.
        `Results.interpretation` tells them.

        Args:
            target: The id of a document of the index, a document, or any other text.
            limit: Most hits to return, 0 to 10,000.
            filter: As for `search`.

        Raises:
            InvalidDocumentError: *target* is an empty text.
            QuerySyntaxError, UnknownFieldError: As `search`, for *filter*.
            ValueError: *limit* out of bounds.

        Example:
            >>> from wco_search import Document
            >>> index = Index.memory([
            ...     Document(id="1", body="Fossils were smuggled in a shipment of timber."),
            ...     Document(id="2", body="Smuggled fossils go back to Morocco."),
            ...     Document(id="3", body="The Council met in Brussels."),
            ... ])
            >>> [hit.document.id for hit in index.similar("1")]
            ['2']
        """
        return self._searcher.similar(target, limit=limit, filter=filter)

    def search_many(
        self, queries: Queries, *, limit: int = 10, today: dt.date | None = None, **search_options: Any
    ) -> Batch:
        """Rank the documents that match each of several queries; all are asked of one day.

        Args:
            queries: Texts, or a mapping of names to texts; a text without a name is its own.
            limit: Most hits of each.
            today: As for `search`.
            search_options: As for `search`, the same for all.

        Raises:
            QuerySyntaxError: Under `strict=True`, a query is not well formed; tells which.
            TypeError: *queries* is one text, or something in it is none.
            ValueError: `after`, which belongs to one query; and as `search`.

        Example:
            >>> from wco_search import Document
            >>> index = Index.memory([Document(body="Customs seized fossils.")])
            >>> [(one.name, one.results.total) for one in index.search_many(["fossil", "timber"])]
            [('fossil', 1), ('timber', 0)]
        """
        options = {"limit": limit, "today": today, **search_options}
        return ask_many(self.search, queries, options, self._newest.kinds)

    def duplicates(self) -> Iterator[Group]:
        """The groups of two or more near-duplicates in the whole index, in the order of their earliest documents.

        What is near is told in `wco_search.engine.signatures` and, of those near, what is a copy in
        `wco_search.engine.copies`; texts of less than eight words are near to none.

        Example:
            >>> from wco_search import Document
            >>> news = "Spanish Customs stopped a shipment of fossils in the port of Valencia"
            >>> index = Index.memory([Document(id="1", body=news), Document(id="2", body=f"{news}. Agencies")])
            >>> [group.ids for group in index.duplicates()]
            [('1', '2')]
        """
        snapshot = self.snapshot
        numbers = snapshot.live_numbers()
        dates = snapshot.columns["date"]
        days = np.where(dates.known(), dates.sort_keys(), np.iinfo(np.int32).max)[numbers]

        def documents_at(places: Sequence[int]) -> Iterator[Document]:
            return map(snapshot.document, numbers[places].tolist())

        for leading, others in groups_of_copies(snapshot.signatures(numbers), days, documents_at):
            first, *rest = documents_at([leading, *others])
            yield Group.of(first, rest)

    def suggest(self, prefix: str, *, limit: int = 10) -> list[Suggestion]:
        """What *prefix* may become: its last word completed by words of the index, the most frequent first.

        All forms of a word are one entry, in small letters and with е for ё. Behind other words, only words that stand
        together with all of these in some document, by the number of such documents; what is before stays as typed.

        Example:
            >>> from wco_search import Document
            >>> index = Index.memory([Document(body="Customs seized fossils; the fossils were old.")])
            >>> index.suggest("fos")
            [Suggestion(text='fossils', count=2)]
            >>> index.suggest("Customs s")
            [Suggestion(text='Customs seized', count=1)]
        """
        require_text("a prefix", prefix)
        check_limit(limit)
        found = completions(self.snapshot, self._analyzer, prefix, limit)
        return [Suggestion(one.text, one.count) for one in found]

    def related(self, word: str, *, limit: int = 10) -> list[RelatedWord]:
        """Words that stand in the documents of *word* more often than chance would have it, the surest first.

        A sample of at most 200 of these documents is compared with the rest of the index by the log-likelihood ratio
        (T. Dunning, "Accurate methods for the statistics of surprise and coincidence", 1993). All forms of a word are
        one; function words are left out. Of several words, the documents that have all are meant.

        Example:
            >>> from wco_search import Document
            >>> news = ["Fossils of a dinosaur.", "Dinosaur fossils.", "A dinosaur and its fossils."]
            >>> others = [f"Report {n} of the day." for n in range(30)]
            >>> index = Index.memory(Document(body=text) for text in [*news, *others])
            >>> [(one.text, one.documents) for one in index.related("fossil")]
            [('dinosaur', 3)]
        """
        require_text("a word", word)
        check_limit(limit)
        found = associations(self.snapshot, self._analyzer, word, limit)
        return [RelatedWord(one.text, one.score, one.documents) for one in found]

    # -- health

    def stats(self) -> IndexStats:
        """Facts about the commit that this object sees."""
        snapshot = self.snapshot
        columns, segments = snapshot.columns, [one.segment for one in snapshot.slices]
        everything = np.ones(snapshot.size, np.bool_) if snapshot.live is None else snapshot.live
        days = [day for day in columns["date"].counts(everything) if isinstance(day, dt.date)]
        return IndexStats(
            path=self.path,
            documents=len(snapshot),
            deleted=snapshot.size - len(snapshot),
            words=sum(int(segment.form_counts.sum()) for segment in segments),
            forms=len({form for segment in segments for form in segment.forms}),
            terms=len({term for segment in segments for term in segment.terms}),
            segments=len(segments),
            bytes=self._storage.size_bytes(),
            generation=snapshot.manifest.generation,
            first_date=min(days, default=None),
            last_date=max(days, default=None),
            languages={str(word): count for word, count in columns["language"].counts(everything).items()},
            sources={str(word): count for word, count in columns["source"].counts(everything).items()},
            metadata=dict(snapshot.schema.kinds),
            analyzer=self._analyzer.fingerprint,
        )

    def check(self) -> CheckReport:
        """Verify every byte of the newest commit against its checksum, and that its arrays fit each other.

        Reads the whole index. Never raises for damage: the report tells it.
        """
        _ = self.snapshot  # a closed index says so
        while True:
            with suppress(FileNotFoundError):  # two commits were made meanwhile, and this one swept away
                return self._check()

    def _check(self) -> CheckReport:
        commit = self._storage.load()
        manifest, storage = commit.manifest, self._storage

        def read(name: str) -> tuple[Arrays, Sequence[str]]:
            return storage.examine(manifest, name) if isinstance(storage, FolderStorage) else (commit.files[name], [])

        schema = schema_of(manifest, storage.path)
        found = [examine(read, files, schema, manifest.statistics) for files in manifest.segments]
        problems = [*commit.warnings, *(problem for one in found for problem in one.problems)]
        problems += commit_problems(manifest, found)
        return CheckReport(sum(len(one.live_ids() or ()) for one in found), tuple(problems))

    @classmethod
    def repair(cls, path: str | Path, *, dry_run: bool = False, timeout: float = LOCK_TIMEOUT_S) -> RepairReport:
        """Keep what is whole of a damaged index, in one durable commit; a sound one is left as it is.

        Segments of which every byte is right are kept, all others left out, and their documents named where their ids
        can be read. Nothing that is damaged is deleted: it is moved to the folder `damaged/` of the index. Files of
        writers that were killed are removed, also from a sound index. Stopped at any moment, even by a power cut, it
        leaves the index as it was or repaired.

        Args:
            path: The folder.
            dry_run: Tell what would be done, and do nothing.
            timeout: Seconds to wait for a writer.

        Raises:
            IndexNotFoundError, IndexFormatError: As `open`.
            BeyondRepairError: No segment is whole; restore a copy, or build the index again.
            IndexLockedError: A writer was not done in time.

        Example:
            >>> import tempfile
            >>> from wco_search import Document
            >>> folder = tempfile.mkdtemp()
            >>> with Index.create(folder) as index:
            ...     report = index.add([Document(id="1", body="Fossils.")])
            >>> report = Index.repair(folder)
            >>> report.problems, report.documents, report.removed_bytes
            ((), 1, 0)
        """
        return repair(FolderStorage(Path(path)), timeout_s=timeout, dry_run=dry_run)

    @property
    def whoosh(self) -> WhooshIndex:
        """The same index for programs written for Whoosh: its searcher, reader, writer and query parser work on it.

        A reader or searcher taken from it is of the newest commit, which this object goes over to as well.

        Example:
            >>> from wco_search import Document
            >>> index = Index.memory([Document(body="Customs seized fossils.")])
            >>> with index.whoosh.searcher() as searcher:
            ...     len(searcher.search(index.whoosh.parser().parse("fossil")))
            1
        """
        from wco_search.engine.whoosh_index import WhooshIndex

        return WhooshIndex(self, self._storage)


class IndexWriter:
    """Several changes that become one commit; made by `Index.writer`."""

    def __init__(self, inner: Writer, analyzer: Analyzer) -> None:
        self._inner = inner
        self._analyzer = analyzer

    def add(self, documents: Document | Iterable[Document], *, strict: bool = False) -> AddReport:
        """Add documents, each in place of the one with its id; the report counts all that this writer did."""
        report = self._inner.add(documents, strict=strict)
        if isinstance(documents, Reading):
            note_problems(report, documents)
        return report

    def absorb(self, *paths: str | Path) -> AddReport:
        """Add all documents of other indexes, as `Index.absorb`; the report counts all that this writer did."""
        for path in paths:
            self._inner.absorb(self._opened(path))
        return self._inner.report

    def _opened(self, path: str | Path) -> Snapshot:
        """The newest commit of an index that this one can absorb."""
        if Path(path).resolve() == Path(self._inner.path).resolve():
            raise ValueError(f"an index cannot absorb itself: {path}")
        commit = FolderStorage(Path(path), verify=True).load()
        commit.require_newest()
        found, expected = (settings.get("analyzer") for settings in (commit.manifest.settings, self._inner.settings))
        if found != expected:
            raise AnalyzerMismatchError(path, found=str(found), expected=str(expected))
        schema, own = schema_of(commit.manifest, commit.path), self._inner.schema
        if list(schema.kinds.items()) != list(own.kinds.items()):  # columns are kept in this order
            raise FieldsMismatchError(path, found=schema.kinds, expected=own.kinds)
        try:
            return Snapshot.of(commit, schema)
        except KeyError as error:
            raise CorruptIndexError(path, f"the commit has no array {error.args[0]}") from error

    def delete(self, target: str | Iterable[str] | Query) -> int:
        """Delete one id, several ids, or all that match a parsed query, what this writer added included."""
        if not isinstance(target, Query):
            return self._inner.delete(target)
        masks = []
        for snapshot in self._inner.snapshots():
            plan = compile_query(target, snapshot, self._analyzer).plan
            masks.append(Evaluation(snapshot, plan).matches.mask)
        return self._inner.delete_matching(masks)


def _save(commit: Commit, storage: Storage, *, generation: int) -> None:
    """Make *commit* of another index the newest of *storage*, under names that no commit there has used."""
    files: dict[str, Arrays] = {}
    segments = []
    for names in commit.manifest.segments:
        arrays = file_name("segment", generation, len(files))
        files[arrays] = commit.files[names.arrays]
        deleted = None if names.deleted is None else file_name("deleted", generation, len(files))
        if names.deleted is not None and deleted is not None:
            files[deleted] = commit.files[names.deleted]
        segments.append(SegmentFiles(arrays, deleted))
    storage.commit(replace(commit.manifest, generation=generation, segments=tuple(segments), files={}), files)


def _settings(analyzer: Analyzer, metadata: Mapping[str, type] | None) -> dict[str, Any]:
    return {"analyzer": analyzer.fingerprint, "metadata": dict(MetadataSchema.of(metadata or {}).kinds)}


__all__ = [
    "CheckReport",
    "Index",
    "IndexStats",
    "IndexWriter",
    "Interpretation",
    "RelatedWord",
    "RepairReport",
    "Suggestion",
]
