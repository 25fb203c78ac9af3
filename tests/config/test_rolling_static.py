"""A rolling release with changed static files: whoever asks whom for which file gets it."""

import hashlib
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from deploy.local.nginx import Nginx
from deploy.local.programs import wait_for_port
from tests.support.servers import ROOT, ServerProcess, free_port

CHANGED = ("css/base.css", "js/game/state.js")
OWN_FILES = """from config.settings import *
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
"""
"""Settings: the files of the admin and of the API's pages take seconds to compress, each time."""
_LINK = re.compile(r"/static/[\w./-]+\.[0-9a-f]{12}\.\w+")


class Release(ServerProcess):
    """A checkout of its own, with a process that runs from it."""

    def __init__(self, checkout: Path, folder: Path, static: Path, database: str) -> None:
        folder.mkdir()
        super().__init__("uvicorn", folder, DATABASE_URL=database, STATIC_ROOT=str(static), DEBUG="false")
        self.env["DJANGO_SETTINGS_MODULE"] = "own_files"
        self.root = checkout

    def end(self) -> None:
        """Kill it, if it runs."""
        if self.process is not None:
            self.kill()

    def prepare(self) -> None:
        """What comes before a start."""
        command = [sys.executable, "manage.py", "prepare", "--static"]
        subprocess.run(command, cwd=self.root, env=self.env, check=True)


def checkout(folder: Path, remark: str = "") -> Path:
    """A copy of the code, with a remark at the end of some static files."""
    for name in ("config", "games", "lobby", "templates", "static", "manage.py"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    for name in CHANGED:
        with (folder / "static" / name).open("a") as file:
            file.write(remark and f"\n/* {remark} */\n")
    (folder / "own_files.py").write_text(OWN_FILES)
    return folder


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""


def links(page: str) -> set[str]:
    """The hashed files of a page."""
    found = set(_LINK.findall(get(page)[1].decode()))
    assert found
    return found


def wrong(servers: list[str], files: set[str]) -> list[str]:
    """The requests that aren't answered with the very file that was asked for."""
    found = []
    for server in servers:
        for name in files:
            status, content = get(server + name)
            digest = hashlib.md5(content).hexdigest()[:12]
            # The hash of a stylesheet or a module is that of what it was before its own links were rewritten.
            if status != 200 or (name.endswith(".svg") and digest not in name):
                found.append(f"{server}{name}: {status}")
    return found


@contextmanager
def nginx(folder: Path, ports: list[int], static: Path) -> Iterator[str]:
    """The shipped site before these processes, with this folder of static files."""
    folder.mkdir()
    folder.chmod(0o755)
    served = Nginx(folder, free_port(), ports, static=static)
    served.prepare()
    with subprocess.Popen(served.command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(served.port)
            yield f"http://127.0.0.1:{served.port}"
        finally:
            process.terminate()


@pytest.fixture
def checkouts(tmp_path: Path) -> tuple[Path, Path]:
    """The old code and the new."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    return checkout(tmp_path / "old"), checkout(tmp_path / "new", "another release")


@pytest.mark.needs("nginx")
def test_no_file_is_missing_on_either_side(tmp_path: Path, checkouts: tuple[Path, Path]) -> None:
    database, static = f"sqlite:///{tmp_path}/site.sqlite3", tmp_path / "public" / "static"
    old, new = (
        Release(code, tmp_path / f"{code.name}-data", static, database) for code in checkouts
    )  # fmt: skip
    with ExitStack() as stack:
        old.prepare()
        stack.callback(old.end)
        old.start()
        site = stack.enter_context(nginx(tmp_path / "nginx", [old.port, new.port], static))
        without_folder = stack.enter_context(
            nginx(tmp_path / "bare", [old.port, new.port], tmp_path / "none" / "static")
        )
        before = links(f"{old.url}/accounts/login/")
        with _asking(site, before) as missed:
            new.prepare()
            stack.callback(new.end)
            new.start()
            after = links(f"{new.url}/accounts/login/")
            assert after - before  # something has changed
            assert wrong([old.url, new.url, site, without_folder], before | after) == []
            old.stop()
            assert wrong([new.url, site, without_folder], before | after) == []
        assert missed == []


@contextmanager
def _asking(site: str, files: set[str]) -> Iterator[list[str]]:
    """Ask nginx for these files again and again; what isn't answered well."""
    missed: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(0.05):
            missed.extend(f"{name}: {status}" for name in files if (status := get(site + name)[0]) != 200)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield missed
    finally:
        ended.set()
        thread.join(30)


@pytest.mark.needs("nginx")
def test_machines_with_folders_of_their_own_stand_in_for_each_other(
    tmp_path: Path, checkouts: tuple[Path, Path]
) -> None:
    """nginx has no folder, and only the process of a file's own release has the file."""
    database = f"sqlite:///{tmp_path}/site.sqlite3"
    with ExitStack() as stack:
        releases = []
        for code in checkouts:
            release = Release(code, tmp_path / f"{code.name}-data", tmp_path / code.name / "collected", database)
            release.prepare()
            stack.callback(release.end)
            releases.append(release.start())
        ports = [release.port for release in releases]
        site = stack.enter_context(nginx(tmp_path / "nginx", ports, tmp_path / "none" / "static"))
        files = set().union(*(links(f"{release.url}/accounts/login/") for release in releases))
        for _ in range(3):
            assert wrong([site], files) == []


@pytest.mark.needs("nginx")
def test_nginx_serves_files_as_the_processes_do(tmp_path: Path, checkouts: tuple[Path, Path]) -> None:
    static = tmp_path / "public" / "static"
    release = Release(checkouts[0], tmp_path / "data", static, f"sqlite:///{tmp_path}/site.sqlite3")
    release.prepare()
    with ExitStack() as stack:
        stack.callback(release.end)
        release.start()
        site = stack.enter_context(nginx(tmp_path / "nginx", [release.port], static))
        files = links(f"{release.url}/accounts/login/") | {"/static/css/base.css"}
        for name in files:
            assert _headers(site + name) == _headers(release.url + name), name
        assert get(f"{site}/static/none.0123456789ab.css")[0] == 404
        assert get(f"{release.url}/static/none.0123456789ab.css")[0] == 404
        assert get(f"{release.url}/static/../data/x.0123456789ab.css")[0] in (400, 404)


def _headers(url: str) -> dict[str, str]:
    names = ("Content-Type", "Cache-Control", "X-Content-Type-Options", "Content-Encoding", "Vary")
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return {name: (answer.headers[name] or "").replace('"', "") for name in names}
