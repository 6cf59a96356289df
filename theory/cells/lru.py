"""The linear recurrent unit of Orvieto et al. (2023): a diagonal complex recurrence, as pairs of real columns r and i.

λ = exp(−e^ν + i e^θ), of modulus below 1 whatever ν is, and γ = √(1 − |λ|²), which keeps the size of white inputs. The
paper starts γ there and trains its logarithm; here it stays what λ makes it. The output is Re(C s) + d ∘ x, of as many
entries as the input: C r − F i for the real and imaginary parts C and F, and B and E are those of the input's matrix.
"""

from sympy import Lambda, MatrixSymbol, Symbol, cos, exp, sin, sqrt

from backproof.theory.language.notation import Sequence, m, n, t, x
from backproof.theory.nets.equations import cell, times

r, i, p, q, g = (Sequence(name, n) for name in ("r", "i", "p", "q", "g"))
u, v = Sequence("u", m), Symbol("v")
nu, theta, d = MatrixSymbol("nu", n, 1), MatrixSymbol("theta", n, 1), MatrixSymbol("d", m, 1)
B, E, C, F = (
    MatrixSymbol(name, *shape) for name, shape in {"B": (n, m), "E": (n, m), "C": (m, n), "F": (m, n)}.items()
)
modulus = nu.applyfunc(Lambda(v, exp(-exp(v))))

CELL = cell(
    "LRU",
    {
        p[t]: times(modulus, theta.applyfunc(Lambda(v, cos(exp(v))))),
        q[t]: times(modulus, theta.applyfunc(Lambda(v, sin(exp(v))))),
        g[t]: modulus.applyfunc(Lambda(v, sqrt(1 - v**2))),
        r[t]: times(p[t], r[t - 1]) - times(q[t], i[t - 1]) + times(g[t], B * x[t]),
        i[t]: times(p[t], i[t - 1]) + times(q[t], r[t - 1]) + times(g[t], E * x[t]),
        u[t]: C * r[t] - F * i[t] + times(d, x[t]),
    },
    output=u,
)
