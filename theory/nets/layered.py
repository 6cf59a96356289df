"""A run of a net of layers: arrays, and every gradient in any arithmetic, sequence by sequence.

What is asked is the vector–Jacobian product: ∂L/∂ of every parameter, input and first state, for
L = Σ_t ω_t ℓ(o_t, y_t) + Σ ⟨q̄_T, q_T⟩ over the states q after a sequence's last step. Without a loss ℓ is ⟨ȳ_t, o_t⟩.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.language.functions import UPSTREAM
from backproof.theory.language.written import call
from backproof.theory.nets.layers import Layers, Node
from backproof.theory.nets.losses import REDUCTIONS
from backproof.theory.nets.recurrent import Recurrent

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Layered:
    """A net of layers on one batch of sequences; `recurrent` builds one.

    Shapes: ``arrays`` parameters by name, columns as (n,); first states (B, n), or (n,) where the batch shares one;
    ``inputs`` (T, B, m); ``targets`` (T, B, p), or (T, B) classes, negative where a step is to be ignored; ``asked``
    (B, n) by state, what comes in after the last step, if anything; ``told`` (T, B, n) by name, masks and what else
    steps are given; ``lengths`` (B,); ``counted`` (T, B), what each step's loss is multiplied by.
    """

    of: Layers
    arrays: Mapping[str, Array]
    inputs: Array
    targets: NDArray[Any]
    asked: Mapping[str, Array] = field(default_factory=dict)
    told: Mapping[str, Array] = field(default_factory=dict)
    lengths: NDArray[np.int64]
    counted: Array | None = None

    @property
    def steps(self) -> int:
        """The horizon T of the longest sequence."""
        return int(self.inputs.shape[0])

    @property
    def batch(self) -> int:
        """The number of sequences B."""
        return int(self.inputs.shape[1])

    @property
    def passed(self) -> dict[str, Array]:
        """What a subject gets by name beside inputs, targets and what comes in after the last step."""
        more: dict[str, Any] = {"lengths": self.lengths} if self.of.lengths else {}
        more |= {} if self.counted is None else {"weights": self.counted}
        return {**self.arrays, **self.told, **more}

    @property
    def numbers(self) -> list[Array]:
        """Every array of real numbers that a subject gets."""
        told = [] if self.of.loss.classes else [self.targets]
        return [self.inputs, *told, *self.asked.values(), *self.passed.values()]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the arrays that every step shares."""
        return tuple(dict.fromkeys(node.names[own] for node in self._celled for own in node.cell.symbols))  # type: ignore[union-attr]

    @property
    def _celled(self) -> list[Node]:
        return [node for node in self.of.nodes if node.cell is not None]

    @cached_property
    def _weights(self) -> NDArray[Any]:
        valid = np.arange(self.steps)[:, None] < self.lengths
        if self.of.loss.classes:
            valid &= self.targets >= 0
        return REDUCTIONS[self.of.reduction](valid)

    def weight(self, step: int, index: int) -> Fraction:
        """What the loss of a step, from 1 on, of a sequence counts for."""
        own = Fraction(self._weights[step - 1, index])
        return own if self.counted is None else own * Fraction(float(self.counted[step - 1, index]))

    def column_of_target(self, step: int, index: int, outputs: int) -> Array:
        """The target of a step as a column (p, 1); of a step that is ignored, zeros."""
        target = self.targets[step - 1, index]
        if self.of.loss.classes:
            return np.eye(outputs)[:, [target]] if target >= 0 else np.zeros((outputs, 1))
        return np.asarray(target, dtype=np.float64)[:, None]

    def alone(self, node: Node, index: int, inputs: Array, **more: Any) -> Recurrent:
        """What a node's cell does with one sequence of columns (L, m)."""
        cell, names = node.cell, node.names
        assert cell is not None
        arrays = {name: self.arrays[names[name]] for name in cell.symbols}
        for q in cell.states:
            first = self.arrays[names[f"{q.base.name}0"]]
            arrays[f"{q.base.name}0"] = first[None] if first.ndim == 1 else first[index : index + 1]
        asked = {
            own: self.asked[full][index : index + 1] for own, full in self.states_of(node).items() if full in self.asked
        }
        length = len(inputs)
        told = {q.base.name: self.told[names[q.base.name]][:length, index : index + 1] for q in cell.given}
        nothing = np.zeros((length, 1, 0))
        run = Recurrent(of=cell, arrays=arrays, inputs=inputs[:, None], targets=nothing, asked=asked, told=told, **more)
        return replace(run, targets=np.zeros((length, 1, run.entries(cell.output.base.shape[0]))))

    @staticmethod
    def states_of(node: Node) -> dict[str, str]:
        """A node's states by what the net calls them: the first state's name without its 0."""
        assert node.cell is not None
        own = {q.base.name: node.names[f"{q.base.name}0"] for q in node.cell.states}
        return {name: full.replace(f"{name}0", name, 1) for name, full in own.items()}

    def __repr__(self) -> str:
        """The call of `recurrent` that builds it again where the net has its own name."""
        targets = "upstream" if self.of.loss is UPSTREAM else "targets"
        left_out = {name for name, array in {targets: self.targets, **self._vectors}.items() if not np.any(array)}
        arrays = {"inputs": self.inputs, targets: self.targets, **self.passed}
        said: dict[str, Any] = {name: array for name, array in arrays.items() if name not in left_out}
        if self.asked:
            said["last"] = self.asked
        return call("recurrent", Named(self.of.name), **said)

    @property
    def _vectors(self) -> dict[str, Array]:
        """What is zeros where it is not said, and tells no size that a matrix does not: columns, and first states."""
        if not any(self.arrays[name].ndim == 2 for name in self.parameters):
            return {}
        columns = {name: array for name, array in self.arrays.items() if name in self.parameters and array.ndim == 1}
        return columns | {name: a for name, a in self.arrays.items() if name not in self.parameters and a.ndim == 2}


class Named(str):
    """A name that is written without quotes."""

    def __repr__(self) -> str:
        return str(self)
