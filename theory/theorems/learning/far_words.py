"""What an update teaches about a far-off word: between two powers of the distance, little but not nothing."""

from __future__ import annotations

from sympy import Le

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import beta_h, beta_W
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.notation import t
from backproof.theory.nets.networks import net
from backproof.theory.records.assumptions import bound_on_slopes, bound_on_W
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import BENGIO, PASCANU, SLIDES, TRAINING_RNNS
from backproof.theory.theorems.learning._far_words import (
    asked,
    contributions_satisfy,
    first,
    gamma_h,
    gamma_W,
    slopes_below,
    two_sided_nets,
    weights_below,
    word,
)
from backproof.theory.theorems.learning._first_word import PROOF, between, high, low


def _case(weight: float, above: float, steep: float, under: float, flat: float) -> NetWithValues:
    """A linear net of one unit that reads 1 at every step."""
    linear = net(W=[[weight]], V=[[1], [0]], inputs=[[1], [1], [1]], activation="identity")
    return NetWithValues(linear, {beta_W: above, beta_h: steep, gamma_W: under, gamma_h: flat})


def _attained(instance: NetWithValues) -> float:
    """The norm over its upper bound."""
    with precision(BITS):
        here = next(instance.environments(Balls(), high)).bound(t, instance.net.steps)
        size, bound = (evaluate(side, Balls(), here) for side in (first, high))
    return float(size) / float(bound)


THEOREM = Theorem(
    title="What a far-off word teaches",
    words="A step's loss changes what is known of the first word by an amount between two powers of its distance.",
    sources=(
        TRAINING_RNNS.at("learning and the far-off words"),
        SLIDES.at("contributions from faraway steps"),
        PASCANU.at("section 2.1"),
        BENGIO.at("theorem on vanishing gradients"),
    ),
    statement=between(high, low),
    instances=two_sided_nets(),
    check=contributions_satisfy,
    proof=PROOF,
    assumptions=(bound_on_W, bound_on_slopes, weights_below, slopes_below),
    without={
        bound_on_W: _case(2, 1, 1, 1, 1),
        bound_on_slopes: _case(1, 1, 0.5, 1, 0.5),
        weights_below: _case(0.5, 1, 1, 1, 1),
        slopes_below: _case(1, 1, 1, 1, 2),
    },
    attained=_case(1, 1, 1, 1, 1),
    ratio=_attained,
    mutants={
        "one step fewer": between(high / (beta_W * beta_h), low),
        "the distance for its power": between(beta_h * (t - 1) * beta_W * asked * word, low),
        "nothing at all": Le(first, 0, evaluate=False),
        "no less than the bound": between(high, high),
        "what the loss asks left out": between(high / asked, low),
    },
    examples=40,
)
