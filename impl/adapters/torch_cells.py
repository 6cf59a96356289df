"""PyTorch's gated nets as cells: ``nn.GRU``, which resets after the matrix, and ``nn.LSTM`` with ``proj_size``.

Each function takes what a check of a cell or of layers of it hands over (parameters, first states and lengths by name,
inputs (T,B,m), what comes in at the outputs (T,B,p), and at the last states by name (B,n)) and returns the gradients by
name, by ``autograd.grad``. Layers and directions are read off the names; sequences with lengths are packed.

A layer stacks its gates, in an order of its own, and adds two biases for each. Ours is the first; the second is zero,
but for the GRU's candidate, where it stands inside the reset and is the cell's d.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from backproof.impl.adapters import torch as adapter
from backproof.impl.arrays import Array

torch, nn = adapter.torch, adapter.nn  # type: ignore[attr-defined]

Params = Mapping[str, Array]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A module of PyTorch: its name, the order of its gates, and its states."""

    module: str
    gates: str
    states: str
    projected: bool = False


GRU = Kind(module="GRU", gates="rzg", states="h")
LSTM = Kind(module="LSTM", gates="ifgq", states="hc", projected=True)


def gradients(kind: Kind, params: Params, inputs: Array, upstream: Array, last: Params) -> dict[str, Array]:
    """Return the gradients of a net of one kind, of as many layers and directions as the names say."""
    lengths = params.get("lengths")
    given = {name: leaf(value) for name, value in params.items() if name != "lengths"}
    places = [name.removeprefix("U_g") for name in given if name.startswith("U_g")]
    rows, width = given[f"U_g{places[0]}"].shape
    ways = 2 if any(place.endswith("_reverse") for place in places) else 1
    more = {"proj_size": given[f"P{places[0]}"].shape[0]} if kind.projected else {}
    net = getattr(nn, kind.module)(
        width, rows, num_layers=len(places) // ways, bidirectional=ways == 2, dtype=torch.float64, **more
    )
    x = leaf(inputs)
    weights: dict[str, Any] = {}
    for place in places:
        weights |= _stacked(kind, given, place)
    first = tuple(torch.stack([given[f"{state}0{place}"] for place in places]) for state in kind.states)
    read = x if lengths is None else nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    outputs, final = torch.func.functional_call(net, weights, (read, first if len(first) > 1 else first[0]))
    if lengths is not None:
        outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs, total_length=len(inputs))
    results, asked = [outputs], [upstream]
    for name, states in zip(kind.states, final if len(first) > 1 else (final,), strict=True):
        results += list(states)
        asked += [last.get(f"{name}{place}", np.zeros(tuple(states[0].shape))) for place in places]
    return gradients_by({**given, "inputs": x}, results, asked)


gru_reset_after, lstm_projection = partial(gradients, GRU), partial(gradients, LSTM)


def _stacked(kind: Kind, given: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The weights of one layer and direction, gate below gate."""
    theirs = place or "_l0"
    names = {"weight_ih": "U", "weight_hh": "W", "bias_ih": "b"}
    found = {name: [given[f"{letter}_{gate}{place}"] for gate in kind.gates] for name, letter in names.items()}
    zero = torch.zeros_like(given[f"b_g{place}"])
    found["bias_hh"] = [given.get(f"d_{gate}{place}", zero) for gate in kind.gates]
    if kind.projected:
        found["weight_hr"] = [given[f"P{place}"]]
    return {f"{name}{theirs}": torch.cat(parts) for name, parts in found.items()}


def leaf(value: Array) -> Any:
    """The array as a tensor that gradients are asked of."""
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


def gradients_by(leaves: Mapping[str, Any], results: Sequence[Any], asked: Sequence[Array]) -> dict[str, Array]:
    """The gradients by the leaves of ⟨asked, results⟩; zeros by a leaf that no result depends on."""
    incoming = [torch.tensor(one, dtype=torch.float64) for one in asked]
    found = torch.autograd.grad(list(results), list(leaves.values()), incoming, allow_unused=True)
    pairs = zip(leaves.items(), found, strict=True)
    return {name: np.zeros(leaf.shape) if by is None else by.numpy() for (name, leaf), by in pairs}
