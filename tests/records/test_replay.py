"""`manage.py replay` prints a game as boards, and says in one line why it can't."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from games.management.commands.replay import Command
from games.models import Player
from tests.support.stored_games import ALICE_WINS, store_finished, store_game


def replay(*arguments: str) -> str:
    out = StringIO()
    call_command("replay", *arguments, stdout=out)
    return out.getvalue()


def test_every_ply_is_a_board(alice: Player, bob: Player) -> None:
    game = store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    output = replay(game.pk)
    assert output.startswith(f"{game.pk}: alice (X) against bob (O), public, made 2026-01-05T12:00:00.000Z\n\nStart\n")
    assert output.count("  1 2 3 4 5 6 7") == len(ALICE_WINS) + 1
    assert "Ply 2: bob in column 2, 2026-01-05T12:00:30.000Z" in output
    rows = ["| . . . . . . . |"] * 2 + ["| X . . . . . . |"] * 3 + ["| X O O O . . . |", "  1 2 3 4 5 6 7"]
    assert output.endswith("\n".join([*rows, "", "alice won: four in a row.", ""]))


def test_discs_belong_to_seats_whoever_began(alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "4", first_move=2)
    assert "| . . . O . . . |" in replay(game.pk)


@pytest.mark.parametrize("form", ["{0}", "{1}", " {0}-", "{2}"])
def test_the_id_may_be_typed_in_any_form(form: str, alice: Player) -> None:
    game = store_game(alice, None, id="A01QX9")
    typed = form.format(game.pk, game.pk.lower(), "aoi-qx9")
    assert replay(typed).startswith("A01QX9: alice (X) against nobody yet (O)")


def test_one_ply_alone(alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "443")
    output = replay(game.pk, "--ply", "2")
    assert output.count("  1 2 3 4 5 6 7") == 1
    assert "Ply 2: bob in column 4" in output
    assert "is to move" not in output


@pytest.mark.parametrize(
    ("fields", "last_line"),
    [
        ({"notation": "44"}, "alice is to move."),
        ({"notation": "44", "first_move": 2}, "bob is to move."),
        (
            {"notation": "44", "reason": "adjudication", "winner": 2, "note": "Solver."},
            "bob won: adjudication (Solver.).",
        ),
        ({"notation": "44", "reason": "aborted", "winner": None}, "No winner: aborted."),
    ],
)
def test_the_last_line_says_how_it_stands(
    fields: dict[str, object], last_line: str, alice: Player, bob: Player
) -> None:
    store = store_finished if "reason" in fields else store_game
    game = store(alice, bob, **fields)  # type: ignore[operator]  # either of two with other fields
    assert replay(game.pk).splitlines()[-1] == last_line


def test_a_waiting_game_is_an_empty_board(alice: Player) -> None:
    output = replay(store_game(alice, None).pk)
    assert "Start\n| . . . . . . . |" in output
    assert output.endswith("Waiting for participant 2.\n")


def test_json_has_the_game_and_its_positions(alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "44", first_move=2)
    record = json.loads(replay(game.pk, "--json"))
    assert (record["game"]["id"], record["game"]["notation"]) == (game.pk, "44")
    assert record["positions"][0] == {"ply": 0, "board": ["......."] * 6}
    assert record["positions"][2] == {
        "ply": 2, "board": ["......."] * 4 + ["...X...", "...O..."], "participant": 1, "column": 3, "row": 1,
        "playedAt": "2026-01-05T12:00:30.000Z",
    }  # fmt: skip


def test_json_of_one_ply(alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "443")
    assert [position["ply"] for position in json.loads(replay(game.pk, "--json", "--ply", "3"))["positions"]] == [3]


# --- refusals ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ply", ["-1", "3", "43"])
def test_a_ply_that_was_not_played(ply: str, alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "44")
    with pytest.raises(CommandError, match=f"{game.pk} has no ply {ply}: it goes from 0 to 2"):
        replay(game.pk, f"--ply={ply}")


@pytest.mark.parametrize("text", ["", "A9F3Q", "A9F3QX123", "A9F3QU", "é", "a\0b", "x" * 10_000])
def test_what_is_no_game_id(text: str, db: None) -> None:
    with pytest.raises(CommandError, match="is not a game ID"):
        replay(text)


def test_a_record_that_does_not_hold(alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "44444441")
    with pytest.raises(CommandError, match=r"does not hold \(column 3 is full\); see manage.py verify_games"):
        replay(game.pk)


@pytest.mark.django_db(transaction=True)
def test_an_unknown_id_is_one_line_and_exit_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        Command().run_from_argv(["manage.py", "replay", "zzzzzz"])
    assert end.value.code == 1
    assert capsys.readouterr() == ("", "CommandError: there is no game ZZZZZZ\n")
