"""Slopes of squashing activations on the whole line, confronted with a subject's.

The check compares relative errors, wherever the slope is a float. The reference is the statement's formula in balls
wide enough for its cancellation. The bound is the rounding of ``e/(1+e)²`` with ``e = exp(−|z|)`` for the sigmoid, of
``4e/(1+e)²`` with ``e = exp(−2|z|)`` for tanh: relative, down to the smallest subnormal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from flint import arb_mat
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sympy import And, Derivative, Eq, Lambda, exp

from backproof.theory.arithmetic import Balls, Rounded, Roundoff, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most
from backproof.theory.confronting.subject import Lacks
from backproof.theory.evaluation import evaluate
from backproof.theory.instances.values import Case
from backproof.theory.language.functions import activation_in, z
from backproof.theory.language.relations import parts


def relations(value: Any, claimed: Any, least: Any, most: Any) -> And:
    """What is said of a slope: its formula, that it is positive, and how large it can be."""
    return And(Eq(Derivative(value, z), claimed, evaluate=False), least, most, evaluate=False)


STABLE = {
    "sigmoid": Lambda(z, exp(z) / (1 + exp(z)) ** 2),
    "tanh": Lambda(z, 4 * exp(2 * z) / (1 + exp(2 * z)) ** 2),
}

EXTREMES = [
    0.0,
    2.0**-1074,
    1e-300,
    2.0**-60,
    1e-8,
    18.5,
    37.0,
    88.0,
    103.0,
    350.0,
    372.5,
    700.0,
    740.0,
    745.0,
    1e3,
    1e4,
]


def arguments() -> SearchStrategy[Case]:
    """Halves near 0; places where naive formulas cancel, overflow or underflow, with either sign."""
    near = st.integers(-80, 80).map(lambda k: k / 2)
    far = st.tuples(st.sampled_from(EXTREMES), st.sampled_from([1.0, -1.0])).map(lambda pair: pair[0] * pair[1])
    return st.one_of(near, far, st.integers(-1500, 1500).map(lambda k: k / 2)).map(lambda value: Case({z: value}))


def slope_of(subject: Any, name: str) -> Callable[[Any], Any]:
    try:
        return subject.ACTIVATIONS[name].slope  # type: ignore[no-any-return]
    except (AttributeError, KeyError, TypeError):
        raise Lacks(f"ACTIVATIONS[{name!r}].slope") from None


def slope_matches(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """A formula for the slope, and bounds on it, for what the subject returns in either format."""
    equation = next(part for part in parts(statement) if isinstance(part, Eq))
    name = activation_in(equation.lhs).name
    function = slope_of(subject, name)
    argument = float(case[z])
    with precision(128 + 8 * int(abs(argument) + 1)):
        (environment,) = case.environments(Balls(), statement)
        reference = arb_mat([[evaluate(equation.rhs, Balls(), environment)]])
        limits = [(part, evaluate(part.rhs, Balls(), environment)) for part in parts(statement) if part is not equation]
    for dtype in (np.float64, np.float32):
        if float(dtype(argument)) != argument:
            continue
        got = np.asarray(function(np.array([[argument]], dtype=dtype)), dtype=np.float64)
        bound = _bound(name, argument, dtype)
        word = np.dtype(dtype).name
        yield agree(f"slope of {name} at {argument} in {word}", got, reference, bound)
        for part, limit in limits:
            yield _within(f"{part} in {word}", part, float(got[0, 0]), float(limit.mid()), float(bound[0, 0]))


def _within(what: str, part: Any, got: float, limit: float, slack: float) -> Comparison:
    """An upper limit may be passed by rounding alone; a slope may underflow to 0 but not below."""
    if part.rel_op in ("<=", "<"):
        return at_most(what, float("inf") if part.rel_op == "<" and got == limit else got - limit, slack)
    return at_most(what, limit - got, slack)


def _bound(name: str, argument: float, dtype: Any) -> Any:
    arithmetic = Rounded(Roundoff.of(dtype))
    with np.errstate(under="ignore"):
        return arithmetic.apply(STABLE[name], arithmetic.matrix([[-abs(argument)]])).radius
