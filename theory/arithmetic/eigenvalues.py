"""Certified enclosures of eigenvalues, and their order, in balls of FLINT."""

from __future__ import annotations

from functools import lru_cache

from flint import acb, acb_mat, arb, arb_mat, ctx, fmpq_mat

from backproof.theory.arithmetic.base import Undecided

ROWS = 64
"""Eigenvalues of larger matrices are left undecided: to separate 144 of them takes FLINT ten seconds."""


def largest(values: list[arb]) -> arb:
    """The largest of some balls."""
    best = values[0]
    for value in values[1:]:
        best = best.max(value)
    return best


def all_real(matrix: arb_mat, values: list[acb]) -> bool:
    """Whether all eigenvalues are certainly real: of a symmetric matrix, or each alone in a ball on the real line.

    The others come in conjugate pairs, and a pair cannot share an enclosure that holds one eigenvalue only.
    """
    if matrix.entries() == matrix.transpose().entries():
        return True
    if not all(value.imag.contains(0) for value in values):
        return False
    return all(value.imag.is_zero() for value in values) or not any(
        values[i].real.overlaps(values[j].real) for i in range(len(values)) for j in range(i)
    )


def descending(values: list[arb]) -> list[arb]:
    """Real balls in descending order; those that overlap are enclosed together, for their order is unknown."""
    ordered = sorted(values, key=lambda value: float(value.mid()), reverse=True)
    merged: list[list[arb]] = []
    for value in ordered:
        if merged and merged[-1][-1].overlaps(value):
            merged[-1].append(value)
        else:
            merged.append([value])
    found = []
    for group in merged:
        whole = group[0]
        for value in group[1:]:
            whole = whole.union(value)
        found += [whole] * len(group)
    return found


def eigenvalues(matrix: arb_mat) -> list[acb]:
    """Certified enclosures of the eigenvalues, with multiplicity.

    Raises
    ------
    Undecided
        If FLINT cannot separate them at this precision (a defective matrix given only approximately, say), an entry may
        be infinite, or the matrix has more than `ROWS` rows and is not triangular.
    """
    size = matrix.nrows()
    if size == 1:
        return [acb(matrix[0, 0])]
    below = [matrix[i, j] for i in range(size) for j in range(i)]
    above = [matrix[j, i] for i in range(size) for j in range(i)]
    if any(all(entry.is_zero() for entry in half) for half in (below, above)):
        return [acb(matrix[i, i]) for i in range(size)]  # triangular: the diagonal, however defective
    if size > ROWS:
        raise Undecided(f"eigenvalues of a matrix of {size} rows, more than {ROWS}")
    if not all(value.is_finite() for value in matrix.entries()):
        raise Undecided("eigenvalues of a matrix whose entries may be infinite")
    return list(_separated(_Whole(matrix), ctx.prec))


class _Whole:
    """A matrix of balls as a key: equal to another one whose midpoints and radii are the same numbers."""

    def __init__(self, matrix: arb_mat) -> None:
        self.matrix = matrix
        parts = (part for entry in matrix.entries() for part in (entry.mid(), entry.rad()))
        self.balls = (matrix.nrows(), *(part.man_exp() for part in parts))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Whole) and self.balls == other.balls

    def __hash__(self) -> int:
        return hash(self.balls)


@lru_cache(maxsize=64)  # a statement on eigenvalues asks for those of one matrix again and again
def _separated(key: _Whole, bits: int) -> tuple[acb, ...]:
    matrix = key.matrix
    try:
        return tuple(acb_mat(matrix).eig(multiple=True))
    except ValueError as error:
        if all(value.is_exact() for value in matrix.entries()):
            return tuple(_exact_eigenvalues(matrix))
        raise Undecided(f"eigenvalues not separated: {error}") from None


def _exact_eigenvalues(matrix: arb_mat) -> list[acb]:
    """Eigenvalues with multiplicities, from the rational characteristic polynomial; W may be defective."""
    exact = fmpq_mat(matrix.nrows(), matrix.ncols(), [value.fmpq() for value in matrix.entries()])
    return [acb(root) for root, count in exact.charpoly().numer().complex_roots() for _ in range(count)]


def gram_eigenvalues(matrix: arb_mat) -> list[arb]:
    """The eigenvalues of AᵀA: the squares of the singular values, and zeros where A is wide."""
    gram = matrix.transpose() * matrix
    return [value.real.nonnegative_part() for value in eigenvalues(gram)]
