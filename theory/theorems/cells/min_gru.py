"""Back-propagation through a minGRU."""

from backproof.theory.records.sources_of_cells import FENG
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "min_gru",
    title="Gradients of a minGRU",
    words="Gate and candidate read no state, so the adjoint goes back through the gate entry by entry.",
    sources=(FENG.at("minGRU"),),
)
