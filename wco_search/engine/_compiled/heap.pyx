# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Room for the best of some scores, and these as arrays."""

from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from numpy import empty, float64, intp

from wco_search.engine._compiled.arrays cimport writable


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
    cdef Py_ssize_t* numbers = <Py_ssize_t*> writable(docs)
    cdef Py_ssize_t i
    memcpy(writable(scores), heap.scores, heap.size * sizeof(double))
    for i in range(heap.size):
        numbers[i] = heap.docs[i]
    return docs, scores


cdef tuple bounds_of(const float* impacts, Py_ssize_t size):
    """The largest and the tenth largest of some impacts, which is 0 where there are fewer."""
    cdef float[10] best
    cdef Py_ssize_t i, j
    memset(best, 0, sizeof(best))
    for i in range(size):
        if impacts[i] > best[0]:
            j = 0
            while j < 9 and best[j + 1] < impacts[i]:
                best[j] = best[j + 1]
                j += 1
            best[j] = impacts[i]
    return best[9], best[0]
