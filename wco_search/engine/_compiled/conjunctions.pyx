# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The best documents that have a word of each of some clauses."""

from libc.math cimport HUGE_VALF
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from numpy import empty, float64, intp

from wco_search.engine._compiled.arrays cimport at, first_not_below
from wco_search.engine._compiled.heap cimport Heap, allocate, as_arrays, push, sort_best_first
from wco_search.engine._compiled.lists cimport Member, Query, Rows, Weighted, gain, leaves_out, mask_of, query_of
from wco_search.engine._compiled.wide cimport any_reaches, count_all_bits, count_bits, meet_bits, pack_bits

cdef enum:
    _MOST_PLACES = 64  # lists of a clause in which the search goes on where it ended
    _STEPS = 16  # to seek one document in a list costs about as much as to go through so many

cdef double _SAFE = 1 - 1e-9
cdef double _PROMISING = 0.7  # of the largest impact: documents that are offered first, to raise the threshold


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
    if leaves_out(one, doc):
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
            if (allowed == NULL or allowed[doc]) and not leaves_out(lists, doc):
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


# -- where every clause is a single list

cdef struct Meeting:
    const Weighted* lists  # in the order of the clauses
    Py_ssize_t count
    const Py_ssize_t* order  # shortest first
    const uint8_t* allowed
    double others  # what all lists but the shortest add at most
    double threshold
    Heap heap
    uint32_t* docs  # those of the shortest list that all have, and where they stand there
    uint32_t* places
    int64_t total
    int broken


cdef inline void _offer(Meeting* meeting, uint64_t doc, float impact, Py_ssize_t* places) noexcept nogil:
    """Hold a document that all lists have, if it is good; *impact* is that of the shortest list."""
    cdef double score = 0.0
    cdef Py_ssize_t i
    if meeting.lists[meeting.order[0]].weight * <double> impact + meeting.others < meeting.threshold:
        return
    for i in range(meeting.count):
        score += _gain_onwards(meeting.lists + i, doc, places + i, &meeting.broken)
    if push(&meeting.heap, score, <uint32_t> doc) and meeting.heap.size == meeting.heap.k:
        meeting.threshold = meeting.heap.scores[0] * _SAFE


cdef void _keep_those_of(Meeting* meeting, Rows rows, const Member* member) noexcept nogil:
    """Drop the documents found so far that a list does not have."""
    cdef Py_ssize_t i, n = 0, size = <Py_ssize_t> meeting.total, place = 0
    cdef uint32_t* docs = meeting.docs
    cdef uint64_t doc
    if member.words != NULL:
        for i in range(size):
            doc = docs[i]
            docs[n], meeting.places[n] = <uint32_t> doc, meeting.places[i]
            n += (member.words[doc >> 6] >> (doc & 63)) & 1
    elif member.docs.size > _STEPS * size:
        for i in range(size):
            doc = docs[i]
            place = first_not_below(&member.docs, doc, place)
            docs[n], meeting.places[n] = <uint32_t> doc, meeting.places[i]
            n += place < member.docs.size and at(&member.docs, place) == doc
    else:
        memset(rows.words, 0, rows.size // 8)
        for i in range(member.docs.size):
            doc = at(&member.docs, i)
            if doc >= <uint64_t> rows.documents:
                meeting.broken = 1
                break
            rows.words[doc >> 6] |= <uint64_t> 1 << (doc & 63)
        for i in range(size):
            doc = docs[i]
            docs[n], meeting.places[n] = <uint32_t> doc, meeting.places[i]
            n += (rows.words[doc >> 6] >> (doc & 63)) & 1
    meeting.total = n


cdef void _meet(Meeting* meeting, Rows rows) noexcept nogil:
    """Find the documents that all lists have, and hold the best."""
    cdef const Member* member = meeting.lists[meeting.order[0]].members
    cdef Py_ssize_t[_MOST_PLACES] places
    cdef Py_ssize_t i, n = 0
    cdef uint64_t doc
    for i in range(member.docs.size):
        doc = at(&member.docs, i)
        if doc >= <uint64_t> rows.documents:
            meeting.broken = 1
            return
        if meeting.allowed == NULL or meeting.allowed[doc]:
            meeting.docs[n], meeting.places[n] = <uint32_t> doc, <uint32_t> i
            n += 1
    meeting.total = n
    for i in range(1, meeting.count):
        _keep_those_of(meeting, rows, meeting.lists[meeting.order[i]].members)
    memset(places, 0, sizeof(places))
    for i in range(meeting.total):
        _offer(meeting, meeting.docs[i], member.impacts[meeting.places[i]], places)


cdef inline bint _has_all(const Meeting* meeting, uint64_t doc) noexcept nogil:
    """Whether all lists, of which all have bitmaps, have a document that is allowed."""
    cdef Py_ssize_t i
    if meeting.allowed != NULL and not meeting.allowed[doc]:
        return False
    for i in range(1, meeting.count):
        if not (meeting.lists[meeting.order[i]].members.words[doc >> 6] >> (doc & 63)) & 1:
            return False
    return True


cdef void _offer_reaching(Meeting* meeting, Rows rows, float least, float below) noexcept nogil:
    """Offer the documents whose impact in the shortest list is from *least* to *below*, as long as they could win."""
    cdef const Weighted* one = meeting.lists + meeting.order[0]
    cdef const Member* member = one.members
    cdef Py_ssize_t[_MOST_PLACES] places  # not used: there are bitmaps
    cdef Py_ssize_t i = 0, end
    cdef double threshold = -1.0
    cdef float need = least
    cdef uint64_t doc
    memset(places, 0, sizeof(places))
    while i < member.docs.size:
        if meeting.threshold != threshold:
            threshold = meeting.threshold
            need = max(least, <float> ((threshold - meeting.others) / one.weight * (1 - 1e-6)))
        end = i + 32
        if end <= member.docs.size and not any_reaches(member.impacts + i, need):
            i = end
            continue
        end = min(end, member.docs.size)
        while i < end:
            if need <= member.impacts[i] < below:
                doc = at(&member.docs, i)
                if doc >= <uint64_t> rows.documents:
                    meeting.broken = 1
                    return
                if _has_all(meeting, doc):
                    _offer(meeting, doc, member.impacts[i], places)
            i += 1


cdef void _meet_bitmaps(Meeting* meeting, Rows rows, float largest) noexcept nogil:
    """The same where all have bitmaps: these tell how many there are, and bounds spare most of the others."""
    cdef Py_ssize_t i, words = rows.size // 64
    cdef float promising = largest * <float> _PROMISING
    memcpy(rows.words, meeting.lists[meeting.order[0]].members.words, words * 8)
    for i in range(1, meeting.count):
        meet_bits(rows.words, meeting.lists[meeting.order[i]].members.words, words)
    if meeting.allowed != NULL:
        pack_bits(rows.packed, meeting.allowed, rows.documents)
        meet_bits(rows.words, rows.packed, words)
    meeting.total = count_all_bits(rows.words, words)
    _offer_reaching(meeting, rows, promising, HUGE_VALF)
    _offer_reaching(meeting, rows, 0, promising)


cdef tuple _all_of_single(Rows rows, Query query, list order, Py_ssize_t k, const uint8_t* allowed):
    """As `all_of`, of clauses of one list each."""
    cdef Meeting meeting
    cdef Py_ssize_t[_MOST_PLACES] shortest
    cdef Py_ssize_t i, room
    cdef bint has_bitmaps = True
    memset(&meeting, 0, sizeof(meeting))
    for i in range(query.count):
        shortest[i] = order[i]
        has_bitmaps = has_bitmaps and query.lists[i].members.words != NULL
    meeting.lists, meeting.count, meeting.order, meeting.allowed = query.lists, query.count, shortest, allowed
    for i in range(1, query.count):
        meeting.others += query.lists[shortest[i]].most
    room = query.lists[shortest[0]].size
    allocate(&meeting.heap, k, room)
    try:
        if has_bitmaps:
            with nogil:
                _meet_bitmaps(&meeting, rows, query.lists[shortest[0]].most / query.lists[shortest[0]].weight)
        else:
            meeting.docs = <uint32_t*> malloc((room + 1) * sizeof(uint32_t))
            meeting.places = <uint32_t*> malloc((room + 1) * sizeof(uint32_t))
            if meeting.docs == NULL or meeting.places == NULL:
                raise MemoryError
            with nogil:
                _meet(&meeting, rows)
        if meeting.broken:
            raise IndexError("a list names a document that the segment does not have")
        sort_best_first(&meeting.heap)
        return (*as_arrays(&meeting.heap), meeting.total)
    finally:
        free(meeting.docs)
        free(meeting.places)
        free(meeting.heap.scores)
        free(meeting.heap.docs)


cdef bint _are_single(Query query) noexcept nogil:
    """Whether all lists are those of one term, for all documents."""
    cdef Py_ssize_t i
    for i in range(query.count):
        if query.lists[i].count != 1 or query.lists[i].left_out != NULL:
            return False
    return query.is_plain and query.count <= _MOST_PLACES


def all_of(Rows rows, clauses, lifts, Py_ssize_t k, allowed):
    """The k best documents that any list of each clause has: their numbers, scores, and how many there are.

    A score is the sum of the clauses, in order, each the sum of its lists; then comes the sum of *lifts*, which need
    not have the document. The twin of `wco_search.engine.topk.all_of`.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t count = len(clauses), i, j, clause, size
    cdef list starts = [0], every = []
    for one in clauses:
        every += one
        starts.append(len(every))
    every += lifts
    cdef Query query = query_of(every, rows)
    cdef const uint8_t* mask = mask_of(allowed, rows)
    cdef list sizes = []
    for i in range(count):
        size = 0
        for j in range(starts[i], starts[i + 1]):
            size += query.lists[j].size
        sizes.append(size)
    cdef list order = sorted(range(count), key=sizes.__getitem__)
    cdef Py_ssize_t first, last
    cdef Conjunction found
    cdef Heap heap
    cdef Py_ssize_t* done
    cdef double* scores
    cdef double score
    if not count or not min(sizes):
        return empty(0, intp), empty(0, float64), 0
    if query.count == count == len(every) and starts[count] == count and _are_single(query):
        return _all_of_single(rows, query, order, k, mask)
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
