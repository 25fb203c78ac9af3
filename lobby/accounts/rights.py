"""Who may change whose account in the admin. Rights are given by superusers alone.

Django leaves that to the operator: staff who may change users could make themselves superusers, set a superuser's
password, or put permissions into a group of their own.
"""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.http import HttpRequest

from lobby.models import User

if TYPE_CHECKING:
    UserAdminBase = DjangoUserAdmin[User]
else:
    UserAdminBase = DjangoUserAdmin

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
"""Fields by which an account has rights."""


def may_change(editor: Any, user: User | None) -> bool:
    """Whether an account is this editor's to change: never one with rights that the editor lacks.

    Whoever sets a password or an e-mail address could sign in with it. Rights count whether the account is active or
    not, staff or not: it might become so.

    Args:
        editor: who asks.
        user: whose account; None for accounts in general.
    """
    if user is None or editor.is_superuser:
        return True
    return not user.is_superuser and _rights(user) <= _rights(editor)


def _rights(user: Any) -> set[int]:
    return set(Permission.objects.filter(Q(user=user) | Q(group__user=user)).values_list("pk", flat=True))


class GuardedUserAdmin(UserAdminBase):
    """Django's page of users, for editors who may not be superusers."""

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Django's answer, for accounts that are this editor's to change; setting the password asks this too."""
        return super().has_change_permission(request, obj) and may_change(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """The same for deleting."""
        return super().has_delete_permission(request, obj) and may_change(request.user, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Rights are shown, and for superusers alone to change; what a form sends for them is not read."""
        fields = super().get_readonly_fields(request, obj)
        return fields if getattr(request.user, "is_superuser", False) else (*fields, *RIGHTS)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Without the password where it is not this editor's to set: Django shows it with a button to do so."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": tuple(name for name in options["fields"] if name != "password")})
            for title, options in fieldsets
        ]


class GroupAdmin(DjangoGroupAdmin):
    """Groups, for superusers to change: a group's permissions are its members'."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only a superuser's."""
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Only a superuser's."""
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Only a superuser's."""
        return _is_superuser(request)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))
