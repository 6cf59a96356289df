"""Every cell of impl against the gradients that are derived from its equations, and what a run over time promises."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from impl_twins import DIAGONAL, EQUATIONS

from backproof import gradcheck, impl
from backproof.cells import recurrent
from backproof.impl import CELLS, affine, diagonal_cell, in_parallel, layered_back, layered_forward, layered_gradients
from backproof.impl.activations import ACTIVATIONS
from backproof.impl.cell import Cell, Linear
from backproof.impl.cells.residual import adding
from backproof.referee.cellcheck import answered, climbed, compared
from backproof.referee.cellladder import RUNGS, drawn, ladder
from backproof.theory.nets.layered_rounding import layered_tolerances

SIZE = {"lstm_layer_norm": 4}
"""Units of a run, where two are too few for float32 to decide it."""
UNDECIDED = {
    "lstm_layer_norm": {
        *("long", "more sequences than units", "no first states", "tiny", "denormal", "past 64 steps", "past 256 steps")
    }
}
"""Rungs that float64 does not decide: over two units, layer normalisation divides by almost nothing."""

EACH = pytest.mark.parametrize("name", CELLS)


@EACH
@pytest.mark.parametrize("scanned", [False, True])
def test_gradients_are_right_at_every_rung_that_float64_decides(name, scanned):
    if scanned and name not in DIAGONAL:
        return
    cell = in_parallel(CELLS[name]) if scanned else CELLS[name]
    found = {rung: wrong for rung, _, wrong in climbed(partial(layered_gradients, cell), EQUATIONS[name])}
    assert found == {rung: None if rung in UNDECIDED.get(name, ()) else [] for rung in RUNGS}


def spoiled(cell, dropped, where):
    """The cell with one thing that a step hands back, to a state or to a product, lost."""

    def back(w, v, d):
        both = [dict(found) for found in cell.back(w, v, d)]
        both[where][dropped] = np.zeros_like(both[where][dropped])
        return both

    return replace(cell, back=back)


@EACH
def test_whatever_a_step_forgets_to_hand_back_is_seen(name):
    cell = CELLS[name]
    for where, names in enumerate((cell.states, {linear.into for linear in cell.linear})):
        for dropped in names:
            subject = partial(layered_gradients, spoiled(cell, dropped, where))
            assert any(
                not one.passes for _, run in ladder(EQUATIONS[name]) for one in compared(answered(subject, run), run)
            ), dropped


@EACH
def test_tiny_huge_and_saturated_runs_warn_of_nothing(name):
    rungs = dict(ladder(EQUATIONS[name]))
    with np.errstate(all="raise"):
        for rung in ("tiny", "huge", "saturated"):
            run = rungs[rung]
            found = layered_gradients(CELLS[name], run.passed, run.inputs, run.targets, run.asked)
            assert all(np.isfinite(gradient).all() for gradient in found.values())
            assert found["h0" if "h0" in found else "s0"].any() or name == "indrnn"


@EACH
def test_float32_stays_float32_and_is_right(name):
    steps = 1 if name == "lstm_layer_norm" else 3
    run = drawn(EQUATIONS[name], np.random.default_rng(3), steps=steps, batch=2, size=SIZE.get(name, 2))
    single = {key: array.astype(np.float32) for key, array in run.passed.items()}
    last = {key: array.astype(np.float32) for key, array in run.asked.items()}
    inputs, upstream = run.inputs.astype(np.float32), run.targets.astype(np.float32)
    found = layered_gradients(CELLS[name], single, inputs, upstream, last)
    expected = layered_gradients(CELLS[name], run.passed, run.inputs, run.targets, run.asked)
    narrow, wide = layered_tolerances(run, np.float32), layered_tolerances(run)
    for key, gradient in found.items():
        assert gradient.dtype == np.float32
        assert np.all(np.abs(gradient - expected[key]) <= narrow[key] + wide[key]), key


@EACH
def test_a_sequence_cut_in_two_with_the_states_carried_is_the_whole_one(name):
    cell = CELLS[name]
    run = drawn(EQUATIONS[name], np.random.default_rng(4), steps=5, batch=2, size=SIZE.get(name, 2))
    bounds = layered_tolerances(run)
    whole = layered_gradients(cell, run.passed, run.inputs, run.targets, run.asked)
    parts, passed = [], dict(run.passed)
    for steps in (slice(0, 2), slice(2, 5)):
        told = {key: passed[key][steps] for key in cell.given}
        parts.append(layered_forward(cell, passed | told, run.inputs[steps]))
        passed |= {f"{state}0": value for state, value in parts[-1].last.items()}
    late = layered_back(parts[1], run.targets[2:], run.asked)
    early = layered_back(parts[0], run.targets[:2], {state: late[f"{state}0"] for state in cell.states})
    joined = early | {key: early[key] + late[key] for key in cell.shapes}
    joined["inputs"] = np.concatenate([early["inputs"], late["inputs"]])
    assert joined.keys() == whole.keys()
    for key, gradient in joined.items():
        assert np.all(np.abs(gradient - whole[key]) <= 2 * bounds[key]), key


def test_the_products_of_gates_are_stacked_under_their_names():
    W = Linear(name="W_zr", stacks=("W_z", "W_r"), shape="nn", into="a_zr", by="h_before")
    U = Linear(name="U_zr", stacks=("U_z", "U_r"), shape="nm", into="a_zr", by="x")
    assert affine("zr") == (W, U, Linear(name="b_zr", stacks=("b_z", "b_r"), shape="n", into="a_zr"))
    W = Linear(name="W", stacks=("W",), shape="nr", into="a", by="kept")
    U = Linear(name="U", stacks=("U",), shape="nm", into="a", by="x")
    assert affine("", by="kept", reads="r") == (W, U, Linear(name="b", stacks=("b",), shape="n", into="a"))


ADDING = {"residual": (1, 1, 0), "leaky": (3 / 4, 1 / 4, 0), "antisymmetric": (1, 1 / 8, 1 / 16)}
"""What is kept of the state, the share of what is added, and the damping."""


def made_again(name):
    """The cell from what makes it, with the numbers of the paper or of its equations."""
    cell = CELLS[name]
    if cell.diagonal:
        output = cell.output if cell.output not in cell.states else None
        return diagonal_cell(cell.name, cell.diagonal, cell.linear, size=cell.width, output=output)
    kept, added, damping = {"residual": (1, 1, 0), "leaky": (3 / 4, 1 / 4, 0), "antisymmetric": (1, 1 / 8, 1 / 16)}[
        name
    ]
    more = {"damping": damping, "linear": cell.linear} if damping else {}
    return adding(cell.name, kept=kept, added=added, **more)


@pytest.mark.parametrize("name", [*DIAGONAL, *ADDING])
def test_cells_that_are_made_are_right(name):
    made, there = made_again(name), CELLS[name]
    for said in ("name", "states", "linear", "output", "width", "given", "diagonal", "scanned"):
        assert getattr(made, said) == getattr(there, said)
    for rung in ("a few steps", "the last states alone"):
        run = dict(ladder(EQUATIONS[name]))[rung]
        assert all(one.passes for one in compared(answered(partial(layered_gradients, made), run), run))


def test_first_states_left_out_are_zeros_and_arguments_are_left_alone():
    rng = np.random.default_rng(5)
    run = drawn(EQUATIONS["lstm_zoneout"], rng, steps=3, batch=2, size=2)
    zeros = run.passed | {"h0": np.zeros((2, 2)), "c0": np.zeros((2, 2))}
    without = {name: array for name, array in zeros.items() if name not in ("h0", "c0")}
    before = {name: array.copy() for name, array in zeros.items()}
    for array in (*zeros.values(), run.inputs, run.targets):
        array.flags.writeable = False
    found = [layered_gradients(CELLS["lstm_zoneout"], p, run.inputs, run.targets, {}) for p in (zeros, without)]
    for name, gradient in found[0].items():
        np.testing.assert_array_equal(found[1][name], gradient)
    for name, array in zeros.items():
        np.testing.assert_array_equal(array, before[name])


def test_first_states_left_out_are_of_the_format_of_the_rest():
    rng = np.random.default_rng(8)
    params = {f"{kind}_{j}": rng.normal(size=(2, 2)[: 1 + (kind != "b")]) for kind in "WUb" for j in "zrn"}
    params = {name: array.astype(np.float32) for name, array in params.items()}
    inputs = rng.normal(size=(3, 1, 2)).astype(np.float32)
    alone = layered_gradients(CELLS["gru"], params, inputs, inputs, {})
    outside = {"V": np.eye(2, dtype=np.float32), "c": np.zeros(2, np.float32)}
    whole = impl.gru_gradients(params | outside, inputs, np.zeros((3, 1), int))
    assert {gradient.dtype for gradient in (*alone.values(), *whole.values())} == {np.dtype(np.float32)}


def test_nothing_from_above_is_zeros():
    run = drawn(EQUATIONS["mgu"], np.random.default_rng(6), steps=3, batch=1, size=2)
    net = layered_forward(CELLS["mgu"], run.passed, run.inputs)
    zeros, none = layered_back(net, np.zeros((3, 1, 2)), run.asked), layered_back(net, None, run.asked)
    for name, gradient in zeros.items():
        np.testing.assert_array_equal(none[name], gradient)
    assert not any(gradient.any() for gradient in layered_back(net, None).values())


def test_a_zoned_out_step_hands_everything_on():
    run = drawn(EQUATIONS["lstm_zoneout"], np.random.default_rng(7), steps=3, batch=1, size=2)
    kept = run.passed | {"d": np.ones((3, 1, 2)), "e": np.ones((3, 1, 2))}
    net = layered_forward(CELLS["lstm_zoneout"], kept, run.inputs)
    np.testing.assert_array_equal(net.outputs, np.broadcast_to(kept["h0"], (3, 1, 2)))
    found = layered_back(net, None, run.asked)
    np.testing.assert_array_equal(found["h0"], run.asked["h"])
    np.testing.assert_array_equal(found["c0"], run.asked["c"])
    assert not found["W_g"].any()


def test_gates_of_a_min_lstm_that_both_underflow_still_share():
    U, b = np.zeros((1, 1)), np.full(1, -1000.0)
    params = {f"U_{gate}": U for gate in "fih"} | {"b_f": b, "b_i": b + np.log(3), "b_h": np.ones(1)}
    run = layered_forward(CELLS["min_lstm"], params, np.ones((1, 1, 1)))
    # i/f = 3, and so 3/4 of the candidate 1; an ulp of 1000 is 1.1e-13.
    np.testing.assert_allclose(run.outputs, 0.75, rtol=1e-13)


def test_an_exponential_gate_of_an_slstm_does_not_overflow():
    U, W, b = np.zeros((1, 1)), np.zeros((1, 1)), np.zeros(1)
    params = {f"{kind}_{gate}": value for kind, value in {"U": U, "W": W, "b": b}.items() for gate in "ifqg"}
    params |= {"b_i": np.full(1, 1e4), "b_g": np.ones(1), "w0": np.ones((1, 1))}
    run = layered_forward(CELLS["slstm"], params, np.ones((4, 1, 1)))
    np.testing.assert_allclose(run.outputs, np.tanh(1) / 2, rtol=4e-16)


def test_where_both_gates_of_an_slstm_are_equal_the_one_that_keeps_is_the_larger():
    params = {f"{kind}_{gate}": np.zeros((1, 1)[: 1 + (kind != "b")]) for kind in "WUb" for gate in "ifqg"}
    params["w0"] = np.ones((1, 1))
    found = layered_gradients(CELLS["slstm"], params, np.ones((1, 1, 1)), None, {"k": np.full((1, 1), 5.0)})
    assert (found["b_f"].item(), found["k0"].item(), found["b_i"].item()) == (5, 5, 0)


TWO = np.eye(2)
LINEAR = {"W": TWO, "U": TWO, "b": np.zeros(2)}


@pytest.mark.parametrize(
    ("text", "params", "inputs", "upstream"),
    [
        ("the hidden state overflowed at step 2: it exceeds the range of float64", {"u": [1e200] * 2}, 1e150, 1.0),
        ("the gradient of the pre-activation overflowed at step 1: it exceeds", {"u": [1e200] * 2}, 1e-50, 1e150),
        ("the gradient of U overflowed: it exceeds", {}, 1e200, 1e200),
    ],
)
def test_overflow_names_quantity_and_step(text, params, inputs, upstream):
    given = {"U": TWO, "u": np.zeros(2), "b": np.zeros(2)} | {name: np.array(value) for name, value in params.items()}
    with pytest.raises(FloatingPointError, match=f"^{text}"):
        layered_gradients(CELLS["indrnn"], given, np.full((2, 1, 2), inputs), np.full((2, 1, 2), upstream), {})


def last_ones(**last):
    return partial(layered_gradients, CELLS["residual"], LINEAR, np.ones((3, 1, 2)), np.ones((3, 1, 2)), last)


def at(name="residual", inputs=np.ones((3, 1, 2)), **changes):  # noqa: B008
    return partial(layered_forward, CELLS[name], {**LINEAR, **changes}, inputs)


REFUSED = {
    "no mapping": (
        partial(layered_forward, CELLS["mgu"], [], TWO),
        TypeError,
        "params: expected a mapping .* got list",
    ),
    "unknown": (at(V=TWO), ValueError, "params: unknown parameter 'V', expected 'W', 'U', 'b', 'h0'$"),
    "missing": (at("indrnn", u=TWO[0], W=TWO), ValueError, "params: unknown parameter 'W'"),
    "mask missing": (partial(layered_forward, CELLS["lstm_zoneout"], {}, TWO), ValueError, "got no .*'d', 'e'$"),
    "no array": (at(W=[[1.0]]), TypeError, r"params\['W'\]: expected a NumPy array of float32 or float64, got list"),
    "another type": (at(U=TWO.astype(np.float32)), TypeError, r"params\['U'\]: expected float64 like the rest"),
    "not finite": (at(b=np.array([0, np.nan])), ValueError, r"params\['b'\]: expected finite entries, got nan"),
    "no matrix": (at(W=TWO[0]), ValueError, r"params\['W'\]: expected a non-empty matrix, got shape \(2,\)"),
    "empty": (at(b=TWO[0, :0]), ValueError, r"params\['b'\]: expected a non-empty vector, got shape \(0,\)"),
    "a shape": (at(U=np.ones((2, 3))), ValueError, r"params\['U'\]: expected shape \(2, 2\), got shape \(2, 3\)"),
    "first states": (at(h0=np.ones(2)), ValueError, r"params\['h0'\]: expected shape \(1, 2\), got shape \(2,\)"),
    "inputs of two axes": (at(inputs=TWO), ValueError, r"inputs: expected shape \(T, B, m\) .* got shape \(2, 2\)"),
    "inputs of another type": (at(inputs=[[[1.0]]]), TypeError, "inputs: expected a NumPy array"),
    "no steps": (at(inputs=np.ones((0, 1, 2))), ValueError, r"inputs: expected shape .* got shape \(0, 1, 2\)"),
    "lengths of none": (at(lengths=np.array([1])), ValueError, "params: unknown parameter 'lengths'"),
    "a last state": (last_ones(c=TWO), ValueError, "last: unknown state 'c', expected 'h'$"),
    "last states": (lambda: layered_back(at()(), None, [1.0]), TypeError, "last: expected a mapping .*, got list$"),
    "its shape": (last_ones(h=TWO), ValueError, r"last\['h'\]: expected shape \(1, 2\), got shape \(2, 2\)"),
    "its type": (last_ones(h=1.0), TypeError, r"last\['h'\]: expected a NumPy array"),
    "its format": (last_ones(h=np.ones((1, 2), np.float32)), TypeError, r"last\['h'\]: expected float64 like the rest"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_with_an_argument_is_said_by_name(case):
    call, error, says = REFUSED[case]
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize(
    ("upstream", "error", "says"),
    [
        (np.ones((3, 1, 3)), ValueError, r"upstream: expected shape \(3, 1, 2\), got shape \(3, 1, 3\)"),
        (np.ones((3, 1, 2), np.float32), TypeError, "upstream: expected float64 like the rest, got float32"),
        (np.full((3, 1, 2), np.inf), ValueError, "upstream: expected finite entries, got inf"),
    ],
)
def test_upstream_gradients_are_checked(upstream, error, says):
    run = at()()
    with pytest.raises(error, match=says):
        layered_back(run, upstream)


def test_a_cell_of_ones_own_runs_through_the_same_interface():
    """A cubic cell h = (W h⁻)³ + U x: three lines, and time, batch, sums and checks come with it."""
    cubic = Cell(
        name="cubic",
        states={"h": "n"},
        linear=(
            Linear(name="W", stacks=("W",), shape="nn", into="a", by="h_before"),
            Linear(name="U", stacks=("U",), shape="nm", into="added", by="x"),
        ),
        forward=lambda w, v: {"a": v["h_before"] @ w["W"].T, "h": (v["h_before"] @ w["W"].T) ** 3 + v["added"]},
        back=lambda w, v, d: (
            {"h": 3 * v["a"] ** 2 * d["h"] @ w["W"]},
            {"a": 3 * v["a"] ** 2 * d["h"], "added": d["h"]},
        ),
    )
    params = {"W": np.array([[2.0]]), "U": np.array([[1.0]]), "h0": np.array([[0.5]])}
    found = layered_gradients(cubic, params, np.array([[[1.0]], [[3.0]]]), np.array([[[0.0]], [[1.0]]]), {})
    # h_1 = 1 + 1 = 2, h_2 = 4³ + 3: ∂h_2/∂h_1 = 3·16·2 = 96, ∂h_1/∂h_0 = 3·2 = 6.
    assert {name: gradient.ravel().tolist() for name, gradient in found.items()} == {
        "W": [48 * 2 + 96 * 3 * 0.5],
        "U": [3 + 96.0],
        "h0": [576.0],
        "inputs": [96.0, 1.0],
    }


def test_a_parameter_of_two_products_gets_the_sum_of_its_shares():
    twice = [Linear(name=f"W{k}", stacks=("W",), shape="nn", into=f"a{k}", by="h_before") for k in "12"]
    doubled = Cell(
        name="doubled",
        states={"h": "n"},
        linear=(
            *twice,
            Linear(name="U", stacks=("U",), shape="nm", into="added", by="x"),
            Linear(name="d", stacks=("d",), shape="m", into="added", by="x"),
        ),
        forward=lambda w, v: {"h": v["h_before"] @ w["W1"].T + v["h_before"] @ w["W2"].T + v["added"]},
        back=lambda w, v, d: ({"h": d["h"] @ (w["W1"] + w["W2"])}, {"a1": d["h"], "a2": d["h"], "added": d["h"]}),
    )
    params = {"W": np.array([[3.0]]), "U": np.array([[1.0]]), "d": np.array([7.0]), "h0": np.array([[2.0]])}
    run = layered_forward(doubled, params, np.ones((1, 1, 1)))
    assert run.outputs.item() == 2 * 3 * 2 + 1 + 7
    found = {name: gradient.item() for name, gradient in layered_back(run, np.ones((1, 1, 1))).items()}
    assert found == {"W": 4, "U": 1, "d": 1, "h0": 6, "inputs": 8}


def test_slopes_and_names_are_those_of_the_package():
    assert set(ACTIVATIONS) >= {"tanh", "sigmoid", "softplus", "relu"}
    assert {"CELLS", "in_parallel", "layers", "layered_forward", "layered_back"} <= set(impl.__all__)


def test_a_cell_by_its_name_is_that_cell_and_another_name_is_none():
    _, run = list(ladder(EQUATIONS["mgu"]))[1]
    found = impl.cell_gradients("mgu", run.passed, run.inputs, run.targets, run.asked)
    other = layered_gradients(CELLS["mgu"], run.passed, run.inputs, run.targets, run.asked)
    assert found.keys() == other.keys()
    assert all(np.array_equal(found[name], other[name]) for name in other)
    without = impl.cell_gradients("mgu", run.passed, run.inputs, run.targets, {})
    assert not np.array_equal(found["W_f"], without["W_f"])
    with pytest.raises(NotImplementedError, match=r"^cell: expected one of antisymmetric, gru, .*, slstm, got 'none'$"):
        impl.cell_gradients("none", run.passed, run.inputs, run.targets, run.asked)


def test_at_the_kink_of_its_candidate_the_min_gru_has_the_slope_from_the_left():
    at_rest = recurrent(EQUATIONS["min_gru"], U_z=[[1]], U_h=[[0]], inputs=[[1]], upstream=[[1]])
    gradcheck(partial(impl.cell_gradients, "min_gru"), at_rest)
    found = impl.cell_gradients("min_gru", at_rest.passed, at_rest.inputs, at_rest.targets, {})
    np.testing.assert_allclose(found["b_h"], [0.25 / (1 + np.exp(-1))], rtol=1e-15)


def test_a_gru_says_what_its_gates_read_and_what_is_reset():
    random = np.random.default_rng(0)
    params = {f"{w}_{j}": random.normal(size=(2, 2)) for w in "WU" for j in "zrn"}
    params |= {f"b_{j}": random.normal(size=2) for j in "zrn"} | {"V": np.eye(2), "c": np.zeros(2)}
    run = impl.gru_forward(params, random.normal(size=(3, 1, 2)))
    assert set(run.pre_activations) == set(run.gates) == set("zrn")
    for gate in "zr":
        np.testing.assert_allclose(run.gates[gate], 1 / (1 + np.exp(-run.pre_activations[gate])), rtol=1e-14)
    np.testing.assert_allclose(run.gates["n"], np.tanh(run.pre_activations["n"]), rtol=1e-14)
    np.testing.assert_allclose(run.reset_states, run.gates["r"] * run.hidden_states[:-1], rtol=1e-14)
    with pytest.raises(ValueError, match=r"params\['c'\]: expected shape"):
        impl.gru_forward(params | {"c": np.zeros(3)}, random.normal(size=(3, 1, 2)))
