"""A deep feed-forward net whose layers share one matrix, or have one each: what sharing does to gradients.

    h_0 = x,    a_l = W_l h_{l-1} + b_l,    h_l = φ(a_l) for l = 1 … L,    o = V h_L + c

and the loss is charged at the end alone. With one W for all layers it is the recurrent net without inputs, run
for L steps: its gradient of W is the sum over the layers of what independent matrices would get, and its layer
Jacobians multiply up to powers of one matrix, where independent ones are a product of independent factors.

Parameters are a mapping: W (n,n) and b (n,) shared, or W (L,n,n) and b (L,n) independent (either choice for
each), V (p,n), c (p,). Inputs are (B,n), targets (B,) class indices or (B,p). Depth takes the place of time.

>>> rng = np.random.default_rng(0)
>>> params = {"W": rng.normal(size=(3, 3)), "b": np.zeros(3), "V": rng.normal(size=(2, 3)), "c": np.zeros(2)}
>>> independent = params | {"W": np.stack([params["W"]] * 4)}
>>> inputs, targets = rng.normal(size=(5, 3)), np.array([0, 1, 0, 1, 1])
>>> of_one, of_each = (deep_gradients(net, inputs, targets, depth=4)["W"] for net in (params, independent))
>>> of_each.shape, bool(np.allclose(of_each.sum(axis=0), of_one, rtol=1e-12, atol=1e-15))
((4, 3, 3), True)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from backproof.impl.arrays import Array, require_no_overflow, require_no_overflow_in_time, unwarned
from backproof.impl.checks import (
    check_shape,
    checked_entries,
    checked_floats,
    checked_integer,
    checked_mapping,
    chosen,
    is_array,
    kind_of,
    listed,
)
from backproof.impl.elman import output_gradients, total_loss
from backproof.impl.jacobians import norms_by_lag, products_by_lag
from backproof.impl.losses import LOSSES
from backproof.impl.recurrence import rows
from backproof.impl.settings import Keywords, OutputSettings, Settings
from backproof.impl.shapes import check_shapes
from backproof.impl.sums import in_range, output_layer_gradients
from backproof.impl.validation import Charge, checked_activation, checked_charge

NAMES = ("W", "b", "V", "c")


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class DeepTrajectory:
    """What a deep net did: pre-activations (L,B,n), hidden states (L+1,B,n), outputs (B,p).

    `pre_activations[l-1]` belongs to layer l = 1 … L, `hidden_states[l]` to layer l = 0 … L, 0 being the input.
    """

    pre_activations: Array
    hidden_states: Array
    outputs: Array


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Layers:
    """Parameters of every layer, views of what was given: W (L,n,n), b (L,n), with V (p,n) and c (p,)."""

    W: Array
    b: Array
    V: Array
    c: Array


def deep_forward(params: Mapping[str, Array], inputs: Array, *, depth: int, activation: str = "tanh") -> DeepTrajectory:
    """Run the net on inputs (B,n) through `depth` layers.

    Raises FloatingPointError where a hidden state (naming the layer as the step) or an output overflows, and
    TypeError or ValueError naming the argument that is wrong.
    """
    return _run(_checked_layers(params, inputs, depth), inputs, activation)


def deep_loss(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    *,
    depth: int,
    **keywords: Unpack[Keywords],
) -> float:
    """Return the loss of the outputs, summed over the batch, or that sum divided by B.

    Losses are those of the Elman net. Raises as `deep_forward` does, and where the loss itself overflows.
    """
    layers = _checked_layers(params, inputs, depth)
    settings = Settings(**keywords)
    charge = _checked_charge(params, inputs, targets, settings)
    outputs = _run(layers, inputs, settings.activation).outputs
    return total_loss(charge, charge.loss.evaluate(outputs[None], charge.targets)[0])


def deep_gradients(
    params: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    *,
    depth: int,
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for W, b, V, c, each of the shape of its parameter, and for the inputs, as "h0" (B,n).

    Raises as `deep_forward` does, and where a gradient overflows, naming it.
    """
    layers = _checked_layers(params, inputs, depth)
    settings = Settings(**keywords)
    charge = _checked_charge(params, inputs, targets, settings)
    run = _run(layers, inputs, settings.activation)
    g = output_gradients(charge, run.outputs[None])
    alpha, delta_0 = _adjoints(layers, checked_activation(settings.activation).slope(run.pre_activations), g[0])
    return in_range(
        _layer_gradients(params, alpha, run.hidden_states[:-1])
        | output_layer_gradients(g, run.hidden_states[-1:])
        | {"h0": delta_0}
    )


def deep_layer_jacobians(params: Mapping[str, Array], inputs: Array, *, depth: int, activation: str = "tanh") -> Array:
    """Return ∂h_l/∂h_{l-1} = diag(φ′(a_l)) W_l for l = 1 … L as an array (L,B,n,n). Raises as `deep_forward` does."""
    layers = _checked_layers(params, inputs, depth)
    return _layer_jacobians(
        layers, checked_activation(activation).slope(_run(layers, inputs, activation).pre_activations)
    )


def deep_jacobian_products(
    params: Mapping[str, Array], inputs: Array, *, depth: int, activation: str = "tanh"
) -> Iterator[tuple[int, Array]]:
    """Yield each distance d = 0 … L with ∂h_{k+d}/∂h_k for k = 0 … L-d, a read-only array (L-d+1,B,n,n).

    Arguments are checked at the call. Raises as `deep_forward` does, and FloatingPointError at the distance
    that overflows.
    """
    return products_by_lag(deep_layer_jacobians(params, inputs, depth=depth, activation=activation))


def deep_jacobian_norms(params: Mapping[str, Array], inputs: Array, *, depth: int, activation: str = "tanh") -> Array:
    """Return the spectral norms ‖∂h_l/∂h_k‖ as an array (L+1,L+1,B) indexed [l, k], with NaN where l < k.

    Raises as `deep_jacobian_products` does.
    """
    return norms_by_lag(deep_layer_jacobians(params, inputs, depth=depth, activation=activation))


@unwarned
def _run(layers: Layers, inputs: Array, activation: str) -> DeepTrajectory:
    phi = checked_activation(activation).value
    a = np.empty((len(layers.W), *inputs.shape), inputs.dtype)
    h = np.empty((len(a) + 1, *inputs.shape), inputs.dtype)
    h[0] = inputs
    for l, (W, b) in enumerate(zip(layers.W, layers.b, strict=True)):  # noqa: E741
        np.matmul(h[l], W.T, out=a[l])
        a[l] += b
        phi(a[l], out=h[l + 1])
    # An infinite pre-activation saturates tanh to a finite state: it counts as overflow all the same.
    require_no_overflow_in_time("the hidden state", a)
    outputs: Array = h[-1] @ layers.V.T + layers.c
    require_no_overflow("the output", outputs)
    return DeepTrajectory(pre_activations=a, hidden_states=h, outputs=outputs)


@unwarned
def _adjoints(layers: Layers, slopes: Array, g: Array) -> tuple[Array, Array]:
    """Return α (L,B,n), with α_l = ∂L/∂a_l, and ∂L/∂h_0 (B,n): α_l = φ′(a_l) ∘ δ_l and δ_{l-1} = W_lᵀ α_l."""
    alpha = np.empty_like(slopes)
    delta: Array = g @ layers.V
    for l in range(len(alpha) - 1, -1, -1):  # noqa: E741
        np.multiply(delta, slopes[l], out=alpha[l])
        delta = alpha[l] @ layers.W[l]
    require_no_overflow_in_time("the gradient of the pre-activation", alpha, backward=True)
    return alpha, delta


@unwarned
def _layer_gradients(params: Mapping[str, Array], alpha: Array, before: Array) -> dict[str, Array]:
    """Return the gradients of W and b: of every layer where each has its own, else summed over the layers."""
    W = np.matmul(alpha.transpose(0, 2, 1), before) if params["W"].ndim == 3 else rows(alpha).T @ rows(before)
    return {"W": W, "b": alpha.sum(axis=1 if params["b"].ndim == 2 else (0, 1))}


@unwarned
def _layer_jacobians(layers: Layers, slopes: Array) -> Array:
    jacobians: Array = slopes[..., None] * layers.W[:, None]  # no slope exceeds 1: in range as W is
    return jacobians


def _checked_layers(params: Mapping[str, Array], inputs: Array, depth: int) -> Layers:
    """Check parameters against inputs (B,n) and the depth, and spread what is shared over the layers."""
    checked_integer("depth", depth)
    checked_mapping("params", params)
    if set(params) != set(NAMES):
        raise ValueError(f"params: expected {listed(NAMES)}, got {listed(map(str, params))}")
    dtype = checked_floats("params['W']", params["W"]).dtype
    for name, array in params.items():
        checked_floats(f"params[{name!r}]", array, dtype=dtype)
    checked_floats("inputs", inputs, dtype=dtype)
    if inputs.ndim != 2 or 0 in inputs.shape:
        raise ValueError(f"inputs: expected shape (B, n) with at least one sequence and one unit, got {inputs.shape}")
    n = inputs.shape[1]
    checked_entries("depth", depth, *inputs.shape)
    checked_entries("depth", depth, n, n)
    for name, shape in {"W": (n, n), "b": (n,)}.items():
        own = params[name].ndim > len(shape)
        check_shape(f"params[{name!r}]", params[name], (depth, *shape) if own else shape)
    check_shapes({"V": "pn", "c": "p"}, params, {"n": n})
    return Layers(
        W=np.broadcast_to(params["W"], (depth, n, n)),
        b=np.broadcast_to(params["b"], (depth, n)),
        V=params["V"],
        c=params["c"],
    )


def _checked_charge(
    params: Mapping[str, Array], inputs: Array, targets: NDArray[Any], settings: OutputSettings
) -> Charge:
    """Check the targets as those of one step."""
    if not is_array(targets):
        raise TypeError(f"targets: expected a NumPy array, got {kind_of(targets)}")
    outputs = (len(inputs), len(params["c"]))
    classes = chosen("loss", settings.loss, LOSSES).classes
    check_shape("targets", targets, outputs[:1] if classes else outputs)
    return checked_charge(targets[None], (1, *outputs), inputs.dtype, loss=settings.loss, reduction=settings.reduction)
