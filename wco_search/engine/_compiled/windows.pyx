# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The best documents that have any of some words, all of whose postings are added up, some thousand documents at a time.

Sums of so few documents stay in the nearest memory of the processor, those of a large segment do not. Nothing is left
out, so how many documents match is told as well. Scores are sums in the order of the lists, as everywhere.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from wco_search.engine._compiled.arrays cimport room_for
from wco_search.engine._compiled.heap cimport Heap, allocate, as_arrays, push, sort_best_first
from wco_search.engine._compiled.lists cimport Member, Query, Rows, Weighted, mask_of, query_of
from wco_search.engine._compiled.wide cimport count_sums, wipe_sums

cdef enum:
    _FULL = 3  # where there is a posting for so many documents, all sums of a window are read, one after the other
    _BLOCK = 64  # sums of which none is among the best are left out together
    _WIDTH_OF_FULL = 4_096  # documents of a window: 32 kB of sums
    _WIDTH = 16_384  # where there are fewer; 4,096 to 65,536 do as well

cdef fused Number:
    uint8_t
    uint16_t
    uint32_t
    uint64_t


cdef struct Window:
    uint64_t first  # its first document; numbers below count from this one
    uint64_t width
    bint is_full  # whether so many documents have a sum that they are not noted
    double* sums  # of each document; zero between uses
    float* impacts  # the largest of alternatives; zero between uses
    uint32_t* touched  # the documents that have a sum
    uint32_t* own  # those that have an impact
    Py_ssize_t touches
    Py_ssize_t count  # of `own`


cdef Py_ssize_t _add(Window* window, const Number* docs, const Weighted* one, Py_ssize_t place) noexcept nogil:
    """Add a list to the sums from a place on, as far as the window goes; gives the place behind."""
    cdef const float* impacts = one.members.impacts
    cdef double* sums = window.sums
    cdef uint32_t* touched = window.touched
    cdef Py_ssize_t size = one.members.docs.size, n = window.touches
    cdef double weight = one.weight
    cdef float own_weight = one.members.weight
    cdef uint64_t doc, first = window.first, width = window.width
    if window.is_full:
        while place < size and docs[place] - first < width:
            sums[docs[place] - first] += weight * <double> (impacts[place] * own_weight)
            place += 1
        return place
    while place < size:
        doc = docs[place] - first
        if doc >= width:
            break
        touched[n] = <uint32_t> doc
        n += not sums[doc] > 0  # equality would take a branch, for numbers that are none
        sums[doc] += weight * <double> (impacts[place] * own_weight)
        place += 1
    window.touches = n
    return place


cdef Py_ssize_t _raise(Window* window, const Number* docs, const Member* member, Py_ssize_t place) noexcept nogil:
    """The same for one of several alternatives: raise the impacts."""
    cdef const float* impacts = member.impacts
    cdef float* largest = window.impacts
    cdef uint32_t* own = window.own
    cdef Py_ssize_t size = member.docs.size, n = window.count
    cdef float own_weight = member.weight, impact, before
    cdef uint64_t doc, first = window.first, width = window.width
    while place < size:
        doc = docs[place] - first
        if doc >= width:
            break
        impact = impacts[place] * own_weight
        before = largest[doc]
        place += 1
        if not impact > before:
            continue
        own[n] = <uint32_t> doc
        n += not before > 0
        largest[doc] = impact
    window.count = n
    return place


cdef void _add_raised(Window* window, const Weighted* one) noexcept nogil:
    """Add the impacts raised to the sums, but those of documents left out."""
    cdef Py_ssize_t i, n = window.touches
    cdef double* sums = window.sums
    cdef float* impacts = window.impacts
    cdef uint32_t doc
    cdef double gain
    for i in range(window.count):
        doc = window.own[i]
        gain = one.weight * <double> impacts[doc]
        impacts[doc] = 0
        if one.left_out != NULL and one.left_out[window.first + doc]:
            continue
        if not window.is_full:
            window.touched[n] = doc
            n += not sums[doc] > 0
        sums[doc] += gain
    window.touches = n
    window.count = 0


cdef void _read(Window* window, const Weighted* one, Py_ssize_t* places) noexcept nogil:
    """Add what a list has in the window, which begins at *places* of its members; they are moved behind it."""
    cdef Py_ssize_t m
    cdef const Member* member = one.members
    if one.count == 1 and one.left_out == NULL:
        if member.docs.width == 4:
            places[0] = _add(window, <const uint32_t*> member.docs.data, one, places[0])
        elif member.docs.width == 2:
            places[0] = _add(window, <const uint16_t*> member.docs.data, one, places[0])
        elif member.docs.width == 1:
            places[0] = _add(window, member.docs.data, one, places[0])
        else:
            places[0] = _add(window, <const uint64_t*> member.docs.data, one, places[0])
        return
    for m in range(one.count):
        member = one.members + m
        if member.docs.width == 4:
            places[m] = _raise(window, <const uint32_t*> member.docs.data, member, places[m])
        elif member.docs.width == 2:
            places[m] = _raise(window, <const uint16_t*> member.docs.data, member, places[m])
        elif member.docs.width == 1:
            places[m] = _raise(window, member.docs.data, member, places[m])
        else:
            places[m] = _raise(window, <const uint64_t*> member.docs.data, member, places[m])
    _add_raised(window, one)


cdef int64_t _take_touched(Window* window, const uint8_t* allowed, Heap* heap) noexcept nogil:
    """Hold the best of the documents touched, and tell how many there are; leaves the window clean."""
    cdef Py_ssize_t i
    cdef int64_t total = 0
    cdef uint64_t doc
    cdef double* sums = window.sums
    cdef double score, least = heap.scores[0] if heap.size == heap.k else 0
    for i in range(window.touches):
        doc = window.touched[i]
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


cdef int64_t _take_all(Window* window, const uint8_t* allowed, Heap* heap) noexcept nogil:
    """The same where the documents are not noted."""
    cdef Py_ssize_t block, doc, end, width = window.width
    cdef double* sums = window.sums
    cdef double least = heap.scores[0] if heap.size == heap.k else 0
    cdef int64_t total
    cdef int is_any
    if allowed != NULL:
        wipe_sums(sums, allowed + window.first, width)
    total = count_sums(sums, width, least, &is_any)
    for block in range((width + _BLOCK - 1) // _BLOCK if is_any else 0):
        end = min(_BLOCK * (block + 1), width)
        count_sums(sums + _BLOCK * block, end - _BLOCK * block, least, &is_any)
        for doc in range(_BLOCK * block, end if is_any else 0):
            if sums[doc] >= least and sums[doc] > 0:
                push(heap, sums[doc], <uint32_t> (window.first + doc))
                least = heap.scores[0] if heap.size == heap.k else 0
    memset(sums, 0, width * sizeof(double))
    return total


cdef int64_t _run(
    Window* window, Query query, Rows rows, Py_ssize_t* places, const uint8_t* allowed, Heap* heap
) noexcept nogil:
    """Add up window by window; gives how many documents match, -1 where a list names one that there is not."""
    cdef Py_ssize_t i, m, n
    cdef int64_t total = 0
    cdef uint64_t width = window.width, documents = rows.documents
    while window.first < documents:
        window.width = min(width, documents - window.first)
        n = 0
        for i in range(query.count):
            _read(window, query.lists + i, places + n)
            n += query.lists[i].count
        total += _take_all(window, allowed, heap) if window.is_full else _take_touched(window, allowed, heap)
        window.first += width
    n = 0
    for i in range(query.count):
        for m in range(query.lists[i].count):
            if places[n] < query.lists[i].members[m].docs.size:
                return -1
            n += 1
    return total


def best_of_whole(Rows rows, weighted, Py_ssize_t k, allowed):
    """The k best documents that have any of the words: their numbers, scores, and how many match.

    None where a weight or an impact is zero, for which this way is not made.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Query query = query_of(weighted, rows)
    cdef const uint8_t* mask = mask_of(allowed, rows)
    cdef Window window
    cdef Heap heap
    cdef Py_ssize_t i, members = 0, postings = 0, room
    cdef Py_ssize_t* places
    cdef int64_t total
    if not query.is_plain:
        return None
    for i in range(query.count):
        members += query.lists[i].count
        postings += query.lists[i].size
    window.is_full = _FULL * postings > rows.documents
    window.width = _WIDTH_OF_FULL if window.is_full else _WIDTH
    room = min(<Py_ssize_t> window.width, rows.documents) + 1
    if room_for(&rows.touched, &rows.touched_room, room) or room_for(&rows.own, &rows.own_room, room):
        raise MemoryError
    allocate(&heap, k, rows.documents)
    places = <Py_ssize_t*> calloc(members + 1, sizeof(Py_ssize_t))
    window.sums, window.impacts, window.touched, window.own = rows.sums, rows.impacts, rows.touched, rows.own
    window.first = window.touches = window.count = 0
    try:
        if places == NULL:
            raise MemoryError
        with nogil:
            total = _run(&window, query, rows, places, mask, &heap)
            sort_best_first(&heap)
        if total < 0:
            raise IndexError("a list names a document that the segment does not have")
        return (*as_arrays(&heap), total)
    finally:
        free(places)
        free(heap.scores)
        free(heap.docs)
