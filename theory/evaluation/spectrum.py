"""Values of what lies in a spectrum, condition numbers, inverses; row and column sums, blocks, entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import BlockMatrix, KroneckerProduct
from sympy.matrices.expressions import Inverse
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.slice import MatrixSlice

from backproof.theory.arithmetic import Arithmetic, Undecided
from backproof.theory.evaluation.core import Evaluator, compiled, evaluator
from backproof.theory.language.nodes import Eigenvalue, SingularValue, SmallestEntry


@evaluator.register
def _singular_value(expression: SingularValue) -> Evaluator:
    matrix, index = compiled(expression.args[0]), expression.args[1]
    return lambda A, env: _place(A.singular_values(matrix(A, env)), env.integer(index))


@evaluator.register
def _eigenvalue(expression: Eigenvalue) -> Evaluator:
    matrix, index = compiled(expression.args[0]), expression.args[1]
    return lambda A, env: _place(A.real_eigenvalues(matrix(A, env)), env.integer(index))


def _place(values: Sequence[Any], index: int) -> Any:
    if index < 1:
        raise IndexError(f"singular values and eigenvalues are counted from 1, not {index}")
    if index > len(values):
        raise Undecided(f"there are {len(values)} singular values or eigenvalues, and number {index} is asked for")
    return values[index - 1]


@evaluator.register
def _smallest_entry(expression: SmallestEntry) -> Evaluator:
    inner = compiled(expression.args[0])

    def smallest(A: Arithmetic, env: Any) -> Any:
        value = inner(A, env)
        rows, columns = A.shape(value)
        most, entries = A.functions["Max"], [-A.entry(value, i, j) for i in range(rows) for j in range(columns)]
        best = entries[0]
        for entry in entries[1:]:
            best = most(best, entry)
        return -best

    return smallest


@evaluator.register
def _inverse(expression: Inverse) -> Evaluator:
    inner = compiled(expression.arg)
    return lambda A, env: A.inverse(inner(A, env))


@evaluator.register
def _element(expression: MatrixElement) -> Evaluator:
    matrix, row, column = compiled(expression.parent), expression.i, expression.j
    return lambda A, env: A.entry(matrix(A, env), env.integer(row), env.integer(column))


@evaluator.register
def _slice(expression: MatrixSlice) -> Evaluator:
    matrix, rows, columns = compiled(expression.parent), expression.rowslice, expression.colslice

    def part(A: Arithmetic, env: Any) -> Any:
        value = matrix(A, env)
        picked = [range(*(env.integer(bound) for bound in bounds)) for bounds in (rows, columns)]
        return A.matrix([[A.entry(value, i, j) for j in picked[1]] for i in picked[0]])

    return part


@evaluator.register
def _kronecker(expression: KroneckerProduct) -> Evaluator:
    factors = [compiled(arg) for arg in expression.args]

    def product(A: Arithmetic, env: Any) -> Any:
        value = factors[0](A, env)
        for factor in factors[1:]:
            value = _kronecker_product(A, value, factor(A, env))
        return value

    return product


def _kronecker_product(A: Arithmetic, left: Any, right: Any) -> Any:
    (rows, columns), (height, width) = A.shape(left), A.shape(right)
    return A.matrix(
        [
            [
                A.entry(left, i // height, j // width) * A.entry(right, i % height, j % width)
                for j in range(columns * width)
            ]
            for i in range(rows * height)
        ]
    )


@evaluator.register
def _blocks(expression: BlockMatrix) -> Evaluator:
    rows, columns = expression.blockshape
    blocks = [[compiled(expression.blocks[i, j]) for j in range(columns)] for i in range(rows)]

    def assembled(A: Arithmetic, env: Any) -> Any:
        lines: list[list[Any]] = []
        for row in blocks:
            values = [block(A, env) for block in row]
            lines.extend(
                [A.entry(value, i, j) for value in values for j in range(A.shape(value)[1])]
                for i in range(A.shape(values[0])[0])
            )
        return A.matrix(lines)

    return assembled
