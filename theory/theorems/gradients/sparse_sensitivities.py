"""Sensitivities that are dropped beyond N steps of the graph of W are right once N reaches all that is ever reached.

For a ring of n units that takes N = n, and nothing is saved; for blocks it takes no more than a block.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import OneMatrix
from sympy.matrices.expressions import Identity

from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.notation import R, n
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import MENICK
from backproof.theory.theorems.gradients._sparse import N, agrees, reached, sparse, sparse_nets, step


def is_pattern(instance: Any) -> bool:
    """Whether R_ui = 1 where W leads from i to u within N steps, the own step being the first, and 0 elsewhere."""
    return bool(instance.values[R] == reached(instance.net.W, instance.values[N]))


def is_enough(instance: Any) -> bool:
    """Whether a further step reaches nothing further."""
    weights, within = instance.net.W, instance.values[N]
    return reached(weights, within) == reached(weights, within + 1)


pattern = Assumption(
    name="pattern of W", text="R_ui = 1 if W leads from i to u within N steps, else 0", holds=is_pattern
)
enough = Assumption(name="enough steps", text="Nothing is reached in step N + 1 alone", holds=is_enough)
inputs = [[1, 2, 1], [2, 1, 1], [1, 1, 2], [1, 2, 2]]
ring = net(W=[[0, 0, 1], [2, 0, 0], [0, -1, 0]], inputs=inputs, activation="identity", loss="squared_error")
blocks = ring.with_(W=np.array([[1.0, 2, 0], [1, -1, 0], [0, 0, 2]]), activation="relu")
chain = ring.with_(W=np.array([[0.0, 0, 0], [2, 0, 0], [0, -1, 0]]))

THEOREM = Theorem(
    title="Sparse sensitivities",
    words="Sensitivities kept where W leads within N steps are exact once no further step leads anywhere else.",
    sources=(MENICK.at("the sparse n-step approximation"),),
    statement=agrees(),
    instances=sparse_nets(),
    assumptions=(pattern, enough),
    without={
        pattern: NetWithValues(chain, {N: 3, R: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}),
        enough: sparse(ring, 2),
    },
    certified=(sparse(ring), sparse(blocks), sparse(chain)),
    mutants={
        "one step for all": agrees(pattern=Identity(n)),
        "against the arrows": agrees(pattern=R.T),
        "nothing carried": agrees(jacobian=0 * step),
        "all but the own unit": agrees(pattern=OneMatrix(n, n) - Identity(n)),
        "counted twice": agrees(new=2),
    },
    examples=30,
)
