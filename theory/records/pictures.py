"""A picture as numbers: a theorem says what to draw, the report draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.theory.confronting.subject import followed, offered
from backproof.theory.nets.networks import Net, net


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """``kind`` names a kind of plot; ``data`` holds what that kind needs, as plain lists and numbers."""

    kind: str
    title: str
    caption: str
    data: dict[str, Any]


def norms_against_bound(subject: Any) -> Drawing:
    """A rotation scaled to 9/10, driven into the bend of tanh."""
    turned = [[0.54, -0.72], [0.72, 0.54]]
    norms = [_norms_by_lag(subject, net(W=turned, inputs=[[s, s / 2]] * 30)) for s in (0.0, 0.25, 0.5, 1.0)]
    lags = list(range(31))
    caption = "Four constant inputs; W has norm 9/10 and tanh has slopes up to 1. Without input the bound is attained."
    data = {"lag": lags, "norms": norms, "bound": [0.9**lag for lag in lags]}
    return Drawing(kind="norms_against_bound", title="Jacobian norms against their bound", caption=caption, data=data)


def _norms_by_lag(subject: Any, net: Net) -> list[float]:
    """``‖∂h_lag/∂h_0‖`` of the subject."""
    lags = followed(subject, "jacobian_products", net)
    return [float(np.linalg.norm(np.asarray(array)[0, 0], 2)) for _, array in lags]


def unit_circle(subject: Any) -> Drawing:
    """Eigenvalues of an orthogonal start."""
    values = np.linalg.eigvals(offered(subject, "orthogonal_init")(48, seed=1, dtype=np.float64, haar=True))
    data = {"real": values.real.tolist(), "imag": values.imag.tolist(), "label": "λ of Q, 48 units"}
    caption = "The eigenvalues of an orthogonal matrix drawn by QR of a Gaussian one."
    return Drawing(kind="unit_circle", title="Eigenvalues of an orthogonal start", caption=caption, data=data)
