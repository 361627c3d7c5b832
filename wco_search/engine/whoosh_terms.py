"""The terms of a field with their postings, as Whoosh's reader asks for them.

Title and body are fields of their own here, over the same positions. The other fields have columns and no postings;
theirs are made from the columns. Either way a field has a sorted table of the bytes of its terms, and gives the
postings of any range of them as arrays, so that one term and a whole lexicon are the same work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from wco_search.engine.columns import KeywordColumn, NumberColumn
from wco_search.engine.segment import Segment
from wco_search.engine.strings import Array, StringTable

TEXT_FIELDS: Final = ("title", "body")
"""The fields of words; the place in this pair is the parity of their numbers in a segment."""


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Postings of a range of terms: for each entry the term's number, the document, and how often it stands there.

    Ordered by term, then by document.
    """

    terms: Array
    documents: Array
    freqs: Array


class FieldTerms(Protocol):
    """The terms of one field."""

    @property
    def table(self) -> StringTable:
        """The bytes of the terms, sorted; of a text field also of terms that stand only in the other one."""

    @property
    def offsets(self) -> Array:
        """How many entries the terms before each have at most."""

    def postings(self, first: int, last: int) -> Postings:
        """The postings of terms number *first* to *last*, which is not included."""


@dataclass(frozen=True, slots=True, eq=False)
class ColumnTerms:
    """Terms made from a column: `documents[offsets[t]:offsets[t + 1]]` have term `t`."""

    table: StringTable
    offsets: Array
    documents: Array

    def postings(self, first: int, last: int) -> Postings:
        """See `FieldTerms.postings`."""
        entries = slice(self.offsets.item(first), self.offsets.item(last))
        terms = np.repeat(np.arange(first, last), np.diff(self.offsets[first : last + 1]))
        return Postings(terms, self.documents[entries], np.ones(len(terms), np.int64))


class TextTerms:
    """The terms of title or body."""

    def __init__(self, segment: Segment, field: str) -> None:
        self.table = segment.terms
        self.offsets = segment.term_offsets
        self._segment = segment
        self._parity = TEXT_FIELDS.index(field)

    def postings(self, first: int, last: int) -> Postings:
        """See `FieldTerms.postings`."""
        terms, fields, _ = self._places(first, last)
        starts = np.flatnonzero(_differs(terms) | _differs(fields))
        freqs = np.diff(np.append(starts, len(terms)))
        return Postings(terms[starts], fields[starts] >> 1, freqs)

    def positions(self, term: int) -> Array:
        """Where a term stands in this field, counted from the field's start, in order of document."""
        _, fields, positions = self._places(term, term + 1)
        return positions - self._segment.field_starts[fields].astype(np.int64)

    def _places(self, first: int, last: int) -> tuple[Array, Array, Array]:
        """Term, field number and global position of each place in this field; a place of several forms counts once."""
        entries = slice(self.offsets.item(first), self.offsets.item(last))
        positions = self._segment.positions[entries].astype(np.int64)
        terms = np.repeat(np.arange(first, last), np.diff(self.offsets[first : last + 1]))
        fields = self._segment.fields_of(positions)
        kept = ((fields & 1) == self._parity) & (_differs(terms) | _differs(positions))
        return terms[kept], fields[kept], positions[kept]


def _differs(values: Array) -> Array:
    """For each value whether it is another than the one before it."""
    different = np.ones(len(values), np.bool_)
    different[1:] = values[1:] != values[:-1]
    return different


def field_terms(segment: Segment, field: str, whoosh_field: Any) -> FieldTerms:
    """The terms of *field*, whose values become bytes as *whoosh_field* says."""
    if field in TEXT_FIELDS:
        return TextTerms(segment, field)
    if field == "id":
        order = segment.arrays["id_order"]
        return ColumnTerms(segment.ids.take(order), np.arange(len(order) + 1), order)
    column = segment.columns[field]
    return _of_numbers(column, whoosh_field) if isinstance(column, NumberColumn) else _of_keywords(column)


def _of_keywords(column: KeywordColumn) -> ColumnTerms:
    count = len(column.starts) - 1
    documents = np.repeat(np.arange(count), np.diff(column.starts))
    entries = np.unique(column.codes.astype(np.int64) * count + documents)  # a document may repeat a keyword
    offsets = np.searchsorted(entries, np.arange(len(column.words) + 1) * count)
    return ColumnTerms(column.words, offsets, entries % max(1, count))


def _of_numbers(column: NumberColumn, whoosh_field: Any) -> ColumnTerms:
    documents = np.flatnonzero(column.present)
    numbers = column.values[documents]
    values, first, places = np.unique(numbers, return_index=True, return_inverse=True)
    keys = _table([whoosh_field.to_bytes(column[document]) for document in documents[first].tolist()])
    offsets = np.concatenate([[0], np.cumsum(np.bincount(places, minlength=len(values)))])
    return ColumnTerms(keys, offsets, documents[np.argsort(places, kind="stable")])


def _table(keys: Sequence[bytes]) -> StringTable:
    ends = np.cumsum([0, *map(len, keys)]).astype(np.int64)
    return StringTable(np.frombuffer(b"".join(keys), np.uint8), ends)
