# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""What a segment keeps of its words, where they stand, and what follows from that: impacts in documents, signatures of
documents, merged lists."""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from numpy import empty, float32, int32, int64, uint8, uint32, zeros

from wco_search.engine._compiled.arrays cimport Numbers, exactly, pointer_of, read_numbers, writable, at


def entries(runs, counts, first_of_run, widths, forms, shifts, Py_ssize_t gap):
    """Where each text starts (and where one more would), and of each of its entries the form and the position.

    *runs* are those of all texts, of which each has *counts*. A run is as wide as *widths* says, and its entries are
    *forms*, *shifts* from where it begins, from *first_of_run* on. Texts are *gap* apart. The twin of
    `wco_search.engine.build.lay_out`.

    Raises:
        IndexError: An array does not fit the others.
    """
    cdef Numbers numbers, sizes, firsts, wide
    cdef Py_ssize_t text, run, entry, place = 0, found = 0, total = 0, known
    cdef int64_t position = 0
    cdef uint64_t number
    cdef int64_t* into_starts
    cdef uint32_t* into_forms
    cdef uint32_t* into_positions
    cdef int failed = 0
    read_numbers(runs, &numbers)
    read_numbers(counts, &sizes)
    read_numbers(first_of_run, &firsts)
    read_numbers(widths, &wide)
    if firsts.size != wide.size + 1:
        raise IndexError(f"{firsts.size} places for the entries of {wide.size} runs")
    known = at(&firsts, wide.size)
    cdef const uint32_t* own_forms = <const uint32_t*> exactly(forms, "I", known)
    cdef const uint32_t* own_shifts = <const uint32_t*> exactly(shifts, "I", known)
    with nogil:
        for run in range(wide.size):
            failed |= at(&firsts, run) > at(&firsts, run + 1)
        for run in range(numbers.size if not failed else 0):
            number = at(&numbers, run)
            if number >= <uint64_t> wide.size:
                failed = 1
                break
            total += at(&firsts, number + 1) - at(&firsts, number)
        for text in range(sizes.size):
            place += at(&sizes, text)
    if failed or place != numbers.size:
        raise IndexError("the runs of texts do not fit the texts, or what is known of them")
    starts_made, forms_made, positions_made = empty(sizes.size + 1, int64), empty(total, uint32), empty(total, uint32)
    into_starts, into_forms = <int64_t*> writable(starts_made), <uint32_t*> writable(forms_made)
    into_positions = <uint32_t*> writable(positions_made)
    place = 0
    with nogil:
        for text in range(sizes.size):
            into_starts[text] = position
            for run in range(place, place + <Py_ssize_t> at(&sizes, text)):
                number = at(&numbers, run)
                for entry in range(at(&firsts, number), at(&firsts, number + 1)):
                    into_forms[found] = own_forms[entry]
                    into_positions[found] = <uint32_t> (position + own_shifts[entry])
                    found += 1
                position += at(&wide, number)
            place += at(&sizes, text)
            position += gap
        into_starts[sizes.size] = position
    return starts_made, forms_made, positions_made


def postings(entry_forms, entry_positions, form_term_offsets, form_terms, Py_ssize_t terms):
    """Where the postings of each term start, their positions, and the ordinals of their forms among the term's.

    Entries come nearly in the order of their positions, so that dealing them out to their terms leaves little to sort.
    The twin of `wco_search.engine.build.sorted_postings`.

    Raises:
        IndexError: An array does not fit the others.
        ValueError: A form stands twice at one place.
    """
    cdef Numbers standing, where, spans, numbers
    cdef Py_ssize_t i, j, entry, term, known, total = 0
    cdef uint64_t form
    cdef uint32_t position, ordinal
    cdef int failed = 0, is_twice = 0
    read_numbers(entry_forms, &standing)
    read_numbers(entry_positions, &where)
    read_numbers(form_term_offsets, &spans)
    read_numbers(form_terms, &numbers)
    if where.size != standing.size or spans.size == 0 or at(&spans, spans.size - 1) != <uint64_t> numbers.size:
        raise IndexError("entries do not fit their positions, or forms their terms")
    offsets_made, next_made, counts_made = zeros(terms + 1, int64), empty(terms, int64), zeros(terms, uint32)
    ordinals_made = empty(numbers.size, uint32)
    cdef int64_t* starts = <int64_t*> writable(offsets_made)
    cdef int64_t* free = <int64_t*> writable(next_made)
    cdef uint32_t* forms_so_far = <uint32_t*> writable(counts_made)
    cdef uint32_t* ordinal_of = <uint32_t*> writable(ordinals_made)
    with nogil:
        for entry in range(numbers.size):
            if at(&numbers, entry) >= <uint64_t> terms:
                failed = 1
                break
            term = at(&numbers, entry)
            ordinal_of[entry] = forms_so_far[term]
            forms_so_far[term] += 1
        for entry in range(spans.size - 1):
            failed |= at(&spans, entry) > at(&spans, entry + 1)
        for i in range(standing.size if not failed else 0):
            form = at(&standing, i)
            if form + 1 >= <uint64_t> spans.size:
                failed = 1
                break
            for entry in range(at(&spans, form), at(&spans, form + 1)):
                starts[<Py_ssize_t> at(&numbers, entry) + 1] += 1
    if failed:
        raise IndexError("forms do not fit their terms")
    with nogil:
        for term in range(terms):
            free[term] = starts[term]
            starts[term + 1] += starts[term]
        total = starts[terms]
    positions_made, standing_made = empty(total, uint32), empty(total, uint32)
    cdef uint32_t* positions = <uint32_t*> writable(positions_made)
    cdef uint32_t* ordinals = <uint32_t*> writable(standing_made)
    with nogil:
        for i in range(standing.size):
            form = at(&standing, i)
            for entry in range(at(&spans, form), at(&spans, form + 1)):
                term = at(&numbers, entry)
                positions[free[term]], ordinals[free[term]] = <uint32_t> at(&where, i), ordinal_of[entry]
                free[term] += 1
        for term in range(terms):
            for i in range(starts[term] + 1, starts[term + 1]):
                position, ordinal, j = positions[i], ordinals[i], i
                while j > starts[term] and (
                    positions[j - 1] > position or (positions[j - 1] == position and ordinals[j - 1] > ordinal)
                ):
                    positions[j], ordinals[j] = positions[j - 1], ordinals[j - 1]
                    j -= 1
                positions[j], ordinals[j] = position, ordinal
                is_twice |= j > starts[term] and positions[j - 1] == position and ordinals[j - 1] == ordinal
    if is_twice:
        raise ValueError("a form that stands twice at one place")
    return offsets_made, positions_made, standing_made


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
