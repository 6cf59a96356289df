"""The zoo: its clean nets are right, every fault in it is caught wherever it changes anything, right code never is."""

import copy
import itertools

import numpy as np
import pytest

from backproof import impl
from backproof.referee.climbing import cause
from backproof.referee.reference import Reference
from backproof.referee.zoo import FAULTS, UnknownFault, apply, bptt, catchers, clipping, gated, tools
from backproof.referee.zoo.catching import live, missed
from backproof.referee.zoo.checks import CHECKS
from backproof.referee.zoo.instances import EVERYWHERE, FAINT, LOUD, SCALES, gated_at, net_at, random_net, task
from backproof.referee.zoo.records import Fault
from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.subject import Lacks
from backproof.theory.records.catalogue import theorem_ids

SLOW = "spectra/random_normal"  # eigenvalues of 40 matrices of 128 units
SIMPLER = (
    "times the right one",
    "is 0 at",
    "what ∂L/∂",
    "transposed.",
    "clipped by norm",
    "are cut off",
    "another loss:",
)
"""What a wrong gradient may be called for short, where a fault of the zoo is the same."""
OF_NETS = [name for name, fault in FAULTS.items() if isinstance(fault.recipe, bptt.Recipe)]


class Clean:
    """The zoo's own nets without a fault, as a subject."""

    gradients = staticmethod(lambda *task, **settings: bptt.gradients(bptt.RIGHT, *task, **settings))
    loss = staticmethod(lambda *task, **settings: bptt.loss(bptt.RIGHT, *task, **settings))
    contributions = staticmethod(lambda *task, **settings: bptt.contributions(bptt.RIGHT, *task, **settings))
    contributions_by_distance = staticmethod(
        lambda *task, **settings: bptt.contributions_by_distance(bptt.RIGHT, *task, **settings)
    )
    jacobian_products = staticmethod(tools.jacobian_products)
    lstm_gradients = staticmethod(lambda *task, **settings: gated.gated_gradients(gated.Lstm(), *task, **settings))
    gru_gradients = staticmethod(lambda *task, **settings: gated.gated_gradients(gated.Gru(), *task, **settings))
    clip_by_norm = staticmethod(clipping.clip_by_norm)
    clip_by_value = staticmethod(clipping.clip_by_value)
    clip_by_norm_derivative = staticmethod(clipping.clip_by_norm_derivative)
    truncated_gradients = staticmethod(tools.truncated_gradients)


@pytest.mark.parametrize("id", [id for id in CHECKS if id != SLOW])
def test_right_code_passes_every_check_at_every_scale(id):
    check = CHECKS[id]
    for scale, subject in itertools.product(check.scales, (impl, Clean)):
        try:
            failed = [comparison for comparison in check.confront(subject, scale) if not comparison.passes]
        except Lacks:
            assert subject is Clean
        else:
            assert not failed, (scale, failed[0])


def test_right_code_is_never_flagged_on_random_nets_of_every_size_of_gradient():
    sizes = []
    for seed in range(260):
        net = random_net(seed)
        (certified,) = Reference.of(net)
        try:
            for subject in (impl, Clean):
                gradients = subject.gradients(*task(net), **net.settings)
                failed = [comparison for comparison in certified.compare(gradients) if not comparison.passes]
                assert not failed, (seed, subject, failed[0])
        except Undecided:
            continue
        sizes.append(np.abs(gradients["W"]).max())
    assert len(sizes) >= 200
    assert min(size for size in sizes if size) < 1e-200
    assert max(sizes) > 1e100


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_the_clean_gated_cells_are_those_of_impl(cell, loss):
    clean = {"lstm": gated.Lstm(), "gru": gated.Gru()}[cell]
    parameters, inputs, targets = task(gated_at(cell, "orthogonal"))
    if loss == "squared_error":
        targets = np.eye(3)[targets]
    expected = getattr(impl, f"{cell}_gradients")(parameters, inputs, targets, loss=loss, reduction="mean")
    found = gated.gated_gradients(clean, parameters, inputs, targets, loss=loss, reduction="mean")
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        np.testing.assert_allclose(found[name], gradient, rtol=0, atol=1e-14 * np.abs(gradient).max(), err_msg=name)
    assert gated.gated_loss(clean, parameters, inputs, targets, loss=loss) == pytest.approx(
        getattr(impl, f"{cell}_loss")(parameters, inputs, targets, loss=loss), rel=1e-14
    )


def test_the_zoo_is_large_and_every_fault_says_where_it_comes_from():
    assert len(FAULTS) >= 30
    assert {fault.caught_by for fault in FAULTS.values()} <= set(CHECKS)
    assert {id for id in CHECKS if "/" in id} <= set(theorem_ids())
    assert len({fault.family for fault in FAULTS.values()}) >= 13
    assert {name for name, fault in FAULTS.items() if fault.name != name} == set()


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_caught_by_the_theorem_that_should_wherever_it_changes_anything(name):
    fault = FAULTS[name]
    assert live(fault), "changes nothing anywhere"
    assert missed(fault, impl) == ()


@pytest.mark.parametrize("name", OF_NETS)
def test_where_a_fault_changes_nothing_no_check_is_raised(name):
    fault = FAULTS[name]
    for scale in set(EVERYWHERE) - set(live(fault)):
        net = net_at(scale)
        (judge,) = Reference.of(net)
        got = apply(name, impl).gradients(net.parameters, net.inputs, net.targets, **net.settings)
        assert all(comparison.passes for comparison in judge.compare(got))


def test_most_faults_change_something_at_every_initial_scale():
    quiet = {name: set(SCALES) - set(live(FAULTS[name])) for name in OF_NETS}
    assert {name for name, scales in quiet.items() if scales} == {
        "maximum not subtracted",
        "small adjoints flushed to zero",
        "clipped before it is returned",
        "clipped at every step",
    }


def test_the_others_that_catch_a_fault_are_named():
    assert catchers("output weights read the state before") == (
        "gradients/output_weights",
        "gradients/sum_over_losses",
    )
    assert catchers("transposed gradient of W") == (
        "gradients/recurrent_weights",
        "gradients/sum_over_losses",
        "gradients/sum_over_earlier_steps",
        "gradients/tied_weights",
    )
    assert catchers("columns not unit") == (
        "spectra/qr_initialisation",
        "spectra/haar",
        "spectra/either_orientation",
        "spectra/stacked_orthogonal",
    )
    assert catchers("LSTM: slope at the output missing") == ("gated/lstm_gradients",)
    assert set(catchers("sign lost")) == {"clipping/by_value", "clipping/by_value_turns"}


@pytest.mark.parametrize("name", OF_NETS)
def test_a_wrong_gradient_is_told_by_name_and_by_no_other_wherever_no_simpler_kind_explains_it(name):
    scale = next(scale for scale in ("orthogonal", LOUD, FAINT) if scale in live(FAULTS[name]))
    said = " ".join(cause(apply(name, impl), net_at(scale)))
    named = [other for other in FAULTS if f"{other!r} (" in said]
    assert named == [name] or (not named and any(kind in said for kind in SIMPLER)), said


@pytest.mark.parametrize("subject", [impl, Clean])
def test_right_code_looks_like_no_fault(subject):
    assert cause(subject, net_at("orthogonal")) == []


def test_an_error_of_nobodys_looks_like_no_fault():
    class Odd(Clean):
        @staticmethod
        def gradients(*task, activation="tanh", loss="cross_entropy", reduction="sum"):
            right = impl.gradients(*task, activation=activation, loss=loss, reduction=reduction)
            return right | {"U": right["U"] * 1.5 + right["b"][:, None]}

    said = cause(Odd, net_at("orthogonal"))
    assert len(said) == 1
    assert said[0].endswith("the sum over steps and sequences for U is not.")


def test_what_a_fault_does_not_touch_is_the_subjects_own():
    wrong = apply("transposed W", impl)
    assert wrong.loss is impl.loss
    assert wrong.clip_by_norm is impl.clip_by_norm
    assert wrong.gradients is not impl.gradients
    assert copy.copy(wrong).loss is impl.loss
    with pytest.raises(AttributeError):
        wrong.does_not_exist  # noqa: B018


def test_what_a_subject_lacks_it_still_lacks():
    class Small:
        gradients = staticmethod(impl.gradients)
        loss = staticmethod(impl.loss)

    wrong = apply("transposed W", Small)
    assert not hasattr(wrong, "contributions")
    assert not hasattr(wrong, "loss_and_gradients")
    with pytest.raises(Lacks, match="clip_by_norm"):
        apply("overflow to zero", Small)


def test_a_name_that_does_not_exist_is_answered_with_the_nearest():
    with pytest.raises(UnknownFault, match=r"did you mean 'transposed W'"):
        apply("transpose W", impl)


def test_a_fault_without_a_text_is_refused():
    texts = dict.fromkeys(("name", "family", "what", "known_from", "hides", "caught_by"), "text")
    with pytest.raises(TypeError, match="'hides'"):
        Fault(**(texts | {"hides": " "}), replaces=lambda subject: {})


@pytest.mark.parametrize("name", [name for name in OF_NETS if FAULTS[name].loss_agrees])
def test_a_wrong_gradient_that_agrees_with_its_loss_is_its_derivative(name):
    wrong, net = apply(name, impl), net_at("orthogonal")
    parameters, inputs, targets = task(net)
    gradients = wrong.gradients(parameters, inputs, targets, **net.settings)
    for key, place in (("W", (1, 2)), ("V", (0, 3)), ("U", (4, 1)), ("h0", (1, 0))):
        values = []
        for shift in (1e-5, -1e-5):
            moved = parameters[key].copy()
            moved[place] += shift
            values.append(wrong.loss(parameters | {key: moved}, inputs, targets, **net.settings))
        assert (values[0] - values[1]) / 2e-5 == pytest.approx(gradients[key][place], rel=1e-5)
