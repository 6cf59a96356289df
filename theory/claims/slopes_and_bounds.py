"""What the sources say of bounds on Jacobian products, of slopes, of orthogonal starts and of deep nets."""

from __future__ import annotations

from functools import partial
from typing import Any

from sympy import (
    Derivative,
    Eq,
    Ge,
    Integer,
    Le,
    Limit,
    Lt,
    Matrix,
    Ne,
    Rational,
    Subs,
    Symbol,
    ZeroMatrix,
    cos,
    oo,
    pi,
    sin,
)

from backproof.theory.claims.jacobians_and_spectra import rate, to_zero
from backproof.theory.instances.bounds import beta_W
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.functions import logistic, z
from backproof.theory.language.nodes import FrobeniusNorm, SpectralNorm, StateJacobian, StepLossGradient
from backproof.theory.language.notation import T, b, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Claim, Dependence, Reading
from backproof.theory.records.sources import CS6180, SLIDES, TRAINING_RNNS
from backproof.theory.theorems.activations._ends import Everywhere, beyond
from backproof.theory.theorems.jacobians._bounded_steps import held_net
from backproof.theory.theorems.jacobians._deep import LAYERED, Deep, OneOrMany, decide_alike
from backproof.theory.theorems.jacobians._laws import (
    QUARTER,
    STEP,
    LinearPowers,
    Turned,
    decide_law,
    decide_rate,
    ell,
    i,
)
from backproof.theory.theorems.jacobians._scaled import Scaled, ScaledJacobian, scale
from backproof.theory.theorems.jacobians.dead_units import dead
from backproof.theory.theorems.jacobians.identity_relu import identity, relu
from backproof.theory.theorems.jacobians.orthogonal_start import advantage
from backproof.theory.theorems.jacobians.sigmoid_nets import squashing
from backproof.theory.theorems.jacobians.usual_start import tanh_vanishes

norm = SpectralNorm(StateJacobian(t, k))
exponential = Ne(Limit(rate, T, oo), 1, evaluate=False)

quarter_turn = LinearPowers(
    QUARTER, Matrix([[cos(pi * ell / 2), -sin(pi * ell / 2)], [sin(pi * ell / 2), cos(pi * ell / 2)]])
)

shear = LinearPowers(Matrix([[1, 1], [0, 1]]), Matrix([[1, ell], [0, 1]]))
shrinking = Turned(weight=Integer(1), states=1 / (i + 1), product=(ell + 2) / (2 * (ell + 1)))
M, y = Symbol("M", positive=True), Symbol("y", positive=True)

quiet: dict[str, Any] = {"biases": [[0, 0], [0, 0]], "start": [1, 1], "activation": "identity", "values": {}}

turning_or_not = OneOrMany(
    Deep(weights=[[[0, -2], [0.5, 0]], [[0, -2], [0.5, 0]]], **quiet),
    Deep(weights=[[[2, 0], [0, 0.5]], [[2, 0], [0, -0.5]]], **quiet),
)

two_words = NetWithValues(net(W=[[1]], inputs=[[0], [0]], activation="sigmoid", loss="squared_error"), {beta_W: 1})

CLAIMS = (
    Claim(
        id="A3",
        source=TRAINING_RNNS.at("recurrent and feed-forward nets"),
        words="RNNs suffer more than feed-forward nets, because they use one matrix at every step.",
        mapping="Suffering more is read as: with factors of the same singular values, the product of one matrix by "
        "itself is at least as large as that of different ones; J is ∂h_T/∂h_0 of the layered net. Both sides "
        "are judged: every single net, where it fails, and draws of normal weights, where it is measured.",
        why="In every single net it depends on the matrices: one that turns what it stretches undoes itself, layers "
        "of its kind need not. "
        "Over draws the lecturer is right: with one matrix the norm spreads further, so extremes are more frequent.",
        readings=(
            Reading(
                theorem="jacobians/shared_matrix",
                statement=Le(SpectralNorm(LAYERED), SpectralNorm(StateJacobian(T, 0)), evaluate=False),
                witness=turning_or_not,
                decide=decide_alike,
            ),
            Reading(theorem="jacobians/shared_matrix"),
        ),
    ),
    Claim(
        id="A9",
        source=TRAINING_RNNS.at("product of Jacobian matrices"),
        words="The gradient holds a product of t − k Jacobians, so far contributions grow or shrink exponentially.",
        mapping="Exponentially: the T-th root of ‖∂h_T/∂h_0‖ has a limit other than 1.",
        why="A rotation keeps every norm, and a defective W grows like the lag itself. Growth takes σ_min ≥ r > 1 at "
        "every step, decay a norm of at most q < 1.",
        readings=(
            Reading(theorem="jacobians/uniform_steps", statement=exponential, witness=quarter_turn, decide=decide_rate),
            Reading(theorem="jacobians/uniform_steps", statement=exponential, witness=shear, decide=decide_rate),
            Reading(theorem="jacobians/product_of_steps"),
        ),
    ),
    Claim(
        id="A14",
        source=TRAINING_RNNS.at("solution for vanishing gradients"),
        words="Starting from W = I with ReLU for the sigmoid cures vanishing gradients.",
        mapping="Cured is read as: ‖∂h_t/∂h_k‖ does not fall below 1 in a net with W = I and ReLU.",
        why="A unit whose pre-activation is negative passes nothing on. While all are positive, ∂h_t/∂h_k = I exactly.",
        readings=(
            Reading(
                theorem="jacobians/identity_relu",
                premises=(relu, identity),
                statement=Ge(norm, 1, evaluate=False),
                witness=net(W=[[1, 0], [0, 1]], inputs=[[-1, -1], [1, 1]], activation="relu"),
            ),
        ),
    ),
    Claim(
        id="A15",
        source=TRAINING_RNNS.at("non-zero gradients on a limited interval"),
        words="Outside a limited interval the sigmoid has no gradient, and back-propagation is meaningless there.",
        mapping="Some M exists such that σ′ vanishes at M + y for every y > 0.",
        why="σ′ is positive everywhere: it falls like exp(−|z|), so it is below ε beyond log(1/ε), and it is never "
        "0. In "
        "float64 that is a matter of the formula: e/(1 + e)² with e = exp(−|z|) becomes 0 only beyond 745, σ(1 − σ) "
        "at 37, "
        "where σ rounds to 1.",
        readings=(
            Reading(
                theorem="activations/sigmoid_tail",
                statement=Eq(Subs(Derivative(logistic(z), z), z, M + y), 0, evaluate=False),
                witness=Everywhere("z = M + y for every M > 0 and y > 0, where σ′(z) = exp(−z)/(1 + exp(−z))² > 0"),
                decide=beyond,
            ),
        ),
    ),
    Claim(
        id="B3",
        source=CS6180.at("multiplying many derivatives of the sigmoid"),
        words="Multiplying many derivatives of the sigmoid gives a very small gradient.",
        mapping="Very small: at most 1/4 to the number of steps between, as is the product of that many slopes.",
        why="The slopes alone make it that small, but each comes with W: the bound is a quarter of ‖W‖ at each step.",
        readings=(
            Reading(
                theorem="jacobians/sigmoid_nets",
                premises=(squashing,),
                statement=Le(norm, Rational(1, 4) ** (t - k), evaluate=False),
                witness=NetWithValues(held_net([[8]]), {beta_W: 8}),
            ),
        ),
    ),
    Claim(
        id="B4",
        source=CS6180.at("the derivative also relies on W_h"),
        words="The Jacobian depends on W_h as well, which can counter the small slopes.",
        mapping="Countered: ‖∂h_t/∂h_k‖ = 1 at every lag in a sigmoid net.",
        readings=(Reading(theorem="jacobians/countered_slopes"),),
        why="With W = 4I and all slopes at 1/4 the Jacobian is I. It takes weights of that size and steady states.",
    ),
    Claim(
        id="B11",
        source=CS6180.at("orthogonal initialisation"),
        words="An orthogonal start helps with vanishing and exploding gradients, but does not fully solve them.",
        mapping="Helping: ‖∂h_T/∂h_0‖ departs less from 1, in orders of magnitude, than with a standard normal W, the "
        "start that the source names, and than with one scaled by g/√n; with inputs of 1/10.",
        why="W then neither stretches nor shrinks, and all is left to the slopes: with tanh they are below 1 off 0. "
        "The standard normal start (g = √n) is used by nobody; against the usual one, g = 1, no advantage is shown.",
        readings=(Reading(theorem="jacobians/orthogonal_start"), Reading(theorem="jacobians/orthogonal_weights")),
        depends=(
            Dependence(
                setting="scale g of the normal start, entries of standard deviation g/√n",
                values=(0.5, 1.0, 2.0, 32**0.5),
                names=("1/2", "1", "2", "√n"),
                quantity="by how many orders of magnitude ‖∂h_50/∂h_0‖ departs less from 1 with an orthogonal W",
                at_least=0.0,
                sample=advantage,
                seeds=40,
            ),
        ),
    ),
    Claim(
        id="B12",
        source=CS6180.at("later words in a sentence"),
        words="Later words of a sentence suffer more, as their gradients hold more derivatives of the sigmoid.",
        mapping="Two readings: the gradient of a later word's loss is no larger than that of the first word's, "
        "here by b; and the last state depends no more on a later state than on an earlier one.",
        why="A later loss holds longer chains, but the short ones too, so its gradient need not be smaller; and a "
        "later word has fewer slopes before it. What fades is the part of the early words in a later loss.",
        readings=(
            Reading(
                theorem="jacobians/sigmoid_nets",
                premises=(squashing,),
                statement=Le(
                    FrobeniusNorm(StepLossGradient(b, T)), FrobeniusNorm(StepLossGradient(b, 1)), evaluate=False
                ),
                witness=two_words,
            ),
            Reading(
                theorem="jacobians/sigmoid_nets",
                premises=(squashing,),
                statement=Le(SpectralNorm(StateJacobian(T, t)), SpectralNorm(StateJacobian(T, t - 1)), evaluate=False),
                witness=two_words,
            ),
            Reading(theorem="jacobians/sigmoid_nets"),
            Reading(theorem="gradients/sum_over_earlier_steps"),
        ),
    ),
    Claim(
        id="D3",
        source=SLIDES.at("matrices, spectral norm below one"),
        words="Matrices: if every spectral norm ‖∂h_i/∂h_{i−1}‖₂ < 1, the product decays to 0 exponentially.",
        mapping="Exponentially: the T-th root of the norm of the product over T steps has a limit below 1.",
        why="Norms may tend to 1: those of the witness have a product of norm 1/2 in the limit. One bound q < 1 for "
        "all steps is needed.",
        readings=(
            Reading(
                theorem="jacobians/uniform_steps",
                premises=(Lt(STEP, 1, evaluate=False),),
                statement=to_zero,
                witness=shrinking,
                decide=decide_law,
            ),
        ),
    ),
    Claim(
        id="D9",
        source=SLIDES.at("derivatives of sigmoid, tanh and ReLU"),
        words="σ′ and tanh′ tend to 0 at both ends; ReLU′ is 0 for negative pre-activations, so ReLU can vanish too.",
        readings=(
            Reading(theorem="activations/limits_of_slopes"),
            Reading(
                theorem="jacobians/dead_units",
                premises=(relu, dead),
                statement=Eq(StateJacobian(t, t - 1), ZeroMatrix(n, n), evaluate=False),
            ),
        ),
        mapping="ReLU can vanish too: where every pre-activation of a step is negative, the step hands nothing on.",
        why="The limits are exact, and a step of dead units is the zero matrix, whatever W is.",
    ),
    Claim(
        id="D10",
        source=SLIDES.at("vanishing gradients are very likely"),
        words="With the sigmoid and with tanh, vanishing gradients are very likely.",
        mapping="Very likely: in nine of ten nets or more, as they are usually started. Vanished: a thousandth or less "
        "is left after a hundred steps.",
        readings=(Reading(theorem="jacobians/usual_start"),),
        why="It depends on the inputs and on W. With inputs of standard deviation 1 it happens at every seed; tanh "
        "nets "
        "with small inputs stay near 0, where their slopes are 1, and an orthogonal W then keeps what they pass on.",
        depends=tuple(
            Dependence(
                setting=f"standard deviation of the inputs, {kind} W",
                values=(0.0, 0.1, 0.3, 1.0),
                quantity=f"share of tanh nets with {kind} W at which ‖∂h_100/∂h_0‖ < 1/1000",
                at_least=0.9,
                sample=partial(tanh_vanishes, recurrent=kind),
                seeds=100,
            )
            for kind in ("normal", "orthogonal")
        ),
    ),
    Claim(
        id="D11",
        source=SLIDES.at("small and large norm of W"),
        words="A small ‖W‖ makes vanishing worse; a large ‖W‖ can make gradients explode, above all with ReLU.",
        mapping="Worse: scaling W by 1/2 makes no ‖∂h_t/∂h_k‖ larger.",
        why="A tanh unit that large weights hold in saturation passes more on once they are halved. What falls with "
        "‖W‖ is the bound, and the Jacobian itself in a linear net. The second half is measured and holds.",
        readings=(
            Reading(
                theorem="jacobians/scaled_weights",
                statement=Le(SpectralNorm(ScaledJacobian(t, k)), norm, evaluate=False),
                witness=Scaled(net(W=[[4]], inputs=[[0]], h0=[[1]]), {scale: 0.5}),
            ),
            Reading(theorem="jacobians/norm_bound"),
            Reading(theorem="jacobians/large_weights"),
        ),
    ),
    Claim(
        id="D12",
        source=SLIDES.at("summary, deep feed-forward nets"),
        words="Deep feed-forward nets have the same problems.",
        mapping="The same: their Jacobians lie between the same powers, with layers for steps, and reach both.",
        readings=(Reading(theorem="jacobians/deep_nets"),),
        why="Nothing in the bounds needs the matrices to be one and the same.",
    ),
)
