"""The WebAssembly module in the repository is what its source compiles to."""

import pytest

from games.computer.solver.build import BINARY, build, main


@pytest.mark.needs("ziglang")
def test_the_module_is_what_its_source_compiles_to() -> None:
    assert build() == BINARY.read_bytes()


@pytest.mark.needs("ziglang")
def test_a_module_of_another_source_is_told(tmp_path, monkeypatch, capsys) -> None:
    other = tmp_path / "solver.wasm"
    monkeypatch.setattr("games.computer.solver.build.BINARY", other)
    assert main(["--check"]) == 1
    assert "make engine" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0
