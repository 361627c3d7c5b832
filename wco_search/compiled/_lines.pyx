# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The lines of a packed lexicon, found and read in C. The twin of `wco_search.languages.packed.Packed`, which tells
what each does; the results are the same.

A pack may be a damaged file of the user's: every place is compared with the end of its line, and text is decoded as
Python does it, strictly.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memchr, memcmp, memcpy


cdef inline uint64_t _hash(const char* key, Py_ssize_t length) noexcept nogil:
    """Eight bytes at a time, each multiplied into what was found before, the upper half folded into the lower."""
    cdef uint64_t found = <uint64_t> length, part
    while length > 0:
        part = 0
        memcpy(&part, key, min(length, 8))
        found = (found ^ part) * 0x9E3779B97F4A7C15ULL
        found ^= found >> 32
        key += 8
        length -= 8
    return found


cdef class Lines:
    """The lines of *data* behind its first, sorted by their bytes.

    A line is found by a hash of its kind and key: bisection would read some twenty lines, none of them near another.
    """

    cdef const char* data
    cdef Py_ssize_t size
    cdef uint32_t* starts
    cdef Py_ssize_t count
    cdef uint32_t* table  # numbers of lines by hash, open addressing; 0, the number of the first, is none
    cdef uint64_t mask
    cdef bytes kept

    def __cinit__(self, bytes data):
        cdef Py_ssize_t i = 0
        cdef const char* place
        cdef const char* end
        self.kept, self.data, self.size = data, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data)
        if self.size >= 1 << 32:
            raise ValueError("a packed lexicon of more than four gigabytes")
        self.count = data.count(b"\n")
        self.starts = <uint32_t*> malloc((self.count + 2) * sizeof(uint32_t))
        self.mask = (1 << (2 * self.count + 1).bit_length()) - 1
        self.table = <uint32_t*> calloc(self.mask + 1, sizeof(uint32_t))
        if self.starts == NULL or self.table == NULL:
            raise MemoryError
        self.starts[0] = 0
        place, end = self.data, self.data + self.size
        while i < self.count:
            place = <const char*> memchr(place, c"\n", end - place) + 1
            i += 1
            self.starts[i] = <uint32_t> (place - self.data)
        self.fill()

    def __dealloc__(self):
        free(self.starts)
        free(self.table)

    cdef void fill(self) noexcept nogil:
        cdef Py_ssize_t line
        cdef uint64_t place
        cdef const char* start
        cdef const char* tab
        for line in range(1, self.count):
            start = self.data + self.starts[line]
            tab = <const char*> memchr(start, c"\t", self.starts[line + 1] - self.starts[line])
            if tab != NULL:
                place = _hash(start, tab + 1 - start) & self.mask
                while self.table[place]:
                    place = (place + 1) & self.mask
                self.table[place] = <uint32_t> line

    cdef Py_ssize_t sought(self, const char* wanted, Py_ssize_t length, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
        """The first line from number *low* to *high* that is not less than *wanted*."""
        cdef Py_ssize_t middle, own
        cdef int order
        while low < high:
            middle = (low + high) >> 1
            own = self.starts[middle + 1] - self.starts[middle]
            order = memcmp(self.data + self.starts[middle], wanted, min(own, length))
            if order < 0 or (order == 0 and own < length):
                low = middle + 1
            else:
                high = middle
        return low

    cdef bint begins(self, Py_ssize_t line, const char* wanted, Py_ssize_t length) noexcept nogil:
        return (
            line < self.count
            and <Py_ssize_t> (self.starts[line + 1] - self.starts[line]) >= length
            and memcmp(self.data + self.starts[line], wanted, length) == 0
        )

    cdef Py_ssize_t line_of(self, bytes wanted) noexcept:
        """The number of the line that begins with *wanted*, a kind and a key with the tab behind them; 0 for none."""
        cdef const char* key = PyBytes_AS_STRING(wanted)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(wanted)
        cdef uint64_t place = _hash(key, length) & self.mask
        while self.table[place] and not self.begins(self.table[place], key, length):
            place = (place + 1) & self.mask
        return self.table[place]

    def find(self, str kind, str key):
        """The payload of a line, or None."""
        wanted = f"{kind} {key}\t".encode()
        cdef Py_ssize_t line = self.line_of(wanted)
        if not line:
            return None
        return self.kept[self.starts[line] + len(wanted) : self.starts[line + 1] - 1].decode()

    def has_beginning(self, str kind, str prefix):
        """Whether the key of any line begins with *prefix*."""
        wanted = f"{kind} {prefix}".encode()
        cdef const char* key = PyBytes_AS_STRING(wanted)
        return self.begins(self.sought(key, len(wanted), 1, self.count), key, len(wanted))

    def may_hold(self, str kind, str form):
        """Whether the key of any line is a beginning of *form*."""
        wanted = f"{kind} {form}\t".encode()
        cdef const char* key = PyBytes_AS_STRING(wanted)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(wanted), place = len(kind) + 2, line = 1, own
        while place < length:  # lines that begin with the first letters, one more each time
            line = self.sought(key, place, line, self.count)
            if not self.begins(line, key, place):
                return False
            own = self.starts[line + 1] - self.starts[line]
            if own > place and self.data[self.starts[line] + place] == c"\t":
                return True
            place += 1
        return False

    def entries(self, str kind, keys):
        """Text, weight in hundredths and words of all entries of some keys."""
        cdef list found = []
        cdef Py_ssize_t line
        for key in keys:
            wanted = f"{kind} {key}\t".encode()
            line = self.line_of(wanted)
            if line:
                self.read(self.starts[line] + len(wanted), self.starts[line + 1] - 1, found)
        return found

    cdef int read(self, Py_ssize_t start, Py_ssize_t end, list found) except -1:
        """Read `text=weight=words|...`."""
        cdef Py_ssize_t stop, words, weight, i
        cdef const char* place
        cdef long hundredths
        while start < end:
            place = <const char*> memchr(self.data + start, c"|", end - start)
            stop = end if place == NULL else place - self.data
            words = stop
            while words > start and self.data[words - 1] != c"=":
                words -= 1
            weight = words - 1
            while weight > start and self.data[weight - 1] != c"=":
                weight -= 1
            if weight - 1 < start or weight == words - 1:
                raise ValueError("an entry without weight or words")
            hundredths = 0
            for i in range(weight, words - 1):
                if not c"0" <= self.data[i] <= c"9" or hundredths > 100_000_000:
                    raise ValueError("a weight that is no number")
                hundredths = 10 * hundredths + (self.data[i] - c"0")
            found.append((
                PyUnicode_DecodeUTF8(self.data + start, weight - 1 - start, NULL),
                <double> hundredths / 100.0,
                PyUnicode_DecodeUTF8(self.data + words, stop - words, NULL),
            ))
            start = stop + 1
        return 0
