"""Bounds on all the powers of a matrix by its resolvent ``((1 + ε) I − W)⁻¹``: proof, exact decision, and a check.

The proof writes the resolvent outside the unit circle as a series in powers of W. Finitely many powers certify a bound
on all of them: once the norm of one is below 1, the later ones are products of those before.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq_mat
from hypothesis import strategies as st
from sympy import Eq, Integer, Le, MatrixSymbol, Symbol, limit, oo, simplify
from sympy.matrices.expressions import Identity, MatPow

from backproof.theory.arithmetic import Balls, Rationals, precision
from backproof.theory.confronting.comparison import Comparison, at_most
from backproof.theory.confronting.state_jacobians import products
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.strategies import arrays
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Measure, SpectralNorm
from backproof.theory.language.notation import W, n, s
from backproof.theory.nets.networks import net
from backproof.theory.proving.checkers import EXACT, algebra, scalars
from backproof.theory.proving.proof import Proof, Step, Unprovable

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


def bounds_powers(case: Case) -> bool:
    """Whether ‖Wˢ‖ ≤ M for every s, certainly: up to some s that has ‖Wˢ‖ ≤ 1, from where on the powers repeat less."""
    A = Rationals()
    matrix, bound = A.matrix(case[W]), case[most]
    power = A.identity(matrix.nrows())
    for count in range(128):
        with precision(BITS):
            size = Balls().spectral_norm(arb_mat(power))
        if not size <= bound:
            return False
        if count and size <= 1:
            return True
        power = power * matrix
    return False


def inverts(case: Case) -> bool:
    """Whether R ((1 + ε) I − W) = I."""
    A = Rationals()
    return bool(A.matrix(case[R]) * _system(case) == A.identity(len(case[W])))


def _system(case: Any) -> fmpq_mat:
    A = Rationals()
    matrix = A.matrix(case[W])
    return A.identity(matrix.nrows()) * (1 + A.number(case[epsilon])) - matrix


@st.composite
def kreiss_cases(draw: Any) -> Case:
    """Triangular W with |λ| ≤ 3/4, any entries above, its resolvent in fractions, and M up to a twelve-bit excess."""
    size = draw(st.integers(1, 3))
    upper = np.triu(draw(arrays(size, size)), 1) * draw(st.sampled_from([1, 16, 256]))
    matrix = upper + np.diag(draw(arrays(size, largest=1)) * 0.75)
    if draw(st.booleans()) and size > 1:
        matrix = np.diag(np.full(size, draw(st.sampled_from([1.0, -1.0, 0.5]))))
    distance = draw(st.sampled_from([0.125, 0.5, 1.0]))
    bare = Case({W: matrix, epsilon: distance})
    inverse = _system(bare).inv()
    fractions = [[Fraction(int(x.p), int(x.q)) for x in row] for row in inverse.tolist()]
    return Case({W: matrix, epsilon: distance, R: fractions, most: _peak(matrix) * 1.0009765625})


def _peak(matrix: Any) -> float:
    """The largest norm among the powers until one is at most 1."""
    power, largest = np.eye(len(matrix)), 1.0
    for _ in range(128):
        power = power @ matrix
        size = float(np.linalg.norm(power, 2))
        largest = max(largest, size)
        if size <= 0.99:
            break
    return largest


def powers_exceed(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """The left-hand side against the largest norm among the powers, as the subject's Jacobians of a linear net."""
    linear = net(W=np.asarray(case[W]), inputs=[[0.0] * len(case[W])] * 16, activation="identity")
    with precision(BITS):
        (environment,) = case.environments(Balls(), statement)
        low = float(evaluate(statement.lhs, Balls(), environment))
        for returned in products(subject, linear):
            norms = [float(np.linalg.norm(values[0], 2)) for values in returned.values.values()]
            slack = max(float(np.linalg.norm(bound[0])) for bound in returned.bounds)
            environment[most] = arb(max(norms))
            high = float(evaluate(statement.rhs, Balls(), environment))
            rounding = slack + 64 * len(case[W]) ** 2 * 2.0**-53 * high  # of the norms and of what is compared
            yield at_most(f"the largest power in {returned.dtype}", low, high, rounding)
