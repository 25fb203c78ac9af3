"""Runs several programs, starts again what dies or hangs, shows what they print, and ends them in order.

As systemd does it for the units of deploy/: a program that promises signs of life (sd_notify(3)) and doesn't give them
is killed.
"""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

RESTART_AFTER: Final = 0.3
"""Seconds from an end to the next start."""
SHORT_LIFE: Final = 5.0
"""Seconds; a program that ends sooner didn't come up."""
MAX_SHORT_LIVES: Final = 10
"""So many in a row, and all is given up. PostgreSQL that was killed waits for its orphans, and needs several."""
LOOK_EVERY: Final = 0.1
_PALETTE = ("36", "33", "32", "35", "34", "31")


@dataclass
class Program:
    """One that runs for good.

    Args:
        name: in front of each line that it prints.
        command: runs it in the foreground.
        environment: all of its.
        watchdog: seconds without a sign of life after which it is killed; None where it gives none.
        stop_rank: those with a higher one are ended when those with a lower one have gone.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    watchdog: float | None = None
    stop_rank: int = 0
    process: asyncio.subprocess.Process | None = field(default=None, init=False)
    alive_at: float | None = field(default=None, init=False)
    short_lives: int = field(default=0, init=False)

    @property
    def is_running(self) -> bool:
        """Whether there is a process of it."""
        return self.process is not None and self.process.returncode is None


class Supervisor:
    """Runs programs until it is told to stop.

    Args:
        programs: in the order of their start.
        folder: for the sockets by which they give signs of life; its path has to be short (100 bytes).
        stop_within: seconds that all of them get for their end, before they are killed.
    """

    def __init__(self, programs: Sequence[Program], folder: Path, stop_within: float) -> None:
        self._programs = programs
        self._folder = folder
        self._stop_within = stop_within
        self._stopping = asyncio.Event()
        self._status = 0
        self._width = max(len(program.name) for program in programs)

    def stop(self, status: int = 0) -> None:
        """End all of them; `run` returns then."""
        self._status = self._status or status
        self._stopping.set()

    async def run(self) -> int:
        """Run them all until `stop`.

        Returns:
            0, or 1 where one of them could not be kept up.
        """
        lives = [asyncio.create_task(self._keep_up(program)) for program in self._programs]
        await self._stopping.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._stop_within):
                await self._end_in_order()
        for program in self._programs:
            if program.is_running:
                self._say(program, "did not stop (SIGKILL)")
                _kill_group(program)
        await asyncio.gather(*lives)
        return self._status

    async def _end_in_order(self) -> None:
        for rank in sorted({program.stop_rank for program in self._programs}):
            ending = [program for program in self._programs if program.stop_rank == rank and program.is_running]
            for program in ending:
                assert program.process is not None  # it runs
                with contextlib.suppress(ProcessLookupError):
                    program.process.terminate()
            await asyncio.gather(*(_end_of(program.process) for program in ending if program.process is not None))

    async def _keep_up(self, program: Program) -> None:
        while not self._stopping.is_set():
            started_at = asyncio.get_running_loop().time()
            status = await self._live_once(program)
            lived = asyncio.get_running_loop().time() - started_at
            if self._stopping.is_set():
                self.say(f"{program.name} stopped")
                return
            program.short_lives = program.short_lives + 1 if lived < SHORT_LIFE else 0
            if program.short_lives >= MAX_SHORT_LIVES:
                self._say(program, f"does not come up ({_ended_by(status)}): everything is stopped")
                self.stop(1)
                return
            self._say(program, f"died ({_ended_by(status)}), and is started again")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), RESTART_AFTER)

    async def _live_once(self, program: Program) -> int:
        """From start to end; its status."""
        program.alive_at = None
        with self._signs_of(program) as environment:
            # A session of its own: Ctrl-C is for us, and what it leaves behind can be found by it.
            program.process = await asyncio.create_subprocess_exec(
                *program.command, env={**program.environment, **environment},
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
            showing = asyncio.create_task(self._show(program, program.process.stdout))
            watching = asyncio.create_task(self._watch(program))
            status = await _end_of(program.process)
            watching.cancel()
            _kill_group(program)  # nginx's workers would keep the port of a master that was killed
            await asyncio.wait([showing], timeout=1)
            showing.cancel()
        return status

    async def _show(self, program: Program, output: asyncio.StreamReader | None) -> None:
        while output is not None:
            try:
                line = await output.readline()
            except ValueError:
                continue  # longer than any line should be
            if not line:
                return
            self._say(program, line.decode(errors="replace").rstrip())

    def say(self, text: str) -> None:
        """Show a line of our own."""
        with contextlib.suppress(OSError):
            print(text, flush=True)

    def _say(self, program: Program, text: str) -> None:
        colour = _PALETTE[self._programs.index(program) % len(_PALETTE)]
        head = f"{program.name:{self._width}} |"
        with contextlib.suppress(OSError):  # a terminal that was closed
            print(f"\033[{colour}m{head}\033[0m {text}" if os.isatty(1) else f"{head} {text}", flush=True)

    # --- signs of life --------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _signs_of(self, program: Program) -> Iterator[dict[str, str]]:
        """What tells a program where to give them."""
        if program.watchdog is None:
            yield {}
            return
        path = self._folder / f"{program.name}.notify"
        path.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(path))
            listener.setblocking(False)
            loop.add_reader(listener, self._hear, program, listener)
            try:
                yield {"NOTIFY_SOCKET": str(path)}
            finally:
                loop.remove_reader(listener)
                path.unlink(missing_ok=True)

    def _hear(self, program: Program, listener: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            while words := listener.recv(4096).decode(errors="replace").splitlines():
                if "STOPPING=1" in words:
                    program.alive_at = None
                elif "READY=1" in words or program.alive_at is not None:
                    program.alive_at = asyncio.get_running_loop().time()

    async def _watch(self, program: Program) -> None:
        """Kill a program whose signs of life have stopped."""
        while program.watchdog is not None:
            await asyncio.sleep(LOOK_EVERY)
            now = asyncio.get_running_loop().time()
            if program.alive_at is not None and now - program.alive_at > program.watchdog:
                self._say(program, f"hangs: no sign of life for {program.watchdog:g} s (SIGKILL)")
                _kill_group(program)
                return


async def _end_of(process: asyncio.subprocess.Process) -> int:
    """The status of a process when it has ended.

    `Process.wait` also waits for its output to end, which nginx's workers keep open when their master was killed.
    """
    while process.returncode is None:
        await asyncio.sleep(LOOK_EVERY / 2)
    return process.returncode


def _kill_group(program: Program) -> None:
    assert program.process is not None  # it was started
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.process.pid, signal.SIGKILL)


def _ended_by(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"status {status}"
