"""A user's subject, fitted to how checks call one: its settings, layout, names, what it stores transposed.

What it may say of itself is listed in `backproof.referee.subjects`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from backproof.referee.answers import as_array, by_name
from backproof.theory.confronting.subject import CALLED, Lacks
from backproof.theory.language.functions import ACTIVATIONS, LOSSES
from backproof.theory.nets.network import DEFAULTS
from backproof.theory.nets.networks import NAMES

REDUCTIONS = ("sum", "mean")
FORMATS = ("float64", "float32", "float16", "bfloat16")
LAYOUTS = ("TB", "BT", "T")
SETTINGS = {
    "activation": ("activation", ACTIVATIONS),
    "loss": ("loss_name", LOSSES),
    "reduction": ("reduction", REDUCTIONS),
}
"""By setting, the word that says it beside a subject's functions, and the values that it may have."""


class SubjectError(ValueError):
    """The subject cannot be loaded, or says of itself what cannot be."""


def fitted(subject: Any, name: str = "subject") -> Any:
    """The subject itself, or fitted to the interface if its gradients or its loss take no settings.

    Raises
    ------
    SubjectError
        If they cannot be called with three arguments, or an attribute has a value that means nothing.
    """
    for word in ("loss", "gradients"):
        found = getattr(subject, word, None)
        if hasattr(subject, word) and not callable(found):
            raise SubjectError(f"subject {name!r}: {word} is no function, but {found!r}")
    functions = [getattr(subject, word) for word in ("loss", "gradients") if hasattr(subject, word)]
    if all(map(_takes_settings, functions)):
        return subject
    for function in functions:
        if not takes(function, 3):
            word = getattr(function, "__name__", "a function")
            raise SubjectError(f"subject {name!r}: {word} must take (parameters, inputs, targets)")
    return Fitted(subject, name)


def _takes_settings(function: Callable[..., Any]) -> bool:
    """Whether it names the settings among its parameters; to take any keyword is not to know one."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # a builtin without a signature
        return True
    typed = any(p.kind is p.VAR_KEYWORD and "Unpack" in str(p.annotation) for p in parameters.values())
    return typed or {"activation", "loss", "reduction"} <= parameters.keys()


def takes(function: Callable[..., Any], arguments: int, keywords: Iterable[str] = ()) -> bool:
    """Whether it can be called so."""
    try:
        inspect.signature(function).bind(*range(arguments), **dict.fromkeys(keywords))
    except TypeError:
        return False
    except ValueError:  # a builtin without a signature
        return True
    return True


def declared_format(subject: Any) -> str | None:
    """The format that a subject says it computes in (``dtype``), by name or as NumPy's type; None if it says none."""
    said = getattr(subject, "dtype", None)
    if isinstance(said, np.dtype) or (isinstance(said, type) and issubclass(said, np.generic)):
        return np.dtype(said).name
    return said if isinstance(said, str) else None


class _Gradients(dict[str, Any]):
    """Gradients by our names; one that is not there is not offered. ``others`` came back by names that nobody asked."""

    others: tuple[str, ...] = ()

    def __missing__(self, name: str) -> Any:
        raise Lacks(f"the gradient of {name}")


class Fitted:
    """A user's subject of one activation, loss and reduction, in its own layout and under its own names.

    What it has besides ``loss`` and ``gradients`` is offered as it is, if it can be called as the checks call it.
    """

    def __init__(self, own: Any, name: str = "subject") -> None:
        self._own, self._name = own, name
        self.declared = {
            setting: self._declared(word, known)
            for setting, (word, known) in SETTINGS.items()
            if self._word(word, None) is not None
        }
        self._layout = self._declared("layout", LAYOUTS) if self._word("layout", None) is not None else "TB"
        self._names = self._own_names()
        self._transposed, self.columns = (self._listed(word) for word in ("transposed", "columns"))
        self.offers = {setting: (self.declared.get(setting, DEFAULTS[setting]),) for setting in SETTINGS}
        self._reduction = self.offers["reduction"][0]
        self.dtype = self._format()
        self.shapes = self._declared("shapes", ("free", "lengths", "fixed")) if self._word("shapes", None) else "free"
        self.tokens = self._word("tokens", False)
        if not isinstance(self.tokens, bool):
            raise SubjectError(f"subject {name!r}: tokens says {self.tokens!r}, which is neither True nor False")
        self.buffers: dict[Any, Any] | None = None
        """Arrays that calls of one shape share, so that code sees other numbers in the same places; or None."""
        self.without = tuple(name for name in NAMES if name not in self._names)
        left = [each for each in ("W", "U", "V") if each not in self._names]
        if left:
            raise SubjectError(f"subject {name!r}: names must say what {' and '.join(left)} is called")
        if len(set(self._names.values())) < len(self._names):
            raise SubjectError(f"subject {name!r}: names calls two parameters the same: {dict(self._names)}")

    @property
    def own(self) -> Any:
        """The subject as the user wrote it."""
        return self._own

    def adopt(self, settings: Mapping[str, str]) -> None:
        """Take the settings that the subject does not declare from a network."""
        self.offers |= {name: (value,) for name, value in settings.items() if name not in self.declared}
        self._reduction = self.offers["reduction"][0]

    def _asked(self, settings: Mapping[str, str]) -> None:
        for name, value in settings.items():
            if value not in self.offers.get(name, (value,)):
                raise Lacks(f"the {name} {value!r}")

    def _word(self, attribute: str, default: Any) -> Any:
        """What stands beside the functions by this name, unless it is a function itself."""
        found = getattr(self._own, attribute, default)
        return default if callable(found) else found

    def _declared(self, attribute: str, known: Any) -> str:
        value: str = self._word(attribute, "")
        self._check(attribute, (value,), known)
        return value

    def _format(self) -> str | None:
        """The word ``dtype``, or the name of NumPy's type that stands there."""
        said = declared_format(self._own)
        if said is not None:
            self._check("dtype", (said,), FORMATS)
        return said

    def _own_names(self) -> Mapping[str, str]:
        """Theirs by ours."""
        said = self._word("names", None) or NAMES
        if isinstance(said, str):
            raise SubjectError(f"subject {self._name!r}: names must map W, U, V and the others to theirs, got {said!r}")
        names = dict(said) if isinstance(said, Mapping) else dict(zip(said, said, strict=True))
        self._check("names", names, NAMES)
        return names

    def _listed(self, attribute: str) -> tuple[str, ...]:
        said = self._word(attribute, ())
        try:
            words = (said,) if isinstance(said, str) else tuple(said or ())
        except TypeError:
            words = (said,)
        self._check(attribute, words, NAMES if attribute != "columns" else ("b", "c", "h0"))
        return words

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
        if name in CALLED and not (callable(found) and takes(found, *CALLED[name])):
            raise AttributeError(name)  # a function of its own that happens to have the name
        calls = {"loss": self._loss, "gradients": self._gradients}
        return calls.get(name, found)

    def _loss(self, parameters: Mapping[str, Any], inputs: Any, targets: Any, **settings: str) -> Any:
        self._asked(settings)
        each = [self._own.loss(*call) for call in self._calls(parameters, inputs, targets)]
        return each[0] if len(each) == 1 else sum(each[1:], each[0]) / self._share(inputs)

    def _gradients(self, parameters: Mapping[str, Any], inputs: Any, targets: Any, **settings: str) -> dict[str, Any]:
        self._asked(settings)
        calls = self._calls(parameters, inputs, targets)
        found = [by_name(self._own.gradients(*call)) for call in calls]
        share = self._share(inputs)
        result = _Gradients()
        for ours, theirs in self._names.items():
            if any(theirs not in gradients for gradients in found):
                continue
            shapes = {name: np.shape(calls[0][0][word]) for name, word in self._names.items()}
            parts = [as_array(ours, gradients[theirs], shapes) for gradients in found]
            together = np.stack(parts) if ours == "h0" and self._layout == "T" else np.asarray(sum(parts[1:], parts[0]))
            together = together[..., 0] if ours in self.columns else together
            result[ours] = (together.T if ours in self._transposed else together) / share
        result.others = tuple(str(key) for key in found[0] if key not in self._names.values())
        return result

    def _calls(self, parameters: Mapping[str, Any], inputs: Any, targets: Any) -> list[tuple[Any, Any, Any]]:
        """The arguments of each call, in arrays of its own: what a subject writes into them stays there."""
        theirs = {word: self._as_theirs(name, parameters[name]) for name, word in self._names.items()}
        if self._layout != "T":
            swapped = self._layout == "BT"
            told = (array.swapaxes(0, 1) if swapped else array for array in (inputs, targets))
            return [self._held(0, theirs, *told)]
        alone = [
            {word: array[index] if word == self._names.get("h0") else array for word, array in theirs.items()}
            for index in range(inputs.shape[1])
        ]
        return [self._held(index, mine, inputs[:, index], targets[:, index]) for index, mine in enumerate(alone)]

    def _as_theirs(self, name: str, array: Any) -> Any:
        array = array.T if name in self._transposed else array
        return array[..., None] if name in self.columns else array

    def _held(self, call: int, parameters: Mapping[str, Any], inputs: Any, targets: Any) -> tuple[Any, Any, Any]:
        """The arguments of a call in arrays that are the subject's to write into, and in a dictionary that is."""

        def own(name: str, array: Any) -> Any:
            if self.buffers is None:
                return np.array(array, order="C")
            key = (call, name, array.shape, array.dtype)
            buffer = self.buffers.setdefault(key, np.empty(array.shape, array.dtype))
            buffer[...] = array
            return buffer

        theirs = {word: own(word, array) for word, array in parameters.items()}
        if self.buffers is not None:
            sizes = tuple((word, array.shape, array.dtype) for word, array in theirs.items())
            kept = self.buffers.setdefault((call, sizes), {})
            kept.clear()
            kept.update(theirs)
            theirs = kept
        return theirs, own("inputs of the call", inputs), own("targets of the call", targets)

    def _share(self, inputs: Any) -> int:
        """The divisor of a sum over calls, one a sequence: with the mean as reduction, their number."""
        return int(inputs.shape[1]) if self._layout == "T" and self._reduction == "mean" else 1
