"""Loading says what participants are, by each of its ways."""

import pytest

from games.game.live import LiveGame
from games.game.people import Participant
from games.models import Game, Player
from games.storage import loading
from tests.support.stored_games import player, store_game

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_way_of_loading_tells_guests_bots_and_computers() -> None:
    guest, bot, computer = (player(name) for name in ("guest-A9F3QX", "robot", "Ada"))
    Player.objects.filter(pk=guest.pk).update(guest=True)
    Player.objects.filter(pk=bot.pk).update(bot=True)
    Player.objects.filter(pk=computer.pk).update(computer=3)
    seats = [(guest, bot), (computer, guest), (bot, None)]
    expected = {
        guest: Participant(guest.pk, "guest-A9F3QX", guest=True),
        bot: Participant(bot.pk, "robot", bot=True),
        computer: Participant(computer.pk, "Ada", computer=3),
        None: None,
    }
    for one, other in seats:
        game = store_game(one, other)
        ways = [
            loading.load(game.pk),
            *loading.load_some([game.pk]),
            *loading.load_all(Game.objects.filter(pk=game.pk)),
        ]
        for live in ways:
            assert isinstance(live, LiveGame)
            assert (live.participant1, live.participant2) == (expected[one], expected[other])
            assert live.participant1.guest is expected[one].guest  # and no number of SQLite's


def test_who_was_renamed_is_told_with_what_they_are_now() -> None:
    someone = player("guest-A9F3QX")
    someone.rename("dora")
    assert someone.renamed_at is not None
    assert loading.renamed(someone.renamed_at) == {someone.pk: Participant(someone.pk, "dora")}
