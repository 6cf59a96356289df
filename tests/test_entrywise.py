"""Neither the kernel's normal form, nor expansion by entries or by indices, says True of a falsehood."""

import pytest
from entrywise import by_indices, componentwise, explicit
from sympy import And, Eq, Ge, Gt, Le, Lt, MatrixSymbol, Ne, Symbol, exp, false, symbols, tanh, true
from sympy.matrices.expressions import hadamard_product

from backproof.theory.evaluation.closed_forms import scalars, vanishes
from backproof.theory.language.nodes import phi, phi_prime
from backproof.theory.language.notation import PARAMETERS, U, V, W, a, alpha, delta, h, n, t, x
from backproof.theory.nets.calculus import pull_back
from backproof.theory.nets.cells import ELMAN
from backproof.theory.proving.normal_form import same

A, B, C = (MatrixSymbol(name, n, n) for name in "ABC")
v = MatrixSymbol("v", n, 1)


def equation(left, right):
    return Eq(left, right, evaluate=False)


TRUE_IN_MATRICES = [
    equation((A * B).T, B.T * A.T),
    equation(A * (B + C), A * B + A * C),
    equation(hadamard_product(A, B), hadamard_product(B, A)),
    equation(hadamard_product(h[t], v + alpha[t]), hadamard_product(v, h[t]) + hadamard_product(h[t], alpha[t])),
    equation(W.T * alpha[t] - alpha[t] + alpha[t], W.T * alpha[t]),
]

FALSE_IN_MATRICES = {
    "missing transpose": equation(A * v, A.T * v),
    "transpose of a product": equation((A * B).T, A.T * B.T),
    "commuted product": equation(A * B, B * A),
    "product for Hadamard product": equation(A * B, hadamard_product(A, B)),
    "sign": equation(A - B, B - A),
    "factor": equation(A + A, A),
    "dropped term": equation(A + B, A),
    "slope for value": equation(a[t].applyfunc(phi), a[t].applyfunc(phi_prime)),
    "slope of the sum": equation((a[t] + h[t]).applyfunc(phi), a[t].applyfunc(phi) + h[t].applyfunc(phi)),
    "one step later": equation(W * h[t - 1], W * h[t]),
    "outer product transposed": equation(alpha[t] * h[t - 1].T, h[t - 1] * alpha[t].T),
}


@pytest.mark.parametrize("relation", TRUE_IN_MATRICES)
def test_matrix_identities_are_seen(relation):
    assert same(*relation.args)
    assert componentwise(2, 3)(relation) is True


@pytest.mark.parametrize("relation", FALSE_IN_MATRICES.values(), ids=FALSE_IN_MATRICES)
def test_planted_falsehoods_are_true_to_no_checker(relation):
    assert not same(*relation.args)
    assert componentwise(2)(relation) is not True
    assert componentwise(2, 3)(relation) is not True


def test_a_missing_transpose_survives_at_one_unit_and_so_two_are_asked_for():
    assert componentwise(1)(FALSE_IN_MATRICES["missing transpose"]) is True
    assert componentwise(2)(FALSE_IN_MATRICES["missing transpose"]) is False


def test_a_rectangle_transposed_has_the_wrong_shape():
    assert explicit(U, 2).shape == (2, 3)
    assert componentwise(2)(equation(U * x[t], V * h[t])) is False


def test_values_that_fix_a_matrix_make_a_statement_about_them_alone():
    assert componentwise(2, given=lambda size: {A: explicit(v * v.T, size)})(equation(A, A.T)) is True
    assert componentwise(2)(equation(A, A.T)) is False


@pytest.mark.parametrize("parameter", ELMAN.parameters)
def test_index_calculus_confirms_every_derived_share_and_no_sibling(parameter):
    rhs, adjoint = next((rhs, ELMAN.adjoints[lhs.name][t]) for lhs, rhs in ELMAN.equations if rhs.has(parameter))
    check, share = by_indices(rhs, parameter, adjoint), pull_back(rhs, parameter, adjoint)
    assert check(equation(parameter, share)) is True
    assert check(equation(parameter, -share)) is not True
    assert check(equation(parameter, 2 * share)) is not True
    if parameter == W:
        assert check(equation(parameter, share.T)) is not True
        assert check(equation(parameter, adjoint * h[t].T)) is not True


def test_index_calculus_sees_a_missing_transpose_in_the_state():
    check = by_indices(ELMAN.equations[0][1], h[t - 1], alpha[t])
    assert check(equation(h[t - 1], W.T * alpha[t])) is True
    assert check(equation(h[t - 1], W * alpha[t])) is not True
    assert check(equation(h[t - 1], W.T * delta[t])) is not True


p, q = symbols("p q", positive=True)
r = Symbol("r", real=True)
unknown = Symbol("u")


@pytest.mark.parametrize(
    ("relation", "verdict"),
    [
        (Le(p, p + q), True),
        (Lt(p, p + q), True),
        (Gt(p, p + q), False),
        (Ge(-p, 0), False),
        (Le(2 * p * q, p**2 + q**2), True),
        (Lt(0, r**2 + 1), True),
        (Ne(p, -q), True),
        (Ne(2 * p, p + p, evaluate=False), False),
        (equation((p + q) ** 2, p**2 + 2 * p * q + q**2), True),
        (equation((p + q) ** 2, p**2 + q**2), False),
        (And(Le(p, p + q), Lt(0, p), evaluate=False), True),
        (true, True),
        (false, False),
    ],
)
def test_scalar_relations(relation, verdict):
    assert scalars(relation) is verdict


@pytest.mark.parametrize(
    "relation",
    [
        Lt(0, r**2),  # false at 0 alone
        Le(r, r**2),  # false between 0 and 1
        Le(p, q),
        Ge(unknown, 0),
        equation(exp(r), 1 + r),
        equation(tanh(r), r),
        Ne(p, q),
        And(Le(p, p + q), Le(p, q), evaluate=False),
        p,
    ],
    ids=str,
)
def test_what_holds_at_some_values_only_is_not_true(relation):
    assert scalars(relation) is not True


def test_an_unsettled_difference_is_not_zero():
    assert vanishes(r - r) is True
    assert vanishes(r - 1) is False
    assert vanishes(tanh(r) - r) is not True


def test_names_that_a_proof_speaks_of_are_those_of_the_notation():
    assert set(PARAMETERS.values()) == set(ELMAN.parameters)
