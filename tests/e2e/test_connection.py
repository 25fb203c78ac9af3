"""What becomes of a game when its connections break, wait, or belong to somebody who has left."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.people import Person, stop_time
from tests.e2e.wire import Wire

pytestmark = pytest.mark.needs("chromium", "playwright")


@pytest.fixture
def game_id(alice: Person, bob: Person) -> str:
    """A game of Alice and Bob, just started; nobody has opened it."""
    game_id = alice.create_game()
    bob.join(game_id)
    return game_id


def notice(one: Person) -> Locator:
    return one.page.locator("[data-notice]")


def test_a_reload_in_the_middle_changes_nothing(alice: Person, bob: Person, game_id: str) -> None:
    alice.open_game(game_id)
    bob.open_game(game_id)
    alice.play(4)
    bob.play(4)
    alice.page.reload()
    alice.expect_connected()
    alice.expect_position("44")
    alice.play(3)
    bob.play(5)
    for one in (alice, bob):
        one.expect_position("4435")
        assert one.moves.locator("time").evaluate_all("times => times.every(time => time.textContent)")


def test_moves_made_while_away_are_there_on_coming_back(alice: Person, bob: Person, game_id: str) -> None:
    wire = Wire(bob.page)
    alice.open_game(game_id)
    bob.open_game(game_id)
    expect(alice.page.locator(".seat-far")).to_have_attribute("data-presence", "here")

    wire.cut()
    expect(notice(bob)).to_have_text(re.compile(r"Connection lost\. Reconnecting…"))
    expect(bob.columns.first).to_have_attribute("aria-disabled", "true")
    expect(alice.page.locator(".seat-far .seat-note")).to_have_text(re.compile(r"^away since \d\d:\d\d$"))
    alice.play(4)

    wire.mend()
    bob.expect_connected()
    expect(notice(bob)).to_be_hidden()
    bob.expect_position("4")
    expect(bob.moves.locator("time")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    expect(alice.page.locator(".seat-far")).to_have_attribute("data-presence", "here")
    bob.play(4)
    alice.expect_position("44")


def test_the_browser_coming_online_connects_at_once(bob: Person, game_id: str) -> None:
    wire = Wire(bob.page)
    bob.open_game(game_id)
    stop_time(bob.page)  # so that it never tries again by itself
    wire.cut()
    expect(notice(bob)).to_be_visible()
    wire.mend()
    bob.page.evaluate("dispatchEvent(new Event('online'))")
    bob.expect_connected()
    assert wire.connections == 2


def test_a_player_notices_within_three_seconds_that_nothing_answers(alice: Person, bob: Person, game_id: str) -> None:
    wire = Wire(bob.page)
    bob.open_game(game_id)
    stop_time(bob.page)
    bob.page.wait_for_timeout(2000)  # for the ping whose time had begun before
    wire.swallow("pong")
    bob.page.clock.run_for(3100)  # the next ping after 1.5 s, and 1.5 s for its answer
    expect(notice(bob)).to_be_visible()
    wire.swallow()
    bob.page.clock.run_for(300)
    bob.expect_connected()
    assert wire.connections == 2


def test_who_waits_for_a_move_to_be_stored_is_patient(alice: Person, bob: Person, game_id: str) -> None:
    wire = Wire(alice.page)
    alice.open_game(game_id)
    stop_time(alice.page)
    alice.page.wait_for_timeout(2000)  # for the ping whose time had begun before
    wire.swallow("play_move", "pong")
    alice.columns.nth(3).click()
    alice.page.clock.run_for(3500)  # the ping after the move has 2.5 s
    expect(notice(alice)).to_be_hidden()
    alice.page.clock.run_for(600)
    expect(notice(alice)).to_be_visible()


def test_a_page_that_is_offline_says_so(bob: Person, game_id: str) -> None:
    wire = Wire(bob.page)
    bob.open_game(game_id)
    bob.context.set_offline(True)
    wire.cut()
    expect(notice(bob)).to_have_text(re.compile("You are offline"))
    bob.context.set_offline(False)
    wire.mend()
    bob.expect_connected()


def test_a_move_is_shown_as_pending_and_settled(alice: Person, bob: Person, game_id: str) -> None:
    wire = Wire(alice.page)
    alice.open_game(game_id)
    wire.swallow("move_played")
    alice.columns.nth(3).click()
    expect(alice.page.locator(".disc.pending")).to_have_count(1)
    expect(alice.status).to_have_text("Sending your move…")
    wire.swallow()
    # The announcement is lost for good: the next ping tells that the page is behind.
    alice.expect_moves(1)
    alice.expect_position("4")


def test_a_move_that_got_lost_is_sent_again(alice: Person, bob: Person, game_id: str) -> None:
    wire = Wire(alice.page)
    alice.open_game(game_id)
    wire.swallow("play_move")
    alice.columns.nth(3).click()
    expect(alice.page.locator(".disc.pending")).to_have_count(1)
    wire.swallow()
    alice.expect_moves(1)
    assert [command["type"] for command in wire.sent] == ["play_move"] * len(wire.sent)
    assert all(command == wire.sent[0] for command in wire.sent)


def test_a_move_survives_a_break_of_the_connection(alice: Person, bob: Person, game_id: str) -> None:
    wire = Wire(alice.page)
    alice.open_game(game_id)
    wire.swallow("play_move")
    alice.columns.nth(3).click()
    wire.cut()
    wire.swallow()
    wire.mend()
    alice.expect_moves(1)
    alice.expect_position("4")


def test_a_refused_move_is_taken_back(alice: Person, bob: Person, game_id: str) -> None:
    wire = Wire(alice.page)
    alice.open_game(game_id)
    wire.swallow("play_move")
    alice.columns.nth(3).click()
    expect(alice.page.locator(".disc.pending")).to_have_count(1)
    wire.say({"type": "error", "code": "column_full", "message": "That column is full.", "id": wire.sent[0]["id"]})
    expect(alice.page.locator(".disc.pending")).to_have_count(0)
    expect(alice.page.locator(".toast")).to_have_text("That column is full.")
    wire.swallow()
    alice.play(4)


def test_a_gap_is_closed_by_a_snapshot(alice: Person, bob: Person, game_id: str) -> None:
    wire = Wire(bob.page)
    alice.open_game(game_id)
    bob.open_game(game_id)
    wire.say(
        {"type": "move_played", "version": 9, "ply": 8, "column": 0, "row": 0, "participant": 2, "turn": 1,
         "legalColumns": [0], "outcome": None, "playedAt": "2026-01-01T00:00:00.000Z"}
    )  # fmt: skip
    alice.play(4)
    bob.expect_position("4")
    assert {"type": "sync"} in wire.sent


def test_two_tabs_of_one_player_stay_right(alice: Person, bob: Person, game_id: str) -> None:
    alice.open_game(game_id)
    bob.open_game(game_id)
    first = alice.page
    alice.page = alice.context.new_page()
    alice.open_game(game_id)
    second = alice.page

    alice.play(1)
    bob.play(2)
    alice.page = first
    alice.expect_position("12")
    alice.play(3)
    alice.page = second
    alice.expect_position("123")


def test_signing_out_elsewhere_is_told_and_signing_in_leads_back(
    person: Callable[..., Person], bob: Person, game_id: str
) -> None:
    # A browser state of her own: signing out ends the session that the other tests share.
    dora = person("dora")
    dora_game = dora.create_game()
    bob.join(dora_game)
    dora.open_game(dora_game)
    dora.post("/accounts/logout/")
    expect(notice(dora)).to_contain_text("You are signed out. Sign in to go on playing.")
    expect(dora.columns.first).to_have_attribute("aria-disabled", "true")
    # It is her move, but not on this page.
    expect(dora.page.locator("[data-status]")).to_have_text("Not connected.")
    expect(dora.page.locator(".to-move")).to_have_count(0)
    expect(dora.page.get_by_role("button", name="Resign")).to_have_count(0)
    expect(dora.page).not_to_have_title(re.compile("^●"))
    dora.page.get_by_role("link", name="Sign in").last.click()
    dora.sign_in()
    expect(dora.page).to_have_url(re.compile(f"/games/{dora_game}/$"))
    dora.expect_connected()
    dora.play(4)


@pytest.mark.parametrize(("code", "sentence"), [(4400, "Reload it"), (4404, "no longer exists"), (4008, "in a minute")])
def test_a_close_code_that_forbids_connecting_again_is_obeyed(
    alice: Person, game_id: str, code: int, sentence: str
) -> None:
    wire = Wire(alice.page)
    alice.open_game(game_id)
    wire.close(code)
    expect(notice(alice)).to_contain_text(sentence)
    # Coming online hurries every other reconnection; not this one.
    alice.page.evaluate("dispatchEvent(new Event('online'))")
    expect(notice(alice)).to_contain_text(sentence)
    assert wire.connections == 1


def test_a_restarting_server_is_told(alice: Person, game_id: str) -> None:
    wire = Wire(alice.page)
    alice.open_game(game_id)
    wire.say({"type": "server_restarting"})
    expect(notice(alice)).to_contain_text("The server is restarting.")
    wire.close(4012)
    alice.expect_connected()
    expect(notice(alice)).to_be_hidden()
