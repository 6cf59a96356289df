"""How large Jacobian products can be: bounds on the weights and on the slopes, to the power of the lag."""

from __future__ import annotations

from sympy import Eq, Ge, Le, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import beta_h, beta_W, bounded_nets
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import FrobeniusNorm, LargestEntry, SpectralNorm, StateJacobian
from backproof.theory.language.notation import W, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import bound_on_slopes, bound_on_W, slopes_at
from backproof.theory.records.pictures import norms_against_bound
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import BENGIO, PASCANU

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
product, longer = StateJacobian(k + lag, k), StateJacobian(k + lag + 1, k)
slopes = DiagMatrix(slopes_at(k + lag + 1))
hypothesis = Le(SpectralNorm(product), (beta_W * beta_h) ** lag, evaluate=False)

PROOF = Proof(
    ranges=(Le(0, k), Le(k, t)),
    lines=(
        line("no step", Eq(StateJacobian(k, k), Identity(n), evaluate=False), "chain rule", why="∂h_k/∂h_k = I"),
        by_fact("norm of I", Eq(SpectralNorm(Identity(n)), 1, evaluate=False), "norm of the identity", size=n),
        line(
            "norm of no step",
            Eq(SpectralNorm(StateJacobian(k, k)), 1, evaluate=False),
            "equals for equals",
            "no step",
            "norm of I",
        ),
        line(
            "start",
            Le(SpectralNorm(StateJacobian(k, k)), (beta_W * beta_h) ** 0, evaluate=False),
            "real arithmetic",
            "norm of no step",
            why="At lag 0 the bound is 1",
        ),
        line("hypothesis", hypothesis, "supposition", why="Suppose it at lag l"),
        line(
            "one more step",
            Eq(longer, slopes * W * product, evaluate=False),
            "chain rule",
            why="One more step is one more factor diag(φ′(a)) W on the left",
        ),
        by_fact(
            "slopes and the rest",
            Le(SpectralNorm(slopes * W * product), SpectralNorm(slopes) * SpectralNorm(W * product), evaluate=False),
            "norm of a product",
            X=slopes,
            Y=W * product,
        ),
        by_fact(
            "weights and the rest",
            Le(SpectralNorm(W * product), SpectralNorm(W) * SpectralNorm(product), evaluate=False),
            "norm of a product",
            X=W,
            Y=product,
        ),
        by_fact(
            "norm of the slopes",
            Eq(SpectralNorm(slopes), LargestEntry(slopes_at(k + lag + 1)), evaluate=False),
            "norm of a diagonal",
            d=slopes_at(k + lag + 1),
        ),
        line(
            "slopes there",
            Le(LargestEntry(slopes_at(k + lag + 1)), beta_h, evaluate=False),
            "instance",
            "bound on the slopes",
            at={t: k + lag + 1},
        ),
        line(
            "bound on the product",
            Le(SpectralNorm(slopes * W * product), (beta_W * beta_h) ** (lag + 1), evaluate=False),
            "real arithmetic",
            "hypothesis",
            "slopes and the rest",
            "weights and the rest",
            "norm of the slopes",
            "slopes there",
            "bound on W",
            why="‖diag(φ′)‖ ≤ β_h, ‖W‖ ≤ β_W, and the hypothesis",
        ),
        line(
            "step",
            Le(SpectralNorm(longer), (beta_W * beta_h) ** (lag + 1), evaluate=False),
            "equals for equals",
            "one more step",
            "bound on the product",
        ),
        line("every lag", hypothesis, "induction", "start", "step", index=lag, why="By induction on the lag"),
        line("every step", statement, "lag", "every lag", late=t, early=k, lag=lag, why="With l = t − k"),
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
    uses=("jacobians/product_of_steps",),
    pictures=(norms_against_bound,),
)
