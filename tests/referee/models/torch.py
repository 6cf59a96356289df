"""Modules and functions of PyTorch as models: their parameters, how they are called, and what autograd gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from backproof.referee.models.calling import Convention, Frame, Opened

Array = NDArray[Any]
functional = torch.nn.functional


def frame(dtype: str) -> Frame:
    """What PyTorch does, in a format."""
    format_ = getattr(torch, dtype)

    def tensor(array: Any) -> Any:
        made = torch.tensor(np.asarray(array))
        return made.to(format_) if made.is_floating_point() else made

    def vjp(
        function: Callable[[Mapping[str, Any]], Sequence[Any]],
        arrays: Mapping[str, Array],
        asked: Sequence[Array | None],
    ) -> tuple[list[Any], dict[str, Array]]:
        given = {name: tensor(array) for name, array in arrays.items()}
        leaves = {name: one.requires_grad_() for name, one in given.items() if _free(name, one)}
        with _default(format_):
            results = list(function(given))
            pairs = [(r, tensor(a)) for r, a in zip(results, asked, strict=False) if a is not None and r.requires_grad]
            if not pairs:
                found: Any = [None] * len(leaves)
            else:
                found = torch.autograd.grad(
                    [r for r, _ in pairs], list(leaves.values()), [a for _, a in pairs], allow_unused=True
                )
        gradients = {
            name: _array(torch.zeros_like(one) if by is None else by)
            for (name, one), by in zip(leaves.items(), found, strict=True)
        }
        return [result.detach() for result in results], gradients

    def shaped(function: Callable[[Mapping[str, Any]], Any], arrays: Mapping[str, Array]) -> None:
        with _default(format_):
            function({name: tensor(array) for name, array in arrays.items()})

    return Frame(
        name="PyTorch",
        vjp=vjp,
        shaped=shaped,
        over=_over,
        tensor=tensor,
        array=_array,
        owns=torch.is_tensor,
        stack=torch.stack,
        losses=LOSSES,
        within=lambda: _default(format_),
    )


def _free(name: str, tensor: Any) -> bool:
    """Whether a gradient is asked for."""
    return bool(tensor.is_floating_point()) and not name.startswith("fixed ")


def _over(step: Callable[..., Any], states: Any, told: Mapping[str, Any]) -> tuple[Any, Any]:
    """Steps one after the other."""
    outputs = []
    for number in range(len(told["inputs"])):
        states, output = step(states, {name: value[number] for name, value in told.items()})
        outputs.append(output)
    return torch.stack(outputs), states


@contextmanager
def _default(format_: Any) -> Iterator[None]:
    """Within it, what a module makes by itself has the format of the check, too."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(format_)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _array(tensor: Any) -> Array:
    """The numbers of a tensor; bfloat16 as float32, which has them all."""
    tensor = tensor.detach().cpu()
    return np.asarray((tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy())


def _entropy(outputs: Any, targets: Any) -> Any:
    classes = targets.to(torch.int64).flatten()
    return functional.cross_entropy(outputs.flatten(0, 1), classes, reduction="none").reshape(targets.shape)


LOSSES: Mapping[str, Callable[[Any, Any], Any]] = {
    "cross_entropy": _entropy,
    "soft_cross_entropy": lambda o, y: -(y * functional.log_softmax(o, dim=-1)).sum(dim=-1),
    "binary_cross_entropy": lambda o, y: functional.binary_cross_entropy_with_logits(o, y, reduction="none").sum(-1),
    "huber": lambda o, y: functional.huber_loss(o, y, reduction="none").sum(dim=-1),
    "squared_error": lambda o, y: functional.mse_loss(o, y, reduction="none").sum(dim=-1) / 2,
    "sum_of_squares": lambda o, y: functional.mse_loss(o, y, reduction="none").sum(dim=-1),
}


def opened(subject: Any, width: int) -> Opened | None:
    """A module; None for anything else."""
    if not isinstance(subject, torch.nn.Module):
        return None
    shapes = {name: tuple(value.shape) for name, value in subject.named_parameters()}
    embeddings = {id(one.weight) for one in subject.modules() if isinstance(one, torch.nn.Embedding)}
    words = next((name for name, value in subject.named_parameters() if id(value) in embeddings), None)
    return Opened(
        name=type(subject).__name__,
        shapes=shapes,
        call=_calling(subject),
        ways=_ways(subject),
        embedding=words,
    )


def _calling(module: Any) -> Callable[..., Any]:
    """The module with other parameters, which it does not keep; its buffers are copies."""

    def call(parameters: Mapping[str, Any], *at: Any, lengths: Any = None, **told: Any) -> Any:
        format_ = torch.get_default_dtype()
        buffers = {
            name: value.detach().clone().to(format_ if value.is_floating_point() else value.dtype)
            for name, value in module.named_buffers()
        }
        given = {**buffers, **parameters}
        if lengths is None:
            return torch.func.functional_call(module, given, at, told)
        if not isinstance(module, torch.nn.RNNBase):
            return torch.func.functional_call(module, given, at, {**told, "lengths": lengths})
        first, total = module.batch_first, at[0].shape[1 if module.batch_first else 0]
        pack, pad = torch.nn.utils.rnn.pack_padded_sequence, torch.nn.utils.rnn.pad_packed_sequence
        packed = pack(at[0], lengths, batch_first=first, enforce_sorted=False)
        outputs, last = torch.func.functional_call(module, given, (packed, *at[1:]))
        return pad(outputs, batch_first=first, total_length=total)[0], last

    return call


def _ways(module: Any) -> list[Convention]:
    """How it may be called, the likeliest first."""
    layers = [one for one in module.modules() if isinstance(one, torch.nn.RNNBase)]
    said = getattr(module, "layout", None)
    first = getattr(module, "batch_first", any(one.batch_first for one in layers))
    layout = said if said in ("TB", "BT") else "BT" if first is True else "TB"
    if isinstance(module, torch.nn.RNNBase):
        return [Convention(layout=layout, states="stacked")]
    if isinstance(module, torch.nn.RNNCellBase):
        return [Convention(step=True, states="flat")]
    states = ("stacked", "flat", "apart") if layers else ("flat", "apart", "stacked")
    steps = [Convention(step=True, states=one) for one in ("flat", "apart")] if not layers and layout == "TB" else []
    return [*steps, *(Convention(layout=layout, states=one) for one in (*states, "none"))]
