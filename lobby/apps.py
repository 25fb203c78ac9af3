"""The app around the games: accounts, the list of games, invites, history."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class LobbyConfig(AppConfig):
    """Wires the checks of settings."""

    name = "lobby"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks."""
        from lobby.accounts.checks import check_letters

        register(check_letters, Tags.security, deploy=True)
