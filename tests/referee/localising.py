"""Where on its way back a wrong gradient goes wrong: in an adjoint, from which step on, or in a sum over right ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from backproof.referee.diagnosis import counted_back
from backproof.referee.explanation import ROOM, Evidence, Gradients, listed, wrong_names
from backproof.referee.reference import Reference
from backproof.theory.nets.networks import Net


def where_it_starts(evidence: Sequence[Evidence]) -> str:
    """Which part of the backward pass is wrong, as far as right gradients tell; of Elman nets.

    ∂L/∂a_t, for all t, is a sum's other factor in ∂L/∂W, ∂L/∂U and ∂L/∂b, and ∂L/∂o_t in ∂L/∂V and ∂L/∂c: where one
    of these is right at every network, so is the factor.
    """
    wrong = [one for one in evidence if one.wrong]
    if not wrong or not isinstance(wrong[0].net, Net):
        return ""
    names, asked = wrong_names(wrong), list(wrong[0].got)
    said = []
    for adjoint, members in (("∂L/∂a_t", "WUb"), ("∂L/∂o_t", "Vc")):
        right = [name for name in asked if name in members and name not in names]
        off = [name for name in names if name in members]
        if right and off:
            witnesses = listed([f"∂L/∂{name}" for name in right])
            sums = f"the sum over steps and sequences for {listed(off)} is not"
            said.append(f"{adjoint} is right at every step, for {witnesses} is: {sums}.")
        elif off:
            return ""
    if names == ["h0"]:
        said.append("∂L/∂a_t is right at every step: what is made of it for h_0 is not.")
    return " ".join(said)


def first_wrong_step(net: Net, ask: Callable[[Net], Gradients]) -> str:
    """From which step on, going back, the adjoints ∂L/∂a_t are wrong; empty if every gradient is right.

    If every step of every sequence reads a word of its own, and a column of U is what the step was driven by, the
    states are the same; and the gradient by that column is ∂L/∂a_t.

    Raises
    ------
    Undecided
        If float64 cannot decide the net.
    """
    T, B, n, *_ = net.sizes
    driven = np.einsum("nm,tbm->ntb", net.U, net.inputs).reshape(n, T * B)
    marked = net.with_(U=driven, inputs=np.eye(T * B).reshape(T, B, T * B))
    (reference,) = Reference.of(marked)
    got, bounds = ask(marked), reference.bounds
    wrong = {name: ~(np.abs(got[name] - reference.longer[name]) <= ROOM * bounds[name]) for name in ("W", "U")}
    columns = np.flatnonzero(wrong["U"].reshape(n, T, B).any(axis=(0, 2)))
    if columns.size:
        step = int(columns[-1]) + 1
        back = T - step
        return f"In a net of {T} steps, going back, ∂L/∂a_t is wrong from {counted_back(back)} on (t = {step})."
    if wrong["W"].any() or wrong["U"].any():
        return f"In a net of {T} steps ∂L/∂a_t is right at every step: the error is in what it is multiplied with."
    return ""
