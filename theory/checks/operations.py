"""Counted operations: of derived equations, of a run of them, and as a subject states its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sympy import And, Integer

from theory.comparison import Comparison, truth
from theory.nets import net
from theory.operations import BPTT, FORWARD, RTRL, Counting, Operations, Sizes, formula
from theory.subject import offered
from theory.unroll import Unrolled


def settled(statement: Any, sizes: Sizes, count: Callable[[Operations], int]) -> Iterator[tuple[Any, bool]]:
    """Each part of the statement at these sizes, with counts from anywhere."""
    for part in statement.args if isinstance(statement, And) else (statement,):
        counts = {c: Integer(count(_at(c, sizes))) for c in part.atoms(Operations)}
        left, right = (sizes.substituted(side.xreplace(counts)) for side in (part.lhs, part.rhs))
        yield part, bool(part.func(left, right))


def _at(operations: Operations, sizes: Sizes) -> Operations:
    """With a number of steps."""
    return Operations(operations.args[0], sizes.substituted(operations.steps))


def decide(statement: Any, sizes: Sizes) -> bool:
    """With the counts of the derived equations."""
    return all(holds for _, holds in settled(statement, sizes, lambda c: derived(c, sizes)))


def derived(operations: Operations, sizes: Sizes) -> int:
    """What the derived equations say."""
    return int(sizes.substituted(formula(operations)))


def counted(statement: Any, subject: Any, sizes: Sizes) -> Iterator[Comparison]:
    """The statement with derived and with the subject's own counts, and the derived ones against a counted run."""
    known = {BPTT: offered(subject, "bptt_operations"), RTRL: offered(subject, "rtrl_operations")}

    def stated(operations: Operations) -> int:
        method, steps = operations.args
        if method == FORWARD:
            return derived(operations, sizes)
        return int(known[method](sizes.units, sizes.inputs, sizes.outputs, int(steps)))

    for source, count in (("derived", lambda c: derived(c, sizes)), ("the subject's own", stated)):
        for part, holds in settled(statement, sizes, count):
            yield truth(f"{part} with {source} counts at {sizes}", holds)
    for method in (BPTT, RTRL):
        own, ours = (f(Operations(method, sizes.steps)) for f in (stated, lambda c: derived(c, sizes)))
        yield truth(f"the subject counts {own} for {method}, the derived equations have {ours}", own == ours)
    run, back = _counted_run(sizes)
    yield truth(f"{run} counted in a forward pass", run == derived(Operations(FORWARD, sizes.steps), sizes))
    biases = sizes.steps * (sizes.units + sizes.outputs)  # added up without a product
    whole = derived(Operations(BPTT, sizes.steps), sizes)
    yield truth(f"{run + back} counted, and {biases} added to biases", run + back + biases == whole)


def _counted_run(sizes: Sizes) -> tuple[int, int]:
    """Multiplications counted while the derived program runs forward, and then back."""
    arithmetic = Counting()
    drive = np.zeros((sizes.steps, sizes.inputs))
    weights = np.zeros((sizes.outputs, sizes.units))
    unrolled = Unrolled(net(W=np.zeros((sizes.units, sizes.units)), V=weights, inputs=drive), arithmetic)
    run = sum(arithmetic.done)
    loss = _softmax(sizes)
    unrolled.backward()
    return run, sum(arithmetic.done) - run - loss


def _softmax(sizes: Sizes) -> int:
    """What the gradient of the loss itself takes: a sum of the weights and a scaling, at each step."""
    return 2 * sizes.outputs * sizes.steps
