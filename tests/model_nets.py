"""The Elman net that models of frameworks are checked against."""

from __future__ import annotations

from typing import Any

import numpy as np

from backproof import net


def elman(m: int = 4, n: int = 5, p: int = 3, *, words: bool = False, **settings: Any) -> Any:
    """Of m inputs, n units and p outputs, for 6 steps of 2 sequences; with ``words`` inputs are unit vectors."""
    random = np.random.default_rng(0)
    inputs = np.eye(m)[random.integers(0, m, (6, 2))] if words else random.normal(size=(6, 2, m))
    arrays = {"W": (n, n), "U": (n, m), "V": (p, n), "b": (n,), "c": (p,)}
    return net(
        **{name: random.normal(size=shape) for name, shape in arrays.items()},
        inputs=inputs,
        targets=random.integers(0, p, (6, 2)),
        **settings,
    )
