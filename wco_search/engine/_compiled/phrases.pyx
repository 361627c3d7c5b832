# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Words that stand side by side, or near each other."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy

from numpy import concatenate, empty, float64, uint32

from wco_search.engine._compiled.heap cimport Heap, allocate, as_arrays, push, sort_best_first
from wco_search.engine._compiled.arrays cimport Numbers, bisected, first_not_below, mask_in, room_for, writable, at
from wco_search.engine._compiled.places cimport Places


cdef int _fill(
    uint32_t** into, Py_ssize_t* room, Py_ssize_t* count, const Numbers* spans, Py_ssize_t several, uint64_t start,
    uint64_t end,
) noexcept nogil:
    """The places of some lists from *start* to *end*, ascending; one may come twice."""
    cdef Py_ssize_t i, j, n = 0, first, last
    cdef uint32_t place
    for i in range(several):
        first = bisected(spans + i, start)
        last = first
        while last < spans[i].size and at(spans + i, last) < end:
            last += 1
        if room_for(into, room, n + last - first):
            return -1
        for first in range(first, last):
            place = <uint32_t> at(spans + i, first)
            j = n
            if several > 1:
                while j and into[0][j - 1] > place:
                    into[0][j] = into[0][j - 1]
                    j -= 1
            into[0][j] = place
            n += 1
    count[0] = n
    return 0


cdef Py_ssize_t _count_near(
    const uint32_t* places, Py_ssize_t size, const uint32_t* others, Py_ssize_t other_size, int64_t reach,
    int64_t title_end, Py_ssize_t* in_title
) noexcept nogil:
    """How many distinct *places* have one of *others* within reach, but not on them; and how many are in the title."""
    cdef Py_ssize_t i, low = 0, here, found = 0
    cdef int64_t place
    in_title[0] = 0
    for i in range(size):
        if i and places[i] == places[i - 1]:
            continue
        place = places[i]
        while low < other_size and others[low] < place - reach:
            low += 1
        here = low
        while here < other_size and others[here] == place:
            here += 1
        if here < other_size and others[here] <= place + reach:
            found += 1
            in_title[0] += place < title_end
    return found


def bonuses(Places places, pairs, docs, int64_t reach):
    """The bonus of each of *docs*.

    Args:
        places: Of the segment.
        pairs: Of two words each the lists of its places, which are numbers of terms or arrays; what the impact of their
            nearness is multiplied by; and masks of the documents that both are sought in.
        docs: Documents of the segment (intp).
        reach: How many positions apart words are near.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t i = 0, most = 0, row, first_size, second_size, in_title, near, mask_size, rows = len(docs)
    cdef const Py_ssize_t[::1] numbers = docs
    cdef double factor, impact, title, body
    cdef uint64_t doc, start, end
    cdef uint32_t* first = NULL
    cdef uint32_t* second = NULL
    cdef Py_ssize_t first_room = 0, second_room = 0
    cdef const uint8_t* mask
    cdef int failed = 0
    cdef list one, other, masks
    for one, other, _, _ in pairs:
        most = max(most, len(one) + len(other))
    cdef Numbers* spans = <Numbers*> malloc((most + 1) * sizeof(Numbers))
    totals = empty(rows, float64)
    cdef double[::1] into = totals
    if spans == NULL:
        raise MemoryError
    try:
        for row in range(rows):
            if not 0 <= numbers[row] < places.documents:
                raise IndexError(f"there is no document {numbers[row]}")
            into[row] = 0.0
        for one, other, factor, masks in pairs:
            for i, where in enumerate(one + other):
                places.span(where, spans + i)
            for row in range(rows):
                doc = numbers[row]
                for among in masks:
                    mask = mask_in(among, &mask_size)
                    if mask_size != places.documents:
                        raise IndexError("a mask is of another size than the segment")
                    if not mask[doc]:
                        break
                else:
                    start, end = at(&places.field_starts, 2 * doc), at(&places.field_starts, 2 * doc + 2)
                    failed |= _fill(&first, &first_room, &first_size, spans, len(one), start, end)
                    if failed or not first_size:
                        continue
                    failed |= _fill(&second, &second_room, &second_size, spans + len(one), len(other), start, end)
                    if failed or not second_size:
                        continue
                    near = _count_near(
                        first, first_size, second, second_size, reach,
                        <int64_t> at(&places.field_starts, 2 * doc + 1), &in_title,
                    )
                    if near:
                        title = <double> in_title
                        body = <double> (near - in_title)
                        impact = places.title_weight * (title / (title + places.norms[2 * doc]))
                        impact += body / (body + places.norms[2 * doc + 1])
                        into[row] += factor * <double> <float> impact
        if failed:
            raise MemoryError
        return totals
    finally:
        free(first)
        free(second)
        free(spans)


def lifted(Places places, pairs, docs, scores, int64_t reach, Py_ssize_t window, Py_ssize_t k):
    """The first *k* of some documents, once the best have got their bonus: the twin of `wco_search.engine.proximity.lifted`.

    *docs* (intp) and *scores* (float64) are a ranking, of which the first *window* documents get the bonus; the others
    stay behind them. *pairs* are those of `bonuses`.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef const Py_ssize_t[::1] numbers = docs
    cdef const double[::1] before = scores
    cdef Py_ssize_t i, size = min(numbers.shape[0], before.shape[0])
    cdef double[::1] bonus = bonuses(places, pairs, docs[:window], reach)
    cdef Heap heap
    allocate(&heap, min(window, size), size)
    try:
        for i in range(min(window, size)):
            push(&heap, before[i] + bonus[i], <uint32_t> numbers[i])
        sort_best_first(&heap)
        best, theirs = as_arrays(&heap)
    finally:
        free(heap.scores)
        free(heap.docs)
    if k <= heap.size:
        return best[:k], theirs[:k]
    return concatenate((best, docs[window:k])), concatenate((theirs, scores[window:k]))


def phrase(Places places, lists):
    """Where one position of each list stands after the other, all in one field; each once.

    *lists* are numbers of terms, or arrays; a place may come twice in them. The twin of
    `wco_search.engine.lists.phrase_starts`.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t count = len(lists), i, j, found = 0, field = 0
    cdef Numbers* spans = <Numbers*> malloc((count + 1) * sizeof(Numbers))
    cdef Py_ssize_t* at_place = <Py_ssize_t*> calloc(count + 1, sizeof(Py_ssize_t))
    cdef Py_ssize_t* order = <Py_ssize_t*> malloc((count + 1) * sizeof(Py_ssize_t))
    cdef uint32_t* starts = NULL
    cdef Py_ssize_t room = 0, rarest, one
    cdef uint64_t start, wanted
    cdef bint stands
    cdef int failed = 0
    cdef list sizes = []
    try:
        if spans == NULL or at_place == NULL or order == NULL:
            raise MemoryError
        for i in range(count):
            places.span(lists[i], spans + i)
            sizes.append(spans[i].size)
        for i, number in enumerate(sorted(range(count), key=sizes.__getitem__)):
            order[i] = number
        if not count or not spans[order[0]].size:
            return empty(0, uint32)
        rarest = order[0]
        if room_for(&starts, &room, spans[rarest].size):
            raise MemoryError
        with nogil:
            for i in range(spans[rarest].size):
                start = at(spans + rarest, i)
                if start < <uint64_t> rarest:
                    continue
                start -= rarest
                if found and starts[found - 1] == start:
                    continue
                stands = True
                for j in range(1, count):
                    one = order[j]
                    wanted = start + one
                    at_place[one] = first_not_below(spans + one, wanted, at_place[one])
                    if at_place[one] >= spans[one].size or at(spans + one, at_place[one]) != wanted:
                        stands = False
                        break
                if not stands:
                    continue
                field = first_not_below(&places.field_starts, start + 1, field)
                if field >= places.field_starts.size:
                    failed = 1
                    break
                if start + count - 1 < at(&places.field_starts, field):
                    starts[found] = <uint32_t> start
                    found += 1
        if failed:
            raise IndexError("a word stands behind all fields")
        positions = empty(found, uint32)
        if found:
            memcpy(<void*> writable(positions), starts, found * sizeof(uint32_t))
        return positions
    finally:
        free(spans)
        free(at_place)
        free(order)
        free(starts)
