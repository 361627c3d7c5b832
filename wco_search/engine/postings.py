"""What a segment keeps beside its positions so that ranking need not look at them.

    doc_offsets     u  [T+1]  term t is in documents docs[doc_offsets[t]:doc_offsets[t + 1]], ascending
    docs            u  [D]
    impacts         f4 [D]    its impact there, in title and body together
    max_impacts     f4 [T]    the largest impact of the term: no document gains more from it
    tenth_impacts   f4 [T]    the tenth largest, or 0: ten documents gain at least this much

For words in 1,024 documents or more, their champions: the documents where the impact is one of the largest sixteenth,
so that bounds of all others are not set by a few (C. Manning, P. Raghavan and H. Schütze, "Introduction to Information
Retrieval", 2008, 7.1.3):

    champion_terms   u  [C]    their numbers, ascending
    champion_offsets u  [C+1]  the champions of the i-th are champion_docs[champion_offsets[i]:champion_offsets[i + 1]]
    champion_docs    u         documents, ascending
    champion_rests   f4 [C]    the largest impact in a document of the word that is none of them

For words in more than a 24th of the documents:

    bit_terms       u  [B]    their numbers, ascending
    bits            u8 [B·W]  W words a term, a bit for every document that has it
    bit_ranks       u  [B·W]  how many of its documents lie before each of those words

For words in more than a fourth:

    row_terms       u  [R]    their numbers, ascending
    row_idfs        f8 [R]    their idf in this segment
    row_levels      u1 [R·P]  P bytes a term: idf times impact in every document, in units, rounded up
    row_unit        f8 [1]    the unit, the same for all of them, so that levels of several words can be added

P is the number of documents rounded up to a multiple of 4,096, W is P / 64. Type u is
explained in `wco_search.engine.segment`. All of it follows from the positions and the mean lengths of fields, which is
why a segment is bound to those of its commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from wco_search.engine import loops
from wco_search.engine.array_files import drop_pages
from wco_search.engine.score import (
    TITLE_WEIGHT,
    encode_lengths,
    idf,
    length_norms,
    mean_length,
    norm_table,
    saturated_impacts,
)
from wco_search.engine.segment import FIELD_GAP
from wco_search.engine.strings import Array, blocks, ragged_ranges

Means = Mapping[str, float] | None
"""Mean lengths of fields, by the names that `mean_lengths` gives them."""

FIELDS: Final = ("title", "body")
REFERENCE: Final = "reference_documents"
"""The number of a commit that tells how many documents there were when its mean lengths were taken."""
STATISTICS: Final = (*(f"mean_{name}_length" for name in FIELDS), REFERENCE)
"""All numbers of a commit that scores depend on, directly or at the next merge."""
BIT_SHARE: Final = 24  # down to a 43rd, bitmap and ranks are smaller than the documents; 64 makes an index 5 % larger
ROW_SHARE: Final = 4  # 10 makes an index 5 % larger; frequent words are a fourth quicker with it, others as quick
ROW_LEVELS: Final = 63  # so that four rows add up in a byte
PADDING: Final = 4096  # documents; rows are folded in 64 parts of whole cache lines
CHAMPIONS: Final = 16  # documents of which one is a champion; of 8 an eighth less remain to be scored, of 32 half more
_FEWEST_CHAMPIONS: Final = 64  # that a word would have: of shorter lists all documents are taken for champions
_FEWEST_BITS: Final = 512  # documents a word must have for a bitmap, and
_LONG_LIST: Final = 1000  # documents; from there on, what a term costs in Python is little beside its list
_FEWEST_ROW: Final = 2048  # for a row: shorter lists are as quick to walk


def derive_postings(
    positions: Array, term_offsets: Array, field_starts: Array, field_lengths: Array, means: Mapping[str, float]
) -> dict[str, Array]:
    """The arrays above, from the positions of a segment (`wco_search.engine.segment`) and mean lengths of fields."""
    norms, table = field_norms(field_lengths, means), FieldTable.of(field_starts)
    lists = [(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))]
    for first, last in blocks(term_offsets, 0, len(term_offsets) - 1):
        own = positions[term_offsets.item(first) : term_offsets.item(last)]
        lists.append(document_impacts(own, np.diff(term_offsets[first : last + 1]), table, norms))
    doc_freqs, docs, impacts = (np.concatenate(several) for several in zip(*lists, strict=True))
    doc_offsets = np.concatenate([[0], np.cumsum(doc_freqs)])
    return derive_bounds(doc_offsets, docs, impacts, len(field_lengths) // 2)


def document_impacts(positions: Array, counts: Array, table: FieldTable, norms: Array) -> tuple[Array, Array, Array]:
    """How many documents each of some terms is in, these documents, and the impacts there.

    Of each term there are *counts* positions; *norms* are K of every field.
    """
    if loops.COMPILED:
        return loops.compiled.document_impacts(positions, counts, table.starts, table.started, norms, TITLE_WEIGHT)
    fields = table.fields_of(positions)
    term_of = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    first_of_place = np.flatnonzero(_starts_of_runs(term_of, positions))
    term_of, fields = term_of[first_of_place], fields[first_of_place]
    starts = np.flatnonzero(_starts_of_runs(term_of, fields))
    term_freqs = np.diff(np.append(starts, len(fields)))
    term_of, fields = term_of[starts], fields[starts]
    docs, impacts, heads = saturated_impacts(term_of, fields, term_freqs, norms[fields])
    return np.bincount(term_of[heads], minlength=len(counts)), docs.astype(np.int32), impacts


def derive_bounds(doc_offsets: Array, docs: Array, impacts: Array, documents: int) -> dict[str, Array]:
    """The arrays above, from the first three and the number of documents."""
    arrays: dict[str, Array] = {"doc_offsets": doc_offsets, "docs": docs, "impacts": impacts}
    arrays |= _bounds(doc_offsets, impacts)
    arrays |= _champions(doc_offsets, docs, impacts)
    drop_pages([impacts])
    arrays |= _dense(doc_offsets, docs, impacts, documents)
    drop_pages([docs, impacts])
    return arrays


@dataclass(frozen=True, slots=True)
class FieldTable:
    """Tells of many positions what field they are in, several times as quickly as a search for each.

    Fields start at least `FIELD_GAP` positions apart, so that a block of so many holds one start at most: a table of
    blocks and one comparison tell the field of a position.

    Attributes:
        starts: Where each field starts; last, where one more would.
        started: How many fields have started before each block's second position.
    """

    starts: Array
    started: Array

    @classmethod
    def of(cls, field_starts: Array) -> FieldTable:
        """The table of the fields that start there."""
        starts = field_starts.astype(np.int64)
        size = -(-int(starts[-1]) // FIELD_GAP) + 1
        return cls(starts, np.cumsum(np.bincount(-(-starts // FIELD_GAP), minlength=size), dtype=np.int32))

    def fields_of(self, positions: Array) -> Array:
        """For each position the number of its field.

        Example:
            >>> FieldTable.of(np.array([0, 12, 40])).fields_of(np.array([0, 11, 12, 39], np.uint32)).tolist()
            [0, 0, 1, 1]
        """
        fields: Array = self.started.take(positions // np.uint32(FIELD_GAP)) - 1
        fields += self.starts.take(fields + 1, mode="clip") <= positions
        return fields


@dataclass(frozen=True, slots=True, eq=False)
class Norms:
    """K of the fields that are asked for, each worked out from its length: to know those of all fields of a million
    documents takes 50 milliseconds and 16 MB, and a query asks for few.

    Attributes:
        starts: Where each field starts; last, where one more would.
        tables: K of every length that a byte stands for (`wco_search.engine.score`), in titles and then in bodies.
    """

    starts: Array
    tables: Array

    @classmethod
    def of(cls, field_starts: Array, means: Mapping[str, float]) -> Norms:
        """Those of the fields that start there."""
        return cls(field_starts, np.concatenate([norm_table(_mean_of(name, means)) for name in FIELDS]))

    def at(self, fields: Array) -> Array:
        """K of each of *fields*: 2d is the title of document d, 2d + 1 its body.

        Example:
            >>> means = {"mean_title_length": 4.0, "mean_body_length": 40.0}
            >>> Norms.of(np.array([0, 12, 60]), means).at(np.array([0, 1])).round(2).tolist()
            [0.9, 0.9]
        """
        places = fields.astype(np.intp, copy=False)
        lengths = self.starts.take(places + 1) - self.starts.take(places) - FIELD_GAP
        norms: Array = self.tables.take(encode_lengths(lengths) + len(self.tables) // len(FIELDS) * (places & 1))
        return norms

    def item(self, field: int) -> float:
        """K of one field."""
        return float(self.at(np.array([field])).item())


def mean_lengths(field_lengths: Array) -> dict[str, float]:
    """The mean lengths of titles and bodies, empty ones left out: numbers of a commit that its scores depend on."""
    return {f"mean_{name}_length": mean_length(field_lengths[start::2]) for start, name in enumerate(FIELDS)}


def field_norms(field_lengths: Array, means: Mapping[str, float]) -> Array:
    """K of every field, titles and bodies in turn."""
    norms = np.empty(len(field_lengths))
    for start, name in enumerate(FIELDS):
        norms[start::2] = length_norms(field_lengths[start::2], _mean_of(name, means))
    return norms


def _mean_of(name: str, means: Mapping[str, float]) -> float:
    return means.get(f"mean_{name}_length", 1.0)


def padded_size(documents: int) -> int:
    """The number of documents that rows and bitmaps have room for."""
    return max(1, -(-documents // PADDING)) * PADDING


def packed(mask: Array) -> Array:
    """The bitmap of a mask over a segment.

    Example:
        >>> bits = packed(np.array([True, False, True]))
        >>> len(bits), bits[0].item()
        (64, 5)
    """
    bits = np.zeros(padded_size(len(mask)) // 8, np.uint8)
    own = np.packbits(mask, bitorder="little")
    bits[: len(own)] = own
    return bits.view(np.uint64)


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


def _champions(doc_offsets: Array, docs: Array, impacts: Array) -> dict[str, Array]:
    """The documents of the largest impacts of each long list; those that tie with the first one left out are none."""
    long_lists = np.flatnonzero(np.diff(doc_offsets) >= CHAMPIONS * _FEWEST_CHAMPIONS)
    chosen = [np.zeros(0, docs.dtype)]
    rests = np.zeros(len(long_lists), np.float32)
    for row, term in enumerate(long_lists.tolist()):
        own = impacts[doc_offsets[term] : doc_offsets[term + 1]]
        rest = len(own) - 1 - len(own) // CHAMPIONS
        rests[row] = np.partition(own, rest)[rest]
        chosen.append(docs[doc_offsets[term] + (own > rests[row]).nonzero()[0]])
    return {
        "champion_terms": long_lists,
        "champion_offsets": np.cumsum([len(one) for one in chosen]),
        "champion_docs": np.concatenate(chosen),
        "champion_rests": rests,
    }


def _tenth_largest(doc_offsets: Array, impacts: Array) -> Array:
    """The tenth largest impact of each term, 0 where there are fewer: long lists one by one, short ones together."""
    doc_freqs = np.diff(doc_offsets)
    tenth = np.zeros(len(doc_freqs), np.float32)
    for term in np.flatnonzero(doc_freqs >= _LONG_LIST).tolist():
        own = impacts[doc_offsets[term] : doc_offsets[term + 1]]
        tenth[term] = np.partition(own, len(own) - 10)[len(own) - 10]
    is_short = (doc_freqs >= 10) & (doc_freqs < _LONG_LIST)
    for first, last in blocks(doc_offsets, 0, len(doc_freqs)):
        short = first + np.flatnonzero(is_short[first:last])
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
