"""A subject whose functions take tensors of a framework, as it says by ``tensors``, called with arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backproof.referee.models.calling import Frame


class Converted:
    """The subject with ``loss`` and ``gradients`` of arrays; a function is its own ``gradients``."""

    def __init__(self, own: Any, frame: Frame) -> None:
        self._own, self._frame = own, frame
        self.__name__ = getattr(own, "__name__", type(own).__name__)

    def __getattr__(self, name: str) -> Any:
        """What the subject has by this name."""
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._own if name == "gradients" and not hasattr(self._own, name) else getattr(self._own, name)
        return self._of_arrays(found) if name in ("loss", "gradients") and callable(found) else found

    def _of_arrays(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function of arrays; what it writes into a tensor is written into the array, where it is noticed."""

        @functools.wraps(function)
        def called(*at: Any, **settings: Any) -> Any:
            with self._frame.within():
                pairs: list[tuple[Any, Any]] = []
                found = function(*(self._tensors(one, pairs) for one in at), **settings)
                for array, tensor in pairs:
                    array[...] = self._frame.array(tensor)
                return self._arrays(found)

        return called

    def _tensors(self, value: Any, pairs: list[tuple[Any, Any]]) -> Any:
        if isinstance(value, Mapping):
            return {name: self._tensors(one, pairs) for name, one in value.items()}
        if not isinstance(value, np.ndarray):
            return value
        tensor = self._frame.tensor(value)
        pairs.append((value, tensor))
        return tensor

    def _arrays(self, value: Any) -> Any:
        """Tensors as arrays; anything else as it is, for the check to say what is wrong with it."""
        if isinstance(value, Mapping):
            return {name: self._arrays(one) for name, one in value.items()}
        return self._frame.array(value) if self._frame.owns(value) else value
