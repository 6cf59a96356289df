"""Cells by their equations: what is read off them, what is refused, and how right and wrong code is told apart."""

from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pytest
from sympy import Lambda, MatrixSymbol, Max, OneMatrix, Piecewise, Symbol, besselj, tanh

from backproof import NothingChecked, WrongGradient, cells, gradcheck
from backproof.cells import CellError, Sequence, affine, cell, recurrent, sigmoid, times
from backproof.notation import h, m, n, t, x
from backproof.referee import cellcheck
from backproof.referee.cellcheck import (
    answered,
    by_equations,
    climbed,
    compared,
    resembling,
    wrong_at,
)
from backproof.referee.cellladder import RUNGS, drawn, ladder
from backproof.referee.cellwords import equations_of, verified
from backproof.theory import cells as library
from backproof.theory.arithmetic import Balls, Floats, Multiprecision, Undecided, precision
from backproof.theory.confronting.comparison import agree
from backproof.theory.nets.faults import faults
from backproof.theory.nets.layered_passes import gradients_in

CELLS = {info.name: import_module(f"{library.__name__}.{info.name}").CELL for info in iter_modules(library.__path__)}
ELMAN = cell("Elman", {h[t]: affine("", h[t - 1]).applyfunc(tanh)})
c, i, f, z = (Sequence(name, n) for name in "cifz")
W, U, b = MatrixSymbol("W", n, n), MatrixSymbol("U", n, m), MatrixSymbol("b", n, 1)


@pytest.mark.parametrize("name", CELLS)
def test_the_derived_gradients_of_a_cell_are_those_of_forward_differentiation(name):
    compared, wrong = verified(CELLS[name], runs=2)
    assert wrong == []
    assert compared > 50


UNDECIDED = {
    "lstm_layer_norm": {
        *("long", "more sequences than units", "no first states", "tiny", "denormal", "past 64 steps", "past 256 steps")
    }
}
"""Rungs that float64 does not decide: over two units, layer normalisation divides by almost nothing."""


@pytest.mark.parametrize("name", CELLS)
def test_right_code_passes_at_every_rung_that_float64_decides(name):
    found = {rung: wrong for rung, _, wrong in climbed(by_equations(CELLS[name]), CELLS[name])}
    assert all(not wrong for wrong in found.values())
    assert found["one step"] == found["the last states alone"] == []
    assert {rung for rung, wrong in found.items() if wrong is None} == UNDECIDED.get(name, set())


WHOLE = ("antisymmetric", "indrnn", "leaky", "mgu", "min_gru", "residual")


@pytest.mark.parametrize("name", WHOLE)
def test_every_fault_of_a_cell_is_caught_and_named(name):
    for faulty in faults(CELLS[name]):
        with pytest.raises(WrongGradient) as wrong:
            gradcheck(by_equations(faulty), CELLS[name])
        assert f"It looks like this fault: {faulty.what}." in str(wrong.value), faulty.what


@pytest.mark.parametrize("name", sorted(set(CELLS) - {*WHOLE, "lstm_layer_norm"}))
def test_some_fault_of_each_further_cell_is_caught(name):
    for faulty in list(faults(CELLS[name]))[::13]:
        with pytest.raises(WrongGradient):
            gradcheck(by_equations(faulty), CELLS[name])


@pytest.mark.parametrize("seed", range(6))
def test_no_right_code_is_convicted(seed):
    for one in CELLS.values():
        run = drawn(one, np.random.default_rng(seed), steps=3, batch=2, size=2 + seed % 2)
        try:
            assert wrong_at(by_equations(one), run) == []
        except Undecided:
            assert one is CELLS["lstm_layer_norm"]


# What is read off the equations.


def test_equations_stand_in_any_order_and_what_a_function_is_applied_to_is_named():
    one = cell(
        "minimal",
        {
            h[t]: times(z[t], h[t - 1]) + times(i[t], c[t]),
            c[t]: (U * x[t] + b).applyfunc(tanh),
            z[t]: sigmoid(W * h[t - 1]),
            i[t]: sigmoid(c[t]),
        },
    )
    order = [lhs.name for lhs, _ in one.equations]
    assert order.index("a_c") < order.index("c") < order.index("i") < order.index("h") < order.index("out")
    assert [state.base.name for state in one.states] == ["h"]
    assert {w.name for w in one.parameters} == {"W", "U", "b"}
    assert len(one.nonlinear_inputs) == 3


def test_the_output_is_h_or_the_last_state_or_what_is_said():
    def read(equations, **more):
        made = cell("some", equations, **more)
        return str(made.equations[-1][1])

    two = {c[t]: sigmoid(W * c[t - 1]), h[t]: c[t].applyfunc(tanh)}
    assert read(two) == "h[t]"
    assert read({c[t]: sigmoid(W * c[t - 1]), z[t]: c[t].applyfunc(tanh)}) == "c[t]"
    assert read({c[t]: sigmoid(W * c[t - 1]), z[t]: c[t].applyfunc(tanh)}, output=z) == "z[t]"


REFUSED = {
    "never written": ({h[t]: W * h[t - 1] + c[t - 1]}, r"h\[t\] reads c\[t - 1\], and no equation writes c\[t\]"),
    "in a circle": ({h[t]: W * h[t - 1] + i[t], i[t]: sigmoid(h[t])}, r"(h\[t\]|i\[t\]|a_i\[t\]).* need each other"),
    "two steps back": ({h[t]: W * h[t - 2]}, r"h\[t\] reads h\[t - 2\]; a step reads"),
    "the next input": ({h[t]: W * h[t - 1] + U * x[t + 1]}, r"reads x\[t \+ 1\]"),
    "a last input": ({h[t]: W * h[t - 1] + U * x[t - 1]}, r"reads x\[t - 1\]"),
    "another shape": ({h[t]: W}, r"h\[t\] is n by 1, and its right side n by n"),
    "a number": ({h[t]: 3}, "its right side a number"),
    "not a quantity": ({W: W}, "gives a quantity at t, like h"),
    "at another time": ({h[t + 1]: W * h[t]}, "gives a quantity at t"),
    "nothing recurs": ({h[t]: sigmoid(U * x[t])}, "nothing is read at t − 1"),
    "a number without value": ({h[t]: Symbol("epsilon") * W * h[t - 1]}, "epsilon has no value"),
    "not understood": (
        {h[t]: (W * h[t - 1]).applyfunc(Lambda(Symbol("v"), besselj(0, Symbol("v"))))},
        "besselj is not understood",
    ),
    "the inputs' name": ({x[t]: U * x[t]}, "x is the name of inputs"),
    "a float": ({h[t]: 0.5 * W * h[t - 1]}, r"0\.5 is not an exact number"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_equations_leave_open_is_refused_by_name(case):
    equations, says = REFUSED[case]
    with pytest.raises(CellError, match=says):
        cell("mine", equations)


def test_an_output_has_to_be_written():
    with pytest.raises(CellError, match=r"no equation writes the output z\[t\]"):
        cell("mine", {h[t]: W * h[t - 1]}, output=z)


def test_the_equations_are_said_as_a_lecturer_writes_them():
    said = equations_of(ELMAN)
    for line in (
        "a_h[t] = U x[t] + W h[t - 1] + b",
        "h[t] = tanh(a_h[t])",
        "h̄[t] = Wᵀ ā_h[t + 1] + out̄[t]",
        "ā_h[t] = h̄[t] ∘ tanh′(a_h[t])",
        "∂L/∂W = Σ_t=1…T ā_h[t] h[t - 1]ᵀ",
        "∂L/∂x[t] = Uᵀ ā_h[t]",
    ):
        assert f"    {line}\n" in f"{said}\n"
    latex = equations_of(ELMAN, latex=True)
    assert r"\partial L/\partial W = \sum_{t=1}^{T}" in latex.replace("W_{}", "W")
    assert r"\bar{h}_{t} =" in latex
    assert "hbar" not in latex


def test_what_a_step_costs_is_said():
    """Forward and back each matrix once, and once more for its gradient."""
    said = equations_of(ELMAN)
    assert "Multiplications a step: m*n + n**2 forward, n**2 + n back, m*n + n**2 + n for the gradients" in said


def test_a_function_without_a_sign_keeps_its_parentheses():
    assert "+ z[t] ∘ (logistic(Min(0, a_h[t])) + Max(0, a_h[t]))" in equations_of(CELLS["min_gru"])


# Runs.


def test_a_run_is_built_from_lists_and_written_as_such():
    run = recurrent(ELMAN, W=[[1]], U=[[1]], inputs=[[1], [0]], upstream=[[0], [1]], last={"h": [[2]]})
    assert (run.steps, run.batch, run.parameters) == (2, 1, ("U", "W", "b"))
    assert (
        repr(run)
        == "recurrent(Elman, inputs=[[[1]], [[0]]], upstream=[[[0]], [[1]]], U=[[1]], W=[[1]], last={'h': [[2]]})"
    )
    assert run.asked["h"].tolist() == [[2]]


@pytest.mark.parametrize(
    ("arrays", "error", "says"),
    [
        ({"W": [[1]], "Q": [[1]]}, TypeError, "Elman has no array 'Q'; its own are U, W, b, h0"),
        ({"W": [[1]], "last": {"c": [[1]]}}, TypeError, "no array 'c'"),
        ({"W": [[1, 2]]}, ValueError, r"W has the shape \(1, 2\), expected"),
        ({"W": [[1]], "upstream": [[1, 2]]}, ValueError, "upstream has the shape"),
        ({}, ValueError, "Elman: no array says how much n is"),
    ],
)
def test_arrays_that_do_not_fit_are_named(arrays, error, says):
    with pytest.raises(error, match=says):
        recurrent(ELMAN, inputs=[[1]], **arrays)


def test_the_loss_of_a_run_is_what_comes_in_times_what_goes_out():
    run = recurrent(ELMAN, W=[[0.5]], U=[[1]], inputs=[[1], [0]], upstream=[[0], [3]], last={"h": [[2]]})
    W_0, h_1 = 0.5, np.tanh(1.0)
    h_2 = np.tanh(W_0 * h_1)
    alpha = 5 * (1 - h_2**2)  # 3 from above and 2 from the last state
    assert gradients_in(run, Floats())["W"].item() == pytest.approx(alpha * h_1, rel=1e-15)
    assert gradients_in(run, Floats())["inputs"][1].item() == pytest.approx(alpha, rel=1e-15)


def test_every_arithmetic_evaluates_a_cell():
    _, run = next(ladder(CELLS["lstm_peephole"]))
    floats = gradients_in(run, Floats())
    with precision(120):
        balls = gradients_in(run, Balls())
    several = gradients_in(run, Multiprecision())
    for parameter, value in floats.items():
        near = np.array([float(entry) for entry in balls[parameter].entries()]).reshape(np.shape(value))
        np.testing.assert_allclose(value, near, rtol=1e-12, atol=1e-16)
        np.testing.assert_allclose(np.array(several[parameter].tolist(), float), near, rtol=1e-12, atol=1e-16)


def test_a_padded_step_changes_nothing():
    """Where both masks of zoneout are 1 the step is not there: for the states, and for every gradient."""
    zoneout, random = CELLS["lstm_zoneout"], np.random.default_rng(5)
    short = drawn(zoneout, random, steps=2, batch=1, size=2)
    padded = recurrent(
        zoneout,
        inputs=np.concatenate([short.inputs, random.normal(size=(2, 1, 2))]),
        upstream=np.concatenate([short.targets, np.zeros((2, 1, 2))]),
        last=short.asked,
        d=np.concatenate([short.told["d"], np.ones((2, 1, 2))]),
        e=np.concatenate([short.told["e"], np.ones((2, 1, 2))]),
        **short.arrays,
    )
    for name, value in gradients_in(short, Floats()).items():
        longer = gradients_in(padded, Floats())[name]
        np.testing.assert_array_equal(longer[: len(value)], value)
        if name == "inputs":
            assert not longer[len(value) :].any()


def row(run, index):
    """One sequence of a batch."""
    pick = slice(index, index + 1)
    own = {name: array if name in run.parameters else array[pick] for name, array in run.arrays.items()}
    return replace(
        run,
        arrays=own,
        inputs=run.inputs[:, pick],
        targets=run.targets[:, pick],
        asked={name: value[pick] for name, value in run.asked.items()},
        told={name: value[:, pick] for name, value in run.told.items()},
        lengths=run.lengths[pick],
    )


def test_rows_of_a_batch_do_not_see_each_other():
    run = drawn(CELLS["mgu"], np.random.default_rng(3), steps=3, batch=2, size=2)
    both, (first, second) = gradients_in(run, Floats()), [gradients_in(row(run, i), Floats()) for i in range(2)]
    np.testing.assert_array_equal(both["h0"], np.concatenate([first["h0"], second["h0"]]))
    np.testing.assert_allclose(both["W_f"], first["W_f"] + second["W_f"], rtol=1e-15)


def test_one_state_alone_may_be_asked_for_at_the_last_of_one_step():
    run = recurrent(CELLS["slstm"], b_i=[1], W_i=[[1]], U_g=[[1]], w0=[[1]], inputs=[[1]], last={"k": [[1]]})
    assert wrong_at(by_equations(CELLS["slstm"]), run) == []


# Code under test.


def test_one_entry_off_by_a_part_in_a_million_million_is_seen():
    def slightly(*at):
        found = by_equations(CELLS["gru_reset_after"])(*at)
        found["W_z"][0, 0] *= 1 + 1e-11
        return found

    with pytest.raises(WrongGradient, match=r"^one step: recurrent\(GRU, reset after, .*\n∂L/∂W_z\[0, 0\] is"):
        gradcheck(slightly, CELLS["gru_reset_after"])


def test_what_is_not_returned_is_left_out_unless_it_is_a_parameter():
    def without(*names):
        return lambda *at: {k: v for k, v in by_equations(ELMAN)(*at).items() if k not in names}

    gradcheck(without("inputs", "h0"), ELMAN)
    with pytest.raises(NothingChecked, match="∂L/∂U did not come back"):
        gradcheck(without("U"), ELMAN)
    assert gradcheck(without("U"), ELMAN, skip="U").parameters == ("W", "b")


def test_an_answer_without_gradients_is_none():
    still = cell("still", {h[t]: (h[t - 1] + OneMatrix(n, m) * x[t]).applyfunc(tanh)})
    for answer in ({}, {"W": 1.0}):
        with pytest.raises(NothingChecked, match="no gradient came back by h0, inputs"):
            gradcheck(lambda *at, answer=answer: answer, still)
    gradcheck(by_equations(still), still)


def test_shapes_and_kinds_of_answers_are_told():
    with pytest.raises(WrongGradient, match=r"∂L/∂W has shape \(2,\) \(the shape of b\), expected \(2, 2\)"):
        gradcheck(lambda *at: by_equations(ELMAN)(*at) | {"W": np.zeros(2)}, ELMAN)
    with pytest.raises(WrongGradient, match="gradients returns a tuple, and not gradients by name"):
        gradcheck(lambda *at: (1, 2), ELMAN)


def test_code_that_writes_to_its_arguments_is_told_so():
    def careless(params, inputs, upstream, last):
        found = by_equations(ELMAN)(params, inputs, upstream, last)
        for array in (*params.values(), inputs, upstream, *last.values()):
            array[...] = np.nan
        return found

    with pytest.raises(WrongGradient, match=r"gradients changes its argument parameters\['[WUbh]0?'\] in place"):
        gradcheck(careless, ELMAN)


def test_calls_that_differ_and_answers_that_change_are_told():
    calls = []

    def tiring(*at):
        calls.append(at)
        found = by_equations(ELMAN)(*at)
        return found | {"b": found["b"] * (1 + (len(calls) > len(RUNGS)))}

    with pytest.raises(WrongGradient, match="Two calls with the same arguments differ"):
        gradcheck(tiring, ELMAN)
    kept = {}

    def reusing(*at):
        for name, value in by_equations(ELMAN)(*at).items():
            kept.setdefault((name, value.shape), np.empty_like(value))[...] = value
        return {name: kept[name, value.shape] for name, value in by_equations(ELMAN)(*at).items()}

    with pytest.raises(WrongGradient, match="changes what an earlier one returned"):
        gradcheck(reusing, ELMAN)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_is_wrong(wrong):
    with pytest.raises(WrongGradient):
        gradcheck(lambda *at: by_equations(ELMAN)(*at) | {"b": np.full(at[0]["b"].shape, wrong)}, ELMAN)


def test_a_run_alone_can_be_checked():
    _, run = list(ladder(ELMAN))[1]
    gradcheck(by_equations(ELMAN), run)
    (transposed,) = (one for one in faults(ELMAN) if one.what.endswith("W for Wᵀ"))
    with pytest.raises(WrongGradient, match="W for Wᵀ"):
        gradcheck(by_equations(transposed), run)
    assert [one.margin <= 1 for one in compared(answered(by_equations(transposed), run), run)].count(False) >= 2
    assert resembling(answered(by_equations(transposed), run), run) == [transposed.what]


def test_what_is_public_is_there():
    assert set(cells.__all__) >= {"cell", "recurrent", "CellError", "Sequence", "affine", "sigmoid", "times"}


def test_at_a_kink_the_slope_is_that_from_the_left():
    def rectified(params, inputs, upstream, last):
        h_0, x_1 = params["h0"], inputs[0]
        on = x_1 @ params["U"].T + h_0 * params["u"] + params["b"] > 0
        alpha = (upstream[0] + last.get("h", 0)) * on
        shares = {"U": alpha.T @ x_1, "u": (alpha * h_0).sum(axis=0), "b": alpha.sum(axis=0)}
        return shares | {"h0": alpha * params["u"], "inputs": (alpha @ params["U"])[None]}

    at_rest = recurrent(CELLS["indrnn"], U=[[0], [1]], u=[0, 1], inputs=[[1]], upstream=[[1, 1]])
    gradcheck(rectified, at_rest)
    assert gradients_in(at_rest, Floats())["b"].ravel().tolist() == [0, 1]


kink, mask = Symbol("v"), Sequence("mask", 1)
CLAMPED = Piecewise((-1, kink < -1), (1, kink > 1), (kink, True))
ODD = {
    "a square": {h[t]: times(z[t], z[t]) + U * x[t], z[t]: sigmoid(W * h[t - 1])},
    "a constant column": {h[t]: times((2 * b).applyfunc(tanh), h[t - 1]) + U * x[t]},
    "a product": {h[t]: times(W * h[t - 1], U * x[t]).applyfunc(tanh)},
    "two cases of one slope": {h[t]: (W * h[t - 1] + U * x[t]).applyfunc(Lambda(kink, CLAMPED))},
    "a mask for all units": {h[t]: times(OneMatrix(n, 1) * mask[t], W * h[t - 1]) + U * x[t]},
}


@pytest.mark.parametrize("name", ODD)
def test_odd_cells_are_derived_and_checked(name):
    one = cell("odd", ODD[name], given=(mask,) if "mask" in name else ())
    assert verified(one)[1] == []
    assert all(wrong == [] for _, _, wrong in climbed(by_equations(one), one))
    for faulty in faults(one):
        with pytest.raises(WrongGradient):
            gradcheck(by_equations(faulty), one)


@pytest.mark.parametrize("taken", ["h", "h0", "inputs", "hbar"])
def test_one_name_is_one_thing(taken):
    with pytest.raises(CellError, match=f"mine: {taken} is the name of two things"):
        cell("mine", {h[t]: W * h[t - 1] + MatrixSymbol(taken, n, 1)})


def test_an_integer_that_is_no_size_has_no_value():
    with pytest.raises(CellError, match="s has no value"):
        cell("mine", {h[t]: Symbol("s", integer=True) * (W * h[t - 1])})
    assert verified(cell("mean", {h[t]: W * h[t - 1] / n}))[1] == []


def test_what_is_certainly_wrong_is_not_lost_beside_what_cannot_be_decided(monkeypatch):
    def doubting(what, *at):
        if what == "∂L/∂U":
            raise Undecided(what)
        return agree(what, *at)

    monkeypatch.setattr(cellcheck, "agree", doubting)
    monkeypatch.setattr(cellcheck, "SHORTER", 1.0)  # as where floats have no longer format
    _, run = next(ladder(ELMAN))
    right = by_equations(ELMAN)
    with pytest.raises(Undecided):
        wrong_at(right, run)
    assert any("∂L/∂W" in said for said in wrong_at(lambda *at: right(*at) | {"W": 1 + right(*at)["W"]}, run))


def test_what_is_not_finite_agrees_with_nothing():
    v = Symbol("v")
    infinite = cell("infinite", {h[t]: W * h[t - 1] + h[t - 1].applyfunc(Lambda(v, 1 / (Max(v, 9) - 9)))})
    assert verified(infinite, runs=1)[1]
