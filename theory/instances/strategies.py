"""Hypothesis strategies that build valid instances by construction and shrink to what a person can read.

Entries are small multiples of a half. A *regime* then scales or shapes the whole, to reach the regions where recurrent
gradients are hard: eigenvalues near the unit circle, strong non-normality, saturation, gradients of 1e-200 and 1e+150.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import MatrixSymbol, Symbol

from backproof.theory.confronting.subject import wanted
from backproof.theory.instances.entries import (
    LONGEST,
    among,
    arrays,
    check_bounds,
    check_choices,
    classes,
    halves,
    signed_permutations,
)
from backproof.theory.instances.reaching import draws_far
from backproof.theory.instances.values import Case
from backproof.theory.language.declared import as_declared
from backproof.theory.language.functions import ACTIVATIONS, LOSSES
from backproof.theory.language.notation import S, S_inv, W, lam, m, n, p, s
from backproof.theory.language.validation import choice, integer
from backproof.theory.nets.networks import GATED, Gated, Net
from backproof.theory.nets.uncancelled import one_signed

__all__ = [
    "EVERY",
    "HUGE",
    "INCREASING",
    "LOSS_NAMES",
    "REGIMES",
    "SMOOTH",
    "TINY",
    "among",
    "arrays",
    "classes",
    "diagonalised",
    "gated_nets",
    "gradient_tensors",
    "halves",
    "nets",
    "regions",
    "signed_permutations",
    "square_matrices",
]

Array = NDArray[np.float64]
EVERY = tuple(ACTIVATIONS)
SMOOTH = tuple(name for name in EVERY if ACTIVATIONS[name].smooth)
INCREASING = tuple(name for name in EVERY if ACTIVATIONS[name].increasing)
LOSS_NAMES = tuple(LOSSES)
TINY = 2.0**-664  # about 1e-200
HUGE = 2.0**250  # squared by a loss with an unbounded gradient: about 1e+150
REGIMES = ("plain", "near the unit circle", "non-normal", "saturated", "tiny", "huge", "one sign")
GATED_REGIMES = ("plain", "carrying", "saturated", "tiny", "huge")
UNITS, STEPS = (1, 3), (1, 4)
LARGE, LONG = (6, 8), (17, 24)
"""Units of a large net, and steps of a long one."""


@as_declared
@cache
@st.composite
def square_matrices(draw: Any, size: int, regime: str) -> Array:
    """A recurrent matrix as the regime asks."""
    integer("size", size, 1, LONGEST)
    choice("regime", regime, REGIMES)
    if regime == "near the unit circle":
        distance = draw(among((0.0, 2.0**-4, -(2.0**-4), 2.0**-20)))
        return np.asarray(draw(signed_permutations(size)) * (1 + distance))
    if regime == "non-normal":
        upper = np.triu(draw(arrays(size, size)), 1) * draw(among((4.0, 16.0)))
        return np.asarray(upper + np.diag(draw(arrays(size)) / 4))
    if regime == "tiny" and draw(st.booleans()):
        return np.asarray(draw(arrays(size, size)) * 2.0**-20)
    return np.asarray(draw(arrays(size, size)))


def _for_regime(regime: str, loss: str, losses: Sequence[str]) -> str:
    """The loss itself, or one of the losses under which gradients grow with the outputs where the regime needs it."""
    if regime != "huge" or not LOSSES[loss].bounded:
        return loss
    return next((other for other in losses if not LOSSES[other].bounded), loss)


@as_declared
@st.composite
def nets(
    draw: Any,
    *,
    activations: Sequence[str] = EVERY,
    losses: Sequence[str] = LOSS_NAMES,
    regimes: Sequence[str] = REGIMES,
    units: tuple[int, int] = UNITS,
    steps: tuple[int, int] = STEPS,
    batch: tuple[int, int] = (1, 2),
    reductions: Sequence[str] = ("sum", "mean"),
) -> Net:
    """Elman nets; each bound is (smallest, largest).

    Where a bound is left as it is, a search also draws nets of 6 to 8 units and of 17 to 24 steps.
    """
    for name, bounds in {"units": units, "steps": steps, "batch": batch}.items():
        check_bounds(name, bounds)
    check_choices("activations", activations, EVERY)
    check_choices("losses", losses, LOSS_NAMES)
    check_choices("regimes", regimes, REGIMES)
    check_choices("reductions", reductions, ("sum", "mean"))
    activation = draw(among(wanted("activation", activations)))
    losses, reductions = wanted("loss", losses), wanted("reduction", reductions)
    regime = draw(among(tuple(regimes)))
    free = ("large",) * (units == UNITS) + ("long",) * (steps == STEPS)
    far = draw(among(free)) if free and draws_far() else ""
    loss = _for_regime(regime, draw(among(losses)), losses)
    n = draw(st.integers(*(LARGE if far == "large" else units)))
    m, p = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    T, B = draw(st.integers(*(LONG if far == "long" else steps))), draw(st.integers(*batch))
    W = draw(square_matrices(n, regime))
    inputs = draw(arrays(T, B, m))
    V = draw(arrays(p, n))
    b = draw(arrays(n))
    if regime == "saturated":
        b = b * draw(among((8.0, 32.0)))
    if regime == "tiny":
        V = V * TINY
    if regime == "huge":
        V = V * HUGE
    if LOSSES[loss].classes:
        targets: NDArray[Any] = np.array(draw(classes(T * B, p)), dtype=np.int64).reshape(T, B)
    else:
        targets = draw(arrays(T, B, p)) * (HUGE if regime == "huge" else 1.0)
    drawn = Net(
        W=W,
        U=draw(arrays(n, m)),
        V=V,
        b=b,
        c=draw(arrays(p)),
        h0=draw(arrays(B, n)),
        inputs=inputs,
        targets=targets,
        activation=activation,
        loss=loss,
        reduction=draw(among(reductions)),
    )
    return one_signed(drawn) if regime == "one sign" else drawn


@as_declared
@st.composite
def gated_nets(
    draw: Any,
    kind: str,
    *,
    units: tuple[int, int] = (1, 2),
    steps: tuple[int, int] = (1, 3),
    batch: tuple[int, int] = (1, 2),
    regimes: Sequence[str] = GATED_REGIMES,
) -> Gated:
    """LSTMs or GRUs; in the regime "carrying" the gate that keeps the state is nearly 1."""
    for name, bounds in {"units": units, "steps": steps, "batch": batch}.items():
        check_bounds(name, bounds)
    check_choices("regimes", regimes, GATED_REGIMES)
    regime, cell = draw(among(tuple(regimes))), GATED[choice("kind", kind, GATED)]
    loss = _for_regime(regime, draw(among(LOSS_NAMES)), LOSS_NAMES)
    sizes = {symbol: draw(st.integers(1, 2)) for symbol in (m, p)} | {n: draw(st.integers(*units))}
    T, B = draw(st.integers(*steps)), draw(st.integers(*batch))
    values = {}
    for name, symbol in cell.symbols.items():
        rows, columns = (sizes.get(size, 1) for size in symbol.shape)
        values[name] = draw(arrays(rows) if symbol.shape[1] == 1 else arrays(rows, columns))
        if regime == "saturated" and name.startswith("b_"):
            values[name] = values[name] * 16
    values |= {f"{state.base.name}0": draw(arrays(B, sizes[n])) for state in cell.states}
    if regime == "carrying":
        keep = "b_f" if kind == "lstm" else "b_z"
        values[keep] = np.abs(values[keep]) + draw(among((8.0, 64.0)))
    scale = {"tiny": TINY, "huge": HUGE}.get(regime, 1.0)
    values["V"] = values["V"] * scale
    if LOSSES[loss].classes:
        targets: NDArray[Any] = np.array(draw(classes(T * B, sizes[p])), dtype=np.int64).reshape(T, B)
    else:
        targets = draw(arrays(T, B, sizes[p])) * (HUGE if regime == "huge" else 1.0)
    return Gated(
        kind=kind,
        arrays=values,
        inputs=draw(arrays(T, B, sizes[m])),
        targets=targets,
        loss=loss,
        reduction=draw(among(("sum", "mean"))),
    )


@as_declared
def regions(net: Net) -> list[str]:
    """The hard regions that a net lies in, measured on its numbers and not taken from the regime it was drawn in."""
    found = []
    moduli = np.abs(np.linalg.eigvals(net.W))
    if np.any(np.abs(moduli - 1) < 0.1):
        found.append("near |λ| = 1")
    with np.errstate(over="ignore", invalid="ignore"):
        norm, commutator = np.linalg.norm(net.W), net.W @ net.W.T - net.W.T @ net.W
    if norm > 0 and np.linalg.norm(commutator) > 0.5 * norm**2:
        found.append("non-normal")
    drive = np.max(np.abs(net.inputs @ net.U.T + net.b))
    if net.phi.bounded and drive > 6:
        found.append("saturated")
    scale = float(np.max(np.abs(net.V)))
    if 0 < scale < 1e-150:
        found.append("tiny, about 1e-200")
    if scale > 1e60:
        found.append("huge, about 1e+150")
    return found or ["plain"]


@st.composite
def diagonalised(draw: Any) -> Case:
    """W = S diag(λ) S⁻¹ with S an integer matrix of determinant 1, so that nothing is rounded."""
    size = draw(st.integers(1, 3))
    lower, upper = (draw(arrays(size, size)) * 2 for _ in range(2))
    lower, upper = np.tril(lower, -1) + np.eye(size), np.triu(upper, 1) + np.eye(size)
    columns = lower @ upper
    inverse = np.rint(np.linalg.inv(upper)) @ np.rint(np.linalg.inv(lower))
    values = draw(arrays(size, 1, largest=1)) * draw(st.sampled_from([0.5, 1, 2]))
    return Case(
        {
            W: columns @ np.diag(values[:, 0]) @ inverse,
            S: columns,
            S_inv: inverse,
            lam: values,
            s: draw(st.integers(0, 5)),
        }
    )


@as_declared
@st.composite
def gradient_tensors(draw: Any, threshold: Symbol, *symbols: MatrixSymbol, exponents: tuple[int, ...] = (0,)) -> Case:
    """Tensors of halves at a scale 2^e, each at its own, or zero; the threshold a quarter to 4, at a scale as well."""
    if not exponents or not symbols:
        raise ValueError("exponents and symbols must each hold one at least")
    for symbol in symbols:
        if not {*symbol.shape} <= {n, m, 1}:
            raise ValueError(f"symbols must have n or m rows and columns, or one, got {symbol.shape} for {symbol}")
    for exponent in exponents:
        integer("exponents", exponent, -1000, 1000)
    units, width = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    scale = 2.0 ** draw(st.sampled_from(exponents))
    shapes = {n: units, m: width, 1: 1}
    values: dict[Any, Any] = {}
    for symbol in symbols:
        rows, columns = (shapes[size if size in shapes else int(size)] for size in symbol.shape)
        values[symbol] = (draw(arrays(rows, columns)) * scale).tolist()
    values[threshold] = draw(st.sampled_from([0.25, 0.5, 1.0, 2.0, 4.0])) * draw(st.sampled_from([1.0, scale]))
    return Case(values)
