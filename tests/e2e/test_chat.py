"""The chat beside a game: two players and a spectator, each at a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.people import Person
from tests.e2e.wire import Wire

pytestmark = pytest.mark.needs("chromium", "playwright")
PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
SIZES = [(320, 568), (360, 640), (390, 780), (568, 320), (820, 1180), (1280, 800)]
TRICKS = "\u202eevil\u202d <b>bold</b> \u200b\u05de\u05d4 \U0001f389 Z\u0337\u0301\u0301 http://example.org"


def button(one: Person) -> Locator:
    """What opens the chat and closes it."""
    return one.page.locator("[data-chat-button]")


def panel(one: Person) -> Locator:
    """The chat."""
    return one.page.get_by_role("region", name="Chat")


def lines(one: Person, room: str = "participants") -> Locator:
    """What was said, as it is shown."""
    return panel(one).locator(f'[data-room="{room}"] .chat-line')


def field(one: Person) -> Locator:
    """Where accounts write."""
    return panel(one).get_by_role("textbox", name="Say something")


def open_chat(*people: Person) -> None:
    """Each opens the chat."""
    for one in people:
        button(one).click()
        expect(panel(one)).to_be_visible()


def say(one: Person, text: str) -> None:
    """Write a line and send it."""
    field(one).fill(text)
    field(one).press("Enter")


@pytest.fixture
def game_id(alice: Person, bob: Person) -> str:
    """A game between Alice and Bob, open at both."""
    found = alice.create_game()
    bob.join(found)
    alice.open_game(found)
    bob.open_game(found)
    return found


# Delivers events to what the page knows of the rooms; gives each room's lines, by number, and what is unread of it.
REDUCE = """async (events) => {
  const { reduceChat, startingChat, unread } = await import("/static/js/chat/rooms.js");
  const start = startingChat({ participants: 2 });
  const chat = events.reduce((known, [event, isFirst]) => reduceChat(known, event, isFirst), start);
  const shown = (room) => [chat.rooms[room].lines.map(({ number }) => number), unread(chat, room, "alice")];
  return { own: chat.own, rooms: Object.fromEntries(Object.keys(chat.rooms).map((room) => [room, shown(room)])) };
}"""


def test_lines_that_come_twice_or_late_are_shown_once(alice: Person) -> None:
    def line(number: int, name: str = "bob") -> dict[str, object]:
        return {"number": number, "name": name, "text": "x", "at": "2026-11-20T12:00:00.000Z"}

    def chat(room: str, may: str | None, *numbers: int) -> dict[str, object]:
        return {"type": "chat", "room": room, "lines": [line(number) for number in numbers], "may": may, "off": False}

    def said(number: int, room: str = "participants", name: str = "bob") -> dict[str, object]:
        return {"type": "said", "room": room, **line(number, name)}

    alice.page.goto("/accounts/")
    found = alice.page.evaluate(
        REDUCE,
        [
            [said(1), False],  # before anything is known of the room
            [chat("participants", "text", 1, 2, 3), True],
            [said(3), False],
            [said(5), False],  # 4 is one that this person doesn't see
            [said(4), False],
            [said(6, name="alice"), False],
            [chat("spectators", None, 7), False],
            [said(8, room="spectators"), False],
        ],
    )
    assert found == {
        "own": "participants",
        "rooms": {"participants": [[1, 2, 3, 5, 6], 2], "spectators": [[7, 8], 1]},
    }
    off = {**chat("participants", None), "off": True}
    emptied = alice.page.evaluate(REDUCE, [[chat("participants", "text", 1), True], [off, False]])
    assert emptied == {"own": "participants", "rooms": {"participants": [[], 0]}}


def test_players_talk_and_whoever_has_it_closed_sees_that_there_is_something(
    game_id: str, alice: Person, bob: Person
) -> None:
    expect(panel(bob)).to_be_hidden()
    open_chat(alice)
    expect(field(alice)).to_be_focused()
    say(alice, "Good evening")
    expect(lines(alice)).to_have_text(["alice: Good evening"])
    expect(field(alice)).to_have_value("")
    expect(button(bob)).to_have_accessible_name("Chat, 1 unread")
    expect(bob.page.locator("[data-unread]")).to_have_text("1")
    expect(button(alice)).to_have_accessible_name("Chat")

    open_chat(bob)
    expect(button(bob)).to_have_accessible_name("Chat")
    expect(panel(bob).get_by_role("log")).to_have_attribute("aria-live", "polite")
    say(bob, TRICKS)
    heard = lines(alice).last.locator(".chat-text")
    expect(heard).to_have_text(TRICKS)
    assert heard.evaluate("line => line.tagName + getComputedStyle(line).unicodeBidi") == "BDIisolate"
    expect(lines(alice).last.locator("b, a")).to_have_count(0)  # text is text

    bob.page.keyboard.press("Escape")
    expect(panel(bob)).to_be_hidden()
    expect(button(bob)).to_be_focused()
    alice.play(4)  # what one plays is not in the way of what one says, nor the other way round
    open_chat(bob)
    field(bob).press("7")
    expect(field(bob)).to_have_value("7")
    bob.expect_moves(1)
    bob.page.reload()
    expect(lines(bob)).to_have_count(2)
    expect(panel(bob)).to_be_visible()  # as it was


def test_what_is_not_taken_is_said_and_stays_in_the_field(game_id: str, alice: Person, bob: Person) -> None:
    open_chat(alice)
    note = panel(alice).locator("[data-chat-note]")
    long = "\U0001f389" * 141
    field(alice).fill(long[:139])
    expect(panel(alice).locator("[data-chat-left]")).to_have_text("1")
    say(alice, long)
    expect(note).to_have_text("1 character too many.")
    expect(field(alice)).to_have_value(long)
    say(alice, long[:140])
    expect(lines(alice)).to_have_count(1)
    say(alice, long[:140])
    expect(note).to_have_text("You have said that, or a lot, just now. Wait a little.")
    expect(field(alice)).to_have_value(long[:140])
    say(alice, "another")
    expect(lines(alice)).to_have_count(2)
    expect(note).to_be_empty()


def test_a_line_that_is_never_answered_comes_back(game_id: str, bob: Person, person: Callable[..., Person]) -> None:
    alice = person("alice")
    wire = Wire(alice.page)
    wire.swallow("say")
    alice.open_game(game_id)
    open_chat(alice)
    say(alice, "Is anybody there?")
    expect(panel(alice).locator("[data-chat-note]")).to_contain_text("Wait a little.")
    expect(field(alice)).to_have_value("Is anybody there?")
    wire.swallow()
    field(alice).press("Enter")
    expect(lines(alice)).to_have_text(["alice: Is anybody there?"])


def test_spectators_are_heard_by_players_after_the_end(
    game_id: str, alice: Person, bob: Person, charlie: Person, person: Callable[..., Person]
) -> None:
    stranger = person(None)
    charlie.open_game(game_id)
    stranger.open_game(game_id)
    open_chat(alice, charlie, stranger)
    expect(panel(charlie).get_by_role("heading")).to_have_text("Spectators’ chat")
    expect(field(stranger)).to_be_hidden()
    expect(panel(stranger).get_by_role("link", name="Sign in")).to_be_visible()
    say(charlie, "Column 4!")
    expect(lines(stranger, "spectators")).to_have_text(["charlie: Column 4!"])
    say(alice, "Secret")
    expect(lines(alice)).to_have_text(["alice: Secret"])
    rooms = panel(alice).get_by_role("group", name="Room")
    expect(rooms).to_be_hidden()
    expect(lines(alice, "spectators")).to_have_count(0)
    expect(lines(charlie)).to_have_count(0)

    alice.page.get_by_role("button", name="Abort").click()
    expect(rooms).to_be_visible()
    expect(button(bob)).to_have_accessible_name("Chat, 1 unread")  # of the players' room: the other is new
    rooms.get_by_role("radio", name="Spectators").check()
    expect(lines(alice, "spectators")).to_have_text(["charlie: Column 4!"])
    expect(field(alice)).to_be_hidden()  # one reads it, and says what one has to say in one's own
    rooms.get_by_role("radio", name="Players").check()
    expect(field(alice)).to_be_visible()
    alice.expect_accessible()


def test_guests_say_presets_on_a_phone(alice: Person, person: Callable[..., Person]) -> None:
    guest = person(None, **PHONE)
    game_id = alice.create_game()
    alice.open_game(game_id)
    guest.page.goto(f"/join/{game_id}/")
    guest.page.get_by_role("button", name="Join the game").tap()
    guest.expect_connected()
    button(guest).tap()
    expect(field(guest)).to_be_hidden()
    panel(guest).get_by_role("button", name="Good luck").tap()
    expect(lines(guest).locator(".chat-text")).to_have_text(["Good luck"])
    open_chat(alice)
    expect(lines(alice).locator(".chat-text")).to_have_text(["Good luck"])
    alice.play(4)
    guest.play(4)  # the board is free


def test_switching_off_hiding_and_reporting(game_id: str, alice: Person, bob: Person) -> None:
    open_chat(alice, bob)
    say(bob, "You are slow")
    lines(alice).get_by_role("button", name="bob").click()
    person_menu = alice.page.get_by_role("dialog", name="bob")
    expect(person_menu.get_by_role("link", name="Report")).to_have_attribute("href", f"/@/bob/report/?game={game_id}")
    alice.expect_accessible()
    person_menu.get_by_role("button", name="Hide all they say").click()
    expect(panel(alice)).to_contain_text("You no longer see what bob says.")
    expect(lines(alice)).to_have_count(0)
    alice.post("/@/bob/unhide/")
    expect(lines(alice)).to_have_count(1)

    panel(alice).get_by_role("button", name="Switch off").click()
    expect(panel(alice)).to_contain_text("Chat is switched off, in all games.")
    expect(field(alice)).to_be_hidden()
    expect(lines(alice)).to_have_count(0)
    say(bob, "Hello?")
    expect(lines(bob)).to_have_count(2)
    panel(alice).get_by_role("button", name="Switch on").click()
    expect(lines(alice)).to_have_count(2)
    expect(field(alice)).to_be_visible()


def test_a_rematch_has_the_same_chat(game_id: str, alice: Person, bob: Person) -> None:
    open_chat(alice)
    say(alice, "One more?")
    expect(lines(alice)).to_have_count(1)
    alice.page.get_by_role("button", name="Abort").click()
    alice.page.get_by_role("button", name="Rematch").click()
    bob.page.get_by_role("button", name="Accept").click()
    for one in (alice, bob):
        one.page.wait_for_url(lambda url: game_id not in url)
        one.expect_connected()
    expect(lines(alice)).to_have_text(["alice: One more?"])
    open_chat(bob)
    expect(lines(bob)).to_have_text(["alice: One more?"])


def test_it_is_accessible_and_covers_no_board(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    open_chat(alice)
    say(alice, "Hello, is that covered?")
    expect(lines(alice)).to_have_count(1)
    for is_over in (False, True):
        if is_over:
            alice.page.get_by_role("button", name="Abort").click()
            expect(alice.page.locator("main")).to_have_attribute("data-state", "finished")
        for width, height in SIZES:
            alice.page.set_viewport_size({"width": width, "height": height})
            expect(panel(alice)).to_be_visible()
            board, chat = (alice.page.locator(part).bounding_box() for part in (".board-frame", "#chat"))
            assert board is not None
            assert chat is not None
            beside, below = chat["x"] >= board["x"] + board["width"] - 1, chat["y"] >= board["y"] + board["height"] - 1
            assert beside or below, (width, height, is_over)
            assert alice.page.evaluate("document.documentElement.scrollWidth") <= width, (width, height, is_over)
            if not is_over:
                assert alice.page.evaluate("document.documentElement.scrollHeight") <= height, (width, height)
                actions, other = (alice.page.locator(part).bounding_box() for part in (".action-bar", ".actions-side"))
                assert actions is not None
                assert other is not None
                assert actions["x"] + actions["width"] <= other["x"] + 1, (width, height)
        alice.expect_accessible()
