# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The best documents that have a word of each of some clauses."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from numpy import empty, float64, intp

from wco_search.engine._compiled.arrays cimport at
from wco_search.engine._compiled.heap cimport Heap, allocate, as_arrays, push, sort_best_first
from wco_search.engine._compiled.lists cimport Member, Query, Rows, Weighted, gain, mask_of, query_of
from wco_search.engine._compiled.wide cimport count_bits

cdef enum:
    _MOST_PLACES = 64  # lists of a clause in which the search goes on where it ended


cdef struct Conjunction:
    uint32_t* docs
    double* sums  # those of each clause, a row of `room` for each, and last the whole
    Py_ssize_t room
    Py_ssize_t size
    int broken


cdef inline double _gain_onwards(const Weighted* one, uint64_t doc, Py_ssize_t* place, int* broken) noexcept nogil:
    """As `gain` for documents that ascend; *place* is where the search for the last one ended."""
    cdef const Member* member = one.members
    cdef Py_ssize_t low, high, step, middle, size = member.docs.size
    if one.count > 1 or member.words != NULL:
        return gain(one, doc, broken)
    if one.left_out != NULL and one.left_out[doc]:
        return 0.0
    low = place[0]
    if low < size and at(&member.docs, low) < doc:
        step = 1
        while low + step < size and at(&member.docs, low + step) < doc:
            low += step
            step *= 2
        high = min(low + step, size)
        low += 1
        while low < high:
            middle = (low + high) >> 1
            if at(&member.docs, middle) < doc:
                low = middle + 1
            else:
                high = middle
        place[0] = low
    if low < size and at(&member.docs, low) == doc:
        return one.weight * <double> (member.impacts[low] * member.weight)
    return 0.0


cdef int _seed(
    Conjunction* found, Rows rows, const Weighted* lists, Py_ssize_t count, const uint8_t* allowed
) noexcept nogil:
    """The documents of the lists of a clause, ascending."""
    cdef Py_ssize_t i, m, j, word, n = 0
    cdef uint64_t doc, bits
    cdef const Member* member
    cdef Py_ssize_t words = rows.size // 64
    if count == 1 and lists.count == 1:
        member = lists.members
        for j in range(member.docs.size):
            doc = at(&member.docs, j)
            if doc >= <uint64_t> rows.documents:
                found.broken = 1
                return 0
            if (allowed == NULL or allowed[doc]) and (lists.left_out == NULL or not lists.left_out[doc]):
                found.docs[n] = <uint32_t> doc
                n += 1
        found.size = n
        return 0
    memset(rows.words, 0, words * 8)
    for i in range(count):
        for m in range(lists[i].count):
            member = lists[i].members + m
            for j in range(member.docs.size):
                doc = at(&member.docs, j)
                if doc >= <uint64_t> rows.documents:
                    found.broken = 1
                    return 0
                rows.words[doc >> 6] |= <uint64_t> 1 << (doc & 63)
    for word in range(words):
        bits = rows.words[word]
        while bits:
            doc = 64 * word + count_bits((bits & (~bits + 1)) - 1)
            bits &= bits - 1
            if allowed == NULL or allowed[doc]:
                found.docs[n] = <uint32_t> doc
                n += 1
    found.size = n
    return 0


cdef void _sum_up(
    Conjunction* found, const Weighted* lists, Py_ssize_t count, double* into, bint required, Py_ssize_t rows_before,
    const Py_ssize_t* done,
) noexcept nogil:
    """What a clause gives each document found; those that get nothing are dropped where it is *required*."""
    cdef Py_ssize_t i, j, before, n = 0, size = found.size
    cdef Py_ssize_t[_MOST_PLACES] places
    cdef uint32_t doc
    cdef double total
    memset(places, 0, sizeof(places))
    for i in range(size):
        doc = found.docs[i]
        total = 0.0
        for j in range(count):
            if j < _MOST_PLACES:
                total += _gain_onwards(lists + j, doc, places + j, &found.broken)
            else:
                total += gain(lists + j, doc, &found.broken)
        if required and total == 0:
            continue
        found.docs[n] = doc
        into[n] = total
        if n < i:
            for before in range(rows_before):
                found.sums[done[before] * found.room + n] = found.sums[done[before] * found.room + i]
        n += 1
    found.size = n


def all_of(Rows rows, clauses, lifts, Py_ssize_t k, allowed):
    """The k best documents that any list of each clause has: their numbers, scores, and how many there are.

    A score is the sum of the clauses, in order, each the sum of its lists; then comes the sum of *lifts*, which need
    not have the document. The twin of `wco_search.engine.topk.all_of`.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t count = len(clauses), i, j, seed = 0, clause
    cdef list starts = [0], every = []
    for one in clauses:
        every += one
        starts.append(len(every))
    every += lifts
    cdef Query query = query_of(every, rows)
    cdef const uint8_t* mask = mask_of(allowed, rows)
    cdef list sizes = []
    for i in range(count):
        sizes.append(sum([query.lists[j].size for j in range(starts[i], starts[i + 1])]))
    cdef list order = sorted(range(count), key=sizes.__getitem__)
    cdef Py_ssize_t first, last
    cdef Conjunction found
    cdef Heap heap
    cdef Py_ssize_t* done
    cdef double* scores
    cdef double score
    if not count or not min(sizes):
        return empty(0, intp), empty(0, float64), 0
    memset(&found, 0, sizeof(found))
    found.room = <Py_ssize_t> sizes[order[0]] + 1
    allocate(&heap, k, found.room)
    done = <Py_ssize_t*> malloc((count + 1) * sizeof(Py_ssize_t))
    found.docs = <uint32_t*> malloc(found.room * sizeof(uint32_t))
    found.sums = <double*> malloc((count + 1) * found.room * sizeof(double))
    try:
        if done == NULL or found.docs == NULL or found.sums == NULL:
            raise MemoryError
        first, last = starts[order[0]], starts[order[0] + 1]
        with nogil:
            _seed(&found, rows, query.lists + first, last - first, mask)
        for i in range(count):
            clause = order[i]
            done[i] = clause
            first, last = starts[clause], starts[clause + 1]
            with nogil:
                _sum_up(&found, query.lists + first, last - first, found.sums + clause * found.room, True, i, done)
        first = starts[count]
        with nogil:
            scores = found.sums + count * found.room
            if first < query.count:
                _sum_up(&found, query.lists + first, query.count - first, scores, False, 0, done)
            for i in range(found.size):
                score = found.sums[i]
                for j in range(1, count):
                    score += found.sums[j * found.room + i]
                if first < query.count:
                    score += scores[i]
                push(&heap, score, found.docs[i])
            sort_best_first(&heap)
        if found.broken:
            raise IndexError("a list names a document that the segment does not have")
        return (*as_arrays(&heap), found.size)
    finally:
        free(done)
        free(found.docs)
        free(found.sums)
        free(heap.scores)
        free(heap.docs)
