# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Sorted strings, to be sought."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
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

    def prefix_range(self, bytes prefix):
        """The half-open range of the strings that begin with *prefix*."""
        cdef const char* wanted = PyBytes_AS_STRING(prefix)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(prefix)
        return self.sought(wanted, length, False), self.sought(wanted, length, True)
