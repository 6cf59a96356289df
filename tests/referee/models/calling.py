"""How models are called: a step or all of them, batch first or not, with states or without; found out by trying."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from backproof.referee.fitting import SubjectError
from backproof.referee.models.matching import Shape
from backproof.referee.moved import in_one_line

Array = NDArray[Any]
Tensors = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What a framework does for us.

    ``vjp``     of a function of tensors by name, arrays by name, and what comes in at each of its results (None for
                those at which nothing does; a scalar for a loss): the results and the gradients by name, as arrays;
                but not by indices, and what is called "fixed …"
    ``shaped``  a function of tensors by name, run for the shapes of what it computes
    ``over``    of a function of states and of what one step gets, by name, which returns the states after it and an
                output; of first states; of what all steps get: outputs (T, …) and last states
    ``tensor``  an array as a tensor, in the format of the check where it has real numbers
    ``array``   the numbers of a tensor
    ``owns``    whether something is a tensor
    ``within``  what has to be in force while tensors are made and computed with
    ``stack``   tensors one after the other along a new first axis
    ``losses``  by name, the losses (T, B) of outputs (T, B, p) and targets
    ``alone``   a function of a batch, made of one of a single sequence or step; or None
    ``denormals``  whether numbers below the normal ones stay what they are
    """

    name: str
    vjp: Callable[[Callable[[Tensors], Sequence[Any]], Mapping[str, Array], Sequence[Array | None]], Any]
    shaped: Callable[[Callable[[Tensors], Any], Mapping[str, Array]], None]
    over: Callable[[Callable[[Tensors, Tensors], tuple[Tensors, Any]], Tensors, Tensors], tuple[Any, Tensors]]
    tensor: Callable[[Array], Any]
    stack: Callable[[Sequence[Any]], Any]
    losses: Mapping[str, Callable[[Any, Any], Any]]
    array: Callable[[Any], Array]
    owns: Callable[[Any], bool]
    within: Callable[[], AbstractContextManager[Any]] = nullcontext
    alone: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None
    denormals: bool = True


@dataclass(frozen=True, kw_only=True)
class Convention:
    """How a model is called.

    ``step``    whether with one step (B, m), and not with all of them
    ``layout``  axes of the inputs: "TB"; "BT"; "T", one sequence without a batch
    ``states``  "none"; "flat", one (B, n) or a tuple of them; "stacked", each (layers, B, n), as PyTorch has them;
                "apart", an argument each; "first", before the inputs, as Flax has them; "inside", by name beside
                the parameters
    """

    step: bool = False
    layout: str = "TB"
    states: str = "none"

    def __str__(self) -> str:
        axes = {"TB": "(T, B, m)", "BT": "(B, T, m)", "T": "(T, m), one sequence at a time"}[self.layout]
        if self.step:
            axes = "(m,), one at a time" if self.layout == "T" else "(B, m), a step at a time"
        flat = "with states (n,)" if self.layout == "T" else "with states (B, n)"
        states = {"none": "without states", "flat": flat, "stacked": "with states (layers, B, n)"}
        states |= {"apart": "with an argument for each state", "first": "after the states"}
        states |= {"inside": "with states among the parameters"}
        return f"Inputs go in as {axes}, {states[self.states]}."


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model in its framework: ``call(parameters, *arguments, **told)``, and what its states are called.

    ``states``: by letter, in the model's order, what the network calls those of each layer and direction. ``output``:
    which letter the output is, if it is a state. ``indices``: whether inputs are indices of words. ``inside``: whether
    what else a step is told stands among the parameters, and first states where it does not get them otherwise.
    """

    name: str
    frame: Frame
    call: Callable[..., Any]
    states: Mapping[str, Sequence[str]]
    output: str = ""
    indices: bool = False
    inside: bool = False

    def run(self, how: Convention, parameters: Tensors, x: Any, firsts: Tensors, **told: Any) -> tuple[Any, Any]:
        """Outputs (T, B, p), and the last states by the names of the first, or None where they do not come back.

        Raises
        ------
        ValueError
            If what comes back is something else.
        """
        call = self._calling(how, parameters, firsts)
        if how.layout == "T":
            assert self.frame.alone is not None
            call = self.frame.alone(call)
        if not how.step:
            swapped = how.layout != "TB"
            found = call(*self._arguments(how, x.swapaxes(0, 1) if swapped else x, firsts), **told)
            outputs, last = self._read(how, found, firsts)
            return outputs.swapaxes(0, 1) if swapped else outputs, last

        def step(states: Tensors, now: Tensors) -> tuple[Tensors, Any]:
            more = {name: value for name, value in now.items() if name != "inputs"}
            output, after = self._read(how, call(*self._arguments(how, now["inputs"], states), **more), states)
            if after is None:
                raise ValueError("a step has to return the states after it")
            return after, output

        return self.frame.over(step, firsts, {"inputs": x, **told})

    def _calling(self, how: Convention, parameters: Tensors, firsts: Tensors) -> Callable[..., Any]:
        """The model as a function of its arguments alone."""
        if self.inside:
            states = firsts if how.states == "inside" else {}
            return lambda *at, **more: self.call({**parameters, **states, **more}, *at)
        return lambda *at, **more: self.call(parameters, *at, **more)

    def _arguments(self, how: Convention, x: Any, firsts: Tensors) -> Iterator[Any]:
        """What the model is called with."""
        if how.states in ("none", "inside"):
            yield x
            return
        states = [firsts[name] for names in self.states.values() for name in names]
        if how.states == "stacked":
            states = [self.frame.stack([firsts[name] for name in names]) for names in self.states.values()]
        if how.states == "apart":
            yield from (x, *states)
        else:
            together = tuple(states) if len(states) > 1 else states[0]
            yield from (together, x) if how.states == "first" else (x, together)

    def _read(self, how: Convention, found: Any, firsts: Tensors) -> tuple[Any, Tensors | None]:
        """Outputs and states of what came back."""
        names = [name for each in self.states.values() for name in each]
        if not isinstance(found, tuple | list):
            return found, ({names[0]: found} if how.step and len(names) == 1 else None)
        if how.states == "first":
            states, outputs = found
        elif how.step and len(found) == len(names) > 1 and not isinstance(found[1], tuple | list):
            states, outputs = found, found[list(self.states).index(self.output)]
        else:
            outputs, states = found[0], found[1] if len(found) == 2 else tuple(found[1:])
        states = list(states) if isinstance(states, tuple | list) else [states]
        if how.states == "stacked" and len(states) == len(self.states):
            states = [one for each, own in zip(states, self.states.values(), strict=True) for one in _rows(each, own)]
        if len(states) != len(names):
            return outputs, None
        after = dict(zip(names, states, strict=True))
        right = all(tuple(after[name].shape) == tuple(first.shape) for name, first in firsts.items())
        return outputs, after if right else None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A model as its framework's module finds it: parameters by name, how it is run, and how it may be called.

    ``turned``: parameters that are stored transposed. ``embedding``: that of the words, if inputs are indices.
    ``output_last``: whether the output is the last of its states.
    """

    name: str
    shapes: Mapping[str, Shape]
    call: Callable[..., Any]
    ways: Sequence[Convention]
    turned: frozenset[str] = frozenset()
    embedding: str | None = None
    output_last: bool = False


def _rows(stacked: Any, names: Sequence[str]) -> list[Any]:
    """The states of each layer; of another number of layers, none."""
    return [stacked[k] for k in range(len(names))] if len(stacked.shape) == 3 and len(stacked) == len(names) else []


def found_out(
    model: Model,
    ways: Sequence[Convention],
    theirs: Mapping[str, Array],
    x: Array,
    firsts: Mapping[str, Array],
    width: int | None,
) -> tuple[Convention, bool]:
    """The first way of calling a model that works, and whether it returns its states.

    Raises
    ------
    SubjectError
        If none does.
    """
    why: dict[str, str] = {}
    given = {f"own {n}": a for n, a in theirs.items()} | {f"first {n}": a for n, a in firsts.items()} | {"inputs": x}
    for how in ways:
        ends: list[Any] = []

        def run(given: Tensors, how: Convention = how, ends: list[Any] = ends) -> Any:
            outputs, last = model.run(how, part(given, "own"), given["inputs"], firsts_of(how, given))
            wanted = (*x.shape[:2], outputs.shape[-1] if width is None else width)
            if tuple(outputs.shape) != wanted:
                raise ValueError(f"outputs have the shape {tuple(outputs.shape)}, expected {wanted}")
            ends.append(last is not None)
            return outputs

        try:
            with redirect_stdout(io.StringIO()):
                model.frame.shaped(run, given)
        except Exception as error:  # whatever a model raises that is called otherwise than it expects
            why.setdefault(f"{type(error).__name__} ({in_one_line(error)})", str(how))
            continue
        return how, ends[-1]
    told = " ".join(f"{how} {error}." for error, how in why.items())
    if "float32" in told:
        told += " Code that computes in float32 alone is checked with dtype='float32'."
    raise SubjectError(f"{model.name} cannot be called in any way that is known. {told}")


def part(given: Tensors, word: str) -> dict[str, Any]:
    """Of what is given, that whose names begin with a word, without it."""
    return {name.removeprefix(f"{word} "): value for name, value in given.items() if name.startswith(f"{word} ")}


def firsts_of(how: Convention, given: Tensors) -> dict[str, Any]:
    """Of what is given, the first states, if the model takes any."""
    return {} if how.states == "none" else part(given, "first")
