"""``manage.py replay GAME_ID``: a stored game, move by move, as boards in the terminal."""

import json
from argparse import ArgumentParser
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from games.game.live import LiveGame
from games.protocol import timestamp
from games.records import words
from games.rules import ids
from games.rules.board import IllegalDrop, Position
from games.storage import loading

DISCS = {1: ".XO", 2: ".OX"}
"""How cells are printed, by who moved first: empty, a disc of that one, of the other."""


class Command(BaseCommand):
    """Prints one game; reads only."""

    help = "Prints a game move by move. X is participant 1, O is participant 2."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the game's ID, ``--ply`` and ``--json``."""
        parser.add_argument("game_id", metavar="GAME_ID", help="six to eight characters, in any case, hyphens ignored")
        parser.add_argument("--ply", type=int, metavar="N", help="only the position after ply N; 0 is the empty board")
        parser.add_argument("--json", action="store_true", help="one JSON object: the game and its positions")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the game, or fail with one line that says why not."""
        game = _load(options["game_id"])
        plies = _wanted_plies(game, options["ply"])
        try:
            if options["json"]:
                self.stdout.write(_as_json(game, plies))
            else:
                self._print(game, plies)
        except BrokenPipeError:
            raise CommandError("the output was closed") from None

    def _print(self, game: LiveGame, plies: list[int]) -> None:
        self.stdout.write(_heading(game))
        for ply in plies:
            self.stdout.write(f"\n{_caption(game, ply)}\n{_picture(game, ply)}")
            for act in [act for after, act in words.acts_of(game) if after == ply]:
                self.stdout.write(f"{_name(game, act.seat or 1)} {act.WORDS}, {timestamp(act.at)}.")
        if plies[-1] == len(game.columns):
            self.stdout.write(f"\n{_ending(game)}")


def _load(text: str) -> LiveGame:
    game_id = ids.normalise(text)
    if game_id is None:
        raise CommandError(f"{text!r} is not a game ID: six to eight characters of {ids.ALPHABET}")
    try:
        game = loading.load(game_id)
    except (IllegalDrop, ValueError) as error:
        raise CommandError(f"the record of {game_id} does not hold ({error}); see manage.py verify_games") from None
    if game is None:
        raise CommandError(f"there is no game {game_id}")
    return game


def _wanted_plies(game: LiveGame, ply: int | None) -> list[int]:
    last = len(game.columns)
    if ply is None:
        return list(range(last + 1))
    if not 0 <= ply <= last:
        raise CommandError(f"{game.id} has no ply {ply}: it goes from 0 to {last}")
    return [ply]


def _name(game: LiveGame, seat: int) -> str:
    participant = game.participant1 if seat == 1 else game.participant2
    return participant.name if participant else "nobody yet"


def _heading(game: LiveGame) -> str:
    seats = f"{_name(game, 1)} (X) against {_name(game, 2)} (O)"
    return f"{game.id}: {seats}, {game.visibility}, made {timestamp(game.create_time)}"


def _caption(game: LiveGame, ply: int) -> str:
    if ply == 0:
        return "Start"
    mover = words.mover_in_words(game, ply)
    return f"Ply {ply}: {mover} in column {game.columns[ply - 1] + 1}, {timestamp(game.played_at[ply - 1])}"


def _ending(game: LiveGame) -> str:
    if game.outcome is None:
        return "Waiting for participant 2." if game.turn is None else f"{_name(game, game.turn)} is to move."
    winner = _name(game, game.outcome.winner) if game.outcome.winner else None
    note = f" ({game.note})" if game.note else ""
    return f"{words.outcome_in_words(winner, game.outcome.reason)}{note}.".replace("no winner", "No winner", 1)


def _picture(game: LiveGame, ply: int) -> str:
    *rows, columns = words.picture_of(Position.from_columns(game.columns[:ply]), DISCS[game.first_move])
    return "\n".join([*(f"| {row} |" for row in rows), f"  {columns}"])


def _as_json(game: LiveGame, plies: list[int]) -> str:
    positions = [_position_object(game, ply) for ply in plies]
    return json.dumps({"game": msgspec.to_builtins(game.as_json_object()), "positions": positions}, indent=2)


def _position_object(game: LiveGame, ply: int) -> dict[str, object]:
    position = Position.from_columns(game.columns[:ply])
    board = {"ply": ply, "board": words.rows_of(position, DISCS[game.first_move])}
    if ply == 0:
        return board
    column = game.columns[ply - 1]
    row = position.height(column) - 1
    played_at = timestamp(game.played_at[ply - 1])
    return {**board, "participant": game.mover_of(ply), "column": column, "row": row, "playedAt": played_at}
