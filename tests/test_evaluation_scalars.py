"""Numbers and entrywise powers keep what is exact exact."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Eq, Symbol, hadamard_product

from backproof.theory.evaluation.truth import decide
from backproof.theory.instances.values import Case
from backproof.theory.language.notation import A, R, s

x = Symbol("x", real=True)


@pytest.mark.parametrize("power", [1, 2, 3])
def test_one_over_an_integer_is_a_fraction_and_no_float(power):
    """Symbols for integers stay Python integers, of which 1/3 would be a float."""
    third = Case({s: 3, x: Fraction(1, 3) ** power})
    assert decide(Eq(x, s**-power, evaluate=False), third) is True
    assert decide(Eq(x, s**-power, evaluate=False), third.with_({x: (1 / 3) ** power})) is False


def test_a_matrix_times_itself_entry_by_entry():
    """SymPy writes it as a power."""
    case = Case({A: [[2, -1], [0, 3]], R: [[8, -1], [0, 27]]})
    assert decide(Eq(hadamard_product(A, A, A), R, evaluate=False), case) is True
    assert decide(Eq(hadamard_product(A, A), R, evaluate=False), case) is False
