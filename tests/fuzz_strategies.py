"""Strategies by right arguments, each drawn from once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fuzz_kinds import (
    Kind,
    Target,
    anything,
    choice,
    flag,
    instance,
    integer,
    plain,
    several,
)
from fuzz_theory import ONE
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from sympy import MatrixSymbol, Symbol

from backproof import strategies
from backproof.notation import At, Q, W
from backproof.theory.language.functions import ACTIVATIONS, LOSSES


def draw(strategy: Any) -> Any:
    """One value of a strategy."""

    @settings(
        max_examples=1,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def once(_: Any) -> None:
        pass

    once()


def drawing(call: Callable[..., Any], *order: str) -> Callable[..., Any]:
    """The strategy made of arguments, the first by order, and one draw of it."""

    def made(**arguments: Any) -> None:
        draw(call(*(arguments[name] for name in order), **{k: v for k, v in arguments.items() if k not in order}))

    return made


def drawn() -> list[Target]:
    """Strategies, each drawn from once."""
    bounds = Kind(right=lambda: (1, 2), sane=_bounds, parts={0: integer(1, 1, 2), 1: integer(2, 1, 64)})
    shorter = Kind(right=lambda: (1, 2), sane=_bounds, parts=bounds.parts)
    size = integer(2, 1, 64)

    def some(*options: str) -> Kind:
        return Kind(
            right=lambda: options[:1],
            sane=lambda v: (
                isinstance(v, tuple | list) and bool(v) and all(isinstance(one, str) and one in options for one in v)
            ),
            parts={0: choice(options[0], options)},
        )

    pairs = dict.fromkeys(("units", "steps", "batch"), shorter)
    square = Kind(right=lambda: Q, sane=lambda v: isinstance(v, MatrixSymbol) and v.shape[0] == v.shape[1])
    symbol = Kind(right=lambda: W, sane=lambda v: isinstance(v, Symbol | MatrixSymbol | At) or hasattr(v, "structure"))
    of_nets = strategies.nets(units=(1, 1), steps=(1, 1))
    structures = (
        "defective",
        "nilpotent",
        "normal",
        "orthogonal",
        "projection",
        "rank_one",
        "skew",
        "stable",
        "symmetric",
    )
    found = [Target(name=f, call=getattr(strategies, f), kinds={"symbol": square}) for f in structures]
    found += [
        Target(name=f, call=getattr(strategies, f), kinds={"symbol": square, "other": square})
        for f in ("commuting", "same_as")
    ]
    return [
        *found,
        Target(name="halves", call=drawing(strategies.halves), kinds={"largest": integer(2, 0, 2**50)}),
        Target(
            name="arrays",
            call=drawing(strategies.arrays, "rows", "columns"),
            kinds={"rows": integer(2, 0, 64), "columns": integer(2, 0, 64), "largest": integer(1, 0, 2**50)},
            also=("shape",),
        ),
        Target(
            name="among",
            call=drawing(strategies.among),
            kinds={"choices": several(anything(1), 1, 2, made=tuple, least=1)},
        ),
        Target(
            name="classes", call=drawing(strategies.classes), kinds={"count": integer(2, 0, 64), "size": integer(2)}
        ),
        Target(name="signed_permutations", call=drawing(strategies.signed_permutations), kinds={"size": size}),
        Target(
            name="square_matrices",
            call=drawing(strategies.square_matrices),
            kinds={"size": size, "regime": choice("plain", strategies.REGIMES)},
        ),
        Target(
            name="nets",
            call=drawing(strategies.nets),
            kinds={
                **pairs,
                "activations": some(*ACTIVATIONS),
                "losses": some(*LOSSES),
                "regimes": some(*strategies.REGIMES),
                "reductions": some("sum", "mean"),
            },
        ),
        Target(
            name="gated_nets",
            call=drawing(strategies.gated_nets),
            kinds={
                "kind": choice("gru", ["gru", "lstm"]),
                **pairs,
                "regimes": some("plain", "carrying", "saturated", "tiny", "huge"),
            },
        ),
        Target(name="regions", call=strategies.regions, kinds={"net": instance(ONE)}),
        Target(
            name="gradient_tensors",
            call=drawing(strategies.gradient_tensors, "threshold", "first"),
            kinds={
                "threshold": instance(Symbol("epsilon"), Symbol),
                "first": instance(W, MatrixSymbol, where=lambda v: v.shape == W.shape),
                "exponents": several(integer(0, -900, 900), 0, made=tuple, least=1),
            },
            also=("symbol",),
        ),
        Target(
            name="cases",
            call=drawing(strategies.cases, "first", "second"),
            kinds={
                "first": symbol,
                "second": symbol,
                "units": bounds,
                "largest": integer(2, 0, 2**50),
                "wide": flag(False),
            },
            also=("symbol",),
        ),
        Target(
            name="two_runs",
            call=drawing(strategies.two_runs),
            kinds={"nets": instance(of_nets, SearchStrategy), "starts": flag(), "inputs": flag()},
        ),
    ]


def _bounds(v: Any) -> bool:
    whole = isinstance(v, tuple | list) and len(v) == 2 and all(isinstance(one, int) and plain(one) for one in v)
    return whole and 1 <= v[0] <= v[1] <= 64


TARGETS = drawn()
