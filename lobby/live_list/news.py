"""The difference between two states of the lobby, as frames."""

from typing import Any

from games import protocol
from games.protocol import GameObject, State
from lobby.live_list.listing import Known
from lobby.live_list.survey import PLAYING, WAITING

View = dict[str, GameObject]
"""Games that somebody sees, by their IDs."""


def frames_between(
    before: tuple[View, ...], after: tuple[View, ...], changes: set[str], texts: dict[tuple[str, str], str]
) -> list[str]:
    """The events that lead from what one saw to what one sees.

    Args:
        before: what one saw; the first view that has a game tells how.
        after: what one sees.
        changes: the games to compare.
        texts: events that are encoded already, by kind and game ID; grows.

    Returns:
        At most one frame for each game.
    """
    frames = []
    for pk in sorted(changes):
        game = _seen(after, pk)
        kind = _kind(_seen(before, pk), game)
        if kind is None:
            continue
        text = texts.get((kind, pk))
        if text is None:
            text = texts[kind, pk] = protocol.encode(_EVENTS[kind](pk, game))
        frames.append(text)
    return frames


_EVENTS: dict[str, Any] = {
    "listed": lambda pk, game: protocol.GameListed(game=game),
    "updated": lambda pk, game: protocol.GameUpdated(game=game),
    "unlisted": lambda pk, game: protocol.GameUnlisted(id=pk),
}


def _seen(views: tuple[View, ...], pk: str) -> GameObject | None:
    return next((view[pk] for view in views if pk in view), None)


def _kind(before: GameObject | None, after: GameObject | None) -> str | None:
    if after is None:
        return "unlisted" if before is not None else None
    if before is None:
        return "listed"
    return "updated" if before != after else None


def differing(before: View, after: View) -> set[str]:
    """The IDs of games that were read anew, came or went."""
    return {pk for pk in before.keys() | after.keys() if before.get(pk) is not after.get(pk)}


def listed(known: Known) -> View:
    """The listed games. A game may have moved on between two queries of one reading; it is announced again then."""
    lists = ((WAITING.shown(known.waiting), State.WAITING), (PLAYING.shown(known.playing), State.IN_PROGRESS))
    games = known.games
    return {pk: games[pk] for ids, state in lists for pk in ids if pk in games and games[pk].state is state}
