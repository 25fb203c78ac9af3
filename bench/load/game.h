/* What the load client knows of Connect Four. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { COLUMNS = 7, ROWS = 6, CELLS = 42 };

typedef struct {
    uint64_t discs[2];                          /* of the seats, bit 7 * column + row */
    int height[COLUMNS];
    int plies;
    int turn;                                   /* 1 or 2 */
} Board;

static inline bool has_four(uint64_t discs) {
    static const int steps[] = {1, 6, 7, 8};
    for (int i = 0; i < 4; i++) {
        uint64_t pairs = discs & discs >> steps[i];
        if (pairs & pairs >> 2 * steps[i]) return true;
    }
    return false;
}

static inline uint64_t discs_after(const Board *board, int column) {
    return board->discs[board->turn - 1] | 1ULL << (7 * column + board->height[column]);
}

/* Drops a disc; true when that ends the game. */
static inline bool drop_disc(Board *board, int column) {
    uint64_t *discs = &board->discs[board->turn - 1];
    *discs = discs_after(board, column);
    board->height[column]++;
    board->turn = 3 - board->turn;
    return has_four(*discs) || ++board->plies == CELLS;
}

/* A random legal column: any, and games last some 21 moves; or, while there is one, one that does not end the game, and
 * they last 30 to 42. */
static inline int choose_column(const Board *board, bool any) {
    static uint32_t seed = 20261120;
    int quiet[COLUMNS], winning[COLUMNS], quiets = 0, wins = 0;
    for (int column = 0; column < COLUMNS; column++) {
        if (board->height[column] == ROWS) continue;
        if (!any && has_four(discs_after(board, column))) winning[wins++] = column;
        else quiet[quiets++] = column;
    }
    seed = seed * 1664525u + 1013904223u;
    return quiets ? quiet[(seed >> 16) % quiets] : winning[(seed >> 16) % wins];
}
