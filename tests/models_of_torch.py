# ruff: noqa: D101, D102
"""Modules and functions as people write them, right and wrong, for the tests of models."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn: Any = torch.nn


class Own(nn.Module):  # type: ignore[misc, name-defined]
    """An Elman layer, a step at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.i2h, self.h2h = nn.Linear(2, 3), nn.Linear(3, 3)

    def forward(self, x: Any, h: Any) -> Any:
        outputs = []
        for x_t in x:
            h = self.step(x_t, h)
            outputs.append(h)
        return torch.stack(outputs), h

    def step(self, x_t: Any, h: Any) -> Any:
        return torch.tanh(self.i2h(x_t) + self.h2h(h))


class Detached(Own):
    def step(self, x_t: Any, h: Any) -> Any:
        return super().step(x_t, h.detach())


class ForgetfulBias(Own):
    def step(self, x_t: Any, h: Any) -> Any:
        return torch.tanh(x_t @ self.i2h.weight.T + self.i2h.bias.detach() + self.h2h(h))


class Unread(Own):
    def step(self, x_t: Any, h: Any) -> Any:
        return torch.tanh(self.i2h(x_t) + h @ self.h2h.weight.T)


class Wrong(torch.autograd.Function):  # type: ignore[misc, name-defined]
    """tanh, with 1 − h for its slope."""

    @staticmethod
    def forward(ctx: Any, a: Any) -> Any:
        h = torch.tanh(a)
        ctx.save_for_backward(h)
        return h

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (h,) = ctx.saved_tensors
        return g * (1 - h)


class Custom(Own):
    """With a function of autograd's for tanh."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def step(self, x_t: Any, h: Any) -> Any:
        return self.function.apply(self.i2h(x_t) + self.h2h(h))


class Raw(nn.Module):  # type: ignore[misc, name-defined]
    """One step, with matrices stored as (inputs, units)."""

    def __init__(self) -> None:
        super().__init__()
        self.W, self.U, self.b = (nn.Parameter(torch.zeros(shape)) for shape in ((3, 3), (2, 3), (3,)))

    def forward(self, x: Any, h: Any) -> Any:
        return torch.tanh(x @ self.U + h @ self.W + self.b)


class Fused(nn.Module):  # type: ignore[misc, name-defined]
    """One step, with one matrix for the input and the state."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(5, 3)

    def forward(self, x: Any, h: Any) -> Any:
        return torch.tanh(self.linear(torch.cat([x, h], dim=-1)))


class Stateless(nn.Module):  # type: ignore[misc, name-defined]
    """Takes inputs alone and returns outputs alone."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(2, 3)

    def forward(self, x: Any) -> Any:
        return self.rnn(x)[0]


class Shared(nn.Module):  # type: ignore[misc, name-defined]
    """Two layers of as many units as inputs with the same parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.i2h, self.h2h = nn.Linear(3, 3, bias=False), nn.Linear(3, 3)

    def forward(self, x: Any, states: Any) -> Any:
        last = []
        for number, h in enumerate(states):
            outputs = []
            for x_t in x:
                h = torch.tanh(self.i2h(x_t) + self.recurrent(h, number))
                outputs.append(h)
            x = torch.stack(outputs)
            last.append(h)
        return x, torch.stack(last)

    def recurrent(self, h: Any, number: int) -> Any:
        return self.h2h(h)


class SharedOnce(Shared):
    def recurrent(self, h: Any, number: int) -> Any:
        return h @ self.h2h.weight.detach().T + self.h2h.bias if number else self.h2h(h)


class Model(nn.Module):  # type: ignore[misc, name-defined]
    """A layer and a read-out."""

    def __init__(self, layer: Any, units: int = 5) -> None:
        super().__init__()
        self.rnn, self.readout = layer, nn.Linear(units, 3)

    def forward(self, x: Any, states: Any = None) -> Any:
        outputs, last = self.rnn(x, states)
        return self.readout(outputs), last


class Confused(Model):
    """Takes batches first, and its layer does not."""

    layout = "BT"

    def forward(self, x: Any) -> Any:
        return self.readout(self.rnn(x)[0])


class Embedded(nn.Module):  # type: ignore[misc, name-defined]
    """Words, a layer and a read-out."""

    def __init__(self, words: int, wide: int, *, frozen: bool = False) -> None:
        super().__init__()
        self.embedding, self.frozen = nn.Embedding(words, wide), frozen
        self.rnn, self.head = nn.RNN(wide, 5, batch_first=True), nn.Linear(5, 3)

    def forward(self, tokens: Any) -> Any:
        x = self.embedding(tokens)
        return self.head(self.rnn(x.detach() if self.frozen else x)[0])


class Direct(nn.Module):  # type: ignore[misc, name-defined]
    """Words that are embedded into the state."""

    def __init__(self, words: int, units: int) -> None:
        super().__init__()
        self.embedding, self.h2h, self.head = nn.Embedding(words, units), nn.Linear(units, units), nn.Linear(units, 3)

    def forward(self, tokens: Any) -> Any:
        h, outputs = torch.zeros(tokens.shape[1], self.h2h.out_features), []
        for now in tokens:
            h = torch.tanh(self.embedding(now) + self.h2h(h))
            outputs.append(self.head(h))
        return torch.stack(outputs)


def forward(p: Any, inputs: Any, h: Any) -> Any:
    """The states of an Elman net."""
    states = []
    for x in inputs:
        h = torch.tanh(x @ p["U"].T + h @ p["W"].T + p["b"])
        states.append(h)
    return torch.stack(states)


def loss(p: Any, inputs: Any, targets: Any) -> Any:
    """The cross-entropy of an Elman net."""
    outputs = forward(p, inputs, p["h0"]) @ p["V"].T + p["c"]
    return nn.functional.cross_entropy(outputs.flatten(0, 1), targets.flatten(), reduction="sum")
