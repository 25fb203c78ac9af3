"""The stock consumer, as the Channels tutorial uses it: join the group, accept, receive, send to the group."""

from datetime import UTC, datetime
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import transaction

from bench.baseline_textbook.models import Game
from games.rules.board import IllegalDrop, Position


def turn_in(position: Position) -> int | None:
    """Whose turn it is, or None at the end."""
    return None if position.is_over else position.ply_count % 2 + 1


class Refused(Exception):
    """A move that is not played; holds an error code."""


class GameConsumer(AsyncJsonWebsocketConsumer):
    """A participant or a spectator of one game."""

    async def connect(self) -> None:
        """Join the game's group and send the board."""
        self.game_id = int(self.scope["url_route"]["kwargs"]["game_id"])
        self.group = f"game_{self.game_id}"
        game = await Game.objects.aget(pk=self.game_id)
        self.seat = game.seat_of(self.scope["user"].pk)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept(subprotocol="fourline.v1" if "fourline.v1" in self.scope["subprotocols"] else None)
        await self.send_json(self.snapshot(game))

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        """Play the move and tell everyone in the group."""
        if content["type"] == "ping":
            await self.send_json({"type": "pong"})
            return
        try:
            event = await self.play(content["column"], content["ply"])
        except Refused as refused:
            await self.send_json({"type": "error", "code": str(refused), "message": str(refused)})
        else:
            await self.channel_layer.group_send(self.group, {"type": "game.event", "event": event})

    async def game_event(self, message: dict[str, Any]) -> None:
        """Forward what the group was told."""
        await self.send_json(message["event"])

    def snapshot(self, game: Game) -> dict[str, Any]:
        """The board, as the first message tells it."""
        position = game.position()
        described = {
            "id": f"{game.pk:06d}",
            "state": "finished" if position.is_over else "in-progress",
            "version": 1 + len(game.columns),
            "moves": [int(column) for column in game.columns],
            "turn": turn_in(position),
            "legalColumns": position.legal_columns,
        }
        return {
            "type": "snapshot",
            "game": described,
            "you": self.seat,
            "serverTime": datetime.now(UTC).isoformat(),
        }

    @database_sync_to_async
    def play(self, column: int, ply: int) -> dict[str, Any]:
        """Read, check, change and save in one transaction; return the event."""
        with transaction.atomic():
            game = Game.objects.select_for_update().get(pk=self.game_id)
            position = game.position()
            self.check(position, ply)
            try:
                row = position.height(column) if 0 <= column < 7 else -1
                position = position.play(column)
            except IllegalDrop as error:
                raise Refused("column_full" if row >= 0 else "no_such_column") from error
            game.columns += str(column)
            outcome = self.outcome(position, column)
            game.winner = outcome["winner"] if outcome else None
            game.save()
        return {
            "type": "move_played",
            "version": 1 + ply,
            "ply": ply,
            "column": column,
            "row": row,
            "participant": self.seat,
            "turn": turn_in(position),
            "legalColumns": position.legal_columns,
            "outcome": outcome,
            "playedAt": game.updated_at.isoformat(),
        }

    def check(self, position: Position, ply: int) -> None:
        """Refuse whoever may not play this ply now."""
        if self.seat is None:
            raise Refused("not_a_participant")
        if position.is_over:
            raise Refused("game_finished")
        if turn_in(position) != self.seat:
            raise Refused("not_your_turn")
        if ply != position.ply_count + 1:
            raise Refused("wrong_ply")

    def outcome(self, position: Position, column: int) -> dict[str, Any] | None:
        """How this move ended the game, if it did."""
        if not position.is_over:
            return None
        line = position.winning_line(column)
        reason = "four_in_a_row" if line else "board_full"
        return {"winner": self.seat if line else None, "reason": reason, "line": line}
