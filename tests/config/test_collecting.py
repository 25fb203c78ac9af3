"""The folder of collected static files over several releases."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings
from servestatic.compress import Compressor

from config.collecting import KEPT_FOR, MANIFEST, collect

RELEASE = 1_800_000_000.0
"""When the second release comes, in seconds since 1970: long after the files of the first were made."""
OLD = "css/old.0123456789ab.css"


@pytest.fixture(scope="module", autouse=True)
def _our_files_alone() -> Iterator[None]:
    """Those of the admin and of the API's pages take seconds to compress, each time."""
    with override_settings(STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"]):
        yield


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of today."""
    folder = tmp_path_factory.mktemp("collected") / "static"
    collect(folder, RELEASE - 1000)
    return folder


@pytest.fixture
def root(collected: Path, tmp_path: Path) -> Path:
    """A folder as the release before has left it: of two files of its own, and those of today."""
    folder = shutil.copytree(collected, tmp_path / "static")
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["paths"]["css/old.css"] = OLD
    (folder / MANIFEST).write_text(json.dumps(manifest))
    for name in (OLD, f"{OLD}.gz"):
        (folder / name).write_text("old")
    for path in folder.rglob("*"):
        os.utime(path, (RELEASE - 2000, RELEASE - 2000))
    return folder


def hashed(root: Path) -> set[str]:
    return {name for name in json.loads((root / MANIFEST).read_text())["paths"].values() if (root / name).exists()}


def test_the_files_of_the_release_before_stay_for_a_week(root: Path) -> None:
    collect(root, RELEASE)
    assert OLD not in json.loads((root / MANIFEST).read_text())["paths"].values()
    collect(root, RELEASE + KEPT_FOR - 60)
    assert (root / OLD).exists()
    assert (root / f"{OLD}.gz").exists()


def test_after_a_week_they_go_and_those_of_today_stay(root: Path) -> None:
    collect(root, RELEASE)
    collect(root, RELEASE + KEPT_FOR + 60)
    assert not (root / OLD).exists()
    assert not (root / f"{OLD}.gz").exists()
    assert [path.name for path in root.glob("staticfiles*.json")] == [MANIFEST]
    assert hashed(root) == set(json.loads((root / MANIFEST).read_text())["paths"].values())


def test_a_release_without_a_change_replaces_nothing(root: Path) -> None:
    collect(root, RELEASE)
    before = sorted(path.name for path in root.glob("staticfiles*.json"))
    collect(root, RELEASE + 60)
    assert sorted(path.name for path in root.glob("staticfiles*.json")) == before


def test_hashed_files_that_no_release_of_the_week_names_go_and_others_stay(root: Path) -> None:
    strays = {name: root / "css" / name for name in ("stray.fedcba987654.css", "notes.txt", "young.fedcba987654.css")}
    for name, path in strays.items():
        path.write_text(name)
        if not name.startswith("young"):
            os.utime(path, (0, 0))
    os.utime(strays["young.fedcba987654.css"], (RELEASE, RELEASE))
    collect(root, RELEASE)
    assert {name for name, path in strays.items() if path.exists()} == {"notes.txt", "young.fedcba987654.css"}


def test_what_an_interrupted_run_left_is_removed(root: Path) -> None:
    (root / ".collecting").mkdir()
    (root / ".collecting" / "half.css").touch()
    collect(root, RELEASE)
    assert not (root / ".collecting").exists()


def test_what_a_release_before_has_compressed_is_not_compressed_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = sorted(name for name in hashed(root) if name != OLD and name.endswith(".css"))
    name = next(name for name in ours if (root / f"{name}.gz").exists())
    before = {path.name: path.read_bytes() for path in root.rglob("*.gz")}
    (root / name).write_bytes((root / name).read_bytes() + b"/* by hand */")
    compressed: list[bytes] = []
    compress = Compressor.compress_gzip

    def note(data: bytes) -> bytes:
        compressed.append(data)
        return compress(data)

    monkeypatch.setattr(Compressor, "compress_gzip", staticmethod(note))
    collect(root, RELEASE)
    assert b"/* by hand */" not in b"".join(compressed)
    assert (root / name).read_bytes() in compressed
    assert {path.name: path.read_bytes() for path in root.rglob("*.gz")} == before
    with_variant = [other for other in hashed(root) if (root / f"{other}.gz").exists()]
    assert [other for other in with_variant if (root / other).read_bytes() in compressed] == [name]
