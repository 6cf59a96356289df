"""Facts that say that something exists, and the rule that lets a proof work with it under a name of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Eq, Gt, Le, MatrixSymbol, Symbol
from sympy.matrices.expressions import Identity

from backproof.theory.language.nodes import SpectralNorm, SpectralRadius
from backproof.theory.language.notation import PARAMETERS
from backproof.theory.proving.facts.norms import HORN_JOHNSON
from backproof.theory.proving.kernel import Frame, Granted, Line, Proposition, Sequent, rule
from backproof.theory.proving.logic import alike

Promised = tuple[tuple[Proposition, ...], tuple[Proposition, ...]]


@dataclass(frozen=True, kw_only=True)
class Existence:
    """A schema: ``build`` takes what it is said of and the new symbols, and gives hypotheses and what is promised."""

    name: str
    source: str
    build: Callable[..., Promised]


EXISTENCE: dict[str, Existence] = {}


def existence(name: str, source: str) -> Callable[[Callable[..., Promised]], Callable[..., Promised]]:
    """Enter a schema into the register."""

    def enter(build: Callable[..., Promised]) -> Callable[..., Promised]:
        if name in EXISTENCE:
            raise ValueError(f"two facts of existence are called {name!r}")
        EXISTENCE[name] = Existence(name=name, source=source, build=build)
        return build

    return enter


@rule("there is")
def there_is(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """What is shown by help of something that exists, and does not speak of it, holds.

    ``given``: "fact", its name; "of", what it is said of; "new", a symbol for each thing that exists. The last premise
    says the line; what it supposes of the new symbols has to be what is promised. The premises before it are the
    hypotheses. A new symbol may occur nowhere else.
    """
    *hypotheses, shown = premises
    schema, of, new = EXISTENCE[line.given["fact"]], line.given["of"], line.given["new"]
    try:
        needed, promised = schema.build(**of, **new)
    except (TypeError, ValueError, AttributeError):
        return None
    symbols = set(new.values())
    if len(symbols) != len(new) or not all(isinstance(symbol, Symbol | MatrixSymbol) for symbol in symbols):
        return None
    said = [premise.says for premise in hypotheses]
    if shown.says != line.says or not all(any(alike(says, one) for says in said) for one in needed):
        return None
    closed = {name for name, says in shown.supposed.items() if any(alike(says, one) for one in promised)}
    elsewhere = [
        line.says,
        *needed,
        *of.values(),
        *(says for name, says in shown.supposed.items() if name not in closed),
        *(says for premise in hypotheses for says in premise.supposed.values()),
        *frame.ranges,
        *frame.context.assumptions.values(),
        *frame.context.definitions.values(),
    ]
    if symbols & set(PARAMETERS.values()) or any(symbols & claim.free_symbols for claim in elsewhere):
        return None
    return Granted(closes={len(hypotheses): frozenset(closed)})


@existence(
    "a similarity close to the spectral radius", f"{HORN_JOHNSON}, lemma 5.6.10; real matrices by Stein's equation"
)
def near_the_radius(X: Any, bound: Any, basis: Any, inverse: Any) -> Promised:
    """``c > ρ(X) ⟹`` there are S and S⁻¹ with ``S S⁻¹ = I`` and ``‖S⁻¹ X S‖ ≤ c``.

    ``P = Σ_k (Xᵀ)ᵏ Xᵏ / c²ᵏ`` converges, P ≥ I, and ``XᵀPX = c² (P − I) ≤ c² P``: S⁻¹ is the root of P.
    """
    if X.shape[0] != X.shape[1] or basis.shape != X.shape or inverse.shape != X.shape:
        raise ValueError(f"{X}, {basis} and {inverse} are not square matrices of one size")
    promised = (
        Eq(basis * inverse, Identity(X.shape[0]), evaluate=False),
        Le(SpectralNorm(inverse * X * basis), bound, evaluate=False),
    )
    return (Gt(bound, SpectralRadius(X), evaluate=False),), promised
