"""Where the terms of a segment stand."""

from wco_search.engine._compiled.arrays cimport Numbers


cdef class Places:
    cdef Numbers positions
    cdef Numbers offsets
    cdef Numbers field_starts
    cdef const double* norms
    cdef double title_weight
    cdef Py_ssize_t documents
    cdef object kept

    cdef int span(self, where, Numbers* into) except -1
