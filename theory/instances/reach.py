"""Where instances lie: sizes, lags, magnitudes and structures, measured on the instances themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.theory.instances.values import Case
from backproof.theory.nets.networks import net_of
from backproof.theory.nets.task import Task


@dataclass
class Reach:
    """What a number of instances covered: the range of each count, and how many had each structure."""

    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    structures: dict[str, int] = field(default_factory=dict)

    def take(self, instance: Any) -> None:
        """Add an instance."""
        for name, value in _counts(instance):
            low, high = self.ranges.get(name, (value, value))
            self.ranges[name] = min(low, value), max(high, value)
        for structure in set(_structures(instance)):
            self.structures[structure] = self.structures.get(structure, 0) + 1

    def words(self) -> str:
        """``sizes 1 to 8, powers 0 to 31, magnitudes 1e-19 to 1e+21; 12 orthogonal, 9 symmetric``."""
        told = [f"{name} {_number(name, low)} to {_number(name, high)}" for name, (low, high) in self.ranges.items()]
        made = [f"{count} {structure}" for structure, count in sorted(self.structures.items())]
        return "; ".join(filter(None, [", ".join(told), ", ".join(made)]))


def _number(name: str, value: float) -> str:
    return f"1e{value:+.0f}" if name == "magnitudes" else f"{value:g}"


def _counts(instance: Any) -> Iterator[tuple[str, float]]:
    net = net_of(instance)
    if isinstance(net, Task):
        steps, _, units, *_ = net.sizes
        yield "units", units
        yield "steps", steps
        yield from _magnitudes(np.concatenate([np.ravel(array) for array in net.numbers.values()]))
    elif isinstance(instance, Case):
        for symbol, value in instance.items():
            if hasattr(symbol, "shape"):
                yield "sizes", max(len(value), len(value[0]))
                yield from _magnitudes(_floats(value).ravel())
            elif symbol.is_integer:
                yield "integers", float(value)
            else:
                yield from _magnitudes(_floats([[value]]).ravel())


def _magnitudes(values: Any) -> Iterator[tuple[str, float]]:
    sizes = np.abs(values[(values != 0) & np.isfinite(values)])
    if sizes.size:
        for size in (sizes.min(), sizes.max()):
            yield "magnitudes", float(np.floor(np.log10(size)))


def _structures(instance: Any) -> Iterator[str]:
    net = net_of(instance)
    matrices = [net.weights["W"]] if isinstance(net, Task) and "W" in net.weights else []
    if isinstance(instance, Case):
        matrices = [_floats(v) for s, v in instance.items() if hasattr(s, "shape") and len(v) == len(v[0]) > 1]
    for matrix in matrices:
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] < 2:
            continue
        yield from _of_matrix(matrix)


def _of_matrix(matrix: Any) -> Iterator[str]:
    with np.errstate(all="ignore"):
        scale = np.max(np.abs(matrix))
        if not scale or not np.isfinite(scale):
            return
        unit = matrix / scale
        if np.array_equal(matrix, matrix.T):
            yield "symmetric"
        if np.allclose(matrix.T @ matrix, np.eye(len(matrix)), rtol=0, atol=1e-12):
            yield "orthogonal"
        if not np.any(np.linalg.matrix_power(unit, len(unit))):
            yield "nilpotent"
        if abs(np.linalg.det(unit)) < 1e-14:
            yield "singular"
        if np.linalg.norm(unit @ unit.T - unit.T @ unit) > 0.5 * np.linalg.norm(unit) ** 2:
            yield "non-normal"
        if np.any(np.abs(np.linalg.eigvals(unit).imag) > 1e-9):
            yield "with complex eigenvalues"


def _floats(value: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.array([[_float(entry) for entry in row] for row in value])


def _float(entry: Any) -> float:
    try:
        return float(entry)
    except OverflowError:
        return float("inf")
