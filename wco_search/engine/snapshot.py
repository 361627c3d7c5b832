"""`Snapshot`: one commit, ready to be searched; its segments one behind the other.

Documents, positions and columns are numbered through all segments. What needs that is put together when it is first
asked for; ranking by precomputed impacts goes segment by segment and never asks.
"""

from __future__ import annotations

import weakref
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from wco_search.analysis import Analyzer, default_analyzer
from wco_search.documents import KINDS, Document, MetadataSchema
from wco_search.engine.build import build_segment
from wco_search.engine.check import deletion_problem
from wco_search.engine.columns import KeywordColumn, NumberColumn, concatenate_columns
from wco_search.engine.forms import FormTable
from wco_search.engine.lists import Lists
from wco_search.engine.manifest import Manifest
from wco_search.engine.merge import Part, merge_segments
from wco_search.engine.occurrences import union
from wco_search.engine.plan import Among, Group
from wco_search.engine.postings import Norms
from wco_search.engine.score import TITLE_WEIGHT, saturated_impacts
from wco_search.engine.segment import OWN_COLUMNS, SIGNATURE_SIZE, Scope, Segment
from wco_search.engine.storage import Commit
from wco_search.engine.strings import Array
from wco_search.errors import CorruptIndexError

MAX_EXPANSIONS: Final = 1024  # forms of one pattern that are searched, the most frequent: more than any reader means
_WEIGHTS: Final[Mapping[Scope, tuple[float, float]]] = {
    "text": (TITLE_WEIGHT, 1.0),
    "title": (1.0, 0.0),
    "body": (0.0, 1.0),
}

_MOST_FORMS: Final = 4096  # words whose forms are kept: some 4 MB


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """A segment at its place in a commit.

    Attributes:
        segment: The segment.
        live: For each of its documents whether it is not deleted; None where none is.
        first_document: The number of its first document in the commit.
        first_position: The same of its first position.
    """

    segment: Segment
    live: Array | None
    first_document: int
    first_position: int


class Snapshot:
    """The documents and postings of one commit; never changes, so threads may share it.

    Deleted documents keep their numbers, and their words count in document frequencies, until their segment is merged.

    Attributes:
        manifest: The commit.
        schema: Its metadata fields.
        slices: Its segments.
        warnings: What was wrong when the commit was opened.
        known_lists: The posting lists of the segments that `lists` was asked for.
        max_expansions: Forms of one pattern that are searched.
    """

    max_expansions = MAX_EXPANSIONS

    def __init__(
        self, manifest: Manifest, parts: Iterable[Part], schema: MetadataSchema, warnings: Iterable[str] = ()
    ) -> None:
        self.manifest = manifest
        self.schema = schema
        self.slices = tuple(_placed(parts))
        self.warnings = tuple(warnings)
        self.known_lists: dict[Segment, Lists] = {}
        self._analyzers: dict[Analyzer, Analyzer] = {}
        self._forms: dict[frozenset[str], frozenset[str]] = {}
        self._firsts = [one.first_document for one in self.slices]

    @classmethod
    def of(cls, commit: Commit, schema: MetadataSchema, before: Snapshot | None = None) -> Snapshot:
        """The snapshot of a commit; what is known of segments that *before* has as well is taken over.

        Raises:
            KeyError: A file lacks an array.
            CorruptIndexError: Something is deleted that is not there.
        """
        known = {} if before is None else {id(one.segment.arrays): one.segment for one in before.slices}
        parts = []
        for names in commit.manifest.segments:
            deleted = commit.files[names.deleted]["deleted"] if names.deleted else None
            arrays = commit.files[names.arrays]
            segment = known.get(id(arrays)) or Segment(arrays, schema, commit.path)
            if deleted is not None and (problem := deletion_problem(deleted, len(segment))):
                raise CorruptIndexError(commit.path, f"{names.deleted}: {problem}")
            live = None if deleted is None else _live(deleted, len(segment))
            parts.append(Part(segment, live, commit.manifest.statistics))
        snapshot = cls(commit.manifest, parts, schema, commit.warnings)
        if before is not None and before.means == snapshot.means:
            for one in snapshot.slices:
                if one.segment in before.known_lists:
                    snapshot.known_lists[one.segment] = before.known_lists[one.segment]
        return snapshot

    def as_commit(self) -> Commit:
        """The commit, with its files in memory or mapped."""
        files: dict[str, Mapping[str, Array]] = {}
        for one, names in zip(self.slices, self.manifest.segments, strict=True):
            files[names.arrays] = one.segment.arrays
            if names.deleted is not None and one.live is not None:
                files[names.deleted] = {"deleted": np.flatnonzero(~one.live)}
        return Commit(self.manifest, files, self.warnings)

    @cached_property
    def size(self) -> int:
        """How many document numbers there are, those of deleted documents included."""
        return sum(len(one.segment) for one in self.slices)

    @cached_property
    def live(self) -> Array | None:
        """For each document whether it is not deleted; None where none is."""
        if all(one.live is None for one in self.slices):
            return None
        return np.concatenate([np.ones(len(s.segment), np.bool_) if s.live is None else s.live for s in self.slices])

    def __len__(self) -> int:
        """How many documents are not deleted."""
        return self.size if self.live is None else int(np.count_nonzero(self.live))

    # -- documents

    def place(self, number: int) -> tuple[Segment, int]:
        """The segment of document *number*, and its number there."""
        one = self.slices[bisect_right(self._firsts, number) - 1]
        return one.segment, number - one.first_document

    def document(self, number: int) -> Document:
        """Document *number*."""
        segment, own = self.place(number)
        return segment.document(own)

    def documents_at(self, numbers: Sequence[int]) -> list[Document]:
        """Documents *numbers*."""
        if len(self.slices) == 1:
            return self.slices[0].segment.documents_at(numbers)
        return list(map(self.document, numbers))

    def live_numbers(self) -> Array:
        """The numbers of the documents that are not deleted, ascending."""
        return np.arange(self.size) if self.live is None else np.flatnonzero(self.live)

    def documents(self) -> Iterator[Document]:
        """All documents that are not deleted, in order."""
        return map(self.document, self.live_numbers().tolist())

    def id_of(self, number: int) -> str:
        """The id of document *number*."""
        segment, own = self.place(number)
        return segment.ids[own]

    def number_of(self, document_id: str) -> int | None:
        """The number of the document with that id, or None."""
        for one in self.slices:
            own = one.segment.number_of(document_id)
            if own is not None and (one.live is None or one.live[own]):
                return one.first_document + own
        return None

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """The names of all fields, sorted."""
        return tuple(sorted({"title", "body", "id", *OWN_COLUMNS, *self.schema.kinds}))

    @cached_property
    def columns(self) -> Mapping[str, NumberColumn | KeywordColumn]:
        """The columns by field name."""
        if len(self.slices) == 1:
            return self.slices[0].segment.columns
        segments = [one.segment for one in self.slices] or [self.whole.segment]
        return {name: concatenate_columns([s.columns[name] for s in segments]) for name in segments[0].columns}

    @cached_property
    def named(self) -> Mapping[str, KeywordColumn]:
        """The columns of what texts name, by field name."""
        if len(self.slices) == 1:
            return self.slices[0].segment.named
        segments = [one.segment for one in self.slices] or [self.whole.segment]
        found = {name: concatenate_columns([s.named[name] for s in segments]) for name in segments[0].named}
        return {name: column for name, column in found.items() if isinstance(column, KeywordColumn)}

    @cached_property
    def has_dates(self) -> bool:
        """Whether any document, also a deleted one, has a date."""
        return any(bool(one.segment.columns["date"].known().any()) for one in self.slices)

    def among(self, among: Among) -> Array:
        """For each document whether it is one of *among*."""
        return np.concatenate([np.zeros(0, np.bool_), *(self.lists(one).among(among) for one in self.slices)])

    def signatures(self, numbers: Array) -> Array:
        """The signatures of some documents, a row each (`wco_search.engine.signatures`)."""
        found = np.empty((len(numbers), SIGNATURE_SIZE), np.uint8)
        for one in self.slices:
            own = np.flatnonzero((numbers >= one.first_document) & (numbers < one.first_document + len(one.segment)))
            found[own] = one.segment.signatures[numbers[own] - one.first_document]
        return found

    # -- words

    @cached_property
    def all_lists(self) -> tuple[Lists, ...]:
        """The posting lists of each slice."""
        return tuple(map(self.lists, self.slices))

    def lists(self, one: Slice) -> Lists:
        """The posting lists of a slice, made when first asked for and kept."""
        found = self.known_lists.get(one.segment)
        if found is None:
            found = self.known_lists[one.segment] = Lists(one.segment, Norms.of(one.segment.field_starts, self.means))
        return found

    def occurrences(self, terms: Iterable[str], scope: Scope = "text") -> Array:
        """The positions in *scope* where any of *terms* stands, ascending, each once."""
        wanted = list(terms)
        found = []
        for one in self.slices:
            numbers = (one.segment.terms.find(term) for term in wanted)
            found += [one.segment.term_positions(n) + np.int64(one.first_position) for n in numbers if n is not None]
        return self._in_scope(union(found), scope)

    def form_occurrences(self, forms: Iterable[str], scope: Scope = "text") -> Array:
        """The positions in *scope* where any of the folded *forms* stands, ascending, each once."""
        wanted = list(forms)
        found = []
        for one in self.slices:
            numbers = (one.segment.forms.find(form) for form in wanted)
            found += [one.segment.form_positions(n) + np.int64(one.first_position) for n in numbers if n is not None]
        return self._in_scope(union(found), scope)

    def _in_scope(self, positions: Array, scope: Scope) -> Array:
        if scope == "text":
            return positions
        kept: Array = positions.compress(self.fields_of(positions) & 1 == (scope == "body"))
        return kept

    def knowing(self, analyzer: Analyzer) -> Analyzer:
        """*analyzer*, spared what this commit knows; the same object each time."""
        if analyzer not in self._analyzers:
            this = weakref.ref(self)  # a cycle would keep the files of old commits mapped until the collector runs

            def known(form: str) -> tuple[str, ...] | None:
                snapshot = this()
                return None if snapshot is None else snapshot.terms_of(form)

            self._analyzers[analyzer] = analyzer.knowing(known)
        return self._analyzers[analyzer]

    def terms_of(self, form: str) -> tuple[str, ...] | None:
        """The terms of a folded form that stands somewhere, sorted; None where it does not."""
        for lists in self.all_lists:
            if (found := lists.terms_of(form)) is not None:
                return found
        return None

    def forms_of(self, terms: Iterable[str]) -> frozenset[str]:
        """The folded forms that have any of *terms* and stand somewhere; what was asked for is kept."""
        wanted = frozenset(terms)
        found = self._forms.get(wanted)
        if found is None:
            if len(self._forms) >= _MOST_FORMS:
                self._forms.clear()
            found = self._forms[wanted] = frozenset(self._read_forms(wanted))
        return found

    def _read_forms(self, terms: Iterable[str]) -> Iterator[str]:
        for one in self.slices:
            segment = one.segment
            for term in terms:
                if (number := segment.terms.find(term)) is not None:
                    yield from segment.forms.at(segment.forms_of_term(number))

    @cached_property
    def form_table(self) -> FormTable:
        """All folded forms with the families they make; in several segments, made in a second for 500,000."""
        return FormTable.of([one.segment for one in self.slices])

    def has_form(self, form: str) -> bool:
        """Whether the folded form stands anywhere."""
        for one in self.slices:  # noqa: SIM110  # `any` would take longer than the look-ups
            if one.segment.forms.find(form) is not None:
                return True
        return False

    def has_term(self, term: str) -> bool:
        """Whether any document, also a deleted one, has the term."""
        for lists in self.all_lists:  # noqa: SIM110  # as above
            if lists.term(term) is not None:
                return True
        return False

    def stands(self, group: Group) -> bool:
        """Whether any document that is not deleted has a word that some document has."""
        if self.live is None:
            return True
        parts = [Group("", (term,)) for term in group.terms] or [group]
        for one in self.slices:
            for postings in filter(None, map(self.lists(one).of, parts)):
                if one.live is None or one.live.take(postings.docs).any():
                    return True
        return False

    def count_of(self, form: str) -> int:
        """At how many places the folded form stands."""
        segments = [one.segment for one in self.slices]
        numbers = [segment.forms.find(form) for segment in segments]
        return sum(s.form_counts.item(n) for s, n in zip(segments, numbers, strict=True) if n is not None)

    @cached_property
    def field_starts(self) -> Array:
        """Where each field starts; last, where one more would."""
        if len(self.slices) == 1:
            return self.slices[0].segment.field_starts  # as the file has them: to copy a million takes milliseconds
        starts = [one.segment.field_starts[:-1].astype(np.int64) + one.first_position for one in self.slices]
        last = self.slices[-1:]
        end = [[one.segment.field_starts.item(-1) + one.first_position] for one in last] or [[0]]
        return np.concatenate([*starts, *end])

    @cached_property
    def field_lengths(self) -> Array:
        """How many positions each field takes, titles and bodies in turn."""
        return np.concatenate([np.zeros(0, np.int64), *(one.segment.field_lengths for one in self.slices)])

    @cached_property
    def norms(self) -> Norms:
        """K of every field."""
        return Norms.of(self.field_starts, self.means)

    @cached_property
    def field_norms(self) -> Array:
        """K of every field, titles and bodies in turn, for one who goes through them one by one."""
        return self.norms.at(np.arange(2 * self.size))

    def fields_of(self, positions: Array) -> Array:
        """For each position the number of its field: 2d for the title of document d, 2d + 1 for its body."""
        alike = positions.astype(self.field_starts.dtype, copy=False)  # of another type, all starts would be converted
        fields: Array = np.searchsorted(self.field_starts, alike, side="right") - 1
        return fields

    def term_freqs(self, positions: Array) -> tuple[Array, Array]:
        """The fields that have any of *positions*, ascending, and how many of them each has."""
        fields = self.fields_of(positions)
        starts = np.flatnonzero(np.diff(fields, prepend=-1))
        return fields[starts], np.diff(starts, append=len(fields))

    def impacts(self, positions: Array, scope: Scope) -> tuple[Array, Array]:
        """The documents that have any of *positions*, which are of *scope*, ascending, and their impacts."""
        fields, frequencies = self.term_freqs(positions)
        norms, weights = self.norms.at(fields), _WEIGHTS[scope]
        documents, impacts, _ = saturated_impacts(fields >> 1, fields, frequencies, norms, weights)
        return documents, impacts

    @cached_property
    def whole(self) -> Snapshot:
        """The same documents as one segment without deletions: itself, where it is that already."""
        if len(self.slices) == 1 and self.live is None:
            return self
        parts = [Part(one.segment, one.live, self.means) for one in self.slices]
        if parts:
            arrays = merge_segments(parts, self.schema, self.means)
        else:
            arrays = build_segment([], default_analyzer(), self.schema)
        return Snapshot(self.manifest, [Part(Segment(arrays, self.schema))], self.schema, self.warnings)

    @property
    def means(self) -> Mapping[str, float]:
        """The mean lengths of fields that scores of this commit know."""
        return self.manifest.statistics

    @property
    def segment(self) -> Segment:
        """The one segment of a `whole` snapshot."""
        (only,) = self.slices
        return only.segment


def schema_of(manifest: Manifest, path: str = ":memory:") -> MetadataSchema:
    """The metadata fields of the index at *path*, whose commit this is.

    Raises:
        CorruptIndexError: The commit does not tell them.
    """
    kinds = manifest.settings.get("metadata")
    if not isinstance(kinds, dict) or not all(kind in KINDS.values() for kind in kinds.values()):
        raise CorruptIndexError(path, "the commit does not tell the metadata fields")
    return MetadataSchema(kinds)


def _placed(parts: Iterable[Part]) -> Iterator[Slice]:
    document = position = 0
    for part in parts:
        yield Slice(part.segment, part.live, document, position)
        document += len(part.segment)
        position += int(part.segment.field_starts[-1])


def _live(deleted: Array, size: int) -> Array:
    live = np.ones(size, np.bool_)
    live[deleted] = False
    return live
