"""From what holds of a function at every number to what holds of every entry; derivatives and Taylor's remainder."""

from __future__ import annotations

from typing import Any

from sympy import (
    Abs,
    Add,
    Dummy,
    Eq,
    Gt,
    Implies,
    Lambda,
    Le,
    Lt,
    Mul,
    Number,
    OneMatrix,
    Pow,
    Symbol,
    exp,
    preorder_traversal,
    simplify,
)
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from backproof.theory.language.nodes import DERIVATIVES, EuclideanNorm, LargestEntry, OpenFunction, phi_second
from backproof.theory.proving.equality import alike
from backproof.theory.proving.kernel import Frame, Granted, Line, Premises, Proposition, Sequent, rule


@rule("elementwise")
def elementwise(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """What holds of a function at every number holds of it in every entry of a column.

    The first premise, for every value of ``given["variable"]`` z: ``f(z) = g(z)``, or ``|f(z)| ≤ c``. The line, for the
    column X = ``given["of"]``: ``f(X) = g(X)``, or ``max |f(X)| ≤ c``. If the first premise holds under a condition on
    z, the second says the condition of the entry in row ``given["row"]``, for every row.
    """
    general, *entries = premises
    variable, X, says = line.given["variable"], line.given["of"], general.says
    if not isinstance(X, MatrixExpr) or X.shape[1] != 1 or variable in X.free_symbols:
        return None
    if variable in frame.fixed((general,)) or not _any_number(variable):
        return None
    if isinstance(says, Implies):
        condition, says = says.args
        if len(entries) != 1 or not _in_every_row(condition, variable, X, line.given["row"], entries[0], frame):
            return None
    elif entries:
        return None
    wanted: Proposition = None
    if isinstance(says, Eq):
        wanted = Eq(*(_applied(side, variable, X) for side in says.args), evaluate=False)
    elif isinstance(says, Le) and isinstance(says.lhs, Abs) and variable not in says.rhs.free_symbols:
        wanted = Le(LargestEntry(_applied(says.lhs.args[0], variable, X)), says.rhs, evaluate=False)
    return Granted() if wanted is not None and alike(wanted, line.says) else None


def _any_number(variable: Any) -> bool:
    """Whether a symbol may be any real number."""
    return isinstance(variable, Symbol) and variable.assumptions0 == Dummy(real=True).assumptions0


def _applied(side: Any, variable: Symbol, X: MatrixExpr) -> MatrixExpr:
    """A function of one number in every entry of a column."""
    if variable not in side.free_symbols:
        return side * OneMatrix(*X.shape)
    return X if side == variable else X.applyfunc(Lambda(variable, side))


def _in_every_row(
    condition: Proposition, variable: Symbol, X: MatrixExpr, row: Symbol, premise: Sequent, frame: Frame
) -> bool:
    """Whether a premise says a condition of every entry of a column."""
    named = any(row in limit.free_symbols for limit in frame.ranges)
    if named or not isinstance(row, Symbol) or row in X.free_symbols | condition.free_symbols:
        return False
    if row in frame.fixed((premise,)) or not isinstance(condition, Gt | Lt):
        return False
    entry = MatrixElement(X, row, 0)
    return bool(premise.says == condition.func(*(side.xreplace({variable: entry}) for side in condition.args)))


@rule("differentiated")
def differentiated(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """From ``φ(z) = g(z)`` for every z to ``φ′(z) = g′(z)``, φ or a derivative of it on the left; also where z > c.

    ``given["variable"]``: z. SymPy differentiates g, which has to be made of exponentials by sums, products and powers.
    """
    (known,) = premises
    variable, says, claim = line.given["variable"], known.says, line.says
    if variable in frame.fixed(premises) or not _any_number(variable):
        return None
    if isinstance(says, Implies) and isinstance(claim, Implies):
        condition, says = says.args
        interval = isinstance(condition, Gt | Lt) and condition.lhs == variable and condition.rhs.is_number
        if not interval or claim.args[0] != condition:
            return None
        claim = claim.args[1]
    if not isinstance(says, Eq) or not isinstance(claim, Eq):
        return None
    function, value = says.lhs, says.rhs.rewrite(exp)
    if not isinstance(function, OpenFunction) or function.args != (variable,) or not _smooth(value, variable):
        return None
    if function.order + 1 == len(DERIVATIVES) or claim.lhs != function.diff(variable):
        return None
    return Granted() if simplify(value.diff(variable) - claim.rhs.rewrite(exp)) == 0 else None


def _smooth(value: Any, variable: Symbol) -> bool:
    """Whether an expression is differentiable in the variable wherever it is defined."""
    built = all(
        isinstance(part, Add | Mul | Pow | exp | Number) or part == variable for part in preorder_traversal(value)
    )
    return built and all(power.exp.is_Integer or variable not in power.free_symbols for power in value.atoms(Pow))


@rule("Taylor")
def taylor(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """``‖φ(X + Y) − φ(X) − diag(φ′(X)) Y‖ ≤ c ‖Y‖²/2`` for columns X and Y, from ``|φ″(z)| ≤ c`` for every z.

    ``given``: "function" φ, "at" X, "step" Y, "variable" z. In each entry the remainder is at most c y²/2, and the root
    of Σ y⁴ is at most Σ y².
    """
    (bounded,) = premises
    function, X, Y, variable = (line.given[word] for word in ("function", "at", "step", "variable"))
    if variable in frame.fixed(premises) or not _any_number(variable):
        return None
    if X.shape != Y.shape or X.shape[1] != 1 or function is not DERIVATIVES[0]:
        return None
    bound = bounded.says
    if not isinstance(bound, Le) or bound.lhs != Abs(phi_second(variable)) or variable in bound.rhs.free_symbols:
        return None
    straight = DiagMatrix(X.applyfunc(DERIVATIVES[1])) * Y
    remainder = (X + Y).applyfunc(function) - X.applyfunc(function) - straight
    wanted = Le(EuclideanNorm(remainder), bound.rhs * EuclideanNorm(Y) ** 2 / 2, evaluate=False)
    return Granted() if alike(wanted, line.says) else None
