/* What a server says and wants to hear: our own protocol, and those of the servers from npm. */
#pragma once
#include "wire.h"

typedef struct {
    enum { NOTHING, SNAPSHOT, MOVE_PLAYED, REFUSED } type;
    int seat, turn;                             /* of a snapshot: whose connection it is (0: a spectator), who moves */
    bool is_fresh;                              /* of a snapshot: nobody has moved yet */
    int ply, column, participant;               /* of a move */
    bool is_over;                               /* of a move: it ended the game */
} Event;

typedef struct {
    const char *name;
    /* Reads a message, and answers it where the protocol's handshake or heartbeat wants that. */
    Event (*read)(Connection *connection, const char *message, size_t length);
    void (*play)(Connection *connection, int column, int ply);
    void (*ping)(Connection *connection);       /* keeps a silent connection open */
} Dialect;

/* NULL when there is none of that name. */
const Dialect *dialect_named(const char *name);
