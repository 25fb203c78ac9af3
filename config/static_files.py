"""Static files by a name that holds a hash of their content, so that browsers may keep them for ever.

During a release processes of the old and of the new code answer side by side, and a page of the one may ask the other
for its files. So a folder of collected files holds those of every release of the last week (`config.collecting`), and
each process serves whatever is in it, also what came after its start.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from servestatic.compress import Compressor
from servestatic.middleware import ServeStaticMiddleware
from servestatic.responders import MissingFileError
from servestatic.storage import CompressedManifestStaticFilesStorage

COMPRESSED = (".gz", ".br", ".zstd")
HASHED = re.compile(r".+\.[0-9a-f]{12}(\.[A-Za-z0-9]+)*")
"""The path of a file under its hashed name, and of its compressed variants."""

Compressed = dict[bytes, dict[str, bytes]]
"""By the hash of a content its variants, by their suffix."""


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Hashed names, in stylesheets and in the imports of ES modules too.

    Before ``manage.py prepare --static`` there are no hashed files: names then stay as they are, and files are served
    from where they lie.
    """

    support_js_module_import_aggregation = True
    collected = Path(settings.STATIC_ROOT)
    """Where the files of the releases before are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._compressed: Compressed = {}

    def stored_name(self, name: str) -> str:
        """The hashed name of a file; the plain one while nothing is collected."""
        return super().stored_name(name) if self.hashed_files else name

    def add_stats_to_manifest(self) -> None:
        """Nothing: the sizes and times that ServeStatic would keep there are those of another folder."""

    def compress_files(self, paths: set[str]) -> Iterator[tuple[str, str]]:
        """Compress files: first those that a release before may have left, which most of the others are equal to."""
        hashed = {path for path in paths if HASHED.fullmatch(path)}
        yield from super().compress_files(hashed)
        yield from super().compress_files(paths - hashed)

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """One that doesn't do again what the folder of collected files has."""
        return _Reusing(Path(self.location), self.collected, self._compressed, **kwargs)


class _Reusing(Compressor):
    """Compresses each content once, and none that a release before has left compressed: that takes most of the time.

    Args:
        folder: where the files to compress are.
        collected: where those of the releases before are.
        done: what was compressed before, and is from now on.
    """

    def __init__(self, folder: Path, collected: Path, done: Compressed, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._folder, self._collected, self._done = folder, collected, done

    def compress(self, path: str | os.PathLike[str]) -> list[str]:
        """Write a file's variants beside it; their paths."""
        source = Path(path)
        mark = hashlib.sha256(source.read_bytes()).digest()
        variants = self._done.get(mark) or self._left(source)
        if variants:
            written = [str(path) + suffix for suffix in variants]
            for name, content in zip(written, variants.values(), strict=True):
                Path(name).write_bytes(content)
        else:
            written = super().compress(path)
            variants = {Path(name).suffix: Path(name).read_bytes() for name in written}
        self._done[mark] = variants
        return written

    def _left(self, source: Path) -> dict[str, bytes]:
        """What a release before has left of a file with the same name and content."""
        left = self._collected / source.relative_to(self._folder)
        if not HASHED.fullmatch(left.name) or not left.exists() or left.read_bytes() != source.read_bytes():
            return {}
        variants = {suffix: left.with_name(left.name + suffix) for suffix in COMPRESSED}
        return {suffix: variant.read_bytes() for suffix, variant in variants.items() if variant.exists()}


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
        try:
            return await super().__call__(request)
        except (
            MissingFileError
        ):  # raised under DEBUG alone, and then a page's mistyped address would be a fault of ours
            raise Http404 from None

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
