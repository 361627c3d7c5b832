# cython: language_level=3, wraparound=False
"""The loops of cutting texts, compiled: the chunks that may have the words of a query, and the forms that chunks are cut
into. What each does is told where its Python twin stands (`wco_search.analysis.seeker`, `wco_search.snippets`); the
results are the same to the character.
"""

from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memset

from wco_search.compiled._text cimport (
    Py_UNICODE_ISDIGIT,
    Py_UNICODE_ISLOWER,
    Py_UNICODE_ISUPPER,
    PyUnicode_FromKindAndData,
    PyUnicode_IS_ASCII,
    PyUnicode_Substring,
    Text,
    at,
    opened,
    uchar,
)

cdef enum:
    FEW = 16  # tokens that there is room for at first: more than most texts have


cdef class Tokens:
    """Plain numbers of tokens, in the order in which they are added."""

    def __cinit__(self):
        self.all = <Token *>malloc(FEW * sizeof(Token))
        if self.all == NULL:
            raise MemoryError
        self.room = FEW

    def __dealloc__(self):
        free(self.all)

    cdef int add(
        self, Py_ssize_t start, Py_ssize_t end, Py_ssize_t chunk, Py_ssize_t position, Py_ssize_t number
    ) except -1:
        cdef Token *more
        cdef Token *one
        if self.size == self.room:
            more = <Token *>realloc(self.all, 2 * self.room * sizeof(Token))
            if more == NULL:
                raise MemoryError
            self.all = more
            self.room *= 2
        one = &self.all[self.size]
        one.start, one.end, one.chunk, one.position, one.number = start, end, chunk, position, number
        self.size += 1
        return 0

    cdef void sort(self) noexcept:
        """Sorts by start, end and number; only those of one chunk, or of one phrase, are out of order."""
        cdef Py_ssize_t place, hole
        cdef Token one
        for place in range(1, self.size):
            one = self.all[place]
            hole = place
            while hole and is_before(&one, &self.all[hole - 1]):
                self.all[hole] = self.all[hole - 1]
                hole -= 1
            self.all[hole] = one


cdef inline bint is_before(const Token *one, const Token *other) noexcept nogil:
    if one.start != other.start:
        return one.start < other.start
    if one.end != other.end:
        return one.end < other.end
    return one.number < other.number


# --- Which chunks may have a word -------------------------------------------------------------------------------------

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


def needles(forms, Py_ssize_t grouped_by, Py_ssize_t longest_abbreviation, str coding not None):
    """`seeker._needles`."""
    cdef dict shared = {}
    cdef Text text
    cdef Py_ssize_t size
    cdef bint is_alpha
    cdef unsigned short pair[3]
    for form in forms:
        text = opened(form)
        size = 0
        is_alpha = True
        while size < text.size and is_plain(at(&text, size)):
            is_alpha = is_alpha and at(&text, size) > c'9'
            size += 1
        if not size:
            continue
        share(shared, PyUnicode_Substring(form, 0, size), grouped_by)
        if is_alpha and size == text.size and 1 < size <= longest_abbreviation:
            pair[0], pair[1], pair[2] = at(&text, 0), JOIN, at(&text, 1)
            share(shared, PyUnicode_FromKindAndData(2, pair, 3), grouped_by)
    cdef list found = []
    cdef str last = None
    for needle in sorted(shared.values()):
        if last is None or not (<str>needle).startswith(last):
            last = needle
            found.append(last.encode(coding))
    return tuple(found)


cdef inline bint is_plain(Py_UCS4 char) noexcept nogil:
    return c'a' <= <int>char <= c'z' or 0x430 <= <int>char <= 0x44F or c'0' <= <int>char <= c'9'


cdef int share(dict shared, str head, Py_ssize_t grouped_by) except -1:
    """Shortens what the heads with these first letters share to what this one begins with as well."""
    cdef str first_letters = PyUnicode_Substring(head, 0, grouped_by)
    known = shared.get(first_letters)
    if known is None:
        shared[first_letters] = head
        return 0
    cdef Text here = opened(head), other = opened(known)
    cdef Py_ssize_t size = 0
    while size < here.size and size < other.size and at(&here, size) == at(&other, size):
        size += 1
    if size < other.size:
        shared[first_letters] = PyUnicode_Substring(known, 0, size)
    return 0


cdef struct Needle:
    const uchar *start
    Py_ssize_t size
    int follower  # the next needle that begins with the same byte, or -1


cdef inline bint is_at(const Needle *needle, const uchar *folded) noexcept nogil:
    """Whether the needle stands there; no needle has the space that is behind the text."""
    cdef Py_ssize_t place
    for place in range(1, needle.size):  # it was found by its first byte
        if needle.start[place] != folded[place]:
            return False
    return True


cdef class Needles:
    """`Seeker.chunks` for these *needles*: the same chunks, as a list."""

    cdef tuple needles
    cdef bytes folding, classes
    cdef object chunk_at
    cdef int heads[256]  # the first needle that begins with a byte, or -1
    cdef uchar first[256]  # bits of the needles that begin with a byte, which share eight bits,
    cdef uchar second[256]  # and of those that go on with one, or end before it
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
        cdef uchar bit
        cdef int other
        for number in range(count):
            needle = needles[number]
            self.sought[number].start = needle
            self.sought[number].size = len(needle)
            code = self.sought[number].start[0]
            self.sought[number].follower = self.heads[code]
            self.heads[code] = number
            bit = 1 << (number & 7)
            self.first[code] |= bit
            if self.sought[number].size > 1:
                self.second[self.sought[number].start[1]] |= bit
            else:
                for other in range(256):
                    self.second[other] |= bit

    def __dealloc__(self):
        free(self.sought)

    def chunks(self, text, bint between):
        cdef Tokens spans = self.spans(text, between)
        cdef const Token *span
        cdef Py_ssize_t place
        cdef list found = []
        for place in range(spans.size):
            span = &spans.all[place]
            found.append((span.start, PyUnicode_Substring(text, span.start, span.end)))
        return found

    cdef Tokens spans(self, text, bint between):
        """Where the chunks start and end."""
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
        cdef unsigned int here, script = 0, is_odd = 0
        for place in range(size):  # without a branch, which no processor could foretell
            here = classes[folded[place]]
            is_odd |= (script | here) & (LATIN | CYRILLIC) == LATIN | CYRILLIC
            is_odd |= folded[place] == ODD
            script = (here | (script if here & BETWEEN else 0)) & (LATIN | CYRILLIC)
        return is_odd

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
            if not is_odd:
                while place < text.size and not self.first[code] & self.second[folded[place + 1]]:
                    place += 1
                    code = folded[place]
                if place == text.size:
                    break
            else:
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
                if not is_at(needle, folded + place):
                    continue
                if not place or not classes[folded[place - 1]] & LETTER or may_begin_piece(text, place):
                    return place
                break
            place += 1
        return text.size

    cdef Tokens found(self, object source, const Text *text, const uchar *folded, bint is_odd, bint between):
        cdef Tokens chunks = Tokens()
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
            if between and chunks.size:
                self.add_chunks(chunks, source, text, folded, reached, start)
            chunks.add(start, end, start, 0, 0)
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
        self, Tokens chunks, object source, const Text *text, const uchar *folded, Py_ssize_t place, Py_ssize_t stop
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
            chunks.add(start, end, start, 0, 0)
            place = end
        return 0


# --- The forms that they are cut into ---------------------------------------------------------------------------------

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
    Py_ssize_t origin, size


cdef Py_ssize_t add_simple(
    Tokens found, dict forms, const Text *text, Py_ssize_t origin, Py_ssize_t end, Py_ssize_t base
) except -2:
    """Adds what fits in a chunk of plain letters, digits and signs, whose parts are easy to cut, and gives its width;
    -1 for another one, of which nothing is added.
    """
    cdef Chunk chunk
    cdef Py_ssize_t place = 0, stop, width = 0, letters = 0, before = found.size
    cdef bint has_stop = False
    if not read_chunk(text, origin, end, &chunk):
        return -1
    while place < chunk.size:
        if chunk.kinds[place] == SIGN:
            has_stop = has_stop or at(text, origin + place) == u'.'
            place += 1
            continue
        stop = place + 1
        while stop < chunk.size and chunk.kinds[stop] != SIGN:
            stop += 1
        add_form(found, forms, &chunk, base + width, place, stop)
        if not is_ordinary(&chunk, place, stop):
            if not is_latin(&chunk, place, stop):
                found.size = before
                return -1
            add_pieces(found, forms, &chunk, base + width, place, stop)
        letters += stop - place == 1 and chunk.kinds[place] != DIGIT
        width += 1
        place = stop
    if width > 1 and chunk.size <= LONGEST_WHOLE:
        add_whole(found, forms, &chunk, base, has_stop and letters == width)
    return width


cdef bint read_chunk(const Text *text, Py_ssize_t origin, Py_ssize_t end, Chunk *chunk) noexcept nogil:
    """Folds the characters and tells their kinds; False where one is neither letter, digit nor sign."""
    cdef Py_ssize_t place
    cdef unsigned int char
    cdef uchar kind
    if not 0 < end - origin <= LONGEST_FORM:
        return False
    chunk.origin = origin
    chunk.size = end - origin
    for place in range(chunk.size):
        char = at(text, origin + place)
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
    Tokens found, dict forms, const Chunk *chunk, Py_ssize_t position, Py_ssize_t start, Py_ssize_t end
) except -1:
    """Adds the words of the form of the span."""
    return add_words(found, forms.get(form_of(chunk, start, end)), chunk, position, start, end)


cdef int add_words(
    Tokens found, numbers, const Chunk *chunk, Py_ssize_t position, Py_ssize_t start, Py_ssize_t end
) except -1:
    if numbers is not None:
        for number in <tuple?>numbers:
            found.add(chunk.origin + start, chunk.origin + end, chunk.origin, position, number)
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
    Tokens found, dict forms, const Chunk *chunk, Py_ssize_t position, Py_ssize_t start, Py_ssize_t end
) except -1:
    cdef Py_ssize_t starts[MOST_PIECES]
    cdef Py_ssize_t ends[MOST_PIECES]
    cdef int piece
    for piece in range(find_pieces(chunk, start, end, starts, ends)):
        add_form(found, forms, chunk, position, starts[piece], ends[piece])
    return 0


cdef int find_pieces(
    const Chunk *chunk, Py_ssize_t start, Py_ssize_t end, Py_ssize_t *starts, Py_ssize_t *ends
) noexcept:
    """How many `tokenizer._pieces` a part has of Latin letters and digits that is no ordinary word, and where."""
    cdef const uchar *kinds = &chunk.kinds[0]
    cdef Py_ssize_t place, first = start
    cdef int count = 0
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
    return count


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


cdef int add_whole(Tokens found, dict forms, const Chunk *chunk, Py_ssize_t base, bint is_abbreviation) except -1:
    """Adds the words of all parts as one form."""
    return add_words(found, forms.get(whole_of(chunk, is_abbreviation)), chunk, base, 0, chunk.size)


cdef str whole_of(const Chunk *chunk, bint is_abbreviation):
    """All parts as one form; those of an abbreviation have nothing between them."""
    form = form_of(chunk, 0, chunk.size)
    return form.replace("-", "") if is_abbreviation else form


cdef str form_of(const Chunk *chunk, Py_ssize_t start, Py_ssize_t end):
    return PyUnicode_FromKindAndData(2, chunk.folded + start, end - start)


def entries_of_run(str run not None):
    """The forms of a run and their positions, no pair of them twice, and its width; None where it is not one chunk of
    plain letters, digits and signs, whose parts are easy to cut. The twin of `wco_search.engine.build.entries_of_run`.
    """
    cdef Text text = opened(run)
    cdef Chunk chunk
    cdef Py_ssize_t starts[MOST_PIECES]
    cdef Py_ssize_t ends[MOST_PIECES]
    cdef Py_ssize_t place = 0, stop, letters = 0, width = 0, signs = 0
    cdef dict entries = {}
    cdef bint has_stop = False
    cdef int piece
    if not read_chunk(&text, 0, text.size, &chunk):
        return None
    while place < chunk.size:
        if chunk.kinds[place] == SIGN:
            if signs == MOST_JOINERS or not joins(&text, &chunk, place):
                return None
            signs += 1
            has_stop = has_stop or at(&text, place) == u'.'
            place += 1
            continue
        stop = place + 1
        while stop < chunk.size and chunk.kinds[stop] != SIGN:
            stop += 1
        entries[form_of(&chunk, place, stop), width] = None
        if not is_ordinary(&chunk, place, stop):
            if not is_latin(&chunk, place, stop):
                return None
            for piece in range(find_pieces(&chunk, place, stop, starts, ends)):
                entries[form_of(&chunk, starts[piece], ends[piece]), width] = None
        letters += stop - place == 1 and chunk.kinds[place] != DIGIT
        width += 1
        place = stop
    if width > 1 and chunk.size <= LONGEST_WHOLE:
        entries[whole_of(&chunk, has_stop and letters == width), 0] = None
    return [form for form, _ in entries], [position for _, position in entries], width


cdef bint joins(const Text *text, const Chunk *chunk, Py_ssize_t place) noexcept:
    """Whether a sign joins what stands on both sides, as `tokenizer.CHUNK` has it: a comma, only digits."""
    if place == 0 or place + 1 == chunk.size or chunk.kinds[place - 1] == SIGN or chunk.kinds[place + 1] == SIGN:
        return False
    return at(text, place) != u',' or (chunk.kinds[place - 1] == DIGIT and chunk.kinds[place + 1] == DIGIT)


cdef class Finder:
    """`Highlighter._find_words`; *needles* and *forms* may be None, as they may there."""

    def __cinit__(self, Needles needles, all_chunks, known, dict forms):
        self.needles = needles  # which is of its class, as its argument is
        self.all_chunks = all_chunks
        self.known = known
        self.forms = forms

    def words(self, text, Py_ssize_t words, bint between):
        """The tokens of each of so many words."""
        cdef list found = [[] for _ in range(words)]
        cdef Tokens tokens = self.tokens(text, between)
        cdef const Token *one
        cdef Py_ssize_t place
        for place in range(tokens.size):
            one = &tokens.all[place]
            (<list>found[one.number]).append((one.start, one.end, one.chunk, one.position))
        return found

    cdef Tokens tokens(self, text, bint between):
        """The tokens of all words; with *between*, their positions are good for phrases."""
        cdef Tokens found = Tokens(), spans = self.spans(text, between)
        cdef Text read = opened(text)
        cdef Py_ssize_t place, start, end, width, base = 0
        for place in range(spans.size):
            start, end = spans.all[place].start, spans.all[place].end
            width = -1 if self.forms is None else add_simple(found, self.forms, &read, start, end, base)
            base += self.add_tested(found, PyUnicode_Substring(text, start, end), start, base) if width < 0 else width
        return found

    cdef Tokens spans(self, text, bint between):
        """`Highlighter._chunks`."""
        if self.needles is not None:
            return (<Needles>self.needles).spans(text, between)
        cdef Tokens found = Tokens()
        cdef Py_ssize_t start
        for start, chunk in self.all_chunks(text, 0, len(text)):
            found.add(start, start + <Py_ssize_t>len(chunk), start, 0, 0)
        return found

    cdef Py_ssize_t add_tested(self, Tokens found, str chunk, Py_ssize_t origin, Py_ssize_t base) except -1:
        """Adds what Python finds to fit in the chunk, and gives its width."""
        cdef tuple fits = self.known[chunk]
        cdef Py_ssize_t place
        for place in range(1, len(fits) - 3, 4):
            found.add(
                origin + <Py_ssize_t>fits[place + 2], origin + <Py_ssize_t>fits[place + 3], origin,
                base + <Py_ssize_t>fits[place + 1], fits[place],
            )
        return fits[0]


def side_by_side(list words not None, marker):
    """The occurrences of `_side_by_side` as `Highlighter._find` tells them."""
    cdef list found = [], places = [], tokens
    cdef dict here = None
    cdef Py_ssize_t step, first, last
    cdef tuple token
    for step in range(len(words)):
        here = by_start(<list?>words[step], step, here)
        if not here:
            return found
        places.append(here)
    for start in here:
        tokens = []
        for one in places:
            tokens.extend(<list>(<dict>one)[start])
        token = <tuple?>tokens[0]
        first, last = token[0], token[1]
        for token in tokens:
            first, last = min(first, <Py_ssize_t>token[0]), max(last, <Py_ssize_t>token[1])
        found.append((first, last, marker, tuple(tokens)))
    return found


cdef dict by_start(list tokens, Py_ssize_t step, dict before):
    """The tokens by the position where a phrase starts that they are at *step* of, if it is in *before*."""
    cdef dict places = {}
    cdef tuple token
    for token in tokens:
        start = <Py_ssize_t>token[3] - step
        if before is not None and start not in before:
            continue
        known = places.get(start)
        if known is None:
            places[start] = [token]
        else:
            (<list>known).append(token)
    return places
