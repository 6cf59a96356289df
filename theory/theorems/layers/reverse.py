"""A second direction is the cell on turned sequences: flip, run forward, flip, each within its own length."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Le, MatrixSymbol, Symbol

from backproof.theory.confronting.layered_runs import in_runs
from backproof.theory.instances.layered_runs import L_i, Runs, i, layered_runs, stack, theta
from backproof.theory.instances.strategies import among
from backproof.theory.language.notation import T, t, x
from backproof.theory.nets.building import recurrent
from backproof.theory.nets.layered import Layered
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources_of_cells import SCHUSTER
from backproof.theory.theorems.layers._batches import by, flipped, on, r, says, where

PAIRS = (("indrnn", "indrnn"), ("gru", "indrnn"), ("antisymmetric", "mgu"))
ahead, turned, over_all = (Symbol(name) for name in ("ahead", "turned", "over_all"))
forward, reverse = (MatrixSymbol(f"theta_{way}", Symbol("P"), 1) for way in ("forward", "reverse"))


def apart(pair: tuple[str, str], run: Layered) -> Runs:
    """A layer of two directions; the first cell alone; the second on sequences flipped within their lengths, or T."""
    width = run.arrays["h0_l0"].shape[1]
    one = on(stack(pair[:1], lengths=True), run, targets=run.targets[..., :width])
    renamed = {name.removesuffix("_reverse"): a for name, a in run.arrays.items() if name.endswith("_reverse")}
    asked = {name.removesuffix("_reverse"): a for name, a in run.asked.items() if name.endswith("_reverse")}

    def flip(lengths: Any) -> Layered:
        inputs, targets = (flipped(array, lengths) for array in (run.inputs, run.targets[..., width:]))
        of = stack(pair[1:], lengths=True)
        return on(of, run, arrays=renamed, asked=asked, inputs=inputs, targets=targets)

    whole = np.full(run.batch, run.steps)
    wrong = replace(flip(whole), lengths=run.lengths)
    return Runs(runs={r: run, ahead: one, turned: flip(run.lengths), over_all: wrong}, values={T: run.steps})


def _flipped(back: Any = turned, place: Any = L_i + 1 - t, of_reverse: Any = None) -> Any:
    return says(
        (by(forward, r), by(theta, ahead)),
        (by(reverse, r), by(theta, of_reverse or back)),
        where(Le(t, L_i), by(x[t], r, i), by(x[t], ahead, i) + by(x[place], back, i)),
    )


EXACT = recurrent(
    stack(PAIRS[0], lengths=True),
    inputs=[[[1], [2]], [[-1], [3]]],
    upstream=[[[1, 2], [2, 1]], [[1, 1], [-1, 2]]],
    last={"h_l0": [[1], [1]], "h_l0_reverse": [[2], [1]]},
    lengths=[2, 1],
    U_l0=[[1]],
    u_l0=[2],
    b_l0=[1],
    h0_l0=[[1], [2]],
    U_l0_reverse=[[2]],
    u_l0_reverse=[1],
    b_l0_reverse=[1],
    h0_l0_reverse=[[1], [0]],
)
THEOREM = Theorem(
    title="The second direction",
    words="Beside a first direction, the second has the gradients of its cell on each sequence from its last step to "
    "its first, and hands them back to the inputs in the order turned round; padding stays where it is.",
    sources=(SCHUSTER.at("training with negative time direction"),),
    statement=_flipped(),
    instances=among(PAIRS).flatmap(
        lambda pair: layered_runs(stack(pair, lengths=True), steps=(2, 3)).map(lambda run: apart(pair, run))
    ),
    check=in_runs,
    certified=(apart(PAIRS[0], EXACT),),
    mutants={
        "padding turned as well": _flipped(over_all),
        "not turned back": _flipped(place=t),
        "the cell in the order of time": _flipped(of_reverse=ahead),
        "turned about the longest": says(
            where(Le(t, L_i), by(x[t], r, i), by(x[t], ahead, i) + by(x[T + 1 - t], turned, i))
        ),
    },
    examples=12,
)
