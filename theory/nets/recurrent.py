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

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.language.functions import UPSTREAM, Loss
from backproof.theory.language.notation import m
from backproof.theory.language.written import call
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.network import Network

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Recurrent(Network):
    """A cell on one batch of sequences; `recurrent` builds one from nested lists.

    Shapes: ``arrays`` as the cell's parameters with columns (n,), and (B, n) for each first state, named like ``h0``;
    ``inputs`` (T, B, m); ``targets`` (T, B, p), what comes in from above at each output; ``asked`` (B, n) by state,
    what comes in at the last one, if anything; ``told`` (T, B, n) by name, what each step is given beside its input.
    ``fed``: the inputs as columns of the arithmetic that evaluates it, where another run has made them; of ``inputs``
    the shape alone then counts.
    """

    of: Cell
    arrays: Mapping[str, Array]
    inputs: Array
    targets: NDArray[Any]
    asked: Mapping[str, Array]
    told: Mapping[str, Array] = field(default_factory=dict)
    fed: tuple[Any, ...] | None = None
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

    def input_column(self, arithmetic: Arithmetic, step: int) -> Any:
        """x_t, or what it is fed."""
        return super().input_column(arithmetic, step) if self.fed is None else self.fed[step - 1]

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

    def entries(self, size: Any) -> int:
        """How much a size of the cell is."""
        return int(size.subs(self.dimensions))

    def __repr__(self) -> str:
        """The call that builds it again."""
        fields = {"inputs": self.inputs, "targets": self.targets, **self.arrays, **self.told, "asked": self.asked}
        return call(self.of.name, **{name: value for name, value in fields.items() if len(value)})
