"""Back-propagation through a linear recurrent unit."""

from backproof.theory.records.sources import ORVIETO
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "lru",
    title="Gradients of a linear recurrent unit",
    words="The complex recurrence as pairs of reals: on the way back each factor is its conjugate.",
    sources=(ORVIETO.at("the linear recurrent unit"),),
)
