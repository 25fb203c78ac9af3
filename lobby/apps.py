"""The app around the games: accounts, the list of games, invites, history."""

from django.apps import AppConfig


class LobbyConfig(AppConfig):
    """Nothing to wire."""

    name = "lobby"
    default_auto_field = "django.db.models.BigAutoField"
