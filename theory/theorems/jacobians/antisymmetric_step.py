"""An Euler step with antisymmetric weights stretches whatever it turns: its eigenvalues lie on the circle for no ε > 0.

The differential equation behind it keeps every length, as its eigenvalues are imaginary. One step of size ε adds 1 to
ε times them, and |1 + iεω| > 1; so what is often said of the equation, that nothing grows, is not true of the net.
"""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, Le, Rational

from backproof.theory.instances.symbols import cases
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import EuclideanNorm, Inner
from backproof.theory.language.notation import A, W, v
from backproof.theory.proving.builders import both, equal
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import CHANG
from backproof.theory.theorems.jacobians._antisymmetric import R, epsilon, image, r, step, turn, weighted

turned = R * turn * R * v
before, after, gained = Inner(v, v), Inner(image(), image()), Inner(turned, turned)
similar, never_shorter = equal(step(A) * R, R * weighted(A)), Ge(after, before, evaluate=False)


def _says(length: Any, change: Any = similar, shorter: Any = never_shorter) -> Any:
    return And(change, Eq(after, length, evaluate=False), shorter, evaluate=False)


statement = _says(before + epsilon**2 * gained)

PROOF = Proof(
    lines=(
        line("one map", similar, "matrix algebra", why="R carries the one into the other"),
        line(
            "stretch",
            equal(after, before + epsilon**2 * gained),
            "matrix algebra",
            why="What an antisymmetric matrix makes of v stands at right angles to v",
        ),
        line("a length", Ge(EuclideanNorm(turned), 0, evaluate=False), "real arithmetic"),
        line(
            "not shorter",
            never_shorter,
            "real arithmetic",
            *("stretch", "a length"),
            why="What is added is the square of ε times a length",
        ),
        both("all", statement, "one map", "stretch", "not shorter"),
    )
)

quarter = [[0, -0.5], [0.5, 0]]

THEOREM = Theorem(
    title="An antisymmetric step stretches",
    words="With slopes r ∘ r one Euler step adds ε²‖R(W − Wᵀ)Rv‖² to ‖v‖², lengths weighted by 1/r.",
    sources=(CHANG.at("stability of the forward Euler method"),),
    statement=statement,
    instances=cases(A, W, r, v, epsilon),
    proof=PROOF,
    certified=(
        Case({A: quarter, W: quarter, r: [[1], [1]], v: [[1], [0]], epsilon: Rational(1, 1000)}),
        Case({A: [[1, 2], [0, 1]], W: [[0, 2], [1, 3]], r: [[0.5], [2]], v: [[1], [-1]], epsilon: 1}),
    ),
    mutants={
        "every length kept": _says(before),
        "shrinks": _says(before - epsilon**2 * gained),
        "the step for its square": _says(before + epsilon * gained),
        "slopes on one side alone": _says(before + epsilon**2 * Inner(R * turn * v, R * turn * v)),
        "without the change of lengths": _says(before + epsilon**2 * gained, equal(step(A), weighted(A))),
        "never longer": _says(before + epsilon**2 * gained, shorter=Le(after, before, evaluate=False)),
    },
)
