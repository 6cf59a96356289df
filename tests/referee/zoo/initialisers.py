"""Faults of initial weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from backproof.referee.zoo.bptt import Array
from backproof.referee.zoo.records import NOT_FOUND, Fault, fault_of


def _gaussian(n: int, seed: int) -> Array:
    return np.random.default_rng(seed).standard_normal((n, n))


def _without_signs(n: int, *, seed: int, dtype: Any = np.float64, haar: bool = True) -> Array:
    return np.linalg.qr(_gaussian(n, seed))[0].astype(dtype)


def _not_unit(n: int, *, seed: int, dtype: Any = np.float64, haar: bool = True) -> Array:
    """Orthogonal columns, not normalised: Q times the diagonal of R."""
    Q, R = np.linalg.qr(_gaussian(n, seed))
    return np.asarray(Q * np.diagonal(R), dtype)


def _variance(n: int, *, std: float, seed: int, dtype: Any = np.float64) -> Array:
    return np.asarray(std**2 * _gaussian(n, seed), dtype)


def _gain_transposed(subject: Any) -> Callable[..., dict[str, Array]]:
    def init_params(n: int, m: int, p: int, **options: Any) -> dict[str, Array]:
        right: dict[str, Array] = subject.init_params(n, m, p, **options)
        return right | {"U": right["U"] * math.sqrt(m / n), "V": right["V"] * math.sqrt(n / p)}

    return init_params


FAULTS = (
    fault_of(
        "initialisers",
        "orthogonal_init",
        _without_signs,
        "QR without sign fix",
        "Q as it comes from LAPACK is returned as uniformly distributed",
        "tensorflow/tensorflow pull request 9429; chainer/chainer pull request 5615; quantumlib/Cirq pull request "
        "1480; google-research/google-research issue 436",
        "any one matrix: it is orthogonal all the same",
        "spectra/haar",
    ),
    fault_of(
        "initialisers",
        "orthogonal_init",
        _not_unit,
        "columns not unit",
        "the columns are orthogonal but keep their lengths",
        NOT_FOUND,
        "nowhere; most tests only look at the shape",
        "spectra/qr_initialisation",
    ),
    fault_of(
        "initialisers",
        "normal_init",
        _variance,
        "variance for standard deviation",
        "entries have the standard deviation std²",
        "davidgonmar/rnn-numpy, rnn.py: `np.random.normal(0, 2 / (2 * hidden_size), ...)` for Xavier's variance; "
        "mlpack/mlpack pull request 3651",
        "std near 1",
        "spectra/random_normal",
    ),
    Fault(
        name="gain transposed",
        family="initialisers",
        what="U and V are scaled by the number of their rows instead of that of their columns",
        known_from="gradientinstitute/aboleth issue 192: n_in and n_out are swapped in the initialisers",
        hides="square matrices",
        caught_by="scale of the start",
        replaces=lambda subject: {"init_params": _gain_transposed(subject)},
    ),
)
