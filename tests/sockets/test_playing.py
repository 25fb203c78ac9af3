"""Playing: every command, its event, and its refusals in the contract's order."""

import pytest

from games.models import Game, Move
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stored_games import ALICE_WINS, FULL_BOARD, store_finished, store_game
from tests.support.stories import in_store, story
from tests.support.wire import Client


def _stored(game: Game) -> str:
    return "".join(str(column + 1) for column in Move.objects.filter(game=game).values_list("column", flat=True))


async def _play_all(notation: str, first: Client, second: Client) -> list[dict]:
    movers = (first, second)
    return [await movers[i % 2].play(int(digit) - 1, i + 1) for i, digit in enumerate(notation)]


@story
async def test_everybody_hears_each_move_after_it_is_stored(
    server: ServerProcess, game: Game, alice: Person, bob: Person, nobody: Person
) -> None:
    async with Table(server, game) as table:
        clients = [await table.seat(person) for person in (alice, bob, nobody)]
        acknowledged = await _play_all(ALICE_WINS, clients[0], clients[1])
        for client in (clients[2],):
            heard = [await client.hear("move_played") for _ in ALICE_WINS]
            assert heard == acknowledged
    assert await in_store(_stored)(game) == ALICE_WINS
    first, last = acknowledged[0], acknowledged[-1]
    played_at = first.pop("playedAt")
    assert played_at.endswith("Z")
    assert first == {
        "type": "move_played", "version": 2, "ply": 1, "column": 0, "row": 0, "participant": 1, "turn": 2,
        "legalColumns": [0, 1, 2, 3, 4, 5, 6], "outcome": None, "clock": None, "moveMs": None,
    }  # fmt: skip
    line = [[0, 0], [0, 1], [0, 2], [0, 3]]
    assert last["outcome"] == {"winner": 1, "reason": "four_in_a_row", "line": line}
    assert (last["version"], last["turn"], last["legalColumns"]) == (8, None, [])
    row = await in_store(Game.objects.get)(pk=game.pk)
    assert (row.state, row.reason, row.winner) == ("finished", "four_in_a_row", 1)


@story
async def test_a_full_board_is_a_draw(lone_server: ServerProcess, game: Game, alice: Person, bob: Person) -> None:
    async with Table(lone_server, game) as table:
        last = (await _play_all(FULL_BOARD, await table.seat(alice), await table.seat(bob)))[-1]
    assert last["outcome"] == {"winner": None, "reason": "board_full", "line": None}
    assert (last["version"], last["legalColumns"]) == (43, [])


@story
async def test_a_move_sent_again_is_answered_to_its_sender_alone(
    server: ServerProcess, game: Game, alice: Person, bob: Person
) -> None:
    async with Table(server, game) as table:
        mover, other = await table.seat(alice), await table.seat(bob)
        acknowledged = (await _play_all(ALICE_WINS, mover, other))[0]
        await mover.say("play_move", column=0, ply=1, id="again")
        assert await mover.hear("move_played") == {**acknowledged, "id": "again"}
        await other.say("ping", id=7)
        while (message := await other.hear())["type"] != "pong":
            assert message.get("id") != "again"


@story
async def test_resigning_tells_everybody(server: ServerProcess, game: Game, alice: Person, bob: Person) -> None:
    async with Table(server, game) as table:
        clients = [await table.seat(alice), await table.seat(bob)]
        await clients[0].say("resign", id="enough")
        for client in clients:
            assert await client.hear("game_finished") == {
                "type": "game_finished",
                "version": 2,
                "outcome": {"winner": 2, "reason": "resignation", "line": None},
            }
        assert await clients[1].refused("resign") == "game_finished"


# --- the order of judgement -------------------------------------------------------------------------------------

STANDING = "1111112"  # The leftmost column is full; Bob, participant 2, is to move ply 8.


@pytest.mark.parametrize(
    ("who", "column", "ply", "code"),
    [
        ("charlie", 9, 99, "not_a_participant"),
        ("nobody", 3, 8, "not_a_participant"),
        ("alice", 9, 3, "wrong_ply"),  # recorded otherwise, before turn and column
        ("alice", 0, 2, "wrong_ply"),  # recorded with that column, but by the other seat
        ("bob", 0, 1, "wrong_ply"),
        ("alice", 9, 8, "not_your_turn"),  # the turn before the ply and the column
        ("alice", 9, 9, "not_your_turn"),
        ("bob", 9, 9, "wrong_ply"),  # the ply before the column
        ("bob", 9, 0, "wrong_ply"),
        ("bob", 9, -1, "wrong_ply"),
        ("bob", 7, 8, "no_such_column"),
        ("bob", -1, 8, "no_such_column"),
        ("bob", 10**30, 8, "no_such_column"),
        ("bob", 0, 10**30, "wrong_ply"),
        ("bob", 0, 8, "column_full"),
    ],
)
def test_a_move_is_judged_in_the_contracts_order(
    who: str, column: int, ply: int, code: str, lone_server: ServerProcess, request: pytest.FixtureRequest
) -> None:
    people = {name: request.getfixturevalue(name) for name in ("alice", "bob", who)}
    game = store_game(people["alice"].player, people["bob"].player, STANDING)

    @story
    async def judged() -> None:
        async with Table(lone_server, game) as table:
            assert await (await table.seat(people[who])).refused("play_move", column=column, ply=ply) == code

    judged()
    assert _stored(game) == STANDING


@story
async def test_a_waiting_game_knows_strangers_before_it_says_that_it_waits(
    lone_server: ServerProcess, waiting_game: Game, alice: Person, charlie: Person
) -> None:
    async with Table(lone_server, waiting_game) as table:
        creator, stranger = await table.seat(alice), await table.seat(charlie)
        for command in ({"type": "play_move", "column": 9, "ply": 1}, {"type": "resign"}):
            assert await stranger.refused(**command) == "not_a_participant"
            assert await creator.refused(**command) == "game_not_started"
        assert await creator.refused("offer_rematch") == "rematch_unavailable"
        assert await creator.refused("decline_rematch") == "rematch_unavailable"


@story
async def test_after_the_end_a_recorded_move_is_answered_and_any_other_refused(
    lone_server: ServerProcess, alice: Person, bob: Person
) -> None:
    game = await in_store(store_finished)(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1)
    async with Table(lone_server, game) as table:
        mover = await table.seat(alice)
        answer = await mover.play(0, 7)
        assert answer["id"] == "ply 7"
        assert answer["outcome"]["reason"] == "four_in_a_row"
        assert (await mover.play(0, 1))["outcome"] is None
        for column, ply in ((1, 1), (1, 8), (9, 9)):
            assert await mover.refused("play_move", column=column, ply=ply) == "game_finished"


@pytest.mark.parametrize("command_id", [0, -1, 2**70, "", "x" * 64, "\u00e4\U0001f600", "a\u0000b"])
@story
async def test_the_id_of_a_command_comes_back(
    lone_server: ServerProcess, game: Game, bob: Person, command_id: object
) -> None:
    async with Table(lone_server, game) as table:
        client = await table.seat(bob)
        await client.say("play_move", column=0, ply=1, id=command_id)
        error = await client.hear("error")
        assert (error["code"], error["id"]) == ("not_your_turn", command_id)
        assert error["message"]
        await client.say("sync", id=command_id)
        assert (await client.hear("snapshot"))["id"] == command_id
        await client.say("ping", id=command_id)
        assert (await client.hear("pong"))["id"] == command_id
        await client.say("ping")
        assert "id" not in await client.hear("pong")


@story
async def test_a_spectators_attempts_change_nothing(
    server: ServerProcess, game: Game, alice: Person, charlie: Person
) -> None:
    async with Table(server, game) as table:
        player, spectator = await table.seat(alice), await table.seat(charlie)
        for command in (
            {"type": "play_move", "column": 3, "ply": 1},
            {"type": "resign"},
            {"type": "offer_rematch"},
            {"type": "decline_rematch"},
        ):
            assert await spectator.refused(**command) == "not_a_participant"
        await player.say("sync")
        assert (await player.hear("snapshot"))["game"]["version"] == 1
