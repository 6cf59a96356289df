"""LSTM and GRU: the derived adjoint equations against forward differentiation, in every arithmetic that applies."""

from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
from flint import fmpq
from test_theory_arithmetic import distance, exact

from backproof import impl
from backproof.theory.arithmetic import (
    Balls,
    Floats,
    Multiprecision,
    NotOffered,
    Rationals,
    Rounded,
    Roundoff,
    precision,
)
from backproof.theory.confronting.backward_pass import backward, gradients_match
from backproof.theory.confronting.comparison import agree, midpoints
from backproof.theory.confronting.formats import in_dtype
from backproof.theory.evaluation import compiled
from backproof.theory.language.nodes import DirectJacobian
from backproof.theory.language.notation import h, t
from backproof.theory.nets.cells import GRU, LSTM, Cell, derive_adjoint
from backproof.theory.nets.networks import Gated, gated
from backproof.theory.nets.rounding import tolerances
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.records.catalogue import theorem

KINDS = ("lstm", "gru")


def drawn(kind, seed=0, units=3, steps=4, loss="cross_entropy", batch=1):
    """Normal numbers that fit float32."""
    rng = np.random.default_rng(seed)
    cell = gated(kind, units=units, inputs=np.zeros((steps, batch, 2)), V=np.zeros((3, units))).cell

    def normal(*shape):
        return rng.normal(size=shape).astype(np.float32).astype(np.float64) / 2

    sizes = {"n": units, "m": 2, "p": 3}
    arrays = {}
    for name, symbol in cell.symbols.items():
        shape = [sizes.get(str(size), 1) for size in symbol.shape]
        arrays[name] = normal(shape[0]) if symbol.shape[1] == 1 else normal(*shape)
    for state in cell.states:
        arrays[f"{state.base.name}0"] = normal(batch, units)
    real = loss == "squared_error"
    targets = normal(steps, batch, 3) if real else rng.integers(0, 3, (steps, batch))
    return Gated(kind=kind, arrays=arrays, inputs=normal(steps, batch, 2), targets=targets, loss=loss)


def place(name):
    return (name[0], 0) if name in ("h0", "s0") else (name, None)


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_arithmetic_gives_the_same_gradients(kind, loss):
    one = drawn(kind, loss=loss)
    floats, complexes = (Unrolled(one, Floats(dtype)).backward() for dtype in (np.float64, np.complex128))
    rounded = Unrolled(one, Rounded(Roundoff.of(np.float64))).backward()
    with mpmath.workdps(40):
        multiprecise = Unrolled(one, Multiprecision()).backward()
    for name, reference in exact(one).items():
        value = midpoints(reference)[0]
        multi = np.array([[float(entry) for entry in row] for row in multiprecise[name].tolist()])
        for other in (floats[name], complexes[name].real, rounded[name].value, multi):
            assert distance(other, value) < 1e-13
        assert agree(name, floats[name], reference, rounded[name].radius).passes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("base", [Floats(), Balls()], ids=lambda base: base.name)
def test_forward_differentiation_agrees_with_the_derived_adjoints_and_with_the_theorem(kind, base):
    one = drawn(kind, 5, units=2, steps=3)
    with precision(128):
        unrolled = Unrolled(one, base)
        derived, stated = unrolled.backward(), backward(theorem(f"gated/{kind}_gradients").statement, unrolled)
        assert set(derived) == set(stated) == set(one.parameters)
        for name, gradient in derived.items():
            forward = unrolled.loss_gradient(place(name))
            found = [midpoints(m)[0] if isinstance(base, Balls) else m for m in (forward, gradient, stated[name])]
            assert distance(found[0], found[1]) < 1e-13
            assert distance(found[2], found[1]) < 1e-13


def test_exact_rationals_refuse_the_squashing_functions_and_hold_a_cell_without_them():
    with pytest.raises(NotOffered, match="no logistic"):
        Unrolled(drawn("lstm"), Rationals())
    straight = {}
    for lhs, rhs in LSTM.equations:  # every squashing function replaced by the identity: a cell of products and sums
        straight[lhs] = rhs.replace(lambda e: hasattr(e, "function") and hasattr(e, "expr"), lambda e: e.expr)
    cell = Cell(
        name="without squashing",
        equations=tuple(straight.items()),
        states=LSTM.states,
        output=LSTM.output,
        parameters=LSTM.parameters,
        adjoints=LSTM.adjoints,
    )

    class Straight(Gated):
        @property
        def cell(self):
            return cell

    one = drawn("lstm", loss="squared_error", units=2, steps=2)
    one = Straight(kind="lstm", arrays=one.arrays, inputs=one.inputs, targets=one.targets, loss=one.loss)
    unrolled = Unrolled(one, Rationals())
    for name, gradient in unrolled.backward().items():
        assert gradient == unrolled.loss_gradient(place(name))
        assert all(isinstance(entry, fmpq) for entry in gradient.entries())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", KINDS)
def test_a_correct_implementation_stays_within_its_bounds_and_they_say_something(kind, dtype):
    worst = 0.0
    for seed in range(12):
        one = drawn(kind, seed, units=1 + seed % 4, steps=1 + 3 * (seed % 4), batch=1 + seed % 2)
        cast = in_dtype(one, dtype)
        got = getattr(impl, f"{kind}_gradients")(cast.parameters, cast.inputs, cast.targets, **cast.settings)
        bounds = tolerances(one, dtype).gradients
        parts = [exact(sequence) for sequence in one.sequences()]
        for name, bound in bounds.items():
            values = [midpoints(part[name])[0].reshape(-1) for part in parts]
            value = (np.stack(values) if name in one.initial else np.sum(values, axis=0)).reshape(bound.shape)
            error = np.abs(got[name].astype(np.float64) - value)
            slack = len(parts) * 2.0**-53 * np.abs(value)  # the references are added up in float64 here
            assert np.all(error <= bound + slack)
            assert np.all(bound < 1e5 * Roundoff.of(dtype).unit * np.linalg.norm(value))
            worst = max(worst, float(np.max(error / bound)))
    assert worst > 0.01


def spoiled(kind, change):
    original = getattr(impl, f"{kind}_gradients")

    def gradients(*args, **settings):
        found = {name: array.copy() for name, array in original(*args, **settings).items()}
        change(found)
        return found

    return SimpleNamespace(**{f"{kind}_gradients": gradients})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["h0", "V", "last"])
def test_a_planted_relative_error_of_1e_12_in_one_entry_is_caught(kind, name):
    one = drawn(kind, 3, units=3, steps=5)
    name = next(iter(one.weights)) if name == "last" else name

    def plant(found):
        if found[name].dtype == np.float64:
            found[name].flat[0] *= 1 + 1e-12

    statement = theorem(f"gated/{kind}_gradients").statement
    assert all(c.passes for c in gradients_match(statement, impl, one))
    failing = [c.what for c in gradients_match(statement, spoiled(kind, plant), one) if not c.passes]
    assert failing == [f"∂L/∂{name} in float64"]


@pytest.mark.parametrize("cell", [LSTM, GRU], ids=lambda cell: cell.name)
def test_derived_equations_stay_small_and_are_evaluated_in_linear_time(cell):
    adjoint = derive_adjoint(cell)
    derived = [local.count_ops() + back.count_ops() for _, local, back in adjoint.backward]
    derived += [summand.count_ops() for summand in adjoint.gradients.values()]
    assert sum(derived) <= 5 * sum(rhs.count_ops() for _, rhs in cell.equations)
    Unrolled(drawn(cell.name.lower(), steps=4), Floats()).backward()
    before = compiled.cache_info().misses
    Unrolled(drawn(cell.name.lower(), steps=32), Floats()).backward()
    assert compiled.cache_info().misses == before


def test_a_direct_jacobian_holds_the_gates_fixed():
    one = drawn("gru", 1)
    unrolled = Unrolled(one, Floats())
    environment = unrolled.environment.bound(t, 2)
    keep = 1 / (1 + np.exp(-unrolled.series["a_z"][2][:, 0]))
    assert distance(environment[DirectJacobian(h[t])], np.diag(keep)) < 1e-15
    assert distance(environment[DirectJacobian(h[t])], unrolled.state_jacobian(2, 1)) > 1e-3


def test_small_nets_are_built_from_what_matters():
    one = gated("gru", units=2, inputs=[[1], [0]], b_z=[64, 64], h0=[[1, -1]])
    assert one.sizes == (2, 1, 2, 1, 2)
    assert "b_z=[64, 64]" in repr(one)
    assert "W_z" not in repr(one)
    assert np.array_equal(Unrolled(one, Floats()).series["h"][2][:, 0], [1, -1])
