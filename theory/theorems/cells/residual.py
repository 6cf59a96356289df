"""Back-propagation through a residual Elman net."""

from backproof.theory.records.sources import CHANG
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "residual",
    title="Gradients of a residual Elman net",
    words="What a step computes is added to the state, so the adjoint goes straight back and through the step.",
    sources=(CHANG.at("Euler's step"),),
)
