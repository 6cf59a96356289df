"""Vectors expanded in eigenvectors of W: what powers of W do to them, decided, and confronted with a linear net.

Decisions hold for every choice of coefficients: whether a span of eigenvectors holds a vector, and where powers lead
it. The check compares the subject's Jacobians of a linear net with balls as wide as its rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq_mat, fmpq_poly
from hypothesis import strategies as st
from sympy import Abs, Eq, Ge, ImmutableMatrix, Integer, Le, Limit, MatrixSymbol, Symbol, oo
from sympy.matrices.expressions import Identity, MatPow
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.arithmetic import Balls, Rationals, Undecided, precision
from backproof.theory.confronting.comparison import Comparison
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.state_jacobians import products
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.closed_forms import scalars
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import arrays, diagonalised, signed_permutations
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import EuclideanNorm, LargestEntry, SpectralNorm, StepLossGradient
from backproof.theory.language.notation import D, Q, S, S_inv, W, h, k, lam, n, s, t, v
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import net, net_of
from backproof.theory.proving.builders import bounded, equal

X, B = MatrixSymbol("X", n, 2), MatrixSymbol("B", 2, 2)
alpha, beta = Symbol("alpha", real=True), Symbol("beta", real=True)
q, c, mu = (MatrixSymbol(name, n, 1) for name in ("q", "c", "mu"))
lamda = Symbol("lambda", real=True)
gap, share = Symbol("epsilon", positive=True), Symbol("K", positive=True)
M = DiagMatrix(mu)
TURN = ImmutableMatrix([[alpha, beta], [-beta, alpha]])
says_plane, says_turn = equal(W * X, X * B), equal(B, TURN)
says_leads, says_follow = equal(W * q, lamda * q), equal(W * S, S * M)
says_apart = bounded(LargestEntry(mu) * (1 + gap), Abs(lamda))
says_shares = bounded(SpectralNorm(S) * EuclideanNorm(c), share * EuclideanNorm(q))
says_spectral, says_orthogonal = equal(W, Q * D * Q.T), equal(Q.T * Q, Identity(n))
P = MatrixSymbol("P", n, n)
"""Wˢ as the subject has it."""


@reads(Eq, Le, Ge)
def applied(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """Relations on Wˢ applied to something, or on its norm, where Wˢ is what the subject returns."""
    if statement.has(Limit):
        raise Undecided("a finite power says nothing about a limit")
    power = case[s]
    linear = net(W=np.asarray(case[W]), inputs=[[0.0] * len(case[W])] * max(power, 1), activation="identity")
    with precision(BITS):
        for returned in products(subject, linear):
            got, bound = returned.between(power, 0)
            for part in parts(statement):
                (environment,) = case.environments(Balls(), part)
                environment[P] = _ball(got, bound)
                left, right = (evaluate(side.xreplace({MatPow(W, s): P}), Balls(), environment) for side in part.args)
                low, high = (right, left) if isinstance(part, Ge) else (left, right)
                yield _meet(f"{part} in {returned.dtype}", low, high, isinstance(part, Eq))


def _ball(values: Any, radii: Any) -> arb_mat:
    pairs = zip(np.ravel(values), np.ravel(radii), strict=True)
    return arb_mat(*values.shape, [arb(float(value), float(radius)) for value, radius in pairs])


def _meet(what: str, left: Any, right: Any, equal: bool) -> Comparison:
    """Two balls, or balls entry by entry: how far apart (or the left above the right), in units of their radii."""
    worst, detail = 0.0, what
    for first, second in zip(_entries(left), _entries(right), strict=True):
        excess = first.mid() - second.mid()
        excess = abs(excess) if equal else excess
        room = first.rad() + second.rad()
        margin = 0.0 if excess <= 0 else (float(excess / room) if room > 0 else float("inf"))
        if margin > worst:
            worst, detail = margin, f"{what}: {first.str(8)} against {second.str(8)}"
    return Comparison(what=what, margin=worst, detail=detail)


def _entries(value: Any) -> list[arb]:
    return [arb(entry) for entry in (value.entries() if isinstance(value, arb_mat) else [value])]


def is_plane(case: Case) -> bool:
    """Whether W X = X B."""
    return decide(says_plane, case) is True


def is_turn(case: Case) -> bool:
    """Whether B = [[α, β], [−β, α]]."""
    return decide(says_turn, case) is True


@st.composite
def planes(draw: Any) -> Case:
    """W with the eigenvalue α + iβ on the plane of two integer columns; the rest of W is arbitrary."""
    size = draw(st.integers(2, 3))
    basis = draw(_unimodular(size))
    a, b = (draw(st.integers(-4, 4)) * draw(st.sampled_from([0.25, 0.5, 1.0])) for _ in range(2))
    block = np.array([[a, b], [-b, a]], dtype=np.float64)
    inside = np.zeros((size, size))
    inside[:2, :2], inside[:, 2:] = block, draw(arrays(size, size - 2))
    inverse = np.rint(np.linalg.inv(basis))
    whole = basis @ inside @ inverse
    return Case({W: whole, X: basis[:, :2], B: block, alpha: a, beta: b, s: draw(st.integers(0, 6))})


@st.composite
def _unimodular(draw: Any, size: int) -> Any:
    """Integers, determinant 1."""
    lower, upper = (draw(arrays(size, size, largest=1)) * 2 for _ in range(2))
    return (np.tril(lower, -1) + np.eye(size)) @ (np.triu(upper, 1) + np.eye(size))


def leads(case: Case) -> bool:
    """Whether W q = λ q."""
    return decide(says_leads, case) is True


def follow(case: Case) -> bool:
    """Whether W S = S diag(μ)."""
    return decide(says_follow, case) is True


def apart(case: Case) -> bool:
    """Whether |μ_i| (1 + ε) ≤ |λ| for every i."""
    return decide(says_apart, case) is True


def shares(case: Case) -> bool:
    """Whether ‖S‖ ‖c‖ ≤ K ‖q‖, certainly."""
    return decide(says_shares, case) is True


@st.composite
def leading(draw: Any) -> Case:
    """W with a real eigenvalue that leads the others by a factor 1 + ε, and a vector that has a part along it."""
    case = draw(diagonalised())
    columns, inverse = np.array(case[S]), np.array(case[S_inv])
    rest, spread = draw(arrays(len(columns), 1)), draw(st.sampled_from([0.5, 1, 3]))
    value = max(float(np.max(np.abs(rest))), 0.25) * (1 + spread) * draw(st.sampled_from([1, -1, 2]))
    values = np.vstack([[[value]], rest[1:]])
    first = columns[:, :1] * draw(st.sampled_from([1, -2, 0.5]))
    columns = np.hstack([0 * first, columns[:, 1:]])
    parts_of = draw(arrays(len(columns), 1))
    bound = np.linalg.norm(columns) * np.linalg.norm(parts_of) / np.linalg.norm(first)
    whole = np.array(case[S]) @ np.diag(values[:, 0]) @ inverse
    named = {W: whole, q: first, S: columns, mu: rest * (np.arange(len(rest)) > 0)[:, None], c: parts_of}
    return Case({**named, lamda: value, gap: spread, share: float(np.ceil(bound + 1)), s: draw(st.integers(0, 6))})


def is_orthogonal(case: Case) -> bool:
    """Whether QᵀQ = I."""
    return decide(says_orthogonal, case) is True


def is_spectral(case: Case) -> bool:
    """Whether W = Q D Qᵀ."""
    return decide(says_spectral, case) is True


@st.composite
def symmetric_cases(draw: Any) -> Case:
    """W = Q D Qᵀ with Q a signed permutation, or of fractions with Pythagorean entries in binary, and a vector."""
    size = draw(st.integers(2, 4))
    basis = draw(signed_permutations(size))
    if size == 4:
        basis = basis @ np.kron([[1, 1], [1, -1]], [[1, 1], [1, -1]]) / 2
    values = draw(arrays(size, 1))
    named = {W: basis @ np.diag(values[:, 0]) @ basis.T, Q: basis, lam: values, v: draw(arrays(size, 1))}
    return Case({**named, s: draw(st.integers(0, 6))})


EXPANDED = Eq(StepLossGradient(h[k], t), S * MatPow(D, t - k) * S_inv * StepLossGradient(h[t], t), evaluate=False)
"""The gradient in eigenvectors: the one statement that is decided for all coefficients at once."""


def decide_expanded(statement: Any, instance: Any) -> bool | None:
    """False if some ``∂L_t/∂h_t`` of a net is no combination of eigenvectors of Wᵀ, whatever the coefficients.

    A vector is such a combination if, and only if, the product of Wᵀ − λ over the *distinct* eigenvalues sends it to 0:
    the characteristic polynomial without its repeated factors, at Wᵀ. Of any other statement nothing is said.
    """
    if statement != EXPANDED:
        return None
    A = Rationals()
    turned = A.transpose(A.matrix(net_of(instance).W))
    whole = turned.charpoly()
    annihilator = _at(whole // whole.gcd(whole.derivative()), turned)
    arriving = StepLossGradient(h[t], t)
    for environment in net_of(instance).environments(A, Eq(t, 1, evaluate=False)):
        if any(value != 0 for value in (annihilator * evaluate(arriving, A, environment)).entries()):
            return False
    return None


def _at(polynomial: fmpq_poly, matrix: fmpq_mat) -> fmpq_mat:
    """The polynomial of a matrix, by Horner's rule."""
    one = Rationals().identity(matrix.nrows())
    value = 0 * one
    for coefficient in reversed(polynomial.coeffs()):
        value = value * matrix + coefficient * one
    return value


DISTANCE = EuclideanNorm(MatPow(W, s) * (q + S * c) - lamda**s * q) / Abs(lamda) ** s
"""How far Wˢ(q + S c) is from λˢ q, relative to |λ|ˢ."""


def decide_aligned(statement: Any, instance: NetWithValues) -> bool | None:
    """Limits, as s grows, of the distance between Wˢ(q + S c) and λˢ q over |λ|ˢ, where one other part is not zero.

    That part is S c with eigenvalue μ, so the distance is ``|μ/λ|ˢ ‖S c‖`` exactly.
    """
    if not isinstance(statement.lhs, Limit):
        return decide(statement, instance)
    if statement.lhs != Limit(DISTANCE, s, oo):
        return None
    case = Case({W: instance.net.W, **instance.values})
    (place,) = [i for i, value in enumerate(case[c]) if value[0] and any(row[i] for row in case[S])]
    if not leads(case) or not follow(case):
        return None
    rate = abs(Fraction(case[mu][place][0]) / Fraction(case[lamda]))
    if rate == 1:
        return None
    return scalars(statement.func(Integer(0) if rate < 1 else oo, statement.rhs))
