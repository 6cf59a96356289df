"""The sLSTM of Beck et al. (2024) with its stabiliser: exponential gates, less the running maximum of their logarithms.

The forget gate is exponential as well. The stabiliser k = max(a_f + k_{t-1}, a_i) cancels in c/n, so that its own
gradient is 0 in exact arithmetic; it is differentiated all the same.
"""

from sympy import Lambda, Max, Symbol, exp, tanh

from backproof.theory.language.notation import Sequence, h, n, t
from backproof.theory.nets.equations import affine, cell, sigmoid, times

c, w, k, i, f, a, e = (Sequence(name, n) for name in ("c", "w", "k", "i", "f", "a_i", "a_f"))
v = Symbol("v")
above, inverse = Lambda(v, Max(v, 0)), Lambda(v, 1 / v)

CELL = cell(
    "sLSTM",
    {
        a[t]: affine("i", h[t - 1]),
        e[t]: affine("f", h[t - 1]) + k[t - 1],
        k[t]: e[t] + (a[t] - e[t]).applyfunc(above),
        i[t]: (a[t] - k[t]).applyfunc(exp),
        f[t]: (e[t] - k[t]).applyfunc(exp),
        c[t]: times(f[t], c[t - 1]) + times(i[t], affine("g", h[t - 1]).applyfunc(tanh)),
        w[t]: times(f[t], w[t - 1]) + i[t],
        h[t]: times(sigmoid(affine("q", h[t - 1])), c[t], w[t].applyfunc(inverse)),
    },
)
