"""`Writer`: changes to an index, made as one commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from mmap import mmap
from typing import Any

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.documents import Document, MetadataSchema, MetadataValue
from wco_search.engine.array_files import Arrays
from wco_search.engine.batches import Batches
from wco_search.engine.manifest import SegmentFiles, file_name
from wco_search.engine.merge import Part, merge_segments
from wco_search.engine.postings import REFERENCE, mean_lengths
from wco_search.engine.segment import Segment, same_ids
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.storage import Storage
from wco_search.engine.strings import Array
from wco_search.errors import InvalidDocumentError
from wco_search.results import Alert

BATCH_CHARACTERS = 48 * 2**20  # of text analysed in one go: some 600 MB of arrays while they are sorted
TIER_FACTOR = 4  # 2 copies documents half as often again, 8 leaves twice as many segments to search
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
        alerts: Which of the added and updated documents match which watch; known once the commit is made.

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
    alerts: list[Alert] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.added} added, {self.updated} updated, {self.unchanged} unchanged, {self.skipped} skipped"

    def skip(self, problem: str) -> None:
        """Count a record that was left out, and say why."""
        self.skipped += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(problem)


@dataclass(slots=True, eq=False)
class _Part:
    """A segment of the commit to be.

    Attributes:
        segment: Its documents.
        live: For each whether it is not deleted; None where none is.
        means: The mean lengths that its impacts are worked out for; None where they are its own.
        files: Its files, where a commit has them already.
        is_changed: Whether `live` differs from what the files say.
        is_batch: Whether it is a batch of documents that this writer was given.
    """

    segment: Segment
    live: Array | None
    means: Mapping[str, float] | None
    files: SegmentFiles | None = None
    is_changed: bool = False
    is_batch: bool = False

    def number_of(self, document_id: str) -> int | None:
        number = self.segment.number_of(document_id)
        return number if number is not None and (self.live is None or self.live[number]) else None

    def delete(self, numbers: Array | int) -> None:
        if not self.is_changed:  # until now it is the commit's, which others read
            self.live = np.ones(len(self.segment), np.bool_) if self.live is None else self.live.copy()
        assert self.live is not None
        self.live[numbers] = False
        self.is_changed = True

    def give_way(self, newcomer: _Part) -> int:
        """Delete the documents that *newcomer* has as well; gives how many there were."""
        numbers, others = same_ids(self.segment, newcomer.segment)
        replaced = numbers[self._are_live(numbers) & newcomer._are_live(others)]
        if len(replaced):
            self.delete(replaced)
        return len(replaced)

    def _are_live(self, numbers: Array) -> Array:
        return np.ones(len(numbers), np.bool_) if self.live is None else self.live[numbers]

    @property
    def kept(self) -> int:
        return len(self.segment) if self.live is None else int(np.count_nonzero(self.live))

    @property
    def is_whole(self) -> bool:
        return self.kept == len(self.segment)

    def as_part(self) -> Part:
        return Part(self.segment, None if self.is_whole else self.live, self.means)


class _SeenIds:
    """Ids that were put into batches: sure of one that was not, and nearly sure of one that was.

    It keeps one bit of each (a Bloom filter with one hash function; B. Bloom, 1970), so that a million of new documents
    need not be sought in all the batches before them. With a million in it, one answer in 130 is yes by mistake.
    """

    _BITS = 2**27

    def __init__(self) -> None:
        self._bits: mmap | None = None  # whose pages take memory when they are first written to

    def update(self, ids: Iterable[str]) -> None:
        if self._bits is None:
            self._bits = mmap(-1, self._BITS // 8)
        for place in map(self._place, ids):
            self._bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, document_id: str) -> bool:
        if self._bits is None:
            return False
        place = self._place(document_id)
        return bool(self._bits[place >> 3] >> (place & 7) & 1)

    def _place(self, document_id: str) -> int:
        return hash(document_id) & (self._BITS - 1)


class Writer:
    """Collects additions and deletions over the newest commit; `commit` makes them one new commit.

    Made by `Index.writer`, which holds the write lock meanwhile. Not for several threads at once.
    """

    def __init__(
        self,
        storage: Storage,
        analyzer: Analyzer,
        schema: MetadataSchema,
        before: Snapshot | None = None,
        *,
        workers: int = 1,
    ) -> None:
        """*before* is a snapshot whose knowledge of segments can be used.

        Raises:
            DamagedCommitError: The newest commit is damaged; another on top of the one before would bury it.
        """
        commit = storage.load()
        commit.require_newest()
        self._snapshot = Snapshot.of(commit, schema, before)
        self.report = AddReport()
        self._storage = storage
        self._schema = schema
        self._manifest = commit.manifest
        self._pending: dict[str, Document] = {}
        self._pending_characters = 0
        self._parts = [
            _Part(one.segment, one.live, self._means, files)
            for one, files in zip(self._snapshot.slices, commit.manifest.segments, strict=True)
        ]
        self._batches = Batches(
            self._snapshot.knowing(analyzer), schema, self._means, scratch=storage.scratch, workers=workers
        )
        self._batched = _SeenIds()
        self._is_changed = False

    def close(self) -> None:
        """End worker processes; what is not committed is gone."""
        self._batches.close()

    def add(self, documents: Document | Iterable[Document], *, strict: bool = False) -> AddReport:
        """Add *documents*, each in place of the one with its id; gives the report of this writer so far.

        Raises:
            InvalidDocumentError: Under *strict*, metadata is not of its field's kind; else such a document is skipped
                and reported.
            TypeError: Something is no `Document`.
        """
        several: Iterable[object] = (documents,) if isinstance(documents, Document) else documents
        for document in several:
            if not isinstance(document, Document):
                raise TypeError(f"expected a Document, not {type(document).__name__}; use wco_search.read for files")
            try:
                self._add(conformed(document, self._schema, self.report))
            except InvalidDocumentError as error:
                if strict:
                    raise
                self.report.skip(str(error))
        return self.report

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
        self._is_changed = True
        if self._pending_characters >= BATCH_CHARACTERS:
            self._submit(is_last=False)

    def _find(self, document_id: str) -> Document | None:
        if document_id in self._pending:
            return self._pending[document_id]
        place = self._place_of(document_id)
        return None if place is None else place[0].segment.document(place[1])

    def _place_of(self, document_id: str) -> tuple[_Part, int] | None:
        """The part and number of a document that is not pending."""
        is_batched = document_id in self._batched
        if is_batched:
            self._collect(wait=True)
        for part in reversed(self._parts):
            if (is_batched or not part.is_batch) and (number := part.number_of(document_id)) is not None:
                return part, number
        return None

    def _forget(self, document_id: str) -> bool:
        if document := self._pending.pop(document_id, None):
            self._pending_characters -= len(document.title) + len(document.body)
            return True
        if place := self._place_of(document_id):
            part, number = place
            part.delete(number)
        return place is not None

    def delete(self, ids: str | Iterable[str]) -> int:
        """Delete the documents with these ids; gives how many there were."""
        wanted = (ids,) if isinstance(ids, str) else ids
        found = sum(self._forget(document_id) for document_id in wanted)
        self._is_changed |= found > 0
        return found

    def absorb(self, source: Snapshot) -> AddReport:
        """Add all documents of another index, as it analysed them; gives the report of this writer so far.

        They come behind those that are there, each in place of the one with its id, and are not compared with it. The
        fields of both are the same, and so is their analyzer.
        """
        self._flush()
        before = tuple(self._parts)
        for one in source.slices:
            newcomer = _Part(one.segment, one.live, source.means, is_changed=one.live is not None)
            updated = sum(part.give_way(newcomer) for part in before)
            self.report.updated += updated
            self.report.added += newcomer.kept - updated
            self._is_changed |= newcomer.kept > 0
            self._parts.append(newcomer)
        return self.report

    def snapshots(self) -> list[Snapshot]:
        """All that this writer would commit, as searchable parts."""
        self._flush()
        return [Snapshot(self._manifest, [part.as_part()], self._schema) for part in self._parts]

    def added(self) -> Snapshot:
        """The documents that this writer adds and that no commit has, as an index of their own."""
        self._flush()
        parts = [part.as_part() for part in self._parts if part.files is None and part.kept]
        return Snapshot(self._manifest, parts, self._schema)

    @property
    def path(self) -> str:
        """Where the index is."""
        return self._storage.path

    @property
    def schema(self) -> MetadataSchema:
        """Its metadata fields."""
        return self._schema

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the commit to be."""
        return self._manifest.settings

    def change_settings(self, settings: Mapping[str, Any]) -> None:
        """Have the commit be of these *settings*."""
        self._is_changed |= settings != self._manifest.settings
        self._manifest = replace(self._manifest, settings=settings)

    def delete_matching(self, masks: Iterable[Array]) -> int:
        """Delete the documents of *masks*, one for each of `snapshots()`; gives how many there were."""
        found = 0
        for part, mask in zip(self._parts, masks, strict=True):
            numbers = np.flatnonzero(mask if part.live is None else part.live & mask)
            if len(numbers):
                part.delete(numbers)
            found += len(numbers)
        self._is_changed |= found > 0
        return found

    def _flush(self) -> None:
        """Have all documents in parts."""
        if self._pending:
            self._submit(is_last=True)
        self._collect(wait=True)

    def _submit(self, *, is_last: bool) -> None:
        self._batches.submit(list(self._pending.values()), is_last=is_last)
        self._batched.update(self._pending)
        self._pending.clear()
        self._pending_characters = 0
        self._collect(wait=False)

    def _collect(self, *, wait: bool) -> None:
        for arrays in self._batches.finished(wait=wait):
            segment = Segment(arrays, self._schema)
            self._parts.append(_Part(segment, None, self._means, is_batch=True))

    @property
    def _means(self) -> Mapping[str, float] | None:
        """The mean lengths that impacts of this index are worked out for; None before its first commit."""
        return self._manifest.statistics or None

    def optimize(self) -> None:
        """Have the commit be one segment, its scores for the mean lengths of its own fields."""
        self._flush()
        self._parts = [part for part in self._parts if part.kept]
        if len(self._parts) == 1 and self._parts[0].is_whole:
            own = mean_lengths(self._parts[0].segment.field_lengths)
            if own.items() <= self._manifest.statistics.items():
                return
        self._manifest = replace(self._manifest, statistics={})  # to be taken anew
        self._is_changed = True

    def commit(self) -> bool:
        """Make all changes durable as one commit; gives whether there were any."""
        if not self._is_changed:
            return False
        self._flush()
        self._parts = [part for part in self._parts if part.kept]
        statistics = self._statistics()
        self._publish(statistics)
        self._is_changed = False
        return True

    def _statistics(self) -> Mapping[str, float]:
        """Merge as the sizes of segments ask for; gives the numbers that the scores of the commit depend on.

        The mean lengths stay as they are, and with them all impacts, until the index has doubled. Then everything is
        merged anyway, and they are taken anew.
        """
        documents = sum(part.kept for part in self._parts)
        known = self._manifest.statistics
        if known and documents < 2 * known[REFERENCE]:
            first = _first_to_merge(self._parts)
            kept = [one for part in self._parts[:first] for one in self._for_means(part, known)]
            self._parts = [*kept, *self._merged(self._parts[first:], known)]
            return known
        self._parts = self._merged(self._parts, means=None)
        lengths = self._parts[0].segment.field_lengths if self._parts else np.zeros(0)
        return {**mean_lengths(lengths), REFERENCE: float(documents)}

    def _for_means(self, part: _Part, means: Mapping[str, float]) -> list[_Part]:
        """The part, its impacts for *means*: one of another index has others."""
        return [part] if part.means == means else self._merged([part], means)

    def _merged(self, parts: Sequence[_Part], means: Mapping[str, float] | None) -> list[_Part]:
        """One part of the documents of *parts*, or none where there are none; as it is where that is one already."""
        if not any(part.kept for part in parts):
            return []
        if len(parts) == 1 and parts[0].is_whole and parts[0].means == means:
            return list(parts)
        merged = merge_segments(
            [part.as_part() for part in parts], self._schema, means, self._storage.scratch, with_names=False
        )
        return [_Part(Segment(merged, self._schema), None, means)]

    def _publish(self, statistics: Mapping[str, float]) -> None:
        generation = self._manifest.generation + 1
        new_files: dict[str, Arrays] = {}
        segments = []
        for part in self._parts:
            files = part.files
            if files is None:
                files = SegmentFiles(file_name("segment", generation, len(new_files)))
                new_files[files.arrays] = part.segment.complete_arrays()
            if part.is_changed and part.live is not None and not part.is_whole:
                files = replace(files, deleted=file_name("deleted", generation, len(new_files)))
                new_files[str(files.deleted)] = {"deleted": np.flatnonzero(~part.live)}
            segments.append(files)
        manifest = replace(self._manifest, generation=generation, statistics=statistics, segments=tuple(segments))
        self._manifest = self._storage.commit(manifest, new_files)


def _first_to_merge(parts: Sequence[_Part]) -> int:
    """From which of *parts* on to merge, so that each is at least `TIER_FACTOR` times the size of all behind it.

    Neighbours only, since equal scores are in the order of documents. A document is copied some log(N) times in its
    life, and there are never more than log(N) segments. A part with more dead than living documents is merged too.
    """
    first, size = len(parts), 0
    for number in range(len(parts) - 1, -1, -1):
        part = parts[number]
        if part.kept < TIER_FACTOR * size or 2 * part.kept < len(part.segment):
            first = number
        size += part.kept
    return first


def conformed(document: Document, schema: MetadataSchema, report: AddReport) -> Document:
    """*document* with its metadata as the fields of *schema* want it; *report* is told of what there is no field for.

    Raises:
        InvalidDocumentError: A value is not of its field's kind.
    """
    metadata: dict[str, MetadataValue] = {}
    for name, value in document.metadata.items():
        if name not in schema.kinds:
            report.undeclared[name] += 1
        elif (coerced := schema.coerce(name, value, document_id=document.id)) is not None and coerced != ():
            metadata[name] = coerced
    return _with_metadata(document, metadata)


def _with_metadata(document: Document, metadata: Mapping[str, MetadataValue]) -> Document:
    given = document.metadata
    if metadata == given and all(type(value) is type(given[name]) for name, value in metadata.items()):
        return document  # 3 equals the 3 of NumPy, which is not what a column holds
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
