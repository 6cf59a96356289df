"""Who catches what: the theorems of the catalogue at the zoo's instances, and checks where the catalogue has none.

A theorem's own check confronts its own statement with the subject; only the instances are the zoo's. A crash of the
subject catches nothing, nor does an instance that cannot be decided.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from backproof.referee.statistics import measure
from backproof.referee.zoo.instances import EVERYWHERE, SCALES, gated_at, net_at
from backproof.theory.arithmetic import Balls, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, agree, midpoints, truth
from backproof.theory.confronting.subject import Lacks, answer, offered
from backproof.theory.evaluation.truth import BITS
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.values import Case
from backproof.theory.nets.networks import Gated, Net, net
from backproof.theory.nets.unrolled import Unrolled
from backproof.theory.records.catalogue import theorem
from backproof.theory.records.records import Measurement
from backproof.theory.theorems.clipping._derivative import d
from backproof.theory.theorems.clipping._derivative import g as gradient
from backproof.theory.theorems.clipping._edges import Edge
from backproof.theory.theorems.clipping._rules import A, B, G, c, epsilon
from backproof.theory.theorems.gradients._truncation import K
from backproof.theory.theorems.spectra._matrices import Drawn
from backproof.theory.theorems.spectra._stacked import Kernel

Confront = Callable[[Any, str], Iterator[Comparison]]


@dataclass(frozen=True, kw_only=True)
class Check:
    """A theorem or a check of the zoo's own. ``confront`` takes a subject and a scale.

    ``reads`` names the subject's functions that it calls: where a fault replaces none of them, it need not run.
    """

    id: str
    confront: Confront = field(repr=False)
    reads: frozenset[str]
    scales: tuple[str, ...] = EVERYWHERE

    def catches(self, subject: Any, scale: str) -> bool:
        """Whether some comparison at that scale fails."""
        try:
            return any(not comparison.passes for comparison in self.confront(subject, scale))
        except (Undecided, Lacks):
            return False


def by_theorem(
    id: str, reads: str, instances: Callable[[str], list[Any]], scales: tuple[str, ...] = EVERYWHERE
) -> Check:
    """The theorem of that id at these instances; ``reads`` are names separated by spaces."""

    def confront(subject: Any, scale: str) -> Iterator[Comparison]:
        found = theorem(id)
        for instance in instances(scale):
            yield from found.check(found.statement, subject, instance)
        if found.measurement is not None:
            shown = measure(found.measurement, subject)
            yield truth(f"{shown.quantity} is {shown.estimate}", shown.shown)

    return Check(id=id, confront=confront, reads=frozenset(reads.split()), scales=scales)


def everywhere(instances: list[Any]) -> Callable[[str], list[Any]]:
    """Instances that have no scale."""
    return lambda scale: instances


def _small(scale: str) -> list[Net]:
    """For checks whose cost grows steeply with the size."""
    return [net_at(scale, units=3, steps=3, batch=1, words=3)]


def _plain(scale: str) -> list[Net]:
    """Nets whose loss is summed and not averaged, so that one step's loss can be read by itself."""
    return [net_at(scale, units=3, steps=3, batch=1, words=3).with_(reduction="sum")]


def _windowed(scale: str) -> list[NetWithValues]:
    return [NetWithValues(net, {K: 2}) for net in _small(scale)]


def _gated(kind: str, scale: str) -> list[Gated]:
    return [gated_at(kind, scale)]


NORMS: list[Any] = [
    Case({A: [[3, 0.5], [1, -2]], B: [[1], [-4]], epsilon: 1}),
    Case({A: [[3, 0.5], [1, -2]], B: [[1], [-4]], epsilon: 64}),
    Case({A: [[0, 0], [0, 0]], B: [[0], [0]], epsilon: 1}),
]
AT_ZERO: list[Any] = [
    Case({A: [[0, 0], [0, 0]], B: [[0], [0]], epsilon: 0}),
    Case({A: [[3, 0.5], [1, -2]], B: [[1], [-4]], epsilon: 0}),
    Case({A: [[3, 0.5], [1, -2]], B: [[1], [-4]], epsilon: 2}),
]
EDGES = [
    Edge(first=(3.0, 0.5), second=(-4.0,), threshold=t, entry=e) for t, e in ((-1.0, math.nan), (math.nan, math.inf))
]
DIFFERENTIATED = [Case({gradient: [[3 * x], [-4 * x]], d: [[1], [0.5]], epsilon: 2}) for x in (0, 0.25, 1)]
SQUARES_OVERFLOW = [Case({G: [[3 * x, 0], [0, -4 * x]], epsilon: 1.0}) for x in (2.0**600, 2.0**-600, 2.0**400)]
HALVES = [Case({G: [[300, 0], [0, -400]], epsilon: 1.0}), Case({G: [[3, 0], [0, -4]], epsilon: 1.0})]
VALUES = [Case({G: [[3, -1], [-1000, 0.5]], c: 2})]
TURNED = [Case({G: [[3], [-1]], c: 1})]
STARTS = [Drawn(size=size, seed=seed, haar=True) for size, seed in ((2, 0), (4, 1), (16, 2))]
KERNELS = [Kernel(seed=0, v=(3, -1)), Kernel(seed=1, v=(1, 2, -2), dtype="float32", tall=True)]
NORMAL = [Drawn(size=64, seed=seed) for seed in range(3)]

GRADIENTS = (
    "recurrent_weights",
    "input_weights",
    "output_weights",
    "hidden_bias",
    "output_bias",
    "initial_state",
    "softmax_cross_entropy",
)


def _start_scale(subject: Any, scale: str) -> Iterator[Comparison]:
    """U has entries of variance 1/m, for m inputs."""
    start = offered(subject, "init_params")
    shown = measure(
        Measurement(
            quantity="mean of m U_ij² at the start, for 4 units and m = 64 inputs",
            effect="1",
            seeds=20,
            sample=lambda _, seed: float(64 * np.mean(np.square(start(4, 64, 3, seed=seed)["U"]))),
            expected=(0.8, 1.2),
        ),
        subject,
    )
    yield truth(f"{shown.quantity} is {shown.estimate}", shown.shown)


EXACT = net(
    W=[[0.5, -1], [1, 0.5]],
    U=[[1, 0.5], [-0.5, 1]],
    V=[[1, -1], [0.5, 1]],
    b=[0.5, 0],
    h0=[[0.5, -0.5]],
    inputs=[[1, 0], [0.5, -1], [0.25, 1], [1, 1], [-1, 0.5]],
    targets=[[1, 0], [0, 1], [1, 1], [0, 0], [0.5, -0.5]],
    activation="relu",
    loss="squared_error",
)
"""A net whose numbers are short enough that float64 makes no rounding error in it."""


def _truncated(subject: Any, scale: str) -> Iterator[Comparison]:
    """∂L_t/∂θ keeps the steps after e(t) − window, where e(t) is the end of t's block: the loss of a net cut there."""
    for every, window in ((1, 1), (1, 3), (2, 2), (2, 3), (3, 5)):
        got = answer(subject, "truncated_gradients", EXACT, every=every, window=window)
        expected = _kept(every, window)
        for name, value in expected.items():
            yield agree(f"∂L/∂{name} every {every}, window {window}", got[name], value, np.zeros_like(value))


def _kept(every: int, window: int) -> dict[str, Any]:
    with precision(BITS):
        states = Unrolled(EXACT, Balls()).series["h"]
        total = {name: np.zeros_like(getattr(EXACT, name)) for name in ("W", "U", "V", "b", "c")}
        for late in range(1, EXACT.steps + 1):
            block = min(every * -(-late // every), EXACT.steps)
            early = max(0, block - window)
            start = midpoints(states[early])[0].T
            cut = EXACT.with_(h0=start, inputs=EXACT.inputs[early:late], targets=EXACT.targets[early:late])
            unrolled = Unrolled(cut, Balls())
            for name in total:
                share = midpoints(unrolled.loss_gradient((name, None), charged=late - early))[0]
                total[name] += share.reshape(total[name].shape)
    return total


def _tied(subject: Any, scale: str) -> Iterator[Comparison]:
    """Each member of a group gets the sum over its group; halves are added without rounding."""
    given = {"w1": np.array([[0.5, -1.0]]), "w2": np.array([[2.0, 0.25]]), "w3": np.array([[4.0, 1.0]])}
    for group in (("w1", "w2"), ("w1", "w2", "w3")):
        got = offered(subject, "tied_gradients")(dict(given), [group])
        for name, g in given.items():
            expected = sum(given[each] for each in group) if name in group else g
            yield agree(f"gradient of {name} tied in {group}", got[name], np.asarray(expected), np.zeros_like(g))


def once(id: str, reads: str, confront: Confront) -> Check:
    """A check that has no scale."""
    return Check(id=id, confront=confront, reads=frozenset([reads]), scales=(SCALES[0],))


def _checks() -> Iterator[Check]:
    for id in GRADIENTS:
        yield by_theorem(f"gradients/{id}", "gradients", lambda scale: [net_at(scale)])
    yield by_theorem("gradients/adjoint_recursion", "contributions", lambda scale: [net_at(scale, batch=1)])
    yield by_theorem("gradients/one_hot_loss", "loss", _plain)
    yield by_theorem("gradients/sum_over_losses", "gradients", _small)
    yield by_theorem("gradients/sum_over_earlier_steps", "gradients contributions_by_distance", _small)
    yield by_theorem("gradients/tied_weights", "gradients", _small)
    yield by_theorem("gradients/truncated", "gradients truncated_gradients", _windowed, SCALES)
    for cell in ("lstm", "gru"):
        yield by_theorem(f"gated/{cell}_gradients", f"{cell}_gradients", partial(_gated, cell), SCALES)
    for id in ("step_jacobian", "product_of_steps"):
        yield by_theorem(f"jacobians/{id}", "jacobian_products", _small, SCALES)
    for id, function, cases in (
        ("clipping/by_norm", "clip_by_norm", NORMS),
        ("clipping/overflow", "clip_by_norm", SQUARES_OVERFLOW),
        ("clipping/half_precision", "clip_by_norm", HALVES),
        ("clipping/zero_threshold", "clip_by_norm", AT_ZERO),
        ("clipping/grouping", "clip_by_norm", NORMS),
        ("clipping/edges", "clip_by_norm", EDGES),
        ("clipping/derivative", "clip_by_norm_derivative", DIFFERENTIATED),
        ("clipping/by_value", "clip_by_value", VALUES),
        ("clipping/by_value_turns", "clip_by_value", TURNED),
        ("spectra/qr_initialisation", "orthogonal_init", STARTS),
        ("spectra/haar", "orthogonal_init", [0]),
        ("spectra/either_orientation", "orthogonal_init", [0]),
        ("spectra/semi_orthogonal", "semi_orthogonal_init", KERNELS),
        ("spectra/stacked_orthogonal", "orthogonal_init", KERNELS),
        ("spectra/random_normal", "normal_init", NORMAL),
    ):
        yield by_theorem(id, function, everywhere(cases), (SCALES[0],))
    yield once("truncation in blocks", "truncated_gradients", _truncated)
    yield once("tied gradients", "tied_gradients", _tied)
    yield once("scale of the start", "init_params", _start_scale)


CHECKS: Mapping[str, Check] = {check.id: check for check in _checks()}
"""Every check by its id; an id with a slash is that of a theorem."""
