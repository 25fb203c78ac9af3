"""Rulings: one function a command, which says what the command would change, and changes nothing.

A module of this package for each family of commands registers its rulings here, by who may ask. A ruling returns the
change to store, or an answer for the asker alone where what was asked is recorded already; it raises `GameError` to
refuse.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar, cast

from games.game.changes import GameChange
from games.game.commands import Command
from games.game.live import LiveGame
from games.game.people import UNMEASURED, Asker, House, Side, Timing
from games.protocol import Answer, ErrorCode, GameError

Ruling = GameChange | Answer

C = TypeVar("C")
B = TypeVar("B")
Rule = Callable[[LiveGame, C, B, datetime], Ruling]
"""A ruling on a kind of command, by a kind of asker."""
AnyRule = Callable[[LiveGame, Command, Asker, datetime, Timing], Ruling]
"""A ruling as it is found by the type of what is asked."""

rules: dict[type, AnyRule] = {}
"""The registered rulings, by the kind of command."""


def for_participants(command: type[C]) -> Callable[[Rule[C, Side]], Rule[C, Side]]:
    """Register the ruling on a command of participants; anybody else is refused with ``not_a_participant``."""

    def register(rule: Rule[C, Side]) -> Rule[C, Side]:
        judge = cast("Rule[Command, Side]", rule)  # found by its command's type, it gets no other
        rules[command] = lambda game, asked, asker, now, timing: judge(game, asked, side_of(game, asker, timing), now)
        return rule

    return register


def for_the_house(command: type[C]) -> Callable[[Rule[C, House]], Rule[C, House]]:
    """Register the ruling on a command of the house; anybody else is refused with ``forbidden``."""

    def register(rule: Rule[C, House]) -> Rule[C, House]:
        judge = cast("Rule[Command, House]", rule)  # found by its command's type, it gets no other
        rules[command] = lambda game, asked, asker, now, timing: judge(game, asked, _house(asker), now)
        return rule

    return register


def for_anybody(command: type[C]) -> Callable[[Rule[C, Asker]], Rule[C, Asker]]:
    """Register a ruling that looks itself at who asks."""

    def register(rule: Rule[C, Asker]) -> Rule[C, Asker]:
        judge = cast("Rule[Command, Asker]", rule)  # found by its command's type, it gets no other
        rules[command] = lambda game, asked, asker, now, timing: judge(game, asked, asker, now)
        return rule

    return register


def _house(asker: Asker) -> House:
    if not isinstance(asker, House):
        raise GameError(ErrorCode.FORBIDDEN)
    return asker


def side_of(game: LiveGame, asker: Asker, timing: Timing = UNMEASURED) -> Side:
    """The side that asks.

    Raises:
        GameError: ``not_a_participant``.
    """
    seat = None if isinstance(asker, House) else game.seat_of(asker)
    if seat is None:
        raise GameError(ErrorCode.NOT_A_PARTICIPANT)
    return Side(seat, timing)


def refuse_while_waiting(game: LiveGame) -> None:
    """Refuse with ``game_not_started`` a game that nobody has joined."""
    if game.is_waiting:
        raise GameError(ErrorCode.GAME_NOT_STARTED)


def refuse_unless_in_progress(game: LiveGame) -> None:
    """Refuse with ``game_not_started`` or ``game_finished`` a game in which nobody can move."""
    refuse_while_waiting(game)
    if game.is_finished:
        raise GameError(ErrorCode.GAME_FINISHED)
