"""A selective diagonal scan in the manner of Mamba (Gu and Dao 2023), step by step, for one state an input channel.

The step size is Δ = softplus(x + b), the state decays by exp(−Δ ∘ exp(a)), and the output is C x ∘ s and a skip d ∘ x.
"""

from sympy import MatrixSymbol, exp

from backproof.theory.language.functions import softplus
from backproof.theory.language.notation import Sequence, m, t, x
from backproof.theory.nets.equations import cell, times

s, w, u = Sequence("s", m), Sequence("w", m), Sequence("u", m)
a, b, d = (MatrixSymbol(name, m, 1) for name in "abd")
B, C = MatrixSymbol("B", m, m), MatrixSymbol("C", m, m)

CELL = cell(
    "selective scan",
    {
        w[t]: (x[t] + b).applyfunc(softplus),
        s[t]: times((-times(w[t], a.applyfunc(exp))).applyfunc(exp), s[t - 1]) + times(w[t], B * x[t], x[t]),
        u[t]: times(C * x[t], s[t]) + times(d, x[t]),
    },
    output=u,
)
