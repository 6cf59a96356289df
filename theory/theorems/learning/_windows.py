"""What a window of K steps costs, counted in steps swept back."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Function, Min

from backproof.theory.instances.values import Case
from backproof.theory.language.nodes import StepSum
from backproof.theory.language.notation import T, t
from backproof.theory.theorems.learning._text_pairs import K


class swept(Function):  # type: ignore[misc]  # noqa: N801 — a letter of the formulas
    """``S(K, T)``: steps swept back in T steps of text, if each step's loss goes back through K steps at most."""

    nargs = 2
    is_real = True

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        inside = ", ".join(printer._print(arg) for arg in self.args)
        return rf"S\left({inside}\right)" + (f"^{{{exp}}}" if exp else "")


DEFINITION = Eq(swept(K, T), StepSum(Min(t, K), t, 1, T), evaluate=False)
"""The loss of step t goes back through t steps to the first, but through K at most."""


def number_swept(window: int, steps: int) -> int:
    """Counted one by one."""
    return sum(1 for late in range(1, steps + 1) for early in range(1, late + 1) if late - early < window)


def counted(statement: Any, case: Case) -> bool | None:
    """Decide a relation between counts at exact numbers."""
    given = {K: case[K], T: case[T]}
    values = {node: number_swept(*(int(arg.subs(given)) for arg in node.args)) for node in statement.atoms(swept)}
    verdict = statement.xreplace(values).subs(given)
    return bool(verdict) if verdict in (True, False) else None
