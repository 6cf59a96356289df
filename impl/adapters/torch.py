"""PyTorch under test.

=======================  ===============================================================================================
loss, gradients          ``nn.RNN`` for tanh and ReLU; for the sigmoid and the identity, which it does not have, the
                         same steps one by one; then ``linear``, ``cross_entropy`` or ``mse_loss``, and ``backward``
lstm_…                   ``nn.LSTM``, whose gates are stacked in the order i, f, g, o (our q)
contributions            the gradients by copies of the parameters, one for each step
jacobian_products        ``autograd.grad``, a unit at a time, from every state onward
clip_by_norm, _value     ``nn.utils.clip_grad_norm_``, ``clip_grad_value_``
…orthogonal_init         ``nn.init.orthogonal_``; normal_init ``nn.init.normal_``
=======================  ===============================================================================================

A recurrent layer of PyTorch has two biases, which are added: ours is the first, and the second is zero. ``nn.GRU`` is
another function than the textbook's: it resets after the matrix. ``reset_after_gru_states`` runs it, for comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Unpack

import numpy as np
from numpy.typing import DTypeLike, NDArray

from backproof.impl.activations import Activation
from backproof.impl.adapters.reasons import EDGES, NORM, SLOPES, SQUARES
from backproof.impl.arrays import Array
from backproof.impl.clipping import Clipped
from backproof.impl.settings import Keywords, OutputKeywords, OutputSettings, Settings

NAME = "PyTorch"
INSTALL = "pip install torch, or make torch in a checkout"

try:
    import torch
    from torch import nn
    from torch.func import functional_call
except ImportError as missing:
    raise ImportError(f"{NAME} is not installed: {INSTALL} ({missing})") from None

DISTRIBUTIONS = ("torch",)
DEVIATIONS: Mapping[str, str] = {
    "activations/sigmoid_slope": SLOPES,
    "activations/sigmoid_tail": SLOPES,
    "activations/tanh_slope": SLOPES,
    "clipping/by_norm": f"{NORM}; {SQUARES}",
    "clipping/edges": EDGES,
    "clipping/grouping": f"{NORM}; {SQUARES}",
    "clipping/overflow": f"{NORM}; {SQUARES}",
    "clipping/projection": NORM,
    "clipping/zero_threshold": f"{NORM}; {SQUARES}",
    "learning/clipped_descent": NORM,
}
"""By theorem id: how the framework is known to deviate from the textbook."""


Tensors = dict[str, Any]


def _by_entry(total: Callable[[Any, Any], Any]) -> Callable[[Any, Any, str], Any]:
    """A loss from its total, which is divided by T·B for the mean: PyTorch's own would be that over entries."""
    return lambda outputs, targets, reduction: (
        total(outputs, targets) / (outputs.shape[0] * outputs.shape[1] if reduction == "mean" else 1)
    )


OF_THE_LAYER = {"tanh": torch.tanh, "relu": torch.relu}
"""What ``nn.RNN`` has."""
NONLINEARITIES = {
    **OF_THE_LAYER,
    "sigmoid": torch.sigmoid,
    "identity": torch.clone,
    "softplus": lambda a: nn.functional.softplus(a, threshold=40),  # by default it is the identity from 20 on
}
LOSSES: Mapping[str, Callable[[Any, Any, str], Any]] = {
    "cross_entropy": lambda o, y, reduction: nn.functional.cross_entropy(
        o.flatten(0, 1), y.to(torch.int64).flatten(), reduction=reduction
    ),
    "huber": _by_entry(lambda o, y: nn.functional.huber_loss(o, y, reduction="sum")),
    "squared_error": _by_entry(lambda o, y: nn.functional.mse_loss(o, y, reduction="sum") / 2),
}
"""Losses of outputs (T, B, p), targets and the reduction."""


def loss(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> float:
    """Return the loss, as `backproof.impl.loss` does."""
    settings, leaves = Settings(**keywords), _leaves(parameters)
    states = _states(leaves, _tensor(inputs), settings.activation)
    total: float = _charge(leaves, states, targets, settings).item()
    return total


def gradients(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter, as `backproof.impl.gradients` does."""
    settings, leaves = Settings(**keywords), _leaves(parameters)
    states = _states(leaves, _tensor(inputs), settings.activation)
    return _backward(_charge(leaves, states, targets, settings), leaves)


def contributions(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return each step's share (T, …) of the gradients of W, U and b, as `backproof.impl.contributions` does."""
    settings, leaves, copies = Settings(**keywords), _leaves(parameters), _copies(parameters, len(inputs))
    states = torch.stack(list(_steps(copies, _tensor(inputs), leaves["h0"], settings.activation)))
    return _backward(_charge(leaves, states, targets, settings), copies)


def contributions_by_distance(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    *,
    step: int,
    **keywords: Unpack[Keywords],
) -> dict[str, Array]:
    """Return the shares (step, …) of steps 1 … step in the gradient of the loss of that one step."""
    settings, leaves, copies = Settings(**keywords), _leaves(parameters), _copies(parameters, step)
    *_, last = _steps(copies, _tensor(inputs[:step]), leaves["h0"], settings.activation)
    weight = 1 / len(inputs) if settings.reduction == "mean" else 1
    return _backward(weight * _charge(leaves, last[None], targets[step - 1 : step], settings), copies)


def jacobian_products(
    parameters: Mapping[str, Array], inputs: Array, *, activation: str = "tanh"
) -> Iterator[tuple[int, Array]]:
    """Yield each lag with ∂h_{k+lag}/∂h_k (T − lag + 1, B, n, n), as `backproof.impl.jacobian_products` does."""
    T, n = len(inputs), len(parameters["W"])
    leaves, x = _leaves(parameters), _tensor(inputs)
    copies = {name: leaves[name].expand(T, *leaves[name].shape) for name in "WUb"}
    states = [leaves["h0"], *_steps(copies, x, leaves["h0"], activation)]
    rows = {(t, t): [np.broadcast_to(row, states[0].shape) for row in np.eye(n)] for t in range(T + 1)}
    for t in range(1, T + 1):
        units = [torch.autograd.grad(states[t][:, i].sum(), states[:t], retain_graph=True) for i in range(n)]
        rows |= {(t, k): [unit[k].numpy() for unit in units] for k in range(t)}
    for lag in range(T + 1):
        products = [np.stack(rows[k + lag, k], axis=1) for k in range(T + 1 - lag)]
        yield lag, np.stack(products).astype(inputs.dtype, copy=False)


def lstm_loss(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> float:
    """Return the loss of an LSTM, as `backproof.impl.lstm_loss` does."""
    settings, leaves = OutputSettings(**keywords), _leaves(parameters)
    total: float = _charge(leaves, _lstm_states(leaves, _tensor(inputs)), targets, settings).item()
    return total


def lstm_gradients(
    parameters: Mapping[str, Array],
    inputs: Array,
    targets: NDArray[Any],
    **keywords: Unpack[OutputKeywords],
) -> dict[str, Array]:
    """Return ∂L/∂θ for every parameter of an LSTM, as `backproof.impl.lstm_gradients` does."""
    settings, leaves = OutputSettings(**keywords), _leaves(parameters)
    return _backward(_charge(leaves, _lstm_states(leaves, _tensor(inputs)), targets, settings), leaves)


def reset_after_gru_states(parameters: Mapping[str, Array], inputs: Array) -> Array:
    """Return the states h_1 … h_T (T, B, n) of ``nn.GRU`` with the parameters of `backproof.impl.gru_loss`."""
    leaves = _leaves(parameters)
    stacked = {kind: torch.cat([leaves[f"{kind}_{gate}"] for gate in "rzn"]) for kind in "WUb"}
    states: Array = _layer(nn.GRU, stacked, _tensor(inputs), leaves["h0"][None]).detach().numpy()
    return states


def clip_by_norm(gradients: Mapping[str, Array], threshold: float) -> Clipped:
    """Clip by ``clip_grad_norm_`` with its defaults."""
    leaves = _with_gradients(gradients)
    norm = nn.utils.clip_grad_norm_(list(leaves.values()), threshold)
    return _clipped(gradients, leaves, float(norm))


def clip_by_value(gradients: Mapping[str, Array], threshold: float) -> Clipped:
    """Clip by ``clip_grad_value_`` with its defaults."""
    leaves = _with_gradients(gradients)
    norm = nn.utils.get_total_norm([leaf.grad for leaf in leaves.values()])
    nn.utils.clip_grad_value_(list(leaves.values()), threshold)
    return _clipped(gradients, leaves, float(norm))


def orthogonal_init(n: int, *, seed: int, dtype: DTypeLike = np.float64, haar: bool = True) -> Array:
    """Return ``orthogonal_`` (n, n), whose distribution is Haar's; there is no other to ask for."""
    if not haar:
        raise NotImplementedError("an orthogonal start that is not Haar's")
    matrix = torch.empty(n, n, dtype=_dtype(dtype))
    return np.asarray(nn.init.orthogonal_(matrix, generator=torch.Generator().manual_seed(seed)).numpy())


def semi_orthogonal_init(rows: int, columns: int, *, seed: int, dtype: DTypeLike = np.float64) -> Array:
    """Return ``orthogonal_`` (rows, columns)."""
    matrix = torch.empty(rows, columns, dtype=_dtype(dtype))
    return np.asarray(nn.init.orthogonal_(matrix, generator=torch.Generator().manual_seed(seed)).numpy())


def normal_init(n: int, *, std: float, seed: int, dtype: DTypeLike = np.float64) -> Array:
    """Return ``normal_`` (n, n)."""
    matrix = torch.empty(n, n, dtype=_dtype(dtype))
    return np.asarray(nn.init.normal_(matrix, std=std, generator=torch.Generator().manual_seed(seed)).numpy())


def eigenvalues(W: Array) -> NDArray[np.complexfloating[Any, Any]]:
    """Return ``linalg.eigvals``."""
    return np.asarray(torch.linalg.eigvals(_tensor(W)).numpy())


def spectral_norm(W: Array) -> float:
    """Return ``linalg.matrix_norm`` of order 2."""
    return float(torch.linalg.matrix_norm(_tensor(W), ord=2))


def _activation(function: Any) -> Activation:
    def slope(a: Array) -> Array:
        leaf = _tensor(a).requires_grad_()
        (found,) = torch.autograd.grad(function(leaf).sum(), leaf)
        return np.asarray(found.numpy())

    return Activation(value=lambda a: np.asarray(function(_tensor(a)).numpy()), slope=slope)  # type: ignore[arg-type]


ACTIVATIONS = {name: _activation(function) for name, function in NONLINEARITIES.items()}
"""The activations, with the slopes that autograd gives them."""


def _tensor(array: Any) -> Any:
    """A tensor with memory of its own, so that nothing is written into an argument."""
    return torch.tensor(np.asarray(array))


def _leaves(parameters: Mapping[str, Array]) -> Tensors:
    return {name: _tensor(array).requires_grad_() for name, array in parameters.items()}


def _copies(parameters: Mapping[str, Array], steps: int) -> Tensors:
    """W, U and b once for each step: what is shared is untied."""
    return _leaves({name: np.stack([parameters[name]] * steps) for name in "WUb"})


def _states(leaves: Tensors, x: Any, activation: str) -> Any:
    """h_1 … h_T (T, B, n)."""
    if activation in OF_THE_LAYER:
        return _layer(nn.RNN, leaves, x, leaves["h0"][None], nonlinearity=activation)
    copies = {name: leaves[name].expand(len(x), *leaves[name].shape) for name in "WUb"}
    return torch.stack(list(_steps(copies, x, leaves["h0"], activation)))


def _lstm_states(leaves: Tensors, x: Any) -> Any:
    stacked = {kind: torch.cat([leaves[f"{kind}_{gate}"] for gate in "ifgq"]) for kind in "WUb"}
    return _layer(nn.LSTM, stacked, x, (leaves["h0"][None], leaves["s0"][None]))


def _layer(kind: Any, weights: Tensors, x: Any, initial: Any, **settings: Any) -> Any:
    """Run a recurrent layer of one direction whose weights are ours."""
    layer = kind(x.shape[-1], weights["W"].shape[-1], dtype=x.dtype, **settings)
    ours = {"weight_ih_l0": weights["U"], "weight_hh_l0": weights["W"], "bias_ih_l0": weights["b"]}
    return functional_call(layer, {**ours, "bias_hh_l0": torch.zeros_like(weights["b"])}, (x, initial))[0]


def _steps(copies: Tensors, x: Any, h: Any, activation: str) -> Iterator[Any]:
    """h_1 … h_T one by one, each step with its own copies of W, U and b."""
    for x_t, W, U, b in zip(x, copies["W"], copies["U"], copies["b"], strict=True):
        h = NONLINEARITIES[activation](nn.functional.linear(x_t, U, b) + nn.functional.linear(h, W))
        yield h


def _charge(leaves: Tensors, states: Any, targets: NDArray[Any], settings: OutputSettings) -> Any:
    outputs = nn.functional.linear(states, leaves["V"], leaves["c"])
    return LOSSES[settings.loss](outputs, _tensor(targets), settings.reduction)


def _backward(total: Any, leaves: Tensors) -> dict[str, Array]:
    total.backward()
    return {name: leaf.grad.numpy() for name, leaf in leaves.items()}


def _with_gradients(gradients: Mapping[str, Array]) -> Tensors:
    leaves = _leaves(gradients)
    for name, leaf in leaves.items():
        leaf.grad = _tensor(gradients[name])
    return leaves


def _clipped(before: Mapping[str, Array], leaves: Tensors, norm: float) -> Clipped:
    after = {name: leaf.grad.numpy() for name, leaf in leaves.items()}
    changed = any(not np.array_equal(after[name], before[name], equal_nan=True) for name in after)
    return Clipped(gradients=after, norm=norm, clipped=changed)


def _dtype(dtype: DTypeLike) -> Any:
    return torch.float32 if np.dtype(dtype) == np.float32 else torch.float64
