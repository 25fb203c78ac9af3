"""What must hold for every stored game, found out by playing it again.

Plain reading of rows; `manage.py verify_games` prints what this finds.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, OuterRef

from games.game.live import LiveGame
from games.game.new_game import NewGame
from games.game.people import Participant
from games.game.series import Series
from games.models import Change, Game, Player
from games.protocol import Outcome, Reason, State, Visibility
from games.rules import board, ids, openings
from games.storage.log import Row, change_of

CLOCK_SKEW = timedelta(seconds=1)
"""How far the clocks of two of our processes may differ before the order of times counts as wrong."""

_BY_A_MOVE = (Reason.FOUR_IN_A_ROW, Reason.BOARD_FULL)
_WINNERS: dict[str, tuple[int | None, ...]] = {
    Reason.FOUR_IN_A_ROW: (1, 2),
    Reason.BOARD_FULL: (None,),
    Reason.RESIGNATION: (1, 2),
    Reason.TIMEOUT: (1, 2),
    Reason.ABANDONMENT: (None, 1, 2),
    Reason.AGREEMENT: (None,),
    Reason.ABORTED: (None,),
    Reason.ADJUDICATION: (None, 1, 2),
}
"""Who may have won, by how a game ended."""


class Report(NamedTuple):
    """What is wrong with one stored game."""

    game_id: str
    faults: list[str]


def check_all(now: datetime, chunk_size: int = 500, using: str = DEFAULT_DB_ALIAS) -> Iterator[Report]:
    """Play every stored game again.

    Games are read in chunks, so memory stays the same however many there are.

    Args:
        now: nothing stored may lie after it (but for `CLOCK_SKEW`).
        chunk_size: how many games are held at once.
        using: which database.

    Yields:
        One report for each game, with no faults where all is well.
    """
    for game in _rows(using).iterator(chunk_size=chunk_size):
        yield Report(game.pk, faults_of(game, now) and _faults_that_stay(game.pk, now, using))


def orphans(using: str = DEFAULT_DB_ALIAS) -> Iterator[Report]:
    """One report for each game ID that has a log but no row.

    Args:
        using: which database.
    """
    changes = Change.objects.using(using).filter(~Exists(Game.objects.filter(pk=OuterRef("game_id")))).order_by()
    for game_id in changes.values_list("game_id", flat=True).distinct().iterator():
        yield Report(game_id, ["there is a log, but no game"])


def _rows(using: str):  # type: ignore[no-untyped-def]  # an annotated queryset has no type that can be written down
    # Seats are not joined: an inner join would hide a game whose player is missing.
    return (
        Game.objects.using(using)
        .order_by("pk")
        .select_related("rematch_of", "rematch")
        .prefetch_related("changes")
        .annotate(
            has_player1=Exists(Player.objects.filter(pk=OuterRef("participant1_id"))),
            has_player2=Exists(Player.objects.filter(pk=OuterRef("participant2_id"))),
        )
    )


def _faults_that_stay(game_id: str, now: datetime, using: str) -> list[str]:
    """Judge a suspect by fresh rows: a game that is being played may have changed between row and log."""
    found: list[str] = []
    for _ in range(3):
        game = _rows(using).filter(pk=game_id).first()
        found = faults_of(game, now) if game is not None else []
        if not found:
            break
    return found


def faults_of(game: Game, now: datetime) -> list[str]:
    """What is wrong with a stored game.

    Args:
        game: a row with its log, its rematch and the game that it follows.
        now: nothing in it may lie after this.

    Returns:
        A sentence for each fault; empty where all is well.
    """
    live, faults = _replay(game)
    if not faults:
        faults += _log_faults(game, live)
        faults += _outcome_faults(game, live)
    faults += _seat_faults(game)
    faults += _state_faults(game)
    faults += _time_faults(game, live, now)
    faults += _rematch_faults(game, live)
    return faults


def _replay(game: Game) -> tuple[LiveGame, list[str]]:
    """The game as its log has it, up to the fault that stops the replay."""
    live = LiveGame(_made(game))
    in_game = {"note": game.note, "participant": Participant(game.participant2_id or 0, "")}
    for change in game.changes.all():
        row = Row(game.pk, change.number, change.kind, change.seat, change.column, change.at, change.body)
        try:
            live.take_in(change_of(row, in_game))
            _check_clocks(live)
        except board.IllegalDrop as error:
            return live, [f"ply {len(live.discs) + 1} is illegal: {error}"]
        except ValueError as error:
            return live, [str(error)]
    return live, []


def _check_clocks(live: LiveGame) -> None:
    """Compare what a move left by its row with the clocks as they are computed again.

    Raises:
        ValueError: they differ.
    """
    disc = live.discs[-1] if live.discs else None
    if live.clock is None or disc is None or disc.time is None or live.changes[-1].number != disc.number:
        return
    time, left_ms = disc.time, live.clock.remaining_ms
    if min(time.charged_ms, time.compensation_ms, time.gain_ms) < 0:
        raise ValueError(f"ply {len(live.discs)} has a negative time")
    if time.left_ms != left_ms:
        raise ValueError(f"ply {len(live.discs)} left {time.left_ms} ms by its row, but {left_ms} by its charges")


def _made(game: Game) -> NewGame:
    return NewGame(
        game.pk, Participant(0, ""), game.first_move, Visibility.PUBLIC, game.create_time, takebacks=game.takebacks,
        time_control=game.time_control, opening=openings.Opening(game.opening),
    )  # fmt: skip


def _log_faults(game: Game, live: LiveGame) -> Iterator[str]:
    """Compare the log with what the game's row says for lists."""
    if game.start_time != live.start_time:
        yield "the game's start is not the one of its log"
    if live.state != game.state and not live.position.is_over:
        yield f"the game is {game.state}, but {live.state} by its log"
    if live.outcome is not None and live.outcome.reason not in _BY_A_MOVE:
        if (game.reason, game.winner) != (live.outcome.reason, live.outcome.winner):
            yield f"the outcome is {game.reason or 'open'}, but {live.outcome.reason} by its log"
        elif game.end_time != live.end_time:
            yield "the game's end is not the one of its log"
    wrong = [ply for ply, disc in enumerate(live.discs, start=1) if disc.seat != live.mover_of(ply)]
    if wrong:
        yield f"ply {wrong[0]} was played by participant {live.discs[wrong[0] - 1].seat}"
    loser = None if live.time_control is None else live.mover_of(len(live.discs) + 1)
    if game.reason == Reason.TIMEOUT and (loser is None or game.winner != 3 - loser):
        yield "the game ended on time, but not for the side to move of a timed game"
    if live.opening_moves and not openings.is_of_ballot(live.opening_moves):
        yield f"the opening {live.opening_moves} is not of the ballot"
    if live.taken_back_at and not live.takebacks:
        yield "moves were taken back in a game without takebacks"


def _seat_faults(game: Game) -> Iterator[str]:
    if ids.normalise(game.pk) != game.pk:
        yield "the ID is not canonical"
    if not getattr(game, "has_player1", True):
        yield "participant 1 is not a known player"
    if game.participant2_id is not None and not getattr(game, "has_player2", True):
        yield "participant 2 is not a known player"
    if game.participant1_id == game.participant2_id:
        yield "both seats are held by one player"
    if game.first_move not in (1, 2):
        yield f"the first move belongs to {game.first_move}"
    if game.visibility not in list(Visibility):
        yield f"the visibility is {game.visibility!r}"


def _state_faults(game: Game) -> Iterator[str]:
    has_started = game.start_time is not None
    if game.state not in list(State):
        yield f"the state is {game.state!r}"
    if (game.state == State.IN_PROGRESS or game.columns) and not has_started:
        yield "the game has no start time"
    if game.state == State.WAITING and (has_started or game.participant2_id is not None):
        yield "the game waits, but has started"
    if has_started and game.participant2_id is None:
        yield "the game has started without a participant 2"
    if game.state != State.FINISHED and (game.reason or game.winner is not None or game.end_time is not None):
        yield "the game has an outcome, but is not finished"
    if game.state == State.FINISHED and game.end_time is None:
        yield "the game is finished, but has no end time"


def _outcome_faults(game: Game, live: LiveGame) -> Iterator[str]:
    """Compare the stored outcome with the one that the moves give."""
    position, plies = live.position, len(live.discs)
    if game.state != State.FINISHED:
        if position.is_over:
            yield "the moves end the game, but it is not finished"
        return
    if game.reason not in _WINNERS:
        yield f"the outcome's reason is {game.reason!r}"
        return
    replayed = _replayed_reason(position)
    claimed = game.reason if game.reason in _BY_A_MOVE else None
    if replayed != claimed:
        yield f"the outcome is {game.reason}, but the moves end in {replayed or 'nothing decided'}"
    elif replayed is Reason.FOUR_IN_A_ROW and game.winner != live.mover_of(plies):
        yield f"the winner is {game.winner}, but participant {live.mover_of(plies)} made the four in a row"
    elif game.winner not in _WINNERS[game.reason]:
        yield f"the winner is {game.winner}, which {game.reason} can't give"
    if game.participant2_id is None and game.reason != Reason.ABORTED:
        yield f"the outcome is {game.reason}, but nobody ever joined"


def _replayed_reason(position: board.Position) -> Reason | None:
    if position.is_won:
        return Reason.FOUR_IN_A_ROW
    return Reason.BOARD_FULL if position.is_full else None


def _time_faults(game: Game, live: LiveGame, now: datetime) -> Iterator[str]:
    times = [("creation", game.create_time), ("start", game.start_time)]
    times += [(f"ply {ply}", disc.at) for ply, disc in enumerate(live.discs, start=1)]
    times += [("end", game.end_time)]
    known = [(name, time) for name, time in times if time is not None]
    for (earlier_name, earlier), (later_name, later) in pairwise(known):
        if earlier > later + CLOCK_SKEW:
            yield f"the time of {earlier_name} lies after that of {later_name}"
    future = [name for name, time in known if time > now + CLOCK_SKEW]
    if future:
        yield f"the time of {', '.join(future)} lies in the future: a clock is or was wrong"
    if game.reason in _BY_A_MOVE and live.discs and game.end_time != live.discs[-1].at:
        yield "the game ended by a move, but not at that move's time"


def _rematch_faults(game: Game, live: LiveGame) -> Iterator[str]:
    following = getattr(game, "rematch", None)  # the reverse of a one-to-one raises where there is none
    if live.rematch_id != (following and following.pk):
        yield f"its rematch is {following and following.pk}, but {live.rematch_id} by its log"
    if live.rematch_offered_by not in (None, 1, 2):
        yield f"a rematch is offered by {live.rematch_offered_by}"
    if live.rematch_offered_by is not None and (game.state != State.FINISHED or game.participant2_id is None):
        yield "a rematch is offered, but there was no finished game between two"
    yield from _link_faults(game)


def _link_faults(game: Game) -> Iterator[str]:
    """Compare a rematch with the game that it follows."""
    previous = game.rematch_of
    if previous is None:
        if game.rematch_of_id is not None:
            yield f"it follows {game.rematch_of_id}, which does not exist"
        elif (game.series_id, game.series_number, game.half_points1, game.half_points2) != (None, 1, 0, 0):
            yield "it follows no game, but is not the first of its series"
        return
    link = f"it follows {previous.pk}, but"
    if previous.state != State.FINISHED:
        yield f"{link} that game is not finished"
    if (game.participant1_id, game.participant2_id) != (previous.participant2_id, previous.participant1_id):
        yield f"{link} the seats are not swapped"
    if (game.first_move, game.visibility) != (previous.first_move, previous.visibility):
        yield f"{link} first move or visibility differ"
    place = Series(game.series_id or "", game.series_number, (game.half_points1, game.half_points2))
    if place != _series_after(previous):
        yield f"{link} its place or its score in the series is not the next"
    terms = [(one.takebacks, one.initial, one.increment, one.days_per_move, one.opening) for one in (game, previous)]
    if terms[0] != terms[1]:
        yield f"{link} takebacks, time control or opening differ"
    if previous.end_time is not None and previous.end_time > game.create_time + CLOCK_SKEW:
        yield f"{link} began before that game's end"


def _series_after(game: Game) -> Series:
    """The place of a finished game's rematch."""
    series = Series(game.series_id or game.pk, game.series_number, (game.half_points1, game.half_points2))
    reason = Reason(game.reason) if game.reason in list(Reason) else Reason.ABORTED
    return series.next(Outcome(game.winner, reason))
