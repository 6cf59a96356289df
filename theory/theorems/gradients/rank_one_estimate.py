"""A rank-one estimate of the sensitivities, carried forward with random signs, is right in the mean.

Not one draw of it is: two vectors cannot hold what n times as many numbers as there are parameters say.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import And, Eq, OneMatrix
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.matexpr import MatrixElement

from backproof.theory.instances.laws import UnderLaw, sign_patterns
from backproof.theory.language.nodes import LossGradient, Mean, Sensitivity, TimeSum, Vec
from backproof.theory.language.notation import T, V, W, b, g, n, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import TALLEC_OLLIVIER
from backproof.theory.theorems.gradients._rank_one import (
    P,
    fair,
    j,
    moved_state,
    moving,
    nu,
    online,
    outcome,
    past,
    signed_nets,
)


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


def _two_steps(chances: Any, scales: Any) -> UnderLaw:
    """The small net under four patterns of signs, each with its chance, and with ``(ρ, σ)`` for its last step."""
    patterns = sign_patterns(1, 2)
    law = tuple(
        outcome(pattern, lambda step, last=last: last if step == 2 else (1, 1), Fraction(chance))
        for pattern, chance, last in zip(patterns, chances, scales, strict=True)
    )
    return UnderLaw(small, {P: law})


plain, quarter = [(1, 1)] * 4, Fraction(1, 4)
agreeing = [Fraction(3, 8), Fraction(1, 8), Fraction(1, 8), Fraction(3, 8)]  # the sign is kept, three times in four
peeking = [(2, 1), (1, 1), (1, 1), (2, 1)]  # ρ sees whether it is kept

THEOREM = Theorem(
    title="Rank-one estimate of the sensitivities",
    words="With fair signs and scales from the past E h̃_t θ̃_tᵀ = ∂h_t/∂θ, and what the losses make of it is ∂L/∂θ.",
    sources=(TALLEC_OLLIVIER.at("the rank-one trick, and unbiasedness of the algorithm"),),
    statement=statement,
    instances=signed_nets(),
    assumptions=(fair, past),
    without={
        fair: _two_steps(agreeing, plain),
        past: _two_steps([quarter] * 4, peeking),
    },
    certified=(online(pair), online(pair, {((1, 1),): (2, 3), ((1, -1),): (1, 0.5)})),
    mutants={
        "one sign for all units": _unbiased(moved_state(first_alone), lambda q: moving(q, first_alone)),
        "signs of the first step kept": _unbiased(moved_state(nu[1]), lambda q: moving(q, nu[1])),
        "no signs": _unbiased(moved_state(OneMatrix(n, 1)), lambda q: moving(q, OneMatrix(n, 1))),
        "scales not undone": _unbiased(moved_state(), lambda q: moving(q, undone=False)),
        "the state not carried by its Jacobian": _unbiased(moved_state(jacobian=Identity(n)), moving),
    },
    examples=30,
)
