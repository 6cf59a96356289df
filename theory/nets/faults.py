"""The faults that a cell invites, made from its equations: derived backward passes with one thing wrong in them.

Each is the cell with another adjoint. Forward it is the same; backward one share of an adjoint is dropped, not
transposed, or read at another time, one slope or factor is left out, or one summand of a gradient reads another state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from sympy import MatAdd, ZeroMatrix
from sympy.matrices.expressions import HadamardProduct, MatMul, MatrixExpr, Transpose, hadamard_product
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from backproof.theory.language.notation import At, t
from backproof.theory.language.plain import plain
from backproof.theory.nets.cells import Adjoint, Cell


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FaultyCell(Cell):
    """A cell whose backward pass has a fault; ``what`` says which."""

    what: str
    wrong: Adjoint

    @property
    def adjoint(self) -> Adjoint:
        """The backward equations, with the fault."""
        return self.wrong


def faults(cell: Cell) -> Iterator[FaultyCell]:
    """Every fault of the cell, each once."""
    right = cell.adjoint
    seen: set[tuple[Any, ...]] = set()
    for index, (symbol, local, carried) in enumerate(right.backward):
        for where, share in (("", local), (" from the step after", carried)):
            for what, changed in _changed(share, cell):
                shares = (local, changed) if where else (changed, carried)
                backward = (*right.backward[:index], (symbol, *shares), *right.backward[index + 1 :])
                if changed != share and (symbol, where, changed) not in seen:
                    seen.add((symbol, where, changed))
                    yield _faulty(cell, f"{plain(symbol)}{where}: {what}", replace(right, backward=backward))
    for parameter, summand in right.gradients.items():
        for what, changed in _changed(summand, cell):
            if changed != summand and (parameter, changed) not in seen:
                seen.add((parameter, changed))
                gradients = {**right.gradients, parameter: changed}
                yield _faulty(cell, f"∂L/∂{parameter}: {what}", replace(right, gradients=gradients))


def _faulty(cell: Cell, what: str, wrong: Adjoint) -> FaultyCell:
    own = {field.name: getattr(cell, field.name) for field in fields(Cell)}
    return FaultyCell(**own, what=what, wrong=wrong)


def _changed(share: MatrixExpr, cell: Cell) -> Iterator[tuple[str, MatrixExpr]]:
    """The share with one thing wrong."""
    if isinstance(share, ZeroMatrix):
        return
    terms = share.args if isinstance(share, MatAdd) else (share,)
    for term in terms:
        rest = [other for other in terms if other is not term]
        yield f"{plain(term)} dropped", MatAdd(*rest).doit() if rest else ZeroMatrix(*share.shape)
        for what, changed in _within(term, cell):
            yield what, MatAdd(*rest, changed).doit() if rest else changed


def _within(term: MatrixExpr, cell: Cell) -> Iterator[tuple[str, MatrixExpr]]:
    """A term with a transpose, a slope, a factor or a time wrong."""
    for turned in (w for w in term.atoms(Transpose) if w.shape[0] == w.shape[1] != 1):
        yield f"{plain(turned.arg)} for {plain(turned)}", term.xreplace({turned: turned.arg})
    for product in [part for part in _parts(term) if isinstance(part, HadamardProduct)]:
        for factor in product.args:
            rest = hadamard_product(*(other for other in product.args if other is not factor))
            kind = "slope" if isinstance(factor, ElementwiseApplyFunction) else "factor"
            yield f"{kind} {plain(factor)} left out", term.xreplace({product: rest})
    states = {state.base.name for state in cell.states}
    for quantity in sorted(term.atoms(At), key=str):
        if quantity.name in states:
            other = At(quantity.args[0], t if quantity.time == t - 1 else t - 1)
            yield f"{plain(other)} for {plain(quantity)}", term.xreplace({quantity: other})


def _parts(expression: Any) -> Iterator[Any]:
    yield expression
    if isinstance(expression, HadamardProduct | MatMul | MatAdd | Transpose):
        for part in expression.args:
            yield from _parts(part)
