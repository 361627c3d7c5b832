# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The best documents that have any of some words, some thousand documents at a time.

Bitmaps of so few documents stay in the nearest memory of the processor. What lists a document is in bounds its score,
so most are left out before any impact is read: only those are that have all of some lists which together could lift a
document among the best, 64 documents an instruction. The bitmaps tell how many documents match as well. Scores are sums
in the order of the lists, as everywhere.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from wco_search.engine._compiled.arrays cimport at, first_not_below, room_for
from wco_search.engine._compiled.heap cimport Heap, allocate, as_arrays, push, sort_best_first
from wco_search.engine._compiled.lists cimport Member, Query, Rows, Weighted, impact_in, mask_of, query_of
from wco_search.engine._compiled.wide cimport (
    count_all_bits, join_bits, lowest_bit, meet_bits, meeting_bits, pack_bits, take_away_bits,
)

cdef enum:
    _WORDS = 256  # of the bitmap of a window
    _FIRST = 16  # of that of the first one, each next is twice as wide: the first are read whole
    _MOST_DEPTH = 8  # lists that are met at most
    _MOST_MEETINGS = 64  # of lists in a window; where there are more ways to be among the best, more may be
    _BISECTION = 16  # a look-up in a list costs about as much as so many of its postings

cdef double _SAFE = 1 - 1e-9  # bounds are added up in another order than scores

cdef fused Number:
    uint8_t
    uint16_t
    uint32_t
    uint64_t


cdef struct Span:  # the places of a member in the window
    Py_ssize_t first
    Py_ssize_t end


cdef struct Window:
    uint64_t first  # its first document; numbers below count from this one
    uint64_t width
    Py_ssize_t words
    uint64_t* bits  # a bitmap for each list: its documents
    uint64_t* any  # those of any list that may be found
    uint64_t* candidates  # those that may be among the best
    uint64_t* met  # those of several lists, for each depth
    int meetings
    double need  # the score of the last of the best
    double* sums  # of each document; zero between uses
    float* impacts  # the largest of alternatives; zero between uses
    uint32_t* docs  # the numbers of the candidates
    Py_ssize_t count
    uint32_t* own_docs  # those of them that one list has
    Py_ssize_t own_count
    int broken


cdef Py_ssize_t _mark(
    uint64_t* bits, const Number* docs, Py_ssize_t place, Py_ssize_t size, const Window* window
) noexcept nogil:
    """Set the bits of the documents of a list from a place on, as far as the window goes; gives the place behind."""
    cdef uint64_t doc, first = window.first, width = window.width
    while place < size:
        doc = docs[place] - first
        if doc >= width:
            break
        bits[doc >> 6] |= <uint64_t> 1 << (doc & 63)
        place += 1
    return place


cdef inline Py_ssize_t _mark_any(
    uint64_t* bits, const Member* member, Py_ssize_t place, const Window* window
) noexcept nogil:
    if member.docs.width == 4:
        return _mark(bits, <const uint32_t*> member.docs.data, place, member.docs.size, window)
    if member.docs.width == 2:
        return _mark(bits, <const uint16_t*> member.docs.data, place, member.docs.size, window)
    if member.docs.width == 1:
        return _mark(bits, member.docs.data, place, member.docs.size, window)
    return _mark(bits, <const uint64_t*> member.docs.data, place, member.docs.size, window)


cdef void _mark_lists(Window* window, Query query, Span* spans) noexcept nogil:
    """The bitmaps of all lists; *spans* are told where they go on."""
    cdef Py_ssize_t i, m, words = window.words, word = window.first // 64
    cdef const Weighted* one
    cdef const Member* member
    cdef uint64_t* bits
    memset(window.any, 0, words * 8)
    memset(window.bits, 0, query.count * _WORDS * 8)
    for i in range(query.count):
        one = query.lists + i
        bits = window.bits + i * _WORDS
        for m in range(one.count):
            member = one.members + m
            if member.words != NULL:
                join_bits(bits, member.words + word, words)
            else:
                spans.first = spans.end
                spans.end = _mark_any(bits, member, spans.first, window)
            spans += 1
        if one.left_out != NULL:
            take_away_bits(bits, one.left_out + word, words)
        join_bits(window.any, bits, words)
    if window.width & 63:  # the bitmap of a word, from a file, may go on
        window.any[words - 1] &= (<uint64_t> 1 << (window.width & 63)) - 1


cdef void _meet(
    Window* window, Query query, Py_ssize_t i, Py_ssize_t depth, const uint64_t* of, double most
) noexcept nogil:
    """Make those documents *of* some lists candidates that lists from one on could lift among the best.

    *most* is what the lists that all of them have add at most.
    """
    cdef uint64_t* met = window.met + depth * _WORDS
    while i < query.count and most + query.rests[i] >= window.need:
        if depth == _MOST_DEPTH or window.meetings == _MOST_MEETINGS:
            join_bits(window.candidates, of, window.words)
            return
        window.meetings += 1
        if meeting_bits(met, of, window.bits + i * _WORDS, window.words):
            if most + query.lists[i].most >= window.need:
                join_bits(window.candidates, met, window.words)
            else:
                _meet(window, query, i + 1, depth + 1, met, most + query.lists[i].most)
        i += 1


cdef inline void _count_in(Window* window, const Weighted* one, uint64_t doc, float impact) noexcept nogil:
    """Add the impact of a single list to the sum of a document, or raise that of alternatives."""
    if one.count == 1:
        window.sums[doc] += one.weight * <double> impact
    elif impact > window.impacts[doc]:
        window.impacts[doc] = impact


cdef void _read(
    Window* window, const Number* docs, const Span* span, const Weighted* one, const Member* member, const uint64_t* bits
) noexcept nogil:
    """Count in what a list has in the window."""
    cdef Py_ssize_t place
    cdef uint64_t doc, first = window.first
    cdef const uint64_t* candidates = window.candidates
    for place in range(span.first, span.end):
        doc = docs[place] - first
        if ((candidates[doc >> 6] & bits[doc >> 6]) >> (doc & 63)) & 1:
            _count_in(window, one, doc, member.impacts[place] * member.weight)


cdef inline void _read_any(
    Window* window, const Span* span, const Weighted* one, const Member* member, const uint64_t* bits
) noexcept nogil:
    if member.docs.width == 4:
        _read(window, <const uint32_t*> member.docs.data, span, one, member, bits)
    elif member.docs.width == 2:
        _read(window, <const uint16_t*> member.docs.data, span, one, member, bits)
    elif member.docs.width == 1:
        _read(window, member.docs.data, span, one, member, bits)
    else:
        _read(window, <const uint64_t*> member.docs.data, span, one, member, bits)


cdef void _look_up(Window* window, const Weighted* one, const Member* member, const Span* span) noexcept nogil:
    """The same for few documents: look each of them up."""
    cdef Py_ssize_t i, place = span.first
    cdef uint64_t doc
    for i in range(window.own_count):
        doc = window.own_docs[i]
        if member.words != NULL:
            _count_in(window, one, doc, impact_in(member, window.first + doc, &window.broken))
            continue
        place = first_not_below(&member.docs, window.first + doc, place)
        if place < span.end and at(&member.docs, place) == window.first + doc:
            _count_in(window, one, doc, member.impacts[place] * member.weight)


cdef void _choose(Window* window, const uint64_t* bits) noexcept nogil:
    """Those of the candidates that a list has; without a branch, which would mostly be taken for the wrong one."""
    cdef Py_ssize_t i, count = 0
    cdef uint32_t doc
    for i in range(window.count):
        doc = window.docs[i]
        window.own_docs[count] = doc
        count += (bits[doc >> 6] >> (doc & 63)) & 1
    window.own_count = count


cdef void _add_up(Window* window, Query query, const Span* spans) noexcept nogil:
    """Add up what all lists give the candidates."""
    cdef Py_ssize_t i, m
    cdef const Weighted* one
    cdef const Member* member
    cdef const uint64_t* bits
    cdef uint32_t doc
    for i in range(query.count):
        one = query.lists + i
        bits = window.bits + i * _WORDS
        _choose(window, bits)
        for m in range(one.count if window.own_count else 0):
            member = one.members + m
            if member.words != NULL or _BISECTION * window.own_count < spans[m].end - spans[m].first:
                _look_up(window, one, member, spans + m)
            else:
                _read_any(window, spans + m, one, member, bits)
        for m in range(window.own_count if one.count > 1 else 0):
            doc = window.own_docs[m]
            window.sums[doc] += one.weight * <double> window.impacts[doc]
            window.impacts[doc] = 0
        spans += one.count


cdef void _take(Window* window, Heap* heap) noexcept nogil:
    """Hold the best of the candidates; leaves the window clean."""
    cdef Py_ssize_t i
    cdef uint32_t doc
    cdef double score, least = heap.scores[0] if heap.size == heap.k else 0
    for i in range(window.count):
        doc = window.docs[i]
        score = window.sums[doc]
        window.sums[doc] = 0
        if score >= least and score > 0:
            push(heap, score, <uint32_t> window.first + doc)
            least = heap.scores[0] if heap.size == heap.k else 0


cdef void _number(Window* window) noexcept nogil:
    """The numbers of the candidates."""
    cdef Py_ssize_t word
    cdef uint64_t bits
    window.count = 0
    for word in range(window.words):
        bits = window.candidates[word]
        while bits:
            window.docs[window.count] = <uint32_t> (64 * word + lowest_bit(bits))
            bits &= bits - 1
            window.count += 1


cdef int64_t _search(Window* window, Query query, Span* spans, const uint8_t* allowed, Heap* heap) noexcept nogil:
    """Hold the best documents of the window, and tell how many match."""
    cdef int64_t total
    _mark_lists(window, query, spans)
    if allowed != NULL:
        pack_bits(window.met, allowed + window.first, window.width)
        meet_bits(window.any, window.met, window.words)
    total = count_all_bits(window.any, window.words)
    if not total:
        return 0
    if heap.size < heap.k:
        memcpy(window.candidates, window.any, window.words * 8)
    else:
        memset(window.candidates, 0, window.words * 8)
        window.need = heap.scores[0] * _SAFE
        window.meetings = 0
        _meet(window, query, 0, 0, window.any, 0.0)
    _number(window)
    _add_up(window, query, spans)
    _take(window, heap)
    return total


def best_in_windows(Rows rows, weighted, Py_ssize_t k, allowed):
    """The k best documents that have any of the words: their numbers, scores, and how many match.

    None where a weight or an impact is zero, for which this way is not made.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Query query = query_of(weighted, rows)
    cdef const uint8_t* mask = mask_of(allowed, rows)
    cdef Window window
    cdef Heap heap
    cdef Py_ssize_t i, m, n = 0, members = 0
    cdef Span* spans
    cdef int64_t total = 0
    cdef uint64_t width = 64 * _FIRST
    if not query.is_plain:
        return None
    for i in range(query.count):
        members += query.lists[i].count
    if room_for(&rows.own, &rows.own_room, 2 * 64 * _WORDS + 1):
        raise MemoryError
    allocate(&heap, k, rows.documents)
    spans = <Span*> calloc(members + 1, sizeof(Span))
    window.any = <uint64_t*> malloc((2 + _MOST_DEPTH + query.count) * _WORDS * sizeof(uint64_t))
    window.candidates = window.any + _WORDS
    window.met = window.any + 2 * _WORDS
    window.bits = window.met + _MOST_DEPTH * _WORDS
    window.sums, window.impacts, window.docs = rows.sums, rows.impacts, rows.own
    window.own_docs = rows.own + 64 * _WORDS
    window.first = window.broken = 0
    try:
        if spans == NULL or window.any == NULL:
            raise MemoryError
        with nogil:
            while window.first < <uint64_t> rows.documents:
                window.width = min(width, <uint64_t> rows.documents - window.first)
                window.words = (window.width + 63) // 64
                total += _search(&window, query, spans, mask, &heap)
                window.first += window.width
                width = min(2 * width, <uint64_t> 64 * _WORDS)
            for i in range(query.count):
                for m in range(query.lists[i].count):
                    if query.lists[i].members[m].words == NULL and spans[n].end < query.lists[i].members[m].docs.size:
                        window.broken = 1
                    n += 1
            sort_best_first(&heap)
        if window.broken:
            raise IndexError("a list names a document that the segment does not have")
        return (*as_arrays(&heap), total)
    finally:
        free(spans)
        free(window.any)
        free(heap.scores)
        free(heap.docs)
