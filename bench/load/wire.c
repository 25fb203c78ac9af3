/* RFC 6455, the client's side, as far as a load client on the loopback needs it: no TLS, no extension, no fragments,
 * and the server's Sec-WebSocket-Accept is not verified. */
#define _GNU_SOURCE
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLOSE = 0x8, PING = 0x9, PONG = 0xA, FIRST_BUFFER = 2048, EVENTS = 512, LONG = 126 };
static int epoll = -1;

int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void raise_file_limit(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static void drop(Connection *connection, const char *why) {
    if (connection->fd < 0) return;
    close(connection->fd);
    connection->fd = -1;
    connection->open = false;
    on_broken(connection, why);
}

void wire_connect(Connection *connection, int port, const char *cookie) {
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char request[2048];
    int one = 1;
    if (epoll < 0) epoll = epoll_create1(EPOLL_CLOEXEC);
    connection->since = connection->last_sent = now_ns();
    if (!connection->in) connection->in = malloc(connection->in_size = FIRST_BUFFER);
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0) return on_broken(connection, "socket");
    /* On the loopback the kernel completes connect() at once, whatever the server does: no need to wait for it. */
    if (connect(connection->fd, (struct sockaddr *)&server, sizeof server)) return drop(connection, "connect");
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: Zm91cmxpbmUtbG9hZC0wMQ==\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Protocol: fourline.v1\r\nOrigin: http://127.0.0.1:%d\r\n%s%s%s\r\n",
                          connection->path, port, port, *cookie == '-' ? "" : "Cookie: ", *cookie == '-' ? "" : cookie,
                          *cookie == '-' ? "" : "\r\n");
    if (length >= (int)sizeof request || send(connection->fd, request, length, MSG_NOSIGNAL) != length)
        return drop(connection, "handshake not sent");
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event);
}

static void send_frame(Connection *connection, int opcode, const char *payload, size_t length) {
    static uint32_t random = 2463534242u;
    unsigned char frame[8 + LONGEST_SENT], *mask = frame + (length < LONG ? 2 : 4);
    if (connection->fd < 0 || length > LONGEST_SENT) return drop(connection, "frame too long");
    random ^= random << 13, random ^= random >> 17, random ^= random << 5;
    frame[0] = 0x80 | opcode;
    frame[1] = 0x80 | (length < LONG ? length : LONG);
    if (length >= LONG) frame[2] = length >> 8, frame[3] = length & 0xff;
    memcpy(mask, &random, 4);
    for (size_t i = 0; i < length; i++) mask[4 + i] = payload[i] ^ mask[i & 3];
    ssize_t size = mask + 4 + length - frame;
    if (send(connection->fd, frame, size, MSG_NOSIGNAL) != size) drop(connection, "send");
}

void wire_send(Connection *connection, int opcode, const char *message, size_t length) {
    connection->last_sent = now_ns();
    send_frame(connection, opcode, message, length);
}

void wire_close(Connection *connection) {
    if (connection->fd >= 0 && connection->open) send_frame(connection, CLOSE, "\x03\xe8", 2);
}

static void take_frame(Connection *connection, int opcode, char *payload, size_t length) {
    char after = payload[length];
    payload[length] = 0;                                        /* the buffer keeps one byte spare for this */
    if (opcode == TEXT || opcode == BINARY) {
        on_message(connection, payload, length);
    } else if (opcode == PING) {
        send_frame(connection, PONG, payload, length);
    } else if (opcode == CLOSE) {
        if (length >= 2) connection->close_code = (unsigned char)payload[0] << 8 | (unsigned char)payload[1];
        drop(connection, "closed by the server");
    }
    payload[length] = after;
}

/* Takes apart what has arrived; returns how many bytes are done with. */
static size_t take_frames(Connection *connection) {
    unsigned char *in = (unsigned char *)connection->in;
    size_t done = 0;
    while (connection->fd >= 0 && connection->in_length - done >= 2) {
        unsigned char *head = in + done;
        size_t length = head[1] & 0x7f, header = length == 126 ? 4 : length == 127 ? 10 : 2;
        if (connection->in_length - done < header) break;
        if (header > 2) {
            length = 0;
            for (size_t i = 2; i < header; i++) length = length << 8 | head[i];
        }
        if (connection->in_length - done - header < length) break;
        take_frame(connection, head[0] & 0xf, (char *)head + header, length);
        done += header + length;
    }
    return done;
}

static size_t take_handshake(Connection *connection) {
    connection->in[connection->in_length] = 0;
    char *end = strstr(connection->in, "\r\n\r\n");
    if (!end) return 0;
    if (strncmp(connection->in, "HTTP/1.1 101", 12)) {
        drop(connection, "refused");
        return 0;
    }
    connection->open = true;
    return end + 4 - connection->in;
}

static void receive(Connection *connection) {
    if (connection->in_size - connection->in_length < FIRST_BUFFER / 2)
        connection->in = realloc(connection->in, connection->in_size *= 2);
    ssize_t got = recv(connection->fd, connection->in + connection->in_length,
                       connection->in_size - connection->in_length - 1, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return drop(connection, got ? "reset" : "ended without a close frame");
    connection->in_length += got;
    for (size_t done = 1; done && connection->fd >= 0;) {
        done = connection->open ? take_frames(connection) : take_handshake(connection);
        connection->in_length -= done;
        memmove(connection->in, connection->in + done, connection->in_length);
    }
}

void wire_wait(int64_t timeout_ns) {
    struct epoll_event events[EVENTS];
    if (timeout_ns < 0) timeout_ns = 0;
    struct timespec timeout = {timeout_ns / 1000000000LL, timeout_ns % 1000000000LL};
    int count = epoll_pwait2(epoll, events, EVENTS, &timeout, NULL);
    for (int i = 0; i < count; i++) {
        Connection *connection = events[i].data.ptr;
        if (connection->fd >= 0) receive(connection);
    }
}
