"""Jacobian products of a subject's deep nets against bounds, within the rounding of every product up to then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Ge, Le

from theory.arithmetic import Balls, Rounded, Roundoff, Undecided, precision
from theory.comparison import Comparison, at_most
from theory.decide import BITS, environments
from theory.deep import Deep
from theory.evaluation import evaluate
from theory.nodes import SpectralNorm, StateJacobian
from theory.notation import k, t
from theory.proofs.spectra import parts
from theory.subject import offered

Array = NDArray[np.float64]


def layers_satisfy(statement: Any, subject: Any, instance: Deep) -> Iterator[Comparison]:
    """Bounds on ``‖∂h_t/∂h_k‖₂`` between layers, for all k ≤ t."""
    if any(part.lhs != SpectralNorm(StateJacobian(t, k)) for part in parts(statement)):
        raise Undecided("the statement is not about the norm of ∂h_t/∂h_k")
    size = len(instance.start)
    parameters = {"W": instance.weights, "b": instance.biases, "V": np.eye(size), "c": np.zeros(size)}
    start = instance.start[None]
    run = offered(subject, "deep_jacobian_products")
    got = dict(run(parameters, start, depth=instance.layers, activation=instance.activation))
    bounds = {early: _slack(instance, early) for early in range(instance.layers + 1)}
    with precision(BITS):
        for part in parts(statement):
            for environment in environments(instance, Balls(), part):
                late, early = environment[t], environment[k]
                norm = float(np.linalg.norm(got[late - early][early, 0], 2))
                limit, what = float(evaluate(part.rhs, Balls(), environment)), f"‖∂h_{late}/∂h_{early}‖"
                low, high = (norm, limit) if isinstance(part, Le) else (limit, norm)
                if not isinstance(part, Le | Ge):
                    raise Undecided(f"{part} is not a bound")
                rounding = Roundoff.of(np.float64).gamma(20 * size**2) * norm  # of NumPy's singular values
                yield at_most(what, low, high, bounds[early][late] + rounding)


def _slack(instance: Deep, early: int) -> dict[int, float]:
    """How far ``∂h_late/∂h_early`` may be off in the Frobenius norm, by `Rounded` arithmetic, in any order."""
    roundoff = Roundoff.of(np.float64)
    A = Rounded(roundoff)
    h = A.matrix(instance.start[:, None])
    product = A.identity(len(instance.start))
    size, magnitude = len(instance.start), np.eye(len(instance.start))
    found = {early: 0.0}
    for layer in range(1, instance.layers + 1):
        W = A.matrix(instance.weights[layer - 1])
        a = A.add(A.matmul(W, h), A.matrix(instance.biases[layer - 1][:, None]))
        h = A.apply(instance.phi.derivatives[0], a)
        if layer <= early:
            continue
        J = A.matmul(A.diagonal(A.apply(instance.phi.derivatives[1], a)), W)
        product, magnitude = A.matmul(J, product), (np.abs(J.value) + J.radius) @ magnitude
        order = roundoff.gamma(size * (layer - early)) * magnitude
        found[layer] = float(np.linalg.norm(product.radius + order))
    return found
