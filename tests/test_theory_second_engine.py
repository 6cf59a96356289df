"""The second engine: what is false it finds, what is true it leaves alone, and what it cannot look at it says."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import strategies as st
from sympy import Eq, Ge, Gt, Le, Limit, Lt, Matrix, Symbol, exp, eye, oo

from backproof.referee import judge
from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import SpectralNorm
from backproof.theory.language.notation import A, W, h, n, t
from backproof.theory.language.notation import b as b_column
from backproof.theory.nets.networks import net
from backproof.theory.proving.kernel import RULES, Checked, Granted, Proof, Sequent, line
from backproof.theory.records.catalogue import theorem as find
from backproof.theory.records.derivations import attempt
from backproof.theory.records.records import Assumption, Theorem
from backproof.theory.records.second_engine import look_over
from backproof.theory.records.second_reals import certainly_follows
from backproof.theory.records.second_values import fresh_values
from backproof.theory.records.sources import HORN_JOHNSON

a, b = Symbol("a", real=True), Symbol("b", real=True)
SMALL = Case({a: 1, b: 2})


@pytest.fixture
def believed(monkeypatch):
    """A rule that grants whatever it is asked."""
    monkeypatch.setitem(RULES, "believed", lambda line, premises, frame: Granted())
    return "believed"


def denied(says):
    """The opposite of a comparison, or an equation with a sign changed."""
    if isinstance(says, Eq):
        left, right = says.args
        return Eq(left, -right, evaluate=False)
    return {Le: Gt, Lt: Ge, Ge: Lt, Gt: Le}[type(says)](*says.args, evaluate=False)


def with_planted(theorem, name, rule):
    """The proof with a false line after the line of that name, which the rule grants and no other line uses."""
    lines = list(theorem.proof.lines)
    place = next(number for number, one in enumerate(lines) if one.name == name)
    false = replace(lines[place], name="planted", says=denied(lines[place].says), rule=rule, why="Planted")
    return replace(theorem, proof=replace(theorem.proof, lines=(*lines[: place + 1], false, *lines[place + 1 :])))


MIDDLE_LINES = (
    ("activations/sigmoid_slope", 1),
    ("activations/tanh_slope", 1),
    ("clipping/by_norm", 3),
    ("clipping/projection", 5),
    ("gated/constant_error_carousel", 4),
    ("gated/gru_carry", 10),
    ("gradients/adjoint_recursion", 1),
    ("gradients/forward_mode_agrees", 2),
    ("gradients/truncation_error", 20),
    ("jacobians/lower_bound", 8),
    ("jacobians/norm_bound", 5),
    ("jacobians/orthogonal_weights", 6),
    ("learning/far_words", 9),
    ("spectra/alignment", 5),
    ("spectra/kreiss", 5),
    ("spectra/spectral_norm", 4),
)


@pytest.mark.parametrize(("id", "place"), MIDDLE_LINES)
def test_a_changed_sign_in_a_middle_line_is_contradicted(id, place, believed):
    theorem = find(id)
    sound = [one for one in theorem.proof.lines[place:] if one.rule != "supposition" and len(one.says.args) == 2]
    planted = with_planted(theorem, next(one for one in sound if isinstance(one.says, Eq | Le | Ge)).name, believed)
    looked = look_over(planted, attempt(planted))
    statuses = dict(zip((one.name for one in planted.proof.lines), looked, strict=True))
    assert statuses.pop("planted").status == "contradicted"
    assert {one.status for one in statuses.values()} <= {"agreed", "supposed", "not looked at"}


DROPPED = (
    ("clipping/by_norm", "positive threshold"),
    ("clipping/by_value_turns", "an entry is capped"),
    ("gated/gru_carry", "bounded start"),
    ("gradients/softmax_cross_entropy", "targets add up to 1"),
    ("gradients/truncation_error", "contraction"),
    ("jacobians/countered_slopes", "sigmoid"),
    ("jacobians/linear_net", "linear"),
    ("jacobians/norms_above_one", "as many steps as units"),
    ("jacobians/orthogonal_weights", "orthogonal"),
    ("jacobians/scalar_products", "one bound above"),
    ("learning/instability", "overshoot"),
    ("learning/prediction", "nothing lost between steps"),
    ("spectra/growth_of_powers", "inverse"),
    ("spectra/kreiss", "resolvent"),
    ("spectra/orthogonal", "orthogonal"),
    ("spectra/transient_growth", "nilpotent"),
)


@pytest.mark.parametrize(("id", "name"), DROPPED)
def test_a_dropped_hypothesis_is_contradicted(id, name):
    """The last line, as if a rule had forgotten one of the assumptions behind it."""
    theorem = find(id)
    found = attempt(theorem)
    *before, (last, sequent) = found.lines
    forgetful = replace(sequent, assumed=sequent.assumed - {name})
    assert look_over(theorem, found)[-1].status == "agreed"
    assert look_over(theorem, Checked(lines=(*before, (last, forgetful)), obstacle=None))[-1].status == "contradicted"


def test_a_false_line_opens_the_proof_and_the_point_is_named(believed):
    theorem = find("spectra/symmetric_powers")
    name = next(one.name for one in theorem.proof.lines[2:] if isinstance(one.says, Eq))
    assert judge.proved(theorem).closed
    planted = with_planted(theorem, name, believed)
    assert attempt(planted).closed
    found = judge.proved(planted)
    assert not found.closed
    assert "(Planted) was granted by believed, and is false at Case(" in found.obstacle
    (bad,) = (one for one in found.lines if one.second == "contradicted")
    assert not bad.holds
    assert bad.remark.startswith("Case(")


BORDERS = (
    ("jacobians/norm_bound", None),
    ("jacobians/product_of_steps", net(W=[[0]], inputs=[[0]])),
    ("jacobians/product_of_steps", net(W=[[0, 0], [0, 0]], inputs=[[0, 0]], activation="relu")),
    ("gradients/adjoint_recursion", net(W=[[0]], inputs=[[0]], activation="identity", loss="squared_error")),
    ("gradients/recurrent_weights", net(W=[[0, 0], [0, 0]], inputs=[[0, 0]] * 2)),
    ("gradients/truncated", net(W=[[1]], inputs=[[0]])),
    ("spectra/spectral_norm", None),
    ("clipping/projection", None),
    ("learning/far_words", None),
    ("gated/constant_error_carousel", None),
)


@pytest.mark.parametrize(("id", "instance"), BORDERS)
def test_a_true_line_at_a_border_value_is_left_alone(id, instance):
    """Zeros, one unit, one step, a bound that is attained."""
    theorem = find(id)
    border = theorem.attained if instance is None else instance
    only = replace(theorem, instances=st.just(border)) if border is not None else theorem
    assert {one.status for one in look_over(only, attempt(only))} <= {"agreed", "supposed", "not looked at"}


def record(says, *, ranges=(), assumptions=(), instances=SMALL, before=()):
    """A theorem with a proof of one line that a stub grants."""
    return Theorem(
        title="A line",
        words="A line.",
        sources=(HORN_JOHNSON.at("nowhere"),),
        statement=says,
        instances=st.just(instances),
        mutants={"one": Eq(a, 17), "other": Eq(a, 18)},
        proof=Proof(lines=(*before, line("it", says, "believed")), ranges=ranges),
        assumptions=assumptions,
        without={one: Case({a: -1, b: 2}) for one in assumptions},
    )


def looked_at(says, **sequent):
    theorem = record(says)
    found = Checked(lines=((theorem.proof.lines[-1], Sequent(says=says, **sequent)),), obstacle=None)
    return look_over(theorem, found)[0]


@pytest.mark.parametrize("says", [Eq(a + b, b + a, evaluate=False), Le(-a * a, 0, evaluate=False)])
def test_what_holds_everywhere_is_agreed(says):
    assert looked_at(says).status == "agreed"


@pytest.mark.parametrize("says", [Eq(a * b, a, evaluate=False), Lt(a * a, 0, evaluate=False), Gt(a, b)])
def test_what_fails_somewhere_is_contradicted(says):
    assert looked_at(says).status == "contradicted"


def test_what_a_line_supposes_is_met_at_every_point():
    assert looked_at(Le(a, b), supposed={"less": Lt(a, b)}).status == "agreed"
    assert looked_at(Eq(a * a, b * b, evaluate=False), supposed={"same": Eq(a, b)}).status == "agreed"
    assert looked_at(Lt(a, b), supposed={"weaker": Le(a, b), "and": Ge(a, b)}).status == "contradicted"


def test_a_supposition_claims_nothing():
    assert looked_at(Lt(a, 0), supposed={"it": Lt(a, 0)}).status == "supposed"


def test_what_cannot_be_met_or_read_is_not_looked_at_and_says_why():
    unmet = looked_at(Eq(a, b), supposed={"never": Lt(a * a, -1, evaluate=False), "nor": Gt(b, 0)})
    assert unmet.engines == ("z3",)  # nothing meets it, so everything follows
    endless = looked_at(Eq(Limit(SpectralNorm(W ** Symbol("s", integer=True)), Symbol("s", integer=True), oo), 0))
    assert endless.status == "not looked at"
    assert endless.reason


def test_an_index_keeps_within_the_ranges():
    theorem = find("jacobians/product_of_steps")
    outside = Le(t, 0, evaluate=False)
    found = Checked(lines=((line("it", outside, "believed"), Sequent(says=outside)),), obstacle=None)
    assert look_over(theorem, found)[0].status == "contradicted"
    inside = Ge(t, 0, evaluate=False)
    found = Checked(lines=((line("it", inside, "believed"), Sequent(says=inside)),), obstacle=None)
    assert look_over(theorem, found)[0].status == "agreed"


def test_an_assumption_that_is_cited_is_met_and_one_that_is_not_is_broken():
    positive = Assumption(name="positive", text="a > 0", holds=lambda case: case[a] > 0, says=Gt(a, 0))
    theorem = record(Gt(2 * a, a), assumptions=(positive,))
    (only,) = theorem.proof.lines
    for assumed, status in ((frozenset({"positive"}), "agreed"), (frozenset(), "contradicted")):
        found = Checked(lines=((only, Sequent(says=only.says, assumed=assumed)),), obstacle=None)
        assert look_over(theorem, found)[0].status == status


def test_z3_does_not_count_twice():
    says = Eq((a + b) ** 2, a**2 + 2 * a * b + b**2, evaluate=False)
    theorem = record(says)
    for rule, asked in (("matrix algebra", True), ("real arithmetic", False)):
        found = Checked(lines=((line("it", says, rule), Sequent(says=says)),), obstacle=None)
        looked = look_over(theorem, found)[0]
        assert looked.engines == (("rationals", "z3") if asked else ("rationals",))
        assert looked.points >= 3


def test_what_is_rounded_is_judged_by_balls():
    says = Lt(a, exp(a), evaluate=False)
    theorem = record(says)
    found = Checked(lines=((line("it", says, "fact"), Sequent(says=says)),), obstacle=None)
    assert look_over(theorem, found)[0].engines == ("balls",)


def test_values_are_drawn_of_every_kind():
    found = [fresh_values({W, b_column}, {n: 3}, Random(seed)) for seed in range(300)]
    matrices = [Matrix(each[W]) for each in found]
    assert sum(M.is_diagonal() and not {abs(value) for value in M.diagonal()} <= {0, 1} for M in matrices) > 20
    assert any(eye(3) == M for M in matrices)
    assert any(eye(3) == M.T * M and eye(3) != M for M in matrices)
    assert any(M.is_symmetric() and not M.is_diagonal() for M in matrices)
    assert any(not M.is_symmetric() for M in matrices)
    columns = [[row[0] for row in each[b_column]] for each in found]
    assert sum(column == [1, 0, 0] for column in columns) > 60
    assert sum(column == [0, 1, 1] for column in columns) < 10


@pytest.mark.parametrize(
    ("premises", "conclusion", "follows"),
    [
        ((Gt(a, 1), Gt(b, 1)), Gt(a * b, 1), True),
        ((Gt(a, 1),), Gt(a * b, 1), False),
        ((Eq(a, b),), Eq(a**2, b**2, evaluate=False), True),
        ((), Le(SpectralNorm(A), SpectralNorm(A) + 1, evaluate=False), True),
        ((), Ge(SpectralNorm(A), 0, evaluate=False), True),
        ((), Eq(h[t], h[t], evaluate=False), False),
    ],
)
def test_z3_reads_relations_between_reals(premises, conclusion, follows):
    assert certainly_follows(premises, conclusion) is follows


def test_the_same_is_found_again():
    theorem = find("jacobians/norm_bound")
    found = attempt(theorem)
    assert look_over(theorem, found) == look_over(theorem, found)
