"""JAX under test, with optax for clipping. Importing this module turns on JAX's 64-bit mode for the whole process.

=======================  ===============================================================================================
loss, gradients          ``grad`` through ``lax.scan``, compiled once for each size
lstm_…, gru_…            the same; JAX has no recurrent layers, so the steps are the textbook's
contributions            ``grad`` by copies of the parameters, one for each step
jacobian_products        ``jacrev`` of ``lax.scan``, by zeros that are added to its states
clip_by_norm, _value     ``optax.clip_by_global_norm``, ``optax.clip``
clip_by_norm_derivative  ``vjp`` of ``optax.clip_by_global_norm``
…orthogonal_init         ``jax.nn.initializers.orthogonal``; normal_init ``jax.nn.initializers.normal``
=======================  ===============================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Unpack

import numpy as np
from numpy.typing import DTypeLike, NDArray

from backproof.impl.activations import Activation
from backproof.impl.adapters.reasons import EDGES, SLOPES, SQUARES
from backproof.impl.arrays import Array
from backproof.impl.clipping import Clipped
from backproof.impl.settings import Keywords, OutputKeywords, OutputSettings, Settings

NAME = "JAX with optax"
INSTALL = "pip install jax optax, or make jax in a checkout"

try:
    import jax
    import jax.numpy as jnp
    import optax

    from backproof.impl.adapters.jax_nets import (
        NONLINEARITIES,
        Tensors,
        copies,
        divisor,
        elman_run,
        gated_run,
        onward,
        shares_of_steps,
    )
except ImportError as missing:
    raise ImportError(f"{NAME} is not installed: {INSTALL} ({missing})") from None

DISTRIBUTIONS = ("jax", "jaxlib", "optax")
denormals = False
"""XLA on a CPU takes numbers below the normal ones for 0."""

DEVIATIONS: Mapping[str, str] = {
    "activations/sigmoid_slope": SLOPES,
    "activations/sigmoid_tail": SLOPES,
    "activations/tanh_slope": SLOPES,
    "clipping/derivative": "at 0 the slope of the root is infinite, and 0 times it NaN; the derivative is the identity",
    "clipping/edges": EDGES,
    "clipping/half_precision": SQUARES,
    "clipping/overflow": SQUARES,
    "clipping/zero_threshold": "ε ÷ ‖g‖ is 0/0, and the gradient NaN, where both are 0",
}
"""By theorem id: how the framework is known to deviate from the textbook."""


def loss(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> float:
    """Return the loss, as `backproof.impl.loss` does."""
    return float(elman_run(parameters, inputs, targets, Settings(**keywords))[0])


def gradients(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter, as `backproof.impl.gradients` does."""
    return _arrays(elman_run(parameters, inputs, targets, Settings(**keywords))[1])


def contributions(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return each step's share (T, …) of the gradients of W, U and b, as `backproof.impl.contributions` does."""
    settings, untied = Settings(**keywords), copies(parameters, len(inputs))
    shares = shares_of_steps(settings.activation, settings.loss, last=False)
    return _arrays(shares(untied, parameters, inputs, targets, divisor(inputs, settings)))


def contributions_by_distance(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    *,
    step: int,
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return the shares (step, …) of steps 1 … step in the gradient of the loss of that one step."""
    settings, untied = Settings(**keywords), copies(parameters, step)
    shares = shares_of_steps(settings.activation, settings.loss, last=True)
    return _arrays(shares(untied, parameters, inputs[:step], targets[:step], divisor(inputs, settings)))


def jacobian_products(
    parameters: Mapping[str, Array], inputs: Array, *, activation: str = "tanh"
) -> Iterator[tuple[int, Array]]:
    """Yield each lag with ∂h_{k+lag}/∂h_k (T − lag + 1, B, n, n), as `backproof.impl.jacobian_products` does."""
    T, (B, n) = len(inputs), parameters["h0"].shape
    start = np.concatenate([parameters["h0"][:, None], np.zeros((B, T, n), inputs.dtype)], axis=1)
    found = np.asarray(onward(activation)(start, parameters, inputs))
    yield 0, np.broadcast_to(np.eye(n, dtype=inputs.dtype), (T + 1, B, n, n))
    for lag in range(1, T + 1):
        yield lag, np.stack([found[:, k + lag - 1, :, k] for k in range(T + 1 - lag)])


def lstm_loss(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> float:
    """Return the loss of an LSTM, as `backproof.impl.lstm_loss` does."""
    return float(gated_run("lstm", parameters, inputs, targets, OutputSettings(**keywords))[0])


def lstm_gradients(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter of an LSTM, as `backproof.impl.lstm_gradients` does."""
    return _arrays(gated_run("lstm", parameters, inputs, targets, OutputSettings(**keywords))[1])


def gru_loss(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> float:
    """Return the loss of a GRU, as `backproof.impl.gru_loss` does."""
    return float(gated_run("gru", parameters, inputs, targets, OutputSettings(**keywords))[0])


def gru_gradients(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter of a GRU, as `backproof.impl.gru_gradients` does."""
    return _arrays(gated_run("gru", parameters, inputs, targets, OutputSettings(**keywords))[1])


def clip_by_norm(gradients: Mapping[str, Array], threshold: float) -> Clipped:
    """Clip by ``optax.clip_by_global_norm``; the norm is ``optax.tree.norm``."""
    return _clipped(gradients, optax.clip_by_global_norm(threshold))


def clip_by_norm_derivative(
    gradients: Mapping[str, Array], directions: Mapping[str, Array], threshold: float
) -> dict[str, Array]:
    """Return the derivative of ``optax.clip_by_global_norm`` by reverse mode: its Jacobian is symmetric."""
    clip = optax.clip_by_global_norm(threshold)
    before, moved = ({name: jnp.asarray(g) for name, g in tree.items()} for tree in (gradients, directions))
    _, back = jax.vjp(lambda tree: clip.update(tree, clip.init(tree))[0], before)
    (found,) = back(moved)
    return _arrays(found)


def clip_by_value(gradients: Mapping[str, Array], threshold: float) -> Clipped:
    """Clip by ``optax.clip``."""
    return _clipped(gradients, optax.clip(threshold))


def orthogonal_init(n: int, *, seed: int, dtype: DTypeLike = np.float64, haar: bool = True) -> Array:
    """Return ``initializers.orthogonal`` (n, n), whose distribution is Haar's; there is no other to ask for."""
    if not haar:
        raise NotImplementedError("an orthogonal start that is not Haar's")
    return np.asarray(jax.nn.initializers.orthogonal()(jax.random.key(seed), (n, n), np.dtype(dtype)))


def semi_orthogonal_init(rows: int, columns: int, *, seed: int, dtype: DTypeLike = np.float64) -> Array:
    """Return ``initializers.orthogonal`` (rows, columns)."""
    return np.asarray(jax.nn.initializers.orthogonal()(jax.random.key(seed), (rows, columns), np.dtype(dtype)))


def normal_init(n: int, *, std: float, seed: int, dtype: DTypeLike = np.float64) -> Array:
    """Return ``initializers.normal`` (n, n)."""
    return np.asarray(jax.nn.initializers.normal(std)(jax.random.key(seed), (n, n), np.dtype(dtype)))


def eigenvalues(W: Array) -> NDArray[np.complexfloating[Any, Any]]:
    """Return ``jnp.linalg.eigvals``."""
    return np.asarray(jnp.linalg.eigvals(W))


def spectral_norm(W: Array) -> float:
    """Return ``jnp.linalg.norm`` of order 2."""
    return float(jnp.linalg.norm(W, 2))


def _activation(function: Callable[[Any], Any]) -> Activation:
    slope = jax.jit(jax.grad(lambda a: function(a).sum()))
    return Activation(
        value=lambda a: np.asarray(function(jnp.asarray(a))),  # type: ignore[arg-type]
        slope=lambda a: np.asarray(slope(a)),
    )


ACTIVATIONS = {name: _activation(function) for name, function in NONLINEARITIES.items()}
"""The activations, with the slopes that `grad` gives them."""


def _arrays(tensors: Tensors) -> dict[str, Array]:
    return {name: np.asarray(tensor) for name, tensor in tensors.items()}


def _norm(gradients: Mapping[str, Array]) -> float:
    return float(optax.tree.norm({name: jnp.asarray(g) for name, g in gradients.items()}))


def _clipped(gradients: Mapping[str, Array], transformation: Any) -> Clipped:
    before = {name: jnp.asarray(g) for name, g in gradients.items()}
    after = _arrays(transformation.update(before, transformation.init(before))[0])
    changed = any(not np.array_equal(after[name], gradients[name], equal_nan=True) for name in after)
    return Clipped(gradients=after, norm=_norm(gradients), clipped=changed)
