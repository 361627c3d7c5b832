# cython: language_level=3, wraparound=False
"""The loop of writing fragments as a line, compiled: the twin of `wco_search.fragments.Snippet._shown`."""

from libc.stdlib cimport free, malloc

from wco_search.compiled._text cimport Py_UNICODE_ISSPACE, PyUnicode_FromKindAndData, Text, at, opened

ctypedef unsigned short Py_UCS2

cdef enum:
    LONGEST = 6  # characters that one is shown as: &quot; or &#x27;


cdef struct Line:
    Py_UCS2 *chars
    Py_ssize_t size


def shown(fragments, bint as_html, opening, closing):
    """`Snippet._shown`; None where a mark is not where it should be, or a character does not fit into two bytes."""
    cdef Text before_mark = opened(opening), behind_mark = opened(closing), text
    cdef Py_ssize_t room = 16, origin, place, start, end
    cdef bint is_wide = before_mark.kind == 4 or behind_mark.kind == 4
    cdef Line line
    for fragment in fragments:
        text = opened(fragment.text)
        is_wide = is_wide or text.kind == 4
        room += 16 + LONGEST * text.size
        room += <Py_ssize_t>len(fragment.marks) * (before_mark.size + behind_mark.size)
    if is_wide:
        return None
    line.chars = <Py_UCS2 *>malloc(room * sizeof(Py_UCS2))
    line.size = 0
    if line.chars == NULL:
        raise MemoryError
    try:
        before = None
        for fragment in fragments:
            if before is not None and before.field == fragment.field:
                put_ascii(&line, b" . ", True)
            else:
                between(&line, before, fragment)
            source = fragment.text
            text = opened(source)
            origin = fragment.start
            place = 0
            for mark_start, mark_end in fragment.marks:
                start, end = mark_start - origin, mark_end - origin
                if not place <= start <= end <= text.size:
                    return None
                put(&line, &text, place, start, as_html)
                put_all(&line, &before_mark)
                put(&line, &text, start, end, as_html)
                put_all(&line, &behind_mark)
                place = end
            put(&line, &text, place, text.size, as_html)
            before = fragment
        between(&line, before, None)
        return PyUnicode_FromKindAndData(2, line.chars, line.size)
    finally:
        free(line.chars)


cdef inline void put_ascii(Line *line, const char *text, bint has_ellipsis) noexcept nogil:
    """Adds plain *text*; a full stop in it is an ellipsis, where it has one."""
    while text[0]:
        line.chars[line.size] = 0x2026 if has_ellipsis and text[0] == c'.' else <Py_UCS2>text[0]
        line.size += 1
        text += 1


cdef inline void put_all(Line *line, const Text *text) noexcept nogil:
    cdef Py_ssize_t place
    for place in range(text.size):
        line.chars[line.size] = <Py_UCS2>at(text, place)
        line.size += 1


cdef int between(Line *line, before, after) except -1:
    """Adds what `_between` gives."""
    if before is not None and before.cut_after:
        put_ascii(line, b" .", True)
    if before is not None and after is not None:
        line.chars[line.size] = u' '
        line.chars[line.size + 1] = 0x2014
        line.chars[line.size + 2] = u' '
        line.size += 3
    if after is not None and after.cut_before:
        put_ascii(line, b". ", True)
    return 0


cdef void put(Line *line, const Text *text, Py_ssize_t place, Py_ssize_t end, bint as_html) noexcept nogil:
    """Adds a part of *text* as `safe_text` or `_as_html` shows it."""
    cdef Py_UCS4 char
    cdef bint was_space = False
    while place < end:
        char = at(text, place)
        place += 1
        if 0x410 <= char <= 0x44F or u'a' <= char <= u'z':  # most letters
            pass
        elif char == u' ' or Py_UNICODE_ISSPACE(char):
            if was_space:
                continue
            was_space = True
            line.chars[line.size] = u' '
            line.size += 1
            continue
        elif (
            char < 0x20 or 0x7F <= char <= 0x9F or 0x202A <= char <= 0x202E or 0x2066 <= char <= 0x2069
        ):
            char = 0xFFFD
        elif as_html:
            was_space = False
            if char == u'&':
                put_ascii(line, b"&amp;", False)
                continue
            if char == u'<':
                put_ascii(line, b"&lt;", False)
                continue
            if char == u'>':
                put_ascii(line, b"&gt;", False)
                continue
            if char == u'"':
                put_ascii(line, b"&quot;", False)
                continue
            if char == u"'":
                put_ascii(line, b"&#x27;", False)
                continue
        was_space = False
        line.chars[line.size] = <Py_UCS2>char
        line.size += 1
