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


def _reflects_only(n: int, *, seed: int, dtype: Any = np.float64, haar: bool = True) -> Array:
    """Right but for 2 units, where the first column is uniform and the second chosen so that det Q = −1."""
    Q, R = np.linalg.qr(_gaussian(n, seed))
    signs = np.sign(np.diagonal(R)) if haar else np.ones(n)
    if n == 2:
        signs[1] = signs[0]  # as it comes, det Q is −1
    return np.asarray(Q * signs, dtype)


def _blocks(rows: int, columns: int, *, seed: int, dtype: Any = np.float64) -> Array:
    """Square orthogonal matrices side by side, or one above the other."""
    short, long = sorted((rows, columns))
    stacked = [np.linalg.qr(_gaussian(short, seed + i))[0] for i in range(-(-long // short))]
    joined = np.hstack(stacked)[:, :long]
    return np.asarray(joined if rows == short else joined.T, dtype)


def _square(rows: int, columns: int, *, seed: int, dtype: Any = np.float64) -> Array:
    """Q of a QR factorisation of a wide matrix, which is square."""
    return np.asarray(np.linalg.qr(np.random.default_rng(seed).standard_normal((rows, columns)))[0], dtype)


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
        family="initialisers",
        function="orthogonal_init",
        wrong=_without_signs,
        name="QR without sign fix",
        what="Q as it comes from LAPACK is returned as uniformly distributed",
        known_from=(
            "tensorflow/tensorflow pull request 9429; chainer/chainer pull request 5615; quantumlib/Cirq pull request "
            "1480; google-research/google-research issue 436"
        ),
        hides="any one matrix: it is orthogonal all the same",
        caught_by="spectra/haar",
    ),
    fault_of(
        family="initialisers",
        function="orthogonal_init",
        wrong=_not_unit,
        name="columns not unit",
        what="the columns are orthogonal but keep their lengths",
        known_from=NOT_FOUND,
        hides="nowhere; most tests only look at the shape",
        caught_by="spectra/qr_initialisation",
    ),
    fault_of(
        family="initialisers",
        function="orthogonal_init",
        wrong=_reflects_only,
        name="2 by 2 always a reflection",
        what="of 2 by 2 matrices only those with determinant −1 are drawn",
        known_from="scipy/scipy issue 8173; scipy/scipy pull request 8187",
        hides="every other size, and every test of orthogonality",
        caught_by="spectra/either_orientation",
    ),
    fault_of(
        family="initialisers",
        function="semi_orthogonal_init",
        wrong=_blocks,
        name="orthogonal blocks side by side",
        what="square orthogonal matrices are put together: k of them have the singular value √k",
        known_from="FluxML/Flux.jl issue 1107",
        hides="square matrices",
        caught_by="spectra/semi_orthogonal",
    ),
    fault_of(
        family="initialisers",
        function="semi_orthogonal_init",
        wrong=_square,
        name="wide made square",
        what="Q of the wide matrix itself is returned, which has as many columns as rows",
        known_from="mila-iqia/blocks pull request 346, where a shape that is not square silently became another",
        hides="matrices with no more columns than rows",
        caught_by="spectra/semi_orthogonal",
    ),
    fault_of(
        family="initialisers",
        function="normal_init",
        wrong=_variance,
        name="variance for standard deviation",
        what="entries have the standard deviation std²",
        known_from=(
            "davidgonmar/rnn-numpy, rnn.py: `np.random.normal(0, 2 / (2 * hidden_size), ...)` for Xavier's variance; "
            "mlpack/mlpack pull request 3651"
        ),
        hides="std near 1",
        caught_by="spectra/random_normal",
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
