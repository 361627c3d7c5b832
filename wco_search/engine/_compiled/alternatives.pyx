# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Alternatives by the numbers of their terms."""

from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc
from libc.string cimport memset

from wco_search.engine._compiled.arrays cimport Numbers, at, bisected, exactly, mask_in, pointer_of, read_numbers
from wco_search.engine._compiled.lists cimport Member, Rows, Source
from wco_search.engine._compiled.wide cimport count_all_bits, join_bits


cdef class Members:
    """The lists of all terms of a segment: what alternatives are made of where nothing else is asked of their terms."""

    cdef Numbers offsets
    cdef Numbers docs
    cdef Numbers bit_terms
    cdef Numbers ranks
    cdef const float* impacts
    cdef const float* largest
    cdef const float* tenth
    cdef const uint64_t* words
    cdef object kept

    def __cinit__(self, doc_offsets, docs, impacts, max_impacts, tenth_impacts, bit_terms, bits, bit_ranks):
        cdef Py_ssize_t size, width
        self.kept = (doc_offsets, docs, impacts, max_impacts, tenth_impacts, bit_terms, bits, bit_ranks)
        read_numbers(doc_offsets, &self.offsets)
        read_numbers(docs, &self.docs)
        self.impacts = <const float*> exactly(impacts, "f", self.docs.size)
        self.largest = <const float*> exactly(max_impacts, "f", self.offsets.size - 1)
        self.tenth = <const float*> exactly(tenth_impacts, "f", self.offsets.size - 1)
        read_numbers(bit_terms, &self.bit_terms)
        read_numbers(bit_ranks, &self.ranks)
        self.words = <const uint64_t*> pointer_of(bits, "LQ", &size, &width)
        if width != 8 or size != self.ranks.size:
            raise IndexError(f"{self.ranks.size} ranks for {size} words")

    cdef int fill(self, Member* member, Py_ssize_t term, Rows rows) except -1:
        """The list of a term; its levels are left out, which no alternatives have."""
        cdef uint64_t start, end
        cdef Py_ssize_t row, size = rows.size // 64
        if not 0 <= term < self.offsets.size - 1:
            raise IndexError(f"there is no term number {term}")
        start, end = at(&self.offsets, term), at(&self.offsets, term + 1)
        if start >= end or end > <uint64_t> self.docs.size:
            raise IndexError(f"the documents of term number {term} end before they start")
        member.docs = self.docs
        member.docs.data += start * self.docs.width
        member.docs.size = <Py_ssize_t> (end - start)
        member.impacts = self.impacts + start
        row = bisected(&self.bit_terms, term)
        if row < self.bit_terms.size and at(&self.bit_terms, row) == <uint64_t> term:
            if (row + 1) * size > self.ranks.size:
                raise IndexError("a bitmap is of another size than the segment")
            member.words = self.words + row * size
            member.ranks = self.ranks
            member.ranks.data += row * size * self.ranks.width
            member.ranks.size = size
            member.room = rows.size
        return 0

    def alternatives(self, Rows rows, list weighted, left_out):
        """The source of weighted terms, of which the largest impact counts, without the documents of *left_out*; its
        largest and tenth impact as of `wco_search.engine.lists.Alternatives`, how many documents have any of the terms,
        and how many they have together. *weighted* are pairs of a weight and the number of a term, at least one.

        Raises:
            IndexError: An array does not fit the segment.
        """
        cdef Source self_ = Source.__new__(Source)
        cdef Py_ssize_t place = 0, term, postings = 0, left_out_size
        cdef const uint8_t* mask = mask_in(left_out, &left_out_size)
        cdef double weight
        cdef int64_t doc_freq
        cdef Member* member
        self_.members = <Member*> calloc(max(1, len(weighted)), sizeof(Member))
        if self_.members == NULL:
            raise MemoryError
        for weight, term in weighted:
            member = self_.members + place
            self.fill(member, term, rows)
            member.weight = <float> weight
            self_.largest = max(self_.largest, <double> (self.largest[term] * member.weight))  # rounded as impacts are
            self_.tenth = max(self_.tenth, <double> (self.tenth[term] * member.weight))
            postings += member.docs.size
            place += 1
        self_.count = place
        self_.kept = (self, left_out)
        # A word of a language stands in hardly any documents of others: if in none, its list is like any other.
        if mask != NULL and (place > 1 or _has_any(self_.members, mask, left_out_size)):
            self_.left_out, self_.left_out_size, self_.tenth = mask, left_out_size, 0
        doc_freq = postings if place == 1 else _count_members(rows, self_.members, place)
        if doc_freq < 0:
            raise IndexError("a list names a document that the segment does not have")
        return self_, self_.largest, self_.tenth, doc_freq, postings


cdef bint _has_any(const Member* member, const uint8_t* mask, Py_ssize_t size) noexcept nogil:
    """Whether any document of a list is one of *mask*, or is not there."""
    cdef Py_ssize_t i
    cdef uint64_t doc
    for i in range(member.docs.size):
        doc = at(&member.docs, i)
        if doc >= <uint64_t> size or mask[doc]:
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
