"""Claims read by a sceptic: changes planted in a claim must change what the run says of it, or be refused."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sympy import Eq, Gt, Le, Lt, MatPow
from sympy.core.relational import Relational

from backproof.referee.corrections import correction
from backproof.referee.judge import Bench
from backproof.referee.ledger import judge_claim, premises_of, witnessed
from backproof.referee.subjects import load_subject
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.language.nodes import SpectralNorm
from backproof.theory.language.notation import W, k, t
from backproof.theory.nets.networks import net
from backproof.theory.records.catalogue import claims, theorem
from backproof.theory.records.records import Claim, Reading
from backproof.theory.theorems.jacobians._endless import gamma
from backproof.theory.theorems.jacobians.linear_net import back
from backproof.theory.theorems.jacobians.linear_vanishing import inside, linear_forever
from backproof.theory.theorems.jacobians.vanishing_by_norm import contraction
from backproof.theory.theorems.learning._overshooting import v, w


def standing(ids: Any) -> Any:
    """Records of theorems as a sound run leaves them."""
    return {
        id: SimpleNamespace(
            verdict="proved" if theorem(id).proof is not None else "measured", measured=SimpleNamespace(shown=True)
        )
        for id in ids
    }


def judged(claim: Claim) -> Any:
    bench = Bench(subject=load_subject("impl"), profile="dev")
    return judge_claim(claim, standing(reading.theorem for reading in claim.readings), bench)


def planted(id: str, place: int = 0, **changes: Any) -> Claim:
    """The claim with one of its readings changed, and without the others."""
    claim = claims()[id]
    return replace(claim, readings=(replace(claim.readings[place], **changes),), depends=())


def corrected_by(reading: Reading) -> Any:
    own = theorem(reading.theorem)
    says = own.statement if reading.statement is None else reading.statement
    return correction(says, premises_of(reading, own), reading.witness, standing([reading.theorem]))


ONE = [[1, 0], [0, 1]]


@pytest.mark.parametrize("statement", [back(MatPow(W.T, t - k)), Eq(W, W, evaluate=False)], ids=["true", "W = W"])
def test_a17_is_decided_for_its_own_formula_alone(statement):
    record = judged(planted("A17", statement=statement))
    assert record.verdict != "corrected"
    assert not record.readings[0].witness.certified


def test_a17_is_corrected_by_a_basis_of_eigenvectors():
    found = judged(planted("A17"))
    assert found.verdict == "corrected"
    assert found.readings[0].correction.added == ("Wᵀ = S diag(λ) S⁻¹",)


def test_d4_takes_no_witness_with_norms_below_one():
    gentle = NetWithValues(linear_forever([[0, 0.5], [0, 0]]), claims()["D4"].readings[0].witness.values)
    record = judged(planted("D4", witness=gentle))
    assert record.verdict == "failed"
    assert "does not certainly hold" in record.problems[0]


def test_d4_is_corrected_by_the_least_stretch():
    (reading, *_) = claims()["D4"].readings
    found = corrected_by(reading)
    assert found.theorem == "jacobians/uniform_steps"
    assert found.added == ("σ_min(∂h_i/∂h_{i-1}) ≥ r at every step",)


BREAKING = {
    "A8": NetWithValues(net(W=[[2]], inputs=[[0]], activation="identity"), {}),
    "A14": net(W=[[0.5, 0], [0, 0.5]], inputs=[[1, 1]], activation="relu"),
    "B3": NetWithValues(net(W=[[8]], inputs=[[0]], activation="tanh"), claims()["B3"].readings[0].witness.values),
    "A11": NetWithValues(
        net(W=[[2]], V=[[1], [0]], inputs=[[1]] * 3, activation="identity"),
        dict(claims()["A11"].readings[0].witness.values),
    ),
}


@pytest.mark.parametrize("id", BREAKING)
def test_a_witness_that_breaks_a_premise_is_refused(id):
    claim = planted(id, witness=BREAKING[id])
    found = witnessed(claim.readings[0], theorem(claim.readings[0].theorem))
    assert not found.certified
    assert "the premise" in found.detail


def test_a_proved_claim_is_not_corrected_by_breaking_what_it_assumes():
    own = theorem("jacobians/norm_bound")
    witness = next(iter(own.without.values()))
    for statement in (None, own.statement):
        record = judged(planted("A8", statement=statement, witness=witness))
        assert record.verdict == "failed"
        assert "the premise" in " ".join(record.problems)


def test_a15_is_not_corrected_by_a_theorem_on_clipping():
    (reading,) = claims()["A15"].readings
    assert corrected_by(reading).theorem == "activations/sigmoid_tail"
    assert corrected_by(replace(reading, theorem="clipping/by_norm")) is None
    assert judged(planted("A15", theorem="clipping/by_norm")).verdict != "corrected"


WITNESSED = [
    (id, place)
    for id, claim in claims().items()
    for place, reading in enumerate(claim.readings)
    if reading.witness is not None
]


@pytest.mark.parametrize(("id", "place"), WITNESSED, ids=[f"{id}-{place}" for id, place in WITNESSED])
def test_a_witness_breaks_only_what_the_correcting_theorem_adds(id, place):
    claim = claims()[id]
    reading = claim.readings[place]
    ids = dict.fromkeys((reading.theorem, *(other.theorem for other in claim.readings)))
    found = correction(
        reading.statement, premises_of(reading, theorem(reading.theorem)), reading.witness, standing(ids)
    )
    assert found is not None
    unmet = {one.text for one in theorem(found.theorem).assumptions if one.holds(reading.witness) is not True}
    assert unmet == set(found.added)


@pytest.mark.parametrize(("id", "place"), WITNESSED, ids=[f"{id}-{place}" for id, place in WITNESSED])
def test_every_decision_reads_the_statement(id, place):
    reading = replace(claims()[id].readings[place], statement=Eq(W, W, evaluate=False))
    assert not witnessed(reading, theorem(reading.theorem)).certified


IMPLICATIONS = {
    "A10": (contraction,),
    "A18": (inside,),
    "E5": (contraction,),
}


@pytest.mark.parametrize("id", IMPLICATIONS)
def test_an_implication_holds_under_the_premises_of_the_theorem(id):
    place = 1 if id == "E5" else 0
    reading = claims()[id].readings[place]
    kept = tuple(one for one in reading.premises if not isinstance(one, Relational))
    record = judged(planted(id, place, premises=(*kept, *IMPLICATIONS[id]), witness=None))
    assert record.verdict == "holds", record.problems


@pytest.mark.parametrize(("id", "place"), [("B5", 1), ("C7", 2)])
def test_a_conclusion_of_eigenvalues_holds_inside_the_circle(id, place):
    own = theorem("jacobians/linear_vanishing")
    record = judged(planted(id, place, premises=own.assumptions, statement=own.statement, witness=None))
    assert record.verdict == "holds", record.problems


@pytest.mark.parametrize("id", ["A19", "C6"])
def test_lining_up_holds_under_a_gap_in_modulus(id):
    own = theorem("spectra/alignment")
    record = judged(planted(id, premises=own.assumptions, statement=own.statement, witness=None, decide=None))
    assert record.verdict == "holds", record.problems


def test_b13_holds_as_the_source_words_it():
    record = judged(claims()["B13"])
    assert record.verdict == "holds"
    dearer = judged(planted("B13", statement=Le(theorem("learning/window_cost").statement.args[0].lhs, 1)))
    assert dearer.verdict == "failed"


@pytest.mark.parametrize("id", ["B11", "B15", "D10"])
def test_a_setting_that_decides_is_on_the_card(id):
    record = judged(claims()[id])
    assert record.verdict == "corrected"
    outcomes = {at.outcome for one in record.depends for at in one.grid}
    assert "holds" in outcomes
    assert outcomes - {"holds"}
    assert all(one.picture.data["names"] for one in record.depends)


def test_a_claim_that_holds_at_no_setting_is_refuted_and_at_all_holds():
    claim = claims()["D10"]
    always = replace(claim.depends[0], sample=lambda *_: 1.0)
    never = replace(claim.depends[0], sample=lambda *_: 0.0)
    assert judged(replace(claim, depends=(always,))).verdict == "holds"
    assert judged(replace(claim, depends=(never,))).verdict == "refuted"
    assert judged(replace(claim, depends=(always, never))).verdict == "corrected"


def test_a2_is_exact_for_the_basis_and_not_for_one_vector():
    record = claims()["A2"]
    assert "condition of the basis" in record.why
    turning = net(W=[[0, -4], [0.25, 0]], inputs=[[0, 0]], activation="identity")
    assert decide(Gt(SpectralNorm(W), 1), turning) is True  # |λ| = 1, and yet lengths change


def test_a15_names_the_formula_that_underflows():
    assert "σ(1 − σ) at 37" in claims()["A15"].why.replace("  ", " ")


def test_a3_reads_both_sides():
    record = judged(claims()["A3"])
    assert [reading.holds for reading in record.readings] == [False, True]
    assert record.readings[0].correction.change == "in the spread over draws for in every net"


def test_one_rule_of_layout_for_all():
    assert all(id in claims()["A16"].why for id in ("A5", "B1", "C3", "D1"))


@pytest.mark.parametrize("id", ["B8", "C7"])
def test_a_reading_of_a_scan_says_so(id):
    assert "read off a scan" in claims()[id].mapping


@pytest.mark.parametrize(("id", "label"), [("C1", "definition"), ("C9", "Advice"), ("B7", "mildest reading")])
def test_what_says_little_is_labelled(id, label):
    assert label in claims()[id].mapping


@pytest.mark.parametrize("id", ["B1", "B12", "A3", "A18", "C7"])
def test_a_correcting_theorem_is_no_reading_of_the_source(id):
    record = judged(claims()[id])
    assert any(reading.own for reading in record.readings)
    assert all(reading.own == (reading.witness is None) for reading in record.readings if reading.holds)


def test_premises_are_told_apart_from_the_conclusion():
    record = judged(claims()["C7"])
    assert [len(reading.premises) for reading in record.readings[:3]] == [3, 3, 3]
    assert all("=" in premise or "geq" in premise or "<" in premise for premise in record.readings[0].premises)


def test_premises_must_hold_at_the_witness_of_a_reading_with_numbers():
    claim = planted("A10", premises=(*claims()["A10"].readings[0].premises, Lt(gamma, 1, evaluate=False)))
    assert judged(claim).verdict == "failed"


def test_a12_cancellation_is_an_assumption_of_the_alarm():
    own = theorem("learning/explosion_reported")
    cancelling = net(W=[[2.0**600, 0], [-(2.0**600), 0]], V=[[2.0**500, 2.0**500], [0, 0]], inputs=[[0, 0]] * 2)
    assert own.decide(own.statement, cancelling) is False
    (assumption,) = own.assumptions
    assert not assumption.holds(cancelling)
    assert all(assumption.holds(one) for one in own.certified)


def test_the_raw_factor_never_has_a_positive_corner():
    own = theorem("spectra/haar")
    assert any(isinstance(part, Eq) and part.rhs == 0 for part in own.statement.args)


def test_instability_says_where_it_holds():
    own = theorem("learning/instability")
    assert "w > v" in own.words
    assert own.assumptions[0].holds(next(iter(own.certified)))
    equal = next(iter(own.certified)).with_({v: 2, w: 2})
    assert not own.assumptions[0].holds(equal)


def test_d9_has_a_reading_for_dead_units():
    record = judged(claims()["D9"])
    assert record.verdict == "holds"
    (reading,) = [one for one in record.readings if one.theorem == "jacobians/dead_units"]
    assert len(reading.premises) == 2
    assert judged(planted("D9", 1, premises=claims()["D9"].readings[1].premises[:1])).verdict == "failed"


def test_invertible_steps_are_an_assumption_of_the_exponents():
    own = theorem("spectra/lyapunov_sum")
    (assumption,) = own.assumptions
    assert assumption.name == "invertible"
    assert not assumption.holds(own.without[assumption])


def test_d5_states_that_the_most_is_reached():
    assert "spectra/attained_stretch" in {reading.theorem for reading in claims()["D5"].readings}
    own = theorem("spectra/attained_stretch")
    (assumption,) = own.assumptions
    assert isinstance(own.statement, Eq)
    assert not assumption.holds(own.without[assumption])
    assert judged(claims()["D5"]).verdict == "holds"
