#define _GNU_SOURCE
#include "dialects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEND(connection, ...) \
    do { \
        char text_[LONGEST_SENT]; \
        wire_send(connection, TEXT, text_, snprintf(text_, sizeof text_, __VA_ARGS__)); \
    } while (0)

/* The start of a field's value in JSON, or NULL. Names searched for occur once in the messages searched. */
static const char *field(const char *json, const char *quoted_name) {
    const char *found = strstr(json, quoted_name);
    if (!found) return NULL;
    found += strlen(quoted_name);
    while (*found == ' ' || *found == ':') found++;
    return found;
}

static int integer(const char *json, const char *quoted_name, int otherwise) {
    const char *value = field(json, quoted_name);
    return value && (*value == '-' || (*value >= '0' && *value <= '9')) ? atoi(value) : otherwise;
}

static bool begins(const char *text, const char *with) {
    return text && !strncmp(text, with, strlen(with));
}

/* --- Fourline: docs/protocol.md ---------------------------------------------------------------------------------- */

static Event fourline_read(Connection *connection, const char *text, size_t length) {
    (void)connection, (void)length;
    const char *type = field(text, "\"type\"");
    if (begins(type, "\"move_played\"")) {
        const char *outcome = field(text, "\"outcome\"");
        return (Event){.type = MOVE_PLAYED, .ply = integer(text, "\"ply\"", -1), .is_over = outcome && *outcome != 'n',
                       .column = integer(text, "\"column\"", -1), .participant = integer(text, "\"participant\"", -1)};
    }
    if (begins(type, "\"snapshot\""))
        return (Event){.type = SNAPSHOT, .seat = integer(text, "\"you\"", 0), .turn = integer(text, "\"turn\"", 1),
                       .is_fresh = begins(field(text, "\"moves\""), "[]")};
    return (Event){.type = begins(type, "\"error\"") ? REFUSED : NOTHING};
}

static void fourline_play(Connection *connection, int column, int ply) {
    SEND(connection, "{\"type\":\"play_move\",\"column\":%d,\"ply\":%d}", column, ply);
}

static void fourline_ping(Connection *connection) {
    SEND(connection, "{\"type\":\"ping\"}");
}

/* --- boardgame.io 0.50: Engine.IO 4 and Socket.IO 5, text frames; the path ends in match=ID&seat=0, 1 or - ------------ */

static void boardgameio_sync(Connection *connection) {
    const char *match = strstr(connection->path, "match=") + 6, *seat = strstr(connection->path, "seat=") + 5;
    const char *player = *seat == '0' ? "\"0\"" : *seat == '1' ? "\"1\"" : "null";
    connection->seat = *seat == '-' ? 0 : *seat - '0' + 1;
    SEND(connection, "42/connect-four,[\"sync\",\"%.6s\",%s,null,2]", match, player);
}

static Event boardgameio_read(Connection *connection, const char *text, size_t length) {
    (void)length;
    const char *event = strchr(text, '[');
    connection->state_id = integer(text, "\"_stateID\"", connection->state_id);
    if (*text == '0') SEND(connection, "40/connect-four,");
    else if (*text == '2') SEND(connection, "3");
    else if (begins(text, "40")) boardgameio_sync(connection);
    else if (begins(event, "[\"update\""))
        return (Event){.type = MOVE_PLAYED, .ply = integer(event, "\"plies\"", -1),
                       .column = integer(event, "\"column\"", -1), .participant = integer(event, "\"participant\"", -1),
                       .is_over = field(event, "\"gameover\"") != NULL};
    else if (begins(event, "[\"sync\""))
        return (Event){.type = SNAPSHOT, .seat = connection->seat, .turn = 1,
                       .is_fresh = integer(event, "\"plies\"", -1) == 0};
    return (Event){.type = NOTHING};
}

static void boardgameio_play(Connection *connection, int column, int ply) {
    (void)ply;
    SEND(connection,
         "42/connect-four,[\"update\",{\"type\":\"MAKE_MOVE\",\"payload\":{\"type\":\"drop\",\"args\":[%d],"
         "\"playerID\":\"%d\"}},%d,\"%.6s\",\"%d\"]",
         column, connection->seat - 1, connection->state_id, strstr(connection->path, "match=") + 6,
         connection->seat - 1);
}

/* --- Colyseus 0.18: binary frames, a code, for messages the type's name and MessagePack ------------------------------- */

enum { JOIN_ROOM = 10, ROOM_DATA = 13, SHORT_TEXT = 0xa0, SHORT_MAP = 0x80, NIL = 0xc0 };

/* A small integer's or nil's byte behind a key of a MessagePack map, or -1. */
static int packed(const char *message, size_t length, const char *key) {
    char wanted[16] = {(char)(SHORT_TEXT | strlen(key))};
    strcpy(wanted + 1, key);
    const unsigned char *found = memmem(message, length, wanted, strlen(key) + 1);
    return found ? found[strlen(key) + 1] : -1;
}

static Event colyseus_read(Connection *connection, const char *message, size_t length) {
    const char *type = message + 2;
    if (length == 0) return (Event){.type = NOTHING};
    if (*message == JOIN_ROOM) wire_send(connection, BINARY, message, 1);
    if (*message != ROOM_DATA) return (Event){.type = NOTHING};
    if (begins(type, "move_played"))
        return (Event){.type = MOVE_PLAYED, .ply = packed(message, length, "ply"),
                       .column = packed(message, length, "column"),
                       .participant = packed(message, length, "participant"),
                       .is_over = packed(message, length, "outcome") != NIL};
    if (begins(type, "snapshot"))
        return (Event){.type = SNAPSHOT, .seat = packed(message, length, "you"), .turn = 1,
                       .is_fresh = packed(message, length, "plies") == 0};
    return (Event){.type = begins(type, "refused") ? REFUSED : NOTHING};
}

static void colyseus_play(Connection *connection, int column, int ply) {
    char message[32];
    int length = snprintf(message, sizeof message, "%c%cplay_move%c%ccolumn%c%cply%c", ROOM_DATA, SHORT_TEXT | 9,
                          SHORT_MAP | 2, SHORT_TEXT | 6, '?', SHORT_TEXT | 3, ply);
    message[19] = (char)column;
    wire_send(connection, BINARY, message, length);
}

static void no_ping(Connection *connection) {
    (void)connection;                           /* these servers ping by themselves */
}

static const Dialect dialects[] = {
    {"fourline", fourline_read, fourline_play, fourline_ping},
    {"boardgameio", boardgameio_read, boardgameio_play, no_ping},
    {"colyseus", colyseus_read, colyseus_play, no_ping},
};

const Dialect *dialect_named(const char *name) {
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (!strcmp(dialects[i].name, name)) return &dialects[i];
    return NULL;
}
