# cython: language_level=3, wraparound=False
"""The loop that finds the runs of many texts, compiled: the twin of `wco_search.analysis.batch.find_runs`.

Texts are read through plain pointers; every place that is read lies between 0 and the text's length. The list of texts
keeps them alive, and a str never changes.
"""

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memset

cdef extern from "Python.h":
    int PyUnicode_KIND(object text)
    const void *PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    Py_UCS4 PyUnicode_READ(int kind, const void *data, Py_ssize_t place) nogil
    str PyUnicode_Substring(object text, Py_ssize_t start, Py_ssize_t end)

cdef enum:
    _POINTS = 0x110000
    _LAST_LETTER = 224
    _MOST_PROBES = 32  # of runs whose hashes were made to be alike, more go to a dictionary

cdef struct Run:
    const void *data  # of the text where it was met first
    int kind
    Py_ssize_t start
    Py_ssize_t size
    uint64_t hash


cdef class _Table:
    """Runs by their letters, each with a number in order of first appearance: a hash table with open addressing."""

    cdef Run *runs
    cdef Py_ssize_t room
    cdef Py_ssize_t count
    cdef int32_t *slots  # one more than the number of the run that has the slot, 0 where none has
    cdef uint64_t mask
    cdef dict others

    def __cinit__(self):
        self.room = 1 << 12
        self.mask = 4 * self.room - 1
        self.runs = <Run *> calloc(self.room, sizeof(Run))
        self.slots = <int32_t *> calloc(4 * self.room, sizeof(int32_t))
        self.others = {}
        if self.runs == NULL or self.slots == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.runs)
        free(self.slots)

    cdef int grow(self) except -1:
        """Have room for twice as many."""
        cdef Run *runs = <Run *> realloc(self.runs, 2 * self.room * sizeof(Run))
        cdef int32_t *slots
        cdef Py_ssize_t number
        cdef uint64_t slot, probes
        if runs == NULL:
            raise MemoryError
        self.runs = runs
        slots = <int32_t *> realloc(self.slots, 8 * self.room * sizeof(int32_t))
        if slots == NULL:
            raise MemoryError
        self.slots = slots
        self.room *= 2
        self.mask = 4 * self.room - 1
        memset(slots, 0, 4 * self.room * sizeof(int32_t))
        for number in range(self.count):
            slot = _slot_of(runs[number].hash)
            probes = 0
            while slots[(slot + probes) & self.mask] and probes < _MOST_PROBES:
                probes += 1
            if probes < _MOST_PROBES:
                slots[(slot + probes) & self.mask] = <int32_t> number + 1
            else:
                self.others[_string_of(runs + number)] = number
        return 0

    cdef Py_ssize_t number_of(self, const Run *run) except -1:
        """The number of a run; the next one where it is new."""
        cdef uint64_t slot = _slot_of(run.hash), probes = 0
        cdef int32_t known
        while probes < _MOST_PROBES:
            known = self.slots[(slot + probes) & self.mask]
            if not known:
                break
            if _are_equal(self.runs + known - 1, run):
                return known - 1
            probes += 1
        if probes == _MOST_PROBES or self.others:
            string = _string_of(run)
            other = self.others.get(string)
            if other is not None:
                return other
            if probes == _MOST_PROBES:
                self.others[string] = self.count
        if probes < _MOST_PROBES:
            self.slots[(slot + probes) & self.mask] = <int32_t> self.count + 1
        self.runs[self.count] = run[0]
        self.count += 1
        if self.count == self.room:
            self.grow()
        return self.count - 1


cdef inline uint64_t _slot_of(uint64_t hash) noexcept nogil:
    return (hash * <uint64_t> 0x9E3779B97F4A7C15) >> 24


cdef inline bint _are_equal(const Run *one, const Run *other) noexcept nogil:
    cdef Py_ssize_t i
    if one.hash != other.hash or one.size != other.size:
        return False
    if one.kind == other.kind:  # the bytes of a character
        return not memcmp(
            <const uint8_t *> one.data + one.start * one.kind, <const uint8_t *> other.data + other.start * one.kind,
            one.size * one.kind,
        )
    for i in range(one.size):
        if PyUnicode_READ(one.kind, one.data, one.start + i) != PyUnicode_READ(other.kind, other.data, other.start + i):
            return False
    return True


cdef str _string_of(const Run *run):
    cdef Py_ssize_t i
    return "".join([chr(PyUnicode_READ(run.kind, run.data, run.start + i)) for i in range(run.size)])


cdef fused Char:
    uint8_t
    uint16_t
    uint32_t


cdef inline void _find(const Char *text, Py_ssize_t size, const uint8_t *classes, Run *run) noexcept nogil:
    """The first run of *text* from where *run* starts; of no letters where there is none any more."""
    cdef Py_ssize_t place = run.start
    cdef uint64_t hash = 0xCBF29CE484222325
    cdef uint8_t code
    while place < size and not 0 < classes[text[place]] <= _LAST_LETTER:
        place += 1
    run.start = place
    while place < size:
        code = classes[text[place]]
        if not code:
            break
        if code > _LAST_LETTER:  # a sign, which must stand between two letters
            if classes[text[place - 1]] > _LAST_LETTER or place + 1 == size:
                break
            if not 0 < classes[text[place + 1]] <= _LAST_LETTER:
                break
        hash = (hash ^ text[place]) * <uint64_t> 0x100000001B3
        place += 1
    run.size, run.hash = place - run.start, hash


def runs(list texts, const uint8_t[::1] classes):
    """The distinct runs of *texts*, of each run its number and where in its text it starts, and how many each text has.

    Numbers and starts are four bytes each.

    *classes* tell of each code point what it is: 1 to 224 a letter, more a sign that may join letters, 0 neither.
    """
    cdef _Table table = _Table()
    cdef Run run
    cdef Py_ssize_t size, found = 0, room = 0, before, number
    cdef int32_t *numbers = NULL
    cdef uint32_t *starts = NULL
    cdef void *larger
    cdef list distinct = [], counts = []
    if classes.shape[0] != _POINTS:
        raise ValueError(f"classes of {classes.shape[0]} code points, not {_POINTS}")
    try:
        for text in texts:
            if not isinstance(text, str):
                raise TypeError(f"a text must be a string, not {type(text).__name__}")
            run.kind, run.data, size = PyUnicode_KIND(text), PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text)
            before, run.start = found, 0
            while True:
                if run.kind == 1:
                    _find(<const uint8_t *> run.data, size, &classes[0], &run)
                elif run.kind == 2:
                    _find(<const uint16_t *> run.data, size, &classes[0], &run)
                else:
                    _find(<const uint32_t *> run.data, size, &classes[0], &run)
                if not run.size:
                    break
                number = table.number_of(&run)
                if number == len(distinct):
                    distinct.append(PyUnicode_Substring(text, run.start, run.start + run.size))
                if found == room:
                    room = 2 * room + 4096
                    larger = realloc(numbers, room * sizeof(int32_t))
                    if larger == NULL:
                        raise MemoryError
                    numbers = <int32_t *> larger
                    larger = realloc(starts, room * sizeof(uint32_t))
                    if larger == NULL:
                        raise MemoryError
                    starts = <uint32_t *> larger
                numbers[found] = <int32_t> number
                starts[found] = <uint32_t> run.start
                found += 1
                run.start += run.size
            counts.append(found - before)
        if not found:
            return distinct, b"", b"", counts
        return (
            distinct,
            (<const char *> numbers)[:found * sizeof(int32_t)],
            (<const char *> starts)[:found * sizeof(uint32_t)],
            counts,
        )
    finally:
        free(numbers)
        free(starts)
