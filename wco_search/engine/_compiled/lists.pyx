# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The documents of words in a segment, and rows of a number a document, as the loops hold them.

Objects that hold pointers hold the arrays as well: an array keeps its memory as long as it lives.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from numpy import empty, uint32

from wco_search.engine._compiled.arrays cimport at, bisected, exactly, mask_in, pointer_of, read_numbers, writable


cdef enum:
    _CHAMPIONS = 16  # see `wco_search.engine.postings`
    _FEWEST = 16_384  # documents of a list made for a search: to tell the champions of a shorter one costs a part of it
    _CLASSES = 1024  # of impacts: 64 for each doubling, from a 256th on


cdef inline Py_ssize_t _class_of(const float* impact) noexcept nogil:
    """The class of an impact, by its exponent and six bits of its mantissa; larger ones are in higher classes."""
    cdef uint32_t bits
    memcpy(&bits, impact, 4)
    return min(max(<Py_ssize_t> (bits >> 17) - (119 << 6), 0), _CLASSES - 1)


cdef class Source:
    """The documents of a word in a segment, as the loops read them: what `PostingList` and `Alternatives` hold."""

    def __cinit__(self):
        self.members = NULL
        self.count = 0
        self.left_out = NULL

    def __dealloc__(self):
        free(self.members)

    @staticmethod
    def of_list(docs, impacts, words, ranks, levels, double largest, double tenth, double frozen_idf, int side=0):
        """One list; *words* and *ranks*, or *levels*, are None where it has none."""
        cdef Source self = Source.__new__(Source)
        cdef Py_ssize_t size, width
        self.members = <Member*> calloc(1, sizeof(Member))
        if self.members == NULL:
            raise MemoryError
        self.count = 1
        self.largest, self.tenth, self.frozen_idf, self.side = largest, tenth, frozen_idf, side
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
        self.find_champions()
        return self

    cdef int find_champions(self) except -1:
        """Tell the documents of the largest impacts of a long list apart, as the index does for terms; here by classes
        of impacts, which takes one look at each.
        """
        cdef Member* member = self.members
        cdef Py_ssize_t i, size = member.docs.size, count = 0, least = _CLASSES - 1, place = 0
        cdef Py_ssize_t[_CLASSES] sizes
        if size < _FEWEST:
            return 0
        memset(sizes, 0, sizeof(sizes))
        for i in range(size):
            sizes[_class_of(member.impacts + i)] += 1
        while least and count + sizes[least] <= size // _CHAMPIONS:
            count += sizes[least]
            least -= 1
        if count == 0:
            return 0
        champions = empty(count, uint32)
        cdef uint32_t* into = <uint32_t*> writable(champions)
        for i in range(size):
            if _class_of(member.impacts + i) > least:
                into[place] = <uint32_t> at(&member.docs, i)
                place += 1
            else:
                member.others = max(member.others, member.impacts[i])
        read_numbers(champions, &member.champions)
        self.kept = (self.kept, champions)
        return 0


cdef class Terms:
    """The documents of all terms of a segment, and the impacts there; see `wco_search.engine.postings`."""

    def __cinit__(self, lists, bitmaps, rows, champions, Py_ssize_t padded):
        offsets, docs, impacts, largest, tenth = lists
        bit_terms, bits, ranks = bitmaps
        row_terms, levels, idfs = rows
        champion_terms, champion_offsets, champion_docs, others = champions
        self.kept = (lists, bitmaps, rows, champions)
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
        read_numbers(champion_terms, &self.champion_terms)
        read_numbers(champion_offsets, &self.champion_offsets)
        read_numbers(champion_docs, &self.champions)
        self.others = <const float*> exactly(others, "f", self.champion_terms.size)
        if self.champion_offsets.size != self.champion_terms.size + 1:
            raise IndexError(f"{self.champion_offsets.size} offsets of the champions of {self.champion_terms.size} terms")

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
        row = bisected(&self.champion_terms, term)
        if row < self.champion_terms.size and at(&self.champion_terms, row) == <uint64_t> term:
            self.open_champions(row, member)
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


    cdef int open_champions(self, Py_ssize_t row, Member* into) except -1:
        """The champions of the term of a row."""
        cdef uint64_t start = at(&self.champion_offsets, row), end = at(&self.champion_offsets, row + 1)
        if not start <= end <= <uint64_t> self.champions.size:
            raise IndexError("the champions of a term lie outside of all champions")
        into.champions.data = self.champions.data + start * self.champions.width
        into.champions.width = self.champions.width
        into.champions.size = end - start
        into.others = self.others[row]
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
        free(self.bitmaps)
        free(self.finds)

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


cdef double most_of_others(Source source) noexcept nogil:
    """The largest impact in a document that is no champion of any list; the largest of all where no list has any."""
    cdef Py_ssize_t m
    cdef const Member* member
    cdef bint is_known = False
    cdef double most = 0
    for m in range(source.count):
        member = source.members + m
        if member.champions.size:  # all documents of a list without are taken for champions
            most = max(most, <double> <float> (member.others * member.weight))
            is_known = True
    return min(most, source.largest) if is_known else source.largest


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
        one.others = weight * most_of_others(source)
        one.side = source.side
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


# What the ways through all lists cost in nanoseconds: what 3,000 queries of 60,000 and 950,000 documents took, one after
# the other, so that hardly any list was in the processor's caches; to a fourth.

cdef double _SPARSE = 3.6  # a posting added up where there are few
cdef double _DENSE = 1.2  # where there are many
cdef double _READING = 0.4  # the sum of a document, whether it has one or not
cdef double _MARKING = 1.35  # a posting, and its share in reading on
cdef double _JOINING = 0.4  # where there is a bitmap already
cdef double _MEETING = 0.08  # the bitmaps at a document
cdef double _BEGINNING = 30_000  # until there is a threshold


cdef double cost_by_sums(Query query, Rows rows) noexcept nogil:
    """What it costs to add up all lists in windows."""
    cdef Py_ssize_t i
    cdef double postings = 0
    for i in range(query.count):
        postings += query.lists[i].size
    return min(_SPARSE * postings, _DENSE * postings + _READING * rows.documents)


cdef double cost_by_bitmaps(Query query, Rows rows) noexcept nogil:
    """What it costs to make bitmaps of all lists, and to read on where these leave a chance."""
    cdef Py_ssize_t i, m
    cdef double cost = _BEGINNING + _MEETING * rows.documents
    cdef const Member* member
    for i in range(query.count):
        for m in range(query.lists[i].count):
            member = query.lists[i].members + m
            cost += (_MARKING if member.words == NULL else _JOINING) * member.docs.size
    return cost
