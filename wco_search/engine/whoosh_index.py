"""Whoosh's index and writer over an index of this library, for programs that were written for Whoosh."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from types import TracebackType
from typing import Any, Final, NoReturn, Protocol

from wco_search.documents import Document
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.storage import Storage
from wco_search.engine.whoosh_analyzer import whoosh
from wco_search.engine.whoosh_fields import day_of, refuse_zone, whoosh_schema
from wco_search.engine.whoosh_reader import ArrayReader
from wco_search.engine.whoosh_search import ArraySearcher
from wco_search.engine.whoosh_terms import TEXT_FIELDS
from wco_search.errors import IndexLockedError, UnknownFieldError

MAX_QUERY_CHARACTERS: Final = 1000
"""Longest text that the parser takes: Whoosh's time grows with the cube of it in the worst case, to a second here."""

_OWN_FIELDS: Final = frozenset({"id", "title", "body", "url", "source", "language", "date"})


class WriterOfHost(Protocol):
    """What a writer here asks of a writer of the library."""

    def add(self, documents: Document, *, strict: bool) -> object:
        """Add a document in place of the one with its id."""

    def delete(self, target: str | Iterable[str]) -> int:
        """Delete by id; gives how many there were."""


class Host(Protocol):
    """What `WhooshIndex` asks of the index that it stands for."""

    @property
    def snapshot(self) -> Snapshot:
        """The commit that it sees."""

    def refresh(self) -> bool:
        """Go over to the newest commit."""

    def writer(self, *, timeout: float) -> AbstractContextManager[WriterOfHost]:
        """A writer that commits at the end of its block and undoes all where that raises."""


class WriterLockedError(IndexLockedError, whoosh.index.LockError):  # type: ignore[misc]  # Whoosh has no types
    """Another writer holds the index: a `LockError` of Whoosh that tells who."""


class NoSuchFieldError(UnknownFieldError, whoosh.fields.UnknownFieldError):  # type: ignore[misc]
    """A document names a field that the index does not have: Whoosh's `UnknownFieldError`, telling those it has."""


class WhooshIndex(whoosh.index.Index):  # type: ignore[misc]
    """An index of this library as a `whoosh.index.Index`.

    As in Whoosh, each reader and searcher is of the newest commit, and the index that it stands for goes over to it.
    """

    def __init__(self, host: Host, storage: Storage) -> None:
        self._host = host
        self._storage = storage

    def __repr__(self) -> str:
        return f"<WhooshIndex {self._storage.path!r}>"

    @property
    def schema(self) -> Any:
        """The fields, as a `whoosh.fields.Schema` of the caller's own."""
        return whoosh_schema(self._host.snapshot.schema)

    def latest_generation(self) -> int:
        """Number of the newest commit, by whatever process."""
        return self._storage.load().manifest.generation

    def up_to_date(self) -> bool:
        """Whether the index sees the newest commit."""
        return self.latest_generation() == self._host.snapshot.manifest.generation

    def refresh(self) -> WhooshIndex:
        """Go over to the newest commit."""
        self._host.refresh()
        return self

    def reader(self, reuse: Any = None, **_: Any) -> ArrayReader:  # noqa: ARG002
        """A reader of the newest commit."""
        if not self.up_to_date():
            self._host.refresh()
        return ArrayReader(self._host.snapshot.whole)

    def searcher(self, **options: Any) -> ArraySearcher:
        """A searcher of the newest commit; *options* as `ArraySearcher`, like `weighting=`."""
        return ArraySearcher(self.reader(), fromindex=self, **options)

    def writer(self, *, timeout: float = 0.0, **_: Any) -> ArrayWriter:
        """A writer, which holds the write lock until it is committed or cancelled.

        Args:
            timeout: Seconds to wait for other writers.
            _: Whoosh's options for memory and processes, which have no use here.

        Raises:
            WriterLockedError: Another writer was not done in time.
        """
        return ArrayWriter(self._host, timeout)

    def parser(self, fieldname: str | None = None) -> Any:
        """Whoosh's query parser for title and body, or for one field; words match with OR.

        It takes texts of up to `MAX_QUERY_CHARACTERS`, and raises ValueError for longer ones.
        """
        parser = _Parser(fieldname, self.schema, group=whoosh.qparser.OrGroup)
        if fieldname is None:
            parser.add_plugin(whoosh.qparser.MultifieldPlugin(TEXT_FIELDS))
        return parser

    def delete_by_term(self, fieldname: str, text: Any, searcher: Any = None) -> int:
        """Delete the documents with a term in one commit; gives how many there were."""
        with self.writer() as writer:
            return writer.delete_by_term(fieldname, text, searcher=searcher)  # type: ignore[no-any-return]

    def delete_by_query(self, q: Any, searcher: Any = None) -> int:
        """Delete the documents that a query matches in one commit; gives how many there were."""
        with self.writer() as writer:
            return writer.delete_by_query(q, searcher=searcher)  # type: ignore[no-any-return]

    def add_field(self, fieldname: str, fieldspec: Any) -> NoReturn:  # noqa: ARG002
        """Raise IndexingError: fields are fixed when an index is made."""
        _refuse_field(fieldname)

    def remove_field(self, fieldname: str) -> NoReturn:
        """Raise IndexingError: fields are fixed when an index is made."""
        _refuse_field(fieldname)

    def is_empty(self) -> bool:
        """Whether the newest commit has no documents."""
        return len(self.reader().snapshot) == 0

    def last_modified(self) -> float:
        """-1, which is Whoosh's word for unknown: commits have numbers, not times."""
        return -1

    def optimize(self, **_: Any) -> None:
        """Nothing: every commit is one segment without deleted documents."""


def _refuse_field(name: str) -> NoReturn:
    raise whoosh.writing.IndexingError(
        f"field {name!r}: the fields of an index are fixed when it is made; make a new one with "
        "Index.create(path, metadata={...}) and add the documents to it"
    )


class _Parser(whoosh.qparser.QueryParser):  # type: ignore[misc]
    def parse(self, text: str, **options: Any) -> Any:
        if len(text) > MAX_QUERY_CHARACTERS:
            raise ValueError(f"the query has {len(text)} characters; Whoosh's parser takes {MAX_QUERY_CHARACTERS}")
        return super().parse(text, **options)


class ArrayWriter(whoosh.writing.IndexWriter):  # type: ignore[misc]
    """A `whoosh.writing.IndexWriter`: additions and deletions that become one durable commit.

    An exception in a `with` block undoes all and frees the lock. As in Whoosh, what is deleted by a query is looked for
    in the commit that the writer found, not among the documents that it adds; by id it is deleted wherever it is.

    Attributes:
        schema: The fields.
        is_closed: Whether it was committed or cancelled.
    """

    def __init__(self, host: Host, timeout: float = 0.0) -> None:
        self.is_closed = False
        self._added: set[str] = set()
        self._deleted: set[str] = set()
        with ExitStack() as stack:
            self._inner = _entered(stack, host, timeout)
            host.refresh()  # the lock is held: this is what the commit builds on
            self._snapshot = host.snapshot.whole
            self._open = stack.pop_all()
        self.schema = whoosh_schema(self._snapshot.schema)

    def reader(self, **_: Any) -> ArrayReader:
        """A reader of the commit that the writer found."""
        return ArrayReader(self._snapshot)

    def searcher(self, **options: Any) -> ArraySearcher:
        """A searcher of the commit that the writer found."""
        return ArraySearcher(self.reader(), **options)

    def add_document(self, **fields: Any) -> None:
        """Add a document in place of the one with its id; without an id it gets one from its url, or its date and text.

        Fields are those of the schema; None is no value. Names with an underscore in front (`_stored_title`,
        `_body_boost`) are ignored: what is stored is what is indexed, and weights are the score's.

        Raises:
            NoSuchFieldError: A name is no field.
            InvalidDocumentError: A value cannot be indexed; nothing was added.
            ValueError: A date has a time zone or is no date.
        """
        self._check_open()
        document = self._document(fields)
        self._inner.add(document, strict=True)
        self._added.add(document.id)

    def update_document(self, **fields: Any) -> None:
        """The same as `add_document`."""
        self.add_document(**fields)

    def _document(self, fields: Mapping[str, Any]) -> Document:
        values = {name: value for name, value in fields.items() if value is not None and not name.startswith("_")}
        for name, value in values.items():
            if name not in self.schema:
                raise NoSuchFieldError(name, self.schema.names())
            refuse_zone(value)
        if "date" in values:
            values["date"] = day_of(values["date"])
        own = {name: values.pop(name) for name in _OWN_FIELDS & values.keys()}
        days = {name: value.date() for name, value in values.items() if isinstance(value, dt.datetime)}
        return Document(**{"body": "", **own}, metadata=values | days)

    def add_reader(self, reader: Any) -> None:
        """Add all documents of a Whoosh reader by their stored fields."""
        for _, fields in reader.iter_docs():
            self.add_document(**fields)

    def delete_by_query(self, q: Any, searcher: Any = None) -> int:
        """Delete the documents that a query matches; gives how many there were."""
        self._check_open()
        if isinstance(q, whoosh.query.Term) and q.fieldname == "id":
            document_id = self.schema["id"].to_bytes(q.text).decode()
            self._deleted.add(document_id)
            return self._inner.delete(document_id)
        found = searcher or self.searcher()
        ids = [found.stored_fields(number)["id"] for number in found.docs_for_query(q, for_deletion=True)]
        return sum(map(self._delete, ids))

    def delete_document(self, docnum: int, delete: bool = True) -> None:  # Whoosh's signature
        """Delete a document by its number in `reader`.

        Raises:
            ValueError: *delete* is false: a deletion is taken back by cancelling.
        """
        self._check_open()
        if not delete:
            raise ValueError("a deletion is not taken back on its own; cancel() the writer, or add the document again")
        self._delete(self._snapshot.segment.ids[docnum])

    def _delete(self, document_id: str) -> int:
        """Delete a document of the commit found, but not one that this writer has put in its place."""
        self._deleted.add(document_id)
        return 0 if document_id in self._added else self._inner.delete(document_id)

    def is_deleted(self, docnum: int) -> bool:
        """Whether this writer has deleted a document of `reader`."""
        return self._snapshot.segment.ids[docnum] in self._deleted

    def add_field(self, fieldname: str, fieldtype: Any, **_: Any) -> NoReturn:  # noqa: ARG002
        """Raise IndexingError: fields are fixed when an index is made."""
        _refuse_field(fieldname)

    def remove_field(self, fieldname: str, **_: Any) -> NoReturn:
        """Raise IndexingError: fields are fixed when an index is made."""
        _refuse_field(fieldname)

    def commit(self, **_: Any) -> None:
        """Make all changes durable as one commit and free the lock; Whoosh's options for merging have no use here."""
        self._check_open()
        self.is_closed = True
        self._open.close()

    def cancel(self, **_: Any) -> None:
        """Undo all changes and free the lock."""
        self._check_open()
        self.is_closed = True
        with suppress(_CancelledError), self._open:
            raise _CancelledError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.is_closed:
            super().__exit__(kind, error, trace)

    def _check_open(self) -> None:
        if self.is_closed:
            raise whoosh.writing.IndexingError("this writer was committed or cancelled; take a new one from the index")


def _entered(stack: ExitStack, host: Host, timeout: float) -> WriterOfHost:
    try:
        return stack.enter_context(host.writer(timeout=timeout))
    except IndexLockedError as error:
        raise WriterLockedError(
            error.path, holder_pid=error.holder_pid, held_s=error.held_s, waited_s=error.waited_s
        ) from error


class _CancelledError(Exception):
    """Thrown into the block of the host's writer, which undoes all then."""


__all__ = ["ArrayWriter", "Host", "NoSuchFieldError", "WhooshIndex", "WriterLockedError"]
