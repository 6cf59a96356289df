"""Rules of algebra: matrices at symbolic size, entries at small sizes, ends and terms of sums over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sympy import (
    Add,
    Derivative,
    Dummy,
    Eq,
    Expr,
    Ge,
    ImmutableMatrix,
    Integer,
    Le,
    Mul,
    Pow,
    Product,
    Sum,
    Symbol,
    exp,
    groebner,
    numer,
    reduced,
    simplify,
    together,
)
from sympy.matrices.expressions import Identity, MatAdd, MatrixSymbol

from backproof.theory.arithmetic.symbolic import Symbolic
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.language.nodes import StepSum, TimeProduct, TimeSum
from backproof.theory.language.notation import At, m, n, p
from backproof.theory.proving.citing import sizes_in
from backproof.theory.proving.equality import alike
from backproof.theory.proving.indices import reaches, within
from backproof.theory.proving.kernel import Frame, Granted, Line, Premises, bound_symbols, rule
from backproof.theory.proving.normal_form import same


@rule("matrix algebra")
def matrix_algebra(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """Both sides have one normal form, each equation of the premises used from left to right."""
    if not isinstance(line.says, Eq):
        return None
    equations = [premise.says.args for premise in premises if isinstance(premise.says, Eq)]
    return Granted() if same(line.says.lhs, line.says.rhs, equations) else None


@rule("linear combination")
def linear_combination(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """An equation ``L = R`` with ``L − R = Σ X_i (l_i − r_i) Y_i``, where the premises say ``l_i = r_i``.

    ``given["factors"]``: a pair (X_i, Y_i) for each premise, matrices or numbers.
    """
    factors = line.given["factors"]
    if not all(isinstance(says, Eq) for says in (line.says, *(premise.says for premise in premises))):
        return None
    if len(factors) != len(premises) or not premises:
        return None
    left, right = line.says.args
    try:
        terms = [X * (p.says.lhs - p.says.rhs) * Y for (X, Y), p in zip(factors, premises, strict=True)]
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return Granted() if same(left - right, total) else None
    except (TypeError, ValueError):  # shapes that do not fit
        return None


@rule("transposed")
def transposed(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """An equation between matrices, both sides transposed."""
    (equation,) = premises
    if not all(isinstance(says, Eq) and says.lhs.is_Matrix for says in (line.says, equation.says)):
        return None
    return Granted() if all(same(a.T, b) for a, b in zip(equation.says.args, line.says.args, strict=True)) else None


class Entries(Environment):
    """Every matrix symbol as a matrix of fresh scalars, which no symbol of a statement can equal."""

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, MatrixSymbol | At):
            rows, columns = (self.integer(size) for size in key.shape)
            self[key] = ImmutableMatrix(rows, columns, lambda i, j: Dummy(f"{key}_{i + 1}{j + 1}", real=True))
            return self[key]
        if isinstance(key, Symbol):
            return key
        raise KeyError(f"{key} has no entries of its own")

    def function(self, function: Any) -> Any:
        """φ stays undefined."""
        return function


@rule("entry by entry")
def entry_by_entry(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """An equation in every entry, at each number of units in ``given["units"]``.

    Polynomials must lie in the ideal of what the premises' equations say of entries; without premises, entries may be
    any expressions that SymPy's simplification takes to 0. Inputs and outputs are one more than units. Where all sizes
    are numbers, the line is shown at those sizes and no units are given.
    """
    equations = [premise.says for premise in premises if isinstance(premise.says, Eq)]
    fixed = not any(sizes_in(says) for says in (line.says, *equations))
    units = (2,) if fixed else line.given["units"]
    if not isinstance(line.says, Eq) or not units or any(size < 2 for size in units):
        return None
    for size in units:
        entries = Entries({n: size, m: size + 1, p: size + 1})
        try:
            known = [e for equation in equations for e in _differences(equation, entries)]
            wanted = _differences(line.says, entries)
        except (KeyError, TypeError, ArithmeticError):
            return None
        if not all(_vanishes(entry, known) for entry in wanted):
            return None
    sizes = " and ".join(map(str, units))
    return Granted() if fixed else Granted(marks=frozenset({f"entry by entry at {sizes} units"}))


def _differences(equation: Any, entries: Entries) -> list[Expr]:
    left, right = (evaluate(side, Symbolic(), entries) for side in equation.args)
    return list(left - right) if isinstance(left, ImmutableMatrix) else [left - right]


def _vanishes(entry: Expr, known: list[Expr]) -> bool:
    if entry.expand() == 0:
        return True
    if not known:
        return bool(simplify(entry) == 0)
    symbols = sorted(entry.free_symbols.union(*(k.free_symbols for k in known)), key=str)
    top = numer(together(entry))
    basis = groebner([numer(together(k)) for k in known], *symbols, order="grevlex")
    return bool(reduced(top, list(basis.exprs), *symbols, order="grevlex")[1] == 0)


@rule("ends of a sum")
def ends(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A sum or product over times against the same with its last or first term taken out, or against an empty one."""
    if not isinstance(line.says, Eq) or premises:
        return None
    whole, rest = line.says.args
    for opened in _opened(whole, frame):
        if same(opened, rest):
            return Granted()
    return None


def _opened(whole: Any, frame: Frame) -> list[Any]:
    """What a sum or product is equal to, by one step at either end or for want of any term."""
    if isinstance(whole, Sum | Product):
        (index, lower, upper), *more = whole.limits
        body = whole.function
        rest: Callable[[Any, Any], Any] = lambda low, high: whole.func(body, (index, low, high))  # noqa: E731
        empty: Any = Integer(0) if isinstance(whole, Sum) else Integer(1)
        if more:
            return []
    elif isinstance(whole, TimeSum | StepSum | TimeProduct):
        body, index, lower, upper = whole.args[:4]
        extra = whole.args[4:]
        rest = lambda low, high: whole.func(body, index, low, high, *extra)  # noqa: E731
        empty = Identity(body.shape[0]) if isinstance(whole, TimeProduct) else 0 * body
    else:
        return []
    if bound_symbols(body) & {index, *lower.free_symbols, *upper.free_symbols}:
        return []
    if within(frame.ranges, [upper < lower]):
        return [empty]
    if not within(frame.ranges, [upper >= lower]):
        return []
    last, first = (body.subs(index, end) for end in (upper, lower))
    if isinstance(whole, Product):
        return [rest(lower, upper - 1) * last, first * rest(lower + 1, upper)]
    if isinstance(whole, TimeProduct):
        later_left = whole.args[4] != 1
        return [
            last * rest(lower, upper - 1) if later_left else rest(lower, upper - 1) * last,
            rest(lower + 1, upper) * first if later_left else first * rest(lower + 1, upper),
        ]
    return [rest(lower, upper - 1) + last, first + rest(lower + 1, upper)]


@rule("term by term")
def term_by_term(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """Sums, or products, over the same times are equal if their terms are, for every value of the index.

    Sums of numbers are also at most, or at least, what they are term by term. What is known of the terms may suppose
    that the index lies within its limits.
    """
    (known,) = premises
    if type(line.says) is not type(known.says) or not isinstance(line.says, Eq | Le | Ge):
        return None
    left, right = line.says.args
    if type(left) is not type(right) or not isinstance(left, TimeSum | StepSum | TimeProduct):
        return None
    if not isinstance(line.says, Eq) and not isinstance(left, StepSum):
        return None
    index, lower, upper = left.args[1:4]
    if left.args[1:] != right.args[1:] or not index.is_integer:
        return None
    if index in lower.free_symbols | upper.free_symbols | bound_symbols(left.args[0]) | bound_symbols(right.args[0]):
        return None
    plain = Dummy("i", integer=True)  # whatever the index is declared to be has to follow from its limits as well
    rest = [limit for limit in frame.ranges if index not in limit.free_symbols]
    inside = (*rest, Ge(plain, lower, evaluate=False), Le(plain, upper, evaluate=False))
    if index.is_nonnegative and not within(inside, [Ge(plain, 1 if index.is_positive else 0, evaluate=False)]):
        return None
    closed = {name for name, says in known.supposed.items() if within(inside, [says.xreplace({index: plain})])}
    still = replace(known, supposed={name: says for name, says in known.supposed.items() if name not in closed})
    if not reaches(frame.ranges, index, (lower, upper), known.says.free_symbols | frame.fixed((still,))):
        return None  # the terms are known within the ranges of their index alone
    terms = line.says.func(left.args[0], right.args[0], evaluate=False)
    if index in frame.fixed((still,)) or not alike(terms, known.says):
        return None
    return Granted(closes={0: frozenset(closed)})


@rule("split a sum")
def split(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A sum over times is that of its first and that of its last steps, where no step is left out or counted twice."""
    if premises or not isinstance(line.says, Eq):
        return None
    whole, both = line.says.args
    if not isinstance(whole, TimeSum | StepSum) or not isinstance(both, Add | MatAdd) or len(both.args) != 2:
        return None
    for first, last in (both.args, both.args[::-1]):
        if type(first) is type(last) is type(whole) and first.args[:2] == last.args[:2] == whole.args[:2]:
            (low, high), (start, middle), (after, end) = (part.args[2:4] for part in (whole, first, last))
            goes_on = [Eq(after, middle + 1, evaluate=False), Le(low - 1, middle), Le(middle, high)]
            if (start, end) == (low, high) and within(frame.ranges, goes_on):
                return Granted()
    return None


@rule("derivative")
def derivative(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """The derivative of a function that is smooth where it is defined, by SymPy from its definition by exponentials."""
    if not isinstance(line.says, Eq) or not isinstance(line.says.lhs, Derivative) or premises:
        return None
    written = line.says.lhs.expr.rewrite(exp)
    if not _smooth(written):
        return None
    found = written.diff(*line.says.lhs.variables)
    return Granted() if simplify(found - line.says.rhs.rewrite(exp)) == 0 else None


def _smooth(expression: Expr) -> bool:
    """Whether an expression is made of real symbols by arithmetic, integer powers and exponentials alone."""
    if isinstance(expression, Symbol):
        return bool(expression.is_real)
    if expression.is_Rational:
        return True
    if isinstance(expression, Pow) and not expression.exp.is_Integer:
        return False
    return isinstance(expression, Add | Mul | Pow | exp) and all(map(_smooth, expression.args))
