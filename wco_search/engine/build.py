"""Documents to the arrays of a segment.

Work goes by types, not by tokens: each distinct run of letters is cut once and each distinct form analysed once; what
remains for every token is a number in an array.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

import numpy as np

from wco_search import compiled
from wco_search.analysis import Analyzer
from wco_search.analysis.batch import Runs, find_runs
from wco_search.analysis.tokenizer import CHUNK, ordinary_forms, placed_forms
from wco_search.documents import Document, MetadataSchema, MetadataValue
from wco_search.engine import loops
from wco_search.engine.columns import build_column
from wco_search.engine.mentions import Places, named_arrays
from wco_search.engine.packing import Packing
from wco_search.engine.postings import Means, derive_postings, mean_lengths
from wco_search.engine.segment import (
    FIELD_GAP,
    MAX_POSITIONS,
    OWN_COLUMNS,
    Segment,
    column_kinds,
    id_order,
    narrowed,
    ordinals_of_forms,
)
from wco_search.engine.signatures import forms_at, signatures_of
from wco_search.engine.strings import Array, StringTable, ragged_ranges
from wco_search.engine.texts import TextStore


class _Numbering(dict[str, int]):
    """Numbers for strings in order of first appearance."""

    def __missing__(self, string: str) -> int:
        number = self[string] = len(self)
        return number

    def sorted(self) -> tuple[StringTable, Array]:
        """The strings sorted, and for each old number the new one."""
        strings = sorted(self)
        renumber = np.zeros(len(strings), np.int64)
        renumber[list(map(self.__getitem__, strings))] = np.arange(len(strings))
        return StringTable.of(strings), renumber


def build_segment(
    documents: Sequence[Document],
    analyzer: Analyzer,
    schema: MetadataSchema,
    means: Means = None,
    dictionary: Array | None = None,
    *,
    with_names: bool = True,
) -> dict[str, Array]:
    """The arrays of a segment of *documents*, whose metadata is of *schema*'s kinds already.

    *means* are the mean lengths of fields that its impacts are worked out for; those of the segment itself where None.
    Its texts are compressed with *dictionary* (`TextStore.learn`), or with one of their own. What finds names by their
    sound may be left out, as it serves no merge (`Segment.complete_arrays`).
    """
    with _without_collection():
        texts = TextStore.of(((document.title, document.body) for document in documents), dictionary)
        segment = Segment(narrowed(texts.arrays() | _segment_arrays(documents, analyzer, schema, means)), schema)
        return dict(segment.complete_arrays() if with_names else segment.arrays)


@contextmanager
def _without_collection() -> Iterator[None]:
    """No search for reference cycles: it would look at all strings and tuples of the batch again and again.

    Without it, cutting and analysing takes half as long. There are no cycles to be found.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _segment_arrays(
    documents: Sequence[Document], analyzer: Analyzer, schema: MetadataSchema, means: Means
) -> dict[str, Array]:
    texts = [text for document in documents for text in (document.title, document.body)]
    return {
        **_with_postings(_text_arrays(texts, analyzer), means),
        **_table("ids", ids := StringTable.of(document.id for document in documents)),
        "id_order": id_order(ids),
        **_column_arrays(documents, schema),
    }


def _with_postings(text: dict[str, Array], means: Means) -> dict[str, Array]:
    lengths = np.diff(text["field_starts"]) - FIELD_GAP
    known = mean_lengths(lengths) if means is None else means
    return text | derive_postings(text["positions"], text["term_offsets"], text["field_starts"], lengths, known)


def _table(name: str, table: StringTable) -> dict[str, Array]:
    return {f"{name}.blob": table.blob, f"{name}.offsets": table.offsets}


def _column_arrays(documents: Sequence[Document], schema: MetadataSchema) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for name, (files, kind) in column_kinds(schema).items():
        column = build_column(kind, [_value(document, name) for document in documents])
        arrays |= {f"{files}.{part}": array for part, array in column.arrays().items()}
    return arrays


def _value(document: Document, name: str) -> MetadataValue | None:
    value: MetadataValue | None = getattr(document, name) if name in OWN_COLUMNS else document.metadata.get(name)
    return value


def _text_arrays(texts: Sequence[str], analyzer: Analyzer) -> dict[str, Array]:
    """Everything about the words of *texts*, which are the titles and bodies in turn."""
    form_number = _Numbering()
    runs = find_runs(texts)
    starts, entry_forms, entry_positions = _entries(runs, form_number)
    return {
        "field_starts": starts,
        **_postings(form_number, entry_forms, entry_positions, starts, analyzer),
        **named_arrays(texts, runs, Places(form_number, entry_forms, entry_positions, starts)),
    }


@dataclass(frozen=True, slots=True)
class CutRuns:
    """What distinct runs are found by.

    Attributes:
        widths: How many positions each takes.
        firsts: The first entry of each; last, how many entries there are.
        forms: The number of each entry's form.
        shifts: Each entry's position, from its run's.
    """

    widths: Array
    firsts: Array
    forms: Array
    shifts: Array


def _entries(runs: Runs, form_number: _Numbering) -> tuple[Array, Array, Array]:
    """Where each field starts; of each entry, the number of its form and its position."""
    cut = _cut_runs(runs.distinct, form_number)
    if loops.COMPILED:
        starts, forms, positions = loops.compiled.entries(
            runs.numbers, runs.counts, cut.firsts, cut.widths, cut.forms, cut.shifts, FIELD_GAP
        )
    else:
        starts, forms, positions = lay_out(runs, cut)
    if starts[-1] > MAX_POSITIONS:
        raise ValueError(f"{starts[-1]} words are more than one segment holds ({MAX_POSITIONS}); split the archive")
    return starts, forms, positions


def lay_out(runs: Runs, cut: CutRuns) -> tuple[Array, Array, Array]:
    """Where each text starts (and where one more would), and of each of its entries the form and the position."""
    ends = np.concatenate([[0], np.cumsum(cut.widths[runs.numbers])])
    gaps = FIELD_GAP * np.arange(len(runs.counts) + 1)
    starts = ends[np.concatenate([[0], np.cumsum(runs.counts)])] + gaps
    run_positions = ends[:-1].astype(np.uint32) + np.repeat(gaps[:-1].astype(np.uint32), runs.counts)
    repeats = np.diff(cut.firsts)[runs.numbers]
    which = ragged_ranges(cut.firsts[runs.numbers], repeats)
    return starts, cut.forms[which], np.repeat(run_positions, repeats) + cut.shifts[which]


def _cut_runs(runs: Sequence[str], form_number: _Numbering) -> CutRuns:
    """Cut each of *runs*; no form comes twice at one position, so that to count entries is to count places."""
    ordinary, ordinary_ones = ordinary_forms(runs)
    is_other = np.ones(len(runs), np.bool_)
    is_other[ordinary] = False
    others = np.flatnonzero(is_other)
    forms: list[str] = []
    shifts: list[int] = []
    widths_and_sizes = []
    for number in others.tolist():
        run = runs[number]
        own_forms, own_shifts, width = (compiled.CUTTING and compiled.chunks.entries_of_run(run)) or entries_of_run(run)
        forms += own_forms
        shifts += own_shifts
        widths_and_sizes.append((width, len(own_forms)))
    widths, sizes = np.ones((2, len(runs)), np.int64)
    widths[others], sizes[others] = np.array(widths_and_sizes, np.int64).reshape(-1, 2).T
    firsts = np.concatenate([[0], np.cumsum(sizes)])
    cut = CutRuns(widths, firsts, *np.zeros((2, firsts.item(-1)), np.uint32))
    cut.forms[firsts[ordinary]] = list(map(form_number.__getitem__, ordinary_ones))
    rest = ragged_ranges(firsts[others], sizes[others])
    cut.forms[rest], cut.shifts[rest] = list(map(form_number.__getitem__, forms)), shifts
    return cut


def entries_of_run(run: str) -> tuple[list[str], list[int], int]:
    """The forms of a run and their positions, no pair of them twice, and how many positions it takes.

    Example:
        >>> entries_of_run("раз,COVID-19")
        (['раз', 'covid', '19', 'covid-19'], [0, 1, 2, 1], 3)
    """
    entries: dict[tuple[str, int], None] = {}
    width = 0
    for forms, own_width in map(placed_forms, CHUNK.findall(run)):
        entries |= dict.fromkeys((form, width + position) for form, position in forms)
        width += own_width
    return [form for form, _ in entries], [position for _, position in entries], width


def _postings(
    form_number: _Numbering, entry_forms: Array, entry_positions: Array, starts: Array, analyzer: Analyzer
) -> dict[str, Array]:
    forms, renumber = form_number.sorted()
    entry_forms = renumber.astype(np.uint32)[entry_forms]
    terms_of = list(map(analyzer.terms, forms))
    flat = list(chain.from_iterable(terms_of))
    distinct = sorted(set(flat))
    terms, term_number = StringTable.of(distinct), dict(zip(distinct, range(len(distinct)), strict=True))
    form_terms = np.fromiter(map(term_number.__getitem__, flat), np.int64, len(flat))
    sizes = np.fromiter(map(len, terms_of), np.int64, len(terms_of))
    form_term_offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    how = loops.compiled.postings if loops.COMPILED else sorted_postings
    term_offsets, positions, ordinals = how(entry_forms, entry_positions, form_term_offsets, form_terms, len(terms))
    return {
        **_table("forms", forms),
        "form_counts": np.bincount(entry_forms, minlength=len(forms)).astype(np.int64),
        "form_term_offsets": form_term_offsets,
        "form_terms": form_terms,
        **_table("terms", terms),
        "term_offsets": term_offsets,
        "positions": positions,
        "form_ordinals": Packing.of(term_offsets, form_terms).pack(ordinals),
        "signatures": signatures_of(forms_at(entry_positions, entry_forms, starts.item(-1)), forms, starts),
    }


def sorted_postings(
    entry_forms: Array, entry_positions: Array, form_term_offsets: Array, form_terms: Array, terms: int
) -> tuple[Array, Array, Array]:
    """Where the postings of each of so many *terms* start, their positions, and the ordinals of their forms among the
    term's (`Packing`).
    """
    repeats = np.diff(form_term_offsets)[entry_forms]
    term_of = form_terms.astype(np.uint32)[ragged_ranges(form_term_offsets[entry_forms], repeats)]
    position_of, form_of = np.repeat(entry_positions, repeats), np.repeat(entry_forms, repeats)
    term_of, positions, forms = distinct_rows(term_of, position_of, form_of)
    term_offsets = np.concatenate([[0], np.cumsum(np.bincount(term_of, minlength=terms))])
    ordinals = ordinals_of_forms(forms, term_offsets, form_term_offsets, form_terms)
    return term_offsets, positions.astype(np.uint32, copy=False), ordinals


def distinct_rows(*columns: Array) -> tuple[Array, ...]:
    """The distinct rows of *columns* of whole numbers from 0, sorted by the first column, then the second, and so on.

    Where a row fits in 64 bits, as it does in segments of some millions of words, the rows are sorted as one number
    each, ten times as quickly.

    Example:
        >>> [column.tolist() for column in distinct_rows(np.array([2, 1, 2]), np.array([7, 9, 7]))]
        [[1, 2], [9, 7]]
    """
    widths = [int(column.max(initial=0)).bit_length() for column in columns]
    return _packed_rows(columns, widths) if sum(widths) <= 64 else _lexsorted_rows(columns)


def _packed_rows(columns: Sequence[Array], widths: Sequence[int]) -> tuple[Array, ...]:
    rows = np.zeros(len(columns[0]), np.uint64)
    for column, width in zip(columns, widths, strict=True):
        rows <<= np.uint64(width)
        rows |= column.astype(np.uint64)
    rows.sort()
    rows = rows[_changes(rows)]
    unpacked = []
    for width in reversed(widths):
        unpacked.append((rows & np.uint64((1 << width) - 1)).astype(np.uint32 if width <= 32 else np.int64))
        rows >>= np.uint64(width)
    return tuple(reversed(unpacked))


def _lexsorted_rows(columns: Sequence[Array]) -> tuple[Array, ...]:
    order = np.lexsort(columns[::-1])
    ordered = [column[order] for column in columns]
    kept = _changes(*ordered)
    return tuple(column[kept] for column in ordered)


def _changes(*arrays: Array) -> Array:
    """For each place of sorted arrays whether any of them differs from the place before."""
    changed = np.zeros(len(arrays[0]), np.bool_)
    changed[:1] = True
    for array in arrays:
        changed[1:] |= array[1:] != array[:-1]
    return changed
