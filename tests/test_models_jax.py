"""Functions of JAX, and modules of Flax and Equinox, handed over as they are: right ones pass, wrong ones are told."""

from typing import Any

import numpy as np
import pytest
from model_nets import elman
from sympy import tanh

from backproof import SubjectError, WrongGradient, gated, gradcheck
from backproof.cells import affine, cell
from backproof.notation import h, t
from backproof.referee.climbing import Climb
from backproof.referee.regimes import regime
from backproof.theory.cells import gru_reset_after, lstm

jax = pytest.importorskip("jax")
jnp = jax.numpy

RNN = cell("RNN", {h[t]: affine("", h[t - 1]).applyfunc(tanh)})
LSTM, GRU = lstm.CELL, gru_reset_after.CELL
SOON = 0.1
"""Seconds: a network that is compiled takes half of one."""
FLUSHED = "JAX flushes denormal numbers to zero here"


def states(p: Any, inputs: Any) -> Any:
    """The last state and all of them."""

    def step(before: Any, x: Any) -> Any:
        now = jnp.tanh(before @ p["W"].T + x @ p["U"].T + p["b"])
        return now, now

    return jax.lax.scan(step, p["h0"], inputs)


def outputs(p: Any, inputs: Any) -> Any:
    return states(p, inputs)[1] @ p["V"].T + p["c"]


def loss(p: Any, inputs: Any, targets: Any) -> Any:
    logs = jax.nn.log_softmax(outputs(p, inputs))
    return -jnp.take_along_axis(logs, targets[..., None], axis=-1).sum()


def stepped(p: Any, x: Any, before: Any) -> Any:
    return jnp.tanh(before @ p["W"].T + x @ p["U"].T + p["b"])


FUNCTIONS = {
    "a loss": (loss, elman()),
    "a compiled loss": (jax.jit(loss), elman()),
    "outputs": (outputs, elman(reduction="mean")),
    "all steps of a cell": (lambda p, x: states(p, x)[::-1], RNN),
    "one step of a cell": (stepped, RNN),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_differentiated(name: str) -> None:
    function, network = FUNCTIONS[name]
    found = gradcheck(function, network, seconds=SOON)
    assert found.notes[-1].startswith(FLUSHED)
    assert not any("denormal" in name for name in (*found.not_reached, *(one.where for one in found.looked)))


def test_what_needs_denormals_would_be_wrong() -> None:
    """The function as gradients of arrays, whose format has them: what is left out is a deviation indeed."""

    def gradients(p: Any, inputs: Any, targets: Any) -> Any:
        with jax.enable_x64(True):
            given = {name: jnp.asarray(value) for name, value in p.items()}
            return {name: np.asarray(g) for name, g in jax.grad(loss)(given, inputs, targets).items()}

    found = Climb(gradients, elman())
    assert not found.right_at(regime("denormal adjoints", elman()))
    assert found.right_at(regime("one step", elman()))


def test_jax_is_left_in_the_mode_in_which_it_was() -> None:
    before = jax.config.jax_enable_x64
    gradcheck(stepped, RNN, seconds=0)
    assert jax.config.jax_enable_x64 == before


WRONG = {
    "a gradient that is stopped": (
        lambda p, x, y: loss({**p, "b": jax.lax.stop_gradient(p["b"])}, x, y),
        elman(),
        "∂L/∂b",
    ),
    "a state that is stopped": (lambda p, x, h: stepped(p, x, jax.lax.stop_gradient(h)), RNN, "∂L/∂h0"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_function_is_caught(name: str) -> None:
    function, network, said = WRONG[name]
    with pytest.raises(WrongGradient, match=said):
        gradcheck(function, network, seconds=SOON)


def test_a_function_has_names_of_its_own() -> None:
    def nested(p: Any, x: Any, y: Any) -> Any:
        own = {"W": p["rnn"]["hh"], "U": p["rnn"]["ih"], "b": p["rnn"]["b"], "V": p["out"], "c": p["bias"]}
        return loss({**own, "h0": jnp.zeros((x.shape[1], len(own["W"])))}, x, y)

    names = {"W": "rnn.hh", "U": "rnn.ih", "b": "rnn.b", "V": "out", "c": "bias"}
    assert gradcheck(nested, elman(), names=names, seconds=SOON).skipped == ("h0",)


def test_code_that_looks_at_numbers_is_not_compiled() -> None:
    def looking(p: Any, x: Any, before: Any) -> Any:
        return stepped(p, x, before) if float(jax.lax.stop_gradient(x).sum()) < 100 else before

    assert "Inputs go in as (B, m), a step at a time, with states (B, n)." in gradcheck(looking, RNN, seconds=0).notes

    def charged(p: Any, x: Any, y: Any) -> Any:
        return loss(p, x, y) if float(x.sum()) < 1e9 else jnp.zeros(())

    gradcheck(charged, elman(), seconds=0)


class Tensors:
    """Functions of JAX's arrays."""

    tensors = "jax"
    gradients, loss = staticmethod(jax.grad(loss)), staticmethod(loss)


def test_functions_that_say_so_get_tensors() -> None:
    gradcheck(Tensors, elman(), seconds=0)


# Modules.


def test_cells_of_equinox() -> None:
    equinox = pytest.importorskip("equinox")
    key = jax.random.key(0)
    gradcheck(equinox.nn.LSTMCell(2, 3, key=key), LSTM, seconds=0)
    found = gradcheck(equinox.nn.GRUCell(2, 3, key=key), GRU, seconds=0)
    assert "bias_n is d_g" in found.notes[0]


def test_a_model_of_equinox() -> None:
    equinox = pytest.importorskip("equinox")

    class Model(equinox.Module):  # type: ignore[misc, name-defined]
        cell: Any
        head: Any
        wrong: bool = False

        def __call__(self, x: Any) -> Any:
            def step(carry: Any, now: Any) -> Any:
                carry = self.cell(now, carry)
                return carry, self.head(jax.lax.stop_gradient(carry[0]) if self.wrong else carry[0])

            zeros = jnp.zeros(5, x.dtype)
            return jax.lax.scan(step, (zeros, zeros), x)[1]

    one, other = jax.random.split(jax.random.key(0))
    parts = equinox.nn.LSTMCell(4, 5, key=one), equinox.nn.Linear(5, 3, key=other)
    random = np.random.default_rng(0)
    network = gated("lstm", units=5, inputs=random.normal(size=(3, 2, 4)), V=random.normal(size=(3, 5)))
    assert gradcheck(Model(*parts), network, seconds=0).notes[1].startswith("Inputs go in as (T, m), one sequence at a")
    with pytest.raises(WrongGradient, match="∂L/∂U_g"):
        gradcheck(Model(*parts, wrong=True), network, seconds=0)


@pytest.mark.parametrize(("name", "network"), [("SimpleCell", RNN), ("OptimizedLSTMCell", LSTM), ("GRUCell", GRU)])
def test_cells_of_flax(name: str, network: Any) -> None:
    linen, nnx = pytest.importorskip("flax.linen"), pytest.importorskip("flax.nnx")
    gradcheck(getattr(linen, name)(3), network, seconds=0)
    gradcheck(getattr(nnx, name)(2, 3, rngs=nnx.Rngs(0), dtype=None), network, seconds=0)


@pytest.mark.parametrize("words", [False, True])
def test_models_of_flax_in_float32(words: bool) -> None:
    linen = pytest.importorskip("flax.linen")

    class Model(linen.Module):  # type: ignore[misc, name-defined]
        @linen.compact
        def __call__(self, x: Any) -> Any:
            x = linen.Embed(4, 6)(x) if words else x
            return linen.Dense(3)(linen.RNN(linen.SimpleCell(5))(x))

    found = gradcheck(Model(), elman(words=words), dtype="float32", seconds=0)
    assert "Inputs go in as (B, T, m), without states." in found.notes
    with pytest.raises(SubjectError, match="dtype='float32'"):
        gradcheck(Model(), elman(words=words))


def test_a_model_of_nnx() -> None:
    nnx = pytest.importorskip("flax.nnx")

    class Model(nnx.Module):  # type: ignore[misc, name-defined]
        def __init__(self, rngs: Any) -> None:
            self.rnn = nnx.RNN(nnx.SimpleCell(4, 5, rngs=rngs))
            self.head = nnx.Linear(5, 3, rngs=rngs)

        def __call__(self, x: Any) -> Any:
            return self.head(self.rnn(x))

    gradcheck(Model(nnx.Rngs(0)), elman(), dtype="float32", seconds=0)
