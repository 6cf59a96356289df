"""Reverse mode is the transpose of forward mode, for the whole unrolled net."""

from __future__ import annotations

from typing import Any

from sympy import Add, Eq

from backproof.theory.language.nodes import Inner, StepSum, TimeSum
from backproof.theory.language.notation import T, W, alpha, delta, g, h, t, x
from backproof.theory.nets.networks import net
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import GRIEWANK_WALTHER, WERBOS
from backproof.theory.theorems.gradients._forward_mode import Directed, directed, pairings
from backproof.theory.theorems.gradients._forward_mode_proof import ADJOINT_IDENTITY, DIRECTIONS, hdot, odot

SUMMANDS = {"W": alpha[t] * h[t - 1].T, "U": alpha[t] * x[t].T, "V": g[t] * h[t].T, "b": alpha[t], "c": g[t]}


def _identity(*, start: Any = W.T * alpha[1], lower: Any = 1, **changed: Any) -> Any:
    """⟨δ, J v⟩ = ⟨Jᵀ δ, v⟩ with δ = (g_1 … g_T), some summands of Jᵀ δ changed."""
    totals = {name: TimeSum(q, (t, lower, T)) for name, q in (SUMMANDS | changed).items()}
    right = Add(*(Inner(total, DIRECTIONS[name]) for name, total in totals.items()), Inner(start, hdot[0]))
    return Eq(StepSum(Inner(g[t], odot[t]), t, 1, T), right, evaluate=False)


relu = net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2]], activation="relu", loss="squared_error")

THEOREM = Theorem(
    title="Adjoint identity",
    words="Moving all parameters and h_0 along v changes the outputs by J v; what outputs ask comes back as Jᵀ δ.",
    sources=(WERBOS.at("ordered derivatives"), GRIEWANK_WALTHER.at("forward and reverse mode")),
    statement=_identity(),
    instances=directed(),
    check=pairings,
    proof=ADJOINT_IDENTITY,
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
    uses=("gradients/adjoint_recursion", "gradients/initial_state"),
    examples=100,
)
