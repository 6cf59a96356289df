"""Norms above one prove nothing: each step may stretch as much as you like, and the product may be zero."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Gt, Lt, ZeroMatrix
from sympy.matrices.expressions import Identity

from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.instances.bounds import exceeds_one, shifts, strictly_triangular
from backproof.theory.language.nodes import SpectralNorm, StateJacobian
from backproof.theory.language.notation import T, n, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BENGIO, HORN_JOHNSON
from backproof.theory.theorems.jacobians._products import NILPOTENT

step, total = SpectralNorm(StateJacobian(t, t - 1)), StateJacobian(T, 0)
zero = Eq(total, ZeroMatrix(n, n), evaluate=False)


def _and(*parts: Any) -> Any:
    return And(*parts, evaluate=False)


THEOREM = Theorem(
    title="Norms above one do not make a product grow",
    words="With W strictly triangular every step can have a norm above 1, and yet n or more steps multiply to 0.",
    sources=(BENGIO.at("sufficient and necessary conditions"), HORN_JOHNSON.at("nilpotent matrices")),
    statement=_and(Gt(step, 1, evaluate=False), zero),
    instances=shifts(),
    check=jacobians_satisfy,
    proof=NILPOTENT,
    assumptions=(
        triangular := Assumption(
            name="strictly triangular", text="W_ij = 0 for j ≤ i, and T ≥ n", holds=strictly_triangular
        ),
        steep := Assumption(name="steep", text="at every step |φ′(a_t,i) W_ij| > 1 for some i, j", holds=exceeds_one),
    ),
    without={
        triangular: net(W=[[0, 2], [2, 0]], inputs=[[0, 0], [0, 0]]),
        steep: net(W=[[0, 0.5], [0, 0]], inputs=[[0, 0], [0, 0]]),
    },
    certified=(net(W=[[0, 2], [0, 0]], inputs=[[0, 0], [0.25, 0]]),),
    mutants={
        "the product keeps a norm above 1": _and(
            Gt(step, 1, evaluate=False), Gt(SpectralNorm(total), 1, evaluate=False)
        ),
        "the product is the identity": _and(Gt(step, 1, evaluate=False), Eq(total, Identity(n), evaluate=False)),
        "steps shrink": _and(Lt(step, 1, evaluate=False), zero),
        "one step is enough": Eq(StateJacobian(1, 0), ZeroMatrix(n, n), evaluate=False),
    },
    uses=("jacobians/product_of_steps",),
)
