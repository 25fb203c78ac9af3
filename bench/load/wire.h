/* WebSocket connections of the load client: connect, frames in, frames out. Knows nothing of Connect Four. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT = 0x1, BINARY = 0x2 };
enum { LONGEST_SENT = 512, LONGEST_PATH = 160 };

typedef struct {
    int fd;                                     /* -1 once closed */
    bool open;                                  /* the handshake is done */
    bool greeted;                               /* the snapshot has arrived */
    int close_code;                             /* from the server's close frame, else 0 */
    char *in;                                   /* bytes received and not yet taken apart */
    size_t in_length, in_size;
    int64_t since;                              /* nanoseconds: when connect() was called */
    int64_t last_sent;                          /* nanoseconds: for keep-alive pings */
    int64_t greeted_after;                      /* nanoseconds from connect() to the snapshot */
    int seat;                                   /* 1, 2, or 0 for a spectator */
    int ply;                                    /* the last ply it was told of */
    int game;                                   /* index of its game */
    int state_id;                               /* boardgame.io's count of changes, which a move has to name */
    char path[LONGEST_PATH];
} Connection;

/* The two things a user of this file has to provide. */
void on_message(Connection *connection, const char *message, size_t length); /* a NUL follows the message */
void on_broken(Connection *connection, const char *why);

int64_t now_ns(void);
void raise_file_limit(void);
/* Opens a TCP connection to 127.0.0.1:port and sends the WebSocket handshake for its path; `cookie` "-" sends none. */
void wire_connect(Connection *connection, int port, const char *cookie);
/* Sends one masked frame, TEXT or BINARY, of at most LONGEST_SENT bytes; a full socket counts as broken. */
void wire_send(Connection *connection, int opcode, const char *message, size_t length);
void wire_close(Connection *connection);
/* Waits at most `timeout_ns` for input, then handles all that has arrived. */
void wire_wait(int64_t timeout_ns);
