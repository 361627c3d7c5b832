"""Where the terms of a segment stand."""

from libc.stdint cimport uint64_t

from wco_search.engine._compiled.arrays cimport Numbers, at


cdef class Places:
    cdef Numbers positions
    cdef Numbers offsets
    cdef Numbers field_starts
    cdef const double* norms
    cdef double title_weight
    cdef Py_ssize_t documents
    cdef object kept

    cdef int span(self, where, Numbers* into) except -1


cdef inline double impact_of_counts(Places places, uint64_t doc, Py_ssize_t in_title, Py_ssize_t in_body) noexcept nogil:
    """The impact in a document of a word that stands so often in its title and in its body."""
    cdef double title = <double> in_title, body = <double> in_body
    title = places.title_weight * (title / (title + places.norms[2 * doc]))
    body = body / (body + places.norms[2 * doc + 1])
    return title + body if in_title and in_body else title if in_title else body


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
