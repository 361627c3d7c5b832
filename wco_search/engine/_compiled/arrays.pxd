"""Arrays of files, which are read through plain pointers."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t


cdef struct Numbers:  # whole numbers, none of them negative
    const uint8_t* data
    Py_ssize_t width
    Py_ssize_t size


cdef inline uint64_t at(const Numbers* numbers, Py_ssize_t place) noexcept nogil:
    if numbers.width == 4:
        return (<const uint32_t*> numbers.data)[place]
    if numbers.width == 2:
        return (<const uint16_t*> numbers.data)[place]
    if numbers.width == 1:
        return numbers.data[place]
    return (<const uint64_t*> numbers.data)[place]


cdef fused Width:
    uint16_t
    uint32_t
    uint64_t


cdef inline Py_ssize_t first_in(const Width* numbers, Py_ssize_t size, uint64_t wanted, Py_ssize_t low) noexcept nogil:
    cdef Py_ssize_t step = 1, high, middle
    if low >= size or numbers[low] >= wanted:
        return low
    while low + step < size and numbers[low + step] < wanted:
        low += step
        step *= 2
    high = min(low + step, size)
    low += 1
    while low < high:
        middle = (low + high) >> 1
        if numbers[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


cdef inline Py_ssize_t first_not_below(const Numbers* numbers, uint64_t wanted, Py_ssize_t low) noexcept nogil:
    """The place of the first number from place *low* on that is not less than *wanted*, in steps that double."""
    if numbers.width == 4:
        return first_in(<const uint32_t*> numbers.data, numbers.size, wanted, low)
    if numbers.width == 2:
        return first_in(<const uint16_t*> numbers.data, numbers.size, wanted, low)
    if numbers.width == 8:
        return first_in(<const uint64_t*> numbers.data, numbers.size, wanted, low)
    while low < numbers.size and numbers.data[low] < wanted:  # of at most 256 numbers
        low += 1
    return low


cdef inline Py_ssize_t bisected(const Numbers* numbers, uint64_t wanted) noexcept nogil:
    cdef Py_ssize_t low = 0, high = numbers.size, middle
    while low < high:
        middle = (low + high) >> 1
        if at(numbers, middle) < wanted:
            low = middle + 1
        else:
            high = middle
    return low


cdef const void* pointer_of(
    object array, str kinds, Py_ssize_t* size, Py_ssize_t* width, bint writable=*
) except NULL
cdef int read_numbers(object array, Numbers* into) except -1
cdef const void* exactly(object array, str kinds, Py_ssize_t wanted) except NULL
cdef void* writable(object array) except NULL
cdef const uint8_t* mask_in(object mask, Py_ssize_t* size) except? NULL
cdef int room_for(uint32_t** into, Py_ssize_t* room, Py_ssize_t needed) noexcept nogil
