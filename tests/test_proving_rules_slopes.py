"""Rules on slopes, units and what exists: what they grant, and what they must refuse."""

import pytest
from sympy import (
    Abs,
    And,
    Eq,
    Function,
    Ge,
    Gt,
    Implies,
    Integer,
    Le,
    Limit,
    Lt,
    MatrixSymbol,
    Max,
    Ne,
    OneMatrix,
    Rational,
    Symbol,
    exp,
    oo,
)
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.matexpr import MatrixElement

from backproof.theory.language.functions import logistic, z
from backproof.theory.language.nodes import (
    EuclideanNorm,
    LargestEntry,
    SpectralNorm,
    SpectralRadius,
    StateJacobian,
    TimeSum,
    phi,
    phi_prime,
    phi_second,
)
from backproof.theory.language.notation import A, W, a, b, h, k, n, s, t
from backproof.theory.proving.kernel import Cited, Context, Proof, check, line
from backproof.theory.proving.normal_form import same
from backproof.theory.records import derivations  # noqa: F401 — enters the rules into the register


def shown(*lines, ranges=(), **context):
    """Whether lines hold, up to the last, which is taken for the statement."""
    return check(Proof(lines=lines, ranges=ranges), lines[-1].says, Context(**context)).closed


LINEAR, SLOPE = Eq(phi(z), z, evaluate=False), Eq(phi_prime(z), 1, evaluate=False)
EVERY = {"assumptions": {"linear": LINEAR}, "every": {"linear": frozenset({z})}}
ONES = Eq(a[t].applyfunc(phi_prime), OneMatrix(n, 1), evaluate=False)


def test_slopes_of_a_linear_activation_are_one_in_every_unit():
    slope = line("slope", SLOPE, "differentiated", "linear", variable=z)
    assert shown(slope, line("ones", ONES, "elementwise", "slope", variable=z, of=a[t]), **EVERY)
    twice = Eq(a[t].applyfunc(phi_prime), 2 * OneMatrix(n, 1), evaluate=False)
    assert not shown(slope, line("twos", twice, "elementwise", "slope", variable=z, of=a[t]), **EVERY)


def test_what_is_assumed_of_one_number_is_not_differentiated_nor_said_of_every_entry():
    one = {"assumptions": {"linear": LINEAR, "slope": SLOPE}}
    assert not shown(line("slope'", SLOPE, "differentiated", "linear", variable=z), **one)
    assert not shown(line("ones", ONES, "elementwise", "slope", variable=z, of=a[t]), **one)


@pytest.mark.parametrize(
    "number", [Symbol("z", positive=True), Symbol("z", integer=True), Symbol("z", real=True, nonzero=True)]
)
def test_what_holds_of_some_numbers_is_not_said_of_every_entry(number):
    says = Eq(phi_prime(number), 1, evaluate=False)
    context = {"assumptions": {"slope": says}, "every": {"slope": frozenset({number})}}
    assert not shown(line("ones", ONES, "elementwise", "slope", variable=number, of=a[t]), **context)


@pytest.mark.parametrize("kinked", [Max(z, 0), Abs(z), Function("f")(z)])
def test_a_function_with_a_kink_is_not_differentiated(kinked):
    context = {"assumptions": {"φ": Eq(phi(z), kinked, evaluate=False)}, "every": {"φ": frozenset({z})}}
    claimed = Eq(phi_prime(z), kinked.diff(z), evaluate=False)
    assert not shown(line("slope", claimed, "differentiated", "φ", variable=z), **context)


def test_the_slope_of_the_sigmoid_is_derived():
    context = {"assumptions": {"φ": Eq(phi(z), logistic(z), evaluate=False)}, "every": {"φ": frozenset({z})}}
    for value, holds in (
        (exp(-z) / (1 + exp(-z)) ** 2, True),
        (logistic(z) * (1 - logistic(z)), True),
        (logistic(z), False),
    ):
        says = Eq(phi_prime(z), value, evaluate=False)
        assert shown(line("slope", says, "differentiated", "φ", variable=z), **context) is holds


def test_a_slope_above_zero_needs_every_entry_above_zero():
    i = Symbol("i", integer=True, nonnegative=True)
    above = Gt(MatrixElement(a[t], i, 0), 0, evaluate=False)
    part = Implies(z > 0, SLOPE, evaluate=False)
    last = line("ones", ONES, "elementwise", "part", "above", variable=z, of=a[t], row=i)
    context = {
        "assumptions": {"part": part, "above": above},
        "every": {"part": frozenset({z}), "above": frozenset({i})},
    }
    assert shown(last, **context)
    assert not shown(last, **context | {"every": {"part": frozenset({z})}})
    one_entry = {"part": part, "above": Gt(MatrixElement(a[t], 0, 0), 0, evaluate=False)}
    assert not shown(last, **context | {"assumptions": one_entry})
    below = {"part": part, "above": Gt(0, MatrixElement(a[t], i, 0), evaluate=False)}
    assert not shown(last, **context | {"assumptions": below})


def test_the_condition_of_a_derivative_is_kept():
    known = Implies(z > 0, LINEAR, evaluate=False)
    context = {"assumptions": {"part": known}, "every": {"part": frozenset({z})}}
    kept = Implies(z > 0, SLOPE, evaluate=False)
    assert shown(line("slope", kept, "differentiated", "part", variable=z), **context)
    assert not shown(line("slope", SLOPE, "differentiated", "part", variable=z), **context)
    closed = {"assumptions": {"part": Implies(z >= 0, LINEAR, evaluate=False)}, "every": {"part": frozenset({z})}}
    at_the_end = Implies(z >= 0, SLOPE, evaluate=False)
    assert not shown(line("slope", at_the_end, "differentiated", "part", variable=z), **closed)


def test_taylor_needs_the_curvature_everywhere():
    bound = Le(Abs(phi_second(z)), 3, evaluate=False)
    step = W * h[t]
    remainder = (a[t] + step).applyfunc(phi) - a[t].applyfunc(phi) - DiagMatrix(a[t].applyfunc(phi_prime)) * step
    given = {"function": phi, "at": a[t], "step": step, "variable": z}
    every = {"every": {"bend": frozenset({z})}, "assumptions": {"bend": bound}}
    for factor, holds in ((Rational(3, 2), True), (Rational(3, 4), False)):
        says = Le(EuclideanNorm(remainder), factor * EuclideanNorm(step) ** 2, evaluate=False)
        assert shown(line("Taylor", says, "Taylor", "bend", **given), **every) is holds
        assert not shown(line("Taylor", says, "Taylor", "bend", **given), assumptions={"bend": bound})


def by_similarity(conclusion, *, new="B"):
    B, C = MatrixSymbol(new, n, n), MatrixSymbol("C", n, n)
    return (
        line("inverse", Eq(B * C, Identity(n), evaluate=False), "supposition"),
        line("shown", conclusion, "matrix algebra", "inverse"),
        line(
            "there",
            conclusion,
            "there is",
            "above",
            "shown",
            fact="a similarity close to the spectral radius",
            of={"X": A, "bound": Integer(2)},
            new={"basis": B, "inverse": C},
        ),
    )


def test_what_exists_may_not_be_spoken_of_afterwards():
    above = {"assumptions": {"above": Gt(2, SpectralRadius(A), evaluate=False)}}
    B, C = MatrixSymbol("B", n, n), MatrixSymbol("C", n, n)
    assert shown(*by_similarity(Eq(A, A, evaluate=False)), **above)
    assert not shown(*by_similarity(Eq(A * B * C, A, evaluate=False)), **above)
    assert not shown(*by_similarity(Eq(A, A, evaluate=False), new="A"), **above)
    assert not shown(*by_similarity(Eq(A, A, evaluate=False), new="W"), **above)  # nets depend on W by name
    assert not shown(
        *by_similarity(Eq(A, A, evaluate=False)), assumptions={"above": Gt(3, SpectralRadius(A), evaluate=False)}
    )


def test_jacobians_compose_through_a_time_between():
    i = Symbol("i", integer=True)
    whole = Eq(StateJacobian(t, k), StateJacobian(t, i) * StateJacobian(i, k), evaluate=False)
    between = (Le(0, k), Le(k, i), Le(i, t))
    assert shown(line("all", whole, "composition"), ranges=between)
    assert not shown(line("all", whole, "composition"), ranges=between[:2])
    turned = Eq(StateJacobian(t, k), StateJacobian(i, k) * StateJacobian(t, i), evaluate=False)
    assert not shown(line("all", turned, "composition"), ranges=between)
    assert not shown(line("one", Eq(StateJacobian(t, k), Identity(n), evaluate=False), "composition"), ranges=between)


def test_terms_may_suppose_that_the_index_is_within_the_limits_and_no_more():
    i = Symbol("i", integer=True)

    def sums(*limits):
        step = StateJacobian(t + 1, i)
        product = DiagMatrix(a[t + 1].applyfunc(phi_prime)) * W * StateJacobian(t, i)
        return (
            line("within", And(Le(1, i), Le(i, t)), "supposition"),
            line("term", Eq(step, product, evaluate=False), "chain rule", "within"),
            line(
                "sums",
                Eq(TimeSum(step, (i, *limits)), TimeSum(product, (i, *limits)), evaluate=False),
                "term by term",
                "term",
            ),
        )

    assert shown(*sums(1, t))
    assert not shown(*sums(0, t))
    assert not shown(*sums(1, t + 1))


def test_an_index_that_is_declared_positive_is_so_within_the_limits():
    i = Symbol("i", integer=True, positive=True)
    term = Eq(Identity(n), StateJacobian(i, i), evaluate=False)
    context = {"definitions": {"term": term}}
    for lower, holds in ((1, True), (0, False)):
        says = Eq(TimeSum(term.lhs, (i, lower, t)), TimeSum(term.rhs, (i, lower, t)), evaluate=False)
        assert shown(line("sums", says, "term by term", "term"), **context) is holds


def test_ones_times_a_column_is_no_column_of_ones():
    assert not same(DiagMatrix(OneMatrix(n, n) * b) * W, W)
    assert same(DiagMatrix(OneMatrix(n, 1)) * W, W)


def test_an_implication_is_not_its_converse():
    forth = Implies(Le(k, t), Le(0, k), evaluate=False)
    back = Implies(Le(0, k), Le(k, t), evaluate=False)
    context = {"assumptions": {"forth": forth}, "every": {"forth": frozenset({k, t})}}
    assert shown(line("same", forth, "instance", "forth", at={}), **context)
    assert not shown(line("back", back, "instance", "forth", at={}), **context)


def test_induction_does_not_rest_on_what_is_assumed_of_one_value_of_the_index():
    """Supposing s ≥ 5 of one s, s ≠ 5 would be "shown" for s = 0 and from s to s + 1."""
    lines = (
        line("start", Ne(0, 5, evaluate=False), "real arithmetic"),
        line("step", Ne(s + 1, 5, evaluate=False), "real arithmetic", "large"),
        line("all", Ne(s, 5, evaluate=False), "induction", "start", "step", index=s),
    )
    large, rate = {"large": Ge(s, 5, evaluate=False)}, Symbol("q", positive=True)
    assert shown(*lines[:2], assumptions=large)
    assert not shown(*lines, assumptions=large)
    grown = (
        line("start", Ge(rate**0, 1, evaluate=False), "real arithmetic"),
        line("hypothesis", Ge(rate**s, 1, evaluate=False), "supposition"),
        line("step", Ge(rate ** (s + 1), 1, evaluate=False), "real arithmetic", "rate", "hypothesis"),
        line("all", Ge(rate**s, 1, evaluate=False), "induction", "start", "step", index=s),
    )
    assert shown(*grown, assumptions={"rate": Ge(rate, 1, evaluate=False)})


def test_a_theorem_is_cited_within_its_ranges_and_for_all_that_it_assumes():
    says = Le(SpectralNorm(StateJacobian(t, t - 1)), 2, evaluate=False)
    assumed = Le(LargestEntry(a[t]), 1, evaluate=False)
    cited = {"step": Cited(says=says, assumes=((assumed, frozenset({t})),), ranges=(Le(1, t),))}
    last = line("step 3", says.xreplace({t: Integer(3)}), "theorem", "small", id="step", at={t: Integer(3)})
    everywhere = {"assumptions": {"small": assumed}, "every": {"small": frozenset({t})}, "theorems": cited}
    assert shown(last, **everywhere)
    assert not shown(last, **everywhere | {"every": {}})
    early = line("step 0", says.xreplace({t: Integer(0)}), "theorem", "small", id="step", at={t: Integer(0)})
    assert not shown(early, **everywhere)
    at_three = {"small": assumed.xreplace({t: Integer(3)})}
    assert not shown(last, assumptions=at_three, theorems=cited)


def test_a_limit_needs_its_variable_to_grow_without_end():
    lines = (
        line("bound", Le(SpectralNorm(A), Rational(1, 2) ** s, evaluate=False), "part", "small"),
        line("above", Ge(SpectralNorm(A), 0, evaluate=False), "real arithmetic"),
        line("rate", Ge(Rational(1, 2), 0, evaluate=False), "real arithmetic"),
        line("below 1", Lt(Rational(1, 2), 1, evaluate=False), "real arithmetic"),
        line(
            "vanish",
            Eq(Limit(Rational(1, 2) ** s, s, oo), 0, evaluate=False),
            "fact",
            "rate",
            "below 1",
            fact="powers below 1 vanish",
            of={"q": Rational(1, 2), "x": s},
        ),
        line(
            "limit",
            Eq(Limit(SpectralNorm(A), s, oo), 0, evaluate=False),
            "squeeze",
            "above",
            "bound",
            "vanish",
            variable=s,
        ),
    )
    context = {"assumptions": {"small": lines[0].says}, "every": {"small": frozenset({s})}}
    assert shown(*lines, **context)
    assert not shown(*lines, ranges=(Le(s, 5),), **context)
    assert shown(*lines, ranges=(Le(5, s),), **context)
