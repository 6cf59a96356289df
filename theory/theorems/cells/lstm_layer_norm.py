"""Back-propagation through an LSTM with layer normalisation."""

from backproof.theory.records.sources_of_cells import BA
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "lstm_layer_norm",
    title="Gradients of an LSTM with layer normalisation",
    words="What is normalised hands back through its mean and root, in both products of each gate and in c.",
    sources=(BA.at("recurrent networks"),),
)
