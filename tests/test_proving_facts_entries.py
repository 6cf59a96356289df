"""Facts about entries, sums, exponentials and softmax: random exact instances try to refute each."""

import random
from fractions import Fraction

import pytest
from sympy import (
    Abs,
    Eq,
    Ge,
    Integer,
    Le,
    Lt,
    MatrixSymbol,
    Rational,
    Symbol,
    exp,
    oo,
)

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.functions import logistic, z
from backproof.theory.language.nodes import (
    Inner,
    SpectralNorm,
)
from backproof.theory.language.notation import A, lam, m, n, s, v
from backproof.theory.proving.facts import FACTS
from backproof.theory.records import derivations

assert derivations.REGISTERED  # the rules are in the register

G, H = MatrixSymbol("G", n, m), MatrixSymbol("H", n, m)


B = MatrixSymbol("B", n, 1)
c, e = Symbol("c", real=True), Symbol("e", real=True)
i, j, lag = (Symbol(name, integer=True, nonnegative=True) for name in ("i", "j", "l"))
REPEATS = 300


def numbers(generator, rows, columns):
    """Small rationals, many of them 0; now and then all of them."""
    if generator.random() < 0.15:
        return [[0] * columns for _ in range(rows)]
    return [
        [Fraction(generator.randint(-4, 4), generator.choice([1, 1, 2])) for _ in range(columns)] for _ in range(rows)
    ]


def square(generator, size):
    """Any, singular, nilpotent, a multiple of I."""
    rows = numbers(generator, size, size)
    kind = generator.randrange(4)
    if kind == 1:
        rows[-1] = list(rows[0])
    if kind == 2:
        rows = [[rows[r][q] if q > r else 0 for q in range(size)] for r in range(size)]
    if kind == 3:
        rows = [[rows[0][0] if q == r else 0 for q in range(size)] for r in range(size)]
    return rows


def a_case(generator):
    """Values for every symbol that the facts below are said of."""
    size, width = generator.randint(1, 3), generator.randint(1, 3)
    u, w = numbers(generator, size, 1), numbers(generator, size, 1)
    if generator.random() < 0.4:  # softmax cannot tell them apart
        w = [[entry_ + w[0][0]] for (entry_,) in u]
    values = {G: numbers(generator, size, width), H: numbers(generator, size, width)}
    values |= {A: square(generator, size), v: u, lam: w, B: numbers(generator, size, 1)}
    values |= {c: Fraction(generator.randint(-4, 4), 2), z: Fraction(generator.randint(-12, 12), 4)}
    return Case(values)


SAID_OF = {
    "sigmoid by exponentials": {"x": z},
    "reflection of the sigmoid": {"x": z},
    "tanh by exponentials": {"x": z},
    "an exponential at most 1": {"x": z},
    "an exponential above its tangent": {"x": z},
    "softmax forgets a constant alone": {"u": v, "v": lam},
    "a mean is at most the largest": {"d": v, "v": lam},
    "only 0 has length 0": {"X": G},
    "length of a multiple": {"c": c, "X": G},
    "joint length of a multiple": {"c": c, "parts": (A, B)},
    "square of a joint length": {"parts": (A, B)},
    "a determinant that is not 0": {"X": A, "v": v},
    "least singular value of a transpose": {"X": A},
    "an entry is at most the largest": {"X": G, "i": 0, "j": 0},
    "an entry is at most the length": {"X": G, "i": 0, "j": 0},
}


def said(name):
    return FACTS[name].build(**SAID_OF[name])


def refuted(hypotheses, conclusion, generator):
    """Whether some instance certainly meets the hypotheses and certainly breaks the conclusion."""
    for _ in range(REPEATS):
        case = a_case(generator)
        case[e] = case[G][0][0]
        met = [decide(hypothesis, case) for hypothesis in hypotheses]
        if False in met:
            continue
        if decide(conclusion.xreplace({G[0, 0]: e}), case) is False and (None not in met):
            return True
    return False


@pytest.mark.parametrize("name", SAID_OF)
def test_no_instance_refutes_a_fact(name):
    assert not refuted(*said(name), random.Random(name))


WRONG = {
    "sigmoid by exponentials": lambda p, q: (p, Eq(q.lhs, 1 / (1 + exp(z)), evaluate=False)),
    "reflection of the sigmoid": lambda p, q: (p, Eq(q.lhs, logistic(z), evaluate=False)),
    "tanh by exponentials": lambda p, q: (p, Eq(q.lhs, (1 - exp(-z)) / (1 + exp(-z)), evaluate=False)),
    "an exponential at most 1": lambda p, q: ((), q),
    "an exponential above its tangent": lambda p, q: (p, Le(1 + 2 * z, q.rhs, evaluate=False)),
    "softmax forgets a constant alone": lambda p, q: ((), q),
    "a mean is at most the largest": lambda p, q: (p, Ge(q.lhs, q.rhs, evaluate=False)),
    "only 0 has length 0": lambda p, q: ((), q),
    "length of a multiple": lambda p, q: (p, Eq(q.lhs, q.rhs.xreplace({Abs(c): c}), evaluate=False)),
    "joint length of a multiple": lambda p, q: (p, Eq(q.lhs, q.rhs.xreplace({Abs(c): c}), evaluate=False)),
    "square of a joint length": lambda p, q: (p, Eq(q.lhs, Inner(A, A), evaluate=False)),
    "a determinant that is not 0": lambda p, q: (p[1:], q),
    "least singular value of a transpose": lambda p, q: (p, Eq(q.lhs, SpectralNorm(A), evaluate=False)),
    "an entry is at most the largest": lambda p, q: (p, Lt(q.lhs, q.rhs, evaluate=False)),
    "an entry is at most the length": lambda p, q: (p, Ge(q.lhs, q.rhs, evaluate=False)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_variant_is_refuted(name):
    assert refuted(*WRONG[name](*said(name)), random.Random(name))


def test_an_equality_of_softmaxes_is_no_accident():
    """Where two columns differ by a constant, exact rationals confirm what the fact concludes."""
    _, conclusion = said("softmax forgets a constant alone")
    case = Case({v: [[1], [Fraction(1, 2)], [-3]], lam: [[3], [Fraction(5, 2)], [-1]]})
    assert decide(conclusion, case) is True
    assert decide(Eq(v + lam, 0 * v, evaluate=False), case) is False


@pytest.mark.parametrize("base", [-3, -1, 0, Rational(-1, 2), 2])
@pytest.mark.parametrize("power", range(4))
def test_a_power_is_one_of_its_modulus_up_to_the_sign(base, power):
    _, either = FACTS["power of a modulus"].build(a=c, s=s)
    at = {c: base, s: power}
    assert any(part.lhs.subs(at) == part.rhs.subs(at) for part in either.args)
    strict = [Eq(c**s, Abs(c) ** s, evaluate=False)]
    assert base >= 0 or power % 2 == 0 or not any(part.lhs.subs(at) == part.rhs.subs(at) for part in strict)


@pytest.mark.parametrize("place", [-2, Rational(-1, 2), Rational(3, 2)])
def test_the_slope_of_the_larger_of_two(place):
    smaller, greater = (z - 2, 3 * z + 5)  # they cross at −7/2
    (hypothesis,), conclusion = FACTS["slope of the larger of two"].build(f=smaller, g=greater, x=z)
    assert hypothesis.subs(z, place)
    step = Rational(1, 1000)
    larger = [max(f.subs(z, place + shift) for f in (smaller, greater)) for shift in (-step, step)]
    assert (larger[1] - larger[0]) / (2 * step) == conclusion.rhs.subs(z, place)
    beyond = [max(f.subs(z, -5 + shift) for f in (smaller, greater)) for shift in (-step, step)]
    assert (beyond[1] - beyond[0]) / (2 * step) != conclusion.rhs.subs(z, -5)


@pytest.mark.parametrize("factor", [-3, 0, 2])
@pytest.mark.parametrize("end", [oo, -oo])
def test_exponentials_vanish_at_the_end_that_is_named(factor, end):
    _, conclusion = FACTS["exponentials vanish"].build(c=Integer(factor), rate=Integer(2), x=z, end=end)
    if factor:
        body = conclusion.lhs.args[0]
        far = 50 if end == oo else -50
        assert abs(body.subs(z, far)) < 1e-40 < 1e40 < abs(body.subs(z, -far))
    with pytest.raises(ValueError, match="not a positive rate"):
        FACTS["exponentials vanish"].build(c=Integer(factor), rate=Integer(-2), x=z, end=end)
