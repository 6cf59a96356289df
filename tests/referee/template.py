"""What `backproof new` writes: a small theorem or cell that is complete, to be changed line by line into one's own."""

from __future__ import annotations

import re
from pathlib import Path


class CannotWrite(ValueError):
    """A file to start from cannot be written; the message is one line."""


def start(id: str, *, cell: bool = False) -> tuple[Path, str]:
    """Write a theorem or a cell to start from; the file, and what is in it.

    A theorem goes into the catalogue if this is the project's folder, and all else here.

    Raises
    ------
    CannotWrite
        If it is no id, if the file exists, or if it cannot be written.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)*", id):
        raise CannotWrite(
            f"{id!r} is no id: lower-case words joined by _ in folders joined by /, as in spectra/my_bound"
        )
    catalogue = Path("theory/theorems")
    file = (catalogue if catalogue.is_dir() and not cell else Path()) / f"{id}.py"
    if file.exists():
        raise CannotWrite(f"{file} exists already; nothing was written")
    title = id.rsplit("/", 1)[-1].replace("_", " ").capitalize()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as out:
            out.write((CELL if cell else THEOREM).format(title=title))
    except OSError as error:
        raise CannotWrite(f"{file} cannot be written: {error.strerror}: {error.filename}") from None
    return file, "an Elman cell and its gradients" if cell else "a small true theorem"


THEOREM = '''"""{title}."""

from sympy import Ge, Le

from backproof import Source, Theorem
from backproof.nodes import FrobeniusNorm, SpectralNorm
from backproof.notation import W
from backproof.strategies import cases

MATRIX_ANALYSIS = Source(key="HornJohnson", title="Matrix Analysis", by="R. A. Horn, C. R. Johnson", year=2012)

THEOREM = Theorem(
    title="{title}",
    words="No vector is stretched by more than the root of the sum of squares of the entries.",
    sources=(MATRIX_ANALYSIS.at("matrix norms"),),
    statement=Le(SpectralNorm(W), FrobeniusNorm(W)),
    instances=cases(W, units=(1, 4)),
    mutants={{
        "the other way round": Ge(SpectralNorm(W), FrobeniusNorm(W)),
        "half of it": Le(SpectralNorm(W), FrobeniusNorm(W) / 2),
    }},
)
'''

CELL = '''"""{title}: the equations of one step, and code that returns its gradients."""

import numpy as np
from sympy import MatrixSymbol, tanh

from backproof.cells import cell
from backproof.notation import h, m, n, t, x

W, U, b = MatrixSymbol("W", n, n), MatrixSymbol("U", n, m), MatrixSymbol("b", n, 1)

CELL = cell("{title}", {{h[t]: (W * h[t - 1] + U * x[t] + b).applyfunc(tanh)}})


def gradients(params, inputs, upstream, last):
    """The gradients by name. inputs (T, B, m); upstream (T, B, n) comes in at every h_t, last["h"] (B, n) at h_T."""
    W, U, b, h = params["W"], params["U"], params["b"], params["h0"]
    states = [h]
    for x in inputs:
        h = np.tanh(h @ W.T + x @ U.T + b)
        states.append(h)
    found = {{name: np.zeros_like(params[name]) for name in ("W", "U", "b")}} | {{"inputs": np.zeros_like(inputs)}}
    asked = last.get("h", np.zeros_like(h))
    for step in reversed(range(len(inputs))):
        alpha = (upstream[step] + asked) * (1 - states[step + 1] ** 2)  # ∂L/∂(W h + U x + b)
        found["W"] += alpha.T @ states[step]
        found["U"] += alpha.T @ inputs[step]
        found["b"] += alpha.sum(axis=0)
        found["inputs"][step] = alpha @ U
        asked = alpha @ W
    return found | {{"h0": asked}}
'''
