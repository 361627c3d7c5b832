# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Which forms terms have, and where some of these stand."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from numpy import empty, int64, uint32, zeros

from wco_search.engine._compiled.arrays cimport Numbers, at, pointer_of, read_numbers, writable


def forms_by_term(offsets, form_terms, Py_ssize_t terms):
    """The terms of forms turned over: where each term's forms start, and the forms.

    Raises:
        IndexError: An array does not fit the others.
    """
    cdef Numbers spans, numbers
    cdef Py_ssize_t form, entry
    cdef uint64_t term, end
    cdef int broken = 0
    read_numbers(offsets, &spans)
    read_numbers(form_terms, &numbers)
    starts, forms = zeros(terms + 2, int64), empty(numbers.size, uint32)
    cdef int64_t* into = <int64_t*> writable(starts)
    cdef uint32_t* into_forms = <uint32_t*> writable(forms)
    with nogil:
        for entry in range(numbers.size):
            term = at(&numbers, entry)
            if term >= <uint64_t> terms:
                broken = 1
                break
            into[term + 2] += 1
        if not broken:
            for entry in range(terms):
                into[entry + 2] += into[entry + 1]
            entry = 0
            for form in range(spans.size - 1):
                end = at(&spans, form + 1)
                if end > <uint64_t> numbers.size:
                    broken = 1
                    break
                while entry < <Py_ssize_t> end:
                    term = at(&numbers, entry)
                    into_forms[into[term + 1]] = <uint32_t> form
                    into[term + 1] += 1
                    entry += 1
            broken |= entry != numbers.size
    if broken:
        raise IndexError("the terms of forms do not fit the forms")
    return starts[: terms + 1], forms


def by_first_term(offsets, form_terms, term_starts, forms):
    """Some forms by the first of their terms: the terms all of whose forms these are, and the others with theirs.

    *term_starts* are those of `forms_by_term`.

    Raises:
        IndexError: A form is not there, or its terms are not.
    """
    cdef Numbers spans, numbers, starts
    cdef Py_ssize_t form, term
    cdef uint64_t entry
    cdef dict found = {}
    cdef list own, whole = []
    read_numbers(offsets, &spans)
    read_numbers(form_terms, &numbers)
    read_numbers(term_starts, &starts)
    for number in forms:
        form = number
        if not 0 <= form < spans.size - 1:
            raise IndexError(f"there is no form {form}")
        entry = at(&spans, form)
        if entry >= <uint64_t> numbers.size or at(&numbers, entry) + 1 >= <uint64_t> starts.size:
            raise IndexError(f"the terms of form {form} are not there")
        key = at(&numbers, entry)
        own = <list> found.get(key)
        if own is None:
            found[key] = [number]
        else:
            own.append(number)
    for key, own in found.items():
        term = key
        if len(own) == at(&starts, term + 1) - at(&starts, term):
            whole.append(key)
    for key in whole:
        del found[key]
    return whole, found


cdef inline uint32_t _ordinal(const uint8_t* bits, int width, Py_ssize_t i) noexcept nogil:
    """The ordinal at one place, of so many bits."""
    if width == 0:
        return 0
    if width < 8:
        return (bits[i * width >> 3] >> (i * width & 7)) & ((1 << width) - 1)
    if width == 8:
        return bits[i]
    if width == 16:
        return bits[2 * i] | <uint32_t> bits[2 * i + 1] << 8
    return (
        bits[4 * i] | <uint32_t> bits[4 * i + 1] << 8 | <uint32_t> bits[4 * i + 2] << 16
        | <uint32_t> bits[4 * i + 3] << 24
    )


cdef struct Ordinals:  # packed, and whether each form of their term is wanted
    const uint8_t* bits
    const uint8_t* wanted
    Py_ssize_t forms


cdef int _read(packed, int width, wanted, Py_ssize_t count, Ordinals* into) except -1:
    """The ordinals at so many places."""
    cdef Py_ssize_t size, item_width
    into.bits = <const uint8_t*> pointer_of(packed, "B", &size, &item_width)
    into.wanted = <const uint8_t*> pointer_of(wanted, "?", &into.forms, &item_width)
    if width not in (0, 1, 2, 4, 8, 16, 32) or 8 * size < count * width:
        raise IndexError(f"{size} bytes for {count} ordinals of {width} bits")
    return 0


def split(positions, packed, int width, wanted):
    """The positions of a term where a form stands that is *wanted*, told by its ordinal, and all others.

    *packed* are the ordinals at the positions, of so many bits each; see `wco_search.engine.packing`.

    Raises:
        IndexError: There are too few ordinals, or one of a form that the term does not have.
    """
    cdef Numbers places
    cdef Ordinals ordinals
    cdef Py_ssize_t i, kept = 0, dropped = 0
    cdef uint32_t ordinal
    cdef uint32_t place
    cdef int broken = 0
    read_numbers(positions, &places)
    _read(packed, width, wanted, places.size, &ordinals)
    one, other = empty(places.size, uint32), empty(places.size, uint32)
    cdef uint32_t* into = <uint32_t*> writable(one)
    cdef uint32_t* into_other = <uint32_t*> writable(other)
    with nogil:
        for i in range(places.size):
            ordinal = _ordinal(ordinals.bits, width, i)
            if ordinal >= <uint64_t> ordinals.forms:
                broken = 1
                break
            place = <uint32_t> at(&places, i)
            into[kept] = place
            into_other[dropped] = place
            kept += ordinals.wanted[ordinal]
            dropped += 1 - ordinals.wanted[ordinal]
    if broken:
        raise IndexError("a form that its term does not have")
    return one[:kept], other[:dropped]


def chosen(positions, packed, int width, wanted):
    """The first of what `split` gives: of few forms of a frequent term in a tenth of the time.

    Where a byte holds several ordinals, it is looked up whether any of them is wanted, and most bytes have none.

    Raises:
        IndexError: As `split`.
    """
    cdef Numbers places
    cdef Ordinals ordinals
    cdef Py_ssize_t i, kept = 0, a_byte, byte, first
    cdef uint32_t ordinal
    cdef uint8_t has[256]
    cdef int broken = 0
    read_numbers(positions, &places)
    _read(packed, width, wanted, places.size, &ordinals)
    found = empty(places.size, uint32)
    cdef uint32_t* into = <uint32_t*> writable(found)
    a_byte = 8 // width if 0 < width < 8 else 1
    with nogil:
        for byte in range(256):
            has[byte] = a_byte == 1
            for i in range(a_byte if a_byte > 1 else 0):
                ordinal = (byte >> (i * width)) & ((1 << width) - 1)
                if ordinal >= <uint64_t> ordinals.forms or ordinals.wanted[ordinal]:
                    has[byte] = 1
        for byte in range((places.size + a_byte - 1) // a_byte):
            if a_byte > 1 and not has[ordinals.bits[byte]]:
                continue
            first = byte * a_byte
            for i in range(first, min(first + a_byte, places.size)):
                ordinal = _ordinal(ordinals.bits, width, i)
                if ordinal >= <uint64_t> ordinals.forms:
                    broken = 1
                    break
                into[kept] = <uint32_t> at(&places, i)
                kept += ordinals.wanted[ordinal]
            if broken:
                break
    if broken:
        raise IndexError("a form that its term does not have")
    return found[:kept]
