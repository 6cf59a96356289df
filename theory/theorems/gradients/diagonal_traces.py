"""A trace for each weight at its own unit is all of the gradient if units do not feed one another, and not else.

It costs no more than back-propagation and needs no pass back in time; but of what a weight does by way of others it
knows nothing.
"""

from __future__ import annotations

import numpy as np
from sympy import Eq, hadamard_product
from sympy.matrices.expressions import Identity

from backproof.theory.language.notation import W, n
from backproof.theory.nets.networks import net
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BELLEC, MENICK
from backproof.theory.theorems.gradients._sparse import agrees, sparse, sparse_nets, step

own = Eq(hadamard_product(W, Identity(n)), W, evaluate=False)
diagonal = Assumption(name="diagonal weights", text="W_ij = 0 for i ≠ j", holds=certainly(own), says=own)
inputs = [[1, 2], [2, 1], [1, 1]]
apart = net(W=[[0.5, 0], [0, -2]], inputs=inputs, h0=[[1, 2]], activation="identity", loss="squared_error")

THEOREM = Theorem(
    title="Traces at the own unit",
    words="For diagonal W the sensitivities of each unit to its own weights, carried forward alone, give all of ∂L/∂θ.",
    sources=(MENICK.at("SnAp with n = 1"), BELLEC.at("eligibility traces")),
    statement=agrees(pattern=Identity(n)),
    instances=sparse_nets(diagonal=True),
    assumptions=(diagonal,),
    without={diagonal: sparse(apart.with_(W=np.array([[0.5, 1], [-1, 0.5]])))},
    certified=(sparse(apart), sparse(apart.with_(activation="relu"))),
    mutants={
        "no trace of the steps before": agrees(pattern=Identity(n), jacobian=0 * step),
        "never faded": agrees(pattern=Identity(n), jacobian=Identity(n)),
        "the square of each step": agrees(pattern=Identity(n), jacobian=step.T * step),
        "counted twice": agrees(pattern=Identity(n), new=2),
    },
    examples=30,
)
