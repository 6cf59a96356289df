"""The resolvent of W outside the unit circle, as a series in powers of W."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Integer, Le, MatrixSymbol, Symbol, limit, oo, simplify
from sympy.matrices.expressions import Identity, MatPow

from theory.checkers import algebra, scalars
from theory.nodes import Measure, SpectralNorm
from theory.notation import W, n
from theory.proof import Proof, Step, Unprovable
from theory.proofs.spectra import EXACT, s

R = MatrixSymbol("R", n, n)
epsilon, most = Symbol("epsilon", positive=True), Symbol("M", positive=True)
F = MatrixSymbol("F", n, n)
"""What the first s terms of the series add up to."""


def series(statement: Any) -> Iterator[Step]:
    """Proof lines for lower bounds on M by the norm of the resolvent R, where R (z I − W) = I and z = 1 + ε."""
    if not isinstance(statement, Le) or statement.rhs != most:
        raise Unprovable("the statement does not bound M from below")
    z = 1 + epsilon
    system = z * Identity(n) - W
    yield Step(
        why="If F (z I − W) = I − z^(−s) Wˢ, one more term z^(−s−1) Wˢ of the series makes it I − z^(−s−1) W^(s+1)",
        relation=Eq(
            Identity(n) - z ** (-s) * MatPow(W, s) + z ** (-s - 1) * MatPow(W, s) * system,
            Identity(n) - z ** (-s - 1) * MatPow(W, s + 1),
            evaluate=False,
        ),
        checker=lambda line: _equal(line),
        method=EXACT,
    )
    lag, e = Symbol("l", positive=True), Symbol("e", positive=True)
    yield Step(
        why="With ‖Wˢ‖ ≤ M what is missing, z^(−s) Wˢ R, tends to 0: the series adds up to R",
        relation=Eq(limit((1 / (1 + e)) ** lag, lag, oo), 0, evaluate=False),
        checker=lambda line: line.lhs == line.rhs,
        method="SymPy's limit",
        shown=Eq(Symbol("lim") * z ** (-s) * most, 0, evaluate=False),
    )
    ratio = 1 / z
    bound = most * ratio / (1 - ratio)
    yield Step(
        why="So ‖R‖ ≤ Σ_s z^(−s−1) M, a geometric series with first term M/z and ratio 1/z",
        relation=Eq(bound, most / epsilon, evaluate=False),
        checker=lambda line: scalars(Eq(simplify(line.lhs - line.rhs), Integer(0), evaluate=False)),
        method="exact",
    )
    known = statement.lhs.xreplace({SpectralNorm(R): most / epsilon})
    yield Step(
        why="and what the statement says follows, at every ε > 0",
        relation=Le(known, most, evaluate=False),
        checker=lambda line: None if line.atoms(Measure) else scalars(Le(simplify(line.lhs), line.rhs, evaluate=False)),
        method="SymPy's assumptions",
        shown=statement,
    )


def _equal(line: Any) -> bool | None:
    """Matrix algebra after multiplying by z^(s+1), so that no negative power is left."""
    z = Symbol("z", positive=True)
    left, right = (side.xreplace({1 + epsilon: z}) for side in line.args)
    return algebra(Eq((z ** (s + 1) * left).expand().doit(), (z ** (s + 1) * right).expand().doit(), evaluate=False))


KREISS = Proof(scope="every size, every W with bounded powers, every ε > 0", lines=series)
