"""Known deviations of a subject, and probes at fixed instances: what each record says."""

import math
from types import SimpleNamespace

import pytest

from backproof import impl
from backproof.impl.clipping import Clipped
from backproof.referee.deviations import deviating, of_theorem, probed
from backproof.referee.judge import Bench, judge
from backproof.referee.probes import PROBES
from backproof.theory.confronting.subject import Lacks
from backproof.theory.records.catalogue import theorem


def never(gradients, threshold):
    """A clip that clips nothing."""
    return Clipped(gradients=dict(gradients), norm=float("nan"), clipped=False)


NEVER = SimpleNamespace(
    **{**vars(impl), "clip_by_norm": never, "DEVIATIONS": {"clipping/by_norm": "nothing is ever clipped"}}
)


def test_right_code_deviates_nowhere_and_every_probe_is_asked():
    found = {record.name: record for record in probed(impl)}
    assert set(found) == {probe.name for probe in PROBES} - {"the layer called GRU"}
    assert deviating(impl) == ()
    norm, refused = found["norm after clipping"], found["negative threshold, by norm"]
    assert (norm.expected, norm.found, norm.deviates, norm.why) == ("1", "1", False, "")
    assert norm.size == pytest.approx(0, abs=1e-15)
    assert (refused.expected, refused.found) == ("an error", "an error")
    assert (norm.theorem, norm.instance) == ("clipping/by_norm", "g = (3, 4), ε = 1, float64")
    assert all(record.textbook for record in found.values())


def test_what_a_probe_finds_is_written_out():
    found = {record.name: record for record in deviating(NEVER)}
    norm, refused = found["norm after clipping"], found["negative threshold, by norm"]
    assert (norm.expected, norm.found, norm.deviates) == ("1", "5", True)
    assert norm.size == pytest.approx(4)
    assert (refused.expected, refused.found, refused.size) == ("an error", "3", None)
    assert "a gradient below the threshold" not in found


def test_what_a_subject_lacks_is_not_probed():
    def lacking(*_, **__):
        raise Lacks("clip_by_norm")

    less = SimpleNamespace(**{**vars(impl), "clip_by_norm": lacking})
    assert {probe.name for probe in PROBES} - {record.name for record in probed(less)} >= {"norm after clipping"}


def test_a_known_deviation_is_recorded_with_its_counterexample_and_reason():
    record = judge("clipping/by_norm", theorem("clipping/by_norm"), Bench(subject=NEVER, profile="dev"))
    found = of_theorem(record, NEVER)
    assert (found.name, found.theorem, found.textbook) == (record.title, "clipping/by_norm", record.words)
    assert found.instance == record.property.counterexample
    assert found.found == record.property.message
    assert (found.expected, found.size, found.why) == ("", None, "nothing is ever clipped")
    assert of_theorem(record, impl) is None
    right = judge("clipping/by_norm", theorem("clipping/by_norm"), Bench(subject=impl, profile="dev"))
    assert of_theorem(right, NEVER) is None
    assert not math.isnan(right.property.worst_margin)
