# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Sorted strings, to be sought."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_DecodeUTF8
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


cdef class Vocabulary:
    """The forms of a segment with their terms."""

    cdef Table forms
    cdef Table terms
    cdef Numbers offsets
    cdef Numbers form_terms
    cdef object kept

    def __cinit__(self, Table forms, Table terms, offsets, form_terms):
        self.forms, self.terms, self.kept = forms, terms, (offsets, form_terms)
        read_numbers(offsets, &self.offsets)
        read_numbers(form_terms, &self.form_terms)
        if self.offsets.size != forms.offsets.size:
            raise IndexError(f"the terms of {self.offsets.size - 1} forms for {forms.offsets.size - 1}")

    def terms_of(self, form):
        """The terms of a form and their numbers; None where the form is not there.

        Raises:
            IndexError: It has a term that is not there.
        """
        cdef Py_ssize_t length, number
        cdef uint64_t entry, end, term, start, stop
        cdef const char* wanted = PyUnicode_AsUTF8AndSize(form, &length)
        number = self.forms.sought(wanted, length, False)
        if number >= self.forms.offsets.size - 1 or self.forms.compared(number, wanted, length, True):
            return None
        entry, end = at(&self.offsets, number), at(&self.offsets, number + 1)
        found = []
        while entry < min(end, <uint64_t> self.form_terms.size):
            term = at(&self.form_terms, entry)
            if term + 1 >= <uint64_t> self.terms.offsets.size:
                raise IndexError(f"there is no term {term}")
            start, stop = at(&self.terms.offsets, term), at(&self.terms.offsets, term + 1)
            if not start <= stop <= <uint64_t> self.terms.size:
                raise IndexError(f"term {term} lies outside of all terms")
            found.append((PyUnicode_DecodeUTF8(self.terms.blob + start, stop - start, NULL), term))
            entry += 1
        return found
