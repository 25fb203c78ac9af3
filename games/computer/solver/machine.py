"""The solver's WebAssembly module at work: one instance, its memory with the book in it, and a way to stop it."""

import ctypes
import mmap
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from games.computer.solver.book import RECORD_BYTES
from games.computer.solver.build import BINARY

if TYPE_CHECKING:
    from wasmtime import Store

_MAP_FIXED: Final = 0x10
"""Of Linux and macOS; Python's mmap module has no word for it."""


class MachineUnavailable(Exception):
    """The solver can't run here; the text says what is missing."""


class DeadlineExceeded(Exception):
    """The question took longer than it might."""


class Machine:
    """One instance of the solver. For one thread at a time; other threads run on while it computes."""

    def __init__(self, book: Path | None) -> None:
        """Compile and start the module.

        Args:
            book: the book's file, checked; None to do without.

        Raises:
            MachineUnavailable: wasmtime is missing or doesn't work here, or the module is not there.
        """
        self._book, self._wasmtime = book, _wasmtime()
        configuration = self._wasmtime.Config()
        configuration.epoch_interruption = True
        configuration.parallel_compilation = False
        self._engine = self._wasmtime.Engine(configuration)
        try:
            self._module = self._wasmtime.Module(self._engine, BINARY.read_bytes())
        except OSError as error:
            raise MachineUnavailable(f"the solver's module cannot be read: {error}") from None
        except self._wasmtime.WasmtimeError as error:
            raise MachineUnavailable(f"wasmtime does not take the solver's module: {error}") from None
        self._start()

    def _start(self) -> None:
        """A fresh instance: after an interruption the old one may be half-way through anything."""
        self._store = self._wasmtime.Store(self._engine)
        self._store.set_epoch_deadline(1)
        self._exports: Any = self._wasmtime.Instance(self._store, self._module, []).exports(self._store)
        self._memory: Any = self._exports["memory"]
        if self._book is not None:
            self._bring_in(self._book)

    def _bring_in(self, book: Path) -> None:
        room, size = self._exports["book_room"](self._store), book.stat().st_size
        if not _map_into(self._memory, self._store, room, book, size):
            self._memory.write(self._store, book.read_bytes(), room)
        self.call("open_book", size // RECORD_BYTES)

    def room(self, name: str) -> int:
        """The address of one of the solver's rooms in its memory, such as ``game_room``."""
        address: int = self.call(name)
        return address

    def write(self, content: bytes, address: int) -> None:
        """Put bytes into the solver's memory."""
        self._memory.write(self._store, content, address)

    def read(self, address: int, size: int) -> bytes:
        """Take bytes out of the solver's memory."""
        return bytes(self._memory.read(self._store, address, address + size))

    def call(self, name: str, *arguments: int, seconds: float | None = None) -> Any:
        """Run a function of the solver.

        Args:
            name: as it is exported.
            arguments: integers.
            seconds: how long it may take; None: as long as it does.

        Raises:
            DeadlineExceeded: it was stopped; what it had found out is forgotten.
        """
        with self._deadline(seconds):
            return self._exports[name](self._store, *arguments)

    @contextmanager
    def _deadline(self, seconds: float | None) -> Iterator[None]:
        self._store.set_epoch_deadline(1)
        timer = None if seconds is None else threading.Timer(seconds, self._engine.increment_epoch)
        try:
            if timer is not None:
                timer.daemon = True
                timer.start()
            yield
        except self._wasmtime.Trap as trap:
            if trap.trap_code != self._wasmtime.TrapCode.INTERRUPT:
                raise
            self._start()
            raise DeadlineExceeded(f"stopped after {seconds} s") from None
        finally:
            if timer is not None:
                timer.cancel()
                timer.join()  # a tick that comes late would stop the next question


def _wasmtime() -> Any:
    """The library. On a platform without a wheel of its own it installs, and fails when it is imported."""
    try:
        import wasmtime
    except ImportError as error:
        raise MachineUnavailable(f"the package wasmtime is not installed: {error}") from None
    except (OSError, RuntimeError) as error:
        raise MachineUnavailable(f"the package wasmtime does not work on this platform: {error}") from None
    return wasmtime


def _map_into(memory: Any, store: "Store", room: int, book: Path, size: int) -> bool:
    """Lay the book's file over the room in the solver's memory: one copy for all processes, the system's own cache.

    Returns:
        Whether that is possible here; else nothing has changed.
    """
    if sys.platform not in ("linux", "darwin"):
        return False
    address = ctypes.addressof(memory.data_ptr(store).contents) + room
    if address % mmap.PAGESIZE:
        return False
    map_file = ctypes.CDLL(None).mmap
    map_file.restype = ctypes.c_void_p
    map_file.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_longlong]
    with book.open("rb") as file:
        flags = mmap.MAP_PRIVATE | _MAP_FIXED
        return bool(map_file(address, size, mmap.PROT_READ, flags, file.fileno(), 0) == address)
