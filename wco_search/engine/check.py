"""Whether the arrays of a commit fit each other: what `Index.check` verifies beside the checksums of files."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from wco_search.documents import FieldKind, MetadataSchema
from wco_search.engine.array_files import Arrays
from wco_search.engine.columns import KeywordColumn, NumberColumn
from wco_search.engine.manifest import Manifest, SegmentFiles
from wco_search.engine.postings import STATISTICS, derive_postings, mean_lengths
from wco_search.engine.segment import FIELD_GAP, NAMED, Segment, array_types, column_kinds, name_arrays, narrowed
from wco_search.engine.signatures import forms_of_segment, signatures_of
from wco_search.engine.strings import Array, StringTable, narrow
from wco_search.engine.texts import TextStore
from wco_search.errors import CorruptIndexError

Read = Callable[[str], tuple[Arrays, Sequence[str]]]
"""The arrays of a file of a commit that are what its manifest says, and what is wrong with the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """A segment of a commit, of which every byte was looked at.

    Attributes:
        files: Its files.
        arrays: Those of its arrays that fit their checksums.
        deleted: The numbers of its deleted documents; None where they cannot be read.
        problems: What is wrong, one line each.
        is_whole: Whether all arrays are there and fit each other. There may be problems all the same, with bytes
            between the arrays or behind them.
    """

    files: SegmentFiles
    arrays: Arrays
    deleted: Array | None
    problems: tuple[str, ...]
    is_whole: bool

    def live_ids(self) -> frozenset[str] | None:
        """The ids of its documents, without the deleted ones as far as these are known; None where unreadable."""
        try:
            ids = StringTable(self.arrays["ids.blob"], self.arrays["ids.offsets"])
        except KeyError:
            return None
        if _table_problem(ids):
            return None
        deleted = set() if self.deleted is None else set(self.deleted.tolist())
        return frozenset(ids[number] for number in range(len(ids)) if number not in deleted)


def examine(read: Read, files: SegmentFiles, schema: MetadataSchema, means: Mapping[str, float]) -> Examined:
    """Look at every byte of a segment; *means* are the mean lengths of its commit. Never raises for damage."""
    arrays, found = read(files.arrays)
    problems = list(found)
    missing = array_types(schema).keys() - arrays.keys()
    rules = list(_broken_rules(arrays, schema, means)) if not missing else []
    if missing and not found:
        rules = [f"there is no array {min(missing)}"]
    problems += [f"{files.arrays}: {rule}" for rule in rules]
    deleted: Array | None = np.zeros(0, np.int64)
    if files.deleted is not None:
        lists, lacking = read(files.deleted)
        problems += lacking
        deleted = lists.get("deleted")
        broken = None if deleted is None or missing else deletion_problem(deleted, len(arrays["texts.title_sizes"]))
        if broken:
            problems.append(f"{files.deleted}: {broken}")
            deleted = None
    return Examined(files, arrays, deleted, tuple(problems), not (missing or rules or deleted is None))


def _broken_rules(arrays: Arrays, schema: MetadataSchema, means: Mapping[str, float]) -> Iterator[str]:
    return segment_problems(Segment(arrays, schema), means)


def segment_problems(segment: Segment, means: Mapping[str, float] | None = None) -> Iterator[str]:
    """The first rule of the layout that *segment* breaks, if any: each rests on those before it.

    *means* are the mean lengths that its impacts are for; those of the segment itself where None.
    """
    for name, array in segment.arrays.items():
        if problem := _type_problem(name, array, segment.schema):
            yield f"{name}: {problem}"
            return
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
        "terms are sorted": lambda s: _is_sorted(s.terms),
        "forms are sorted": lambda s: _is_sorted(s.forms),
        "fields follow each other with a gap": _fields_follow,
        "every form has terms, each once": _forms_have_terms,
        "every term has postings, and every posting a form": _postings_fit,
        "positions ascend within a term": _positions_ascend,
        "positions lie in the fields": _positions_lie_in_fields,
        "every position of a field has a posting": _positions_are_filled,
        "every form stands as often as is counted, for each of its terms": _forms_are_counted,
    }
    for rule, holds in rules.items():
        if not holds(segment):
            yield f"not so: {rule}"
            return
    columns = [(name, segment.columns[name], kind) for name, (_, kind) in column_kinds(segment.schema).items()]
    for name, column, kind in [*columns, *((NAMED[name], one, one.kind) for name, one in segment.named.items())]:
        if problem := _column_problem(column, kind, len(segment)):
            yield f"column {name}: {problem}"
            return
    derived = derive_postings(
        segment.positions, segment.term_offsets, segment.field_starts, segment.field_lengths,
        mean_lengths(segment.field_lengths) if means is None else means,
    )  # fmt: skip
    derived["signatures"] = signatures_of(forms_of_segment(segment), segment.forms, segment.field_starts)
    for name, array in derived.items():
        if not np.array_equal(array, segment.arrays[name]):
            yield f"{name} does not follow from the positions"
            return
    for name, array in narrowed(name_arrays(segment.forms)).items():
        if not np.array_equal(array, segment.arrays[name]):
            yield f"{name} does not follow from the forms"
            return


def deletion_problem(deleted: Array, documents: int) -> str | None:
    """What is wrong with the numbers of deleted documents of a segment of so many *documents*, if anything."""
    if deleted.dtype.kind not in "iu":
        return f"deleted: of type {deleted.dtype}, not whole numbers"
    numbers = deleted.astype(np.int64)
    if np.any(np.diff(numbers) <= 0):
        return "deleted: numbers do not ascend"
    inside = (numbers >= 0) & (numbers < documents)
    return None if np.all(inside) else f"deleted: number {numbers[~inside][0]} is that of no document"


def commit_problems(manifest: Manifest, segments: Iterable[Examined]) -> Iterator[str]:
    """What is wrong with a commit of *segments*, themselves aside: its statistics, ids that several documents have."""
    yield from statistics_problems(manifest)
    seen: set[str] = set()
    for one in segments:
        ids = one.live_ids() or frozenset()
        if twice := seen & ids:
            yield f"{one.files.arrays}: id {min(twice)!r} is that of a document of another segment"
        seen |= ids


def statistics_problems(manifest: Manifest) -> Iterator[str]:
    """What is wrong with the numbers that scores of a commit depend on: none is missing, all are above zero."""
    if not (manifest.segments or manifest.statistics):
        return
    for name in STATISTICS:
        value = manifest.statistics.get(name)
        if not (isinstance(value, int | float) and math.isfinite(value) and value >= 0):
            yield f"statistics: {name} is {value!r}"


def _type_problem(name: str, array: Array, schema: MetadataSchema) -> str | None:
    types = array_types(schema)
    if name not in types:
        return "no array of a segment has that name"
    kind = types[name]
    if kind is None and array.dtype.kind != "u":
        return f"of type {array.dtype}, not an unsigned one"
    expected = narrow(array).dtype if kind is None else np.dtype(kind)
    return None if array.dtype == expected else f"of type {array.dtype}, not {expected}"


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


def _fields_follow(segment: Segment) -> bool:
    return bool(segment.field_starts[0] == 0 and np.all(_steps(segment.field_starts) >= FIELD_GAP))


def _is_sorted(table: StringTable) -> bool:
    strings = list(table)
    return all(before < after for before, after in pairwise(strings))


def _postings_fit(segment: Segment) -> bool:
    offsets = segment.term_offsets
    if not (len(offsets) == len(segment.terms) + 1 and _cuts(offsets, segment.positions)):
        return False
    counts = np.diff(offsets).astype(np.int64)
    if np.any(counts == 0) or segment.packing.offsets[-1] != len(segment.form_ordinals):
        return False
    forms, ordinals = np.repeat(np.diff(segment.slots.starts), counts), segment.ordinals(0, len(segment.terms))
    return bool(np.all(ordinals < forms)) and np.array_equal(segment.packing.pack(ordinals), segment.form_ordinals)


def _forms_are_counted(segment: Segment) -> bool:
    slots = np.repeat(segment.slots.starts[:-1], np.diff(segment.term_offsets))
    slots += segment.ordinals(0, len(segment.terms))
    counts = np.bincount(slots, minlength=len(segment.form_terms))[segment.slots.of_entry]
    expected = np.repeat(segment.form_counts, np.diff(segment.form_term_offsets))
    return bool(np.array_equal(counts, expected) and np.all(expected > 0))


def _term_of_posting(segment: Segment) -> Array:
    return np.repeat(np.arange(len(segment.terms)), np.diff(segment.term_offsets))


def _positions_ascend(segment: Segment) -> bool:
    """Where several forms of a term stand at one position, these ascend."""
    term_of, steps = _term_of_posting(segment), _steps(segment.positions)
    forms_ascend = _steps(segment.ordinals(0, len(segment.terms))) > 0
    return bool(np.all((steps > 0) | ((steps == 0) & forms_ascend) | (np.diff(term_of) != 0)))


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
        and _are_distinct(offsets, segment.form_terms)
    )


def _are_distinct(offsets: Array, numbers: Array) -> bool:
    """Whether no number stands twice between two of *offsets*."""
    owners = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    pairs = np.stack([owners, numbers.astype(np.int64)])
    return bool(np.unique(pairs, axis=1).shape == pairs.shape)


def _column_problem(column: NumberColumn | KeywordColumn, kind: FieldKind, size: int) -> str | None:
    if isinstance(column, NumberColumn):
        if not len(column.values) == len(column.present) == size:
            return "there is not one value for each document"
        if np.any(column.present.view(np.uint8) > 1):
            return "present is neither true nor false"
        if kind == "boolean" and np.any(column.values.view(np.uint8) > 1):
            return "a value is neither true nor false"
        known = column.values[column.present]
        is_day = (known >= dt.date.min.toordinal()) & (known <= dt.date.max.toordinal())
        return "a value is no day" if kind == "date" and not np.all(is_day) else None
    if problem := _table_problem(column.words):
        return problem
    if not _is_sorted(column.words):
        return "words are not sorted"
    if len(column.starts) != size + 1 or not _cuts(column.starts, column.codes):
        return "starts do not cut the codes"
    if np.any(column.codes >= len(column.words)):
        return "a code is that of no word"
    return "a document has several words" if kind == "keyword" and np.any(_steps(column.starts) > 1) else None
