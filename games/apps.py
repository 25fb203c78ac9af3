"""The app that plays, stores and shows games."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string


class GamesConfig(AppConfig):
    """Wires what has to happen when users change, and what follows changes of games."""

    name = "games"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the signals, and see that there is a channel layer.

        Raises:
            ImproperlyConfigured: the setting names no class of one. The settings can't tell: a layer imports them.
        """
        from games import signals
        from games.ratings.applying import RatedEnds
        from games.registry import after

        signals.connect()
        after.register(RatedEnds)
        _check_layer(str(settings.CHANNEL_LAYERS["default"]["BACKEND"]))


def _check_layer(path: str) -> None:
    try:
        kind = import_string(path)
    except (ImportError, ValueError, TypeError):  # no such thing; no path at all; a relative one
        kind = None
    # The layer of channels-redis that publishes hands its calls on by __getattr__.
    if not (isinstance(kind, type) and (hasattr(kind, "group_send") or hasattr(kind, "__getattr__"))):
        raise ImproperlyConfigured(f"CHANNEL_LAYER must be the path of a channel layer's class; {path!r} is none.")
