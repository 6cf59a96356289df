"""Kernels of four gates side by side: four square blocks of n rows, and what a subject draws for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Add, Eq, Le, MatrixSymbol

from backproof.theory.arithmetic import Floats, Roundoff
from backproof.theory.confronting.comparison import Comparison, agree, at_most, truth
from backproof.theory.confronting.reading import reads
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.language.nodes import Inner
from backproof.theory.language.notation import n, v
from backproof.theory.language.relations import parts

BLOCKS = tuple(MatrixSymbol(f"W_{gate}", n, n) for gate in "ifgq")


@dataclass(frozen=True, kw_only=True)
class Kernel:
    """What an initialiser is asked for: four blocks of n rows, the seed, a float format; and a column v of n entries.

    ``tall``: the blocks are asked for one above the other, and transposed.
    """

    seed: int
    v: tuple[float, ...]
    dtype: str = "float64"
    tall: bool = False

    @property
    def size(self) -> int:
        """The rows of a block."""
        return len(self.v)


kernels = st.builds(
    Kernel,
    seed=st.integers(0, 2**16),
    v=st.integers(1, 6).flatmap(lambda size: st.lists(st.integers(-4, 4), min_size=size, max_size=size).map(tuple)),
    dtype=st.sampled_from(["float64", "float32"]),
    tall=st.booleans(),
)


def squares(blocks: Any = BLOCKS) -> Any:
    """``Σ_j ‖W_jᵀ v‖²``, the squared length of v after the transposed kernel."""
    return Add(*(Inner(W.T * v, W.T * v) for W in blocks))


def entries(blocks: Any = BLOCKS) -> Any:
    """``Σ_j ‖W_j‖_F²``, the sum of all squared entries."""
    return Add(*(Inner(W.T, W.T) for W in blocks))


def at_once(subject: Any, kernel: Kernel) -> Any:
    """A kernel (n, 4n) with orthonormal rows."""
    size, draw = kernel.size, offered(subject, "semi_orthogonal_init")
    shape = (4 * size, size) if kernel.tall else (size, 4 * size)
    drawn = np.asarray(draw(*shape, seed=kernel.seed, dtype=kernel.dtype))
    return drawn.T if kernel.tall else drawn


def one_by_one(subject: Any, kernel: Kernel) -> Any:
    """A kernel (n, 4n) of four orthogonal blocks."""
    draw, seeds = offered(subject, "orthogonal_init"), range(kernel.seed, kernel.seed + 4)
    return np.hstack([draw(kernel.size, seed=seed, dtype=kernel.dtype) for seed in seeds])


def kernel_satisfies(drawn: Callable[[Any, Kernel], Any], stretch: float) -> Callable[..., Iterator[Comparison]]:
    """Statements on the four blocks of a kernel; ``stretch`` is the singular value that it has, all of them alike.

    By n reflections of 4n entries at the most, Householder's method is off by E with ``‖E‖_F ≤ √n γ`` at most for each
    of four blocks, or for all of them (Higham 2002, theorem 19.4). A squared length s² a² then moves by 2 s a² ‖E‖ +
    a² ‖E‖², with a = ‖v‖, or a² = n for the sum of all squares.
    """

    @reads(Eq, Le)
    def check(statement: Any, subject: Any, kernel: Kernel) -> Iterator[Comparison]:
        size, unit = kernel.size, Roundoff.of(kernel.dtype).unit
        matrix = np.asarray(drawn(subject, kernel))
        yield truth(f"shape {matrix.shape} and dtype {matrix.dtype}", _fits(matrix, kernel))
        if not _fits(matrix, kernel):
            return
        blocks = np.split(matrix.astype(np.float64), 4, axis=1)
        column = np.array(kernel.v, dtype=np.float64)[:, None]
        environment = Environment({**dict(zip(BLOCKS, blocks, strict=True)), v: column, n: size})
        count = 6 * size * (4 * size + 6) + 1
        off = 2 * float(np.sqrt(size)) * count * unit / (1 - count * unit)
        for part in parts(statement):
            left, right = (float(evaluate(side, Floats(), environment)) for side in part.args)
            scale = float(np.sum(column**2)) if part.has(v) else float(size)
            moved = scale * (2 * stretch * off + off**2)
            bound = moved + Roundoff.of(np.float64).gamma(8 * size + 16) * (stretch + off) ** 2 * scale
            if isinstance(part, Eq):
                yield agree(str(part), [[left]], np.array([[right]]), np.array([[bound]]))
            else:
                yield at_most(str(part), left - right, bound)

    return check


def _fits(matrix: Any, kernel: Kernel) -> bool:
    return bool(matrix.shape == (kernel.size, 4 * kernel.size) and matrix.dtype == kernel.dtype)
