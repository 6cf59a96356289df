"""In a linear net scaling W scales a Jacobian across l steps by the factor to the power l."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Ge, MatPow
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.arithmetic import Balls, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.state_jacobians import products
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.nodes import StateJacobian, phi_prime
from backproof.theory.language.notation import Sequence, W, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import PASCANU, SLIDES
from backproof.theory.theorems.jacobians._by_lag import RANGES, at_every_lag, here, lag, late
from backproof.theory.theorems.jacobians._elementwise import slopes_of
from backproof.theory.theorems.jacobians._scaled import Scaled, ScaledJacobian, linear_pairs, scale
from backproof.theory.theorems.jacobians.linear_net import across, forth, linear

total, changed = StateJacobian(t, k), ScaledJacobian(t, k)


def scaled_matches(statement: Any, subject: Any, instance: Scaled) -> Iterator[Comparison]:
    """The subject's Jacobians of the scaled net against the statement evaluated with those of the unscaled."""
    if not isinstance(statement, Eq):
        raise Undecided("the statement is no equation for the Jacobian of the scaled net")
    with precision(BITS):
        for returned in products(subject, instance.scaled):
            for environment in instance.environments(Balls(), statement):
                late, early = environment.integer(t), environment.integer(k)
                got, bound = returned.between(late, early)
                what = f"∂h_{late}/∂h_{early} in {returned.dtype}"
                yield agree(what, got, evaluate(statement.rhs, Balls(), environment), bound)


def _equals(claimed: Any) -> Any:
    return Eq(changed, claimed, evaluate=False)


scaled_a = Sequence(r"\tilde{a}", n)  # the pre-activations of the scaled net
scaled_slopes = DiagMatrix(scaled_a[late].applyfunc(phi_prime))
longer = ScaledJacobian(late, k)

definitions = {
    "no step of the scaled net": Eq(ScaledJacobian(k, k), Identity(n), evaluate=False),
    "a step of the scaled net": Eq(longer, scaled_slopes * (scale * W) * ScaledJacobian(here, k), evaluate=False),
}
"""The chain rule for the net with γW, at its own pre-activations."""

statement = _equals(scale ** (t - k) * total)


def _power(exponent: Any) -> Any:
    return scale**exponent * MatPow(W, exponent)


hypothesis = Eq(ScaledJacobian(here, k), _power(lag), evaluate=False)

PROOF = Proof(
    ranges=(Ge(t, 1, evaluate=False), *RANGES),
    lines=(
        *slopes_of(linear.name, 1, scaled_a[late]),
        line(
            "scaled step",
            Eq(longer, scale * W * ScaledJacobian(here, k), evaluate=False),
            "equals for equals",
            "slopes",
            "a step of the scaled net",
            why="In a linear net a step of the scaled net multiplies by γW",
        ),
        line(
            "start",
            Eq(ScaledJacobian(k, k), _power(0), evaluate=False),
            "matrix algebra",
            "no step of the scaled net",
            why="At lag 0 it is I",
        ),
        line("hypothesis", hypothesis, "supposition", why="Suppose it at lag l"),
        line("step", Eq(longer, _power(lag + 1), evaluate=False), "matrix algebra", "scaled step", "hypothesis"),
        *at_every_lag("scaled", hypothesis, _equals(_power(t - k))),
        line(
            "not scaled",
            across(forth),
            "theorem",
            linear.name,
            id="jacobians/linear_net",
            why="The net itself has the power of W",
        ),
        line("both", statement, "matrix algebra", "scaled", "not scaled"),
    ),
)

bent = net(W=[[1, 0], [1, 2]], inputs=[[1, 0], [0, 1]], h0=[[1, 1]])

THEOREM = Theorem(
    title="The size of W",
    words="In a linear net γW in place of W multiplies ∂h_t/∂h_k by γ to the lag: small W vanishes, large W explodes.",
    sources=(SLIDES.at("small and large norm of W"), PASCANU.at("section 2.1")),
    statement=statement,
    instances=linear_pairs,
    check=scaled_matches,
    proof=PROOF,
    definitions=definitions,
    assumptions=(linear,),
    without={linear: Scaled(bent, {scale: 0.5})},
    certified=(Scaled(bent.with_(activation="identity"), {scale: 0.5}),),
    mutants={
        "scaled once": _equals(scale * total),
        "not scaled": _equals(total),
        "one power fewer": _equals(scale ** (t - k - 1) * total),
        "the lag as a factor": _equals(scale * (t - k) * total),
    },
    examples=60,
)
