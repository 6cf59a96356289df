"""The Lyapunov exponents add up to what the Jacobians do to volumes.

Stretching along some directions is paid for along others: where Σ λ_i < 0, as tanh makes it, most directions vanish
even if the largest exponent explodes.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Eq, Gt, Implies, Le, MatrixSymbol, Ne, Product, Sum, Symbol, log
from sympy.matrices.expressions import Determinant, Identity

from backproof.theory.language.nodes import LyapunovExponent, SpectralNorm, StateJacobian, StepSum
from backproof.theory.language.notation import At, T, W, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.builders import by_fact, equal
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import ENGELKEN
from backproof.theory.theorems.spectra._determinants import (
    EXPONENTS,
    direction_after,
    exponents_satisfy,
    i,
    invertible_nets,
    steps_are_invertible,
    stretch_at,
    unless_collapsed,
    volume,
)


def _equals(claimed: Any, left: Any = EXPONENTS) -> Any:
    return Eq(left, claimed, evaluate=False)


def _mean(value: Any) -> Any:
    return Sum(value, (t, 1, T)) / T


j = Symbol("j", integer=True, positive=True)
Q, R = (MatrixSymbol(name, n, n) for name in ("Q", "R"))
J, entry = StateJacobian(t, t - 1), At(R, t)[i - 1, i - 1]
stretch = log(Abs(entry))
over_steps, over_directions = StepSum(stretch, t, 1, T), StepSum(stretch, i, 1, n)

DEFINITIONS = {
    "orthogonal": equal(At(Q, k).T * At(Q, k), Identity(n)),
    "recursion": equal(J * At(Q, t - 1), At(Q, t) * At(R, t)),
    "triangular": Implies(Gt(i, j), equal(At(R, t)[i - 1, j - 1], 0), evaluate=False),
    "exponents": equal(LyapunovExponent(i), over_steps / T),
}
"""What the exponents are: means of log |R_ii| of the QR factors along the trajectory, for i = 1 … n."""


def _product(name: str, first: Any, second: Any) -> Line:
    """``det(X Y) = det X det Y``."""
    says = equal(Determinant(first * second), Determinant(first) * Determinant(second))
    return by_fact(name, says, "determinant of a product", X=first, Y=second)


PROOF = Proof(
    ranges=(Le(1, t), Le(t, T), Le(0, k), Le(k, T), Le(1, i), Le(i, n), Le(1, j), Le(j, n)),
    lines=(
        _product("Gram", At(Q, k).T, At(Q, k)),
        by_fact(
            "turned", equal(Determinant(At(Q, k).T), Determinant(At(Q, k))), "determinant of a transpose", X=At(Q, k)
        ),
        by_fact("unit", equal(Determinant(Identity(n)), 1), "determinant of the identity", size=n),
        line(
            "Gram of Q",
            equal(Determinant(Identity(n)), Determinant(At(Q, k).T) * Determinant(At(Q, k))),
            "equals for equals",
            *("orthogonal", "Gram"),
        ),
        line(
            "volume of Q",
            equal(Abs(Determinant(At(Q, k))), 1),
            "real arithmetic",
            *("Gram of Q", "turned", "unit"),
            why="(det Q)² = det QᵀQ = det I = 1",
        ),
        line("now", equal(Abs(Determinant(At(Q, t))), 1), "instance", "volume of Q", at={k: t}),
        line("before", equal(Abs(Determinant(At(Q, t - 1))), 1), "instance", "volume of Q", at={k: t - 1}),
        _product("left", J, At(Q, t - 1)),
        _product("right", At(Q, t), At(R, t)),
        line(
            "step",
            equal(Determinant(At(Q, t) * At(R, t)), Determinant(J) * Determinant(At(Q, t - 1))),
            "equals for equals",
            *("recursion", "left"),
        ),
        line(
            "volumes",
            equal(Abs(Determinant(J)), Abs(Determinant(At(R, t)))),
            "real arithmetic",
            *("step", "right", "now", "before"),
            why="So |det J_t| = |det R_t|",
        ),
        line(
            "diagonal",
            equal(Determinant(At(R, t)), Product(entry, (i, 1, n))),
            "determinant of a triangular matrix",
            "triangular",
        ),
        line(
            "logarithms",
            equal(log(Abs(Product(entry, (i, 1, n)))), over_directions),
            "logarithm of a product",
            "invertible",
        ),
        line(
            "of R",
            equal(log(Abs(Determinant(At(R, t)))), over_directions),
            "equals for equals",
            "diagonal",
            "logarithms",
        ),
        line(
            "of J",
            equal(volume, over_directions),
            "equals for equals",
            "volumes",
            "of R",
            why="Σ_i log |R_ii| = log |det J_t|",
        ),
        line(
            "every step",
            equal(StepSum(volume, t, 1, T), StepSum(over_directions, t, 1, T)),
            "term by term",
            "of J",
            why="so at every step",
        ),
        line(
            "exchanged",
            equal(StepSum(over_directions, t, 1, T), StepSum(over_steps, i, 1, n)),
            "order of summation",
        ),
        line(
            "exponents summed",
            equal(StepSum(LyapunovExponent(i), i, 1, n), StepSum(over_steps / T, i, 1, n)),
            "term by term",
            "exponents",
        ),
        line(
            "sum",
            _equals(_mean(volume)),
            "real arithmetic",
            *("every step", "exchanged", "exponents summed"),
            why="Exponents are means over the steps",
        ),
    ),
)

invertible = Assumption(
    name="invertible",
    text="∂h_t/∂h_{t−1} is invertible at every step, so that no R_ii is 0",
    holds=steps_are_invertible,
    says=Ne(entry, 0, evaluate=False),
    every=(t, i),
)

THEOREM = Theorem(
    title="Sum of the Lyapunov exponents",
    words="Along any trajectory with invertible Jacobians the exponents add up to the mean of log |det ∂h_t/∂h_{t−1}|.",
    sources=(ENGELKEN.at("Lyapunov spectrum by reorthonormalisation"),),
    statement=_equals(_mean(volume)),
    instances=invertible_nets(),
    check=exponents_satisfy,
    proof=PROOF,
    definitions=DEFINITIONS,
    sequences={"Q": direction_after, "R": stretch_at},
    decide=unless_collapsed,
    assumptions=(invertible,),
    without={invertible: net(W=[[1, 1], [1, 1]], inputs=[[0, 0]], activation="identity")},
    ledger=("F13",),
    mutants={
        "no mean": _equals(Sum(volume, (t, 1, T))),
        "slopes left out": _equals(_mean(log(Abs(Determinant(W))))),
        "norms for volumes": _equals(_mean(log(SpectralNorm(StateJacobian(t, t - 1))))),
        "the largest n times": _equals(_mean(volume), n * LyapunovExponent(1)),
        "first step missing": _equals(Sum(volume, (t, 2, T)) / T),
    },
    examples=100,
)
