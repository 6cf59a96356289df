"""Eigenvalues, norms and powers that a subject computes, or of matrices that it draws, against evaluated statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Eq, Ge, Gt, Le, MatPow, Symbol

from backproof.theory.arithmetic import Balls, Floats, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most, truth
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.state_jacobians import products
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.strategies import signed_permutations
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import SpectralNorm, SpectralRadius
from backproof.theory.language.notation import A, Q, W, n, s
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import net

Array = NDArray[np.float64]
NORM = Symbol("norm", nonnegative=True)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What an initialiser is asked for: an n by n matrix, the seed, and a float format by name."""

    size: int
    seed: int
    haar: bool = False
    dtype: str = "float64"


drawn = st.builds(
    Drawn,
    size=st.sampled_from([2, 3, 4, 8, 16, 64]),
    seed=st.integers(0, 2**16),
    haar=st.booleans(),
    dtype=st.sampled_from(["float64", "float32"]),
)


@st.composite
def exactly_orthogonal(draw: Any) -> Case:
    """Products of signed permutations and, from 4 on, of the Hadamard matrix over 2: orthogonal without rounding."""
    size = draw(st.integers(2, 5))
    matrix = draw(signed_permutations(size))
    if size >= 4:
        block = np.eye(size)
        block[:4, :4] = np.kron([[1, 1], [1, -1]], [[1, 1], [1, -1]]) / 2
        for _ in range(draw(st.integers(0, 3))):
            matrix = matrix @ block @ draw(signed_permutations(size))
    return Case({Q: matrix})


def eigenvalue_bound(size: int, unit: float, norm: float) -> float:
    """How far the QR algorithm may move the eigenvalues of a normal matrix: its backward error, by Bauer and Fike.

    At most 30 sweeps an eigenvalue (where LAPACK gives up) and one reduction, each of n reflections of three entries on
    both sides; one commits 20 roundings relative to the norm (Higham 2002, chapter 19).
    """
    count = 20 * size * (30 * size + size)
    return count * unit / (1 - count * unit) * norm


def orthogonality_bound(size: int, unit: float) -> float:
    """``‖Q̂ − Q‖_F`` to an exactly orthogonal Q after n Householder reflections (Higham 2002, theorem 19.4).

    A reflection I − β v vᵀ costs a dot product, an update and the error in v: fewer than 6 (n + 6) roundings.
    """
    count = 6 * size * (size + 6) + 1
    return float(np.sqrt(size)) * count * unit / (1 - count * unit)


def _confront(part: Any, got: float, limit: float, bound: float) -> Comparison:
    """Equality up to the bound; a strict relation must be certain beyond it."""
    if isinstance(part, Eq):
        return agree(str(part.lhs), [[got]], np.array([[limit]]), np.array([[bound]]))
    room = got - limit if isinstance(part, Gt) else limit - got
    return truth(f"{part.lhs} is {got:.17g}, against {limit:.17g}", room > bound)


def moduli_satisfy(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """Statements on ρ and min |λ| of an exactly orthogonal matrix, by the subject's eigenvalues."""
    unit = Roundoff.of(np.float64).unit
    for part in parts(statement):
        (environment,) = case.environments(Floats(), part)
        matrix = evaluate(part.lhs.args[0], Floats(), environment)
        moduli = np.abs(offered(subject, "eigenvalues")(np.asarray(matrix, dtype=np.float64)))
        got = np.max(moduli) if isinstance(part.lhs, SpectralRadius) else np.min(moduli)
        bound = eigenvalue_bound(len(matrix), unit, float(np.linalg.norm(matrix)))
        yield _confront(part, float(got), float(evaluate(part.rhs, Floats(), environment)), bound)


def initialised_satisfies(statement: Any, subject: Any, instance: Drawn) -> Iterator[Comparison]:
    """Statements on the matrix that the subject draws by QR, within the rounding of Householder's method."""
    size = instance.size
    drawn = offered(subject, "orthogonal_init")(size, seed=instance.seed, dtype=instance.dtype, haar=instance.haar)
    yield truth(f"the dtype is {drawn.dtype}", drawn.dtype == instance.dtype)
    matrix = np.asarray(drawn, dtype=np.float64)
    environment, double = Environment({Q: matrix, n: size}), Roundoff.of(np.float64)
    off = orthogonality_bound(size, Roundoff.of(instance.dtype).unit)
    for part in parts(statement):
        left, right = (np.asarray(evaluate(side, Floats(), environment)) for side in (part.lhs, part.rhs))
        if left.ndim == 2:
            yield agree(
                str(part.lhs), left, right, np.full(left.shape, 2 * off + off**2 + double.gamma(size) * (1 + off) ** 2)
            )
        else:
            moved = off + eigenvalue_bound(size, double.unit, float(np.linalg.norm(matrix)))
            yield _confront(part, float(left), float(right), moved)


def random_satisfies(statement: Any, subject: Any, instance: Drawn) -> Iterator[Comparison]:
    """Statements on a normal W with standard deviation 2/√n; a rounding error makes it another draw, no more."""
    matrix = offered(subject, "normal_init")(instance.size, std=2 / instance.size**0.5, seed=instance.seed)
    environment = Environment({W: np.asarray(matrix), n: instance.size})
    for part in parts(statement):
        left, right = (float(evaluate(side, Floats(), environment)) for side in (part.lhs, part.rhs))
        yield _confront(
            part,
            left,
            right,
            eigenvalue_bound(instance.size, Roundoff.of(np.float64).unit, float(np.linalg.norm(matrix))),
        )


def stretch_satisfies(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """``‖A v‖ ≤ ‖A‖₂ ‖v‖`` with ‖A‖₂ as the subject computes it, and that number against the largest singular value.

    The reduction to two diagonals takes 2n reflections; its relative error is as that of as many for a QR.
    """
    (environment,) = case.environments(Balls(), statement)
    matrix = np.asarray(case[A], dtype=np.float64)
    got = float(offered(subject, "spectral_norm")(matrix))
    relative = 2 * orthogonality_bound(len(matrix), Roundoff.of(np.float64).unit) * float(np.sqrt(len(matrix)))
    with precision(BITS):
        true = Balls().spectral_norm(environment[A])
        yield agree("‖A‖₂", [[got]], Balls().matrix([[true]]), np.array([[relative * float(true)]]))
        environment[NORM] = Balls().number(got)
        left, right = (
            float(evaluate(side.xreplace({SpectralNorm(A): NORM}), Balls(), environment))
            for side in (statement.lhs, statement.rhs)
        )
    low, high = (left, right) if statement.rel_op == "<=" else (right, left)
    yield at_most("‖Av‖", low, high, relative * max(low, high))


@reads(Eq, Le, Ge)
def powers_satisfy(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """Statements on Wˢ or ‖Wˢ‖, where the subject's Wˢ is the Jacobian of a linear net across s steps."""
    power = case[s]
    linear = net(W=np.asarray(case[W]), inputs=[[0.0] * len(case[W])] * max(power, 1), activation="identity")
    found = products(subject, linear)
    with precision(BITS):
        for part in parts(statement):
            (environment,) = case.environments(Balls(), part)
            for returned in found:
                got, bound = returned.between(power, 0)
                what = f"W^{power} in {returned.dtype}"
                if part.lhs == MatPow(W, s):
                    yield agree(what, got, evaluate(part.rhs, Balls(), environment), bound)
                    continue
                environment[NORM] = Balls().spectral_norm(Balls().matrix(got))
                sides = (side.xreplace({SpectralNorm(MatPow(W, s)): NORM}) for side in (part.lhs, part.rhs))
                low, high = (float(evaluate(side, Balls(), environment)) for side in sides)
                low, high = (high, low) if isinstance(part, Ge) else (low, high)
                yield at_most(f"the norm of {what}", low, high, float(np.linalg.norm(bound)))
