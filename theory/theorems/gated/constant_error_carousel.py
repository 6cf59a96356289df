"""The constant error carousel: along the cell state an error is multiplied by the forget gates and by nothing else."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Le, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import DirectJacobian, SpectralNorm, TimeProduct
from backproof.theory.language.notation import k, n, t
from backproof.theory.nets.cells import LSTM_GATES, s, squashed
from backproof.theory.nets.networks import gated
from backproof.theory.records.records import Assumption, Measurement, Theorem
from backproof.theory.records.sources import GERS, HOCHREITER_SCHMIDHUBER
from backproof.theory.theorems.gated._retention import carries, epsilon, keeping, keeps, reach
from backproof.theory.theorems.gated._retention_proof import LSTM_CARRIES

i = Symbol("i", integer=True)
forget, write, show = (DiagMatrix(squashed(LSTM_GATES[j].a[t])) for j in "fiq")
lost = SpectralNorm(Identity(n) - TimeProduct(DirectJacobian(s[i]), (i, k + 1, t)))


def _carries(path: Any = forget, most: Any = 1 - (1 - epsilon) ** (t - k)) -> Any:
    """The direct Jacobian of a step, and how much the path over several loses."""
    direct = Eq(DirectJacobian(s[t]), path, evaluate=False)
    return And(direct, Le(lost, most, evaluate=False), evaluate=False)


open_gate = Assumption(name="gates nearly 1", text="f_t ≥ 1 − ε for every unit and step", holds=keeps)
half = gated("lstm", units=1, inputs=[[0], [0]])  # every gate is 1/2

THEOREM = Theorem(
    title="Constant error carousel",
    words="With forget gates of at least 1 − ε the direct path along s loses at most 1 − (1 − ε)^(t−k); at 1, nothing.",
    sources=(HOCHREITER_SCHMIDHUBER.at("section 3.2, constant error carousel"), GERS.at("section on forget gates")),
    statement=_carries(),
    instances=keeping("lstm"),
    check=carries,
    proof=LSTM_CARRIES,
    assumptions=(open_gate,),
    without={open_gate: NetWithValues(half, {epsilon: 0.25})},
    ledger=("F9",),
    mutants={
        "the input gate": _carries(path=write),
        "the output gate": _carries(path=show),
        "unchanged whatever the gate": _carries(path=Identity(n)),
        "one gate fewer": _carries(most=1 - (1 - epsilon) ** (t - k - 1)),
        "no more than one gate": _carries(most=epsilon),
    },
    measurement=Measurement(
        quantity="log₁₀ of ‖∂L_20/∂(h_0, s_0)‖ of an LSTM over ‖∂L_20/∂h_0‖ of a tanh net, 16 units, weights ±1/√n",
        effect="over 20 steps the LSTM with forget biases of 1 hands back more than 10 times as much",
        seeds=30,
        sample=reach,
        expected=(1.0, float("inf")),
    ),
    examples=40,
)
