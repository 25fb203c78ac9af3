"""Machines as fresh from Debian, as namespaces of Linux: own files, users, processes and network.

A machine has its own /etc (a copy of this one's), /srv, /var, /run and /usr/local/sbin; the rest of the file system is
this one's. Nothing that is done on it can be seen outside, and all its processes end with it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import websockets

from tests.support.servers import ROOT

STAND_INS = ROOT / "tests" / "deploy" / "stand_ins"
DOMAIN = "fourline.example"
_OWN = ("etc", "srv", "var", "run", "usr/local/sbin")
_LENT = """
set -eu
cd "$MACHINE"
for folder in python packages; do mount --bind "$(readlink lent/$folder)" "opt/$folder"; done
mount --rbind opt /opt
for folder in OWN; do mount --bind "$folder" "/$folder"; done
mount -t tmpfs -o mode=1777 shm /dev/shm
echo /opt/python/lib > /etc/ld.so.conf.d/00-python.conf  # another user may not see where it says that its library is
ldconfig
ip link set lo up
exec /opt/python/bin/python3 -c '
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is forgotten at once
print("ready", flush=True)
while True:
    signal.pause()
'
""".replace("OWN", " ".join(_OWN))


def can_be_made() -> bool:
    """Whether this user may make them."""
    tried = ["unshare", "--mount", "--net", "--pid", "--fork", "true"]
    return shutil.which("unshare") is not None and subprocess.run(tried, capture_output=True).returncode == 0


class Machine:
    """One machine.

    Args:
        folder: for its files; every user may enter it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._fill()
        # However these tests end, the machine ends with them.
        command = ["setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc"]
        command += ["--kill-child", "sh", "-c", _LENT]
        environment = {"PATH": os.environ["PATH"], "MACHINE": str(folder)}
        with (folder / "making.log").open("w") as log:
            self._holder = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == "ready\n", (folder / "making.log").read_text()
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children")
        self.pid = int(children.read_text())
        """Of its first process, by which others find its namespaces."""

    def _fill(self) -> None:
        for name in (*_OWN, "var/lib", "var/cache", "var/log", "var/backups", "var/tmp", "bin", "lent", "opt/python",
                     "opt/packages"):  # fmt: skip
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        later = shutil.ignore_patterns("postgresql", "redis", "valkey", "letsencrypt", "fourline*")
        shutil.copytree("/etc", self.folder / "etc", symlinks=True, ignore=later, dirs_exist_ok=True)
        with (self.folder / "etc" / "hosts").open("a") as hosts:
            hosts.write(f"10.0.0.1 {DOMAIN}\n")
        lent = {"python": sys.base_prefix, "packages": Path(websockets.__file__).parent.parent}
        for name, path in lent.items():
            (self.folder / "lent" / name).symlink_to(path)
        shutil.copytree(STAND_INS, self.folder / "stand_ins")
        for name in ("apt-get", "python3", "ssh"):
            self._command(name, f"debian.py {name}")
        self._command("certbot-installed", "debian.py certbot")
        self._command("systemctl", "systemd.py")

    def _command(self, name: str, stand_in: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f'#!/bin/sh\nexec /opt/python/bin/python3 {self.folder}/stand_ins/{stand_in} "$@"\n')
        path.chmod(0o755)

    def enter(self, *command: str, within: float = 90.0, **environment: str) -> str:
        """Run a command on it as root; what it prints.

        Raises:
            AssertionError: its exit status is not 0, or it takes longer than ``within`` seconds.
        """
        settings = {
            "PATH": f"{self.folder}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "PGHOST": "/run/postgresql",
            **environment,
        }
        inside = ["nsenter", f"--target={self.pid}", "--mount", "--net", "--pid", "--wd=/", *command]
        try:
            done = subprocess.run(inside, env=settings, capture_output=True, text=True, timeout=within)
        except subprocess.TimeoutExpired as slow:
            raise AssertionError(f"not done after {within:.0f} s:\n{slow.stdout!r}\n{slow.stderr!r}") from None
        assert done.returncode == 0, f"{done.stdout}{done.stderr}{self.log}"
        return done.stdout

    def follow(self, commands: str, **options: str) -> str:
        """Type these lines into a root shell; one that fails ends it."""
        return self.enter("sh", "-eu", "-c", commands, **options)

    @property
    def log(self) -> str:
        """What its services have printed."""
        return "".join(path.read_text() for path in sorted((self.folder / "var" / "log").glob("*.log")))

    def connect(self, other: "Machine") -> None:
        """Lay a cable to another one: 10.0.0.1 here, 10.0.0.2 there."""
        pair = ["ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan0", "netns", str(other.pid)]
        subprocess.run(["nsenter", f"--target={self.pid}", "--net", *pair], check=True)
        for machine, address in ((self, "10.0.0.1/24"), (other, "10.0.0.2/24")):
            machine.follow(f"ip address add {address} dev lan0; ip link set lan0 up")

    def end(self) -> None:
        """Power off: its first process ends, and all others with it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._holder.wait(20)
        assert self._holder.stdout is not None
        self._holder.stdout.close()


@contextlib.contextmanager
def two_machines() -> Iterator[tuple[Machine, Machine]]:
    """Two machines with a cable between them, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="fourline-machines-"))
    folder.chmod(0o711)
    made: list[Machine] = []
    try:
        for name in ("first", "second"):
            (folder / name).mkdir()
            made.append(Machine(folder / name))
        made[0].connect(made[1])
        yield made[0], made[1]
    finally:
        for machine in made:
            machine.end()
        shutil.rmtree(folder, ignore_errors=True)
