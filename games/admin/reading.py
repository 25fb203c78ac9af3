"""What all our admin pages have in common: they show, and change nothing by hand."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from games.models import Game, Player
from games.records import words

if TYPE_CHECKING:
    ReadingBase = admin.ModelAdmin[Any]
else:
    ReadingBase = admin.ModelAdmin


class ReadOnlyAdmin(ReadingBase):
    """History: rows can be neither added nor altered nor deleted by hand, whoever asks."""

    show_full_result_count = False  # it would count all rows of the largest tables once more
    list_per_page = 50
    view_on_site = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


def count_of(related: QuerySet[Any], field: str) -> Coalesce:
    """The number of rows that point at a row, as a subquery: two such counts don't multiply as joins do.

    Args:
        related: the rows to count.
        field: their column that points at the outer row.
    """
    rows = related.filter(**{field: OuterRef("pk")}).order_by().values(field)
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number")), 0)


def outcome_in_words(game: Game) -> str:
    """How a game ended, such as "alice won: four in a row"; empty while it goes on.

    Args:
        game: with its participants.
    """
    if not game.reason:
        return ""
    winner = {1: game.participant1, 2: game.participant2}.get(game.winner or 0)
    return words.outcome_in_words(winner.name if winner else None, game.reason)


def link_to(player: Player | None) -> str:
    """A player's name as a link to the player's page; a dash for nobody."""
    if player is None:
        return "-"
    return format_html('<a href="{}">{}</a>', reverse("admin:games_player_change", args=[player.pk]), player.name)


def in_utc(time: datetime | None) -> str:
    """A time in the order of its size; the style sheet leaves the seconds out of lists."""
    if time is None:
        return ""
    utc = time.astimezone(UTC)
    return format_html(
        '<span class="one-line">{}<span class="seconds">{}</span></span>', f"{utc:%Y-%m-%d %H:%M}", f"{utc::%S} UTC"
    )
