"""In place of `systemctl`: starts what a unit file names, as its user, with its umask and environment.

Of systemd only this much: Type=notify (waits for READY=1), StateDirectory, CacheDirectory, User, Group, UMask,
WorkingDirectory, Environment, EnvironmentFile, LimitNOFILE, and of ProtectSystem=strict that /etc, /srv and /var can't
be written except for StateDirectory and CacheDirectory. A timer's service runs once, at once. Nothing is started again,
nor killed by a watchdog.
"""

import itertools
import os
import pwd
import re
import resource
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

UNITS = Path("/etc/systemd/system")
RUNNING = Path("/run/units")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
START_WITHIN = 60.0
"""Seconds; a busy machine imports slowly."""
_ENTER = """
for folder in /etc /srv /var $OWN; do mount --bind "$folder" "$folder"; done
for folder in /etc /srv /var; do mount -o remount,bind,ro "$folder"; done
cd "$FOLDER"
unset OWN FOLDER
umask "$0"
exec "$@"
"""


class Unit:
    """A unit file: the values of each key, in their order.

    Args:
        name: such as ``fourline@8001``, with or without ``.service``.
    """

    def __init__(self, name: str) -> None:
        self.name = name if name.endswith((".timer", ".service")) else f"{name}.service"
        template, instance = re.sub("@.*[.]", "@.", self.name), re.sub(".*@|[.].*", "", self.name)
        text = (UNITS / template).read_text().replace("%i", instance)
        self.lines = re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)
        self.pid_file = RUNNING / self.name

    def all(self, key: str) -> list[str]:
        return [value for name, value in self.lines if name == key]

    def one(self, key: str, default: str = "") -> str:
        return (self.all(key) or [default])[-1]

    @property
    def environment(self) -> dict[str, str]:
        """As systemd makes it: EnvironmentFile beats Environment."""
        user = self.one("User")
        found = {"PATH": PATH, "USER": user, "LOGNAME": user, "HOME": pwd.getpwnam(user).pw_dir}
        lines = [part for value in self.all("Environment") for part in shlex.split(value)]
        for path in self.all("EnvironmentFile"):
            written = [line for line in Path(path).read_text().splitlines() if line[:1] not in ("", "#", ";")]
            lines += ["".join(shlex.split(line)) for line in written]
        return found | dict(line.split("=", 1) for line in lines)

    @property
    def command(self) -> list[str]:
        """What runs it, in a mount namespace of its own."""
        user, group = self.one("User"), self.one("Group")
        enter = ["unshare", "--mount", "sh", "-euc", _ENTER, self.one("UMask", "0022")]
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # where not even root may have more
        files = min(int(self.one("LimitNOFILE", "1024")), most)
        limits = ["prlimit", f"--nofile={files}", "setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups"]
        return [*enter, *limits, *shlex.split(self.one("ExecStart"))]

    def start(self) -> None:
        """Start it, and wait until it says that it is ready, or for its end where that is its kind."""
        where = {"OWN": " ".join(self.make_folders()), "FOLDER": self.one("WorkingDirectory", "/")}
        options: dict[str, Any] = {"env": self.environment | where, "cwd": "/"}
        if self.one("Type") == "oneshot":
            subprocess.run(self.command, check=True, **options)
            return
        with listening(RUNNING / f"{self.name}.notify") as ready, open(f"/var/log/{self.name}.log", "ab") as log:
            options["env"]["NOTIFY_SOCKET"] = str(RUNNING / f"{self.name}.notify")
            process = subprocess.Popen(self.command, stdout=log, stderr=log, start_new_session=True, **options)
            self.pid_file.write_text(str(process.pid))
            wait_for(ready, process)

    def make_folders(self) -> list[str]:
        """Make what StateDirectory and CacheDirectory name; their paths."""
        made = []
        for kind, parent in (("State", "/var/lib"), ("Cache", "/var/cache")):
            for name in self.all(f"{kind}Directory"):
                made.append(f"{parent}/{name}")
                mode, owner = self.one(f"{kind}DirectoryMode", "0755"), f"{self.one('User')}:{self.one('Group')}"
                subprocess.run(["install", "-d", "-m", mode, made[-1]], check=True)
                subprocess.run(["chown", owner, made[-1]], check=True)
        return made

    def stop(self) -> None:
        """SIGTERM, and SIGKILL where that does not help in time."""
        if not self.is_running:
            return
        pid = int(self.pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + float(self.one("TimeoutStopSec", "90"))
        while self.is_running and time.monotonic() < end:
            time.sleep(0.05)
        if self.is_running:
            os.kill(pid, signal.SIGKILL)
            sys.exit(f"{self.name} did not stop in time")
        self.pid_file.unlink()

    @property
    def is_running(self) -> bool:
        return self.pid_file.exists() and Path("/proc", self.pid_file.read_text()).exists()


def listening(path: Path) -> socket.socket:
    """A socket for the words of a process that starts."""
    path.unlink(missing_ok=True)
    heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard.bind(str(path))
    path.chmod(0o777)
    heard.settimeout(0.2)
    return heard


def wait_for(ready: socket.socket, process: "subprocess.Popen[bytes]") -> None:
    """Wait for READY=1; ends this program where it doesn't come."""
    end = time.monotonic() + START_WITHIN
    while process.poll() is None and time.monotonic() < end:
        try:
            if b"READY=1" in ready.recv(4096):
                return
        except TimeoutError:
            continue
    process.kill()
    sys.exit(f"did not start: {shlex.join(map(str, process.args))}")  # type: ignore[arg-type]


def of_debian(verb: str, name: str) -> bool:
    """Services of Debian's packages, whose units aren't ours."""
    control = Path("/run/debian", name)
    if not control.exists():
        return False
    subprocess.run([control, verb], check=True)
    return True


def meant(name: str) -> list[str]:
    """The units that a name, or a pattern of running ones, stands for."""
    if "*" not in name:
        return [name]
    return sorted(file.stem for file in RUNNING.glob(f"{name}.service"))


def main(arguments: list[str]) -> None:
    """One of systemctl's commands."""
    verb, *names = [argument for argument in arguments if not argument.startswith("-")]
    if verb not in ("daemon-reload", "enable", "disable", "start", "stop", "restart", "reload"):
        sys.exit(f"systemctl {verb}: not known here")
    RUNNING.mkdir(exist_ok=True)
    for name in itertools.chain.from_iterable(map(meant, names)):
        if of_debian(verb, name):
            continue
        unit = Unit(name)
        if name.endswith(".timer"):
            unit = Unit(name.replace(".timer", ".service"))
        if verb in ("stop", "restart") or (verb == "disable" and "--now" in arguments):
            unit.stop()
        if verb in ("start", "restart") or (verb == "enable" and "--now" in arguments):
            unit.start()


if __name__ == "__main__":
    main(sys.argv[1:])
