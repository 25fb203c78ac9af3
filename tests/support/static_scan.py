"""One look through the static files for all of Django's test clients.

Each client has middleware of its own, which looks through them when it is made.
"""

from typing import Any

from django.conf import settings


def install() -> None:
    """Have the middleware of this process look once for each choice of settings: it takes a quarter of a second."""
    from config.static_files import ServeFiles

    look = ServeFiles.add_files_from_finders
    found: dict[str, tuple[dict[str, Any], list[Any]]] = {}  # files by their address, and folders

    def add_files(self: ServeFiles) -> None:
        chosen = (settings.DEBUG, settings.STATICFILES_FINDERS, settings.STATICFILES_DIRS, settings.STATIC_ROOT)
        key = repr((*chosen, self.static_prefix, self.autorefresh, self.max_age))
        if key not in found:
            look(self)
            found[key] = (dict(self.files), list(self.directories))
        files, folders = found[key]
        self.files.update(files)
        self.directories[:] = folders

    ServeFiles.add_files_from_finders = add_files  # type: ignore[method-assign]
