"""Rounding errors of the forward pass are amplified by the Jacobians that carry the gradient back."""

from __future__ import annotations

from typing import Any

from sympy import Abs, And, Eq, Ge, Integer, Le, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.instances.strategies import SMOOTH, nets
from backproof.theory.language.functions import z
from backproof.theory.language.nodes import EuclideanNorm, StateJacobian, TimeSum, phi, phi_second
from backproof.theory.language.notation import Sequence, U, W, a, b, h, k, n, s, t, x
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import slopes_at
from backproof.theory.records.records import Assumption, Measurement, Theorem
from backproof.theory.records.sources import HIGHAM
from backproof.theory.theorems.jacobians._perturbed import (
    Perturbed,
    amplification_holds,
    committed,
    curvature,
    error,
    observed,
    perturbed,
    rest,
)

between, moved = StateJacobian(t, k), EuclideanNorm(W * error[t - 1])


def _carried(
    summand: Any = between * (committed[k] + rest[k]), *, lower: Any = 1, upper: Any = t, size: Any = moved**2 / 2
) -> Any:
    """Δ_t as a sum over the steps that committed it, and how small r is."""
    total = Eq(error[t], TimeSum(summand, (k, lower, upper)), evaluate=False)
    return And(total, Le(EuclideanNorm(rest[t]), curvature * size, evaluate=False), evaluate=False)


def _bounds_curvature(instance: Any) -> bool:
    """Whether γ is at least the largest |φ″|."""
    if not isinstance(instance, Perturbed):
        return True  # a net alone is confronted with the bound of its own activation
    return bool(instance.values[curvature] >= instance.net.phi.curvature)


bend = Assumption(
    name="bound on the curvature",
    text="γ ≥ |φ″(z)| for every z",
    holds=_bounds_curvature,
    says=Le(Abs(phi_second(z)), curvature, evaluate=False),
    every=(z,),
)
statement = _carried()
(as_a_sum,) = (part for part in parts(statement) if isinstance(part, Eq))
(as_small,) = (part for part in parts(statement) if isinstance(part, Le))

ran = Sequence(r"\hat{h}", n)  # the states that ran in place of h_1 … h_T
j, lag = Symbol("j", integer=True), Symbol("l", integer=True, nonnegative=True)


def _pre(time: Any) -> Any:
    """The pre-activation at the states that ran."""
    return W * ran[time - 1] + U * x[time] + b


def _moved(time: Any) -> Any:
    """φ at the pre-activation moved by what the error before moves it, W Δ_{t-1}."""
    return (a[time] + W * error[time - 1]).applyfunc(phi)


def _tangent(time: Any) -> Any:
    """What moves the state to first order."""
    return DiagMatrix(slopes_at(time)) * (W * error[time - 1])


definitions = {
    "the same start": Eq(ran[0], h[0], evaluate=False),
    "error": Eq(error[s], ran[s] - h[s], evaluate=False),
    "committed": Eq(committed[t], ran[t] - _pre(t).applyfunc(phi), evaluate=False),
    "remainder": Eq(rest[t], _moved(t) - a[t].applyfunc(phi) - _tangent(t), evaluate=False),
}
"""Δ_t is how far the states that ran are off, e_t what step t commits itself, r_t the remainder of Taylor's formula."""


def _sum(upper: Any, late: Any = None) -> Any:
    late = upper if late is None else late
    return TimeSum(StateJacobian(late, j) * (committed[j] + rest[j]), (j, 1, upper))


own = committed[t] + rest[t]
recursion = Eq(error[t], own + DiagMatrix(slopes_at(t)) * W * error[t - 1], evaluate=False)
hypothesis = Eq(error[lag], _sum(lag), evaluate=False)
pushed = DiagMatrix(slopes_at(lag + 1)) * W * StateJacobian(lag, j) * (committed[j] + rest[j])
new = committed[lag + 1] + rest[lag + 1]

one_step = (
    line("pre-activation", Eq(a[t], W * h[t - 1] + U * x[t] + b, evaluate=False), "cell"),
    line("state", Eq(h[t], a[t].applyfunc(phi), evaluate=False), "cell"),
    line("error before", Eq(error[t - 1], ran[t - 1] - h[t - 1], evaluate=False), "instance", "error", at={s: t - 1}),
    line("error now", Eq(error[t], ran[t] - h[t], evaluate=False), "instance", "error", at={s: t}),
    line(
        "moved",
        Eq(_pre(t), a[t] + W * error[t - 1], evaluate=False),
        "matrix algebra",
        "pre-activation",
        "error before",
        why="W ĥ_{t-1} + U x_t + b = a_t + W Δ_{t-1}",
    ),
    line(
        "what a step commits",
        Eq(committed[t], ran[t] - _moved(t), evaluate=False),
        "equals for equals",
        "moved",
        "committed",
    ),
    line(
        "recursion",
        recursion,
        "matrix algebra",
        "error now",
        "state",
        "what a step commits",
        "remainder",
        why="By the definitions of e and r: Δ_t = e_t + r_t + diag(φ′(a_t)) W Δ_{t-1}",
    ),
)

every_step = (
    line("error at 0", Eq(error[0], ran[0] - h[0], evaluate=False), "instance", "error", at={s: Integer(0)}),
    line("no error", Eq(error[0], 0 * ran[0], evaluate=False), "matrix algebra", "error at 0", "the same start"),
    line("no term", Eq(_sum(Integer(0)), 0 * ran[0], evaluate=False), "ends of a sum"),
    line("start", Eq(error[0], _sum(Integer(0)), evaluate=False), "equals for equals", "no term", "no error"),
    line("hypothesis", hypothesis, "supposition", why="Suppose it at step l"),
    line(
        "next error",
        recursion.xreplace({t: lag + 1}),
        "instance",
        "recursion",
        at={t: lag + 1},
    ),
    line(
        "carried on",
        Eq(error[lag + 1], new + TimeSum(pushed, (j, 1, lag)), evaluate=False),
        "matrix algebra",
        "next error",
        "hypothesis",
        why="The next step is applied to every term",
    ),
    line("earlier", And(Le(1, j), Le(j, lag)), "supposition", why="For a step j up to l"),
    line(
        "one more factor",
        Eq(StateJacobian(lag + 1, j), DiagMatrix(slopes_at(lag + 1)) * W * StateJacobian(lag, j), evaluate=False),
        "chain rule",
        "earlier",
    ),
    line(
        "each term",
        Eq(StateJacobian(lag + 1, j) * (committed[j] + rest[j]), pushed, evaluate=False),
        "matrix algebra",
        "one more factor",
    ),
    line(
        "terms",
        Eq(_sum(lag, lag + 1), TimeSum(pushed, (j, 1, lag)), evaluate=False),
        "term by term",
        "each term",
    ),
    line(
        "last term",
        Eq(_sum(lag + 1), _sum(lag, lag + 1) + StateJacobian(lag + 1, lag + 1) * new, evaluate=False),
        "ends of a sum",
        why="The last term is e + r of the step itself",
    ),
    line("nothing after", Eq(StateJacobian(lag + 1, lag + 1), Identity(n), evaluate=False), "composition"),
    line(
        "whole sum",
        Eq(_sum(lag + 1), TimeSum(pushed, (j, 1, lag)) + new, evaluate=False),
        "equals for equals",
        "terms",
        "nothing after",
        "last term",
    ),
    line("step", Eq(error[lag + 1], _sum(lag + 1), evaluate=False), "equals for equals", "whole sum", "carried on"),
    line("every step", hypothesis, "induction", "start", "step", index=lag, why="By induction on the step"),
    line("sum", as_a_sum, "instance", "every step", at={lag: t}),
)

second_order = (
    line(
        "Taylor",
        Le(
            EuclideanNorm(_moved(t) - a[t].applyfunc(phi) - _tangent(t)),
            curvature * EuclideanNorm(W * error[t - 1]) ** 2 / 2,
            evaluate=False,
        ),
        "Taylor",
        bend.name,
        function=phi,
        at=a[t],
        step=W * error[t - 1],
        variable=z,
        why="In each unit the remainder is at most γ x²/2, and the norm of the squares at most the square of the norm",
    ),
    line("small", as_small, "equals for equals", "remainder", "Taylor"),
)

PROOF = Proof(
    ranges=(Ge(t, 1, evaluate=False),),
    lines=(*one_step, *every_step, *second_order, line("both", statement, "together", "sum", "small")),
)

linear = net(W=[[2, 1], [0, 2]], inputs=[[1, 0], [0, 1], [1, 1]], activation="identity")

THEOREM = Theorem(
    title="Rounding errors travel as gradients do",
    words="An error e_k of step k reaches h_t as ∂h_t/∂h_k e_k, up to second order: exploding is ill-conditioned.",
    sources=(HIGHAM.at("chapter 1, backward and forward errors, conditioning"),),
    statement=statement,
    instances=nets(activations=SMOOTH, batch=(1, 1)),
    check=amplification_holds,
    proof=PROOF,
    definitions=definitions,
    assumptions=(bend,),
    without={bend: Perturbed(net(W=[[1]], inputs=[[1], [0]]), {curvature: 0}, states=[[0.5], [0.5]])},
    certified=(perturbed(linear, [[1, 0.5], [2, 2], [7, 4.0]]),),
    ledger=("F15",),
    mutants={
        "Jacobians transposed": _carried(between.T * (committed[k] + rest[k])),
        "errors do not travel": _carried(committed[k] + rest[k]),
        "the step's own error missing": _carried(upper=t - 1),
        "first step exact": _carried(lower=2),
    },
    measurement=Measurement(
        quantity="log₁₀ of the float32 error of h_T over u Σ_k ‖∂h_T/∂h_k‖ ‖h_k‖, linear nets of 8 units, gain 3/2",
        effect="the error is between 1/1000 of the predicted amplification and all of it",
        seeds=30,
        sample=observed,
        expected=(-3.0, 0.0),
    ),
    examples=100,
)
