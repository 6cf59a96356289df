"""What publicly reported code did wrong, planted: a net and a function that returns its gradients as the report had it.

Most are the right equations with one thing changed: other equations forward, one share of an adjoint, what a net reads
or hands back, or what is done with the answer.
"""

from dataclasses import fields, replace
from functools import cache

import numpy as np
from sympy import Identity, Lambda, MatrixSymbol, OneMatrix, Rational, Symbol, exp, sqrt, tanh

from backproof.cells import Sequence, affine, cell, layers, recurrent, sigmoid, times
from backproof.notation import h, m, n, t, x
from backproof.referee.cellcheck import by_equations
from backproof.theory.arithmetic import Floats
from backproof.theory.cells import cell_of
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.faults import FaultyCell
from backproof.theory.nets.layered_passes import Pass, gradients_in
from backproof.theory.nets.layers import alone, layered_faults
from backproof.theory.nets.passes import gradients as of_parameters

c, i, f, q, g, z, r, s, reset = (Sequence(name, n) for name in ("c", "i", "f", "q", "g", "z", "r", "s", "reset"))
one, v = OneMatrix(n, 1), Symbol("v")
ELMAN = cell("Elman", {h[t]: affine("", h[t - 1]).applyfunc(tanh)})


def lstm(cell_state=c[t - 1], peephole=None, name="LSTM"):
    """An LSTM with named gates; ``cell_state`` is what a gate keeps, ``peephole`` what the output gate sees."""
    seen = affine("q", h[t - 1])
    if peephole is not None:
        seen += times(MatrixSymbol("p_q", n, 1), peephole)
    return cell(
        name,
        {
            i[t]: sigmoid(affine("i", h[t - 1])),
            f[t]: sigmoid(affine("f", h[t - 1])),
            g[t]: affine("g", h[t - 1]).applyfunc(tanh),
            c[t]: times(f[t], cell_state) + times(i[t], g[t]),
            q[t]: sigmoid(seen),
            h[t]: times(q[t], c[t].applyfunc(tanh)),
        },
    )


LSTM = lstm()


def gru(after, name):
    """A GRU whose reset gate acts before the matrix, or after it; without the bias inside."""
    W, U, b = MatrixSymbol("W_g", n, n), MatrixSymbol("U_g", n, m), MatrixSymbol("b_g", n, 1)
    reset_state = times(r[t], W * h[t - 1]) if after else W * times(r[t], h[t - 1])
    return cell(
        name,
        {
            z[t]: sigmoid(affine("z", h[t - 1])),
            r[t]: sigmoid(affine("r", h[t - 1])),
            g[t]: (reset_state + U * x[t] + b).applyfunc(tanh),
            h[t]: times(one - z[t], g[t]) + times(z[t], h[t - 1]),
        },
    )


def with_fault(of, what):
    """The net and one of its own faults, by name."""
    net = alone(of) if isinstance(of, Cell) else of
    (found,) = (faulty for faulty in layered_faults(net) if faulty.what == what)
    return of, by_equations(found)


def adjoint_changed(of, symbol, change):
    """A cell with other symbols in the share of one adjoint."""
    right = of.adjoint
    backward = tuple(
        (q, local.xreplace(change) if str(q) == symbol else local, carried) for q, local, carried in right.backward
    )
    assert backward != right.backward
    own = {field.name: getattr(of, field.name) for field in fields(Cell)}
    return of, by_equations(FaultyCell(**own, what=symbol, wrong=replace(right, backward=backward)))


def conjugate_missing():
    """A linear recurrent unit whose state hands back λ times its adjoint, where it is the conjugate of λ."""
    of = cell_of("lru")
    factor = of.at("q")
    right = of.adjoint
    backward = tuple(
        (q, local, carried.xreplace({factor: -factor}) if carried.has(factor) else carried)
        for q, local, carried in right.backward
    )
    assert backward != right.backward
    own = {field.name: getattr(of, field.name) for field in fields(Cell)}
    return of, by_equations(FaultyCell(**own, what="conjugate", wrong=replace(right, backward=backward)))


def as_if(of, other):
    """The gradients of another net, whose arrays have the same names."""
    return of, by_equations(other)


def answers(of, change):
    """The right answer, changed: a function of it and of what was asked."""
    right = by_equations(of)
    return of, lambda *at: change(dict(right(*at)), *at)


def asks(of, change):
    """The right equations, asked something else: a function of the four arguments."""
    right = by_equations(of)
    return of, lambda *at: right(*change(*at))


def in_forward_order():
    """Elman's adjoint taken through the steps from the first to the last."""

    def gradients(params, inputs, upstream, last):
        W, U, b = params["W"], params["U"], params["b"]
        states = [params["h0"]]
        for row in inputs:
            states.append(np.tanh(states[-1] @ W.T + row @ U.T + b))
        found = {name: np.zeros_like(params[name]) for name in ("W", "U", "b")}
        for late in range(1, len(states)):
            asked = upstream[late - 1] + (last.get("h", 0) if late == len(states) - 1 else 0)
            alphas = {}
            for early in range(late, 0, -1):
                carried = asked
                for step in range(early + 1, late + 1):
                    carried = (carried * (1 - states[step] ** 2)) @ W
                alphas[early] = carried * (1 - states[early] ** 2)
            for early, alpha in alphas.items():
                found["W"] += alpha.T @ states[early - 1]
                found["U"] += alpha.T @ inputs[early - 1]
                found["b"] += alpha.sum(axis=0)
        return found

    return ELMAN, gradients


def stepped_while_going_back():
    """Elman's W moves on by what each step gives before the step before is asked."""

    def gradients(params, inputs, upstream, last):
        W, U, b = params["W"].copy(), params["U"], params["b"]
        states = [params["h0"]]
        for row in inputs:
            states.append(np.tanh(states[-1] @ W.T + row @ U.T + b))
        found = {name: np.zeros_like(params[name]) for name in ("W", "U", "b")}
        asked = last.get("h", np.zeros_like(states[0]))
        for step in range(len(inputs), 0, -1):
            alpha = (asked + upstream[step - 1]) * (1 - states[step] ** 2)
            share = alpha.T @ states[step - 1]
            found["W"] += share
            found["U"] += alpha.T @ inputs[step - 1]
            found["b"] += alpha.sum(axis=0)
            W -= 0.1 * share
            asked = alpha @ W
        return found

    return ELMAN, gradients


def right_once(of):
    """The first answer is right, and no later one."""
    right, calls = by_equations(of), []

    def gradients(*at):
        calls.append(1)
        factor = 1 if len(calls) == 1 else 1 + 1e-6
        return {name: factor * value for name, value in right(*at).items()}

    return of, gradients


def first_step_without(of, parameter):
    """Without an initial state the first step leaves out a parameter: the sequence is cut in two there."""

    def gradients(params, inputs, upstream, last):
        weights = {name: value for name, value in params.items() if name != "h0"}
        first = weights | {parameter: 0 * weights[parameter]}
        early = recurrent(of, inputs=inputs[:1], upstream=upstream[:1], h0=params["h0"], **first)
        state = np.concatenate([Pass(early, index, Floats()).outputs[-1].T for index in range(inputs.shape[1])])
        if len(inputs) == 1:
            rest, late = {}, replace(early, asked=last)
        else:
            run = recurrent(of, inputs=inputs[1:], upstream=upstream[1:], last=last, h0=state, **weights)
            rest = shaped(run)
            late = replace(early, asked={"h": rest["h0"]})
        own = shaped(late)
        own[parameter] = 0 * own[parameter]
        return {name: own[name] + rest.get(name, 0) for name in weights}

    return of, gradients


def shaped(run):
    """Every gradient of a run but that of the inputs, in the shape of what it is taken by."""
    found = gradients_in(run, Floats())
    return {name: np.asarray(found[name]).reshape(array.shape) for name, array in run.arrays.items()}


def input_of_the_layer_above(of, node, above, names):
    """The gradients of a node's input weights read the sequence that another node reads."""

    def gradients(params, inputs, upstream, last):
        run = recurrent(of, inputs=inputs, upstream=upstream, last=last, **params)
        found = {
            name: np.asarray(value).reshape(run.arrays[name].shape)
            for name, value in gradients_in(run, Floats()).items()
            if name != "inputs"
        }
        for name in names:
            found[name] = np.zeros_like(found[name])
        for index in range(run.batch):
            through = Pass(run, index, Floats())
            through.backward()
            own, series = through.series[node]
            _, other = through.series[above]
            carried = {adjoint.base.name: {0: 0.0} for adjoint in own.cell.adjoints.values()}
            wrong = of_parameters(own, Floats(), {**series, "x": other["x"]}, carried)
            for name in names:
                found[name] += wrong[name.partition("_l")[0]].reshape(found[name].shape)
        return found

    return of, gradients


def from_the_end(of):
    """Each sequence is read from the last steps of the array, as many as it has."""

    def moved(params, inputs, upstream, last):
        steps = len(inputs)
        shifted = inputs.copy()
        for index, length in enumerate(params["lengths"]):
            shifted[:length, index] = inputs[steps - length :, index]
        return params, shifted, upstream, last

    return asks(of, moved)


def not_turned_back(of):
    """What the second direction makes is taken as if it stood in the order of time."""
    last = len(of.nodes) - 1
    reads = tuple(replace(reading, turned=False) for reading in of.nodes[last].reads)
    return as_if(of, replace(of, nodes=(*of.nodes[:last], replace(of.nodes[last], reads=reads))))


def not_turned(of):
    """The second direction reads the sequence as it stands, and its output is turned all the same."""
    nodes = [
        replace(node, reads=tuple(replace(one, turned=False) for one in node.reads)) if node.cell else node
        for node in of.nodes
    ]
    return as_if(of, replace(of, nodes=tuple(nodes)))


@cache
def both_ways(of, **options):
    """One layer of two directions."""
    return layers((of, of), name="both ways", **options)


def normalised(y):
    """A column less its mean, over the root of its mean square and 1/1000."""
    off = (Identity(n) - OneMatrix(n, n) / n) * y
    return off * (off.T * off / n).applyfunc(Lambda(v, 1 / sqrt(v + Rational(1, 1000))))


W, U, b = MatrixSymbol("W", n, n), MatrixSymbol("U", n, m), MatrixSymbol("b", n, 1)
APART = cell("normalised apart", {h[t]: (normalised(W * h[t - 1]) + normalised(U * x[t]) + b).applyfunc(tanh)})
TOGETHER = cell("normalised together", {h[t]: (normalised(W * h[t - 1] + U * x[t]) + b).applyfunc(tanh)})

w = Sequence("w", n)
UNSTABILISED = cell(
    "sLSTM without stabiliser",
    {
        c[t]: times(affine("f", h[t - 1]).applyfunc(exp), c[t - 1])
        + times(affine("i", h[t - 1]).applyfunc(exp), affine("g", h[t - 1]).applyfunc(tanh)),
        w[t]: times(affine("f", h[t - 1]).applyfunc(exp), w[t - 1]) + affine("i", h[t - 1]).applyfunc(exp),
        h[t]: times(sigmoid(affine("q", h[t - 1])), c[t], w[t].applyfunc(Lambda(v, 1 / v))),
    },
)


def overflowing():
    """At a gate of e^800 the sLSTM has a value, and code without the stabiliser has none."""
    run = recurrent(cell_of("slstm"), b_i=[800], W_i=[[1]], U_g=[[1]], w0=[[1]], inputs=[[1]], upstream=[[1]])
    wrong = by_equations(UNSTABILISED)

    def gradients(params, *at):
        with np.errstate(all="ignore"):
            return {"k0": 0 * params["k0"], **wrong({k: value for k, value in params.items() if k != "k0"}, *at)}

    return run, gradients


def kept_by(mask_at_gate):
    """A leaky cell whose state a mask resets; the gate reads the state after the reset, or before it."""
    fresh = times(reset[t], h[t - 1])
    read = fresh if mask_at_gate else h[t - 1]
    return cell(
        "reset by a mask",
        {
            z[t]: sigmoid(affine("z", fresh)),
            h[t]: times(one - z[t], read) + times(z[t], affine("g", fresh).applyfunc(tanh)),
        },
        given=(reset,),
    )


def zoneout(output):
    """A cell of which a mask keeps units; what is handed to the outputs is what was kept, or what was made."""
    return cell(
        "zoneout",
        {
            s[t]: affine("", h[t - 1]).applyfunc(tanh),
            h[t]: times(reset[t], h[t - 1]) + times(one - reset[t], s[t]),
        },
        given=(reset,),
        output=output,
    )


def spectral_norm_held():
    """W divided by σ = uᵀ W v, for singular vectors u and v that are held, without the gradient by σ itself."""
    u, right, sigma, inverse = Sequence("u", n), Sequence("v", n), Sequence("sigma", n), Lambda(v, 1 / v)
    normalised = cell(
        "Elman, spectrally normalised",
        {
            sigma[t]: OneMatrix(n, 1) * (u[t].T * MatrixSymbol("W", n, n) * right[t]),
            h[t]: (
                times(MatrixSymbol("W", n, n) * h[t - 1], sigma[t].applyfunc(inverse))
                + MatrixSymbol("U", n, m) * x[t]
                + MatrixSymbol("b", n, 1)
            ).applyfunc(tanh),
        },
        given=(u, right),
    )
    drawn = np.random.default_rng(0)
    W = drawn.normal(size=(3, 3))
    left, _, after = np.linalg.svd(W)
    told = {"u": np.tile(left[:, 0], (4, 2, 1)), "v": np.tile(after[0], (4, 2, 1)), "W": W, "b": [0.1, 0, -0.1]}
    inputs, upstream = drawn.normal(size=(4, 2, 2)), drawn.normal(size=(4, 2, 3))
    run = recurrent(normalised, inputs=inputs, upstream=upstream, U=drawn.normal(size=(3, 2)), **told)
    return run, with_fault(normalised, "∂L/∂W: u[t] 1 sigmā[t] v[t]ᵀ dropped")[1]
