"""Sums of immediate derivatives, whole or cut off: the same induction, and a geometric series for what is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, ImmutableMatrix, Le, Max, Symbol, simplify
from sympy.matrices.expressions import Transpose

from backproof.theory.instances.net_with_values import beta_h, beta_W
from backproof.theory.language.nodes import (
    FrobeniusNorm,
    Immediate,
    LossGradient,
    StateJacobian,
    StepLossGradient,
    TimeProduct,
    TimeSum,
    TruncatedGradient,
    Vec,
)
from backproof.theory.language.notation import PARAMETERS, T, V, W, a, b, g, h, k, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.cells import ELMAN
from backproof.theory.nets.immediate import PRE, through
from backproof.theory.proving.checkers import Checker, algebra, explicit, scalars
from backproof.theory.proving.proof import Proof, Step, Unprovable
from backproof.theory.theorems.gradients._steps import UNITS, chain_rule, v
from backproof.theory.theorems.gradients._truncation import G, H, K, kept, terms

SUMS = "every horizon, every step, every smooth activation, every differentiable loss"


def term(parameter: Any) -> Any:
    """The term of step k, by immediate derivatives."""
    return Immediate(parameter, k).T * StateJacobian(t, k).T * V.T * g[t]


def immediate(statement: Any) -> Iterator[Step]:
    """Proof lines for ``vec ∂L_t/∂θ = Σ_k (∂⁺h_k/∂vec θ)ᵀ (∂h_t/∂h_k)ᵀ Vᵀ g_t``, one or several."""
    for part in parts(statement):
        known = isinstance(part.lhs, Vec) and isinstance(part.lhs.args[0], StepLossGradient)
        if not known or not isinstance(part.rhs, TimeSum):
            raise Unprovable("the statement does not give ∂L_t/∂θ as a sum over steps")
        parameter = part.lhs.args[0].args[0]
        summand, index, lower, upper = part.rhs.args
        yield Step(
            why=f"{parameter}: the term of step k is its immediate derivative, seen from the loss through ∂h_t/∂h_k",
            relation=Eq(_whole(summand.xreplace({index: k})), term(parameter), evaluate=False),
            checker=algebra,
            method="matrix algebra, any size",
        )
        yield Step(
            why="The immediate derivative against a cotangent is what matrix calculus pulls back, h_{k-1} held fixed",
            relation=Eq(Immediate(parameter, t).T * v, Vec(through(t, v, parameter)), evaluate=False),
            checker=_immediately(parameter),
            method="componentwise, 2 and 3 units, φ undefined",
        )
        yield _ends(part, lower, upper, 1)
        yield _induction(parameter)


def _immediately(parameter: Any) -> Checker:
    return lambda _: all(partials(units, parameter) for units in UNITS)


def _whole(summand: Any) -> Any:
    """Products of the Jacobians of the steps k + 1 to t for the Jacobian across them, as `product_of_steps` has it."""
    products = summand.atoms(TimeProduct)
    for product in products:
        factor, index, lower, upper, ascending = product.args
        if factor == StateJacobian(index, index - 1) and (lower, upper, ascending) == (k + 1, t, 0):
            summand = summand.subs(Transpose(product), StateJacobian(t, k).T)
    return summand


def partials(units: int, parameter: Any) -> bool:
    """Whether ``∂⟨v, φ(W h_{t-1} + …)⟩/∂θ_rs``, all else fixed, is the pulled-back cotangent."""
    cotangent = explicit(v, units)
    state = explicit(ELMAN.equations[1][1], units, {a[t]: explicit(PRE, units)})
    claimed = explicit(through(t, v, parameter), units, {a[t]: explicit(PRE, units)})
    pairing = (cotangent.T * state)[0]
    entries = zip(explicit(PARAMETERS[parameter.name], units), claimed, strict=True)
    return all((pairing.diff(entry) - value).expand() == 0 for entry, value in entries)


def _ends(part: Any, lower: Any, upper: Any, start: Any) -> Step:
    return Step(
        why="Base: the state that the sum starts from depends on no parameter; the sum ends with step t itself",
        relation=Eq(lower, start, evaluate=False) & Eq(upper, t, evaluate=False),
        checker=lambda _: lower == start and upper == t,
        method="exact",
        shown=part,
    )


def _induction(parameter: Any) -> Step:
    return Step(
        why="Induction: the chain rule adds the immediate term at k = t and hands J_tᵀ v to step t − 1",
        relation=Eq(StepLossGradient(parameter, t), term(parameter), evaluate=False),
        checker=lambda _: all(chain_rule(units, parameter) for units in UNITS),
        method="componentwise, 2 and 3 units, φ and h_{t-1}(θ) undefined",
    )


def truncated(statement: Any) -> Iterator[Step]:
    """Proof lines for ``[∂L/∂θ]_K`` as a double sum, and as the gradient itself where K ≥ T."""
    for part in parts(statement):
        if not isinstance(part, Eq) or not isinstance(part.lhs, TruncatedGradient):
            raise Unprovable("the statement does not give a truncated gradient")
        parameter, window = part.lhs.args
        if isinstance(part.rhs, TimeSum) and isinstance(part.rhs.args[0], TimeSum):
            yield from _double_sum(part, parameter, window)
        elif isinstance(part.rhs, LossGradient):
            yield from _everything(part, parameter, window)
        else:
            raise Unprovable("the truncated gradient is given neither as a sum nor as the gradient")


def _double_sum(part: Any, parameter: Any, window: Any) -> Iterator[Step]:
    inner, _, first, last = part.rhs.args
    summand, index, lower, upper = inner.args
    yield Step(
        why=f"{parameter}: the term of step k, its immediate derivative, seen from the loss through ∂h_t/∂h_k",
        relation=Eq(summand.xreplace({index: k}), terms(parameter), evaluate=False),
        checker=algebra,
        method="matrix algebra, any size",
    )
    yield _ends(part, lower, upper, Max(1, t - window + 1))
    yield _induction(parameter)
    yield Step(
        why="Every loss of the steps 1 to T has its own window, and their gradients add up",
        relation=Eq(first, 1, evaluate=False) & Eq(last, T, evaluate=False),
        checker=lambda _: (first, last) == (1, T),
        method="exact",
    )


def _everything(part: Any, parameter: Any, window: Any) -> Iterator[Step]:
    e, f = (Symbol(name, integer=True, nonnegative=True) for name in "ef")
    oldest = Max(1, t - window + 1).subs(t, T - e)
    yield Step(
        why="With t = T − e and a window of T every sum starts at step 1",
        relation=Eq(oldest, 1, evaluate=False) & Eq(part.rhs, LossGradient(parameter), evaluate=False),
        checker=lambda _: simplify(oldest) == 1 and part.rhs == LossGradient(parameter),
        method="SymPy's assumptions, every T and every t ≤ T",
        shown=part,
    )
    yield Step(
        why="So does a wider one, which keeps the same terms",
        relation=Eq(oldest.subs(window, window + f), 1, evaluate=False),
        checker=lambda _: simplify(Max(1, 1 - e - f)) == 1,
        method="SymPy's assumptions",
    )


READ = {W: H, b: 1}
"""How long what the parameter multiplies can be, at most."""


def error(statement: Any) -> Iterator[Step]:
    """Proof lines for ``‖∂L/∂θ − [∂L/∂θ]_K‖_F ≤ R``, one or several."""
    for part in parts(statement):
        parameter = _bounded_parameter(part)
        yield from _left_out(parameter)
        yield from _geometric(part, parameter)


def _bounded_parameter(part: Any) -> Any:
    for parameter in READ:
        if part.lhs == FrobeniusNorm(LossGradient(parameter) - TruncatedGradient(parameter, K)) and isinstance(
            part, Le
        ):
            return parameter
    raise Unprovable("the statement is not an upper bound on what truncation leaves out of the gradient of W or b")


def _left_out(parameter: Any) -> Iterator[Step]:
    yield Step(
        why=f"{parameter}: of the sum over all k ≤ t the window leaves out the terms with t − k ≥ K",
        relation=Eq(
            LossGradient(parameter) - TruncatedGradient(parameter, K),
            kept(parameter, oldest=1, newest=t - K),
            evaluate=False,
        ),
        checker=lambda _: all(line.holds() for line in _double_sum(_window(parameter), parameter, K)),
        method="the theorem on truncated gradients, its lines checked again",
    )
    yield Step(
        why="A term is an outer product, and the norm of that is the product of the norms",
        relation=Eq(
            FrobeniusNorm(a[k] * h[k - 1].T) ** 2,
            FrobeniusNorm(a[k]) ** 2 * FrobeniusNorm(h[k - 1]) ** 2,
            evaluate=False,
        ),
        checker=lambda _: all(map(_outer, UNITS)),
        method="componentwise, 2 and 3 units",
    )
    yield Step(
        why="‖diag(φ′) Pᵀ u‖ ≤ β_h ‖P‖ ‖u‖ entry by entry of the slopes: β_h² w² − s² w² ≥ 0 for |s| ≤ β_h",
        relation=Le(_within(beta_h) ** 2, beta_h**2, evaluate=False),
        checker=lambda line: scalars(Le(0, simplify(line.rhs - line.lhs))),
        method="SymPy's assumptions; ‖P‖ ≤ (β_W β_h)^(t−k) is the theorem on the norm of Jacobian products",
    )


def _window(parameter: Any) -> Any:
    return Eq(TruncatedGradient(parameter, K), kept(parameter), evaluate=False)


def _outer(units: int) -> bool:
    left, right = (ImmutableMatrix(units, 1, [Symbol(f"{name}_{i}") for i in range(units)]) for name in "uw")
    squares = [sum(entry**2 for entry in matrix) for matrix in (left * right.T, left, right)]
    return bool((squares[0] - squares[1] * squares[2]).expand() == 0)


def _within(bound: Any) -> Any:
    e = Symbol("e", nonnegative=True)
    return bound * (1 - e) / (1 + e)


def _geometric(part: Any, parameter: Any) -> Iterator[Step]:
    rate, lag, gap = Symbol("q", positive=True), Symbol("l", integer=True, nonnegative=True), Symbol("d", positive=True)
    partial = (rate**K - rate ** (K + lag)) / (1 - rate)
    yield Step(
        why="Lags from K on: the sum of q^K … q^(K+l−1) has this closed form, by induction on l",
        relation=Eq(partial.subs(lag, lag + 1) - partial, rate ** (K + lag), evaluate=False),
        checker=lambda line: simplify(partial.subs(lag, 0)) == 0 and simplify(line.lhs - line.rhs) == 0,
        method="SymPy's algebra",
    )
    small = 1 / (1 + gap)
    yield Step(
        why="With q = β_W β_h < 1 that is at most q^K/(1 − q), whatever t",
        relation=Le(partial, rate**K / (1 - rate), evaluate=False),
        checker=lambda line: scalars(Le(0, simplify((line.rhs - line.lhs).subs(rate, small)))),
        method="SymPy's assumptions",
    )
    q = beta_W * beta_h
    derived = beta_h * READ[parameter] * G * q**K / (1 - q)
    weight = Symbol("beta_W", positive=True)
    yield Step(
        why="Σ_t ‖Vᵀ g_t‖ ≤ G and ‖h_{k−1}‖ ≤ H: so the norm of all that is left out is at most this, and so the claim",
        relation=Le(derived, part.rhs, evaluate=False),
        checker=lambda line: scalars(Le(0, simplify((line.rhs / line.lhs - 1).subs(weight, small / beta_h)))),
        method="SymPy's assumptions",
    )


IMMEDIATE = Proof(scope=f"{SUMS}; matrix algebra at any size, chain rule at 2 and 3 units", lines=immediate)

TRUNCATED = Proof(
    scope=f"{SUMS}, every window; matrix algebra at any size, chain rule at 2 and 3 units", lines=truncated
)

ERROR = Proof(scope="every horizon, size and window, every activation with slopes up to β_h", lines=error)
