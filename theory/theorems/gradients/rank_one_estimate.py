"""A rank-one estimate of the sensitivities, carried forward with random signs, is right in the mean.

Not one draw of it is: two vectors cannot hold what n times as many numbers as there are parameters say.
"""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, OneMatrix
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixElement

from backproof.theory.language.nodes import LossGradient, Mean, Sensitivity, TimeSum, Vec
from backproof.theory.language.notation import T, V, W, b, g, n, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import TALLEC_OLLIVIER
from backproof.theory.theorems.gradients._rank_one import P, fair, j, moved_state, moving, nu, online, past, signed_nets


def _unbiased(state: Any, theta: Any) -> Any:
    """The mean of ``h̃_t θ̃_tᵀ``, and of the gradient that it gives; ``theta`` builds θ̃ for W and b."""
    influences = (Eq(Mean(state * theta(q).T, P), Sensitivity(q, t), evaluate=False) for q in (W, b))
    estimates = (TimeSum(theta(q) * (state.T * V.T * g[t]), (t, 1, T)) for q in (W, b))
    gradients = (
        Eq(Mean(estimate, P), Vec(LossGradient(q)), evaluate=False)
        for estimate, q in zip(estimates, (W, b), strict=True)
    )
    return And(*influences, *gradients, evaluate=False)


statement = _unbiased(moved_state(), moving)
first_alone = MatrixElement(nu[j], 0, 0) * OneMatrix(n, 1)
small = net(W=[[0.5]], inputs=[[1], [1]], h0=[[1]], activation="identity", loss="squared_error")
pair = net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [2, 1]], h0=[[1, 1]], activation="relu", loss="squared_error")


def _peeking(pattern: Any, step: int) -> tuple[int, int]:
    """Scales that see whether a sign is that of the step before."""
    return (2 if step > 1 and pattern[step - 1] == pattern[step - 2] else 1, 1)


THEOREM = Theorem(
    title="Rank-one estimate of the sensitivities",
    words="With fair signs and scales from the past E h̃_t θ̃_tᵀ = ∂h_t/∂θ, and what the losses make of it is ∂L/∂θ.",
    sources=(TALLEC_OLLIVIER.at("the rank-one trick, and unbiasedness of the algorithm"),),
    statement=statement,
    instances=signed_nets(),
    assumptions=(fair, past),
    without={
        fair: online(small, chance=lambda pattern: 3 if pattern[0] == pattern[1] else 1),
        past: online(small, _peeking),
    },
    certified=(online(pair), online(pair, lambda pattern, step: (2, 1 + (step > 1 and pattern[0] == (1, 1))))),
    mutants={
        "one sign for all units": _unbiased(moved_state(first_alone), lambda q: moving(q, first_alone)),
        "signs of the first step kept": _unbiased(moved_state(nu[1]), lambda q: moving(q, nu[1])),
        "no signs": _unbiased(moved_state(OneMatrix(n, 1)), lambda q: moving(q, OneMatrix(n, 1))),
        "scales not undone": _unbiased(moved_state(), lambda q: moving(q, undone=False)),
        "the state not carried by its Jacobian": _unbiased(moved_state(jacobian=Identity(n)), moving),
    },
    examples=30,
)
