"""Nets of layers in impl: against the derived gradients, and against cuts, flips, orders and sums."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from impl_twins import DIAGONAL, EQUATIONS

from backproof import cells
from backproof.impl import CELLS, in_parallel, layered_back, layered_forward, layered_gradients, layers, net_gradients
from backproof.referee.cellcheck import answered, climbed, compared
from backproof.referee.cellladder import RUNGS, drawn
from backproof.theory.nets.layered_rounding import layered_tolerances

NETS = {
    "stack": ([["residual"], ["gru_reset_after"]], {}),
    "two directions": ([["residual", "mgu"]], {"lengths": True}),
    "two layers of two directions": (
        [["lstm_projection", "gru_reset_after"], ["lstm_zoneout", "min_gru"]],
        {"lengths": True, "dropout": True},
    ),
    "residual": ([["residual", "mgu"], ["leaky"]], {"residual": True, "added": True, "dropout": True}),
    "tied": ([["residual"], ["leaky"], ["residual"]], {"tied": {"W_l1": "W_l0", "b_l2": "b_l1"}, "lengths": True}),
    "scans": ([["selective_scan", "min_gru"], ["min_lstm"]], {"lengths": True}),
}
EACH = pytest.mark.parametrize("name", NETS)


def mine(name, make=CELLS.__getitem__):
    shape, said = NETS[name]
    return layers(*([make(cell) for cell in layer] for layer in shape), **said)


def theirs(name):
    shape, said = NETS[name]
    return cells.layers(*([EQUATIONS[cell] for cell in layer] for layer in shape), **said)


def run_of(name, seed=0, **more):
    return drawn(theirs(name), np.random.default_rng(seed), **({"steps": 4, "batch": 3, "size": 3} | more))


def found_at(net, run, **changes):
    run = replace(run, **changes)
    return layered_gradients(net, run.passed, run.inputs, run.targets, run.asked)


@EACH
def test_gradients_are_right_at_every_rung(name):
    found = {rung: wrong for rung, _, wrong in climbed(partial(layered_gradients, mine(name)), theirs(name))}
    assert found == {rung: [] for rung in RUNGS}


def test_nets_of_scans_are_right_at_every_rung():
    net = mine("scans", lambda name: in_parallel(CELLS[name]))
    found = {rung: wrong for rung, _, wrong in climbed(partial(layered_gradients, net), theirs("scans"))}
    assert found == {rung: [] for rung in RUNGS}


@pytest.mark.parametrize("name", ["two layers of two directions", "residual", "scans"])
def test_many_sequences_of_all_lengths_are_right(name):
    run = run_of(name, 11, steps=5, batch=6, size=2)
    if name != "residual":
        run = replace(run, lengths=np.array([2, 5, 1, 4, 2, 3]), targets=run.targets.copy())
    assert all(one.passes for one in compared(answered(partial(layered_gradients, mine(name)), run), run))


def test_no_sequence_need_have_all_the_steps():
    run = replace(run_of("two directions"), lengths=np.array([2, 1, 3]))
    longer = found_at(mine("two directions"), run)
    short = found_at(mine("two directions"), run, inputs=run.inputs[:3], targets=run.targets[:3])
    np.testing.assert_array_equal(longer.pop("inputs")[:3], short.pop("inputs"))
    for key, gradient in short.items():
        np.testing.assert_allclose(longer[key], gradient, rtol=0, atol=2 * layered_tolerances(run)[key].max())


@pytest.mark.parametrize("scanned", [False, True])
def test_whatever_the_padding_holds_nothing_changes(scanned):
    for name in ("two directions", "tied", "scans"):
        make = (lambda cell: in_parallel(CELLS[cell]) if cell in DIAGONAL else CELLS[cell]) if scanned else CELLS.get
        net, run = mine(name, make), replace(run_of(name), lengths=np.array([4, 2, 1]))
        beyond = (np.arange(4)[:, None] >= run.lengths)[..., None]
        whatever = replace(
            run, inputs=np.where(beyond, 1e300, run.inputs), targets=np.where(beyond, -1e300, run.targets)
        )
        first, second = (layered_forward(net, one.passed, one.inputs) for one in (run, whatever))
        np.testing.assert_array_equal(second.outputs, first.outputs)
        assert not (first.outputs * beyond).any()
        found = found_at(net, run)
        for key, gradient in found_at(net, whatever).items():
            np.testing.assert_array_equal(gradient, found[key])
        assert not (found["inputs"] * beyond).any()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint64, np.int32])
def test_lengths_are_integers_of_any_kind(dtype):
    net, run = mine("two directions"), replace(run_of("two directions"), lengths=np.array([2, 4, 1]))
    params = run.passed | {"lengths": run.lengths.astype(dtype)}
    found = layered_gradients(net, params, run.inputs, run.targets, run.asked)
    for key, gradient in found_at(net, run).items():
        np.testing.assert_array_equal(found[key], gradient)


def test_the_order_of_the_batch_is_kept():
    net, run = mine("two layers of two directions"), run_of("two layers of two directions")
    run = replace(run, lengths=np.array([1, 4, 2]))
    order = np.array([2, 0, 1])
    own = [key for key, array in run.arrays.items() if key not in run.parameters]
    turned = replace(
        run,
        inputs=run.inputs[:, order],
        targets=run.targets[:, order],
        lengths=run.lengths[order],
        arrays=dict(run.arrays) | {key: run.arrays[key][order] for key in own},
        told={key: array[:, order] for key, array in run.told.items()},
        asked={key: array[order] for key, array in run.asked.items()},
    )
    first, second = (layered_forward(net, one.passed, one.inputs) for one in (run, turned))
    np.testing.assert_array_equal(second.outputs, first.outputs[:, order])
    for key, state in first.last.items():
        np.testing.assert_array_equal(second.last[key], state[order])
    before, after = found_at(net, run), found_at(net, turned)
    np.testing.assert_array_equal(after["inputs"], before["inputs"][:, order])
    for key in own:
        np.testing.assert_array_equal(after[key], before[key][order])


def test_the_second_direction_reads_from_the_end_of_each_sequence():
    run = replace(run_of("two directions"), lengths=np.array([4, 2, 1]))
    both = layered_forward(mine("two directions"), run.passed, run.inputs)
    own = {key.removesuffix("_l0_reverse"): array for key, array in run.arrays.items() if key.endswith("_reverse")}
    for index, length in enumerate(run.lengths):
        alone = own | {"h0": own["h0"][[index]]}
        flipped = layered_forward(CELLS["mgu"], alone, np.ascontiguousarray(run.inputs[:length, [index]][::-1]))
        # A batch of another size may be multiplied in another order; the cell's states are at most 1.
        allowed = 200 * np.finfo(float).eps
        np.testing.assert_allclose(both.outputs[:length, index, 3:], flipped.outputs[::-1, 0], rtol=0, atol=allowed)
        np.testing.assert_array_equal(both.last["h_l0_reverse"][index], both.outputs[0, index, 3:])
        np.testing.assert_array_equal(both.last["h_l0"][index], both.outputs[length - 1, index, :3])


def test_a_net_of_one_layer_is_the_cell_alone():
    run = run_of("stack")
    of_layer = {key: array for key, array in run.arrays.items() if key.endswith("_l0")}
    upstream = np.ones((4, 3, 3))
    found = layered_gradients(layers(CELLS["residual"]), of_layer, run.inputs, upstream, {"h_l0": upstream[0]})
    named = {key.removesuffix("_l0"): array for key, array in of_layer.items()}
    alone = layered_gradients(CELLS["residual"], named, run.inputs, upstream, {"h": upstream[0]})
    assert {key.removesuffix("_l0") for key in found} == alone.keys()
    for key, gradient in found.items():
        np.testing.assert_array_equal(gradient, alone[key.removesuffix("_l0")])


def test_tied_parameters_have_the_sum_of_the_gradients():
    run = run_of("tied")
    shape, _ = NETS["tied"]
    apart = layers(*([CELLS[cell] for cell in layer] for layer in shape), lengths=True)
    params = run.passed | {"W_l1": run.arrays["W_l0"], "b_l2": run.arrays["b_l1"]}
    whole = layered_gradients(apart, params, run.inputs, run.targets, run.asked)
    found = found_at(mine("tied"), run)
    assert "W_l1" not in found
    np.testing.assert_array_equal(found["W_l0"], whole["W_l0"] + whole["W_l1"])
    np.testing.assert_array_equal(found["b_l1"], whole["b_l1"] + whole["b_l2"])


def test_lengths_left_out_are_all_the_steps_and_first_states_zeros():
    run = run_of("two directions")
    zeros = {key: np.zeros((3, 3)) for key in ("h0_l0", "h0_l0_reverse")}
    given = run.passed | zeros | {"lengths": np.array([4, 4, 4])}
    short = {key: array for key, array in given.items() if key not in (*zeros, "lengths")}
    net = mine("two directions")
    found = [layered_gradients(net, params, run.inputs, run.targets, run.asked) for params in (given, short)]
    assert found[0].keys() == found[1].keys()
    for key, gradient in found[0].items():
        np.testing.assert_array_equal(found[1][key], gradient)


def test_one_run_goes_back_as_often_as_asked_and_arguments_are_left_alone():
    net, run = mine("scans", lambda name: in_parallel(CELLS[name])), run_of("scans")
    passed = run.passed
    for array in (*passed.values(), run.inputs, run.targets, *run.asked.values()):
        array.flags.writeable = False
    there = layered_forward(net, passed, run.inputs)
    first, second = (layered_back(there, run.targets, run.asked) for _ in range(2))
    for key, gradient in first.items():
        np.testing.assert_array_equal(second[key], gradient)


def test_what_overflows_between_layers_is_named():
    net = layers(CELLS["residual"], CELLS["indrnn"], residual=True)
    params = {"W_l0": np.zeros((1, 1)), "U_l0": np.zeros((1, 1)), "b_l0": np.zeros(1), "h0_l0": np.full((1, 1), 1e308)}
    params |= {"U_l1": np.ones((1, 1)), "u_l1": np.zeros(1), "b_l1": np.zeros(1)}
    with pytest.raises(FloatingPointError, match=r"^the output overflowed at step 1: it exceeds"):
        layered_forward(net, params, np.zeros((2, 1, 1)))


RESIDUAL, MGU = CELLS["residual"], CELLS["mgu"]
NO_NET = {
    "no layer": (lambda: layers(), ValueError, "layers: expected at least one layer, got none"),
    "no cell": (lambda: layers("GRU"), TypeError, "layers: expected a cell or a pair of cells, got 'GRU' as layer 0"),
    "a name": (lambda: layers(RESIDUAL, ["a", "b"]), TypeError, r"layers: expected .* got \['a', 'b'\] as layer 1"),
    "a number": (lambda: layers(1), TypeError, "layers: expected a cell or a pair of cells, got 1 as layer 0"),
    "no direction": (lambda: layers([]), TypeError, r"layers: expected a cell or a pair of cells, got \[\] as layer 0"),
    "three": (lambda: layers([MGU] * 3), TypeError, "layers: expected a cell or a pair of cells"),
    "no such end": (lambda: layers(MGU, tied={"W_f_l1": "W_f_l0"}), ValueError, "tied: .* got 'W_f_l1' and 'W_f_l0'"),
    "no such name": (lambda: layers(MGU, MGU, tied={"W_f_l1": "W"}), ValueError, "tied: .* got 'W_f_l1' and 'W'"),
    "a chain": (
        lambda: layers(*[MGU] * 3, tied={"b_f_l2": "b_f_l1", "b_f_l1": "b_f_l0"}),
        ValueError,
        "tied: expected two of 'W_f_l0', .*, got 'b_f_l2' and 'b_f_l1'",
    ),
    "no lengths": (
        lambda: layered_forward(layers(RESIDUAL), {"lengths": np.ones(1, int)}, np.ones((1, 1, 1))),
        ValueError,
        "params: unknown parameter 'lengths'",
    ),
    "no scan": (lambda: in_parallel(MGU), ValueError, "MGU: its steps cannot be taken in parallel"),
}


@pytest.mark.parametrize("case", NO_NET)
def test_what_is_no_net_is_refused(case):
    make, error, says = NO_NET[case]
    with pytest.raises(error, match=says):
        make()


WRONG = {
    "a length of 0": ({"lengths": np.array([1, 0, 2])}, ValueError, r"\['lengths'\]: .* from 1 to 4, got 0"),
    "a length beyond": ({"lengths": np.array([1, 5, 2])}, ValueError, r"\['lengths'\]: .* from 1 to 4, got 5"),
    "lengths in a list": ({"lengths": [1, 2, 3]}, TypeError, r"\['lengths'\]: expected an array of integers, got list"),
    "real lengths": (
        {"lengths": np.ones(3)},
        TypeError,
        r"\['lengths'\]: expected .* integers, got an array of",
    ),
    "two lengths": (
        {"lengths": np.array([1, 2])},
        ValueError,
        r"\['lengths'\]: expected shape \(3,\), got shape \(2,\)",
    ),
    "a mask": ({"mask_l1": np.ones((4, 3, 3))}, ValueError, r"\['mask_l1'\]: expected shape \(4, 3, 5\)"),
    "its type": ({"mask_l1": np.ones((4, 3, 5), bool)}, TypeError, r"\['mask_l1'\]: .* got an array of bool"),
    "what a cell is given": ({"d_l1": np.ones((4, 3, 2))}, ValueError, r"\['d_l1'\]: expected shape \(4, 3, 3\)"),
    "unequal layers": ({"U_i_l1": np.ones((3, 4))}, ValueError, r"\['U_i_l1'\]: expected shape \(3, 5\)"),
}


@pytest.mark.parametrize("case", WRONG)
def test_arrays_that_do_not_fit_are_named(case):
    changes, error, says = WRONG[case]
    run = run_of("two layers of two directions")
    with pytest.raises(error, match=f"^params{says}"):
        layered_forward(mine("two layers of two directions"), run.passed | changes, run.inputs)


@pytest.mark.parametrize(
    ("said", "sizes", "text"),
    [
        ({"added": True}, (2, 3), "params: expected one width to add up in layer 0, got 2, 3"),
        ({"added": True, "residual": True}, (2, 2), "params: expected one width to add up in layer 1, got 3, 2"),
    ],
)
def test_columns_of_unequal_width_are_not_added(said, sizes, text):
    net = layers((RESIDUAL, RESIDUAL), RESIDUAL, **said)
    params = {}
    for end, n, m in (("_l0", sizes[0], 2), ("_l0_reverse", sizes[1], 2), ("_l1", 3, 2)):
        params |= {f"W{end}": np.eye(n), f"U{end}": np.ones((n, m)), f"b{end}": np.zeros(n)}
    with pytest.raises(ValueError, match=f"^{text}$"):
        layered_forward(net, params, np.ones((1, 1, 2)))


def test_a_net_by_the_names_of_its_cells_is_that_net_and_another_name_is_none():
    shape, said = NETS["two layers of two directions"]
    run = run_of("two layers of two directions")
    found = net_gradients(shape, run.passed, run.inputs, run.targets, run.asked, **said)
    other = layered_gradients(mine("two layers of two directions"), run.passed, run.inputs, run.targets, run.asked)
    assert found.keys() == other.keys()
    assert all(np.array_equal(found[name], other[name]) for name in other)
    with pytest.raises(
        NotImplementedError, match=r"^cells: expected some of antisymmetric, gru, .*, slstm, got 'none'$"
    ):
        net_gradients([["gru"], ["gru", "none"]], run.passed, run.inputs, run.targets, run.asked)
