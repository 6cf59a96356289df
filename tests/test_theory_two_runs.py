"""Statements on two trajectories of one net: true ones stand, false ones are refuted at a pair that can be read."""

import numpy as np
import pytest
from sympy import Eq, Gt, Le, Lt, Rational

from backproof import Source, Theorem, TwoRuns, net
from backproof.nodes import EuclideanNorm, SpectralNorm, SpectralRadius
from backproof.notation import U, W, h, t, x
from backproof.referee.property import search
from backproof.strategies import gated_nets, nets, two_runs
from backproof.theory.arithmetic import Rationals
from backproof.theory.evaluation.meeting import judged
from backproof.theory.evaluation.truth import decide

length = EuclideanNorm
apart, at_start = length(h[t] - h.prime[t]), length(h[0] - h.prime[0])
PAIR = TwoRuns(net(W=[[0.5]], inputs=[[1], [0]]), other=net(W=[[0.5]], inputs=[[1], [0]], h0=[[2]]))


def theorem(statement, instances, **assumed):
    return Theorem(
        title="Two runs",
        words="Of one net.",
        sources=(Source(key="notes", title="Notes of a researcher").at("page 1"),),
        statement=statement,
        instances=instances,
        mutants={"far apart": Gt(apart, 7), "near": Lt(apart, Rational(1, 7))},
        **assumed,
    )


RUNS = two_runs(nets(activations=("tanh", "relu", "identity")))
ON_INPUTS = two_runs(nets(activations=("tanh",)), starts=False, inputs=True)
TRUE = {
    "a step stretches at most by the norm": (Le(apart, SpectralNorm(W) * length(h[t - 1] - h.prime[t - 1])), RUNS),
    "all steps by its power": (Le(apart, SpectralNorm(W) ** t * at_start), RUNS),
    "runs that meet stay together": (Eq(apart, 0, evaluate=False), two_runs(nets(), starts=False)),
    "from one start the first step moves by the input": (
        Le(length(h[1] - h.prime[1]), SpectralNorm(U) * length(x[1] - x.prime[1])),
        ON_INPUTS,
    ),
    "a gated net too has one trajectory from one start": (
        Eq(h[t], h.prime[t]),
        two_runs(gated_nets("gru"), starts=False),
    ),
}
FALSE = {
    "by the power of the radius": (Le(apart, SpectralRadius(W) ** t * at_start), RUNS),
    "runs draw near": (Lt(apart, at_start), RUNS),
    "one start, one trajectory": (Eq(h[t], h.prime[t]), ON_INPUTS),
    "half the norm at each step": (Le(2**t * apart, SpectralNorm(W) ** t * at_start), RUNS),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_statements_on_two_runs_stand(name):
    statement, instances = TRUE[name]
    found = search(theorem(statement, instances), statement, None, count=60)
    assert found.passes, found.message


@pytest.mark.parametrize("name", FALSE)
def test_false_statements_on_two_runs_are_refuted(name):
    statement, instances = FALSE[name]
    found = search(theorem(statement, instances), statement, None, count=200)
    assert found.counterexample is not None
    assert not found.crashed, found.message
    assert judged(statement, found.instance)[0] is False


def test_two_runs_are_written_and_shown():
    assert repr(PAIR) == (
        "TwoRuns(net(W=[[0.5]], inputs=[[1], [0]]), other=net(W=[[0.5]], h0=[[2]], inputs=[[1], [0]]))"
    )
    assert PAIR.in_formulas[-1] == "h'_0 = 2"
    assert sum("'" in line for line in PAIR.in_formulas) == 1
    assert decide(Eq(h.prime[0] - h[0], h.prime[0]), PAIR) is True
    assert decide(Le(apart, at_start / 2), PAIR) is True


def test_a_batch_is_compared_sequence_by_sequence():
    one = net(W=[[1]], inputs=[[[0], [0]]], h0=[[0], [1]], activation="identity")
    pair = TwoRuns(one, other=one.with_(h0=one.h0 + np.array([[0], [3]])))
    environments = pair.environments(Rationals(), Eq(h[1], h.prime[1]))
    assert [(here[h.prime[1]] - here[h[1]])[0, 0] for here in environments] == [0, 3]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"W": [[0.25]]}, "other: expected the W of the net"),
        ({"activation": "relu"}, "other: expected the settings of the net"),
        ({"inputs": [[1]]}, "other: expected the sizes of the net"),
    ],
)
def test_two_runs_of_different_nets_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        TwoRuns(PAIR.net, other=net(**{"W": [[0.5]], "inputs": [[1], [0]], **change}))


def test_a_single_run_has_no_other():
    with pytest.raises(KeyError, match="h' has no value"):
        decide(Eq(h.prime[1], h[1]), PAIR.net)
