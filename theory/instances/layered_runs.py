"""Several runs of nets of layers as one instance, and their gradients by forward differentiation of the loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from flint import ctx
from hypothesis import strategies as st
from sympy import Indexed, MatrixSymbol, Symbol

from backproof.theory.arithmetic import Arithmetic, Duals
from backproof.theory.cells import cell_of
from backproof.theory.evaluation import Environment
from backproof.theory.instances.strategies import arrays
from backproof.theory.language.display import Displayed, column, count, matrix
from backproof.theory.language.nodes import RunGradient
from backproof.theory.language.notation import At, m, t
from backproof.theory.language.written import call
from backproof.theory.nets.building import recurrent
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layered_passes import Pass
from backproof.theory.nets.layers import Layers, layers

theta = MatrixSymbol("theta", Symbol("P"), 1)
i, L_i, B = (Symbol(name, integer=True) for name in ("i", "L_i", "B"))
"""The number of a sequence, its length, and how many there are."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Runs(Displayed):
    """Runs by the symbols that a statement has for them; an indexed one has a run for each number from 1 on.

    The first is the run whose sequences and steps are meant. A run of which some array depends on the arithmetic, as a
    state that another run ends in, is a function of it. ``values`` are integers by their symbols.
    """

    runs: Mapping[Any, Any]
    values: Mapping[Symbol, int] = field(default_factory=dict)
    known: dict[Any, Any] = field(default_factory=dict)

    @property
    def main(self) -> Layered:
        """The first run."""
        return next(iter(self.runs.values()))  # type: ignore[no-any-return]

    @property
    def in_words(self) -> str:
        """What is run, and the sizes of the first run."""
        main = self.main
        sizes = [count(main.steps, "step"), *([count(main.batch, "sequence")] if main.batch > 1 else [])]
        return f"{main.of.name}, {count(len(self.runs), 'run')}: {', '.join(sizes)}"

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """The parameters of the first run."""
        arrays = [self.main.arrays[name] for name in self.main.parameters]
        names = [name.replace("_", r"\_") for name in self.main.parameters]
        written = [matrix(array) if array.ndim == 2 else column(array) for array in arrays]
        return tuple(rf"\mathtt{{{name}}} = {value}" for name, value in zip(names, written, strict=True))

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """An environment for every sequence and step that the statement leaves free."""
        free, main = statement.free_symbols, self.main
        for row in range(1, main.batch + 1) if free & {i, L_i} else [None]:
            for step in range(1, main.steps + 1) if t in free else [None]:
                here = _Named({**self.values, B: main.batch, m: main.inputs.shape[2]})
                here.instance, here.arithmetic = self, arithmetic
                if row is not None:
                    here |= {i: row, L_i: int(main.lengths[row - 1])}
                if step is not None:
                    here[t] = step
                yield here

    def run(self, name: Any, arithmetic: Arithmetic, environment: Environment) -> Layered:
        """The run of a name, at the number that it has in an environment.

        Raises
        ------
        KeyError
            If there is none of that number.
        """
        if isinstance(name, Indexed):
            number = environment.integer(name.indices[0])
            if not 1 <= number <= len(self.runs[name.base]):
                raise KeyError(f"{name}: there is no run of number {number}")
            return self.runs[name.base][number - 1]  # type: ignore[no-any-return]
        found = self.runs[name]
        made: Layered = self.once((name, *_kind(arithmetic)), lambda: found(arithmetic)) if callable(found) else found
        return made

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What is made, and made once for a key."""
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def gradient(self, node: RunGradient, arithmetic: Arithmetic, environment: Environment) -> Any:
        """``∂L/∂q`` as a column, an entry at a time."""
        quantity, name, *row = node.args
        run = self.run(name, arithmetic, environment)
        rows = [environment.integer(row[0]) - 1] if row else list(range(run.batch))
        places = places_of(run, quantity, environment)
        if not all(0 <= row < run.batch for row in rows):
            raise KeyError(f"{node}: there is no such sequence")
        key = id(run), tuple(place for place, _ in places), tuple(rows), *_kind(arithmetic)
        return self.once(key, lambda: _defined(run, places, rows, arithmetic))

    def column(self, node: RunGradient, run: Layered, environment: Environment) -> Callable[[Mapping[str, Any]], Any]:
        """How the column of a gradient is read off arrays by name, in their shapes."""
        quantity, _, *row = node.args
        places: list[Any] = [place for place, _ in places_of(run, quantity, environment)]
        index = environment.integer(row[0]) - 1 if row else 0

        def read(found: Mapping[str, Any]) -> Any:
            if places[0][0] == "x":
                return np.asarray(found["inputs"])[places[0][1] - 1, index][:, None]
            each = [np.asarray(found[name])[() if time is None else index] for name, time in places]
            return np.concatenate([np.ravel(one) for one in each])[:, None]

        return read

    def __repr__(self) -> str:
        """The runs whose arrays are numbers, and the values."""
        told = {str(name): run for name, run in self.runs.items() if isinstance(run, Layered)}
        return call("Runs", **told, **{str(symbol): value for symbol, value in self.values.items()})


class _Named(Environment):
    """An environment that knows the gradients of the runs of an instance."""

    instance: Runs
    arithmetic: Arithmetic

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, RunGradient):
            return self.instance.gradient(key, self.arithmetic, self)
        raise KeyError(f"{key} has no value here")

    def copy(self) -> _Named:
        """A copy that shares the instance."""
        twin = _Named(self, self.activation)
        twin.instance, twin.arithmetic = self.instance, self.arithmetic
        return twin


Place = tuple[tuple[str, int | None], tuple[int, int]]


def places_of(run: Layered, quantity: Any, environment: Environment) -> list[Place]:
    """The arrays that a quantity is made of, one below the other, as places of seeds with their shapes.

    What follows in its name is the end of the names that are meant, as "_l0" or "_reverse"; "_forward" are those of
    first directions.

    Raises
    ------
    KeyError
        For a step that the run does not have.
    """
    name, _, kind = quantity.name.partition("_")
    if name == "x":
        time = environment.integer(quantity.time)
        if not 1 <= time <= run.steps:
            raise KeyError(f"{quantity}: there is no step {time}")
        return [(("x", time), (run.inputs.shape[2], 1))]
    states = isinstance(quantity, At)
    if states and environment.integer(quantity.time) != 0:
        raise KeyError(f"{quantity}: of states the first alone are asked for")
    named = [own for own in run.arrays if own not in run.parameters] if states else list(run.parameters)
    if kind:
        named = [own for own in named if own.endswith(f"_{kind}") or (kind == "forward" and own[-1].isdigit())]
    shapes = [np.shape(run.arrays[own]) for own in named]
    return [
        ((own, 0 if states else None), (shape[-1], 1) if states or len(shape) == 1 else (shape[0], shape[1]))
        for own, shape in zip(named, shapes, strict=True)
    ]


def _defined(run: Layered, places: list[Place], rows: list[int], A: Arithmetic) -> Any:
    """The derivatives of the loss of some sequences along each entry of the places, one below the other."""
    found = []
    for place, (height, width) in places:
        for entry in product(range(height), range(width)):
            unit = A.matrix([[int((r, c) == entry) for c in range(width)] for r in range(height)])
            tangents = [Pass(run, row, Duals(A), {place: unit}).loss().tangent for row in rows]
            found.append(A.sum_time([A.zeros(1, 1) if one is None else one for one in tangents]))
    return A.matrix([[A.entry(value, 0, 0)] for value in found])


def first_states(run: Layered, arithmetic: Arithmetic) -> dict[str, list[Any]]:
    """``∂L/∂`` of each first state by its name, a column for each sequence."""
    found = {}
    for name in (own for own in run.arrays if own not in run.parameters):
        place = (name, 0), (np.shape(run.arrays[name])[-1], 1)
        found[name] = [_defined(run, [place], [row], arithmetic) for row in range(run.batch)]
    return found


def columns_read(run: Layered, arithmetic: Arithmetic) -> list[list[Any]]:
    """``∂L/∂x_t`` of each sequence by its step, as columns: [t][i]."""
    shape = run.inputs.shape[2], 1
    steps = range(1, run.steps + 1)
    return [[_defined(run, [(("x", s), shape)], [row], arithmetic) for row in range(run.batch)] for s in steps]


def _kind(arithmetic: Arithmetic) -> tuple[type, int]:
    return type(arithmetic), int(ctx.prec)


@lru_cache(maxsize=64)
def stack(*cells: tuple[str, ...], lengths: bool = False, dropout: bool = False) -> Layers:
    """Layers of cells by the names of their files, each of one direction or two."""
    name = " on ".join(" and ".join(layer) for layer in reversed(cells))
    return layers(*(tuple(map(cell_of, layer)) for layer in cells), name=name, lengths=lengths, dropout=dropout)


@st.composite
def layered_runs(draw: Any, of: Layers, *, steps: tuple[int, int] = (1, 3), batch: tuple[int, int] = (1, 2)) -> Layered:
    """A run of a net, of 1 or 2 units of each size and a step of as many inputs; masks are 0 or 2."""
    T, B, width = draw(st.integers(*steps)), draw(st.integers(*batch)), draw(st.integers(1, 2))
    widths, last = [width], {}
    given: dict[str, Any] = {}
    for node in of.nodes[1:]:
        read = [widths[reading.source] for reading in node.reads]
        given |= {one.mask: 2 * _bits(draw, T, B, widths[one.source]) for one in node.reads if one.mask}
        widths.append(sum(read) if node.beside else read[0])
        if node.cell is None:
            continue
        cell = node.cell
        sizes = {m: widths[-1]}
        for symbol in (s for w in (*cell.parameters, *(q.base for q in cell.states)) for s in w.shape):
            if isinstance(symbol, Symbol) and symbol not in sizes:
                sizes[symbol] = draw(st.integers(1, 2))
        for own, w in cell.symbols.items():
            rows, columns = (int(size.subs(sizes)) for size in w.shape)
            given[node.names[own]] = draw(arrays(rows) if w.shape[1] == 1 else arrays(rows, columns))
        for q in cell.states:
            size = int(q.base.shape[0].subs(sizes))
            given[node.names[f"{q.base.name}0"]] = draw(arrays(B, size))
            last[Layered.states_of(node)[q.base.name]] = draw(arrays(B, size))
        widths[-1] = int(cell.output.base.shape[0].subs(sizes))
    given |= {"lengths": [draw(st.integers(1, T)) for _ in range(B)]} if of.lengths else {}
    upstream = draw(arrays(T, B, widths[-1]))
    return recurrent(of, inputs=draw(arrays(T, B, width)), upstream=upstream, last=last, **given)


def _bits(draw: Any, *shape: int) -> Any:
    return np.sign(np.abs(draw(arrays(*shape))))
