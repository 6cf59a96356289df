"""Back-propagation through a GRU, of which only what comes in at its outputs is known."""

from backproof.theory.records.sources import CHO
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "gru",
    title="Gradients of a GRU by what comes in at its outputs",
    words="The reset gate stands before the matrix, so the candidate hands back through the matrix and then the gate.",
    sources=(CHO.at("the hidden unit that remembers and forgets"),),
)
