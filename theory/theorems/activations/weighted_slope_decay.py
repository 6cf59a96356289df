"""Large weights make σ′(net) w small, if whatever else the unit reads stays bounded; else it may grow as w/4.

"It goes to zero for |w| → ∞", with y constant, leaves that condition out: a bias r = −w y keeps the unit at net = 0.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sympy import Abs, Ge, Integer, Le, Or, Symbol, exp

from backproof.theory.instances.strategies import halves
from backproof.theory.instances.values import Case
from backproof.theory.proving.builders import by_fact
from backproof.theory.proving.kernel import Line, Proof, line
from backproof.theory.records.assumptions import certainly
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.sources import GRADIENT_FLOW, HOCHREITER_SCHMIDHUBER
from backproof.theory.theorems.activations._weighted import by_exponentials, net, r, slope_at, w, y

rho = Symbol("rho", nonnegative=True)
slope, size = slope_at(net), Abs(w * y)
held = Le(Abs(r), rho, evaluate=False)
bounded = Assumption(name="the rest is held", text="|r| ≤ ρ, whatever w is", holds=certainly(held), says=held)


def _falls(most: Any) -> Any:
    return Le(w**2 * y**2 * slope, most, evaluate=False)


statement = _falls(4 * exp(rho - 2))
halved = size / 2


def _side(name: str, toward: Any) -> tuple[Line, ...]:
    """The statement where ``|w y| ≤ v + ρ``, for v = net or −net: there σ′ ≤ e^{−v}."""
    rest = size - toward - rho
    return (
        line(name, Le(size, toward + rho, evaluate=False), "supposition"),
        line(f"{name}: exponent", Le(rest, 0, evaluate=False), "real arithmetic", name),
        by_fact(
            f"{name}: at most 1",
            Le(exp(rest), 1, evaluate=False),
            "an exponential at most 1",
            f"{name}: exponent",
            x=rest,
        ),
        line(
            f"{name}: slope",
            Le(slope * exp(toward), 1, evaluate=False),
            "real arithmetic",
            *("here", "here: positive"),
        ),
        line(
            f"{name}: slope and size",
            Le(exp(size) * slope, exp(rho), evaluate=False),
            "real arithmetic",
            *(f"{name}: at most 1", f"{name}: slope", "here: positive"),
        ),
        line(
            f"{name}: square",
            Le(w**2 * y**2 * slope, 4 * exp(size) * exp(Integer(-2)) * slope, evaluate=False),
            "real arithmetic",
            *("above the square", "here: positive"),
        ),
        line(
            f"{name}: falls",
            statement,
            "real arithmetic",
            *(f"{name}: square", f"{name}: slope and size"),
        ),
    )


PROOF = Proof(
    lines=(
        *by_exponentials(net, "here"),
        by_fact(
            "tangent", Le(halved, exp(halved - 1), evaluate=False), "an exponential above its tangent", x=halved - 1
        ),
        line("a length", Ge(halved, 0, evaluate=False), "real arithmetic"),
        by_fact(
            "above the square",
            Le(halved**2, exp(halved - 1) ** 2, evaluate=False),
            "powers are monotone",
            *("a length", "tangent"),
            a=halved,
            b=exp(halved - 1),
            s=Integer(2),
        ),
        line(
            "sides",
            Or(Le(size, net + rho, evaluate=False), Le(size, -net + rho, evaluate=False), evaluate=False),
            "real arithmetic",
            bounded.name,
            why="|w y| ≤ |net| + |r|",
        ),
        *_side("net above", net),
        *_side("net below", -net),
        line("decay", statement, "cases", "sides", "net above: falls", "net below: falls"),
    )
)


@st.composite
def large_weights(draw: Any) -> Case:
    """Weights up to 80 either way; a rest that may bring net to 0, and the least bound on it or more."""
    weight, read = draw(halves(80)), draw(halves(2))
    rest = draw(st.one_of(halves(4), st.just(-weight * read)))
    return Case({w: weight, y: read, r: rest, rho: abs(rest) + abs(draw(st.sampled_from([0.0, 0.0, 1.0])))})


THEOREM = Theorem(
    title="Decay of the weighted slope",
    words="With net = w y + r and |r| ≤ ρ, w² y² σ′(net) ≤ 4 e^(ρ−2): so |σ′(net) w| falls as 1/|w|, for y ≠ 0.",
    sources=(
        HOCHREITER_SCHMIDHUBER.at("intuitive explanation of the error flow"),
        GRADIENT_FLOW.at("intuitive explanation of equation (2)"),
    ),
    statement=statement,
    instances=large_weights(),
    proof=PROOF,
    assumptions=(bounded,),
    without={bounded: Case({w: 8, y: 1, r: -8, rho: 0})},
    certified=(Case({w: 8, y: 1, r: -8, rho: 8}), Case({w: -64, y: 2, r: 1, rho: 1})),
    mutants={
        "whatever else it reads": _falls(4 * exp(-2)),
        "e² times less": _falls(4 * exp(rho - 4)),
        "half of the bound on the rest": _falls(4 * exp(rho / 2 - 2)),
        "never small": Ge(w**2 * y**2 * slope, 4 * exp(rho - 2), evaluate=False),
    },
    examples=100,
)
