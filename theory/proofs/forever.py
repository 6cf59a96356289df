"""Why gradients vanish: by norms for any net, by eigenvalues for linear ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, ImmutableMatrix, Lt, MatrixSymbol, Symbol, limit, oo
from sympy.matrices.expressions import MatPow

from theory.bounded import beta_h, beta_W
from theory.checkers import algebra, scalars
from theory.forever import LIMIT, gamma
from theory.nodes import SpectralNorm, StateJacobian
from theory.notation import W, k, n, t
from theory.proof import Proof, Step, Unprovable
from theory.proofs.jacobians import norm_bound
from theory.proofs.spectra import EXACT, S, S_inv, cancelling, parts, s


def by_norm(statement: Any) -> Iterator[Step]:
    """Proof lines for bounds by (γ ‖W‖)^(t−k), and the limit that follows where γ ‖W‖ < 1."""
    for part in parts(statement):
        if part.lhs == LIMIT:
            yield from _squeezed(part, "‖∂h_T/∂h_0‖ ≤ (γ ‖W‖)ᵀ, and that tends to 0")
        elif part.lhs == SpectralNorm(StateJacobian(t, k)):
            known = {SpectralNorm(W): beta_W, gamma: beta_h}
            yield from norm_bound(part.func(part.lhs, part.rhs.xreplace(known), evaluate=False))
        else:
            raise Unprovable(f"nothing is known about {part.lhs}")


def _squeezed(part: Any, why: str) -> Iterator[Step]:
    rate, lag = 1 / (1 + Symbol("e", positive=True)), Symbol("l", positive=True)
    yield Step(
        why=why,
        relation=Eq(limit(rate**lag, lag, oo), part.rhs, evaluate=False),
        checker=lambda line: isinstance(part, Eq) and line.lhs == line.rhs,
        method="SymPy's limit",
        shown=part,
    )


def by_eigenvalues(statement: Any) -> Iterator[Step]:
    """Proof lines for ``‖Wᵀ‖ → 0`` where ρ(W) < 1: Schur's triangle, scaled until its norm is below 1 as well."""
    upper = MatrixSymbol("R", n, n)
    yield Step(
        why="Schur, over the complex numbers: W = S R S⁻¹ with R triangular, so a power of W is one of R",
        relation=Eq((S * upper * S_inv) * (S * MatPow(upper, s) * S_inv), S * MatPow(upper, s + 1) * S_inv),
        checker=cancelling((S_inv, S), (S, S_inv)),
        method=EXACT,
        shown=Eq(W * S * MatPow(upper, s) * S_inv, S * MatPow(upper, s + 1) * S_inv, evaluate=False),
    )
    eps = Symbol("epsilon", positive=True)
    yield Step(
        why="Scaling by E = diag(ε, ε², …): E⁻¹ R E keeps the diagonal, the rest gets a power of ε of at least 1",
        relation=Eq(Symbol("E^{-1} R E"), Symbol("R_{ij} ε^{j-i}")),
        checker=lambda _: all(_shrinks(units, eps) for units in (2, 3, 4)),
        method="componentwise, 2 to 4 units",
        shown=r"(E^{-1} R E)_{ij} = \varepsilon^{j-i} R_{ij}",
    )
    gap, rest = Symbol("g", positive=True), Symbol("r", positive=True)
    radius = 1 / (1 + gap)
    yield Step(
        why="‖E⁻¹RE‖ ≤ ρ + ε ‖rest‖, below 1 for ε small: ε = (1 − ρ)/(2 ‖rest‖)",
        relation=Lt(radius + (1 - radius) / (2 * rest) * rest, 1),
        checker=scalars,
        method="SymPy's assumptions",
    )
    first, second, v = Symbol("a", positive=True), Symbol("b", positive=True), MatrixSymbol("v", n, 1)
    yield Step(
        why="‖A B v‖ ≤ ‖A‖ ‖B v‖ ≤ ‖A‖ ‖B‖ ‖v‖: so ‖Wˢ‖ ≤ κ qˢ with q < 1 and κ = ‖S E‖ ‖E⁻¹ S⁻¹‖",
        relation=Eq(
            first**2 * second**2 * v.T * v - (S * upper * v).T * S * upper * v,
            first**2 * (second**2 * v.T * v - (upper * v).T * upper * v)
            + (first**2 * (upper * v).T * upper * v - (S * upper * v).T * S * upper * v),
            evaluate=False,
        ),
        checker=algebra,
        method=EXACT,
        shown=r"\lVert W^s \rVert \le \kappa q^s",
    )
    for part in parts(statement):
        if part.lhs != LIMIT:
            raise Unprovable(f"nothing is known about {part.lhs}")
        yield from _squeezed(part, "and κ qᵀ tends to 0")


def _shrinks(units: int, eps: Any) -> bool:
    """Whether conjugation by diag(ε, ε², …) multiplies entry (i, j) of a triangle by ε^(j−i), with j − i ≥ 1 off it."""
    triangle = ImmutableMatrix(units, units, lambda i, j: Symbol(f"r_{i}{j}") if j >= i else 0)
    scale = ImmutableMatrix.diag(*(eps ** (i + 1) for i in range(units)))
    turned = scale.inv() * triangle * scale
    claimed = ImmutableMatrix(units, units, lambda i, j: triangle[i, j] * eps ** (j - i) if j >= i else 0)
    return bool((turned - claimed).expand() == ImmutableMatrix.zeros(units, units))


BY_NORM = Proof(scope="every endless input, every size, every activation with |φ′| ≤ γ", lines=by_norm)
BY_EIGENVALUES = Proof(scope="every size, every linear net with ρ(W) < 1, diagonalisable or not", lines=by_eigenvalues)
