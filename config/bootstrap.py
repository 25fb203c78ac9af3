"""Makes ``.venv`` and installs into it what requirements files pin; for `make`, before anything is installed.

Standard library only, run by the system's Python from any folder: ``bootstrap.py requirements.txt ...`` or
``bootstrap.py --system chromium ...`` for what comes from the system's package manager. Silent when nothing is missing.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SYSTEM_COMMANDS = {
    "chromium": ("chromium", "chromium-browser"),
    "nginx": ("nginx", "/usr/sbin/nginx"),
    "sqlite3": ("sqlite3",),
    "build-essential": ("cc",),
}
"""Debian's package, and the commands by which one knows that it is there."""


class CannotPrepare(Exception):
    """Something is missing that nobody but the user can provide; the text is the one line to show."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"fourline: {text}", flush=True)


def prepare(requirements: Sequence[str], root: Path = ROOT) -> None:
    """Make the virtual environment hold what these files pin.

    Args:
        requirements: names of requirements files in ``root``.
        root: the checkout.

    Raises:
        CannotPrepare: it can't be done here; says why.
    """
    with (root / requirements[0]).open() as turn:
        # Two `make` at once would install into the same folder.
        fcntl.flock(turn, fcntl.LOCK_EX)
        missing = [name for name in requirements if not _stamp(root, name).exists()]
        if not missing:
            return
        say(f"installing {' and '.join(missing)} into .venv, once …")
        _make_environment(root)
        for name in missing:
            _install(root, name)


def _stamp(root: Path, name: str) -> Path:
    """The file whose presence says that exactly this requirements file is installed."""
    digest = hashlib.sha256((root / name).read_bytes()).hexdigest()[:16]
    return root / ".venv" / "installed" / f"{name}.{digest}"


def _make_environment(root: Path) -> None:
    python = root / ".venv" / "bin" / "python"
    if python.exists() and subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0:
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise CannotPrepare("Python's venv module is missing. On Debian: apt install python3-venv")
    try:
        venv.create(root / ".venv", clear=True, with_pip=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotPrepare(f"cannot make {root / '.venv'}: {_reason(error)}") from None


def _install(root: Path, name: str) -> None:
    log = root / ".venv" / "pip.log"
    command = [
        str(root / ".venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--retries", "2", "--log", str(log), "--require-hashes", "--requirement", str(root / name),
    ]  # fmt: skip
    try:
        log.unlink(missing_ok=True)
        if subprocess.run(command, capture_output=True).returncode != 0:
            raise CannotPrepare(f"pip could not install {name}; is there a network? All that it said is in {log}")
        stamp = _stamp(root, name)
        stamp.parent.mkdir(exist_ok=True)
        stamp.touch()
    except OSError as error:
        raise CannotPrepare(f"cannot write to {root / '.venv'}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


# --- the system's packages --------------------------------------------------------------------------------------


def prepare_system(
    packages: Sequence[str],
    which: Callable[[str], str | None] = shutil.which,
    run: Callable[..., "subprocess.CompletedProcess[bytes]"] = subprocess.run,
) -> bool:
    """Install those of Debian's packages that are missing, where this user may.

    Args:
        packages: keys of `SYSTEM_COMMANDS`.
        which: finds a command on the path.
        run: runs a command.

    Returns:
        Whether all of them are there now; where not, a line says what to type, and the tests that need it say that
        they were skipped.
    """
    missing = [name for name in packages if not any(which(command) for command in SYSTEM_COMMANDS[name])]
    if not missing:
        return True
    as_root = _as_root(which, run)
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if as_root is None:
        say(f"{' and '.join(missing)} missing, and this user may not install it. As root: {' '.join(install)}")
        return False
    say(f"installing {' and '.join(missing)} with apt-get …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], install):
        if run([*as_root, *command], env=environment, capture_output=True).returncode != 0:
            say(f"that failed; by hand: {' '.join(command)}")
            return False
    return True


def _as_root(
    which: Callable[[str], str | None], run: Callable[..., "subprocess.CompletedProcess[bytes]"]
) -> list[str] | None:
    """What to write before a command to run it as root; None where that can't be done without a question."""
    if which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if which("sudo") and run(["sudo", "--non-interactive", "true"], capture_output=True).returncode == 0:
        return ["sudo", "--non-interactive", "--preserve-env=DEBIAN_FRONTEND"]
    return None


def main(arguments: Sequence[str]) -> int:
    """Prepare what the arguments name.

    Args:
        arguments: names of requirements files, or ``--system`` and names of packages.

    Returns:
        The exit status: 0; 1 after one line that says why; 130 after Ctrl-C. A missing system package is no error
        here: the tests decide.
    """
    parser = argparse.ArgumentParser(description="Installs what Fourline needs.")
    parser.add_argument("requirements", nargs="*")
    parser.add_argument("--system", nargs="+", choices=sorted(SYSTEM_COMMANDS), default=[])
    options = parser.parse_args(arguments)
    try:
        if options.requirements:
            prepare(options.requirements)
        prepare_system(options.system)
    except CannotPrepare as error:
        print(f"fourline: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
