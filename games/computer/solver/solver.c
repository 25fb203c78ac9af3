/* What the solver offers its host: rooms in its memory, and two questions. The host has checked all that it puts there.
 *
 * Built by `make engine` for WebAssembly, without a library.
 */
#include "search.h"

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name)))
#else
#define EXPORT(name)
#endif

enum { NO_SCORE = -128 }; /* the column is full */

static int8_t game[CELLS];              /* columns played */
static int8_t scores[CELLS][COLUMNS];   /* of each column, by discs on the board */

EXPORT(book_room) uint8_t *book_room(void) { return book; }
EXPORT(game_room) int8_t *game_room(void) { return game; }
EXPORT(scores_room) int8_t *scores_room(void) { return scores[0]; }

/* The book is in its room: so many records. */
EXPORT(open_book) void open_book(int how_many) { index_book(how_many); }

/* Forget the positions of earlier questions, but not those of the opening, which every game shares. */
EXPORT(forget) void forget(void) { __builtin_memset(table_buckets, 0, sizeof table_buckets); }

static int score_of(Board mover, Board occupied, Board cell) {
    if (!cell) return NO_SCORE;
    if (threats(mover) & cell) return win_at_once(count(occupied));
    return -solve(mover ^ occupied, occupied | cell);
}

/* Score all columns of a position that is not over; `known_column` has the score `known_score` already, -1: none. */
static int score_columns(Board mover, Board occupied, int known_column, int known_score, int8_t *answer) {
    int best = NO_SCORE;
    for (int column = 0; column < COLUMNS; column++) {
        Board cell = reach(occupied) & COLUMN(column);
        answer[column] = column == known_column ? known_score : score_of(mover, occupied, cell);
        if (answer[column] > best) best = answer[column];
    }
    return best;
}

/* Score all columns of the position after so many plies of the game in its room, which is not over. */
EXPORT(score_position) void score_position(int plies) {
    Board mover = 0, occupied = 0;
    for (int ply = 0; ply < plies; ply++) {
        Board cell = reach(occupied) & COLUMN(game[ply]);
        mover ^= occupied;
        occupied |= cell;
    }
    score_columns(mover, occupied, -1, 0, scores[plies]);
}

/* Score all columns before each ply, from ply `from` (0: the first) to the last of `plies`; the game's end is final or not.
 *
 * From the last ply to the first: what was found out of a position serves the one before it. */
EXPORT(score_game) void score_game(int from, int plies) {
    Board mover[CELLS + 1], occupied[CELLS + 1];
    mover[0] = occupied[0] = 0;
    for (int ply = 0; ply < plies; ply++) {
        mover[ply + 1] = mover[ply] ^ occupied[ply];
        occupied[ply + 1] = occupied[ply] | (reach(occupied[ply]) & COLUMN(game[ply]));
    }
    int best = 0;
    for (int ply = plies - 1; ply >= from; ply--) {
        int is_known = ply < plies - 1;
        best = score_columns(mover[ply], occupied[ply], is_known ? game[ply] : -1, -best, scores[ply]);
    }
}
