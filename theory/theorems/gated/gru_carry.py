"""A GRU's update gate interpolates: the more it keeps, the nearer the Jacobian of a step is to the identity."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Lambda, Le, OneMatrix, Rational, Symbol, tanh
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions import hadamard_product as had
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.functions import logistic
from backproof.theory.language.nodes import DirectJacobian, LargestEntry, SpectralNorm, StateJacobian
from backproof.theory.language.notation import T, h, n, t
from backproof.theory.nets.cells import GRU, GRU_GATES, squashed
from backproof.theory.nets.networks import gated
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CHO
from backproof.theory.theorems.gated._retention import carries, epsilon, keeping

v = Symbol("z")
ONES = OneMatrix(n, 1)
squashed_slope, tanh_slope = Lambda(v, logistic(v).diff(v)), Lambda(v, tanh(v).diff(v))
z, r, candidate = GRU_GATES.values()
new = candidate.a[t].applyfunc(tanh)
keep, reset = DiagMatrix(squashed(z.a[t])), DiagMatrix(squashed(r.a[t]))
by_update = DiagMatrix(had(h[t - 1] - new, z.a[t].applyfunc(squashed_slope))) * z.W
written = DiagMatrix(had(OneMatrix(n, 1) - squashed(z.a[t]), candidate.a[t].applyfunc(tanh_slope)))
by_reset = DiagMatrix(had(h[t - 1], r.a[t].applyfunc(squashed_slope))) * r.W
whole = keep + by_update + written * candidate.W * (reset + by_reset)
Wz, Wr, Wn = (SpectralNorm(gate.W) for gate in (z, r, candidate))


def _carries(*, path: Any = keep, jacobian: Any = whole, most: Any = epsilon * (1 + 2 * Wz + Wn * (1 + Wr / 4))) -> Any:
    """The direct Jacobian, the whole one, and how far from the identity that is."""
    near = Le(SpectralNorm(StateJacobian(t, t - 1) - Identity(n)), most, evaluate=False)
    direct, total = (
        Eq(left, right, evaluate=False)
        for left, right in ((DirectJacobian(h[t]), path), (StateJacobian(t, t - 1), jacobian))
    )
    return And(direct, total, near, evaluate=False)


def _shut(time: Any) -> Any:
    """How far the largest of a step's update gates is from 1."""
    return LargestEntry(ONES - squashed(z.a[time]))


nearly_open = Le(_shut(t), epsilon, evaluate=False)
within = Le(LargestEntry(h[0]), 1, evaluate=False)
open_gate = Assumption(
    name="gates nearly 1",
    text="z_t ≥ 1 − ε for every unit and step",
    holds=lambda case: decide(nearly_open, case) is True,
    says=nearly_open,
    every=(t,),
)
bounded = Assumption(
    name="bounded start",
    text="every entry of h_0 lies within [−1, 1]",
    holds=lambda case: decide(within, case) is True,
    says=within,
)


def _bounds(time: Any) -> tuple[Line, ...]:
    """Between which numbers gates and candidate of a step lie, each line named after it and the step."""
    of = (
        ("update", "a sigmoid is at most 1", z.a[time], squashed(z.a[time])),
        ("rest of the update", "what a sigmoid leaves of 1", z.a[time], ONES - squashed(z.a[time])),
        ("reset", "a sigmoid is at most 1", r.a[time], squashed(r.a[time])),
        ("rest of the reset", "what a sigmoid leaves of 1", r.a[time], ONES - squashed(r.a[time])),
        ("candidate", "tanh is at most 1", candidate.a[time], candidate.a[time].applyfunc(tanh)),
    )
    return tuple(
        by_fact(f"{name} at {time}", Le(LargestEntry(column), 1, evaluate=False), fact, v=pre)
        for name, fact, pre, column in of
    )


def _at_most(name: str, column: Any, bound: Any, *by: str) -> tuple[Line, ...]:
    """A bound on the norm of a diagonal matrix, by one on its entries."""
    return (
        line(f"entries of {name}", Le(LargestEntry(column), bound, evaluate=False), "entrywise", *by),
        by_fact(
            f"{name} as a diagonal",
            Eq(SpectralNorm(DiagMatrix(column)), LargestEntry(column), evaluate=False),
            "norm of a diagonal",
            d=column,
        ),
        line(
            name,
            Le(SpectralNorm(DiagMatrix(column)), bound, evaluate=False),
            "real arithmetic",
            f"entries of {name}",
            f"{name} as a diagonal",
        ),
    )


def _product(name: str, left: Any, right: Any, bound: Any, *by: str) -> tuple[Line, ...]:
    """A bound on the norm of a product, by those on its factors."""
    return (
        by_fact(
            f"{name} as a product",
            Le(SpectralNorm(left * right), SpectralNorm(left) * SpectralNorm(right), evaluate=False),
            "norm of a product",
            X=left,
            Y=right,
        ),
        line(
            name, Le(SpectralNorm(left * right), bound, evaluate=False), "real arithmetic", f"{name} as a product", *by
        ),
    )


def _sum(name: str, left: Any, right: Any, bound: Any, *by: str) -> tuple[Line, ...]:
    """A bound on the norm of a sum, by those on its terms."""
    return (
        by_fact(
            f"{name} as a sum",
            Le(SpectralNorm(left + right), SpectralNorm(left) + SpectralNorm(right), evaluate=False),
            "norm of a sum",
            X=left,
            Y=right,
        ),
        line(name, Le(SpectralNorm(left + right), bound, evaluate=False), "real arithmetic", f"{name} as a sum", *by),
    )


step = Symbol("s", integer=True, nonnegative=True)
inside = Le(LargestEntry(h[step]), 1, evaluate=False)
gate_slope, reset_slope = z.a[t].applyfunc(squashed_slope), r.a[t].applyfunc(squashed_slope)
next_state = dict(GRU.equations)[h[t]].subs(t, step + 1)
slopes_of_update, slopes_of_reset = by_update.args[0], by_reset.args[0]
lost = keep - Identity(n)
moved_by_reset = reset + by_reset
statement = _carries()
direct, total, near = (
    part
    for kind in (DirectJacobian, StateJacobian, SpectralNorm)
    for part in statement.args
    if isinstance(part.lhs, kind)
)

PROOF = Proof(
    ranges=(Le(1, t), Le(t, T)),
    lines=(
        line("direct", direct, "chain rule", cell="GRU", why="h_t = z_t ∘ h_{t−1} + …, the gates held fixed"),
        line("total", total, "chain rule", cell="GRU", why="Straight, and through each of the gates"),
        *_bounds(step + 1),
        line("hypothesis", inside, "supposition", why="Suppose that h_s lies within [−1, 1]"),
        line("state", Eq(h[step + 1], next_state, evaluate=False), "cell", cell="GRU"),
        line(
            "average",
            Le(LargestEntry(next_state), 1, evaluate=False),
            "entrywise",
            f"update at {step + 1}",
            f"rest of the update at {step + 1}",
            f"candidate at {step + 1}",
            "hypothesis",
            why="An average, with weights z and 1 − z, of two numbers within [−1, 1]",
        ),
        line(
            "next",
            Le(LargestEntry(h[step + 1]), 1, evaluate=False),
            "equals for equals",
            "state",
            "average",
        ),
        line("every state", inside, "induction", bounded.name, "next", index=step, why="By induction on the steps"),
        line(
            "state before", Le(LargestEntry(h[t - 1]), 1, evaluate=False), "instance", "every state", at={step: t - 1}
        ),
        *_bounds(t),
        *_at_most("what is not kept", squashed(z.a[t]) - ONES, epsilon, open_gate.name),
        *_at_most(
            "slopes of the update",
            had(h[t - 1] - new, gate_slope),
            2 * epsilon,
            open_gate.name,
            f"update at {t}",
            f"rest of the update at {t}",
            f"candidate at {t}",
            "state before",
        ),
        *_product("through the update", slopes_of_update, z.W, 2 * epsilon * Wz, "slopes of the update"),
        *_at_most(
            "slopes of the candidate",
            written.args[0],
            epsilon,
            open_gate.name,
            f"candidate at {t}",
            f"rest of the update at {t}",
        ),
        *_at_most("reset", squashed(r.a[t]), 1, f"reset at {t}"),
        *_at_most(
            "slopes of the reset",
            had(h[t - 1], reset_slope),
            Rational(1, 4),
            f"reset at {t}",
            f"rest of the reset at {t}",
            "state before",
        ),
        *_product("through the reset", slopes_of_reset, r.W, Wr / 4, "slopes of the reset"),
        *_sum("what the candidate reads", reset, by_reset, 1 + Wr / 4, "reset", "through the reset"),
        *_product(
            "weights of the candidate",
            candidate.W,
            moved_by_reset,
            Wn * (1 + Wr / 4),
            "what the candidate reads",
        ),
        *_product(
            "through the candidate",
            written,
            candidate.W * moved_by_reset,
            epsilon * Wn * (1 + Wr / 4),
            "slopes of the candidate",
            "weights of the candidate",
        ),
        *_sum(
            "kept and by the update",
            lost,
            by_update,
            epsilon + 2 * epsilon * Wz,
            "what is not kept",
            "through the update",
        ),
        *_sum(
            "all",
            lost + by_update,
            written * candidate.W * moved_by_reset,
            near.rhs,
            "kept and by the update",
            "through the candidate",
        ),
        line(
            "from the identity",
            Eq(
                StateJacobian(t, t - 1) - Identity(n),
                lost + by_update + written * candidate.W * moved_by_reset,
                evaluate=False,
            ),
            "matrix algebra",
            "total",
        ),
        line("near", near, "equals for equals", "from the identity", "all"),
        line("carries", statement, "together", "direct", "total", "near"),
    ),
)

THEOREM = Theorem(
    title="A GRU that keeps its state",
    words="With z_t ≥ 1 − ε the Jacobian of a step is within ε (1 + 2‖W_z‖ + ‖W_n‖ (1 + ‖W_r‖/4)) of the identity.",
    sources=(CHO.at("section 2.3, hidden unit that adaptively remembers and forgets"),),
    statement=statement,
    instances=keeping("gru"),
    check=carries,
    proof=PROOF,
    assumptions=(open_gate, bounded),
    without={
        open_gate: NetWithValues(gated("gru", units=1, inputs=[[0]]), {epsilon: 0.25}),
        bounded: NetWithValues(
            gated("gru", units=1, inputs=[[0]], W_z=[[0.125]], h0=[[-64]], b_z=[10]), {epsilon: 0.5}
        ),
    },
    ledger=("F10",),
    mutants={
        "the reset gate carries": _carries(path=reset),
        "what it writes, for what it keeps": _carries(path=DiagMatrix(OneMatrix(n, 1) - squashed(z.a[t]))),
        "gates held fixed": _carries(jacobian=keep),
        "reset gate left out": _carries(jacobian=keep + by_update + written * candidate.W),
        "weights do not matter": _carries(most=epsilon),
    },
    examples=30,
)
