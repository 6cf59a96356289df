"""Back-propagation through a minimal gated unit."""

from backproof.theory.records.sources_of_cells import ZHOU
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "mgu",
    title="Gradients of a minimal gated unit",
    words="One gate forgets and writes, and the candidate hands back through it.",
    sources=(ZHOU.at("the minimal gated unit"),),
)
