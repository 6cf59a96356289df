"""What cannot be evaluated is named when a record is made, with what could be written instead."""

import pytest
from statements import FALSE, TRUE
from sympy import (
    E,
    Equivalent,
    Function,
    Integral,
    Le,
    MatrixSymbol,
    SympifyError,
    besselj,
    cbrt,
    cos,
    cosh,
    erf,
    exp,
    floor,
    pi,
    sqrt,
    symbols,
    tanh,
)
from test_tools_judge import FIELDS, made

from backproof.theory.confronting.settling import settled
from backproof.theory.evaluation.understood import obstacle
from backproof.theory.language.nodes import LossGradient, SpectralNorm
from backproof.theory.language.notation import W, h
from backproof.theory.records.catalogue import theorem, theorem_ids
from backproof.theory.records.forms import RecordError

x, y = symbols("x y", real=True)
A = MatrixSymbol("A", 2, 2)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            Le(cosh(x), exp(x)),
            r"cosh\(x\) cannot be evaluated: cosh is not understood; write \(exp\(x\) \+",
        ),
        (
            Le(besselj(0, x), 1),
            r"besselj is not understood; the functions of one number that are understood are tanh, exp, log",
        ),
        (Le(floor(x), x), "floor is not understood"),
        (Le(Function("f")(x), 1), "f is not understood"),
        (Le(x * 0.25, y), r"0\.25 is not an exact number; write Rational\(1, 4\)"),
        (Le(x, E), r"Exp1 is not understood; write a fraction on the safe side of it, Rational\(19, 7\)"),
        (Le(cbrt(x), y), r"x\*\*\(1/3\) is a root that cannot be evaluated"),
        (Equivalent(x > 0, y > 0), r"Equivalent is not understood; write Implies\(p, q\) & Implies\(q, p\)"),
        (Le(SpectralNorm(A.adjoint()), 1), r"Adjoint\(A\) cannot be evaluated: .* write the transpose, A\.T"),
        (Le(Integral(x, (x, 0, 1)), y), "Integral is not understood; the nearest that is understood is "),
    ],
)
def test_the_record_names_what_is_not_understood_and_what_is(statement, says):
    plain = {"check": settled, "proof": None}
    with pytest.raises(RecordError, match=f"the field 'statement': .*{says}"):
        made(statement=statement, **plain)
    with pytest.raises(RecordError, match=f"the field 'mutants', 'other': .*{says}"):
        made(mutants=FIELDS["mutants"] | {"other": statement}, **plain)
    assert made(statement=statement, proof=None).statement == statement  # its own check may know more


def test_what_is_understood_is_let_pass():
    assert not [name for name, statement in {**TRUE, **FALSE}.items() if obstacle(statement)]
    assert obstacle(Le(sqrt(x), y)) is None
    assert obstacle(Le(x * cos(x) + erf(x), y * pi)) is None
    assert obstacle(Le(SpectralNorm(LossGradient(W)), x)) is None
    assert not [id for id in theorem_ids() if theorem(id).check is settled and obstacle(theorem(id).statement)]


def test_a_state_without_a_time_is_no_number():
    with pytest.raises(TypeError, match=r"h depends on time: write h\[t\]"):
        list(h)
    with pytest.raises(SympifyError):
        tanh(h)
