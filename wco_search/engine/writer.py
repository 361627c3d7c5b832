"""`Writer`: changes to an index, made as one commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.documents import Document, MetadataSchema, MetadataValue
from wco_search.engine.build import Part, build_segment, merge_segments
from wco_search.engine.segment import Segment
from wco_search.engine.snapshot import Snapshot, statistics_of
from wco_search.engine.storage import Manifest, Storage
from wco_search.engine.strings import Array
from wco_search.errors import InvalidDocumentError

BATCH_CHARACTERS = 16 * 2**20  # of text analysed in one go: some 300 MB of arrays while they are sorted
PROBLEMS_KEPT = 1000  # problems listed in a report; the rest is counted


@dataclass(slots=True)
class AddReport:
    """What became of the documents given to `Index.add`.

    Attributes:
        added: New documents.
        updated: Documents that replaced one of the same id.
        unchanged: Documents that were there already, to the letter.
        skipped: Records that could not be read and documents that could not be indexed.
        problems: One line for each of the first thousand skipped.
        undeclared: Metadata that the index has no field for, and in how many documents it was left out.

    Example:
        >>> print(AddReport(added=41))
        41 added, 0 updated, 0 unchanged, 0 skipped
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    problems: list[str] = field(default_factory=list)
    undeclared: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return f"{self.added} added, {self.updated} updated, {self.unchanged} unchanged, {self.skipped} skipped"

    def skip(self, problem: str) -> None:
        """Count a record that was left out, and say why."""
        self.skipped += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(problem)


@dataclass(slots=True)
class _LivePart:
    snapshot: Snapshot
    live: Array

    def number_of(self, document_id: str) -> int | None:
        number = self.snapshot.segment.number_of(document_id)
        return number if number is not None and self.live[number] else None


class Writer:
    """Collects additions and deletions over the newest commit; `commit` makes them one new commit.

    Made by `Index.writer`, which holds the write lock meanwhile. Not for several threads at once.
    """

    def __init__(self, storage: Storage, analyzer: Analyzer, schema: MetadataSchema) -> None:
        manifest, arrays, _ = storage.load()
        self.report = AddReport()
        self._storage = storage
        self._analyzer = analyzer
        self._schema = schema
        self._manifest = manifest
        self._pending: dict[str, Document] = {}
        self._pending_characters = 0
        committed = Snapshot(manifest, arrays, schema)
        self._parts = [_LivePart(committed, np.ones(len(committed), np.bool_))]
        self._changed = False

    def add(self, documents: Document | Iterable[Document], *, strict: bool = False) -> AddReport:
        """Add *documents*, each in place of the one with its id; gives the report of this writer so far.

        Raises:
            InvalidDocumentError: Under *strict*, metadata is not of its field's kind; else such a document is skipped
                and reported.
            TypeError: Something is no `Document`.
        """
        for document in (documents,) if isinstance(documents, Document) else documents:
            if not isinstance(document, Document):
                raise TypeError(f"expected a Document, not {type(document).__name__}; use wco_search.read for files")
            try:
                self._add(self._conform(document))
            except InvalidDocumentError as error:
                if strict:
                    raise
                self.report.skip(str(error))
        return self.report

    def _conform(self, document: Document) -> Document:
        """*document* with its metadata as the index's fields want it."""
        metadata: dict[str, MetadataValue] = {}
        for name, value in document.metadata.items():
            if name not in self._schema.kinds:
                self.report.undeclared[name] += 1
            elif (coerced := self._schema.coerce(name, value, document_id=document.id)) is not None and coerced != ():
                metadata[name] = coerced
        return _with_metadata(document, metadata)

    def _add(self, document: Document) -> None:
        existing = self._find(document.id)
        if existing == document:
            self.report.unchanged += 1
            return
        if existing is None:
            self.report.added += 1
        else:
            self.report.updated += 1
            self._forget(document.id)
        self._pending[document.id] = document
        self._pending_characters += len(document.title) + len(document.body)
        self._changed = True
        if self._pending_characters >= BATCH_CHARACTERS:
            self._flush()

    def _find(self, document_id: str) -> Document | None:
        if document_id in self._pending:
            return self._pending[document_id]
        for part in reversed(self._parts):
            if (number := part.number_of(document_id)) is not None:
                return part.snapshot.segment.document(number)
        return None

    def _forget(self, document_id: str) -> bool:
        if self._pending.pop(document_id, None):
            return True
        for part in self._parts:
            if (number := part.number_of(document_id)) is not None:
                part.live[number] = False
                return True
        return False

    def delete(self, ids: str | Iterable[str]) -> int:
        """Delete the documents with these ids; gives how many there were."""
        wanted = (ids,) if isinstance(ids, str) else ids
        found = sum(self._forget(document_id) for document_id in wanted)
        self._changed |= found > 0
        return found

    def snapshots(self) -> list[Snapshot]:
        """All that this writer would commit, as searchable parts, documents deleted meanwhile included."""
        self._flush()
        return [part.snapshot for part in self._parts]

    def delete_matching(self, masks: Iterable[Array]) -> int:
        """Delete the documents of *masks*, one for each of `snapshots()`; gives how many there were."""
        found = 0
        for part, mask in zip(self._parts, masks, strict=True):
            found += int(np.count_nonzero(part.live & mask))
            part.live &= ~mask
        self._changed |= found > 0
        return found

    def _flush(self) -> None:
        if not self._pending:
            return
        arrays = build_segment(list(self._pending.values()), self._analyzer, self._schema)
        part = Snapshot(self._manifest, arrays, self._schema)
        self._parts.append(_LivePart(part, np.ones(len(part), np.bool_)))
        self._pending.clear()
        self._pending_characters = 0

    def commit(self) -> bool:
        """Make all changes durable as one commit; gives whether there were any."""
        if not self._changed:
            return False
        self._flush()
        arrays = merge_segments([Part(part.snapshot.segment, part.live) for part in self._parts], self._schema)
        statistics = statistics_of(Segment(arrays, self._schema))
        self._manifest = self._storage.commit(
            Manifest(self._manifest.generation + 1, self._manifest.settings, statistics), arrays
        )
        self._changed = False
        return True


def _with_metadata(document: Document, metadata: Mapping[str, MetadataValue]) -> Document:
    if metadata == document.metadata:
        return document
    return Document(
        id=document.id,
        title=document.title,
        date=document.date,
        body=document.body,
        url=document.url,
        source=document.source,
        language=document.language,
        metadata=metadata,
    )
