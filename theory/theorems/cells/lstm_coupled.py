"""Back-propagation through an LSTM with coupled gates."""

from backproof.theory.records.sources_of_cells import GREFF
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "lstm_coupled",
    title="Gradients of an LSTM with coupled gates",
    words="One gate keeps and writes, so its adjoint sees the difference of what it keeps and what it writes.",
    sources=(GREFF.at("coupled input and forget gate"),),
)
