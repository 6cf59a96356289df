"""Regimes: networks of the kind that was given, each of which shows mistakes that others hide.

A mistake may show at one step or past 256 only, where there are more sequences than units, where logits tie, where a
token occurs twice, where numbers are tiny. So a check looks at a table of small networks beside the one that is given.
Entries are odd multiples of 1/64, times powers of two: none is 0, and formats of 8 bits have them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.theory.arithmetic import Roundoff
from backproof.theory.nets.networks import Gated, Net
from backproof.theory.nets.uncancelled import signed_network

Array = NDArray[Any]
Network = Net | Gated

OF_DOUBLE = 1024
"""The exponents below are those for float64; another format has its share of them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Regime:
    """Sizes T, B, n, m, p, and what is particular.

    ``powers`` scales arrays by powers of two, each by its first letter, "x" for the inputs: an integer as it is, a
    fraction as a part of the exponents that the format has. ``zero`` names arrays that are 0. ``signed`` asks for a
    network without cancellation, where there is one; ``memory`` for one whose W is a permutation, so that an adjoint of
    the last step reaches the first. ``inputs`` is "any", "tokens" (unit vectors, the last one twice in a row),
    "negative", "gaps" (steps whose input is 0) or "graded" (see `_graded`). ``ties`` makes two outputs the same,
    and ``sure`` one so large that it is right almost for certain.
    ``about`` says what a regime is nothing beside, so that there is none where that is given: the "sizes" of layers, or
    "lengths", of steps and sequences; or that it needs "denormals".
    """

    name: str
    sizes: tuple[int, int, int, int, int]
    powers: Mapping[str, float] = field(default_factory=dict)
    zero: str = ""
    signed: bool = False
    memory: bool = False
    inputs: str = "any"
    ties: bool = False
    sure: bool = False
    about: str = ""


STATES = ("U", "b", "h", "s")


def _of_states(power: float) -> dict[str, float]:
    return dict.fromkeys(STATES, power)


REGIMES = tuple(
    Regime(name=name, sizes=sizes, **more)
    for name, sizes, more in (
        ("two sequences", (4, 2, 3, 2, 4), {"powers": {"W": 1}, "about": "lengths"}),
        ("all sizes 1", (1, 1, 1, 1, 1), {"about": "sizes"}),
        ("one step", (1, 1, 2, 2, 3), {"about": "lengths"}),
        ("more sequences than units", (3, 5, 2, 3, 3), {"about": "lengths"}),
        ("one size", (3, 3, 3, 3, 3), {"about": "sizes"}),
        ("no first state", (3, 2, 3, 2, 2), {"zero": "h0 s0"}),
        ("tokens, one of them twice", (6, 2, 3, 3, 3), {"inputs": "tokens"}),
        ("negative inputs", (3, 2, 3, 4, 2), {"inputs": "negative"}),
        ("steps without input", (4, 2, 3, 2, 3), {"inputs": "gaps"}),
        ("one unit", (4, 2, 1, 2, 3), {"about": "sizes"}),
        ("one input", (3, 2, 3, 1, 2), {"about": "sizes"}),
        ("as many sequences as steps", (4, 4, 3, 2, 3), {"about": "lengths"}),
        ("seven sequences", (2, 7, 3, 2, 3), {"about": "lengths"}),
        ("saturated", (4, 3, 8, 3, 3), {"powers": {"W": 3, "U": 4}}),
        ("large weights", (3, 2, 4, 2, 3), {"powers": {"W": 4, "b": 3, "h": 3, "s": 3, "c": 3}}),
        ("sure of its outputs", (3, 2, 3, 2, 3), {"sure": True}),
        ("loud outputs", (3, 2, 3, 2, 3), {"powers": {"V": 7, "c": 6}}),
        ("louder outputs", (6, 3, 3, 2, 2), {"powers": {"V": 12}}),
        ("outputs that tie", (3, 2, 3, 2, 3), {"ties": True}),
        ("small states", (3, 2, 3, 2, 3), {"powers": _of_states(-14)}),
        ("smaller states", (3, 2, 3, 2, 3), {"powers": _of_states(-30)}),
        ("states of every size", (2, 16, 16, 16, 3), {"inputs": "graded", "zero": "b h0 s0", "about": "sizes"}),
        ("far out", (3, 3, 6, 3, 3), {"powers": {"U": 9, "b": 9}}),
        ("tiny adjoints", (4, 1, 3, 2, 3), {"powers": {"V": -0.65}, "signed": True}),
        ("denormal adjoints", (3, 1, 2, 2, 3), {"powers": {"V": -1.035}, "about": "denormals"}),
        ("huge inputs", (3, 2, 3, 2, 3), {"powers": {"x": 0.29, "U": -0.29}}),
        ("huge adjoints", (3, 1, 3, 2, 3), {"powers": {"V": 0.29, **_of_states(-0.29)}}),
        ("sizes that are no multiples", (7, 3, 13, 11, 9), {"signed": True, "about": "sizes"}),
        ("past 16 steps", (19, 2, 3, 2, 3), {"signed": True, "about": "lengths"}),
        ("64 steps", (64, 2, 4, 8, 16), {"signed": True, "about": "lengths"}),
        ("past 64 steps", (67, 1, 2, 2, 3), {"signed": True, "about": "lengths"}),
        ("wide", (2, 34, 67, 35, 33), {"signed": True, "about": "sizes"}),
        ("many words", (5, 2, 2, 300, 300), {"inputs": "tokens", "about": "sizes"}),
        ("past 256 steps", (261, 1, 2, 2, 3), {"signed": True, "memory": True, "about": "lengths"}),
    )
)
"""In the order of what they cost, more or less."""


@dataclass(frozen=True, kw_only=True)
class Freedom:
    """What a check may choose: ``sizes`` of layers, ``lengths`` (steps and sequences), inputs other than tokens.

    ``denormals``: whether numbers below the normal ones stay what they are in the code, so that they may be asked for.
    """

    sizes: bool = True
    lengths: bool = True
    dense: bool = True
    denormals: bool = True


SHAPES = {
    "free": Freedom(),
    "lengths": Freedom(sizes=False),
    "fixed": Freedom(sizes=False, lengths=False),
}
"""By the word of `gradcheck`."""


def regimes(of: Network, freedom: Freedom, *, seed: int = 0, dtype: Any = "float64") -> Iterator[tuple[str, Network]]:
    """Networks with the settings of this one, by regime, as far as sizes and inputs are free."""
    for number, regime in enumerate(REGIMES):
        if not _fits(regime, freedom):
            continue
        yield regime.name, _drawn(regime, _kind(of), _sizes(regime, of, freedom), freedom.dense, (seed, number), dtype)


def regime(name: str, of: Network, *, seed: int = 0, dtype: Any = "float64", dense: bool = True) -> Network:
    """The network of one regime, with the settings of the one that is given; without ``dense`` inputs, of words.

    Raises
    ------
    ValueError
        For a regime that there is not.
    """
    for number, one in enumerate(REGIMES):
        if one.name == name:
            return _drawn(one, _kind(of), one.sizes, dense, (seed, number), dtype)
    raise ValueError(f"regime must be one of {', '.join(one.name for one in REGIMES)}; got {name!r}")


def one_at_a_time(net: Network) -> dict[str, Network]:
    """By argument, the network with this one alone changed: parameters negated, inputs and targets turned round."""
    changed = {name: net.with_(**{name: -array}) for name, array in net.parameters.items() if np.any(array)}
    changed["inputs"] = net.with_(inputs=net.inputs[::-1].copy())
    changed["targets"] = net.with_(targets=net.targets[::-1].copy())
    return changed


def tokens(net: Network) -> bool:
    """Whether every input is a unit vector, as a word of a vocabulary is."""
    units = (net.inputs == 0) | (net.inputs == 1)
    return bool(np.all(units) and np.all(net.inputs.sum(axis=-1) == 1) and net.inputs.shape[-1] > 1)


def _fits(regime: Regime, freedom: Freedom) -> bool:
    if not freedom.dense and (regime.inputs in ("negative", "gaps") or "x" in regime.powers):
        return False
    return not regime.about or bool(getattr(freedom, regime.about))


def _sizes(regime: Regime, of: Network, freedom: Freedom) -> tuple[int, int, int, int, int]:
    """Of the regime, or, where they are not free, of the network that is given."""
    T, B, n, m, p = regime.sizes
    if not freedom.lengths:
        T, B = of.sizes[:2]
    if not freedom.sizes:
        n, m, p = of.sizes[2:]
    return T, B, n, m if freedom.dense or m > 1 else 2, p


@dataclass(frozen=True)
class _Kind:
    """What networks of one kind share: they are drawn once."""

    gated: str
    activation: str
    loss: str
    reduction: str

    def empty(self, sizes: tuple[int, int, int, int, int]) -> Network:
        """The network of these sizes in which every array is 0."""
        from backproof.theory.nets.networks import gated, net

        T, B, n, m, p = sizes
        told: dict[str, Any] = {"loss": self.loss, "reduction": self.reduction}
        told |= {"inputs": np.zeros((T, B, m)), "V": np.zeros((p, n))}
        if self.gated:
            return gated(self.gated, units=n, **told)
        return net(W=np.zeros((n, n)), U=np.zeros((n, m)), activation=self.activation, **told)


def _kind(of: Network) -> _Kind:
    return _Kind(getattr(of, "kind", ""), getattr(of, "activation", ""), of.loss, of.reduction)


@lru_cache(maxsize=256)
def _drawn(
    regime: Regime, kind: _Kind, sizes: tuple[int, int, int, int, int], dense: bool, seed: tuple[int, int], dtype: Any
) -> Network:
    random, empty = np.random.default_rng(seed), kind.empty(sizes)
    T, B, n, m, p = sizes
    share = np.log2(Roundoff.of(dtype).largest) / OF_DOUBLE
    if regime.signed and not kind.gated:
        power = round(regime.powers.get("V", 0) * share * OF_DOUBLE)
        drawn: Network = signed_network(sizes, kind.activation, kind.loss, kind.reduction, 1, power)
        drawn = drawn.with_(W=np.roll(np.eye(n), 1, axis=0)) if regime.memory else drawn
        return drawn if dense else drawn.with_(inputs=_one_hot(random, T, B, m))

    def scaled(name: str, values: Array) -> Array:
        power = regime.powers.get(name, 0)
        exponent = power if isinstance(power, int) else round(power * share * OF_DOUBLE)
        least = exponent if isinstance(power, float) else -int(0.4 * share * OF_DOUBLE)
        return np.ldexp(values, max(exponent, least))

    arrays = {}
    for name, array in empty.parameters.items():
        odd = scaled(name[0], _odd(random, array.shape))
        if name[0] == "W":  # so that states are neither saturated nor dead
            odd = np.ldexp(odd, -int(np.ceil(np.log2(n) / 2)))
        arrays[name] = np.zeros(array.shape) if name in regime.zero.split() else odd
    if regime.inputs == "graded":
        arrays |= _graded(arrays, n, m)
    if regime.ties:
        for name in ("V", "c"):
            arrays[name][1:2] = arrays[name][:1]
    if regime.sure:
        arrays["c"] = np.where(np.arange(p) == 0, float(round(48 * min(share * 2, 1))), arrays["c"])
    inputs = scaled("x", _inputs(regime, random, T, B, m, dense))
    classes = empty.charged.classes
    aims = random.integers(0, p, (T, B)) if classes else _odd(random, (T, B, p))
    if classes:  # one that 8 bits do not hold, if there are so many
        aims[-1, -1] = max(p - 2, 0)
    if regime.sure:
        aims = np.zeros_like(aims)
    elif not classes:
        aims.flat[0] = 0
    return empty.with_(**arrays, inputs=inputs, targets=aims)


def _odd(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Odd multiples of 1/64 between −1 and 1."""
    return (2 * random.integers(-32, 32, shape) + 1) / 64


def _one_hot(random: np.random.Generator, T: int, B: int, m: int) -> Array:
    """Unit vectors (T, B, m): the last word of the vocabulary twice in a row at the end, and others."""
    words = random.integers(0, m, (T, B))
    words[-2:] = m - 1
    return np.eye(m)[words]


def _inputs(regime: Regime, random: np.random.Generator, T: int, B: int, m: int, dense: bool) -> Array:
    if regime.inputs == "graded":
        return np.broadcast_to(np.eye(m)[np.arange(B) % m], (T, B, m)).copy()
    if regime.inputs == "tokens" or not dense:
        return _one_hot(random, T, B, m)
    drawn = _odd(random, (T, B, m))
    if regime.inputs == "gaps":
        drawn[T // 2 :, -1] = 0
    return -np.abs(drawn) if regime.inputs == "negative" else drawn


def _graded(arrays: Mapping[str, Array], n: int, m: int) -> dict[str, Array]:
    """Weights that keep units apart: unit k alone sees input k, as 16⁻ᵏ; a column of each gradient is its own."""
    powers = np.ldexp(np.eye(n, m), -4 * np.arange(n)[:, None])
    own = {"W": np.eye(n) / 2, "U": powers}
    return {name: own[name[0]] for name in arrays if name[0] in own}
