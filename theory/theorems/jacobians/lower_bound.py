"""A product of Jacobians lies between the products of its factors' smallest and of their largest singular values."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, Le, Product, Symbol

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import SmallestSingularValue, SpectralNorm, SpectralRadius, StateJacobian
from backproof.theory.language.notation import k, t
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import HORN_JOHNSON, VORONTSOV
from backproof.theory.theorems.jacobians._bounded_steps import QUARTER_TURN
from backproof.theory.theorems.jacobians._bounds import bounds_satisfy
from backproof.theory.theorems.jacobians._by_lag import (
    RANGES,
    at_every_lag,
    both,
    factors_of_one_step,
    here,
    late,
    longer,
    longer_products,
    product,
    start,
)
from backproof.theory.theorems.jacobians._by_lag import step as this_step

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
statement = _between(smallest, largest)


def _by_own_steps(name: str, kind: Any, measure: Any) -> tuple[Line, ...]:
    """The bound by the product of the steps' own measures, by induction on the lag."""
    hypothesis = kind(SpectralNorm(product), _over(measure, upper=here), evaluate=False)
    after = measure(this_step) * _over(measure, upper=here)
    return (
        line(f"{name}: no factor", Eq(_over(measure, upper=k), 1, evaluate=False), "ends of a sum"),
        line(
            f"{name}: start",
            kind(SpectralNorm(start), _over(measure, upper=k), evaluate=False),
            "real arithmetic",
            "norm of no step",
            f"{name}: no factor",
            why="At lag 0 both are 1",
        ),
        line(f"{name}: hypothesis", hypothesis, "supposition", why="Suppose it at lag l"),
        factors_of_one_step(name, kind),
        line(f"{name}: one more factor", Eq(_over(measure, upper=late), after, evaluate=False), "ends of a sum"),
        line(
            f"{name}: product",
            kind(SpectralNorm(this_step * product), _over(measure, upper=late), evaluate=False),
            "real arithmetic",
            f"{name}: hypothesis",
            f"{name}: factors",
            f"{name}: one more factor",
        ),
        line(
            f"{name}: step",
            kind(SpectralNorm(longer), _over(measure, upper=late), evaluate=False),
            "equals for equals",
            "one more step",
            f"{name}: product",
        ),
        *at_every_lag(name, hypothesis, kind(norm, _over(measure), evaluate=False), f"{name}: "),
    )


PROOF = Proof(
    ranges=RANGES,
    lines=(
        *longer_products(),
        *_by_own_steps("above", Le, SpectralNorm),
        *_by_own_steps("below", Ge, SmallestSingularValue),
        both(statement, "above", "below"),
    ),
)

THEOREM = Theorem(
    title="Jacobian products from below and above",
    words="‖∂h_t/∂h_k‖ is at least the product of the steps' smallest singular values, at most that of the largest.",
    sources=(VORONTSOV.at("norms of Jacobian products"), HORN_JOHNSON.at("section 7.3, singular values")),
    statement=statement,
    instances=nets(batch=(1, 1), steps=(1, 3)),
    check=bounds_satisfy,
    proof=PROOF,
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
    examples=150,
)
