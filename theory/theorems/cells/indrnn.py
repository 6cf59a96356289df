"""Back-propagation through an IndRNN."""

from backproof.theory.records.sources_of_cells import LI
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "indrnn",
    title="Gradients of an IndRNN",
    words="Each unit hands back to itself alone, and the gradient of u is a product entry by entry.",
    sources=(LI.at("the recurrence of a layer"),),
)
