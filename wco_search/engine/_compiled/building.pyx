# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What a segment keeps that follows from its words: impacts in documents, signatures of documents, merged lists."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from numpy import empty, float32, int32, int64, uint8

from wco_search.engine._compiled.arrays cimport Numbers, exactly, pointer_of, read_numbers, writable, at


def document_impacts(positions, counts, starts, started, norms, double title_weight):
    """How many documents each of some terms is in, these documents, and the impacts there.

    *starts* and *started* are those of `wco_search.engine.postings.FieldTable`, *norms* are K of every field. The twin
    of `wco_search.engine.postings.document_impacts`.

    Raises:
        IndexError: A position lies in no field, or there are not so many as *counts* say.
    """
    cdef Numbers where, sizes
    cdef Py_ssize_t i = 0, end, term, field, last, doc, last_doc, found = 0, before, fields, blocks, size, width
    cdef uint64_t position, previous = 0
    cdef double frequency, part, total
    cdef const int64_t* first
    cdef const int32_t* block
    cdef const double* ks
    cdef int64_t* doc_freqs
    cdef int32_t* docs
    cdef float* impacts
    cdef int failed = 0
    read_numbers(positions, &where)
    read_numbers(counts, &sizes)
    first = <const int64_t*> pointer_of(starts, "lq", &fields, &width)
    fields -= 1
    block = <const int32_t*> pointer_of(started, "i", &blocks, &width)
    ks = <const double*> exactly(norms, "d", max(fields, 0))
    freqs_made, docs_made, impacts_made = empty(sizes.size, int64), empty(where.size, int32), empty(where.size, float32)
    doc_freqs, docs = <int64_t*> writable(freqs_made), <int32_t*> writable(docs_made)
    impacts = <float*> writable(impacts_made)
    with nogil:
        for term in range(sizes.size):
            end = i + <Py_ssize_t> at(&sizes, term)
            if end < i or end > where.size:
                failed = 1
                break
            before, last, last_doc, frequency, total = found, -1, -1, 0, 0
            while i < end or last >= 0:
                field = -1
                if i < end:
                    position = at(&where, i)
                    i += 1
                    if last >= 0 and position == previous:
                        continue
                    previous = position
                    if <Py_ssize_t> (position >> 3) >= blocks:
                        failed = 1
                        break
                    field = block[position >> 3] - 1
                    if field + 1 <= fields and field >= -1 and first[field + 1] <= <int64_t> position:
                        field += 1
                    if field < 0 or field >= fields:
                        failed = 1
                        break
                    if field == last:
                        frequency += 1
                        continue
                if last >= 0:
                    part = frequency / (frequency + ks[last])
                    if last & 1 == 0:
                        part = title_weight * part
                    doc = last >> 1
                    if doc == last_doc:
                        total = total + part
                    else:
                        if last_doc >= 0:
                            docs[found], impacts[found] = <int32_t> last_doc, <float> total
                            found += 1
                        last_doc, total = doc, part
                last, frequency = field, 1
            if failed:
                break
            if last_doc >= 0:
                docs[found], impacts[found] = <int32_t> last_doc, <float> total
                found += 1
            doc_freqs[term] = found - before
    if failed or i != where.size:
        raise IndexError("positions do not fit their counts and fields")
    return freqs_made, docs_made[:found], impacts_made[:found]


cdef inline uint64_t mixed_hash(uint64_t first, uint64_t second) noexcept nogil:
    """The twin of `wco_search.engine.signatures._mixed`."""
    cdef uint64_t mixed = first * <uint64_t> 0x9E3779B97F4A7C15 + second
    mixed = (mixed ^ (mixed >> 33)) * <uint64_t> 0xFF51AFD7ED558CCD
    mixed = (mixed ^ (mixed >> 33)) * <uint64_t> 0xC4CEB9FE1A85EC53
    return mixed ^ (mixed >> 33)


def signatures(hashes, forms, starts, pairs):
    """The signatures of documents of so many *pairs* of words, one behind the other.

    *forms* are those at each position, *hashes* of each form, and bodies start at *starts*. The twin of
    `wco_search.engine.signatures._signatures`.

    Raises:
        IndexError: A body lies outside of the positions, or a form has no hash.
    """
    cdef Numbers at_place, of_form
    cdef Py_ssize_t documents, size, width, doc, place, one
    cdef const int64_t* begins
    cdef const int64_t* counts
    cdef uint32_t least[128]
    cdef uint64_t form, hash_before, hash_here, mixed
    cdef uint8_t residues[128]
    cdef uint8_t* into
    cdef int failed = 0
    read_numbers(forms, &at_place)
    read_numbers(hashes, &of_form)
    begins = <const int64_t*> pointer_of(starts, "lq", &documents, &width)
    counts = <const int64_t*> exactly(pairs, "lq", documents)
    made = empty(documents * 64, uint8)
    into = <uint8_t*> writable(made)
    with nogil:
        for doc in range(documents):
            if counts[doc] < 0 or begins[doc] < 0 or (counts[doc] and begins[doc] + counts[doc] >= at_place.size):
                failed = 1
                break
            memset(least, 0xFF, sizeof(least))
            for place in range(counts[doc] + 1 if counts[doc] else 0):
                form = at(&at_place, begins[doc] + place)
                if form >= <uint64_t> of_form.size:
                    failed = 1
                    break
                hash_here = at(&of_form, form)
                if place:
                    mixed = mixed_hash(hash_before, hash_here)
                    if <uint32_t> mixed < least[mixed >> 57]:
                        least[mixed >> 57] = <uint32_t> mixed
                hash_before = hash_here
            if failed:
                break
            for one in range(128):
                residues[one] = <uint8_t> (15 if least[one] == <uint32_t> 0xFFFFFFFF else least[one] % 15)
            for one in range(64):
                into[64 * doc + one] = residues[one] | (residues[64 + one] << 4)
    if failed:
        raise IndexError("bodies do not fit the positions")
    return made


def place_runs(into, values, begins, counts):
    """Copy runs of *counts* of the *values*, one after the other, to where each begins in *into*, which is of one type
    with them. The twin of `wco_search.engine.merge.place_runs`.

    Raises:
        IndexError: A run does not lie in *into*, or there are not so many values as *counts* say.
    """
    cdef Numbers firsts, sizes
    cdef Py_ssize_t i, room, found, width, own_width, place = 0
    cdef uint64_t first, size
    cdef int failed = 0
    read_numbers(begins, &firsts)
    read_numbers(counts, &sizes)
    cdef const uint8_t* source = <const uint8_t*> pointer_of(values, "BHILQbhilqfd", &found, &own_width)
    cdef uint8_t* target = <uint8_t*> pointer_of(into, "BHILQbhilqfd", &room, &width, True)
    if width != own_width:
        raise TypeError(f"values of {own_width} bytes for an array of {width}")
    if firsts.size != sizes.size:
        raise IndexError(f"{firsts.size} beginnings of {sizes.size} runs")
    with nogil:
        for i in range(sizes.size):
            first, size = at(&firsts, i), at(&sizes, i)
            if size > <uint64_t> (found - place) or (size and (first > <uint64_t> room or size > room - first)):
                failed = 1
                break
            memcpy(target + first * width, source + place * width, size * width)
            place += size
    if failed or place != found:
        raise IndexError("a run lies outside of its array")
