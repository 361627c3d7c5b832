# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The best documents that have any of some words, all of whose postings are added up, some thousand documents at a time.

Sums of so few documents stay in the nearest memory of the processor, those of a large segment do not. Nothing is left
out, so how many documents match is told as well. Scores are sums in the order of the lists, as everywhere.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from wco_search.engine._compiled.arrays cimport room_for
from wco_search.engine._compiled.heap cimport Heap, allocate, as_arrays, push, sort_best_first
from wco_search.engine._compiled.lists cimport Member, Query, Rows, Weighted, mask_of, query_of

cdef enum:
    _WIDTH = 16_384  # documents of a window; 4,096 to 65,536 do as well

cdef fused Number:
    uint8_t
    uint16_t
    uint32_t
    uint64_t


cdef struct Window:
    uint64_t first  # its first document; numbers below count from this one
    uint64_t width
    double* sums  # of each document; zero between uses
    float* impacts  # the largest of alternatives; zero between uses
    uint32_t* touched  # the documents that have a sum
    uint32_t* own  # those that have an impact
    Py_ssize_t touches
    Py_ssize_t count  # of `own`


cdef Py_ssize_t _add(
    Window* window, const Number* docs, Py_ssize_t place, const Weighted* one, const Member* member
) noexcept nogil:
    """Add a list to the sums from a place on, as far as the window goes; gives the place behind."""
    cdef const uint8_t* left_out = NULL
    cdef const float* impacts = member.impacts
    cdef double* sums = window.sums
    cdef uint32_t* touched = window.touched
    cdef Py_ssize_t size = member.docs.size, n = window.touches
    cdef double weight = one.weight, gain
    cdef float own_weight = member.weight
    cdef uint64_t doc, first = window.first, width = window.width
    if one.left_out != NULL:
        left_out = one.left_out + window.first
    while place < size:
        doc = docs[place] - first
        if doc >= width:
            break
        gain = weight * <double> (impacts[place] * own_weight)
        place += 1
        if (left_out != NULL and left_out[doc]) or not gain > 0:
            continue
        touched[n] = <uint32_t> doc
        n += not sums[doc] > 0  # equality would take a branch, for numbers that are none
        sums[doc] += gain
    window.touches = n
    return place


cdef Py_ssize_t _raise(
    Window* window, const Number* docs, Py_ssize_t place, const Weighted* one, const Member* member
) noexcept nogil:
    """The same for one of several alternatives: raise the impacts."""
    cdef const uint8_t* left_out = NULL
    cdef const float* impacts = member.impacts
    cdef float* largest = window.impacts
    cdef uint32_t* own = window.own
    cdef Py_ssize_t size = member.docs.size, n = window.count
    cdef float own_weight = member.weight, impact, before
    cdef uint64_t doc, first = window.first, width = window.width
    if one.left_out != NULL:
        left_out = one.left_out + window.first
    while place < size:
        doc = docs[place] - first
        if doc >= width:
            break
        impact = impacts[place] * own_weight
        before = largest[doc]
        place += 1
        if (left_out != NULL and left_out[doc]) or not impact > before:
            continue
        own[n] = <uint32_t> doc
        n += not before > 0
        largest[doc] = impact
    window.count = n
    return place


cdef Py_ssize_t _read_any(Window* window, Py_ssize_t place, const Weighted* one, const Member* member) noexcept nogil:
    cdef bint is_single = one.count == 1
    if member.docs.width == 4:
        return (
            _add(window, <const uint32_t*> member.docs.data, place, one, member) if is_single
            else _raise(window, <const uint32_t*> member.docs.data, place, one, member)
        )
    if member.docs.width == 2:
        return (
            _add(window, <const uint16_t*> member.docs.data, place, one, member) if is_single
            else _raise(window, <const uint16_t*> member.docs.data, place, one, member)
        )
    if member.docs.width == 1:
        return (
            _add(window, member.docs.data, place, one, member) if is_single
            else _raise(window, member.docs.data, place, one, member)
        )
    return (
        _add(window, <const uint64_t*> member.docs.data, place, one, member) if is_single
        else _raise(window, <const uint64_t*> member.docs.data, place, one, member)
    )


cdef void _add_up(Window* window, Query query, Py_ssize_t* places) noexcept nogil:
    """Add up what all lists have in the window; *places* are where it begins in each of their members."""
    cdef Py_ssize_t i, m, j, n
    cdef const Weighted* one
    cdef double* sums = window.sums
    cdef double weight, gain
    cdef float* impacts = window.impacts
    cdef uint32_t* touched = window.touched
    cdef const uint32_t* own = window.own
    cdef uint32_t doc
    for i in range(query.count):
        one = query.lists + i
        window.count = 0
        for m in range(one.count):
            places[m] = _read_any(window, places[m], one, one.members + m)
        places += one.count
        weight = one.weight
        n = window.touches
        for j in range(window.count):
            doc = own[j]
            gain = weight * <double> impacts[doc]
            impacts[doc] = 0
            if gain > 0:
                touched[n] = doc
                n += not sums[doc] > 0
                sums[doc] += gain
        window.touches = n


cdef int64_t _take(Window* window, const uint8_t* allowed, Heap* heap) noexcept nogil:
    """Hold the best of the documents touched, and tell how many there are; leaves the window clean."""
    cdef Py_ssize_t i
    cdef int64_t total = 0
    cdef uint64_t doc
    cdef double* sums = window.sums
    cdef const uint32_t* touched = window.touched
    cdef double score, least = heap.scores[0] if heap.size == heap.k else 0
    for i in range(window.touches):
        doc = touched[i]
        score = sums[doc]
        sums[doc] = 0
        doc += window.first
        if allowed != NULL and not allowed[doc]:
            continue
        total += 1
        if score >= least:
            push(heap, score, <uint32_t> doc)
            least = heap.scores[0] if heap.size == heap.k else 0
    window.touches = 0
    return total


def best_of_few(Rows rows, weighted, Py_ssize_t k, allowed):
    """The k best documents that have any of the words: their numbers, scores, and how many match.

    None where a weight or an impact is zero, for which this way is not made.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Query query = query_of(weighted, rows)
    cdef const uint8_t* mask = mask_of(allowed, rows)
    cdef Window window
    cdef Heap heap
    cdef Py_ssize_t i, m, n = 0, members = 0, width = min(_WIDTH, rows.documents)
    cdef Py_ssize_t* places
    cdef int64_t total = 0
    cdef bint broken = False
    if not query.is_plain:
        return None
    for i in range(query.count):
        members += query.lists[i].count
    if room_for(&rows.touched, &rows.touched_room, width + 1) or room_for(&rows.own, &rows.own_room, width + 1):
        raise MemoryError
    allocate(&heap, k, rows.documents)
    places = <Py_ssize_t*> calloc(members + 1, sizeof(Py_ssize_t))
    window.sums, window.impacts, window.touched, window.own = rows.sums, rows.impacts, rows.touched, rows.own
    window.first = window.touches = 0
    try:
        if places == NULL:
            raise MemoryError
        with nogil:
            while window.first < <uint64_t> rows.documents:
                window.width = min(<uint64_t> width, <uint64_t> rows.documents - window.first)
                _add_up(&window, query, places)
                total += _take(&window, mask, &heap)
                window.first += width
            for i in range(query.count):
                for m in range(query.lists[i].count):
                    broken = broken or places[n] < query.lists[i].members[m].docs.size
                    n += 1
            sort_best_first(&heap)
        if broken:
            raise IndexError("a list names a document that the segment does not have")
        return (*as_arrays(&heap), total)
    finally:
        free(places)
        free(heap.scores)
        free(heap.docs)
