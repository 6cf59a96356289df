"""Instances: what they give values to, how they are written so that they can be pasted back, how they are shown."""

import subprocess
import sys
from fractions import Fraction
from html import escape

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Eq, Le, MatrixSymbol, Symbol

import backproof
from backproof.referee.property import Search
from backproof.theory.confronting.comparison import at_most, truth
from backproof.theory.evaluation.truth import Instance, decide
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import REGIMES, diagonalised, gated_nets, nets
from backproof.theory.instances.symbols import cases
from backproof.theory.instances.values import Case
from backproof.theory.language import notation
from backproof.theory.language.display import Displayed
from backproof.theory.language.nodes import SpectralNorm
from backproof.theory.language.notation import A, S_inv, W, h, k, lam, n, s, t
from backproof.theory.language.typeset import tex
from backproof.theory.nets.networks import gated, net, net_of
from backproof.theory.records.catalogue import theorem, theorem_ids

PUBLIC = {name: getattr(backproof, name) for name in backproof.__all__}
NAMES = {
    **{name: getattr(notation, name) for name in notation.__all__},
    "Fraction": Fraction,
    "Symbol": Symbol,
    **PUBLIC,
}
beta = Symbol("beta", positive=True)


def pasted(instance):
    """What its text says when it is pasted back."""
    return eval(repr(instance), dict(NAMES))


def same(one, other):
    """Whether two nets have the same kind, settings and numbers."""
    words = ("kind", "activation", "loss", "reduction", "mean_divisor")
    return (
        type(one) is type(other)
        and all(getattr(one, word, None) == getattr(other, word, None) for word in words)
        and one.parameters.keys() == other.parameters.keys()
        and all(np.array_equal(array, other.parameters[name]) for name, array in one.parameters.items())
        and np.array_equal(one.inputs, other.inputs)
        and np.array_equal(one.targets, other.targets)
        and one.targets.dtype == other.targets.dtype
    )


@pytest.mark.parametrize("regime", REGIMES)
@given(data=st.data())
def test_a_net_is_written_as_the_call_that_builds_it(regime, data):
    drawn = data.draw(nets(regimes=(regime,)))
    assert same(pasted(drawn), drawn)
    assert all(same(pasted(sequence), sequence) for sequence in drawn.sequences())


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@given(data=st.data())
def test_a_gated_net_likewise(kind, data):
    drawn = data.draw(gated_nets(kind))
    assert same(pasted(drawn), drawn)


@given(st.one_of(cases(W, A, k, s), cases(lam, S_inv, t), diagonalised()))
def test_a_case_likewise(case):
    again = pasted(case)
    assert {**again.given}.keys() == {**case.given}.keys()
    assert again.keys() == case.keys()
    assert all(np.array_equal(again[symbol], value) for symbol, value in case.items())


def test_what_a_net_fills_in_is_left_out():
    assert repr(net(W=[[1]], inputs=[[0.5]])) == "net(W=[[1]], inputs=[[0.5]])"
    assert repr(gated("gru", inputs=[[1]], b_z=[3])) == "gated('gru', b_z=[3], inputs=[[1]])"


def test_a_quantity_at_a_time_is_written_as_the_notation_has_it():
    case = Case({h[t - 1]: [[1], [0.5]]})
    assert repr(case) == "Case({h[t - 1]: [[1], [0.5]]})"
    assert pasted(case)[h[t - 1]] == [[1], [0.5]]


def test_no_scalar_of_the_users_is_hidden():
    assert repr(Case({n: 3, k: 2})) == "Case({n: 3, k: 2})"
    assert repr(Case({W: [[1, 0], [0, 1]], k: 2})) == "Case({W: [[1, 0], [0, 1]], k: 2})"
    assert "n = 3" in Case({n: 3, W: np.eye(3)}).in_formulas
    assert Case({W: [[1]]}).with_({W: np.eye(2)})[n] == 2


def test_a_symbol_with_a_name_of_the_notation_is_not_taken_for_it():
    mine, strange = Symbol("n", real=True), MatrixSymbol("W", 2, 2)
    assert pasted(Case({mine: 0.5}))[mine] == 0.5
    assert "MatrixSymbol('W', 2, 2)" in repr(Case({strange: [[1, 0], [0, 1]]}))


@pytest.mark.parametrize(
    ("value", "text"), [(Fraction(1, 2), "0.5"), (Fraction(1, 3), "Fraction(1, 3)"), (2.0**-700, None)]
)
def test_numbers_are_written_exactly(value, text):
    case = Case({beta: value})
    assert repr(case) == f"Case({{beta: {text or repr(value)}}})"


def test_a_net_with_values_is_written_and_shown_with_them():
    held = NetWithValues(net(W=[[0.5]], inputs=[[1]]), {beta: 2})
    assert repr(held) == "NetWithValues(net(W=[[0.5]], inputs=[[1]]), {beta: 2})"
    assert repr(NetWithValues(held.net)) == "NetWithValues(net(W=[[0.5]], inputs=[[1]]))"
    assert held.in_formulas[0] == r"\beta = 2"
    assert decide(Le(SpectralNorm(W), beta), held) is True
    assert net_of(held) is held.net
    assert net_of(held.net) is held.net


@pytest.mark.parametrize(
    "code",
    [
        "from backproof.theory.nets.networks import net; one = net(W=[[1]], inputs=[[1]])",
        "from backproof.theory.instances.values import Case; one = Case({W: [[1]]})",
    ],
)
def test_deciding_needs_nothing_but_the_instance_and_decide(code):
    lines = (
        "from backproof.theory.evaluation.truth import decide",
        "from backproof.theory.language.notation import W",
        "from sympy import Eq",
        code,
        "assert decide(Eq(W, W, evaluate=False), one) is True",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("stranger", [object(), 3, {W: [[1]]}])
def test_what_gives_no_values_is_no_instance(stranger):
    with pytest.raises(TypeError, match=f"a {type(stranger).__name__} is no instance"):
        decide(Eq(W, W, evaluate=False), stranger)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"W": [[1, 2]], "inputs": [[1]]}, r"W has the shape \(1, 2\), expected \(1, 1\)"),
        ({"W": [[1]], "inputs": [1]}, r"inputs must be \(T, B, m\)"),
        ({"W": [[1]], "inputs": [[1]], "b": [1, 2]}, r"b has the shape \(2,\), expected \(1,\)"),
        ({"W": [[1]], "inputs": [[1]], "targets": [0, 0]}, r"targets has the shape \(2, 1\), expected \(1, 1\)"),
    ],
)
def test_arrays_that_do_not_fit_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        net(**wrong)


def test_arguments_that_a_net_does_not_have_are_named():
    with pytest.raises(TypeError, match="weights"):
        net(W=[[1]], inputs=[[1]], weights=1)
    with pytest.raises(TypeError, match="GRU nets have no array 'W_f'"):
        gated("gru", inputs=[[1]], W_f=[[1]])
    with pytest.raises(ValueError, match="kind must be one of 'lstm', 'gru', got 'rnn'"):
        gated("rnn", inputs=[[1]])


def witnesses():
    """Every exact instance that a theorem names."""
    for name in theorem_ids():
        record = theorem(name)
        named = [*record.without.values(), *record.certified, record.attained]
        yield from ((f"{name}-{i}", instance) for i, instance in enumerate(named) if instance is not None)


@pytest.mark.parametrize("instance", [pytest.param(instance, id=name) for name, instance in witnesses()])
def test_every_instance_that_a_theorem_names_is_shown(instance):
    assert isinstance(instance, Instance | Displayed)
    assert instance.in_formulas or instance.in_words
    assert instance._repr_latex_().count("{") == instance._repr_latex_().count("}")
    assert len(repr(instance)) < 900


def test_a_theorem_is_written_in_one_line_and_typeset_in_a_notebook():
    one = theorem("jacobians/norm_bound")
    assert repr(one) == "Theorem('Norm of Jacobian products')"
    shown = one._repr_html_()
    assert "<h4>Norm of Jacobian products</h4>" in shown
    assert escape(tex(one.statement)) in shown
    assert all(escape(assumption.text) in shown for assumption in one.assumptions)


def test_other_records_are_written_by_what_names_them():
    one = theorem("jacobians/norm_bound")
    assert repr(one.assumptions[0]) == f"Assumption({one.assumptions[0].name!r})"
    assert repr(one.sources[0]) == f"Source({one.sources[0].source.key!r}).at({one.sources[0].place!r})"


@pytest.mark.parametrize("comparison", [truth("a", True), truth("a", None), at_most("norm", 1.5, 1.0, 0.25)])
def test_a_comparison_is_written_as_the_call_that_makes_it(comparison):
    assert pasted(comparison) == comparison


def test_a_search_is_written_by_what_it_found():
    found = Search(examples=3, worst_margin=0.5, regions={"plain": 3})
    assert repr(found) == "Search(examples=3, worst_margin=0.5, regions={'plain': 3})"
    assert eval(repr(found), {"Search": Search}) == found


def test_a_case_whose_sizes_clash_is_refused():
    rows, columns = Symbol("r", integer=True), Symbol("c", integer=True)
    first, second = MatrixSymbol("F", rows, columns), MatrixSymbol("G", columns, rows)
    with pytest.raises(ValueError, match="G is 2 by 2"):
        Case({first: [[1, 2, 3], [4, 5, 6]], second: [[1, 2], [3, 4]]})
