"""What a far-off word teaches, between two powers of the distance: one step of the adjoint recursion, and induction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Ge, Le, MatrixSymbol, Symbol, simplify
from sympy.matrices.expressions import Identity, hadamard_product

from theory.bounded import beta_h, beta_W
from theory.checkers import algebra, explicit, scalars
from theory.nodes import Contribution, EuclideanNorm, FrobeniusNorm, StateJacobian, phi_prime
from theory.notation import U, V, W, a, g, m, n, t, x
from theory.proof import Proof, Step, Unprovable
from theory.proofs.earlier_steps import through
from theory.proofs.spectra import parts
from theory.two_sided import gamma_h, gamma_W

first = FrobeniusNorm(Contribution(U, t, 1))
asked, word = EuclideanNorm(V.T * g[t]), EuclideanNorm(x[1])
"""What the loss of step t asks of the state, and the length of the first word's vector."""

D, u, z = MatrixSymbol("D", n, n), MatrixSymbol("u", n, 1), MatrixSymbol("z", m, 1)
EXACT = "matrix algebra, any size"
_slope, _weight = Symbol("gamma_h", positive=True), Symbol("gamma_W", positive=True)


def first_word(statement: Any) -> Iterator[Step]:
    """Proof lines for bounds ``R(t) ‖Vᵀ g_t‖ ‖x_1‖`` on what the first word contributes to ``∂L_t/∂U``."""
    for part in parts(statement):
        if not isinstance(part, Le | Ge) or part.lhs != first:
            raise Unprovable("a part of the statement does not bound the contribution of the first word")
    carried = StateJacobian(t, 1).T * V.T * g[t]
    share = hadamard_product(a[1].applyfunc(phi_prime), carried)
    yield Step(
        why="The first word reaches the loss of step t through a_1 alone: its term is (φ′(a_1) ∘ u) x_1ᵀ with "
        "u = (∂h_t/∂h_1)ᵀ Vᵀ g_t",
        relation=Eq(through(1, carried, U), share * x[1].T, evaluate=False),
        checker=algebra,
        method=EXACT,
    )
    yield Step(
        why="A column times a row has the product of their lengths as its norm",
        relation=Eq(FrobeniusNorm(u * z.T) ** 2, (u.T * u) * (z.T * z), evaluate=False),
        checker=lambda _: all(map(_lengths, (2, 3))),
        method="componentwise, 2 and 3 units",
    )
    for part in parts(statement):
        yield from _bound(part)


def _lengths(units: int) -> bool:
    outer, column, row = (explicit(e, units) for e in (u * z.T, u, z))
    product = sum(e**2 for e in column) * sum(e**2 for e in row)
    return bool((sum(e**2 for e in outer) - product).expand() == 0)


def _bound(part: Any) -> Iterator[Step]:
    upper = isinstance(part, Le)
    R = simplify((part.rhs / (asked * word)).subs({gamma_h: _slope, gamma_W: _weight}))
    if R.has(EuclideanNorm, FrobeniusNorm):
        raise Unprovable(f"{part.rhs} is not a number times ‖Vᵀ g_t‖ ‖x_1‖")
    slope, weight = (beta_h, beta_W) if upper else (_slope, _weight)
    e, sign = Symbol("e", nonnegative=True), 1 if upper else -1
    d = slope / (1 + e) if upper else slope + e
    c, one = simplify(R / R.subs(t, t - 1)), Identity(n)
    yield Step(
        why=f"Slopes: every one is at {'most β_h' if upper else 'least γ_h'} in modulus, and so is its square",
        relation=Ge(sign * (slope**2 - d**2), 0, evaluate=False),
        checker=lambda line: scalars(Ge(simplify(line.lhs).expand(), 0)) or scalars(Ge(simplify(line.lhs), 0)),
        method="SymPy's assumptions",
    )
    yield Step(
        why="Base: at the word's own step ∂h_1/∂h_1 = I leaves the slope at a_1",
        relation=part.func(slope, R.subs(t, 1), evaluate=False),
        checker=lambda line: scalars(line.func(line.lhs, line.rhs)),
        method="exact",
    )
    yield Step(
        why="Induction: one step back, u ← Wᵀ D u, changes ‖u‖ by a factor "
        + ("of at most c: what is left of c² is a sum of positive semidefinite matrices" if upper else "of at least c"),
        relation=Eq(
            sign * (c**2 * one - D * W * W.T * D.T),
            weight**2 * (sign * (slope**2 * one - D * D.T)) + D * (sign * (weight**2 * one - W * W.T)) * D.T,
            evaluate=False,
        ),
        checker=algebra,
        method=EXACT,
        shown=part,
    )


FIRST_WORD = Proof(
    scope="every distance, every size, every activation, every differentiable loss; induction on the distance",
    lines=first_word,
)
