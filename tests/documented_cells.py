"""The cells of torchrecurrent that carry h alone, as the documentation of release 0.2.5 states them.

U reads the input and W the state; b is a bias beside U, d one beside W, where it matters which. A function that the
documentation leaves open is its default. `AS_RUN` is what the code does where that is something else.
"""

from sympy import Identity, Lambda, MatrixSymbol, Max, Min, OneMatrix, Rational, Symbol, tanh
from sympy.matrices.expressions import MatrixExpr

from backproof.cells import Cell, Sequence, affine, cell, sigmoid, times
from backproof.notation import U, W, h, m, n, t, x
from backproof.theory.cells import antisymmetric, indrnn, mgu, minimal_rnn
from backproof.theory.language.functions import softplus

v = Symbol("v")
relu, hard_sigmoid = Lambda(v, Max(v, 0)), Lambda(v, Max(0, Min(1, v / 6 + Rational(1, 2))))
one, past = OneMatrix(n, 1), h[t - 1]
a, c, f, g, i, k, p, q, r, z = (Sequence(name, n) for name in "acfgikpqrz")


def column(name: str) -> MatrixSymbol:
    """A bias, or weights entry by entry."""
    return MatrixSymbol(name, n, 1)


def square(name: str) -> MatrixSymbol:
    """Weights of a state."""
    return MatrixSymbol(name, n, n)


def scalar(name: str) -> MatrixSymbol:
    """A number that is learnt."""
    return MatrixSymbol(name, 1, 1)


def reading(index: str) -> MatrixExpr:
    """U x_t + b."""
    return MatrixSymbol(f"U_{index}", n, m) * x[t] + column(f"b_{index}")


def mixed(gate: MatrixExpr, kept: MatrixExpr, new: MatrixExpr) -> MatrixExpr:
    """Gate ∘ kept + (1 − gate) ∘ new."""
    return times(gate, kept) + times(OneMatrix(*gate.shape) - gate, new)


b, d = column("b"), column("d")
skew = (W - W.T - Rational(1, 16) * Identity(n)) * past


def gated_antisymmetric(gate: MatrixExpr) -> dict[MatrixExpr, MatrixExpr]:
    """With z = σ(gate)."""
    return {z[t]: sigmoid(gate), h[t]: past + Rational(1, 8) * times(z[t], (skew + d + reading("h")).applyfunc(tanh))}


def fast_gated(gate: MatrixExpr) -> dict[MatrixExpr, MatrixExpr]:
    """Both products are shared by gate and candidate."""
    share = (one - z[t]) * sigmoid(scalar("zeta")) + one * sigmoid(scalar("nu"))
    candidate = (U * x[t] + W * past + column("b_g")).applyfunc(tanh)
    return {z[t]: gate, h[t]: times(share, candidate) + times(z[t], past)}


def bistable(own: dict[str, MatrixExpr]) -> dict[MatrixExpr, MatrixExpr]:
    """What gates read of the state is given."""
    return {
        a[t]: one + (reading("a") + own["a"]).applyfunc(tanh),
        c[t]: sigmoid(reading("c") + own["c"]),
        h[t]: mixed(c[t], past, (reading("h") + times(a[t], past)).applyfunc(tanh)),
    }


def mutated(gate: MatrixExpr, reset: MatrixExpr, candidate: MatrixExpr) -> dict[MatrixExpr, MatrixExpr]:
    """A gated unit with z, r and the candidate's pre-activation."""
    return {z[t]: sigmoid(gate), r[t]: sigmoid(reset), h[t]: mixed(z[t], candidate.applyfunc(tanh), past)}


def simple_gated(output: MatrixExpr) -> dict[MatrixExpr, MatrixExpr]:
    """The input multiplies the state on its way into the candidate."""
    return {
        a[t]: reading("g"),
        g[t]: (square("W_g") * times(a[t], past) + column("d_g")).applyfunc(tanh),
        z[t]: affine("z", past).applyfunc(hard_sigmoid),
        h[t]: mixed(z[t], output, past),
    }


wide, small = Sequence("h", m), Sequence("u", m)
seen = {j: affine(j, wide[t - 1], m) for j in ("y", "h", "gy", "gh")}
old = Sequence("k", m)
remembered = {j: reading(j) + MatrixSymbol(f"V_{j}", n, m) * old[t - 1] for j in "zfo"}
through_reset = affine("g", times(r[t], past))
third = {"gate": affine("z", past), "reset": affine("r", past), "candidate": through_reset}

DOCUMENTED: dict[str, Cell] = {
    "AntisymmetricRNNCell": antisymmetric.CELL,
    "IndRNNCell": indrnn.CELL,
    "MGUCell": mgu.CELL,
    "MinimalRNNCell": minimal_rnn.CELL,
} | {
    name: cell(name, equations)
    for name, equations in {
        "GatedAntisymmetricRNNCell": gated_antisymmetric(skew + d + reading("z")),
        "ATRCell": {
            p[t]: U * x[t] + b,
            q[t]: W * past + d,
            h[t]: times(sigmoid(p[t] + q[t]), p[t]) + times(sigmoid(p[t] - q[t]), past),
        },
        "BRCell": bistable({j: times(column(f"w_{j}"), past) for j in "ac"}),
        "NBRCell": bistable({j: square(f"W_{j}") * past for j in "ac"}),  # printed W ∘ h, and W is n by n
        "CFNCell": {
            h[t]: times(sigmoid(affine("t", past)), past.applyfunc(tanh))
            + times(sigmoid(affine("e", past)), reading("h").applyfunc(tanh))
        },
        "FastRNNCell": {
            h[t]: affine("", past).applyfunc(tanh) * sigmoid(scalar("alpha")) + past * sigmoid(scalar("beta"))
        },
        "FastGRNNCell": fast_gated(sigmoid(U * x[t] + W * past + column("b_z"))),
        "LightRUCell": {h[t]: mixed(sigmoid(affine("f", past)), reading("h").applyfunc(tanh), past)},
        "LiGRUCell": {h[t]: mixed(sigmoid(affine("z", past)), past, affine("h", past).applyfunc(relu))},
        "MiRU1Cell": {
            r[t]: sigmoid(affine("r", past)),
            h[t]: Rational(1, 4) * past + Rational(3, 4) * through_reset.applyfunc(tanh),
        },
        "MiRU2Cell": {h[t]: Rational(1, 4) * past + Rational(3, 4) * affine("", Rational(5, 8) * past).applyfunc(tanh)},
        "MUT1Cell": mutated(
            reading("z"),
            affine("r", past),
            square("W_h") * times(r[t], past) + reading("h").applyfunc(tanh) + column("d_h"),
        ),
        "MUT2Cell": mutated(**third),
        "SGRNCell": {
            p[t]: U * x[t] + b,
            f[t]: sigmoid(p[t] + W * past + d),
            h[t]: mixed(f[t], past, p[t]).applyfunc(tanh),
        },
        "SGUCell": simple_gated(times(g[t], past).applyfunc(softplus)),
        "DSGUCell": simple_gated(sigmoid(square("V") * times(g[t], past))),
        "STARCell": {h[t]: mixed(sigmoid(affine("k", past)), reading("z").applyfunc(tanh), past).applyfunc(tanh)},
        "TRNNCell": {h[t]: mixed(sigmoid(reading("f")), past, reading("z"))},
        "UGRNNCell": {h[t]: mixed(sigmoid(affine("g", past)), past, affine("c", past).applyfunc(tanh))},
        "TGRUCell": {
            old[t]: x[t],
            h[t]: times(sigmoid(remembered["f"]), past) + times(remembered["z"], remembered["o"].applyfunc(tanh)),
        },
        "tauGRUCell": {  # the delay is that of one step more
            k[t]: past,
            g[t]: sigmoid(affine("g", past)),
            a[t]: times(sigmoid(affine("a", past)), affine("z", k[t - 1]).applyfunc(tanh)),
            h[t]: mixed(g[t], affine("u", past).applyfunc(tanh) + a[t], past),
        },
    }.items()
}
DOCUMENTED["MUT3Cell"] = cell(  # of as many inputs as units, since r reads x itself
    "MUT3Cell",
    {
        (zm := Sequence("z", m))[t]: sigmoid(affine("z", wide[t - 1], m)),
        (rm := Sequence("r", m))[t]: sigmoid(
            x[t] + MatrixSymbol("W_r", m, m) * wide[t - 1] + MatrixSymbol("b_r", m, 1)
        ),
        wide[t]: mixed(zm[t], affine("g", times(rm[t], wide[t - 1]), m).applyfunc(tanh), wide[t - 1]),
    },
)
DOCUMENTED["IntersectionRNNCell"] = cell(
    "IntersectionRNNCell",
    {
        small[t]: mixed(sigmoid(seen["gy"]), x[t], seen["y"].applyfunc(relu)),
        wide[t]: mixed(sigmoid(seen["gh"]), wide[t - 1], seen["h"].applyfunc(tanh)),
    },
    output=small,
)

AS_RUN: dict[str, Cell] = {
    name: cell(f"{name}, as run", equations)
    for name, equations in {
        "GatedAntisymmetricRNNCell": gated_antisymmetric(skew + reading("z")),
        "FastGRNNCell": fast_gated((U * x[t] + W * past + column("b_z")).applyfunc(tanh)),
        "MUT3Cell": mutated(**{**third, "gate": reading("z") + square("W_z") * past.applyfunc(tanh)}),
    }.items()
}
