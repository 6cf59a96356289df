"""A right NumPy RNN in the README's form, in steps that a mistake replaces one at a time, and right code in odd forms.

``forward``, ``loss`` and ``gradients`` are methods of an object, which stands for a module. Shapes are (T, B, …).
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np

P = dict[str, Any]
PHI: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {
    "tanh": (np.tanh, lambda a, h: 1 - h**2),
    "sigmoid": (lambda a: 1 / (1 + np.exp(-a)), lambda a, h: h * (1 - h)),
    "relu": (lambda a: np.maximum(a, 0), lambda a, h: (a > 0) * 1.0),
    "identity": (lambda a: a, lambda a, h: np.ones_like(a)),
    "softplus": (lambda a: np.logaddexp(a, 0), lambda a, h: 1 / (1 + np.exp(-a))),
}


@dataclass(frozen=True, kw_only=True)
class Code:
    """Somebody's code, and what a check has to make of it.

    ``make``      the code, anew: what it keeps between calls starts empty
    ``teaches``   what a check has to do to see it
    ``verdicts``  what may come of it: "passes", or the names of exceptions
    ``says``      a regular expression for what a right description says, and ``never`` one for what misleads
    ``at``        a net of `nets.NETS` at which it shows
    ``format``    the format it computes in
    """

    name: str
    make: Callable[[], Any]
    teaches: str = ""
    verdicts: tuple[str, ...] = ("WrongGradient",)
    says: str = ""
    never: str = "(?!)"
    at: str = "README's own"
    format: str = "float64"


class Right:
    """The RNN; each method is a step of it."""

    activation, loss_name, reduction, layout = "tanh", "cross_entropy", "sum", "TB"

    def __init__(self) -> None:
        self.kept: dict[Any, Any] = {}

    def phi(self, a: Any) -> Any:
        """φ(a)."""
        return PHI[self.activation][0](a)

    def slope(self, a: Any, h: Any) -> Any:
        """φ′(a), where h = φ(a)."""
        return PHI[self.activation][1](a, h)

    def pre(self, p: P, x: Any, h: Any) -> Any:
        """a_t (B, n)."""
        return h @ p["W"].T + x @ p["U"].T + p["b"]

    def states(self, p: P, inputs: Any) -> tuple[Any, Any]:
        """Each a_t (T, B, n), and h (T + 1, B, n)."""
        a, h = [], [p["h0"]]
        for x in inputs:
            a.append(self.pre(p, x, h[-1]))
            h.append(self.phi(a[-1]))
        return np.array(a), np.array(h)

    def outputs(self, p: P, h: Any) -> Any:
        """Each o_t (T, B, p)."""
        return h[1:] @ p["V"].T + p["c"]

    def forward(self, p: P, inputs: Any) -> tuple[Any, Any]:
        """States and outputs."""
        h = self.states(p, inputs)[1]
        return h, self.outputs(p, h)

    def softmax(self, o: Any) -> Any:
        """Probabilities."""
        e = np.exp(o - o.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def charges(self, o: Any, targets: Any) -> Any:
        """Each step's loss (T, B)."""
        if self.loss_name == "squared_error":
            return ((o - targets) ** 2).sum(axis=-1) / 2
        top = o.max(axis=-1, keepdims=True)
        whole = np.log(np.exp(o - top).sum(axis=-1)) + top[..., 0]
        return whole - np.take_along_axis(o, targets[..., None], axis=-1)[..., 0]

    def share(self, targets: Any) -> float:
        """What a step's loss counts."""
        return 1 / (targets.shape[0] * targets.shape[1]) if self.reduction == "mean" else 1.0

    def loss(self, p: P, inputs: Any, targets: Any) -> Any:
        """The loss of the batch."""
        return float(self.charges(self.forward(p, inputs)[1], targets).sum() * self.share(targets))

    def one_hot(self, targets: Any, classes: int) -> Any:
        """Classes as rows."""
        return np.eye(classes)[targets]

    def asked(self, o: Any, targets: Any) -> Any:
        """∂L/∂o (T, B, p)."""
        if self.loss_name == "squared_error":
            return (o - targets) * self.share(targets)
        return (self.softmax(o) - self.one_hot(targets, o.shape[-1])) * self.share(targets)

    def down(self, p: P, g: Any) -> Any:
        """What outputs ask of the states (T, B, n)."""
        return g @ p["V"]

    def carry(self, p: P, alpha: Any) -> Any:
        """What a step asks of the state before (B, n)."""
        return alpha @ p["W"]

    def adjoints(self, p: P, a: Any, h: Any, g: Any) -> tuple[Any, Any]:
        """∂L/∂a (T, B, n) and ∂L/∂h_0 (B, n)."""
        alpha, local, later = np.zeros_like(a), self.down(p, g), np.zeros_like(h[0])
        for t in reversed(range(len(a))):
            alpha[t] = self.slope(a[t], h[t + 1]) * (local[t] + later)
            later = self.carry(p, alpha[t])
        return alpha, later

    def product(self, adjoint: Any, value: Any) -> Any:
        """Σ over steps and sequences of adjoint valueᵀ."""
        return adjoint.reshape(-1, adjoint.shape[-1]).T @ value.reshape(-1, value.shape[-1])

    def of_W(self, alpha: Any, h: Any) -> Any:
        """∂L/∂W from every state, h_0 first."""
        return self.product(alpha, h[:-1])

    def of_U(self, alpha: Any, inputs: Any) -> Any:
        """∂L/∂U."""
        return self.product(alpha, inputs)

    def of_V(self, g: Any, h: Any) -> Any:
        """∂L/∂V from every state, h_0 first."""
        return self.product(g, h[1:])

    def answered(self, found: P, p: P, inputs: Any, targets: Any) -> Any:
        """What is handed back."""
        return found

    def gradients(self, p: P, inputs: Any, targets: Any) -> Any:
        """∂L/∂ of W, U, V, b, c and h0."""
        a, h = self.states(p, inputs)
        g = self.asked(self.outputs(p, h), targets)
        alpha, before = self.adjoints(p, a, h, g)
        found = {"W": self.of_W(alpha, h), "U": self.of_U(alpha, inputs), "V": self.of_V(g, h), "h0": before}
        found |= {"b": alpha.sum(axis=(0, 1)), "c": g.sum(axis=(0, 1))}
        return self.answered(found, p, inputs, targets)


def changed(**steps: Any) -> type[Right]:
    """The right code with some steps or settings replaced."""
    return type("Rnn", (Right,), steps)


def each(change: Callable[[Any], Any]) -> Any:
    """Hand back every gradient changed."""
    return lambda self, found, *_: {name: change(array) for name, array in found.items()}


def only(name: str, change: Callable[[Any], Any]) -> Any:
    """Hand back one gradient changed."""
    return lambda self, found, *_: found | {name: change(found[name])}


class Plain(Right):
    """Without c and h_0, as the README allows."""

    names = {"W": "W", "U": "U", "V": "V", "b": "b"}  # noqa: RUF012

    def outputs(self, p: P, h: Any) -> Any:
        """Each o_t, without a bias."""
        return h[1:] @ p["V"].T

    def states(self, p: P, inputs: Any) -> tuple[Any, Any]:
        """From a state of zeros."""
        return super().states({**p, "h0": np.zeros((inputs.shape[1], len(p["W"])))}, inputs)

    def answered(self, found: P, p: P, inputs: Any, targets: Any) -> Any:
        """Four gradients."""
        return {name: found[name] for name in self.names}


class BatchFirst(Right):
    """Inputs (B, T, m) and targets (B, T)."""

    layout = "BT"

    def loss(self, p: P, inputs: Any, targets: Any) -> Any:
        """The loss of the batch."""
        return super().loss(p, inputs.swapaxes(0, 1), targets.swapaxes(0, 1))

    def gradients(self, p: P, inputs: Any, targets: Any) -> Any:
        """The gradients of the batch."""
        return super().gradients(p, inputs.swapaxes(0, 1), targets.swapaxes(0, 1))


class Alone(Right):
    """One sequence a call: inputs (T, m), h_0 (n,)."""

    layout = "T"

    def loss(self, p: P, inputs: Any, targets: Any) -> Any:
        """The loss of the sequence."""
        return super().loss({**p, "h0": p["h0"][None]}, inputs[:, None], targets[:, None])

    def gradients(self, p: P, inputs: Any, targets: Any) -> Any:
        """The gradients of the sequence."""
        found = super().gradients({**p, "h0": p["h0"][None]}, inputs[:, None], targets[:, None])
        return found | {"h0": found["h0"][0]}


class Transposed(Right):
    """Every matrix stored the other way round, under names of its own."""

    names = {"W": "Whh", "U": "Wxh", "V": "Why", "b": "bh", "c": "by", "h0": "hprev"}  # noqa: RUF012
    transposed = ("W", "U", "V")

    def _ours(self, p: P) -> P:
        return {name: p[own].T if name in self.transposed else p[own] for name, own in self.names.items()}

    def loss(self, p: P, inputs: Any, targets: Any) -> Any:
        """The loss of the batch."""
        return super().loss(self._ours(p), inputs, targets)

    def gradients(self, p: P, inputs: Any, targets: Any) -> Any:
        """The gradients of the batch."""
        found = super().gradients(self._ours(p), inputs, targets)
        return {own: found[name].T if name in self.transposed else found[name] for name, own in self.names.items()}


class Single(Right):
    """All of it in float32."""

    def loss(self, p: P, inputs: Any, targets: Any) -> Any:
        """The loss as float32."""
        o = self.forward(_single(p), inputs.astype(np.float32))[1]
        return self.charges(o, targets).sum(dtype=np.float32)

    def gradients(self, p: P, inputs: Any, targets: Any) -> Any:
        """The gradients as float32."""
        return super().gradients(_single(p), inputs.astype(np.float32), targets)


def _single(p: P) -> P:
    return {name: array.astype(np.float32) for name, array in p.items()}


class Keywords:
    """Right code whose functions take ``**kwargs`` too, which they do not look at."""

    def __init__(self, made: type[Right] = BatchFirst) -> None:
        self._made = made()
        self.layout = self._made.layout
        for word in ("names", "transposed"):
            if hasattr(made, word):
                setattr(self, word, getattr(made, word))

    def loss(self, p: P, inputs: Any, targets: Any, **kwargs: Any) -> Any:
        """The loss of the batch."""
        return self._made.loss(p, inputs, targets)

    def gradients(self, p: P, inputs: Any, targets: Any, **kwargs: Any) -> Any:
        """The gradients of the batch."""
        return self._made.gradients(p, inputs, targets)


class Tensor:
    """An array in the manner of a framework, which NumPy can read."""

    def __init__(self, array: Any) -> None:
        self._array = array
        self.shape = array.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._array, dtype=dtype)


def module(made: type[Right] = Right, **attributes: Any) -> Callable[[], Any]:
    """Functions of a module, with attributes beside them."""

    def make() -> Any:
        code = made()
        return SimpleNamespace(loss=code.loss, gradients=code.gradients, **attributes)

    return make


def _read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


def _warned(self: Right, found: P, *_: Any) -> P:
    warnings.warn("this function moves", DeprecationWarning, stacklevel=2)
    return found


def _raising_from_now_on(self: Right, found: P, *_: Any) -> P:
    np.seterr(all="raise")
    return found


def _seeded(self: Right, found: P, *_: Any) -> P:
    np.random.seed(0)  # noqa: NPY002
    return found


def _strided(array: Any) -> Any:
    wide = np.zeros(tuple(2 * size for size in array.shape))
    view = wide[tuple(slice(None, None, -2) for _ in array.shape)]
    view[...] = array
    return view


def _right(name: str, make: Callable[[], Any], *verdicts: str, **more: Any) -> Code:
    return Code(name=name, make=make, verdicts=("passes", *verdicts), **more)


RIGHT = (
    _right("time first", Right),
    *(_right(activation, changed(activation=activation)) for activation in PHI if activation != "tanh"),
    _right(
        "the slope of ReLU at 0 is 1",
        changed(activation="relu", slope=lambda self, a, h: (a >= 0) * 1.0),
        "Undecided",
        at="pre-activations at 0",
    ),
    _right("squared error", changed(loss_name="squared_error")),
    _right("mean", changed(reduction="mean")),
    _right(
        "mean of squared errors of a ReLU net", changed(activation="relu", loss_name="squared_error", reduction="mean")
    ),
    _right("batch first", BatchFirst),
    _right("one sequence a call", Alone),
    _right("mean, one sequence a call", type("Rnn", (Alone,), {"reduction": "mean"})),
    _right("matrices transposed, under other names", Transposed),
    _right("functions of a module", module()),
    _right("without c and h_0", Plain),
    _right(
        "token ids, looked up",
        changed(
            pre=lambda self, p, x, h: h @ p["W"].T + p["U"].T[x.argmax(axis=-1)] + p["b"],
            of_U=lambda self, alpha, inputs: self.product(
                alpha, self.one_hot(inputs.argmax(axis=-1), inputs.shape[-1])
            ),
        ),
        "SubjectError",
        says="one-hot|token",
        at="12 units, tokens",
    ),
    _right("functions that take any keyword, batch first", Keywords),
    _right("functions that take any keyword, under other names", lambda: Keywords(Transposed)),
    _right(
        "biases as columns",
        changed(answered=lambda self, found, *_: found | {name: found[name][:, None] for name in "bc"}),
        "WrongGradient",
        "SubjectError",
        says=r"shape.*1\)",
    ),
    _right("float32", Single, format="float32"),
    _right("float32, as it says itself", type("Rnn", (Single,), {"dtype": "float32"})),
    _right("a function called activation beside them", module(activation=np.tanh), "SubjectError", says="activation"),
    _right(
        "a function called transposed beside them", module(transposed=np.transpose), "SubjectError", says="transposed"
    ),
    _right("a function called names beside them", module(names=lambda: ()), "SubjectError", says="names"),
    _right("names as a list", module(names=["W", "U", "V", "b", "c", "h0"]), "SubjectError", says="names"),
    _right(
        "one transposed matrix as a word",
        type("Rnn", (Transposed,), {"names": {k: k for k in ("W", "U", "V", "b", "c", "h0")}, "transposed": "W"}),
        "SubjectError",
        says="transposed",
    ),
    _right("no matrix transposed, said by None", module(transposed=None), "SubjectError", says="transposed"),
    # Odd ways to hand back what is right.
    _right("Fortran order", changed(answered=each(np.asfortranarray))),
    _right("read-only arrays", changed(answered=each(_read_only))),
    _right("big-endian", changed(answered=each(lambda g: g.astype(">f8")))),
    _right("views with negative strides", changed(answered=each(_strided))),
    _right("longer floats", changed(answered=each(lambda g: g.astype(np.longdouble)))),
    _right("nested lists", changed(answered=each(lambda g: g.tolist())), "WrongGradient", says="list"),
    _right("what NumPy can read", changed(answered=each(Tensor))),
    _right("masked arrays without a mask", changed(answered=each(np.ma.masked_array))),
    _right("matrices as np.matrix", changed(answered=only("W", np.matrix))),
    _right("arrays of objects", changed(answered=each(lambda g: g.astype(object))), "WrongGradient", says="object"),
    _right("complex with imaginary part 0", changed(answered=each(lambda g: g + 0j)), "SubjectError", "WrongGradient"),
    _right("further keys", changed(answered=lambda self, found, *_: found | {"inputs": None, "loss": 1.0})),
    _right("an ordered dictionary", changed(answered=lambda self, found, *_: OrderedDict(found))),
    _right("a read-only mapping", changed(answered=lambda self, found, *_: MappingProxyType(found))),
    _right("a loss of no dimensions", changed(loss=lambda self, *at: np.array(Right.loss(self, *at)))),
    _right("a loss of shape (1,)", changed(loss=lambda self, *at: np.array([Right.loss(self, *at)])), "SubjectError"),
    _right("a warning at each call", changed(answered=_warned)),
    _right("NumPy left so that it raises", changed(answered=_raising_from_now_on)),
    _right("NumPy's random numbers seeded at each call", changed(answered=_seeded)),
    _right(
        "a further argument with a default",
        changed(
            gradients=lambda self, p, inputs, targets, clip=None: Right.gradients(self, p, inputs, targets),
        ),
    ),
)
