"""Eigenvalues, determinants, inverses. X, Y are square matrices."""

from __future__ import annotations

from typing import Any

from sympy import Determinant, Eq, Gt, Integer, Le
from sympy.matrices.expressions import Identity

from backproof.theory.language.nodes import Inner, SmallestModulus, SpectralNorm, SpectralRadius
from backproof.theory.proving.facts.norms import HORN_JOHNSON
from backproof.theory.proving.facts.schema import Built, are_fresh, fact
from backproof.theory.proving.kernel import Frame, Granted, Line, Sequent, rule


@fact("a one-sided inverse is two-sided", "Horn and Johnson, Matrix Analysis, 0.5")
def inverse(X: Any, Y: Any) -> Built:
    """``X Y = I ⟹ Y X = I`` for square matrices."""
    one = Identity(X.shape[0])
    if X.shape != Y.shape or X.shape[0] != X.shape[1]:
        raise ValueError(f"{X} and {Y} are not square matrices of one size")
    return (Eq(X * Y, one, evaluate=False),), Eq(Y * X, one, evaluate=False)


@fact("spectral radius and norm", HORN_JOHNSON)
def radius_at_most_norm(X: Any) -> Built:
    """``ρ(X) ≤ ‖X‖``."""
    return (), Le(SpectralRadius(X), SpectralNorm(X), evaluate=False)


@fact("spectral radius of a power", HORN_JOHNSON)
def radius_of_power(X: Any, s: Any) -> Built:
    """``ρ(X^s) = ρ(X)^s`` for an exponent s ≥ 0."""
    if not (s.is_integer and s.is_nonnegative):
        raise ValueError(f"{s} is not an exponent from 0 on")
    return (), Eq(SpectralRadius(X**s), SpectralRadius(X) ** s, evaluate=False)


@fact("determinant of a product", HORN_JOHNSON)
def determinant_of_product(X: Any, Y: Any) -> Built:
    """``det(X Y) = det X det Y``."""
    return (), Eq(Determinant(X * Y), Determinant(X) * Determinant(Y), evaluate=False)


@fact("determinant of the identity", HORN_JOHNSON)
def determinant_of_identity(size: Any) -> Built:
    """``det I = 1``."""
    return (), Eq(Determinant(Identity(size)), Integer(1), evaluate=False)


@fact("determinant of a transpose", HORN_JOHNSON)
def determinant_of_transpose(X: Any) -> Built:
    """``det Xᵀ = det X``."""
    return (), Eq(Determinant(X.T), Determinant(X), evaluate=False)


@rule("every eigenvalue")
def every_eigenvalue(line: Line, premises: tuple[Sequent, ...], frame: Frame) -> Granted | None:
    """What is shown of ``α² + β²`` for an arbitrary eigenvalue α + iβ of X holds of ρ(X)² and of min |λ|².

    ``given``: "of" X, "real" α, "imaginary" β, "x" and "y" the parts of an eigenvector, which the premise supposes:
    ``X x = α x − β y``, ``X y = β x + α y`` and ``⟨x, x⟩ + ⟨y, y⟩ > 0``.
    """
    (shown,) = premises
    X, al, be, x, y = (line.given[word] for word in ("of", "real", "imaginary", "x", "y"))
    eigen = [
        Eq(X * x, al * x - be * y, evaluate=False),
        Eq(X * y, be * x + al * y, evaluate=False),
        Gt(Inner(x, x) + Inner(y, y), 0, evaluate=False),
    ]
    closes = frozenset(name for name, says in shown.supposed.items() if says in eigen)
    fresh = {al, be, x, y}
    taken = frame.named(premises, closes) | line.says.free_symbols | X.free_symbols
    if not are_fresh((al, be, x, y), taken) or not (al.is_Symbol and be.is_Symbol):
        return None
    modulus = al**2 + be**2
    for measure in (SpectralRadius(X) ** 2, SmallestModulus(X) ** 2):
        wanted = shown.says.xreplace({modulus: measure})
        if wanted == line.says and not fresh & wanted.free_symbols:
            return Granted(closes={0: closes})
    return None
