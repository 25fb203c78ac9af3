"""The app of what is stored about honest play."""

from django.apps import AppConfig


class HonestyConfig(AppConfig):
    """Tables of their own, with migrations of their own."""

    name = "games.honesty"
    label = "honesty"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Honesty"
