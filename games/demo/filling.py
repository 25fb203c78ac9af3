"""Storing the people and games of the demonstration, each only once."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from games.demo.histories import SHOWN_FOR, Imagination, Imagined
from games.models import Change, Game, GameQuerySet, Player
from games.protocol import Reason
from games.rules.ids import new_game_id

NAMES: Final = ("ada", "bruno", "chidi", "dora", "emil", "farah", "grace", "hiro", "ines", "jonas", "kaya", "luis")
ADMIN_NAME: Final = "demo-admin"
MAIL_DOMAIN: Final = "demo.invalid"
"""By this the demonstration knows its own people; nobody can have such an address."""
MEMBER_FOR: Final = timedelta(weeks=6)
"""Longer than the oldest game is old."""
RUNNING, WAITING = 8, 5
_FINISHED_PLAN: Final = {"won": 26, "drawn": 3, "resigned": 5, "rematch": 5}
_MOST_GAMES: Final = 80


@dataclass(frozen=True)
class Filled:
    """What was stored, and how to see it.

    Attributes:
        passwords: by user name: two players and the administrator.
        added: how many games are new, by state.
        game_going: the ID of a game between those two players.
    """

    passwords: dict[str, str]
    added: dict[str, int]
    game_going: str


def fill(now: datetime, chance: Random) -> Filled:
    """Store what is missing of the demonstration, in one transaction.

    People of the demonstration who are there already are kept, and so are their games: finished games are made once,
    running and waiting ones up to `RUNNING` and `WAITING`. Nobody else's account is touched. The passwords are new
    each time.

    Args:
        now: before which every game lies.
        chance: where choices are free.
    """
    # Hashing takes a second and must not hold SQLite's one lock.
    new_passwords = [secrets.token_urlsafe(9) for _ in range(3)]
    hashes = [make_password(password) for password in new_passwords]
    with transaction.atomic():
        players = [_person(name) for name in NAMES]
        ada, bruno, admin = players[0], players[1], _person(ADMIN_NAME, is_admin=True)
        for person, hashed in zip((ada, bruno, admin), hashes, strict=True):
            get_user_model().objects.filter(pk=person.pk).update(password=hashed, is_active=True)
        missing = _Missing(players, Imagination(_fresh_ids(), now, chance), chance)
        missing.store()
        _show_for_a_while(players, now)
        game_going = Game.objects.in_progress().filter(participant1=ada, participant2=bruno).latest("create_time")
    passwords = dict(zip((ada.name, bruno.name, admin.name), new_passwords, strict=True))
    return Filled(passwords, missing.added, game_going.pk)


def _person(name: str, *, is_admin: bool = False) -> Player:
    """The demonstration's person of that name; where somebody else has it, of the next free one."""
    users = get_user_model().objects
    user: Any = users.filter(email=f"{name}@{MAIL_DOMAIN}").first()
    if user is None:
        free = next(n for n in (name, *(f"{name}-{i}" for i in range(2, 10_000))) if not _is_taken(n))
        user = users.create_user(free, f"{name}@{MAIL_DOMAIN}", is_staff=is_admin, is_superuser=is_admin)
        get_user_model().objects.filter(pk=user.pk).update(date_joined=timezone.now() - MEMBER_FOR)
    return Player.objects.of(user)


def _is_taken(name: str) -> bool:
    return get_user_model().objects.filter(username__iexact=name).exists()


def _fresh_ids() -> list[str]:
    """IDs that no game has."""
    game_ids = {new_game_id() for _ in range(_MOST_GAMES)}
    return list(game_ids - set(Game.objects.filter(pk__in=game_ids).values_list("pk", flat=True)))


def _games_of(players: list[Player]) -> GameQuerySet:
    return Game.objects.filter(Q(participant1__in=players) | Q(participant2__in=players))


class _Missing:
    """The games that are to be added, by what is there."""

    def __init__(self, players: list[Player], imagination: Imagination, chance: Random) -> None:
        self._players = players
        self._imagine = imagination
        self._chance = chance
        there = _games_of(players)
        self._finished = [] if there.finished().exists() else self._finished_games()
        self._running = self._running_games(there)
        # The first two are for whoever tries the demonstration out.
        self._waiting = [
            imagination.waiting(self._chance.choice(players[2:])) for _ in range(WAITING - there.waiting().count())
        ]

    @property
    def added(self) -> dict[str, int]:
        """How many games there are of each kind."""
        return {"finished": len(self._finished), "running": len(self._running), "waiting": len(self._waiting)}

    def store(self) -> None:
        """Insert them."""
        games = [*self._finished, *self._running, *self._waiting]
        Game.objects.bulk_create([imagined.game for imagined in games])
        Change.objects.bulk_create([change for imagined in games for change in imagined.log])

    def _pair(self) -> tuple[Player, Player]:
        player1, player2 = self._chance.sample(self._players, 2)
        return player1, player2

    def _finished_games(self) -> list[Imagined]:
        imagine, pair, plan = self._imagine, self._pair, _FINISHED_PLAN
        games = [imagine.decided(*pair()) for _ in range(plan["won"])]
        games += [imagine.rematch_of(game) for game in games[: plan["rematch"]]]
        games += [imagine.decided(*pair(), drawn=True) for _ in range(plan["drawn"])]
        games += [
            imagine.ended(*pair(), Reason.RESIGNATION, winner=self._chance.choice((1, 2)))
            for _ in range(plan["resigned"])
        ]
        games.append(imagine.ended(*pair(), Reason.ABANDONMENT))
        games.append(imagine.ended(*pair(), Reason.ADJUDICATION, winner=2, note="Participant 1 used a solver."))
        games.append(imagine.cancelled(self._chance.choice(self._players)))
        return games

    def _running_games(self, there: GameQuerySet) -> list[Imagined]:
        """Up to `RUNNING`, and in any case one between the first two players with the first to move."""
        first_two = self._players[:2]
        their_own = there.in_progress().filter(participant1=first_two[0], participant2=first_two[1])
        games = [] if their_own.exists() else [self._imagine.running(*first_two, player1_to_move=True)]
        missing = RUNNING - there.in_progress().count() - len(games)
        return games + [self._imagine.running(*self._chance.sample(self._players[1:], 2)) for _ in range(missing)]


def _show_for_a_while(players: list[Player], now: datetime) -> None:
    """Lists show games with people behind them; stand in for these people."""
    games = _games_of(players)
    games.in_progress().update(attended_time=now + SHOWN_FOR)
    creators = games.waiting().order_by().values("participant1")
    Player.objects.filter(pk__in=creators).update(seen_at=now + SHOWN_FOR)
