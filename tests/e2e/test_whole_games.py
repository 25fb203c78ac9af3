"""Two people play games to their ends."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person

pytestmark = pytest.mark.needs("chromium", "playwright")

WIN = "1212121"
DRAW = "174166227341672362665415453424277135575133"


def _play_all(first: Person, second: Person, notation: str) -> None:
    for ply, digit in enumerate(notation):
        mover = (first, second)[ply % 2]
        mover.play(int(digit))


def test_the_waiting_page_turns_into_the_game_and_the_game_is_won(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    alice.open_game(game_id)
    expect(alice.page.locator("#game-id")).to_have_text(game_id)
    expect(alice.page.get_by_label("Invite link", exact=True)).to_have_value(
        re.compile(f"http://127.0.0.1:[0-9]+/join/{game_id}/")
    )
    expect(alice.page.get_by_text("works on this machine only")).to_be_visible()
    expect(alice.page.get_by_role("img", name="QR code")).to_be_visible()

    bob.join(game_id)
    bob.open_game(game_id)
    expect(alice.page.get_by_text("bob joined. Your move.").last).to_be_visible()
    expect(alice.page).to_have_title("● Your move · Fourline")
    expect(bob.page).to_have_title("alice’s move · Fourline")

    _play_all(alice, bob, WIN)
    expect(alice.status).to_have_text("You won: four in a row.")
    bob.expect_moves(len(WIN))
    expect(bob.status).to_have_text("alice won: four in a row.")
    for one in (alice, bob):
        one.expect_position(WIN)
        expect(one.page.locator(".win-mark")).to_have_count(4)
        expect(one.columns.first).to_be_hidden()


def test_a_full_board_is_a_draw(alice: Person, bob: Person) -> None:
    game_id = alice.create_game(first_move="2")
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)

    _play_all(bob, alice, DRAW)
    for one in (alice, bob):
        expect(one.status).to_have_text("A draw: the board is full.")
        one.expect_position(DRAW, first_move=2)


def test_a_full_column_cannot_be_chosen(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)
    _play_all(alice, bob, "444444")

    expect(alice.columns.nth(3)).to_have_attribute("aria-disabled", "true")
    expect(alice.columns.nth(3)).to_have_attribute("aria-label", "Column 4, full")
    alice.columns.nth(3).click(force=True)
    alice.page.keyboard.press("4")
    alice.play(5)
    alice.expect_position("4444445")


def test_whose_turn_it_is_shows_in_bar_disc_and_title(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)

    for ply in range(2):
        mover, waiter = (alice, bob)[ply], (bob, alice)[ply]
        expect(mover.page.locator(".seat-near.to-move .seat-turn")).to_have_text("Your move")
        expect(mover.page.locator(f".hover-disc.disc-{ply + 1}:not(.resting)")).to_have_count(1)
        expect(mover.page).to_have_title("● Your move · Fourline")
        expect(waiter.page.locator(".seat-far.to-move .seat-turn")).to_have_text("To move")
        expect(waiter.page.locator(f".hover-disc.disc-{ply + 1}.resting")).to_have_count(1)
        expect(waiter.page).to_have_title(f"{mover.name}’s move · Fourline")
        mover.play(1)


def test_resigning_is_asked_once_more(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)

    _play_all(alice, bob, "44")
    bob.page.get_by_role("button", name="Resign").click()
    bob.page.get_by_role("button", name="Keep playing").click()
    expect(bob.page.get_by_role("button", name="Yes, resign")).to_be_hidden()
    expect(bob.page.get_by_role("button", name="Resign")).to_be_focused()
    alice.play(4)

    bob.page.get_by_role("button", name="Resign").click()
    bob.page.get_by_role("button", name="Yes, resign").click()
    expect(bob.status).to_have_text("You resigned. alice won.")
    expect(alice.status).to_have_text("bob resigned. You won.")


def test_a_draw_is_taken_back_declined_and_agreed(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)

    _play_all(alice, bob, "44")
    alice.page.get_by_role("button", name="Offer draw").press("Enter")
    expect(bob.page.get_by_text("alice offers a draw").first).to_be_visible()
    expect(bob.page.locator("[data-announcer]")).to_have_text("alice offers a draw.")
    expect(alice.page.get_by_role("button", name="Resign")).to_be_visible()
    alice.page.get_by_role("button", name="Take back").press("Enter")
    expect(bob.page.get_by_role("button", name="Offer draw")).to_be_visible()
    expect(alice.page.get_by_role("button", name="Resign")).to_be_focused()
    alice.page.get_by_role("button", name="Offer draw").click()
    expect(alice.page.get_by_text("You offered a draw a moment ago").first).to_be_visible()

    bob.page.get_by_role("button", name="Offer draw").click()
    alice.play(4)  # which declines it
    expect(bob.page.get_by_role("button", name="Offer draw")).to_be_visible()
    for mover, column in ((bob, 4), (alice, 3), (bob, 4)):
        mover.play(column)
    alice.page.get_by_role("button", name="Offer draw").click()
    bob.page.get_by_role("button", name="Accept").click()
    for one in (alice, bob):
        expect(one.status).to_have_text("A draw, agreed by both.")
        expect(one.page.get_by_role("button", name="Rematch")).to_be_visible()


def test_a_rematch_is_taken_back_declined_and_accepted(alice: Person, bob: Person) -> None:
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)
    _play_all(alice, bob, WIN)

    alice.page.get_by_role("button", name="Rematch").click()
    expect(bob.page.get_by_text("alice offers a rematch").first).to_be_visible()
    alice.page.get_by_role("button", name="Take back").click()
    expect(bob.page.get_by_role("button", name="Rematch")).to_be_visible()

    bob.page.get_by_role("button", name="Rematch").click()
    alice.page.get_by_role("button", name="Decline").click()
    expect(bob.page.get_by_role("button", name="Rematch")).to_be_visible()

    bob.page.get_by_role("button", name="Rematch").click()
    alice.page.get_by_role("button", name="Accept").click()
    for one in (alice, bob):
        one.page.wait_for_url(lambda url: game_id not in url)
    assert alice.page.url == bob.page.url
    bob.expect_connected()
    # Seats are swapped: participant 1 is bob now, and moves first.
    expect(bob.page.locator(".seat-near")).to_have_attribute("data-seat", "1")
    bob.play(4)
    alice.expect_position("4")

    # Going back shows the old game, and stays there.
    new_game = bob.page.url
    bob.page.go_back()
    bob.expect_connected()
    assert game_id in bob.page.url
    bob.page.get_by_role("link", name="Go to the rematch").click()
    expect(bob.page).to_have_url(new_game)


def test_keys_of_one_character_can_be_switched_off(person: Callable[..., Person]) -> None:
    alice, bob = person("alice"), person("bob")
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)
    keys, page = alice.page.keyboard, alice.page
    help_page = page.get_by_role("dialog", name="Help")
    keys.press("?")
    help_page.get_by_role("checkbox", name="Use keys of one character").uncheck()
    alice.expect_accessible()
    help_page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("or press its number")).to_be_hidden()
    page.reload()
    alice.expect_connected()
    said = page.locator("[data-announcer]").inner_text()
    for key in ("4", "t", "?"):
        keys.press(key)
    expect(help_page).to_be_hidden()
    expect(page.locator("[data-announcer]")).to_have_text(said)
    alice.play(2)  # what was pressed before has played nothing: it is the first move
    bob.expect_position("2")

    page.get_by_role("button", name="Help and keys").click()
    help_page.get_by_role("checkbox", name="Use keys of one character").check()
    help_page.get_by_role("button", name="Close").click()
    bob.play(3)
    alice.expect_moves(2)
    keys.press("4")
    bob.expect_position("234")


def test_the_score_of_a_series_stands_at_the_names_and_leads_to_its_games(alice: Person, bob: Person) -> None:
    first = alice.create_game()
    bob.join(first)
    for one in (alice, bob):
        one.open_game(first)
    _play_all(alice, bob, WIN)
    expect(alice.page.locator(".seat-score")).to_have_count(0)
    alice.page.get_by_role("button", name="Rematch").click()
    bob.page.get_by_role("button", name="Accept").click()
    for one in (alice, bob):
        one.page.wait_for_url(lambda url: first not in url)
        one.expect_connected()
    score = {seat: alice.page.locator(f".seat-{seat} [data-score]") for seat in ("near", "far")}
    expect(score["near"]).to_have_text("1")
    expect(score["far"]).to_have_text("0")
    _play_all(bob, alice, "12")
    alice.page.get_by_role("button", name="Draw").click()
    bob.page.get_by_role("button", name="Accept").click()
    expect(score["near"]).to_have_text("1½")
    expect(score["far"]).to_have_text("½")

    alice.page.get_by_role("button", name="1½ in the series").click()
    games = alice.page.get_by_role("dialog")
    expect(games.get_by_role("heading")).to_have_text("bob ½ : 1½ alice")
    expect(games.get_by_role("listitem").nth(1)).to_contain_text("alice won, four in a row")
    alice.expect_accessible()
    games.get_by_role("link", name="Game 1").click()
    alice.page.wait_for_url(f"**/games/{first}/")


@pytest.mark.parametrize("by", ["digits", "arrows"])
def test_the_keyboard_is_enough(person: Callable[..., Person], by: str) -> None:
    alice, bob = person("alice"), person("bob")
    game_id = alice.create_game()
    bob.join(game_id)
    alice.open_game(game_id)
    bob.open_game(game_id)

    position = ""
    for ply, column in enumerate((2, 4, 2, 4, 2, 4, 2)):
        mover = (alice, bob)[ply % 2]
        expect(mover.columns.nth(column - 1)).not_to_have_attribute("aria-disabled", "true")
        keys = mover.page.keyboard
        if by == "digits":
            keys.press(str(column))
        else:
            keys.press("ArrowLeft")  # onto the board
            mover.page.wait_for_function("document.activeElement.dataset.column !== undefined")
            at = int(mover.page.evaluate("document.activeElement.dataset.column")) + 1
            for _ in range(abs(at - column)):
                keys.press("ArrowLeft" if column < at else "ArrowRight")
            expect(mover.columns.nth(column - 1)).to_be_focused()
            keys.press("Enter")
        position += str(column)
        mover.expect_moves(ply + 1)
    expect(alice.status).to_have_text("You won: four in a row.")
    alice.expect_position(position)
