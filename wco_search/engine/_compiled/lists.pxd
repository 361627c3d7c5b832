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
    Numbers champions  # the documents of the largest impacts, where these are known
    float others  # the largest impact of the other documents
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
    cdef readonly int side

    cdef int find_champions(self) except -1


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
    cdef Numbers champion_terms
    cdef Numbers champion_offsets
    cdef Numbers champions
    cdef const float* others
    cdef Py_ssize_t padded
    cdef object kept

    cdef int open(self, Py_ssize_t term, Member* into) except -1
    cdef int open_champions(self, Py_ssize_t row, Member* into) except -1


cdef struct Weighted:
    double weight
    const Member* members
    Py_ssize_t count
    const uint64_t* left_out  # the bitmap of the documents that do not count
    Py_ssize_t size  # postings of all members
    double most  # that it adds to a score
    double others  # that it adds to the score of a document that is no champion; as much where none is known
    int side  # the documents that it is sought in: those of a language, an even number, or all others, the next; or 0
    double ratio  # of its weight to the idf that its levels were made with


cdef inline bint leaves_out(const Weighted* one, uint64_t doc) noexcept nogil:
    """Whether a document does not count."""
    return one.left_out != NULL and (one.left_out[doc >> 6] >> (doc & 63)) & 1


cdef inline Py_ssize_t place_in(const Member* member, uint64_t doc, int* broken) noexcept nogil:
    """The place of a document in the list, -1 where it is not there."""
    cdef uint64_t word, bit
    cdef Py_ssize_t low, high, middle
    if member.words != NULL:
        word = member.words[doc >> 6]
        bit = doc & 63
        if not (word >> bit) & 1:
            return -1
        low = <Py_ssize_t> at(&member.ranks, doc >> 6) + count_bits(word & ((<uint64_t> 1 << bit) - 1))
        if low < 0 or low >= member.docs.size:
            broken[0] = 1
            return -1
        return low
    low = 0
    high = member.docs.size
    while low < high:
        middle = (low + high) >> 1
        if at(&member.docs, middle) < doc:
            low = middle + 1
        else:
            high = middle
    return low if low < member.docs.size and at(&member.docs, low) == doc else -1


cdef inline float impact_in(const Member* member, uint64_t doc, int* broken) noexcept nogil:
    """The impact of a document, 0 where it is not in the list."""
    cdef Py_ssize_t place = place_in(member, doc, broken)
    return member.impacts[place] * member.weight if place >= 0 else <float> 0


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
    cdef uint32_t* bitmaps
    cdef Py_ssize_t bitmaps_room
    cdef uint32_t* finds
    cdef Py_ssize_t finds_room


cdef class Query:
    cdef Weighted* lists
    cdef double* rests
    cdef Py_ssize_t count
    cdef double start
    cdef bint is_plain
    cdef object kept


cdef Query query_of(weighted, Rows rows)
cdef const uint8_t* mask_of(object mask, Rows rows) except? NULL
cdef double cost_by_sums(Query query, Rows rows) noexcept nogil
cdef double cost_by_bitmaps(Query query, Rows rows) noexcept nogil
