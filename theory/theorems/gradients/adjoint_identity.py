"""Reverse mode is the transpose of forward mode, for the whole unrolled net."""

from __future__ import annotations

from typing import Any

from sympy import Add, Eq, Symbol
from sympy.matrices.expressions import hadamard_product

from backproof.theory.language.nodes import Inner, LossGradient, StepSum, TimeSum, phi_prime
from backproof.theory.language.notation import T, V, W, a, alpha, delta, g, h, t, x
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import GRIEWANK_WALTHER, WERBOS
from backproof.theory.theorems.gradients._forward_mode import (
    DIRECTIONS,
    Directed,
    adot,
    directed,
    hdot,
    odot,
    pairings,
)

SUMMANDS = {"W": alpha[t] * h[t - 1].T, "U": alpha[t] * x[t].T, "V": g[t] * h[t].T, "b": alpha[t], "c": g[t]}


def _identity(*, start: Any = W.T * alpha[1], lower: Any = 1, **changed: Any) -> Any:
    """⟨δ, J v⟩ = ⟨Jᵀ δ, v⟩ with δ = (g_1 … g_T), some summands of Jᵀ δ changed."""
    totals = {name: TimeSum(q, (t, lower, T)) for name, q in (SUMMANDS | changed).items()}
    right = Add(*(Inner(total, DIRECTIONS[name]) for name, total in totals.items()), Inner(start, hdot[0]))
    return Eq(StepSum(Inner(g[t], odot[t]), t, 1, T), right, evaluate=False)


s = Symbol("s", integer=True, nonnegative=True)
after, statement = s + 1, _identity()
shares = Add(*(Inner(q, DIRECTIONS[name]) for name, q in SUMMANDS.items()))
asked = Inner(g[t], odot[t])
carried = Inner(W.T * alpha[s + 1], hdot[s])
start = Inner(W.T * alpha[1], hdot[0])
up_to = Eq(StepSum(asked, t, 1, s) + carried, StepSum(shares, t, 1, s) + start, evaluate=False)
slopes = a[after].applyfunc(phi_prime)
pre = DIRECTIONS["W"] * h[s] + W * hdot[s] + DIRECTIONS["U"] * x[after] + DIRECTIONS["b"]
moves = {
    adot[after]: pre,
    hdot[after]: hadamard_product(slopes, adot[after]),
    odot[after]: DIRECTIONS["V"] * h[after] + V * hdot[after] + DIRECTIONS["c"],
}
asked_there = V.T * g[after] + W.T * alpha[after + 1]


def _is(q: Any, right: Any) -> Any:
    return Eq(q, right, evaluate=False)


PROOF = Proof(
    lines=(
        *(line(f"{q.name} moves", _is(q, right), "tangent") for q, right in moves.items()),
        line(
            "state moves",
            _is(hdot[after], hadamard_product(slopes, pre)),
            "equals for equals",
            "adot moves",
            "hdot moves",
        ),
        line("δ by name", _is(LossGradient(h[after]), delta[after]), "chain rule"),
        line("asked of the state", _is(LossGradient(h[after]), asked_there), "chain rule"),
        line("δ", _is(delta[after], asked_there), "equals for equals", "δ by name", "asked of the state"),
        line("α by name", _is(LossGradient(a[after]), alpha[after]), "chain rule"),
        line(
            "through the activation", _is(LossGradient(a[after]), hadamard_product(slopes, delta[after])), "chain rule"
        ),
        line(
            "α",
            _is(alpha[after], hadamard_product(slopes, asked_there)),
            "equals for equals",
            "α by name",
            "δ",
            "through the activation",
        ),
        line(
            "one step",
            _is(asked.subs(t, after) + carried.subs(s, after), shares.subs(t, after) + carried),
            "matrix algebra",
            "odot moves",
            "state moves",
            "α",
            why="What a step's loss and the steps after it ask of its output and state, it passes on",
        ),
        *(
            line(
                f"{name} of no step",
                Eq(StepSum(value, t, 1, 0), 0, evaluate=False),
                "ends of a sum",
            )
            for name, value in (("asked", asked), ("shares", shares))
        ),
        line(
            "start",
            Eq(StepSum(asked, t, 1, 0) + start, StepSum(shares, t, 1, 0) + start, evaluate=False),
            "real arithmetic",
            "asked of no step",
            "shares of no step",
            why="Before the first step both sums are empty",
        ),
        line("hypothesis", up_to, "supposition", why="Suppose it up to step s"),
        *(
            line(
                f"{name} of one step more",
                Eq(StepSum(value, t, 1, after), StepSum(value, t, 1, s) + value.subs(t, after), evaluate=False),
                "ends of a sum",
            )
            for name, value in (("asked", asked), ("shares", shares))
        ),
        line(
            "step",
            up_to.func(*(side.subs(s, after) for side in up_to.args), evaluate=False),
            "real arithmetic",
            "hypothesis",
            "one step",
            "asked of one step more",
            "shares of one step more",
        ),
        line("up to every step", up_to, "induction", "start", "step", index=s, why="By induction on the steps"),
        line(
            "all steps",
            up_to.func(*(side.subs(s, T) for side in up_to.args), evaluate=False),
            "instance",
            "up to every step",
            at={s: T},
        ),
        line("nothing later", Eq(alpha[T + 1], 0 * alpha[T + 1], evaluate=False), "chain rule"),
        line(
            "nothing handed back",
            Eq(carried.subs(s, T), 0, evaluate=False),
            "matrix algebra",
            "nothing later",
            why="After step T no loss is left",
        ),
        line("identity", statement, "real arithmetic", "all steps", "nothing handed back"),
    )
)

relu = net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2]], activation="relu", loss="squared_error")

THEOREM = Theorem(
    title="Adjoint identity",
    words="Moving all parameters and h_0 along v changes the outputs by J v; what outputs ask comes back as Jᵀ δ.",
    sources=(WERBOS.at("ordered derivatives"), GRIEWANK_WALTHER.at("forward and reverse mode")),
    statement=statement,
    instances=directed(),
    check=pairings,
    proof=PROOF,
    certified=(Directed(relu, directions={name: 0 * array + 1 for name, array in relu.parameters.items()}),),
    ledger=("F2",),
    mutants={
        "W for its transpose": _identity(start=W * alpha[1]),
        "h_t for h_{t-1}": _identity(W=alpha[t] * h[t].T),
        "transposed": _identity(W=h[t - 1] * alpha[t].T),
        "slope dropped": _identity(b=delta[t]),
        "first step missing": _identity(lower=2),
        "outputs ask of the state before": _identity(V=g[t] * h[t - 1].T),
    },
    examples=100,
)
