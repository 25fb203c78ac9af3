"""A neighbour that dies gives its players the time back that they could not play in."""

from django.utils import timezone

from games.models import Player
from games.protocol import PlayMove
from games.runtime import Runtime
from tests.support.houses import House
from tests.support.stored_games import store_game


def test_only_the_side_that_was_connected_there_alone_gets_time_back(
    houses: list[House], alice: Player, bob: Player
) -> None:
    games = [store_game(alice, bob, initial=60, increment=0, start_time=timezone.now()) for _ in range(3)]
    for game in games:
        houses[0].listen(game)
        assert houses[0].begin(game, alice.pk, PlayMove(column=3, ply=1)).result(10) == "done"
    there, elsewhere, here = (game.pk for game in games)  # where Bob is, who is to move

    async def lose(_: object) -> list[float]:
        runtime = Runtime.here()
        attendance, pace = runtime.attendance, runtime.registry.pace
        for game_id in (there, elsewhere, here):
            attendance.join(game_id, 1)
        attendance.join(here, 2)
        for game_id, process in ((there, "lost"), (here, "lost"), (elsewhere, "lives")):
            attendance.hear(game_id, process, (0, 0, 1), asks=False)
        runtime.neighbours.hear({"type": "process.lives", "process": "lost"})
        before = pace.now()
        runtime.neighbours.hear({"type": "process.ends", "process": "lost"})
        entries = [runtime.live_games.find(game_id) for game_id in (there, elsewhere, here)]
        return [entry.turn.counted_from - before for entry in entries if entry is not None and entry.turn is not None]

    gained = houses[0].ask(lose).result(10)
    assert len(gained) == 3
    assert 4.9 < gained[0] < 5.5
    assert max(gained[1:]) <= 0
