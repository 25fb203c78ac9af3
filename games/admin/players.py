"""Players in the admin: who they are, how much they play, and deleting one at their wish."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from games.admin.people import delete_person
from games.admin.reading import ReadOnlyAdmin, count_of, in_utc
from games.admin.truth import best_moves_of
from games.models import Game, Player

MOST = 50
"""People whom one request deletes."""


class OfKind(admin.SimpleListFilter):
    """People with accounts, guests, programs, or the server's own players."""

    title = "kind"
    parameter_name = "kind"
    _KINDS: ClassVar = {
        "account": ("Accounts", Q(guest=False, computer=None)),
        "guest": ("Guests", Q(guest=True)),
        "bot": ("Bots", Q(bot=True)),
        "computer": ("Computers", Q(computer__isnull=False)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The kinds."""
        return [(kind, words) for kind, (words, _) in self._KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Player]) -> QuerySet[Player]:
        """Players of the kind that was chosen."""
        kind = self._KINDS.get(self.value() or "")
        return queryset if kind is None else queryset.filter(kind[1])


class PlayerAdmin(ReadOnlyAdmin):
    """Every player. They are renamed with their user."""

    list_display = ("name", "kind", "games", "joined", "is_active", "seen")
    list_select_related = ("user",)
    list_filter = (OfKind, "user__is_active", "user__date_joined")
    search_fields = ("name",)
    ordering = ("name", "pk")
    fields = ("name", "kind", "user", "games", "joined", "is_active", "seen")
    actions = ("delete_people",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Player]:
        """All players with the number of their games."""
        made, joined = (count_of(Game.objects.all(), seat) for seat in ("participant1", "participant2"))
        players: QuerySet[Player] = super().get_queryset(request).select_related("user")
        return players.annotate(games_count=made + joined)

    def get_fields(self, request: HttpRequest, obj: Player | None = None) -> list[Any]:
        """How well somebody plays is for moderators: who may end games."""
        is_moderator = request.user.has_perm("games.change_game")
        return [*self.fields, *(["best_moves"] if is_moderator else [])]

    @admin.display(description="best moves")
    def best_moves(self, player: Player) -> str:
        """The share of best moves in positions that are not trivial."""
        return str(best_moves_of(player))

    @admin.display(description="games", ordering="games_count")
    def games(self, player: Any) -> str:
        """How many games, and the way to them."""
        address = f"{reverse('admin:games_game_changelist')}?player={player.pk}"
        return format_html('<a href="{}">{}</a>', address, player.games_count)

    @admin.display(description="joined", ordering="user__date_joined")
    def joined(self, player: Player) -> str:
        """When the account was made."""
        return in_utc(player.user.date_joined)

    @admin.display(description="seen", ordering="seen_at", empty_value="")
    def seen(self, player: Player) -> str:
        """When last known to be connected, for whoever waited in a game."""
        return in_utc(player.seen_at)

    @admin.display(description="active", ordering="user__is_active", boolean=True)
    def is_active(self, player: Player) -> bool:
        """Whether the person may sign in."""
        return player.user.is_active

    def has_delete_person_permission(self, request: HttpRequest) -> bool:
        """Whether this person may delete others: by Django's own permission."""
        return request.user.has_perm("games.delete_player")

    @admin.action(description="Delete person…", permissions=["delete_person"])
    def delete_people(self, request: HttpRequest, queryset: QuerySet[Player]) -> HttpResponse | None:
        """Delete the chosen people, after a question."""
        chosen = list(queryset.select_related("user")[: MOST + 1])
        if len(chosen) > MOST:
            self.message_user(request, f"At most {MOST} people at once: nobody was deleted.", messages.ERROR)
            return None
        if "confirmed" in request.POST:
            self._delete_and_report(request, chosen)
            return None
        context = {
            **self.admin_site.each_context(request), "title": "Delete person", "opts": self.model._meta,
            "players": chosen, "checkbox_name": ACTION_CHECKBOX_NAME, "media": self.media,
        }  # fmt: skip
        return TemplateResponse(request, "admin/games/player/delete_people.html", context)

    def _delete_and_report(self, request: HttpRequest, chosen: list[Player]) -> None:
        for player in chosen:
            why_not = _why_not(request, player)
            if why_not:
                self.message_user(request, f"Not deleted: {player.name}. {why_not}", messages.WARNING)
                continue
            name, unended = player.name, delete_person(player)
            self.log_change(request, Player.objects.get(pk=player.pk), "Deleted the person.")
            self.message_user(request, f"Deleted: {name}.", messages.SUCCESS)
            if unended:
                text = f"{len(unended)} of their games could not be ended just now. {unended[0].message}"
                self.message_user(request, text, messages.WARNING)


def _why_not(request: HttpRequest, player: Player) -> str:
    """Why a person may not be deleted by whoever asks; empty where they may."""
    if player.pk == request.user.pk:
        return "That is you."
    if player.name == Player.DELETED_NAME:
        return "This person is deleted already."
    if player.user.is_superuser and not getattr(request.user, "is_superuser", False):
        return "Only a superuser may delete a superuser."
    return ""
