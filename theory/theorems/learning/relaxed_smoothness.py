"""A recurrent linear unit's loss has no bounded curvature, but one that is bounded by its gradient.

For f(w) = (w^T − y)² with |y| ≤ 1 and T ≥ 2 the curvature passes every L, so f is not L-smooth; but it is at most
L_0 + L_1 |f′|.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from sympy import Abs, And, Ge, Gt, Integer, Le, Or, Rational, Symbol

from backproof.theory.confronting.comparison import Comparison
from backproof.theory.confronting.settling import settled
from backproof.theory.instances.values import Case
from backproof.theory.proving.builders import bounded, by_fact, equal
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import ZHANG
from backproof.theory.theorems.learning._power_loss import T, curvature, lag, slope, slope_of_a_subject, w, y

L = Symbol("L", nonnegative=True)
two = 2**lag  # 2^{T−2}
L_0, L_1 = 18 * T**2 * two**2, 3 * T
far = curvature.xreplace({w: 1 + L})


rough = Gt(far, L, evaluate=False)


def _says(constant: Any = L_0, factor: Any = L_1, beyond: Any = rough) -> Any:
    return And(_bounded(constant, factor), beyond, evaluate=False)


def _bounded(constant: Any = L_0, factor: Any = L_1) -> Any:
    return bounded(Abs(curvature), constant + factor * Abs(slope))


small = bounded(Abs(y), 1)
target = Assumption(name="small target", text="|y| ≤ 1", holds=certainly(small), says=small)
size = Abs(w)
near, beyond = bounded(size, 2), bounded(2, size)


def _monotone(name: str, low: Any, high: Any, *by: str) -> Line:
    return by_fact(name, bounded(low**lag, high**lag), "powers are monotone", *by, a=low, b=high, s=lag)


def _from_zero(name: str, number: Any) -> Line:
    return line(name, Ge(number, 0, evaluate=False), "real arithmetic")


PROOF = Proof(
    lines=(
        by_fact(
            "either sign",
            Or(equal(w**lag, size**lag), equal(w**lag, -(size**lag)), evaluate=False),
            "power of a modulus",
            a=w,
            s=lag,
        ),
        _from_zero("1 from 0", Integer(1)),
        _from_zero("2 from 0", Integer(2)),
        _from_zero("|w| from 0", size),
        line("1 at most 2", bounded(Integer(1), Integer(2)), "real arithmetic"),
        line("1 at most 1 + L", bounded(Integer(1), 1 + L), "real arithmetic"),
        _monotone("powers of 2", Integer(1), Integer(2), "1 from 0", "1 at most 2"),
        _monotone("powers of 1 + L", Integer(1), 1 + L, "1 from 0", "1 at most 1 + L"),
        by_fact(
            "power from 0",
            Ge(size**lag, 0, evaluate=False),
            "powers of what is not negative",
            "|w| from 0",
            a=size,
            s=lag,
        ),
        line("near or beyond", Or(near, beyond, evaluate=False), "real arithmetic"),
        line("near", near, "supposition", why="Where |w| ≤ 2"),
        _monotone("small powers", size, Integer(2), "|w| from 0", "near"),
        line(
            "bounded near",
            _bounded(),
            "real arithmetic",
            "small target",
            "near",
            "either sign",
            "small powers",
            "power from 0",
            "powers of 2",
            why="every term of f″ is",
        ),
        line("beyond", beyond, "supposition", why="Where |w| ≥ 2"),
        _monotone("large powers", Integer(2), size, "2 from 0", "beyond"),
        line(
            "bounded beyond",
            _bounded(),
            "real arithmetic",
            "small target",
            "beyond",
            "either sign",
            "large powers",
            "powers of 2",
            why="|w^T − y| is half of |w|^T or more, and f″ at most a multiple of f′",
        ),
        line("bounded", _bounded(), "cases", "near or beyond", "bounded near", "bounded beyond"),
        line("rough", rough, "real arithmetic", "small target", "powers of 1 + L", why="f″(1 + L) ≥ 2 T² (1 + L)²"),
        line("all", _says(), "together", "bounded", "rough"),
    )
)


def smooth(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The statement, and the subject's gradient of the unit against f′."""
    yield from settled(statement, subject, case)
    yield from slope_of_a_subject(subject, case)


def _case(weight: float, goal: float, steps: int, limit: int = 8) -> Case:
    return Case({w: weight, y: goal, lag: steps - 2, L: limit})


THEOREM = Theorem(
    title="Relaxed smoothness of a recurrent loss",
    words="The loss f(w) = (w^T − y)² of a linear unit with |y| ≤ 1 and T ≥ 2 is not L-smooth, for f″(1 + L) > L for "
    "every L; but |f″| ≤ L_0 + L_1 |f′| everywhere, with L_0 = 18 T² 4^{T−2} and L_1 = 3 T.",
    sources=(ZHANG.at("the condition of (L_0, L_1)-smoothness"),),
    statement=_says(),
    instances=st.builds(
        _case,
        st.integers(-16, 16).map(lambda k: k / 4),
        st.integers(-4, 4).map(lambda k: k / 4),
        st.integers(2, 6),
        st.integers(0, 64),
    ),
    check=smooth,
    proof=PROOF,
    assumptions=(target,),
    without={target: _case(0.0, -37.0, 2)},
    certified=(_case(3.0, 1.0, 4, 1000), _case(0.0, 1.0, 2, 0), _case(-2.0, -1.0, 5)),
    mutants={
        "curvature bounded by a number": _says(factor=0),
        "curvature bounded by the gradient alone": _says(constant=0),
        "the factor without T": _says(factor=Rational(1, 2)),
        "no curvature beyond L": _says(beyond=Le(far, L, evaluate=False)),
        "twice as rough": _says(beyond=Gt(far, 64 * T**2 * (1 + L) ** (2 * lag + 2), evaluate=False)),
    },
)
