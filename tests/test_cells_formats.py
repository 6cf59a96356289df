"""Code in shorter formats: each with the tolerance of its own, and no run that the format cannot hold."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from backproof import WrongGradient, gradcheck, impl, net
from backproof.referee.cellcheck import by_equations, climbed
from backproof.theory.arithmetic import Roundoff
from backproof.theory.cells import cell_of

MGU = cell_of("mgu")


def in_float32(name, params, inputs, upstream, last):
    """The gradients of a cell of impl, all of it in float32."""
    params, last = ({key: value.astype(np.float32) for key, value in given.items()} for given in (params, last))
    found = impl.cell_gradients(name, params, inputs.astype(np.float32), upstream.astype(np.float32), last)
    return {key: value.astype(np.float64) for key, value in found.items()}


def rounded(bits, *at):
    """The right gradients, kept to so many bits."""
    found = by_equations(MGU)(*at)
    parts = {name: np.frexp(value) for name, value in found.items()}
    return {name: np.ldexp(np.rint(m * 2.0**bits) / 2.0**bits, e) for name, (m, e) in parts.items()}


@pytest.mark.parametrize("name", ["gru_reset_after", "lstm_peephole", "min_lstm", "indrnn"])
def test_right_code_in_float32_passes_where_float32_holds_the_run(name):
    found = {rung: wrong for rung, _, wrong in climbed(partial(in_float32, name), cell_of(name), dtype="float32")}
    assert {rung for rung, wrong in found.items() if wrong is None} == {"tiny", "huge", "denormal"}
    assert not any(found.values())
    with pytest.raises(WrongGradient):
        gradcheck(partial(in_float32, name), cell_of(name))


@pytest.mark.parametrize(("bits", "dtype"), [(24, "float32"), (11, "float16"), (8, "bfloat16")])
def test_an_answer_of_fewer_bits_is_one_of_that_format_and_of_no_longer_one(bits, dtype):
    gradcheck(partial(rounded, bits), MGU, dtype=dtype)
    with pytest.raises(WrongGradient):
        gradcheck(partial(rounded, bits - 4), MGU, dtype="float32" if bits < 24 else "float64")


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_what_is_wrong_in_any_format_is_wrong(dtype):
    def turned(*at):
        return by_equations(MGU)(*at) | {"b_g": -by_equations(MGU)(*at)["b_g"]}

    with pytest.raises(WrongGradient, match="∂L/∂b_g"):
        gradcheck(turned, MGU, dtype=dtype)


def test_formats_that_are_none_are_refused():
    with pytest.raises(ValueError, match="dtype must be one of float64, float32, float16, bfloat16"):
        gradcheck(by_equations(MGU), MGU, dtype="float8")
    assert gradcheck(impl, net(W=[[1]], inputs=[[1]]), dtype="float32").format == "float32"


@pytest.mark.parametrize(
    ("dtype", "held", "not_held"),
    [
        ("float64", [1 / 3, 5e-324, 1.7e308], []),
        ("float32", [1.5, 2.0**-149, 2.0**127], [1 / 3, 2.0**-150, 2.0**128, 1 + 2.0**-24]),
        ("float16", [1 + 2.0**-10, 65504.0, 2.0**-24], [1 + 2.0**-11, 65536.0, 2.0**-25]),
        ("bfloat16", [1 + 2.0**-7, 2.0**127, 2.0**-133], [1 + 2.0**-8, 2.0**128, 2.0**-134]),
    ],
)
def test_a_format_holds_its_own_numbers(dtype, held, not_held):
    roundoff = Roundoff.of(dtype)
    assert roundoff.holds(np.array(held))
    assert not any(roundoff.holds(np.array([number])) for number in [*not_held, np.nan, np.inf])
