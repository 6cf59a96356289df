"""The LSTM with peepholes of Gers, Schraudolph and Schmidhuber (2002).

The output gate looks at c_t, the others at c_{t-1}.
"""

from sympy import MatrixSymbol, tanh

from backproof.theory.language.notation import Sequence, h, n, t
from backproof.theory.nets.equations import affine, cell, sigmoid, times

c, i, f, q = (Sequence(name, n) for name in "cifq")
p = {gate: MatrixSymbol(f"p_{gate}", n, 1) for gate in "ifq"}

CELL = cell(
    "LSTM with peepholes",
    {
        i[t]: sigmoid(affine("i", h[t - 1]) + times(p["i"], c[t - 1])),
        f[t]: sigmoid(affine("f", h[t - 1]) + times(p["f"], c[t - 1])),
        c[t]: times(f[t], c[t - 1]) + times(i[t], affine("g", h[t - 1]).applyfunc(tanh)),
        q[t]: sigmoid(affine("q", h[t - 1]) + times(p["q"], c[t])),
        h[t]: times(q[t], c[t].applyfunc(tanh)),
    },
)
