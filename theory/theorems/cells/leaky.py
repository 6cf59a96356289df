"""Back-propagation through a leaky Elman net."""

from backproof.theory.records.sources_of_cells import JAEGER
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "leaky",
    title="Gradients of a leaky Elman net",
    words="Three quarters of the adjoint go straight back, a quarter through the unit.",
    sources=(JAEGER.at("leaky-integrator units"),),
)
