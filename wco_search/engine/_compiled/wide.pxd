"""Loops over whole rows, in C."""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint64_t

cdef extern from *:
    """
    #include <stdint.h>
    #include <stddef.h>
    #include <string.h>
    /* Whole rows are worked on by the widest instructions of the machine it runs on, chosen when it is loaded. */
    #if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
    #define WIDE __attribute__((unused, target_clones("avx2", "popcnt", "default")))
    #elif defined(__GNUC__)
    #define WIDE __attribute__((unused))
    #else
    #define WIDE
    #endif

    #if defined(__GNUC__)
    #define fetch(address) __builtin_prefetch(address)
    #else
    #define fetch(address) ((void) 0)
    #endif

    static inline int count_bits(uint64_t word) {
        word -= (word >> 1) & 0x5555555555555555ULL;
        word = (word & 0x3333333333333333ULL) + ((word >> 2) & 0x3333333333333333ULL);
        word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0FULL;
        return (int)((word * 0x0101010101010101ULL) >> 56);
    }

    static inline int lowest_bit(uint64_t word) {  /* of one that is not 0 */
    #if defined(__GNUC__)
        return __builtin_ctzll(word);
    #else
        return count_bits((word & (~word + 1)) - 1);
    #endif
    }

    WIDE static int64_t count_all_bits(const uint64_t *words, ptrdiff_t size) {
        int64_t total = 0;
        for (ptrdiff_t i = 0; i < size; i++) total += __builtin_popcountll(words[i]);
        return total;
    }

    WIDE static int64_t count_all_bits_of(const uint64_t *words, const uint64_t *allowed, ptrdiff_t size) {
        int64_t total = 0;
        for (ptrdiff_t i = 0; i < size; i++) total += __builtin_popcountll(words[i] & allowed[i]);
        return total;
    }

    WIDE static void join_bits(uint64_t *into, const uint64_t *words, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) into[i] |= words[i];
    }

    WIDE static void meet_bits(uint64_t *into, const uint64_t *words, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) into[i] &= words[i];
    }

    WIDE static void join_meeting_bits(uint64_t *into, const uint64_t *one, const uint64_t *other, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) into[i] |= one[i] & other[i];
    }

    /* The bits that two rows have in common; whether there are any. */
    WIDE static int meeting_bits(uint64_t *into, const uint64_t *one, const uint64_t *other, ptrdiff_t size) {
        uint64_t any = 0;
        for (ptrdiff_t i = 0; i < size; i++) any |= into[i] = one[i] & other[i];
        return any != 0;
    }

    WIDE static void take_away_bits(uint64_t *from, const uint64_t *words, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) from[i] &= ~words[i];
    }

    WIDE static void add_bytes(uint8_t *into, const uint8_t *row, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) into[i] = (uint8_t)(into[i] + row[i]);
    }

    WIDE static void add_to_shorts(uint16_t *into, const uint8_t *row, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) into[i] = (uint16_t)(into[i] + row[i]);
    }

    WIDE static void wipe_bytes(uint8_t *levels, const uint8_t *allowed, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) levels[i] = allowed[i] ? levels[i] : 0;
    }

    WIDE static void wipe_shorts(uint16_t *levels, const uint8_t *allowed, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) levels[i] = allowed[i] ? levels[i] : 0;
    }

    WIDE static void largest_bytes(uint16_t *largest, const uint8_t *levels, ptrdiff_t blocks) {
        for (ptrdiff_t b = 0; b < blocks; b++) {
            uint8_t most = 0;
            for (int i = 0; i < 64; i++) most = levels[64 * b + i] > most ? levels[64 * b + i] : most;
            largest[b] = most;
        }
    }

    WIDE static void largest_shorts(uint16_t *largest, const uint16_t *levels, ptrdiff_t blocks) {
        for (ptrdiff_t b = 0; b < blocks; b++) {
            uint16_t most = 0;
            for (int i = 0; i < 64; i++) most = levels[64 * b + i] > most ? levels[64 * b + i] : most;
            largest[b] = most;
        }
    }

    /* The bits of a mask of so many documents: a multiplication puts eight bytes of 0 or 1 side by side. */
    WIDE static void pack_bits(uint64_t *words, const uint8_t *mask, ptrdiff_t documents) {
        ptrdiff_t word = 0;
        for (; 64 * word + 64 <= documents; word++) {
            uint64_t packed = 0;
            for (int part = 0; part < 8; part++) {
                uint64_t bytes;
                memcpy(&bytes, mask + 64 * word + 8 * part, 8);
                packed |= ((bytes & 0x0101010101010101ULL) * 0x0102040810204080ULL >> 56) << (8 * part);
            }
            words[word] = packed;
        }
        for (ptrdiff_t doc = 64 * word; doc < documents; doc++) {
            if (doc == 64 * word) words[word] = 0;
            words[word] |= (uint64_t)(mask[doc] & 1) << (doc & 63);
        }
    }

    WIDE static ptrdiff_t count_reaching(const float *impacts, ptrdiff_t size, float need) {
        ptrdiff_t count = 0;
        for (ptrdiff_t i = 0; i < size; i++) count += impacts[i] >= need;
        return count;
    }

    WIDE static int count_bytes_reaching(const uint8_t *levels, uint8_t need) {
        uint8_t count = 0;
        for (int i = 0; i < 64; i++) count += levels[i] >= need;
        return count;
    }

    /* Whether any of 32 impacts reaches so much. */
    WIDE static int any_reaches(const float *impacts, float need) {
        int any = 0;
        for (int i = 0; i < 32; i++) any |= impacts[i] >= need;
        return any;
    }

    /* How many sums are positive, and whether any reaches so much. */
    WIDE static int64_t count_sums(const double *sums, ptrdiff_t size, double need, int *any) {
        int64_t count = 0, reaching = 0;
        for (ptrdiff_t i = 0; i < size; i++) {
            count += sums[i] > 0;
            reaching |= sums[i] >= need;
        }
        *any = reaching != 0;
        return count;
    }

    WIDE static void wipe_sums(double *sums, const uint8_t *allowed, ptrdiff_t size) {
        for (ptrdiff_t i = 0; i < size; i++) sums[i] = allowed[i] ? sums[i] : 0;
    }
    """
    void fetch(const void* address) noexcept nogil
    int count_bits(uint64_t word) noexcept nogil
    int lowest_bit(uint64_t word) noexcept nogil
    int64_t count_all_bits(const uint64_t* words, Py_ssize_t size) noexcept nogil
    int64_t count_all_bits_of(const uint64_t* words, const uint64_t* allowed, Py_ssize_t size) noexcept nogil
    void join_bits(uint64_t* into, const uint64_t* words, Py_ssize_t size) noexcept nogil
    void join_meeting_bits(
        uint64_t* into, const uint64_t* one, const uint64_t* other, Py_ssize_t size
    ) noexcept nogil
    void meet_bits(uint64_t* into, const uint64_t* words, Py_ssize_t size) noexcept nogil
    bint meeting_bits(uint64_t* into, const uint64_t* one, const uint64_t* other, Py_ssize_t size) noexcept nogil
    void take_away_bits(uint64_t* into, const uint64_t* words, Py_ssize_t size) noexcept nogil
    void add_bytes(uint8_t* into, const uint8_t* row, Py_ssize_t size) noexcept nogil
    void add_to_shorts(uint16_t* into, const uint8_t* row, Py_ssize_t size) noexcept nogil
    void wipe_bytes(uint8_t* levels, const uint8_t* allowed, Py_ssize_t size) noexcept nogil
    void wipe_shorts(uint16_t* levels, const uint8_t* allowed, Py_ssize_t size) noexcept nogil
    void largest_bytes(uint16_t* largest, const uint8_t* levels, Py_ssize_t blocks) noexcept nogil
    void largest_shorts(uint16_t* largest, const uint16_t* levels, Py_ssize_t blocks) noexcept nogil
    void pack_bits(uint64_t* words, const uint8_t* mask, Py_ssize_t documents) noexcept nogil
    Py_ssize_t count_reaching(const float* impacts, Py_ssize_t size, float need) noexcept nogil
    Py_ssize_t count_bytes_reaching(const uint8_t* levels, uint8_t need) noexcept nogil
    bint any_reaches(const float* impacts, float need) noexcept nogil
    int64_t count_sums(const double* sums, Py_ssize_t size, double need, int* any) noexcept nogil
    void wipe_sums(double* sums, const uint8_t* allowed, Py_ssize_t size) noexcept nogil
