"""What is put under test, found by its name, and fitted to the interface where it is smaller.

The interface is written down in `backproof.theory.confronting.subject`.

==========================  ============================================================================================
``impl``                    this project's NumPy nets
``torch``, ``jax``          a framework, through its adapter in `impl/adapters`; imported only when it is chosen
another name                what an installed distribution offers by it, as an entry point of ``backproof.subjects``
``module``                  an installed module; ``module:object`` an object in it, or a class, which is called
``file.py``                 a file; ``file.py:object`` an object in it
==========================  ============================================================================================

A subject may say of itself what belongs to the record of a run: ``DISTRIBUTIONS``, the names of the distributions whose
versions count, and ``DEVIATIONS``, by theorem id how it is known to deviate from the textbook.

The smallest useful subject is two functions, ``loss(parameters, inputs, targets)`` and ``gradients`` of the same. What
they compute is said by attributes beside them, each with a default:

==============  =============================  =========================================================================
``activation``  "tanh"                         or another of `backproof.theory.language.functions.ACTIVATIONS`
``loss_name``   "cross_entropy"                or another of its ``LOSSES``
``reduction``   "sum"                          over steps and sequences, or their "mean"
``layout``      "TB"                           axes of inputs and targets: "TB" time, batch; "BT"; "T", no batch: one
                                               sequence for each call, with h0 of shape (n,)
``names``       W, U, V, b, c, h0              theirs by ours, as {"W": "Whh", …}; b, c and h0 may be left out, then
                                               their nets have none
``transposed``  none                           ours of the matrices that they store transposed, as ("W", "U", "V")
==============  =============================  =========================================================================
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from backproof.referee.moved import in_one_line
from backproof.referee.suggest import did_you_mean
from backproof.theory.confronting.subject import Lacks
from backproof.theory.language.functions import ACTIVATIONS, LOSSES
from backproof.theory.nets.networks import DEFAULTS, NAMES

GROUP = "backproof.subjects"
"""Entry points of installed distributions: subjects by the names that ``--subject`` takes."""

REDUCTIONS = ("sum", "mean")
LAYOUTS = ("TB", "BT", "T")


class SubjectError(ValueError):
    """The subject cannot be loaded, or says of itself what cannot be."""


class NotInstalledError(SubjectError):
    """What the subject needs is not there; the message says how to get it, if the subject does."""


def named_subjects() -> dict[str, EntryPoint]:
    """The subjects that installed distributions offer by a name, imported only when they are loaded; ours come first.

    Where two offer the same name, ours counts, and else the first by the name of its distribution.
    """

    def order(found: EntryPoint) -> tuple[bool, str]:
        distribution = found.dist.name if found.dist else ""
        return distribution != "backproof", distribution

    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=GROUP), key=order):
        found.setdefault(entry.name, entry)
    return found


def distributions(subject: Any) -> tuple[str, ...]:
    """What an adapted framework is installed as, whose versions belong to the record of a run."""
    return tuple(getattr(subject, "DISTRIBUTIONS", ()))


def deviations(subject: Any) -> Mapping[str, str]:
    """By theorem id, how the subject says that it deviates from the textbook."""
    stated: Mapping[str, str] = getattr(subject, "DEVIATIONS", {})
    return stated


def load_subject(name: str) -> Any:
    """The subject of that name.

    Raises
    ------
    SubjectError
        If there is no such subject; the message is one line.
    """
    return fitted(_called(load_object(name), name), name)


def load_object(name: str) -> Any:
    """What a name stands for, as it is: ``module``, ``module:object``, ``file.py`` or ``file.py:object``.

    Raises
    ------
    SubjectError
        If there is no such thing; the message is one line.
    """
    return _attribute(*_split(name))


def _split(name: str) -> tuple[Any, str, str]:
    """The module or file of a name, imported, with the path of the object inside."""
    file = re.fullmatch(r"(.+\.py)(?::(.+))?", name)
    if file:
        return _file(file[1], name), file[2] or "", name
    module, _, attribute = name.partition(":")
    return _module(module, name), attribute, name


def _module(module: str, name: str) -> Any:
    """A subject that goes by a name, or else the module of that name."""
    entry = named_subjects().get(module)
    try:
        return entry.load() if entry else importlib.import_module(module)
    except ImportError as error:
        if entry:
            raise NotInstalledError(f"subject {name!r}: {in_one_line(error)}") from None
        raise SubjectError(
            f"subject {name!r}: cannot import {module!r} ({in_one_line(error)}){did_you_mean(module, named_subjects())}"
        ) from None
    except Exception as error:
        raise SubjectError(f"subject {name!r}: {type(error).__name__} in its import ({in_one_line(error)})") from None


@cache
def _file(path: str, name: str) -> ModuleType:
    if not Path(path).is_file():
        raise SubjectError(f"subject {name!r}: there is no file {path!r}")
    spec = importlib.util.spec_from_file_location(f"subject_{Path(path).stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise SubjectError(f"subject {name!r}: {type(error).__name__} in the file ({in_one_line(error)})") from None
    return module


def _attribute(found: Any, path: str, name: str) -> Any:
    for part in path.split(".") if path else ():
        if not hasattr(found, part):
            near = did_you_mean(part, [name for name in dir(found) if not name.startswith("_")])
            raise SubjectError(f"subject {name!r}: {getattr(found, '__name__', found)!r} has no {part!r}{near}")
        found = getattr(found, part)
    return found


def _called(found: Any, name: str) -> Any:
    """An instance of a class; anything else as it is."""
    if not isinstance(found, type):
        return found
    try:
        return found()
    except Exception as error:
        wrong = f"{found.__name__}() raises {type(error).__name__} ({in_one_line(error)})"
        raise SubjectError(f"subject {name!r}: {wrong}") from None


def fitted(subject: Any, name: str = "subject") -> Any:
    """The subject itself, or fitted to the interface if its gradients or its loss take no settings.

    Raises
    ------
    SubjectError
        If they cannot be called with three arguments, or an attribute has a value that means nothing.
    """
    functions = [found for found in (getattr(subject, word, None) for word in ("loss", "gradients")) if callable(found)]
    if all(_takes(function, activation="", loss="", reduction="") for function in functions):
        return subject
    for function in functions:
        if not _takes(function):
            word = getattr(function, "__name__", "a function")
            raise SubjectError(f"subject {name!r}: {word} must take (parameters, inputs, targets)")
    return Fitted(subject, name)


def _takes(function: Callable[..., Any], **settings: str) -> bool:
    try:
        inspect.signature(function).bind({}, (), (), **settings)
    except TypeError:
        return False
    except ValueError:  # a builtin without a signature
        return True
    return True


class _Gradients(dict[str, Any]):
    """Gradients by our names; one that is not there is not offered."""

    def __missing__(self, name: str) -> Any:
        raise Lacks(f"the gradient of {name}")


class Fitted:
    """A user's subject of one activation, loss and reduction, in its own layout and under its own names.

    What it has besides ``loss`` and ``gradients`` is offered as it is.
    """

    def __init__(self, own: Any, name: str = "subject") -> None:
        self._own, self._name = own, name
        activation = self._declared("activation", DEFAULTS["activation"], ACTIVATIONS)
        loss = self._declared("loss_name", DEFAULTS["loss"], LOSSES)
        self._reduction = self._declared("reduction", DEFAULTS["reduction"], REDUCTIONS)
        self._layout = self._declared("layout", "TB", LAYOUTS)
        self._names: Mapping[str, str] = getattr(own, "names", None) or {name: name for name in NAMES}
        self._transposed = tuple(getattr(own, "transposed", ()))
        for attribute, words in {"names": self._names, "transposed": self._transposed}.items():
            self._check(attribute, words, NAMES)
        self.offers = {"activation": (activation,), "loss": (loss,), "reduction": (self._reduction,)}
        self.without = tuple(name for name in NAMES if name not in self._names)
        if not {"W", "U", "V"} <= set(self._names):
            raise SubjectError(f"subject {name!r}: names must say what W, U and V are called")

    def _declared(self, attribute: str, default: str, known: Any) -> str:
        value: str = getattr(self._own, attribute, default)
        self._check(attribute, (value,), known)
        return value

    def _check(self, attribute: str, words: Any, known: Any) -> None:
        for word in words:
            if not isinstance(word, str) or word not in known:
                choices = ", ".join(known)
                raise SubjectError(f"subject {self._name!r}: {attribute} says {word!r}, which is none of {choices}")

    def __getattr__(self, name: str) -> Any:
        """The attributes of the user's subject, with ``loss`` and ``gradients`` adapted to how the checks call them."""
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(self._own, name)
        calls = {"loss": self._loss, "gradients": self._gradients}
        return calls.get(name, found)

    def _loss(self, parameters: Mapping[str, Any], inputs: Any, targets: Any, **_: str) -> float:
        total = sum(self._own.loss(*call) for call in self._calls(parameters, inputs, targets))
        return float(total) / self._share(inputs)

    def _gradients(self, parameters: Mapping[str, Any], inputs: Any, targets: Any, **_: str) -> dict[str, Any]:
        found = [self._own.gradients(*call) for call in self._calls(parameters, inputs, targets)]
        share = self._share(inputs)
        result = _Gradients()
        for ours, theirs in self._names.items():
            if any(theirs not in gradients for gradients in found):
                continue
            parts = [np.asarray(gradients[theirs]) for gradients in found]
            together = np.stack(parts) if ours == "h0" and self._layout == "T" else np.asarray(sum(parts[1:], parts[0]))
            result[ours] = (together.T if ours in self._transposed else together) / share
        return result

    def _calls(self, parameters: Mapping[str, Any], inputs: Any, targets: Any) -> list[tuple[Any, Any, Any]]:
        """The arguments of each call, in arrays of its own: what a subject writes into them stays there."""
        theirs = {
            word: np.array(parameters[name].T if name in self._transposed else parameters[name], order="C")
            for name, word in self._names.items()
        }
        if self._layout == "TB":
            return [(theirs, inputs.copy(), targets.copy())]
        if self._layout == "BT":
            return [(theirs, inputs.swapaxes(0, 1).copy(), targets.swapaxes(0, 1).copy())]
        return [
            (self._alone(theirs, index), inputs[:, index].copy(), targets[:, index].copy())
            for index in range(inputs.shape[1])
        ]

    def _alone(self, theirs: Mapping[str, Any], index: int) -> dict[str, Any]:
        """The parameters of one sequence of the batch, which has one row of h0."""
        initial = self._names.get("h0")
        return {word: array[index].copy() if word == initial else array.copy() for word, array in theirs.items()}

    def _share(self, inputs: Any) -> int:
        """The divisor of a sum over calls, one a sequence: with the mean as reduction, their number."""
        return int(inputs.shape[1]) if self._layout == "T" and self._reduction == "mean" else 1
