"""The gradient of one step's loss as a sum over the steps before it, and tied parameters as a sum over copies.

Let v = ∂L_t/∂h_t. What is to be shown is ``⟨v, ∂h_t/∂θ⟩ = Σ_{k=1}^{t} ⟨(∂h_t/∂h_k)ᵀ v, ∂⁺h_k/∂θ⟩``, the state's total
derivative against immediate ones. One step of the chain rule, with h_{t-1} an undefined function of θ, adds the
immediate term at k = t and hands ``J_tᵀ v`` to step t − 1; ∂h_t/∂h_k = J_t ∂h_{t-1}/∂h_k does the same to every term.

For tied parameters, two copies and an undefined E are enough: of T copies, T − 1 that are tied already are one argument
and the last is the other, so that the claim for T follows from the claim for T − 1.

The check compares a subject's contributions with these terms. The bound is a backward pass in `Rounded` arithmetic,
from the rounded states down to step 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sympy import Eq, Function, ImmutableMatrix, MatrixSymbol, Symbol
from sympy.matrices.expressions import hadamard_product
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.arithmetic import Balls, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.formats import in_both_formats, in_deciding_formats, rounded_terms, shaped_like
from backproof.theory.confronting.subject import answer
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.nodes import (
    CopyGradient,
    LossGradient,
    StateJacobian,
    StepLossGradient,
    TimeSum,
    phi_prime,
)
from backproof.theory.language.notation import PARAMETERS, At, T, W, a, g, h, k, n, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.calculus import pull_back
from backproof.theory.nets.cells import ELMAN
from backproof.theory.nets.immediate import PRE, term, through
from backproof.theory.nets.networks import Net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.checkers import algebra, by_indices, explicit, undefined_in_every_entry
from backproof.theory.proving.proof import Proof, Step, Unprovable

UNITS = (2, 3)
SCOPE = "every step, every smooth activation, every differentiable loss; chain rule at 2 and 3 units"


def summed(parameter: MatrixExpr) -> Eq:
    """``∂L_t/∂θ = Σ_{k=1}^{t} …`` with the immediate derivative of the state by θ, as calculus gives it."""
    return Eq(StepLossGradient(parameter, t), TimeSum(term(parameter), (k, 1, t)), evaluate=False)


def earlier_steps(statement: Any) -> Iterator[Step]:
    """Proof lines for such equations, one or several."""
    for part in parts(statement):
        if not isinstance(part, Eq) or not isinstance(part.lhs, StepLossGradient) or not isinstance(part.rhs, TimeSum):
            raise Unprovable("the statement does not give ∂L_t/∂θ as a sum over steps")
        parameter, late = part.lhs.args
        if late != t:
            raise Unprovable("the loss is not that of step t")
        yield from _equation(part, parameter)


def _equation(part: Any, parameter: Any) -> Iterator[Step]:
    summand, index = part.rhs.args[:2]
    name = parameter.name
    yield Step(
        why=f"{name}: the loss of step t reaches it through h_t alone, o_t = V h_t + c giving ∂L_t/∂h_t = Vᵀ g_t",
        relation=Eq(pull_back(ELMAN.equations[2][1], parameter, g[t]), 0 * parameter, evaluate=False),
        checker=algebra,
        method="matrix algebra, any size",
    )
    yield Step(
        why="The term of step k is the immediate derivative of h_k against (∂h_t/∂h_k)ᵀ ∂L_t/∂h_t",
        relation=Eq(summand.xreplace({index: k}), term(parameter), evaluate=False),
        checker=algebra,
        method="matrix algebra, any size",
    )
    adjoint = At(a.base, t)
    yield Step(
        why="The immediate derivative from SymPy's index calculus",
        relation=Eq(pull_back(PRE, parameter, adjoint), pull_back(PRE, parameter, adjoint), evaluate=False),
        checker=by_indices(PRE, parameter, adjoint),
        method="index calculus, any size",
    )
    yield from _induction(part, parameter)


def _induction(part: Any, parameter: Any) -> Iterator[Step]:
    summand, _, lower, upper = part.rhs.args
    yield Step(
        why="Base: h_0 is given and depends on no parameter, so the sum starts at 1; it ends with step t itself",
        relation=Eq(lower, 1) & Eq(upper, t),
        checker=lambda relation: relation == True,  # noqa: E712 — SymPy's true
        method="exact",
        shown=part,
    )
    yield Step(
        why="Induction: the chain rule adds the immediate term at k = t and hands J_tᵀ v to step t − 1",
        relation=Eq(StepLossGradient(parameter, t), summand, evaluate=False),
        checker=lambda _: all(chain_rule(units, parameter) for units in UNITS),
        method="componentwise, 2 and 3 units, φ and h_{t-1}(θ) undefined",
    )


def chain_rule(units: int, parameter: Any) -> bool:
    """``∂⟨v, φ(W h_{t-1}(θ) + …)⟩/∂θ_rs`` against the immediate term plus ``⟨J_tᵀ v, ∂h_{t-1}/∂θ_rs⟩``."""
    cotangent = ImmutableMatrix([Symbol(f"v_{i}") for i in range(units)])
    before, slopes = explicit(h[t - 1], units), [Symbol(f"D_{i}") for i in range(units)]
    fixed = {a[t]: explicit(PRE, units), h[t - 1]: before, v: cotangent}
    immediate = explicit(through(t, v, parameter), units, fixed)
    handed = explicit(W.T * hadamard_product(a[t].applyfunc(phi_prime), v), units, fixed)
    inherited = sum(x * slope for x, slope in zip(handed, slopes, strict=True))
    for entry, share in zip(explicit(PARAMETERS[parameter.name], units), immediate, strict=True):
        moving = ImmutableMatrix([_state(*known)(entry) for known in enumerate(slopes)])
        pre = explicit(PRE, units, {h[t - 1]: moving})
        state = explicit(ELMAN.equations[1][1], units, {a[t]: pre})
        total = (cotangent.T * state)[0].diff(entry).xreplace(dict(zip(moving, before, strict=True)))
        if (total - share - inherited).expand() != 0:
            return False
    return True


v = At(h.base, Symbol("v", integer=True))  # a column of n entries, for the cotangent


def _state(index: int, slope: Any) -> Any:
    """An undefined function of one entry of θ whose derivative is known by name."""

    def fdiff(self: Any, argindex: int = 1) -> Any:
        return slope

    return type(f"H_{index}", (Function,), {"fdiff": fdiff, "nargs": 1})


EARLIER_STEPS = Proof(scope=SCOPE, lines=earlier_steps)
first_copy, second_copy = MatrixSymbol("w_1", n, n), MatrixSymbol("w_2", n, n)


def tied_gradient(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Eq(LossGradient(θ), TimeSum(CopyGradient(θ, t), (t, 1, T)))``, one or several."""
    for part in parts(statement):
        if not isinstance(part.lhs, LossGradient) or not isinstance(part.rhs, TimeSum):
            raise Unprovable("the statement does not give a gradient as a sum over copies")
        parameter = part.lhs.args[0]
        summand, index, lower, upper = part.rhs.args
        yield Step(
            why=f"{parameter.name}: the first copy is that of step 1, the last that of step T",
            relation=Eq(lower, 1) & Eq(upper, T),
            checker=lambda relation: relation == True,  # noqa: E712 — SymPy's true
            method="exact",
            shown=part,
        )
        yield Step(
            why="Each copy adds its own gradient, the others held fixed",
            relation=Eq(summand, CopyGradient(parameter, index), evaluate=False),
            checker=lambda relation: relation.lhs == relation.rhs,
            method="exact",
        )
        yield Step(
            why="Chain rule for E(θ, θ): T − 1 copies that are tied already, and one more",
            relation=part,
            checker=_chain_rule,
            method="componentwise, 2 and 3 units, E undefined",
        )


def _chain_rule(part: Any) -> bool:
    return all(_two_copies(part.lhs.args[0], units) for units in UNITS)


def _two_copies(parameter: MatrixSymbol, units: int) -> bool:
    """``∂E(θ, θ)/∂θ = ∂₁E + ∂₂E`` entry by entry."""
    entries = list(explicit(parameter, units))
    first, second = ([Symbol(f"E_{copy}_{i}") for i in range(len(entries))] for copy in (1, 2))
    tied = undefined_in_every_entry("E", [*first, *second])(*entries, *entries)
    pairs = zip(entries, first, second, strict=True)
    return all((tied.diff(entry) - one - two).expand() == 0 for entry, one, two in pairs)


def kept_equal(statement: Any) -> Iterator[Step]:
    """Proof lines for an equation between two updated copies that started equal."""
    if not isinstance(statement, Eq):
        raise Unprovable("the statement is not an equation")
    yield Step(
        why="With w₂ = w₁ both sides are one expression",
        relation=statement,
        checker=lambda relation: algebra(Eq(*map(_from_one_start, relation.args), evaluate=False)),
        method="matrix algebra, any size",
    )


def _from_one_start(side: Any) -> Any:
    return side.xreplace({second_copy: first_copy}).doit()


TIED = Proof(
    scope="every number of steps and every differentiable loss of the copies; chain rule at 2 and 3 units",
    lines=tied_gradient,
)

KEPT = Proof(scope="any size, any gradients, any step size; one update, and so every number of them", lines=kept_equal)


def earlier_steps_match(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """Equations for ``∂L_t/∂θ``, of one sequence: what the subject gives for each term and for their sum.

    V and c have no terms to compare; at a single step ``L_1`` is the whole loss, and its gradient by them is compared.
    """
    formats = list(in_deciding_formats(net))
    for late in {(net.steps + 1) // 2, net.steps}:
        reference = _terms(statement, net, late)
        for cast, dtype, whole in formats:
            roundoff = Roundoff.of(dtype)
            radii = rounded_terms(net, late, roundoff)
            got = answer(subject, "contributions_by_distance", cast, step=late)
            for name in reference.keys() & got.keys():
                what = f"∂L_{late}/∂{name} in {np.dtype(dtype).name}"
                yield from _shares(what, got[name], *reference[name], radii[name], roundoff)
            if net.steps == 1:
                gradients = answer(subject, "gradients", cast)
                for name, (_, total) in reference.items():
                    yield agree(f"∂L/∂{name} at a single step", gradients[name], total, whole[name])


def _shares(
    what: str, got: Any, terms: Mapping[int, Any], total: Any, radii: Mapping[int, Any], roundoff: Roundoff
) -> Iterator[Comparison]:
    """Term by term, and their sum, which is rounded once more for each term."""
    for early, value in terms.items():
        yield agree(f"term {early} of {what}", got[early - 1], value, shaped_like(radii[early], got[0]))
    magnitude = np.sum(np.abs(got), axis=0, dtype=np.float64)
    rounding = shaped_like(sum(radii.values()), got[0]) + roundoff.gamma(len(radii)) * magnitude
    yield agree(what, np.sum(got, axis=0, dtype=np.float64), total, rounding)


def _terms(statement: Any, net: Net, late: int) -> dict[str, tuple[dict[int, Any], Any]]:
    """For each parameter, the terms by step and their sum, in balls."""
    found = {}
    with precision(BITS):
        unrolled = Unrolled(net, Balls())
        environment = unrolled.environment.bound(t, late)
        jacobians = {early: unrolled.state_jacobian(late, early) for early in range(late + 1)}
        for part in parts(statement):
            summand, index, lower, upper = part.rhs.args
            terms = {}
            for early in range(environment.integer(lower), environment.integer(upper) + 1):
                here = environment.bound(index, early)
                here[StateJacobian(t, k)] = jacobians[early]
                terms[early] = evaluate(summand, Balls(), here)
            shape = [environment.integer(size) for size in part.rhs.shape]
            total = Balls().sum_time(list(terms.values())) if terms else Balls().zeros(*shape)
            found[part.lhs.args[0].name] = (terms, total)
    return found


def copies(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """``∂L/∂θ`` from the copies of θ that the steps use, of one sequence."""
    reference = {}
    with precision(BITS):
        environment = Unrolled(net, Balls()).environment
        for part in parts(statement):
            reference[part.lhs.args[0].name] = evaluate(part.rhs, Balls(), environment)
    for dtype, gradients, bounds in in_both_formats(subject, "gradients", net):
        for name, value in reference.items():
            yield agree(f"∂L/∂{name} in {dtype}", gradients[name], value, bounds.gradients[name])
