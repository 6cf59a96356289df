"""Facts on functions of every entry, and entrywise bounds: nothing refutes them, and something refutes what is near."""

from __future__ import annotations

import random

import pytest
from sympy import Eq, Ge, Le, MatrixSymbol, OneMatrix, Rational, Symbol, exp, log, tanh
from sympy.matrices.expressions import Identity, hadamard_product
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.arithmetic import Floats
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.functions import logistic
from backproof.theory.language.nodes import EuclideanNorm, FrobeniusNorm, LargestEntry, Softmax, StepSum, TimeSum
from backproof.theory.language.notation import T, V, g, h, k, n
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.facts import FACTS
from backproof.theory.proving.facts.functions import RECIPROCAL
from backproof.theory.proving.kernel import Context, Proof, check, line
from backproof.theory.proving.normal_form import same
from backproof.theory.records import derivations

v, w, d = (MatrixSymbol(name, n, 1) for name in "vwd")
c = MatrixSymbol("c", 1, 1)
r, q = Symbol("r", real=True), Symbol("q", real=True)
s = Symbol("s", integer=True, nonnegative=True)
ones = OneMatrix(n, 1)
total = OneMatrix(1, n) * v.applyfunc(exp)
INSTANCES = 200
HALF = Rational(1, 2)


def column(draw, size):
    return [[draw.choice((0, 0, 1, -1, 2, -3, 0.5, -0.25))] for _ in range(size)]


def one_hot(draw, size):
    at = draw.randrange(size)
    return [[int(i == at)] for i in range(size)]


def cases(seed):
    """Random columns of 1 to 4 entries; in half of them d is one-hot or w agrees with v where d is not 0."""
    draw = random.Random(seed)
    for _ in range(INSTANCES):
        size = draw.randint(1, 4)
        vs, ws, ds = (column(draw, size) for _ in range(3))
        if draw.random() < 0.5:
            ds = draw.choice((one_hot(draw, size), [[draw.randint(0, 1)] for _ in range(size)], ds))
            ws = [list(one) if by[0] else list(other) for one, other, by in zip(vs, ws, ds, strict=True)]
        number = draw.choice((-2, -0.5, 0, 0.5, 1, 3))
        other = draw.choice((-1, 0, 0.25, 2))
        yield Case({v: vs, w: ws, d: ds, c: [[number]], r: number, q: other, s: draw.randint(0, 3), n: size})


def build(name, **of):
    return FACTS[name].build(**of)


OF = {
    "a sigmoid is at most 1": {"v": v},
    "what a sigmoid leaves of 1": {"v": v},
    "tanh is at most 1": {"v": v},
    "powers of what is not negative": {"a": r, "s": s},
    "length of a column": {"v": v},
    "a product of what is not negative": {"a": r, "b": q},
    "softmax": {"v": v},
    "logarithm of a softmax": {"v": v},
    "a one-hot column picks": {"d": d},
    "a function where columns agree": {"d": d, "v": v, "w": w, "f": tanh},
    "a function of equal entries": {"c": c, "f": exp, "size": n},
}


def verdicts(hypotheses, conclusion):
    """What becomes of the conclusion wherever the hypotheses certainly hold."""
    for seed in range(2):
        for case in cases(seed):
            if all(decide(one, case) is True for one in hypotheses):
                yield decide(conclusion, case)


@pytest.mark.parametrize("name", OF)
def test_no_instance_refutes_a_fact(name):
    hypotheses, conclusion = build(name, **OF[name])
    if name == "softmax":  # times its sum, for the reciprocal of a matrix has no value
        assert conclusion.lhs == Softmax(v)
        assert same(conclusion.rhs, hadamard_product(v.applyfunc(exp), ones * total.applyfunc(RECIPROCAL)))
        conclusion = Eq(conclusion.lhs * total, v.applyfunc(exp), evaluate=False)
    found = list(verdicts(hypotheses, conclusion))
    assert len(found) > 20
    assert False not in found


MUTATED = {
    "a sigmoid is at most 1/2": ((), Le(LargestEntry(v.applyfunc(logistic)), HALF, evaluate=False)),
    "what it adds to 1 is at most 1": ((), Le(LargestEntry(ones + v.applyfunc(logistic)), 1, evaluate=False)),
    "tanh is at most 1/2": ((), Le(LargestEntry(v.applyfunc(tanh)), HALF, evaluate=False)),
    "powers of anything": ((), Ge(r**s, 0, evaluate=False)),
    "a column's largest entry is its length": ((), Eq(LargestEntry(v), EuclideanNorm(v), evaluate=False)),
    "one factor may be negative": (build("a product of what is not negative", a=r, b=q)[0][:1], Ge(r * q, 0)),
    "softmax without its sum": ((), Eq(Softmax(v), v.applyfunc(exp), evaluate=False)),
    "logarithm with the sum added": (
        (),
        Eq(Softmax(v).applyfunc(log), v + ones * total.applyfunc(log), evaluate=False),
    ),
    "several picked": ((Eq(DiagMatrix(d) * d, d, evaluate=False),), Eq(d * d.T, DiagMatrix(d), evaluate=False)),
    "shares picked": (
        (Eq(OneMatrix(1, n) * d, Identity(1), evaluate=False),),
        Eq(d * d.T, DiagMatrix(d), evaluate=False),
    ),
    "columns that do not agree": (
        (),
        Eq(DiagMatrix(d) * v.applyfunc(tanh), DiagMatrix(d) * w.applyfunc(tanh), evaluate=False),
    ),
    "agreeing where d is not 0, everywhere": (
        build("a function where columns agree", d=d, v=v, w=w, f=tanh)[0],
        Eq(v.applyfunc(tanh), w.applyfunc(tanh), evaluate=False),
    ),
    "a function is no factor": ((), Eq((ones * c).applyfunc(exp), ones * c, evaluate=False)),
}


@pytest.mark.parametrize("name", MUTATED)
def test_what_is_near_a_fact_is_refuted(name):
    assert False in verdicts(*MUTATED[name])


@pytest.mark.parametrize("steps", [1, 3])
def test_a_sum_over_times_is_no_longer_than_its_terms_together(steps):
    drawn = net(W=[[0.5, -1], [1, 0]], inputs=[[1, 0], [0, -2], [3, 1]][:steps], activation="tanh")
    assert Unrolled(drawn, Floats())  # its module says what a net's symbols stand for
    for term in (h[k], V.T * g[k], h[k] * g[k].T, h[k] - h[k]):
        for low, high in ((1, T), (1, 0), (T, T)):
            _, says = build("length of a sum over times", X=term, index=k, low=low, high=high)
            assert decide(says, drawn) is not False
    opposite = TimeSum(h[k] - h[k - 1], (k, 1, T))
    wrong = Ge(FrobeniusNorm(opposite), StepSum(FrobeniusNorm(opposite.args[0]), k, 1, T) + 1, evaluate=False)
    assert decide(wrong, drawn) is False


def most(column_, bound):
    return Le(LargestEntry(column_), bound, evaluate=False)


def entrywise(*says):
    """Whether the last bound is granted from those before it."""
    assert derivations.REGISTERED
    *known, last = says
    context = Context(assumptions={str(i): one for i, one in enumerate(known)})
    return check(Proof(lines=(line("x", last, "entrywise", *context.assumptions),)), last, context).closed


BOUNDS = (
    (most(v, 1), most(w, 1), most(hadamard_product(v, w), 1)),
    (most(v, r), most(w, q), most(v + w, r + q)),
    (most(v, 1), most(ones - v, 1), most(hadamard_product(v, ones - v), HALF**2)),
    (most(v.applyfunc(tanh), q), most(hadamard_product(v.applyfunc(tanh), v.applyfunc(tanh)), q**2)),
)
TOO_SMALL = (
    (most(v, 1), most(w, 1), most(hadamard_product(v, w), HALF)),
    (most(v, r), most(w, q), most(v + w, r)),
    (most(v, 1), most(hadamard_product(v, ones - v), HALF**2)),
    (most(v, 1), most(v.applyfunc(tanh), 1)),
    (most(v, 1), most(DiagMatrix(w) * v, 1)),
)


@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
def test_entrywise_bounds_hold_wherever_their_premises_do(bounds):
    *known, last = bounds
    assert entrywise(*bounds)
    assert False not in verdicts(known, last)


@pytest.mark.parametrize("bounds", TOO_SMALL, ids=str)
def test_entrywise_bounds_that_do_not_follow_are_not_granted(bounds):
    assert not entrywise(*bounds)


def test_entrywise_reads_no_function_that_may_leave_the_reals():
    assert not entrywise(most(v, 1), most(v.applyfunc(log), 1))
    assert not entrywise(most(v.applyfunc(log), 1), most(hadamard_product(v.applyfunc(log), v.applyfunc(log)), 1))
