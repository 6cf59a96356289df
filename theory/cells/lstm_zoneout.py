"""The LSTM with zoneout of Krueger et al. (2017): where a mask is 1, a unit keeps its state.

The masks are told at every step, drawn by whoever trains; a padded step is one at which both masks are 1.
"""

from sympy import OneMatrix, tanh

from backproof.theory.language.notation import Sequence, h, n, t
from backproof.theory.nets.equations import affine, cell, sigmoid, times

c, s, d, e = (Sequence(name, n) for name in "csde")
one = OneMatrix(n, 1)

CELL = cell(
    "LSTM with zoneout",
    {
        s[t]: times(sigmoid(affine("f", h[t - 1])), c[t - 1])
        + times(sigmoid(affine("i", h[t - 1])), affine("g", h[t - 1]).applyfunc(tanh)),
        c[t]: times(d[t], c[t - 1]) + times(one - d[t], s[t]),
        h[t]: times(e[t], h[t - 1]) + times(one - e[t], sigmoid(affine("q", h[t - 1])), s[t].applyfunc(tanh)),
    },
    given=(d, e),
)
