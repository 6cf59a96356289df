"""A training loop for any net and any gradient, which notices when gradients explode and when they vanish.

An explosion shows: numbers leave their range. The loop stops before anything that is not finite reaches a
parameter, and says where. Vanishing raises no alarm of its own, since the gradient as a whole keeps a healthy
norm; but taken apart by distance it shows which share comes from far away, and that is watched while training.

>>> import numpy as np
>>> from backproof.impl.elman import loss_and_gradients
>>> from backproof.impl.initialisers import init_params
>>> from backproof.impl.optimisers import SGD
>>> batch = np.ones((4, 1, 2)), np.array([[0], [1], [0], [1]])
>>> run = train(init_params(3, 2, 2, seed=0), [batch], gradients=loss_and_gradients, optimiser=SGD(rate=0.1), steps=20)
>>> run.losses[-1] < run.losses[0], run.explosion
(True, None)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from backproof.impl.arrays import Array, unwarned
from backproof.impl.checks import (
    LARGEST,
    checked_callable,
    checked_instance,
    checked_integer,
    checked_positive,
    kind_of,
)
from backproof.impl.clipping import Clipped, global_norm
from backproof.impl.decomposition import contributions_by_distance
from backproof.impl.optimisers import Optimiser, State, UpdateOverflow
from backproof.impl.settings import Keywords
from backproof.impl.validation import checked_task

Batch = tuple[Array, NDArray[Any]]
Params = Mapping[str, Array]
LossAndGradients = Callable[[Params, Array, NDArray[Any]], tuple[float, Mapping[str, Array]]]
Clip = Callable[[Mapping[str, Array]], Clipped]
Shares = Callable[[Params, Array, NDArray[Any]], Array]


@dataclass(frozen=True, kw_only=True, slots=True)
class Explosion:
    """Why training stopped: at the attempt of which step, by which parameter, and in words.

    `parameter` is the one whose gradient or update is not finite. Where the run of the net overflows before
    there is any gradient, it is the one with the largest entry.
    """

    step: int
    parameter: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """The share of the gradient, before the given step, that came from the monitor's distance or farther."""

    step: int
    share: float
    vanishing: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class VanishingMonitor:
    """Watch, at every so many steps, the share of the gradient that arrives from `distance` or farther.

    The gradient counts as vanishing where that share is less than `below`. Were all T distances to contribute
    alike, it would be (T - distance) / T. `shares` maps (params, inputs, targets) to the share of each
    distance 0, 1, …; if left out it is `distance_shares`, for an Elman net of tanh and cross-entropy.
    """

    distance: int
    below: float
    every: int = 1
    shares: Shares | None = None

    def __post_init__(self) -> None:
        checked_integer("distance", self.distance)
        checked_integer("every", self.every)
        checked_positive("below", self.below)
        if self.shares is not None:
            checked_callable("shares", self.shares)

    def __call__(self, step: int, params: Params, inputs: Array, targets: NDArray[Any]) -> Reach:
        """Measure one batch, at the parameters before that step."""
        checked_integer("step", step)
        shares = (self.shares or distance_shares)(params, inputs, targets)
        share = float(shares[self.distance :].sum())
        return Reach(step=step, share=share, vanishing=share < self.below)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Training:
    """What training did: last finite parameters and state; of each step taken, its loss, norm and clipping.

    `losses` and `norms` are of the parameters before the step, `norms` before clipping.
    """

    params: dict[str, Array]
    state: State
    losses: tuple[float, ...]
    norms: tuple[float, ...]
    clipped: tuple[bool, ...]
    reaches: tuple[Reach, ...]
    explosion: Explosion | None


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class _Step:
    loss: float
    clipped: Clipped
    reach: Reach | None


class _Exploded(Exception):
    def __init__(self, parameter: str, reason: str) -> None:
        self.parameter, self.reason = parameter, reason


def train(
    params: Params,
    batches: Sequence[Batch],
    *,
    gradients: LossAndGradients,
    optimiser: Optimiser,
    steps: int,
    clip: Clip | None = None,
    monitor: VanishingMonitor | None = None,
) -> Training:
    """Take up to `steps` steps, over the batches (inputs, targets) in turn, from the first again after the last.

    `gradients` maps (params, inputs, targets) to (loss, gradients), as `loss_and_gradients` does; `paired`
    makes one of two functions. `clip` maps gradients to `Clipped`. An overflow ends training, with its
    report in `explosion`. Raises TypeError or ValueError for a wrong argument.
    """
    _check_loop(batches, gradients, optimiser, steps, clip, monitor)
    state = optimiser.init(params)
    current = {name: theta.copy() for name, theta in params.items()}
    log: list[_Step] = []
    explosion = None
    for step in range(1, steps + 1):
        batch = batches[(step - 1) % len(batches)]
        try:
            taken = _measured(step, current, batch, gradients, clip, monitor)
            current, state = optimiser.step(current, taken.clipped.gradients, state)
        except _Exploded as found:
            explosion = Explosion(step=step, parameter=found.parameter, reason=found.reason)
            break
        except UpdateOverflow as found:
            explosion = Explosion(step=step, parameter=found.parameter, reason=str(found))
            break
        log.append(taken)
    return _training(current, state, log, explosion)


def _check_loop(
    batches: Sequence[Batch],
    gradients: LossAndGradients,
    optimiser: Optimiser,
    steps: int,
    clip: Clip | None,
    monitor: VanishingMonitor | None,
) -> None:
    checked_integer("steps", steps, at_least=0, at_most=LARGEST)
    if not isinstance(batches, Sequence) or isinstance(batches, str | bytes):
        raise TypeError(f"batches: expected a sequence of pairs (inputs, targets), got {kind_of(batches)}")
    if not batches:
        raise ValueError("batches: expected at least one, got none")
    for batch in batches:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise TypeError(f"batches: expected pairs (inputs, targets), got {kind_of(batch)}")
    checked_callable("gradients", gradients)
    if not all(callable(getattr(optimiser, name, None)) for name in ("init", "step")):
        raise TypeError(f"optimiser: expected an object with init and step, got {kind_of(optimiser)}")
    if clip is not None:
        checked_callable("clip", clip)
    if monitor is not None:
        checked_instance("monitor", monitor, VanishingMonitor)


def paired(
    loss: Callable[[Params, Array, NDArray[Any]], float],
    gradients: Callable[[Params, Array, NDArray[Any]], Mapping[str, Array]],
) -> LossAndGradients:
    """Return the function to (loss, gradients) that `train` takes, from one function to each."""
    checked_callable("loss", loss)
    checked_callable("gradients", gradients)
    return lambda params, inputs, targets: (loss(params, inputs, targets), gradients(params, inputs, targets))


@unwarned
def distance_shares(
    params: Params,
    inputs: Array,
    targets: NDArray[Any],
    *,
    step: int | None = None,
    **keywords: Unpack[Keywords],
) -> Array:
    """Return s (t,) with s_d = ‖G_{t-d}‖ / Σ_k ‖G_k‖, the share of distance d in the gradient of L_t.

    G_k is what step k contributes to ∂L_t/∂(W, U, b) together, ‖·‖ its Euclidean norm, and t the given step,
    or the last. The shares sum to 1, or are all 0 where the whole gradient is. Raises as
    `contributions_by_distance` does.
    """
    task = checked_task(params, inputs, targets, **keywords)
    t = len(task.inputs) if step is None else step
    parts = contributions_by_distance(params, inputs, targets, step=t, **keywords)
    norms = np.array([global_norm({name: part[k] for name, part in parts.items()}) for k in reversed(range(t))])
    # Divided by the largest first: the sum may be out of range where no norm is.
    largest = norms.max()
    if largest == 0:
        return norms
    relative: Array = norms / largest
    return np.asarray(relative / relative.sum())


def _measured(
    step: int,
    params: dict[str, Array],
    batch: Batch,
    gradients: LossAndGradients,
    clip: Clip | None,
    monitor: VanishingMonitor | None,
) -> _Step:
    """Return loss and gradients, finite and clipped. Raises _Exploded where there are none."""
    try:
        loss, found = _pair(gradients(params, *batch))
        finite = _required_finite(loss, params, found)
        clipped = Clipped(gradients=finite, norm=global_norm(finite), clipped=False) if clip is None else clip(finite)
        checked_instance("clip: what it returns", clipped, Clipped)
        reach = monitor(step, params, *batch) if monitor and (step - 1) % monitor.every == 0 else None
    except FloatingPointError as overflow:
        raise _Exploded(_largest(params), str(overflow)) from overflow
    return _Step(loss=float(loss), clipped=clipped, reach=reach)


def _pair(returned: object) -> tuple[float, Mapping[str, Array]]:
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise TypeError(
            "gradients: expected a function that returns (loss, gradients), as `loss_and_gradients` does and "
            f"`paired` makes, got one that returns {type(returned).__name__}"
        )
    return returned


def _required_finite(loss: float, params: Params, found: Mapping[str, Array]) -> dict[str, Array]:
    """Return the gradients of the parameters alone: that of an h0 left out is no part of any norm."""
    missing = [name for name in params if name not in found]
    if missing:
        raise ValueError(f"gradients: expected one for each parameter, got none for {missing[0]!r}")
    for name in params:
        if not np.isfinite(found[name]).all():
            raise _Exploded(name, f"the gradient of {name} is not finite")
    if not np.isfinite(loss):
        raise _Exploded(_largest(params), f"the loss is {loss}")
    return {name: found[name] for name in params}


def _largest(params: Params) -> str:
    return max(params, key=lambda name: float(np.abs(params[name]).max(initial=0)))


def _training(params: dict[str, Array], state: State, log: list[_Step], explosion: Explosion | None) -> Training:
    return Training(
        params=params,
        state=state,
        losses=tuple(taken.loss for taken in log),
        norms=tuple(taken.clipped.norm for taken in log),
        clipped=tuple(taken.clipped.clipped for taken in log),
        reaches=tuple(taken.reach for taken in log if taken.reach is not None),
        explosion=explosion,
    )
