"""Why a far-off word teaches between two powers of its distance: its term of the gradient, bounded from both sides."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, Integer, Le, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.instances.bounds import beta_h, beta_W
from backproof.theory.language.nodes import (
    Contribution,
    EuclideanNorm,
    FrobeniusNorm,
    LargestEntry,
    SmallestSingularValue,
    SpectralNorm,
    StateJacobian,
    StepLossGradient,
)
from backproof.theory.language.notation import U, V, W, g, h, k, n, t, x
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.assumptions import slopes_at
from backproof.theory.theorems.learning._far_words import asked, first, gamma_h, gamma_W, word

high = beta_h * (beta_W * beta_h) ** (t - 1) * asked * word
low = gamma_h * (gamma_W * gamma_h) ** (t - 1) * asked * word


def between(high: Any, low: Any) -> Any:
    """The contribution of the first word lies between two numbers."""
    return And(Le(first, high, evaluate=False), Ge(first, low, evaluate=False), evaluate=False)


lag = Symbol("l", integer=True, nonnegative=True)
late = 1 + lag
at_late = {t: late}
early, back = slopes_at(Integer(1)), V.T * g[late]
slopes_1, J, arriving = DiagMatrix(early), StateJacobian(late, 1), StepLossGradient(h[1], late)
pulled, size, wanted = slopes_1 * arriving, first.subs(at_late), EuclideanNorm(back)
longer, slopes = StateJacobian(late + 1, 1), DiagMatrix(slopes_at(late + 1))
sigma = SmallestSingularValue
hypothesis = Ge(sigma(J), (gamma_W * gamma_h) ** lag, evaluate=False)


def _asked(name: str, says: Any, by: str) -> Line:
    """A bound on what arrives at the first step, in terms of what the loss asks."""
    return line(name, says, "equals for equals", "carried", by)


STRETCH = (
    line("no step", Eq(StateJacobian(1, 1), Identity(n), evaluate=False), "chain rule", why="∂h_1/∂h_1 = I"),
    by_fact("least of I", Eq(sigma(Identity(n)), 1, evaluate=False), "least singular value of the identity", size=n),
    line(
        "least of no step",
        Eq(sigma(StateJacobian(1, 1)), 1, evaluate=False),
        "equals for equals",
        "no step",
        "least of I",
    ),
    line(
        "start",
        Ge(sigma(StateJacobian(1, 1)), (gamma_W * gamma_h) ** 0, evaluate=False),
        "real arithmetic",
        "least of no step",
    ),
    line("hypothesis", hypothesis, "supposition", why="Suppose that products across l steps stretch so much at least"),
    line("one more step", Eq(longer, slopes * W * J, evaluate=False), "chain rule"),
    by_fact(
        "slopes and the rest",
        Le(sigma(slopes) * sigma(W * J), sigma(slopes * W * J), evaluate=False),
        "least singular value of a product",
        X=slopes,
        Y=W * J,
    ),
    by_fact(
        "weights and the rest",
        Le(sigma(W) * sigma(J), sigma(W * J), evaluate=False),
        "least singular value of a product",
        X=W,
        Y=J,
    ),
    line(
        "slopes there",
        Le(gamma_h, sigma(slopes), evaluate=False),
        "instance",
        "slopes from below",
        at={t: late + 1},
    ),
    line(
        "least of the product",
        Ge(sigma(slopes * W * J), (gamma_W * gamma_h) ** (lag + 1), evaluate=False),
        "real arithmetic",
        "hypothesis",
        "slopes and the rest",
        "weights and the rest",
        "slopes there",
        "weights from below",
        why="One more step stretches by γ_W γ_h at least",
    ),
    line(
        "step",
        Ge(sigma(longer), (gamma_W * gamma_h) ** (lag + 1), evaluate=False),
        "equals for equals",
        "one more step",
        "least of the product",
    ),
    line("every lag", hypothesis, "induction", "start", "step", index=lag, why="By induction on the distance"),
)

TERM = (
    line(
        "its term",
        Eq(Contribution(U, late, 1), pulled * x[1].T, evaluate=False),
        "chain rule",
        why="The first word reaches the loss of step t through a_1 alone",
    ),
    line(
        "back to it",
        Eq(arriving, J.T * StepLossGradient(h[late], late), evaluate=False),
        "chain rule",
    ),
    line("asked there", Eq(StepLossGradient(h[late], late), back, evaluate=False), "chain rule"),
    line("carried", Eq(arriving, J.T * back, evaluate=False), "equals for equals", "asked there", "back to it"),
    by_fact(
        "column times row",
        Eq(FrobeniusNorm(pulled * x[1].T), EuclideanNorm(pulled) * word, evaluate=False),
        "norm of an outer product",
        u=pulled,
        v=x[1],
    ),
    line(
        "size of its term",
        Eq(size, EuclideanNorm(pulled) * word, evaluate=False),
        "equals for equals",
        "its term",
        "column times row",
    ),
)


ABOVE = (
    line(
        "norm of the product",
        Le(SpectralNorm(J), (beta_W * beta_h) ** lag, evaluate=False),
        "theorem",
        "bound on W",
        "bound on the slopes",
        id="jacobians/norm_bound",
        at={t: late, k: Integer(1)},
    ),
    by_fact(
        "norm of its transpose", Eq(SpectralNorm(J.T), SpectralNorm(J), evaluate=False), "norm of a transpose", X=J
    ),
    by_fact(
        "carried at most",
        Le(EuclideanNorm(J.T * back), SpectralNorm(J.T) * wanted, evaluate=False),
        "a norm is attained",
        X=J.T,
        v=back,
    ),
    _asked(
        "arriving at most",
        Le(EuclideanNorm(arriving), SpectralNorm(J.T) * wanted, evaluate=False),
        "carried at most",
    ),
    by_fact(
        "pulled at most",
        Le(EuclideanNorm(pulled), SpectralNorm(slopes_1) * EuclideanNorm(arriving), evaluate=False),
        "a norm is attained",
        X=slopes_1,
        v=arriving,
    ),
    by_fact(
        "norm of its slopes",
        Eq(SpectralNorm(slopes_1), LargestEntry(early), evaluate=False),
        "norm of a diagonal",
        d=early,
    ),
    line(
        "its slopes",
        Le(LargestEntry(early), beta_h, evaluate=False),
        "instance",
        "bound on the slopes",
        at={t: Integer(1)},
    ),
    line(
        "arriving",
        Le(EuclideanNorm(arriving), (beta_W * beta_h) ** lag * wanted, evaluate=False),
        "real arithmetic",
        "norm of the product",
        "norm of its transpose",
        "arriving at most",
    ),
    line(
        "high at lag l",
        Le(size, high.subs(at_late), evaluate=False),
        "real arithmetic",
        "size of its term",
        "pulled at most",
        "norm of its slopes",
        "its slopes",
        "arriving",
        why="‖φ′(a_1) ∘ u‖ ‖x_1‖ with slopes of at most β_h and u = (∂h_t/∂h_1)ᵀ Vᵀ g_t",
    ),
)

BELOW = (
    by_fact(
        "least of its transpose", Eq(sigma(J.T), sigma(J), evaluate=False), "least singular value of a transpose", X=J
    ),
    by_fact(
        "carried at least",
        Le(sigma(J.T) * wanted, EuclideanNorm(J.T * back), evaluate=False),
        "least stretch",
        X=J.T,
        v=back,
    ),
    _asked("arriving at least", Le(sigma(J.T) * wanted, EuclideanNorm(arriving), evaluate=False), "carried at least"),
    by_fact(
        "pulled at least",
        Le(sigma(slopes_1) * EuclideanNorm(arriving), EuclideanNorm(pulled), evaluate=False),
        "least stretch",
        X=slopes_1,
        v=arriving,
    ),
    line(
        "its slopes are not flat",
        Le(gamma_h, sigma(slopes_1), evaluate=False),
        "instance",
        "slopes from below",
        at={t: Integer(1)},
    ),
    line(
        "arriving as much",
        Ge(EuclideanNorm(arriving), (gamma_W * gamma_h) ** lag * wanted, evaluate=False),
        "real arithmetic",
        "every lag",
        "least of its transpose",
        "arriving at least",
    ),
    line(
        "low at lag l",
        Ge(size, low.subs(at_late), evaluate=False),
        "real arithmetic",
        "size of its term",
        "pulled at least",
        "its slopes are not flat",
        "arriving as much",
        why="Likewise from below",
    ),
)

PROOF = Proof(
    ranges=(Ge(t, 1),),
    lines=(
        *TERM,
        *STRETCH,
        *ABOVE,
        *BELOW,
        line("high", Le(first, high, evaluate=False), "lag", "high at lag l", late=t, early=Integer(1), lag=lag),
        line("low", Ge(first, low, evaluate=False), "lag", "low at lag l", late=t, early=Integer(1), lag=lag),
        line("both", between(high, low), "together", "high", "low"),
    ),
)
