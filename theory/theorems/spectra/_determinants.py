"""Lyapunov exponents of a subject against the volumes of its Jacobians; eigenvalues after its gradient step.

A step of the QR method multiplies J Q and factors it. The computed R belongs to an exactly orthogonal Q and to J + E,
with ‖E‖ ≤ ‖ΔJ‖ + γ ‖J‖ (Higham 2002, theorem 19.4); and |log det(J + E) − log det J| ≤ −n log(1 − ‖J⁻¹‖ ‖E‖).

Systems (A − λI) x = 0 with solutions, exact.

Determinants: of a product, of a step's Jacobian, of a system with a solution, and traces after an update.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from flint import arb
from hypothesis import strategies as st
from numpy.typing import NDArray
from sympy import (
    Eq,
    ImmutableMatrix,
    Integer,
    MatrixSymbol,
    Rational,
    Sum,
    Symbol,
    Trace,
    ZeroMatrix,
    expand,
    log,
    solve,
)
from sympy.matrices.expressions import Determinant, Identity

from backproof.theory.arithmetic import Balls, Roundoff, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, truth
from backproof.theory.confronting.formats import in_both_formats
from backproof.theory.confronting.state_jacobians import step_jacobians
from backproof.theory.confronting.subject import followed, offered
from backproof.theory.evaluation import evaluate
from backproof.theory.evaluation.truth import BITS, decide, environments
from backproof.theory.instances.strategies import SMOOTH, arrays, diagonalised, nets
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import Inner, LossGradient, LyapunovExponent, StateJacobian
from backproof.theory.language.notation import S, T, W, alpha, h, lam, n, t
from backproof.theory.language.relations import parts
from backproof.theory.nets.networks import Net
from backproof.theory.proving.checkers import explicit
from backproof.theory.proving.proof import Proof, Step, Unprovable
from backproof.theory.theorems.spectra._matrices import eigenvalue_bound, orthogonality_bound

i = Symbol("i", integer=True, positive=True)
A, x = MatrixSymbol("A", n, n), MatrixSymbol("x", n, 1)
lamda, eta = Symbol("lambda", real=True), Symbol("eta", positive=True)
UNITS = (2, 3)
volume = log(abs(Determinant(StateJacobian(t, t - 1))))
EXPONENTS = Sum(LyapunovExponent(i), (i, 1, n))


def _entries(name: str, units: int, upper: bool = False) -> ImmutableMatrix:
    return ImmutableMatrix(units, units, lambda r, c: Integer(0) if upper and r > c else Symbol(f"{name}_{r}{c}"))


def volumes(statement: Any) -> Iterator[Step]:
    """Proof lines for ``Σ λ_i = weight Σ_t log |det J_t|``, from J_t Q_{t−1} = Q_t R_t."""
    yield Step(
        why="The determinant of a product is the product of the determinants",
        relation=Eq(Symbol("det AB"), Symbol("det A det B")),
        checker=lambda _: all(_multiplies(units) for units in UNITS),
        method="componentwise, 2 and 3 units",
        shown=r"\det(A B) = \det A \, \det B",
    )
    d = Symbol("d", real=True)
    yield Step(
        why="So |det Q| = 1, as (det Q)² = det QᵀQ = det I = 1",
        relation=Eq(Symbol("|det Q|"), 1),
        checker=lambda _: {abs(root) for root in solve(d**2 - 1, d)} == {1},
        method="exact",
        shown=r"(\det Q)^2 = 1 \Rightarrow \lvert \det Q \rvert = 1",
    )
    yield Step(
        why="and det R is the product of its diagonal",
        relation=Eq(Symbol("det R"), Symbol("prod R_ii")),
        checker=lambda _: all(_diagonal(units) for units in UNITS),
        method="componentwise, 2 and 3 units",
        shown=r"\det R = \prod_i R_{ii}",
    )
    yield Step(
        why="Hence Σ_i log |R_t,ii| = log |det J_t| at every step, and exponents are means of the left over T steps",
        relation=statement,
        checker=_mean_of_volumes,
        method="comparison, any horizon",
    )


def _multiplies(units: int) -> bool:
    first, second = _entries("a", units), _entries("b", units)
    return bool(expand((first * second).det() - first.det() * second.det()) == 0)


def _diagonal(units: int) -> bool:
    triangle, product = _entries("r", units, upper=True), Integer(1)
    for place in range(units):
        product *= triangle[place, place]
    return bool(expand(triangle.det() - product) == 0)


def _mean_of_volumes(line: Any) -> bool:
    """Whether the two sides are one expression once the sum of the exponents is the mean of the volumes."""
    known = {EXPONENTS: Sum(volume, (t, 1, T)) / T}
    return isinstance(line, Eq) and bool(expand(line.lhs.xreplace(known) - line.rhs.xreplace(known)) == 0)


def adjugates(statement: Any) -> Iterator[Step]:
    """Proof lines for ``d x = 0`` where (A − λI) x = 0 and d is claimed to be det(A − λI)."""
    if not isinstance(statement, Eq) or not isinstance(statement.rhs, ZeroMatrix):
        raise Unprovable("the statement does not say that something is 0")
    system = A - lamda * Identity(n)
    yield Step(
        why="adj(M) M = det(M) I, so 0 = adj(M) (M x) = det(M) x for M = A − λ I",
        relation=statement,
        checker=lambda line: all(_annihilates(line.lhs, system, units) for units in UNITS),
        method="componentwise, 2 and 3 units",
    )


def _annihilates(claimed: Any, system: Any, units: int) -> bool:
    M, vector = explicit(system, units), explicit(x, units)
    return all(entry.expand() == 0 for entry in M.adjugate() * (M * vector) - explicit(claimed, units))


def traces(statement: Any) -> Iterator[Step]:
    """Proof lines for the trace of W − η ∂L/∂W, from ∂L/∂W = Σ_t α_t h_{t−1}ᵀ."""
    if not isinstance(statement, Eq) or statement.lhs != Trace(W - eta * LossGradient(W)):
        raise Unprovable("the statement is not an equation for the trace after the update")
    gradient, one = MatrixSymbol("G", n, n), Rational(1)
    yield Step(
        why="The sum of the eigenvalues is the trace: the second coefficient of the characteristic polynomial",
        relation=Eq(Symbol("sum lambda"), Symbol("tr W")),
        checker=lambda _: all(_vieta(units) for units in UNITS),
        method="componentwise, 2 and 3 units",
        shown=r"\det(z I - W) = z^n - \operatorname{tr}(W) z^{n-1} + \cdots",
    )
    total = MatrixSymbol("P", n, 1), MatrixSymbol("Q", n, 1)
    yield Step(
        why="The trace is linear, and that of α hᵀ is ⟨α, h⟩",
        relation=statement,
        checker=lambda line: all(_linear(line.rhs, gradient, total, units, one) for units in UNITS),
        method="componentwise, 2 and 3 units, a step at a time",
    )


def _vieta(units: int) -> bool:
    z, matrix = Symbol("z"), _entries("w", units)
    polynomial = (z * ImmutableMatrix.eye(units) - matrix).det().expand()
    return bool(expand(polynomial.coeff(z, units - 1) + matrix.trace()) == 0)


def _linear(claimed: Any, gradient: Any, total: Any, units: int, one: Any) -> bool:
    """Whether the claim is tr W − η ⟨α, h⟩ for every step's share α hᵀ, and sums all the steps."""
    sums = claimed.atoms(Sum)
    if len(sums) != 1 or next(iter(sums)).limits != ((t, one, T),):
        return False
    (whole,) = sums
    matrix, asked, state = explicit(W, units), explicit(total[0], units), explicit(total[1], units)
    share = Symbol("share")
    value = explicit(claimed.xreplace({whole: share}), units, {share: share, eta: eta})
    body = whole.function.xreplace({alpha[t]: total[0], h[t - 1]: total[1]})
    if not isinstance(whole.function, Inner):
        return False
    moved = (matrix - eta * asked * state.T).trace()
    return bool(expand(value.subs(share, explicit(body, units)) - moved) == 0)


VOLUMES = Proof(
    scope="every horizon, every trajectory with invertible Jacobians; determinants at 2 and 3 units", lines=volumes
)

ADJUGATES = Proof(scope="every matrix of 2 or 3 rows, every number λ", lines=adjugates)
TRACES = Proof(scope="every horizon, every activation and loss; traces at 2 and 3 units", lines=traces)
Array = NDArray[np.float64]


@st.composite
def invertible_nets(draw: Any) -> Net:
    """Smooth nets with W a triangular matrix of halves, its diagonal not zero, its rows in any order."""
    drawn = draw(nets(activations=SMOOTH, batch=(1, 1), regimes=("plain",)))
    size = len(drawn.W)
    diagonal = draw(st.lists(st.sampled_from([1.0, -1.0, 0.5, 2.0]), min_size=size, max_size=size))
    upper = np.triu(draw(arrays(size, size)), 1) + np.diag(diagonal)
    return drawn.with_(W=upper[draw(st.permutations(range(size)))])  # type: ignore[no-any-return]


def exponents_satisfy(statement: Any, subject: Any, net: Net) -> Iterator[Comparison]:
    """An equation between the subject's exponents and what is evaluated in balls, and its own mean of log |det|."""
    roundoff = Roundoff.of(np.float64)
    room = _volume_bound(net, roundoff)
    found = followed(subject, "lyapunov_exponents", net)[0]
    direct = followed(subject, "mean_log_determinant", net)[0]
    with precision(BITS):
        for environment in environments(net, Balls(), statement):
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
        (environment,) = environments(net, Balls(), statement)
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
    return decide(Eq((A - lamda * Identity(n)) * x, ZeroMatrix(n, 1), evaluate=False), case) is True


@st.composite
def solved(draw: Any) -> Case:
    """A matrix, one of its eigenvalues and a multiple of the eigenvector; or any number and x = 0."""
    case = draw(diagonalised())
    place = draw(st.integers(0, len(case[W]) - 1))
    column = np.array(case[S])[:, place : place + 1] * draw(st.integers(-2, 2))
    value = float(case[lam][place][0]) if np.any(column) or draw(st.booleans()) else draw(st.integers(-3, 3)) / 2
    return Case({A: case[W], lamda: value, x: column})
