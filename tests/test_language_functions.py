"""Activations and losses are records: nothing beside them knows their names, and what they say of themselves is so."""

import ast
from pathlib import Path

import numpy as np
import pytest

from backproof.impl import ACTIVATIONS as THEIRS
from backproof.impl import LOSSES as THEIR_LOSSES
from backproof.theory.arithmetic import Balls, Floats, precision
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.language.functions import ACTIVATIONS, LOSSES, activation_in, z
from backproof.theory.language.notation import n, o, p, t, y

ROOT = Path(__file__).parent.parent
FOLDERS = ("theory", "impl", "tests/referee", "reports")
NAMES = {*ACTIVATIONS, *LOSSES}
ON_PURPOSE = {
    "theory/theorems/gradients/_random_cuts.py": "nets of rationals, whose outcomes can be added up, and of tanh",
    "theory/theorems/gradients/_rank_one.py": "nets of rationals, whose outcomes can be added up, and of tanh",
    "theory/theorems/gradients/_sparse.py": "nets of rationals, whose outcomes can be added up, and of tanh",
    "impl/activations.py": "the functions under test, by their names",
    "impl/losses.py": "the functions under test, by their names",
    "impl/adapters/torch.py": "what the framework calls them",
    "impl/adapters/jax_nets.py": "what the framework calls them",
    "tests/referee/models/torch.py": "what the framework calls the losses",
    "tests/referee/models/jax.py": "what the framework calls the losses",
    "tests/referee/zoo/bptt.py": "slopes that keep the digits which 1 − h² loses",
    "tests/referee/zoo/recursion_faults.py": "slopes that are wrong in the way of these two functions",
    "theory/theorems/activations/_slopes.py": "formulas of the theorems on these two slopes",
    "theory/theorems/learning/_alarms.py": "the two for which a net at rest is exact in floats",
}
"""Files that list several by name, each with the reason. That a name is compared with has no exception."""


def words(node):
    """The names among the entries of a display, or the name itself."""
    entries = getattr(node, "keys", getattr(node, "elts", [node]))
    return [e.value for e in entries if isinstance(e, ast.Constant) and isinstance(e.value, str) and e.value in NAMES]


def comparisons(text):
    """Lines that compare with the name of an activation or a loss, or look for one among several."""
    for node in ast.walk(ast.parse(text)):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        if isinstance(node, ast.MatchValue):
            sides = [node.value]
        if any(words(side) for side in sides):
            yield node.lineno


def lists(text):
    """Lines with a list, a tuple, a set or a table of two or more of the names."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Dict | ast.Tuple | ast.List | ast.Set) and len(words(node)) > 1:
            yield node.lineno


def files():
    found = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    return {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in found}


def test_nothing_compares_with_a_name():
    assert [(file, line) for file, text in files().items() for line in comparisons(text)] == []


def test_nothing_lists_the_names_but_for_a_reason():
    found = {file for file, text in files().items() if list(lists(text))}
    assert found == ON_PURPOSE.keys()


@pytest.mark.parametrize(
    ("look", "line"),
    [
        (comparisons, 'net.activation == "tanh"'),
        (comparisons, '"cross_entropy" != loss'),
        (comparisons, 'loss in ("squared_error", "other")'),
        (comparisons, 'match loss:\n    case "squared_error":\n        pass'),
        (lists, 'SMOOTH = ("identity", "tanh")'),
        (lists, 'STEEPEST = {"tanh": 1, "sigmoid": 0.25}'),
    ],
)
def test_planted_names_are_seen(look, line):
    assert len(list(look(line))) == 1


def test_theory_and_implementation_have_the_same_functions():
    assert ACTIVATIONS.keys() == THEIRS.keys()
    assert LOSSES.keys() == THEIR_LOSSES.keys()
    assert {name: loss.classes for name, loss in LOSSES.items()} == {k: v.classes for k, v in THEIR_LOSSES.items()}


NEAR = np.linspace(-6, 6, 4801)
FAR = np.array([-60.0, 60.0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_record_tells_the_truth(name):
    phi = ACTIVATIONS[name]
    value, slope, bend = (Floats(np.longdouble).apply(d, np.concatenate([NEAR, FAR])) for d in phi.derivatives)
    assert 0.999 <= np.abs(slope).max() / float(phi.steepest) <= 1
    assert bool(np.all(slope[: len(NEAR)] > 0)) == phi.increasing
    assert all(
        float(end) == pytest.approx(v, abs=1e-20) or abs(v) >= 60 for end, v in zip(phi.ends, value[-2:], strict=True)
    )
    assert phi.bounded == (np.abs(value).max() <= 1)
    if phi.smooth:
        assert 0.999 * float(phi.curvature) <= np.abs(bend).max() <= float(phi.curvature)
        assert phi.linear == (not bend.any())
    else:
        assert np.abs(np.diff(slope)).max() > 0.9


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_found_in_an_expression(name):
    phi = ACTIVATIONS[name]
    if phi.linear:
        with pytest.raises(ValueError, match="no activation"):
            activation_in(n + z)
    else:
        assert activation_in(2 * phi.expression + n) is phi


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("point", [0.0, 2.0**-60, 0.5, 18.5, 40.0, 700.0, -(2.0**-60), -0.5, -18.5, -40.0, -700.0])
def test_values_keep_their_digits_at_any_size(name, point):
    with precision(1200 + 4 * int(abs(point))):
        exact = Balls().apply(ACTIVATIONS[name].derivatives[0], Balls().matrix([[point]]))[0, 0]
        true = float(exact)
    for dtype in (np.float64, np.longdouble):
        assert float(Floats(dtype).apply(ACTIVATIONS[name].derivatives[0], np.array([point], dtype))[0]) == (
            pytest.approx(true, rel=1e-15)
        )
    assert THEIRS[name].value(np.array([point]))[0] == pytest.approx(true, rel=1e-15)


def differences(loss, outputs, targets):
    """The gradient (T,B,p) by the complex step, from the value alone, in the theory's own arithmetic."""
    found = np.zeros(outputs.shape)
    columns = loss.columns(targets, outputs.shape[-1])[..., None]
    for place in np.ndindex(outputs.shape):
        moved = outputs[..., None].astype(complex)
        moved[place] += 1e-100j
        known = Environment({p: outputs.shape[-1], o[t]: moved, y[t]: columns})
        value = evaluate(loss.value, Floats(np.complex128), known)
        found[place] = value[place[:2]].imag[0, 0] / 1e-100
    return found


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_and_value_of_a_loss_belong_together(name):
    loss, random = LOSSES[name], np.random.default_rng(3)
    outputs = random.normal(size=(4, 2, 3)) * 2
    targets = random.integers(0, 3, (4, 2)) if loss.classes else random.normal(size=(4, 2, 3))
    known = Environment({p: 3, o[t]: outputs[..., None], y[t]: loss.columns(targets, 3)[..., None]})
    value, gradient = (evaluate(part, Floats(), known)[..., 0] for part in (loss.value, loss.gradient))
    np.testing.assert_allclose(gradient, differences(loss, outputs, targets), rtol=1e-13, atol=1e-15)
    theirs = THEIR_LOSSES[name].evaluate(outputs, targets)
    np.testing.assert_allclose(theirs[0], value[..., 0], rtol=1e-13)
    np.testing.assert_allclose(theirs[1], gradient, rtol=1e-13, atol=1e-15)
    written_over = outputs.copy()
    assert THEIR_LOSSES[name].evaluate(written_over, targets, out=written_over)[1] is written_over
    assert np.array_equal(written_over, theirs[1])


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_tells_the_truth_of_its_gradient(name):
    loss = LOSSES[name]
    line = np.linspace(-1e6, 1e6, 5)[:, None, None, None] * np.array([[1.0], [0]])
    known = Environment({p: 2, o[t]: line, y[t]: loss.columns(loss.targets(None, 5, 1, 2), 2)[..., None]})
    assert (np.abs(evaluate(loss.gradient, Floats(), known)).max() <= 1) == loss.bounded
    near = np.linspace(-3, 3, 601)[:, None, None, None] * np.array([[1.0], [0]])
    known = Environment({p: 2, o[t]: near, y[t]: loss.columns(loss.targets(None, 601, 1, 2), 2)[..., None]})
    slopes = np.diff(evaluate(loss.gradient, Floats(), known)[:, 0, 0, 0]) / 0.01
    assert (np.abs(np.diff(slopes)).max() < 0.01) == loss.smooth


def test_the_loss_of_huber_is_quadratic_near_and_linear_far():
    outputs = np.array([[[0.5, 0.0]], [[1.0, -1.0]], [[-3.0, 1e200]]])
    values, gradient = THEIR_LOSSES["huber"].evaluate(outputs, np.zeros((3, 1, 2)))
    assert values[:, 0].tolist() == [0.125, 1.0, 1e200 + 2.0]
    assert gradient[:, 0].tolist() == [[0.5, 0], [1, -1], [-1, 1]]
