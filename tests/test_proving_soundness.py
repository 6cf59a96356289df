"""What the kernel must not accept: inferences that are false somewhere, and wrong derivatives."""

from __future__ import annotations

import pytest
from sympy import And, Eq, Ge, Implies, Le, MatrixSymbol, OneMatrix, Symbol, Trace, ZeroMatrix, false, sympify
from sympy.matrices.expressions import Identity
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.theory.evaluation.truth import decide
from backproof.theory.language.nodes import (
    Contribution,
    CopyGradient,
    DirectJacobian,
    Gradient,
    Immediate,
    Inner,
    LargestEntry,
    LossGradient,
    Sensitivity,
    StateJacobian,
    StepLossGradient,
    StepSum,
    TimeSum,
    TruncatedGradient,
    Vec,
)
from backproof.theory.language.notation import PARAMETERS, T, U, V, W, a, b, c, g, h, k, n, o, p, s, t, v, x
from backproof.theory.nets.cells import ELMAN, GRU, LSTM
from backproof.theory.nets.networks import gated, net
from backproof.theory.proving.chain_rule import _derived, moved
from backproof.theory.proving.equality import alike
from backproof.theory.proving.kernel import Cited, Context, Frame, Proof, check, line
from backproof.theory.proving.normal_form import same
from backproof.theory.records import derivations
from backproof.theory.theorems.gradients._forward_mode import Directed

LARGE = MatrixSymbol("M", n * n, n * n)
STEPS = (Le(1, k), Le(k, t), Le(t, T))


def equation(left, right):
    return Eq(left, right, evaluate=False)


def over_both(one, other, sum_of=TimeSum):
    """A double sum over k, inside, and t."""
    return sum_of(sum_of(one * other, k, 1, T), t, 1, T)


DIFFERENT = {
    "vec of I is no identity": (Trace(Vec(Identity(n)).T * LARGE * Vec(Identity(n))), Trace(LARGE)),
    "a column of equal entries is not 1": (DiagMatrix(OneMatrix(n, 1) * (v.T * v)), Identity(n)),
    "an inner index captures an outer one": (over_both(h[t], a[k].T), over_both(h[k], a[k].T)),
    "so it does in a trace": (Trace(over_both(h[t], a[k].T)), Trace(over_both(h[k], a[k].T))),
    "and in a sum of numbers": (
        StepSum(StepSum(Inner(h[t], a[k]), k, 1, T), t, 1, T),
        StepSum(StepSum(Inner(h[k], a[k]), k, 1, T), t, 1, T),
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_expressions_that_differ_have_no_common_normal_form(name):
    assert not same(*DIFFERENT[name])


def test_an_implication_is_not_its_converse():
    first, second = Le(W[0, 0], 0), Ge(s, 5)
    assert not alike(Implies(first, second, evaluate=False), Implies(second, first, evaluate=False))
    assert not alike(And(first, second), And(first, Le(W[0, 1], 0)))


FALSE_LINES = {
    "V is no parameter of the state": (equation(Contribution(V, t, k), ZeroMatrix(p, n)), "chain rule", {}),
    "a bound step takes the name of a free one": (
        equation(StepLossGradient(W, k), TimeSum(Contribution(W, k, k), (k, 1, k))),
        "chain rule",
        {},
    ),
    "adjoints at the last step are not 0": (equation(LossGradient(a[T]), ZeroMatrix(n, 1)), "chain rule", {}),
    "a step of the sum is left out": (
        equation(TimeSum(h[k], (k, 1, t)), TimeSum(h[k], (k, 1, t - 2)) + TimeSum(h[k], (k, t, t))),
        "split a sum",
        {},
    ),
    "a sum ends before it starts": (
        equation(TimeSum(h[k], (k, 1, t)), TimeSum(h[k], (k, 1, t + 1)) + TimeSum(h[k], (k, t + 2, t))),
        "split a sum",
        {},
    ),
    "a sum ends two steps before it starts": (
        equation(TimeSum(h[k], (k, 1, t)), TimeSum(h[k], (k, 1, -1)) + TimeSum(h[k], (k, 0, t))),
        "split a sum",
        {},
    ),
    "a pre-activation is no state": (equation(StepLossGradient(a[t], t), V.T * g[t]), "chain rule", {}),
    "inputs do not move": (equation(moved(a[t]), W * moved(h[t - 1]) + U * moved(x[t])), "tangent", {}),
    "before the first step there is no equation": (
        equation(moved(o[k - 1]), moved(V) * h[k - 1] + V * moved(h[k - 1]) + moved(c)),
        "tangent",
        {},
    ),
    "a column may have entries larger than 1": (Le(LargestEntry(h[t]), 1, evaluate=False), "entrywise", {}),
}


@pytest.mark.parametrize("name", FALSE_LINES)
def test_no_line_says_what_is_false(name):
    says, rule, given = FALSE_LINES[name]
    assert not check(Proof(lines=(line("x", says, rule, **given),), ranges=STEPS), says, Context()).closed


@pytest.mark.parametrize("middle", [1, 2, k, t - 1, T - 1])
def test_a_sum_is_split_in_two_whichever_part_is_written_first(middle):
    says = equation(TimeSum(h[s], (s, 1, T)), TimeSum(h[s], (s, 1, middle)) + TimeSum(h[s], (s, middle + 1, T)))
    far = (*STEPS, Le(2, t), Le(3, T))
    assert check(Proof(lines=(line("x", says, "split a sum"),), ranges=far), says, Context()).closed


def test_the_later_part_of_a_sum_may_come_first_in_order():
    both = TimeSum(h[s], (s, k, 2)) + TimeSum(h[s], (s, 3, T))
    assert both.args[0] == TimeSum(h[s], (s, 3, T))
    says = equation(TimeSum(h[s], (s, k, T)), both)
    assert check(Proof(lines=(line("x", says, "split a sum"),), ranges=(Le(k, 2), Le(3, T))), says, Context()).closed


def test_an_end_of_a_sum_is_not_captured_by_the_sum_inside():
    inside = TimeSum(h[k] * a[t].T, (k, 1, T))
    wrong = equation(TimeSum(inside, (t, 1, k)), TimeSum(inside, (t, 1, k - 1)) + TimeSum(h[k] * a[k].T, (k, 1, T)))
    assert not check(Proof(lines=(line("x", wrong, "ends of a sum"),), ranges=STEPS), wrong, Context()).closed


def test_induction_may_not_rest_on_what_is_assumed_of_its_index():
    q = Symbol("q", real=True)
    claim = Le(q * s, 0, evaluate=False)
    proof = Proof(
        lines=(
            line("start", Le(q * 0, 0, evaluate=False), "real arithmetic"),
            line("hypothesis", claim, "supposition"),
            line("step", Le(q * (s + 1), 0, evaluate=False), "real arithmetic", "hypothesis", "index"),
            line("all", claim, "induction", "start", "step", index=s),
        )
    )
    context = Context(assumptions={"index": And(Ge(s, 1), Le(q, 0))})
    found = check(proof, claim, context)
    assert not found.closed
    assert "induction" in found.obstacle


SHORT = Le(LargestEntry(h[t]), 1, evaluate=False)
CITED = Cited(says=Le(LargestEntry(h[T]), 1, evaluate=False), assumes=((SHORT, frozenset({t})),), ranges=(Le(1, t),))


@pytest.mark.parametrize(
    ("every", "ranges", "good"),
    [(frozenset({t}), STEPS, True), (frozenset(), STEPS, False), (frozenset({t}), (Le(0, t),), False)],
    ids=["assumed at every step", "assumed at one step", "cited outside its ranges"],
)
def test_a_theorem_is_cited_with_what_it_assumes(every, ranges, good):
    context = Context(assumptions={"short": SHORT}, every={"short": every}, theorems={"some/theorem": CITED})
    proof = Proof(lines=(line("x", CITED.says, "theorem", "short", id="some/theorem"),), ranges=ranges)
    assert check(proof, CITED.says, context).closed is good


@pytest.mark.parametrize(
    ("ranges", "good"),
    [
        ((Le(1, t), Le(t, T)), True),
        (STEPS, True),
        ((Le(2, t),), False),
        ((Le(1, t), Le(t, 0)), False),
        ((Le(1, t), Le(5, k), Le(k, t)), False),
    ],
)
def test_ranges_leave_out_no_step_of_the_statement(ranges, good):
    assert derivations.covers(ranges, equation(h[t], h[t])) is good


def test_equal_by_the_equations_of_a_net_is_not_equal_as_functions():
    equal, one = equation(o[t], V * h[t] + c), MatrixSymbol("w", 1, p)
    line_of = equation(Gradient(one * o[t], o[t]), Gradient(one * (V * h[t] + c), o[t]))
    proof = Proof(
        lines=(
            line("cell", equal, "cell"),
            line("rows", equation(one * o[t], one * (V * h[t] + c)), "matrix algebra", "cell"),
            line("x", line_of, "gradient of equals", "rows"),
        ),
        ranges=STEPS,
    )
    found = check(proof, line_of, Context())
    assert len(found.lines) == 3
    assert found.lines[-1][1] is None


RELU = net(W=[[1, -2], [0.5, 3]], inputs=[[1, 2], [1, 2], [2, 1]], activation="relu", loss="squared_error")
GATED = {
    LSTM: gated("lstm", units=2, inputs=[[0.5], [1], [-1]], W_f=[[1, 2], [0, -1]], W_i=[[0, 1], [1, 0]], b_g=[1, -1]),
    GRU: gated("gru", units=2, inputs=[[0.5], [1], [-1]], W_z=[[1, 2], [0, -1]], W_r=[[0, 1], [1, 0]], b_n=[1, -1]),
}
K = Symbol("K", integer=True, positive=True)
OF_STATES = (W, U, b)
NODES = (
    StateJacobian(t, k),
    StateJacobian(t, t - 1),
    StateJacobian(t, t),
    *(LossGradient(q) for q in (*PARAMETERS.values(), a[t], h[t], o[t], h[0])),
    *(CopyGradient(q, t) for q in PARAMETERS.values()),
    *(StepLossGradient(q, t) for q in (*OF_STATES, h[t], h[k])),
    *(Sensitivity(q, t) for q in OF_STATES),
    *(Vec(StepLossGradient(q, t)) for q in OF_STATES),
    *(Contribution(q, t, k) for q in OF_STATES),
    *(TruncatedGradient(q, window) for q in OF_STATES for window in (2, T)),
    *(Immediate(q, t).T * h[k] for q in OF_STATES),
)


def _claims(node, cell, instance):
    """Each right side of the chain rule for a node, at every t and k at which the rule gives it."""
    for wanted, right in _derived(node, cell, Frame(ranges=(), context=Context())):
        free = node.free_symbols
        for late in range(1, instance.steps + (cell is ELMAN)) if t in free else (0,):  # adjoints read what follows
            for early in range(late + 1) if k in free else (0,):
                at = {symbol: time for symbol, time in {t: late, k: early}.items() if symbol in free}
                if all(sympify(condition).subs(at) == True for condition in wanted):  # noqa: E712
                    yield equation(node.subs(at), right.subs(at) if at else right)


@pytest.mark.parametrize("node", NODES, ids=str)
def test_derivatives_of_the_chain_rule_are_what_forward_differentiation_finds(node):
    claims = list(_claims(node, ELMAN, RELU))
    assert claims
    for one in claims:
        assert decide(one, RELU) is True, one


@pytest.mark.parametrize("cell", GATED, ids=lambda cell: cell.name)
def test_derivatives_of_gated_cells_are_not_refuted(cell):
    states = [state[t] for state in cell.states]
    nodes = [LossGradient(q) for q in (*cell.parameters, *states)] + [DirectJacobian(states[-1])]
    if cell is GRU:
        nodes += [StateJacobian(t, t - 1), StateJacobian(t, k)]
    for node in nodes:
        for one in _claims(node, cell, GATED[cell]):
            assert decide(one, GATED[cell]) is not False, one
            assert decide(equation(2 * one.lhs + OneMatrix(*one.lhs.shape), one.rhs), GATED[cell]) is not True


def test_tangents_are_what_moving_the_parameters_does():
    instance = Directed(RELU, directions={name: 0 * array + 1 for name, array in RELU.parameters.items()})
    right = moved(V) * h[t] + V * moved(h[t]) + moved(c)
    proof = Proof(lines=(line("x", equation(moved(o[t]), right), "tangent"),), ranges=STEPS)
    assert check(proof, proof.lines[0].says, Context()).closed
    assert decide(proof.lines[0].says.subs(t, 1), instance) is True
    wrong = equation(moved(o[t]), moved(V) * h[t] + V * moved(h[t]))
    assert decide(wrong.subs(t, 1), instance) is False
    assert not check(Proof(lines=(line("x", wrong, "tangent"),), ranges=STEPS), wrong, Context()).closed


def test_a_contradiction_is_no_line():
    assert not check(Proof(lines=(line("x", false, "integers"),)), false, Context()).closed
