"""The gradients that a check compares with, and how far a correct implementation may be from them.

The reference is the derived gradient in extended precision, whose own error has a bound of the same kind as the
subject's. Where that leaves a doubt, the reference is evaluated again in balls, and they decide: extended precision
acquits, and never convicts. In the same way a part of the bound acquits, at a cost that is linear in the steps, and
never convicts: where it is too small the whole bound is asked, with the products of Jacobians over all the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from flint import arb_mat
from numpy.typing import NDArray

from backproof.theory.arithmetic import Balls, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, midpoints
from backproof.theory.confronting.subject import Lacks, answer
from backproof.theory.evaluation.truth import BITS
from backproof.theory.nets.linearised import linearisation as _linearisation
from backproof.theory.nets.networks import Net
from backproof.theory.nets.passes import of_the_batch
from backproof.theory.nets.rounding import (
    Tolerances,
    extended_losses,
    extended_together,
    tolerances,
    tolerances_together,
)
from backproof.theory.nets.task import Task
from backproof.theory.nets.uncancelled import one_signed
from backproof.theory.nets.uncancelled import signed_network as _drawn
from backproof.theory.nets.unrolled import Unrolled

Array = NDArray[np.float64]

SHORTER = float(np.finfo(np.float64).eps / np.finfo(np.longdouble).eps)
"""By what factor the roundoff of NumPy's longest float is smaller: 2048 for the 80 bits of x86, 1 where it has none."""

LAGS = 8
"""How many steps an error is carried in the part of the bound that is asked first."""


def in_enough_bits(evaluate: Callable[[], dict[str, arb_mat]], bounds: Mapping[str, Array]) -> dict[str, arb_mat]:
    """Ball matrices by name whose radii are small beside the bounds that they are to judge by.

    Balls grow with every step, where W turns as much as where it stretches; so the longer the net the more bits. Where
    the most are not enough, the last are returned, and leave a doubt.
    """
    for bits in (BITS, 4 * BITS, 16 * BITS, 64 * BITS):
        with precision(bits):
            found = evaluate()
        if all(np.all(midpoints(value)[2].ravel() <= np.ravel(bounds[name]) / 2**10) for name, value in found.items()):
            break
    return found


@lru_cache(maxsize=8)
def _bounds(nets: tuple[Task, ...], dtype: Any, lags: int | None) -> list[Tolerances]:
    """The bounds for nets of one shape, which are asked for one after the other."""
    return tolerances_together(nets, dtype, lags)


class Reference:
    """Every gradient of a net and the bound on an implementation in a float format: what it takes to judge one."""

    def __init__(self, nets: tuple[Task, ...], place: int, dtype: Any = np.float64) -> None:
        self._nets, self._place, self._dtype = nets, place, dtype

    @classmethod
    def of(cls, *nets: Task, dtype: Any = np.float64) -> list[Reference]:
        """The references for nets of one shape, evaluated together."""
        return [cls(nets, place, dtype) for place in range(len(nets))]

    @property
    def net(self) -> Task:
        """The net that is judged."""
        return self._nets[self._place]

    @property
    def smooth(self) -> bool:
        """Whether neither the activation nor the loss has a kink."""
        return (self.net.phi is None or self.net.phi.smooth) and self.net.charged.smooth

    @cached_property
    def bounds(self) -> Mapping[str, Array]:
        """The whole bound on each entry.

        Raises
        ------
        Undecided
            If the format cannot decide the net.
        """
        return self._finite(None)

    @cached_property
    def part(self) -> Mapping[str, Array]:
        """A part of the bound: errors are carried a few steps, and then forgotten."""
        return self._finite(LAGS)

    def _finite(self, lags: int | None) -> Mapping[str, Array]:
        found = _bounds(self._nets, self._dtype, lags)[self._place].gradients
        for name, bound in found.items():
            if not np.all(np.isfinite(bound)):
                raise Undecided(f"no finite bound on ∂L/∂{name}: something overflows in this net")
        return found

    @cached_property
    def longer(self) -> Mapping[str, Any]:
        """The gradients in NumPy's longest float."""
        return extended_together(self._nets)[self._place]

    def compare_loss(self, got: float) -> Comparison:
        """The loss of the batch, which is acquitted and convicted as gradients are.

        Raises
        ------
        Undecided
            If the format cannot decide the net.
        """
        value = extended_losses(self._nets)[self._place]
        for lags in (LAGS, None):
            bound = _bounds(self._nets, self._dtype, lags)[self._place].loss
            if not np.isfinite(bound):
                raise Undecided("no finite bound on the loss: something overflows in this net")
            if SHORTER >= 1024 and abs(got - value) <= bound * (1 - 1 / SHORTER):
                return Comparison(what="the loss", margin=0.0 if got == value else float(abs(got - value) / bound))
        bounds = {"loss": np.full((1, 1), bound)}
        exact = in_enough_bits(self._loss_in_balls, bounds)["loss"]
        with precision(BITS):
            return agree("the loss", np.full((1, 1), got), exact, bounds["loss"])

    def _loss_in_balls(self) -> dict[str, arb_mat]:
        return {"loss": Balls().sum_time([Unrolled(sequence, Balls()).loss() for sequence in self.net.sequences()])}

    @property
    def loss(self) -> float:
        """The loss of the batch."""
        return float(extended_losses(self._nets)[self._place])

    def states(self) -> Array:
        """The states h_1 … h_T of every sequence."""
        return _linearisation((self.net,)).states[1:]

    def extended(self, bounds: Mapping[str, Array]) -> dict[str, tuple[Any, Array]]:
        """The gradients in NumPy's longest float, each with a bound on its error, in proportion to these bounds.

        The bound is made of sums, products and quotients in which each term has a roundoff as factor, so that it falls
        at least as fast as the roundoff; only at a kink may it stay as it is, and is evaluated again. Like
        the bound, it takes elementary functions to be off by four units in the last place at most.
        """
        if self.smooth:
            errors: Mapping[str, Any] = {name: bound / SHORTER for name, bound in bounds.items()}
        else:
            errors = tolerances(self.net, np.longdouble).gradients
        return {name: (value, errors[name]) for name, value in self.longer.items()}

    @cached_property
    def balls(self) -> dict[str, arb_mat]:
        """The gradients with a rigorous radius, which is small beside the bound."""
        return in_enough_bits(self._in_balls, self.bounds)

    def _in_balls(self) -> dict[str, arb_mat]:
        each = [Unrolled(sequence, Balls()).backward() for sequence in self.net.sequences()]
        return of_the_batch(Balls(), each, self.net.initial)

    def compare(self, gradients: Mapping[str, Any]) -> Iterator[Comparison]:
        """Entry by entry; a gradient that is missing or misshapen fails, one that is not offered is left out.

        Raises
        ------
        Undecided
            If the format cannot decide the net, for an entry that is not right to the last digits.
        """
        for name in self.net.parameters:
            try:
                got = gradients[name]
            except Lacks:
                continue
            except KeyError:
                yield Comparison(what=f"∂L/∂{name}", margin=float("inf"), detail=f"∂L/∂{name} is missing")
                continue
            yield self._acquitted(name, got) or self._judged(name, got)

    def _acquitted(self, name: str, got: Any) -> Comparison | None:
        """The comparison with a part of the bound, if all is within it; a kink has no part."""
        if not self.smooth or self.net.steps <= LAGS:
            return None
        return self._by_extended(name, got, self.part)

    def _judged(self, name: str, got: Any) -> Comparison:
        """The comparison with the whole bound."""
        found = self._by_extended(name, got, self.bounds)
        if found is not None:
            return found
        with precision(BITS):
            return agree(f"∂L/∂{name}", got, self.balls[name], self.bounds[name])

    def _by_extended(self, name: str, got: Any, bounds: Mapping[str, Array]) -> Comparison | None:
        """The comparison with the gradient in extended precision, if all is within the bounds for certain."""
        if SHORTER < 1024:
            return None
        value, doubt = self.extended(bounds)[name]
        try:
            found = agree(f"∂L/∂{name}", got, value, bounds[name], doubt)
        except Undecided:
            return None
        return found if found.passes else None


@lru_cache(maxsize=64)
def references(net: Net) -> tuple[tuple[Net, Reference], ...]:
    """The net and the one of its shape without cancellation; kept for the next subject."""
    nets = (net, one_signed(net))
    return tuple(zip(nets, Reference.of(*nets), strict=True))


KEPT: list[Any] = [references, _bounds, _drawn, _linearisation]
"""What is kept between checks."""


def forget() -> None:
    """Empty what is kept between checks, so that the next one costs what a first one does."""
    for kept in KEPT:
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
