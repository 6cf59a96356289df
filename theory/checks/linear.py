"""Linear nets of a subject: powers of W as Jacobians, gradients through them, states and limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq
from sympy.matrices.expressions import Identity, MatPow

from theory.arithmetic import Balls, Rationals, Roundoff, precision
from theory.bounded import Bounded
from theory.cases import Case
from theory.checks.exact import settled
from theory.checks.jacobians import jacobians_satisfy
from theory.checks.shares import in_deciding_formats, rounded_terms
from theory.checks.spectra import diagonalised, powers_satisfy
from theory.comparison import Comparison, agree, midpoints
from theory.decide import BITS, decide, environments
from theory.evaluation import evaluate
from theory.nodes import SpectralNorm, StepLossGradient
from theory.notation import W, k, n, t
from theory.proofs.linear import N, lamda
from theory.proofs.spectra import S, S_inv, lam, parts, s
from theory.strategies import arrays, nets
from theory.subject import offered


def is_shifted(case: Case) -> bool:
    """Whether W = λ I + N."""
    return decide(Eq(W, lamda * Identity(n) + N, evaluate=False), case) is True


def is_nilpotent(case: Case) -> bool:
    """Whether N² = 0."""
    return decide(Eq(N * N, 0 * N, evaluate=False), case) is True


@st.composite
def shifted(draw: Any, *moduli: float) -> Case:
    """W = λ I + N with |λ| one of these and N = u vᵀ, v orthogonal to u: entries of integers and halves."""
    size = draw(st.integers(2, 3))
    u, v = draw(arrays(size)) * 2, draw(arrays(size)) * draw(st.sampled_from([1, 4, 64]))
    v = v * (u @ u) - u * (u @ v) if draw(st.booleans()) else v * (u == 0)
    return _case(draw, np.outer(u, v), draw(st.sampled_from(moduli)))


@st.composite
def triangular(draw: Any, *moduli: float) -> Case:
    """The same with N strictly upper triangular: a last column or a first row."""
    size = draw(st.integers(2, 3))
    matrix = np.zeros((size, size))
    row = draw(arrays(size - 1)) * draw(st.sampled_from([1, 16, 1024]))
    if draw(st.booleans()):
        matrix[0, 1:] = row
    else:
        matrix[:-1, -1] = row
    return _case(draw, matrix, draw(st.sampled_from(moduli)))


def _case(draw: Any, matrix: Any, modulus: float) -> Case:
    value = modulus * draw(st.sampled_from([1, -1]))
    return Case({W: value * np.eye(len(matrix)) + matrix, N: matrix, lamda: value, s: draw(st.integers(0, 8))})


def powers_and_facts(statement: Any, subject: Any, case: Case) -> Iterator[Comparison]:
    """What is said of Wˢ is confronted with the subject's Jacobian of a linear net; the rest is settled."""
    for part in parts(statement):
        power = part.has(MatPow(W, s)) or part.has(SpectralNorm(MatPow(W, s)))
        yield from (powers_satisfy if power else settled)(part, subject, case)


def is_eigenbasis(instance: Bounded) -> bool:
    """Whether Wᵀ = S diag(λ) S⁻¹."""
    A = Rationals()
    turned, columns, inverse = (A.matrix(m) for m in (instance.net.W.T, instance.values[S], instance.values[S_inv]))
    values = A.diagonal(A.matrix(instance.values[lam]))
    return bool(turned == columns * values * inverse)


def is_inverse(instance: Bounded) -> bool:
    """Whether S S⁻¹ = I."""
    A = Rationals()
    columns, inverse = A.matrix(instance.values[S]), A.matrix(instance.values[S_inv])
    return bool(columns * inverse == A.identity(columns.nrows()))


@st.composite
def diagonalised_nets(draw: Any) -> Bounded:
    """Linear nets with Wᵀ = S diag(λ) S⁻¹, nothing rounded."""
    case = draw(diagonalised())
    size = len(case[W])
    plain = draw(nets(activations=("identity",), batch=(1, 1), steps=(1, 3), units=(size, size)))
    return Bounded(plain.with_(W=np.array(case[W]).T.copy()), {key: case[key] for key in (S, S_inv, lam)})


def linear_satisfies(statement: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    """Equations for ``∂h_t/∂h_k`` or ``∂L_t/∂h_k`` of a linear net.

    The second is what the subject says that step k adds to ``∂L_t/∂b``: the slope is 1.
    """
    for part in parts(statement):
        if isinstance(part.lhs, StepLossGradient):
            yield from _gradients_back(part, subject, instance)
        else:
            yield from jacobians_satisfy(part, subject, instance)


def _gradients_back(part: Any, subject: Any, instance: Any) -> Iterator[Comparison]:
    net = getattr(instance, "net", instance)
    function = offered(subject, "contributions_by_distance")
    with precision(BITS):
        found = [(e[t], e[k], evaluate(part.rhs, Balls(), e)) for e in environments(instance, Balls(), part)]
    for cast, dtype, _ in in_deciding_formats(net):
        for late in range(1, net.steps + 1):
            got = function(cast.parameters, cast.inputs, cast.targets, step=late, **cast.settings)["b"]
            radii = rounded_terms(net, late, Roundoff.of(dtype))["b"]
            for early, claimed in ((e, value) for step, e, value in found if step == late and e >= 1):
                what = f"∂L_{late}/∂h_{early} in {np.dtype(dtype).name}"
                own = 2 * midpoints(claimed)[2]  # where terms cancel to 0, the radius of their sum is all there is
                yield agree(what, got[early - 1], claimed, (radii[early] + own)[:, 0])
