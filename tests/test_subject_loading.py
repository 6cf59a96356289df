"""Subjects by name and by file: what is fitted, what is not offered, and one line for what cannot be loaded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backproof import impl
from backproof.referee.fitting import Fitted
from backproof.referee.judge import Bench, judge
from backproof.referee.ledger import judge_claim
from backproof.referee.property import search
from backproof.referee.run import versions
from backproof.referee.subjects import (
    NotInstalledError,
    SubjectError,
    distributions,
    fitted,
    load_subject,
    named_subjects,
)
from backproof.reports.record import NotOfferedRecord, TheoremRecord
from backproof.theory.confronting.subject import Lacks, drawing_for, suited
from backproof.theory.instances.strategies import nets
from backproof.theory.nets.networks import Net, net
from backproof.theory.records.catalogue import claims, theorem

SETTINGS = {"activation": "tanh", "loss": "cross_entropy", "reduction": "sum"}


def two_functions(**attributes: object) -> SimpleNamespace:
    """The smallest useful subject, made of ours."""
    settings = SETTINGS | {"activation": attributes.get("activation", "tanh")}
    return SimpleNamespace(
        loss=lambda p, x, y: impl.loss(p, x, y, **settings),
        gradients=lambda p, x, y: impl.gradients(p, x, y, **settings),
        **attributes,
    )


@pytest.fixture
def instance() -> Net:
    random = np.random.default_rng(1)
    shapes = {"W": (3, 3), "U": (3, 2), "V": (2, 3), "b": (3,), "c": (2,), "h0": (2, 3), "inputs": (4, 2, 2)}
    arrays = {name: random.normal(size=shape) for name, shape in shapes.items()}
    return net(**arrays, targets=random.integers(0, 2, (4, 2)))


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("no_such_module", "no_such_module"),
        ("no/such.py", "no/such.py"),
        ("impl:Nothing", "Nothing"),
        ("tourch", "did you mean 'torch'?"),
        ("impl:gradient", "did you mean 'gradients'"),
        ("backproof.referee.judge:Bench", "Bench() raises TypeError"),
    ],
)
def test_what_cannot_be_loaded_is_one_line(name: str, word: str) -> None:
    with pytest.raises(SubjectError) as caught:
        load_subject(name)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_framework_that_is_missing_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "backproof.impl.adapters.torch", raising=False)
    with pytest.raises(SubjectError, match="PyTorch is not installed: pip install torch, or make torch"):
        load_subject("torch")


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A distribution of somebody else's that offers subjects by name."""
    info = tmp_path / "their_nets-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-nets\nVersion: 1.0\n", encoding="utf-8")
    names = "theirs = their_nets\nbetter = their_nets:Nets\nimpl = their_nets\nbroken = their_nets.missing\n"
    (info / "entry_points.txt").write_text(f"[backproof.subjects]\n{names}", encoding="utf-8")
    (tmp_path / "their_nets.py").write_text(
        "from backproof.impl import gradients, loss\n"
        "DISTRIBUTIONS = ('their-nets',)\n"
        "DEVIATIONS = {'clipping/by_norm': 'it never clips'}\n"
        "class Nets:\n    inner = 3\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("their_nets", None)


def test_another_distribution_offers_a_subject_by_name(theirs: Path) -> None:
    subject = load_subject("theirs")
    assert subject.gradients is impl.gradients
    assert versions(distributions(subject)) == {"their-nets": "1.0"}
    assert Bench(subject=subject).known_deviation("clipping/by_norm") == "it never clips"
    assert type(load_subject("better")).__name__ == "Nets"
    assert load_subject("better:inner") == 3
    assert load_subject("impl") is impl  # ours comes first
    with pytest.raises(NotInstalledError, match=r"^subject 'broken': No module named 'their_nets.missing'"):
        load_subject("broken")


def test_our_own_subjects_are_named_once() -> None:
    assert {"impl", "torch", "jax"} <= named_subjects().keys()


def test_frameworks_are_imported_only_when_chosen() -> None:
    import subprocess

    code = "import sys; from backproof.referee.subjects import load_subject; load_subject('impl')"
    code += "; print({'torch', 'jax'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_file_and_an_object_in_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("class Mine:\n    def clip_by_norm(self, g, threshold): return g\n", encoding="utf-8")
    assert load_subject(f"{file}:Mine").clip_by_norm(1, 2) == 1
    assert hasattr(load_subject(str(file)), "Mine")
    broken = tmp_path / "broken.py"
    broken.write_text("import nothing_of_the_kind\n", encoding="utf-8")
    with pytest.raises(SubjectError, match="ModuleNotFoundError in the file"):
        load_subject(str(broken))


def test_a_full_subject_is_left_alone() -> None:
    assert fitted(impl) is impl
    assert load_subject("impl") is impl


@pytest.mark.parametrize(
    ("attributes", "word"),
    [
        ({"activation": "Tanh"}, "activation says 'Tanh'"),
        ({"layout": "batch"}, "layout says 'batch'"),
        ({"names": {"Wxh": "U"}}, "names says 'Wxh'"),
        ({"names": {"W": "Whh"}}, "names must say what .* is called"),
    ],
)
def test_attributes_that_mean_nothing(attributes: dict[str, object], word: str) -> None:
    with pytest.raises(SubjectError, match=word):
        fitted(two_functions(**attributes))


def test_functions_of_other_arguments() -> None:
    with pytest.raises(SubjectError, match="must take"):
        fitted(SimpleNamespace(gradients=lambda parameters: {}))


def in_another_layout(layout: str) -> SimpleNamespace:
    """Ours, called in a layout, under other names, with U stored transposed."""
    names = {"W": "Whh", "U": "Wxh", "V": "Why", "b": "bh", "c": "by", "h0": "start"}

    def ours(p: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> tuple:
        q = {name: p[theirs] for name, theirs in names.items()} | {"U": p["Wxh"].T.copy()}
        if layout == "BT":
            return q, x.swapaxes(0, 1), y.swapaxes(0, 1)
        if layout == "T":
            return q | {"h0": q["h0"][None]}, x[:, None], y[:, None]
        return q, x, y

    def gradients(p: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
        found = impl.gradients(*ours(p, x, y), reduction="mean")
        found["U"] = found["U"].T
        if layout == "T":
            found["h0"] = found["h0"][0]
        return {theirs: found[name] for name, theirs in names.items()}

    return SimpleNamespace(
        loss=lambda p, x, y: impl.loss(*ours(p, x, y), reduction="mean"),
        gradients=gradients,
        names=names,
        transposed=("U",),
        layout=layout,
        reduction="mean",
    )


@pytest.mark.parametrize("layout", ["TB", "BT", "T"])
def test_layouts_names_and_transposes_are_fitted(layout: str, instance: Net) -> None:
    instance = instance.with_(reduction="mean")
    subject = fitted(in_another_layout(layout))
    task = (instance.parameters, instance.inputs, instance.targets)
    assert subject.loss(*task, **instance.settings) == pytest.approx(impl.loss(*task, **instance.settings), rel=1e-14)
    expected = impl.gradients(*task, **instance.settings)
    for name, gradient in subject.gradients(*task, **instance.settings).items():
        np.testing.assert_allclose(gradient, expected[name], rtol=1e-12, atol=1e-15)


def test_a_subject_may_write_into_its_arguments(instance: Net) -> None:
    def gradients(p: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
        for array in (*p.values(), x, y):
            array *= 0
        return {}

    before = {name: array.copy() for name, array in instance.parameters.items()}
    fitted(SimpleNamespace(gradients=gradients)).gradients(
        instance.parameters, instance.inputs, instance.targets, **instance.settings
    )
    assert all(np.array_equal(before[name], getattr(instance, name)) for name in before)
    assert instance.inputs.any()


def test_instances_with_other_settings_are_not_offered(instance: Net) -> None:
    subject = fitted(two_functions())
    assert suited(subject, instance) is instance
    with pytest.raises(Lacks, match="activation 'relu'"):
        suited(subject, instance.with_(activation="relu"))


def test_parameters_that_a_subject_does_not_have_are_zero(instance: Net) -> None:
    subject = fitted(two_functions(names={name: name for name in ("W", "U", "V")}))
    assert set(subject.without) == {"b", "c", "h0"}
    fit = suited(subject, instance)
    assert not any(np.any(getattr(fit, name)) for name in subject.without)
    with pytest.raises(Lacks, match="the parameter"):
        suited(subject, SimpleNamespace(net=instance))


def test_strategies_draw_what_the_subject_offers() -> None:
    from hypothesis import find

    with drawing_for(fitted(two_functions(activation="relu"))):
        drawn = find(nets(), lambda net: net.steps > 1)
    assert drawn.settings == SETTINGS | {"activation": "relu"}


def test_gradients_that_are_not_returned_are_not_offered() -> None:
    whole = two_functions()
    part = SimpleNamespace(gradients=lambda p, x, y: {"W": whole.gradients(p, x, y)["W"]})
    bench = Bench(subject=fitted(part), name="part", profile="dev")
    record = judge("x", theorem("gradients/recurrent_weights"), bench)
    assert isinstance(record, TheoremRecord)
    assert record.property.offered
    assert record.verdict == "proved"
    record = judge("x", theorem("gradients/hidden_bias"), bench)
    assert isinstance(record, TheoremRecord)
    assert not record.property.offered
    assert record.verdict == "proved"  # by its proof
    assert record.problems == ()
    assert all(mutant.killed_by == ("proof",) for mutant in record.mutants)


def test_a_theorem_of_which_nothing_is_left_is_no_verdict() -> None:
    nothing = Bench(subject=SimpleNamespace(), name="nothing", profile="dev")
    record = judge("spectra/random_normal", theorem("spectra/random_normal"), nothing)
    assert isinstance(record, NotOfferedRecord)
    assert "normal_init" in record.why


def test_claims_that_rest_on_it_are_no_verdict_either() -> None:
    nothing = Bench(subject=SimpleNamespace(), name="nothing", profile="dev")
    claim = next(c for c in claims().values() if any(r.theorem == "spectra/random_normal" for r in c.readings))
    assert isinstance(judge_claim(claim, {}, nothing), NotOfferedRecord)


def test_a_narrow_subject_is_searched_in_full() -> None:
    subject = fitted(two_functions())
    assert isinstance(subject, Fitted)
    one = theorem("gradients/recurrent_weights")
    found = search(one, one.statement, subject, count=60)
    assert found.passes
    assert found.examples == 60 + 8  # and large and long nets
    relu_only = search(one, one.statement, fitted(two_functions(activation="identity")), count=20)
    assert relu_only.passes
