"""Accounts in the admin: Django's own page, for a user whose games stay."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import ProtectedError
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from games.models import Game, Player
from lobby.accounts.rights import GroupAdmin, GuardedUserAdmin
from lobby.models import Report, User
from lobby.profile.report_admin import ReportAdmin

admin.site.unregister(Group)
admin.site.register(Group, GroupAdmin)


admin.site.register(Report, ReportAdmin)


@admin.register(User)
class UserAdmin(GuardedUserAdmin):
    """Users. Whoever holds a seat in a game is deactivated or made anonymous, never deleted: the games stay."""

    list_display = ("username", "email", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups", "date_joined")
    search_fields = ("username", "email")
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "email_verified_at")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("email_verified_at", "last_login", "date_joined")
    filter_horizontal = ()
    delete_confirmation_template = "admin/lobby/user/delete_confirmation.html"

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A guest's row is nobody's to change: no password, address or right may come to it but by signing up."""
        return super().has_change_permission(request, obj) and not (obj is not None and obj.is_guest)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Groups and permissions as boxes to tick: Django's pair of lists has labels that no screen reader may say."""
        field = super().formfield_for_manytomany(db_field, request, widget=CheckboxSelectMultiple, **kwargs)
        if field is not None:
            field.help_text = ""  # it tells of keys for lists
        return field

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """One person at a time: the page says what stands in the way."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """What goes with these users, and what stands in the way: their games."""
        users = list(objs)
        games = {user: Game.objects.of(user.pk).count() for user in users}
        protected = [f"{count} {'game' if count == 1 else 'games'} of {user}" for user, count in games.items() if count]
        return [f"User: {user}" for user in users], {"users": len(users)}, set(), protected

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask and delete. Somebody may join a game while the page asks: that is said, not an error."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except ProtectedError:
            self.message_user(request, "Not deleted: this person holds a seat in a game.", messages.WARNING)
            return redirect("admin:lobby_user_change", object_id)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Store a user; another address is not verified."""
        if "email" in form.changed_data:
            obj.email_verified_at = None
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete a user together with the player that the user is."""
        with transaction.atomic():
            Player.objects.filter(pk=obj.pk).delete()
            obj.delete()
