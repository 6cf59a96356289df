"""The sequences of a batch do not see each other: each has the gradients of itself alone."""

from __future__ import annotations

from sympy import IndexedBase

from backproof.theory.confronting.layered_runs import in_runs
from backproof.theory.instances.layered_runs import B, Runs, i, layered_runs, stack, theta
from backproof.theory.instances.strategies import among
from backproof.theory.language.nodes import TimeSum
from backproof.theory.language.notation import h, t, x
from backproof.theory.nets.building import recurrent
from backproof.theory.nets.layered import Layered
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources import WERBOS
from backproof.theory.theorems.layers._batches import by, each_row, r, says

NETS = ((("indrnn",),), (("gru", "indrnn"),), (("mgu",), ("antisymmetric",)), (("indrnn",), ("indrnn",)))
alone = IndexedBase("alone")


def apart(run: Layered) -> Runs:
    """A batch, and each of its sequences alone."""
    return Runs(runs={r: run, alone: each_row(run)})


def _as_alone(total: object, row: object = i) -> object:
    return says(
        (by(theta, r), total),
        (by(h[0], r, i), by(h[0], alone[row], 1)),
        (by(x[t], r, i), by(x[t], alone[row], 1)),
    )


summed = TimeSum(by(theta, alone[i]), (i, 1, B))
EXACT = recurrent(
    stack(("indrnn",), lengths=True),
    inputs=[[[1], [2]], [[-1], [3]]],
    upstream=[[[1], [2]], [[1], [-1]]],
    last={"h_l0": [[1], [1]]},
    lengths=[2, 1],
    U_l0=[[1]],
    u_l0=[2],
    b_l0=[1],
    h0_l0=[[1], [2]],
)
THEOREM = Theorem(
    title="Sequences of a batch",
    words="The gradients by the inputs and first states of a sequence are those of the sequence alone, and those by "
    "the parameters are the sums over the sequences.",
    sources=(WERBOS.at("derivatives summed over patterns"),),
    statement=_as_alone(summed),
    instances=among(NETS).flatmap(lambda net: layered_runs(stack(*net, lengths=True), batch=(2, 3))).map(apart),
    check=in_runs,
    certified=(apart(EXACT),),
    mutants={
        "the mean over the sequences": _as_alone(summed / B),
        "the first sequence alone": _as_alone(by(theta, alone[1])),
        "from the second sequence on": _as_alone(TimeSum(by(theta, alone[i]), (i, 2, B))),
        "in the order turned round": _as_alone(summed, B + 1 - i),
    },
    examples=12,
)
