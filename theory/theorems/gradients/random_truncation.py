"""Truncation at random places is right in the mean, if what is handed on makes up for what is cut.

A fixed window is not, whatever it is multiplied by: it never sees the far terms.
"""

from __future__ import annotations

from typing import Any

from sympy import And, Eq

from backproof.theory.language.nodes import LossGradient
from backproof.theory.language.notation import U, W, b
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import TALLEC_OLLIVIER_2017
from backproof.theory.theorems.gradients._random_cuts import (
    X,
    adjoint,
    announced,
    c,
    cut,
    cut_nets,
    estimate,
    made_up,
    number,
)


def _is_the_gradient(reached: Any) -> Any:
    return And(*(Eq(estimate(q, reached), LossGradient(q), evaluate=False) for q in (W, U, b)), evaluate=False)


small = net(W=[[0.5]], inputs=[[1], [1]], h0=[[1]], activation="identity", loss="squared_error")
pair = net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [2, 1], [1, 1]], activation="relu", loss="squared_error")

THEOREM = Theorem(
    title="Truncation at random",
    words="If a pass is cut after step s with probability c_s and else multiplied by 1/(1 − c_s), its mean is ∂L/∂θ.",
    sources=(TALLEC_OLLIVIER_2017.at("unbiasedness of anticipated reweighted truncated backpropagation"),),
    statement=_is_the_gradient(adjoint()),
    instances=cut_nets(),
    assumptions=(announced,),
    without={announced: cut(small, lambda past: 0.25, lambda past: 0.5)},
    certified=(
        cut(pair, lambda past: 0.5),
        cut(pair, lambda past: 0.75 if past and not past[-1] else 0.25),
    ),
    mutants={
        "cut and not made up for": _is_the_gradient(adjoint(lambda s: number(X, s))),
        "made up for too little": _is_the_gradient(adjoint(lambda s: number(X, s) * (1 + number(c, s)))),
        "made up for also where it is not cut": _is_the_gradient(adjoint(lambda s: 1 / (1 - number(c, s)))),
        "cut where it should be handed on": _is_the_gradient(
            adjoint(lambda s: (1 - number(X, s)) / (1 - number(c, s)))
        ),
        "made up for twice": _is_the_gradient(adjoint(lambda s: made_up(s) / (1 - number(c, s)))),
        "one factor for all": _is_the_gradient(adjoint(lambda s: 2 * number(X, s))),
    },
    examples=40,
)
