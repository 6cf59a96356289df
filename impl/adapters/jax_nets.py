"""Nets in JAX: steps through ``lax.scan``, their losses and gradients, compiled once for each size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from backproof.impl.arrays import Array
from backproof.impl.settings import OutputSettings, Settings

jax.config.update("jax_enable_x64", True)

Tensors = Mapping[str, Any]

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


def elman_run(parameters: Tensors, inputs: Array, targets: NDArray[Any], settings: Settings) -> Any:
    """Loss and gradients of an Elman net."""
    function = _elman(settings.activation, settings.loss)
    return function(parameters, inputs, targets, divisor(inputs, settings))


def gated_run(kind: str, parameters: Tensors, inputs: Array, targets: NDArray[Any], settings: OutputSettings) -> Any:
    """Loss and gradients of a gated net."""
    return _gated(kind, settings.loss)(parameters, inputs, targets, divisor(inputs, settings))


def _with_gradient(run: Callable[[Tensors, Any], Any], loss: str) -> Any:
    """The loss and its gradient by the parameters."""

    def total(parameters: Tensors, inputs: Any, targets: Any, by: Any) -> Any:
        return _charges(parameters, run(parameters, inputs), targets, loss).sum() / by

    return jax.jit(jax.value_and_grad(total))


@cache
def shares_of_steps(activation: str, loss: str, *, last: bool) -> Any:
    """The gradient, by the copies, of the loss of every step or of the last."""

    def total(untied: Tensors, parameters: Tensors, inputs: Any, targets: Any, by: Any) -> Any:
        charges = _charges(parameters, _run(parameters, inputs, activation, untied), targets, loss)
        return (charges[-1:] if last else charges).sum() / by

    return jax.jit(jax.grad(total))


@cache
def onward(activation: str) -> Any:
    """∂h_t/∂h_k (B, T, n, T + 1, n) for t = 1 … T and k = 0 … T, from h_0 followed by T zeros (B, T + 1, n).

    The zeros are added to h_1 … h_T, so that the derivative by them is the derivative by those states.
    """

    def one(start: Any, parameters: Tensors, inputs: Any) -> Any:
        states = _run({**parameters, "h0": start[:1]}, inputs[:, None], activation, {"added": start[1:, None]})
        return states[:, 0]

    return jax.jit(jax.vmap(jax.jacrev(one), in_axes=(0, None, 1)))


def copies(parameters: Mapping[str, Array], steps: int) -> dict[str, Array]:
    """W, U and b once for each step: what is shared is untied."""
    return {name: np.stack([parameters[name]] * steps) for name in "WUb"}


def divisor(inputs: Array, settings: OutputSettings) -> float:
    """What the sum of the losses is divided by."""
    return float(inputs.shape[0] * inputs.shape[1]) if settings.reduction == "mean" else 1.0
