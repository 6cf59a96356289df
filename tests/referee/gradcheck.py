"""A full check of a subject's gradients at one net: every entry of every parameter, without differences.

The reference is the derived gradient in extended precision, whose own error has a bound of the same kind as the
subject's. Where that leaves a doubt, the reference is evaluated again in balls, and they decide: extended precision
acquits, and never convicts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from flint import arb_mat
from numpy.typing import NDArray

from backproof.referee.cellcheck import Gradients, climbed, wrong_at
from backproof.referee.subjects import fitted
from backproof.referee.suspects import suspects
from backproof.theory.arithmetic import Balls, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree
from backproof.theory.confronting.subject import Lacks, answer
from backproof.theory.evaluation.truth import BITS
from backproof.theory.nets.cells import Cell
from backproof.theory.nets.layered import Layered
from backproof.theory.nets.layers import Layers
from backproof.theory.nets.linearised import linearisation as _linearisation
from backproof.theory.nets.networks import Net
from backproof.theory.nets.passes import of_the_batch
from backproof.theory.nets.rounding import extended_together, tolerances, tolerances_together
from backproof.theory.nets.uncancelled import one_signed
from backproof.theory.nets.uncancelled import signed_network as _drawn
from backproof.theory.nets.unrolled import Unrolled

Array = NDArray[np.float64]

SHORTER = float(np.finfo(np.float64).eps / np.finfo(np.longdouble).eps)
"""By what factor the roundoff of NumPy's longest float is smaller: 2048 for the 80 bits of x86, 1 where it has none."""


class Reference:
    """Every gradient of a net and the bound on a float64 implementation: what it takes to judge one."""

    def __init__(self, net: Net, bounds: Mapping[str, Array], longer: Mapping[str, Any]) -> None:
        self._net, self.bounds, self._longer = net, bounds, longer

    @classmethod
    def of(cls, *nets: Net) -> list[Reference]:
        """The references for nets of one shape, evaluated together.

        Raises
        ------
        Undecided
            If float64 cannot decide one of them.
        """
        bounds = [found.gradients for found in tolerances_together(nets)]
        return list(map(cls, nets, bounds, extended_together(nets)))

    @cached_property
    def extended(self) -> dict[str, tuple[Any, Array]]:
        """The gradients in NumPy's longest float, each with a bound on its error.

        The bound is made of sums, products and quotients in which each term has a roundoff as factor, so that it falls
        at least as fast as the roundoff; only at a kink may it stay as it is, and is evaluated again. Like
        the bound, it takes elementary functions to be off by four units in the last place at most.
        """
        errors = {name: bound / SHORTER for name, bound in self.bounds.items()}
        if not (self._net.phi.smooth and self._net.charged.smooth):
            errors = dict(tolerances(self._net, np.longdouble).gradients)
        return {name: (value, errors[name]) for name, value in self._longer.items()}

    @cached_property
    def balls(self) -> dict[str, arb_mat]:
        """The gradients with a rigorous radius."""
        with precision(BITS):
            each = [Unrolled(sequence, Balls()).backward() for sequence in self._net.sequences()]
            return of_the_batch(Balls(), each, self._net.initial)

    def compare(self, gradients: Mapping[str, Any]) -> Iterator[Comparison]:
        """Entry by entry; a gradient that is missing or misshapen fails, one that is not offered is left out."""
        for name, bound in self.bounds.items():
            try:
                got = gradients[name]
            except Lacks:
                continue
            except KeyError:
                got = np.full(1, np.nan)
            what = f"∂L/∂{name}"
            if SHORTER >= 1024:
                value, doubt = self.extended[name]
                quick = agree(what, got, value, bound, doubt)
                if quick.passes:
                    yield quick
                    continue
            with precision(BITS):
                yield agree(what, got, self.balls[name], bound)


@lru_cache(maxsize=64)
def references(net: Net) -> tuple[tuple[Net, Reference], ...]:
    """The net and the one of its shape without cancellation; kept for the next subject."""
    nets = (net, one_signed(net))
    return tuple(zip(nets, Reference.of(*nets), strict=True))


def forget() -> None:
    """Empty what is kept between checks, so that the next one costs what a first one does."""
    for kept in (references, _drawn, _linearisation):
        kept.cache_clear()


def every_gradient(subject: Any, net: Net) -> Iterator[Comparison]:
    """Every entry of every gradient, at the net and at the one of its shape that has no cancellation.

    At the first, an entry is seen to be wrong if it is off by more than rounding can explain there, which is much where
    terms cancel. At the second that is some hundreds to thousands of roundings of each entry: 1e-13 of it at 16 units
    and 50 steps, 5e-13 at 64 and 100.

    Raises
    ------
    Undecided
        If float64 cannot decide the net.
    """
    for at, reference in references(net):
        yield from reference.compare(answer(subject, "gradients", at))


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
