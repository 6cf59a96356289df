"""A mask between layers is in the gradient where it is in the run: what goes back to the layer below is masked, too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sympy import MatrixSymbol, Symbol

from backproof.theory.arithmetic import Arithmetic
from backproof.theory.confronting.layered_runs import in_runs
from backproof.theory.instances.layered_runs import Runs, columns_read, i, layered_runs, stack, theta
from backproof.theory.instances.strategies import among
from backproof.theory.language.notation import t, x
from backproof.theory.nets.building import recurrent
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layered_passes import Pass
from backproof.theory.records.records import Theorem
from backproof.theory.records.sources_of_cells import ZAREMBA
from backproof.theory.theorems.layers._batches import by, numbers, on, r, says

PAIRS = (("indrnn", "indrnn"), ("gru", "indrnn"), ("antisymmetric", "mgu"))
below, above, unmasked, unread = (Symbol(name) for name in ("below", "above", "unmasked", "unread"))
lower, upper = (MatrixSymbol(f"theta_{which}", Symbol("P"), 1) for which in ("l0", "l1"))


def apart(pair: tuple[str, str], run: Layered) -> Runs:
    """Two layers with a mask between; each alone, the upper on what it reads, the lower with what comes back, masked.

    Beside them are the lower with what comes back as it is, and the upper on outputs as they are.
    """
    mask = run.told["mask_l1"]
    alone = on(stack(pair[:1]), run)
    renamed = {name.replace("_l1", "_l0"): a for name, a in run.arrays.items() if name.endswith("_l1")}
    asked = {name.replace("_l1", "_l0"): a for name, a in run.asked.items() if name.endswith("_l1")}

    def reading(masked: Any, A: Arithmetic) -> Layered:
        outputs = [Pass(alone, row, A).outputs for row in range(run.batch)]
        read = numbers(A, list(zip(*outputs, strict=True))) * masked
        return on(stack(pair[1:]), run, arrays=renamed, asked=asked, inputs=read)

    def handed(masked: Any, A: Arithmetic) -> Layered:
        back = numbers(A, columns_read(reading(whole, A), A)) * masked
        return replace(alone, targets=back)

    whole, ones = _integers(mask), _integers(np.ones_like(mask))
    return Runs(
        runs={
            r: run,
            below: lambda A: handed(whole, A),
            above: lambda A: reading(whole, A),
            unmasked: lambda A: handed(ones, A),
            unread: lambda A: reading(ones, A),
        }
    )


def _integers(mask: Any) -> Any:
    """Masks of integers as such, which every arithmetic multiplies exactly."""
    return mask.astype(int).astype(object)


def _masked(under: Any = below, over: Any = above) -> Any:
    return says((by(lower, r), by(theta, under)), (by(upper, r), by(theta, over)), (by(x[t], r, i), by(x[t], under, i)))


EXACT = recurrent(
    stack(*((cell,) for cell in PAIRS[0]), dropout=True),
    inputs=[[1], [-1], [2]],
    upstream=[[1], [1], [3]],
    U_l0=[[1], [2]],
    u_l0=[2, 1],
    b_l0=[1, 3],
    U_l1=[[1, 2]],
    u_l1=[1],
    b_l1=[1],
    mask_l1=[[[0, 2]], [[2, 2]], [[2, 0]]],
)
THEOREM = Theorem(
    title="A mask between layers",
    words="Where a layer reads the outputs of the one below times a mask, the gradient that it hands down is "
    "multiplied by the same mask at the same steps, and its own parameters have the gradients of what was read.",
    sources=(ZAREMBA.at("dropout between layers"),),
    statement=_masked(),
    instances=among(PAIRS).flatmap(
        lambda pair: layered_runs(stack(*((cell,) for cell in pair), dropout=True)).map(lambda run: apart(pair, run))
    ),
    check=in_runs,
    certified=(apart(PAIRS[0], EXACT),),
    mutants={
        "forgotten on the way back": _masked(unmasked),
        "forgotten on the way forward": _masked(over=unread),
    },
    examples=12,
)
