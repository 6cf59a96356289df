"""Modules and functions of PyTorch, handed over as they are: right ones pass, wrong ones and wrong names are told."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from model_nets import elman
from models_of_torch import (
    Confused,
    Custom,
    Detached,
    Direct,
    Embedded,
    ForgetfulBias,
    Fused,
    Model,
    Own,
    Raw,
    Shared,
    SharedOnce,
    Stateless,
    Unread,
    Wrong,
    forward,
    loss,
)
from sympy import tanh

from backproof import SubjectError, WrongGradient, gated, gradcheck, impl
from backproof.cells import affine, cell, layers, recurrent
from backproof.notation import h, t
from backproof.theory.cells import gru_reset_after, lstm, lstm_projection

torch = pytest.importorskip("torch")
nn = torch.nn

RNN = cell("RNN", {h[t]: affine("", h[t - 1]).applyfunc(tanh)})
LSTM, GRU, PROJECTED = lstm.CELL, gru_reset_after.CELL, lstm_projection.CELL

LAYERS = {
    "RNN": (lambda: nn.RNN(2, 3), RNN),
    "RNNCell": (lambda: nn.RNNCell(2, 3), RNN),
    "LSTM": (lambda: nn.LSTM(2, 3), LSTM),
    "LSTM, batch first": (lambda: nn.LSTM(3, 2, batch_first=True), LSTM),
    "LSTM, projected": (lambda: nn.LSTM(4, 3, proj_size=2), PROJECTED),
    "LSTMCell": (lambda: nn.LSTMCell(2, 3), LSTM),
    "GRU": (lambda: nn.GRU(4, 3), GRU),
    "GRU without biases": (lambda: nn.GRU(2, 3, bias=False), GRU),
    "GRUCell": (lambda: nn.GRUCell(4, 3), GRU),
    "two layers and directions": (lambda: nn.GRU(2, 3, 2, bidirectional=True), layers((GRU, GRU), (GRU, GRU))),
    "of lengths": (lambda: nn.GRU(2, 3, 2, batch_first=True), layers(GRU, GRU, lengths=True)),
    "with a loss": (lambda: nn.RNN(2, 3, 2), layers(RNN, RNN, loss="squared_error", reduction="mean")),
    "with classes": (
        lambda: nn.RNN(2, 3),
        layers(RNN, lengths=True, loss="cross_entropy", reduction="mean over valid steps"),
    ),
    "own": (Own, RNN),
    "own step, stored transposed": (Raw, RNN),
    "own, without states": (Stateless, RNN),
    "tied": (Shared, layers(RNN, RNN, tied={"W_l1": "W_l0", "U_l1": "U_l0", "b_l1": "b_l0"})),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_or_cell_is_right(name: str) -> None:
    module, network = LAYERS[name]
    gradcheck(module(), network)


MODELS = {
    "RNN": (lambda: Model(nn.RNN(4, 5)), elman()),
    "mean": (lambda: Model(nn.RNN(4, 5)), elman(reduction="mean")),
    "batch first": (lambda: Model(nn.RNN(4, 5, batch_first=True)), elman()),
    "ReLU": (lambda: Model(nn.RNN(4, 5, nonlinearity="relu")), elman(activation="relu")),
    "LSTM": (lambda: Model(nn.LSTM(4, 5)), gated("lstm", units=5, inputs=np.ones((3, 2, 4)), V=np.ones((3, 5)))),
    "embedding": (lambda: Embedded(4, 6), elman(words=True)),
    "embedding as wide as the words": (lambda: Embedded(4, 4), elman(words=True)),
    "embedding as wide as the units": (lambda: Embedded(7, 5), elman(7, words=True)),
    "embedding into the state": (lambda: Direct(4, 5), elman(words=True)),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_right(name: str) -> None:
    module, network = MODELS[name]
    found = gradcheck(module(), network, seconds=1)
    assert any(note.startswith("Parameters: ") for note in found.notes)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_module_is_right_in_a_shorter_format(dtype: str) -> None:
    assert gradcheck(nn.LSTM(2, 3), LSTM, dtype=dtype).format == dtype


WRONG = {
    "a state that is detached": (Detached, RNN, "∂L/∂h0"),
    "a backward of its own": (lambda: Custom(Wrong), RNN, "∂L/∂U"),
    "a bias that is detached": (ForgetfulBias, RNN, "∂L/∂b"),
    "a second bias that is not read": (Unread, RNN, "∂L/∂b"),
    "a share of a tied matrix that is lost": (SharedOnce, LAYERS["tied"][1], "∂L/∂W_l0"),
    "batch first outside, and not inside": (lambda: Confused(nn.RNN(4, 5)), elman(), "∂L/∂W"),
    "another activation": (lambda: Model(nn.RNN(4, 5, nonlinearity="relu")), elman(), "another network"),
    "an embedding that is detached": (lambda: Embedded(4, 6, frozen=True), elman(words=True), "∂L/∂U"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_module_is_caught_and_its_parameters_are_told(name: str) -> None:
    module, network, said = WRONG[name]
    with pytest.raises(WrongGradient, match=said) as caught:
        gradcheck(module(), network)
    assert any(note.startswith("Parameters: ") for note in caught.value.__notes__)


def test_what_is_stacked_is_shown_in_the_order_of_the_framework() -> None:
    found = gradcheck(nn.GRU(2, 3), GRU, seconds=0)
    assert "weight_ih_l0 is U_r, U_z, U_g; " in found.notes[0]
    assert "bias_hh_l0 is 0, 0, d_g. " in found.notes[0]
    assert found.notes[1] == "Inputs go in as (T, B, m), with states (layers, B, n)."


def test_names_say_which_is_which() -> None:
    with pytest.raises(SubjectError, match=r"nothing was found for W. Its parameters are linear.weight \(3, 5\), "):
        gradcheck(Fused(), RNN)
    gradcheck(Fused(), RNN, names={"U": "linear.weight[:, :2]", "W": "linear.weight[:, 2:]"})
    gradcheck(Raw(), RNN, names={"W": "W.T"})
    with pytest.raises(WrongGradient, match="∂L/∂U"):
        gradcheck(nn.RNN(3, 3), RNN, names={"W": "weight_ih_l0", "U": "weight_hh_l0"})


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({"W": "nowhere"}, "there is no nowhere"),
        ({"K": "weight_hh_l0"}, "there is no K"),
        ({"b": "weight_hh_l0"}, r"weight_hh_l0 has the shape \(3, 3\)"),
    ],
)
def test_names_that_cannot_be_are_one_line(names: dict[str, str], said: str) -> None:
    with pytest.raises(SubjectError, match=said) as caught:
        gradcheck(nn.RNN(2, 3), RNN, names=names)
    assert "\n" not in str(caught.value)
    assert "Its parameters are weight_ih_l0 (3, 2), " in str(caught.value)


def test_sizes_that_differ_gates_that_do_not_fit_and_parameters_without_a_place_are_told() -> None:
    with pytest.raises(SubjectError, match=r"\(6, 6\), and W of the network is \(5, 5\): its sizes are others"):
        gradcheck(Model(nn.RNN(4, 6), 6), elman())
    with pytest.raises(SubjectError, match="cannot be cut into 4 gates"):
        gradcheck(nn.GRU(2, 3), LSTM)
    with pytest.raises(SubjectError, match=r"no place was found for .*_l1"):
        gradcheck(nn.RNN(2, 3, num_layers=2), RNN)
    with pytest.raises(SubjectError, match="has 3 numbers for each of 4 words"):
        gradcheck(Embedded(4, 3), elman(words=True))


def test_a_run_that_asks_for_what_a_module_has_not_is_told() -> None:
    run = recurrent(RNN, W=np.eye(3), U=np.ones((3, 2)), inputs=np.ones((4, 1, 2)), upstream=np.ones((4, 1, 3)))
    assert gradcheck(Stateless(), run).entries > 0
    first = recurrent(RNN, W=np.eye(3), U=np.ones((3, 2)), inputs=np.ones((4, 1, 2)), h0=np.ones((1, 3)))
    with pytest.raises(SubjectError, match="has no first state h0"):
        gradcheck(Stateless(), first)


def test_a_module_that_cannot_be_called_says_what_it_raises() -> None:
    class Broken(Own):
        def forward(self, x: Any, h: Any) -> Any:
            raise RuntimeError("no such luck")

    with pytest.raises(SubjectError, match="no such luck"):
        gradcheck(Broken(), RNN)


def test_a_module_is_left_as_it_was() -> None:
    module = Model(nn.RNN(4, 5)).eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    gradcheck(module, elman(), seconds=0)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert not module.training
    assert all(p.grad is None and p.dtype == torch.float32 for p in module.parameters())
    assert torch.get_default_dtype() == torch.float32


# Functions.

CALLABLES = {
    "all steps and states": (lambda p, x, h: (forward(p, x, h), forward(p, x, h)[-1]), RNN),
    "one step": (lambda p, x, h: torch.tanh(x @ p["U"].T + h @ p["W"].T + p["b"]), RNN),
    "all steps, the state among the parameters": (lambda p, x: forward(p, x, p["h0"]), RNN),
    "outputs of a net": (lambda p, x: forward(p, x, p["h0"]) @ p["V"].T + p["c"], elman()),
    "a loss": (loss, elman()),
}


@pytest.mark.parametrize("name", CALLABLES)
def test_a_function_is_differentiated(name: str) -> None:
    function, network = CALLABLES[name]
    gradcheck(function, network, seconds=1)


def test_the_backward_of_a_function_of_autograd_alone_is_checked() -> None:
    def step(p: Any, x: Any, h: Any) -> Any:
        return Wrong.apply(x @ p["U"].T + h @ p["W"].T + p["b"])

    with pytest.raises(WrongGradient, match="∂L/∂W"):
        gradcheck(step, RNN)


def test_a_function_has_names_of_its_own() -> None:
    def nested(p: Any, x: Any, y: Any) -> Any:
        own = {"W": p["rnn"]["hh"], "U": p["rnn"]["ih"], "b": p["rnn"]["b"], "V": p["out"], "c": p["bias"]}
        return loss({**own, "h0": torch.zeros(x.shape[1], len(own["W"]))}, x, y)

    names = {"W": "rnn.hh", "U": "rnn.ih", "b": "rnn.b", "V": "out", "c": "bias"}
    assert gradcheck(nested, elman(), names=names, seconds=1).skipped == ("h0",)


class Tensors:
    """Functions of tensors, with words beside them."""

    tensors, scale = "torch", 1.0

    loss = staticmethod(loss)

    @classmethod
    def gradients(cls, p: Any, inputs: Any, targets: Any) -> Any:
        leaves = {name: value.requires_grad_() for name, value in p.items()}
        found = torch.autograd.grad(loss(leaves, inputs, targets), list(leaves.values()))
        return {name: cls.scale * value for name, value in zip(leaves, found, strict=True)}


def test_functions_that_say_so_get_tensors() -> None:
    gradcheck(Tensors, elman(), seconds=1)
    with pytest.raises(WrongGradient, match="∂L/∂W"):
        gradcheck(type("Scaled", (Tensors,), {"scale": 1 + 1e-11}), elman())


def test_a_tensor_that_is_written_into_is_noticed() -> None:
    class Writing(Tensors):
        @classmethod
        def gradients(cls, p: Any, inputs: Any, targets: Any) -> Any:
            found = super().gradients(p, inputs, targets)
            inputs.zero_()
            return found

    with pytest.raises(WrongGradient, match="changes its argument inputs"):
        gradcheck(Writing, elman())


def test_names_are_for_models() -> None:
    with pytest.raises(SubjectError, match="names are for a model"):
        gradcheck(impl, elman(), names={"W": "w"})


def test_a_framework_that_nobody_imported_is_not_imported() -> None:
    code = (
        "import sys, backproof\n"
        "from backproof import gradcheck, impl, net\n"
        "gradcheck(impl, net(W=[[1]], inputs=[[1]]), seconds=0)\n"
        "assert not {'torch', 'jax'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
