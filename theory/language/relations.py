"""Statements taken apart: the parts of a conjunction, and truth with three values."""

from __future__ import annotations

from typing import Any

from sympy import And


def parts(statement: Any) -> tuple[Any, ...]:
    """The relations of a conjunction, or the one relation."""
    return statement.args if isinstance(statement, And) else (statement,)


def equations(statement: Any) -> tuple[Any, ...]:
    """The equations of a conjunction."""
    return statement.args if isinstance(statement, And) else (statement,)
