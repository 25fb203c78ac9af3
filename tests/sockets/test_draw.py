"""A draw by agreement, over sockets: who hears what, with which version."""

from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stored_games import store_game
from tests.support.stories import in_store, story


@story
async def test_an_offer_a_refusal_and_an_agreement(
    server: ServerProcess, alice: Person, bob: Person, nobody: Person
) -> None:
    game = await in_store(store_game)(alice.player, bob.player, "44")
    async with Table(server, game) as table:
        clients = [await table.seat(person) for person in (alice, bob, nobody)]
        await clients[0].say("offer_draw")
        for client in clients:
            assert await client.hear("draw_offered") == {"type": "draw_offered", "version": 4, "participant": 1}
        await clients[0].say("offer_draw", id="again")
        assert await clients[0].hear("draw_offered") == {
            "type": "draw_offered", "version": 4, "participant": 1, "id": "again",
        }  # fmt: skip
        await clients[1].say("sync")
        assert (await clients[1].hear("snapshot"))["game"]["offers"] == {"draw": 1, "takeback": None}
        await clients[1].say("decline_draw")
        for client in clients:
            assert await client.hear("draw_declined") == {"type": "draw_declined", "version": 5, "participant": 2}
        for client, code in ((clients[0], "offer_unavailable"), (clients[2], "not_a_participant")):
            await client.say("offer_draw", id=code)
            refused = await client.hear("error")
            assert (refused["code"], refused["id"]) == (code, code)
        await clients[1].say("offer_draw")
        await clients[0].say("offer_draw")
        for client in clients:
            assert (await client.hear("draw_offered"))["version"] == 6
            finished = await client.hear("game_finished")
            assert (finished["version"], finished["outcome"]) == (
                7, {"winner": None, "reason": "agreement", "line": None},
            )  # fmt: skip
