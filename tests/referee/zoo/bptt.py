"""Back-propagation through time as a list of choices. Each default is right; each fault changes one of them.

For t = T … 1, in rows (one for each sequence of the batch):

    δ_t = g_t V + α_{t+1} W        what this step's loss and the next step ask of h_t
    α_t = δ_t ∘ φ′(a_t)            what they ask of a_t
    W += α_tᵀ h_{t-1},  U += α_tᵀ x_t,  b += Σ α_t,  V += g_tᵀ h_t,  c += Σ g_t

This is written to be read and to be got wrong, not to be fast. It runs in float32, float64 and extended precision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.arithmetic import Floats
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.language import notation
from backproof.theory.language.functions import ACTIVATIONS, LOSSES, Activation, Loss
from backproof.theory.nets.network import DEFAULTS

Array = NDArray[Any]
Parameters = Mapping[str, Array]
SHARED = ("W", "U", "b")
OUTPUT, TARGET = notation.o[notation.t], notation.y[notation.t]


def sigmoid(a: Array) -> Array:
    """σ(a), without overflow."""
    e = np.exp(-np.abs(a))
    return np.asarray(np.where(a < 0, e, 1) / (1 + e))


def sigmoid_slope(a: Array) -> Array:
    """σ′(a) = e / (1 + e)² with e = exp(−|a|)."""
    e = np.exp(-np.abs(a))
    return np.asarray(e / (1 + e) ** 2)


def tanh_slope(a: Array) -> Array:
    """tanh′(a) = 1 / cosh²(a), which keeps its digits where tanh rounds to 1."""
    with np.errstate(over="ignore"):
        return np.asarray((1 / np.cosh(a)) ** 2)


def _derivative(activation: Activation, order: int) -> Callable[[Array], Array]:
    """φ or a derivative of it, as the theory writes it, in the dtype of the argument."""
    function = activation.derivatives[order]
    return lambda a: np.asarray(Floats(a.dtype).apply(function, a), dtype=a.dtype)


VALUES: Mapping[str, Callable[[Array], Array]] = {name: _derivative(phi, 0) for name, phi in ACTIVATIONS.items()}
SLOPES: Mapping[str, Callable[[Array], Array]] = {
    **{name: _derivative(phi, 1) for name, phi in ACTIVATIONS.items()},
    "tanh": tanh_slope,  # for 1 − h² and h (1 − h) lose their digits
    "sigmoid": sigmoid_slope,
}


def softmax(outputs: Array) -> Array:
    """ŷ (…,p)."""
    weights = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def one_hot(targets: Array, like: Array) -> Array:
    """Classes (T,B) as rows of the identity, in the dtype and width of ``like``."""
    return np.asarray(np.eye(like.shape[-1], dtype=like.dtype)[targets])


def at_target(values: Array, targets: Array) -> Array:
    """The entries (T,B) of (T,B,p) at the targets."""
    return np.asarray(np.take_along_axis(values, targets[..., None], axis=-1)[..., 0])


@dataclass(frozen=True, kw_only=True)
class Run:
    """A forward pass: x (T,B,m), a (T,B,n), h (T+1,B,n), o (T,B,p), the targets, and g = ∂L/∂o (T,B,p)."""

    parameters: Parameters
    activation: str
    x: Array
    a: Array
    h: Array
    o: Array
    y: Array
    loss: float
    g: Array

    @property
    def steps(self) -> int:
        """T."""
        return len(self.x)


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is at hand at step t on the way back. ``h(s)``, ``x(s)``, ``a(s)`` and ``g(s)`` take times from 1 to T."""

    run: Run
    t: int
    carried: Array  # α_{t+1} W, from the step after
    delta: Array
    alpha: Array

    def __getattr__(self, name: str) -> Any:
        return self.run.parameters[name]

    def h(self, time: int) -> Array:
        """The state at a time from 0 on; beyond either end, the nearest."""
        return np.asarray(self.run.h[min(max(time, 0), self.run.steps)])

    def x(self, time: int) -> Array:
        """The input of a step."""
        return np.asarray(self.run.x[min(max(time, 1), self.run.steps) - 1])

    def a(self, time: int) -> Array:
        """The pre-activation of a step."""
        return np.asarray(self.run.a[min(max(time, 1), self.run.steps) - 1])

    def g(self, time: int) -> Array:
        """The gradient by the output of a step."""
        return np.asarray(self.run.g[time - 1])

    def slope(self, argument: Array) -> Array:
        """φ′ of an argument."""
        return SLOPES[self.run.activation](argument)


def entropy(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """Cross-entropy of the softmax: losses (T,B), and their gradient ŷ − y (T,B,p)."""
    shifted = outputs - outputs.max(axis=-1, keepdims=True)
    values = np.log(np.exp(shifted).sum(axis=-1)) - at_target(shifted, targets)
    return np.asarray(values), softmax(outputs) - one_hot(targets, outputs)


def charged(loss: Loss, outputs: Array, targets: Array) -> tuple[Array, Array]:
    """A loss (T,B) as the theory writes it, and its gradient (T,B,p)."""
    size = outputs.shape[-1]
    columns = loss.columns(targets, size).astype(outputs.dtype)
    known = Environment({notation.p: size, OUTPUT: outputs[..., None], TARGET: columns[..., None]})
    value, gradient = (evaluate(part, Floats(outputs.dtype), known) for part in (loss.value, loss.gradient))
    return np.asarray(value[..., 0, 0]), np.asarray(gradient[..., 0])


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that a programmer of BPTT decides. ``s`` is a `Step`."""

    # Forward: what is read, from which state, against which targets, charged how.
    read: Callable[[Array], Array] = lambda inputs: inputs
    start: Callable[[Callable[[Array], Array], Array], Array] = lambda states, h0: h0
    aim: Callable[[Array], Array] = lambda targets: targets
    entropy: Callable[[Array, Array], tuple[Array, Array]] = entropy
    divisor: Callable[[int, int], int] = lambda steps, batch: steps * batch
    # Backward: the recursion.
    slope: Callable[[Step], Array] = lambda s: s.slope(s.a(s.t))
    ask: Callable[[Step], Array] = lambda s: s.g(s.t) @ s.V
    carry: Callable[[Step], Array] = lambda s: s.alpha @ s.W
    limit: Callable[[Array], Array] = lambda delta: delta
    # Backward: what each step contributes, how it is added up, and what leaves the function.
    W: Callable[[Step], Array] = lambda s: s.alpha.T @ s.h(s.t - 1)
    U: Callable[[Step], Array] = lambda s: s.alpha.T @ s.x(s.t)
    b: Callable[[Step], Array] = lambda s: s.alpha.sum(axis=0)
    V: Callable[[Step], Array] = lambda s: s.g(s.t).T @ s.h(s.t)
    c: Callable[[Step], Array] = lambda s: s.g(s.t).sum(axis=0)
    steps: Callable[[int], Iterable[int]] = lambda steps: range(steps, 0, -1)
    add: Callable[[Array, Array], Array] = lambda total, share: total + share
    finish: Callable[[dict[str, Array], int], dict[str, Array]] = lambda gradients, steps: gradients

    def but(self, **changes: Any) -> Recipe:
        """The same recipe with some choices made otherwise."""
        return replace(self, **changes)


RIGHT = Recipe()


def forward(
    recipe: Recipe,
    parameters: Parameters,
    inputs: Array,
    targets: Array,
    **settings: str,
) -> Run:
    """The forward pass, its loss, and the gradient of the loss by the outputs."""
    how = DEFAULTS | settings
    p, value, loss = parameters, VALUES[how["activation"]], LOSSES[how["loss"]]
    x, y = recipe.read(inputs), recipe.aim(targets)
    h0 = p["h0"] if "h0" in p else np.zeros((x.shape[1], len(p["W"])), x.dtype)
    with np.errstate(all="ignore"):

        def states(start: Array, sequences: Any = slice(None)) -> tuple[Array, Array]:
            a: list[Array] = []
            h = [start]
            for x_t in x[:, sequences]:
                a.append(h[-1] @ p["W"].T + x_t @ p["U"].T + p["b"])
                h.append(value(a[-1]))
            return np.stack(a), np.stack(h)

        a, h = states(recipe.start(lambda start: states(start)[1], h0))
        o = h[1:] @ p["V"].T + p["c"]
        losses, g = recipe.entropy(o, y) if loss.classes else charged(loss, o, y)
        if how["reduction"] == "mean":
            losses, g = losses / losses.size, g / recipe.divisor(*o.shape[:2])
        total = float(losses.sum())
    return Run(parameters=p, activation=how["activation"], x=x, a=a, h=h, o=o, y=y, loss=total, g=g)


def back(recipe: Recipe, run: Run) -> tuple[list[dict[str, Array]], Array]:
    """What each step contributes to each gradient, the last step first, and δ_0 (B,n)."""
    carried = np.zeros_like(run.h[0])
    shares = []
    with np.errstate(all="ignore"):
        for t in range(run.steps, 0, -1):
            s = Step(run=run, t=t, carried=carried, delta=carried, alpha=carried)
            s = replace(s, delta=recipe.limit(recipe.ask(s) + carried))
            s = replace(s, alpha=s.delta * recipe.slope(s))
            shares.append({name: getattr(recipe, name)(s) for name in ("W", "U", "b", "V", "c")})
            carried = recipe.carry(s)
    return shares, carried


def gradients(recipe: Recipe, *task: Any, **settings: Any) -> dict[str, Array]:
    """∂L/∂θ for θ = W, U, V, b, c, h0."""
    run = forward(recipe, *task, **settings)
    shares, delta_0 = back(recipe, run)
    with np.errstate(all="ignore"):
        found = {name: np.zeros_like(run.parameters[name]) for name in ("W", "U", "V", "b", "c")}
        for t in recipe.steps(run.steps):
            for name, share in shares[run.steps - t].items():
                found[name] = recipe.add(found[name], share)
        return recipe.finish(found | {"h0": delta_0}, run.steps)


def loss(recipe: Recipe, *task: Any, **settings: Any) -> float:
    """The loss of the recipe's forward pass."""
    return forward(recipe, *task, **settings).loss


def contributions(recipe: Recipe, *task: Any, **settings: Any) -> dict[str, Array]:
    """What each step contributes to W, U and b (T,…), in the order of time."""
    return _stacked(back(recipe, forward(recipe, *task, **settings))[0])


def contributions_by_distance(recipe: Recipe, *task: Any, step: int, **settings: Any) -> dict[str, Array]:
    """What steps 1 … ``step`` contribute to the loss charged at ``step`` (step,…)."""
    run = forward(recipe, *task, **settings)
    g = np.zeros_like(run.g[:step])
    g[-1] = run.g[step - 1]
    early = replace(run, x=run.x[:step], a=run.a[:step], h=run.h[: step + 1], o=run.o[:step], y=run.y[:step], g=g)
    return _stacked(back(recipe, early)[0])


def _stacked(shares: list[dict[str, Array]]) -> dict[str, Array]:
    return {name: np.stack([share[name] for share in reversed(shares)]) for name in SHARED}
