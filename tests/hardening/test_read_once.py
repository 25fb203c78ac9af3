"""Requests for sockets and frames that are read without the libraries: as they would read them, or left to them."""

import random
from collections.abc import Iterator

import h11
import pytest
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from config import frames, upgrades

SEED = 20261121
BROWSER = (
    b"GET /ws/games/A9F3QX/?a=%20b HTTP/1.1\r\n"
    b"Host: fourline.example:8000\r\nConnection: Upgrade\r\nPragma: no-cache\r\nUpgrade: websocket\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\nOrigin: https://fourline.example:8000\r\n"
    b"Sec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br\r\nCookie: sessionid=abc; csrftoken=x\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
)
FIREFOX = BROWSER.replace(b"Connection: Upgrade", b"Connection: keep-alive, Upgrade")
PROXIED = BROWSER.replace(b"\r\nHost", b"\r\nX-Forwarded-For: 192.0.2.7, 192.0.2.8\r\nX-Forwarded-Proto: https\r\nHost")
BOT = BROWSER.replace(b"\r\nPragma", b"\r\nSec-WebSocket-Protocol: fourline.v1, bearer.a-b_c.d\r\nPragma")
USUAL = {"a browser": BROWSER, "another": FIREFOX, "behind a proxy": PROXIED, "a bot": BOT}


def by_the_libraries(data: bytes) -> tuple[str, list[tuple[bytes, bytes]], bytes] | None:
    """How uvicorn reads a request for a socket: h11, then websockets; None where one of them refuses it."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data)
    try:
        event = connection.next_event()
    except h11.RemoteProtocolError:
        return None
    if not isinstance(event, h11.Request):
        return None
    protocol = ServerProtocol()
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in event.headers)
    protocol.receive_data(event.method + b" " + event.target + b" HTTP/1.1\r\n" + lines + b"\r\n")
    requests = [each for each in protocol.events_received() if isinstance(each, Request)]
    if not requests:
        return None
    answer = protocol.accept(requests[0])
    if answer.status_code != 101:
        return None
    return event.target.decode(), [*event.headers], answer.headers["Sec-WebSocket-Accept"].encode()


@pytest.mark.parametrize("data", USUAL.values(), ids=USUAL.keys())
def test_usual_requests_are_read_as_the_libraries_read_them(data: bytes) -> None:
    upgrade = upgrades.read(data + b"\x81\x80abcd")
    known = by_the_libraries(data)
    assert upgrade is not None
    assert known is not None
    target, headers, accept = known
    assert (upgrade.target, [*upgrade.headers.items()], upgrade.early) == (target, headers, b"\x81\x80abcd")
    assert b"\r\nSec-WebSocket-Accept: " + accept + b"\r\n" in upgrade.answer([], None)


def test_the_answer_names_the_subprotocol_and_further_headers() -> None:
    upgrade = upgrades.read(BOT)
    assert upgrade is not None
    assert upgrade.subprotocols == ["fourline.v1", "bearer.a-b_c.d"]
    answer = h11.Connection(h11.CLIENT)
    answer.send(h11.Request(method="GET", target="/", headers=[("Host", "x"), ("Upgrade", "websocket"),
                                                               ("Connection", "upgrade")]))  # fmt: skip
    answer.receive_data(upgrade.answer([(b"date", b"today")], "fourline.v1"))
    event = answer.next_event()
    assert isinstance(event, h11.InformationalResponse)
    assert event.status_code == 101
    assert (b"sec-websocket-protocol", b"fourline.v1") in [*event.headers]
    assert (b"date", b"today") in [*event.headers]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A request with a few bytes gone, doubled or replaced."""
    for _ in range(chance.randrange(1, 4)):
        at, length = chance.randrange(len(data)), chance.randrange(1, 12)
        rubbish = chance.choice(
            (b"\r\n", b"\n", b"\0", b" ", b"\t", b":", b",", b"\r\n ", b"\xff", b"A", data[at:][:40])
        )
        data = chance.choice((data[:at] + data[at + length :], data[:at] + rubbish + data[at:],
                              data[:at] + rubbish + data[at + length :]))  # fmt: skip
    return data


def test_nothing_is_read_that_the_libraries_refuse() -> None:
    chance, taken = random.Random(SEED), 0
    for _ in range(20_000):
        data = mutated(chance.choice([*USUAL.values()]), chance)
        upgrade = upgrades.read(data)
        if upgrade is not None:
            taken += 1
            whole = data[: len(data) - len(upgrade.early)]
            assert by_the_libraries(whole) is not None, whole
            assert (upgrade.target, [*upgrade.headers.items()]) == by_the_libraries(whole)[:2], whole  # type: ignore[index]
    assert taken > 1000  # else this compares nothing


UNUSUAL = {
    "a body": BROWSER.replace(b"\r\nPragma", b"\r\nContent-Length: 5\r\nPragma"),
    "a second cookie header": BROWSER.replace(b"\r\nPragma", b"\r\nCookie: c=d\r\nPragma"),
    "HTTP/1.0": BROWSER.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "another version": BROWSER.replace(b"Version: 13", b"Version: 8"),
    "a short key": BROWSER.replace(b"dGhl", b""),
    "no host": BROWSER.replace(b"Host: fourline.example:8000\r\n", b""),
    "half of it": BROWSER[:-2],
    "a whole address": BROWSER.replace(b"GET /", b"GET http://fourline.example/"),
    "not ASCII": BROWSER.replace(b"sessionid=abc", "sessionid=ä".encode()),
    "many headers": BROWSER.replace(b"\r\nPragma", b"".join(b"\r\nx%d: y" % n for n in range(130)) + b"\r\nPragma"),
    "too long": BROWSER.replace(b"sessionid=abc", b"sessionid=" + b"a" * upgrades.MOST_BYTES),
}


@pytest.mark.parametrize("data", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_whatever_is_unusual_is_left_to_the_libraries(data: bytes) -> None:
    assert upgrades.read(data) is None


# --- frames -----------------------------------------------------------------------------------------------------


def a_frame(chance: random.Random) -> bytes:
    """Mostly a text; at times something else, or broken."""
    text = "".join(chance.choice('aé€😀{}"') for _ in range(chance.choice((0, 5, 20, 60, 200)))).encode()
    kind = chance.choice([Opcode.TEXT] * 12 + [Opcode.PING, Opcode.PONG, Opcode.BINARY])
    if kind in (Opcode.PING, Opcode.PONG):
        text = text[:20]
    written = bytearray(
        Frame(kind, text, fin=kind in (Opcode.PING, Opcode.PONG) or chance.random() > 0.02).serialize(mask=True)
    )
    if chance.random() < 0.03:
        written[chance.randrange(len(written))] ^= 1 << chance.randrange(8)
    return bytes(written)


def pieces(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """A stream as a network cuts it."""
    while data:
        size = chance.choice((1, 2, 5, 40, 512))
        yield data[:size]
        data = data[size:]


def said(protocol: ServerProtocol) -> list[tuple[Opcode, bytes]]:
    """What the library has read since it was asked last."""
    return [(event.opcode, bytes(event.data)) for event in protocol.events_received() if isinstance(event, Frame)]


def read_all(cut: list[bytes]) -> tuple[list[tuple[Opcode, bytes]], ServerProtocol]:
    """As a connection of ours reads: what `frames.read` leaves goes to the library."""
    library, found, unfinished, is_usual = ServerProtocol(state=State.OPEN), [], b"", True
    for piece in cut:
        others = piece
        if is_usual:
            read, unfinished, others = frames.read(unfinished + piece)
            for each in read:
                if isinstance(each, str):
                    found.append((Opcode.TEXT, each.encode()))
                else:
                    library.receive_data(each)
                    found += said(library)
            is_usual = not others
        if others:
            library.receive_data(others)
            found += said(library)
    return found, library


def test_frames_are_read_as_the_library_reads_them() -> None:
    chance, left_to_library = random.Random(SEED), 0
    for _ in range(600):
        stream = b"".join(a_frame(chance) for _ in range(chance.randrange(1, 25)))
        cut = [*pieces(stream, chance)]
        library = ServerProtocol(state=State.OPEN)
        for piece in cut:
            library.receive_data(piece)
        found, ours = read_all(cut)
        assert found == said(library), stream
        assert (ours.parser_exc is None) == (library.parser_exc is None), stream
        left_to_library += ours.parser_exc is not None
    assert left_to_library > 20  # else no broken frame was among them


def test_no_more_than_one_short_text_is_kept() -> None:
    """Whatever a client begins and doesn't finish, we hold at most the longest text that is read here."""
    longest = Frame(Opcode.TEXT, b"a" * 125).serialize(mask=True)
    assert frames.read(longest[:-1]) == ([], longest[:-1], b"")
    larger = Frame(Opcode.TEXT, b"a" * 126).serialize(mask=True)
    assert frames.read(larger[:-1]) == ([], b"", larger[:-1])


# --- control frames ---------------------------------------------------------------------------------------------


def a_control_frame(chance: random.Random) -> bytes:
    """A ping, a pong, or a close, whose code and reason may be impossible."""
    kind = chance.choice((Opcode.PING, Opcode.PONG, Opcode.CLOSE, Opcode.CLOSE, Opcode.CLOSE))
    payload = chance.randbytes(chance.choice((0, 1, 2, 4, 125)))
    if kind is Opcode.CLOSE and chance.random() < 0.8:
        code = chance.choice((1000, 1001, 1004, 1005, 1006, 1011, 1015, 2999, 3000, 4008, 4999, 5000))
        payload = code.to_bytes(2, "big") + chance.choice((b"", b"bye", "\N{WAVING HAND SIGN}".encode(), b"\xff"))
    return Frame(kind, payload).serialize(mask=True)


def test_control_frames_are_answered_as_the_library_answers_them() -> None:
    chance, refused = random.Random(SEED), 0
    for _ in range(3000):
        frame = a_control_frame(chance)
        library = ServerProtocol(state=State.OPEN)
        library.receive_data(frame)
        answer = b"".join(library.data_to_send())
        opcode, payload = frames.control(frame)
        if opcode is not Opcode.CLOSE:
            assert [(opcode, payload)] == said(library)
            assert answer == (frames.unmasked(Opcode.PONG, payload) if opcode is Opcode.PING else b"")
            continue
        close = frames.close(payload)
        assert (close is None) == (library.parser_exc is not None), frame
        if close is None:
            refused += 1
        else:
            assert close == library.close_rcvd
            assert frames.unmasked(Opcode.CLOSE, payload) == answer
    assert 100 < refused < 1500  # else it compares half of it
