"""Diagonal recurrences s_t = d_t ∘ s_{t-1} + w_t as an associative scan (Blelloch 1990): log T rounds for T steps.

Two steps in a row are one of the same kind, (d', w') ∘ (d, w) = (d' d, d' w + w'), whichever way they are bracketed.
Neighbours are taken together, the scan of half the length gives every second state, and one more step the others.
Back in time the adjoint λ_t = δ_t + d_{t+1} ∘ λ_{t+1} is a scan of the same kind.

From s_0 = 8 with halves for decays, 8/2 + 1 = 5, 5/2 + 2 = 4.5 and 4.5/2 + 4 = 6.25:

>>> scan(np.array([0.5, 0.5, 0.5]), np.array([1.0, 2.0, 4.0]), np.array(8.0)).tolist()
[5.0, 4.5, 6.25]
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backproof.impl.arrays import Array, unwarned
from backproof.impl.cell import Cell, Diagonal, Linear, Run, Values
from backproof.impl.checks import checked_instance, checked_name


@unwarned
def scan(decays: Array, writes: Array, first: Array) -> Array:
    """Return s_1 … s_T (T,…) from d and w (T,…) and s_0 (…), in parallel.

    A term w_k d_{k+1} ⋯ d_t of s_t is rounded at most T + 2⌈log₂ T⌉ + 1 times, so that s_t is off by at most as many
    roundoffs of Σ_k |w_k d_{k+1} ⋯ d_t|.
    """
    begun = writes.copy()
    begun[0] += decays[0] * first
    return _from_zero(decays, begun)


def _from_zero(d: Array, w: Array) -> Array:
    """The scan from s_0 = 0."""
    if len(d) == 1:
        return w
    left, right = slice(None, -1, 2), slice(1, None, 2)
    states = np.empty_like(w)
    states[right] = _from_zero(d[right] * d[left], d[right] * w[left] + w[right])
    states[0] = w[0]
    states[2::2] = d[2::2] * states[1:-1:2] + w[2::2]
    return states


def diagonal_cell(name: str, of: Diagonal, linear: tuple[Linear, ...], *, size: str, output: str | None = None) -> Cell:
    """The cell of a diagonal recurrence, run step by step; `size` is the letter of its state's and output's size."""
    checked_instance("of", of, Diagonal)
    checked_name("size", size, letter=True)
    state, result = of.state, of.state if output is None else output

    def forward(w: Values, s: Values) -> Values:
        found = dict(of.coefficients(w, s))
        found[state] = found["decay"] * s[f"{state}_before"] + found["write"]
        return found if of.emit is None else found | dict(of.emit({**s, **found}))

    def back(w: Values, s: Values, d: Values) -> tuple[Values, Values]:
        lam = d[state] if of.read is None else d[state] + of.read(s, d[result])
        return {state: s["decay"] * lam}, of.pull(w, s, lam, d[result])

    return Cell(
        name=name,
        states={state: size},
        linear=linear,
        forward=forward,
        back=back,
        output=result,
        width=size,
        diagonal=of,
    )


def in_parallel(cell: Cell) -> Cell:
    """The cell with all its steps taken at once, by `scan`; ValueError for one that has no diagonal recurrence."""
    if checked_instance("cell", cell, Cell).diagonal is None:
        raise ValueError(f"{cell.name}: its steps cannot be taken in parallel, for it has no diagonal recurrence")
    return replace(cell, scanned=True)


def scanned_forward(run: Run) -> None:
    """Fill in the values of a run, all steps at once; those after the end of a sequence are 0."""
    of, values = _diagonal(run.cell), run.values
    values |= of.coefficients(run.weights, values)
    states = run.states[of.state]
    states[1:] = scan(values["decay"], values["write"], states[0])
    if of.emit is not None:
        values |= of.emit(values)
    _blank_after_the_end(run, run.output)


def scanned_back(run: Run, upstream: Array, after: dict[str, Array]) -> dict[str, Array]:
    """Return the adjoints (T,B,…) by name, and leave in `after` what is handed back to the first state (B,n)."""
    of, values = _diagonal(run.cell), run.values
    come = upstream.copy()
    _blank_after_the_end(run, come)
    delta = come.copy() if of.read is None else of.read(values, come)
    delta[run.ends - 1, np.arange(run.active[0])] += after[of.state]
    # λ_T has nothing after it: any decay does, for it multiplies 0.
    later = np.concatenate([values["decay"][1:], values["decay"][:1]])
    lam = scan(later[::-1], delta[::-1], np.zeros_like(delta[0]))[::-1]
    after[of.state] = values["decay"][0] * lam[0]
    return dict(of.pull(run.weights, values, lam, come))


def _diagonal(cell: Cell) -> Diagonal:
    assert cell.diagonal is not None  # `in_parallel` has seen to it
    return cell.diagonal


def _blank_after_the_end(run: Run, sequence: Array) -> None:
    for t, k in enumerate(run.active):
        sequence[t, k:] = 0
