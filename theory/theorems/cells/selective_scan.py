"""Back-propagation through a selective scan."""

from backproof.theory.records.sources_of_cells import GU_DAO
from backproof.theory.theorems.cells._gradients import gradients_of

THEOREM = gradients_of(
    "selective_scan",
    title="Gradients of a selective scan",
    words="The step size reads the input, and so the input's gradient has the decay's share in it.",
    sources=(GU_DAO.at("selective state space models"),),
)
