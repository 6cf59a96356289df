"""What may be under test. A subject is any object or module; it offers what it has, and lacks the rest.

The functions a subject may offer, each in time-major NumPy arrays (see `backproof.theory.nets.networks.Net` for the
shapes):

=============================  =========================================================================================
``loss``                       ``(parameters, inputs, targets, *, activation, loss, reduction) → float``
``gradients``                  the same arguments ``→ {name: gradient}`` for W, U, V, b, c, h0
``contributions``              the same arguments ``→ {name: (T, …)}``: each step's share of the gradient of W, U, b
``contributions_by_distance``  likewise, of the loss of the one ``step`` that is named
``jacobian_products``          ``(parameters, inputs, *, activation) →`` pairs ``(lag, (T − lag + 1, B, n, n))``
``lstm_loss``, ``lstm_…``      as ``loss`` and ``gradients``, without an activation; ``gru_loss``, ``gru_gradients`` too
``cell_gradients``             ``(cell, parameters, inputs, upstream, last) → {name: gradient}``, the cell by the name
                               of its file in ``theory/cells``; ``last`` is what comes in at the last states
``net_gradients``              likewise of a net, for ``cell`` a list of its layers, each of one or two such names; with
                               ``lengths`` and ``dropout`` as `backproof.theory.nets.layers.layers` has them
``clip_by_norm``               ``(gradients, threshold) →`` object with ``gradients``, ``norm``, ``clipped``
``clip_by_value``              likewise
``clip_by_norm_derivative``    ``(gradients, directions, threshold) → {name: …}``, the derivative in that direction
``orthogonal_init``            ``(n, *, seed, dtype, haar) → (n, n)``
``semi_orthogonal_init``       ``(rows, columns, *, seed, dtype) → (rows, columns)``, orthonormal along its shorter side
``normal_init``                ``(n, *, std, seed, dtype) → (n, n)``
``eigenvalues``                ``(W) → (n,)`` complex
``spectral_norm``              ``(W) → float``
``ACTIVATIONS``                by name, objects with a ``slope``: a function of an array
``forward``                    ``(parameters, inputs, *, activation) →`` ``outputs``, ``hidden_states`` (T + 1, B, n)
``truncated_gradients``        as ``gradients``, with ``every`` and ``window`` in steps
``rtrl_gradients``             as ``gradients``, by forward mode
``bptt_operations``            ``(n, m, p, T) →`` multiplications for one sequence; ``rtrl_operations`` too
``lstm_cell_jacobians``        ``(parameters, inputs) → (T, B, n)``, diagonals of ``∂⁺s_t/∂s_{t−1}``
``gru_carry``                  likewise of ``∂⁺h_t/∂h_{t−1}``
``lstm_forward``               ``(parameters, inputs) →`` object with ``outputs`` (T, B, p)
``loss_and_gradients``         as ``gradients``, ``→`` a pair
``train``                      ``(parameters, batches, *, gradients, optimiser, steps, monitor) →`` object with
                               ``params``, ``losses``, ``explosion`` (None if there was none) and ``reaches``
``SGD``                        ``(*, rate) →`` an optimiser for ``train``
``VanishingMonitor``           ``(*, distance, below) →`` a monitor for it; each reach has ``vanishing``
``learnability``               ``(model, gap, seed, *, window, steps, units) →`` object with ``accuracy``
=============================  =========================================================================================

A subject may be narrower than its functions' arguments. Then it says so: ``offers`` maps "activation", "loss" and
"reduction" to the values that it has, and ``without`` names those of b, c and h0 that its nets do not have. A function
that does not take the value of an argument raises NotImplementedError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from backproof.theory.nets.networks import net_of

_SETTINGS = ("activation", "loss", "reduction")
CALLED: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "forward": (2, ("activation",)),
    "contributions": (3, _SETTINGS),
    "contributions_by_distance": (3, (*_SETTINGS, "step")),
    "jacobian_products": (2, ("activation",)),
    "lstm_loss": (3, ("loss", "reduction")),
    "lstm_gradients": (3, ("loss", "reduction")),
    "gru_loss": (3, ("loss", "reduction")),
    "gru_gradients": (3, ("loss", "reduction")),
    "cell_gradients": (5, ()),
    "clip_by_norm": (2, ()),
    "clip_by_value": (2, ()),
    "clip_by_norm_derivative": (3, ()),
    "orthogonal_init": (1, ("seed", "dtype", "haar")),
    "semi_orthogonal_init": (2, ("seed", "dtype")),
    "normal_init": (1, ("std", "seed", "dtype")),
    "eigenvalues": (1, ()),
    "spectral_norm": (1, ()),
    "truncated_gradients": (3, (*_SETTINGS, "every", "window")),
    "rtrl_gradients": (3, _SETTINGS),
    "bptt_operations": (4, ()),
    "rtrl_operations": (4, ()),
    "lstm_cell_jacobians": (2, ()),
    "gru_carry": (2, ()),
    "lstm_forward": (2, ()),
    "loss_and_gradients": (3, _SETTINGS),
    "train": (2, ("gradients", "optimiser", "steps", "monitor")),
    "SGD": (0, ("rate",)),
    "VanishingMonitor": (0, ("distance", "below")),
    "learnability": (3, ("window", "steps", "units")),
}
"""How the optional functions are called: so many arguments, and these keywords."""


class Lacks(Exception):
    """The subject does not offer what a check needs. Reported as *not offered*, never as passed."""


def offered(subject: Any, name: str) -> Any:
    """The subject's function of that name.

    Raises
    ------
    Lacks
        If there is none.
    """
    function = getattr(subject, name, None)
    if not callable(function):
        raise Lacks(name)
    return function


def answer(subject: Any, function: str, net: Any, **more: Any) -> Any:
    """What a function of the subject returns for the loss of a net; ``more`` are arguments beside the net's settings.

    Raises
    ------
    Lacks
        If the subject does not offer it.
    """
    return offered(subject, function)(net.parameters, net.inputs, net.targets, **net.settings, **more)


def followed(subject: Any, function: str, net: Any) -> Any:
    """What a function of the subject returns for the run of an Elman net, whatever is charged for it.

    Raises
    ------
    Lacks
        If the subject does not offer it.
    """
    return offered(subject, function)(net.parameters, net.inputs, activation=net.activation)


def narrow(subject: Any) -> bool:
    """Whether the subject offers some settings only, so that a check may lose the power to tell statements apart."""
    return bool(getattr(subject, "offers", ()) or getattr(subject, "without", ()))


_WANTED: ContextVar[Mapping[str, Sequence[str]]] = ContextVar("_WANTED")


@contextmanager
def drawing_for(subject: Any) -> Iterator[None]:
    """Within it, strategies prefer the settings that the subject offers, so that few instances are drawn in vain."""
    token = _WANTED.set(getattr(subject, "offers", {}))
    try:
        yield
    finally:
        _WANTED.reset(token)


def wanted(setting: str, values: Sequence[str]) -> tuple[str, ...]:
    """The values that the current subject supports; all of them if it supports none."""
    offers = _WANTED.get({}).get(setting, values)
    return tuple(value for value in values if value in offers) or tuple(values)


def suited(subject: Any, instance: Any) -> Any:
    """The instance as the subject can run it: with zeros for parameters that it does not have.

    If it looks up indices (``tokens``), each input is the unit vector of its largest entry.

    Raises
    ------
    Lacks
        If the instance is a net with a setting, or holds one with a parameter, that the subject does not offer.
    """
    net = net_of(instance)
    offers: Mapping[str, tuple[str, ...]] = getattr(subject, "offers", {})
    for setting, values in offers.items():
        asked = getattr(net, setting, None)
        if asked is not None and asked not in values:
            raise Lacks(f"the {setting} {asked!r}")
    if getattr(subject, "tokens", False) and net is instance and hasattr(net, "inputs"):
        net = instance = net.with_(inputs=np.eye(net.inputs.shape[-1])[net.inputs.argmax(axis=-1)])
    missing = {name: getattr(net, name, None) for name in getattr(subject, "without", ())}
    zeros = {name: np.zeros_like(array) for name, array in missing.items() if array is not None and np.any(array)}
    if zeros and net is not instance:
        raise Lacks(f"the parameter {next(iter(zeros))}")
    return net.with_(**zeros) if zeros else instance
