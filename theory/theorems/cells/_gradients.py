"""The whole backward pass of a cell of papers and libraries as one statement, with faults of the cell as siblings."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Le, ZeroMatrix

from backproof.theory.cells import cell_of
from backproof.theory.confronting.backward_pass import of_cell
from backproof.theory.instances.cells import cell_runs
from backproof.theory.language.nodes import LossGradient
from backproof.theory.language.notation import T, t, x
from backproof.theory.language.relations import together
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.faults import faults
from backproof.theory.proving.builders import each_by_the_chain_rule
from backproof.theory.records.records import Place, Theorem

SIBLINGS = 6
"""How many faults of a cell are wrong siblings; the tests of cells plant every one of them."""


def backward_pass(cell: Cell) -> Any:
    """What is asked of each quantity of a step, of parameters, of inputs and of the states before the first step."""
    adjoint = cell.adjoint
    asked = {symbol: (local, carried) for symbol, local, carried in adjoint.backward}
    written = [lhs for lhs, _ in reversed(cell.equations) if lhs != cell.output[t]]
    says = [(q, adjoint.recursion(cell.adjoint_of(q))) for q in written]
    says += [(q, adjoint.gradient(q)) for q in cell.parameters]
    says += [(q[0], asked[cell.adjoint_of(q[t])][1].subs(t, 1)) for q in cell.states]
    if not isinstance(adjoint.inputs, ZeroMatrix):
        says.append((x[t], adjoint.inputs))
    return together(Eq(LossGradient(q), value, evaluate=False) for q, value in says)


def gradients_of(name: str, *, title: str, words: str, sources: tuple[Place, ...], examples: int = 10) -> Theorem:
    """The theorem on the gradients of a cell, by the name of its file."""
    cell = cell_of(name)
    statement = backward_pass(cell)
    planted = list(faults(cell))
    chosen = planted[:: max(len(planted) // SIBLINGS, 1)][:SIBLINGS]
    return Theorem(
        title=title,
        words=words,
        sources=sources,
        statement=statement,
        instances=cell_runs(cell),
        check=of_cell(name),
        proof=each_by_the_chain_rule(statement, ranges=(Le(1, t), Le(t, T)), cell=name),
        mutants={faulty.what: backward_pass(faulty) for faulty in chosen},
        examples=examples,
    )
