"""The derived equations against SymPy's own derivatives of the unrolled loss, and the cost of deriving them."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from entrywise import componentwise, explicit
from sympy import Eq, Function, ImmutableMatrix, MatrixSymbol, Symbol, Trace, ZeroMatrix, expand, tanh
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.arithmetic import Floats
from backproof.theory.evaluation import compiled
from backproof.theory.language.functions import LOSSES
from backproof.theory.language.nodes import Softmax, phi, phi_prime
from backproof.theory.language.notation import PARAMETERS, U, V, W, a, alpha, b, c, delta, g, h, n, o, t, x, y
from backproof.theory.nets.calculus import NotDifferentiable, jacobian, pull_back
from backproof.theory.nets.cells import ELMAN, derive_adjoint
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.normal_form import same
from backproof.theory.theorems.learning import _power_loss


def undefined(step, outputs, target):
    """A loss of which only the values of the partial derivatives have names."""
    partials = [Symbol(f"g_{step}_{i}") for i in range(len(outputs))]

    def fdiff(self, argindex=1):
        return partials[argindex - 1]

    kind = type(f"loss_{step}", (Function,), {"fdiff": fdiff, "nargs": len(partials)})
    return kind(*outputs), ImmutableMatrix(partials)


def named(name):
    def charge(step, outputs, target):
        here = {o[t]: outputs, y[t]: target}
        value, gradient = (explicit(part, 2, here) for part in (LOSSES[name].value, LOSSES[name].gradient))
        return value[0, 0], gradient

    return charge


@dataclass
class Run:
    """A net unrolled by substitution into its definition, and its gradients by the derived adjoint equations."""

    units: int
    steps: int
    charge: object

    def __post_init__(self):
        self.values = {name: explicit(symbol, self.units) for name, symbol in PARAMETERS.items()}
        self.values["h0"] = state = explicit(h[0], self.units)
        self.at, self.loss = [], 0
        p = self.values
        for s in range(1, self.steps + 1):
            inputs, before = explicit(x[s], self.units), state
            pre = p["W"] * before + p["U"] * inputs + p["b"]
            state = pre.applyfunc(phi)
            outputs = p["V"] * state + p["c"]
            charged, gradient = self.charge(s, outputs, explicit(y[s], self.units))
            self.loss += charged
            self.at.append({x[t]: inputs, h[t - 1]: before, a[t]: pre, h[t]: state, g[t]: gradient})

    def gradients(self):
        carried, totals = ImmutableMatrix.zeros(self.units, 1), {}
        for known in reversed(self.at):
            for symbol, local, _ in ELMAN.adjoint.backward:
                if symbol != g[t]:
                    share = explicit(local, self.units, known)
                    known[symbol] = share + carried if symbol == delta[t] else share
            back = next(back for symbol, _, back in ELMAN.adjoint.backward if symbol == delta[t])
            carried = explicit(back, self.units, known)
            for parameter, summand in ELMAN.adjoint.gradients.items():
                share = explicit(summand, self.units, known)
                totals[parameter.name] = totals[parameter.name] + share if parameter.name in totals else share
        return totals | {"h0": carried}

    def wrong(self, gradients):
        """Names of the quantities whose gradient is not the derivative of the unrolled loss, entry by entry."""
        return {
            name
            for name, variable in self.values.items()
            for entry, claimed in zip(variable, gradients[name], strict=True)
            if expand(self.loss.diff(entry) - claimed) != 0
        }


@cache
def run(units, steps, charge):
    return Run(units, steps, charge)


squared_error, cross_entropy = named("squared_error"), named("cross_entropy")


@pytest.mark.parametrize(
    ("units", "steps", "charge"),
    [(2, 2, undefined), (2, 3, undefined), (2, 2, squared_error), (2, 2, cross_entropy)],
    ids=["2 units, 2 steps", "2 units, 3 steps", "squared error", "cross-entropy"],
)
def test_derived_gradients_are_the_derivatives_of_the_unrolled_loss(units, steps, charge):
    """φ undefined throughout, every entry exact."""
    one = run(units, steps, charge)
    assert one.wrong(one.gradients()) == set()


@pytest.mark.parametrize("name", ["W", "b", "h0"])
def test_a_planted_error_in_one_entry_is_seen(name):
    one = run(2, 2, undefined)
    gradients = one.gradients()
    spoilt = gradients[name].as_mutable()
    spoilt[1, 0] += one.values["W"][0, 1]
    assert one.wrong(gradients | {name: spoilt}) == {name}


def test_a_planted_transpose_is_seen():
    one = run(2, 2, undefined)
    gradients = one.gradients()
    assert one.wrong(gradients | {"W": gradients["W"].T}) == {"W"}


PRE = W * h[t - 1] + U * x[t] + b


@pytest.mark.parametrize("variable", [W, U, V, b, c])
def test_pulling_back_agrees_with_sympys_matrix_derivative_where_that_is_right(variable):
    expression, adjoint = (PRE, alpha[t]) if variable in (W, U, b) else (V * h[t] + c, g[t])
    plain = {quantity: MatrixSymbol(f"q_{i}", *quantity.shape) for i, quantity in enumerate((h[t - 1], h[t], x[t]))}
    expression, adjoint = expression.xreplace(plain), MatrixSymbol("adjoint", *adjoint.shape)
    theirs = Trace(adjoint.T * expression).diff(variable)
    ours = pull_back(expression, variable, adjoint)
    assert componentwise(2, 3)(_equation(theirs, ours)) is True


def _equation(left, right):
    return Eq(left, right, evaluate=False)


q, v = MatrixSymbol("q", n, 1), MatrixSymbol("v", n, 1)


def test_pulling_back_through_an_elementwise_function_is_right_where_sympy_is_not():
    """SymPy 1.14 gives a trace times column sums for ∂ tr(vᵀ tanh(W q))/∂q; the chain rule gives Wᵀ (v ∘ tanh′)."""
    expression = (W * q).applyfunc(tanh)
    pairing = explicit(v.T * expression, 2)[0, 0]
    truth = ImmutableMatrix([pairing.diff(entry) for entry in explicit(q, 2)])
    assert expand(explicit(pull_back(expression, q, v), 2) - truth) == ImmutableMatrix.zeros(2, 1)


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="SymPy's matrix derivative is wrong here; ours stands in")
def test_sympys_own_matrix_derivative_of_an_elementwise_function():
    """A gradient by a column is a column of slopes times weights, in which no trace is left."""
    assert not Trace(v.T * (W * q).applyfunc(tanh)).diff(q).has(Trace)


@pytest.mark.parametrize("expression", [PRE, PRE.applyfunc(phi), W * PRE.applyfunc(phi), V * PRE.applyfunc(phi) + c])
def test_the_jacobian_is_what_pulling_back_transposes(expression):
    cotangent = MatrixSymbol("w", expression.shape[0], 1)
    J = jacobian(expression, h[t - 1])
    assert componentwise(2, 3)(_equation(J.T * cotangent, pull_back(expression, h[t - 1], cotangent))) is True


def test_the_step_jacobian_is_written_as_in_the_notation():
    assert same(jacobian(PRE.applyfunc(phi), h[t - 1]), DiagMatrix(PRE.applyfunc(phi_prime)) * W)


def test_what_does_not_depend_has_a_gradient_of_zero_and_an_unknown_node_none():
    assert isinstance(pull_back(PRE, V, alpha[t]), ZeroMatrix)
    with pytest.raises(NotDifferentiable, match="no rule for Softmax"):
        pull_back(Softmax(o[t]), o[t], g[t])
    with pytest.raises(NotDifferentiable, match="no rule for the Jacobian"):
        jacobian(Softmax(o[t]), o[t])


class Counting(Floats):
    """Floats that count the matrix operations asked of them."""

    counts = 0

    def __getattribute__(self, name):
        if name in ("add", "matmul", "hadamard", "transpose", "scale", "map", "products", "apply"):
            Counting.counts += 1
        return super().__getattribute__(name)


def operations(steps):
    """Matrix operations of a forward and a backward pass of 4 units."""
    Counting.counts = 0
    one = net(W=np.eye(4) / 2, inputs=np.ones((steps, 2)), targets=[0] * steps)
    Unrolled(one, Counting()).backward()
    return Counting.counts


def test_the_operations_of_an_unrolled_net_grow_linearly_with_its_steps():
    few, more, many = (operations(steps) for steps in (16, 32, 64))
    assert many - more == 2 * (more - few) > 0
    assert more <= 2.3 * few


def test_deriving_does_not_depend_on_the_number_of_steps():
    operations(8)
    before = compiled.cache_info().misses
    operations(32)
    assert compiled.cache_info().misses == before


def test_the_derived_equations_are_as_small_as_those_of_the_cell():
    adjoint = derive_adjoint(ELMAN)
    derived = [local.count_ops() + back.count_ops() for _, local, back in adjoint.backward]
    derived += [summand.count_ops() for summand in adjoint.gradients.values()]
    assert sum(derived) <= 4 * sum(rhs.count_ops() for _, rhs in ELMAN.equations)


@pytest.mark.parametrize("steps", range(5))
def test_slope_and_curvature_of_the_power_loss_are_its_derivatives(steps):
    weight = _power_loss.w
    slope, curvature = (each.subs(_power_loss.lag, steps) for each in (_power_loss.slope, _power_loss.curvature))
    assert expand(_power_loss.loss(weight).subs(_power_loss.lag, steps).diff(weight) - slope) == 0
    assert expand(slope.diff(weight) - curvature) == 0
