"""Nets as exact instances: a net with its inputs, targets and loss, small enough to read.

Numbers are floats, each meant exactly as the dyadic rational it is; so the same instance can be run in float64, in
balls and in exact rationals without a conversion error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.language.functions import ACTIVATIONS, LOSSES, Activation, Loss
from backproof.theory.language.notation import m, n, p
from backproof.theory.nets.cells import ELMAN, GRU, LSTM, Cell

Array = NDArray[np.float64]
NAMES = ("W", "U", "V", "b", "c", "h0")
DEFAULTS = {"activation": "tanh", "loss": "cross_entropy", "reduction": "sum"}
"""The settings that a subject's functions take beside arrays, and what they are where nothing is said."""


class Task:
    """What nets of every cell have in common: a batch of sequences, and what is charged for them.

    Shapes: ``inputs`` (T, B, m), ``targets`` (T, B) classes or (T, B, p) values, as the loss takes them,
    ``weights`` as the cell's parameters with biases (n,), ``initial`` (B, n) for each state, named like ``h0``.
    """

    inputs: Array
    targets: NDArray[Any]
    loss: str
    reduction: str
    shared: int  # how many sequences share the mean, beyond those present

    @property
    def cell(self) -> Cell:
        """The equations of a step."""
        raise NotImplementedError

    @property
    def weights(self) -> dict[str, Array]:
        """The parameters that every step shares, by name."""
        raise NotImplementedError

    @property
    def initial(self) -> dict[str, Array]:
        """The states before the first step."""
        raise NotImplementedError

    @property
    def phi(self) -> Activation | None:
        """The activation, if the cell leaves one open."""
        return None

    def with_(self, **changes: Any) -> Any:
        """The same net with some fields changed, or some of its arrays by their names."""
        raise NotImplementedError

    @property
    def parameters(self) -> dict[str, Array]:
        """Every array that has a gradient, by name."""
        return self.weights | self.initial

    @property
    def numbers(self) -> dict[str, Array]:
        """Every array of real numbers, by name."""
        named = self.parameters | {"inputs": self.inputs}
        return named if self.charged.classes else named | {"targets": self.targets}

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """(T, B, n, m, p)."""
        steps, batch, inputs = self.inputs.shape
        outputs, units = self.weights["V"].shape
        return steps, batch, units, inputs, outputs

    @property
    def steps(self) -> int:
        """The horizon T."""
        return int(self.inputs.shape[0])

    @property
    def charged(self) -> Loss:
        """The loss charged at each step."""
        return LOSSES[self.loss]

    @property
    def settings(self) -> dict[str, str]:
        """What the subject's functions take beside arrays."""
        return {"loss": self.loss, "reduction": self.reduction}

    @property
    def weight(self) -> Fraction:
        """ω, what each step's loss is multiplied by."""
        steps, batch, *_ = self.sizes
        return Fraction(1) if self.reduction == "sum" else Fraction(1, steps * batch * self.shared)

    def target_columns(self) -> Array:
        """Targets as numbers (T, B, p): one-hot for classes."""
        return self.charged.columns(self.targets, self.sizes[4])

    def sequence(self, index: int) -> Any:
        """One sequence of the batch, as a batch of one that keeps the batch's ω."""
        pick = slice(index, index + 1)
        alone: dict[str, Any] = {name: state[pick] for name, state in self.initial.items()}
        alone |= {"inputs": self.inputs[:, pick], "targets": self.targets[:, pick]}
        return self.with_(**alone, shared=self.shared * self.sizes[1])

    def sequences(self) -> list[Any]:
        """Every sequence of the batch; gradients of the batch are the sums of theirs."""
        return [self.sequence(index) for index in range(self.sizes[1])]


@dataclass(frozen=True, kw_only=True, eq=False)
class Net(Task):
    """An Elman net on one batch of sequences.

    Shapes: ``W`` (n, n), ``U`` (n, m), ``V`` (p, n), ``b`` (n,), ``c`` (p,), ``h0`` (B, n), ``inputs`` (T, B, m),
    ``targets`` (T, B) classes or (T, B, p) values, as the loss takes them.
    """

    W: Array
    U: Array
    V: Array
    b: Array
    c: Array
    h0: Array
    inputs: Array
    targets: NDArray[Any]
    activation: str = DEFAULTS["activation"]
    loss: str = DEFAULTS["loss"]
    reduction: str = DEFAULTS["reduction"]
    shared: int = 1

    @property
    def cell(self) -> Cell:
        """The Elman cell."""
        return ELMAN

    @property
    def weights(self) -> dict[str, Array]:
        """W, U, V, b and c."""
        return {name: getattr(self, name) for name in NAMES[:-1]}

    @property
    def initial(self) -> dict[str, Array]:
        """h_0."""
        return {"h0": self.h0}

    @property
    def phi(self) -> Activation:
        """The activation."""
        return ACTIVATIONS[self.activation]

    @property
    def settings(self) -> dict[str, str]:
        """Activation, loss and reduction, as the subject's functions take them."""
        return {"activation": self.activation, **super().settings}

    def sequence(self, index: int) -> Net:
        """One sequence of the batch, as a batch of one that keeps the batch's ω."""
        alone: Net = super().sequence(index)
        return alone

    def sequences(self) -> list[Net]:
        """Every sequence of the batch; gradients of the batch are the sums of theirs."""
        return super().sequences()

    def with_(self, **changes: Any) -> Net:
        """The same net with some fields changed."""
        return replace(self, **changes)

    def __repr__(self) -> str:
        """Everything needed to build the instance again, in readable numbers."""
        parts = [f"{name}={readable(getattr(self, name))}" for name in (*NAMES, "inputs", "targets")]
        words = f"{self.activation}, {self.loss}, {self.reduction}"
        return f"Net[{words}]({', '.join(parts)})"


@dataclass(frozen=True, kw_only=True, eq=False)
class Gated(Task):
    """An LSTM or a GRU on one batch of sequences; ``arrays`` holds weights and initial states by name."""

    kind: str
    arrays: Mapping[str, Array]
    inputs: Array
    targets: NDArray[Any]
    loss: str = DEFAULTS["loss"]
    reduction: str = DEFAULTS["reduction"]
    shared: int = 1

    @property
    def cell(self) -> Cell:
        """The equations of its kind."""
        return GATED[self.kind]

    @property
    def weights(self) -> dict[str, Array]:
        """Those of the gates, then V and c."""
        return {name: self.arrays[name] for name in self.cell.symbols}

    @property
    def initial(self) -> dict[str, Array]:
        """h_0, and s_0 of an LSTM."""
        names = (f"{state.base.name}0" for state in self.cell.states)
        return {name: self.arrays[name] for name in names}

    def with_(self, **changes: Any) -> Gated:
        """The same net with some fields changed, or some of its arrays."""
        fields = {name: changes.pop(name) for name in list(changes) if name not in self.arrays}
        return replace(self, **fields, arrays={**self.arrays, **changes})

    def __repr__(self) -> str:
        """Everything needed to build the instance again; arrays of zeros are left out."""
        shown = {name: array for name, array in self.parameters.items() if np.any(array)}
        parts = [f"{name}={readable(array)}" for name, array in shown.items()]
        parts += [f"inputs={readable(self.inputs)}", f"targets={readable(self.targets)}"]
        return f"{self.cell.name}[{self.loss}, {self.reduction}]({', '.join(parts)})"


GATED: Mapping[str, Cell] = {"lstm": LSTM, "gru": GRU}


def net(**fields: Any) -> Net:
    """A small net from nested lists; absent parts are sensible zeros and identities.

    Takes the fields of `Net`; ``W`` and ``inputs`` are required. ``U`` and ``V`` default to identities, the biases and
    ``h0`` to zeros, ``targets`` to zeros. ``inputs`` may be (T, m) for one sequence.
    """
    arrays: dict[str, Any] = {k: np.asarray(v, dtype=np.float64) for k, v in fields.items() if k in (*NAMES, "inputs")}
    size = arrays["W"].shape[0]
    inputs = arrays["inputs"]
    arrays["inputs"] = inputs = inputs[:, None, :] if inputs.ndim == 2 else inputs
    steps, batch, width = inputs.shape
    defaults: Mapping[str, Array] = {
        "U": np.eye(size, width),
        "V": np.eye(size),
        "b": np.zeros(size),
        "h0": np.zeros((batch, size)),
    }
    arrays = {**defaults, **arrays}
    arrays.setdefault("c", np.zeros(arrays["V"].shape[0]))
    words = DEFAULTS | {k: v for k, v in fields.items() if k in DEFAULTS}
    targets = LOSSES[words["loss"]].targets(fields.get("targets"), steps, batch, len(arrays["V"]))
    return Net(**arrays, targets=targets, **words)


def readable(array: Any) -> str:
    """An array as nested lists of short numbers: 1 and -0.5 rather than 1.0 and -5.0e-01."""
    array = np.asarray(array)
    if array.ndim == 0:
        value = array.item()
        return str(int(value)) if value == int(value) and abs(value) < 1e6 else repr(value)
    return "[" + ", ".join(readable(part) for part in array) + "]"


def gated(kind: str, **fields: Any) -> Gated:
    """A small LSTM or GRU from nested lists; absent weights are zeros, V the identity, targets zeros.

    Takes ``units``, arrays by the cell's names, ``inputs`` (T, m) or (T, B, m), ``targets``, ``loss``, ``reduction``.
    """
    inputs = np.asarray(fields["inputs"], dtype=np.float64)
    inputs = inputs[:, None, :] if inputs.ndim == 2 else inputs
    steps, batch, width = inputs.shape
    units = int(fields.get("units", 1))
    outputs = np.shape(fields.get("V", np.eye(units)))[0]
    cell = GATED[kind]
    sizes: Mapping[Any, int] = {n: units, m: width, p: outputs}
    arrays: dict[str, Array] = {"V": np.eye(units)}
    for name, symbol in cell.symbols.items():
        rows, columns = (sizes.get(size, 1) for size in symbol.shape)
        blank = np.zeros(rows if symbol.shape[1] == 1 else (rows, columns))
        arrays[name] = np.asarray(fields.get(name, arrays.get(name, blank)), dtype=np.float64)
    for state in cell.states:
        name = f"{state.base.name}0"
        arrays[name] = np.asarray(fields.get(name, np.zeros((batch, units))), dtype=np.float64)
    words = {k: fields.get(k, DEFAULTS[k]) for k in ("loss", "reduction")}
    targets = LOSSES[words["loss"]].targets(fields.get("targets"), steps, batch, outputs)
    return Gated(kind=kind, arrays=arrays, inputs=inputs, targets=targets, **words)
