# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Room for the best of some scores, and these as arrays."""

from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc

from numpy import empty, float64, intp


cdef int allocate(Heap* heap, Py_ssize_t k, Py_ssize_t most) except -1:
    """Room for the k best of so many at most."""
    heap.k = max(1, min(k, most))
    heap.size = 0
    heap.scores = <double*> malloc(heap.k * sizeof(double))
    heap.docs = <uint32_t*> malloc(heap.k * sizeof(uint32_t))
    if heap.scores == NULL or heap.docs == NULL:
        free(heap.scores)
        free(heap.docs)
        raise MemoryError
    return 0


cdef tuple as_arrays(Heap* heap):
    docs, scores = empty(heap.size, intp), empty(heap.size, float64)
    cdef Py_ssize_t[::1] docs_view = docs
    cdef double[::1] scores_view = scores
    cdef Py_ssize_t i
    for i in range(heap.size):
        docs_view[i] = heap.docs[i]
        scores_view[i] = heap.scores[i]
    return docs, scores
