"""How a line of a proof is checked. Every checker answers True, False or None (unknown); only True is a pass."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from sympy import (
    And,
    Eq,
    Expr,
    Function,
    Ge,
    Gt,
    ImmutableMatrix,
    Lambda,
    Le,
    Lt,
    MatrixSymbol,
    Ne,
    Sum,
    Symbol,
    ZeroMatrix,
    default_sort_key,
    expand,
    factor,
    simplify,
)
from sympy.matrices.expressions import HadamardProduct, Identity, MatAdd, MatMul, hadamard_product
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.arithmetic.symbolic import Symbolic
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.language.notation import At, m, n, p
from backproof.theory.language.relations import Verdict, all_of, negation

Checker = Callable[[Any], Verdict]


class Explicit(Environment):
    """Every matrix symbol as a matrix of scalar symbols; ``given`` fixes some (a diagonal one, say)."""

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, MatrixSymbol | At):
            rows, columns = (self.integer(size) for size in key.shape)
            name = str(key)
            value = ImmutableMatrix(rows, columns, lambda i, j: Symbol(f"{name}_{i + 1}{j + 1}", real=True))
            self[key] = value
            return value
        if isinstance(key, Symbol):
            return key
        raise KeyError(f"{key} has no componentwise value")

    def function(self, function: Any) -> Any:
        """φ stays undefined."""
        return function


def sizes(units: int) -> dict[Any, Any]:
    """N units; one input and one output more, so that a transposed rectangle cannot pass."""
    return {n: units, m: units + 1, p: units + 1}


def explicit(expression: Any, units: int, given: Mapping[Any, Any] | None = None) -> Any:
    """The expression entry by entry at a number of units, φ left undefined."""
    return evaluate(expression, Symbolic(), Explicit({**sizes(units), **(given or {})}))


def algebra(relation: Any) -> Verdict:
    """Matrix algebra at symbolic size: both sides expand to the same expression. Never answers False."""
    if not isinstance(relation, Eq):
        return None
    difference = (distributed(relation.lhs) - distributed(relation.rhs)).doit()
    return True if isinstance(difference, ZeroMatrix) or difference == 0 else None


def distributed(expression: Any) -> Any:
    """Products, matrix and Hadamard, multiplied out over sums; Hadamard factors in a fixed order."""
    if not getattr(expression, "args", ()) or not isinstance(expression, MatrixExpr):
        return expression.expand() if isinstance(expression, Expr) else expression
    if isinstance(expression, ElementwiseApplyFunction):  # SymPy gives each its own dummy variable
        z = Symbol("z")
        return ElementwiseApplyFunction(Lambda(z, expand(expression.function(z))), distributed(expression.expr))
    args = [distributed(arg) if isinstance(arg, MatrixExpr) else arg for arg in expression.args]
    rebuilt = expression.func(*args).doit()
    if isinstance(rebuilt, HadamardProduct):
        terms = [arg.args if isinstance(arg, MatAdd) else (arg,) for arg in rebuilt.args]
        return MatAdd(*(_hadamard(factors) for factors in itertools.product(*terms))).doit()
    return rebuilt.expand().doit()


def _hadamard(factors: tuple[MatrixExpr, ...]) -> MatrixExpr:
    """The product, its factors in a fixed order and their coefficients in front."""
    coefficient: Any = 1
    flat: list[MatrixExpr] = []
    for factor_ in factors:
        number, rest = factor_.as_coeff_mmul() if isinstance(factor_, MatMul) else (1, factor_)
        coefficient = coefficient * number
        flat.extend(rest.args if isinstance(rest, HadamardProduct) else (rest,))
    return coefficient * hadamard_product(*sorted(flat, key=default_sort_key))


def componentwise(*units: int, given: Callable[[int], Mapping[Any, Any]] | None = None) -> Checker:
    """Entry by entry at these numbers of units, by exact expansion; False as soon as an entry differs."""

    def check(relation: Any) -> Verdict:
        return all_of(same(relation, size) for size in units)

    def same(relation: Any, size: int) -> Verdict:
        fixed = given(size) if given else {}
        left, right = (explicit(side, size, fixed) for side in (relation.lhs, relation.rhs))
        return all_of(map(vanishes, left - right)) if left.shape == right.shape else False

    return check


def vanishes(expression: Expr) -> Verdict:
    """Whether a scalar expression is identically zero: expanded, then simplified."""
    if expand(expression) == 0:
        return True
    reduced = simplify(expression)
    if reduced == 0:
        return True
    return False if reduced.is_zero is False or reduced.is_polynomial() else None


def scalars(relation: Any) -> Verdict:
    """A scalar (in)equality, decided by SymPy's assumptions after expansion or factoring."""
    if relation in (True, False) or (relation.is_Boolean and not relation.args):
        return bool(relation)
    if isinstance(relation, And):
        return all_of([scalars(part) for part in relation.args])
    if isinstance(relation, Eq):
        return vanishes(relation.lhs - relation.rhs)
    if isinstance(relation, Ne):
        zero = simplify(relation.lhs - relation.rhs).is_zero  # at no value at all, not merely not at all values
        return negation(zero)
    if isinstance(relation, Le | Lt):
        return _sign(relation.rhs - relation.lhs, strict=isinstance(relation, Lt))
    if isinstance(relation, Ge | Gt):
        return _sign(relation.lhs - relation.rhs, strict=isinstance(relation, Gt))
    return None


def _sign(slack: Expr, strict: bool) -> Verdict:
    for form in (slack, expand(slack), factor(slack), simplify(slack)):
        known = form.is_positive if strict else form.is_nonnegative
        if known is not None:
            return bool(known)
    return None


def by_indices(expression: MatrixExpr, variable: MatrixExpr, cotangent: MatrixExpr) -> Callable[[Any], Verdict]:
    """SymPy's index calculus at symbolic size: entries are sums over symbolic ranges, derivatives Kronecker deltas.

    The checker takes ``Eq(_, claimed)``: is entry (r, s) of the claim ``∂⟨cotangent, expression⟩/∂v_rs``?
    """

    def check(relation: Any) -> Verdict:
        i, j, r, s = (Symbol(name, integer=True, nonnegative=True) for name in "ijrs")
        rows, columns = expression.shape
        pairing = Sum(cotangent[i, 0] * expression[i, 0], (i, 0, rows - 1))
        if columns != 1:
            pairing = Sum(cotangent[i, j] * expression[i, j], (i, 0, rows - 1), (j, 0, columns - 1))
        column = 0 if variable.shape[1] == 1 else s
        derived = pairing.diff(variable[r, column]).doit()
        claimed = relation.rhs[r, column]
        return True if canonical(derived) == canonical(claimed) else None

    return check


def canonical(expression: Expr) -> Expr:
    """Expanded, with bound indices numbered by nesting depth, so that equal sums look equal."""

    def number(node: Any, depth: int) -> Any:
        if isinstance(node, Sum):
            (index, low, high), *rest = node.limits
            fresh = Symbol(f"_bound{depth}", integer=True)
            inner = Sum(node.function, *rest) if rest else node.function
            return Sum(number(inner.xreplace({index: fresh}), depth + 1), (fresh, low, high))
        if isinstance(node, Expr) and node.args:
            return node.func(*(number(arg, depth) for arg in node.args))
        return node

    return number(expand(expression), 0)


EXACT = "matrix algebra, any size"


def cancelling(*pairs: tuple[Any, Any]) -> Checker:
    """Matrix algebra in which each pair of neighbouring factors makes the identity. Never answers False."""

    def reduced(expression: Any) -> Any:
        whole = distributed(expression)
        return MatAdd(*(_term(term, pairs) for term in (whole.args if isinstance(whole, MatAdd) else (whole,)))).doit()

    return lambda line: algebra(Eq(reduced(line.lhs), reduced(line.rhs), evaluate=False))


def _term(term: Any, pairs: tuple[tuple[Any, Any], ...]) -> Any:
    coefficient, factors = term.as_coeff_matrices() if isinstance(term, MatMul) else (1, [term])
    factors, place = list(factors), 0
    while place < len(factors) - 1:
        if (factors[place], factors[place + 1]) in pairs:
            del factors[place : place + 2]
            place = max(place - 1, 0)
        else:
            place += 1
    return MatMul(coefficient, *(factors or [Identity(term.shape[0])])).doit()


def undefined_in_every_entry(name: str, partials: list[Symbol]) -> Any:
    """A function of several variables of which only the values of its partial derivatives are known."""

    def fdiff(self: Any, argindex: int = 1) -> Any:
        return partials[argindex - 1]

    return type(name, (Function,), {"fdiff": fdiff, "nargs": len(partials)})
