# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What arrays of files are checked for before they are read."""

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport uint8_t, uint32_t
from libc.stdlib cimport realloc


cdef const void* pointer_of(
    object array, str kinds, Py_ssize_t* size, Py_ssize_t* width, bint writable=False
) except NULL:
    """Where *array* lies, which must be without gaps and of one of *kinds*, as its buffer names them."""
    cdef Py_buffer view
    cdef const void* found
    PyObject_GetBuffer(array, &view, PyBUF_ND | PyBUF_FORMAT | (PyBUF_WRITABLE if writable else 0))
    found = view.buf
    size[0] = view.len // view.itemsize
    width[0] = view.itemsize
    kind = (<bytes> view.format).decode()
    dimensions = view.ndim
    PyBuffer_Release(&view)
    if kind not in kinds or len(kind) != 1:
        raise TypeError(f"an array of {kind!r}, not of one of {kinds!r}")
    if dimensions != 1:
        raise ValueError(f"an array of {dimensions} dimensions")
    return found if found != NULL else <const void*> 1  # of an empty one


cdef int read_numbers(object array, Numbers* into) except -1:
    into.data = <const uint8_t*> pointer_of(array, "BHILQbhilq", &into.size, &into.width)
    return 0


cdef const void* exactly(object array, str kinds, Py_ssize_t wanted) except NULL:
    """Where an array of exactly so many items lies."""
    cdef Py_ssize_t size, width
    found = pointer_of(array, kinds, &size, &width)
    if size != wanted:
        raise IndexError(f"an array of {size} items, not {wanted}")
    return found


cdef void* writable(object array) except NULL:
    cdef Py_ssize_t size, width
    return <void*> pointer_of(array, "BHILQbhilqfd", &size, &width, True)


cdef const uint8_t* mask_in(object mask, Py_ssize_t* size) except? NULL:
    """Where a mask lies; NULL where there is none."""
    cdef Py_ssize_t width
    if mask is None:
        size[0] = 0
        return NULL
    return <const uint8_t*> pointer_of(mask, "?", size, &width)


cdef int room_for(uint32_t** into, Py_ssize_t* room, Py_ssize_t needed) noexcept nogil:
    cdef void* larger
    cdef Py_ssize_t wanted
    if needed <= room[0]:
        return 0
    wanted = needed + needed // 2 + 1024
    larger = realloc(into[0], wanted * sizeof(uint32_t))
    if larger == NULL:
        return -1
    into[0] = <uint32_t*> larger
    room[0] = wanted
    return 0
