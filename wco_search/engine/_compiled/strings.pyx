# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Sorted strings, to be sought, and the texts of documents."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uint8_t, uint16_t, uint64_t
from libc.string cimport memcmp, memcpy

from wco_search.engine._compiled.arrays cimport Numbers, read_numbers, pointer_of, at

cdef extern from "Python.h":
    str PyUnicode_New(Py_ssize_t size, Py_UCS4 largest)
    void* PyUnicode_DATA(object text)


cdef class Table:
    """The strings of a sorted `wco_search.engine.strings.StringTable`, to be sought."""

    cdef Numbers offsets
    cdef const char* blob
    cdef Py_ssize_t size
    cdef object kept

    def __cinit__(self, blob, offsets):
        cdef Py_ssize_t width
        self.kept = (blob, offsets)
        self.blob = <const char*> pointer_of(blob, "B", &self.size, &width)
        read_numbers(offsets, &self.offsets)

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

    cdef str string_at(self, Py_ssize_t number):
        """String *number*."""
        if not 0 <= number < self.offsets.size - 1:
            raise IndexError(f"there is no string {number}")
        cdef uint64_t start = at(&self.offsets, number), end = at(&self.offsets, number + 1)
        if not start <= end <= <uint64_t> self.size:
            raise IndexError(f"string {number} lies outside of all strings")
        return PyUnicode_DecodeUTF8(self.blob + start, <Py_ssize_t> (end - start), NULL)

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

    def find_all(self, strings):
        """The numbers of those of some strings that it has."""
        cdef Py_ssize_t length, place
        cdef const char* wanted
        found = []
        for string in strings:
            wanted = PyUnicode_AsUTF8AndSize(string, &length)
            place = self.sought(wanted, length, False)
            if place < self.offsets.size - 1 and self.compared(place, wanted, length, True) == 0:
                found.append(place)
        return found

    def prefix_range(self, bytes prefix):
        """The half-open range of the strings that begin with *prefix*."""
        cdef const char* wanted = PyBytes_AS_STRING(prefix)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(prefix)
        return self.sought(wanted, length, False), self.sought(wanted, length, True)


def strings_at(blob, offsets, numbers):
    """Strings *numbers* of a table: the twin of `wco_search.engine.strings.StringTable.at`.

    Raises:
        IndexError: There is no such string.
    """
    cdef Table table = Table(blob, offsets)
    cdef Py_ssize_t number
    return [table.string_at(number) for number in numbers]


cdef class Texts:
    """Titles and bodies: the twin of `wco_search.engine.texts.TextStore.__getitem__`, for what is not damaged.

    It takes the arrays of the store, the *head* of all frames, the decompressor's function with the lock and the class
    of errors that it has, and how many bytes a byte of a frame can become.
    """

    cdef Table frames
    cdef Numbers titles, bodies
    cdef bytes head
    cdef object kept, decompress, lock, error
    cdef uint64_t growth

    def __cinit__(
        self, blob, offsets, titles, bodies, *, bytes head not None, decompress, lock, error, uint64_t growth
    ):
        self.frames = Table(blob, offsets)
        self.kept = (titles, bodies)
        read_numbers(titles, &self.titles)
        read_numbers(bodies, &self.bodies)
        self.head, self.decompress, self.lock, self.error, self.growth = head, decompress, lock, error, growth

    def of(self, Py_ssize_t number):
        """Title and body of a document; None of one that has no text, or a damaged one, of which the twin tells."""
        cdef Py_ssize_t head = PyBytes_GET_SIZE(self.head)
        if not 0 <= number < min(self.titles.size, self.bodies.size, self.frames.offsets.size - 1):
            return None
        cdef uint64_t start = at(&self.frames.offsets, number), end = at(&self.frames.offsets, number + 1)
        cdef uint64_t title = at(&self.titles, number), body = at(&self.bodies, number)
        if not (start < end <= <uint64_t> self.frames.size and max(title, body) <= (end - start) * self.growth):
            return None
        cdef bytes content, frame = PyBytes_FromStringAndSize(NULL, head + <Py_ssize_t> (end - start))
        cdef const uint8_t* first
        memcpy(PyBytes_AS_STRING(frame), PyBytes_AS_STRING(self.head), head)
        memcpy(PyBytes_AS_STRING(frame) + head, self.frames.blob + start, end - start)
        try:
            with self.lock:
                content = self.decompress(frame, title + body)
            if <uint64_t> PyBytes_GET_SIZE(content) != title + body:
                return None
            first = <const uint8_t*> PyBytes_AS_STRING(content)
            return decoded(first, <Py_ssize_t> title), decoded(first + title, <Py_ssize_t> body)
        except (self.error, UnicodeDecodeError):
            return None


cdef inline bint is_rest(uint8_t byte) noexcept nogil:
    """Whether it goes on with a character."""
    return byte & 0xC0 == 0x80


cdef str decoded(const uint8_t* text, Py_ssize_t size):
    """As `PyUnicode_DecodeUTF8`, which takes twice as long where there are Cyrillic letters."""
    cdef Py_ssize_t place = 0, count = 0
    cdef uint8_t most = 0, here
    cdef uint16_t char
    for place in range(size):
        count += text[place] & 0xC0 != 0x80
        most = max(most, text[place])
    if not 0xC4 <= most < 0xF0:  # nothing beyond U+00FF, or something beyond U+FFFF
        return PyUnicode_DecodeUTF8(<const char*> text, size, NULL)
    cdef str found = PyUnicode_New(count, 0xFFFF)
    cdef uint16_t* into = <uint16_t*> PyUnicode_DATA(found)
    place = 0
    while place < size:
        here = text[place]
        if here < 0x80:
            char = here
            place += 1
        elif 0xC2 <= here < 0xE0 and place + 1 < size and is_rest(text[place + 1]):
            char = (here & 0x1F) << 6 | (text[place + 1] & 0x3F)
            place += 2
        elif here >= 0xE0 and place + 2 < size and is_rest(text[place + 1]) and is_rest(text[place + 2]):
            char = (here & 0xF) << 12 | (text[place + 1] & 0x3F) << 6 | (text[place + 2] & 0x3F)
            if char < 0x800 or 0xD800 <= char < 0xE000:
                break
            place += 3
        else:
            break
        into[0] = char
        into += 1
    return found if place == size else PyUnicode_DecodeUTF8(<const char*> text, size, NULL)  # which tells what is wrong


cdef class Forms:
    """Folded forms and their terms: the twin of `wco_search.engine.segment.Segment.terms_of_form`."""

    cdef Table forms
    cdef Table terms
    cdef Numbers starts
    cdef Numbers numbers
    cdef object kept

    def __cinit__(self, forms, terms, starts, numbers):
        self.forms, self.terms = Table(*forms), Table(*terms)
        self.kept = (starts, numbers)
        read_numbers(starts, &self.starts)
        read_numbers(numbers, &self.numbers)

    def terms_of(self, bytes form):
        """The terms of a form with their numbers, or None.

        Raises:
            IndexError: An array does not fit the others.
        """
        number = self.forms.find(form)
        if number is None:
            return None
        cdef Py_ssize_t place = number
        if place + 1 >= self.starts.size:
            raise IndexError(f"form {place} has no terms")
        cdef uint64_t first = at(&self.starts, place), last = at(&self.starts, place + 1), i
        if last > <uint64_t> self.numbers.size:
            raise IndexError(f"the terms of form {place} lie outside of all")
        cdef dict found = {}
        for i in range(first, last):
            place = <Py_ssize_t> at(&self.numbers, i)
            found[self.terms.string_at(place)] = place
        return found
