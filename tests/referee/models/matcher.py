"""Theirs matched with ours, one after the other: as is said, by name, and by what is left over for a shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Symbol

from backproof.referee.fitting import SubjectError
from backproof.referee.models.matching import BIASES, Matching, Ours, Place, Shape, order, role


class Matcher:
    """Theirs matched with ours, one after the other: as is said, by name, and by what is left over for a shape."""

    def __init__(
        self, subject: str, ours: Sequence[Ours], shapes: Mapping[str, Shape], turned: frozenset[str] = frozenset()
    ) -> None:
        self.subject, self.ours, self.shapes, self.turned = subject, ours, shapes, turned
        self.places: dict[str, list[Place]] = {}
        self.sizes: dict[tuple[str, Any], int] = {}
        self.used: set[str] = set()
        self.told: set[str] = set()

    def matched(self, names: Mapping[str, str] | None) -> Matching:
        """Where everything is.

        Raises
        ------
        SubjectError
            If that is not clear, or impossible; the message lists theirs and ours.
        """
        for name, said in (names or {}).items():
            self._told(name, said)
        for leaf in sorted(self.shapes, key=self._clearer):
            if leaf not in self.used:
                self._by_name(leaf)
        while self._by_shape():
            pass
        self._turn_squares()
        left = [leaf for leaf in self.shapes if leaf not in self.used]
        if left:
            raise self._wrong(f"no place was found for {left[0]}")
        missing = [one.name for one in self.ours if one.name not in self.places and not one.vector]
        if missing:
            raise self._wrong(f"nothing was found for {missing[0]}")
        order = [one.name for one in self.ours if one.name in self.places]
        return Matching(shapes=self.shapes, places={n: tuple(self.places[n]) for n in order}, sizes=self.sizes)

    def _clearer(self, leaf: str) -> tuple[int, bool, bool]:
        """Matrices first, of them those of states, from which sizes follow; of biases those beside inputs."""
        matrix = len(self.shapes[leaf]) > 1
        return -matrix, matrix and role(self._split(leaf)[0]) != "W", role(self._split(leaf)[0]) == "W"

    def _told(self, name: str, said: str) -> None:
        """As the user says: a name, ``.T`` where it is transposed, and rows and columns in brackets."""
        parsed = re.fullmatch(r"(.+?)(\.T)?(?:\[([^\]']*)\])?", said)
        leaf, turned, block = parsed.groups() if parsed and said not in self.shapes else (said, None, None)
        group = [one for one in self.ours if one.name == name] or self._group(name)
        if leaf not in self.shapes or not group:
            what = leaf if leaf not in self.shapes else name
            raise self._wrong(f"names has {name!r}: {said!r}, and there is no {what}")
        self.used.add(leaf)
        self.told.add(leaf)
        index = tuple(
            slice(*(int(n) if n.strip() else None for n in part.split(":")))
            for part in (block or "").split(",")
            if part
        )
        if len(group) > 1:
            self._stacked(leaf, group, (bool(turned),))
        elif not self._put(group[0], Place(leaf=leaf, index=index, turned=bool(turned))):
            raise self._other_shape(leaf, group[0])

    def _group(self, letter: str, place: str | None = None) -> list[Ours]:
        """Those of ours with a letter, of one layer and direction."""
        return [one for one in self.ours if one.letter == letter and place in (None, one.place)]

    def _by_name(self, leaf: str) -> None:
        core, place = self._split(leaf)
        exact = [one for one in self.ours if one.place == place and one.own in core.split(".")[-2:]]
        vector = len(self.shapes[leaf]) == 1
        if vector and exact and exact[0].letter in BIASES and core.split(".")[-1] == "bias":
            bias = "_".join(filter(None, (BIASES[exact[0].letter], exact[0].gate)))
            exact = [one for one in self.ours if one.place == place and one.own in (bias, bias.replace("d", "b", 1))]
        if exact:
            self._whole(leaf, exact[0])
            return
        letter = role(core)
        if vector:
            letter = BIASES.get(letter or "U", "")
        letter, gate = self._one_gate(core, letter, vector, place)
        group = self._group(letter or "", place)
        if gate:
            group = [one for one in group if one.gate == gate]
        if vector and letter == "d":
            self._second_biases(leaf, place, gate)
        elif len(group) == 1:
            self._whole(leaf, group[0])
        elif group:
            self._stacked(leaf, group, self._turns(leaf))

    def _split(self, leaf: str) -> tuple[str, str]:
        """The name without layer and direction, and these as ours are called; nothing where ours have none."""
        found = re.fullmatch(r"(.*?)_l(\d+)(_reverse)?", leaf)
        core, number, back = found.groups() if found else (leaf, None, None)
        if not found and (counted := re.search(r"(?:^|[._])(\d+)(?:[._]|$)", leaf)):
            number = counted[1]
        places = {one.place for one in self.ours}
        if found and f"_l{number}{back or ''}" not in places and number != "0":
            return core, f"_l{number}{back or ''}"
        back = back or ("_reverse" if re.search("reverse|backward", leaf) else "")
        place = f"_l{number or 0}{back}"
        return core, place if place in places else next(iter(places)) if len(places) == 1 else place

    def _one_gate(self, core: str, letter: str | None, vector: bool, place: str) -> tuple[str | None, str]:
        """A matrix of one gate as Flax names it: ``hf`` is W_f, ``in`` is U_n."""
        if core.split(".")[-1] == "bias_n":  # Equinox
            letter, gates = "d", order([one.gate for one in self._group("U", place)]) or []
            return letter, gates[-1] if len(gates) == 3 else ""
        word = next((part for part in core.split(".")[::-1] if re.fullmatch("[ih][ifgorzn]_?", part)), "")
        gates = order([one.gate for one in self._group("U", place)]) or []
        known = dict(zip("ifgo" if len(gates) == 4 else "rzn", gates, strict=False))
        if len(gates) not in (3, 4) or word[1:2] not in known:
            return letter, ""
        letter = "U" if word[0] == "i" else "W"
        return BIASES[letter] if vector else letter, known[word[1]]

    def _whole(self, leaf: str, one: Ours) -> None:
        """Put one of ours there as it is; a matrix stands in one place."""
        if one.name in self.places and not one.vector:
            return
        for turned in self._turns(leaf):
            if self._put(one, Place(leaf=leaf, turned=turned)):
                return
        raise self._other_shape(leaf, one)

    def _turns(self, leaf: str) -> tuple[bool, ...]:
        """How a matrix may be stored, the likelier first."""
        return (False,) if len(self.shapes[leaf]) < 2 else (True,) if leaf in self.turned else (False, True)

    def _turn_squares(self) -> None:
        """Square matrices are stored as those beside them, of which it can be seen."""
        seen = {_parent(place.leaf) for places in self.places.values() for place in places if place.turned}
        for name, places in self.places.items():
            leaf = places[0].leaf
            if (
                leaf not in self.told
                and not places[0].index
                and len(set(self.shapes[leaf])) == 1 < len(self.shapes[leaf])
            ):
                self.places[name] = [replace(place, turned=_parent(place.leaf) in seen) for place in places]

    def _stacked(self, leaf: str, group: Sequence[Ours], turns: Sequence[bool]) -> None:
        """Cut a matrix into the gates."""
        gates = order([one.gate for one in group])
        if gates is None:
            stacked, rows = ", ".join(one.name for one in group), f"names={{{group[0].name!r}: '{leaf}[0:3]', …}}"
            raise self._wrong(f"{leaf} stacks {stacked} in an order that is not known; say {rows}")
        named = {one.gate: one for one in group}
        if any(one.name in self.places and not one.vector for one in group):
            return
        for turned in turns:
            places = list(self._blocks(leaf, len(gates), turned))
            if places and all(self._put(named[gate], place) for gate, place in zip(gates, places, strict=True)):
                return
        if not places:
            raise self._wrong(f"{leaf} {self.shapes[leaf]} cannot be cut into {len(gates)} gates")
        raise self._other_shape(leaf, named[gates[0]])

    def _second_biases(self, leaf: str, place: str, gate: str) -> None:
        """A bias beside W: our d, where there is one, and else another b."""
        biases = {one.gate: one for letter in "bd" for one in self._group(letter, place)}
        gates = [gate] if gate else order(list(biases))
        if not gates or any(one not in biases for one in gates):
            return
        for one, block in zip(gates, self._blocks(leaf, len(gates), False), strict=False):
            if not self._put(biases[one], block):
                raise self._other_shape(leaf, biases[one])

    def _blocks(self, leaf: str, number: int, turned: bool) -> Iterator[Place]:
        rows = self.shapes[leaf][-1 if turned else 0]
        share = rows // number
        for k in range(number if rows % number == 0 else 0):
            index = (slice(k * share, (k + 1) * share),) if number > 1 else ()
            yield Place(leaf=leaf, index=index, turned=turned)

    def _by_shape(self) -> bool:
        """Whether a parameter of theirs was left that fits one of ours alone, of which that holds, too."""
        left = [leaf for leaf in self.shapes if leaf not in self.used]
        open_ = [one for one in self.ours if one.name not in self.places]
        fits = {leaf: [one for one in open_ if self._fits(one, self._shape_of(leaf, one)) is not None] for leaf in left}
        for leaf, ones in fits.items():
            if len(ones) == 1 and sum(ones[0] in others for others in fits.values()) == 1:
                self._whole(leaf, ones[0])
                return True
        return False

    def _shape_of(self, leaf: str, one: Ours) -> Shape:
        """Of theirs, turned if only that fits."""
        shape = self.shapes[leaf]
        return shape if self._fits(one, shape) is not None and leaf not in self.turned else shape[::-1]

    def _put(self, one: Ours, place: Place) -> bool:
        """Put one of ours there, if the shape fits."""
        sizes = self._fits(one, place.of(np.empty(self.shapes[place.leaf])).shape)
        if sizes is None:
            return False
        self.sizes |= sizes
        self.places.setdefault(one.name, []).append(place)
        self.used.add(place.leaf)
        return True

    def _fits(self, one: Ours, shape: Shape) -> dict[tuple[str, Any], int] | None:
        """The sizes that follow if they are of one shape; None if they are not. Columns may have an axis more."""
        wanted = one.shape
        if one.vector and (len(shape) < 2 or 1 in shape):
            wanted, shape = wanted[:1], (int(np.prod(shape)),)
        if len(wanted) != len(shape):
            return None
        found: dict[tuple[str, Any], int] = {}
        for size, entries in zip(wanted, shape, strict=True):
            key = (one.place, size)
            known = (self.sizes | found).get(key, entries) if isinstance(size, Symbol) else int(size)
            if known != entries:
                return None
            if isinstance(size, Symbol):
                found[key] = entries
        return found

    def _other_shape(self, leaf: str, one: Ours) -> SubjectError:
        only = ": its sizes are others" if (len(self.shapes[leaf]) < 2) == one.vector else ""
        ours = f"{one.name} of the network is {self._told_shape(one)}"
        return self._wrong(f"{leaf} has the shape {self.shapes[leaf]}, and {ours}{only}")

    def _told_shape(self, one: Ours) -> str:
        sizes = [str(self.sizes.get((one.place, size), size)) for size in one.shape]
        return f"({', '.join(sizes)})"

    def _wrong(self, what: str) -> SubjectError:
        theirs = ", ".join(f"{leaf} {shape}" for leaf, shape in self.shapes.items()) or "none"
        ours = ", ".join(f"{one.name} {self._told_shape(one)}" for one in self.ours)
        return SubjectError(
            f"{self.subject}: {what}. Its parameters are {theirs}; the network's {ours}. "
            "Say which is which: names={'W': 'the name of theirs', …}"
        )


def _parent(leaf: str) -> str:
    """The part of a model that a parameter is of."""
    return leaf.rpartition(".")[0]
