"""Counting what a gradient costs: the multiplications of derived equations, as polynomials in the sizes.

A multiply-add counts as one, and so does adding a number to a gradient that no product led to. Activations, slopes and
the loss, which both passes share, are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

from sympy import Expr, Max, Symbol, sympify
from sympy.matrices.expressions import HadamardProduct, MatMul, MatrixSymbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from theory.arithmetic import Floats
from theory.cells import ELMAN, Cell
from theory.notation import T, V, W, a, g, m, n, p, t

FORWARD, BPTT, RTRL = (Symbol(name) for name in ("forward", "BPTT", "RTRL"))


class Operations(Expr):  # type: ignore[misc]
    """``C_method(T)``, the multiplications of a method for one sequence of T steps."""

    is_commutative = True
    is_integer = True
    is_positive = True

    def __new__(cls, method: Any, steps: Any) -> Operations:
        """One of FORWARD, BPTT and RTRL, and the number of steps."""
        return super().__new__(cls, method, sympify(steps))  # type: ignore[no-any-return]

    @property
    def steps(self) -> Any:
        """The horizon."""
        return self.args[1]

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        name = rf"C_{{\text{{{self.args[0].name}}}}}\left({printer._print(self.args[1])}\right)"
        return f"{name}^{{{exp}}}" if exp else name


def multiplications(expression: MatrixExpr) -> Any:
    """Those of evaluating an expression once, products from the right."""
    inside = sum(multiplications(arg) for arg in expression.args if isinstance(arg, MatrixExpr))
    rows, columns = expression.shape
    if isinstance(expression, MatMul):
        _, factors = expression.as_coeff_matrices()
        return inside + sum(factor.shape[0] * factor.shape[1] * columns for factor in factors[:-1])
    if isinstance(expression, HadamardProduct):
        return inside + (len(expression.args) - 1) * rows * columns
    return inside


@cache
def per_step(method: Symbol, cell: Cell = ELMAN) -> Any:
    """The multiplications of one step of a method, from the equations of the cell and those derived from them."""
    run = sum(multiplications(rhs) for _, rhs in cell.equations)
    if method == FORWARD:
        return run.expand()
    derived = cell.adjoint.gradients
    added = {q: Max(multiplications(e), q.shape[0] * q.shape[1]) for q, e in derived.items()}
    if method == BPTT:
        back = sum(multiplications(local) + multiplications(carried) for _, local, carried in cell.adjoint.backward)
        return (run + back + sum(added.values())).expand()
    outputs = sum(number for q, number in added.items() if q.name in ("V", "c"))
    entries = sum(q.shape[0] * q.shape[1] for q in derived if q.name not in ("V", "c")) + n  # those of h_0 as well
    S = MatrixSymbol("S", n, entries)
    slopes = n * entries  # a row of S for each slope
    asked = V.T * g[t]
    carried = multiplications(W * S) + slopes + multiplications(S.T * a[t]) + multiplications(asked)
    return (run + carried + outputs).expand()


def formula(operations: Operations) -> Any:
    """``C_method(T)`` as a polynomial in the sizes."""
    return per_step(operations.args[0]) * operations.steps


@dataclass(frozen=True)
class Counting(Floats):
    """Floats that count the multiplications asked of them, a step at a time."""

    done: list[int] = field(default_factory=list)
    name: ClassVar[str] = "counted floats"
    batches: ClassVar[bool] = False

    def matmul(self, left: Any, right: Any) -> Any:
        """Counted."""
        self.done.append(left.shape[-2] * left.shape[-1] * right.shape[-1])
        return super().matmul(left, right)

    def hadamard(self, left: Any, right: Any) -> Any:
        """Counted."""
        self.done.append(left.size)
        return super().hadamard(left, right)


@dataclass(frozen=True)
class Sizes:
    """Units, inputs, outputs and steps."""

    units: int
    inputs: int
    outputs: int
    steps: int

    def substituted(self, expression: Any) -> Any:
        """The expression at these sizes."""
        return expression.subs({n: self.units, m: self.inputs, p: self.outputs, T: self.steps})
