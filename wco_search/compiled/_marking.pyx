# cython: language_level=3, wraparound=False
"""The loops of marking words in texts, compiled. What each does is told where its Python twin stands; the results are
the same to the character.

Texts are read through plain pointers; every place that is read lies between 0 and the text's length. A str never
changes, and the caller's argument keeps it alive.
"""

from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memset

cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    const void *PyUnicode_DATA(object text)
    bint PyUnicode_IS_ASCII(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    Py_UCS4 PyUnicode_READ(int kind, const void *data, Py_ssize_t place) nogil
    str PyUnicode_Substring(object text, Py_ssize_t start, Py_ssize_t end)
    int Py_UNICODE_ISALNUM(Py_UCS4 char) nogil
    int Py_UNICODE_ISALPHA(Py_UCS4 char) nogil
    int Py_UNICODE_ISDIGIT(Py_UCS4 char) nogil
    int Py_UNICODE_ISLOWER(Py_UCS4 char) nogil
    int Py_UNICODE_ISPRINTABLE(Py_UCS4 char) nogil
    int Py_UNICODE_ISSPACE(Py_UCS4 char) nogil
    int Py_UNICODE_ISUPPER(Py_UCS4 char) nogil
    int PyObject_GenericSetAttr(object owner, object name, object value) except -1

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

ctypedef unsigned char uchar
ctypedef unsigned long long Bits

cdef struct Text:
    int kind
    const void *data
    Py_ssize_t size


cdef inline Text opened(object text) except *:
    cdef Text found
    if not isinstance(text, str):
        raise TypeError(f"a text must be a string, not {type(text).__name__}")
    found.kind = PyUnicode_KIND(text)
    found.data = PyUnicode_DATA(text)
    found.size = PyUnicode_GET_LENGTH(text)
    return found


cdef inline Py_UCS4 at(const Text *text, Py_ssize_t place) noexcept nogil:
    return PyUnicode_READ(text.kind, text.data, place)


# --- Chunks -----------------------------------------------------------------------------------------------------------

cdef enum:
    ODD = 0
    SPACE = 32
    JOIN = 45
    TABLE = 65536

cdef enum:
    LETTER = 1  # bits of a folded byte's class
    LATIN = 2
    CYRILLIC = 4
    BETWEEN = 8


cdef inline bint may_begin_piece(const Text *text, Py_ssize_t place) noexcept nogil:
    cdef Py_UCS4 before = at(text, place - 1), here = at(text, place)
    cdef bint was_digit = Py_UNICODE_ISDIGIT(before) != 0, is_digit = Py_UNICODE_ISDIGIT(here) != 0
    if was_digit or is_digit:
        return was_digit != is_digit
    if not Py_UNICODE_ISUPPER(here):
        return False
    return Py_UNICODE_ISLOWER(before) != 0 or (
        place + 1 < text.size and Py_UNICODE_ISLOWER(at(text, place + 1)) != 0
    )


cdef class Needles:
    """`Seeker.chunks` for these *needles*: the same chunks, as a list."""

    cdef tuple needles
    cdef bytes folding, classes
    cdef object chunk_at
    cdef int heads[256]  # the first needle that begins with a byte, or -1
    cdef int *nexts  # for each needle, the next one that begins with the same byte, or -1

    def __cinit__(self, tuple needles not None, bytes folding not None, bytes classes not None, chunk_at):
        if len(folding) != TABLE or len(classes) != 256:
            raise ValueError("folding and classes must tell of all characters")
        self.needles = needles
        self.folding = folding
        self.classes = classes
        self.chunk_at = chunk_at
        cdef int number, code, count = len(needles)
        cdef bytes needle
        self.nexts = <int *>malloc((count + 1) * sizeof(int))
        if self.nexts == NULL:
            raise MemoryError
        memset(self.heads, 255, sizeof(self.heads))  # -1 in each
        for number in range(count):
            needle = needles[number]
            code = (<const uchar *>needle)[0]
            self.nexts[number] = self.heads[code]
            self.heads[code] = number

    def __dealloc__(self):
        free(self.nexts)

    def chunks(self, text):
        cdef Text read = opened(text)
        cdef uchar *folded = <uchar *>malloc(read.size + 1)
        if folded == NULL:
            raise MemoryError
        try:
            self.fold(&read, folded)
            return self.found(text, &read, folded, PyUnicode_IS_ASCII(text))
        finally:
            free(folded)

    cdef void fold(self, const Text *text, uchar *folded) noexcept:
        cdef const uchar *table = self.folding
        cdef Py_ssize_t place
        cdef const uchar *narrow = <const uchar *>text.data
        cdef const unsigned short *wide = <const unsigned short *>text.data
        cdef const unsigned int *widest = <const unsigned int *>text.data
        if text.kind == 1:
            for place in range(text.size):
                folded[place] = table[narrow[place]]
        elif text.kind == 2:
            for place in range(text.size):
                folded[place] = table[wide[place]]
        else:
            for place in range(text.size):
                folded[place] = table[widest[place]] if widest[place] < TABLE else ODD

    cdef bint begins(self, const Text *text, const uchar *folded, Py_ssize_t place) except -1:
        """Whether a needle stands at *place* where a form may begin."""
        cdef int number = self.heads[folded[place]]
        cdef const uchar *classes = self.classes
        cdef bytes needle
        cdef Py_ssize_t size
        while number >= 0:
            needle = self.needles[number]
            size = len(needle)
            if size <= text.size - place and memcmp(<const uchar *>needle, folded + place, size) == 0:
                return place == 0 or not classes[folded[place - 1]] & LETTER or may_begin_piece(text, place)
            number = self.nexts[number]
        return False

    cdef bint is_mixed(self, const Text *text, const uchar *folded, Py_ssize_t place) noexcept:
        """Whether a letter of the other script follows the one at *place*, with digits and joins between at most."""
        cdef const uchar *classes = self.classes
        cdef int other = (LATIN | CYRILLIC) ^ (classes[folded[place]] & (LATIN | CYRILLIC))
        place += 1
        while place < text.size and classes[folded[place]] & BETWEEN:
            place += 1
        return place < text.size and classes[folded[place]] & other != 0

    cdef list found(self, object source, const Text *text, const uchar *folded, bint is_ascii):
        cdef list chunks = []
        cdef const uchar *classes = self.classes
        cdef Py_ssize_t place = 0, reached = 0, start, end, stop, size = text.size
        cdef uchar code
        cdef bint is_hit, is_plain
        while place < size:
            code = folded[place]
            if code == ODD:
                is_hit = not is_ascii
            elif self.heads[code] >= 0 and self.begins(text, folded, place):
                is_hit = True
            else:
                is_hit = (
                    not is_ascii
                    and classes[code] & (LATIN | CYRILLIC)
                    and self.is_mixed(text, folded, place)
                )
            if not is_hit:
                place += 1
                continue
            start = place
            while start > reached and folded[start - 1] != SPACE:
                start -= 1
            end = place
            while end < size and folded[end] != SPACE:
                end += 1
            while end > start and folded[end - 1] == JOIN:
                end -= 1
            is_plain = True
            for stop in range(start, end):
                if folded[stop] == JOIN or folded[stop] == ODD:
                    is_plain = False
                    break
            if not is_plain:
                span = self.chunk_at(source, start, place)
                if span is None:
                    break
                start, end = span
                if start > place:
                    place = reached = start
                    continue
            chunks.append((start, PyUnicode_Substring(source, start, end)))
            place = reached = end
        return chunks


def tokens(chunks, dict known not None, test, Py_ssize_t words):
    """`Highlighter._find_words`, from its chunks on."""
    cdef list found = [[] for _ in range(words)]
    cdef Py_ssize_t base = 0, origin, word, position, start, end
    cdef tuple entry
    for one in chunks:
        entry = <tuple?>one
        origin = entry[0]
        chunk = entry[1]
        fits = known.get(chunk)
        if fits is None:
            fits = test(chunk)
        for fit in <list?>(<tuple?>fits)[1]:
            word, position, start, end = <tuple?>fit
            if not 0 <= word < words:
                raise IndexError(word)
            (<list>found[word]).append((origin + start, origin + end, origin, base + position))
        base += <Py_ssize_t>(<tuple>fits)[0]
    return found


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


cdef class Sentences:
    """`_sentence_ends` of a text, from its beginning on."""

    cdef object source
    cdef object is_abbreviation
    cdef object abbreviation
    cdef Text text
    cdef Py_ssize_t start, place
    cdef Py_ssize_t longest_abbreviation, longest_word

    def __cinit__(self, text, rules):
        self.source = text
        self.text = opened(text)
        self.is_abbreviation, self.abbreviation, self.longest_abbreviation, self.longest_word = rules
        self.start = self.place = 0

    cdef Py_ssize_t next_end(self) except -1:
        """The next end; the end of the text when there is none."""
        cdef const Text *text = &self.text
        cdef Py_ssize_t stop, gap, end, signs, size = text.size
        cdef Py_UCS4 char, following
        cdef bint ends
        while self.place < size:
            stop = self.place
            char = at(text, stop)
            if char > 0x3F and (char < 0x2026 or char > 0x2029):
                self.place += 1
                continue
            if is_line_end(char):
                gap = stop
                end = stop + 1
                signs = 0
            elif is_sign(char):
                self.place += 1
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
                self.place += 1
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
        return size

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
        cdef bint is_alpha = True
        while word > first and at(&self.text, word - 1) != u' ':
            word -= 1
            is_alpha = is_alpha and Py_UNICODE_ISALPHA(at(&self.text, word)) != 0
        if not is_alpha or word == stop:
            return self.is_abbreviation(self.source, self.start, stop, chr(following) if following else "")
        if stop - word > self.longest_word:
            return False
        always, before_numbers = <tuple?>self.abbreviation(PyUnicode_Substring(self.source, word, stop))
        return always or (before_numbers and following and Py_UNICODE_ISDIGIT(following))


def windows(text, list occurrences not None, list tied not None, Py_ssize_t length, rules, pieces, is_inside):
    """`_windows`."""
    cdef Sentences sentences = Sentences(text, rules)
    cdef list found = []
    cdef Py_ssize_t start = 0, end, next_end, first, last, unit = 0, place = 0
    cdef Py_ssize_t total = len(occurrences), size = sentences.text.size
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
            for span in pieces(text, first, last, tied, length):
                first, last = <tuple?>span
                place = seen(found, occurrences, place, first, last, unit)
                unit += 1
                if place == total:
                    break
        elif first < last:
            place = seen(found, occurrences, place, first, last, unit)
            unit += 1
        if end == size:
            break
        start = end
        if not tied:
            next_end = sentences.next_end()
    return found


cdef Py_ssize_t seen(
    list found, list occurrences, Py_ssize_t place, Py_ssize_t start, Py_ssize_t end, Py_ssize_t unit
) except -1:
    """Adds the unit's window, if an occurrence starts in it; gives the first occurrence behind it."""
    cdef Py_ssize_t total = len(occurrences), first = place
    cdef Py_ssize_t marker
    cdef Bits few = 0
    cdef object many = 0
    cdef tuple occurrence
    while place < total:
        occurrence = <tuple?>occurrences[place]
        if <Py_ssize_t>occurrence[0] >= end:
            break
        marker = occurrence[2]
        if 0 <= marker < 63:
            few |= <Bits>1 << marker
        else:
            many |= 1 << occurrence[2]
        place += 1
    if place > first:
        found.append((start, end, unit, many | few if many else few, place - first))
    return place


cdef struct Window:
    Bits markers
    Py_ssize_t occurrences, start
    bint is_chosen


def best(list windows not None, tuple weights not None, worth, Py_ssize_t count, Py_ssize_t repeats):
    """`_best` of at most 63 markers."""
    cdef Py_ssize_t total = len(windows), place, top, chosen = 0
    if total <= 1:
        return windows
    if len(weights) > 63:
        raise ValueError("there are too many markers")
    cdef Window *left = <Window *>malloc(total * sizeof(Window))
    if left == NULL:
        raise MemoryError
    cdef Bits covered = 0, fresh
    cdef double gain, most
    cdef int number, fewest
    cdef tuple window
    try:
        for place in range(total):
            window = <tuple?>windows[place]
            left[place].markers = window[3]
            left[place].occurrences = window[4]
            left[place].start = window[0]
            left[place].is_chosen = False
        while chosen < count and chosen < total:
            top, most, fewest = -1, 0, 0
            for place in range(total):
                if left[place].is_chosen:
                    continue
                fresh = left[place].markers & ~covered
                number = count_bits(fresh)
                gain = 0 if number == 0 else worth_of(fresh, number, weights, worth)
                if top < 0 or is_more(gain, number, &left[place], most, fewest, &left[top]):
                    top, most, fewest = place, gain, number
            fresh = left[top].markers & ~covered
            if not fresh and (count_bits(covered) > 1 or chosen == repeats):
                break
            left[top].is_chosen = True
            chosen += 1
            covered |= left[top].markers
        return sorted([windows[place] for place in range(total) if left[place].is_chosen])
    finally:
        free(left)


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
    if number > 1:
        return (<tuple?>worth(markers))[0]
    while not markers >> marker & 1:
        marker += 1
    if marker >= len(weights):
        raise IndexError(marker)
    return weights[marker]


# --- Fragments --------------------------------------------------------------------------------------------------------

def fragments(
    field, text, list spans not None, list occurrences not None, Py_ssize_t start, Py_ssize_t end, fragment, mark
):
    """The fragments of `Highlighter._fragments` over *spans*; *start* and *end* are where the text does."""
    cdef Text read = opened(text)
    cdef list tokens = [], made = [], marks
    cdef Py_ssize_t first, last, place = 0, total
    cdef Py_ssize_t token_start, token_end, origin, mark_start, mark_end, chunk
    cdef tuple token
    for occurrence in occurrences:
        tokens.extend((<tuple?>occurrence)[3])
    tokens.sort()
    total = len(tokens)
    for span in spans:
        first, last = <tuple?>span
        marks = []
        mark_start = mark_end = chunk = -1
        while place < total:
            token = <tuple?>tokens[place]
            token_start = token[0]
            if token_start >= last:
                break
            place += 1
            if token_start < first:
                continue
            token_end = token[1]
            origin = token[2]
            if origin == chunk and (
                token_start <= mark_end
                or (
                    token_start == mark_end + 1
                    and 0 <= mark_end < read.size
                    and not Py_UNICODE_ISALNUM(at(&read, mark_end))
                )
            ):
                mark_end = max(mark_end, token_end)
                continue
            if chunk >= 0:
                marks.append(tuple.__new__(mark, (mark_start, mark_end)))
            mark_start, mark_end, chunk = token_start, token_end, origin
        if chunk >= 0:
            marks.append(tuple.__new__(mark, (mark_start, mark_end)))
        one = fragment.__new__(fragment)
        PyObject_GenericSetAttr(one, "field", field)
        PyObject_GenericSetAttr(one, "text", text[first:last])
        PyObject_GenericSetAttr(one, "start", first)
        PyObject_GenericSetAttr(one, "end", last)
        PyObject_GenericSetAttr(one, "marks", tuple(marks))
        PyObject_GenericSetAttr(one, "cut_before", first > start)
        PyObject_GenericSetAttr(one, "cut_after", last < end)
        made.append(one)
    return made


def marked(fragment, bint as_html, str opening not None, str closing not None):
    """`_marked` of a fragment whose text is shown as it is and has its marks in order; None for another one."""
    text = fragment.text
    cdef Text read = opened(text)
    if not is_shown_as_it_is(&read, as_html):
        return None
    cdef list parts = []
    cdef Py_ssize_t origin = fragment.start, place = 0, start, end
    for mark_start, mark_end in fragment.marks:
        start, end = mark_start - origin, mark_end - origin
        if not place <= start <= end <= read.size:
            return None
        parts.append(text[place:start])
        parts.append(opening)
        parts.append(text[start:end])
        parts.append(closing)
        place = end
    parts.append(text[place:])
    return "".join(parts)


cdef bint is_shown_as_it_is(const Text *text, bint as_html) noexcept:
    cdef Py_ssize_t place
    cdef Py_UCS4 char, before = 0
    for place in range(text.size):
        char = at(text, place)
        if 0x410 <= char <= 0x44F or u'a' <= char <= u'z':  # most letters
            pass
        elif char == u' ':
            if before == u' ':
                return False
        elif not Py_UNICODE_ISPRINTABLE(char):
            return False
        elif as_html and (char == u'&' or char == u'<' or char == u'>' or char == u'"' or char == u"'"):
            return False
        before = char
    return True
