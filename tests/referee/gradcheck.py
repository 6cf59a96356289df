"""A full check of a subject's gradients at one net: every entry of every parameter, without differences.

The reference is the derived gradient in extended precision, whose own error has a bound of the same kind as the
subject's. Where that leaves a doubt, the reference is evaluated again in balls, and they decide: extended precision
acquits, and never convicts.
"""

from __future__ import annotations

from typing import Any

from backproof.referee.cellcheck import Gradients, climbed, wrong_at
from backproof.referee.reference import references
from backproof.referee.subjects import fitted
from backproof.referee.suspects import suspects
from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.subject import answer
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layers import Layers
from backproof.theory.nets.networks import Net

FORMATS = ("float64", "float32", "float16", "bfloat16")


class WrongGradient(AssertionError):
    """A gradient is off by more than rounding can explain; the message says which, where, and what it looks like."""


def check_cell(gradients: Gradients, of: Cell | Layers, dtype: str = "float64") -> None:
    """Climb the ladder of runs up to the first at which something is wrong.

    Raises
    ------
    WrongGradient, Undecided
        As `gradcheck` does.
    """
    decided = False
    for rung, run, wrong in climbed(gradients, of, dtype=dtype):
        raise_if_wrong([f"{rung}: {run!r}", *wrong] if wrong else [])
        decided = decided or wrong is not None
    if not decided:
        raise Undecided(
            f"{dtype} decides no run of {of.name}: rounding moves its states too far, or they have no value"
        )


def raise_if_wrong(sentences: list[str]) -> None:
    """Raise WrongGradient with these sentences, if there are any."""
    if sentences:
        raise WrongGradient("\n".join(sentences))


def gradcheck(subject: Any, net: Net | Layered | Cell | Layers, *, dtype: str = "float64") -> None:
    """Check every entry of every gradient.

    Parameters
    ----------
    subject
        For an Elman net, a module or an object with ``loss`` and ``gradients``, as `backproof.referee.subjects`
        describes them. For a cell, a net of layers or a run of one, a function of parameters, first states and what
        else a step is told by name (lengths and weights of steps among it), inputs (T, B, m), what comes in at the
        outputs (T, B, p) or the targets of the loss, and what comes in at the last states by name (B, n); it returns
        the gradients by name, that of the inputs as "inputs". A parameter's may not be left out.
    net
        An Elman net, which is checked together with the one of its shape that has no cancellation; a run of a cell or
        of layers; or these themselves, at runs from one step to long, large and extreme ones, but for those that
        float64 cannot decide.
    dtype
        The format that the code of a cell or of layers computes in: "float64", "float32", "float16" or "bfloat16".
        It gets numbers that the format has, as float64; runs of others are left out.

    Raises
    ------
    WrongGradient
        If an entry is off by more than a correct implementation in float64 can be.
    Undecided
        If float64 cannot decide the net, or no run of the cell: rounding alone moves its states too far, or some
        quantity has no finite value.
    SubjectError
        If the subject says of itself what cannot be.
    ValueError
        For another format, or one beside float64 for an Elman net.
    """
    if dtype not in FORMATS or (isinstance(net, Net) and dtype != FORMATS[0]):
        raise ValueError(f"dtype must be one of {', '.join(FORMATS)}, the first for an Elman net; got {dtype!r}")
    if isinstance(net, Cell | Layers):
        check_cell(subject, net, dtype)
        return
    if isinstance(net, Layered):
        raise_if_wrong(wrong_at(subject, net, dtype))
        return
    fit = fitted(subject, getattr(subject, "__name__", type(subject).__name__))
    for at, reference in references(net):
        found = reference.compare(answer(fit, "gradients", at))
        wrong = [comparison.detail for comparison in found if not comparison.passes]
        raise_if_wrong([*wrong, *suspects(at, fit)] if wrong else [])
