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
    str PyUnicode_FromKindAndData(int kind, const void *data, Py_ssize_t size)
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
    MOST_JOINERS = 15  # `tokenizer.MAX_JOINERS`

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


cdef struct Needle:
    const uchar *start
    Py_ssize_t size
    int follower  # the next needle that begins with the same byte, or -1


cdef class Needles:
    """`Seeker.chunks` for these *needles*: the same chunks, as a list."""

    cdef tuple needles
    cdef bytes folding, classes
    cdef object chunk_at
    cdef int heads[256]  # the first needle that begins with a byte, or -1
    cdef Needle *sought

    def __cinit__(self, tuple needles not None, bytes folding not None, bytes classes not None, chunk_at):
        if len(folding) != TABLE or len(classes) != 256:
            raise ValueError("folding and classes must tell of all characters")
        self.needles = needles  # which keeps their bytes
        self.folding = folding
        self.classes = classes
        self.chunk_at = chunk_at
        cdef int number, code, count = len(needles)
        cdef bytes needle
        self.sought = <Needle *>malloc((count + 1) * sizeof(Needle))
        if self.sought == NULL:
            raise MemoryError
        memset(self.heads, 255, sizeof(self.heads))  # -1 in each
        for number in range(count):
            needle = needles[number]
            self.sought[number].start = needle
            self.sought[number].size = len(needle)
            code = self.sought[number].start[0]
            self.sought[number].follower = self.heads[code]
            self.heads[code] = number

    def __dealloc__(self):
        free(self.sought)

    def chunks(self, text, bint between):
        cdef Text read = opened(text)
        cdef uchar *folded = <uchar *>malloc(read.size + 1)
        if folded == NULL:
            raise MemoryError
        try:
            self.fold(&read, folded)
            is_odd = not PyUnicode_IS_ASCII(text) and self.is_odd(folded, read.size)
            return self.found(text, &read, folded, is_odd, between)
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
        folded[text.size] = SPACE

    cdef bint is_odd(self, const uchar *folded, Py_ssize_t size) noexcept:
        """Whether there is anything that must be cut to know: an odd character, or a word of two scripts."""
        cdef const uchar *classes = self.classes
        cdef Py_ssize_t place
        cdef uchar here, script = 0
        for place in range(size):
            here = classes[folded[place]]
            if here & (LATIN | CYRILLIC):
                if here & (LATIN | CYRILLIC) != script and script:
                    return True
                script = here & (LATIN | CYRILLIC)
            elif not here & BETWEEN:
                if folded[place] == ODD:
                    return True
                script = 0
        return False

    cdef Py_ssize_t next_hit(self, const Text *text, const uchar *folded, Py_ssize_t place, bint is_odd) noexcept:
        """The first place from *place* on where a form may begin, or that must be cut to know; else the text's size."""
        cdef const uchar *classes = self.classes
        cdef const int *heads = self.heads
        cdef const Needle *needle
        cdef Py_ssize_t behind
        cdef int number
        cdef uchar code, script
        while place < text.size:
            code = folded[place]
            if is_odd:
                if code == ODD:
                    return place
                script = classes[code] & (LATIN | CYRILLIC)
                if script:
                    behind = place + 1
                    while classes[folded[behind]] & BETWEEN:
                        behind += 1
                    if classes[folded[behind]] & ((LATIN | CYRILLIC) ^ script):
                        return place
            number = heads[code]
            while number >= 0:
                needle = &self.sought[number]
                number = needle.follower
                if needle.size > text.size - place or memcmp(needle.start, folded + place, needle.size):
                    continue
                if not place or not classes[folded[place - 1]] & LETTER or may_begin_piece(text, place):
                    return place
                break
            place += 1
        return text.size

    cdef list found(self, object source, const Text *text, const uchar *folded, bint is_odd, bint between):
        cdef list chunks = []
        cdef Py_ssize_t place = 0, reached = 0, start, end
        while True:
            place = self.next_hit(text, folded, place, is_odd)
            if place == text.size:
                break
            start = place
            while start > reached and folded[start - 1] != SPACE:
                start -= 1
            if not self.chunk_with(source, text, folded, place, &start, &end):
                break
            if start > place:  # the place is in no chunk; this one may have the next
                place = start
                continue
            if between and chunks:
                self.add_chunks(chunks, source, text, folded, reached, start)
            chunks.append((start, PyUnicode_Substring(source, start, end)))
            place = reached = end
        return chunks

    cdef bint chunk_with(
        self, object source, const Text *text, const uchar *folded, Py_ssize_t place, Py_ssize_t *start, Py_ssize_t *end
    ) except -1:
        """`_chunk_at`: whether there is a chunk that *place* is in, or one behind it, and where."""
        cdef Py_ssize_t here = start[0]
        if self.is_simple(folded, here):
            while here <= place:
                if not (<const uchar *>self.classes)[folded[here]] & LETTER:
                    here += 1
                    continue
                end[0] = self.end_of_chunk(text, folded, here)
                if end[0] > place:
                    start[0] = here
                    return True
                here = end[0]
        span = self.chunk_at(source, here, place)
        if span is None:
            return False
        start[0], end[0] = <tuple?>span
        return True

    cdef bint is_simple(self, const uchar *folded, Py_ssize_t place) noexcept:
        """Whether there is nothing odd up to the next white space."""
        while folded[place] != SPACE and folded[place] != ODD:  # a space is behind the text
            place += 1
        return folded[place] == SPACE

    cdef Py_ssize_t end_of_chunk(self, const Text *text, const uchar *folded, Py_ssize_t place) noexcept:
        """Where the chunk ends that begins at *place* with a letter, if nothing before the next space is odd."""
        cdef const uchar *classes = (<const uchar *>self.classes)
        cdef int joiners = 0
        while True:
            while classes[folded[place]] & LETTER:
                place += 1
            if joiners == MOST_JOINERS or folded[place] != JOIN or not classes[folded[place + 1]] & LETTER:
                return place
            if at(text, place) == u',' and not (
                c'0' <= folded[place - 1] <= c'9' and c'0' <= folded[place + 1] <= c'9'
            ):
                return place
            joiners += 1
            place += 1

    cdef int add_chunks(
        self, list chunks, object source, const Text *text, const uchar *folded, Py_ssize_t place, Py_ssize_t stop
    ) except -1:
        """Adds the chunks that begin from *place* on, which is in none, and before *stop*."""
        cdef Py_ssize_t start, end, known = place
        cdef bint is_simple = False
        while place < stop:
            if folded[place] == SPACE or folded[place] == JOIN:
                place += 1
                continue
            if place >= known:
                is_simple = self.is_simple(folded, place)
                known = place
                while folded[known] != SPACE:
                    known += 1
            start = place
            if is_simple:
                end = self.end_of_chunk(text, folded, place)
            else:
                if not self.chunk_with(source, text, folded, place, &start, &end) or start >= stop:
                    break
            chunks.append((start, PyUnicode_Substring(source, start, end)))
            place = end
        return 0


cdef enum:
    LONGEST_FORM = 255  # `tokenizer.MAX_FORM`
    LONGEST_WHOLE = 64  # `tokenizer.MAX_WHOLE`
    MOST_PIECES = 16  # `tokenizer._MAX_PIECES`

cdef enum:
    NO_KIND = 0  # of characters
    SIGN = 1
    DIGIT = 2
    LOWER = 3
    UPPER = 4
    LOWER_CYRILLIC = 5
    UPPER_CYRILLIC = 6


cdef inline uchar kind_of(Py_UCS4 char) noexcept nogil:
    if c'a' <= <int>char <= c'z':
        return LOWER
    if 0x430 <= <int>char <= 0x44F or char == 0x451:
        return LOWER_CYRILLIC
    if c'A' <= <int>char <= c'Z':
        return UPPER
    if 0x410 <= <int>char <= 0x42F or char == 0x401:
        return UPPER_CYRILLIC
    if c'0' <= <int>char <= c'9':
        return DIGIT
    if char == u'-' or char == u'.' or char == u'/' or char == u'_' or char == u'&' or char == u'@' or char == u',' or (
        char == 0x2013
    ):
        return SIGN
    return NO_KIND


cdef struct Chunk:
    unsigned short folded[LONGEST_FORM]
    uchar kinds[LONGEST_FORM]
    Py_ssize_t size


cdef tuple simple_fits(object source, dict forms):
    """The fits of a chunk of plain letters, digits and signs, whose parts are easy to cut; None of another one."""
    cdef Chunk chunk
    cdef Py_ssize_t place = 0, end, width = 0, letters = 0
    cdef bint has_stop = False
    cdef list fits = [1]
    if not read_chunk(source, &chunk):
        return None
    while place < chunk.size:
        if chunk.kinds[place] == SIGN:
            has_stop = has_stop or source[place] == u'.'
            place += 1
            continue
        end = place + 1
        while end < chunk.size and chunk.kinds[end] != SIGN:
            end += 1
        add_form(fits, forms, &chunk, width, place, end)
        if not is_ordinary(&chunk, place, end):
            if not is_latin(&chunk, place, end):
                return None
            add_pieces(fits, forms, &chunk, width, place, end)
        letters += end - place == 1 and chunk.kinds[place] != DIGIT
        width += 1
        place = end
    if width == 1 and len(fits) == 1:
        return NOTHING
    if width > 1 and chunk.size <= LONGEST_WHOLE:
        add_whole(fits, forms, &chunk, has_stop and letters == width)
    fits[0] = width
    return tuple(fits)


cdef bint read_chunk(object source, Chunk *chunk) except -1:
    """Folds the characters and tells their kinds; False where one is neither letter, digit nor sign."""
    cdef Text text = opened(source)
    cdef Py_ssize_t place
    cdef unsigned int char
    cdef uchar kind
    if not 0 < text.size <= LONGEST_FORM:
        return False
    chunk.size = text.size
    for place in range(text.size):
        char = at(&text, place)
        kind = kind_of(char)
        if kind == NO_KIND:
            return False
        if kind == SIGN:
            char = JOIN
        elif char == 0x401 or char == 0x451:  # ё
            char = 0x435
        elif kind == UPPER or kind == UPPER_CYRILLIC:
            char += 32
        chunk.kinds[place] = kind
        chunk.folded[place] = <unsigned short>char
    return True


cdef int add_form(
    list fits, dict forms, const Chunk *chunk, Py_ssize_t position, Py_ssize_t start, Py_ssize_t end
) except -1:
    """Adds the words of the form of the span."""
    numbers = forms.get(PyUnicode_FromKindAndData(2, chunk.folded + start, end - start))
    if numbers is not None:
        for number in <tuple?>numbers:
            fits += (number, position, start, end)
    return 0


cdef bint is_ordinary(const Chunk *chunk, Py_ssize_t start, Py_ssize_t end) noexcept:
    """Whether `tokenizer._ORDINARY` matches the part."""
    cdef uchar first = chunk.kinds[start], rest
    cdef Py_ssize_t place
    if end - start == 1:
        return True
    rest = chunk.kinds[start + 1]
    for place in range(start + 2, end):
        if chunk.kinds[place] != rest:
            return False
    return first == rest or (first == UPPER and rest == LOWER) or (
        first == UPPER_CYRILLIC and rest == LOWER_CYRILLIC
    )


cdef bint is_latin(const Chunk *chunk, Py_ssize_t start, Py_ssize_t end) noexcept:
    cdef Py_ssize_t place
    for place in range(start, end):
        if chunk.kinds[place] >= LOWER_CYRILLIC:
            return False
    return True


cdef int add_pieces(
    list fits, dict forms, const Chunk *chunk, Py_ssize_t position, Py_ssize_t start, Py_ssize_t end
) except -1:
    """`tokenizer._pieces` of a part of Latin letters and digits that is no ordinary word."""
    cdef Py_ssize_t starts[MOST_PIECES]
    cdef Py_ssize_t ends[MOST_PIECES]
    cdef const uchar *kinds = chunk.kinds
    cdef Py_ssize_t place, first = start
    cdef int count = 0, piece
    for place in range(start + 1, end + 1):
        if place < end and not (
            (kinds[place - 1] == DIGIT) != (kinds[place] == DIGIT)
            or (kinds[place - 1] == LOWER and kinds[place] == UPPER)
            or (kinds[place - 1] == kinds[place] == UPPER and place + 1 < end and kinds[place + 1] == LOWER)
        ):
            continue
        if is_worth_finding(chunk, first, place):
            if count == MOST_PIECES:
                return 0
            starts[count] = first
            ends[count] = place
            count += 1
        first = place
    for piece in range(count):
        add_form(fits, forms, chunk, position, starts[piece], ends[piece])
    return 0


cdef bint is_worth_finding(const Chunk *chunk, Py_ssize_t start, Py_ssize_t end) noexcept:
    """`tokenizer._worth_finding` of a run of Latin letters or of digits."""
    cdef unsigned short one = chunk.folded[start], other
    if chunk.kinds[start] == DIGIT or end - start > 2:
        return True
    if end - start < 2:
        return False
    other = chunk.folded[start + 1]
    return not (
        (one == c's' and other == c't') or (one == c'n' and other == c'd')
        or (one == c'r' and other == c'd') or (one == c't' and other == c'h')
    )


cdef int add_whole(list fits, dict forms, const Chunk *chunk, bint is_abbreviation) except -1:
    """Adds the words of all parts as one form; those of an abbreviation have nothing between them."""
    form = PyUnicode_FromKindAndData(2, chunk.folded, chunk.size)
    if is_abbreviation:
        form = form.replace("-", "")
    numbers = forms.get(form)
    if numbers is not None:
        for number in <tuple?>numbers:
            fits += (number, 0, 0, chunk.size)
    return 0


cdef tuple NOTHING = (1,)


cdef inline tuple fits_of(chunk, dict known, test, dict forms):
    cdef tuple fits = None if forms is None else simple_fits(chunk, forms)
    return <tuple?>(known.get(chunk) or test(chunk)) if fits is None else fits


def tokens(chunks, dict known not None, test, dict forms, Py_ssize_t words):
    """`Highlighter._find_words`, from its chunks on."""
    cdef list found = [[] for _ in range(words)]
    cdef Py_ssize_t base = 0, origin, word, position, start, end, place
    cdef tuple entry, fits
    for one in chunks:
        entry = <tuple?>one
        origin = entry[0]
        chunk = entry[1]
        fits = fits_of(chunk, known, test, forms)
        for place in range(1, len(fits) - 3, 4):
            word, position, start, end = fits[place], fits[place + 1], fits[place + 2], fits[place + 3]
            if not 0 <= word < words:
                raise IndexError(word)
            (<list>found[word]).append((origin + start, origin + end, origin, base + position))
        base += <Py_ssize_t>fits[0]
    return found


def occurrences(chunks, dict known not None, test, dict forms, tuple markers not None):
    """`Highlighter._find` of single words, from its chunks on; *markers* are the numbers of those of each word."""
    cdef list found = []
    cdef Py_ssize_t base = 0, origin, position, start, end, place
    cdef tuple entry, fits
    for one in chunks:
        entry = <tuple?>one
        origin = entry[0]
        chunk = entry[1]
        fits = fits_of(chunk, known, test, forms)
        for place in range(1, len(fits) - 3, 4):
            word, position, start, end = fits[place], fits[place + 1], fits[place + 2], fits[place + 3]
            alone = None
            for marker in <tuple?>markers[word]:
                if alone is None:
                    alone = ((origin + start, origin + end, origin, base + position),)
                found.append((origin + start, origin + end, marker, alone))
        base += <Py_ssize_t>fits[0]
    found.sort()
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


cdef inline bint ends_clause(Py_UCS4 char) noexcept nogil:
    return char == u',' or char == u';' or char == u':' or 0x2013 <= char <= 0x2014 or char == 0x2026


cdef class Sentences:
    """`_sentence_ends` of a text."""

    cdef object source
    cdef object is_abbreviation
    cdef object abbreviation
    cdef Text text
    cdef Py_ssize_t start, place
    cdef Py_ssize_t longest_abbreviation, longest_word

    def __cinit__(self, text, rules, Py_ssize_t start=0):
        self.source = text
        self.text = opened(text)
        self.is_abbreviation, self.abbreviation, self.longest_abbreviation, self.longest_word = rules
        self.start = self.place = start

    cdef Py_ssize_t next_end(self) except -1:
        """The next end; the end of the text when there is none."""
        cdef const Text *text = &self.text
        cdef Py_ssize_t stop, gap, end, signs, size = text.size
        cdef Py_UCS4 char, following
        cdef bint ends
        while self.place < size:
            stop = self.place
            char = at(text, stop)
            if char == u' ' or (char > 0x3F and (char < 0x2026 or char > 0x2029)):  # most characters
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
        return (<tuple?>worth(markers))[0]
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
    cdef object is_inside, cut_without_space, fragment, mark
    cdef Py_ssize_t repeats

    def __cinit__(self, tuple rules not None, is_inside, cut_without_space, fragment, mark, Py_ssize_t repeats):
        self.rules = rules
        self.is_inside = is_inside
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
        if end - start <= longest:
            spans = [(start, end)]
        elif not occurrences:
            spans = [(start, self.beginning(text, &read, start, longest))]
        else:
            spans = joined(self.best(self.windows(text, occurrences, tied, longest), weights, worth, most), longest)
        return self.marked(field, text, &read, spans, occurrences, start, end)

    cdef list windows(self, text, list occurrences, list tied, Py_ssize_t length):
        """`_windows`."""
        cdef Sentences sentences = Sentences(text, self.rules)
        cdef list found = []
        cdef Py_ssize_t start = 0, end, next_end, first, last, piece, unit = 0, place = 0
        cdef Py_ssize_t total = len(occurrences), size = sentences.text.size
        cdef const Text *read = &sentences.text
        next_end = sentences.next_end()
        while place < total:
            end = next_end
            next_end = sentences.next_end() if end < size and tied else end
            if end < size and tied and next_end - start <= length and self.is_inside(tied, end):
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
                    place = seen(found, occurrences, place, first, piece, unit)
                    unit += 1
                    first = piece
                    while first < last and Py_UNICODE_ISSPACE(at(read, first)):
                        first += 1
            elif first < last:
                place = seen(found, occurrences, place, first, last, unit)
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
                rank = 2 if tied and self.is_inside(tied, place) else 0
                rank += not (place >= middle and ends_clause(at(read, place - 1)))
                distance = abs(place - target)
                if best < 0 or rank < lowest or (rank == lowest and distance < nearest):
                    best, lowest, nearest = place, rank, distance
            place += 1
        return self.cut_without_space(text, start, limit) if best < 0 else best

    cdef list best(self, list windows, tuple weights, worth, Py_ssize_t count):
        cdef Py_ssize_t total = len(windows), place, top, chosen = 0
        if total <= 1:
            return windows
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
                if not fresh and (count_bits(covered) > 1 or chosen == self.repeats):
                    break
                left[top].is_chosen = True
                chosen += 1
                covered |= left[top].markers
            return sorted([windows[place] for place in range(total) if left[place].is_chosen])
        finally:
            free(left)

    cdef list marked(
        self, field, text, const Text *read, list spans, list occurrences, Py_ssize_t start, Py_ssize_t end
    ):
        """The fragments over *spans* with their marks."""
        cdef list tokens = [], made = [], marks
        cdef Py_ssize_t first, last, place = 0, total
        cdef Py_ssize_t token_start, token_end, origin, mark_start, mark_end, chunk
        cdef tuple token
        for occurrence in occurrences:
            tokens.extend((<tuple?>occurrence)[3])
        tokens.sort()  # those that are twice in it change no mark
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
                        and not Py_UNICODE_ISALNUM(at(read, mark_end))
                    )
                ):
                    mark_end = max(mark_end, token_end)
                    continue
                if chunk >= 0:
                    marks.append(tuple.__new__(self.mark, (mark_start, mark_end)))
                mark_start, mark_end, chunk = token_start, token_end, origin
            if chunk >= 0:
                marks.append(tuple.__new__(self.mark, (mark_start, mark_end)))
            one = object.__new__(self.fragment)
            PyObject_GenericSetAttr(one, "field", field)
            PyObject_GenericSetAttr(one, "text", text[first:last])
            PyObject_GenericSetAttr(one, "start", first)
            PyObject_GenericSetAttr(one, "end", last)
            PyObject_GenericSetAttr(one, "marks", tuple(marks))
            PyObject_GenericSetAttr(one, "cut_before", first > start)
            PyObject_GenericSetAttr(one, "cut_after", last < end)
            made.append(one)
        return made


cdef list joined(list windows, Py_ssize_t length):
    """`_joined`."""
    cdef list spans = []
    cdef Py_ssize_t start, end, unit, first = 0, last = 0, last_unit = -2
    cdef tuple window
    for window in windows:
        start, end, unit = window[0], window[1], window[2]
        if last_unit >= 0 and unit == last_unit + 1 and end - first <= length:
            last = end
        else:
            if last_unit >= 0:
                spans.append((first, last))
            first, last = start, end
        last_unit = unit
    if last_unit >= 0:
        spans.append((first, last))
    return spans


def shown(fragments, bint as_html, opening, closing):
    """`Snippet._shown`; None where a mark is not where it should be."""
    cdef Text before_mark = opened(opening), behind_mark = opened(closing), text
    cdef Py_ssize_t room = 16, origin, place, start, end
    cdef Line line
    for fragment in fragments:
        room += 16 + LONGEST * <Py_ssize_t>len(fragment.text)
        room += <Py_ssize_t>len(fragment.marks) * (before_mark.size + behind_mark.size)
    line.chars = <Py_UCS4 *>malloc(room * sizeof(Py_UCS4))
    line.size = 0
    if line.chars == NULL:
        raise MemoryError
    try:
        before = None
        for fragment in fragments:
            if before is not None and before.field == fragment.field:
                put_ascii(&line, b" . ", True)
            else:
                between(&line, before, fragment)
            source = fragment.text
            text = opened(source)
            origin = fragment.start
            place = 0
            for mark_start, mark_end in fragment.marks:
                start, end = mark_start - origin, mark_end - origin
                if not place <= start <= end <= text.size:
                    return None
                put(&line, &text, place, start, as_html)
                put_all(&line, &before_mark)
                put(&line, &text, start, end, as_html)
                put_all(&line, &behind_mark)
                place = end
            put(&line, &text, place, text.size, as_html)
            before = fragment
        between(&line, before, None)
        return PyUnicode_FromKindAndData(4, line.chars, line.size)
    finally:
        free(line.chars)


cdef enum:
    LONGEST = 6  # characters that one is shown as: &quot; or &#x27;


cdef struct Line:
    Py_UCS4 *chars
    Py_ssize_t size


cdef inline void put_ascii(Line *line, const char *text, bint has_ellipsis) noexcept nogil:
    """Adds plain *text*; a full stop in it is an ellipsis, where it has one."""
    while text[0]:
        line.chars[line.size] = 0x2026 if has_ellipsis and text[0] == c'.' else <Py_UCS4>text[0]
        line.size += 1
        text += 1


cdef inline void put_all(Line *line, const Text *text) noexcept nogil:
    cdef Py_ssize_t place
    for place in range(text.size):
        line.chars[line.size] = at(text, place)
        line.size += 1


cdef int between(Line *line, before, after) except -1:
    """Adds what `_between` gives."""
    if before is not None and before.cut_after:
        put_ascii(line, b" .", True)
    if before is not None and after is not None:
        line.chars[line.size] = u' '
        line.chars[line.size + 1] = 0x2014
        line.chars[line.size + 2] = u' '
        line.size += 3
    if after is not None and after.cut_before:
        put_ascii(line, b". ", True)
    return 0


cdef void put(Line *line, const Text *text, Py_ssize_t place, Py_ssize_t end, bint as_html) noexcept nogil:
    """Adds a part of *text* as `safe_text` or `_as_html` shows it."""
    cdef Py_UCS4 char
    cdef bint was_space = False
    while place < end:
        char = at(text, place)
        place += 1
        if 0x410 <= char <= 0x44F or u'a' <= char <= u'z':  # most letters
            pass
        elif char == u' ' or Py_UNICODE_ISSPACE(char):
            if was_space:
                continue
            was_space = True
            line.chars[line.size] = u' '
            line.size += 1
            continue
        elif (
            char < 0x20 or 0x7F <= char <= 0x9F or 0x202A <= char <= 0x202E or 0x2066 <= char <= 0x2069
        ):
            char = 0xFFFD
        elif as_html:
            was_space = False
            if char == u'&':
                put_ascii(line, b"&amp;", False)
                continue
            if char == u'<':
                put_ascii(line, b"&lt;", False)
                continue
            if char == u'>':
                put_ascii(line, b"&gt;", False)
                continue
            if char == u'"':
                put_ascii(line, b"&quot;", False)
                continue
            if char == u"'":
                put_ascii(line, b"&#x27;", False)
                continue
        was_space = False
        line.chars[line.size] = char
        line.size += 1
