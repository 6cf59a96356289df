"""An exploding adjoint times a zero: the gradient is 0, and evaluated in floats it is not a number."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, Gt, Ne, ZeroMatrix

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import InFloats, LargestEntry, LossGradient, TimeSum
from backproof.theory.language.notation import T, W, a, alpha, g, h, n, t
from backproof.theory.nets.networks import Net, net
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HIGHAM, SLIDES
from backproof.theory.theorems.learning._alarms import LARGEST_FLOAT, Omega, evaluated, growing_nets, not_passed_on

zero = Eq(LossGradient(W), ZeroMatrix(n, n), evaluate=False)
summed = InFloats(TimeSum(alpha[t] * h[t - 1].T, (t, 1, T)))


def _and(*parts: Any) -> Any:
    return And(*parts, evaluate=False)


def no_number(formula: Any) -> Any:
    """Only NaN differs from itself."""
    return Ne(formula, formula, evaluate=False)


def _quiet(weight: float) -> Net:
    """One tanh unit at rest, for three steps."""
    return net(W=[[weight]], V=[[1], [0]], inputs=[[0]] * 3)


def _overflows(instance: Net) -> bool:
    beyond = Gt(LargestEntry(LossGradient(a[1])), Omega, evaluate=False)
    return decide(beyond, NetWithValues(instance, {Omega: LARGEST_FLOAT})) is True


overflow = Assumption(name="overflow", text="max |∂L/∂a_1| exceeds the largest float", holds=_overflows)

THEOREM = Theorem(
    title="Not a number",
    words="In a net at rest ∂L/∂W is 0; but if the adjoints overflow, ∞ times 0 makes it NaN in floats.",
    sources=(SLIDES.at("exploding gradients"), HIGHAM.at("section 2.3, IEEE arithmetic")),
    statement=_and(zero, no_number(summed)),
    instances=growing_nets(least=3).filter(_overflows),
    check=not_passed_on,
    decide=evaluated,
    assumptions=(overflow,),
    without={overflow: _quiet(1.0)},
    certified=(_quiet(2.0**600),),
    mutants={
        "zero in floats as well": _and(zero, Eq(summed, ZeroMatrix(n, n), evaluate=False)),
        "a number": _and(zero, Eq(summed, summed, evaluate=False)),
        "at the outputs": _and(zero, no_number(InFloats(TimeSum(g[t], (t, 1, T))))),
        "large in truth": _and(Ge(LargestEntry(LossGradient(W)), 1, evaluate=False), no_number(summed)),
    },
    examples=60,
)
