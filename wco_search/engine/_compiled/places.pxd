"""Where the terms of a segment stand."""

from libc.stdint cimport int64_t, uint64_t

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


cdef inline double impact_of_counts(Places places, uint64_t doc, Py_ssize_t in_title, Py_ssize_t in_body) noexcept nogil:
    """The impact in a document of a word that stands so often in its title and in its body."""
    cdef double title = <double> in_title, body = <double> in_body
    if in_title:
        title = places.title_weight * (title / (title + norm_of(places, 2 * doc)))
    if in_body:
        body = body / (body + norm_of(places, 2 * doc + 1))
    return title + body


cdef inline float impact_of(Places places, uint64_t doc, const uint64_t* positions, Py_ssize_t size) noexcept nogil:
    """The impact in a document of a word that stands at *positions*, ascending, of which one may come twice."""
    cdef uint64_t body = at(&places.field_starts, 2 * doc + 1)
    cdef Py_ssize_t i, in_title = 0, in_body = 0
    for i in range(size):
        if i and positions[i] == positions[i - 1]:
            continue
        if positions[i] < body:
            in_title += 1
        else:
            in_body += 1
    return <float> impact_of_counts(places, doc, in_title, in_body)
