"""A sequence cut in two, with states carried on and their adjoints carried back, is the whole one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Gt, Le, Symbol

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.confronting.layered_runs import in_runs
from backproof.theory.instances.layered_runs import Runs, first_states, i, layered_runs, stack, theta
from backproof.theory.instances.strategies import among
from backproof.theory.language.notation import h, k, t, x
from backproof.theory.nets.building import recurrent
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layered_passes import Pass
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import WERBOS
from backproof.theory.theorems.layers._batches import by, numbers, r, says, where

NETS = ((("indrnn",),), (("gru",),), (("indrnn",), ("antisymmetric",)), (("lstm",),))
first, second, unasked, fresh = (Symbol(name) for name in ("first", "second", "unasked", "fresh"))


def cut(run: Layered, place: int) -> Runs:
    """A run; its first steps, asked for what the later ask of states, or for nothing; the later, from there or 0."""
    early = _steps(replace(run, asked={}), slice(None, place))
    late = _steps(run, slice(place, None))
    states = {full: f"{own}0" + full.removeprefix(own) for node in run.of.nodes[1:] for own, full in _states(node)}

    def carried(A: Arithmetic) -> Layered:
        passes = [Pass(early, row, A) for row in range(run.batch)]
        ends = {states[full]: numbers(A, [each[full] for each in map(_ends, passes)]) for full in states}
        return replace(late, arrays={**run.arrays, **ends})

    def asked(A: Arithmetic) -> Layered:
        found = first_states(carried(A), A)
        return replace(early, asked={full: numbers(A, found[first]) for full, first in states.items()})

    zeros = {name: np.zeros_like(run.arrays[name]) for name in states.values()}
    restarted = replace(late, arrays={**run.arrays, **zeros})
    return Runs(runs={r: run, first: asked, second: carried, unasked: early, fresh: restarted}, values={k: place})


def _steps(run: Layered, pick: slice) -> Layered:
    inputs = run.inputs[pick]
    return replace(run, inputs=inputs, targets=run.targets[pick], lengths=np.full(run.batch, len(inputs)))


def _states(node: Any) -> Any:
    return Layered.states_of(node).items() if node.cell is not None else ()


def _ends(one: Pass) -> dict[str, Any]:
    """The states after the last step, by the net's names."""
    nodes = one.net.of.nodes
    return {
        full: series[own][one.length]
        for number, (_, series) in one.series.items()
        for own, full in _states(nodes[number])
    }


@st.composite
def cuts(draw: Any) -> Runs:
    """Batches of two steps or three, cut somewhere."""
    run = draw(layered_runs(stack(*draw(among(NETS))), steps=(2, 3)))
    return cut(run, draw(st.integers(1, run.steps - 1)))


def _whole(early: Any = first, late: Any = second, total: Any = None) -> Any:
    return says(
        (by(theta, r), total or by(theta, early) + by(theta, late)),
        (by(h[0], r, i), by(h[0], early, i)),
        where(Le(t, k), by(x[t], r, i), by(x[t], early, i)),
        where(Gt(t, k), by(x[t], r, i), by(x[t - k], late, i)),
    )


EXACT = recurrent(
    stack(("indrnn",)),
    inputs=[[1], [-1], [2]],
    upstream=[[1], [1], [3]],
    last={"h_l0": [[1]]},
    U_l0=[[1]],
    u_l0=[2],
    b_l0=[1],
    h0_l0=[[1]],
)
THEOREM = Theorem(
    title="A sequence cut in two",
    words="Two runs, of the first k steps and of the others from the states in which those end, have together the "
    "gradients of the whole, if what the second hands back to its first states comes in at the last of the first.",
    sources=(WERBOS.at("ordered derivatives"),),
    statement=_whole(),
    instances=cuts(),
    check=in_runs,
    certified=(cut(EXACT, 1), cut(EXACT, 2)),
    mutants={
        "no adjoint carried back": _whole(unasked),
        "no state carried on": _whole(late=fresh),
        "the later steps alone": _whole(total=by(theta, second)),
    },
    examples=12,
)
