"""Several segments to one, array by array: nothing is analysed again, and only names by their sound are sorted again.

Documents of a later part have later positions, so the postings of a term are those of the parts, one behind the other.
Each array of postings is therefore copied once, every value to a place that is worked out for a million postings at a
time: beside the result, a merge holds little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np

from wco_search.documents import MetadataSchema
from wco_search.engine import loops
from wco_search.engine.array_files import drop_pages, room_for
from wco_search.engine.columns import concatenate_columns
from wco_search.engine.packing import Packing
from wco_search.engine.postings import (
    FIELDS,
    FieldTable,
    Means,
    derive_bounds,
    document_impacts,
    field_norms,
    mean_lengths,
)
from wco_search.engine.segment import (
    FIELD_GAP,
    MAX_POSITIONS,
    NAMED,
    Segment,
    Slots,
    column_kinds,
    narrowed,
)
from wco_search.engine.strings import Array, StringTable, blocks, concatenate, ragged_ranges
from wco_search.engine.texts import TextStore


@dataclass(frozen=True, slots=True)
class Part:
    """A segment and what is known of it.

    Attributes:
        segment: The segment.
        live: Which of its documents to keep; all where it is None.
        means: The mean lengths that its impacts are worked out for; None where that is not known.
    """

    segment: Segment
    live: Array | None = None
    means: Means = None

    def documents(self) -> Array:
        """The numbers of the documents to keep."""
        return np.arange(len(self.segment)) if self.live is None else np.flatnonzero(self.live)


def merge_segments(
    parts: Sequence[Part],
    schema: MetadataSchema,
    means: Means = None,
    scratch: Path | None = None,
    *,
    with_names: bool = True,
) -> dict[str, Array]:
    """The arrays of one segment of the kept documents of *parts*, in order.

    Equal to what `build_segment` makes of the same documents and the dictionary of their texts; *means* and
    *with_names* as there. Large arrays are files in the folder *scratch*, if there is one (`array_files.room_for`).
    """
    ids = concatenate(part.segment.ids.take(part.documents()) for part in parts)
    texts = TextStore.concatenated([(part.segment.texts, part.documents()) for part in parts], scratch).arrays()
    for part in parts:
        drop_pages(part.segment.arrays.values())
    arrays: dict[str, Array] = {
        "ids.blob": ids.blob,
        "ids.offsets": ids.offsets,
        "id_order": _id_order(parts, ids),
        **texts,
    }
    arrays["signatures"] = np.concatenate(
        [np.zeros(0, np.uint8), *(part.segment.signatures[part.documents()].ravel() for part in parts)]
    )
    kept = [(part.segment, part.documents()) for part in parts]
    for name, (files, _) in column_kinds(schema).items():
        column = concatenate_columns([segment.columns[name].take(own) for segment, own in kept])
        arrays |= {f"{files}.{part}": array for part, array in column.arrays().items()}
    for name, files in NAMED.items():
        column = concatenate_columns([segment.named[name].take(own) for segment, own in kept])
        arrays |= {f"{files}.{part}": array for part, array in column.arrays().items()}
    merged = Segment(narrowed(arrays | _merged_words(parts, means, scratch)), schema)
    drop_pages(merged.arrays.values())
    return dict(merged.complete_arrays() if with_names else merged.arrays)


def _id_order(parts: Sequence[Part], ids: StringTable) -> Array:
    """The numbers of *ids* in the order of their bytes."""
    runs, first = [], 0
    for part in parts:
        order, documents = part.segment.arrays["id_order"], part.documents()
        number = np.full(len(part.segment), -1, np.int64)
        number[documents] = np.arange(first, first + len(documents))
        runs.append(number[order][number[order] >= 0])
        first += len(documents)
    keys = ids.encoded()
    return np.array(sorted(np.concatenate(runs).tolist(), key=keys.__getitem__), np.int64)  # merges what is sorted


@dataclass(frozen=True, slots=True)
class _Block:
    """Values of the kept postings (or documents) of terms number `first` on, and how many each of these terms has."""

    first: int
    counts: Array
    values: tuple[Array, Array]


class _Source:
    """What a merge takes from one part: its postings with new positions, its documents with new numbers.

    Attributes:
        segment: The part's segment.
        means: The mean lengths that its impacts are worked out for.
        documents_kept: How many documents it has in the merged segment.
        number: The new number of each document, -1 where it is not kept; None where all are.
        first: The new number of the first document.
        shifts: What to add to the positions of each document; one number where all documents are kept.
    """

    def __init__(self, part: Part, first: int, starts: Array) -> None:
        self.segment = part.segment
        self.means = part.means
        self.documents_kept = len(part.documents())
        self.first = first
        old = part.segment.field_starts.astype(np.int64)
        self.number: Array | None = None
        self.shifts = starts[2 * first] - old[0]
        if part.live is not None:
            documents = part.documents()
            self.number = np.full(len(part.segment), -1, np.int64)
            self.number[documents] = np.arange(first, first + len(documents))
            self.shifts = np.zeros(len(part.segment), np.int64)
            self.shifts[documents] = starts[2 * self.number[documents]] - old[2 * documents]

    @cached_property
    def term_counts(self) -> Array:
        """How many postings of each term are kept."""
        offsets = self.segment.term_offsets
        if self._kept is None:
            return np.diff(offsets).astype(np.int64)
        return np.diff(np.concatenate([[0], np.cumsum(self._kept)])[offsets])

    @cached_property
    def form_counts(self) -> Array:
        """At how many kept places each form stands."""
        if self._kept is None:
            return self.segment.form_counts.astype(np.int64)
        slots, counts = self.segment.slots, np.zeros(len(self.segment.slots.forms), np.int64)
        for first, last in self._ranges():
            place = self._place(first, last)
            counts += np.bincount(self._slots(first, last)[self._kept[place]], minlength=len(counts))
        return counts[slots.of_entry[self.segment.form_term_offsets[:-1]]]  # the first of its terms has all its places

    def postings(self, ordinals: Array) -> Iterator[_Block]:
        """New positions and ordinals of forms; *ordinals* are those of each slot."""
        for first, last in self._ranges():
            place = self._place(first, last)
            positions = self.segment.positions[place].astype(np.int64)
            found = ordinals[self._slots(first, last)]
            if self._kept is None:
                positions += self.shifts
            else:
                kept = self._kept[place]
                positions, found = positions[kept], found[kept]
                positions += self.shifts[self._fields.fields_of(positions) >> 1]
            yield _Block(first, self.term_counts[first:last], (positions, found))

    def documents(self, means: Mapping[str, float]) -> Iterator[_Block]:
        """New numbers of documents, and impacts for *means*."""
        is_known = self.means is not None and _of_fields(self.means) == _of_fields(means)
        norms = np.zeros(0) if is_known else field_norms(self.segment.field_lengths, means)
        for first, last in self._ranges():
            offsets = self.segment.doc_offsets[first : last + 1].astype(np.int64)
            docs = self.segment.docs[offsets[0] : offsets[-1]]
            if is_known:
                impacts = self.segment.impacts[offsets[0] : offsets[-1]]
            else:
                positions = self.segment.positions[self._place(first, last)]
                counts = np.diff(self.segment.term_offsets[first : last + 1])
                _, _, impacts = document_impacts(positions, counts, self._fields, norms)
            if self.number is None:
                yield _Block(first, np.diff(offsets), (docs + np.int32(self.first), impacts))
            else:
                numbers = self.number[docs]
                kept = numbers >= 0
                counts = np.diff(np.concatenate([[0], np.cumsum(kept)])[offsets - offsets[0]])
                yield _Block(first, counts, (numbers[kept], impacts[kept]))

    def document_counts(self) -> Array:
        """How many kept documents have each term."""
        offsets = self.segment.doc_offsets
        if self.number is None:
            return np.diff(offsets).astype(np.int64)
        return np.diff(np.concatenate([[0], np.cumsum(self.number[self.segment.docs] >= 0)])[offsets])

    @cached_property
    def _fields(self) -> FieldTable:
        return FieldTable.of(self.segment.field_starts)

    @cached_property
    def _kept(self) -> Array | None:
        """Whether each posting is of a kept document; None where all are."""
        if self.number is None:
            return None
        places = (self._place(first, last) for first, last in self._ranges())
        fields = (self._fields.fields_of(self.segment.positions[place]) for place in places)
        return np.concatenate([np.zeros(0, np.bool_), *(self.number[field >> 1] >= 0 for field in fields)])

    def _ranges(self) -> Iterator[tuple[int, int]]:
        return blocks(self.segment.term_offsets, 0, len(self.segment.terms))

    def _place(self, first: int, last: int) -> slice:
        return slice(self.segment.term_offsets.item(first), self.segment.term_offsets.item(last))

    def _slots(self, first: int, last: int) -> Array:
        """The slot of each posting of some terms."""
        counts = np.diff(self.segment.term_offsets[first : last + 1])
        return np.repeat(self.segment.slots.starts[first:last], counts) + self.segment.ordinals(first, last)


def _of_fields(means: Mapping[str, float]) -> list[float | None]:
    return [means.get(f"mean_{name}_length") for name in FIELDS]


def _merged_words(parts: Sequence[Part], means: Means, scratch: Path | None) -> dict[str, Array]:
    """Everything about the words of the documents."""
    starts = _field_starts(parts)
    lengths = np.diff(starts) - FIELD_GAP
    known = mean_lengths(lengths) if means is None else means
    firsts = np.cumsum([0, *(len(part.documents()) for part in parts)]).tolist()
    sources = [_Source(part, first, starts) for part, first in zip(parts, firsts, strict=False)]
    forms, form_maps = _union([(source.segment.forms, source.form_counts > 0) for source in sources])
    terms, term_maps = _union([(source.segment.terms, source.term_counts > 0) for source in sources])
    form_term_offsets, form_terms = _form_terms(sources, form_maps, term_maps, len(forms))
    form_counts = np.zeros(len(forms), np.int64)
    for source, form_map in zip(sources, form_maps, strict=True):
        used = form_map >= 0
        form_counts[form_map[used]] += source.form_counts[used]
    slots = Slots.of(form_term_offsets, form_terms, len(terms))
    term_offsets, form_ordinals, positions = _merged_postings(sources, form_maps, term_maps, slots, form_terms, scratch)
    return {
        "field_starts": starts,
        "forms.blob": forms.blob,
        "forms.offsets": forms.offsets,
        "form_counts": form_counts,
        "form_term_offsets": form_term_offsets,
        "form_terms": form_terms,
        "terms.blob": terms.blob,
        "terms.offsets": terms.offsets,
        "term_offsets": term_offsets,
        "positions": positions,
        "form_ordinals": form_ordinals,
        **derive_bounds(*_merged_documents(sources, term_maps, len(terms), known, scratch), len(lengths) // 2),
    }


def _field_starts(parts: Sequence[Part]) -> Array:
    widths = []
    for part in parts:
        documents = part.documents()
        own = np.diff(part.segment.field_starts).astype(np.int64)
        widths.append(own[np.stack([2 * documents, 2 * documents + 1], axis=1).ravel()])
    starts = np.concatenate([[0], *widths]).astype(np.int64)
    np.cumsum(starts, out=starts)
    if starts[-1] > MAX_POSITIONS:
        raise ValueError(f"{starts[-1]} words are more than one segment holds ({MAX_POSITIONS}); split the archive")
    return starts


def _union(tables: Sequence[tuple[StringTable, Array]]) -> tuple[StringTable, list[Array]]:
    """The used strings of some sorted tables as one; for each table the new number of each string, -1 if not used."""
    used = [
        (table.take(np.flatnonzero(mask)).encoded() if not mask.all() else table.encoded()) for table, mask in tables
    ]
    merged = dict.fromkeys(sorted(chain.from_iterable(used)))  # sorting merges the runs that are sorted already
    numbers = dict(zip(merged, range(len(merged)), strict=True))
    maps = []
    for (table, mask), own in zip(tables, used, strict=True):
        new = np.full(len(table), -1, np.int64)
        new[mask] = np.fromiter(map(numbers.__getitem__, own), np.int64, len(own))
        maps.append(new)
    return StringTable.of_bytes(merged), maps


def _form_terms(
    sources: Sequence[_Source], form_maps: Sequence[Array], term_maps: Sequence[Array], forms: int
) -> tuple[Array, Array]:
    """`form_term_offsets` and `form_terms`: all parts tell the same of a form, as one analyzer made them."""
    sizes = np.zeros(forms, np.int64)
    owner = np.zeros(forms, np.int64)
    for number, (source, form_map) in enumerate(zip(sources, form_maps, strict=True)):
        used = form_map >= 0
        sizes[form_map[used]] = np.diff(source.segment.form_term_offsets)[used]
        owner[form_map[used]] = number
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    flat = np.empty(offsets[-1], np.int64)
    for number, (source, form_map, term_map) in enumerate(zip(sources, form_maps, term_maps, strict=True)):
        old = np.flatnonzero(form_map >= 0)
        old = old[owner[form_map[old]] == number]
        new = form_map[old]
        entries = ragged_ranges(source.segment.form_term_offsets[old], sizes[new])
        flat[ragged_ranges(offsets[new], sizes[new])] = term_map[source.segment.form_terms[entries]]
    return offsets, flat


def _merged_postings(
    sources: Sequence[_Source],
    form_maps: Sequence[Array],
    term_maps: Sequence[Array],
    slots: Slots,
    form_terms: Array,
    scratch: Path | None,
) -> tuple[Array, Array, Array]:
    """`term_offsets`, `form_ordinals` and `positions`."""
    terms, forms = len(slots.starts) - 1, int(slots.forms.max(initial=0)) + 1
    offsets, begins = _layout([source.term_counts for source in sources], term_maps, terms)
    positions = room_for(offsets.item(-1), np.uint32, scratch)
    most_forms = int(np.diff(slots.starts).max(initial=1))
    ordinals = room_for(len(positions), np.min_scalar_type(most_forms - 1), scratch)
    keys = np.repeat(np.arange(terms), np.diff(slots.starts)) * forms + slots.forms
    for source, form_map, term_map, begin in zip(sources, form_maps, term_maps, begins, strict=True):
        old = source.segment.slots
        new_terms = np.repeat(term_map, np.diff(old.starts))
        places = np.searchsorted(keys, new_terms * forms + form_map[old.forms])
        own = (places - slots.starts[new_terms]).astype(ordinals.dtype)  # meaningless where a term has gone, never used
        for block in source.postings(own):
            for into, values in zip((positions, ordinals), block.values, strict=True):
                place_runs(into, values, begin[block.first : block.first + len(block.counts)], block.counts)
            drop_pages([positions, ordinals, *source.segment.arrays.values()])
    return offsets, Packing.of(offsets, form_terms).pack(ordinals), positions


def _merged_documents(
    sources: Sequence[_Source], term_maps: Sequence[Array], terms: int, means: Mapping[str, float], scratch: Path | None
) -> tuple[Array, Array, Array]:
    """`doc_offsets`, `docs` and `impacts`."""
    offsets, begins = _layout([source.document_counts() for source in sources], term_maps, terms)
    documents = sum(source.documents_kept for source in sources)
    docs = room_for(offsets.item(-1), np.min_scalar_type(max(documents - 1, 0)), scratch)
    impacts = room_for(offsets.item(-1), np.float32, scratch)
    for source, begin in zip(sources, begins, strict=True):
        for block in source.documents(means):
            for into, values in zip((docs, impacts), block.values, strict=True):
                place_runs(into, values, begin[block.first : block.first + len(block.counts)], block.counts)
            drop_pages([docs, impacts, *source.segment.arrays.values()])
    return offsets, docs, impacts


def _layout(counts: Sequence[Array], maps: Sequence[Array], terms: int) -> tuple[Array, list[Array]]:
    """Where the entries of each new term start, and for each part where those of each of its terms go."""
    totals = np.zeros(terms, np.int64)
    before = []
    for own, new in zip(counts, maps, strict=True):
        used = new >= 0
        before.append(np.where(used, totals[new], 0) if terms else np.zeros(len(new), np.int64))
        totals[new[used]] += own[used]
    offsets = np.concatenate([[0], np.cumsum(totals)])
    return offsets, [offsets[new] + shift for new, shift in zip(maps, before, strict=True)]


def place_runs(into: Array, values: Array, begins: Array, counts: Array) -> None:
    """Copy runs of *counts* of the *values*, one after the other, to where each begins in *into*.

    Example:
        >>> into = np.zeros(5, np.uint8)
        >>> place_runs(into, np.array([1, 2, 3], np.uint8), np.array([3, 0]), np.array([2, 1]))
        >>> into.tolist()
        [3, 0, 0, 1, 2]
    """
    if loops.COMPILED:
        loops.compiled.place_runs(into, np.ascontiguousarray(values, into.dtype), begins, counts)
    else:
        into[ragged_ranges(begins, counts)] = values
