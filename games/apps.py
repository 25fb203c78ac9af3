"""The app that plays, stores and shows games."""

from django.apps import AppConfig


class GamesConfig(AppConfig):
    """Wires what has to happen when users change."""

    name = "games"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the signals."""
        from games import signals

        signals.connect()
