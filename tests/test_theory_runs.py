"""Theorems on several runs of nets of layers: what an instance makes of them, and subjects that break each of them."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, IndexedBase, Ne, Symbol

from backproof import impl
from backproof.nodes import RunGradient
from backproof.notation import h, t, x
from backproof.referee.cellcheck import by_equations
from backproof.referee.judge import Bench, judge
from backproof.theory.arithmetic import Balls, Rationals, Undecided
from backproof.theory.confronting.layered_runs import described, in_runs
from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.layered_runs import B, Runs, i, stack, theta
from backproof.theory.nets.layers import joint_faults
from backproof.theory.records.catalogue import theorem, theorem_ids

IDS = [id for id in theorem_ids() if id.startswith("layers/")]
r = Symbol("r")


def by_equations_of(net):
    """A subject that runs the derived equations of what a function makes of each net that it is asked for."""

    class Subject:
        @staticmethod
        def net_gradients(cells, params, inputs, upstream, last, **options):
            return by_equations(net(stack(*cells, **options)))(params, inputs, upstream, last)

    return Subject


def faulty(what):
    """The fault between layers of which the name ends so, where a net has it."""
    return by_equations_of(lambda of: next((one for one in joint_faults(of) if one.what.endswith(what)), of))


class Wrong:
    """The gradients of impl with something done to them, or to what is asked."""

    def __init__(self, before=lambda given: given, after=lambda found, given: found):
        self.before, self.after = before, after

    def net_gradients(self, cells, params, inputs, upstream, last, **options):
        given = self.before({"params": params, "inputs": inputs, "upstream": upstream, "last": last})
        return self.after(impl.net_gradients(cells, **given, **options), given)


def without_lengths(given):
    steps, batch, _ = given["inputs"].shape
    return given | {"params": given["params"] | {"lengths": np.full(batch, steps)}}


def mean_over_rows(found, given):
    batch = given["inputs"].shape[1]
    return {name: a / (1 if name == "inputs" or "0_" in name else batch) for name, a in found.items()}


SUBJECTS = {
    "layers/padding": Wrong(without_lengths),
    "layers/rows": Wrong(after=mean_over_rows),
    "layers/cut": Wrong(lambda given: given | {"last": {}}),
    "layers/reverse": faulty("in the wrong order of time"),
    "layers/dropout": faulty("forgotten on the way back"),
}


def test_each_theorem_has_a_subject_that_breaks_it():
    assert set(SUBJECTS) == set(IDS)


@pytest.mark.parametrize("id", SUBJECTS)
def test_a_subject_that_breaks_a_theorem_is_found_out(id):
    found = Bench(subject=SUBJECTS[id], name="wrong").search(theorem(id), theorem(id).statement)
    assert found.counterexample is not None
    assert not found.crashed


@pytest.mark.parametrize("id", SUBJECTS)
def test_the_derived_equations_pass(id):
    found = Bench(subject=by_equations_of(lambda of: of), name="equations").search(theorem(id), theorem(id).statement)
    assert found.passes, found.message


def test_a_subject_without_the_function_leaves_the_certified_instances():
    record = judge("layers/rows", theorem("layers/rows"), Bench(subject=object(), name="none"))
    assert record.verdict == "certified"
    assert not record.property.offered
    assert record.property.message == "the subject does not offer net_gradients"


def exact():
    return theorem("layers/rows").certified[0]


def values(quantity, *row, run=r, arithmetic=Rationals):
    """A gradient of the exact instance as floats, at the first step."""
    instance = exact()
    (environment, *_) = instance.environments(arithmetic(), Eq(RunGradient(quantity, run, *row), theta, evaluate=False))
    found = instance.gradient(RunGradient(quantity, run, *row), arithmetic(), environment)
    return [float(entry.p) / float(entry.q) for entry in found.entries()]


def test_gradients_by_definition_are_those_of_the_derived_equations():
    run = exact().main
    derived = by_equations(run.of)(run.passed, run.inputs, run.targets, run.asked)
    assert values(theta) == np.concatenate([derived[name].ravel() for name in run.parameters]).tolist()
    assert values(x[1], 2) == derived["inputs"][0, 1].tolist()
    assert values(h[0], 2) == derived["h0_l0"][1].tolist()


ALONE = IndexedBase("alone")


@pytest.mark.parametrize(
    ("quantity", "run", "row", "says"),
    [
        (x[5], r, 1, "there is no step 5"),
        (x[0], r, 1, "there is no step 0"),
        (h[1], r, 1, "the first alone"),
        (x[1], r, 3, "no such sequence"),
        (x[1], ALONE[3], 1, "no run of number 3"),
        (x[1], ALONE[0], 1, "no run of number 0"),
    ],
)
def test_what_no_run_has_has_no_value(quantity, run, row, says):
    with pytest.raises(KeyError, match=says):
        values(quantity, row, run=run)


def test_every_sequence_and_step_is_meant_where_a_statement_leaves_them_free():
    instance, some = exact(), RunGradient(x[t], r, i)
    found = [(e[i], e[t]) for e in instance.environments(Balls(), Eq(some, some, evaluate=False))]
    assert found == [(1, 1), (1, 2), (2, 1), (2, 2)]
    (one,) = instance.environments(Balls(), Eq(RunGradient(theta, r), B * RunGradient(theta, r), evaluate=False))
    assert (one[B], i in one, t in one) == (2, False, False)
    assert decide(Eq(some, 2 * some, evaluate=False), instance) is False


def test_an_instance_is_written_by_the_runs_that_are_numbers():
    instance = theorem("layers/cut").certified[0]
    assert repr(instance).startswith("Runs(r=recurrent(indrnn, inputs=[[[1]], [[-1]], [[2]]]")
    assert repr(instance).endswith("k=1)")
    assert isinstance(instance, Runs)


def test_a_net_is_described_by_the_files_of_its_cells():
    cells = [("gru", "indrnn"), ("mgu",)]
    assert described(stack(*cells, lengths=True)) == (cells, {"lengths": True, "dropout": False})
    assert described(replace(stack(*cells[1:], *cells[1:], dropout=True)))[1] == {"lengths": False, "dropout": True}


@pytest.mark.parametrize("kind", [Ne, lambda a, b, **_: Eq(b, a, evaluate=False)])
def test_a_check_settles_nothing_that_is_no_equation_for_one_gradient(kind):
    some = RunGradient(theta, r)
    with pytest.raises(Undecided, match="nothing that would settle"):
        list(in_runs(kind(some, 2 * some, evaluate=False), impl, exact()))
