"""Back-propagation through a GRU that resets after the matrix."""

from backproof.theory.records.sources import CHO
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "gru_reset_after",
    title="Gradients of a GRU that resets after the matrix",
    words="The reset gate multiplies what the matrix and its bias have made, and so does its way back.",
    sources=(CHO.at("the hidden unit; the matrix before the gate, as cuDNN has it"),),
)
