# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Lists of terms of which the largest impact counts."""

from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport calloc
from libc.string cimport memset

from wco_search.engine._compiled.arrays cimport at, pointer_of
from wco_search.engine._compiled.lists cimport Member, Rows, Source
from wco_search.engine._compiled.wide cimport count_all_bits, join_bits


def alternatives(Rows rows, list members, left_out, int side):
    """The source of weighted lists, of which the largest impact counts, without the documents of the bitmap
    *left_out*; and how many documents any of the lists has, -1 without *rows* to count them with.

    Raises:
        IndexError: A list names a document that the segment does not have.
    """
    cdef Source several = Source.__new__(Source)
    cdef Source one
    cdef Py_ssize_t place = 0, words = 0, width = 8
    cdef const uint64_t* bits = NULL
    cdef int64_t doc_freq = -1
    cdef Member* member
    several.members = <Member*> calloc(max(1, len(members)), sizeof(Member))
    if several.members == NULL:
        raise MemoryError
    if left_out is not None:
        bits = <const uint64_t*> pointer_of(left_out, "LQ", &words, &width)
        if width != 8:
            raise TypeError("words of a bitmap have 64 bits")
    for weight, one in members:
        if one.count != 1:
            raise ValueError("members are single lists")
        member = several.members + place
        member[0] = one.members[0]
        member.weight = weight
        member.levels = NULL
        several.largest = max(several.largest, <double> (<float> one.largest * member.weight))  # rounded as impacts are
        several.tenth = max(several.tenth, <double> (<float> one.tenth * member.weight))
        if rows is not None and member.words != NULL and member.room != rows.size:
            raise IndexError("a bitmap is of another size than the segment")
        several.size += member.docs.size
        place += 1
    several.count = place
    several.side = side
    several.kept = (tuple(members), left_out)
    # A word of a language stands in hardly any documents of others: if in none, its list is like any other.
    if bits != NULL and (place > 1 or _has_any(several.members, bits, 64 * words)):
        several.left_out, several.left_out_room, several.tenth = bits, 64 * words, 0
    if rows is not None:
        doc_freq = several.size if place == 1 else _count_members(rows, several.members, place)
        if doc_freq < 0:
            raise IndexError("a list names a document that the segment does not have")
    return several, doc_freq


cdef bint _has_any(const Member* member, const uint64_t* bits, Py_ssize_t room) noexcept nogil:
    """Whether any document of a list is one of a bitmap, or is not there."""
    cdef Py_ssize_t i
    cdef uint64_t doc
    for i in range(member.docs.size):
        doc = at(&member.docs, i)
        if doc >= <uint64_t> room or (bits[doc >> 6] >> (doc & 63)) & 1:
            return True
    return False


cdef int64_t _count_members(Rows rows, const Member* members, Py_ssize_t count) noexcept nogil:
    """How many documents any of some lists has; -1 where the segment does not have one of them."""
    cdef Py_ssize_t m, j, size = rows.size // 64
    cdef uint64_t doc
    cdef const Member* member
    memset(rows.words, 0, size * 8)
    for m in range(count):
        member = members + m
        if member.words != NULL:
            join_bits(rows.words, member.words, size)
            continue
        for j in range(member.docs.size):
            doc = at(&member.docs, j)
            if doc >= <uint64_t> rows.documents:
                return -1
            rows.words[doc >> 6] |= <uint64_t> 1 << (doc & 63)
    return count_all_bits(rows.words, size)
