"""JAX's own LSTM of several layers and directions, ``jax.experimental.rnn.lstm_ref``, as layers of cells.

`lstm` takes what a check of a cell or of layers of it hands over (parameters, first states and lengths by name, inputs
(T,B,m), what comes in at the outputs (T,B,p), and at the last states by name (B,n)) and returns the gradients by name,
by ``jax.vjp``. The gates are stacked in the order i, f, g, o, our q, and of two biases for each the second is zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproof.impl.adapters import jax as adapter
from backproof.impl.arrays import Array

jax, jnp = adapter.jax, adapter.jnp  # type: ignore[attr-defined]

Params = Mapping[str, Array]
GATES, STATES = "ifgq", "hs"


def lstm(params: Params, inputs: Array, upstream: Array, last: Params) -> dict[str, Array]:
    """Return the gradients of a net of as many layers and directions as the names say."""
    from jax.experimental.rnn import lstm_ref

    steps, batch, width = inputs.shape
    lengths = jnp.asarray(params.get("lengths", np.full(batch, steps)), dtype=jnp.int32)
    given = {name: jnp.asarray(value) for name, value in params.items() if name != "lengths"} | {"inputs": inputs}
    places = [name.removeprefix("U_g") for name in given if name.startswith("U_g")]
    both = any(place.endswith("_reverse") for place in places)
    units = given[f"U_g{places[0]}"].shape[0]

    def outputs(arrays: Mapping[str, Any]) -> tuple[Any, ...]:
        stacked = [
            {
                place: jnp.concatenate([arrays[f"{letter}_{gate}{name}"] for gate in GATES])
                for place, name in enumerate(places)
            }
            for letter in "UWb"
        ]
        first = (jnp.stack([arrays[f"{state}0{name}"] for name in places]) for state in STATES)
        zero = {place: jnp.zeros(4 * units) for place in range(len(places))}
        layers = len(places) // (2 if both else 1)
        x = jnp.swapaxes(arrays["inputs"], 0, 1)
        found = lstm_ref(x, *first, *stacked, zero, lengths, width, units, layers, 0.0, both)
        return jnp.swapaxes(found[0], 0, 1), *found[1:]

    _, back = jax.vjp(outputs, given)
    asked = [
        jnp.stack([jnp.asarray(last.get(f"{state}{name}", np.zeros((batch, units)))) for name in places])
        for state in STATES
    ]
    (found,) = back((jnp.asarray(upstream), *asked))
    return {name: np.asarray(value) for name, value in found.items()}


lstm.denormals = False  # type: ignore[attr-defined]  # XLA on a CPU takes numbers below the normal ones for 0
