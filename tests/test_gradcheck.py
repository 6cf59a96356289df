"""What `gradcheck` looks at, returns and says: the ladder, the watched function, formats, bad input."""

from __future__ import annotations

import warnings
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from implementers.differing import net_for
from implementers.nets import net_at
from implementers.right import Right, changed, each, only

import backproof
from backproof import Checked, NothingChecked, SubjectError, Undecided, WrongGradient, gated, gradcheck, impl, net
from backproof.referee import causes, climbing, searching
from backproof.referee.asking import rounded, rounded_array
from backproof.referee.reference import Reference
from backproof.referee.regimes import REGIMES, SHAPES, one_at_a_time, regime, regimes, tokens
from backproof.theory.language.functions import ACTIVATIONS, LOSSES

README = net_at("README's own")
SMALL = net_at("small")


def test_the_result_says_what_was_looked_at():
    found = gradcheck(impl, README)
    assert isinstance(found, Checked)
    assert found.parameters == ("W", "U", "V", "b", "c", "h0")
    assert {one.where for one in found.looked} >= {one.name for one in REGIMES}
    assert found.entries > 10_000
    assert 0 < found.margin <= 1
    assert found.loss
    assert (found.skipped, found.undecided, found.not_reached, found.notes) == ((), (), (), ())
    beside = 3 + 2 * len(one_at_a_time(regime(REGIMES[0].name, README)))  # the net, quiet, again; pairs of one change
    assert len(found.looked) == len(REGIMES) + beside
    assert f"agree in float64 at {len(found.looked)} networks (tanh, cross_entropy, sum)" in repr(found)
    assert "<td>past 256 steps</td><td>T 261, B 1, n 2, m 2, p 3</td>" in found._repr_html_()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_right_code_of_every_setting_passes_and_few_regimes_are_undecided(activation, loss):
    like = net(W=[[0.5]], inputs=[[1], [2]], activation=activation, loss=loss, reduction="mean")
    assert set(gradcheck(impl, like).undecided) <= {"huge adjoints"}


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_gated_nets_climb_too(kind):
    found = gradcheck(impl, gated(kind, inputs=[[1], [2]], units=2))
    assert len(found.looked) >= 25
    with pytest.raises(WrongGradient, match="∂L/∂"):
        gradcheck(SimpleNamespace(gradients=lambda *at, **how: _turned(kind, *at, **how)), gated(kind, inputs=[[1]]))


def _turned(kind: str, parameters: Any, inputs: Any, targets: Any, **settings: str) -> Any:
    found = getattr(impl, f"{kind}_gradients")(parameters, inputs, targets, **settings)
    return {name: -value for name, value in found.items()}


def test_the_regimes_are_what_they_are_called():
    drawn = dict(regimes(SMALL, SHAPES["free"]))
    sizes = {name: one.sizes for name, one in drawn.items()}
    assert {T for T, *_ in sizes.values()} >= {1, 19, 64, 67, 261}
    assert any(n < B for _, B, n, *_ in sizes.values())
    assert all(any(size[axis] % 8 for size in sizes.values()) for axis in (2, 3, 4))
    assert tokens(drawn["tokens, one of them twice"])
    assert np.all(drawn["negative inputs"].inputs < 0)
    assert np.array_equal(drawn["outputs that tie"].V[0], drawn["outputs that tie"].V[1])
    assert 0 < np.abs(drawn["denormal adjoints"].V).max() < np.finfo(float).tiny
    assert np.abs(drawn["huge inputs"].inputs).min() > 1e80
    assert drawn["many words"].targets.max() > 255
    fixed = dict(regimes(README, SHAPES["fixed"]))
    assert {one.sizes for one in fixed.values()} == {README.sizes}
    lengths = dict(regimes(README, SHAPES["lengths"]))
    assert {one.sizes[2:] for one in lengths.values()} == {README.sizes[2:]}
    assert {one.sizes[0] for one in lengths.values()} >= {1, 64, 261}
    with pytest.raises(ValueError, match="regime must be one of"):
        regime("none", SMALL)


def test_numbers_of_the_regimes_are_those_of_every_format():
    for dtype in ("float32", "float16", "bfloat16"):
        for _, one in regimes(SMALL, SHAPES["free"], dtype=dtype):
            again = rounded(one, dtype)
            for name, array in one.numbers.items() if dtype != "float16" else ():
                assert np.array_equal(array, again.numbers[name]), (dtype, name)


def test_sizes_that_are_fixed_are_kept():
    def of_one_size(self, found, p, inputs, targets):
        if inputs.shape[-1] != README.sizes[3]:
            raise ValueError("made for 16 words")
        return found

    picky = changed(answered=of_one_size)
    with pytest.raises(SubjectError, match=r"'two sequences'.*gradients raises ValueError.*shapes='fixed'"):
        gradcheck(picky(), README)
    assert gradcheck(picky(), README, shapes="lengths").margin <= 1
    assert gradcheck(picky(), README, shapes="fixed").margin <= 1


def test_what_is_skipped_is_said_and_stays_0_where_it_is():
    class WithoutBias(Right):
        def outputs(self, p, h):
            return h[1:] @ p["V"].T

        def answered(self, found, *_):
            return {name: g for name, g in found.items() if name != "c"}

    found = gradcheck(WithoutBias(), README, skip=("c",))
    assert found.skipped == ("c",)
    assert "Not looked at: c." in str(found)
    with pytest.raises(NothingChecked, match=r"∂L/∂c did not come back.*skip=\('c',\)"):
        gradcheck(WithoutBias(), README)
    with pytest.raises(ValueError, match="skip names 'd'; the network has W, U, V, b, c, h0"):
        gradcheck(impl, README, skip=("d",))
    with pytest.raises(NothingChecked, match="every parameter is skipped or absent"):
        gradcheck(impl, README, skip=("W", "U", "V", "b", "c", "h0"))


def test_the_budget_is_kept_and_what_was_not_reached_is_named():
    found = gradcheck(impl, README, seconds=0)
    assert "past 256 steps" in found.not_reached
    assert f"No time for: {found.not_reached[0]}" in str(found)
    assert len(found.looked) == 3


def test_a_thorough_check_asks_often():
    calls = []

    class Counting(Right):
        def answered(self, found, *_):
            calls.append(1)
            return found

    gradcheck(Counting(), SMALL, thorough=True, seconds=0)
    assert len(calls) > 64 + 3 * len(REGIMES)
    rare = changed(answered=lambda self, found, *_: found | {"W": found["W"] * (1 + (len(calls) % 61 == 60) * 1e-9)})

    class Rarely(Right):
        def answered(self, found, *_):
            calls.append(1)
            return rare.answered(self, found)

    with pytest.raises(WrongGradient, match="Two calls with the same arguments differ"):
        gradcheck(Rarely(), SMALL, thorough=True)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_code_of_every_format_is_judged_by_its_tolerance(dtype):
    cut = partial(rounded_array, dtype=dtype)
    quiet = SMALL.with_(W=SMALL.W / 8, U=SMALL.U / 8)
    assert gradcheck(changed(answered=each(cut))(), quiet, dtype=dtype).format == dtype
    with pytest.raises(WrongGradient):
        gradcheck(changed(answered=each(lambda g: g * 1.25))(), quiet, dtype=dtype)
    with pytest.raises(WrongGradient):
        gradcheck(changed(answered=each(cut))(), quiet)


def test_a_function_alone_is_checked():
    found = gradcheck(Right().gradients, SMALL)
    assert not found.loss
    assert "The loss was not looked at." in str(found)


def test_inputs_that_are_looked_up_are_unit_vectors_and_that_is_said():
    looked_up = changed(
        pre=lambda self, p, x, h: h @ p["W"].T + p["U"].T[x.argmax(axis=-1)] + p["b"],
        of_U=lambda self, alpha, x: self.product(alpha, self.one_hot(x.argmax(axis=-1), x.shape[-1])),
    )
    found = gradcheck(looked_up(), README)
    assert found.notes[0].startswith("Inputs are taken for indices of words, so that only unit vectors were given")
    assert "negative inputs" not in {one.where for one in found.looked}
    with pytest.raises(WrongGradient):
        gradcheck(looked_up(), SMALL)
    assert gradcheck(type("Told", (looked_up,), {"tokens": True})(), README).notes == ()


def test_vectors_that_are_columns_are_found_out():
    class Columns:
        def gradients(self, p, inputs, targets):
            if p["b"].shape[1:] != (1,):
                raise ValueError("columns, please")
            flat = {name: array[:, 0] if name in "bc" else array for name, array in p.items()}
            found = Right().gradients(flat, inputs, targets)
            return {name: g[:, None] if name in "bc" else g for name, g in found.items()}

    assert gradcheck(Columns(), SMALL).notes == ("Vectors are taken for columns (n, 1): b, c.",)
    told = type("Told", (Columns,), {"columns": ("b", "c")})
    assert gradcheck(told(), SMALL).notes == ()


def test_what_the_subject_prints_is_printed_once_and_its_errors_are_its_own(capsys):
    class Chatty(Right):
        def answered(self, found, *_):
            print("here")
            return found

    gradcheck(Chatty(), SMALL)
    assert capsys.readouterr().out == "here\n"

    class Leaving(Right):
        def answered(self, found, *_):
            raise SystemExit(0)

    with pytest.raises(SubjectError, match="gradients raises SystemExit"):
        gradcheck(Leaving(), SMALL)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gradcheck(Right(), SMALL)


def test_settings_that_are_declared_are_kept_and_contradictions_are_told():
    relu = changed(activation="relu")
    assert "relu" in gradcheck(relu(), SMALL).network
    with pytest.raises(SubjectError, match="the activation of the network is 'sigmoid', and the subject says 'relu'"):
        gradcheck(relu(), SMALL.with_(activation="sigmoid"))
    with pytest.raises(SubjectError, match="the loss of the network is 'cross_entropy', and the subject says 'squared"):
        gradcheck(changed(loss_name="squared_error")(), SMALL)


def test_the_network_of_the_verdict_can_be_built_again():
    clamped = changed(outputs=lambda self, p, h: np.clip(Right.outputs(self, p, h), -80, 80))
    with pytest.raises(WrongGradient, match="'loud outputs'") as wrong:
        gradcheck(clamped(), README)
    written = str(wrong.value).rpartition("from backproof import net: ")[2]
    again = eval(written, {"net": net})
    with pytest.raises(WrongGradient, match="At the network that is given"):
        gradcheck(clamped(), again)


def test_an_exception_in_the_search_for_a_cause_hides_no_verdict(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("in the search")

    monkeypatch.setattr(searching, "explanations", broken)
    with pytest.raises(WrongGradient, match=r"∂L/∂W\[.*\n.*ended in ZeroDivisionError: in the search"):
        gradcheck(changed(answered=only("W", lambda g: 2 * g))(), SMALL)


SAYS = {
    "a third of one": (only("V", lambda g: g / 3), r"∂L/∂V is 0\.333333333333 times the right one"),
    "a mean over the steps": (
        lambda self, found, p, inputs, _: {name: g / len(inputs) for name, g in found.items()},
        "Every gradient is 1/T times the right one",
    ),
    "a mean over the batch": (
        lambda self, found, p, inputs, _: {name: g / inputs.shape[1] for name, g in found.items()},
        "Every gradient is 1/B times the right one",
    ),
    "transposed": (only("W", lambda g: g.T), "∂L/∂W is transposed"),
    "cut off": (each(lambda g: np.clip(g, -0.5, 0.5)), r"Entries beyond ±0\.5 are cut off"),
}


@pytest.mark.parametrize("name", SAYS)
def test_what_explains_every_network_is_said(name):
    answered, says = SAYS[name]
    with pytest.raises(WrongGradient, match=says):
        gradcheck(changed(answered=answered)(), SMALL)


def test_what_explains_some_networks_alone_is_not_said():
    def now_and_then(self, found, p, inputs, targets):
        return found if len(inputs) % 2 else {name: g / 3 for name, g in found.items()}

    with pytest.raises(WrongGradient) as wrong:
        gradcheck(changed(answered=now_and_then)(), SMALL)
    assert "times the right one" not in str(wrong.value)


def test_an_explanation_has_to_predict_something():
    (reference,) = Reference.of(SMALL)
    right = {name: np.asarray(g, float) for name, g in reference.longer.items()}
    fine = causes.Evidence(where="here", reference=reference, got=right, wrong=())
    assert causes.explanations([fine]) == (False, [])


def test_a_net_that_the_format_cannot_decide_is_undecided():
    random = np.random.default_rng(1)
    W = 0.75 * random.normal(size=(16, 16))
    chaotic = net(W=W, inputs=np.zeros((300, 1)), U=np.ones((16, 1)), h0=[random.normal(size=16)])
    with pytest.raises(Undecided):
        gradcheck(impl, chaotic)


def test_a_long_net_of_orthogonal_w_is_convicted_with_figures():
    turned = changed(of_W=lambda self, alpha, h: Right.of_W(self, alpha, h).T)
    W = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 8)))[0]
    long = net(W=W, inputs=np.eye(8)[np.random.default_rng(1).integers(0, 8, 200)], targets=np.arange(200) % 8)
    with pytest.raises(WrongGradient, match=r"∂L/∂W\[\d, \d\] is [-0-9.e]+, off by \d[^n]* times the derived bound \d"):
        gradcheck(turned(), long)


@pytest.mark.parametrize(
    ("how", "error", "says"),
    [
        ({"dtype": "float8"}, ValueError, "dtype must be one of float64, float32, float16, bfloat16; got 'float8'"),
        ({"shapes": "any"}, ValueError, "shapes must be one of free, lengths, fixed; got 'any'"),
    ],
)
def test_words_that_mean_nothing_are_refused(how, error, says):
    with pytest.raises(error, match=says):
        gradcheck(impl, SMALL, **how)


def test_what_is_no_network_is_refused():
    with pytest.raises(TypeError, match="network must be Net or Gated or Layered or Cell or Layers, got int"):
        gradcheck(impl, 3)  # type: ignore[arg-type]


def test_regimes_that_are_named_elsewhere_are_there():
    names = {one.name for one in REGIMES}
    assert {*causes.SMALL, *climbing.WITHOUT_LOSS} <= names
    assert {one.about for one in REGIMES} - {""} <= set(vars(SHAPES["free"]))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_no_loss(value):
    def from_100_steps(self, p, inputs, targets):
        return value if len(inputs) > 100 else Right.loss(self, p, inputs, targets)

    with pytest.raises(WrongGradient, match="the gradients are right, but the loss is"):
        gradcheck(changed(loss=lambda *_: value)(), SMALL)
    with pytest.raises(WrongGradient, match=r"At 'past 256 steps'.*the loss is"):
        gradcheck(changed(loss=from_100_steps)(), SMALL)


def test_a_loss_is_convicted_by_balls_and_not_where_nothing_bounds_it(monkeypatch):
    (reference,) = Reference.of(SMALL)
    right = Right().loss(SMALL.parameters, SMALL.inputs, SMALL.targets)
    assert reference.compare_loss(right).margin < 1
    assert reference.compare_loss(right * (1 + 1e-13)).margin > 1
    monkeypatch.setattr("backproof.referee.reference.SHORTER", 1.0)
    assert reference.compare_loss(right).margin < 1
    overflowing = net(W=[[1]], V=[[2.0**1000], [0]], inputs=[[1], [1]], activation="identity")
    with pytest.raises(Undecided):
        Reference.of(overflowing.with_(inputs=overflowing.inputs * 2.0**100))[0].compare_loss(0.0)


def test_what_is_off_by_little_more_than_its_bound_is_called_nothing():
    (reference,) = Reference.of(SMALL)
    slightly = {name: np.asarray(g, float) for name, g in reference.longer.items()}
    slightly["W"] = slightly["W"] + 1.6 * reference.bounds["W"]

    def answered(self, found, p, *_):
        return slightly if np.array_equal(p["W"], SMALL.W) else found

    with pytest.raises(WrongGradient, match=r"∂L/∂W\[.* times the derived bound") as wrong:
        gradcheck(changed(answered=answered)(), SMALL)
    assert "at every network" not in str(wrong.value)
    assert "looks like" not in str(wrong.value)


def test_what_is_public_is_there():
    for name in ("Checked", "NothingChecked", "SubjectError", "Undecided", "WrongGradient"):
        assert getattr(backproof, name).__name__ == name
    assert partial(net_for, Right())("small").activation == "tanh"
