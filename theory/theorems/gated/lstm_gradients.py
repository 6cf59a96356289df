"""Back-propagation through an LSTM: two states, and so two adjoints that run backward in time."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Lambda, Le, Symbol, tanh
from sympy.matrices.expressions import hadamard_product as had

from backproof.theory.confronting.backward_pass import gradients_match
from backproof.theory.instances.strategies import gated_nets
from backproof.theory.language.functions import logistic
from backproof.theory.language.nodes import LossGradient, TimeSum
from backproof.theory.language.notation import T, V, c, delta, g, h, t, x
from backproof.theory.nets.cells import LSTM, LSTM_GATES, s, squashed, zeta
from backproof.theory.proving.builders import each_by_the_chain_rule
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import GERS, HOCHREITER_SCHMIDHUBER

z = Symbol("z")
squashed_slope, tanh_slope = Lambda(z, logistic(z).diff(z)), Lambda(z, tanh(z).diff(z))
a = {j: gate.a[t] for j, gate in LSTM_GATES.items()}
alpha = {j: gate.alpha[t] for j, gate in LSTM_GATES.items()}
asked = sum((gate.W.T * gate.alpha[t + 1] for gate in LSTM_GATES.values()), V.T * g[t])
kept = had(squashed(a["f"]), zeta[t]).subs(t, t + 1)
shown = had(squashed(a["q"]), s[t].applyfunc(tanh_slope), delta[t])

ADJOINTS = {
    h[t]: asked,
    s[t]: shown + kept,
    a["i"]: had(a["i"].applyfunc(squashed_slope), a["g"].applyfunc(tanh), zeta[t]),
    a["f"]: had(a["f"].applyfunc(squashed_slope), s[t - 1], zeta[t]),
    a["q"]: had(a["q"].applyfunc(squashed_slope), s[t].applyfunc(tanh), delta[t]),
    a["g"]: had(a["g"].applyfunc(tanh_slope), squashed(a["i"]), zeta[t]),
}

SUMMANDS = {V: g[t] * h[t].T, c: g[t]}


for j, gate in LSTM_GATES.items():
    SUMMANDS |= {gate.W: alpha[j] * h[t - 1].T, gate.U: alpha[j] * x[t].T, gate.b: alpha[j]}


INITIAL = {
    h[0]: sum((gate.W.T * gate.alpha[1] for gate in LSTM_GATES.values()), 0 * h[0]),
    s[0]: had(squashed(a["f"]), zeta[t]).subs(t, 1),
}


def _but(**changes: Any) -> Any:
    """All the equations, some of them changed: by the name of a gate, ``h``, ``s``, ``W_f`` or ``s_0``."""
    named = {"h": h[t], "s": s[t], "W_f": LSTM_GATES["f"].W, "s_0": s[0]} | a
    new = {named[name]: value for name, value in changes.items()}
    sums = {q: TimeSum(new.get(q, summand), (t, 1, T)) for q, summand in SUMMANDS.items()}
    rest = {q: new.get(q, value) for q, value in (ADJOINTS | INITIAL).items()}
    return And(*(Eq(LossGradient(q), value, evaluate=False) for q, value in (rest | sums).items()), evaluate=False)


statement = _but()

THEOREM = Theorem(
    title="Gradients of an LSTM",
    words="What losses ask of the cell state comes through the output gate, or from the step after by the forget gate.",
    sources=(HOCHREITER_SCHMIDHUBER.at("appendix"), GERS.at("section on forget gates")),
    statement=statement,
    instances=gated_nets("lstm", units=(2, 2)),
    check=gradients_match,
    proof=each_by_the_chain_rule(statement, ranges=(Le(1, t), Le(t, T)), cell=LSTM.name),
    mutants={
        "nothing carried along the cell state": _but(s=shown),
        "carried by this step's forget gate": _but(s=shown + had(squashed(a["f"]), zeta[t + 1])),
        "recurrent weights not transposed": _but(
            h=sum((gate.W * gate.alpha[t + 1] for gate in LSTM_GATES.values()), V.T * g[t])
        ),
        "slope of the forget gate dropped": _but(f=had(s[t - 1], zeta[t])),
        "cell state after for before": _but(f=had(a["f"].applyfunc(squashed_slope), s[t], zeta[t])),
        "output gate fed by the cell state": _but(
            q=had(a["q"].applyfunc(squashed_slope), s[t].applyfunc(tanh), zeta[t])
        ),
        "h_t for h_{t-1}": _but(W_f=alpha["f"] * h[t].T),
    },
    examples=20,
)
