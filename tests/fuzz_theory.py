"""Right calls of what is public of the theory, for the fuzz test to break."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from fuzz_kinds import (
    Kind,
    Target,
    anything,
    array,
    choice,
    classes,
    flag,
    instance,
    integer,
    mapping,
    optional,
    plain,
    rows,
    several,
    text,
)
from sympy import Expr, MatrixSymbol, Symbol, tanh
from sympy.matrices.expressions import MatrixExpr

import backproof as public
from backproof import cells
from backproof.notation import At, Sequence, W, h, n, o, t, x, y
from backproof.theory.language.functions import ACTIVATIONS, LOSSES
from backproof.theory.nets.losses import CHARGED, REDUCTIONS

NOT_CALLED = {
    "Lacks NothingChecked RecordError SubjectError Undecided WrongGradient CellError": "exceptions",
    "Checked": "what `gradcheck` returns",
    "Layered": "what `recurrent` returns",
    "Cell Layers": "what `cell` and `layers` return",
    "cells nodes notation strategies __version__": "no functions",
    "EVERY HUGE INCREASING LOSS_NAMES REGIMES SMOOTH TINY": "constants",
    "diagonalised": "it takes no argument",
}
"""Public names that are not called, with the reason."""

SMALL = 2**14
ONE = public.net(W=[[0.5]], inputs=[[1.0], [0.5]])
ELMAN = cells.cell(
    "mine",
    {h[t]: (W * h[t - 1] + MatrixSymbol("U", n, Symbol("m", integer=True, positive=True)) * x[t]).applyfunc(tanh)},
)
NAMED = text("mine", empty=False)


def subject() -> Any:
    """A subject that lacks everything."""
    return object()


def nets() -> list[Target]:
    """Nets and runs from nested lists."""
    two, inputs = [[0.5, 0.0], [1.0, -0.5]], [[1.0, 0.0], [0.5, 1.0], [0.0, 2.0]]
    arrays = {
        "inputs": rows(inputs, (1, 3, 2)[::-1], (3, 1, 2)),
        "U": optional(rows(two)),
        "V": optional(rows(two)),
        "b": optional(rows([0.5, 1.0])),
        "c": optional(rows([0.5, 1.0])),
        "h0": optional(rows([[0.5, 1.0]])),
    }
    elman = {
        "W": rows(two),
        **arrays,
        "targets": optional(rows([0, 1, 1], (3, 1), whole=True, least=0, most=1)),
        "activation": choice("relu", ACTIVATIONS),
        "loss": choice("cross_entropy", ["cross_entropy"]),
        "reduction": choice("mean", ["sum", "mean"]),
        "mean_divisor": integer(2),
    }
    valued = {
        **elman,
        "targets": optional(rows(inputs, (3, 1, 2))),
        "loss": choice("huber", ["squared_error", "huber"]),
    }
    kept = {name: kind for name, kind in elman.items() if name not in ("U", "b", "W", "activation")}
    gates = {f"W_{j}": optional(rows(two)) for j in "zrn"} | {"b_n": optional(rows([1.0, 0.5]))}
    of_gates = {**kept, "units": integer(2, 2, 2), "kind": choice("gru", ["gru"]), **gates}
    of_arrays = {name: array(getattr(ONE, name), kinds="iuf") for name in ("W", "U", "V", "b", "c", "h0", "inputs")}
    direct = {**of_arrays, "targets": classes(ONE.targets, 1), **{k: elman[k] for k in ("activation", "loss")}}
    run = {
        "of": instance(ELMAN),
        "W": optional(rows(two)),
        "U": optional(rows(two)),
        "h0": optional(rows([[0.5, 1.0]], (2,))),
        "inputs": rows(inputs, (3, 1, 2)),
        "upstream": optional(rows(inputs, (3, 1, 2))),
        "last": optional(mapping({"h": optional(rows([[1.0, 2.0]]))}, ["h"])),
        "weights": optional(rows([[1.0], [0.0], [2.0]])),
        "lengths": Kind(right=lambda: None, sane=lambda v: v is None),
    }
    charged = cells.layers(ELMAN, loss="cross_entropy", lengths=True)
    of_layers = {
        "of": instance(charged),
        "W_l0": optional(rows(two)),
        "U_l0": optional(rows(two)),
        "inputs": rows(inputs, (3, 1, 2)),
        "targets": optional(rows([[0], [-1], [1]], (3,), whole=True, most=1)),
        "lengths": optional(rows([2], whole=True, least=1, most=3)),
    }
    gate = public.gated("gru", inputs=[[1.0]])
    return [
        Target(name="net", call=public.net, kinds=elman),
        Target(name="net", call=public.net, kinds=valued),
        Target(name="net", call=_more(public.net, elman), kinds={"unknown": anything(None)}, also=("W_back",)),
        Target(name="gated", call=public.gated, kinds=of_gates),
        Target(name="gated", call=_more(public.gated, of_gates), kinds={"unknown": anything(None)}, also=("W_back",)),
        Target(name="recurrent", call=cells.recurrent, kinds=run),
        Target(name="recurrent", call=_more(cells.recurrent, run), kinds={"unknown": anything(1)}, also=("W_back",)),
        Target(name="recurrent", call=cells.recurrent, kinds=of_layers),
        Target(name="Net", call=public.Net, kinds={**direct, "reduction": elman["reduction"]}),
        Target(
            name="Gated",
            call=public.Gated,
            kinds={
                "kind": choice("gru", ["gru"]),
                "arrays": mapping({name: array(value, kinds="iuf") for name, value in gate.arrays.items()}),
                "inputs": array(gate.inputs, kinds="iuf"),
                "targets": classes(gate.targets, 1),
                "loss": elman["loss"],
                "reduction": elman["reduction"],
                "mean_divisor": elman["mean_divisor"],
            },
        ),
    ]


def _more(call: Callable[..., Any], kinds: Mapping[str, Kind]) -> Callable[..., Any]:
    """The call with right arguments and one that it does not know: it is to be named, whatever it holds."""

    def made(unknown: Any) -> Any:
        try:
            return call(**{name: kind.right() for name, kind in kinds.items()}, W_back=unknown)
        except TypeError as known:
            if "W_back" in str(known) and "W" in str(known).replace("W_back", ""):
                return None
            raise

    return made


def _size(v: Any) -> bool:
    return (isinstance(v, Expr) and bool(v.is_integer)) or (isinstance(v, int | np.integer) and plain(v) and v > 0)


def equations() -> list[Target]:
    """Cells from equations, layers and losses."""
    column, size = h[t - 1], Kind(right=lambda: n, sane=_size)
    expression = Kind(right=lambda: column, sane=lambda v: isinstance(v, MatrixExpr))
    given_equations = {h[t]: Kind(right=lambda: (W * column).applyfunc(tanh), sane=lambda v: isinstance(v, MatrixExpr))}
    square = (o[t] - y[t]).T * (o[t] - y[t])
    cell, tied = instance(ELMAN), {"U_l1": "U_l0"}
    switches = dict.fromkeys(("lengths", "dropout", "residual", "added"), flag(False))
    name = Kind(right=lambda: "q", sane=lambda v: isinstance(v, str) and v.strip() != "")
    return [
        Target(name="sigmoid", call=cells.sigmoid, kinds={"z": expression}),
        Target(
            name="times",
            call=lambda first, second: cells.times(first, second),
            kinds={"first": expression, "second": expression},
            also=("factor",),
        ),
        Target(name="affine", call=cells.affine, kinds={"index": text("i"), "state": expression, "rows": size}),
        Target(name="Sequence", call=cells.Sequence, kinds={"name": name, "size": size}),
        Target(
            name="At",
            call=At,
            kinds={
                "base": instance(h.base),
                "time": Kind(right=lambda: t - 1, sane=lambda v: _size(v) or (v in (0, -1) and plain(v))),
            },
        ),
        Target(
            name="cell",
            call=cells.cell,
            kinds={
                "name": NAMED,
                "equations": mapping(given_equations),
                "output": optional(instance(h)),
                "given": several(instance(h), Sequence("mask", n), made=tuple),
            },
            also=("equation", "h[t]", "mine"),
        ),
        Target(
            name="loss",
            call=cells.loss,
            kinds={"name": NAMED, "value": instance(square, MatrixExpr, where=lambda v: v.shape == (1, 1))},
            also=("loss",),
        ),
        Target(
            name="layers",
            call=lambda first, second, **more: cells.layers(first, second, **more),
            kinds={
                "first": cell,
                "second": cell,
                "name": NAMED,
                **switches,
                "tied": optional(Kind(right=lambda: tied, sane=lambda v: v in (tied, {}))),
                "loss": Kind(
                    right=lambda: "huber",
                    sane=lambda v: isinstance(v, type(LOSSES["huber"])) or (isinstance(v, str) and v in CHARGED),
                ),
                "reduction": choice("last", REDUCTIONS),
            },
            also=("layer", "of"),
        ),
    ]


TARGETS = [*nets(), *equations()]
