# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Which documents have any of some words, and how many; several lists put together as one."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort
from libc.string cimport memset

from numpy import empty, float32, int32, uint32, uint64, zeros

from wco_search.engine._compiled.arrays cimport Numbers, at, exactly, first_not_below, read_numbers, writable
from wco_search.engine._compiled.heap cimport bounds_of
from wco_search.engine._compiled.lists cimport Member, Query, Rows, Source, Terms, Weighted, mask_of, query_of
from wco_search.engine._compiled.pairs cimport united_pair
from wco_search.engine._compiled.places cimport Places, impact_of
from wco_search.engine._compiled.wide cimport (
    count_all_bits, count_all_bits_of, count_bits, fetch, join_bits, lowest_bit, meet_bits, pack_bits, take_away_bits,
)

cdef enum:
    _FEW = 24  # numbers that are sorted by insertion
    _BIT_SHARE = 24  # see `wco_search.engine.postings`
    _FEWEST_BITS = 16_384  # documents: to make a bitmap of fewer costs a part of a search
    _AHEAD = 8  # documents; what is known of them is fetched meanwhile
    _SPARSE = 16  # documents of a term to one sought from where it costs less to bisect for it than to walk to it


cdef int _mark(uint64_t* into, const Weighted* one, Rows rows) noexcept nogil:
    """Set the bits of the documents of a list; 1 where the segment does not have one of them."""
    cdef Py_ssize_t m, j
    cdef uint64_t doc
    cdef const Member* member
    for m in range(one.count):
        member = one.members + m
        if member.words != NULL:
            join_bits(into, member.words, rows.size // 64)
            continue
        for j in range(member.docs.size):
            doc = at(&member.docs, j)
            if doc >= <uint64_t> rows.documents:
                return 1
            into[doc >> 6] |= <uint64_t> 1 << (doc & 63)
    return 0


cdef int _join(uint64_t* joined, const Weighted* one, Rows rows) noexcept nogil:
    """Set the bits of the documents of a list, without those it leaves out; 1 as `_mark`."""
    cdef Py_ssize_t size = rows.size // 64
    cdef int broken
    if one.left_out == NULL:
        return _mark(joined, one, rows)
    memset(rows.masked, 0, size * 8)
    broken = _mark(rows.masked, one, rows)
    take_away_bits(rows.masked, one.left_out, size)
    join_bits(joined, rows.masked, size)
    return broken


def count_any(Rows rows, postings, allowed):
    """How many documents, of *allowed* where that is given, are in any of the lists, exactly.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Query query = query_of([(1.0, each) for each in postings], rows)
    cdef const uint8_t* mask = mask_of(allowed, rows)
    cdef Py_ssize_t i, size = rows.size // 64
    cdef int broken = 0
    cdef int64_t total
    if query.count == 1 and query.lists.count == 1 and mask == NULL and query.lists.left_out == NULL:
        return query.lists.size
    with nogil:
        memset(rows.words, 0, size * 8)
        for i in range(query.count):
            broken |= _join(rows.words, query.lists + i, rows)
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
    cdef Query query = query_of([(1.0, each) for clause in clauses for each in clause], rows)
    cdef const uint8_t* mask = mask_of(allowed, rows)
    cdef int broken = 0
    cdef bint is_first = True
    found = empty(size, uint64)
    cdef uint64_t* into = <uint64_t*> writable(found)
    for clause in clauses:
        last = place + len(clause)
        with nogil:
            memset(into if is_first else rows.words, 0, size * 8)
            for i in range(place, last):
                broken |= _join(into if is_first else rows.words, query.lists + i, rows)
            if not is_first:
                meet_bits(into, rows.words, size)
        place, is_first = last, False
    with nogil:
        if is_first:
            memset(into, 0, size * 8)
        last = rows.documents // 64
        if mask != NULL:
            pack_bits(rows.packed, mask, rows.documents)
            meet_bits(into, rows.packed, (rows.documents + 63) // 64)
        if last < size:  # the bitmap of a word, from a file, may go on
            into[last] &= (<uint64_t> 1 << (rows.documents & 63)) - 1
            memset(into + last + 1, 0, (size - last - 1) * 8)
    if broken:
        raise IndexError("a list names a document that the segment does not have")
    return found


cdef tuple _taken(Rows rows, Py_ssize_t count):
    """The documents of the row of words, of which there are *count*, ascending; what the row of impacts has of each,
    and the largest and the tenth largest of these. Leaves the row of impacts clean.
    """
    cdef Py_ssize_t m, place = 0
    cdef uint64_t doc, bits
    docs, impacts = empty(count, int32), empty(count, float32)
    cdef int32_t* into_docs = <int32_t*> exactly(docs, "i", count)
    cdef float* into_impacts = <float*> exactly(impacts, "f", count)
    with nogil:
        for m in range(rows.size // 64):
            bits = rows.words[m]
            while bits:
                doc = 64 * m + lowest_bit(bits)
                bits &= bits - 1
                into_docs[place] = <int32_t> doc
                into_impacts[place] = rows.impacts[doc]
                rows.impacts[doc] = 0
                place += 1
    return (docs, impacts, *bounds_of(into_impacts, count))


def put_together(Rows rows, Source several):
    """The documents of weighted lists, ascending, without those left out; their impacts, which are the largest of the
    lists, and the largest and the tenth largest of these.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t m, j, words = rows.size // 64
    cdef const Member* member
    cdef uint64_t doc
    cdef float impact
    cdef bint broken = several.left_out != NULL and several.left_out_room < rows.size
    with nogil:
        memset(rows.words, 0, words * 8)
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
            take_away_bits(rows.words, several.left_out, words)
    if broken:
        memset(rows.impacts, 0, rows.size * sizeof(float))
        raise IndexError("a list names a document that the segment does not have")
    found = _taken(rows, count_all_bits(rows.words, words))
    if several.left_out != NULL:
        for m in range(several.count):
            member = several.members + m
            for j in range(member.docs.size):
                rows.impacts[at(&member.docs, j)] = 0
    return found


# -- words of several terms

cdef struct Hit:  # the places of one list in a document that several lists have
    uint32_t document  # its number, then which one of these documents it is
    uint32_t list
    uint64_t first
    uint64_t size


cdef int _by_number(const void* one, const void* other) noexcept nogil:
    cdef uint64_t left = (<const uint64_t*> one)[0], right = (<const uint64_t*> other)[0]
    return (left > right) - (left < right)


cdef void _sort(uint64_t* numbers, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t i, j
    cdef uint64_t number
    if size > _FEW:
        qsort(numbers, size, sizeof(uint64_t), &_by_number)
        return
    for i in range(1, size):
        number = numbers[i]
        j = i
        while j and numbers[j - 1] > number:
            numbers[j] = numbers[j - 1]
            j -= 1
        numbers[j] = number


cdef struct United:  # the documents of the row of words, and where each stands among them
    Py_ssize_t size
    uint32_t* ranks  # how many stand before each word
    int32_t* docs
    float* impacts


cdef inline Py_ssize_t _rank(const uint32_t* ranks, const uint64_t* words, uint64_t doc) noexcept nogil:
    """How many documents stand before one."""
    return ranks[doc >> 6] + count_bits(words[doc >> 6] & ((<uint64_t> 1 << (doc & 63)) - 1))


cdef Py_ssize_t _weigh_shared(
    Rows rows,
    Places places,
    const Member* members,
    const Numbers* spans,
    Py_ssize_t count,
    Py_ssize_t again,
    const United* into,
) noexcept nogil:
    """Work out the impacts of the documents of the row `masked`, which several lists have, from the lists' places.

    *again* is how often a list has a document that a list before it has. Gives in how many documents only forms stand
    that do not count, whose impact is set to 0; -1 where there is no memory.
    """
    cdef Py_ssize_t words = rows.size // 64, m, j, hit = 0, hits, shared, place
    cdef uint32_t* ranks = <uint32_t*> malloc((words + 1) * sizeof(uint32_t))
    cdef Hit* found = NULL
    cdef uint64_t* ends = NULL  # of the places of each document
    cdef uint64_t* numbers = NULL
    cdef uint64_t doc, word, end
    cdef float impact
    cdef Py_ssize_t dropped = -1
    if ranks == NULL:
        return dropped
    shared = 0
    for m in range(words):
        rows.masked[m] &= rows.words[m]
        ranks[m] = <uint32_t> shared
        shared += count_bits(rows.masked[m])
    hits = again + shared
    found = <Hit*> malloc((hits + 1) * sizeof(Hit))
    ends = <uint64_t*> calloc(shared + 1, sizeof(uint64_t))
    if found != NULL and ends != NULL:
        for m in range(count):
            for j in range(members[m].docs.size):
                doc = at(&members[m].docs, j)
                if (rows.masked[doc >> 6] >> (doc & 63)) & 1:
                    found[hit].document = <uint32_t> doc
                    found[hit].list = <uint32_t> m
                    hit += 1
        place = 0
        for hit in range(hits):
            if hit + _AHEAD < hits:
                doc = found[hit + _AHEAD].document
                fetch(places.field_starts.data + 2 * doc * places.field_starts.width)
            doc, m = found[hit].document, found[hit].list
            if hit and found[hit - 1].list != found[hit].list:
                place = 0
            place = first_not_below(spans + m, at(&places.field_starts, 2 * doc), place)
            end = at(&places.field_starts, 2 * doc + 2)
            found[hit].first = place
            while place < spans[m].size and at(spans + m, place) < end:
                place += 1
            found[hit].size = place - found[hit].first
            found[hit].document = <uint32_t> _rank(ranks, rows.masked, doc)
            ends[found[hit].document + 1] += found[hit].size
        for m in range(shared):
            ends[m + 1] += ends[m]
        numbers = <uint64_t*> malloc((ends[shared] + 1) * sizeof(uint64_t))
        if numbers != NULL:
            for m in range(hits):
                place = ends[found[m].document]
                for j in range(found[m].size):
                    numbers[place] = at(spans + found[m].list, found[m].first + j)
                    place += 1
                ends[found[m].document] = place
            shared = place = dropped = 0
            for m in range(words):
                word = rows.masked[m]
                while word:
                    doc = 64 * m + lowest_bit(word)
                    word &= word - 1
                    _sort(numbers + place, ends[shared] - place)
                    impact = impact_of(places, doc, numbers + place, ends[shared] - place)
                    into.impacts[_rank(into.ranks, rows.words, doc)] = impact
                    dropped += ends[shared] == <uint64_t> place
                    place = ends[shared]
                    shared += 1
    free(ranks)
    free(found)
    free(ends)
    free(numbers)
    return dropped


cdef void _lay_out(Rows rows, const Member* members, Py_ssize_t count, const United* into) noexcept nogil:
    """The documents of the row of words, and of each an impact that a list has there."""
    cdef Py_ssize_t m, j, place = 0
    cdef uint64_t doc, word
    for m in range(rows.size // 64):
        word = rows.words[m]
        into.ranks[m] = <uint32_t> place
        while word:
            into.docs[place] = <int32_t> (64 * m + lowest_bit(word))
            word &= word - 1
            place += 1
    for m in range(count):
        for j in range(members[m].docs.size):
            doc = at(&members[m].docs, j)
            into.impacts[_rank(into.ranks, rows.words, doc)] = members[m].impacts[j]


cdef int _mark_documents(Rows rows, Places places, const Numbers* positions) noexcept nogil:
    """Set the documents of some positions in the row `masked`."""
    cdef Py_ssize_t i = 0, field = 0
    cdef uint64_t doc, end
    while i < positions.size:
        field = first_not_below(&places.field_starts, at(positions, i) + 1, field)
        if field < 1 or field > 2 * places.documents:
            return -1
        doc = (field - 1) >> 1
        rows.masked[doc >> 6] |= <uint64_t> 1 << (doc & 63)
        end = at(&places.field_starts, 2 * doc + 2)
        while i < positions.size and at(positions, i) < end:
            i += 1
    return 0


cdef Py_ssize_t _documents_at(
    Places places, const Member* term, const Numbers* positions, int32_t* docs, float* impacts
) noexcept nogil:
    """The documents of a term that have some of its positions, with the term's impacts there, and how many these are;
    -1 where a position is in none of the term's documents.
    """
    cdef Py_ssize_t i = 0, j = 0, field = 0, found = 0, size = term.docs.size
    cdef bint is_sparse = size > _SPARSE * positions.size
    cdef uint64_t doc, position, end
    while i < positions.size:
        position = at(positions, i)
        if is_sparse:
            field = first_not_below(&places.field_starts, position + 1, field)
            j = first_not_below(&term.docs, <uint64_t> (field - 1) >> 1, j)
        end = 0
        while j < size:
            if j + _AHEAD < size:
                doc = at(&term.docs, j + _AHEAD)
                if doc < <uint64_t> places.documents:
                    fetch(places.field_starts.data + 2 * doc * places.field_starts.width)
            doc = at(&term.docs, j)
            if doc >= <uint64_t> places.documents:
                return -1
            end = at(&places.field_starts, 2 * doc + 2)
            if position < end:
                break
            j += 1
        if j == size or position < at(&places.field_starts, 2 * doc):
            return -1
        docs[found] = <int32_t> doc
        impacts[found] = term.impacts[j]
        found += 1
        j += 1
        while i < positions.size and at(positions, i) < end:
            i += 1
    return found


cdef tuple _cut_to(Places places, Member* term, const Numbers* positions):
    """Cut the documents of a term to those that have some of its positions; the arrays that hold these."""
    cdef Py_ssize_t found, room = min(term.docs.size, positions.size)
    docs, impacts = empty(room, int32), empty(room, float32)
    cdef int32_t* into_docs = <int32_t*> exactly(docs, "i", room)
    cdef float* into_impacts = <float*> exactly(impacts, "f", room)
    with nogil:
        found = _documents_at(places, term, positions, into_docs, into_impacts)
    if found < 0:
        raise IndexError("a position that is in no document of its term")
    term.docs.data = <const uint8_t*> into_docs
    term.docs.width = sizeof(int32_t)
    term.docs.size = found
    term.impacts = into_impacts
    return docs, impacts


cdef tuple _with_bounds(Rows rows, docs, impacts):
    """Documents and impacts with the largest and the tenth largest of these, and of many documents bitmap and ranks."""
    cdef Py_ssize_t i, size = len(docs), words = rows.size // 64, rank = 0
    cdef uint64_t doc
    cdef tuple found = (docs, impacts, *bounds_of(<const float*> exactly(impacts, "f", size), size))
    if size < _FEWEST_BITS or _BIT_SHARE * size < rows.documents:
        return found
    bits, ranks = zeros(words, uint64), empty(words, uint32)
    cdef uint64_t* into_bits = <uint64_t*> writable(bits)
    cdef uint32_t* into_ranks = <uint32_t*> writable(ranks)
    cdef const int32_t* numbers = <const int32_t*> exactly(docs, "i", size)
    with nogil:
        for i in range(size):
            doc = <uint64_t> numbers[i]
            into_bits[doc >> 6] |= <uint64_t> 1 << (doc & 63)
        for i in range(words):
            into_ranks[i] = <uint32_t> rank
            rank += count_bits(into_bits[i])
    return (*found, bits, ranks)


def united(Rows rows, Places places, Terms terms, parts):
    """The documents of a word that is several terms: ascending, with the impacts, and the largest and the tenth
    largest of these; where they are many, their bitmap and ranks as well. Its places are those of any of the terms, each
    once.

    *parts* are numbers of terms; pairs of a single list and the positions that it is of; and where only some forms of a
    term count its number, where these stand, and where its other forms do, or None where those count in other parts. A
    document of one part has the impact that it has there; only where several meet, or other forms stand, are places
    looked at. The twin of `wco_search.engine.lists.Lists.impacts_at` of all places.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Py_ssize_t m = 0, j, words = rows.size // 64, count = len(parts), again = 0
    cdef Member* members = <Member*> malloc((count + 1) * sizeof(Member))
    cdef Numbers* spans = <Numbers*> malloc((count + 1) * sizeof(Numbers))
    cdef Source source
    cdef uint64_t doc, bit
    cdef bint broken = False
    cdef list left_out = [], cut = []
    cdef Numbers others_at
    cdef Py_ssize_t dropped = 0
    cdef United found
    found.ranks = <uint32_t*> malloc((words + 1) * sizeof(uint32_t))
    try:
        if members == NULL or spans == NULL or found.ranks == NULL:
            raise MemoryError
        if places.documents != rows.documents:
            raise IndexError("places of another segment")
        for part in parts:
            if isinstance(part, int):
                terms.open(part, members + m)
                places.span(part, spans + m)
            elif len(part) == 3:
                term, positions, others = part
                terms.open(term, members + m)
                places.span(positions, spans + m)
                if others is None:  # its documents without these forms are of the other parts
                    cut.append(_cut_to(places, members + m, spans + m))
                else:
                    left_out.append(others)
            else:
                source, positions = part
                if source.count != 1:
                    raise ValueError("parts are single lists")
                members[m] = source.members[0]
                places.span(positions, spans + m)
            m += 1
        if count == 2 and not left_out:
            docs, impacts = united_pair(places, members, spans)
            return _with_bounds(rows, docs, impacts)
        with nogil:
            memset(rows.words, 0, words * 8)
            memset(rows.masked, 0, words * 8)
            for m in range(count):
                for j in range(members[m].docs.size):
                    doc = at(&members[m].docs, j)
                    if doc >= <uint64_t> rows.documents:
                        broken = True
                        break
                    bit = <uint64_t> 1 << (doc & 63)
                    if rows.words[doc >> 6] & bit:
                        rows.masked[doc >> 6] |= bit
                        again += 1
                    rows.words[doc >> 6] |= bit
        for others in left_out:
            read_numbers(others, &others_at)
            if not broken and _mark_documents(rows, places, &others_at):
                broken = True
        if broken:
            raise IndexError("a list names a document that the segment does not have")
        found.size = count_all_bits(rows.words, words)
        docs, impacts = empty(found.size, int32), empty(found.size, float32)
        found.docs = <int32_t*> exactly(docs, "i", found.size)
        found.impacts = <float*> exactly(impacts, "f", found.size)
        with nogil:
            _lay_out(rows, members, count, &found)
            if count_all_bits(rows.masked, words):
                dropped = _weigh_shared(rows, places, members, spans, count, again, &found)
        if dropped < 0:
            raise MemoryError
        if dropped:
            kept = impacts.nonzero()[0]
            docs, impacts = docs.take(kept), impacts.take(kept)
        return _with_bounds(rows, docs, impacts)
    finally:
        free(found.ranks)
        free(members)
        free(spans)
