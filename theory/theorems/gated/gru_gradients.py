"""Back-propagation through a GRU: four ways back to the state before, one of them through the reset gate."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Lambda, Le, OneMatrix, Symbol, tanh
from sympy.matrices.expressions import hadamard_product as had

from backproof.theory.confronting.backward_pass import gradients_match
from backproof.theory.instances.strategies import gated_nets
from backproof.theory.language.functions import logistic
from backproof.theory.language.nodes import LossGradient, TimeSum
from backproof.theory.language.notation import T, V, c, delta, g, h, n, t, x
from backproof.theory.nets.cells import GRU, GRU_GATES, squashed
from backproof.theory.proving.builders import each_by_the_chain_rule
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import CHO

v = Symbol("z")
squashed_slope, tanh_slope = Lambda(v, logistic(v).diff(v)), Lambda(v, tanh(v).diff(v))
z, r, candidate = GRU_GATES.values()
new = candidate.a[t].applyfunc(tanh)
through = candidate.W.T * candidate.alpha[t]  # what is asked of r_t ∘ h_{t-1}
reset = had(squashed(r.a[t]), h[t - 1])
back = had(squashed(z.a[t]), delta[t]) + had(squashed(r.a[t]), through) + z.W.T * z.alpha[t] + r.W.T * r.alpha[t]

ADJOINTS = {
    h[t]: V.T * g[t] + back.subs(t, t + 1),
    z.a[t]: had(z.a[t].applyfunc(squashed_slope), h[t - 1] - new, delta[t]),
    r.a[t]: had(r.a[t].applyfunc(squashed_slope), h[t - 1], through),
    candidate.a[t]: had(candidate.a[t].applyfunc(tanh_slope), OneMatrix(n, 1) - squashed(z.a[t]), delta[t]),
}

SUMMANDS = {V: g[t] * h[t].T, c: g[t]}


for gate, read in ((z, h[t - 1]), (r, h[t - 1]), (candidate, reset)):
    SUMMANDS |= {gate.W: gate.alpha[t] * read.T, gate.U: gate.alpha[t] * x[t].T, gate.b: gate.alpha[t]}


INITIAL = {h[0]: back.subs(t, 1)}


def _but(changes: Any = ()) -> Any:
    """All the equations, some of them changed."""
    new = dict(changes)
    sums = {q: TimeSum(new.get(q, summand), (t, 1, T)) for q, summand in SUMMANDS.items()}
    rest = {q: new.get(q, value) for q, value in (ADJOINTS | INITIAL).items()}
    return And(*(Eq(LossGradient(q), value, evaluate=False) for q, value in (rest | sums).items()), evaluate=False)


straight = had(squashed(z.a[t]), delta[t]).subs(t, t + 1)
statement = _but()

THEOREM = Theorem(
    title="Gradients of a GRU",
    words="The update gate hands the adjoint straight back; the candidate hands its own back through the reset gate.",
    sources=(CHO.at("section 2.3, hidden unit that adaptively remembers and forgets"),),
    statement=statement,
    instances=gated_nets("gru"),
    check=gradients_match,
    proof=each_by_the_chain_rule(statement, ranges=(Le(1, t), Le(t, T)), cell=GRU.name),
    mutants={
        "nothing straight back": _but({h[t]: ADJOINTS[h[t]] - straight}),
        "reset gate not on the way back": _but({h[t]: ADJOINTS[h[t]].subs(r.a[t + 1], z.a[t + 1])}),
        "update gate sees the state alone": _but({z.a[t]: had(z.a[t].applyfunc(squashed_slope), h[t - 1], delta[t])}),
        "gates exchanged in the candidate": _but(
            {candidate.a[t]: had(candidate.a[t].applyfunc(tanh_slope), squashed(z.a[t]), delta[t])}
        ),
        "candidate's weights see the whole state": _but({candidate.W: candidate.alpha[t] * h[t - 1].T}),
    },
    examples=20,
)
