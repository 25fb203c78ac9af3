"""The app of the puzzles, with tables of its own."""

from django.apps import AppConfig


class PuzzlesConfig(AppConfig):
    """Puzzles and who solved them."""

    name = "lobby.puzzles"
    label = "puzzles"
    default_auto_field = "django.db.models.BigAutoField"
