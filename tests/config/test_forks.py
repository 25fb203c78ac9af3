"""A server or command that tests have forked does what the command line does."""

import re
import signal
from pathlib import Path

import pytest

from tests.support import forks
from tests.support.servers import ServerProcess
from tests.support.stores import new_sqlite

pytestmark = pytest.mark.django_db(transaction=True)
HOW = {True: "forked", False: "by the command line"}


def server(kind: str, folder: Path, forked: bool, **env: str) -> ServerProcess:
    folder.mkdir()
    url = new_sqlite(folder / "fourline.sqlite3")
    return ServerProcess(kind, folder, forked=forked, DATABASE_URL=url, **env)


@pytest.mark.parametrize("kind", ["uvicorn", "daphne", "run"])
def test_a_server_serves_and_ends(kind: str, tmp_path: Path) -> None:
    seen = []
    for forked, name in HOW.items():
        one = server(kind, tmp_path / name, forked).start()
        served = (one.get("/"), one.get("/games/nothing/"), one.get("/static/css/base.css"))
        if kind == "uvicorn":
            served += (one.get("/readyz"),)
        ended = one.stop()
        one.start().kill()
        said = re.findall("Fourline (?:serves|is at) http", one.log)
        seen.append((served, ended, len(said), "Traceback" in one.log))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (["verify_games"], {}),
        (["no_such_command"], {}),
        (["verify_games"], {"SECRET_KEY": "short", "DEBUG": "false"}),
        (["-m", "django", "--version"], {}),
    ],
    ids=["command", "unknown", "bad setting", "module"],
)
def test_a_command_prints_and_ends(arguments: list[str], env: dict[str, str], tmp_path: Path) -> None:
    seen = []
    for forked, name in HOW.items():
        one = server("uvicorn", tmp_path / name, forked, **env)
        given = arguments if arguments[0] == "-m" else ["manage.py", *arguments]
        done = forks.run(given, one.env, forked=forked)
        seen.append((done.returncode, done.stdout, done.stderr))
    assert seen[0] == seen[1]


def test_signals_and_environment_are_its_own(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, signal, sys\nprint(os.environ.get('WORD'), sys.argv[1:], flush=True)\nsignal.pause()\n"
    )
    made = []
    for word in ("one", "two"):
        with (tmp_path / word).open("wb") as output:
            made.append(forks.start([str(program), word], {"WORD": word}, output))
    first, second = made
    assert first.pid != second.pid
    while not all((tmp_path / word).read_text() for word in ("one", "two")):
        assert first.poll() is second.poll() is None
    for process, number in ((first, signal.SIGKILL), (second, signal.SIGINT)):
        process.send_signal(number)
        assert process.wait(60) == -number
        assert process.poll() == -number
    assert (tmp_path / "one").read_text() == "one ['one']\n"
    assert (tmp_path / "two").read_text().startswith("two ['two']\n")
