"""Asking a subject for the gradients of a network, and reading what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.referee.answers import NothingChecked, as_array, by_name, missing
from backproof.referee.fitting import Fitted, SubjectError, fitted, takes
from backproof.referee.watching import Watched
from backproof.theory.arithmetic import Roundoff
from backproof.theory.confronting.subject import Lacks, offered
from backproof.theory.nets.network import DEFAULTS
from backproof.theory.nets.networks import Gated, Net

Array = NDArray[Any]
Network = Net | Gated


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The gradients by name; ``lower`` has the formats of those that came in a lower precision than was asked for."""

    gradients: Mapping[str, Array]
    lower: Mapping[str, str]


class Only(dict[str, Any]):
    """Gradients that came back; of the others nothing is asked."""

    def __missing__(self, name: str) -> Any:
        raise Lacks(name)


class Asking:
    """A subject as it is asked: watched, fitted to the interface, in one float format, without what is to be skipped.

    One that is loaded is fitted already, and code of LSTM and GRU nets takes their arrays as they are.
    """

    def __init__(
        self,
        subject: Any,
        skip: Iterable[str] = (),
        dtype: str = "float64",
        *,
        loaded: bool = False,
        gated: bool = False,
    ) -> None:
        own = subject.own if isinstance(subject, Fitted) else subject
        self.watched = Watched(own() if isinstance(own, type) else own)
        loaded = loaded and not isinstance(subject, Fitted)
        plain = loaded or gated
        self.fit = self.watched if plain else fitted(self.watched, self.watched.__name__)
        self.skip, self.dtype = tuple(skip), dtype
        if isinstance(self.fit, Fitted):
            self.fit.buffers = {}

    @property
    def absent(self) -> tuple[str, ...]:
        """The parameters that the subject says it has not."""
        return tuple(getattr(self.fit, "without", ()))

    @property
    def tokens(self) -> bool:
        """Whether the subject says that inputs have to be unit vectors."""
        return bool(getattr(self.fit, "tokens", False))

    def suited(self, net: Network) -> Network:
        """The network with the settings that the subject declares, and zeros for what it does not have.

        Raises
        ------
        SubjectError
            If the network says otherwise.
        """
        declared: Mapping[str, str] = getattr(self.fit, "declared", {}) if isinstance(net, Net) else {}
        changes = {setting: value for setting, value in declared.items() if getattr(net, setting) != value}
        for setting, value in changes.items():
            asked = getattr(net, setting)
            if asked != DEFAULTS[setting] or setting == "loss":
                raise SubjectError(f"the {setting} of the network is {asked!r}, and the subject says {value!r}")
        net = net.with_(**changes) if changes else net
        if isinstance(self.fit, Fitted):
            self.fit.adopt(net.settings)
        zeros = {name: np.zeros_like(net.parameters[name]) for name in self.absent if np.any(net.parameters[name])}
        if zeros:
            raise SubjectError(f"the network has {next(iter(zeros))}, and the subject says that it has none")
        return net

    def __call__(self, net: Network) -> Answer:
        """What the subject answers at a network, on arrays that it may not change.

        Raises
        ------
        NoGradient, NothingChecked, SubjectError, WrongGradient
            If what comes is no gradient, or does not come; if the function raises; if it changes what is not its own.
        """
        found = by_name(self._called(self._function(net), net))
        shapes = {name: array.shape for name, array in net.parameters.items()}
        gradients: dict[str, Array] = {}
        for name in net.parameters:
            if name in self.skip or name in self.absent:
                continue
            try:
                value = found[name]
            except (KeyError, Lacks):
                keys = (*found, *getattr(found, "others", ()))
                raise NothingChecked(missing(name, keys, tuple(net.parameters))) from None
            gradients[name] = as_array(name, value, shapes)
        if not gradients:
            raise NothingChecked("no gradient was looked at: every parameter is skipped or absent")
        unit = Roundoff.of(self.dtype).unit
        lower = {name: g.dtype.name for name, g in gradients.items() if _unit(g.dtype) > unit}
        wide = {name: g if g.dtype == np.longdouble else g.astype(np.float64) for name, g in gradients.items()}
        return Answer(gradients=wide, lower=lower)

    def loss(self, net: Network) -> Any:
        """What the subject's loss returns; None if it has none."""
        if not self.has_loss(net):
            return None
        return self._called(self._function(net).replace("gradients", "loss"), net)

    def _called(self, name: str, net: Network) -> Any:
        """A function's answer; settings are left out where it has no place for them."""
        function, given = offered(self.fit, name), self._in_format(net)
        settings = net.settings if takes(function, 3, net.settings) else {}
        with np.errstate(all="ignore"):  # extreme networks are our choice, and no reason to warn the user
            return function(given.parameters, given.inputs, given.targets, **settings)

    def has_loss(self, net: Network) -> bool:
        """Whether the subject has a loss of its own."""
        return callable(getattr(self.fit, self._function(net).replace("gradients", "loss"), None))

    def _function(self, net: Network) -> str:
        own = f"{getattr(net, 'kind', '')}_gradients"
        return own if isinstance(net, Gated) and callable(getattr(self.fit, own, None)) else "gradients"

    def _in_format(self, net: Network) -> Network:
        """The network in arrays of its own, in the format if NumPy has it."""
        dtype: Any = np.float64 if self.dtype == "bfloat16" else self.dtype
        with np.errstate(all="ignore"):
            return net.with_(
                **{name: array.astype(dtype) for name, array in net.numbers.items()},
                **({"targets": net.targets.copy()} if net.charged.classes else {}),
            )


def rounded(net: Network, dtype: str) -> Network:
    """The network with every number rounded to the format, so that both sides have the same."""
    if dtype == "float64":
        return net
    with np.errstate(all="ignore"):
        return net.with_(**{name: rounded_array(array, dtype) for name, array in net.numbers.items()})


def rounded_array(array: Array, dtype: str) -> Array:
    """The numbers rounded to the nearest of the format, as float64."""
    if dtype != "bfloat16":
        return np.asarray(array.astype(dtype), dtype=np.float64)
    significand, exponent = np.frexp(array)
    return np.asarray(np.ldexp(np.rint(np.ldexp(significand, 8)), exponent - 8))


def _unit(dtype: Any) -> float:
    if dtype.kind in "iu":
        return 0.0
    return Roundoff.of("bfloat16" if dtype.name == "bfloat16" else dtype).unit
