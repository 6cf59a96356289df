"""Facts that say that something exists, and the rule that lets a proof work with it under a name of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Determinant, Eq, Gt, Le
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.language.nodes import SpectralNorm, SpectralRadius
from backproof.theory.proving.equality import alike
from backproof.theory.proving.facts.norms import HORN_JOHNSON
from backproof.theory.proving.facts.schema import are_fresh
from backproof.theory.proving.kernel import Frame, Granted, Line, Proposition, Sequent, rule

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
    hypotheses. A new symbol may occur nowhere else, and nothing is known of it but that it is real.
    """
    *hypotheses, shown = premises
    schema, of, new = EXISTENCE[line.given["fact"]], line.given["of"], line.given["new"]
    try:
        needed, promised = schema.build(**of, **new)
    except (TypeError, ValueError, AttributeError):  # shapes that do not fit, or arguments of another kind
        return None
    said = [premise.says for premise in hypotheses]
    if shown.says != line.says or not all(any(alike(says, one) for says in said) for one in needed):
        return None
    closed = frozenset(name for name, says in shown.supposed.items() if any(alike(says, one) for one in promised))
    elsewhere = frame.named((shown,), closed) | frame.named(tuple(hypotheses))
    spoken_of = (line.says, *needed, *of.values())
    if not are_fresh(new.values(), elsewhere.union(*(value.free_symbols for value in spoken_of))):
        return None
    return Granted(closes={len(hypotheses): closed})


def _of_one_size(*matrices: Any) -> None:
    size = matrices[0].shape[0]
    if any(matrix.shape != (size, size) for matrix in matrices):
        raise ValueError(f"{matrices} are not square matrices of one size")


@existence("adjugate", "Horn and Johnson, Matrix Analysis, 0.8.2")
def adjugate(X: Any, B: Any) -> Promised:
    """There is B with ``B X = det(X) I``: the adjugate of X."""
    _of_one_size(X, B)
    return (), (Eq(B * X, Determinant(X) * Identity(X.shape[0]), evaluate=False),)


@existence("singular value decomposition", HORN_JOHNSON)
def singular_values(X: Any, P: Any, d: Any, Y: Any) -> Promised:
    """There are P, d, Y with ``X = P diag(d) Yᵀ``, ``PᵀP = I``, ``YᵀY = I``, for square X."""
    _of_one_size(X, P, Y)
    one = Identity(X.shape[0])
    if d.shape != (X.shape[0], 1):
        raise ValueError(f"{d} is not a column of as many entries as {X} has rows")
    return (), (
        Eq(X, P * DiagMatrix(d) * Y.T, evaluate=False),
        Eq(P.T * P, one, evaluate=False),
        Eq(Y.T * Y, one, evaluate=False),
    )


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
