"""What holds of every entry of columns: bounds on largest entries, entry by entry, at any size.

A column that is made of others by sums, products entry by entry and functions has in each place the same number made of
theirs. So a relation between real numbers that holds for all such numbers bounds the largest entry.
"""

from __future__ import annotations

from typing import Any

from sympy import Abs, Dummy, Expr, Integer, Le, OneMatrix, ZeroMatrix, tanh
from sympy.core.function import AppliedUndef, Function
from sympy.matrices.expressions import HadamardProduct, MatAdd, MatMul
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.functions import logistic
from backproof.theory.language.nodes import LargestEntry, OpenFunction
from backproof.theory.language.relations import parts
from backproof.theory.proving.kernel import Frame, Granted, Line, Sequent, rule
from backproof.theory.proving.normal_form import matrix_form
from backproof.theory.proving.reals import Unreadable, follows

REAL = (OpenFunction, logistic, tanh)
"""Functions that give a real number for every real number."""


@rule("entrywise")
def entrywise(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """A bound on the largest entry of a column, from bounds on those of others and relations between numbers."""
    place = _Place()
    try:
        known = [place.relation(piece) for premise in premises for piece in parts(premise.says)]
        if not isinstance(line.says, Le) or not isinstance(line.says.lhs, LargestEntry):
            return None
        return Granted() if follows(known, place.relation(line.says)) else None
    except Unreadable:
        return None


class _Place:
    """One place, the same in all columns: a real variable for each column in it that is not made of others."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def relation(self, claim: Any) -> Any:
        """``max |v_i| ≤ b`` as ``|v_i| ≤ b`` at this place; other relations as they are."""
        if not isinstance(claim, Le) or not isinstance(claim.lhs, LargestEntry):
            return claim
        column = matrix_form(claim.lhs.args[0])
        if column.shape[1] != 1:
            return claim
        return Le(Abs(self.entry(column), evaluate=False), claim.rhs, evaluate=False)

    def entry(self, column: MatrixExpr) -> Expr:
        """The entry of a column at this place, in the variables."""
        if isinstance(column, OneMatrix | ZeroMatrix):
            return Integer(isinstance(column, OneMatrix))
        if isinstance(column, MatAdd):
            return sum((self.entry(arg) for arg in column.args), Integer(0))
        if isinstance(column, HadamardProduct):
            return self._product(*column.args)
        if isinstance(column, ElementwiseApplyFunction):
            return self._applied(column.function(self.entry(column.expr)))
        if isinstance(column, MatMul):
            coefficient, factors = column.as_coeff_matrices()
            first, *rest = factors
            if not rest:
                return coefficient * self.entry(first)
            if isinstance(first, DiagMatrix):
                return coefficient * self._product(first.args[0], MatMul(*rest).doit())
            return coefficient * self._variable(MatMul(*factors))
        return self._variable(column)

    def _product(self, *columns: MatrixExpr) -> Expr:
        whole: Expr = Integer(1)
        for column in columns:
            whole *= self.entry(column)
        return whole

    def _applied(self, value: Expr) -> Expr:
        """A number with each value of a function as a variable."""
        for applied in sorted(value.atoms(Function, AppliedUndef), key=lambda node: -len(str(node))):
            if not isinstance(applied, REAL):
                raise Unreadable(f"{applied} is not certainly real")
            value = value.xreplace({applied: self._variable(applied)})
        return value

    def _variable(self, key: Any) -> Any:
        return self._known.setdefault(key, Dummy("entry", real=True))
