"""``{% running_now as now %}``: what the admin's first page says of the games."""

from datetime import timedelta
from typing import NamedTuple

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from games.models import Game, Player

register = template.Library()


class Figure(NamedTuple):
    """A number with its words, and the address of the list that it counts."""

    number: int
    words: str
    address: str


@register.simple_tag
def running_now() -> list[Figure]:
    """How many games are in progress, wait, and were finished today (UTC), and how many players there are."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    finished = Game.objects.finished().filter(end_time__gte=today, end_time__lt=today + timedelta(days=1))
    players = Player.objects.filter(user__is_active=True, guest=False, computer=None)
    return [
        Figure(Game.objects.in_progress().count(), "in progress", _games(state__exact="in-progress")),
        Figure(Game.objects.waiting().count(), "waiting", _games(state__exact="waiting")),
        Figure(finished.count(), "finished today", _games(state__exact="finished", end_time__gte=today.isoformat())),
        Figure(
            players.count(),
            "players",
            f"{reverse('admin:games_player_changelist')}?kind=account&user__is_active__exact=1",
        ),
    ]


def _games(**filters: str) -> str:
    return f"{reverse('admin:games_game_changelist')}?{urlencode(filters)}"
