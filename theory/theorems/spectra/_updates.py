"""Updates of an orthogonal matrix: what each leaves of QᵀQ = I, proved at any size, and a subject's updates.

Instances are dyadic, so that A, I ± ½ηA and Q − ηG are floats. The Cayley step then solves a system whose matrix has no
singular value below 1, with the backward error of elimination with pivoting (Higham 2002, theorem 9.5, growth at most
2^(n−1)); the exponential has the error of a Hermitian eigendecomposition, and is as far off as its generator.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb_mat, fmpq_mat
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Eq, MatrixSymbol, Symbol
from sympy.matrices.expressions import Identity, MatMul

from backproof.theory.arithmetic import Balls, Rationals, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.strategies import arrays, signed_permutations
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import MatrixExponential
from backproof.theory.language.notation import Q, n
from backproof.theory.language.relations import parts
from backproof.theory.proving.builders import equal
from backproof.theory.theorems.spectra._matrices import eigenvalue_bound, orthogonality_bound

G, M = MatrixSymbol("G", n, n), MatrixSymbol("M", n, n)
eta = Symbol("eta", positive=True)
one = Identity(n)
A = G * Q.T - Q * G.T
K = one + eta / 2 * A
"""The matrix of which M is the inverse."""


says_orthogonal, says_inverse = equal(Q.T * Q, one), equal(M * K, one)


@lru_cache(maxsize=64)
def moved(part: Any) -> tuple[Any, ...]:
    """The factors of X where the left-hand side is XᵀX."""
    factors = part.lhs.args if isinstance(part.lhs, MatMul) else ()
    half = factors[len(factors) // 2 :]
    if not half or MatMul(*half).T * MatMul(*half) != part.lhs:
        raise Undecided("the left-hand side is not XᵀX")
    return tuple(half)


Array = NDArray[np.float64]
UNIT = Roundoff.of(np.float64).unit


def completed(rows: Any, gradient: Any, rate: float) -> Case:
    """Q, G, η, and M = (I + ½ηA)⁻¹ in exact rationals."""
    start = Case({Q: rows, G: gradient, eta: rate})
    (environment,) = start.environments(Rationals(), K)
    inverse: fmpq_mat = evaluate(K, Rationals(), environment).inv()
    exact = [[Fraction(int(x.p), int(x.q)) for x in row] for row in inverse.tolist()]
    return Case({Q: rows, G: gradient, eta: rate, M: exact})


@st.composite
def steps(draw: Any) -> Case:
    """An orthogonal Q without rounding, a gradient of halves, and a step size."""
    size = draw(st.integers(1, 4))
    matrix = draw(signed_permutations(size))
    if size == 4:
        matrix = matrix @ (np.kron([[1, 1], [1, -1]], [[1, 1], [1, -1]]) / 2) @ draw(signed_permutations(size))
    rate = draw(st.sampled_from([1.0, 0.5, 0.125, 4.0, 2.0**-10]))
    return completed(matrix.tolist(), draw(arrays(size, size)).tolist(), rate)


def is_orthogonal(case: Case) -> bool:
    """Whether QᵀQ = I, in exact rationals."""
    return decide(says_orthogonal, case) is True


def is_inverse(case: Case) -> bool:
    """Whether M (I + ½ηA) = I, in exact rationals."""
    return decide(says_inverse, case) is True


@reads(Eq)
def updates_satisfy(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """Each part: the update itself, entry by entry, and what the statement says of XᵀX for what came out."""
    start, gradient, rate = np.array(case[Q], dtype=np.float64), np.array(case[G], dtype=np.float64), case[eta]
    with precision(BITS):
        (environment,) = case.environments(Balls(), statement)
        skew = np.array(offered(subject, "skew_gradient")(start, gradient))
        yield agree("A = G Qᵀ − Q Gᵀ", skew, evaluate(A, Balls(), environment), np.zeros_like(skew))
        for part in parts(statement):
            said = evaluate(part.rhs, Balls(), environment)
            if part.has(M) or part.has(MatrixExponential):
                name = "cayley_step" if part.has(M) else "exponential_step"
                got = np.asarray(offered(subject, name)(start, gradient, rate=rate))
                off = _cayley_off(skew * rate / 2) if part.has(M) else _exponential_off(skew * rate)
                product = evaluate(_product(moved(part)), Balls(), environment)
                yield agree(name, got, product, np.full(got.shape, off))
                left = _gram(got) - said
                yield agree(
                    f"XᵀX after {name}, less what is claimed", 0 * got, left, np.full(got.shape, 2 * off + off**2)
                )
            else:
                yield from _plain(
                    part, subject, start, gradient if part.rhs != tangent_departure else skew @ start, rate, said
                )


tangent_departure = eta**2 * (A * Q).T * (A * Q)


def _product(factors: tuple[Any, ...]) -> Any:
    result = factors[0]
    for factor in factors[1:]:
        result = result * factor
    return result


def _plain(part: Any, subject: Any, start: Array, gradient: Array, rate: float, said: arb_mat) -> Iterator[Comparison]:
    """``XᵀX − I`` of the plain step, and its norm as the subject's ``departure`` gives it."""
    if -one not in part.lhs.args:
        raise Undecided("the left-hand side is not XᵀX − I")
    got = np.asarray(offered(subject, "plain_step")(start, gradient, rate=rate))
    rounding = UNIT * (np.abs(start) + 2 * rate * np.abs(gradient))
    bound = rounding.T @ np.abs(got) + np.abs(got).T @ rounding
    off = _gram(got) - Balls().identity(len(got))
    yield agree("XᵀX − I after plain_step, less what is claimed", 0 * got, off - said, bound)
    size = len(got)
    noise = 2 * size * orthogonality_bound(size, UNIT) * (float(np.linalg.norm(got)) ** 2 + 1)
    distance = abs(float(offered(subject, "departure")(got)) - float(Balls().spectral_norm(off)))
    yield at_most("the error of departure", distance, noise)


def _gram(matrix: Array) -> Any:
    value = Balls().matrix(matrix)
    return value.transpose() * value


def _cayley_off(half: Array) -> float:
    size = len(half)
    count = 3 * size * UNIT
    backward = size**2 * count / (1 - count) * 2.0 ** (size - 1)
    largest = float(np.max(np.abs(np.eye(size) + half).sum(axis=1)))
    return float(2 * np.sqrt(size) * backward * largest)


def _exponential_off(generator: Array) -> float:
    size = len(generator)
    norm = float(np.linalg.norm(generator))
    return eigenvalue_bound(size, UNIT, norm + 1) + 4 * orthogonality_bound(size, UNIT)
