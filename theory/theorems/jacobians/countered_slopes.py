"""Weights can make up for the sigmoid's slopes: four times an orthogonal matrix, held where σ is steepest."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Integer, OneMatrix, Rational, ZeroMatrix, exp
from sympy.matrices.expressions import Identity

from backproof.theory.language.functions import logistic, z
from backproof.theory.language.nodes import SpectralNorm, StateJacobian, phi, phi_prime
from backproof.theory.language.notation import W, a, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import certainly, of_the_activation, slopes_at
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import CS6180, PASCANU
from backproof.theory.theorems.jacobians._bounded_steps import held_net, held_nets
from backproof.theory.theorems.jacobians._bounds import bounds_satisfy
from backproof.theory.theorems.jacobians._by_lag import (
    RANGES,
    at_every_lag,
    both,
    closed_form,
    late,
    longer,
    longer_products,
    product,
    this_step,
)

lag = t - k
total = StateJacobian(t, k)


def _says(product: Any, norm: Any = 1) -> Any:
    return And(Eq(total, product, evaluate=False), Eq(SpectralNorm(total), norm, evaluate=False), evaluate=False)


quarter = Rational(1, 4)
statement = _says(4 ** (-lag) * W**lag)
squashed, at_zero = Eq(phi(z), logistic(z), evaluate=False), Eq(a[t], ZeroMatrix(n, 1), evaluate=False)
turned = Eq(W.T * W, 16 * Identity(n), evaluate=False)
squashing = Assumption(name="sigmoid", text="φ = σ", holds=of_the_activation(squashed), says=squashed, every=(z,))
held = Assumption(name="held", text="a_t = 0 at every step", holds=certainly(at_zero), says=at_zero, every=(t,))
fourfold = Assumption(name="four times orthogonal", text="WᵀW = 16 I", holds=certainly(turned), says=turned)

steepest = (
    line(
        "slope",
        Eq(phi_prime(z), exp(-z) / (1 + exp(-z)) ** 2, evaluate=False),
        "differentiated",
        squashing.name,
        variable=z,
        why="The slope of σ(z) = 1/(1 + e^{-z})",
    ),
    line("slope at 0", Eq(phi_prime(0), quarter, evaluate=False), "instance", "slope", at={z: Integer(0)}),
    line("held there", Eq(a[late], ZeroMatrix(n, 1), evaluate=False), "instance", held.name, at={t: late}),
    by_fact(
        "slopes of zeros",
        Eq(ZeroMatrix(n, 1).applyfunc(phi_prime), phi_prime(0) * OneMatrix(n, 1), evaluate=False),
        "function of a column of zeros",
        function=phi_prime,
        size=n,
    ),
    line(
        "slopes",
        Eq(slopes_at(late), quarter * OneMatrix(n, 1), evaluate=False),
        "equals for equals",
        "held there",
        "slope at 0",
        "slopes of zeros",
        why="σ′(0) = 1/4 in every unit",
    ),
)

lengths = (
    line(
        "isometry",
        Eq((W / 4).T * (W / 4), Identity(n), evaluate=False),
        "matrix algebra",
        fourfold.name,
        why="W/4 keeps every length",
    ),
    line("length: start", Eq(SpectralNorm(StateJacobian(k, k)), 1, evaluate=False), "part", "norm of no step"),
    line("length: hypothesis", Eq(SpectralNorm(product), 1, evaluate=False), "supposition", why="Suppose it at lag l"),
    by_fact(
        "length kept",
        Eq(SpectralNorm(W / 4 * product), SpectralNorm(product), evaluate=False),
        "norm after an isometry",
        "isometry",
        X=W / 4,
        Y=product,
    ),
    line(
        "one more factor",
        Eq(longer, W / 4 * product, evaluate=False),
        "matrix algebra",
        "one more step",
        "one factor",
    ),
    line(
        "length of the factors",
        Eq(SpectralNorm(W / 4 * product), 1, evaluate=False),
        "equals for equals",
        "length kept",
        "length: hypothesis",
    ),
    line(
        "length: step",
        Eq(SpectralNorm(longer), 1, evaluate=False),
        "equals for equals",
        "one more factor",
        "length of the factors",
    ),
    *at_every_lag(
        "length", Eq(SpectralNorm(product), 1, evaluate=False), Eq(SpectralNorm(total), 1, evaluate=False), "length: "
    ),
)

PROOF = Proof(
    ranges=RANGES,
    lines=(
        *longer_products(),
        *this_step(),
        *steepest,
        *closed_form(lambda lag: Integer(4) ** (-lag) * W**lag, quarter, W / 4),
        *lengths,
        both(statement, "product", "length"),
    ),
)

turn = [[0, -4], [4, 0]]

THEOREM = Theorem(
    title="Weights that counter the slopes",
    words="At σ′ = 1/4 in every unit, W = 4Q with Q orthogonal gives ∂h_t/∂h_k = Q to the lag, of norm 1.",
    sources=(CS6180.at("the derivative also relies on W_h"), PASCANU.at("section 2.1")),
    statement=statement,
    instances=held_nets(),
    check=bounds_satisfy,
    proof=PROOF,
    assumptions=(squashing, held, fourfold),
    without={
        squashing: net(W=turn, inputs=[[0, 0], [0, 0]]),
        held: held_net(turn).with_(h0=held_net(turn).h0 * 4),
        fourfold: held_net([[1, 0], [0, 1]]),
    },
    certified=(held_net([[4, 0], [0, 4]]), held_net([[4]])),
    mutants={
        "the slopes forgotten": _says(W**lag),
        "the weights forgotten": _says(4 ** (-lag) * W**0),
        "a slope too many": _says(4 ** (-lag - 1) * W**lag),
        "it vanishes all the same": _says(4 ** (-lag) * W**lag, norm=4 ** (-lag)),
        "W for its transpose": _says(4 ** (-lag) * W.T**lag),
    },
    examples=100,
)
