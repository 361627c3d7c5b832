# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Names by how they sound."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int16_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc

from wco_search.engine._compiled.arrays cimport Numbers, exactly, read_numbers, pointer_of, at

cdef enum:
    _LETTERS = 25  # numbers of letters of keys, 0 included
    _MOST_LETTERS = 16  # of a key
    _LONGEST_SKELETON = 12
    _VOWELS = 5  # the first letters


cdef class Names:
    """A table of names by sound; the twin of `wco_search.languages.names.NameTable`, whose arrays it reads.

    *sounds* are the same module's constants: family, loss and substitution by letter, the most by which lengths differ,
    the least similarity, what another first letter costs.
    """

    cdef Numbers owners, firsts, shorter, buckets
    cdef const uint8_t* letters
    cdef const uint8_t* lengths
    cdef const uint64_t* skeletons
    cdef const uint8_t* families
    cdef const int16_t* losses
    cdef const int16_t* swaps
    cdef const double* missing
    cdef double least, first_letter
    cdef Py_ssize_t keys, size
    cdef int64_t* starts
    cdef object kept

    def __cinit__(self, letters, lengths, owners, skeletons, firsts, shorter, buckets, sounds):
        cdef Py_ssize_t width, total, place
        self.starts = NULL
        families, losses, swaps, missing, self.least, self.first_letter = sounds
        self.kept = (letters, lengths, owners, skeletons, firsts, shorter, buckets, sounds)
        self.letters = <const uint8_t*> pointer_of(letters, "B", &total, &width)
        self.lengths = <const uint8_t*> pointer_of(lengths, "B", &self.keys, &width)
        read_numbers(owners, &self.owners)
        self.skeletons = <const uint64_t*> pointer_of(skeletons, "LQ", &self.size, &width)
        read_numbers(firsts, &self.firsts)
        read_numbers(shorter, &self.shorter)
        read_numbers(buckets, &self.buckets)
        self.families = <const uint8_t*> exactly(families, "B", _LETTERS)
        self.losses = <const int16_t*> exactly(losses, "h", _LETTERS)
        self.swaps = <const int16_t*> exactly(swaps, "h", _LETTERS * _LETTERS)
        self.missing = <const double*> exactly(missing, "d", _MOST_LETTERS + 1)
        if self.owners.size != self.keys or self.firsts.size != self.size + 1 or self.buckets.size < 2:
            raise IndexError("a table of names whose arrays do not fit each other")
        self.starts = <int64_t*> malloc((self.keys + 1) * sizeof(int64_t))
        if self.starts == NULL:
            raise MemoryError
        self.starts[0] = 0
        for place in range(self.keys):
            self.starts[place + 1] = self.starts[place] + self.lengths[place]
            if not 0 < self.lengths[place] <= _MOST_LETTERS:
                raise IndexError(f"a key of {self.lengths[place]} letters")
        if self.starts[self.keys] != total:
            raise IndexError(f"keys of {self.starts[self.keys]} letters, of which there are {total}")
        for place in range(total):
            if self.letters[place] >= _LETTERS:
                raise IndexError(f"letter {self.letters[place]} of a key")

    def __dealloc__(self):
        free(self.starts)

    def similar(self, bytes key, uint64_t alphabet, dict found):
        """Put into *found* the owners of the keys that sound like *key*, of letter numbers, with their similarity."""
        cdef const uint8_t* query = <const uint8_t*> PyBytes_AS_STRING(key)
        cdef Py_ssize_t length = PyBytes_GET_SIZE(key), count = 0, place, entry, last
        cdef uint64_t[_LONGEST_SKELETON + 1] codes
        cdef uint64_t skeleton = 0, hashed, number
        if not 0 < length <= _MOST_LETTERS:
            raise ValueError(f"a key of {length} letters")
        for place in range(length):
            if not 0 < query[place] < _LETTERS:
                raise ValueError(f"letter {query[place]} of a key")
            if query[place] > _VOWELS and count < _LONGEST_SKELETON:
                skeleton = skeleton << 5 | query[place]
                count += 1
        alphabet <<= 5 * _LONGEST_SKELETON
        codes[0] = skeleton | alphabet
        place = self.place_of(codes[0])
        if place >= 0:
            self.compare(query, length, place, False, found)
        if count <= 2:
            return
        for place in range(count):
            codes[place + 1] = alphabet | _left(skeleton, 5 * place)
        for place in range(count + 1):
            if place:
                entry = self.place_of(codes[place])
                if entry >= 0 and _letters_of(codes[place]) >= 1 << 10:
                    self.compare(query, length, entry, True, found)
            hashed = ((codes[place] ^ codes[place] >> 48) * <uint64_t> 0x9E3779B97F4A7C15) >> 24
            number = (hashed >> 8) & <uint64_t> (self.buckets.size - 2)
            entry = <Py_ssize_t> at(&self.buckets, number)
            last = <Py_ssize_t> at(&self.buckets, number + 1)
            if entry > last or last > self.shorter.size:
                raise IndexError("a bucket of names beyond their table")
            for entry in range(entry, last):
                number = at(&self.shorter, entry)
                if (number & 0xFF) != (hashed & 0xFF):
                    continue
                number >>= 8
                if number >= <uint64_t> self.size:
                    raise IndexError(f"skeleton {number} of {self.size}")
                if self.skeletons[number] != codes[0] and _shares(self.skeletons[number], codes, count + 1):
                    self.compare(query, length, <Py_ssize_t> number, True, found)

    cdef Py_ssize_t place_of(self, uint64_t code) noexcept:
        """The number of a skeleton; -1 where there is none."""
        cdef Py_ssize_t low = 0, high = self.size, middle
        while low < high:
            middle = (low + high) >> 1
            if self.skeletons[middle] < code:
                low = middle + 1
            else:
                high = middle
        return low if low < self.size and self.skeletons[low] == code else -1

    cdef int compare(self, const uint8_t* query, Py_ssize_t length, Py_ssize_t skeleton, bint of_family, dict found) except -1:
        """Compare a key with those of a skeleton; of its own family only, where that is asked."""
        cdef Py_ssize_t key = <Py_ssize_t> at(&self.firsts, skeleton), end = <Py_ssize_t> at(&self.firsts, skeleton + 1)
        cdef Py_ssize_t size, longer
        cdef const uint8_t* other
        cdef double similarity
        cdef int most
        if key > end or end > self.keys:
            raise IndexError("keys of a skeleton beyond the table of names")
        for key in range(key, end):
            other = self.letters + self.starts[key]
            size = self.lengths[key]
            longer = size if size > length else length
            if <double> (size - length if size > length else length - size) > self.missing[longer]:
                continue
            if of_family and self.families[other[0]] != self.families[query[0]]:
                continue
            most = <int> (100 * longer * (1.0 - self.least)) + 1  # from here on it is not similar, rounded or not
            similarity = 1.0 - <double> self.distance(query, length, other, size, most) / <double> (100 * longer)
            similarity -= 0.0 if other[0] == query[0] else self.first_letter
            if similarity >= self.least:
                owner = at(&self.owners, key)
                if similarity > found.get(owner, 0.0):
                    found[owner] = similarity
        return 0

    cdef int distance(
        self, const uint8_t* query, Py_ssize_t length, const uint8_t* other, Py_ssize_t size, int most
    ) noexcept nogil:
        """The weighted edit distance (Wagner and Fischer, 1974); of words further apart than *most*, more than that."""
        cdef int[_MOST_LETTERS + 1] row
        cdef int corner, above, best, loss, nearest
        cdef Py_ssize_t i, j
        row[0] = 0
        for j in range(size):
            row[j + 1] = row[j] + self.losses[other[j]]
        for i in range(length):
            corner = row[0]
            loss = self.losses[query[i]]
            row[0] += loss
            nearest = row[0]
            for j in range(size):
                above = row[j + 1]
                best = min(corner + self.swaps[_LETTERS * query[i] + other[j]], above + loss)
                row[j + 1] = min(best, row[j] + self.losses[other[j]])
                corner = above
                nearest = min(nearest, row[j + 1])
            if nearest > most:  # no way leads from a row to a smaller number
                return nearest
        return row[size]


cdef inline uint64_t _letters_of(uint64_t code) noexcept nogil:
    """A skeleton without what tells the alphabet."""
    return code & ((<uint64_t> 1 << 5 * _LONGEST_SKELETON) - 1)


cdef inline uint64_t _left(uint64_t skeleton, int shift) noexcept nogil:
    """A skeleton without the consonant behind which are so many bits."""
    return skeleton >> (shift + 5) << shift | skeleton & ((<uint64_t> 1 << shift) - 1)


cdef bint _shares(uint64_t code, const uint64_t* codes, Py_ssize_t count) noexcept nogil:
    """Whether a skeleton, or what is left of it without a consonant, is one of *codes*."""
    cdef uint64_t skeleton = _letters_of(code), left = code
    cdef int shift = 0
    cdef Py_ssize_t place
    while True:
        for place in range(count):
            if left == codes[place]:
                return True
        if not skeleton >> shift:
            return False
        left = code - skeleton | _left(skeleton, shift)
        shift += 5
