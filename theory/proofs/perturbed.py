"""Errors committed along a trajectory: each travels through the Jacobians of the steps after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import And, Eq, Ge, ImmutableMatrix, Le, MatrixSymbol, Symbol, integrate
from sympy.matrices.expressions import Identity

from theory.checkers import algebra, scalars
from theory.nodes import EuclideanNorm, StateJacobian, TimeSum
from theory.notation import W, k, n, t
from theory.perturbed import committed, curvature, error, rest
from theory.proof import Proof, Step, Unprovable

UNITS = (2, 3)
J, P = MatrixSymbol("J", n, n), MatrixSymbol("P", n, n)


def amplified(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Δ_t = Σ_k ∂h_t/∂h_k (e_k + r_k)`` and ``‖r_t‖ ≤ γ ‖W Δ_{t−1}‖²/2``."""
    for part in statement.args if isinstance(statement, And) else (statement,):
        if isinstance(part, Eq) and part.lhs == error[t] and isinstance(part.rhs, TimeSum):
            yield from _carried(part)
        elif isinstance(part, Le) and part.lhs == EuclideanNorm(rest[t]):
            yield from _second_order(part)
        else:
            raise Unprovable("the statement is neither about Δ_t as a sum over steps nor a bound on r_t")


def _carried(part: Any) -> Iterator[Step]:
    summand, index, lower, upper = part.rhs.args
    step = MatrixSymbol("v", n, 1)
    yield Step(
        why="Each step's error goes through the Jacobian across the steps after it, as r_k does",
        relation=Eq(summand.xreplace({index: k}), StateJacobian(t, k) * (committed[k] + rest[k]), evaluate=False),
        checker=algebra,
        method="matrix algebra, any size",
        shown=part,
    )
    yield Step(
        why="Base: h_0 is given exactly, so Δ_0 = 0 and the sum starts with step 1; its last term is e_t + r_t itself",
        relation=And(Eq(lower, 1, evaluate=False), Eq(upper, t, evaluate=False), evaluate=False),
        checker=lambda _: (lower, upper) == (1, t),
        method="exact",
        shown=Eq(error[0], 0 * error[0], evaluate=False),
    )
    yield Step(
        why="Induction: Δ_t = e_t + r_t + J_t Δ_{t−1} by the definitions of e and r, and J_t takes every ∂h_{t−1}/∂h_k "
        "to ∂h_t/∂h_k",
        relation=Eq(J * (P * step) + Identity(n) * committed[t], (J * P) * step + committed[t], evaluate=False),
        checker=lambda line: algebra(line) is True and _defined(),
        method="matrix algebra, any size",
        shown=Eq(error[t], committed[t] + rest[t] + StateJacobian(t, t - 1) * error[t - 1], evaluate=False),
    )


def _defined() -> bool:
    """ĥ − h = (ĥ − φ(â)) + (φ(â) − φ(a) − D W Δ) + D W Δ, with h = φ(a)."""
    ran, exact, there, linear = (Symbol(name) for name in ("ran", "h", "phi_hat", "linear"))
    return bool(((ran - there) + (there - exact - linear) + linear - (ran - exact)).expand() == 0)


def _second_order(part: Any) -> Iterator[Step]:
    x, z = Symbol("x", nonnegative=True), Symbol("z", real=True)
    yield Step(
        why="Taylor: |φ(a + x) − φ(a) − φ′(a) x| ≤ ∫_0^|x| (|x| − z) |φ″| dz ≤ γ x²/2 for each unit",
        relation=Eq(integrate((x - z) * curvature, (z, 0, x)), curvature * x**2 / 2, evaluate=False),
        checker=scalars,
        method="SymPy's integral",
    )
    yield Step(
        why="The norm of the squares is at most the square of the norm: (Σ x²)² − Σ x⁴ has no negative term",
        relation=Ge(_squares(3) ** 2, _squares(3, 4), evaluate=False),
        checker=lambda _: all(scalars(Ge((_squares(u) ** 2 - _squares(u, 4)).expand(), 0)) is True for u in UNITS),
        method="SymPy's assumptions, 2 and 3 units",
    )
    moved = EuclideanNorm(W * error[t - 1])
    size = Symbol("s", positive=True)
    known = {moved: size, curvature: Symbol("gamma", positive=True)}
    yield Step(
        why="So the claim",
        relation=Le(curvature * moved**2 / 2, part.rhs, evaluate=False),
        checker=lambda line: scalars(Ge((line.rhs / line.lhs).xreplace(known).simplify(), 1)),
        method="exact",
    )


def _squares(units: int, power: int = 2) -> Any:
    return sum(entry**power for entry in ImmutableMatrix([Symbol(f"x_{i}", real=True) for i in range(units)]))


AMPLIFIED = Proof(scope="every horizon, any size, every activation with |φ″| ≤ γ; induction on time", lines=amplified)
