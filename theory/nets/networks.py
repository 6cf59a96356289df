"""Nets as exact instances: a net with its inputs, targets and loss, small enough to read.

Numbers are floats, each meant exactly as the dyadic rational it is; so the same instance can be run in float64, in
balls and in exact rationals without a conversion error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from backproof.theory.language.functions import ACTIVATIONS, LOSSES, Activation
from backproof.theory.language.validation import choice, integer, known_names
from backproof.theory.language.written import call
from backproof.theory.nets.cells import ELMAN, GRU, LSTM, Cell
from backproof.theory.nets.nested import check_net, input_array, parameter_arrays, rows_of
from backproof.theory.nets.network import DEFAULTS, Network

Array = NDArray[np.float64]
NAMES = ("W", "U", "V", "b", "c", "h0")


@dataclass(frozen=True, kw_only=True, eq=False)
class Net(Network):
    """An Elman net on one batch of sequences.

    Shapes: ``W`` (n, n), ``U`` (n, m), ``V`` (p, n), ``b`` (n,), ``c`` (p,), ``h0`` (B, n), ``inputs`` (T, B, m),
    ``targets`` (T, B) classes or (T, B, p) values, as the loss takes them. `net` builds one from nested lists.

    Raises
    ------
    TypeError, ValueError
        For a field that does not fit the others, or is none; the message names it.
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
    mean_divisor: int = 1
    identities: ClassVar[tuple[str, ...]] = ("U", "V")

    def __post_init__(self) -> None:
        choice("activation", self.activation, ACTIVATIONS)
        check_net(self, ELMAN, {name: getattr(self, name) for name in NAMES})

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

    @property
    def kind_in_words(self) -> str:
        """The net by its activation."""
        return f"A {'linear' if self.phi.linear else self.activation} net"

    def sequences(self) -> list[Net]:
        """Every sequence of the batch; gradients of the batch are the sums of theirs."""
        return super().sequences()

    def with_(self, **changes: Any) -> Net:
        """The same net with some fields changed."""
        return replace(self, **changes)

    def __repr__(self) -> str:
        """The call of `net` that builds it again, without what `net` fills in by itself."""
        return call("net", **self._told("W"))


@dataclass(frozen=True, kw_only=True, eq=False)
class Gated(Network):
    """An LSTM or a GRU on one batch of sequences; ``arrays`` holds weights and initial states by name.

    ``kind`` is "lstm" or "gru". Shapes are those of `Task`; `gated` builds one from nested lists.

    Raises
    ------
    TypeError, ValueError
        For a field that does not fit the others, or is none; the message names it.
    """

    kind: str
    arrays: Mapping[str, Array]
    inputs: Array
    targets: NDArray[Any]
    loss: str = DEFAULTS["loss"]
    reduction: str = DEFAULTS["reduction"]
    mean_divisor: int = 1
    identities: ClassVar[tuple[str, ...]] = ("V",)

    def __post_init__(self) -> None:
        check_net(self, GATED[choice("kind", self.kind, GATED)], self.arrays)

    @property
    def cell(self) -> Cell:
        """The equations of its kind."""
        return GATED[self.kind]

    @property
    def weights(self) -> dict[str, Array]:
        """The parameters of the gates by name, then V and c."""
        return {name: self.arrays[name] for name in self.cell.symbols}

    @property
    def initial(self) -> dict[str, Array]:
        """h_0, and s_0 of an LSTM."""
        names = (f"{state.base.name}0" for state in self.cell.states)
        return {name: self.arrays[name] for name in names}

    @property
    def kind_in_words(self) -> str:
        """An LSTM, or a GRU."""
        return f"{'An' if self.kind == 'lstm' else 'A'} {self.cell.name}"

    def with_(self, **changes: Any) -> Gated:
        """The same net with some fields changed, or some of its arrays."""
        fields = {name: changes.pop(name) for name in list(changes) if name not in self.arrays}
        return replace(self, **fields, arrays={**self.arrays, **changes})

    def __repr__(self) -> str:
        """The call of `gated` that builds it again, without what `gated` fills in by itself."""
        units = {} if self.sizes[2] == 1 else {"units": self.sizes[2]}
        return call("gated", self.kind, **units, **self._told())


GATED: Mapping[str, Cell] = {"lstm": LSTM, "gru": GRU}


def net_of(instance: Any) -> Any:
    """The net that an instance holds; an instance that holds none stands for itself."""
    return getattr(instance, "net", instance)


def net(
    *,
    W: Any,
    inputs: Any,
    U: Any = None,
    V: Any = None,
    b: Any = None,
    c: Any = None,
    h0: Any = None,
    targets: Any = None,
    activation: str = DEFAULTS["activation"],
    loss: str = DEFAULTS["loss"],
    reduction: str = DEFAULTS["reduction"],
    mean_divisor: int = 1,
    **unknown: Any,
) -> Net:
    """A small Elman net from nested lists; what is left out is filled in.

    Shapes: ``W`` (n, n); ``inputs`` (T, B, m), or (T, m) for one sequence; ``U`` (n, m) and ``V`` (p, n), by default
    identities; ``b`` (n,), ``c`` (p,) and ``h0`` (B, n), by default zeros; ``targets`` (T, B) classes or
    (T, B, p) values, as the loss takes them, by default zeros, without the axis B for one sequence.

    Raises
    ------
    TypeError
        For an argument that a net does not have, or without ``W`` or ``inputs``; for what holds no real numbers, and
        for targets of classes that hold no integers.
    ValueError
        For an array whose shape does not fit the others or that is not finite, a class that does not exist, or a name
        of no activation, loss or reduction.
    """
    known_names("a net has", "argument", unknown, (*NAMES, "inputs", "targets", *DEFAULTS, "mean_divisor"))
    inputs, given = input_array(inputs), {"W": W, "U": U, "V": V, "b": b, "c": c, "h0": h0}
    arrays = parameter_arrays(ELMAN, inputs, rows_of("W", W), given, Net.identities)
    return Net(
        **arrays,
        inputs=inputs,
        targets=LOSSES[choice("loss", loss, LOSSES)].targets(
            targets, inputs.shape[0], inputs.shape[1], len(arrays["V"])
        ),
        activation=activation,
        loss=loss,
        reduction=reduction,
        mean_divisor=mean_divisor,
    )


def gated(
    kind: str,
    *,
    inputs: Any,
    units: int = 1,
    targets: Any = None,
    loss: str = DEFAULTS["loss"],
    reduction: str = DEFAULTS["reduction"],
    mean_divisor: int = 1,
    **arrays: Any,
) -> Gated:
    """A small LSTM or GRU from nested lists; absent weights and states are zeros, V the identity, targets zeros.

    ``kind`` is "lstm" or "gru"; ``arrays`` are the cell's by name, ``W_i`` (n, n), ``U_i`` (n, m), ``b_i`` (n,) and so
    on for each gate, ``V`` (p, n), ``c`` (p,), ``h0`` and, for an LSTM, ``s0`` (B, n). ``inputs`` and ``targets`` are
    as for `net`.

    Raises
    ------
    TypeError
        For an array that the cell does not have, or that holds no real numbers, or no integers where classes are asked.
    ValueError
        For a kind that is neither, an array whose shape does not fit the others or that is not finite, a class that
        does not exist, or a name of no loss or reduction.
    """
    cell, inputs = GATED[choice("kind", kind, GATED)], input_array(inputs)
    arrays = parameter_arrays(cell, inputs, integer("units", units, 1), arrays, Gated.identities)
    return Gated(
        kind=kind,
        arrays=arrays,
        inputs=inputs,
        targets=LOSSES[choice("loss", loss, LOSSES)].targets(
            targets, inputs.shape[0], inputs.shape[1], len(arrays["V"])
        ),
        loss=loss,
        reduction=reduction,
        mean_divisor=mean_divisor,
    )
