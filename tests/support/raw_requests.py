"""Requests to the byte, as no HTTP library sends them."""

import socket


def exchange(port: int, sent: bytes, within: float = 5.0) -> bytes:
    """What a server answers to raw bytes until it closes, or falls silent."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), within) as connection:
        connection.settimeout(within)
        try:
            connection.sendall(sent)
            while chunk := connection.recv(65536):
                received += chunk
        except (TimeoutError, ConnectionResetError, BrokenPipeError):
            pass
    return received


UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def request(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    return line + b"\r\n" + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body


HOST = b"Host: 127.0.0.1"
SMUGGLED = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
CLOSE = b"Connection: close"
REQUESTS = {
    "both lengths": request(b"POST /api/games/ HTTP/1.1", HOST, b"Content-Length: 6", b"Transfer-Encoding: chunked",
                            CLOSE, body=b"0\r\n\r\n" + SMUGGLED),
    "two lengths": request(b"POST /api/games/ HTTP/1.1", HOST, b"Content-Length: 0", b"Content-Length: 80", CLOSE,
                           body=SMUGGLED),
    "a length that is none": request(b"POST /api/games/ HTTP/1.1", HOST, b"Content-Length: +5", CLOSE, body=b"abcde"),
    "a negative length": request(b"POST /api/games/ HTTP/1.1", HOST, b"Content-Length: -1", CLOSE),
    "an odd encoding": request(b"POST /api/games/ HTTP/1.1", HOST, b"Transfer-Encoding: xchunked", CLOSE,
                               body=SMUGGLED),
    "a chunk of no size": request(b"POST /api/games/ HTTP/1.1", HOST, b"Transfer-Encoding: chunked", CLOSE,
                                  body=b"zz\r\nab\r\n0\r\n\r\n"),
    "a space before the colon": request(b"GET /healthz HTTP/1.1", HOST, b"Transfer-Encoding : chunked", CLOSE),
    "a header on two lines": request(b"GET /healthz HTTP/1.1", HOST, b"X-A: b\r\n c", CLOSE),
    "a bare line feed": b"GET /healthz HTTP/1.1\nHost: 127.0.0.1\n\n",
    "a NUL in a header": request(b"GET /healthz HTTP/1.1", HOST, b"X-A: a\0b", CLOSE),
    "two hosts": request(b"GET /accounts/login/ HTTP/1.1", HOST, b"Host: evil.example", CLOSE),
    "no host": request(b"GET /accounts/login/ HTTP/1.1", CLOSE),
    "a method that there is not": request(b"SMUGGLE / HTTP/1.1", HOST, CLOSE),
    "an address with a NUL": request(b"GET /games/%00%00%00/ HTTP/1.1", HOST, CLOSE),
    "an address that is no UTF-8": request(b"GET /games/%ff%fe/ HTTP/1.1", HOST, CLOSE),
    "a version that there is not": request(b"GET / HTTP/9.9", HOST),
    "not HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "nothing but line ends": b"\r\n" * 500,
    "a header without end": b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000,
    "a socket and a body": request(b"GET /ws/lobby/ HTTP/1.1", HOST, b"Content-Length: 80", body=SMUGGLED)[:-2],
    "a socket by POST": request(b"POST /ws/lobby/ HTTP/1.1", HOST, UPGRADE[:-2]),
    "a socket of version 0": request(b"GET /ws/lobby/ HTTP/1.1", HOST, UPGRADE[:-2].replace(b"13", b"0")),
    "a socket without a key": request(b"GET /ws/lobby/ HTTP/1.1", HOST, b"Connection: Upgrade", b"Upgrade: websocket"),
    "a socket with a short key": request(b"GET /ws/lobby/ HTTP/1.1", HOST, UPGRADE[:-2].replace(b"dGhl", b"")),
    "a socket by HTTP/1.0": request(b"GET /ws/lobby/ HTTP/1.0", HOST, UPGRADE[:-2]),
    "a socket where there is none": request(b"GET /ws/../admin/ HTTP/1.1", HOST, UPGRADE[:-2]),
    "a socket for two hosts": request(b"GET /ws/lobby/ HTTP/1.1", HOST, b"Host: evil.example", UPGRADE[:-2],
                                      b"Origin: http://evil.example"),
    "a socket with an Origin that is none": request(b"GET /ws/lobby/ HTTP/1.1", HOST, UPGRADE[:-2], b"Origin: http://[::"),
    "a cookie that is none": request(b"GET /accounts/login/ HTTP/1.1", HOST, b"Cookie: \xff=;;;=sessionid;\"", CLOSE),
    "a token that is no ASCII": request(b"GET /api/games/ HTTP/1.1", HOST, b"Authorization: Bearer \xff\xfe", CLOSE),
}  # fmt: skip
