"""A cell of one's own from its equations: states, parameters, order and adjoints are read off them.

What the equations leave open is refused by name. A function is applied to a quantity; where it is applied to more, that
becomes a quantity of its own, so that every derived equation is one that a lecturer would write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from sympy import Lambda, MatrixSymbol, Symbol
from sympy.matrices.expressions import HadamardPower, MatrixExpr, hadamard_product
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from backproof.theory.evaluation.understood import obstacle
from backproof.theory.language.declared import as_declared
from backproof.theory.language.functions import logistic
from backproof.theory.language.notation import At, Sequence, check_size, m, n, t, x
from backproof.theory.language.validation import text
from backproof.theory.nets.calculus import NotDifferentiable
from backproof.theory.nets.cells import Cell, Equation

READOUT = "out"
"""The quantity that losses read: a copy of the cell's output, which may be a state as well."""


class CellError(ValueError):
    """The equations do not make a cell; the message says which, and what is missing."""


@as_declared
def cell(
    name: str,
    equations: Mapping[Any, Any],
    *,
    output: Sequence | None = None,
    given: tuple[Sequence, ...] = (),
) -> Cell:
    """A recurrent cell from the equations of one step, in any order.

    Parameters
    ----------
    name
        What the cell is called.
    equations
        Right sides by left sides: a column at t, ``h[t]``, by an expression in columns at t and at t − 1, inputs
        ``x[t]`` and matrix symbols. What is read at t − 1 is a state; matrix symbols are parameters.
    output
        What losses read, at t: ``h`` or, if there is none, the last state.
    given
        What each step is told beside x_t, read at t: masks, lengths as zeros and ones, constants of the step.

    Raises
    ------
    CellError
        If a quantity is never written, or needs itself within a step; if shapes do not fit; if a step reads another
        time than t and t − 1; if a number has no value, or two things one name; if nothing recurs; or if a function has
        no derivative or is not understood.
    TypeError
        For an argument of another kind.
    """
    text("name", name)
    own = dict(_checked(name, {lhs: _powers_applied(rhs) for lhs, rhs in equations.items()}))
    spelled = dict(_spelled_out(own))
    told = {q.base.name for q in given}
    sequences = {lhs.name: Sequence(lhs.name, lhs.shape[0]) for lhs in spelled}
    _read(name, spelled, told | {"x"})
    earlier = {q.name for rhs in spelled.values() for q in rhs.atoms(At) if q.time == t - 1}
    states = tuple(sequences[lhs.name] for lhs in own if lhs.name in earlier)
    if not states:
        raise CellError(f"{name}: nothing is read at t − 1, so nothing recurs")
    if output is not None and output[t] not in own:
        raise CellError(f"{name}: no equation writes the output {output[t]}")
    read = output or sequences.get("h", states[-1])
    readout = Sequence(READOUT, read.base.shape[0])
    written: list[Equation] = [*_in_order(name, spelled), (readout[t], read[t])]
    made = Cell(
        name=name,
        equations=tuple(written),
        states=states,
        output=readout,
        parameters=_parameters(own),
        adjoints={lhs.name: Sequence(_barred(lhs.name), lhs.shape[0]) for lhs, _ in written},
        given=given,
    )
    _named_apart(made)
    try:
        _ = made.adjoint
    except NotDifferentiable as missing:
        raise CellError(f"{name}: {missing}") from missing
    return made


@as_declared
def sigmoid(z: MatrixExpr) -> MatrixExpr:
    """``σ(z) = 1/(1 + e^{−z})``, entry by entry."""
    return z.applyfunc(logistic)


@as_declared
def affine(index: str, state: MatrixExpr, rows: Any = n) -> MatrixExpr:
    """``W state + U x_t + b``, with parameters W, U and b of this index for so many rows."""
    check_size("rows", rows)
    W, U, b = (
        MatrixSymbol(f"{letter}_{index}" if index else letter, rows, columns)
        for letter, columns in (("W", state.shape[0]), ("U", m), ("b", 1))
    )
    return W * state + U * x[t] + b


@as_declared
def times(*factors: MatrixExpr) -> MatrixExpr:
    """The product entry by entry, ``u ∘ v``; ValueError for none, and for factors of different shapes."""
    if not factors or len({factor.shape for factor in factors}) > 1:
        told = " and ".join(" by ".join(map(str, factor.shape)) for factor in factors)
        raise ValueError(f"factors must be columns of one shape, got {told or 'none'}")
    return hadamard_product(*factors)


def _checked(name: str, equations: Mapping[Any, Any]) -> Iterator[Equation]:
    """The equations, each a column at t by an expression of its shape that can be evaluated."""
    for lhs, rhs in equations.items():
        if not isinstance(lhs, At) or lhs.time != t:
            raise CellError(f"{name}: an equation gives a quantity at t, like h[t], and not {lhs}")
        if lhs.name in ("x", "y", READOUT):
            raise CellError(f"{name}: {lhs.name} is the name of inputs, targets or the readout: call it something else")
        if not isinstance(rhs, MatrixExpr) or rhs.shape != lhs.shape:
            shape = " by ".join(map(str, getattr(rhs, "shape", ()))) or "a number"
            raise CellError(f"{name}: {lhs} is {lhs.shape[0]} by {lhs.shape[1]}, and its right side {shape}")
        sizes = {size for matrix in rhs.atoms(MatrixSymbol, At) for size in matrix.shape}
        for symbol in rhs.free_symbols - {t}:
            if isinstance(symbol, Symbol) and symbol not in sizes:
                raise CellError(f"{name}: {symbol} has no value: write a number, or a 1 by 1 matrix")
        problem = obstacle(rhs)
        if problem:
            raise CellError(f"{name}: {lhs}: {problem}")
        yield lhs, rhs


def _powers_applied(rhs: Any) -> Any:
    """The same with ``u ∘ u``, which SymPy turns into a power, as a function of u."""
    v = Symbol("v")
    return (
        rhs.replace(HadamardPower, lambda base, power: base.applyfunc(Lambda(v, v**power)))
        if isinstance(rhs, MatrixExpr)
        else rhs
    )


def _named_apart(made: Cell) -> None:
    """Raise CellError if two of a cell's quantities, adjoints, parameters, first states and inputs share a name."""
    names = [lhs.name for lhs, _ in made.equations] + [q.base.name for q in (*made.adjoints.values(), *made.given)]
    names += [*(w.name for w in made.parameters), *(f"{q.base.name}0" for q in made.states)]
    names += ["x", "inputs", "upstream", "targets", "last", "lengths", "weights"]
    for one, count in Counter(names).items():
        if count > 1:
            raise CellError(f"{made.name}: {one} is the name of two things: call one of them something else")


def _read(name: str, equations: Mapping[At, MatrixExpr], told: set[str]) -> None:
    """Raise CellError for a quantity that is read and never written, or at another time."""
    known = {lhs.name for lhs in equations}
    for lhs, rhs in equations.items():
        for quantity in rhs.atoms(At):
            if quantity.time not in (t, t - 1) or (quantity.name in told and quantity.time != t):
                raise CellError(f"{name}: {lhs} reads {quantity}; a step reads inputs at t, its own at t and at t − 1")
            if quantity.name not in known | told:
                raise CellError(f"{name}: {lhs} reads {quantity}, and no equation writes {quantity.name}[t]")


def _spelled_out(given: Mapping[At, MatrixExpr]) -> Iterator[Equation]:
    """The equations with functions applied to quantities alone; what else they are applied to gets an equation."""
    taken = {q.name for lhs, rhs in given.items() for q in (lhs, *rhs.atoms(At, MatrixSymbol))}

    def simple(expression: Any, lhs: At, found: list[Equation]) -> Any:
        if not isinstance(expression, MatrixExpr) or not expression.args or isinstance(expression, At | MatrixSymbol):
            return expression
        if not isinstance(expression, ElementwiseApplyFunction):
            return expression.func(*(simple(part, lhs, found) for part in expression.args))
        inner = simple(expression.expr, lhs, found)
        if not isinstance(inner, At | MatrixSymbol):
            column = Sequence(_free(f"a_{lhs.name}", taken), inner.shape[0])[t]
            found.append((column, inner))
            inner = column
        return inner.applyfunc(expression.function)

    for lhs, rhs in given.items():
        found: list[Equation] = []
        last = simple(rhs, lhs, found)
        yield from (*found, (lhs, last))


def _free(name: str, taken: set[str]) -> str:
    """The name, or with the first number that makes it a new one."""
    number, free = 1, name
    while free in taken:
        number, free = number + 1, f"{name}{number + 1}"
    taken.add(free)
    return free


def _in_order(name: str, equations: Mapping[At, MatrixExpr]) -> list[Equation]:
    """The equations, each after what it reads at the same step."""
    needs = {lhs: [q for q in rhs.atoms(At) if q.time == t and q in equations] for lhs, rhs in equations.items()}
    try:
        return [(lhs, equations[lhs]) for lhs in TopologicalSorter(needs).static_order()]
    except CycleError as cycle:
        around = ", ".join(map(str, cycle.args[1][:-1]))
        raise CellError(f"{name}: {around} need each other within one step") from None


def _parameters(equations: Mapping[At, MatrixExpr]) -> tuple[MatrixSymbol, ...]:
    """The matrix symbols of the right sides, in the order in which they are read."""
    nodes = (node for rhs in equations.values() for node in _outside_of_quantities(rhs))
    return tuple(dict.fromkeys(node for node in nodes if isinstance(node, MatrixSymbol)))


def _outside_of_quantities(expression: Any) -> Iterator[Any]:
    yield expression
    if not isinstance(expression, At | MatrixSymbol):
        for part in expression.args:
            yield from _outside_of_quantities(part)


def _barred(name: str) -> str:
    """The name of an adjoint: h̄ of h, ā_i of a_i."""
    base, line, index = name.partition("_")
    return f"{base}bar{line}{index}"
