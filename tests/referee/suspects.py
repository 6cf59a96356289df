"""Where a wrong gradient goes wrong on its way back, and which fault of the zoo it looks like.

Both need two functions of a subject and no more. Counterexamples are shrunk until they are too small to tell faults
apart, so a net without zeros is asked first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backproof.referee.diagnosis import counted_back
from backproof.referee.oracles import balls
from backproof.theory.arithmetic import Undecided
from backproof.theory.confronting.subject import Lacks, answer
from backproof.theory.nets.networks import Net
from backproof.theory.nets.rounding import tolerances


def telling(net: Net, subject: Any) -> Net:
    """A net of 3 units, 4 steps and 2 sequences with the settings of this one, and no entry that is 0."""
    random = np.random.default_rng(4)
    T, B, n, m, p = 4, 2, 3, 2, 3
    shapes = {"W": (n, n), "U": (n, m), "V": (p, n), "b": (n,), "c": (p,), "h0": (B, n), "inputs": (T, B, m)}
    arrays = {name: 0.8 * random.normal(size=shape) for name, shape in shapes.items()}
    arrays |= {name: np.zeros(shapes[name]) for name in getattr(subject, "without", ())}
    classes = net.charged.classes
    targets = random.integers(0, p, size=(T, B)) if classes else random.normal(size=(T, B, p))
    return net.with_(**arrays, targets=targets, mean_divisor=1)


def suspects(net: Net, subject: Any) -> list[str]:
    """Sentences on a subject whose gradients are wrong at this net: the step and the fault, where they can be told."""
    found = []
    for say in (first_wrong_step, likeness):
        try:
            text = say(telling(net, subject), subject) or say(net, subject)
        except (Lacks, Undecided, ArithmeticError, ImportError):
            continue
        found += [text] if text else []
    return found


def first_wrong_step(net: Net, subject: Any) -> str:
    """From which step on, going back, the adjoints ∂L/∂a_t are wrong; empty if every gradient is right.

    Inputs that mark their step, and weights of 0 for them, change nothing in the net; but the gradient of those weights
    is ∂L/∂a_t, a column for each step.
    """
    T, B, n, m, _ = net.sizes
    marks = np.broadcast_to(np.eye(T)[:, None, :], (T, B, T))
    marked = net.with_(U=np.hstack([net.U, np.zeros((n, T))]), inputs=np.concatenate([net.inputs, marks], axis=2))
    got = answer(subject, "gradients", marked)
    bounds = tolerances(marked).gradients
    off = {name: np.abs(np.asarray(got[name]) - balls(marked, name).value) for name in ("W", "U")}
    wrong = {name: ~(off[name] <= 2 * bounds[name]) for name in off}
    columns = np.flatnonzero(wrong["U"][:, m:].any(axis=0))
    if columns.size:
        step = int(columns[-1]) + 1
        back = T - step
        return f"In a net of {T} steps, going back, ∂L/∂a_t is wrong from {counted_back(back)} on (t = {step})."
    if wrong["W"].any() or wrong["U"].any():
        return f"In a net of {T} steps ∂L/∂a_t is right at every step: the error is in what it is multiplied with."
    return ""


def likeness(net: Net, subject: Any) -> str:
    """The faults of the zoo that give the same gradients."""
    from backproof.referee.zoo import FAULTS, looks_like

    found = looks_like(net, subject)
    said = " or ".join(f"{name!r} ({FAULTS[name].what.rstrip('.')})" for name in found)
    return f"It looks like the fault {said}." if found else ""
