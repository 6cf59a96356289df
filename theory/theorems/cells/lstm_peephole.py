"""Back-propagation through an LSTM with peepholes."""

from backproof.theory.records.sources_of_cells import GERS_2002
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "lstm_peephole",
    title="Gradients of an LSTM with peepholes",
    words="Gates that look at the cell state hand back to it: two to the step before, the output gate within the step.",
    sources=(GERS_2002.at("the LSTM with peepholes"),),
)
