"""LSTM and GRU: what is wrong with an argument is said by name, and what overflows by quantity and step."""

import numpy as np
import pytest
from gated_nets import CELL, CELLS, B, M, N, P, constant_gate, net

from backproof.impl.lstm import lstm_forward

BAD = {
    "not a mapping": (lambda p: list(p), TypeError, "params: expected a mapping"),
    "missing": (lambda p: {k: v for k, v in p.items() if k != "V"}, ValueError, "params: expected .* got no 'V'"),
    "unknown": (lambda p: p | {"W": p["V"]}, ValueError, "params: unknown parameter 'W'"),
    "V": (lambda p: p | {"V": np.zeros((P, N + 1))}, ValueError, r"params\['V'\]: expected shape \(3, 3\)"),
    "h0": (lambda p: p | {"h0": np.zeros(N)}, ValueError, r"params\['h0'\]: expected shape \(2, 3\)"),
    "c of integers": (lambda p: p | {"c": np.zeros(P, int)}, TypeError, r"params\['c'\]: .* got an array of int64"),
    "c of float32": (lambda p: p | {"c": np.zeros(P, np.float32)}, TypeError, r"params\['c'\]: expected float64"),
}


@CELL
@pytest.mark.parametrize("case", BAD)
def test_wrong_parameters_are_named(cell, case):
    spoil, error, message = BAD[case]
    params, inputs, targets = net(cell)
    _, _, forward, *functions = CELLS[cell]
    for call in (lambda p: forward(p, inputs), *(lambda p, f=f: f(p, inputs, targets) for f in functions)):
        with pytest.raises(error, match=message):
            call(spoil(params))


@CELL
@pytest.mark.parametrize("kind", ["W", "U", "b"])
def test_every_gate_is_checked_under_its_own_name(cell, kind):
    letters, _, forward, *_ = CELLS[cell]
    for letter in letters:
        params, inputs, _ = net(cell)
        name = f"{kind}_{letter}"
        with pytest.raises(ValueError, match=rf"params\['{name}'\]: expected .*shape"):
            forward(params | {name: np.zeros((N, N + 7))}, inputs)
        params[name][0] = np.nan
        with pytest.raises(ValueError, match=rf"params\['{name}'\]: expected finite entries"):
            forward(params, inputs)


@CELL
def test_wrong_inputs_targets_and_names_are_named(cell):
    *_, gradients_of = CELLS[cell]
    params, inputs, targets = net(cell)
    with pytest.raises(ValueError, match="inputs: expected shape"):
        gradients_of(params, inputs[0], targets)
    with pytest.raises(TypeError, match="inputs: expected a NumPy array"):
        gradients_of(params, inputs.tolist(), targets)
    with pytest.raises(ValueError, match="targets: expected class indices from 0 to 2"):
        gradients_of(params, inputs, targets + P)
    with pytest.raises(ValueError, match="loss: expected one of"):
        gradients_of(params, inputs, targets, loss="hinge")
    with pytest.raises(ValueError, match="reduction: expected one of"):
        gradients_of(params, inputs, targets, reduction="median")


@CELL
def test_targets_are_of_the_format_of_the_rest(cell):
    *_, loss_of, gradients_of = CELLS[cell]
    params, inputs, targets = net(cell, loss="huber")
    for call in (loss_of, gradients_of):
        with pytest.raises(TypeError, match=r"^targets: expected float64 like the rest"):
            call(params, inputs, targets.astype(np.float32), loss="huber")


def test_overflow_names_quantity_and_step():
    spoilt = net("lstm")[1]
    spoilt[2] = 1e308
    for cell in CELLS:
        forward, params = CELLS[cell][2], net(cell)[0]
        large = params | {f"U_{CELLS[cell][0][0]}": np.full((N, M), 1e10)}
        with pytest.raises(FloatingPointError, match="the hidden state overflowed at step 3"):
            forward(large, spoilt)


def test_a_cell_state_at_the_end_of_the_range_does_not_overflow():
    params, inputs, _ = net("lstm")
    params = constant_gate(constant_gate(params, "f", 1e3), "i", 1e3) | {"s0": np.full((B, N), np.finfo(float).max)}
    # What is written is at most 1, less than the spacing of numbers as large as this: nothing overflows.
    assert np.isfinite(lstm_forward(params, inputs).cell_states).all()


@CELL
def test_a_gate_that_is_missing_or_of_another_type_is_named(cell):
    letters, _, forward, *_ = CELLS[cell]
    params, inputs, _ = net(cell)
    for name in (f"{kind}_{letter}" for kind in "WUb" for letter in letters):
        with pytest.raises(ValueError, match=rf"^params: expected .* got no '{name}'$"):
            forward({key: array for key, array in params.items() if key != name}, inputs)
        if name != f"W_{letters[0]}":
            with pytest.raises(TypeError, match=rf"^params\['{name}'\]: expected float64 like the rest"):
                forward(params | {name: params[name].astype(np.float32)}, inputs)
    # The first W says how many units there are.
    with pytest.raises(ValueError, match=rf"^params\['U_{letters[0]}'\]: expected shape \(4, 2\)"):
        forward(params | {f"W_{letters[0]}": np.zeros((4, 4)), "V": np.zeros((P, 4))}, inputs)
