"""The folder of collected static files: what a release brings is added, what no release of the last week names goes.

Files are made in a folder beside and moved to their place one by one, the manifest last: whoever reads meanwhile, a
process or nginx, finds every file whole.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.management.commands.collectstatic import Command as CollectStatic
from django.core.management import call_command

from config.static_files import COMPRESSED, HASHED, HashedFiles

KEPT_FOR = 7 * 24 * 3600.0
"""Seconds for which the files of a release stay after it has been replaced: a page may be open for days."""
MANIFEST = "staticfiles.json"
_NEW = ".collecting"


def collect(root: Path, now: float | None = None) -> None:
    """Add the static files of this code to a folder, and remove what has not been any release's for a week.

    Args:
        root: the folder, made where there is none.
        now: seconds since 1970.

    Raises:
        OSError: it can't be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    with _alone(root):
        made = root / _NEW
        shutil.rmtree(made, ignore_errors=True)
        try:
            call_command(_Collector(made, root), verbosity=0, interactive=False)
            _move(made, root, now or time.time())
        finally:
            shutil.rmtree(made, ignore_errors=True)
        _remove_old(root, now or time.time())


class _Collector(CollectStatic):
    """``collectstatic`` into another folder than STATIC_ROOT, which has the files of the releases before."""

    def __init__(self, folder: Path, root: Path) -> None:
        super().__init__()
        folder.mkdir()
        self.storage = HashedFiles(location=str(folder))
        self.storage.collected = root


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _move(made: Path, root: Path, now: float) -> None:
    """Files first, then the manifest that names them; all may be read by everybody: nginx may run as another user."""
    for source in sorted(path for path in made.rglob("*") if path.is_file() and path != made / MANIFEST):
        target = root / source.relative_to(made)
        for folder in reversed(target.relative_to(root).parents[:-1]):
            (root / folder).mkdir(exist_ok=True)
            (root / folder).chmod(0o755)
        source.chmod(0o644)
        source.replace(target)
    _replace_manifest(made / MANIFEST, root / MANIFEST, now)


def _replace_manifest(new: Path, current: Path, now: float) -> None:
    """Keep the manifest of the release before, with the time at which it was replaced."""
    if current.exists() and _names(current) != _names(new):
        old = current.with_name(f"staticfiles.{int(now * 1000)}.json")
        shutil.copyfile(current, old)
        old.chmod(0o644)
    new.chmod(0o644)
    new.replace(current)


def _names(manifest: Path) -> set[str]:
    """What a manifest names, by plain and by hashed name; nothing where it can't be read."""
    try:
        paths: dict[str, Any] = json.loads(manifest.read_text())["paths"]
    except (ValueError, KeyError):
        return set()
    return {*paths, *paths.values()}


def _remove_old(root: Path, now: float) -> None:
    kept = _names(root / MANIFEST)
    for manifest in root.glob("staticfiles.*.json"):
        replaced_at = manifest.name.split(".")[1]
        if replaced_at.isdigit() and int(replaced_at) / 1000 < now - KEPT_FOR:
            manifest.unlink()
        else:
            kept |= _names(manifest)
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        is_ours = HASHED.fullmatch(name) and path.is_file()
        if is_ours and _uncompressed(name) not in kept and path.stat().st_mtime < now - KEPT_FOR:
            path.unlink(missing_ok=True)


def _uncompressed(name: str) -> str:
    return next((name.removesuffix(suffix) for suffix in COMPRESSED if name.endswith(suffix)), name)
