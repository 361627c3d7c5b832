# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What the documents of a bitmap have: counts of their values."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from numpy import empty, int64, intp

from wco_search.engine._compiled.arrays cimport Numbers, at, pointer_of, read_numbers, writable
from wco_search.engine._compiled.wide cimport count_all_bits, count_all_bits_of, lowest_bit

ctypedef fused Code:
    uint8_t
    uint16_t
    uint32_t
    uint64_t


cdef const uint64_t* _bitmap(words, Py_ssize_t* size) except NULL:
    cdef Py_ssize_t width
    found = pointer_of(words, "LQ", size, &width)
    if width != 8:
        raise TypeError("words of a bitmap have 64 bits")
    return <const uint64_t*> found


def tally(words, codes, starts, Py_ssize_t first, counts):
    """Add to *counts* how many documents of a bitmap have each code.

    The bitmap's document 0 is *first* in the table. Document `d` of that has the code `codes[d]`, or where there are
    *starts*, `codes[starts[d]:starts[d + 1]]`. The twin of `wco_search.engine.selection.tally`.

    Raises:
        IndexError: A number names nothing that there is.
    """
    cdef Py_ssize_t size, most, width
    cdef const uint64_t* bitmap = _bitmap(words, &size)
    cdef Numbers table, begins
    cdef int64_t* into = <int64_t*> pointer_of(counts, "lq", &most, &width, True)
    cdef bint is_ragged = starts is not None, fits
    read_numbers(codes, &table)
    if width != 8:
        raise TypeError("counts have 64 bits")
    if first < 0:
        raise IndexError("a document before the first")
    if is_ragged:
        read_numbers(starts, &begins)
        with nogil:
            fits = _tally_many(bitmap, size, &table, &begins, first, into, most)
    else:
        table.size = max(0, table.size - first)
        with nogil:
            if table.width == 1:
                fits = _tally_one(bitmap, size, (<const uint8_t*> table.data) + first, table.size, into, most)
            elif table.width == 2:
                fits = _tally_one(bitmap, size, (<const uint16_t*> table.data) + first, table.size, into, most)
            elif table.width == 4:
                fits = _tally_one(bitmap, size, (<const uint32_t*> table.data) + first, table.size, into, most)
            else:
                fits = _tally_one(bitmap, size, (<const uint64_t*> table.data) + first, table.size, into, most)
    if not fits:
        raise IndexError("a bitmap names a document, or a document a value, that there is not")


cdef bint _tally_one(
    const uint64_t* bitmap, Py_ssize_t size, const Code* codes, Py_ssize_t known, int64_t* into, Py_ssize_t most
) noexcept nogil:
    """Count the one code of each document; whether all are there."""
    cdef Py_ssize_t i
    cdef uint64_t bits, code
    for i in range(known // 64, size):
        if bitmap[i] and (64 * i >= known or bitmap[i] >> (known - 64 * i)):
            return False
    for i in range(size):
        bits = bitmap[i]
        while bits:
            code = codes[64 * i + lowest_bit(bits)]
            bits &= bits - 1
            if code >= <uint64_t> most:
                return False
            into[code] += 1
    return True


cdef bint _tally_many(
    const uint64_t* bitmap, Py_ssize_t size, const Numbers* codes, const Numbers* begins, Py_ssize_t first,
    int64_t* into, Py_ssize_t most,
) noexcept nogil:
    """Count the codes of documents that have any number of them; whether all are there."""
    cdef Py_ssize_t i, place, last
    cdef uint64_t bits, code
    for i in range(size):
        bits = bitmap[i]
        while bits:
            place = first + 64 * i + lowest_bit(bits)
            bits &= bits - 1
            if place >= begins.size - 1:
                return False
            last = <Py_ssize_t> at(begins, place + 1)
            place = <Py_ssize_t> at(begins, place)
            if place < 0 or last > codes.size:
                return False
            while place < last:
                code = at(codes, place)
                if code >= <uint64_t> most:
                    return False
                into[code] += 1
                place += 1
    return True


def count_in_each(words, rows):
    """How many bits of a bitmap each of some bitmaps shares, which stand in *rows* one behind the other.

    Raises:
        IndexError: They are of different sizes.
    """
    cdef Py_ssize_t size, whole, i
    cdef const uint64_t* bitmap = _bitmap(words, &size)
    cdef const uint64_t* others = _bitmap(rows, &whole)
    if not size or whole % size:
        raise IndexError(f"{whole} words of bitmaps of {size}")
    found = empty(whole // size, int64)
    cdef int64_t* into = <int64_t*> writable(found)
    with nogil:
        for i in range(whole // size):
            into[i] = count_all_bits_of(bitmap, others + i * size, size)
    return found


def count_bits_of(words):
    """How many bits of a bitmap are set."""
    cdef Py_ssize_t size
    cdef const uint64_t* bitmap = _bitmap(words, &size)
    return count_all_bits(bitmap, size)


def documents_of(words, Py_ssize_t first):
    """The documents of a bitmap, ascending; its document 0 is *first*."""
    cdef Py_ssize_t size, i, place = 0
    cdef const uint64_t* bitmap = _bitmap(words, &size)
    cdef uint64_t bits
    found = empty(count_all_bits(bitmap, size), intp)
    cdef Py_ssize_t* into = <Py_ssize_t*> writable(found)
    with nogil:
        for i in range(size):
            bits = bitmap[i]
            while bits:
                into[place] = first + 64 * i + lowest_bit(bits)
                bits &= bits - 1
                place += 1
    return found
