"""In a linear net scaling W scales a Jacobian across l steps by the factor to the power l."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, MatrixSymbol

from backproof.theory.arithmetic import Balls, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.state_jacobians import products
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.nodes import StateJacobian
from backproof.theory.language.notation import W, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.checkers import algebra
from backproof.theory.proving.proof import Proof, Step, Unprovable
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import PASCANU, SLIDES
from backproof.theory.theorems.jacobians._scaled import Scaled, ScaledJacobian, linear, linear_pairs, scale

total, changed = StateJacobian(t, k), ScaledJacobian(t, k)


def _lines(statement: Any) -> Iterator[Step]:
    if not isinstance(statement, Eq) or statement.lhs != changed:
        raise Unprovable("the statement is no equation for the Jacobian of the scaled net")
    P = MatrixSymbol("P", n, n)
    before = statement.rhs.subs(t, t - 1).xreplace({StateJacobian(t - 1, k): P})
    now = statement.rhs.xreplace({total: W * P})
    start = statement.rhs.xreplace({total: P}).subs(t, k)
    yield Step(
        why="Base: at t = k both Jacobians are I",
        relation=Eq(start, P, evaluate=False),
        checker=algebra,
        method="exact",
    )
    yield Step(
        why="Induction: with P = ∂h_{t-1}/∂h_k the unscaled net has W P, and the scaled one γW times what it had",
        relation=Eq(now, scale * W * before, evaluate=False),
        checker=algebra,
        method="matrix algebra, any size, any lag",
    )


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


tanh_net = net(W=[[1, 0], [1, 2]], inputs=[[1, 0], [0, 1]], h0=[[1, 1]])

THEOREM = Theorem(
    title="The size of W",
    words="In a linear net γW in place of W multiplies ∂h_t/∂h_k by γ to the lag: small W vanishes, large W explodes.",
    sources=(SLIDES.at("small and large norm of W"), PASCANU.at("section 2.1")),
    statement=_equals(scale ** (t - k) * total),
    instances=linear_pairs,
    check=scaled_matches,
    proof=Proof(scope="every horizon, every size, every linear net; induction on the lag", lines=_lines),
    assumptions=(straight := Assumption(name="linear", text="φ(z) = z", holds=linear),),
    without={straight: Scaled(tanh_net, {scale: 0.5})},
    certified=(Scaled(tanh_net.with_(activation="identity"), {scale: 0.5}),),
    mutants={
        "scaled once": _equals(scale * total),
        "not scaled": _equals(total),
        "one power fewer": _equals(scale ** (t - k - 1) * total),
        "the lag as a factor": _equals(scale * (t - k) * total),
    },
    uses=("jacobians/product_of_steps", "jacobians/norm_bound"),
    examples=60,
)
