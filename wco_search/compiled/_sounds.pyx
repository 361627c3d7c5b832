# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""How a word sounds, letter by letter in C. The twin of `wco_search.languages.names.keys_to_ask`, which tells what is
done; the results are the same.
"""

from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcmp, memcpy, memmove, memset

cdef enum:
    _LONGEST = 64  # letters of a form; longer ones are left to Python
    _ROOM = 256  # a letter is four sounds at most
    _KEY = 16  # letters of a key that count
    _FIRST = 0x400  # code points of Russian letters, 256 at most
    _LAST = 0x4FF
    _SILENT = 1  # a byte that is no letter


cdef struct Rule:
    int old_size
    int new_size
    char[4] old
    char[4] new


cdef class Sounds:
    """The rules of both alphabets.

    *english* are spellings and their sounds, in the order in which they are replaced; *russian* the sounds of letters;
    *codes* the numbers of the letters of keys; *vowels* those that a u before them is a v.
    """

    cdef Rule[64] rules
    cdef int count
    cdef char[256][3] russian
    cdef uint8_t[256] codes
    cdef uint8_t[256] vowels
    cdef int shortest
    cdef int shortest_key

    def __cinit__(self, english, dict russian, dict codes, str vowels, int shortest, int shortest_key):
        cdef Rule* rule
        if len(english) > 64:
            raise ValueError("more rules than there is room for")
        memset(self.russian, 0, sizeof(self.russian))
        memset(self.codes, 0, sizeof(self.codes))
        memset(self.vowels, 0, sizeof(self.vowels))
        for old, new in english:
            rule = self.rules + self.count
            rule.old_size, rule.new_size = len(old), len(new)
            if not 0 < rule.old_size <= 4 or rule.new_size > 4:
                raise ValueError(f"a rule that is too long: {old!r}")
            first, second = old.encode("ascii"), new.encode("ascii")
            memcpy(rule.old, <const char*> first, rule.old_size)
            memcpy(rule.new, <const char*> second, rule.new_size)
            self.count += 1
        for place in range(_FIRST, _LAST + 1):
            first = russian.get(place, chr(_SILENT)).encode("ascii")
            if len(first) > 2:
                raise ValueError(f"a letter of too many sounds: {chr(place)!r}")
            memcpy(self.russian[place - _FIRST], <const char*> first, len(first))
        for letter, code in codes.items():
            self.codes[<uint8_t> ord(letter)] = code
        for letter in vowels:
            self.vowels[<uint8_t> ord(letter)] = 1
        self.shortest, self.shortest_key = shortest, shortest_key

    def keys(self, str form):
        """The alphabet to ask in, and the keys; None for a form that is left to Python."""
        cdef char[_ROOM] sounds
        cdef Py_ssize_t length = len(form), i
        cdef int size = 0, way
        cdef bint is_russian = False
        cdef Py_UCS4 char
        cdef uint32_t one
        cdef bint has_g = False
        cdef list found = []
        if length > _LONGEST:
            return None
        for char in form:
            one = <uint32_t> char
            if 0x400 <= one <= 0x52F or 0x1C80 <= one <= 0x1C88 or 0xA640 <= one <= 0xA69F:
                is_russian = True
        if length < self.shortest:
            return 0 if is_russian else 1, found
        for i in range(length):
            char = form[i]
            one = <uint32_t> char
            if is_russian and one == 0x434 and i + 1 < length and form[i + 1] == "ж":
                continue  # дж sounds like ж
            if one < 0x80:
                sounds[size] = <char> one
                size += 1
            elif is_russian and _FIRST <= one <= _LAST:
                for way in range(2):
                    if self.russian[one - _FIRST][way]:
                        sounds[size] = self.russian[one - _FIRST][way]
                        size += 1
            else:
                sounds[size] = _SILENT
                size += 1
        if is_russian:
            for i in range(size):
                has_g = has_g or sounds[i] == c"g"
        else:
            size = self.spelled(sounds, size)
        self.take(sounds, size, found)
        if has_g:
            for i in range(size):
                if sounds[i] == c"g":
                    sounds[i] = c"h"
            self.take(sounds, size, found)
        return 0 if is_russian else 1, found

    cdef int spelled(self, char* text, int size) noexcept:
        """Replace English spellings by sounds, one rule after the other; gives the new size."""
        cdef int i, place
        cdef const Rule* rule
        for i in range(self.count):
            rule = self.rules + i
            place = 0
            while place + rule.old_size <= size:
                if text[place] != rule.old[0] or memcmp(text + place, rule.old, rule.old_size):
                    place += 1
                    continue
                if rule.new_size != rule.old_size:
                    memmove(
                        text + place + rule.new_size, text + place + rule.old_size, size - place - rule.old_size
                    )
                memcpy(text + place, rule.new, rule.new_size)
                size += rule.new_size - rule.old_size
                place += rule.new_size
        return size

    cdef int take(self, const char* sounds, int size, list found) except -1:
        """Put the key of *sounds* among those that were *found*."""
        cdef char[_ROOM] kept
        cdef uint8_t[_KEY] key
        cdef int i, count = 0, place = 0
        cdef char letter, before = 0
        for i in range(size):
            if self.codes[<uint8_t> sounds[i]]:
                kept[count] = sounds[i]
                count += 1
        i = 0
        while i < count and place < _KEY:
            letter = kept[i]
            if letter == c"u" and i + 1 < count and self.vowels[<uint8_t> kept[i + 1]]:
                if i == 0 or kept[i - 1] == c"g" or kept[i - 1] == c"k":
                    letter = c"v"
            elif letter == c"t" and i + 1 < count and kept[i + 1] == c"s":
                letter = c"c"
                i += 1
            if letter != before:
                key[place] = self.codes[<uint8_t> letter]
                place += 1
            before = letter
            i += 1
        if place >= self.shortest_key:
            made = (<const char*> key)[:place]
            if made not in found:
                found.append(made)
        return 0
