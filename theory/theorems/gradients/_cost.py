"""What a gradient costs in multiplications: of the derived equations, of a run of them, and as a subject states it.

Counting what a gradient costs: the multiplications of derived equations, as polynomials in the sizes.

A multiply-add counts as one, and so does adding a number to a gradient that no product led to. Activations, slopes and
the loss, which both passes share, are not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

import numpy as np
from sympy import Expr, Integer, Symbol, sympify
from sympy.matrices.expressions import MatrixSymbol

from backproof.theory.arithmetic import Arithmetic, Floats
from backproof.theory.confronting.comparison import Comparison, truth
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import Environment
from backproof.theory.language.display import Displayed
from backproof.theory.language.notation import T, V, W, a, g, m, n, p, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.cells import ELMAN, Cell
from backproof.theory.nets.networks import net
from backproof.theory.nets.operations import accumulated, backward, forward, multiplications
from backproof.theory.nets.unrolled import Unrolled

FORWARD, BPTT, RTRL = (Symbol(name) for name in ("forward", "BPTT", "RTRL"))


class Operations(Expr):  # type: ignore[misc]
    """``C_method(T)``, the multiplications of a method for one sequence of T steps."""

    is_commutative = True
    is_integer = True
    is_positive = True

    def __new__(cls, method: Any, steps: Any) -> Operations:
        """One of FORWARD, BPTT and RTRL, and the number of steps."""
        return super().__new__(cls, method, sympify(steps))  # type: ignore[no-any-return]

    @property
    def steps(self) -> Any:
        """The horizon."""
        return self.args[1]

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        name = rf"C_{{\text{{{self.args[0].name}}}}}\left({printer._print(self.args[1])}\right)"
        return f"{name}^{{{exp}}}" if exp else name


@cache
def per_step(method: Symbol, cell: Cell = ELMAN) -> Any:
    """The multiplications of one step of a method, from the equations of the cell and those derived from them."""
    run, back, added = forward(cell), backward(cell), accumulated(cell)
    if method == FORWARD:
        return run
    if method == BPTT:
        return (run + back + sum(added.values())).expand()
    outputs = sum(number for q, number in added.items() if q.name in ("V", "c"))
    entries = sum(q.shape[0] * q.shape[1] for q in added if q.name not in ("V", "c")) + n  # those of h_0 as well
    S = MatrixSymbol("S", n, entries)
    slopes = n * entries  # a row of S for each slope
    asked = V.T * g[t]
    carried = multiplications(W * S) + slopes + multiplications(S.T * a[t]) + multiplications(asked)
    return (run + carried + outputs).expand()


def formula(operations: Operations) -> Any:
    """``C_method(T)`` as a polynomial in the sizes."""
    return per_step(operations.args[0]) * operations.steps


@dataclass(frozen=True)
class Counting(Floats):
    """Floats that count the multiplications asked of them, a step at a time."""

    done: list[int] = field(default_factory=list)
    name: ClassVar[str] = "counted floats"
    batches: ClassVar[bool] = False

    def matmul(self, left: Any, right: Any) -> Any:
        """The product; its multiplications are noted."""
        self.done.append(left.shape[-2] * left.shape[-1] * right.shape[-1])
        return super().matmul(left, right)

    def hadamard(self, left: Any, right: Any) -> Any:
        """The entrywise product; its multiplications are noted."""
        self.done.append(left.size)
        return super().hadamard(left, right)


@dataclass(frozen=True)
class Sizes(Displayed):
    """Sizes of a net: units, inputs, outputs and steps."""

    units: int
    inputs: int
    outputs: int
    steps: int

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """The sizes by their letters."""
        return f"n = {self.units}", f"m = {self.inputs}", f"p = {self.outputs}", f"T = {self.steps}"

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """The sizes and the number of steps."""
        yield Environment({n: self.units, m: self.inputs, p: self.outputs, T: self.steps})

    def substituted(self, expression: Any) -> Any:
        """The expression at these sizes."""
        return expression.subs({n: self.units, m: self.inputs, p: self.outputs, T: self.steps})


def settled(statement: Any, sizes: Sizes, count: Callable[[Operations], int]) -> Iterator[tuple[Any, bool]]:
    """Each part of the statement at these sizes, with counts from anywhere."""
    for part in parts(statement):
        counts = {c: Integer(count(_at(c, sizes))) for c in part.atoms(Operations)}
        left, right = (sizes.substituted(side.xreplace(counts)) for side in (part.lhs, part.rhs))
        yield part, bool(part.func(left, right))


def _at(operations: Operations, sizes: Sizes) -> Operations:
    """The statement at a number of steps T."""
    return Operations(operations.args[0], sizes.substituted(operations.steps))


def decide(statement: Any, sizes: Sizes) -> bool:
    """Decide a statement about counts, with those of the derived equations put in."""
    return all(holds for _, holds in settled(statement, sizes, lambda c: derived(c, sizes)))


def derived(operations: Operations, sizes: Sizes) -> int:
    """The count that the derived equations give."""
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
    """Multiplications for the gradient of the loss itself: a sum of the weights and a scaling, at each step."""
    return 2 * sizes.outputs * sizes.steps
