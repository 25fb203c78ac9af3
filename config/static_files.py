"""Static files by a name that holds a hash of their content, so that browsers may keep them for ever.

During a release processes of the old and of the new code answer side by side, and a page of the one may ask the other
for its files. So a folder of collected files holds those of every release of the last week (`config.collecting`), and
each process serves whatever is in it, also what came after its start.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from servestatic.middleware import ServeStaticMiddleware
from servestatic.storage import CompressedManifestStaticFilesStorage

HASHED = re.compile(r".+\.[0-9a-f]{12}(\.[A-Za-z0-9]+)*")
"""The path of a file under its hashed name, and of its compressed variants."""


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Hashed names, in stylesheets and in the imports of ES modules too.

    Before ``manage.py prepare --static`` there are no hashed files: names then stay as they are, and files are served
    from where they lie.
    """

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        """The hashed name of a file; the plain one while nothing is collected."""
        return super().stored_name(name) if self.hashed_files else name

    def add_stats_to_manifest(self) -> None:
        """Nothing: the sizes and times that ServeStatic would keep there are those of another folder."""


class ServeFiles(ServeStaticMiddleware):
    """Serves collected files, those of other releases too."""

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve what was there at the start; else look for a hashed file that another release has brought."""
        url = request.path_info
        if self.use_manifest and url not in self.files and url.startswith(self.static_prefix) and HASHED.fullmatch(url):
            found = await sync_to_async(self.find_file, thread_sensitive=False)(url)
            if found is not None:
                # It is not added to `files`, because the file is removed after a week.
                return await self.aserve(found, request)
        return await super().__call__(request)

    def candidate_paths_for_url(self, url: str) -> Iterator[str]:
        """Where a file of another release may be: in the folder of collected files alone."""
        if not self.use_manifest:
            yield from super().candidate_paths_for_url(url)
            return
        path = str(Path(settings.STATIC_ROOT) / url.removeprefix(self.static_prefix))
        if self.path_within_root(settings.STATIC_ROOT, path):
            yield path

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Whether a file never changes: its name holds a hash, in whichever release."""
        return bool(HASHED.fullmatch(url)) and self.use_manifest
