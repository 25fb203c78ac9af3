"""The container image and the compose file name only what exists and fits together.

No container engine is to be had where the tests run: nothing is built or started here. What can be checked without one
is: both files are parsed; sources, commands, ports, variables, volumes and nginx's configuration are held against the
project; the sizes of the packages are added up.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.servers import ROOT

FOLDER = ROOT / "deploy" / "container"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
SETTINGS = set(re.findall(r"`([A-Z][A-Z_0-9]+)`", (ROOT / "docs" / "operations.md").read_text()))
PROCESSES = [name for name, service in SERVICES.items() if service["image"] == "fourline"]
BASE_MEGABYTES = 130
"""Of python:3.11-slim-bookworm, unpacked, as its publisher says: 125, and some to spare."""
MOST_MEGABYTES = 250


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, continued lines joined, comments left out."""
    lines = [line for line in (FOLDER / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in whole.splitlines() if line)]


def last_stage() -> list[tuple[str, str]]:
    """The instructions of the stage that becomes the image."""
    found = instructions()
    start = max(number for number, (word, _) in enumerate(found) if word == "FROM")
    return found[start:]


def variables(stage: list[tuple[str, str]]) -> dict[str, str]:
    """What ENV sets."""
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(rest for word, rest in stage if word == "ENV")))


def environment_of(service: str) -> dict[str, str]:
    """A service's variables, those of the operator filled in."""
    given = {"SECRET_KEY": "0123456789abcdef" * 4, "POSTGRES_PASSWORD": "tested"}

    def fill(match: re.Match[str]) -> str:
        name, _, default = match[1].partition(":")
        return given.get(name, default.removeprefix("-"))

    return {name: re.sub(r"\$\{([^}]+)\}", fill, value) for name, value in SERVICES[service]["environment"].items()}


def test_every_source_exists_and_is_let_into_the_image() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    sources = [
        source
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    ]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source in let_in
    assert {"config", "games", "lobby", "templates", "static", "manage.py", "requirements.txt"} <= set(sources)


def test_the_image_is_nobodys_root_and_compiles_nothing() -> None:
    stage = last_stage()
    user = next(rest for word, rest in stage if word == "USER")
    assert user == "fourline"
    order = [word for word, _ in stage]
    assert order.index("USER") > max(number for number, word in enumerate(order) if word == "RUN")
    ran = " ".join(rest for word, rest in stage if word == "RUN")
    assert not re.search(r"\b(apt|apt-get|pip|gcc|build-essential|make)\b", ran)
    assert stage[0][1].split()[0].endswith(("-slim", "-slim-bookworm"))


def test_the_commands_are_commands_of_ours() -> None:
    stage = dict(last_stage())
    assert json.loads(stage["ENTRYPOINT"]) == ["python", "manage.py"]
    commands = [json.loads(stage["CMD"]), *(SERVICES[name]["command"] for name in PROCESSES)]
    for command in commands:
        done = subprocess.run(
            [sys.executable, "manage.py", *command, "--help"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_ports_agree() -> None:
    stage = last_stage()
    port = variables(stage)["PORT"]
    assert dict(stage)["EXPOSE"] == port
    assert f"http://127.0.0.1:{port}/healthz" in dict(stage)["HEALTHCHECK"]
    served = set(re.findall(r"^server (\w+):(\d+)", (FOLDER / "nginx" / "processes.conf").read_text(), re.M))
    serving = {name for name in PROCESSES if SERVICES[name]["command"] == ["serve"]}
    assert served == {(name, port) for name in serving}
    listens = re.findall(r"^listen (\d+);", (FOLDER / "nginx" / "listen.conf").read_text(), re.M)
    assert [mapping.split(":")[1] for mapping in SERVICES["nginx"]["ports"]] == listens
    assert f"http://localhost:{listens[0]}" == environment_of("process1")["PUBLIC_URL"]


def test_every_variable_is_a_setting_and_the_site_starts_with_them(tmp_path: Path) -> None:
    of_image = variables(last_stage())
    of_python = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    assert set(of_image) - of_python <= SETTINGS
    for name in PROCESSES:
        assert set(SERVICES[name]["environment"]) <= SETTINGS
    given = {**of_image, **environment_of("process1"), "FOURLINE_DATA": str(tmp_path / "data")}
    given["STATIC_ROOT"] = str(tmp_path / "static")
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--fail-level", "ERROR"],
        cwd=ROOT, env={**given, "PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_what_services_wait_for_mount_and_share_exists() -> None:
    for name, service in SERVICES.items():
        waits = service.get("depends_on", [])
        assert set(waits) <= set(SERVICES), name
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            exists = (FOLDER / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
            assert exists, volume
    assert (FOLDER / COMPOSE["x-process"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / COMPOSE["x-process"]["build"]["dockerfile"]).exists()
    static = variables(last_stage())["STATIC_ROOT"]
    for name in (*PROCESSES, "nginx"):
        assert any(volume.startswith(f"static:{static}") for volume in SERVICES[name]["volumes"]), name
    address = SERVICES["nginx"]["networks"]["inside"]["ipv4_address"]
    assert environment_of("process1")["TRUSTED_PROXIES"] == address


@pytest.mark.needs("nginx")
def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    """The files that compose mounts, at the paths where they are mounted; names of containers become this machine's."""
    for mount in SERVICES["nginx"]["volumes"]:
        source, target, *_ = mount.split(":")
        if source.startswith("."):
            place = tmp_path / Path(target).relative_to("/etc/nginx")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(
                re.sub(r"^server process\d", "server 127.0.0.1", (FOLDER / source).read_text(), flags=re.M)
            )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; include {tmp_path}/conf.d/*.conf; }}\n"
    )
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    command = [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def size_of(path: Path, scratch: Path) -> int:
    """A package's file in bytes, as it is in the image: without symbols."""
    if ".so" not in path.suffixes or path.stat().st_size < 1_000_000:
        return path.stat().st_size
    stripped = scratch / path.name
    subprocess.run(["strip", "--strip-unneeded", "-o", str(stripped), str(path)], check=True)
    return stripped.stat().st_size


TAKEN_OUT = re.compile(r"(^|/)locale/(?!en)[^/]+/|(^|/)tests/|(?<!django)/test/|\.pyc$|/redoc/|/book_12ply\.dat$")
"""Files of packages that the Dockerfile removes."""


def packaged_files() -> Iterator[tuple[str, Path]]:
    """The files of the packages in the image: their names below site-packages, and where they are here."""
    names = re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==", (ROOT / "requirements.txt").read_text(), re.M)
    for name in sorted(set(names)):  # some are pinned twice, for other versions of Python
        try:
            files = metadata.files(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another platform
        for file in files:
            path = Path(str(file.locate()))
            if not TAKEN_OUT.search(str(file)) and path.exists():
                yield str(file), path


@pytest.mark.needs("strip")
def test_the_image_stays_under_its_size(tmp_path: Path) -> None:
    """The base, the packages of requirements.txt without what the Dockerfile takes out, and our own files."""
    size = sum(size_of(path, tmp_path) for _, path in packaged_files())
    ours = subprocess.run(
        ["git", "ls-files", "-z", "config", "games", "lobby", "templates", "static"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")[:-1]  # fmt: skip
    size += sum((ROOT / name).stat().st_size for name in ours if (ROOT / name).exists())
    assert size > 50e6  # else it found nothing
    assert size / 1e6 + BASE_MEGABYTES < MOST_MEGABYTES


def test_what_the_image_has_of_the_packages_is_enough(tmp_path: Path) -> None:
    """Commands run, and static files are collected, with the packages' files that the image has and no others."""
    packages = tmp_path / "packages"
    for name, path in packaged_files():
        if not name.startswith(".."):  # scripts
            (packages / name).parent.mkdir(parents=True, exist_ok=True)
            (packages / name).symlink_to(path)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(packages),
        "SECRET_KEY": "0123456789abcdef" * 4,
        "FOURLINE_DATA": str(tmp_path / "data"),
        "STATIC_ROOT": str(tmp_path / "static"),
    }
    for command in (["check"], ["prepare", "--static"], ["engine", "--selftest"]):
        done = subprocess.run(
            [sys.executable, "-S", "manage.py", *command],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    assert (tmp_path / "static" / "staticfiles.json").exists()
