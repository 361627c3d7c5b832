# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The documents of words in a segment, and rows of a number a document, as the loops hold them.

Objects that hold pointers hold the arrays as well: an array keeps its memory as long as it lives.
"""

from libc.stdint cimport uint8_t, uint16_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from wco_search.engine._compiled.arrays cimport bisected, exactly, mask_in, read_numbers, pointer_of


cdef class Source:
    """The documents of a word in a segment, as the loops read them: what `PostingList` and `Alternatives` hold."""

    def __cinit__(self):
        self.members = NULL
        self.count = 0
        self.left_out = NULL

    def __dealloc__(self):
        free(self.members)

    @staticmethod
    def of_list(docs, impacts, words, ranks, levels, double largest, double tenth, double frozen_idf):
        """One list; *words* and *ranks*, or *levels*, are None where it has none."""
        cdef Source self = Source.__new__(Source)
        cdef Py_ssize_t size, width
        self.members = <Member*> calloc(1, sizeof(Member))
        if self.members == NULL:
            raise MemoryError
        self.count = 1
        self.largest, self.tenth, self.frozen_idf = largest, tenth, frozen_idf
        self.kept = (docs, impacts, words, ranks, levels)
        cdef Member* member = self.members
        member.weight = 1.0
        read_numbers(docs, &member.docs)
        self.size = member.docs.size
        member.impacts = <const float*> exactly(impacts, "f", member.docs.size)
        if words is not None:
            member.words = <const uint64_t*> pointer_of(words, "LQ", &size, &width)
            if width != 8:
                raise TypeError("words of a bitmap have 64 bits")
            read_numbers(ranks, &member.ranks)
            if member.ranks.size != size:
                raise IndexError(f"{member.ranks.size} ranks for {size} words")
            member.room = 64 * size
        if levels is not None:
            member.levels = <const uint8_t*> pointer_of(levels, "B", &size, &width)
            if words is not None and size != member.room:
                raise IndexError(f"{size} levels for {member.room} documents")
            member.room = size
            self.has_levels = True
        return self


cdef class Terms:
    """The documents of all terms of a segment, and the impacts there; see `wco_search.engine.postings`."""

    def __cinit__(self, lists, bitmaps, rows, Py_ssize_t padded):
        offsets, docs, impacts, largest, tenth = lists
        bit_terms, bits, ranks = bitmaps
        row_terms, levels, idfs = rows
        self.kept = (lists, bitmaps, rows)
        self.padded = padded
        read_numbers(offsets, &self.offsets)
        read_numbers(docs, &self.docs)
        self.impacts = <const float*> exactly(impacts, "f", self.docs.size)
        self.largest = <const float*> exactly(largest, "f", self.offsets.size - 1)
        self.tenth = <const float*> exactly(tenth, "f", self.offsets.size - 1)
        read_numbers(bit_terms, &self.bit_terms)
        self.bits = <const uint64_t*> exactly(bits, "LQ", self.bit_terms.size * (padded // 64))
        read_numbers(ranks, &self.ranks)
        if self.ranks.size != self.bit_terms.size * (padded // 64):
            raise IndexError(f"{self.ranks.size} ranks for {self.bit_terms.size} bitmaps of {padded}")
        read_numbers(row_terms, &self.row_terms)
        self.levels = <const uint8_t*> exactly(levels, "B", self.row_terms.size * padded)
        self.idfs = <const double*> exactly(idfs, "d", self.row_terms.size)

    def source(self, Py_ssize_t term):
        """The list of a term by its number."""
        cdef Source source = Source.__new__(Source)
        cdef Member* member = <Member*> calloc(1, sizeof(Member))
        cdef Py_ssize_t row
        if member == NULL:
            raise MemoryError
        source.members = member
        source.count = 1
        source.kept = self
        self.open(term, member)
        source.size = member.docs.size
        source.largest, source.tenth = self.largest[term], self.tenth[term]
        row = bisected(&self.bit_terms, term)
        if row < self.bit_terms.size and at(&self.bit_terms, row) == <uint64_t> term:
            member.words = self.bits + row * (self.padded // 64)
            member.ranks.data = self.ranks.data + row * (self.padded // 64) * self.ranks.width
            member.ranks.width = self.ranks.width
            member.ranks.size = self.padded // 64
            member.room = self.padded
        row = bisected(&self.row_terms, term)
        if row < self.row_terms.size and at(&self.row_terms, row) == <uint64_t> term:
            member.levels = self.levels + row * self.padded
            member.room = self.padded
            source.frozen_idf = self.idfs[row]
            source.has_levels = True
        return source

    cdef int open(self, Py_ssize_t term, Member* into) except -1:
        """The list of a term by its number, without bitmap and row."""
        cdef uint64_t start, end
        if not 0 <= term < self.offsets.size - 1:
            raise IndexError(f"there is no term {term}")
        start, end = at(&self.offsets, term), at(&self.offsets, term + 1)
        if not start <= end <= <uint64_t> self.docs.size:
            raise IndexError(f"the documents of term {term} lie outside of all documents")
        memset(into, 0, sizeof(Member))
        into.docs.data = self.docs.data + start * self.docs.width
        into.docs.width = self.docs.width
        into.docs.size = end - start
        into.impacts = self.impacts + start
        into.weight = 1.0
        return 0


cdef class Rows:
    """Rows of a number a document, zero between uses; of one thread. The twin of `wco_search.engine.lists.Scratch`.

    *documents* are those of the segment, *size* what its bitmaps and rows have room for, a multiple of 64.
    """

    def __cinit__(self, Py_ssize_t documents, Py_ssize_t size):
        if not 0 <= documents <= size < 1 << 32 or size % 64:
            raise ValueError(f"no row of {size} for {documents} documents")
        self.documents, self.size = documents, size
        self.sums = <double*> calloc(size + 1, sizeof(double))
        self.impacts = <float*> calloc(size + 1, sizeof(float))
        self.levels = <uint8_t*> calloc(size + 1, 1)
        self.many_levels = <uint16_t*> calloc(size + 1, 2)
        self.largest = <uint16_t*> calloc(size // 64 + 1, 2)
        self.words = <uint64_t*> calloc(size // 64 + 1, 8)
        self.masked = <uint64_t*> calloc(size // 64 + 1, 8)
        self.packed = <uint64_t*> calloc(size // 64 + 1, 8)
        if not (
            self.sums and self.impacts and self.levels and self.many_levels and self.largest
            and self.words and self.masked and self.packed
        ):
            raise MemoryError

    def __dealloc__(self):
        free(self.sums)
        free(self.impacts)
        free(self.levels)
        free(self.many_levels)
        free(self.largest)
        free(self.words)
        free(self.masked)
        free(self.packed)
        free(self.touched)
        free(self.own)

    def is_clean(self):
        """Whether sums and impacts are zero, as they must be between uses."""
        cdef Py_ssize_t i
        for i in range(self.size):
            if self.sums[i] != 0 or self.impacts[i] != 0:
                return False
        return True


cdef class Query:
    """The weighted lists of a query, read once."""

    def __dealloc__(self):
        free(self.lists)
        free(self.rests)


cdef Query query_of(weighted, Rows rows):
    """The lists of pairs of weights and `PostingList` or `Alternatives`, for a segment of the size of *rows*."""
    cdef Query self = Query.__new__(Query)
    cdef Source source
    cdef Py_ssize_t i, m, count = len(weighted)
    cdef Weighted* one
    cdef double weight
    self.kept = []
    self.lists = <Weighted*> malloc((count + 1) * sizeof(Weighted))
    self.rests = <double*> malloc((count + 1) * sizeof(double))
    if self.lists == NULL or self.rests == NULL:
        raise MemoryError
    self.count = count
    self.is_plain = True
    i = 0
    for weight, postings in weighted:
        source = postings.source
        self.kept.append(source)
        one = self.lists + i
        one.weight, one.members, one.count, one.left_out = weight, source.members, source.count, source.left_out
        one.most = weight * source.largest
        one.ratio = weight / source.frozen_idf if source.frozen_idf else 0.0
        one.size = 0
        if source.left_out != NULL and source.left_out_room < rows.size:
            raise IndexError("what is left out is of another size than the segment")
        for m in range(source.count):
            one.size += source.members[m].docs.size
            if (source.members[m].words or source.members[m].levels) and source.members[m].room != rows.size:
                raise IndexError("a bitmap or row is of another size than the segment")
            self.is_plain = self.is_plain and source.members[m].weight > 0
        self.is_plain = self.is_plain and source.count > 0 and 0 < one.most < 1e300
        self.start = max(self.start, weight * source.tenth)
        i += 1
    self.rests[count] = 0.0
    for i in range(count - 1, -1, -1):
        self.rests[i] = self.rests[i + 1] + self.lists[i].most
    return self


cdef const uint8_t* mask_of(object mask, Rows rows) except? NULL:
    cdef Py_ssize_t size
    found = mask_in(mask, &size)
    if found != NULL and size != rows.documents:
        raise IndexError(f"a mask of {size}, not {rows.documents} documents")
    return found
