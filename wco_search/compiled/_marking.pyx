# cython: language_level=3, wraparound=False
"""The loops of showing words in texts, compiled: where sentences end, and which become fragments. What each does is
told where its Python twin stands (`wco_search.snippets`); the results are the same to the character.
"""

from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_SET_ITEM
from libc.stdlib cimport free, malloc

from wco_search.compiled._chunks cimport Finder, Token, Tokens
from wco_search.compiled._text cimport (
    Py_UNICODE_ISALNUM,
    Py_UNICODE_ISALPHA,
    Py_UNICODE_ISDIGIT,
    Py_UNICODE_ISLOWER,
    Py_UNICODE_ISSPACE,
    PyUnicode_Substring,
    Text,
    at,
    opened,
)

cdef extern from "Python.h":
    int PyObject_GenericSetAttr(object owner, object name, object value) except -1
    object PyType_GenericAlloc(type kind, Py_ssize_t items)

cdef extern from *:
    """
    #if defined(__GNUC__) || defined(__clang__)
    #define count_bits(word) __builtin_popcountll(word)
    #else
    static int count_bits(unsigned long long word) {
        int count = 0;
        for (; word; word &= word - 1) count++;
        return count;
    }
    #endif
    """
    int count_bits(unsigned long long word) nogil

ctypedef unsigned long long Bits

# --- Units ------------------------------------------------------------------------------------------------------------

cdef inline bint is_sign(Py_UCS4 char) noexcept nogil:
    return char == u'.' or char == u'!' or char == u'?' or char == 0x2026


cdef inline bint is_line_end(Py_UCS4 char) noexcept nogil:
    return char == u'\n' or char == u'\r' or char == 0x2028 or char == 0x2029


cdef inline bint is_closing(Py_UCS4 char) noexcept nogil:
    return (
        char == u'"' or char == u"'" or char == u')' or char == u']'
        or char == 0xBB or char == 0x201D or char == 0x201C or char == 0x2019
    )


cdef inline bint ends_clause(Py_UCS4 char) noexcept nogil:
    return char == u',' or char == u';' or char == u':' or 0x2013 <= char <= 0x2014 or char == 0x2026


cdef enum:
    LINE_FEED = 10
    RETURN = 13
    EXCLAMATION = 33
    STOP = 46
    QUESTION = 63


cdef inline bint may_end(unsigned int char) noexcept nogil:
    """Whether it is a sign or ends a line; U+2027 is neither. Without a branch, which no processor could foretell."""
    cdef Bits ends = (
        <Bits>1 << LINE_FEED | <Bits>1 << RETURN | <Bits>1 << EXCLAMATION | <Bits>1 << STOP | <Bits>1 << QUESTION
    )
    return ((char < 64) & (ends >> (char & 63))) | (char - <unsigned int>0x2026 <= 3)


cdef inline Py_ssize_t next_that_may_end(const Text *text, Py_ssize_t place) noexcept nogil:
    cdef Py_ssize_t size = text.size
    cdef const unsigned short *wide = <const unsigned short *>text.data
    if text.kind == 2:
        while place < size and not may_end(wide[place]):
            place += 1
    else:
        while place < size and not may_end(at(text, place)):
            place += 1
    return place


cdef inline bint ends_no_word(Py_UCS4 char) noexcept nogil:
    """Whether it is a digit or a sign, which no abbreviation ends with and folding leaves as it is."""
    return char < 128 and not Py_UNICODE_ISALPHA(char) and char != u'.' and char != u'_'


cdef class Sentences:
    """`_sentence_ends` of a text."""

    cdef object source
    cdef object is_abbreviation
    cdef object abbreviation
    cdef frozenset abbreviations
    cdef Text text
    cdef Py_ssize_t start, place
    cdef Py_ssize_t longest_abbreviation, longest_word

    def __cinit__(self, text, rules, Py_ssize_t start=0):
        self.source = text
        self.text = opened(text)
        self.is_abbreviation, self.abbreviation, self.abbreviations = rules[:3]
        self.longest_abbreviation, self.longest_word = rules[3:]
        self.start = self.place = start

    cdef Py_ssize_t next_end(self) except -1:
        """The next end; the end of the text when there is none."""
        cdef const Text *text = &self.text
        cdef Py_ssize_t stop, gap, end, signs, size = text.size
        cdef Py_UCS4 char, following
        cdef bint ends
        while True:
            stop = next_that_may_end(text, self.place)
            if stop == size:
                self.place = size
                return size
            char = at(text, stop)
            self.place = stop + 1
            if is_line_end(char):
                gap = stop
                end = stop + 1
                signs = 0
            elif is_sign(char):
                if stop and is_sign(at(text, stop - 1)):
                    continue
                gap = stop + 1
                while gap < size and is_sign(at(text, gap)):
                    gap += 1
                signs = gap - stop - 1
                while gap < size and is_closing(at(text, gap)):
                    gap += 1
                if gap == size or not Py_UNICODE_ISSPACE(at(text, gap)):
                    continue
                end = gap + 1
            else:
                continue
            while end < size and Py_UNICODE_ISSPACE(at(text, end)):
                end += 1
            self.place = end
            if not self.has_empty_line(gap, end):
                following = self.following(end)
                if following and Py_UNICODE_ISLOWER(following):
                    continue
                ends = char != u'.' or signs > 0 or not self.abbreviates(stop, following)
                if not ends:
                    continue
            self.start = gap
            return gap

    cdef bint has_empty_line(self, Py_ssize_t gap, Py_ssize_t end) noexcept:
        cdef Py_ssize_t place, feeds = 0, returns = 0
        for place in range(gap, end):
            feeds += at(&self.text, place) == u'\n'
            returns += at(&self.text, place) == u'\r'
        return feeds > 1 or returns > 1

    cdef Py_UCS4 following(self, Py_ssize_t place) noexcept:
        """The letter or digit that what stands at *place* begins with, or 0."""
        cdef Py_ssize_t last = min(place + 5, self.text.size)
        while place < last:
            if Py_UNICODE_ISALNUM(at(&self.text, place)):
                return at(&self.text, place)
            place += 1
        return 0

    cdef bint abbreviates(self, Py_ssize_t stop, Py_UCS4 following) except -1:
        cdef Py_ssize_t first = max(self.start, stop - self.longest_abbreviation), word = stop
        cdef bint is_alpha = True, is_latin = True, is_cyrillic = True
        cdef Py_UCS4 char
        if stop > first and ends_no_word(at(&self.text, stop - 1)):  # but a list may be numbered
            return stop - self.start <= self.longest_abbreviation and not self.has_letters(first, stop)
        while word > first and at(&self.text, word - 1) != u' ':
            word -= 1
            char = at(&self.text, word)
            is_alpha = is_alpha and Py_UNICODE_ISALPHA(char) != 0
            is_latin = is_latin and (u'a' <= char <= u'z' or u'A' <= char <= u'Z')
            is_cyrillic = is_cyrillic and 0x410 <= char <= 0x44F
        if not is_alpha or word == stop:
            return self.is_abbreviation(self.source, self.start, stop, chr(following) if following else "")
        if stop - word > self.longest_word:
            return False
        cdef str last = PyUnicode_Substring(self.source, word, stop)
        if (is_latin or is_cyrillic) and stop - word > 1 and last.lower() not in self.abbreviations:
            return False  # for folding would do no more to it
        always, before_numbers = <tuple?>self.abbreviation(last)
        return always or (before_numbers and following and Py_UNICODE_ISDIGIT(following))

    cdef bint has_letters(self, Py_ssize_t start, Py_ssize_t end) noexcept:
        cdef Py_ssize_t place
        for place in range(start, end):
            if Py_UNICODE_ISALPHA(at(&self.text, place)):
                return True
        return False


cdef struct Window:
    Bits markers
    Py_ssize_t occurrences, start, end, unit
    bint is_chosen


cdef class Windows:
    """The units that have occurrences, in order; no more than there are of these."""

    cdef Window *all
    cdef Py_ssize_t size

    def __cinit__(self, Py_ssize_t most):
        self.all = <Window *>malloc(most * sizeof(Window))
        if self.all == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.all)

    cdef Py_ssize_t add(
        self, Tokens occurrences, Py_ssize_t place, Py_ssize_t start, Py_ssize_t end, Py_ssize_t unit
    ) noexcept:
        """Adds the unit, if an occurrence starts in it; gives the first occurrence behind it."""
        cdef Window *one = &self.all[self.size]
        cdef Py_ssize_t first = place
        cdef Bits markers = 0
        while place < occurrences.size and occurrences.all[place].start < end:
            markers |= <Bits>1 << occurrences.all[place].number
            place += 1
        if place > first:
            one.markers = markers
            one.occurrences = place - first
            one.start, one.end, one.unit = start, end, unit
            one.is_chosen = False
            self.size += 1
        return place


cdef inline bint is_more(
    double gain, int number, const Window *one, double most, int fewest, const Window *other
) noexcept nogil:
    if gain != most:
        return gain > most
    if number != fewest:
        return number > fewest
    if one.occurrences != other.occurrences:
        return one.occurrences > other.occurrences
    return one.start < other.start


cdef inline double worth_of(Bits markers, int number, tuple weights, object worth) except -1:
    cdef int marker = 0
    cdef double sum = 0
    if number > 2:
        return (<tuple?>worth[markers])[0]
    while markers >> marker:  # a sum of two is rounded as `math.fsum` does
        if markers >> marker & 1:
            if marker >= len(weights):
                raise IndexError(marker)
            sum += <double>weights[marker]
        marker += 1
    return sum


# --- Fragments --------------------------------------------------------------------------------------------------------

cdef class Cutter:
    """`Highlighter._fragments`, with those Python functions that it calls for what is rare."""

    cdef tuple rules
    cdef object cut_without_space
    cdef type fragment, mark
    cdef Py_ssize_t repeats

    def __cinit__(
        self, tuple rules not None, cut_without_space, type fragment not None, type mark not None, Py_ssize_t repeats
    ):
        self.rules = rules
        self.cut_without_space = cut_without_space
        self.fragment = fragment
        self.mark = mark
        self.repeats = repeats

    def fragments(
        self,
        field,
        text,
        list occurrences not None,
        list tied not None,
        tuple weights not None,
        worth,
        count,
        length,
    ):
        """The fragments; of at most 63 markers."""
        cdef Tokens places = Tokens(), tokens = Tokens()
        cdef Py_ssize_t start, end, chunk, marker
        for start, end, marker, words in occurrences:
            if not 0 <= marker < len(weights):
                raise IndexError(marker)
            places.add(start, end, start, 0, marker)
            for start, end, chunk, _ in <tuple?>words:
                tokens.add(start, end, chunk, 0, 0)
        tokens.sort()  # those that are twice in it change no mark
        return self.cut_out(field, text, places, tokens, tied, weights, worth, count, length)

    cdef list cut_out(
        self, field, text, Tokens occurrences, Tokens tokens, list tied, tuple weights, worth, count, length
    ):
        """The fragments, by the occurrences of whole markers and their tokens."""
        if len(weights) > 63:
            raise ValueError("there are too many markers")
        cdef Text read = opened(text)
        cdef Py_ssize_t start = 0, end = read.size
        cdef Py_ssize_t most = min(count, end + 1), longest = min(length, end + 1)  # more would change nothing
        while start < end and Py_UNICODE_ISSPACE(at(&read, start)):
            start += 1
        if start == end:
            return []
        while Py_UNICODE_ISSPACE(at(&read, end - 1)):
            end -= 1
        cdef list spans
        cdef Windows windows
        if end - start <= longest:
            spans = [(start, end)]
        elif not occurrences.size:
            spans = [(start, self.beginning(text, &read, start, longest))]
        else:
            windows = self.windows(text, occurrences, tied, longest)
            self.choose(windows, weights, worth, most)
            spans = joined(windows, longest)
        return self.marked(field, text, &read, spans, tokens, start, end)

    cdef Windows windows(self, text, Tokens occurrences, list tied, Py_ssize_t length):
        """`_windows`."""
        cdef Sentences sentences = Sentences(text, self.rules)
        cdef Windows found = Windows(occurrences.size)
        cdef Py_ssize_t start = 0, end, next_end, first, last, piece, unit = 0, place = 0
        cdef Py_ssize_t total = occurrences.size, size = sentences.text.size
        cdef const Text *read = &sentences.text
        next_end = sentences.next_end()
        while place < total:
            end = next_end
            next_end = sentences.next_end() if end < size and tied else end
            if end < size and tied and next_end - start <= length and is_inside(tied, end):
                continue
            first = start
            while first < end and Py_UNICODE_ISSPACE(at(read, first)):
                first += 1
            last = end
            while last > start and Py_UNICODE_ISSPACE(at(read, last - 1)):
                last -= 1
            if last - first > length:
                while first < last and place < total:
                    piece = self.piece(text, read, first, last, tied, length)
                    place = found.add(occurrences, place, first, piece, unit)
                    unit += 1
                    first = piece
                    while first < last and Py_UNICODE_ISSPACE(at(read, first)):
                        first += 1
            elif first < last:
                place = found.add(occurrences, place, first, last, unit)
                unit += 1
            if end == size:
                break
            start = end
            if not tied:
                next_end = sentences.next_end()
        return found

    cdef Py_ssize_t piece(
        self, text, const Text *read, Py_ssize_t start, Py_ssize_t end, list tied, Py_ssize_t length
    ) except -1:
        """Where the first of `_pieces` ends."""
        cdef Py_ssize_t size = end - start, count
        if size <= length:
            return end
        count = (size + length - 1) // length
        return self.cut(text, read, start, start + (size + count - 1) // count, start + length, tied)

    cdef Py_ssize_t beginning(self, text, const Text *read, Py_ssize_t start, Py_ssize_t length) except -1:
        """`_beginning`."""
        cdef Sentences sentences = Sentences(text, self.rules, start)
        cdef Py_ssize_t limit = start + length, last = start, end = sentences.next_end()
        while end <= limit and end < read.size:
            last = end
            end = sentences.next_end()
        if last > start and last - start >= length // 2:
            while last > start and Py_UNICODE_ISSPACE(at(read, last - 1)):
                last -= 1
            return last
        return self.cut(text, read, start, limit, limit, [])

    cdef Py_ssize_t cut(
        self, text, const Text *read, Py_ssize_t start, Py_ssize_t target, Py_ssize_t limit, list tied
    ) except -1:
        """`_cut`."""
        cdef Py_ssize_t place = start + 1, end = min(limit + 1, read.size), middle = (start + target) // 2, best = -1
        cdef Py_ssize_t distance, nearest = 0
        cdef int rank, lowest = 0
        cdef bint was_space = False
        while place < end:
            if not Py_UNICODE_ISSPACE(at(read, place)):
                was_space = False
            elif not was_space:
                was_space = True
                rank = 2 if tied and is_inside(tied, place) else 0
                rank += not (place >= middle and ends_clause(at(read, place - 1)))
                distance = abs(place - target)
                if best < 0 or rank < lowest or (rank == lowest and distance < nearest):
                    best, lowest, nearest = place, rank, distance
            place += 1
        return self.cut_without_space(text, start, limit) if best < 0 else best

    cdef int choose(self, Windows windows, tuple weights, worth, Py_ssize_t count) except -1:
        """`_best`."""
        cdef Window *left = windows.all
        cdef Py_ssize_t total = windows.size, place, top, chosen = 0
        cdef Bits covered = 0, fresh
        cdef double gain, most
        cdef int number, fewest
        while chosen < count and chosen < total:
            top, most, fewest = -1, 0, 0
            for place in range(total):
                if left[place].is_chosen:
                    continue
                fresh = left[place].markers & ~covered
                number = count_bits(fresh)
                gain = 0 if number == 0 or total == 1 else worth_of(fresh, number, weights, worth)
                if top < 0 or is_more(gain, number, &left[place], most, fewest, &left[top]):
                    top, most, fewest = place, gain, number
            fresh = left[top].markers & ~covered
            if not fresh and (count_bits(covered) > 1 or chosen == self.repeats):
                break
            left[top].is_chosen = True
            chosen += 1
            covered |= left[top].markers
        return 0

    cdef list marked(self, field, text, const Text *read, list spans, Tokens tokens, Py_ssize_t start, Py_ssize_t end):
        """The fragments over *spans* with their marks."""
        cdef list made = [], marks
        cdef Py_ssize_t first, last, place = 0, mark_start, mark_end, chunk
        cdef const Token *token
        for first, last in spans:
            marks = []
            mark_start = mark_end = chunk = -1
            while place < tokens.size:
                token = &tokens.all[place]
                if token.start >= last:
                    break
                place += 1
                if token.start < first:
                    continue
                if token.chunk == chunk and (
                    token.start <= mark_end
                    or (
                        token.start == mark_end + 1
                        and 0 <= mark_end < read.size
                        and not Py_UNICODE_ISALNUM(at(read, mark_end))
                    )
                ):
                    mark_end = max(mark_end, token.end)
                    continue
                if chunk >= 0:
                    marks.append(pair(self.mark, mark_start, mark_end))
                mark_start, mark_end, chunk = token.start, token.end, token.chunk
            if chunk >= 0:
                marks.append(pair(self.mark, mark_start, mark_end))
            one = PyType_GenericAlloc(self.fragment, 0)
            PyObject_GenericSetAttr(one, "field", field)
            PyObject_GenericSetAttr(one, "text", PyUnicode_Substring(text, first, last))
            PyObject_GenericSetAttr(one, "start", first)
            PyObject_GenericSetAttr(one, "end", last)
            PyObject_GenericSetAttr(one, "marks", tuple(marks))
            PyObject_GenericSetAttr(one, "cut_before", first > start)
            PyObject_GenericSetAttr(one, "cut_after", last < end)
            made.append(one)
        return made


cdef object pair(type kind, first, second):
    """A named tuple of two, as `tuple.__new__` makes it, without a call of Python."""
    made = PyType_GenericAlloc(kind, 2)
    Py_INCREF(first)
    PyTuple_SET_ITEM(made, 0, first)
    Py_INCREF(second)
    PyTuple_SET_ITEM(made, 1, second)
    return made


cdef class WordSnippets:
    """`Highlighter.snippet` of at most 63 markers, of one word each."""

    cdef Cutter cutter
    cdef Finder finder
    cdef tuple in_title, in_body, weights
    cdef object worth

    def __cinit__(
        self,
        Cutter cutter not None,
        Finder finder not None,
        tuple in_title not None,
        tuple in_body not None,
        tuple weights not None,
        worth,
    ):
        self.cutter = cutter
        self.finder = finder
        self.in_title = in_title
        self.in_body = in_body
        self.weights = weights
        self.worth = worth

    def fragments(self, title, body, count, length):
        """The fragments of both, at most *count* of the body."""
        cdef Tokens in_title = self.occurrences(title, self.in_title), in_body = self.occurrences(body, self.in_body)
        cdef list found = []
        if in_title.size:
            found = self.cutter.cut_out("title", title, in_title, in_title, [], self.weights, self.worth, 1, length)
        return tuple(
            found + self.cutter.cut_out("body", body, in_body, in_body, [], self.weights, self.worth, count, length)
        )

    cdef Tokens occurrences(self, text, tuple markers):
        """Where each marker stands, which are given by word."""
        cdef Tokens found = Tokens(), tokens
        cdef const Token *token
        cdef Py_ssize_t place, marker
        if not markers or not text:
            return found
        tokens = self.finder.tokens(text, False)
        for place in range(tokens.size):
            token = &tokens.all[place]
            for marker in <tuple?>markers[token.number]:
                if not 0 <= marker < len(self.weights):
                    raise IndexError(marker)
                found.add(token.start, token.end, token.chunk, token.position, marker)
        found.sort()
        return found


cdef bint is_inside(list spans, Py_ssize_t place) except -1:
    """`_is_inside`."""
    cdef Py_ssize_t low = 0, high = len(spans), middle, start, end
    while low < high:
        middle = (low + high) // 2
        start, end = <tuple?>spans[middle]
        if start >= place:
            high = middle
        elif place < end:
            return True
        else:
            low = middle + 1
    return False


cdef list joined(Windows windows, Py_ssize_t length):
    """`_joined`, of the windows that were chosen."""
    cdef list spans = []
    cdef Py_ssize_t place, first = 0, last = 0, last_unit = -2
    cdef const Window *one
    for place in range(windows.size):
        one = &windows.all[place]
        if not one.is_chosen:
            continue
        if last_unit >= 0 and one.unit == last_unit + 1 and one.end - first <= length:
            last = one.end
        else:
            if last_unit >= 0:
                spans.append((first, last))
            first, last = one.start, one.end
        last_unit = one.unit
    if last_unit >= 0:
        spans.append((first, last))
    return spans
