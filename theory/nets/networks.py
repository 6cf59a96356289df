"""Nets as exact instances: a net with its inputs, targets and loss, small enough to read.

Numbers are floats, each meant exactly as the dyadic rational it is; so the same instance can be run in float64, in
balls and in exact rationals without a conversion error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation import Environment
from backproof.theory.language.display import Displayed, column, count, matrix
from backproof.theory.language.functions import ACTIVATIONS, LOSSES, Activation
from backproof.theory.language.notation import k, t
from backproof.theory.language.written import call
from backproof.theory.nets.cells import ELMAN, GRU, LSTM, Cell
from backproof.theory.nets.nested import input_array, parameter_arrays, plain
from backproof.theory.nets.task import Task
from backproof.theory.nets.unrolled import Unrolled

Array = NDArray[np.float64]
NAMES = ("W", "U", "V", "b", "c", "h0")
DEFAULTS = {"activation": "tanh", "loss": "cross_entropy", "reduction": "sum"}
"""The settings that a subject's functions take beside arrays, and what they are where nothing is said."""


class Network(Task, Displayed):
    """A net that gives values to the symbols of a statement, and that is shown array by array."""

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """An environment for every sequence, and for every t and k ≤ t that the statement leaves free."""
        free = statement.free_symbols
        for sequence in self.sequences():
            environment = Unrolled(sequence, arithmetic).environment
            for late in range(1, self.steps + 1) if t in free else [None]:
                for early in range(0, (late or self.steps) + 1) if k in free else [None]:
                    here = environment if late is None else environment.bound(t, late)
                    yield here if early is None else here.bound(k, early)

    @property
    def kind_in_words(self) -> str:
        """What kind of net it is, with its article: a tanh net, an LSTM."""
        raise NotImplementedError

    @property
    def in_words(self) -> str:
        """Kind and sizes: A tanh net: 2 units, 3 steps."""
        steps, batch, units, *_ = self.sizes
        sizes = [count(units, "unit"), count(steps, "step"), *([count(batch, "sequence")] if batch > 1 else [])]
        return f"{self.kind_in_words}: {', '.join(sizes)}"

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """The value of every array; equal zeros, identities and classes share a line."""
        grouped: dict[Any, tuple[list[str], str]] = {}
        for name, value in self.quantities():
            joined = value in ("0", "I") or value.startswith("e_")
            grouped.setdefault(value if joined else name, ([], value))[0].append(name)
        return tuple(" = ".join([*names, value]) for names, value in grouped.values())

    def quantities(self) -> Iterator[tuple[str, str]]:
        """Name and value of every array in LaTeX; classes are unit vectors e_k."""
        steps, batch, *_ = self.sizes
        weights = sorted(self.weights.items(), key=lambda named: named[1].ndim == 1)  # matrices, then biases
        for name, array in weights:
            yield name, matrix(array) if array.ndim == 2 else column(array)
        for index in range(batch):
            mark = f"^{{({index + 1})}}" if batch > 1 else ""
            for name, state in self.initial.items():
                yield f"{name[:-1]}_0{mark}", column(state[index])
            for step in range(steps):
                yield f"x_{{{step + 1}}}{mark}", column(self.inputs[step, index])
                target = self.targets[step, index]
                yield f"y_{{{step + 1}}}{mark}", f"e_{{{int(target) + 1}}}" if self.charged.classes else column(target)

    identities: ClassVar[tuple[str, ...]]  # the arrays that are identities where nothing else is said; others are zeros

    def _told(self, *always: str) -> dict[str, Any]:
        """What has to be said to build the net again: the rest is filled in, and one sequence needs no batch axis."""
        alone, units = self.sizes[1] == 1, self.sizes[2]
        shapes = {name: array.shape for name, array in self.parameters.items()} | {"V": (units, units)}
        told: dict[str, Any] = {
            name: array
            for name, array in self.parameters.items()
            if name in always or not np.array_equal(array, plain(name, shapes[name], self.identities))
        }
        told["inputs"] = self.inputs[:, 0] if alone else self.inputs
        if np.any(self.targets):
            told["targets"] = self.targets[:, 0] if alone else self.targets
        for word in (*DEFAULTS, "mean_divisor"):
            if hasattr(self, word) and getattr(self, word) != getattr(type(self), word):
                told[word] = getattr(self, word)
        return told


@dataclass(frozen=True, kw_only=True, eq=False)
class Net(Network):
    """An Elman net on one batch of sequences.

    Shapes: ``W`` (n, n), ``U`` (n, m), ``V`` (p, n), ``b`` (n,), ``c`` (p,), ``h0`` (B, n), ``inputs`` (T, B, m),
    ``targets`` (T, B) classes or (T, B, p) values, as the loss takes them. `net` builds one from nested lists.
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
    """

    kind: str
    arrays: Mapping[str, Array]
    inputs: Array
    targets: NDArray[Any]
    loss: str = DEFAULTS["loss"]
    reduction: str = DEFAULTS["reduction"]
    mean_divisor: int = 1
    identities: ClassVar[tuple[str, ...]] = ("V",)

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
) -> Net:
    """A small Elman net from nested lists; what is left out is filled in.

    Shapes: ``W`` (n, n); ``inputs`` (T, B, m), or (T, m) for one sequence; ``U`` (n, m) and ``V`` (p, n), by default
    identities; ``b`` (n,), ``c`` (p,) and ``h0`` (B, n), by default zeros; ``targets`` (T, B) classes or
    (T, B, p) values, as the loss takes them, by default zeros, without the axis B for one sequence.

    Raises
    ------
    TypeError
        For an argument that a net does not have, or without ``W`` or ``inputs``.
    ValueError
        For an array whose shape does not fit the others.
    """
    inputs, given = input_array(inputs), {"W": W, "U": U, "V": V, "b": b, "c": c, "h0": h0}
    arrays = parameter_arrays(ELMAN, inputs, len(np.asarray(W)), given, Net.identities)
    return Net(
        **arrays,
        inputs=inputs,
        targets=LOSSES[loss].targets(targets, inputs.shape[0], inputs.shape[1], len(arrays["V"])),
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
        For an array that the cell does not have.
    ValueError
        For a kind that is neither, or an array whose shape does not fit the others.
    """
    if kind not in GATED:
        raise ValueError(f"kind must be one of {', '.join(map(repr, GATED))}, got {kind!r}")
    inputs = input_array(inputs)
    arrays = parameter_arrays(GATED[kind], inputs, units, arrays, Gated.identities)
    return Gated(
        kind=kind,
        arrays=arrays,
        inputs=inputs,
        targets=LOSSES[loss].targets(targets, inputs.shape[0], inputs.shape[1], len(arrays["V"])),
        loss=loss,
        reduction=reduction,
        mean_divisor=mean_divisor,
    )
