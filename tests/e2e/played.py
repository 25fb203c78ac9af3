"""Whole games between two people, played in a moment: by the sockets of two pages, without a click."""

from tests.e2e.people import Person

# Plays one side of a game as soon as it is that side's turn; whoever is to move after the last move resigns.
PLAY = """({ id, moves }) => {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/games/${id}/`);
  let you = null;
  const act = (turn, count) => {
    if (turn !== you) return;
    if (count === moves.length) socket.send(JSON.stringify({ type: "resign" }));
    else socket.send(JSON.stringify({ type: "play_move", column: moves[count], ply: count + 1 }));
  };
  const done = new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "snapshot") you = event.you;
      if (event.type === "snapshot") act(event.game.turn, event.game.moves.length);
      if (event.type === "move_played") act(event.turn, event.ply);
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
    for person in (one, other):
        person.page.goto("/accounts/")
        person.page.evaluate(PLAY, {"id": game_id, "moves": [int(digit) - 1 for digit in notation]})
    assert one.page.evaluate("playedTo") in ("four_in_a_row", "board_full", "resignation")
    return game_id
