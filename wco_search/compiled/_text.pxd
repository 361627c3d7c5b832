# cython: language_level=3
"""A str read through plain pointers, for all loops that go through texts.

Every place that is read lies between 0 and the text's length. A str never changes, and the caller's argument keeps it
alive.
"""

cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    const void *PyUnicode_DATA(object text)
    bint PyUnicode_IS_ASCII(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    Py_UCS4 PyUnicode_READ(int kind, const void *data, Py_ssize_t place) nogil
    str PyUnicode_FromKindAndData(int kind, const void *data, Py_ssize_t size)
    str PyUnicode_Substring(object text, Py_ssize_t start, Py_ssize_t end)
    int Py_UNICODE_ISALNUM(Py_UCS4 char) nogil
    int Py_UNICODE_ISALPHA(Py_UCS4 char) nogil
    int Py_UNICODE_ISDIGIT(Py_UCS4 char) nogil
    int Py_UNICODE_ISLOWER(Py_UCS4 char) nogil
    int Py_UNICODE_ISSPACE(Py_UCS4 char) nogil
    int Py_UNICODE_ISUPPER(Py_UCS4 char) nogil

ctypedef unsigned char uchar

cdef struct Text:
    int kind
    const void *data
    Py_ssize_t size


cdef inline Text opened(object text) except *:
    cdef Text found
    if not isinstance(text, str):
        raise TypeError(f"a text must be a string, not {type(text).__name__}")
    found.kind = PyUnicode_KIND(text)
    found.data = PyUnicode_DATA(text)
    found.size = PyUnicode_GET_LENGTH(text)
    return found


cdef inline Py_UCS4 at(const Text *text, Py_ssize_t place) noexcept nogil:
    return PyUnicode_READ(text.kind, text.data, place)
