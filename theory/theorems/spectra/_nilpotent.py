"""Powers of W = λ I + N with N² = 0: their closed form, their growth, and instances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Abs, MatrixSymbol, Ne, Symbol
from sympy.matrices.expressions import Identity, MatPow

from backproof.theory.confronting.comparison import Comparison
from backproof.theory.confronting.settling import settled
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import arrays
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import SpectralNorm
from backproof.theory.language.notation import W, n, s
from backproof.theory.language.relations import parts
from backproof.theory.proving.builders import bounded, by_fact, equal
from backproof.theory.proving.kernel import Line, line
from backproof.theory.theorems.spectra._matrices import powers_satisfy

N = MatrixSymbol("N", n, n)
lamda = Symbol("lambda", real=True)
says_shifted, says_nilpotent = equal(W, lamda * Identity(n) + N), equal(N * N, 0 * N)
first, second = lamda**s * Identity(n), s * lamda ** (s - 1) * N
closed = equal(MatPow(W, s), first + second)
modulus, size, norm = Abs(lamda), SpectralNorm(N), SpectralNorm(MatPow(W, s))
peak = s * modulus ** (s - 1) * size


def closed_form(nonzero: str) -> tuple[Line, ...]:
    """Lines to "closed form": ``Wˢ = λˢ I + s λˢ⁻¹ N``, from "shift", "nilpotent" and what says that λ is not 0."""
    return (
        line("start", equal(W**0, lamda**0 * Identity(n) + 0 * lamda**-1 * N), "matrix algebra", why="Base: W⁰ = I"),
        line("hypothesis", closed, "supposition", why="Suppose it for s"),
        line(
            "one more",
            equal(MatPow(W, s + 1), lamda ** (s + 1) * Identity(n) + (lamda**s + s * lamda * lamda ** (s - 1)) * N),
            "matrix algebra",
            *("hypothesis", "shift", "nilpotent"),
            why="One more λ I + N, with N N = 0",
        ),
        line("not zero", Ne(lamda, 0, evaluate=False), "real arithmetic", nonzero),
        by_fact("power law", equal(lamda * lamda ** (s - 1), lamda**s), "one power more", "not zero", q=lamda, e=s - 1),
        line(
            "step",
            equal(MatPow(W, s + 1), lamda ** (s + 1) * Identity(n) + (s + 1) * lamda**s * N),
            "linear combination",
            *("one more", "power law"),
            factors=((1, 1), (s * N, 1)),
        ),
        line("closed form", closed, "induction", "start", "step", index=s, why="By induction on s"),
    )


def norms() -> tuple[Line, ...]:
    """Lines to "lower" and "upper": ``s |λ|ˢ⁻¹ ‖N‖ ∓ |λ|ˢ`` on either side of ‖Wˢ‖, from "closed form"."""
    one = Identity(n)
    return (
        by_fact("norm of I", equal(SpectralNorm(one), 1), "norm of the identity", size=n),
        by_fact(
            "multiple of I",
            equal(SpectralNorm(first), modulus**s * SpectralNorm(one)),
            "norm of a multiple",
            c=lamda**s,
            X=one,
        ),
        by_fact(
            "multiple of −I",
            equal(SpectralNorm(-first), modulus**s * SpectralNorm(one)),
            "norm of a multiple",
            c=-(lamda**s),
            X=one,
        ),
        by_fact("multiple of N", equal(SpectralNorm(second), peak), "norm of a multiple", c=s * lamda ** (s - 1), X=N),
        by_fact(
            "sum",
            bounded(SpectralNorm(first + second), SpectralNorm(first) + SpectralNorm(second)),
            "norm of a sum",
            X=first,
            Y=second,
        ),
        line(
            "power is the sum",
            bounded(norm, SpectralNorm(first) + SpectralNorm(second)),
            "equals for equals",
            "closed form",
            "sum",
        ),
        line(
            "upper",
            bounded(norm, peak + modulus**s),
            "real arithmetic",
            *("power is the sum", "multiple of I", "multiple of N", "norm of I"),
            why="‖A + B‖ ≤ ‖A‖ + ‖B‖",
        ),
        line("rest", equal(MatPow(W, s) - first, second), "matrix algebra", "closed form"),
        by_fact(
            "difference",
            bounded(SpectralNorm(MatPow(W, s) - first), norm + SpectralNorm(-first)),
            "norm of a sum",
            X=MatPow(W, s),
            Y=-first,
        ),
        line(
            "rest is less",
            bounded(SpectralNorm(second), norm + SpectralNorm(-first)),
            "equals for equals",
            "rest",
            "difference",
        ),
        line(
            "lower",
            bounded(peak - modulus**s, norm),
            "real arithmetic",
            *("rest is less", "multiple of −I", "multiple of N", "norm of I"),
            why="and ‖B‖ = ‖(A + B) − A‖ ≤ ‖A + B‖ + ‖A‖",
        ),
    )


def is_shifted(case: Case) -> bool:
    """Whether W = λ I + N."""
    return decide(says_shifted, case) is True


def is_nilpotent(case: Case) -> bool:
    """Whether N² = 0."""
    return decide(says_nilpotent, case) is True


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
