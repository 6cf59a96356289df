"""The constant error carousel: along the cell state an error is multiplied by the forget gates and by nothing else."""

from __future__ import annotations

from typing import Any

from sympy import And, Eq, Ge, Le, OneMatrix, Symbol
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import DirectJacobian, LargestEntry, SpectralNorm, TimeProduct
from backproof.theory.language.notation import k, n, t
from backproof.theory.nets.cells import LSTM_GATES, s, squashed
from backproof.theory.nets.networks import gated
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.records import Assumption, Measurement, Theorem
from backproof.theory.records.sources import GERS, HOCHREITER_SCHMIDHUBER
from backproof.theory.theorems.gated._retention import carries, epsilon, keeping, reach

i = Symbol("i", integer=True)
ONES = OneMatrix(n, 1)
forget, write, show = (DiagMatrix(squashed(LSTM_GATES[j].a[t])) for j in "fiq")
lost = SpectralNorm(Identity(n) - TimeProduct(DirectJacobian(s[i]), (i, k + 1, t)))


def _carries(path: Any = forget, most: Any = 1 - (1 - epsilon) ** (t - k)) -> Any:
    """The direct Jacobian of a step, and how much the path over several loses."""
    direct = Eq(DirectJacobian(s[t]), path, evaluate=False)
    return And(direct, Le(lost, most, evaluate=False), evaluate=False)


def _left(time: Any) -> Any:
    """How far the largest of a step's forget gates is from 1."""
    return LargestEntry(ONES - squashed(LSTM_GATES["f"].a[time]))


nearly_open, no_more = Le(_left(t), epsilon, evaluate=False), Le(epsilon, 1, evaluate=False)
open_gate = Assumption(
    name="gates nearly 1",
    text="f_t ≥ 1 − ε for every unit and step",
    holds=lambda case: decide(nearly_open, case) is True,
    says=nearly_open,
    every=(t,),
)
at_most_one = Assumption(
    name="no more than all is let go",
    text="ε ≤ 1",
    holds=lambda case: decide(no_more, case) is True,
    says=no_more,
)
half = gated("lstm", units=1, inputs=[[0], [0]])  # every gate is 1/2
shut = gated("lstm", units=1, inputs=[[0], [0]], b_f=[-10])

lag = Symbol("l", integer=True, nonnegative=True)
late = k + lag + 1
gate = squashed(LSTM_GATES["f"].a[late])
path, longer = (TimeProduct(DirectJacobian(s[i]), (i, k + 1, end)) for end in (k + lag, late))
sums = path * ONES  # the path is a diagonal matrix, and these are its entries


def _at(claim: Any, steps: Any) -> Any:
    """What is claimed of every lag, at another number of steps."""
    return claim.func(*(side.subs(lag, steps) for side in claim.args), evaluate=False)


def _by_induction(name: str, claim: Any, start: Line, *step: Line) -> tuple[Line, ...]:
    """A claim for every lag: at no step, and at one step more if it holds at l."""
    return (
        start,
        line(f"{name}: start", _at(claim, 0), "equals for equals", "no step", start.name),
        line(f"{name}: hypothesis", claim, "supposition", why="Suppose it at lag l"),
        *step,
        line(f"{name}: step", _at(claim, lag + 1), "equals for equals", "one step more", step[-1].name),
        line(name, claim, "induction", f"{name}: start", f"{name}: step", index=lag, why="By induction on the lag"),
    )


diagonal = Eq(path, DiagMatrix(sums), evaluate=False)
at_most = Le(LargestEntry(sums), 1, evaluate=False)
kept = (1 - epsilon) ** lag
near = Le(LargestEntry(ONES - sums), 1 - kept, evaluate=False)
there = DiagMatrix(gate) * path
whole = Le(SpectralNorm(Identity(n) - path), 1 - kept, evaluate=False)
direct, statement = Eq(DirectJacobian(s[t]), forget, evaluate=False), _carries()

PROOF = Proof(
    ranges=(Le(1, t), Le(0, k), Le(k, t)),
    lines=(
        line("direct", direct, "chain rule", cell="LSTM", why="s_t = f_t ∘ s_{t−1} + i_t ∘ g_t, the gates held fixed"),
        line("no step", Eq(path.subs(lag, 0), Identity(n), evaluate=False), "ends of a sum"),
        line("last step", Eq(DirectJacobian(s[late]), DiagMatrix(gate), evaluate=False), "chain rule", cell="LSTM"),
        line("longer", Eq(longer, DirectJacobian(s[late]) * path, evaluate=False), "ends of a sum"),
        line("one step more", Eq(longer, there, evaluate=False), "equals for equals", "last step", "longer"),
        *_by_induction(
            "diagonal",
            diagonal,
            line("I is diagonal", Eq(Identity(n), DiagMatrix(Identity(n) * ONES), evaluate=False), "matrix algebra"),
            line(
                "a product of diagonals",
                Eq(there, DiagMatrix(there * ONES), evaluate=False),
                "matrix algebra",
                "diagonal: hypothesis",
            ),
        ),
        by_fact(
            "gate at most 1",
            Le(LargestEntry(gate), 1, evaluate=False),
            "a sigmoid is at most 1",
            v=LSTM_GATES["f"].a[late],
        ),
        *_by_induction(
            "at most all is kept",
            at_most,
            line("1 at most 1", Le(LargestEntry(Identity(n) * ONES), 1, evaluate=False), "entrywise"),
            line(
                "product at most 1",
                Le(LargestEntry(there * ONES), 1, evaluate=False),
                "entrywise",
                "gate at most 1",
                "at most all is kept: hypothesis",
            ),
        ),
        line("some is kept", Ge(1 - epsilon, 0, evaluate=False), "real arithmetic", at_most_one.name),
        by_fact(
            "some is kept at each step",
            Ge(kept, 0, evaluate=False),
            "powers of what is not negative",
            "some is kept",
            a=1 - epsilon,
            s=lag,
        ),
        line("gate there", Le(_left(late), epsilon, evaluate=False), "instance", open_gate.name, at={t: late}),
        *_by_induction(
            "little is lost",
            near,
            line(
                "nothing is lost",
                Le(LargestEntry(ONES - Identity(n) * ONES), 1 - kept.subs(lag, 0), evaluate=False),
                "entrywise",
            ),
            line(
                "a gate keeps its part",
                Le(LargestEntry(ONES - there * ONES), 1 - kept.subs(lag, lag + 1), evaluate=False),
                "entrywise",
                "gate there",
                "gate at most 1",
                "at most all is kept",
                "little is lost: hypothesis",
                "some is kept",
                "some is kept at each step",
                why="A gate of at least 1 − ε keeps at least that part of what was left, and at most all of it",
            ),
        ),
        line(
            "lost",
            Eq(Identity(n) - path, DiagMatrix(ONES - sums), evaluate=False),
            "matrix algebra",
            "diagonal",
        ),
        by_fact(
            "norm of a diagonal",
            Eq(SpectralNorm(DiagMatrix(ONES - sums)), LargestEntry(ONES - sums), evaluate=False),
            "norm of a diagonal",
            d=ONES - sums,
        ),
        line(
            "norm of what is lost",
            Le(SpectralNorm(DiagMatrix(ONES - sums)), 1 - kept, evaluate=False),
            "real arithmetic",
            "norm of a diagonal",
            "little is lost",
        ),
        line("every lag", whole, "equals for equals", "lost", "norm of what is lost"),
        line("every step", statement.args[1], "lag", "every lag", late=t, early=k, lag=lag, why="With l = t − k"),
        line("both", statement, "together", "direct", "every step"),
    ),
)

THEOREM = Theorem(
    title="Constant error carousel",
    words="With forget gates of at least 1 − ε the direct path along s loses at most 1 − (1 − ε)^(t−k); at 1, nothing.",
    sources=(HOCHREITER_SCHMIDHUBER.at("section 3.2, constant error carousel"), GERS.at("section on forget gates")),
    statement=statement,
    instances=keeping("lstm"),
    check=carries,
    proof=PROOF,
    assumptions=(open_gate, at_most_one),
    without={open_gate: NetWithValues(half, {epsilon: 0.25}), at_most_one: NetWithValues(shut, {epsilon: 1.5})},
    ledger=("F9",),
    mutants={
        "the input gate": _carries(path=write),
        "the output gate": _carries(path=show),
        "unchanged whatever the gate": _carries(path=Identity(n)),
        "one gate fewer": _carries(most=1 - (1 - epsilon) ** (t - k - 1)),
        "no more than one gate": _carries(most=epsilon),
    },
    measurement=Measurement(
        quantity="log₁₀ of ‖∂L_20/∂(h_0, s_0)‖ of an LSTM over ‖∂L_20/∂h_0‖ of a tanh net, 16 units, weights ±1/√n",
        effect="over 20 steps the LSTM with forget biases of 1 hands back more than 10 times as much",
        seeds=30,
        sample=reach,
        expected=(1.0, float("inf")),
    ),
    examples=40,
)
