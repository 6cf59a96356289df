"""Whatever the padding of a batch holds, every gradient is the same, and 0 at the padding itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Ge, Gt, Symbol, ZeroMatrix

from backproof.theory.confronting.layered_runs import in_runs
from backproof.theory.instances.layered_runs import L_i, Runs, i, layered_runs, stack, theta
from backproof.theory.instances.strategies import among
from backproof.theory.language.notation import h, m, t, x
from backproof.theory.nets.building import recurrent
from backproof.theory.nets.layered import Layered
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources_of_cells import PACKED
from backproof.theory.theorems.layers._batches import by, r, says, where

NETS = ((("indrnn",),), (("antisymmetric", "indrnn"),), (("gru",), ("indrnn",)), (("mgu", "indrnn"), ("indrnn",)))
other, full = Symbol("other"), Symbol("full")
nothing = ZeroMatrix(m, 1)


def padded(run: Layered, held: float) -> Runs:
    """A run; the same with that in its padding; and with lengths that count the padding."""
    beyond = np.arange(run.steps)[:, None] >= run.lengths
    changed = replace(run, inputs=np.where(beyond[..., None], held, run.inputs))
    whole = replace(changed, lengths=np.full(run.batch, run.steps))
    return Runs(runs={r: run, other: changed, full: whole})


@st.composite
def ragged(draw: Any) -> Runs:
    """Batches of which a sequence is shorter than another, or may be."""
    run = draw(layered_runs(stack(*draw(among(NETS)), lengths=True), steps=(2, 3), batch=(2, 3)))
    return padded(run, draw(among((0.0, -3.0, 2.0**30))))


after = where(Gt(t, L_i), by(x[t], r, i), nothing)


def _same(run: Any, compared: Any = r, beyond: Any = after) -> Any:
    return says(
        (by(theta, run), by(theta, compared)),
        (by(h[0], run, i), by(h[0], compared, i)),
        (by(x[t], run, i), by(x[t], compared, i)),
        beyond,
    )


EXACT = recurrent(
    stack(("indrnn",), lengths=True),
    inputs=[[[1], [2]], [[-1], [3]], [[2], [5]]],
    upstream=[[[1], [2]], [[1], [-1]], [[3], [4]]],
    last={"h_l0": [[1], [1]]},
    lengths=[3, 1],
    U_l0=[[1]],
    u_l0=[2],
    b_l0=[1],
    h0_l0=[[1], [2]],
)
THEOREM = Theorem(
    title="Padding changes nothing",
    words="After the end of its sequence an input has the gradient 0, and whatever it holds every other gradient is "
    "the same: by parameters, first states and inputs.",
    sources=(PACKED.at("sequences of several lengths as one batch"),),
    statement=_same(other),
    instances=ragged(),
    check=in_runs,
    certified=(padded(EXACT, -7.0),),
    mutants={
        "padding read like inputs": _same(other, full),
        "nothing comes in at the last step": _same(other, beyond=where(Ge(t, L_i), by(x[t], r, i), nothing)),
        "a gradient at the padding": _same(other, beyond=where(Gt(t, L_i), by(x[t], r, i), by(x[L_i], r, i))),
    },
    examples=12,
)
