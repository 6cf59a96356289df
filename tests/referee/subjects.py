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
``names``       W, U, V, b, c, h0              theirs by ours, as {"W": "Whh", …}, or ours alone, as ("W", "U", "V");
                                               b, c and h0 may be left out, then their nets have none
``transposed``  none                           ours of the matrices that they store transposed, as ("W", "U", "V")
``columns``     none                           ours of the vectors that they keep as columns (n, 1), as ("b", "c")
``dtype``       "float64"                      the format that they compute in: "float32", "float16", "bfloat16"
``shapes``      "free"                         "lengths" or "fixed" for code of some sizes, as `gradcheck` has it
``tokens``      False                          True if inputs have to be unit vectors, since the code looks up indices
``tensors``     none                           "torch" or "jax", if the functions take and return its tensors
``denormals``   True                           False if the code flushes numbers below the normal ones to zero
==============  =============================  =========================================================================

A function of one of these names is no such word, and is left alone. ``loss`` and ``gradients`` that name
``activation``, ``loss`` and ``reduction`` among their parameters compute all of them, and need no words beside them.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from backproof.referee.fitting import SubjectError, fitted
from backproof.referee.moved import in_one_line
from backproof.theory.language.suggest import did_you_mean

__all__ = ["SubjectError", "fitted", "load_object", "load_subject", "named_subjects"]

GROUP = "backproof.subjects"
"""Entry points of installed distributions: subjects by the names that ``--subject`` takes."""


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
    folder = str(Path(path).resolve().parent)
    try:
        sys.path.insert(0, folder)  # as Python does for a file that it runs, so that it finds its neighbours
        spec.loader.exec_module(module)
    except Exception as error:
        raise SubjectError(f"subject {name!r}: {type(error).__name__} in the file ({in_one_line(error)})") from None
    finally:
        sys.path.remove(folder)
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
