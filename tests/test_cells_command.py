"""What the command does with files of cells and of nets of layers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backproof.referee.cellladder import RUNGS
from backproof.referee.command import main

Command = Callable[..., Result]
NET = """
from sympy import tanh
from backproof.cells import affine, cell, layers
from backproof.notation import h, t
from backproof.referee.cellcheck import by_equations

CELL = cell("mine", {h[t]: affine("", h[t - 1]).applyfunc(tanh)})
NET = layers((CELL, CELL), lengths=True, loss="binary_cross_entropy", name="two ways")
del CELL
gradients = by_equations(NET)


def without_inputs(*at):
    return gradients(*at) | {"U_l0": 0 * at[0]["U_l0"]}
"""


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_a_cell_to_start_from_is_right_and_never_overwrites(command: Command) -> None:
    assert command("new", "my_cell", "--cell").exit_code == 0
    done = command("check", "my_cell.py")
    assert done.exit_code == 0
    assert done.stdout.count(": right\n") == len(RUNGS)
    assert command("new", "my_cell", "--cell").exit_code == 2


def test_a_fault_of_the_cell_is_planted_by_name_and_named(command: Command) -> None:
    command("new", "my_cell", "--cell")
    listed = command("derive", "my_cell.py", "--faults").stdout
    fault = "∂L/∂W: h[t] for h[t - 1]"
    assert f"\n    {fault}\n" in listed
    done = command("check", "my_cell.py", "--fault", fault)
    assert done.exit_code == 1
    assert f"    It looks like this fault: {fault}." in done.stdout
    unknown = command("check", "my_cell.py", "--fault", "∂L/∂W: h[t] for h[t - 2]")
    assert unknown.exit_code == 2
    assert f"did you mean '{fault}'" in unknown.stderr


def test_a_net_of_layers_and_code_elsewhere(tmp_path: Path, command: Command) -> None:
    (tmp_path / "net.py").write_text(NET, encoding="utf-8")
    assert command("check", "net.py").exit_code == 0
    done = command("check", "net.py", "--subject", "net.py:without_inputs", "--json")
    assert done.exit_code == 1
    rungs = json.loads(done.stdout)["cells"]["NET"]
    assert any("∂L/∂U_l0" in line for line in rungs[-1]["wrong"])
    told = command("derive", "net.py").stdout
    assert "node 2: node 0 from its last step to its first → mine" in told
    assert "node 3, one below the other: node 1, node 2 from its last step to its first" in told


def test_without_code_there_is_nothing_to_check(tmp_path: Path, command: Command) -> None:
    (tmp_path / "net.py").write_text(NET.replace("gradients =", "other ="), encoding="utf-8")
    done = command("check", "net.py")
    assert done.exit_code == 2
    assert "a cell is checked by a function gradients(params, inputs, upstream, last)" in done.stderr
    (tmp_path / "none.py").write_text("x = 1\n", encoding="utf-8")
    assert "none.py defines no cell" in command("derive", "none.py").stderr


def test_a_cell_of_which_nothing_is_decided_does_not_stand(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    from backproof.referee import cellrun

    monkeypatch.setattr(cellrun, "climbed", lambda code, net, seed: iter([("one step", net, None)]))
    command("new", "my_cell", "--cell")
    done = command("check", "my_cell.py")
    assert done.exit_code == 1
    assert "not decided in float64" in done.stdout
