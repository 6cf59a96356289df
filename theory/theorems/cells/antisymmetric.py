"""Back-propagation through AntisymmetricRNN."""

from backproof.theory.records.sources import CHANG
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "antisymmetric",
    title="Gradients of AntisymmetricRNN",
    words="The adjoint goes back through W − Wᵀ and, past it, as it is.",
    sources=(CHANG.at("Euler's step with diffusion"),),
)
