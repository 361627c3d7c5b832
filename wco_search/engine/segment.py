"""`Segment`: the documents of a commit, analysed, as plain arrays. This is the layout of a segment file.

Positions. Every word of every document has a *global position*: a title starts where the body before it ended, plus a
gap; a body likewise. So one ascending list of positions a term holds everything: which documents have it
(`field_starts`), how often, in title or body, and which words stand beside which.

    field_starts    i8 [2n+1] first global position of title (2d) and body (2d+1) of document d; last, the next free
    terms           StringTable, sorted
    term_offsets    i8 [T+1]  the postings of term t are entries term_offsets[t] to term_offsets[t+1] of the next two
    positions       u4 [P]    global positions, ascending within a term
    position_forms  u4 [P]    the form that stands there
    forms           StringTable, sorted: the folded words as written
    form_counts     i8 [F]    how often each stands in the documents
    form_term_offsets, form_terms   the terms of each form

and what `wco_search.engine.postings` derives from these for ranking.

Documents. `ids`, `titles`, `bodies` are StringTables in document order, `id_order` sorts the ids; dates, keywords and
numbers are columns (`wco_search.engine.columns`). A StringTable `x` is the two arrays `x.blob` and `x.offsets`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from wco_search.documents import Document, FieldKind, MetadataSchema
from wco_search.engine.columns import KeywordColumn, NumberColumn, column_from
from wco_search.engine.strings import Array, Dictionary, StringTable

Scope = Literal["text", "title", "body"]
"""Which words of a document: all, or those of one field."""

_TEXTS: Mapping[str, str] = {"id": "ids", "title": "titles", "body": "bodies"}
FIELD_GAP = 8  # positions between fields: more than the reach of the proximity bonus, so that it never looks across
MAX_POSITIONS = 2**32 - 1  # what `positions` can count; some 4 billion words a segment

OWN_COLUMNS: Mapping[str, FieldKind] = {"date": "date", "url": "keyword", "source": "keyword", "language": "keyword"}


def column_kinds(schema: MetadataSchema) -> dict[str, tuple[str, FieldKind]]:
    """For each field that is a column, the prefix of its arrays' names and its kind."""
    own = {name: (name, kind) for name, kind in OWN_COLUMNS.items()}
    return own | {name: (f"metadata-{i}", kind) for i, (name, kind) in enumerate(schema.kinds.items())}


class Segment:
    """A view of the arrays of one segment; holds no file and no lock."""

    def __init__(self, arrays: Mapping[str, Array], schema: MetadataSchema) -> None:
        self.arrays = arrays
        self.schema = schema
        self.ids = self._table("ids")
        self.titles = self._table("titles")
        self.bodies = self._table("bodies")
        self.terms = Dictionary(arrays["terms.blob"], arrays["terms.offsets"])
        self.forms = Dictionary(arrays["forms.blob"], arrays["forms.offsets"])
        self.field_starts = arrays["field_starts"]
        self.term_offsets = arrays["term_offsets"]
        self.positions = arrays["positions"]
        self.position_forms = arrays["position_forms"]
        self.form_counts = arrays["form_counts"]
        self.form_term_offsets = arrays["form_term_offsets"]
        self.form_terms = arrays["form_terms"]
        self.doc_offsets = arrays["doc_offsets"]
        self.docs = arrays["docs"]
        self.impacts = arrays["impacts"]

    def _table(self, name: str) -> StringTable:
        return StringTable(self.arrays[f"{name}.blob"], self.arrays[f"{name}.offsets"])

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def field_lengths(self) -> Array:
        """How many positions each field takes, titles and bodies in turn: the lengths that scores know."""
        lengths: Array = np.diff(self.field_starts) - FIELD_GAP
        return lengths

    @cached_property
    def columns(self) -> Mapping[str, NumberColumn | KeywordColumn]:
        """The columns by field name."""
        return {name: self._column(files, kind) for name, (files, kind) in column_kinds(self.schema).items()}

    def _column(self, files: str, kind: FieldKind) -> NumberColumn | KeywordColumn:
        prefix = f"{files}."
        return column_from(
            kind, {name.removeprefix(prefix): a for name, a in self.arrays.items() if name.startswith(prefix)}
        )

    def document(self, number: int) -> Document:
        """Document *number* as it was added; its fields are read when they are asked for."""
        return Document.stored(partial(self.field, number))

    def field(self, number: int, name: str) -> Any:
        """One field of document *number*."""
        if name in _TEXTS:
            return getattr(self, _TEXTS[name])[number]
        if name != "metadata":
            return self.columns[name][number]
        values = {name: self.columns[name][number] for name in self.schema.kinds}
        return {name: value for name, value in values.items() if value is not None}

    def documents(self) -> Iterator[Document]:
        """All documents in order."""
        return (self.document(number) for number in range(len(self)))

    def number_of(self, document_id: str) -> int | None:
        """The number of the document with that id, or None."""
        key, order = document_id.encode(), self.arrays["id_order"]
        low, high = 0, len(order)
        while low < high:
            middle = (low + high) // 2
            if self.ids.bytes_at(order.item(middle)) < key:
                low = middle + 1
            else:
                high = middle
        if low < len(order) and self.ids.bytes_at(order.item(low)) == key:
            return int(order.item(low))
        return None

    def term_positions(self, term: int) -> Array:
        """Where term number *term* stands, ascending."""
        return self.positions[self.term_offsets.item(term) : self.term_offsets.item(term + 1)]

    def form_positions(self, form: int) -> Array:
        """Where form number *form* stands, ascending."""
        term = self.form_terms.item(self.form_term_offsets.item(form))  # any of its terms has all its places
        places = slice(self.term_offsets.item(term), self.term_offsets.item(term + 1))
        positions: Array = self.positions[places][self.position_forms[places] == form]
        return positions

    def fields_of(self, positions: Array) -> Array:
        """For each position the number of its field: 2d for the title of document d, 2d + 1 for its body."""
        fields: Array = np.searchsorted(self.field_starts, positions, side="right") - 1
        return fields


def id_order(ids: StringTable) -> Array:
    """The numbers of *ids* in the order of their bytes."""
    blob, offsets = ids.blob.tobytes(), ids.offsets.tolist()
    keys = [blob[start:end] for start, end in pairwise(offsets)]
    return np.array(sorted(range(len(ids)), key=keys.__getitem__), np.int64)
