"""Nets as exact instances: an Elman net with its inputs, targets and loss, small enough to read.

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

from theory.activations import ACTIVATIONS, LOSSES, Activation, Loss

Array = NDArray[np.float64]
NAMES = ("W", "U", "V", "b", "c", "h0")


@dataclass(frozen=True, kw_only=True, eq=False)
class Net:
    """An Elman net on one batch of sequences.

    Shapes: ``W`` (n, n), ``U`` (n, m), ``V`` (p, n), ``b`` (n,), ``c`` (p,), ``h0`` (B, n), ``inputs`` (T, B, m),
    ``targets`` (T, B) classes for cross-entropy or (T, B, p) values for squared error.
    """

    W: Array
    U: Array
    V: Array
    b: Array
    c: Array
    h0: Array
    inputs: Array
    targets: NDArray[Any]
    activation: str = "tanh"
    loss: str = "cross_entropy"
    reduction: str = "sum"
    shared: int = 1  # how many sequences share the mean, beyond those present

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """(T, B, n, m, p)."""
        steps, batch, inputs = self.inputs.shape
        return steps, batch, self.W.shape[0], inputs, self.V.shape[0]

    @property
    def steps(self) -> int:
        """The horizon T."""
        return int(self.inputs.shape[0])

    @property
    def parameters(self) -> dict[str, Array]:
        """Every array that has a gradient, by name."""
        return {name: getattr(self, name) for name in NAMES}

    @property
    def phi(self) -> Activation:
        """The activation."""
        return ACTIVATIONS[self.activation]

    @property
    def charged(self) -> Loss:
        """The loss charged at each step."""
        return LOSSES[self.loss]

    @property
    def settings(self) -> dict[str, str]:
        """Activation, loss and reduction, as the subject's functions take them."""
        return {"activation": self.activation, "loss": self.loss, "reduction": self.reduction}

    @property
    def weight(self) -> Fraction:
        """ω, what each step's loss is multiplied by."""
        steps, batch, *_ = self.sizes
        return Fraction(1) if self.reduction == "sum" else Fraction(1, steps * batch * self.shared)

    def target_columns(self) -> Array:
        """Targets as numbers (T, B, p): one-hot for classes."""
        if self.loss == "squared_error":
            return np.asarray(self.targets, dtype=np.float64)
        return np.asarray(np.eye(self.V.shape[0])[self.targets], dtype=np.float64)

    def sequence(self, index: int) -> Net:
        """One sequence of the batch, as a batch of one that keeps the batch's ω."""
        pick = slice(index, index + 1)
        alone = {"h0": self.h0[pick], "inputs": self.inputs[:, pick], "targets": self.targets[:, pick]}
        return self.with_(**alone, shared=self.shared * self.sizes[1])

    def sequences(self) -> list[Net]:
        """Every sequence of the batch; gradients of the batch are the sums of theirs."""
        return [self.sequence(index) for index in range(self.sizes[1])]

    def with_(self, **changes: Any) -> Net:
        """The same net with some fields changed."""
        return replace(self, **changes)

    def __repr__(self) -> str:
        """Everything needed to build the instance again, in readable numbers."""
        parts = [f"{name}={readable(getattr(self, name))}" for name in (*NAMES, "inputs", "targets")]
        words = f"{self.activation}, {self.loss}, {self.reduction}"
        return f"Net[{words}]({', '.join(parts)})"


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
    words = {k: v for k, v in fields.items() if k in ("activation", "loss", "reduction")}
    if words.get("loss", "cross_entropy") == "squared_error":
        blank = np.zeros((steps, batch, arrays["V"].shape[0]))
        targets = np.asarray(fields.get("targets", blank), dtype=np.float64)
        targets = targets[:, None, :] if targets.ndim == 2 else targets
    else:
        targets = np.asarray(fields.get("targets", np.zeros((steps, batch))), dtype=np.int64)
        targets = targets[:, None] if targets.ndim == 1 else targets
    return Net(**arrays, targets=targets, **words)


def readable(array: Any) -> str:
    """An array as nested lists of short numbers: 1 and -0.5 rather than 1.0 and -5.0e-01."""
    array = np.asarray(array)
    if array.ndim == 0:
        value = array.item()
        return str(int(value)) if value == int(value) and abs(value) < 1e6 else repr(value)
    return "[" + ", ".join(readable(part) for part in array) + "]"
