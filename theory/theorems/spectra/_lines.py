"""Lines of proofs, written shortly: equations and bounds as they stand, and instances of facts."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Le

from backproof.theory.proving.kernel import Line, line


def equal(left: Any, right: Any) -> Any:
    """``left = right``, left as it is written."""
    return Eq(left, right, evaluate=False)


def bounded(left: Any, right: Any) -> Any:
    """``left ≤ right``, left as it is written."""
    return Le(left, right, evaluate=False)


def by_fact(name: str, says: Any, fact: str, *by: str, why: str = "", **of: Any) -> Line:
    """A line that is an instance of a fact, said of what the keywords name."""
    return line(name, says, "fact", *by, why=why, fact=fact, of=of)


def both(name: str, says: Any, *by: str) -> Line:
    """A line that puts the parts of a statement together."""
    return line(name, says, "together", *by)
