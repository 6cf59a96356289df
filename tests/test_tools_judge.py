"""The judge lets nothing stand that should fall: false theorems, empty ones, loose mutants, faulty subjects."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import strategies as st
from sympy import Eq, Ge, Gt, Le, MatrixSymbol

from backproof import impl
from backproof.referee.judge import Bench, judge, mutant
from backproof.referee.statistics import measure
from backproof.reports.record import SOUND, NotOfferedRecord
from backproof.theory.confronting.comparison import truth
from backproof.theory.confronting.subject import Lacks, offered
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.symbols import cases
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import FrobeniusNorm, SpectralNorm
from backproof.theory.proving.kernel import RULES, Granted, Proof, line
from backproof.theory.records.catalogue import load_file
from backproof.theory.records.forms import RecordError
from backproof.theory.records.records import Assumption, Claim, Dependence, Measurement, Reading, Source, Theorem

A = MatrixSymbol("A", 2, 2)
NORMS = Le(SpectralNorm(A), FrobeniusNorm(A))
SOURCE = Source(key="Book", title="A book")
BENCH = Bench(subject=impl, profile="dev")


def decided(statement, subject, instance):
    yield truth(str(statement), decide(statement, instance), f"{statement} is {decide(statement, instance)}")


def crude(statement, subject, instance):
    """Like `decided`, but a tie of balls is let pass."""
    yield truth(str(statement), decide(statement, instance) is not False)


KNOWN = Proof(lines=(line("known", NORMS, "fact", fact="spectral and Frobenius norm", of={"X": A}),))


FIELDS = {
    "title": "Norms",
    "words": "The spectral norm is at most the Frobenius norm.",
    "sources": (SOURCE.at("chapter 1"),),
    "statement": NORMS,
    "instances": cases(A),
    "check": crude,
    "proof": KNOWN,
    "mutants": {"half": Le(2 * SpectralNorm(A), FrobeniusNorm(A)), "reversed": Gt(SpectralNorm(A), FrobeniusNorm(A))},
    "examples": 60,
}


def made(**changes):
    return Theorem(**(FIELDS | changes))


def judged(**changes):
    return judge("x", made(**changes), BENCH)


def test_a_true_theorem_stands():
    record = judged()
    assert (record.verdict, record.problems) == ("proved", ())
    assert all(m.killed_by == ("proof", "property") for m in record.mutants)
    assert judged(proof=None).verdict == "tested"
    assert record.property.examples > 0


def test_a_false_theorem_falls_with_a_readable_counterexample():
    false = Le(FrobeniusNorm(A), SpectralNorm(A))
    record = judged(statement=false, proof=None, mutants=FIELDS["mutants"] | {"none": NORMS})
    assert record.verdict == "failed"
    shown = record.property.counterexample
    assert shown.startswith("Case({MatrixSymbol('A', 2, 2): [[")
    assert len(shown) < 60
    assert decide(false, eval(shown)) is False
    assert f"at {shown}" in record.problems[0]


def test_an_open_proof_fails_whatever_the_property_says():
    record = judged(proof=Proof(lines=()))
    assert record.verdict == "failed"
    assert "the proof has no lines" in record.problems[0]


@pytest.mark.parametrize("answer", [None, False, 1, True])
def test_a_rule_that_does_not_consent_proves_nothing(answer, monkeypatch):
    monkeypatch.setitem(RULES, "memory", lambda *_: answer)
    assert judged(proof=Proof(lines=(line("perhaps", NORMS, "memory"),))).verdict == "failed"


impossible = Assumption(name="impossible", text="A ≠ A", holds=lambda _: False)


def test_a_theorem_about_nothing_is_vacuous():
    record = judged(assumptions=(impossible,), without={impossible: Case({A: [[1, 0], [0, 1]]})})
    assert record.verdict not in SOUND
    rare = judged(instances=st.nothing())
    assert rare.verdict == "vacuous"
    assert rare.property.examples == 0


def test_a_check_that_compares_nothing_is_not_a_test():
    assert judged(check=lambda *_: iter(())).verdict not in SOUND


def test_an_instance_that_nothing_decides_is_not_a_test():
    assert judged(check=lambda *_: [truth("x", None)]).verdict == "failed"


def test_a_check_that_breaks_is_reported_and_not_swallowed():
    def broken(*_):
        raise ZeroDivisionError("of course")

    record = judged(check=broken)
    assert record.verdict == "failed"
    assert "ZeroDivisionError: of course" in record.problems[0]


def test_a_mutant_that_gets_through_fails_the_theorem(monkeypatch):
    loose = {"weaker": Le(SpectralNorm(A), 2 * FrobeniusNorm(A)), **FIELDS["mutants"]}
    record = judged(mutants=loose)
    assert record.verdict == "failed"
    assert record.problems == ("The wrong sibling 'weaker' is not rejected by the property.",)
    monkeypatch.setitem(RULES, "memory", lambda *_: Granted())
    gullible = Proof(lines=(line("whatever", NORMS, "memory"),))
    assert "'half' is not rejected by the proof" in judged(proof=gullible).problems[0]


def test_a_short_profile_does_not_shorten_the_hunt_for_wrong_siblings():
    theorem, short = made(), Bench(subject=impl, profile="dev")
    assert short.search(theorem, theorem.statement).examples == short.count(theorem) < theorem.examples
    assert short.hunt(theorem, theorem.statement).examples == short.count(theorem, "ci") == theorem.examples


def test_a_mutant_must_be_rejected_by_every_kind_of_evidence():
    found = mutant(made(check=lambda *_: [truth("x", True)]), "half", BENCH)
    assert (found.killed_by, found.missed_by, found.killed) == (("proof",), ("property",), False)


scalar = Assumption(name="scalar", text="A is a multiple of I", holds=lambda case: case[A][0][0] == case[A][1][1])


@pytest.mark.parametrize(
    ("witness", "says"),
    [
        ([[1, 0], [0, 1]], "breaks no assumption"),  # the assumption holds there
        ([[1, 1], [2, 2]], "decision at this instance is None"),  # both norms are √10 there
        ([[2, 0], [0, 1]], "decision at this instance is True"),  # the statement holds all the same
    ],
)
def test_a_witness_that_breaks_or_refutes_nothing_is_reported(witness, says):
    statement = Ge(SpectralNorm(A), FrobeniusNorm(A)) if "None" in says else NORMS
    record = judged(
        statement=statement,
        proof=None,
        assumptions=(scalar,),
        without={scalar: Case({A: witness})},
        check=lambda s, *_: [truth("x", s == statement)],
        mutants={"half": FIELDS["mutants"]["half"], "equal": Eq(A, A.T, evaluate=False)},
        instances=st.just(Case({A: [[1, 0], [0, 1]]})),
    )
    assert record.verdict == "failed"
    assert any("Without 'scalar'" in problem and says in problem for problem in record.problems), record.problems


@pytest.mark.parametrize("answer", [None, False, 1, "True"])
def test_only_true_certifies(answer):
    record = judged(proof=None, decide=lambda *_: answer, certified=(Case({A: [[1, 2], [0, 1]]}),))
    assert record.verdict == "failed"
    assert record.certified is None
    assert "Not certified at Case({MatrixSymbol('A', 2, 2): [[1, 2], [0, 1]]})" in record.problems[0]


def test_an_exact_instance_certifies():
    assert judged(proof=None, certified=(Case({A: [[1, 2], [0, 1]]}),)).verdict == "certified"


def asks(statement, subject, instance):
    offered(subject, "sing")
    yield from crude(statement, subject, instance)


def test_what_a_subject_lacks_is_not_offered_and_never_passed():
    record = judged(check=asks)
    assert not record.property.offered
    assert record.property.examples == 0
    assert "does not offer sing" in record.property.message
    nothing_left = judged(check=asks, proof=None)
    assert isinstance(nothing_left, NotOfferedRecord)
    assert "does not offer sing" in nothing_left.why
    with pytest.raises(Lacks, match="sing"):
        offered(SimpleNamespace(sing=3), "sing")


def sampled(expected, sample=lambda _, seed: float(np.random.default_rng(seed).normal(1.0, 0.5))):
    kept = Measurement(quantity="a number", effect="about 1", seeds=50, sample=sample, expected=expected)
    return measure(kept, None)


def test_a_measurement_is_shown_only_if_the_whole_interval_lies_inside():
    found = sampled((0.5, 1.5))
    assert found.shown
    assert not sampled((found.estimate, 1.5)).shown  # the interval straddles the edge
    assert not sampled((0.5, found.high - 1e-9)).shown
    assert not sampled((2.0, 3.0)).shown
    assert not sampled((0.0, 2.0), lambda _, seed: float("nan")).shown


def test_an_effect_that_is_not_shown_fails_the_theorem():
    kept = Measurement(quantity="q", effect="about 5", seeds=20, sample=lambda _, seed: seed % 3, expected=(4, 6))
    record = judged(proof=None, measurement=kept)
    assert record.verdict == "failed"
    assert "The effect is not shown" in record.problems[0]


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Theorem(**{k: v for k, v in FIELDS.items() if k != "title"}), "Theorem lacks the field 'title'"),
        (lambda: made(colour="red"), "Theorem has no field 'colour'"),
        (lambda: made(words="  "), "the field 'words' is empty"),
        (lambda: made(sources=()), "the field 'sources' names no source"),
        (lambda: made(mutants={"one": Eq(A, A.T)}), "at least 2 wrong siblings, got 1"),
        (lambda: made(mutants={"same": NORMS, "two": Eq(A, A.T)}), "'same' is the statement itself"),
        (
            lambda: made(mutants={"one": Eq(A, A.T), "two": Eq(A, A.T)}),
            "the field 'mutants': 'two' is the same as 'one'",
        ),
        (
            lambda: made(mutants={"one": Eq(A, A.T), "two": Eq(0, 1)}),
            "the field 'mutants': 'two' is False before any instance is seen",
        ),
        (
            lambda: made(mutants={"one": Eq(A, A.T), "two": True}),
            "the field 'mutants': 'two' is True before any instance is seen",
        ),
        (
            lambda: made(statement=Ge(FrobeniusNorm(A), 0)),
            "the field 'statement' is True before any instance is seen",
        ),
        (lambda: made(statement=1 > 2), "the field 'statement' is False before any instance is seen"),
        (lambda: made(statement=SpectralNorm(A)), "the field 'statement' must be a relation"),
        (lambda: made(assumptions=(scalar,)), "no witness that 'scalar' is needed"),
        (lambda: made(without={scalar: None}), "'scalar' is not an assumption of this theorem"),
        (lambda: made(attained=Case({A: [[1, 0], [0, 0]]})), "'attained' and 'ratio' go together"),
        (lambda: Theorem(NORMS), "takes its fields by keyword"),
        (lambda: Assumption(name="x", text="x", holds=None), "the field 'holds' must be a function"),
        (lambda: Assumption(name="x", text="x"), "Assumption lacks the field 'holds'"),
        (lambda: Source(key="", title="x"), "the field 'key' is empty"),
        (lambda: sampled((1.0, 1.0)), "'expected' must be (low, high)"),
        (
            lambda: Measurement(quantity="q", effect="e", seeds=3, sample=len, expected=(0, 1)),
            "'seeds' must be at least 20, got 3",
        ),
        (lambda: Claim(id="A1", source=SOURCE.at("p"), words="w", readings=()), "the field 'readings' of A1 is empty"),
        (
            lambda: Dependence(setting="s", values=(1.0,), quantity="q", at_least=0, sample=len),
            "'values' needs two values or more",
        ),
        (
            lambda: Claim(id="A1", source=SOURCE.at("p"), words="w", readings=(Reading(theorem="x"),), verdict="holds"),
            "Claim has no field 'verdict'",
        ),
    ],
)
def test_a_malformed_record_names_file_and_field(build, says):
    with pytest.raises(RecordError) as raised:
        build()
    assert says in str(raised.value)
    assert ".py: " in str(raised.value)


def test_the_file_named_is_the_one_that_holds_the_record(tmp_path):
    file = tmp_path / "my_theorem.py"
    file.write_text("from backproof import Source\nS = Source(key='x')\n", encoding="utf-8")
    with pytest.raises(RecordError, match=r"my_theorem\.py: Source lacks the field 'title'"):
        load_file(file)
    file.write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(RecordError, match=r"my_theorem\.py: defines no Theorem"):
        load_file(file)


def test_records_are_frozen():
    with pytest.raises(AttributeError):
        SOURCE.key = "other"
    with pytest.raises(RecordError):
        replace(made(), title="")
