"""What a step of a cell costs in multiplications, forward and back, as polynomials in its sizes.

A multiply-add counts as one, and so does adding a number to a gradient that no product led to. Functions of entries and
the loss, which both passes share, are not counted. Products are taken from the right.
"""

from __future__ import annotations

from typing import Any

from sympy import Max
from sympy.matrices.expressions import HadamardProduct, MatMul, MatrixSymbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.nets.cells import Cell


def multiplications(expression: MatrixExpr) -> Any:
    """The number of multiplications needed to evaluate the expression once, multiplying from the right."""
    inside = sum(multiplications(arg) for arg in expression.args if isinstance(arg, MatrixExpr))
    rows, columns = expression.shape
    if isinstance(expression, MatMul):
        _, factors = expression.as_coeff_matrices()
        return inside + sum(factor.shape[0] * factor.shape[1] * columns for factor in factors[:-1])
    if isinstance(expression, HadamardProduct):
        return inside + (len(expression.args) - 1) * rows * columns
    return inside


def forward(cell: Cell) -> Any:
    """The multiplications of a step forward."""
    return sum(multiplications(rhs) for _, rhs in cell.equations).expand()


def backward(cell: Cell) -> Any:
    """Those of a step back, from the adjoints of its quantities to those of the step before."""
    shares = (share for _, *both in cell.adjoint.backward for share in both)
    return sum(multiplications(share) for share in shares).expand()


def accumulated(cell: Cell) -> dict[MatrixSymbol, Any]:
    """By parameter those of a step's summand of its gradient, or as many additions as it has entries."""
    gradients = cell.adjoint.gradients
    return {q: Max(multiplications(summand), q.shape[0] * q.shape[1]) for q, summand in gradients.items()}
