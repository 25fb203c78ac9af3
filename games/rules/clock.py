"""Clocks: how a time control charges time, makes up for lag, and runs out. Arithmetic only; callers bring the time.

All durations are whole milliseconds unless a name says otherwise. The compensation for lag is that of lichess
(scalachess, ``LagTracker``), with 15 moves in the estimate of a game's length, since a side makes at most 21: each
side has a quota that grows with each of its moves, and no move is compensated beyond it.
"""

from typing import NamedTuple, Protocol

from games.rules.time_controls import Countdown, Days, Speed, TimeControl, speed_of

ADDED_MS = 15_000
"""What one gives the other side with ``add_time``."""
MAX_GRACE_MS = 2_000
"""A flag falls this late at most: a move that is on its way may have been made in time."""

_QUOTA_AT_START, _QUOTA_AT_MOST = 3, 7
"""In gains."""
_TRUSTED_MARGIN_MS = 140
_DAY_MS = 86_400_000

_new = tuple.__new__  # half of a named constructor, as in `games.rules.board`

FIRST_MOVE_MS = {Speed.BULLET: 15_000, Speed.BLITZ: 20_000, Speed.RAPID: 30_000}
"""How long a side may take for its first own move."""


class Charge(NamedTuple):
    """What one move costs its mover; stored with the move, so that the clocks can be computed again.

    Attributes:
        charged_ms: what comes off the clock.
        compensation_ms: what was elapsed and isn't charged, for lag.
        gain_ms: what the move adds to the quota.
    """

    charged_ms: int
    compensation_ms: int = 0
    gain_ms: int = 0


_FREE = Charge(0)


class Charged(Protocol):
    """What a move has cost: a `Charge`, or the same as it was stored."""

    @property
    def charged_ms(self) -> int:
        """What came off the clock."""

    @property
    def compensation_ms(self) -> int:
        """What was elapsed and wasn't charged."""

    @property
    def gain_ms(self) -> int:
        """What the move added to the quota."""


Pair = tuple[int, int]
"""A number of participant 1's and one of participant 2's."""


class Clock(NamedTuple):
    """Both clocks of a game after a number of moves. Immutable; seats are 1 and 2.

    Pairs of plain numbers, because a clock is made for every move: an object for each side would take as long again.

    Attributes:
        control: how much time there is.
        remaining_ms: what both had left when the last move was made, never below 0.
        quotas_ms: by how much the next move of each may be compensated.
        own_moves: how many each has made, plies of an opening left out.
    """

    control: TimeControl
    remaining_ms: Pair
    quotas_ms: Pair
    own_moves: Pair

    @classmethod
    def start(cls, control: TimeControl) -> "Clock":
        """The clocks before the first move."""
        if isinstance(control, Days):
            left_ms, quota_ms = control.per_move * _DAY_MS, 0
        else:
            left_ms, quota_ms = control.initial * 1000, _QUOTA_AT_START * control.gain_ms
        return cls(control, (left_ms, left_ms), (quota_ms, quota_ms), (0, 0))

    @property
    def have_both_moved(self) -> bool:
        """Whether each side has made a move of its own."""
        return all(self.own_moves)

    def runs_for(self, seat: int) -> bool:
        """Whether time is charged while this side is to move: not for its first move, unless days are given."""
        return self.own_moves[seat - 1] > 0 or isinstance(self.control, Days)

    def limit_ms(self, seat: int) -> int:
        """How long this side may take for the move that it is to make now, by the clock it sees.

        Returns:
            What its clock has left; before its first move the time that is given for that.
        """
        if self.runs_for(seat):
            return self.remaining_ms[seat - 1]
        return FIRST_MOVE_MS[speed_of(self.control)]

    def flag_ms(self, seat: int) -> int:
        """How long after the announcement of the move before this side's time is over, with its grace.

        Only from then on is a move that would be in time, after compensation, no longer to be expected.
        """
        if not self.runs_for(seat):
            return self.limit_ms(seat)
        return self.limit_ms(seat) + min(self.quotas_ms[seat - 1], MAX_GRACE_MS)

    def soonest_ms(self, seat: int) -> int:
        """How long from now this side's time is not over yet, while the other is to move: whenever that moves."""
        return min(self.flag_ms(seat), self.remaining_ms[seat - 1])

    def charge(self, seat: int, elapsed_ms: int, move_time_ms: int | None, trusted_lag_ms: int | None) -> Charge:
        """What a move costs.

        Args:
            seat: the mover's.
            elapsed_ms: from the announcement of the move before to the receipt of this one.
            move_time_ms: how long the person thought, by the client's own word; None where it says nothing.
            trusted_lag_ms: the line's round trip as the server has measured it; None where it can't.

        Returns:
            The charge, of which ``charged_ms + compensation_ms`` is what elapsed, but for a first move, which is free.

        Raises:
            ValueError: a negative duration.
        """
        if elapsed_ms < 0 or (move_time_ms or 0) < 0 or (trusted_lag_ms or 0) < 0:
            raise ValueError("a duration is negative")
        control = self.control
        if isinstance(control, Days):
            return Charge(elapsed_ms)
        if not self.own_moves[seat - 1]:
            return _FREE
        lag_ms = (trusted_lag_ms or 0) if move_time_ms is None else elapsed_ms - move_time_ms
        compensation_ms = min(lag_ms, self.quotas_ms[seat - 1], elapsed_ms) if lag_ms > 0 else 0
        gain_ms = control.gain_ms
        if trusted_lag_ms is not None:
            gain_ms = min(gain_ms, trusted_lag_ms + _TRUSTED_MARGIN_MS)
        return _new(Charge, (elapsed_ms - compensation_ms, compensation_ms, gain_ms))

    def is_too_late(self, seat: int, elapsed_ms: int, charge: Charge) -> bool:
        """Whether a move comes when its mover's time is over: at zero it is.

        Args:
            seat: the mover's.
            elapsed_ms: as for `charge`.
            charge: what the move would cost.
        """
        if self.runs_for(seat):
            return charge.charged_ms >= self.remaining_ms[seat - 1]
        return elapsed_ms >= self.limit_ms(seat)

    def moved(self, seat: int, charge: Charged) -> "Clock":
        """The clocks after a move.

        Args:
            seat: the mover's.
            charge: what the move costs.
        """
        control, quotas_ms, moves = self.control, self.quotas_ms, self.own_moves
        if moves[seat - 1] and isinstance(control, Countdown):
            quota_ms = quotas_ms[seat - 1] + charge.gain_ms - charge.compensation_ms
            quotas_ms = _with(quotas_ms, seat, min(quota_ms, _QUOTA_AT_MOST * control.gain_ms))
        left_ms = self.left_after(seat, charge)
        return _new(Clock, (control, left_ms, quotas_ms, _with(moves, seat, moves[seat - 1] + 1)))

    def left_after(self, seat: int, charge: Charged) -> Pair:
        """What both have left after a move: `remaining_ms` of `moved`, for less.

        Args:
            seat: the mover's.
            charge: what the move costs.
        """
        control, left_ms = self.control, self.remaining_ms
        if isinstance(control, Days) or not self.own_moves[seat - 1]:
            return left_ms
        its_ms = left_ms[seat - 1] - charge.charged_ms
        return _with(left_ms, seat, (its_ms if its_ms > 0 else 0) + control.increment * 1000)

    def flagged(self, seat: int) -> "Clock":
        """The clocks of a game that one side lost on time."""
        return self._replace(remaining_ms=_with(self.remaining_ms, seat, 0))

    def taken_back(self, own_moves: Pair) -> "Clock":
        """The clocks after moves were taken back: what is left and the quotas stay.

        Args:
            own_moves: how many moves of its own each side still has on the board. A side's clock that has once run goes
                on to run.
        """
        first, second = (max(left, min(made, 1)) for left, made in zip(own_moves, self.own_moves, strict=True))
        return self._replace(own_moves=(first, second))

    def addable_ms(self, seat: int) -> int:
        """How much `add_time` gives this side: `ADDED_MS`, up to twice what it began with. 0 where days are given."""
        if isinstance(self.control, Days):
            return 0
        return max(0, min(ADDED_MS, 2 * self.control.initial * 1000 - self.remaining_ms[seat - 1]))

    def given_time(self, seat: int, added_ms: int) -> "Clock":
        """The clocks after this side got more time."""
        return self._replace(remaining_ms=_with(self.remaining_ms, seat, self.remaining_ms[seat - 1] + added_ms))


def _with(pair: Pair, seat: int, value: int) -> Pair:
    return (value, pair[1]) if seat == 1 else (pair[0], value)
