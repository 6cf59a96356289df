"""Determinants of Jacobians: a subject's Lyapunov exponents, its eigenvalues after an update, and singular systems.

A step of the QR method multiplies J Q and factors it. The computed R belongs to an exactly orthogonal Q and to J + E,
with ‖E‖ ≤ ‖ΔJ‖ + γ ‖J‖ (Higham 2002, theorem 19.4); and |log det(J + E) − log det J| ≤ −n log(1 − ‖J⁻¹‖ ‖E‖).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import arb
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import (
    Integer,
    MatrixSymbol,
    Ne,
    Sum,
    Symbol,
    ZeroMatrix,
    log,
)
from sympy.matrices.expressions import Determinant, Identity

from backproof.theory.arithmetic import Balls, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, truth
from backproof.theory.confronting.formats import in_both_formats
from backproof.theory.confronting.state_jacobians import step_jacobians
from backproof.theory.confronting.subject import followed, offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.strategies import SMOOTH, arrays, diagonalised, nets
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import LyapunovExponent, StateJacobian
from backproof.theory.language.notation import S, W, lam, n, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import Net
from backproof.theory.proving.builders import equal
from backproof.theory.theorems.spectra._matrices import eigenvalue_bound, orthogonality_bound

i = Symbol("i", integer=True, positive=True)
A, x = MatrixSymbol("A", n, n), MatrixSymbol("x", n, 1)
lamda, eta = Symbol("lambda", real=True), Symbol("eta", positive=True)
says_solution = equal((A - lamda * Identity(n)) * x, ZeroMatrix(n, 1))
volume = log(abs(Determinant(StateJacobian(t, t - 1))))
EXPONENTS = Sum(LyapunovExponent(i), (i, 1, n))


Array = NDArray[np.float64]


@st.composite
def invertible_nets(draw: Any) -> Net:
    """Smooth nets with W a triangular matrix of halves, its diagonal not zero, its rows in any order."""
    drawn = draw(nets(activations=SMOOTH, batch=(1, 1), regimes=("plain",)))
    size = len(drawn.W)
    diagonal = draw(st.lists(st.sampled_from([1.0, -1.0, 0.5, 2.0]), min_size=size, max_size=size))
    upper = np.triu(draw(arrays(size, size)), 1) + np.diag(diagonal)
    return drawn.with_(W=upper[draw(st.permutations(range(size)))])  # type: ignore[no-any-return]


def steps_are_invertible(instance: Net) -> bool:
    """Whether ``det ∂h_t/∂h_{t−1}`` is certainly not 0, at any step."""
    return decide(Ne(Determinant(StateJacobian(t, t - 1)), 0, evaluate=False), instance) is True


def unless_collapsed(statement: Any, instance: Net) -> bool | None:
    """False where some ``det ∂h_t/∂h_{t−1}`` is 0: its logarithm is no number, and no equation with it holds."""
    collapsed = decide(Ne(Determinant(StateJacobian(t, t - 1)), 0, evaluate=False), instance) is False
    return False if collapsed and statement.has(Determinant) else None


def exponents_satisfy(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """An equation between the subject's exponents and what is evaluated in balls, and its own mean of log |det|."""
    roundoff = Roundoff.of(np.float64)
    room = _volume_bound(net, roundoff)
    found = followed(subject, "lyapunov_exponents", net)[0]
    direct = followed(subject, "mean_log_determinant", net)[0]
    with precision(BITS):
        for environment in net.environments(Balls(), statement):
            for place, value in enumerate(found, start=1):
                environment[LyapunovExponent(Integer(place))] = arb(float(value))
            left, right = (evaluate(side, Balls(), environment) for side in (statement.lhs, statement.rhs))
            summed = roundoff.gamma(len(found) + net.steps + 1) * float(np.sum(np.abs(found)))
            pair = (Balls().matrix([[right]]), np.array([[room + summed]]))
            yield agree("the sum of the exponents", [[float(left)]], *pair)
            yield agree("the mean of log |det|", [[float(direct)]], *pair)


def _volume_bound(net: Net, roundoff: Roundoff) -> float:
    """The mean over the steps of how far log |det J_t| may be off, and the logarithms' own rounding."""
    J, error = step_jacobians(net, roundoff)
    if error is None:
        raise Undecided("ill-conditioned in this precision")
    size = J.shape[1]
    norms, away = np.linalg.norm(J, axis=(1, 2)), np.linalg.norm(np.linalg.inv(J), axis=(1, 2))
    own = orthogonality_bound(size, roundoff.unit) + roundoff.gamma(size) * size
    relative = away * (np.linalg.norm(error, axis=(1, 2)) + own * norms) * (1 + away * norms * roundoff.gamma(size**2))
    if not np.all(relative < 0.5):
        raise Undecided("a Jacobian is singular to working precision")
    direct = np.linalg.cond(net.W) * roundoff.gamma(size) * size * 2 ** (size - 1)  # the LU factors of W
    scales = (norms, away, np.linalg.norm(net.W), np.linalg.norm(np.linalg.inv(net.W)))
    logs = size * sum(np.abs(np.log(scale)) for scale in scales)  # no logarithm that is added up exceeds these
    rounding = roundoff.gamma(4 + net.steps + size) * logs + size * orthogonality_bound(size, roundoff.unit)
    return float(np.mean(rounding - size * np.log1p(-relative)) + direct)


def update_satisfies(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """The sum of the eigenvalues of W − η ∂L/∂W, both the subject's, with η = 1/4, against what is evaluated."""
    step = 0.25
    with precision(BITS):
        (environment,) = net.environments(Balls(), statement)
        environment[eta] = arb(step)
        right = Balls().matrix([[evaluate(statement.rhs, Balls(), environment)]])
    for dtype, gradients, bounds in in_both_formats(subject, "gradients", net):
        if dtype != "float64":
            continue
        unit, size = Roundoff.of(np.float64).unit, len(net.W)
        moved = net.W - step * np.asarray(gradients["W"])
        total = float(np.sum(offered(subject, "eigenvalues")(moved)).real)
        norm = float(np.linalg.norm(moved))
        room = size * eigenvalue_bound(size, unit, norm) + step * float(np.trace(bounds.gradients["W"]))
        room += 2 * size * unit * (float(np.abs(net.W).max()) + step * float(np.abs(gradients["W"]).max()))
        yield agree("the sum of the eigenvalues", [[total]], right, np.array([[room]]))


def moved_radius(subject: Any, seed: int) -> float:
    """1 if a gradient step of a random tanh net moves ρ(W) by more than rounding could, else 0."""
    size, steps = 8, 6
    rng = np.random.default_rng(seed)
    W_0 = np.asarray(offered(subject, "normal_init")(size, std=size**-0.5, seed=seed))
    parameters = {"W": W_0, "U": rng.normal(size=(size, 3)), "V": rng.normal(size=(2, size)) / size**0.5}
    parameters |= {"b": np.zeros(size), "c": np.zeros(2), "h0": np.zeros((4, size))}
    inputs, targets = rng.normal(size=(steps, 4, 3)), rng.integers(0, 2, size=(steps, 4))
    how = {"activation": "tanh", "loss": "cross_entropy", "reduction": "mean"}
    gradient = offered(subject, "gradients")(parameters, inputs, targets, **how)["W"]
    before, after = (_radius(subject, matrix) for matrix in (W_0, W_0 - 0.1 * gradient))
    condition = float(np.linalg.cond(np.linalg.eig(W_0).eigenvectors))
    room = 4 * condition * eigenvalue_bound(size, Roundoff.of(np.float64).unit, float(np.linalg.norm(W_0)))
    return float(abs(after - before) > room)


def _radius(subject: Any, matrix: Array) -> float:
    return float(np.max(np.abs(offered(subject, "eigenvalues")(matrix))))


def largest_exponent(subject: Any, seed: int, gain: float, size: int, steps: int = 200) -> float:
    """The largest exponent of h_t = tanh(W h_{t−1}), W normal with standard deviation g/√n, once h has settled."""
    W_0 = offered(subject, "normal_init")(size, std=gain / size**0.5, seed=seed)
    start = np.full(size, 0.5)
    return float(offered(subject, "autonomous_exponents")(W_0, steps=steps, h0=start, discard=steps // 2)[0])


def gains_satisfy(statement: Any, subject: Any, seed: int) -> Iterator[Comparison]:
    """Relations on λ_1(g) of one random net of 64 units, scaled to each gain."""
    for part in parts(statement):
        (gain,) = part.lhs.args
        found = largest_exponent(subject, seed, float(gain), 64)
        yield truth(f"λ_1({gain}) is {found:.6g}, against {part.rhs}", bool(part.func(found, part.rhs)))


def turns(subject: Any, seed: int) -> float:
    """1 if the net of 64 units settles at g = 3/4 and is chaotic at g = 2, else 0; seeds apart from the property's."""
    low, high = (largest_exponent(subject, 2**21 + seed, gain, 64) for gain in (0.75, 2.0))
    return float(low < 0 < high)


def solves(case: Case) -> bool:
    """Whether (A − λI) x = 0."""
    return decide(says_solution, case) is True


@st.composite
def solved(draw: Any) -> Case:
    """A matrix, one of its eigenvalues and a multiple of the eigenvector; or any number and x = 0."""
    case = draw(diagonalised())
    place = draw(st.integers(0, len(case[W]) - 1))
    column = np.array(case[S])[:, place : place + 1] * draw(st.integers(-2, 2))
    value = float(case[lam][place][0]) if np.any(column) or draw(st.booleans()) else draw(st.integers(-3, 3)) / 2
    return Case({A: case[W], lamda: value, x: column})


def direction_after(arithmetic: Any, environment: Any, time: int) -> Any:
    """``Q_t``: the directions that the Jacobians of the first t steps turn the axes into."""
    if time == 0:
        return arithmetic.identity(environment.integer(n))
    return _factored(arithmetic, _pushed(arithmetic, environment, time))[0]


def stretch_at(arithmetic: Any, environment: Any, time: int) -> Any:
    """``R_t``, triangular: how the Jacobian of step t stretches these directions."""
    return _factored(arithmetic, _pushed(arithmetic, environment, time))[1]


def _pushed(arithmetic: Any, environment: Any, time: int) -> Any:
    """``J_t Q_{t−1}``."""
    if time < 1:
        raise KeyError(f"there is no step {time}")
    before = direction_after(arithmetic, environment, time - 1)
    return arithmetic.matmul(environment[StateJacobian(Integer(time), Integer(time - 1))], before)


def _factored(A: Any, matrix: Any) -> tuple[Any, Any]:
    """Q and R by Gram and Schmidt, column after column."""
    size = A.shape(matrix)[0]
    found: list[list[Any]] = []
    R = [[A.number(0) for _ in range(size)] for _ in range(size)]
    for j in range(size):
        column = [A.entry(matrix, row, j) for row in range(size)]
        for i, known in enumerate(found):
            R[i][j] = sum((a * b for a, b in zip(known, column, strict=True)), A.number(0))
            column = [b - R[i][j] * a for a, b in zip(known, column, strict=True)]
        R[j][j] = A.functions["sqrt"](sum((b * b for b in column), A.number(0)))
        found.append([b / R[j][j] for b in column])
    return A.matrix([[found[j][row] for j in range(size)] for row in range(size)]), A.matrix(R)
