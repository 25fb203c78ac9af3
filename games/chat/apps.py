"""The app of what is stored of chat."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Tables of their own, with migrations of their own."""

    name = "games.chat"
    label = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have old lines forgotten."""
        from games.chat.forgetting import ForgetLines
        from games.registry import after

        after.register(lambda broadcast: ForgetLines())
