"""What may be under test. A subject is any object or module; it offers what it has, and lacks the rest.

The functions a subject may offer, each in time-major NumPy arrays (see `theory.nets.Net` for the shapes):

=======================  ===============================================================================================
``loss``                 ``(parameters, inputs, targets, *, activation, loss, reduction) → float``
``gradients``            the same arguments ``→ {name: gradient}`` for W, U, V, b, c, h0
``contributions``        the same arguments ``→ {name: (T, …)}``: each step's share of the gradient of W, U, b
``jacobian_products``    ``(parameters, inputs, *, activation) →`` pairs ``(lag, (T − lag + 1, B, n, n))``
``clip_by_norm``         ``(gradients, threshold) →`` object with ``gradients``, ``norm``, ``clipped``
``clip_by_value``        likewise
``orthogonal_init``      ``(n, *, seed, dtype, haar) → (n, n)``
``normal_init``          ``(n, *, std, seed, dtype) → (n, n)``
=======================  ===============================================================================================
"""

from __future__ import annotations

from typing import Any


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
