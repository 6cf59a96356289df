"""How large Jacobian products can be: bounds on the weights and on the slopes, to the power of the lag."""

from __future__ import annotations

from sympy import Ge, Le, Symbol

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import beta_h, beta_W, bounded_nets
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import FrobeniusNorm, LargestEntry, SpectralNorm, StateJacobian
from backproof.theory.language.notation import k, t
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.kernel import Proof
from backproof.theory.records.assumptions import bound_on_slopes, bound_on_W, slopes_at
from backproof.theory.records.pictures import norms_against_bound
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import BENGIO, PASCANU
from backproof.theory.theorems.jacobians._by_lag import (
    RANGES,
    by_powers,
    late,
    longer_products,
    of_one_step,
    slopes_and_weights,
)

norm = SpectralNorm(StateJacobian(t, k))
bound = (beta_W * beta_h) ** (t - k)
statement = Le(norm, bound, evaluate=False)
drive = [[1, 0], [0, 1], [1, 1]]


def _attained(instance: NetWithValues) -> float:
    """‖∂h_T/∂h_0‖ over its bound."""
    with precision(BITS):
        size = Balls().spectral_norm(Unrolled(instance.net, Balls()).state_jacobian(instance.net.steps, 0))
    bound: float = float(instance.values[beta_W] * instance.values[beta_h]) ** instance.net.steps
    return float(size) / bound


lag = Symbol("l", integer=True, nonnegative=True)
PROOF = Proof(
    ranges=RANGES,
    lines=(
        *longer_products(),
        of_one_step("slopes there", bound_on_slopes.name, Le(LargestEntry(slopes_at(late)), beta_h, evaluate=False)),
        *slopes_and_weights(beta_W * beta_h, "slopes there", bound_on_W.name),
        *by_powers("every step", Le, beta_W * beta_h, "this step from above"),
    ),
)

THEOREM = Theorem(
    title="Norm of Jacobian products",
    words="With β_W bounding ‖W‖ and β_h the slopes, the Jacobian across a lag is at most β_W β_h to that power.",
    sources=(PASCANU.at("section 2.1"), BENGIO.at("theorem on vanishing gradients")),
    statement=statement,
    instances=bounded_nets(),
    check=jacobians_satisfy,
    proof=PROOF,
    assumptions=(bound_on_W, bound_on_slopes),
    without={
        bound_on_W: NetWithValues(net(W=[[0, 2], [0, 0]], inputs=drive, activation="identity"), {beta_W: 1, beta_h: 1}),
        bound_on_slopes: NetWithValues(
            net(W=[[0, 1], [1, 0]], inputs=drive, activation="identity"), {beta_W: 1, beta_h: 0.5}
        ),
    },
    attained=NetWithValues(net(W=[[0, -1], [1, 0]], inputs=drive, activation="identity"), {beta_W: 1, beta_h: 1}),
    ratio=_attained,
    mutants={
        "one factor fewer": Le(norm, (beta_W * beta_h) ** (t - k - 1), evaluate=False),
        "one factor more": Le(norm, (beta_W * beta_h) ** (t - k + 1), evaluate=False),
        "weights left out": Le(norm, beta_h ** (t - k), evaluate=False),
        "from below": Ge(norm, bound, evaluate=False),
        "Frobenius norm": Le(FrobeniusNorm(StateJacobian(t, k)), bound, evaluate=False),
    },
    pictures=(norms_against_bound,),
)
