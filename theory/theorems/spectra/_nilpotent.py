"""Powers of W = λ I + N with N² = 0: their closed form, their growth, and instances."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Abs, Eq, Integer, Le, MatrixSymbol, Symbol, simplify
from sympy.matrices.expressions import Identity, MatAdd, MatMul, MatPow

from backproof.theory.confronting.comparison import Comparison
from backproof.theory.confronting.settling import settled
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import arrays
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Measure, SpectralNorm, SpectralRadius
from backproof.theory.language.notation import W, n, s
from backproof.theory.language.relations import parts
from backproof.theory.proving.checkers import EXACT, Checker, algebra, distributed, scalars
from backproof.theory.proving.proof import Proof, Step, Unprovable
from backproof.theory.theorems.spectra._matrices import powers_satisfy

N = MatrixSymbol("N", n, n)
lamda = Symbol("lambda", real=True)
BY_ASSUMPTIONS = "SymPy's assumptions"


def without_squares(matrix: Any) -> Checker:
    """Matrix algebra in which the matrix times itself is 0. Never answers False."""

    def kept(expression: Any) -> Any:
        whole = distributed(expression)
        terms = whole.args if isinstance(whole, MatAdd) else (whole,)
        return MatAdd(*(term for term in terms if not _squared(term, matrix))).doit() if terms else whole

    return lambda line: algebra(Eq(*(_collected(kept(side)) for side in line.args), evaluate=False))


def _squared(term: Any, matrix: Any) -> bool:
    factors = term.as_coeff_matrices()[1] if isinstance(term, MatMul) else [term]
    powers = [f for f in factors if isinstance(f, MatPow) and f.base == matrix and f.exp.is_integer and f.exp >= 2]
    return bool(powers) or any(a == b == matrix for a, b in pairwise(factors))


def _collected(expression: Any) -> Any:
    """Coefficients of equal matrix terms added up and simplified."""
    found: dict[Any, Any] = {}
    for term in expression.args if isinstance(expression, MatAdd) else (expression,):
        coefficient, factors = term.as_coeff_matrices() if isinstance(term, MatMul) else (Integer(1), [term])
        matrix = MatMul(*factors).doit()
        found[matrix] = found.get(matrix, 0) + coefficient
    return MatAdd(*(simplify(coefficient.expand()) * matrix for matrix, coefficient in found.items())).doit()


def shifted_nilpotent(statement: Any) -> Iterator[Step]:
    """Proof lines for what follows of ``Wˢ`` and its norm where W = λ I + N with N² = 0."""
    modulus = Symbol("m", positive=True) if statement.has(Abs) else Integer(1)  # else |λ| = 1 is assumed
    size = Symbol("nu", nonnegative=True)
    closed = lamda**s * Identity(n) + s * lamda ** (s - 1) * N
    exact = closed
    for part in parts(statement):
        if part.lhs == MatPow(W, s) and isinstance(part, Eq):
            exact = part.rhs
    yield Step(
        why="Base: W⁰ = I",
        relation=Eq(exact.subs(s, 0).doit(), Identity(n), evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="Induction: one more λ I + N, with N N = 0",
        relation=Eq((lamda * Identity(n) + N) * exact, exact.subs(s, s + 1), evaluate=False),
        checker=without_squares(N),
        method=EXACT,
    )
    slack = Symbol("f", nonnegative=True)
    for part in (part for part in parts(statement) if part.lhs != MatPow(W, s)):
        yield from _norm_of_sum(part, modulus, size, slack)


def _norm_of_sum(part: Any, modulus: Any, size: Any, slack: Any) -> Iterator[Step]:
    """A bound on the norm of λˢ I + s λ^(s-1) N by the triangle inequality, from either side; or one on ρ(W)."""
    inside = 1 / (1 + Symbol("e", positive=True)) if part.has(SpectralRadius) else modulus
    known = {SpectralRadius(W): inside, Abs(lamda): modulus, SpectralNorm(N): size}
    ends = modulus**s, s * modulus ** (s - 1) * size
    if part.rhs == SpectralNorm(MatPow(W, s)):  # from below: the norm of a sum is at least the difference
        line = Le(part.lhs.xreplace(known), ends[1] - ends[0], evaluate=False)
        why = "‖A + B‖ ≥ ‖B‖ − ‖A‖, so the bound need not exceed that difference"
    elif part.lhs == SpectralNorm(MatPow(W, s)) and isinstance(part, Le):
        line = Le(ends[0] + ends[1], part.rhs.xreplace(known), evaluate=False)
        why = "‖A + B‖ ≤ ‖A‖ + ‖B‖, so the bound must not fall below that sum"
    elif part.lhs == SpectralRadius(W):
        line = part.func(part.lhs.xreplace(known), part.rhs, evaluate=False)
        why = "(W − λ I)² = 0, so λ is the only eigenvalue, and |λ| < 1"
    else:
        raise Unprovable(f"nothing is known about {part}")
    yield Step(
        why=why,
        relation=line,
        checker=lambda line: None if line.atoms(Measure) else _over(line, modulus ** (s - 1)),
        method=BY_ASSUMPTIONS,
    )


def _over(line: Any, factor: Any) -> bool | None:
    """An inequality with both sides over a positive factor."""
    gap = simplify(((line.rhs - line.lhs) / factor).expand())
    return scalars(line.func(0, gap.expand()))


NILPOTENT = Proof(
    scope="every size, every power, every W = λ I + N with λ real and N² = 0; induction on the power",
    lines=shifted_nilpotent,
)


def is_shifted(case: Case) -> bool:
    """Whether W = λ I + N."""
    return decide(Eq(W, lamda * Identity(n) + N, evaluate=False), case) is True


def is_nilpotent(case: Case) -> bool:
    """Whether N² = 0."""
    return decide(Eq(N * N, 0 * N, evaluate=False), case) is True


@st.composite
def shifted(draw: Any, *moduli: float) -> Case:
    """W = λ I + N with |λ| one of these and N = u vᵀ, v orthogonal to u: entries of integers and halves."""
    size = draw(st.integers(2, 3))
    u, v = draw(arrays(size)) * 2, draw(arrays(size)) * draw(st.sampled_from([1, 4, 64]))
    v = v * (u @ u) - u * (u @ v) if draw(st.booleans()) else v * (u == 0)
    return _case(draw, np.outer(u, v), draw(st.sampled_from(moduli)))


@st.composite
def triangular(draw: Any, *moduli: float) -> Case:
    """The same with N strictly upper triangular: a last column or a first row."""
    size = draw(st.integers(2, 3))
    matrix = np.zeros((size, size))
    row = draw(arrays(size - 1)) * draw(st.sampled_from([1, 16, 1024]))
    if draw(st.booleans()):
        matrix[0, 1:] = row
    else:
        matrix[:-1, -1] = row
    return _case(draw, matrix, draw(st.sampled_from(moduli)))


def _case(draw: Any, matrix: Any, modulus: float) -> Case:
    value = modulus * draw(st.sampled_from([1, -1]))
    return Case({W: value * np.eye(len(matrix)) + matrix, N: matrix, lamda: value, s: draw(st.integers(0, 8))})


def powers_and_facts(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """What is said of Wˢ is confronted with the subject's Jacobian of a linear net; the rest is settled."""
    for part in parts(statement):
        power = part.has(MatPow(W, s)) or part.has(SpectralNorm(MatPow(W, s)))
        yield from (powers_satisfy if power else settled)(part, subject, case)
