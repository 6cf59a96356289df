"""Endless horizons of nets that repeat themselves, in exact numbers: what becomes of ``∂h_T/∂h_0`` as T grows.

A linear net has the same Jacobian at every step, whatever its state. Any other net has it if its input never changes
and one step leads from h_0 back to h_0. Then ``∂h_T/∂h_0 = Mᵀ``, and M decides.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb_mat, fmpq_mat
from sympy import And, Eq, Implies, Integer, Limit, Symbol, oo

from theory.arithmetic import Balls, NotOffered, Rationals, Undecided, precision
from theory.bounded import STEEPEST
from theory.checkers import scalars
from theory.decide import BITS, decide
from theory.endless import PRODUCT
from theory.nets import Net
from theory.notation import T
from theory.unroll import Unrolled

gamma = Symbol("gamma", positive=True)
LIMIT = Limit(PRODUCT, T, oo)
VANISHES = Eq(LIMIT, 0, evaluate=False)
EXPLODES = Eq(LIMIT, oo, evaluate=False)
STAYS = Eq(LIMIT, 1, evaluate=False)


def net_of(instance: Any) -> Net:
    """The net of an instance."""
    return instance.net if not isinstance(instance, Net) else instance


def bounds_every_slope(instance: Any) -> bool:
    """Whether γ bounds the slopes of the activation itself, whatever the trajectory."""
    return bool(STEEPEST[net_of(instance).activation] <= instance.values[gamma])


def lasting_jacobian(net: Net) -> fmpq_mat | None:
    """M, if every step certainly has the same Jacobian."""
    if net.activation == "identity":
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
        premise, conclusion = (decide_forever(part, instance) for part in statement.args)
        if premise is False or conclusion is True:
            return True
        return False if premise is True and conclusion is False else None
    if isinstance(statement, And):
        verdicts = [decide_forever(part, instance) for part in statement.args]
        return False if False in verdicts else (True if all(v is True for v in verdicts) else None)
    if getattr(statement, "lhs", None) == LIMIT:
        value = fate(net_of(instance))
        return None if value is None else scalars(statement.func(value, statement.rhs))
    return decide(statement, instance)
