"""What is wrong with a gradient: another loss, a wrong derivative of the right loss, or only a noisy oracle.

The certified gradient and its rounding bound say *that* a subject disagrees. To say *why*, its loss is compared with
ours, and its gradient with differences of its own loss, which know nothing of our formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.referee.oracles import DOUBLE, ORACLES, Array, Estimate, Oracle, differentiate, loss_of
from backproof.referee.reference import Reference
from backproof.theory.arithmetic import Approximate, Balls, Rounded, Undecided, precision
from backproof.theory.confronting.comparison import midpoints
from backproof.theory.confronting.subject import Lacks, answer
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.truth import BITS
from backproof.theory.language.notation import PARAMETERS, alpha, h, t, x
from backproof.theory.nets.cells import ELMAN
from backproof.theory.nets.networks import NAMES, Net
from backproof.theory.nets.rounding import tolerances
from backproof.theory.nets.unrolled import Unrolled

Oracles = Mapping[str, Oracle]

WITNESSES = ("forward mode", "mpmath", "complex step")
"""Oracles that are asked whether the reference itself can be trusted."""


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """Why one parameter's gradient is wrong, at the entry that is furthest beyond its bound.

    ``cause`` is "noisy oracle", "low precision", "another network" or "wrong gradient"; ``because`` gives the evidence.
    ``entry`` is None, and ``times`` infinite, if there is no gradient of the right shape to compare.
    """

    parameter: str
    entry: tuple[int, ...] | None
    got: float
    expected: float
    times: float
    cause: str
    because: str

    def __str__(self) -> str:
        """The findings as one paragraph."""
        place = "" if self.entry is None else f"[{', '.join(map(str, self.entry))}]"
        numbers = f"is {self.got:.17g}, expected {self.expected:.17g}: {self.times:.3g} times the derived bound"
        return f"∂L/∂{self.parameter}{place} {numbers if self.entry is not None else 'is missing'}. {self.because}"


def explain(net: Net, subject: Any) -> str:
    """The diagnoses as text, or that there are none."""
    try:
        found = diagnose(net, subject)
    except Undecided as undecided:
        return f"Nothing can be said at this precision: {undecided}."
    return "\n".join(map(str, found)) or "Every gradient agrees with the reference within its rounding bound."


def diagnose(net: Net, subject: Any, oracles: Oracles = ORACLES) -> list[Diagnosis]:
    """A diagnosis for each parameter whose gradient leaves its bound, or of which the oracles cannot tell.

    Raises
    ------
    Undecided
        If the net is too ill-conditioned for a bound in float64.
    """
    bounds = tolerances(net).gradients
    gradients = answer(subject, "gradients", net)
    found = []
    for name in NAMES:
        got, shape = gradients.get(name), getattr(net, name).shape
        if got is None or np.shape(got) != shape:
            found.append(_misshapen(name, got, shape))
        else:
            found.extend(_Case(net, subject, name, gradients, bounds[name], oracles).diagnoses())
    return found


def _misshapen(name: str, got: Any, shape: tuple[int, ...]) -> Diagnosis:
    nan = float("nan")
    return Diagnosis(
        parameter=name,
        entry=None,
        got=nan,
        expected=nan,
        times=float("inf"),
        cause="wrong gradient",
        because=f"Expected an array of shape {shape}, got {'none' if got is None else np.shape(got)}.",
    )


class _Case:
    """The gradient of one parameter against the reference."""

    def __init__(
        self,
        net: Net,
        subject: Any,
        name: str,
        gradients: Mapping[str, Any],
        bound: Array,
        oracles: Mapping[str, Oracle],
    ) -> None:
        self.net, self.subject, self.name, self.bound, self.oracles = net, subject, name, bound, oracles
        self.gradients, self.got = gradients, np.asarray(gradients[name], dtype=np.float64)
        self.reference = oracles["balls"](net, name)
        excess = Estimate(self.reference.value, bound + self.reference.error).excess(self.got)
        self.entry = tuple(int(i) for i in np.unravel_index(int(np.argmax(excess)), self.got.shape))
        self.times = float(excess[self.entry])

    def diagnoses(self) -> list[Diagnosis]:
        """None if the gradient is where it should be."""
        blurred = self.reference.error > np.maximum(self.bound, DOUBLE.tiny)
        if not self.times > 1 and not blurred.any():
            return []
        cause, because = self.cause()
        return [
            Diagnosis(
                parameter=self.name,
                entry=self.entry,
                got=float(self.got[self.entry]),
                expected=float(self.reference.value[self.entry]),
                times=self.times,
                cause=cause,
                because=because,
            )
        ]

    def cause(self) -> tuple[str, str]:
        """The first explanation that has evidence."""
        explanations = (self.noisy_oracle, self.low_precision, self.another_network, self.own_loss)
        return next((found for found in (explain() for explain in explanations) if found), ("wrong gradient", ""))

    def noisy_oracle(self) -> tuple[str, str] | None:
        """The reference is too coarse, or another oracle contradicts it."""
        blur = float(self.reference.error[self.entry])
        if not self.times > 1:
            return "noisy oracle", f"The reference itself is known to {blur:.3g} only; nothing can be said."
        value = float(self.reference.value[self.entry])
        for witness in WITNESSES:
            other = self.oracles[witness](self.net, self.name)
            if abs(float(other.value[self.entry]) - value) > float(other.error[self.entry]) + blur:
                theirs = float(other.value[self.entry])
                return "noisy oracle", f"The oracles disagree: {witness} says {theirs:.17g}; nothing can be said."
        return None

    def low_precision(self) -> tuple[str, str] | None:
        """Most entries of all gradients are off, and none by more than float32 would be."""
        try:
            double, single = (tolerances(self.net, dtype).gradients for dtype in (np.float64, np.float32))
        except Undecided:
            return None
        wrong: list[bool] = []
        for name in NAMES:
            off = np.abs(np.asarray(self.gradients.get(name, np.nan)) - self.oracles["balls"](self.net, name).value)
            if not np.all(off <= single[name]):
                return None
            wrong.extend((off > double[name])[single[name] > np.finfo(np.float32).tiny])
        if 2 * sum(wrong) <= len(wrong):
            return None
        text = "Every gradient is as far off as float32 would put it: something inside runs in single precision."
        return "low precision", text

    def another_network(self) -> tuple[str, str] | None:
        """The subject's loss at this very instance is not ours."""
        try:
            theirs = loss_of(self.subject)(self.net)
        except (Lacks, ArithmeticError):
            return None
        (ours,) = Reference.of(self.net)
        try:
            found = ours.compare_loss(theirs)
        except Undecided:
            return None
        if found.passes:
            return None
        return (
            "another network",
            f"The subject's loss is {theirs:.17g}, ours {ours.loss:.17g}, {found.margin:.3g} times the derived bound "
            "away: it differentiates another network.",
        )

    def own_loss(self) -> tuple[str, str]:
        """The gradient against differences of the subject's own loss."""
        where = _first_wrong_step(self.net, self.subject, self.name)
        try:
            slope, error = differentiate(self.net, self.name, self.entry, loss_of(self.subject))
        except Lacks:
            return "wrong gradient", f"The subject offers no loss to compare with. {where}"
        got, expected = float(self.got[self.entry]), float(self.reference.value[self.entry])
        fits, right = abs(got - slope) <= error, abs(expected - slope) <= error
        if fits and not right:
            text = "It is the derivative of the subject's own loss, which is ours only at this instance"
            return "another network", f"{text}: its differences give {slope:.17g} ± {error:.1e}."
        if fits:
            text = f"Differences of the subject's own loss, ± {error:.1e}, are too coarse to see it; exact oracles do."
        else:
            text = f"Differences of the subject's own loss give {slope:.17g} ± {error:.1e}: the gradient is wrong."
        return "wrong gradient", f"{text} {where}".strip()


def _first_wrong_step(net: Net, subject: Any, name: str) -> str:
    """From which step on, going backward, the subject's shares of a gradient leave their bounds."""
    if name not in ("W", "U", "b") or not callable(getattr(subject, "contributions", None)):
        return ""
    shares = answer(subject, "contributions", net)[name]
    for step in range(net.steps, 0, -1):
        value, bound = _share(net, name, step)
        if not np.all(np.abs(np.reshape(shares[step - 1], value.shape) - value) <= bound):
            return f"Going back, it is wrong from step {step} on, {counted_back(net.steps - step)}."
    return "The shares of the steps are all right, so the error is in how they are put together."


def counted_back(steps: int) -> str:
    """So many steps before the last, in words."""
    return "the last step" if steps == 0 else f"{steps} step{'s' * (steps > 1)} before the last"


def _share(net: Net, name: str, step: int) -> tuple[Array, Array]:
    """One step's share of a gradient, and its rounding bound."""
    summand = ELMAN.adjoint.gradients[PARAMETERS[name]]
    total: Any = 0.0
    bound: Any = 0.0
    for one in net.sequences():
        with precision(BITS):
            exact = Unrolled(one, Balls())
            near, rest, radius = midpoints(evaluate(summand, Balls(), exact.environment.bound(t, step)))
            adjoint, state = (midpoints(exact.series[q][s])[0] for q, s in (("alpha", step), ("h", step - 1)))
        allowed, arithmetic = tolerances(one), Rounded(DOUBLE)
        values = {
            alpha[t]: Approximate(adjoint, allowed.per_step[step - 1][:, None], DOUBLE),
            h[t - 1]: Approximate(state, allowed.hidden[step - 1][:, None], DOUBLE),
            x[t]: arithmetic.matrix(one.inputs[step - 1].T),
        }
        total = total + near
        rounded = evaluate(summand, arithmetic, Environment(values)).radius
        bound = bound + np.abs(rest) + radius + rounded + net.sizes[1] * DOUBLE.unit * np.abs(near)
    return np.asarray(total), np.asarray(bound)
