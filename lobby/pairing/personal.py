"""What a lobby tells one person alone: their seek, the game that they were paired into, and challenges."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from games.protocol import Challenged, ChallengeEnded, Event, GameObject, Paired, SeekEnded, Seeking, SeekObject
from lobby.pairing import challenges, pairings, seeks

News = tuple[int, str, Any]
"""What happened to a person, as processes tell each other: whose, one of the kinds below, and what belongs to it."""
SEEK, PAIRED, OPENED = "seek", "paired", "opened"
CHALLENGED, CHALLENGE_ENDED, CHALLENGE_ANSWERED = "challenged", "challenge_ended", "challenge_answered"
"""The last is for who has made it."""


@dataclass(slots=True)
class Personal:
    """What a process knows of somebody who is connected to it.

    Attributes:
        seek: their seek, if they have one.
        paired: the game that they were paired into just now and have not opened.
        challenges: games that wait for them alone.
        changes: how often something was taken in.
    """

    seek: SeekObject | None = None
    paired: str | None = None
    challenges: dict[str, GameObject] = field(default_factory=dict)
    changes: int = 0

    @property
    def is_told(self) -> bool:
        """Whether there is anything that a snapshot tells."""
        return self.seek is not None or self.paired is not None or bool(self.challenges)

    def take_in(self, kind: str, value: Any) -> list[Event]:
        """Take in what happened; what the person is to hear of it.

        Args:
            kind: of the news.
            value: the seek or None; the game's ID; a challenge, or its end, as JSON.
        """
        self.changes += 1
        if kind == SEEK:
            self.seek = None if value is None else msgspec.convert(value, SeekObject)
            return [SeekEnded() if self.seek is None else _seeking(self.seek)]
        if kind == PAIRED:
            self.seek, self.paired = None, value
            return [Paired(game=value), SeekEnded()]
        if kind == CHALLENGED:
            game = msgspec.convert(value, GameObject)
            self.challenges[game.id] = game
            return [Challenged(game=game)]
        if kind == CHALLENGE_ANSWERED:
            return [msgspec.convert(value, ChallengeEnded)]
        if kind == CHALLENGE_ENDED:
            ended = msgspec.convert(value, ChallengeEnded)
            # One that never arrived, because somebody has blocked somebody, doesn't end either.
            return [] if self.challenges.pop(ended.id, None) is None else [ended]
        if kind == OPENED and self.paired == value:
            self.paired = None
        return []

    def news_of(self, stored: "Personal", player_id: int) -> list[News]:
        """What has happened without our hearing of it.

        Args:
            stored: what the store says.
            player_id: whose this is.
        """
        gone = self.challenges.keys() - stored.challenges
        news: list[News] = [
            (player_id, CHALLENGE_ENDED, msgspec.to_builtins(ChallengeEnded(id=pk))) for pk in sorted(gone)
        ]
        new = stored.challenges.keys() - self.challenges.keys()
        news += [(player_id, CHALLENGED, msgspec.to_builtins(stored.challenges[pk])) for pk in sorted(new)]
        if stored.paired not in (None, self.paired):
            news.append((player_id, PAIRED, stored.paired))
        elif stored.seek != self.seek:
            news.append((player_id, SEEK, msgspec.to_builtins(stored.seek)))
        return news


def read(player_ids: Iterable[int], now: datetime) -> dict[int, Personal]:
    """What the store says of people.

    Args:
        player_ids: whose.
        now: the store's time.
    """
    ids = [*player_ids]
    standing, paired, waiting = seeks.standing(ids, now), pairings.unopened(ids, now), challenges.waiting_for(ids)
    return {pk: Personal(standing.get(pk), paired.get(pk), waiting.get(pk, {})) for pk in ids}


def _seeking(seek: SeekObject) -> Seeking:
    return Seeking(time_control=seek.time_control, rated=seek.rated, since=seek.since)
