"""Other ways in which theirs may be ours: a function's parameters by names alone, and an embedding before a matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.referee.fitting import SubjectError
from backproof.referee.models.matcher import Matcher
from backproof.referee.models.matching import Matching, Ours, Place, Shape

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Named:
    """Theirs by ours, as they are, whatever their shapes; with points in a name, a part of a part."""

    names: Mapping[str, str]

    def theirs(self, ours: Mapping[str, Array]) -> dict[str, Array]:
        """Our values by their names."""
        return {word: ours[name] for name, word in self.names.items()}

    def ours(self, gradients: Mapping[str, Array], like: Mapping[str, Array]) -> dict[str, Array]:
        """Their gradients by our names."""
        return {name: gradients[word].reshape(like[name].shape) for name, word in self.names.items()}

    @property
    def places(self) -> Mapping[str, str]:
        """Theirs by ours."""
        return self.names

    @staticmethod
    def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
        """Parts of parts in dictionaries of their own."""
        made: dict[str, Any] = {}
        for word, value in flat.items():
            *path, last = word.split(".")
            inner = made
            for part in path:
                inner = inner.setdefault(part, {})
            inner[last] = value
        return made


@dataclass(frozen=True, kw_only=True)
class WithFixed:
    """A matching beside which some of theirs have one value, whatever ours are."""

    of: Matching
    fixed: Mapping[str, Array]

    def theirs(self, ours: Mapping[str, Array]) -> dict[str, Array]:
        """Their parameters."""
        return {**self.of.theirs(ours), **self.fixed}

    def ours(self, gradients: Mapping[str, Array], like: Mapping[str, Array]) -> dict[str, Array]:
        """The gradients by ours."""
        return self.of.ours(gradients, like)

    @property
    def places(self) -> Mapping[str, tuple[Place, ...]]:
        """Where ours stand."""
        return self.of.places

    @property
    def sizes(self) -> Mapping[tuple[str, Any], int]:
        """Of symbols: none, since the network has sizes."""
        return self.of.sizes

    @property
    def note(self) -> str:
        """What stands where, in a sentence."""
        return self.of.note


class NoProduct(SubjectError):
    """The embedding stands before no matrix that could be U."""


def by_embedding(
    subject: str,
    ours: Sequence[Ours],
    shapes: Mapping[str, Shape],
    leaf: str,
    turned: frozenset[str],
    names: Mapping[str, str] | None,
) -> tuple[list[WithFixed], str]:
    """An embedding (m, e) before a matrix (n, e): their product is our U (n, m).

    Either is U while the other is an identity, as far as its size allows; so both gradients are looked at.

    Raises
    ------
    NoProduct
        If there is no such matrix.
    SubjectError
        If the embedding has fewer numbers than there are words or units, so that not every U is such a product.
    """
    words, wide = shapes[leaf]
    others = {name: shape for name, shape in shapes.items() if name != leaf}
    wider = [replace(one, shape=(one.shape[0], wide)) if one.letter == "U" else one for one in ours]
    try:
        matching = Matcher(subject, wider, others, turned).matched(names)
    except SubjectError as error:
        raise NoProduct(str(error)) from None
    reads = [one.name for one in ours if one.letter == "U"]
    at = {name: matching.places[name][0] for name in reads}
    first, rows = at[reads[0]], int(sum(one.shape[0] for one in ours if one.letter == "U"))
    each = []
    if wide >= words:
        columns = {n: (replace(p, index=(*(p.index or (slice(None),)), slice(0, words))),) for n, p in at.items()}
        of = replace(matching, places={**matching.places, **columns})
        each.append(WithFixed(of=of, fixed={leaf: np.eye(words, wide)}))
    if wide >= rows and all(place.leaf == first.leaf for place in at.values()):
        eye = np.eye(rows, wide).T if first.turned else np.eye(rows, wide)
        stacked = {n: (replace(p, leaf=leaf, turned=True, index=p.index or (slice(0, rows),)),) for n, p in at.items()}
        of = replace(matching, shapes={**others, leaf: shapes[leaf]}, places={**matching.places, **stacked})
        each.append(WithFixed(of=of, fixed={first.leaf: eye}))
    if not each:
        raise SubjectError(
            f"{subject}: the embedding {leaf} has {wide} numbers for each of {words} words, and not every U of the "
            f"network is a product with it; take one of {min(words, rows)} numbers or more for the check"
        )
    seen = [first.leaf] * (wide >= words) + [leaf] * (len(each) > (wide >= words))
    return each, f"U is the product of {first.leaf} and {leaf}; looked at: {' and '.join(seen)}, the other an identity."
