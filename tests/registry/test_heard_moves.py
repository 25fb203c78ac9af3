"""Moves of timed games that another process announced: each begins a turn here, and few need a timer looked at."""

from typing import Any

import pytest
from django.utils import timezone

from games.game.changes import as_message
from games.game.commands import Command
from games.game.live import LiveGame
from games.models import Player
from games.protocol import PlayMove
from games.protocol.commands import Resign
from games.registry import catching_up
from games.registry.live_entry import Turn
from games.registry.live_games import LiveGames
from tests.support.houses import House
from tests.support.stored_games import store_game


def test_a_usual_move_is_heard_without_a_look_at_the_games_timer(
    houses: list[House], alice: Player, bob: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "CATCH_UP_INTERVAL", 3600.0)  # the store must not tell before the announcement
    game = store_game(alice, bob, initial=60, increment=0, start_time=timezone.now())
    there, here = houses
    for house in houses:
        house.listen(game)
    looked_at: list[int] = []
    here.ask(lambda registry: _note_looks(registry.live_games, looked_at)).result(10)
    commands: list[tuple[Player, Command]] = [
        (player, PlayMove(column=ply % 2, ply=ply)) for ply, player in enumerate([alice, bob] * 3, start=1)
    ]
    for player, command in [*commands, (bob, Resign())]:
        assert there.begin(game, player.pk, command).result(10) == "done"
        change: Any = there.view(game).changes[-1]
        number = change.number
        message = {"type": "game.event", "version": number, "text": "", "number": number, "change": as_message(change)}
        turn = hear(here, game.pk, message)
        assert (turn.since == change.at) is isinstance(command, PlayMove)
        assert not turn.is_by_log
    assert looked_at == [2, 3, 8]  # the start is the first change; both have moved now, and may claim; the game is over


async def _note_looks(live_games: LiveGames, looked_at: list[int]) -> None:
    as_before: Any = live_games.on_load

    def look(game: LiveGame) -> None:
        looked_at.append(game.number)
        as_before(game)

    live_games.on_load = look


def hear(house: House, game_id: str, message: Any) -> Turn:
    """Have a process hear an announcement; the turn of the game as it stands there then."""

    async def hear(registry: Any) -> Turn:
        registry.live_games.hear_of(game_id, message)
        turn: Turn = registry.live_games.find(game_id).turn
        return turn

    found: Turn = house.ask(hear).result(10)
    return found
