"""The derivative of clipping by norm, in a direction, and a subject's against it.

``ε/max(ε, ‖g‖)`` is written as ``1/√max(1, ⟨g, g⟩/ε²)``: so nothing is divided by ‖g‖, and no root is taken at 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq, Expr, Heaviside, MatrixSymbol, Max, sqrt

from backproof.theory.arithmetic import Balls, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.settling import settled
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.strategies import gradient_tensors
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import NamedFunction
from backproof.theory.language.notation import n
from backproof.theory.theorems.clipping._rules import FORMATS, as_matrix, epsilon, fits, in_format

g, d = MatrixSymbol("g", n, 1), MatrixSymbol("d", n, 1)
size = (g.T * g) / epsilon**2
"""``⟨g, g⟩/ε²``, above 1 where the gradient is clipped."""


class shrunk(NamedFunction):  # noqa: N801 — a function of formulas
    """``1/√max(1, z)``: by what a gradient is multiplied for which ⟨g, g⟩/ε² is z."""

    @property
    def stable(self) -> Expr:
        """The value."""
        return 1 / sqrt(Max(1, self.args[0]))

    def fdiff(self, argindex: int = 1) -> Expr:
        """The derivative, by SymPy."""
        return self.stable.diff(self.args[0])


class cubed(NamedFunction):  # noqa: N801
    """``max(1, z)^{-3/2}`` for z > 1, and 0 elsewhere."""

    @property
    def stable(self) -> Expr:
        """The value."""
        return Heaviside(self.args[0] - 1, 0) / sqrt(Max(1, self.args[0])) ** 3


def clip(v: Any) -> Any:
    """The clipped gradient."""
    return v * ((v.T * v) / epsilon**2).applyfunc(shrunk)


@reads(Eq)
def derivative_matches(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The statement at the instance, and the subject's derivative of its own clipping against the right side.

    For k entries the norm has a relative error of γ_{k+2}. It stands in both factors of g/‖g‖ ⟨g/‖g‖, d⟩ and in ε/‖g‖;
    with the sum of k products and the other operations that is γ_{4k+16}, relative to the magnitudes that are added.
    """
    yield from settled(statement, subject, case)
    with precision(BITS):
        (environment,) = case.environments(Balls(), statement)
        reference = evaluate(statement.rhs, Balls(), environment)
    direction, start = (np.abs(np.array(case[symbol])) for symbol in (d, g))
    length = np.linalg.norm(start)
    along = start / length * (start / length * direction).sum() if length else 0 * start
    factor = case[epsilon] / max(case[epsilon], length)
    for dtype in filter(lambda one: fits(case, one), FORMATS):
        roundoff = Roundoff.of(dtype)
        tensors = in_format(case, (g, d), dtype)
        got = offered(subject, "clip_by_norm_derivative")({"g": tensors["g"]}, {"g": tensors["d"]}, case[epsilon])
        bound = 2 * factor * (direction + along) * roundoff.gamma(4 * start.size + 16) + roundoff.tiny
        yield agree(f"derivative in {np.dtype(dtype).name}", as_matrix(got["g"]), reference, bound)


def _off_the_sphere(case: Case, at_zero: bool) -> Case:
    """At 0 if that is asked for, and otherwise with a threshold that is not the length of g."""
    if at_zero:
        return case.with_({g: [[0.0] for _ in case[g]]})
    on = sum(x * x for (x,) in case[g]) == case[epsilon] ** 2
    return case.with_({epsilon: case[epsilon] * (1.5 if on else 1)})


points = st.builds(
    _off_the_sphere, gradient_tensors(epsilon, g, d, exponents=(0, 0, 8, -8, 40)), st.sampled_from([True, False, False])
)
