"""What a net is beside its arrays: values for the symbols of a statement, words, formulas, the call that builds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.evaluation import Environment
from backproof.theory.language.display import Displayed, column, count, matrix
from backproof.theory.language.notation import k, t
from backproof.theory.nets.nested import plain
from backproof.theory.nets.task import Task
from backproof.theory.nets.unrolled import Unrolled

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
