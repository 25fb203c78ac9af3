/* The search: alpha-beta with a null window.
 *
 * Sources, all of them descriptions: alpha-beta: Knuth and Moore, "An analysis of alpha-beta pruning", Artificial
 * Intelligence 6, 1975. Null windows moved towards the score: Plaat, Schaeffer, Pijls and de Bruin, "Best-first fixed-depth
 * minimax algorithms", Artificial Intelligence 87, 1996; enhanced transposition cut-offs: the same, "Exploiting graph
 * properties of game trees", AAAI 1996. Threats, odd and even rows, zugzwang: Victor Allis, "A knowledge-based approach of
 * Connect-Four", 1988. Moves that lose at once left out, moves ordered by the threats that they make: Pascal Pons (board.h).
 *
 * A score is the mover's: 0 a draw, else 1 + the discs that the winner has still in hand, negative when the mover loses.
 */
#ifndef FOURLINE_SEARCH_H
#define FOURLINE_SEARCH_H

#include "board.h"
#include "book.h"
#include "table.h"

enum {
    MIRRORED_UNTIL = 15, /* discs; beyond it hardly a position is met that is another's mirror image */
    TABLE_UNTIL = 31,    /* discs; beyond it searching is quicker than remembering */
    TABLE_BITS = 18,     /* 4 MiB */
    OPENING_BITS = 16,   /* 1 MiB; positions before those of the book, which each game meets again */
};

static Bucket table_buckets[1 << TABLE_BITS], opening_buckets[1 << OPENING_BITS];
static const Table table = {table_buckets, TABLE_BITS}, opening = {opening_buckets, OPENING_BITS};

static inline const Table *table_for(int discs) { return discs < BOOK_DISCS ? &opening : &table; }

static inline Board key_of(Board mover, Board occupied, int discs) {
    Board key = mover + occupied;
    if (discs >= MIRRORED_UNTIL) return key;
    Board other = mirrored(mover) + mirrored(occupied);
    return other < key ? other : key;
}

/* The extreme scores, by how many discs lie: of a win or a loss with the next disc of the winner, or one later. */
static inline int win_at_once(int discs) { return (CELLS + 1 - discs) / 2; }
static inline int win_next(int discs) { return (CELLS - 1 - discs) / 2; }
static inline int win_later(int discs) { return (CELLS - 3 - discs) / 2; }
static inline int loss_at_once(int discs) { return -(CELLS - discs) / 2; }
static inline int loss_next(int discs) { return -(CELLS - 2 - discs) / 2; }

typedef struct { Board cell, threats; int value; } Candidate;

/* Among the moves that don't lose at once: does one of them win with the disc after it? Else they are put in order.
 *
 * It wins where the other side can't answer: two of the mover's targets are within reach, or whatever answer is left lets
 * the mover have one. Returns how many there are, or 0 where one wins. */
static inline int weigh(Board mover, Board occupied, int discs, Board moves, Candidate *candidates) {
    static const int from_the_centre[COLUMNS] = {3, 2, 4, 1, 5, 0, 6};
    const Board good_rows = discs & 1 ? EVEN_ROWS : ODD_ROWS;
    Board cells[COLUMNS + 1];
    int many = 0;
    for (int i = 0; i < COLUMNS; i++) {
        cells[many] = moves & COLUMN(from_the_centre[i]);
        many += cells[many] != 0;
    }
    cells[many] = 0;
    Pair two = {0, 0};
    for (int i = 0; i < many; i++) {
        const Board cell = cells[i];
        if (!(i & 1)) two = threats_of_two(mover | cell, mover | cells[i + 1]);
        const Board after = two[i & 1], targets = after & ~(occupied | cell);
        Board answers = reach(occupied | cell);
        const Board at_hand = targets & answers;
        if (at_hand) answers = at_hand;
        if (several(at_hand) || !(answers & ~(targets >> 1))) return 0;
        const int value = 3 * count(targets) + count(targets & good_rows) - (at_hand != 0);
        int place = i;
        for (; place && candidates[place - 1].value < value; place--) candidates[place] = candidates[place - 1];
        candidates[place] = (Candidate){cell, after, value};
    }
    return many;
}

static int search(Board mover, Board occupied, int discs, Board theirs, int alpha);

/* Whether a position that is known already, one move on, has a score that ends the search. Returns a lower bound. */
static inline int bound_by_known(Board other, Board occupied, int discs, const Candidate *candidates, int many, int alpha) {
    const Table *next = table_for(discs + 1);
    for (int i = 0; i < many; i++) {
        uint64_t entry = known(next, key_of(other, occupied | candidates[i].cell, discs + 1));
        if (entry && -upper_bound(entry) > alpha) return -upper_bound(entry);
    }
    return alpha;
}

static inline int best_of(Board other, Board occupied, int discs, const Candidate *candidates, int many, int alpha) {
    int best = -CELLS;
    for (int i = 0; i < many && best <= alpha; i++) {
        const Candidate *move = &candidates[i];
        int score = -search(other, occupied | move->cell, discs + 1, move->threats, -alpha - 1);
        if (score > best) best = score;
    }
    return best;
}

/* Is the score above alpha? Returns a lower bound above alpha, or an upper bound of at most alpha.
 *
 * The side to move must not be able to win with its next disc; `theirs` is what the other side threatens. */
static int search(Board mover, Board occupied, int discs, Board theirs, int alpha) {
    if (discs == BOOK_DISCS && records) {
        int score = book_score(mover, occupied);
        if (score != NOT_THERE) return score;
    }
    const Board other = mover ^ occupied, danger = theirs & ~occupied;
    Board moves = reach(occupied);
    if (moves & danger) moves &= danger;
    moves = several(moves & danger) ? 0 : moves & ~(danger >> 1);
    if (!moves) return loss_at_once(discs);
    if (discs >= CELLS - 2) return 0;
    int least = loss_next(discs), most = win_next(discs);
    if (alpha < least) return least;
    if (alpha >= most) return most;

    const int is_remembered = discs < TABLE_UNTIL;
    const Table *place = table_for(discs);
    const Board key = is_remembered ? key_of(mover, occupied, discs) : 0;
    const uint64_t entry = is_remembered ? known(place, key) : 0;
    if (entry) {
        if (lower_bound(entry) > least) least = lower_bound(entry);
        if (upper_bound(entry) < most) most = upper_bound(entry);
        if (least > alpha) return least;
        if (most <= alpha) return most;
    }

    Candidate candidates[COLUMNS];
    const int many = weigh(mover, occupied, discs, moves, candidates);
    if (!many) return win_next(discs);
    if (most > win_later(discs)) most = win_later(discs);
    if (most > 0 && !has_four(mover | (FULL & ~occupied))) most = 0;
    if (alpha >= most) return most;

    int best = alpha;
    if (is_remembered) best = bound_by_known(other, occupied, discs, candidates, many, alpha);
    if (best <= alpha) best = best_of(other, occupied, discs, candidates, many, alpha);
    if (best > alpha && best > least) least = best;
    if (best <= alpha && best < most) most = best;
    if (is_remembered) remember(place, key, discs, least, most);
    return best;
}

/* The score of a position. */
static int solve(Board mover, Board occupied) {
    const int discs = count(occupied);
    const Board theirs = threats(mover ^ occupied);
    if (threats(mover) & reach(occupied)) return win_at_once(discs);
    if (discs == CELLS) return 0;
    int least = loss_at_once(discs), most = win_next(discs), alpha = 0;
    while (least < most) {
        if (alpha < least) alpha = least;
        if (alpha >= most) alpha = most - 1;
        int bound = search(mover, occupied, discs, theirs, alpha);
        if (bound > alpha) least = alpha = bound; else { most = bound; alpha = bound - 1; }
    }
    return least;
}

#endif
