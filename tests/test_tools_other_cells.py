"""Code of one cell of the library, checked against the equations of another: it is named, and nothing else is."""

from functools import partial

import numpy as np
import pytest

from backproof import WrongGradient, gradcheck, impl
from backproof.cells import affine, cell, layers
from backproof.notation import h, t
from backproof.referee.cellcheck import by_equations
from backproof.referee.cellladder import ladder
from backproof.referee.othercells import matches, other_cells
from backproof.theory.cells import cell_names, cell_of
from backproof.theory.nets.faults import faults


def code_of(name, *, names=None, zeros=(), lost=()):
    """The equations of a cell for a caller who has other names, has not the ``zeros``, and beside them the ``lost``."""
    run, named = by_equations(cell_of(name)), names or {}
    back = {there: here for here, there in named.items()}

    def gradients(params, inputs, upstream, last):
        own = {named.get(key, key): value for key, value in params.items() if key not in lost}
        like = next(value for key, value in own.items() if key.startswith("b_"))
        own |= {key: np.zeros_like(like) for key in zeros}
        found = run(own, inputs, upstream, {named.get(f"{key}0", f"{key}0")[:-1]: a for key, a in last.items()})
        found = {back.get(key, key): value for key, value in found.items() if key not in zeros}
        return found | {key: np.zeros_like(params[key]) for key in lost}

    return gradients


GRU_NAMES = {f"{letter}_n": f"{letter}_g" for letter in "WUb"}
PEEPHOLES = ("p_i", "p_f", "p_q")
CONFUSED = {
    "reset after for before": (
        "gru",
        code_of("gru_reset_after", names=GRU_NAMES, zeros=("d_g",)),
        "GRU, reset after with d_g = 0.",
    ),
    "reset before for after": (
        "gru_reset_after",
        code_of("gru", names={there: here for here, there in GRU_NAMES.items()}, lost=("d_g",)),
        "GRU, which has no d_g.",
    ),
    "no peepholes": (
        "lstm_peephole",
        code_of("lstm", names={"c0": "s0"}, lost=PEEPHOLES),
        "LSTM, which has no p_i nor p_f nor p_q.",
    ),
    "coupled gates": (
        "lstm",
        code_of("lstm_coupled", names={"s0": "c0"}, lost=("W_i", "U_i", "b_i")),
        "LSTM with coupled gates, which has no U_i nor W_i nor b_i.",
    ),
    "leaky for residual": ("residual", by_equations(cell_of("leaky")), "leaky Elman."),
    "antisymmetric for leaky": ("leaky", partial(impl.cell_gradients, "antisymmetric"), "AntisymmetricRNN."),
}


@pytest.mark.parametrize("case", CONFUSED)
def test_code_of_another_cell_is_named(case):
    of, code, says = CONFUSED[case]
    with pytest.raises(WrongGradient) as wrong:
        gradcheck(code, cell_of(of))
    assert str(wrong.value).splitlines()[-1] == f"It is right for another cell: {says}"
    assert str(wrong.value).count("another cell") == 1


def test_a_cell_of_ones_own_is_told_from_those_of_the_library():
    relu_free = cell("mine", {h[t]: affine("", h[t - 1])})
    with pytest.raises(WrongGradient, match=r"It is right for another cell: leaky Elman\.$"):
        gradcheck(by_equations(cell_of("leaky")), relu_free)


@pytest.mark.parametrize("name", ["gru", "lstm", "residual"])
def test_a_fault_of_a_cell_is_no_other_cell(name):
    for faulty in list(faults(cell_of(name)))[::9]:
        assert other_cells(by_equations(faulty), cell_of(name), (run for _, run in ladder(cell_of(name)))) == []


def test_one_run_that_is_not_explained_is_enough():
    of, (calls, limit) = cell_of("residual"), ([], 4)

    def turning(*given):
        calls.append(given)
        return by_equations(cell_of("leaky") if len(calls) <= limit else of)(*given)

    runs = [run for _, run in ladder(of)][:limit]
    assert other_cells(turning, of, runs) == ["It is right for another cell: leaky Elman."]
    calls.clear()
    assert other_cells(turning, of, [run for _, run in ladder(of)]) == []


def test_code_that_fails_at_a_later_run_stays_wrong():
    def failing(params, inputs, upstream, last):
        if len(inputs) > 4:
            raise MemoryError
        return by_equations(cell_of("leaky"))(params, inputs, upstream, last)

    with pytest.raises(WrongGradient) as wrong:
        gradcheck(failing, cell_of("residual"))
    assert "another cell" not in str(wrong.value)


def test_other_formats_are_told_as_well():
    def narrow(*given):
        found = by_equations(cell_of("leaky"))(*given)
        return {name: value.astype(np.float32).astype(np.float64) for name, value in found.items()}

    with pytest.raises(WrongGradient, match="It is right for another cell: leaky Elman"):
        gradcheck(narrow, cell_of("residual"), dtype="float32")


def test_no_cell_is_another_than_itself_and_layers_are_none():
    for name in cell_names():
        assert cell_of(name) not in [match.other for match in matches(cell_of(name))]
    of = layers(cell_of("leaky"))
    assert other_cells(by_equations(of), of, [run for _, run in ladder(of)]) == []
