"""The same units at work at every step: their pattern P, and what becomes of lengths that only they hand on.

The steps are ``P W``, and a product of l + 1 of them is l times ``P W P`` and one ``P W``.
"""

from __future__ import annotations

from sympy import Abs, Eq, Le, MatrixSymbol, Symbol
from sympy.matrices.expressions import HadamardProduct
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.matexpr import MatrixElement

from backproof.theory.language.nodes import LargestEntry, SpectralNorm, StateJacobian
from backproof.theory.language.notation import W, k, n, t
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import line
from backproof.theory.records.assumptions import certainly, slopes_at
from backproof.theory.records.records import Assumption
from backproof.theory.theorems.jacobians._by_lag import (
    at_every_lag,
    lag,
    late,
    longer,
    product,
    start,
    step,
    this_step,
)

p = MatrixSymbol("p", n, 1)
P = DiagMatrix(p)
norm, kept = SpectralNorm(StateJacobian(t, k)), SpectralNorm(P * W * P)
i, j = Symbol("i", integer=True, nonnegative=True), Symbol("j", integer=True, nonnegative=True)
same, switched = Eq(slopes_at(t), p, evaluate=False), Eq(HadamardProduct(p, p), p, evaluate=False)
pattern = Assumption(
    name="the same units at work", text="φ′(a_t) = p at every step", holds=certainly(same), says=same, every=(t,)
)
switches = Assumption(
    name="at work or at rest", text="p_i is 1 or 0, as slopes of ReLU are", holds=certainly(switched), says=switched
)
before, after = P * W * product, P * W * longer

entry = MatrixElement(p, i, j)
mask = (
    line(
        "square",
        Eq(MatrixElement(p, i, j) ** 2, MatrixElement(p, i, j), evaluate=False),
        "an entry",
        switches.name,
        at=(i, j),
    ),
    line("entry", Le(Abs(MatrixElement(p, i, j)), 1, evaluate=False), "real arithmetic", "square"),
    line("largest", Le(LargestEntry(p), 1, evaluate=False), "every entry", "entry", at=(i, j)),
    by_fact("norm of P", Eq(SpectralNorm(P), LargestEntry(p), evaluate=False), "norm of a diagonal", d=p),
    line("pattern there", Eq(slopes_at(late), p, evaluate=False), "instance", pattern.name, at={t: late}),
    *this_step(),
    line("masked", Eq(step, P * W, evaluate=False), "equals for equals", "pattern there", "this step"),
    by_fact(
        "norm of P W",
        Le(SpectralNorm(P * W), SpectralNorm(P) * SpectralNorm(W), evaluate=False),
        "norm of a product",
        X=P,
        Y=W,
    ),
    line(
        "norm of a step",
        Le(SpectralNorm(P * W), 1, evaluate=False),
        "real arithmetic",
        *("norm of P W", "norm of P", "largest", "norm of W"),
    ),
    line("step at most 1", Le(SpectralNorm(step), 1, evaluate=False), "equals for equals", "masked", "norm of a step"),
)

one_step_more = (
    line("P P", Eq(P * P, DiagMatrix(HadamardProduct(p, p)), evaluate=False), "matrix algebra"),
    line("again", Eq(P * P, P, evaluate=False), "equals for equals", switches.name, "P P"),
    line("longer", Eq(longer, P * W * product, evaluate=False), "matrix algebra", "one more step", "masked"),
    line("first", Eq(P * W * start, P * W, evaluate=False), "matrix algebra", "no step"),
    line(
        "rate: start",
        Le(SpectralNorm(P * W * start), kept**0, evaluate=False),
        "equals for equals",
        "first",
        "norm of a step",
    ),
    line("rate: hypothesis", Le(SpectralNorm(before), kept**lag, evaluate=False), "supposition"),
    line(
        "through the units at work",
        Eq(after, (P * W * P) * (P * W * product), evaluate=False),
        "matrix algebra",
        *("longer", "again"),
        why="What comes out of a step is 0 at the units at rest",
    ),
    by_fact(
        "its factors",
        Le(SpectralNorm((P * W * P) * (P * W * product)), kept * SpectralNorm(before), evaluate=False),
        "norm of a product",
        X=P * W * P,
        Y=before,
    ),
    line(
        "rate: product",
        Le(SpectralNorm((P * W * P) * (P * W * product)), kept ** (lag + 1), evaluate=False),
        "real arithmetic",
        *("its factors", "rate: hypothesis"),
    ),
    line(
        "rate: step",
        Le(SpectralNorm(after), kept ** (lag + 1), evaluate=False),
        "equals for equals",
        *("through the units at work", "rate: product"),
    ),
    line(
        "rate", Le(SpectralNorm(before), kept**lag, evaluate=False), "induction", "rate: start", "rate: step", index=lag
    ),
)

claim = Le(kept * SpectralNorm(product), kept**lag, evaluate=False)
vanishing = (
    by_fact(
        "kept: factors",
        Le(SpectralNorm(P * W * P), SpectralNorm(P * W) * SpectralNorm(P), evaluate=False),
        "norm of a product",
        X=P * W,
        Y=P,
    ),
    line(
        "kept at most 1",
        Le(kept, 1, evaluate=False),
        "real arithmetic",
        *("kept: factors", "norm of a step", "norm of P", "largest"),
    ),
    line(
        "start",
        Le(kept * SpectralNorm(start), kept**0, evaluate=False),
        "real arithmetic",
        *("norm of no step", "kept at most 1"),
    ),
    line("rate here", Le(SpectralNorm(longer), kept**lag, evaluate=False), "equals for equals", "longer", "rate"),
    line("step", Le(kept * SpectralNorm(longer), kept ** (lag + 1), evaluate=False), "real arithmetic", "rate here"),
    *at_every_lag("vanishes", claim, Le(kept * norm, kept ** (t - k), evaluate=False)),
)
