"""The documents of words in a segment, as the loops read them."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from wco_search.engine._compiled.arrays cimport Numbers, at
from wco_search.engine._compiled.wide cimport count_bits


cdef struct Member:  # the documents of a term
    Numbers docs
    const float* impacts
    const uint64_t* words
    Numbers ranks
    const uint8_t* levels
    Py_ssize_t room  # for how many documents words and levels are
    float weight


cdef class Source:
    cdef Member* members
    cdef Py_ssize_t count
    cdef const uint64_t* left_out
    cdef Py_ssize_t left_out_room
    cdef readonly double largest
    cdef readonly double tenth
    cdef double frozen_idf
    cdef object kept
    cdef readonly Py_ssize_t size
    cdef readonly bint has_levels


cdef class Terms:
    cdef Numbers offsets
    cdef Numbers docs
    cdef const float* impacts
    cdef const float* largest
    cdef const float* tenth
    cdef Numbers bit_terms
    cdef const uint64_t* bits
    cdef Numbers ranks
    cdef Numbers row_terms
    cdef const uint8_t* levels
    cdef const double* idfs
    cdef Py_ssize_t padded
    cdef object kept

    cdef int open(self, Py_ssize_t term, Member* into) except -1


cdef struct Weighted:
    double weight
    const Member* members
    Py_ssize_t count
    const uint64_t* left_out  # the bitmap of the documents that do not count
    Py_ssize_t size  # postings of all members
    double most  # that it adds to a score
    double ratio  # of its weight to the idf that its levels were made with


cdef inline bint leaves_out(const Weighted* one, uint64_t doc) noexcept nogil:
    """Whether a document does not count."""
    return one.left_out != NULL and (one.left_out[doc >> 6] >> (doc & 63)) & 1


cdef inline float impact_in(const Member* member, uint64_t doc, int* broken) noexcept nogil:
    """The impact of a document, 0 where it is not in the list."""
    cdef uint64_t word, bit
    cdef Py_ssize_t low, high, middle
    if member.words != NULL:
        word = member.words[doc >> 6]
        bit = doc & 63
        if not (word >> bit) & 1:
            return 0
        low = <Py_ssize_t> at(&member.ranks, doc >> 6) + count_bits(word & ((<uint64_t> 1 << bit) - 1))
        if low < 0 or low >= member.docs.size:
            broken[0] = 1
            return 0
        return member.impacts[low] * member.weight
    low = 0
    high = member.docs.size
    while low < high:
        middle = (low + high) >> 1
        if at(&member.docs, middle) < doc:
            low = middle + 1
        else:
            high = middle
    if low < member.docs.size and at(&member.docs, low) == doc:
        return member.impacts[low] * member.weight
    return 0


cdef inline double gain(const Weighted* one, uint64_t doc, int* broken) noexcept nogil:
    """What a list adds to the score of a document."""
    cdef float largest, other
    cdef Py_ssize_t i
    if leaves_out(one, doc):
        return 0.0
    largest = impact_in(one.members, doc, broken)
    for i in range(1, one.count):
        other = impact_in(one.members + i, doc, broken)
        if other > largest:
            largest = other
    return one.weight * <double> largest


cdef class Rows:
    cdef readonly Py_ssize_t documents
    cdef readonly Py_ssize_t size
    cdef double* sums
    cdef float* impacts
    cdef uint8_t* levels
    cdef uint16_t* many_levels
    cdef uint16_t* largest
    cdef uint64_t* words
    cdef uint64_t* masked
    cdef uint64_t* packed
    cdef uint32_t* touched
    cdef Py_ssize_t touched_room
    cdef uint32_t* own
    cdef Py_ssize_t own_room


cdef class Query:
    cdef Weighted* lists
    cdef double* rests
    cdef Py_ssize_t count
    cdef double start
    cdef bint is_plain
    cdef object kept


cdef Query query_of(weighted, Rows rows)
cdef const uint8_t* mask_of(object mask, Rows rows) except? NULL
