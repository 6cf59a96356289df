"""Back-propagation through a minimalRNN."""

from backproof.theory.records.sources_of_cells import CHEN
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "minimal_rnn",
    title="Gradients of a minimalRNN",
    words="One gate keeps the state or takes the input's image, and hands back through both of its matrices.",
    sources=(CHEN.at("the model"),),
)
