"""Wrong siblings that no one has to think of: each is the statement with one small change in one place.

The changes are those by which statements of this field go wrong: a part turned into its opposite, a bound from below
instead of above, a sign, a step too early or too late, a constant a thousandth too sharp. Not every one of them is
false: whether one is, is for an instance to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import And, Eq, Ge, Gt, Implies, Le, Lt, Ne, Not, Or, Rational
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from backproof.theory.language.nodes import ForEveryEigenvalue, ForSomeEigenvalue
from backproof.theory.language.relations import parts, together
from backproof.theory.language.times import Path, at, places_of_times

OPPOSITE = {Eq: Ne, Ne: Eq, Le: Gt, Gt: Le, Ge: Lt, Lt: Ge}
OTHER_WAY = {Le: Ge, Ge: Le, Lt: Gt, Gt: Lt}

SHARPER = Rational(999, 1000), Rational(1001, 1000)
"""By what an upper bound is multiplied, and a lower one."""


@dataclass(frozen=True, kw_only=True)
class Sibling:
    """A statement that differs from a true one in one place.

    ``kind`` is "opposite", "sign", "index" or "constant"; ``change`` says in words what was changed; ``parts`` are what
    the sibling joins by "and", and ``changed`` the part that is not as in the statement.
    """

    kind: str
    change: str
    parts: tuple[Any, ...]
    changed: Any

    @cached_property
    def statement(self) -> Any:
        """The whole, which takes SymPy long to put together if there are many parts."""
        return self.parts[0] if len(self.parts) == 1 else together(self.parts)


def machine_made(statement: Any) -> tuple[Sibling, ...]:
    """Every sibling of a statement, each once; none is the statement, or True or False whatever the instance."""
    ours = parts(statement)
    found: dict[frozenset[Any], Sibling] = {}
    for kind, change, path, new in _changes(statement):
        place, within = (path[0], path[1:]) if isinstance(statement, And) else (0, path)
        changed = _put(ours[place], within, new)
        if isinstance(changed, BooleanAtom | bool):
            continue
        theirs = (*ours[:place], *parts(changed), *ours[place + 1 :])
        if frozenset(theirs) != frozenset(ours):
            sibling = Sibling(kind=kind, change=change, parts=theirs, changed=changed)
            found.setdefault(frozenset(theirs), sibling)
    return tuple(found.values())


def _changes(statement: Any) -> Iterator[tuple[str, str, Path, Any]]:
    """Kind and words of each change, where it is made, and what stands there then."""
    for path in _parts(statement):
        yield "opposite", f"the opposite of {_said(statement, path)}", path, _opposite(at(statement, path))
    for path in _relations(statement):
        relation, where = at(statement, path), _said(statement, path)
        for turned in _other_sign(relation):
            yield "sign", f"the sign of {where}", path, turned
        for inner in places_of_times(relation):
            time = at(relation, inner)
            yield "index", f"{time + 1} for {time} in {where}", (*path, *inner), time + 1
        for sharper in _sharper(relation):
            yield "constant", f"a constant of {where} sharper by a thousandth", path, sharper


def _parts(statement: Any, path: Path = ()) -> Iterator[Path]:
    """The parts that are claimed: those that "and" joins, and the conclusions of implications."""
    if isinstance(statement, And):
        for place, part in enumerate(statement.args):
            yield from _parts(part, (*path, place))
    elif isinstance(statement, Implies):
        yield from _parts(statement.args[1], (*path, 1))
    else:
        yield path


def _relations(statement: Any, path: Path = ()) -> Iterator[Path]:
    """The relations of what is claimed, also below "or" and quantifiers; premises are left as they are."""
    if isinstance(statement, Relational):
        yield path
    elif isinstance(statement, And | Or | Not):
        for place, part in enumerate(statement.args):
            yield from _relations(part, (*path, place))
    elif isinstance(statement, Implies):
        yield from _relations(statement.args[1], (*path, 1))
    elif isinstance(statement, ForEveryEigenvalue | ForSomeEigenvalue):
        yield from _relations(statement.args[2], (*path, 2))


def _opposite(part: Any) -> Any:
    kind = OPPOSITE.get(type(part))
    return kind(*part.args, evaluate=False) if kind else Not(part, evaluate=False)


def _other_sign(relation: Any) -> Iterator[Any]:
    left, right = relation.args
    if type(relation) in OTHER_WAY:
        yield OTHER_WAY[type(relation)](left, right, evaluate=False)
    elif isinstance(relation, Eq) and right not in (True, False):
        yield Eq(left, -right, evaluate=False)


def _sharper(relation: Any) -> Iterator[Any]:
    """The right side of a bound a thousandth nearer to the left one; a bound of 0 has nothing to sharpen."""
    left, right = relation.args
    if not isinstance(relation, Le | Lt | Ge | Gt) or right == 0:
        return
    below, above = SHARPER if right.is_negative is not True else reversed(SHARPER)
    yield relation.func(left, (below if isinstance(relation, Le | Lt) else above) * right, evaluate=False)


def _put(expression: Any, path: Path, new: Any) -> Any:
    """The expression with something else in one place; relations are not worked out on the way."""
    if not path:
        return new
    parts: Sequence[Any] = expression.args
    changed = [_put(part, path[1:], new) if place == path[0] else part for place, part in enumerate(parts)]
    if isinstance(expression, BooleanFunction | Relational):
        return expression.func(*changed, evaluate=False)
    return expression.func(*changed)


def _said(statement: Any, path: Path) -> str:
    """A part by its number, as the page shows them."""
    if not path:
        return "the statement"
    return f"part {path[0] + 1}" if isinstance(statement, And) else "the conclusion"
