"""Vanishing is noticed as well: back-propagation adds up terms by distance, and their shares can be read off."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Integer, Le, Piecewise

from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.notation import T
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU, TRAINING_RNNS
from backproof.theory.theorems.learning._alarms import alarm, d, far, felt, monitored, tau, watched_nets, whole


def rings(condition: Any) -> Any:
    """The alarm rings just where the condition holds."""
    return Eq(alarm, Piecewise((1, condition), (0, True)), evaluate=False)


def watched(weight: float, threshold: float = 0.125, steps: int = 4) -> NetWithValues:
    """One tanh unit that reads 1 at the first step and then zeros; the far half of the steps is watched."""
    drawn = net(W=[[weight]], V=[[1], [0]], inputs=[[1], *[[0]] * (steps - 1)])
    return NetWithValues(drawn, {d: steps // 2, tau: threshold})


THEOREM = Theorem(
    title="Vanishing is noticed",
    words="The share of the gradient from distance d on, added up while training, rings below τ just where it is.",
    sources=(TRAINING_RNNS.at("vanishing gradients: detection"), PASCANU.at("section 2.1")),
    statement=rings(Le(far, tau * whole)),
    instances=watched_nets(),
    check=monitored,
    decide=felt,
    certified=(watched(0.125), watched(4.0, threshold=0.0625)),
    mutants={
        "never": Eq(alarm, Integer(0), evaluate=False),
        "the whole gradient for its share": rings(Le(whole, tau)),
        "what is far for its share": rings(Le(far, tau)),
        "the nearer steps": rings(Le(whole - far, tau * whole)),
        "one step fewer": rings(Le(far.xreplace({T - d: T - d - 1}), tau * whole)),
    },
    examples=50,
)
