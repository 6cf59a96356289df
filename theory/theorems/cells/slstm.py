"""Back-propagation through an sLSTM."""

from backproof.theory.records.sources_of_cells import BECK
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "slstm",
    title="Gradients of an sLSTM",
    words="The stabiliser is a maximum of what the gates say, and hands back to the one that it took.",
    sources=(BECK.at("sLSTM with stabilised gates"),),
)
