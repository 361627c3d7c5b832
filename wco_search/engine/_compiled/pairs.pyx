# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Two lists put together as one, as most words of several terms are: the lists are walked side by side.

What only one of them has is copied, the longer one run by run; only where both meet are places looked at.
"""

from libc.stdint cimport int32_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from numpy import empty, float32, int32

from wco_search.engine._compiled.arrays cimport Numbers, at, exactly, first_not_below
from wco_search.engine._compiled.lists cimport Member
from wco_search.engine._compiled.places cimport Places, impact_of_counts
from wco_search.engine._compiled.wide cimport fetch

cdef enum:
    _AHEAD = 8  # documents; what is known of them is fetched meanwhile


cdef struct Union:
    int32_t* docs
    float* impacts
    Py_ssize_t size
    uint32_t* met  # the places in it of the documents that both lists have
    Py_ssize_t meetings


cdef void _copy(Union* into, const Member* one, Py_ssize_t first, Py_ssize_t last) noexcept nogil:
    """Put the documents of a list from one place to another behind those that are there."""
    cdef Py_ssize_t i
    if one.docs.width == sizeof(int32_t):
        memcpy(into.docs + into.size, (<const int32_t*> one.docs.data) + first, (last - first) * sizeof(int32_t))
    else:
        for i in range(first, last):
            into.docs[into.size + i - first] = <int32_t> at(&one.docs, i)
    memcpy(into.impacts + into.size, one.impacts + first, (last - first) * sizeof(float))
    into.size += last - first


cdef void _walk(Union* into, const Member* longer, const Member* shorter) noexcept nogil:
    """The documents of both lists, each with an impact that one of them has there."""
    cdef Py_ssize_t place = 0, i, next
    cdef uint64_t doc
    for i in range(shorter.docs.size):
        doc = at(&shorter.docs, i)
        next = first_not_below(&longer.docs, doc, place)
        _copy(into, longer, place, next)
        place = next
        if place < longer.docs.size and at(&longer.docs, place) == doc:
            into.met[into.meetings] = <uint32_t> into.size
            into.meetings += 1
            place += 1
        _copy(into, shorter, i, i + 1)
    _copy(into, longer, place, longer.docs.size)


cdef bint _has_all(Places places, const Union* union) noexcept nogil:
    """Whether the segment has all of these documents."""
    cdef Py_ssize_t i
    cdef uint32_t largest = 0
    for i in range(union.size):
        largest = max(largest, <uint32_t> union.docs[i])
    return not union.size or largest < <uint64_t> places.documents


cdef void _weigh(Places places, const Numbers* spans, Union* into) noexcept nogil:
    """The impacts where both lists meet, from the places of both, of which each counts once."""
    cdef Py_ssize_t i, in_title, in_body, one = 0, other = 0
    cdef uint64_t doc, body, end, left, right, none = <uint64_t> -1
    for i in range(into.meetings):
        if i + _AHEAD < into.meetings:
            doc = into.docs[into.met[i + _AHEAD]]
            fetch(places.field_starts.data + 2 * doc * places.field_starts.width)
        doc = into.docs[into.met[i]]
        body, end = at(&places.field_starts, 2 * doc + 1), at(&places.field_starts, 2 * doc + 2)
        one = first_not_below(spans, at(&places.field_starts, 2 * doc), one)
        other = first_not_below(spans + 1, at(&places.field_starts, 2 * doc), other)
        in_title = in_body = 0
        while True:
            left = at(spans, one) if one < spans.size else none
            right = at(spans + 1, other) if other < spans[1].size else none
            if min(left, right) >= end:
                break
            if min(left, right) < body:
                in_title += 1
            else:
                in_body += 1
            one += left <= right
            other += right <= left
        into.impacts[into.met[i]] = <float> impact_of_counts(places, doc, in_title, in_body)


cdef tuple united_pair(Places places, const Member* members, const Numbers* spans):
    """The documents of two lists, ascending, and the impacts there; *spans* are the places of each.

    Raises:
        IndexError: A list names a document that the segment does not have.
    """
    cdef bint is_first_long = members[0].docs.size >= members[1].docs.size
    cdef const Member* longer = members if is_first_long else members + 1
    cdef const Member* shorter = members + 1 if is_first_long else members
    cdef Py_ssize_t room = longer.docs.size + shorter.docs.size
    cdef Union union
    cdef bint is_right
    docs, impacts = empty(room, int32), empty(room, float32)
    union.docs = <int32_t*> exactly(docs, "i", room)
    union.impacts = <float*> exactly(impacts, "f", room)
    union.size = union.meetings = 0
    union.met = <uint32_t*> malloc((shorter.docs.size + 1) * sizeof(uint32_t))
    if union.met == NULL:
        raise MemoryError
    with nogil:
        _walk(&union, longer, shorter)
        is_right = _has_all(places, &union)
        if is_right:
            _weigh(places, spans, &union)
    free(union.met)
    if not is_right:
        raise IndexError("a list names a document that the segment does not have")
    return docs[: union.size], impacts[: union.size]
