"""Facts on isometries, similarities and Taylor's formula: exact instances refute none, and refute what is near."""

from fractions import Fraction
from random import Random

import pytest
from sympy import (
    Eq,
    Gt,
    Lambda,
    Le,
    Matrix,
    MatrixSymbol,
    Max,
    OneMatrix,
    Rational,
    Symbol,
    ZeroMatrix,
    eye,
    tanh,
)
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.functions import z
from backproof.theory.language.nodes import (
    EuclideanNorm,
    LargestEntry,
    SmallestSingularValue,
    SpectralNorm,
    SpectralRadius,
)
from backproof.theory.language.notation import A, Q, b, n, v
from backproof.theory.proving.facts import FACTS
from backproof.theory.proving.facts.existence import EXISTENCE
from backproof.theory.records import derivations  # noqa: F401 — enters the rules into the register

ISOMETRIES = ([[1]], [[-1]], [[0, -1], [1, 0]], [[Rational(3, 5), Rational(4, 5)], [Rational(-4, 5), Rational(3, 5)]])


def matrices(random, size):
    """Small integer and rational matrices, some of them singular, zero, nilpotent, or isometries."""
    kind = random.choice(["any", "any", "singular", "zero", "nilpotent", "isometry"])
    if kind == "isometry":
        return Matrix(random.choice([m for m in ISOMETRIES if len(m) == size] or [eye(size).tolist()]))
    if kind == "zero":
        return Matrix.zeros(size, size)
    drawn = Matrix(size, size, lambda i, j: Rational(random.randint(-4, 4), random.choice([1, 1, 2, 3])))
    if kind == "nilpotent":
        return Matrix(size, size, lambda i, j: drawn[i, j] if j > i else 0)
    if kind == "singular":
        drawn[size - 1, :] = Matrix.zeros(1, size)
    return drawn


def cases(count=250, seed=0):
    random = Random(seed)
    for _ in range(count):
        size = random.randint(1, 3)
        drawn = {symbol: matrices(random, size) for symbol in (A, Q)}
        yield Case(
            {
                symbol: [[Fraction(int(e.p), int(e.q)) for e in row] for row in value.tolist()]
                for symbol, value in drawn.items()
            }
        )


def verdicts(hypotheses, conclusion):
    """What is decided of a conclusion wherever all hypotheses certainly hold."""
    return [decide(conclusion, case) for case in cases() if all(decide(one, case) is True for one in hypotheses)]


CITED = {
    "an entry is at most the norm": {"X": A},
    "norm of a product of numbers": {"X": A, "Y": Q},
    "least singular value of an isometry": {"X": A},
}


@pytest.mark.parametrize("name", CITED)
def test_a_fact_is_not_refuted(name):
    found = verdicts(*FACTS[name].build(**CITED[name]))
    assert len(found) >= 15
    assert False not in found


@pytest.mark.parametrize(
    ("hypotheses", "mutated"),
    [
        ((), Le(SpectralNorm(A), LargestEntry(A), evaluate=False)),
        ((), Eq(SpectralNorm(A * Q), SpectralNorm(A) * SpectralNorm(Q), evaluate=False)),
        ((), Eq(SmallestSingularValue(A), 1, evaluate=False)),
        ((Eq(A.T * A, Identity(n), evaluate=False),), Eq(SmallestSingularValue(A), 2, evaluate=False)),
    ],
)
def test_a_mutated_fact_is_refuted(hypotheses, mutated):
    assert False in verdicts(hypotheses, mutated)


@pytest.mark.parametrize("function", [Lambda(z, z**2 + 3), Lambda(z, 5 - z), Lambda(z, Max(z, 0) + 1)])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_function_of_zeros_has_its_value_at_zero_everywhere(function, size):
    column = Case({v: [[1]] * size})
    _, conclusion = FACTS["function of a column of zeros"].build(function=function, size=n)
    assert decide(conclusion, column) is True
    assert (
        decide(Eq(ZeroMatrix(n, 1).applyfunc(function), (function(0) + 1) * OneMatrix(n, 1), evaluate=False), column)
        is False
    )


def test_a_function_without_a_value_at_zero_is_refused():
    with pytest.raises(ValueError, match="no value at 0"):
        FACTS["function of a column of zeros"].build(function=Lambda(z, 1 / z), size=n)


def stein(X, bound):
    """P with ``P − XᵀPX/c² = I``, exactly, or None."""
    size = X.shape[0]
    unknown = Matrix(size, size, lambda i, j: Symbol(f"p_{min(i, j)}{max(i, j)}"))
    equations = unknown - X.T * unknown * X / bound**2 - eye(size)
    names = sorted(unknown.free_symbols, key=str)
    system = Matrix([[equation.coeff(name) for name in names] for equation in equations])
    constant = Matrix([-equation.subs(dict.fromkeys(names, 0)) for equation in equations])
    try:
        solution = (system.T * system).LUsolve(system.T * constant)
    except ValueError:  # singular
        return None
    return unknown.subs(dict(zip(names, solution, strict=True)))


def positive(P):
    return P is not None and all(P[: i + 1, : i + 1].det() > 0 for i in range(P.shape[0]))


def test_a_similarity_exists_above_the_spectral_radius_and_not_below():
    """With S⁻¹ the root of P > 0, ``‖S⁻¹XS‖ ≤ c`` says ``XᵀPX ≤ c² P``; Stein's equation gives c² P − XᵀPX = c² I."""
    random, below = Random(1), 0
    for _ in range(80):
        X = matrices(random, random.randint(1, 3))
        radius = max(abs(complex(value.evalf(30))) for value in X.eigenvals(multiple=True))
        close = Rational(int(radius * 1000) + 2, 1000)  # at most 2/1000 above
        assert positive(stein(X, close))
        if radius > 0.01:
            below += not positive(stein(X, Rational(int(radius * 1000) - 1, 1000)))
            assert below
    assert below >= 30


def test_what_a_similarity_is_promised_to_do():
    B, C = MatrixSymbol("B", n, n), MatrixSymbol("C", n, n)
    needed, promised = EXISTENCE["a similarity close to the spectral radius"].build(X=A, bound=z, basis=B, inverse=C)
    assert needed == (Gt(z, SpectralRadius(A), evaluate=False),)
    assert set(promised) == {Eq(B * C, Identity(n), evaluate=False), Le(SpectralNorm(C * A * B), z, evaluate=False)}


def test_taylor_for_tanh_is_not_refuted_and_an_eighth_of_the_bound_is():
    slope, bend = Lambda(z, 1 - tanh(z) ** 2), Rational(77, 100)
    remainder = (
        (v + b).applyfunc(Lambda(z, tanh(z))) - v.applyfunc(Lambda(z, tanh(z))) - DiagMatrix(v.applyfunc(slope)) * b
    )
    size, random, found, weaker = EuclideanNorm(b) ** 2 / 2, Random(2), [], []
    for _ in range(200):
        units = random.randint(1, 3)
        column = lambda: [[Fraction(random.randint(-8, 8), 4)] for _ in range(units)]  # noqa: B023, E731
        case = Case({v: column(), b: column()})
        found.append(decide(Le(EuclideanNorm(remainder), bend * size, evaluate=False), case))
        weaker.append(decide(Le(EuclideanNorm(remainder), bend / 8 * size, evaluate=False), case))
    assert False not in found
    assert found.count(True) > 100
    assert False in weaker


# ----------------------------------------------------------------------------- what rules must refuse
