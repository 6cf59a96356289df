"""Recurrent cells as a few matrix equations at symbolic size, and their adjoint equations, derived once for one step.

Unrolling is evaluation (`backproof.theory.nets.unrolled`), not derivation, so the cost of a derivation does not depend
on the horizon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import MatAdd, MatrixSymbol, OneMatrix, ZeroMatrix, tanh
from sympy.matrices.expressions import MatMul, Transpose, hadamard_product
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.functions import logistic
from backproof.theory.language.nodes import TimeSum, phi
from backproof.theory.language.notation import At, Sequence, T, U, V, W, a, alpha, b, c, delta, g, h, m, n, o, t, x, y
from backproof.theory.nets.calculus import pull_back

Equation = tuple[At, MatrixExpr]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Cell:
    """One step: equations in the order they are evaluated, the last one giving the output that is charged.

    ``states`` are the sequences carried from step to step; ``adjoints`` names ``∂L/∂q_t`` for each left-hand side q.
    ``given`` are what each step is told beside x_t, without a gradient of its own: masks, say.
    """

    name: str
    equations: tuple[Equation, ...]
    states: tuple[Sequence, ...]
    output: Sequence
    parameters: tuple[MatrixSymbol, ...]
    adjoints: Mapping[str, Sequence]
    given: tuple[Sequence, ...] = ()

    def __repr__(self) -> str:
        """The name: long equations take seconds to print."""
        return f"<{self.name}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """The name in IPython and in Hypothesis too, which print a dataclass field by field otherwise."""
        printer.text(repr(self))

    @cached_property
    def adjoint(self) -> Adjoint:
        """The backward equations, derived."""
        return derive_adjoint(self)

    @cached_property
    def symbols(self) -> dict[str, MatrixSymbol]:
        """The parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def nonlinear_inputs(self) -> tuple[At, ...]:
        """The quantities that a nonlinear function is applied to: where a perturbation meets a curvature."""
        applied = [e for _, rhs in self.equations for e in rhs.atoms(ElementwiseApplyFunction)]
        return tuple(lhs for lhs, _ in self.equations if any(e.expr == lhs for e in applied))

    @cached_property
    def column_by_column(self) -> bool:
        """Whether a step, forward and back, multiplies no column by another but entry by entry."""
        expressions = [rhs for _, rhs in self.equations]
        expressions += [share for _, *shares in self.adjoint.backward for share in shares]
        products = [product for e in expressions for product in e.atoms(MatMul)]
        turned = any(turn.has(At) for e in expressions for turn in e.atoms(Transpose))
        return not turned and not any(factor.has(At) for product in products for factor in product.args[:-1])

    @cached_property
    def adjoint_names(self) -> frozenset[str]:
        """What the adjoints are called."""
        return frozenset(adjoint.base.name for adjoint in self.adjoints.values())

    @cached_property
    def _sequences(self) -> dict[str, At]:
        known = {lhs.name: lhs for lhs, _ in self.equations}
        return known | {q.base.name: q[t] for q in (x, y, *self.given, *self.adjoints.values())}

    def at(self, name: str) -> At:
        """The symbol at time t of the quantity with this name, which a step reads or computes."""
        return self._sequences[name]

    def adjoint_of(self, quantity: At) -> At:
        """``∂L/∂q_t`` for a left-hand side ``q_t``, at the same time."""
        return self.adjoints[quantity.name][quantity.time]


@dataclass(frozen=True, kw_only=True)
class Adjoint:
    """The backward pass of a cell at step t.

    ``backward``: adjoint of each left-hand side, latest first, as (adjoint, share through step t, share carried from
    step t + 1). The carried share is written at step t, as what the step hands to its predecessor.
    ``gradients``: summand of each parameter's gradient. ``inputs``: the gradient by x_t.
    """

    backward: tuple[tuple[At, MatrixExpr, MatrixExpr], ...]
    gradients: Mapping[MatrixSymbol, MatrixExpr]
    inputs: MatrixExpr

    def recursion(self, adjoint: At) -> MatrixExpr:
        """The right-hand side of the adjoint's equation, both shares together."""
        for symbol, local, carried in self.backward:
            if symbol == adjoint:
                return MatAdd(local, carried.subs(t, t + 1)).doit()
        raise KeyError(f"{adjoint} is not an adjoint of this cell")

    def gradient(self, parameter: MatrixSymbol) -> TimeSum:
        """``∂L/∂parameter`` as a sum over the steps."""
        return TimeSum(self.gradients[parameter], (t, 1, T))


def derive_adjoint(cell: Cell) -> Adjoint:
    """Pull every equation's adjoint back to what it reads: at the same step, or one step before."""

    def shares(quantity: MatrixExpr) -> MatrixExpr:
        parts = [pull_back(rhs, quantity, cell.adjoints[lhs.name][t]) for lhs, rhs in cell.equations]
        parts = [part for part in parts if not isinstance(part, ZeroMatrix)]
        return MatAdd(*parts).doit() if parts else ZeroMatrix(*quantity.shape)

    backward = []
    for lhs, _ in reversed(cell.equations):
        base = lhs.args[0]
        backward.append((cell.adjoints[lhs.name][t], shares(lhs), shares(At(base, t - 1))))
    gradients = {w: shares(w) for w in cell.parameters}
    return Adjoint(backward=tuple(backward), gradients=gradients, inputs=shares(x[t]))


ELMAN = Cell(
    name="Elman",
    equations=(
        (a[t], W * h[t - 1] + U * x[t] + b),
        (h[t], a[t].applyfunc(phi)),
        (o[t], V * h[t] + c),
    ),
    states=(h,),
    output=o,
    parameters=(W, U, V, b, c),
    adjoints={"a": alpha, "h": delta, "o": g},
)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A gate's own weights and pre-activation, ``a_t = W · + U x_t + b``."""

    W: MatrixSymbol
    U: MatrixSymbol
    b: MatrixSymbol
    a: Sequence
    alpha: Sequence

    def reading(self, state: MatrixExpr) -> Equation:
        """The equation of its pre-activation, from what it reads of the state."""
        return self.a[t], self.W * state + self.U * x[t] + self.b


def gates(letters: str) -> dict[str, Gate]:
    """A gate for each letter, named by it."""
    return {
        j: Gate(
            W=MatrixSymbol(f"W_{j}", n, n),
            U=MatrixSymbol(f"U_{j}", n, m),
            b=MatrixSymbol(f"b_{j}", n, 1),
            a=Sequence(f"a_{j}", n),
            alpha=Sequence(f"alpha_{j}", n),
        )
        for j in letters
    }


def squashed(pre: MatrixExpr) -> MatrixExpr:
    """``σ(a)``, a gate between 0 and 1."""
    return pre.applyfunc(logistic)


s, zeta = Sequence("s", n), Sequence("zeta", n)
LSTM_GATES, GRU_GATES = gates("ifqg"), gates("zrn")


def _lstm() -> Cell:
    """Input gate i, forget gate f, output gate q, candidate g; cell state s with ``ζ_t = ∂L/∂s_t``."""
    at = {j: gate.a[t] for j, gate in LSTM_GATES.items()}
    kept = hadamard_product(squashed(at["f"]), s[t - 1])
    written = hadamard_product(squashed(at["i"]), at["g"].applyfunc(tanh))
    return Cell(
        name="LSTM",
        equations=(
            *(gate.reading(h[t - 1]) for gate in LSTM_GATES.values()),
            (s[t], kept + written),
            (h[t], hadamard_product(squashed(at["q"]), s[t].applyfunc(tanh))),
            (o[t], V * h[t] + c),
        ),
        states=(h, s),
        output=o,
        parameters=(*(q for gate in LSTM_GATES.values() for q in (gate.W, gate.U, gate.b)), V, c),
        adjoints={gate.a.base.name: gate.alpha for gate in LSTM_GATES.values()} | {"s": zeta, "h": delta, "o": g},
    )


def _gru() -> Cell:
    """Update gate z, which keeps; reset gate r, before the matrix; candidate n."""
    z, r, candidate = GRU_GATES.values()
    kept = hadamard_product(squashed(z.a[t]), h[t - 1])
    written = hadamard_product(OneMatrix(n, 1) - squashed(z.a[t]), candidate.a[t].applyfunc(tanh))
    return Cell(
        name="GRU",
        equations=(
            z.reading(h[t - 1]),
            r.reading(h[t - 1]),
            candidate.reading(hadamard_product(squashed(r.a[t]), h[t - 1])),
            (h[t], kept + written),
            (o[t], V * h[t] + c),
        ),
        states=(h,),
        output=o,
        parameters=(*(q for gate in GRU_GATES.values() for q in (gate.W, gate.U, gate.b)), V, c),
        adjoints={gate.a.base.name: gate.alpha for gate in GRU_GATES.values()} | {"h": delta, "o": g},
    )


LSTM, GRU = _lstm(), _gru()
"""Hochreiter and Schmidhuber (1997) with the forget gate of Gers, Schmidhuber and Cummins (2000); Cho et al. (2014)."""
