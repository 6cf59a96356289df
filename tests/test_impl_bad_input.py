"""A wrong argument raises one error that names it, and no argument, right or wrong, is ever modified."""

import copy
import math
import re

import numpy as np
import pytest

from backproof import impl

T, B, N, M, P = 3, 2, 3, 2, 4

LOSS_FUNCTIONS = [
    impl.loss,
    impl.gradients,
    impl.loss_and_gradients,
    impl.contributions,
    lambda *args, **options: impl.contributions_by_distance(*args, step=2, **options),
]
RUN_FUNCTIONS = [
    impl.forward,
    impl.step_jacobians,
    impl.jacobian_products,
    impl.jacobian_norms,
]


def arguments():
    rng = np.random.default_rng(1)
    params = impl.init_params(N, M, P, seed=0) | {"h0": rng.normal(size=(B, N))}
    return params, rng.normal(size=(T, B, M)), rng.integers(0, P, (T, B))


def with_param(name, array):
    params, inputs, targets = arguments()
    return params | {name: array}, inputs, targets


def without_param(name):
    params, inputs, targets = arguments()
    del params[name]
    return params, inputs, targets


def with_inputs(inputs):
    return arguments()[0], inputs, arguments()[2]


def spoilt(array, entry):
    array = array.copy()
    array.flat[-1] = entry
    return array


PARAMS = arguments()[0]
BAD_NETS = {
    "not a mapping": (list(PARAMS.values()), *arguments()[1:], TypeError, "params: .* mapping .* got list"),
    "missing": (*without_param("W"), ValueError, r"params: expected .* got no 'W'"),
    "unknown": (*with_param("Wx", PARAMS["W"]), ValueError, "params: unknown parameter 'Wx'"),
    "unknown, no name": (*with_param(3, PARAMS["W"]), ValueError, "params: unknown parameter 3"),
    "W not square": (
        *with_param("W", np.zeros((N, N + 1))),
        ValueError,
        r"params\['W'\]: .*\(3, 3\).*\(3, 4\)",
    ),
    "W empty": (
        *with_param("W", np.zeros((0, 0))),
        ValueError,
        r"params\['W'\]: expected a non-empty matrix",
    ),
    "W flat": (*with_param("W", np.zeros(N)), ValueError, r"params\['W'\]: expected .* matrix.*\(3,\)"),
    "V flat": (*with_param("V", np.zeros(N)), ValueError, r"params\['V'\]: expected .* matrix.*\(3,\)"),
    "U": (
        *with_param("U", np.zeros((M, N))),
        ValueError,
        r"params\['U'\]: expected shape \(3, 2\).*\(2, 3\)",
    ),
    "V": (
        *with_param("V", np.zeros((P, 1))),
        ValueError,
        r"params\['V'\]: expected shape \(4, 3\).*\(4, 1\)",
    ),
    "b": (*with_param("b", np.zeros((N, 1))), ValueError, r"params\['b'\]: expected shape \(3,\).*\(3, 1\)"),
    "c": (*with_param("c", np.zeros(N)), ValueError, r"params\['c'\]: expected shape \(4,\).*\(3,\)"),
    "h0": (*with_param("h0", np.zeros(N)), ValueError, r"params\['h0'\]: expected shape \(2, 3\).*\(3,\)"),
    "NaN": (*with_param("U", spoilt(PARAMS["U"], math.nan)), ValueError, r"params\['U'\]: .*finite.* nan"),
    "infinite": (
        *with_param("c", spoilt(PARAMS["c"], -math.inf)),
        ValueError,
        r"params\['c'\]: .*finite.* -inf",
    ),
    "integers": (*with_param("W", np.eye(N, dtype=int)), TypeError, r"params\['W'\]: .*float.* int64"),
    "half": (*with_param("W", np.eye(N, dtype=np.float16)), TypeError, r"params\['W'\]: .*float.* float16"),
    "complex": (*with_param("b", np.zeros(N, complex)), TypeError, r"params\['b'\]: .*float.* complex128"),
    "a list": (*with_param("b", [0.0] * N), TypeError, r"params\['b'\]: .*array.* list"),
    "h0 None": (*with_param("h0", None), TypeError, r"params\['h0'\]: .*array.* NoneType"),
    "mixed": (*with_param("b", np.zeros(N, np.float32)), TypeError, r"params\['b'\]: .*float64.*float32"),
    "inputs mixed": (
        *with_inputs(np.zeros((T, B, M), np.float32)),
        TypeError,
        "inputs: expected float64.*float32",
    ),
    "inputs integer": (*with_inputs(np.zeros((T, B, M), int)), TypeError, "inputs: .*float.* int64"),
    "inputs list": (*with_inputs([[[0.0] * M]]), TypeError, "inputs: .*array.* list"),
    "inputs NaN": (*with_inputs(np.full((T, B, M), math.nan)), ValueError, "inputs: .*finite.* nan"),
    "inputs flat": (*with_inputs(np.zeros((T, M))), ValueError, r"inputs: .*\(T, B, m\).*\(3, 2\)"),
    "no steps": (*with_inputs(np.zeros((0, B, M))), ValueError, r"inputs: .*at least one step.*\(0, 2, 2\)"),
    "no sequences": (*with_inputs(np.zeros((T, 0, M))), ValueError, r"inputs: .*one sequence.*\(3, 0, 2\)"),
    "no inputs": (*with_inputs(np.zeros((T, B, 0))), ValueError, r"inputs: .*one input.*\(3, 2, 0\)"),
    "inputs wide": (*with_inputs(np.zeros((T, B, 5))), ValueError, r"params\['U'\]: .*\(3, 5\).*\(3, 2\)"),
}
BAD_TARGETS = {
    "class too large": ("cross_entropy", np.full((T, B), P), ValueError, "from 0 to 3, got 4"),
    "class negative": ("cross_entropy", np.full((T, B), -1), ValueError, "from 0 to 3, got -1"),
    "class as float": ("cross_entropy", np.zeros((T, B)), TypeError, "integer class indices, got .*float64"),
    "class as bool": (
        "cross_entropy",
        np.zeros((T, B), bool),
        TypeError,
        "integer class indices, got .*bool",
    ),
    "class list": ("cross_entropy", [[0] * B] * T, TypeError, "integer class indices, got list"),
    "class shape": ("cross_entropy", np.zeros((B, T), int), ValueError, r"shape \(3, 2\).*\(2, 3\)"),
    "value integer": ("squared_error", np.zeros((T, B, P), int), TypeError, "float.* int64"),
    "value mixed": ("squared_error", np.zeros((T, B, P), np.float32), TypeError, "float64.*float32"),
    "value NaN": ("squared_error", np.full((T, B, P), math.nan), ValueError, "finite.* nan"),
    "value shape": ("squared_error", np.zeros((T, B)), ValueError, r"shape \(3, 2, 4\).*\(3, 2\)"),
}
BAD_NAMES = [
    ({"activation": "swish"}, ValueError, "activation: expected one of 'tanh', .*, got 'swish'"),
    ({"activation": np.tanh}, TypeError, "activation: expected one of the names .*, got ufunc"),
    ({"loss": "hinge"}, ValueError, "loss: expected one of 'cross_entropy', .*, got 'hinge'"),
    ({"reduction": "none"}, ValueError, "reduction: expected one of 'sum', 'mean', got 'none'"),
    ({"reduction": None}, TypeError, "reduction: expected one of the names .*, got NoneType"),
]
G = {"W": np.ones(2), "b": np.ones(2)}
BAD_CLIPS = {
    "threshold negative": (G, -1, ValueError, "threshold: expected a number ≥ 0, got -1"),
    "threshold NaN": (G, math.nan, ValueError, "threshold: expected a number ≥ 0, got nan"),
    "threshold text": (G, "1", TypeError, "threshold: expected a real number, got str"),
    "threshold bool": (G, True, TypeError, "threshold: expected a real number, got bool"),
    "infinite": (G | {"b": np.array([1, math.inf])}, 1.0, ValueError, r"gradients\['b'\]: .*finite.* inf"),
    "NaN": (G | {"b": np.array([1, math.nan])}, 1.0, ValueError, r"gradients\['b'\]: .*finite.* nan"),
    "integers": (G | {"b": np.ones(2, int)}, 1.0, TypeError, r"gradients\['b'\]: .*float.* int64"),
    "mixed": (G | {"b": np.ones(2, np.float32)}, 1.0, TypeError, r"gradients\['b'\]: .*float64.*float32"),
    "a list": ([np.ones(2)], 1.0, TypeError, "gradients: expected a mapping .* got list"),
    "none": ({}, 1.0, ValueError, "gradients: expected at least one array"),
}
BAD_CALLS = [
    (lambda: impl.normal_init(0, std=1.0, seed=0), ValueError, "n: expected an integer ≥ 1, got 0"),
    (lambda: impl.normal_init(2.0, std=1.0, seed=0), TypeError, "n: expected an integer, got float"),
    (lambda: impl.normal_init(2, std=-1.0, seed=0), ValueError, "std: expected a number > 0, got -1"),
    (lambda: impl.normal_init(2, std="1", seed=0), TypeError, "std: expected a real number, got str"),
    (lambda: impl.normal_init(2, std=math.inf, seed=0), ValueError, "std: expected a finite number, got inf"),
    (lambda: impl.normal_init(2, std=1.0, seed=-1), ValueError, "seed: expected an integer ≥ 0, got -1"),
    (lambda: impl.orthogonal_init(2, seed=None), TypeError, "seed: expected an integer, got NoneType"),
    (lambda: impl.orthogonal_init(2, seed=0, dtype=int), TypeError, "dtype: expected float32 or float64"),
    (lambda: impl.semi_orthogonal_init(0, 2, seed=0), ValueError, "rows: expected an integer ≥ 1, got 0"),
    (lambda: impl.semi_orthogonal_init(2, 1.0, seed=0), TypeError, "columns: expected an integer, got float"),
    (lambda: impl.semi_orthogonal_init(2, 3, seed=-1), ValueError, "seed: expected an integer ≥ 0, got -1"),
    (lambda: impl.semi_orthogonal_init(2, 3, seed=0, dtype=int), TypeError, "dtype: expected float32 or float64"),
    (lambda: impl.identity_init(2, dtype="no dtype"), TypeError, "dtype: expected float32 or float64"),
    (lambda: impl.identity_init(2, dtype=None), TypeError, "dtype: expected float32 or float64, got None"),
    (lambda: impl.init_params(2, 0, 2, seed=0), ValueError, "m: expected an integer ≥ 1, got 0"),
    (lambda: impl.init_params(2, 2, 2, recurrent="unit", seed=0), ValueError, "recurrent: expected one of"),
    (
        lambda: impl.eigenvalues(np.ones((2, 3))),
        ValueError,
        r"W: expected a square matrix, got shape \(2, 3\)",
    ),
    (lambda: impl.spectral_norm(np.eye(2, dtype=int)), TypeError, "W: .*float.* int64"),
    (lambda: impl.spectral_radius(np.full((2, 2), math.nan)), ValueError, "W: .*finite.* nan"),
    (lambda: impl.condition_of_eigenvectors(np.ones((0, 0))), ValueError, "W: expected a square matrix"),
]


def raises_and_leaves_alone(function, args, options, error, message):
    before = copy.deepcopy(args)
    with pytest.raises(error) as caught:
        function(*args, **options)
    assert type(caught.value) is error
    assert re.match(message, str(caught.value)), str(caught.value)
    np.testing.assert_equal(args, before)


@pytest.mark.parametrize("bad", BAD_NETS)
def test_bad_params_and_inputs(bad):
    params, inputs, targets, error, message = BAD_NETS[bad]
    for function in LOSS_FUNCTIONS:
        raises_and_leaves_alone(function, (params, inputs, targets), {}, error, message)
    for function in RUN_FUNCTIONS:
        raises_and_leaves_alone(function, (params, inputs), {}, error, message)


@pytest.mark.parametrize("name", ["W", "U", "V", "b", "c"])
def test_every_parameter_but_h0_has_to_be_there(name):
    message = f"params: expected 'W', 'U', 'V', 'b', 'c', got no '{name}'$"
    raises_and_leaves_alone(impl.gradients, without_param(name), {}, ValueError, message)
    impl.gradients(*without_param("h0"))


@pytest.mark.parametrize("bad", BAD_TARGETS)
def test_bad_targets(bad):
    loss, targets, error, message = BAD_TARGETS[bad]
    for function in LOSS_FUNCTIONS:
        args = (*arguments()[:2], targets)
        raises_and_leaves_alone(function, args, {"loss": loss}, error, f"targets: expected.*{message}")


@pytest.mark.parametrize(("options", "error", "message"), BAD_NAMES)
def test_unknown_names(options, error, message):
    for function in LOSS_FUNCTIONS:
        raises_and_leaves_alone(function, arguments(), options, error, message)
    if "activation" in options:
        for function in RUN_FUNCTIONS:
            raises_and_leaves_alone(function, arguments()[:2], options, error, message)


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (0, ValueError, "step: expected an integer from 1 to 3, got 0"),
        (T + 1, ValueError, "step: expected an integer from 1 to 3, got 4"),
        (1.0, TypeError, "step: expected an integer, got float"),
        (True, TypeError, "step: expected an integer, got bool"),
    ],
)
def test_bad_step(step, error, message):
    raises_and_leaves_alone(impl.contributions_by_distance, arguments(), {"step": step}, error, message)


@pytest.mark.parametrize("clip", [impl.clip_by_norm, impl.clip_by_value])
@pytest.mark.parametrize("bad", BAD_CLIPS)
def test_bad_clipping(clip, bad):
    gradients, threshold, error, message = BAD_CLIPS[bad]
    raises_and_leaves_alone(clip, (gradients, threshold), {}, error, message)


@pytest.mark.parametrize("directions", [{"W": np.ones(2)}, {"W": np.ones(2), "b": np.ones((2, 1))}])
def test_bad_directions(directions):
    message = "directions: expected the names and shapes of the gradients"
    raises_and_leaves_alone(impl.clip_by_norm_derivative, (G, directions, 1.0), {}, ValueError, message)
    for gradients, threshold, error, message in BAD_CLIPS.values():
        raises_and_leaves_alone(impl.clip_by_norm_derivative, (gradients, G, threshold), {}, error, message)


@pytest.mark.parametrize(("call", "error", "message"), BAD_CALLS)
def test_bad_initialisers_and_matrices(call, error, message):
    raises_and_leaves_alone(call, (), {}, error, message)


def test_good_arguments_are_left_alone():
    args = arguments()
    before = copy.deepcopy(args)
    for function in LOSS_FUNCTIONS:
        function(*args)
    for function in RUN_FUNCTIONS:
        function(*args[:2])
    impl.clip_by_norm(args[0], 0.1)
    impl.clip_by_value(args[0], 0.1)
    np.testing.assert_equal(args, before)
