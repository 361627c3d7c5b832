# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Words that stand side by side, or near each other."""

from cpython.pyport cimport PY_SSIZE_T_MAX
from libc.stdint cimport UINT64_MAX, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from numpy import concatenate, empty, float32, int32, zeros

from wco_search.engine._compiled.arrays cimport (
    Numbers, at, bisected, exactly, first_not_below, mask_in, pointer_of, room_for, writable,
)
from wco_search.engine._compiled.heap cimport Heap, allocate, as_arrays, bounds_of, push, sort_best_first
from wco_search.engine._compiled.lists cimport Member, Rows, Source, mask_of
from wco_search.engine._compiled.places cimport Places, impact_of_counts
from wco_search.engine._compiled.wide cimport count_bits

cdef enum:
    _STEPS = 16  # to seek one document in a list costs about as much as to go through so many


cdef struct Standing:  # where a word stands in one document
    uint32_t* places
    Py_ssize_t room
    Py_ssize_t size


cdef int _fill(Standing* into, const Numbers* spans, Py_ssize_t several, uint64_t start, uint64_t end) noexcept nogil:
    """The places of some lists from *start* to *end*, ascending; one may come twice."""
    cdef Py_ssize_t i, j, n = 0, first, last
    cdef uint32_t place
    for i in range(several):
        first = bisected(spans + i, start)
        last = first
        while last < spans[i].size and at(spans + i, last) < end:
            last += 1
        if room_for(&into.places, &into.room, n + last - first):
            return -1
        for first in range(first, last):
            place = <uint32_t> at(spans + i, first)
            j = n
            if several > 1:
                while j and into.places[j - 1] > place:
                    into.places[j] = into.places[j - 1]
                    j -= 1
            into.places[j] = place
            n += 1
    into.size = n
    return 0


cdef Py_ssize_t _count_near(
    const Standing* one, const Standing* other, int64_t reach, int64_t title_end, Py_ssize_t* in_title
) noexcept nogil:
    """How many distinct places of one word have one of another within reach, but not on them; and how many of them are
    in the title.
    """
    cdef Py_ssize_t i, low = 0, here, found = 0
    cdef const uint32_t* places = one.places
    cdef const uint32_t* others = other.places
    cdef int64_t place
    in_title[0] = 0
    for i in range(one.size):
        if i and places[i] == places[i - 1]:
            continue
        place = places[i]
        while low < other.size and others[low] < place - reach:
            low += 1
        here = low
        while here < other.size and others[here] == place:
            here += 1
        if here < other.size and others[here] <= place + reach:
            found += 1
            in_title[0] += place < title_end
    return found


cdef struct Pair:  # of neighbouring words
    const Numbers* first  # where the terms of the first word stand
    Py_ssize_t firsts
    const Numbers* second
    Py_ssize_t seconds
    double factor
    const uint8_t** masks
    Py_ssize_t mask_count


cdef class _Neighbours:
    """Pairs of words, read once."""

    cdef Places places
    cdef Pair* pairs
    cdef Py_ssize_t count
    cdef Numbers* spans
    cdef const uint8_t** masks
    cdef Standing one
    cdef Standing other
    cdef int failed
    cdef object kept

    def __cinit__(self, Places places, list pairs):
        cdef Py_ssize_t spans = 0, masks = 0, mask_size
        cdef list one, other, among, before = None
        cdef double factor
        cdef Pair* pair
        for one, other, _, among in pairs:
            spans += len(one) + len(other)
            masks += len(among)
        self.places, self.kept = places, pairs
        self.pairs = <Pair*> malloc((len(pairs) + 1) * sizeof(Pair))
        self.spans = <Numbers*> malloc((spans + 1) * sizeof(Numbers))
        self.masks = <const uint8_t**> malloc((masks + 1) * sizeof(uint8_t*))
        if not (self.pairs and self.spans and self.masks):
            raise MemoryError
        spans = masks = 0
        for one, other, factor, among in pairs:
            pair = self.pairs + self.count
            if one is before:
                pair.first, pair.firsts = self.pairs[self.count - 1].second, len(one)
            else:
                pair.first, pair.firsts = self.spans + spans, len(one)
                spans = self._read(one, spans)
            pair.second, pair.seconds = self.spans + spans, len(other)
            spans = self._read(other, spans)
            pair.factor, pair.masks, pair.mask_count = factor, self.masks + masks, len(among)
            for mask in among:
                self.masks[masks] = mask_in(mask, &mask_size)
                if mask_size != places.documents:
                    raise IndexError("a mask is of another size than the segment")
                masks += 1
            before = other
            self.count += 1

    cdef Py_ssize_t _read(self, list word, Py_ssize_t spans) except -1:
        for where in word:
            self.places.span(where, self.spans + spans)
            spans += 1
        return spans

    cdef double bonus(self, uint64_t doc, int64_t reach) noexcept:
        """The bonus of a document of the segment."""
        cdef Places places = self.places
        cdef uint64_t start = at(&places.field_starts, 2 * doc), end = at(&places.field_starts, 2 * doc + 2)
        cdef int64_t body = <int64_t> at(&places.field_starts, 2 * doc + 1)
        cdef const Numbers* held = NULL  # what the places of `other` are of
        cdef Pair* pair
        cdef Py_ssize_t i, j, near, in_title
        cdef double total = 0.0
        for i in range(self.count):
            pair = self.pairs + i
            for j in range(pair.mask_count):
                if not pair.masks[j][doc]:
                    break
            else:
                if pair.first == held:
                    self.one, self.other = self.other, self.one
                else:
                    self.failed |= _fill(&self.one, pair.first, pair.firsts, start, end)
                held = NULL
                if self.failed or not self.one.size:
                    continue
                self.failed |= _fill(&self.other, pair.second, pair.seconds, start, end)
                held = pair.second if pair.seconds else NULL
                if self.failed or not self.other.size:
                    continue
                near = _count_near(&self.one, &self.other, reach, body, &in_title)
                if near:
                    total += pair.factor * <double> <float> impact_of_counts(places, doc, in_title, near - in_title)
        return total

    cdef int add(self, const Py_ssize_t* docs, Py_ssize_t size, double* into, int64_t reach) except -1:
        """Add to some numbers the bonus of some documents."""
        cdef Py_ssize_t row
        for row in range(size):
            if not 0 <= docs[row] < self.places.documents:
                raise IndexError(f"there is no document {docs[row]}")
            into[row] += self.bonus(docs[row], reach)
        if self.failed:
            raise MemoryError
        return 0

    def __dealloc__(self):
        free(self.pairs)
        free(self.spans)
        free(self.masks)
        free(self.one.places)
        free(self.other.places)


def bonuses(Places places, list pairs, docs, int64_t reach):
    """The bonus of each of *docs*.

    Args:
        places: Of the segment.
        pairs: Of two words each the lists of its places, which are numbers of terms or arrays; what the impact of their
            nearness is multiplied by; and masks of the documents that both are sought in. The first word of a pair may
            be the second of that before: then it is the same object.
        docs: Documents of the segment (intp).
        reach: How many positions apart words are near.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t size
    cdef const Py_ssize_t* numbers = _numbers_of(docs, &size)
    totals = zeros(size)
    _Neighbours(places, pairs).add(numbers, size, <double*> writable(totals), reach)
    return totals


cdef const Py_ssize_t* _numbers_of(docs, Py_ssize_t* size) except NULL:
    """Where documents lie (intp)."""
    cdef Py_ssize_t width
    return <const Py_ssize_t*> pointer_of(docs, "lq", size, &width)


def lifted(Places places, list pairs, docs, scores, int64_t reach, Py_ssize_t window, Py_ssize_t k):
    """The first *k* of some documents, once the best have got their bonus: the twin of `wco_search.engine.proximity.lifted`.

    *docs* (intp) and *scores* (float64) are a ranking, of which the first *window* documents get the bonus; the others
    stay behind them. *pairs* are those of `bonuses`.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t i, size
    cdef const Py_ssize_t* numbers = _numbers_of(docs, &size)
    cdef const double* before = <const double*> exactly(scores, "d", size)
    cdef double* gains
    cdef Heap heap
    window = min(window, size)
    allocate(&heap, min(window, k) if k else window, size)
    gains = <double*> calloc(window + 1, sizeof(double))
    try:
        if gains == NULL:
            raise MemoryError
        _Neighbours(places, pairs).add(numbers, window, gains, reach)
        for i in range(window):
            push(&heap, before[i] + gains[i], <uint32_t> numbers[i])
        sort_best_first(&heap)
        best, theirs = as_arrays(&heap)
    finally:
        free(gains)
        free(heap.scores)
        free(heap.docs)
    if k <= window:
        return best[:k], theirs[:k]
    return concatenate((best, docs[window:k])), concatenate((theirs, scores[window:k]))


cdef struct Word:  # of a phrase
    const Numbers* spans  # where its terms stand
    Py_ssize_t* places  # where in each of them the search goes on
    const Member* members  # the terms' documents; NULL where they are not known
    Py_ssize_t count
    Py_ssize_t size  # places of all spans
    Py_ssize_t postings  # documents of all terms
    bint has_bitmaps


cdef inline bint _stands_at(Word* word, uint64_t position) noexcept nogil:
    """Whether a word stands there; positions that are asked for ascend."""
    cdef Py_ssize_t i
    for i in range(word.count):
        word.places[i] = first_not_below(word.spans + i, position, word.places[i])
        if word.places[i] < word.spans[i].size and at(word.spans + i, word.places[i]) == position:
            return True
    return False


cdef inline uint64_t _first_from(Word* word, uint64_t position) noexcept nogil:
    """The first place of a word from there on, at which the search goes on; the largest number where there is none."""
    cdef Py_ssize_t i
    cdef uint64_t least = UINT64_MAX
    for i in range(word.count):
        word.places[i] = first_not_below(word.spans + i, position, word.places[i])
        if word.places[i] < word.spans[i].size:
            least = min(least, at(word.spans + i, word.places[i]))
    return least


cdef Py_ssize_t _count_in_field(
    Word* words, const Py_ssize_t* order, Py_ssize_t count, uint64_t* position, uint64_t start, uint64_t end
) noexcept nogil:
    """How often a phrase stands in a field, of which *position* is the first place of its rarest word; that becomes the
    first place behind the field.
    """
    cdef Py_ssize_t found = 0, i, rarest = order[0]
    cdef uint64_t first
    while position[0] < end:
        if position[0] >= start + rarest and position[0] - rarest + count <= end:
            first = position[0] - rarest
            for i in range(1, count):
                if not _stands_at(words + order[i], first + order[i]):
                    break
            else:
                found += 1
        position[0] = _first_from(words + rarest, position[0] + 1)
    return found


cdef struct Found:
    uint32_t* docs
    float* impacts
    Py_ssize_t size


cdef inline uint64_t _look_into(
    Found* found, Places places, Word* words, const Py_ssize_t* order, Py_ssize_t count, uint64_t doc, uint64_t position
) noexcept nogil:
    """Note a document if the phrase stands in it; *position* is the first place of the rarest word there. Gives the
    next place of that behind the document.
    """
    cdef uint64_t start = at(&places.field_starts, 2 * doc), body = at(&places.field_starts, 2 * doc + 1)
    cdef Py_ssize_t in_title, in_body
    in_title = _count_in_field(words, order, count, &position, start, body)
    in_body = _count_in_field(words, order, count, &position, body, at(&places.field_starts, 2 * doc + 2))
    if in_title or in_body:
        found.docs[found.size] = <uint32_t> doc
        found.impacts[found.size] = <float> impact_of_counts(places, doc, in_title, in_body)
        found.size += 1
    return position


cdef int _mark(Rows rows, const Word* word) noexcept nogil:
    """Set the documents of a word in the row of words, and no other; -1 where the segment does not have one."""
    cdef Py_ssize_t i, j
    cdef uint64_t doc
    memset(rows.words, 0, rows.size // 8)
    for i in range(word.count):
        for j in range(word.members[i].docs.size):
            doc = at(&word.members[i].docs, j)
            if doc >= <uint64_t> rows.documents:
                return -1
            rows.words[doc >> 6] |= <uint64_t> 1 << (doc & 63)
    return 0


cdef Py_ssize_t _documents(Rows rows, const Word* word, const uint8_t* allowed, uint32_t* docs) noexcept nogil:
    """The documents of a word that are allowed, ascending, and how many they are; -1 where the segment lacks one."""
    cdef Py_ssize_t i, n = 0
    cdef uint64_t bits, doc
    if word.count == 1:
        for i in range(word.postings):
            doc = at(&word.members.docs, i)
            if doc >= <uint64_t> rows.documents:
                return -1
            docs[n] = <uint32_t> doc
            n += allowed == NULL or allowed[doc] != 0
        return n
    if _mark(rows, word):
        return -1
    for i in range(rows.size // 64):
        bits = rows.words[i]
        while bits:
            doc = 64 * i + count_bits((bits & (~bits + 1)) - 1)
            bits &= bits - 1
            docs[n] = <uint32_t> doc
            n += allowed == NULL or allowed[doc] != 0
    return n


cdef Py_ssize_t _keep_those_of(Rows rows, const Word* word, uint32_t* docs, Py_ssize_t size) noexcept nogil:
    """Drop the documents that a word does not have; -1 where it has one that the segment does not have."""
    cdef Py_ssize_t i, j, n = 0, place
    cdef uint64_t doc, has
    if word.members == NULL:
        return size
    if word.has_bitmaps:
        for i in range(size):
            doc = docs[i]
            has = 0
            for j in range(word.count):
                has |= word.members[j].words[doc >> 6] >> (doc & 63)
            docs[n] = <uint32_t> doc
            n += has & 1
    elif word.count == 1 and word.postings > _STEPS * size:
        place = 0
        for i in range(size):
            doc = docs[i]
            place = first_not_below(&word.members.docs, doc, place)
            docs[n] = <uint32_t> doc
            n += place < word.postings and at(&word.members.docs, place) == doc
    else:
        if _mark(rows, word):
            return -1
        for i in range(size):
            doc = docs[i]
            docs[n] = <uint32_t> doc
            n += (rows.words[doc >> 6] >> (doc & 63)) & 1
    return n


cdef Py_ssize_t _candidates(
    Rows rows, const Word* words, Py_ssize_t count, const uint8_t* allowed, uint32_t* docs
) noexcept nogil:
    """The documents that have all words whose documents are known, one at least; -1 where the segment lacks one."""
    cdef Py_ssize_t i, first = -1, n
    for i in range(count):
        if words[i].members != NULL and (first < 0 or words[i].postings < words[first].postings):
            first = i
    n = _documents(rows, words + first, allowed, docs)
    for i in range(count):
        if i != first and n > 0:
            n = _keep_those_of(rows, words + i, docs, n)
    return n


cdef int _find_in_documents(
    Found* found, Places places, Word* words, const Py_ssize_t* order, Py_ssize_t count, const uint32_t* docs,
    Py_ssize_t size
) noexcept nogil:
    """Find a phrase in some documents, ascending."""
    cdef Py_ssize_t i
    cdef uint64_t position
    for i in range(size):
        position = _first_from(words + order[0], at(&places.field_starts, 2 * <Py_ssize_t> docs[i]))
        _look_into(found, places, words, order, count, docs[i], position)
    return 0


cdef int _find_anywhere(
    Found* found, Places places, Word* words, const Py_ssize_t* order, Py_ssize_t count, const uint8_t* allowed
) noexcept nogil:
    """Find a phrase by the places of its rarest word; -1 where that stands behind all fields."""
    cdef Word* rarest = words + order[0]
    cdef Py_ssize_t field = 0
    cdef uint64_t doc, position = _first_from(rarest, 0)
    while position != UINT64_MAX:
        field = first_not_below(&places.field_starts, position + 1, field)
        if field < 1 or field > 2 * places.documents:
            return -1
        doc = (field - 1) >> 1
        if allowed == NULL or allowed[doc]:
            position = _look_into(found, places, words, order, count, doc, position)
        else:
            position = _first_from(rarest, at(&places.field_starts, 2 * doc + 2))
    return 0


cdef class _Phrase:
    """The words of a phrase, read once."""

    cdef Word* words
    cdef Numbers* spans
    cdef Member* members
    cdef Py_ssize_t* places
    cdef Py_ssize_t* order  # rarest first
    cdef Py_ssize_t count
    cdef Py_ssize_t room  # documents that the phrase may be in
    cdef bint has_documents  # of any word
    cdef Found found
    cdef uint32_t* docs
    cdef object kept

    def __cinit__(self, Rows rows, Places places, groups):
        cdef Py_ssize_t total = sum(map(len, groups)), i, n = 0
        cdef Source source
        cdef Word* word
        self.count = len(groups)
        self.kept = groups
        self.words = <Word*> calloc(self.count + 1, sizeof(Word))
        self.spans = <Numbers*> malloc((total + 1) * sizeof(Numbers))
        self.members = <Member*> malloc((total + 1) * sizeof(Member))
        self.places = <Py_ssize_t*> calloc(total + 1, sizeof(Py_ssize_t))
        self.order = <Py_ssize_t*> malloc((self.count + 1) * sizeof(Py_ssize_t))
        if not (self.words and self.spans and self.members and self.places and self.order):
            raise MemoryError
        for i, group in enumerate(groups):
            word = self.words + i
            word.spans, word.places, word.members = self.spans + n, self.places + n, self.members + n
            word.count = len(group)
            word.has_bitmaps = True
            for where, source in group:
                places.span(where, self.spans + n)
                word.size += self.spans[n].size
                if source is None:
                    word.members = NULL
                else:
                    self.members[n] = source.members[0]
                    word.postings += source.members.docs.size
                    word.has_bitmaps = word.has_bitmaps and source.members.words != NULL
                    if source.members.words != NULL and source.members.room != rows.size:
                        raise IndexError("a bitmap is of another size than the segment")
                n += 1
            self.has_documents = self.has_documents or word.members != NULL
        sizes = [self.words[i].size for i in range(self.count)]
        for i, number in enumerate(sorted(range(self.count), key=sizes.__getitem__)):
            self.order[i] = number

    cdef int find(self, Rows rows, Places places, const uint8_t* allowed) except -1:
        """Look for the phrase."""
        cdef Py_ssize_t i, postings = PY_SSIZE_T_MAX, room = PY_SSIZE_T_MAX if self.count else 0
        cdef int failed = 0
        for i in range(self.count):
            room = min(room, self.words[i].size)
            if self.words[i].members != NULL:
                postings = min(postings, self.words[i].postings)
        room = min(room, postings)
        self.found.docs = <uint32_t*> malloc((room + 1) * sizeof(uint32_t))
        self.found.impacts = <float*> malloc((room + 1) * sizeof(float))
        self.docs = <uint32_t*> malloc((postings + 1) * sizeof(uint32_t)) if self.has_documents else NULL
        if self.found.docs == NULL or self.found.impacts == NULL or (self.has_documents and self.docs == NULL):
            raise MemoryError
        if not room:
            return 0
        with nogil:
            if self.has_documents:
                i = _candidates(rows, self.words, self.count, allowed, self.docs)
                failed = i if i < 0 else _find_in_documents(
                    &self.found, places, self.words, self.order, self.count, self.docs, i
                )
            else:
                failed = _find_anywhere(&self.found, places, self.words, self.order, self.count, allowed)
        if failed:
            raise IndexError("a word stands where the segment has no document")
        return 0

    def __dealloc__(self):
        free(self.words)
        free(self.spans)
        free(self.members)
        free(self.places)
        free(self.order)
        free(self.docs)
        free(self.found.docs)
        free(self.found.impacts)


def phrase(Rows rows, Places places, groups, allowed):
    """The documents of *allowed*, or of all, where one place of each group stands after the other, all in one field;
    the impacts of that, the largest and the tenth largest of these.

    *groups* are lists of pairs: the number of a term, or an array of places, and the term's list where it is known. The
    twin of `wco_search.engine.lists.phrase_starts`.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef _Phrase phrase = _Phrase(rows, places, groups)
    cdef Py_ssize_t size
    if places.documents != rows.documents:
        raise IndexError("places of another segment")
    phrase.find(rows, places, mask_of(allowed, rows))
    size = phrase.found.size
    docs, impacts = empty(size, int32), empty(size, float32)
    memcpy(writable(docs), phrase.found.docs, size * sizeof(uint32_t))
    memcpy(writable(impacts), phrase.found.impacts, size * sizeof(float))
    return (docs, impacts, *bounds_of(phrase.found.impacts, size))
