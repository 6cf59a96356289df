"""PyTorch and JAX under test: gradients as ours to rounding, and no deviations but those that are listed."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backproof import WrongGradient, gradcheck, impl
from backproof.cells import layers
from backproof.referee.deviations import deviating, of_theorem, probed
from backproof.referee.judge import Bench, judge
from backproof.referee.probes import PROBES
from backproof.referee.run import versions
from backproof.referee.subjects import deviations, distributions, load_subject
from backproof.reports.record import TheoremRecord
from backproof.theory.nets.cells import Cell
from backproof.theory.records.catalogue import theorem, theorem_ids

CLIPPING = {
    "squares that overflow in float32",
    "squares that overflow in float64",
    "squares that underflow in float32",
    "negative threshold, by norm",
    "negative threshold, by value",
    "a threshold that float32 does not have",
}
SLOPES = {"slope of tanh where it saturates", "slope of the sigmoid where it saturates"}
EXPECTED = {
    "impl": set(),
    "jax": CLIPPING | SLOPES,
    "torch": CLIPPING
    | SLOPES
    | {
        "norm after clipping",
        "clipping at a small threshold",
        "a gradient below the threshold",
        "the layer called GRU",
    },
}


def cell_named(name: str) -> Cell:
    cell: Cell = import_module(f"backproof.theory.cells.{name}").CELL
    return cell


def named(name: str) -> Any:
    for package in {"torch": ["torch"], "jax": ["jax", "optax"]}.get(name, []):
        pytest.importorskip(package)
    return load_subject(name)


@pytest.fixture(params=["torch", "jax"])
def framework(request: pytest.FixtureRequest) -> tuple[str, Any]:
    return request.param, named(request.param)


def task(dtype: Any, letters: str = "", **initial: tuple[int, ...]) -> tuple[dict[str, Any], Any, Any]:
    random, shapes = np.random.default_rng(3), {"W": (3, 3), "U": (3, 2), "b": (3,)}
    cell = {f"{kind}_{gate}": shape for gate in letters for kind, shape in shapes.items()} if letters else shapes
    every = {**cell, "V": (4, 3), "c": (4,), "h0": (2, 3), **initial}
    parameters = {name: (0.5 * random.normal(size=shape)).astype(dtype) for name, shape in every.items()}
    return parameters, random.normal(size=(5, 2, 2)).astype(dtype), random.integers(0, 4, (5, 2))


def assert_same(found: dict[str, Any], expected: dict[str, Any], dtype: Any) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].dtype == dtype
        room = 256 * np.finfo(dtype).eps * max(np.max(np.abs(value)), 1)
        np.testing.assert_allclose(found[name], value, rtol=0, atol=room, err_msg=name)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("activation", impl.ACTIVATIONS)
def test_elman_nets(framework: tuple[str, Any], activation: str, dtype: Any) -> None:
    subject, at = framework[1], task(dtype)
    settings: Any = {"activation": activation, "reduction": "mean"}
    before = [array.copy() for array in (*at[0].values(), *at[1:])]
    assert subject.loss(*at, **settings) == pytest.approx(
        impl.loss(*at, **settings), rel=64 * float(np.finfo(dtype).eps)
    )
    for function in ("gradients", "contributions"):
        assert_same(getattr(subject, function)(*at, **settings), getattr(impl, function)(*at, **settings), dtype)
    here = {**settings, "step": 3}
    assert_same(subject.contributions_by_distance(*at, **here), impl.contributions_by_distance(*at, **here), dtype)
    lags = (dict(each.jacobian_products(*at[:2], activation=activation)) for each in (subject, impl))
    assert_same(*lags, dtype)
    assert all(np.array_equal(old, new) for old, new in zip(before, (*at[0].values(), *at[1:]), strict=True))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("loss", impl.LOSSES)
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_losses(framework: tuple[str, Any], loss: str, reduction: str, dtype: Any) -> None:
    parameters, inputs, classes = task(dtype)
    numbers = 3 * np.random.default_rng(4).normal(size=(5, 2, 4)).astype(dtype)
    at = parameters, inputs, classes if impl.LOSSES[loss].classes else numbers
    settings: Any = {"loss": loss, "reduction": reduction}
    assert framework[1].loss(*at, **settings) == pytest.approx(
        impl.loss(*at, **settings), rel=64 * float(np.finfo(dtype).eps)
    )
    assert_same(framework[1].gradients(*at, **settings), impl.gradients(*at, **settings), dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gated_nets(framework: tuple[str, Any], dtype: Any) -> None:
    name, subject = framework
    at = task(dtype, "ifqg", s0=(2, 3))
    assert_same(subject.lstm_gradients(*at), impl.lstm_gradients(*at), dtype)
    assert subject.lstm_loss(*at) == pytest.approx(impl.lstm_loss(*at), rel=64 * float(np.finfo(dtype).eps))
    if name == "jax":
        assert_same(subject.gru_gradients(*task(dtype, "zrn")), impl.gru_gradients(*task(dtype, "zrn")), dtype)
    else:
        assert not hasattr(subject, "gru_gradients")  # nn.GRU is another function


@pytest.mark.parametrize("name", ["impl", "torch", "jax"])
def test_the_probes_find_the_deviations_that_are_known(name: str) -> None:
    subject = named(name)
    assert {record.name for record in deviating(subject)} == EXPECTED[name]
    assert len(probed(subject)) >= len(PROBES) - 1


def test_pytorch_clips_by_the_rule_that_it_documents() -> None:
    subject, g = named("torch"), np.array([3.0, 4.0, 12.0])
    for threshold in (1e-6, 0.5, 1.0, 12.9, 13.0, 14.0):
        got = subject.clip_by_norm({"g": g}, threshold).gradients["g"]
        np.testing.assert_allclose(got, g * min(1.0, threshold / (13.0 + 1e-6)), rtol=1e-15)


def test_known_deviations_name_theorems(framework: tuple[str, Any]) -> None:
    assert set(deviations(framework[1])) <= set(theorem_ids())
    assert "clipping/overflow" in deviations(framework[1])


def test_probes_name_theorems_and_ours_excuses_nothing() -> None:
    assert {probe.theorem for probe in PROBES} <= set(theorem_ids())
    assert deviations(impl) == {}
    assert distributions(impl) == ()


def test_versions_of_a_framework_belong_to_the_record(framework: tuple[str, Any]) -> None:
    assert (
        versions(distributions(framework[1])).keys()
        == {"torch": {"torch"}, "jax": {"jax", "jaxlib", "optax"}}[framework[0]]
    )


def test_a_known_deviation_is_reported_and_the_proof_judges() -> None:
    bench = Bench(subject=named("torch"), name="torch", profile="dev")
    record = judge("clipping/by_norm", theorem("clipping/by_norm"), bench)
    assert isinstance(record, TheoremRecord)
    assert record.verdict == "proved"
    assert record.problems == ()
    assert record.property.counterexample is not None
    assert all(mutant.killed_by == ("proof",) for mutant in record.mutants)
    deviation = of_theorem(record, bench.subject)
    assert deviation is not None
    assert "1e-6" in deviation.why


def test_a_known_deviation_that_does_not_show_fails() -> None:
    excused = SimpleNamespace(**vars(impl), DEVIATIONS={"clipping/by_norm": "it is said to"})
    bench = Bench(subject=excused, name="excused", profile="dev")
    record = judge("clipping/by_norm", theorem("clipping/by_norm"), bench)
    assert isinstance(record, TheoremRecord)
    assert record.verdict == "failed"
    assert "no instance shows it" in record.problems[0]


def test_nothing_is_excused_once_a_fault_is_planted() -> None:
    excused = SimpleNamespace(DEVIATIONS={"clipping/by_norm": "it is said to"})
    assert Bench(subject=excused).known_deviation("clipping/by_norm") == "it is said to"
    assert Bench(subject=excused).known_deviation("clipping/by_value") is None
    assert Bench(subject=excused, fault="any").known_deviation("clipping/by_norm") is None


@pytest.mark.parametrize("id", ["gradients/recurrent_weights", "gradients/adjoint_recursion", "clipping/by_value"])
def test_theorems_stand_on_pytorch(id: str) -> None:
    record = judge(id, theorem(id), Bench(subject=named("torch"), name="torch", profile="dev"))
    assert isinstance(record, TheoremRecord)
    assert record.problems == ()
    assert record.property.examples > 0


@pytest.mark.parametrize("name", ["gru_reset_after", "lstm_projection"])
def test_the_gated_layers_of_pytorch_are_the_cells_that_they_are_said_to_be(name: str) -> None:
    named("torch")
    from backproof.impl.adapters import torch_cells

    gradcheck(getattr(torch_cells, name), cell_named(name))


@pytest.mark.parametrize("name", ["gru_reset_after", "lstm_projection"])
@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 2)])
def test_stacks_directions_and_packed_sequences_of_pytorch_are_layers_of_cells(
    name: str, lengths: bool, shape: tuple[int, ...]
) -> None:
    """Shapes are the number of directions of each layer."""
    named("torch")
    from backproof.impl.adapters import torch_cells

    cell = cell_named(name)
    gradcheck(getattr(torch_cells, name), layers(*((cell,) * ways for ways in shape), lengths=lengths))


@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize("shape", [(1,), (1, 1, 1), (2, 2)])
def test_the_lstm_of_jax_is_layers_of_cells(lengths: bool, shape: tuple[int, ...]) -> None:
    """Shapes are the number of directions of each layer."""
    named("jax")
    from backproof.impl.adapters.jax_cells import lstm

    gradcheck(lstm, layers(*((cell_named("lstm"),) * ways for ways in shape), lengths=lengths))


def test_a_bias_of_pytorchs_gru_that_is_forgotten_is_missed() -> None:
    named("torch")
    from backproof.impl.adapters.torch_cells import gru_reset_after

    with pytest.raises(WrongGradient, match="∂L/∂d_g"):
        gradcheck(
            lambda *at: gru_reset_after(*at) | {"d_g": np.zeros_like(at[0]["d_g"])}, cell_named("gru_reset_after")
        )
