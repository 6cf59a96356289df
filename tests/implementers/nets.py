"""Nets at which code is tried: the README's own, and one for each circumstance in which some mistake shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from backproof.theory.nets.networks import Net, net


def _readme() -> Net:
    """16 units, 50 steps, one sequence of one-hot inputs, W orthogonal, U and V identities, b, c and h_0 zero."""
    W, *_ = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))
    words = np.random.default_rng(1).integers(0, 16, 51)
    return net(W=W, inputs=np.eye(16)[words[:-1]], targets=words[1:])


def _drawn(n: int, T: int, B: int, *, m: int = 0, p: int = 0, gain: float = 0.5, seed: int = 2) -> Net:
    """Every array normal; ``gain`` is the scale of W times √n; where m or p is not given, it is n."""
    m, p, random = m or n, p or n, np.random.default_rng(seed)
    return net(
        W=random.normal(size=(n, n)) * gain / np.sqrt(n),
        U=random.normal(size=(n, m)) * 0.5,
        V=random.normal(size=(p, n)) * 0.5,
        b=random.normal(size=n) * 0.3,
        c=random.normal(size=p) * 0.3,
        h0=random.normal(size=(B, n)) * 0.3,
        inputs=random.normal(size=(T, B, m)),
        targets=random.integers(0, p, size=(T, B)),
    )


def _tokens(n: int, T: int, B: int) -> Net:
    words = np.random.default_rng(3).integers(0, n, size=(T + 1, B))
    return _drawn(n, T, B).with_(inputs=np.eye(n)[words[:-1]], targets=words[1:])


def _scaled(of: Net, **factors: float) -> Net:
    return of.with_(**{name: getattr(of, name) * factor for name, factor in factors.items()})


def _tied() -> Net:
    """The rows of V are equal, and so are the outputs."""
    of = _drawn(4, 5, 2)
    return of.with_(V=np.repeat(of.V[:1], 4, axis=0), c=np.zeros(4))


def _padded() -> Net:
    """The inputs of the last steps of a sequence are zero."""
    of = _drawn(4, 6, 2)
    inputs = of.inputs.copy()
    inputs[4:, 1] = 0
    return of.with_(inputs=inputs)


def _kinked() -> Net:
    """The first unit's pre-activation is exactly 0 at every step."""
    of = _drawn(4, 5, 2)
    W, U, b = of.W.copy(), of.U.copy(), of.b.copy()
    W[0], U[0], b[0] = 0, 0, 0
    return of.with_(W=W, U=U, b=b)


def _remembering() -> Net:
    """W is orthogonal and states are small, so that nothing vanishes."""
    of = _drawn(3, 300, 1)
    return _scaled(of.with_(W=np.linalg.qr(of.W)[0]), U=1e-3, b=0.0, h0=1e-2)


NETS: dict[str, Callable[[], Net]] = {
    "README's own": _readme,
    "small": lambda: _drawn(3, 4, 2, m=2),
    "middling": lambda: _drawn(8, 7, 5),
    "more sequences than units": lambda: _drawn(2, 5, 9),
    "as many sequences as units": lambda: _drawn(4, 5, 4, m=3, p=5),
    "12 units, tokens": lambda: _tokens(12, 17, 6),
    "all sizes 1": lambda: _drawn(1, 1, 1),
    "one step": lambda: _drawn(3, 1, 2),
    "64 steps": lambda: _drawn(3, 64, 2),
    "300 steps": lambda: _drawn(3, 300, 1),
    "300 steps of a long memory": _remembering,
    "a W of norm above 1": lambda: _drawn(4, 5, 2, gain=2.0),
    "200 classes": lambda: _drawn(3, 4, 2, p=200),
    "more classes than units": lambda: _drawn(3, 4, 2, p=7),
    "loud outputs": lambda: _scaled(_drawn(4, 5, 2), V=4000.0),
    "quiet states": lambda: _scaled(_drawn(4, 5, 2), U=1e-6, b=1e-6, h0=1e-6),
    "huge gradients": lambda: _scaled(_drawn(4, 5, 2), inputs=1e8, U=1e-8),
    "faint adjoints": lambda: _scaled(_drawn(4, 5, 2), V=1e-308),
    "tied outputs": _tied,
    "zero inputs": _padded,
    "pre-activations at 0": _kinked,
}


@cache
def net_at(
    name: str, activation: str = "tanh", loss: str = "cross_entropy", reduction: str = "sum", *, plain: bool = False
) -> Net:
    """The net of that name, of a loss that takes classes or values; ``plain`` is without c and h_0."""
    found = NETS[name]()
    changes: dict[str, Any] = {"activation": activation, "loss": loss, "reduction": reduction}
    if loss != "cross_entropy":
        T, B, _, _, p = found.sizes
        changes["targets"] = np.random.default_rng(5).normal(size=(T, B, p))
    if plain:
        changes |= {"c": np.zeros_like(found.c), "h0": np.zeros_like(found.h0)}
    return found.with_(**changes)
