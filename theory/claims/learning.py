"""What the sources say of learning: far-off words, what a training loop can notice, windows, and instability."""

from __future__ import annotations

from sympy import Eq, Gt, Integer, Le, Lt

from backproof.theory.instances.bounds import beta_h, beta_W
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import Softmax
from backproof.theory.language.notation import T, o
from backproof.theory.nets.networks import net
from backproof.theory.records.assumptions import bound_on_slopes, bound_on_W
from backproof.theory.records.records import Claim, Reading
from backproof.theory.records.sources import AACHEN, CS6180, SLIDES, TRAINING_RNNS
from backproof.theory.theorems.learning._alarms import alarm
from backproof.theory.theorems.learning._far_words import gamma_h, gamma_W
from backproof.theory.theorems.learning._text_pairs import K, o_other
from backproof.theory.theorems.learning._windows import swept
from backproof.theory.theorems.learning.long_range import taught
from backproof.theory.theorems.learning.prediction import two_texts
from backproof.theory.theorems.learning.vanishing_noticed import watched
from backproof.theory.theorems.learning.window_cost import shorter

VANISHING = (bound_on_W, bound_on_slopes, Lt(beta_W * beta_h, 1, evaluate=False))
NOTHING = Eq(taught(1), 0, evaluate=False)
HALF = NetWithValues(net(W=[[0.5]], V=[[1], [0]], inputs=[[1]] * 9), {beta_W: 0.5, beta_h: 1, gamma_W: 0.5, gamma_h: 0})

DOUBLING = NetWithValues(
    net(W=[[2]], V=[[1], [0]], inputs=[[1]] * 3, targets=[1] * 3, activation="identity"),
    {beta_W: 2, beta_h: 1, gamma_W: 2, gamma_h: 1},
)

CLAIMS = (
    Claim(
        id="A11",
        source=TRAINING_RNNS.at("the update, and no learning for far-off words"),
        words="Where gradients vanish, the update θ ← θ − η ∂J/∂θ teaches nothing about far-off words.",
        readings=(Reading(theorem="learning/far_words", premises=VANISHING, statement=NOTHING, witness=HALF),),
        mapping="What the update teaches about a word is what the step that reads it contributes to ∂L_T/∂U: its "
        "vector moves by −η times that. Vanishing is β_W β_h < 1, far off is the first of the steps.",
        why="It teaches exponentially little, and that is not nothing: with w = 1/2 and a word eight steps back the "
        "update still moves the word's vector. The theorem bounds it from both sides.",
    ),
    Claim(
        id="A12",
        source=TRAINING_RNNS.at("detection of gradient explosion and of vanishing gradients"),
        words="Explosion can be detected at run time, as it overflows; vanishing cannot, and what is learned about "
        "far-off words suffers.",
        readings=(
            Reading(theorem="learning/explosion_reported"),
            Reading(
                theorem="learning/vanishing_noticed",
                statement=Eq(alarm, Integer(0), evaluate=False),
                witness=watched(0.125),
            ),
            Reading(theorem="learning/long_range"),
        ),
        mapping="Detected is: an alarm that is computed in floats while training rings just where it is the case. "
        "Explosion is a gradient beyond the largest float, vanishing a far share of the gradient below τ. What suffers "
        "is measured as accuracy on a far-off word. That an overflow rings for an explosion alone takes a net in which "
        "nothing cancels: where two terms overflow with opposite signs, the true gradient may be small.",
        why="The norm of the whole gradient shows nothing of vanishing. But it is added up step by step, "
        "and the share of those that come from far away is a number like any other.",
    ),
    Claim(
        id="B13",
        source=CS6180.at("truncated back-propagation through time"),
        words="Truncation at a window saves computation; a window shorter than a dependency cannot learn it.",
        readings=(
            Reading(
                theorem="learning/window_cost",
                premises=(shorter,),
                statement=Le(swept(K, T), T * (T + 1) / 2, evaluate=False),
            ),
            Reading(theorem="learning/blind_window"),
        ),
        mapping="Computation is counted in steps swept back: S(K, T) if each of T losses goes back K steps, against "
        "T(T + 1)/2 if each goes back to the start. The window is on the words used in the prediction, as the source "
        "says: a net whose state starts at the window reads x_{T−K+1} … x_T and gives the outputs ô of the formula, "
        "with "
        "ô′ and y′ for a second text that differs before the window alone.",
        why="Both hold so. Were the loss at the last step the only one, or one sweep shared by all losses, a whole "
        "text would "
        "take T steps; windows can share sweeps too, BPTT(h; h′) goes back h steps at every h′-th. And a window on the "
        "gradients alone does not blind a net that carries its state: V learns to read what the state still holds.",
    ),
    Claim(
        id="B14",
        source=CS6180.at("larger windows"),
        words="A larger window brings vanishing gradients and more computation back.",
        readings=(
            Reading(
                theorem="learning/far_words",
                statement=Lt(taught(1), taught(T), evaluate=False),
                witness=DOUBLING,
            ),
            Reading(
                theorem="learning/window_cost",
                statement=Gt(swept(K + 1, T), swept(K, T), evaluate=False),
            ),
        ),
        mapping="The terms that a longer window adds are those of words farther off; vanishing is that they are "
        "smaller than those of near ones. Computation is counted in steps swept back.",
        why="It does cost more. But whether what it adds is small depends on W: with β_W β_h < 1 it is, exponentially; "
        "with w = 2 and no squashing the farthest word adds the largest term.",
    ),
    Claim(
        id="D7",
        source=SLIDES.at("vanishing gradients"),
        words="When gradients vanish, far steps do not affect training, and long-range dependencies are hard to learn.",
        readings=(
            Reading(theorem="learning/far_words", premises=VANISHING, statement=NOTHING, witness=HALF),
            Reading(theorem="learning/long_range"),
        ),
        mapping="A step affects training by what it contributes to ∂L_T/∂U. Hard to learn is measured: accuracy after "
        "the same training where a near word decides, and where a far one does.",
        why="Far steps affect training exponentially little, but they do. That far dependencies are hard to learn is "
        "borne out over seeds.",
    ),
    Claim(
        id="D8",
        source=SLIDES.at("exploding gradients"),
        words="Exploding gradients make learning unstable; the gradient can even become NaN.",
        readings=(Reading(theorem="learning/instability"), Reading(theorem="learning/not_a_number")),
        mapping="Unstable is: a step against the gradient raises the loss.",
        why="Proved for a linear unit whose gradient outgrows any fixed rate, measured for tanh nets over seeds; and "
        "∞ times 0 gives NaN in a certified net whose true gradient is 0.",
    ),
    Claim(
        id="E6",
        source=AACHEN.at("vanishing gradients in language modelling"),
        words="Far-off words are not taken into account in predicting the next word, which is hard to learn.",
        readings=(
            Reading(
                theorem="learning/prediction",
                statement=Eq(Softmax(o[T]), Softmax(o_other[T]), evaluate=False),
                witness=two_texts([1, -1]),
            ),
            Reading(theorem="learning/far_words", premises=VANISHING, statement=NOTHING, witness=HALF),
            Reading(theorem="learning/long_range"),
        ),
        mapping="Taken into account in predicting: softmax(o_T) depends on x_1. Taken into account in training to "
        "predict, as the slide has it: the word contributes to ∂L_T/∂U. Hard to learn is measured.",
        why="A prediction depends on every word before it, and training on every word too, by little. What vanishes is "
        "the gradient, not the state; that such dependencies are hard to learn is borne out over seeds.",
    ),
)
