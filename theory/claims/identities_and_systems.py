"""What the sources say of the sum over earlier steps, of truncation, and of cells that carry a gradient farther."""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import Symbol

from backproof.theory.language.nodes import Sensitivity, StateJacobian, TimeProduct
from backproof.theory.language.notation import W, k, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Claim, Dependence, Reading
from backproof.theory.records.sources import AACHEN, CS6180, FYS5429, SLIDES, TRAINING_RNNS
from backproof.theory.theorems.gated._retention import reach
from backproof.theory.theorems.gradients.immediate_derivatives import chained

i = Symbol("i", integer=True)
IMMEDIATE = "gradients/immediate_derivatives"
LAYOUT = "The source has inputs as rows; in our layout its chain stands transposed, and ∂L_t/∂W is read entry by entry."
powers = net(W=[[1]], inputs=[[0], [0]], h0=[[1]], activation="identity", loss="squared_error")
"""h_t = wᵗ at w = 1: ∂h_2/∂w is 2, and the literal sums of total derivatives give 1 + 2."""

started = net(W=[[1]], inputs=[[1], [0]], activation="identity", loss="squared_error")
"""h_0 = 0 and h_1 = 1: W reaches h_2 at the second step alone, which a chain down to h_1 leaves out."""

across = TimeProduct(StateJacobian(i, i - 1), (i, k + 1, t))


def _compared(subject: Any, forget: float, seed: int, orthogonal: bool = False) -> float:
    return reach(subject, seed, forget=forget, orthogonal=orthogonal)


CLAIMS = (
    Claim(
        id="A7",
        source=TRAINING_RNNS.at("truncated BPTT"),
        words="Truncated back-propagation through time follows each loss back to a fixed earlier step, and no further.",
        mapping="The step is K back from the loss; the state there is held fixed.",
        readings=(Reading(theorem="gradients/truncated"),),
        why="What is left is proved to be the K nearest terms of every loss, and all of them if K reaches the start.",
    ),
    Claim(
        id="B1",
        source=CS6180.at("gradient by W_h"),
        words="∂L_i/∂W_h is one chain: from the loss to h_i, from each state to the one before, and so to W_h.",
        mapping=LAYOUT + " Read as it stands: one product, which ends with what the first step makes of W.",
        readings=(
            Reading(theorem=IMMEDIATE, statement=chained(upper=1, parameters=(W,)), witness=started),
            Reading(theorem=IMMEDIATE),
        ),
        why="Every step uses W, and the chain reaches it at the first alone: the sum over the steps is missing.",
    ),
    Claim(
        id="B15",
        source=CS6180.at("long short-term memory"),
        words="An LSTM is a recurrent net that is improved for learning what lies far back.",
        mapping="Improved is read as: the direct path along the cell state keeps what the forget gates let it; and "
        "with forget biases of 1 a fresh LSTM hands back more than 10 times what a fresh tanh net does, over 20 steps.",
        readings=(Reading(theorem="gated/constant_error_carousel"), Reading(theorem="gated/lstm_gradients")),
        why="The path is proved; how the comparison ends depends on two settings. Forget gates near 1 (biases of 1 and "
        "more) win against uniform weights; at 1/2 the path halves at every step. Against an orthogonal W, which "
        "keeps a "
        "gradient as well, the LSTM hands back less at the usual biases.",
        depends=tuple(
            Dependence(
                setting=f"forget bias, against a tanh net with {kind} W",
                values=(0.0, 1.0, 2.0, 4.0, 6.0),
                quantity=f"log₁₀ of what an LSTM hands back over 20 steps over what a tanh net with {kind} W does",
                at_least=1.0,
                sample=partial(_compared, orthogonal=kind == "orthogonal"),
            )
            for kind in ("uniform", "orthogonal")
        ),
    ),
    Claim(
        id="C3",
        source=FYS5429.at("gradient of L_t by W"),
        words="∂L_t/∂W is ∂L_t/∂h_t times the sum over k ≤ t of ∂h_t/∂h_k times ∂h_k/∂W.",
        mapping=LAYOUT + " ∂h_k/∂W is the derivative of the state, all paths counted, as the symbol says.",
        readings=(
            Reading(theorem=IMMEDIATE, statement=chained(Sensitivity, parameters=(W,)), witness=powers),
            Reading(theorem=IMMEDIATE),
        ),
        why="∂h_k/∂W already counts the paths through earlier states, which the other terms count again. With the "
        "immediate derivative, h_{k−1} held fixed, it is true.",
    ),
    Claim(
        id="C9",
        source=FYS5429.at("common strategies"),
        words="Share the weights over the steps, truncate the steps, and repeat forward pass and back-propagation.",
        mapping="Advice, which is neither true nor false; what is judged is what each strategy does to the gradient. "
        "Each strategy by its gradient: copies add up, truncation keeps the nearest terms, and the backward "
        "pass gives the gradient of the forward pass.",
        readings=(
            Reading(theorem="gradients/tied_weights"),
            Reading(theorem="gradients/truncated"),
            Reading(theorem="gradients/recurrent_weights"),
        ),
        why="All three are proved for every horizon.",
    ),
    Claim(
        id="D1",
        source=SLIDES.at("previously: BPTT"),
        words="∂L/∂W is the sum of ∂L_t/∂W over t = 0 … T, and each of those goes like the sum over k = 0 … t of the "
        "product of ∂h_i/∂h_{i−1} over i = k + 1 … t, times ∂h_k/∂W.",
        mapping=LAYOUT + " The sign for proportional hides the factor ∂L_t/∂h_t. Its steps start at 0, ours at 1; a "
        "term for h_0, which is given, is 0.",
        readings=(
            Reading(theorem="gradients/sum_over_losses"),
            Reading(
                theorem=IMMEDIATE,
                statement=chained(Sensitivity, lower=0, across=across, parameters=(W,)),
                witness=powers,
            ),
            Reading(theorem=IMMEDIATE),
        ),
        why="The sum over the losses holds. In the other ∂h_k/∂W must be immediate, or paths are counted twice.",
    ),
    Claim(
        id="E2",
        source=AACHEN.at("propagation equations"),
        words="∂E_t/∂w_ij is the sum over k ≤ t of ∂E_t/∂h_t, ∂h_t/∂h_k and the immediate derivative of h_k by w_ij.",
        mapping="w_ij is an entry of what the states are computed with, our W, U and b.",
        readings=(
            Reading(theorem=IMMEDIATE, statement=chained(parameters=(W,))),
            Reading(theorem="gradients/sum_over_earlier_steps"),
        ),
        why="The immediate derivative counts every path once; proved for every step and every differentiable loss.",
    ),
)
