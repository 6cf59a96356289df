"""LSTM and GRU as lists of choices: each default is right.

The equations are those of the cells under test: gates i, f, q and candidate g with the cell state s for the LSTM; gates
z and r and candidate n for the GRU.

With δ_t = ∂L/∂h_t, σ_t = ∂L/∂s_t and α_t^j the gradient by the pre-activation of gate j, for t = T … 1:

    LSTM  σ_t = q ∘ tanh′(s_t) ∘ δ_t + f_{t+1} ∘ σ_{t+1}
          α^i, α^f, α^g = slopes ∘ (g, s_{t-1}, i) ∘ σ_t,   α^q = σ′ ∘ tanh(s_t) ∘ δ_t,   δ_{t-1} += Σ_j W_jᵀ α_t^j
    GRU   α^n = tanh′ ∘ (1 − z) ∘ δ_t,   ρ_t = W_nᵀ α^n,   α^z = σ′ ∘ (h_{t-1} − n) ∘ δ_t,   α^r = σ′ ∘ h_{t-1} ∘ ρ_t
          δ_{t-1} += z ∘ δ_t + r ∘ ρ_t + W_zᵀ α^z + W_rᵀ α^r
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.referee.zoo.bptt import Array, Parameters, charged, entropy, sigmoid, sigmoid_slope, tanh_slope
from backproof.theory.language.functions import LOSSES
from backproof.theory.nets.network import DEFAULTS

Gates = Mapping[str, Array]
LSTM_GATES, GRU_GATES = "ifqg", "zrn"


@dataclass(kw_only=True)
class Moment:
    """One step: pre-activations a and gates v by letter, states before and after, and on the way back δ, σ and α."""

    p: Parameters
    a: dict[str, Array]
    v: dict[str, Array]
    x: Array
    h_before: Array
    s_before: Array
    h: Array
    s: Array
    delta: Array
    sigma: Array
    carried_sigma: Array
    alpha: Any  # by gate
    rho: Array

    def slope(self, gate: str) -> Array:
        """The slope of a gate."""
        return tanh_slope(self.a[gate]) if gate in "gn" else sigmoid_slope(self.a[gate])


def _back_into_h(m: Moment, gates: str) -> Array:
    return np.asarray(sum(m.alpha[j] @ m.p[f"W_{j}"] for j in gates))


@dataclass(frozen=True, kw_only=True)
class Lstm:
    """The choices in writing an LSTM, functions of a `Moment` m or of a gate's letter; the defaults are right."""

    bias: Callable[[Parameters, str], Array] = lambda p, j: p[f"b_{j}"]
    cell: Callable[[Moment], Array] = lambda m: m.delta * m.v["q"] * tanh_slope(m.s) + m.carried_sigma
    slope: Callable[[Moment, str], Array] = lambda m, j: m.slope(j)
    i: Callable[[Moment], Array] = lambda m: m.sigma * m.v["g"]
    f: Callable[[Moment], Array] = lambda m: m.sigma * m.s_before
    q: Callable[[Moment], Array] = lambda m: m.delta * np.tanh(m.s)
    g: Callable[[Moment], Array] = lambda m: m.sigma * m.v["i"]
    carry_s: Callable[[Moment], Array] = lambda m: m.sigma * m.v["f"]
    carry_h: Callable[[Moment], Array] = lambda m: _back_into_h(m, LSTM_GATES)
    for_bias: Callable[[str], str] = lambda j: j  # whose α the gradient of b_j sums
    for_h: Callable[[str], str] = lambda j: j  # the gradients of which gate are handed out as those of j

    def forward(self, p: Parameters, x: Array, h: Array, s: Array) -> Moment:
        """One step of the cell: fills the gates and the states after it."""
        a = {j: h @ p[f"W_{j}"].T + x @ p[f"U_{j}"].T + self.bias(p, j) for j in LSTM_GATES}
        v = {j: np.tanh(a[j]) if j == "g" else sigmoid(a[j]) for j in LSTM_GATES}
        after = v["f"] * s + v["i"] * v["g"]
        m = _moment(p, a, v, x, h, s)
        m.h, m.s = v["q"] * np.tanh(after), after
        return m

    def backward(self, m: Moment) -> tuple[Array, Array]:
        """One step backward: fills σ and α, and returns the shares of the adjoints of h_{t-1} and s_{t-1}."""
        m.sigma = self.cell(m)
        m.alpha = {j: getattr(self, j)(m) * self.slope(m, j) for j in LSTM_GATES}
        return self.carry_h(m), self.carry_s(m)

    def read_by(self, m: Moment, gate: str) -> Array:
        """The vector that the recurrent matrix of that gate multiplies."""
        return m.h_before

    gates = LSTM_GATES


@dataclass(frozen=True, kw_only=True)
class Gru:
    """The choices in writing a GRU, functions of a `Moment` m or of a gate's letter; the defaults are right."""

    mix: Callable[[Moment], tuple[Array, Array]] = lambda m: (m.v["z"], 1 - m.v["z"])  # of h_{t-1} and of n, forward
    back: Callable[[Moment], tuple[Array, Array]] = lambda m: (m.v["z"], 1 - m.v["z"])  # the same on the way back
    sign: int = 1
    reset: Callable[[Array], Array] = lambda r: r
    z: Callable[[Moment], Array] = lambda m: (m.h_before - m.v["n"]) * m.delta
    r: Callable[[Moment], Array] = lambda m: m.h_before * m.rho
    direct: Callable[[Moment, Array], Array] = lambda m, kept: kept * m.delta
    through_reset: Callable[[Moment], Array] = lambda m: m.v["r"] * m.rho
    through_gates: Callable[[Moment], Array] = lambda m: _back_into_h(m, "zr")
    reads: Callable[[Moment], Array] = lambda m: m.v["r"] * m.h_before
    for_bias: Callable[[str], str] = lambda j: j
    for_h: Callable[[str], str] = lambda j: j

    def forward(self, p: Parameters, x: Array, h: Array, s: Array) -> Moment:
        """One step of the cell: fills the gates and the states after it."""
        a = {j: h @ p[f"W_{j}"].T + x @ p[f"U_{j}"].T + p[f"b_{j}"] for j in "zr"}
        v = {j: sigmoid(a[j]) for j in "zr"}
        v["r"] = self.reset(v["r"])
        a["n"] = (v["r"] * h) @ p["W_n"].T + x @ p["U_n"].T + p["b_n"]
        v["n"] = np.tanh(a["n"])
        m = _moment(p, a, v, x, h, s)
        kept, new = self.mix(m)
        m.h, m.s = kept * h + new * v["n"], s
        return m

    def backward(self, m: Moment) -> tuple[Array, Array]:
        """One step backward: fills ρ and α, and returns the share of the adjoint of h_{t-1}."""
        kept, new = self.back(m)
        m.alpha["n"] = new * m.delta * m.slope("n")
        m.rho = m.alpha["n"] @ m.p["W_n"]
        m.alpha |= {"z": self.sign * self.z(m) * m.slope("z"), "r": self.r(m) * m.slope("r")}
        return self.direct(m, kept) + self.through_reset(m) + self.through_gates(m), np.zeros_like(m.s)

    def read_by(self, m: Moment, gate: str) -> Array:
        """The vector that the recurrent matrix of that gate multiplies."""
        return self.reads(m) if gate == "n" else m.h_before

    gates = GRU_GATES


Cell = Lstm | Gru


def _moment(p: Parameters, a: dict[str, Array], v: dict[str, Array], x: Array, h: Array, s: Array) -> Moment:
    zero = np.zeros_like(h)
    later = dict.fromkeys(("delta", "sigma", "carried_sigma", "rho"), zero)
    return Moment(p=p, a=a, v=v, x=x, h_before=h, s_before=s, h=h, s=s, alpha={}, **later)


def _run(
    cell: Cell,
    parameters: Parameters,
    inputs: Array,
    targets: Array,
    **settings: str,
) -> tuple[list[Moment], float, Array]:
    """Every step, the loss, and g (T,B,p)."""
    p, how = parameters, DEFAULTS | settings
    loss = LOSSES[how["loss"]]
    blank = np.zeros((inputs.shape[1], len(p["V"][0])), inputs.dtype)
    h, s = p.get("h0", blank), p.get("s0", blank)
    moments = []
    for x in inputs:
        moments.append(cell.forward(p, x, h, s))
        h, s = moments[-1].h, moments[-1].s
    outputs = np.stack([m.h for m in moments]) @ p["V"].T + p["c"]
    values, g = entropy(outputs, targets) if loss.classes else charged(loss, outputs, targets)
    share = values.size if how["reduction"] == "mean" else 1
    return moments, float(values.sum() / share), g / share


def gated_loss(cell: Cell, *task: Any, **settings: Any) -> float:
    """The loss."""
    return _run(cell, *task, **settings)[1]


def gated_gradients(cell: Cell, *task: Any, **settings: Any) -> dict[str, Array]:
    """∂L/∂θ for every parameter and initial state."""
    moments, _, g = _run(cell, *task, **settings)
    p = moments[0].p
    found = {name: np.zeros_like(array) for name, array in p.items() if name not in ("h0", "s0")}
    carried_h, carried_s = np.zeros_like(moments[0].h), np.zeros_like(moments[0].s)
    for m, g_t in zip(reversed(moments), reversed(g), strict=True):
        m.delta, m.carried_sigma = g_t @ p["V"] + carried_h, carried_s
        carried_h, carried_s = cell.backward(m)
        found["V"] += g_t.T @ m.h
        found["c"] += g_t.sum(axis=0)
        for j in cell.gates:
            alpha = m.alpha[cell.for_h(j)]
            found[f"W_{j}"] += alpha.T @ cell.read_by(m, j)
            found[f"U_{j}"] += alpha.T @ m.x
            found[f"b_{j}"] += m.alpha[cell.for_bias(cell.for_h(j))].sum(axis=0)
    return found | {"h0": carried_h} | ({"s0": carried_s} if isinstance(cell, Lstm) else {})
