"""One derivation, any arithmetic: the same gradients in all of them, radii that enclose, bounds that are met."""

import mpmath
import numpy as np
import pytest
from flint import arb, fmpq
from sympy import Eq, Lambda, Max, Rational, Symbol, exp, tanh
from sympy.codegen.cfunctions import log1p

from backproof.theory.arithmetic import (
    Approximate,
    Balls,
    Dual,
    Duals,
    Floats,
    Multiprecision,
    NotOffered,
    Rationals,
    Rounded,
    Roundoff,
    Undecided,
    precision,
)
from backproof.theory.arithmetic.eigenvalues import ROWS, eigenvalues
from backproof.theory.arithmetic.exact import rational
from backproof.theory.arithmetic.symbolic import Symbolic
from backproof.theory.confronting.comparison import midpoints
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.strategies import EVERY, LOSS_NAMES
from backproof.theory.language.nodes import NamedFunction, StepLossGradient
from backproof.theory.language.notation import T, h, t
from backproof.theory.nets.networks import NAMES, Net, net
from backproof.theory.nets.unrolled import Unrolled

DOUBLE, SINGLE = (Roundoff.of(dtype) for dtype in (np.float64, np.float32))


def drawn(seed, units=3, steps=4, activation="tanh", loss="cross_entropy", gain=1.0):
    """A net of normal numbers, rounded to float32 so that both formats hold it exactly."""
    rng = np.random.default_rng(seed)

    def normal(*shape, scale=1.0):
        return (rng.normal(size=shape) * scale).astype(np.float32).astype(np.float64)

    outputs, width = 3, 2
    classes = rng.integers(0, outputs, (steps, 1))
    return Net(
        W=normal(units, units, scale=gain / np.sqrt(units)),
        U=normal(units, width, scale=0.7),
        V=normal(outputs, units, scale=1 / np.sqrt(units)),
        b=normal(units, scale=0.3),
        c=normal(outputs, scale=0.3),
        h0=normal(1, units),
        inputs=normal(steps, 1, width),
        targets=classes if loss == "cross_entropy" else normal(steps, 1, outputs),
        activation=activation,
        loss=loss,
    )


def exact(one):
    """Gradients by name in balls."""
    with precision(256):
        return Unrolled(one, Balls()).backward()


def distance(one, other):
    """The largest difference relative to the largest entry."""
    return np.max(np.abs(one - other)) / np.max(np.abs(other))


def as_floats(matrix):
    return np.array([[float(value) for value in row] for row in matrix.tolist()])


@pytest.mark.parametrize("loss", LOSS_NAMES)
@pytest.mark.parametrize("activation", EVERY)
def test_every_arithmetic_gives_the_same_gradients(activation, loss):
    one = drawn(7, activation=activation, loss=loss)
    floats, complexes = (Unrolled(one, Floats(kind)).backward() for kind in (np.float64, np.complex128))
    rounded = Unrolled(one, Rounded(DOUBLE)).backward()
    with mpmath.workdps(40):
        multiprecise = Unrolled(one, Multiprecision()).backward()
    for name, reference in exact(one).items():
        value = midpoints(reference)[0]
        for other in (floats[name], complexes[name].real, rounded[name].value, as_floats(multiprecise[name])):
            assert distance(other, value) < 1e-13
        assert np.all(complexes[name].imag == 0)


@pytest.mark.parametrize("loss", LOSS_NAMES)
@pytest.mark.parametrize("activation", EVERY)
@pytest.mark.parametrize("base", [Floats(), Balls()], ids=lambda base: base.name)
def test_forward_differentiation_agrees_with_the_adjoint_equations(base, activation, loss):
    one = drawn(11, 2, 3, activation, loss)
    with precision(128):
        unrolled = Unrolled(one, base)
        backward = unrolled.backward()
        for name in (*NAMES[:5], "h0"):
            forward = unrolled.loss_gradient(("h", 0) if name == "h0" else (name, None))
            pair = [midpoints(m)[0] if isinstance(base, Balls) else m for m in (forward, backward[name])]
            assert distance(*pair) < 1e-13


def test_a_charged_step_and_a_state_jacobian_are_part_of_the_whole():
    one = drawn(3)
    unrolled = Unrolled(one, Floats())
    whole = unrolled.loss_gradient(("W", None))
    steps = [unrolled.loss_gradient(("W", None), charged=s) for s in range(1, one.steps + 1)]
    copies = [unrolled.loss_gradient(("W", None), copy=s) for s in range(1, one.steps + 1)]
    assert distance(sum(steps), whole) < 1e-14
    assert distance(sum(copies), whole) < 1e-14
    late, middle = unrolled.state_jacobian(4, 2), unrolled.state_jacobian(4, 3) @ unrolled.state_jacobian(3, 2)
    assert distance(middle, late) < 1e-14
    assert not np.any(unrolled.state_jacobian(1, 2))


@pytest.mark.parametrize("activation", ["identity", "relu"])
@pytest.mark.parametrize("bits", [24, 53, 256])
def test_balls_enclose_exact_rationals(activation, bits):
    one = drawn(5, activation=activation, loss="squared_error")
    with precision(bits):
        enclosing = Unrolled(one, Balls()).backward()
        for name, matrix in Unrolled(one, Rationals()).backward().items():
            for ball, value in zip(enclosing[name].entries(), matrix.entries(), strict=True):
                off = abs(ball.mid().fmpq() - value)
                assert off <= ball.rad().fmpq()
                assert ball.rad().fmpq() < fmpq(1, 2 ** (bits // 4))


def test_more_bits_shrink_the_balls():
    one = drawn(5)
    radii = []
    for bits in (64, 128, 256):
        with precision(bits):
            radii.append(max(float(ball.rad()) for ball in Unrolled(one, Balls()).backward()["W"].entries()))
    assert radii[0] > 1e15 * radii[1] > 1e30 * radii[2]


def test_rationals_refuse_by_name_what_they_cannot_do():
    with pytest.raises(NotOffered, match="exact rationals have no tanh"):
        Unrolled(drawn(1), Rationals())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_has_no_ball_and_no_rational(value):
    with pytest.raises((ValueError, OverflowError)):
        rational(value)
    with pytest.raises(ValueError, match="finite"):
        Balls().scalar(value)


def test_a_fraction_inside_a_function_of_entries_is_not_rounded():
    z = Symbol("z", real=True)
    third = Lambda(z, z / 3 + Rational(1, 7))
    assert Rationals().apply(third, Rationals().matrix([[1]]))[0, 0] == fmpq(10, 21)
    with precision(256):
        found = Balls().apply(third, Balls().matrix([[1]]))[0, 0]
        assert (21 * found - 10).contains(0)
        assert abs(21 * found - 10) < 1e-60
        assert abs(21 * Multiprecision().apply(third, Multiprecision().matrix([[1]]))[0, 0] - 10) < 1e-14
    assert Symbolic().apply(third, Symbolic().matrix([[1]]))[0, 0] == Rational(10, 21)


def test_the_huber_loss_has_exact_values_where_everything_is_rational():
    halves = net(W=[[0.5]], inputs=[[1.0], [3.0]], targets=[[0.25], [0.5]], activation="identity", loss="huber")
    statement = Eq(StepLossGradient(h[t], t), StepLossGradient(h[t], t).T, evaluate=False)
    assert decide(statement, halves) is True


def test_one_over_a_count_is_an_exact_number_and_no_float():
    assert evaluate(1 / T, Rationals(), Environment({T: 3})) == fmpq(1, 3)
    with precision(256):
        assert abs(3 * evaluate(1 / T, Balls(), Environment({T: 3})) - 1) < 1e-60


def test_a_ball_across_a_kink_is_undecided():
    relu = net(W=[[1]], inputs=[[1]], activation="relu").phi.derivatives[1]
    with pytest.raises(Undecided, match="straddles"):
        Balls().apply(relu, Balls().matrix([[arb(0, 0.1)]]))
    assert Balls().apply(relu, Balls().matrix([[0]]))[0, 0] == 0


@pytest.mark.parametrize("count", [0, 1, 2, 3, -1])
@pytest.mark.parametrize("middle", [0, 2])
def test_balls_around_zero_have_powers(middle, count):
    x = Symbol("x", real=True)
    ball = arb(middle, 0.5)
    assert evaluate(x**count, Balls(), Environment({x: 2})) == 2.0**count  # a size or a time
    value = evaluate(x**count, Balls(), Environment({x: ball}))
    if middle == 0 and count < 0:
        assert not value.is_finite()
        return
    for point in (middle - 0.5, middle, middle + 0.5):
        assert value.contains(arb(point) ** count)
    if count > 1:
        applied = Balls().apply(Lambda(x, x**count), Balls().matrix([[ball]]))[0, 0]
        assert applied.is_finite()
        assert applied.contains(value.mid())


def test_a_jordan_block_known_approximately_is_undecided():
    block = [[arb(1, 1e-10), 1, 0], [arb(0, 1e-10), arb(1, 1e-10), 1], [arb(0, 1e-10), 0, arb(1, 1e-10)]]
    with precision(64), pytest.raises(Undecided, match="not separated"):
        eigenvalues(Balls().matrix(block))


def test_dual_numbers_refuse_a_function_without_a_derivative():
    with pytest.raises(TypeError, match="need a SymPy function"):
        Duals(Floats()).map(abs, Duals(Floats()).matrix([[1]]))


class log_cosh(NamedFunction):  # noqa: N801
    """|z| + log1p(exp(−2|z|)) = log(2 cosh z), a function that no arithmetic knows."""

    def fdiff(self, argindex=1):
        return tanh(self.args[0])

    @property
    def stable(self):
        size = 2 * Max(self.args[0], 0) - self.args[0]
        return size + log1p(exp(-2 * size))


@pytest.mark.parametrize("point", [0.75, -0.75, 30.0, -800.0])
def test_a_function_of_its_own_name_needs_no_arithmetic_to_know_it(point):
    z = Symbol("z", real=True)
    function = Lambda(z, log_cosh(z))
    with mpmath.workdps(50), precision(256):
        true, ball = mpmath.log(2 * mpmath.cosh(mpmath.mpf(point))), (2 * arb(point).cosh()).log()
        assert abs(Multiprecision().apply(function, Multiprecision().matrix([[point]]))[0, 0] - true) < 1e-45
        assert Balls().apply(function, Balls().matrix([[point]]))[0, 0].overlaps(ball)
        assert evaluate(log_cosh(z), Balls(), Environment({z: arb(point)})).overlaps(ball)
    for dtype in (np.float64, np.longdouble, np.complex128):
        at = point + 1e-200j if dtype is np.complex128 else point
        got = Floats(dtype).apply(function, Floats(dtype).matrix([[at]]))
        assert abs(got[0, 0].real - float(true)) <= 4 * np.finfo(np.float64).eps * float(true)
    assert got[0, 0].imag / 1e-200 == pytest.approx(np.tanh(point), rel=1e-14)
    moved = Duals(Floats()).apply(function, Dual(np.array([[point]]), np.array([[2.0]])))
    assert moved.tangent[0, 0] == 2 * np.tanh(point)
    rough = Rounded(DOUBLE).apply(function, Approximate(np.array([[point]]), np.array([[0.5]]), DOUBLE))
    assert rough.radius[0, 0] == pytest.approx(0.5 * abs(np.tanh(point)), rel=1e-10)
    with pytest.raises(NotOffered, match="exact rationals have no exp"):
        Rationals().apply(function, Rationals().matrix([[point]]))


def test_a_dual_number_takes_the_slope_of_relu_at_its_kink_as_0():
    z = Symbol("z", real=True)
    relu = Lambda(z, Max(0, z))
    for base in (Rationals(), Balls()):
        duals = Duals(base)
        kink = Dual(base.matrix([[0]]), base.matrix([[1]]))
        assert duals.apply(relu, kink).tangent[0, 0] == 0


def test_eigenvalues_of_a_large_matrix_are_undecided_unless_it_is_triangular():
    rows = [[float(i == j or i == j + 1) for j in range(ROWS + 1)] for i in range(ROWS + 1)]
    for triangular in (Balls().matrix(rows), Balls().matrix(rows).transpose()):
        assert Balls().spectral_radius(triangular) == 1
    rows[0][-1] = 1.0
    with pytest.raises(Undecided, match=f"{ROWS + 1} rows"):
        Balls().spectral_radius(Balls().matrix(rows))
