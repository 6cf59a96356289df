"""Decisions that hold for every choice of coefficients: what a span of eigenvectors holds, and where powers lead."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import fmpq_mat, fmpq_poly
from sympy import Eq, Implies, Integer, Limit, oo

from theory.arithmetic import Rationals
from theory.bounded import Bounded
from theory.cases import Case
from theory.checkers import scalars
from theory.checks.eigenvectors import follow, leads
from theory.decide import decide, environments
from theory.evaluation import evaluate
from theory.forever import net_of
from theory.nodes import StepLossGradient
from theory.notation import W, h, t
from theory.proofs.eigenvectors import c, lamda, mu
from theory.proofs.spectra import S, s


def decide_expanded(statement: Any, instance: Any) -> bool | None:
    """False if some ``∂L_t/∂h_t`` of a net is no combination of eigenvectors of Wᵀ, whatever the coefficients.

    A vector is such a combination if, and only if, the product of Wᵀ − λ over the *distinct* eigenvalues sends it to 0:
    the characteristic polynomial without its repeated factors, at Wᵀ.
    """
    A = Rationals()
    turned = A.transpose(A.matrix(net_of(instance).W))
    whole = turned.charpoly()
    annihilator = _at(whole // whole.gcd(whole.derivative()), turned)
    arriving = StepLossGradient(h[t], t)
    for environment in environments(net_of(instance), A, Eq(t, 1, evaluate=False)):
        if any(value != 0 for value in (annihilator * evaluate(arriving, A, environment)).entries()):
            return False
    return None


def _at(polynomial: fmpq_poly, matrix: fmpq_mat) -> fmpq_mat:
    """The polynomial of a matrix, by Horner's rule."""
    one = Rationals().identity(matrix.nrows())
    value = 0 * one
    for coefficient in reversed(polynomial.coeffs()):
        value = value * matrix + coefficient * one
    return value


def decide_aligned(statement: Any, instance: Bounded) -> bool | None:
    """Limits, as s grows, of the distance between Wˢ(q + S c) and λˢ q over |λ|ˢ, where one other part is not zero.

    That part is S c with eigenvalue μ, so the distance is ``|μ/λ|ˢ ‖S c‖`` exactly.
    """
    if isinstance(statement, Implies):
        premise, conclusion = statement.args
        first, second = decide(premise, instance), decide_aligned(conclusion, instance)
        return False if first is True and second is False else None
    if not isinstance(statement.lhs, Limit) or statement.lhs.args[1:3] != (s, oo):
        return None
    case = Case({W: instance.net.W, **instance.values})
    (place,) = [i for i, value in enumerate(case[c]) if value[0] and any(row[i] for row in case[S])]
    if not leads(case) or not follow(case):
        return None
    rate = abs(Fraction(case[mu][place][0]) / Fraction(case[lamda]))
    if rate == 1:
        return None
    return scalars(statement.func(Integer(0) if rate < 1 else oo, statement.rhs))
