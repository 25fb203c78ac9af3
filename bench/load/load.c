/* Load generator for Fourline: plays complete games over WebSocket and times each move. See bench/README.md.
 *
 *   load MODE --port P --plan FILE [--games N] [--seconds S] [--warm S] [--rate R] [--moves M] [--dialect D] [--any 1] [--at_once N]
 *
 * The plan has a line for each connection, "PATH COOKIE" ("-" for no cookie); two lines are a game. Each line of output
 * is a JSON object; "measuring" and "measured" frame the time in which the runner counts the server's CPU.
 *
 * More than 300 lines, and one file: all modes share the connections, games and slots below. */
#include "dialects.h"
#include "game.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PING_EVERY_S = 12, PATIENCE_S = 60, MOVE_PATIENCE_S = 10 };
#define SECOND 1000000000LL

typedef struct {
    Board board;
    bool in_flight;                             /* a move was sent and the opponent has not been told of it */
    bool over;
    int column;                                 /* of the move in flight */
    int64_t sent;                               /* nanoseconds: when that move was, or should have been, sent */
    int slot;
} Game;

typedef struct {
    int game;                                   /* index, or -1 */
    int64_t moves;                              /* how many moves this slot has sent: gives the next one's due time */
} Slot;

static struct {
    const char *mode, *plan, *dialect;
    int port, games, moves, any, at_once;       /* any: columns are chosen at random, also one that wins */
    double seconds, warm, rate;
} want = {.dialect = "fourline", .games = 1, .moves = 30, .seconds = 3, .at_once = 32};

static const Dialect *dialect;
static Connection *connections;
static Game *games;
static Slot *slots;
static int connection_count, game_count, next_game, greeted, broken, errors, finished, starved, told, moved_again;
static int64_t *latencies, latency_count, latency_size, start, measure_from, last_told;
static bool measuring, returning;
static double greeted_seconds;                  /* until everybody had a snapshot, where that is asked */
static char first_error[160];

static void fail(const char *what, const char *detail) {
    if (errors++) return;
    snprintf(first_error, sizeof first_error, "%s: %.100s", what, detail);
    for (char *c = first_error; *c; c++)
        if (*c == '"' || *c == '\\' || *c < ' ') *c = '\'';
}

void on_broken(Connection *connection, const char *why) {
    char detail[120];
    if (measuring || !connection->greeted || connection->close_code > 1001) {
        broken++;
        snprintf(detail, sizeof detail, "%s, close code %d", why, connection->close_code);
        fail("connection lost", detail);
    }
}

static void note_latency(int64_t ns) {
    if (latency_count == latency_size)
        latencies = realloc(latencies, (latency_size = latency_size ? latency_size * 2 : 65536) * sizeof *latencies);
    latencies[latency_count++] = ns;
}

static void send_move(Game *game, int64_t due) {
    Connection *mover = &connections[2 * (game - games)];
    if (mover->seat != game->board.turn) mover++;
    game->column = choose_column(&game->board, want.any);
    game->in_flight = true;
    game->sent = due ? due : now_ns();
    dialect->play(mover, game->column, game->board.plies + 1);
}

/* When the slot's next move is due: all slots together make `rate` moves a second, evenly spaced. */
static int64_t due(const Slot *slot) {
    return start + (int64_t)((slot - slots + slot->moves * want.games) / want.rate * SECOND);
}

static void move_slot(Slot *slot) {
    int64_t at = want.rate ? due(slot) : 0;
    if (slot->game < 0 || games[slot->game].in_flight || at > now_ns()) return;
    slot->moves++;
    send_move(&games[slot->game], at);          /* a late move is timed from when it was due */
}

static void take_next_game(Slot *slot) {
    slot->game = next_game < game_count ? next_game++ : -1;
    if (slot->game < 0) starved++;
    else games[slot->game].slot = slot - slots;
}

static void on_snapshot(Connection *connection, const Event *event, const char *message) {
    if (connection->greeted) return;
    connection->greeted = true;
    connection->greeted_after = now_ns() - connection->since;
    connection->seat = event->seat;
    connection->ply = 0;
    games[connection->game].board.turn = event->turn;
    greeted++;
    if (!event->is_fresh) fail("not a fresh game", message);
    Connection *first = &connections[2 * connection->game];
    if (returning && first[0].greeted && first[1].greeted) send_move(&games[connection->game], 0);
}

static void on_opponent_told(Game *game, const Event *event, const char *message) {
    int64_t now = now_ns();
    if (event->column != game->column) fail("another column than was sent", message);
    game->over = drop_disc(&game->board, game->column);
    game->in_flight = false;
    if (game->over != event->is_over) fail("a wrong outcome", message);
    if (measuring && game->sent >= measure_from) note_latency(now - (returning ? start : game->sent));
    if (returning) moved_again++, last_told = now;
    if (!slots) return;
    Slot *slot = &slots[game->slot];
    if (game->over) finished++, take_next_game(slot);
    move_slot(slot);
}

void on_message(Connection *connection, const char *message, size_t length) {
    Event event = dialect->read(connection, message, length);
    if (event.type == SNAPSHOT) return on_snapshot(connection, &event, message);
    if (event.type == REFUSED) return fail("refused", message);
    if (event.type == NOTHING) return;
    if (event.ply != ++connection->ply) fail("a move out of order", message);
    if (!connection->seat) told++, last_told = now_ns();
    else if (event.participant != connection->seat) on_opponent_told(&games[connection->game], &event, message);
}

static void read_plan(void) {
    char path[LONGEST_PATH], cookie[LONGEST_PATH];
    FILE *plan = fopen(want.plan, "r");
    if (!plan) perror(want.plan), exit(2);
    while (fscanf(plan, "%159s %159s", path, cookie) == 2) connection_count++;
    rewind(plan);
    game_count = (connection_count + 1) / 2;
    connections = calloc(connection_count, sizeof *connections);
    games = calloc(game_count, sizeof *games);
    for (int i = 0; i < connection_count; i++) connections[i].fd = -1, connections[i].game = i / 2;
    fclose(plan);
}

/* Once a second: pings for connections that have been silent for long, which a server may take for dead. */
static void keep_alive(void) {
    static int64_t last = 0;
    int64_t now = now_ns(), before = now - PING_EVERY_S * SECOND;
    if (now - last < SECOND) return;
    last = now;
    for (int i = 0; i < connection_count; i++)
        if (connections[i].greeted && connections[i].fd >= 0 && connections[i].last_sent < before)
            dialect->ping(&connections[i]), connections[i].last_sent = now;
}

/* Opens connections first to first + count - 1 of the plan, `at_once` at a time, until each has had its snapshot. */
static bool connect_all(int first, int count) {
    char path[LONGEST_PATH], cookie[LONGEST_PATH];
    FILE *plan = fopen(want.plan, "r");
    int64_t deadline = now_ns() + PATIENCE_S * SECOND;
    int opened = 0, target = greeted + count, skipped = 0;
    while (skipped < first && fscanf(plan, "%159s %159s", path, cookie) == 2) skipped++;
    while (greeted < target && !broken && now_ns() < deadline) {
        for (; opened < count && target - count + opened - greeted < want.at_once; opened++) {
            if (fscanf(plan, "%159s %159s", path, cookie) != 2) break;
            strcpy(connections[first + opened].path, path);
            wire_connect(&connections[first + opened], want.port, cookie);
        }
        wire_wait(SECOND / 10);
        keep_alive();
    }
    fclose(plan);
    if (greeted < target) fail("not all connections were greeted in time", "");
    return greeted >= target;
}

/* Lets presence and the like die down: until 0.6 s pass without a message, ten seconds at most. */
static void settle(void) {
    int64_t began = now_ns(), quiet_since = began;
    while (now_ns() - began < 10 * SECOND && now_ns() - quiet_since < 6 * SECOND / 10) {
        int64_t before = now_ns();
        wire_wait(SECOND / 4);
        if (now_ns() - before < SECOND / 5) quiet_since = now_ns();
    }
    keep_alive();
}

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double milliseconds(double quantile) {
    return latency_count ? latencies[(int64_t)((latency_count - 1) * quantile)] / 1e6 : 0;
}

static void say(const char *event) {
    printf("{\"event\":\"%s\"}\n", event);
    fflush(stdout);
}

static void report(double seconds, double client_cpu) {
    if (latency_count) qsort(latencies, latency_count, sizeof *latencies, ascending);
    printf("{\"event\":\"report\",\"seconds\":%.4f,\"moves\":%lld,\"moves_per_second\":%.1f,\"p50_ms\":%.3f,"
           "\"p95_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"games_finished\":%d,\"errors\":%d,\"first_error\":\"%s\","
           "\"client_cpu_seconds\":%.3f,\"connections\":%d,\"greeted_seconds\":%.4f}\n",
           seconds, (long long)latency_count, seconds > 0 ? latency_count / seconds : 0, milliseconds(.5),
           milliseconds(.95), milliseconds(.99), milliseconds(1), finished, errors, first_error, client_cpu, greeted,
           greeted_seconds);
    fflush(stdout);
}

static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* At a fixed load: sends what is due and returns the nanoseconds until more is. Slots come due in a circle; one whose
 * move is still in flight is passed over and sends its next, late, as soon as that one has arrived. */
static int64_t send_due(void) {
    static int next = 0;
    for (int seen = 0; seen < want.games && !starved; seen++, next = (next + 1) % want.games) {
        int64_t wait = due(&slots[next]) - now_ns();
        if (wait > 0) return wait;
        move_slot(&slots[next]);
    }
    return SECOND / 1000;                       /* all slots are late: an arriving move goes on */
}

/* Plays `games` games at once until the time is up or the plan has no game left to keep all slots busy. */
static void play(void) {
    if (!connect_all(0, connection_count)) return report(0, 0);
    settle();
    slots = calloc(want.games, sizeof *slots);
    for (int i = 0; i < want.games; i++) take_next_game(&slots[i]);
    start = now_ns();
    int64_t measure_at = start + (int64_t)(want.warm * SECOND), end = measure_at + (int64_t)(want.seconds * SECOND);
    double cpu = 0;
    for (int i = 0; i < want.games && !want.rate; i++) move_slot(&slots[i]);
    while (now_ns() < end && !starved && !broken) {
        if (!measuring && now_ns() >= measure_at)
            measure_from = now_ns(), cpu = cpu_seconds(), measuring = true, say("measuring");
        int64_t wait = want.rate ? send_due() : SECOND / 10;
        wire_wait(wait < SECOND / 10 ? wait : SECOND / 10);
    }
    double seconds = (now_ns() - measure_from) / 1e9;
    say("measured");
    measuring = false;
    report(measure_from ? seconds : 0, cpu_seconds() - cpu);
}

/* One game; a move at a time, timed until the last spectator has it. */
static void fan_out(void) {
    int spectators = connection_count - 2;
    if (!connect_all(0, 2) || !connect_all(2, spectators)) return report(0, 0);
    for (int i = 0; i < connection_count; i++) connections[i].game = 0;
    settle();
    double cpu = cpu_seconds();
    measuring = true, say("measuring");
    for (int move = 0; move < want.moves && !games[0].over && !broken; move++) {
        told = 0;
        send_move(&games[0], 0);
        int64_t sent = games[0].sent, deadline = sent + MOVE_PATIENCE_S * SECOND;
        while ((told < spectators || games[0].in_flight) && now_ns() < deadline && !broken) wire_wait(SECOND / 10);
        if (told < spectators || games[0].in_flight) {
            fail("not all spectators were told in time", "");
            break;
        }
        latencies[latency_count - 1] = last_told - sent;
        for (int64_t rest = now_ns() + SECOND / 50; now_ns() < rest;) wire_wait(rest - now_ns());
    }
    measuring = false, say("measured");
    report(0, cpu_seconds() - cpu);
}

static void connect_rate(void) {
    double cpu = cpu_seconds();
    start = now_ns();
    measuring = true, say("measuring");
    connect_all(0, connection_count);
    double seconds = (now_ns() - start) / 1e9;
    measuring = false, say("measured");
    for (int i = 0; i < connection_count; i++)
        if (connections[i].greeted) note_latency(connections[i].greeted_after);
    report(seconds, cpu_seconds() - cpu);
}

/* Everybody comes back at once, and in each game the side to move plays as soon as both are there. A game's latency is the
 * time from the beginning until the other side has that move. */
static void come_back(void) {
    double cpu = cpu_seconds();
    start = now_ns();
    returning = measuring = true, say("measuring");
    if (connect_all(0, connection_count)) {
        greeted_seconds = (now_ns() - start) / 1e9;
        for (int64_t deadline = now_ns() + PATIENCE_S * SECOND; moved_again < game_count && now_ns() < deadline && !broken;)
            wire_wait(SECOND / 20);
        if (moved_again < game_count) fail("not all games went on in time", "");
    }
    measuring = false, say("measured");
    report((last_told - start) / 1e9, cpu_seconds() - cpu);
}

/* Connects, then waits for a line or the end of its input, two minutes at most. */
static void idle(void) {
    struct pollfd input = {.fd = 0, .events = POLLIN};
    if (!connect_all(0, connection_count)) return report(0, 0);
    settle();
    say("measuring");
    for (int64_t deadline = now_ns() + 120 * SECOND; now_ns() < deadline && !broken && !poll(&input, 1, 0);)
        wire_wait(SECOND / 20), keep_alive();
    say("measured");
    report(0, 0);
}

static void say_goodbye(void) {
    for (int i = 0; i < connection_count; i++) wire_close(&connections[i]);
    for (int64_t deadline = now_ns() + 3 * SECOND; now_ns() < deadline;) {
        bool left = false;
        wire_wait(SECOND / 20);
        for (int i = 0; i < connection_count && !left; i++) left = connections[i].fd >= 0;
        if (!left) return;
    }
}

int main(int argc, char **argv) {
    want.mode = argc > 1 ? argv[1] : "";
    for (int i = 2; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--port")) want.port = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--plan")) want.plan = argv[i + 1];
        else if (!strcmp(argv[i], "--dialect")) want.dialect = argv[i + 1];
        else if (!strcmp(argv[i], "--games")) want.games = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--moves")) want.moves = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--at_once")) want.at_once = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--any")) want.any = atoi(argv[i + 1]);
        else if (!strcmp(argv[i], "--seconds")) want.seconds = atof(argv[i + 1]);
        else if (!strcmp(argv[i], "--warm")) want.warm = atof(argv[i + 1]);
        else if (!strcmp(argv[i], "--rate")) want.rate = atof(argv[i + 1]);
        else return fprintf(stderr, "load: unknown option %s\n", argv[i]), 2;
    }
    dialect = dialect_named(want.dialect);
    if (!want.plan || !want.port || !dialect) return fprintf(stderr, "load: --port, --plan or dialect missing\n"), 2;
    prctl(PR_SET_TIMERSLACK, 1);
    raise_file_limit();
    read_plan();
    if (!strcmp(want.mode, "play")) play();
    else if (!strcmp(want.mode, "fanout")) fan_out();
    else if (!strcmp(want.mode, "connect")) connect_rate();
    else if (!strcmp(want.mode, "comeback")) come_back();
    else if (!strcmp(want.mode, "idle")) idle();
    else return fprintf(stderr, "load: no such mode: %s\n", want.mode), 2;
    say_goodbye();
    return 0;
}
