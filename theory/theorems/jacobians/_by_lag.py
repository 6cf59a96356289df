"""Lines of proofs by induction on the lag l: from what one step does to ``∂h_t/∂h_k``, with t = k + l.

Each function builds lines and checks nothing; the names of the lines that it makes and uses are those in quotes.
"""

from __future__ import annotations

from typing import Any

from sympy import Eq, Le, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.language.nodes import LargestEntry, SmallestSingularValue, SpectralNorm, StateJacobian
from backproof.theory.language.notation import W, k, n, t
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, line
from backproof.theory.records.assumptions import slopes_at

RANGES = (Le(0, k, evaluate=False), Le(k, t, evaluate=False))
lag = Symbol("l", integer=True, nonnegative=True)
here, late = k + lag, k + lag + 1
start, product, longer = StateJacobian(k, k), StateJacobian(here, k), StateJacobian(late, k)
step = StateJacobian(late, here)
slopes = DiagMatrix(slopes_at(late))
norm = SpectralNorm(StateJacobian(t, k))


def this_step() -> tuple[Line, ...]:
    """The line "this step": ``∂h_{k+l+1}/∂h_{k+l} = diag(φ′(a_{k+l+1})) W``."""
    return (
        line(
            "this step",
            Eq(step, slopes * W, evaluate=False),
            "theorem",
            id="jacobians/step_jacobian",
            at={t: late},
            why="The Jacobian of the step from k + l to k + l + 1",
        ),
    )


def longer_products() -> tuple[Line, ...]:
    """Lines "no step" and "norm of no step", of lag 0, and "one more step": from lag l to lag l + 1 by one factor."""
    return (
        line("no step", Eq(start, Identity(n), evaluate=False), "composition", why="∂h_k/∂h_k = I"),
        by_fact("norm of I", Eq(SpectralNorm(Identity(n)), 1, evaluate=False), "norm of the identity", size=n),
        line(
            "norm of no step", Eq(SpectralNorm(start), 1, evaluate=False), "equals for equals", "no step", "norm of I"
        ),
        line(
            "one more step",
            Eq(longer, step * product, evaluate=False),
            "composition",
            why="One more step is one more factor on the left",
        ),
    )


def factors_of_one_step(name: str, kind: Any) -> Line:
    """How the norm of one more step and the steps before it follows from theirs, as the line "<name>: factors"."""
    above = kind is Le
    measure = SpectralNorm(step) if above else SmallestSingularValue(step)
    sides = SpectralNorm(step * product), measure * SpectralNorm(product)
    return by_fact(
        f"{name}: factors",
        Le(*sides, evaluate=False) if above else Le(*reversed(sides), evaluate=False),
        "norm of a product" if above else "norm from below",
        X=step,
        Y=product,
    )


def at_every_lag(name: str, claim: Any, says: Any, prefix: str = "") -> tuple[Line, ...]:
    """The claim for every lag, by induction from "start" and "step"; and with l = t − k what it says, by that name."""
    every = f"{prefix}every lag"
    return (
        line(
            every,
            claim,
            "induction",
            f"{prefix}start",
            f"{prefix}step",
            index=lag,
            why="By induction on the lag",
        ),
        line(name, says, "lag", every, late=t, early=k, lag=lag, why="With l = t − k"),
    )


def by_powers(name: str, kind: Any, factor: Any, one_step: str, factors: str = "") -> tuple[Line, ...]:
    """``‖∂h_t/∂h_k‖ ≤ factor^(t−k)``, or ≥ if that is the kind, in the line of that name.

    The line ``one_step`` bounds ``‖∂h_{k+l+1}/∂h_{k+l}‖`` from above, or its least singular value from below; the
    line ``factors`` says how the norm of a product follows from its factors, if not by these.
    """
    hypothesis = kind(SpectralNorm(product), factor**lag, evaluate=False)
    after = factor ** (lag + 1)
    return (
        line(
            f"{name}: start",
            kind(SpectralNorm(start), factor**0, evaluate=False),
            "real arithmetic",
            "norm of no step",
            why="At lag 0 the bound is 1",
        ),
        line(f"{name}: hypothesis", hypothesis, "supposition", why="Suppose it at lag l"),
        *(() if factors else (factors_of_one_step(name, kind),)),
        line(
            f"{name}: product",
            kind(SpectralNorm(step * product), after, evaluate=False),
            "real arithmetic",
            f"{name}: hypothesis",
            factors or f"{name}: factors",
            one_step,
            why="The bound on the step times that on the steps before it",
        ),
        line(
            f"{name}: step",
            kind(SpectralNorm(longer), after, evaluate=False),
            "equals for equals",
            "one more step",
            f"{name}: product",
        ),
        *at_every_lag(name, hypothesis, kind(norm, factor ** (t - k), evaluate=False), f"{name}: "),
    )


def norm_of_slopes() -> Line:
    """The line "norm of the slopes": ``‖diag(φ′(a))‖ = max |φ′(a_i)|``."""
    size = LargestEntry(slopes_at(late))
    return by_fact(
        "norm of the slopes", Eq(SpectralNorm(slopes), size, evaluate=False), "norm of a diagonal", d=slopes_at(late)
    )


def slopes_and_weights(factor: Any, *by: str) -> tuple[Line, ...]:
    """The line "this step from above": ``‖∂h_{k+l+1}/∂h_{k+l}‖ ≤ factor`` by the bounds on the slopes and on W."""
    return (
        *this_step(),
        norm_of_slopes(),
        by_fact(
            "slopes and weights",
            Le(SpectralNorm(slopes * W), SpectralNorm(slopes) * SpectralNorm(W), evaluate=False),
            "norm of a product",
            X=slopes,
            Y=W,
        ),
        line(
            "their bound",
            Le(SpectralNorm(slopes * W), factor, evaluate=False),
            "real arithmetic",
            "slopes and weights",
            "norm of the slopes",
            *by,
            why="A step stretches by at most the steepest slope times ‖W‖",
        ),
        line(
            "this step from above",
            Le(SpectralNorm(step), factor, evaluate=False),
            "equals for equals",
            "this step",
            "their bound",
        ),
    )


def of_one_step(name: str, assumption: str, says: Any) -> Line:
    """What is assumed of every step, said of the step to k + l + 1."""
    return line(name, says, "instance", assumption, at={t: late})


def closed_form(claimed: Any, slope: Any, factor: Any, *by: str) -> tuple[Line, ...]:
    """The line "product": ``∂h_t/∂h_k = claimed(t − k)``, where all slopes are one number.

    "this step" and "slopes" give a step as slope · W, and the lines ``by`` give that as the factor.
    """
    claim = Eq(product, claimed(lag), evaluate=False)
    return (
        line("start", Eq(start, claimed(0), evaluate=False), "matrix algebra", "no step", *by),
        line("hypothesis", claim, "supposition", why="Suppose it at lag l"),
        line(
            "weights",
            Eq(step, slope * W, evaluate=False),
            "equals for equals",
            "slopes",
            "this step",
            why="With equal slopes a step is a multiple of W",
        ),
        line("one factor", Eq(step, factor, evaluate=False), "matrix algebra", "weights", *by),
        line(
            "step",
            Eq(longer, claimed(lag + 1), evaluate=False),
            "matrix algebra",
            "one more step",
            "one factor",
            "hypothesis",
            *by,
            why="One more step is one more factor",
        ),
        *at_every_lag("product", claim, Eq(StateJacobian(t, k), claimed(t - k), evaluate=False)),
    )


def both(statement: Any, *by: str) -> Line:
    """The statement as the conjunction of what the lines say."""
    return line("both", statement, "together", *by)
