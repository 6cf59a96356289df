"""What the LSTM and the GRU share: gates with parameters of their own, run as one stacked matrix.

Each gate, named by a letter j, has a pre-activation a_t^j = W_j · + U_j x_t + b_j, with W_j (n,n), U_j (n,m)
and b_j (n,). The output is o_t = V h_t + c, as in the Elman net, with V (p,n) and c (p,). Initial states are
(B,n), zero if left out.

>>> stacked = np.arange(12.0).reshape(1, 1, 12)
>>> {letter: view.shape for letter, view in by_gate("ifqg", stacked).items()}
{'i': (1, 1, 3), 'f': (1, 1, 3), 'q': (1, 1, 3), 'g': (1, 1, 3)}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from backproof.impl.arrays import Array, require_no_overflow_in_time, unwarned
from backproof.impl.recurrence import rows
from backproof.impl.settings import OutputKeywords, OutputSettings
from backproof.impl.sums import cell_gradients
from backproof.impl.validation import (
    Task,
    check_shape,
    checked_floats,
    checked_parameters,
    checked_square,
    checked_task,
    listed,
)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Gates:
    """The parameters of G gates stacked in order: W (G·n,n), U (G·n,m), b (G·n,), V (p,n), c (p,).

    `initial` maps the names of the initial states to arrays (B,n).
    """

    W: Array
    U: Array
    b: Array
    V: Array
    c: Array
    initial: Mapping[str, Array]


def checked_gates(params: Mapping[str, Array], inputs: Array, *, letters: str, initial: Sequence[str]) -> Gates:
    """Check parameters against inputs (T,B,m), and fill in initial states that are left out with zeros.

    `initial` starts with "h0". Raises TypeError or ValueError naming the argument that is wrong.
    """
    _check_names(params, letters, initial)
    first = f"W_{letters[0]}"
    dtype = checked_square(f"params[{first!r}]", params[first]).dtype
    for name, array in params.items():
        checked_floats(f"params[{name!r}]", array, dtype=dtype)
    checked_floats("inputs", inputs, dtype=dtype)
    output_layer = checked_parameters(_output_layer(params, inputs, first), inputs)
    n, (_, batch, m) = len(params[first]), inputs.shape
    shapes = {"W": (n, n), "U": (n, m), "b": (n,)}
    for letter in letters:
        for kind, shape in shapes.items():
            check_shape(f"params['{kind}_{letter}']", params[f"{kind}_{letter}"], shape)
    for name in initial:
        if name in params:
            check_shape(f"params[{name!r}]", params[name], (batch, n))
    return Gates(
        **{kind: np.concatenate([params[f"{kind}_{letter}"] for letter in letters]) for kind in shapes},
        V=output_layer.V,
        c=output_layer.c,
        initial={name: params.get(name, np.zeros((batch, n), dtype)) for name in initial},
    )


def checked_gated_task(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    *,
    letters: str,
    initial: Sequence[str],
    **keywords: Unpack[OutputKeywords],
) -> tuple[Gates, Task]:
    """Check everything that a loss depends on. Of the task, the parameters and the activation mean nothing."""
    charged = OutputSettings(**keywords)
    gates = checked_gates(params, inputs, letters=letters, initial=initial)
    output_layer = _output_layer(params, inputs, f"W_{letters[0]}")
    return gates, checked_task(output_layer, inputs, targets, loss=charged.loss, reduction=charged.reduction)


def by_gate(letters: str, stacked: Array) -> dict[str, Array]:
    """Return views (…,n) of a stacked array (…,G·n), by the letters of the gates."""
    n = stacked.shape[-1] // len(letters)
    return {letter: stacked[..., j * n : (j + 1) * n] for j, letter in enumerate(letters)}


@unwarned
def input_products(gates: Gates, inputs: Array) -> Array:
    """Return U x_t + b for all gates and steps (T,B,G·n), one matrix product."""
    products: Array = np.matmul(rows(inputs), gates.U.T).reshape(*inputs.shape[:2], len(gates.b))
    products += gates.b
    return products


@unwarned
def gated_outputs(gates: Gates, hidden_states: Array) -> Array:
    """Return o_t = V h_t + c (T,B,p) from h_1 … h_T (T,B,n); raise where an output overflows, naming the step."""
    outputs: Array = np.matmul(rows(hidden_states), gates.V.T).reshape(*hidden_states.shape[:2], len(gates.c))
    outputs += gates.c
    require_no_overflow_in_time("the output", outputs)
    return outputs


def gate_gradients(letters: str, alpha: Array, before: Array, inputs: Array) -> dict[str, Array]:
    """Return the gradients of W_j, U_j and b_j for gates that read the same state, from α (T,B,G·n)."""
    stacked = cell_gradients(alpha, before, inputs)
    return {
        f"{kind}_{letter}": part
        for kind, array in stacked.items()
        for letter, part in zip(letters, np.split(array, len(letters)), strict=True)
    }


def _check_names(params: Mapping[str, Array], letters: str, initial: Sequence[str]) -> None:
    if not isinstance(params, Mapping):
        raise TypeError(f"params: expected a mapping from names to arrays, got {type(params).__name__}")
    required = [f"{kind}_{letter}" for kind in "WUb" for letter in letters] + ["V", "c"]
    known = [*required, *initial]
    unknown = [name for name in params if name not in known]
    if unknown:
        raise ValueError(f"params: unknown parameter {unknown[0]!r}, expected {listed(known)}")
    missing = [name for name in required if name not in params]
    if missing:
        raise ValueError(f"params: expected {listed(required)}, got no {listed(missing)}")


def _output_layer(params: Mapping[str, Array], inputs: Array, first: str) -> dict[str, Array]:
    """Return an Elman net of the same sizes that does nothing: its checks of V, c, inputs and targets are ours."""
    n, dtype = len(params[first]), inputs.dtype
    nothing = {"W": np.zeros((n, n), dtype), "U": np.zeros((n, *inputs.shape[-1:]), dtype), "b": np.zeros(n, dtype)}
    return nothing | {"V": params["V"], "c": params["c"]}
