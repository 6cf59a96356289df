"""Immediate derivatives of a state by a parameter, the state before it held fixed."""

from __future__ import annotations

from typing import Any

from sympy.matrices.expressions import hadamard_product
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.nodes import StateJacobian, phi_prime
from backproof.theory.language.notation import V, a, g, k, t
from backproof.theory.nets.calculus import pull_back
from backproof.theory.nets.cells import ELMAN

PRE = ELMAN.equations[0][1]


def through(time: Any, cotangent: MatrixExpr, parameter: MatrixExpr) -> MatrixExpr:
    """``⟨cotangent, ∂⁺h_time/∂θ⟩``: the immediate derivative, the state before held fixed."""
    slope = a[time].applyfunc(phi_prime)
    return pull_back(PRE.subs(t, time), parameter, hadamard_product(slope, cotangent))


def term(parameter: MatrixExpr) -> MatrixExpr:
    """The term of step k in ``∂L_t/∂θ``."""
    return through(k, StateJacobian(t, k).T * V.T * g[t], parameter)
