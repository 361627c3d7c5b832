"""Where the terms of a segment stand."""

from libc.stdint cimport int64_t

from wco_search.engine._compiled.arrays cimport Numbers, at

cdef enum:
    CODES = 256  # of lengths, as many as a byte has values


cdef class Places:
    cdef Numbers positions
    cdef Numbers offsets
    cdef Numbers field_starts
    cdef const double* norms
    cdef const int64_t* lengths
    cdef int64_t field_gap
    cdef double title_weight
    cdef Py_ssize_t documents
    cdef object kept

    cdef int span(self, where, Numbers* into) except -1


cdef inline double norm_of(Places places, Py_ssize_t field) noexcept nogil:
    """K of a field of a document, from its length. The twin of `wco_search.engine.postings.Norms.at`."""
    cdef int64_t length = <int64_t> (at(&places.field_starts, field + 1) - at(&places.field_starts, field))
    cdef Py_ssize_t low = 1, high = CODES, middle
    length -= places.field_gap
    while low < high:
        middle = (low + high) >> 1
        if places.lengths[middle] <= length:
            low = middle + 1
        else:
            high = middle
    return places.norms[CODES * (field & 1) + low - 1]
