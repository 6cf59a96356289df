"""The LRU's pairs of real columns against code in complex numbers, right and with the mistakes that such code has."""

import numpy as np
import pytest

from backproof import WrongGradient, gradcheck
from backproof.theory.cells import lru

CELL = lru.CELL


def in_complex_numbers(
    *, back=np.conj, seen=np.conj, readout=np.conj, turned=np.exp, normalised=True, outer=np.asarray
):
    """The backward pass of an LRU: an adjoint is ∂L by the real part + i ∂L by the imaginary part.

    ``back`` is what becomes of λ on the way back, ``seen`` of the state in the gradient by λ, ``readout`` of C;
    ``turned`` is the slope of the angle, ``outer`` what becomes of γ δ xᵀ; γ is a function of ν, or held fixed.
    """

    def gradients(P, inputs, upstream, last):
        lam = np.exp(-np.exp(P["nu"]) + 1j * np.exp(P["theta"]))
        gamma = np.sqrt(-np.expm1(-2 * np.exp(P["nu"])))
        B, C = P["B"] + 1j * P["E"], P["C"] + 1j * P["F"]
        states, driven = [P["r0"] + 1j * P["i0"]], inputs @ B.T
        for step in driven:
            states.append(lam * states[-1] + gamma * step)
        delta = last.get("r", 0 * P["r0"]) + 1j * last.get("i", 0 * P["i0"])
        found = {name: np.zeros_like(array) for name, array in P.items()} | {"inputs": upstream * P["d"]}
        by_lam, by_gamma = 0, 0
        for t in reversed(range(len(inputs))):
            delta = delta + upstream[t] @ readout(C)
            by_lam = by_lam + (delta * seen(states[t])).sum(axis=0)
            by_gamma = by_gamma + (np.conj(delta) * driven[t]).real.sum(axis=0)
            share = outer((gamma * delta).T @ inputs[t])
            found["B"], found["E"] = found["B"] + share.real, found["E"] + share.imag
            found["C"] += upstream[t].T @ states[t + 1].real
            found["F"] -= upstream[t].T @ states[t + 1].imag
            found["d"] += (upstream[t] * inputs[t]).sum(axis=0)
            found["inputs"][t] += (np.conj(gamma * delta) @ B).real
            delta = back(lam) * delta
        found["nu"] = -(np.conj(by_lam) * lam).real * np.exp(P["nu"])
        if normalised:
            found["nu"] += by_gamma * np.exp(P["nu"]) * np.abs(lam) ** 2 / gamma
        found["theta"] = (np.conj(by_lam) * 1j * lam).real * turned(P["theta"])
        return found | {"r0": delta.real, "i0": delta.imag}

    return gradients


def test_code_in_complex_numbers_is_right():
    gradcheck(in_complex_numbers(), CELL)


WRONG = {
    "λ for its conjugate on the way back": ({"back": np.asarray}, "∂L/∂[ri]0"),
    "the state for its conjugate in the gradient by λ": ({"seen": np.asarray}, "∂L/∂(nu|theta)"),
    "C for its conjugate": ({"readout": np.asarray}, "∂L/∂[BE]"),
    "the angle as it stands": ({"turned": np.ones_like}, "∂L/∂theta"),
    "γ as a constant": ({"normalised": False}, "∂L/∂nu"),
    "the conjugate of the gradient by B, as JAX has it": ({"outer": np.conj}, "∂L/∂E"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_conjugate_that_is_missing_or_too_many_is_seen(what):
    changed, where = WRONG[what]
    with pytest.raises(WrongGradient, match=where):
        gradcheck(in_complex_numbers(**changed), CELL)
