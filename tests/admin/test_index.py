"""The admin's first page says what runs now."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from games.models import Player
from lobby.models import User
from tests.support.stored_games import ALICE_WINS, store_finished, store_game

INDEX = reverse("admin:index")
Texts = Callable[[Any], str]


def test_it_counts_what_runs(admin: Client, alice: Player, bob: Player, texts: Texts) -> None:
    store_game(alice, None)
    for _ in range(2):
        store_game(alice, bob, "44")
    store_finished(alice, bob, ALICE_WINS, "four_in_a_row", 1)
    now = timezone.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    times = {"create_time": midnight, "start_time": midnight}
    store_finished(alice, bob, "", "adjudication", 1, end_time=now, **times)
    yesterday = midnight - timedelta(seconds=1)
    store_finished(alice, bob, "", "adjudication", 1, end_time=yesterday, create_time=yesterday, start_time=yesterday)
    User.objects.create_user("gone", is_active=False)
    text = texts(admin.get(INDEX))
    for words in ("2</strong> in progress", "1</strong> waiting", "1</strong> finished today", "3</strong> players"):
        assert words in text


def test_each_figure_leads_to_its_list(admin: Client, alice: Player, bob: Player) -> None:
    waiting, running = store_game(alice, None), store_game(alice, bob)
    now = timezone.now()
    over = store_finished(alice, bob, "", "aborted", None, end_time=now, create_time=now, start_time=now)
    figures = {figure.words: figure.address for figure in admin.get(INDEX).context["figures"]}
    for words, game in {"waiting": waiting, "in progress": running, "finished today": over}.items():
        assert [row.pk for row in admin.get(figures[words]).context["cl"].result_list] == [game.pk]
    assert len(admin.get(figures["players"]).context["cl"].result_list) == 3


def test_queries_do_not_grow_with_the_games(admin: Client, alice: Player, bob: Player) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(INDEX).status_code == 200
        return len(queries)

    few = count()
    for _ in range(20):
        store_game(alice, bob)
    assert count() == few


def test_it_bears_our_mark(admin: Client, texts: Texts) -> None:
    for answer in (admin.get(INDEX), Client().get(reverse("admin:login"))):
        assert texts(answer).count("mark.svg") == 2  # in the header, and as the page's icon


def test_staff_who_may_not_see_games_see_no_figures(db: None, texts: Texts) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("clerk", is_staff=True))
    assert "running-now" not in texts(browser.get(INDEX))


def test_nobody_reads_tokens_there(admin: Client, texts: Texts) -> None:
    assert "token_blacklist" not in texts(admin.get(INDEX))
    assert admin.get(f"{INDEX}token_blacklist/outstandingtoken/").status_code == 404
