# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Sorted strings, to be sought."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uint64_t
from libc.string cimport memcmp

from wco_search.engine._compiled.arrays cimport Numbers, read_numbers, pointer_of, at


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
