"""`Segment`: the documents of a commit, analysed, as plain arrays. This is the layout of a segment file.

Positions. Every word of every document has a *global position*: a title starts where the body before it ended, plus a
gap; a body likewise. So one ascending list of positions a term holds everything: which documents have it
(`field_starts`), how often, in title or body, and which words stand beside which.

    field_starts    u  [2n+1] first global position of title (2d) and body (2d+1) of document d; last, the next free
    terms           StringTable, sorted
    term_offsets    u  [T+1]  the postings of term t are entries term_offsets[t] to term_offsets[t+1] of `positions`
    positions       u4 [P]    global positions, ascending within a term
    forms           StringTable, sorted: the folded words as written
    form_counts     u  [F]    how often each stands in the documents
    form_terms      u  [E]    the terms of each form: those of form f are entries
    form_term_offsets u [F+1] form_term_offsets[f] to form_term_offsets[f+1]
    form_ordinals   u1 []     for each posting, which of the forms of its term stands there, counted from 0 in the order
                              of forms; in bits, as `wco_search.engine.packing` tells

and what `wco_search.engine.postings` derives from these for ranking, and `wco_search.engine.signatures` for telling
copies:

    signatures      u1 [64n]  64 bytes a document

and from the forms, `wco_search.languages.names` for finding names by how they sound: `names.letters`, `names.lengths`,
`names.owners`, `names.skeletons`, `names.firsts`, `names.shorter`, `names.buckets`.

Names. Which countries, people and organisations the texts name (`wco_search.engine.mentions`) are columns of keywords,
`named-country`, `named-people` and `named-organisations`.

Documents. `ids` is a StringTable in document order, `id_order` (u [n]) sorts it; `wco_search.engine.texts` tells how
titles and bodies are kept; dates, keywords and numbers are columns (`wco_search.engine.columns`). A StringTable `x` is
the two arrays `x.blob` and `x.offsets`.

An array of type u is of the smallest of u1, u2, u4 and u8 that holds its values, and so are `bit_terms`, `bit_ranks`,
`row_terms`, `champion_terms`, `champion_offsets`, `champion_docs`, `names.owners`, `names.firsts`, `names.shorter`,
`names.buckets` and all arrays named `.offsets`, `.starts` or `.codes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise, repeat
from typing import Any, Literal, NamedTuple

import numpy as np

from wco_search.documents import Document, FieldKind, MetadataSchema
from wco_search.engine import loops
from wco_search.engine.columns import KeywordColumn, NumberColumn, column_from, column_types
from wco_search.engine.packing import Packing
from wco_search.engine.strings import Array, Dictionary, StringTable, key_of, narrow
from wco_search.engine.texts import TextStore
from wco_search.languages.names import SOUNDS, NameTable, keys_to_ask

Scope = Literal["text", "title", "body"]
"""Which words of a document: all, or those of one field."""

_NARROW = frozenset(
    "field_starts term_offsets form_counts form_terms form_term_offsets id_order doc_offsets docs champion_terms "
    "champion_offsets champion_docs bit_terms bit_ranks row_terms names.owners names.firsts names.shorter "
    "names.buckets".split()
)
_FIXED: Mapping[str, type] = {
    "positions": np.uint32,
    "form_ordinals": np.uint8,
    "signatures": np.uint8,
    "impacts": np.float32,
    "max_impacts": np.float32,
    "tenth_impacts": np.float32,
    "champion_rests": np.float32,
    "bits": np.uint64,
    "row_idfs": np.float64,
    "row_levels": np.uint8,
    "row_unit": np.float64,
    "names.letters": np.uint8,
    "names.lengths": np.uint8,
    "names.skeletons": np.uint64,
    "texts.blob": np.uint8,
    "texts.dictionary": np.uint8,
}
_TABLES = ("ids", "terms", "forms")
_NAMES = "names."
_LOOK_UP = 64  # to look an id up in a segment costs as much as to read so many
_NARROW_PARTS = (".offsets", ".starts", ".codes")
FIELD_GAP = 8  # positions between fields: more than the reach of the proximity bonus, so that it never looks across
SIGNATURE_SIZE = 64  # bytes of the signature of a document
MAX_POSITIONS = 2**32 - 1  # what `positions` can count; some 4 billion words a segment

NAMED: Mapping[str, str] = {name: f"named-{name}" for name in ("country", "people", "organisations")}
"""The fields of what texts name, and the prefixes of their arrays' names; metadata may have fields of these names."""

OWN_COLUMNS: Mapping[str, FieldKind] = {"date": "date", "url": "keyword", "source": "keyword", "language": "keyword"}


def column_kinds(schema: MetadataSchema) -> dict[str, tuple[str, FieldKind]]:
    """For each field that is a column, the prefix of its arrays' names and its kind."""
    own = {name: (name, kind) for name, kind in OWN_COLUMNS.items()}
    return own | {name: (f"metadata-{i}", kind) for i, (name, kind) in enumerate(schema.kinds.items())}


def array_types(schema: MetadataSchema) -> dict[str, type | None]:
    """All arrays of a segment and their types; None where it is the smallest unsigned one that holds the values."""
    tables = {f"{name}.{part}": kind for name in _TABLES for part, kind in (("blob", np.uint8), ("offsets", None))}
    texts = dict.fromkeys(("texts.offsets", "texts.title_sizes", "texts.body_sizes"))
    kinds: list[tuple[str, FieldKind]] = [
        *column_kinds(schema).values(),
        *((files, "keywords") for files in NAMED.values()),
    ]
    columns = {f"{files}.{part}": t for files, kind in kinds for part, t in column_types(kind).items()}
    return {**_FIXED, **dict.fromkeys(_NARROW), **tables, **texts, **columns}


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """The pairs of a term and a form of it, ordered by term, then by form; each has a number, its slot.

    Attributes:
        forms: The form of each.
        starts: The first slot of each term; last, how many slots there are.
        of_entry: The slot of each entry of `form_terms`.
    """

    forms: Array
    starts: Array
    of_entry: Array

    @classmethod
    def of(cls, form_term_offsets: Array, form_terms: Array, terms: int) -> Slots:
        """The slots of the forms of a segment of so many *terms*."""
        order = np.argsort(form_terms, kind="stable")
        form_of_entry = np.repeat(np.arange(len(form_term_offsets) - 1), np.diff(form_term_offsets))
        starts = np.concatenate([[0], np.cumsum(np.bincount(form_terms, minlength=terms))])
        of_entry = np.empty(len(order), np.int64)
        of_entry[order] = np.arange(len(order))
        return cls(form_of_entry[order], starts, of_entry)


class Part(NamedTuple):
    """Where some forms of a term stand, but not all.

    Attributes:
        term: The number of the term.
        positions: Where these forms stand, ascending.
        others: Where its other forms do, which are not sought; None where they are, in other parts.
    """

    term: int
    positions: Array
    others: Array | None


class Parts(NamedTuple):
    """Where several terms or forms stand, cut into parts of one term each.

    Attributes:
        whole: Numbers of terms all of whose places are among these.
        some: Parts of other terms.
    """

    whole: list[int]
    some: list[Part]


class Segment:
    """A view of the arrays of one segment; holds no file and no lock."""

    def __init__(self, arrays: Mapping[str, Array], schema: MetadataSchema, path: str = ":memory:") -> None:
        self.arrays = arrays
        self.schema = schema
        self.ids = StringTable(arrays["ids.blob"], arrays["ids.offsets"])
        self.texts = TextStore.from_arrays(arrays, path)
        self.terms = Dictionary(arrays["terms.blob"], arrays["terms.offsets"])
        self.forms = Dictionary(arrays["forms.blob"], arrays["forms.offsets"])
        self.field_starts = arrays["field_starts"]
        self.term_offsets = arrays["term_offsets"]
        self.positions = arrays["positions"]
        self.form_ordinals = arrays["form_ordinals"]
        self.form_counts = arrays["form_counts"]
        self.form_term_offsets = arrays["form_term_offsets"]
        self.form_terms = arrays["form_terms"]
        self.doc_offsets = arrays["doc_offsets"]
        self.docs = arrays["docs"]
        self.impacts = arrays["impacts"]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def field_lengths(self) -> Array:
        """How many positions each field takes, titles and bodies in turn: the lengths that scores know."""
        lengths: Array = np.diff(self.field_starts).astype(np.int64) - FIELD_GAP
        return lengths

    @cached_property
    def signatures(self) -> Array:
        """The signature of each document, a row of bytes (`wco_search.engine.signatures`)."""
        return self.arrays["signatures"].reshape(-1, SIGNATURE_SIZE)

    def sounding_like(self, form: str) -> dict[int, float]:
        """The numbers of the forms of the other alphabet that sound like *form*, and how similar each is."""
        if not loops.COMPILED:
            return self.names.similar(form)
        found: dict[int, float] = {}
        alphabet, keys = keys_to_ask(form)
        for key in keys:
            self._compiled_names.similar(key, alphabet, found)
        return found

    @cached_property
    def names(self) -> NameTable:
        """The forms by how they sound."""
        return NameTable(self._name_arrays)

    @cached_property
    def _name_arrays(self) -> dict[str, Array]:
        arrays = self.complete_arrays()
        return {name.removeprefix(_NAMES): array for name, array in arrays.items() if name.startswith(_NAMES)}

    def complete_arrays(self) -> Mapping[str, Array]:
        """Its arrays, those of names among them although it was made without."""
        is_complete = any(name.startswith(_NAMES) for name in self.arrays)
        return self.arrays if is_complete else {**self.arrays, **narrowed(name_arrays(self.forms))}

    @cached_property
    def _compiled_names(self) -> Any:
        """The same for the compiled loops."""
        return loops.compiled.Names(**self._name_arrays, sounds=SOUNDS)

    @cached_property
    def columns(self) -> Mapping[str, NumberColumn | KeywordColumn]:
        """The columns by field name."""
        return {name: self._column(files, kind) for name, (files, kind) in column_kinds(self.schema).items()}

    @cached_property
    def named(self) -> Mapping[str, KeywordColumn]:
        """The columns of what texts name, by field name."""
        found = {name: self._column(files, "keywords") for name, files in NAMED.items()}
        return {name: column for name, column in found.items() if isinstance(column, KeywordColumn)}

    def _column(self, files: str, kind: FieldKind) -> NumberColumn | KeywordColumn:
        prefix = f"{files}."
        return column_from(
            kind, {name.removeprefix(prefix): a for name, a in self.arrays.items() if name.startswith(prefix)}
        )

    def document(self, number: int) -> Document:
        """Document *number* as it was added; its fields are read when they are asked for."""
        return Document.stored(self.ids[number], partial(self.fields, number))

    def documents_at(self, numbers: Sequence[int]) -> list[Document]:
        """Documents *numbers*, as `document` gives them."""
        readers = map(partial, repeat(self.fields), numbers)
        return Document.all_stored(zip(self.ids.at(numbers), readers, strict=True))

    def fields(self, number: int, name: str) -> dict[str, Any]:
        """The field of document *number* with that name, and those that are read with it: title and body are one text.

        Raises:
            CorruptIndexError: Its text is damaged.
        """
        if name in ("title", "body"):
            title, body = self.texts[number]
            return {"title": title, "body": body}
        if name == "id":
            return {name: self.ids[number]}
        if name != "metadata":
            return {name: self.columns[name][number]}
        values = {name: self.columns[name][number] for name in self.schema.kinds}
        return {"metadata": {name: value for name, value in values.items() if value is not None}}

    def documents(self) -> Iterator[Document]:
        """All documents in order."""
        return (self.document(number) for number in range(len(self)))

    def number_of(self, document_id: str) -> int | None:
        """The number of the document with that id, or None."""
        key, order = key_of(document_id), self.arrays["id_order"]
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

    def terms_of_form(self, form: str) -> dict[str, int] | None:
        """The terms of a folded form with their numbers; None where it does not stand anywhere."""
        if loops.COMPILED:
            found: dict[str, int] | None = self._compiled_forms.terms_of(form.encode())
            return found
        number = self.forms.find(form)
        if number is None:
            return None
        place = slice(self.form_term_offsets.item(number), self.form_term_offsets.item(number + 1))
        return {self.terms[term]: term for term in self.form_terms[place].tolist()}

    @cached_property
    def _compiled_forms(self) -> Any:
        """Forms and their terms for the compiled loops."""
        forms, terms = ((table.blob, table.offsets) for table in (self.forms, self.terms))
        return loops.compiled.Forms(forms, terms, self.form_term_offsets, self.form_terms)

    def term_positions(self, term: int) -> Array:
        """Where term number *term* stands, ascending."""
        return self.positions[self.term_offsets.item(term) : self.term_offsets.item(term + 1)]

    def form_positions(self, form: int) -> Array:
        """Where form number *form* stands, ascending."""
        return self.positions_of(self.parts_of_forms([form]))[0]

    def parts_of_forms(self, forms: Iterable[int]) -> Parts:
        """Where any of some forms stands."""
        whole, some = self._by_first_term(forms)
        return Parts(whole, [self._part(term, own) for term, own in some.items()])

    def _by_first_term(self, forms: Iterable[int]) -> tuple[list[int], dict[int, list[int]]]:
        """Some forms by one of their terms, any of which has all their places: terms with all forms, and the others."""
        starts, terms, (of_term, _) = self.form_term_offsets, self.form_terms, self._forms_by_term
        if loops.COMPILED:
            return loops.compiled.by_first_term(starts, terms, of_term, forms)
        some: dict[int, list[int]] = {}
        for form in forms:
            some.setdefault(terms.item(starts.item(form)), []).append(form)
        whole = [term for term, own in some.items() if len(own) == of_term.item(term + 1) - of_term.item(term)]
        return whole, {term: own for term, own in some.items() if term not in whole}

    def parts_of_terms(self, terms: Iterable[int]) -> Parts:
        """Where any of some terms stands; a form that several have is in one part.

        Terms of one word share most of their forms, so that little is left of the rarer ones.
        """
        offsets = self.term_offsets
        parts, known = Parts([], []), set[int]()
        for term in sorted(terms, key=lambda term: offsets.item(term) - offsets.item(term + 1)):
            forms = self.forms_of_term(term)
            own = [form for form in forms if form not in known]
            known.update(own)
            if len(own) == len(forms):
                parts.whole.append(term)
            elif own:
                parts.some.append(self._part(term, own, others_count=True))
        return parts

    def _part(self, term: int, forms: Sequence[int], *, others_count: bool = False) -> Part:
        """Where some of the forms of a term stand; *others_count* where the others are sought as well."""
        positions, wanted = self.term_positions(term), set(forms)
        is_wanted = np.array([form in wanted for form in self.forms_of_term(term)], np.bool_)
        if not loops.COMPILED:
            kept = is_wanted[self.ordinals(term, term + 1)]
            return Part(term, positions[kept], None if others_count else positions[~kept])
        packing = self.packing
        packed = self.form_ordinals[packing.offsets.item(term) : packing.offsets.item(term + 1)]
        given = positions, packed, packing.widths.item(term), is_wanted
        if others_count:
            return Part(term, loops.compiled.chosen(*given), None)
        return Part(term, *loops.compiled.split(*given))

    def positions_of(self, parts: Parts) -> list[Array]:
        """Where each part stands, ascending."""
        return [*map(self.term_positions, parts.whole), *(part.positions for part in parts.some)]

    def ordinals(self, first: int, last: int) -> Array:
        """For each posting of terms number *first* to *last*, which is not included, the ordinal of its form."""
        return self.packing.unpack(self.form_ordinals, first, last)

    @cached_property
    def slots(self) -> Slots:
        """Its terms with their forms."""
        return Slots.of(self.form_term_offsets, self.form_terms, len(self.term_offsets) - 1)

    @cached_property
    def packing(self) -> Packing:
        """How the ordinals of forms are packed."""
        return Packing.of(self.term_offsets, self.form_terms)

    def forms_of_term(self, term: int) -> list[int]:
        """The numbers of the forms that have term number *term*, ascending."""
        starts, forms = self._forms_by_term
        found: list[int] = forms[starts.item(term) : starts.item(term + 1)].tolist()
        return found

    @cached_property
    def _forms_by_term(self) -> tuple[Array, Array]:
        """`form_terms` turned over: where each term's forms start, and the forms; some milliseconds a million forms."""
        if loops.COMPILED:
            return loops.compiled.forms_by_term(self.form_term_offsets, self.form_terms, len(self.term_offsets) - 1)
        counts = np.bincount(self.form_terms, minlength=len(self.term_offsets) - 1)
        forms = np.repeat(np.arange(len(self.form_term_offsets) - 1, dtype=np.uint32), np.diff(self.form_term_offsets))
        return np.concatenate([[0], np.cumsum(counts)]), forms[np.argsort(self.form_terms, kind="stable")]

    def fields_of(self, positions: Array) -> Array:
        """For each position the number of its field: 2d for the title of document d, 2d + 1 for its body."""
        alike = positions.astype(self.field_starts.dtype, copy=False)  # of another type, all starts would be converted
        fields: Array = np.searchsorted(self.field_starts, alike, side="right") - 1
        return fields


def same_ids(one: Segment, other: Segment) -> tuple[Array, Array]:
    """The numbers in each of two segments of the documents whose id both have."""
    if len(one) > len(other):
        others, ones = same_ids(other, one)
        return ones, others
    if len(one) * _LOOK_UP < len(other):
        found = [(number, other.number_of(key)) for number, key in enumerate(one.ids)]
        pairs = [(number, place) for number, place in found if place is not None]
    else:
        numbers = {key: number for number, key in enumerate(one.ids.encoded())}
        pairs = [(numbers[key], place) for place, key in enumerate(other.ids.encoded()) if key in numbers]
    ones, others = np.array(pairs, np.int64).reshape(-1, 2).T
    return ones, others


def ordinals_of_forms(forms: Array, term_offsets: Array, form_term_offsets: Array, form_terms: Array) -> Array:
    """For each posting the ordinal of its form, from the number of its form."""
    slots = Slots.of(form_term_offsets, form_terms, len(term_offsets) - 1)
    term_of = np.repeat(np.arange(len(term_offsets) - 1, dtype=np.int32), np.diff(term_offsets))
    entries = form_term_offsets[forms]
    elsewhere = np.flatnonzero(form_terms[entries] != term_of)
    while len(elsewhere):  # once for each term that a form has besides its first
        entries[elsewhere] += 1
        elsewhere = elsewhere[form_terms[entries[elsewhere]] != term_of[elsewhere]]
    ordinals: Array = slots.of_entry[entries] - slots.starts[term_of]
    return ordinals


def name_arrays(forms: StringTable) -> dict[str, Array]:
    """The arrays of `Segment.names`, which follow from the forms."""
    return {f"{_NAMES}{part}": array for part, array in NameTable.build(forms).to_arrays().items()}


def narrowed(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """*arrays* of the types that a segment file has."""
    return {
        name: narrow(array) if name in _NARROW or name.endswith(_NARROW_PARTS) else array
        for name, array in arrays.items()
    }


def id_order(ids: StringTable) -> Array:
    """The numbers of *ids* in the order of their bytes."""
    blob, offsets = ids.blob.tobytes(), ids.offsets.tolist()
    keys = [blob[start:end] for start, end in pairwise(offsets)]
    return np.array(sorted(range(len(ids)), key=keys.__getitem__), np.int64)
