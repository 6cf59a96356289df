"""The outputs of a net: the softmax's cross-entropy and its gradient, proved; a subject's loss and output bias.

The loss in floats: the rounding of o_t, of its shift by the largest output, of exponentials, of their sum and of its
logarithm, whose argument is at least 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sympy import Eq

from backproof.theory.arithmetic import Approximate, Arithmetic, Balls, Rounded, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.formats import in_both_formats, in_dtype
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.notation import t
from backproof.theory.nets.networks import Net
from backproof.theory.nets.rounding import tolerances
from backproof.theory.nets.unrolled import Unrolled


def summed(expression: Any, net: Net, arithmetic: Arithmetic) -> Any:
    """``ω Σ_t`` of an expression, over every sequence of the batch."""
    terms = []
    for sequence in net.sequences():
        environment = Unrolled(sequence, arithmetic).environment
        terms += [evaluate(expression, arithmetic, environment.bound(t, s)) for s in range(1, net.steps + 1)]
    return arithmetic.scale(arithmetic.number(net.weight), arithmetic.sum_time(terms))


@reads(Eq, times=(t,))
def bias_gradient(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """``Eq(Gradient(ℓ, o_t), …)``: the gradient of the output bias is its sum over steps and sequences."""
    with precision(BITS):
        reference = summed(statement.rhs, net, Balls())
    for dtype, gradients, bounds in in_both_formats(subject, "gradients", net):
        yield agree(f"∂L/∂c in {dtype}", gradients["c"], reference, bounds.gradients["c"])


@reads(Eq, times=(t,))
def loss_value(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """An equation for the loss of one step: the right-hand side, summed over the steps, is the subject's loss."""
    with precision(BITS):
        reference = summed(statement.rhs, net, Balls())
    for dtype in (np.float64, np.float32):
        cast = in_dtype(net, dtype)
        if cast is not None:
            got = np.array([[answer(subject, "loss", cast)]])
            yield agree(f"L in {np.dtype(dtype).name}", got, reference, _loss_bound(net, dtype))


def _loss_bound(net: Net, dtype: Any) -> Any:
    """For one sequence."""
    roundoff = Roundoff.of(dtype)
    A = Rounded(roundoff)
    moved = tolerances(net, dtype).hidden
    exact = Unrolled(net, A)
    terms = []
    for step, target in enumerate(net.targets[:, 0], start=1):
        state = Approximate(exact.series["h"][step].value, moved[step][:, None], roundoff)
        outputs = A.products([(A.matrix(net.V), state), (A.matrix(net.c[:, None]),)])
        shifted = A.shift(outputs)
        total = A.matmul(A.matrix(np.ones((1, len(net.V)))), A.functions["exp"](shifted))
        terms.append(A.functions["log"](total) - A.entry(shifted, int(target), 0))
    summands = A.sum_time(terms)
    return A.scale(A.number(net.weight), summands).radius
