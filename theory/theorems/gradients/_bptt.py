"""Gradients by back-propagation through time, checked on a subject."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flint import arb_mat
from sympy import Eq

from backproof.theory.arithmetic import Balls, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.formats import in_both_formats
from backproof.theory.confronting.reading import reads
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.notation import At, t
from backproof.theory.nets.networks import Net
from backproof.theory.nets.unrolled import Unrolled


def total(statement: Any, net: Net) -> arb_mat:
    """The right-hand side in balls, summed over the batch; for h_0 a row for each sequence."""
    with precision(BITS):
        parts = [
            evaluate(statement.rhs, Balls(), Unrolled(sequence, Balls()).environment) for sequence in net.sequences()
        ]
        if isinstance(statement.lhs.args[0], At):
            return arb_mat([part.entries() for part in parts])
        return Balls().sum_time(parts)


@reads(Eq, times=(0,))
def gradient_matches(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """``Eq(LossGradient(q), …)`` for a parameter q or q = h_0."""
    quantity = statement.lhs.args[0]
    name = f"{quantity.name}0" if isinstance(quantity, At) else quantity.name
    reference = total(statement, net)
    for dtype, gradients, bounds in in_both_formats(subject, "gradients", net):
        yield agree(f"∂L/∂{name} in {dtype}", gradients[name], reference, bounds.gradients[name])


@reads(Eq, times=(t,))
def adjoint_matches(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """``Eq(LossGradient(a_t), …)`` for every t: the share of step t in the gradient of b is α_t."""
    net = net.sequence(0).with_(mean_divisor=1)
    with precision(BITS):
        environment = Unrolled(net, Balls()).environment
        rows = [evaluate(statement.rhs, Balls(), environment.bound(t, s)).entries() for s in range(1, net.steps + 1)]
        reference = arb_mat(rows)
    for dtype, shares, bounds in in_both_formats(subject, "contributions", net):
        yield agree(f"∂L/∂a_t in {dtype}", shares["b"], reference, bounds.per_step)
