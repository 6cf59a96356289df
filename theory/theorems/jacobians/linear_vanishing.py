"""In a linear net the moduli of the eigenvalues decide: all below one, and the gradient vanishes in the end."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Rational

from backproof.theory.evaluation.truth import decide
from backproof.theory.language.nodes import SpectralRadius
from backproof.theory.language.notation import W
from backproof.theory.nets.networks import net, net_of
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import HORN_JOHNSON, PASCANU
from backproof.theory.theorems.jacobians._endless import (
    BY_EIGENVALUES,
    EXPLODES,
    LIMIT,
    STAYS,
    VANISHES,
    decide_forever,
    forever_satisfies,
    spiralling,
)
from backproof.theory.theorems.jacobians.linear_net import linear
from backproof.theory.theorems.jacobians.vanishing_by_norm import SWITCH


def linear_forever(matrix: Any) -> Any:
    """A linear net with this W."""
    return net(W=matrix, inputs=[[0] * len(matrix)], activation="identity", loss="squared_error")


def _inside(instance: Any) -> bool:
    return decide(SpectralRadius(W) < 1, net_of(instance)) is True


THEOREM = Theorem(
    title="Gradients of linear nets vanish by the eigenvalues",
    words="If every eigenvalue of W has modulus below 1, ∂h_T/∂h_0 = Wᵀ (a power) tends to 0 in a linear net.",
    sources=(PASCANU.at("section 2.1, linear model"), HORN_JOHNSON.at("theorem 5.6.12")),
    statement=VANISHES,
    instances=spiralling(),
    check=forever_satisfies,
    proof=BY_EIGENVALUES,
    decide=decide_forever,
    assumptions=(
        linear,
        inside := Assumption(name="inside the circle", text="ρ(W) < 1", holds=_inside),
    ),
    without={linear: SWITCH, inside: linear_forever([[-2]])},
    certified=(linear_forever([[0.5, 1024], [0, -0.5]]),),
    mutants={
        "explodes": EXPLODES,
        "stays": STAYS,
        "tends to the spectral radius of a half": Eq(LIMIT, Rational(1, 2), evaluate=False),
    },
    uses=("spectra/growth_of_powers", "jacobians/linear_net"),
    examples=80,
)
