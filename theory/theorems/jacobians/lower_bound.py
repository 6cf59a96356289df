"""A product of Jacobians lies between the products of its factors' smallest and of their largest singular values."""

from __future__ import annotations

from typing import Any

from sympy import And, Ge, Le, Product, Symbol

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import SmallestSingularValue, SpectralNorm, SpectralRadius, StateJacobian
from backproof.theory.language.notation import k, t
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import HORN_JOHNSON, VORONTSOV
from backproof.theory.theorems.jacobians._bounded_steps import QUARTER_TURN
from backproof.theory.theorems.jacobians._bounds import OWN_STEPS, bounds_satisfy

i = Symbol("i", integer=True)
norm, step = SpectralNorm(StateJacobian(t, k)), StateJacobian(i, i - 1)


def _over(measure: Any, lower: Any = k + 1, upper: Any = t) -> Any:
    return Product(measure(step), (i, lower, upper))


def _between(low: Any, high: Any) -> Any:
    return And(Ge(norm, low, evaluate=False), Le(norm, high, evaluate=False), evaluate=False)


def _ratio(instance: Net) -> float:
    """The lower bound over ‖∂h_T/∂h_0‖."""
    with precision(BITS):
        A, unrolled = Balls(), Unrolled(instance, Balls())
        least = A.number(1)
        for late in range(1, instance.steps + 1):
            least = least * A.smallest_singular_value(unrolled.state_jacobian(late, late - 1))
        return float(least / A.spectral_norm(unrolled.state_jacobian(instance.steps, 0)))


smallest, largest = _over(SmallestSingularValue), _over(SpectralNorm)

THEOREM = Theorem(
    title="Jacobian products from below and above",
    words="‖∂h_t/∂h_k‖ is at least the product of the steps' smallest singular values, at most that of the largest.",
    sources=(VORONTSOV.at("norms of Jacobian products"), HORN_JOHNSON.at("section 7.3, singular values")),
    statement=_between(smallest, largest),
    instances=nets(batch=(1, 1), steps=(1, 3)),
    check=bounds_satisfy,
    proof=OWN_STEPS,
    attained=net(W=QUARTER_TURN, inputs=[[1, 0], [0, 1], [1, 1]], activation="identity"),
    ratio=_ratio,
    ledger=("F4",),
    mutants={
        "largest below": _between(largest, largest),
        "smallest above": _between(smallest, smallest),
        "first step missing": _between(smallest, _over(SpectralNorm, lower=k + 2)),
        "last step missing below": _between(_over(SmallestSingularValue, upper=t - 1), largest),
        "spectral radii above": _between(smallest, _over(SpectralRadius)),
    },
    uses=("jacobians/product_of_steps",),
    examples=150,
)
