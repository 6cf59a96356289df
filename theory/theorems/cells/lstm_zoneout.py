"""Back-propagation through an LSTM with zoneout."""

from backproof.theory.records.sources_of_cells import KRUEGER
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "lstm_zoneout",
    title="Gradients of an LSTM with zoneout",
    words="A mask that keeps a state keeps its adjoint too, on the way forward and on the way back.",
    sources=(KRUEGER.at("zoneout in LSTMs"),),
)
