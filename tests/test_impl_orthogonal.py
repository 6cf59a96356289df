"""Updates that keep a matrix orthogonal, and the plain one that leaves at first order."""

import numpy as np
import pytest
from scipy.linalg import expm

from backproof import impl
from backproof.impl.orthogonal import cayley_step, departure, exponential_step, plain_step, skew_gradient

STEPS = [cayley_step, exponential_step, plain_step]
KEEPING = STEPS[:2]
# The solver and the eigenvalue algorithm have a backward error of C n² u, with C a small integer (Higham 2002,
# theorems 9.4 and 19.4); partial pivoting does not grow the entries of I + S beyond that for these.
C = 10


def roundoff(dtype=np.float64):
    return float(np.finfo(dtype).eps) / 2


def case(n, seed, dtype=np.float64):
    gradient = np.random.default_rng(seed).normal(size=(n, n)).astype(dtype)
    return impl.orthogonal_init(n, seed=seed, dtype=dtype), gradient


def stiffness(Q, gradient, rate):
    """The condition of I + ½ηA, at most 1 + ½η‖A‖: its eigenvalues are 1 + imaginary numbers."""
    return 1 + 0.5 * rate * np.linalg.norm(skew_gradient(Q, gradient), 2)


@pytest.mark.parametrize("step", KEEPING)
@pytest.mark.parametrize("rate", [1e-6, 0.1, 1.0, 100.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 2, 8])
def test_orthogonality_survives(step, rate, dtype, n):
    Q, gradient = case(n, n, dtype)
    moved = step(Q, gradient, rate=rate)
    assert moved.dtype == dtype
    assert moved.shape == (n, n)
    added = C * n**2 * roundoff(dtype) * stiffness(Q, gradient, rate)
    assert departure(moved) <= departure(Q) + added


@pytest.mark.parametrize("rate", [2.0**-k for k in (4, 8, 12, 16)])
@pytest.mark.parametrize("seed", range(3))
def test_the_plain_step_leaves_at_first_order(rate, seed):
    Q, gradient = case(5, seed)
    first_order = np.linalg.norm(Q.T @ gradient + gradient.T @ Q, 2)
    second_order = np.linalg.norm(gradient, 2) ** 2
    found = departure(plain_step(Q, gradient, rate=rate))
    assert first_order > 1
    assert abs(found - rate * first_order) <= rate**2 * second_order + C * 5**2 * roundoff()


def test_a_plain_step_along_the_group_leaves_at_second_order():
    Q, gradient = case(5, 0)
    tangent = 0.5 * skew_gradient(Q, gradient) @ Q
    found = departure(plain_step(Q, tangent, rate=0.125))
    assert abs(found - 0.125**2 * np.linalg.norm(tangent, 2) ** 2) <= C * 5**2 * roundoff()


@pytest.mark.parametrize("rate", [1e-3, 0.1, 3.0])
def test_the_exponential_is_that_of_scipy(rate):
    Q, gradient = case(6, 1)
    A = rate * skew_gradient(Q, gradient)
    allowed = C * 6**2 * roundoff() * (1 + np.linalg.norm(A, 2))
    assert np.linalg.norm(exponential_step(Q, gradient, rate=rate) - expm(-A) @ Q, 2) <= allowed


@pytest.mark.parametrize("rate", [2.0**-k for k in (2, 5, 8)])
def test_cayley_and_exponential_agree_to_second_order(rate):
    Q, gradient = case(6, 2)
    size = rate * np.linalg.norm(skew_gradient(Q, gradient), 2)
    # They turn by x and by 2 arctan(x/2) in the planes of A, and |x - 2 arctan(x/2)| ≤ x³/12.
    difference = cayley_step(Q, gradient, rate=rate) - exponential_step(Q, gradient, rate=rate)
    assert np.linalg.norm(difference, 2) <= size**3 / 12 + C * 6**2 * roundoff() * (1 + size)


@pytest.mark.parametrize("step", KEEPING)
def test_the_loss_falls_at_half_the_square_of_the_skew_gradient(step):
    Q, gradient = case(5, 3)
    rate, size = 2.0**-12, np.linalg.norm(skew_gradient(Q, gradient))
    fall = -(gradient * (step(Q, gradient, rate=rate) - Q)).sum() / rate
    # Linear loss ⟨G, Q⟩: what is left out is ½η ⟨G, A²Q⟩ and smaller.
    assert abs(fall - 0.5 * size**2) <= rate * size**2 * np.linalg.norm(gradient)


def test_a_thousand_steps_stay_where_plain_ones_drift():
    target = impl.orthogonal_init(6, seed=9)
    ends = {}
    for step in STEPS:
        Q = impl.orthogonal_init(6, seed=8)
        for _ in range(1000):
            Q = step(Q, Q - target + 0.1 * np.ones((6, 6)), rate=0.01)
        ends[step] = departure(Q)
    assert ends[cayley_step] <= 1000 * C * 6**2 * roundoff() * 2
    assert ends[exponential_step] <= 1000 * C * 6**2 * roundoff() * 2
    assert ends[plain_step] > 0.01


def test_skew_gradients_are_skew_to_the_last_bit():
    A = skew_gradient(*case(7, 4))
    np.testing.assert_array_equal(A, -A.T)


@pytest.mark.parametrize("step", STEPS)
def test_arguments_are_checked_and_left_alone(step):
    Q, gradient = case(3, 0)
    before = Q.tobytes(), gradient.tobytes()
    step(Q, gradient, rate=0.5)
    assert (Q.tobytes(), gradient.tobytes()) == before
    with pytest.raises(ValueError, match="Q: expected a square matrix"):
        step(Q[:2], gradient, rate=0.5)
    with pytest.raises(ValueError, match="gradient: expected shape"):
        step(Q, gradient[:2], rate=0.5)
    with pytest.raises(TypeError, match="gradient: expected float64"):
        step(Q, gradient.astype(np.float32), rate=0.5)
    for rate in (0.0, -1.0, np.inf):
        with pytest.raises(ValueError, match="rate"):
            step(Q, gradient, rate=rate)
    with pytest.raises(FloatingPointError, match="overflowed"):
        step(Q, gradient * 1e300, rate=1e300)


def test_the_plain_step_goes_against_the_gradient():
    moved = plain_step(np.eye(2), np.array([[1.0, -2.0], [0.0, 4.0]]), rate=0.25)
    assert moved.tolist() == [[0.75, 0.5], [0.0, 0.0]]
