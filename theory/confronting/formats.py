"""A network in each float format that can settle it, and what a subject returns there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from backproof.theory.arithmetic import Arithmetic, Rounded, Roundoff, Undecided
from backproof.theory.confronting.subject import Lacks, answer
from backproof.theory.evaluation import compiled, evaluate
from backproof.theory.language.notation import PARAMETERS, V, W, alpha, delta, g, t
from backproof.theory.nets.cells import ELMAN
from backproof.theory.nets.networks import Net
from backproof.theory.nets.rounding import Tolerances, tolerances
from backproof.theory.nets.task import Task
from backproof.theory.nets.unrolled import Unrolled

N = TypeVar("N", bound=Task)


def in_dtype(net: N, dtype: Any) -> N | None:
    """The net in a float format, or None if one of its numbers does not fit exactly."""
    numbers = net.numbers
    with np.errstate(over="ignore", under="ignore"):
        cast = {name: array.astype(dtype) for name, array in numbers.items()}
    exact = all(np.array_equal(array.astype(np.float64), numbers[name]) for name, array in cast.items())
    return net.with_(**cast) if exact else None


def in_both_formats(subject: Any, function: str, net: Task) -> Iterator[tuple[str, Any, Tolerances]]:
    """What the subject returns in float64 and, where the instance fits, in float32, with the bounds for each.

    Raises
    ------
    Lacks
        If the subject computes in another format.
    """
    for dtype in _formats(subject):
        cast = in_dtype(net, dtype)
        if cast is None:
            continue
        try:
            bounds = tolerances(net, dtype)
        except Undecided:
            if dtype is np.float64:
                raise
            continue
        if all(np.all(np.isfinite(bound)) for bound in bounds.gradients.values()):
            yield np.dtype(dtype).name, answer(subject, function, cast), bounds


def _formats(subject: Any) -> tuple[Any, ...]:
    """float64 and float32, or the one of them that the subject says it computes in (``dtype``)."""
    declared = getattr(subject, "dtype", None)
    if not isinstance(declared, str):
        return np.float64, np.float32
    if declared not in ("float64", "float32"):
        raise Lacks(f"float64; it computes in {declared}")
    return (np.dtype(declared).type,)


def in_deciding_formats(net: Net) -> Iterator[tuple[Net, Any, Mapping[str, Any]]]:
    """The net in each format that can settle it, with the bounds on the gradient of the whole."""
    for dtype in (np.float64, np.float32):
        cast = in_dtype(net, dtype)
        try:
            bounds = tolerances(net, dtype).gradients
        except Undecided:
            if dtype is np.float64:
                raise
            continue
        if cast is not None and all(np.all(np.isfinite(bound)) for bound in bounds.values()):
            yield cast, dtype, bounds


def shaped_like(bound: Any, got: Any) -> Any:
    """The bound in the shape of what the subject returned."""
    return np.asarray(bound).reshape(np.shape(got))


def rounded_terms(net: Net, late: int, roundoff: Roundoff) -> dict[str, dict[int, Any]]:
    """The radius of each term ``⟨(∂h_t/∂h_k)ᵀ Vᵀ g_t, ∂⁺h_k/∂θ⟩``, as a backward pass rounds it."""
    A: Arithmetic = Rounded(roundoff)
    unrolled = Unrolled(net, A)
    unrolled.backward()
    environment = unrolled.environment.bound(t, late)
    asked = evaluate(V.T * g[t], A, environment)
    slopes = {symbol: local for symbol, local, _ in ELMAN.adjoint.backward}
    radii: dict[str, dict[int, Any]] = {name: {} for name in ("W", "U", "b")}
    with np.errstate(all="ignore"):
        for early in range(late, 0, -1):
            here = unrolled.environment.bound(t, early)
            here[delta[t]] = asked
            here[alpha[t]] = compiled(slopes[alpha[t]])(A, here)
            for name, terms in radii.items():
                terms[early] = evaluate(ELMAN.adjoint.gradients[PARAMETERS[name]], A, here).radius
            asked = evaluate(W.T * alpha[t], A, here)
    return radii
