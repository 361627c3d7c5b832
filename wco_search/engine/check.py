"""Whether the arrays of a segment fit each other: what `Index.check` verifies beside the checksums of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import numpy as np

from wco_search.engine.postings import derive_postings, mean_lengths
from wco_search.engine.segment import FIELD_GAP, Segment
from wco_search.engine.strings import Array, StringTable
from wco_search.engine.texts import TextStore
from wco_search.errors import CorruptIndexError


def segment_problems(segment: Segment, means: Mapping[str, float] | None = None) -> Iterator[str]:
    """The first rule of the layout that *segment* breaks, if any: each rests on those before it.

    *means* are the mean lengths that its impacts are for; those of the segment itself where None.
    """
    for name in ("ids", "terms", "forms"):
        if problem := _table_problem(getattr(segment, name)):
            yield f"{name}: {problem}"
            return
    if problem := _texts_problem(segment.texts):
        yield f"texts: {problem}"
        return
    rules: dict[str, Callable[[Segment], bool]] = {
        "texts and fields belong to the documents": _fields_fit,
        "ids are distinct and id_order sorts them": _ids_are_sorted,
        "terms and forms are sorted": lambda s: _is_sorted(s.terms) and _is_sorted(s.forms),
        "fields follow each other with a gap": lambda s: bool(np.all(_steps(s.field_starts) >= FIELD_GAP)),
        "every form has terms": _forms_have_terms,
        "every term has postings, and every posting a form": _postings_fit,
        "positions ascend within a term": _positions_ascend,
        "positions lie in the fields": _positions_lie_in_fields,
        "every position of a field has a posting": _positions_are_filled,
        "every form stands as often as is counted, for each of its terms": _forms_are_counted,
        "columns belong to the documents": _columns_fit,
    }
    for rule, holds in rules.items():
        if not holds(segment):
            yield f"not so: {rule}"
            return
    derived = derive_postings(
        segment.positions, segment.term_offsets, segment.field_starts, segment.field_lengths,
        mean_lengths(segment.field_lengths) if means is None else means,
    )  # fmt: skip
    for name, array in derived.items():
        if not np.array_equal(array, segment.arrays[name]):
            yield f"{name} does not follow from the positions"
            return


def _table_problem(table: StringTable) -> str | None:
    offsets, blob = table.offsets, table.blob
    if not _cuts(offsets, blob):
        return "offsets do not cut the text"
    try:
        blob.tobytes().decode()
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start}"
    inside_a_character = (blob[offsets[offsets < len(blob)]] & 0xC0) == 0x80
    return "a string is cut inside a character" if np.any(inside_a_character) else None


def _steps(numbers: Array) -> Array:
    """From each number to the next; those of a segment are unsigned, which cannot tell a step down."""
    return np.diff(numbers.astype(np.int64))


def _cuts(offsets: Array, blob: Array) -> bool:
    return bool(len(offsets) and offsets[0] == 0 and np.all(_steps(offsets) >= 0) and offsets[-1] == len(blob))


def _texts_problem(texts: TextStore) -> str | None:
    if not len(texts.title_sizes) == len(texts.body_sizes) == len(texts.offsets) - 1:
        return "there are not two sizes for each text"
    if not _cuts(texts.offsets, texts.blob):
        return "offsets do not cut the frames"
    for number in range(len(texts)):
        try:
            texts[number]
        except CorruptIndexError as error:
            return error.detail
    return None


def _fields_fit(segment: Segment) -> bool:
    size = len(segment)
    return len(segment.texts) == size and len(segment.field_starts) == 2 * size + 1


def _ids_are_sorted(segment: Segment) -> bool:
    order = segment.arrays["id_order"]
    if not np.array_equal(np.sort(order), np.arange(len(segment))):
        return False
    ids = [segment.ids.bytes_at(number) for number in order.tolist()]
    return all(before < after for before, after in pairwise(ids))


def _is_sorted(table: StringTable) -> bool:
    strings = list(table)
    return all(before < after for before, after in pairwise(strings))


def _postings_fit(segment: Segment) -> bool:
    offsets = segment.term_offsets
    if not (len(offsets) == len(segment.terms) + 1 and _cuts(offsets, segment.positions)):
        return False
    counts = np.diff(offsets).astype(np.int64)
    if np.any(counts == 0) or int((counts * segment.ordinal_widths).sum()) != len(segment.form_ordinals):
        return False
    forms = np.repeat(np.diff(segment.slots.starts), counts)
    return bool(np.all(segment.ordinals(0, len(segment.terms)) < forms))


def _forms_are_counted(segment: Segment) -> bool:
    slots = np.repeat(segment.slots.starts[:-1], np.diff(segment.term_offsets))
    slots += segment.ordinals(0, len(segment.terms))
    counts = np.bincount(slots, minlength=len(segment.form_terms))[segment.slots.of_entry]
    expected = np.repeat(segment.form_counts, np.diff(segment.form_term_offsets))
    return bool(np.array_equal(counts, expected) and np.all(expected > 0))


def _term_of_posting(segment: Segment) -> Array:
    return np.repeat(np.arange(len(segment.terms)), np.diff(segment.term_offsets))


def _positions_ascend(segment: Segment) -> bool:
    term_of = _term_of_posting(segment)
    steps = np.diff(segment.positions.astype(np.int64))
    return bool(np.all((steps >= 0) | (np.diff(term_of) != 0)))


def _positions_lie_in_fields(segment: Segment) -> bool:
    positions = segment.positions.astype(np.int64)
    fields = segment.fields_of(positions)
    inside = positions < segment.field_starts[np.clip(fields + 1, 0, len(segment.field_starts) - 1)] - FIELD_GAP
    return bool(np.all(inside))


def _positions_are_filled(segment: Segment) -> bool:
    return len(np.unique(segment.positions)) == int(segment.field_lengths.sum())


def _forms_have_terms(segment: Segment) -> bool:
    offsets = segment.form_term_offsets
    return (
        len(offsets) == len(segment.forms) + 1 == len(segment.form_counts) + 1
        and _cuts(offsets, segment.form_terms)
        and bool(np.all(_steps(offsets) > 0))
        and bool(np.all(segment.form_terms < len(segment.terms)))
    )


def _columns_fit(segment: Segment) -> bool:
    return all(len(column.known()) == len(segment) for column in segment.columns.values())
