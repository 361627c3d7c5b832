# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The best documents that have any of some words, from all lists at once, some thousand documents at a time.

What is known of so few documents stays in the nearest memory of the processor. All lists may be read there, or bitmaps
made of them and of their champions (`wco_search.engine.postings`) first: what lists a document is in, and of which it is
a champion, bounds its score. Then only those documents are read on that have all of some lists which together could lift
them among the best; 64 documents are met by an instruction. The bitmaps tell how many documents match as well. Scores
are sums in the order of the lists, as everywhere.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

from wco_search.engine._compiled.arrays cimport Numbers, at, first_not_below, room_for
from wco_search.engine._compiled.heap cimport Heap, allocate, as_arrays, push, sort_best_first
from wco_search.engine._compiled.lists cimport (
    Member, Query, Rows, Weighted, cost_by_bitmaps, cost_by_sums, leaves_out, mask_of, place_in, query_of,
)
from wco_search.engine._compiled.wide cimport (
    count_all_bits, count_sums, fetch, join_bits, join_meeting_bits, lowest_bit, meet_bits, meeting_bits, pack_bits,
    take_away_bits, wipe_sums,
)

cdef enum:
    _FULL = 3  # where there is a posting for so many documents, all sums of a window are read, one after the other
    _WIDTH_OF_FULL = 4_096  # documents of such a window: 32 kB of sums
    _BLOCK = 64  # sums of which none is among the best are left out together
    _WORDS = 256  # of a bitmap of any other window; 512 and 1,024 do as well
    _FIRST = 16  # of one of the first window, whose best are the first threshold; each next is twice as wide
    _MOST_DEPTH = 8  # lists that are met at most
    _MOST_MEETINGS = 64  # of lists in a window; where there are more ways to be among the best, more are read on
    _READING_ON = 6  # to look up a candidate in one list costs about as much as to add up so many postings
    _BISECTION = 8  # a look-up in a list costs about as much as so many of its postings
    _NEARBY = 16  # places that are looked at one after the other

cdef double _SAFE = 1 - 1e-9  # bounds are added up in another order than scores

cdef fused Number:
    uint8_t
    uint16_t
    uint32_t
    uint64_t


cdef struct Span:  # the places of a member in the window
    Py_ssize_t first
    Py_ssize_t end
    Py_ssize_t champion  # behind its champions there
    Py_ssize_t found  # behind the candidates found in it


cdef struct Find:  # a document of the window that a member has, and its place there
    uint32_t doc
    uint32_t place


cdef struct Bound:  # what a list adds to a score
    double most  # at most
    double others  # at most where the document is none of its champions; as much where it has none
    int side  # the documents that it is sought in: those of a language, 1, or all others, 2; 0 where in both


cdef struct Window:
    uint64_t first  # its first document; numbers below count from this one
    uint64_t width
    Py_ssize_t words
    bint is_full  # whether so many documents have a sum that they are not noted
    const uint8_t* allowed
    Bound* bounds  # of each list
    Py_ssize_t lists
    double* rests  # what the lists from each place on add at most: to documents of either side, and of each
    uint64_t* bits  # two bitmaps for each list: its documents that may be found, and its champions
    uint64_t* candidates  # those that may be among the best
    uint64_t* met  # those of several lists, for each depth
    int meetings
    double need  # the score of the last of the best
    uint32_t* numbers  # of the candidates
    Py_ssize_t count
    uint32_t* chosen  # those of them that a list has
    Py_ssize_t choices
    Find* finds  # the candidates in the members of all lists, one member after the other
    Py_ssize_t found
    Py_ssize_t room  # for so many
    double* sums  # of each document; zero between uses
    uint32_t* touched  # those that have a sum
    Py_ssize_t touches
    float* impacts  # the largest of alternatives; zero between uses
    uint32_t* raised  # those that have one
    Py_ssize_t raises
    int broken
    bint failed  # for want of memory


# -- all lists

cdef Py_ssize_t _add(Window* window, const Number* docs, const Weighted* one, Py_ssize_t place) noexcept nogil:
    """Add a list to the sums from a place on, as far as the window goes; gives the place behind."""
    cdef const float* impacts = one.members.impacts
    cdef double* sums = window.sums
    cdef uint32_t* touched = window.touched
    cdef Py_ssize_t size = one.members.docs.size, n = window.touches
    cdef double weight = one.weight, gain
    cdef float own_weight = one.members.weight
    cdef uint64_t doc, first = window.first, width = window.width
    if window.is_full:
        while place < size and docs[place] - first < width:
            sums[docs[place] - first] += weight * <double> (impacts[place] * own_weight)
            place += 1
        return place
    while place < size:
        doc = docs[place] - first
        if doc >= width:
            break
        gain = weight * <double> (impacts[place] * own_weight)
        place += 1
        if not gain > 0:  # of a damaged file: the document would be noted once more by every list
            continue
        touched[n] = <uint32_t> doc
        n += not sums[doc] > 0  # equality would take a branch, for numbers that are none
        sums[doc] += gain
    window.touches = n
    return place


cdef Py_ssize_t _raise(Window* window, const Number* docs, const Member* member, Py_ssize_t place) noexcept nogil:
    """The same for one of several alternatives: raise the impacts."""
    cdef const float* impacts = member.impacts
    cdef float* largest = window.impacts
    cdef uint32_t* raised = window.raised
    cdef Py_ssize_t size = member.docs.size, n = window.raises
    cdef float own_weight = member.weight, impact, before
    cdef uint64_t doc, first = window.first, width = window.width
    while place < size:
        doc = docs[place] - first
        if doc >= width:
            break
        impact = impacts[place] * own_weight
        before = largest[doc]
        place += 1
        if not impact > before:
            continue
        raised[n] = <uint32_t> doc
        n += not before > 0
        largest[doc] = impact
    window.raises = n
    return place


cdef void _add_raised(Window* window, const Weighted* one) noexcept nogil:
    """Add the largest impacts of alternatives to the sums, but of documents left out."""
    cdef Py_ssize_t i, n = window.touches
    cdef double* sums = window.sums
    cdef float* impacts = window.impacts
    cdef uint32_t doc
    cdef double gain
    for i in range(window.raises):
        doc = window.raised[i]
        gain = one.weight * <double> impacts[doc]
        impacts[doc] = 0
        if not gain > 0 or leaves_out(one, window.first + doc):
            continue
        if not window.is_full:
            window.touched[n] = doc
            n += not sums[doc] > 0
        sums[doc] += gain
    window.touches = n
    window.raises = 0


cdef void _read(Window* window, const Weighted* one, Span* spans) noexcept nogil:
    """Add what a list has in the window, which begins where *spans* of its members end."""
    cdef Py_ssize_t m
    cdef const Member* member = one.members
    if one.count == 1 and one.left_out == NULL:
        if member.docs.width == 4:
            spans.end = _add(window, <const uint32_t*> member.docs.data, one, spans.end)
        elif member.docs.width == 2:
            spans.end = _add(window, <const uint16_t*> member.docs.data, one, spans.end)
        elif member.docs.width == 1:
            spans.end = _add(window, member.docs.data, one, spans.end)
        else:
            spans.end = _add(window, <const uint64_t*> member.docs.data, one, spans.end)
        return
    for m in range(one.count):
        member = one.members + m
        if member.docs.width == 4:
            spans[m].end = _raise(window, <const uint32_t*> member.docs.data, member, spans[m].end)
        elif member.docs.width == 2:
            spans[m].end = _raise(window, <const uint16_t*> member.docs.data, member, spans[m].end)
        elif member.docs.width == 1:
            spans[m].end = _raise(window, member.docs.data, member, spans[m].end)
        else:
            spans[m].end = _raise(window, <const uint64_t*> member.docs.data, member, spans[m].end)
    _add_raised(window, one)


cdef int64_t _take_touched(Window* window, Heap* heap) noexcept nogil:
    """Hold the best of the documents touched, and tell how many there are; leaves the window clean."""
    cdef Py_ssize_t i
    cdef int64_t total = 0
    cdef uint64_t doc
    cdef const uint8_t* allowed = window.allowed
    cdef double* sums = window.sums
    cdef double score, least = heap.scores[0] if heap.size == heap.k else 0
    for i in range(window.touches):
        doc = window.touched[i]
        score = sums[doc]
        sums[doc] = 0
        doc += window.first
        if allowed != NULL and not allowed[doc]:
            continue
        total += 1
        if score >= least:
            push(heap, score, <uint32_t> doc)
            least = heap.scores[0] if heap.size == heap.k else 0
    window.touches = 0
    return total


cdef int64_t _take_all(Window* window, Heap* heap) noexcept nogil:
    """The same where the documents are not noted."""
    cdef Py_ssize_t block, doc, end, width = window.width
    cdef double* sums = window.sums
    cdef double least = heap.scores[0] if heap.size == heap.k else 0
    cdef int64_t total
    cdef int is_any
    if window.allowed != NULL:
        wipe_sums(sums, window.allowed + window.first, width)
    total = count_sums(sums, width, least, &is_any)
    for block in range((width + _BLOCK - 1) // _BLOCK if is_any else 0):
        end = min(_BLOCK * (block + 1), width)
        count_sums(sums + _BLOCK * block, end - _BLOCK * block, least, &is_any)
        for doc in range(_BLOCK * block, end if is_any else 0):
            if sums[doc] >= least and sums[doc] > 0:
                push(heap, sums[doc], <uint32_t> (window.first + doc))
                least = heap.scores[0] if heap.size == heap.k else 0
    memset(sums, 0, width * sizeof(double))
    return total


cdef int64_t _read_all(Window* window, Query query, Span* spans, Heap* heap) noexcept nogil:
    """Hold the best documents of the window by what all lists give, and tell how many match."""
    cdef Py_ssize_t i
    for i in range(query.count):
        _read(window, query.lists + i, spans)
        spans += query.lists[i].count
    return _take_all(window, heap) if window.is_full else _take_touched(window, heap)


# -- bitmaps

cdef Py_ssize_t _mark(
    const Window* window, uint64_t* bits, const Number* docs, Py_ssize_t place, Py_ssize_t size
) noexcept nogil:
    """Set the bits of some documents from a place on, as far as the window goes; gives the place behind."""
    cdef uint64_t doc, first = window.first, width = window.width
    while place < size:
        doc = docs[place] - first
        if doc >= width:
            break
        bits[doc >> 6] |= <uint64_t> 1 << (doc & 63)
        place += 1
    return place


cdef inline Py_ssize_t _mark_any(
    const Window* window, uint64_t* bits, const Numbers* docs, Py_ssize_t place
) noexcept nogil:
    if docs.width == 4:
        return _mark(window, bits, <const uint32_t*> docs.data, place, docs.size)
    if docs.width == 2:
        return _mark(window, bits, <const uint16_t*> docs.data, place, docs.size)
    if docs.width == 1:
        return _mark(window, bits, docs.data, place, docs.size)
    return _mark(window, bits, <const uint64_t*> docs.data, place, docs.size)


cdef inline void _mark_champions(Window* window, uint64_t* bits, const Member* member, Span* span) noexcept nogil:
    """The same of the champions of a member; where it has none, as other members do, of all its documents."""
    cdef const Numbers* champions = &member.champions
    if champions.size:
        span.champion = first_not_below(champions, window.first, span.champion)
        span.champion = _mark_any(window, bits, champions, span.champion)
    elif member.words != NULL:
        join_bits(bits, member.words + window.first // 64, window.words)
    else:
        _mark_any(window, bits, &member.docs, span.first)


cdef int64_t _mark_lists(Window* window, Query query, Span* spans) noexcept nogil:
    """The bitmaps of all lists; gives how many documents any of them has."""
    cdef Py_ssize_t i, m, words = window.words
    cdef const Weighted* one
    cdef const Member* member
    cdef uint64_t* bits
    cdef uint64_t* allowed = window.met
    cdef uint64_t* any = window.met + _WORDS
    if window.allowed != NULL:
        pack_bits(allowed, window.allowed + window.first, window.width)
    memset(any, 0, words * 8)
    for i in range(query.count):
        one = query.lists + i
        bits = _bits_of(window, i)
        memset(bits, 0, words * 8)
        if one.others < one.most:
            memset(_champions_of(window, i), 0, words * 8)
        for m in range(one.count):
            member = one.members + m
            if member.words != NULL:
                join_bits(bits, member.words + window.first // 64, words)
            else:
                spans[m].first = spans[m].end
                spans[m].end = _mark_any(window, bits, &member.docs, spans[m].end)
            if one.others < one.most:
                _mark_champions(window, _champions_of(window, i), member, spans + m)
        if one.left_out != NULL:
            take_away_bits(bits, one.left_out + window.first // 64, words)
        if window.allowed != NULL:
            meet_bits(bits, allowed, words)
        if window.width & 63:  # the bitmap of a word, from a file, may go on
            bits[words - 1] &= (<uint64_t> 1 << (window.width & 63)) - 1
        join_bits(any, bits, words)
        spans += one.count
    return count_all_bits(any, words)


cdef inline uint64_t* _bits_of(const Window* window, Py_ssize_t i) noexcept nogil:
    """The bitmap of the documents of a list."""
    return window.bits + 2 * i * _WORDS


cdef inline uint64_t* _champions_of(const Window* window, Py_ssize_t i) noexcept nogil:
    """The bitmap of its champions, which may have documents that are left out or not allowed besides."""
    return window.bits + (2 * i + 1) * _WORDS


cdef void _bound(Window* window, Query query) noexcept nogil:
    """Work out what the lists add at most.

    No document is on both sides, so that what remains is what the lists of the better one add.
    """
    cdef Py_ssize_t i
    cdef int language = 0, side
    cdef const Weighted* one
    cdef Bound* bound
    cdef double* rests
    for i in range(query.count):
        language = language or query.lists[i].side >> 1
    rests = window.rests + 3 * query.count
    rests[0] = rests[1] = rests[2] = 0.0
    for i in range(query.count - 1, -1, -1):
        one, bound = query.lists + i, window.bounds + i
        bound.most, bound.others = one.most, one.others
        bound.side = 1 + (one.side & 1) if one.side and one.side >> 1 == language else 0
        rests = window.rests + 3 * i
        for side in range(1, 3):
            rests[side] = rests[3 + side] + (bound.most if bound.side in (0, side) else 0.0)
        rests[0] = max(rests[1], rests[2])


cdef inline void _propose(Window* window, const uint64_t* of, const uint64_t* bits) noexcept nogil:
    """Make the documents of a bitmap candidates, those *of* another one where that is given."""
    if of == NULL:
        join_bits(window.candidates, bits, window.words)
    else:
        join_meeting_bits(window.candidates, of, bits, window.words)


cdef inline const uint64_t* _met(
    Window* window, Py_ssize_t depth, const uint64_t* of, const uint64_t* bits
) noexcept nogil:
    """The documents that two bitmaps have in common; NULL where they have none."""
    cdef uint64_t* met = window.met + depth * _WORDS
    if of == NULL:
        return bits
    window.meetings += 1
    return met if meeting_bits(met, of, bits, window.words) else NULL


cdef void _meet(
    Window* window, Py_ssize_t i, Py_ssize_t depth, const uint64_t* of, int side, double most, double least
) noexcept nogil:
    """Make those documents candidates that the lists from one on could lift among the best.

    They are those *of* some lists before, or of the champions of some: NULL where there are none yet. *most* is what
    these lists add at most, *side* is theirs. *least* is what is lost at least by being no champion of one of them, or
    not in one: documents that could win all the same are candidates by that way.
    """
    cdef const Bound* bound
    cdef const uint64_t* bits
    cdef double rest, added, lost
    cdef int own_side
    cdef bint is_champion
    while i < window.lists and most + window.rests[3 * i + side] >= window.need:
        if of != NULL and (depth == _MOST_DEPTH or window.meetings >= _MOST_MEETINGS):
            join_bits(window.candidates, of, window.words)
            return
        bound = window.bounds + i
        own_side = side | bound.side
        if own_side == 3:
            i += 1
            continue
        rest = window.rests[3 * i + 3 + own_side]
        for is_champion in range(2 if bound.others < bound.most else 1):
            added = most + (bound.most if is_champion else bound.others)
            lost = min(least, bound.most - bound.others if is_champion else bound.others)
            bits = _champions_of(window, i) if is_champion else _bits_of(window, i)
            if added >= window.need:
                if added - lost < window.need:
                    _propose(window, of, bits)
            elif added + rest >= window.need:
                bits = _met(window, depth, of, bits)
                if bits != NULL:
                    _meet(window, i + 1, depth + 1, bits, own_side, added, lost)
        i += 1


cdef void _number(Window* window) noexcept nogil:
    """The numbers of the candidates; most words have none or one, so a branch for each word would be too many."""
    cdef Py_ssize_t word, i, filled = 0
    cdef uint64_t bits
    cdef uint32_t* words = window.chosen
    for word in range(window.words):
        words[filled] = <uint32_t> word
        filled += window.candidates[word] != 0
    window.count = 0
    for i in range(filled):
        bits = window.candidates[words[i]]
        while True:
            window.numbers[window.count] = 64 * words[i] + lowest_bit(bits)
            window.count += 1
            bits &= bits - 1
            if not bits:
                break


cdef void _choose(Window* window, const uint64_t* bits) noexcept nogil:
    """The numbers of the candidates that have their bit; a branch for each would mostly be the wrong one."""
    cdef Py_ssize_t i, choices = 0
    cdef uint32_t doc
    for i in range(window.count):
        doc = window.numbers[i]
        window.chosen[choices] = doc
        choices += (bits[doc >> 6] >> (doc & 63)) & 1
    window.choices = choices


cdef inline void _find(Window* window, uint64_t doc, const Member* member, Py_ssize_t place) noexcept nogil:
    """Note the place of a document of the window in a member, and have its impact fetched."""
    if window.found == window.room:  # a member names it twice
        window.broken = 1
        return
    fetch(member.impacts + place)
    window.finds[window.found].doc = <uint32_t> doc
    window.finds[window.found].place = <uint32_t> place
    window.found += 1


cdef void _look_up(Window* window, const Number* docs, const Span* span, const Member* member) noexcept nogil:
    """Find those chosen, few documents, in a member: look for each of them where it would be if all lay evenly."""
    cdef Py_ssize_t i, place, end, low = span.first
    cdef double share = <double> (span.end - span.first) / <double> window.width
    cdef uint64_t doc
    for i in range(window.choices):
        if low == span.end:
            return
        doc = window.first + window.chosen[i]
        place = max(low, span.first + <Py_ssize_t> (share * <double> window.chosen[i]))
        if docs[place] < doc:
            end = min(place + _NEARBY, span.end)
            while place < end and docs[place] < doc:
                place += 1
            if place == end:
                place = first_not_below(&member.docs, doc, place)
        else:
            end = max(place - _NEARBY, low)
            while place > end and docs[place - 1] >= doc:
                place -= 1
            if place == end:
                place = first_not_below(&member.docs, doc, low)
        low = min(place, span.end)
        if low < span.end and docs[low] == doc:
            _find(window, window.chosen[i], member, low)


cdef void _test(Window* window, const Member* member) noexcept nogil:
    """The same in a member that has a bitmap."""
    cdef Py_ssize_t i, place
    for i in range(window.choices):
        place = place_in(member, window.first + window.chosen[i], &window.broken)
        if place >= 0:
            _find(window, window.chosen[i], member, place)


cdef void _read_on(
    Window* window, const Number* docs, const Span* span, const Member* member, const uint64_t* bits
) noexcept nogil:
    """The same for many documents, the candidates of a bitmap: read all that the member has in the window."""
    cdef Py_ssize_t place
    cdef uint64_t doc
    for place in range(span.first, span.end):
        doc = docs[place] - window.first
        if ((window.candidates[doc >> 6] & bits[doc >> 6]) >> (doc & 63)) & 1:
            _find(window, doc, member, place)


cdef inline void _find_by_either(
    Window* window, const Number* docs, const Span* span, const Member* member, const uint64_t* bits
) noexcept nogil:
    if _BISECTION * window.choices < span.end - span.first:
        _look_up(window, docs, span, member)
    else:
        _read_on(window, docs, span, member, bits)


cdef inline void _find_chosen(Window* window, const Span* span, const Member* member, const uint64_t* bits) noexcept nogil:
    """Find those chosen in a member by the way that costs least."""
    if member.words != NULL:
        _test(window, member)
    elif member.docs.width == 4:
        _find_by_either(window, <const uint32_t*> member.docs.data, span, member, bits)
    elif member.docs.width == 2:
        _find_by_either(window, <const uint16_t*> member.docs.data, span, member, bits)
    elif member.docs.width == 1:
        _find_by_either(window, member.docs.data, span, member, bits)
    else:
        _find_by_either(window, <const uint64_t*> member.docs.data, span, member, bits)


cdef int _find_candidates(Window* window, Query query, Rows rows, Span* spans) noexcept nogil:
    """Find the candidates in all lists; -1 where there is no memory.

    Impacts that lie far apart are in no cache. Not one is read before all are on their way.
    """
    cdef Py_ssize_t i, m
    cdef const Weighted* one
    window.found = 0
    for i in range(query.count):
        one = query.lists + i
        _choose(window, _bits_of(window, i))
        if window.choices:
            window.room = window.found + one.count * window.choices
            if room_for(<uint32_t**> &rows.finds, &rows.finds_room, 2 * window.room):
                return -1
            window.finds = <Find*> rows.finds
            for m in range(one.count):
                _find_chosen(window, spans + m, one.members + m, _bits_of(window, i))
                spans[m].found = window.found
        else:
            for m in range(one.count):
                spans[m].found = window.found
        spans += one.count
    return 0


cdef void _add_up_found(Window* window, Query query, const Span* spans) noexcept nogil:
    """Add up what all lists give the documents found in them."""
    cdef Py_ssize_t i, m, k = 0
    cdef const Weighted* one
    cdef const Member* member
    cdef const Find* find
    cdef float impact
    for i in range(query.count):
        one = query.lists + i
        for m in range(one.count):
            member = one.members + m
            while k < spans[m].found:
                find = window.finds + k
                impact = member.impacts[find.place] * member.weight
                if impact > window.impacts[find.doc]:
                    window.raised[window.raises] = find.doc
                    window.raises += not window.impacts[find.doc] > 0
                    window.impacts[find.doc] = impact
                k += 1
        _add_raised(window, one)
        spans += one.count


cdef Py_ssize_t _postings_of(const Window* window, Query query, const Span* spans) noexcept nogil:
    """How many postings all lists have in the window, about."""
    cdef Py_ssize_t i, m, postings = 0
    cdef const Member* member
    for i in range(query.count):
        for m in range(query.lists[i].count):
            member = query.lists[i].members + m
            if member.words == NULL:
                postings += spans[m].end - spans[m].first
            else:
                postings += member.docs.size * window.width // member.room
        spans += query.lists[i].count
    return postings


cdef void _go_back(const Window* window, Query query, Span* spans) noexcept nogil:
    """Have the lists read from the beginning of the window."""
    cdef Py_ssize_t i, m
    cdef const Member* member
    for i in range(query.count):
        for m in range(query.lists[i].count):
            member = query.lists[i].members + m
            if member.words == NULL:
                spans[m].end = spans[m].first
            else:
                spans[m].end = max(<Py_ssize_t> at(&member.ranks, window.first // 64), 0)
        spans += query.lists[i].count


cdef int64_t _read_some(Window* window, Query query, Rows rows, Span* spans, Heap* heap) noexcept nogil:
    """Hold the best documents of the window by bitmaps, and tell how many match."""
    cdef int64_t total = _mark_lists(window, query, spans)
    memset(window.candidates, 0, window.words * 8)
    window.need = heap.scores[0] * _SAFE
    window.meetings = 0
    _meet(window, 0, 0, NULL, 0, 0.0, 1e300)
    _number(window)
    if _READING_ON * query.count * window.count > _postings_of(window, query, spans):
        _go_back(window, query, spans)
        _read_all(window, query, spans, heap)
        return total
    if _find_candidates(window, query, rows, spans):
        window.failed = True
        return 0
    _add_up_found(window, query, spans)
    _take_touched(window, heap)
    return total


cdef int64_t _run(Window* window, Query query, Rows rows, Span* spans, Heap* heap, bint by_bitmaps) noexcept nogil:
    """Go through the windows; gives how many documents match."""
    cdef Py_ssize_t i, m
    cdef const Member* member
    cdef int64_t total = 0
    cdef uint64_t most = _WIDTH_OF_FULL if window.is_full else 64 * _WORDS, documents = rows.documents
    cdef uint64_t width = 64 * _FIRST if by_bitmaps else most
    while window.first < documents and not window.failed:
        window.width = min(width, documents - window.first)
        window.words = (window.width + 63) // 64
        if by_bitmaps and heap.size == heap.k:
            total += _read_some(window, query, rows, spans, heap)
        else:
            total += _read_all(window, query, spans, heap)
        window.first += window.width
        width = min(2 * width, most)
    for i in range(query.count):
        for m in range(query.lists[i].count):
            member = query.lists[i].members + m
            if spans[m].end < member.docs.size and (member.words == NULL or not by_bitmaps):
                window.broken = 1
        spans += query.lists[i].count
    return total


def best_in_windows(Rows rows, weighted, Py_ssize_t k, allowed, is_marked=None):
    """The k best documents that have any of the words: their numbers, scores, and how many match.

    Whether bitmaps are made, *is_marked*, does not matter to what is found; by default, where that costs less. None
    where a weight or an impact is zero, for which this way is not made.

    Raises:
        IndexError: An array does not fit the segment.
    """
    cdef Query query = query_of(weighted, rows)
    cdef Window window
    cdef Heap heap
    cdef Py_ssize_t i, members = 0, postings = 0, most = 64 * _WORDS
    cdef Span* spans
    cdef int64_t total
    cdef bint by_bitmaps
    if not query.is_plain:
        return None
    by_bitmaps = cost_by_bitmaps(query, rows) < cost_by_sums(query, rows) if is_marked is None else is_marked
    for i in range(query.count):
        members += query.lists[i].count
        postings += query.lists[i].size
    if room_for(&rows.own, &rows.own_room, 4 * (most + 1)):
        raise MemoryError
    if by_bitmaps and room_for(&rows.bitmaps, &rows.bitmaps_room, 2 * (2 + _MOST_DEPTH + 2 * query.count) * _WORDS):
        raise MemoryError
    memset(&window, 0, sizeof(window))
    window.is_full = not by_bitmaps and _FULL * postings > rows.documents
    window.allowed = mask_of(allowed, rows)
    window.numbers, window.chosen = rows.own, rows.own + (most + 1)
    window.touched, window.raised = rows.own + 2 * (most + 1), rows.own + 3 * (most + 1)
    window.sums, window.impacts = rows.sums, rows.impacts
    allocate(&heap, k, rows.documents)
    spans = <Span*> calloc(members + 1, sizeof(Span))
    if by_bitmaps:
        window.candidates = <uint64_t*> rows.bitmaps
        window.met = window.candidates + _WORDS
        window.bits = window.met + (1 + _MOST_DEPTH) * _WORDS
    window.lists = query.count
    window.bounds = <Bound*> malloc((query.count + 1) * sizeof(Bound))
    window.rests = <double*> malloc(3 * (query.count + 1) * sizeof(double))
    try:
        if not (spans and window.bounds and window.rests):
            raise MemoryError
        with nogil:
            _bound(&window, query)
            total = _run(&window, query, rows, spans, &heap, by_bitmaps)
            sort_best_first(&heap)
        if window.failed:
            raise MemoryError
        if window.broken:
            raise IndexError("a list names a document that the segment does not have")
        return (*as_arrays(&heap), total)
    finally:
        free(spans)
        free(window.bounds)
        free(window.rests)
        free(heap.scores)
        free(heap.docs)
