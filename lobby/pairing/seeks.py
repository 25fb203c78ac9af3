"""Seeks in the store: one a person, over all processes. Plain synchronous code; `lobby.pairing.desk` calls it.

A seek lives as long as its person is connected: every process that has them puts its end off, every few seconds, and
whoever sees them go says when it ends. Where a process dies without a word nobody puts it off any more.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from games.game.new_game import NewGame
from games.game.people import Participant, Ratings, RatingShown
from games.models import Player
from games.protocol import SeekObject, Visibility, timestamp
from games.protocol.objects import TimeControlObject
from games.ratings.eligibility import entering, rests_until
from games.rules.ids import new_game_id
from games.rules.openings import Opening
from games.rules.time_controls import Countdown, speed_of
from lobby.models import Pairing, Seek
from lobby.pairing import blocks
from lobby.pairing.matching import Seeker, first_mover, may_pair, pairs, with_one_more
from lobby.pairing.pairings import unopened

GRACE = timedelta(seconds=10)
"""How long a seek lives after its person's last connection."""
PUT_OFF_EVERY = timedelta(seconds=2)
"""How often the end of a seek is put off while its person is connected."""
MOST = 2000
"""Seeks that one look reads."""


class Wish(NamedTuple):
    """What somebody asks for."""

    player_id: int
    control: Countdown
    rated: bool
    rating_range: tuple[int, int] | None
    now: datetime
    rating: RatingShown | None = None
    """The person's own."""


class Found(NamedTuple):
    """What a look at the seeks has found.

    Attributes:
        pairs: who can be paired.
        alive: the people with a seek, of those looked for.
        over: people whose seek is over.
    """

    pairs: list[tuple[Seeker, Seeker]]
    alive: frozenset[int]
    over: list[int]


def put_all(wishes: list[Wish]) -> list[SeekObject | str | Exception]:
    """Write down what people seek, in place of what they sought before.

    Whoever asks for the same again waits since the first time. Whoever was paired a moment ago and has not been in
    that game yet gets no second one.

    Args:
        wishes: of one or more people; of several by one person the last counts.

    Returns:
        For each wish the seek as it stands, or the ID of the game that the person was paired into.
    """
    last = {wish.player_id: wish for wish in wishes}
    now = max(wish.now for wish in wishes)
    paired = unopened(last, now)
    before = {row.pk: row for row in Seek.objects.filter(pk__in=last)}
    # In the order of their keys, as pairing locks them.
    rows = {pk: _row(wish, before.get(pk)) for pk, wish in sorted(last.items()) if pk not in paired}
    Seek.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["player"],
        update_fields=[
            "initial", "increment", "rated", "rating", "provisional", "lowest", "highest", "since", "ends_at",
        ],
    )  # fmt: skip
    return [paired.get(wish.player_id) or as_object(rows[wish.player_id]) for wish in wishes]


def rating_of(wish: Wish) -> RatingShown | None:
    """The rating with which somebody would come into the game that they wish for.

    Raises:
        GameError: ``not_rated``: it is to be rated, and they may not play such games, or not now.
    """
    participant = Player.objects.get(pk=wish.player_id).participant
    return entering(participant, speed_of(wish.control).value, wish.rated, wish.now)


def end(player_id: int) -> None:
    """Forget a person's seek, if there is one."""
    Seek.objects.filter(pk=player_id).delete()


def put_off(player_ids: Iterable[int], until: datetime) -> None:
    """Say when the seeks of people end.

    Args:
        player_ids: whose; of those being paired at this moment nothing is said.
        until: the time.
    """
    rows = Seek.objects.select_for_update(skip_locked=True).filter(pk__in=[*player_ids])
    Seek.objects.filter(pk__in=[*rows.values_list("pk", flat=True)]).update(ends_at=until)


def end_over(player_ids: Iterable[int], now: datetime) -> list[int]:
    """Forget those seeks among these that are over; whose they were."""
    rows = Seek.objects.select_for_update(skip_locked=True).filter(pk__in=[*player_ids], ends_at__lt=now)
    over = [*rows.values_list("pk", flat=True)]
    Seek.objects.filter(pk__in=over).delete()
    return over


def standing(player_ids: Iterable[int], now: datetime) -> dict[int, SeekObject]:
    """The seeks of people, as they stand.

    Args:
        player_ids: whose.
        now: the store's time.
    """
    return {row.pk: as_object(row) for row in Seek.objects.filter(pk__in=[*player_ids], ends_at__gte=now)}


def counts(now: datetime, but_for: int | None = None) -> dict[str, int]:
    """How many seek each time control, such as ``{"60+0": 2}``.

    Args:
        now: the store's time.
        but_for: somebody who is not counted.
    """
    alive = Seek.objects.filter(ends_at__gte=now).order_by("initial", "increment")
    found: dict[str, int] = {}
    for player_id, initial, increment in alive.values_list("pk", "initial", "increment")[:MOST]:
        if player_id == but_for:
            continue
        key = f"{initial}+{increment}"
        found[key] = found.get(key, 0) + 1
    return found


def look(focus: Collection[int], initials: Collection[int], now: datetime) -> Found:
    """Look for partners.

    Args:
        focus: for whom.
        initials: seconds that the games they seek begin with.
        now: the store's time.
    """
    rows = [*Seek.objects.filter(initial__in=[*initials]).select_related("player").order_by("since")[:MOST]]
    alive = [_seeker(row) for row in rows if row.ends_at >= now]
    blocked = blocks.among([seeker.player_id for seeker in alive])
    return Found(
        pairs(alive, now, blocked, focus),
        frozenset(seeker.player_id for seeker in alive) & frozenset(focus),
        [row.pk for row in rows if row.ends_at < now],
    )


def pair_all(wanted: Sequence[tuple[Seeker, Seeker]], now: datetime) -> list[NewGame]:
    """End the seeks of pairs that still fit, and say which games they get. Call it where these are stored.

    Args:
        wanted: pairs as `look` found them; nobody is in two. In another process they may have been paired meanwhile.
        now: the time at which the games start.
    """
    ids = [seeker.player_id for pair in wanted for seeker in pair]
    rows = Seek.objects.select_for_update(of=("self",)).select_related("player").filter(pk__in=ids).order_by("pk")
    locked = {row.pk: row for row in rows}
    resting = {pk for pk, row in locked.items() if row.rated and rests_until(pk, now) is not None}
    alive = {pk: _seeker(row) for pk, row in locked.items() if row.ends_at >= now and pk not in resting}
    blocked = blocks.among(alive)
    players = Player.objects.in_bulk(ids)
    lately = dict(Pairing.objects.filter(pk__in=ids).values_list("pk", "first_moves"))
    made: list[NewGame] = []
    for first, second in ((first.player_id, second.player_id) for first, second in wanted):
        if first in alive and second in alive and may_pair(alive[first], alive[second], now, blocked):
            first_move = first_mover(lately.get(first, ""), lately.get(second, ""), 1 + secrets.randbelow(2))
            people = players[first].participant, players[second].participant
            ratings = _rating_of(locked[first]), _rating_of(locked[second])
            made.append(_new_game(people, first_move, alive[first], ratings, now))
    _note_paired(made, lately, alive)
    Seek.objects.filter(pk__in=resting.union(*map(players_of, made))).delete()
    return made


def as_object(row: Seek) -> SeekObject:
    """A seek as the contract writes it."""
    return SeekObject(TimeControlObject(row.initial, row.increment), row.rated, timestamp(row.since))


def players_of(new: NewGame) -> tuple[int, ...]:
    """Both players of a game that is in progress at once."""
    return tuple(person.player_id for person in (new.participant1, new.participant2) if person is not None)


def _row(wish: Wish, before: Seek | None) -> Seek:
    lowest, highest = wish.rating_range or (None, None)
    terms = (wish.control.initial, wish.control.increment, wish.rated, lowest, highest)
    is_same = (
        before is not None
        and before.ends_at >= wish.now
        and (before.initial, before.increment, before.rated, before.lowest, before.highest) == terms
    )
    return Seek(
        player_id=wish.player_id, initial=wish.control.initial, increment=wish.control.increment, rated=wish.rated,
        rating=wish.rating and wish.rating.rating, provisional=wish.rating and wish.rating.provisional,
        lowest=lowest, highest=highest, since=before.since if before is not None and is_same else wish.now,
        ends_at=wish.now + PUT_OFF_EVERY + GRACE,
    )  # fmt: skip


def _seeker(row: Seek) -> Seeker:
    rating_range = None if row.lowest is None or row.highest is None else (row.lowest, row.highest)
    return Seeker(
        row.pk, Countdown(row.initial, row.increment), row.rated, row.since, rating_range, row.rating, row.player.bot,
        row.player.marked,
    )  # fmt: skip


def _rating_of(row: Seek) -> RatingShown | None:
    return None if row.rating is None else RatingShown(row.rating, bool(row.provisional))


def _new_game(
    people: tuple[Participant, Participant], first_move: int, seeker: Seeker, ratings: Ratings, now: datetime
) -> NewGame:
    opening = Opening.BALLOT if seeker.rated else Opening.NONE
    return NewGame(
        new_game_id(), people[0], first_move, Visibility.PUBLIC, now, participant2=people[1], start_time=now,
        time_control=seeker.control, opening=opening, opening_moves=opening.draw(), rated=seeker.rated,
        ratings=ratings, takebacks=not seeker.rated,
    )  # fmt: skip


def _note_paired(made: list[NewGame], lately: dict[int, str], seekers: dict[int, Seeker]) -> None:
    rows = {
        player_id: Pairing(
            player_id=player_id, game_id=new.game_id, at=new.create_time, opened=False,
            first_moves=with_one_more(lately.get(player_id, ""), seat == new.first_move),
            waited_since=seekers[player_id].since,
        )
        for new in made
        for seat, player_id in enumerate(players_of(new), 1)
    }  # fmt: skip
    Pairing.objects.bulk_create(
        [rows[player_id] for player_id in sorted(rows)], update_conflicts=True, unique_fields=["player"],
        update_fields=["game", "at", "opened", "first_moves", "waited_since"],
    )  # fmt: skip
