"""Back-propagation through time, proved for every horizon by induction on time, and checked on a subject.

Let S_t(h_t, θ) = L_{t+1} + … + L_T be the loss still to come after step t, a function of the state and the parameters.
Then S_T = 0 and S_{t-1}(h_{t-1}, θ) = ω ℓ(V h_t + c) + S_t(h_t, θ) with h_t = φ(W h_{t-1} + U x_t + b). The induction
hypothesis says what the partial derivatives of S_t are; SymPy's chain rule, entry by entry and with φ, ℓ and S_t left
undefined, then says what those of S_{t-1} are, and the claim must agree. One step proves every horizon.

Linearity over the steps: the loss is a sum, so its gradient is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from flint import arb_mat
from sympy import Eq, Function, ImmutableMatrix, Sum, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.formats import in_both_formats
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.nodes import LossGradient, StepLossGradient, TimeSum
from backproof.theory.language.notation import PARAMETERS, At, T, U, V, W, a, alpha, b, c, delta, g, h, t, x
from backproof.theory.language.relations import parts
from backproof.theory.language.typeset import tex
from backproof.theory.nets.calculus import pull_back
from backproof.theory.nets.cells import ELMAN
from backproof.theory.nets.networks import Net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.checkers import algebra, by_indices, explicit, undefined_in_every_entry
from backproof.theory.proving.proof import Proof, Step, Unprovable

UNITS = (2, 3)
SCOPE = "every horizon, every smooth activation and every differentiable loss; chain rule at 2 and 3 units"


@lru_cache(maxsize=8)
def _step(units: int) -> dict[str, Any]:
    """One step at a size: entries of everything, and S_{t-1} with its derivatives by the induction hypothesis."""
    given = {name: explicit(symbol, units) for name, symbol in PARAMETERS.items()}
    before, inputs = explicit(h[t - 1], units), explicit(x[t], units)
    pre = explicit(W * h[t - 1] + U * x[t] + b, units)
    state = explicit(ELMAN.equations[1][1], units, {a[t]: pre})
    output = explicit(V * h[t] + c, units, {h[t]: state})
    entries = [entry for matrix in given.values() for entry in matrix]
    charged = undefined_in_every_entry("l", [Symbol(f"g_{i}") for i in range(len(output))])(*output)
    hypothesis = [Symbol(f"S_{i}") for i in range(len(state) + len(entries))]
    later = undefined_in_every_entry("S", hypothesis)(*state, *entries)
    return {
        "given": given,
        "h": before,
        "x": inputs,
        "pre": pre,
        "state": state,
        "loss": charged + later,
        "g": ImmutableMatrix(len(output), 1, [Symbol(f"g_{i}") for i in range(len(output))]),
        "eta": ImmutableMatrix(len(state), 1, hypothesis[: len(state)]),
        "Gamma": dict(zip(entries, hypothesis[len(state) :], strict=True)),
    }


def _values(units: int) -> dict[Any, Any]:
    """What the adjoint symbols stand for at step t, by their derived equations."""
    step = _step(units)
    values: dict[Any, Any] = {a[t]: step["pre"], h[t]: step["state"], g[t]: step["g"]}
    local = next(local for symbol, local, _ in ELMAN.adjoint.backward if symbol == delta[t])
    values[delta[t]] = explicit(local, units, values) + step["eta"]
    backward = next(local for symbol, local, _ in ELMAN.adjoint.backward if symbol == alpha[t])
    values[alpha[t]] = explicit(backward, units, values)
    return values


def _agrees(units: int, variable: ImmutableMatrix, claimed: ImmutableMatrix, inherited: Callable[[Any], Any]) -> bool:
    """Whether ``∂S_{t-1}/∂variable`` is what was inherited from S_t plus the claim, entry by entry."""
    loss = _step(units)["loss"]
    if variable.shape != claimed.shape:
        return False
    pairs = zip(variable, claimed, strict=True)
    return all((loss.diff(v) - inherited(v) - value).expand() == 0 for v, value in pairs)


def parameter_gradient(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Eq(LossGradient(θ), TimeSum(summand, (t, 1, T)))``."""
    if not isinstance(statement, Eq) or not isinstance(statement.lhs, LossGradient):
        raise Unprovable("the statement is not an equation for a gradient of the loss")
    if not isinstance(statement.rhs, TimeSum):
        raise Unprovable("the gradient is not given as a sum over the steps")
    parameter = statement.lhs.args[0]
    summand, index, lower, upper = statement.rhs.args
    summand = summand.xreplace({index: t})

    def inductive(_: Any) -> bool:
        return all(_parameter_step(units, parameter, summand) for units in UNITS)

    derived = ELMAN.adjoint.gradients[parameter]
    equation, adjoint = next((e, ELMAN.adjoints[s.name][t]) for s, e in ELMAN.equations if e.has(parameter))
    name = tex(parameter)
    yield Step(
        why="The step's share, from the cell's equation with its adjoint held fixed",
        relation=Eq(summand, derived, evaluate=False),
        checker=algebra,
        method="matrix calculus, any size",
        shown=_paired(parameter, adjoint, equation, derived),
    )
    yield Step(
        why="The same share from SymPy's index calculus: entries as sums over symbolic ranges",
        relation=Eq(pull_back(equation, parameter, adjoint), derived, evaluate=False),
        checker=by_indices(equation, parameter, adjoint),
        method="index calculus, any size",
        shown=_entrywise(equation, parameter, adjoint, derived),
    )
    yield Step(
        why="Base: after step T no loss is left, so the sum starts and ends with the steps",
        relation=Eq(lower, 1) & Eq(upper, T),
        checker=lambda relation: relation == True,  # noqa: E712 — SymPy's true
        method="exact",
        shown=rf"S_T = 0, \qquad {tex(statement)}",
    )
    yield Step(
        why="Induction: the chain rule through step t adds exactly this share to what S_t already gives",
        relation=Eq(LossGradient(parameter), summand, evaluate=False),
        checker=inductive,
        method="componentwise, 2 and 3 units, φ, ℓ and S_t undefined",
        shown=rf"\frac{{\partial S_{{t-1}}}}{{\partial {name}}} = \frac{{\partial S_t}}{{\partial {name}}} + "
        + tex(summand),
    )


def _paired(variable: MatrixExpr, adjoint: MatrixExpr, equation: MatrixExpr, derived: MatrixExpr) -> str:
    """A pairing with the adjoint held fixed, and its gradient."""
    pairing = rf"\left\langle {tex(adjoint)}, {tex(equation)} \right\rangle"
    return rf"\frac{{\partial}}{{\partial {tex(variable)}}} {pairing} = {tex(derived)}"


def _entrywise(equation: MatrixExpr, variable: MatrixExpr, adjoint: MatrixExpr, derived: MatrixExpr) -> str:
    """The index calculus as it would stand on a blackboard."""
    index = "r" if variable.shape[1] == 1 else "rs"
    pairing = rf"\sum_i \left({tex(adjoint)}\right)_i \left({tex(equation)}\right)_i"
    entry = rf"\left({tex(variable)}\right)_{{{index}}}"
    return rf"\frac{{\partial}}{{\partial {entry}}} {pairing} = \left({tex(derived)}\right)_{{{index}}}"


def _parameter_step(units: int, parameter: Any, summand: MatrixExpr) -> bool:
    step, values = _step(units), _values(units)
    claimed = explicit(summand, units, {**values, h[t - 1]: step["h"], x[t]: step["x"]})
    return _agrees(units, step["given"][parameter.name], claimed, lambda entry: step["Gamma"][entry])


def _carried(units: int, claimed: MatrixExpr) -> bool:
    """Whether ``∂S_{t-1}/∂h_{t-1}`` is the claim."""
    step = _step(units)
    return _agrees(units, step["h"], explicit(claimed, units, _values(units)), lambda _: 0)


def initial_state(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Eq(LossGradient(h_0), claim in α_1)``."""
    if not isinstance(statement, Eq) or statement.lhs != LossGradient(h[0]):
        raise Unprovable("the statement is not an equation for ∂L/∂h_0")
    claimed = statement.rhs.xreplace({alpha[1]: alpha[t], delta[1]: delta[t]})
    carried = next(back for symbol, _, back in ELMAN.adjoint.backward if symbol == delta[t])
    equation = ELMAN.equations[0][1]
    yield Step(
        why="What step t hands back to the state it read, from the cell's equation with its adjoint held fixed",
        relation=Eq(claimed, carried, evaluate=False),
        checker=algebra,
        method="matrix calculus, any size",
        shown=_paired(h[t - 1], alpha[t], equation, carried),
    )
    yield Step(
        why="The same from SymPy's index calculus",
        relation=Eq(pull_back(equation, h[t - 1], alpha[t]), carried, evaluate=False),
        checker=by_indices(equation, h[t - 1], alpha[t]),
        method="index calculus, any size",
        shown=_entrywise(equation, h[t - 1], alpha[t], carried),
    )
    yield Step(
        why="The chain rule through step t, for every t and so for t = 1",
        relation=Eq(LossGradient(h[t - 1]), claimed, evaluate=False),
        checker=lambda _: all(_carried(units, claimed) for units in UNITS),
        method="componentwise, 2 and 3 units, φ, ℓ and S_t undefined",
    )


def adjoint_recursion(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Eq(LossGradient(a_t), claim in φ′(a_t), g_t and α_{t+1})``."""
    if not isinstance(statement, Eq) or statement.lhs != LossGradient(a[t]):
        raise Unprovable("the statement is not an equation for ∂L/∂a_t")
    whole = ELMAN.adjoint.recursion(alpha[t]).xreplace({delta[t]: ELMAN.adjoint.recursion(delta[t])})
    yield Step(
        why="Eliminating δ_t from the two adjoint equations that were derived from the cell",
        relation=Eq(statement.rhs, whole, evaluate=False),
        checker=algebra,
        method="matrix algebra, any size",
    )
    yield Step(
        why="What step t + 1 hands back to h_t is Wᵀ α_{t+1}",
        relation=Eq(LossGradient(h[t - 1]), W.T * alpha[t], evaluate=False),
        checker=lambda _: all(_carried(units, W.T * alpha[t]) for units in UNITS),
        method="componentwise, 2 and 3 units, φ, ℓ and S_t undefined",
    )
    yield Step(
        why="By the chain rule through h_t = φ(a_t), with that share and the loss charged at t",
        relation=statement,
        checker=lambda relation: all(_through_activation(units, relation.rhs) for units in UNITS),
        method="componentwise, 2 and 3 units, φ, ℓ and S_t undefined",
    )


def _through_activation(units: int, claimed: MatrixExpr) -> bool:
    """``∂(ω ℓ + S_t)/∂a_t`` against the claim, where Wᵀ α_{t+1} is what the hypothesis calls ∂S_t/∂h_t."""
    step = _step(units)
    pre = ImmutableMatrix(units, 1, [Symbol(f"z_{i}", real=True) for i in range(units)])
    state = explicit(ELMAN.equations[1][1], units, {a[t]: pre})
    output = explicit(V * h[t] + c, units, {h[t]: state})
    partials = list(step["eta"]) + [Symbol(f"unused_{i}") for i in range(1)]
    loss = undefined_in_every_entry("l", list(step["g"]))(*output) + undefined_in_every_entry("S", partials)(
        *state, Symbol("theta")
    )
    known = {a[t]: pre, g[t]: step["g"], h[t]: state}
    future = ImmutableMatrix(units, 1, [Symbol(f"f_{i}") for i in range(units)])
    carried = explicit(W.T * alpha[t + 1], units, {alpha[t + 1]: future})
    value = explicit(claimed, units, {**known, alpha[t + 1]: future})
    hypothesis = dict(zip(step["eta"], carried, strict=True))
    return all((loss.diff(z).subs(hypothesis) - v).expand() == 0 for z, v in zip(pre, value, strict=True))


GRADIENT = Proof(scope=SCOPE, lines=parameter_gradient)
INITIAL_STATE = Proof(scope=SCOPE, lines=initial_state)
ADJOINT = Proof(scope=SCOPE, lines=adjoint_recursion)


def linear(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Eq(LossGradient(q), TimeSum(StepLossGradient(q, t), (t, 1, T)))``, one or several."""
    for part in parts(statement):
        if not isinstance(part.lhs, LossGradient) or not isinstance(part.rhs, TimeSum):
            raise Unprovable("the statement does not give a gradient as a sum over the losses")
        quantity = part.lhs.args[0]
        index = part.rhs.args[1]
        yield Step(
            why=f"{quantity}: each step's loss is differentiated by itself, and steps run from 1 to T",
            relation=Eq(part.rhs, TimeSum(StepLossGradient(quantity, index), (index, 1, T)), evaluate=False),
            checker=lambda relation: relation.lhs == relation.rhs,
            method="exact",
            shown=part,
        )
    q, step = Symbol("q"), Symbol("t", integer=True)
    charged = Function("L")(q, step)
    yield Step(
        why="The derivative of a finite sum of undefined functions L_t(q) is the sum of the derivatives",
        relation=Eq(Sum(charged, (step, 1, T)).diff(q), Sum(charged.diff(q), (step, 1, T)), evaluate=False),
        checker=lambda relation: relation.lhs == relation.rhs,
        method="exact, any number of steps",
    )


LINEAR = Proof(scope="every horizon, every differentiable loss of any parameters", lines=linear)


def total(statement: Any, net: Net) -> arb_mat:
    """The right-hand side in balls, summed over the batch; for h_0 a row for each sequence."""
    with precision(BITS):
        parts = [
            evaluate(statement.rhs, Balls(), Unrolled(sequence, Balls()).environment) for sequence in net.sequences()
        ]
        if isinstance(statement.lhs.args[0], At):
            return arb_mat([part.entries() for part in parts])
        return Balls().sum_time(parts)


def gradient_matches(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """``Eq(LossGradient(q), …)`` for a parameter q or q = h_0."""
    quantity = statement.lhs.args[0]
    name = f"{quantity.name}0" if isinstance(quantity, At) else quantity.name
    reference = total(statement, net)
    for dtype, gradients, bounds in in_both_formats(subject, "gradients", net):
        yield agree(f"∂L/∂{name} in {dtype}", gradients[name], reference, bounds.gradients[name])


def adjoint_matches(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """``Eq(LossGradient(a_t), …)`` for every t: the share of step t in the gradient of b is α_t."""
    net = net.sequence(0).with_(shared=1)
    with precision(BITS):
        environment = Unrolled(net, Balls()).environment
        rows = [evaluate(statement.rhs, Balls(), environment.bound(t, s)).entries() for s in range(1, net.steps + 1)]
        reference = arb_mat(rows)
    for dtype, shares, bounds in in_both_formats(subject, "contributions", net):
        yield agree(f"∂L/∂a_t in {dtype}", shares["b"], reference, bounds.per_step)
