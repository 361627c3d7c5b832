"""Whoosh's reader and matcher over one snapshot.

A reader is a thin view: it holds no file, keeps no position, and is made for each searcher; closing it frees nothing,
so results stay readable. What it works out is shared by all readers of a snapshot, and threads may share one.
"""

from __future__ import annotations

import bisect
import copy
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Self
from weakref import WeakKeyDictionary

import numpy as np

from wco_search.engine.columns import KeywordColumn
from wco_search.engine.expansion import edit_distances
from wco_search.engine.segment import Segment
from wco_search.engine.snapshot import Snapshot
from wco_search.engine.strings import Array, blocks
from wco_search.engine.whoosh_analyzer import Word, whoosh
from wco_search.engine.whoosh_fields import MISSING, midnight, whoosh_schema
from wco_search.engine.whoosh_terms import TEXT_FIELDS, FieldTerms, Postings, TextTerms, field_terms
from wco_search.text import fold

TermNotFound = whoosh.reading.TermNotFound

_TERM_INFOS_KEPT: Final = 10_000  # some 5 MB; a search asks several times for each of its terms
_BEYOND: Final = 2**63  # the document of a matcher at its end: behind every other


class ArrayMatcher(whoosh.matching.Matcher):  # type: ignore[misc]  # Whoosh has no types
    """Steps through the documents of one term.

    Its quality has no bound, so Whoosh never leaves documents out to save time, and its totals are exact.
    """

    def __init__(
        self,
        term: tuple[str, bytes],
        field: Any,
        postings: Postings,
        positions: Callable[[], Array] | None,
        scorer: Any,
    ) -> None:
        self.scorer = scorer
        self._term = term
        self._field = field
        self._ids: list[int] = postings.documents.tolist()
        self._freqs: list[int] = postings.freqs.tolist()
        self._ends = np.cumsum(postings.freqs)
        self._find_positions = positions
        self._positions: Array | None = None
        self._place = 0

    def is_active(self) -> bool:
        """Whether there is a current document."""
        return self._place < len(self._ids)

    def reset(self) -> None:
        """Go back to the first document."""
        self._place = 0

    def copy(self) -> Self:
        """Another matcher at the same place."""
        return copy.copy(self)

    def term(self) -> tuple[str, bytes]:
        """The field and the bytes of the term."""
        return self._term

    def id(self) -> int:
        """The current document; at the end one that is behind every other."""
        return self._ids[self._place] if self._place < len(self._ids) else _BEYOND

    def all_ids(self) -> Iterator[int]:
        """The current document and those after it."""
        return iter(self._ids[self._place :])

    def next(self) -> None:
        """Go to the next document.

        Raises:
            ReadTooFar: There is no current one.
        """
        if not self.is_active():
            raise whoosh.matching.ReadTooFar
        self._place += 1

    def skip_to(self, id: int) -> None:  # Whoosh's name
        """Go to the first document from the current one on that is not before *id*.

        Raises:
            ReadTooFar: There is no current one.
        """
        if not self.is_active():
            raise whoosh.matching.ReadTooFar
        self._place = bisect.bisect_left(self._ids, id, self._place)

    def supports(self, astype: str) -> bool:
        """Whether `value_as` gives values of this type."""
        return astype in ("weight", "frequency") or (astype == "positions" and self._find_positions is not None)

    def value_as(self, astype: str) -> Any:
        """What the current posting holds: its weight or frequency, or the positions of the term in the field.

        Raises:
            ValueError: The field does not keep values of this type.
        """
        if not self.supports(astype):
            raise ValueError(f"field {self._term[0]!r} keeps no {astype} of its terms")
        if astype != "positions":
            return self.weight() if astype == "weight" else self._freqs[self._place]
        if self._positions is None and self._find_positions is not None:
            self._positions = self._find_positions()
        end = self._ends.item(self._place)
        return self._positions[end - self._freqs[self._place] : end].tolist()  # type: ignore[index]  # found above

    def value(self) -> Any:
        """What the current posting holds, as the field's format encodes it."""
        return self._field.format.encode(self.value_as("positions")) if self.supports("positions") else b""

    def weight(self) -> float:
        """The term's frequency in the current document."""
        return float(self._freqs[self._place])

    def score(self) -> float:
        """The score of the current document."""
        score: float = self.scorer.score(self)
        return score

    def supports_block_quality(self) -> bool:
        """No: every document is visited."""
        return False

    def max_quality(self) -> float:
        """Infinity: no document may be left out for its score."""
        return float("inf")

    def block_quality(self) -> float:
        """Infinity, as `max_quality`."""
        return float("inf")


class ArrayColumnReader(whoosh.columns.ColumnReader):  # type: ignore[misc]
    """A column as Whoosh sorts and groups by it.

    Args:
        value: Gives the sortable value of a document.
        count: Number of documents.
        negated: Whether `sort_key` counts downwards; only for numbers.
    """

    def __init__(self, value: Callable[[int], Any], count: int, *, negated: bool) -> None:
        self._value = value
        self._doccount = count
        self._negated = negated

    def __getitem__(self, document: int) -> Any:
        return self._value(document)

    def sort_key(self, document: int) -> Any:
        """The value in the order asked for."""
        return -self._value(document) if self._negated else self._value(document)

    def set_reverse(self) -> None:
        """Let `sort_key` count downwards."""
        self._negated = True


class ArrayCursor(whoosh.codec.base.FieldCursor):  # type: ignore[misc]
    """Steps through the terms of a field as text; `None` behind the last."""

    def __init__(self, reader: ArrayReader, field: str) -> None:
        self._reader = reader
        self._field = field
        self._terms = list(reader.lexicon(field))
        self._place = 0

    def first(self) -> Any:
        """Go to the first term."""
        self._place = 0
        return self.text()

    def find(self, string: str | bytes) -> Any:
        """Go to the first term that is not before *string*."""
        self._place = bisect.bisect_left(self._terms, self._reader.schema[self._field].to_bytes(string))
        return self.text()

    def next(self) -> Any:
        """Go to the next term."""
        self._place += 1
        return self.text()

    def text(self) -> Any:
        """The current term."""
        return self._reader.schema[self._field].from_bytes(self._terms[self._place]) if self.is_valid() else None

    def term_info(self) -> Any:
        """Facts about the current term."""
        return self._reader.term_info(self._field, self._terms[self._place]) if self.is_valid() else None

    def is_valid(self) -> bool:
        """Whether there is a current term."""
        return self._place < len(self._terms)


class _Shared:
    """What the readers of one snapshot share. Holds its segment, not the snapshot, so that this goes when that goes."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self.schema = whoosh_schema(segment.schema)
        self._terms: dict[str, FieldTerms] = {}
        self._infos: dict[tuple[str, int], Any] = {}

    def terms(self, field: str) -> FieldTerms:
        """The terms of *field*, made when it is first asked for."""
        if field not in self.schema:
            raise TermNotFound(f"the index has no field {field!r}; it has {', '.join(self.schema.names())}")
        found = self._terms.get(field)
        if found is None:
            found = self._terms[field] = field_terms(self.segment, field, self.schema[field])
        return found

    def lengths(self, field: str) -> Array:
        """The number of words of each document's *field*; 0 in fields that are one value."""
        if field not in TEXT_FIELDS:
            return np.zeros(len(self.segment), np.int64)
        return self.segment.field_lengths[TEXT_FIELDS.index(field) :: 2]

    def find(self, field: str, text: Any) -> int | None:
        """The number of a term that some document has in *field*, or None."""
        terms = self.terms(field)
        key = self.schema[field].to_bytes(text)
        number = terms.table.bisect(key)
        there = number < len(terms.table) and terms.table.bytes_at(number) == key
        return number if there and self.info(field, number) is not None else None

    def info(self, field: str, number: int) -> Any:
        """Facts about a term as a `whoosh.reading.TermInfo`; None where no document has it in *field*."""
        info = self._infos.get((field, number))
        if info is None:
            if len(self._infos) >= _TERM_INFOS_KEPT:
                self._infos.clear()
            info = next((info for _, info in self._block(field, number, number + 1)), None)
            self._infos[field, number] = info
        return info

    def infos(self, field: str, first: int, last: int) -> Iterator[tuple[int, Any]]:
        """Number and facts of the terms *first* to *last* that some document has in *field*."""
        for start, end in blocks(self.terms(field).offsets, first, last):
            yield from self._block(field, start, end)

    def _block(self, field: str, first: int, last: int) -> Iterator[tuple[int, Any]]:
        postings = self.terms(field).postings(first, last)
        numbers, starts = np.unique(postings.terms, return_index=True)
        if not len(numbers):
            return
        ends = np.append(starts[1:], len(postings.terms))
        lengths = self.lengths(field)[postings.documents]
        facts = (
            np.add.reduceat(postings.freqs, starts).astype(np.float64),
            ends - starts,
            np.minimum.reduceat(lengths, starts),
            np.maximum.reduceat(lengths, starts),
            np.maximum.reduceat(postings.freqs, starts).astype(np.float64),
            postings.documents[starts],
            postings.documents[ends - 1],
        )
        for number, *fact in zip(numbers.tolist(), *(array.tolist() for array in facts), strict=True):
            yield number, whoosh.reading.TermInfo(*fact)


_SHARED: WeakKeyDictionary[Snapshot, _Shared] = WeakKeyDictionary()


def _shared(snapshot: Snapshot) -> _Shared:
    found = _SHARED.get(snapshot)
    if found is None:
        found = _SHARED[snapshot] = _Shared(snapshot.segment)
    return found


class ArrayReader(whoosh.reading.IndexReader):  # type: ignore[misc]
    """One commit of an index as a `whoosh.reading.IndexReader`.

    Document numbers are those of the snapshot; lengths and frequencies are exact. Terms are bytes; methods take them as
    text, bytes, or what the field holds (a date, a number).

    Attributes:
        snapshot: The commit.
        schema: Its fields.
        is_closed: Whether `close` was called; a closed reader still reads.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.is_closed = False
        self._shared = _shared(snapshot)
        self.schema = self._shared.schema

    def __repr__(self) -> str:
        return f"<ArrayReader of commit {self.generation()}: {self.doc_count():,} documents>"

    def close(self) -> None:
        """End the use of this reader; calling it twice is no error."""
        self.is_closed = True

    def generation(self) -> int:
        """Number of the commit."""
        return self.snapshot.manifest.generation

    # -- terms

    def __contains__(self, term: tuple[str, Any]) -> bool:
        field, text = term
        return field in self.schema and self._shared.find(field, text) is not None

    def indexed_field_names(self) -> list[str]:
        """The names of all fields."""
        names: list[str] = self.schema.names()
        return names

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        """Field and bytes of every term, sorted."""
        return self.terms_from(self.indexed_field_names()[0], b"")

    def terms_from(self, fieldname: str, prefix: Any) -> Iterator[tuple[str, bytes]]:
        """Field and bytes of every term that is not before *prefix* in *fieldname*, then those of later fields."""
        return (term for term, _ in self.iter_from(fieldname, prefix))

    def iter_from(self, fieldname: str, text: Any) -> Iterator[tuple[tuple[str, bytes], Any]]:
        """`terms_from`, each with the facts about it."""
        table = self._shared.terms(fieldname).table
        yield from self._entries(fieldname, table.bisect(self._text_to_bytes(fieldname, text)), len(table))
        for later in self.indexed_field_names():
            if later > fieldname:
                yield from self._entries(later, 0, len(self._shared.terms(later).table))

    def _entries(self, field: str, first: int, last: int) -> Iterator[tuple[tuple[str, bytes], Any]]:
        bytes_at = self._shared.terms(field).table.bytes_at
        return (((field, bytes_at(number)), info) for number, info in self._shared.infos(field, first, last))

    def lexicon(self, fieldname: str) -> Iterator[bytes]:
        """The bytes of the terms of *fieldname*, sorted."""
        return self.expand_prefix(fieldname, b"")

    def expand_prefix(self, fieldname: str, prefix: Any) -> Iterator[bytes]:
        """The bytes of the terms of *fieldname* that begin with *prefix*, sorted."""
        table = self._shared.terms(fieldname).table
        key = self._text_to_bytes(fieldname, prefix)
        behind = _behind_prefix(key)
        last = len(table) if behind is None else table.bisect(behind)
        return (text for (_, text), _ in self._entries(fieldname, table.bisect(key), last))

    def terms_within(self, fieldname: str, text: str, maxdist: int, prefix: int = 0) -> Iterator[str]:
        """The terms of *fieldname* within *maxdist* edits of *text* that share its first *prefix* letters, sorted.

        An edit changes, adds or drops a letter, or swaps two neighbours. Fields of numbers and dates have none.
        """
        if isinstance(self.schema[fieldname], whoosh.fields.NUMERIC | whoosh.fields.BOOLEAN):
            return iter(())
        words = [term.decode() for term in self.expand_prefix(fieldname, text[:prefix])]
        return (word for word, distance in _near(text, words, maxdist))

    def term_info(self, fieldname: str, text: Any) -> Any:
        """Facts about a term, exact.

        Raises:
            TermNotFound: No document has it.
        """
        return self._shared.info(fieldname, self._number(fieldname, text))

    def _number(self, field: str, text: Any) -> int:
        number = self._shared.find(field, text)
        if number is None:
            raise TermNotFound(f"no document has {text!r} in its {field}")
        return number

    def frequency(self, fieldname: str, text: Any) -> float:
        """How often a term stands in all documents; 0 where none has it."""
        number = self._shared.find(fieldname, text)
        return 0 if number is None else self._shared.info(fieldname, number).weight()

    def doc_frequency(self, fieldname: str, text: Any) -> int:
        """How many documents have a term."""
        number = self._shared.find(fieldname, text)
        return 0 if number is None else self._shared.info(fieldname, number).doc_frequency()

    def cursor(self, fieldname: str) -> ArrayCursor:
        """A cursor at the first term of *fieldname*."""
        return ArrayCursor(self, fieldname)

    def corrector(self, fieldname: str) -> Any:
        """Suggests words of *fieldname* as they are written there, for title and body; for others, terms."""
        return FormCorrector(self, fieldname) if fieldname in TEXT_FIELDS else super().corrector(fieldname)

    # -- postings

    def postings(self, fieldname: str, text: Any, scorer: Any = None, **_: Any) -> ArrayMatcher:
        """The documents of a term.

        Raises:
            TermNotFound: No document has it.
        """
        number = self._number(fieldname, text)
        terms = self._shared.terms(fieldname)
        positions = (lambda: terms.positions(number)) if isinstance(terms, TextTerms) else None
        term = (fieldname, terms.table.bytes_at(number))
        return ArrayMatcher(term, self.schema[fieldname], terms.postings(number, number + 1), positions, scorer)

    def has_vector(self, docnum: int, fieldname: str) -> bool:  # noqa: ARG002
        """No: the terms of a document are found by analysing its stored text."""
        return False

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> Any:  # noqa: ARG002
        """Raise KeyError: there are no vectors."""
        raise KeyError(f"no vectors are kept of {fieldname}; analyse stored_fields({docnum})[{fieldname!r}]")

    # -- documents

    def doc_count_all(self) -> int:
        """The number of documents."""
        return len(self.snapshot)

    def doc_count(self) -> int:
        """The number of documents."""
        return len(self.snapshot)

    def has_deletions(self) -> bool:
        """No: a commit holds no deleted documents."""
        return False

    def is_deleted(self, docnum: int) -> bool:  # noqa: ARG002
        """No: a commit holds no deleted documents."""
        return False

    def all_doc_ids(self) -> Iterator[int]:
        """The numbers of all documents."""
        return iter(range(len(self.snapshot)))

    def documents_with(self, fieldname: str) -> list[int]:
        """The numbers of the documents that have a value in *fieldname*, or a word."""
        segment = self.snapshot.segment
        if fieldname in segment.columns:
            known = segment.columns[fieldname].known()
        else:
            known = self._shared.lengths(fieldname) > 0 if fieldname in TEXT_FIELDS else np.ones(len(segment), np.bool_)
        numbers: list[int] = np.flatnonzero(known).tolist()
        return numbers

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The fields of a document that have a value: days as `datetime.datetime`, several keywords as a list."""
        segment = self.snapshot.segment
        values: dict[str, Any] = segment.fields(docnum, "id") | segment.fields(docnum, "title")
        values |= {name: _stored(column[docnum]) for name, column in segment.columns.items() if name in self.schema}
        return {name: value for name, value in values.items() if value is not None and value != ""}

    # -- lengths

    def field_length(self, fieldname: str) -> int:
        """The number of words of *fieldname* in all documents."""
        return int(self._shared.lengths(fieldname).sum())

    def min_field_length(self, fieldname: str) -> int:
        """The number of words of *fieldname* in the document that has fewest."""
        return int(self._shared.lengths(fieldname).min()) if len(self.snapshot) else 0

    def max_field_length(self, fieldname: str) -> int:
        """The number of words of *fieldname* in the document that has most."""
        return int(self._shared.lengths(fieldname).max()) if len(self.snapshot) else 0

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """The number of words of *fieldname* in one document; *default* in fields that are one value."""
        return int(self._shared.lengths(fieldname)[docnum]) if fieldname in TEXT_FIELDS else default

    # -- columns

    def has_column(self, fieldname: str) -> bool:
        """Whether *fieldname* can be sorted and grouped by quickly: all but the body can."""
        return fieldname in self.schema and bool(self.schema[fieldname].column_type)

    def column_reader(
        self,
        fieldname: str,
        column: Any = None,  # noqa: ARG002  # Whoosh's signature
        reverse: bool = False,
        translate: bool = True,
    ) -> Any:
        """The column of *fieldname*, of several keywords the first.

        Where a document has no value this is None (of keywords, the empty string), and sorts behind all numbers.

        Raises:
            KeyError: It has none.
        """
        if not self.has_column(fieldname):
            raise KeyError(f"field {fieldname!r} has no column")
        field = self.schema[fieldname]
        reader = ArrayColumnReader(self._sortable(fieldname, field), len(self.snapshot), negated=reverse)
        return whoosh.columns.TranslatingColumnReader(reader, field.from_column_value) if translate else reader

    def _sortable(self, fieldname: str, field: Any) -> Callable[[int], Any]:
        """The function from a document to its value as Whoosh sorts it."""
        segment = self.snapshot.segment
        if fieldname == "id":
            return segment.ids.bytes_at
        if fieldname == "title":
            return lambda document: segment.texts[document][0].encode()
        column = segment.columns[fieldname]
        if isinstance(column, KeywordColumn):
            return lambda document: _first(column[document]).encode()

        def number(document: int) -> int:
            value = column[document]
            return MISSING if value is None else int(field.to_column_value(value))

        return number


class FormCorrector(whoosh.spelling.Corrector):  # type: ignore[misc]
    """Suggests words as they are written in a text field, by distance, then by frequency.

    Each is a `Word`, a string that carries its terms, so that a corrected query finds what it shows.
    """

    def __init__(self, reader: ArrayReader, field: str) -> None:
        self._snapshot = reader.snapshot
        self._parity = TEXT_FIELDS.index(field)

    def _suggestions(self, text: str, maxdist: int, prefix: int) -> Iterator[tuple[float, str]]:
        segment, folded = self._snapshot.segment, fold(text)
        first, last = segment.forms.prefix_range(folded[:prefix])
        numbers = dict(zip(segment.forms.take(np.arange(first, last)), range(first, last), strict=True))
        for form, distance in _near(folded, list(numbers), maxdist):
            number = numbers[form]
            if form != folded and self._stands_here(number):
                terms = segment.form_terms[segment.form_term_offsets[number] : segment.form_term_offsets[number + 1]]
                score = -(distance + 0.5 / max(1, segment.form_counts.item(number)))
                yield score, Word(form, [segment.terms[term] for term in terms.tolist()])

    def _stands_here(self, form: int) -> bool:
        fields = self._snapshot.segment.fields_of(self._snapshot.segment.form_positions(form))
        return bool(((fields & 1) == self._parity).any())


def _near(text: str, words: Iterable[str], maxdist: int) -> Iterator[tuple[str, int]]:
    """The words within *maxdist* edits of *text*, each with its distance."""
    candidates = [word for word in words if abs(len(word) - len(text)) <= maxdist]
    distances: list[int] = edit_distances(text, candidates).tolist()
    return ((word, distance) for word, distance in zip(candidates, distances, strict=True) if distance <= maxdist)


def _behind_prefix(prefix: bytes) -> bytes | None:
    """The least bytes behind all that begin with *prefix*; None where nothing is.

    Example:
        >>> _behind_prefix(b"ab"), _behind_prefix(b"a" + bytes([255])), _behind_prefix(b"")
        (b'ac', b'b', None)
    """
    head = prefix.rstrip(b"\xff")
    return head[:-1] + bytes([head[-1] + 1]) if head else None


def _stored(value: Any) -> Any:
    if isinstance(value, dt.date):
        return midnight(value)
    return list(value) if isinstance(value, tuple) else value


def _first(value: Any) -> str:
    """A keyword, the first of several, or the empty string."""
    return "" if value is None else value if isinstance(value, str) else value[0]


__all__ = ["ArrayColumnReader", "ArrayCursor", "ArrayMatcher", "ArrayReader", "FormCorrector"]
