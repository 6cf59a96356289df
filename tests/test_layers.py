"""Nets of layers: stacks, two directions, lengths, masks, residuals, ties and losses, against cuts, flips and sums."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from sympy import MatrixSymbol, OneMatrix, exp, tanh

from backproof import WrongGradient, gradcheck, net
from backproof.cells import CellError, affine, cell, layers, loss, recurrent, times
from backproof.notation import c, h, m, n, o, p, t, x, y
from backproof.referee.cellcheck import by_equations, climbed, wrong_at
from backproof.referee.cellladder import drawn, ladder
from backproof.referee.cellwords import verified
from backproof.theory.arithmetic import Balls, Floats, precision
from backproof.theory.nets.layered_passes import Pass, gradients_in
from backproof.theory.nets.layers import joint_faults, layered_faults, other_conventions
from backproof.theory.nets.unrolled import Unrolled

ELMAN = cell("Elman", {h[t]: affine("", h[t - 1]).applyfunc(tanh)})
GATE = cell("gate", {h[t]: times(MatrixSymbol("u", n, 1), h[t - 1])})
V = MatrixSymbol("V", p, n)
READ_OUT = cell(
    "Elman with readout",
    {h[t]: affine("", h[t - 1]).applyfunc(tanh), o[t]: V * h[t] + MatrixSymbol("c", p, 1)},
    output=o,
)
GRU = import_module("backproof.theory.cells.gru_reset_after").CELL
LSTM = import_module("backproof.theory.cells.lstm_projection").CELL
NETS = {
    "stack": layers(ELMAN, ELMAN),
    "two directions": layers((ELMAN, ELMAN), lengths=True),
    "two layers of two directions": layers((LSTM, GRU), (ELMAN, GRU), lengths=True, dropout=True),
    "residual": layers((ELMAN, ELMAN), ELMAN, residual=True, added=True, dropout=True),
    "tied": layers(ELMAN, ELMAN, tied={"W_l1": "W_l0"}),
    "classes": layers((READ_OUT, READ_OUT), lengths=True, loss="cross_entropy", reduction="mean over valid steps"),
    "binary": layers(ELMAN, ELMAN, loss="binary_cross_entropy", reduction="last", lengths=True),
    "huber": layers(READ_OUT, loss="huber", reduction="mean of the sequences' means", lengths=True),
}


def floats(run):
    """Every gradient in float64."""
    return gradients_in(run, Floats())


@pytest.mark.parametrize("name", NETS)
def test_the_gradients_of_a_net_are_those_of_forward_differentiation(name):
    compared, wrong = verified(NETS[name], runs=1)
    assert wrong == []
    assert compared >= 9


@pytest.mark.parametrize("name", NETS)
def test_right_code_passes_at_every_rung(name):
    assert all(wrong == [] for _, _, wrong in climbed(by_equations(NETS[name]), NETS[name]))


@pytest.mark.parametrize("name", ["two directions", "residual", "classes", "huber"])
def test_faults_between_layers_and_other_conventions_are_caught_and_named(name):
    of = NETS[name]
    for faulty in (*joint_faults(of), *other_conventions(of)):
        with pytest.raises(WrongGradient) as wrong:
            gradcheck(by_equations(faulty), of)
        assert f"It looks like this fault: {faulty.what}." in str(wrong.value), faulty.what


def test_a_fault_in_one_cell_of_a_net_is_named_with_its_place():
    of = NETS["stack"]
    (faulty,) = (one for one in layered_faults(of) if one.what.startswith("node 2") and one.what.endswith("W for Wᵀ"))
    with pytest.raises(WrongGradient, match=r"It looks like this fault: node 2, h̄\[t\].*W for Wᵀ"):
        gradcheck(by_equations(faulty), of)


# What layers are, said in another way.


def test_a_second_direction_is_flip_forward_flip_within_each_length():
    of = layers((ELMAN, ELMAN), lengths=True)
    run = drawn(of, np.random.default_rng(1), steps=4, batch=2, size=3)
    found = floats(run)
    for index, length in enumerate(run.lengths):
        flipped = recurrent(
            ELMAN,
            inputs=run.inputs[length - 1 :: -1, [index]] if length < 4 else run.inputs[::-1, [index]],
            upstream=run.targets[:length, [index], 3:][::-1],
            last={"h": run.asked["h_l0_reverse"][[index]]},
            h0=run.arrays["h0_l0_reverse"][[index]],
            **{name: run.arrays[f"{name}_l0_reverse"] for name in "WUb"},
        )
        straight = recurrent(
            ELMAN,
            inputs=run.inputs[:length, [index]],
            upstream=run.targets[:length, [index], :3],
            last={"h": run.asked["h_l0"][[index]]},
            h0=run.arrays["h0_l0"][[index]],
            **{name: run.arrays[f"{name}_l0"] for name in "WUb"},
        )
        both = floats(straight)["inputs"] + floats(flipped)["inputs"][::-1]
        mine = found["inputs"].reshape(run.inputs.shape)[:length, index]
        np.testing.assert_allclose(mine, both, rtol=1e-14, atol=1e-16)
        np.testing.assert_array_equal(found["h0_l0_reverse"][index], floats(flipped)["h0"][0])


def test_padding_changes_nothing_whatever_it_holds():
    of = layers((ELMAN, GRU), (GRU, ELMAN), lengths=True)
    run = drawn(of, np.random.default_rng(2), steps=5, batch=3, size=2)
    beyond = np.arange(5)[:, None] >= run.lengths
    assert beyond.any()
    other = replace(run, inputs=np.where(beyond[..., None], 1e9, run.inputs))
    first, second = floats(run), floats(other)
    for name, value in first.items():
        np.testing.assert_array_equal(second[name], value)
    assert not first["inputs"].reshape(run.inputs.shape)[beyond].any()


def test_a_sequence_cut_in_two_with_the_state_carried_is_the_whole_one():
    run = drawn(GRU, np.random.default_rng(3), steps=5, batch=1, size=2)
    whole = floats(run)
    weights = {name: run.arrays[name] for name in run.parameters}
    first = recurrent(GRU, inputs=run.inputs[:2], upstream=run.targets[:2], h0=run.arrays["h0"], **weights)
    state = Pass(first, 0, Floats()).outputs[-1].T
    second = recurrent(GRU, inputs=run.inputs[2:], upstream=run.targets[2:], last=run.asked, h0=state, **weights)
    late = floats(second)
    early = floats(replace(first, asked={"h": late["h0"]}))
    for name in weights:
        np.testing.assert_allclose(early[name] + late[name], whole[name], rtol=1e-13, atol=1e-16)
    np.testing.assert_allclose(np.concatenate([early["inputs"], late["inputs"]]), whole["inputs"], rtol=1e-13)


def test_a_first_state_that_the_batch_shares_has_the_sum_of_the_gradients():
    run = drawn(ELMAN, np.random.default_rng(4), steps=3, batch=3, size=2)
    arrays = dict(run.arrays) | {"h0": run.arrays["h0"][0]}
    shared = recurrent(ELMAN, inputs=run.inputs, upstream=run.targets, last=run.asked, **arrays)
    own = replace(run, arrays={**run.arrays, "h0": np.tile(run.arrays["h0"][0], (3, 1))})
    np.testing.assert_allclose(floats(shared)["h0"].ravel(), floats(own)["h0"].sum(axis=0), rtol=1e-14)
    assert wrong_at(by_equations(ELMAN), shared) == []


def test_tied_parameters_have_the_sum_of_the_gradients():
    tied = drawn(NETS["tied"], np.random.default_rng(5), steps=3, batch=2, size=2)
    apart = recurrent(
        NETS["stack"],
        inputs=tied.inputs,
        upstream=tied.targets,
        last=tied.asked,
        W_l1=tied.arrays["W_l0"],
        **tied.arrays,
    )
    both = floats(apart)
    np.testing.assert_allclose(floats(tied)["W_l0"], both["W_l0"] + both["W_l1"], rtol=1e-14)
    assert "W_l1" not in floats(tied)


@pytest.mark.parametrize(
    ("charged", "reduction"), [("cross_entropy", "mean"), ("squared_error", "sum"), ("huber", "mean")]
)
def test_a_cell_with_a_loss_is_the_elman_net_of_the_textbook(charged, reduction):
    of = replace(layers(READ_OUT, loss=charged, reduction=reduction))
    run = drawn(of, np.random.default_rng(6), steps=3, batch=2, size=3)
    classes = run.targets.dtype.kind == "i"
    run = replace(run, counted=None, asked={}, targets=np.maximum(run.targets, 0) if classes else run.targets)
    arrays = {name.removesuffix("_l0"): array for name, array in run.arrays.items()}
    textbook = net(inputs=run.inputs, targets=run.targets, loss=charged, reduction=reduction, **arrays)
    each = [Unrolled(sequence, Balls()).backward() for sequence in textbook.sequences()]
    with precision(120):
        found = gradients_in(run, Balls())
        for name in "WUVbc":
            total = Balls().sum_time([one[name] for one in each])
            assert all(a.overlaps(b) for a, b in zip(found[f"{name}_l0"].entries(), total.entries(), strict=True))


def test_a_step_without_class_counts_for_nothing():
    of = layers(READ_OUT, loss="cross_entropy", reduction="mean over valid steps")
    arrays = {"W_l0": [[0.5]], "U_l0": [[1]], "V_l0": [[1], [-1]]}
    ignored = recurrent(of, inputs=[[1], [2], [3]], targets=[0, -1, -1], **arrays)
    short = recurrent(of, inputs=[[1]], targets=[0], **arrays)
    for name in ("W_l0", "U_l0", "V_l0", "c_l0"):
        np.testing.assert_array_equal(floats(ignored)[name], floats(short)[name])


def test_the_mean_over_valid_steps_is_not_the_mean_of_the_means():
    arrays = {"W_l0": [[0]], "U_l0": [[1]], "V_l0": [[1]], "lengths": [2, 1]}
    inputs, targets = [[[1], [1]], [[1], [1]]], [[[0], [0]], [[0], [0]]]
    found = [
        floats(
            recurrent(
                layers(READ_OUT, loss="squared_error", lengths=True, reduction=reduction),
                inputs=inputs,
                targets=targets,
                **arrays,
                c_l0=[2],
            )
        )["inputs"]
        for reduction in ("mean over valid steps", "mean of the sequences' means")
    ]
    np.testing.assert_allclose(found[0][:3] * [[3], [3], [3]], found[1][:3] * [[4], [2], [4]], rtol=1e-15)


def test_a_loss_of_ones_own_is_derived():
    poisson = loss("Poisson", OneMatrix(1, p) * o[t].applyfunc(exp) - y[t].T * o[t])
    of = layers(READ_OUT, loss=poisson, reduction="sum")
    assert verified(of, runs=1)[1] == []
    assert all(wrong == [] for _, _, wrong in climbed(by_equations(of), of) if wrong is not None)


REFUSED = {
    "no layer": (lambda: layers(), "a net has a layer at least"),
    "no cell": (lambda: layers("LSTM"), "layer 0 is no cell, nor a pair"),
    "three directions": (lambda: layers((ELMAN, ELMAN, ELMAN)), "layer 0 is no cell, nor a pair"),
    "a tie of nothing": (lambda: layers(ELMAN, tied={"W_l1": "W_l0"}), "W_l1 and W_l0 cannot be tied"),
    "a tie of states": (lambda: layers(ELMAN, ELMAN, tied={"h0_l1": "h0_l0"}), "h0_l1 and h0_l0 cannot be tied"),
    "a reduction": (lambda: layers(ELMAN, reduction="average"), "reduction is one of 'sum', .* and not 'average'"),
    "a loss": (lambda: layers(ELMAN, loss="hinge"), "loss is one of 'upstream', .* and not 'hinge'"),
    "a loss that is no number": (lambda: loss("mine", o[t] - y[t]), "mine: a loss is 1 by 1"),
    "a loss of something else": (lambda: loss("mine", c.T * c), "mine: a loss reads .* and not c"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_net_is_refused_by_name(case):
    make, says = REFUSED[case]
    with pytest.raises(CellError, match=says):
        make()


WRONG = {
    "lengths of none": (ELMAN, {"lengths": [1]}, TypeError, "Elman has no lengths"),
    "a length of 0": (NETS["two directions"], {"lengths": [0]}, ValueError, "lengths must be 1 integers from 1 to 1"),
    "a loss's targets": (ELMAN, {"targets": [[1]]}, TypeError, "Elman takes upstream, and not targets"),
    "unequal layers": (
        layers(ELMAN, ELMAN, residual=True),
        {"W_l0": np.eye(2), "W_l1": np.eye(3)},
        ValueError,
        "columns of 3 and 2 rows cannot be added",
    ),
    "ties of two shapes": (
        NETS["tied"],
        {"W_l0": [[1]], "U_l1": [[1], [1]], "b_l1": [1, 2]},
        ValueError,
        r"W_l0 has two shapes, \(1, 1\) and \(2, 2\)",
    ),
    "a mask": (
        layers(ELMAN, ELMAN, dropout=True),
        {"W_l0": [[1]], "W_l1": [[1]], "mask_l1": [[1]]},
        ValueError,
        "mask_l1",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_arrays_that_do_not_fit_a_net_are_named(case):
    of, arrays, error, says = WRONG[case]
    with pytest.raises(error, match=says):
        recurrent(of, inputs=[[1]], **arrays)


WRITTEN = {
    "lengths": (layers(ELMAN, name="NET", lengths=True), {}),
    "a mask of zeros": (layers(ELMAN, ELMAN, name="NET", dropout=True), {"mask_l1": np.zeros((4, 2, 3))}),
    "weights of zeros": (layers(ELMAN, name="NET", loss="sum_of_squares"), {"weights": np.zeros((4, 2))}),
    "a shared state of zeros": (layers(ELMAN, name="NET"), {"h0_l0": np.zeros(3)}),
    "parameters of zeros": (layers(ELMAN, name="NET"), {f"{name}_l0": 0 for name in "WUb"}),
    "one column of zeros": (layers(GATE, name="NET"), {"u_l0": 0, "h0_l0": 0}),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_run_is_written_as_the_call_that_builds_it(name):
    of, changes = WRITTEN[name]
    _, drawn_run = list(ladder(of))[1]
    named = {key: drawn_run.passed[key] * 0 if np.ndim(value) == 0 else value for key, value in changes.items()}
    incoming = {"upstream" if of.loss.name == "upstream" else "targets": drawn_run.targets}
    run = recurrent(of, inputs=drawn_run.inputs, last=drawn_run.asked, **incoming, **(drawn_run.passed | named))
    again = eval(repr(run), {"recurrent": recurrent, "NET": of})
    assert run.passed.keys() == again.passed.keys()
    for key, value in run.passed.items():
        np.testing.assert_array_equal(again.passed[key], value)
    for key, value in floats(run).items():
        np.testing.assert_array_equal(floats(again)[key], value)


def test_a_parameter_called_like_a_state_is_shared_by_nothing():
    odd = cell("odd", {h[t]: times(MatrixSymbol("W0", n, 1), h[t - 1]) + MatrixSymbol("U0", n, m) * x[t]})
    with pytest.raises(ValueError, match="U0 has the shape"):
        recurrent(odd, inputs=[[1]], U0=[1], W0=[1])
