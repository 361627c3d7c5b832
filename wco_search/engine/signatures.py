"""Signatures: how much of its words one document shares with another, told by 64 bytes of each.

A document is taken as the set of the pairs of words that stand side by side in its body (A. Broder, "On the resemblance
and containment of documents", 1997), words folded as they are for searching. Each pair has a hash of 64 bits. Some bits
choose one of 128 bins, others are a value, and a bin keeps its least value (one permutation hashing: P. Li, A. Owen and
C.-H. Zhang, 2012), of which one of 15 residues is stored (P. Li and A. König, "b-bit minwise hashing", 2010). Of the
bins that are filled in either of two documents, the share that is equal, without those that chance makes equal,
estimates the share of pairs they have in common. Its standard error is at most .05; whole bytes would make it .045.

Hashes are of the words as strings, so that signatures are the same in every segment and process.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Final

import numpy as np

from wco_search.engine import loops
from wco_search.engine.segment import FIELD_GAP, SIGNATURE_SIZE, Segment
from wco_search.engine.strings import Array, StringTable, blocks, ragged_ranges

NEAR: Final = 0.6
"""Estimated share of common pairs from which two documents are near-duplicates.

Of copies with every tenth word exchanged, the hardest of all copies that share nine words of ten, 98 of 100 reach it;
of shortened copies, and those with a line added, all do.
"""

_BINS: Final = 2 * SIGNATURE_SIZE  # two a byte: bin i in the lower half of byte i, bin 64 + i in the upper
_EMPTY: Final = 15  # what is stored for a bin without a pair; of least values, the residues of division by it
_SHORTEST: Final = 8  # words of a body; below, one word more or less makes another text
_VALUE_BITS: Final = np.uint64(0xFFFFFFFF)
_NO_VALUE: Final = np.uint32(0xFFFFFFFF)
_FEW: Final = 256  # documents compared each with each: quicker than to look for candidates
# A band is five bins, so far apart (a Golomb ruler); one starts at each bin, and no two share more than one. Of long
# texts that are just near, one in 8,000 has no band in common, of short ones, one in 50.
_MARKS: Final = (0, 1, 4, 9, 11)
_NEIGHBOURS: Final = 4  # documents behind it that each is compared with, of those that have a band in common
_PAIRS: Final = 1 << 16  # compared at once: 24 MB


def forms_at(positions: Array, forms: Array, size: int) -> Array:
    """The form at each of *size* positions; where several stand, the last in the order of forms."""
    found = np.zeros(size, np.uint32)
    # Of other types than these this would take ten times as long.
    np.maximum.at(found, positions.astype(np.intp), forms.astype(np.uint32, copy=False))
    return found


def forms_of_segment(segment: Segment) -> Array:
    """`forms_at` of a segment, from its postings."""
    firsts = np.repeat(segment.slots.starts[:-1], np.diff(segment.term_offsets))
    forms = segment.slots.forms[firsts + segment.ordinals(0, len(segment.terms))]
    return forms_at(segment.positions, forms, segment.field_starts.item(-1))


def signatures_of(at: Array, forms: StringTable, field_starts: Array) -> Array:
    """The signatures of all documents of a segment, 64 bytes each; *at* is what `forms_at` gave."""
    starts = field_starts[1::2].astype(np.int64)
    words = field_starts[2::2].astype(np.int64) - FIELD_GAP - starts
    pairs = np.where(words >= _SHORTEST, words - 1, 0)
    hashes = np.fromiter(map(zlib.crc32, forms.encoded()), np.uint64, len(forms))
    if loops.COMPILED:
        return loops.compiled.signatures(hashes, at, starts, pairs)
    signatures = np.empty((len(words), SIGNATURE_SIZE), np.uint8)
    for start, end in blocks(field_starts[::2], 0, len(words)):
        signatures[start:end] = _signatures(hashes, at, starts[start:end], pairs[start:end])
    return signatures.ravel()


def _signatures(hashes: Array, at: Array, starts: Array, pairs: Array) -> Array:
    """The signatures of documents of so many *pairs* of words, whose bodies start there, a row each."""
    first = ragged_ranges(starts, pairs)
    mixed = _mixed(hashes[at[first]], hashes[at[first + 1]])
    bins = np.repeat(np.arange(len(starts)) * _BINS, pairs) + (mixed >> np.uint64(57)).astype(np.int64)
    least = np.full(len(starts) * _BINS, _NO_VALUE)
    np.minimum.at(least, bins, (mixed & _VALUE_BITS).astype(np.uint32))
    residues: Array = (least % _EMPTY).astype(np.uint8)  # the least values are small: their last bits tell most
    residues[least == _NO_VALUE] = _EMPTY
    rows = residues.reshape(-1, _BINS)
    packed: Array = rows[:, :SIGNATURE_SIZE] | rows[:, SIGNATURE_SIZE:] << 4
    return packed


def bins_of(signatures: Array) -> Array:
    """What the bins hold of signatures that are the rows of *signatures*."""
    return np.concatenate([signatures & 15, signatures >> 4], axis=-1)


def _mixed(first: Array, second: Array) -> Array:
    """A hash of two words in this order: the finalizer of MurmurHash3 (A. Appleby) over both."""
    mixed: Array = first * np.uint64(0x9E3779B97F4A7C15) + second
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed ^= mixed >> np.uint64(33)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(33)
    return mixed


def similarity(one: Array, other: Array) -> Array:
    """For each row of *one* and of *other*, which are `bins_of` signatures, the estimated share of common pairs."""
    is_filled, is_filled_too = one != _EMPTY, other != _EMPTY
    filled = np.count_nonzero(is_filled | is_filled_too, axis=-1)
    in_both = is_filled & is_filled_too
    equal = np.count_nonzero((one == other) & in_both, axis=-1)
    by_chance = np.count_nonzero(in_both, axis=-1) / _EMPTY
    shares: Array = (equal - by_chance) / (1 - 1 / _EMPTY) / np.maximum(filled, 1)
    return shares


def leaders(size: int, near: tuple[Array, Array], are_copies: Callable[[int, int], bool] = lambda *_: True) -> Array:
    """For each of *size* documents, from the first on, the first leader it is near to; one near to none leads itself.

    Of those *near* (see `near_pairs`), only such count as *are_copies* of each other; what it is given are their
    places. So a group is those that are near to their leader; a chain of small changes does not lead from one text to
    another.
    """
    found = np.arange(size)
    rows, columns = near
    pairs = sorted(zip(columns.tolist(), rows.tolist(), strict=True))
    for document, before in groupby(pairs, lambda pair: pair[0]):
        found[document] = next((one for _, one in before if found[one] == one and are_copies(one, document)), document)
    return found


def near_pairs(signatures: Array) -> tuple[Array, Array]:
    """The pairs of rows that are near-duplicates, the lesser number first.

    Of many rows, those are compared that have a band in common (locality-sensitive hashing: P. Indyk and R. Motwani,
    1998).
    """
    size, bins = len(signatures), bins_of(signatures)
    found = [np.zeros(0, np.int64)]
    for rows, columns in _all_pairs(size) if size <= _FEW else _candidates(bins):
        near = similarity(bins[rows], bins[columns]) >= NEAR
        found.append(rows[near] * size + columns[near])
    distinct = np.unique(np.concatenate(found))
    return distinct // max(size, 1), distinct % max(size, 1)


def _all_pairs(size: int) -> Iterator[tuple[Array, Array]]:
    yield np.triu_indices(size, 1)


def _candidates(bins: Array) -> Iterator[tuple[Array, Array]]:
    """Pairs of rows with a band in common: each with some behind it in the band, and with the first."""
    filled = np.flatnonzero((bins != _EMPTY).any(axis=1))
    dense = np.ascontiguousarray(_densified(bins[filled]).T)
    for band in range(_BINS):
        keys = np.zeros(len(filled), np.uint32)
        for mark in _MARKS:
            keys = keys << 4 | dense[(band + mark) % _BINS]
        order = np.argsort(keys, kind="stable")
        keys, rows = keys[order], filled[order]
        begins = np.flatnonzero(np.diff(keys, prepend=keys[:1] + 1))
        firsts = np.repeat(rows[begins], np.diff(begins, append=len(rows)))
        pairs = [(firsts, rows)]
        for step in range(1, _NEIGHBOURS + 1):
            same = np.flatnonzero(keys[step:] == keys[:-step])
            pairs.append((rows[same], rows[same + step]))
        for one, other in pairs:
            distinct = np.flatnonzero(one != other)
            for start in range(0, len(distinct), _PAIRS):
                part = distinct[start : start + _PAIRS]
                yield one[part], other[part]


def _densified(bins: Array) -> Array:
    """Bins of signatures, the empty ones with the value of the next filled one: so bands of short texts tell something.

    A. Shrivastava and P. Li, "Densifying one permutation hashing via rotation", 2014.
    """
    twice = np.concatenate([bins, bins], axis=1)
    width = twice.shape[1]
    places = np.where(twice != _EMPTY, np.arange(width), width - 1)
    following = np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1][:, :_BINS]
    dense: Array = np.take_along_axis(twice, following, axis=1)
    return dense
