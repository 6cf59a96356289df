"""Statements on numbers that are measured on the subject."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sympy import Symbol

from backproof.theory.arithmetic import Floats, Undecided
from backproof.theory.confronting.comparison import Comparison, truth
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.language.relations import parts

RELATIONS = {"<": operator.lt, ">": operator.gt, "==": operator.eq}

Quantities = Mapping[Symbol, Callable[[Any, Any], float]]  # subject, instance


def drawn_satisfies(quantities: Quantities) -> Callable[[Any, Any, Any], Iterator[Comparison]]:
    """A check of statements on these symbols, each measured on the subject."""

    def check(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
        if not statement.free_symbols or not statement.free_symbols <= set(quantities):
            raise Undecided("the statement speaks of something that is not measured here")
        values = {symbol: quantities[symbol](subject, instance) for symbol in statement.free_symbols}
        environment = Environment(values)
        for part in parts(statement):
            left, right = (float(evaluate(side, Floats(), environment)) for side in (part.lhs, part.rhs))
            verdict = RELATIONS[part.rel_op](left, right)
            yield truth(str(part), bool(verdict), f"{part}: {left:.6g} against {right:.6g}")

    return check
