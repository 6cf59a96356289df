"""The notation, written down once; every theorem and claim is stated in it.

**Layout.** Vectors are columns. A Jacobian has a row for each output and a column for each input, so that
``∂h_t/∂h_{t-1} = diag(φ′(a_t)) W`` and products of Jacobians grow to the left: ``∂h_t/∂h_k = J_t J_{t-1} ⋯ J_{k+1}``.
A gradient of the scalar loss has the shape of what it is taken by: ``∂L/∂W`` is n by n, ``∂L/∂h_t`` is a column. The
sources that write ``Wᵀ diag(φ′)`` use the transposed ("denominator") layout; each claim says how it maps onto ours.

**Time.** Steps run ``t = 1 … T``; ``h_0`` is given. Step t reads ``x_t`` and ``h_{t-1}`` and is charged ``L_t``.

**Names.** ``a_t = W h_{t-1} + U x_t + b`` pre-activation, ``h_t = φ(a_t)`` hidden state, ``o_t = V h_t + c`` output,
``y_t`` target, ``L = ω Σ_t ℓ(o_t, y_t)`` loss with ``ω = 1`` (sum) or ``1/T`` (mean over the steps). Adjoints:
``g_t = ∂L/∂o_t``, ``δ_t = ∂L/∂h_t``, ``α_t = ∂L/∂a_t``, each counting every path to every later loss.
Sizes: n units, m inputs, p outputs.

A prime means the same net on another trajectory, from another initial state or on other inputs: ``h.prime[t]`` is h′_t.

**Matrices alone.** A square, Q orthogonal, S a basis of eigenvectors with ``W = S D S⁻¹``, ``D = diag(λ)``, s a power.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any, NoReturn

from sympy import Expr, MatrixSymbol, Symbol, symbols, sympify
from sympy.matrices.expressions.diagonal import DiagMatrix
from sympy.matrices.expressions.matexpr import MatrixElement, MatrixExpr

from backproof.theory.language.validation import integer, kind_of, shown, text

__all__ = [
    "PARAMETERS",
    "A",
    "At",
    "D",
    "Q",
    "R",
    "S",
    "S_inv",
    "Sequence",
    "T",
    "U",
    "V",
    "W",
    "a",
    "alpha",
    "b",
    "c",
    "delta",
    "g",
    "h",
    "k",
    "lam",
    "m",
    "n",
    "o",
    "p",
    "s",
    "t",
    "v",
    "x",
    "y",
]

n, m, p = symbols("n m p", integer=True, positive=True)
t, k = symbols("t k", integer=True)
T = Symbol("T", integer=True, positive=True)


class At(MatrixExpr):  # type: ignore[misc]
    """A quantity at a time: ``At(h, t - 1)`` is the hidden state one step before t. Substitution reaches the time."""

    def __new__(cls, base: MatrixSymbol, time: Any) -> At:
        """``base`` gives name and shape; TypeError for what is no matrix symbol, or no time."""
        if not isinstance(base, MatrixSymbol):
            raise TypeError(f"base must be a matrix symbol, got {kind_of(base)}")
        if not isinstance(time, int | Expr) or isinstance(time, bool) or getattr(time, "is_integer", True) is False:
            raise TypeError(f"time must be an integer expression, like t - 1, got {shown(time)}")
        return _the_one(cls, base, sympify(time))  # type: ignore[no-any-return, arg-type]

    @cached_property
    def name(self) -> str:
        """The name of the sequence."""
        return str(self.args[0].name)

    @property
    def time(self) -> Any:
        """The time index, an integer expression."""
        return self.args[1]

    @property
    def shape(self) -> tuple[Any, Any]:
        """The shape of the quantity, the same at every time."""
        return self.args[0].shape  # type: ignore[no-any-return]

    def _entry(self, i: Any, j: Any, **_: Any) -> MatrixElement:
        return MatrixElement(self, i, j)

    def _latex(self, printer: Any) -> str:
        base, time = printer._print(self.args[0]), printer._print(self.time)
        base = base.replace(r"\hbar", r"\bar{h}")  # SymPy takes the adjoint of h for Planck's constant
        if base.endswith("}") and "_{" in base:  # one subscript: α_{n,t}, not α_{n}_t
            return f"{base[:-1]},{time}}}"
        return f"{base}_{{{time}}}"

    def _sympystr(self, printer: Any) -> str:
        return f"{self.name}[{printer._print(self.time)}]"


@lru_cache(maxsize=4096)
def _the_one(kind: Any, base: Any, time: Any) -> Any:
    """The same object for the same quantity: as a key, it is found without a comparison."""
    return MatrixExpr.__new__(kind, base, time)


PRIME = "'"


def check_size(name: str, size: Any) -> None:
    """Refuse what is neither a number of rows, from 1 on, nor an integer expression for one, like ``n``."""
    if isinstance(size, Expr):
        if not size.is_integer or size.is_positive is False:
            raise ValueError(f"{name} must be an integer from 1 on, like n, got {shown(size)}")
    else:
        integer(name, size, 1)


class Sequence:
    """A column vector that depends on time; ``h[t - 1]`` is its value at t − 1."""

    def __init__(self, name: str, size: Any) -> None:
        check_size("size", size)
        self.base = MatrixSymbol(text("name", name), size, 1)

    def __getitem__(self, time: Any) -> At:
        return At(self.base, time)

    def __iter__(self) -> NoReturn:
        name = self.base.name
        raise TypeError(f"{name} depends on time: write {name}[t] for its value at t")

    @property
    def prime(self) -> Sequence:
        """The same quantity on another trajectory of the net: ``h.prime[t]`` is h′_t, as `TwoRuns` gives it."""
        return Sequence(f"{self.base.name}{PRIME}", self.base.shape[0])


h, a, x = Sequence("h", n), Sequence("a", n), Sequence("x", m)
o, y = Sequence("o", p), Sequence("y", p)
g, delta, alpha = Sequence("g", p), Sequence("delta", n), Sequence("alpha", n)
W, U, V = MatrixSymbol("W", n, n), MatrixSymbol("U", n, m), MatrixSymbol("V", p, n)
b, c = MatrixSymbol("b", n, 1), MatrixSymbol("c", p, 1)
PARAMETERS = {"W": W, "U": U, "V": V, "b": b, "c": c}
A, Q, R, S, S_inv = (MatrixSymbol(name, n, n) for name in ("A", "Q", "R", "S", "S^{-1}"))
v, lam = MatrixSymbol("v", n, 1), MatrixSymbol("lambda", n, 1)
s = Symbol("s", integer=True, nonnegative=True)
D = DiagMatrix(lam)
