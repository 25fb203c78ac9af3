"""A claim, from who is connected to what is stored."""

from typing import Any

from games.models import Player
from games.protocol.commands import Claim
from games.runtime import Runtime
from tests.support.houses import House
from tests.support.stored_games import store_game


def test_a_claim_needs_the_other_side_to_be_away_for_long_enough(
    houses: list[House], alice: Player, bob: Player
) -> None:
    game = store_game(alice, bob, "44")
    houses[0].listen(game)
    claim = Claim(result="draw")

    async def is_alone_for(seconds: float) -> Any:
        attendance = Runtime.here().attendance
        attendance._games[game.pk].note_seats(Runtime.here().registry.pace.now() - seconds)
        return attendance.of(game.pk).claim

    async def come(*seats: int) -> None:
        for seat in seats:
            Runtime.here().attendance.join(game.pk, seat)

    async def go(seat: int) -> None:
        Runtime.here().attendance.leave(game.pk, seat)

    ask = houses[0].ask
    ask(lambda _: come(1, 2)).result(10)
    assert ask(lambda _: is_alone_for(0)).result(10) is None
    assert houses[0].begin(game, alice.pk, claim).result(10) == "nothing_to_claim"
    ask(lambda _: go(2)).result(10)
    may = ask(lambda _: is_alone_for(86_400)).result(10)
    assert may is not None
    assert may.participant == 1
    assert houses[0].begin(game, bob.pk, claim).result(10) == "nothing_to_claim"
    assert houses[0].begin(game, alice.pk, Claim(result="win")).result(10) == "nothing_to_claim"
    assert houses[0].begin(game, alice.pk, claim).result(10) == "done"
    game.refresh_from_db()
    assert (game.reason, game.winner) == ("abandonment", None)
    assert ask(lambda _: is_alone_for(0)).result(10) is None
