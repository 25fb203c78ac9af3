"""One state change, one version: no gaps, whatever happens to a game."""

import random

from hypothesis import given
from hypothesis import strategies as st

from games.game.changes import GameChange
from games.game.commands import Abandon, Abort, Adjudicate, Cancel, Command, Join
from games.game.judging import judge
from games.game.new_game import NewGame
from games.game.people import HOUSE, Asker
from games.game.restoring import events_since, restore
from games.protocol import DeclineRematch, GameError, OfferRematch, PlayMove, Resign, State
from games.protocol.commands import AbortGame, DeclineDraw, DeclineTakeback, OfferDraw, OfferTakeback
from tests.support.live_games import ALICE, BOB, CHARLIE, NOON, at, perform, take_in, waiting_game

askers = st.sampled_from([ALICE.player_id, BOB.player_id, CHARLIE.player_id, None, HOUSE])
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(PlayMove, column=st.integers(-1, 7), ply=st.integers(0, 43)),
    st.sampled_from(
        [Resign(), AbortGame(), OfferDraw(), DeclineDraw(), OfferTakeback(), OfferTakeback(), DeclineTakeback(),
         OfferRematch(), DeclineRematch(), Join(BOB), Join(CHARLIE), Cancel(), Adjudicate(1, "so"), Abort("so"),
         Abandon(plies=0)]
    ),
)  # fmt: skip


@given(st.lists(st.tuples(commands, askers), max_size=30), st.integers(0, 2**32))
def test_any_story_leaves_a_game_whole(story: list[tuple[Command, Asker]], seed: int) -> None:
    game = waiting_game()
    choose = random.Random(seed)
    for command, asker in story:
        if isinstance(command, PlayMove) and choose.random() < 0.8:  # mostly sensible moves, or games never get far
            command = PlayMove(column=command.column, ply=len(game.columns) + 1, version=game.version)
            asker = game.turn
        before, number, rematch = game.version, game.number, game.rematch
        try:
            change = judge(game, command, asker, at(60))
        except GameError:
            change = None
        assert game.version == before  # judging changes nothing
        if isinstance(change, GameChange):
            event = take_in(game, change)
            assert change.number == game.number == number + 1
            assert game.version - before == int(hasattr(event, "version"))
            assert game.version == getattr(event, "version", before)
            assert hasattr(event, "version") or game.rematch != rematch
        assert (game.turn is None) == (game.state is not State.IN_PROGRESS)
        assert (game.outcome is None) == (game.state is not State.FINISHED) == (game.end_time is None)
        assert len(game.columns) == len(game.played_at) == game.position.ply_count
    again = restore(NewGame(game.id, ALICE, 1, game.visibility, NOON), game.changes)
    assert again.as_json_object() == game.as_json_object()
    assert [getattr(event, "version", None) for event in events_since(game, 0)][: game.version] == [
        *range(1, game.version + 1)
    ]


@given(st.integers(0, 2**32), st.integers(0, 42))
def test_a_game_rebuilt_from_what_is_stored_is_the_same(seed: int, plies: int) -> None:
    game = waiting_game()
    perform(game, Join(BOB), BOB.player_id, at(9))
    choose = random.Random(seed).choice
    while game.turn is not None and len(game.columns) < plies:
        move = PlayMove(column=choose(game.position.legal_columns), ply=len(game.columns) + 1)
        perform(game, move, game.turn, at(10))
    again = restore(NewGame(game.id, ALICE, 1, game.visibility, NOON), game.changes)
    assert again.as_json_object() == game.as_json_object()
    assert again.position == game.position
