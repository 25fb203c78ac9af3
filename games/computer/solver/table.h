/* What the search has found out of positions: both bounds of a score, in one word with the position's whole key.
 *
 * A bucket has two entries: one keeps the position with more discs to come, the other the newest (Breuker, Uiterwijk and
 * van den Herik, "Replacement schemes for transposition tables", ICCA Journal 17(4), 1994). A small table that stays in
 * the processor's cache beats a large one.
 */
#ifndef FOURLINE_TABLE_H
#define FOURLINE_TABLE_H

#include "board.h"

typedef struct { uint64_t deep, recent; } Bucket;
typedef struct { Bucket *buckets; int bits; } Table;

enum { OFFSET = 22 }; /* scores of -21 to 21 are stored as 1 to 43; 0 stands for: not known */

/* An entry, from its low bits on: 49 of the key, 6 of the lower bound, 6 of the upper, 3 of how many discs are to come. */
enum { LOWER_SHIFT = 49, UPPER_SHIFT = LOWER_SHIFT + 6, REST_SHIFT = UPPER_SHIFT + 6 };
#define KEY_MASK (((uint64_t)1 << LOWER_SHIFT) - 1)

static inline Bucket *bucket_of(const Table *table, Board key) {
    return &table->buckets[key * 0x9E3779B97F4A7C15u >> (64 - table->bits)];
}

/* The entry of a position, 0 where there is none. */
static inline uint64_t known(const Table *table, Board key) {
    const Bucket *bucket = bucket_of(table, key);
    if ((bucket->deep & KEY_MASK) == key) return bucket->deep;
    if ((bucket->recent & KEY_MASK) == key) return bucket->recent;
    return 0;
}

static inline int lower_bound(uint64_t entry) { return (int)(entry >> LOWER_SHIFT & 63) - OFFSET; }
static inline int upper_bound(uint64_t entry) { return (int)(entry >> UPPER_SHIFT & 63) - OFFSET; }

static inline void remember(const Table *table, Board key, int discs, int lower, int upper) {
    uint64_t entry = key | (uint64_t)(lower + OFFSET) << LOWER_SHIFT | (uint64_t)(upper + OFFSET) << UPPER_SHIFT
                   | (uint64_t)((CELLS - discs) / 4 & 7) << REST_SHIFT;
    Bucket *bucket = bucket_of(table, key);
    int is_same = (bucket->deep & KEY_MASK) == key;
    if (!is_same && bucket->deep >> REST_SHIFT > entry >> REST_SHIFT) {
        bucket->recent = entry;
        return;
    }
    if (!is_same) bucket->recent = bucket->deep;
    bucket->deep = entry;
}

#endif
