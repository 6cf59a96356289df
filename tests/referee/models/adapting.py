"""What a user hands to `gradcheck`, made into a subject: a model of PyTorch, JAX, Flax or Equinox, or a function.

A framework is looked at only if the user's code has imported it.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.referee.fitting import SubjectError
from backproof.referee.limits import FREE, Limits
from backproof.referee.models.calling import Convention, Frame, Model, Opened, found_out
from backproof.referee.models.converted import Converted
from backproof.referee.models.matcher import Matcher
from backproof.referee.models.networks import net_of, ours_of, sample, sizes_of, states_of, width_of
from backproof.referee.models.others import Named, NoProduct, by_embedding
from backproof.referee.models.subjects import OfCell, OfFunction, OfNet
from backproof.referee.moved import in_one_line
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.networks import Gated, Net

FRAMEWORKS = {"torch": "backproof.referee.models.torch", "jax": "backproof.referee.models.jax"}
"""By the name of a framework, the module that knows it."""


@dataclass(frozen=True, kw_only=True)
class Adapted:
    """A subject for the ladder, what was found out about it, and what it cannot take."""

    subject: Any
    notes: tuple[str, ...] = ()
    limits: Limits = FREE
    fixed: bool = False


def adapted(subject: Any, network: Any, names: Mapping[str, str] | None, dtype: str) -> Adapted:
    """The subject as the ladder takes it; one that is no model is left as it is.

    Raises
    ------
    SubjectError
        If a model's parameters are not those of the network, or it cannot be called.
    """
    wrong: list[SubjectError] = []
    for name, where in FRAMEWORKS.items():
        if name not in sys.modules:
            continue
        framework = importlib.import_module(where)
        try:
            made = _adapted(subject, network, names, framework, framework.frame(dtype), name)
        except SubjectError as error:
            wrong.append(error)
            continue
        if made is not None:
            return made
    if wrong:
        raise wrong[0]
    if names is not None:
        raise SubjectError(
            "names are for a model or a function of a framework; an object says them beside its functions"
        )
    return Adapted(subject=subject, limits=Limits(denormals=getattr(subject, "denormals", True) is not False))


def _adapted(
    subject: Any, network: Any, names: Mapping[str, str] | None, framework: Any, frame: Frame, key: str
) -> Adapted | None:
    ends = states_of(network)
    opened = framework.opened(subject, width_of(network))
    if opened is not None:
        return _model(opened, network, names, frame, ends)
    if getattr(subject, "tensors", None) == key:
        return Adapted(
            subject=Converted(subject, frame), limits=Limits(denormals=frame.denormals), notes=tuple(_of(frame))
        )
    if not callable(subject) or hasattr(subject, "gradients") or hasattr(subject, "loss") or isinstance(subject, type):
        return None
    return _function(subject, network, names, frame, ends)


def _model(
    opened: Opened, network: Any, names: Mapping[str, str] | None, frame: Frame, ends: dict[str, list[str]]
) -> Adapted:
    """A model whose parameters have names and sizes."""
    ours, notes = ours_of(network), []
    matchings: Sequence[Any]
    if opened.embedding is None:
        matchings = (Matcher(opened.name, ours, opened.shapes, opened.turned).matched(names),)
    elif not isinstance(network, Net | Gated):
        raise SubjectError(f"{opened.name} takes indices of words, and a cell is checked with other inputs")
    else:
        try:
            matchings, said = by_embedding(opened.name, ours, opened.shapes, opened.embedding, opened.turned, names)
            notes.append(said)
        except NoProduct as error:
            try:
                matchings = (Matcher(opened.name, ours, opened.shapes, opened.turned).matched(names),)
            except SubjectError:
                raise error from None
    matching = matchings[0]
    absent = tuple(one.name for one in ours if one.name not in matching.places)
    output = next(iter(ends), "")
    if opened.output_last:
        ends = dict(reversed(ends.items()))
    model = Model(
        name=opened.name,
        frame=frame,
        call=opened.call,
        states=ends,
        output=output,
        indices=opened.embedding is not None,
    )
    sizes = sizes_of(network, ours, matching.sizes)
    limits = Limits(sizes=sizes, absent=absent, denormals=frame.denormals)
    return _built(model, opened.ways, matchings, network, limits, [matching.note, *notes], fixed=True)


def _built(
    model: Model,
    ways: Sequence[Convention],
    matchings: Sequence[Any],
    network: Any,
    limits: Limits,
    notes: list[str],
    *,
    fixed: bool,
) -> Adapted:
    """The subject, by the first way of calling it that works on a small batch."""
    x, firsts, width, params = sample(network, limits)
    x = x.argmax(axis=-1) if model.indices else x
    how, returns = found_out(model, ways, matchings[0].theirs(params), x, firsts, width)
    notes = [*notes, str(how), *_of(model.frame)]
    if isinstance(network, Net | Gated):
        without = (*limits.absent, *(() if how.states != "none" else network.initial))
        return Adapted(subject=OfNet(model, how, matchings, without), notes=tuple(notes), limits=limits, fixed=fixed)
    if how.states == "none":
        notes.append("It takes no first states, so that they are zero.")
    if not returns:
        notes.append("Its last states do not come back, so that nothing is asked of them.")
    limits = Limits(
        sizes=limits.sizes, absent=limits.absent, denormals=limits.denormals, firsts=how.states != "none", last=returns
    )
    if isinstance(network, Layered):
        _suits(model.name, network, limits)
    subject = OfCell(model, how, matchings[0], net_of(network))
    return Adapted(subject=subject, notes=tuple(notes), limits=limits, fixed=fixed)


def _suits(name: str, run: Layered, limits: Limits) -> None:
    """Raise SubjectError if a run has what the model does not have."""
    own = [first for first in run.arrays if first not in run.parameters and np.any(run.arrays[first])]
    for wrong, what in (
        ([one for one in limits.absent if np.any(run.arrays[one])], "parameter"),
        (own if not limits.firsts else [], "first state"),
        (list(run.asked) if not limits.last else [], "last state"),
    ):
        if wrong:
            raise SubjectError(f"{name} has no {what} {wrong[0]}, and the run has one that is not zero")


def _of(frame: Frame) -> Iterator[str]:
    """What is to be known of a framework."""
    if not frame.denormals:
        yield (
            f"{frame.name} flushes denormal numbers to zero here, as XLA does on CPUs: what would need them was left "
            "out, and nothing is said of them."
        )


def _function(
    subject: Any, network: Any, names: Mapping[str, str] | None, frame: Frame, ends: dict[str, list[str]]
) -> Adapted | None:
    """A function of tensors that is to be differentiated; None for one that returns gradients by name itself."""
    takes = [number for number in (2, 3, 4) if _takes(subject, number)]
    if not takes or (takes == [4]):
        return None
    name = getattr(subject, "__name__", type(subject).__name__)
    if isinstance(network, Net | Gated):
        return _function_of_net(subject, name, network, names, frame, takes[0])
    if 4 in takes:
        return None
    named = Named(names=names or {one.name: one.name for one in ours_of(network)})
    ways = [Convention(step=step, states="flat") for step in (True, False)]
    if takes[0] == 2:
        ways = [Convention(states="inside"), Convention(states="none")]
    model = Model(name=name, frame=frame, call=lambda p, *at: subject(named.nested(p), *at), states=ends, inside=True)
    absent = tuple(one.name for one in ours_of(network) if one.name not in named.names)
    return _built(model, ways, (named,), network, Limits(absent=absent, denormals=frame.denormals), [], fixed=False)


def _function_of_net(
    subject: Any, name: str, network: Any, names: Mapping[str, str] | None, frame: Frame, takes: int
) -> Adapted | None:
    """A loss or outputs of parameters by name, inputs and, for the loss, targets."""
    named = Named(names=names or {name: name for name in network.parameters})
    made = OfFunction(subject, name, named, frame, charged=takes == 3)
    try:
        kind = made.kind(network)
    except Exception as error:  # whatever a function raises that is for other arrays than tensors
        if takes == 3:
            return None
        raise SubjectError(f"{name} raises {type(error).__name__} ({in_one_line(error)})") from error
    if kind is None:
        return None
    made.without = tuple(name for name in network.parameters if name not in named.names)
    words = {"loss": "a loss", "outputs": "the outputs of steps, of which the loss is ours"}
    notes = (f"{name} is taken for {words[kind]}, differentiated by {frame.name}.", *_of(frame))
    return Adapted(subject=made, notes=notes, limits=Limits(denormals=frame.denormals))


def _takes(function: Any, arguments: int) -> bool:
    try:
        inspect.signature(function).bind(*range(arguments))
    except (TypeError, ValueError):
        return False
    return True
