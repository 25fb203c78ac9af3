"""What the machine says of processes and of itself, all of it read from /proc: CPU, memory, event loop, versions."""

import os
import platform
import resource
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PACKAGES = ["Django", "channels", "daphne", "uvicorn", "websockets", "uvloop", "msgspec", "psycopg"]


def cores() -> tuple[int, int]:
    """The core for servers and the core for clients: the first and the last that this process may use."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def process_tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:  # the thread has just ended
                continue
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, all its threads and its children, in seconds (proc(5), `stat`)."""
    ticks = 0
    for each in process_tree(pid):
        try:
            # The command's name may hold spaces and brackets: count fields from behind its closing one.
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def memory_kib(pid: int) -> int:
    """Memory that a process and its children hold, in KiB: their share (PSS) of every resident page."""
    total = 0
    for each in process_tree(pid):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total


def event_loop(pid: int) -> str:
    """`uvloop` when a process has that library loaded, `Node.js` for that, else `asyncio`."""
    if Path(f"/proc/{pid}/exe").resolve().name.startswith("node"):
        return "Node.js"
    return "uvloop" if "/uvloop/" in Path(f"/proc/{pid}/maps").read_text() else "asyncio"


def raise_file_limit() -> int:
    """Raise this process's limit of open files, which servers inherit, to the highest allowed; return it."""
    highest = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, highest))
    return highest


def file_system(path: Path) -> str:
    """The type of the file system that holds a path, e.g. `ext4`."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, mount_kind = line.split()[:3]
        if path.resolve().is_relative_to(mount) and len(mount) >= len(best):
            best, kind = mount, mount_kind
    return kind


def describe() -> list[str]:
    """Lines that name the processor, kernel, Python and libraries."""
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return [
        f"{model.partition(':')[2].strip() or platform.machine()}, {os.cpu_count()} cores, {platform.system()} "
        f"{platform.release()}",
        f"Python {sys.version.split()[0]}, " + ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
