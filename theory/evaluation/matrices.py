"""Matrices from matrices: sums, products, elementwise functions, and derivatives by a column."""

from __future__ import annotations

from typing import Any

from sympy import ImmutableDenseMatrix, Lambda, MatrixSymbol, OneMatrix, ZeroMatrix
from sympy.matrices.expressions import HadamardPower, HadamardProduct, Identity, MatAdd, MatMul, MatPow, Transpose
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.arithmetic import Arithmetic, Dual, Duals
from backproof.theory.evaluation.core import Evaluator, compiled, evaluator
from backproof.theory.language.nodes import Clamp, Gradient, MatrixExponential, Softmax, Vec
from backproof.theory.language.notation import At


@evaluator.register
def _matrix_sum(expression: MatAdd) -> Evaluator:
    terms = []
    for arg in expression.args:
        coefficient, factors = arg.as_coeff_matrices() if isinstance(arg, MatMul) else (1, [arg])
        scalar = None if coefficient == 1 else compiled(coefficient)
        terms.append((scalar, [compiled(factor) for factor in factors]))

    def total(A: Arithmetic, env: Any) -> Any:
        products = []
        for scalar, factors in terms:
            values = [factor(A, env) for factor in factors]
            if scalar is not None:
                values[0] = A.scale(scalar(A, env), values[0])
            products.append(tuple(values))
        return A.products(products)

    return total


@evaluator.register
def _matrix_product(expression: MatMul) -> Evaluator:
    coefficient, matrices = expression.as_coeff_matrices()
    factors = [compiled(factor) for factor in matrices]
    scalar = None if coefficient == 1 else compiled(coefficient)

    def product(A: Arithmetic, env: Any) -> Any:
        value = A.products([tuple(factor(A, env) for factor in factors)])
        return value if scalar is None else A.scale(scalar(A, env), value)

    return product


@evaluator.register
def _hadamard(expression: HadamardProduct) -> Evaluator:
    factors = [compiled(factor) for factor in expression.args]

    def product(A: Arithmetic, env: Any) -> Any:
        value = factors[0](A, env)
        for factor in factors[1:]:
            value = A.hadamard(value, factor(A, env))
        return value

    return product


@evaluator.register
def _hadamard_power(expression: HadamardPower) -> Evaluator:
    base, exponent = expression.args
    if not exponent.is_Integer or exponent < 1:
        raise TypeError(f"{expression} is no product of a matrix with itself, entry by entry")
    return _hadamard(HadamardProduct(*[base] * int(exponent)))


@evaluator.register
def _transpose(expression: Transpose) -> Evaluator:
    inner = compiled(expression.arg)
    return lambda A, env: A.transpose(inner(A, env))


@evaluator.register
def _matrix_power(expression: MatPow) -> Evaluator:
    base = compiled(expression.base)

    def power(A: Arithmetic, env: Any) -> Any:
        exponent = env.integer(expression.exp)
        matrix = base(A, env)
        if exponent < 0:
            raise TypeError(f"{expression} is a negative power; name the inverse and its defining equation")
        result = A.identity(A.shape(matrix)[0])
        for _ in range(exponent):
            result = A.matmul(result, matrix)
        return result

    return power


@evaluator.register
def _elementwise(expression: ElementwiseApplyFunction) -> Evaluator:
    inner, function = compiled(expression.expr), expression.function
    if not isinstance(function, Lambda):
        raise TypeError(f"{expression} applies something that is not a scalar function")
    return lambda A, env: A.apply(env.function(function), inner(A, env))


@evaluator.register
def _diagonal(expression: DiagMatrix) -> Evaluator:
    inner = compiled(expression.args[0])
    return lambda A, env: A.diagonal(inner(A, env))


@evaluator.register
def _softmax(expression: Softmax) -> Evaluator:
    inner = compiled(expression.args[0])
    return lambda A, env: A.softmax(inner(A, env))


@evaluator.register
def _identity(expression: Identity) -> Evaluator:
    return lambda A, env: A.identity(env.integer(expression.shape[0]))


@evaluator.register
def _zeros(expression: ZeroMatrix) -> Evaluator:
    return lambda A, env: A.zeros(*(env.integer(size) for size in expression.shape))


@evaluator.register
def _ones(expression: OneMatrix) -> Evaluator:
    def ones(A: Arithmetic, env: Any) -> Any:
        rows, columns = (env.integer(size) for size in expression.shape)
        return A.matrix([[1] * columns for _ in range(rows)])

    return ones


@evaluator.register
def _explicit(expression: ImmutableDenseMatrix) -> Evaluator:
    rows = [[compiled(entry) for entry in row] for row in expression.tolist()]
    return lambda A, env: A.matrix([[entry(A, env) for entry in row] for row in rows])


@evaluator.register
def _vec(expression: Vec) -> Evaluator:
    inner = compiled(expression.args[0])

    def column(A: Arithmetic, env: Any) -> Any:
        matrix = inner(A, env)
        rows, columns = A.shape(matrix)
        return A.matrix([[A.entry(matrix, i, j)] for i in range(rows) for j in range(columns)])

    return column


@evaluator.register
def _exponential(expression: MatrixExponential) -> Evaluator:
    inner = compiled(expression.args[0])
    return lambda A, env: A.exponential(inner(A, env))


@evaluator.register
def _clamp(expression: Clamp) -> Evaluator:
    inner, *ends = expression.args
    value = compiled(inner)
    low, high = (compiled(end) if end.is_finite is not False else None for end in ends)

    def clamp(A: Arithmetic, env: Any) -> Any:
        most = A.functions["Max"]
        result = value(A, env)
        if low is not None:
            bottom = low(A, env)
            result = A.map(lambda entry: most(entry, bottom), result)
        if high is not None:
            top = high(A, env)
            result = A.map(lambda entry: -most(-entry, -top), result)
        return result

    return clamp


@evaluator.register
def _gradient(expression: Gradient) -> Evaluator:
    """The gradient by forward differentiation, one entry of the column at a time; everything else is held fixed."""
    inner, column = expression.args
    value = compiled(inner)

    def gradient(A: Arithmetic, env: Any) -> Any:
        moving = env.copy()
        for quantity in expression.atoms(MatrixSymbol, At) - {column}:
            if isinstance(quantity, At) or quantity in env:
                moving[quantity] = Dual(env[quantity])
        rows = A.shape(env[column])[0]
        slopes = []
        for i in range(rows):
            unit = A.matrix([[int(r == i)] for r in range(rows)])
            moving[column] = Dual(env[column], unit)
            slopes.append([A.entry(value(Duals(A), moving).tangent, 0, 0)])
        return A.matrix(slopes)

    return gradient
