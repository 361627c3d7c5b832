# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Where the terms of a segment stand, and what impacts that makes."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

from numpy import empty, float32, int32

from wco_search.engine._compiled.arrays cimport Numbers, exactly, first_not_below, read_numbers, writable, at
from wco_search.engine._compiled.heap cimport bounds_of


cdef class Places:
    """Where the terms of a segment stand, and what makes impacts of that."""

    def __cinit__(
        self, positions, term_offsets, field_starts, norms, lengths, int64_t field_gap, double title_weight
    ):
        """*norms* are the tables of `wco_search.engine.postings.Norms`, *lengths* those that they are of."""
        self.kept = (positions, term_offsets, field_starts, norms, lengths)
        read_numbers(positions, &self.positions)
        read_numbers(term_offsets, &self.offsets)
        read_numbers(field_starts, &self.field_starts)
        if self.field_starts.size < 1:
            raise IndexError("there are no starts of fields")
        self.documents = (self.field_starts.size - 1) // 2
        self.norms = <const double*> exactly(norms, "d", 2 * CODES)
        self.lengths = <const int64_t*> exactly(lengths, "lq", CODES)
        self.field_gap = field_gap
        self.title_weight = title_weight

    cdef int span(self, where, Numbers* into) except -1:
        """The places of a term by its number, or of an array."""
        cdef Py_ssize_t term
        cdef uint64_t start, end
        if not isinstance(where, int):
            return read_numbers(where, into)
        term = where
        if not 0 <= term < self.offsets.size - 1:
            raise IndexError(f"there is no term {term}")
        start, end = at(&self.offsets, term), at(&self.offsets, term + 1)
        if not start <= end <= <uint64_t> self.positions.size:
            raise IndexError(f"the places of term {term} lie outside of the positions")
        into.data = self.positions.data + start * self.positions.width
        into.width = self.positions.width
        into.size = end - start
        return 0


def impacts_at(Places places, positions):
    """The documents of *positions* (ascending, each once), the impacts there, the largest and the tenth largest.

    The twin of `wco_search.engine.lists.Lists.impacts_at`.

    Raises:
        IndexError: A position lies behind all fields.
    """
    cdef Numbers where
    cdef Py_ssize_t i, n = -1, field = 0, run, last
    cdef uint64_t position
    cdef double part
    cdef uint32_t* docs = NULL
    cdef double* sums = NULL
    cdef int32_t* doc_numbers
    cdef float* values
    cdef int failed = 0
    read_numbers(positions, &where)
    docs = <uint32_t*> malloc((where.size + 1) * sizeof(uint32_t))
    sums = <double*> malloc((where.size + 1) * sizeof(double))
    try:
        if docs == NULL or sums == NULL:
            raise MemoryError
        with nogil:
            i = 0
            while i < where.size:
                position = at(&where, i)
                field = first_not_below(&places.field_starts, position + 1, field)
                if field < 1 or field >= places.field_starts.size:
                    failed = 1
                    break
                position = at(&places.field_starts, field)
                run = i
                i += 1
                while i < where.size and at(&where, i) < position:
                    i += 1
                last = field - 1
                if last >= 2 * places.documents:
                    failed = 1
                    break
                part = <double> (i - run)
                part = part / (part + norm_of(places, last))
                if last & 1 == 0:
                    part = places.title_weight * part
                if n >= 0 and docs[n] == <uint32_t> (last >> 1):
                    sums[n] += part
                else:
                    n += 1
                    docs[n] = <uint32_t> (last >> 1)
                    sums[n] = part
        if failed:
            raise IndexError("a word stands behind all fields")
        n += 1
        found, impacts = empty(n, int32), empty(n, float32)
        if n:
            doc_numbers = <int32_t*> writable(found)
            values = <float*> writable(impacts)
            with nogil:
                for i in range(n):
                    doc_numbers[i] = <int32_t> docs[i]
                    values[i] = <float> sums[i]
        return (found, impacts, *bounds_of(<const float*> exactly(impacts, "f", n), n))
    finally:
        free(docs)
        free(sums)
