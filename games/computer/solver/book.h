/* The exact scores of all positions with 12 discs: the book `book_12ply_distances.dat` of bitbully-databases
 * (Markus Thill, MIT licence), as it lies on disk.
 *
 * Records of five bytes in the order of their keys: a key of 32 bits (big endian, signed: column by column from the left,
 * from the bottom, 10 for a disc of the first side, 11 for the other's, 0 after each column), then d: 100 - d plies until
 * the side to move wins, or -(100 + d) until it loses; 0 for a draw. Of a position and its mirror image one is there;
 * positions in which the side to move wins at once are not.
 */
#ifndef FOURLINE_BOOK_H
#define FOURLINE_BOOK_H

#include "board.h"

enum { BOOK_DISCS = 12, RECORD_BYTES = 5, MOST_RECORDS = 4200899, NOT_THERE = 127, PREFIXES = 1 << 16 };
enum { PAGE = 1 << 16, BOOK_ROOM = (MOST_RECORDS * RECORD_BYTES + PAGE - 1) / PAGE * PAGE };

/* The host maps the file here: from the beginning of a page on, and nothing else within its last one. */
static uint8_t book[BOOK_ROOM] __attribute__((aligned(1 << 16)));
static int first_with[PREFIXES + 1]; /* the first record whose key begins with at least these 16 bits */
static int records;

/* Signed keys in the order of unsigned ones. */
static inline uint32_t key_of_record(int index) {
    const uint8_t *byte = book + index * RECORD_BYTES;
    return ((uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3]) ^ 0x80000000u;
}

static int first_at_least(uint32_t key, int low, int high) {
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (key_of_record(middle) < key) low = middle + 1; else high = middle;
    }
    return low;
}

static void index_book(int how_many) {
    records = how_many;
    int index = 0;
    for (uint32_t prefix = 0; prefix < PREFIXES; prefix++) first_with[prefix] = index = first_at_least(prefix << 16, index, records);
    first_with[PREFIXES] = records;
}

static uint32_t book_key(Board first_side, Board occupied) {
    uint32_t key = 0;
    for (int column = 0; column < COLUMNS; column++) {
        for (Board cell = (Board)1 << HEIGHT * column; occupied & cell; cell <<= 1) key = key << 2 | (first_side & cell ? 2 : 3);
        key <<= 1;
    }
    return key << 1 ^ 0x80000000u;
}

static int score_of_record(int index) {
    int distance = (int8_t)book[index * RECORD_BYTES + 4];
    if (distance == 0) return 0;
    /* The winner's discs when it wins: six, and every second ply from here on. */
    return distance > 0 ? 22 - (BOOK_DISCS + 1 + 100 - distance) / 2 : (BOOK_DISCS + 100 + distance) / 2 - 22;
}

static int look_up(uint32_t key) {
    int index = first_at_least(key, first_with[key >> 16], first_with[(key >> 16) + 1]);
    return index < records && key_of_record(index) == key ? score_of_record(index) : NOT_THERE;
}

/* The score of a position with 12 discs, or NOT_THERE. */
static int book_score(Board mover, Board occupied) {
    int score = look_up(book_key(mover, occupied));
    return score != NOT_THERE ? score : look_up(book_key(mirrored(mover), mirrored(occupied)));
}

#endif
