"""Norms above one prove nothing: each step may stretch as much as you like, and the product may be zero."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, MatrixSymbol, OneMatrix, Symbol, ZeroMatrix
from sympy.matrices.expressions import Identity, MatMul
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.confronting.state_jacobians import jacobians_satisfy
from backproof.theory.instances.bounds import shifts, triangular_weights
from backproof.theory.language.nodes import LargestEntry, SpectralNorm, StateJacobian
from backproof.theory.language.notation import At, T, W, n, t
from backproof.theory.nets.networks import net
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.assumptions import certainly, slopes_at
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import BENGIO, HORN_JOHNSON

step, total = SpectralNorm(StateJacobian(t, t - 1)), StateJacobian(T, 0)
zero = Eq(total, ZeroMatrix(n, n), evaluate=False)


def _and(*parts: Any) -> Any:
    return And(*parts, evaluate=False)


i = Symbol("i", integer=True)  # any number of units
lag = Symbol("l", integer=True, nonnegative=True)
ones = MatrixSymbol("e", n, 1)


def first(count: Any) -> Any:
    """E_i, the projection onto the first i units: diag(1, …, 1, 0, …, 0)."""
    return DiagMatrix(At(ones, count))


def _first_ones(arithmetic: Any, environment: Any, count: int) -> Any:
    """The diagonal of E_i: ones down to the i-th entry, all of them from n on."""
    return arithmetic.matrix([[int(row < count)] for row in range(environment.integer(n))])


shifted = Eq(first(i - 1) * W * first(i), W * first(i), evaluate=False)
entry = Gt(LargestEntry(DiagMatrix(slopes_at(t)) * W), 1, evaluate=False)
long = Ge(T, n, evaluate=False)
triangular = Assumption(
    name="strictly triangular", text="W_ij = 0 for j ≤ i", holds=triangular_weights, says=shifted, every=(i,)
)
lasting = Assumption(name="as many steps as units", text="T ≥ n", holds=certainly(long), says=long)
steep = Assumption(
    name="steep",
    text="at every step |φ′(a_t,i) W_ij| > 1 for some i, j",
    holds=certainly(entry),
    says=entry,
    every=(t,),
)
statement = _and(Gt(step, 1, evaluate=False), zero)

definitions = {
    "E_n": Eq(At(ones, n), OneMatrix(n, 1), evaluate=False),
    "E_i for i ≤ 0": Implies(Le(i, 0), Eq(At(ones, i), ZeroMatrix(n, 1), evaluate=False), evaluate=False),
}
"""Of the columns e_i with ones in the first i units and zeros below them, for every i; E_i = diag(e_i)."""

growing = (
    line(
        "one step",
        Eq(StateJacobian(t, t - 1), DiagMatrix(slopes_at(t)) * W, evaluate=False),
        "theorem",
        id="jacobians/step_jacobian",
    ),
    by_fact(
        "largest entry",
        Le(LargestEntry(DiagMatrix(slopes_at(t)) * W), SpectralNorm(DiagMatrix(slopes_at(t)) * W), evaluate=False),
        "an entry is at most the norm",
        X=DiagMatrix(slopes_at(t)) * W,
    ),
    line(
        "above 1",
        Gt(SpectralNorm(DiagMatrix(slopes_at(t)) * W), 1, evaluate=False),
        "real arithmetic",
        steep.name,
        "largest entry",
        why="The norm is at least any entry",
    ),
    line("norm above 1", Gt(step, 1, evaluate=False), "equals for equals", "one step", "above 1"),
)


def _confined(time: Any) -> Any:
    """∂h_l/∂h_0 reaches the first n − l units only."""
    return Eq(first(n - time) * StateJacobian(time, 0), StateJacobian(time, 0), evaluate=False)


slopes = DiagMatrix(slopes_at(lag + 1))

state = StateJacobian(lag, 0)
left, kept = first(n - lag - 1), first(n - lag)  # E_{n-l-1}, E_{n-l}

collapsing = (
    line("itself", Eq(StateJacobian(0, 0), StateJacobian(0, 0), evaluate=False), "matrix algebra"),
    line("start", _confined(0), "equals for equals", "E_n", "itself", why="E_n = I"),
    line("hypothesis", _confined(lag), "supposition", why="Suppose ∂h_l/∂h_0 reaches the first n − l units only"),
    line(
        "shift",
        Eq(left * W * kept, W * kept, evaluate=False),
        "instance",
        triangular.name,
        at={i: n - lag},
        why="W takes the first n − l units to one fewer",
    ),
    line("confined", Eq(left * W * state, left * W * kept * state, evaluate=False), "matrix algebra", "hypothesis"),
    line("shifted", Eq(left * W * kept * state, W * kept * state, evaluate=False), "matrix algebra", "shift"),
    line("as before", Eq(W * kept * state, W * state, evaluate=False), "matrix algebra", "hypothesis"),
    line(
        "one unit fewer",
        Eq(left * W * state, W * state, evaluate=False),
        "matrix algebra",
        "confined",
        "shifted",
        "as before",
    ),
    line(
        "one more step",
        Eq(StateJacobian(lag + 1, 0), slopes * W * state, evaluate=False),
        "chain rule",
        why="One more step is one more factor diag(φ′(a)) W",
    ),
    line(
        "commuting",
        Eq(left * slopes * W * state, MatMul(slopes, left * W * state), evaluate=False),
        "matrix algebra",
        why="Diagonal matrices commute",
    ),
    line(
        "after the slopes",
        Eq(left * slopes * W * state, slopes * W * state, evaluate=False),
        "equals for equals",
        "one unit fewer",
        "commuting",
    ),
    line("step", _confined(lag + 1), "matrix algebra", "one more step", "after the slopes"),
    line("every step", _confined(lag), "induction", "start", "step", index=lag, why="By induction on l"),
    line("last step", _confined(T), "instance", "every step", at={lag: T}),
    line(
        "no unit left",
        Implies(Le(n - T, 0), Eq(At(ones, n - T), ZeroMatrix(n, 1), evaluate=False), evaluate=False),
        "instance",
        "E_i for i ≤ 0",
        at={i: n - T},
    ),
    line("none", Le(n - T, 0), "real arithmetic", lasting.name),
    line("E is 0", Eq(At(ones, n - T), ZeroMatrix(n, 1), evaluate=False), "modus ponens", "no unit left", "none"),
    line(
        "empty", Eq(ZeroMatrix(n, n), StateJacobian(T, 0), evaluate=False), "equals for equals", "E is 0", "last step"
    ),
    line("zero", zero, "symmetry", "empty", why="n steps leave nothing, and more steps no more"),
)

PROOF = Proof(
    ranges=(Le(1, t, evaluate=False),),
    lines=(*growing, *collapsing, line("both", statement, "together", "norm above 1", "zero")),
)

THEOREM = Theorem(
    title="Norms above one do not make a product grow",
    words="With W strictly triangular every step can have a norm above 1, and yet n or more steps multiply to 0.",
    sources=(BENGIO.at("sufficient and necessary conditions"), HORN_JOHNSON.at("nilpotent matrices")),
    statement=statement,
    instances=shifts(),
    check=jacobians_satisfy,
    proof=PROOF,
    definitions=definitions,
    sequences={"e": _first_ones},
    assumptions=(triangular, lasting, steep),
    without={
        triangular: net(W=[[0, 2], [2, 0]], inputs=[[0, 0], [0, 0]]),
        lasting: net(W=[[0, 2], [0, 0]], inputs=[[0, 0]]),
        steep: net(W=[[0, 0.5], [0, 0]], inputs=[[0, 0], [0, 0]]),
    },
    certified=(net(W=[[0, 2], [0, 0]], inputs=[[0, 0], [0.25, 0]]),),
    mutants={
        "the product keeps a norm above 1": _and(
            Gt(step, 1, evaluate=False), Gt(SpectralNorm(total), 1, evaluate=False)
        ),
        "the product is the identity": _and(Gt(step, 1, evaluate=False), Eq(total, Identity(n), evaluate=False)),
        "steps shrink": _and(Lt(step, 1, evaluate=False), zero),
        "one step is enough": Eq(StateJacobian(1, 0), ZeroMatrix(n, n), evaluate=False),
    },
)
