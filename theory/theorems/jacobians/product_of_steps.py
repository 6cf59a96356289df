"""Across many steps: the product of the Jacobians of the steps, later ones to the left."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Le, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import StateJacobian, TimeProduct, phi_prime
from backproof.theory.language.notation import W, a, h, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import BENGIO, PASCANU
from backproof.theory.theorems.jacobians._by_lag import RANGES, at_every_lag, lag, late, longer, product

i = Symbol("j", integer=True)  # the letter of the sources
step = DiagMatrix(a[i].applyfunc(phi_prime)) * W


def _equals(factor: Any, lower: Any = k + 1, upper: Any = t, ascending: int = 0) -> Any:
    return Eq(StateJacobian(t, k), TimeProduct(factor, (i, lower, upper), ascending), evaluate=False)


statement = _equals(step)
factor = StateJacobian(i, i - 1)


def _over(upper: Any, of: Any = factor) -> Any:
    return TimeProduct(of, (i, k + 1, upper))


PROOF = Proof(
    ranges=RANGES,
    lines=(
        line("no step", Eq(StateJacobian(k, k), Identity(n), evaluate=False), "composition", why="∂h_k/∂h_k = I"),
        line("no factor", Eq(_over(k), Identity(n), evaluate=False), "ends of a sum", why="The empty product is I"),
        line(
            "start",
            Eq(StateJacobian(k, k), _over(k), evaluate=False),
            "matrix algebra",
            "no step",
            "no factor",
            why="At lag 0 both are I",
        ),
        line("hypothesis", Eq(product, _over(k + lag), evaluate=False), "supposition", why="Suppose it at lag l"),
        line(
            "one more step",
            Eq(longer, StateJacobian(late, k + lag) * product, evaluate=False),
            "composition",
            why="The chain rule through the state before",
        ),
        line(
            "one more factor",
            Eq(_over(late), StateJacobian(late, k + lag) * _over(k + lag), evaluate=False),
            "ends of a sum",
            why="The last factor stands on the left",
        ),
        line(
            "step",
            Eq(longer, _over(late), evaluate=False),
            "matrix algebra",
            "one more step",
            "one more factor",
            "hypothesis",
        ),
        *at_every_lag(
            "steps", Eq(product, _over(k + lag), evaluate=False), Eq(StateJacobian(t, k), _over(t), evaluate=False)
        ),
        line("within", And(Le(k + 1, i), Le(i, t)), "supposition", why="For the factor of a step j between"),
        line(
            "one step",
            Eq(factor, step, evaluate=False),
            "theorem",
            "within",
            id="jacobians/step_jacobian",
            at={t: i},
            why="Each factor by the theorem on one step",
        ),
        line("factors", Eq(_over(t), _over(t, step), evaluate=False), "term by term", "one step"),
        line("every step", statement, "equals for equals", "factors", "steps"),
    ),
)

THEOREM = Theorem(
    title="Jacobian across many steps",
    words="The Jacobian from step k to step t multiplies those of the steps k + 1 to t, each later one on the left.",
    sources=(PASCANU.at("section 1.1"), BENGIO.at("section on the gradient of the state")),
    statement=statement,
    instances=nets(batch=(1, 1)),
    check=jacobians_satisfy,
    proof=PROOF,
    mutants={
        "earlier steps to the left": _equals(step, ascending=1),
        "slopes at the state before": _equals(DiagMatrix(h[i - 1].applyfunc(phi_prime)) * W),
        "W for its transpose": _equals(DiagMatrix(a[i].applyfunc(phi_prime)) * W.T),
        "first step missing": _equals(step, lower=k + 2),
        "last step missing": _equals(step, upper=t - 1),
    },
    certified=(net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2], [2, 1]], activation="relu", loss="squared_error"),),
)
