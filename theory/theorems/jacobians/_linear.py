"""Linear nets of a subject: powers of W as Jacobians, and the gradients that go back through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq

from backproof.theory.arithmetic import Balls, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.formats import in_deciding_formats, rounded_terms
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import diagonalised, nets
from backproof.theory.language.nodes import StepLossGradient
from backproof.theory.language.notation import S, S_inv, W, k, lam, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import net_of


@st.composite
def diagonalised_nets(draw: Any) -> NetWithValues:
    """Linear nets with Wᵀ = S diag(λ) S⁻¹, nothing rounded."""
    case = draw(diagonalised())
    size = len(case[W])
    plain = draw(nets(activations=("identity",), batch=(1, 1), steps=(1, 3), units=(size, size)))
    return NetWithValues(plain.with_(W=np.array(case[W]).T.copy()), {key: case[key] for key in (S, S_inv, lam)})


def linear_satisfies(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """Equations for ``∂h_t/∂h_k`` or ``∂L_t/∂h_k`` of a linear net.

    The second is what the subject says that step k adds to ``∂L_t/∂b``: the slope is 1.
    """
    for part in parts(statement):
        if isinstance(part.lhs, StepLossGradient):
            yield from _gradients_back(part, subject, instance)
        else:
            yield from jacobians_satisfy(part, subject, instance)


@reads(Eq, times=(k, t))
def _gradients_back(part: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    net = net_of(instance)
    with precision(BITS):
        found = [(e[t], e[k], evaluate(part.rhs, Balls(), e)) for e in instance.environments(Balls(), part)]
    for cast, dtype, _ in in_deciding_formats(net):
        for late in range(1, net.steps + 1):
            got = answer(subject, "contributions_by_distance", cast, step=late)["b"]
            radii = rounded_terms(net, late, Roundoff.of(dtype))["b"]
            for early, claimed in ((e, value) for step, e, value in found if step == late and e >= 1):
                what = f"∂L_{late}/∂h_{early} in {np.dtype(dtype).name}"
                yield agree(what, got[early - 1], claimed, radii[early][:, 0])
