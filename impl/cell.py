"""A recurrent cell as an object: what it needs, one step forward, one step back.

Everything else is said once, elsewhere: `backproof.impl.through_time` runs any cell over time, `backproof.impl.stacks`
over layers, directions and lengths, and sums over time and batch follow from what the cell says of its products.

Quantities of a step have names. A step forward sees

    x                    the input x_t (B,m)
    q_before             each state q_{t-1}
    masks                what else the step is given, by name
    the input products   what x is multiplied into, biases beside it included, taken for all steps ahead

and returns every state, the output, and whatever the way back needs. A step back sees all of these, and returns what
it hands back to each state, and the adjoint of each quantity that a product goes into.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from backproof.impl.arrays import Array, Integers
from backproof.impl.checks import (
    checked_callable,
    checked_flag,
    checked_instance,
    checked_mapping,
    checked_name,
    checked_text,
    checked_words,
    kind_of,
)
from backproof.impl.sums import outer, total

Values = Mapping[str, Array]


@dataclass(frozen=True, kw_only=True)
class Linear:
    """A product in the equations: the parameters `stacks`, one below the other, times `by`, go into `into`.

    `shape` has a letter for each size: "nm" for matrices, "n" for a vector, which multiplies entry by entry or, where
    `by` is None, is added. The cell finds the stacked array under `name`. `skew`: a matrix W that stands for W - Wᵀ.
    """

    name: str
    stacks: tuple[str, ...]
    shape: str
    into: str
    by: str | None = None
    skew: bool = False

    def __post_init__(self) -> None:
        for argument in ("name", "shape", "into"):
            checked_name(argument, getattr(self, argument))
        for name in checked_words("stacks", self.stacks, at_least=1):
            checked_name("stacks", name)
        if not self.shape.isalpha() or len(self.shape) > 2:
            raise ValueError(f"shape: expected one letter or two, got {self.shape!r}")
        if self.by is not None:
            checked_name("by", self.by)
        checked_flag("skew", self.skew)

    def stacked(self, arrays: Values) -> Array:
        """Return the array (k·n, …) that stands in the equations, from k parameters."""
        if len(self.stacks) > 1:
            return np.concatenate([arrays[name] for name in self.stacks])
        weight = arrays[self.stacks[0]]
        return weight - weight.T if self.skew else weight

    def times(self, weight: Array, z: Array) -> Array:
        """Return the product with z (…,m)."""
        product: Array = z @ weight.T if weight.ndim == 2 else z * weight
        return product

    def handed_back(self, weight: Array, alpha: Array) -> Array:
        """Return ∂L/∂z (…,m) from the adjoint α (…,k·n) of the product."""
        back: Array = alpha @ weight if weight.ndim == 2 else alpha * weight
        return back

    def gradients(self, alpha: Array, values: Values) -> dict[str, Array]:
        """Return ∂L/∂θ for each parameter from α (T,B,k·n) and the values (T,B,…) of the run, by their names."""
        if self.by is None:
            found = total(alpha)
        elif len(self.shape) == 1:
            found = total(alpha * values[self.by])
        else:
            found = outer(alpha, values[self.by])
        if self.skew:
            found = found - found.T
        size = len(found) // len(self.stacks)
        return {name: found[j * size : (j + 1) * size] for j, name in enumerate(self.stacks)}


def affine(gates: str, *, by: str = "h_before", reads: str = "n") -> tuple[Linear, ...]:
    """The products of a^j = W_j z + U_j x + b_j for the gates j, stacked, with z (`reads`,) the quantity `by`.

    For gates "zr" they are W_zr, U_zr and b_zr, and go into a_zr; for no gate at all W, U and b go into a.
    """
    checked_text("gates", gates)
    checked_name("by", by)
    checked_name("reads", reads, letter=True)
    end = f"_{gates}" if gates else ""

    def linear(kind: str, shape: str, by: str | None) -> Linear:
        stacks = tuple(f"{kind}_{gate}" for gate in gates) or (kind,)
        return Linear(name=f"{kind}{end}", stacks=stacks, shape=shape, into=f"a{end}", by=by)

    return linear("W", f"n{reads}", by), linear("U", "nm", "x"), linear("b", "n", None)


def by_gate(letters: str, stacked: Array) -> dict[str, Array]:
    """Return views (…,n) of a stacked array (…,G·n), by the letters of the gates.

    >>> {letter: view.shape for letter, view in by_gate("zrn", np.arange(12.0).reshape(1, 1, 12)).items()}
    {'z': (1, 1, 4), 'r': (1, 1, 4), 'n': (1, 1, 4)}
    """
    n = stacked.shape[-1] // len(letters)
    return {letter: stacked[..., j * n : (j + 1) * n] for j, letter in enumerate(letters)}


@dataclass(frozen=True, kw_only=True, eq=False)
class Diagonal:
    """A state s_t = d_t ∘ s_{t-1} + w_t whose coefficients read inputs alone, so that steps may be taken in parallel.

    Every function takes one step (B,…) or all steps (T,B,…) alike.
    `coefficients` returns "decay" and "write", with what else the way back needs. `emit` returns the output, where that
    is not the state, and `read` the share of λ_t that comes in there, from ∂L/∂output. `pull` returns the adjoint of
    each quantity that a product goes into, and of "x" where that is read directly, from λ_t = ∂L/∂s_t and ∂L/∂output.
    """

    state: str
    coefficients: Callable[[Values, Values], Values]
    pull: Callable[[Values, Values, Array, Array], Values]
    emit: Callable[[Values], Values] | None = None
    read: Callable[[Values, Array], Array] | None = None

    def __post_init__(self) -> None:
        checked_name("state", self.state)
        _check_functions(self, ("coefficients", "pull"), ("emit", "read"))


@dataclass(frozen=True, kw_only=True, eq=False)
class Cell:
    """A cell: its states and what it is given by name with the letter of their sizes, its products, and its steps.

    `forward` maps the stacked parameters and the values of a step to new values: every state, the output, and what is
    to be kept. `local` maps all values (T,B,…) to more: slopes, and whatever need not wait for its neighbour in time.
    `back` maps parameters, values and ∂L/∂ of states and output, (B,…) by name, to what is handed back to each state
    and the adjoints by name: of all that a product goes into, and of "x" where the input is read otherwise than
    through a product. `output` is the name of the output, and `width` the letter of its size.
    `diagonal` is what a scan needs, and `scanned` says whether it is taken.
    """

    name: str
    states: Mapping[str, str]
    linear: tuple[Linear, ...]
    forward: Callable[[Values, Values], Values]
    back: Callable[[Values, Values, Values], tuple[Values, Values]]
    local: Callable[[Values], Values] | None = None
    output: str = "h"
    width: str = "n"
    given: Mapping[str, str] = field(default_factory=dict)
    diagonal: Diagonal | None = None
    scanned: bool = False

    def __post_init__(self) -> None:
        for argument in ("name", "output", "width"):
            checked_name(argument, getattr(self, argument), letter=argument == "width")
        for argument in ("states", "given"):
            checked_mapping(argument, getattr(self, argument))
            for name, letter in getattr(self, argument).items():
                checked_name(f"{argument}: names", name)
                checked_name(f"{argument}[{name!r}]", letter, letter=True)
        if not isinstance(self.linear, tuple | list) or not self.linear:
            raise TypeError(f"linear: expected products, at least one, got {kind_of(self.linear)}")
        for product in self.linear:
            checked_instance("linear", product, Linear)
        _check_functions(self, ("forward", "back"), ("local",))
        if self.diagonal is not None:
            checked_instance("diagonal", self.diagonal, Diagonal)
        checked_flag("scanned", self.scanned)

    @property
    def shapes(self) -> dict[str, str]:
        """The parameters by name, gate by gate, each with its letters of sizes."""
        gates = max(len(linear.stacks) for linear in self.linear)
        return {name: linear.shape for j in range(gates) for linear in self.linear for name in linear.stacks[j : j + 1]}

    @property
    def ahead(self) -> dict[str, tuple[Linear, ...]]:
        """What is computed for all steps ahead: where x is multiplied into, the products with x and the biases."""
        of_x = dict.fromkeys(linear.into for linear in self.linear if linear.by == "x")
        return {into: tuple(l for l in self.linear if l.into == into and l.by in ("x", None)) for into in of_x}  # noqa: E741

    def stacked(self, arrays: Values) -> dict[str, Array]:
        """Return the parameters as the steps find them."""
        return {linear.name: linear.stacked(arrays) for linear in self.linear}


def _check_functions(of: Diagonal | Cell, needed: Sequence[str], optional: Sequence[str]) -> None:
    for argument in (*needed, *optional):
        function = getattr(of, argument)
        if function is not None or argument in needed:
            checked_callable(argument, function)


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Run:
    """What a cell did: the values (T,B,…) of every step by name, and its states (T+1,B,n) from step 0 on.

    `active` says how many sequences take part in each step. They are sorted, the longest first, so that these are the
    first of the batch; after the end of a sequence all that is kept of it is 0.
    """

    cell: Cell
    weights: Values
    values: dict[str, Array]
    states: Values
    active: Sequence[int]

    @property
    def output(self) -> Array:
        """The output (T,B,k)."""
        return self.values[self.cell.output]

    @property
    def ends(self) -> Integers:
        """The last step, from 1 on, of each sequence (B,)."""
        ends: Integers = np.count_nonzero(np.asarray(self.active)[:, None] > np.arange(self.active[0]), axis=0)
        return ends

    @property
    def last(self) -> dict[str, Array]:
        """Each state (B,n) after the last step of each sequence."""
        return {name: states[self.ends, np.arange(self.active[0])] for name, states in self.states.items()}
