"""Orthogonal weights with ReLU: no gradient grows, and one vanishes if the units at work lean on those at rest.

"Neither vanish nor explode" is half of it. A unit at rest takes its share of every length away, and an orthogonal
matrix that mixes the units brings it a new share at each step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Abs, And, Eq, Ge, Integer, Le, MatrixSymbol, Rational, Symbol
from sympy.matrices.expressions import HadamardProduct
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.matexpr import MatrixElement

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import signed_permutations
from backproof.theory.language.nodes import LargestEntry, SpectralNorm, StateJacobian
from backproof.theory.language.notation import W, k, n, t
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import certainly, slopes_at
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import ARJOVSKY, VORONTSOV
from backproof.theory.theorems.jacobians._by_lag import (
    RANGES,
    at_every_lag,
    both,
    by_powers,
    lag,
    late,
    longer,
    longer_products,
    product,
    start,
    step,
    this_step,
)
from backproof.theory.theorems.jacobians.orthogonal_weights import orthogonal, weights

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


def _says(rate: Any = kept ** (t - k), longest: Any = 1) -> Any:
    return And(Le(norm, longest, evaluate=False), Le(kept * norm, rate, evaluate=False), evaluate=False)


statement = _says()
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

PROOF = Proof(
    ranges=RANGES,
    lines=(
        *longer_products(),
        *weights[:2],
        *mask,
        *by_powers("above", Le, Integer(1), "step at most 1"),
        *one_step_more,
        *vanishing,
        both(statement, "above", "vanishes"),
    ),
)

MIXING = np.kron([[1.0, 1.0], [1.0, -1.0]], [[1.0, 1.0], [1.0, -1.0]]) / 2
"""Orthogonal, and each unit reads a half of every other."""


def masked(weights: Any, working: Any, steps: int) -> NetWithValues:
    """A ReLU net driven so that a_t is 1 in the units at work and −1 in those at rest, at every step."""
    chosen = np.asarray(working, dtype=np.float64)
    drive = 2 * chosen - 1 - np.asarray(weights) @ chosen
    held = net(W=weights, inputs=[drive] * steps, h0=[chosen], activation="relu", loss="squared_error")
    return NetWithValues(held, {p: chosen[:, None].tolist()})


@st.composite
def rectified(draw: Any) -> NetWithValues:
    """ReLU nets with W orthogonal without rounding, some of their units at work and the others at rest."""
    size = draw(st.integers(1, 4))
    weights = draw(signed_permutations(size))
    if size == 4:
        weights = weights @ MIXING @ draw(signed_permutations(size))
    working = draw(st.lists(st.sampled_from([1.0, 0.0]), min_size=size, max_size=size))
    return masked(weights, working, draw(st.integers(1, 4)))


mixed = masked(MIXING, [1, 0, 0, 0], 3)
copied = masked([[1, 0], [0, 1]], [1, 1], 3)
half = net(W=[[-1]], inputs=[[0.5]] * 4, h0=[[0.5]], activation="sigmoid", loss="squared_error")


def _ratio(instance: NetWithValues) -> float:
    """‖∂h_T/∂h_0‖, of which 1 is the most."""
    with precision(BITS):
        return float(Balls().spectral_norm(Unrolled(instance.net, Balls()).state_jacobian(instance.net.steps, 0)))


THEOREM = Theorem(
    title="Orthogonal weights with ReLU",
    words="With W orthogonal and the units P at work, ‖∂h_t/∂h_k‖ ≤ 1, and it vanishes as ‖PWP‖^(t−k) if that is < 1.",
    sources=(ARJOVSKY.at("bound on the gradient, for unitary weights"), VORONTSOV.at("norms of Jacobian products")),
    statement=statement,
    instances=rectified(),
    proof=PROOF,
    assumptions=(orthogonal, pattern, switches),
    without={
        orthogonal: NetWithValues(copied.net.with_(W=2 * copied.net.W), copied.values),
        pattern: NetWithValues(mixed.net.with_(activation="identity"), mixed.values),
        switches: NetWithValues(half, {p: [[0.25]]}),
    },
    attained=copied,
    ratio=_ratio,
    mutants={
        "kept, and so never vanishing": And(Eq(norm, 1, evaluate=False), Le(kept * norm, kept ** (t - k))),
        "one factor more": _says(kept ** (t - k + 1)),
        "W for what is kept of it": _says(SpectralNorm(W) ** (t - k) * kept**2),
        "half at most": _says(longest=Rational(1, 2)),
        "never less": And(Ge(norm, 1, evaluate=False), Le(kept * norm, kept ** (t - k))),
    },
    examples=40,
)
