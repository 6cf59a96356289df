"""Right calls of cells, of layers of them, and of what they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from fuzz_impl import (
    RUN,
    B,
    M,
    N,
    T,
    drawn,
    gated,
)
from fuzz_kinds import (
    Kind,
    Target,
    array,
    choice,
    classes,
    flag,
    function,
    instance,
    mapping,
    optional,
    several,
    text,
)

from backproof import impl


def layered() -> list[Target]:
    """Cells, layers of them, and what they are made of."""
    lstm, gru = impl.CELLS["lstm"], impl.CELLS["gru"]
    net = impl.layers((gru, gru), lstm, lengths=True)
    own = {f"{k}_{g}_l0{r}": drawn(*s) for g in "zrn" for r in ("", "_reverse") for k, s in _shapes(M).items()}
    own |= {f"{k}_{g}_l1": drawn(*s) for g in "ifqg" for k, s in _shapes(2 * N).items()}
    firsts = {"h0_l0": drawn(B, N), "s0_l1": drawn(B, N)}
    lengths = classes([T, 1], T + 1, 1)
    kinds = {name: array(value) for name, value in {**own, **firsts}.items()} | {"lengths": optional(lengths)}
    arrays = mapping(kinds, left_out=(*firsts, "lengths"))
    run = impl.layered_forward(net, arrays.right(), drawn(T, B, M))
    up = optional(array(drawn(T, B, N)))
    last = mapping({"h_l0": array(drawn(B, N))}, ["h_l0"])
    cell, pair = instance(gru), instance((gru, lstm), tuple, where=lambda v: v == (gru, lstm))
    alone = {name: value for name, value in gated("zrn", "h0").parts.items() if name not in "Vc"}
    switches = dict.fromkeys(("lengths", "dropout", "residual", "added"), flag(False))
    tied = Kind(
        right=lambda: {"W_z_l1": "W_z_l0"},
        sane=lambda v: v is None or v in ({}, {"W_z_l1": "W_z_l0"}),
    )
    product = impl.CELLS["leaky"].linear[0]
    diagonal = impl.CELLS["min_gru"].diagonal
    assert diagonal is not None
    strings = several(text("W", empty=False), "W", made=tuple, least=1)
    letter = Kind(right=lambda: "n", sane=lambda v: isinstance(v, str) and len(v) == 1 and v.isalpha())
    letters = Kind(
        right=lambda: {"h": "n"},
        sane=lambda v: isinstance(v, dict) and all(isinstance(k, str) and letter.sane(s) for k, s in v.items()),
        parts={"h": letter},
    )
    fields = {name: getattr(gru, name) for name in ("forward", "back")}
    return [
        Target(
            name="layers",
            call=lambda first, second, **more: impl.layers(first, second, **more),
            kinds={
                "first": cell,
                "second": instance(gru, where=lambda v: v is gru),
                **switches,
                "tied": optional(tied),
            },
            also=("layers", "layer"),
        ),
        Target(
            name="layers",
            call=lambda pair: impl.layers(pair),
            kinds={"pair": Kind(right=pair.right, sane=_pair_of_cells)},
            also=("layers",),
        ),
        Target(
            name="layered_forward",
            call=impl.layered_forward,
            kinds={"of": instance(net), "params": arrays, "inputs": RUN},
        ),
        Target(
            name="layered_back",
            call=impl.layered_back,
            kinds={"run": instance(run), "upstream": up, "last": optional(last)},
        ),
        Target(
            name="layered_gradients",
            call=impl.layered_gradients,
            kinds={
                "of": instance(gru, where=lambda v: v is gru),
                "params": mapping(alone, left_out=["h0"]),
                "inputs": RUN,
                "upstream": up,
                "last": optional(mapping({"h": array(drawn(B, N))}, ["h"])),
            },
        ),
        Target(
            name="cell_gradients",
            call=impl.cell_gradients,
            kinds={
                "cell": choice("gru", ["gru"]),
                "params": mapping(alone, left_out=["h0"]),
                "inputs": RUN,
                "upstream": up,
                "last": optional(mapping({"h": array(drawn(B, N))}, ["h"])),
            },
        ),
        Target(
            name="net_gradients",
            call=impl.net_gradients,
            kinds={
                "cells": Kind(right=lambda: [["gru", "gru"], ["lstm"]], sane=lambda v: v == [["gru", "gru"], ["lstm"]]),
                "params": arrays,
                "inputs": RUN,
                "upstream": up,
                "last": optional(last),
                "lengths": Kind(right=lambda: True, sane=lambda v: v is True),
            },
            also=("layers",),
        ),
        Target(
            name="in_parallel",
            call=impl.in_parallel,
            kinds={"cell": instance(impl.CELLS["min_gru"], where=lambda v: v.diagonal is not None)},
        ),
        Target(
            name="affine",
            call=impl.affine,
            kinds={"gates": text("zr"), "by": text("h_before", empty=False), "reads": letter},
        ),
        Target(
            name="Linear",
            call=impl.Linear,
            kinds={
                "name": text("W", empty=False),
                "stacks": strings,
                "shape": Kind(
                    right=lambda: "nm", sane=lambda v: isinstance(v, str) and len(v) in (1, 2) and v.isalpha()
                ),
                "into": text("a", empty=False),
                "by": optional(text("x", empty=False)),
                "skew": flag(False),
            },
        ),
        Target(
            name="Diagonal",
            call=impl.Diagonal,
            kinds={
                "state": text("h", empty=False),
                "coefficients": function(diagonal.coefficients),
                "pull": function(diagonal.pull),
                "emit": optional(function(len)),
                "read": optional(function(len)),
            },
        ),
        Target(
            name="diagonal_cell",
            call=impl.diagonal_cell,
            kinds={
                "name": text("mine", empty=False),
                "of": instance(diagonal),
                "linear": several(instance(product), product, made=tuple, least=1),
                "size": letter,
                "output": optional(text("h", empty=False)),
            },
        ),
        Target(
            name="Cell",
            call=impl.Cell,
            kinds={
                "name": text("mine", empty=False),
                "states": letters,
                "linear": several(instance(product), product, made=tuple, least=1),
                **{name: function(value) for name, value in fields.items()},
                "local": optional(function(len)),
                "output": text("h", empty=False),
                "width": letter,
                "given": letters,
                "diagonal": optional(instance(diagonal)),
                "scanned": flag(False),
            },
        ),
        Target(
            name="Activation",
            call=impl.Activation,
            kinds=dict.fromkeys(("value", "slope"), function(np.tanh)),
        ),
        Target(name="Loss", call=impl.Loss, kinds={"classes": flag(), "evaluate": function(len)}),
    ]


def _shapes(m: int) -> dict[str, tuple[int, ...]]:
    return {"W": (N, N), "U": (N, m), "b": (N,)}


def _pair_of_cells(v: Any) -> bool:
    cell = type(impl.CELLS["gru"])
    return isinstance(v, cell) or (
        isinstance(v, list | tuple) and 1 <= len(v) <= 2 and all(isinstance(c, cell) for c in v)
    )


TARGETS = layered()
