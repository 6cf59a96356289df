"""Initial weights, drawn in float64 and then rounded: a seed means the same matrix in every dtype."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import DTypeLike

from backproof.impl.arrays import Array
from backproof.impl.checks import (
    checked_entries,
    checked_flag,
    checked_float_type,
    checked_integer,
    checked_positive,
    chosen,
)

Seed = int | np.random.SeedSequence


def normal_init(n: int, *, std: float, seed: Seed, dtype: DTypeLike = np.float64) -> Array:
    """Return W (n,n) with independent normal entries of mean 0 and the given standard deviation.

    At std = 1/√n the spectral radius tends to 1 (circular law, Ginibre 1965).
    Raises TypeError or ValueError naming the argument that is wrong, as all initialisers do.
    """
    return _normal((n, n), std, seed, dtype)


def orthogonal_init(n: int, *, seed: Seed, dtype: DTypeLike = np.float64, haar: bool = True) -> Array:
    """Return an orthogonal W (n,n), the factor Q of a QR factorisation of a Gaussian matrix.

    With `haar` the diagonal of R is made positive, which makes Q unique and uniformly distributed over the
    orthogonal group (Mezzadri 2007). Without, Q is what LAPACK returns, whose signs are an accident of its
    algorithm.
    """
    checked_flag("haar", haar)
    return np.asarray(_orthonormal(n, n, seed, haar), checked_float_type("dtype", dtype))


def semi_orthogonal_init(rows: int, columns: int, *, seed: Seed, dtype: DTypeLike = np.float64) -> Array:
    """Return W (rows, columns) with orthonormal rows, or orthonormal columns if there are fewer of them.

    It is uniformly distributed, as `orthogonal_init` with `haar`. A kernel of k gates side by side, (n, kn), has
    orthonormal rows then; its blocks are not orthogonal, for their squared Frobenius norms add up to n.
    """
    checked_integer("rows", rows)
    checked_integer("columns", columns)
    checked_entries("rows, columns", rows, columns)
    Q = _orthonormal(max(rows, columns), min(rows, columns), seed, haar=True)
    return np.asarray(Q if rows >= columns else Q.T, checked_float_type("dtype", dtype))


def identity_init(n: int, *, dtype: DTypeLike = np.float64) -> Array:
    """Return the identity (n,n), the start of an IRNN (Le, Jaitly and Hinton 2015)."""
    checked_entries("n", checked_integer("n", n), n)
    identity: Array = np.eye(n, dtype=checked_float_type("dtype", dtype))
    return identity


RECURRENT: Mapping[str, Callable[[int, Seed, DTypeLike], Array]] = MappingProxyType(
    {
        "orthogonal": lambda n, seed, dtype: orthogonal_init(n, seed=seed, dtype=dtype),
        "normal": lambda n, seed, dtype: normal_init(n, std=1 / math.sqrt(n), seed=seed, dtype=dtype),
        "identity": lambda n, seed, dtype: identity_init(n, dtype=dtype),
    }
)


def init_params(
    n: int,
    m: int,
    p: int,
    *,
    recurrent: str = "orthogonal",
    seed: int,
    dtype: DTypeLike = np.float64,
) -> dict[str, Array]:
    """Return parameters of a net with n hidden units, m inputs and p outputs, without h0.

    W is as `recurrent` says, normal with std 1/√n; U and V are normal with std 1/√m and 1/√n; b and c are
    zero. The three matrices are drawn from independent streams, so that changing one size leaves the
    others alone.
    """
    for name, size in {"n": n, "m": m, "p": p}.items():
        checked_integer(name, size)
    for name, size in {"n": n, "m": m, "p": p}.items():
        checked_entries(name, n, size)
    dtype = checked_float_type("dtype", dtype)
    for_W, for_U, for_V = np.random.SeedSequence(checked_integer("seed", seed, at_least=0)).spawn(3)
    return {
        "W": chosen("recurrent", recurrent, RECURRENT)(n, for_W, dtype),
        "U": _normal((n, m), 1 / math.sqrt(m), for_U, dtype),
        "V": _normal((p, n), 1 / math.sqrt(n), for_V, dtype),
        "b": np.zeros(n, dtype),
        "c": np.zeros(p, dtype),
    }


def _orthonormal(rows: int, columns: int, seed: Seed, haar: bool) -> Array:
    """The factor Q (rows, columns) of a QR factorisation, for no more columns than rows."""
    Q, R = np.linalg.qr(_normal((rows, columns), 1.0, seed, np.float64))
    if haar:
        Q *= np.where(np.diagonal(R) < 0, -1.0, 1.0)
    return np.asarray(Q)


def _normal(shape: tuple[int, int], std: float, seed: Seed, dtype: DTypeLike) -> Array:
    checked_entries("n", checked_integer("n", shape[0]), shape[1])
    checked_positive("std", std)
    if not isinstance(seed, np.random.SeedSequence):
        checked_integer("seed", seed, at_least=0)
    draws = np.random.default_rng(seed).standard_normal(shape)
    return np.asarray(std * draws, checked_float_type("dtype", dtype))
