"""Rows of games that could have been played: each keeps what `games.records.verification` asks of a stored game."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from games.demo import playing
from games.game.changes import End, GameChange, RematchStart
from games.game.live import BY_A_MOVE
from games.game.series import Series
from games.models import MOVE, Change, Game, Player
from games.protocol import Outcome, Reason, State, Visibility
from games.rules.board import Position
from games.rules.outcomes import mover_of
from games.storage.log import row_of

DESERTED_AFTER = timedelta(days=7)
SHOWN_FOR = timedelta(hours=1)
"""How long lists show games that nobody sits behind."""

_WEEKS = timedelta(weeks=4)


@dataclass
class Imagined:
    """A game's row with its discs, not yet stored."""

    game: Game
    columns: list[int] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    rematch: Game | None = None

    @property
    def log(self) -> list[Change]:
        """The rows of its log."""
        return log_of(self.game, list(zip(self.columns, self.times, strict=True)), self.rematch)

    @property
    def last_time(self) -> datetime:
        """When something happened in it last."""
        return self.times[-1] if self.times else self.game.start_time or self.game.create_time


class Imagination:
    """Makes up games between players.

    Args:
        game_ids: fresh ones, taken from the end; as many as games will be asked for.
        now: before which everything happens.
        chance: where choices are free.
    """

    def __init__(self, game_ids: list[str], now: datetime, chance: Random) -> None:
        self._game_ids = game_ids
        self._now = now
        self._chance = chance

    def waiting(self, player: Player) -> Imagined:
        """A public game that somebody made a few minutes ago."""
        return Imagined(self._row(player, None, self._now - self._seconds(60, 900)))

    def running(self, player1: Player, player2: Player, *, player1_to_move: bool = False) -> Imagined:
        """A public game in which somebody moved within the last minute.

        Args:
            player1, player2: its participants.
            player1_to_move: whose turn it has to be; anybody's where False.
        """
        columns = playing.unfinished_game(self._chance, at_least=4)
        times = [self._now - self._seconds(5, 60)]
        while len(times) < len(columns) + 1:
            times.append(times[-1] - self._thought())
        start_time, *times = reversed(times)
        game = self._row(player1, player2, start_time - self._seconds(5, 90), start_time)
        # Who moved first says whose turn it is now.
        game.first_move = 1 + len(columns) % 2 if player1_to_move else self._chance.choice((1, 2))
        game.attended_time = self._now + SHOWN_FOR
        return Imagined(game, columns, times)

    def decided(self, player1: Player, player2: Player, *, drawn: bool = False) -> Imagined:
        """A game of the last weeks that a move ended.

        Args:
            player1, player2: its participants.
            drawn: whether it filled the board; else somebody won.
        """
        columns = playing.drawn_game(self._chance) if drawn else playing.won_game(self._chance)
        return self._end_by_move(self._played(self._between(player1, player2), columns))

    def ended(
        self, player1: Player, player2: Player, reason: Reason, *, winner: int | None = None, note: str = ""
    ) -> Imagined:
        """A game of the last weeks that ended by anything but a move.

        Args:
            player1, player2: its participants.
            reason: how it ended.
            winner: 1, 2 or None.
            note: why a moderator ended it.
        """
        delay = DESERTED_AFTER if reason is Reason.ABANDONMENT else self._thought()
        columns = playing.unfinished_game(self._chance, at_least=4)
        imagined = self._played(self._between(player1, player2, delay), columns)
        return _end(imagined, reason, winner, imagined.last_time + delay, note)

    def cancelled(self, player: Player) -> Imagined:
        """A game of the last weeks that its creator took back."""
        imagined = Imagined(self._row(player, None, self._some_time_ago()))
        return _end(imagined, Reason.ABORTED, None, imagined.last_time + self._seconds(30, 600))

    def rematch_of(self, previous: Imagined) -> Imagined:
        """The game that followed one of two players, seats swapped, decided by a move."""
        before = previous.game
        start_time = previous.last_time + self._seconds(3, 20)
        game = self._row(before.participant2, before.participant1, start_time, start_time)
        game.first_move, game.visibility, game.rematch_of = before.first_move, before.visibility, before
        continue_series(before, game)
        previous.rematch = game
        return self._end_by_move(self._played(game, playing.won_game(self._chance)))

    def _row(
        self, player1: Player | None, player2: Player | None, create_time: datetime, start_time: datetime | None = None
    ) -> Game:
        state = State.WAITING if start_time is None else State.IN_PROGRESS
        return Game(
            id=self._game_ids.pop(), participant1=player1, participant2=player2, state=state,
            create_time=create_time, start_time=start_time,
        )  # fmt: skip

    def _between(self, player1: Player, player2: Player, at_least: timedelta = timedelta()) -> Game:
        create_time = self._some_time_ago(at_least)
        game = self._row(player1, player2, create_time, create_time + self._seconds(4, 120))
        game.first_move = self._chance.choice((1, 1, 2))
        game.visibility = self._chance.choice((Visibility.PUBLIC,) * 4 + (Visibility.PRIVATE,))
        return game

    def _played(self, game: Game, columns: list[int]) -> Imagined:
        imagined = Imagined(game, columns)
        for _ in columns:
            imagined.times.append(imagined.last_time + self._thought())
        return imagined

    def _end_by_move(self, imagined: Imagined) -> Imagined:
        if not Position.from_columns(imagined.columns).is_won:
            return _end(imagined, Reason.BOARD_FULL, None, imagined.last_time)
        winner = mover_of(len(imagined.columns), imagined.game.first_move)
        return _end(imagined, Reason.FOUR_IN_A_ROW, winner, imagined.last_time)

    def _some_time_ago(self, at_least: timedelta = timedelta()) -> datetime:
        """Within the last weeks, rather lately; long enough ago for a game, its rematch and ``at_least`` more."""
        ago = at_least + timedelta(hours=1)
        return self._now - ago - self._chance.random() ** 2 * (_WEEKS - ago)

    def _thought(self) -> timedelta:
        """How long somebody thinks about a move."""
        return self._seconds(1, 14)

    def _seconds(self, least: float, most: float) -> timedelta:
        return timedelta(milliseconds=round(1000 * self._chance.uniform(least, most)))


def _end(imagined: Imagined, reason: Reason, winner: int | None, end_time: datetime, note: str = "") -> Imagined:
    game = imagined.game
    game.state, game.reason, game.winner, game.end_time, game.note = State.FINISHED, reason, winner, end_time, note
    return imagined


def continue_series(before: Game, game: Game) -> None:
    """Give a rematch its place in the series of the game before it.

    Args:
        before: that game, as it stands in the end.
        game: the rematch.
    """
    outcome = Outcome(before.winner, Reason(before.reason)) if before.reason else None
    before_it = before.half_points1, before.half_points2
    place = Series(before.series_id or before.pk, before.series_number, before_it).next(outcome)
    game.series_id, game.series_number, (game.half_points1, game.half_points2) = place


def log_of(game: Game, discs: Sequence[tuple[int, datetime]], rematch: Game | None = None) -> list[Change]:
    """The log of a game of which the row and the discs are made up.

    Args:
        game: as it stands in the end.
        discs: column and time of each.
        rematch: the game that followed it.
    """
    log: list[Change] = []

    def add(kind: str, at: datetime, seat: int | None, column: int | None = None, body: str = "") -> None:
        log.append(Change(game=game, number=len(log) + 1, kind=kind, seat=seat, column=column, at=at, body=body))

    def add_change(kind: type[GameChange], at: datetime, **fields: Any) -> None:
        row = row_of(kind(game_id=game.pk, number=len(log) + 1, at=at, **fields))
        add(row.kind, row.at, row.seat, body=row.body)

    if game.start_time is not None:
        add("join", game.start_time, 2)
    for ply, (column, at) in enumerate(discs, start=1):
        add(MOVE, at, mover_of(ply, game.first_move), column)
    if game.reason not in ("", *BY_A_MOVE) and game.end_time is not None:
        add_change(End, game.end_time, winner=game.winner, reason=Reason(game.reason))
    if rematch is not None:
        add_change(RematchStart, rematch.create_time, seat=1, game=rematch.pk)
    return log
