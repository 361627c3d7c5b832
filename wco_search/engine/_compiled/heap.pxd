"""The best of some scores."""

from libc.stdint cimport uint32_t


cdef struct Heap:  # the worst is first
    double* scores
    uint32_t* docs
    Py_ssize_t k
    Py_ssize_t size


cdef inline bint is_worse(double score, uint32_t doc, double other, uint32_t other_doc) noexcept nogil:
    return score < other or (score == other and doc > other_doc)


cdef inline void sift_down(Heap* heap, Py_ssize_t end, double score, uint32_t doc) noexcept nogil:
    """Put an entry to the top of the first *end* places and let it sink to its place."""
    cdef Py_ssize_t place = 0, child
    while True:
        child = 2 * place + 1
        if child >= end:
            break
        if child + 1 < end and is_worse(
            heap.scores[child + 1], heap.docs[child + 1], heap.scores[child], heap.docs[child]
        ):
            child += 1
        if not is_worse(heap.scores[child], heap.docs[child], score, doc):
            break
        heap.scores[place], heap.docs[place] = heap.scores[child], heap.docs[child]
        place = child
    heap.scores[place], heap.docs[place] = score, doc


cdef inline bint push(Heap* heap, double score, uint32_t doc) noexcept nogil:
    """Hold a document if it is one of the k best so far; says whether it is."""
    cdef Py_ssize_t place, parent
    if heap.size < heap.k:
        place = heap.size
        heap.size += 1
        while place:
            parent = (place - 1) >> 1
            if not is_worse(score, doc, heap.scores[parent], heap.docs[parent]):
                break
            heap.scores[place], heap.docs[place] = heap.scores[parent], heap.docs[parent]
            place = parent
        heap.scores[place], heap.docs[place] = score, doc
        return True
    if not is_worse(heap.scores[0], heap.docs[0], score, doc):
        return False
    sift_down(heap, heap.size, score, doc)
    return True


cdef inline void sort_best_first(Heap* heap) noexcept nogil:
    cdef Py_ssize_t end = heap.size
    cdef double score
    cdef uint32_t doc
    while end > 1:
        end -= 1
        score, doc = heap.scores[end], heap.docs[end]
        heap.scores[end], heap.docs[end] = heap.scores[0], heap.docs[0]
        sift_down(heap, end, score, doc)


cdef inline double kth_sum(const double* sums, const uint32_t* docs, Py_ssize_t size, Heap* heap) noexcept nogil:
    """The k-th largest of the sums of some documents, 0 where they are fewer; *heap* is left empty."""
    cdef Py_ssize_t i
    cdef double found
    if size < heap.k:
        return 0.0
    for i in range(size):
        if heap.size < heap.k or sums[docs[i]] > heap.scores[0]:
            push(heap, sums[docs[i]], docs[i])
    found = heap.scores[0]
    heap.size = 0
    return found


cdef int allocate(Heap* heap, Py_ssize_t k, Py_ssize_t most) except -1
cdef tuple as_arrays(Heap* heap)
cdef tuple bounds_of(const float* impacts, Py_ssize_t size)
