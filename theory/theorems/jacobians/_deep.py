"""Deep feed-forward nets, ``h_l = φ(W_l h_{l-1} + b_l)`` with a matrix for each layer: exact instances and a check.

Depth takes the place of time, so that ``StateJacobian(t, k)`` is ``∂h_t/∂h_k`` between layers k and t, T the last. The
check grants a subject's Jacobian products the rounding of every product up to then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb_mat
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import Ge, Le, MatrixSymbol, Symbol

from backproof.theory.arithmetic import (
    Arithmetic,
    Balls,
    Dual,
    Duals,
    Rationals,
    Rounded,
    Roundoff,
    Undecided,
    precision,
)
from backproof.theory.confronting.comparison import Comparison, at_most
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.bounds import above, below, q, r
from backproof.theory.instances.strategies import EVERY, arrays
from backproof.theory.instances.values import evaluated
from backproof.theory.language.display import Displayed, column, count, matrix
from backproof.theory.language.functions import ACTIVATIONS, Activation
from backproof.theory.language.nodes import SpectralNorm, StateJacobian
from backproof.theory.language.notation import T, k, n, t
from backproof.theory.language.relations import parts
from backproof.theory.language.typeset import tex
from backproof.theory.language.written import construction

Array = NDArray[np.float64]
LAYERED = MatrixSymbol("J", n, n)  # ∂h_T/∂h_0 of a net with a matrix for each layer


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Deep(Displayed):
    """``weights`` (L, n, n), ``biases`` (L, n), ``start`` (n,), and values of further symbols, each meant exactly."""

    weights: Any
    biases: Any
    start: Any
    activation: str
    values: Mapping[Symbol, float]

    def __post_init__(self) -> None:
        for name in ("weights", "biases", "start"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))

    @property
    def phi(self) -> Activation:
        """The activation."""
        return ACTIVATIONS[self.activation]

    @property
    def layers(self) -> int:
        """The depth L."""
        return len(self.weights)

    def __repr__(self) -> str:
        """The call that builds it again."""
        return construction(self)

    @property
    def in_words(self) -> str:
        """Kind and sizes."""
        return f"A deep {self.activation} net: {count(len(self.start), 'unit')}, {count(self.layers, 'layer')}"

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """The further values, then h_0, W_l and b_l for each layer."""
        layers = [
            part
            for i, (W, b) in enumerate(zip(self.weights, self.biases, strict=True), start=1)
            for part in (f"W_{{{i}}} = {matrix(W)}", f"b_{{{i}}} = {column(b)}")
        ]
        return (*(f"{tex(s)} = {matrix(v)}" for s, v in self.values.items()), f"h_0 = {column(self.start)}", *layers)

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """Every pair of layers k ≤ t that the statement leaves free."""
        environment = Layered({n: len(self.start), T: self.layers}, self.phi)
        environment.deep, environment.arithmetic = self, arithmetic
        environment |= evaluated(self.values, arithmetic)
        free = statement.free_symbols
        for late in range(1, self.layers + 1) if t in free else [self.layers]:
            for early in range(late + 1) if k in free else [0]:
                yield environment.bound(t, late).bound(k, early)

    def jacobian(self, arithmetic: Arithmetic, late: int, early: int) -> Any:
        """``∂h_late/∂h_early`` by forward differentiation, a column at a time."""
        size = len(self.start)
        columns = []
        for j in range(size):
            unit = arithmetic.matrix([[int(i == j)] for i in range(size)])
            columns.append(self._moved(arithmetic, late, early, unit))
        return arithmetic.matrix([[arithmetic.entry(column, i, 0) for column in columns] for i in range(size)])

    def _moved(self, base: Arithmetic, late: int, early: int, unit: Any) -> Any:
        A = Duals(base)
        h = A.matrix(self.start[:, None])
        for layer in range(late + 1):
            if layer:
                W, b = self.weights[layer - 1], self.biases[layer - 1][:, None]
                h = A.apply(self.phi.derivatives[0], A.add(A.matmul(A.matrix(W), h), A.matrix(b)))
            if layer == early:
                h = A.add(h, Dual(base.zeros(*base.shape(unit)), unit))
        return h.tangent


class Layered(Environment):
    """An environment that knows the Jacobians between layers."""

    deep: Deep
    arithmetic: Arithmetic

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, StateJacobian):
            late, early = (self.integer(layer) for layer in key.args)
            return self.deep.jacobian(self.arithmetic, late, early)
        raise KeyError(f"{key} has no value here")

    def copy(self) -> Layered:
        """A copy of the values that shares the net."""
        twin = Layered(self, self.activation)
        twin.deep, twin.arithmetic = self.deep, self.arithmetic
        return twin


def layer_jacobians(instance: Deep) -> list[arb_mat]:
    """``∂h_l/∂h_{l-1}`` for each layer, in balls at the working precision."""
    return [instance.jacobian(Balls(), layer, layer - 1) for layer in range(1, instance.layers + 1)]


@st.composite
def deep_nets(draw: Any) -> Deep:
    """Two or three layers, with the twelve-bit numbers just around all their singular values."""
    size, depth = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    parts = {
        "weights": draw(arrays(depth, size, size)) + np.eye(size) * draw(st.sampled_from([0, 1, 4])),
        "biases": draw(arrays(depth, size)),
        "start": draw(arrays(size)),
        "activation": draw(st.sampled_from(EVERY)),
    }
    A, jacobians = Balls(), []
    with precision(BITS):
        jacobians = layer_jacobians(Deep(**parts, values={}))
        try:
            most = max(above(A.spectral_norm(J)) for J in jacobians)
            least = min(below(A.smallest_singular_value(J)) for J in jacobians)
        except Undecided:  # ‖J‖₂ ≤ ‖J‖_F
            most, least = max(above(A.frobenius_norm(J)) for J in jacobians), 0.0
    return Deep(**parts, values={q: max(most, 2.0**-12) * draw(st.sampled_from([1, 1, 2])), r: least})


@dataclass(frozen=True, eq=False)
class OneOrMany(Displayed):
    """A linear net that uses one matrix at every step, beside one with a matrix of its own for each layer."""

    one: Deep
    many: Deep

    @property
    def alike(self) -> bool:
        """Whether all matrices have the same singular values: one characteristic polynomial of all WᵀW, exactly."""
        A = Rationals()
        grams = [A.transpose(A.matrix(W)) * A.matrix(W) for net in (self.one, self.many) for W in net.weights]
        return len({str(gram.charpoly()) for gram in grams}) == 1

    @property
    def in_words(self) -> str:
        """What tells the two nets apart."""
        return "One matrix at every step, beside a matrix of its own for each layer"

    @property
    def in_formulas(self) -> tuple[str, ...]:
        """The formulas of both nets, one after the other."""
        return (*self.one.in_formulas, *self.many.in_formulas)

    def environments(self, arithmetic: Arithmetic, statement: Any) -> Iterator[Environment]:
        """The environments of the net with one matrix, with the other net's whole product added."""
        for environment in self.one.environments(arithmetic, statement):
            environment[LAYERED] = self.many.jacobian(arithmetic, self.many.layers, 0)
            yield environment


def decide_alike(statement: Any, instance: Any) -> bool | None:
    """A statement on a pair of nets whose matrices all have the same singular values."""
    return decide(statement, instance) if isinstance(instance, OneOrMany) and instance.alike else None


def layers_satisfy(statement: Any, subject: Any, instance: Deep) -> Iterator[Comparison]:
    """Bounds on ``‖∂h_t/∂h_k‖₂`` between layers, for all k ≤ t."""
    if any(part.lhs != SpectralNorm(StateJacobian(t, k)) for part in parts(statement)):
        raise Undecided("the statement is not about the norm of ∂h_t/∂h_k")
    size = len(instance.start)
    parameters = {"W": instance.weights, "b": instance.biases, "V": np.eye(size), "c": np.zeros(size)}
    start = instance.start[None]
    run = offered(subject, "deep_jacobian_products")
    got = dict(run(parameters, start, depth=instance.layers, activation=instance.activation))
    bounds = {early: _slack(instance, early) for early in range(instance.layers + 1)}
    with precision(BITS):
        for part in parts(statement):
            for environment in instance.environments(Balls(), part):
                late, early = environment[t], environment[k]
                norm = float(np.linalg.norm(got[late - early][early, 0], 2))
                limit, what = float(evaluate(part.rhs, Balls(), environment)), f"‖∂h_{late}/∂h_{early}‖"
                low, high = (norm, limit) if isinstance(part, Le) else (limit, norm)
                if not isinstance(part, Le | Ge):
                    raise Undecided(f"{part} is not a bound")
                rounding = Roundoff.of(np.float64).gamma(20 * size**2) * norm  # of NumPy's singular values
                yield at_most(what, low, high, bounds[early][late] + rounding)


def _slack(instance: Deep, early: int) -> dict[int, float]:
    """How far ``∂h_late/∂h_early`` may be off in the Frobenius norm, by `Rounded` arithmetic, in any order."""
    roundoff = Roundoff.of(np.float64)
    A = Rounded(roundoff)
    h = A.matrix(instance.start[:, None])
    product = A.identity(len(instance.start))
    size, magnitude = len(instance.start), np.eye(len(instance.start))
    found = {early: 0.0}
    for layer in range(1, instance.layers + 1):
        W = A.matrix(instance.weights[layer - 1])
        a = A.add(A.matmul(W, h), A.matrix(instance.biases[layer - 1][:, None]))
        h = A.apply(instance.phi.derivatives[0], a)
        if layer <= early:
            continue
        J = A.matmul(A.diagonal(A.apply(instance.phi.derivatives[1], a)), W)
        product, magnitude = A.matmul(J, product), (np.abs(J.value) + J.radius) @ magnitude
        order = roundoff.gamma(size * (layer - early)) * magnitude
        found[layer] = float(np.linalg.norm(product.radius + order))
    return found
