"""A full check of gradients: every entry of every parameter, without differences, at a ladder of networks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from backproof.referee.answers import NothingChecked
from backproof.referee.cellclimb import CellClimb
from backproof.referee.checked import Checked
from backproof.referee.climbing import Climb
from backproof.referee.fitting import FORMATS
from backproof.referee.models.adapting import adapted
from backproof.referee.regimes import SHAPES
from backproof.referee.watching import WrongGradient
from backproof.theory.language.declared import as_declared, check_kind
from backproof.theory.language.validation import integer, kind_of, shown
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layers import Layers
from backproof.theory.nets.networks import Gated, Net

__all__ = ["FORMATS", "NothingChecked", "WrongGradient", "gradcheck"]


@as_declared
def gradcheck(
    subject: Any,
    network: Net | Gated | Layered | Cell | Layers,
    *,
    names: Mapping[str, str] | None = None,
    dtype: str | None = None,
    skip: Iterable[str] = (),
    shapes: str = "free",
    seconds: float = 10.0,
    thorough: bool = False,
    seed: int = 0,
) -> Checked:
    """Check every entry of every gradient.

    Parameters
    ----------
    subject
        For an Elman, LSTM or GRU net, a module or an object with ``loss`` and ``gradients``, as
        `backproof.referee.subjects` describes them, or the function ``gradients`` alone. For a cell, a net of layers or
        a run of one, a function of parameters, first states and what else
        a step is told by name (lengths and weights of steps among it), inputs (T, B, m), what comes in at the
        outputs (T, B, p) or the targets of the loss, and what comes in at the last states by name (B, n); it returns
        the gradients by name, that of the inputs as "inputs". A parameter's may not be left out.
        Or what a framework differentiates: a module of PyTorch, Flax or Equinox, a recurrent layer or cell for a cell
        or layers, or a model that maps inputs to outputs for a net; or a function of tensors, for a net
        ``(parameters, inputs, targets)`` to a loss or ``(parameters, inputs)`` to outputs, for a cell
        ``(parameters, inputs, states)`` or ``(parameters, inputs)`` to outputs, or to outputs and states, of all steps
        or of one. Parameters are those of the network, by its names.
    network
        A net, which is checked together with the one of its shape that has no cancellation and with the regimes of
        `backproof.referee.regimes`; a run of a cell or of layers; or these themselves, at runs from one step to long,
        large and extreme ones, but for those that float64 cannot decide.
    names
        Of a module or a function of a framework, theirs by ours: ``{"W": "rnn.weight_hh_l0"}``, transposed
        ``"kernel.T"``, rows and columns ``"linear.weight[:, 2:]"``; of a function, ``"rnn.hh"`` stands for
        ``parameters["rnn"]["hh"]``. What is not said of a module is found by names and shapes.
    dtype
        The format that the code computes in: "float64", "float32", "float16" or "bfloat16"; by default what it says of
        itself, or else float64. Numbers are rounded to it first; the code gets them as arrays of the format, or, of
        bfloat16 and for cells, as float64.
    skip
        Parameters whose gradients the code does not return. Those that are 0 in the network stay 0.
    shapes
        "free": regimes have sizes of their own. "lengths": steps and sequences vary, and the sizes of layers are
        those of the network, as always for a module, which has sizes of its own. "fixed": all are.
    seconds
        How long the regimes may take; those that are not reached are named in the result. At 16 units and 50 steps all
        of them take some tenths of a second.
    thorough
        Ask 64 times at the network that is given, and at three draws of every regime, however long it takes.
    seed
        Of the regimes.

    Returns
    -------
    Checked
        What was looked at.

    Raises
    ------
    WrongGradient
        If an entry is off by more than a correct implementation can be, if the loss is not that of the gradients, or if
        the function changes its arguments or what it returned before.
    NothingChecked
        If a gradient does not come back.
    Undecided
        If the format cannot decide the net, or no run of the cell: rounding alone moves its states too far, or some
        quantity has no finite value.
    SubjectError
        If the subject raises, or says of itself what cannot be; or if it is not clear which of a module's parameters
        are which of the network.
    TypeError
        For what is no network, and for an argument of another kind.
    ValueError
        For another format or word, and for a number that is none of seconds, or no seed.
    """
    start = time.perf_counter()
    if dtype is None:
        declared = getattr(subject, "dtype", None)
        dtype = declared if isinstance(declared, str) else "float64"
    if dtype not in FORMATS:
        raise ValueError(f"dtype must be one of {', '.join(FORMATS)}; got {shown(dtype)}")
    if shapes not in SHAPES:
        raise ValueError(f"shapes must be one of {', '.join(SHAPES)}; got {shown(shapes)}")
    integer("seed", seed, 0)
    if not seconds >= 0:
        raise ValueError(f"seconds must be a number ≥ 0, got {seconds}")
    if not callable(subject) and not (isinstance(network, Net | Gated) and hasattr(subject, "gradients")):
        raise TypeError(f"subject must offer gradients, or be the function that returns them, got {kind_of(subject)}")
    if isinstance(skip, np.ndarray):
        skip = skip.ravel().tolist()
    skip = (skip,) if isinstance(skip, str) else tuple(skip)
    check_kind("skip", skip, tuple[str, ...])
    if isinstance(network, Net | Gated):
        unknown = [name for name in skip if name not in network.parameters]
        if unknown:
            raise ValueError(f"skip names {unknown[0]!r}; the network has {', '.join(network.parameters)}")
    made = adapted(subject, network, names, dtype)
    told: dict[str, Any] = {"dtype": dtype, "seed": seed, "thorough": thorough}
    climb: CellClimb | Climb
    if isinstance(network, Cell | Layers | Layered):
        climb = CellClimb(made.subject, network, skip=(*skip, *made.limits.absent), limits=made.limits, **told)
    else:
        chosen = SHAPES["lengths" if made.fixed and shapes == "free" else shapes]
        freedom = replace(chosen, denormals=made.limits.denormals)
        climb = Climb(made.subject, network, skip=skip, freedom=freedom, **told)
    try:
        checked = climb.run(start, seconds)
    except WrongGradient as wrong:
        for note in made.notes:
            wrong.add_note(note)
        raise
    return replace(checked, notes=(*made.notes, *checked.notes))
