"""What a training loop notices: gradients that leave the range of floats, and gradients that vanish with distance.

``alarm`` is 1 where it rings. A subject rings through its training loop. Without a subject, the bell is the one that
the derived equations give: evaluated in float64 as they are written, they ring where something is not finite, or where
the share that comes from far away, added up in floats, is small.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sympy import Eq, Max, Symbol

from backproof.theory.arithmetic import Balls, Floats, Undecided, precision
from backproof.theory.confronting.comparison import Comparison, truth
from backproof.theory.confronting.subject import offered
from backproof.theory.evaluation import Environment, evaluate
from backproof.theory.evaluation.relations import holds
from backproof.theory.evaluation.truth import BITS, decide
from backproof.theory.instances.net_with_values import NetWithValues
from backproof.theory.instances.strategies import arrays, nets, signed_permutations
from backproof.theory.language.functions import z
from backproof.theory.language.nodes import Contribution, InFloats, JointNorm, LargestEntry, LossGradient, StepSum
from backproof.theory.language.notation import PARAMETERS, T, U, W, b, h, k
from backproof.theory.language.relations import all_of, parts
from backproof.theory.nets.networks import Net, net
from backproof.theory.nets.rounding import tolerances
from backproof.theory.nets.unrolled import Unrolled

alarm = Symbol("alarm", integer=True, nonnegative=True)
Omega = Symbol("Omega", positive=True)  # the largest float64
d, tau = Symbol("d", integer=True, nonnegative=True), Symbol("tau", positive=True)
LARGEST_FLOAT = float(np.finfo(np.float64).max)
largest = Max(*(LargestEntry(LossGradient(q)) for q in (*PARAMETERS.values(), h[0])))
"""The largest entry of the gradient, of every parameter and of h_0."""

_step = JointNorm(*(Contribution(q, T, k) for q in (W, U, b)))
far, whole = StepSum(_step, k, 1, T - d), StepSum(_step, k, 1, T)
"""What the steps from distance d on contribute to the gradient of the last loss, and what all do, in norms."""


def explodes(subject: Any, instance: Net) -> tuple[bool, bool]:
    """Whether the subject's training loop reports an explosion at once, and whether what it keeps is finite."""
    run = offered(subject, "train")(
        instance.parameters,
        [(instance.inputs, instance.targets)],
        gradients=lambda *batch: offered(subject, "loss_and_gradients")(*batch, **instance.settings),
        optimiser=offered(subject, "SGD")(rate=2.0**-10),
        steps=1,
    )
    return run.explosion is not None, all(bool(np.all(np.isfinite(theta))) for theta in run.params.values())


def not_finite(instance: Net) -> bool:
    """Whether the derived equations, evaluated in float64, leave the range of floats."""
    with np.errstate(all="ignore"):
        gradients = Unrolled(instance, Floats()).backward()
        return not all(bool(np.all(np.isfinite(value))) for value in gradients.values())


def heard(statement: Any, instance: Net) -> bool | None:
    """Decide a statement about the alarm that the derived equations ring in float64."""
    return _with_alarm(statement, instance, not_finite(instance))


def _with_alarm(statement: Any, instance: Net, rings: bool) -> bool | None:
    return decide(statement.subs(alarm, int(rings)), NetWithValues(instance, {Omega: LARGEST_FLOAT}))


def reported(statement: Any, subject: Any, instance: Net) -> Iterator[Comparison]:
    """The statement with the alarm of the subject's training loop, which must hand on nothing that is not finite."""
    rings, finite = explodes(subject, instance)
    yield truth("the parameters stay finite", finite)
    yield truth(f"{statement} where the alarm is {int(rings)}", _with_alarm(statement, instance, rings))


def nothing_cancels(instance: Net) -> bool:
    """Whether every sum of a net at rest has one term at most: no row or column of W or V with two entries not 0."""
    still = not (np.any(instance.inputs) or np.any(instance.b) or np.any(instance.h0))
    entries = [np.asarray(matrix) != 0 for matrix in (instance.W, instance.V)]
    single = all(np.all(found.sum(axis=axis) <= 1) for found in entries for axis in (0, 1))
    return bool(still and single and instance.phi.expression.subs(z, 0) == 0)


@st.composite
def growing_nets(draw: Any, least: int = 1) -> Net:
    """Nets at rest, h = 0, whose adjoints grow by a power of two a step: exact in floats until they leave the range."""
    units, steps = draw(st.integers(1, 2)), draw(st.integers(least, 5))
    weight = 2.0 ** draw(st.sampled_from([0, -3, 1, 100, 300, 600, 1000]))
    targets = draw(st.lists(st.integers(0, 1), min_size=steps - 1, max_size=steps - 1))
    return net(
        W=draw(signed_permutations(units)) * weight,
        V=np.eye(2, units),
        inputs=[[0] * units] * steps,
        targets=[*targets, 0],
        activation=draw(st.sampled_from(["identity", "tanh"])),
    )


def evaluated(statement: Any, instance: Net) -> bool | None:
    """Decide a conjunction in which formulas in ``InFloats`` are evaluated in float64: only NaN differs from itself."""
    verdicts = []
    for part in parts(statement):
        formulas = part.atoms(InFloats)
        if not formulas:
            verdicts.append(decide(part, NetWithValues(instance, {Omega: LARGEST_FLOAT})))
            continue
        with np.errstate(all="ignore"):
            here = next(instance.environments(Floats(), part))
            left, right = (_in_floats(side, here) for side in part.args)
        same = bool(np.array_equal(left, right))
        verdicts.append(same if isinstance(part, Eq) else not same)
    return all_of(verdicts)


def _in_floats(side: Any, environment: Any) -> Any:
    return evaluate(side.args[0] if isinstance(side, InFloats) else side, Floats(), environment)


def not_passed_on(statement: Any, subject: Any, instance: Net) -> Iterator[Comparison]:
    """The statement about the naive evaluation; and where that is not finite, the subject reports and keeps nothing."""
    yield truth(str(statement), evaluated(statement, instance))
    rings, finite = explodes(subject, instance)
    yield truth("what is not finite is reported, and not passed on", finite and rings == not_finite(instance))


def monitored(statement: Any, subject: Any, instance: NetWithValues) -> Iterator[Comparison]:
    """The statement with the alarm of a monitor that the subject's training loop carries."""
    watched, distance, least = instance.net, int(instance.values[d]), float(instance.values[tau])
    run = offered(subject, "train")(
        watched.parameters,
        [(watched.inputs, watched.targets)],
        gradients=offered(subject, "loss_and_gradients"),
        optimiser=offered(subject, "SGD")(rate=2.0**-10),
        steps=1,
        monitor=offered(subject, "VanishingMonitor")(distance=distance, below=least),
    )
    (reach,) = run.reaches
    with precision(BITS):
        here = _bound(instance, Balls())
        part, total = (evaluate(sum_, Balls(), here) for sum_ in (far, whole))
        ratio = float(part / total) if total > 0 else 0.0
    tolerances(watched)  # undecided if rounding moves a slope by more than √u
    if abs(ratio - least) <= 2.0**-20 * least:
        raise Undecided("the share is too close to the threshold to say what a float must say")
    yield truth(f"{statement} where the alarm is {int(reach.vanishing)}", _watched(statement, here, reach.vanishing))


def felt(statement: Any, instance: NetWithValues) -> bool | None:
    """Decide a statement about the alarm that the derived equations ring in float64."""
    here = _bound(instance, Floats())
    part, total = (float(evaluate(sum_, Floats(), here)) for sum_ in (far, whole))
    rings = part <= float(instance.values[tau]) * total
    with precision(BITS):
        return _watched(statement, _bound(instance, Balls()), rings)


def _watched(statement: Any, environment: Environment, rings: bool) -> bool | None:
    with precision(BITS):
        return holds(statement.subs(alarm, int(rings)), Balls(), environment)


def _bound(instance: NetWithValues, arithmetic: Any) -> Any:
    (environment,) = instance.net.environments(arithmetic, Eq(0, 0, evaluate=False))
    environment[d], environment[tau] = int(instance.values[d]), arithmetic.number(float(instance.values[tau]))
    return environment


@st.composite
def watched_nets(draw: Any) -> NetWithValues:
    """Nets of tanh with cross-entropy, a distance within the text, and a threshold on the share from there on."""
    drawn = draw(
        nets(
            activations=("tanh",),
            losses=("cross_entropy",),
            regimes=("plain", "near the unit circle", "non-normal"),
            units=(1, 2),
            steps=(2, 3),
            batch=(1, 1),
            reductions=("sum",),
        )
    )
    classes = draw(st.lists(st.integers(0, 1), min_size=drawn.steps, max_size=drawn.steps))
    drawn = drawn.with_(
        W=drawn.W * draw(st.sampled_from([1.0, 0.125])),
        V=draw(arrays(2, drawn.sizes[2])),
        c=draw(arrays(2)),
        targets=np.array(classes)[:, None],
    )
    threshold = draw(st.sampled_from([0.3, 0.1, 0.03, 0.003]))
    return NetWithValues(drawn, {d: draw(st.integers(1, drawn.steps - 1)), tau: threshold})
