"""Statements as a researcher would write them, true ones and false ones, none of them from the catalogue."""

from __future__ import annotations

from sympy import (
    Abs,
    Determinant,
    Eq,
    Ge,
    Gt,
    Heaviside,
    Implies,
    KroneckerProduct,
    Le,
    Lt,
    MatrixSymbol,
    Max,
    Min,
    Ne,
    Not,
    OneMatrix,
    Or,
    Rational,
    Symbol,
    Trace,
    cos,
    erf,
    exp,
    log,
    pi,
    prod,
    sin,
    sqrt,
    symbols,
    tanh,
)
from sympy.codegen.cfunctions import expm1
from sympy.matrices.expressions import Identity, hadamard_product
from sympy.matrices.expressions.diagonal import DiagMatrix

from backproof.nodes import (
    ConditionNumber,
    Eigenvalue,
    EuclideanNorm,
    ForEveryEigenvalue,
    ForSomeEigenvalue,
    FrobeniusNorm,
    Inner,
    LargestColumnSum,
    LargestEntry,
    LargestRowSum,
    MatrixExponential,
    SingularValue,
    SmallestSingularValue,
    Softmax,
    SpectralNorm,
    SpectralRadius,
)
from backproof.notation import n
from backproof.theory.language.functions import logistic

A, B, W = (MatrixSymbol(name, n, n) for name in "ABW")
u, v, w = (MatrixSymbol(name, n, 1) for name in "uvw")
x, y = symbols("x y", real=True)
c = Symbol("c", positive=True)
j = Symbol("j", integer=True, nonnegative=True)
lam, mu = symbols("lambda mu", complex=True)
one = Identity(n)

norm, length, frobenius, radius = SpectralNorm, EuclideanNorm, FrobeniusNorm, SpectralRadius
least = SmallestSingularValue


def lse(z):
    """The logarithm of the sum of exponentials."""
    return log((OneMatrix(1, n) * z.applyfunc(exp))[0, 0])


def clipped(z):
    """Clipping by norm at c."""
    return (c / Max(c, length(z))) * z


def softmax_jacobian(z):
    """diag(s) − s sᵀ at s = softmax(z)."""
    return DiagMatrix(Softmax(z)) - Softmax(z) * Softmax(z).T


symmetric = A + A.T
commute, normal = Eq(A * B, B * A, evaluate=False), Eq(A.T * A, A * A.T, evaluate=False)
projects = Eq(A**2, A, evaluate=False)

TRUE = {
    "a tanh layer is Lipschitz": Le(
        length((W * u + w).applyfunc(tanh) - (W * v + w).applyfunc(tanh)), norm(W) * length(u - v)
    ),
    "log-sum-exp is convex": Le(lse((u + v) / 2), (lse(u) + lse(v)) / 2),
    "the softmax Jacobian is positive semidefinite": Ge(Eigenvalue(softmax_jacobian(u), n), 0),
    "the softmax Jacobian is at most a half": Le(norm(softmax_jacobian(u)), Rational(1, 2)),
    "sigmoid is Lipschitz with 1/4": Le(4 * length(u.applyfunc(logistic) - v.applyfunc(logistic)), length(u - v)),
    "clipping by norm is Lipschitz": Le(length(clipped(u) - clipped(v)), length(u - v)),
    "tanh is Lipschitz": Le(Abs(tanh(x) - tanh(y)), Abs(x - y)),
    "a norm below 1 makes the radius so": Or(Ge(norm(A), 1), Lt(radius(A), 1)),
    "radius and row sums": Le(radius(A), LargestRowSum(A)),
    "condition of a matrix and its inverse": Ge(norm(A) * norm(A.I), 1),
    "an entry is at most the length": Le(u[0, 0] ** 2, length(u) ** 2),
    "eigenvalues of a perturbed symmetric matrix": ForEveryEigenvalue(
        symmetric + B, mu, ForSomeEigenvalue(symmetric, lam, Le(Abs(mu - lam), norm(B)))
    ),
    "norm and Frobenius norm": Le(norm(A), frobenius(A)),
    "Frobenius norm and size": Le(frobenius(A), sqrt(n) * norm(A)),
    "norm of a product": Le(norm(A * B), norm(A) * norm(B)),
    "norm of a Hadamard product": Le(norm(hadamard_product(A, B)), norm(A) * norm(B)),
    "a commutator": Le(frobenius(A * B - B * A), sqrt(2) * frobenius(A) * frobenius(B)),
    "row and column sums bound the norm": Le(norm(A) ** 2, LargestRowSum(A) * LargestColumnSum(A)),
    "the trace of a product": Eq(Trace(A * B), Trace(B * A)),
    "the determinant of a product": Eq(Determinant(A * B), Determinant(A) * Determinant(B)),
    "the radius of a product": Eq(radius(A * B), radius(B * A)),
    "singular values are in order": Ge(SingularValue(A, 1), SingularValue(A, n)),
    "the largest singular value": Eq(SingularValue(A, 1), norm(A)),
    "the least singular value of a product": Ge(least(A * B), least(A) * least(B)),
    "Weyl": Le(Eigenvalue(symmetric + B + B.T, 1), Eigenvalue(symmetric, 1) + Eigenvalue(B + B.T, 1)),
    "a symmetric matrix has its radius as norm": Eq(norm(symmetric), radius(symmetric)),
    "Cauchy and Schwarz": Le(Abs(Inner(u, v)), length(u) * length(v)),
    "the parallelogram": Eq(length(u + v) ** 2 + length(u - v) ** 2, 2 * length(u) ** 2 + 2 * length(v) ** 2),
    "every eigenvalue lies within the norm": ForEveryEigenvalue(A, lam, Le(Abs(lam), norm(A))),
    "some eigenvalue attains the radius": ForSomeEigenvalue(A, lam, Ge(Abs(lam), radius(A))),
    "mixed products of Kronecker products": Eq(
        KroneckerProduct(A, B) * KroneckerProduct(B, A), KroneckerProduct(A * B, B * A)
    ),
    "norm of a Kronecker product": Eq(norm(KroneckerProduct(A, B)), norm(A) * norm(B)),
    "a skew exponential is orthogonal": Eq(
        MatrixExponential(A - A.T).T * MatrixExponential(A - A.T), one, evaluate=False
    ),
    "a power at most the power of the norm": Le(norm(A**j), norm(A) ** j),
    "radius of a power": Eq(radius(A**j), radius(A) ** j),
    "tanh shrinks": Le(length(u.applyfunc(tanh)), length(u)),
    "tanh keeps most of what is small": Implies(Le(Abs(x), 1), Ge(Abs(tanh(x)), Rational(3, 4) * Abs(x))),
    "softplus lies above ReLU": Gt(log(1 + exp(x)), Max(x, 0)),
    "the logistic is odd about a half": Eq(logistic(x) + logistic(-x), 1),
    "not both": Not(Gt(x, 0) & Lt(x, 0)),
    "the inverse inverts": Implies(Ne(Determinant(A), 0), Eq(A * A.I, one, evaluate=False)),
    "condition number": Ge(ConditionNumber(A), 1),
    "the largest entry": Le(LargestEntry(A), norm(A)),
    "the error function stays below its slope at 0": Le(Abs(erf(x)), 2 * Abs(x) / sqrt(pi)),
    "the exponential lies above its tangent": Ge(expm1(x), x),
    "products of sines": Le(Abs(sin(x) * cos(y)), 1),
    "max and min": Eq(Max(x, y) + Min(x, y), x + y),
    "Bernoulli": Implies(Ge(x, -1), Ge((1 + x) ** j, 1 + j * x)),
    "a second singular value, where there is one": Le(SingularValue(A, 2), SingularValue(A, 1)),
    "exponentials of commuting matrices": Implies(
        commute, Eq(MatrixExponential(A + B), MatrixExponential(A) * MatrixExponential(B), evaluate=False)
    ),
    "a normal matrix has its radius as norm": Implies(normal, Eq(norm(A), radius(A))),
    "a skew matrix turns": Implies(Eq(A.T, -A), Eq(Inner(u, A * u), 0)),
    "a projection is 0 or stretches": Implies(projects, Or(Eq(norm(A), 0), Ge(norm(A), 1))),
    "softmax forgets a shift": Eq(Softmax(u + x * OneMatrix(n, 1)), Softmax(u), evaluate=False),
    "singular values move by the perturbation": Le(Abs(SingularValue(A, 1) - SingularValue(B, 1)), norm(A - B)),
}

FALSE = {
    "tanh by 0.925": Le(length(u.applyfunc(tanh)), Rational(37, 40) * length(u)),
    "slopes of the sigmoid from below": Ge(logistic(x) * (1 - logistic(x)), Rational(1, 10)),
    "Frobenius norm by root 3": Le(frobenius(A), sqrt(3) * norm(A)),
    "Frobenius norm at most 6": Le(frobenius(A), 6),
    "softmax Jacobian by 0.499": Le(norm(softmax_jacobian(u)), Rational(499, 1000)),
    "powers of 2": Le(2**j, 1 + j + j * (j - 1) / 2 + j * (j - 1) * (j - 2) / 6 + j * (j - 1) * (j - 2) * (j - 3) / 24),
    "Hadamard by 0.999": Le(norm(hadamard_product(A, B)), Rational(999, 1000) * norm(A) * norm(B)),
    "a commutator by 0.999": Le(frobenius(A * B - B * A), Rational(999, 1000) * sqrt(2) * frobenius(A) * frobenius(B)),
    "the error function by 9/8": Le(Abs(erf(x)), Rational(9, 8) * Abs(x)),
    "products of sines by 0.499": Le(Abs(sin(x) * cos(x)), Rational(499, 1000)),
    "zero on the grid": Eq(prod([x - Rational(i, 2) for i in range(-4, 5)]), 0),
    "determinants add up": Eq(Determinant(A + B), Determinant(A) + Determinant(B)),
    "conventions of the step": Eq(Heaviside(x, 1), Heaviside(x, 0)),
    "a norm up to 1e-80": Eq(norm(A) * (1 + Rational(1, 10**80)), norm(A.T)),
    "matrices commute": Eq(A * B, B * A, evaluate=False),
    "radius of a sum": Le(radius(A + B), radius(A) + radius(B)),
    "radius of a product, by factors": Le(radius(A * B), radius(A) * radius(B)),
    "norm and radius": Le(norm(A), radius(A)),
    "norm and radius, up to a factor": Le(norm(A), 100 * radius(A)),
    "powers of a stable matrix shrink": Implies(Lt(radius(A), 1), Le(norm(A**2), norm(A)))
    & Implies(Lt(radius(A), 1), Le(norm(A), 1)),
    "the trace is the determinant": Eq(Trace(A), Determinant(A)),
    "symmetric products": Eq((A * B).T, A.T * B.T, evaluate=False),
    "the least singular value adds up": Le(least(A + B), least(A) + least(B)),
    "row sums bound from below": Ge(norm(A), LargestRowSum(A)),
    "sigmoid by 0.249": Le(logistic(x) * (1 - logistic(x)), Rational(249, 1000)),
    "tanh by its cubic": Ge(tanh(x), x - x**3 / 3),
    "every eigenvalue is real": ForEveryEigenvalue(A, lam, Eq(lam, Abs(lam)))
    | ForEveryEigenvalue(A, lam, Eq(-lam, Abs(lam))),
    "eigenvalues move by the perturbation": ForEveryEigenvalue(
        A + B, mu, ForSomeEigenvalue(A, lam, Le(Abs(mu - lam), norm(B)))
    ),
    "ordered second singular values": Le(SingularValue(A, 1), SingularValue(A, n)),
    "condition at most 50": Le(ConditionNumber(A), 50),
    "an inverse is at most 10": Le(norm(A.I), 10),
    "Cauchy and Schwarz by 0.99": Le(Abs(Inner(u, v)), Rational(99, 100) * length(u) * length(v)),
    "lengths add up": Eq(length(u + v), length(u) + length(v)),
    "clipping keeps lengths apart": Eq(length(clipped(u) - clipped(v)), length(u - v)),
    "clipping leaves nothing above 9/10 of the threshold": Le(length(clipped(u)), Rational(9, 10) * c),
    "a product is positive": Ge(Inner(u, A * u), 0),
    "Bernoulli for every x": Ge((1 + x) ** j, 1 + j * x),
    "squares grow": Ge(x**2, x),
    "a small interval": Le(x**2 - x + Rational(2499, 10000), x**4) | Gt(x, 1),
    "exponentials of sums": Eq(MatrixExponential(A + B), MatrixExponential(A) * MatrixExponential(B), evaluate=False),
    "large numbers only": Le(Abs(x), 10**6),
    "a matrix of radius 0 is 0": Implies(Eq(radius(A), 0), Eq(A, 0 * A, evaluate=False)),
    "a second singular value is at most half the first": Le(2 * SingularValue(A, 2), SingularValue(A, 1)),
    "projections shrink": Implies(projects, Le(norm(A), 1)),
    "normal matrices are symmetric": Implies(normal, Eq(A, A.T, evaluate=False)),
    "skew matrices are small": Implies(Eq(A.T, -A), Le(norm(A), 5)),
    "matrices that commute are near": Implies(commute, Le(norm(A - B), norm(A))),
    "orthogonal matrices are symmetric": Implies(Eq(A.T * A, one, evaluate=False), Eq(A, A.T, evaluate=False)),
    "stable powers are small": Implies(Lt(radius(A), 1), Le(norm(A**j), 3)),
    "softmax is Lipschitz with 0.49": Le(length(Softmax(u) - Softmax(v)), Rational(49, 100) * length(u - v)),
    "no more than three units": Le(Trace(one) * radius(A), 3 * radius(A)),
    "an exponential by the radius": Le(norm(MatrixExponential(A)), exp(radius(A))),
    "exponents stay small": Le(j, 20),
    "inverses add up": Implies(
        Ne(Determinant(A), 0) & Ne(Determinant(B), 0) & Ne(Determinant(A + B), 0),
        Eq((A + B).I, A.I + B.I, evaluate=False),
    ),
    "no number is tiny": Or(Eq(x, 0), Ge(Abs(x), Rational(1, 10**8))),
}
