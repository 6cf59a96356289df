"""Back-propagation through an LSTM with projection."""

from backproof.theory.records.sources_of_cells import SAK
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "lstm_projection",
    title="Gradients of an LSTM with projection",
    words="The hidden state is a projection, and so the cell state hears of the outputs through Pᵀ alone.",
    sources=(SAK.at("the recurrent projection layer"),),
)
