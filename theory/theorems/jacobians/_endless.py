"""What becomes of ``∂h_T/∂h_0`` as T grows: decided exactly, proved by norms or eigenvalues, checked by long runs.

A linear net has the same Jacobian at every step, whatever its state. Any other net has it if its input never changes
and one step leads from h_0 back to h_0. Then ``∂h_T/∂h_0 = Mᵀ``, and M decides. The check runs a subject for so many
steps that a certified bound leaves no other limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, log
from typing import Any

import numpy as np
from flint import arb_mat, fmpq_mat
from hypothesis import strategies as st
from sympy import And, Eq, Implies, Integer, Limit, Symbol, oo

from backproof.theory.arithmetic import Balls, NotOffered, Rationals, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, at_most
from backproof.theory.confronting.settling import settled
from backproof.theory.confronting.state_jacobians import jacobians_satisfy, product_bounds
from backproof.theory.confronting.subject import followed
from backproof.theory.evaluation.closed_forms import scalars
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import nets
from backproof.theory.language.nodes import Measure, StateJacobian
from backproof.theory.language.notation import T
from backproof.theory.language.relations import all_of, implies, parts
from backproof.theory.nets.networks import Net, net_of
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.theorems.jacobians._laws import PRODUCT

gamma = Symbol("gamma", positive=True)
LIMIT = Limit(PRODUCT, T, oo)
VANISHES = Eq(LIMIT, 0, evaluate=False)
EXPLODES = Eq(LIMIT, oo, evaluate=False)
STAYS = Eq(LIMIT, 1, evaluate=False)


def bounds_every_slope(instance: Any) -> bool:
    """Whether γ bounds the slopes of the activation itself, whatever the trajectory."""
    return bool(net_of(instance).phi.steepest <= instance.values[gamma])


def lasting_jacobian(net: Net) -> fmpq_mat | None:
    """M, if every step certainly has the same Jacobian."""
    if net.phi.linear:
        return Rationals().matrix(net.W)
    if net.sizes[1] != 1 or np.any(net.inputs != net.inputs[0]):
        return None
    try:
        unrolled = Unrolled(net, Rationals())
        same = unrolled.quantity("h", 1) == unrolled.quantity("h", 0)
        return unrolled.state_jacobian(1, 0) if same else None
    except NotOffered:
        return None


def fate(net: Net) -> Any:
    """The limit of ``‖Mᵀ‖``: 0, 1, ∞, or None if it is not settled."""
    M = lasting_jacobian(net)
    if M is None:
        return None
    one = Rationals().identity(M.nrows())
    if one == M:
        return Integer(1)
    if (M - one) * (M - one) == 0 * M:  # 1 is the only eigenvalue and defective: Mᵀ = I + T (M − I)
        return oo
    with precision(BITS):
        try:
            if Balls().spectral_radius(arb_mat(M)) > 1:
                return oo
        except Undecided:
            pass
        return Integer(0) if steps_to(M, 1) else None


def steps_to(M: fmpq_mat, size: Any, most: int = 64) -> int | None:
    """A power of M whose norm certainly lies below ``size``; from there on the powers shrink, if that is at most 1."""
    power = M
    for count in range(1, most + 1):
        if Balls().spectral_norm(arb_mat(power)) < size:
            return count
        power = power * M
    return None


def decide_forever(statement: Any, instance: Any) -> bool | None:
    """Relations on the limit of ``‖∂h_T/∂h_0‖``, others at the instance, and what follows from what."""
    if isinstance(statement, Implies):
        return implies(*(decide_forever(part, instance) for part in statement.args))
    if isinstance(statement, And):
        return all_of([decide_forever(part, instance) for part in statement.args])
    if getattr(statement, "lhs", None) == LIMIT:
        value = fate(net_of(instance))
        return None if value is None else scalars(statement.func(value, statement.rhs))
    return decide(statement, instance)


QUARTER = 0.25


@st.composite
def contractions(draw: Any) -> NetWithValues:
    """Nets with γ ‖W‖ ≤ 7/8, γ the steepest slope there is; W is scaled by a power of two."""
    drawn = draw(nets(batch=(1, 1)))
    steepest = float(drawn.phi.steepest)
    size = float(np.linalg.norm(drawn.W)) * steepest
    scale = 2.0 ** -max(ceil(log(size / 0.875, 2)), 0) if size else 1.0
    return NetWithValues(drawn.with_(W=drawn.W * scale), {gamma: steepest})


@st.composite
def spiralling(draw: Any) -> Net:
    """Linear nets with W triangular, |λ| ≤ 3/4 and anything above the diagonal: norms may be large."""
    drawn = draw(nets(activations=("identity",), batch=(1, 1)))
    upper = np.triu(drawn.W, 1) * draw(st.sampled_from([1, 16]))
    diagonal = np.clip(np.diag(drawn.W), -1, 1) * draw(st.sampled_from([0.5, 0.75]))
    return drawn.with_(W=upper + np.diag(diagonal))  # type: ignore[no-any-return]


def forever_satisfies(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """Limits of ``‖∂h_T/∂h_0‖`` by a long run; bounds on Jacobians by every lag; anything else is settled.

    Raises
    ------
    Undecided
        If a premise does not certainly hold at the instance.
    """
    if isinstance(statement, Implies):
        premise, statement = statement.args
        if decide_forever(premise, instance) is not True:
            raise Undecided("the premise does not hold here")
    for part in parts(statement):
        if part.lhs == LIMIT:
            yield _near(part, subject, instance)
        elif isinstance(part.lhs, Measure) and isinstance(part.lhs.args[0], StateJacobian):
            yield from jacobians_satisfy(part, subject, instance)
        else:
            yield from settled(part, subject, instance)


def _near(part: Any, subject: Any, instance: Any) -> Comparison:
    """After as many steps as bring the norm certainly below a quarter, it is that close to its limit and no other."""
    steps = _enough(instance)
    net = _prolonged(net_of(instance), steps)
    bounds = product_bounds(net, Roundoff.of(np.float64))
    if bounds is None:
        raise Undecided("ill-conditioned in this precision")
    lags = followed(subject, "jacobian_products", net)
    last = next(np.asarray(array)[0, 0] for lag, array in lags if lag == steps)
    limit = np.inf if part.rhs == oo else float(part.rhs)
    away = abs(float(np.linalg.norm(last, 2)) - limit)
    return at_most(f"the distance of ‖∂h_{steps}/∂h_0‖ to {part.rhs}", away, QUARTER, float(np.linalg.norm(bounds[-1])))


def _enough(instance: Any) -> int:
    """Steps after which the norm is certainly below a quarter."""
    net = net_of(instance)
    with precision(BITS):
        if net.phi.linear:
            found = steps_to(Rationals().matrix(net.W), QUARTER)
            if found is None:
                raise Undecided("no short power of W is small")
            return found
        rate = float((Balls().spectral_norm(Balls().matrix(net.W)) * float(net.phi.steepest)).upper())
    if rate >= 1:
        raise Undecided("the norms promise no decay")
    return 1 if rate < QUARTER else ceil(log(QUARTER) / log(rate)) + 1


def _prolonged(net: Net, steps: int) -> Net:
    """The net on its inputs, again and again, for that many steps."""
    again = np.arange(steps) % net.steps
    return net.with_(inputs=net.inputs[again], targets=net.targets[again])
