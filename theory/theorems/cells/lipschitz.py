"""Back-propagation through a Lipschitz RNN."""

from backproof.theory.records.sources_of_cells import ERICHSON
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "lipschitz",
    title="Gradients of a Lipschitz RNN",
    words="The adjoint goes straight back, through A, and through the nonlinear part.",
    sources=(ERICHSON.at("the recurrent unit, by Euler's step"),),
)
