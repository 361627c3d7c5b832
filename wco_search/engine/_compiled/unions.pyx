# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""How many documents have any of some words, and alternatives put together as one list."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.string cimport memset

from numpy import empty, float32, int32

from wco_search.engine._compiled.arrays cimport exactly, at
from wco_search.engine._compiled.lists cimport Member, Query, Rows, Source, Weighted, mask_of, query_of
from wco_search.engine._compiled.wide cimport (
    count_all_bits, count_all_bits_of, count_bits, join_bits, pack_bits, take_away_bits,
)


def count_any(Rows rows, postings, allowed):
    """How many documents, of *allowed* where that is given, are in any of the lists, exactly.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Query query = query_of([(1.0, each) for each in postings], rows)
    cdef const uint8_t* mask = mask_of(allowed, rows)
    cdef Py_ssize_t i, m, j, size = rows.size // 64
    cdef const Weighted* one
    cdef const Member* member
    cdef uint64_t* into
    cdef uint64_t doc
    cdef int broken = 0
    cdef int64_t total
    if query.count == 1 and query.lists.count == 1 and mask == NULL and query.lists.left_out == NULL:
        return query.lists.size
    with nogil:
        memset(rows.words, 0, size * 8)
        for i in range(query.count):
            one = query.lists + i
            into = rows.words
            if one.left_out != NULL:
                into = rows.masked
                memset(into, 0, size * 8)
            for m in range(one.count):
                member = one.members + m
                if member.words != NULL:
                    join_bits(into, member.words, size)
                    continue
                for j in range(member.docs.size):
                    doc = at(&member.docs, j)
                    if doc >= <uint64_t> rows.documents:
                        broken = 1
                        break
                    into[doc >> 6] |= <uint64_t> 1 << (doc & 63)
            if one.left_out != NULL:
                pack_bits(rows.packed, one.left_out, rows.documents)
                take_away_bits(rows.masked, rows.packed, size)
                join_bits(rows.words, rows.masked, size)
        if mask != NULL:
            pack_bits(rows.packed, mask, rows.documents)
            total = count_all_bits_of(rows.words, rows.packed, size)
        else:
            total = count_all_bits(rows.words, size)
    if broken:
        raise IndexError("a list names a document that the segment does not have")
    return total


def put_together(Rows rows, Source several):
    """The documents of weighted lists, ascending, without those left out; their impacts, and the largest and the tenth
    largest of these.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t m, j, count = 0, place = 0, words = rows.size // 64
    cdef const Member* member
    cdef uint64_t doc, bits
    cdef float impact
    cdef float[10] best
    cdef bint broken = several.left_out != NULL and several.left_out_size < rows.documents
    cdef int32_t* into_docs
    cdef float* into_impacts
    memset(best, 0, sizeof(best))
    memset(rows.words, 0, words * 8)
    with nogil:
        for m in range(several.count):
            member = several.members + m
            for j in range(member.docs.size):
                doc = at(&member.docs, j)
                if broken or doc >= <uint64_t> rows.documents:
                    broken = True
                    break
                rows.words[doc >> 6] |= <uint64_t> 1 << (doc & 63)
                impact = member.impacts[j] * member.weight
                if impact > rows.impacts[doc]:
                    rows.impacts[doc] = impact
        if several.left_out != NULL and not broken:
            pack_bits(rows.packed, several.left_out, rows.documents)
            take_away_bits(rows.words, rows.packed, words)
        count = count_all_bits(rows.words, words)
    if broken:
        memset(rows.impacts, 0, rows.size * sizeof(float))
        raise IndexError("a list names a document that the segment does not have")
    docs, impacts = empty(count, int32), empty(count, float32)
    into_docs = <int32_t*> exactly(docs, "i", count)
    into_impacts = <float*> exactly(impacts, "f", count)
    with nogil:
        for m in range(words):
            bits = rows.words[m]
            while bits:
                doc = 64 * m + count_bits((bits & (~bits + 1)) - 1)
                bits &= bits - 1
                impact = rows.impacts[doc]
                into_docs[place] = <int32_t> doc
                into_impacts[place] = impact
                place += 1
                if impact > best[0]:
                    j = 0
                    while j < 9 and best[j + 1] < impact:
                        best[j] = best[j + 1]
                        j += 1
                    best[j] = impact
        for m in range(several.count):
            member = several.members + m
            for j in range(member.docs.size):
                rows.impacts[at(&member.docs, j)] = 0
    return docs, impacts, best[9], best[0]
