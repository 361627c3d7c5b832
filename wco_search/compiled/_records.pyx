# cython: language_level=3, wraparound=False
"""Instances of frozen classes, compiled: the twin of `wco_search.compiled.records.filled`."""

cdef extern from "Python.h":
    int PyObject_GenericSetAttr(object owner, object name, object value) except -1
    object PyType_GenericAlloc(type kind, Py_ssize_t items)


def filled(type kind, tuple names, rows):
    """An instance of *kind* for each row of values of the attributes *names*; nothing else of it is set or checked."""
    cdef list made = []
    cdef tuple row
    cdef Py_ssize_t i, count = len(names)
    for row in rows:
        if len(row) != count:
            raise ValueError(f"{len(row)} values for {count} attributes")
        one = PyType_GenericAlloc(kind, 0)  # what object.__new__ does, without a call of Python
        for i in range(count):
            PyObject_GenericSetAttr(one, names[i], row[i])
        made.append(one)
    return made
