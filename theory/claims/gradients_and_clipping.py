"""What the sources say of gradients through time and of clipping."""

from __future__ import annotations

from sympy import And, Le, S

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Clamp, LargestEntry
from backproof.theory.language.notation import PARAMETERS
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Claim, Reading
from backproof.theory.records.sources import AACHEN, CS6180, FYS5429, TRAINING_RNNS
from backproof.theory.theorems.clipping._rules import G, c
from backproof.theory.theorems.gradients._steps import summed

ONE_UNIT = net(W=[[1]], V=[[1], [0]], inputs=[[1]], activation="identity")

CLAIMS = (
    Claim(
        id="A4",
        source=TRAINING_RNNS.at("RNN model and cross-entropy loss"),
        words="Charged with the cross-entropy of a softmax against a one-hot target, a step pays −log ŷ at the target.",
        readings=(Reading(theorem="gradients/one_hot_loss"), Reading(theorem="gradients/softmax_cross_entropy")),
        mapping="W_h, W_x, W_s are our W, U, V; the source has no biases, and its mean over the steps is ω = 1/T.",
        why="The equality is proved for every one-hot target; the gradient that follows from it is proved as well.",
    ),
    Claim(
        id="A5",
        source=TRAINING_RNNS.at("back-propagation through time"),
        words="For θ holding every parameter, ∂J_t/∂θ is a sum over k ≤ t of terms that reach θ through h_k.",
        readings=(
            Reading(theorem="gradients/sum_over_losses"),
            Reading(
                theorem="gradients/sum_over_earlier_steps",
                statement=And(*(summed(theta) for theta in PARAMETERS.values())),
                witness=ONE_UNIT,
            ),
        ),
        mapping="θ runs over W, U, V, b, c; h_k's immediate derivative by each comes from the cell. The mean over the "
        "steps is ω = 1/T. The source writes rows; our gradients have the shape of θ, so its chain stands transposed.",
        why="V and c act on the output, so h_k has no immediate derivative by them and the sum is 0, while "
        "the gradient by V is (ŷ_t − y_t) h_tᵀ. For W, U and b, which act on the state, it is proved.",
    ),
    Claim(
        id="A13",
        source=TRAINING_RNNS.at("gradient clipping"),
        words="A gradient whose norm reaches ε is replaced by itself times ε over its norm.",
        readings=(Reading(theorem="clipping/by_norm"), Reading(theorem="clipping/overflow")),
        mapping="The gradient is that of all parameters together; two tensors A and B stand for them.",
        why="The rule caps the norm at ε and keeps the direction.",
    ),
    Claim(
        id="B2",
        source=CS6180.at("values of the derivative of the sigmoid"),
        words="The derivative of the sigmoid is σ(1 − σ), and it is small.",
        readings=(Reading(theorem="activations/sigmoid_slope"),),
        mapping="Small is read as the best bound there is: at most a quarter, which is reached at 0.",
        why="Proved on the whole line.",
    ),
    Claim(
        id="B8",
        source=CS6180.at("gradient clipping"),
        words="Setting entries of 10 or more to 10 stops the numbers exploding, at the price of some learning.",
        readings=(
            Reading(
                theorem="clipping/by_value",
                statement=Le(LargestEntry(Clamp(G, S.NegativeInfinity, 10)), 10),
                witness=Case({G: [[-1000]], c: 10}),
            ),
            Reading(theorem="clipping/by_value_turns"),
        ),
        mapping="The rule is read off a scan, which may have lost bars around the entry. Not exploding is read as: "
        "no entry exceeds 10 in magnitude. What is lost is the gradient's direction.",
        why="The rule names one end only, so −1000 stays. With a clamp at both ends no entry exceeds 10.",
    ),
    Claim(
        id="C1",
        source=FYS5429.at("set of parameters"),
        words="The recurrent net, its loss summed over the steps, and its five parameters.",
        readings=(Reading(theorem="gradients/one_hot_loss"), Reading(theorem="gradients/sum_over_losses")),
        mapping="A definition, of which little can be checked. z_t is our a_t and σ_h our φ; the sum over the steps "
        "is ω = 1. σ_y is the softmax, part of the loss.",
        why="The model of every theorem here: the value of its loss is tested, and that L = Σ L_t for its gradients.",
    ),
    Claim(
        id="C2",
        source=FYS5429.at("back-propagation through time"),
        words="The gradients by c, b, W, V and U have closed forms, found by back-propagation through time.",
        readings=tuple(
            Reading(theorem=f"gradients/{name}")
            for name in ("output_bias", "hidden_bias", "recurrent_weights", "output_weights", "input_weights")
        ),
        why="Each of the five is proved for every horizon.",
    ),
    Claim(
        id="C8",
        source=FYS5429.at("gradient clipping"),
        words="If the Euclidean norm of the gradient is ε or more, scale the gradient to norm ε.",
        readings=(Reading(theorem="clipping/by_norm"),),
        why="The rule caps the norm at ε and keeps the direction.",
    ),
    Claim(
        id="E1",
        source=AACHEN.at("backpropagation with weight constraints"),
        words="Two weights stay equal if they start equal and both use the sum of their gradients.",
        readings=(Reading(theorem="gradients/tied_update"), Reading(theorem="gradients/tied_weights")),
        mapping="The copies are those of one parameter at different steps.",
        why="The update keeps them equal, and the sum is the gradient of what they share.",
    ),
)
