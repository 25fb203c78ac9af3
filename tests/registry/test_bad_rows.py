"""Rows that make no game, under a game that is being played: refused while they are there, and nothing sticks."""

import time

import pytest

from games.models import Player
from games.protocol import GameError, PlayMove
from games.registry.registry import Registry
from tests.support.houses import House
from tests.support.stored_games import mend, spoil, store_game

FIRST = PlayMove(column=3, ply=1)


@pytest.mark.alone("a refusal comes before the deadline of 2 s")
def test_a_game_plays_on_after_its_rows_are_mended(
    houses: list[House], alice: Player, bob: Player, caplog: pytest.LogCaptureFixture
) -> None:
    game, other = store_game(alice, bob), store_game(alice, bob)
    for each in (game, other):
        houses[0].listen(each)
    spoil(game)
    for _ in range(3):
        started = time.monotonic()
        assert houses[0].begin(game, alice.pk, FIRST).result(20) == "try_again"
        assert time.monotonic() - started < 1.9, "it was answered by its deadline, and the game is stuck"
    assert houses[1].begin(game, alice.pk, FIRST).result(20) == "try_again"  # where it is not live
    assert houses[0].begin(other, alice.pk, FIRST).result(20) == "done"
    lines = [line for line in caplog.messages if game.pk in line]
    assert len(lines) == 2, lines  # one for each process, however often it was asked for
    assert "column 0 is full" in lines[0]
    mend(game)
    assert houses[0].begin(game, alice.pk, FIRST).result(20) == "done"
    assert houses[0].begin(game, bob.pk, PlayMove(column=0, ply=2)).result(20) == "done"
    assert houses[1].view(game).notation == "41"


def test_one_bad_game_keeps_no_other_behind(houses: list[House], alice: Player, bob: Player) -> None:
    games = [store_game(alice, bob) for _ in range(5)]
    for game in games:
        houses[0].listen(game)
    for game in games[:4]:
        spoil(game)
    assert houses[1].begin(games[4], alice.pk, FIRST).result(20) == "done"

    async def catch_up(registry: Registry) -> int:
        await registry.catching_up.catch_up(in_any_case=True)
        entry = registry.live_games.find(games[4].pk)
        assert entry is not None
        assert entry.game is not None
        return entry.game.version

    assert houses[0].ask(catch_up).result(20) == 2
    for game in games[:4]:
        mend(game)


@pytest.mark.alone("a refusal comes before the deadline of 2 s")
def test_a_command_that_fails_while_it_is_judged_again_ends_its_turn(
    houses: list[House], alice: Player, bob: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = store_game(alice, bob)
    houses[0].listen(game)
    assert houses[1].begin(game, alice.pk, FIRST).result(20) == "done"

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    async def refused(registry: Registry) -> str:
        judges = registry._judges
        verdicts = iter([judges.judge])
        with monkeypatch.context() as broken:
            broken.setattr(judges, "judge", lambda *asked: next(verdicts, fail)(*asked))
            with pytest.raises(GameError) as refusal:
                await registry.run(game.pk, alice.pk, PlayMove(column=5, ply=1))
            return refusal.value.code.value

    started = time.monotonic()
    assert houses[0].ask(refused).result(20) == "try_again"
    assert time.monotonic() - started < 1.9
    assert houses[0].begin(game, bob.pk, PlayMove(column=0, ply=2)).result(20) == "done"
