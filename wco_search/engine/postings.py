"""What a segment keeps beside its positions so that ranking need not look at them.

    doc_offsets     i8 [T+1]  term t is in documents docs[doc_offsets[t]:doc_offsets[t + 1]], ascending
    docs            i4 [D]
    impacts         f4 [D]    its impact there, in title and body together
    max_impacts     f4 [T]    the largest impact of the term: no document gains more from it
    tenth_impacts   f4 [T]    the tenth largest, or 0: ten documents gain at least this much

For words in more than a 64th of the documents:

    bit_terms       i8 [B]    their numbers, ascending
    bits            u8 [B·W]  W words a term, a bit for every document that has it
    bit_ranks       u4 [B·W]  how many of its documents lie before each of those words

For words in more than a 16th:

    row_terms       i8 [R]    their numbers, ascending
    row_idfs        f8 [R]    their idf in this segment
    row_levels      u1 [R·P]  P bytes a term: idf times impact in every document, in units, rounded up
    row_unit        f8 [1]    the unit, the same for all of them, so that levels of several words can be added

P is the number of documents rounded up to a multiple of 4,096, W is P / 64. All of it follows from the positions and
the mean lengths of fields, which is why a segment is bound to those of its commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from wco_search.engine.score import idf, length_norms, mean_length, saturated_impacts
from wco_search.engine.segment import FIELD_GAP
from wco_search.engine.strings import Array, ragged_ranges

FIELDS: Final = ("title", "body")
BIT_SHARE: Final = (
    64  # a bitmap with ranks takes as much as the documents of a word in a 43rd; below that it would not pay
)
ROW_SHARE: Final = 16  # a byte a document against 8 a posting: a row takes half as much again as the postings it spares
ROW_LEVELS: Final = 63  # so that four rows add up in a byte
PADDING: Final = 4096  # documents; rows are folded in 64 parts of whole cache lines
_FEWEST_BITS: Final = 512  # documents a word must have for a bitmap, and
_BLOCK: Final = 2**22  # positions looked at in one go: some 200 MB of arrays
_LONG_LIST: Final = 1000  # documents; from there on, what a term costs in Python is little beside its list
_FEWEST_ROW: Final = 2048  # for a row: shorter lists are as quick to walk


def derive_postings(
    positions: Array, term_offsets: Array, field_starts: Array, field_lengths: Array, means: Mapping[str, float]
) -> dict[str, Array]:
    """The arrays above, from the positions of a segment (`wco_search.engine.segment`) and mean lengths of fields."""
    documents = len(field_lengths) // 2
    norms = field_norms(field_lengths, means)
    doc_freqs, docs, impacts = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)], [np.zeros(0, np.float32)]
    for first, end in _blocks(term_offsets):
        places = slice(term_offsets.item(first), term_offsets.item(end))
        terms = np.repeat(np.arange(end - first, dtype=np.int32), np.diff(term_offsets[first : end + 1]))
        own_freqs, own_docs, own_impacts = _document_lists(
            terms, end - first, positions[places], _fields_of(positions[places], field_starts), norms
        )
        doc_freqs.append(own_freqs)
        docs.append(own_docs)
        impacts.append(own_impacts)
    all_docs, all_impacts = np.concatenate(docs), np.concatenate(impacts)
    doc_offsets = np.concatenate([[0], np.cumsum(np.concatenate(doc_freqs))]).astype(np.int64)
    arrays: dict[str, Array] = {"doc_offsets": doc_offsets, "docs": all_docs, "impacts": all_impacts}
    return arrays | _bounds(doc_offsets, all_impacts) | _dense(doc_offsets, all_docs, all_impacts, documents)


def _blocks(term_offsets: Array) -> Iterator[tuple[int, int]]:
    """Ranges of terms with at most `_BLOCK` positions, or of one term: what memory is taken for at a time."""
    first, terms = 0, len(term_offsets) - 1
    while first < terms:
        limit = term_offsets.item(first) + _BLOCK
        end = max(first + 1, int(np.searchsorted(term_offsets, limit, side="right")) - 1)
        yield first, end
        first = end


def _document_lists(
    term_of: Array, terms: int, positions: Array, fields: Array, norms: Array
) -> tuple[Array, Array, Array]:
    """How many documents each of *terms* terms is in, these documents, and the impacts there."""
    first_of_place = np.flatnonzero(_starts_of_runs(term_of, positions))
    term_of, fields = term_of[first_of_place], fields[first_of_place]
    starts = np.flatnonzero(_starts_of_runs(term_of, fields))
    term_freqs = np.diff(np.append(starts, len(fields)))
    term_of, fields = term_of[starts], fields[starts]
    docs, impacts, heads = saturated_impacts(term_of, fields, term_freqs, norms)
    return np.bincount(term_of[heads], minlength=terms), docs.astype(np.int32), impacts


def _fields_of(positions: Array, field_starts: Array) -> Array:
    """For each position the number of its field.

    Fields start at least `FIELD_GAP` positions apart, so that a block of so many holds one start at most: what field a
    position is in, a table of blocks and one comparison tell, several times as quickly as a search for it.
    """
    blocks = -(-int(field_starts[-1]) // FIELD_GAP) + 1
    started = np.cumsum(np.bincount(-(-field_starts // FIELD_GAP), minlength=blocks))  # at each block's first position
    fields: Array = started.take(positions // FIELD_GAP) - 1
    fields += field_starts.take(fields + 1, mode="clip") <= positions
    return fields


def mean_lengths(field_lengths: Array) -> dict[str, float]:
    """The mean lengths of titles and bodies, empty ones left out: numbers of a commit that its scores depend on."""
    return {f"mean_{name}_length": mean_length(field_lengths[start::2]) for start, name in enumerate(FIELDS)}


def field_norms(field_lengths: Array, means: Mapping[str, float]) -> Array:
    """K of every field, titles and bodies in turn."""
    norms = np.empty(len(field_lengths))
    for start, name in enumerate(FIELDS):
        norms[start::2] = length_norms(field_lengths[start::2], means.get(f"mean_{name}_length", 1.0))
    return norms


def padded_size(documents: int) -> int:
    """The number of documents that rows and bitmaps have room for."""
    return max(1, -(-documents // PADDING)) * PADDING


def _starts_of_runs(*arrays: Array) -> Array:
    starts = np.zeros(len(arrays[0]), np.bool_)
    starts[:1] = True
    for array in arrays:
        starts[1:] |= array[1:] != array[:-1]
    return starts


def _bounds(doc_offsets: Array, impacts: Array) -> dict[str, Array]:
    terms = len(doc_offsets) - 1
    largest = np.maximum.reduceat(impacts, doc_offsets[:-1]) if terms else np.zeros(0, np.float32)
    return {"max_impacts": largest.astype(np.float32), "tenth_impacts": _tenth_largest(doc_offsets, impacts)}


def _tenth_largest(doc_offsets: Array, impacts: Array) -> Array:
    """The tenth largest impact of each term, 0 where there are fewer: long lists one by one, all short ones at once."""
    doc_freqs = np.diff(doc_offsets)
    tenth = np.zeros(len(doc_freqs), np.float32)
    for term in np.flatnonzero(doc_freqs >= _LONG_LIST).tolist():
        own = impacts[doc_offsets[term] : doc_offsets[term + 1]]
        tenth[term] = np.partition(own, len(own) - 10)[len(own) - 10]
    short = np.flatnonzero((doc_freqs >= 10) & (doc_freqs < _LONG_LIST))
    sizes = doc_freqs[short]
    # Impacts are not negative, so their bits are in the order of their values: one number holds list and impact.
    keys = np.repeat(np.arange(len(short), dtype=np.uint64) << np.uint64(32), sizes)
    keys |= impacts[ragged_ranges(doc_offsets[short], sizes)].view(np.uint32)
    keys.sort()
    tenth[short] = keys[np.cumsum(sizes) - 10].astype(np.uint32).view(np.float32)
    return tenth


def _dense(doc_offsets: Array, docs: Array, impacts: Array, documents: int) -> dict[str, Array]:
    doc_freqs = np.diff(doc_offsets)
    padded = padded_size(documents)
    bit_terms = np.flatnonzero(doc_freqs > max(documents / BIT_SHARE, _FEWEST_BITS))
    row_terms = np.flatnonzero(doc_freqs > max(documents / ROW_SHARE, _FEWEST_ROW))
    bits = np.zeros((len(bit_terms), padded // 8), np.uint8)
    for row, term in enumerate(bit_terms.tolist()):
        has = np.zeros(padded, np.bool_)
        has[docs[doc_offsets[term] : doc_offsets[term + 1]]] = True
        bits[row] = np.packbits(has, bitorder="little")
    words = bits.view(np.uint64)
    counts = np.bitwise_count(words)
    ranks = np.cumsum(counts, axis=1, dtype=np.uint32) - counts
    idfs = np.array([idf(documents, doc_freqs.item(term)) for term in row_terms.tolist()])
    levels, unit = _levels(row_terms, idfs, doc_offsets, docs, impacts, padded)
    return {
        "bit_terms": bit_terms.astype(np.int64),
        "bits": words.ravel(),
        "bit_ranks": ranks.astype(np.uint32).ravel(),
        "row_terms": row_terms.astype(np.int64),
        "row_idfs": idfs,
        "row_levels": levels.ravel(),
        "row_unit": np.array([unit]),
    }


def _levels(
    row_terms: Array, idfs: Array, doc_offsets: Array, docs: Array, impacts: Array, padded: int
) -> tuple[Array, float]:
    places = [slice(doc_offsets.item(term), doc_offsets.item(term + 1)) for term in row_terms.tolist()]
    largest = [idf_ * float(impacts[place].max()) for place, idf_ in zip(places, idfs.tolist(), strict=True)]
    unit = max(largest, default=float(ROW_LEVELS)) / ROW_LEVELS
    levels = np.zeros((len(places), padded), np.uint8)
    for row, (place, idf_) in enumerate(zip(places, idfs.tolist(), strict=True)):
        exact = np.ceil(idf_ * impacts[place].astype(np.float64) / unit)
        levels[row, docs[place]] = np.minimum(exact, ROW_LEVELS)
    return levels, unit
