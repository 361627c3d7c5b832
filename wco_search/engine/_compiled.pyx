# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The inner loops of ranking, compiled. What each does is told where its NumPy twin stands; the results are the same
to the bit, which is why this is compiled without fast-math and without fused multiply-add.

Arrays of an index come from files that may be damaged. They are read through plain pointers, so every number from one
that is used as a place is compared with the size of what it points into; one that is out of it ends in an IndexError.

Objects that hold pointers hold the arrays as well: an array keeps its memory as long as it lives.
"""

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcmp, memcpy, memset

from numpy import empty, float32, float64, int32, int64, intp, uint32, uint64

cdef extern from *:
    """
    #include <stdint.h>
    #include <stddef.h>
    #include <string.h>
    /* Whole rows are worked on by the widest instructions of the machine it runs on, chosen when it is loaded. */
    #if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
    #define WIDE __attribute__((target_clones("avx2", "popcnt", "default")))
    #else
    #define WIDE
    #endif

    static inline int count_bits(uint64_t word) {
        word -= (word >> 1) & 0x5555555555555555ULL;
        word = (word & 0x3333333333333333ULL) + ((word >> 2) & 0x3333333333333333ULL);
        word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0FULL;
        return (int)((word * 0x0101010101010101ULL) >> 56);
    }

    static inline int lowest_bit(uint64_t word) {  /* of one that is not 0 */
    #if defined(__GNUC__)
        return __builtin_ctzll(word);
    #else
        return count_bits((word & (~word + 1)) - 1);
    #endif
    }

    WIDE static int64_t count_all_bits(const uint64_t *words, ptrdiff_t size) {
        int64_t total = 0;
        for (ptrdiff_t i = 0; i < size; i++) total += __builtin_popcountll(words[i]);
        return total;
    }

    WIDE static int64_t count_all_bits_of(const uint64_t *words, const uint64_t *allowed, ptrdiff_t size) {
        int64_t total = 0;
        for (ptrdiff_t i = 0; i < size; i++) total += __builtin_popcountll(words[i] & allowed[i]);
        return total;
    }

    WIDE static void join_bits(uint64_t *into, const uint64_t *words, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) into[i] |= words[i];
    }

    WIDE static void keep_bits(uint64_t *into, const uint64_t *words, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) into[i] &= words[i];
    }

    WIDE static void take_away_bits(uint64_t *from, const uint64_t *words, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) from[i] &= ~words[i];
    }

    WIDE static void add_bytes(uint8_t *into, const uint8_t *row, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) into[i] = (uint8_t)(into[i] + row[i]);
    }

    WIDE static void add_to_shorts(uint16_t *into, const uint8_t *row, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) into[i] = (uint16_t)(into[i] + row[i]);
    }

    WIDE static void wipe_bytes(uint8_t *levels, const uint8_t *allowed, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) levels[i] = allowed[i] ? levels[i] : 0;
    }

    WIDE static void wipe_shorts(uint16_t *levels, const uint8_t *allowed, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) levels[i] = allowed[i] ? levels[i] : 0;
    }

    WIDE static void largest_bytes(uint16_t *largest, const uint8_t *levels, ptrdiff_t blocks) {
        for (ptrdiff_t b = 0; b < blocks; b++) {
            uint8_t most = 0;
            for (int i = 0; i < 64; i++) most = levels[64 * b + i] > most ? levels[64 * b + i] : most;
            largest[b] = most;
        }
    }

    WIDE static void largest_shorts(uint16_t *largest, const uint16_t *levels, ptrdiff_t blocks) {
        for (ptrdiff_t b = 0; b < blocks; b++) {
            uint16_t most = 0;
            for (int i = 0; i < 64; i++) most = levels[64 * b + i] > most ? levels[64 * b + i] : most;
            largest[b] = most;
        }
    }

    /* The bits of a mask of so many documents: a multiplication puts eight bytes of 0 or 1 side by side. */
    static void pack_bits(uint64_t *words, const uint8_t *mask, ptrdiff_t documents) {
        ptrdiff_t word = 0;
        for (; 64 * word + 64 <= documents; word++) {
            uint64_t packed = 0;
            for (int part = 0; part < 8; part++) {
                uint64_t bytes;
                memcpy(&bytes, mask + 64 * word + 8 * part, 8);
                packed |= ((bytes & 0x0101010101010101ULL) * 0x0102040810204080ULL >> 56) << (8 * part);
            }
            words[word] = packed;
        }
        for (ptrdiff_t doc = 64 * word; doc < documents; doc++) {
            if (doc == 64 * word) words[word] = 0;
            words[word] |= (uint64_t)(mask[doc] & 1) << (doc & 63);
        }
    }

    WIDE static ptrdiff_t count_reaching(const float *impacts, ptrdiff_t size, float need) {
        ptrdiff_t count = 0;
        for (ptrdiff_t i = 0; i < size; i++) count += impacts[i] >= need;
        return count;
    }

    WIDE static int count_bytes_reaching(const uint8_t *levels, uint8_t need) {
        uint8_t count = 0;
        for (int i = 0; i < 64; i++) count += levels[i] >= need;
        return count;
    }

    /* Whether any of 32 impacts reaches so much. */
    WIDE static int any_reaches(const float *impacts, float need) {
        int any = 0;
        for (int i = 0; i < 32; i++) any |= impacts[i] >= need;
        return any;
    }
    """
    int count_bits(uint64_t word) noexcept nogil
    int lowest_bit(uint64_t word) noexcept nogil
    int64_t count_all_bits(const uint64_t* words, Py_ssize_t size) noexcept nogil
    int64_t count_all_bits_of(const uint64_t* words, const uint64_t* allowed, Py_ssize_t size) noexcept nogil
    void join_bits(uint64_t* into, const uint64_t* words, Py_ssize_t size) noexcept nogil
    void keep_bits(uint64_t* into, const uint64_t* words, Py_ssize_t size) noexcept nogil
    void take_away_bits(uint64_t* into, const uint64_t* words, Py_ssize_t size) noexcept nogil
    void add_bytes(uint8_t* into, const uint8_t* row, Py_ssize_t size) noexcept nogil
    void add_to_shorts(uint16_t* into, const uint8_t* row, Py_ssize_t size) noexcept nogil
    void wipe_bytes(uint8_t* levels, const uint8_t* allowed, Py_ssize_t size) noexcept nogil
    void wipe_shorts(uint16_t* levels, const uint8_t* allowed, Py_ssize_t size) noexcept nogil
    void largest_bytes(uint16_t* largest, const uint8_t* levels, Py_ssize_t blocks) noexcept nogil
    void largest_shorts(uint16_t* largest, const uint16_t* levels, Py_ssize_t blocks) noexcept nogil
    void pack_bits(uint64_t* words, const uint8_t* mask, Py_ssize_t documents) noexcept nogil
    Py_ssize_t count_reaching(const float* impacts, Py_ssize_t size, float need) noexcept nogil
    Py_ssize_t count_bytes_reaching(const uint8_t* levels, uint8_t need) noexcept nogil
    bint any_reaches(const float* impacts, float need) noexcept nogil

cdef enum:
    _SHORT = 16  # part of `direct` that is added up even where look-ups would do: the total is known then
    _WEIGHING = 12  # to work out the score of one document costs about as much as to add up so many postings
    _BISECTION = 12  # a look-up in a list without bitmap costs about as much as so many of its postings
    _BLOCK = 64  # documents that are skipped together where none of them has the levels
    _MOST_BYTE_ROWS = 4
    _LEVELS = 1024  # larger ones count as this
    _MOST_PLACES = 64  # lists of a clause in which the search goes on where it ended

cdef double _SAFE = 1 - 1e-9


# -- arrays of files

cdef struct Numbers:  # whole numbers, none of them negative
    const uint8_t* data
    Py_ssize_t width
    Py_ssize_t size


cdef inline uint64_t at(const Numbers* numbers, Py_ssize_t place) noexcept nogil:
    if numbers.width == 4:
        return (<const uint32_t*> numbers.data)[place]
    if numbers.width == 2:
        return (<const uint16_t*> numbers.data)[place]
    if numbers.width == 1:
        return numbers.data[place]
    return (<const uint64_t*> numbers.data)[place]


cdef const void* _pointer(
    object array, str kinds, Py_ssize_t* size, Py_ssize_t* width, bint writable=False
) except NULL:
    """Where *array* lies, which must be without gaps and of one of *kinds*, as its buffer names them."""
    cdef Py_buffer view
    cdef const void* found
    PyObject_GetBuffer(array, &view, PyBUF_ND | PyBUF_FORMAT | (PyBUF_WRITABLE if writable else 0))
    found = view.buf
    size[0] = view.len // view.itemsize
    width[0] = view.itemsize
    kind = (<bytes> view.format).decode()
    dimensions = view.ndim
    PyBuffer_Release(&view)
    if kind not in kinds or len(kind) != 1:
        raise TypeError(f"an array of {kind!r}, not of one of {kinds!r}")
    if dimensions != 1:
        raise ValueError(f"an array of {dimensions} dimensions")
    return found if found != NULL else <const void*> 1  # of an empty one


cdef int _numbers(object array, Numbers* into) except -1:
    into.data = <const uint8_t*> _pointer(array, "BHILQbhilq", &into.size, &into.width)
    return 0


cdef const void* _exactly(object array, str kinds, Py_ssize_t wanted) except NULL:
    """Where an array of exactly so many items lies."""
    cdef Py_ssize_t size, width
    found = _pointer(array, kinds, &size, &width)
    if size != wanted:
        raise IndexError(f"an array of {size} items, not {wanted}")
    return found


cdef const uint8_t* _mask(object mask, Py_ssize_t* size) except? NULL:
    """Where a mask lies; NULL where there is none."""
    cdef Py_ssize_t width
    if mask is None:
        size[0] = 0
        return NULL
    return <const uint8_t*> _pointer(mask, "?", size, &width)


# -- lists

cdef struct Member:  # the documents of a term
    Numbers docs
    const float* impacts
    const uint64_t* words
    Numbers ranks
    const uint8_t* levels
    Py_ssize_t room  # for how many documents words and levels are
    float weight


cdef class Source:
    """The documents of a word in a segment, as the loops read them: what `PostingList` and `Alternatives` hold."""

    cdef Member* members
    cdef Py_ssize_t count
    cdef const uint8_t* left_out
    cdef Py_ssize_t left_out_size
    cdef double largest
    cdef double tenth
    cdef double frozen_idf
    cdef object kept

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
        _numbers(docs, &member.docs)
        member.impacts = <const float*> _exactly(impacts, "f", member.docs.size)
        if words is not None:
            member.words = <const uint64_t*> _pointer(words, "LQ", &size, &width)
            if width != 8:
                raise TypeError("words of a bitmap have 64 bits")
            _numbers(ranks, &member.ranks)
            if member.ranks.size != size:
                raise IndexError(f"{member.ranks.size} ranks for {size} words")
            member.room = 64 * size
        if levels is not None:
            member.levels = <const uint8_t*> _pointer(levels, "B", &size, &width)
            if words is not None and size != member.room:
                raise IndexError(f"{size} levels for {member.room} documents")
            member.room = size
        return self

    @staticmethod
    def of_members(members, left_out, double largest, double tenth):
        """Weighted lists, of which the largest impact counts, without the documents of *left_out*."""
        cdef Source self = Source.__new__(Source)
        cdef Source one
        cdef Py_ssize_t place = 0
        self.members = <Member*> calloc(max(1, len(members)), sizeof(Member))
        if self.members == NULL:
            raise MemoryError
        for weight, one in members:
            if one.count != 1:
                raise ValueError("members are single lists")
            self.members[place] = one.members[0]
            self.members[place].weight = weight
            self.members[place].levels = NULL
            place += 1
        self.count = place
        self.largest, self.tenth = largest, tenth
        self.kept = (tuple(members), left_out)
        self.left_out = _mask(left_out, &self.left_out_size)
        return self


cdef float _impact_in(const Member* member, uint64_t doc, int* broken) noexcept nogil:
    """The impact of a document, 0 where it is not in the list."""
    cdef uint64_t word, bit
    cdef Py_ssize_t low, high, middle
    if member.words != NULL:
        word = member.words[doc >> 6]
        bit = doc & 63
        if not (word >> bit) & 1:
            return 0
        low = <Py_ssize_t> at(&member.ranks, doc >> 6) + count_bits(word & ((<uint64_t> 1 << bit) - 1))
        if low < 0 or low >= member.docs.size:
            broken[0] = 1
            return 0
        return member.impacts[low] * member.weight
    low = 0
    high = member.docs.size
    while low < high:
        middle = (low + high) >> 1
        if at(&member.docs, middle) < doc:
            low = middle + 1
        else:
            high = middle
    if low < member.docs.size and at(&member.docs, low) == doc:
        return member.impacts[low] * member.weight
    return 0


cdef struct Weighted:
    double weight
    const Member* members
    Py_ssize_t count
    const uint8_t* left_out
    Py_ssize_t size  # postings of all members
    double most  # that it adds to a score
    double ratio  # of its weight to the idf that its levels were made with


cdef inline double _gain(const Weighted* one, uint64_t doc, int* broken) noexcept nogil:
    """What a list adds to the score of a document."""
    cdef float largest, other
    cdef Py_ssize_t i
    if one.left_out != NULL and one.left_out[doc]:
        return 0.0
    largest = _impact_in(one.members, doc, broken)
    for i in range(1, one.count):
        other = _impact_in(one.members + i, doc, broken)
        if other > largest:
            largest = other
    return one.weight * <double> largest


# -- rows

cdef class Rows:
    """Rows of a number a document, zero between uses; of one thread. The twin of `wco_search.engine.lists.Scratch`.

    *documents* are those of the segment, *size* what its bitmaps and rows have room for, a multiple of 64.
    """

    cdef readonly Py_ssize_t documents
    cdef readonly Py_ssize_t size
    cdef double* sums
    cdef double* rest
    cdef float* impacts
    cdef uint8_t* levels
    cdef uint16_t* many_levels
    cdef uint16_t* largest
    cdef uint64_t* words
    cdef uint64_t* masked
    cdef uint64_t* packed
    cdef uint32_t* touched
    cdef Py_ssize_t touched_room
    cdef uint32_t* own
    cdef Py_ssize_t own_room

    def __cinit__(self, Py_ssize_t documents, Py_ssize_t size):
        if not 0 <= documents <= size < 1 << 32 or size % 64:
            raise ValueError(f"no row of {size} for {documents} documents")
        self.documents, self.size = documents, size
        self.sums = <double*> calloc(size + 1, sizeof(double))
        self.rest = <double*> calloc(size + 1, sizeof(double))
        self.impacts = <float*> calloc(size + 1, sizeof(float))
        self.levels = <uint8_t*> calloc(size + 1, 1)
        self.many_levels = <uint16_t*> calloc(size + 1, 2)
        self.largest = <uint16_t*> calloc(size // 64 + 1, 2)
        self.words = <uint64_t*> calloc(size // 64 + 1, 8)
        self.masked = <uint64_t*> calloc(size // 64 + 1, 8)
        self.packed = <uint64_t*> calloc(size // 64 + 1, 8)
        if not (
            self.sums and self.rest and self.impacts and self.levels and self.many_levels and self.largest
            and self.words and self.masked and self.packed
        ):
            raise MemoryError

    def __dealloc__(self):
        free(self.sums)
        free(self.rest)
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
            if self.sums[i] != 0 or self.rest[i] != 0 or self.impacts[i] != 0:
                return False
        return True


cdef int _room_for(uint32_t** into, Py_ssize_t* room, Py_ssize_t needed) noexcept nogil:
    cdef void* larger
    cdef Py_ssize_t wanted
    if needed <= room[0]:
        return 0
    wanted = needed + needed // 2 + 1024
    larger = realloc(into[0], wanted * sizeof(uint32_t))
    if larger == NULL:
        return -1
    into[0] = <uint32_t*> larger
    room[0] = wanted
    return 0


# -- the best of some scores

cdef struct Heap:  # the worst is first
    double* scores
    uint32_t* docs
    Py_ssize_t k
    Py_ssize_t size


cdef inline bint _is_worse(double score, uint32_t doc, double other, uint32_t other_doc) noexcept nogil:
    return score < other or (score == other and doc > other_doc)


cdef void _sift_down(Heap* heap, Py_ssize_t end, double score, uint32_t doc) noexcept nogil:
    """Put an entry to the top of the first *end* places and let it sink to its place."""
    cdef Py_ssize_t place = 0, child
    while True:
        child = 2 * place + 1
        if child >= end:
            break
        if child + 1 < end and _is_worse(
            heap.scores[child + 1], heap.docs[child + 1], heap.scores[child], heap.docs[child]
        ):
            child += 1
        if not _is_worse(heap.scores[child], heap.docs[child], score, doc):
            break
        heap.scores[place], heap.docs[place] = heap.scores[child], heap.docs[child]
        place = child
    heap.scores[place], heap.docs[place] = score, doc


cdef inline bint _push(Heap* heap, double score, uint32_t doc) noexcept nogil:
    """Hold a document if it is one of the k best so far; says whether it is."""
    cdef Py_ssize_t place, parent
    if heap.size < heap.k:
        place = heap.size
        heap.size += 1
        while place:
            parent = (place - 1) >> 1
            if not _is_worse(score, doc, heap.scores[parent], heap.docs[parent]):
                break
            heap.scores[place], heap.docs[place] = heap.scores[parent], heap.docs[parent]
            place = parent
        heap.scores[place], heap.docs[place] = score, doc
        return True
    if not _is_worse(heap.scores[0], heap.docs[0], score, doc):
        return False
    _sift_down(heap, heap.size, score, doc)
    return True


cdef void _sort_best_first(Heap* heap) noexcept nogil:
    cdef Py_ssize_t end = heap.size
    cdef double score
    cdef uint32_t doc
    while end > 1:
        end -= 1
        score, doc = heap.scores[end], heap.docs[end]
        heap.scores[end], heap.docs[end] = heap.scores[0], heap.docs[0]
        _sift_down(heap, end, score, doc)


cdef double _kth_sum(const double* sums, const uint32_t* docs, Py_ssize_t size, Heap* heap) noexcept nogil:
    """The k-th largest of the sums of some documents, 0 where they are fewer; *heap* is left empty."""
    cdef Py_ssize_t i
    cdef double found
    if size < heap.k:
        return 0.0
    for i in range(size):
        if heap.size < heap.k or sums[docs[i]] > heap.scores[0]:
            _push(heap, sums[docs[i]], docs[i])
    found = heap.scores[0]
    heap.size = 0
    return found


# -- any of some lists

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
    if _room_for(&search.touched, &search.room, n + size):
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
    if _room_for(&rows.own, &rows.own_room, one.size):
        return -1
    for m in range(one.count):
        member = one.members + m
        for i in range(member.docs.size):
            doc = at(&member.docs, i)
            if doc >= <uint64_t> rows.documents:
                broken[0] = 1
                break
            if one.left_out != NULL and one.left_out[doc]:
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
    cdef uint32_t doc
    if one.count == 1 and one.left_out == NULL and one.members.weight == 1.0:
        return _scatter_one(search, rows, one)
    if _room_for(&search.touched, &search.room, search.touches + one.size):
        return -1
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
        score += _gain(search.lists + i, doc, &search.broken)
        if score + search.rests[i + 1] < search.threshold:
            return 0
    if score == 0 or _room_for(&search.touched, &search.room, search.touches + 1):
        return 0 if score == 0 else -1
    search.touched[search.touches] = <uint32_t> doc
    search.touches += 1
    rows.sums[doc] = score
    if _push(&search.heap, score, <uint32_t> doc) and search.heap.size == search.heap.k:
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
            _push(&search.heap, score, doc)
            least = search.heap.scores[0] if search.heap.size == search.heap.k else 0
    search.touches = 0
    search.total = total


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
    if _room_for(&rows.own, &rows.own_room, search.touches):
        return -1
    some = rows.own
    for i in range(search.touches):
        doc = search.touched[i]
        if search.allowed == NULL or search.allowed[doc]:
            some[kept] = <uint32_t> doc
            kept += rows.sums[doc] != 0
    for at_list in range(place, search.count):
        _raise_threshold(search, _kth_sum(rows.sums, some, kept, &search.heap))
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
        else:
            for i in range(kept):
                rows.sums[some[i]] += _gain(one, some[i], &search.broken)
    for i in range(kept):
        sum_ = rows.sums[some[i]]
        if search.heap.size < search.heap.k or sum_ >= search.heap.scores[0]:
            _push(&search.heap, sum_, some[i])
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


cdef bint _are_many(const Search* search, Rows rows, bint narrow, double unit, Py_ssize_t first) noexcept nogil:
    """Whether so many documents have the levels to win that it costs less to add up all lists from *first* on."""
    cdef Py_ssize_t block, i, postings = rows.documents // 4, count = 0, need = _levels_needed(search, unit)
    for i in range(first, search.count):
        postings += search.lists[i].size
    for block in range(rows.size // _BLOCK):
        if rows.largest[block] >= need:
            count += count_bytes_reaching(rows.levels + _BLOCK * block, <uint8_t> need) if narrow else _BLOCK // 2
    return _WEIGHING * count > postings


cdef int _add_up_rest(Search* search, Rows rows, Py_ssize_t first) noexcept nogil:
    """Add up the lists from *first* on and hold the best of the documents not seen before."""
    cdef Py_ssize_t i, place, count
    cdef const Weighted* one
    cdef const Member* member
    cdef uint64_t doc
    cdef double score
    for place in range(first, search.count):
        one = search.lists + place
        if one.count > 1 or one.left_out != NULL or one.members.weight != 1.0:
            if _gather(rows, one, &count, &search.broken):
                memset(rows.rest, 0, rows.documents * sizeof(double))
                return -1
            for i in range(count):
                rows.rest[rows.own[i]] += one.weight * <double> rows.impacts[rows.own[i]]
                rows.impacts[rows.own[i]] = 0
            continue
        member = one.members
        for i in range(one.size):
            doc = at(&member.docs, i)
            if doc >= <uint64_t> rows.documents:
                search.broken = 1
                break
            rows.rest[doc] += one.weight * <double> member.impacts[i]
    for doc in range(rows.documents):
        score = rows.rest[doc]
        if score >= search.threshold and score != 0 and rows.sums[doc] == 0:
            if search.allowed == NULL or search.allowed[doc]:
                if _push(&search.heap, score, <uint32_t> doc) and search.heap.size == search.heap.k:
                    _raise_threshold(search, search.heap.scores[0])
    memset(rows.rest, 0, rows.documents * sizeof(double))
    return 0


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
    if _are_many(search, rows, narrow, unit, first):
        return _add_up_rest(search, rows, first)
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
    while dense and search.lists[dense - 1].count == 1 and search.lists[dense - 1].members.levels != NULL:
        dense -= 1
    if dense and dense == search.count - 1:
        dense = search.count
    while place < dense and not search.broken:
        if postings + search.lists[place].size > search.direct and _is_walked(search, place):
            break
        if search.rests[place] < search.threshold and search.lists[place].size > short:
            break
        if _scatter(search, rows, search.lists + place):
            return -1
        postings += search.lists[place].size
        place += 1
        if place < dense and search.lists[place].size > max(short, 4 * search.touches) and search.allowed == NULL:
            _raise_threshold(search, _kth_sum(rows.sums, search.touched, search.touches, &search.heap))
    first = place
    if search.broken:
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


cdef class _Query:
    """The weighted lists of a query, read once."""

    cdef Weighted* lists
    cdef double* rests
    cdef Py_ssize_t count
    cdef double start
    cdef bint is_plain
    cdef object kept

    def __dealloc__(self):
        free(self.lists)
        free(self.rests)


cdef _Query _query(weighted, Rows rows):
    """The lists of pairs of weights and `PostingList` or `Alternatives`, for a segment of the size of *rows*."""
    cdef _Query self = _Query.__new__(_Query)
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
        if source.left_out != NULL and source.left_out_size < rows.documents:
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


cdef const uint8_t* _mask_of(object mask, Rows rows) except? NULL:
    cdef Py_ssize_t size
    found = _mask(mask, &size)
    if found != NULL and size != rows.documents:
        raise IndexError(f"a mask of {size}, not {rows.documents} documents")
    return found


cdef int _allocate(Heap* heap, Py_ssize_t k, Py_ssize_t most) except -1:
    """Room for the k best of so many at most."""
    heap.k = max(1, min(k, most))
    heap.size = 0
    heap.scores = <double*> malloc(heap.k * sizeof(double))
    heap.docs = <uint32_t*> malloc(heap.k * sizeof(uint32_t))
    if heap.scores == NULL or heap.docs == NULL:
        free(heap.scores)
        free(heap.docs)
        raise MemoryError
    return 0


cdef tuple _as_arrays(Heap* heap):
    docs, scores = empty(heap.size, intp), empty(heap.size, float64)
    cdef Py_ssize_t[::1] docs_view = docs
    cdef double[::1] scores_view = scores
    cdef Py_ssize_t i
    for i in range(heap.size):
        docs_view[i] = heap.docs[i]
        scores_view[i] = heap.scores[i]
    return docs, scores


def best_of_any(Rows rows, weighted, Py_ssize_t k, allowed, double unit, Py_ssize_t direct):
    """The k best documents that have any of the words: their numbers, scores, and how many match (-1: not known).

    *unit* is that of the rows of levels; lists are added up whole while they have *direct* postings together. None
    where a weight or an impact is zero, for which this way is not made.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef _Query query = _query(weighted, rows)
    cdef Search search
    cdef Py_ssize_t i
    cdef int failed
    if not query.is_plain:
        return None
    memset(&search, 0, sizeof(search))
    search.lists, search.count, search.rests, search.unit = query.lists, query.count, query.rests, unit
    search.total = -1
    search.direct = direct
    search.allowed = _mask_of(allowed, rows)
    if allowed is None and k <= 10:
        search.threshold = query.start * _SAFE
    _allocate(&search.heap, k, rows.documents)
    search.touched, search.room = rows.touched, rows.touched_room
    with nogil:
        failed = _run(&search, rows)
        for i in range(search.touches):
            rows.sums[search.touched[i]] = 0
        _sort_best_first(&search.heap)
    rows.touched, rows.touched_room = search.touched, search.room
    try:
        if failed:
            raise MemoryError
        if search.broken:
            raise IndexError("a list names a document that the segment does not have")
        return (*_as_arrays(&search.heap), search.total)
    finally:
        free(search.heap.scores)
        free(search.heap.docs)


# -- which documents any of some lists has, and how many

cdef void _join(Rows rows, const Weighted* one, uint64_t* joined, int* broken) noexcept nogil:
    """Set the bits of the documents of a list."""
    cdef Py_ssize_t m, j, size = rows.size // 64
    cdef const Member* member
    cdef uint64_t* into = joined
    cdef uint64_t doc
    if one.left_out != NULL:
        into = rows.masked
        memset(into, 0, size * 8)
    for m in range(one.count):
        member = one.members + m
        if member.words != NULL:
            join_bits(into, member.words, size)
            continue
        for j in range(member.docs.size):
            doc = at(&member.docs, j)
            if doc >= <uint64_t> rows.documents:
                broken[0] = 1
                break
            into[doc >> 6] |= <uint64_t> 1 << (doc & 63)
    if one.left_out != NULL:
        pack_bits(rows.packed, one.left_out, rows.documents)
        take_away_bits(into, rows.packed, size)
        join_bits(joined, into, size)


def count_any(Rows rows, postings, allowed):
    """How many documents, of *allowed* where that is given, are in any of the lists, exactly.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef _Query query = _query([(1.0, each) for each in postings], rows)
    cdef const uint8_t* mask = _mask_of(allowed, rows)
    cdef Py_ssize_t i, size = rows.size // 64
    cdef int broken = 0
    cdef int64_t total
    if query.count == 1 and query.lists.count == 1 and mask == NULL and query.lists.left_out == NULL:
        return query.lists.size
    with nogil:
        memset(rows.words, 0, size * 8)
        for i in range(query.count):
            _join(rows, query.lists + i, rows.words, &broken)
        if mask != NULL:
            pack_bits(rows.packed, mask, rows.documents)
            total = count_all_bits_of(rows.words, rows.packed, size)
        else:
            total = count_all_bits(rows.words, size)
    if broken:
        raise IndexError("a list names a document that the segment does not have")
    return total


def bits_of(Rows rows, clauses, allowed):
    """The bitmap of the documents, of *allowed* where that is given, that any list of each clause has.

    The twin of `wco_search.engine.selection.bits_of`.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t i, last, place = 0, size = rows.size // 64
    cdef _Query query = _query([(1.0, each) for clause in clauses for each in clause], rows)
    cdef const uint8_t* mask = _mask_of(allowed, rows)
    cdef int broken = 0
    cdef bint is_first = True
    found = empty(size, uint64)
    cdef uint64_t* into = <uint64_t*> _writable(found)
    for clause in clauses:
        last = place + len(clause)
        with nogil:
            memset(into if is_first else rows.words, 0, size * 8)
            for i in range(place, last):
                _join(rows, query.lists + i, into if is_first else rows.words, &broken)
            if not is_first:
                keep_bits(into, rows.words, size)
        place, is_first = last, False
    with nogil:
        if is_first:
            memset(into, 0, size * 8)
        last = rows.documents // 64
        if mask != NULL:
            pack_bits(rows.packed, mask, rows.documents)
            keep_bits(into, rows.packed, (rows.documents + 63) // 64)
        if last < size:  # the bitmap of a word, from a file, may go on
            into[last] &= (<uint64_t> 1 << (rows.documents & 63)) - 1
            memset(into + last + 1, 0, (size - last - 1) * 8)
    if broken:
        raise IndexError("a list names a document that the segment does not have")
    return found


# -- what the documents of a bitmap have

cdef const uint64_t* _bitmap(words, Py_ssize_t* size) except NULL:
    cdef Py_ssize_t width
    found = _pointer(words, "LQ", size, &width)
    if width != 8:
        raise TypeError("words of a bitmap have 64 bits")
    return <const uint64_t*> found


def tally(words, codes, starts, Py_ssize_t first, counts):
    """Add to *counts* how many documents of a bitmap have each code.

    The bitmap's document 0 is *first* in the table. Document `d` of that has the code `codes[d]`, or where there are
    *starts*, `codes[starts[d]:starts[d + 1]]`. The twin of `wco_search.engine.selection.tally`.

    Raises:
        IndexError: A number names nothing that there is.
    """
    cdef Py_ssize_t i, size, place, last, most, documents, width
    cdef const uint64_t* bitmap = _bitmap(words, &size)
    cdef Numbers table, begins
    cdef int64_t* into = <int64_t*> _pointer(counts, "lq", &most, &width, True)
    cdef uint64_t bits, code
    cdef bint is_ragged = starts is not None, broken = False
    _numbers(codes, &table)
    if width != 8:
        raise TypeError("counts have 64 bits")
    begins = table
    if is_ragged:
        _numbers(starts, &begins)
    documents = begins.size - is_ragged
    if first < 0:
        raise IndexError("a document before the first")
    with nogil:
        for i in range(size):
            bits = bitmap[i]
            while bits:
                place = first + 64 * i + lowest_bit(bits)
                bits &= bits - 1
                if place >= documents:
                    broken = True
                    break
                if not is_ragged:
                    code = at(&table, place)
                    if code >= <uint64_t> most:
                        broken = True
                        break
                    into[code] += 1
                    continue
                last = <Py_ssize_t> at(&begins, place + 1)
                place = <Py_ssize_t> at(&begins, place)
                if place < 0 or last > table.size:
                    broken = True
                    break
                while place < last:
                    code = at(&table, place)
                    if code >= <uint64_t> most:
                        broken = True
                        break
                    into[code] += 1
                    place += 1
            if broken:
                break
    if broken:
        raise IndexError("a bitmap names a document, or a document a value, that there is not")


def count_in_each(words, rows):
    """How many bits of a bitmap each of some bitmaps shares, which stand in *rows* one behind the other.

    Raises:
        IndexError: They are of different sizes.
    """
    cdef Py_ssize_t size, whole, i
    cdef const uint64_t* bitmap = _bitmap(words, &size)
    cdef const uint64_t* others = _bitmap(rows, &whole)
    if not size or whole % size:
        raise IndexError(f"{whole} words of bitmaps of {size}")
    found = empty(whole // size, int64)
    cdef int64_t* into = <int64_t*> _writable(found)
    with nogil:
        for i in range(whole // size):
            into[i] = count_all_bits_of(bitmap, others + i * size, size)
    return found


def count_bits_of(words):
    """How many bits of a bitmap are set."""
    cdef Py_ssize_t size
    cdef const uint64_t* bitmap = _bitmap(words, &size)
    return count_all_bits(bitmap, size)


def documents_of(words, Py_ssize_t first):
    """The documents of a bitmap, ascending; its document 0 is *first*."""
    cdef Py_ssize_t size, i, place = 0
    cdef const uint64_t* bitmap = _bitmap(words, &size)
    cdef uint64_t bits
    found = empty(count_all_bits(bitmap, size), intp)
    cdef Py_ssize_t* into = <Py_ssize_t*> _writable(found)
    with nogil:
        for i in range(size):
            bits = bitmap[i]
            while bits:
                into[place] = first + 64 * i + lowest_bit(bits)
                bits &= bits - 1
                place += 1
    return found


# -- alternatives put together

def put_together(Rows rows, Source several):
    """The documents of weighted lists, ascending, without those left out; their impacts, and the largest and the tenth
    largest of these.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t m, j, count = 0, place = 0, words = rows.size // 64
    cdef const Member* member
    cdef uint64_t doc, bits
    cdef float impact
    cdef float[10] best
    cdef bint broken = several.left_out != NULL and several.left_out_size < rows.documents
    cdef int32_t* into_docs
    cdef float* into_impacts
    memset(best, 0, sizeof(best))
    memset(rows.words, 0, words * 8)
    with nogil:
        for m in range(several.count):
            member = several.members + m
            for j in range(member.docs.size):
                doc = at(&member.docs, j)
                if broken or doc >= <uint64_t> rows.documents:
                    broken = True
                    break
                rows.words[doc >> 6] |= <uint64_t> 1 << (doc & 63)
                impact = member.impacts[j] * member.weight
                if impact > rows.impacts[doc]:
                    rows.impacts[doc] = impact
        if several.left_out != NULL and not broken:
            pack_bits(rows.packed, several.left_out, rows.documents)
            take_away_bits(rows.words, rows.packed, words)
        count = count_all_bits(rows.words, words)
    if broken:
        memset(rows.impacts, 0, rows.size * sizeof(float))
        raise IndexError("a list names a document that the segment does not have")
    docs, impacts = empty(count, int32), empty(count, float32)
    into_docs = <int32_t*> _exactly(docs, "i", count)
    into_impacts = <float*> _exactly(impacts, "f", count)
    with nogil:
        for m in range(words):
            bits = rows.words[m]
            while bits:
                doc = 64 * m + count_bits((bits & (~bits + 1)) - 1)
                bits &= bits - 1
                impact = rows.impacts[doc]
                into_docs[place] = <int32_t> doc
                into_impacts[place] = impact
                place += 1
                if impact > best[0]:
                    j = 0
                    while j < 9 and best[j + 1] < impact:
                        best[j] = best[j + 1]
                        j += 1
                    best[j] = impact
        for m in range(several.count):
            member = several.members + m
            for j in range(member.docs.size):
                rows.impacts[at(&member.docs, j)] = 0
    return docs, impacts, best[9], best[0]


# -- all of some clauses

cdef struct Conjunction:
    uint32_t* docs
    double* sums  # those of each clause, a row of `room` for each, and last the whole
    Py_ssize_t room
    Py_ssize_t size
    int broken


cdef inline double _gain_onwards(const Weighted* one, uint64_t doc, Py_ssize_t* place, int* broken) noexcept nogil:
    """As `_gain` for documents that ascend; *place* is where the search for the last one ended."""
    cdef const Member* member = one.members
    cdef Py_ssize_t low, high, step, middle, size = member.docs.size
    if one.count > 1 or member.words != NULL:
        return _gain(one, doc, broken)
    if one.left_out != NULL and one.left_out[doc]:
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
            if (allowed == NULL or allowed[doc]) and (lists.left_out == NULL or not lists.left_out[doc]):
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
                total += _gain(lists + j, doc, &found.broken)
        if required and total == 0:
            continue
        found.docs[n] = doc
        into[n] = total
        if n < i:
            for before in range(rows_before):
                found.sums[done[before] * found.room + n] = found.sums[done[before] * found.room + i]
        n += 1
    found.size = n


def all_of(Rows rows, clauses, lifts, Py_ssize_t k, allowed):
    """The k best documents that any list of each clause has: their numbers, scores, and how many there are.

    A score is the sum of the clauses, in order, each the sum of its lists; then comes the sum of *lifts*, which need
    not have the document. The twin of `wco_search.engine.topk.all_of`.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t count = len(clauses), i, j, seed = 0, clause
    cdef list starts = [0], every = []
    for one in clauses:
        every += one
        starts.append(len(every))
    every += lifts
    cdef _Query query = _query(every, rows)
    cdef const uint8_t* mask = _mask_of(allowed, rows)
    cdef list sizes = []
    for i in range(count):
        sizes.append(sum([query.lists[j].size for j in range(starts[i], starts[i + 1])]))
    cdef list order = sorted(range(count), key=sizes.__getitem__)
    cdef Py_ssize_t first, last
    cdef Conjunction found
    cdef Heap heap
    cdef Py_ssize_t* done
    cdef double* scores
    cdef double score
    if not count or not min(sizes):
        return empty(0, intp), empty(0, float64), 0
    memset(&found, 0, sizeof(found))
    found.room = <Py_ssize_t> sizes[order[0]] + 1
    _allocate(&heap, k, found.room)
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
                _push(&heap, score, found.docs[i])
            _sort_best_first(&heap)
        if found.broken:
            raise IndexError("a list names a document that the segment does not have")
        return (*_as_arrays(&heap), found.size)
    finally:
        free(done)
        free(found.docs)
        free(found.sums)
        free(heap.scores)
        free(heap.docs)


# -- where words stand

cdef Py_ssize_t _first_not_below(const Numbers* numbers, uint64_t wanted, Py_ssize_t low) noexcept nogil:
    """The place of the first number from place *low* on that is not less than *wanted*, in steps that double."""
    cdef Py_ssize_t size = numbers.size, step = 1, high, middle
    if low >= size or at(numbers, low) >= wanted:
        return low
    while low + step < size and at(numbers, low + step) < wanted:
        low += step
        step *= 2
    high = min(low + step, size)
    low += 1
    while low < high:
        middle = (low + high) >> 1
        if at(numbers, middle) < wanted:
            low = middle + 1
        else:
            high = middle
    return low


cdef Py_ssize_t _bisect(const Numbers* numbers, uint64_t wanted) noexcept nogil:
    cdef Py_ssize_t low = 0, high = numbers.size, middle
    while low < high:
        middle = (low + high) >> 1
        if at(numbers, middle) < wanted:
            low = middle + 1
        else:
            high = middle
    return low


cdef class Places:
    """Where the terms of a segment stand, and what makes impacts of that."""

    cdef Numbers positions
    cdef Numbers offsets
    cdef Numbers field_starts
    cdef const double* norms
    cdef double title_weight
    cdef Py_ssize_t documents
    cdef object kept

    def __cinit__(self, positions, term_offsets, field_starts, norms, double title_weight):
        self.kept = (positions, term_offsets, field_starts, norms)
        _numbers(positions, &self.positions)
        _numbers(term_offsets, &self.offsets)
        _numbers(field_starts, &self.field_starts)
        if self.field_starts.size < 1:
            raise IndexError("there are no starts of fields")
        self.documents = (self.field_starts.size - 1) // 2
        self.norms = <const double*> _exactly(norms, "d", 2 * self.documents)
        self.title_weight = title_weight

    cdef int span(self, where, Numbers* into) except -1:
        """The places of a term by its number, or of an array."""
        cdef Py_ssize_t term
        cdef uint64_t start, end
        if not isinstance(where, int):
            return _numbers(where, into)
        term = where
        if not 0 <= term < self.offsets.size - 1:
            raise IndexError(f"there is no term {term}")
        start, end = at(&self.offsets, term), at(&self.offsets, term + 1)
        if not start <= end <= <uint64_t> self.positions.size:
            raise IndexError(f"the places of term {term} lie outside of the positions")
        into.data = self.positions.data + start * self.positions.width
        into.width = self.positions.width
        into.size = end - start
        return 0


cdef int _fill(
    uint32_t** into, Py_ssize_t* room, Py_ssize_t* count, const Numbers* spans, Py_ssize_t several, uint64_t start,
    uint64_t end,
) noexcept nogil:
    """The places of some lists from *start* to *end*, ascending; one may come twice."""
    cdef Py_ssize_t i, j, n = 0, first, last
    cdef uint32_t place
    for i in range(several):
        first = _bisect(spans + i, start)
        last = first
        while last < spans[i].size and at(spans + i, last) < end:
            last += 1
        if _room_for(into, room, n + last - first):
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
                    mask = _mask(among, &mask_size)
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
        if _room_for(&starts, &room, spans[rarest].size):
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
                    at_place[one] = _first_not_below(spans + one, wanted, at_place[one])
                    if at_place[one] >= spans[one].size or at(spans + one, at_place[one]) != wanted:
                        stands = False
                        break
                if not stands:
                    continue
                field = _first_not_below(&places.field_starts, start + 1, field)
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
            memcpy(<void*> _writable(positions), starts, found * sizeof(uint32_t))
        return positions
    finally:
        free(spans)
        free(at_place)
        free(order)
        free(starts)


cdef void* _writable(object array) except NULL:
    cdef Py_ssize_t size, width
    return <void*> _pointer(array, "BHILQbhilqfd", &size, &width, True)


def impacts_at(Places places, positions):
    """The documents of *positions* (ascending, each once), the impacts there, the largest and the tenth largest.

    The twin of `wco_search.engine.lists.Lists.impacts_at`.

    Raises:
        IndexError: A position lies behind all fields.
    """
    cdef Numbers where
    cdef Py_ssize_t i, n = -1, field = 0, run, last
    cdef uint64_t position
    cdef double part
    cdef uint32_t* docs = NULL
    cdef double* sums = NULL
    cdef int32_t* doc_numbers
    cdef float* values
    cdef Heap heap
    cdef int failed = 0
    cdef double largest = 0, tenth = 0
    _numbers(positions, &where)
    _allocate(&heap, 10, 10)
    docs = <uint32_t*> malloc((where.size + 1) * sizeof(uint32_t))
    sums = <double*> malloc((where.size + 1) * sizeof(double))
    try:
        if docs == NULL or sums == NULL:
            raise MemoryError
        with nogil:
            i = 0
            while i < where.size:
                position = at(&where, i)
                field = _first_not_below(&places.field_starts, position + 1, field)
                if field < 1 or field >= places.field_starts.size:
                    failed = 1
                    break
                position = at(&places.field_starts, field)
                run = i
                i += 1
                while i < where.size and at(&where, i) < position:
                    i += 1
                last = field - 1
                if last >= 2 * places.documents:
                    failed = 1
                    break
                part = <double> (i - run)
                part = part / (part + places.norms[last])
                if last & 1 == 0:
                    part = places.title_weight * part
                if n >= 0 and docs[n] == <uint32_t> (last >> 1):
                    sums[n] += part
                else:
                    n += 1
                    docs[n] = <uint32_t> (last >> 1)
                    sums[n] = part
        if failed:
            raise IndexError("a word stands behind all fields")
        n += 1
        found, impacts = empty(n, int32), empty(n, float32)
        if n:
            doc_numbers = <int32_t*> _writable(found)
            values = <float*> _writable(impacts)
            with nogil:
                for i in range(n):
                    doc_numbers[i] = <int32_t> docs[i]
                    values[i] = <float> sums[i]
                    if heap.size < 10 or <double> values[i] > heap.scores[0]:
                        _push(&heap, <double> values[i], 0)
                    largest = max(largest, <double> values[i])
            tenth = heap.scores[0] if heap.size == 10 else 0.0
        return found, impacts, largest, tenth
    finally:
        free(docs)
        free(sums)
        free(heap.scores)
        free(heap.docs)


# -- strings

cdef class Table:
    """The strings of a sorted `wco_search.engine.strings.StringTable`, to be sought."""

    cdef Numbers offsets
    cdef const char* blob
    cdef Py_ssize_t size
    cdef object kept

    def __cinit__(self, blob, offsets):
        cdef Py_ssize_t width
        self.kept = (blob, offsets)
        self.blob = <const char*> _pointer(blob, "B", &self.size, &width)
        _numbers(offsets, &self.offsets)

    cdef int compared(self, Py_ssize_t number, const char* key, Py_ssize_t length, bint whole) noexcept nogil:
        """Less than, equal to or more than zero as string *number* is to a key, or its beginning where not *whole*."""
        cdef uint64_t size = self.size
        cdef uint64_t start = min(at(&self.offsets, number), size), end = min(at(&self.offsets, number + 1), size)
        cdef Py_ssize_t own = <Py_ssize_t> (end - start) if start < end else 0
        cdef int order = memcmp(self.blob + start, key, min(own, length))
        if order:
            return order
        if own < length:
            return -1
        return own > length if whole else 0

    cdef Py_ssize_t sought(self, const char* key, Py_ssize_t length, bint behind) noexcept nogil:
        """The first string that is not less than a key; or, *behind*, that is more and does not begin with it."""
        cdef Py_ssize_t low = 0, high = self.offsets.size - 1, middle
        cdef int order
        while low < high:
            middle = (low + high) >> 1
            order = self.compared(middle, key, length, not behind)
            if order < 0 or (behind and order == 0):
                low = middle + 1
            else:
                high = middle
        return low

    def bisect(self, bytes key):
        """The number of the first string that is not less than *key*."""
        return max(0, self.sought(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key), False))

    def find(self, bytes key):
        """The number of a string, or None."""
        cdef const char* wanted = PyBytes_AS_STRING(key)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(key), place = self.sought(wanted, length, False)
        if place < self.offsets.size - 1 and self.compared(place, wanted, length, True) == 0:
            return place
        return None

    def prefix_range(self, bytes prefix):
        """The half-open range of the strings that begin with *prefix*."""
        cdef const char* wanted = PyBytes_AS_STRING(prefix)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(prefix)
        return self.sought(wanted, length, False), self.sought(wanted, length, True)


# -- names

cdef enum:
    _LETTERS = 25  # numbers of letters of keys, 0 included
    _MOST_LETTERS = 16  # of a key
    _LONGEST_SKELETON = 12
    _VOWELS = 5  # the first letters


cdef class Names:
    """A table of names by sound; the twin of `wco_search.languages.names.NameTable`, whose arrays it reads.

    *sounds* are the same module's constants: family, loss and substitution by letter, the most by which lengths differ,
    the least similarity, what another first letter costs.
    """

    cdef Numbers owners, firsts, shorter, buckets
    cdef const uint8_t* letters
    cdef const uint8_t* lengths
    cdef const uint64_t* skeletons
    cdef const uint8_t* families
    cdef const int16_t* losses
    cdef const int16_t* swaps
    cdef const double* missing
    cdef double least, first_letter
    cdef Py_ssize_t keys, size
    cdef int64_t* starts
    cdef object kept

    def __cinit__(self, letters, lengths, owners, skeletons, firsts, shorter, buckets, sounds):
        cdef Py_ssize_t width, total, place
        self.starts = NULL
        families, losses, swaps, missing, self.least, self.first_letter = sounds
        self.kept = (letters, lengths, owners, skeletons, firsts, shorter, buckets, sounds)
        self.letters = <const uint8_t*> _pointer(letters, "B", &total, &width)
        self.lengths = <const uint8_t*> _pointer(lengths, "B", &self.keys, &width)
        _numbers(owners, &self.owners)
        self.skeletons = <const uint64_t*> _pointer(skeletons, "LQ", &self.size, &width)
        _numbers(firsts, &self.firsts)
        _numbers(shorter, &self.shorter)
        _numbers(buckets, &self.buckets)
        self.families = <const uint8_t*> _exactly(families, "B", _LETTERS)
        self.losses = <const int16_t*> _exactly(losses, "h", _LETTERS)
        self.swaps = <const int16_t*> _exactly(swaps, "h", _LETTERS * _LETTERS)
        self.missing = <const double*> _exactly(missing, "d", _MOST_LETTERS + 1)
        if self.owners.size != self.keys or self.firsts.size != self.size + 1 or self.buckets.size < 2:
            raise IndexError("a table of names whose arrays do not fit each other")
        self.starts = <int64_t*> malloc((self.keys + 1) * sizeof(int64_t))
        if self.starts == NULL:
            raise MemoryError
        self.starts[0] = 0
        for place in range(self.keys):
            self.starts[place + 1] = self.starts[place] + self.lengths[place]
            if not 0 < self.lengths[place] <= _MOST_LETTERS:
                raise IndexError(f"a key of {self.lengths[place]} letters")
        if self.starts[self.keys] != total:
            raise IndexError(f"keys of {self.starts[self.keys]} letters, of which there are {total}")
        for place in range(total):
            if self.letters[place] >= _LETTERS:
                raise IndexError(f"letter {self.letters[place]} of a key")

    def __dealloc__(self):
        free(self.starts)

    def similar(self, bytes key, uint64_t alphabet, dict found):
        """Put into *found* the owners of the keys that sound like *key*, of letter numbers, with their similarity."""
        cdef const uint8_t* query = <const uint8_t*> PyBytes_AS_STRING(key)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(key), count = 0, place, entry, last
        cdef uint64_t[_LONGEST_SKELETON + 1] codes
        cdef uint64_t skeleton = 0, hashed, number
        if not 0 < length <= _MOST_LETTERS:
            raise ValueError(f"a key of {length} letters")
        for place in range(length):
            if not 0 < query[place] < _LETTERS:
                raise ValueError(f"letter {query[place]} of a key")
            if query[place] > _VOWELS and count < _LONGEST_SKELETON:
                skeleton = skeleton << 5 | query[place]
                count += 1
        alphabet <<= 5 * _LONGEST_SKELETON
        codes[0] = skeleton | alphabet
        place = self.place_of(codes[0])
        if place >= 0:
            self.compare(query, length, place, False, found)
        if count <= 2:
            return
        for place in range(count):
            codes[place + 1] = alphabet | _left(skeleton, 5 * place)
        for place in range(count + 1):
            if place:
                entry = self.place_of(codes[place])
                if entry >= 0 and _letters_of(codes[place]) >= 1 << 10:
                    self.compare(query, length, entry, True, found)
            hashed = ((codes[place] ^ codes[place] >> 48) * <uint64_t> 0x9E3779B97F4A7C15) >> 24
            number = (hashed >> 8) & <uint64_t> (self.buckets.size - 2)
            entry = <Py_ssize_t> at(&self.buckets, number)
            last = <Py_ssize_t> at(&self.buckets, number + 1)
            if entry > last or last > self.shorter.size:
                raise IndexError("a bucket of names beyond their table")
            for entry in range(entry, last):
                number = at(&self.shorter, entry)
                if (number & 0xFF) != (hashed & 0xFF):
                    continue
                number >>= 8
                if number >= <uint64_t> self.size:
                    raise IndexError(f"skeleton {number} of {self.size}")
                if self.skeletons[number] != codes[0] and _shares(self.skeletons[number], codes, count + 1):
                    self.compare(query, length, <Py_ssize_t> number, True, found)

    cdef Py_ssize_t place_of(self, uint64_t code) noexcept:
        """The number of a skeleton; -1 where there is none."""
        cdef Py_ssize_t low = 0, high = self.size, middle
        while low < high:
            middle = (low + high) >> 1
            if self.skeletons[middle] < code:
                low = middle + 1
            else:
                high = middle
        return low if low < self.size and self.skeletons[low] == code else -1

    cdef int compare(self, const uint8_t* query, Py_ssize_t length, Py_ssize_t skeleton, bint of_family, dict found) except -1:
        """Compare a key with those of a skeleton; of its own family only, where that is asked."""
        cdef Py_ssize_t key = <Py_ssize_t> at(&self.firsts, skeleton), end = <Py_ssize_t> at(&self.firsts, skeleton + 1)
        cdef Py_ssize_t size, longer
        cdef const uint8_t* other
        cdef double similarity
        if key > end or end > self.keys:
            raise IndexError("keys of a skeleton beyond the table of names")
        for key in range(key, end):
            other = self.letters + self.starts[key]
            size = self.lengths[key]
            longer = size if size > length else length
            if <double> (size - length if size > length else length - size) > self.missing[longer]:
                continue
            if of_family and self.families[other[0]] != self.families[query[0]]:
                continue
            similarity = 1.0 - <double> self.distance(query, length, other, size) / <double> (100 * longer)
            similarity -= 0.0 if other[0] == query[0] else self.first_letter
            if similarity >= self.least:
                owner = at(&self.owners, key)
                if similarity > found.get(owner, 0.0):
                    found[owner] = similarity
        return 0

    cdef int distance(self, const uint8_t* query, Py_ssize_t length, const uint8_t* other, Py_ssize_t size) noexcept nogil:
        """The weighted edit distance (Wagner and Fischer, 1974)."""
        cdef int[_MOST_LETTERS + 1] row
        cdef int corner, above, best, loss
        cdef Py_ssize_t i, j
        row[0] = 0
        for j in range(size):
            row[j + 1] = row[j] + self.losses[other[j]]
        for i in range(length):
            corner = row[0]
            loss = self.losses[query[i]]
            row[0] += loss
            for j in range(size):
                above = row[j + 1]
                best = min(corner + self.swaps[_LETTERS * query[i] + other[j]], above + loss)
                row[j + 1] = min(best, row[j] + self.losses[other[j]])
                corner = above
        return row[size]


cdef inline uint64_t _letters_of(uint64_t code) noexcept nogil:
    """A skeleton without what tells the alphabet."""
    return code & ((<uint64_t> 1 << 5 * _LONGEST_SKELETON) - 1)


cdef inline uint64_t _left(uint64_t skeleton, int shift) noexcept nogil:
    """A skeleton without the consonant behind which are so many bits."""
    return skeleton >> (shift + 5) << shift | skeleton & ((<uint64_t> 1 << shift) - 1)


cdef bint _shares(uint64_t code, const uint64_t* codes, Py_ssize_t count) noexcept nogil:
    """Whether a skeleton, or what is left of it without a consonant, is one of *codes*."""
    cdef uint64_t skeleton = _letters_of(code), left = code
    cdef int shift = 0
    cdef Py_ssize_t place
    while True:
        for place in range(count):
            if left == codes[place]:
                return True
        if not skeleton >> shift:
            return False
        left = code - skeleton | _left(skeleton, shift)
        shift += 5
