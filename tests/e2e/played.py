"""Whole games between two people, played in a moment: by the sockets of two pages, without a click."""

import time

from tests.e2e.people import Person

REVIEWED_WITHIN = 90.0
"""Seconds; a worker has to start first."""

# Plays one side of a game as soon as it is that side's turn; whoever is to move after the last move resigns, or leaves.
PLAY = """({ id, moves, ends }) => {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/games/${id}/`);
  let you = null;
  let leave = null;
  const act = (turn, count) => {
    if (count === moves.length && !ends) return leave("left");
    if (turn !== you) return;
    if (count === moves.length) socket.send(JSON.stringify({ type: "resign" }));
    else socket.send(JSON.stringify({ type: "play_move", column: moves[count], ply: count + 1 }));
  };
  const done = new Promise((resolve) => {
    leave = resolve;
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "snapshot") you = event.you;
      if (event.game?.outcome) resolve(event.game.outcome.reason);
      if (event.type === "snapshot") act(event.game.turn, event.game.moves.length);
      if (event.type === "move_played" && !event.outcome) act(event.turn, event.ply);
      if (event.type === "game_finished" || event.outcome) resolve(event.outcome.reason);
    };
  });
  window.playedTo = done.finally(() => socket.close());
}"""


def play_game(one: Person, other: Person, notation: str) -> str:
    """Play a game and end it: on the board, or by resignation where the moves don't.

    Args:
        one: makes the game, and moves first.
        other: joins it.
        notation: all moves.

    Returns:
        Its ID.
    """
    game_id = one.create_game()
    other.join(game_id)
    assert _play(one, other, game_id, notation, ends=True) in ("four_in_a_row", "board_full", "resignation")
    return game_id


def start_game(one: Person, other: Person, notation: str, **fields: str) -> str:
    """Play the first moves of a game that goes on.

    Args:
        one, other, notation: as for `play_game`.
        fields: of the form for a new game.

    Returns:
        Its ID.
    """
    game_id = one.create_game(**fields)
    other.join(game_id)
    assert _play(one, other, game_id, notation, ends=False) == "left"
    return game_id


def _play(one: Person, other: Person, game_id: str, notation: str, ends: bool) -> str:
    """How it ended, or that it was left."""
    moves = [int(digit) - 1 for digit in notation]
    for person in (one, other):
        person.page.goto("/accounts/")
        person.page.evaluate(PLAY, {"id": game_id, "moves": moves, "ends": ends})
    results = {person.page.evaluate("playedTo") for person in (one, other)}
    assert len(results) == 1
    found: str = results.pop()
    return found


def wait_for_review(one: Person, game_id: str) -> None:
    """Wait until a game is reviewed."""
    end = time.monotonic() + REVIEWED_WITHIN
    while one.context.request.get(f"/api/games/{game_id}/review/").status != 200:
        assert time.monotonic() < end, f"{game_id} is not reviewed"
        time.sleep(0.2)
