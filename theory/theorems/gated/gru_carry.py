"""A GRU's update gate interpolates: the more it keeps, the nearer the Jacobian of a step is to the identity."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Lambda, Le, OneMatrix, Symbol, tanh
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions import hadamard_product as had
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.functions import logistic
from backproof.theory.language.nodes import DirectJacobian, SpectralNorm, StateJacobian
from backproof.theory.language.notation import h, n, t
from backproof.theory.nets.cells import GRU_GATES, squashed
from backproof.theory.nets.networks import gated
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CHO
from backproof.theory.theorems.gated._retention import carries, epsilon, keeping, keeps, within_one
from backproof.theory.theorems.gated._retention_proof import GRU_CARRIES

v = Symbol("z")
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


THEOREM = Theorem(
    title="A GRU that keeps its state",
    words="With z_t ≥ 1 − ε the Jacobian of a step is within ε (1 + 2‖W_z‖ + ‖W_n‖ (1 + ‖W_r‖/4)) of the identity.",
    sources=(CHO.at("section 2.3, hidden unit that adaptively remembers and forgets"),),
    statement=_carries(),
    instances=keeping("gru"),
    check=carries,
    proof=GRU_CARRIES,
    assumptions=(
        open_gate := Assumption(name="gates nearly 1", text="z_t ≥ 1 − ε for every unit and step", holds=keeps),
        bounded := Assumption(name="bounded start", text="every entry of h_0 lies within [−1, 1]", holds=within_one),
    ),
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
