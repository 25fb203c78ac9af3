"""Games over the API: made, listed, read, exported."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.conf import LazySettings
from django.test import Client

from games.models import Game, Move, Player
from games.protocol import GameObject
from tests.support.callers import Caller, queries, refusal
from tests.support.stored_games import ALICE_WINS, LONG_AGO, store_finished, store_game

# --- make -------------------------------------------------------------------------------------------------------


def test_a_game_is_public_and_mine_to_begin_unless_said(alice: Caller) -> None:
    answer = alice.post("/api/games/")
    assert answer.status_code == 201
    game = answer.json()
    assert msgspec.convert(game, GameObject).participant1 == "alice"
    assert (game["state"], game["version"], game["visibility"], game["firstMove"]) == ("waiting", 0, "public", 1)
    assert Game.objects.get().pk == game["id"]


def test_a_game_is_in_the_lobby_at_once(alice: Caller) -> None:
    public = alice.post("/api/games/").json()["id"]
    private = alice.post("/api/games/", {"visibility": "private"}).json()["id"]
    lobby = Client().get("/").content.decode()
    assert f"/{public}/" in lobby
    assert private not in lobby


@pytest.mark.parametrize("first_move", [1, 2, "random"])
@pytest.mark.parametrize("visibility", ["public", "private"])
def test_a_game_is_as_asked_for(alice: Caller, first_move: Any, visibility: str) -> None:
    game = alice.post("/api/games/", {"firstMove": first_move, "visibility": visibility}).json()
    assert game["visibility"] == visibility
    assert game["firstMove"] in ((1, 2) if first_move == "random" else (first_move,))


@pytest.mark.parametrize(
    ("control", "speed"),
    [({"initial": 30, "increment": 0}, "bullet"), ({"initial": 60, "increment": 1}, "blitz"),
     ({"initial": 3600, "increment": 60}, "rapid"), ({"daysPerMove": 14}, "correspondence"), (None, "untimed")],
)  # fmt: skip
def test_a_time_control_is_as_asked_for(alice: Caller, control: dict[str, int] | None, speed: str) -> None:
    game = alice.post("/api/games/", {"timeControl": control}).json()
    assert (game["timeControl"], game["speed"], game["rated"], game["openingPlies"]) == (control, speed, False, 0)
    assert [player and player["name"] for player in game["players"]] == ["alice", None]
    assert alice.get(f"/api/games/{game['id']}/").json() == game
    assert alice.get("/api/games/").json()["results"] == [game]


@pytest.mark.parametrize(
    "control",
    [{}, [], "60+0", 60, {"initial": 60}, {"increment": 0}, {"initial": 14, "increment": 0},
     {"initial": 3601, "increment": 0}, {"initial": 60, "increment": 61}, {"initial": 60, "increment": -1},
     {"initial": 60.0, "increment": 0}, {"initial": "60", "increment": 0}, {"initial": True, "increment": 0},
     {"initial": None, "increment": None}, {"daysPerMove": 4}, {"daysPerMove": None}, {"daysPerMove": 1.0},
     {"initial": 60, "increment": 0, "daysPerMove": 1}, {"initial": 60, "increment": 0, "delay": 1}],
)  # fmt: skip
def test_no_other_time_control_is_taken(alice: Caller, control: Any) -> None:
    assert refusal(alice.post("/api/games/", {"timeControl": control})) == (400, "invalid_request")
    assert not Game.objects.exists()


RATED = {"rated": True, "timeControl": {"initial": 60, "increment": 0}}


@pytest.mark.parametrize("control", [{"initial": 60, "increment": 0}, {"daysPerMove": 3}])
def test_a_rated_game(alice: Caller, bob: Caller, settings: LazySettings, control: dict[str, int]) -> None:
    settings.RATED_ACCOUNT_AGE_MINUTES = 0
    game = alice.post("/api/games/", {**RATED, "timeControl": control, "takebacks": True}).json()
    assert (game["rated"], game["openingPlies"], game["takebacks"]) == (True, 4, False)
    assert game["players"][0]["rating"] == 1500
    begun = bob.post(f"/api/games/{game['id']}/join/").json()
    assert [(player["rating"], player["provisional"]) for player in begun["players"]] == [(1500, True)] * 2
    assert alice.get(f"/api/games/{game['id']}/").json() == begun


def test_what_is_not_rated(alice: Caller, bob: Caller, settings: LazySettings) -> None:
    settings.RATED_ACCOUNT_AGE_MINUTES = 0
    assert refusal(alice.post("/api/games/", {"rated": True})) == (409, "not_rated")
    assert refusal(alice.post("/api/games/", {"rated": 1})) == (400, "invalid_request")
    assert alice.post("/api/games/", {"rated": False}).json()["rated"] is False
    game = alice.post("/api/games/", RATED).json()
    Player.objects.filter(pk=bob.player.pk).update(guest=True)
    assert refusal(bob.post(f"/api/games/{game['id']}/join/")) == (409, "not_rated")
    assert refusal(bob.post("/api/games/", RATED)) == (409, "not_rated")
    assert Game.objects.get(pk=game["id"]).state == "waiting"


def test_new_accounts_and_bots_among_people_are_not_rated(alice: Caller, bob: Caller, settings: LazySettings) -> None:
    settings.RATED_ACCOUNT_AGE_MINUTES = 0
    game = alice.post("/api/games/", RATED).json()
    settings.RATED_ACCOUNT_AGE_MINUTES = 60
    answer = bob.post(f"/api/games/{game['id']}/join/")
    assert refusal(answer) == (409, "not_rated")
    assert "60 minutes" in answer.json()["message"]
    settings.RATED_ACCOUNT_AGE_MINUTES = 0
    Player.objects.filter(pk=bob.player.pk).update(bot=True)
    assert refusal(bob.post(f"/api/games/{game['id']}/join/")) == (409, "not_rated")


def test_a_game_of_the_ballot(alice: Caller, bob: Caller, nobody: Caller) -> None:
    game = alice.post("/api/games/", {"opening": "ballot"}).json()
    assert (game["openingPlies"], game["moves"]) == (4, [])
    path = f"/api/games/{game['id']}/"
    begun = bob.post(f"{path}join/").json()
    assert (begun["version"], begun["openingPlies"], len(begun["moves"]), begun["turn"]) == (1, 4, 4, 1)
    moves = nobody.get(f"{path}moves/").json()
    assert [(move["ply"], move["participant"]) for move in moves] == [(1, 1), (2, 2), (3, 1), (4, 2)]
    assert {move["playedAt"] for move in moves} == {begun["startTime"]}
    assert len(nobody.get(f"{path}export/").json()["playedAt"]) == 4
    lines = nobody.get(f"{path}export/", format="text").content.decode().splitlines()
    assert sum("the opening" in line for line in lines) == 4
    assert alice.post("/api/games/", {"opening": "none"}).json()["openingPlies"] == 0
    for body in ({"opening": "4435"}, {"opening": None}, {"rated": True, "opening": "none"}):
        assert refusal(alice.post("/api/games/", body)) == (400, "invalid_request")


def test_takebacks_may_be_switched_off(alice: Caller) -> None:
    assert alice.post("/api/games/").json()["takebacks"] is True
    game_id = alice.post("/api/games/", {"takebacks": False}).json()["id"]
    assert alice.get(f"/api/games/{game_id}/").json()["takebacks"] is False


@pytest.mark.parametrize(
    "body",
    [{"firstMove": True}, {"firstMove": "1"}, {"firstMove": 1.0}, {"firstMove": 3}, {"firstMove": None},
     {"firstMove": [1]}, {"visibility": "secret"}, {"visibility": 1}, {"visibility": None}, {"firstmove": 1},
     {"participant2": "bob"}, {"takebacks": "true"}, {"takebacks": 1}, {"takebacks": None}],
)  # fmt: skip
def test_anything_else_is_refused(alice: Caller, body: dict[str, Any]) -> None:
    assert refusal(alice.post("/api/games/", body)) == (400, "invalid_request")
    assert not Game.objects.exists()


# --- list -------------------------------------------------------------------------------------------------------


def listed(caller: Caller, **query: Any) -> list[str]:
    answer = caller.get("/api/games/", **query)
    assert answer.status_code == 200, answer.content
    return [game["id"] for game in answer.json()["results"]]


def test_a_list_shows_public_games_and_ones_own_newest_first(alice: Caller, bob: Caller, charlie: Caller) -> None:
    def later(minutes: int) -> dict[str, Any]:
        return {"create_time": LONG_AGO + timedelta(minutes=minutes)}

    public = store_game(alice.player, bob.player, **later(1))
    private = store_game(alice.player, bob.player, visibility="private", **later(2))
    waiting = store_game(charlie.player, None, **later(3))
    assert listed(Caller()) == [waiting.pk, public.pk]
    assert listed(charlie) == [waiting.pk, public.pk]
    assert listed(bob) == [waiting.pk, private.pk, public.pk]


def test_filters(alice: Caller, bob: Caller, charlie: Caller) -> None:
    playing = store_game(alice.player, bob.player)
    waiting = store_game(charlie.player, None)
    won = store_finished(alice.player, charlie.player, ALICE_WINS, "four_in_a_row", 1)
    everything = {playing.pk, waiting.pk, won.pk}
    assert set(listed(Caller(), state="", participant="")) == everything
    assert listed(Caller(), state="waiting") == [waiting.pk]
    assert listed(Caller(), state="finished", participant="ALICE") == [won.pk]
    assert set(listed(Caller(), participant="charlie")) == {waiting.pk, won.pk}
    assert listed(Caller(), participant="nobody-of-that-name") == []


def test_a_series_is_found_by_its_first_game(alice: Caller, bob: Caller, nobody: Caller) -> None:
    first = store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1)
    store_game(alice.player, bob.player, "4")
    after = LONG_AGO + timedelta(hours=1)
    again = {"create_time": after, "start_time": after, "rematch_of": first}
    second = store_game(bob.player, alice.player, "4", **again)
    found = nobody.get("/api/games/", series=first.pk.lower()).json()["results"]
    assert [(game["id"], game["series"]) for game in found] == [
        (second.pk, {"id": first.pk, "number": 2, "score": [0, 1]}),
        (first.pk, {"id": first.pk, "number": 1, "score": [1, 0]}),
    ]
    for other in (second.pk, "ZZZZZZ", "no ID at all"):
        assert nobody.get("/api/games/", series=other).json()["results"] == []
    Game.objects.filter(pk=first.pk).update(visibility="private")
    assert [game["id"] for game in nobody.get("/api/games/", series=first.pk).json()["results"]] == [second.pk]
    assert len(alice.get("/api/games/", series=first.pk).json()["results"]) == 2


@pytest.mark.parametrize(
    "query", [{"state": "over"}, {"participant": "x" * 65}, {"participant": "a\0"},
              {"cursor": "cD1hYmM="}, {"cursor": "bz0tMQ=="}],
)  # fmt: skip
def test_a_filter_that_is_none_is_refused(alice: Caller, query: dict[str, str]) -> None:
    assert refusal(alice.get("/api/games/", **query)) == (400, "invalid_request")


def test_pages_go_through_all_games_once_while_new_ones_come(alice: Caller, bob: Caller) -> None:
    made = [store_game(alice.player, None, create_time=LONG_AGO + timedelta(seconds=n // 3)).pk for n in range(25)]
    seen: list[str] = []
    page = bob.get("/api/games/", limit=10).json()
    while True:
        seen += [game["id"] for game in page["results"]]
        store_game(bob.player, None, create_time=LONG_AGO + timedelta(days=1))
        if page["next"] is None:
            break
        page = bob.client().get(page["next"]).json()
    assert len(seen) == 25
    assert set(seen) == set(made)
    assert page["previous"] is not None


def test_a_list_takes_the_same_few_queries_however_long(alice: Caller, bob: Caller) -> None:
    for _ in range(30):
        store_game(alice.player, bob.player, "4433")
    client = alice.client()
    with queries() as counted:
        answer = client.get("/api/games/", {"limit": 100, "participant": "bob"})
    assert len(answer.json()["results"]) == 30
    assert len(counted) <= 5  # the caller with the token family, bob, the games with their names, their moves


# --- read -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["{}", "{}-", " {}"])
def test_whoever_has_the_id_reads_a_game(nobody: Caller, alice: Caller, bob: Caller, typed: str) -> None:
    game = store_game(alice.player, bob.player, "443", visibility="private")
    with queries() as counted:
        answer = nobody.get(f"/api/games/{typed.format(game.pk.lower())}/")
    assert len(counted) <= 2
    found = msgspec.convert(answer.json(), GameObject)
    assert (found.id, found.notation, found.turn) == (game.pk, "443", 2)


@pytest.mark.parametrize("call", ["", "moves/", "export/"])
@pytest.mark.parametrize("game_id", ["ZZZZZZ", "UUUUUU", "A", "%00", "A9F3QX7", "A9F3QX789"])
def test_a_game_that_there_is_not(alice: Caller, call: str, game_id: str) -> None:
    assert refusal(alice.get(f"/api/games/{game_id}/{call}")) == (404, "game_not_found")


def test_moves(alice: Caller, bob: Caller, nobody: Caller) -> None:
    game = store_game(alice.player, bob.player, "443", first_move=2)
    moves = nobody.get(f"/api/games/{game.pk}/moves/").json()
    assert [(m["ply"], m["participant"], m["column"], m["row"]) for m in moves] == [
        (1, 2, 3, 0), (2, 1, 3, 1), (3, 2, 2, 0),
    ]  # fmt: skip
    assert moves[0]["playedAt"] == "2026-01-05T12:00:20.000Z"


def test_export(alice: Caller, bob: Caller, nobody: Caller) -> None:
    game = store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1)
    as_json = nobody.get(f"/api/games/{game.pk}/export/")
    assert f'filename="fourline-{game.pk}.json"' in as_json["Content-Disposition"]
    assert len(json.loads(as_json.content)["playedAt"]) == len(ALICE_WINS)
    as_text = nobody.get(f"/api/games/{game.pk}/export/", format="text")
    assert as_text["Content-Type"].startswith("text/plain")
    assert b"participant 1 won" in as_text.content
    assert refusal(nobody.get(f"/api/games/{game.pk}/export/", format="pdf")) == (400, "invalid_request")


def test_a_deleted_name_finds_nobodys_games(alice: Caller, bob: Caller) -> None:
    store_game(alice.player, bob.player)
    Player.objects.filter(pk=bob.player.pk).update(name=Player.DELETED_NAME)
    assert listed(Caller(), participant=Player.DELETED_NAME) == []
    assert Move.objects.count() == 0
