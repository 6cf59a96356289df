"""The cells of torchrecurrent that carry more than h, as the documentation of release 0.2.5 states them.

Letters, and `AS_RUN`, are those of `documented_cells`.
"""

from documented_cells import a, c, column, f, i, mixed, old, one, past, q, reading, relu, remembered, scalar, square, z
from sympy import MatrixSymbol, OneMatrix, Rational, tanh
from sympy.matrices.expressions import MatrixExpr

from backproof.cells import Cell, Sequence, affine, cell, sigmoid, times
from backproof.notation import h, m, n, t, x
from backproof.theory.cells import lstm_peephole

V, kept = square("V"), c[t - 1]
s, u, w = (Sequence(name, n) for name in "suw")
Equations = dict[MatrixExpr, MatrixExpr]


def oscillating(damped: MatrixExpr, share: Rational) -> Equations:
    """Δt = 1/8, γ = 1/2, and ε = 1/4 times what is damped; the whole is scaled by a share."""
    force = (affine("", past) + V * kept).applyfunc(tanh)
    step = kept + Rational(1, 8) * force - Rational(1, 16) * past - Rational(1, 32) * damped
    return {c[t]: share * step, h[t]: past + Rational(1, 8) * c[t]}


def expressive(of_c: str, of_h: str, looked_at: MatrixExpr) -> Equations:
    """Δt = 1/2; which of two step sizes is whose, and what h looks at."""
    steps = {"1": u, "2": w}
    return {
        u[t]: Rational(1, 2) * sigmoid(affine("1", past)),
        w[t]: Rational(1, 2) * sigmoid(affine("2", past)),
        c[t]: mixed(steps[of_c][t], affine("c", past).applyfunc(tanh), kept),
        h[t]: mixed(steps[of_h][t], (reading("h") + V * looked_at).applyfunc(tanh), past),
    }


o = {str(j): affine(str(j), past).applyfunc(relu if j in (1, 3) else tanh) for j in (1, 3, 4, 6)}
o |= {str(j): sigmoid(affine(str(j), past)) for j in (0, 2, 5, 7)}
NAS = {
    u[t]: times(o["0"], o["1"]).applyfunc(tanh),
    w[t]: (u[t] + kept).applyfunc(tanh),
    z[t]: (o["2"] + o["3"]).applyfunc(tanh),
    s[t]: (times(o["4"], o["5"]).applyfunc(tanh) + sigmoid(o["6"] + o["7"])).applyfunc(tanh),
    c[t]: times(u[t], z[t]),
    h[t]: times(c[t], s[t]).applyfunc(tanh),
}


def additive(content: MatrixExpr) -> Equations:
    """The content is linear in the input."""
    return {
        c[t]: times(sigmoid(affine("i", past)), content) + times(sigmoid(affine("f", past)), kept),
        h[t]: c[t].applyfunc(tanh),
    }


def constrained(layer: Sequence, out: Sequence) -> Cell:
    """A slow state beside a layer; W_y and V_y lead to the output, and h is what comes back."""
    share = scalar("alpha")
    return cell(
        "SCRNCell",
        {
            s[t]: reading("s") * (OneMatrix(1, 1) - share) + s[t - 1] * share,
            layer[t]: sigmoid(square("V_h") * s[t] + column("e_h") + affine("h", past)),
            out[t]: (square("V_y") * s[t] + column("e_y") + square("W_y") * layer[t] + column("b_y")).applyfunc(tanh),
        },
        output=out,
    )


def remembering(seen: object, content: MatrixExpr) -> Equations:
    """An LSTM whose gates look at c through matrices."""
    looks = {j: square(f"V_{j}") * (c[t] if j == "q" else kept) + column(f"e_{j}") for j in "ifq"}
    gate = {j: sigmoid(affine(j, past) + seen(look)) for j, look in looks.items()}  # type: ignore[operator]
    return {
        c[t]: times(gate["f"], kept) + times(gate["i"], content.applyfunc(tanh)),
        h[t]: times(gate["q"], c[t].applyfunc(tanh)),
    }


control = Sequence("v", n)
gates = {j: affine(j, control[t - 1]) for j in "fiqmg"}
p = {j: column(f"p_{j}") for j in "ifq"}
reach = Rational(1, 8) * sigmoid(column("k"))

DOCUMENTED: dict[str, Cell] = {"PeepholeLSTMCell": lstm_peephole.CELL} | {
    name: cell(name, equations)
    for name, equations in {
        "coRNNCell": oscillating(0 * kept, Rational(32, 33)),  # c_t stands on both sides: solved for it
        "JANETCell": {
            a[t]: affine("f", past),
            c[t]: times(sigmoid(a[t]), kept)
            + times(one - sigmoid(a[t] - one * scalar("beta")), affine("g", past).applyfunc(tanh)),
            h[t]: c[t],
        },
        "LEMCell": expressive("1", "1", c[t]),
        "MultiplicativeLSTMCell": {
            w[t]: times(reading("m"), square("W_m") * past + column("d_m")),
            c[t]: times(sigmoid(affine("f", w[t])), kept)
            + times(sigmoid(affine("i", w[t])), affine("g", w[t]).applyfunc(tanh)),
            h[t]: times(c[t].applyfunc(tanh), sigmoid(affine("q", w[t]))),
        },
        "NASCell": NAS,
        "OriginalLSTMCell": {
            c[t]: kept + times(sigmoid(affine("i", past)), affine("g", past).applyfunc(tanh)),
            h[t]: times(sigmoid(affine("q", past)), c[t].applyfunc(tanh)),
        },
        "RANCell": additive(reading("c")),
        "ResLSTMCell": {
            i[t]: sigmoid(affine("i", past) + times(p["i"], kept)),
            f[t]: sigmoid(affine("f", past) + times(p["f"], kept)),
            c[t]: times(f[t], kept) + times(i[t], affine("g", past).applyfunc(tanh)),
            q[t]: sigmoid(affine("q", past) + times(p["q"], c[t])),
            h[t]: times(q[t], V * c[t].applyfunc(tanh) + MatrixSymbol("R", n, m) * x[t]),
        },
        "UnICORNNCell": {  # σ is tanh, and σ̂ the sigmoid
            z[t]: z[t - 1]
            - times(
                reach,
                (times(column("w"), past) + MatrixSymbol("U", n, m) * x[t] + column("b")).applyfunc(tanh)
                + Rational(1, 4) * past,
            ),
            h[t]: past + times(reach, z[t]),
        },
        "WMCLSTMCell": remembering(lambda look: look, reading("g")),
    }.items()
}
DOCUMENTED |= {
    "MCLSTMCell": cell(
        "MCLSTMCell",
        {
            c[t]: times(sigmoid(gates["f"]), kept) + times(sigmoid(gates["i"]), gates["g"].applyfunc(tanh)),
            h[t]: times(sigmoid(gates["q"]), c[t].applyfunc(tanh)),
            control[t]: times(sigmoid(gates["m"]), c[t].applyfunc(tanh)),
        },
        output=h,
    ),
    "TLSTMCell": cell(
        "TLSTMCell",
        {
            old[t]: x[t],
            c[t]: mixed(sigmoid(remembered["f"]), kept, remembered["z"]),
            h[t]: times(c[t], remembered["o"].applyfunc(tanh)),
        },
        output=h,
    ),
    "SCRNCell": constrained(h, u),
}

AS_RUN: dict[str, Cell] = {
    name: cell(f"{name}, as run", equations)
    for name, equations in {
        "coRNNCell": oscillating(kept, Rational(1)),
        "LEMCell": expressive("2", "1", kept),
        "NASCell": {**NAS, c[t]: times(w[t], z[t])},
        "RANCell": additive(MatrixSymbol("U_c", n, m) * x[t]),
        "WMCLSTMCell": remembering(lambda look: look.applyfunc(tanh), affine("g", past)),
    }.items()
} | {"SCRNCell": constrained(u, h)}
