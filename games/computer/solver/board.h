/* Bitboards of Connect Four: seven columns of seven bits, the seventh of each always empty.
 *
 * The layout is John Tromp's (Fhourstones, https://tromp.github.io/c4/fhour.html). That adding a column's bottom bit
 * carries to its lowest empty cell, that discs plus occupied cells name a position, and how shifts find the cells that
 * complete four: Pascal Pons, "Solving Connect 4: how to build a perfect AI", http://blog.gamesolver.org (told there in
 * words and pictures; nothing is taken from its program).
 */
#ifndef FOURLINE_BOARD_H
#define FOURLINE_BOARD_H

#include <stdint.h>

typedef uint64_t Board;
typedef uint64_t Pair __attribute__((vector_size(16))); /* two boards that the processor handles at once */

enum { COLUMNS = 7, ROWS = 6, HEIGHT = 7, CELLS = 42 };

#define BOTTOM ((Board)0x40810204081)        /* the lowest cell of each column */
#define FULL (BOTTOM * ((1 << ROWS) - 1))    /* all 42 cells */
#define ODD_ROWS (BOTTOM * 0x15)             /* first, third and fifth row */
#define EVEN_ROWS (BOTTOM * 0x2a)
#define COLUMN(c) ((Board)((1 << ROWS) - 1) << HEIGHT * (c))

/* The cells that complete four with three of these discs, along lines of one direction. Occupied cells are not left out,
 * so that what one side threatens stays right while the other plays. For a board or a pair of boards. */
#define LINES(discs, step)                                                                                              \
    ((((discs) << (step)) & ((discs) << 2 * (step)) & (((discs) << 3 * (step)) | ((discs) >> (step))))                  \
     | (((discs) >> (step)) & ((discs) >> 2 * (step)) & (((discs) << (step)) | ((discs) >> 3 * (step)))))

#define THREATS(discs)                                                                                                  \
    ((((discs) << 1 & (discs) << 2 & (discs) << 3) | LINES(discs, HEIGHT - 1) | LINES(discs, HEIGHT)                    \
      | LINES(discs, HEIGHT + 1)) & FULL)

static inline Board threats(Board discs) { return THREATS(discs); }

static inline Pair threats_of_two(Board one, Board other) {
    Pair discs = {one, other};
    return THREATS(discs);
}

static inline int has_line(Board cells, int step) {
    Board pairs = cells & cells >> step;
    return (pairs & pairs >> 2 * step) != 0;
}

static inline int has_four(Board cells) {
    return has_line(cells, 1) || has_line(cells, HEIGHT - 1) || has_line(cells, HEIGHT) || has_line(cells, HEIGHT + 1);
}

static inline Board mirrored(Board cells) {
    const Board column = 0x7f;
    return (cells >> 42 & column) | (cells >> 28 & column << 7) | (cells >> 14 & column << 14) | (cells & column << 21)
         | (cells & column << 14) << 14 | (cells & column << 7) << 28 | (cells & column) << 42;
}

/* The cell of each column in which the next disc lands. */
static inline Board reach(Board occupied) { return (occupied + BOTTOM) & FULL; }

static inline int several(Board cells) { return (cells & (cells - 1)) != 0; }

static inline int count(Board cells) { return __builtin_popcountll(cells); }

#endif
