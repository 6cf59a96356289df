"""The gradient of one step's loss is a sum over earlier steps, each through the Jacobian of the states between."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq
from sympy.matrices.expressions import hadamard_product

from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import StateJacobian, StepLossGradient, TimeSum, phi_prime
from backproof.theory.language.notation import U, V, W, a, b, g, h, k, t, x
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU, TRAINING_RNNS
from backproof.theory.theorems.gradients._steps import ASKED, EARLIER, earlier_steps_match, sum_of_terms

slope = a[k].applyfunc(phi_prime)
carried = StateJacobian(t, k).T * V.T * g[t]


def summed(share: Any, *, lower: Any = 1, upper: Any = t, state: Any = h[k - 1]) -> Any:
    """The gradient of L_t by W, U and b, if each step k ≤ t has this share at its pre-activation."""
    terms = {W: share * state.T, U: share * x[k].T, b: share}
    sums = {theta: TimeSum(summand, (k, lower, upper)) for theta, summand in terms.items()}
    return And(*(Eq(StepLossGradient(theta, t), total, evaluate=False) for theta, total in sums.items()))


statement = summed(hadamard_product(slope, carried))
READ = (W, U, b)

PROOF = Proof(
    ranges=EARLIER,
    lines=(
        *ASKED,
        *(one for theta in READ for one in sum_of_terms(theta)),
        line("all", statement, "together", *(f"sum by {theta}" for theta in READ)),
    ),
)

THEOREM = Theorem(
    title="Sum over earlier steps",
    words="Each step k ≤ t adds its immediate derivative, reached from the loss of step t through ∂h_t/∂h_k.",
    sources=(PASCANU.at("equations 3 to 5"), TRAINING_RNNS.at("back-propagation through time")),
    statement=statement,
    instances=nets(units=(1, 2), steps=(1, 3), batch=(1, 1)),
    check=earlier_steps_match,
    proof=PROOF,
    examples=120,
    mutants={
        "Jacobian not transposed": summed(hadamard_product(slope, StateJacobian(t, k) * V.T * g[t])),
        "slope dropped": summed(carried),
        "no Jacobian": summed(hadamard_product(slope, V.T * g[t])),
        "the step itself missing": summed(hadamard_product(slope, carried), upper=t - 1),
        "first step missing": summed(hadamard_product(slope, carried), lower=2),
        "h_k for h_{k-1}": summed(hadamard_product(slope, carried), state=h[k]),
    },
)
