"""Propositions that are written alike, values put for symbols, and the rule of equals for equals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import (
    And,
    Basic,
    Derivative,
    Dummy,
    Eq,
    Lambda,
    Limit,
    Or,
    sympify,
)
from sympy.core.relational import Relational
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.nodes import (
    Contribution,
    CopyGradient,
    DirectJacobian,
    Gradient,
    InFloats,
    LossGradient,
    Sensitivity,
    StateJacobian,
    StepLossGradient,
    TruncatedGradient,
)
from backproof.theory.proving.kernel import Frame, Granted, Line, Premises, Proposition, rule
from backproof.theory.proving.normal_form import matrix_form, same, scalar_form

_NUMBER = Dummy("z", real=True)

BY_NAME = (
    Contribution,
    CopyGradient,
    Derivative,
    DirectJacobian,
    Gradient,
    InFloats,
    Limit,
    LossGradient,
    Sensitivity,
    StateJacobian,
    StepLossGradient,
    TruncatedGradient,
)
"""Nodes that depend on more than the values of their arguments: on what a derivative is taken by, or a limit runs over,
or on how a formula is written."""


def alike(left: Proposition, right: Proposition) -> bool:
    """Whether two propositions are written alike up to the normal form of their sides."""
    if left == right:
        return True
    if type(left) is not type(right) or len(left.args) != len(right.args):
        return False
    if isinstance(left, Relational):
        return all(same(a, b) for a, b in zip(left.args, right.args, strict=True))
    if isinstance(left, And | Or):
        ours_in_theirs = all(any(alike(a, b) for b in right.args) for a in left.args)
        return ours_in_theirs and all(any(alike(a, b) for a in left.args) for b in right.args)
    return bool(left.args) and all(alike(a, b) for a, b in zip(left.args, right.args, strict=True))


def substituted(claim: Proposition, at: Any) -> Proposition:
    """A proposition with values for free symbols, relations left as they are written."""
    if isinstance(claim, Relational):  # all at once, and matrices too; no rule asks for it where a symbol is bound
        values = {symbol: sympify(value) for symbol, value in at.items()}
        return claim.func(*(side.xreplace(values) for side in claim.args), evaluate=False)
    if claim.args:
        return claim.func(*(substituted(piece, at) for piece in claim.args), evaluate=False)
    return claim


@rule("equals for equals")
def equals(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A proposition with equals put for equals: the last premise, by the equations before it."""
    *equations, claim = premises
    known: dict[Any, Any] = {}
    for equation in equations:
        if not isinstance(equation.says, Eq):
            return None
        known[equation.says.lhs] = equation.says.rhs
    caught = _binding(claim.says) | _binding(line.says)
    if any(caught & (left.free_symbols | right.free_symbols) for left, right in known.items()):
        return None
    written, normal = (
        alike(*(_replaced(says, known, form) for says in (claim.says, line.says))) for form in (_as_written, _normal)
    )
    return Granted() if written or normal else None


def _binding(claim: Any) -> frozenset[Any]:
    """What is bound somewhere that equals may be put; nodes that are not entered bind nothing there."""
    if not getattr(claim, "args", ()) or claim.is_symbol or isinstance(claim, BY_NAME):
        return frozenset()  # a matrix symbol names its sizes, and binds nothing
    inside: frozenset[Any] = frozenset().union(*(arg.free_symbols for arg in claim.args)) - claim.free_symbols
    return inside.union(*(_binding(arg) for arg in claim.args))


def _replaced(claim: Proposition, known: dict[Any, Any], form: Callable[[Any], Any]) -> Proposition:
    if isinstance(claim, Relational):
        return claim.func(*(_put(form(side), known) for side in claim.args), evaluate=False)
    return claim.func(*(_replaced(piece, known, form) for piece in claim.args), evaluate=False) if claim.args else claim


def _as_written(side: Any) -> Any:
    """Matrices as they are written, numbers in normal form."""
    return side if isinstance(side, MatrixExpr) else scalar_form(side)


def _normal(side: Any) -> Any:
    return matrix_form(side) if isinstance(side, MatrixExpr) else scalar_form(side)


def _put(side: Any, known: dict[Any, Any]) -> Any:
    """Equals put for equals, but not inside a node that speaks of its arguments by name, as a derivative does."""
    equals = {
        _named(matrix_form(left) if isinstance(left, MatrixExpr) else scalar_form(left)): right
        for left, right in known.items()
    }
    equals |= {_named(left): right for left, right in known.items()}

    def put(node: Any) -> Any:
        if node in equals:
            return equals[node]
        if not node.args or isinstance(node, BY_NAME):
            return node
        args = [put(arg) for arg in node.args]
        return node if all(a is b for a, b in zip(args, node.args, strict=True)) else node.func(*args)

    return put(_named(side))


def _named(node: Any) -> Any:
    """The same with one name for the variable of every elementwise function, so that equal ones are equal objects."""
    if not isinstance(node, Basic) or not node.args or not node.has(ElementwiseApplyFunction):
        return node
    args = [_named(arg) for arg in node.args]
    if isinstance(node, ElementwiseApplyFunction):
        return ElementwiseApplyFunction(Lambda(_NUMBER, args[0](_NUMBER)), args[1])
    return node.func(*args)
