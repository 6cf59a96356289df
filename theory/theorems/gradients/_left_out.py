"""What a window leaves out: the terms from K steps back on, each bounded, and a geometric series of the bounds."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Ge, Integer, Le, Max, Or, Symbol

from backproof.theory.instances.bounds import beta_h
from backproof.theory.language.nodes import (
    EuclideanNorm,
    FrobeniusNorm,
    LossGradient,
    StepLossGradient,
    StepSum,
    TimeSum,
    TruncatedGradient,
)
from backproof.theory.language.notation import T, W, h, k, t
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, line
from backproof.theory.theorems.gradients._share_of_a_step import ASKED, RATE, SHARE, q, share
from backproof.theory.theorems.gradients._truncation import G, H, K, kept, terms

FAR = Max(0, t - K)
"""The last step that a window of K steps leaves out of the loss of step t."""

lag = Symbol("l", integer=True, nonnegative=True)


def _powers(last: Any, late: Any, rate: Any = RATE) -> StepSum:
    """``Σ_{k=1}^{last} q^(late − k)``."""
    return StepSum(rate ** (late - k), k, 1, last)


def _series() -> tuple[Line, ...]:
    """``(1 − q) Σ_{k=1}^{l} q^(K+l−k) = q^K − q^(K+l)``, by induction on l."""

    def claim(last: Any) -> Any:
        return Eq((1 - q) * _powers(last, K + last, q), q**K - q ** (K + last), evaluate=False)

    more = lag + 1
    opened = _powers(lag, K + more, q) + q**K
    return (
        line("no power", Eq(_powers(Integer(0), K, q), 0, evaluate=False), "ends of a sum"),
        line("series: start", claim(Integer(0)), "real arithmetic", "no power"),
        line("series: hypothesis", claim(lag), "supposition", why="Suppose it for l"),
        line("one power more", Eq(_powers(more, K + more, q), opened, evaluate=False), "ends of a sum"),
        line(
            "the others times q",
            Eq((1 - q) * _powers(lag, K + more, q), q * (q**K - q ** (K + lag)), evaluate=False),
            "real arithmetic",
            "series: hypothesis",
        ),
        line("series: step", claim(more), "real arithmetic", "one power more", "the others times q"),
        line("series", claim(lag), "induction", "series: start", "series: step", index=lag, why="By induction on l"),
        line("series to there", claim(FAR).subs(q, RATE), "instance", "series", at={lag: FAR, q: RATE}),
    )


def _far_powers(contraction: str) -> tuple[Line, ...]:
    """``Σ_{k=1}^{t−K} q^(t−k) ≤ q^K / (1 − q)``, whether t is beyond K or not; the last line is "far powers"."""
    at_most = Le((1 - RATE) * _powers(FAR, t), RATE**K, evaluate=False)
    none, some = Eq(FAR, 0, evaluate=False), Eq(FAR, t - K, evaluate=False)
    last = t - K
    return (
        line("either", Or(none, some, evaluate=False), "integers", why="The window reaches the start, or it does not"),
        line("nothing far", none, "supposition"),
        line("no far power", Eq(_powers(Integer(0), t), 0, evaluate=False), "ends of a sum"),
        line(
            "nothing is little",
            Le((1 - RATE) * _powers(Integer(0), t), RATE**K, evaluate=False),
            "real arithmetic",
            "no far power",
        ),
        line("little in one case", at_most, "equals for equals", "nothing far", "nothing is little"),
        line("something far", some, "supposition"),
        line(
            "far series",
            Eq((1 - RATE) * _powers(last, t), RATE**K - RATE**t, evaluate=False),
            "equals for equals",
            "something far",
            "series to there",
        ),
        line(
            "series is little",
            Le((1 - RATE) * _powers(last, t), RATE**K, evaluate=False),
            "real arithmetic",
            "far series",
        ),
        line("little in the other case", at_most, "equals for equals", "something far", "series is little"),
        line("little", at_most, "cases", "either", "little in one case", "little in the other case"),
        line(
            "far powers",
            Le(_powers(FAR, t), RATE**K / (1 - RATE), evaluate=False),
            "real arithmetic",
            "little",
            contraction,
        ),
    )


def common(contraction: str) -> tuple[Line, ...]:
    """The lines that the bounds by every parameter start with."""
    return (*_series(), *_far_powers(contraction), *share())


def _term(theta: Any, states: str) -> tuple[Line, ...]:
    """``‖term of step k‖ ≤ β_h H q^(t−k) ‖Vᵀ g_t‖``, without H for b, the line called "term by θ"."""
    whole = FrobeniusNorm(terms(theta))
    factors: tuple[Line, ...]
    by: tuple[str, ...]
    if theta == W:
        read = EuclideanNorm(h[k - 1])
        factors = (
            by_fact(
                f"factors by {theta}",
                Eq(whole, EuclideanNorm(SHARE) * read, evaluate=False),
                "norm of an outer product",
                u=SHARE,
                v=h[k - 1],
            ),
            line("state there", Le(read, H, evaluate=False), "instance", states, at={t: k}),
        )
        by = (f"factors by {theta}", "state there")
    else:
        factors = (
            by_fact(
                f"column by {theta}", Eq(whole, EuclideanNorm(SHARE), evaluate=False), "length of a column", v=SHARE
            ),
        )
        by = (f"column by {theta}",)
    return (
        *factors,
        line(f"term by {theta}", Le(whole, _bound(theta), evaluate=False), "real arithmetic", *by, "share"),
    )


def _bound(theta: Any) -> Any:
    return beta_h * _size(theta) * RATE ** (t - k) * ASKED


def _size(theta: Any) -> Any:
    """How long what the parameter multiplies can be, at most."""
    return H if theta == W else 1


def left_out(theta: Any, states: str, losses: str) -> tuple[Line, ...]:
    """The bound on what is left out of the gradient by θ, the last line called "left out by θ"."""
    one = terms(theta)
    whole, far = (TimeSum(one, (k, 1, last)) for last in (t, FAR))
    near = TimeSum(one, kept(theta).args[0].args[1:])
    every, each, kept_all, left = (TimeSum(x, (t, 1, T)) for x in (StepLossGradient(theta, t), whole, near, far))
    both = TimeSum(far + near, (t, 1, T))
    missed = LossGradient(theta) - TruncatedGradient(theta, K)
    sizes, bounds = (StepSum(x, k, 1, FAR) for x in (FrobeniusNorm(one), _bound(theta)))
    factor = beta_h * _size(theta)
    rest = RATE**K / (1 - RATE)
    gap = rest - _powers(FAR, t)
    losses_sum = StepSum(ASKED, t, 1, T)
    most = factor * rest * ASKED
    return (
        *_term(theta, states),
        line(
            f"losses by {theta}",
            Eq(LossGradient(theta), every, evaluate=False),
            "theorem",
            id="gradients/sum_over_losses",
        ),
        line(
            f"steps by {theta}",
            Eq(StepLossGradient(theta, t), whole, evaluate=False),
            "theorem",
            id="gradients/sum_over_earlier_steps",
        ),
        line(f"all steps by {theta}", Eq(every, each, evaluate=False), "term by term", f"steps by {theta}"),
        line(
            f"far and near by {theta}",
            Eq(whole, far + near, evaluate=False),
            "split a sum",
            why="Before the window, and in it",
        ),
        line(f"all parts by {theta}", Eq(each, both, evaluate=False), "term by term", f"far and near by {theta}"),
        line(
            f"gradient by {theta}",
            Eq(LossGradient(theta), each, evaluate=False),
            "equals for equals",
            f"all steps by {theta}",
            f"losses by {theta}",
        ),
        line(
            f"gradient in parts by {theta}",
            Eq(LossGradient(theta), both, evaluate=False),
            "equals for equals",
            f"all parts by {theta}",
            f"gradient by {theta}",
        ),
        line(
            f"window by {theta}",
            Eq(TruncatedGradient(theta, K), kept_all, evaluate=False),
            "theorem",
            id="gradients/truncated",
        ),
        line(
            f"missed by {theta}",
            Eq(missed, left, evaluate=False),
            "matrix algebra",
            f"gradient in parts by {theta}",
            f"window by {theta}",
        ),
        by_fact(
            f"over the losses by {theta}",
            Le(FrobeniusNorm(left), StepSum(FrobeniusNorm(far), t, 1, T), evaluate=False),
            "length of a sum over times",
            X=far,
            index=t,
            low=Integer(1),
            high=T,
        ),
        by_fact(
            f"over the steps by {theta}",
            Le(FrobeniusNorm(far), sizes, evaluate=False),
            "length of a sum over times",
            X=one,
            index=k,
            low=Integer(1),
            high=FAR,
        ),
        line(f"bounds by {theta}", Le(sizes, bounds, evaluate=False), "term by term", f"term by {theta}"),
        line(f"room by {theta}", Ge(gap, 0, evaluate=False), "real arithmetic", "far powers"),
        line(f"asked by {theta}", Ge(factor * ASKED, 0, evaluate=False), "real arithmetic"),
        by_fact(
            f"room times asked by {theta}",
            Ge(factor * ASKED * gap, 0, evaluate=False),
            "a product of what is not negative",
            f"asked by {theta}",
            f"room by {theta}",
            a=factor * ASKED,
            b=gap,
        ),
        line(
            f"one loss by {theta}",
            Le(FrobeniusNorm(far), most, evaluate=False),
            "real arithmetic",
            f"over the steps by {theta}",
            f"bounds by {theta}",
            f"room times asked by {theta}",
        ),
        line(
            f"all losses by {theta}",
            Le(StepSum(FrobeniusNorm(far), t, 1, T), StepSum(most, t, 1, T), evaluate=False),
            "term by term",
            f"one loss by {theta}",
        ),
        line(
            f"size of what is missed by {theta}",
            Le(FrobeniusNorm(missed), StepSum(FrobeniusNorm(far), t, 1, T), evaluate=False),
            "equals for equals",
            f"missed by {theta}",
            f"over the losses by {theta}",
        ),
        line(f"more is asked by {theta}", Ge(G - losses_sum, 0, evaluate=False), "real arithmetic", losses),
        line(f"factor by {theta}", Ge(factor * rest, 0, evaluate=False), "real arithmetic", "contraction"),
        by_fact(
            f"more times factor by {theta}",
            Ge(factor * rest * (G - losses_sum), 0, evaluate=False),
            "a product of what is not negative",
            f"factor by {theta}",
            f"more is asked by {theta}",
            a=factor * rest,
            b=G - losses_sum,
        ),
        line(
            f"left out by {theta}",
            Le(FrobeniusNorm(missed), factor * G * rest, evaluate=False),
            "real arithmetic",
            f"size of what is missed by {theta}",
            f"all losses by {theta}",
            f"more times factor by {theta}",
        ),
    )
