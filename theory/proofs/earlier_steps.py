"""The gradient of one step's loss as a sum over the steps before it, proved for every step by induction.

Let v = ∂L_t/∂h_t. What is to be shown is ``⟨v, ∂h_t/∂θ⟩ = Σ_{k=1}^{t} ⟨(∂h_t/∂h_k)ᵀ v, ∂⁺h_k/∂θ⟩``, the state's total
derivative against immediate ones. One step of the chain rule, with h_{t-1} an undefined function of θ, adds the
immediate term at k = t and hands ``J_tᵀ v`` to step t − 1; ∂h_t/∂h_k = J_t ∂h_{t-1}/∂h_k does the same to every term.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Eq, Function, ImmutableMatrix, Symbol
from sympy.matrices.expressions import hadamard_product
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.calculus import pull_back
from theory.cells import ELMAN
from theory.checkers import algebra, by_indices, explicit
from theory.nodes import StateJacobian, StepLossGradient, TimeSum, phi_prime
from theory.notation import PARAMETERS, At, V, W, a, g, h, k, t
from theory.proof import Proof, Step, Unprovable

UNITS = (2, 3)
PRE = ELMAN.equations[0][1]
SCOPE = "every step, every smooth activation, every differentiable loss; chain rule at 2 and 3 units"


def through(time: Any, cotangent: MatrixExpr, parameter: MatrixExpr) -> MatrixExpr:
    """``⟨cotangent, ∂⁺h_time/∂θ⟩``: the immediate derivative, the state before held fixed."""
    slope = a[time].applyfunc(phi_prime)
    return pull_back(PRE.subs(t, time), parameter, hadamard_product(slope, cotangent))


def term(parameter: MatrixExpr) -> MatrixExpr:
    """The term of step k in ``∂L_t/∂θ``."""
    return through(k, StateJacobian(t, k).T * V.T * g[t], parameter)


def summed(parameter: MatrixExpr) -> Eq:
    """``∂L_t/∂θ = Σ_{k=1}^{t} …`` with the immediate derivative of the state by θ, as calculus gives it."""
    return Eq(StepLossGradient(parameter, t), TimeSum(term(parameter), (k, 1, t)), evaluate=False)


def earlier_steps(statement: Any) -> Iterator[Step]:
    """Proof lines for such equations, one or several."""
    for part in statement.args if isinstance(statement, And) else (statement,):
        if not isinstance(part, Eq) or not isinstance(part.lhs, StepLossGradient) or not isinstance(part.rhs, TimeSum):
            raise Unprovable("the statement does not give ∂L_t/∂θ as a sum over steps")
        parameter, late = part.lhs.args
        if late != t:
            raise Unprovable("the loss is not that of step t")
        yield from _equation(part, parameter)


def _equation(part: Any, parameter: Any) -> Iterator[Step]:
    summand, index = part.rhs.args[:2]
    name = parameter.name
    yield Step(
        why=f"{name}: the loss of step t reaches it through h_t alone, o_t = V h_t + c giving ∂L_t/∂h_t = Vᵀ g_t",
        relation=Eq(pull_back(ELMAN.equations[2][1], parameter, g[t]), 0 * parameter, evaluate=False),
        checker=algebra,
        method="matrix algebra, any size",
    )
    yield Step(
        why="The term of step k is the immediate derivative of h_k against (∂h_t/∂h_k)ᵀ ∂L_t/∂h_t",
        relation=Eq(summand.xreplace({index: k}), term(parameter), evaluate=False),
        checker=algebra,
        method="matrix algebra, any size",
    )
    adjoint = At(a.base, t)
    yield Step(
        why="The immediate derivative from SymPy's index calculus",
        relation=Eq(pull_back(PRE, parameter, adjoint), pull_back(PRE, parameter, adjoint), evaluate=False),
        checker=by_indices(PRE, parameter, adjoint),
        method="index calculus, any size",
    )
    yield from _induction(part, parameter)


def _induction(part: Any, parameter: Any) -> Iterator[Step]:
    summand, _, lower, upper = part.rhs.args
    yield Step(
        why="Base: h_0 is given and depends on no parameter, so the sum starts at 1; it ends with step t itself",
        relation=Eq(lower, 1) & Eq(upper, t),
        checker=lambda relation: relation == True,  # noqa: E712 — SymPy's true
        method="exact",
        shown=part,
    )
    yield Step(
        why="Induction: the chain rule adds the immediate term at k = t and hands J_tᵀ v to step t − 1",
        relation=Eq(StepLossGradient(parameter, t), summand, evaluate=False),
        checker=lambda _: all(_chain(units, parameter) for units in UNITS),
        method="componentwise, 2 and 3 units, φ and h_{t-1}(θ) undefined",
    )


def _chain(units: int, parameter: Any) -> bool:
    """``∂⟨v, φ(W h_{t-1}(θ) + …)⟩/∂θ_rs`` against the immediate term plus ``⟨J_tᵀ v, ∂h_{t-1}/∂θ_rs⟩``."""
    cotangent = ImmutableMatrix([Symbol(f"v_{i}") for i in range(units)])
    before, slopes = explicit(h[t - 1], units), [Symbol(f"D_{i}") for i in range(units)]
    fixed = {a[t]: explicit(PRE, units), h[t - 1]: before, v: cotangent}
    immediate = explicit(through(t, v, parameter), units, fixed)
    handed = explicit(W.T * hadamard_product(a[t].applyfunc(phi_prime), v), units, fixed)
    inherited = sum(x * slope for x, slope in zip(handed, slopes, strict=True))
    for entry, share in zip(explicit(PARAMETERS[parameter.name], units), immediate, strict=True):
        moving = ImmutableMatrix([_state(*known)(entry) for known in enumerate(slopes)])
        pre = explicit(PRE, units, {h[t - 1]: moving})
        state = explicit(ELMAN.equations[1][1], units, {a[t]: pre})
        total = (cotangent.T * state)[0].diff(entry).xreplace(dict(zip(moving, before, strict=True)))
        if (total - share - inherited).expand() != 0:
            return False
    return True


v = At(h.base, Symbol("v", integer=True))  # a column of n entries, for the cotangent


def _state(index: int, slope: Any) -> Any:
    """An undefined function of one entry of θ whose derivative is known by name."""

    def fdiff(self: Any, argindex: int = 1) -> Any:
        return slope

    return type(f"H_{index}", (Function,), {"fdiff": fdiff, "nargs": 1})


EARLIER_STEPS = Proof(scope=SCOPE, lines=earlier_steps)
