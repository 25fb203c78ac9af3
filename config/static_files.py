"""Static files by a name that holds a hash of their content, so that browsers may keep them for ever."""

import os
from collections.abc import Iterator
from typing import Any

from servestatic.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Hashed names, in stylesheets and in the imports of ES modules too.

    Before ``manage.py collectstatic`` there are no hashed files: names then stay as they are, and the files are served
    from where they lie.
    """

    support_js_module_import_aggregation = True

    def post_process(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Hash and compress, and leave all files to be read by everybody: nginx may run as another user."""
        for name, stored, is_done in super().post_process(*args, **kwargs):
            if is_done and self.exists(stored):  # a compressed file is written past Django, by the umask
                os.chmod(self.path(stored), 0o644)
            yield name, stored, is_done

    def stored_name(self, name: str) -> str:
        """The hashed name of a file; the plain one while nothing is collected."""
        return super().stored_name(name) if self.hashed_files else name
