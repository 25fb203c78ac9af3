"""The hub, after whatever people do: everybody who listens ends up with the truth."""

import asyncio
import contextlib
import json
import random
from datetime import timedelta

import pytest
from django.utils import timezone

from games.game.commands import Cancel
from games.models import Game, Player
from games.protocol import GameError, Resign, Visibility
from games.runtime import Runtime
from lobby.live_list import listing
from lobby.live_list.listener import Listener
from lobby.models import User
from tests.support.lobbies import WITHIN, Message, create, in_a_loop, join, listening, play, told

pytestmark = pytest.mark.django_db(transaction=True)


class Mirror:
    """A client of the contract: what it shows follows from what it heard."""

    def __init__(self) -> None:
        self.games: dict[str, Message] = {}

    def take(self, message: Message) -> None:
        match message["type"]:
            case "lobby_snapshot":
                games = [*message["waiting"], *message["playing"], *message["mine"]]
                self.games = {game["id"]: game for game in games}
            case "game_listed":
                assert message["game"]["id"] not in self.games, "listed twice"
                self.games[message["game"]["id"]] = message["game"]
            case "game_updated":
                assert message["game"]["id"] in self.games, "updated without being listed"
                self.games[message["game"]["id"]] = message["game"]
            case "game_unlisted":
                del self.games[message["id"]]

    def shown(self) -> dict[str, int]:
        return {pk: game["version"] for pk, game in self.games.items()}


def truth(player_id: int | None) -> dict[str, int]:
    """What the page would show now."""
    lobby = listing.read(player_id, timezone.now())
    return {game.id: game.version for game in [*lobby.waiting, *lobby.playing, *lobby.mine]}


async def do_something(dice: random.Random, people: list[User]) -> None:
    """One random deed on the games that there are; most are legal, the registry refuses the others."""
    registry, user = Runtime.here().registry, dice.choice(people)
    ids = await told(lambda: list(Game.objects.values_list("pk", flat=True)))
    game_id, throw = dice.choice(ids or [None]), dice.random()
    if game_id is None or throw < 0.2:
        await create(user, dice.choice([Visibility.PUBLIC, Visibility.PRIVATE]))
    elif throw < 0.45:
        await join(user, game_id)
    elif throw < 0.9:
        ply = len((await registry.view(game_id)).columns) + 1
        await play(user, game_id, dice.randrange(7), ply)
    elif throw < 0.95:
        await registry.run(game_id, user.pk, dice.choice([Resign(), Cancel()]))
    else:
        gone = timezone.now() - timedelta(seconds=31)
        await told(lambda: Player.objects.filter(pk=user.pk).update(seen_at=gone))


async def follow(listener: Listener, mirror: Mirror) -> None:
    """Show whatever comes."""
    while True:
        mirror.take(json.loads(await listener.next()))


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_everybody_ends_up_with_the_truth(alice: User, bob: User, charlie: User, seed: int) -> None:
    dice = random.Random(seed)

    async def story() -> None:
        async with listening(None) as nobody, listening(alice) as at_alice, listening(bob) as at_bob:
            seats = [(one, Mirror()) for one in (nobody, at_alice, at_bob)]
            followers = [asyncio.create_task(follow(*seat)) for seat in seats]
            for _ in range(150):
                with contextlib.suppress(GameError):
                    await do_something(dice, [alice, bob, charlie])
            async with asyncio.timeout(WITHIN):
                for listener, mirror in seats:
                    while mirror.shown() != await told(truth, listener.player_id):
                        assert not any(follower.done() for follower in followers), followers
                        await asyncio.sleep(0.05)
            for follower in followers:
                follower.cancel()

    in_a_loop(story)
