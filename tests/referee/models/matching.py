"""Parameters of a model of some framework, matched with those of a network by name and by shape.

A framework stacks gates in one matrix, adds a second bias, or stores a matrix transposed. So an array of ours has
places: blocks of theirs. Its value goes to the first, the others are zero; the gradients by all of them are its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]

EMBEDDINGS = frozenset({"embedding", "embeddings", "embed", "emb"})
ROLES: tuple[tuple[str, frozenset[str]], ...] = (
    ("P", frozenset({"hr"})),
    ("W", frozenset({"hh", "whh", "h2h", "recurrent"})),
    ("U", frozenset({"ih", "xh", "wih", "wxh", "i2h", "x2h", "input", "inputs", "wx", "in", *EMBEDDINGS})),
    ("W", frozenset({"h"})),
    ("U", frozenset({"i", "x"})),
    ("V", frozenset({"readout", "head", "decoder", "classifier", "out", "output", "fc", "dense", "linear", "logits"})),
    ("V", frozenset({"h2o", "ho", "hy", "who", "why"})),
    ("W", frozenset({"hidden", "wh", "state"})),
)
"""By the words in the name of a parameter, the letter of ours; the first that fits counts."""
BIASES = {"W": "d", "U": "b", "V": "c"}
"""The bias that stands beside a matrix; where there is no d, one beside W is another b."""


@dataclass(frozen=True, kw_only=True)
class Ours:
    """A parameter as the network names it, and as its cell does; the layer and direction that it is of.

    ``shape`` (rows, columns) has integers, or symbols of the cell of one layer; a ``vector`` has one column.
    """

    name: str
    own: str
    place: str
    shape: tuple[Any, ...]
    vector: bool

    @property
    def letter(self) -> str:
        """W of W_i."""
        return self.own.partition("_")[0]

    @property
    def gate(self) -> str:
        """The i of W_i; nothing where there are no gates."""
        return self.own.partition("_")[2]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A block of one of theirs; ``turned`` where it is transposed."""

    leaf: str
    index: tuple[slice, ...] = ()
    turned: bool = False

    def of(self, array: Array) -> Array:
        """The block, a view of theirs."""
        return (array.T if self.turned else array)[self.index]

    def __str__(self) -> str:
        parts = ("" if part == slice(None) else f"{part.start or ''}:{part.stop or ''}" for part in self.index)
        block = ", ".join(part or ":" for part in parts)
        return f"{self.leaf}{'.T' if self.turned else ''}{f'[{block}]' if block else ''}"


@dataclass(frozen=True, kw_only=True)
class Matching:
    """Where each of ours stands in theirs, whose shapes are these; ``sizes`` of the symbols of each layer."""

    shapes: Mapping[str, Shape]
    places: Mapping[str, tuple[Place, ...]]
    sizes: Mapping[tuple[str, Any], int] = field(default_factory=dict)

    def theirs(self, ours: Mapping[str, Array]) -> dict[str, Array]:
        """Their parameters with our values; what is no first place is zero."""
        made = {leaf: np.zeros(shape) for leaf, shape in self.shapes.items()}
        for name, places in self.places.items():
            block = places[0].of(made[places[0].leaf])
            block[...] = ours[name].reshape(block.shape)
        return made

    def ours(self, gradients: Mapping[str, Array], like: Mapping[str, Array]) -> dict[str, Array]:
        """The gradients by ours: where there are several places, their mean, which is right if each is."""
        found = {}
        for name, places in self.places.items():
            first, *others = (place.of(gradients[place.leaf]) for place in places)
            mean = first + sum((other - first) / len(places) for other in others)
            found[name] = np.asarray(mean).reshape(like[name].shape)
        return found

    @property
    def note(self) -> str:
        """What theirs are, in a sentence: ours, one below the other; 0 where a second place of one is zero."""
        blocks: dict[str, list[tuple[int, str]]] = {}
        for name, places in self.places.items():
            for number, place in enumerate(places):
                told = "0" if number else name + ("" if len(place.index) < 2 else f" at {place}")
                start = place.index[0].start or 0 if place.index else 0
                blocks.setdefault(f"{place.leaf}{'.T' if place.turned else ''}", []).append((start, told))
        parts = (f"{leaf} is {', '.join(told for _, told in sorted(each))}" for leaf, each in blocks.items())
        several = any(len(places) > 1 for places in self.places.values())
        mean = " The gradient of one of ours that stands in two places is the mean of theirs." if several else ""
        return f"Parameters: {'; '.join(parts)}.{mean}"


def order(gates: Sequence[str]) -> list[str] | None:
    """Ours in the order in which PyTorch and others stack gates: i, f, g, o of an LSTM; r, z, n of a GRU."""
    left = list(gates)
    for known, rest in ((("i", "f", "", "o"), 4), (("r", "z", ""), 3)):
        also = {"o": "q", "z": "u"}
        found = [next((gate for gate in left if gate and gate in (one, also.get(one))), "") for one in known]
        others = [gate for gate in left if gate not in found]
        if len(left) == rest and len(others) == 1:
            return [gate or others[0] for gate in found]
    return left if len(left) == 1 else None


def role(name: str) -> str | None:
    """The letter of ours that a name of theirs speaks of, its last part first."""
    for part in reversed(name.lower().split(".")):
        found = set(re.findall("[a-z0-9]+", part))
        for letter, known in ROLES:
            if found & known:
                return letter
    return None
