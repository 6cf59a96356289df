"""Back-propagation through an LSTM, of which only what comes in at its outputs is known."""

from backproof.theory.records.sources import GERS
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "lstm",
    title="Gradients of an LSTM by what comes in at its outputs",
    words="The cell state hands its adjoint back through the forget gate, entry by entry.",
    sources=(GERS.at("the LSTM with forget gates"),),
)
