"""Code that no one here wrote: all cells of torchrecurrent, and PyTorch's functions, against documented equations."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import documented_cells
import documented_cells_of_two_states
import numpy as np
import pytest
from test_cells_functions import net

from backproof import WrongGradient, gradcheck
from backproof.cells import recurrent
from backproof.referee.cellcheck import climbed, wrong_at
from backproof.referee.cellladder import ladder
from backproof.theory.cells import lru

torch = pytest.importorskip("torch")
library = pytest.importorskip("torchrecurrent")

from backproof.impl.adapters.torch_cells import gradients_by, leaf  # noqa: E402
from backproof.impl.adapters.torchrecurrent import CELLS, DEVIATIONS, FUNCTIONS, gradients  # noqa: E402

DOCUMENTED = documented_cells.DOCUMENTED | documented_cells_of_two_states.DOCUMENTED
AS_RUN = documented_cells.AS_RUN | documented_cells_of_two_states.AS_RUN
PAGE = Path(__file__).parent.parent / "docs/reference/cells.md"

SIZES = {
    "DSGUCell": "∂L/∂U_z[0, 0] is 0.00134, off by 3.88e-11",
    "FastGRNNCell": "∂L/∂b_z[1, 0] is -0.35, off by 0.29",
    "GatedAntisymmetricRNNCell": "∂L/∂d[0, 0] is 0.00581, off by 0.0181",
    "LEMCell": "∂L/∂V[0, 1] is -0.0439, off by 0.0377",
    "MUT3Cell": "∂L/∂h0[0, 0] is 0.0107, off by 0.00153",
    "NASCell": "∂L/∂b_4[0, 0] is -0.00158, off by 0.00158",
    "RANCell": "∂L/∂b_c[1, 0] is 0, off by 0.346",
    "SCRNCell": "∂L/∂W_y[1, 0] is -0.379, off by 0.141",
    "SGUCell": "∂L/∂U_z[0, 0] is -0.00701, off by 1.76e-10",
    "WMCLSTMCell": "∂L/∂e_f[0, 0] is -0.0271, off by 0.0341",
    "coRNNCell": "∂L/∂c0[0, 1] is 0.106, off by 0.000655",
}
"""How far off an entry of a gradient is, at three steps with the last output asked for."""


def test_every_cell_has_a_verdict_and_every_layer_a_cell() -> None:
    names = set(library.__all__)
    assert {name for name in names if name.endswith("Cell")} == set(DOCUMENTED) == set(CELLS)
    assert names - set(CELLS) == {name.removesuffix("Cell") for name in CELLS}
    assert set(AS_RUN) < set(DEVIATIONS) == set(SIZES)


@pytest.mark.parametrize("name", sorted(set(DOCUMENTED) - set(DEVIATIONS)))
def test_a_cell_does_what_its_documentation_says(name: str) -> None:
    gradcheck(FUNCTIONS[name], DOCUMENTED[name])


@pytest.mark.parametrize("name", sorted(DEVIATIONS))
def test_a_deviation_is_there_and_as_large_as_it_was(name: str) -> None:
    with pytest.raises(WrongGradient):
        gradcheck(FUNCTIONS[name], DOCUMENTED[name])
    said = wrong_at(FUNCTIONS[name], dict(ladder(DOCUMENTED[name]))["the last output alone"])
    assert SIZES[name] in {shortened(line) for line in said}


def shortened(line: str) -> str:
    """What is wrong, to three digits."""
    entry, value, size = re.match(r"(.*) is (\S+), off by (\S+),", line).groups()  # type: ignore[union-attr]
    return f"{entry} is {float(value):.3g}, off by {size}"


@pytest.mark.parametrize("name", sorted(AS_RUN))
def test_a_deviation_is_what_it_is_said_to_be(name: str) -> None:
    """With that changed in the equations, and nothing else, every rung is right."""
    gradcheck(FUNCTIONS[name], AS_RUN[name])


@pytest.mark.parametrize("name", ["SGUCell", "DSGUCell"])
def test_a_hard_sigmoid_by_a_clamp_has_the_slope_of_its_format(name: str) -> None:
    clamped = HardSigmoid()
    gradcheck(partial(gradients, name, gate_nonlinearity=clamped), DOCUMENTED[name])


class HardSigmoid(torch.nn.Module):
    """Composed of what PyTorch differentiates itself."""

    def forward(self, z: Any) -> Any:
        return torch.clamp((z + 3) / 6, 0, 1)


def test_pytorchs_slope_of_the_hard_sigmoid_is_that_of_float32_and_its_gradcheck_lets_it_pass() -> None:
    at = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(torch.nn.functional.hardsigmoid(at).sum(), at)
    assert slope.item() == float(np.float32(1) / np.float32(6)) != 1 / 6
    assert torch.autograd.gradcheck(torch.nn.functional.hardsigmoid, at)


@pytest.mark.parametrize("name", sorted(DEVIATIONS))
def test_the_documentation_lists_the_deviation(name: str) -> None:
    assert f"| `{name}` | {DEVIATIONS[name]} | `{SIZES[name]}` |" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted({name.removesuffix("Cell") for name in CELLS}))
def test_a_layer_is_its_cell_run_over_the_steps(name: str) -> None:
    layer = getattr(library, name)(2, 2, dtype=torch.float64)
    (one,), subject = layer.cells, CELLS[f"{name}Cell"]
    inputs = torch.tensor(np.random.default_rng(6).normal(size=(4, 3, 2)))
    states, outputs = [torch.zeros(3, 2, dtype=torch.float64)] * len(subject.states), []
    for x in inputs:
        output, states = subject.stepped(one, x, states)
        outputs.append(output)
    assert torch.equal(layer(inputs)[0], torch.stack(outputs))


class Forgetful(library.LiGRUCell):  # type: ignore[misc, name-defined]
    """Leaves out the second bias, as one of the cells does."""

    def forward(self, x: Any, state: Any) -> Any:
        gate, candidate = (x @ self.weight_ih.T + self.bias_ih + state @ self.weight_hh.T).chunk(2, 1)
        z = torch.sigmoid(gate)
        return z * state + (1 - z) * torch.relu(candidate)


def test_a_second_bias_that_is_left_out_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "LiGRUCell", Forgetful)
    with pytest.raises(WrongGradient, match="∂L/∂b_z"):
        gradcheck(FUNCTIONS["LiGRUCell"], DOCUMENTED["LiGRUCell"])


def test_numbers_that_are_learnt_have_the_format_that_was_asked_for_but_for_two() -> None:
    """Here they are replaced by float64; a user's are rounded to float32, and so are their gradients."""
    cells = {name: getattr(library, name)(2, 2, dtype=torch.float64) for name in CELLS}
    odd = {
        (name, key) for name, cell in cells.items() for key, p in cell.named_parameters() if p.dtype != torch.float64
    }
    assert odd == {("JANETCell", "beta"), ("SCRNCell", "alpha")}


@pytest.mark.parametrize("name", ["MGUCell", "MCLSTMCell", "tauGRUCell", "TGRUCell"])
def test_a_bias_that_is_left_out_of_a_gradient_is_missed(name: str) -> None:
    forgotten = next(w.name for w in DOCUMENTED[name].parameters if w.name.startswith("b_"))
    with pytest.raises(WrongGradient, match=f"∂L/∂{forgotten}"):
        gradcheck(lambda *at: FUNCTIONS[name](*at) | {forgotten: 0 * at[0][forgotten]}, DOCUMENTED[name])


# PyTorch's functions, in h = φ(W h + U x + b).

PYTORCHS = {
    "softplus": torch.nn.functional.softplus,
    "SiLU": torch.nn.functional.silu,
    "GELU": torch.nn.functional.gelu,
    "GELU, by tanh": partial(torch.nn.functional.gelu, approximate="tanh"),
    "ELU": torch.nn.functional.elu,
    "leaky ReLU": torch.nn.functional.leaky_relu,
    "hard tanh": torch.nn.functional.hardtanh,
    "softsign": torch.nn.functional.softsign,
    "sin": torch.sin,
    "cos": torch.cos,
    "exp": torch.exp,
}


def differentiated(function: Any) -> Any:
    """An Elman net with the function, by autograd."""

    def found(params: Any, inputs: Any, upstream: Any, last: Any) -> Any:
        given, x = {name: leaf(value) for name, value in params.items()}, leaf(inputs)
        h, outputs = given["h0"], []
        for step in x:
            h = function(step @ given["U"].T + h @ given["W"].T + given["b"])
            outputs.append(h)
        asked = [upstream, last.get("h", np.zeros(tuple(h.shape)))]
        return gradients_by({**given, "inputs": x}, [torch.stack(outputs), h], asked)

    return found


@pytest.mark.parametrize("name", PYTORCHS)
def test_a_function_of_pytorch_has_the_slope_that_is_derived(name: str) -> None:
    found = {rung: wrong for rung, _, wrong in climbed(differentiated(PYTORCHS[name]), net(name))}
    undecided = {"past 64 steps", "past 256 steps"} if name == "exp" else set()  # its states grow past every float
    assert found == {rung: None if rung in undecided else [] for rung in found}


def test_the_hard_sigmoid_of_pytorch_has_another() -> None:
    with pytest.raises(WrongGradient, match=r"off by 4\.44e-10"):
        gradcheck(differentiated(torch.nn.functional.hardsigmoid), net("hard sigmoid"))


def test_beyond_its_threshold_the_softplus_of_pytorch_is_the_identity() -> None:
    """As it documents; the slope of log(1 + e^a) at a = 21 is 1 − 7.58e-10."""
    run = recurrent(net("softplus"), U=[[1]], b=[20], inputs=[[1]], upstream=[[1]])
    assert any(
        "∂L/∂b[0, 0] is 1, off by 7.58e-10" in said for said in wrong_at(differentiated(PYTORCHS["softplus"]), run)
    )
    below = recurrent(net("softplus"), U=[[1]], b=[19], inputs=[[1]], upstream=[[1]])
    assert wrong_at(differentiated(PYTORCHS["softplus"]), below) == []


def test_pytorch_differentiates_an_lru_in_complex_numbers() -> None:
    def gradients_of_lru(params: Any, inputs: Any, upstream: Any, last: Any) -> Any:
        given, x = {name: leaf(value) for name, value in params.items()}, leaf(inputs)
        modulus, angle = torch.exp(-torch.exp(given["nu"])), torch.exp(given["theta"])
        B, C = torch.complex(given["B"], given["E"]), torch.complex(given["C"], given["F"])
        s, outputs = torch.complex(given["r0"], given["i0"]), []
        for step in x:
            s = torch.polar(modulus, angle) * s + torch.sqrt(1 - modulus**2) * (step.to(B.dtype) @ B.T)
            outputs.append((s @ C.T).real + given["d"] * step)
        asked = [last.get(name, np.zeros(tuple(s.shape))) for name in "ri"]
        return gradients_by({**given, "inputs": x}, [torch.stack(outputs), s.real, s.imag], [upstream, *asked])

    gradcheck(gradients_of_lru, lru.CELL)
