"""Rules on entries, sums and names that are bound: what they grant, and what they must refuse."""

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
    Sum,
    Symbol,
    ZeroMatrix,
    exp,
    oo,
    sqrt,
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
from backproof.theory.proving.facts.places import entry
from backproof.theory.proving.kernel import Cited, Context, Proof, check, line
from backproof.theory.proving.reals import Unreadable, follows
from backproof.theory.records import derivations

assert derivations.REGISTERED  # the rules are in the register

G, H = MatrixSymbol("G", n, m), MatrixSymbol("H", n, m)
B = MatrixSymbol("B", n, 1)
c, e = Symbol("c", real=True), Symbol("e", real=True)
i, j, lag = (Symbol(name, integer=True, nonnegative=True) for name in ("i", "j", "l"))


def shown(lines, statement=None, ranges=(), **context):
    """Whether the kernel accepts these lines."""
    last = lines[-1].says if statement is None else statement
    return check(Proof(lines=tuple(lines), ranges=ranges), last, Context(**context)).closed


def test_a_root_of_squared_lengths_is_refused_and_can_be_named():
    """What z3 cannot read is said in words, with the traces in it; SymPy's own printing of them has no end."""
    root = sqrt(Inner(A, A) + Inner(H, H))
    assert not shown([line("root", Eq(root, EuclideanNorm(A), evaluate=False), "real arithmetic")])
    with pytest.raises(Unreadable, match=r"sqrt\(.*Trace\("):
        follows([], Eq(root, 0, evaluate=False))


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
    assert shown([line("sum", goal, "linear combination", "one", "two", factors=((1, 1), (A, 1)))], assumptions=given)
    for left in ((1, 1), (1, -A), (-1, A), (1,)):
        factors = tuple((factor, 1) for factor in left)
        assert not shown([line("sum", goal, "linear combination", "one", "two", factors=factors)], assumptions=given)


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
    whole = Symbol("q", integer=True, positive=True)
    counted = {"counted": Le(1 - whole, 0, evaluate=False)}
    at_t = [line("at", Le(1 - t, 0, evaluate=False), "instance", "counted", at={whole: t})]
    assert shown(at_t, definitions=counted, ranges=(Le(1, t),))
    assert not shown(at_t, definitions=counted, ranges=(Le(0, t),))
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
