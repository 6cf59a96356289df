"""Rules on what exists, limits and sums: names that must be fresh, and what must be refused."""

from __future__ import annotations

from typing import Any

from sympy import (
    Abs,
    And,
    Determinant,
    Eq,
    Ge,
    Gt,
    Implies,
    Le,
    Limit,
    Lt,
    MatrixSymbol,
    Ne,
    Product,
    Rational,
    Symbol,
    log,
    oo,
)
from sympy.matrices.expressions import Identity, MatPow
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.language.nodes import (
    InFloats,
    Inner,
    SmallestModulus,
    SpectralNorm,
    SpectralRadius,
    StepSum,
)
from backproof.theory.language.notation import A, Q, W, k, n, s, t, v
from backproof.theory.language.notation import b as bias
from backproof.theory.proving.equality import alike
from backproof.theory.proving.facts.schema import are_fresh
from backproof.theory.proving.kernel import Cited, Context, Line, Proof, check, line
from backproof.theory.proving.normal_form import same
from backproof.theory.records import derivations

assert derivations.REGISTERED  # importing it enters the rules

X, Y, Z, B, P = (MatrixSymbol(name, n, n) for name in "XYZBP")
d, x, y = (MatrixSymbol(name, n, 1) for name in ("d", "x", "y"))
a, b, q, al, be = (Symbol(name, real=True) for name in ("a", "b", "q", "alpha", "beta"))
e = Symbol("e", integer=True)
i, j = (Symbol(name, integer=True, positive=True) for name in "ij")
M, D = Symbol("M", positive=True), DiagMatrix(d)


def _closes(statement: Any, *lines: Line, ranges: tuple[Any, ...] = (), **context: Any) -> bool:
    return check(Proof(lines=lines, ranges=ranges), statement, Context(**context)).closed


def _eq(left: Any, right: Any) -> Any:
    return Eq(left, right, evaluate=False)


def test_linear_combination_and_transpose() -> None:
    """Both follow from what is assumed, and with a factor or a side changed they do not."""
    assumptions = {"inverse": _eq(Y * X, Identity(n)), "image": _eq(X * v, 0 * v)}
    by, factors = ("image", "inverse"), ((Y, 1), (-1, v))
    kernel = _eq(v, 0 * v)
    assert _closes(kernel, line("kernel", kernel, "linear combination", *by, factors=factors), assumptions=assumptions)
    wrong = line("kernel", kernel, "linear combination", *by, factors=((Y, 1), (1, v)))
    assert not _closes(kernel, wrong, assumptions=assumptions)
    shapes = line("kernel", kernel, "linear combination", *by, factors=((v, 1), (-1, v)))
    assert not _closes(kernel, shapes, assumptions=assumptions)
    turned, kept = _eq(X.T * Y.T, Identity(n)), _eq(X * Y, Identity(n))
    assert _closes(turned, line("turned", turned, "transposed", "inverse"), assumptions=assumptions)
    assert not _closes(kept, line("turned", kept, "transposed", "inverse"), assumptions=assumptions)


def _adjugate(says: Any, new: Any) -> tuple[Line, ...]:
    system = _eq(new * X, Determinant(X) * Identity(n))
    kernel = line("shown", says, "linear combination", "image", "adjugate", factors=((new, 1), (-1, v)))
    closed = line("closed", says, "there is", "shown", fact="adjugate", of={"X": X}, new={"B": new})
    return line("adjugate", system, "supposition"), kernel, closed


def test_what_exists_has_a_fresh_name() -> None:
    """A name that an assumption uses, or the conclusion, is refused; so is a supposition that is not promised."""
    says, image = _eq(Determinant(X) * v, 0 * v), _eq(X * v, 0 * v)
    assert _closes(says, *_adjugate(says, B), assumptions={"image": image})
    assert not _closes(says, *_adjugate(says, X), assumptions={"image": image})
    about = _eq(B * X, Determinant(X) * Identity(n))
    named = line("shown", about, "part", "adjugate")
    closed = line("closed", about, "there is", "shown", fact="adjugate", of={"X": X}, new={"B": B})
    assert not _closes(about, line("adjugate", about, "supposition"), named, closed)
    more = _eq(B * X, Identity(n))
    stronger = line("closed", says, "there is", "part of it", fact="adjugate", of={"X": X}, new={"B": B})
    part = line(
        "part of it",
        says,
        "linear combination",
        "image",
        "too much",
        factors=((Determinant(X) * B, 1), (-Determinant(X), v)),
    )
    assert not _closes(says, line("too much", more, "supposition"), part, stronger, assumptions={"image": image})


def test_eigenvalues_have_fresh_names() -> None:
    """An eigenvalue that is declared positive, or written as an expression, is not an arbitrary one."""
    for real in (al, Symbol("alpha", positive=True), Symbol("alpha", negative=True), 2 * a):
        parts = (_eq(Q * x, real * x - be * y), _eq(Q * y, be * x + real * y))
        length, image = Inner(x, x) + Inner(y, y), Inner(Q * x, Q * x) + Inner(Q * y, Q * y)
        says = _eq(SpectralRadius(Q) ** 2, 1)
        lines = (
            line("first", parts[0], "supposition"),
            line("second", parts[1], "supposition"),
            line("vector", Gt(length, 0, evaluate=False), "supposition"),
            line("kept", _eq(image, length), "matrix algebra", "orthogonal"),
            line("grown", _eq(image, (real**2 + be**2) * length), "matrix algebra", "first", "second"),
            line("modulus", _eq(real**2 + be**2, 1), "real arithmetic", "kept", "grown", "vector"),
            line("radius", says, "every eigenvalue", "modulus", of=Q, real=real, imaginary=be, x=x, y=y),
        )
        assert _closes(says, *lines, assumptions={"orthogonal": _eq(Q.T * Q, Identity(n))}) is (real is al)


def test_limits_need_an_index_that_runs_on() -> None:
    """What is known within a range of the index, or at one value of it, bounds nothing in the limit."""
    share = M * Rational(1, 2) ** s
    bound, vanishes, says = Le(a, share, evaluate=False), _eq(Limit(share, s, oo), 0), Le(a, 0, evaluate=False)
    last = line("limit", says, "below what vanishes", "bound", "vanishes", variable=s)
    assumptions = {"bound": bound, "vanishes": vanishes}
    every = {"bound": frozenset({s})}
    assert _closes(says, last, assumptions=assumptions, every=every)
    assert not _closes(says, last, assumptions=assumptions)
    assert not _closes(says, last, assumptions=assumptions, every=every, ranges=(Le(s, k, evaluate=False),))
    smaller = Le(a, -1, evaluate=False)
    wrong = line("limit", smaller, "below what vanishes", "bound", "vanishes", variable=s)
    assert not _closes(smaller, wrong, assumptions=assumptions, every=every)


def test_sums() -> None:
    """The order of summation, logarithms of products and triangular determinants, and what is not one."""
    f, g = a**i * b**j, a**i
    double = StepSum(StepSum(f, i, 1, n), j, 1, M)
    turned, wrong = StepSum(StepSum(f, j, 1, M), i, 1, n), StepSum(StepSum(f, i, 1, M), j, 1, n)
    triangle = StepSum(StepSum(f, i, 1, j), j, 1, n)
    for right, left, good in ((turned, double, True), (wrong, double, False), (triangle, triangle, False)):
        says = _eq(left, right)
        assert _closes(says, line("order", says, "order of summation")) is good
    says = _eq(log(Abs(Product(g, (i, 1, n)))), StepSum(log(Abs(g)), i, 1, n))
    last = line("logarithm", says, "logarithm of a product", "nonzero")
    nonzero = {"nonzero": Ne(g, 0, evaluate=False)}
    assert _closes(says, last, assumptions=nonzero, every={"nonzero": frozenset({i})})
    assert not _closes(says, last, assumptions=nonzero)  # one factor only
    up, whole = Symbol("u", integer=True, nonnegative=True), Symbol("w", integer=True, positive=True)
    for index, start in ((up, 0), (up, 1), (whole, 1)):
        says = _eq(log(Abs(Product(a**index, (index, start, n)))), StepSum(log(Abs(a**index)), index, start, n))
        apart = {"nonzero": Ne(a**index, 0, evaluate=False)}
        last = line("logarithm", says, "logarithm of a product", "nonzero")
        assert _closes(says, last, assumptions=apart, every={"nonzero": frozenset({index})})
    says = _eq(log(Abs(Product(a**whole, (whole, 0, n)))), StepSum(log(Abs(a**whole)), whole, 0, n))
    apart = {"nonzero": Ne(a**whole, 0, evaluate=False)}
    last = line("logarithm", says, "logarithm of a product", "nonzero")
    assert not _closes(says, last, assumptions=apart, every={"nonzero": frozenset({whole})})  # nothing is said of 0
    says = _eq(Determinant(X), Product(X[i - 1, i - 1], (i, 1, n)))
    upper = {"upper": Implies(Gt(i, j), _eq(X[i - 1, j - 1], 0), evaluate=False)}
    last = line("triangle", says, "determinant of a triangular matrix", "upper")
    assert _closes(says, last, assumptions=upper, every={"upper": frozenset({i, j})})
    assert not _closes(says, last, assumptions=upper, every={"upper": frozenset({i})})
    below = (Le(j, 1, evaluate=False),)
    assert not _closes(says, last, assumptions=upper, every={"upper": frozenset({i, j})}, ranges=below)


def test_nested_sums_do_not_capture() -> None:
    """Σ_t Σ_k t and Σ_t Σ_k k differ."""
    assert not same(StepSum(StepSum(t, k, 1, 3), t, 1, 2), StepSum(StepSum(k, k, 1, 3), t, 1, 2))
    assert same(StepSum(StepSum(t * k, k, 1, 3), t, 1, 2), StepSum(t * StepSum(k, k, 1, 3), t, 1, 2))


def test_conjunctions_match_both_ways_and_implications_in_order() -> None:
    """A part that nothing says is not smuggled in beside two that say the same."""
    known, again, new = _eq(A * (X + Y), Z), _eq(A * X + A * Y, Z), _eq(X, Y)
    assert alike(And(known, again, evaluate=False), And(again, known, evaluate=False))
    assert not alike(And(known, again, evaluate=False), And(known, new, evaluate=False))
    assert not alike(Implies(Gt(a, 0), Gt(b, 0)), Implies(Gt(b, 0), Gt(a, 0)))


def test_induction_needs_assumptions_for_every_index() -> None:
    """From s = 1 it does not follow that s is not 1."""
    says = Ne(s, 1, evaluate=False)
    lines = (
        line("start", Ne(0, 1, evaluate=False), "real arithmetic"),
        line("step", Ne(s + 1, 1, evaluate=False), "real arithmetic", "one"),
        line("all", says, "induction", "start", "step", index=s),
    )
    found = check(Proof(lines=lines), says, Context(assumptions={"one": _eq(s, 1)}))
    assert found.obstacle is not None
    assert "line 3 does not hold by induction" in found.obstacle
    assert _closes(
        says, *lines, assumptions={"one": _eq(s, 1)}, every={"one": frozenset({s})}
    )  # from an assumption that no s meets


def test_theorems_need_what_they_assume_at_every_step() -> None:
    """A bound on one power is not one on all of them, and a theorem keeps to its ranges."""
    powers = Le(SpectralNorm(MatPow(W, s)), M, evaluate=False)
    says = Le(SpectralRadius(W), 1, evaluate=False)
    cited = {"bounded": Cited(says=says, assumes=((powers, frozenset({s})),))}
    last = line("radius", says, "theorem", "powers", id="bounded")
    assert _closes(says, last, assumptions={"powers": powers}, every={"powers": frozenset({s})}, theorems=cited)
    assert not _closes(says, last, assumptions={"powers": powers}, theorems=cited)
    later = {"later": Cited(says=Ge(t, 1, evaluate=False), ranges=(Ge(t, 1, evaluate=False),))}
    last = line("time", Ge(t, 1, evaluate=False), "theorem", id="later")
    assert not _closes(Ge(t, 1, evaluate=False), last, theorems=later)


def test_matrices_are_no_numbers_and_floats_are_read_as_written() -> None:
    """Products of matrices do not commute, and rounding is not the same for two ways to write a product."""
    says = _eq(X * Y, Y * X)
    assert not _closes(says, line("order", says, "real arithmetic"))
    assert not same(InFloats(A * (X + Y)), InFloats(A * X + A * Y))
    small = Lt(SmallestModulus(X), 0, evaluate=False)
    assert not _closes(small, line("small", small, "real arithmetic"))


def test_definitions_are_not_instances() -> None:
    """What a definition calls X is not any matrix."""
    says = _eq(Z, Y.T)
    assert not _closes(says, line("any", says, "instance", "X", at={X: Z}), definitions={"X": _eq(X, Y.T)})


def test_a_parameter_of_a_cell_is_no_arbitrary_eigenvector():
    """The equations of the cell speak of b, so that what they say of it may not pass for any vector."""
    free = MatrixSymbol("u", n, 1)
    assert are_fresh((al, be, free, y), frozenset())
    assert not are_fresh((al, be, bias, y), frozenset())
