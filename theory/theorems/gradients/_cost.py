"""Counted operations: of derived equations, of a run of them, and as a subject states its own.

Counting what a gradient costs: the multiplications of derived equations, as polynomials in the sizes.

A multiply-add counts as one, and so does adding a number to a gradient that no product led to. Activations, slopes and
the loss, which both passes share, are not counted.

Inequalities between counted operations, for all sizes: what is left over has no negative coefficient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

import numpy as np
from sympy import Eq, Expr, Ge, Integer, Le, Max, Symbol, expand, sympify
from sympy.matrices.expressions import HadamardProduct, MatMul, MatrixSymbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.arithmetic import Floats
from backproof.theory.confronting.comparison import Comparison, truth
from backproof.theory.confronting.subject import offered
from backproof.theory.language.notation import T, V, W, a, g, m, n, p, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.cells import ELMAN, Cell
from backproof.theory.nets.networks import net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.proving.proof import Proof, Step, Unprovable

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


def multiplications(expression: MatrixExpr) -> Any:
    """Those of evaluating an expression once, products from the right."""
    inside = sum(multiplications(arg) for arg in expression.args if isinstance(arg, MatrixExpr))
    rows, columns = expression.shape
    if isinstance(expression, MatMul):
        _, factors = expression.as_coeff_matrices()
        return inside + sum(factor.shape[0] * factor.shape[1] * columns for factor in factors[:-1])
    if isinstance(expression, HadamardProduct):
        return inside + (len(expression.args) - 1) * rows * columns
    return inside


@cache
def per_step(method: Symbol, cell: Cell = ELMAN) -> Any:
    """The multiplications of one step of a method, from the equations of the cell and those derived from them."""
    run = sum(multiplications(rhs) for _, rhs in cell.equations)
    if method == FORWARD:
        return run.expand()
    derived = cell.adjoint.gradients
    added = {q: Max(multiplications(e), q.shape[0] * q.shape[1]) for q, e in derived.items()}
    if method == BPTT:
        back = sum(multiplications(local) + multiplications(carried) for _, local, carried in cell.adjoint.backward)
        return (run + back + sum(added.values())).expand()
    outputs = sum(number for q, number in added.items() if q.name in ("V", "c"))
    entries = sum(q.shape[0] * q.shape[1] for q in derived if q.name not in ("V", "c")) + n  # those of h_0 as well
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
        """Counted."""
        self.done.append(left.shape[-2] * left.shape[-1] * right.shape[-1])
        return super().matmul(left, right)

    def hadamard(self, left: Any, right: Any) -> Any:
        """Counted."""
        self.done.append(left.size)
        return super().hadamard(left, right)


@dataclass(frozen=True)
class Sizes:
    """Units, inputs, outputs and steps."""

    units: int
    inputs: int
    outputs: int
    steps: int

    def substituted(self, expression: Any) -> Any:
        """The expression at these sizes."""
        return expression.subs({n: self.units, m: self.inputs, p: self.outputs, T: self.steps})


e, f, r = (Symbol(name, integer=True, nonnegative=True) for name in "efr")
ANY = {m: 1 + e, p: 1 + f}
SMALL = ({m: 1 + e, p: 1 + e + f, n: 1 + e + f + r}, {p: 1 + e, m: 1 + e + f, n: 1 + e + f + r})


def cheap(statement: Any) -> Iterator[Step]:
    """Proof lines for relations of ``C_method(T)``, the counts put in as the derived equations have them."""
    for part in parts(statement):
        counts = {c: formula(c) for c in part.atoms(Operations)}
        left, right = (side.xreplace(counts) for side in (part.lhs, part.rhs))
        if not counts or not isinstance(part, Eq | Le | Ge):
            raise Unprovable("the statement does not compare counted operations")
        yield Step(
            why="The counts of the derived equations: their difference has no negative coefficient in what the sizes "
            "exceed 1 by",
            relation=part.func(left, right, evaluate=False),
            checker=_holds,
            method="SymPy's expansion, every size and every horizon",
        )


def _holds(relation: Any) -> bool:
    if isinstance(relation, Eq):
        return bool(expand(relation.lhs - relation.rhs) == 0)
    slack = relation.rhs - relation.lhs if isinstance(relation, Le) else relation.lhs - relation.rhs
    slack = expand(slack / T)
    everywhere = [{n: 1, **ANY}, {n: 2 + r, **ANY}]
    return any(all(_nonnegative(slack.subs(known)) for known in cases) for cases in (everywhere, SMALL))


def _nonnegative(polynomial: Any) -> bool:
    return expand(polynomial).is_nonnegative is True


CHEAP = Proof(scope="every size and every horizon, counted in the derived equations", lines=cheap)


def settled(statement: Any, sizes: Sizes, count: Callable[[Operations], int]) -> Iterator[tuple[Any, bool]]:
    """Each part of the statement at these sizes, with counts from anywhere."""
    for part in parts(statement):
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
