"""A run of any cell: arrays for its parameters and first states, inputs, and the gradients that come in from above.

What it is asked is the vector–Jacobian product: ∂L/∂ of every parameter, input and first state for
L = Σ_t ⟨ȳ_t, output_t⟩ + Σ ⟨q̄_T, q_T⟩ over the states q. Every loss on outputs and last states has such a gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from backproof.theory.language.functions import UPSTREAM, Loss
from backproof.theory.language.notation import m
from backproof.theory.language.written import call
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.nested import expect, input_array
from backproof.theory.nets.networks import Network

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Recurrent(Network):
    """A cell on one batch of sequences; `recurrent` builds one from nested lists.

    Shapes: ``arrays`` as the cell's parameters with columns (n,), and (B, n) for each first state, named like ``h0``;
    ``inputs`` (T, B, m); ``targets`` (T, B, p), what comes in from above at each output; ``asked`` (B, n) by state,
    what comes in at the last one, if anything; ``told`` (T, B, n) by name, what each step is given beside its input.
    """

    of: Cell
    arrays: Mapping[str, Array]
    inputs: Array
    targets: NDArray[Any]
    asked: Mapping[str, Array]
    told: Mapping[str, Array] = field(default_factory=dict)
    loss: str = UPSTREAM.name
    reduction: str = "sum"
    mean_divisor: int = 1
    identities: ClassVar[tuple[str, ...]] = ()

    @property
    def cell(self) -> Cell:
        """The equations of a step."""
        return self.of

    @property
    def weights(self) -> dict[str, Array]:
        """The parameters by name."""
        return {name: self.arrays[name] for name in self.of.symbols}

    @property
    def initial(self) -> dict[str, Array]:
        """The states before the first step."""
        return {name: self.arrays[name] for name in (f"{state.base.name}0" for state in self.of.states)}

    @property
    def final(self) -> dict[str, Array]:
        """What comes in at the last states."""
        return dict(self.asked)

    @property
    def given(self) -> dict[str, Array]:
        """What each step is told beside its input."""
        return dict(self.told)

    @property
    def charged(self) -> Loss:
        """⟨ȳ_t, output_t⟩."""
        return UPSTREAM

    @property
    def dimensions(self) -> dict[Any, int]:
        """The value of each size symbol, as the arrays have it."""
        found = {m: int(self.inputs.shape[2])}
        for name, symbol in self.of.symbols.items():
            found |= dict(zip(symbol.shape, (*self.arrays[name].shape, 1), strict=False))
        for state in self.of.states:
            found[state.base.shape[0]] = self.arrays[f"{state.base.name}0"].shape[-1]
        return {size: int(value) for size, value in found.items() if isinstance(size, Symbol)}

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """(T, B, entries of the first state, m, entries of the output)."""
        steps, batch, inputs = self.inputs.shape
        return steps, batch, self.initial[f"{self.of.states[0].base.name}0"].shape[-1], inputs, self.targets.shape[-1]

    @property
    def kind_in_words(self) -> str:
        """The cell by its name."""
        return f"A cell {self.of.name}"

    def sequence(self, index: int) -> Recurrent:
        """One sequence of the batch."""
        pick = slice(index, index + 1)
        alone: Recurrent = super().sequence(index)
        asked = {name: value[pick] for name, value in self.asked.items()}
        return replace(alone, asked=asked, told={name: value[:, pick] for name, value in self.told.items()})

    def with_(self, **changes: Any) -> Recurrent:
        """The same run with some fields changed, or some of its arrays."""
        fields = {name: changes.pop(name) for name in list(changes) if name not in self.arrays}
        return replace(self, **fields, arrays={**self.arrays, **changes})

    def __repr__(self) -> str:
        """The call of `recurrent` that builds it again where the cell has its own name."""
        arrays = {"inputs": self.inputs, "upstream": self.targets, **self.arrays, **self.told}
        said: dict[str, Any] = {name: array for name, array in arrays.items() if np.any(array)}
        if self.asked:
            said["last"] = self.asked
        return call("recurrent", _Named(self.of.name), **said)


class _Named(str):
    """A name that is written without quotes."""

    def __repr__(self) -> str:
        return str(self)


def recurrent(
    cell: Cell, *, inputs: Any, upstream: Any = None, last: Mapping[str, Any] | None = None, **arrays: Any
) -> Recurrent:
    """A run of a cell from nested lists; what is left out is zeros.

    Parameters
    ----------
    cell
        The equations of a step.
    inputs
        (T, B, m), or (T, m) for one sequence.
    upstream
        (T, B, p), the gradient that comes in at each output.
    last
        (B, n) by the name of a state, the gradient that comes in after the last step.
    arrays
        Parameters by name, columns as (n,); first states (B, n), named like ``h0``; what each step is given, (T, B, n).
        Each size of the cell has to be in some array.

    Raises
    ------
    TypeError
        For an array that the cell does not have.
    ValueError
        For a shape that does not fit the others, or a size that no array tells.
    """
    inputs = input_array(inputs)
    steps, batch, width = inputs.shape
    states = {state.base.name: state.base.shape[0] for state in cell.states}
    shapes = {name: symbol.shape for name, symbol in cell.symbols.items()}
    told = {q.base.name: q.base.shape[0] for q in cell.given}
    known = [*shapes, *(f"{name}0" for name in states), *told]
    unknown = sorted({*arrays, *(f"{name}0" for name in last or ())} - set(known))
    if unknown:
        raise TypeError(f"{cell.name} has no array {unknown[0]!r}; its own are {', '.join(known)}")
    sizes: dict[Any, int] = {m: width}
    for name, value in arrays.items():
        symbols = shapes.get(name) or (told.get(name) or states[name[:-1]],)
        for size, number in zip(symbols, np.shape(value)[-len(symbols) if name not in shapes else 0 :], strict=False):
            sizes.setdefault(size, int(number))

    def entries(size: Any) -> int:
        value = size if size.is_Integer else size.subs(sizes)
        if not value.is_Integer:
            raise ValueError(f"{cell.name}: no array says how much {size} is")
        return int(value)

    full: dict[str, tuple[int, ...]] = {}
    for name, (rows, columns) in shapes.items():
        full[name] = (entries(rows),) if columns == 1 else (entries(rows), entries(columns))
    full |= {f"{name}0": (batch, entries(size)) for name, size in states.items()}
    found = {name: expect(name, arrays.get(name), shape) for name, shape in full.items()}
    asked = {name: expect(f"last {name}", value, full[f"{name}0"]) for name, value in (last or {}).items()}
    targets = None if upstream is None else np.asarray(upstream, dtype=np.float64)
    targets = targets[:, None] if targets is not None and targets.ndim == 2 else targets
    return Recurrent(
        of=cell,
        arrays=found,
        inputs=inputs,
        targets=expect("upstream", targets, (steps, batch, entries(cell.output.base.shape[0]))),
        asked=asked,
        told={name: expect(name, arrays.get(name), (steps, batch, entries(size))) for name, size in told.items()},
    )
