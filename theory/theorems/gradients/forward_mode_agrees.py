"""Real-time recurrent learning and back-propagation through time give the same gradient."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import Immediate, Sensitivity, TimeSum, Vec, phi_prime
from backproof.theory.language.notation import T, U, V, W, a, alpha, b, delta, g, h, t, x
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import WERBOS, WILLIAMS_ZIPSER
from backproof.theory.theorems.gradients._forward_mode import sensitivities
from backproof.theory.theorems.gradients._forward_mode_proof import FORWARD

slopes = DiagMatrix(a[t].applyfunc(phi_prime))
READ = {W: h[t - 1].T, U: x[t].T, b: 1}


def _both(*, carried: Any = slopes * W, upper: Any = T, adjoint: Any = alpha[t], seen: Any = V.T * g[t]) -> Any:
    """The recursion of the sensitivities by W, U and b, and that both modes add up to the same."""
    steps = (Eq(Sensitivity(q, t), carried * Sensitivity(q, t - 1) + Immediate(q, t), evaluate=False) for q in READ)
    sums = (
        Eq(
            TimeSum(Sensitivity(q, t).T * seen, (t, 1, upper)),
            Vec(TimeSum(adjoint * read, (t, 1, T))),
            evaluate=False,
        )
        for q, read in READ.items()
    )
    return And(*steps, *sums, evaluate=False)


THEOREM = Theorem(
    title="Forward mode agrees with reverse mode",
    words="Sensitivities carried along with the state and met by each loss add up to what the adjoints add up to.",
    sources=(WILLIAMS_ZIPSER.at("the learning algorithm"), WERBOS.at("back-propagation through time")),
    statement=_both(),
    instances=nets(batch=(1, 1), units=(1, 2), steps=(1, 3)),
    check=sensitivities,
    proof=FORWARD,
    certified=(net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2], [2, 1]], activation="relu", loss="squared_error"),),
    ledger=("F1",),
    mutants={
        "W for its transpose": _both(carried=slopes * W.T),
        "slopes not carried": _both(carried=W),
        "last loss missing": _both(upper=T - 1),
        "δ for α": _both(adjoint=delta[t]),
        "no memory": _both(carried=0 * W),
    },
    uses=("gradients/recurrent_weights", "gradients/input_weights", "gradients/hidden_bias"),
    examples=60,
)
