"""What follows a change: at once where the process lives, from the store where it died, and once in either case."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import pytest
from django.db import connection
from django.utils import timezone

from games.game.changes import Change, Drop
from games.game.live import LiveGame
from games.game.offered import DrawOffer
from games.layers.broadcast import Broadcast
from games.models import Game, Player
from games.protocol import PlayMove, Resign
from games.protocol.commands import OfferDraw
from games.registry import after
from games.runtime import Runtime
from tests.support.houses import House
from tests.support.stored_games import store_game


class Ended:
    """Writes into a game's note that it has been seen to: once, however often it is done."""

    FOLLOWS_MOVES = False
    hints_are_lost = False
    fails = False

    def __init__(self, broadcast: Broadcast) -> None:
        pass

    def hint(self, game: LiveGame, change: Change) -> Sequence[str]:
        assert game.is_finished or not isinstance(change, Drop), "it follows no moves"
        if self.fails:
            raise RuntimeError("for the test")
        return [game.id] if game.is_finished and not self.hints_are_lost else ()

    def pending(self, now: datetime, most: int) -> Sequence[str]:
        return list(Game.objects.finished().exclude(note__contains="seen").values_list("pk", flat=True)[:most])

    def do(self, work: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE games_game SET note = note || 'seen.' WHERE id = %s AND note NOT LIKE '%%seen%%'", [work]
            )


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Ended]]:
    """The handler, of all runtimes of this test."""
    monkeypatch.setattr(after, "_factories", [*after._factories, Ended])
    yield Ended
    Ended.hints_are_lost = Ended.fails = False


@pytest.fixture
def played(ended: type[Ended], houses: list[House], alice: Player, bob: Player) -> Game:
    """A game in progress, at two processes that know the handler."""
    return store_game(alice, bob)


def note(game: Game) -> str:
    """A game's note, as it is stored."""
    return str(Game.objects.get(pk=game.pk).note)


def sweep(*houses: House) -> None:
    """Let processes look at what is pending, at the same time."""
    for look in [house.ask(lambda _: Runtime.here().after.sweep(timezone.now())) for house in houses]:
        look.result(20)


def settled(house: House) -> None:
    """Wait until what was offered to the writer is done."""

    async def wait(_: object) -> None:
        await Runtime.here().writes.do(int)

    house.ask(wait).result(10)


@pytest.mark.parametrize("follows", [True, False])
def test_who_follows_no_moves_is_asked_of_everything_else(
    played: Game, houses: list[House], alice: Player, monkeypatch: pytest.MonkeyPatch, follows: bool
) -> None:
    heard: list[type] = []
    monkeypatch.setattr(Ended, "FOLLOWS_MOVES", follows)
    monkeypatch.setattr(Ended, "hint", lambda self, game, change: heard.append(type(change)) or ())
    assert houses[0].begin(played, alice.pk, PlayMove(column=3, ply=1)).result(10) == "done"
    assert houses[0].begin(played, alice.pk, OfferDraw()).result(10) == "done"
    assert heard == ([Drop, DrawOffer] if follows else [DrawOffer])


def test_a_hint_is_followed_at_once(played: Game, houses: list[House], alice: Player) -> None:
    assert houses[0].begin(played, alice.pk, Resign()).result(10) == "done"
    settled(houses[0])
    assert note(played) == "seen."


def test_what_was_lost_is_found_and_done_once(
    played: Game, ended: type[Ended], houses: list[House], alice: Player, bob: Player
) -> None:
    ended.hints_are_lost = True
    games = [played, *(store_game(alice, bob) for _ in range(27))]  # more than one look takes
    for game in games:
        assert houses[0].begin(game, alice.pk, Resign()).result(10) == "done"
    settled(houses[0])
    assert note(played) == ""
    sweep(*houses)
    sweep(*houses)
    assert {note(game) for game in games} == {"seen."}


def test_a_handler_that_fails_holds_nothing_up(
    played: Game, ended: type[Ended], houses: list[House], alice: Player, caplog: pytest.LogCaptureFixture
) -> None:
    ended.fails = True
    assert houses[0].begin(played, alice.pk, Resign()).result(10) == "done"
    assert "a follow-up failed" in caplog.text
    sweep(houses[1])
    assert note(played) == "seen."
