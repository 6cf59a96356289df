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
from sympy import Le, MatrixSymbol, Symbol
from sympy.matrices.expressions import Identity, MatPow

from backproof.theory.arithmetic import Balls, Rationals, precision
from backproof.theory.confronting.comparison import Comparison, at_most
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.state_jacobians import products
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.strategies import arrays
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import SpectralNorm
from backproof.theory.language.notation import W, n, s
from backproof.theory.nets.networks import net
from backproof.theory.proving.builders import bounded, equal

R = MatrixSymbol("R", n, n)
epsilon, most = Symbol("epsilon", positive=True), Symbol("M", positive=True)
z = 1 + epsilon
says_bounded = bounded(SpectralNorm(MatPow(W, s)), most)
says_resolvent = equal(R * (z * Identity(n) - W), Identity(n))


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
    return decide(says_resolvent, case) is True


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


@reads(Le)
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
