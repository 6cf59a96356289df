"""Values for expressions: each kind of matrix node is turned once into a call on an arithmetic.

The environment says what symbols stand for. Nothing of this is shared with the implementation under test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache, singledispatch
from typing import Any

from sympy import (
    Abs,
    Add,
    Derivative,
    Determinant,
    Function,
    Integer,
    Lambda,
    MatrixSymbol,
    Max,
    Min,
    Mul,
    Number,
    OneMatrix,
    Piecewise,
    Pow,
    Product,
    Sum,
    Symbol,
    Trace,
    ZeroMatrix,
    exp,
)
from sympy.matrices.expressions import HadamardProduct, Identity, MatAdd, MatMul, MatPow, Transpose
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix

from theory.arithmetic import Arithmetic, Dual, Duals, Undecided
from theory.nodes import (
    DERIVATIVES,
    Clamp,
    Gradient,
    Inner,
    JointNorm,
    LyapunovExponent,
    MatrixExponential,
    Measure,
    Softmax,
    StepSum,
    TimeProduct,
    TimeSum,
    Vec,
    _Activation,
)
from theory.notation import At

Evaluator = Callable[[Arithmetic, Any], Any]


class Environment(dict[Any, Any]):
    """What each symbol stands for; ``activation`` gives φ, φ′ and φ″. Sizes and times are Python integers."""

    def __init__(self, values: Mapping[Any, Any], activation: Any = None) -> None:
        super().__init__(values)
        self.activation = activation

    def integer(self, expression: Any) -> int:
        """A size or a time as an integer.

        Raises
        ------
        KeyError
            If a symbol in it has no value.
        """
        if isinstance(expression, int | Integer):
            return int(expression)
        return int(expression.subs({symbol: self[symbol] for symbol in expression.free_symbols}))

    def bound(self, index: Symbol, value: int) -> Environment:
        """The same environment with a time index set; `Timed` environments look quantities up by it."""
        inner = self.copy()
        inner[index] = value
        return inner

    def copy(self) -> Environment:
        """A shallow copy of the same kind."""
        return type(self)(self, self.activation)

    def function(self, function: Lambda) -> Lambda:
        """An elementwise function with φ and its derivatives replaced by this environment's activation."""
        head = function.expr
        if not isinstance(head, _Activation):
            return function
        if self.activation is None:
            raise KeyError(f"the expression uses {type(head).__name__}, but no activation is given")
        return self.activation.derivatives[DERIVATIVES.index(type(head))]


def evaluate(expression: Any, arithmetic: Arithmetic, environment: Environment) -> Any:
    """The value of a matrix or scalar expression.

    Raises
    ------
    KeyError
        If a symbol has no value.
    NotOffered, Undecided
        If the arithmetic lacks a function, or cannot settle a comparison.
    TypeError
        For a kind of node that has no value.
    """
    return compiled(expression)(arithmetic, environment)


@lru_cache(maxsize=4096)
def compiled(expression: Any) -> Evaluator:
    """The expression as nested calls, built once."""
    return _compile(expression)


@singledispatch
def _compile(expression: Any) -> Evaluator:
    return lambda _, env: env[expression]


@_compile.register(Symbol)
@_compile.register(MatrixSymbol)
@_compile.register(At)
def _symbol(expression: Any) -> Evaluator:
    return lambda _, env: env[expression]


@_compile.register
def _number(expression: Number) -> Evaluator:
    if not expression.is_Rational:
        raise TypeError(f"{expression} is not an exact number")
    value = Fraction(int(expression.p), int(expression.q))
    return lambda A, _: A.number(value)


@_compile.register
def _scalar_sum(expression: Add) -> Evaluator:
    parts = [compiled(arg) for arg in expression.args]
    return lambda A, env: sum((part(A, env) for part in parts[1:]), parts[0](A, env))


@_compile.register
def _scalar_product(expression: Mul) -> Evaluator:
    parts = [compiled(arg) for arg in expression.args]

    def product(A: Arithmetic, env: Any) -> Any:
        result = parts[0](A, env)
        for part in parts[1:]:
            result = result * part(A, env)
        return result

    return product


@_compile.register
def _power(expression: Pow) -> Evaluator:
    base = compiled(expression.base)
    exponent = expression.exp
    if exponent == Fraction(1, 2):
        return lambda A, env: A.functions["sqrt"](base(A, env))

    def power(A: Arithmetic, env: Any) -> Any:
        count = env.integer(exponent)
        value = base(A, env)
        return value**count if count >= 0 else 1 / value ** (-count)

    return power


@_compile.register
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


@_compile.register
def _matrix_product(expression: MatMul) -> Evaluator:
    coefficient, matrices = expression.as_coeff_matrices()
    factors = [compiled(factor) for factor in matrices]
    scalar = None if coefficient == 1 else compiled(coefficient)

    def product(A: Arithmetic, env: Any) -> Any:
        value = A.products([tuple(factor(A, env) for factor in factors)])
        return value if scalar is None else A.scale(scalar(A, env), value)

    return product


@_compile.register
def _hadamard(expression: HadamardProduct) -> Evaluator:
    factors = [compiled(factor) for factor in expression.args]

    def product(A: Arithmetic, env: Any) -> Any:
        value = factors[0](A, env)
        for factor in factors[1:]:
            value = A.hadamard(value, factor(A, env))
        return value

    return product


@_compile.register
def _transpose(expression: Transpose) -> Evaluator:
    inner = compiled(expression.arg)
    return lambda A, env: A.transpose(inner(A, env))


@_compile.register
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


@_compile.register
def _elementwise(expression: ElementwiseApplyFunction) -> Evaluator:
    inner, function = compiled(expression.expr), expression.function
    if not isinstance(function, Lambda):
        raise TypeError(f"{expression} applies something that is not a scalar function")
    return lambda A, env: A.apply(env.function(function), inner(A, env))


@_compile.register
def _diagonal(expression: DiagMatrix) -> Evaluator:
    inner = compiled(expression.args[0])
    return lambda A, env: A.diagonal(inner(A, env))


@_compile.register
def _softmax(expression: Softmax) -> Evaluator:
    inner = compiled(expression.args[0])
    return lambda A, env: A.softmax(inner(A, env))


@_compile.register
def _identity(expression: Identity) -> Evaluator:
    return lambda A, env: A.identity(env.integer(expression.shape[0]))


@_compile.register
def _zeros(expression: ZeroMatrix) -> Evaluator:
    return lambda A, env: A.zeros(*(env.integer(size) for size in expression.shape))


@_compile.register
def _ones(expression: OneMatrix) -> Evaluator:
    def ones(A: Arithmetic, env: Any) -> Any:
        rows, columns = (env.integer(size) for size in expression.shape)
        return A.matrix([[1] * columns for _ in range(rows)])

    return ones


@_compile.register
def _vec(expression: Vec) -> Evaluator:
    inner = compiled(expression.args[0])

    def column(A: Arithmetic, env: Any) -> Any:
        matrix = inner(A, env)
        rows, columns = A.shape(matrix)
        return A.matrix([[A.entry(matrix, i, j)] for i in range(rows) for j in range(columns)])

    return column


@_compile.register
def _measure(expression: Measure) -> Evaluator:
    inner, name = compiled(expression.args[0]), expression.measure
    return lambda A, env: getattr(A, name)(inner(A, env))


@_compile.register
def _exponential(expression: MatrixExponential) -> Evaluator:
    inner = compiled(expression.args[0])
    return lambda A, env: A.exponential(inner(A, env))


@_compile.register
def _time_sum(expression: TimeSum) -> Evaluator:
    summand, index, lower, upper = expression.args
    inner = compiled(summand)

    def total(A: Arithmetic, env: Any) -> Any:
        steps = range(env.integer(lower), env.integer(upper) + 1)
        terms = [inner(A, env.bound(index, step)) for step in steps]
        return A.sum_time(terms) if terms else A.zeros(*(env.integer(size) for size in expression.shape))

    return total


@_compile.register
def _step_sum(expression: StepSum) -> Evaluator:
    summand, index, lower, upper = expression.args
    inner = compiled(summand)

    def total(A: Arithmetic, env: Any) -> Any:
        steps = range(env.integer(lower), env.integer(upper) + 1)
        return sum((inner(A, env.bound(index, step)) for step in steps), A.number(0))

    return total


@_compile.register
def _time_product(expression: TimeProduct) -> Evaluator:
    factor, index, lower, upper, ascending = expression.args
    inner = compiled(factor)

    def product(A: Arithmetic, env: Any) -> Any:
        result = A.identity(env.integer(expression.shape[0]))
        for step in range(env.integer(lower), env.integer(upper) + 1):
            value = inner(A, env.bound(index, step))
            result = A.matmul(result, value) if ascending == 1 else A.matmul(value, result)
        return result

    return product


@_compile.register
def _scalar_time_sum(expression: Sum) -> Evaluator:
    """Over one index with integer limits; an empty sum is 0."""
    ((index, lower, upper),) = expression.limits
    inner = compiled(expression.function)

    def total(A: Arithmetic, env: Any) -> Any:
        steps = range(env.integer(lower), env.integer(upper) + 1)
        return sum((inner(A, env.bound(index, step)) for step in steps), A.number(0))

    return total


@_compile.register
def _trace(expression: Trace) -> Evaluator:
    inner = compiled(expression.arg)

    def trace(A: Arithmetic, env: Any) -> Any:
        value = inner(A, env)
        return sum((A.entry(value, i, i) for i in range(A.shape(value)[0])), A.number(0))

    return trace


@_compile.register
def _determinant(expression: Determinant) -> Evaluator:
    """By the first row, as any arithmetic can; meant for a few units."""
    inner = compiled(expression.arg)

    def determinant(A: Arithmetic, env: Any) -> Any:
        value = inner(A, env)
        size = A.shape(value)[0]
        return _expanded([[A.entry(value, i, j) for j in range(size)] for i in range(size)], A.number(1))

    return determinant


def _expanded(rows: list[list[Any]], one: Any) -> Any:
    if not rows:
        return one
    minors = ([row[:j] + row[j + 1 :] for row in rows[1:]] for j in range(len(rows)))
    terms = [(-1) ** j * rows[0][j] * _expanded(minor, one) for j, minor in enumerate(minors)]
    return sum(terms[1:], terms[0])


@_compile.register
def _modulus(expression: Abs) -> Evaluator:
    inner = compiled(expression.args[0])
    return lambda A, env: abs(inner(A, env))


@_compile.register
def _exponent(expression: LyapunovExponent) -> Evaluator:
    """What whoever checks has measured, by its number."""
    return lambda _, env: env[LyapunovExponent(env.integer(expression.args[0]))]


@_compile.register
def _scalar_time_product(expression: Product) -> Evaluator:
    """Of numbers over a range of times; 1 where the range is empty."""
    (index, lower, upper), *_ = expression.limits
    inner = compiled(expression.function)

    def product(A: Arithmetic, env: Any) -> Any:
        result = A.number(1)
        for step in range(env.integer(lower), env.integer(upper) + 1):
            result = result * inner(A, env.bound(index, step))
        return result

    return product


@_compile.register
def _function(expression: Function) -> Evaluator:
    argument, name = compiled(expression.args[0]), type(expression).__name__
    return lambda A, env: A.functions[name](argument(A, env))


@_compile.register
def _derivative(expression: Derivative) -> Evaluator:
    """From exponentials, so that no formula for the derivative of a named function is presupposed."""
    return compiled(expression.expr.rewrite(exp).diff(*expression.variables))


@_compile.register(Max)
@_compile.register(Min)
def _extremum(expression: Any) -> Evaluator:
    parts = [compiled(arg) for arg in expression.args]
    sign = 1 if isinstance(expression, Max) else -1

    def extremum(A: Arithmetic, env: Any) -> Any:
        best = sign * parts[0](A, env)
        for part in parts[1:]:
            best = A.functions["Max"](best, sign * part(A, env))
        return sign * best

    return extremum


@_compile.register
def _piecewise(expression: Piecewise) -> Evaluator:
    def branch(A: Arithmetic, env: Any) -> Any:
        from theory.decide import holds

        for value, condition in expression.args:
            verdict = holds(condition, A, env)
            if verdict is None:
                raise Undecided(f"{condition} is not settled")
            if verdict:
                return evaluate(value, A, env)
        raise Undecided(f"no condition of {expression} holds")

    return branch


@_compile.register
def _joint_norm(expression: JointNorm) -> Evaluator:
    parts = [compiled(arg) for arg in expression.args]

    def norm(A: Arithmetic, env: Any) -> Any:
        return A.functions["sqrt"](sum(_inner(A, value, value) for value in (part(A, env) for part in parts)))

    return norm


@_compile.register
def _inner_product(expression: Inner) -> Evaluator:
    left, right = (compiled(arg) for arg in expression.args)
    return lambda A, env: _inner(A, left(A, env), right(A, env))


def _inner(A: Arithmetic, left: Any, right: Any) -> Any:
    products = A.hadamard(left, right)
    rows, columns = A.shape(products)
    return sum(A.entry(products, i, j) for i in range(rows) for j in range(columns))


@_compile.register
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


@_compile.register
def _gradient(expression: Gradient) -> Evaluator:
    """An entry at a time, with dual numbers; the column is the only thing that moves."""
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
