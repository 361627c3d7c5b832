# cython: language_level=3
"""What the loop of marking takes from that of finding: the tokens of a text that fit words, as plain numbers."""

cdef struct Token:
    Py_ssize_t start, end, chunk, position, number  # of the text; where its chunk starts; of the word, or of the marker


cdef class Tokens:
    cdef Token *all
    cdef Py_ssize_t size, room

    cdef int add(
        self, Py_ssize_t start, Py_ssize_t end, Py_ssize_t chunk, Py_ssize_t position, Py_ssize_t number
    ) except -1
    cdef void sort(self) noexcept


cdef class Finder:
    cdef object needles, all_chunks, known
    cdef dict forms

    cdef Tokens tokens(self, text, bint between)
    cdef Tokens spans(self, text, bint between)
    cdef Py_ssize_t add_tested(self, Tokens found, str chunk, Py_ssize_t origin, Py_ssize_t base) except -1
