"""The commands and environments of the systemd units, as they stand: what one of them makes another finds."""

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.support.servers import ROOT, ServerProcess, free_port

UNITS = ROOT / "deploy" / "systemd"
README = (ROOT / "deploy" / "README.md").read_text()


class Machine:
    """Where the folders of a machine are, within the test's."""

    def __init__(self, folder: Path) -> None:
        self._places = {
            "/srv/fourline": str(ROOT),
            "/var/lib/fourline": str(folder / "lib"),
            "/var/cache/fourline": str(folder / "cache"),
        }
        for name in ("lib", "cache"):
            (folder / name).mkdir()

    def here(self, text: str) -> str:
        """A line of a unit, with the folders of this machine."""
        for place, here in self._places.items():
            text = text.replace(place, here)
        return text

    def environment(self, unit: str) -> dict[str, str]:
        """What its lines `Environment=` say."""
        pairs = [pair for line in _values(unit, "Environment") for pair in shlex.split(self.here(line))]
        return dict(pair.split("=", 1) for pair in pairs)

    def command(self, unit: str) -> list[str]:
        """Its command."""
        [line] = _values(unit, "ExecStart")
        return shlex.split(self.here(line))


def _values(unit: str, name: str) -> list[str]:
    lines = (UNITS / unit).read_text().splitlines()
    return [line.removeprefix(f"{name}=") for line in lines if line.startswith(f"{name}=")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_process_serves_what_prepare_has_made_from_where_nginx_looks(machine: Machine, tmp_path: Path) -> None:
    prepared, served = "fourline-prepare.service", "fourline@.service"
    server = ServerProcess("uvicorn", tmp_path, free_port())
    base = {name: value for name, value in server.env.items() if name not in ("FOURLINE_DATA", "STATIC_ROOT", "DEBUG")}
    done = subprocess.run(
        machine.command(prepared), cwd=ROOT, env=base | machine.environment(prepared), capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    server.env = base | machine.environment(served) | {"PORT": str(server.port)}
    assert machine.command(served)[1:] == ["manage.py", "serve"]
    server.start()
    try:
        assert server.get("/readyz") == 200  # migrated
        root = machine.here((ROOT / "deploy" / "nginx" / "fourline" / "static.conf").read_text())
        [folder] = [line.split()[1].rstrip(";") for line in root.splitlines() if line.startswith("root ")]
        [sheet] = (Path(folder) / "static" / "css").glob("base.????????????.css")
        assert server.get(f"/static/css/{sheet.name}") == 200
    finally:
        server.stop()


def test_all_units_have_the_same_settings_and_user() -> None:
    for name in ("EnvironmentFile", "User", "Group", "WorkingDirectory", "StateDirectory", "UMask"):
        assert len({tuple(_values(unit.name, name)) for unit in UNITS.glob("*.service")}) == 1, name


def test_the_readme_prepares_before_it_starts_and_at_every_release() -> None:
    install, release = README.split("## A new version")
    assert install.index("systemctl start fourline-prepare") < install.index("systemctl enable --now fourline@")
    assert release.index("systemctl start fourline-prepare") < release.index("systemctl restart fourline@")
