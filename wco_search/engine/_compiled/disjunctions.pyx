# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The best documents that have any of some words; the twin of `wco_search.engine.topk`."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memcpy, memset

from wco_search.engine._compiled.arrays cimport room_for, at
from wco_search.engine._compiled.heap cimport Heap, allocate, as_arrays, kth_sum, push, sort_best_first
from wco_search.engine._compiled.lists cimport (
    Member, Query, Rows, Weighted, cost_by_bitmaps, cost_by_sums, gain, impact_in, leaves_out, mask_of, query_of,
)
from wco_search.engine._compiled.wide cimport (
    add_bytes, add_to_shorts, any_reaches, count_bytes_reaching, count_reaching, largest_bytes, largest_shorts,
    wipe_bytes, wipe_shorts,
)

cdef enum:
    _SHORT = 16  # part of `direct` that is added up even where look-ups would do: the total is known then
    _WEIGHING = 12  # to work out the score of one document costs about as much as to scatter so many postings
    # What follows is told in nanoseconds, as what it costs to read all lists (`cost_by_sums`).
    _NEAR = 15  # a posting scattered, and its document looked up, where all sums stay in the second cache
    _FAR = 36  # and where they do not
    _MOST_NEAR = 131_072  # documents whose sums stay there
    _TESTED = 9  # a document looked up in a bitmap
    _SOUGHT = 45  # and in a list without one
    _BISECTION = 12  # a look-up in a list without bitmap costs about as much as so many of its postings
    _BLOCK = 64  # documents that are skipped together where none of them has the levels
    _MOST_BYTE_ROWS = 4
    _LEVELS = 1024  # larger ones count as this

cdef double _SAFE = 1 - 1e-9


cdef struct Search:
    const Weighted* lists
    Py_ssize_t count
    double* rests  # what the lists from each place on add at most
    const uint8_t* allowed
    double threshold
    double unit
    Py_ssize_t direct
    Heap heap
    uint32_t* touched
    Py_ssize_t touches
    Py_ssize_t room
    int64_t total  # of matches; -1 where that is not known
    double whole  # what it costs to read all lists in windows
    bint is_whole  # whether that is less
    bint gives_up  # whether it may be so
    int broken


cdef int _scatter_one(Search* search, Rows rows, const Weighted* one) noexcept nogil:
    """Add a list to the sums of its documents; a document that is new to them is noted as touched."""
    cdef const Member* member = one.members
    cdef Py_ssize_t i, size = member.docs.size, n = search.touches, documents = rows.documents
    cdef const float* impacts = member.impacts
    cdef double weight = one.weight
    cdef double* sums = rows.sums
    cdef uint32_t* touched
    cdef uint64_t doc
    cdef const uint16_t* shorts
    cdef const uint32_t* longs
    if room_for(&search.touched, &search.room, n + size):
        return -1
    touched = search.touched
    if member.docs.width == 2:
        shorts = <const uint16_t*> member.docs.data
        for i in range(size):
            doc = shorts[i]
            if doc >= <uint64_t> documents:
                search.broken = 1
                break
            touched[n] = <uint32_t> doc
            n += sums[doc] == 0
            sums[doc] += weight * <double> impacts[i]
    elif member.docs.width == 4:
        longs = <const uint32_t*> member.docs.data
        for i in range(size):
            doc = longs[i]
            if doc >= <uint64_t> documents:
                search.broken = 1
                break
            touched[n] = <uint32_t> doc
            n += sums[doc] == 0
            sums[doc] += weight * <double> impacts[i]
    else:
        for i in range(size):
            doc = at(&member.docs, i)
            if doc >= <uint64_t> documents:
                search.broken = 1
                break
            touched[n] = <uint32_t> doc
            n += sums[doc] == 0
            sums[doc] += weight * <double> impacts[i]
    search.touches = n
    return 0


cdef int _gather(Rows rows, const Weighted* one, Py_ssize_t* count, int* broken) noexcept nogil:
    """Put the largest weighted impacts of alternatives into the row of impacts, and their documents into `own`."""
    cdef Py_ssize_t m, i, n = 0
    cdef const Member* member
    cdef uint64_t doc
    cdef float impact
    count[0] = 0
    if room_for(&rows.own, &rows.own_room, one.size):
        return -1
    for m in range(one.count):
        member = one.members + m
        for i in range(member.docs.size):
            doc = at(&member.docs, i)
            if doc >= <uint64_t> rows.documents:
                broken[0] = 1
                break
            if leaves_out(one, doc):
                continue
            impact = member.impacts[i] * member.weight
            if rows.impacts[doc] == 0:
                rows.own[n] = <uint32_t> doc
                n += 1
            if impact > rows.impacts[doc]:
                rows.impacts[doc] = impact
    count[0] = n
    return 0


cdef int _scatter(Search* search, Rows rows, const Weighted* one) noexcept nogil:
    cdef Py_ssize_t i, count
    cdef uint64_t doc
    cdef const Member* member = one.members
    if one.count == 1 and one.left_out == NULL and member.weight == 1.0:
        return _scatter_one(search, rows, one)
    if room_for(&search.touched, &search.room, search.touches + one.size):
        return -1
    if one.count == 1:  # no other impact is larger
        for i in range(member.docs.size):
            doc = at(&member.docs, i)
            if doc >= <uint64_t> rows.documents:
                search.broken = 1
                break
            if not leaves_out(one, doc):
                search.touched[search.touches] = <uint32_t> doc
                search.touches += rows.sums[doc] == 0
                rows.sums[doc] += one.weight * <double> (member.impacts[i] * member.weight)
        return 0
    if _gather(rows, one, &count, &search.broken):
        return -1
    for i in range(count):
        doc = rows.own[i]
        search.touched[search.touches] = doc
        search.touches += rows.sums[doc] == 0
        rows.sums[doc] += one.weight * <double> rows.impacts[doc]
        rows.impacts[doc] = 0
    return 0


cdef inline void _raise_threshold(Search* search, double reached) noexcept nogil:
    if reached * _SAFE > search.threshold:
        search.threshold = reached * _SAFE


cdef int _weigh(Search* search, Rows rows, uint64_t doc, Py_ssize_t first) noexcept nogil:
    """Work out the whole score of a document that none of the lists before *first* has, and hold it if it is good."""
    cdef double score = 0.0
    cdef Py_ssize_t i
    for i in range(first, search.count):
        score += gain(search.lists + i, doc, &search.broken)
        if score + search.rests[i + 1] < search.threshold:
            return 0
    if score == 0 or room_for(&search.touched, &search.room, search.touches + 1):
        return 0 if score == 0 else -1
    search.touched[search.touches] = <uint32_t> doc
    search.touches += 1
    rows.sums[doc] = score
    if push(&search.heap, score, <uint32_t> doc) and search.heap.size == search.heap.k:
        _raise_threshold(search, search.heap.scores[0])
    return 0


cdef void _take_all(Search* search, Rows rows) noexcept nogil:
    """Hold the best of the documents touched, whose sums are whole; leaves the row clean and tells the total."""
    cdef Py_ssize_t i, touches = search.touches, total = 0
    cdef const uint32_t* touched = search.touched
    cdef const uint8_t* allowed = search.allowed
    cdef double* sums = rows.sums
    cdef uint32_t doc
    cdef double score, least = 0  # what a document must have to be held
    for i in range(touches):
        doc = touched[i]
        score = sums[doc]
        sums[doc] = 0
        if score == 0 or (allowed != NULL and not allowed[doc]):
            continue
        total += 1
        if score >= least:
            push(&search.heap, score, doc)
            least = search.heap.scores[0] if search.heap.size == search.heap.k else 0
    search.touches = 0
    search.total = total


cdef void _add_alternatives(
    Search* search, Rows rows, const Weighted* one, const uint32_t* some, Py_ssize_t count
) noexcept nogil:
    """Add to the sums of some documents touched what alternatives give, each member by the way that costs least.

    A member is read through against a bitmap of the documents: of a large segment it stays in the cache, sums do not.
    """
    cdef Py_ssize_t m, i
    cdef const Member* member
    cdef uint64_t doc
    cdef float impact
    cdef bint are_marked = False
    for m in range(one.count):
        member = one.members + m
        if member.words == NULL and _BISECTION * count > member.docs.size:
            if not are_marked:
                memset(rows.words, 0, rows.size // 8)
                for i in range(count):
                    rows.words[some[i] >> 6] |= <uint64_t> 1 << (some[i] & 63)
                are_marked = True
            for i in range(member.docs.size):
                doc = at(&member.docs, i)
                if doc >= <uint64_t> rows.documents:
                    search.broken = 1
                    break
                if (rows.words[doc >> 6] >> (doc & 63)) & 1:
                    impact = member.impacts[i] * member.weight
                    if impact > rows.impacts[doc]:
                        rows.impacts[doc] = impact
            continue
        for i in range(count):
            impact = impact_in(member, some[i], &search.broken)
            if impact > rows.impacts[some[i]]:
                rows.impacts[some[i]] = impact
    for i in range(count):
        doc = some[i]
        if not leaves_out(one, doc):
            rows.sums[doc] += one.weight * <double> rows.impacts[doc]
        rows.impacts[doc] = 0


cdef int _complete(Search* search, Rows rows, Py_ssize_t place) noexcept nogil:
    """Add what the lists from *place* on give to the documents touched without those that cannot win; hold them."""
    cdef Py_ssize_t i, m, kept = 0, at_list
    cdef const Weighted* one
    cdef const Member* member
    cdef uint32_t* some
    cdef uint64_t doc
    cdef double sum_
    if place == search.count:
        _take_all(search, rows)
        return 0
    if room_for(&rows.own, &rows.own_room, search.touches):
        return -1
    some = rows.own
    for i in range(search.touches):
        doc = search.touched[i]
        if search.allowed == NULL or search.allowed[doc]:
            some[kept] = <uint32_t> doc
            kept += rows.sums[doc] != 0
    for at_list in range(place, search.count):
        _raise_threshold(search, kth_sum(rows.sums, some, kept, &search.heap))
        m = kept
        kept = 0
        for i in range(m):
            doc = some[i]
            some[kept] = <uint32_t> doc
            kept += rows.sums[doc] + search.rests[at_list] >= search.threshold
        one = search.lists + at_list
        member = one.members
        if member.words == NULL and one.count == 1 and one.left_out == NULL and _BISECTION * kept > one.size:
            for i in range(one.size):
                doc = at(&member.docs, i)
                if doc >= <uint64_t> rows.documents:
                    search.broken = 1
                    return 0
                if rows.sums[doc] != 0:
                    rows.sums[doc] += one.weight * <double> (member.impacts[i] * member.weight)
        elif one.count > 1 or one.left_out != NULL:
            _add_alternatives(search, rows, one, some, kept)
        else:
            for i in range(kept):
                rows.sums[some[i]] += gain(one, some[i], &search.broken)
    for i in range(kept):
        sum_ = rows.sums[some[i]]
        if search.heap.size < search.heap.k or sum_ >= search.heap.scores[0]:
            push(&search.heap, sum_, some[i])
    if search.heap.size == search.heap.k:
        _raise_threshold(search, search.heap.scores[0])
    return 0


cdef int _walk(Search* search, Rows rows, Py_ssize_t place, Py_ssize_t first) noexcept nogil:
    """Weigh the documents of the list at *place* that were not seen before and could win with the lists behind it."""
    cdef const Weighted* one = search.lists + place
    cdef const Member* member
    cdef Py_ssize_t m, i, end
    cdef double threshold
    cdef float need
    cdef uint64_t doc
    for m in range(one.count):
        member = one.members + m
        threshold = -1.0
        need = 0.0
        i = 0
        while i < member.docs.size:
            if search.threshold != threshold:
                threshold = search.threshold
                need = <float> ((threshold - search.rests[place + 1]) / one.weight / member.weight * (1 - 1e-6))
            end = i + 32
            if end <= member.docs.size and not any_reaches(member.impacts + i, need):
                i = end
                continue
            end = min(end, member.docs.size)
            while i < end:
                if member.impacts[i] >= need:
                    doc = at(&member.docs, i)
                    if doc >= <uint64_t> rows.documents:
                        search.broken = 1
                        return 0
                    if rows.sums[doc] == 0 and (search.allowed == NULL or search.allowed[doc]):
                        if _weigh(search, rows, doc, first):
                            return -1
                i += 1
    return 0


cdef Py_ssize_t _levels_needed(const Search* search, double unit) noexcept nogil:
    cdef double levels = search.threshold / unit
    return 1 if not levels >= 2 else <Py_ssize_t> levels if levels < 65536 else 65536


cdef inline void _weigh_block(
    Search* search, Rows rows, Py_ssize_t block, bint narrow, double unit, Py_ssize_t first, int* failed
) noexcept nogil:
    """Weigh the documents of a block of the rows of levels that could win."""
    cdef Py_ssize_t doc, end = min(_BLOCK * (block + 1), rows.documents), need = _levels_needed(search, unit), level
    for doc in range(_BLOCK * block, end):
        level = rows.levels[doc] if narrow else rows.many_levels[doc]
        if level >= need and rows.sums[doc] == 0:
            if _weigh(search, rows, doc, first):
                failed[0] = 1
            need = _levels_needed(search, unit)


cdef Py_ssize_t _ahead(const Search* search, Py_ssize_t place) noexcept nogil:
    """Postings of the lists from *place* on that will be scattered: until those behind add less than those before."""
    cdef Py_ssize_t postings = 0
    while place < search.count:
        postings += search.lists[place].size
        place += 1
        if 2 * search.rests[place] < search.rests[0]:
            break
    return postings


cdef bint _are_many(const Search* search, Rows rows, bint narrow, double unit, Py_ssize_t first) noexcept nogil:
    """Whether so many documents have the levels to win that it costs less to add up all lists."""
    cdef Py_ssize_t block, i, m, count = 0, weighed = 0, need = _levels_needed(search, unit)
    for i in range(first, search.count):
        for m in range(search.lists[i].count):
            weighed += _SOUGHT if search.lists[i].members[m].words == NULL else _TESTED
    for block in range(rows.size // _BLOCK):
        if rows.largest[block] >= need:
            count += count_bytes_reaching(rows.levels + _BLOCK * block, <uint8_t> need) if narrow else _BLOCK // 2
    return weighed * count > search.whole


cdef int _walk_rows(Search* search, Rows rows, Py_ssize_t dense, Py_ssize_t first) noexcept nogil:
    """Weigh the documents not seen before whose levels in the rows of the lists from *dense* on could win."""
    cdef Py_ssize_t i, block, size = rows.size, blocks = rows.size // _BLOCK, count = search.count - dense
    cdef Py_ssize_t reached, above = 0
    cdef double least = search.lists[dense].ratio, most = least, unit
    cdef bint narrow = count <= _MOST_BYTE_ROWS
    cdef uint32_t[_LEVELS] blocks_of
    cdef int failed = 0
    for i in range(dense, search.count):
        least = min(least, search.lists[i].ratio)
        most = max(most, search.lists[i].ratio)
    if narrow:
        memcpy(rows.levels, search.lists[dense].members.levels, size)
        for i in range(dense + 1, search.count):
            add_bytes(rows.levels, search.lists[i].members.levels, size)
        if search.allowed != NULL:
            wipe_bytes(rows.levels, search.allowed, rows.documents)
        largest_bytes(rows.largest, rows.levels, blocks)
    else:
        memset(rows.many_levels, 0, size * sizeof(uint16_t))
        for i in range(dense, search.count):
            add_to_shorts(rows.many_levels, search.lists[i].members.levels, size)
        if search.allowed != NULL:
            wipe_shorts(rows.many_levels, search.allowed, rows.documents)
        largest_shorts(rows.largest, rows.many_levels, blocks)
    # Documents of as many blocks as are wanted have the k-th largest level at least, rounded up once a list.
    memset(blocks_of, 0, sizeof(blocks_of))
    for block in range(blocks):
        blocks_of[min(<Py_ssize_t> rows.largest[block], _LEVELS - 1)] += 1
    reached = _LEVELS - 1
    while reached > 0:
        above += blocks_of[reached]
        if above >= search.heap.k:
            break
        reached -= 1
    if above >= search.heap.k:
        _raise_threshold(search, (reached - count) * search.unit * least)
    unit = search.unit * most
    for block in range(blocks):  # the most promising first: they raise the threshold
        if rows.largest[block] >= max(reached, _levels_needed(search, unit)):
            _weigh_block(search, rows, block, narrow, unit, first, &failed)
    if search.gives_up and _are_many(search, rows, narrow, unit, first):
        search.is_whole = True
        return 0
    for block in range(blocks):
        if reached > rows.largest[block] >= _levels_needed(search, unit):
            _weigh_block(search, rows, block, narrow, unit, first, &failed)
    return -failed


cdef bint _is_walked(const Search* search, Py_ssize_t place) noexcept nogil:
    """Whether it costs less to weigh those documents of a list that could win than to add up all of it."""
    cdef const Weighted* one = search.lists + place
    cdef const Member* member
    cdef Py_ssize_t m, count = 0
    cdef double need = (search.threshold - search.rests[place + 1]) / one.weight * (1 - 1e-6)
    if place + 1 == search.count:
        return True
    for m in range(one.count):
        member = one.members + m
        count += count_reaching(member.impacts, member.docs.size, <float> (need / member.weight))
    return _WEIGHING * count < one.size


cdef int _run(Search* search, Rows rows) noexcept nogil:
    """The search of `wco_search.engine.topk`: rare lists first, the rest by bounds and rows of levels."""
    cdef Py_ssize_t dense = search.count, place = 0, first
    cdef int64_t postings = 0
    cdef Py_ssize_t short = search.direct // _SHORT
    cdef Py_ssize_t scattering = _NEAR if rows.documents <= _MOST_NEAR else _FAR
    while dense and search.lists[dense - 1].count == 1 and search.lists[dense - 1].members.levels != NULL:
        dense -= 1
    if dense and dense == search.count - 1:
        dense = search.count
    while place < dense and not search.broken:
        if search.rests[place] < search.threshold and search.lists[place].size > short:
            break
        if postings + search.lists[place].size > search.direct:
            if _is_walked(search, place):
                break
            if search.gives_up and scattering * (postings + _ahead(search, place)) > search.whole:
                search.is_whole = True
                break
        if _scatter(search, rows, search.lists + place):
            return -1
        postings += search.lists[place].size
        place += 1
        if place < dense and search.lists[place].size > max(short, 4 * search.touches) and search.allowed == NULL:
            _raise_threshold(search, kth_sum(rows.sums, search.touched, search.touches, &search.heap))
    first = place
    if search.broken or search.is_whole:
        return 0
    if _complete(search, rows, place):
        return -1
    while place < dense and search.rests[place] >= search.threshold and not search.broken:
        if _walk(search, rows, place, first):
            return -1
        place += 1
    if dense < search.count and search.rests[dense] >= search.threshold and not search.broken:
        return _walk_rows(search, rows, dense, first)
    return 0


def best_of_any(Rows rows, weighted, Py_ssize_t k, allowed, double unit, Py_ssize_t direct, bint gives_up=True):
    """The k best documents that have any of the words: their numbers, scores, and how many match (-1: not known).

    *unit* is that of the rows of levels; lists are added up whole while they have *direct* postings together. None where
    a weight or an impact is zero, for which this way is not made; and, unless it *gives_up* never, where so little may be
    left out that to read all lists in windows costs less (`best_in_windows`).

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Query query = query_of(weighted, rows)
    cdef Search search
    cdef Py_ssize_t i
    cdef int failed
    if not query.is_plain:
        return None
    memset(&search, 0, sizeof(search))
    search.lists, search.count, search.rests, search.unit = query.lists, query.count, query.rests, unit
    search.total = -1
    search.direct = direct
    search.whole = min(cost_by_sums(query, rows), cost_by_bitmaps(query, rows))
    search.gives_up = gives_up
    search.allowed = mask_of(allowed, rows)
    if allowed is None and k <= 10:
        search.threshold = query.start * _SAFE
    allocate(&search.heap, k, rows.documents)
    search.touched, search.room = rows.touched, rows.touched_room
    with nogil:
        failed = _run(&search, rows)
        for i in range(search.touches):
            rows.sums[search.touched[i]] = 0
        sort_best_first(&search.heap)
    rows.touched, rows.touched_room = search.touched, search.room
    try:
        if failed:
            raise MemoryError
        if search.broken:
            raise IndexError("a list names a document that the segment does not have")
        return None if search.is_whole else (*as_arrays(&search.heap), search.total)
    finally:
        free(search.heap.scores)
        free(search.heap.docs)
