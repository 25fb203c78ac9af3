"""Ending games by adjudication: a question first, then the registry; who plays hears at once."""

import asyncio
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from games.admin import endings
from games.models import Game, Player
from games.protocol import ErrorCode, GameError
from games.records.verification import check_all
from games.registry.registry import Registry
from lobby.models import User
from tests.support import wire
from tests.support.servers import ServerProcess
from tests.support.stored_games import ALICE_WINS, store_finished, store_game

pytestmark = pytest.mark.django_db(transaction=True)
LIST = reverse("admin:games_game_changelist")
Said = Callable[[Any], list[str]]
Texts = Callable[[Any], str]


def ask(client: Client, *games: Game) -> Any:
    return client.post(LIST, {"action": "adjudicate", "_selected_action": [game.pk for game in games]})


def adjudicate(client: Client, *games: Game, winner: str = "1", reason: str = "Solver.", **fields: str) -> Any:
    answer = {"winner": winner, "reason": reason, "confirmed": "yes", **fields}
    chosen = {"action": "adjudicate", "_selected_action": [game.pk for game in games]}
    return client.post(LIST, {**chosen, **answer}, follow=True)


def outcome(game: Game) -> tuple[str, str, int | None, str]:
    game.refresh_from_db()
    return game.state, game.reason, game.winner, game.note


def test_it_asks_first(admin: Client, alice: Player, bob: Player, texts: Texts) -> None:
    game = store_game(alice, bob, "44")
    answer = ask(admin, game)
    assert answer.templates[0].name == "admin/games/game/end.html"
    assert "alice (participant 1) against bob (participant 2), in progress" in texts(answer)
    assert outcome(game)[0] == "in-progress"


@pytest.mark.parametrize(("winner", "stored"), [("1", 1), ("2", 2), ("nobody", None)])
def test_the_game_ends_with_winner_and_reason(
    winner: str, stored: int | None, admin: Client, alice: Player, bob: Player, said: Said
) -> None:
    game = store_game(alice, bob, "44")
    assert said(adjudicate(admin, game, winner=winner)) == [f"Ended: {game.pk}."]
    assert outcome(game) == ("finished", "adjudication", stored, "Solver.")
    assert not any(report.faults for report in check_all(timezone.now()))


def test_what_cannot_be_ended_is_said_with_its_reason(admin: Client, alice: Player, bob: Player, said: Said) -> None:
    running, waiting = store_game(alice, bob, "44"), store_game(alice, None)
    over, again = (store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1) for _ in range(2))
    messages = said(adjudicate(admin, running, waiting, over, again, winner="2"))
    assert f"Ended: {running.pk}." in messages
    assert f"Not ended: {waiting.pk}. This game has not started yet." in messages
    (refused,) = [message for message in messages if message.endswith("This game is over.")]
    assert {over.pk, again.pk} == set(refused.removeprefix("Not ended: ").split(". ")[0].split(", "))
    assert outcome(over) == ("finished", "four_in_a_row", 1, "")
    assert outcome(waiting)[0] == "waiting"


@pytest.mark.parametrize(
    "fields",
    [{"winner": ""}, {"winner": "3"}, {"winner": "None"}, {"reason": ""}, {"reason": "   "}, {"reason": "x" * 201},
     {"reason": "a\0b"}],
)  # fmt: skip
def test_a_wrong_answer_ends_nothing_and_asks_again(
    fields: dict[str, str], admin: Client, alice: Player, bob: Player, texts: Texts
) -> None:
    game = store_game(alice, bob, "44")
    answer = adjudicate(admin, game, **fields)
    assert "Please correct the errors below." in texts(answer)
    assert outcome(game)[0] == "in-progress"


def test_a_pasted_reason_becomes_one_line(admin: Client, alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "44")
    adjudicate(admin, game, reason="  Used a\r\n solver. ")
    assert outcome(game)[3] == "Used a solver."


def test_it_is_logged_with_who_did_it(admin: Client, admin_user: User, alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "44")
    adjudicate(admin, game)
    entry = LogEntry.objects.get(object_id=game.pk)
    assert (entry.user_id, entry.get_change_message()) == (admin_user.pk, "Adjudicated: Solver.")


def test_a_moderator_may(moderator: Client, alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "44")
    adjudicate(moderator, game)
    assert outcome(game)[1] == "adjudication"


def test_a_viewer_may_not(viewer: Client, alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "44")
    adjudicate(viewer, game)
    assert outcome(game)[0] == "in-progress"


def test_a_form_from_elsewhere_ends_nothing(admin_user: User, alice: Player, bob: Player) -> None:
    game = store_game(alice, bob, "44")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin_user)
    assert adjudicate(browser, game).status_code == 403
    assert outcome(game)[0] == "in-progress"


def test_too_many_at_once_are_refused(
    admin: Client, alice: Player, bob: Player, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endings, "MOST", 1)
    games = [store_game(alice, bob, "44") for _ in range(2)]
    assert said(adjudicate(admin, *games)) == ["At most 1 games at once: none was ended."]
    assert [outcome(game)[0] for game in games] == ["in-progress"] * 2


def test_a_store_that_does_not_answer_is_said(
    admin: Client, alice: Player, bob: Player, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise GameError(ErrorCode.TRY_AGAIN)

    game = store_game(alice, bob, "44")
    monkeypatch.setattr(Registry, "run", refuse)
    assert said(adjudicate(admin, game)) == [
        f"Not ended: {game.pk}. That could not be recorded just now. Please try again."
    ]  # fmt: skip


# --- in a real server -------------------------------------------------------------------------------------------


def test_both_players_hear_of_it_at_once(
    uvicorn_server: ServerProcess, admin_user: User, alice: Player, bob: Player
) -> None:
    game = store_game(alice, bob, "44")
    sessions = [wire.sign_in(player.user) for player in (alice, bob)]
    moderator = wire.sign_in(admin_user)
    path = f"/ws/games/{game.pk}/"

    async def story() -> list[dict[str, Any]]:
        async with (
            wire.Client(uvicorn_server.ws_url, path, sessions[0]) as one,
            wire.Client(uvicorn_server.ws_url, path, sessions[1]) as two,
        ):
            await asyncio.gather(one.hear("snapshot"), two.hear("snapshot"))
            await asyncio.to_thread(_send_form, uvicorn_server, moderator, game)
            return list(await asyncio.gather(one.hear("game_finished"), two.hear("game_finished")))

    heard = asyncio.run(story())
    verdict = {"winner": 2, "reason": "adjudication", "line": None}
    assert heard == [{"type": "game_finished", "version": 4, "outcome": verdict}] * 2
    assert outcome(game) == ("finished", "adjudication", 2, "Solver.")


def _send_form(server: ServerProcess, session: str, game: Game) -> None:
    """The moderator's form, as a browser sends it."""
    token = "a" * 32
    form = {
        "action": "adjudicate", "_selected_action": game.pk, "confirmed": "yes", "winner": "2", "reason": "Solver.",
        "csrfmiddlewaretoken": token,
    }  # fmt: skip
    headers = {"Cookie": f"sessionid={session}; csrftoken={token}", "Referer": server.url}
    request = urllib.request.Request(server.url + LIST, urllib.parse.urlencode(form).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
