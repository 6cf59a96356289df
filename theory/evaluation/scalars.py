"""Numbers: sums, products, powers, elementary functions, cases."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sympy import (
    Abs,
    Add,
    Derivative,
    Dummy,
    Function,
    Heaviside,
    Lambda,
    Limit,
    Max,
    Min,
    Mul,
    Number,
    Piecewise,
    Pow,
    exp,
    oo,
)
from sympy.core.numbers import Pi

from backproof.theory.arithmetic import Arithmetic, Undecided
from backproof.theory.evaluation.core import Evaluator, compiled, evaluate, evaluator
from backproof.theory.evaluation.relations import holds
from backproof.theory.language.nodes import NamedFunction, OpenFunction


@evaluator.register
def _number(expression: Number) -> Evaluator:
    if not expression.is_Rational:
        raise TypeError(f"{expression} is not an exact number")
    value = Fraction(int(expression.p), int(expression.q))
    return lambda A, _: A.number(value)


@evaluator.register
def _scalar_sum(expression: Add) -> Evaluator:
    parts = [compiled(arg) for arg in expression.args]
    return lambda A, env: sum((part(A, env) for part in parts[1:]), parts[0](A, env))


@evaluator.register
def _scalar_product(expression: Mul) -> Evaluator:
    parts = [compiled(arg) for arg in expression.args]

    def product(A: Arithmetic, env: Any) -> Any:
        result = parts[0](A, env)
        for part in parts[1:]:
            result = result * part(A, env)
        return result

    return product


@evaluator.register
def _power(expression: Pow) -> Evaluator:
    base = compiled(expression.base)
    exponent = expression.exp
    of_root = exponent.is_Rational and exponent.q == 2

    def power(A: Arithmetic, env: Any) -> Any:
        count = int(exponent.p) if of_root else env.integer(exponent)
        inner = A.functions["sqrt"](_number_of(A, base(A, env))) if of_root else base(A, env)
        value = inner if count == 1 else A.functions.get("power", pow)(inner, abs(count))
        return value if count >= 0 else 1 / _number_of(A, value)

    return power


@evaluator.register
def _pi(_: Pi) -> Evaluator:
    return lambda A, env: A.functions["pi"](A.number(0))


@evaluator.register
def _modulus(expression: Abs) -> Evaluator:
    inner = compiled(expression.args[0])
    return lambda A, env: abs(inner(A, env))


KNOWN = ("tanh", "exp", "log", "log1p", "expm1", "logistic", "sqrt", "sin", "cos", "erf")
"""Functions of one number that every arithmetic has, or refuses by name."""


@evaluator.register
def _function(expression: Function) -> Evaluator:
    name = type(expression).__name__
    if name not in KNOWN or len(expression.args) != 1:
        return lambda _, env: _named(expression, env)
    argument = compiled(expression.args[0])
    return lambda A, env: A.functions[name](_number_of(A, argument(A, env)))


def _number_of(A: Arithmetic, value: Any) -> Any:
    """The value as a number of the arithmetic; sizes and times are plain integers."""
    return A.number(value) if isinstance(value, int) else value


def _named(expression: Function, environment: Any) -> Any:
    """The value of a function that a definition names, which an environment may know."""
    try:
        return environment[expression]
    except KeyError:
        raise TypeError(f"{expression} is a function that cannot be evaluated; there are {', '.join(KNOWN)}") from None


@evaluator.register
def _open_function(expression: OpenFunction) -> Evaluator:
    """φ, φ′ or φ″ of a number: that of the environment's activation."""
    argument = compiled(expression.args[0])

    def value(A: Arithmetic, env: Any) -> Any:
        known = env.function(Lambda(_NUMBER, expression.func(_NUMBER)))
        inner = env.copy()
        (variable,) = known.variables
        inner[variable] = argument(A, env)
        return evaluate(known.expr, A, inner)

    return value


_NUMBER = Dummy("z", real=True)


@evaluator.register
def _limit(expression: Limit) -> Evaluator:
    """A limit that SymPy finds in closed form, or that of a multiple of powers of a number between −1 and 1."""
    vanishing = _powers(expression)
    if vanishing is not None:
        base = compiled(vanishing)

        def limit(A: Arithmetic, env: Any) -> Any:
            if not bool(abs(base(A, env)) < 1):
                raise Undecided(f"{expression} may not exist")
            return A.number(0)

        return limit
    unknown = TypeError(f"{expression} is a limit that is not known in closed form")
    try:
        found = expression.func(expression.args[0].doit().rewrite(exp), *expression.args[1:]).doit()
    except NotImplementedError:
        raise unknown from None
    if found.has(Limit) or found.is_finite is not True:
        raise unknown
    return compiled(found)


def _powers(expression: Limit) -> Any:
    """The base b of ``c bⁿ`` for n → ∞, with c and b free of n; None for anything else."""
    body, index, end = expression.args[:3]
    factors = Mul.make_args(body)
    moving = [factor for factor in factors if factor.has(index)]
    if end is not oo or not index.is_integer or len(moving) != 1 or not isinstance(moving[0], Pow):
        return None
    base, exponent = moving[0].as_base_exp()
    return base if exponent == index and not base.has(index) else None


@evaluator.register
def _step(expression: Heaviside) -> Evaluator:
    """1 right of 0, 0 left of it; the second argument is the value at 0."""
    argument, at_0 = compiled(expression.args[0]), expression.args[1]
    if not at_0.is_Rational:
        raise TypeError(f"{expression} has no exact value at 0")
    value = Fraction(int(at_0.p), int(at_0.q))
    return lambda A, env: A.functions["Heaviside"](argument(A, env), A.number(value))


@evaluator.register
def _named_function(expression: NamedFunction) -> Evaluator:
    return compiled(expression.stable)


@evaluator.register
def _derivative(expression: Derivative) -> Evaluator:
    """A derivative, taken after rewriting by exponentials, so that no known derivative of tanh or σ is presupposed."""
    return compiled(expression.expr.rewrite(exp).diff(*expression.variables))


@evaluator.register(Max)
@evaluator.register(Min)
def _extremum(expression: Any) -> Evaluator:
    parts = [compiled(arg) for arg in expression.args]
    sign = 1 if isinstance(expression, Max) else -1

    def extremum(A: Arithmetic, env: Any) -> Any:
        best = sign * parts[0](A, env)
        for part in parts[1:]:
            best = A.functions["Max"](best, sign * part(A, env))
        return sign * best

    return extremum


@evaluator.register
def _piecewise(expression: Piecewise) -> Evaluator:
    def branch(A: Arithmetic, env: Any) -> Any:
        for value, condition in expression.args:
            verdict = holds(condition, A, env)
            if verdict is None:
                raise Undecided(f"{condition} is not settled")
            if verdict:
                return evaluate(value, A, env)
        raise Undecided(f"no condition of {expression} holds")

    return branch
