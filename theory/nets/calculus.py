"""Matrix calculus at symbolic size: pulling a cotangent back through an expression, and Jacobians of columns.

SymPy's own matrix derivatives are wrong for some of what recurrent nets need (a trace of an elementwise function by a
vector comes back as a trace times column sums), so the few rules stand here. Each result is confronted with two
independent derivations before anything rests on it: SymPy's index calculus, where entries are sums over symbolic
ranges (`by_indices` in `tests/entrywise.py`), and plain partial derivatives at 2 and 3 units.
"""

from __future__ import annotations

from collections.abc import Mapping

from sympy import ZeroMatrix
from sympy.matrices.expressions import HadamardProduct, Identity, MatAdd, MatMul, Transpose, hadamard_product
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.functions import slope


class NotDifferentiable(TypeError):
    """The calculus has no rule for a node."""


def pull_back(expression: MatrixExpr, variable: MatrixExpr, cotangent: MatrixExpr) -> MatrixExpr:
    """The gradient by ``variable`` of ``⟨cotangent, expression⟩``, the cotangent held fixed.

    Shapes: ``cotangent`` that of ``expression``; the result that of ``variable``.

    Raises
    ------
    NotDifferentiable
        For a node without a rule that depends on ``variable``.
    """
    if expression == variable:
        return cotangent
    if not expression.has(variable):
        return ZeroMatrix(*variable.shape)
    parts = [pull_back(part, variable, back) for part, back in _cotangents(expression, cotangent)]
    parts = [part for part in parts if not isinstance(part, ZeroMatrix)]
    return MatAdd(*parts).doit() if parts else ZeroMatrix(*variable.shape)


def _cotangents(expression: MatrixExpr, ct: MatrixExpr) -> list[tuple[MatrixExpr, MatrixExpr]]:
    """Each operand of a node with the cotangent that reaches it."""
    if isinstance(expression, MatAdd):
        return [(arg, ct) for arg in expression.args]
    if isinstance(expression, Transpose):
        return [(expression.arg, ct.T)]
    if isinstance(expression, ElementwiseApplyFunction) and not expression.function.free_symbols:
        steepness = expression.expr.applyfunc(slope(expression.function))
        return [(expression.expr, hadamard_product(steepness, ct))]
    if isinstance(expression, HadamardProduct):
        left, right = expression.args[0], hadamard_product(*expression.args[1:])
        return [(left, hadamard_product(right, ct)), (right, hadamard_product(left, ct))]
    if isinstance(expression, MatMul) and not expression.as_coeff_matrices()[0].atoms(MatrixExpr):
        coefficient, factors = expression.as_coeff_matrices()
        if len(factors) == 1:
            return [(factors[0], coefficient * ct)]
        left, right = factors[0], MatMul(*factors[1:])
        return [(left, coefficient * ct * right.T), (right, coefficient * left.T * ct)]
    raise NotDifferentiable(f"no rule for {type(expression).__name__} in {expression}")


def push_forward(expression: MatrixExpr, moves: Mapping[MatrixExpr, MatrixExpr]) -> MatrixExpr:
    """The derivative of an expression along the directions in which its variables move; others are held fixed.

    Raises
    ------
    NotDifferentiable
        For a node without a rule that depends on what moves.
    """
    if expression in moves:
        return moves[expression]
    if not expression.has(*moves):
        return ZeroMatrix(*expression.shape)
    if isinstance(expression, MatAdd):
        return MatAdd(*(push_forward(arg, moves) for arg in expression.args)).doit()
    if isinstance(expression, Transpose):
        return Transpose(push_forward(expression.arg, moves)).doit()
    if isinstance(expression, ElementwiseApplyFunction) and not expression.function.has(*moves):
        steepness = expression.expr.applyfunc(slope(expression.function))
        return hadamard_product(steepness, push_forward(expression.expr, moves))
    if isinstance(expression, HadamardProduct | MatMul):
        args = expression.args
        factors = [i for i, arg in enumerate(args) if arg.has(*moves)]
        if all(isinstance(args[i], MatrixExpr) for i in factors):
            parts = [(*args[:i], push_forward(args[i], moves), *args[i + 1 :]) for i in factors]
            return MatAdd(*(expression.func(*part) for part in parts)).doit()
    raise NotDifferentiable(f"no rule for {type(expression).__name__} in {expression}")


def jacobian(expression: MatrixExpr, variable: MatrixExpr) -> MatrixExpr:
    """``∂expression/∂variable`` for columns: a row for each output, a column for each input.

    Raises
    ------
    NotDifferentiable
        For a node without a rule that depends on ``variable``.
    """
    rows, columns = expression.shape[0], variable.shape[0]
    if expression == variable:
        return Identity(rows)
    if not expression.has(variable):
        return ZeroMatrix(rows, columns)
    if isinstance(expression, MatAdd):
        return MatAdd(*(jacobian(arg, variable) for arg in expression.args)).doit()
    if isinstance(expression, ElementwiseApplyFunction):
        steepness = expression.expr.applyfunc(slope(expression.function))
        return (DiagMatrix(steepness) * jacobian(expression.expr, variable)).doit()
    if isinstance(expression, HadamardProduct):
        left, right = expression.args[0], hadamard_product(*expression.args[1:])
        parts = DiagMatrix(right) * jacobian(left, variable), DiagMatrix(left) * jacobian(right, variable)
        return MatAdd(*parts).doit()
    if isinstance(expression, MatMul) and not MatMul(*expression.args[:-1]).has(variable):
        return (MatMul(*expression.args[:-1]) * jacobian(expression.args[-1], variable)).doit()
    raise NotDifferentiable(f"no rule for the Jacobian of {expression} by {variable}")
