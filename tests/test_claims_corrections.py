"""What may correct a reading: a theorem that measures the same, and no other, whichever is put in its place."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sympy import Abs, Derivative, Eq, Le, Limit, oo, tanh

from backproof.referee.corrections import change_between, correction, measured
from backproof.referee.ledger import premises_of
from backproof.theory.language.functions import logistic, z
from backproof.theory.language.nodes import (
    Contribution,
    EuclideanNorm,
    FrobeniusNorm,
    SpectralNorm,
    SpectralRadius,
    StateJacobian,
    StepLossGradient,
)
from backproof.theory.language.notation import T, U, V, W, g, h, k, t
from backproof.theory.records.catalogue import claims, theorem, theorem_ids

JACOBIAN = StateJacobian(t, k)

MEASURED = {
    JACOBIAN: ("StateJacobian",),
    StateJacobian(t, t - 1): ("StateJacobian", "1"),
    JACOBIAN.T: ("StateJacobian",),
    SpectralNorm(StateJacobian(T, 0)) ** (1 / T): ("SpectralNorm", "StateJacobian"),
    Limit(SpectralNorm(StateJacobian(T, 0)), T, oo): ("SpectralNorm", "StateJacobian"),
    SpectralNorm(W): ("SpectralNorm", "W"),
    SpectralRadius(W): ("SpectralRadius", "W"),
    FrobeniusNorm(Contribution(U, T, 1)): ("FrobeniusNorm", "Contribution", "U"),
    StepLossGradient(h[k], t): ("StepLossGradient", "h"),
    2 * Abs(SpectralNorm(JACOBIAN)): ("SpectralNorm", "StateJacobian"),
    EuclideanNorm(V.T * g[t]): ("EuclideanNorm", "V"),
    Derivative(logistic(z), z): ("Derivative", "logistic"),
    Derivative(tanh(z), z): ("Derivative", "tanh"),
}


@pytest.mark.parametrize(("side", "expected"), MEASURED.items(), ids=map(str, MEASURED))
def test_what_a_side_measures(side: Any, expected: tuple[str, ...]) -> None:
    assert measured(side) == expected


FAILING = [
    pytest.param(id, place, id=f"{id}-{place}")
    for id, claim in sorted(claims().items())
    for place, reading in enumerate(claim.readings)
    if reading.witness is not None and reading.statement is not None
]


@pytest.mark.parametrize(("id", "place"), FAILING)
def test_no_theorem_of_another_topic_corrects_a_reading(id: str, place: int) -> None:
    """Hung on every theorem of the catalogue in turn; those that may correct it measure what it measures."""
    reading = claims()[id].readings[place]
    own = theorem(reading.theorem)
    topics = {reading.theorem.partition("/")[0], *(one.theorem.partition("/")[0] for one in claims()[id].readings)}
    strangers = [other for other in theorem_ids() if other.partition("/")[0] not in topics]
    records = {
        other: SimpleNamespace(
            verdict="proved" if theorem(other).proof else "measured", measured=SimpleNamespace(shown=True)
        )
        for other in strangers
    }
    found = correction(reading.statement, premises_of(reading, own), reading.witness, records)
    assert found is None


@pytest.mark.parametrize(
    ("reading", "other"),
    [
        ("D4", "jacobians/step_jacobian"),
        ("D4", "spectra/lyapunov_sum"),
        ("D4", "gradients/immediate_derivatives"),
        ("A15", "clipping/by_norm"),
        ("A15", "activations/tanh_slope"),
        ("A19", "gradients/adjoint_recursion"),
        ("A3", "jacobians/lower_bound"),
    ],
)
def test_a_theorem_that_measures_something_else_has_nothing_in_common(reading: str, other: str) -> None:
    assert change_between(claims()[reading].readings[0].statement, theorem(other)) is None


def test_a_matrix_that_is_known_says_what_its_norm_is_and_not_the_converse() -> None:
    copies = theorem("jacobians/identity_relu")
    assert change_between(Le(SpectralNorm(JACOBIAN), 2, evaluate=False), copies) is not None
    bounds = theorem("jacobians/norm_bound")
    assert change_between(Eq(JACOBIAN, W, evaluate=False), bounds) is None


def test_a_theorem_does_not_correct_what_it_says_itself() -> None:
    """Where its assumptions hold at the witness and it says the same, one of the two is wrong."""
    bounds = theorem("jacobians/norm_bound")
    sound = SimpleNamespace(verdict="proved", measured=None)
    meeting = bounds.attained
    assert all(assumption.holds(meeting) for assumption in bounds.assumptions)
    assert correction(bounds.statement, (), meeting, {"jacobians/norm_bound": sound}) is None
