"""What nets of every cell have in common: arrays by name, sizes, what is charged, and a batch as its sequences."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.language.functions import LOSSES, Activation, Loss
from backproof.theory.language.notation import m, n, p
from backproof.theory.nets.cells import Cell

Array = NDArray[np.float64]


class Task:
    """What nets of every cell have in common: a batch of sequences, and what is charged for them.

    Shapes: ``inputs`` (T, B, m), ``targets`` (T, B) classes or (T, B, p) values, as the loss takes them,
    ``weights`` as the cell's parameters with biases (n,), ``initial`` (B, n) for each state, named like ``h0``.
    """

    inputs: Array
    targets: NDArray[Any]
    loss: str
    reduction: str
    mean_divisor: int  # an extra factor of the mean, so that a sequence cut from a batch of B keeps its weight 1/(T B)

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
        """Steps, sequences, units, inputs and outputs: (T, B, n, m, p)."""
        steps, batch, inputs = self.inputs.shape
        outputs, units = self.weights["V"].shape
        return steps, batch, units, inputs, outputs

    @property
    def dimensions(self) -> dict[Any, int]:
        """The value of each symbol that the cell's shapes are made of."""
        _, _, units, inputs, outputs = self.sizes
        return {n: units, m: inputs, p: outputs}

    @property
    def final(self) -> dict[str, Array]:
        """What is asked of each state after the last step, by its name, (B, n); of those not named, nothing."""
        return {}

    @property
    def given(self) -> dict[str, Array]:
        """What each step is told beside its input, by name, (T, B, n)."""
        return {}

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
        return Fraction(1) if self.reduction == "sum" else Fraction(1, steps * batch * self.mean_divisor)

    def input_column(self, arithmetic: Arithmetic, step: int) -> Any:
        """x_t as a column of the arithmetic, whatever axes are in front."""
        return arithmetic.matrix(self.inputs[step - 1].swapaxes(-1, -2))

    def target_columns(self) -> Array:
        """Targets as numbers (T, B, p): one-hot for classes."""
        return self.charged.columns(self.targets, self.sizes[4])

    def sequence(self, index: int) -> Any:
        """One sequence of the batch, as a batch of one that keeps the batch's ω."""
        pick = slice(index, index + 1)
        alone: dict[str, Any] = {name: state[pick] for name, state in self.initial.items()}
        alone |= {"inputs": self.inputs[:, pick], "targets": self.targets[:, pick]}
        # The mean divides by T B; a batch of one must go on doing so, or the sequences would not add up to the batch.
        return self.with_(**alone, mean_divisor=self.mean_divisor * self.sizes[1])

    def sequences(self) -> list[Any]:
        """Every sequence of the batch; gradients of the batch are the sums of theirs."""
        return [self.sequence(index) for index in range(self.sizes[1])]
