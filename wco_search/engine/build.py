"""Documents to the arrays of a segment.

Work goes by types, not by tokens: each distinct chunk is cut once and each distinct form analysed once; what remains
for every token is a number in an array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from wco_search.analysis import Analyzer
from wco_search.analysis.tokenizer import CHUNK, Chunk
from wco_search.documents import Document, MetadataSchema, MetadataValue
from wco_search.engine.columns import build_column
from wco_search.engine.postings import Means, derive_postings, mean_lengths
from wco_search.engine.segment import (
    FIELD_GAP,
    MAX_POSITIONS,
    OWN_COLUMNS,
    column_kinds,
    id_order,
    narrowed,
    ordinals_of_forms,
    pack_ordinals,
)
from wco_search.engine.strings import Array, StringTable, ragged_ranges
from wco_search.engine.texts import TextStore


@dataclass(slots=True)
class _Numbering:
    """Numbers for strings in order of first appearance."""

    numbers: dict[str, int] = field(default_factory=dict)

    def __call__(self, string: str) -> int:
        return self.numbers.setdefault(string, len(self.numbers))

    def sorted(self) -> tuple[StringTable, Array]:
        """The strings sorted, and for each old number the new one."""
        strings = sorted(self.numbers)
        renumber = np.zeros(len(strings), np.int64)
        renumber[[self.numbers[string] for string in strings]] = np.arange(len(strings))
        return StringTable.of(strings), renumber


def build_segment(
    documents: Sequence[Document], analyzer: Analyzer, schema: MetadataSchema, means: Means = None
) -> dict[str, Array]:
    """The arrays of a segment of *documents*, whose metadata is of *schema*'s kinds already.

    *means* are the mean lengths of fields that its impacts are worked out for; those of the segment itself where None.
    """
    texts = [text for document in documents for text in (document.title, document.body)]
    return narrowed(
        {
            **_with_postings(_text_arrays(texts, analyzer), means),
            **_table("ids", ids := StringTable.of(document.id for document in documents)),
            **TextStore.of((document.title, document.body) for document in documents).arrays(),
            "id_order": id_order(ids),
            **_column_arrays(documents, schema),
        }
    )


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
    numbers: dict[str, int] = {}  # of distinct chunks, in order of first appearance
    tokens: list[int] = []
    counts = np.zeros(len(texts), np.int64)
    for i, text in enumerate(texts):
        found = CHUNK.findall(text)
        counts[i] = len(found)
        tokens += [numbers.setdefault(chunk, len(numbers)) for chunk in found]
    chunks = [analyzer.chunk(text) for text in numbers]
    chunk_of = np.array(tokens, np.int64)
    starts, token_positions = _lay_out(np.array([chunk.width for chunk in chunks], np.int64)[chunk_of], counts)
    form_number = _Numbering()
    entry_forms, entry_positions = _entries(chunks, chunk_of, token_positions, form_number)
    return {"field_starts": starts, **_postings(form_number, entry_forms, entry_positions, analyzer)}


def _lay_out(widths: Array, counts: Array) -> tuple[Array, Array]:
    """Where each field starts (and where one more would), and the position of each token."""
    field_of_token = np.repeat(np.arange(len(counts)), counts)
    token_positions = np.cumsum(widths) - widths + FIELD_GAP * field_of_token
    field_widths = np.zeros(len(counts), np.int64)
    np.add.at(field_widths, field_of_token, widths)
    starts = np.concatenate([[0], np.cumsum(field_widths + FIELD_GAP)]).astype(np.int64)
    if starts[-1] > MAX_POSITIONS:
        raise ValueError(f"{starts[-1]} words are more than one segment holds ({MAX_POSITIONS}); split the archive")
    return starts, token_positions


def _entries(
    chunks: Sequence[Chunk], chunk_of: Array, token_positions: Array, form_number: Callable[[str], int]
) -> tuple[Array, Array]:
    """For each entry of each token its form and its position."""
    sizes = np.array([len(chunk.entries) for chunk in chunks], np.int64)
    forms = np.array([form_number(entry.form) for chunk in chunks for entry in chunk.entries], np.int64)
    shifts = np.array([entry.position for chunk in chunks for entry in chunk.entries], np.int64)
    first = np.cumsum(sizes) - sizes
    repeats = sizes[chunk_of]
    which = ragged_ranges(first[chunk_of], repeats)
    return forms[which], np.repeat(token_positions, repeats) + shifts[which]


def _postings(
    form_number: _Numbering, entry_forms: Array, entry_positions: Array, analyzer: Analyzer
) -> dict[str, Array]:
    forms, renumber = form_number.sorted()
    entry_forms = renumber[entry_forms]
    term_number = _Numbering()
    terms_of = [[term_number(term) for term in analyzer.terms(form)] for form in forms]
    terms, renumber_terms = term_number.sorted()
    form_terms = (
        renumber_terms[[term for several in terms_of for term in several]] if terms_of else np.zeros(0, np.int64)
    )
    sizes = np.array([len(several) for several in terms_of], np.int64)
    form_term_offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    repeats = sizes[entry_forms]
    term_of = form_terms[ragged_ranges(form_term_offsets[entry_forms], repeats)]
    position_of, form_of = np.repeat(entry_positions, repeats), np.repeat(entry_forms, repeats)
    term_offsets, positions, position_forms = _sorted_postings(term_of, position_of, form_of, len(terms))
    ordinals = ordinals_of_forms(position_forms, term_offsets, form_term_offsets, form_terms)
    return {
        **_table("forms", forms),
        "form_counts": _form_counts(entry_forms, entry_positions, len(forms)),
        "form_term_offsets": form_term_offsets,
        "form_terms": form_terms,
        **_table("terms", terms),
        "term_offsets": term_offsets,
        "positions": positions.astype(np.uint32),
        "form_ordinals": pack_ordinals(ordinals, term_offsets, form_terms),
    }


def _sorted_postings(term_of: Array, position_of: Array, form_of: Array, terms: int) -> tuple[Array, Array, Array]:
    """Where the postings of each term start, and their positions and forms."""
    order = np.lexsort((form_of, position_of, term_of))
    term_of, position_of, form_of = term_of[order], position_of[order], form_of[order]
    kept = _changes(term_of, position_of, form_of)
    offsets = np.searchsorted(term_of[kept], np.arange(terms + 1)).astype(np.int64)
    return offsets, position_of[kept], form_of[kept]


def _changes(*arrays: Array) -> Array:
    """For each place of sorted arrays whether any of them differs from the place before."""
    changed = np.ones(len(arrays[0]), np.bool_)
    changed[1:] = np.any([array[1:] != array[:-1] for array in arrays], axis=0)
    return changed


def _form_counts(form_of: Array, position_of: Array, forms: int) -> Array:
    """At how many places each form stands."""
    order = np.lexsort((position_of, form_of))
    first = _changes(form_of[order], position_of[order])
    counts: Array = np.bincount(form_of[order][first], minlength=forms).astype(np.int64)
    return counts
