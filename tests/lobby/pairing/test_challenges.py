"""Challenges: made over the API, heard in the lobby of whom they are for, accepted, declined, taken back."""

import asyncio
import http.client
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from games.models import Game, Player
from games.runtime import Runtime
from lobby.models import User
from lobby.pairing import blocks, challenges
from tests.support.lobbies import in_a_loop
from tests.support.servers import ServerProcess
from tests.support.site import at, waiting_game
from tests.support.stored_games import store_game
from tests.support.stories import in_store, story
from tests.support.wire import Client, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
CSRF = "c" * 32


async def call(server: ServerProcess, session: str, path: str, **fields: Any) -> tuple[int, dict[str, Any]]:
    """POST to the API; status and answer."""

    def post() -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        headers = {
            "Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF, "Content-Type": "application/json",
        }  # fmt: skip
        try:
            connection.request("POST", path, json.dumps(fields), headers)
            answer = connection.getresponse()
            return answer.status, json.load(answer)
        finally:
            connection.close()

    return await asyncio.to_thread(post)


async def challenge(server: ServerProcess, session: str, opponent: str, **fields: Any) -> str:
    """A new challenge; its game's ID."""
    status, game = await call(server, session, "/api/games/", opponent=opponent, **fields)
    assert (status, game["invited"], game["state"]) == (201, opponent, "waiting"), game
    return str(game["id"])


def over(game_id: str, result: str) -> dict[str, Any]:
    """The event of the end of Alice's challenge of Bob."""
    return {
        "type": "challenge_ended", "id": game_id, "result": result, "participant1": "alice", "invited": "bob",
    }  # fmt: skip


def lobby(server: ServerProcess, session: str | None, lists: str = "?lists=none") -> Client:
    return Client(server.ws_url, f"/ws/lobby/{lists}", session)


@pytest.fixture
def sessions(alice: User, bob: User, charlie: User) -> list[str]:
    """Of Alice, Bob and Charlie."""
    return [sign_in(one) for one in (alice, bob, charlie)]


@story
async def test_a_challenge_is_heard_by_whom_it_is_for_and_accepted(server: ServerProcess, sessions: list[str]) -> None:
    alice, bob, charlie = sessions
    async with lobby(server, bob) as at_bob, lobby(server, charlie, "") as at_charlie, lobby(server, alice) as at_alice:
        for one in (at_bob, at_charlie, at_alice):
            await one.hear("lobby_snapshot")
        game_id = await challenge(server, alice, "bob", timeControl={"initial": 60, "increment": 1})
        game = (await at_bob.hear("challenged"))["game"]
        assert (game["id"], game["participant1"], game["invited"]) == (game_id, "alice", "bob")
        async with lobby(server, bob) as other_tab:
            [waiting] = (await other_tab.hear("lobby_snapshot"))["challenges"]
            assert waiting["id"] == game_id
        assert (await call(server, charlie, f"/api/games/{game_id}/join/"))[1]["code"] == "not_invited"
        status, game = await call(server, bob, f"/api/games/{game_id}/join/")
        assert (status, game["state"], game["participant2"]) == (200, "in-progress", "bob")
        for one in (at_bob, at_alice):
            assert await one.hear("challenge_ended") == over(game_id, "accepted")
        listed = await at_charlie.hear("game_listed")
        assert (listed["game"]["id"], listed["game"]["state"]) == (game_id, "in-progress"), "not before it began"


@story
async def test_a_bot_is_named_so_in_a_challenge_and_its_end(server: ServerProcess, sessions: list[str]) -> None:
    alice, bob, _ = sessions
    await in_store(Player.objects.filter(user__username="alice").update)(bot=True)
    async with lobby(server, bob) as at_bob, lobby(server, alice) as at_alice:
        for one in (at_bob, at_alice):
            await one.hear("lobby_snapshot")
        game_id = await challenge(server, alice, "bob")
        assert (await at_bob.hear("challenged"))["game"]["players"][0]["bot"] is True
        await call(server, bob, f"/api/games/{game_id}/decline/")
        for one in (at_bob, at_alice):
            assert await one.hear("challenge_ended") == {**over(game_id, "declined"), "bots": ["alice"]}
        game_id = await challenge(server, bob, "alice")
        await call(server, bob, f"/api/games/{game_id}/cancel/")
        assert (await at_alice.hear("challenge_ended"))["bots"] == ["alice"]


@story
async def test_a_challenge_is_declined_or_taken_back_and_both_hear_of_it(
    server: ServerProcess, sessions: list[str]
) -> None:
    alice, bob, charlie = sessions
    async with lobby(server, bob) as at_bob, lobby(server, alice) as at_alice:
        for one in (at_bob, at_alice):
            await one.hear("lobby_snapshot")
        for asker, path, result in ((bob, "decline", "declined"), (alice, "cancel", "withdrawn")):
            game_id = await challenge(server, alice, "bob")
            await at_bob.hear("challenged")
            status, refusal = await call(server, charlie, f"/api/games/{game_id}/decline/")
            assert (status, refusal["code"]) == (403, "not_invited")
            status, game = await call(server, asker, f"/api/games/{game_id}/{path}/")
            assert (status, game["state"], game["outcome"]["reason"]) == (200, "finished", "aborted")
            for one in (at_bob, at_alice):
                assert await one.hear("challenge_ended") == over(game_id, result)
            status, refusal = await call(server, bob, f"/api/games/{game_id}/decline/")
            assert (status, refusal["code"]) == (409, "game_finished")


@story
async def test_who_can_not_be_challenged(
    server: ServerProcess, alice: User, charlie: User, sessions: list[str]
) -> None:
    await User.objects.filter(pk=charlie.pk).aupdate(is_active=False)
    for opponent, status, code in [
        ("nobody-here", 404, "unknown_player"),
        ("charlie", 404, "unknown_player"),
        ("Alice", 400, "invalid_request"),
        ("", 400, "invalid_request"),
        (7, 400, "invalid_request"),
        ("x" * 21, 404, "unknown_player"),
        ("x" * 2000, 404, "unknown_player"),
        ("a\0b", 400, "invalid_request"),
    ]:
        found = await call(server, sessions[0], "/api/games/", opponent=opponent)
        assert (found[0], found[1]["code"]) == (status, code), opponent
    both = await call(server, sessions[0], "/api/games/", opponent="bob", computer=3)
    assert (both[0], both[1]["code"]) == (400, "invalid_request")


@story
async def test_two_unanswered_to_one_person_and_five_in_all(server: ServerProcess, sessions: list[str]) -> None:
    alice, *_ = sessions
    others = [await in_store(User.objects.create_user)(f"other-{number}") for number in range(4)]
    for opponent in ("bob", "bob"):
        await challenge(server, alice, opponent)
    status, refusal = await call(server, alice, "/api/games/", opponent="bob")
    assert (status, refusal["code"]) == (429, "rate_limited")
    for other in others[:3]:
        await challenge(server, alice, other.username)
    status, refusal = await call(server, alice, "/api/games/", opponent=others[3].username)
    assert (status, refusal["code"]) == (429, "rate_limited")
    assert await Game.objects.acount() == 5


@story
async def test_a_challenge_between_blocked_people_never_arrives(
    server: ServerProcess, alice: User, bob: User, sessions: list[str]
) -> None:
    from lobby.models import Block

    await Block.objects.acreate(blocker_id=bob.pk, blocked_id=alice.pk, at=timezone.now())
    async with lobby(server, sessions[1]) as at_bob:
        await at_bob.hear("lobby_snapshot")
        unheard = await challenge(server, sessions[0], "bob")
        game_id = await challenge(server, sessions[2], "bob")
        assert (await at_bob.hear("challenged"))["game"]["id"] == game_id
        await at_bob.say("sync")
        assert [game["id"] for game in (await at_bob.hear("lobby_snapshot"))["challenges"]] == [game_id]
        await call(server, sessions[0], f"/api/games/{unheard}/cancel/")
        await call(server, sessions[2], f"/api/games/{game_id}/cancel/")
        assert (await at_bob.hear("challenge_ended"))["id"] == game_id, "what never arrived doesn't end either"


def test_challenges_end_when_their_maker_is_gone_for_five_minutes(alice: User, bob: User) -> None:
    now = timezone.now()

    def waiting(**fields: Any) -> str:
        from games.rules.ids import new_game_id

        made = {"create_time": now - timedelta(minutes=9), "invited": bob.player, **fields}
        return Game.objects.create(id=new_game_id(), participant1=alice.player, **made).pk

    deserted = waiting()
    waiting(days_per_move=1)
    waiting(invited=None)
    waiting(create_time=now - timedelta(minutes=4))
    Player.objects.filter(pk=alice.pk).update(seen_at=now - timedelta(minutes=4, seconds=50))
    assert challenges.deserted(now) == []
    assert challenges.deserted(now + timedelta(seconds=20)) == [deserted]
    assert blocks.among({alice.pk, bob.pk}) == set()


def test_they_end_where_no_lobby_is_open(alice: User, bob: User) -> None:
    now = timezone.now()
    game = store_game(alice.player, None, invited=bob.player, create_time=now - timedelta(minutes=9))
    waiting = store_game(alice.player, None, create_time=now - timedelta(minutes=9))

    async def tell() -> None:
        runtime = Runtime.here()
        await runtime.due.sweep(runtime.registry.now())

    in_a_loop(tell)
    game.refresh_from_db()
    assert (game.state, game.reason) == ("finished", "aborted")
    waiting.refresh_from_db()
    assert waiting.state == "waiting"


def test_a_challenge_from_a_page(alice: User, bob: User) -> None:
    page = at(alice).get("/games/new/?opponent=bob").content.decode()
    assert "Challenge bob" in page
    assert '<input type="hidden" name="opponent" value="bob">' in page
    fields = {"visibility": "public", "first_move": "1"}
    for opponent, status in (("nobody-here", 404), ("alice", 400)):
        answer = at(alice).post("/games/new/", {**fields, "opponent": opponent})
        assert answer.status_code == status, opponent
        assert not Game.objects.exists()
    assert at(alice).post("/games/new/", {**fields, "opponent": "bob"}).status_code == 302
    game = Game.objects.get()
    assert (game.state, game.invited_id) == ("waiting", bob.pk)


def test_the_invite_of_a_challenge_is_for_one_alone(alice: User, bob: User, charlie: User) -> None:
    game = waiting_game(alice, invited=bob.player)
    assert "alice invites you to a game" in at(bob).get(f"/join/{game.pk}/").content.decode()
    assert "This challenge is for somebody else" in at(charlie).get(f"/join/{game.pk}/").content.decode()
    assert at(charlie).post(f"/join/{game.pk}/").status_code == 409
    assert at(bob).post(f"/join/{game.pk}/").status_code == 302


def test_one_chooses_who_may_challenge(alice: User, bob: User) -> None:
    fields = {"visibility": "public", "first_move": "1", "opponent": "bob"}

    def choose(who: str) -> None:
        assert at(bob).post("/accounts/challenges/", {"challenged_by": who}).status_code == 302

    choose("nobody")
    refused = at(alice).post("/games/new/", fields)
    assert (refused.status_code, Game.objects.count()) == (403, 0)
    assert "bob takes no challenges from you." in refused.content.decode()
    choose("played")
    assert at(alice).post("/games/new/", fields).status_code == 403
    store_game(bob.player, alice.player, "44")
    assert at(alice).post("/games/new/", fields).status_code == 302
    choose("anything")
    assert Player.objects.get(pk=bob.pk).challenged_by == "played"
    choose("everyone")
    page = at(bob).get("/accounts/").content.decode()
    assert '<option value="everyone" selected>' in page
