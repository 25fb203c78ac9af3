"""The honesty queue: who sees it, what it shows, and what moderators do there."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from games.honesty.models import Action, Conduct
from games.honesty.weighing import weigh
from games.models import Player
from lobby.models import User
from tests.support.puzzling_games import store_rated
from tests.support.stored_games import player

pytestmark = pytest.mark.django_db(transaction=True)
LIST = reverse("admin:honesty_conduct_changelist")
Texts = Callable[[Any], str]
Said = Callable[[Any], list[str]]


def conduct(who: Player, share: float) -> Conduct:
    """Somebody who plays so many of 400 plies that asked something as a solver would."""
    return Conduct.objects.create(
        player=who, games=40, choices=400, best=round(400 * share), left=0, left_own=0, left_other=0, spread=0.8,
        skill=math.log((400 * share + 0.5) / (400 * (1 - share) + 0.5)), last_game_at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def solver(db: None) -> Player:
    """One person among others plays as a solver."""
    for number in range(20):
        conduct(player(f"person{number}"), 0.3 + 0.02 * number)
    found = player("solver")
    conduct(found, 1.0)
    return found


@pytest.fixture
def judge(moderator: Client) -> Client:
    """A moderator who may also look at the queue and act."""
    _permit("view_conduct", "change_conduct")
    return moderator


def _permit(*codenames: str) -> None:
    user = User.objects.get(username="moderator")
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="honesty", codename__in=codenames))


def shown(client: Client, selection: str = "") -> list[str]:
    answer = client.get(LIST, {"selection": selection} if selection else {})
    return [row.player.name for row in answer.context["cl"].result_list]


def act(client: Client, about: Player, kind: str, text: str = "Plays like a solver.") -> Any:
    address = reverse("admin:honesty_conduct_act", args=[about.pk])
    return client.post(address, {"kind": kind, "text": text}, follow=True)


def undo(client: Client, about: Player) -> Any:
    action = Action.objects.filter(player=about).latest("pk")
    return client.post(reverse("admin:honesty_conduct_undo", args=[about.pk, action.pk]), follow=True)


def test_the_queue_shows_whose_play_is_unusual(judge: Client, solver: Player, texts: Texts) -> None:
    assert shown(judge) == ["solver"]
    everybody = shown(judge, "all")
    assert everybody[:2] == ["solver", "person19"]
    assert len(everybody) == 21
    page = texts(judge.get(LIST))
    assert "100% of 400" in page
    assert "factor of 2.2" in page


def test_one_person_s_page_says_what_is_usual(judge: Client, solver: Player, texts: Texts) -> None:
    page = texts(judge.get(reverse("admin:honesty_conduct_change", args=[solver.pk])))
    assert "50% best moves" in page
    assert "within a factor of 2.2 two times in three" in page


def test_it_is_for_moderators_alone(viewer: Client, moderator: Client, client: Client, solver: Player) -> None:
    page = reverse("admin:honesty_conduct_change", args=[solver.pk])
    for who in (viewer, moderator):
        assert who.get(LIST).status_code == who.get(page).status_code == 403
        assert act(who, solver, Action.MARK).status_code == 403
    assert client.get(LIST).status_code == 302
    _permit("view_conduct")
    assert moderator.get(page).status_code == 200
    assert b"Mark:" not in moderator.get(page).content
    assert act(moderator, solver, Action.MARK).status_code == 403
    assert not Action.objects.exists()


def test_the_games_are_shown_with_the_way_to_their_scores(
    judge: Client, alice: Player, bob: Player, texts: Texts
) -> None:
    game = store_rated(alice, bob)
    weigh(game.pk)
    text = texts(judge.get(reverse("admin:honesty_conduct_change", args=[alice.pk])))
    assert reverse("admin:games_game_change", args=[game.pk]) in text
    row = alice.conduct
    assert f"{row.best} of {row.choices}" in text
    assert "<td>bob</td> <td>won</td>" in text


def test_a_mark_takes_somebody_out_of_the_queue_and_back(judge: Client, solver: Player, said: Said) -> None:
    assert said(act(judge, solver, Action.MARK)) == ["solver is marked."]
    assert (shown(judge), shown(judge, "marked")) == ([], ["solver"])
    assert said(act(judge, solver, Action.MARK)) == ["solver is marked already."]
    entry = LogEntry.objects.get()
    assert (entry.change_message, entry.user.get_username()) == ("solver is marked.", "moderator")
    assert said(undo(judge, solver)) == ["Taken back."]
    assert said(undo(judge, solver)) == ["That was taken back already."]
    assert (shown(judge), shown(judge, "marked")) == (["solver"], [])


def test_whoever_was_noted_is_among_those_who_were_looked_at(judge: Client, solver: Player, texts: Texts) -> None:
    answer = act(judge, solver, Action.NOTE, "Asked <b>them</b>.")
    assert "Asked &lt;b&gt;them&lt;/b&gt;." in answer.content.decode()
    assert (shown(judge), shown(judge, "seen")) == ([], ["solver"])
    undo(judge, solver)
    assert shown(judge) == ["solver"]


@pytest.mark.parametrize(("kind", "text"), [("note", ""), ("note", " "), ("note", "x" * 1001), ("ban", "Why not.")])
def test_nothing_is_done_without_a_reason_or_of_an_unknown_kind(
    kind: str, text: str, judge: Client, solver: Player, said: Said
) -> None:
    assert said(act(judge, solver, kind, text)) == ["Say why: up to 1000 characters."]
    assert not Action.objects.exists()


def test_nobody_and_nothing(judge: Client, solver: Player, alice: Player, said: Said) -> None:
    assert act(judge, alice, Action.NOTE).status_code == 404
    act(judge, solver, Action.NOTE)
    action = Action.objects.get()
    assert judge.post(reverse("admin:honesty_conduct_undo", args=[solver.pk, action.pk + 1])).status_code == 404
    assert judge.get(reverse("admin:honesty_conduct_act", args=[solver.pk])).status_code == 405
    assert said(act(judge, solver, Action.GIVE_BACK)) == ["No opponent has lost points that could be given back."]
