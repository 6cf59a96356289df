"""Back-propagation through a minLSTM."""

from backproof.theory.records.sources_of_cells import FENG
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "min_lstm",
    title="Gradients of a minLSTM",
    words="Gates that add up to one hand back what each took of the other.",
    sources=(FENG.at("minLSTM"),),
)
