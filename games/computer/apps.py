"""The app of what the computer's part of the site stores."""

from django.apps import AppConfig


class ComputerConfig(AppConfig):
    """Tables of their own, with migrations of their own."""

    name = "games.computer"
    label = "computer"
    default_auto_field = "django.db.models.BigAutoField"
