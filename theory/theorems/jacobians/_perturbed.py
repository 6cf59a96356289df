"""Errors committed along a trajectory: each travels through the Jacobians of the steps after it.

An instance is a net and an inexact run of it, in which every step adds an error. The proof is induction on time with
Taylor's remainder. The check takes the states that a subject returns for the inexact run, and compares them with the
exact ones within the rounding that the Jacobian products carry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb_mat
from sympy import Eq, Symbol

from backproof.theory.arithmetic import Arithmetic, Balls, Floats, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, at_most, truth
from backproof.theory.confronting.formats import in_dtype
from backproof.theory.confronting.subject import followed
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.relations import equal
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.bounds import above
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.display import column
from backproof.theory.language.nodes import phi, phi_prime
from backproof.theory.language.notation import Sequence, W, a, h, n, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.rounding import tolerances
from backproof.theory.nets.unrolled import Unrolled

error, committed, rest = Sequence("Delta", n), Sequence("e", n), Sequence("r", n)
curvature = Symbol("gamma", nonnegative=True)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Perturbed(NetWithValues):
    """A net of one sequence and an inexact run of it, in which every step adds an error; γ bounds |φ″|.

    ``states`` (T, n) are ĥ_1 … ĥ_T, which ran instead of the net's own states.
    """

    states: Any

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """``Δ_t = ĥ_t − h_t``, what step t commits ``e_t = ĥ_t − φ(W ĥ_{t−1} + …)``, and Taylor's remainder ``r_t``."""
        A, steps = arithmetic, range(1, self.net.steps + 1)
        for environment in super().environments(A, statement):
            unrolled: Unrolled = environment.unrolled  # type: ignore[attr-defined]
            ran = {0: unrolled.series["h"][0]}
            ran |= {s: A.matrix(np.asarray(self.states[s - 1], dtype=np.float64)[:, None]) for s in steps}
            off = {s: _less(A, state, unrolled.series["h"][s]) for s, state in ran.items()}
            unrolled.given |= {"Delta": off, r"\hat{h}": ran, "e": {}, "r": {}}
            for step in steps:
                here = environment.bound(t, step)
                here[h[t - 1]] = off[step - 1]
                moved = evaluate(W * h[t - 1], A, here)
                slope = evaluate(a[t].applyfunc(phi_prime), A, here)
                straight = A.add(unrolled.series["h"][step], A.hadamard(slope, moved))
                here[a[t]] = A.add(unrolled.series["a"][step], moved)
                exact = evaluate(a[t].applyfunc(phi), A, here)
                unrolled.given["e"][step] = _less(A, ran[step], exact)
                unrolled.given["r"][step] = _less(A, exact, straight)
            yield environment

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """The states that ran, then γ and the net."""
        ran = (rf"\hat h_{{{s}}} = {column(state)}" for s, state in enumerate(self.states, start=1))
        return (*ran, *super().in_formulas)


def perturbed(one: Net, states: Any) -> Perturbed:
    """The net beside these states, with γ of twelve bits, not below the largest |φ″|."""
    return Perturbed(one, {curvature: above(float(one.phi.curvature))}, states=states)


def _less(A: Arithmetic, left: Any, right: Any) -> Any:
    return A.add(left, A.scale(A.number(-1), right))


def states(subject: Any, one: Net, dtype: Any) -> Any:
    """The subject's states (T + 1, n) of a net of one sequence, or None if the net does not fit the format."""
    cast = in_dtype(one, dtype)
    if cast is None:
        return None
    run = followed(subject, "forward", cast)
    return np.asarray(run.hidden_states, dtype=np.float64)[:, 0]


def amplification_holds(statement: Any, subject: Any, one: Net) -> Iterator[Comparison]:
    """The statement at the states that the subject returns, and those within the bound that products carry."""
    named = [(part, str(part)) for part in parts(statement)]
    for dtype in (np.float64, np.float32):
        found, name = states(subject, one, dtype), np.dtype(dtype).name
        if found is None:
            continue
        with precision(BITS):
            for environment in perturbed(one, found[1:]).environments(Balls(), statement):
                for part, words in named:
                    yield _related(part, environment, f"{words} in {name}")
            exact = Unrolled(one, Balls()).series["h"]
            reference = arb_mat([exact[s].entries() for s in range(one.steps + 1)])
        try:
            yield agree(f"states in {name}", found, reference, tolerances(one, dtype).hidden)
        except Undecided:
            continue


def _related(part: Any, environment: Environment, what: str) -> Comparison:
    """Balls never settle an equality, nor an inequality at equality: what is not certainly beyond is within."""
    left, right = (evaluate(side, Balls(), environment) for side in (part.lhs, part.rhs))
    if isinstance(part, Eq):
        return truth(what, equal(left, right) is not False)
    return at_most(what, float(left.lower()), float(right.upper()))


def observed(subject: Any, seed: int, *, units: int = 8, steps: int = 30) -> float:
    """``log₁₀`` of the error of h_T in float32 over ``u Σ_k ‖∂h_T/∂h_k‖ ‖h_k‖``, in a linear net that explodes."""
    random = np.random.default_rng(seed)

    def single(*shape: int) -> Any:
        return random.normal(size=shape).astype(np.float32).astype(np.float64)

    weights = (1.5 * single(units, units) / np.sqrt(units)).astype(np.float32).astype(np.float64)
    one = net(W=weights, U=single(units, 2), inputs=single(steps, 2), activation="identity")
    unrolled, A = Unrolled(one, Floats()), Floats()
    powers, predicted = np.eye(units), 0.0
    for step in range(steps, 0, -1):
        predicted += float(A.spectral_norm(powers)) * float(np.linalg.norm(unrolled.series["h"][step]))
        powers = powers @ weights
    moved = np.linalg.norm(states(subject, one, np.float32)[-1] - unrolled.series["h"][steps][:, 0])
    return float(np.log10(moved / (Roundoff.of(np.float32).unit * predicted)))
