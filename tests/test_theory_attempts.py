"""What keeps a proof open although each of its lines holds, and which siblings a proof would prove as well."""

import pytest
from sympy import And, Eq, Ge, Le, Lt, Symbol
from test_tools_judge import FIELDS, made

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import LossGradient
from backproof.theory.language.notation import T, V, g, h, t
from backproof.theory.nets.cells import ELMAN, LSTM
from backproof.theory.proving.builders import both
from backproof.theory.proving.kernel import Proof, line
from backproof.theory.records.derivations import attempt, proves, without_each
from backproof.theory.records.records import Assumption

x, y, z = (Symbol(name, real=True) for name in "xyz")
POSITIVE = Assumption(name="x positive", text="x > 0", holds=lambda case: case[x] > 0, says=Lt(0, x, evaluate=False))
LARGER = Assumption(name="y larger", text="x ≤ y", holds=lambda case: case[x] <= case[y], says=Le(x, y, evaluate=False))


def theorem(statement, lines, *, ranges=(), **more):
    return made(
        statement=statement,
        proof=Proof(lines=lines, ranges=ranges),
        instances=FIELDS["instances"],
        mutants={"no": Ge(0, 1 + x**2, evaluate=False), "nor this": Ge(-1, 1 + y**2, evaluate=False)},
        **more,
    )


def reals(name, says, *by):
    return line(name, says, "real arithmetic", *by)


SQUARE = Ge(x**2, 0, evaluate=False)
BOTH = And(Lt(0, y, evaluate=False), SQUARE, evaluate=False)


def test_a_proof_that_uses_every_assumption_is_closed_and_breaks_without_each():
    one = theorem(
        Lt(0, y, evaluate=False),
        (reals("all", Lt(0, y, evaluate=False), "x positive", "y larger"),),
        assumptions=(POSITIVE, LARGER),
        without={POSITIVE: Case({x: -1, y: -1}), LARGER: Case({x: 1, y: -1})},
    )
    assert attempt(one).obstacle is None
    assert dict(without_each(one)) == {"x positive": True, "y larger": True}


def test_an_assumption_that_no_line_uses_keeps_it_open():
    one = theorem(SQUARE, (reals("all", SQUARE),), assumptions=(POSITIVE,), without={POSITIVE: Case({x: -1})})
    assert attempt(one).obstacle == "no line uses the assumption 'x positive'"


def test_what_the_lines_lack_is_said_first():
    one = theorem(
        Lt(0, x, evaluate=False),
        (reals("all", Lt(0, x, evaluate=False)),),
        assumptions=(LARGER,),
        without={LARGER: Case({x: 1, y: 0})},
    )
    assert "real arithmetic" in attempt(one).obstacle


def test_ranges_that_leave_out_a_time_of_the_statement_keep_it_open():
    says = Eq(LossGradient(h[t]), V.T * g[t] + LossGradient(h[t]) - V.T * g[t], evaluate=False)
    lines = (line("all", says, "matrix algebra"),)
    whole = theorem(says, lines, ranges=(Le(1, t), Le(t, T)))
    late = theorem(says, lines, ranges=(Le(2, t), Le(t, T)))
    assert attempt(whole).obstacle is None
    assert attempt(late).obstacle == "the ranges leave out a time that the statement speaks of"


def test_a_proof_speaks_of_one_net():
    first = Eq(*ELMAN.equations[0], evaluate=False)
    second = Eq(*LSTM.equations[0], evaluate=False)
    statement = And(first, second, evaluate=False)
    one = theorem(
        statement,
        (
            line("first", first, "cell"),
            line("second", second, "cell", cell="LSTM"),
            both("all", statement, "first", "second"),
        ),
        ranges=(Le(1, t), Le(t, T)),
    )
    assert attempt(one).obstacle == "the proof speaks of more than one net: cell Elman and cell LSTM"


def test_a_proof_proves_itself_and_no_sibling_that_its_last_lines_do_not_say():
    one = theorem(
        BOTH,
        (
            reals("positive", Lt(0, y, evaluate=False), "x positive", "y larger"),
            reals("square", SQUARE),
            both("all", BOTH, "positive", "square"),
        ),
        assumptions=(POSITIVE, LARGER),
        without={POSITIVE: Case({x: -1, y: -1}), LARGER: Case({x: 1, y: -1})},
    )
    assert attempt(one).obstacle is None
    assert proves(one, BOTH)
    assert proves(one, And(Le(0, y, evaluate=False), SQUARE, evaluate=False))
    assert not proves(one, And(Lt(1, y, evaluate=False), SQUARE, evaluate=False))
    assert not proves(one, And(Lt(0, y, evaluate=False), Lt(x**2, 0, evaluate=False), evaluate=False))


@pytest.mark.parametrize("says", [Ge(x**2, 1, evaluate=False), Lt(x**2, 0, evaluate=False)])
def test_a_part_that_is_not_so_is_proved_by_no_line(says):
    one = theorem(SQUARE, (reals("all", SQUARE),))
    assert not proves(one, says)
