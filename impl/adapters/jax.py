"""JAX under test, with optax for clipping. Importing this module turns on JAX's 64-bit mode for the whole process.

=======================  ===============================================================================================
loss, gradients          ``grad`` through ``lax.scan``, compiled once for each size
lstm_…, gru_…            the same; JAX has no recurrent layers, so the steps are the textbook's
contributions            ``grad`` by copies of the parameters, one for each step
jacobian_products        ``jacrev`` of ``lax.scan``, by zeros that are added to its states
clip_by_norm, _value     ``optax.clip_by_global_norm``, ``optax.clip``
orthogonal_init          ``jax.nn.initializers.orthogonal``; normal_init ``jax.nn.initializers.normal``
=======================  ===============================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Unpack

import numpy as np
from numpy.typing import DTypeLike, NDArray

from backproof.impl.activations import Activation
from backproof.impl.adapters.reasons import SLOPES, SQUARES
from backproof.impl.arrays import Array
from backproof.impl.clipping import Clipped
from backproof.impl.settings import Keywords, OutputKeywords, OutputSettings, Settings

NAME = "JAX with optax"
INSTALL = "pip install jax optax, or make jax in a checkout"

try:
    import jax
    import jax.numpy as jnp
    import optax
except ImportError as missing:
    raise ImportError(f"{NAME} is not installed: {INSTALL} ({missing})") from None

DISTRIBUTIONS = ("jax", "jaxlib", "optax")
DEVIATIONS: Mapping[str, str] = {
    "activations/sigmoid_slope": SLOPES,
    "activations/sigmoid_tail": SLOPES,
    "activations/tanh_slope": SLOPES,
    "clipping/overflow": SQUARES,
}
"""By theorem id: how the framework is known to deviate from the textbook."""


jax.config.update("jax_enable_x64", True)

NONLINEARITIES: Mapping[str, Callable[[Any], Any]] = {
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "identity": lambda a: a,
    "softplus": jax.nn.softplus,
}
LOSSES: Mapping[str, Callable[[Any, Any], Any]] = {
    "cross_entropy": optax.softmax_cross_entropy_with_integer_labels,
    "huber": lambda o, y: optax.huber_loss(o, y).sum(axis=-1),
    "squared_error": lambda o, y: optax.l2_loss(o, y).sum(axis=-1),
}
"""Losses (T, B) of outputs (T, B, p) and targets."""
Tensors = Mapping[str, Any]


def loss(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> float:
    """Return the loss, as `backproof.impl.loss` does."""
    return float(_elman_run(parameters, inputs, targets, Settings(**keywords))[0])


def gradients(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter, as `backproof.impl.gradients` does."""
    return _arrays(_elman_run(parameters, inputs, targets, Settings(**keywords))[1])


def contributions(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return each step's share (T, …) of the gradients of W, U and b, as `backproof.impl.contributions` does."""
    settings, copies = Settings(**keywords), _copies(parameters, len(inputs))
    shares = _shares(settings.activation, settings.loss, last=False)
    return _arrays(shares(copies, parameters, inputs, targets, _divisor(inputs, settings)))


def contributions_by_distance(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    *,
    step: int,
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return the shares (step, …) of steps 1 … step in the gradient of the loss of that one step."""
    settings, copies = Settings(**keywords), _copies(parameters, step)
    shares = _shares(settings.activation, settings.loss, last=True)
    return _arrays(shares(copies, parameters, inputs[:step], targets[:step], _divisor(inputs, settings)))


def jacobian_products(
    parameters: Mapping[str, Array], inputs: Array, *, activation: str = "tanh"
) -> Iterator[tuple[int, Array]]:
    """Yield each lag with ∂h_{k+lag}/∂h_k (T − lag + 1, B, n, n), as `backproof.impl.jacobian_products` does."""
    T, (B, n) = len(inputs), parameters["h0"].shape
    start = np.concatenate([parameters["h0"][:, None], np.zeros((B, T, n), inputs.dtype)], axis=1)
    found = np.asarray(_onward(activation)(start, parameters, inputs))
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
    return float(_gated_run("lstm", parameters, inputs, targets, OutputSettings(**keywords))[0])


def lstm_gradients(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter of an LSTM, as `backproof.impl.lstm_gradients` does."""
    return _arrays(_gated_run("lstm", parameters, inputs, targets, OutputSettings(**keywords))[1])


def gru_loss(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> float:
    """Return the loss of a GRU, as `backproof.impl.gru_loss` does."""
    return float(_gated_run("gru", parameters, inputs, targets, OutputSettings(**keywords))[0])


def gru_gradients(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter of a GRU, as `backproof.impl.gru_gradients` does."""
    return _arrays(_gated_run("gru", parameters, inputs, targets, OutputSettings(**keywords))[1])


def clip_by_norm(gradients: Mapping[str, Array], threshold: float) -> Clipped:
    """Clip by ``optax.clip_by_global_norm``; the norm is ``optax.tree.norm``."""
    return _clipped(gradients, optax.clip_by_global_norm(threshold))


def clip_by_value(gradients: Mapping[str, Array], threshold: float) -> Clipped:
    """Clip by ``optax.clip``."""
    return _clipped(gradients, optax.clip(threshold))


def orthogonal_init(n: int, *, seed: int, dtype: DTypeLike = np.float64, haar: bool = True) -> Array:
    """Return ``initializers.orthogonal`` (n, n), whose distribution is Haar's; there is no other to ask for."""
    if not haar:
        raise NotImplementedError("an orthogonal start that is not Haar's")
    return np.asarray(jax.nn.initializers.orthogonal()(jax.random.key(seed), (n, n), np.dtype(dtype)))


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


def _run(parameters: Tensors, inputs: Any, activation: str, own: Tensors | None = None) -> Any:
    """h_1 … h_T (T, B, n); in `own` each step may have its own W, U and b, and what is ``added`` to its state."""

    def step(h: Any, now: Any) -> tuple[Any, Any]:
        x, here = now[0], {**parameters, **now[1]}
        h = NONLINEARITIES[activation](h @ here["W"].T + x @ here["U"].T + here["b"])
        h = h + here["added"] if "added" in here else h
        return h, h

    return jax.lax.scan(step, parameters["h0"], (inputs, dict(own or {})))[1]


def _run_lstm(parameters: Tensors, inputs: Any) -> Any:
    def step(before: tuple[Any, Any], x: Any) -> tuple[Any, Any]:
        h, s = before
        a = {j: h @ parameters[f"W_{j}"].T + x @ parameters[f"U_{j}"].T + parameters[f"b_{j}"] for j in "ifqg"}
        i, f, q = (jax.nn.sigmoid(a[j]) for j in "ifq")
        s = f * s + i * jnp.tanh(a["g"])
        h = q * jnp.tanh(s)
        return (h, s), h

    initial = (parameters["h0"], parameters["s0"])
    return jax.lax.scan(step, initial, inputs)[1]


def _run_gru(parameters: Tensors, inputs: Any) -> Any:
    def step(h: Any, x: Any) -> tuple[Any, Any]:
        driven = {j: x @ parameters[f"U_{j}"].T + parameters[f"b_{j}"] for j in "zrn"}
        z, r = (jax.nn.sigmoid(h @ parameters[f"W_{j}"].T + driven[j]) for j in "zr")
        h = z * h + (1 - z) * jnp.tanh((r * h) @ parameters["W_n"].T + driven["n"])
        return h, h

    return jax.lax.scan(step, parameters["h0"], inputs)[1]


def _charges(parameters: Tensors, states: Any, targets: Any, loss: str) -> Any:
    """The loss of every step and sequence (T, B)."""
    outputs = states @ parameters["V"].T + parameters["c"]
    return LOSSES[loss](outputs, targets)


@cache
def _elman(activation: str, loss: str) -> Any:
    return _with_gradient(lambda parameters, inputs: _run(parameters, inputs, activation), loss)


@cache
def _gated(kind: str, loss: str) -> Any:
    return _with_gradient({"lstm": _run_lstm, "gru": _run_gru}[kind], loss)


def _elman_run(parameters: Tensors, inputs: Array, targets: NDArray[Any], settings: Settings) -> Any:
    """Loss and gradients of an Elman net."""
    function = _elman(settings.activation, settings.loss)
    return function(parameters, inputs, targets, _divisor(inputs, settings))


def _gated_run(kind: str, parameters: Tensors, inputs: Array, targets: NDArray[Any], settings: OutputSettings) -> Any:
    """Loss and gradients of a gated net."""
    return _gated(kind, settings.loss)(parameters, inputs, targets, _divisor(inputs, settings))


def _with_gradient(run: Callable[[Tensors, Any], Any], loss: str) -> Any:
    """The loss and its gradient by the parameters."""

    def total(parameters: Tensors, inputs: Any, targets: Any, divisor: Any) -> Any:
        return _charges(parameters, run(parameters, inputs), targets, loss).sum() / divisor

    return jax.jit(jax.value_and_grad(total))


@cache
def _shares(activation: str, loss: str, *, last: bool) -> Any:
    """The gradient, by the copies, of the loss of every step or of the last."""

    def total(copies: Tensors, parameters: Tensors, inputs: Any, targets: Any, divisor: Any) -> Any:
        charges = _charges(parameters, _run(parameters, inputs, activation, copies), targets, loss)
        return (charges[-1:] if last else charges).sum() / divisor

    return jax.jit(jax.grad(total))


@cache
def _onward(activation: str) -> Any:
    """∂h_t/∂h_k (B, T, n, T + 1, n) for t = 1 … T and k = 0 … T, from h_0 followed by T zeros (B, T + 1, n).

    The zeros are added to h_1 … h_T, so that the derivative by them is the derivative by those states.
    """

    def one(start: Any, parameters: Tensors, inputs: Any) -> Any:
        states = _run({**parameters, "h0": start[:1]}, inputs[:, None], activation, {"added": start[1:, None]})
        return states[:, 0]

    return jax.jit(jax.vmap(jax.jacrev(one), in_axes=(0, None, 1)))


def _copies(parameters: Mapping[str, Array], steps: int) -> dict[str, Array]:
    """W, U and b once for each step: what is shared is untied."""
    return {name: np.stack([parameters[name]] * steps) for name in "WUb"}


def _divisor(inputs: Array, settings: OutputSettings) -> float:
    return float(inputs.shape[0] * inputs.shape[1]) if settings.reduction == "mean" else 1.0


def _arrays(tensors: Tensors) -> dict[str, Array]:
    return {name: np.asarray(tensor) for name, tensor in tensors.items()}


def _norm(gradients: Mapping[str, Array]) -> float:
    return float(optax.tree.norm({name: jnp.asarray(g) for name, g in gradients.items()}))


def _clipped(gradients: Mapping[str, Array], transformation: Any) -> Clipped:
    before = {name: jnp.asarray(g) for name, g in gradients.items()}
    after = _arrays(transformation.update(before, transformation.init(before))[0])
    changed = any(not np.array_equal(after[name], gradients[name], equal_nan=True) for name in after)
    return Clipped(gradients=after, norm=_norm(gradients), clipped=changed)
