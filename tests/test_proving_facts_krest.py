"""Facts and rules about entries, sums, exponentials and softmax: random exact instances try to refute each."""

import random
from fractions import Fraction

import pytest
from sympy import (
    Abs,
    Derivative,
    Determinant,
    Eq,
    Ge,
    Gt,
    Implies,
    Integer,
    Le,
    Limit,
    Lt,
    MatrixSymbol,
    Max,
    Min,
    Ne,
    Rational,
    Sum,
    Symbol,
    ZeroMatrix,
    exp,
    oo,
)
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.functions import logistic, z
from backproof.theory.language.nodes import (
    Clamp,
    Contribution,
    EuclideanNorm,
    Inner,
    LargestEntry,
    SpectralNorm,
    StepLossGradient,
    phi,
    phi_prime,
)
from backproof.theory.language.notation import A, At, T, U, W, a, h, k, lam, m, n, s, t, v, x
from backproof.theory.proving.facts import FACTS
from backproof.theory.proving.facts.entries import entry
from backproof.theory.proving.kernel import Cited, Context, Proof, check, line
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
    "softmax forgets a constant alone": {"u": v, "v": lam},
    "a mean is at most the largest": {"d": v, "v": lam},
    "only 0 has length 0": {"X": G},
    "length of a multiple": {"c": c, "X": G},
    "joint length of a multiple": {"c": c, "parts": (A, B)},
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
    "softmax forgets a constant alone": lambda p, q: ((), q),
    "a mean is at most the largest": lambda p, q: (p, Ge(q.lhs, q.rhs, evaluate=False)),
    "only 0 has length 0": lambda p, q: ((), q),
    "length of a multiple": lambda p, q: (p, Eq(q.lhs, q.rhs.xreplace({Abs(c): c}), evaluate=False)),
    "joint length of a multiple": lambda p, q: (p, Eq(q.lhs, q.rhs.xreplace({Abs(c): c}), evaluate=False)),
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


def shown(lines, statement=None, ranges=(), **context):
    """Whether the kernel accepts these lines."""
    last = lines[-1].says if statement is None else statement
    return check(Proof(lines=tuple(lines), ranges=ranges), last, Context(**context)).closed


def test_entries_are_those_of_the_matrix():
    clamped = Clamp(2 * G - H, -1, 1)
    rows, other = [[1, 2], [3, 4]], [[5, 0], [-1, 1]]
    got = entry(clamped, 1, 0).xreplace({G[1, 0]: Integer(rows[1][0]), H[1, 0]: Integer(other[1][0])})
    assert got == 1 == min(max(2 * 3 + 1, -1), 1)
    assert decide(Eq(clamped, G, evaluate=False), Case({G: [[1]], H: [[9]]})) is False


ANY = Le(Abs(Min(Max(G[i, j], -1), 1)), 1, evaluate=False)
LARGEST = Le(LargestEntry(Clamp(G, -1, 1)), 1, evaluate=False)


def test_what_holds_of_any_entry_holds_of_the_largest():
    first = line("any", ANY, "real arithmetic")
    assert shown([first, line("all", LARGEST, "every entry", "any", at=(i, j))])


@pytest.mark.parametrize("place", [(i, i), (j, i), (Integer(0), j), (T, j)])
def test_an_entry_has_to_be_any_entry(place):
    only = ANY.xreplace({G[i, j]: G[place[0], place[1]]})
    ranges = () if place != (j, i) else (Le(j, 3),)
    assert not shown(
        [line("there", only, "real arithmetic"), line("all", LARGEST, "every entry", "there", at=place)], ranges=ranges
    )


def test_an_entry_that_is_assumed_of_is_not_any_entry():
    assumed = {"one": Le(Abs(G[i, j]), 1, evaluate=False)}
    all_of = line("all", Le(LargestEntry(G), 1, evaluate=False), "every entry", "one", at=(i, j))
    assert not shown([all_of], assumptions=assumed)
    assert shown([all_of], assumptions=assumed, every={"one": frozenset({i, j})})


def test_the_largest_entry_is_attained_somewhere_but_not_anywhere():
    there = Eq(Abs(G[i, j]), LargestEntry(G), evaluate=False)
    lines = [
        line("there", there, "supposition"),
        line("from 0", Ge(LargestEntry(G), 0, evaluate=False), "real arithmetic", "there"),
    ]
    close = {"of": G, "at": (i, j)}
    assert shown([*lines, line("closed", lines[1].says, "the largest entry", "from 0", **close)])
    assert not shown([lines[0], line("closed", there, "the largest entry", "there", **close)])
    fixed = {"G_ij": Eq(G[i, j], 0, evaluate=False)}
    zero = line("zero", Eq(LargestEntry(G), 0, evaluate=False), "real arithmetic", "there", "G_ij")
    assert not shown(
        [lines[0], zero, line("closed", zero.says, "the largest entry", "zero", **close)], assumptions=fixed
    )


def sums(first, last=T):
    small, large = Sum(c * 0 + t, (t, first, last)), Sum(t + 1, (t, first, last))
    return Le(small, large, evaluate=False)


def test_sums_compare_term_by_term():
    term = line("term", Le(1 + lag, 2 + lag, evaluate=False), "real arithmetic")
    assert shown([term, line("sums", sums(1), "larger term by term", "term", lag=lag)])
    assert not shown([term, line("sums", sums(2), "larger term by term", "term", lag=lag)])  # of other terms
    turned = Le(*reversed(sums(1).args), evaluate=False)
    assert not shown([term, line("sums", turned, "larger term by term", "term", lag=lag)])
    reversed_ends = line("sums", sums(1, -3), "larger term by term", "term", lag=lag)  # SymPy's is minus a sum
    assert not shown([term, reversed_ends])


def test_combinations_of_equations():
    given = {"one": Eq(A * v, lam, evaluate=False), "two": Eq(B, v, evaluate=False)}
    goal = Eq(A * B, lam, evaluate=False)
    assert shown([line("sum", goal, "combination", "one", "two", times=(1, A))], assumptions=given)
    for times in ((1, 1), (1, -A), (-1, A), (1,)):
        assert not shown([line("sum", goal, "combination", "one", "two", times=times)], assumptions=given)


def test_a_contradiction_denies_what_was_supposed():
    given = {"small": Lt(c, 0, evaluate=False)}
    supposed = line("large", Ge(c, 1, evaluate=False), "supposition")
    denied = line("from 0", Ge(c, 0, evaluate=False), "real arithmetic", "large")
    wrong = {"lt": Lt(c, 1, evaluate=False), "le": Le(c, 1, evaluate=False), "gt": Gt(c, 1, evaluate=False)}
    answers = {
        name: shown([supposed, denied, line("not", says, "contradiction", "from 0", "small")], assumptions=given)
        for name, says in wrong.items()
    }
    assert answers == {"lt": True, "le": False, "gt": False}  # the others leave the supposition open
    weaker = {"small": Le(c, 0, evaluate=False)}
    assert not shown(
        [supposed, denied, line("not", wrong["lt"], "contradiction", "from 0", "small")], assumptions=weaker
    )


def test_one_to_one_asks_for_every_slope():
    images = Eq(v.applyfunc(phi), lam.applyfunc(phi), evaluate=False)
    given = {"slope": Gt(phi_prime(z), 0, evaluate=False), "images": images}
    lines = [line("equal", Eq(v, lam, evaluate=False), "one to one", "slope", "images")]
    assert shown(lines, assumptions=given, every={"slope": frozenset({z})})
    assert not shown(lines, assumptions=given)  # the slope at one place
    flat = given | {"slope": Ge(phi_prime(z), 0, evaluate=False)}
    assert not shown(lines, assumptions=flat, every={"slope": frozenset({z})})
    positive = Symbol("z", positive=True)
    partly = given | {"slope": Gt(phi_prime(positive), 0, evaluate=False)}
    assert not shown(lines, assumptions=partly, every={"slope": frozenset({positive})})


def test_an_index_that_an_assumption_fixes_is_not_induced_on():
    given = {"five": Eq(s, 5, evaluate=False)}
    claim = Le(s, 6, evaluate=False)
    lines = [
        line("base", Le(Integer(0), 6, evaluate=False), "real arithmetic"),
        line("hypothesis", claim, "supposition"),
        line("step", Le(s + 1, 6, evaluate=False), "real arithmetic", "hypothesis", "five"),
        line("every", claim, "induction", "base", "step", index=s),
    ]
    assert not shown(lines, assumptions=given)


def test_an_index_declared_positive_is_not_induced_on():
    natural, positive = (
        [
            line("base", Ge(Integer(0), 0, evaluate=False), "real arithmetic"),
            line("step", Ge(index + 1, 0, evaluate=False), "real arithmetic"),
            line("every", Ge(index, 0, evaluate=False), "induction", "base", "step", index=index),
        ]
        for index in (s, T)
    )
    assert shown(natural)
    assert not shown(positive)  # nothing leads from 0 to 1


def test_a_limit_is_not_taken_beyond_the_range():
    lines = [
        line("above", Ge(exp(-z), 0, evaluate=False), "real arithmetic"),
        line("below", Le(exp(-z), 2 * exp(-z), evaluate=False), "real arithmetic"),
        line(
            "vanishes",
            Eq(Limit(2 * exp(-z), z, oo), 0, evaluate=False),
            "fact",
            fact="exponentials vanish",
            of={"c": Integer(2), "rate": Integer(1), "x": z, "end": oo},
        ),
        line(
            "limit", Eq(Limit(exp(-z), z, oo), 0, evaluate=False), "squeeze", "above", "below", "vanishes", variable=z
        ),
    ]
    assert shown(lines)
    assert shown(lines, ranges=(Le(0, z),))
    assert not shown(lines, ranges=(Le(z, 5),))
    assert not shown(lines, ranges=(Ge(0, z),))


def test_a_theorem_is_cited_where_it_holds():
    says = Le(SpectralNorm(h[t]), t - k, evaluate=False)
    cited = {"theorem": Cited(says=says, ranges=(Le(k, t),))}
    lines = [line("says", says, "theorem", id="theorem")]
    assert shown(lines, ranges=(Le(k, t),), theorems=cited)
    assert not shown(lines, theorems=cited)
    one = says.xreplace({k: Integer(1)}).func(SpectralNorm(h[t]), t - 1, evaluate=False)
    cite = [line("says", one, "theorem", id="theorem", at={k: Integer(1)})]
    assert shown(cite, ranges=(Le(1, t),), theorems=cited)
    assert not shown(cite, ranges=(Le(0, t),), theorems=cited)


def test_a_theorem_gets_what_it_assumes_for_every_index():
    bound = Le(LargestEntry(a[t].applyfunc(phi_prime)), c, evaluate=False)
    says = Le(SpectralNorm(W), c, evaluate=False)
    cited = {"theorem": Cited(says=says, assumes=((bound, frozenset({t})),))}
    lines = [line("says", says, "theorem", "bound", id="theorem")]
    assert shown(lines, theorems=cited, assumptions={"bound": bound}, every={"bound": frozenset({t})})
    assert not shown(lines, theorems=cited, assumptions={"bound": bound})
    once = Le(LargestEntry(a[5].applyfunc(phi_prime)), c, evaluate=False)
    at_five = [line("says", says, "theorem", "bound", id="theorem", at={t: Integer(5)})]
    assert not shown(at_five, theorems=cited, assumptions={"bound": once})


def test_equals_are_not_put_where_a_name_is_bound():
    total, other = Sum(t * c, (t, 1, T)), Sum(5 * c, (t, 1, T))
    five = {"t is 5": Eq(t, 5, evaluate=False), "total": Eq(total, 1, evaluate=False)}
    assert not shown(
        [line("put", Eq(other, 1, evaluate=False), "equals for equals", "t is 5", "total")], assumptions=five
    )
    slope = Derivative(logistic(z), z)
    whole = {"slope": Eq(slope, c, evaluate=False), "c": Ge(c, 0, evaluate=False)}
    assert shown([line("put", Ge(slope, 0, evaluate=False), "equals for equals", "slope", "c")], assumptions=whole)


@pytest.mark.parametrize("kinked", [Abs(z), Max(z, 0)])
def test_no_slope_is_found_by_formula_where_there_is_a_kink(kinked):
    assert not shown([line("slope", Eq(Derivative(kinked, z), kinked.diff(z), evaluate=False), "derivative")])
    smooth = z**3 * exp(-z)
    assert shown([line("slope", Eq(Derivative(smooth, z), smooth.diff(z), evaluate=False), "derivative")])


def test_the_loss_of_a_late_step_stays_that_of_the_late_step():
    arriving = StepLossGradient(h[1], t)
    says = Eq(Contribution(U, t, 1), DiagMatrix(a[1].applyfunc(phi_prime)) * arriving * x[1].T, evaluate=False)
    wrong = says.func(says.lhs, says.rhs.xreplace({arriving: StepLossGradient(h[1], 1)}), evaluate=False)
    assert shown([line("term", says, "chain rule")], ranges=(Le(1, t),))
    assert not shown([line("term", wrong, "chain rule")], ranges=(Le(1, t),))


def test_an_instance_keeps_to_the_sign_of_its_symbol():
    general = {"general": Le(lag - 1, lag, evaluate=False)}
    negative = Symbol("q", integer=True, negative=True)
    below = {"below": Lt(negative, 0, evaluate=False)}
    assert shown([line("at", Le(T - 1, T, evaluate=False), "instance", "general", at={lag: T})], definitions=general)
    assert not shown(
        [line("at", Le(t - 1, t, evaluate=False), "instance", "general", at={lag: t})], definitions=general
    )
    assert not shown([line("at", Lt(T, 0, evaluate=False), "instance", "below", at={negative: T})], definitions=below)
    later = lambda time: Implies(  # noqa: E731
        Ge(time, 2, evaluate=False), Eq(At(v, time), At(lam, time), evaluate=False), evaluate=False
    )
    any_time = {"any": later(t)}
    assert shown([line("at", later(t - T), "instance", "any", at={t: t - T})], definitions=any_time)


def test_products_and_exponents_are_read_as_what_they_are():
    grows = {"q": Ge(c**s, 2, evaluate=False)}
    assert shown([line("square", Ge(c ** (2 * s), 4, evaluate=False), "real arithmetic", "q")], assumptions=grows)
    assert not shown([line("square", Ge(c ** (2 * s), 5, evaluate=False), "real arithmetic", "q")], assumptions=grows)
    assert shown([line("one", Eq(exp(z) * 2 / exp(z), 2, evaluate=False), "real arithmetic")])
    both = Le(1 / (1 + exp(z)) + 1 / (1 + exp(-z)), 1, evaluate=False)
    assert shown([line("one", both, "real arithmetic")])
    assert not shown([line("less", Lt(*both.args, evaluate=False), "real arithmetic")])
    length = {"G": Eq(Inner(G, G), 4, evaluate=False)}
    assert shown([line("2", Eq(EuclideanNorm(G), 2, evaluate=False), "real arithmetic", "G")], assumptions=length)
    assert not shown([line("3", Eq(EuclideanNorm(G), 3, evaluate=False), "real arithmetic", "G")], assumptions=length)


def test_a_determinant_speaks_of_square_matrices():
    zero = Eq(G * MatrixSymbol("u", m, 1), ZeroMatrix(n, 1), evaluate=False)
    given = {"det": Ne(Determinant(A), 0, evaluate=False), "zero": zero}
    says = Eq(MatrixSymbol("u", m, 1), ZeroMatrix(m, 1), evaluate=False)
    of = {"X": G, "v": MatrixSymbol("u", m, 1)}
    rejected = [line("0", says, "fact", "det", "zero", fact="a determinant that is not 0", of=of)]
    assert not shown(rejected, assumptions=given)
