"""What gated cells carry: Jacobians by matrix calculus, and how far from the identity they can be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Ge, ImmutableMatrix, Le, Rational, Symbol, simplify
from sympy.matrices.expressions import Identity

from backproof.theory.language.nodes import DirectJacobian, SpectralNorm, StateJacobian, TimeProduct
from backproof.theory.language.notation import h, k, n, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.calculus import jacobian
from backproof.theory.nets.cells import GRU, GRU_GATES, LSTM, Cell
from backproof.theory.proving.checkers import algebra, explicit, scalars
from backproof.theory.proving.proof import Proof, Step, Unprovable
from backproof.theory.theorems.gated._retention import epsilon

UNITS = (2, 3)
e, u = Symbol("e", nonnegative=True), Symbol("u", nonnegative=True)
LOST = e / (1 + e)  # ε in [0, 1)


def carried(cell: Cell, statement: Any) -> Iterator[Step]:
    """Proof lines for direct Jacobians, the loss across several of them, and a GRU's whole Jacobian."""
    for part in parts(statement):
        if isinstance(part, Eq) and isinstance(part.lhs, DirectJacobian):
            yield from _direct(cell, part)
        elif isinstance(part, Le) and part.lhs.has(TimeProduct):
            yield from _across(part)
        elif isinstance(part, Eq) and part.lhs == StateJacobian(t, t - 1) and cell is GRU:
            yield from _whole(part)
        elif isinstance(part, Le) and part.lhs == SpectralNorm(StateJacobian(t, t - 1) - Identity(n)) and cell is GRU:
            yield from _near_identity(part)
        else:
            raise Unprovable(f"nothing is known about {part.lhs} {part.rel_op} {part.rhs}")


def _direct(cell: Cell, part: Any) -> Iterator[Step]:
    quantity = part.lhs.args[0]
    equation = dict(cell.equations)[quantity]
    before = quantity.subs(t, t - 1)
    yield Step(
        why="The equation of the state, differentiated by the state before with the gates held fixed",
        relation=Eq(part.rhs, jacobian(equation, before), evaluate=False),
        checker=algebra,
        method="matrix calculus, any size",
        shown=part,
    )
    yield Step(
        why="The same by plain partial derivatives",
        relation=part,
        checker=lambda _: all(
            explicit(part.rhs, units) == explicit(equation, units).jacobian(explicit(before, units)) for units in UNITS
        ),
        method="componentwise, 2 and 3 units",
    )


def _across(part: Any) -> Iterator[Step]:
    """‖I − Π diag(f_i)‖ ≤ 1 − R(t): the norm of a diagonal matrix is its largest entry, and every product is ≥ R."""
    (difference,) = part.lhs.args
    product = next(iter(difference.atoms(TimeProduct)))
    factor, index, lower, upper, _ = product.args
    fits = isinstance(factor, DirectJacobian) and (lower, upper) == (k + 1, t) and factor.args[0].time == index
    if difference != Identity(n) - product or not fits:
        raise Unprovable("the left-hand side is not what is lost over the steps k + 1 to t")
    R = 1 - part.rhs
    yield Step(
        why="Base: over no step nothing is lost",
        relation=Le(0, part.rhs.subs(t, k), evaluate=False),
        checker=lambda line: scalars(Le(0, line.rhs)),
        method="exact",
    )
    kept = ((1 - LOST) + u) * R.subs(epsilon, LOST).subs(t, t - 1)
    yield Step(
        why="Induction: a gate of at least 1 − ε keeps at least that part of what was left, and at most all of it",
        relation=Ge(kept, R.subs(epsilon, LOST), evaluate=False),
        checker=lambda line: scalars(Ge(simplify((line.lhs - line.rhs) * (1 + e) ** (t - k)), 0)),
        method="SymPy's assumptions, any lag",
    )
    yield Step(
        why="Gates that are 1 hand the error on unchanged, over any number of steps",
        relation=Eq(part.rhs.subs(epsilon, 0), 0, evaluate=False),
        checker=scalars,
        method="exact",
    )


def _whole(part: Any) -> Iterator[Step]:
    equation = dict(GRU.equations)[h[t]]
    gates = {gate.a[t]: rhs for gate, rhs in zip(GRU_GATES.values(), [q[1] for q in GRU.equations], strict=False)}
    total = equation.xreplace(gates).xreplace(gates)  # the candidate reads the reset gate
    yield Step(
        why="By plain partial derivatives through every gate",
        relation=part,
        checker=lambda _: all(_partials(part.rhs.xreplace(gates).xreplace(gates), total, units) for units in UNITS[:1]),
        method="componentwise, 2 units",
    )
    paths: dict[Any, Any] = {}
    for lhs, rhs in GRU.equations[:4]:
        terms = [jacobian(rhs, h[t - 1]), *(jacobian(rhs, q) * path for q, path in paths.items() if rhs.has(q))]
        paths[lhs] = sum(terms[1:], terms[0])
    yield Step(
        why="The direct path and one path through each gate, by matrix calculus",
        relation=Eq(part.rhs, paths[h[t]], evaluate=False),
        checker=lambda line: all(_zero(explicit(line.lhs, units) - explicit(line.rhs, units)) for units in UNITS),
        method="matrix calculus at any size, claim compared at 2 and 3 units",
    )


def _partials(claimed: Any, total: Any, units: int) -> bool:
    derived = explicit(total, units).jacobian(explicit(h[t - 1], units))
    return _zero(derived - explicit(claimed, units))


def _zero(matrix: ImmutableMatrix) -> bool:
    return all(entry.expand() == 0 for entry in matrix)


def _near_identity(part: Any) -> Iterator[Step]:
    Wz, Wr, Wn = (SpectralNorm(gate.W) for gate in GRU_GATES.values())
    gate = Symbol("z", positive=True)
    yield Step(
        why="With 1 − ε ≤ z ≤ 1: 1 − z ≤ ε, and the slope z (1 − z) of the gate is at most ε as well",
        relation=Le(gate * (1 - gate), 1 - gate, evaluate=False),
        checker=lambda line: scalars(Ge((line.rhs - line.lhs).subs(gate, 1 / (1 + e)).simplify(), 0)),
        method="SymPy's assumptions",
    )
    yield Step(
        why="States stay within [−1, 1], being averages of such with tanh: so |h_{t−1} − ñ_t| ≤ 2",
        relation=Le(gate * 1 + (1 - gate) * 1, 1, evaluate=False),
        checker=lambda line: (line.lhs - line.rhs).expand() == 0,
        method="exact",
    )
    yield Step(
        why="The slope r (1 − r) of a reset gate is at most 1/4",
        relation=Le(gate * (1 - gate), Rational(1, 4), evaluate=False),
        checker=lambda _: (((gate - (1 - gate)) / 2) ** 2 - (Rational(1, 4) - gate * (1 - gate))).expand() == 0,
        method="a square is left over",
    )
    derived = epsilon + 2 * epsilon * Wz + epsilon * Wn * (1 + Wr / 4)
    names = {Wz: Symbol("w_z", positive=True), Wr: Symbol("w_r", positive=True), Wn: Symbol("w_n", positive=True)}
    yield Step(
        why="‖J − I‖ ≤ ‖diag(z) − I‖ + ‖diag((h − ñ) z′) W_z‖ + ‖diag((1 − z) tanh′) W_n (diag(r) + diag(h r′) W_r)‖",
        relation=Le(derived, part.rhs, evaluate=False),
        checker=lambda line: scalars(
            Ge((line.rhs - line.lhs).xreplace(names).subs(epsilon, Symbol("eps", positive=True)).expand(), 0)
        ),
        method="triangle inequality; SymPy's assumptions",
    )


CARRIED = "every horizon and every size; matrix calculus, chain rule at 2 and 3 units, bounds by induction on the lag"
LSTM_CARRIES = Proof(scope=CARRIED, lines=lambda statement: carried(LSTM, statement))
GRU_CARRIES = Proof(scope=CARRIED, lines=lambda statement: carried(GRU, statement))
