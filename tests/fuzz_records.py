"""Right calls of instances, comparisons, records, and the check of gradients."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from fuzz_kinds import (
    Kind,
    Target,
    anything,
    choice,
    clean,
    function,
    instance,
    integer,
    mapping,
    number,
    optional,
    plain,
    rows,
    several,
    text,
)
from fuzz_theory import ELMAN, ONE
from hypothesis.strategies import SearchStrategy
from sympy import Le, Lt, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

import backproof as public
from backproof import cells, strategies
from backproof.notation import W, n


def _valued(v: Any) -> bool:
    """Whether it may be the value of a scalar symbol."""
    return (plain(v) and bool(np.isfinite(float(v)))) or isinstance(v, Fraction)


def records() -> list[Target]:
    """Instances, comparisons, records and gradcheck."""
    matrix = rows([[0.5, 1.0], [0.0, 0.5]])
    values = mapping({W: matrix, Symbol("k", integer=True): integer(2, -math.inf)}, [W, Symbol("k", integer=True)])
    source = public.Source(key="me", title="Notes")
    assumption = public.Assumption(name="one", text="One.", holds=bool)
    statement = Kind(right=lambda: Le(n, n + 1, evaluate=False), sane=lambda v: isinstance(v, Relational))
    strings = several(text("a"), "premise", made=tuple)
    real = Kind(right=lambda: 0.5, sane=lambda v: plain(v) and abs(v) < 10**300)
    margin = Kind(right=lambda: 0.5, sane=plain)
    line = public.line("one", Lt(n, 2), "algebra")
    word = text("a", empty=False)
    reading = public.Reading(theorem="spectra/haar")
    callables = {name: function(len) for name in ("holds",)}
    found = [
        Target(name="Case", call=public.Case, kinds={"values": values}, also=("W", "k")),
        Target(
            name="NetWithValues",
            call=public.NetWithValues,
            kinds={"net": instance(ONE), "values": values},
            also=("W", "k"),
        ),
        Target(
            name="TwoRuns",
            call=public.TwoRuns,
            kinds={"net": instance(ONE), "other": instance(ONE.with_(h0=np.ones((1, 1)))), "values": values},
            also=("W", "k"),
        ),
        Target(
            name="Comparison",
            call=public.Comparison,
            kinds={"what": text("h"), "margin": margin, "detail": text("much"), "digits": optional(margin)},
        ),
        Target(
            name="truth",
            call=public.truth,
            kinds={
                "what": text("h"),
                "verdict": anything(True),
                "detail": text("much"),
            },
        ),
        Target(
            name="at_most",
            call=public.at_most,
            kinds={
                "what": text("h"),
                "value": margin,
                "limit": margin,
                "slack": Kind(right=lambda: 0.1, sane=not_negative),
            },
        ),
        Target(
            name="agree",
            call=public.agree,
            kinds={
                "what": text("h"),
                "got": anything(np.ones(2)),
                "reference": Kind(right=lambda: np.ones(2), sane=lambda v: clean(v) and v.dtype.kind == "f"),
                "bound": Kind(right=lambda: np.ones(2), sane=lambda v: _bound(v)),
                "doubt": Kind(right=lambda: 0.0, sane=_bound),
            },
        ),
        Target(
            name="line",
            call=lambda name, says, rule, first, why: public.line(name, says, rule, first, why=why),
            kinds={
                "name": word,
                "says": Kind(right=lambda: Lt(n, 2), sane=lambda v: isinstance(v, Boolean | bool)),
                "rule": word,
                "first": word,
                "why": text("since"),
            },
            also=("by",),
        ),
        Target(
            name="Proof",
            call=public.Proof,
            kinds={
                "lines": several(instance(line), line, made=tuple),
                "ranges": several(instance(Le(0, n, evaluate=False), Relational), Le(0, n, evaluate=False), made=tuple),
            },
        ),
        Target(
            name="Source",
            call=public.Source,
            kinds={"key": word, "title": word, "by": text("one"), "year": optional(integer(2020, -math.inf))},
        ),
        Target(name="Source.at", call=source.at, kinds={"place": word}),
        Target(
            name="Assumption",
            call=public.Assumption,
            kinds={
                "name": word,
                "text": word,
                **callables,
                "says": optional(statement),
                "every": several(instance(n, Symbol), n, made=tuple),
            },
        ),
        Target(
            name="Measurement",
            call=public.Measurement,
            kinds={
                "quantity": word,
                "effect": word,
                "seeds": integer(20, 20),
                "sample": function(len),
                "expected": Kind(right=lambda: (0.0, 1.0), sane=_interval, parts={0: real}),
                "confidence": number(0.9, 0, 1),
            },
        ),
        Target(
            name="Reading",
            call=public.Reading,
            kinds={
                "theorem": word,
                "premises": several(anything(statement.right()), statement.right(), made=tuple),
                "statement": optional(statement),
                "witness": anything(None),
                "decide": optional(function(len)),
            },
        ),
        Target(
            name="Claim",
            call=public.Claim,
            kinds={
                "id": word,
                "source": instance(source.at("1")),
                "words": word,
                "readings": several(instance(reading), reading, made=tuple, least=1),
                "mapping": text("so"),
                "why": text("since"),
                "depends": several(instance(reading, type(None)), made=tuple),
            },
        ),
        Target(
            name="Theorem",
            call=public.Theorem,
            kinds={
                "title": word,
                "words": word,
                "sources": several(instance(source.at("1")), source.at("1"), made=tuple, least=1),
                "statement": statement,
                "instances": instance(strategies.cases(W), SearchStrategy),
                "mutants": mapping(
                    {"a": instance(Lt(n, 2), Relational), "b": instance(Lt(n, 3), Relational)},
                    others=instance(Lt(n, 4), Relational),
                ),
                "check": function(len),
                "proof": optional(instance(public.Proof(lines=(line,)))),
                "certified": several(anything(ONE), ONE, made=tuple),
                "assumptions": Kind(right=tuple, sane=lambda v: v == ()),
                "ledger": strings,
                "examples": optional(integer(3)),
            },
        ),
        Target(
            name="gradcheck",
            call=public.gradcheck,
            kinds={
                "subject": Kind(right=lambda: _Right, sane=lambda v: v is _Right),
                "network": instance(ONE),
                "dtype": optional(choice("float64", ["float64", "float32"])),
                "skip": Kind(right=lambda: ("h0",), sane=lambda v: set(v) <= {"h0"}),
                "shapes": choice("fixed", ["free", "lengths", "fixed"]),
                "seconds": number(0.0, 0, ends=(True, True)),
                "seed": integer(1, 0),
            },
            also=("gradients",),
        ),
        Target(
            name="gradcheck",
            call=public.gradcheck,
            kinds={
                "subject": Kind(right=lambda: _elman, sane=callable),
                "network": instance(cells.recurrent(ELMAN, W=[[0.5]], inputs=[[1.0]], upstream=[[1.0]])),
                "dtype": optional(choice("float64", ["float64", "float32", "float16", "bfloat16"])),
            },
            also=("gradients",),
        ),
    ]
    only = {"name": word, "text": word, "holds": function(assumption.holds)}
    return [*found, Target(name="Assumption", call=public.Assumption, kinds=only)]


def not_negative(v: Any) -> bool:
    """Whether it is a number, of which NaN fails like one that is too large."""
    return plain(v) and not v < 0


def _bound(v: Any) -> bool:
    made = np.asarray(v)
    right = made.dtype.kind in "iuf" and made.size in (1, 2) and not isinstance(v, np.ma.MaskedArray)
    return bool(right and not np.any(made < 0))


def _interval(v: Any) -> bool:
    return isinstance(v, tuple | list) and len(v) == 2 and all(map(plain, v)) and v[0] < v[1]


class _Right:
    """A subject with right gradients of an Elman net of tanh."""

    @staticmethod
    def loss(*arguments: Any, **options: Any) -> float:
        """Nothing asks for it."""
        return 0.0

    @staticmethod
    def gradients(p: Any, inputs: Any, targets: Any) -> Any:
        """With one output the cross-entropy is 0, whatever the net does."""
        return {name: np.zeros_like(value) for name, value in p.items()}


def _elman(p: Any, inputs: Any, upstream: Any, last: Any) -> Any:
    up, a = upstream[0], np.tanh(inputs[0] @ p["U"].T + p["h0"] @ p["W"].T)
    alpha = (up + last.get("h", 0)) * (1 - a**2)
    return {"W": alpha.T @ p["h0"], "U": alpha.T @ inputs[0], "h0": alpha @ p["W"], "inputs": (alpha @ p["U"])[None]}


TARGETS = records()
