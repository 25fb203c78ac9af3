"""Compiles the solver's C into the WebAssembly that the repository holds: ``make engine``. Needs ziglang, from PyPI.

The same source gives the same bytes on every machine: the compiler is pinned and no path of the machine goes in.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parent
BINARY: Final = SOURCE / "solver.wasm"

_COMPILE: Final = (
    "cc", "-target", "wasm32-freestanding", "-mcpu=generic+simd128+bulk_memory", "-O3", "-Wall", "-Wextra", "-Werror",
    "-nostdlib", "-Wl,--no-entry", "-Wl,--strip-all", "-Wl,-z,stack-size=65536",
)  # fmt: skip


class BuildError(Exception):
    """The compiler is missing or refuses the source; the text says what it said."""


def build() -> bytes:
    """Compile the solver.

    Returns:
        The bytes of the WebAssembly module.

    Raises:
        BuildError: it can't be compiled here.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / BINARY.name
        command = [sys.executable, "-m", "ziglang", *_COMPILE, "solver.c", "-o", str(output)]
        done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True)
        if done.returncode != 0:
            raise BuildError(done.stderr.strip())
        return output.read_bytes()


def main(arguments: Sequence[str]) -> int:
    """Build, and write the module or compare it with the one that is there.

    Returns:
        The exit status: 1 after a line that says why.
    """
    parser = argparse.ArgumentParser(description="Builds the solver.")
    parser.add_argument("--check", action="store_true", help="compare with the repository's, write nothing")
    is_check = parser.parse_args(arguments).check
    try:
        module = build()
    except BuildError as error:
        print(f"fourline: the solver can't be built: {error}", file=sys.stderr)
        return 1
    if not is_check:
        BINARY.write_bytes(module)
    elif not BINARY.exists() or module != BINARY.read_bytes():
        print(f"fourline: {BINARY.name} is not what its source compiles to; run make engine", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
