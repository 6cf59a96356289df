"""What a gradient costs: back-propagation a few forward passes, real-time recurrent learning n⁴ a step."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import And, Eq, Ge, Integer, Le

from backproof.theory.language.notation import T, m, n, p
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import GRIEWANK_WALTHER, WILLIAMS_ZIPSER
from backproof.theory.theorems.gradients._cost import (
    BPTT,
    FORWARD,
    RTRL,
    Operations,
    Sizes,
    counted,
    decide,
    derived,
    formula,
    per_step,
)

METHODS = (FORWARD, BPTT, RTRL)
forward, backward, sensitivities = (Operations(method, T) for method in METHODS)


def _costs(*, times: Any = 4, grows: Any = T, low: Any = n**4, high: Any = 18 * n**4) -> Any:
    """Back-propagation at most so many forward passes and linear in T; sensitivities between these, a step."""
    return And(
        Le(backward, times * forward, evaluate=False),
        Eq(backward, grows * Operations(BPTT, 1), evaluate=False),
        Ge(sensitivities, low * T, evaluate=False),
        Le(sensitivities, high * T, evaluate=False),
        evaluate=False,
    )


few = And(Le(m, n), Le(p, n), evaluate=False)
small = Assumption(
    name="no more inputs or outputs than units",
    text="m ≤ n and p ≤ n",
    holds=lambda sizes: bool(sizes.substituted(few)),
    says=few,
)
statement = _costs()
linear, low = (next(part for part in statement.args if isinstance(part, kind)) for kind in (Eq, Ge))
times, high = (
    next(part for part in statement.args if part.lhs == q and part.rel_op == "<=") for q in (backward, sensitivities)
)
COUNTS = {method: Eq(Operations(method, T), formula(Operations(method, T)), evaluate=False) for method in METHODS}
ONE_STEP = Eq(Operations(BPTT, 1), formula(Operations(BPTT, 1)), evaluate=False)
SIZES = tuple(f"at least one {what}" for what in ("unit", "input", "output"))

run, run_back, carried = map(per_step, METHODS)


def _every_step(name: str, claim: Any, left_over: Any, *by: str) -> tuple[Line, ...]:
    """A relation between counts, from what it leaves over at each single step."""
    counts = (operations.args[0].name for operations in sorted(claim.atoms(Operations), key=str))
    return (
        line(
            f"{name}, a step",
            Ge(left_over, 0, evaluate=False),
            "real arithmetic",
            *by,
            why="As every size is from 1 on",
        ),
        by_fact(
            f"{name}, T times",
            Ge(T * left_over, 0, evaluate=False),
            "a product of what is not negative",
            "steps",
            f"{name}, a step",
            a=T,
            b=left_over,
        ),
        line(name, claim, "real arithmetic", *counts, f"{name}, T times"),
    )


PROOF = Proof(
    lines=(
        *(line(name, Ge(size, 1, evaluate=False), "integers") for name, size in zip(SIZES, (n, m, p), strict=True)),
        line("steps", Ge(T, 0, evaluate=False), "integers"),
        line("one step", ONE_STEP, "instance", BPTT.name, at={T: Integer(1)}),
        line("linear", linear, "real arithmetic", BPTT.name, "one step"),
        *_every_step("at most four times", times, 4 * run - run_back, *SIZES),
        *_every_step("at least", low, carried - n**4, *SIZES),
        *_every_step("at most", high, 18 * n**4 - carried, *SIZES, small.name),
        line("costs", statement, "together", "at most four times", "linear", "at least", "at most"),
    )
)

one = Sizes(1, 1, 1, 1)

THEOREM = Theorem(
    title="Cheap gradient",
    words="Counted in multiplications, back-propagation takes at most 4 forward passes; sensitivities take n⁴ a step.",
    sources=(GRIEWANK_WALTHER.at("cheap gradient principle"), WILLIAMS_ZIPSER.at("cost of the algorithm")),
    statement=statement,
    instances=st.integers(1, 6).flatmap(
        lambda size: st.builds(Sizes, st.just(size), *[st.integers(1, size)] * 2, st.integers(1, 6))
    ),
    check=counted,
    decide=decide,
    proof=PROOF,
    definitions={method.name: count for method, count in COUNTS.items()},
    assumptions=(small,),
    without={small: Sizes(1, 8, 1, 1)},
    certified=(one, Sizes(100, 10, 10, 50)),
    attained=one,
    ratio=lambda sizes: derived(Operations(RTRL, 1), sizes) / (18 * sizes.units**4),
    ledger=("F14",),
    mutants={
        "three forward passes": _costs(times=3),
        "quadratic in the steps": _costs(grows=T**2),
        "at most n³ a step": _costs(high=18 * n**3),
        "at least 7n⁴ a step": _costs(low=7 * n**4),
    },
    examples=60,
)
