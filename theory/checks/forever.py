"""What is said of endless horizons, by runs long enough that a certified bound leaves no other limit."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, log
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import And, Implies, oo

from theory.arithmetic import Balls, Rationals, Roundoff, Undecided, precision
from theory.bounded import STEEPEST, Bounded
from theory.checks.exact import settled
from theory.checks.jacobians import jacobians_satisfy, product_bounds
from theory.comparison import Comparison, at_most
from theory.decide import BITS
from theory.forever import LIMIT, decide_forever, gamma, net_of, steps_to
from theory.nets import Net
from theory.nodes import Measure, StateJacobian
from theory.strategies import nets
from theory.subject import offered

QUARTER = 0.25


@st.composite
def contractions(draw: Any) -> Bounded:
    """Nets with γ ‖W‖ ≤ 7/8, γ the steepest slope there is; W is scaled by a power of two."""
    drawn = draw(nets(batch=(1, 1)))
    steepest = STEEPEST[drawn.activation]
    size = float(np.linalg.norm(drawn.W)) * steepest
    scale = 2.0 ** -max(ceil(log(size / 0.875, 2)), 0) if size else 1.0
    return Bounded(drawn.with_(W=drawn.W * scale), {gamma: steepest})


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
    for part in statement.args if isinstance(statement, And) else (statement,):
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
    lags = offered(subject, "jacobian_products")(net.parameters, net.inputs, activation=net.activation)
    last = next(np.asarray(array)[0, 0] for lag, array in lags if lag == steps)
    limit = np.inf if part.rhs == oo else float(part.rhs)
    away = abs(float(np.linalg.norm(last, 2)) - limit)
    return at_most(f"the distance of ‖∂h_{steps}/∂h_0‖ to {part.rhs}", away, QUARTER, float(np.linalg.norm(bounds[-1])))


def _enough(instance: Any) -> int:
    """Steps after which the norm is certainly below a quarter."""
    net = net_of(instance)
    with precision(BITS):
        if net.activation == "identity":
            found = steps_to(Rationals().matrix(net.W), QUARTER)
            if found is None:
                raise Undecided("no short power of W is small")
            return found
        rate = float((Balls().spectral_norm(Balls().matrix(net.W)) * STEEPEST[net.activation]).upper())
    if rate >= 1:
        raise Undecided("the norms promise no decay")
    return 1 if rate < QUARTER else ceil(log(QUARTER) / log(rate)) + 1


def _prolonged(net: Net, steps: int) -> Net:
    """The net on its inputs, again and again, for that many steps."""
    again = np.arange(steps) % net.steps
    return net.with_(inputs=net.inputs[again], targets=net.targets[again])
